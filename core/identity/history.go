package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
)

// Ways of signing in.
const (
	HowPassword   = "password"
	HowCode       = "code"     // a password and a code of an application
	HowRecovery   = "recovery" // a password and a recovery code
	HowPasskey    = "passkey"
	HowProvider   = "provider" // an account at an identity provider
	HowInvitation = "invitation"
)

const (
	// keepSignIns is how long the history reaches back.
	keepSignIns = 365 * 24 * time.Hour
	// MaxSignIns is how many of the history are shown.
	MaxSignIns = 50
)

// SignInRecord is one line of the history of sign-ins.
type SignInRecord struct {
	At      time.Time `db:"at" json:"at"`
	How     string    `db:"how" json:"how"`
	Success bool      `db:"success" json:"success"`
	// Address is the network it came from, Agent the browser's User-Agent.
	Address string `db:"address" json:"address"`
	Agent   string `db:"agent" json:"agent"`
}

// remember writes a line of the history; without a person there is none.
func (s *Service) remember(ctx context.Context, tx *db.Tx, person uuid.UUID, how string, success bool, place, agent string) error {
	if person == uuid.Nil {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return insertSignIn(ctx, tx, id, person, SignInRecord{At: s.Now(), How: how, Success: success, Address: place, Agent: cut(agent, 200)})
}

// SignIns lists how the actor's account was signed in to, or tried to be, the
// newest first, at most [MaxSignIns].
func (s *Service) SignIns(ctx context.Context, a *access.Actor) ([]SignInRecord, error) {
	if err := s.own(a); err != nil {
		return nil, err
	}
	return listSignIns(ctx, s.DB, a.Person, MaxSignIns)
}

// AskLastSignIn is [Service.LastSignIn] as a part of a page; false for guests.
func (s *Service) AskLastSignIn(a *access.Actor) (gather.Part, bool) {
	return gather.Part{Key: lastPart, SQL: lastSQL}, s.own(a) == nil
}

// ReadLastSignIn is what [Service.AskLastSignIn] found; zero when there was none.
func (s *Service) ReadLastSignIn(f gather.Found) (SignInRecord, error) {
	rows, err := gather.Decode[SignInRecord](f, lastPart)
	if err != nil || len(rows) == 0 {
		return SignInRecord{}, err
	}
	return rows[0], nil
}

// LastSignIn is the sign-in before the newest successful one; zero when there
// was none.
func (s *Service) LastSignIn(ctx context.Context, a *access.Actor) (SignInRecord, error) {
	if err := s.own(a); err != nil {
		return SignInRecord{}, err
	}
	r, err := signInBefore(ctx, s.DB, a.Person)
	if db.IsNoRows(err) {
		return SignInRecord{}, nil
	}
	return r, err
}
