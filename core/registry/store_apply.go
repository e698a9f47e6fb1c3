package registry

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Beginning is from when the register counts what was there at its first
// import: today's voivodeships began on that day.
var Beginning = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)

// manyChanges is from how many changed rows on the planner is told at once.
const manyChanges = 1000

// applyStaged writes the staged rows; the triggers of the tables keep the
// history. What comes with the first file of a register counts from
// [Beginning]; later, units change on the day of their file and institutions
// today, because a report of an earlier day must not change.
func applyStaged(ctx context.Context, t *db.Tx, i *Import, today time.Time) error {
	day := today
	first := `SELECT NOT EXISTS (SELECT 1 FROM institution WHERE rspo IS NOT NULL)`
	if i.Register == TERC {
		first = `SELECT NOT EXISTS (SELECT 1 FROM teryt_unit)`
	}
	var isFirst bool
	if err := t.Get(ctx, &isFirst, first); err != nil {
		return err
	}
	if isFirst {
		day = Beginning
	}
	if _, err := t.Exec(ctx, `SELECT set_config('sieci.register_day', $1, true), set_config('sieci.register_import', $2, true)`,
		day.Format(time.DateOnly), i.ID.String()); err != nil {
		return err
	}
	switch {
	case i.Register == RSPO:
		return applyInstitutions(ctx, t, i)
	case isFirst:
		return applyUnits(ctx, t, i, true, Beginning)
	}
	// A file of changes speaks for several days.
	var days []time.Time
	if err := t.Select(ctx, &days, `SELECT DISTINCT as_of FROM registry_stage_unit WHERE import_id = $1 ORDER BY as_of LIMIT 1000`, i.ID); err != nil {
		return err
	}
	for _, day := range days {
		if _, err := t.Exec(ctx, `SELECT set_config('sieci.register_day', $1, true)`, day.Format(time.DateOnly)); err != nil {
			return err
		}
		if err := applyUnits(ctx, t, i, false, day); err != nil {
			return err
		}
	}
	return nil
}

// applyUnits writes the staged units of a day, or all of them.
func applyUnits(ctx context.Context, t *db.Tx, i *Import, all bool, day time.Time) error {
	for _, q := range []string{
		`UPDATE teryt_unit u SET kind = s.kind, name = s.name, name_folded = s.name_folded, descriptor = s.descriptor, parent_code = s.parent_code, as_of = s.as_of
			FROM registry_stage_unit s WHERE s.import_id = $1 AND ($2 OR s.as_of = $3) AND s.change <> 'closed' AND u.code = s.code`,
		`INSERT INTO teryt_unit (code, kind, name, name_folded, descriptor, parent_code, as_of)
			SELECT s.code, s.kind, s.name, s.name_folded, s.descriptor, s.parent_code, s.as_of FROM registry_stage_unit s
			WHERE s.import_id = $1 AND ($2 OR s.as_of = $3) AND s.change = 'new' AND NOT EXISTS (SELECT 1 FROM teryt_unit u WHERE u.code = s.code)`,
		// One that had ended and is back as it was: no trigger saw a change.
		`INSERT INTO teryt_unit_version (code, no, valid_from, import_id, kind, name, name_folded, descriptor, parent_code, as_of)
			SELECT s.code, (SELECT max(no) + 1 FROM teryt_unit_version v WHERE v.code = s.code), register_day(), s.import_id,
				s.kind, s.name, s.name_folded, s.descriptor, s.parent_code, s.as_of
			FROM registry_stage_unit s WHERE s.import_id = $1 AND ($2 OR s.as_of = $3) AND s.change = 'new'
			AND NOT EXISTS (SELECT 1 FROM teryt_unit_version v WHERE v.code = s.code AND v.valid_to IS NULL)`,
		`UPDATE teryt_unit_version v SET valid_to = greatest(v.valid_from, s.as_of), ended_by = s.import_id
			FROM registry_stage_unit s WHERE s.import_id = $1 AND ($2 OR s.as_of = $3) AND s.change = 'closed' AND v.code = s.code AND v.valid_to IS NULL`,
		// A gmina that changed its kind has another code: its institutions follow.
		`UPDATE institution i SET gmina_code = n.code, version = i.version + 1
			FROM registry_stage_unit c JOIN registry_stage_unit n ON n.import_id = c.import_id AND n.change = 'new'
				AND left(n.code, 6) = left(c.code, 6) AND n.kind IN ('gmina_urban', 'gmina_rural', 'gmina_urban_rural')
			WHERE c.import_id = $1 AND ($2 OR c.as_of = $3) AND c.change = 'closed' AND c.kind IN ('gmina_urban', 'gmina_rural', 'gmina_urban_rural') AND i.gmina_code = c.code`,
	} {
		if _, err := t.Exec(ctx, q, i.ID, all, day); err != nil {
			return err
		}
	}
	return nil
}

var (
	insertStaged = `INSERT INTO institution (id, rspo, ` + each("%s") + `)
		SELECT id, rspo, ` + each("%s") + ` FROM registry_stage_institution WHERE import_id = $1 AND is_new ORDER BY rspo`
	updateStaged = `UPDATE institution i SET ` + each("%s = s.%s") + `, version = i.version + 1
		FROM registry_stage_institution s WHERE s.import_id = $1 AND NOT s.is_new AND i.id = s.id`
)

func applyInstitutions(ctx context.Context, t *db.Tx, i *Import) error {
	for _, q := range []string{insertStaged, updateStaged} {
		if _, err := t.Exec(ctx, q, i.ID); err != nil {
			return err
		}
	}
	// Branches that this file does not name follow their school into its complex.
	for range 2 {
		if _, err := t.Exec(ctx, `UPDATE institution c SET complex_id = p.complex_id, version = c.version + 1
			FROM institution p WHERE p.id = c.parent_id AND c.complex_id <> p.complex_id`); err != nil {
			return err
		}
	}
	if i.Changes() < manyChanges {
		return nil
	}
	return run(ctx, t.SQL(), `SET CONSTRAINTS ALL IMMEDIATE`, `ANALYZE institution, institution_version`)
}

// undoable refuses to take an import back on which something stands: a later
// import, or data of other rooms at an institution that it brought.
func undoable(ctx context.Context, t *db.Tx, i *Import) error {
	var later bool
	if err := t.Get(ctx, &later, `SELECT EXISTS (SELECT 1 FROM registry_import WHERE state IN ('done', 'undoing') AND epoch > $1)`, i.epoch); err != nil {
		return err
	}
	if later {
		return fault.New(fault.Conflict, "registry.undo_later")
	}
	used, err := usedBy(ctx, t.SQL(), "institution", `SELECT institution_id FROM institution_version WHERE no = 1 AND import_id = '`+i.ID.String()+`'`)
	if err != nil {
		return err
	}
	if used != "" {
		return fault.New(fault.Conflict, usedKey(used))
	}
	return nil
}

// usedBy is a table of another room that refers to one of the rows of table
// that a query gives, "" when none does. Rooms to come are found by their
// foreign keys; roles know their place without one.
func usedBy(ctx context.Context, tx *sql.Tx, table, rows string) (string, error) {
	found, err := tx.QueryContext(ctx, `SELECT quote_ident(c.relname), quote_ident(a.attname) FROM pg_constraint k
		JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
		WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND k.confrelid = CAST(CAST($1 AS text) AS regclass)
		AND c.relname NOT IN ('institution', 'institution_version', 'teryt_unit', 'teryt_unit_version') ORDER BY 1, 2`, table)
	if err != nil {
		return "", err
	}
	defer found.Close()
	type column struct{ table, name string }
	columns := []column{}
	if table == "institution" {
		columns = append(columns, column{"role_grant", "scope_id"})
	}
	for found.Next() {
		var c column
		if err := found.Scan(&c.table, &c.name); err != nil {
			return "", err
		}
		columns = append(columns, c)
	}
	if err := found.Err(); err != nil {
		return "", err
	}
	for _, c := range columns {
		var used bool
		// The names are the catalogue's own, quoted.
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM `+c.table+` WHERE `+c.name+` IN (`+rows+`))`).Scan(&used); err != nil {
			return "", err
		}
		if used {
			return c.table, nil
		}
	}
	return "", nil
}

// undoImport restores from the history what was there before an import, and
// deletes what it brought.
func undoImport(ctx context.Context, t *db.Tx, i *Import) error {
	if err := lockRegisters(ctx, t.SQL()); err != nil {
		return err
	}
	if err := undoable(ctx, t, i); err != nil {
		return err
	}
	if _, err := t.Exec(ctx, `SELECT set_config('sieci.register_keep', 'off', true)`); err != nil {
		return err
	}
	for _, q := range undoSteps {
		if _, err := t.Exec(ctx, q, i.ID); err != nil {
			return depends(err)
		}
	}
	used, err := usedBy(ctx, t.SQL(), "teryt_unit", `SELECT code FROM teryt_unit_version WHERE no = 1 AND import_id = '`+i.ID.String()+`'`)
	if err != nil {
		return err
	}
	if used != "" {
		return fault.New(fault.Conflict, usedKey(used))
	}
	for _, q := range undoUnits {
		if _, err := t.Exec(ctx, q, i.ID); err != nil {
			return depends(err)
		}
	}
	return nil
}

var (
	undoSteps = []string{
		// As they were: the last version that is not of this import. A version
		// number that others raised meanwhile goes on.
		`UPDATE institution i SET ` + each("%s = v.%s") + `,
				version = CASE WHEN i.version = mine.version THEN v.version ELSE i.version + 1 END
			FROM (SELECT institution_id, max(version) AS version FROM institution_version WHERE import_id = $1 GROUP BY institution_id) mine
			JOIN LATERAL (SELECT w.version, ` + each("w.%s") + ` FROM institution_version w WHERE w.institution_id = mine.institution_id AND w.import_id IS DISTINCT FROM $1
				ORDER BY w.no DESC LIMIT 1) v ON true
			WHERE i.id = mine.institution_id`,
		`DELETE FROM institution i WHERE i.id IN (SELECT institution_id FROM institution_version WHERE no = 1 AND import_id = $1)`,
		`DELETE FROM institution_version WHERE import_id = $1`,
		`UPDATE institution_version SET valid_to = NULL, ended_by = NULL WHERE ended_by = $1`,
	}
	undoUnits = []string{
		`UPDATE teryt_unit u SET kind = v.kind, name = v.name, name_folded = v.name_folded, descriptor = v.descriptor, parent_code = v.parent_code, as_of = v.as_of
			FROM (SELECT DISTINCT code FROM teryt_unit_version WHERE import_id = $1) mine
			JOIN LATERAL (SELECT w.kind, w.name, w.name_folded, w.descriptor, w.parent_code, w.as_of FROM teryt_unit_version w WHERE w.code = mine.code AND w.import_id IS DISTINCT FROM $1
				ORDER BY w.no DESC LIMIT 1) v ON true
			WHERE u.code = mine.code`,
		`DELETE FROM teryt_unit u WHERE u.code IN (SELECT code FROM teryt_unit_version WHERE no = 1 AND import_id = $1)`,
		`DELETE FROM teryt_unit_version WHERE import_id = $1`,
		`UPDATE teryt_unit_version SET valid_to = NULL, ended_by = NULL WHERE ended_by = $1`,
	}
)

// depends turns a violated foreign key into the refusal to take an import back.
func depends(err error) error {
	var p *pq.Error
	if errors.As(err, &p) && p.Code == "23503" {
		return fault.Wrap(err, fault.Conflict, usedKey(p.Table))
	}
	return err
}

// usedKey is the refusal that names a table's things.
func usedKey(table string) string {
	switch table = strings.Trim(table, `"`); table {
	case "person", "role_grant", "network", "membership", "network_invitation", "centre_territory", "resource", "programme":
		return "registry.undo_used_" + table
	}
	return "registry.undo_used_other"
}
