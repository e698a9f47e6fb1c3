package network_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
)

// programme adds one; open: networks enter by themselves.
func (w *world) programme(code string, centre any, open bool) (uuid.UUID, *access.Actor) {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO programme (id, code, title, centre_id, open_to_networks, starts_on, ends_on) VALUES ($1, $2, $2, $3, $4, '2026-01-01', '2027-12-31')`, id, code, centre, open)
	lead := w.person(uuid.Nil)
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, 'programme_lead', 'programme', $3, '2026-01-01')`, uuid.New(), lead.Person, id)
	return id, w.again(lead)
}

func (w *world) in(lead *access.Actor, programme uuid.UUID, day time.Time) []string {
	w.t.Helper()
	p, err := w.s.OfProgramme(w.t.Context(), lead, network.TieQuery{Programme: programme, Day: day}, "", 0)
	if err != nil {
		w.t.Fatal(err)
	}
	out := []string{}
	for _, x := range p.Items {
		out = append(out, x.Title)
	}
	return out
}

// A network enters an open programme at once and asks the others; the lead admits
// or declines with a reason, and each side may end it, which changes nothing of
// the days before.
func TestNetworksEnterProgrammes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	asks, lead := w.programme("NA-PROSBE", w.centre, false)
	free, freeLead := w.programme("OTWARTY", nil, true)
	foreign, _ := w.programme("OBCY", w.institution("centre", uuid.Nil), true)
	n, coordinator := w.open(nil)
	enter := func(a *access.Actor, into uuid.UUID) (network.TieState, error) {
		return w.s.EnterProgramme(ctx, a, n, into, "Pasujemy.")
	}
	refused := func(err error, key string) {
		t.Helper()
		if err == nil {
			t.Errorf("no error, want %s", key)
			return
		}
		f := fault.As(err)
		if f.Key != key && (len(f.Fields) == 0 || f.Fields[0].Key != key) {
			t.Errorf("%v, want %s", err, key)
		}
	}
	for _, id := range []uuid.UUID{foreign, uuid.New()} {
		_, err := enter(coordinator, id)
		refused(err, "network.programme_unknown")
	}
	if _, err := enter(w.teacher(), free); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger: %v", err)
	}
	if s, err := enter(coordinator, asks); err != nil || s != network.TieAsked || w.letters.count("network.notice.programme_asked", lead.Person) != 1 {
		t.Fatalf("%s, %v", s, err)
	}
	_, err := enter(coordinator, free)
	refused(err, "network.programme_asked")
	requests, err := w.s.ProgrammeRequests(ctx, lead, asks)
	if err != nil || len(requests) != 1 || requests[0].Note != "Pasujemy." {
		t.Fatalf("%+v, %v", requests, err)
	}
	answer := func(a *access.Actor, yes bool, reason string) error {
		return w.s.AnswerRequest(ctx, a, asks, requests[0].ID, yes, reason)
	}
	for _, a := range []*access.Actor{freeLead, coordinator} {
		if err := answer(a, true, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("who does not run the programme answers: %v", err)
		}
	}
	if err := w.s.AnswerRequest(ctx, freeLead, free, requests[0].ID, true, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("a request of another programme: %v", err)
	}
	refused(answer(lead, false, " "), "network.reason_missing")
	if err := answer(lead, false, "Za mało szkół."); err != nil || w.letters.count("network.notice.programme_declined", coordinator.Person) != 1 {
		t.Errorf("declining: %v", err)
	}
	refused(answer(lead, true, ""), "network.programme_answered")
	if got := w.in(lead, asks, time.Time{}); len(got) != 0 {
		t.Errorf("declined and yet in: %v", got)
	}
	if s, err := enter(coordinator, free); err != nil || s != network.TieIn {
		t.Fatalf("%s, %v", s, err)
	}
	_, err = enter(coordinator, free)
	refused(err, "network.programme_has")
	if got := w.in(freeLead, free, time.Time{}); len(got) != 1 {
		t.Errorf("%v", got)
	}
	if c, err := w.s.Brief(ctx, freeLead, n); err != nil || c.Place.Programme != free {
		t.Errorf("the lead does not see the network: %v", err)
	}
	// A week later it leaves: not for the days before.
	day := w.clock.Now().Truncate(24 * time.Hour)
	w.clock.Advance(7 * 24 * time.Hour)
	refused(w.s.LeaveProgramme(ctx, coordinator, n, ""), "network.reason_missing")
	if err := w.s.LeaveProgramme(ctx, coordinator, n, "Zmiana celów."); err != nil || w.letters.count("network.notice.programme_left", freeLead.Person) != 1 {
		t.Errorf("leaving: %v", err)
	}
	if now, then := w.in(freeLead, free, time.Time{}), w.in(freeLead, free, day); len(now) != 0 || len(then) != 1 {
		t.Errorf("now %v, then %v", now, then)
	}
	if before := w.in(freeLead, free, day.AddDate(0, 0, -1)); len(before) != 0 {
		t.Errorf("before it entered: %v", before)
	}
	ties, err := w.s.Programme(ctx, coordinator, n)
	if err != nil || len(ties.History) != 2 || ties.History[0].State != network.TieLeft || ties.History[0].Reason != "Zmiana celów." || ties.History[1].State != network.TieDeclined || len(ties.Options) != 2 {
		t.Errorf("%+v, %v", ties, err)
	}
	// The lead ends it too; a request that is taken back cannot be answered.
	if _, err := enter(coordinator, free); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Dismiss(ctx, freeLead, free, n, "Sieć zmieniła temat."); err != nil || w.letters.count("network.notice.programme_left", coordinator.Person) != 1 {
		t.Errorf("dismissing: %v", err)
	}
	if _, err := enter(coordinator, asks); err != nil {
		t.Fatal(err)
	}
	requests, err = w.s.ProgrammeRequests(ctx, lead, asks)
	if err != nil || len(requests) != 1 {
		t.Fatalf("%+v, %v", requests, err)
	}
	if err := w.s.WithdrawRequest(ctx, coordinator, n); err != nil {
		t.Fatal(err)
	}
	refused(answer(lead, true, ""), "network.programme_answered")
	if k := w.number(`SELECT count(*) FROM programme_network y WHERE y.state = 'in'`) - w.number(`SELECT count(*) FROM network WHERE programme_id IS NOT NULL`); k != 0 {
		t.Errorf("%d more ties than networks in programmes", k)
	}
}

// Founding enters a programme in the same act; the founder who runs the programme
// needs nobody's consent, and a programme that is over is none.
func TestFoundingIntoAProgramme(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	asks, lead := w.programme("NA-PROSBE", w.centre, false)
	free, _ := w.programme("OTWARTY", w.centre, true)
	w.exec(`UPDATE programme SET ends_on = '2027-06-30' WHERE id = $1`, asks) // within this school year
	over, _ := w.programme("DAWNY", w.centre, true)
	w.exec(`UPDATE programme SET ends_on = '2026-11-23' WHERE id = $1`, over)
	options, err := w.s.ProgrammesFor(ctx, w.admin, w.centre)
	if err != nil || len(options) != 2 || options[0].Code != "NA-PROSBE" || options[0].Open || !options[1].Open {
		t.Errorf("%+v, %v", options, err)
	}
	if list, err := w.s.ProgrammesFor(ctx, lead, w.centre); !fault.Is(err, fault.NotFound) {
		t.Errorf("to who founds nothing: %v, %v", list, err)
	}
	found := func(into uuid.UUID) (uuid.UUID, error) {
		in := founding(w, nil)
		in.Programme = into
		return w.s.Found(ctx, w.admin, in)
	}
	if _, err := found(over); fault.As(err).Fields[0].Path != "programme" {
		t.Errorf("%v", err)
	}
	n, err := found(free)
	if err != nil || w.number(`SELECT count(*) FROM network WHERE id = $1 AND programme_id = $2`, n, free) != 1 {
		t.Errorf("%v", err)
	}
	if n, err = found(asks); err != nil || w.number(`SELECT count(*) FROM programme_network WHERE network_id = $1 AND state = 'asked'`, n) != 1 || w.letters.count("network.notice.programme_asked", lead.Person) != 1 {
		t.Errorf("%v", err)
	}
	w.admin.Grants = append(w.admin.Grants, access.Grant{Role: access.Lead, Kind: access.Programme, Scope: asks})
	if n, err = found(asks); err != nil || w.number(`SELECT count(*) FROM network WHERE id = $1 AND programme_id = $2`, n, asks) != 1 {
		t.Errorf("%v", err)
	}
	w.whole()
}

// Who leaves a network loses what belonged to being inside, and keeps the role of
// an evaluator, which was given separately; the role of a member does not hang on it.
func TestEvaluatorStaysOneAfterLeaving(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	n, lead := w.open(nil)
	a := w.teacher()
	w.join(a, n, network.Active)
	if err := w.s.AssignRole(ctx, lead, n, a.Person, access.Expert); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: a.Person, Role: access.Evaluator, Kind: access.Network, Scope: n, From: w.clock.Now()})
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Leave(ctx, w.again(a), n); err != nil {
		t.Fatal(err)
	}
	if g := w.again(a).Grants; len(g) != 1 || g[0].Role != access.Evaluator {
		t.Errorf("left with %+v", g)
	}
}
