package effect

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/job"
)

type eventsArgs struct {
	Type      string    `json:"type"`
	ScopeKind string    `json:"scope_kind"`
	ScopeID   uuid.UUID `json:"scope_id"`
}

type timersArgs struct{}

type sweepArgs struct{}

type pruneArgs struct{}

// Kind implements [job.Args].
func (eventsArgs) Kind() string { return "effect.events" }

// Kind implements [job.Args].
func (timersArgs) Kind() string { return "effect.timers" }

// Kind implements [job.Args].
func (sweepArgs) Kind() string { return "effect.sweep" }

// Kind implements [job.Args].
func (pruneArgs) Kind() string { return "effect.prune" }

// Jobs registers the engine's jobs: delivery of events, timers, later checks
// and what clears up. Call it before the client starts.
func (e *Engine) Jobs(c *job.Client) {
	e.waker = waker{c}
	job.Add(c, job.Options{Title: "effect.job.events"}, func(ctx context.Context, j *job.Job[eventsArgs]) error {
		more, err := e.DeliverEvents(ctx, j.Args.Type, Scope{ScopeKind(j.Args.ScopeKind), j.Args.ScopeID})
		if err == nil && more {
			return job.Later(0)
		}
		return err
	})
	// Often enough that a person who moves the clock of a demonstration sees it.
	job.Add(c, job.Options{Title: "effect.job.timers", Every: 5 * time.Second}, func(ctx context.Context, _ *job.Job[timersArgs]) error {
		_, err := e.SweepTimers(ctx)
		return err
	})
	job.Add(c, job.Options{Title: "effect.job.sweep", Every: 15 * time.Second}, func(ctx context.Context, _ *job.Job[sweepArgs]) error {
		if _, err := e.SweepEvents(ctx); err != nil {
			return err
		}
		_, err := e.SweepRechecks(ctx)
		return err
	})
	job.Add(c, job.Options{Title: "effect.job.prune", Every: time.Hour}, func(ctx context.Context, _ *job.Job[pruneArgs]) error {
		return prune(ctx, e.db)
	})
}

// waker inserts a job beside the events that it will deliver. A job that is
// already running may just have looked for the last time, so this one is not
// merged with it; the sweep finds whatever remains.
type waker struct{ c *job.Client }

var _ Waker = waker{}

// WakeEvents implements [Waker].
func (w waker) WakeEvents(ctx context.Context, tx *db.Tx, typ string, s Scope) error {
	_, err := w.c.Insert(ctx, tx, eventsArgs{typ, string(s.Kind), s.ID}, nil)
	return err
}
