package task

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// Merge gives the tasks of memberships of a closed account to the same networks'
// memberships of the account that stays, in the caller's transaction, which
// authorises and audits it. It comes after the memberships themselves: what the
// closed account is still in then, both were in.
func Merge(ctx context.Context, tx *db.Tx, from, to uuid.UUID, _ time.Time) error {
	return mergeMemberships(ctx, tx, from, to)
}
