package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// territory lists the powiats in which a centre acts on a day, as they are called now.
func territory(ctx context.Context, q db.Q, centre uuid.UUID, day time.Time) ([]Unit, error) {
	var out []Unit
	err := q.Select(ctx, &out, `SELECT `+unitColumns+` FROM centre_territory_on(CAST($2 AS date)) t
		JOIN LATERAL (SELECT w.code, w.kind, w.name, w.parent_code, w.valid_from, w.valid_to FROM teryt_unit_version w WHERE w.code = t.powiat_code ORDER BY w.no DESC LIMIT 1) u ON true
		LEFT JOIN teryt_unit p ON p.code = left(u.code, 4) LEFT JOIN teryt_unit v ON v.code = left(u.code, 2)
		WHERE t.centre_id = $1 ORDER BY u.code LIMIT 500`, centre, day.Format(time.DateOnly))
	return out, err
}

// tenures are the rows of a centre's territory that began or end on a day, the
// newest first: what holds from the beginning until further notice is left out.
func tenures(ctx context.Context, q db.Q, centre uuid.UUID) ([]Tenure, error) {
	out := []Tenure{}
	err := q.Select(ctx, &out, `SELECT `+unitColumns+`, nullif(t.valid_from, CAST($2 AS date)) AS acts_from, t.valid_to AS acts_to FROM centre_territory t
		JOIN LATERAL (SELECT w.code, w.kind, w.name, w.parent_code, w.valid_from, w.valid_to FROM teryt_unit_version w WHERE w.code = t.powiat_code ORDER BY w.no DESC LIMIT 1) u ON true
		LEFT JOIN teryt_unit p ON p.code = left(u.code, 4) LEFT JOIN teryt_unit v ON v.code = left(u.code, 2)
		WHERE t.centre_id = $1 AND (t.valid_to IS NOT NULL OR t.valid_from > CAST($2 AS date)) ORDER BY coalesce(t.valid_to, t.valid_from) DESC, u.code LIMIT 1000`, centre, beginning.Format(time.DateOnly))
	return out, err
}

// hasTerritory reports whether a centre ever had one.
func hasTerritory(ctx context.Context, q db.Q, centre uuid.UUID) (has bool, err error) {
	err = q.Get(ctx, &has, `SELECT EXISTS (SELECT 1 FROM centre_territory WHERE centre_id = $1)`, centre)
	return has, err
}

// setTerritory makes the powiats those of a centre from a day on, in the place of
// what was set to begin on that day or later; earlier days keep theirs.
func setTerritory(ctx context.Context, tx *db.Tx, centre uuid.UUID, powiats []string, from time.Time) error {
	day, list := from.Format(time.DateOnly), append([]string{}, powiats...) // an empty list is none, not NULL
	if _, err := tx.Exec(ctx, `DELETE FROM centre_territory WHERE centre_id = $1 AND valid_from >= CAST($2 AS date)`, centre, day); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE centre_territory SET valid_to = CASE WHEN powiat_code <> ALL ($3) THEN CAST($2 AS date) END
		WHERE centre_id = $1 AND (valid_to IS NULL OR valid_to >= CAST($2 AS date))`, centre, day, pq.Array(list)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO centre_territory (centre_id, powiat_code, valid_from)
		SELECT $1, x.code, CAST($2 AS date) FROM unnest(CAST($3 AS text[])) AS x (code)
		WHERE NOT EXISTS (SELECT 1 FROM centre_territory t WHERE t.centre_id = $1 AND t.powiat_code = x.code AND t.valid_to IS NULL)`, centre, day, pq.Array(list))
	return err
}

// laterChanges counts the rows of a centre's territory that begin or end after a day.
func laterChanges(ctx context.Context, q db.Q, centre uuid.UUID, day time.Time) (n int, err error) {
	err = q.Get(ctx, &n, `SELECT count(*) FROM centre_territory WHERE centre_id = $1 AND (valid_from > CAST($2 AS date) OR valid_to > CAST($2 AS date))`, centre, day.Format(time.DateOnly))
	return n, err
}
