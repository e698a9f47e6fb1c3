package oversight_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/oversight"
)

// large makes a service to which two networks are very many, with its jobs.
func (w *world) large() (*oversight.Service, *job.Client) {
	w.t.Helper()
	c := w.made
	c.AtOnce = 1
	s := oversight.New(c)
	jobs, err := job.New(job.Config{DB: w.db, Access: w.auth, Audit: audit.New(make([]byte, 32), w.clock), Poll: 20 * time.Millisecond})
	if err != nil {
		w.t.Fatal(err)
	}
	s.Jobs(jobs, w.db)
	return s, jobs
}

func (w *world) run(jobs *job.Client) {
	w.t.Helper()
	if err := jobs.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = jobs.Stop(context.WithoutCancel(w.t.Context())) })
}

func (w *world) press(s *oversight.Service, a *access.Actor, q oversight.YearQuery) error {
	return s.CountYear(idem.With(w.t.Context(), idem.NewKey()), a, q)
}

// The whole country with very many networks is counted by a job, in parts, to the
// same numbers; the result stays until somebody has it counted again.
func TestLargeReportIsCountedAndKept(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n1, n2 := w.network("Sieć N1", "net", w.centre, nil), w.network("Sieć N2", "net", w.other, nil)
	m := w.meeting(n1, "closed", "2026-10-01")
	village, capital := w.institution("school", "3013"), w.institution("school", "1465")
	w.member(n1, village, "2026-09-15", m)
	w.member(n1, capital, "2026-09-15", m)
	w.member(n2, capital, "2026-09-15")
	s, jobs := w.large()
	q := oversight.YearQuery{SchoolYear: 2026, Day: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	read := func() *oversight.Year {
		t.Helper()
		y, err := s.Year(t.Context(), w.ore, q)
		if err != nil {
			t.Fatal(err)
		}
		return y
	}
	if y := read(); !y.Kept || y.CountedAt != nil || y.Count != nil || len(y.Powiats) != 0 {
		t.Errorf("before anybody asked: %+v", y)
	}
	// A centre's own is counted at once; only who sees the country has it counted.
	if y, err := s.Year(t.Context(), w.admin, q); err != nil || y.Kept || len(y.Powiats) == 0 {
		t.Errorf("a centre's: %+v, %v", y, err)
	}
	if err := w.press(s, w.admin, q); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a centre has the country counted: %v", err)
	}
	for range 2 { // the second joins the first
		if err := w.press(s, w.ore, q); err != nil {
			t.Fatal(err)
		}
	}
	y := read()
	if y.Count == nil || y.Count.State != oversight.Counting || y.Count.Total != 3 || y.CountedAt != nil {
		t.Fatalf("asked for: %+v", y.Count)
	}
	var open, noted int
	if err := w.db.Get(t.Context(), &open, `SELECT count(*) FROM year_report`); err != nil || open != 1 {
		t.Errorf("%d counts, %v", open, err)
	}
	if err := w.db.Get(t.Context(), &noted, `SELECT count(*) FROM audit_event WHERE action = 'report:request'`); err != nil || noted != 1 {
		t.Errorf("%d accounts, %v", noted, err)
	}
	// Stopped, it is not counted; asked for again, it is.
	if err := s.StopCount(idem.With(t.Context(), idem.NewKey()), w.admin, y.Count.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a centre stops the country's: %v", err)
	}
	if err := s.StopCount(idem.With(t.Context(), idem.NewKey()), w.ore, y.Count.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.StopCount(idem.With(t.Context(), idem.NewKey()), w.ore, uuid.New()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("nobody's count: %v", err)
	}
	w.run(jobs)
	if y := read(); y.Count.State != oversight.Cancelled || y.CountedAt != nil {
		t.Errorf("stopped: %+v", y.Count)
	}
	if err := w.press(s, w.ore, q); err != nil {
		t.Fatal(err)
	}
	want, err := w.s.Year(t.Context(), w.ore, q) // the service without jobs counts at once
	if err != nil {
		t.Fatal(err)
	}
	got := w.counted(s, q)
	if !reflect.DeepEqual(got.Powiats, want.Powiats) || !reflect.DeepEqual(got.Voivodeships, want.Voivodeships) || got.Whole != want.Whole || want.Whole.Participants != 2 {
		t.Errorf("counted %+v of %+v, want %+v of %+v", got.Powiats, got.Whole, want.Powiats, want.Whole)
	}
	// It stays as it was counted.
	w.member(n2, village, "2026-09-15")
	if y := read(); y.Whole != want.Whole {
		t.Errorf("kept: %+v", y.Whole)
	}
	if err := w.press(s, w.ore, q); err != nil {
		t.Fatal(err)
	}
	for deadline := time.After(30 * time.Second); read().Whole.Members != want.Whole.Members+1; {
		select {
		case <-deadline:
			t.Fatal("not counted again")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// counted waits until a report is.
func (w *world) counted(s *oversight.Service, q oversight.YearQuery) *oversight.Year {
	w.t.Helper()
	for deadline := time.After(30 * time.Second); ; {
		y, err := s.Year(w.t.Context(), w.ore, q)
		if err != nil {
			w.t.Fatal(err)
		}
		if y.CountedAt != nil {
			return y
		}
		select {
		case <-deadline:
			w.t.Fatalf("never counted: %+v", y.Count)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// A count that fails for good says so and can be begun again.
func TestCountThatFails(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.network("Sieć N1", "net", w.centre, nil)
	w.network("Sieć N2", "net", w.other, nil)
	s, jobs := w.large()
	q := oversight.YearQuery{SchoolYear: 2026, Day: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)}
	if err := w.press(s, w.ore, q); err != nil {
		t.Fatal(err)
	}
	w.exec(`ALTER TABLE meeting_attendance RENAME TO lost`)
	w.exec(`UPDATE river_job SET max_attempts = 1 WHERE kind = 'oversight.count'`)
	w.run(jobs)
	for deadline := time.After(30 * time.Second); ; {
		y, err := s.Year(t.Context(), w.ore, q)
		if err != nil {
			t.Fatal(err)
		}
		if y.Count.State == oversight.Broken {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("%+v", y.Count)
		case <-time.After(10 * time.Millisecond):
		}
	}
	w.exec(`ALTER TABLE lost RENAME TO meeting_attendance`)
	if err := w.press(s, w.ore, q); err != nil {
		t.Fatal(err)
	}
	if y := w.counted(s, q); y.Whole.Networks != 2 {
		t.Errorf("%+v", y.Whole)
	}
}
