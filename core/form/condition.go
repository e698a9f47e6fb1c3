package form

// Condition is a tree of comparisons, written as data. Exactly one of its
// shapes is used: {"all":[…]}, {"any":[…]}, {"not":{…}}, or a comparison
// {"item","op","value"} or {"item","op","item2"}.
type Condition struct {
	All []Condition `json:"all,omitempty"`
	Any []Condition `json:"any,omitempty"`
	Not *Condition  `json:"not,omitempty"`

	Item string `json:"item,omitempty"`
	Op   Op     `json:"op,omitempty"`
	// Value is a string, a number, a bool, or a list of these for "in".
	Value any    `json:"value,omitempty"`
	Item2 string `json:"item2,omitempty"`
}

// Op is a comparison.
type Op string

// The comparisons. OpAnswered has no value, or a bool.
const (
	OpEqual     Op = "="
	OpNot       Op = "!="
	OpLess      Op = "<"
	OpAtMost    Op = "<="
	OpMore      Op = ">"
	OpAtLeast   Op = ">="
	OpIn        Op = "in"
	OpAnswered  Op = "answered"
	maxCondTree    = 64 // depth at which evaluation of an unlinted tree stops
)

// Truth is the outcome of a condition. A comparison with an unanswered item is
// Unknown, as in SQL: an item shows only on True, a check fails only on False.
type Truth int8

// The three outcomes.
const (
	False   Truth = -1
	Unknown Truth = 0
	True    Truth = 1
)

func truth(b bool) Truth {
	if b {
		return True
	}
	return False
}

// Eval evaluates c over answers at the top level of the form. It is total:
// whatever the condition and the answers, it returns and never panics. Items
// hidden by their own conditions are the caller's matter ([Validate], [Visible]).
func (c *Condition) Eval(f *Form, a Answers) Truth {
	return c.eval(&scope{answers: a, form: f}, 0)
}

func (c *Condition) eval(s *scope, depth int) Truth {
	if c == nil || depth > maxCondTree {
		return Unknown
	}
	switch {
	case len(c.All) > 0:
		out := True
		for i := range c.All {
			if t := c.All[i].eval(s, depth+1); t < out {
				if out = t; out == False {
					return out
				}
			}
		}
		return out
	case len(c.Any) > 0:
		out := False
		for i := range c.Any {
			if t := c.Any[i].eval(s, depth+1); t > out {
				if out = t; out == True {
					return out
				}
			}
		}
		return out
	case c.Not != nil:
		return -c.Not.eval(s, depth+1)
	}
	left := s.lookup(c.Item)
	switch {
	case c.Op == OpAnswered:
		want, ok := c.Value.(bool)
		return truth(left != nil == (want || !ok))
	case left == nil:
		return Unknown
	case c.Item2 != "":
		right := s.lookup(c.Item2)
		if right == nil {
			return Unknown
		}
		return compare(left, c.Op, right)
	}
	return compare(left, c.Op, c.Value)
}

func compare(left any, op Op, right any) Truth {
	if op == OpIn {
		return within(left, right)
	}
	order, ok := cmpValues(left, right)
	if !ok {
		return Unknown
	}
	switch op {
	case OpEqual:
		return truth(order == 0)
	case OpNot:
		return truth(order != 0)
	case OpLess:
		return truth(order < 0)
	case OpAtMost:
		return truth(order <= 0)
	case OpMore:
		return truth(order > 0)
	case OpAtLeast:
		return truth(order >= 0)
	}
	return Unknown
}

// within: a single answer is one of the list; of several answers at least one is.
func within(left, right any) Truth {
	list, ok := right.([]any)
	if !ok {
		return Unknown
	}
	if many, ok := left.([]string); ok {
		for _, one := range many {
			if within(one, right) == True {
				return True
			}
		}
		return False
	}
	for _, v := range list {
		if order, ok := cmpValues(left, v); ok && order == 0 {
			return True
		}
	}
	return False
}

// cmpValues orders two values of one class: numbers, strings (dates and times
// are written so that text order is time order), bools, references by id.
func cmpValues(a, b any) (int, bool) {
	if x, ok := number(a); ok {
		y, ok := number(b)
		switch {
		case !ok || x != x || y != y:
			return 0, false
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	}
	if x, ok := a.(bool); ok {
		y, ok := b.(bool)
		if ok && x == y {
			return 0, true
		}
		return 1, ok
	}
	x, okX := word(a)
	y, okY := word(b)
	switch {
	case !okX || !okY:
		return 0, false
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, true
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int64:
		return float64(n), true
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}

func word(v any) (string, bool) {
	switch s := v.(type) {
	case string:
		return s, true
	case Ref:
		return s.ID, true
	}
	return "", false
}

// scope is where names are looked up: the answers of a row, then those of the
// row or form around it.
type scope struct {
	form    *Form
	answers Answers
	group   string // the repeated group of the row; "" at the top
	prefix  string // of paths: "" or "dzialania[r3f2]."
	outer   *scope
	hidden  map[string]bool // paths of items that are not shown; shared
}

// lookup returns the answer of an item ("byl") or a matrix row ("ocena.o1") in
// the scope it lives in; nil when unanswered, hidden, or out of reach.
func (s *scope) lookup(name string) any {
	id, row := cutRow(name)
	n := s.form.index().node[id]
	if n == nil {
		return nil
	}
	for ; s != nil; s = s.outer {
		if s.group != n.home {
			continue
		}
		if len(s.hidden) > 0 && s.hidden[s.prefix+id] {
			return nil
		}
		v := s.answers[id]
		if row != "" {
			m, _ := v.(map[string]string)
			if code := m[row]; code != "" {
				return code
			}
			return nil
		}
		if empty(v) {
			return nil
		}
		return v
	}
	return nil
}

// cutRow splits "ocena.o1".
func cutRow(name string) (id, row string) {
	for i := 0; i < len(name); i++ {
		if name[i] == '.' {
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}

// comparisons counts the atoms of a condition.
func (c *Condition) comparisons() int {
	if c == nil {
		return 0
	}
	n := 0
	for i := range c.All {
		n += c.All[i].comparisons()
	}
	for i := range c.Any {
		n += c.Any[i].comparisons()
	}
	if c.Not != nil {
		n += c.Not.comparisons()
	}
	if len(c.All)+len(c.Any) == 0 && c.Not == nil {
		n++
	}
	return n
}

// eachItem calls do with every item name the condition mentions.
func (c *Condition) eachItem(do func(name string)) {
	if c == nil {
		return
	}
	for i := range c.All {
		c.All[i].eachItem(do)
	}
	for i := range c.Any {
		c.Any[i].eachItem(do)
	}
	c.Not.eachItem(do)
	for _, name := range []string{c.Item, c.Item2} {
		if name != "" {
			do(name)
		}
	}
}
