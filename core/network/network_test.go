package network_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/network"
)

func TestFoundNeedsTheCentre(t *testing.T) {
	t.Parallel()
	w := setup(t)
	stranger := w.person(uuid.Nil, access.Grant{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.institution("centre", uuid.Nil)})
	if _, err := w.s.Found(t.Context(), stranger, founding(w, nil)); !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Path != "centre" {
		t.Errorf("foreign centre: %v", err)
	}
	if _, err := w.s.Found(t.Context(), w.person(uuid.Nil), founding(w, nil)); !fault.Is(err, fault.NotFound) {
		t.Errorf("who founds nowhere: %v", err)
	}
	if _, err := w.s.Found(t.Context(), &access.Actor{}, founding(w, nil)); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("guest: %v", err)
	}
	id, err := w.s.Found(t.Context(), w.person(uuid.Nil, access.Grant{Role: access.Founder, Kind: access.Centre, Scope: w.centre}), founding(w, nil))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Get(t.Context(), w.teacher(), id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a draft is seen by strangers: %v", err)
	}
	w.whole()
}

func TestFoundRefusesWholly(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := founding(w, func(s *network.Settings) { s.Title, s.Aim, s.Join, s.Capacity, s.SchoolYear = "ab", "", "", 1, 2031 })
	in.Coordinator = "nikt"
	_, err := w.s.Found(t.Context(), w.admin, in)
	got := map[string]bool{}
	for _, f := range fault.As(err).Fields {
		got[f.Path] = true
	}
	for _, p := range []string{"title", "aim", "join", "capacity", "school_year", "coordinator"} {
		if !got[p] {
			t.Errorf("no message for %s: %v", p, err)
		}
	}
	in = founding(w, nil)
	in.Answers.JSON = []byte(`{}`)
	if _, err = w.s.Found(t.Context(), w.admin, in); !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Path != "form.temat" {
		t.Errorf("missing answer of the module's form: %v", err)
	}
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Effects: []effect.Item{{Handle: "a", Effect: &effect.StageSet{Scope: effect.Scope{Kind: effect.Network, ID: uuid.New()}, To: "working"}}}}, nil
	}
	if _, err = w.s.Found(t.Context(), w.admin, founding(w, nil)); err == nil {
		t.Error("an effect elsewhere was applied")
	}
	if n := w.number(`SELECT count(*) FROM network`); n != 0 {
		t.Errorf("%d networks left of refused foundings", n)
	}
}

func TestFoundWarnsAboutSize(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "large", Text: "Sieć liczy zwykle około 20 osób."}}}, nil
	}
	in := founding(w, func(s *network.Settings) { s.Capacity = 90 })
	_, err := w.s.Found(t.Context(), w.admin, in)
	var need *network.ReasonError
	if !errors.As(err, &need) || need.Warnings[0].Code != "large" || !fault.Is(err, fault.Invalid) {
		t.Fatalf("warning: %v", err)
	}
	in.Reasons = []effect.Acknowledgement{{Code: "large", Reason: "dwa powiaty"}}
	if _, err := w.s.Found(t.Context(), w.admin, in); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE action = 'warning:acknowledge'`); n != 1 {
		t.Errorf("%d reasons in the log", n)
	}
}

func TestDoubleSubmitFoundsOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := idem.With(t.Context(), "klucz-formularza-1")
	ids := make([]uuid.UUID, 4)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			var err error
			if ids[i], err = w.s.Found(ctx, w.admin, founding(w, nil)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("submissions founded %v", ids)
		}
	}
	if n := w.number(`SELECT count(*) FROM network`); n != 1 {
		t.Errorf("%d networks", n)
	}
	if id, err := w.s.Founded(ctx, w.admin); err != nil || id != ids[0] {
		t.Errorf("the form sent again leads to %s: %v", id, err)
	}
	if _, err := w.s.Founded(idem.With(t.Context(), "klucz-formularza-9"), w.admin); !fault.Is(err, fault.NotFound) {
		t.Errorf("a form that founded nothing: %v", err)
	}
	if err := w.s.OpenNetwork(t.Context(), w.admin, ids[0]); err != nil {
		t.Fatal(err)
	}
	a := w.teacher()
	ctx = idem.With(t.Context(), "klucz-formularza-2")
	for range 2 {
		if out, err := w.s.Join(ctx, a, ids[0], network.Entry{}); err != nil || out.State != network.Active {
			t.Fatal(out, err)
		}
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE action = 'network:join'`); n != 1 {
		t.Errorf("a double submit joined %d times", n)
	}
	w.whole()
}

// The riskiest assumption: 200 people answer one invitation at the same time.
func TestTwoHundredAnswerAtOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const people, schools, seats = 200, 50, 20
	id, lead := w.open(func(s *network.Settings) { s.Join, s.Capacity, s.OnePerSchool = network.JoinInvitation, seats, true })
	var list []*access.Actor
	invite := network.Invite{}
	for range schools {
		complex := w.institution("complex", uuid.Nil)
		invite.Schools = append(invite.Schools, complex)
		for range people / schools {
			list = append(list, w.person(w.institution("school", complex)))
		}
	}
	if _, err := w.s.Invite(t.Context(), lead, id, invite); err != nil {
		t.Fatal(err)
	}
	start := make(chan struct{})
	var wg sync.WaitGroup
	answers := make([]network.Answered, len(list))
	for i, a := range list {
		wg.Go(func() {
			<-start
			var err error
			if answers[i], err = w.s.Join(idem.With(t.Context(), "odpowiedz-"+a.Person.String()), a, id, network.Entry{}); err != nil {
				t.Errorf("person %d: %v", i, err)
			}
		})
	}
	began := time.Now()
	close(start)
	wg.Wait()
	t.Logf("200 answers in %s", time.Since(began))
	in := 0
	for _, a := range answers {
		if a.State == network.Active {
			in++
		}
	}
	if in != seats {
		t.Errorf("%d people got a seat of %d", in, seats)
	}
	if n := w.number(`SELECT count(*) FROM (SELECT complex_id FROM membership WHERE network_id = $1 AND state = 'active' AND seat GROUP BY complex_id HAVING count(*) > 1) x`, id); n != 0 {
		t.Errorf("%d schools have two seats while others wait", n)
	}
	if n := w.number(`SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'waiting' AND NOT second_of_school`, id); n != schools-seats {
		t.Errorf("%d firsts wait, want %d", n, schools-seats)
	}
	var last bool
	page, err := w.s.WaitingList(t.Context(), lead, id, "")
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range page.Members {
		if m.Place != i+1 {
			t.Fatalf("place %d is shown as %d", i+1, m.Place)
		}
		if last && !m.Second {
			t.Fatal("a first waits behind a second of another school")
		}
		last = m.Second
	}
	w.whole()
}

func TestWaitingListPassesSeatsOn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	in := []*access.Actor{w.teacher(), w.teacher(), w.teacher()}
	for _, a := range in {
		w.join(a, id, network.Active)
	}
	var line []*access.Actor
	for i := range 4 {
		a := w.teacher()
		if out := w.join(a, id, network.Waiting); out.Place != i+1 {
			t.Errorf("place %d, want %d", out.Place, i+1)
		}
		line = append(line, a)
		w.clock.Advance(time.Minute)
	}
	if _, err := w.s.Leave(t.Context(), w.again(in[0]), id); err != nil {
		t.Fatal(err)
	}
	first := w.standing(line[0], id)
	if first.State != network.Offered || first.Until == nil || !first.Until.Equal(w.clock.Now().Add(48*time.Hour)) {
		t.Fatalf("first in line: %+v", first)
	}
	if w.letters.count("network.notice.offer", line[0].Person) != 1 {
		t.Error("the first was not told")
	}
	if out := w.join(w.teacher(), id, network.Waiting); out.Place != 4 {
		t.Errorf("somebody new has place %d behind three", out.Place)
	}
	// A refusal passes it on at once.
	if _, err := w.s.Leave(t.Context(), line[0], id); err != nil {
		t.Fatal(err)
	}
	if s := w.standing(line[1], id); s.State != network.Offered {
		t.Fatalf("second in line: %+v", s)
	}
	// No answer passes it on after 48 hours, not before.
	w.clock.Advance(48*time.Hour - time.Microsecond)
	w.sweep()
	if s := w.standing(line[1], id); s.State != network.Offered {
		t.Fatalf("offer ended early: %+v", s)
	}
	w.clock.Advance(time.Microsecond)
	// Late by nothing: refused, and passed on although the sweep has not run.
	if _, err := w.s.Join(t.Context(), line[1], id, network.Entry{}); !fault.Is(err, fault.Conflict) || fault.As(err).Key != "network.offer_lapsed" {
		t.Fatalf("late acceptance: %v", err)
	}
	if s := w.standing(line[2], id); s.State != network.Offered {
		t.Fatalf("third in line: %+v", s)
	}
	w.clock.Advance(48 * time.Hour)
	w.sweep()
	w.sweep()
	if s := w.standing(line[3], id); s.State != network.Offered {
		t.Fatalf("fourth in line: %+v", s)
	}
	w.join(line[3], id, network.Active)
	if out := w.join(line[1], id, network.Waiting); out.Place != 2 {
		t.Errorf("who let it lapse comes back at place %d", out.Place)
	}
	for action, want := range map[string]int{"network.offer:make": 4, "network.offer:lapse": 2, "network.offer:accept": 1} {
		if n := w.number(`SELECT count(*) FROM audit_event WHERE action = $1 AND scope_id = $2`, action, id); n != want {
			t.Errorf("%s: %d in the log, want %d", action, n, want)
		}
	}
	// More seats are offered at once.
	n, err := w.s.Get(t.Context(), lead, id)
	if err != nil {
		t.Fatal(err)
	}
	more := n.Settings
	more.Capacity = 5
	if err := w.s.Edit(t.Context(), lead, id, n.Version, more); err != nil {
		t.Fatal(err)
	}
	if got := w.number(`SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'offered'`, id); got != 2 {
		t.Errorf("%d offers after two more seats", got)
	}
	w.whole()
}

func TestOnePersonOfASchoolFirst(t *testing.T) {
	t.Parallel()
	w := setup(t)
	until := w.clock.Now().Add(24 * time.Hour)
	id, lead := w.open(func(s *network.Settings) { s.OnePerSchool, s.PriorityUntil = true, until })
	complex := w.institution("complex", uuid.Nil)
	a, b, c := w.person(w.institution("school", complex)), w.person(w.institution("kindergarten", complex)), w.person(complex)
	w.join(a, id, network.Active)
	w.join(b, id, network.Waiting) // seats are free, but not for seconds yet
	w.join(c, id, network.Waiting)
	w.join(w.teacher(), id, network.Active)
	// When the first goes, the next of the school is the first.
	if _, err := w.s.Leave(t.Context(), w.again(a), id); err != nil {
		t.Fatal(err)
	}
	if s := w.standing(b, id); s.State != network.Offered {
		t.Fatalf("next of the school: %+v", s)
	}
	w.join(b, id, network.Active)
	if s := w.standing(c, id); s.State != network.Waiting || !s.Second {
		t.Fatalf("second of the school: %+v", s)
	}
	// By hand before the date, by itself after it.
	list, err := w.s.WaitingList(t.Context(), lead, id, "")
	if err != nil || len(list.Members) != 1 {
		t.Fatal(list, err)
	}
	w.clock.Advance(24 * time.Hour)
	w.sweep()
	if s := w.standing(c, id); s.State != network.Offered {
		t.Fatalf("after the date: %+v", s)
	}
	if err := w.s.Offer(t.Context(), lead, id, list.Members[0].ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("offered twice: %v", err)
	}
	w.whole()
}

func TestJoinModes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(func(s *network.Settings) { s.Join, s.Capacity = network.JoinRequest, 2 })
	people := []*access.Actor{w.teacher(), w.teacher(), w.teacher(), w.teacher()}
	for _, a := range people {
		w.join(a, id, network.Requested)
	}
	if n := w.letters.count("network.notice.requests", lead.Person); n != 4 {
		t.Errorf("coordinator was sent %d notices", n) // the outbox keeps one of the same "once"
	}
	list, err := w.s.Requests(t.Context(), lead, id, "")
	if err != nil || len(list.Members) != 4 {
		t.Fatal(len(list.Members), err)
	}
	if _, err := w.s.Requests(t.Context(), people[0], id, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("requests are seen by others: %v", err)
	}
	for i, want := range []network.State{network.Active, network.Active, network.Waiting} {
		out, err := w.s.DecideRequest(t.Context(), lead, id, list.Members[i].ID, network.RequestDecision{Accept: true})
		if err != nil || out.State != want {
			t.Errorf("request %d: %+v, %v", i, out, err)
		}
	}
	no := network.RequestDecision{}
	if _, err := w.s.DecideRequest(t.Context(), lead, id, list.Members[3].ID, no); !fault.Is(err, fault.Invalid) {
		t.Errorf("refused without a reason: %v", err)
	}
	no.Note = "Inny etap nauczania"
	if _, err := w.s.DecideRequest(t.Context(), lead, id, list.Members[3].ID, no); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.DecideRequest(t.Context(), lead, id, list.Members[3].ID, no); !fault.Is(err, fault.Conflict) {
		t.Errorf("decided twice: %v", err)
	}
	if s := w.standing(people[3], id); s.State != network.Refused || s.Note != no.Note {
		t.Errorf("refused: %+v", s)
	}
	closed, lead2 := w.open(func(s *network.Settings) { s.Join = network.JoinInvitation })
	if _, err := w.s.Join(t.Context(), people[0], closed, network.Entry{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("uninvited: %v", err)
	}
	in := network.Invite{Emails: []string{" " + people[0].Person.String() + "@EXAMPLE.org", "nowa@example.org"}, People: []uuid.UUID{people[1].Person}}
	if out, err := w.s.Invite(t.Context(), lead2, closed, in); err != nil || out.New != 3 {
		t.Fatal(out, err)
	}
	if out, err := w.s.Invite(t.Context(), lead2, closed, in); err != nil || out.Already != 3 {
		t.Errorf("invited again: %+v, %v", out, err)
	}
	if len(w.accounts.asked) != 1 || w.accounts.asked[0].Email != "nowa@example.org" {
		t.Errorf("letters to %v", w.accounts.asked)
	}
	w.join(people[0], closed, network.Active)
	if out, err := w.s.Leave(t.Context(), people[1], closed); err != nil || out.State != network.Declined {
		t.Errorf("declined: %+v, %v", out, err)
	}
	if todo, err := w.todo(people[1]); err != nil || len(todo) != 0 {
		t.Errorf("still to do after declining: %+v, %v", todo, err)
	}
	w.join(people[1], closed, network.Active) // may change their mind
	w.clock.Advance(network.DefaultInvitation)
	late := w.person(uuid.Nil)
	w.exec(`UPDATE network_invitation SET email = $2 WHERE network_id = $1 AND email = 'nowa@example.org'`, closed, late.Person.String()+"@example.org")
	if _, err := w.s.Join(t.Context(), late, closed, network.Entry{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("invitation ran out: %v", err)
	}
	w.whole()
}

func TestRemovalAndReturn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	a := w.teacher()
	w.join(a, id, network.Active)
	if err := w.s.Remove(t.Context(), lead, id, a.Person, " "); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	if err := w.s.Remove(t.Context(), lead, id, lead.Person, "x"); !fault.Is(err, fault.Conflict) {
		t.Errorf("the coordinator: %v", err)
	}
	if err := w.s.Remove(t.Context(), lead, id, a.Person, "Zmiana szkoły"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Members(t.Context(), w.again(a), id, false, "", 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("sees members after removal: %v", err)
	}
	w.join(a, id, network.Requested) // not at once, even into an open network
	b := w.teacher()
	w.join(b, id, network.Active)
	if _, err := w.s.Leave(t.Context(), w.again(b), id); err != nil {
		t.Fatal(err)
	}
	w.join(b, id, network.Active)
	if _, err := w.s.Leave(t.Context(), w.again(lead), id); !fault.Is(err, fault.Conflict) {
		t.Errorf("the coordinator left: %v", err)
	}
	w.whole()
}

func TestHandoverMovesRightsInOneMoment(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	a, b := w.teacher(), w.teacher()
	w.join(a, id, network.Active)
	w.join(b, id, network.Active)
	if _, err := w.s.ProposeHandover(t.Context(), w.again(a), id, b.Person, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("a participant proposes: %v", err)
	}
	if _, err := w.s.ProposeHandover(t.Context(), lead, id, a.Person, "Odchodzę"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.ProposeHandover(t.Context(), lead, id, b.Person, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("two proposals: %v", err)
	}
	if err := w.s.AnswerHandover(t.Context(), w.again(b), id, network.HandoverAccept); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else accepts: %v", err)
	}
	if todo, err := w.todo(w.again(a)); err != nil || len(todo) != 1 || todo[0].Kind != "handover" {
		t.Errorf("to do: %+v, %v", todo, err)
	}
	if err := w.s.AnswerHandover(t.Context(), w.again(a), id, network.HandoverAccept); err != nil {
		t.Fatal(err)
	}
	if !w.again(a).Has(access.Coordinator, access.Network, id) || w.again(lead).Has(access.Coordinator, access.Network, id) || !w.again(lead).Has(access.Participant, access.Network, id) {
		t.Errorf("roles: new %v, old %v", w.again(a).Grants, w.again(lead).Grants)
	}
	if err := w.s.Edit(t.Context(), w.again(lead), id, 1, settings()); !fault.Is(err, fault.NotFound) {
		t.Errorf("the former coordinator still edits: %v", err)
	}
	if old, now := w.letters.count("network.notice.handover_accepted", lead.Person), w.letters.count("network.notice.coordinator", a.Person); old != 1 || now != 1 {
		t.Errorf("the former coordinator was told %d times, the new one %d times", old, now)
	}
	w.whole()
	// The centre puts somebody else in charge.
	c := w.teacher()
	for _, to := range []*access.Actor{c, b} {
		if offered, err := w.s.ReplaceCoordinator(t.Context(), w.admin, id, to.Person.String()+"@example.org"); err != nil || offered {
			t.Fatalf("%v, offered %v", err, offered)
		}
	}
	if n := w.number(`SELECT count(*) FROM role_grant WHERE scope_id = $1 AND role = 'coordinator' AND valid_to IS NULL`, id); n != 1 {
		t.Errorf("%d coordinators", n)
	}
	w.whole()
}

func TestProposalBecomesAgendaItemOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	a, b := w.teacher(), w.teacher()
	w.join(a, id, network.Active)
	w.join(b, id, network.Active)
	a, b = w.again(a), w.again(b)
	p, err := w.s.Propose(t.Context(), a, id, "Warsztat o informacji zwrotnej", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.Vote(t.Context(), b, id, p, network.Yes); !fault.Is(err, fault.Conflict) {
		t.Errorf("a vote that is not open: %v", err)
	}
	if err := w.s.OpenVote(t.Context(), a, id, p, w.clock.Now().Add(time.Hour)); !fault.Is(err, fault.NotFound) {
		t.Errorf("a participant opens the vote: %v", err)
	}
	if err := w.s.OpenVote(t.Context(), lead, id, p, w.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		who *access.Actor
		c   network.Choice
	}{{a, network.No}, {a, network.Yes}, {b, network.Abstain}, {lead, network.Abstain}} {
		if err := w.s.Vote(t.Context(), v.who, id, p, v.c); err != nil {
			t.Fatal(err)
		}
	}
	w.sweep()
	w.clock.Advance(time.Hour)
	if err := w.s.Vote(t.Context(), b, id, p, network.No); !fault.Is(err, fault.Conflict) {
		t.Errorf("a vote after the deadline: %v", err)
	}
	w.sweep()
	w.sweep()
	page, err := w.s.Proposals(t.Context(), b, id, "")
	list := page.Items
	if err != nil || len(list) != 1 || list[0].State != "adopted" || list[0].Yes != 1 || list[0].Abstain != 2 || list[0].MyVote != network.Abstain {
		t.Fatalf("%+v, %v", list, err)
	}
	if n := w.number(`SELECT count(*) FROM agenda_item WHERE network_id = $1`, id); n != 1 {
		t.Errorf("%d agenda items", n)
	}
}

func TestSecondEditorIsTold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	w.join(w.teacher(), id, network.Active)
	n, err := w.s.Get(t.Context(), lead, id)
	if err != nil {
		t.Fatal(err)
	}
	one, two := n.Settings, n.Settings
	one.Title, two.Title = "Pierwsza", "Druga"
	w.join(w.teacher(), id, network.Active) // members coming in are no conflict
	if err := w.s.Edit(t.Context(), lead, id, n.Version, one); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Edit(t.Context(), lead, id, n.Version, two); !fault.Is(err, fault.Conflict) || fault.As(err).Key != "network.stale" {
		t.Errorf("second editor: %v", err)
	}
	one.Capacity = network.MinCapacity - 1
	if err := w.s.Edit(t.Context(), lead, id, n.Version+1, one); !fault.Is(err, fault.Invalid) {
		t.Errorf("too few seats: %v", err)
	}
}
