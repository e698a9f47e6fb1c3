package identity_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/identity"
)

func TestResetEndsEverySessionAndToken(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org")
	one, two := w.signIn(t, "a@example.org"), w.signIn(t, "a@example.org")
	secret, _, err := w.s.CreateToken(t.Context(), w.actor(t, one), identity.TokenInput{Label: "Arkusz", Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.s.RequestReset(t.Context(), "A@example.org", "192.0.2.1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.s.RequestReset(t.Context(), "nobody@example.org", "192.0.2.1"); err != nil {
		t.Errorf("the answer tells: %v", err)
	}
	letters := w.post.with("identity.mail.reset")
	if len(letters) != 2 || !letters[0].MailOnly {
		t.Fatalf("%+v", letters)
	}
	first := letters[0].Link[len(identity.ResetPath):]
	token := w.post.link(t, "identity.mail.reset", identity.ResetPath)
	wantKey(t, "a poor password", w.s.Reset(t.Context(), token, "password1"), "password identity.password_common")
	if err := w.s.Reset(t.Context(), token, "zupełnie nowe hasło"); err != nil {
		t.Fatalf("the link was spent by a refused password: %v", err)
	}
	if w.actor(t, one) != nil || w.actor(t, two) != nil {
		t.Error("a session outlived the reset")
	}
	if a, err := w.s.Token(t.Context(), secret); a != nil || err != nil {
		t.Errorf("a token outlived the reset: %v", err)
	}
	wantKey(t, "the other letter", w.s.Reset(t.Context(), first, "jeszcze inne hasło"), "identity.link_spent")
	wantKey(t, "old password", attempt(w, "a@example.org", goodPassword, "192.0.2.1"), "identity.wrong_sign_in")
	if err := attempt(w, "a@example.org", "zupełnie nowe hasło", "192.0.2.1"); err != nil {
		t.Error(err)
	}
	if len(w.post.with("identity.mail.password_changed")) != 1 {
		t.Error("the owner is not told")
	}
}

func TestChangePasswordEndsOtherSessions(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org")
	here, there := w.signIn(t, "a@example.org"), w.signIn(t, "a@example.org")
	a := w.actor(t, here)
	wantKey(t, "wrong", w.s.ChangePassword(t.Context(), a, "nie to", "zupełnie nowe hasło"), "current identity.password_wrong")
	if err := w.s.ChangePassword(t.Context(), a, goodPassword, "zupełnie nowe hasło"); err != nil {
		t.Fatal(err)
	}
	if w.actor(t, here) == nil || w.actor(t, there) != nil {
		t.Error("the wrong session ended")
	}
	for range 5 {
		wantKey(t, "guess", w.s.ChangePassword(t.Context(), a, "nie to", "zupełnie nowe hasło"), "current identity.password_wrong")
	}
	wantKey(t, "guesses", w.s.ChangePassword(t.Context(), a, "zupełnie nowe hasło", goodPassword), "identity.too_many")
}

func TestInvitationMakesAnActiveAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.invite(t, "Nowy@example.org")
	if again := w.invite(t, "nowy@example.org"); again != id || len(w.post.with("identity.mail.invitation")) != 2 {
		t.Error("inviting again is not sending again")
	}
	token := w.post.link(t, "identity.mail.invitation", identity.InvitationPath)
	inv, err := w.s.CheckInvitation(t.Context(), token)
	if err != nil || inv.Email != "nowy@example.org" || inv.Name != "Jan Kos" || !strings.HasPrefix(inv.InstitutionName, "Szkola Podstawowa nr 1, ") {
		t.Fatalf("%+v, %v", inv, err)
	}
	_, err = w.s.AcceptInvitation(t.Context(), token, identity.Acceptance{Name: "Jan Kos", Password: "jan kos"})
	wantKey(t, "poor password", err, "password identity.password_short")
	in, err := w.s.AcceptInvitation(t.Context(), token, identity.Acceptance{Name: "Jan Kos-Nowak", Password: goodPassword, Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	if a := w.actor(t, in.SignedIn.Cookie); a == nil || a.Name != "Jan Kos-Nowak" || a.Institution != w.school {
		t.Errorf("%+v", a)
	}
}

// Whoever was invited may as well register: the address is proven either way.
func TestRegistrationOfAnInvitedAddressIsActive(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.invite(t, "nowy@example.org")
	if err := w.s.Register(t.Context(), w.registration("nowy@example.org")); err != nil {
		t.Fatal(err)
	}
	state, err := w.s.ConfirmEmail(t.Context(), w.post.link(t, "identity.mail.confirm", identity.ConfirmPath))
	if err != nil || state != identity.Active {
		t.Fatal(state, err)
	}
	_, err = w.s.AcceptInvitation(t.Context(), w.post.link(t, "identity.mail.invitation", identity.InvitationPath), identity.Acceptance{Name: "Kto Inny", Password: "inne długie hasło"})
	wantKey(t, "the invitation afterwards", err, "identity.link_spent")
	if err := attempt(w, "nowy@example.org", goodPassword, "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

func TestProfileShowsWhatItsOwnerChose(t *testing.T) {
	t.Parallel()
	w := setup(t)
	owner := w.person(t, "a@example.org")
	a := w.actor(t, w.signIn(t, "a@example.org"))
	me, err := w.s.Me(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	in := identity.ProfileInput{Name: "Żaneta Ćwiąkalska", SortName: "Ćwiąkalska Ż.", Function: "doradczyni", About: "Uczę fizyki.",
		Shown: []string{"about", "password_hash"}, Version: me.Version}
	if err := w.s.UpdateProfile(t.Context(), a, in); err != nil {
		t.Fatal(err)
	}
	if err := w.s.UpdateProfile(t.Context(), a, in); !fault.Is(err, fault.Conflict) {
		t.Errorf("a stale version was saved: %v", err)
	}
	member := w.person(t, "b@example.org")
	network := uuid.New()
	w.give(t, owner, access.Participant, access.Network, network)
	b := w.actor(t, w.signIn(t, "b@example.org"))
	if _, err := w.s.Profile(t.Context(), b, owner); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger sees the profile: %v", err)
	}
	w.give(t, member, access.Participant, access.Network, network)
	p, err := w.s.Profile(t.Context(), b, owner)
	if err != nil || p.Name != "Żaneta Ćwiąkalska" || p.InstitutionName != "Szkola Podstawowa nr 1" || p.About != "Uczę fizyki." || p.Function != "" || p.Email != "" {
		t.Errorf("%+v, %v", p, err)
	}
	if n := w.count(t, `SELECT count(*) FROM audit_event WHERE action = 'person:look' AND actor_id = $1 AND object_id = $2 AND fields = '{about}'`, member, owner.String()); n != 1 {
		t.Errorf("what the profile shows beyond the list of members: %d accounts", n)
	}
	if _, err := w.s.Profile(t.Context(), a, member); err != nil { // who shows name and school alone
		t.Error(err)
	}
	if _, err := w.s.Profile(t.Context(), a, owner); err != nil { // oneself
		t.Error(err)
	}
	if n := w.count(t, `SELECT count(*) FROM audit_event WHERE action = 'person:look'`); n != 1 {
		t.Errorf("%d profiles accounted for, want 1", n)
	}
	if _, err := w.s.Profile(t.Context(), &access.Actor{}, owner); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a guest sees the profile: %v", err)
	}
	if err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return access.TakeAllAt(ctx, tx, member, access.Network, network, w.domain.Now())
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Profile(t.Context(), b, owner); !fault.Is(err, fault.NotFound) {
		t.Errorf("who left still sees the profile: %v", err)
	}
}

func TestPeopleListStaysInReach(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, p := range []struct {
		email, name string
		school      uuid.UUID
	}{{"1@example.org", "Jan Żak", w.school}, {"2@example.org", "Ewa Łoś", w.other}, {"3@example.org", "Iga Kot", w.elsewhere}, {"4@example.org", "Ola Dąb", w.centre}} {
		if _, err := w.s.CreateActive(t.Context(), w.core, identity.NewPerson{Email: p.email, Name: p.name, Password: goodPassword, Institution: p.school}); err != nil {
			t.Fatal(err)
		}
	}
	ore, err := w.s.CreateFirstAdmin(t.Context(), identity.FirstAdmin{Email: "ore@example.org", Name: "Adam Or", Password: goodPassword})
	if err != nil || ore != "" {
		t.Fatal(ore, err)
	}
	principal := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.Principal, Kind: access.Institution, Scope: w.school}}}
	centre := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centre}}}
	admin := w.actor(t, w.signIn(t, "ore@example.org"))
	names := func(a *access.Actor, q identity.PeopleQuery) string {
		t.Helper()
		page, err := w.s.People(t.Context(), a, q)
		if err != nil {
			t.Fatal(err)
		}
		out := ""
		for _, p := range page.People {
			out += p.SortName + "; "
		}
		return out
	}
	if got := names(principal, identity.PeopleQuery{}); got != "Żak Jan; " {
		t.Errorf("principal: %s", got)
	}
	if got := names(centre, identity.PeopleQuery{Text: "los"}); got != "Łoś Ewa; " {
		t.Errorf("centre looks for los: %s", got)
	}
	if got := names(admin, identity.PeopleQuery{Text: "IGA kot"}); got != "Kot Iga; " {
		t.Errorf("ore: %s", got)
	}
	if _, err := w.s.People(t.Context(), &access.Actor{Person: uuid.New()}, identity.PeopleQuery{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a bystander lists: %v", err)
	}
	// Each page with somebody else's account is accounted for: three so far.
	if n := w.count(t, `SELECT count(*) FROM audit_event WHERE action = 'person:browse'`); n != 3 {
		t.Errorf("%d lists accounted for", n)
	}
	if got := names(admin, identity.PeopleQuery{Text: "nikogo takiego"}); got != "" || w.count(t, `SELECT count(*) FROM audit_event WHERE action = 'person:browse'`) != 3 {
		t.Errorf("nobody was shown, %q", got)
	}
	seen, after := 0, ""
	for range 5 {
		page, err := w.s.People(t.Context(), admin, identity.PeopleQuery{Limit: 2, After: after})
		if err != nil {
			t.Fatal(err)
		}
		seen += len(page.People)
		if after = page.Next; after == "" {
			break
		}
	}
	if seen != 5 || after != "" {
		t.Errorf("%d by pages, then %q", seen, after)
	}
	page, err := w.s.People(t.Context(), admin, identity.PeopleQuery{Text: "kot"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Person(t.Context(), centre, page.People[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a centre reads another territory's person: %v", err)
	}
	wantKey(t, "block oneself", w.s.Block(t.Context(), admin, admin.Person), "identity.block_self")
}

func TestFirstAdministrator(t *testing.T) {
	t.Parallel()
	w := setup(t)
	in := identity.FirstAdmin{Email: "szef@example.org", Name: "Adam Or"}
	link, err := w.s.CreateFirstAdmin(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := w.s.AcceptInvitation(t.Context(), link[len(identity.InvitationPath):], identity.Acceptance{Name: "Adam Or", Password: goodPassword})
	if err != nil || !w.actor(t, signed.SignedIn.Cookie).Has(access.OREAdmin, access.Platform, uuid.Nil) {
		t.Fatal("the link does not lead to an administrator", err)
	}
	_, err = w.s.CreateFirstAdmin(t.Context(), identity.FirstAdmin{Email: "drugi@example.org", Name: "Ola Or"})
	wantKey(t, "a second one", err, "identity.have_admin")
	in.Force, in.Password = true, "hasło podane z klawiatury"
	if link, err = w.s.CreateFirstAdmin(t.Context(), in); err != nil || link != "" {
		t.Fatalf("the way back in: %q, %v", link, err)
	}
	if err := attempt(w, in.Email, in.Password, "192.0.2.1"); err != nil {
		t.Error(err)
	}
}

func TestLanguageAndReceiver(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	cookie := w.signIn(t, "a@example.org")
	if err := w.s.SetLanguage(t.Context(), w.actor(t, cookie), i18n.English); err != nil {
		t.Fatal(err)
	}
	if _, lang, err := w.s.Session(t.Context(), cookie); lang != i18n.English || err != nil {
		t.Error(lang, err)
	}
	to, ok, err := identity.Receivers{DB: w.d}.MailReceiver(t.Context(), id)
	if !ok || err != nil || to.Address != "a@example.org" || to.Lang != i18n.English {
		t.Errorf("%+v %v %v", to, ok, err)
	}
	if err := w.s.Block(t.Context(), w.core, id); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := (identity.Receivers{DB: w.d}).MailReceiver(t.Context(), id); ok || err != nil {
		t.Error("letters go to a blocked account", err)
	}
}

// A double press finds the change done: no conflict page, one audit row.
func TestDoubleSubmitChangesOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ore := w.admin(t, "o@example.org", access.OREAdmin, access.Platform, uuid.Nil)
	waiting := w.register(t, "nowa@example.org")
	w.person(t, "a@example.org")
	a := w.actor(t, w.signIn(t, "a@example.org"))
	other := w.actor(t, w.signIn(t, "a@example.org"))
	me, err := w.s.Me(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		action string
		do     func(ctx context.Context) error
	}{
		{"account:profile", func(ctx context.Context) error {
			return w.s.UpdateProfile(ctx, a, identity.ProfileInput{Name: "Ola Dąb", Version: me.Version})
		}},
		{"account:session_end", func(ctx context.Context) error { return w.s.EndSession(ctx, a, other.Session) }},
		{"person:confirm", func(ctx context.Context) error { return w.s.Confirm(ctx, ore, waiting) }},
		{"person:block", func(ctx context.Context) error { return w.s.Block(ctx, ore, me.ID) }},
	} {
		ctx := idem.With(t.Context(), idem.NewKey())
		for range 2 {
			if err := c.do(ctx); err != nil {
				t.Errorf("%s: %v", c.action, err)
			}
		}
		if n := w.count(t, `SELECT count(*) FROM audit_event WHERE action = $1`, c.action); n != 1 {
			t.Errorf("%s: %d audited", c.action, n)
		}
	}
}
