package db

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Together runs readers side by side and sends what they ask for at the same
// time as one statement, so that reads that do not depend on each other cost one
// round trip and not one each. It goes in waves: when every reader that is still
// running waits for an answer, the questions of all are sent, in the readers'
// order. A reader sees exactly what it would see alone; Get and Select keep
// their meaning.
//
// A reader asks through its q, or through q's pool with its ctx: so services that
// know nothing of this can be called as readers. It may use Together itself. It
// writes nothing: Exec on its q is refused.
//
// Readers run in goroutines of their own: they share nothing but what each
// writes for the caller, who looks at it when Together has returned. It returns
// the first reader's error, in their order, after all have ended. A broken
// statement fails all readers of its wave.
func Together(ctx context.Context, q Q, readers ...func(ctx context.Context, q Q) error) error {
	if d, ok := q.(*DB); ok {
		if l := laneOf(ctx, d); l != nil {
			q = l
		}
	}
	if len(readers) == 1 {
		return readers[0](ctx, q)
	}
	events := make(chan event)
	for i, read := range readers {
		go follow(ctx, &lane{i: i, events: events, root: root(q)}, read)
	}
	w := wave{q: q, asked: make([][]*question, len(readers))}
	errs := make([]error, len(readers))
	panicked := ""
	for running := len(readers); running > 0; {
		e, ok := w.next(events)
		switch {
		case !ok: // somebody does not come
			w.send(ctx)
			continue
		case e.asks != nil:
			w.asked[e.lane] = e.asks
			w.waiting++
		default:
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

func follow(ctx context.Context, l *lane, read func(ctx context.Context, q Q) error) {
	e := event{lane: l.i}
	defer func() {
		if p := recover(); p != nil {
			e.panicked = fmt.Sprintf("%v\n%s", p, debug.Stack())
		}
		l.end()
		l.events <- e
	}()
	e.err = read(context.WithValue(ctx, laneKey{}, l), l)
}

// root is the pool to which q leads outside a transaction; nil for others.
func root(q Q) *DB {
	switch q := q.(type) {
	case *DB:
		return q
	case *lane:
		return q.root
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
	root   *DB // whose Get and Select lead here when the context is the reader's

	mu    sync.Mutex // one question at a time
	ended bool
}

type laneKey struct{}

// laneOf is the reader in whose context d is asked; nil outside of readers.
func laneOf(ctx context.Context, d *DB) *lane {
	if l, ok := ctx.Value(laneKey{}).(*lane); ok && l.root == d {
		return l
	}
	return nil
}

var _ Q = (*lane)(nil)

// Get implements [Q].
func (l *lane) Get(ctx context.Context, dest any, query string, args ...any) error {
	ok, err := l.ask(&question{dest: dest, one: true, query: query, args: args})
	if !ok && l.root != nil { // the reader has ended: somebody goes on with its context
		return l.root.Get(context.WithValue(ctx, laneKey{}, nil), dest, query, args...)
	}
	return err
}

// Select implements [Q].
func (l *lane) Select(ctx context.Context, dest any, query string, args ...any) error {
	ok, err := l.ask(&question{dest: dest, query: query, args: args})
	if !ok && l.root != nil {
		return l.root.Select(context.WithValue(ctx, laneKey{}, nil), dest, query, args...)
	}
	return err
}

// Exec implements [Q].
func (*lane) Exec(context.Context, string, ...any) (int64, error) {
	return 0, errors.New("db: readers side by side do not write")
}

// ask waits for the answer; false when the reader has ended.
func (l *lane) ask(q *question) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return false, errors.New("db: the reader has ended")
	}
	q.answer = make(chan error, 1)
	l.events <- event{lane: l.i, asks: []*question{q}}
	return true, <-q.answer
}

func (l *lane) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

// wave collects the questions of the readers, by lane.
type wave struct {
	q       Q
	asked   [][]*question
	waiting int
}

// patience is how long questions wait for a reader that neither asks nor ends.
// It may wait itself for what one of the others holds (a lock around a read):
// rather another round trip than none.
const patience = 250 * time.Millisecond

// next is the next event; false when questions have waited long enough.
func (w *wave) next(events <-chan event) (event, bool) {
	if w.waiting == 0 {
		return <-events, true
	}
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case e := <-events:
		return e, true
	case <-late.C:
		return event{}, false
	}
}

// send answers all questions, and so lets the readers go on.
func (w *wave) send(ctx context.Context) {
	var list []*question
	for i, a := range w.asked {
		list, w.asked[i] = append(list, a...), nil
	}
	w.waiting = 0
	if l, ok := w.q.(*lane); ok { // readers within a reader ask with those around it
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
