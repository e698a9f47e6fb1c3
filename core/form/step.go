package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// Names of the form's own fields in a POST. No item id begins with "_".
const (
	FieldDo    = "_do"    // which button: an Action, for some with ":" and a path
	FieldPage  = "_page"  // the page that was on the screen
	FieldShown = "_shown" // paths of the conditional items that were on it
	FieldRows  = "._row"  // suffix: the ids of the rows of a repeated group
)

// Action is what the person asked for.
type Action string

// The actions. Those with a path are sent as "add:dzialania".
const (
	Next      Action = "next"
	Back      Action = "back"
	Save      Action = "save"
	Submit    Action = "submit"
	AddRow    Action = "add"
	RemoveRow Action = "remove"
	PickRef   Action = "pick"
	ClearRef  Action = "clear"
	DropFile  Action = "unfile"
	GoTo      Action = "goto"
)

// Outcome is what came of a POST.
type Outcome struct {
	Asked Action
	// Path is the group of AddRow and RemoveRow, the item of PickRef, ClearRef
	// and DropFile.
	Path string
	// Row is the id of the row added or removed; "" when the limit was reached.
	Row string
	// Ref is the kind of thing to pick (PickRef).
	Ref string
	// File is the id taken off the list (DropFile).
	File string
	// Errors hold the person on the page (Next, Submit).
	Errors fault.Fields
	// Revealed are items that the answers just given have brought up; the page
	// is shown again with them before the person goes on.
	Revealed []string
	// Result is the final validation; set when a Submit was accepted.
	Result *Result
}

// Done reports whether the form was submitted and accepted.
func (o Outcome) Done() bool { return o.Asked == Submit && o.Result != nil }

// Step takes the values of a POST: it returns the new state and what the
// person asked for. The argument s is the state before (from the draft, or
// [Start]); answers of items that were not on the screen are kept from it. It
// changes nothing else: saving, picking and storing are the caller's.
//
// File items: the caller stores uploaded parts first and appends their ids to
// v under the part's name; it also checks that every id it stores belongs to
// the person, since ids come back through the browser.
func Step(l i18n.Lang, f *Form, s State, v url.Values) (State, Outcome) {
	s = s.clone()
	pages := f.Pages()
	if n, err := strconv.Atoi(v.Get(FieldPage)); err == nil {
		s.Page = n
	}
	s.Page = min(max(s.Page, 0), len(pages)-1)
	in := &intake{state: &s, values: v, shown: map[string]bool{}}
	for _, p := range strings.Split(v.Get(FieldShown), ",") {
		in.shown[p] = true
	}
	in.level(pages[s.Page].Items, "", true)

	action, arg, _ := strings.Cut(v.Get(FieldDo), ":")
	o := Outcome{Asked: Action(action)}
	switch o.Asked {
	case Back, Save:
		if o.Asked == Back {
			s.move(f, pages, -1)
		}
	case AddRow, RemoveRow, PickRef, ClearRef, DropFile:
		o.edit(f, &s, arg)
	case GoTo:
		if n, err := strconv.Atoi(arg); err == nil {
			s.Page = min(max(n, 0), len(pages)-1)
		}
	case Next:
		o.advance(l, f, &s, pages, in.shown)
	default:
		o.Asked = Submit
		o.submit(l, f, &s, pages, in.shown)
	}
	return s, o
}

// edit changes rows, references and files at a path.
func (o *Outcome) edit(f *Form, s *State, arg string) {
	path, rest := arg, ""
	switch o.Asked {
	case RemoveRow:
		if i := strings.LastIndexByte(arg, '['); i > 0 {
			path, rest = arg[:i], strings.TrimSuffix(arg[i+1:], "]")
		}
	case DropFile:
		path, rest, _ = strings.Cut(arg, ":")
	}
	it := f.ItemAt(path)
	if it == nil || !s.has(path) {
		o.Path = ""
		return
	}
	o.Path = path
	switch {
	case o.Asked == AddRow && it.Repeated():
		o.Row = s.addRow(it, path)
	case o.Asked == RemoveRow && it.Repeated():
		if least, _ := it.limits(); len(s.Rows[path]) > least {
			s.removeRow(path, rest)
			o.Row = rest
		}
	case o.Asked == PickRef && it.Type == TypeRef:
		o.Ref = it.Ref
	case o.Asked == ClearRef && it.Type == TypeRef:
		s.Pick(path, "", "")
	case o.Asked == DropFile && it.Type == TypeFile:
		s.Values[path] = slices.DeleteFunc(s.Values[path], func(id string) bool { return id == rest })
		o.File = rest
	}
}

// has reports whether every row that a path names exists.
func (s State) has(path string) bool {
	for i := 0; i < len(path); i++ {
		if path[i] != '[' {
			continue
		}
		end := strings.IndexByte(path[i:], ']')
		if end < 0 || !slices.Contains(s.Rows[path[:i]], path[i+1:i+end]) {
			return false
		}
	}
	return true
}

// move goes to the nearest page in a direction that has something to show.
func (s *State) move(f *Form, pages []Page, step int) bool {
	a, _ := Parse(f, *s)
	visible := Visible(f, a)
	for n := s.Page + step; n >= 0 && n < len(pages); n += step {
		if shownPage(pages[n], visible) {
			s.Page = n
			return true
		}
	}
	return false
}

func (o *Outcome) advance(l i18n.Lang, f *Form, s *State, pages []Page, seen map[string]bool) {
	r := validateState(l, f, *s)
	for _, e := range r.Errors {
		if f.PageOf(e.Path) == s.Page && !isNew(seen, f, e.Path) {
			o.Errors = append(o.Errors, e)
		}
	}
	o.Revealed = revealed(f, *s, s.Page, seen)
	if len(o.Errors) == 0 && len(o.Revealed) == 0 {
		s.move(f, pages, 1)
	}
}

func (o *Outcome) submit(l i18n.Lang, f *Form, s *State, pages []Page, seen map[string]bool) {
	r := validateState(l, f, *s)
	o.Revealed = revealed(f, *s, s.Page, seen)
	for _, e := range r.Errors {
		if !isNew(seen, f, e.Path) || f.PageOf(e.Path) != s.Page {
			o.Errors = append(o.Errors, e)
		}
	}
	if len(o.Errors) == 0 && len(o.Revealed) == 0 {
		o.Result = &r
		return
	}
	// One page at a time: links of the error summary must have somewhere to go.
	if len(o.Revealed) == 0 {
		s.Page = min(f.PageOf(o.Errors[0].Path), len(pages)-1)
	}
	o.Errors = slices.DeleteFunc(o.Errors, func(e fault.Field) bool { return f.PageOf(e.Path) != s.Page })
}

func validateState(l i18n.Lang, f *Form, s State) Result {
	a, bad := Parse(f, s)
	return Validate(l, f, a, Final, bad)
}

// isNew reports whether the item at path was not on the screen: nobody is told
// off for leaving out a question they have not seen.
func isNew(seen map[string]bool, f *Form, path string) bool {
	for p := path; p != ""; p = p[:max(strings.LastIndexAny(p, ".["), 0)] {
		for n := f.index().node[lastID(p)]; n != nil; n = n.parent {
			own := p
			if n.item.ID != lastID(p) {
				own = pathBeside(p, n.item.ID)
			}
			if n.item.When != nil && !seen[own] {
				return true
			}
			if n.parent != nil && n.parent.item.Repeated() {
				break // the row's own path comes next in the outer loop
			}
		}
	}
	return false
}

// lastID is the id of the item that a path ends in: "a[r1].b" → "b", "a[r1]" → "a".
func lastID(path string) string {
	if strings.HasSuffix(path, "]") {
		path = path[:max(strings.LastIndexByte(path, '['), 0)]
	}
	return path[strings.LastIndexByte(path, '.')+1:]
}

// pathBeside is the path of another item of the same level: "a[r1].b", "c" → "a[r1].c".
func pathBeside(path, id string) string { return path[:strings.LastIndexByte(path, '.')+1] + id }

// revealed lists the conditional items of a page that are shown now and were
// not on the screen.
func revealed(f *Form, s State, page int, seen map[string]bool) []string {
	a, _ := Parse(f, s)
	var out []string
	walk(f, a, func(v visit) {
		if v.shown && v.item.When != nil && !seen[v.path] && f.PageOf(v.path) == page {
			out = append(out, v.path)
		}
	})
	return out
}

// Shown lists the conditional items that a page of the state shows; rendered
// as the hidden field "_shown" and sent back.
func Shown(f *Form, s State) []string { return revealed(f, s, s.Page, nil) }

// intake copies posted values into the state for the items that were on the
// screen.
type intake struct {
	state  *State
	values url.Values
	shown  map[string]bool
}

func (in *intake) level(items []*Item, prefix string, rendered bool) {
	for _, it := range items {
		path := prefix + it.ID
		on := rendered && (it.When == nil || in.shown[path])
		if !on {
			continue
		}
		switch {
		case it.Repeated():
			in.rows(it, path)
		case it.Type == TypeGroup:
			in.level(it.Items, prefix, on)
		case it.Type == TypeNote:
		case it.Type == TypeMatrix:
			for _, row := range it.Rows {
				in.take(path+"."+row.ID, 1)
			}
		case it.Type == TypeDateTime:
			in.take(path, 1)
			for _, part := range []string{".date", ".time", ".fold"} {
				in.take(path+part, 1)
			}
		case it.Type == TypeRef:
			in.ref(path)
		case it.Type == TypeMulti, it.Type == TypeRank, it.Type == TypeFile:
			in.take(path, MaxOptions)
		default:
			in.take(path, 1)
		}
	}
}

// maxRaw bounds one raw text kept in a state, in bytes: the longest answer in
// the widest characters.
const maxRaw = 4 * MaxAnswer

func (in *intake) take(path string, most int) {
	var kept []string
	for _, raw := range in.values[path] {
		if len(kept) < most && raw != "" {
			kept = append(kept, strings.ToValidUTF8(raw[:min(len(raw), maxRaw)], "\ufffd"))
		}
	}
	if len(kept) == 0 {
		delete(in.state.Values, path)
		return
	}
	in.state.Values[path] = kept
}

// ref keeps the label only while the id stays: a label never comes from a browser.
func (in *intake) ref(path string) {
	old := in.state.Get(path)
	in.take(path, 1)
	if in.state.Get(path) != old {
		delete(in.state.Values, path+".label")
	}
}

func (in *intake) rows(it *Item, path string) {
	_, most := it.limits()
	var ids []string
	for _, id := range in.values[path+FieldRows] {
		if RowID(id) && !slices.Contains(ids, id) && len(ids) < most {
			ids = append(ids, id)
		}
	}
	for _, old := range in.state.Rows[path] {
		if !slices.Contains(ids, old) {
			in.state.removeRow(path, old)
		}
	}
	in.state.Rows[path] = ids
	for _, id := range ids {
		in.level(it.Items, path+"["+id+"].", true)
	}
}
