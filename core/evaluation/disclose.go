package evaluation

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Reason says why a cell shows no number.
type Reason string

// The reasons.
const (
	// TooFew: the number rests on fewer answers than the threshold.
	TooFew Reason = "few"
	// Complement: with this number and the total another withheld one could be computed.
	Complement Reason = "complement"
	// Most and Least: everybody, or nobody, of fewer than ten chose this.
	Most  Reason = "most"
	Least Reason = "least"
	// Uniform: follows from what everybody chose.
	Uniform Reason = "uniform"
)

const (
	// uniformBelow is how many answers hide what all of them have in common.
	uniformBelow = 10
	// wholePercentBelow is how many answers make tenths of a per cent a pretence.
	wholePercentBelow = 30
	// Total is the place in the last dimension of the cell that holds the sum of
	// the groups of a breakdown.
	Total = "*"
)

// Disclose decides what of a tool's frames may be shown, for a threshold. It
// changes the frames in place; everything that leaves the package has passed it.
//
// Cells of a frame that differ in their last dimension alone are looked at
// together. With a cell at [Total] they are groups whose n add up to it;
// otherwise, with the unit count or per cent, they are one distribution.
func Disclose(frames []Frame, threshold int) {
	uniform := map[string]bool{}
	sizes := map[*Cell]bool{} // cells that say how many answered: no secret
	for i := range frames {
		f := &frames[i]
		for _, set := range f.sets() {
			f.small(set, threshold)
			if c := &f.Cells[set[0]]; len(set) == 1 && c.Unit == UnitCount && c.Value == float64(c.N) {
				sizes[c] = true
			}
			if f.groups(set) {
				f.complement(set, threshold)
			} else if f.same(set) {
				uniform[f.Cells[set[0]].question()] = true
			}
		}
	}
	for i := range frames {
		f := &frames[i]
		for j := range f.Cells {
			c := &f.Cells[j]
			if uniform[c.question()] && c.Withheld == "" && len(c.At) > 1 && !sizes[c] {
				c.blur()
			}
			c.finish()
		}
	}
}

// question is what a cell is about: its first dimension.
func (c *Cell) question() string {
	if len(c.At) == 0 {
		return ""
	}
	return c.At[0]
}

// sets are the cells that differ in the last dimension alone, by unit.
func (f *Frame) sets() [][]int {
	var order []string
	by := map[string][]int{}
	for i := range f.Cells {
		c := &f.Cells[i]
		key := c.Unit + "\x00" + strings.Join(c.At[:max(len(c.At)-1, 0)], "\x00")
		if by[key] == nil {
			order = append(order, key)
		}
		by[key] = append(by[key], i)
	}
	out := make([][]int, len(order))
	for i, key := range order {
		out[i] = by[key]
	}
	return out
}

// last is where in its set a cell stands.
func (f *Frame) last(i int) string {
	at := f.Cells[i].At
	if len(at) == 0 {
		return ""
	}
	return at[len(at)-1]
}

// small withholds what rests on too few answers.
func (f *Frame) small(set []int, threshold int) {
	for _, i := range set {
		if c := &f.Cells[i]; c.N < threshold {
			c.Withheld = TooFew
		}
	}
}

// groups reports whether the set is a breakdown with its total.
func (f *Frame) groups(set []int) bool {
	return slices.ContainsFunc(set, func(i int) bool { return f.last(i) == Total })
}

// complement: the withheld groups together must hide at least the threshold of
// answers, and be two, or one of them follows from the total. The smallest of
// those still shown go until that is so.
func (f *Frame) complement(set []int, threshold int) {
	groups := slices.DeleteFunc(slices.Clone(set), func(i int) bool { return f.last(i) == Total })
	slices.SortFunc(groups, func(a, b int) int {
		return cmp.Or(f.Cells[a].N-f.Cells[b].N, cmp.Compare(f.last(a), f.last(b)))
	})
	hidden, sum := 0, 0
	for _, i := range groups {
		c := &f.Cells[i]
		if c.Withheld == "" {
			if hidden == 0 || hidden >= 2 && sum >= threshold {
				break
			}
			c.Withheld = Complement
		}
		if c.N > 0 { // an empty group hides nothing
			hidden++
		}
		sum += c.N
	}
}

// same reports whether everybody of a distribution of fewer than ten said the same.
func (f *Frame) same(set []int) bool {
	if len(set) < 2 {
		return false
	}
	chosen := 0
	for _, i := range set {
		c := &f.Cells[i]
		if c.Unit != UnitCount && c.Unit != UnitPercent || c.Withheld != "" || c.N >= uniformBelow {
			return false
		}
		whole := float64(c.N)
		if c.Unit == UnitPercent {
			whole = 100
		}
		switch c.Value {
		case whole:
			chosen++
		case 0:
		default:
			return false
		}
	}
	return chosen == 1
}

// blur takes the exact number away from a cell of a question that all answered alike.
func (c *Cell) blur() {
	switch {
	case c.Unit == UnitPercent && c.Value >= 100:
		c.Withheld = Most
	case c.Unit == UnitPercent && c.Value <= 0:
		c.Withheld = Least
	default:
		c.Withheld = Uniform
	}
}

// finish rounds what stays and forgets what does not.
func (c *Cell) finish() {
	if c.Withheld != "" {
		c.N, c.Value = 0, 0
		return
	}
	switch c.Unit {
	case UnitCount:
		c.Value = math.Round(c.Value)
	case UnitPercent:
		if c.N < wholePercentBelow {
			c.Value = math.Round(c.Value)
		} else {
			c.Value = math.Round(c.Value*10) / 10
		}
	default:
		c.Value = math.Round(c.Value*100) / 100
	}
}
