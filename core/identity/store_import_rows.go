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
	schools, people := make([]uuid.NullUUID, n), make([]uuid.NullUUID, n)
	was := make([]sql.NullString, n)
	for i := range rows {
		l := &rows[i]
		lines[i], versions[i], outcomes[i], emails[i], names[i], functions[i] = int64(l.line), int64(l.version), string(l.outcome), l.email, l.name, l.function
		schools[i] = uuid.NullUUID{UUID: l.institution, Valid: l.institution != uuid.Nil}
		people[i] = uuid.NullUUID{UUID: l.person, Valid: l.person != uuid.Nil}
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
	_, err := tx.Exec(ctx, `INSERT INTO person_import_row (import_id, no, line, outcome, email, name, function, institution_id, person_id, was, version, notes)
		SELECT $1, $2 + x.n, x.line, x.outcome, x.email, x.name, x.function, x.institution, x.person, CAST(x.was AS jsonb), x.version, CAST(x.notes AS jsonb)
		FROM unnest(CAST($3 AS int[]), CAST($4 AS text[]), CAST($5 AS text[]), CAST($6 AS text[]), CAST($7 AS text[]), CAST($8 AS uuid[]), CAST($9 AS uuid[]),
			CAST($10 AS text[]), CAST($11 AS int[]), CAST($12 AS text[]))
			WITH ORDINALITY AS x (line, outcome, email, name, function, institution, person, was, version, notes, n)`,
		id, first, pq.Array(lines), pq.Array(outcomes), pq.Array(emails), pq.Array(names), pq.Array(functions), pq.Array(schools), pq.Array(people),
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

// stagedRow is a row on its way into the accounts or back.
type stagedRow struct {
	No          int           `db:"no"`
	Email       string        `db:"email"`
	Name        string        `db:"name"`
	Function    string        `db:"function"`
	Institution uuid.NullUUID `db:"institution_id"`
	Person      uuid.NullUUID `db:"person_id"`
	Was         []byte        `db:"was"`
	Version     int           `db:"version"`
}

func staged(ctx context.Context, q db.Q, id uuid.UUID, outcome Outcome, after, limit int) ([]stagedRow, error) {
	var rows []stagedRow
	err := q.Select(ctx, &rows, `SELECT no, email, name, function, institution_id, person_id, was, version FROM person_import_row
		WHERE import_id = $1 AND outcome = $2 AND no > $3 ORDER BY no LIMIT $4`, id, string(outcome), after, limit)
	return rows, err
}

// unmailed are the new people of a list who have not taken their account up.
func unmailed(ctx context.Context, q db.Q, id uuid.UUID, after, limit int) ([]stagedRow, error) {
	var rows []stagedRow
	err := q.Select(ctx, &rows, `SELECT r.no, p.email, p.name, p.function, p.institution_id, r.person_id, r.was, r.version
		FROM person_import_row r JOIN person p ON p.id = r.person_id AND p.state = 'invited'
		WHERE r.import_id = $1 AND r.outcome = 'new' AND r.no > $2 ORDER BY r.no LIMIT $3`, id, after, limit)
	return rows, err
}

// insertImported makes the accounts of some rows and returns which of them it made.
func insertImported(ctx context.Context, tx *db.Tx, rows []stagedRow, now time.Time) ([]uuid.UUID, error) {
	n := len(rows)
	ids, schools := make([]uuid.UUID, n), make([]uuid.NullUUID, n)
	emails, names, sorts, foldeds, functions := make([]string, n), make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range rows {
		r := &rows[i]
		ids[i], schools[i], emails[i], names[i], sorts[i], foldeds[i], functions[i] = r.Person.UUID, r.Institution, r.Email, r.Name, SortName(r.Name), folded(r.Name, r.Email), r.Function
	}
	var made []uuid.UUID
	err := tx.Select(ctx, &made, `INSERT INTO person (id, email, name, sort_name, name_folded, state, institution_id, function, created_at)
		SELECT x.id, x.email, x.name, x.sort, x.folded, 'invited', x.institution, x.function, $8
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS text[]), CAST($5 AS text[]), CAST($6 AS uuid[]), CAST($7 AS text[]))
			AS x (id, email, name, sort, folded, institution, function)
		ORDER BY x.email ON CONFLICT (email) DO NOTHING RETURNING id`,
		pq.Array(ids), pq.Array(emails), pq.Array(names), pq.Array(sorts), pq.Array(foldeds), pq.Array(schools), pq.Array(functions), now)
	return made, err
}

// changeImported brings accounts that nobody has taken up to what the rows say,
// those that are still as they were judged; it returns which.
func changeImported(ctx context.Context, tx *db.Tx, rows []stagedRow) ([]uuid.UUID, error) {
	values := make([]wasRow, len(rows))
	for i := range rows {
		values[i] = wasRow{rows[i].Name, rows[i].Function, rows[i].Institution.UUID}
	}
	return setImported(ctx, tx, rows, values, 0)
}

// restoreImported puts back what changed accounts were, of those that nobody
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
	ids, schools, versions := make([]uuid.NullUUID, n), make([]uuid.NullUUID, n), make([]int64, n)
	names, sorts, foldeds, functions := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	for i := range rows {
		r, v := &rows[i], &values[i]
		ids[i], versions[i] = r.Person, int64(r.Version+since)
		schools[i] = uuid.NullUUID{UUID: v.Institution, Valid: v.Institution != uuid.Nil}
		names[i], sorts[i], foldeds[i], functions[i] = v.Name, SortName(v.Name), folded(v.Name, r.Email), v.Function
	}
	var done []uuid.UUID
	err := tx.Select(ctx, &done, `UPDATE person p SET name = x.name, sort_name = x.sort, name_folded = x.folded, institution_id = x.institution,
			function = x.function, version = p.version + 1
		FROM unnest(CAST($1 AS uuid[]), CAST($2 AS int[]), CAST($3 AS text[]), CAST($4 AS text[]), CAST($5 AS text[]), CAST($6 AS uuid[]), CAST($7 AS text[]))
			AS x (id, version, name, sort, folded, institution, function)
		WHERE p.id = x.id AND p.version = x.version AND p.state = 'invited' RETURNING p.id`,
		pq.Array(ids), pq.Array(versions), pq.Array(names), pq.Array(sorts), pq.Array(foldeds), pq.Array(schools), pq.Array(functions))
	return done, err
}

// settleRows notes whose accounts the rows became; the missed ones had an
// account of another origin by then.
func settleRows(ctx context.Context, tx *db.Tx, id uuid.UUID, done []stagedRow, missed []int64) error {
	numbers, people := make([]int64, len(done)), make([]uuid.NullUUID, len(done))
	for i := range done {
		numbers[i], people[i] = int64(done[i].No), done[i].Person
	}
	if _, err := tx.Exec(ctx, `UPDATE person_import_row r SET person_id = x.person FROM unnest(CAST($2 AS int[]), CAST($3 AS uuid[])) AS x (no, person)
		WHERE r.import_id = $1 AND r.no = x.no`, id, pq.Array(numbers), pq.Array(people)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE person_import_row SET outcome = 'known', person_id = NULL WHERE import_id = $1 AND no = ANY($2)`, id, pq.Array(missed))
	return err
}

// settleUndone notes what became of rows taken back: those with a reason stay.
func settleUndone(ctx context.Context, tx *db.Tx, id uuid.UUID, rows []stagedRow, why map[uuid.UUID]ImportNote) error {
	n := len(rows)
	numbers, outcomes, notes := make([]int64, n), make([]string, n), make([]string, n)
	for i := range rows {
		numbers[i], outcomes[i], notes[i] = int64(rows[i].No), string(RowRemoved), "[]"
		if note, kept := why[rows[i].Person.UUID]; kept && rows[i].Person.Valid {
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

// lockTakenUp locks the people and returns those whose account was taken up.
func lockTakenUp(ctx context.Context, tx *db.Tx, people []uuid.UUID) ([]uuid.UUID, error) {
	var rows []struct {
		ID    uuid.UUID `db:"id"`
		State State     `db:"state"`
	}
	err := tx.Select(ctx, &rows, `SELECT id, state FROM person WHERE id = ANY($1) ORDER BY id LIMIT $2 FOR UPDATE`, pq.Array(people), len(people))
	var out []uuid.UUID
	for _, r := range rows {
		if r.State != Invited {
			out = append(out, r.ID)
		}
	}
	return out, err
}

// dropPeople deletes accounts that nothing holds, with what goes with them.
func dropPeople(ctx context.Context, tx *db.Tx, people []uuid.UUID, refs []Reference) error {
	for _, ref := range refs {
		if ref.Rule != Shed || ref.Loose {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM `+pq.QuoteIdentifier(ref.Table)+` WHERE `+pq.QuoteIdentifier(ref.Column)+` = ANY($1)`, pq.Array(people)); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM person WHERE id = ANY($1)`, pq.Array(people))
	return err
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
	err := q.Select(ctx, &rows, `SELECT r.no, r.line, r.outcome, r.email, r.name, r.function, r.institution_id, r.person_id, r.was, r.version, r.notes,
			coalesce(i.name, '') AS school, coalesce(i.town, '') AS town, coalesce(w.name, '') AS powiat, coalesce(w.kind, '') AS powiat_kind,
			coalesce(v.name, '') AS voivodeship, coalesce(o.name, '') AS was_school
		FROM person_import_row r LEFT JOIN institution i ON i.id = r.institution_id
		LEFT JOIN teryt_unit w ON w.code = i.powiat_code LEFT JOIN teryt_unit v ON v.code = left(i.powiat_code, 2)
		LEFT JOIN institution o ON o.id = CAST(r.was->>'institution' AS uuid)
		WHERE r.import_id = $1 AND r.outcome = $2 AND r.no > $3 ORDER BY r.no LIMIT $4`, id, string(outcome), after, limit)
	return rows, err
}

// referring are those of the people whom rows of a reference name.
func referring(ctx context.Context, q db.Q, ref Reference, people []uuid.UUID) ([]uuid.UUID, error) {
	var out []uuid.UUID
	column := pq.QuoteIdentifier(ref.Column)
	err := q.Select(ctx, &out, `SELECT DISTINCT `+column+` FROM `+pq.QuoteIdentifier(ref.Table)+` WHERE `+column+` = ANY($1) LIMIT $2`, pq.Array(people), len(people))
	return out, err
}
