package audit

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// insertEvent takes what [Log.values] gives.
const insertEvent = `INSERT INTO audit_event
	(domain_at, actor_id, actor_system, request_id, action, object_kind, object_id, scope_kind, scope_id, fields, digest)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// row is an event as it lies in the table.
type row struct {
	ID          int64          `db:"id"`
	At          time.Time      `db:"at"`
	DomainAt    time.Time      `db:"domain_at"`
	Xact        string         `db:"xact"`
	ActorID     uuid.NullUUID  `db:"actor_id"`
	ActorSystem string         `db:"actor_system"`
	RequestID   string         `db:"request_id"`
	Action      string         `db:"action"`
	ObjectKind  string         `db:"object_kind"`
	ObjectID    string         `db:"object_id"`
	ScopeKind   string         `db:"scope_kind"`
	ScopeID     uuid.NullUUID  `db:"scope_id"`
	Fields      pq.StringArray `db:"fields"`
	Digest      []byte         `db:"digest"`
}

const columns = `e.id, e.at, e.domain_at, e.xact::text AS xact, e.actor_id, e.actor_system, e.request_id, e.action, e.object_kind, e.object_id,
	e.scope_kind, e.scope_id, e.fields, e.digest`

// sealing is how far the account is sealed, and which transactions run.
type sealing struct {
	From     string `db:"xact"`
	After    int64  `db:"event_id"` // of transaction From, all up to this event are sealed
	Cluster  string `db:"cluster"`
	Here     string `db:"here"`
	Oldest   string `db:"oldest"` // of the running transactions
	restored bool
}

func lockSealing(ctx context.Context, tx *db.Tx) (s sealing, err error) {
	err = tx.Get(ctx, &s, `SELECT s.xact, s.event_id, s.cluster, c.system_identifier::text AS here, pg_snapshot_xmin(pg_current_snapshot())::text AS oldest
		FROM audit_sealing s, pg_control_system() c FOR UPDATE OF s`)
	return s, err
}

func setSealing(ctx context.Context, tx *db.Tx, xact string, event int64, cluster string) error {
	_, err := tx.Exec(ctx, `UPDATE audit_sealing SET xact = $1, event_id = $2, cluster = $3`, xact, event, cluster)
	return err
}

func unsealed(ctx context.Context, tx *db.Tx, s sealing, limit int) (out []row, err error) {
	err = tx.Select(ctx, &out, `SELECT `+columns+` FROM audit_event e
		WHERE (e.xact, e.id) > ($1::text::xid8, $5) AND (e.xact < $2::text::xid8 OR $3) AND NOT EXISTS (SELECT 1 FROM audit_link k WHERE k.event_id = e.id)
		ORDER BY e.xact, e.id LIMIT $4`, s.From, s.Oldest, s.restored, limit, s.After)
	return out, err
}

// lastLink is the newest link, or what the next one stands on after a cut.
func lastLink(ctx context.Context, q db.Q) (h Head, err error) {
	var r struct {
		Link int64     `db:"link"`
		Hash []byte    `db:"hash"`
		At   time.Time `db:"at"`
	}
	err = q.Get(ctx, &r, `(SELECT link, hash, sealed_at AS at FROM audit_link ORDER BY link DESC LIMIT 1)
		UNION ALL (SELECT link, hash, made_at FROM audit_cut ORDER BY link DESC LIMIT 1) ORDER BY link DESC LIMIT 1`)
	if db.IsNoRows(err) {
		return h, nil
	}
	copy(h.Hash[:], r.Hash)
	h.Link, h.At = r.Link, r.At
	return h, err
}

func insertLinks(ctx context.Context, tx *db.Tx, links, events []int64, hashes [][]byte) (at time.Time, err error) {
	err = tx.Get(ctx, &at, `WITH made AS (INSERT INTO audit_link (link, event_id, hash) SELECT n.link, n.event_id, n.hash
			FROM unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS n (link, event_id, hash)
		RETURNING sealed_at) SELECT max(sealed_at) FROM made`, pq.Array(links), pq.Array(events), pq.Array(hashes))
	return at, err
}

type linkRow struct {
	Link    int64  `db:"link"`
	EventID int64  `db:"event_id"`
	Hash    []byte `db:"hash"`
	Have    bool   `db:"have"`
	row
}

func listLinks(ctx context.Context, q db.Q, after int64, limit int) (out []linkRow, err error) {
	err = q.Select(ctx, &out, `SELECT k.link, k.event_id, k.hash, e.id IS NOT NULL AS have, COALESCE(e.id, 0) AS id, COALESCE(e.at, 'epoch') AS at,
			COALESCE(e.domain_at, 'epoch') AS domain_at, COALESCE(e.xact::text, '') AS xact, e.actor_id, COALESCE(e.actor_system, '') AS actor_system,
			COALESCE(e.request_id, '') AS request_id, COALESCE(e.action, '') AS action, COALESCE(e.object_kind, '') AS object_kind,
			COALESCE(e.object_id, '') AS object_id, COALESCE(e.scope_kind, '') AS scope_kind, e.scope_id, e.fields, e.digest
		FROM audit_link k LEFT JOIN audit_event e ON e.id = k.event_id WHERE k.link > $1 ORDER BY k.link LIMIT $2`, after, limit)
	return out, err
}

type checkpointRow struct {
	Link      int64  `db:"link"`
	Hash      []byte `db:"hash"`
	Signature []byte `db:"signature"`
}

func lastCheckpoint(ctx context.Context, q db.Q) (c checkpointRow, err error) {
	err = q.Get(ctx, &c, `SELECT link, hash, signature FROM audit_cut ORDER BY link DESC LIMIT 1`)
	if db.IsNoRows(err) {
		return c, nil
	}
	return c, err
}

// slipped finds an event without a link although everything of its time is
// sealed: somebody wrote it in later, or took its link away.
func slipped(ctx context.Context, q db.Q) (*Bad, error) {
	var id int64
	err := q.Get(ctx, &id, `SELECT e.id FROM audit_event e, audit_sealing s
		WHERE e.xact < s.xact::xid8 AND NOT EXISTS (SELECT 1 FROM audit_link k WHERE k.event_id = e.id) ORDER BY e.id LIMIT 1`)
	if db.IsNoRows(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Bad{Event: id, Why: Slipped}, nil
}

func countUnsealed(ctx context.Context, q db.Q) (n int64, err error) {
	err = q.Get(ctx, &n, `SELECT count(*) FROM audit_event e, audit_sealing s
		WHERE e.xact >= s.xact::xid8 AND NOT EXISTS (SELECT 1 FROM audit_link k WHERE k.event_id = e.id)`)
	return n, err
}

// cutPoint is the newest link, at most limit from the oldest, up to which every
// event happened before the given time; the chain's last link is never it.
func cutPoint(ctx context.Context, tx *db.Tx, before time.Time, limit int) (h Head, err error) {
	var r struct {
		Link int64  `db:"link"`
		Hash []byte `db:"hash"`
	}
	err = tx.Get(ctx, &r, `WITH oldest AS (
			SELECT k.link, k.hash, e.at FROM audit_link k JOIN audit_event e ON e.id = k.event_id ORDER BY k.link LIMIT $2)
		SELECT link, hash FROM oldest WHERE link < COALESCE((SELECT min(link) FROM oldest WHERE at >= $1), 9223372036854775807)
			AND link < (SELECT max(link) FROM audit_link) ORDER BY link DESC LIMIT 1`, before, limit)
	if db.IsNoRows(err) {
		return h, nil
	}
	copy(h.Hash[:], r.Hash)
	h.Link = r.Link
	return h, err
}

func insertCheckpoint(ctx context.Context, tx *db.Tx, link int64, hash, signature []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO audit_cut (link, hash, signature) VALUES ($1, $2, $3)`, link, hash, signature)
	return err
}

// deleteUpTo deletes links and their events; the triggers let it through only
// within a transaction that says what it does.
func deleteUpTo(ctx context.Context, tx *db.Tx, link int64) (int64, error) {
	if _, err := tx.Exec(ctx, `SELECT set_config('sieci.audit_cut', 'on', true)`); err != nil {
		return 0, err
	}
	var ids pq.Int64Array
	if err := tx.Get(ctx, &ids, `WITH gone AS (DELETE FROM audit_link WHERE link <= $1 RETURNING event_id) SELECT COALESCE(array_agg(event_id), '{}') FROM gone`, link); err != nil {
		return 0, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM audit_event WHERE id = ANY($1)`, ids)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `SELECT set_config('sieci.audit_cut', '', true)`)
	return n, err
}
