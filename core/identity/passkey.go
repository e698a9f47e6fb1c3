package identity

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
)

// Passkeys (WebAuthn): a key in a phone, computer or token that its owner
// unlocks there, so that signing in with one needs neither password nor code. A
// browser ties them to a name, so there are none where the platform is reached
// by an IP address; and they need a script, the only one of the platform.

const (
	// MaxPasskeys is how many a person may have.
	MaxPasskeys = 20
	// challengeLife is how long a browser may take to answer.
	challengeLife = 5 * time.Minute
	// maxAnswer bounds what a browser answers, in bytes.
	maxAnswer    = 16 << 10
	passkeysPath = "/konto/klucze"
)

// Challenges are written for whoever asks, so one address gets so many.
var limitPasskey = limit{"passkey.address", 200, 15 * time.Minute, 15 * time.Minute}

// newPasskeys is nil where the base address has no name.
func newPasskeys(base string) (*webauthn.WebAuthn, error) {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil {
		return nil, nil // an address without a name has no passkeys
	}
	return webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: issuer, RPOrigins: []string{u.Scheme + "://" + u.Host}})
}

// PasskeysOffered reports whether this installation can have passkeys at all.
func (s *Service) PasskeysOffered() bool { return s.passkeys != nil }

func (s *Service) needPasskeys() error {
	if s.passkeys == nil {
		return fault.New(fault.Conflict, "identity.passkey_address")
	}
	return nil
}

// Passkey is one in the list of its owner.
type Passkey struct {
	ID        uuid.UUID  `db:"id"`
	Name      string     `db:"name"`
	CreatedAt time.Time  `db:"created_at"`
	UsedAt    *time.Time `db:"used_at"`
}

// holder is a person as the library wants one.
type holder struct {
	credential
	keys []webauthn.Credential
}

func (h *holder) WebAuthnID() []byte                         { return h.ID[:] }
func (h *holder) WebAuthnName() string                       { return h.Email }
func (h *holder) WebAuthnDisplayName() string                { return h.Name }
func (h *holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (s *Service) holder(ctx context.Context, q db.Q, person uuid.UUID) (*holder, error) {
	p, err := credentialsByID(ctx, q, person)
	if err != nil {
		return nil, db.NotFound(err)
	}
	h := &holder{credential: p}
	rows, err := passkeyData(ctx, q, person)
	if err != nil {
		return nil, err
	}
	for _, raw := range rows {
		var c webauthn.Credential
		if err := json.Unmarshal(raw, &c); err != nil {
			return nil, fmt.Errorf("stored passkey: %w", err)
		}
		h.keys = append(h.keys, c)
	}
	return h, nil
}

// Passkeys lists the actor's own, the newest first, at most [MaxPasskeys].
func (s *Service) Passkeys(ctx context.Context, a *access.Actor) ([]Passkey, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	return listPasskeys(ctx, s.DB, a.Person)
}

// BeginPasskey makes a challenge for a new passkey of the actor's: the options
// of navigator.credentials.create as JSON. The caller has the actor confirm who
// they are. Conflict where the platform has no name or there are too many.
func (s *Service) BeginPasskey(ctx context.Context, a *access.Actor) (string, error) {
	if err := s.bySession(a); err != nil {
		return "", err
	}
	if err := s.needPasskeys(); err != nil {
		return "", err
	}
	h, err := s.holder(ctx, s.DB, a.Person)
	if err != nil {
		return "", err
	}
	if len(h.keys) >= MaxPasskeys {
		return "", fault.New(fault.Conflict, "identity.passkey_many", "Max", MaxPasskeys)
	}
	options, session, err := s.passkeys.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired,
			UserVerification: protocol.VerificationRequired}))
	if err != nil {
		return "", fmt.Errorf("begin passkey: %w", err)
	}
	return s.challenge(ctx, uuid.NullUUID{UUID: a.Person, Valid: true}, session, options.Response)
}

// challenge keeps what the answer is checked by.
func (s *Service) challenge(ctx context.Context, person uuid.NullUUID, session *webauthn.SessionData, options any) (string, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return "", fmt.Errorf("passkey challenge: %w", err)
	}
	out, err := json.Marshal(options)
	if err != nil {
		return "", fmt.Errorf("passkey options: %w", err)
	}
	hash := sha256.Sum256([]byte(session.Challenge))
	return string(out), insertChallenge(ctx, s.DB, hash[:], person, string(data), s.Now().Add(challengeLife))
}

// answered takes the challenge that an answer names; of several at once one
// gets it.
func (s *Service) answered(ctx context.Context, challenge string, person uuid.NullUUID) (webauthn.SessionData, error) {
	var out webauthn.SessionData
	hash := sha256.Sum256([]byte(challenge))
	data, err := takeChallenge(ctx, s.DB, hash[:], person, s.Now())
	if db.IsNoRows(err) {
		return out, fault.New(fault.Invalid, "identity.passkey_wrong")
	}
	if err != nil {
		return out, err
	}
	return out, json.Unmarshal(data, &out)
}

// AddPasskey keeps the passkey that answers a challenge of [Service.BeginPasskey],
// under a name. Invalid names name, or says that the answer is none.
func (s *Service) AddPasskey(ctx context.Context, a *access.Actor, name, answer string) error {
	if err := s.bySession(a); err != nil {
		return err
	}
	if err := s.needPasskeys(); err != nil {
		return err
	}
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	wrong := fault.New(fault.Invalid, "identity.passkey_wrong")
	if len(answer) > maxAnswer {
		return wrong
	}
	parsed, err := protocol.ParseCredentialCreationResponseBody(bytes.NewReader([]byte(answer)))
	if err != nil {
		return wrong
	}
	session, err := s.answered(ctx, parsed.Response.CollectedClientData.Challenge, uuid.NullUUID{UUID: a.Person, Valid: true})
	if err != nil {
		return err
	}
	h, err := s.holder(ctx, s.DB, a.Person)
	if err != nil {
		return err
	}
	c, err := s.passkeys.CreateCredential(h, session, parsed)
	if err != nil {
		return wrong
	}
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("passkey: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertPasskey(ctx, tx, id, a.Person, c.ID, string(data), name, s.Now()); err != nil {
			return err
		}
		// Its owner has just unlocked it here.
		if err := strengthen(ctx, tx, a.Session); err != nil {
			return err
		}
		return s.changedPasskeys(ctx, tx, a, "account:passkey_add", "identity.mail.passkey_added")
	})
}

func passkeyName(name string) (string, error) {
	name = TidyName(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > MaxLabel {
		return "", fault.InvalidFields(fault.Field{Path: "name", Key: "identity.passkey_name", Args: fault.Args{"Max": MaxLabel}})
	}
	return name, nil
}

func (s *Service) changedPasskeys(ctx context.Context, tx *db.Tx, a *access.Actor, action, letter string) error {
	if err := s.write(ctx, tx, a, action, a.Person, "passkey"); err != nil {
		return err
	}
	return s.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{a.Person}, Key: letter, Link: passkeysPath, Mail: true})
}

// RenamePasskey names one of the actor's own anew; NotFound for others.
func (s *Service) RenamePasskey(ctx context.Context, a *access.Actor, id uuid.UUID, name string) error {
	if err := s.bySession(a); err != nil {
		return err
	}
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	return s.once(ctx, a, "account:passkey_name", []any{id, name}, func(ctx context.Context, tx *db.Tx) error {
		n, err := renamePasskey(ctx, tx, a.Person, id, name)
		if err == nil && n == 0 {
			err = fault.ErrNotFound
		}
		if err != nil {
			return err
		}
		return s.write(ctx, tx, a, "account:passkey_name", a.Person, "passkey")
	})
}

// RemovePasskey takes one of the actor's own away; NotFound for others. The
// caller has the actor confirm who they are.
func (s *Service) RemovePasskey(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.bySession(a); err != nil {
		return err
	}
	return s.once(ctx, a, "account:passkey_remove", id, func(ctx context.Context, tx *db.Tx) error {
		n, err := deletePasskey(ctx, tx, a.Person, id)
		if err == nil && n == 0 {
			err = fault.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := weaken(ctx, tx, a.Person); err != nil {
			return err
		}
		return s.changedPasskeys(ctx, tx, a, "account:passkey_remove", "identity.mail.passkey_removed")
	})
}

// BeginPasskeySignIn makes a challenge for whoever has a passkey here: the
// options of navigator.credentials.get as JSON. TooMany when one address asks
// too often.
func (s *Service) BeginPasskeySignIn(ctx context.Context, address string) (string, error) {
	if err := s.needPasskeys(); err != nil {
		return "", err
	}
	until, err := s.attempt(ctx, limitPasskey, neighbourhood(address))
	if err != nil {
		return "", err
	}
	if !until.IsZero() {
		return "", s.tooMany(until)
	}
	options, session, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", fmt.Errorf("begin passkey sign-in: %w", err)
	}
	return s.challenge(ctx, uuid.NullUUID{}, session, options.Response)
}

// SignInPasskey opens a session for the owner of the passkey that answers a
// challenge of [Service.BeginPasskeySignIn]; neither password nor code is asked
// for. Invalid for an answer that is none, was used or is too late, for a copy of
// a key, and for an account that cannot be signed in to.
func (s *Service) SignInPasskey(ctx context.Context, answer, address, agent string) (SignedIn, error) {
	if err := s.needPasskeys(); err != nil {
		return SignedIn{}, err
	}
	wrong := fault.New(fault.Invalid, "identity.passkey_wrong")
	if len(answer) > maxAnswer {
		return SignedIn{}, wrong
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader([]byte(answer)))
	if err != nil {
		return SignedIn{}, wrong
	}
	session, err := s.answered(ctx, parsed.Response.CollectedClientData.Challenge, uuid.NullUUID{})
	if err != nil {
		return SignedIn{}, err
	}
	var h *holder
	var broken error
	c, err := s.passkeys.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
		id, err := uuid.FromBytes(handle)
		if err != nil {
			return nil, err
		}
		h, err = s.holder(ctx, s.DB, id)
		if err != nil && !fault.Is(err, fault.NotFound) {
			broken = err
		}
		return h, err
	}, session, parsed)
	if broken != nil {
		return SignedIn{}, broken
	}
	if err != nil || c.Authenticator.CloneWarning {
		// The handle is public (it is in the address of a profile); the key's id is
		// not. Without it anybody could write into another's history.
		if h != nil && h.has(parsed.RawID) {
			if err := s.failed(ctx, h.ID, h.Email, HowPasskey, neighbourhood(address), agent); err != nil {
				return SignedIn{}, err
			}
		}
		return SignedIn{}, wrong
	}
	if err := h.maySignIn(); err != nil {
		return SignedIn{}, err
	}
	data, err := json.Marshal(c)
	if err != nil {
		return SignedIn{}, fmt.Errorf("passkey: %w", err)
	}
	if err := usePasskey(ctx, s.DB, h.ID, c.ID, string(data), s.Now()); err != nil {
		return SignedIn{}, err
	}
	return s.enter(ctx, &h.credential, HowPasskey, neighbourhood(address), agent)
}

// has reports whether one of the person's passkeys has the id.
func (h *holder) has(id []byte) bool {
	for i := range h.keys {
		if bytes.Equal(h.keys[i].ID, id) {
			return true
		}
	}
	return false
}

// BeginPasskeyProof makes a challenge for one of the actor's own passkeys, to
// prove who they are: the options of navigator.credentials.get as JSON. Conflict
// where the platform has no name or the actor no passkey.
func (s *Service) BeginPasskeyProof(ctx context.Context, a *access.Actor) (string, error) {
	if err := s.bySession(a); err != nil {
		return "", err
	}
	if err := s.needPasskeys(); err != nil {
		return "", err
	}
	h, err := s.holder(ctx, s.DB, a.Person)
	if err != nil {
		return "", err
	}
	if len(h.keys) == 0 {
		return "", fault.New(fault.Conflict, "identity.passkey_none")
	}
	until, err := s.attempt(ctx, limitPasskey, a.Person.String())
	if err != nil {
		return "", err
	}
	if !until.IsZero() {
		return "", s.tooMany(until)
	}
	options, session, err := s.passkeys.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", fmt.Errorf("begin passkey proof: %w", err)
	}
	return s.challenge(ctx, uuid.NullUUID{UUID: a.Person, Valid: true}, session, options.Response)
}

// ProvePasskey is [Service.Prove] with a passkey that answers a challenge of
// [Service.BeginPasskeyProof]. The session counts as opened with two steps from
// then on: a passkey is held and unlocked. Invalid for an answer that is none,
// was used or is another person's.
func (s *Service) ProvePasskey(ctx context.Context, a *access.Actor, answer string) (SignedIn, error) {
	if err := s.bySession(a); err != nil {
		return SignedIn{}, err
	}
	if err := s.needPasskeys(); err != nil {
		return SignedIn{}, err
	}
	wrong := fault.New(fault.Invalid, "identity.passkey_wrong")
	if len(answer) > maxAnswer {
		return SignedIn{}, wrong
	}
	parsed, err := protocol.ParseCredentialRequestResponseBody(bytes.NewReader([]byte(answer)))
	if err != nil {
		return SignedIn{}, wrong
	}
	session, err := s.answered(ctx, parsed.Response.CollectedClientData.Challenge, uuid.NullUUID{UUID: a.Person, Valid: true})
	if err != nil {
		return SignedIn{}, err
	}
	h, err := s.holder(ctx, s.DB, a.Person)
	if err != nil {
		return SignedIn{}, err
	}
	c, err := s.passkeys.ValidateLogin(h, session, parsed)
	if err != nil || c.Authenticator.CloneWarning {
		return SignedIn{}, wrong
	}
	data, err := json.Marshal(c)
	if err != nil {
		return SignedIn{}, fmt.Errorf("passkey: %w", err)
	}
	if err := usePasskey(ctx, s.DB, a.Person, c.ID, string(data), s.Now()); err != nil {
		return SignedIn{}, err
	}
	return s.proved(ctx, a, true)
}
