package effect_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

func (w *world) deliver() {
	w.t.Helper()
	if _, err := w.e.DeliverEvents(w.t.Context(), netType, w.net); err != nil {
		w.t.Fatal(err)
	}
}

// due makes what waits for a later try ready now.
func (w *world) due() {
	w.t.Helper()
	for _, table := range []string{`UPDATE effect_event SET next_try = now()`, `UPDATE timer SET next_try = now()`} {
		if _, err := w.db.Exec(w.t.Context(), table); err != nil {
			w.t.Fatal(err)
		}
	}
}

func TestEventsComeInOrderOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 3 {
		w.emit("thing.made")
	}
	w.emit("nobody.asked")
	var wg sync.WaitGroup
	for range 4 { // four nodes at once
		wg.Go(func() {
			if _, err := w.e.DeliverEvents(t.Context(), netType, w.net); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	w.deliver()
	if n := w.count(`SELECT count(*) FROM effect_event WHERE done_at IS NOT NULL AND NOT failed`); n != 3 {
		t.Errorf("%d delivered", n)
	}
	if n := w.count(`SELECT count(*) FROM effect_decision WHERE input_kind = 'event'`); n != 3 {
		t.Errorf("%d decisions", n)
	}
	a := w.m.Asked()[0]
	in := a.Input.(effect.EventInput)
	if !a.Snapshot.Actor.System || in.Name != "thing.made" || in.Scope != w.net || string(in.Data.JSON) != `{"a": "b"}` {
		t.Errorf("%+v", in)
	}
}

func TestEventWaitsForAModuleThatIsDown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.emit("thing.made")
	w.m.SetDown(true)
	for range 10 {
		w.due()
		w.deliver()
	}
	if n := w.count(`SELECT count(*) FROM effect_event WHERE done_at IS NULL AND tries = 0`); n != 1 {
		t.Fatal("the event was given up or counted while the module was down")
	}
	w.m.SetDown(false)
	w.due()
	if n, err := w.e.SweepEvents(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if n := w.count(`SELECT count(*) FROM effect_event WHERE done_at IS NOT NULL`); n != 1 {
		t.Error("not delivered by the sweep")
	}
}

func TestBadEventDoesNotBlockTheStream(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.emit("thing.made")
	w.emit("thing.made")
	first := true
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		if first {
			return nil, errors.New("broken")
		}
		return &effect.Answer{}, nil
	}
	for range 5 {
		w.deliver() // not before its time: nothing happens
		if n := w.count(`SELECT count(*) FROM effect_event WHERE done_at IS NOT NULL`); n != 0 && first {
			break
		}
		w.due()
	}
	first = false
	w.due()
	w.deliver()
	if n := w.count(`SELECT count(*) FROM effect_event WHERE failed`); n != 1 {
		t.Errorf("%d given up", n)
	}
	if n := w.count(`SELECT count(*) FROM effect_event WHERE done_at IS NOT NULL AND NOT failed`); n != 1 {
		t.Errorf("%d delivered after it", n)
	}
}

// Every event makes the module put a thing, which is an event again.
func TestChainOfEventsEnds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.emit("thing.made")
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Effects: []effect.Item{put("again", w.net, fmt.Sprint(a.Input.(effect.EventInput).Depth))}}, nil
	}
	for range 3 {
		w.deliver()
	}
	if got := w.thingsMade(); got != effect.MaxDepth+1 {
		t.Errorf("%d links of the chain", got)
	}
	if n := w.count(`SELECT max(depth) FROM effect_event`); n != effect.MaxDepth {
		t.Errorf("deepest event %d", n)
	}
}

// The node is stopped between the answer and the commit: what is not marked is
// done again, and once.
func TestEventIsNotLostByACrash(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.emit("thing.made")
	note := effect.Item{Handle: "n", Effect: &effect.AuditNote{Scope: w.net, Code: "told"}}
	ctx, cancel := context.WithCancel(t.Context())
	w.m.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		cancel()
		return &effect.Answer{Effects: []effect.Item{note}}, nil
	}
	if _, err := w.e.DeliverEvents(ctx, netType, w.net); err == nil {
		t.Fatal("no error from a cancelled delivery")
	}
	w.answers(note)
	w.deliver()
	w.deliver()
	if n := w.count(`SELECT count(*) FROM audit_event WHERE action = 'test.trial/note:told'`); n != 1 {
		t.Errorf("told %d times", n)
	}
}

func setTimer(w *world, at time.Time) effect.Item {
	return effect.Item{Handle: "t", Effect: &effect.TimerSet{Scope: w.net, Name: "remind", Key: "k", At: at, Data: effect.Document{JSON: []byte(`{"x":1}`), Revision: 1}}}
}

func TestTimerActsWithoutAPerson(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(setTimer(w, start.Add(time.Hour)))
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
	sweep := func() int {
		t.Helper()
		n, err := w.e.SweepTimers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if sweep() != 0 {
		t.Error("fired before its time")
	}
	// It moves: set again under the same name and key.
	w.answers(setTimer(w, start.Add(2*time.Hour)))
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Hour)
	if sweep() != 0 {
		t.Error("fired at the old time")
	}
	w.clock.Advance(time.Hour)
	// It acts, and sets itself anew.
	w.answers(put("made", w.net, "by timer"), setTimer(w, start.Add(30*time.Hour)))
	var wg sync.WaitGroup
	for range 3 { // nodes
		wg.Go(func() {
			if _, err := w.e.SweepTimers(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := w.thingsMade(); n != 1 {
		t.Errorf("%d things", n)
	}
	asked := w.m.Asked()
	in := asked[len(asked)-1].Input.(effect.TimerInput)
	if in.Key != "k" || string(in.Data.JSON) != `{"x": 1}` || !asked[len(asked)-1].Snapshot.Actor.System {
		t.Errorf("%+v", in)
	}
	if n := w.count(`SELECT count(*) FROM timer WHERE fired_at IS NULL AND due_at = $1`, start.Add(30*time.Hour)); n != 1 {
		t.Error("the timer did not set itself anew")
	}
	if n := w.count(`SELECT count(*) FROM audit_event WHERE actor_system = 'module:test.trial' AND action = 'test.trial/timer:remind'`); n != 1 {
		t.Errorf("%d audit entries of the system", n)
	}
}

func TestTimerOfAModuleThatIsDownWaits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(setTimer(w, start))
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
	w.m.SetDown(true)
	if n, err := w.e.SweepTimers(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	w.m.SetDown(false)
	w.answers()
	if n, _ := w.e.SweepTimers(t.Context()); n != 0 {
		t.Error("tried again at once")
	}
	w.due()
	if n, err := w.e.SweepTimers(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

func TestTimerCancelled(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(setTimer(w, start), effect.Item{Handle: "c", Effect: &effect.TimerCancel{Scope: w.net, Name: "remind", Key: "k"}},
		effect.Item{Handle: "d", Effect: &effect.TimerCancel{Scope: w.net, Name: "remind", Key: "none"}})
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
	if n, err := w.e.SweepTimers(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	w.answers(effect.Item{Handle: "t", Effect: &effect.TimerSet{Scope: w.net, Name: "unknown", At: start}})
	_, err := w.e.Decide(w.ctx(), w.request())
	wantKey(t, err, fault.Internal, "effect.bad_answer")
}

func TestGuards(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ask := func(command string, acks ...effect.Acknowledgement) (*effect.GuardOutcome, error) {
		return w.e.Guard(w.ctx(), &effect.GuardRequest{Command: command, Scope: w.group, Arguments: map[string]string{"person": "x"}, Acknowledged: acks})
	}
	if o, err := ask("network.other:act"); err != nil || o.Refused {
		t.Errorf("an act without a guard: %+v %v", o, err)
	}
	warn := effect.Diagnostic{Severity: effect.SeverityWarning, Code: "complex", Text: "Z tego samego zespołu."}
	w.m.OnGuard = func(a *effect.GuardAsk) (*effect.GuardAnswer, error) {
		return &effect.GuardAnswer{Diagnostics: []effect.Diagnostic{warn}}, nil
	}
	o, err := ask("network.member:add")
	wantKey(t, err, fault.Invalid, "effect.reason_needed")
	if !o.Refused || len(o.Unacknowledged(nil)) != 1 {
		t.Errorf("%+v", o)
	}
	if o, err = ask("network.member:add", effect.Acknowledgement{Code: "complex", Reason: "Jedyny chętny."}); err != nil {
		t.Fatal(err)
	}
	w.confirm(o)
	if n := w.count(`SELECT count(*) FROM audit_event WHERE action = 'warning:acknowledge' AND object_id = 'complex'`); n != 1 {
		t.Errorf("%d reasons audited", n)
	}

	w.m.SetDown(true)
	if _, err := ask("network.stage:set"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a required guard that is down: %v", err)
	}
	if o, err = ask("network.member:add"); err != nil || !o.Deferred {
		t.Fatalf("an advisory guard that is down: %+v %v", o, err)
	}
	w.confirm(o)
	if n, err := w.e.SweepRechecks(t.Context()); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	w.m.SetDown(false)
	if n, err := w.e.SweepRechecks(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	flags, err := w.e.Flags(t.Context(), w.db, w.group)
	if err != nil || len(flags) != 1 || flags[0].Diagnostics[0] != warn {
		t.Fatalf("%+v %v", flags, err)
	}
}

func (w *world) confirm(o *effect.GuardOutcome) {
	w.t.Helper()
	if err := w.db.Tx(w.ctx(), func(ctx context.Context, tx *db.Tx) error { return w.e.Confirm(ctx, tx, o) }); err != nil {
		w.t.Fatal(err)
	}
}

func TestGuardIsCheckedAgainInTheAct(t *testing.T) {
	t.Parallel()
	w := setup(t)
	row := w.thing("a")
	w.m.OnGuard = func(*effect.GuardAsk) (*effect.GuardAnswer, error) {
		return &effect.GuardAnswer{DependsOn: []effect.RowVersion{{Source: effect.SourceRecord, ID: row.ID, Version: 1}}}, nil
	}
	o, err := w.e.Guard(w.ctx(), &effect.GuardRequest{Command: "network.stage:set", Scope: w.net})
	if err != nil {
		t.Fatal(err)
	}
	w.confirm(o)
	if _, err := w.db.Exec(t.Context(), `UPDATE thing SET version = 2`); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Tx(w.ctx(), func(ctx context.Context, tx *db.Tx) error { return w.e.Confirm(ctx, tx, o) }); !errors.Is(err, effect.ErrStale) {
		t.Errorf("got %v", err)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.thing("a")
	w.m.OnRender = func(a *effect.RenderAsk) (*effect.RenderAnswer, error) {
		return &effect.RenderAnswer{View: []byte(fmt.Sprintf(`{"rows":%d}`, len(a.Snapshot.Slices[0].Rows)))}, nil
	}
	req := &effect.RenderRequest{Type: netType, View: "home", Scope: w.net}
	got, err := w.e.Render(w.ctx(), req)
	if err != nil || string(got.View) != `{"rows":1}` {
		t.Fatalf("%+v %v", got, err)
	}
	if _, err := w.e.Render(access.With(t.Context(), &access.Actor{Person: uuid.New()}), req); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
	w.m.OnRender = func(*effect.RenderAsk) (*effect.RenderAnswer, error) {
		return &effect.RenderAnswer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityError, Code: "gone", Text: "Nie ma."}}}, nil
	}
	if _, err := w.e.Render(w.ctx(), req); !fault.Is(err, fault.Invalid) {
		t.Errorf("nothing to show: %v", err)
	}
	req.View = "unknown"
	if _, err := w.e.Render(w.ctx(), req); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown view: %v", err)
	}
}
