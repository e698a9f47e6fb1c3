package identity_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
)

// elsewhereActive is an account of a foreign school, signed in.
func (w *world) elsewhereActive(t *testing.T, email string) *access.Actor {
	t.Helper()
	if _, err := w.s.CreateActive(t.Context(), w.core, identity.NewPerson{Email: email, Name: "Ewa Obca", Password: goodPassword, Institution: w.elsewhere}); err != nil {
		t.Fatal(err)
	}
	return w.actor(t, w.signIn(t, email))
}

// shapes are the invitations of a list without what differs between any two.
func (w *world) shapes(t *testing.T, a *access.Actor) []identity.Invitee {
	t.Helper()
	p, err := w.s.Invitees(t.Context(), a, identity.InviteesQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Invitees {
		p.Invitees[i].ID, p.Invitees[i].Email = uuid.Nil, ""
	}
	return p.Invitees
}

// An invitation of an address with an account elsewhere, and of one without, look
// the same at every step until it is accepted; declining changes nothing.
func TestInvitingTellsNothingOfAccountsElsewhere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	centre := w.admin(t, "wierzbowo@example.org", access.CentreAdmin, access.Centre, w.centre)
	foreign := w.elsewhereActive(t, "obca@example.org")
	var sent []identity.Sent
	for _, email := range []string{"obca@example.org", "nikt@example.org"} {
		out, err := w.s.Invite(t.Context(), centre, identity.Invite{Email: email, Name: "Ewa Nowa", Institution: w.school})
		if err != nil || out.Known != uuid.Nil || out.Invitation == uuid.Nil {
			t.Fatalf("%s: %+v, %v", email, out, err)
		}
		sent = append(sent, out)
	}
	same := func(when string) {
		t.Helper()
		s := w.shapes(t, centre)
		if len(s) != 2 || s[0].Status != s[1].Status || (s[0].Sent == nil) != (s[1].Sent == nil) || s[0].Name != s[1].Name || !s[0].Until.Equal(s[1].Until) {
			t.Errorf("%s: %+v", when, s)
		}
	}
	same("sent")
	if n := len(w.post.with("identity.mail.invitation")); n != 2 {
		t.Errorf("%d letters", n)
	}
	if to := w.post.with("identity.mail.offer"); len(to) != 1 || to[0].To[0] != foreign.Person || to[0].Mail {
		t.Errorf("told: %+v", to)
	}
	if people, err := w.s.People(t.Context(), centre, identity.PeopleQuery{}); err != nil || len(people.People) != 1 {
		t.Errorf("the list of people: %+v, %v", people, err)
	}
	offers, err := w.s.Offers(t.Context(), foreign)
	if err != nil || len(offers) != 1 || offers[0].ID != sent[0].Invitation {
		t.Fatalf("offers: %+v, %v", offers, err)
	}
	if err := w.s.AnswerOffer(t.Context(), centre, sent[0].Invitation, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("another's offer: %v", err)
	}
	if err := w.s.AnswerOffer(t.Context(), foreign, sent[0].Invitation, false); err != nil {
		t.Fatal(err)
	}
	same("declined")
	for _, s := range sent {
		if err := w.s.InviteAgain(t.Context(), centre, s.Invitation); err != nil {
			t.Fatal(err)
		}
	}
	same("again")
	w.wall.advance(15 * 24 * time.Hour)
	same("expired")
	for _, s := range sent {
		if err := w.s.InviteAgain(t.Context(), centre, s.Invitation); err != nil {
			t.Fatal(err)
		}
	}
	same("renewed")
	// Another centre sees none of it, and cannot act on it.
	far := w.admin(t, "dabrowa@example.org", access.CentreAdmin, access.Centre, w.far)
	if s := w.shapes(t, far); len(s) != 0 {
		t.Errorf("the other centre sees %+v", s)
	}
	if err := w.s.WithdrawInvitation(t.Context(), far, sent[1].Invitation); !fault.Is(err, fault.NotFound) {
		t.Errorf("withdrawn by another centre: %v", err)
	}
	if err := w.s.WithdrawInvitation(t.Context(), centre, sent[1].Invitation); err != nil {
		t.Fatal(err)
	}
	_, err = w.s.CheckInvitation(t.Context(), w.post.link(t, "identity.mail.invitation", identity.InvitationPath))
	wantKey(t, "a withdrawn link", err, "identity.link_spent")
	wantKey(t, "again after that", w.s.InviteAgain(t.Context(), centre, sent[1].Invitation), "identity.invitation_over")
	// Taken up: the place of work changes, and only now is the person in the list.
	if err := w.s.AnswerOffer(t.Context(), foreign, sent[0].Invitation, true); err != nil {
		t.Fatal(err)
	}
	if n := w.count(t, `SELECT count(*) FROM person WHERE id = $1 AND institution_id = $2 AND name = 'Ewa Obca'`, foreign.Person, w.school); n != 1 {
		t.Error("the place of work is the old one")
	}
	if people, err := w.s.People(t.Context(), centre, identity.PeopleQuery{Text: "obca"}); err != nil || len(people.People) != 1 {
		t.Errorf("the list of people: %+v, %v", people, err)
	}
	if out, err := w.s.Invite(t.Context(), centre, identity.Invite{Email: "obca@example.org", Name: "Ewa Nowa", Institution: w.school}); err != nil || out.Known != foreign.Person {
		t.Errorf("within reach: %+v, %v", out, err)
	}
}

// Taking a list back is the same for who has an account elsewhere and who has none.
func TestListTakenBackTellsNothingOfAccountsElsewhere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	centre := w.admin(t, "wierzbowo@example.org", access.CentreAdmin, access.Centre, w.centre)
	foreign := w.elsewhereActive(t, "obca@example.org")
	file := "name;email;rspo\nJan Kos;obca@example.org;1003\nJan Kos;nikt@example.org;1003\n"
	i := w.hand(t, centre, file)
	if err := w.s.ConfirmPeople(t.Context(), centre, i.ID, true); err != nil {
		t.Fatal(err)
	}
	offers, err := w.s.Offers(t.Context(), foreign)
	if err != nil || len(offers) != 1 {
		t.Fatalf("%+v, %v", offers, err)
	}
	if err := w.s.AnswerOffer(t.Context(), foreign, offers[0].ID, false); err != nil {
		t.Fatal(err)
	}
	w.wantCounts(t, "again", w.hand(t, centre, file), "ready new=0 changed=0 known=2 rejected=0 kept=0")
	if err := w.s.UndoPeople(t.Context(), centre, i.ID); err != nil {
		t.Fatal(err)
	}
	w.wantCounts(t, "back", w.list(t, centre, i.ID), "undone new=2 changed=0 known=0 rejected=0 kept=0")
	if s := w.shapes(t, centre); len(s) != 0 {
		t.Errorf("left: %+v", s)
	}
}

// Asking for an address that somebody has, and for a free one, leaves the same
// behind in one's own mailbox.
func TestNewAddressTellsNothingOfItsOwner(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "jest@example.org")
	w.person(t, "pyta@example.org")
	a := w.actor(t, w.signIn(t, "pyta@example.org"))
	for n, email := range []string{"jest@example.org", "wolny@example.org"} {
		if err := w.s.RequestEmail(t.Context(), a, email, "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		if got := len(w.post.with("identity.mail.email_asked")); got != n+1 {
			t.Errorf("%s: %d letters to oneself", email, got)
		}
	}
	if n := len(w.post.with("identity.mail.email_new")); n != 1 {
		t.Errorf("%d letters to new addresses", n)
	}
}
