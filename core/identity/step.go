package identity

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Between the password and the code there is no session: the browser carries a
// sealed note that the password was right, which is good for a few minutes, for
// this person and this password only, and for nothing but entering a code.

const (
	stepLife    = 10 * time.Minute
	stepPurpose = "sign-in step"
)

type step struct {
	Person uuid.UUID `json:"p"`
	Ends   time.Time `json:"e"`
	// Mark ends the step when the password changes.
	Mark string `json:"m"`
}

func (s *Service) mark(p *credential) string { return s.digest("step", p.ID.String(), p.Hash) }

func (s *Service) sealStep(p *credential) string {
	raw, err := json.Marshal(step{Person: p.ID, Ends: s.Now().Add(stepLife), Mark: s.mark(p)})
	if err != nil {
		panic(err) // of three plain values
	}
	return s.seals.sealText(raw, stepPurpose)
}

// SignInStep is the second step of [Service.SignIn]: a code of the application,
// or a recovery code. Invalid names code; Unauthenticated when the step is too
// old and the password is to be entered again; TooMany after five wrong codes.
func (s *Service) SignInStep(ctx context.Context, sealed, code, address, agent string) (SignedIn, error) {
	stale := fault.New(fault.Unauthenticated, "identity.step_stale")
	raw, err := s.seals.openText(sealed, stepPurpose)
	if err != nil {
		return SignedIn{}, stale
	}
	var st step
	if err := json.Unmarshal(raw, &st); err != nil || !s.Now().Before(st.Ends) {
		return SignedIn{}, stale
	}
	p, err := credentialsByID(ctx, s.DB, st.Person)
	if db.IsNoRows(err) {
		return SignedIn{}, stale
	}
	if err != nil {
		return SignedIn{}, err
	}
	if st.Mark != s.mark(&p) {
		return SignedIn{}, stale
	}
	if err := p.maySignIn(); err != nil {
		return SignedIn{}, err
	}
	return s.finish(ctx, &p, code, address, agent)
}

// finish takes the code and opens the session.
func (s *Service) finish(ctx context.Context, p *credential, code, address, agent string) (SignedIn, error) {
	place := neighbourhood(address)
	if tidyCode(code) != "" {
		if err := s.throttleCodes(ctx, p, place); err != nil {
			return SignedIn{}, err
		}
	}
	how, err := s.takeCode(ctx, p.ID, place, code)
	if fault.Is(err, fault.Invalid) && tidyCode(code) != "" {
		if err := s.failed(ctx, p.ID, p.Email, HowCode, place, agent); err != nil {
			return SignedIn{}, err
		}
	}
	if err != nil {
		return SignedIn{}, err
	}
	return s.enter(ctx, p, how, place, agent)
}

// Proof is what somebody proves with that it is still them: a password,
// and a code where a second step is set up.
type Proof struct{ Password, Code string }

// Prove has the actor prove who they are, for the acts that ask for it in the
// next ten minutes, and gives their session another cookie. Whoever has set up a
// second step enters a code alone: it is the stronger proof. Invalid names
// password or code; TooMany after five wrong ones; Forbidden for a token.
func (s *Service) Prove(ctx context.Context, a *access.Actor, in Proof) (SignedIn, error) {
	if err := s.bySession(a); err != nil {
		return SignedIn{}, err
	}
	p, err := credentialsByID(ctx, s.DB, a.Person)
	if err != nil {
		return SignedIn{}, db.NotFound(err)
	}
	if p.Two {
		_, err = s.takeCode(ctx, p.ID, inSession(a), in.Code)
	} else {
		err = s.checkOwnPassword(ctx, &p, in.Password)
	}
	if err != nil {
		return SignedIn{}, err
	}
	return s.proved(ctx, a, false)
}

// proved renews the session of somebody who has proved who they are; with a
// passkey (strong) it is as good as one that was opened with two steps.
func (s *Service) proved(ctx context.Context, a *access.Actor, strong bool) (SignedIn, error) {
	var out SignedIn
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if out, err = s.renew(ctx, tx, a); err != nil {
			return err
		}
		if strong {
			if err := strengthen(ctx, tx, a.Session); err != nil {
				return err
			}
		}
		return s.write(ctx, tx, a, "account:confirm", a.Person)
	})
	return out, err
}

// checkOwnPassword compares the password of who holds a session already.
func (s *Service) checkOwnPassword(ctx context.Context, p *credential, password string) error {
	if password == "" {
		return fault.InvalidFields(fault.Field{Path: "password", Key: "identity.password_missing"})
	}
	until, err := s.attempt(ctx, limitChange, p.ID.String())
	if err != nil {
		return err
	}
	if !until.IsZero() {
		return s.tooMany(until)
	}
	ok, err := s.hasher.verify(ctx, p.Hash, tidyPassword(password))
	if err != nil {
		return err
	}
	if !ok {
		return fault.InvalidFields(fault.Field{Path: "password", Key: "identity.password_wrong"})
	}
	return s.forgive(ctx, s.DB, limitChange, p.ID.String())
}

// renew gives the actor's session another cookie, as whenever it comes to stand
// for more than before.
func (s *Service) renew(ctx context.Context, tx *db.Tx, a *access.Actor) (SignedIn, error) {
	cookie, hash := newToken()
	ends, err := renewSession(ctx, tx, a.Person, a.Session, hash, s.Now())
	if db.IsNoRows(err) {
		return SignedIn{}, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return SignedIn{Person: a.Person, Cookie: cookie, Expires: ends}, err
}

// Proofs are the ways in which somebody may prove who they are.
type Proofs struct {
	// Code: [Service.Prove] asks for a code instead of the password.
	Code bool
	// Passkey: [Service.ProvePasskey] is open to them, too.
	Passkey bool
}

// Proofs tells the actor's.
func (s *Service) Proofs(ctx context.Context, a *access.Actor) (Proofs, error) {
	if err := s.bySession(a); err != nil {
		return Proofs{}, err
	}
	r, err := readSecond(ctx, s.DB, a.Person)
	return Proofs{Code: r.On, Passkey: r.Passkeys > 0 && s.passkeys != nil}, db.NotFound(err)
}
