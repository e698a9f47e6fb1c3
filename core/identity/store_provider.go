package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// insertLinked reports 0 when the account at the provider is linked already.
func insertLinked(ctx context.Context, tx *db.Tx, id, person uuid.UUID, provider, issuer, subject string, now time.Time) (int64, error) {
	return tx.Exec(ctx, `INSERT INTO provider_link (id, person_id, provider, issuer, subject, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (issuer, subject) DO NOTHING`, id, person, provider, issuer, subject, now)
}

// useLinked tells whom a subject signs in, and keeps when it did.
func useLinked(ctx context.Context, q db.Q, issuer, subject string, now time.Time) (uuid.UUID, error) {
	var person uuid.UUID
	err := q.Get(ctx, &person, `UPDATE provider_link SET used_at = $3 WHERE issuer = $1 AND subject = $2 RETURNING person_id`, issuer, subject, now)
	return person, err
}

func listLinked(ctx context.Context, q db.Q, person uuid.UUID) ([]ProviderLink, error) {
	var rows []ProviderLink
	err := q.Select(ctx, &rows, `SELECT id, provider, created_at, used_at FROM provider_link WHERE person_id = $1 ORDER BY id DESC LIMIT 50`, person)
	return rows, err
}

func deleteLinked(ctx context.Context, tx *db.Tx, person, id uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM provider_link WHERE id = $2 AND person_id = $1`, person, id)
}
