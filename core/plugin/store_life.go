package plugin

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

type holdRow struct {
	Module string    `db:"module"`
	Cause  string    `db:"cause"`
	Reason string    `db:"reason"`
	Since  time.Time `db:"since"`
}

// status is what a node says of a module in quarantine.
func (r *holdRow) status() supervisor.Status {
	return supervisor.Status{State: supervisor.Quarantined, Cause: supervisor.Cause(r.Cause), Reason: r.Reason, Since: r.Since}
}

func readHolds(ctx context.Context, q db.Q) ([]holdRow, error) {
	var out []holdRow
	err := q.Select(ctx, &out, `SELECT module, cause, reason, since FROM module_hold ORDER BY module LIMIT $1`, maxModules)
	return out, err
}

// lockVersion holds the module's row, so that nodes count one after the other,
// and returns the version that is to run; "" when it is not to run.
func lockVersion(ctx context.Context, tx *db.Tx, module string) (string, error) {
	var v string
	err := tx.Get(ctx, &v, `SELECT version FROM module WHERE id = $1 AND enabled FOR UPDATE`, module)
	if db.IsNoRows(err) {
		return "", nil
	}
	return v, err
}

// putCrash keeps a crash and returns how many of the version there were within
// an hour, this one included.
func putCrash(ctx context.Context, tx *db.Tx, node string, c *crash) (int, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return 0, err
	}
	var n int
	err = tx.Get(ctx, &n, `WITH old AS (DELETE FROM module_crash WHERE module = $2 AND at < now() - interval '1 day'),
		one AS (INSERT INTO module_crash (id, module, version, node, cause, reason) VALUES ($1, $2, $3, $4, $5, $6))
		SELECT 1 + count(*) FROM module_crash WHERE module = $2 AND version = $3 AND at > now() - interval '1 hour'`,
		id, c.module, c.version, node, string(c.cause), c.reason)
	return n, err
}

// putHold reports false when the module is held already.
func putHold(ctx context.Context, tx *db.Tx, c *crash) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO module_hold (module, version, cause, reason) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		c.module, c.version, string(c.cause), c.reason)
	return n == 1, err
}

// forgetLife begins the module's life anew; held says whether it was in quarantine.
func forgetLife(ctx context.Context, tx *db.Tx, module string) (held bool, err error) {
	if _, err := tx.Exec(ctx, `DELETE FROM module_crash WHERE module = $1`, module); err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM module_hold WHERE module = $1`, module)
	return n == 1, err
}

// putUpgrade notes that version is about to take the place of another; for the
// same version, or a module that did not run, there is nothing to go back to.
func putUpgrade(ctx context.Context, tx *db.Tx, module, version string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM module_upgrade WHERE module = $1`, module); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO module_upgrade (module, version, previous, grants)
		SELECT m.id, $2, m.version, (SELECT coalesce(json_agg(json_build_object('capability', g.capability, 'scope_kind', g.scope_kind)), '[]')
			FROM module_grant g WHERE g.module = m.id)
		FROM module m WHERE m.id = $1 AND m.enabled AND m.version <> $2`, module, version)
	return err
}

// noteUp notes that the version answers on a node: it is young from the first time on.
func noteUp(ctx context.Context, q db.Q, module, version string) error {
	_, err := q.Exec(ctx, `UPDATE module_upgrade SET up_at = now() WHERE module = $1 AND version = $2 AND up_at IS NULL`, module, version)
	return err
}

// takeUpgrade returns what a young version took the place of, or was to take, and
// forgets it; nil for a version that answered first more than five minutes ago or
// had none before.
func takeUpgrade(ctx context.Context, tx *db.Tx, module, version string) (previous string, grants []grantRow, err error) {
	var row struct {
		Previous string          `db:"previous"`
		Grants   json.RawMessage `db:"grants"`
	}
	err = tx.Get(ctx, &row, `DELETE FROM module_upgrade WHERE module = $1 AND version = $2 AND (up_at IS NULL OR up_at > now() - interval '5 minutes') RETURNING previous, grants`, module, version)
	if db.IsNoRows(err) {
		return "", nil, nil
	}
	if err == nil {
		err = json.Unmarshal(row.Grants, &grants)
	}
	return row.Previous, grants, err
}

// noteGaveWay keeps every node from taking the version over by itself.
func noteGaveWay(ctx context.Context, tx *db.Tx, module, version string) error {
	_, err := tx.Exec(ctx, `UPDATE module_version SET gave_way_at = now() WHERE module = $1 AND version = $2`, module, version)
	return err
}

// runsElsewhere reports whether another node said within a minute that a process
// of the module answers.
func runsElsewhere(ctx context.Context, q db.Q, module, node string) (bool, error) {
	var yes bool
	err := q.Get(ctx, &yes, `SELECT EXISTS (SELECT 1 FROM module_process
		WHERE module = $1 AND node <> $2 AND state IN ('ready', 'degraded') AND seen_at > now() - interval '1 minute')`, module, node)
	return yes, err
}

// setVersion changes the version that is to run, by nobody's act.
func setVersion(ctx context.Context, tx *db.Tx, module, version string, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE module SET version = $2, revision = revision + 1, changed_by = NULL, changed_at = $3 WHERE id = $1`, module, version, at)
	return err
}
