package identity

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// tokenPrefix lets scanners of leaked secrets know ours.
const tokenPrefix = "sieci_"

// Bounds of API tokens.
const (
	// MaxTokenDays is the longest life of a token, in days.
	MaxTokenDays = 365
	// MaxTokens is how many open ones a person may have.
	MaxTokens = 20
	// MaxLabel is the length of a token's name in characters.
	MaxLabel = 80
)

// TokenInfo is an open token in the list of its owner; the secret is not kept.
type TokenInfo struct {
	ID        uuid.UUID  `db:"id"`
	Label     string     `db:"label"`
	CreatedAt time.Time  `db:"created_at"`
	UsedAt    *time.Time `db:"used_at"` // right to within five minutes
	EndsAt    time.Time  `db:"ends_at"`
	// Acts: see [TokenInput].
	Acts bool `db:"acts"`
}

// TokenInput asks for a token.
type TokenInput struct {
	Label string
	Days  int
	// Acts lets the token also do what a session is asked to confirm anew who acts
	// for: give roles, import people, take copies. A program cannot confirm
	// anything, so without this choice such acts are refused to it.
	Acts bool
}

// CreateToken makes an API token that acts with all of the actor's rights for
// the given days (but see [TokenInput.Acts]), and returns its secret, which is never shown again: a
// repeated submit of the same form is a Conflict, not a second token. A token
// cannot make tokens (Forbidden). Invalid names label or days.
func (s *Service) CreateToken(ctx context.Context, a *access.Actor, in TokenInput) (secret string, id uuid.UUID, err error) {
	if err := s.own(a); err != nil {
		return "", uuid.Nil, err
	}
	if a.Session == uuid.Nil {
		return "", uuid.Nil, fault.New(fault.Forbidden, "identity.token_by_token")
	}
	in.Label = TidyName(in.Label)
	var f fault.Fields
	if n := utf8.RuneCountInString(in.Label); n == 0 || n > MaxLabel {
		f.Add("label", "identity.token_label", "Max", MaxLabel)
	}
	if in.Days < 1 || in.Days > MaxTokenDays {
		f.Add("days", "identity.token_days", "Max", MaxTokenDays)
	}
	if err := f.Err(); err != nil {
		return "", uuid.Nil, err
	}
	fresh := false
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		fresh = false
		id, err = idem.Do(ctx, tx, a.Person, "account:token", in, func() (uuid.UUID, error) {
			fresh = true
			secret, id, err = s.createToken(ctx, tx, a, in)
			return id, err
		})
		return err
	})
	if err == nil && !fresh {
		err = fault.New(fault.Conflict, "identity.token_shown")
	}
	return secret, id, err
}

func (s *Service) createToken(ctx context.Context, tx *db.Tx, a *access.Actor, in TokenInput) (string, uuid.UUID, error) {
	now := s.Now()
	n, err := countTokens(ctx, tx, a.Person, now)
	if err != nil {
		return "", uuid.Nil, err
	}
	if n >= MaxTokens {
		return "", uuid.Nil, fault.New(fault.Conflict, "identity.token_many", "Max", MaxTokens)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", uuid.Nil, err
	}
	secret, hash := newToken()
	if err := insertToken(ctx, tx, id, hash, a.Person, in, now, now.AddDate(0, 0, in.Days)); err != nil {
		return "", uuid.Nil, err
	}
	return tokenPrefix + secret, id, s.write(ctx, tx, a, "account:token_create", a.Person)
}

// Tokens lists the actor's own open tokens, the newest first.
func (s *Service) Tokens(ctx context.Context, a *access.Actor) ([]TokenInfo, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	return listTokens(ctx, s.DB, a.Person, s.Now())
}

// RevokeToken ends one of the actor's own tokens at once; NotFound for others.
func (s *Service) RevokeToken(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.own(a); err != nil {
		return err
	}
	if id == uuid.Nil {
		return fault.ErrNotFound
	}
	return s.once(ctx, a, "account:token_revoke", id, func(ctx context.Context, tx *db.Tx) error {
		n, err := revokeTokens(ctx, tx, a.Person, id, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.ErrNotFound
		}
		return s.write(ctx, tx, a, "account:token_revoke", a.Person)
	})
}
