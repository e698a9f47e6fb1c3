package oversight

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// levels makes of rows (what, code of a powiat), no two of them alike, rows for
// the powiat, the voivodeship (two digits) and the whole (""), again no two alike:
// by one sort, where removing what is double of three times as many takes longer.
func levels(what, rows string) string {
	return `SELECT y.` + what + `, v.code FROM (SELECT x.` + what + `, x.code, lag(x.code) OVER (PARTITION BY x.` + what + ` ORDER BY x.code) AS before FROM ` + rows + ` x) y
		CROSS JOIN LATERAL (SELECT y.code UNION ALL SELECT left(y.code, 2) WHERE y.before IS NULL OR left(y.before, 2) <> left(y.code, 2) UNION ALL SELECT '' WHERE y.before IS NULL) v`
}

// yearFrame finds what a school year is counted from at $1 by the register of day
// $2. Each network is put into the powiats of its members' schools, or its
// organisation's where nobody has one; then everything is counted once for each
// powiat, voivodeship and the whole. PostgreSQL leaves out what a statement after
// it does not ask for.
var yearFrame = `WITH unit AS MATERIALIZED (SELECT x.code, x.name, x.name_folded, x.kind FROM teryt_unit_on(CAST($2 AS date)) x WHERE x.kind IN ('voivodeship', 'powiat', 'city_powiat')),
		here AS MATERIALIZED (SELECT u.code FROM unit u WHERE u.kind <> 'voivodeship' AND ($4 OR u.code IN (SELECT t.powiat_code FROM centre_territory_on(CAST($2 AS date)) t WHERE t.centre_id = ANY ($5))
			OR u.code LIKE ANY ($7) OR EXISTS (SELECT 1 FROM unnest(CAST($7 AS text[])) AS x (unit) WHERE x.unit LIKE u.code || '%'))),
		net AS MATERIALIZED (SELECT n.id, ($4 OR n.centre_id = ANY ($5)) AS own, CASE WHEN $4 OR n.centre_id = ANY ($5) OR coalesce(i.gmina_code, i.powiat_code) LIKE ANY ($7) THEN i.powiat_code END AS seat
			FROM network n LEFT JOIN institution_on(CAST($2 AS date)) i ON i.id = n.centre_id
			WHERE n.school_year = $3 AND n.status <> 'draft' AND coalesce(n.opened_at, n.created_at) <= $1 AND ($4 OR n.centre_id = ANY ($5) OR ` + ofUnits("$7") + `) AND (CAST($6 AS uuid) IS NULL OR n.id IN (` + inProgramme("$6", "$1") + `))),
		person_in AS MATERIALIZED (SELECT b.network_id, b.person_id, i.powiat_code AS code, b.joined_at <= $1 AND (b.ended_at IS NULL OR b.ended_at > $1) AND b.state IN ('active', 'left', 'removed') AS member
			FROM net JOIN membership b ON b.network_id = net.id LEFT JOIN institution_on(CAST($2 AS date)) i ON i.id = b.institution_id
			WHERE b.joined_at <= $1 AND (net.own OR coalesce(i.gmina_code, i.powiat_code) LIKE ANY ($7))),
		lies AS MATERIALIZED (SELECT DISTINCT x.network_id, x.code FROM person_in x WHERE x.member AND x.code IN (SELECT h.code FROM here h)
			UNION SELECT net.id, net.seat FROM net WHERE net.seat IN (SELECT h.code FROM here h) AND NOT EXISTS (SELECT 1 FROM person_in x WHERE x.network_id = net.id AND x.member AND x.code IS NOT NULL)),
		met AS MATERIALIZED (SELECT m.id, m.network_id, coalesce((SELECT sum(t.minutes) FROM meeting_item t WHERE t.meeting_id = m.id AND t.method <> 'break'), 0) AS minutes
			FROM net JOIN meeting m ON m.network_id = net.id WHERE m.school_year = $3 AND ` + over + `),
		sums AS MATERIALIZED (SELECT met.network_id, count(*) AS meetings, sum(met.minutes) AS minutes FROM met GROUP BY met.network_id),
		been AS MATERIALIZED (SELECT DISTINCT a.person_id, x.code FROM met JOIN meeting_attendance a ON a.meeting_id = met.id AND a.presence IN ('onsite', 'online')
			JOIN person_in x ON x.network_id = met.network_id AND x.person_id = a.person_id WHERE x.code IN (SELECT h.code FROM here h)),
		placed AS (` + levels("network_id", "lies") + `),
		works AS (SELECT y.code, count(*) AS networks, sum(s.meetings) AS meetings, sum(s.minutes) AS minutes FROM placed y LEFT JOIN sums s ON s.network_id = y.network_id GROUP BY y.code),
		living AS (SELECT DISTINCT x.person_id, x.code FROM person_in x WHERE x.member AND x.code IN (SELECT h.code FROM here h)),
		who AS (SELECT y.code, count(*) AS members FROM (` + levels("person_id", "living") + `) y GROUP BY y.code),
		took AS (SELECT y.code, count(*) AS participants FROM (` + levels("person_id", "been") + `) y GROUP BY y.code),
		line AS (SELECT u.code, u.name, coalesce(v.name, '') AS voivodeship, coalesce(v.name_folded, '') AS above, u.name_folded AS own FROM here h JOIN unit u ON u.code = h.code LEFT JOIN unit v ON v.code = left(h.code, 2)
			UNION ALL SELECT v.code, v.name, '', v.name_folded, '' FROM unit v WHERE v.kind = 'voivodeship' AND v.code IN (SELECT left(h.code, 2) FROM here h)
			UNION ALL SELECT '', '', '', '', '')
`

// The statements behind yearFrame: all at once, or in parts.
var (
	yearAll = yearFrame + `SELECT line.code, line.name, line.voivodeship, coalesce(works.networks, 0) AS networks, coalesce(who.members, 0) AS members, coalesce(works.meetings, 0) AS meetings,
			coalesce(works.minutes, 0) AS minutes, coalesce(took.participants, 0) AS participants
		FROM line LEFT JOIN works ON works.code = line.code LEFT JOIN who ON who.code = line.code LEFT JOIN took ON took.code = line.code
		ORDER BY line.above, line.own, line.code LIMIT 1000`
	yearParts = [...]string{
		yearFrame + `SELECT line.code, line.name, line.voivodeship, coalesce(works.networks, 0) AS networks, coalesce(works.meetings, 0) AS meetings, coalesce(works.minutes, 0) AS minutes
			FROM line LEFT JOIN works ON works.code = line.code ORDER BY line.above, line.own, line.code LIMIT 1000`,
		yearFrame + `SELECT who.code, who.members FROM who LIMIT 1000`,
		yearFrame + `SELECT took.code, took.participants FROM took LIMIT 1000`,
	}
)

func yearArgs(r *access.Reach, in *YearQuery, end time.Time) []any {
	return []any{end, in.Day.Format(time.DateOnly), in.SchoolYear, r.All, pq.Array(r.Centres), nullID(in.Programme), pq.Array(r.Units)}
}

// yearByPowiat counts a school year for a reader's reach.
func yearByPowiat(ctx context.Context, q db.Q, r *access.Reach, in *YearQuery, end time.Time) ([]Place, error) {
	out := []Place{}
	err := q.Select(ctx, &out, yearAll, yearArgs(r, in, end)...)
	return out, err
}

// yearPart counts one of yearParts for the whole country.
func yearPart(ctx context.Context, q db.Q, part int, in *YearQuery, end time.Time) ([]Place, error) {
	out := []Place{}
	err := q.Select(ctx, &out, yearParts[part], yearArgs(&access.Reach{All: true}, in, end)...)
	return out, err
}

// manyNetworks reports whether a school year has more than most networks.
func manyNetworks(ctx context.Context, q db.Q, in *YearQuery, most int) (bool, error) {
	// Two texts, each with an index of its own.
	sql, args := `n.school_year = $1 AND n.status <> 'draft' ORDER BY n.title, n.id LIMIT $2`, []any{in.SchoolYear, most + 1}
	if in.Programme != uuid.Nil {
		sql, args = `n.id IN (SELECT y.network_id FROM programme_network y WHERE y.programme_id = $1 AND y.joined_at IS NOT NULL) AND n.school_year = $3 LIMIT $2`, []any{in.Programme, most + 1, in.SchoolYear}
	}
	var n int
	err := q.Get(ctx, &n, `SELECT count(*) FROM (SELECT 1 FROM network n WHERE `+sql+`) x`, args...)
	return n > most, err
}

type countRow struct {
	ID        uuid.UUID     `db:"id"`
	Year      int           `db:"school_year"`
	Day       time.Time     `db:"day"`
	Programme uuid.NullUUID `db:"programme_id"`
	State     CountState    `db:"state"`
	Done      int           `db:"done"`
	Total     int           `db:"total"`
	Job       *int64        `db:"job_id"`
	Asked     time.Time     `db:"created_at"`
	Ended     *time.Time    `db:"ended_at"`
	Places    []byte        `db:"places"`
}

func (r *countRow) query() YearQuery {
	return YearQuery{SchoolYear: r.Year, Day: r.Day, Programme: r.Programme.UUID}
}

const countColumns = `r.id, r.school_year, r.day, r.programme_id, r.state, r.done, r.total, r.job_id, r.created_at, r.ended_at`

// counted are the newest count of a report and the newest that was finished.
func counted(ctx context.Context, q db.Q, in *YearQuery) ([]countRow, error) {
	out := []countRow{}
	err := q.Select(ctx, &out, `(SELECT `+countColumns+`, NULL AS places FROM year_report r WHERE r.school_year = $1 AND r.day = $2 AND r.programme_id IS NOT DISTINCT FROM $3 ORDER BY r.id DESC LIMIT 1)
		UNION ALL (SELECT `+countColumns+`, r.places FROM year_report r WHERE r.school_year = $1 AND r.day = $2 AND r.programme_id IS NOT DISTINCT FROM $3 AND r.state = 'done' ORDER BY r.id DESC LIMIT 1)`,
		in.SchoolYear, in.Day.Format(time.DateOnly), nullID(in.Programme))
	return out, err
}

func countOf(ctx context.Context, q db.Q, id uuid.UUID) (countRow, error) {
	var r countRow
	err := q.Get(ctx, &r, `SELECT `+countColumns+` FROM year_report r WHERE r.id = $1`, id)
	return r, db.NotFound(err)
}

// insertCount begins a count; false when one of the same is going on.
func insertCount(ctx context.Context, tx *db.Tx, id uuid.UUID, in *YearQuery, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO year_report (id, school_year, day, programme_id, total, asked_by, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`, id, in.SchoolYear, in.Day.Format(time.DateOnly), nullID(in.Programme), len(yearParts), by, at)
	return n == 1, err
}

func setCountJob(ctx context.Context, tx *db.Tx, id uuid.UUID, job int64) error {
	_, err := tx.Exec(ctx, `UPDATE year_report SET job_id = $2 WHERE id = $1`, id, job)
	return err
}

// countProgress notes finished parts; false when the count was stopped meanwhile.
func countProgress(ctx context.Context, q db.Q, id uuid.UUID, done int) (bool, error) {
	n, err := q.Exec(ctx, `UPDATE year_report SET done = $2 WHERE id = $1 AND state = 'waiting'`, id, done)
	return n == 1, err
}

// endCount ends a count that is going on; places are kept with a finished one.
func endCount(ctx context.Context, q db.Q, id uuid.UUID, to CountState, places []Place, at time.Time) (bool, error) {
	var raw []byte
	if to == Counted {
		var err error
		if raw, err = json.Marshal(places); err != nil {
			return false, err
		}
	}
	n, err := q.Exec(ctx, `UPDATE year_report SET state = $2, places = CAST(nullif($3, '') AS jsonb), done = CASE WHEN $2 = 'done' THEN total ELSE done END, ended_at = $4
		WHERE id = $1 AND state = 'waiting'`, id, string(to), string(raw), at)
	return n == 1, err
}

// forgetCounts drops what was counted before a day, and what a newer count of the
// same replaced.
func forgetCounts(ctx context.Context, q db.Q, before time.Time) error {
	_, err := q.Exec(ctx, `DELETE FROM year_report WHERE id IN (SELECT r.id FROM year_report r WHERE r.state <> 'waiting' AND (r.ended_at < $1
		OR EXISTS (SELECT 1 FROM year_report n WHERE n.school_year = r.school_year AND n.day = r.day AND n.programme_id IS NOT DISTINCT FROM r.programme_id AND n.state = 'done' AND n.id > r.id)) LIMIT 10000)`, before)
	return err
}
