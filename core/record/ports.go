package record

import (
	"context"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
)

// Scopes tells where a scope lies; fault.ErrNotFound when it does not exist.
// core/effect's engine knows all kinds.
type Scopes interface {
	State(ctx context.Context, q db.Q, s effect.Scope) (effect.ScopeState, error)
}
