package network_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
)

func TestGuardOfDifferentSchools(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, _ := w.open(nil)
	w.module.OnGuard = func(a *effect.GuardAsk) (*effect.GuardAnswer, error) {
		return &effect.GuardAnswer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "same_complex", Text: "Czwarta osoba z tego samego zespołu."}}}, nil
	}
	a := w.teacher()
	_, err := w.s.Join(t.Context(), a, id, network.Entry{})
	var need *network.ReasonError
	if !errors.As(err, &need) || fault.As(err).Fields[0].Path != "reason.same_complex" {
		t.Fatalf("no warning: %v", err)
	}
	out, err := w.s.Join(t.Context(), a, id, network.Entry{Reasons: []effect.Acknowledgement{{Code: "same_complex", Reason: "Uczy w dwóch szkołach"}}})
	if err != nil || out.State != network.Active {
		t.Fatal(out, err)
	}
	// While the module is down people come in all the same, and it is checked later.
	w.module.SetDown(true)
	b := w.teacher()
	w.join(b, id, network.Active)
	if n := w.number(`SELECT count(*) FROM effect_recheck WHERE scope_id = $1`, id); n != 1 {
		t.Errorf("%d marks to check again", n)
	}
	n, err := w.s.Get(t.Context(), w.again(b), id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Render(t.Context(), w.again(b), n, "home", nil); err == nil {
		t.Error("a view of a module that is down")
	}
	if _, err := w.s.Leave(t.Context(), w.again(b), id); err != nil {
		t.Errorf("leaving while the module is down: %v", err)
	}
	w.whole()
}

// What the module looked at changes faster than it can be asked: the person
// comes in, the reason is kept, and it is checked again later.
func TestGuardThatCannotBeHeld(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, _ := w.open(nil)
	asked := 0
	w.module.OnGuard = func(a *effect.GuardAsk) (*effect.GuardAnswer, error) {
		asked++
		return &effect.GuardAnswer{
			Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "same_complex", Text: "Czwarta osoba z tego samego zespołu."}},
			DependsOn:   []effect.RowVersion{{Source: effect.SourceMember, ID: uuid.New(), Version: 1}},
		}, nil
	}
	reasons := []effect.Acknowledgement{{Code: "same_complex", Reason: "Uczy w dwóch szkołach"}}
	out, err := w.s.Join(t.Context(), w.teacher(), id, network.Entry{Reasons: reasons})
	if err != nil || out.State != network.Active || asked != 3 {
		t.Fatalf("%+v, %v after %d questions", out, err, asked)
	}
	if n := w.number(`SELECT count(*) FROM effect_recheck WHERE scope_id = $1`, id); n != 1 {
		t.Errorf("%d marks to check again", n)
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE scope_id = $1 AND action LIKE '%acknowledge%'`, id); n != 1 {
		t.Errorf("the reason was audited %d times", n)
	}
}

func TestRenewOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	a := w.teacher()
	w.join(a, id, network.Active)
	w.module.OnDecide = func(ask *effect.Ask) (*effect.Answer, error) {
		if ask.Input.InputName() != "renew" {
			return &effect.Answer{}, nil
		}
		next := effect.Scope{Kind: effect.Network, ID: effect.HandleID(ask.Snapshot.Decision, "successor")}
		return &effect.Answer{Effects: []effect.Item{{Handle: "note", Effect: &effect.AuditNote{Scope: next, Code: "goals_copied"}}}}, nil
	}
	next, err := w.s.Renew(t.Context(), lead, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Renew(t.Context(), lead, id); !fault.Is(err, fault.Conflict) {
		t.Errorf("two successors: %v", err)
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE action = 'test.trial/note:goals_copied' AND scope_id = $1`, next); n != 1 {
		t.Errorf("the module copied %d times", n)
	}
	lead = w.again(lead)
	n, err := w.s.Get(t.Context(), lead, next)
	if err != nil || n.Status != network.Draft || n.SchoolYear != 2027 || n.Title != settings().Title || n.Capacity != 3 || *n.Predecessor != id {
		t.Fatalf("%+v, %v", n, err)
	}
	if w.letters.count("network.notice.invited", a.Person) != 0 {
		t.Error("invited before the draft was opened")
	}
	if err := w.s.OpenNetwork(t.Context(), lead, next); err != nil {
		t.Fatal(err)
	}
	if w.letters.count("network.notice.invited", a.Person) != 1 {
		t.Error("not invited when the draft was opened")
	}
	w.join(a, next, network.Active)
	w.whole()
}

func TestStagesCloseTheNetwork(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(func(s *network.Settings) { s.Capacity = 2 })
	for range 3 {
		a := w.teacher()
		if _, err := w.s.Join(t.Context(), a, id, network.Entry{}); err != nil {
			t.Fatal(err)
		}
	}
	to := "working"
	w.module.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		from := a.Snapshot.Scopes[0].Stage
		return &effect.Answer{Effects: []effect.Item{{Handle: "stage", Effect: &effect.StageSet{Scope: a.Snapshot.Scope, From: from, To: to}}}}, nil
	}
	if _, err := w.s.Act(t.Context(), w.again(w.teacher()), id, network.Action{Command: "next_stage"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
	for _, to = range []string{"working", "closed"} {
		if _, err := w.s.Act(t.Context(), lead, id, network.Action{Command: "next_stage"}); err != nil {
			t.Fatal(err)
		}
	}
	n, err := w.s.Get(t.Context(), lead, id)
	if err != nil || n.Status != network.Closed || n.Stage != "closed" || n.StageTitle != "Zakończona" {
		t.Fatalf("%+v, %v", n, err)
	}
	if _, err := w.s.Join(t.Context(), w.teacher(), id, network.Entry{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("joined a closed network: %v", err)
	}
	w.whole()
}

func TestEffectsOfAModule(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(func(s *network.Settings) { s.Capacity = 2 })
	people := []*access.Actor{w.teacher(), w.teacher(), w.teacher()}
	scope := effect.Scope{Kind: effect.Network, ID: id}
	var effects []effect.Effect
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		a := &effect.Answer{}
		for i, e := range effects {
			a.Effects = append(a.Effects, effect.Item{Handle: fmt.Sprintf("e%d", i), Effect: e})
		}
		return a, nil
	}
	give := func(list ...effect.Effect) error {
		effects = list
		_, err := w.s.Act(t.Context(), lead, id, network.Action{Command: "next_stage"})
		return err
	}
	if err := give(&effect.MemberAdd{Scope: scope, Person: people[0].Person}, &effect.MemberAdd{Scope: scope, Person: people[1].Person},
		&effect.MemberAdd{Scope: scope, Person: people[2].Person}, &effect.RoleGrant{Scope: scope, Person: people[0].Person, Role: "moderator"}); err != nil {
		t.Fatal(err)
	}
	if s := w.standing(people[2], id); s.State != network.Waiting {
		t.Errorf("beyond the capacity: %+v", s)
	}
	if err := give(&effect.RoleGrant{Scope: scope, Person: people[0].Person, Role: "coordinator"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a module makes a coordinator: %v", err)
	}
	if err := give(&effect.MemberRemove{Scope: scope, Person: lead.Person}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a module removes the coordinator: %v", err)
	}
	if err := give(&effect.RoleRevoke{Scope: scope, Person: people[0].Person, Role: "moderator"}, &effect.MemberRemove{Scope: scope, Person: people[1].Person, Reason: "x"},
		&effect.MemberInvite{Scope: scope, Email: "ktos@example.org"}); err != nil {
		t.Fatal(err)
	}
	if s := w.standing(people[2], id); s.State != network.Offered {
		t.Errorf("next in line: %+v", s)
	}
	if err := give(&effect.StageSet{Scope: scope, From: "organisational", To: "nowhere"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("unknown stage: %v", err)
	}
	if err := give(&effect.MemberAdd{Scope: scope, Person: w.teacher().Person}, &effect.StageSet{Scope: scope, From: "closed", To: "working"}); !fault.Is(err, fault.Conflict) {
		t.Errorf("stage that it is not in: %v", err)
	}
	w.whole()
}

func TestSlices(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(func(s *network.Settings) { s.Capacity = 0 })
	for range 7 {
		w.join(w.teacher(), id, network.Active)
	}
	req := &effect.SliceRequest{Module: "test.trial", Source: effect.SourceMember, Scopes: []effect.Scope{{Kind: effect.Network, ID: id}}, Limit: 3,
		Filters: []effect.Filter{{Field: effect.FieldState, Op: effect.Equal, Value: "active"}}, Order: []effect.Order{{Field: effect.FieldPerson}},
		Attributes: []string{"complex", "group"}, Now: w.clock.Now()}
	seen := map[uuid.UUID]int64{}
	for {
		res, err := w.s.MemberReader().ReadSlice(t.Context(), w.db, req)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range res.Rows {
			seen[r.ID] = r.Version
		}
		if req.Cursor = res.Cursor; req.Cursor == "" {
			break
		}
	}
	if len(seen) != 8 {
		t.Errorf("%d members in the slice", len(seen))
	}
	var ids []uuid.UUID
	for i := range seen {
		ids = append(ids, i)
	}
	err := w.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		have, err := w.s.MemberReader().LockVersions(ctx, tx, ids)
		for id, v := range seen {
			if have[id] != v {
				t.Errorf("version of %s: %d, want %d", id, have[id], v)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_ = lead
}
