package form

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
)

// State is a form being filled: raw texts as typed, by path, and the rows of
// repeated groups. It is what a draft stores (as JSON) and what is rendered.
// The value of a datetime lies at path+".date", ".time" and, for the hour that
// occurs twice, ".fold"; the label of a chosen thing at path+".label" (set by
// the server only).
type State struct {
	// Page is the page being filled, from 0.
	Page int `json:"page"`
	// Values are never nil once the form is begun, also where all is left blank.
	Values map[string][]string `json:"values"`
	// Rows has the ids of rows by the path of their group.
	Rows map[string][]string `json:"rows,omitempty"`
}

// Start is the state of a form nobody has touched: empty, with the least
// number of rows.
func Start(f *Form) State { return FromAnswers(f, nil) }

// FromAnswers is the state in which someone edits given answers: values as a
// Polish reader writes them ("5.04.2027", "3,5").
func FromAnswers(f *Form, a Answers) State {
	s := State{Values: map[string][]string{}, Rows: map[string][]string{}}
	s.fill(flatItems(f.Items), a, "")
	return s
}

func (s *State) fill(items []*Item, a Answers, prefix string) {
	for _, it := range items {
		path := prefix + it.ID
		if it.Repeated() {
			inner := flatItems(it.Items)
			for _, r := range a.Rows(it.ID) {
				s.Rows[path] = append(s.Rows[path], r.ID)
				s.fill(inner, r.Answers, path+"["+r.ID+"].")
			}
			least, _ := it.limits()
			for len(s.Rows[path]) < least {
				s.addRow(it, path)
			}
			continue
		}
		s.put(it, path, a[it.ID])
	}
}

func (s *State) put(it *Item, path string, v any) {
	switch x := v.(type) {
	case string:
		s.putText(it, path, x)
	case bool:
		s.Values[path] = []string{strconv.FormatBool(x)}
	case int64, float64:
		n, _ := number(x)
		s.Values[path] = []string{strings.Replace(plain(n), ".", ",", 1)}
	case []string:
		if len(x) > 0 {
			s.Values[path] = append([]string(nil), x...)
		}
	case map[string]string:
		for row, code := range x {
			s.Values[path+"."+row] = []string{code}
		}
	case Ref:
		s.Pick(path, x.ID, x.Label)
	}
}

func (s *State) putText(it *Item, path, x string) {
	switch it.Type {
	case TypeDate:
		if t, err := time.Parse(dateForm, x); err == nil {
			x = t.Format("2.01.2006")
		}
	case TypeTime:
		x = strings.TrimPrefix(x, "0")
	case TypeDateTime:
		t, err := time.Parse(dateTimeForm, x)
		if err != nil {
			break
		}
		t = t.In(clock.Warsaw)
		s.Values[path+".date"] = []string{t.Format("2.01.2006")}
		s.Values[path+".time"] = []string{strings.TrimPrefix(t.Format(timeForm), "0")}
		if _, problem := Local(t, t.Hour(), t.Minute(), ""); problem != "" {
			fold := FoldWinter
			if t.IsDST() {
				fold = FoldSummer
			}
			s.Values[path+".fold"] = []string{fold}
		}
		return
	}
	if x != "" {
		s.Values[path] = []string{x}
	}
}

// plain is a number without trailing zeros and without an exponent.
func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// Get returns the raw text at a path, "" when there is none.
func (s State) Get(path string) string {
	if v := s.Values[path]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Pick sets the thing chosen for a ref item; an empty id clears it. Whoever
// calls it has checked that the person may choose it.
func (s *State) Pick(path, id, label string) {
	if s.Values == nil {
		s.Values = map[string][]string{}
	}
	delete(s.Values, path)
	delete(s.Values, path+".label")
	if id == "" {
		return
	}
	s.Values[path] = []string{id}
	if label != "" {
		s.Values[path+".label"] = []string{label}
	}
}

func (s *State) addRow(it *Item, path string) string {
	_, most := it.limits()
	if len(s.Rows[path]) >= most {
		return ""
	}
	if s.Rows == nil {
		s.Rows = map[string][]string{}
	}
	if s.Values == nil {
		s.Values = map[string][]string{}
	}
	id := NewRowID()
	s.Rows[path] = append(s.Rows[path], id)
	s.fill(flatItems(it.Items), nil, path+"["+id+"].")
	return id
}

// removeRow forgets the row and everything under it.
func (s *State) removeRow(path, id string) {
	var rest []string
	for _, r := range s.Rows[path] {
		if r != id {
			rest = append(rest, r)
		}
	}
	s.Rows[path] = rest
	under := path + "[" + id + "]."
	for key := range s.Values {
		if strings.HasPrefix(key, under) {
			delete(s.Values, key)
		}
	}
	for key := range s.Rows {
		if strings.HasPrefix(key, under) {
			delete(s.Rows, key)
		}
	}
}

// clone copies the state deeply, so that Step leaves its argument alone.
func (s State) clone() State {
	out := State{Page: s.Page, Values: make(map[string][]string, len(s.Values)), Rows: make(map[string][]string, len(s.Rows))}
	for k, v := range s.Values {
		out.Values[k] = append([]string(nil), v...)
	}
	for k, v := range s.Rows {
		out.Rows[k] = append([]string(nil), v...)
	}
	return out
}

// Parse reads the state's raw texts into answers; what cannot be read becomes
// a field and is left out of the answers.
func Parse(f *Form, s State) (Answers, fault.Fields) {
	var errs fault.Fields
	a := parseLevel(f, flatItems(f.Items), s, "", &errs)
	return a, errs
}

func parseLevel(f *Form, items []*Item, s State, prefix string, errs *fault.Fields) Answers {
	out := Answers{}
	for _, it := range items {
		path := prefix + it.ID
		var v any
		switch it.Type {
		case TypeGroup:
			v = parseRows(f, it, s, path, errs)
		case TypeMulti, TypeRank, TypeFile:
			v = readMany(f, it, s.Values[path], path, errs)
		case TypeChoice:
			v = readChoice(f, it, s.Get(path), path, errs)
		case TypeMatrix:
			v = parseMatrix(f, it, s, path, errs)
		case TypeRef:
			if id := s.Get(path); id != "" {
				v = readRef(it, id, s.Get(path+".label"), path, errs)
			}
		case TypeDateTime:
			v = readOne(it, s.dateTime(path), path, errs)
		default:
			v = readOne(it, s.Get(path), path, errs)
		}
		if !empty(v) {
			out[it.ID] = v
		}
	}
	return out
}

func (s State) dateTime(path string) string {
	day, hour := strings.TrimSpace(s.Get(path+".date")), strings.TrimSpace(s.Get(path+".time"))
	if day+hour == "" {
		return s.Get(path)
	}
	out := day + " " + hour
	if fold := s.Get(path + ".fold"); fold == FoldSummer || fold == FoldWinter {
		out += " " + fold
	}
	return out
}

func parseRows(f *Form, it *Item, s State, path string, errs *fault.Fields) any {
	ids := s.Rows[path]
	if len(ids) == 0 {
		return nil
	}
	inner := flatItems(it.Items)
	rows := make([]Row, len(ids))
	for i, id := range ids {
		rows[i] = Row{ID: id, Answers: parseLevel(f, inner, s, path+"["+id+"].", errs)}
	}
	return rows
}

func parseMatrix(f *Form, it *Item, s State, path string, errs *fault.Fields) any {
	out := map[string]string{}
	for _, row := range it.Rows {
		at := path + "." + row.ID
		if code, ok := readChoice(f, it, s.Get(at), at, errs).(string); ok {
			out[row.ID] = code
		}
	}
	return out
}

func stableSort[T any](list []T, less func(a, b T) bool) {
	sort.SliceStable(list, func(i, j int) bool { return less(list[i], list[j]) })
}
