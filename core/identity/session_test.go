package identity_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
)

func TestSessionIsOneRoundTripAndWritesSeldom(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	network := uuid.New()
	w.give(t, id, access.Coordinator, access.Network, network)
	cookie := w.signIn(t, "a@example.org")
	for i := range 3 {
		ctx, n := db.WithCounter(t.Context())
		a, lang, err := w.s.Session(ctx, cookie)
		if err != nil || a == nil {
			t.Fatal(a, err)
		}
		if n.Load() != 1 {
			t.Errorf("request %d: %d round trips", i, n.Load())
		}
		if a.Person != id || a.Institution != w.school || lang != i18n.Polish || a.Session == uuid.Nil || !a.Has(access.Coordinator, access.Network, network) {
			t.Errorf("%+v %s", a, lang)
		}
	}
	wrote := func() int {
		ctx, n := db.WithCounter(t.Context())
		if _, _, err := w.s.Session(ctx, cookie); err != nil {
			t.Fatal(err)
		}
		return int(n.Load()) - 1
	}
	w.wall.advance(4*time.Minute + 59*time.Second)
	if wrote() != 0 {
		t.Error("a read within five minutes wrote")
	}
	w.wall.advance(time.Second)
	if wrote() != 1 || wrote() != 0 {
		t.Error("the fifth minute is marked once")
	}
	ctx, n := db.WithCounter(t.Context())
	if a, _, err := w.s.Session(ctx, "kein Cookie"); a != nil || err != nil || n.Load() != 0 {
		t.Errorf("nonsense: %v %v, %d round trips", a, err, n.Load())
	}
}

func TestSessionsRestAndEnd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	// Uses the session every step until it ends; returns how long it lived.
	lived := func(cookie string, step time.Duration) time.Duration {
		began := w.wall.now()
		for w.wall.now().Sub(began) < 30*24*time.Hour {
			w.wall.advance(step)
			if w.actor(t, cookie) == nil {
				return w.wall.now().Sub(began)
			}
		}
		t.Fatal("lives for ever")
		return 0
	}
	if got := lived(w.signIn(t, "a@example.org"), 8*time.Hour-time.Second); got < 7*24*time.Hour || got >= 7*24*time.Hour+8*time.Hour {
		t.Errorf("used daily it ended after %v", got)
	}
	if got := lived(w.signIn(t, "a@example.org"), 8*time.Hour); got != 8*time.Hour {
		t.Errorf("resting it ended after %v", got)
	}
	for _, r := range []access.Role{access.OREAdmin, access.Inspector} {
		cookie := w.signIn(t, "a@example.org")
		w.give(t, id, r, access.Platform, uuid.Nil) // shortens the session that is open already
		if got := lived(cookie, 30*time.Minute-time.Second); got < 12*time.Hour || got >= 12*time.Hour+30*time.Minute {
			t.Errorf("%s: used it ended after %v", r, got)
		}
		if got := lived(w.signIn(t, "a@example.org"), 30*time.Minute); got != 30*time.Minute {
			t.Errorf("%s: resting it ended after %v", r, got)
		}
		if err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return access.Take(ctx, tx, id, r, access.Platform, uuid.Nil, w.domain.Now())
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRevocationActsAtTheNextRequest(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	one, two := w.signIn(t, "a@example.org"), w.signIn(t, "a@example.org")
	a := w.actor(t, one)
	list, err := w.s.Sessions(t.Context(), a)
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	for _, row := range list {
		if row.Current != (row.ID == a.Session) {
			t.Errorf("current: %+v", row)
		}
		if row.Current {
			continue
		}
		if err := w.s.EndSession(t.Context(), a, row.ID); err != nil {
			t.Fatal(err)
		}
		wantKey(t, "ending twice", w.s.EndSession(t.Context(), a, row.ID), "fault.not_found")
	}
	if w.actor(t, two) != nil || w.actor(t, one) == nil {
		t.Error("the wrong session ended")
	}
	w.person(t, "b@example.org")
	b := w.actor(t, w.signIn(t, "b@example.org"))
	wantKey(t, "somebody else's", w.s.EndSession(t.Context(), b, a.Session), "fault.not_found")
	if err := w.s.SignOut(t.Context(), a); err != nil || w.actor(t, one) != nil {
		t.Errorf("signed out: %v", err)
	}

	// A role taken, an account blocked: at the next request as well.
	cookie := w.signIn(t, "a@example.org")
	n := uuid.New()
	w.give(t, id, access.Participant, access.Network, n)
	if !w.actor(t, cookie).Has(access.Participant, access.Network, n) {
		t.Error("the role is missing")
	}
	if err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return access.TakeAllAt(ctx, tx, id, access.Network, n, w.domain.Now())
	}); err != nil {
		t.Fatal(err)
	}
	if w.actor(t, cookie).Has(access.Participant, access.Network, n) {
		t.Error("the role outlived its end")
	}
	if err := w.s.Block(t.Context(), w.core, id); err != nil || w.actor(t, cookie) != nil {
		t.Errorf("blocked: %v", err)
	}
	_, err = w.s.SignIn(t.Context(), identity.SignInInput{Email: "a@example.org", Password: goodPassword, Address: "192.0.2.1"})
	wantKey(t, "blocked", err, "identity.cannot_sign_in.blocked")
	if err := w.s.Unblock(t.Context(), w.core, id); err != nil || w.actor(t, cookie) != nil {
		t.Errorf("unblocking revives a session: %v", err)
	}
}

func TestRolesFollowTheDomainClock(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	n := uuid.New()
	if err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: id, Role: access.Guardian, Kind: access.Group, Scope: n,
			From: w.domain.Now().Add(24 * time.Hour), To: w.domain.Now().Add(48 * time.Hour)})
	}); err != nil {
		t.Fatal(err)
	}
	cookie := w.signIn(t, "a@example.org")
	for day, want := range []bool{false, true, false} {
		if got := w.actor(t, cookie).Has(access.Guardian, access.Group, n); got != want {
			t.Errorf("day %d: %v", day, got)
		}
		w.domain.Advance(24 * time.Hour)
	}
}

func TestOneAnswerForWrongAddressAndWrongPassword(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org")
	took := map[string]time.Duration{}
	for i := range 4 {
		for _, email := range []string{"a@example.org", "nobody@example.org"} {
			began := time.Now()
			_, err := w.s.SignIn(t.Context(), identity.SignInInput{Email: email, Password: "nie to haslo", Address: fmt.Sprint("192.0.2.", i)})
			took[email] += time.Since(began)
			wantKey(t, email, err, "identity.wrong_sign_in")
		}
	}
	// Without the dummy hash an unknown address would answer some ten times sooner.
	known, unknown := took["a@example.org"], took["nobody@example.org"]
	if unknown*2 < known || known*2 < unknown {
		t.Errorf("known %v, unknown %v", known, unknown)
	}
	if n := w.count(t, `SELECT count(*) FROM audit_event WHERE action = 'account:signin_failed'`); n != 8 {
		t.Errorf("%d failures audited", n)
	}
	if n := w.count(t, `SELECT count(*) FROM audit_event e WHERE to_jsonb(e)::text LIKE '%example.org%'`); n != 0 {
		t.Error("the audit holds an address")
	}
}

func attempt(w *world, email, password, address string) error {
	_, err := w.s.SignIn(context.Background(), identity.SignInInput{Email: email, Password: password, Address: address})
	return err
}

func TestGuessesShutOnlyTheGuesser(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "owner@example.org")
	const thief, home = "198.51.100.7", "192.0.2.1"
	for range 5 {
		wantKey(t, "guess", attempt(w, "owner@example.org", "zgaduje", thief), "identity.wrong_sign_in")
	}
	err := attempt(w, "owner@example.org", goodPassword, thief)
	wantKey(t, "sixth", err, "identity.too_many")
	if got := fault.As(err).Args["N"]; got != 15 {
		t.Errorf("told to wait %v minutes", got)
	}
	if err := attempt(w, "owner@example.org", goodPassword, home); err != nil {
		t.Errorf("the owner is shut out elsewhere: %v", err)
	}
	w.wall.advance(15*time.Minute + time.Second)
	if err := attempt(w, "owner@example.org", goodPassword, thief); err != nil {
		t.Errorf("after the pause: %v", err)
	}
	for range 4 { // a success forgets the failures before it
		wantKey(t, "guess", attempt(w, "owner@example.org", "zgaduje", home), "identity.wrong_sign_in")
	}
	if err := attempt(w, "owner@example.org", goodPassword, home); err != nil {
		t.Error(err)
	}
	for range 4 {
		wantKey(t, "guess", attempt(w, "owner@example.org", "zgaduje", home), "identity.wrong_sign_in")
	}
}

func TestManyAtOnceAreManyAttempts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "owner@example.org")
	results := make(chan error, 20)
	for range cap(results) {
		go func() { results <- attempt(w, "owner@example.org", "zgaduje", "198.51.100.7") }()
	}
	looked := 0
	for range cap(results) {
		if err := <-results; !fault.Is(err, fault.TooMany) {
			looked++
		}
	}
	if looked != 5 {
		t.Errorf("%d passwords were looked at", looked)
	}
}

func TestSprayingFromOneAddressSparesItsRegulars(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "teacher@example.org")
	w.person(t, "stranger@example.org")
	const router = "2001:db8:1:2::7"
	if err := attempt(w, "teacher@example.org", goodPassword, router); err != nil {
		t.Fatal(err)
	}
	var last error
	for i := range 61 { // other addresses of the same /64 count as one
		last = attempt(w, fmt.Sprintf("p%d@example.org", i), "zgaduje", fmt.Sprintf("2001:db8:1:2::%x", i+10))
	}
	wantKey(t, "sixty-first", last, "identity.too_many")
	wantKey(t, "no session from here before", attempt(w, "stranger@example.org", goodPassword, router), "identity.too_many")
	if err := attempt(w, "teacher@example.org", goodPassword, router); err != nil {
		t.Errorf("who signed in from here before is shut out: %v", err)
	}
	if err := attempt(w, "stranger@example.org", goodPassword, "2001:db8:1:3::1"); err != nil {
		t.Errorf("the next network is shut: %v", err)
	}
}

func TestTrainingRoomSignsInFromOneAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const room = "203.0.113.9"
	for i := range 59 {
		wantKey(t, "guess", attempt(w, fmt.Sprintf("p%d@example.org", i), "zgaduje", room), "identity.wrong_sign_in")
	}
	for i := range 2 { // each takes back its own attempt
		email := fmt.Sprintf("newcomer%d@example.org", i)
		w.person(t, email)
		if err := attempt(w, email, goodPassword, room); err != nil {
			t.Fatalf("newcomer %d is shut out: %v", i, err)
		}
	}
	wantKey(t, "the sixtieth guess", attempt(w, "q@example.org", "zgaduje", room), "identity.wrong_sign_in")
	w.person(t, "late@example.org")
	wantKey(t, "successes wipe out no guesses", attempt(w, "late@example.org", goodPassword, room), "identity.too_many")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	a := w.actor(t, w.signIn(t, "a@example.org"))
	secret, tokenID, err := w.s.CreateToken(t.Context(), a, identity.TokenInput{Label: "Arkusz", Days: 30})
	if err != nil {
		t.Fatal(err)
	}
	by := func() *access.Actor {
		got, err := w.s.Token(t.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	got := by()
	if got == nil || got.Person != id || got.Session != uuid.Nil {
		t.Fatalf("%+v", got)
	}
	ctx, n := db.WithCounter(t.Context())
	if _, err := w.s.Token(ctx, secret); err != nil || n.Load() != 1 {
		t.Errorf("%d round trips, %v", n.Load(), err)
	}
	if _, _, err := w.s.CreateToken(t.Context(), got, identity.TokenInput{Label: "Drugi", Days: 30}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a token made a token: %v", err)
	}
	for _, c := range []struct {
		label string
		days  int
		want  string
	}{{"", 30, "label identity.token_label"}, {"x", 0, "days identity.token_days"}, {"x", 366, "days identity.token_days"}} {
		_, _, err := w.s.CreateToken(t.Context(), a, identity.TokenInput{Label: c.label, Days: c.days})
		wantKey(t, c.label, err, c.want)
	}
	if n := w.count(t, `SELECT count(*) FROM api_token WHERE encode(token_hash, 'base64') LIKE '%' || $1 || '%'`, secret[6:20]); n != 0 {
		t.Error("the secret is kept")
	}
	w.person(t, "b@example.org")
	b := w.actor(t, w.signIn(t, "b@example.org"))
	wantKey(t, "somebody else's", w.s.RevokeToken(t.Context(), b, tokenID), "fault.not_found")
	if err := w.s.RevokeToken(t.Context(), a, tokenID); err != nil || by() != nil {
		t.Errorf("revoked: %v", err)
	}
	if secret, _, err = w.s.CreateToken(t.Context(), a, identity.TokenInput{Label: "Krótki", Days: 1}); err != nil || by() == nil {
		t.Fatal(err)
	}
	w.wall.advance(24 * time.Hour)
	if by() != nil {
		t.Error("the token outlived its day")
	}
}

func TestSweepKeepsWhatStillCounts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org")
	w.signIn(t, "a@example.org")
	wantKey(t, "failure", attempt(w, "a@example.org", "zgaduje", "192.0.2.9"), "identity.wrong_sign_in")
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, c := w.count(t, `SELECT count(*) FROM session`), w.count(t, `SELECT count(*) FROM throttle`); s != 1 || c == 0 {
		t.Errorf("%d sessions, %d counters left", s, c)
	}
	w.wall.advance(38 * 24 * time.Hour)
	if err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, c := w.count(t, `SELECT count(*) FROM session`), w.count(t, `SELECT count(*) FROM throttle`); s+c != 0 {
		t.Errorf("%d sessions, %d counters left after a month", s, c)
	}
}

func BenchmarkSession(b *testing.B) {
	w := setup(b)
	w.person(b, "a@example.org")
	cookie := w.signIn(b, "a@example.org")
	for b.Loop() {
		if w.actor(b, cookie) == nil {
			b.Fatal("no session")
		}
	}
}
