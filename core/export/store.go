package export

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

const columns = `id, network_id, person_id, kind, lang, state, done, total, size, job_id, created_at, ended_at`

func insert(ctx context.Context, tx *db.Tx, e *Export) error {
	_, err := tx.Exec(ctx, `INSERT INTO network_export (id, network_id, person_id, kind, lang, total, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, e.ID, e.Network, e.Person, string(e.Kind), string(e.Lang), e.Total, e.Created)
	return err
}

// openExport is the copy being made, if any; asking twice at once waits here.
func openExport(ctx context.Context, tx *db.Tx, network, person uuid.UUID, k Kind) (uuid.UUID, error) {
	if _, err := tx.Exec(ctx, `SELECT 1 FROM person WHERE id = $1 FOR UPDATE`, person); err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err := tx.Get(ctx, &id, `SELECT id FROM network_export WHERE network_id = $1 AND person_id = $2 AND kind = $3 AND state = 'waiting'`, network, person, string(k))
	if db.IsNoRows(err) {
		return uuid.Nil, nil
	}
	return id, err
}

func setJob(ctx context.Context, tx *db.Tx, id uuid.UUID, job int64) error {
	_, err := tx.Exec(ctx, `UPDATE network_export SET job_id = $2 WHERE id = $1`, id, job)
	return err
}

func get(ctx context.Context, q db.Q, id uuid.UUID) (Export, error) {
	var e Export
	err := q.Get(ctx, &e, `SELECT `+columns+` FROM network_export WHERE id = $1`, id)
	return e, err
}

func list(ctx context.Context, q db.Q, network, person uuid.UUID) ([]Export, error) {
	var rows []Export
	err := q.Select(ctx, &rows, `SELECT `+columns+` FROM network_export WHERE network_id = $1 AND person_id = $2 ORDER BY id DESC LIMIT 20`, network, person)
	return rows, err
}

// progress notes a finished part; false when the copy was cancelled meanwhile.
func progress(ctx context.Context, q db.Q, id uuid.UUID, done int) (bool, error) {
	n, err := q.Exec(ctx, `UPDATE network_export SET done = $2 WHERE id = $1 AND state = 'waiting'`, id, done)
	return n == 1, err
}

// end ends a copy that is being made; false when it has ended already.
func end(ctx context.Context, q db.Q, id uuid.UUID, s State, size int64, now time.Time) (bool, error) {
	n, err := q.Exec(ctx, `UPDATE network_export SET state = $2, size = $3, ended_at = $4, done = CASE WHEN $2 = 'done' THEN total ELSE done END
		WHERE id = $1 AND state = 'waiting'`, id, string(s), size, now)
	return n == 1, err
}

func expired(ctx context.Context, q db.Q, before time.Time) ([]Export, error) {
	var rows []Export
	err := q.Select(ctx, &rows, `SELECT `+columns+` FROM network_export WHERE state = 'done' AND ended_at < $1 ORDER BY ended_at LIMIT 100`, before)
	return rows, err
}

func setExpired(ctx context.Context, q db.Q, id uuid.UUID) error {
	_, err := q.Exec(ctx, `UPDATE network_export SET state = 'expired', size = 0 WHERE id = $1 AND state = 'done'`, id)
	return err
}
