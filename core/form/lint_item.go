package form

import (
	"math"
	"time"

	"ore.edu.pl/sieci/core/form/declared"
)

// members says which optional members an item of a type may have. Id, type,
// label, hint and when are common to all.
var members = map[Type]struct {
	required, options, min, max, decimals, unit, ends, rows, ref, group bool
}{
	TypeText:     {required: true, max: true},
	TypeLongText: {required: true, max: true},
	TypeInteger:  {required: true, min: true, max: true, unit: true},
	TypeDecimal:  {required: true, min: true, max: true, unit: true, decimals: true},
	TypeBool:     {required: true},
	TypeDate:     {required: true},
	TypeTime:     {required: true},
	TypeDateTime: {required: true},
	TypeChoice:   {required: true, options: true},
	TypeMulti:    {required: true, options: true, min: true, max: true},
	TypeMatrix:   {required: true, options: true, rows: true},
	TypeRank:     {required: true, options: true, max: true},
	TypeScale:    {required: true, min: true, max: true, ends: true},
	TypeFile:     {required: true, max: true},
	TypeRef:      {required: true, ref: true},
	TypeGroup:    {required: true, group: true},
	TypeNote:     {},
}

// stored reports whether s is a value of a stored form, exactly.
func stored(layout, s string) bool {
	t, err := time.Parse(layout, s)
	return err == nil && t.Format(layout) == s
}

func (l *linter) items() {
	for _, n := range l.form.index().order {
		l.item(n)
		if n.item.When != nil {
			l.condition(n.path+".when", n.item.When, vantage{home: n.home, pos: n.pos})
		}
	}
}

func (l *linter) item(n *node) {
	it, path := n.item, n.path
	may, known := members[it.Type]
	if !known {
		l.Add(path+".type", "unknown_type")
		return
	}
	l.CheckText(path+".label", it.Label, true, true)
	l.CheckText(path+".hint", it.Hint, false, true)
	l.CheckText(path+".unit", it.Unit, false, true)
	l.CheckText(path+".low", it.Low, false, true)
	l.CheckText(path+".high", it.High, false, true)
	for _, m := range []struct {
		name      string
		has, fits bool
	}{
		{"required", it.Required, may.required},
		{"options", len(it.Options) > 0, may.options},
		{"list", it.List != "", may.options},
		{"min", it.Min != nil, may.min},
		{"max", it.Max != nil, may.max},
		{"decimals", it.Decimals != nil, may.decimals},
		{"unit", len(it.Unit) > 0, may.unit},
		{"low", len(it.Low) > 0, may.ends},
		{"high", len(it.High) > 0, may.ends},
		{"rows", len(it.Rows) > 0, may.rows},
		{"scale", it.Scale != "", may.rows},
		{"ref", it.Ref != "", may.ref},
		{"items", len(it.Items) > 0, may.group},
		{"repeat", it.Repeat != nil, may.group},
	} {
		if m.has && !m.fits {
			l.Add(path+"."+m.name, "not_for_type", "Name", m.name, "Type", string(it.Type))
		}
	}
	if may.options {
		l.choices(path, it)
	}
	l.bounds(path, it)
	switch it.Type {
	case TypeMatrix:
		l.matrix(path, it)
	case TypeRef:
		if !declared.Name(it.Ref) {
			l.Add(path+".ref", "ref_kind")
		}
	case TypeGroup:
		l.group(n)
	}
}

func (l *linter) choices(path string, it *Item) {
	if it.List == "" {
		l.options(path+".options", it.Options)
		return
	}
	if len(it.Options) > 0 {
		l.Add(path, "options_or_list")
	}
	if _, ok := l.form.Lists[it.List]; !ok {
		l.Add(path+".list", "unknown_list", "Name", it.List)
	}
}

// bounds checks min and max for what they mean in the item's type.
func (l *linter) bounds(path string, it *Item) {
	low, high, whole := -float64(maxNumber), float64(maxNumber), true
	switch it.Type {
	case TypeText:
		low, high = 1, declared.MaxText
	case TypeLongText:
		low, high = 1, MaxAnswer
	case TypeDecimal:
		whole = false
	case TypeMulti, TypeRank:
		low, high = 0, float64(len(l.form.OptionsOf(it)))
	case TypeScale:
		low, high = 0, 10
	case TypeFile:
		low, high = 1, MaxFiles
	}
	for _, b := range []struct {
		name string
		v    *float64
	}{{"min", it.Min}, {"max", it.Max}} {
		if b.v != nil && (!finite(*b.v) || *b.v < low || *b.v > high || whole && *b.v != math.Trunc(*b.v)) {
			l.Add(path+"."+b.name, "bound", "Min", plain(low), "Max", plain(high))
		}
	}
	if it.Min != nil && it.Max != nil && *it.Min > *it.Max {
		l.Add(path+".max", "bounds_order")
	}
	if it.Type == TypeScale {
		if low, high := it.Bounds(); low >= high {
			l.Add(path+".max", "bounds_order")
		}
	}
	if it.Decimals != nil && (*it.Decimals < 0 || *it.Decimals > 6) {
		l.Add(path+".decimals", "bound", "Min", "0", "Max", "6")
	}
}

func (l *linter) matrix(path string, it *Item) {
	if len(it.Rows) == 0 {
		l.Add(path+".rows", "no_rows")
	}
	if len(it.Rows) > MaxMatrixRows {
		l.Add(path+".rows", "many_rows", "Max", MaxMatrixRows)
	}
	seen := map[string]bool{}
	for i, r := range it.Rows {
		at := at(path+".rows", i)
		if !declared.ID(r.ID) {
			l.Add(at+".id", "id")
		}
		if seen[r.ID] {
			l.Add(at+".id", "repeated_id", "Name", r.ID)
		}
		seen[r.ID] = true
		l.CheckText(at+".label", r.Label, true, true)
	}
	if it.Scale == "" {
		return
	}
	if _, ok := l.form.Scales[it.Scale]; !ok {
		l.Add(path+".scale", "unknown_scale", "Name", it.Scale)
	}
	for _, o := range l.form.OptionsOf(it) {
		if !o.NA && !o.Refusal && !numeric(o.Code) {
			l.Add(path+".scale", "scale_codes", "Name", o.Code)
			return
		}
	}
}

func (l *linter) group(n *node) {
	path, it := n.path, n.item
	if len(it.Items) == 0 {
		l.Add(path+".items", "no_items")
	}
	l.holes(it.Items, path+".items")
	r := it.Repeat
	if r == nil {
		if it.Required {
			l.Add(path+".required", "not_for_type", "Name", "required", "Type", "group")
		}
		return
	}
	if r.Min < 0 || r.Max < 0 || r.Min > MaxRepeat || r.Max > MaxRepeat || r.Max > 0 && r.Min > r.Max {
		l.Add(path+".repeat", "repeat", "Max", MaxRepeat)
	}
	// Obligatory rows of nested groups multiply, and an empty form has them all.
	least := 1
	for p := n; p != nil && least <= MaxRepeat; p = p.parent {
		if p.item.Repeated() {
			least *= max(p.item.Repeat.Min, 1)
		}
	}
	if least > MaxRepeat {
		l.Add(path+".repeat", "repeat_least", "Max", MaxRepeat)
	}
}
