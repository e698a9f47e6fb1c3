package oversight

import (
	"cmp"
	"context"
	"sync"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// The permissions of this room.
const (
	// PermPace is to see whether networks keep to their rules: at the place of a
	// network, so of a centre, of a programme, or everywhere.
	PermPace access.Permission = "compliance:view"
	// PermYear is to read the yearly report by powiat: everywhere, or of the powiats
	// in which a centre acts.
	PermYear access.Permission = "territory:report"
	// PermDirections is to enter the minister's directions of a school year.
	PermDirections access.Permission = "direction:edit"
)

// Direction is one of the minister's directions of education policy.
type Direction struct {
	Code    string `json:"code"`
	Polish  string `json:"pl"`
	English string `json:"en"`
	// Year in which it was announced for: "2026/2027".
	Year string `json:"year"`
	// Entered by hand; else it comes with the program.
	Entered bool `json:"entered,omitempty"`
}

// Config of a [Service]; every field is required, Directions may be empty.
type Config struct {
	DB      *db.DB
	Access  *access.Authorizer
	Audit   *audit.Log
	Clock   clock.Clock
	Modules effect.Modules
	Days    calendar.Source
	// Directions come with the program, in their order; others are entered.
	Directions []Direction
	// CursorKey signs cursors; at least 32 bytes, the same on every node.
	CursorKey keyset.Key
	// AtOnce is how many networks a school year may have for the country's yearly
	// report to be counted while the page waits; default 3000.
	AtOnce int
}

// Service answers. Safe for concurrent use.
type Service struct {
	c     Config
	mu    sync.Mutex
	paces map[paceKey][]deadline
	// jobs and their database; nil without background work.
	jobs  *job.Client
	jobDB *db.DB
}

// New makes the service; it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Modules == nil || c.Days == nil || len(c.CursorKey) < 32 {
		panic("oversight: incomplete configuration")
	}
	c.AtOnce = cmp.Or(c.AtOnce, mostAtOnce)
	return &Service{c: c, paces: map[paceKey][]deadline{}}
}

// Today is the day in Poland by the domain clock, as midnight UTC.
func (s *Service) Today() time.Time { return dayOf(s.c.Clock.Now()) }

func dayOf(t time.Time) time.Time {
	y, m, d := t.In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// asOf is the day for which something is asked (midnight UTC; zero: today) with
// the moment that counts: the day's end, or now, because today has not ended.
// Invalid "day" for a day to come and before the year 2000.
func (s *Service) asOf(day time.Time) (time.Time, time.Time, error) {
	today := s.Today()
	switch {
	case day.IsZero() || day.Equal(today):
		return today, s.c.Clock.Now(), nil
	case day.After(today) || day.Year() < 2000:
		return day, day, fault.InvalidFields(fault.Field{Path: "day", Key: "oversight.day"})
	}
	return day, endOf(day).Add(-time.Microsecond), nil
}

// endOf is the instant at which a day ends in Poland.
func endOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, clock.Warsaw)
}

// act is the frame of a change: one transaction, done once per idempotency key.
func (s *Service) act(ctx context.Context, a *access.Actor, operation string, in any, change func(ctx context.Context, tx *db.Tx) error) error {
	return s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, operation, in, func() (bool, error) { return true, change(ctx, tx) })
		return err
	})
}
