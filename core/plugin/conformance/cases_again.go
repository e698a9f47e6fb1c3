package conformance

// Cases that ask again what was answered once: nothing but the question may
// decide what the answer is.

import (
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"ore.edu.pl/sieci/core/effect"
)

// same asks again and holds the answer against the first one.
func (s *suite) same(ctx context.Context, f *found, what string, a *asked, change func(*effect.Snapshot)) bool {
	v, err := s.module(ctx)
	if err != nil {
		f.bad("it does not start again: %v", err)
		return false
	}
	reply, err := s.again(ctx, v, a, change)
	switch {
	case err != nil:
		f.bad("%s: %s: %s", a, what, failure(err))
	case !reflect.DeepEqual(reply, a.reply):
		f.bad("%s: %s: another answer", a, what)
	default:
		return true
	}
	return false
}

// dryRun: an answer does not depend on whether it will be applied.
func (s *suite) dryRun(ctx context.Context, f *found) {
	list := s.decisions()
	for _, a := range list {
		s.same(ctx, f, "in a dry run", a, func(snap *effect.Snapshot) { snap.DryRun = true })
	}
	if len(list) == 0 {
		f.absent("it decides nothing")
		return
	}
	f.note("%d decisions", len(list))
}

// repeatable: the same question gets the same answer, eight times at once as well
// as from a fresh process.
func (s *suite) repeatable(ctx context.Context, f *found) {
	list := s.sound()
	if len(list) == 0 {
		f.absent("nothing was answered")
		return
	}
	v, err := s.module(ctx)
	if err != nil {
		f.bad("it does not start again: %v", err)
		return
	}
	var mu sync.Mutex
	for _, a := range list {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				within, cancel := context.WithTimeout(ctx, s.c.Call)
				defer cancel()
				reply, err := call(within, v, a, a.snap)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					f.bad("%s: eight at once: %s", a, failure(err))
				} else if !reflect.DeepEqual(reply, a.reply) {
					f.bad("%s: eight at once: another answer", a)
				}
			})
		}
		all.Wait()
	}
	s.report.Asked += 8 * len(list)
	s.end()
	for _, a := range list {
		s.same(ctx, f, "from another process", a, nil)
	}
	f.note("%d questions, 9 times each", len(list))
}

// clocks are times at which programs go wrong: before everything, the last day
// of a February, and the nights in which an hour is missing or comes twice.
var clocks = []time.Time{
	time.Date(1999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(2100, 2, 28, 23, 0, 0, 0, time.UTC),
	time.Date(2027, 3, 28, 1, 0, 0, 0, time.UTC), time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC), time.Date(2028, 2, 29, 12, 0, 0, 0, time.UTC),
}

// clock: the time is the snapshot's, whatever it is.
func (s *suite) clock(ctx context.Context, f *found) {
	list := s.sound()
	for _, a := range list {
		for _, at := range clocks {
			v, err := s.module(ctx)
			if err != nil {
				f.bad("it does not start again: %v", err)
				return
			}
			move := func(snap *effect.Snapshot) { snap.Now = at }
			one, err := s.again(ctx, v, a, move)
			if err != nil {
				f.bad("%s at %s: %s", a, at.Format(time.RFC3339), failure(err))
				continue
			}
			if at != clocks[0] {
				continue
			}
			two, err := s.again(ctx, v, a, move)
			if err != nil || !reflect.DeepEqual(one, two) {
				f.bad("%s at %s: asked twice, two answers", a, at.Format(time.RFC3339))
			}
		}
	}
	if len(list) == 0 {
		f.absent("nothing was answered")
		return
	}
	f.note("%d questions at %d times", len(list), len(clocks))
}

// unknownNames: what it never described is refused, by INVALID_ARGUMENT.
func (s *suite) unknownNames(ctx context.Context, f *found) {
	const nothing = "no_such_thing"
	at := thing{typ: nothing, home: nothing, name: nothing, stages: []string{""}, scopes: []effect.ScopeKind{effect.Network}, role: "coordinator", behaviour: &effect.Behaviour{}}
	var asks []thing
	for _, so := range []sort{aCommand, anEvent, aTimer, aJob, aView, aGuard} {
		t := at
		t.sort = so
		asks = append(asks, t)
		for _, have := range s.things {
			if have.sort == so {
				t.typ, t.home, t.behaviour = have.typ, have.home, have.behaviour
				asks = append(asks, t)
				break
			}
		}
	}
	for i := range asks {
		t := &asks[i]
		w := s.newWorld(t, emptyShape, effect.Network, "")
		a := &asked{t: t, w: w, snap: w.snapshot(t, "pl")}
		w.read(a.snap, effect.Wants{})
		if t.decides() {
			a.input = w.input(t, a.snap)
		}
		v, err := s.module(ctx)
		if err != nil {
			f.bad("it does not start again: %v", err)
			return
		}
		_, err = s.again(ctx, v, a, nil)
		switch c := statusOf(err); {
		case err == nil:
			f.bad("%s was answered", t.key())
		case c != codes.InvalidArgument && c != codes.Unimplemented:
			f.bad("%s: %s, want INVALID_ARGUMENT", t.key(), failure(err))
		}
	}
	f.note("%d unknown names", len(asks))
}

// unknownValues: values of enumerations and fields of a later contract are
// survived.
func (s *suite) unknownValues(ctx context.Context, f *found) {
	list := s.decisions()
	for _, a := range list {
		v, err := s.module(ctx)
		if err != nil {
			f.bad("it does not start again: %v", err)
			return
		}
		within, cancel := context.WithTimeout(ctx, s.c.Call)
		err = v.DecideLater(within, &effect.Ask{Type: a.t.typ, Input: a.input, Snapshot: a.snap})
		cancel()
		s.report.Asked++
		if c := statusOf(err); err != nil && c != codes.InvalidArgument && c != codes.FailedPrecondition && c != codes.Unimplemented {
			f.bad("%s: %s", a, failure(err))
		}
	}
	s.well(ctx, f)
	if len(list) == 0 {
		f.absent("it decides nothing")
		return
	}
	f.note("%d decisions in the words of a later core", len(list))
}

// most bounds how many questions a case of chance takes.
const most = 24

// cancellation: a call taken back in its middle leaves the process well, and the
// next answer whole.
func (s *suite) cancellation(ctx context.Context, f *found) {
	list := s.drawn("cancellation", s.sound(), most)
	rng := s.rng("cancellation times")
	taken := 0
	for _, a := range list {
		v, err := s.module(ctx)
		if err != nil {
			f.bad("it does not start again: %v", err)
			return
		}
		within, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(moment(rng, a.took), cancel)
		_, err = call(within, v, a, a.snap)
		timer.Stop()
		cancel()
		if err != nil {
			taken++
		}
		if died(err) && s.gone() {
			f.bad("%s: taken back, the process died", a)
		}
		s.same(ctx, f, "after it was taken back", a, nil)
	}
	if len(list)+s.cancelTools(ctx, f) == 0 {
		f.absent("nothing was answered")
		return
	}
	if len(list) > 0 {
		f.note("%d calls, %d of them taken back before their end", len(list), taken)
	}
}

// kills is how often the process is killed: each takes a start.
const kills = 6

// kill: the process is killed at random points of a decision, or of the counting
// of a tool; the next one brings about the same effects, and the same numbers.
func (s *suite) kill(ctx context.Context, f *found) {
	list := s.drawn("kill", s.decisions(), kills)
	rng := s.rng("kill times")
	middle := 0
	for _, a := range list {
		v, err := s.module(ctx)
		if err != nil {
			f.bad("it does not start again: %v", err)
			return
		}
		answered := make(chan error, 1)
		go func() {
			within, cancel := context.WithTimeout(ctx, s.c.Call)
			defer cancel()
			_, err := call(within, v, a, a.snap)
			answered <- err
		}()
		select { // the caller's own time: the point is to be in its middle
		case <-time.After(moment(rng, a.took)):
		case <-ctx.Done():
		}
		s.end()
		if err := <-answered; err != nil {
			middle++
		}
		s.same(ctx, f, "after a kill", a, nil)
	}
	played := s.killTools(ctx, f)
	if len(list)+played == 0 {
		f.absent("it decides nothing, and has no tool")
		return
	}
	if len(list) > 0 {
		f.note("%d kills, %d of them in the middle of a decision", len(list), middle)
	}
}

// moment is a random point of a call that takes about so long.
func moment(rng *rand.Rand, took time.Duration) time.Duration {
	return time.Duration(rng.Int64N(int64(max(took, time.Millisecond))))
}

// drawn are at most n of the list, drawn by the seed.
func (s *suite) drawn(purpose string, list []*asked, n int) []*asked {
	list = slices.Clone(list)
	s.rng(purpose).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:min(n, len(list))]
}

// grace is how long a module may take to end by itself; shortly after it is killed.
const grace = 1900 * time.Millisecond

// ends: asked to end, it ends.
func (s *suite) ends(ctx context.Context, f *found) {
	if _, err := s.module(ctx); err != nil {
		f.bad("it does not start again: %v", err)
		return
	}
	p := s.proc
	start := time.Now()
	p.Stop()
	s.proc = nil
	took := time.Since(start)
	if took >= grace {
		f.bad("asked to end, it stayed until it was killed, after %s", took.Round(time.Millisecond))
		return
	}
	select {
	case <-p.Done():
		f.note("it ended after %s", took.Round(time.Millisecond))
	default:
		f.bad("it is still there")
	}
}
