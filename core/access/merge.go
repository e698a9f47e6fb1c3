package access

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// Merge makes the roles of one account those of another, in the caller's
// transaction, which has authorised it with [Service.MayGive] and audits it. A
// role that both hold is held once, from the earlier date; the other row ends and
// stays as history. Nobody comes to stand in for themselves.
func Merge(ctx context.Context, tx *db.Tx, from, to uuid.UUID, at time.Time) error {
	return mergeGrants(ctx, tx, from, to, at)
}

// MayGive reports whether the actor could give the role there by hand: nil, or
// why not, as [Service.GrantRole] would say.
func (s *Service) MayGive(ctx context.Context, q db.Q, a *Actor, r Role, k ScopeKind, scope uuid.UUID) error {
	return s.mayGive(ctx, q, a, r, k, scope)
}

// Standing lists the roles of a person that are in force or to come.
func Standing(ctx context.Context, q db.Q, person uuid.UUID, at time.Time) ([]Grant, error) {
	return standing(ctx, q, person, at)
}
