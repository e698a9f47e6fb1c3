package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/registry"
)

func insertImportRows(ctx context.Context, tx *db.Tx, id uuid.UUID, first int, rows []listed) error {
	n := len(rows)
	lines, versions := make([]int64, n), make([]int64, n)
	outcomes, emails, names, functions, notes := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	schools, invitations := make([]uuid.NullUUID, n), make([]uuid.NullUUID, n)
	was := make([]sql.NullString, n)
	for i := range rows {
		l := &rows[i]
		lines[i], versions[i], outcomes[i], emails[i], names[i], functions[i] = int64(l.line), int64(l.version), string(l.outcome), l.email, l.name, l.function
		schools[i] = uuid.NullUUID{UUID: l.institution, Valid: l.institution != uuid.Nil}
		invitations[i] = uuid.NullUUID{UUID: l.invitation, Valid: l.invitation != uuid.Nil}
		if l.notes == nil {
			l.notes = []ImportNote{}
		}
		raw, err := json.Marshal(l.notes)
		if err != nil {
			return err
		}
		notes[i] = string(raw)
		if l.was != nil {
			if raw, err = json.Marshal(l.was); err != nil {
				return err
			}
			was[i] = sql.NullString{String: string(raw), Valid: true}
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO person_import_row (import_id, no, line, outcome, email, name, function, institution_id, invitation_id, was, version, notes)
		SELECT $1, $2 + x.n, x.line, x.outcome, x.email, x.name, x.function, x.institution, x.invitation, CAST(x.was AS jsonb), x.version, CAST(x.notes AS jsonb)
		FROM unnest(CAST($3 AS int[]), CAST($4 AS text[]), CAST($5 AS text[]), CAST($6 AS text[]), CAST($7 AS text[]), CAST($8 AS uuid[]), CAST($9 AS uuid[]),
			CAST($10 AS text[]), CAST($11 AS int[]), CAST($12 AS text[]))
			WITH ORDINALITY AS x (line, outcome, email, name, function, institution, invitation, was, version, notes, n)`,
		id, first, pq.Array(lines), pq.Array(outcomes), pq.Array(emails), pq.Array(names), pq.Array(functions), pq.Array(schools), pq.Array(invitations),
		pq.Array(was), pq.Array(versions), pq.Array(notes))
	return err
}

// importOutside reports whether a row that waits to be written lies outside the reach.
func importOutside(ctx context.Context, q db.Q, id uuid.UUID, r access.Reach, at time.Time) (bool, error) {
	var outside bool
	err := q.Get(ctx, &outside, `SELECT EXISTS (SELECT 1 FROM person_import_row w JOIN institution i ON i.id = w.institution_id
		WHERE w.import_id = $4 AND w.outcome IN ('new', 'changed') AND `+schoolInReach("$1", "$2", "$3", "$5")+` IS NOT TRUE)`,
		r.All, pq.Array(r.Centres), pq.Array(r.Institutions), id, at)
	return outside, err
}

// stagedRow is a row on its way into the invitations or back.
type stagedRow struct {
	No          int           `db:"no"`
	Email       string        `db:"email"`
	Name        string        `db:"name"`
	Function    string        `db:"function"`
	Institution uuid.NullUUID `db:"institution_id"`
	Invitation  uuid.NullUUID `db:"invitation_id"`
	Was         []byte        `db:"was"`
	Version     int           `db:"version"`
}

func staged(ctx context.Context, q db.Q, id uuid.UUID, outcome Outcome, after, limit int) ([]stagedRow, error) {
	var rows []stagedRow
	err := q.Select(ctx, &rows, `SELECT no, email, name, function, institution_id, invitation_id, was, version FROM person_import_row
		WHERE import_id = $1 AND outcome = $2 AND no > $3 ORDER BY no LIMIT $4`, id, string(outcome), after, limit)
	return rows, err
}

// unmailed are the rows of a list whose invitation waits for its letter.
func unmailed(ctx context.Context, q db.Q, id uuid.UUID, after, limit int) ([]stagedRow, error) {
	var rows []stagedRow
	err := q.Select(ctx, &rows, `SELECT r.no, v.email, v.name, v.function, v.institution_id, r.invitation_id, r.was, r.version
		FROM person_import_row r JOIN person_invitation v ON v.id = r.invitation_id AND v.state = 'open' AND v.sent_at IS NULL
		WHERE r.import_id = $1 AND r.outcome = 'new' AND r.no > $2 ORDER BY r.no LIMIT $3`, id, after, limit)
	return rows, err
}

// insertImported makes the invitations of some rows and returns which of them it made.
func insertImported(ctx context.Context, tx *db.Tx, list uuid.UUID, by uuid.NullUUID, rows []stagedRow, now, ends time.Time) ([]uuid.UUID, error) {
	n := len(rows)
	ids, schools := make([]uuid.NullUUID, n), make([]uuid.NullUUID, n)
	emails, names, functions := make([]string, n), make([]string, n), make([]string, n)
	for i := range rows {
		r := &rows[i]
		ids[i], schools[i], emails[i], names[i], functions[i] = r.Invitation, r.Institution, r.Email, r.Name, r.Function
	}
	if err := endExpired(ctx, tx, emails, now); err != nil {
		return nil, err
	}
	var made []uuid.UUID
	err := tx.Select(ctx, &made, `INSERT INTO person_invitation (id, email, name, function, institution_id, import_id, invited_by, created_at, ends_at)
		SELECT x.id, x.email, x.name, x.function, x.institution, $6, $7, $8, $9
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS uuid[]), CAST($5 AS text[])) AS x (id, email, name, institution, function)
		ORDER BY x.email ON CONFLICT (institution_id, email) WHERE state IN ('open', 'declined') DO NOTHING RETURNING id`,
		pq.Array(ids), pq.Array(emails), pq.Array(names), pq.Array(schools), pq.Array(functions), list, by, now, ends)
	return made, err
}

// changeImported brings invitations that wait to what the rows say, those that are
// still as they were judged; it returns which.
func changeImported(ctx context.Context, tx *db.Tx, rows []stagedRow) ([]uuid.UUID, error) {
	values := make([]wasRow, len(rows))
	for i := range rows {
		values[i] = wasRow{rows[i].Name, rows[i].Function, rows[i].Institution.UUID}
	}
	return setImported(ctx, tx, rows, values, 0)
}

// restoreImported puts back what changed invitations were, of those that nobody
// touched since; it returns which.
func restoreImported(ctx context.Context, tx *db.Tx, rows []stagedRow) ([]uuid.UUID, error) {
	values := make([]wasRow, len(rows))
	for i := range rows {
		if err := json.Unmarshal(rows[i].Was, &values[i]); err != nil {
			return nil, err
		}
	}
	return setImported(ctx, tx, rows, values, 1)
}

func setImported(ctx context.Context, tx *db.Tx, rows []stagedRow, values []wasRow, since int) ([]uuid.UUID, error) {
	n := len(rows)
	ids, schools, versions := make([]uuid.NullUUID, n), make([]uuid.UUID, n), make([]int64, n)
	names, functions := make([]string, n), make([]string, n)
	for i := range rows {
		v := &values[i]
		ids[i], versions[i], schools[i], names[i], functions[i] = rows[i].Invitation, int64(rows[i].Version+since), v.Institution, v.Name, v.Function
	}
	var done []uuid.UUID
	err := tx.Select(ctx, &done, `UPDATE person_invitation v SET name = x.name, institution_id = x.institution, function = x.function, version = v.version + 1
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS int[]), CAST($3 AS text[]), CAST($4 AS uuid[]), CAST($5 AS text[])) AS x (id, version, name, institution, function)
		WHERE v.id = x.id AND v.version = x.version AND v.state IN ('open', 'declined') RETURNING v.id`,
		pq.Array(ids), pq.Array(versions), pq.Array(names), pq.Array(schools), pq.Array(functions))
	return done, err
}

// settleRows notes which invitations the rows became; the missed ones had an
// invitation or an account of another origin by then.
func settleRows(ctx context.Context, tx *db.Tx, id uuid.UUID, done []stagedRow, missed []int64) error {
	numbers, invitations := make([]int64, len(done)), make([]uuid.NullUUID, len(done))
	for i := range done {
		numbers[i], invitations[i] = int64(done[i].No), done[i].Invitation
	}
	if _, err := tx.Exec(ctx, `UPDATE person_import_row r SET invitation_id = x.invitation FROM unnest(CAST($2 AS int[]), CAST($3 AS uuid[])) AS x (no, invitation)
		WHERE r.import_id = $1 AND r.no = x.no`, id, pq.Array(numbers), pq.Array(invitations)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE person_import_row SET outcome = 'known', invitation_id = NULL WHERE import_id = $1 AND no = ANY($2)`, id, pq.Array(missed))
	return err
}

// settleUndone notes what became of rows taken back: those with a reason stay.
func settleUndone(ctx context.Context, tx *db.Tx, id uuid.UUID, rows []stagedRow, why map[uuid.UUID]ImportNote) error {
	n := len(rows)
	numbers, outcomes, notes := make([]int64, n), make([]string, n), make([]string, n)
	for i := range rows {
		numbers[i], outcomes[i], notes[i] = int64(rows[i].No), string(RowRemoved), "[]"
		if note, kept := why[rows[i].Invitation.UUID]; kept {
			raw, err := json.Marshal([]ImportNote{note})
			if err != nil {
				return err
			}
			outcomes[i], notes[i] = string(RowKept), string(raw)
		}
	}
	_, err := tx.Exec(ctx, `UPDATE person_import_row r SET outcome = x.outcome, notes = CAST(x.notes AS jsonb)
		FROM unnest(CAST($2 AS int[]), CAST($3 AS text[]), CAST($4 AS text[])) AS x (no, outcome, notes)
		WHERE r.import_id = $1 AND r.no = x.no`, id, pq.Array(numbers), pq.Array(outcomes), pq.Array(notes))
	return err
}

// dropWaiting deletes those of the invitations that wait, or look so, and returns
// which.
func dropWaiting(ctx context.Context, tx *db.Tx, ids []uuid.UUID) ([]uuid.UUID, error) {
	var gone []uuid.UUID
	err := tx.Select(ctx, &gone, `DELETE FROM person_invitation WHERE id = ANY ($1) AND state IN ('open', 'declined') RETURNING id`, pq.Array(ids))
	return gone, err
}

// shownRow is a row as it is listed.
type shownRow struct {
	stagedRow
	Line       int     `db:"line"`
	Outcome    Outcome `db:"outcome"`
	Notes      []byte  `db:"notes"`
	School     string  `db:"school"`
	Town       string  `db:"town"`
	Powiat     string  `db:"powiat"`
	PowiatKind string  `db:"powiat_kind"`
	Voiv       string  `db:"voivodeship"`
	WasSchool  string  `db:"was_school"`
}

func (r *shownRow) place() registry.Institution {
	return registry.Institution{Name: r.School, Town: r.Town, Powiat: r.Powiat, PowiatKind: registry.UnitKind(r.PowiatKind), Voivodeship: r.Voiv}
}

func importRows(ctx context.Context, q db.Q, id uuid.UUID, outcome Outcome, after, limit int) ([]shownRow, error) {
	var rows []shownRow
	err := q.Select(ctx, &rows, `SELECT r.no, r.line, r.outcome, r.email, r.name, r.function, r.institution_id, r.invitation_id, r.was, r.version, r.notes,
			coalesce(i.name, '') AS school, coalesce(i.town, '') AS town, coalesce(w.name, '') AS powiat, coalesce(w.kind, '') AS powiat_kind,
			coalesce(v.name, '') AS voivodeship, coalesce(o.name, '') AS was_school
		FROM person_import_row r LEFT JOIN institution i ON i.id = r.institution_id
		LEFT JOIN teryt_unit w ON w.code = i.powiat_code LEFT JOIN teryt_unit v ON v.code = left(i.powiat_code, 2)
		LEFT JOIN institution o ON o.id = CAST(r.was->>'institution' AS uuid)
		WHERE r.import_id = $1 AND r.outcome = $2 AND r.no > $3 ORDER BY r.no LIMIT $4`, id, string(outcome), after, limit)
	return rows, err
}
