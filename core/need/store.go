package need

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/place"
)

// A draft network is its centre's own business: until it opens, the need looks unmet.
const needColumns = `n.id, n.institution_id, i.name AS school, ` + place.Columns + `, coalesce(i.powiat_code, '') AS powiat_code, n.topic, n.school_year, n.note, n.people, n.reported_at,
	w.id AS network_id, coalesce(w.title, '') AS network_title, n.version
	FROM need n JOIN institution i ON i.id = n.institution_id ` + place.Joins + ` LEFT JOIN network w ON w.id = n.network_id AND w.status <> 'draft'`

func ownNeeds(ctx context.Context, q db.Q, schools []uuid.UUID) ([]Need, error) {
	var rows []Need
	err := q.Select(ctx, &rows, `SELECT `+needColumns+` WHERE n.institution_id = ANY ($1) ORDER BY n.school_year DESC, n.id DESC LIMIT $2`, pq.Array(schools), maxOwn)
	return rows, err
}

func needByID(ctx context.Context, q db.Q, id uuid.UUID) (Need, error) {
	var n Need
	err := q.Get(ctx, &n, `SELECT `+needColumns+` WHERE n.id = $1`, id)
	return n, db.NotFound(err)
}

// insertNeed is false when the school reported the topic for the year before.
func insertNeed(ctx context.Context, tx *db.Tx, id uuid.UUID, in *Input, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO need (id, institution_id, topic, school_year, note, people, reported_by, reported_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (institution_id, topic, school_year) DO NOTHING`,
		id, in.Institution, in.Topic, in.SchoolYear, in.Note, in.People, by, at)
	return n == 1, err
}

func updateNeed(ctx context.Context, tx *db.Tx, id uuid.UUID, in *Input) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE need SET note = $2, people = $3, version = version + 1 WHERE id = $1 AND version = $4 AND network_id IS NULL`,
		id, in.Note, in.People, in.Version)
	return n == 1, err
}

func deleteNeed(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM need WHERE id = $1 AND network_id IS NULL`, id)
	return n == 1, err
}

// inReach is the condition that an institution (a column) lies in the reach: $1
// all, $2 centres (by their territory at the moment of that parameter), $3 institutions. Two texts, because no one plan
// serves both; and an array, which is made once whatever the plan.
func inReach(r *access.Reach, institution, at string) string { return within(r, institution, at, "") }

// onBoard is inReach for the board, where local governments see their numbers:
// $4 are patterns of TERC codes. Institutions are found by their powiat, which
// has an index.
func onBoard(r *access.Reach, institution, at string) string {
	if r.All {
		return `(` + within(r, institution, at, "") + ` OR CAST($4 AS text[]) IS NULL)`
	}
	return within(r, institution, at, `
		UNION SELECT x.id FROM unnest(CAST($4 AS text[])) AS l (unit) JOIN teryt_unit w ON w.kind IN ('powiat', 'city_powiat') AND w.code LIKE rtrim(left(l.unit, 4), '%') || '%'
			JOIN institution x ON x.powiat_code = w.code AND coalesce(x.gmina_code, x.powiat_code) LIKE l.unit`)
}

func within(r *access.Reach, institution, at, more string) string {
	if r.All {
		return `($1 OR CAST($2 AS uuid[]) IS NULL OR CAST($3 AS uuid[]) IS NULL OR CAST(` + at + ` AS timestamptz) IS NULL)`
	}
	return `NOT $1 AND ` + institution + ` = ANY (ARRAY(SELECT unnest(CAST($3 AS uuid[]))
		UNION SELECT x.id FROM centre_territory_at(` + at + `) t JOIN institution x ON x.powiat_code = t.powiat_code WHERE t.centre_id = ANY (CAST($2 AS uuid[]))` + more + `))`
}

func reachArgs(r *access.Reach, more ...any) []any {
	return append([]any{r.All, pq.Array(r.Centres), pq.Array(r.Institutions)}, more...)
}

// inPowiat narrows needs n to the schools of powiat $6, which are found first.
func inPowiat(powiat string) string {
	if powiat == "" {
		return `$6 = ''`
	}
	return `n.institution_id = ANY (ARRAY(SELECT z.id FROM institution z WHERE z.powiat_code = $6))`
}

func clusters(ctx context.Context, q db.Q, r *access.Reach, year int, powiat string, at time.Time) ([]Cluster, error) {
	var rows []Cluster
	err := q.Select(ctx, &rows, `SELECT n.topic, count(*) AS schools, sum(n.people) AS people, count(w.id) AS met, count(DISTINCT w.id) AS networks
		FROM need n LEFT JOIN network w ON w.id = n.network_id AND (w.status <> 'draft' OR $1 OR w.centre_id = ANY ($2))
		WHERE n.school_year = $5 AND `+onBoard(r, "n.institution_id", "$7")+` AND `+inPowiat(powiat)+`
		GROUP BY n.topic ORDER BY count(*) - count(w.id) DESC, count(*) DESC, n.topic LIMIT 200`, reachArgs(r, pq.Array(r.Units), year, powiat, at)...)
	return rows, err
}

func areas(ctx context.Context, q db.Q, r *access.Reach, year int, at time.Time) ([]Area, error) {
	var rows []Area
	err := q.Select(ctx, &rows, `WITH here AS (SELECT u.code, u.name, u.kind FROM teryt_unit u WHERE u.kind IN ('powiat', 'city_powiat')
				AND ($1 OR u.code IN (SELECT t.powiat_code FROM centre_territory_at($6) t WHERE t.centre_id = ANY ($2))
					OR u.code IN (SELECT i.powiat_code FROM institution i WHERE i.id = ANY ($3))
					OR u.code LIKE ANY ($4) OR EXISTS (SELECT 1 FROM unnest(CAST($4 AS text[])) AS x (unit) WHERE x.unit LIKE u.code || '%'))),
			asked AS (SELECT i.powiat_code, count(DISTINCT n.institution_id) AS schools, count(*) AS needs
				FROM need n JOIN institution i ON i.id = n.institution_id WHERE n.school_year = $5 AND `+onBoard(r, "n.institution_id", "$6")+` GROUP BY i.powiat_code)
		SELECT h.code, h.name, h.kind, coalesce((SELECT v.name FROM teryt_unit v WHERE v.code = left(h.code, 2)), '') AS voivodeship, coalesce(a.schools, 0) AS schools, coalesce(a.needs, 0) AS needs,
			CASE WHEN $1 THEN 0 ELSE (SELECT count(*) FROM institution i WHERE i.powiat_code = h.code AND i.kind IN ('school', 'kindergarten') AND i.closed_on IS NULL AND `+onBoard(r, "i.id", "$6")+`) END AS all_schools
		FROM here h LEFT JOIN asked a ON a.powiat_code = h.code
		WHERE NOT $1 OR a.needs > 0 ORDER BY coalesce(a.needs, 0) DESC, h.code LIMIT 500`, reachArgs(r, pq.Array(r.Units), year, at)...)
	return rows, err
}

// needsOf reads a cluster in the order: unmet first, by name of the school. The
// row after which the page begins is found again by its id.
func needsOf(ctx context.Context, q db.Q, r *access.Reach, topic string, year int, powiat string, after uuid.UUID, limit int, at time.Time) ([]Need, error) {
	var rows []Need
	err := q.Select(ctx, &rows, `SELECT `+strings.Replace(needColumns, "w.status <> 'draft'", "(w.status <> 'draft' OR $1 OR w.centre_id = ANY ($2))", 1)+`
		LEFT JOIN (SELECT v.id IS NOT NULL AS met, y.name_folded, x.id FROM need x JOIN institution y ON y.id = x.institution_id
			LEFT JOIN network v ON v.id = x.network_id AND (v.status <> 'draft' OR $1 OR v.centre_id = ANY ($2)) WHERE x.id = $7) l ON true
		WHERE n.topic = $4 AND n.school_year = $5 AND `+inReach(r, "n.institution_id", "$9")+` AND `+inPowiat(powiat)+`
		  AND i.id = ANY (ARRAY(SELECT z.institution_id FROM need z WHERE z.topic = $4 AND z.school_year = $5)) AND (l.id IS NULL OR (w.id IS NOT NULL, i.name_folded, n.id) > (l.met, l.name_folded, l.id))
		ORDER BY w.id IS NOT NULL, i.name_folded, n.id LIMIT $8`, reachArgs(r, topic, year, powiat, after, limit, at)...)
	return rows, err
}

// countOpen counts the plan's schools that lie in the reach and have the need,
// which no network meets; they keep it until the transaction ends.
func countOpen(ctx context.Context, tx *db.Tx, r *access.Reach, p *Plan, at time.Time) (int, error) {
	var ids []uuid.UUID
	err := tx.Select(ctx, &ids, `SELECT n.id FROM need n JOIN institution i ON i.id = n.institution_id
		WHERE n.topic = $4 AND n.school_year = $5 AND n.network_id IS NULL AND n.institution_id = ANY ($6) AND `+inReach(r, "n.institution_id", "$7")+` ORDER BY n.id LIMIT 201 FOR UPDATE OF n`,
		reachArgs(r, p.Topic, p.SchoolYear, pq.Array(p.Schools), at)...)
	return len(ids), err
}

func insertPlan(ctx context.Context, tx *db.Tx, p *Plan, by uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO need_plan (id, centre_id, topic, school_year, institution_ids, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, p.Centre, p.Topic, p.SchoolYear, pq.Array(p.Schools), by, at)
	return err
}

func planByID(ctx context.Context, q db.Q, id uuid.UUID) (Plan, uuid.UUID, error) {
	var r struct {
		Centre  uuid.UUID      `db:"centre_id"`
		Topic   string         `db:"topic"`
		Year    int            `db:"school_year"`
		Schools pq.StringArray `db:"institution_ids"`
		By      uuid.UUID      `db:"made_by"`
		Network uuid.NullUUID  `db:"network_id"`
	}
	err := q.Get(ctx, &r, `SELECT centre_id, topic, school_year, institution_ids, made_by, network_id FROM need_plan WHERE id = $1`, id)
	if err != nil {
		return Plan{}, uuid.Nil, db.NotFound(err)
	}
	p := Plan{ID: id, Centre: r.Centre, Topic: r.Topic, SchoolYear: r.Year, Network: r.Network}
	for _, s := range r.Schools {
		u, err := uuid.Parse(s)
		if err != nil {
			return Plan{}, uuid.Nil, err
		}
		p.Schools = append(p.Schools, u)
	}
	return p, r.By, nil
}

// claim is false when the plan is not this person's and centre's, or used.
func claim(ctx context.Context, tx *db.Tx, plan, network, centre, by uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE need_plan SET network_id = $2 WHERE id = $1 AND centre_id = $3 AND made_by = $4 AND network_id IS NULL`, plan, network, centre, by)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE need n SET network_id = $2, version = n.version + 1 FROM need_plan p
		WHERE p.id = $1 AND n.topic = p.topic AND n.school_year = p.school_year AND n.institution_id = ANY (p.institution_ids) AND n.network_id IS NULL`, plan, network)
	return true, err
}
