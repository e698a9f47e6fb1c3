package plugin

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// maxKeys bounds the list of keys.
const maxKeys = 500

type keyRow struct {
	ID         string         `db:"id"`
	Public     []byte         `db:"public_key"`
	Namespace  string         `db:"namespace"`
	Centre     uuid.NullUUID  `db:"centre_id"`
	CentreName string         `db:"centre_name"`
	Name       string         `db:"name"`
	From       time.Time      `db:"valid_from"`
	To         time.Time      `db:"valid_to"`
	AddedAt    time.Time      `db:"added_at"`
	RevokedAt  sql.NullTime   `db:"revoked_at"`
	Reason     string         `db:"revoked_reason"`
	Running    pq.StringArray `db:"running"`
}

func (r *keyRow) key() Key {
	k := Key{ID: r.ID, Namespace: r.Namespace, Centre: r.Centre.UUID, CentreName: r.CentreName, Name: r.Name, From: r.From.UTC(), To: r.To.UTC(),
		AddedAt: r.AddedAt, Reason: r.Reason, Running: r.Running, public: r.Public}
	if r.RevokedAt.Valid {
		k.RevokedAt = &r.RevokedAt.Time
	}
	return k
}

const keyColumns = `k.id, k.public_key, k.namespace, k.centre_id, coalesce(i.name, '') AS centre_name, k.name, k.valid_from, k.valid_to, k.added_at, k.revoked_at, k.revoked_reason,
	ARRAY(SELECT m.id FROM module_bundle b JOIN module_version v ON v.bundle_id = b.id JOIN module m ON m.id = v.module AND m.version = v.version AND m.enabled
		WHERE b.key_id = k.id ORDER BY m.id LIMIT 200) AS running
	FROM module_key k LEFT JOIN institution i ON i.id = k.centre_id`

// readKey is nil for an unknown key.
func readKey(ctx context.Context, q db.Q, id string) (*Key, error) {
	return oneKey(ctx, q, `SELECT `+keyColumns+` WHERE k.id = $1`, id)
}

// keyOfBundle is nil for the development key.
func keyOfBundle(ctx context.Context, q db.Q, id uuid.UUID) (*Key, error) {
	return oneKey(ctx, q, `SELECT `+keyColumns+` WHERE k.id = (SELECT b.key_id FROM module_bundle b WHERE b.id = $1)`, id)
}

// heldKey is [keyOfBundle] as it stays until the end of the transaction.
func heldKey(ctx context.Context, tx *db.Tx, id uuid.UUID) (*Key, error) {
	if _, err := tx.Exec(ctx, `SELECT 1 FROM module_key WHERE id = (SELECT b.key_id FROM module_bundle b WHERE b.id = $1) FOR SHARE`, id); err != nil {
		return nil, err
	}
	return keyOfBundle(ctx, tx, id)
}

func oneKey(ctx context.Context, q db.Q, query string, arg any) (*Key, error) {
	var r keyRow
	err := q.Get(ctx, &r, query, arg)
	if db.IsNoRows(err) {
		return nil, nil
	}
	k := r.key()
	return &k, err
}

func readKeys(ctx context.Context, q db.Q, all bool, centres []uuid.UUID) ([]Key, error) {
	var rows []keyRow
	err := q.Select(ctx, &rows, `SELECT `+keyColumns+` WHERE $1 OR k.centre_id = ANY ($2) ORDER BY k.namespace, k.added_at DESC, k.id LIMIT $3`, all, pq.Array(centres), maxKeys)
	out := make([]Key, len(rows))
	for i := range rows {
		out[i] = rows[i].key()
	}
	return out, err
}

// namespaceOwner reports whether the namespace has an owner, by a key or by a
// module that was enabled once, and which centre that is (uuid.Nil for ORE).
func namespaceOwner(ctx context.Context, tx *db.Tx, namespace string) (bool, uuid.UUID, error) {
	// Two keys of a new namespace are added one after the other.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('module namespace ' || $1::text, 0))`, namespace); err != nil {
		return false, uuid.Nil, err
	}
	var owner uuid.NullUUID
	err := tx.Get(ctx, &owner, `(SELECT centre_id FROM module_key WHERE namespace = $1 ORDER BY added_at LIMIT 1)
		UNION ALL (SELECT centre_id FROM module WHERE split_part(id, '.', 1) = $1 ORDER BY id LIMIT 1) LIMIT 1`, namespace)
	if db.IsNoRows(err) {
		return false, uuid.Nil, nil
	}
	return err == nil, owner.UUID, err
}

func insertKey(ctx context.Context, tx *db.Tx, in *KeyInput, id string, public []byte, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO module_key (id, public_key, namespace, centre_id, name, valid_from, valid_to, added_by, added_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, id, public, in.Namespace, nullID(in.Centre), in.Name, in.From, in.To, nullID(by), at)
	return err
}

// revokeKey reports false for a key that was revoked before.
func revokeKey(ctx context.Context, tx *db.Tx, id, reason string, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE module_key SET revoked_by = $2, revoked_at = $3, revoked_reason = $4 WHERE id = $1 AND revoked_at IS NULL`, id, nullID(by), at, reason)
	return n == 1, err
}

// bundleRow is a bundle that was handed in, without its files.
type bundleRow struct {
	ID          uuid.UUID      `db:"id"`
	Module      string         `db:"module"`
	Version     string         `db:"version"`
	Manifest    []byte         `db:"manifest"`
	Sum         []byte         `db:"manifest_sha256"`
	Signature   []byte         `db:"signature"`
	Key         sql.NullString `db:"key_id"`
	Size        int64          `db:"size"`
	AddedAt     time.Time      `db:"added_at"`
	AddedBy     string         `db:"added_name"`
	Description []byte         `db:"description"`
	Cause       string         `db:"cause"`
	Problem     string         `db:"problem"`
	// Owner is the centre whose key signed it; Used that a version that was
	// enabled once runs from it.
	Owner uuid.NullUUID `db:"owner"`
	Used  bool          `db:"used"`
}

const bundleColumns = `b.id, b.module, b.version, b.manifest, b.manifest_sha256, b.signature, b.key_id, b.size, b.added_at,
	coalesce((SELECT p.name FROM person p WHERE p.id = b.added_by), '') AS added_name, b.description, b.cause, b.problem, k.centre_id AS owner,
	EXISTS (SELECT 1 FROM module_version v WHERE v.bundle_id = b.id) AS used
	FROM module_bundle b LEFT JOIN module_key k ON k.id = b.key_id`

// maxStored bounds bundles of the catalogue.
const maxStored = 500

// readBundles lists bundles by module, in the order in which they came.
func readBundles(ctx context.Context, q db.Q, all bool, centres []uuid.UUID) ([]bundleRow, error) {
	var out []bundleRow
	err := q.Select(ctx, &out, `SELECT `+bundleColumns+` WHERE $1 OR k.centre_id = ANY ($2) ORDER BY b.module, b.added_at, b.id LIMIT $3`, all, pq.Array(centres), maxStored)
	return out, err
}

// readBundle is nil for an unknown one.
func readBundle(ctx context.Context, q db.Q, id uuid.UUID) (*bundleRow, error) {
	return oneBundle(ctx, q, `SELECT `+bundleColumns+` WHERE b.id = $1`, id)
}

func bundleOf(ctx context.Context, q db.Q, module, version string) (*bundleRow, error) {
	return oneBundle(ctx, q, `SELECT `+bundleColumns+` WHERE b.module = $1 AND b.version = $2`, module, version)
}

func oneBundle(ctx context.Context, q db.Q, query string, args ...any) (*bundleRow, error) {
	var r bundleRow
	err := q.Get(ctx, &r, query, args...)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

func insertBundle(ctx context.Context, tx *db.Tx, r *bundleRow, by uuid.UUID) error {
	_, err := tx.Exec(ctx, `INSERT INTO module_bundle (id, module, version, manifest, manifest_sha256, signature, key_id, size, added_by, added_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, r.ID, r.Module, r.Version, r.Manifest, r.Sum, r.Signature, r.Key, r.Size, nullID(by), r.AddedAt)
	return err
}

// removeBundle takes a bundle away that nothing runs from; false otherwise.
func removeBundle(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM module_bundle b WHERE b.id = $1 AND NOT EXISTS (SELECT 1 FROM module_version v WHERE v.bundle_id = b.id)`, id)
	return n == 1, err
}

// putExamined keeps what the dry run said.
func putExamined(ctx context.Context, q db.Q, id uuid.UUID, description []byte, cause, problem string) error {
	_, err := q.Exec(ctx, `UPDATE module_bundle SET description = $2, cause = $3, problem = $4 WHERE id = $1`, id, sql.NullString{String: string(description), Valid: description != nil}, cause, problem)
	return err
}

// chunk is the size of a piece of a file: a message that PostgreSQL and this
// process hold easily, a hundred times.
const chunk = 1 << 20

// writeChunks keeps a file.
func writeChunks(ctx context.Context, tx *db.Tx, id uuid.UUID, f bundle.File, r io.Reader) error {
	buf := make([]byte, chunk)
	for part := 0; ; part++ {
		n, err := io.ReadFull(r, buf)
		if n > 0 {
			if _, err := tx.Exec(ctx, `INSERT INTO module_chunk (bundle_id, file, part, bytes) VALUES ($1, $2, $3, $4)`, id, f.Name, part, buf[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// chunks reads a kept file piece by piece. The context is that of the start
// that wants the file.
type chunks struct {
	ctx  context.Context
	q    db.Q
	id   uuid.UUID
	file string
	part int
	rest []byte
}

// Read implements io.Reader.
func (c *chunks) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		var raw []byte
		err := c.q.Get(c.ctx, &raw, `SELECT bytes FROM module_chunk WHERE bundle_id = $1 AND file = $2 AND part = $3`, c.id, c.file, c.part)
		if db.IsNoRows(err) {
			return 0, io.EOF
		}
		if err != nil {
			return 0, err
		}
		c.part, c.rest = c.part+1, raw
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (c *chunks) Close() error { return nil }

// ownerRow is what is known of a module's owner and of its versions.
type ownerRow struct {
	Centre  uuid.NullUUID `db:"centre_id"`
	Version string        `db:"version"`
}

// readOwner is nil for a module that was never enabled.
func readOwner(ctx context.Context, q db.Q, module string) (*ownerRow, error) {
	return oneOwner(ctx, q, `SELECT centre_id, version FROM module WHERE id = $1`, module)
}

func ownerOfBundle(ctx context.Context, q db.Q, id uuid.UUID) (*ownerRow, error) {
	return oneOwner(ctx, q, `SELECT m.centre_id, m.version FROM module m JOIN module_bundle b ON b.module = m.id WHERE b.id = $1`, id)
}

func oneOwner(ctx context.Context, q db.Q, query string, arg any) (*ownerRow, error) {
	var r ownerRow
	err := q.Get(ctx, &r, query, arg)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// whereRow is a centre under which networks of a module may be founded.
type whereRow struct {
	Module string    `db:"module" json:"module"`
	Centre uuid.UUID `db:"centre_id" json:"centre_id"`
	Name   string    `db:"name" json:"name"`
}

func readWhere(ctx context.Context, q db.Q, module string) ([]whereRow, error) {
	var out []whereRow
	err := q.Select(ctx, &out, `SELECT c.module, c.centre_id, i.name FROM module_centre c JOIN institution i ON i.id = c.centre_id
		WHERE c.module = $1 ORDER BY i.name_folded, i.id LIMIT 1000`, module)
	return out, err
}

// replaceWhere writes where networks of the module may be founded.
func replaceWhere(ctx context.Context, tx *db.Tx, module string, w Where, by uuid.UUID, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE module SET everywhere = $2 WHERE id = $1`, module, w.Everywhere); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM module_centre WHERE module = $1`, module); err != nil {
		return err
	}
	if w.Everywhere {
		return nil
	}
	_, err := tx.Exec(ctx, `INSERT INTO module_centre (module, centre_id, added_by, added_at)
		SELECT $1, c, $3, $4 FROM unnest($2::uuid[]) c GROUP BY c`, module, pq.Array(w.Centres), nullID(by), at)
	return err
}

// notCentres counts those of the ids that may not run networks.
func notCentres(ctx context.Context, q db.Q, ids []uuid.UUID) (int, error) {
	var n int
	err := q.Get(ctx, &n, `SELECT count(*) FROM unnest($1::uuid[]) c WHERE NOT EXISTS
		(SELECT 1 FROM institution i WHERE i.id = c AND i.kind IN ('centre', 'ore', 'department') AND i.closed_on IS NULL)`, pq.Array(ids))
	return n, err
}

// CentreOption is a centre that may run networks.
type CentreOption struct {
	ID   uuid.UUID `db:"id"`
	Name string    `db:"name"`
}

func readCentres(ctx context.Context, q db.Q) ([]CentreOption, error) {
	var out []CentreOption
	err := q.Select(ctx, &out, `SELECT i.id, CASE WHEN i.town = '' THEN i.name ELSE i.name || ', ' || i.town END AS name FROM institution i
		WHERE i.kind IN ('centre', 'ore', 'department') AND i.closed_on IS NULL ORDER BY i.name_folded, i.id LIMIT 1000`)
	return out, err
}

// revise makes every node look at the module again; false for an unknown one.
func revise(ctx context.Context, tx *db.Tx, module string, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE module SET revision = revision + 1, changed_by = $2, changed_at = $3 WHERE id = $1`, module, nullID(by), at)
	return n == 1, err
}

// lockModule makes those who hand in bundles of one module act one after the other.
func lockModule(ctx context.Context, tx *db.Tx, module string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('module ' || $1::text, 0))`, module)
	return err
}

// countBundles counts an owner's bundles that were never enabled.
func countBundles(ctx context.Context, q db.Q, centre uuid.UUID) (int, error) {
	var n int
	err := q.Get(ctx, &n, `SELECT count(*) FROM module_bundle b LEFT JOIN module_key k ON k.id = b.key_id
		WHERE k.centre_id IS NOT DISTINCT FROM $1 AND NOT EXISTS (SELECT 1 FROM module_version v WHERE v.bundle_id = b.id)`, nullID(centre))
	return n, err
}

// runningRow is the version of a module that was enabled last.
type runningRow struct {
	Enabled  bool   `db:"enabled"`
	Version  string `db:"version"`
	Manifest []byte `db:"manifest"`
	Sum      []byte `db:"manifest_sha256"`
	// Grants is a JSON array of [grantRow].
	Grants json.RawMessage `db:"grants"`
}

// runningOfBundle is nil for a module that was never enabled.
func runningOfBundle(ctx context.Context, q db.Q, id uuid.UUID) (*runningRow, error) {
	var r runningRow
	err := q.Get(ctx, &r, `SELECT m.enabled, m.version, v.manifest, v.manifest_sha256,
			(SELECT coalesce(json_agg(json_build_object('capability', g.capability, 'scope_kind', g.scope_kind)), '[]') FROM module_grant g WHERE g.module = m.id) AS grants
		FROM module_bundle b JOIN module m ON m.id = b.module
		JOIN module_version v ON v.module = m.id AND v.version = m.version WHERE b.id = $1`, id)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &r, nil
}
