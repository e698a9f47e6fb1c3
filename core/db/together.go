package db

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// Together runs readers side by side and sends what they ask for at the same
// time as one statement, so that reads that do not depend on each other cost one
// round trip and not one each. It goes in waves: when every reader that is still
// running waits for an answer, the questions of all are sent, in the readers'
// order. A reader sees exactly what it would see alone; Get and Select keep
// their meaning, Exec is refused.
//
// Readers run in goroutines of their own: they share nothing but what each
// writes for the caller, who looks at it when Together has returned. It returns
// the first reader's error, in their order, after all have ended. A broken
// statement fails all readers of its wave. A reader may use Together itself: its
// readers' questions travel with those around it.
func Together(ctx context.Context, q Q, readers ...func(ctx context.Context, q Q) error) error {
	if len(readers) == 1 {
		return readers[0](ctx, q)
	}
	events := make(chan event)
	for i, read := range readers {
		go func() {
			e := event{lane: i}
			defer func() {
				if p := recover(); p != nil {
					e.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
				}
				events <- e
			}()
			e.err = read(ctx, lane{i, events})
		}()
	}
	w := wave{q: q, asked: make([][]*question, len(readers))}
	errs := make([]error, len(readers))
	panicked := ""
	for running := len(readers); running > 0; {
		e := <-events
		if e.asks != nil {
			w.asked[e.lane] = e.asks
			w.waiting++
		} else {
			running--
			errs[e.lane] = e.err
			panicked += e.panicked
		}
		if running > 0 && w.waiting == running {
			w.send(ctx)
		}
	}
	if panicked != "" {
		panic(panicked)
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// event is what a reader tells: its questions, or that it has ended.
type event struct {
	lane     int
	asks     []*question
	err      error
	panicked string
}

// question is a Get (one) or a Select of a reader.
type question struct {
	dest   any
	one    bool
	query  string
	args   []any
	answer chan error
}

// lane is the [Q] of one reader.
type lane struct {
	i      int
	events chan<- event
}

// Get implements [Q].
func (l lane) Get(_ context.Context, dest any, query string, args ...any) error {
	return l.ask(&question{dest: dest, one: true, query: query, args: args})
}

// Select implements [Q].
func (l lane) Select(_ context.Context, dest any, query string, args ...any) error {
	return l.ask(&question{dest: dest, query: query, args: args})
}

// Exec implements [Q].
func (lane) Exec(context.Context, string, ...any) (int64, error) {
	return 0, errors.New("db: readers side by side do not write")
}

func (l lane) ask(q *question) error {
	q.answer = make(chan error, 1)
	l.events <- event{lane: l.i, asks: []*question{q}}
	return <-q.answer
}

// wave collects the questions of the readers, by lane.
type wave struct {
	q       Q
	asked   [][]*question
	waiting int
}

// send answers all questions, and so lets the readers go on.
func (w *wave) send(ctx context.Context) {
	var list []*question
	for i, a := range w.asked {
		list, w.asked[i] = append(list, a...), nil
	}
	w.waiting = 0
	if l, ok := w.q.(lane); ok { // readers within a reader ask with those around it
		l.events <- event{lane: l.i, asks: list}
		return
	}
	if p, ok := w.q.(pooled); ok && len(list) > 1 {
		if text, args := join(list); p.pool().keepsJoined(text) {
			for i, err := range ask(ctx, p, text, args, list) {
				list[i].answer <- err
			}
			return
		}
	}
	for _, a := range list {
		if a.one {
			a.answer <- w.q.Get(ctx, a.dest, a.query, a.args...)
		} else {
			a.answer <- w.q.Select(ctx, a.dest, a.query, a.args...)
		}
	}
}
