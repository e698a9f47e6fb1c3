package network

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/notify"
)

// Engine asks modules and applies what they decide; *effect.Engine is one.
type Engine interface {
	Decide(ctx context.Context, r *effect.Request) (*effect.Outcome, error)
	Weigh(ctx context.Context, r *effect.Request) ([]effect.Diagnostic, error)
	Render(ctx context.Context, r *effect.RenderRequest) (*effect.Rendered, error)
	Prefill(ctx context.Context, typ string, scope effect.Scope, command string, subject uuid.UUID) (*effect.Saved, error)
	Taken(ctx context.Context, id uuid.UUID) (bool, error)
	Guard(ctx context.Context, r *effect.GuardRequest) (*effect.GuardOutcome, error)
	Confirm(ctx context.Context, tx *db.Tx, o *effect.GuardOutcome) error
	GoOn(ctx context.Context, tx *db.Tx, o *effect.GuardOutcome) error
	Emit(ctx context.Context, tx *db.Tx, list ...effect.Emission) error
	Flags(ctx context.Context, q db.Q, s effect.Scope) ([]effect.Flag, error)
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Accounts knows and invites addresses; *identity.Service is one.
type Accounts interface {
	AskTx(ctx context.Context, tx *db.Tx, in identity.Ask) (person uuid.UUID, told bool, err error)
	// Seen is the account of an address when the actor may see it, uuid.Nil
	// otherwise, and whether it is in use.
	Seen(ctx context.Context, q db.Q, a *access.Actor, email string) (person uuid.UUID, active bool, err error)
	// MayOffer counts an offer to an address that the actor knows no account of.
	MayOffer(ctx context.Context, a *access.Actor) error
}

var (
	_ Engine   = (*effect.Engine)(nil)
	_ Notifier = (*notify.Service)(nil)
	_ Accounts = (*identity.Service)(nil)
)

// Origins knows what networks are founded from: the needs of schools.
type Origins interface {
	// Claim notes in the founding transaction that the network of the centre was
	// founded from origin; a fault.Invalid error undoes the founding.
	Claim(ctx context.Context, tx *db.Tx, a *access.Actor, origin, network, centre uuid.UUID) error
}

// noOrigins refuses them all.
type noOrigins struct{}

func (noOrigins) Claim(context.Context, *db.Tx, *access.Actor, uuid.UUID, uuid.UUID, uuid.UUID) error {
	return fault.InvalidFields(fault.Field{Path: "origin", Key: "network.origin_unknown"})
}
