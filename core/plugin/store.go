package plugin

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
)

// maxModules bounds the catalogue; each is read by every node every poll only
// when something changed.
const maxModules = 200

type headRow struct {
	ID       string `db:"id"`
	Enabled  bool   `db:"enabled"`
	Version  string `db:"version"`
	Revision int    `db:"revision"`
	// Everywhere: networks may be founded under every centre.
	Everywhere bool `db:"everywhere"`
}

func readHeads(ctx context.Context, q db.Q) ([]headRow, error) {
	var out []headRow
	err := q.Select(ctx, &out, `SELECT id, enabled, version, revision, everywhere FROM module ORDER BY id LIMIT $1`, maxModules)
	return out, err
}

type versionRow struct {
	Manifest    json.RawMessage `db:"manifest"`
	Sum         []byte          `db:"manifest_sha256"`
	Description json.RawMessage `db:"description"`
	// Bundle holds the bytes; NULL for the folder of each node.
	Bundle uuid.NullUUID `db:"bundle_id"`
	// GaveWay is when it gave way to the version before, in real time.
	GaveWay sql.NullTime `db:"gave_way_at"`
}

func readVersion(ctx context.Context, q db.Q, module, version string) (versionRow, error) {
	var r versionRow
	err := q.Get(ctx, &r, `SELECT manifest, manifest_sha256, description, bundle_id, gave_way_at FROM module_version WHERE module = $1 AND version = $2`, module, version)
	return r, err
}

type grantRow struct {
	Capability string `db:"capability" json:"capability"`
	ScopeKind  string `db:"scope_kind" json:"scope_kind"`
}

// catalogueRow is a module with its version and grants, a JSON array of [grantRow].
type catalogueRow struct {
	headRow
	versionRow
	Grants json.RawMessage `db:"grants"`
	// Owner is the centre whose keys sign it; Places a JSON array of [whereRow].
	Owner  uuid.NullUUID   `db:"owner"`
	Places json.RawMessage `db:"places"`
}

func readCatalogue(ctx context.Context, q db.Q, all bool, centres []uuid.UUID) ([]catalogueRow, error) {
	var out []catalogueRow
	err := q.Select(ctx, &out, `SELECT m.id, m.enabled, m.version, m.revision, m.everywhere, m.centre_id AS owner, v.manifest, v.manifest_sha256, v.description, v.bundle_id, v.gave_way_at,
			(SELECT coalesce(json_agg(json_build_object('capability', g.capability, 'scope_kind', g.scope_kind) ORDER BY g.capability, g.scope_kind), '[]')
				FROM module_grant g WHERE g.module = m.id) AS grants,
			(SELECT coalesce(json_agg(json_build_object('module', c.module, 'centre_id', c.centre_id, 'name', i.name) ORDER BY i.name_folded, i.id), '[]')
				FROM module_centre c JOIN institution i ON i.id = c.centre_id WHERE c.module = m.id) AS places
		FROM module m JOIN module_version v ON v.module = m.id AND v.version = m.version
		WHERE $1 OR m.centre_id = ANY ($2) ORDER BY m.id LIMIT $3`, all, pq.Array(centres), maxModules)
	return out, err
}

// typesRow is an enabled module with what it says of itself.
type typesRow struct {
	ID          string          `db:"id"`
	Description json.RawMessage `db:"description"`
}

// readTypes reads the enabled modules but one. In a transaction it lets none be
// enabled meanwhile.
func readTypes(ctx context.Context, q db.Q, but string) ([]typesRow, error) {
	if tx, ok := q.(*db.Tx); ok {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('module types', 0))`); err != nil {
			return nil, err
		}
	}
	var out []typesRow
	err := q.Select(ctx, &out, `SELECT m.id, v.description FROM module m JOIN module_version v ON v.module = m.id AND v.version = m.version
		WHERE m.enabled AND m.id <> $1 ORDER BY m.id LIMIT $2`, but, maxModules)
	return out, err
}

func readGrants(ctx context.Context, q db.Q, module string) ([]grantRow, error) {
	var out []grantRow
	err := q.Select(ctx, &out, `SELECT capability, scope_kind FROM module_grant WHERE module = $1 ORDER BY capability, scope_kind LIMIT 1000`, module)
	return out, err
}

type ruleRow struct {
	Role string `db:"role"`
	Part string `db:"part"`
	Name string `db:"name"`
}

func readRules(ctx context.Context, q db.Q, module string) ([]ruleRow, error) {
	var out []ruleRow
	err := q.Select(ctx, &out, `SELECT role, part, name FROM module_rule WHERE module = $1 ORDER BY role, part, name LIMIT 5000`, module)
	return out, err
}

// setDesired writes the desired state and holds the row until the end of the
// transaction, so that two administrators act one after the other; false when
// the module belongs to somebody else.
func setDesired(ctx context.Context, tx *db.Tx, id, version string, owner, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO module (id, enabled, version, centre_id, changed_by, changed_at) VALUES ($1, true, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET enabled = true, version = excluded.version, revision = module.revision + 1,
			changed_by = excluded.changed_by, changed_at = excluded.changed_at
		WHERE module.centre_id IS NOT DISTINCT FROM excluded.centre_id`, id, version, nullID(owner), nullID(by), at)
	return n == 1, err
}

// setDisabled reports false when there is no such module.
func setDisabled(ctx context.Context, tx *db.Tx, id string, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE module SET enabled = false, revision = revision + 1, changed_by = $2, changed_at = $3 WHERE id = $1`, id, nullID(by), at)
	return n == 1, err
}

func putVersion(ctx context.Context, tx *db.Tx, module, version string, r versionRow, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO module_version (module, version, manifest, manifest_sha256, description, described_at, bundle_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (module, version) DO UPDATE
		SET manifest = excluded.manifest, manifest_sha256 = excluded.manifest_sha256, description = excluded.description, described_at = excluded.described_at, bundle_id = excluded.bundle_id, gave_way_at = NULL`,
		module, version, string(r.Manifest), r.Sum, string(r.Description), at, r.Bundle)
	return err
}

func replaceRights(ctx context.Context, tx *db.Tx, module string, grants []grantRow, rules []ruleRow, by uuid.UUID, at time.Time) error {
	if _, err := tx.Exec(ctx, `DELETE FROM module_grant WHERE module = $1`, module); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM module_rule WHERE module = $1`, module); err != nil {
		return err
	}
	for _, g := range grants {
		if _, err := tx.Exec(ctx, `INSERT INTO module_grant (module, capability, scope_kind, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5)`,
			module, g.Capability, g.ScopeKind, nullID(by), at); err != nil {
			return err
		}
	}
	for _, r := range rules {
		if _, err := tx.Exec(ctx, `INSERT INTO module_rule (module, role, part, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			module, r.Role, r.Part, r.Name); err != nil {
			return err
		}
	}
	return nil
}

type processRow struct {
	Node    string    `db:"node"`
	Module  string    `db:"module"`
	Version string    `db:"version"`
	State   string    `db:"state"`
	Cause   string    `db:"cause"`
	Reason  string    `db:"reason"`
	PID     int       `db:"pid"`
	Starts  int       `db:"starts"`
	Since   time.Time `db:"since"`
	// What holds the process in, and the bytes that it takes.
	Tier     string         `db:"tier"`
	Layers   pq.StringArray `db:"layers"`
	Landlock int            `db:"landlock"`
	Memory   int64          `db:"memory"`
	// The version that comes up beside it; empty for none.
	NextVersion string `db:"next_version"`
	NextState   string `db:"next_state"`
	NextCause   string `db:"next_cause"`
	NextReason  string `db:"next_reason"`
	// Calls and how long they take, in microseconds.
	Calls       int64 `db:"calls"`
	TookMedian  int64 `db:"took_median"`
	TookSlowest int64 `db:"took_slowest"`
	// The last call that failed by the module's own fault; FailedAt is NULL for none.
	FailedAt     sql.NullTime `db:"failed_at"`
	FailureCause string       `db:"failure_cause"`
	FailureCall  string       `db:"failure_call"`
	Failure      string       `db:"failure"`
}

func putProcess(ctx context.Context, q db.Q, r *processRow) error {
	_, err := q.Exec(ctx, `INSERT INTO module_process (node, module, version, state, cause, reason, pid, starts, since, seen_at,
			failed_at, failure_cause, failure_call, failure, tier, layers, landlock, memory, next_version, next_state, next_cause, next_reason,
			calls, took_median, took_slowest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now(), $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) ON CONFLICT (node, module) DO UPDATE
		SET version = excluded.version, state = excluded.state, cause = excluded.cause, reason = excluded.reason, pid = excluded.pid,
			starts = excluded.starts, since = excluded.since, seen_at = now(), failed_at = excluded.failed_at,
			failure_cause = excluded.failure_cause, failure_call = excluded.failure_call, failure = excluded.failure,
			tier = excluded.tier, layers = excluded.layers, landlock = excluded.landlock, memory = excluded.memory,
			next_version = excluded.next_version, next_state = excluded.next_state, next_cause = excluded.next_cause, next_reason = excluded.next_reason,
			calls = excluded.calls, took_median = excluded.took_median, took_slowest = excluded.took_slowest`,
		r.Node, r.Module, r.Version, r.State, r.Cause, r.Reason, r.PID, r.Starts, r.Since, r.FailedAt, r.FailureCause, r.FailureCall, r.Failure,
		r.Tier, r.Layers, r.Landlock, r.Memory, r.NextVersion, r.NextState, r.NextCause, r.NextReason, r.Calls, r.TookMedian, r.TookSlowest)
	return err
}

// forgetProcesses removes what this node said, and what dead nodes said long ago.
func forgetProcesses(ctx context.Context, q db.Q, node string) error {
	_, err := q.Exec(ctx, `DELETE FROM module_process WHERE node = $1 OR seen_at < now() - interval '1 hour'`, node)
	return err
}

func readProcesses(ctx context.Context, q db.Q) ([]processRow, error) {
	var out []processRow
	err := q.Select(ctx, &out, `SELECT node, module, version, state, cause, reason, pid, starts, since,
			failed_at, failure_cause, failure_call, failure, tier, layers, landlock, memory, next_version, next_state, next_cause, next_reason,
			calls, took_median, took_slowest
		FROM module_process
		WHERE seen_at > now() - interval '1 minute' ORDER BY module, node LIMIT 2000`)
	return out, err
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

// nonePart has one row while no module is enabled.
const nonePart = "plugin.none"

var none = gather.Part{Key: nonePart, SQL: `SELECT 1 AS n WHERE NOT EXISTS (SELECT 1 FROM module WHERE enabled)`}
