package file

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

const selectFile = `SELECT id, owner_id, name, media_type, size, sha256, state, object_kind, object_id, scope_kind, scope_id, created_at FROM file `

func get(ctx context.Context, q db.Q, id uuid.UUID) (File, error) {
	var f File
	err := q.Get(ctx, &f, selectFile+`WHERE id = $1`, id)
	return f, err
}

// maxPerObject bounds the files of one object in a list.
const maxPerObject = 200

func ofObjects(ctx context.Context, q db.Q, kind string, ids []uuid.UUID) ([]File, error) {
	var out []File
	err := q.Select(ctx, &out, selectFile+`WHERE object_kind = $1 AND object_id = any(CAST($2 AS uuid[])) AND state = 'attached'
		ORDER BY object_id, id LIMIT $3`, kind, pq.Array(ids), maxPerObject*max(1, len(ids)))
	return out, err
}

func ownTemporary(ctx context.Context, q db.Q, owner uuid.UUID, ids []uuid.UUID) ([]File, error) {
	var out []File
	err := q.Select(ctx, &out, selectFile+`WHERE id = any(CAST($2 AS uuid[])) AND owner_id = $1 AND state = 'temporary'`, owner, pq.Array(ids))
	return out, err
}

func used(ctx context.Context, q db.Q, owner uuid.UUID) (int64, error) {
	var n int64
	err := q.Get(ctx, &n, `SELECT coalesce(CAST(sum(size) AS bigint), 0) FROM file WHERE owner_id = $1 AND state <> 'detached'`, owner)
	return n, err
}

// lockOwner makes one person's uploads take turns, so that two at once cannot
// both fit into the last of the quota.
func lockOwner(ctx context.Context, tx *db.Tx, owner uuid.UUID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('file:' || $1, 0))`, owner.String())
	return err
}

func insert(ctx context.Context, tx *db.Tx, f File) error {
	_, err := tx.Exec(ctx, `INSERT INTO file (id, owner_id, name, media_type, size, sha256) VALUES ($1, $2, $3, $4, $5, $6)`,
		f.ID, f.Owner, f.Name, f.MediaType, f.Size, f.SHA256)
	return err
}

func attach(ctx context.Context, tx *db.Tx, owner uuid.UUID, ids []uuid.UUID, o Object) (int64, error) {
	scope := uuid.NullUUID{UUID: o.ScopeID, Valid: o.ScopeKind != ""}
	return tx.Exec(ctx, `UPDATE file
		SET state = 'attached', object_kind = $3, object_id = $4, scope_kind = $5, scope_id = $6, attached_at = coalesce(attached_at, now())
		WHERE id = any(CAST($2 AS uuid[])) AND
		      (state = 'temporary' AND owner_id = $1 OR state = 'attached' AND object_kind = $3 AND object_id = $4)`,
		owner, pq.Array(ids), o.Kind, o.ID, o.ScopeKind, scope)
}

func detach(ctx context.Context, tx *db.Tx, kind string, object uuid.UUID, keep []uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE file
		SET state = 'detached', object_kind = '', object_id = NULL, scope_kind = '', scope_id = NULL, attached_at = NULL
		WHERE object_kind = $1 AND object_id = $2 AND state = 'attached' AND NOT id = any(CAST($3 AS uuid[]))`,
		kind, object, pq.Array(keep))
	return err
}

// claimOrphans marks what is old and attached to nothing, so that no attach
// can come between, and returns it; also what an earlier sweep left unfinished.
// A form that is put aside again and again lives longer than its first upload:
// what one of the owner's drafts names is not an orphan, however old.
func claimOrphans(ctx context.Context, q db.Q, before time.Time, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `UPDATE file SET state = 'detached' WHERE id IN
		(SELECT f.id FROM file f WHERE f.state = 'detached' OR f.state = 'temporary' AND f.created_at < $1
			AND NOT EXISTS (SELECT 1 FROM draft d WHERE d.person_id = f.owner_id AND strpos(CAST(d.state AS text), CAST(f.id AS text)) > 0)
		 ORDER BY f.created_at LIMIT $2 FOR UPDATE OF f SKIP LOCKED) RETURNING id`, before, limit)
	return ids, err
}

func discard(ctx context.Context, tx *db.Tx, owner, id uuid.UUID) (int64, error) {
	return tx.Exec(ctx, `UPDATE file SET state = 'detached' WHERE id = $1 AND owner_id = $2 AND state = 'temporary'`, id, owner)
}

func remove(ctx context.Context, q db.Q, id uuid.UUID) error {
	_, err := q.Exec(ctx, `DELETE FROM file WHERE id = $1 AND state = 'detached'`, id)
	return err
}
