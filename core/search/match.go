package search

// Match is what somebody looks for, as the input of tsquery takes it, for a room
// that narrows a list of its own by words (search_doc.words) in any inflected
// form. "" when the text names nothing to look for, and without an index.
func (x *Index) Match(text string) string {
	if x == nil {
		return ""
	}
	q, err := Parse(x.words, text)
	if err != nil {
		return ""
	}
	return q.ts()
}
