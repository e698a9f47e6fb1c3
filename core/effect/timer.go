package effect

// Timers: a module asks to be called at a domain time. A timer is a row; a
// periodic job finds those that are due by the domain clock and decides them as
// system-for-module. The timer is marked as fired in the transaction of its
// decision, so it acts once however many nodes sweep.

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

const (
	maxTimerData = 16 << 10
	maxTimerKey  = 100
	// timerTries is when a timer is given up.
	timerTries = 10
)

// timers applies timer.set and timer.cancel.
type timers struct{ e *Engine }

var _ Applier = timers{}

// Check implements [Applier].
func (timers) Check(_ context.Context, _ db.Q, d *Decision, e Effect) error {
	name, key, data := "", "", Document{}
	switch e := e.(type) {
	case *TimerSet:
		name, key, data = e.Name, e.Key, e.Data
		if e.At.IsZero() {
			return BadAnswer("timer %q without a time", name)
		}
	case *TimerCancel:
		name, key = e.Name, e.Key
	}
	_, local, _ := Split(d.Type)
	b, ok := d.Description.Behaviour(local)
	if ok {
		_, ok = b.Timer(name)
	}
	if !ok || len(key) > maxTimerKey || len(data.JSON) > maxTimerData || len(data.JSON) > 0 && !json.Valid(data.JSON) {
		return BadAnswer("bad timer %q", name)
	}
	return nil
}

// Apply implements [Applier].
func (timers) Apply(ctx context.Context, tx *db.Tx, d *Decision, e Effect, id uuid.UUID) error {
	switch e := e.(type) {
	case *TimerSet:
		data := e.Data.JSON
		if len(data) == 0 {
			data = json.RawMessage("{}")
		}
		return upsertTimer(ctx, tx, &timerRow{
			ID: id, Type: d.Type, ScopeKind: string(e.Scope.Kind), ScopeID: e.Scope.ID, Name: e.Name, Key: e.Key,
			DueAt: e.At, Data: data, Decision: d.ID,
		})
	case *TimerCancel:
		return deleteTimer(ctx, tx, d.Type, e.Scope, e.Name, e.Key)
	}
	return nil
}

// SweepTimers fires timers that are due, at most 100; it returns how many acted.
func (e *Engine) SweepTimers(ctx context.Context) (int, error) {
	rows, err := dueTimers(ctx, e.db, e.clock.Now(), sweepBatch)
	if err != nil {
		return 0, err
	}
	acted := 0
	for i := range rows {
		if err := ctx.Err(); err != nil {
			return acted, err
		}
		ok, err := e.fire(ctx, &rows[i])
		if err != nil {
			return acted, err
		}
		if ok {
			acted++
		}
	}
	return acted, nil
}

func (e *Engine) fire(ctx context.Context, row *timerRow) (bool, error) {
	_, err := e.Decide(ctx, &Request{
		// A timer that was moved is another decision.
		ID: HandleID(row.ID, row.DueAt.UTC().Format(time.RFC3339Nano)), Type: row.Type, Scope: Scope{ScopeKind(row.ScopeKind), row.ScopeID},
		Input: TimerInput{ID: row.ID, Name: row.Name, Key: row.Key, Due: row.DueAt, Data: Document{JSON: row.Data, Revision: 1}},
		// First, so that the decision may set the same timer anew.
		Before: func(ctx context.Context, tx *db.Tx, _ *Decision) error {
			ok, err := markFired(ctx, tx, row.ID, row.DueAt, e.clock.Now())
			if err == nil && !ok {
				err = errTaken
			}
			return err
		},
	})
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, errTaken):
		return false, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case waits(err):
		return false, delayTimer(ctx, e.db, row.ID, row.Tries, time.Now().Add(downPause))
	case row.Tries+1 >= timerTries, fault.Is(err, fault.NotFound):
		slog.ErrorContext(ctx, "timer given up", "type", row.Type, "timer", row.Name, "id", row.ID, "err", err)
		return false, giveUpTimer(ctx, e.db, row.ID, e.clock.Now())
	}
	slog.WarnContext(ctx, "timer did not act", "type", row.Type, "timer", row.Name, "id", row.ID, "tries", row.Tries+1, "err", err)
	return false, delayTimer(ctx, e.db, row.ID, row.Tries+1, time.Now().Add(backoff(row.Tries)))
}
