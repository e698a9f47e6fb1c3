package oversight

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// ruled is a programme with what it asks for in a school year.
type ruled struct {
	ID       uuid.UUID     `db:"id"`
	Title    string        `db:"title"`
	Centre   uuid.NullUUID `db:"centre_id"`
	Ends     *time.Time    `db:"ends_on"`
	Networks int           `db:"networks_least"`
	Meetings int           `db:"meetings_least"`
	// Powiats of its centre's territory on the day asked for.
	Powiats pq.StringArray `db:"powiats"`
}

// ruleOf reads a programme with the rule of a day and the territory of another.
func ruleOf(ctx context.Context, q db.Q, id uuid.UUID, rule, territory time.Time) (*ruled, error) {
	var p ruled
	err := q.Get(ctx, &p, `SELECT p.id, p.title, p.centre_id, p.ends_on, coalesce(r.networks_least, 0) AS networks_least, coalesce(r.meetings_least, 0) AS meetings_least,
			ARRAY(SELECT t.powiat_code FROM centre_territory_on(CAST($3 AS date)) t WHERE t.centre_id = p.centre_id) AS powiats
		FROM programme p LEFT JOIN LATERAL (SELECT x.networks_least, x.meetings_least FROM programme_rule x
			WHERE x.programme_id = p.id AND x.valid_from <= $2 ORDER BY x.valid_from DESC LIMIT 1) r ON true
		WHERE p.id = $1`, id, rule.Format(time.DateOnly), territory.Format(time.DateOnly))
	return &p, db.NotFound(err)
}

// areasOf counts the networks of a programme by powiat of its territory, as
// yearByPowiat does: with the members of these networks, by index, and nothing
// of others.
func areasOf(ctx context.Context, q db.Q, p *ruled, year int, day, now time.Time) ([]Area, error) {
	out := []Area{}
	err := q.Select(ctx, &out, `WITH unit AS MATERIALIZED (SELECT x.code, x.name, x.name_folded, x.kind FROM teryt_unit_on(CAST($3 AS date)) x WHERE x.kind IN ('voivodeship', 'powiat', 'city_powiat')),
			net AS MATERIALIZED (SELECT n.id, i.powiat_code AS seat FROM network n JOIN institution_on(CAST($3 AS date)) i ON i.id = n.centre_id
				WHERE n.id IN (`+inProgramme("$1", "$4")+`) AND n.school_year = $2 AND n.status <> 'draft' AND coalesce(n.opened_at, n.created_at) <= $4),
			lies AS MATERIALIZED (SELECT DISTINCT b.network_id, s.powiat_code AS code FROM net JOIN membership b ON b.network_id = net.id JOIN institution_on(CAST($3 AS date)) s ON s.id = b.institution_id
				WHERE s.powiat_code IS NOT NULL AND b.joined_at <= $4 AND (b.ended_at IS NULL OR b.ended_at > $4) AND b.state IN ('active', 'left', 'removed')),
			counted AS (SELECT x.code, count(*) AS networks FROM (SELECT l.network_id, l.code FROM lies l
				UNION ALL SELECT net.id, net.seat FROM net WHERE NOT EXISTS (SELECT 1 FROM lies l WHERE l.network_id = net.id)) x GROUP BY x.code)
		SELECT u.code, u.name, coalesce(v.name, '') AS voivodeship, coalesce(c.networks, 0) AS networks
		FROM unit u LEFT JOIN unit v ON v.code = left(u.code, 2) LEFT JOIN counted c ON c.code = u.code
		WHERE u.kind <> 'voivodeship' AND ($5 OR u.code = ANY ($6))
		ORDER BY v.name_folded, u.name_folded, u.code LIMIT 1000`, p.ID, year, day.Format(time.DateOnly), now, !p.Centre.Valid, p.Powiats)
	return out, err
}

func askings(ctx context.Context, q db.Q, r *access.Reach, day time.Time, title string, id uuid.UUID, limit int) ([]Asking, error) {
	out := []Asking{}
	err := q.Select(ctx, &out, `SELECT p.id, p.code, p.title, r.networks_least
		FROM programme p CROSS JOIN LATERAL (SELECT x.networks_least FROM programme_rule x WHERE x.programme_id = p.id AND x.valid_from <= $1 ORDER BY x.valid_from DESC LIMIT 1) r
		WHERE r.networks_least > 0 AND p.closed_at IS NULL AND ($2 OR p.centre_id = ANY ($3) OR p.id = ANY ($4)) AND (p.title, p.id) > ($5, $6)
		ORDER BY p.title, p.id LIMIT $7`, day.Format(time.DateOnly), r.All, pq.Array(r.Centres), pq.Array(r.Programmes), title, id, limit)
	return out, err
}
