package effect

// Events: what happened in a scope, told to the types above it that asked.
//
// They are appended in the transaction of what happened, each stream (type,
// scope of the type) with its own gapless sequence: the counter row is locked
// from the append to the commit, so order of numbers is order of commits.
// Appending is therefore the last thing a transaction does. Delivery takes a
// stream's oldest event, decides as system-for-module outside any transaction,
// and marks the event in the transaction of the decision; two nodes delivering
// the same event make the same decision id, and one of them finds it done. An
// event that the module cannot digest is given up after five tries, so that one
// bad event does not block its stream for ever; a module that is down costs no
// try.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

type pendingEvent struct {
	scope Scope
	name  string
	data  any
	depth int
}

// Emission is an event that a context appends outside a decision.
type Emission struct {
	// Scope is where it happened.
	Scope Scope
	// Name and Data are those of plugins/proto/SOURCES.md; no personal data.
	Name string
	Data any
}

// Emit appends events in the caller's transaction, best as its last act. Types
// that did not ask for an event are not told; most events cost two reads.
func (e *Engine) Emit(ctx context.Context, tx *db.Tx, list ...Emission) error {
	pending := make([]pendingEvent, 0, len(list))
	for _, m := range list {
		pending = append(pending, pendingEvent{scope: m.Scope, name: m.Name, data: m.Data})
	}
	return e.appendEvents(ctx, tx, pending, e.clock.Now())
}

// Happening is an event as a [Watcher] sees it.
type Happening struct {
	Name string
	// Chain is where it happened and all above it, the place itself first.
	Chain []ScopeState
	Depth int
	At    time.Time
}

// Watcher is told of every event in the transaction that appends it, whether a
// module asked for it or not: what runs "after an event" begins here.
type Watcher interface {
	Happened(ctx context.Context, tx *db.Tx, h Happening) error
}

// stream is an ordered line of events: of one type in one scope.
type stream struct {
	typ   string
	scope Scope
}

func (e *Engine) appendEvents(ctx context.Context, tx *db.Tx, list []pendingEvent, now time.Time) error {
	type entry struct {
		stream
		event pendingEvent
	}
	var all []entry
	chains := map[Scope][]ScopeState{}
	for _, p := range list {
		if p.depth > MaxDepth {
			slog.WarnContext(ctx, "chain of events ended", "event", p.name, "scope", p.scope.String())
			continue
		}
		chain, ok := chains[p.scope]
		if !ok {
			st, err := e.State(ctx, tx, p.scope)
			if err != nil {
				return fmt.Errorf("scope of event %s: %w", p.name, err)
			}
			if chain, err = e.chain(ctx, tx, st); err != nil {
				return err
			}
			chains[p.scope] = chain
		}
		for _, w := range e.watchers {
			if err := w.Happened(ctx, tx, Happening{Name: p.name, Chain: chain, Depth: p.depth, At: now}); err != nil {
				return err
			}
		}
		streams, err := e.listeners(chain, p.name)
		if err != nil {
			return err
		}
		for _, s := range streams {
			all = append(all, entry{s, p})
		}
	}
	// One order of locks for all transactions; stable, so that events of a
	// stream keep theirs.
	slices.SortStableFunc(all, func(a, b entry) int {
		if c := slices.Compare(a.scope.ID[:], b.scope.ID[:]); c != 0 {
			return c
		}
		return strings.Compare(a.typ, b.typ)
	})
	woken := map[stream]bool{}
	for _, en := range all {
		raw, err := json.Marshal(en.event.data)
		if err != nil {
			return fmt.Errorf("data of event %s: %w", en.event.name, err)
		}
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		if err := insertEvent(ctx, tx, &eventRow{
			ID: id, Type: en.typ, ScopeKind: string(en.scope.Kind), ScopeID: en.scope.ID, Name: en.event.name,
			AtKind: string(en.event.scope.Kind), AtID: en.event.scope.ID, Data: raw, Depth: en.event.depth, At: now,
		}); err != nil {
			return err
		}
		if e.waker != nil && !woken[en.stream] {
			woken[en.stream] = true
			if err := e.waker.WakeEvents(ctx, tx, en.typ, en.scope); err != nil {
				return err
			}
		}
	}
	return nil
}

// listeners finds who asked for the event: the types of the scope and of those
// above it, each told in its own scope, and task types of their modules, told
// where it happened.
func (e *Engine) listeners(chain []ScopeState, name string) ([]stream, error) {
	var out []stream
	seen := map[string]bool{}
	for _, st := range chain {
		if st.Type == "" {
			continue
		}
		m, err := e.modules.Module(st.Type)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		d := m.Info().Description
		_, local, _ := Split(st.Type)
		if b, ok := d.Behaviour(local); ok {
			if _, wants := b.Event(name); wants {
				out = append(out, stream{st.Type, st.Scope})
			}
		}
		if seen[d.Module] {
			continue
		}
		seen[d.Module] = true
		for i := range d.TaskTypes {
			if _, wants := d.TaskTypes[i].Behaviour.Event(name); wants {
				out = append(out, stream{Qualify(d.Module, d.TaskTypes[i].Name), chain[0].Scope})
			}
		}
	}
	return out, nil
}

const (
	// sweepBatch is how many streams, timers or rechecks one sweep looks at.
	sweepBatch = 100
	// deliverBatch bounds one delivery, so that a job ends in its time.
	deliverBatch = 20
	// downPause is how long a stream or timer waits for a module that is down.
	downPause = 15 * time.Second
	// eventTries is when an event is given up.
	eventTries = 5
)

// backoff is the pause before the next try: 5 s, 20 s, 80 s, 5 min, 20 min.
func backoff(tries int) time.Duration { return 5 * time.Second << (2 * min(tries, 4)) }

// errTaken means that another node has delivered the event, or moved the timer.
var errTaken = errors.New("taken")

// DeliverEvents tells a stream's module of what waits there, in order, at most
// 20 events; more reports whether something is left that can be delivered now.
func (e *Engine) DeliverEvents(ctx context.Context, typ string, scope Scope) (more bool, err error) {
	for range deliverBatch {
		row, err := nextEvent(ctx, e.db, typ, scope)
		if err != nil || row == nil {
			return false, err
		}
		if err := e.deliver(ctx, row); err != nil {
			return false, e.postpone(ctx, row, err)
		}
	}
	return true, nil
}

func (e *Engine) deliver(ctx context.Context, row *eventRow) error {
	_, err := e.Decide(ctx, &Request{
		ID: row.ID, Type: row.Type, Scope: Scope{ScopeKind(row.ScopeKind), row.ScopeID},
		Input: EventInput{
			ID: row.ID, Name: row.Name, At: row.At, Data: Document{JSON: row.Data, Revision: 1}, Depth: row.Depth,
			Scope: Scope{ScopeKind(row.AtKind), row.AtID},
		},
		Before: func(ctx context.Context, tx *db.Tx, _ *Decision) error {
			ok, err := markDelivered(ctx, tx, row.ID)
			if err == nil && !ok {
				err = errTaken
			}
			return err
		},
	})
	if errors.Is(err, errTaken) {
		return nil
	}
	return err
}

// postpone decides what becomes of an event that was not delivered.
func (e *Engine) postpone(ctx context.Context, row *eventRow, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
	case waits(cause):
		return delayEvent(ctx, e.db, row.ID, row.Tries, time.Now().Add(downPause))
	case row.Tries+1 >= eventTries, fault.Is(cause, fault.NotFound):
		slog.ErrorContext(ctx, "event given up", "type", row.Type, "event", row.Name, "id", row.ID, "err", cause)
		return giveUpEvent(ctx, e.db, row.ID)
	}
	slog.WarnContext(ctx, "event not delivered", "type", row.Type, "event", row.Name, "id", row.ID, "tries", row.Tries+1, "err", cause)
	return delayEvent(ctx, e.db, row.ID, row.Tries+1, time.Now().Add(backoff(row.Tries)))
}

// SweepEvents delivers what waits in any stream, also what a lost job left
// there; it returns the number of streams looked at.
func (e *Engine) SweepEvents(ctx context.Context) (int, error) {
	rows, err := waitingStreams(ctx, e.db, sweepBatch)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		if _, err := e.DeliverEvents(ctx, r.Type, Scope{ScopeKind(r.ScopeKind), r.ScopeID}); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}
