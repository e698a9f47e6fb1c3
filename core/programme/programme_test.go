package programme_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/programme"
)

func TestProgrammeLife(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := idem.With(t.Context(), "key-of-create")
	in := programme.NewProgramme{Code: "jst-2027", Title: "JST", Type: "test.trial:jst"}
	p, err := w.s.Create(ctx, w.admin, in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.s.Create(ctx, w.admin, in)
	if err != nil || again.ID != p.ID {
		t.Fatalf("repeat: %v %v", again, err)
	}
	_, err = w.s.Create(t.Context(), w.admin, in)
	want(t, err, fault.Invalid, "programme.code_taken")
	_, err = w.s.Create(t.Context(), w.person(), programme.NewProgramme{Code: "AB", Title: "x"})
	want(t, err, fault.NotFound, "fault.not_found")
	for key, bad := range map[string]programme.NewProgramme{
		"programme.code":          {Code: "a b", Title: "x"},
		"programme.title_missing": {Code: "AB", Title: " "},
		"programme.unknown_type":  {Code: "AB", Title: "x", Type: "no.such:type"},
		"programme.ends_before":   {Code: "AB", Title: "x", Starts: time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC), Ends: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		_, err := w.s.Create(t.Context(), w.admin, bad)
		want(t, err, fault.Invalid, key)
	}
	inds, err := w.s.Indicators(t.Context(), w.admin, p.ID)
	if err != nil || len(inds) != 1 || inds[0].Target != 7 || inds[0].Achieved != 0 {
		t.Fatalf("indicators: %+v %v", inds, err)
	}
	if err := w.s.SetTarget(t.Context(), w.admin, p.ID, "plans", 9, 1); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.SetTarget(t.Context(), w.admin, p.ID, "plans", 8, 1), fault.Conflict, "fault.conflict")
	change := programme.Change{Title: "JST 2027", Version: 1}
	if err := w.s.Update(t.Context(), w.admin, p.ID, change); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.Update(t.Context(), w.admin, p.ID, change), fault.Conflict, "fault.conflict")
	if _, err := w.decide(w.admin, scopeOf(p), &effect.StageSet{Scope: scopeOf(p), From: "start", To: "end"}); err != nil {
		t.Fatal(err)
	}
	got, err := w.s.Get(t.Context(), w.admin, p.ID)
	if err != nil || got.Title != "JST 2027" || got.Stage != "end" || !got.Closed {
		t.Errorf("%+v %v", got, err)
	}
	_, err = w.s.CreateGroup(t.Context(), w.admin, programme.NewGroup{Parent: scopeOf(p), Kind: "team", Name: "Za późno"})
	want(t, err, fault.Conflict, "programme.parent_closed")
}

func TestProgrammesAreListedByPermissionAndPage(t *testing.T) {
	t.Parallel()
	w := setup(t)
	mine := w.programme("AA")
	w.programme("BB")
	w.programme("CC")
	lead := w.person(access.Grant{Role: access.Lead, Kind: access.Programme, Scope: mine.ID})
	l, err := w.s.List(t.Context(), lead, "", 0)
	if err != nil || len(l.Items) != 1 || l.Items[0].ID != mine.ID {
		t.Errorf("lead: %+v %v", l, err)
	}
	var seen []string
	after := ""
	for {
		l, err := w.s.List(t.Context(), w.admin, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range l.Items {
			seen = append(seen, p.Code)
		}
		if after = l.Next; after == "" {
			break
		}
	}
	if strings.Join(seen, " ") != "AA BB CC" {
		t.Errorf("pages: %v", seen)
	}
	if l, _ := w.s.List(t.Context(), w.person(), "", 0); len(l.Items) != 0 {
		t.Errorf("a stranger sees %d programmes", len(l.Items))
	}
}

func TestGroupsMoveWithinTheirProgramme(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, other := w.programme("AA"), w.programme("BB")
	n := w.network(p)
	g := w.group(scopeOf(p), "Gmina")
	if err := w.s.MoveGroup(t.Context(), w.admin, g, n, 1); err != nil {
		t.Fatal(err)
	}
	got, err := w.s.Group(t.Context(), w.admin, g)
	if err != nil || got.Parent != n || got.Programme != p.ID || got.Version != 2 {
		t.Fatalf("%+v %v", got, err)
	}
	want(t, w.s.MoveGroup(t.Context(), w.admin, g, scopeOf(p), 1), fault.Conflict, "fault.conflict")
	want(t, w.s.MoveGroup(t.Context(), w.admin, g, scopeOf(other), 2), fault.Invalid, "programme.other_programme")
	if _, err := w.decide(w.admin, scopeOf(p), &effect.GroupMove{Scope: team(g), To: scopeOf(p)}); fault.KindOf(err) != fault.Internal {
		t.Errorf("a group that was not handed out moves: %v", err)
	}
	below, err := w.s.Scopes().Below(t.Context(), w.db, scopeOf(p), 10)
	if err != nil || len(below) != 1 || below[0].Scope != team(g) || below[0].Place.Network != n.ID || below[0].Place.Programme != p.ID {
		t.Errorf("below the programme: %+v %v", below, err)
	}
	_, err = w.s.CreateGroup(t.Context(), w.admin, programme.NewGroup{Parent: n, Kind: "club", Name: "x"})
	want(t, err, fault.Invalid, "programme.group_kind")
}

func TestHeadInvitesTheTeam(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.programme("AA")
	g := w.group(scopeOf(p), "Gmina")
	head, guest, stranger := w.person(), w.person(), w.person()
	if err := w.s.AddMember(t.Context(), w.admin, g, head.Person, access.Head, time.Time{}); err != nil {
		t.Fatal(err)
	}
	head = w.again(head)
	address := guest.Person.String() + "@example.org"
	want(t, w.s.Invite(t.Context(), head, g, "no address", access.TeamMember), fault.Invalid, "programme.email")
	want(t, w.s.Invite(t.Context(), head, g, address, access.Guardian), fault.Forbidden, "fault.forbidden")
	want(t, w.s.Invite(t.Context(), stranger, g, address, access.TeamMember), fault.NotFound, "fault.not_found")
	for range 2 { // the second is already there
		if err := w.s.Invite(t.Context(), head, g, strings.ToUpper(address), access.TeamMember); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.s.MyInvitations(t.Context(), guest)
	if err != nil || len(list) != 1 || list[0].GroupName != "Gmina" || list[0].Email != "" {
		t.Fatalf("%+v %v", list, err)
	}
	if _, err := w.s.Answer(t.Context(), stranger, list[0].ID, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else answers: %v", err)
	}
	if _, err := w.s.Answer(t.Context(), guest, list[0].ID, true); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.Answer(t.Context(), guest, list[0].ID, true)
	want(t, err, fault.Conflict, "programme.invitation_over")
	guest = w.again(guest)
	members, err := w.s.Members(t.Context(), guest, g)
	if err != nil || len(members) != 2 || members[0].Role != access.Head || members[1].Person != guest.Person {
		t.Errorf("%+v %v", members, err)
	}
	if err := w.s.RemoveMember(t.Context(), guest, g, guest.Person, access.TeamMember); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Group(t.Context(), w.again(guest), g); !fault.Is(err, fault.NotFound) {
		t.Errorf("after leaving: %v", err)
	}
	if n := len(w.letters.sent); n != 2 {
		t.Errorf("%d messages, want one for the head's role and one invitation", n)
	}
}

func TestGuardianForSomeDays(t *testing.T) {
	t.Parallel()
	w := setup(t)
	g := w.group(scopeOf(w.programme("AA")), "Gmina")
	stand := w.person()
	until := w.clock.Now().AddDate(0, 0, 14)
	if err := w.s.AddMember(t.Context(), w.admin, g, stand.Person, access.Guardian, until); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Group(t.Context(), w.again(stand), g); err != nil {
		t.Errorf("within the time: %v", err)
	}
	w.clock.Set(until)
	if _, err := w.s.Group(t.Context(), w.again(stand), g); !fault.Is(err, fault.NotFound) {
		t.Errorf("after the time: %v", err)
	}
	if m, err := w.s.Members(t.Context(), w.admin, g); err != nil || len(m) != 0 {
		t.Errorf("members after the time: %v %v", m, err)
	}
}

func TestGuardianSeesOnlyOwnTeams(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.programme("AA")
	n := w.network(p)
	guardian := w.person()
	for i := range 7 {
		g := w.group(n, string(rune('A'+i)))
		if i < 3 {
			if err := w.s.AddMember(t.Context(), w.admin, g, guardian.Person, access.Guardian, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	l, err := w.s.Groups(t.Context(), w.again(guardian), n, "", 0)
	if err != nil || len(l.Items) != 3 {
		t.Errorf("%d groups, want own 3 (%v)", len(l.Items), err)
	}
	// Elsewhere the guardian sees nothing, and a place that is not is no empty list.
	for name, at := range map[string]effect.Scope{"another network": w.network(p), "no network": {Kind: effect.Network, ID: uuid.New()}, "the programme": {Kind: effect.Programme, ID: p.ID}} {
		if l, err := w.s.Groups(t.Context(), w.again(guardian), at, "", 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %+v %v", name, l, err)
		}
	}
	if l, err := w.s.Groups(t.Context(), w.admin, w.network(p), "", 0); err != nil || len(l.Items) != 0 {
		t.Errorf("a network without groups: %+v %v", l, err)
	}
	first, err := w.s.MyGroups(t.Context(), w.again(guardian), "", 2)
	if err != nil || len(first.Items) != 2 || first.Next == "" {
		t.Fatalf("%+v %v", first, err)
	}
	rest, err := w.s.MyGroups(t.Context(), w.again(guardian), first.Next, 2)
	if err != nil || len(rest.Items) != 1 || rest.Items[0].Name != "C" {
		t.Errorf("%+v %v", rest, err)
	}
	if _, err := w.s.MyGroups(t.Context(), w.again(guardian), l.Next+"x", 2); !fault.Is(err, fault.Invalid) {
		t.Errorf("forged cursor: %v", err)
	}
}

func TestEffects(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.programme("AA")
	who := w.person()
	plan := uuid.New()
	made := func(o *effect.Outcome, err error) *effect.Outcome {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	// A group, its guardian and a counted plan in one answer: the later effects
	// name what the first makes.
	decision := uuid.New()
	id := effect.HandleID(decision, "a")
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Effects: []effect.Item{
			{Handle: "a", Effect: &effect.GroupCreate{Scope: scopeOf(p), GroupKind: "team", Name: "Gmina"}},
			{Handle: "b", Effect: &effect.RoleGrant{Scope: team(id), Person: who.Person, Role: "guardian"}},
			{Handle: "c", Effect: &effect.RoleGrant{Scope: team(id), Person: who.Person, Role: "observer"}},
			{Handle: "d", Effect: &effect.IndicatorAchieve{Scope: scopeOf(p), Indicator: "plans", Amount: 1, Evidence: plan, Group: id}},
		}}, nil
	}
	made(w.engine.Decide(access.With(t.Context(), w.admin), &effect.Request{ID: decision, Type: "test.trial:jst", Scope: scopeOf(p), Input: effect.Command{Name: "act"}}))
	g, err := w.s.Group(t.Context(), w.again(who), id)
	if err != nil || g.Name != "Gmina" || g.Members != 1 {
		t.Fatalf("%+v %v", g, err)
	}
	if a := w.again(who); !a.Has("test.trial.observer", access.Group, id) {
		t.Errorf("the module's role is not given: %+v", a.Grants)
	}
	achieve := func(evidence, group uuid.UUID) int64 {
		t.Helper()
		made(w.decide(w.admin, scopeOf(p), &effect.IndicatorAchieve{Scope: scopeOf(p), Indicator: "plans", Amount: 1, Evidence: evidence, Group: group}))
		list, err := w.s.Indicators(t.Context(), w.admin, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		return list[0].Achieved
	}
	if n := achieve(plan, uuid.Nil); n != 1 {
		t.Errorf("the same evidence: %d", n)
	}
	if n := achieve(uuid.New(), id); n != 1 {
		t.Errorf("the same group: %d", n)
	}
	if n := achieve(uuid.New(), uuid.Nil); n != 2 {
		t.Errorf("another piece of evidence: %d", n)
	}
	_, err = w.decide(w.admin, scopeOf(p), &effect.IndicatorAchieve{Scope: scopeOf(p), Indicator: "nothing", Amount: 1, Evidence: plan})
	want(t, err, fault.Invalid, "programme.unknown_indicator")
	made(w.decide(w.admin, team(id), &effect.RoleRevoke{Scope: team(id), Person: who.Person, Role: "guardian"}, &effect.MemberAdd{Scope: team(id), Person: who.Person}))
	if m, _ := w.s.Members(t.Context(), w.admin, id); len(m) != 1 || m[0].Role != access.TeamMember {
		t.Errorf("%+v", m)
	}
	_, err = w.decide(w.admin, team(id), &effect.RoleGrant{Scope: team(id), Person: who.Person, Role: "ore_admin"})
	want(t, err, fault.Invalid, "programme.role")
}

func TestSlices(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.programme("AA")
	n := w.network(p)
	var first uuid.UUID
	for i, parent := range []effect.Scope{scopeOf(p), n, n} {
		g := w.group(parent, string(rune('C'-i)))
		if i == 0 {
			first = g
		}
		if err := w.s.AddMember(t.Context(), w.admin, g, w.person().Person, access.TeamMember, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	read := func(r effect.SliceReader, q *effect.SliceRequest) []effect.Row {
		t.Helper()
		q.Now = w.clock.Now()
		var out []effect.Row
		for {
			res, err := r.ReadSlice(t.Context(), w.db, q)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, res.Rows...)
			if q.Cursor = res.Cursor; q.Cursor == "" {
				return out
			}
		}
	}
	all := read(w.s.GroupReader(), &effect.SliceRequest{Scopes: []effect.Scope{scopeOf(p), n}, Limit: 2, Order: []effect.Order{{Field: "name"}}})
	if len(all) != 3 || all[0].Index["name"] != "A" || all[2].Scope != team(first) {
		t.Errorf("groups: %+v", all)
	}
	if direct := read(w.s.GroupReader(), &effect.SliceRequest{Scopes: []effect.Scope{scopeOf(p)}, Limit: 5}); len(direct) != 1 {
		t.Errorf("directly in the programme: %d", len(direct))
	}
	members := read(w.s.MemberReader(nil), &effect.SliceRequest{Scopes: []effect.Scope{all[0].Scope, all[1].Scope, all[2].Scope}, Limit: 2})
	if len(members) != 3 {
		t.Errorf("%d members", len(members))
	}
	inds := read(w.s.IndicatorReader(), &effect.SliceRequest{Scopes: []effect.Scope{scopeOf(p)}, Limit: 5})
	if len(inds) != 1 || inds[0].Index["target"] != int64(7) {
		t.Errorf("indicators: %+v", inds)
	}
}
