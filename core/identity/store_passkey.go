package identity

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var _ = db.Constraint("passkey_credential_once", fault.Conflict, "name", "identity.passkey_known")

func listPasskeys(ctx context.Context, q db.Q, person uuid.UUID) ([]Passkey, error) {
	var rows []Passkey
	err := q.Select(ctx, &rows, `SELECT id, name, created_at, used_at FROM passkey WHERE person_id = $1 ORDER BY id DESC LIMIT 20`, person)
	return rows, err
}

func passkeyData(ctx context.Context, q db.Q, person uuid.UUID) ([][]byte, error) {
	var rows [][]byte
	err := q.Select(ctx, &rows, `SELECT data FROM passkey WHERE person_id = $1 ORDER BY id LIMIT 100`, person)
	return rows, err
}

func insertPasskey(ctx context.Context, tx *db.Tx, id, person uuid.UUID, credential []byte, data, name string, now time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO passkey (id, person_id, credential_id, data, name, created_at)
		VALUES ($1, $2, $3, CAST($4 AS jsonb), $5, $6)`, id, person, credential, data, name, now)
	return err
}

func renamePasskey(ctx context.Context, tx *db.Tx, person, id uuid.UUID, name string) (int64, error) {
	return tx.Exec(ctx, `UPDATE passkey SET name = $3 WHERE id = $2 AND person_id = $1`, person, id, name)
}

func deletePasskey(ctx context.Context, tx *db.Tx, person, id uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `DELETE FROM passkey WHERE id = $2 AND person_id = $1`, person, id)
}

// usePasskey keeps the counter of a key that was used, by which a copy shows.
func usePasskey(ctx context.Context, q db.Q, person uuid.UUID, credential []byte, data string, now time.Time) error {
	_, err := q.Exec(ctx, `UPDATE passkey SET data = CAST($3 AS jsonb), used_at = $4 WHERE person_id = $1 AND credential_id = $2`, person, credential, data, now)
	return err
}

func insertChallenge(ctx context.Context, q db.Q, hash []byte, person uuid.NullUUID, data string, ends time.Time) error {
	_, err := q.Exec(ctx, `INSERT INTO passkey_challenge (challenge_hash, person_id, data, ends_at) VALUES ($1, $2, CAST($3 AS jsonb), $4)`,
		hash, person, data, ends)
	return err
}

func takeChallenge(ctx context.Context, q db.Q, hash []byte, person uuid.NullUUID, now time.Time) ([]byte, error) {
	var data []byte
	err := q.Get(ctx, &data, `DELETE FROM passkey_challenge WHERE challenge_hash = $1 AND person_id IS NOT DISTINCT FROM CAST($2 AS uuid) AND ends_at > $3
		RETURNING data`, hash, person, now)
	return data, err
}

// dropWaysIn forgets a person's passkeys and accounts at identity providers.
func dropWaysIn(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM passkey WHERE person_id = $1`, person); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM provider_link WHERE person_id = $1`, person)
	return err
}
