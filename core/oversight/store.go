package oversight

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

// day of the moment $1, in Poland.
const day = `CAST(CAST($1 AS timestamptz) AT TIME ZONE 'Europe/Warsaw' AS date)`

// networksOf are the ids of the networks that concern local governments (the
// patterns of their codes are a parameter) at the moment $1, by the register of
// its day: a member's school lies there, or the organisation has its seat there.
// Institutions are found by their powiat, which has an index; patterns have none.
func networksOf(units string) string {
	there := `SELECT ui.institution_id AS id FROM unnest(CAST(` + units + ` AS text[])) AS x (unit) JOIN teryt_unit uw ON uw.kind IN ('powiat', 'city_powiat') AND uw.code LIKE rtrim(left(x.unit, 4), '%') || '%'
		JOIN institution_version ui ON ui.powiat_code = uw.code AND coalesce(ui.gmina_code, ui.powiat_code) LIKE x.unit AND ui.valid_from <= ` + day + ` AND (ui.valid_to IS NULL OR ui.valid_to > ` + day + `)`
	return `SELECT un.id FROM (` + there + `) q JOIN network un ON un.centre_id = q.id
		UNION SELECT ub.network_id FROM (` + there + `) q JOIN membership ub ON ub.institution_id = q.id AND ub.state IN ('active', 'left', 'removed')
			AND ub.joined_at <= $1 AND (ub.ended_at IS NULL OR ub.ended_at > $1)`
}

// ofUnits: network n is one of [networksOf].
func ofUnits(units string) string { return `n.id IN (` + networksOf(units) + `)` }

// over: meeting m was over at $1, held or not yet noted so.
const over = `(m.state IN ('held', 'closed') OR m.state = 'announced') AND m.ends_at <= $1`

// ahead: meeting m was announced and still to come at $1, whatever became of it.
const ahead = `m.state IN ('announced', 'held', 'closed') AND m.announced_at <= $1 AND m.ends_at > $1`

// walked is a row of a page of paces with where the walk came to: that of the
// last network looked at, and how many they were. Pace.ID is Nil where no network
// has the light asked for.
type walked struct {
	Pace
	EndTitle string    `db:"end_title"`
	EndID    uuid.UUID `db:"end_id"`
	Looked   int       `db:"looked"`
}

// The statements of paces begin with the networks to look at, in the order of
// titles: of the whole country by an index that has this order, else by indexes
// of what the reader reaches, each network once. So no statement looks at more
// than maxWalk networks, and the meetings of those are counted in one pass.
const (
	paceColumns = `n.id, n.module, n.type, n.title, n.status, n.school_year, n.created_at, n.closed_at, n.centre_id, n.programme_id, n.programme_since`
	paceHere    = `n.school_year = $10 AND n.status <> 'draft' AND coalesce(n.opened_at, n.created_at) <= $1 AND (n.title, n.id) > ($12, $13)`
	paceOrder   = ` ORDER BY n.title, n.id LIMIT $14`

	paceAll       = `SELECT ` + paceColumns + ` FROM network n WHERE ` + paceHere + paceOrder
	paceProgramme = `SELECT ` + paceColumns + ` FROM network n WHERE n.programme_id = $16 AND ` + paceHere + ` AND ($17 OR n.centre_id = ANY ($18) OR $16 = ANY ($19) OR n.id = ANY ($20) OR n.id IN (%s))` + paceOrder
	// One by one: taken together, they would be looked for among a whole year's.
	paceReach = `SELECT ` + paceColumns + ` FROM (SELECT n.id FROM network n WHERE n.centre_id = ANY ($16) AND n.school_year = $10
			UNION SELECT n.id FROM network n WHERE n.programme_id = ANY ($17) UNION SELECT n.id FROM network n WHERE n.id = ANY ($18) UNION %s) r
		CROSS JOIN LATERAL (SELECT ` + paceColumns + ` FROM network n WHERE n.id = r.id AND ` + paceHere + ` LIMIT 1) n` + paceOrder

	paceFrame = `WITH usual AS (SELECT t.module, t.type, t.least, t.most FROM unnest(CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS integer[]), CAST($5 AS integer[])) AS t (module, type, least, most)),
			latest AS MATERIALIZED (SELECT t.voivodeship, t.missing, t.day FROM unnest(CAST($6 AS text[]), CAST($7 AS integer[]), CAST($8 AS date[])) AS t (voivodeship, missing, day)),
			net AS MATERIALIZED (%s),
			met AS MATERIALIZED (SELECT m.network_id, count(*) FILTER (WHERE ` + over + `) AS held, count(*) FILTER (WHERE ` + ahead + `) AS planned,
				min(m.starts_at) FILTER (WHERE ` + ahead + `) AS next
				FROM net CROSS JOIN LATERAL (SELECT x.network_id, x.state, x.announced_at, x.starts_at, x.ends_at FROM meeting x WHERE x.network_id = net.id AND x.school_year = net.school_year LIMIT 1000) m GROUP BY m.network_id),
			seen AS MATERIALIZED (SELECT count(*) AS looked, max(n.title) AS end_title FROM net n)
		SELECT s.looked, coalesce(s.end_title, '') AS end_title, coalesce((SELECT n.id FROM net n WHERE n.title = s.end_title ORDER BY n.id DESC LIMIT 1), CAST($13 AS uuid)) AS end_id,
			coalesce(f.id, '00000000-0000-0000-0000-000000000000') AS id, coalesce(f.title, '') AS title, coalesce(f.status, '') AS status, coalesce(f.centre, '') AS centre, coalesce(f.powiat, '') AS powiat, coalesce(f.powiat_kind, '') AS powiat_kind, coalesce((SELECT v.name FROM teryt_unit v WHERE v.code = left(f.powiat_code, 2)), '') AS voivodeship,
			f.programme_id, coalesce(f.programme, '') AS programme, coalesce(f.least, 0) AS least, coalesce(f.most, 0) AS most, coalesce(f.held, 0) AS held, coalesce(f.planned, 0) AS planned, f.next, f.last, coalesce(f.light, '') AS light
		FROM seen s LEFT JOIN (SELECT n.id, n.title, CASE WHEN n.closed_at > $1 THEN 'open' ELSE n.status END AS status, i.name AS centre, i.powiat_code, coalesce(w.name, '') AS powiat, w.kind AS powiat_kind, n.programme_id, coalesce(p.title, '') AS programme,
				r.least, r.most, h.held, coalesce(met.planned, 0) AS planned, met.next, CASE WHEN h.held < r.least THEN l.day END AS last, g.light
			FROM net n CROSS JOIN LATERAL (SELECT y.name, y.powiat_code FROM institution_version y WHERE y.institution_id = n.centre_id AND (y.valid_to IS NULL OR y.valid_to > ` + day + `) ORDER BY y.valid_from LIMIT 1) i LEFT JOIN teryt_unit w ON w.code = i.powiat_code LEFT JOIN programme p ON p.id = n.programme_id
			LEFT JOIN usual u ON u.module = n.module AND u.type = n.type
			LEFT JOIN LATERAL (SELECT x.meetings_least, x.meetings_most FROM programme_rule x WHERE x.programme_id = n.programme_id
				AND x.valid_from <= greatest(make_date(n.school_year, 9, 1), CAST(n.created_at AT TIME ZONE 'Europe/Warsaw' AS date), CAST(n.programme_since AT TIME ZONE 'Europe/Warsaw' AS date)) ORDER BY x.valid_from DESC LIMIT 1) o ON true
			CROSS JOIN LATERAL (SELECT coalesce(o.meetings_least, u.least, 3) AS least, coalesce(o.meetings_most, nullif(u.most, 0), 5) AS most) r
			LEFT JOIN met ON met.network_id = n.id CROSS JOIN LATERAL (SELECT coalesce(met.held, 0) AS held) h
			LEFT JOIN latest l ON l.voivodeship = coalesce(left(i.powiat_code, 2), '') AND l.missing = r.least - h.held
			CROSS JOIN LATERAL (SELECT CASE WHEN h.held > r.most THEN 'amber' WHEN h.held >= r.least THEN 'green'
				WHEN l.day IS NULL OR l.day < $9 OR n.status IN ('closed', 'archived') AND (n.closed_at IS NULL OR n.closed_at <= $1) THEN 'red' ELSE 'amber' END AS light) g
			WHERE $11 = '' OR g.light = $11 ORDER BY n.title, n.id LIMIT $15) f ON true
		ORDER BY f.title, f.id`
)

// paceSQL are the statements by what is asked: everything, one programme, what the
// reader reaches.
type paceSQL struct{ all, programme, reach string }

// paceNow reads the programme of a network where it stands now, paceThen the one
// in which it was at $1.
var (
	paceNow = paceSQL{
		fmt.Sprintf(paceFrame, paceAll),
		fmt.Sprintf(paceFrame, fmt.Sprintf(paceProgramme, networksOf("$21"))),
		fmt.Sprintf(paceFrame, fmt.Sprintf(paceReach, networksOf("$19"))),
	}
	paceThen = paceSQL{then(paceNow.all), then(paceNow.programme), then(paceNow.reach)}
)

func then(sql string) string {
	return strings.NewReplacer(
		"n.programme_id, n.programme_since FROM network n", `tie.programme_id, tie.joined_at AS programme_since FROM network n LEFT JOIN LATERAL programme_network_at(n.id, $1) tie ON true`,
		"WHERE n.programme_id = $16", `WHERE n.id IN (`+inProgramme("$16", "$1")+`)`,
	).Replace(sql)
}

// inProgramme are the ids of the networks that were in a programme at a moment.
func inProgramme(programme, at string) string {
	return `SELECT ut.network_id FROM programme_network ut WHERE ut.programme_id = ` + programme + ` AND ut.joined_at <= ` + at + ` AND (ut.left_at IS NULL OR ut.left_at > ` + at + `)`
}

// paces looks at up to walk networks of a year behind (title, id) and returns up
// to limit of those with the light.
func paces(ctx context.Context, q db.Q, r *access.Reach, in *PaceQuery, types []usual, days []deadline, now time.Time, title string, id uuid.UUID, walk, limit int) ([]walked, error) {
	var module, name, voivodeship, day []string
	var least, mostly, missing []int64
	for _, t := range types {
		module, name, least, mostly = append(module, t.module), append(name, t.name), append(least, int64(t.least)), append(mostly, int64(t.most))
	}
	for _, d := range days {
		voivodeship, missing, day = append(voivodeship, d.voivodeship), append(missing, int64(d.missing)), append(day, d.day.Format(time.DateOnly))
	}
	args := []any{now, pq.Array(module), pq.Array(name), pq.Array(least), pq.Array(mostly), pq.Array(voivodeship), pq.Array(missing), pq.Array(day), dayOf(now).Format(time.DateOnly),
		in.Year, string(in.Light), title, id, walk, limit}
	by := &paceNow
	if !in.Day.IsZero() {
		by = &paceThen
	}
	sql := by.all
	switch {
	case in.Programme != uuid.Nil:
		sql, args = by.programme, append(args, in.Programme, r.All, pq.Array(r.Centres), pq.Array(r.Programmes), pq.Array(r.Networks), pq.Array(r.Units))
	case !r.All:
		sql, args = by.reach, append(args, pq.Array(r.Centres), pq.Array(r.Programmes), pq.Array(r.Networks), pq.Array(r.Units))
	}
	out := []walked{}
	return out, q.Select(ctx, &out, sql, args...)
}
