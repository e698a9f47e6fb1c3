package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/hotp"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
)

// The second step at signing in: a code of an authenticator application (RFC
// 6238: six digits, 30 seconds, SHA-1, as all of them can), or one of ten
// recovery codes for whoever lost it. A code is taken once, and the clocks may
// differ by one step.

const (
	// RecoveryCodes is how many are made at a time.
	RecoveryCodes = 10
	// CodeDigits is the length of an application's code.
	CodeDigits  = 6
	stepSeconds = 30
	secretBytes = 20
	// setupLife is how long a key waits for its first code.
	setupLife  = time.Hour
	secondPath = "/konto/drugi-skladnik"
	issuer     = "Sieci"
)

var (
	// Guesses of codes from one address, by whoever knows the password: 480 a day,
	// of a million.
	limitCode = limit{"signin.code", 5, 15 * time.Minute, 15 * time.Minute}
	// Guesses from everywhere. It never shuts an address from which the owner
	// signed in before.
	limitCodes = limit{"signin.codes", 50, time.Hour, time.Hour}
)

// alphabet of keys and recovery codes: no character looks like another.
var alphabet = base32.StdEncoding.WithPadding(base32.NoPadding)

// SecondFactor is the state of somebody's second step.
type SecondFactor struct {
	On bool
	// Since is when it was set up.
	Since *time.Time
	// Codes are the recovery codes left.
	Codes int
	// Required: a role of theirs demands one.
	Required bool
	// Passkeys: they have some, which does as well ([Service.ProvePasskey]).
	Passkeys bool
}

// SecondFactor reads the actor's own.
func (s *Service) SecondFactor(ctx context.Context, a *access.Actor) (SecondFactor, error) {
	if err := s.own(a); err != nil {
		return SecondFactor{}, err
	}
	r, err := readSecond(ctx, s.DB, a.Person)
	return SecondFactor{On: r.On, Since: r.Since, Codes: r.Codes, Required: s.demands(a.Grants), Passkeys: r.Passkeys > 0 && s.passkeys != nil}, db.NotFound(err)
}

// demands reports whether one of the roles needs a second step.
func (s *Service) demands(grants []access.Grant) bool {
	for i := range grants {
		if s.second[grants[i].Role] {
			return true
		}
	}
	return false
}

// Setup is what an application is to be given.
type Setup struct {
	// Secret is the key in base32, URI the same for a QR code; shown to the owner
	// only, while they set the application up.
	Secret, URI string
}

// bySession refuses tokens: keys are changed by whoever sits at the browser.
func (s *Service) bySession(a *access.Actor) error {
	if err := s.own(a); err != nil {
		return err
	}
	if a.Session == uuid.Nil {
		return fault.New(fault.Forbidden, "identity.second_by_token")
	}
	return nil
}

// BeginSecondFactor makes a key for the actor's application; it is in force
// after [Service.ConfirmSecondFactor]. Conflict when one is in force, Forbidden
// for a token.
func (s *Service) BeginSecondFactor(ctx context.Context, a *access.Actor) (Setup, error) {
	if err := s.bySession(a); err != nil {
		return Setup{}, err
	}
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // never fails
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := beginTOTP(ctx, tx, a.Person, s.seals.seal(key, "totp "+a.Person.String()), s.Now())
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "identity.second_on")
		}
		return err
	})
	if err != nil {
		return Setup{}, err
	}
	return s.setup(ctx, a.Person, key)
}

// SecondFactorSetup is the key that waits for its first code; NotFound when
// none does.
func (s *Service) SecondFactorSetup(ctx context.Context, a *access.Actor) (Setup, error) {
	if err := s.bySession(a); err != nil {
		return Setup{}, err
	}
	key, _, err := s.waitingKey(ctx, a)
	if err != nil {
		return Setup{}, err
	}
	return s.setup(ctx, a.Person, key)
}

func (s *Service) waitingKey(ctx context.Context, a *access.Actor) (key []byte, r totpRow, err error) {
	r, err = readTOTP(ctx, s.DB, a.Person)
	if err != nil {
		return nil, r, db.NotFound(err)
	}
	if r.Confirmed != nil || !s.Now().Before(r.CreatedAt.Add(setupLife)) {
		return nil, r, fault.ErrNotFound
	}
	key, err = s.seals.open(r.Secret, "totp "+a.Person.String())
	return key, r, err
}

func (s *Service) setup(ctx context.Context, person uuid.UUID, key []byte) (Setup, error) {
	p, err := credentialsByID(ctx, s.DB, person)
	if err != nil {
		return Setup{}, db.NotFound(err)
	}
	secret := alphabet.EncodeToString(key)
	q := url.Values{"secret": {secret}, "issuer": {issuer}}
	return Setup{Secret: secret, URI: "otpauth://totp/" + url.PathEscape(issuer+":"+p.Email) + "?" + q.Encode()}, nil
}

// ConfirmSecondFactor puts the waiting key into force by a first code of the
// application. It ends the actor's other sessions, renews this one, and returns
// the recovery codes, which are never shown again. Invalid names code; TooMany
// after five wrong ones; NotFound when no key waits.
func (s *Service) ConfirmSecondFactor(ctx context.Context, a *access.Actor, code string) ([]string, SignedIn, error) {
	if err := s.bySession(a); err != nil {
		return nil, SignedIn{}, err
	}
	if err := s.throttleCode(ctx, a.Person, inSession(a)); err != nil {
		return nil, SignedIn{}, err
	}
	key, r, err := s.waitingKey(ctx, a)
	if err != nil {
		return nil, SignedIn{}, err
	}
	step := matchingStep(key, tidyCode(code), s.Now())
	if step == 0 {
		return nil, SignedIn{}, wrongCode(code)
	}
	codes, digests := s.newRecovery(a.Person)
	var in SignedIn
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := confirmTOTP(ctx, tx, a.Person, r.Secret, step, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "identity.second_on")
		}
		if err := replaceRecovery(ctx, tx, a.Person, digests); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, a.Person, uuid.Nil, a.Session, s.Now()); err != nil {
			return err
		}
		if in, err = s.renew(ctx, tx, a); err != nil {
			return err
		}
		return s.changedSecond(ctx, tx, a, "account:second_factor_on", "identity.mail.second_on")
	})
	return codes, in, err
}

// changedSecond audits, lets the owner know and forgives their wrong codes.
func (s *Service) changedSecond(ctx context.Context, tx *db.Tx, a *access.Actor, action, letter string) error {
	if err := s.forgive(ctx, tx, limitCode, a.Person.String(), inSession(a)); err != nil {
		return err
	}
	if err := s.write(ctx, tx, a, action, a.Person, "second_factor"); err != nil {
		return err
	}
	return s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{a.Person}, Key: letter, Link: secondPath, Mail: true})
}

// NewRecoveryCodes makes new recovery codes and throws the old ones away. The
// caller has the actor confirm who they are. Conflict without a second step.
func (s *Service) NewRecoveryCodes(ctx context.Context, a *access.Actor) ([]string, error) {
	if err := s.bySession(a); err != nil {
		return nil, err
	}
	codes, digests := s.newRecovery(a.Person)
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := readSecond(ctx, tx, a.Person)
		if err != nil {
			return db.NotFound(err)
		}
		if !r.On {
			return fault.New(fault.Conflict, "identity.second_off")
		}
		if err := replaceRecovery(ctx, tx, a.Person, digests); err != nil {
			return err
		}
		return s.changedSecond(ctx, tx, a, "account:recovery_codes", "identity.mail.recovery_codes")
	})
	return codes, err
}

// RemoveSecondFactor turns the second step off. The caller has the actor
// confirm who they are. Whoever's role demands one may do nothing until they
// set up another. Conflict without one.
func (s *Service) RemoveSecondFactor(ctx context.Context, a *access.Actor) error {
	if err := s.bySession(a); err != nil {
		return err
	}
	return s.once(ctx, a, "account:second_factor_off", nil, func(ctx context.Context, tx *db.Tx) error {
		n, err := dropTOTP(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "identity.second_off")
		}
		if err := replaceRecovery(ctx, tx, a.Person, nil); err != nil {
			return err
		}
		return s.changedSecond(ctx, tx, a, "account:second_factor_off", "identity.mail.second_off")
	})
}

// newRecovery makes codes of 50 random bits each, and their digests.
func (s *Service) newRecovery(person uuid.UUID) (codes, digests []string) {
	for range RecoveryCodes {
		c := strings.ToLower(rand.Text()[:10])
		codes = append(codes, c[:5]+"-"+c[5:])
		digests = append(digests, s.recoveryDigest(person, c))
	}
	return codes, digests
}

func (s *Service) recoveryDigest(person uuid.UUID, code string) string {
	return s.digest("recovery", person.String(), code)
}

// tidyCode takes out what people put between the characters of a code.
func tidyCode(code string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(code))
}

// matchingStep is the time step of an application's code, 0 when it is none.
func matchingStep(key []byte, code string, now time.Time) int64 {
	at := now.Unix() / stepSeconds
	found := int64(0)
	for _, step := range []int64{at - 1, at, at + 1} {
		want, err := hotp.GenerateCode(alphabet.EncodeToString(key), uint64(step))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found
}

func wrongCode(code string) error {
	if tidyCode(code) == "" {
		return fault.InvalidFields(fault.Field{Path: "code", Key: "identity.code_missing"})
	}
	return fault.InvalidFields(fault.Field{Path: "code", Key: "identity.code_wrong"})
}

// inSession is the place from which somebody guesses who holds a session.
func inSession(a *access.Actor) string { return "session " + a.Session.String() }

// throttleCodes bounds the guesses at one account from everywhere.
func (s *Service) throttleCodes(ctx context.Context, p *credential, place string) error {
	until, err := s.attempt(ctx, limitCodes, p.ID.String())
	if err != nil || until.IsZero() {
		return err
	}
	known, err := knowsAddress(ctx, s.DB, p.Email, place)
	if err == nil && !known {
		err = s.tooMany(until)
	}
	return err
}

func (s *Service) throttleCode(ctx context.Context, person uuid.UUID, place string) error {
	until, err := s.attempt(ctx, limitCode, person.String(), place)
	if err != nil || until.IsZero() {
		return err
	}
	return s.tooMany(until)
}

// takeCode takes an application's code or a recovery code of the person; how
// tells which. Invalid names code; TooMany after five wrong ones from one place.
func (s *Service) takeCode(ctx context.Context, person uuid.UUID, place, code string) (how string, err error) {
	tidy := tidyCode(code)
	if tidy == "" {
		return "", wrongCode(code)
	}
	if err := s.throttleCode(ctx, person, place); err != nil {
		return "", err
	}
	var n int64
	how = HowCode
	if len(tidy) == CodeDigits {
		r, err := readTOTP(ctx, s.DB, person)
		if err != nil && !db.IsNoRows(err) {
			return "", err
		}
		if err == nil && r.Confirmed != nil {
			key, err := s.seals.open(r.Secret, "totp "+person.String())
			if err != nil {
				return "", err
			}
			if step := matchingStep(key, tidy, s.Now()); step != 0 {
				if n, err = takeStep(ctx, s.DB, person, step); err != nil {
					return "", err
				}
			}
		}
	} else {
		how = HowRecovery
		if n, err = takeRecovery(ctx, s.DB, person, s.recoveryDigest(person, tidy), s.Now()); err != nil {
			return "", err
		}
	}
	if n == 0 {
		return "", wrongCode(code)
	}
	return how, s.forgive(ctx, s.DB, limitCode, person.String(), place)
}

// ResetSecondFactor turns somebody's second step off who lost their application
// and their recovery codes; their sessions and tokens end, and they are told. It
// needs person:block over the person's institution; the caller has the actor
// confirm who they are. Conflict for one's own account and without a second step.
func (s *Service) ResetSecondFactor(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if id == a.Person {
		return fault.New(fault.Conflict, "identity.second_self")
	}
	return s.once(ctx, a, "person:second_factor_off", id, func(ctx context.Context, tx *db.Tx) error {
		p, err := account(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.over(ctx, tx, a, PermBlock, p.Institution); err != nil {
			return err
		}
		n, err := dropTOTP(ctx, tx, id)
		if err != nil {
			return err
		}
		keys, err := listPasskeys(ctx, tx, id)
		if err != nil {
			return err
		}
		if n == 0 && len(keys) == 0 {
			return fault.New(fault.Conflict, "identity.second_off")
		}
		if err := replaceRecovery(ctx, tx, id, nil); err != nil {
			return err
		}
		if err := s.shutOut(ctx, tx, id); err != nil {
			return err
		}
		if _, err := endSessions(ctx, tx, id, uuid.Nil, uuid.Nil, s.Now()); err != nil {
			return err
		}
		if _, err := revokeTokens(ctx, tx, id, uuid.Nil, s.Now()); err != nil {
			return err
		}
		if err := s.write(ctx, tx, a, "person:second_factor_off", id, "second_factor"); err != nil {
			return err
		}
		return s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{id}, Key: "identity.mail.second_off", Link: secondPath, Mail: true})
	})
}
