package record

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

type kindRow struct {
	Module     string `db:"module"`
	Name       string `db:"name"`
	Definition []byte `db:"definition"`
	Slots      []byte `db:"slots"`
}

func findKind(ctx context.Context, q db.Q, module, name string) (kindRow, error) {
	var r kindRow
	err := q.Get(ctx, &r, `SELECT module, name, definition, slots FROM record_kind WHERE module = $1 AND name = $2`, module, name)
	return r, err
}

// lockKinds serialises the declarations of one module.
func lockKinds(ctx context.Context, tx *db.Tx, module string) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('record_kind/' || $1, 0))`, module)
	return err
}

func putKind(ctx context.Context, tx *db.Tx, r kindRow, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO record_kind (module, name, definition, slots, declared_at)
		VALUES ($1, $2, CAST($3 AS jsonb), CAST($4 AS jsonb), $5)
		ON CONFLICT (module, name) DO UPDATE SET definition = excluded.definition, slots = excluded.slots, declared_at = excluded.declared_at`,
		r.Module, r.Name, string(r.Definition), string(r.Slots), at)
	return err
}

// putForm adds a revision; it returns the digest that is stored for it.
func putForm(ctx context.Context, tx *db.Tx, module, kind string, rev int, sum []byte, document string) ([]byte, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO record_form (module, kind, rev, sha256, document)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (module, kind, rev) DO NOTHING`, module, kind, rev, sum, document); err != nil {
		return nil, err
	}
	var stored []byte
	err := tx.Get(ctx, &stored, `SELECT sha256 FROM record_form WHERE module = $1 AND kind = $2 AND rev = $3`, module, kind, rev)
	return stored, err
}

func findForm(ctx context.Context, q db.Q, module, kind string, rev int) (string, error) {
	var s string
	err := q.Get(ctx, &s, `SELECT document FROM record_form WHERE module = $1 AND kind = $2 AND rev = $3`, module, kind, rev)
	return s, err
}

// olderRow is a record under an earlier revision of its form.
type olderRow struct {
	Revision int    `db:"form_rev"`
	Data     []byte `db:"data"`
}

// readOlder reads, of the newest n records of a kind, those under another revision.
func readOlder(ctx context.Context, q db.Q, module, kind string, rev, n int) ([]olderRow, error) {
	var out []olderRow
	err := q.Select(ctx, &out, `SELECT r.form_rev, r.data FROM (SELECT form_rev, data FROM record WHERE module = $1 AND kind = $2 ORDER BY id DESC LIMIT $4) r
		WHERE r.form_rev <> $3`, module, kind, rev, n)
	return out, err
}

// wipe holds the statement that empties each index column of a kind.
var wipe = func() map[string]string {
	out := map[string]string{}
	for _, list := range [][]string{numberColumns, textColumns} {
		for _, c := range list {
			out[c] = "UPDATE record SET " + c + " = NULL WHERE module = $1 AND kind = $2 AND " + c + " IS NOT NULL"
		}
	}
	return out
}()

// slots are the values of all index columns, nil where there is none.
type slots struct {
	N1 *string `db:"n1"`
	N2 *string `db:"n2"`
	N3 *string `db:"n3"`
	N4 *string `db:"n4"`
	N5 *string `db:"n5"`
	N6 *string `db:"n6"`
	N7 *string `db:"n7"`
	N8 *string `db:"n8"`
	T1 *string `db:"t1"`
	T2 *string `db:"t2"`
	T3 *string `db:"t3"`
	T4 *string `db:"t4"`
	T5 *string `db:"t5"`
	T6 *string `db:"t6"`
	T7 *string `db:"t7"`
	T8 *string `db:"t8"`
}

const slotColumns = `CAST(r.n1 AS text) AS n1, CAST(r.n2 AS text) AS n2, CAST(r.n3 AS text) AS n3, CAST(r.n4 AS text) AS n4,
	CAST(r.n5 AS text) AS n5, CAST(r.n6 AS text) AS n6, CAST(r.n7 AS text) AS n7, CAST(r.n8 AS text) AS n8,
	r.t1, r.t2, r.t3, r.t4, r.t5, r.t6, r.t7, r.t8`

// at is where the value of a column lies.
func (s *slots) at(column string) **string {
	n := int(column[1] - '1')
	if column[0] == 'n' {
		return [...]**string{&s.N1, &s.N2, &s.N3, &s.N4, &s.N5, &s.N6, &s.N7, &s.N8}[n]
	}
	return [...]**string{&s.T1, &s.T2, &s.T3, &s.T4, &s.T5, &s.T6, &s.T7, &s.T8}[n]
}

func (s *slots) args() []any {
	return []any{s.N1, s.N2, s.N3, s.N4, s.N5, s.N6, s.N7, s.N8, s.T1, s.T2, s.T3, s.T4, s.T5, s.T6, s.T7, s.T8}
}

type row struct {
	ID         uuid.UUID     `db:"id"`
	Module     string        `db:"module"`
	Kind       string        `db:"kind"`
	ScopeKind  string        `db:"scope_kind"`
	ScopeID    uuid.UUID     `db:"scope_id"`
	Person     uuid.NullUUID `db:"person_id"`
	Author     uuid.NullUUID `db:"author_id"`
	Decision   uuid.UUID     `db:"decision_id"`
	FormRev    int           `db:"form_rev"`
	Data       []byte        `db:"data"`
	ClosedAt   *time.Time    `db:"closed_at"`
	ClosedNote string        `db:"closed_note"`
	CreatedAt  time.Time     `db:"created_at"`
	ChangedAt  time.Time     `db:"changed_at"`
	Version    int64         `db:"version"`
	slots
}

func (r *row) scope() effect.Scope {
	return effect.Scope{Kind: effect.ScopeKind(r.ScopeKind), ID: r.ScopeID}
}

const rowColumns = `r.id, r.module, r.kind, r.scope_kind, r.scope_id, r.person_id, r.author_id, r.decision_id, r.form_rev, r.data,
	r.closed_at, r.closed_note, r.created_at, r.changed_at, r.version, ` + slotColumns

func find(ctx context.Context, q db.Q, id uuid.UUID) (row, error) {
	var r row
	err := q.Get(ctx, &r, `SELECT `+rowColumns+` FROM record r WHERE r.id = $1`, id)
	return r, db.NotFound(err)
}

// newest is the open record of a kind that was made last in a scope.
func newest(ctx context.Context, q db.Q, scope effect.Scope, kind string) (row, error) {
	var r row
	err := q.Get(ctx, &r, `SELECT `+rowColumns+` FROM record r WHERE r.scope_id = $1 AND r.scope_kind = $2 AND r.kind = $3 AND r.closed_at IS NULL
		ORDER BY r.created_at DESC, r.id DESC LIMIT 1`, scope.ID, string(scope.Kind), kind)
	return r, db.NotFound(err)
}

func insert(ctx context.Context, tx *db.Tx, r *row) error {
	args := append([]any{r.ID, r.Module, r.Kind, r.ScopeKind, r.ScopeID, r.Person, r.Author, r.Decision, r.FormRev, string(r.Data), r.CreatedAt}, r.args()...)
	_, err := tx.Exec(ctx, `INSERT INTO record (id, module, kind, scope_kind, scope_id, person_id, author_id, decision_id, form_rev, data, created_at, changed_at,
			n1, n2, n3, n4, n5, n6, n7, n8, t1, t2, t3, t4, t5, t6, t7, t8)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CAST($10 AS jsonb), $11, $11,
			CAST($12 AS numeric), CAST($13 AS numeric), CAST($14 AS numeric), CAST($15 AS numeric),
			CAST($16 AS numeric), CAST($17 AS numeric), CAST($18 AS numeric), CAST($19 AS numeric),
			$20, $21, $22, $23, $24, $25, $26, $27)`, args...)
	return err
}

// replace writes new contents over version old; 0 rows when it moved or closed.
func replace(ctx context.Context, tx *db.Tx, r *row, old int64) (int64, error) {
	args := append([]any{r.ID, old, r.Author, r.FormRev, string(r.Data), r.ChangedAt}, r.args()...)
	return tx.Exec(ctx, `UPDATE record SET version = version + 1, author_id = $3, form_rev = $4, data = CAST($5 AS jsonb), changed_at = $6,
			n1 = CAST($7 AS numeric), n2 = CAST($8 AS numeric), n3 = CAST($9 AS numeric), n4 = CAST($10 AS numeric),
			n5 = CAST($11 AS numeric), n6 = CAST($12 AS numeric), n7 = CAST($13 AS numeric), n8 = CAST($14 AS numeric),
			t1 = $15, t2 = $16, t3 = $17, t4 = $18, t5 = $19, t6 = $20, t7 = $21, t8 = $22
		WHERE id = $1 AND version = $2 AND closed_at IS NULL`, args...)
}

func closeRow(ctx context.Context, tx *db.Tx, id uuid.UUID, old int64, note string, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE record SET version = version + 1, closed_at = $3, closed_note = $4, changed_at = $3
		WHERE id = $1 AND version = $2 AND closed_at IS NULL`, id, old, at, note)
}

// keepVersion copies the contents that are about to be replaced.
func keepVersion(ctx context.Context, tx *db.Tx, id uuid.UUID, version int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO record_version (record_id, version, form_rev, data, author_id, at)
		SELECT id, version, form_rev, data, author_id, changed_at FROM record WHERE id = $1 AND version = $2`, id, version)
	return err
}

func dropKeys(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM record_key WHERE record_id = $1`, id)
	return err
}

// takeKey returns false when another open record holds the key.
func takeKey(ctx context.Context, tx *db.Tx, r *row, name, value string) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO record_key (scope_id, module, kind, name, value, record_id)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`, r.ScopeID, r.Module, r.Kind, name, value, r.ID)
	return n == 1, err
}

type idVersion struct {
	ID      uuid.UUID `db:"id"`
	Version int64     `db:"version"`
}

func lockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []idVersion
	// In the order of ids, so that two decisions never wait for each other.
	err := tx.Select(ctx, &rows, `SELECT id, version FROM record WHERE id = ANY($1) ORDER BY id LIMIT 10000 FOR SHARE`, pq.Array(ids))
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, nil
}

type versionRow struct {
	Version int64         `db:"version"`
	FormRev int           `db:"form_rev"`
	Data    []byte        `db:"data"`
	Author  uuid.NullUUID `db:"author_id"`
	At      time.Time     `db:"at"`
}

func listVersions(ctx context.Context, q db.Q, id uuid.UUID, before int64, limit int) ([]versionRow, error) {
	var rows []versionRow
	err := q.Select(ctx, &rows, `SELECT version, form_rev, data, author_id, at FROM record_version
		WHERE record_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3`, id, before, limit)
	return rows, err
}

// listRows is the core's own list of a kind in a scope, the newest first. all
// shows everybody's records; otherwise those of the scope and those of person.
func listRows(ctx context.Context, q db.Q, scope uuid.UUID, module, kind string, all bool, person uuid.UUID, before time.Time, beforeID uuid.UUID, limit int) ([]row, error) {
	var rows []row
	err := q.Select(ctx, &rows, `SELECT `+rowColumns+` FROM record r
		WHERE r.scope_id = $1 AND r.module = $2 AND r.kind = $3
		  AND ($4 OR r.person_id IS NULL OR r.person_id = $5 OR r.author_id = $5)
		  AND (r.created_at, r.id) < ($6, $7)
		ORDER BY r.created_at DESC, r.id DESC LIMIT $8`, scope, module, kind, all, person, before, beforeID, limit)
	return rows, err
}

// overviewRow is one of the newest records of its kind: the Place-th of all, and
// if the reader sees it among those of the scope and their own, the SeenPlace-th
// of these.
type overviewRow struct {
	kindRow
	Kind       string        `db:"kind"`
	N          int           `db:"n"`
	ID         uuid.UUID     `db:"id"`
	Person     uuid.NullUUID `db:"person_id"`
	Author     uuid.NullUUID `db:"author_id"`
	FormRev    int           `db:"form_rev"`
	Document   string        `db:"document"`
	Data       []byte        `db:"data"`
	ClosedAt   *time.Time    `db:"closed_at"`
	ClosedNote string        `db:"closed_note"`
	CreatedAt  time.Time     `db:"created_at"`
	ChangedAt  time.Time     `db:"changed_at"`
	Version    int64         `db:"version"`
	Seen       bool          `db:"seen"`
	Place      int           `db:"place"`
	SeenPlace  int           `db:"seen_place"`
}

// listOverview reads the newest records of every kind in a scope with kind and
// form: most of all and most of those that person sees without everybody's.
func listOverview(ctx context.Context, q db.Q, scope, person uuid.UUID, most int) ([]overviewRow, error) {
	var rows []overviewRow
	err := q.Select(ctx, &rows, `SELECT r.module, r.kind, k.name, k.definition, k.slots, x.n, r.id, r.person_id, r.author_id, r.form_rev, f.document, r.data,
			r.closed_at, r.closed_note, r.created_at, r.changed_at, r.version, x.seen, x.place, x.seen_place
		FROM (SELECT s.id, s.seen, count(*) OVER (PARTITION BY s.module, s.kind) AS n,
				row_number() OVER (PARTITION BY s.module, s.kind ORDER BY s.created_at DESC, s.id DESC) AS place,
				row_number() OVER (PARTITION BY s.module, s.kind, s.seen ORDER BY s.created_at DESC, s.id DESC) AS seen_place
			FROM (SELECT id, module, kind, created_at, coalesce(person_id IS NULL OR person_id = $2 OR author_id = $2, false) AS seen
				FROM record WHERE scope_id = $1) s) x
		JOIN record r ON r.id = x.id
		JOIN record_kind k ON k.module = r.module AND k.name = r.kind
		JOIN record_form f ON f.module = r.module AND f.kind = r.kind AND f.rev = r.form_rev
		WHERE x.place <= $3 OR x.seen AND x.seen_place <= $3
		ORDER BY r.module, r.kind, r.created_at DESC, r.id DESC LIMIT 400`, scope, person, most)
	return rows, err
}

type kindCount struct {
	Module string `db:"module"`
	Kind   string `db:"kind"`
	N      int    `db:"n"`
}

// countKinds lists the kinds that have records in the scope.
func countKinds(ctx context.Context, q db.Q, scope uuid.UUID) ([]kindCount, error) {
	var rows []kindCount
	err := q.Select(ctx, &rows, `SELECT module, kind, count(*) AS n FROM record
		WHERE scope_id = $1 GROUP BY module, kind ORDER BY module, kind LIMIT 200`, scope)
	return rows, err
}

var _ = db.Constraint("record_size", fault.TooLarge, "", "record.too_large")

// mergeMemberships points records of one person's memberships to those that
// another has of the same networks.
func mergeMemberships(ctx context.Context, tx *db.Tx, from, to uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE record r SET scope_id = y.id FROM membership x JOIN membership y ON y.network_id = x.network_id AND y.person_id = $2
		WHERE x.person_id = $1 AND r.scope_kind = 'membership' AND r.scope_id = x.id`, from, to)
	return err
}
