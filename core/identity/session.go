package identity

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// How long a session lasts, in real time.
const (
	// Everybody: a working day of rest, a week in all.
	restNormal, lifeNormal = 8 * time.Hour, 7 * 24 * time.Hour
	// Who administers or inspects.
	restStrict, lifeStrict = 30 * time.Minute, 12 * time.Hour
	// seenEvery bounds how often a read writes when somebody was last seen. A
	// session's rest is counted from that mark, so it may end this much sooner.
	seenEvery = 5 * time.Minute
	// recentLife is how long it counts that somebody confirmed who they are.
	recentLife = 10 * time.Minute
	// keepSessions is how long ended ones are remembered, for throttling.
	keepSessions = 30 * 24 * time.Hour
)

// strict reports whether a role shortens sessions.
func strict(grants []access.Grant) bool {
	for i := range grants {
		switch grants[i].Role {
		case access.OREAdmin, access.CentreAdmin, access.Inspector:
			return true
		}
	}
	return false
}

// SignInInput is a sign-in form with where it came from.
type SignInInput struct {
	Email, Password string
	// Code of the second step, for programs that send all at once; pages ask for
	// it when [SignedIn.Step] says so.
	Code string
	// Address is the client's IP address, Agent its User-Agent.
	Address, Agent string
}

// SignedIn is an open session, or the way to one.
type SignedIn struct {
	Person uuid.UUID
	// Step, when set, is what [Service.SignInStep] needs along with a code: the
	// password was right, and there is no session yet. The rest is empty then.
	Step string
	// Cookie is the secret for the browser; shown to nobody else.
	Cookie string
	// Expires is when the session ends at the latest (real time).
	Expires time.Time
}

// SignIn opens a session. Invalid with one sentence for a wrong address or
// password alike; with another for an account that waits, was refused or is
// blocked, told only to who knows its password. TooMany after 5 attempts on an
// account from one address or 60 failures from an address in a quarter of an
// hour. Whoever has set up a second step gets a [SignedIn.Step] instead of a
// session, unless the code came along.
func (s *Service) SignIn(ctx context.Context, in SignInInput) (SignedIn, error) {
	p, place, err := s.checkPassword(ctx, &in)
	if err != nil {
		return SignedIn{}, err
	}
	switch {
	case p.Two && in.Code == "":
		return SignedIn{Step: s.sealStep(&p)}, nil
	case p.Two:
		return s.finish(ctx, &p, in.Code, in.Address, in.Agent)
	}
	return s.enter(ctx, &p, HowPassword, place, in.Agent)
}

// checkPassword is the first half of signing in: whose password it is, and where
// from.
func (s *Service) checkPassword(ctx context.Context, in *SignInInput) (p credential, place string, err error) {
	email := TidyEmail(in.Email)
	place = neighbourhood(in.Address)
	var f fault.Fields
	if email == "" {
		f.Add("email", "identity.email_missing")
	}
	if in.Password == "" {
		f.Add("password", "identity.password_missing")
	}
	if err := f.Err(); err != nil {
		return p, place, err
	}
	if len(email) > MaxEmail || len(in.Password) > 4*MaxPassword {
		return p, place, fault.New(fault.Invalid, "identity.wrong_sign_in")
	}
	if err := s.throttleSignIn(ctx, email, place); err != nil {
		return p, place, err
	}
	p, err = credentials(ctx, s.DB, email)
	if err != nil && !db.IsNoRows(err) {
		return p, place, err
	}
	ok, err := s.hasher.verify(ctx, p.Hash, tidyPassword(in.Password))
	if err != nil {
		return p, place, err
	}
	if !ok {
		if err := s.failed(ctx, p.ID, email, HowPassword, place, in.Agent); err != nil {
			return p, place, err
		}
		return p, place, fault.New(fault.Invalid, "identity.wrong_sign_in")
	}
	if err := p.maySignIn(); err != nil {
		return p, place, err
	}
	return p, place, nil
}

// maySignIn is why the account cannot be signed in to; told only to who has
// proved to be its owner.
func (p *credential) maySignIn() error {
	switch p.State {
	case Active:
		return nil
	case Pending, Refused, Blocked:
		return fault.New(fault.Invalid, "identity.cannot_sign_in."+string(p.State))
	}
	return fault.New(fault.Invalid, "identity.wrong_sign_in")
}

// enter opens the session of somebody who has proved who they are.
func (s *Service) enter(ctx context.Context, p *credential, how, place, agent string) (SignedIn, error) {
	var out SignedIn
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.forgive(ctx, tx, limitAccount, p.Email, place); err != nil {
			return err
		}
		if err := s.takeBack(ctx, tx, limitAddress, place); err != nil {
			return err
		}
		var err error
		out, err = s.open(ctx, tx, p.ID, how, place, agent)
		return err
	})
	return out, err
}

func (s *Service) throttleSignIn(ctx context.Context, email, place string) error {
	until, err := s.attempt(ctx, limitAccount, email, place)
	if err != nil {
		return err
	}
	if !until.IsZero() {
		return s.tooMany(until)
	}
	until, err = s.attempt(ctx, limitAddress, place)
	if err != nil || until.IsZero() {
		return err
	}
	known, err := knowsAddress(ctx, s.DB, email, place)
	if err != nil {
		return err
	}
	if !known {
		return s.tooMany(until)
	}
	return nil
}

// failed writes the same for an account that exists and one that does not; the
// owner of one that exists finds it in the history of sign-ins.
func (s *Service) failed(ctx context.Context, person uuid.UUID, email, how, place, agent string) error {
	object := s.digest("email", email)
	if person != uuid.Nil {
		object = person.String()
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.remember(ctx, tx, person, how, false, place, agent); err != nil {
			return err
		}
		return s.Audit.Write(ctx, tx, audit.Event{System: "core", Action: "account:signin_failed", ObjectKind: "person", ObjectID: object})
	})
}

// open writes a session into the transaction; ids of sessions never repeat, so
// signing in always makes a new one. Its owner has just proved who they are.
func (s *Service) open(ctx context.Context, tx *db.Tx, person uuid.UUID, how, place, agent string) (SignedIn, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return SignedIn{}, err
	}
	now := s.Now()
	cookie, hash := newToken()
	out := SignedIn{Person: person, Cookie: cookie, Expires: now.Add(lifeNormal)}
	if err := insertSession(ctx, tx, id, hash, person, now, out.Expires, cut(agent, 200), place, how == HowPasskey); err != nil {
		return SignedIn{}, err
	}
	if err := s.remember(ctx, tx, person, how, true, place, agent); err != nil {
		return SignedIn{}, err
	}
	return out, s.Audit.Write(ctx, tx, audit.Event{Actor: person, Action: "account:signin", ObjectKind: "session", ObjectID: id.String(), Fields: []string{how}})
}

// Session tells who a cookie belongs to, with the roles in force by the domain
// clock and the language chosen. One round trip; at most every five minutes a
// second one marks when the person was last seen. A cookie that is unknown,
// ended or too old is a guest: nil, "", nil.
func (s *Service) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	hash, ok := hashToken(cookie)
	if !ok {
		return nil, "", nil
	}
	now := s.Now()
	w, err := sessionByHash(ctx, s.DB, hash, s.Clock.Now(), now)
	if db.IsNoRows(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	a, err := w.actor()
	if err != nil {
		return nil, "", err
	}
	rest, life := restNormal, lifeNormal
	if strict(a.Grants) {
		rest, life = restStrict, lifeStrict
	}
	if !now.Before(w.SeenAt.Add(rest)) || !now.Before(w.CreatedAt.Add(life)) {
		return nil, "", nil
	}
	a.Session = w.ID
	a.Recent = now.Before(w.VerifiedAt.Add(recentLife))
	a.Confined = !w.Two && !w.Strong && s.demands(a.Grants)
	if before := now.Add(-seenEvery); !w.SeenAt.After(before) {
		if err := touchSession(ctx, s.DB, w.ID, now, before); err != nil {
			// Reading goes on without the mark, for example on a standby.
			slog.WarnContext(ctx, "session not marked as seen", "err", err)
		}
	}
	return a, i18n.Lang(w.Lang), nil
}

// Token is [Service.Session] for an API token; nil for one that is unknown,
// revoked or out of date.
func (s *Service) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	secret, ok := strings.CutPrefix(bearer, tokenPrefix)
	if !ok {
		return nil, nil
	}
	hash, ok := hashToken(secret)
	if !ok {
		return nil, nil
	}
	now := s.Now()
	w, err := tokenByHash(ctx, s.DB, hash, s.Clock.Now(), now)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if before := now.Add(-seenEvery); !w.SeenAt.After(before) {
		if err := touchToken(ctx, s.DB, w.ID, now, before); err != nil {
			slog.WarnContext(ctx, "token not marked as used", "err", err)
		}
	}
	a, err := w.actor()
	if err != nil {
		return nil, err
	}
	a.Recent = w.Acts // making such a token asked for it
	a.Confined = !w.Two && !w.Strong && s.demands(a.Grants)
	return a, nil
}

func (w *who) actor() (*access.Actor, error) {
	grants, err := access.ParseGrants(w.Grants)
	if err != nil {
		return nil, fmt.Errorf("read roles: %w", err)
	}
	return &access.Actor{Person: w.Person, Name: w.Name, Institution: w.Institution.UUID, Grants: grants}, nil
}

// SessionInfo is an open session in the list of its owner.
type SessionInfo struct {
	ID        uuid.UUID `db:"id"`
	CreatedAt time.Time `db:"created_at"`
	// SeenAt is right to within five minutes.
	SeenAt time.Time `db:"seen_at"`
	// Agent is the browser's User-Agent, Address the network it came from.
	Agent   string `db:"agent"`
	Address string `db:"address"`
	Current bool   `db:"-"`
}

// Sessions lists the actor's own open sessions, the latest seen first, at most 100.
func (s *Service) Sessions(ctx context.Context, a *access.Actor) ([]SessionInfo, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	rows, err := listSessions(ctx, s.DB, a.Person, s.Now())
	for i := range rows {
		rows[i].Current = rows[i].ID == a.Session
	}
	return rows, err
}

// EndSession ends one of the actor's own sessions; it acts at that browser's
// next request. NotFound for a session of somebody else.
func (s *Service) EndSession(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.own(a); err != nil {
		return err
	}
	if id == uuid.Nil {
		return fault.ErrNotFound
	}
	return s.end(ctx, a, id, uuid.Nil, true)
}

// EndOtherSessions ends all of the actor's sessions but the present one.
func (s *Service) EndOtherSessions(ctx context.Context, a *access.Actor) error {
	if err := s.own(a); err != nil {
		return err
	}
	return s.end(ctx, a, uuid.Nil, a.Session, false)
}

// SignOut ends the present session; without one it changes nothing.
func (s *Service) SignOut(ctx context.Context, a *access.Actor) error {
	if !a.SignedIn() || a.Session == uuid.Nil {
		return nil
	}
	return s.end(ctx, a, a.Session, uuid.Nil, false)
}

func (s *Service) end(ctx context.Context, a *access.Actor, only, except uuid.UUID, mustExist bool) error {
	return s.once(ctx, a, "account:session_end", []uuid.UUID{only, except}, func(ctx context.Context, tx *db.Tx) error {
		n, err := endSessions(ctx, tx, a.Person, only, except, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			if mustExist {
				return fault.ErrNotFound
			}
			return nil
		}
		return s.write(ctx, tx, a, "account:session_end", a.Person)
	})
}

func cut(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
