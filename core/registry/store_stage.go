package registry

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// loaded are the columns of a file of institutions, as it is loaded.
var loaded = []string{
	"line", "id", "rspo", "kind", "type_name", "name", "name_folded", "parent_rspo", "gmina_code", "powiat_code",
	"town", "town_code", "street", "postcode", "regon", "email", "phone", "website", "public_status", "pupil_category",
	"opened_on", "closed_on", "leading_bodies", "vocations",
}

// told are the columns of an institution that an official file tells.
var told = []string{
	"kind", "type_name", "name", "name_folded", "parent_id", "complex_id", "gmina_code", "powiat_code", "town", "town_code",
	"street", "postcode", "regon", "email", "phone", "website", "public_status", "pupil_category", "opened_on", "closed_on",
	"leading_bodies", "vocations",
}

// each writes a list of told columns by a pattern with %s for the column.
func each(pattern string) string {
	out := make([]string, len(told))
	for i, c := range told {
		out[i] = strings.ReplaceAll(pattern, "%s", c)
	}
	return strings.Join(out, ", ")
}

var (
	tempInstitutions = `CREATE TEMP TABLE stage_rspo (
		line integer NOT NULL, id uuid NOT NULL, rspo integer PRIMARY KEY, kind text NOT NULL, type_name text NOT NULL,
		name text NOT NULL, name_folded text NOT NULL, parent_rspo integer, gmina_code text NOT NULL, powiat_code text NOT NULL,
		town text NOT NULL, town_code text NOT NULL, street text NOT NULL, postcode text NOT NULL, regon text NOT NULL, email text NOT NULL,
		phone text NOT NULL, website text NOT NULL, public_status text NOT NULL, pupil_category text NOT NULL, opened_on date, closed_on date,
		leading_bodies jsonb NOT NULL, vocations jsonb NOT NULL,
		is_new boolean NOT NULL DEFAULT true, parent_id uuid, complex_id uuid) ON COMMIT DROP`

	// compareInstitutions stages the rows that differ from the register; $1 is
	// the import, $2 today.
	compareInstitutions = `INSERT INTO registry_stage_institution (import_id, change, fields, was, line, is_new, id, rspo, ` + each("%s") + `)
		SELECT $1, CASE
				WHEN s.is_new AND s.closed_on <= $2 THEN 'closed' WHEN s.is_new THEN 'new'
				WHEN i.closed_on IS NULL AND s.closed_on IS NOT NULL THEN 'closed' ELSE 'changed' END,
			x.fields, CASE WHEN s.is_new THEN '{}' ELSE (SELECT jsonb_object_agg(f, to_jsonb(i) -> f) FROM unnest(x.fields) f) END,
			s.line, s.is_new, s.id, s.rspo, ` + each("s.%s") + `
		FROM stage_rspo s LEFT JOIN institution i ON i.id = s.id
		CROSS JOIN LATERAL (SELECT array_remove(ARRAY[` + each("CASE WHEN i.%s IS DISTINCT FROM s.%s THEN '%s' END") + `], NULL) AS fields) x
		WHERE s.is_new OR cardinality(x.fields) > 0`

	// closeMissing stages, of a file of the whole register, the open
	// institutions that it lacks.
	closeMissing = `INSERT INTO registry_stage_institution (import_id, change, fields, was, line, is_new, id, rspo, ` + each("%s") + `)
		SELECT $1, 'closed', '{closed_on}', '{"closed_on": null}', 0, false, i.id, i.rspo, ` +
		strings.Replace(each("i.%s"), "i.closed_on", "CAST($2 AS date)", 1) + `
		FROM institution i WHERE i.rspo IS NOT NULL AND i.closed_on IS NULL AND NOT EXISTS (SELECT 1 FROM stage_rspo s WHERE s.rspo = i.rspo)`
)

func stageInstitutions(ctx context.Context, tx *sql.Tx, i *Import, f *reading, today time.Time, tick func(done, total int) error) error {
	if err := run(ctx, tx, tempInstitutions); err != nil {
		return err
	}
	rows := f.schools
	if err := copyRows(ctx, tx, "stage_rspo", loaded, len(rows), tick, func(n int) ([]any, error) { return rows[n].values() }); err != nil {
		return fmt.Errorf("load register: %w", err)
	}
	if err := linkStage(ctx, tx); err != nil {
		return err
	}
	if err := warnOrphans(ctx, tx, f.file, &f.rep); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, compareInstitutions, i.ID, today); err != nil {
		return err
	}
	if i.Whole {
		if _, err := tx.ExecContext(ctx, closeMissing, i.ID, today); err != nil {
			return err
		}
	}
	if err := counted(ctx, tx, "registry_stage_institution", i.ID, len(rows), &f.rep); err != nil {
		return err
	}
	for n := range rows {
		f.rep.Kinds[string(rows[n].kind)]++
	}
	return tx.QueryRowContext(ctx, `SELECT count(*) FROM institution i WHERE i.rspo IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM stage_rspo s WHERE s.rspo = i.rspo)
		AND NOT EXISTS (SELECT 1 FROM registry_stage_institution s WHERE s.import_id = $1 AND s.rspo = i.rspo)`, i.ID).Scan(&f.rep.Missing)
}

// values of a row, in the order of loaded.
func (o *rspoRow) values() ([]any, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	bodies, vocations := "[]", "[]"
	if len(o.bodies) > 0 {
		raw, err := json.Marshal(o.bodies)
		if err != nil {
			return nil, err
		}
		bodies = string(raw)
	}
	if len(o.vocations) > 0 {
		raw, err := json.Marshal(o.vocations)
		if err != nil {
			return nil, err
		}
		vocations = string(raw)
	}
	return []any{
		o.line, id.String(), o.rspo, string(o.kind), o.typeName, o.name, o.folded, sql.NullInt64{Int64: int64(o.parent), Valid: o.parent != 0},
		o.gmina, o.powiat, o.town, o.townCode, o.street, o.postcode, o.regon, o.email, o.phone, o.website, o.status, o.pupils,
		o.openedOn, o.closedOn, bodies, vocations,
	}, nil
}

// linkStage finds out which rows are known already, their parents and the
// uppermost parent of each, in the file first and in the register second.
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
	return run(ctx, tx, append(statements, `UPDATE stage_rspo s SET complex_id = i.complex_id FROM institution i
		WHERE i.id = s.complex_id AND i.complex_id <> s.complex_id AND NOT EXISTS (SELECT 1 FROM stage_rspo p WHERE p.id = i.id)`)...)
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
