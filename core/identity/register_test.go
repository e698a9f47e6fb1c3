package identity_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
)

func (w *world) registration(email string) identity.Registration {
	return identity.Registration{Email: email, Name: "Świętosława Brzęczyszczykiewicz-Ćwiąkalska", Password: goodPassword,
		Institution: w.school, Function: "nauczycielka", Lang: i18n.Polish, Address: "192.0.2.1"}
}

// register goes through the mailed link and returns the new account's id.
func (w *world) register(t *testing.T, email string) uuid.UUID {
	t.Helper()
	if err := w.s.Register(t.Context(), w.registration(email)); err != nil {
		t.Fatal(err)
	}
	state, err := w.s.ConfirmEmail(t.Context(), w.post.link(t, "identity.mail.confirm", identity.ConfirmPath))
	if err != nil || state != identity.Pending {
		t.Fatal(state, err)
	}
	var id uuid.UUID
	if err := w.d.Get(t.Context(), &id, `SELECT id FROM person WHERE email = $1`, email); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestRegistrationFromFormToSignIn(t *testing.T) {
	t.Parallel()
	w := setup(t)
	principal := w.admin(t, "dyrektor@example.org", access.Principal, access.Institution, w.school)
	in := w.registration(" Nowa@Example.ORG ")
	in.Name, in.Password = norm.NFD.String("  Zażółć   Gęślą "), norm.NFD.String("źdźbło żółtej trawy")
	if err := w.s.Register(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if n := w.count(t, `SELECT count(*) FROM person WHERE email = 'nowa@example.org'`); n != 0 {
		t.Error("an account before its owner confirmed the address")
	}
	token := w.post.link(t, "identity.mail.confirm", identity.ConfirmPath)
	for range 2 { // looking changes nothing
		if email, err := w.s.CheckConfirmation(t.Context(), token); err != nil || email != "nowa@example.org" {
			t.Fatal(email, err)
		}
	}
	if state, err := w.s.ConfirmEmail(t.Context(), token); err != nil || state != identity.Pending {
		t.Fatal(state, err)
	}
	wantKey(t, "waiting", attempt(w, "nowa@example.org", in.Password, "192.0.2.1"), "identity.cannot_sign_in.pending")
	told := w.post.with("identity.mail.waiting")
	if len(told) != 1 || !slices.Equal(told[0].To, []uuid.UUID{principal.Person}) {
		t.Errorf("told %+v", told)
	}
	page, err := w.s.Waiting(t.Context(), principal, "", 0)
	if err != nil || len(page.People) != 1 || page.People[0].Name != "Zażółć Gęślą" || page.People[0].SortName != "Gęślą Zażółć" {
		t.Fatalf("%+v, %v", page, err)
	}
	if n, err := w.s.CountWaiting(t.Context(), principal); n != 1 || err != nil {
		t.Error(n, err)
	}
	if err := w.s.Confirm(t.Context(), principal, page.People[0].ID); err != nil {
		t.Fatal(err)
	}
	wantKey(t, "confirmed twice", w.s.Confirm(t.Context(), principal, page.People[0].ID), "identity.decided")
	if got := w.post.with("identity.mail.confirmed"); len(got) != 1 {
		t.Errorf("told %+v", got)
	}
	if err := attempt(w, "NOWA@example.org", "źdźbło żółtej trawy", "192.0.2.1"); err != nil {
		t.Errorf("typed on another keyboard: %v", err)
	}
}

func TestWhoConfirms(t *testing.T) {
	t.Parallel()
	w := setup(t)
	actors := map[string]*access.Actor{
		"principal":          w.admin(t, "p1@example.org", access.Principal, access.Institution, w.school),
		"principal of other": w.admin(t, "p2@example.org", access.Principal, access.Institution, w.other),
		"centre":             w.admin(t, "c1@example.org", access.CentreAdmin, access.Centre, w.centre),
		"other centre":       w.admin(t, "c2@example.org", access.CentreAdmin, access.Centre, w.far),
		"ore":                w.admin(t, "o@example.org", access.OREAdmin, access.Platform, uuid.Nil),
		"coordinator":        w.admin(t, "k@example.org", access.Coordinator, access.Network, uuid.New()),
	}
	may := []string{"principal", "centre", "ore"}
	for name, a := range actors {
		id := w.register(t, strings.ReplaceAll(name, " ", "")+".new@example.org")
		page, err := w.s.Waiting(t.Context(), a, "", 0)
		sees := err == nil && slices.ContainsFunc(page.People, func(p identity.Account) bool { return p.ID == id })
		err = w.s.Confirm(t.Context(), a, id)
		if want := slices.Contains(may, name); sees != want || (err == nil) != want {
			t.Errorf("%s: sees %v, confirms %v", name, sees, err)
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", name, err)
		}
		w.wall.advance(time.Hour) // letters from one address
	}
	// Staff of a centre are confirmed by the centre itself.
	in := w.registration("konsultant@example.org")
	in.Institution = w.centre
	if err := w.s.Register(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.ConfirmEmail(t.Context(), w.post.link(t, "identity.mail.confirm", identity.ConfirmPath)); err != nil {
		t.Fatal(err)
	}
	page, err := w.s.Waiting(t.Context(), actors["centre"], "", 0)
	i := slices.IndexFunc(page.People, func(p identity.Account) bool { return p.Email == "konsultant@example.org" })
	if err != nil || i < 0 {
		t.Fatalf("%+v, %v", page, err)
	}
	if err := w.s.Confirm(t.Context(), actors["centre"], page.People[i].ID); err != nil {
		t.Error(err)
	}
}

func TestRefusalIsToldAndMayBeFollowedByAnotherTry(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ore := w.admin(t, "o@example.org", access.OREAdmin, access.Platform, uuid.Nil)
	id := w.register(t, "a@example.org")
	wantKey(t, "without a reason", w.s.Refuse(t.Context(), ore, id, "  "), "reason identity.reason_missing")
	if err := w.s.Refuse(t.Context(), ore, id, "Nie ma takiej osoby w szkole"); err != nil {
		t.Fatal(err)
	}
	told := w.post.with("identity.mail.refused")
	if len(told) != 1 || told[0].Args["Reason"] != "Nie ma takiej osoby w szkole" {
		t.Errorf("%+v", told)
	}
	wantKey(t, "sign-in", attempt(w, "a@example.org", goodPassword, "192.0.2.1"), "identity.cannot_sign_in.refused")
	if again := w.register(t, "a@example.org"); again != id {
		t.Error("a second account of one address")
	}
	if err := w.s.Confirm(t.Context(), ore, id); err != nil {
		t.Error(err)
	}
}

func TestRegisterAnswersTheSameForKnownAddresses(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "known@example.org")
	in := w.registration("known@example.org")
	in.Password = "inne długie hasło"
	if err := w.s.Register(t.Context(), in); err != nil {
		t.Errorf("the answer tells: %v", err)
	}
	if len(w.post.with("identity.mail.exists")) != 1 || len(w.post.with("identity.mail.confirm")) != 0 {
		t.Error("the owner is not told, or gets a link to a second account")
	}
	if err := attempt(w, "known@example.org", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("a stranger changed the password: %v", err)
	}
	for range 5 { // no flood of letters, and no other answer
		if err := w.s.Register(t.Context(), in); err != nil {
			t.Error(err)
		}
	}
	if n := len(w.post.with("identity.mail.exists")); n != 3 {
		t.Errorf("%d letters in an hour", n)
	}
}

// A stranger registers somebody else's address with a password of their own,
// before and after the owner does: only the owner's own form counts.
func TestStrangersPasswordNeverReachesTheOwnersAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	stranger := w.registration("victim@example.org")
	stranger.Password = "hasło obcej osoby"
	if err := w.s.Register(t.Context(), stranger); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Register(t.Context(), w.registration("victim@example.org")); err != nil {
		t.Fatal(err)
	}
	own := w.post.link(t, "identity.mail.confirm", identity.ConfirmPath)
	if err := w.s.Register(t.Context(), stranger); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.ConfirmEmail(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	wantKey(t, "stranger", attempt(w, "victim@example.org", stranger.Password, "198.51.100.1"), "identity.wrong_sign_in")
	wantKey(t, "owner", attempt(w, "victim@example.org", goodPassword, "192.0.2.1"), "identity.cannot_sign_in.pending")
	late := w.post.link(t, "identity.mail.confirm", identity.ConfirmPath)
	_, err := w.s.ConfirmEmail(t.Context(), late)
	wantKey(t, "the stranger's link afterwards", err, "identity.link_spent")
}

func TestRegistrationFields(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(t, `UPDATE institution SET closed_on = '2020-08-31' WHERE id = $1`, w.other)
	for _, c := range []struct {
		want   string
		change func(*identity.Registration)
	}{
		{"email identity.email_missing", func(r *identity.Registration) { r.Email = " " }},
		{"email identity.email_wrong", func(r *identity.Registration) { r.Email = "ewa@" }},
		{"email identity.email_wrong", func(r *identity.Registration) { r.Email = "Ewa <ewa@example.org>" }},
		{"email identity.email_wrong", func(r *identity.Registration) { r.Email = "a@example.org\r\nBcc: b@example.org" }},
		{"name identity.name_missing", func(r *identity.Registration) { r.Name = "" }},
		{"name identity.name_signs", func(r *identity.Registration) { r.Name = "Ewa <b>" }},
		{"name identity.name_long", func(r *identity.Registration) { r.Name = strings.Repeat("ż", 121) }},
		{"password identity.password_short", func(r *identity.Registration) { r.Password = "żółćżół" }},
		{"password identity.password_long", func(r *identity.Registration) { r.Password = strings.Repeat("ab c", 51) }},
		{"password identity.password_common", func(r *identity.Registration) { r.Password = "Qwerty123" }},
		{"password identity.password_common", func(r *identity.Registration) { r.Password = "Kochanie1!" }},
		{"password identity.password_common", func(r *identity.Registration) { r.Password = "katarzyna1987" }},
		{"password identity.password_common", func(r *identity.Registration) { r.Password = "Małgorzata" }},
		{"password identity.password_common", func(r *identity.Registration) { r.Password = "abcabcabcab" }},
		{"password identity.password_common", func(r *identity.Registration) { r.Password = "hgfedcba" }},
		{"password identity.password_own", func(r *identity.Registration) { r.Password = "nowa.osoba2026" }},
		{"institution identity.institution_missing", func(r *identity.Registration) { r.Institution = uuid.Nil }},
		{"institution identity.institution_unknown", func(r *identity.Registration) { r.Institution = uuid.New() }},
		{"institution identity.institution_unknown", func(r *identity.Registration) { r.Institution = w.other }},
		{"function identity.too_long", func(r *identity.Registration) { r.Function = strings.Repeat("ż", 121) }},
	} {
		in := w.registration("nowa.osoba@example.org")
		c.change(&in)
		wantKey(t, c.want, w.s.Register(t.Context(), in), c.want)
	}
	for _, fine := range []string{strings.Repeat("ż", 120), "Ó’Brien", "Jan", "Łódź-Żółtańce van der Berg", "J. R. Nowak"} {
		in := w.registration("nowa.osoba@example.org")
		in.Name = fine
		if err := w.s.Register(t.Context(), in); err != nil {
			t.Errorf("%s: %v", fine, err)
		}
	}
	if n := w.count(t, `SELECT count(*) FROM mail_link`); n != 3 { // the mailbox's hourly three
		t.Errorf("%d links", n)
	}
}

// once runs f eight times at once and wants exactly one success.
func once(t *testing.T, what string, f func(ctx context.Context) error) {
	t.Helper()
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() { errs <- f(context.Background()) }()
	}
	good := 0
	for range cap(errs) {
		if err := <-errs; err == nil {
			good++
		} else if !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if good != 1 {
		t.Errorf("%s: %d got through", what, good)
	}
}

func TestLinksWorkOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.s.Register(t.Context(), w.registration("a@example.org")); err != nil {
		t.Fatal(err)
	}
	confirm := w.post.link(t, "identity.mail.confirm", identity.ConfirmPath)
	once(t, "confirmation", func(ctx context.Context) error { _, err := w.s.ConfirmEmail(ctx, confirm); return err })

	w.person(t, "b@example.org")
	if err := w.s.RequestReset(t.Context(), "b@example.org", "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	reset := w.post.link(t, "identity.mail.reset", identity.ResetPath)
	once(t, "reset", func(ctx context.Context) error { return w.s.Reset(ctx, reset, "zupełnie nowe hasło") })

	w.invite(t, "c@example.org")
	invitation := w.post.link(t, "identity.mail.invitation", identity.InvitationPath)
	once(t, "invitation", func(ctx context.Context) error {
		_, err := w.s.AcceptInvitation(ctx, invitation, identity.Acceptance{Name: "Jan Kos", Password: goodPassword})
		return err
	})
	if n := w.count(t, `SELECT count(*) FROM session s JOIN person p ON p.id = s.person_id WHERE p.email = 'c@example.org'`); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

func TestLinksGrowOld(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if err := w.s.Register(t.Context(), w.registration("a@example.org")); err != nil {
		t.Fatal(err)
	}
	w.person(t, "b@example.org")
	if err := w.s.RequestReset(t.Context(), "b@example.org", "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	w.invite(t, "c@example.org")
	confirm, reset := w.post.link(t, "identity.mail.confirm", identity.ConfirmPath), w.post.link(t, "identity.mail.reset", identity.ResetPath)
	invitation := w.post.link(t, "identity.mail.invitation", identity.InvitationPath)
	w.wall.advance(time.Hour)
	wantKey(t, "reset after an hour", w.s.Reset(t.Context(), reset, "zupełnie nowe hasło"), "identity.link_spent")
	wantKey(t, "a link of another purpose", w.s.Reset(t.Context(), confirm, "zupełnie nowe hasło"), "identity.link_spent")
	w.wall.advance(23 * time.Hour)
	_, err := w.s.ConfirmEmail(t.Context(), confirm)
	wantKey(t, "confirmation after a day", err, "identity.link_spent")
	if _, err := w.s.CheckInvitation(t.Context(), invitation); err != nil {
		t.Error(err)
	}
	w.wall.advance(13 * 24 * time.Hour)
	_, err = w.s.AcceptInvitation(t.Context(), invitation, identity.Acceptance{Name: "Jan Kos", Password: goodPassword})
	wantKey(t, "invitation after a fortnight", err, "identity.link_spent")
}

// invite invites an address to the first school and returns the invitation.
func (w *world) invite(t *testing.T, email string) uuid.UUID {
	t.Helper()
	out, err := w.s.Invite(t.Context(), w.core, identity.Invite{Email: email, Name: "Jan Kos", Institution: w.school})
	if err != nil {
		t.Fatal(err)
	}
	return out.Invitation
}

// prepared is an account that nobody has taken up.
func (w *world) prepared(t *testing.T, email string, institution uuid.UUID) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(t, `INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, 'Jan Kos', 'Kos Jan', 'invited', $3)`,
		id, email, uuid.NullUUID{UUID: institution, Valid: institution != uuid.Nil})
	return id
}
