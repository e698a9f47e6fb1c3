package form

// Upgrade carries answers from one revision of a form to the next: old item id
// (or "matrix.row") → new one. Names not in the map keep theirs; an empty new
// name drops the answer.
type Upgrade map[string]string

// Apply returns the answers in terms of the new form, and the old paths whose
// answers found no place: dropped, gone, moved between groups, or not readable
// as the new type. The old answers stay as they were.
func (u Upgrade) Apply(from, to *Form, a Answers) (out Answers, lost []string) {
	return u.level(flatItems(from.Items), flatItems(to.Items), to, a, "")
}

func (u Upgrade) name(old string) string {
	if n, ok := u[old]; ok {
		return n
	}
	return old
}

func (u Upgrade) level(from, to []*Item, f *Form, a Answers, prefix string) (Answers, []string) {
	out := Answers{}
	var lost []string
	for _, old := range from {
		v, path := a[old.ID], prefix+old.ID
		if empty(v) {
			continue
		}
		target := itemIn(to, u.name(old.ID))
		if target == nil || target.Repeated() != old.Repeated() {
			lost = append(lost, path)
			continue
		}
		var next any
		var gone []string
		switch {
		case old.Repeated():
			next, gone = u.rows(old, target, f, a.Rows(old.ID), path)
		case old.Type == TypeMatrix && target.Type == TypeMatrix:
			next, gone = u.matrix(old, target, f, v, path)
		default:
			if next = convert(f, target, v); empty(next) {
				gone = []string{path}
			}
		}
		lost = append(lost, gone...)
		if !empty(next) {
			out[target.ID] = next
		}
	}
	return out, lost
}

func itemIn(items []*Item, id string) *Item {
	for _, it := range items {
		if it.ID == id && id != "" {
			return it
		}
	}
	return nil
}

func (u Upgrade) rows(old, target *Item, f *Form, rows []Row, path string) (any, []string) {
	var out []Row
	var lost []string
	for _, r := range rows {
		next, gone := u.level(flatItems(old.Items), flatItems(target.Items), f, r.Answers, path+"["+r.ID+"].")
		out = append(out, Row{ID: r.ID, Answers: next})
		lost = append(lost, gone...)
	}
	return out, lost
}

func (u Upgrade) matrix(old, target *Item, f *Form, v any, path string) (any, []string) {
	given, _ := v.(map[string]string)
	out := map[string]string{}
	var lost []string
	for _, id := range sortedKeys(given) {
		name := old.ID + "." + id
		row := id
		if to, ok := u[name]; ok {
			_, row = cutRow(to)
		}
		if !hasMatrixRow(target, row) || !hasOption(f.OptionsOf(target), given[id]) {
			lost = append(lost, path+"."+id)
			continue
		}
		out[row] = given[id]
	}
	return out, lost
}

// convert reads a value as the type of another item, through the text a person
// would type; nil when it cannot be.
func convert(f *Form, it *Item, v any) any {
	one := Form{Items: []*Item{it}, Lists: f.Lists}
	s := State{Values: map[string][]string{}, Rows: map[string][]string{}}
	s.put(it, it.ID, v)
	if text, ok := v.(string); ok && it.Type != TypeDateTime {
		s.Values[it.ID] = []string{text}
	}
	if list, ok := v.([]string); ok && len(list) > 1 && it.Type != TypeMulti && it.Type != TypeRank && it.Type != TypeFile {
		return nil
	}
	if ref, ok := v.(Ref); ok && (it.Type != TypeRef || ref.Kind != it.Ref) {
		return nil
	}
	a, errs := Parse(&one, s)
	if len(errs) > 0 {
		return nil
	}
	return a[it.ID]
}
