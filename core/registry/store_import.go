package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// The statements of a merge name a table that lives only in its transaction,
// so they go to the transaction itself: db's prepared statements are made on
// any connection of the pool, where that table does not exist.

// importLock keeps two imports apart; any number that only this file uses.
const importLock = 2_000_201

// importTimeout replaces the pool's ceiling for a statement: merging the whole
// country takes seconds, on a busy machine more.
const importTimeout = "300s"

func beginImport(ctx context.Context, tx *sql.Tx, stage string) error {
	for _, q := range []string{
		"SET LOCAL statement_timeout = '" + importTimeout + "'",
		"SELECT pg_advisory_xact_lock(" + strconv.Itoa(importLock) + ")",
		stage,
	} {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// copyRows stages n rows by COPY, the one way to send tens of thousands in a second.
func copyRows(ctx context.Context, tx *sql.Tx, table string, columns []string, n int, progress func(done, total int), row func(i int) []any) error {
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
		if _, err := st.ExecContext(ctx, row(i)...); err != nil {
			return fmt.Errorf("stage row %d: %w", i, err)
		}
		if (i+1)%1000 == 0 {
			progress(i+1, n)
		}
	}
	if _, err := st.ExecContext(ctx); err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	progress(n, n)
	return nil
}

func allUnits(ctx context.Context, q db.Q) ([]Unit, error) {
	var out []Unit
	// The whole register is about 4,500 rows.
	err := q.Select(ctx, &out, `SELECT code, kind FROM teryt_unit ORDER BY code LIMIT 20000`)
	return out, err
}

func affectedBy(ctx context.Context, tx *sql.Tx, query string) (int, error) {
	r, err := tx.ExecContext(ctx, query)
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

func mergeTERC(ctx context.Context, t *db.Tx, file *table, rows []tercRow, rep *Report, o importing) error {
	tx := t.SQL()
	if err := beginImport(ctx, tx, `CREATE TEMP TABLE stage_terc (
			line integer NOT NULL, code text PRIMARY KEY, kind text NOT NULL, name text NOT NULL, name_folded text NOT NULL,
			descriptor text NOT NULL, parent_code text, as_of date NOT NULL) ON COMMIT DROP`); err != nil {
		return err
	}
	err := copyRows(ctx, tx, "stage_terc", []string{"line", "code", "kind", "name", "name_folded", "descriptor", "parent_code", "as_of"},
		len(rows), o.progress, func(i int) []any {
			r := &rows[i]
			return []any{r.line, r.code, string(r.kind), r.name, r.folded, r.descriptor, nullText(r.parent), r.asOf}
		})
	if err != nil {
		return err
	}
	if err := checkTERC(ctx, tx, file, rep); err != nil {
		return err
	}
	if rep.Changed, err = affectedBy(ctx, tx, `UPDATE teryt_unit u
		SET kind = s.kind, name = s.name, name_folded = s.name_folded, descriptor = s.descriptor, as_of = s.as_of
		FROM stage_terc s WHERE s.code = u.code
		AND (u.kind, u.name, u.name_folded, u.descriptor) IS DISTINCT FROM (s.kind, s.name, s.name_folded, s.descriptor)`); err != nil {
		return err
	}
	if _, err = affectedBy(ctx, tx, `UPDATE teryt_unit u SET as_of = s.as_of FROM stage_terc s WHERE s.code = u.code AND u.as_of <> s.as_of`); err != nil {
		return err
	}
	if rep.New, err = affectedBy(ctx, tx, `INSERT INTO teryt_unit (code, kind, name, name_folded, descriptor, parent_code, as_of)
		SELECT code, kind, name, name_folded, descriptor, parent_code, as_of FROM stage_terc s
		WHERE NOT EXISTS (SELECT 1 FROM teryt_unit u WHERE u.code = s.code)`); err != nil {
		return err
	}
	rep.Same = len(rows) - rep.New - rep.Changed
	for i := range rows {
		rep.Kinds[string(rows[i].kind)]++
	}
	return tx.QueryRowContext(ctx, `SELECT count(*) FROM teryt_unit u
		WHERE NOT EXISTS (SELECT 1 FROM stage_terc s WHERE s.code = u.code)`).Scan(&rep.Missing)
}

// checkTERC is what only the database knows: units above that neither the file
// nor the register has, and files older than the register.
func checkTERC(ctx context.Context, tx *sql.Tx, file *table, rep *Report) error {
	var older bool
	if err := tx.QueryRowContext(ctx, `SELECT coalesce((SELECT max(as_of) FROM stage_terc) < (SELECT max(as_of) FROM teryt_unit), false)`).Scan(&older); err != nil {
		return err
	}
	if older {
		return fault.InvalidFields(fault.Field{Path: "file", Key: "registry.file_older"})
	}
	orphans, err := tx.QueryContext(ctx, `SELECT s.line, s.parent_code FROM stage_terc s WHERE s.parent_code IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM stage_terc p WHERE p.code = s.parent_code)
		AND NOT EXISTS (SELECT 1 FROM teryt_unit u WHERE u.code = s.parent_code) ORDER BY s.line LIMIT 100`)
	if err != nil {
		return err
	}
	defer orphans.Close()
	found := false
	for orphans.Next() {
		var line int
		var parent string
		if err := orphans.Scan(&line, &parent); err != nil {
			return err
		}
		found = true
		rep.reject(file, line, "woj", "row_unit_above", "Code", parent)
	}
	if err := orphans.Err(); err != nil {
		return err
	}
	if found {
		return rep.refused()
	}
	return nil
}

var rspoColumns = []string{
	"line", "id", "rspo", "kind", "type_name", "name", "name_folded", "parent_rspo", "gmina_code", "powiat_code",
	"town", "street", "postcode", "regon", "email", "website", "closed_on",
}

func mergeRSPO(ctx context.Context, t *db.Tx, file *table, rows []rspoRow, rep *Report, o importing) error {
	tx := t.SQL()
	if err := beginImport(ctx, tx, `CREATE TEMP TABLE stage_rspo (
			line integer NOT NULL, id uuid NOT NULL, rspo integer PRIMARY KEY, kind text NOT NULL, type_name text NOT NULL,
			name text NOT NULL, name_folded text NOT NULL, parent_rspo integer, gmina_code text NOT NULL, powiat_code text NOT NULL,
			town text NOT NULL, street text NOT NULL, postcode text NOT NULL, regon text NOT NULL, email text NOT NULL,
			website text NOT NULL, closed_on date,
			is_new boolean NOT NULL DEFAULT true, parent_id uuid, complex_id uuid) ON COMMIT DROP`); err != nil {
		return err
	}
	var failed error
	err := copyRows(ctx, tx, "stage_rspo", rspoColumns, len(rows), o.progress, func(i int) []any {
		r := &rows[i]
		id, err := uuid.NewV7()
		if err != nil {
			failed = err
		}
		return []any{
			r.line, id.String(), r.rspo, string(r.kind), r.typeName, r.name, r.folded, sql.NullInt64{Int64: int64(r.parent), Valid: r.parent != 0},
			r.gmina, r.powiat, r.town, r.street, r.postcode, r.regon, r.email, r.website, r.closedOn,
		}
	})
	if err := errors.Join(err, failed); err != nil {
		return fmt.Errorf("stage register: %w", err)
	}
	if err := linkStage(ctx, tx); err != nil {
		return err
	}
	if err := warnOrphans(ctx, tx, file, rep); err != nil {
		return err
	}
	if err := writeInstitutions(ctx, tx, rep); err != nil {
		return err
	}
	rep.Same = len(rows) - rep.New - rep.Changed
	for i := range rows {
		rep.Kinds[string(rows[i].kind)]++
		if rows[i].closedOn != nil {
			rep.Closed++
		}
	}
	return tx.QueryRowContext(ctx, `SELECT count(*) FROM institution i
		WHERE i.rspo IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stage_rspo s WHERE s.rspo = i.rspo)`).Scan(&rep.Missing)
}

// writeInstitutions puts the linked stage into the register.
func writeInstitutions(ctx context.Context, tx *sql.Tx, rep *Report) (err error) {
	if rep.New, err = affectedBy(ctx, tx, `INSERT INTO institution
		(id, rspo, kind, type_name, name, name_folded, parent_id, complex_id, gmina_code, powiat_code, town, street, postcode, regon, email, website, closed_on)
		SELECT id, rspo, kind, type_name, name, name_folded, parent_id, complex_id, gmina_code, powiat_code, town, street, postcode, regon, email, website, closed_on
		FROM stage_rspo WHERE is_new`); err != nil {
		return err
	}
	if rep.Changed, err = affectedBy(ctx, tx, `UPDATE institution i SET kind = s.kind, type_name = s.type_name, name = s.name,
			name_folded = s.name_folded, parent_id = s.parent_id, complex_id = s.complex_id, gmina_code = s.gmina_code,
			powiat_code = s.powiat_code, town = s.town, street = s.street, postcode = s.postcode, regon = s.regon,
			email = s.email, website = s.website, closed_on = s.closed_on, version = i.version + 1
		FROM stage_rspo s WHERE i.id = s.id AND NOT s.is_new
		AND (i.kind, i.type_name, i.name, i.name_folded, i.parent_id, i.complex_id, i.gmina_code, i.powiat_code,
			i.town, i.street, i.postcode, i.regon, i.email, i.website, i.closed_on)
		IS DISTINCT FROM (s.kind, s.type_name, s.name, s.name_folded, s.parent_id, s.complex_id, s.gmina_code, s.powiat_code,
			s.town, s.street, s.postcode, s.regon, s.email, s.website, s.closed_on)`); err != nil {
		return err
	}
	// Branches that this file does not name follow their school into its complex.
	for range 2 {
		if _, err = affectedBy(ctx, tx, `UPDATE institution c SET complex_id = p.complex_id, version = c.version + 1
			FROM institution p WHERE p.id = c.parent_id AND c.complex_id <> p.complex_id`); err != nil {
			return err
		}
	}
	return nil
}

// linkStage finds out which rows are known already, their parents and the
// uppermost parent of each, in the stage first and in the register second.
func linkStage(ctx context.Context, tx *sql.Tx) error {
	statements := []string{
		`UPDATE stage_rspo s SET id = i.id, is_new = false FROM institution i WHERE i.rspo = s.rspo`,
		`CREATE UNIQUE INDEX ON stage_rspo (id)`,
		`ANALYZE stage_rspo`,
		`UPDATE stage_rspo s SET parent_id = p.id FROM stage_rspo p WHERE p.rspo = s.parent_rspo`,
		`UPDATE stage_rspo s SET parent_id = i.id FROM institution i WHERE s.parent_id IS NULL AND i.rspo = s.parent_rspo`,
		`UPDATE stage_rspo SET complex_id = coalesce(parent_id, id)`,
	}
	// A school, its complex, a branch of the school: three levels exist, and
	// each statement climbs one.
	for range 3 {
		statements = append(statements, `UPDATE stage_rspo s SET complex_id = p.complex_id FROM stage_rspo p
			WHERE p.id = s.complex_id AND p.complex_id <> s.complex_id`)
	}
	statements = append(statements, `UPDATE stage_rspo s SET complex_id = i.complex_id FROM institution i
		WHERE i.id = s.complex_id AND i.complex_id <> s.complex_id AND NOT EXISTS (SELECT 1 FROM stage_rspo p WHERE p.id = i.id)`)
	for _, q := range statements {
		if _, err := tx.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// warnOrphans names rows whose parent is nowhere: they are imported as if they
// stood alone.
func warnOrphans(ctx context.Context, tx *sql.Tx, file *table, rep *Report) error {
	rows, err := tx.QueryContext(ctx, `SELECT line, parent_rspo FROM stage_rspo
		WHERE parent_rspo IS NOT NULL AND parent_id IS NULL ORDER BY line LIMIT 100`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line, parent int
		if err := rows.Scan(&line, &parent); err != nil {
			return err
		}
		rep.warn(file, line, "parent", "row_parent_unknown", "Value", parent)
	}
	return rows.Err()
}

func insertImport(ctx context.Context, tx *db.Tx, by uuid.UUID, sum []byte, rep *Report) error {
	raw, err := json.Marshal(rep)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO registry_import (id, kind, at, by_id, sha256, report) VALUES ($1, $2, $3, $4, $5, $6)`,
		rep.ID, rep.Register, rep.At, uuid.NullUUID{UUID: by, Valid: by != uuid.Nil}, sum, string(raw))
	return err
}

func importReport(ctx context.Context, q db.Q, id uuid.UUID) (rep Report, err error) {
	var raw []byte
	if err := q.Get(ctx, &raw, `SELECT report FROM registry_import WHERE id = $1`, id); err != nil {
		return rep, db.NotFound(err)
	}
	return rep, json.Unmarshal(raw, &rep)
}

func importReports(ctx context.Context, q db.Q, before uuid.UUID, limit int) ([]Report, error) {
	var raws [][]byte
	if before == uuid.Nil {
		before = uuid.Max
	}
	err := q.Select(ctx, &raws, `SELECT report - 'errors' - 'warnings' FROM registry_import WHERE id < $1 ORDER BY id DESC LIMIT $2`, before, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Report, len(raws))
	for i, raw := range raws {
		if err := json.Unmarshal(raw, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
