package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// onDay makes the history say that a change holds from a day on.
func onDay(ctx context.Context, tx *db.Tx, day time.Time) error {
	_, err := tx.Exec(ctx, `SELECT set_config('sieci.register_day', $1, true)`, day.Format(time.DateOnly))
	return err
}

// insertInstitution adds one that exists from a day on.
func insertInstitution(ctx context.Context, tx *db.Tx, id uuid.UUID, n NewInstitution, day time.Time) error {
	if err := onDay(ctx, tx, day); err != nil {
		return err
	}
	above := uuid.NullUUID{UUID: n.Parent, Valid: n.Parent != uuid.Nil}
	_, err := tx.Exec(ctx, `INSERT INTO institution (id, kind, name, name_folded, parent_id, complex_id, powiat_code, town, email, website, country, unit_code)
		VALUES ($1, $2, $3, $4, $5, coalesce(CAST($5 AS uuid), $1), nullif($6, ''), $7, $8, $9, $10, nullif($11, ''))`,
		id, n.Kind, n.Name, searchText(n.Name, n.Town, 0), above, n.Powiat, n.Town, n.Email, n.Website, n.Country, n.Unit)
	return err
}

// updateInstitution is false when the version is no longer the one seen.
func updateInstitution(ctx context.Context, tx *db.Tx, id uuid.UUID, e Edit, day time.Time) (bool, error) {
	if err := onDay(ctx, tx, day); err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `UPDATE institution SET name = $2, name_folded = $3, powiat_code = nullif($4, ''), town = $5, email = $6, website = $7,
			closed_on = CASE WHEN $8 THEN coalesce(closed_on, CAST($9 AS date)) END, version = version + 1
		WHERE id = $1 AND version = $10 AND rspo IS NULL`,
		id, e.Name, searchText(e.Name, e.Town, 0), e.Powiat, e.Town, e.Email, e.Website, e.Closed, day.Format(time.DateOnly), e.Version)
	return n == 1, err
}

func seats(ctx context.Context, q db.Q) ([]Institution, error) {
	var out []Institution
	err := q.Select(ctx, &out, `SELECT `+institutionColumns+institutionTables+` WHERE i.kind IN ('ore', 'ministry') AND i.closed_on IS NULL ORDER BY i.name_folded, i.id LIMIT 200`)
	return out, err
}

func officeOf(ctx context.Context, q db.Q, code string) (Institution, error) {
	var i Institution
	err := q.Get(ctx, &i, `SELECT `+institutionColumns+institutionTables+` WHERE i.unit_code = $1`, code)
	return i, db.NotFound(err)
}

// territoryGains are the powiats in which a territory from a day on differs from
// the one that holds on it.
func territoryGains(ctx context.Context, q db.Q, centre uuid.UUID, powiats []string, day time.Time) ([]Gain, error) {
	out := []Gain{}
	err := q.Select(ctx, &out, `WITH old AS (SELECT t.powiat_code AS code FROM centre_territory_on(CAST($1 AS date)) t WHERE t.centre_id = $2),
			new AS (SELECT DISTINCT t.code FROM unnest(CAST($3 AS text[])) AS t (code)),
			differs AS (SELECT coalesce(o.code, n.code) AS code, o.code IS NULL AS added FROM old o FULL JOIN new n ON n.code = o.code WHERE o.code IS NULL OR n.code IS NULL)
		SELECT `+unitColumns+`, d.added,
			(SELECT count(*) FROM institution s WHERE s.powiat_code = d.code AND s.kind IN ('school', 'kindergarten') AND s.closed_on IS NULL) AS schools,
			(SELECT count(*) FROM institution s JOIN person x ON x.institution_id = s.id AND x.state = 'active' WHERE s.powiat_code = d.code) AS people,
			ARRAY(SELECT c.name FROM centre_territory_on(CAST($1 AS date)) t JOIN institution c ON c.id = t.centre_id WHERE t.powiat_code = d.code AND t.centre_id <> $2 ORDER BY c.name, c.id LIMIT 20) AS others
		FROM differs d JOIN LATERAL (SELECT DISTINCT ON (w.code) w.* FROM teryt_unit_version w WHERE w.code = d.code ORDER BY w.code, w.valid_from DESC, w.no DESC) u ON true
		LEFT JOIN teryt_unit p ON p.code = left(u.code, 4) LEFT JOIN teryt_unit v ON v.code = left(u.code, 2)
		ORDER BY u.code LIMIT 1000`, day.Format(time.DateOnly), centre, pq.Array(powiats))
	return out, err
}

// centreHolders counts who has a role on the centre itself.
func centreHolders(ctx context.Context, q db.Q, centre uuid.UUID, at time.Time) (n int, err error) {
	err = q.Get(ctx, &n, `SELECT count(DISTINCT person_id) FROM role_grant WHERE scope_kind = 'centre' AND scope_id = $1
		AND valid_from <= $2 AND (valid_to IS NULL OR valid_to > $2)`, centre, at)
	return n, err
}
