package oversight

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
)

// Spread is how a programme keeps to its rule of networks in each powiat of its
// territory: that of its centre, or the whole country when it belongs to none.
type Spread struct {
	Programme  uuid.UUID `json:"programme_id"`
	Title      string    `json:"programme"`
	SchoolYear int       `json:"school_year"`
	// Least networks in each powiat by the rule in force; 0: no rule, and no lights.
	Least int `json:"networks_least"`
	// Powiats by voivodeship and name; Lights counts them.
	Powiats []Area        `json:"powiats"`
	Lights  map[Light]int `json:"lights"`
	// Missing networks in all of them.
	Missing int `json:"missing"`
}

// Area is a powiat of a programme's territory.
type Area struct {
	Code        string `json:"code" db:"code"`
	Name        string `json:"name" db:"name"`
	Voivodeship string `json:"voivodeship" db:"voivodeship"`
	// Networks of the programme with members from the powiat; one without any such
	// member counts where its organisation has its seat.
	Networks int `json:"networks" db:"networks"`
	Missing  int `json:"missing"`
	// Last is the last day on which a missing network can hold the first of the
	// meetings that the programme asks of it; nil when none is missing, or there is
	// no such day.
	Last  *time.Time `json:"last_possible,omitempty"`
	Light Light      `json:"light,omitempty"`
}

// in reports whether a powiat lies in the territory.
func (p *ruled) in(powiat string) bool { return !p.Centre.Valid || slices.Contains(p.Powiats, powiat) }

// Spread tells how many networks of a school year a programme has in each powiat
// of its territory, as of the end of a day (midnight UTC; zero: now), by the
// register of that day and the rule in force: the day's, or that of the year's last
// day when it is over. Needs [PermPace] at the programme's place; NotFound
// otherwise. Invalid for a year out of bounds and a day to come.
func (s *Service) Spread(ctx context.Context, a *access.Actor, id uuid.UUID, year int, day time.Time) (*Spread, error) {
	if year < 2000 || year > 2100 {
		return nil, fault.InvalidFields(fault.Field{Path: "year", Key: "oversight.year"})
	}
	day, at, err := s.asOf(day)
	if err != nil {
		return nil, err
	}
	p, err := ruleOf(ctx, s.c.DB, id, ruleDay(day, year), day)
	if err != nil {
		return nil, err
	}
	if !s.c.Access.Can(a, PermPace, access.Place{Centre: p.Centre.UUID, Programme: p.ID}) {
		return nil, fault.ErrNotFound
	}
	out := &Spread{Programme: p.ID, Title: p.Title, SchoolYear: year, Least: p.Networks, Lights: map[Light]int{}}
	if out.Powiats, err = areasOf(ctx, s.c.DB, p, year, day, at); err != nil || p.Networks == 0 {
		return out, err
	}
	last := s.lastStart(ctx, p, year)
	for i := range out.Powiats {
		x := &out.Powiats[i]
		x.Light, x.Missing, x.Last = judged(p.Networks, x.Networks, last[x.Code[:2]], day)
		out.Missing += x.Missing
		out.Lights[x.Light]++
	}
	return out, nil
}

// ruleDay is the day whose rule counts for a school year.
func ruleDay(today time.Time, year int) time.Time {
	first, last := time.Date(year, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(year+1, 8, 31, 0, 0, 0, 0, time.UTC)
	switch {
	case today.After(last):
		return last
	case today.Before(first):
		return first
	}
	return today
}

// lastStart is, by voivodeship, the last day on which a network of the programme
// can begin to meet and still meet as often as the rule asks, within the
// programme's time.
func (s *Service) lastStart(ctx context.Context, p *ruled, year int) map[string]time.Time {
	out := map[string]time.Time{}
	for _, d := range s.deadlinesOf(ctx, year) {
		if d.missing != max(p.Meetings, 1) {
			continue
		}
		day := d.day
		if p.Ends != nil && p.Ends.Before(day) {
			day = *p.Ends
		}
		out[d.voivodeship] = day
	}
	return out
}

// judged is the light of a powiat with so many networks of those asked for.
func judged(least, networks int, last, today time.Time) (Light, int, *time.Time) {
	missing := max(least-networks, 0)
	switch {
	case missing == 0:
		return Green, 0, nil
	case last.IsZero():
		return Red, missing, nil
	case last.Before(today):
		return Red, missing, &last
	}
	return Amber, missing, &last
}

// Asking is a programme with a rule of networks in each powiat.
type Asking struct {
	ID    uuid.UUID `json:"programme_id" db:"id"`
	Code  string    `json:"code" db:"code"`
	Title string    `json:"programme" db:"title"`
	Least int       `json:"networks_least" db:"networks_least"`
}

// Askings is a page of them.
type Askings struct {
	Items []Asking
	Next  string
}

// Askings lists the programmes that ask today for networks in each powiat, by
// title, where the actor has [PermPace]; limit 1–100 (0 = 50).
func (s *Service) Askings(ctx context.Context, a *access.Actor, after string, limit int) (Askings, error) {
	if !s.c.Access.Anywhere(a, PermPace) {
		return Askings{}, fault.ErrNotFound
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 100)
	sum := []byte("askings")
	title, id := "", uuid.Nil
	if after != "" {
		c, err := s.c.CursorKey.Open(sum, after, 1)
		if err != nil {
			return Askings{}, err
		}
		title, id = *c.Values[0], c.ID
	}
	reach := s.c.Access.Reach(a, PermPace)
	rows, err := askings(ctx, s.c.DB, &reach, s.Today(), title, id, limit+1)
	if err != nil || len(rows) <= limit {
		return Askings{Items: rows}, err
	}
	last := &rows[limit-1]
	next, err := s.c.CursorKey.Seal(sum, keyset.Cursor{Values: []*string{&last.Title}, ID: last.ID})
	return Askings{Items: rows[:limit], Next: next}, err
}
