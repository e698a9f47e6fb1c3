package feed

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

func stateOf(ctx context.Context, q db.Q, person uuid.UUID) (State, error) {
	var at time.Time
	err := q.Get(ctx, &at, `SELECT created_at FROM calendar_feed WHERE person_id = $1`, person)
	if db.IsNoRows(err) {
		return State{}, nil
	}
	return State{Active: err == nil, Since: at}, err
}

func putFeed(ctx context.Context, tx *db.Tx, person uuid.UUID, hash []byte, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO calendar_feed (person_id, token_hash, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (person_id) DO UPDATE SET token_hash = $2, created_at = $3`, person, hash, at)
	return err
}

func dropFeed(ctx context.Context, tx *db.Tx, person uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM calendar_feed WHERE person_id = $1`, person)
}

type ownerRow struct {
	ID   uuid.UUID `db:"id"`
	Lang string    `db:"lang"`
}

func findOwner(ctx context.Context, q db.Q, hash []byte) (ownerRow, error) {
	var r ownerRow
	err := q.Get(ctx, &r, `SELECT p.id, p.lang FROM calendar_feed f JOIN person p ON p.id = f.person_id
		WHERE f.token_hash = $1 AND p.state = 'active'`, hash)
	return r, db.NotFound(err)
}
