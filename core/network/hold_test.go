package network_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
)

// accept makes the account of an invited address, in a state, and says yes.
func (w *world) accept(email, account string, id uuid.UUID) *access.Actor {
	w.t.Helper()
	person := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $2, $2, $3, $4)`,
		person, email, account, w.institution("school", uuid.Nil))
	if err := w.db.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.Accepted(ctx, tx, person, id) }); err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: person, Name: email}
}

// decide ends the waiting of an account and does what the job does.
func (w *world) decide(a *access.Actor, account string) {
	w.t.Helper()
	w.exec(`UPDATE person SET state = $2 WHERE id = $1`, a.Person, account)
	if _, err := w.s.Settle(w.t.Context(), a.Person, true); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) invite(lead *access.Actor, id uuid.UUID, in network.Invite) {
	w.t.Helper()
	if _, err := w.s.Invite(w.t.Context(), lead, id, in); err != nil {
		w.t.Fatal(err)
	}
}

// Nobody loses a place while the school thinks about their account.
func TestPlaceIsKeptWhileTheAccountWaits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(func(s *network.Settings) { s.Join, s.Capacity = network.JoinOpen, 2 })
	w.invite(lead, id, network.Invite{Emails: []string{"a@example.org", "b@example.org", "c@example.org"}})
	if len(w.accounts.asked) != 3 || w.accounts.asked[0].By != lead.Person || w.accounts.asked[0].To != id || w.accounts.asked[0].Life != network.DefaultInvitation {
		t.Fatalf("asked %+v", w.accounts.asked)
	}
	w.invite(lead, id, network.Invite{Emails: []string{"e@example.org"}, Role: access.Expert})
	a, b, c := w.accept("a@example.org", "pending", id), w.accept("b@example.org", "pending", id), w.accept("c@example.org", "pending", id)
	expert := w.accept("e@example.org", "pending", id)
	w.whole()
	if out := w.join(w.teacher(), id, network.Waiting); out.Place != 2 {
		t.Errorf("somebody else has place %d behind the third invited", out.Place)
	}
	list, err := w.s.WaitingList(t.Context(), lead, id, "")
	if err != nil || len(list.Members) != 5 {
		t.Fatalf("%+v, %v", list.Members, err)
	}
	for i, m := range list.Members {
		if m.AccountWaits != (i < 4) {
			t.Errorf("line %d: %+v", i, m)
		}
	}
	// However long it takes, also beyond the invitation's own end.
	w.clock.Advance(100 * 24 * time.Hour)
	w.sweep()
	for _, x := range []*access.Actor{a, b} {
		if s := w.standing(x, id); s.State != network.Offered {
			t.Fatalf("after a hundred days: %+v", s)
		}
	}
	w.decide(a, "active")
	w.decide(expert, "active")
	if s := w.standing(a, id); s.State != network.Active || w.letters.count("network.notice.in", a.Person) != 1 {
		t.Errorf("confirmed: %+v", s)
	}
	if s := w.standing(expert, id); s.State != network.Active || len(s.Roles) != 1 || s.Roles[0] != string(access.Expert) {
		t.Errorf("the expert: %+v", s)
	}
	w.whole()
	// A refusal frees the place: for the third invited, who is not told of a
	// deadline that they cannot keep.
	w.decide(b, "refused")
	if s := w.standing(b, id); s.State != network.Expired {
		t.Errorf("refused: %+v", s)
	}
	if s := w.standing(c, id); s.State != network.Offered || w.letters.count("network.notice.offer", c.Person) != 0 {
		t.Errorf("next in line: %+v", s)
	}
	w.clock.Advance(100 * 24 * time.Hour)
	w.sweep()
	w.decide(c, "active")
	w.decide(c, "active") // the job may run twice
	if s := w.standing(c, id); s.State != network.Active || w.letters.count("network.notice.in", c.Person) != 1 {
		t.Errorf("confirmed from the line: %+v", s)
	}
	w.whole()
}

// When the module wants a reason, the person gives it: the place becomes an
// offer of the usual 48 hours, from the day of the confirmation.
func TestKeptPlaceThatTheModuleAsksAbout(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	w.invite(lead, id, network.Invite{Emails: []string{"a@example.org"}})
	w.module.OnGuard = func(*effect.GuardAsk) (*effect.GuardAnswer, error) {
		return &effect.GuardAnswer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "same_complex", Text: "Druga osoba."}}}, nil
	}
	a := w.accept("a@example.org", "pending", id)
	w.decide(a, "active")
	s := w.standing(a, id)
	if s.State != network.Offered || s.Until == nil || !s.Until.Equal(w.clock.Now().Add(network.OfferTime)) || w.letters.count("network.notice.kept", a.Person) != 1 {
		t.Fatalf("%+v", s)
	}
	reason := []effect.Acknowledgement{{Code: "same_complex", Reason: "Uzgodnione z dyrektorem."}}
	if out, err := w.s.Join(t.Context(), a, id, network.Entry{Reasons: reason}); err != nil || out.State != network.Active {
		t.Fatalf("%+v, %v", out, err)
	}
	w.whole()
}

// An invitation taken back keeps no place; the account comes about all the same.
func TestWithdrawnInvitationKeepsNoPlace(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	w.invite(lead, id, network.Invite{Emails: []string{"a@example.org"}})
	list, err := w.s.Invitations(t.Context(), lead, id, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.Withdraw(t.Context(), lead, id, list.Items[0].ID); err != nil {
		t.Fatal(err)
	}
	if s := w.standing(w.accept("a@example.org", "pending", id), id); s.State != "" {
		t.Errorf("%+v", s)
	}
	w.whole()
}

func TestInvitationsADay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	batch := func(from, n int) network.Invite {
		var in network.Invite
		for i := range n {
			in.Emails = append(in.Emails, "x"+time.Duration(from+i).String()+"@example.org")
		}
		return in
	}
	for i := range network.MaxDaily / network.MaxInvited {
		w.invite(lead, id, batch(i*network.MaxInvited, network.MaxInvited))
	}
	_, err := w.s.Invite(t.Context(), lead, id, batch(5000, 1))
	if f := fault.As(err); !fault.Is(err, fault.Invalid) || len(f.Fields) != 1 || f.Fields[0].Key != "network.invited_today" {
		t.Fatalf("one more: %v", err)
	}
	other, lead2 := w.open(nil)
	w.invite(lead2, other, batch(6000, 1)) // each inviter by themselves
	w.clock.Advance(24 * time.Hour)
	w.invite(lead, id, batch(5000, 1))
}
