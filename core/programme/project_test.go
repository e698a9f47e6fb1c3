package programme_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestProjectIsSavedAtAVersionAndPublicOnlyWhenSaidSo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, ctx := w.programme("JST-2027"), t.Context()
	lead := w.person(access.Grant{Role: access.Lead, Kind: access.Programme, Scope: p.ID})
	in := programme.Project{Value: 280_000_050, Own: 80_000_000, Badges: []string{"power", "budget", "power"}}
	if err := w.s.SetProject(ctx, lead, p.ID, in); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.SetProject(ctx, w.admin, p.ID, in), fault.Conflict, "fault.conflict") // begun before there was anything
	stranger, guest := w.person(), &access.Actor{}
	for _, a := range []*access.Actor{stranger, guest} {
		if _, err := w.s.Card(ctx, a, p.ID); err == nil {
			t.Fatal("a project that is not public was shown")
		}
	}
	in.Public, in.Version = true, 1
	if err := w.s.SetProject(ctx, lead, p.ID, in); err != nil {
		t.Fatal(err)
	}
	c, err := w.s.Card(ctx, guest, p.ID)
	if err != nil || c.Project.Value != 280_000_050 || c.Project.Own != 80_000_000 || len(c.Project.Badges) != 2 || c.Project.Version != 2 {
		t.Fatalf("%+v %v", c, err)
	}
	want(t, w.s.SetProject(ctx, stranger, p.ID, in), fault.NotFound, "fault.not_found")
	for key, bad := range map[string]programme.Project{
		"programme.money":    {Value: -1},
		"programme.own_over": {Value: 1, Own: 2},
		"programme.badges":   {Badges: []string{"nonsense"}},
	} {
		want(t, w.s.SetProject(ctx, lead, p.ID, bad), fault.Invalid, key)
	}
}

func TestPartnersOfAProgramme(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, ctx := w.programme("AA"), t.Context()
	zmp := programme.Partner{Name: " Związek  Miast Polskich ", Country: "pl", Share: 80_000_000}
	if err := w.s.AddPartner(ctx, w.admin, p.ID, zmp); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.AddPartner(ctx, w.admin, p.ID, zmp), fault.Invalid, "programme.partner_twice")
	want(t, w.s.AddPartner(ctx, w.admin, p.ID, programme.Partner{Name: "X", Country: "P1"}), fault.Invalid, "programme.country")
	want(t, w.s.AddPartner(ctx, w.person(), p.ID, zmp), fault.NotFound, "fault.not_found")
	c, err := w.s.Card(ctx, w.admin, p.ID)
	if err != nil || len(c.Project.Partners) != 1 || c.Project.Partners[0].Name != "Związek Miast Polskich" || c.Project.Partners[0].Country != "PL" {
		t.Fatalf("%+v %v", c, err)
	}
	id := c.Project.Partners[0].ID
	want(t, w.s.RemovePartner(ctx, w.admin, w.programme("BB").ID, id), fault.NotFound, "fault.not_found")
	if err := w.s.RemovePartner(ctx, w.admin, p.ID, id); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.RemovePartner(ctx, w.admin, p.ID, id), fault.NotFound, "fault.not_found")
}

// Scenario ORE4: rules are visible to centres; what was settled stays.
func TestRulesHoldFromTheirDay(t *testing.T) {
	t.Parallel()
	w := setup(t) // 24 November 2026
	p, ctx := w.programme("JST-2027"), t.Context()
	first := programme.Rule{From: day(t, "2026-09-01"), Networks: 4, MeetingsLeast: 3, MeetingsMost: 5}
	if err := w.s.SetRule(ctx, w.admin, p.ID, first, uuid.Nil); err != nil {
		t.Fatal(err)
	}
	centre := w.person(access.Grant{Role: access.CentreAdmin, Kind: access.Centre, Scope: uuid.New()})
	c, err := w.s.Card(ctx, centre, p.ID)
	if err != nil || len(c.Rules) != 1 || c.Rules[0].Networks != 4 {
		t.Fatalf("%+v %v", c, err)
	}
	l, err := w.s.Ruling(ctx, centre, "", 0)
	if err != nil || len(l.Items) != 1 || l.Items[0].MeetingsMost != 5 || l.Items[0].Programme != p.ID {
		t.Fatalf("%+v %v", l, err)
	}
	if _, err := w.s.Ruling(ctx, w.person(), "", 0); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger reads rules: %v", err)
	}
	last := c.Rules[0].ID
	next := programme.Rule{From: day(t, "2027-09-01"), Networks: 2, MeetingsLeast: 4, MeetingsMost: 6}
	for key, bad := range map[string]programme.Rule{
		"programme.rule_past":   {From: day(t, "2026-11-23"), MeetingsLeast: 1, MeetingsMost: 2},
		"programme.rule_most":   {From: day(t, "2027-11-23"), MeetingsLeast: 3, MeetingsMost: 2},
		"programme.rule_number": {From: day(t, "2027-11-23"), Networks: -1, MeetingsLeast: 3, MeetingsMost: 4},
		"programme.page.date":   {MeetingsLeast: 3, MeetingsMost: 4},
	} {
		want(t, w.s.SetRule(ctx, w.admin, p.ID, bad, last), fault.Invalid, key)
	}
	// Two editors who saw the same rule: one of them wins.
	var wait sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wait.Go(func() { errs[i] = w.s.SetRule(ctx, w.admin, p.ID, next, last) })
	}
	wait.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("both or neither won: %v %v", errs[0], errs[1])
	}
	c, err = w.s.Card(ctx, w.admin, p.ID)
	if err != nil || len(c.Rules) != 2 {
		t.Fatalf("%+v %v", c, err)
	}
	if r, ok := programme.InForce(c.Rules, day(t, "2027-08-31")); !ok || r.ID != last {
		t.Errorf("in force on 31 August: %+v", r)
	}
	if r, ok := programme.InForce(c.Rules, day(t, "2027-09-01")); !ok || r.MeetingsLeast != 4 {
		t.Errorf("in force on 1 September: %+v", r)
	}
	if _, ok := programme.InForce(c.Rules, day(t, "2026-08-31")); ok {
		t.Error("a rule before the first")
	}
}
