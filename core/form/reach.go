package form

import (
	"math"
	"slices"
)

// Reachability: an item is unreachable when no answers make its conditions,
// and those of everything they depend on, true. Conditions become a list of
// alternatives (disjunctive form), each a set of demands per item; an
// alternative is possible when every demanded item has a value left. Where the
// list would grow beyond maxAlternatives the item is taken for reachable: the
// linter promises to find contradictions, not all of them.

const maxAlternatives = 64

// demand is what an alternative asks of one item.
type demand struct {
	answered, blank bool
	low, high       float64 // for numbers
	openLow         bool
	openHigh        bool
	only            []string // for codes and bools; nil means any
	limited         bool
	without         []string
	textLow         string // for dates and times; "" means any
	textHigh        string
}

type alternative map[string]*demand

func (l *linter) reach() {
	memo := map[string][]alternative{}
	for _, n := range l.form.index().order {
		if n.item.When == nil || !declaredOnce(l, n) {
			continue
		}
		if alts, exact := l.shownWhen(n, memo, 0); exact && len(alts) == 0 {
			l.Add(n.path+".when", "unreachable", "Name", n.item.ID)
		}
	}
}

func declaredOnce(l *linter, n *node) bool { return l.form.index().node[n.item.ID] == n }

// shownWhen lists the alternatives under which n is shown. exact is false when
// the list was given up.
func (l *linter) shownWhen(n *node, memo map[string][]alternative, depth int) ([]alternative, bool) {
	if depth > MaxDepth*4 {
		return nil, false
	}
	if alts, ok := memo[n.item.ID]; ok {
		return alts, alts != nil
	}
	alts, exact := []alternative{{}}, true
	for p := n; p != nil && exact; p = p.parent {
		if p.item.When != nil {
			alts, exact = both(alts, l.alternatives(p.item.When, false, 0))
		}
	}
	if exact {
		alts, exact = l.withSources(n, alts, memo, depth)
	}
	if !exact {
		alts = nil
	} else if alts == nil {
		alts = []alternative{}
	}
	memo[n.item.ID] = alts
	return alts, exact
}

// withSources adds, for every item that must be answered, that it is shown.
func (l *linter) withSources(n *node, alts []alternative, memo map[string][]alternative, depth int) ([]alternative, bool) {
	var out []alternative
	for _, a := range alts {
		list := []alternative{a}
		for _, name := range sortedKeys(a) {
			id, _ := cutRow(name)
			source := l.form.index().node[id]
			if source == nil || !a[name].answered || source.pos >= n.pos || source.item.When == nil && source.parent == nil {
				continue
			}
			more, exact := l.shownWhen(source, memo, depth+1)
			if !exact {
				return nil, false
			}
			if list, exact = both(list, more); !exact {
				return nil, false
			}
		}
		out = append(out, list...)
		if len(out) > maxAlternatives {
			return nil, false
		}
	}
	return out, true
}

// alternatives turns a condition (or its negation) into a list; nil with a nil
// element never occurs, an empty list means "never".
func (l *linter) alternatives(c *Condition, negated bool, depth int) []alternative {
	if depth > maxCondTree {
		return []alternative{{}}
	}
	parts, conjunction := c.All, !negated
	if len(c.Any) > 0 {
		parts, conjunction = c.Any, negated
	}
	switch {
	case c.Not != nil:
		return l.alternatives(c.Not, !negated, depth+1)
	case len(parts) == 0:
		return l.atom(c, negated)
	case conjunction:
		out := []alternative{{}}
		for i := range parts {
			next, exact := both(out, l.alternatives(&parts[i], negated, depth+1))
			if exact {
				out = next
			}
			// Not exact: leaving a part out only widens what is possible.
		}
		return out
	}
	var out []alternative
	for i := range parts {
		out = append(out, l.alternatives(&parts[i], negated, depth+1)...)
	}
	if len(out) > maxAlternatives {
		return []alternative{{}}
	}
	return out
}

// both combines two lists; impossible combinations drop out.
func both(a, b []alternative) ([]alternative, bool) {
	var out []alternative
	for _, x := range a {
		for _, y := range b {
			if m, ok := merge(x, y); ok {
				out = append(out, m)
			}
		}
		if len(out) > maxAlternatives {
			return nil, false
		}
	}
	return out, true
}

func merge(x, y alternative) (alternative, bool) {
	out := make(alternative, len(x)+len(y))
	for k, v := range x {
		out[k] = v
	}
	for k, v := range y {
		if old, ok := out[k]; ok {
			v = old.and(v)
		}
		if !v.possible() {
			return nil, false
		}
		out[k] = v
	}
	return out, true
}

func (d *demand) and(e *demand) *demand {
	out := *d
	out.answered, out.blank = d.answered || e.answered, d.blank || e.blank
	if e.low > out.low || e.low == out.low && e.openLow {
		out.low, out.openLow = e.low, e.openLow
	}
	if e.high < out.high || e.high == out.high && e.openHigh {
		out.high, out.openHigh = e.high, e.openHigh
	}
	if e.limited {
		if out.limited {
			out.only = slices.DeleteFunc(slices.Clone(out.only), func(s string) bool { return !slices.Contains(e.only, s) })
		} else {
			out.only, out.limited = e.only, true
		}
	}
	out.without = append(slices.Clone(d.without), e.without...)
	out.textLow = max(d.textLow, e.textLow)
	if out.textHigh == "" || e.textHigh != "" && e.textHigh < out.textHigh {
		out.textHigh = e.textHigh
	}
	return &out
}

func (d *demand) possible() bool {
	switch {
	case d.answered && d.blank, d.low > d.high, d.low == d.high && (d.openLow || d.openHigh):
		return false
	case d.textHigh != "" && d.textLow > d.textHigh:
		return false
	case !d.limited:
		return true
	}
	for _, s := range d.only {
		if !slices.Contains(d.without, s) {
			return true
		}
	}
	return false
}

// atom is one comparison as a demand. Comparisons between two items demand
// only that both are answered.
func (l *linter) atom(c *Condition, negated bool) []alternative {
	id, row := cutRow(c.Item)
	n := l.form.index().node[id]
	if n == nil {
		return []alternative{{}}
	}
	d := anything()
	if c.Op == OpAnswered {
		want, ok := c.Value.(bool)
		if (want || !ok) != negated {
			d.answered = true
		} else {
			d.blank = true
		}
		return []alternative{{c.Item: d}}
	}
	d.answered = true
	out := alternative{c.Item: d}
	if c.Item2 != "" {
		e := anything()
		e.answered = true
		out[c.Item2] = e
		return []alternative{out}
	}
	cl := classes[n.item.Type]
	if row != "" {
		cl = classCode
	}
	d.domain(l.form, n.item, cl)
	d.compare(cl, opFor(c.Op, negated), c.Value)
	if !d.possible() {
		return nil
	}
	return []alternative{out}
}

func anything() *demand { return &demand{low: math.Inf(-1), high: math.Inf(1)} }

// domain starts from the values that the item can have at all.
func (d *demand) domain(f *Form, it *Item, cl class) {
	switch {
	case cl == classCode:
		d.limited = true
		for _, o := range f.OptionsOf(it) {
			d.only = append(d.only, o.Code)
		}
	case cl == classBool:
		d.only, d.limited = []string{"true", "false"}, true
	case it.Type == TypeScale:
		low, high := it.Bounds()
		d.low, d.high = float64(low), float64(high)
	case cl == classNumber:
		if it.Min != nil {
			d.low = *it.Min
		}
		if it.Max != nil {
			d.high = *it.Max
		}
	}
}

// opFor negates a comparison; the item is answered either way.
func opFor(op Op, negated bool) Op {
	if !negated {
		return op
	}
	switch op {
	case OpEqual:
		return OpNot
	case OpNot:
		return OpEqual
	case OpLess:
		return OpAtLeast
	case OpAtMost:
		return OpMore
	case OpMore:
		return OpAtMost
	case OpAtLeast:
		return OpLess
	}
	return "not in"
}

func (d *demand) compare(cl class, op Op, value any) {
	switch cl {
	case classNumber:
		if n, ok := number(value); ok {
			d.number(op, n)
		}
	case classDate, classTime, classDateTime:
		s, _ := value.(string)
		switch op {
		case OpEqual:
			d.textLow, d.textHigh = s, s
		case OpMore, OpAtLeast:
			d.textLow = s
		case OpLess, OpAtMost:
			d.textHigh = s
		}
	case classCode, classBool, classText:
		d.oneOf(op, value)
	}
}

func (d *demand) number(op Op, n float64) {
	e := anything()
	switch op {
	case OpEqual:
		e.low, e.high = n, n
	case OpMore, OpAtLeast:
		e.low, e.openLow = n, op == OpMore
	case OpLess, OpAtMost:
		e.high, e.openHigh = n, op == OpLess
	}
	*d = *d.and(e)
}

func (d *demand) oneOf(op Op, value any) {
	var listed []string
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, v := range list {
		switch x := v.(type) {
		case string:
			listed = append(listed, x)
		case bool:
			listed = append(listed, map[bool]string{true: "true", false: "false"}[x])
		}
	}
	e := anything()
	switch op {
	case OpEqual, OpIn:
		e.only, e.limited = listed, true
	case OpNot, "not in":
		e.without = listed
	}
	*d = *d.and(e)
}
