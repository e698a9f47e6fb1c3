package form

// pageAt is the number of items from which a form with several top-level
// groups is shown a group at a time.
const pageAt = 25

// Page is the part of a form that is on the screen at once.
type Page struct {
	Title Text
	Items []*Item
}

// Pages divides the form: one page, or, when the form says so or is long, one
// page for each top-level group and for each run of items between them.
func (f *Form) Pages() []Page {
	groups := 0
	for _, it := range f.Items {
		if it.Type == TypeGroup {
			groups++
		}
	}
	if !f.Paged && (groups < 2 || len(f.index().order) < pageAt) {
		return []Page{{Title: f.Title, Items: f.Items}}
	}
	var out []Page
	run := false
	for _, it := range f.Items {
		switch {
		case it.Type == TypeGroup:
			out, run = append(out, Page{Title: it.Label, Items: []*Item{it}}), false
		case run:
			out[len(out)-1].Items = append(out[len(out)-1].Items, it)
		default:
			out, run = append(out, Page{Title: f.Title, Items: []*Item{it}}), true
		}
	}
	if len(out) == 0 {
		out = []Page{{Title: f.Title}}
	}
	return out
}

// PageOf is the page on which the item at path lies; 0 when there is none.
func (f *Form) PageOf(path string) int {
	id := path
	for i := 0; i < len(path); i++ {
		if path[i] == '[' || path[i] == '.' {
			id = path[:i]
			break
		}
	}
	n := f.index().node[id]
	if n == nil {
		return 0
	}
	for n.parent != nil {
		n = n.parent
	}
	for i, p := range f.Pages() {
		for _, it := range p.Items {
			if it == n.item {
				return i
			}
		}
	}
	return 0
}

// ItemAt returns the item that a path of answers means ("dzialania[r3].od",
// "ocena.o1" → the matrix), or nil.
func (f *Form) ItemAt(path string) *Item {
	id := path
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == ']' && i+1 < len(path) && path[i+1] == '.' {
			id = path[i+2:]
			break
		}
	}
	id, _ = cutRow(id)
	for i := 0; i < len(id); i++ {
		if id[i] == '[' {
			id = id[:i]
		}
	}
	return f.Item(id)
}

// shownPage reports whether any item of a page is shown, by Visible's answer.
func shownPage(p Page, visible map[string]bool) bool {
	for _, it := range p.Items {
		if it.Type == TypeGroup && it.Repeat == nil && visible[it.ID] {
			if shownPage(Page{Items: it.Items}, visible) {
				return true
			}
		} else if visible[it.ID] {
			return true
		}
	}
	return false
}
