package identity_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
)

// host notes what the service told it.
type host struct {
	accepted map[uuid.UUID]uuid.UUID // person → what they were invited to
	decided  []uuid.UUID
}

func (h *host) Accepted(_ context.Context, _ *db.Tx, person, to uuid.UUID) error {
	h.accepted[person] = to
	return nil
}

func (h *host) Decided(_ context.Context, _ *db.Tx, person uuid.UUID) error {
	h.decided = append(h.decided, person)
	return nil
}

func (w *world) host() *host {
	h := &host{accepted: map[uuid.UUID]uuid.UUID{}}
	w.s.Lead(h)
	return h
}

const askKey = "network.mail.invitation"

// ask invites an address to something and returns it with the token of the letter.
func (w *world) ask(t *testing.T, email string, by uuid.UUID) (to uuid.UUID, token string) {
	t.Helper()
	to = uuid.New()
	if err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, told, err := w.s.AskTx(ctx, tx, identity.Ask{Email: email, By: by, To: to, Title: "Ocenianie", Path: "/sieci/x/zaproszenie", Key: askKey})
		if !told {
			t.Errorf("%s was not written to", email)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return to, w.post.link(t, askKey, identity.InvitationPath)
}

func (w *world) idOf(t *testing.T, email string) uuid.UUID {
	t.Helper()
	var id uuid.UUID
	if err := w.d.Get(t.Context(), &id, `SELECT id FROM person WHERE email = $1`, email); err != nil {
		t.Fatal(err)
	}
	return id
}

// A coordinator vouches for nobody: the invited person says who they are and
// where they work, and that school confirms it.
func TestAskedPersonIsConfirmedByTheirSchool(t *testing.T) {
	t.Parallel()
	w := setup(t)
	h := w.host()
	lead := w.person(t, "koordynatorka@example.org")
	head := w.admin(t, "dyrektor@example.org", access.Principal, access.Institution, w.other)
	to, token := w.ask(t, "Nowa@example.org", lead)
	if n := w.count(t, `SELECT count(*) FROM person WHERE email = 'nowa@example.org'`); n != 0 {
		t.Error("an account before its owner said yes")
	}
	inv, err := w.s.CheckInvitation(t.Context(), token)
	if err != nil || !inv.Asks || inv.Email != "nowa@example.org" || inv.Name != "" || inv.Title != "Ocenianie" || inv.ByName != "Żaneta Ćwiąkalska" {
		t.Fatalf("%+v, %v", inv, err)
	}
	in := identity.Acceptance{Name: "Nowa Osoba", Password: goodPassword, Address: "192.0.2.1"}
	_, err = w.s.AcceptInvitation(t.Context(), token, in)
	wantKey(t, "without a school", err, "institution identity.institution_missing")
	in.Institution = w.other
	out, err := w.s.AcceptInvitation(t.Context(), token, in)
	if err != nil || out.State != identity.Pending || out.SignedIn.Cookie != "" || out.To != to {
		t.Fatalf("%+v, %v", out, err)
	}
	person := w.idOf(t, "nowa@example.org")
	if h.accepted[person] != to {
		t.Error("what they were invited to does not know of it")
	}
	wantKey(t, "signing in before it is confirmed", attempt(w, "nowa@example.org", goodPassword, "192.0.2.1"), "identity.cannot_sign_in.pending")
	told := w.post.with("identity.mail.waiting_invited")
	if len(told) != 1 || len(told[0].To) != 1 || told[0].To[0] != head.Person || told[0].Args["Title"] != "Ocenianie" {
		t.Errorf("told %+v", told)
	}
	if n, err := w.s.CountWaiting(t.Context(), head); err != nil || n != 1 {
		t.Errorf("%d wait, %v", n, err)
	}
	if _, err := w.s.AcceptInvitation(t.Context(), token, in); !fault.Is(err, fault.NotFound) {
		t.Errorf("accepted twice: %v", err)
	}
	if err := w.s.Confirm(t.Context(), head, person); err != nil {
		t.Fatal(err)
	}
	if len(h.decided) != 1 || h.decided[0] != person {
		t.Errorf("decided %v", h.decided)
	}
	if err := attempt(w, "nowa@example.org", goodPassword, "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

// Whoever may confirm accounts at the institution vouches by inviting; not for
// institutions of others, and not once the role is over.
func TestAskerWhoMayConfirmVouches(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.host()
	centre := w.admin(t, "cdn@example.org", access.CentreAdmin, access.Centre, w.centre)
	accept := func(email string, institution uuid.UUID) identity.Accepted {
		t.Helper()
		_, token := w.ask(t, email, centre.Person)
		out, err := w.s.AcceptInvitation(t.Context(), token, identity.Acceptance{Name: "Nowa Osoba", Password: goodPassword, Institution: institution})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	here := accept("a@example.org", w.school)
	if here.State != identity.Active || w.actor(t, here.SignedIn.Cookie) == nil {
		t.Errorf("at a school of the centre: %+v", here)
	}
	if n := w.count(t, `SELECT count(*) FROM person WHERE email = 'a@example.org' AND confirmed_by = $1`, centre.Person); n != 1 {
		t.Error("it is not written who vouched")
	}
	if out := accept("b@example.org", w.elsewhere); out.State != identity.Pending {
		t.Errorf("at a school of another centre: %+v", out)
	}
	w.exec(t, `UPDATE role_grant SET valid_to = valid_from WHERE person_id = $1`, centre.Person)
	if out := accept("c@example.org", w.school); out.State != identity.Pending {
		t.Errorf("after the role ended: %+v", out)
	}
}

// Accounts that coordinators' invitations once made without an institution are
// not vouched for either, whichever way their owner answers.
func TestPreparedAccountWithoutInstitutionWaits(t *testing.T) {
	t.Parallel()
	w := setup(t)
	var token string
	for _, email := range []string{"stara@example.org", "inna@example.org"} {
		w.prepared(t, email, uuid.Nil)
		if token == "" {
			if err := w.s.RequestReset(t.Context(), email, "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
			token = w.post.link(t, "identity.mail.account", identity.InvitationPath)
		}
	}
	out, err := w.s.AcceptInvitation(t.Context(), token, identity.Acceptance{Name: "Stara Osoba", Password: goodPassword, Institution: w.school})
	if err != nil || out.State != identity.Pending {
		t.Errorf("by its link: %+v, %v", out, err)
	}
	if err := w.s.Register(t.Context(), w.registration("inna@example.org")); err != nil {
		t.Fatal(err)
	}
	if state, err := w.s.ConfirmEmail(t.Context(), w.post.link(t, "identity.mail.confirm", identity.ConfirmPath)); err != nil || state != identity.Pending {
		t.Errorf("by registering: %s, %v", state, err)
	}
}

func TestAskingAnAddressWithAnAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	h := w.host()
	lead := w.person(t, "koordynatorka@example.org")
	known := w.person(t, "jest@example.org")
	err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		id, told, err := w.s.AskTx(ctx, tx, identity.Ask{Email: "JEST@example.org", By: lead, Key: askKey})
		if told || id != known {
			t.Errorf("%v, told %v", id, told)
		}
		return err
	})
	if err != nil || len(w.post.with(askKey)) != 0 {
		t.Errorf("%v, %d letters", err, len(w.post.with(askKey)))
	}
	// Prepared by an administrator: the new link takes it up, and leads on.
	prepared := w.prepared(t, "gotowa@example.org", w.school)
	to, token := w.ask(t, "gotowa@example.org", lead)
	out, err := w.s.AcceptInvitation(t.Context(), token, identity.Acceptance{Name: "Gotowa Osoba", Password: goodPassword})
	if err != nil || out.State != identity.Active || h.accepted[prepared] != to {
		t.Errorf("%+v, %v, %v", out, err, h.accepted)
	}
	// An account that came about after the letter.
	_, token = w.ask(t, "potem@example.org", lead)
	w.person(t, "potem@example.org")
	if inv, err := w.s.CheckInvitation(t.Context(), token); err != nil || inv.Known != identity.Active || inv.Path != "/sieci/x/zaproszenie" {
		t.Errorf("%+v, %v", inv, err)
	}
	_, err = w.s.AcceptInvitation(t.Context(), token, identity.Acceptance{Name: "Ktoś Inny", Password: "inne długie hasło", Institution: w.school})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("taken over: %v", err)
	}
}
