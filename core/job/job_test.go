package job_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/policies"
)

type note struct {
	Text string `json:"text"`
}

func (note) Kind() string { return "test.note" }

type tick struct{}

func (tick) Kind() string { return "test.tick" }

// setup gives a database with a table for effects and a maker of clients on it.
func setup(t *testing.T) (*db.DB, func() *job.Client) {
	t.Helper()
	d := dbtest.New(t)
	if _, err := d.Exec(t.Context(), "CREATE TABLE effect (text text)"); err != nil {
		t.Fatal(err)
	}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	return d, func() *job.Client {
		c, err := job.New(job.Config{DB: d, Access: auth, Audit: audit.New(make([]byte, 32), &clock.Shifted{}), Poll: 10 * time.Millisecond, Watch: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
}

func start(t *testing.T, c *job.Client) {
	t.Helper()
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func insert(t *testing.T, d *db.DB, c *job.Client, a job.Args, o *job.Opts) int64 {
	t.Helper()
	var id int64
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = c.Insert(ctx, tx, a, o)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func wait[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("nothing happened in 20 s")
		panic("unreachable")
	}
}

func effects(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	if err := d.Get(t.Context(), &n, "SELECT count(*) FROM effect"); err != nil {
		t.Fatal(err)
	}
	return n
}

func state(t *testing.T, d *db.DB, id int64) (s string) {
	t.Helper()
	if err := d.Get(t.Context(), &s, "SELECT CAST(state AS text) FROM river_job WHERE id = $1", id); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRunsOnlyWhatWasCommitted(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	c := client()
	ran := make(chan string, 10)
	job.Add(c, job.Options{Title: "job.state.running"}, func(_ context.Context, j *job.Job[note]) error {
		ran <- j.Args.Text
		return nil
	})
	undone := errors.New("undone")
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := c.Insert(ctx, tx, note{"rolled back"}, nil); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	insert(t, d, c, note{"committed"}, nil)
	start(t, c)
	if got := wait(t, ran); got != "committed" {
		t.Fatalf("ran %q", got)
	}
}

// The effect and the completion commit together: while the transaction fails,
// neither is there; the retry that succeeds leaves one effect.
func TestCompleteWithEffects(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	c := client()
	done := make(chan int, 1)
	job.Add(c, job.Options{Title: "job.state.running", Pause: func(int) time.Duration { return 0 }},
		func(ctx context.Context, j *job.Job[note]) error {
			err := d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
				if _, err := tx.Exec(ctx, "INSERT INTO effect VALUES ($1)", j.Args.Text); err != nil {
					return err
				}
				if err := j.Complete(ctx, tx); err != nil {
					return err
				}
				if j.Attempt < 3 {
					return errors.New("lost after all")
				}
				return nil
			})
			if err == nil {
				done <- j.Attempt
			}
			return err
		})
	id := insert(t, d, c, note{"once"}, nil)
	start(t, c)
	if got := wait(t, done); got != 3 {
		t.Fatalf("done at attempt %d", got)
	}
	if n, s := effects(t, d), state(t, d, id); n != 1 || s != "completed" {
		t.Fatalf("%d effects, job %s", n, s)
	}
}

func TestGiveUp(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	c := client()
	ran := make(chan int, 10)
	job.Add(c, job.Options{Title: "job.state.running"}, func(_ context.Context, j *job.Job[note]) error {
		ran <- j.Attempt
		return job.GiveUp(errors.New("no use"))
	})
	id := insert(t, d, c, note{"x"}, nil)
	start(t, c)
	wait(t, ran)
	// Stop waits until the outcome is written.
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := state(t, d, id); s != "cancelled" {
		t.Fatalf("job is %s", s)
	}
}

// An admin has a job that was given up tried again; both acts are accounted for.
func TestManage(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	c := client()
	ran := make(chan int, 10)
	job.Add(c, job.Options{Title: "job.state.running"}, func(_ context.Context, j *job.Job[note]) error {
		ran <- j.Attempt
		return nil
	})
	id := insert(t, d, c, note{"x"}, nil)
	admin, teacher := access.Core("test"), &access.Actor{Person: uuid.New()}
	if err := c.GiveUpOn(t.Context(), teacher, id); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a teacher got %v", err)
	}
	if err := c.GiveUpOn(t.Context(), admin, id); err != nil {
		t.Fatal(err)
	}
	if s := state(t, d, id); s != "cancelled" {
		t.Fatalf("job is %s", s)
	}
	if err := c.Retry(t.Context(), admin, id); err != nil {
		t.Fatal(err)
	}
	start(t, c)
	wait(t, ran)
	var accounted int
	if err := d.Get(t.Context(), &accounted, "SELECT count(*) FROM audit_event WHERE object_kind = 'job'"); err != nil || accounted != 2 {
		t.Fatalf("%d events, %v", accounted, err)
	}
	if err := c.Retry(t.Context(), admin, 1<<40); !fault.Is(err, fault.NotFound) {
		t.Fatalf("no such job: %v", err)
	}
}

func TestStopWaitsForTheRunningJob(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	c := client()
	began, release := make(chan bool, 1), make(chan bool)
	job.Add(c, job.Options{Title: "job.state.running"}, func(ctx context.Context, _ *job.Job[note]) error {
		began <- true
		<-release
		return ctx.Err()
	})
	id := insert(t, d, c, note{"x"}, nil)
	start(t, c)
	wait(t, began)
	stopped := make(chan error, 1)
	go func() { stopped <- c.Stop(context.Background()) }()
	select {
	case <-stopped:
		t.Fatal("stopped while a job was running")
	case <-time.After(100 * time.Millisecond):
	}
	close(release)
	if err := wait(t, stopped); err != nil {
		t.Fatal(err)
	}
	if s := state(t, d, id); s != "completed" {
		t.Fatalf("job is %s", s)
	}
}

// Two nodes share a periodic job: while one run is open there is no second.
func TestPeriodicOnTwoNodes(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	began, release := make(chan bool, 10), make(chan bool)
	var open, most atomic.Int32
	for range 2 {
		c := client()
		job.Add(c, job.Options{Title: "job.state.running", Every: time.Second}, func(context.Context, *job.Job[tick]) error {
			if n := open.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer open.Add(-1)
			began <- true
			<-release
			return nil
		})
		start(t, c)
	}
	wait(t, began)
	var rows int
	if err := d.Get(t.Context(), &rows, "SELECT count(*) FROM river_job WHERE kind = 'test.tick'"); err != nil {
		t.Fatal(err)
	}
	close(release)
	wait(t, began) // it comes again
	if rows != 1 || most.Load() != 1 {
		t.Fatalf("%d jobs while one ran, %d at once", rows, most.Load())
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	c := client()
	a := insert(t, d, c, note{"same"}, &job.Opts{Once: true})
	b := insert(t, d, c, note{"same"}, &job.Opts{Once: true})
	other := insert(t, d, c, note{"other"}, &job.Opts{Once: true})
	if a != b || a == other {
		t.Fatalf("jobs %d, %d, %d", a, b, other)
	}
}

// A node dies in the middle of a job: its connections are gone, its job is
// still marked as running. Another node takes it over within moments.
func TestDeadNodesJobIsTakenOver(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	dying, err := db.Open(t.Context(), db.Config{DSN: d.DSN(), MaxConns: 5})
	if err != nil {
		t.Fatal(err)
	}
	first, err := job.New(job.Config{DB: dying, Poll: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	began, release := make(chan bool, 1), make(chan bool)
	job.Add(first, job.Options{Title: "job.state.running"}, func(context.Context, *job.Job[note]) error {
		began <- true
		<-release
		return nil
	})
	id := insert(t, d, first, note{"x"}, nil)
	if err := first.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	wait(t, began)
	var backend int
	if err := d.Get(t.Context(), &backend, `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
		t.Fatal(err)
	}

	second := client()
	ran := make(chan int, 10)
	job.Add(second, job.Options{Title: "job.state.running"}, func(_ context.Context, j *job.Job[note]) error {
		ran <- j.Attempt
		return nil
	})
	start(t, second)
	if err := dying.Close(); err != nil { // nor can it connect again
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), "SELECT pg_terminate_backend($1)", backend); err != nil {
		t.Fatal(err)
	}
	if got := wait(t, ran); got != 2 {
		t.Fatalf("attempt %d", got)
	}
	if err := second.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := state(t, d, id); s != "completed" {
		t.Fatalf("job is %s", s)
	}
	close(release)
	// The dead cannot stop in order; its errors are not of interest.
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_ = first.Stop(ctx)
}

// The job of a node that lives is left alone, however often the others look.
func TestLivingNodeKeepsItsJob(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	began, release := make(chan int, 10), make(chan bool)
	for range 2 {
		c := client()
		job.Add(c, job.Options{Title: "job.state.running"}, func(_ context.Context, j *job.Job[note]) error {
			began <- j.Attempt
			<-release
			return nil
		})
		start(t, c)
	}
	c := client()
	insert(t, d, c, note{"x"}, nil)
	wait(t, began)
	select {
	case n := <-began:
		t.Fatalf("taken away from a living node, attempt %d", n)
	case <-time.After(time.Second): // twenty rounds of the watch
	}
	close(release)
}

func TestList(t *testing.T) {
	t.Parallel()
	d, client := setup(t)
	c := client()
	for range 5 {
		insert(t, d, c, note{"x"}, nil)
	}
	admin := access.Core("test")
	var seen []int64
	cursor := ""
	for range 3 {
		p, err := c.List(t.Context(), admin, job.Query{Kind: "test.note", State: job.Waiting, Limit: 2, Before: cursor})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			seen = append(seen, r.ID)
		}
		cursor = p.Next
	}
	if len(seen) != 5 || cursor != "" || seen[0] < seen[4] {
		t.Fatalf("listed %v, next %q", seen, cursor)
	}
	n, err := c.Counts(t.Context(), admin)
	if err != nil || n[job.Waiting] != 5 {
		t.Fatalf("counts %v, %v", n, err)
	}
	if _, err := c.List(t.Context(), &access.Actor{Person: uuid.New()}, job.Query{}); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a teacher got %v", err)
	}
	if _, err := c.List(t.Context(), admin, job.Query{Before: "x"}); !fault.Is(err, fault.Invalid) {
		t.Fatalf("wrong cursor got %v", err)
	}
}
