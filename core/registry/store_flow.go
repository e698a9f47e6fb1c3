package registry

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

func sum(raw []byte) []byte {
	s := sha256.Sum256(raw)
	return s[:]
}

func insertImport(ctx context.Context, tx *db.Tx, i *Import, sum []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO registry_import (id, kind, at, by_id, sha256, report, state, name, whole)
		VALUES ($1, $2, $3, $4, $5, '{}', $6, $7, $8)`, i.ID, i.Register, i.At, i.By, sum, string(Reading), i.File, i.Whole)
	return err
}

func insertFile(ctx context.Context, tx *db.Tx, id uuid.UUID, raw []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO registry_file (import_id, raw) VALUES ($1, $2)`, id, raw)
	return err
}

func fileOf(ctx context.Context, q db.Q, id uuid.UUID) (raw []byte, err error) {
	err = q.Get(ctx, &raw, `SELECT raw FROM registry_file WHERE import_id = $1`, id)
	return raw, err
}

func dropFile(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM registry_file WHERE import_id = $1`, id)
	return err
}

// setProgress is false when the file is no longer being read.
func setProgress(ctx context.Context, q db.Q, id uuid.UUID, phase string, done, total int) (bool, error) {
	n, err := q.Exec(ctx, `UPDATE registry_import SET phase = $2, done = $3, total = $4 WHERE id = $1 AND state = 'reading'`, id, phase, done, total)
	return n == 1, err
}

func setJob(ctx context.Context, tx *db.Tx, id uuid.UUID, n int64) error {
	_, err := tx.Exec(ctx, `UPDATE registry_import SET job_id = $2 WHERE id = $1`, id, n)
	return err
}

func setState(ctx context.Context, tx *db.Tx, id uuid.UUID, to State, by uuid.NullUUID) error {
	_, err := tx.Exec(ctx, `UPDATE registry_import SET state = $2, acted_by = $3, failure = NULL WHERE id = $1`, id, string(to), by)
	return err
}

// setReady ends the reading; errNoLonger when somebody cancelled it.
func setReady(ctx context.Context, tx *db.Tx, i *Import, f *reading) error {
	f.rep.ID, f.rep.Register, f.rep.At = i.ID, i.Register, i.At
	raw, err := json.Marshal(&f.rep)
	if err != nil {
		return err
	}
	asOf := f.asOf()
	n, err := tx.Exec(ctx, `UPDATE registry_import SET state = 'ready', report = $2, as_of = $3, base = $4, phase = '', done = $5, total = $5
		WHERE id = $1 AND state = 'reading'`, i.ID, string(raw), sql.NullTime{Time: asOf, Valid: !asOf.IsZero()}, i.base, f.rep.Read)
	if err == nil && n == 0 {
		return errNoLonger
	}
	i.Report, i.State = f.rep, Ready
	if !asOf.IsZero() {
		i.AsOf = &asOf
	}
	return err
}

func setDone(ctx context.Context, tx *db.Tx, id uuid.UUID, epoch int64, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE registry_import SET state = 'done', confirmed_at = $2, ended_at = $2, epoch = $3, failure = NULL WHERE id = $1`, id, now, epoch)
	return err
}

func setUndone(ctx context.Context, tx *db.Tx, id uuid.UUID, now time.Time) error {
	// An import taken back begins an epoch, too: previews made before are stale.
	_, err := tx.Exec(ctx, `UPDATE registry_import SET state = 'undone', ended_at = $2, failure = NULL,
		epoch = (SELECT max(epoch) + 1 FROM registry_import) WHERE id = $1`, id, now)
	return err
}

// setRefused leaves an import written that could not be taken back.
func setRefused(ctx context.Context, tx *db.Tx, id uuid.UUID, why *Failure) error {
	raw, err := json.Marshal(why)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE registry_import SET state = 'done', failure = $2 WHERE id = $1 AND state = 'undoing'`, id, string(raw))
	return err
}

func endImport(ctx context.Context, tx *db.Tx, id uuid.UUID, to State, why *Failure, now time.Time) error {
	var raw sql.NullString
	if why != nil {
		b, err := json.Marshal(why)
		if err != nil {
			return err
		}
		raw = sql.NullString{String: string(b), Valid: true}
	}
	_, err := tx.Exec(ctx, `UPDATE registry_import SET state = $2, ended_at = $3, failure = $4
		WHERE id = $1 AND state IN ('reading', 'ready', 'writing')`, id, string(to), now, raw)
	return err
}

// expireImports ends previews that nobody confirmed and files that nobody reads.
func expireImports(ctx context.Context, tx *db.Tx, now, lost, old time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE registry_import SET state = CASE state WHEN 'ready' THEN 'expired' ELSE 'failed' END, ended_at = $1,
			failure = CASE state WHEN 'ready' THEN failure ELSE '{"key": "registry.import_broken_off"}' END
		WHERE state = 'ready' AND at < $3 OR state = 'reading' AND at < $2`, now, lost, old)
	return err
}

// sweepStaged removes the rows of imports that ended before a time, and of
// those that have no use for them.
func sweepStaged(ctx context.Context, tx *db.Tx, before time.Time) error {
	for _, q := range []string{
		`DELETE FROM registry_file f USING registry_import i WHERE i.id = f.import_id AND i.ended_at < $1`,
		`DELETE FROM registry_note f USING registry_import i WHERE i.id = f.import_id AND i.ended_at < $1`,
		`DELETE FROM registry_stage_unit f USING registry_import i WHERE i.id = f.import_id AND i.ended_at < $1`,
		`DELETE FROM registry_stage_institution f USING registry_import i WHERE i.id = f.import_id AND i.ended_at < $1`,
	} {
		if _, err := tx.Exec(ctx, q, before); err != nil {
			return err
		}
	}
	return nil
}

// dropStaged removes what an import that came to nothing would have changed;
// its remarks stay for those who mend the file.
func dropStaged(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	for _, q := range []string{
		`DELETE FROM registry_file WHERE import_id = $1`,
		`DELETE FROM registry_stage_unit WHERE import_id = $1`,
		`DELETE FROM registry_stage_institution WHERE import_id = $1`,
	} {
		if _, err := tx.Exec(ctx, q, id); err != nil {
			return err
		}
	}
	return nil
}

const importColumns = `id, kind, at, by_id, state, name, whole, as_of, base, epoch, phase, done, total, job_id, acted_by, confirmed_at, ended_at, failure, `

type importRow struct {
	ID          uuid.UUID     `db:"id"`
	Kind        string        `db:"kind"`
	At          time.Time     `db:"at"`
	By          uuid.NullUUID `db:"by_id"`
	State       State         `db:"state"`
	Name        string        `db:"name"`
	Whole       bool          `db:"whole"`
	AsOf        *time.Time    `db:"as_of"`
	Base        int64         `db:"base"`
	Epoch       int64         `db:"epoch"`
	Phase       string        `db:"phase"`
	Done        int           `db:"done"`
	Total       int           `db:"total"`
	Job         *int64        `db:"job_id"`
	Acted       uuid.NullUUID `db:"acted_by"`
	ConfirmedAt *time.Time    `db:"confirmed_at"`
	EndedAt     *time.Time    `db:"ended_at"`
	Failure     []byte        `db:"failure"`
	Report      []byte        `db:"report"`
}

func (r *importRow) value() (Import, error) {
	i := Import{State: r.State, File: r.Name, Whole: r.Whole, By: r.By, AsOf: r.AsOf, Phase: r.Phase, RowsDone: r.Done, RowsTotal: r.Total,
		ConfirmedAt: r.ConfirmedAt, EndedAt: r.EndedAt, base: r.Base, epoch: r.Epoch, job: r.Job, acted: r.Acted}
	if err := json.Unmarshal(r.Report, &i.Report); err != nil {
		return i, err
	}
	i.ID, i.Register, i.At = r.ID, r.Kind, r.At
	if r.Failure != nil {
		return i, json.Unmarshal(r.Failure, &i.Failure)
	}
	return i, nil
}

func importOf(ctx context.Context, q db.Q, id uuid.UUID) (Import, error) {
	var r importRow
	if err := q.Get(ctx, &r, `SELECT `+importColumns+`report FROM registry_import WHERE id = $1`, id); err != nil {
		return Import{}, db.NotFound(err)
	}
	return r.value()
}

// lockedImport is an import that nobody else advances meanwhile.
func lockedImport(ctx context.Context, tx *db.Tx, id uuid.UUID) (Import, error) {
	var r importRow
	if err := tx.Get(ctx, &r, `SELECT `+importColumns+`report FROM registry_import WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Import{}, db.NotFound(err)
	}
	return r.value()
}

func imports(ctx context.Context, q db.Q, before uuid.UUID, limit int) ([]Import, error) {
	if before == uuid.Nil {
		before = uuid.Max
	}
	var rows []importRow
	if err := q.Select(ctx, &rows, `SELECT `+importColumns+`report - 'errors' - 'warnings' AS report
		FROM registry_import WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit); err != nil {
		return nil, err
	}
	out := make([]Import, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].value(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// stagedRow is a staged change of either register.
type stagedRow struct {
	Line   int            `db:"line"`
	Change Change         `db:"change"`
	Code   string         `db:"code"`
	Kind   string         `db:"kind"`
	Name   string         `db:"name"`
	Town   string         `db:"town"`
	Powiat string         `db:"powiat"`
	City   bool           `db:"city"`
	Voiv   string         `db:"voivodeship"`
	Fields pq.StringArray `db:"fields"`
	Was    []byte         `db:"was"`
	Now    []byte         `db:"now"`
}

func stagedUnits(ctx context.Context, q db.Q, id uuid.UUID, change Change, after string, limit int) ([]stagedRow, error) {
	var out []stagedRow
	err := q.Select(ctx, &out, `SELECT s.line, s.change, s.code, s.kind, s.name, '' AS town,
			CASE WHEN length(s.code) > 4 THEN coalesce(p.name, '') ELSE '' END AS powiat, coalesce(p.kind, '') = 'city_powiat' AS city,
			CASE WHEN length(s.code) > 2 THEN coalesce(v.name, '') ELSE '' END AS voivodeship, s.fields, s.was, to_jsonb(s) AS now
		FROM registry_stage_unit s LEFT JOIN LATERAL (
			SELECT name, kind FROM (SELECT name, kind, 0 AS rank FROM registry_stage_unit WHERE import_id = s.import_id AND code = left(s.code, 4)
				UNION ALL SELECT name, kind, 1 FROM teryt_unit WHERE code = left(s.code, 4)) x ORDER BY rank LIMIT 1) p ON true
		LEFT JOIN LATERAL (
			SELECT name FROM (SELECT name, 0 AS rank FROM registry_stage_unit WHERE import_id = s.import_id AND code = left(s.code, 2)
				UNION ALL SELECT name, 1 FROM teryt_unit WHERE code = left(s.code, 2)) x ORDER BY rank LIMIT 1) v ON true
		WHERE s.import_id = $1 AND s.change = $2 AND s.code > $3 ORDER BY s.code LIMIT $4`, id, string(change), after, limit)
	return out, err
}

func stagedInstitutions(ctx context.Context, q db.Q, id uuid.UUID, change Change, after, limit int) ([]stagedRow, error) {
	var out []stagedRow
	err := q.Select(ctx, &out, `SELECT s.line, s.change, CAST(s.rspo AS text) AS code, s.kind, s.name, s.town,
			coalesce(p.name, '') AS powiat, coalesce(p.kind, '') = 'city_powiat' AS city, coalesce(v.name, '') AS voivodeship,
			s.fields, s.was, to_jsonb(s) AS now
		FROM registry_stage_institution s LEFT JOIN teryt_unit p ON p.code = s.powiat_code
		LEFT JOIN teryt_unit v ON v.code = left(s.powiat_code, 2)
		WHERE s.import_id = $1 AND s.change = $2 AND s.rspo > $3 ORDER BY s.rspo LIMIT $4`, id, string(change), after, limit)
	return out, err
}

type noteRow struct {
	No      int    `db:"no"`
	Line    int    `db:"line"`
	Heading string `db:"heading"`
	Path    string `db:"path"`
	Key     string `db:"key"`
	Args    []byte `db:"args"`
}

func notesOf(ctx context.Context, q db.Q, id uuid.UUID, level Change, after, limit int) ([]RowNote, error) {
	var rows []noteRow
	err := q.Select(ctx, &rows, `SELECT no, line, heading, path, key, args FROM registry_note
		WHERE import_id = $1 AND level = $2 AND no > $3 ORDER BY no LIMIT $4`, id, string(level), after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]RowNote, len(rows))
	for i, r := range rows {
		out[i] = RowNote{Line: r.Line, Column: r.Heading, Path: r.Path, Key: r.Key, no: r.No, Args: fault.Args{}}
		if err := json.Unmarshal(r.Args, &out[i].Args); err != nil {
			return nil, err
		}
	}
	return out, nil
}
