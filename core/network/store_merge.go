package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// sharedNetworks are those in which both have a membership, in one order for
// every transaction.
func sharedNetworks(ctx context.Context, tx *db.Tx, a, b uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := tx.Select(ctx, &ids, `SELECT x.network_id FROM membership x JOIN membership y ON y.network_id = x.network_id AND y.person_id = $2
		WHERE x.person_id = $1 ORDER BY x.network_id LIMIT 5000`, a, b)
	return ids, err
}

// counted is what two people take of a network's counters.
func counted(ctx context.Context, tx *db.Tx, id, a, b uuid.UUID) (s seats, err error) {
	err = tx.Get(ctx, &s, `SELECT count(*) FILTER (WHERE seat AND state IN ('active', 'offered')) AS taken, count(*) FILTER (WHERE state = 'active') AS members
		FROM membership WHERE network_id = $1 AND person_id IN ($2, $3)`, id, a, b)
	return s, err
}

// mergeMembership leaves one of two memberships of a network: that of the
// surviving person, which takes over what the other was when that was further.
func mergeMembership(ctx context.Context, tx *db.Tx, id, from, to uuid.UUID, at time.Time) error {
	rank := func(row string) string {
		return `CASE ` + row + `.state WHEN 'active' THEN 5 WHEN 'offered' THEN 4 WHEN 'waiting' THEN 3 WHEN 'requested' THEN 2 ELSE 1 END`
	}
	further := rank("x") + " > " + rank("y")
	if _, err := tx.Exec(ctx, `UPDATE membership y SET
			joined_at = CASE WHEN y.state = 'active' AND x.state = 'active' THEN least(y.joined_at, x.joined_at) WHEN `+further+` THEN x.joined_at ELSE y.joined_at END,
			queued_at = CASE WHEN `+further+` THEN x.queued_at ELSE y.queued_at END, state = CASE WHEN `+further+` THEN x.state ELSE y.state END,
			offered_until = CASE WHEN `+further+` THEN x.offered_until ELSE y.offered_until END,
			ended_at = CASE WHEN `+further+` THEN x.ended_at ELSE y.ended_at END,
			institution_id = CASE WHEN `+further+` THEN x.institution_id ELSE y.institution_id END,
			complex_id = CASE WHEN `+further+` THEN x.complex_id ELSE y.complex_id END,
			group_id = CASE WHEN `+further+` THEN x.group_id ELSE y.group_id END,
			seat = CASE WHEN `+further+` THEN x.seat ELSE y.seat END,
			second_of_school = CASE WHEN `+further+` THEN x.second_of_school ELSE y.second_of_school END,
			changed_at = $4, version = y.version + 1
		FROM membership x WHERE x.network_id = $1 AND x.person_id = $2 AND y.network_id = $1 AND y.person_id = $3`, id, from, to, at); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE membership SET state = 'left', offered_until = NULL, ended_at = $3, changed_at = $3, version = version + 1
		WHERE network_id = $1 AND person_id = $2 AND state IN ('active', 'offered', 'waiting', 'requested')`, id, from, at)
	return err
}

// moveMemberships gives the rest to the surviving person.
func moveMemberships(ctx context.Context, tx *db.Tx, from, to uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE membership x SET person_id = $2, changed_at = $3, version = x.version + 1
		WHERE x.person_id = $1 AND NOT EXISTS (SELECT 1 FROM membership y WHERE y.network_id = x.network_id AND y.person_id = $2)`, from, to, at)
	return err
}
