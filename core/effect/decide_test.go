package effect_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

func TestDecisionIsAppliedWithItsAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(put("one", w.net, "1"), put("two", w.net, "2"), effect.Item{Handle: "n", Effect: &effect.AuditNote{Scope: w.net, Code: "done"}})
	o, err := w.e.Decide(w.ctx(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if !o.Applied || w.thingsMade() != 2 {
		t.Fatalf("outcome %+v, %d things", o, w.thingsMade())
	}
	if n := w.count(`SELECT count(*) FROM thing WHERE id = $1`, o.Created["two"]); n != 1 {
		t.Error("the outcome does not name what was created")
	}
	if n := w.count(`SELECT count(*) FROM audit_event WHERE actor_id = $1 AND action = 'test.trial/command:act'`, w.me.Person); n != 1 {
		t.Errorf("%d audit entries of the decision", n)
	}
	if n := w.count(`SELECT count(*) FROM audit_event WHERE action = 'test.trial/note:done'`); n != 1 {
		t.Errorf("%d notes", n)
	}
	if n := w.count(`SELECT count(*) FROM effect_event WHERE scope_id = $1 AND seq <= 2`, w.net.ID); n != 2 {
		t.Errorf("%d events", n)
	}
}

func TestSameDecisionChangesThingsOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(put("one", w.net, "1"))
	req := w.request()
	req.ID = uuid.New()
	var wg sync.WaitGroup
	var applied, repeated atomic.Int32
	for range 12 {
		wg.Go(func() {
			o, err := w.e.Decide(w.ctx(), req)
			switch {
			case err != nil:
				t.Error(err)
			case o.Repeated:
				repeated.Add(1)
			default:
				applied.Add(1)
			}
		})
	}
	wg.Wait()
	if applied.Load() != 1 || repeated.Load() != 11 || w.thingsMade() != 1 {
		t.Fatalf("applied %d, repeated %d, things %d", applied.Load(), repeated.Load(), w.thingsMade())
	}
	asked := len(w.m.Asked())
	o, err := w.e.Decide(w.ctx(), req)
	if err != nil || !o.Repeated || o.Created["one"] == uuid.Nil {
		t.Fatalf("%+v %v", o, err)
	}
	if len(w.m.Asked()) != asked {
		t.Error("the module was asked about a decision already taken")
	}
	other := w.request()
	other.ID, other.Input = req.ID, effect.Command{Name: "act", Subject: uuid.New()}
	_, err = w.e.Decide(w.ctx(), other)
	wantKey(t, err, fault.Conflict, "effect.other_request")
	stranger := access.With(t.Context(), &access.Actor{Person: uuid.New()})
	if o, err := w.e.Decide(stranger, req); !fault.Is(err, fault.Conflict) || o != nil {
		t.Errorf("somebody else gets the outcome: %+v %v", o, err)
	}
}

func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	elsewhere := effect.Scope{Kind: effect.Group, ID: uuid.New()}
	for name, c := range map[string]struct {
		last effect.Item
		kind fault.Kind
		key  string
	}{
		"refused by its owner": {put("x", effect.Scope{}, "bad"), fault.Invalid, "fault.invalid"},
		"without capability":   {effect.Item{Handle: "x", Effect: &effect.GroupCreate{GroupKind: "team", Name: "A"}}, fault.Forbidden, "effect.no_capability"},
		"without permission":   {effect.Item{Handle: "x", Effect: &effect.RoleGrant{Person: uuid.New(), Role: "expert"}}, fault.Forbidden, "effect.not_permitted"},
		"not served":           {effect.Item{Handle: "x", Effect: &effect.Notify{}}, fault.Unavailable, "effect.not_served"},
		"scope not handed out": {put("x", elsewhere, "1"), fault.Internal, "effect.bad_answer"},
		"handle twice":         {put("one", effect.Scope{}, "1"), fault.Internal, "effect.bad_answer"},
		"no kind":              {effect.Item{Handle: "x"}, fault.Internal, "effect.bad_answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			switch e := c.last.Effect.(type) {
			case *effect.RecordPut:
				if e.Scope.IsZero() {
					e.Scope = w.net
				}
			case *effect.GroupCreate:
				e.Scope = w.net
			case *effect.RoleGrant:
				e.Scope = w.net
			}
			w.answers(put("one", w.net, "1"), c.last)
			_, err := w.e.Decide(w.ctx(), w.request())
			wantKey(t, err, c.kind, c.key)
			if n := w.thingsMade() + w.count(`SELECT count(*) FROM effect_decision`) + w.count(`SELECT count(*) FROM effect_event`); n != 0 {
				t.Errorf("%d rows were left", n)
			}
		})
	}
}

func TestScopesHandedOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(put("one", w.group, "1"))
	if _, err := w.e.Decide(w.ctx(), w.request()); !fault.Is(err, fault.Internal) {
		t.Errorf("a group that was not handed out: %v", err)
	}
	req := w.request()
	req.Input = act("reach")
	if _, err := w.e.Decide(w.ctx(), req); err != nil {
		t.Errorf("a group handed out as writable: %v", err)
	}
	w.answers(put("one", w.other, "1"))
	if _, err := w.e.Decide(w.ctx(), req); !fault.Is(err, fault.Internal) {
		t.Errorf("a foreign network, though the actor is coordinator there: %v", err)
	}
}

func TestWhoMayCommand(t *testing.T) {
	t.Parallel()
	w := setup(t)
	req := w.request()
	req.Input = act("secret")
	if _, err := w.e.Decide(w.ctx(), req); !fault.Is(err, fault.NotFound) {
		t.Errorf("without permission: %v", err)
	}
	if _, err := w.e.Decide(access.With(t.Context(), &access.Actor{}), w.request()); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("signed out: %v", err)
	}
	req.Input = act("unknown")
	if _, err := w.e.Decide(w.ctx(), req); !fault.Is(err, fault.NotFound) {
		t.Errorf("unknown command: %v", err)
	}
	if len(w.m.Asked()) != 0 {
		t.Error("the module was asked nevertheless")
	}
}

func TestFormOfACommandIsChecked(t *testing.T) {
	t.Parallel()
	w := setup(t)
	req := w.request()
	req.Input = effect.Command{Name: "note", Input: effect.Document{JSON: []byte(`{}`), Revision: 1}}
	_, err := w.e.Decide(w.ctx(), req)
	if e := fault.As(err); e == nil || e.Kind != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Path != "text" {
		t.Fatalf("got %v", err)
	}
	req.Input = effect.Command{Name: "note", Input: effect.Document{JSON: []byte(`{"text":"  tak "}`)}}
	if _, err := w.e.Decide(w.ctx(), req); err != nil {
		t.Fatal(err)
	}
	got := w.m.Asked()[0].Input.(effect.Command).Input
	if string(got.JSON) != `{"text":"tak"}` || got.Revision != 1 {
		t.Errorf("the module got %s at revision %d", got.JSON, got.Revision)
	}
}

func TestConflictIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	row := w.thing("a")
	races := 1
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		seen := row
		for _, r := range a.Snapshot.Slices[0].Rows {
			if r.ID == row.ID {
				seen = r
			}
		}
		if races > 0 {
			races--
			if _, err := w.db.Exec(t.Context(), `UPDATE thing SET version = version + 1 WHERE id = $1`, row.ID); err != nil {
				return nil, err
			}
		}
		return &effect.Answer{
			Effects:   []effect.Item{put("one", w.net, "1")},
			DependsOn: []effect.RowVersion{{Source: effect.SourceRecord, ID: seen.ID, Version: seen.Version}},
		}, nil
	}
	req := w.request()
	req.Input = act("reach") // brings all rows
	o, err := w.e.Decide(w.ctx(), req)
	if err != nil || !o.Applied || len(w.m.Asked()) != 2 {
		t.Fatalf("%+v %v, asked %d times", o, err, len(w.m.Asked()))
	}
	races = 100
	_, err = w.e.Decide(w.ctx(), req)
	wantKey(t, err, fault.Conflict, "fault.conflict")
	if len(w.m.Asked()) != 5 || w.thingsMade() != 2 {
		t.Errorf("asked %d times, %d things", len(w.m.Asked()), w.thingsMade())
	}
}

// Each decision adds one to a counter that it read: none may be lost.
func TestConcurrentDecisionsLoseNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	row := w.thing("0")
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		r := a.Snapshot.Slices[0].Rows[0]
		return &effect.Answer{
			Effects: []effect.Item{{Handle: "add", Effect: &effect.RecordRevise{Scope: w.net, Record: r.ID, Version: r.Version,
				Data: effect.Document{JSON: []byte("{}"), Revision: 1}}}},
			DependsOn: []effect.RowVersion{{Source: effect.SourceRecord, ID: r.ID, Version: r.Version}},
		}, nil
	}
	var wg sync.WaitGroup
	var ok, lost atomic.Int32
	for range 8 {
		wg.Go(func() {
			_, err := w.e.Decide(w.ctx(), w.request())
			switch {
			case err == nil:
				ok.Add(1)
			case fault.Is(err, fault.Conflict):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if v := w.count(`SELECT version FROM thing WHERE id = $1`, row.ID); v != int(ok.Load())+1 || ok.Load() == 0 {
		t.Errorf("version %d after %d applied and %d conflicts", v, ok.Load(), lost.Load())
	}
}

func TestNeedRounds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for i := range 5 {
		w.thing(fmt.Sprint(i))
	}
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		s := a.Snapshot.Slices[0]
		if s.Cursor == "" {
			return &effect.Answer{Effects: []effect.Item{put("one", w.net, fmt.Sprint(len(s.Rows)))}}, nil
		}
		return &effect.Answer{Need: &effect.Need{Slices: []effect.SliceSpec{
			{Name: "things", Source: effect.SourceRecord, Kind: "thing", Selector: effect.This, Limit: 2, Cursor: s.Cursor}}}}, nil
	}
	o, err := w.e.Decide(w.ctx(), w.request())
	if err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM thing WHERE body = '{"body":"5"}'`); n != 1 || len(w.m.Asked()) != 3 || !o.Applied {
		t.Errorf("rows did not add up: asked %d times", len(w.m.Asked()))
	}
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Need: &effect.Need{Slices: []effect.SliceSpec{{Name: "things", Source: effect.SourceRecord, Kind: "thing", Selector: effect.This}}}}, nil
	}
	_, err = w.e.Decide(w.ctx(), w.request())
	wantKey(t, err, fault.Internal, "effect.bad_answer")
	if n := len(w.m.Asked()) - 3; n != effect.MaxNeeds+1 {
		t.Errorf("asked %d times", n)
	}
}

func TestMessageStaysSmall(t *testing.T) {
	t.Parallel()
	w := setup(t)
	big := strings.Repeat("x", 250<<10)
	for range 20 {
		w.thing(big)
	}
	req := w.request()
	req.Input = act("reach")
	size, cursor := 0, ""
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		for _, r := range a.Snapshot.Slices[0].Rows {
			size += len(r.Data)
		}
		cursor = a.Snapshot.Slices[0].Cursor
		return &effect.Answer{}, nil
	}
	if _, err := w.e.Decide(w.ctx(), req); err != nil {
		t.Fatal(err)
	}
	if size > 3<<20 || size < 2<<20 || cursor == "" {
		t.Errorf("%d bytes of rows, cursor %q", size, cursor)
	}
}

func TestDryRunLeavesNothing(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(put("one", w.net, "1"))
	req := w.request()
	req.DryRun = true
	before := false
	req.Before = func(context.Context, *db.Tx, *effect.Decision) error { before = true; return nil }
	o, err := w.e.Decide(w.ctx(), req)
	if err != nil || o.Applied || len(o.Effects) != 1 || !before {
		t.Fatalf("%+v %v", o, err)
	}
	if n := w.thingsMade() + w.count(`SELECT count(*) FROM effect_decision`) + w.count(`SELECT count(*) FROM audit_event`); n != 0 {
		t.Errorf("%d rows were left", n)
	}
	w.answers(put("one", w.net, "bad"))
	if _, err := w.e.Decide(w.ctx(), req); !fault.Is(err, fault.Invalid) {
		t.Errorf("a dry run did not meet the owner's check: %v", err)
	}
}

// What stands against a command is said before anybody gives it, and nothing is
// written or applied; who may not give it does not hear it.
func TestWeighOnlyAsks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		if !a.Snapshot.DryRun {
			t.Error("the module is not told that it is a dry run")
		}
		return &effect.Answer{
			Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityError, Code: "no_summary", Text: "Najpierw podsumowanie."}, {Severity: effect.SeverityInfo, Code: "plan", Text: "Plan jest."}},
			Effects:     []effect.Item{put("one", w.net, "1")},
		}, nil
	}
	list, err := w.e.Weigh(w.ctx(), w.request())
	if err != nil || len(list) != 2 || list[0].Code != "no_summary" || list[1].Severity != effect.SeverityInfo {
		t.Fatalf("%+v %v", list, err)
	}
	if n := w.thingsMade() + w.count(`SELECT count(*) FROM effect_decision`) + w.count(`SELECT count(*) FROM audit_event`); n != 0 {
		t.Errorf("%d rows were left", n)
	}
	if _, err := w.e.Weigh(t.Context(), w.request()); err == nil {
		t.Error("a guest hears what stands against a command")
	}
}

func TestWarningNeedsAReason(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.m.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{
			Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Path: "size", Code: "many", Text: "To dużo."}},
			Effects:     []effect.Item{put("one", w.net, "1")},
		}, nil
	}
	o, err := w.e.Decide(w.ctx(), w.request())
	wantKey(t, err, fault.Invalid, "effect.reason_needed")
	if o == nil || !o.Refused || len(o.Unacknowledged(nil)) != 1 || w.thingsMade() != 0 {
		t.Fatalf("%+v", o)
	}
	req := w.request()
	req.Acknowledged = []effect.Acknowledgement{{Code: "many", Path: "size", Reason: "Szkoła jest duża."}}
	if o, err = w.e.Decide(w.ctx(), req); err != nil || !o.Applied {
		t.Fatalf("%+v %v", o, err)
	}
	if n := w.count(`SELECT count(*) FROM audit_event WHERE action = 'warning:acknowledge' AND object_id = 'many' AND digest IS NOT NULL`); n != 1 {
		t.Errorf("the reason is not audited: %d", n)
	}
	if n := w.count(`SELECT count(*) FROM effect_decision WHERE acknowledged @> '[{"reason":"Szkoła jest duża."}]'`); n != 1 {
		t.Errorf("the reason is not kept: %d", n)
	}
}

func TestErrorRefuses(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.m.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityError, Path: "when", Code: "early", Text: "Za wcześnie."}},
			Effects: []effect.Item{put("one", w.net, "1")}}, nil
	}
	o, err := w.e.Decide(w.ctx(), w.request())
	if e := fault.As(err); e == nil || e.Kind != fault.Invalid || e.Fields[0].Text != "Za wcześnie." || e.Fields[0].Path != "when" || !o.Refused {
		t.Fatalf("%v %+v", err, o)
	}
	if w.thingsMade() != 0 {
		t.Error("something was applied")
	}
}

func TestHooksShareTheTransaction(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.answers(put("one", w.net, "1"))
	req := w.request()
	req.Before = func(ctx context.Context, tx *db.Tx, _ *effect.Decision) error {
		_, err := tx.Exec(ctx, `INSERT INTO thing (id, scope_id, body) VALUES ($1, $1, 'before')`, uuid.New())
		return err
	}
	boom := errors.New("boom")
	req.After = func(context.Context, *db.Tx, *effect.Decision, *effect.Outcome) error { return boom }
	if _, err := w.e.Decide(w.ctx(), req); !errors.Is(err, boom) || w.thingsMade() != 0 {
		t.Fatalf("%v, %d things", err, w.thingsMade())
	}
	req.After = nil
	if _, err := w.e.Decide(w.ctx(), req); err != nil || w.thingsMade() != 2 {
		t.Fatalf("%v, %d things", err, w.thingsMade())
	}
}

func TestFoundingGivesTheFounderTheRole(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := uuid.New()
	fresh := effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: id}, Type: netType, Place: access.Place{Network: id}}
	ctx := access.With(t.Context(), &access.Actor{Person: uuid.New()})
	req := &effect.Request{Type: netType, Scope: fresh.Scope, Founding: &fresh, Input: act("found")}
	o, err := w.e.Decide(ctx, req)
	if err != nil || !o.Applied {
		t.Fatalf("%+v %v", o, err)
	}
	if len(w.m.Asked()) != 0 {
		t.Error("a type without the command was asked")
	}
	req.Founding = nil
	if _, err := w.e.Decide(ctx, req); !fault.Is(err, fault.NotFound) {
		t.Errorf("founding what is not being founded: %v", err)
	}
}

func TestClosedScopeIsRead(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.places.add(effect.ScopeState{Scope: w.group, Parent: w.net, Closed: true, Place: access.Place{Network: w.net.ID, Group: w.group.ID}})
	w.answers(put("one", w.group, "1"))
	req := w.request()
	req.Input = act("reach")
	_, err := w.e.Decide(w.ctx(), req)
	wantKey(t, err, fault.Conflict, "effect.scope_closed")
}

func TestModuleDown(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.m.SetDown(true)
	if _, err := w.e.Decide(w.ctx(), w.request()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
}

func TestTooManyEffects(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var many []effect.Item
	for i := range effect.MaxEffects + 1 {
		many = append(many, put(fmt.Sprintf("h%d", i), w.net, "1"))
	}
	w.answers(many...)
	_, err := w.e.Decide(w.ctx(), w.request())
	wantKey(t, err, fault.Internal, "effect.bad_answer")
}

func TestSnapshotSaysWhoAndWhen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.me.Grants = append(w.me.Grants, access.Grant{Role: access.Guardian, Kind: access.Group, Scope: w.group.ID},
		access.Grant{Role: access.Guardian, Kind: access.Group, Scope: uuid.New()})
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
	s := w.m.Asked()[0].Snapshot
	if s.Actor.Person != w.me.Person || fmt.Sprint(s.Actor.Roles) != "[coordinator]" || len(s.Actor.Groups) != 1 || s.Actor.Groups[0] != w.group.ID {
		t.Errorf("actor %+v", s.Actor)
	}
	if !s.Now.Equal(start) || s.Zone != "Europe/Warsaw" || s.Locale != "pl" || s.Seed == 0 {
		t.Errorf("snapshot %+v", s)
	}
	for _, st := range s.Scopes {
		if st.Writable != (st.Scope == w.net) {
			t.Errorf("scope %s writable: %t", st.Scope, st.Writable)
		}
	}
}

func TestCallsAreOutsideTransactions(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.m.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var n int
		err := w.db.Get(ctx, &n, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`)
		if n != 0 {
			t.Errorf("%d transactions are open during the call", n)
		}
		return &effect.Answer{Effects: []effect.Item{put("one", w.net, "1")}}, err
	}
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
}

// The register is read with its capability alone, as of today unless the module
// names a day.
func TestRegisterNeedsItsCapability(t *testing.T) {
	t.Parallel()
	w := setup(t)
	register := &onDay{}
	w.e.RegisterReader(register, effect.SourceRegister)
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		if a.Snapshot.Round > 0 {
			return &effect.Answer{}, nil
		}
		return &effect.Answer{Need: &effect.Need{Slices: []effect.SliceSpec{{Name: "taught", Source: effect.SourceRegister, Kind: "vocation", Selector: effect.This}}}}, nil
	}
	_, err := w.e.Decide(w.ctx(), w.request())
	wantKey(t, err, fault.Forbidden, "effect.no_capability")
	w.m.Grants[effect.Capability{Name: effect.CapRegister, Scope: effect.Network}] = true
	if _, err := w.e.Decide(w.ctx(), w.request()); err != nil {
		t.Fatal(err)
	}
	if register.asOf != "2026-11-24" {
		t.Errorf("as of %q", register.asOf)
	}
}

// onDay is a register without rows that remembers the day it was asked for.
type onDay struct{ asOf effect.Date }

func (o *onDay) ReadSlice(_ context.Context, _ db.Q, r *effect.SliceRequest) (*effect.SliceResult, error) {
	o.asOf = r.AsOf
	return &effect.SliceResult{}, nil
}

func (*onDay) LockVersions(context.Context, *db.Tx, []uuid.UUID) (map[uuid.UUID]int64, error) {
	return nil, nil
}
