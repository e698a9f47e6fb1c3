// Package diary is what a person's calendar shows of a stretch of days: the
// meetings of their networks and what is special about the days where they
// work. It owns no table and writes nothing; it reads where the person's
// institution lies.
package diary

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// PermSelf looks at one's own calendar.
const PermSelf access.Permission = "calendar:self"

// MaxDays bounds the stretch that is read at once.
const MaxDays = 400

// Meetings knows a person's meetings; *schedule.Service is one.
type Meetings interface {
	Span(ctx context.Context, a *access.Actor, from, to time.Time) ([]schedule.Meeting, error)
}

var _ Meetings = (*schedule.Service)(nil)

// Service reads calendars; every field is required. Safe for concurrent use.
type Service struct {
	DB       db.Q
	Access   *access.Authorizer
	Meetings Meetings
	Days     calendar.Source
}

// Query is which days to show; both ends included, at most [MaxDays].
type Query struct {
	Days calendar.Span
	// Network shows the meetings of one network; uuid.Nil of all.
	Network uuid.UUID
	// Voivodeship whose winter breaks are shown; "" takes that of the person's
	// institution.
	Voivodeship string
}

// View is a stretch of a person's calendar.
type View struct {
	Days calendar.Span
	// Voivodeship is "" when the person's institution is unknown.
	Voivodeship string
	Meetings    []schedule.Meeting // by time
	Notes       []calendar.Clash   // holidays and breaks by date
	// Networks are those with meetings in the stretch, by title, before filtering.
	Networks []Network
}

// Network is a choice of the filter.
type Network struct {
	ID    uuid.UUID
	Title string
}

// Read reads the actor's own calendar. Needs calendar:self. Invalid for an
// unknown voivodeship or too many days. Two round trips.
func (s *Service) Read(ctx context.Context, a *access.Actor, q Query) (*View, error) {
	if !a.SignedIn() {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	if err := s.Access.Require(a, PermSelf, access.Place{}); err != nil {
		return nil, err
	}
	if n := q.Days.Days(); n < 1 || n > MaxDays {
		return nil, fault.InvalidFields(fault.Field{Path: "to", Key: "calendar.span", Args: fault.Args{"Max": MaxDays}})
	}
	v := &View{Days: q.Days, Voivodeship: q.Voivodeship}
	switch {
	case q.Voivodeship != "" && !calendar.IsVoivodeship(q.Voivodeship):
		return nil, fault.InvalidFields(fault.Field{Path: "voivodeship", Key: "calendar.winter.voivodeship"})
	case q.Voivodeship == "" && a.Institution != uuid.Nil:
		var err error
		if v.Voivodeship, err = voivodeshipOf(ctx, s.DB, a.Institution); err != nil {
			return nil, err
		}
	}
	from, to := start(q.Days.From), start(q.Days.To.AddDate(0, 0, 1))
	all, err := s.Meetings.Span(ctx, a, from, to)
	if err != nil {
		return nil, err
	}
	seen := map[uuid.UUID]bool{}
	for i := range all {
		m := &all[i]
		if !seen[m.Network] {
			seen[m.Network] = true
			v.Networks = append(v.Networks, Network{m.Network, m.NetworkTitle})
		}
		if q.Network == uuid.Nil || q.Network == m.Network {
			v.Meetings = append(v.Meetings, *m)
		}
	}
	slices.SortStableFunc(v.Networks, func(x, y Network) int { return cmp.Compare(x.Title, y.Title) })
	var where []string
	if v.Voivodeship != "" {
		where = []string{v.Voivodeship}
	}
	v.Notes = s.Days.Calendar(ctx).Notes(q.Days, where...)
	return v, nil
}

// start is midnight in Warsaw of a day.
func start(day time.Time) time.Time {
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Warsaw).UTC()
}
