package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// A file is loaded into a table that lives only in its transaction, compared
// there, and only what it would change is staged. Statements that name that
// table go to the transaction itself: db's prepared statements are made on any
// connection of the pool, where it does not exist.

// importLock keeps two imports apart; any number that only this file uses.
const importLock = 2_000_201

// importTimeout replaces the pool's ceiling for a statement: merging the whole
// country takes seconds, on a busy machine more.
const importTimeout = "240s"

// lockRegisters waits until no other import compares, writes or is taken back.
func lockRegisters(ctx context.Context, tx *sql.Tx) error {
	return run(ctx, tx, "SET LOCAL statement_timeout = '"+importTimeout+"'",
		"SELECT pg_advisory_xact_lock("+strconv.Itoa(importLock)+")")
}

func run(ctx context.Context, tx *sql.Tx, queries ...string) error {
	for _, q := range queries {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// copyRows loads n rows by COPY, the one way to send tens of thousands in a second.
func copyRows(ctx context.Context, tx *sql.Tx, table string, columns []string, n int, tick func(done, total int) error, row func(i int) ([]any, error)) error {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = pq.QuoteIdentifier(c)
	}
	st, err := tx.PrepareContext(ctx, "COPY "+pq.QuoteIdentifier(table)+" ("+strings.Join(quoted, ", ")+") FROM STDIN")
	if err != nil {
		return err
	}
	defer st.Close()
	for i := range n {
		values, err := row(i)
		if err != nil {
			return err
		}
		if _, err := st.ExecContext(ctx, values...); err != nil {
			return fmt.Errorf("load row %d: %w", i, err)
		}
		if (i+1)%1000 == 0 && i+1 < n {
			if err := tick(i+1, n); err != nil {
				return err
			}
		}
	}
	if _, err := st.ExecContext(ctx); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return tick(n, n)
}

func untold(int, int) error { return nil }

// knownUnits are the units that exist on a day or will.
func knownUnits(ctx context.Context, q db.Q, day time.Time) ([]Unit, error) {
	var out []Unit
	// The whole register is about 4,500 rows. Of a gmina that changed its kind,
	// and so its code, the one that is in force comes last and counts.
	err := q.Select(ctx, &out, `SELECT code, kind FROM teryt_unit_version WHERE valid_to IS NULL OR valid_to > $1
		ORDER BY valid_from DESC, code LIMIT 40000`, day)
	return out, err
}

// everUnits are the codes that the register has ever had.
func everUnits(ctx context.Context, q db.Q) (map[string]bool, error) {
	var codes []string
	if err := q.Select(ctx, &codes, `SELECT code FROM teryt_unit LIMIT 40000`); err != nil {
		return nil, err
	}
	out := make(map[string]bool, len(codes))
	for _, c := range codes {
		out[c] = true
	}
	return out, nil
}

func epoch(ctx context.Context, q db.Q) (n int64, err error) {
	err = q.Get(ctx, &n, `SELECT coalesce(max(epoch), 0) FROM registry_import`)
	return n, err
}

// stage compares a checked file with the register and keeps what it changes,
// with the remarks on its rows, under the import; the report gets its numbers.
func (s *Service) stage(ctx context.Context, t *db.Tx, i *Import, f *reading, tick func(done, total int) error) error {
	tx := t.SQL()
	if err := lockRegisters(ctx, tx); err != nil {
		return err
	}
	var err error
	if i.base, err = epoch(ctx, t); err != nil {
		return err
	}
	if f.source.Register == TERC {
		err = stageUnits(ctx, tx, i.ID, f, tick)
	} else {
		err = stageInstitutions(ctx, tx, i, f, s.today(), tick)
	}
	if err != nil {
		return err
	}
	if err := copyNotes(ctx, tx, i.ID, "rejected", f.rep.rejected); err != nil {
		return err
	}
	return copyNotes(ctx, tx, i.ID, "warning", f.rep.warned)
}

func copyNotes(ctx context.Context, tx *sql.Tx, id uuid.UUID, level string, notes []RowNote) error {
	if len(notes) == 0 {
		return nil
	}
	return copyRows(ctx, tx, "registry_note", []string{"import_id", "level", "no", "line", "heading", "path", "key", "args"}, len(notes), untold,
		func(i int) ([]any, error) {
			n := &notes[i]
			args, err := json.Marshal(n.Args)
			return []any{id.String(), level, i + 1, n.Line, n.Column, n.Path, n.Key, string(args)}, err
		})
}

// counted fills the report with what was staged; rows are those accepted.
func counted(ctx context.Context, tx *sql.Tx, table string, id uuid.UUID, rows int, rep *Report) error {
	var lines int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE change = 'new'), count(*) FILTER (WHERE change = 'changed'),
		count(*) FILTER (WHERE change = 'closed'), count(DISTINCT line) FILTER (WHERE line > 0) FROM `+table+` WHERE import_id = $1`, id).
		Scan(&rep.New, &rep.Changed, &rep.Closed, &lines)
	rep.Same = rows - lines
	return err
}

func stageUnits(ctx context.Context, tx *sql.Tx, id uuid.UUID, f *reading, tick func(done, total int) error) error {
	if err := run(ctx, tx, `CREATE TEMP TABLE stage_terc (
			line integer NOT NULL, code text PRIMARY KEY, kind text NOT NULL, name text NOT NULL, name_folded text NOT NULL,
			descriptor text NOT NULL, parent_code text, as_of date NOT NULL) ON COMMIT DROP`); err != nil {
		return err
	}
	rows := f.units
	err := copyRows(ctx, tx, "stage_terc", []string{"line", "code", "kind", "name", "name_folded", "descriptor", "parent_code", "as_of"},
		len(rows), tick, func(i int) ([]any, error) {
			r := &rows[i]
			return []any{r.line, r.code, string(r.kind), r.name, r.folded, r.descriptor, nullText(r.parent), r.asOf}, nil
		})
	if err != nil {
		return err
	}
	var known sql.NullTime
	if err := tx.QueryRowContext(ctx, `SELECT greatest((SELECT max(as_of) FROM teryt_unit),
		(SELECT max(as_of) FROM registry_import WHERE kind = 'terc' AND state = 'done'))`).Scan(&known); err != nil {
		return err
	}
	if len(rows)+len(f.ends) > 0 && known.Valid && f.asOf().Before(known.Time) {
		return fault.InvalidFields(fault.Field{Path: "file", Key: "registry.file_older"})
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO registry_stage_unit
			(import_id, change, fields, was, line, code, kind, name, name_folded, descriptor, parent_code, as_of)
		SELECT $1, CASE WHEN v.code IS NULL THEN 'new' ELSE 'changed' END, x.fields, x.was, s.line, s.code, s.kind, s.name, s.name_folded,
			s.descriptor, s.parent_code, s.as_of
		FROM stage_terc s LEFT JOIN teryt_unit_version v ON v.code = s.code AND v.valid_to IS NULL
		CROSS JOIN LATERAL (SELECT array_remove(ARRAY[
				CASE WHEN v.kind <> s.kind THEN 'kind' END, CASE WHEN v.name <> s.name THEN 'name' END,
				CASE WHEN v.name_folded <> s.name_folded THEN 'name_folded' END,
				CASE WHEN v.descriptor <> s.descriptor THEN 'descriptor' END,
				CASE WHEN v.parent_code IS DISTINCT FROM s.parent_code AND v.code IS NOT NULL THEN 'parent_code' END], NULL) AS fields,
			jsonb_build_object('kind', v.kind, 'name', v.name, 'descriptor', v.descriptor, 'parent_code', v.parent_code) AS was) x
		WHERE v.code IS NULL OR cardinality(x.fields) > 0`, id); err != nil {
		return err
	}
	if err := stageEnds(ctx, tx, id, f, known); err != nil {
		return err
	}
	if err := counted(ctx, tx, "registry_stage_unit", id, f.rep.Read-f.rep.Rejected, &f.rep); err != nil {
		return err
	}
	for i := range rows {
		f.rep.Kinds[string(rows[i].kind)]++
	}
	if f.file.changes {
		return nil
	}
	return tx.QueryRowContext(ctx, `SELECT count(*) FROM teryt_unit_version u WHERE u.valid_to IS NULL
		AND NOT EXISTS (SELECT 1 FROM stage_terc s WHERE s.code = u.code)
		AND NOT EXISTS (SELECT 1 FROM registry_stage_unit s WHERE s.import_id = $1 AND s.code = u.code)`, id).Scan(&f.rep.Missing)
}

// stageEnds stages the units that end: those that a file of changes deletes or
// gives another code, or a voivodeship's units that a newer file of it no longer
// names.
func stageEnds(ctx context.Context, tx *sql.Tx, id uuid.UUID, f *reading, known sql.NullTime) error {
	for _, e := range f.ends {
		if _, err := tx.ExecContext(ctx, `INSERT INTO registry_stage_unit
				(import_id, change, fields, was, line, code, kind, name, name_folded, descriptor, parent_code, as_of)
			SELECT $1, 'closed', '{}', '{}', $2, v.code, v.kind, v.name, v.name_folded, v.descriptor, v.parent_code, $3
			FROM teryt_unit_version v WHERE v.valid_to IS NULL AND v.code = $4 AND NOT EXISTS (SELECT 1 FROM stage_terc s WHERE s.code = v.code)
			ON CONFLICT DO NOTHING`, id, e.line, e.asOf, e.code); err != nil {
			return err
		}
	}
	if f.file.changes {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO registry_stage_unit
			(import_id, change, fields, was, line, code, kind, name, name_folded, descriptor, parent_code, as_of)
		SELECT $1, 'closed', '{}', '{}', 0, v.code, v.kind, v.name, v.name_folded, v.descriptor, v.parent_code, w.as_of
		FROM teryt_unit_version v JOIN stage_terc w ON w.code = left(v.code, 2)
		WHERE v.valid_to IS NULL AND w.as_of > $2 AND NOT EXISTS (SELECT 1 FROM stage_terc s WHERE s.code = v.code)`, id, known)
	return err
}

func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
