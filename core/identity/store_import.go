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

// schoolInReach is [inReach] for an institution i itself, at a moment.
func schoolInReach(all, centres, institutions, at string) string {
	return `(` + all + ` OR i.id = ANY(` + institutions + `) OR i.id = ANY(` + centres + `)
	OR i.powiat_code IN (SELECT t.powiat_code FROM centre_territory_at(` + at + `) t WHERE t.centre_id = ANY(` + centres + `)))`
}

// schoolsByNumber finds open institutions within reach by RSPO number written as text.
func schoolsByNumber(ctx context.Context, q db.Q, r access.Reach, numbers []int64, at time.Time) (map[string]uuid.UUID, error) {
	out := map[string]uuid.UUID{}
	if len(numbers) == 0 {
		return out, nil
	}
	var rows []struct {
		ID   uuid.UUID `db:"id"`
		RSPO string    `db:"rspo"`
	}
	err := q.Select(ctx, &rows, `SELECT i.id, CAST(i.rspo AS text) AS rspo FROM institution i
		WHERE i.rspo = ANY($4) AND i.closed_on IS NULL AND `+schoolInReach("$1", "$2", "$3", "$6")+` LIMIT $5`,
		r.All, pq.Array(r.Centres), pq.Array(r.Institutions), pq.Array(numbers), MaxImportRows, at)
	for _, s := range rows {
		out[s.RSPO] = s.ID
	}
	return out, err
}

// schoolsByName finds open institutions within reach by their whole name, folded;
// several schools may share one ("Szkoła Podstawowa nr 1").
func schoolsByName(ctx context.Context, q db.Q, r access.Reach, names []string, at time.Time) (map[string][]uuid.UUID, error) {
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
		WHERE i.closed_on IS NULL AND `+schoolInReach("$1", "$2", "$3", "$6")+` LIMIT $5`,
		r.All, pq.Array(r.Centres), pq.Array(r.Institutions), pq.Array(names), MaxImportRows, at)
	for _, s := range rows {
		f := fold.Text(s.Name)
		out[f] = append(out[f], s.ID)
	}
	return out, err
}

// accountsAt are those of the addresses that have an account within reach.
func accountsAt(ctx context.Context, q db.Q, r access.Reach, emails []string, day time.Time) (map[string]bool, error) {
	var rows []string
	reach, args := inReach(&r, day, 3)
	err := q.Select(ctx, &rows, `SELECT e.email FROM person e JOIN person p ON p.id = coalesce(e.merged_into, e.id)
		WHERE e.email = ANY ($1) AND p.state NOT IN ('invited', 'erased') AND `+reach+` LIMIT $2`, append([]any{pq.Array(emails), MaxImportRows}, args...)...)
	out := make(map[string]bool, len(rows))
	for _, e := range rows {
		out[e] = true
	}
	return out, err
}

// waitingRow is an invitation that waits, or looks so to whoever invited.
type waitingRow struct {
	ID          uuid.UUID `db:"id"`
	Email       string    `db:"email"`
	Name        string    `db:"name"`
	Function    string    `db:"function"`
	Institution uuid.UUID `db:"institution_id"`
	Version     int       `db:"version"`
}

// inviteesAt are the invitations within reach that wait, by address.
func inviteesAt(ctx context.Context, q db.Q, r access.Reach, emails []string, now, day time.Time) (map[string][]waitingRow, error) {
	var rows []waitingRow
	reach, args := inReach(&r, day, 4)
	err := q.Select(ctx, &rows, `SELECT p.id, p.email, p.name, p.function, p.institution_id, p.version FROM person_invitation p
		WHERE p.email = ANY ($1) AND p.state IN ('open', 'declined') AND p.ends_at > $2 AND `+reach+` ORDER BY p.id LIMIT $3`,
		append([]any{pq.Array(emails), now, MaxImportRows}, args...)...)
	out := map[string][]waitingRow{}
	for _, v := range rows {
		out[v.Email] = append(out[v.Email], v)
	}
	return out, err
}
