package identity

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/search"
)

// Permissions of this room.
const (
	PermRegister access.Permission = "account:register"
	PermSignIn   access.Permission = "account:signin"
	PermSelf     access.Permission = "account:self"
	PermProfile  access.Permission = "person:profile"
	PermList     access.Permission = "person:list"
	PermConfirm  access.Permission = "person:confirm"
	PermBlock    access.Permission = "person:block"
	PermImport   access.Permission = "person:import"
	// PermMerge joins two accounts of one person; over both.
	PermMerge access.Permission = "person:merge"
)

// Paths of the pages to which mailed links lead; core/web/account serves them.
const (
	ConfirmPath    = "/rejestracja/potwierdz/"
	ResetPath      = "/haslo/nowe/"
	InvitationPath = "/zaproszenie/"
	forgotPath     = "/haslo/reset"
	waitingPath    = "/zarzadzanie/potwierdzenia"
	accountPath    = "/konto"
)

// Notifier writes messages into the transaction of a change; notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Config of the service. DB, Access, Audit, Clock, Notify, Secret and Sealing
// are required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Audit  *audit.Log
	Clock  clock.Clock // domain time, for roles
	Notify Notifier
	// Secret keys the digests of the throttle; at least 32 bytes.
	Secret []byte
	// Sealing is the 32-byte key that encrypts keys of authenticator applications.
	Sealing []byte
	// SecondFactor are the roles whose holders must set up a second step at
	// signing in before they may do anything else.
	SecondFactor []access.Role
	// Base is the address that people type, for passkeys; one without a name, or
	// none, has no passkeys.
	Base string
	// Providers are identity providers to sign in with; they need Base.
	Providers []Provider
	// Jobs, when set, gets the job that sweeps what has expired.
	Jobs *job.Client
	// Now is real time; default time.Now.
	Now func() time.Time
	// Hashing is how many passwords are hashed at once, 19 MiB each; default 4.
	Hashing int
	// Level is the least time that an answer takes which must not tell whether
	// an address is known; default 400 ms, about twice the slower way on a busy machine.
	Level time.Duration
	// Search makes people findable; nil leaves them out.
	Search *search.Index
	// References are the columns of all rooms that name a person, see [Reference].
	References []Reference
	// Movers move what references with [Own] name, in this order.
	Movers []Mover
	// Settlers end roles that do not go with where a person works.
	Settlers []Settler
}

// Service is the accounts of the platform. Safe for concurrent use.
type Service struct {
	Config
	hasher *hasher
	seals  *sealer
	second map[access.Role]bool
	// passkeys is nil where the base address has no name.
	passkeys  *webauthn.WebAuthn
	providers []*provider
	host      Host // nil: invitations lead to the platform alone
}

// New makes the service; it panics on a short secret or a sealing key of
// another length.
func New(c Config) *Service {
	if len(c.Secret) < 32 {
		panic("identity: secret shorter than 32 bytes")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Level = cmp.Or(c.Level, 400*time.Millisecond)
	seals, err := newSealer(c.Sealing)
	if err != nil {
		panic("identity: sealing key: " + err.Error())
	}
	s := &Service{Config: c, hasher: newHasher(cmp.Or(c.Hashing, 4)), seals: seals, second: map[access.Role]bool{}}
	if s.passkeys, err = newPasskeys(c.Base); err != nil {
		panic("identity: passkeys: " + err.Error())
	}
	for _, p := range c.Providers {
		s.providers = append(s.providers, &provider{Provider: p})
	}
	for _, r := range c.SecondFactor {
		s.second[r] = true
	}
	if c.Jobs != nil {
		job.Add(c.Jobs, job.Options{Title: "identity.job.sweep", Every: time.Hour}, s.sweepJob)
		job.Add(c.Jobs, job.Options{Title: "identity.job.import", Timeout: importTimeout, MaxAttempts: importAttempts}, s.importJob)
	}
	return s
}

// write audits an act on a person, after the person was written; fields are
// names of what changed.
func (s *Service) write(ctx context.Context, tx *db.Tx, a *access.Actor, action string, person uuid.UUID, fields ...string) error {
	if isIndexed(fields) {
		if err := s.Search.Changed(ctx, tx, search.People, person); err != nil {
			return err
		}
	}
	return s.writePlain(ctx, tx, a, action, person, fields...)
}

// writePlain is write for people whom the search does not know.
func (s *Service) writePlain(ctx context.Context, tx *db.Tx, a *access.Actor, action string, person uuid.UUID, fields ...string) error {
	return s.Audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "person", ObjectID: person.String(), Fields: fields,
	})
}

// once runs a change in a transaction, once for the idempotency key of ctx: the
// second press of a button finds it done. Never for forms with a password: the
// key of a form holds a digest of all that was typed.
func (s *Service) once(ctx context.Context, a *access.Actor, operation string, input any, change func(ctx context.Context, tx *db.Tx) error) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, operation, input, func() (bool, error) { return true, change(ctx, tx) })
		return err
	})
}

// own requires a signed-in person.
func (s *Service) own(a *access.Actor) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return s.Access.Require(a, PermSelf, access.Place{})
}

// over requires p at one of the places of an institution; for people without
// one that is the platform alone.
func (s *Service) over(ctx context.Context, q db.Q, a *access.Actor, p access.Permission, institution uuid.NullUUID) error {
	if !s.Access.Anywhere(a, p) {
		return s.Access.Require(a, p, access.Place{})
	}
	if s.Access.Can(a, p, access.Place{}) {
		return nil
	}
	if !institution.Valid {
		return fault.ErrNotFound
	}
	places, err := access.PlacesOf(ctx, q, access.Institution, institution.UUID, s.Clock.Now())
	if err != nil {
		return err
	}
	for _, at := range places {
		if s.Access.Can(a, p, at) {
			return nil
		}
	}
	return fault.ErrNotFound
}

// digest is a keyed digest, so that the throttle and the audit name addresses
// and accounts without telling them.
func (s *Service) digest(parts ...string) string {
	m := hmac.New(sha256.New, s.Secret)
	for _, p := range parts {
		m.Write([]byte(p))
		m.Write([]byte{0})
	}
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// level waits until Level has passed since began, or ctx ends.
func (s *Service) level(ctx context.Context, began time.Time) {
	t := time.NewTimer(s.Level - time.Since(began))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// SweepArgs is the job that removes expired sessions, links and counters.
type SweepArgs struct{}

// Kind implements job.Args.
func (SweepArgs) Kind() string { return "identity.sweep" }

func (s *Service) sweepJob(ctx context.Context, _ *job.Job[SweepArgs]) error { return s.Sweep(ctx) }

// Sweep removes what has expired: sessions a month after their end, links a
// week after theirs, counters of attempts after a day, lists of people that nobody
// confirmed, invitations three months after their end. Safe to repeat.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(sweep(ctx, s.DB, s.Now()), s.sweepImports(ctx), sweepInvitees(ctx, s.DB, s.Now().Add(-keepInvitations)))
}
