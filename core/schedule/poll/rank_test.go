package poll

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"pgregory.net/rapid"
)

func drawSlots(t *rapid.T) []Slot {
	out := make([]Slot, rapid.IntRange(2, MaxSlots).Draw(t, "slots"))
	for i := range out {
		s := &out[i]
		s.ID = uuid.New()
		s.Starts = time.Unix(int64(1_800_000_000+3600*rapid.IntRange(0, 5).Draw(t, "day")+i), 0)
		s.Ends = s.Starts.Add(time.Hour)
		s.Yes, s.Maybe, s.No = rapid.IntRange(0, 4).Draw(t, "yes"), rapid.IntRange(0, 4).Draw(t, "maybe"), rapid.IntRange(0, 4).Draw(t, "no")
		s.Key = make([]string, min(s.No, rapid.IntRange(0, 2).Draw(t, "key")))
		if rapid.Bool().Draw(t, "clash") {
			s.Clashes = []calendar.Clash{{Kind: calendar.WinterBreak}}
		}
	}
	return out
}

// places are the slots' places by id.
func places(slots []Slot) map[uuid.UUID]int {
	out := map[uuid.UUID]int{}
	for _, s := range slots {
		out[s.ID] = s.Place
	}
	return out
}

// The order is total, does not depend on the order given, and a better answer
// never puts a slot further back.
func TestOrderOfSlots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		slots := drawSlots(t)
		slots[0].Yes++ // somebody answered
		rank(slots)
		first := places(slots)
		seen := map[int]bool{}
		for _, p := range first {
			if p < 1 || p > len(slots) || seen[p] {
				t.Fatalf("places %v", first)
			}
			seen[p] = true
		}
		shuffled := append([]Slot(nil), rapid.Permutation(slots).Draw(t, "order")...)
		rank(shuffled)
		for id, p := range places(shuffled) {
			if first[id] != p {
				t.Fatalf("the order given decides: %d and %d", first[id], p)
			}
		}
		i := rapid.IntRange(0, len(slots)-1).Draw(t, "better")
		slots[i].Yes++
		if slots[i].Maybe > 0 && rapid.Bool().Draw(t, "from maybe") {
			slots[i].Maybe--
		} else if slots[i].No > len(slots[i].Key) {
			slots[i].No--
		}
		before := first[slots[i].ID]
		rank(slots)
		if slots[i].Place > before {
			t.Fatalf("a better answer moved the slot from %d to %d", before, slots[i].Place)
		}
	})
}

func TestWhatDecides(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_800_000_000, 0)
	holiday := []calendar.Clash{{Kind: calendar.PublicHoliday}}
	unknown := []calendar.Clash{{Kind: calendar.Unannounced}}
	for _, c := range []struct {
		first, second Slot
		want          Rule
	}{
		{Slot{Tally: Tally{Yes: 2}}, Slot{Tally: Tally{Yes: 9, No: 1, Key: []string{"Expert"}}}, ByKey},
		{Slot{Tally: Tally{Yes: 1, Maybe: 3}}, Slot{Tally: Tally{Yes: 3}}, ByCan},
		{Slot{Tally: Tally{Yes: 3, Maybe: 1}}, Slot{Tally: Tally{Yes: 2, Maybe: 2}}, ByYes},
		{Slot{Tally: Tally{Yes: 3}}, Slot{Tally: Tally{Yes: 3}, Clashes: holiday}, ByClashes},
		{Slot{Tally: Tally{Yes: 3}, Clashes: unknown}, Slot{Tally: Tally{Yes: 3}}, ByTime},
	} {
		c.first.Starts, c.second.Starts = at.Add(time.Hour), at
		if c.want == ByTime {
			c.first.Starts, c.second.Starts = at, at.Add(time.Hour)
		}
		c.first.ID, c.second.ID = uuid.New(), uuid.New()
		list := []Slot{c.second, c.first}
		if got := rank(list); got != c.want || list[1].Place != 1 {
			t.Errorf("%s: decided by %s, %+v", c.want, got, list)
		}
	}
	if got := rank([]Slot{{Starts: at}, {Starts: at.Add(time.Hour)}}); got != "" {
		t.Errorf("without answers: %s", got)
	}
}
