package form

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form/declared"
)

// Answers are the values of a form by item id. The Go types are closed:
//
//	text, longtext, choice        string
//	date, time, datetime          string "2027-04-05", "09:30", "2027-04-05T07:30:00Z"
//	integer, scale                int64
//	decimal                       float64, at most 15 significant digits
//	bool                          bool
//	multi, rank, file             []string (codes, file ids)
//	matrix                        map[string]string (row → code)
//	ref                           Ref
//	repeated group                []Row
//
// An unanswered item is absent.
type Answers map[string]any

// Ref is a chosen thing: a school, a person, a record. Label is what it was
// called when it was chosen.
type Ref struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Label string `json:"label,omitempty"`
}

// Row is one row of a repeated group. Its id is stable for the row's life.
type Row struct {
	ID      string
	Answers Answers
}

// rowKey is the member that carries a row's id in JSON. No item id begins with
// an underscore.
const rowKey = "_row"

// MarshalJSON writes the row as one object with "_row".
func (r Row) MarshalJSON() ([]byte, error) {
	m := make(map[string]any, len(r.Answers)+1)
	for k, v := range r.Answers {
		m[k] = v
	}
	m[rowKey] = r.ID
	return canonical(m), nil
}

// Canonical is the one spelling of the answers in JSON: members sorted, no
// unanswered items.
func (a Answers) Canonical() []byte {
	if a == nil {
		return []byte("{}")
	}
	return canonical(map[string]any(a))
}

// Text returns a string answer, "" when unanswered or of another type.
func (a Answers) Text(id string) string { s, _ := a[id].(string); return s }

// Int returns an integer or scale answer.
func (a Answers) Int(id string) (int64, bool) { n, ok := a[id].(int64); return n, ok }

// Float returns a decimal or integer answer.
func (a Answers) Float(id string) (float64, bool) { return number(a[id]) }

// Bool returns a bool answer.
func (a Answers) Bool(id string) (value, ok bool) { value, ok = a[id].(bool); return value, ok }

// Strings returns the codes of multi or rank, or the ids of files.
func (a Answers) Strings(id string) []string { s, _ := a[id].([]string); return s }

// Ref returns a chosen thing.
func (a Answers) Ref(id string) (Ref, bool) { r, ok := a[id].(Ref); return r, ok }

// Rows returns the rows of a repeated group.
func (a Answers) Rows(id string) []Row { r, _ := a[id].([]Row); return r }

// Files returns the ids of all files in the answers, rows included.
func (a Answers) Files(f *Form) []string {
	var out []string
	walk(f, a, func(v visit) {
		if v.item.Type == TypeFile {
			ids, _ := v.value().([]string)
			out = append(out, ids...)
		}
	})
	return out
}

// At returns the answer at a path such as "dzialania[r3f2].od" or "ocena.o1".
func (a Answers) At(path string) (any, bool) {
	cur := a
	for {
		open := strings.IndexByte(path, '[')
		if open < 0 {
			break
		}
		end := strings.IndexByte(path, ']')
		if end < open {
			return nil, false
		}
		row := findRow(cur.Rows(path[:open]), path[open+1:end])
		if row == nil {
			return nil, false
		}
		path = path[end+1:]
		if path == "" {
			return *row, true
		}
		if path[0] != '.' {
			return nil, false
		}
		path, cur = path[1:], row.Answers
	}
	id, matrixRow := cutRow(path)
	v, ok := cur[id]
	if matrixRow == "" {
		return v, ok
	}
	m, _ := v.(map[string]string)
	code, ok := m[matrixRow]
	return code, ok
}

func findRow(rows []Row, id string) *Row {
	for i := range rows {
		if rows[i].ID == id {
			return &rows[i]
		}
	}
	return nil
}

// NewRowID makes a row id: "r" and ten base-32 characters from a random source
// (50 bits: two editors of one draft do not meet).
func NewRowID() string { return "r" + strings.ToLower(rand.Text()[:10]) }

// RowID reports whether s may be a row id.
func RowID(s string) bool { return declared.ID(s) }

func empty(v any) bool {
	switch x := v.(type) {
	case nil:
		return true
	case string:
		return x == ""
	case []string:
		return len(x) == 0
	case []Row:
		return len(x) == 0
	case map[string]string:
		return len(x) == 0
	case Ref:
		return x.ID == ""
	}
	return false
}

// visit is one item at one place during a walk.
type visit struct {
	item  *Item
	scope *scope
	path  string
	shown bool
}

func (v visit) value() any { return v.scope.answers[v.item.ID] }

// walk visits every item at every place it has in the answers, in the order of
// the form, groups before their items, rows in their order, and says whether
// the conditions show it there.
func walk(f *Form, a Answers, do func(visit)) {
	f.index()
	s := &scope{form: f, answers: a, hidden: map[string]bool{}}
	walkItems(f.Items, s, true, 1, do)
}

func walkItems(items []*Item, s *scope, shown bool, depth int, do func(visit)) {
	if depth > 4*MaxDepth {
		return
	}
	for _, it := range items {
		if it == nil {
			continue
		}
		path := s.prefix + it.ID
		visible := shown && (it.When == nil || it.When.eval(s, 0) == True)
		if !visible {
			s.hidden[path] = true
		}
		do(visit{item: it, scope: s, path: path, shown: visible})
		switch {
		case it.Repeated():
			for _, row := range s.answers.Rows(it.ID) {
				inner := &scope{
					form: s.form, answers: row.Answers, group: it.ID, outer: s, hidden: s.hidden,
					prefix: path + "[" + row.ID + "].",
				}
				walkItems(it.Items, inner, visible, depth+1, do)
			}
		case it.Type == TypeGroup:
			walkItems(it.Items, s, visible, depth+1, do)
		}
	}
}

// Visible returns the paths of the items that the conditions show for a.
func Visible(f *Form, a Answers) map[string]bool {
	out := map[string]bool{}
	walk(f, a, func(v visit) {
		if v.shown {
			out[v.path] = true
		}
	})
	return out
}

// DecodeAnswers reads answers from JSON as a program sends them, by the types
// of the form. Unknown members and wrong types become fields; what could be
// read is returned with them. Rows without "_row" get a new id. Texts are
// normalised as if typed.
func DecodeAnswers(f *Form, raw []byte) (Answers, fault.Fields) {
	var errs fault.Fields
	var r declared.Report
	var tree map[string]any
	holder := struct {
		A any `json:"a"`
	}{}
	wrapped := append(append([]byte(`{"a":`), raw...), '}')
	if !json.Valid(raw) || !declared.Decode(wrapped, 4<<20, &holder, &r) {
		errs.Add("", "form.answers_json")
		return Answers{}, errs
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil || tree == nil {
		errs.Add("", "form.answers_json")
		return Answers{}, errs
	}
	return decodeLevel(f, flatItems(f.Items), tree, "", &errs), errs
}

// flatItems lists the items whose answers lie at one level: through plain
// groups, not into repeated ones.
func flatItems(items []*Item) []*Item {
	var out []*Item
	for _, it := range items {
		switch {
		case it == nil || it.Type == TypeNote:
		case it.Type == TypeGroup && it.Repeat == nil:
			out = append(out, flatItems(it.Items)...)
		default:
			out = append(out, it)
		}
	}
	return out
}

func decodeLevel(f *Form, items []*Item, tree map[string]any, prefix string, errs *fault.Fields) Answers {
	out := Answers{}
	known := map[string]bool{}
	for _, it := range items {
		known[it.ID] = true
		raw, ok := tree[it.ID]
		if !ok || raw == nil {
			continue
		}
		path := prefix + it.ID
		var v any
		if it.Repeated() {
			v = decodeRows(f, it, raw, path, errs)
		} else {
			v = decodeValue(f, it, raw, path, errs)
		}
		if !empty(v) {
			out[it.ID] = v
		}
	}
	for _, key := range sortedKeys(tree) {
		if !known[key] && (prefix == "" || key != rowKey) {
			errs.Add(prefix+key, "form.unknown_item")
		}
	}
	return out
}

func decodeRows(f *Form, it *Item, raw any, path string, errs *fault.Fields) any {
	list, ok := raw.([]any)
	if !ok {
		errs.Add(path, "form.wrong_type")
		return nil
	}
	if _, most := it.limits(); len(list) > most {
		errs.Add(path, "form.rows_many", "N", most)
		return nil
	}
	var rows []Row
	items, seen := flatItems(it.Items), map[string]bool{}
	for i, el := range list {
		m, ok := el.(map[string]any)
		if !ok {
			errs.Add(at(path, i), "form.wrong_type")
			continue
		}
		id, given := m[rowKey].(string)
		if _, has := m[rowKey]; !has {
			id = NewRowID()
		} else if !given || !RowID(id) || seen[id] {
			errs.Add(at(path, i)+"."+rowKey, "form.row_id")
			continue
		}
		seen[id] = true
		rows = append(rows, Row{ID: id, Answers: decodeLevel(f, items, m, path+"["+id+"].", errs)})
	}
	return rows
}

// decodeValue turns one JSON value into the Go type of its item. Strings pass
// through the same reading as typed text, so both ways accept the same.
func decodeValue(f *Form, it *Item, raw any, path string, errs *fault.Fields) any {
	wrong := func() any { errs.Add(path, "form.wrong_type"); return nil }
	switch it.Type {
	case TypeBool:
		if b, ok := raw.(bool); ok {
			return b
		}
		return wrong()
	case TypeInteger, TypeDecimal, TypeScale:
		n, ok := raw.(json.Number)
		if !ok {
			return wrong()
		}
		return readOne(it, decimalText(n), path, errs)
	case TypeMulti, TypeRank, TypeFile:
		list, ok := stringList(raw)
		if !ok {
			return wrong()
		}
		return readMany(f, it, list, path, errs)
	case TypeMatrix:
		return decodeMatrix(f, it, raw, path, errs)
	case TypeRef:
		m, ok := raw.(map[string]any)
		id, okID := m["id"].(string)
		label, _ := m["label"].(string)
		if kind, given := m["kind"].(string); !ok || !okID || given && kind != it.Ref {
			return wrong()
		}
		if id == "" {
			return nil
		}
		return readRef(it, id, label, path, errs)
	}
	s, ok := raw.(string)
	if !ok {
		return wrong()
	}
	if it.Type == TypeChoice {
		return readChoice(f, it, s, path, errs)
	}
	return readOne(it, s, path, errs)
}

func decodeMatrix(f *Form, it *Item, raw any, path string, errs *fault.Fields) any {
	m, ok := raw.(map[string]any)
	if !ok {
		errs.Add(path, "form.wrong_type")
		return nil
	}
	out := map[string]string{}
	for _, key := range sortedKeys(m) {
		code, ok := m[key].(string)
		switch {
		case !hasMatrixRow(it, key):
			errs.Add(path+"."+declaredKey(key), "form.unknown_item")
		case !ok:
			errs.Add(path+"."+key, "form.wrong_type")
		case code != "":
			if v := readChoice(f, it, code, path+"."+key, errs); v != nil {
				out[key] = code
			}
		}
	}
	return out
}
