package oversight

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
)

// The yearly report of the country reads every membership, meeting and attendance
// of a school year: with tens of thousands of networks that takes longer than a
// page may. Such a report is counted by a job, in parts, and kept; who asks for
// the same finds it ready, with the moment at which it was counted.

// CountState is where the count of a kept report is.
type CountState string

// The states.
const (
	Counting  CountState = "waiting"
	Counted   CountState = "done"
	Broken    CountState = "failed"
	Cancelled CountState = "cancelled"
)

// Count is the last count of a report that is kept.
type Count struct {
	ID    uuid.UUID  `json:"id"`
	State CountState `json:"state"`
	// Done of Total parts are counted.
	Done  int       `json:"done"`
	Total int       `json:"total"`
	Asked time.Time `json:"asked_at"`
}

// mostAtOnce is the default of [Config].AtOnce.
const mostAtOnce = 3000

const (
	countTimeout  = 5 * time.Minute
	countAttempts = 3
	// keepCounts is how long kept reports are kept.
	keepCounts = 400 * 24 * time.Hour
)

// CountArgs is a report to be counted.
type CountArgs struct {
	Report uuid.UUID `json:"report"`
}

// Kind implements [job.Args].
func (CountArgs) Kind() string { return "oversight.count" }

// Jobs gives the service its background work; its statements run on d, which
// gives them more time than a page has.
func (s *Service) Jobs(c *job.Client, d *db.DB) {
	s.jobs, s.jobDB = c, d
	job.Add(c, job.Options{Title: "oversight.job.count", Timeout: countTimeout, MaxAttempts: countAttempts}, s.work)
}

// kept is the report as it was counted last, with the count that goes on; without
// places where none was finished.
func (s *Service) kept(ctx context.Context, q *YearQuery) (*Year, error) {
	rows, err := counted(ctx, s.c.DB, q)
	if err != nil {
		return nil, err
	}
	y := &Year{SchoolYear: q.SchoolYear, Day: q.Day, Country: true, Kept: true, Powiats: []Place{}, Voivodeships: []Place{}}
	for i := range rows {
		r := &rows[i]
		if r.Places == nil {
			y.Count = &Count{ID: r.ID, State: r.State, Done: r.Done, Total: r.Total, Asked: r.Asked}
			continue
		}
		var places []Place
		if err := json.Unmarshal(r.Places, &places); err != nil {
			return nil, err
		}
		y.CountedAt = r.Ended
		y.put(places)
	}
	return y, nil
}

// CountYear has a report counted that is kept; one of the same that is being
// counted is left to go on. Needs [PermYear] everywhere; fields year and day.
func (s *Service) CountYear(ctx context.Context, a *access.Actor, q YearQuery) error {
	if r := s.c.Access.Reach(a, PermYear); !r.All {
		return fault.ErrNotFound
	}
	if err := s.complete(&q); err != nil {
		return err
	}
	if s.jobs == nil {
		return errors.New("oversight: no jobs")
	}
	return s.act(ctx, a, "oversight:count", q, func(ctx context.Context, tx *db.Tx) error {
		id := uuid.Must(uuid.NewV7())
		begun, err := insertCount(ctx, tx, id, &q, a.Person, s.c.Clock.Now())
		if err != nil || !begun {
			return err
		}
		n, err := s.jobs.Insert(ctx, tx, CountArgs{id}, nil)
		if err != nil {
			return err
		}
		if err := setCountJob(ctx, tx, id, n); err != nil {
			return err
		}
		return s.note(ctx, tx, a, id, "report:request")
	})
}

// StopCount ends a count that is going on; one that has ended is left as it is.
// Needs [PermYear] everywhere.
func (s *Service) StopCount(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if r := s.c.Access.Reach(a, PermYear); !r.All {
		return fault.ErrNotFound
	}
	r, err := countOf(ctx, s.c.DB, id)
	if err != nil {
		return err
	}
	return s.act(ctx, a, "oversight:count_stop", id, func(ctx context.Context, tx *db.Tx) error {
		ended, err := endCount(ctx, tx, id, Cancelled, nil, s.c.Clock.Now())
		if err != nil || !ended {
			return err
		}
		if r.Job != nil {
			if err := s.jobs.Cancel(ctx, tx, *r.Job); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, a, id, "report:cancel")
	})
}

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, id uuid.UUID, action string) error {
	return s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, Action: action, ObjectKind: "report", ObjectID: id.String()})
}

// work counts part by part; a count that was stopped meanwhile is left. What was
// counted before a crash is counted again.
func (s *Service) work(ctx context.Context, j *job.Job[CountArgs]) error {
	r, err := countOf(ctx, s.jobDB, j.Args.Report)
	if fault.Is(err, fault.NotFound) || err == nil && r.State != Counting {
		return nil
	}
	if err == nil {
		err = s.countParts(ctx, &r)
	}
	if err == nil {
		return forgetCounts(ctx, s.jobDB, s.c.Clock.Now().Add(-keepCounts))
	}
	if !j.Last() {
		return err
	}
	_, told := endCount(context.WithoutCancel(ctx), s.jobDB, j.Args.Report, Broken, nil, s.c.Clock.Now())
	return errors.Join(job.GiveUp(err), told)
}

func (s *Service) countParts(ctx context.Context, r *countRow) error {
	q := r.query()
	end := s.endOf(q.Day)
	var places []Place
	at := map[string]int{}
	for part := range yearParts {
		rows, err := yearPart(ctx, s.jobDB, part, &q, end)
		if err != nil {
			return err
		}
		if part == 0 {
			places = rows
			for i := range rows {
				at[rows[i].Code] = i
			}
		}
		for i := range rows {
			if k, ok := at[rows[i].Code]; ok && part > 0 {
				places[k].Members += rows[i].Members
				places[k].Participants += rows[i].Participants
			}
		}
		if on, err := countProgress(ctx, s.jobDB, r.ID, part+1); err != nil || !on {
			return err
		}
	}
	_, err := endCount(ctx, s.jobDB, r.ID, Counted, places, s.c.Clock.Now())
	return err
}
