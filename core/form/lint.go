package form

import (
	"math"
	"strconv"

	"ore.edu.pl/sieci/core/form/declared"
)

type linter struct {
	*declared.Report
	form *Form
}

func (f *Form) lint(r *declared.Report) {
	l := &linter{Report: r, form: f}
	l.header()
	l.lists()
	l.scales()
	if l.counts() {
		l.items()
		l.checks()
		l.reach()
	}
	if len(f.Canonical()) > MaxBytes {
		l.Add("", "too_large", "Max", MaxBytes/1024)
	}
}

func (l *linter) header() {
	f := l.form
	if f.Kind != "form" {
		l.Add("kind", "kind", "Want", "form")
	}
	if f.V != 1 {
		l.Add("v", "vocabulary", "Max", 1)
	}
	if !declared.Name(f.ID) {
		l.Add("id", "name")
	}
	if f.Rev < 1 {
		l.Add("rev", "rev")
	}
	l.CheckText("title", f.Title, true, true)
	switch f.Privacy {
	case "", "named", "confidential", "anonymous":
	default:
		l.Add("privacy", "privacy")
	}
}

func (l *linter) lists() {
	if len(l.form.Lists) > MaxLists {
		l.Add("lists", "many_lists", "Max", MaxLists)
	}
	for _, name := range sortedKeys(l.form.Lists) {
		path := "lists." + name
		if !declared.ID(name) {
			l.Add(path, "id")
		}
		l.options(path, l.form.Lists[name])
	}
}

func (l *linter) options(path string, options []Option) {
	if len(options) == 0 {
		l.Add(path, "no_options")
	}
	if len(options) > MaxOptions {
		l.Add(path, "many_options", "Max", MaxOptions)
	}
	seen := map[string]bool{}
	for i, o := range options {
		at := at(path, i)
		if !declared.Code(o.Code) {
			l.Add(at+".c", "code")
		}
		if seen[o.Code] {
			l.Add(at+".c", "repeated_code", "Name", o.Code)
		}
		seen[o.Code] = true
		l.CheckText(at+".l", o.Label, true, true)
		if o.NA && o.Refusal {
			l.Add(at, "na_refusal")
		}
	}
}

func (l *linter) scales() {
	if len(l.form.Scales) > MaxLists {
		l.Add("scales", "many_lists", "Max", MaxLists)
	}
	for _, name := range sortedKeys(l.form.Scales) {
		s, path := l.form.Scales[name], "scales."+name
		if !declared.ID(name) {
			l.Add(path, "id")
		}
		if s.Agg != "mean" && s.Agg != "sum" {
			l.Add(path+".agg", "agg")
		}
		if !(s.MinAnswered >= 0 && s.MinAnswered <= 1) {
			l.Add(path+".min_answered", "share")
		}
		if len(s.Range) != 2 || !finite(s.Range[0]) || !finite(s.Range[1]) || s.Range[0] >= s.Range[1] {
			l.Add(path+".range", "range")
		}
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && math.Abs(v) <= maxNumber }

// counts checks depth, number and uniqueness; false stops the linter, because
// the rest presumes a tree of bounded size.
func (l *linter) counts() bool {
	t := l.form.index()
	ok := true
	if len(t.order) == 0 {
		l.Add("items", "no_items")
	}
	if len(t.order) > MaxItems {
		l.Add("items", "many_items", "Max", MaxItems)
		ok = false
	}
	for _, n := range t.order {
		if n.depth > MaxDepth {
			l.Add(n.path, "deep", "Max", MaxDepth)
			ok = false
		}
		if !declared.ID(n.item.ID) {
			l.Add(n.path+".id", "id")
		} else if t.node[n.item.ID] != n {
			l.Add(n.path+".id", "repeated_id", "Name", n.item.ID)
		}
	}
	l.holes(l.form.Items, "items")
	return ok
}

// holes finds null items, which only Go code can make.
func (l *linter) holes(items []*Item, path string) {
	for i, it := range items {
		if it == nil {
			l.Add(at(path, i), "json_type")
		}
	}
}

func (l *linter) checks() {
	f := l.form
	if len(f.Checks) > MaxChecks {
		l.Add("checks", "many_checks", "Max", MaxChecks)
		return
	}
	seen := map[string]bool{}
	for i := range f.Checks {
		c, path := &f.Checks[i], at("checks", i)
		if !declared.ID(c.ID) {
			l.Add(path+".id", "id")
		}
		if seen[c.ID] {
			l.Add(path+".id", "repeated_id", "Name", c.ID)
		}
		seen[c.ID] = true
		if c.Level != "" && c.Level != "error" && c.Level != "warning" {
			l.Add(path+".level", "level")
		}
		l.CheckText(path+".msg", c.Msg, true, true)
		if c.In != "" {
			if g := f.Item(c.In); g == nil || !g.Repeated() {
				l.Add(path+".in", "unknown_group", "Name", c.In)
				continue
			}
		}
		l.condition(path+".assert", &c.Assert, vantage{home: c.In, pos: math.MaxInt})
	}
}

// vantage is from where a condition looks: only items before pos, in the
// repeated group home or around it.
type vantage struct {
	home string
	pos  int
}

func (l *linter) condition(path string, c *Condition, from vantage) {
	if n := c.comparisons(); n > MaxAtoms {
		l.Add(path, "many_comparisons", "Max", MaxAtoms)
		return
	}
	l.shape(path, c, from)
}

func (l *linter) shape(path string, c *Condition, from vantage) {
	shapes := 0
	for _, used := range []bool{len(c.All) > 0, len(c.Any) > 0, c.Not != nil, c.Item != "" || c.Op != "" || c.Value != nil || c.Item2 != ""} {
		if used {
			shapes++
		}
	}
	if shapes != 1 {
		l.Add(path, "condition_shape")
		return
	}
	for i := range c.All {
		l.shape(at(path+".all", i), &c.All[i], from)
	}
	for i := range c.Any {
		l.shape(at(path+".any", i), &c.Any[i], from)
	}
	switch {
	case c.Not != nil:
		l.shape(path+".not", c.Not, from)
	case c.Item != "" || len(c.All)+len(c.Any) == 0:
		l.comparison(path, c, from)
	}
}

// class is what kind of value a comparison sees.
type class uint8

const (
	classNone class = iota
	classText
	classNumber
	classBool
	classDate
	classTime
	classDateTime
	classCode
	classCodes
	classRef
	classAnswered // can only be asked whether it is answered
)

var classes = map[Type]class{
	TypeText: classText, TypeLongText: classText, TypeInteger: classNumber, TypeDecimal: classNumber, TypeScale: classNumber,
	TypeBool: classBool, TypeDate: classDate, TypeTime: classTime, TypeDateTime: classDateTime, TypeChoice: classCode,
	TypeMulti: classCodes, TypeRank: classCodes, TypeRef: classRef, TypeFile: classAnswered, TypeMatrix: classAnswered,
}

// refer resolves a name in a condition; classNone after reporting why not.
func (l *linter) refer(path, name string, from vantage) (*Item, class) {
	id, row := cutRow(name)
	n := l.form.index().node[id]
	switch {
	case n == nil:
		l.Add(path, "unknown_ref", "Name", name)
	case n.pos >= from.pos:
		l.Add(path, "forward_ref", "Name", name)
	case !l.reachable(n.home, from.home):
		l.Add(path, "scope_ref", "Name", name)
	case row != "" && (n.item.Type != TypeMatrix || !hasMatrixRow(n.item, row)):
		l.Add(path, "unknown_ref", "Name", name)
	case row != "":
		return n.item, classCode
	case n.item.Repeated():
		return n.item, classAnswered
	case classes[n.item.Type] == classNone:
		l.Add(path, "no_answer_ref", "Name", name)
	default:
		return n.item, classes[n.item.Type]
	}
	return nil, classNone
}

// reachable reports whether the repeated group home is from, or around it.
func (l *linter) reachable(home, from string) bool {
	for home != from {
		n := l.form.index().node[from]
		if from == "" || n == nil {
			return false
		}
		from = n.home
	}
	return true
}

func (l *linter) comparison(path string, c *Condition, from vantage) {
	it, cl := l.refer(path+".item", c.Item, from)
	if cl == classNone {
		return
	}
	switch c.Op {
	case OpAnswered:
		if _, ok := c.Value.(bool); c.Value != nil && !ok || c.Item2 != "" {
			l.Add(path+".value", "value_type", "Op", string(c.Op))
		}
		return
	case OpIn:
		l.list(path, c, it, cl)
		return
	case OpEqual, OpNot:
		if cl == classCodes || cl == classAnswered {
			l.Add(path+".op", "op_type", "Op", string(c.Op), "Name", c.Item)
			return
		}
	case OpLess, OpAtMost, OpMore, OpAtLeast:
		if cl != classNumber && cl != classDate && cl != classTime && cl != classDateTime {
			l.Add(path+".op", "op_type", "Op", string(c.Op), "Name", c.Item)
			return
		}
	default:
		l.Add(path+".op", "op")
		return
	}
	if (c.Item2 != "") == (c.Value != nil) {
		l.Add(path, "value_or_item2")
		return
	}
	if c.Item2 == "" {
		l.value(path+".value", c.Value, it, cl)
		return
	}
	if other, cl2 := l.refer(path+".item2", c.Item2, from); cl2 != classNone && (cl2 != cl || cl == classRef && other.Ref != it.Ref) {
		l.Add(path+".item2", "item2_type", "Name", c.Item2)
	}
}

func (l *linter) list(path string, c *Condition, it *Item, cl class) {
	list, ok := c.Value.([]any)
	switch {
	case cl == classAnswered || cl == classBool:
		l.Add(path+".op", "op_type", "Op", string(c.Op), "Name", c.Item)
	case !ok || c.Item2 != "" || len(list) == 0 || len(list) > MaxOptions:
		l.Add(path+".value", "value_list", "Max", MaxOptions)
	default:
		for i, v := range list {
			l.value(at(path+".value", i), v, it, cl)
		}
	}
}

// value checks that a constant could be an answer of the item.
func (l *linter) value(path string, v any, it *Item, cl class) {
	s, isText := v.(string)
	n, isNumber := number(v)
	_, isBool := v.(bool)
	ok := false
	switch cl {
	case classNumber:
		ok = isNumber && finite(n)
	case classBool:
		ok = isBool
	case classText, classRef:
		ok = isText && declared.CleanText(s, true) && len(s) <= MaxAnswer
	case classDate:
		ok = isText && stored(dateForm, s)
	case classTime:
		ok = isText && stored(timeForm, s)
	case classDateTime:
		ok = isText && stored(dateTimeForm, s)
	case classCode, classCodes:
		if ok = isText; ok && !hasOption(l.form.OptionsOf(it), s) {
			l.Add(path, "unknown_option", "Name", s)
			return
		}
	}
	if !ok {
		l.Add(path, "value_type", "Op", "=")
	}
}

func hasOption(options []Option, code string) bool {
	for _, o := range options {
		if o.Code == code {
			return true
		}
	}
	return false
}

// numeric reports whether a code is a number, as scored options must be.
func numeric(code string) bool {
	_, err := strconv.ParseFloat(code, 64)
	return err == nil
}
