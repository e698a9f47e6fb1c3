package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/notify"
)

// Engine asks modules and applies what they decide; *effect.Engine is one.
type Engine interface {
	Decide(ctx context.Context, r *effect.Request) (*effect.Outcome, error)
	Render(ctx context.Context, r *effect.RenderRequest) (*effect.Rendered, error)
	Guard(ctx context.Context, r *effect.GuardRequest) (*effect.GuardOutcome, error)
	Confirm(ctx context.Context, tx *db.Tx, o *effect.GuardOutcome) error
	Emit(ctx context.Context, tx *db.Tx, list ...effect.Emission) error
	Flags(ctx context.Context, s effect.Scope) ([]effect.Flag, error)
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Accounts invites people who have no account; core/identity implements it.
type Accounts interface {
	// InviteTx sends a single-use link to the address. Whoever opens it and makes
	// an account is then led to next, a path of the platform. Called in the
	// transaction of the invitation; an address that has an account meanwhile is
	// no error.
	InviteTx(ctx context.Context, tx *db.Tx, i AccountInvite) error
}

// AccountInvite is an invitation to make an account.
type AccountInvite struct {
	Email string
	// By is who invites; uuid.Nil when a module does.
	By uuid.UUID
	// Subject is what the letter names: the network's title.
	Subject string
	// Message is what the inviting person wrote; may be empty.
	Message string
	// Next is where the new person is led.
	Next string
	// Until is the domain time at which the invitation into the network ends.
	Until time.Time
}

var (
	_ Engine   = (*effect.Engine)(nil)
	_ Notifier = (*notify.Service)(nil)
)
