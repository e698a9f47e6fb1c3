package registry

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

const (
	institutionColumns = institutionFields + `, i.country, coalesce(i.unit_code, '') AS unit_code`
	// institutionColumnsOn are those of institution_on: what never changes has no history.
	institutionColumnsOn = institutionFields + `, (SELECT o.country FROM institution o WHERE o.id = i.id) AS country,
	coalesce((SELECT o.unit_code FROM institution o WHERE o.id = i.id), '') AS unit_code`
)

const institutionFields = `i.id, i.rspo, i.kind, i.type_name, i.name, i.parent_id, i.complex_id,
	coalesce(i.gmina_code, '') AS gmina_code, coalesce(i.powiat_code, '') AS powiat_code,
	coalesce(p.name, '') AS powiat, coalesce(p.kind, '') AS powiat_kind, coalesce(v.name, '') AS voivodeship,
	i.town, i.street, i.postcode, i.email, i.website, i.closed_on, i.version`

const institutionTables = ` FROM institution i
	LEFT JOIN teryt_unit p ON p.code = i.powiat_code
	LEFT JOIN teryt_unit v ON v.code = left(i.powiat_code, 2)`

func institution(ctx context.Context, q db.Q, id uuid.UUID) (Institution, error) {
	var i Institution
	err := q.Get(ctx, &i, `SELECT `+institutionColumns+institutionTables+` WHERE i.id = $1`, id)
	return i, db.NotFound(err)
}

func institutions(ctx context.Context, q db.Q, ids []uuid.UUID) ([]Institution, error) {
	var out []Institution
	err := q.Select(ctx, &out, `SELECT `+institutionColumns+institutionTables+` WHERE i.id = any($1) LIMIT 500`, pq.Array(ids))
	return out, err
}

func placeOf(ctx context.Context, q db.Q, id uuid.UUID) (cursor, error) {
	var c cursor
	err := q.Get(ctx, &c, `SELECT name_folded, id FROM institution WHERE id = $1`, id)
	return c, err
}

func placeOn(ctx context.Context, q db.Q, id uuid.UUID, day time.Time) (cursor, error) {
	var c cursor
	err := q.Get(ctx, &c, `SELECT name_folded, id FROM institution_on($2) WHERE id = $1`, id, day)
	return c, err
}

func byRSPO(ctx context.Context, q db.Q, rspo int) (Institution, error) {
	var i Institution
	err := q.Get(ctx, &i, `SELECT `+institutionColumns+institutionTables+` WHERE i.rspo = $1`, rspo)
	return i, db.NotFound(err)
}

func complexOf(ctx context.Context, q db.Q, id uuid.UUID) (uuid.UUID, error) {
	var c uuid.UUID
	err := q.Get(ctx, &c, `SELECT complex_id FROM institution WHERE id = $1`, id)
	return c, db.NotFound(err)
}

func centresOf(ctx context.Context, q db.Q, id uuid.UUID, day time.Time) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT c.id FROM (
			SELECT i.id, 0 AS rank FROM institution i WHERE i.id = $1 AND i.kind = 'centre'
			UNION
			SELECT t.centre_id, 1 FROM institution i JOIN centre_territory_on(CAST($2 AS date)) t ON t.powiat_code = i.powiat_code
			WHERE i.id = $1 AND t.centre_id <> $1
		) c ORDER BY c.rank, c.id LIMIT 100`, id, day.Format(time.DateOnly))
	return out, err
}

// searchQueries are the statements of Search by the number of driving words:
// a closed set, so that each is prepared once.
var searchQueries = queriesOf(institutionColumns, institutionTables, `i.closed_on IS NULL OR i.closed_on > $9`)

// searchOnQueries are those for a day that is not today.
var searchOnQueries = queriesOf(institutionColumnsOn, ` FROM institution_on($9) i
	LEFT JOIN teryt_unit_on($9) p ON p.code = i.powiat_code
	LEFT JOIN teryt_unit_on($9) v ON v.code = left(i.powiat_code, 2)`, `i.active`)

func queriesOf(columns, tables, open string) (out [drivingWords + 1]string) {
	for n := range out {
		var b strings.Builder
		b.WriteString(`SELECT ` + columns + tables + `
			WHERE (i.name_folded, i.id) > ($1, $2) AND ($3 OR ` + open + `)
			AND ($4 = '' OR i.kind = $4) AND ($5 = '' OR left(i.powiat_code, 2) = $5) AND ($6 = '' OR i.powiat_code = $6)
			AND ' ' || i.name_folded LIKE ALL ($7)`)
		for k := range n {
			b.WriteString(` AND i.name_folded LIKE $` + strconv.Itoa(10+k))
		}
		b.WriteString(` ORDER BY i.name_folded, i.id LIMIT $8`)
		out[n] = b.String()
	}
	return out
}

// search reads a page of today's state, or of the day that the query names.
func search(ctx context.Context, q db.Q, in SearchQuery, w words, after cursor, today time.Time, limit int) ([]Institution, error) {
	queries, day := &searchQueries, today
	if !in.On.IsZero() {
		queries, day = &searchOnQueries, in.On
	}
	args := []any{after.Folded, after.ID, in.Closed, in.Kind, in.Voivodeship, in.Powiat, pq.Array(w.rest), limit, day}
	for _, d := range w.driving {
		args = append(args, d)
	}
	var out []Institution
	err := q.Select(ctx, &out, queries[len(w.driving)], args...)
	return out, err
}

const unitColumns = `u.code, u.kind, u.name, coalesce(u.parent_code, '') AS parent_code,
	CASE WHEN length(u.code) = 2 THEN '' ELSE coalesce(p.name, '') END AS powiat, coalesce(v.name, '') AS voivodeship,
	u.valid_from, u.valid_to`

// unitsOn are the units of a day, $1, with those around them.
const unitsOn = ` FROM teryt_unit_on($1) u
	LEFT JOIN teryt_unit_on($1) p ON p.code = left(u.code, 4)
	LEFT JOIN teryt_unit_on($1) v ON v.code = left(u.code, 2)`

// unitsLast are units by their codes, $2, as they are on a day, $1, or were
// before it when they ended: what refers to them still has a name.
const unitsLast = ` FROM (SELECT DISTINCT ON (code) * FROM teryt_unit_version WHERE code = any($2) AND valid_from <= $1
		ORDER BY code, valid_from DESC, no DESC) u
	LEFT JOIN teryt_unit p ON p.code = left(u.code, 4)
	LEFT JOIN teryt_unit v ON v.code = left(u.code, 2)`

func unit(ctx context.Context, q db.Q, code string, day time.Time) (Unit, error) {
	var u Unit
	err := q.Get(ctx, &u, `SELECT `+unitColumns+unitsLast, day, pq.Array([]string{code}))
	return u, db.NotFound(err)
}

// unitsOf reads those of the codes that are local governments.
func unitsOf(ctx context.Context, q db.Q, codes []string, day time.Time) ([]Unit, error) {
	var out []Unit
	err := q.Select(ctx, &out, `SELECT `+unitColumns+unitsLast+` WHERE u.kind <> $3 LIMIT 500`, day, pq.Array(codes), string(Part))
	return out, err
}

func units(ctx context.Context, q db.Q, parent string, kinds []UnitKind, day time.Time, limit int) ([]Unit, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	var out []Unit
	err := q.Select(ctx, &out, `SELECT `+unitColumns+unitsOn+`
		WHERE (u.kind = any($2) OR cardinality($2) = 0) AND ($3 = '' OR u.parent_code = $3) ORDER BY u.name_folded, u.code LIMIT $4`,
		day, pq.Array(names), parent, limit)
	return out, err
}

func localGovernments(ctx context.Context, q db.Q, w words, after string, day time.Time, limit int) ([]Unit, error) {
	var out []Unit
	// 2,807 rows: a scan by code costs less than an index would.
	err := q.Select(ctx, &out, `SELECT `+unitColumns+unitsOn+`
		WHERE u.kind <> 'part' AND u.code > $2 AND ' ' || u.name_folded || ' ' || u.code LIKE ALL ($3)
		ORDER BY u.code LIMIT $4`, day, after, pq.Array(append(w.rest, w.driving...)), limit)
	return out, err
}

func centreRow(ctx context.Context, q db.Q, id uuid.UUID) (Institution, error) {
	var i Institution
	err := q.Get(ctx, &i, `SELECT `+institutionColumns+institutionTables+` WHERE i.id = $1 AND i.kind IN ('centre', 'ore', 'department')`, id)
	return i, db.NotFound(err)
}

func lockCentre(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	n, err := tx.Exec(ctx, `UPDATE institution SET version = version + 1 WHERE id = $1 AND kind IN ('centre', 'ore', 'department')`, id)
	if err == nil && n == 0 {
		return fault.ErrNotFound
	}
	return err
}

// centres lists from the statutory kinds that found networks: centres, ORE and
// its departments.
func centres(ctx context.Context, q db.Q, all bool, ids []uuid.UUID, after cursor, day time.Time, limit int) ([]Institution, error) {
	var out []Institution
	const which = ` WHERE i.kind IN ('centre', 'ore', 'department') AND (i.name_folded, i.id) > ($1, $2) AND ($3 OR i.id = any($4))`
	const order = ` ORDER BY i.name_folded, i.id LIMIT $5`
	if day.IsZero() {
		err := q.Select(ctx, &out, `SELECT `+institutionColumns+institutionTables+which+order, after.Folded, after.ID, all, pq.Array(ids), limit)
		return out, err
	}
	err := q.Select(ctx, &out, `SELECT `+institutionColumnsOn+` FROM institution_on($6) i
		LEFT JOIN teryt_unit_on($6) p ON p.code = i.powiat_code LEFT JOIN teryt_unit_on($6) v ON v.code = left(i.powiat_code, 2)`+
		which+` AND i.active`+order, after.Folded, after.ID, all, pq.Array(ids), limit, day)
	return out, err
}
