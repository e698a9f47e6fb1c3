package form

import (
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// Mode says how strict validation is.
type Mode uint8

const (
	// Draft keeps everything, also answers of items not shown, and asks for
	// nothing; only what could not be read is reported.
	Draft Mode = iota
	// Final drops answers of items not shown and applies every rule.
	Final
)

// Reason is why a final set of answers has no value at a path.
type Reason string

// The reasons for a missing value (nie dotyczy, odmowa, pominięte, niewidoczne).
const (
	NotApplicable Reason = "not_applicable"
	Refused       Reason = "refused"
	Skipped       Reason = "skipped"
	NotShown      Reason = "not_shown"
)

// Result is what validation found.
type Result struct {
	// Answers are what may be stored; in Final mode without items not shown.
	Answers Answers
	// Missing has a reason for every unanswered question (Final mode).
	Missing map[string]Reason
	// Errors refuse the answers, Warnings only ask for attention.
	Errors   fault.Fields
	Warnings fault.Fields
}

// Err is an Invalid fault with the errors, or nil.
func (r Result) Err() error { return r.Errors.Err() }

// Validate applies the rules of f to a. bad are the fields that reading the
// answers ([Parse], [DecodeAnswers]) already found wrong: they stay, unless the
// item is not shown, and silence "required" at their path. Texts of checks are
// in l. It never panics, whatever the answers.
func Validate(l i18n.Lang, f *Form, a Answers, mode Mode, bad fault.Fields) Result {
	if a == nil {
		a = Answers{}
	}
	if mode == Draft {
		return Result{Answers: a, Errors: bad}
	}
	v := &validation{form: f, bad: map[string]bool{}, scopes: map[string][]*scope{}}
	v.result.Missing = map[string]Reason{}
	for _, b := range bad {
		v.bad[b.Path] = true
	}
	walk(f, a, v.visit)
	hidden := map[string]bool{}
	if root := v.scopes[""]; len(root) > 0 {
		hidden = root[0].hidden
	}
	var kept fault.Fields
	for _, b := range bad {
		if !under(hidden, b.Path) {
			kept = append(kept, b)
		}
	}
	v.result.Errors = append(kept, v.result.Errors...)
	v.checks(l)
	v.result.Answers = prune(flatItems(f.Items), a, "", hidden)
	v.result.Errors = v.inOrder(v.result.Errors)
	return v.result
}

type validation struct {
	form   *Form
	bad    map[string]bool
	scopes map[string][]*scope // by repeated group, "" for the form
	places []string            // paths in the order of the form
	result Result
}

func (v *validation) visit(x visit) {
	if list := v.scopes[x.scope.group]; len(list) == 0 || list[len(list)-1] != x.scope {
		v.scopes[x.scope.group] = append(list, x.scope)
	}
	v.places = append(v.places, x.path)
	it := x.item
	if it.Type == TypeNote || it.Type == TypeGroup && it.Repeat == nil {
		return
	}
	if !x.shown {
		v.result.Missing[x.path] = NotShown
		return
	}
	if it.Type == TypeMatrix {
		v.matrix(it, x)
		return
	}
	value := x.value()
	if empty(value) && !it.Repeated() {
		v.result.Missing[x.path] = Skipped
		if it.Required && !v.bad[x.path] {
			v.result.Errors.Add(x.path, requiredKey(it))
		}
		return
	}
	v.bounds(it, value, x.path)
}

// requiredKey names the act that is missing: write, choose, attach, add.
func requiredKey(it *Item) string {
	switch it.Type {
	case TypeChoice, TypeScale, TypeBool, TypeRef:
		return "form.required_choice"
	case TypeMulti:
		return "form.required_multi"
	case TypeFile:
		return "form.required_file"
	case TypeDate:
		return "form.date"
	case TypeTime:
		return "form.time"
	case TypeDateTime:
		return "form.datetime"
	}
	return "form.required"
}

func (v *validation) matrix(it *Item, x visit) {
	given, _ := x.value().(map[string]string)
	reasons := reasonsOf(v.form.OptionsOf(it))
	for _, row := range it.Rows {
		path := x.path + "." + row.ID
		v.places = append(v.places, path)
		code := given[row.ID]
		if r, ok := reasons[code]; ok {
			v.result.Missing[path] = r
		}
		if code == "" {
			v.result.Missing[path] = Skipped
			if it.Required && !v.bad[path] && !v.bad[x.path] {
				v.result.Errors.Add(path, "form.required_choice")
			}
		}
	}
}

func reasonsOf(options []Option) map[string]Reason {
	out := map[string]Reason{}
	for _, o := range options {
		if o.NA {
			out[o.Code] = NotApplicable
		}
		if o.Refusal {
			out[o.Code] = Refused
		}
	}
	return out
}

// bounds applies min and max of the item's type, and notes reasons.
func (v *validation) bounds(it *Item, value any, path string) {
	e := &v.result.Errors
	switch x := value.(type) {
	case int64, float64:
		if it.Type != TypeScale {
			n, _ := number(x)
			bound(it, n, path, e)
		}
	case string:
		if r, ok := reasonsOf(v.form.OptionsOf(it))[x]; ok && it.Type == TypeChoice {
			v.result.Missing[path] = r
		}
	case []string:
		v.several(it, x, path)
	}
	if it.Repeated() {
		rows, _ := value.([]Row)
		least, most := it.limits()
		if it.Required {
			least = max(least, 1)
		}
		switch {
		case v.bad[path]:
		case len(rows) < least:
			e.Add(path, "form.rows_few", "N", least)
		case len(rows) > most:
			e.Add(path, "form.rows_many", "N", most)
		}
	}
}

func bound(it *Item, n float64, path string, e *fault.Fields) {
	low, high := it.Min, it.Max
	switch {
	case low != nil && high != nil && (n < *low || n > *high):
		e.Add(path, "form.between", "Min", plain(*low), "Max", plain(*high))
	case low != nil && n < *low:
		e.Add(path, "form.least", "Min", plain(*low))
	case high != nil && n > *high:
		e.Add(path, "form.most", "Max", plain(*high))
	}
}

func (v *validation) several(it *Item, x []string, path string) {
	e := &v.result.Errors
	if it.Type == TypeFile {
		if n := it.MaxFilesOf(); len(x) > n {
			e.Add(path, "form.files_many", "N", n)
		}
		return
	}
	if it.Type == TypeMulti {
		reasons := reasonsOf(v.form.OptionsOf(it))
		for _, code := range x {
			if r, ok := reasons[code]; ok {
				if len(x) > 1 {
					e.Add(path, "form.exclusive")
				}
				v.result.Missing[path] = r
				return
			}
		}
	}
	switch {
	case it.Min != nil && float64(len(x)) < *it.Min:
		e.Add(path, "form.choose_least", "N", int(*it.Min))
	case it.Max != nil && float64(len(x)) > *it.Max:
		e.Add(path, "form.choose_most", "N", int(*it.Max))
	}
}

// checks evaluates the form's rules in every scope they are about. A rule fails
// only when it is false: unanswered items are the matter of "required".
func (v *validation) checks(l i18n.Lang) {
	hiddenRows := func(s *scope) bool { return s.group != "" && under(s.hidden, strings.TrimSuffix(s.prefix, ".")) }
	for i := range v.form.Checks {
		c := &v.form.Checks[i]
		for _, s := range v.scopes[c.In] {
			if hiddenRows(s) || c.Assert.eval(s, 0) != False {
				continue
			}
			field := fault.Field{Path: s.pathOf(&c.Assert), Key: "form.check", Text: c.Msg.In(l)}
			if c.Level == "warning" {
				v.result.Warnings = append(v.result.Warnings, field)
			} else {
				v.result.Errors = append(v.result.Errors, field)
			}
		}
	}
}

// pathOf is where a failed check is shown: the first item it mentions that
// lives in this scope.
func (s *scope) pathOf(c *Condition) string {
	first := ""
	c.eachItem(func(name string) {
		id, _ := cutRow(name)
		if n := s.form.index().node[id]; first == "" && n != nil && n.home == s.group {
			first = s.prefix + name
		}
	})
	if first == "" {
		return strings.TrimSuffix(s.prefix, ".")
	}
	return first
}

// inOrder sorts fields by the order of the form, so that an error summary
// reads like the page.
func (v *validation) inOrder(fields fault.Fields) fault.Fields {
	position := make(map[string]int, len(v.places))
	for i, p := range v.places {
		position[p] = i
	}
	place := func(path string) int {
		for path != "" {
			if p, ok := position[path]; ok {
				return p
			}
			path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		}
		return len(position)
	}
	sorted := append(fault.Fields(nil), fields...)
	stableSort(sorted, func(a, b fault.Field) bool { return place(a.Path) < place(b.Path) })
	return sorted
}

// under reports whether the item at path, or one around it, is in hidden.
func under(hidden map[string]bool, path string) bool {
	for path != "" {
		if hidden[path] {
			return true
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return false
}

// prune copies the answers of shown items; nothing of unknown items passes.
func prune(items []*Item, a Answers, prefix string, hidden map[string]bool) Answers {
	out := Answers{}
	for _, it := range items {
		path, v := prefix+it.ID, a[it.ID]
		if empty(v) || hidden[path] {
			continue
		}
		if rows, ok := v.([]Row); ok && it.Repeated() {
			inner := flatItems(it.Items)
			kept := make([]Row, len(rows))
			for i, r := range rows {
				kept[i] = Row{ID: r.ID, Answers: prune(inner, r.Answers, path+"["+r.ID+"].", hidden)}
			}
			v = kept
		}
		out[it.ID] = v
	}
	return out
}
