package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// Merge makes the memberships of one account those of another, in the caller's
// transaction, which has authorised and audits it. In a network where both are,
// one membership remains: the further of the two (active before offered before
// waiting before requested), with the earlier date of joining. The other ends
// and stays with its account, so that what refers to it keeps its meaning. No
// seat is counted twice.
func Merge(ctx context.Context, tx *db.Tx, from, to uuid.UUID, at time.Time) error {
	twice, err := sharedNetworks(ctx, tx, from, to)
	if err != nil {
		return err
	}
	for _, id := range twice {
		s, err := lockSeats(ctx, tx, id)
		if err != nil {
			return err
		}
		before, err := counted(ctx, tx, id, from, to)
		if err != nil {
			return err
		}
		if err := mergeMembership(ctx, tx, id, from, to, at); err != nil {
			return err
		}
		after, err := counted(ctx, tx, id, from, to)
		if err != nil {
			return err
		}
		if err := s.add(ctx, tx, id, after.Taken-before.Taken, after.Members-before.Members); err != nil {
			return err
		}
	}
	return moveMemberships(ctx, tx, from, to, at)
}
