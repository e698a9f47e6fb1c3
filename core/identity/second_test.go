package identity_test

import (
	"context"
	"encoding/base32"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
)

// phone is somebody's authenticator application.
type phone struct {
	w      *world
	secret string
}

func (p *phone) code(t testing.TB) string {
	t.Helper()
	c, err := totp.GenerateCode(p.secret, p.w.wall.now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// secure sets a second step up for the owner of a session; half a minute passes,
// so that the next code is another.
func (w *world) secure(t testing.TB, a *access.Actor) (*phone, []string, identity.SignedIn) {
	t.Helper()
	set, err := w.s.BeginSecondFactor(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	p := &phone{w, set.Secret}
	codes, in, err := w.s.ConfirmSecondFactor(t.Context(), a, p.code(t))
	if err != nil {
		t.Fatal(err)
	}
	w.wall.advance(30 * time.Second)
	return p, codes, in
}

func (w *world) password(t testing.TB, email string) (identity.SignedIn, error) {
	t.Helper()
	return w.s.SignIn(t.Context(), identity.SignInInput{Email: email, Password: goodPassword, Address: "192.0.2.1", Agent: "test"})
}

func TestSecondStep(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	old, other := w.signIn(t, "a@example.org"), w.signIn(t, "a@example.org")
	me := w.actor(t, old)

	set, err := w.s.BeginSecondFactor(t.Context(), me)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err := base32.StdEncoding.DecodeString(set.Secret); err != nil || len(raw) != 20 || !strings.Contains(set.URI, "secret="+set.Secret) {
		t.Errorf("%+v %v", set, err)
	}
	if again, err := w.s.SecondFactorSetup(t.Context(), me); err != nil || again != set {
		t.Errorf("%+v %v", again, err)
	}
	if n := w.count(t, `SELECT count(*) FROM totp WHERE position(convert_to($1, 'UTF8') IN secret) > 0`, set.Secret); n != 0 {
		t.Error("the key lies readable in the database")
	}
	p := &phone{w, set.Secret}
	if in, err := w.password(t, "a@example.org"); err != nil || in.Cookie == "" {
		t.Error("a key without a first code is in force", err)
	}
	_, _, err = w.s.ConfirmSecondFactor(t.Context(), me, "000000")
	wantKey(t, "wrong first code", err, "code identity.code_wrong")
	codes, in, err := w.s.ConfirmSecondFactor(t.Context(), me, p.code(t))
	if err != nil || len(codes) != identity.RecoveryCodes {
		t.Fatal(codes, err)
	}
	if w.actor(t, old) != nil || w.actor(t, other) != nil || w.actor(t, in.Cookie) == nil {
		t.Error("the old cookies are to end, the new one to work")
	}
	if len(w.post.with("identity.mail.second_on")) != 1 {
		t.Error("the owner is not told")
	}

	half, err := w.password(t, "a@example.org")
	if err != nil || half.Cookie != "" || half.Step == "" {
		t.Fatalf("%+v %v", half, err)
	}
	if w.actor(t, half.Step) != nil {
		t.Error("half a sign-in is a session")
	}
	step := func(code string) error {
		_, err := w.s.SignInStep(t.Context(), half.Step, code, "192.0.2.1", "test")
		return err
	}
	wantKey(t, "the code of setting up again", step(p.code(t)), "code identity.code_wrong")
	w.wall.advance(30 * time.Second)
	now := p.code(t)
	if err := step(now[:3] + " " + now[3:]); err != nil {
		t.Error(err)
	}
	wantKey(t, "a code twice", step(now), "code identity.code_wrong")
	wantKey(t, "no code", step(" "), "code identity.code_missing")
	if err := step(strings.ToUpper(codes[3])); err != nil {
		t.Error("recovery code:", err)
	}
	wantKey(t, "a recovery code twice", step(codes[3]), "code identity.code_wrong")
	if s, err := w.s.SecondFactor(t.Context(), w.actor(t, in.Cookie)); err != nil || !s.On || s.Codes != identity.RecoveryCodes-1 || s.Required {
		t.Errorf("%+v %v", s, err)
	}
	if n := w.count(t, `SELECT count(*) FROM sign_in WHERE person_id = $1 AND how IN ('code', 'recovery') AND success`, id); n != 2 {
		t.Errorf("%d sign-ins with a code in the history", n)
	}
	if n := w.count(t, `SELECT count(*) FROM sign_in WHERE person_id = $1 AND NOT success`, id); n != 3 {
		t.Errorf("%d failures in the history", n)
	}
}

// Of the same code sent many times at once one gets in.
func TestCodeIsTakenOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org")
	p, codes, _ := w.secure(t, w.actor(t, w.signIn(t, "a@example.org")))
	for _, code := range []string{p.code(t), codes[0]} {
		half, err := w.password(t, "a@example.org")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		in := make(chan bool, 4)
		for range 4 {
			wg.Go(func() {
				_, err := w.s.SignInStep(context.WithoutCancel(t.Context()), half.Step, code, "192.0.2.1", "test")
				in <- err == nil
			})
		}
		wg.Wait()
		close(in)
		n := 0
		for ok := range in {
			if ok {
				n++
			}
		}
		if n != 1 {
			t.Errorf("one code opened %d sessions", n)
		}
	}
}

func TestStepEnds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	p, codes, in := w.secure(t, w.actor(t, w.signIn(t, "a@example.org")))
	begin := func() string {
		half, err := w.password(t, "a@example.org")
		if err != nil {
			t.Fatal(err)
		}
		return half.Step
	}
	stale := func(what, step, code string) {
		t.Helper()
		_, err := w.s.SignInStep(t.Context(), step, code, "192.0.2.1", "")
		wantKey(t, what, err, "identity.step_stale")
	}
	stale("nonsense", "abc", codes[0])
	late := begin()
	w.wall.advance(10 * time.Minute)
	stale("ten minutes later", late, codes[0])
	changed := begin()
	me := w.actor(t, in.Cookie)
	if err := w.s.ChangePassword(t.Context(), me, goodPassword, "zupełnie nowe hasło"); err != nil {
		t.Fatal(err)
	}
	stale("after a new password", changed, codes[0])

	half, err := w.s.SignIn(t.Context(), identity.SignInInput{Email: "a@example.org", Password: "zupełnie nowe hasło", Address: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	// Who knows the password and guesses codes shuts their own address, not the
	// owner's.
	for range 5 {
		_, err := w.s.SignInStep(t.Context(), half.Step, "123456", "198.51.100.1", "")
		wantKey(t, "a guess", err, "code identity.code_wrong")
	}
	_, err = w.s.SignInStep(t.Context(), half.Step, p.code(t), "198.51.100.1", "")
	wantKey(t, "the right code after five guesses", err, "identity.too_many")
	if _, err := w.s.SignInStep(t.Context(), half.Step, p.code(t), "192.0.2.1", ""); err != nil {
		t.Errorf("the owner is shut out by a stranger: %v", err)
	}
	// From very many addresses: strangers are shut out together, the address that
	// the owner signed in from is not.
	for i := range 50 {
		_, _ = w.s.SignInStep(t.Context(), half.Step, "123456", fmt.Sprintf("203.0.113.%d", i), "")
	}
	_, err = w.s.SignInStep(t.Context(), half.Step, "123456", "203.0.113.99", "")
	wantKey(t, "a guess from yet another address", err, "identity.too_many")
	_, err = w.s.SignInStep(t.Context(), half.Step, "123456", "192.0.2.1", "")
	wantKey(t, "the owner's address", err, "code identity.code_wrong")
	w.wall.advance(15 * time.Minute)
	all := identity.SignInInput{Email: "a@example.org", Password: "zupełnie nowe hasło", Code: p.code(t), Address: "192.0.2.1"}
	if in, err := w.s.SignIn(t.Context(), all); err != nil || in.Person != id || in.Cookie == "" {
		t.Errorf("password and code at once: %+v %v", in, err)
	}
}

// Who confirmed who they are may do what asks for it for ten minutes, in a
// session whose cookie is a new one.
func TestProve(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org")
	cookie := w.signIn(t, "a@example.org")
	if !w.actor(t, cookie).Recent {
		t.Error("signing in itself proves it")
	}
	w.wall.advance(10 * time.Minute)
	me := w.actor(t, cookie)
	if me.Recent {
		t.Error("recent after ten minutes")
	}
	_, err := w.s.Prove(t.Context(), me, identity.Proof{Password: "nie to hasło"})
	wantKey(t, "wrong", err, "password identity.password_wrong")
	in, err := w.s.Prove(t.Context(), me, identity.Proof{Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	if w.actor(t, cookie) != nil {
		t.Error("the old cookie still works")
	}
	if a := w.actor(t, in.Cookie); a == nil || !a.Recent || a.Session != me.Session {
		t.Errorf("%+v", a)
	}
	p, _, in := w.secure(t, w.actor(t, in.Cookie))
	me = w.actor(t, in.Cookie)
	_, err = w.s.Prove(t.Context(), me, identity.Proof{Password: goodPassword})
	wantKey(t, "a password where there is a second step", err, "code identity.code_missing")
	if _, err = w.s.Prove(t.Context(), me, identity.Proof{Code: p.code(t)}); err != nil {
		t.Error(err)
	}
	if err := w.s.RemoveSecondFactor(t.Context(), me); err != nil {
		t.Error(err)
	}
	if in, err := w.password(t, "a@example.org"); err != nil || in.Step != "" {
		t.Errorf("%+v %v", in, err)
	}
	_, err = w.s.NewRecoveryCodes(t.Context(), me)
	wantKey(t, "codes without a second step", err, "identity.second_off")
}

// Who holds a role that demands a second step is confined, also by a token,
// until there is one.
func TestConfined(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org")
	cookie := w.signIn(t, "a@example.org")
	bearer, _, err := w.s.CreateToken(t.Context(), w.actor(t, cookie), identity.TokenInput{Label: "test", Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	byToken := func() *access.Actor {
		a, err := w.s.Token(t.Context(), bearer)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if w.actor(t, cookie).Confined || byToken().Confined || byToken().Recent {
		t.Error("confined without a role, or a token confirms who acts")
	}
	w.give(t, id, access.Founder, access.Centre, w.centre) // the role of this test's policy
	if !w.actor(t, cookie).Confined || !byToken().Confined {
		t.Error("not confined")
	}
	_, err = w.s.BeginSecondFactor(t.Context(), byToken())
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("a token sets a second step up: %v", err)
	}
	_, _, in := w.secure(t, w.actor(t, cookie))
	if w.actor(t, in.Cookie).Confined || byToken().Confined {
		t.Error("still confined")
	}
	if in.Person != id || in.Person == uuid.Nil {
		t.Error(in.Person)
	}
}
