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
	"ore.edu.pl/sieci/core/i18n/fold"
	"ore.edu.pl/sieci/core/registry"
)

// importLock is the class of the locks that keep two runs of one list apart;
// any number that only this file uses.
const importLock = 2_002_001

// lockImporting waits until no other run works at the list.
func lockImporting(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2))`, importLock, id.String())
	return err
}

func insertImport(ctx context.Context, tx *db.Tx, i *PeopleImport, sum []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_import (id, state, name, sha256, at, by_id) VALUES ($1, 'reading', $2, $3, $4, $5)`,
		i.ID, i.File, sum, i.At, i.by)
	return err
}

func insertImportFile(ctx context.Context, tx *db.Tx, id uuid.UUID, raw []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO person_import_file (import_id, raw) VALUES ($1, $2)`, id, raw)
	return err
}

func importFileOf(ctx context.Context, q db.Q, id uuid.UUID) (raw []byte, err error) {
	err = q.Get(ctx, &raw, `SELECT raw FROM person_import_file WHERE import_id = $1`, id)
	return raw, err
}

func setImportJob(ctx context.Context, tx *db.Tx, id uuid.UUID, n int64) error {
	_, err := tx.Exec(ctx, `UPDATE person_import SET job_id = $2 WHERE id = $1`, id, n)
	return err
}

// setImportProgress is false when the list is no longer at this step.
func setImportProgress(ctx context.Context, q db.Q, id uuid.UUID, state ImportState, phase string, done, total int) (bool, error) {
	n, err := q.Exec(ctx, `UPDATE person_import SET phase = $3, done = $4, total = $5 WHERE id = $1 AND state = $2`, id, string(state), phase, done, total)
	return n == 1, err
}

func setImportState(ctx context.Context, tx *db.Tx, id uuid.UUID, to ImportState, by uuid.NullUUID, mail bool) error {
	_, err := tx.Exec(ctx, `UPDATE person_import SET state = $2, acted_by = $3, mail = $4, failure = NULL, phase = '', done = 0 WHERE id = $1`,
		id, string(to), by, mail)
	return err
}

// setImportReady ends the reading; errNoLonger when somebody cancelled it.
func setImportReady(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	n, err := tx.Exec(ctx, `UPDATE person_import i SET state = 'ready', phase = '', new = r.new, changed = r.changed, known = r.known, rejected = r.rejected
		FROM (`+countedRows+`) r WHERE i.id = $1 AND i.state = 'reading'`, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return errNoLonger
	}
	_, err = tx.Exec(ctx, `DELETE FROM person_import_file WHERE import_id = $1`, id)
	return err
}

const countedRows = `SELECT count(*) FILTER (WHERE outcome = 'new') AS new, count(*) FILTER (WHERE outcome = 'changed') AS changed,
	count(*) FILTER (WHERE outcome = 'known') AS known, count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
	count(*) FILTER (WHERE outcome = 'kept') AS kept FROM person_import_row WHERE import_id = $1`

func setImportDone(ctx context.Context, tx *db.Tx, id uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_import i SET state = 'done', phase = '', confirmed_at = $2, ended_at = $2, failure = NULL,
		new = r.new, changed = r.changed, known = r.known FROM (`+countedRows+`) r WHERE i.id = $1`, id, now)
	return err
}

func setImportMailed(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE person_import SET state = 'done', phase = '', mail = true, failure = NULL WHERE id = $1`, id)
	return err
}

func setImportUndone(ctx context.Context, tx *db.Tx, id uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_import i SET state = 'undone', phase = '', ended_at = $2, failure = NULL, kept = r.kept
		FROM (`+countedRows+`) r WHERE i.id = $1`, id, now)
	return err
}

// setImportRefused leaves a list written whose further step did not succeed.
func setImportRefused(ctx context.Context, tx *db.Tx, id uuid.UUID, unmail bool, why *ImportFailure) error {
	raw, err := json.Marshal(why)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE person_import SET state = 'done', phase = '', mail = mail AND NOT $3, failure = $2
		WHERE id = $1 AND state IN ('undoing', 'mailing')`, id, string(raw), unmail)
	return err
}

func endImport(ctx context.Context, tx *db.Tx, id uuid.UUID, to ImportState, why *ImportFailure, now time.Time) error {
	var raw sql.NullString
	if why != nil {
		b, err := json.Marshal(why)
		if err != nil {
			return err
		}
		raw = sql.NullString{String: string(b), Valid: true}
	}
	_, err := tx.Exec(ctx, `UPDATE person_import SET state = $2, phase = '', ended_at = $3, failure = $4
		WHERE id = $1 AND state IN ('reading', 'ready', 'writing')`, id, string(to), now, raw)
	return err
}

// dropImported removes what a list that came to nothing held; rejected rows stay
// for those who mend the file.
func dropImported(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	if _, err := tx.Exec(ctx, `DELETE FROM person_import_file WHERE import_id = $1`, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM person_import_row WHERE import_id = $1 AND outcome <> 'rejected'`, id)
	return err
}

func expireImports(ctx context.Context, tx *db.Tx, now, lost, old time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE person_import SET state = CASE state WHEN 'ready' THEN 'expired' ELSE 'failed' END, ended_at = $1,
			failure = CASE state WHEN 'ready' THEN failure ELSE '{"key": "identity.import.broken_off"}' END
		WHERE state = 'ready' AND at < $3 OR state = 'reading' AND at < $2`, now, lost, old)
	return err
}

func sweepImported(ctx context.Context, tx *db.Tx, before time.Time) error {
	for _, q := range []string{
		`DELETE FROM person_import_file f USING person_import i WHERE i.id = f.import_id AND i.ended_at < $1`,
		`DELETE FROM person_import_row f USING person_import i WHERE i.id = f.import_id AND i.ended_at < $1`,
	} {
		if _, err := tx.Exec(ctx, q, before); err != nil {
			return err
		}
	}
	return nil
}

const importFields = `id, state, name, at, by_id, acted_by, mail, phase, done, total, new, changed, known, rejected, kept, job_id, confirmed_at, ended_at, failure`

type importRow struct {
	ID          uuid.UUID     `db:"id"`
	State       ImportState   `db:"state"`
	Name        string        `db:"name"`
	At          time.Time     `db:"at"`
	By          uuid.NullUUID `db:"by_id"`
	Acted       uuid.NullUUID `db:"acted_by"`
	Mail        bool          `db:"mail"`
	Phase       string        `db:"phase"`
	Done        int           `db:"done"`
	Total       int           `db:"total"`
	New         int           `db:"new"`
	Changed     int           `db:"changed"`
	Known       int           `db:"known"`
	Rejected    int           `db:"rejected"`
	Kept        int           `db:"kept"`
	Job         *int64        `db:"job_id"`
	ConfirmedAt *time.Time    `db:"confirmed_at"`
	EndedAt     *time.Time    `db:"ended_at"`
	Failure     []byte        `db:"failure"`
}

func (r *importRow) value() (PeopleImport, error) {
	i := PeopleImport{ID: r.ID, State: r.State, File: r.Name, At: r.At, Read: r.New + r.Changed + r.Known + r.Rejected, New: r.New, Changed: r.Changed,
		Known: r.Known, Rejected: r.Rejected, Kept: r.Kept, Mail: r.Mail, Phase: r.Phase, RowsDone: r.Done, RowsTotal: r.Total,
		ConfirmedAt: r.ConfirmedAt, EndedAt: r.EndedAt, by: r.By, acted: r.Acted, job: r.Job}
	if r.Failure != nil {
		return i, json.Unmarshal(r.Failure, &i.Failure)
	}
	return i, nil
}

func importOf(ctx context.Context, q db.Q, id uuid.UUID) (PeopleImport, error) {
	var r importRow
	if err := q.Get(ctx, &r, `SELECT `+importFields+` FROM person_import WHERE id = $1`, id); err != nil {
		return PeopleImport{}, db.NotFound(err)
	}
	return r.value()
}

// lockImport is a list that nobody else advances meanwhile. Rows of the list may
// be written meanwhile: a list that is being read can be cancelled.
func lockImport(ctx context.Context, tx *db.Tx, id uuid.UUID) (PeopleImport, error) {
	var r importRow
	if err := tx.Get(ctx, &r, `SELECT `+importFields+` FROM person_import WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
		return PeopleImport{}, db.NotFound(err)
	}
	return r.value()
}

func importsOf(ctx context.Context, q db.Q, all bool, by, before uuid.UUID, limit int) ([]PeopleImport, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	var rows []importRow
	var err error
	if all {
		err = q.Select(ctx, &rows, `SELECT `+importFields+` FROM person_import WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
	} else {
		err = q.Select(ctx, &rows, `SELECT `+importFields+` FROM person_import WHERE by_id = $3 AND id < $1 ORDER BY id DESC LIMIT $2`, before, limit, by)
	}
	if err != nil {
		return nil, err
	}
	out := make([]PeopleImport, len(rows))
	for n := range rows {
		if out[n], err = rows[n].value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// schoolInReach is [inReach] for an institution i itself; parameters as there.
func schoolInReach(all, centres, institutions string) string {
	return `(` + all + ` OR i.id = ANY(` + institutions + `) OR i.id = ANY(` + centres + `)
	OR i.powiat_code IN (SELECT t.powiat_code FROM centre_territory t WHERE t.centre_id = ANY(` + centres + `)))`
}

// schoolsByNumber finds open institutions within reach by RSPO number written as text.
func schoolsByNumber(ctx context.Context, q db.Q, r access.Reach, numbers []int64) (map[string]uuid.UUID, error) {
	out := map[string]uuid.UUID{}
	if len(numbers) == 0 {
		return out, nil
	}
	var rows []struct {
		ID   uuid.UUID `db:"id"`
		RSPO string    `db:"rspo"`
	}
	err := q.Select(ctx, &rows, `SELECT i.id, CAST(i.rspo AS text) AS rspo FROM institution i
		WHERE i.rspo = ANY($4) AND i.closed_on IS NULL AND `+schoolInReach("$1", "$2", "$3")+` LIMIT $5`,
		r.All, pq.Array(r.Centres), pq.Array(r.Institutions), pq.Array(numbers), MaxImportRows)
	for _, s := range rows {
		out[s.RSPO] = s.ID
	}
	return out, err
}

// schoolsByName finds open institutions within reach by their whole name, folded;
// several schools may share one ("Szkoła Podstawowa nr 1").
func schoolsByName(ctx context.Context, q db.Q, r access.Reach, names []string) (map[string][]uuid.UUID, error) {
	out := map[string][]uuid.UUID{}
	if len(names) == 0 {
		return out, nil
	}
	// The register's search column begins with the folded name: its trigrams
	// find the few that can match, the name itself decides.
	var rows []struct {
		ID   uuid.UUID `db:"id"`
		Name string    `db:"name"`
	}
	err := q.Select(ctx, &rows, `SELECT DISTINCT i.id, i.name FROM (SELECT DISTINCT unnest(CAST($4 AS text[])) AS folded) n
		JOIN institution i ON i.name_folded LIKE regexp_replace(n.folded, '([%_\\])', '\\\1', 'g') || '%'
		WHERE i.closed_on IS NULL AND `+schoolInReach("$1", "$2", "$3")+` LIMIT $5`,
		r.All, pq.Array(r.Centres), pq.Array(r.Institutions), pq.Array(names), MaxImportRows)
	for _, s := range rows {
		f := fold.Text(s.Name)
		out[f] = append(out[f], s.ID)
	}
	return out, err
}

// knownRow is the account of an address.
type knownRow struct {
	Email       string        `db:"email"`
	ID          uuid.UUID     `db:"id"`
	State       State         `db:"state"`
	Name        string        `db:"name"`
	Function    string        `db:"function"`
	Institution uuid.NullUUID `db:"institution_id"`
	Version     int           `db:"version"`
	// Mine: it lies within the importer's reach.
	Mine bool `db:"mine"`
}

func accountsAt(ctx context.Context, q db.Q, r access.Reach, emails []string) (map[string]knownRow, error) {
	out := map[string]knownRow{}
	var rows []knownRow
	reach, args := inReach(&r, 3)
	err := q.Select(ctx, &rows, `SELECT p.email, p.id, p.state, p.name, p.function, p.institution_id, p.version, coalesce(`+reach+`, false) AS mine
		FROM person p WHERE p.email = ANY ($1) LIMIT $2`, append([]any{pq.Array(emails), MaxImportRows}, args...)...)
	for _, k := range rows {
		out[k.Email] = k
	}
	return out, err
}

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
func importOutside(ctx context.Context, q db.Q, id uuid.UUID, r access.Reach) (bool, error) {
	var outside bool
	err := q.Get(ctx, &outside, `SELECT EXISTS (SELECT 1 FROM person_import_row w JOIN institution i ON i.id = w.institution_id
		WHERE w.import_id = $4 AND w.outcome IN ('new', 'changed') AND `+schoolInReach("$1", "$2", "$3")+` IS NOT TRUE)`,
		r.All, pq.Array(r.Centres), pq.Array(r.Institutions), id)
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
