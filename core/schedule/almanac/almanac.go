// Package almanac keeps the winter breaks that administrators enter beside
// those that the program ships, and gives the calendar of the moment.
//
// It owns school_break; only this package writes it. The calendar is held in
// memory and read anew after [fresh], so that no page pays a round trip for it
// and every node learns of a change within a minute; the node that saved one
// knows it at once.
package almanac

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// PermEdit enters and removes winter breaks.
const PermEdit access.Permission = "calendar:edit"

// fresh is how old the calendar in memory may be.
const fresh = time.Minute

// Config of a [Service]; every field is required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Audit  *audit.Log
	Clock  clock.Clock
	Log    *slog.Logger
}

// Service keeps winter breaks. Safe for concurrent use.
type Service struct {
	Config
	reading sync.Mutex
	now     atomic.Pointer[held]
}

type held struct {
	calendar *calendar.Calendar
	at       time.Time
}

var _ calendar.Source = (*Service)(nil)

// New makes the service; it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Log == nil {
		panic("almanac: incomplete configuration")
	}
	return &Service{Config: c}
}

// Calendar implements [calendar.Source]. One caller at a time reads it anew,
// the others go on with what is known; before the first reading all wait.
func (s *Service) Calendar(ctx context.Context) *calendar.Calendar {
	h := s.now.Load()
	if h != nil && time.Since(h.at) < fresh {
		return h.calendar
	}
	if h == nil {
		s.reading.Lock()
	} else if !s.reading.TryLock() {
		return h.calendar
	}
	defer s.reading.Unlock()
	if h = s.now.Load(); h != nil && time.Since(h.at) < fresh {
		return h.calendar
	}
	return s.read(ctx)
}

// read takes the calendar from the database; s.reading is held.
func (s *Service) read(ctx context.Context) *calendar.Calendar {
	rows, err := allBreaks(ctx, s.DB)
	if err != nil {
		if !errors.Is(err, context.Canceled) {
			s.Log.ErrorContext(ctx, "winter breaks cannot be read", slog.String("err", err.Error()))
		}
		if h := s.now.Load(); h != nil {
			return h.calendar
		}
		return calendar.Shipped()
	}
	list := calendar.Shipped().All()
	for i := range rows {
		list = append(list, rows[i].winter())
	}
	c := calendar.New(list)
	s.now.Store(&held{c, time.Now()})
	return c
}

// Entry is one winter break in the administrators' list. Added ones were
// entered by hand, the others come with the program.
type Entry struct {
	calendar.Winter
	Added   bool
	SavedBy string // who entered it
	SavedAt time.Time
}

// Year is the winter breaks of a calendar year.
type Year struct {
	Year    int
	Entries []Entry
	// Missing are voivodeships without a known break.
	Missing []string
	// Version changes with every change of the year; [Service.Save] compares it.
	Version string
}

// Years are the calendar years with breaks known, ascending. Needs calendar:edit.
func (s *Service) Years(ctx context.Context, a *access.Actor) ([]int, error) {
	if err := s.Access.Require(a, PermEdit, access.Place{}); err != nil {
		return nil, err
	}
	return s.Calendar(ctx).Years(), nil
}

// Year reads one year, as it is now. Needs calendar:edit.
func (s *Service) Year(ctx context.Context, a *access.Actor, year int) (*Year, error) {
	if err := s.Access.Require(a, PermEdit, access.Place{}); err != nil {
		return nil, err
	}
	rows, err := breaksOf(ctx, s.DB, year)
	if err != nil {
		return nil, err
	}
	y := &Year{Year: year, Version: version(rows)}
	added := map[string]*breakRow{}
	for i := range rows {
		added[rows[i].Voivodeship] = &rows[i]
	}
	for _, v := range calendar.Voivodeships {
		if r, ok := added[v]; ok {
			y.Entries = append(y.Entries, Entry{r.winter(), true, r.SavedBy, r.SavedAt})
		} else if w, ok := calendar.Shipped().Winter(v, year); ok {
			y.Entries = append(y.Entries, Entry{Winter: w})
		} else {
			y.Missing = append(y.Missing, v)
		}
	}
	return y, nil
}

// Turn is a winter break of several voivodeships at once, as the ministry
// announces them.
type Turn struct {
	Voivodeships []string      `json:"voivodeships"`
	Span         calendar.Span `json:"span"`
	Source       string        `json:"source"`
}

// ErrStale means that somebody changed the year meanwhile.
var ErrStale error = fault.New(fault.Conflict, "calendar.winter.stale")

// Save enters the break of some voivodeships, in place of what was known.
// seen is the [Year.Version] on which the editor decided; "" does not compare.
// Needs calendar:edit. Invalid for what [calendar.Winter.Check] refuses.
func (s *Service) Save(ctx context.Context, a *access.Actor, t Turn, seen string) error {
	if err := s.Access.Require(a, PermEdit, access.Place{}); err != nil {
		return err
	}
	t.Source = strings.Join(strings.Fields(t.Source), " ")
	if err := t.check(); err != nil {
		return err
	}
	list := make([]calendar.Winter, len(t.Voivodeships))
	for i, v := range t.Voivodeships {
		list[i] = calendar.Winter{Voivodeship: v, Span: t.Span, Source: t.Source}
	}
	return s.save(ctx, a, "calendar:edit", list, t.Span.From.Year(), seen)
}

// fields names the control that a complaint about a break belongs to.
var fields = map[string]string{
	"calendar.winter.source": "source", "calendar.winter.dates": "from", "calendar.winter.season": "from", "calendar.winter.length": "to",
}

func (t *Turn) check() error {
	var f fault.Fields
	if len(t.Voivodeships) == 0 || slices.ContainsFunc(t.Voivodeships, func(v string) bool { return !calendar.IsVoivodeship(v) }) {
		f.Add("voivodeships", "calendar.winter.voivodeships")
	}
	probe := calendar.Winter{Voivodeship: calendar.Voivodeships[0], Span: t.Span, Source: t.Source}
	if key := probe.Check(); key != "" {
		f.Add(fields[key], key)
	}
	return f.Err()
}

// Import enters every break of a CSV (see [calendar.Read]) or, when one line is
// wrong, none; it returns how many. Needs calendar:edit. Invalid names the line.
func (s *Service) Import(ctx context.Context, a *access.Actor, file io.Reader) (int, error) {
	if err := s.Access.Require(a, PermEdit, access.Place{}); err != nil {
		return 0, err
	}
	list, err := calendar.Read(file)
	if err != nil {
		var row *calendar.Row
		if !errors.As(err, &row) {
			return 0, err
		}
		return 0, fault.InvalidFields(fault.Field{Path: "file", Text: i18n.T(ctx, "calendar.winter.line", "Line", row.Line, "What", i18n.T(ctx, row.Key))})
	}
	if len(list) == 0 {
		return 0, fault.InvalidFields(fault.Field{Path: "file", Key: "calendar.winter.empty"})
	}
	return len(list), s.save(ctx, a, "calendar:import", list, 0, "")
}

// save writes breaks in one transaction; of two for the same place the later
// counts. The version of year is compared when seen is given.
func (s *Service) save(ctx context.Context, a *access.Actor, operation string, list []calendar.Winter, year int, seen string) error {
	return s.change(ctx, a, operation, []any{list, seen}, func(ctx context.Context, tx *db.Tx) error {
		if err := compare(ctx, tx, year, seen); err != nil {
			return err
		}
		for _, w := range list {
			if err := putBreak(ctx, tx, w, a.Person, s.Clock.Now()); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, a, operation, list)
	})
}

// Remove takes back what was entered for a voivodeship's year; the break that
// the program ships, if any, counts again. Needs calendar:edit. NotFound when
// nothing was entered.
func (s *Service) Remove(ctx context.Context, a *access.Actor, voivodeship string, year int) error {
	if err := s.Access.Require(a, PermEdit, access.Place{}); err != nil {
		return err
	}
	return s.change(ctx, a, "calendar:remove", []any{voivodeship, year}, func(ctx context.Context, tx *db.Tx) error {
		n, err := dropBreak(ctx, tx, voivodeship, year)
		if err == nil && n == 0 {
			err = fault.ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, a, "calendar:remove", []calendar.Winter{{Voivodeship: voivodeship}})
	})
}

func (s *Service) change(ctx context.Context, a *access.Actor, operation string, in any, f func(context.Context, *db.Tx) error) error {
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, operation, in, func() (struct{}, error) {
			if err := lockBreaks(ctx, tx); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, f(ctx, tx)
		})
		return err
	})
	if err != nil {
		return err
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	s.read(ctx)
	return nil
}

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, action string, list []calendar.Winter) error {
	var places []string
	for _, w := range list {
		places = append(places, w.Voivodeship)
	}
	slices.Sort(places)
	return s.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "school_break", Fields: slices.Compact(places)})
}
