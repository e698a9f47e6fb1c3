package poll

import (
	"cmp"
	"slices"

	"ore.edu.pl/sieci/core/schedule/calendar"
)

// Rule is what put one slot before another.
type Rule string

// The rules in the order in which they are tried.
const (
	ByKey     Rule = "key"     // fewer of those who lead the network and experts cannot come
	ByCan     Rule = "can"     // more can come, "yes" and "if need be" alike
	ByYes     Rule = "yes"     // more say "yes"
	ByClashes Rule = "clashes" // fewer clashes
	ByTime    Rule = "time"    // earlier
)

// before compares two slots; a negative result puts a first. The rule is the
// one that decided; two slots of a poll always differ in time.
func before(a, b *Slot) (int, Rule) {
	for _, r := range []struct {
		rule Rule
		diff int
	}{
		{ByKey, cmp.Compare(len(a.Key), len(b.Key))},
		{ByCan, cmp.Compare(b.Can(), a.Can())},
		{ByYes, cmp.Compare(b.Yes, a.Yes)},
		{ByClashes, cmp.Compare(heavy(a.Clashes), heavy(b.Clashes))},
	} {
		if r.diff != 0 {
			return r.diff, r.rule
		}
	}
	if c := a.Starts.Compare(b.Starts); c != 0 {
		return c, ByTime
	}
	return a.Ends.Compare(b.Ends), ByTime
}

// heavy counts clashes with days that are known.
func heavy(list []calendar.Clash) int {
	n := 0
	for _, c := range list {
		if c.Kind != calendar.Unannounced {
			n++
		}
	}
	return n
}

// rank gives the slots their places and says which rule decided the first; no
// places and no rule while nobody answered.
func rank(slots []Slot) Rule {
	answers := 0
	order := make([]*Slot, len(slots))
	for i := range slots {
		order[i] = &slots[i]
		answers += slots[i].Can() + slots[i].No
	}
	if answers == 0 {
		return ""
	}
	slices.SortFunc(order, func(a, b *Slot) int { n, _ := before(a, b); return n })
	for i, s := range order {
		s.Place = i + 1
	}
	if len(order) < 2 {
		return ""
	}
	_, rule := before(order[0], order[1])
	return rule
}
