package access

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// Merge makes the roles of one account those of another, in the caller's
// transaction, which has authorised and audits it. A
// role that both hold is held once, from the earlier date; the other row ends and
// stays as history. Nobody comes to stand in for themselves.
func Merge(ctx context.Context, tx *db.Tx, from, to uuid.UUID, at time.Time) error {
	return mergeGrants(ctx, tx, from, to, at)
}
