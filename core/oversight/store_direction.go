package oversight

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

func tagged(ctx context.Context, q db.Q, id uuid.UUID) (*Tagged, error) {
	var r struct {
		Title     string         `db:"title"`
		Status    string         `db:"status"`
		Year      int            `db:"school_year"`
		Centre    uuid.UUID      `db:"centre_id"`
		Programme uuid.NullUUID  `db:"programme_id"`
		Codes     pq.StringArray `db:"codes"`
	}
	err := q.Get(ctx, &r, `SELECT n.title, n.status, n.school_year, n.centre_id, n.programme_id,
		ARRAY(SELECT d.direction FROM network_direction d WHERE d.network_id = n.id AND d.untagged_at IS NULL ORDER BY d.direction COLLATE "C") AS codes FROM network n WHERE n.id = $1`, id)
	if err != nil {
		return nil, db.NotFound(err)
	}
	return &Tagged{Network: id, Title: r.Title, SchoolYear: r.Year, Codes: append([]string{}, r.Codes...), Open: r.Status == "open",
		At: access.Place{Network: id, Centre: r.Centre, Programme: r.Programme.UUID}}, nil
}

// holdNetwork keeps the network as it is, and two editors apart.
func holdNetwork(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	var got uuid.UUID
	return db.NotFound(tx.Get(ctx, &got, `SELECT n.id FROM network n WHERE n.id = $1 FOR NO KEY UPDATE`, id))
}

func saveTags(ctx context.Context, tx *db.Tx, id uuid.UUID, codes []string, by uuid.UUID, at time.Time) error {
	if _, err := tx.Exec(ctx, `UPDATE network_direction SET untagged_at = greatest(tagged_at, $4), untagged_by = $3
		WHERE network_id = $1 AND direction <> ALL ($2) AND untagged_at IS NULL`, id, pq.Array(codes), nullID(by), at); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO network_direction (network_id, direction, tagged_by, tagged_at)
		SELECT $1, c, $3, $4 FROM unnest(CAST($2 AS text[])) AS t (c)
		WHERE NOT EXISTS (SELECT 1 FROM network_direction d WHERE d.network_id = $1 AND d.direction = t.c AND d.untagged_at IS NULL)
		ON CONFLICT (network_id, direction, tagged_at) DO UPDATE SET untagged_at = NULL, untagged_by = NULL`, id, pq.Array(codes), nullID(by), at)
	return err
}

// coverage reads the members of the networks once, for their powiats.
func coverage(ctx context.Context, q db.Q, r *access.Reach, year int, now time.Time) ([]Cover, error) {
	out := []Cover{}
	err := q.Select(ctx, &out, `WITH net AS MATERIALIZED (SELECT d.direction, n.id, i.powiat_code AS seat, (SELECT count(*) FROM meeting m WHERE m.network_id = n.id AND m.school_year = n.school_year AND `+over+`) AS meetings
			FROM network_direction d JOIN network n ON n.id = d.network_id JOIN institution_on(`+day+`) i ON i.id = n.centre_id
			WHERE n.school_year = $2 AND n.status <> 'draft' AND coalesce(n.opened_at, n.created_at) <= $1 AND d.tagged_at <= $1 AND (d.untagged_at IS NULL OR d.untagged_at > $1) AND ($3 OR n.centre_id = ANY ($4) OR n.programme_id = ANY ($5) OR n.id = ANY ($6) OR `+ofUnits("$7")+`)),
		lies AS MATERIALIZED (SELECT DISTINCT net.direction, net.id, s.powiat_code FROM net JOIN membership b ON b.network_id = net.id AND b.state IN ('active', 'left', 'removed') AND b.joined_at <= $1 AND (b.ended_at IS NULL OR b.ended_at > $1) JOIN institution_on(`+day+`) s ON s.id = b.institution_id
			WHERE s.powiat_code IS NOT NULL AND (coalesce(cardinality(CAST($7 AS text[])), 0) = 0 OR coalesce(s.gmina_code, s.powiat_code) LIKE ANY ($7))),
		spread AS (SELECT x.direction, count(DISTINCT x.powiat_code) AS powiats FROM (SELECT l.direction, l.powiat_code FROM lies l
			UNION ALL SELECT o.direction, o.seat FROM net o WHERE NOT EXISTS (SELECT 1 FROM lies l WHERE l.direction = o.direction AND l.id = o.id)
				AND (coalesce(cardinality(CAST($7 AS text[])), 0) = 0 OR o.seat LIKE ANY ($7))) x GROUP BY x.direction)
		SELECT net.direction, count(*) AS networks, coalesce(sum(net.meetings), 0) AS meetings, coalesce(max(spread.powiats), 0) AS powiats
		FROM net LEFT JOIN spread ON spread.direction = net.direction GROUP BY net.direction ORDER BY net.direction LIMIT 500`,
		now, year, r.All, pq.Array(r.Centres), pq.Array(r.Programmes), pq.Array(r.Networks), pq.Array(r.Units))
	return out, err
}

// enteredRow is a direction that was entered.
type enteredRow struct {
	Code       string `db:"code"`
	SchoolYear int    `db:"school_year"`
	Polish     string `db:"name"`
	English    string `db:"english"`
}

func enteredDirections(ctx context.Context, q db.Q) ([]enteredRow, error) {
	var out []enteredRow
	err := q.Select(ctx, &out, `SELECT code, school_year, name, english FROM policy_direction ORDER BY school_year, no LIMIT 1000`)
	return out, err
}

// nextDirection is the next number of a school year; numbers of what was taken
// back at the end are given again.
func nextDirection(ctx context.Context, tx *db.Tx, year int) (no int, err error) {
	err = tx.Get(ctx, &no, `SELECT coalesce(max(no), 0) + 1 FROM policy_direction WHERE school_year = $1`, year)
	return no, err
}

func insertDirection(ctx context.Context, tx *db.Tx, code string, no int, d *NewDirection, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO policy_direction (code, school_year, no, name, english, added_by, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		code, d.SchoolYear, no, d.Polish, d.English, nullID(by), at)
	return err
}

// lockDirection holds one that was entered and tells whether a network names or named it.
func lockDirection(ctx context.Context, tx *db.Tx, code string) (used bool, err error) {
	var got string
	if err := tx.Get(ctx, &got, `SELECT code FROM policy_direction WHERE code = $1 FOR UPDATE`, code); err != nil {
		return false, db.NotFound(err)
	}
	err = tx.Get(ctx, &used, `SELECT EXISTS (SELECT 1 FROM network_direction WHERE direction = $1)`, code)
	return used, err
}

func deleteDirection(ctx context.Context, tx *db.Tx, code string) error {
	_, err := tx.Exec(ctx, `DELETE FROM policy_direction WHERE code = $1`, code)
	return err
}
