package idem

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

type row struct {
	Operation   string `db:"operation"`
	Fingerprint []byte `db:"fingerprint"`
	Result      []byte `db:"result"`
}

// claim inserts the key; false means that a committed transaction holds it, or
// another key of the same form for the same operation ([OncePerForm]). It waits
// while another transaction that inserted the same key is in progress.
// result is the answer to repeats when it is known beforehand, else nil.
func claim(ctx context.Context, tx *db.Tx, person uuid.UUID, key, operation string, print, result []byte) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO idempotency_key (person_id, key, operation, fingerprint, done, result)
		SELECT $1, $2, $3, $4, CAST($5 AS jsonb) IS NOT NULL, CAST($5 AS jsonb)
		WHERE $6 = '' OR NOT EXISTS (SELECT 1 FROM idempotency_key o WHERE o.person_id = $1 AND starts_with(o.key, $6) AND o.key <> $2 AND o.operation = $3 AND o.done)
		ON CONFLICT (person_id, key) DO NOTHING`,
		person, key, operation, print, sql.NullString{String: string(result), Valid: result != nil}, onceOf(ctx))
	return n == 1, err
}

func find(ctx context.Context, q db.Q, person uuid.UUID, key string) (row, error) {
	var r row
	err := q.Get(ctx, &r, `SELECT operation, fingerprint, result FROM idempotency_key
		WHERE person_id = $1 AND key = $2 AND done`, person, key)
	return r, err
}

// finish stores the result at the end of the transaction.
func finish(tx *db.Tx, person uuid.UUID, key string, result any) error {
	raw, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("idem: result: %w", err)
	}
	tx.Later(`UPDATE idempotency_key SET done = true, result = CAST($3 AS jsonb)
		WHERE person_id = $1 AND key = $2`, person, key, string(raw))
	return nil
}

func sweep(ctx context.Context, q db.Q, before time.Time) (int64, error) {
	return q.Exec(ctx, `DELETE FROM idempotency_key WHERE (person_id, key) IN
		(SELECT person_id, key FROM idempotency_key WHERE created_at < $1 ORDER BY created_at LIMIT 10000)`, before)
}
