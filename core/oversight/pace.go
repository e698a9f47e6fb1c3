package oversight

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// Light says whether a network keeps to its rule of meetings.
type Light string

// The lights.
const (
	// Green: as many meetings were held as the rule asks, and not more than it allows.
	Green Light = "green"
	// Amber: some are missing and can still be held, or more were held than the
	// rule allows.
	Amber Light = "amber"
	// Red: those missing cannot all be held any more, or the network is over.
	Red Light = "red"
)

// Lights lists them, the worst first.
var Lights = []Light{Red, Amber, Green}

// Gap is the least number of days between two meetings of a network: people try
// in their schools what they agreed upon (two weeks).
const Gap = 14

// most meetings that can be missing: more is out of reach in any school year.
const most = 30

// Pace is how a network meets in its school year.
type Pace struct {
	ID             uuid.UUID     `json:"network_id" db:"id"`
	Title          string        `json:"network" db:"title"`
	Status         string        `json:"status" db:"status"`
	Centre         string        `json:"centre" db:"centre"`
	Powiat         string        `json:"powiat,omitempty" db:"powiat"` // of the centre
	PowiatKind     string        `json:"-" db:"powiat_kind"`
	Voivodeship    string        `json:"voivodeship,omitempty" db:"voivodeship"`
	Programme      uuid.NullUUID `json:"programme_id" db:"programme_id"`
	ProgrammeTitle string        `json:"programme,omitempty" db:"programme"`
	// Least and Most meetings by the rule that holds for the network: its
	// programme's on the day of founding, of entering it, or on 1 September, the last of
	// these; else its type's.
	Least int `json:"meetings_least" db:"least"`
	Most  int `json:"meetings_most" db:"most"`
	// Held are over, Planned announced; Next is when the next of those begins.
	Held    int        `json:"held" db:"held"`
	Planned int        `json:"planned" db:"planned"`
	Next    *time.Time `json:"next,omitempty" db:"next"`
	// Last is the last day on which the next missing meeting can take place, nil
	// when none is missing or they do not fit into the year.
	Last  *time.Time `json:"last_possible,omitempty" db:"last"`
	Light Light      `json:"light" db:"light"`
}

// Missing is how many meetings the rule still asks for.
func (p *Pace) Missing() int { return max(p.Least-p.Held, 0) }

// Paces is a page of them.
type Paces struct {
	Items []Pace
	Next  string
	// Looked is how many networks were looked at when the page ended before it was
	// full; 0 otherwise.
	Looked int
}

// PaceQuery chooses networks of a school year; zero fields do not narrow.
type PaceQuery struct {
	Year      int
	Programme uuid.UUID
	Light     Light
	// Day as of which networks and their meetings are counted, midnight UTC; zero:
	// today. A meeting that was called off since then is not counted.
	Day time.Time
}

// deadline is the last day on which the next of so many missing meetings can take
// place in a voivodeship.
type deadline struct {
	voivodeship string
	missing     int
	day         time.Time
}

type paceKey struct {
	days *calendar.Calendar
	year int
}

// deadlines computes the last possible days of a school year. Counting back from
// the last day of lessons, each missing meeting takes the latest day that is
// Monday to Friday, no public holiday and in no break (Christmas, spring, the
// voivodeship's winter break), at least [Gap] days before the meeting that
// follows; the earliest of them is the last possible day of the next meeting. A
// winter break that is not announced yet takes no days away. What would lie
// before the first day of lessons does not fit and is left out.
func deadlines(days *calendar.Calendar, year int) []deadline {
	var out []deadline
	lessons := calendar.Lessons(year)
	for _, v := range append([]string{""}, calendar.Voivodeships...) {
		var codes []string
		if v != "" {
			codes = []string{v}
		}
		day := lessons.To
		for n := 1; n <= most; n++ {
			for !day.Before(lessons.From) && !meets(days, day, codes) {
				day = day.AddDate(0, 0, -1)
			}
			if day.Before(lessons.From) {
				break
			}
			out = append(out, deadline{v, n, day})
			day = day.AddDate(0, 0, -Gap)
		}
	}
	return out
}

func meets(days *calendar.Calendar, day time.Time, codes []string) bool {
	for _, c := range days.Clashes(day, codes...) {
		if c.Kind != calendar.Unannounced {
			return false
		}
	}
	return true
}

// deadlinesOf keeps them for as long as the calendar stays the same.
func (s *Service) deadlinesOf(ctx context.Context, year int) []deadline {
	key := paceKey{s.c.Days.Calendar(ctx), year}
	s.mu.Lock()
	defer s.mu.Unlock()
	list, ok := s.paces[key]
	if !ok {
		if len(s.paces) > 20 {
			clear(s.paces)
		}
		list = deadlines(key.days, year)
		s.paces[key] = list
	}
	return list
}

// usual is how often networks of a type meet.
type usual struct {
	module, name string
	least, most  int
}

func (s *Service) usuals() []usual {
	var out []usual
	for _, m := range s.c.Modules.Enabled() {
		d := m.Info().Description
		if d == nil {
			continue
		}
		for _, t := range d.NetworkTypes {
			if t.MeetingsLeast > 0 || t.MeetingsMost > 0 {
				module, name, _ := effect.Split(effect.Qualify(d.Module, t.Name))
				out = append(out, usual{module, name, t.MeetingsLeast, t.MeetingsMost})
			}
		}
	}
	return out
}

// maxWalk is how many networks one page looks at when it shows those with one
// light only: with their meetings, a few thousand rows by index.
const maxWalk = 2000

// Paces lists how networks of a school year keep to their rules, by title, where
// the actor has [PermPace]; limit 1–100 (0 = 50). Narrowed to a light, a page
// looks at no more than 2,000 networks and may be shorter than limit, or empty,
// although a next one follows. NotFound for who has it nowhere.
func (s *Service) Paces(ctx context.Context, a *access.Actor, q PaceQuery, after string, limit int) (Paces, error) {
	if !s.c.Access.Anywhere(a, PermPace) {
		return Paces{}, fault.ErrNotFound
	}
	if q.Year < 2000 || q.Year > 2100 {
		return Paces{}, fault.InvalidFields(fault.Field{Path: "year", Key: "oversight.year"})
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 100)
	sum := []byte("paces")
	title, id := "", uuid.Nil
	if after != "" {
		c, err := s.c.CursorKey.Open(sum, after, 1)
		if err != nil {
			return Paces{}, err
		}
		title, id = *c.Values[0], c.ID
	}
	walk := limit + 1
	if q.Light != "" {
		walk = maxWalk
	}
	_, at, err := s.asOf(q.Day)
	if err != nil {
		return Paces{}, err
	}
	reach := s.c.Access.Reach(a, PermPace)
	rows, err := paces(ctx, s.c.DB, &reach, &q, s.usuals(), s.deadlinesOf(ctx, q.Year), at, title, id, walk, limit+1)
	if err != nil {
		return Paces{}, err
	}
	out := Paces{Items: []Pace{}}
	for i := range rows {
		if rows[i].ID != uuid.Nil && len(out.Items) < limit {
			out.Items = append(out.Items, rows[i].Pace)
		}
	}
	end := rows[0] // seen is always one row
	switch {
	case len(rows) > limit:
		last := &out.Items[limit-1]
		end.EndTitle, end.EndID = last.Title, last.ID
	case end.Looked < walk:
		return out, nil
	default:
		out.Looked = end.Looked
	}
	out.Next, err = s.c.CursorKey.Seal(sum, keyset.Cursor{Values: []*string{&end.EndTitle}, ID: end.EndID})
	return out, err
}
