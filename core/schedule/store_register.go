package schedule

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/place"
)

// readRegister reads lines, guests and agenda of a meeting.
func readRegister(ctx context.Context, q db.Q, m *meetingRow, now time.Time, r *Register) error {
	return db.Together(ctx, q, func(ctx context.Context, q db.Q) error {
		return q.Select(ctx, &r.Lines, `SELECT p.id, p.name, coalesce(i.name, '') AS school, `+place.Columns+`, coalesce(r.answer, '') AS answer, coalesce(t.presence, '') AS presence, coalesce(t.via, '') AS via
		FROM (SELECT x.person_id FROM`+invitedTo+` UNION SELECT person_id FROM meeting_attendance WHERE meeting_id = $3 AND person_id IS NOT NULL) w
		JOIN person p ON p.id = w.person_id LEFT JOIN institution i ON i.id = p.institution_id `+place.Joins+`
		LEFT JOIN meeting_answer r ON r.meeting_id = $3 AND r.person_id = w.person_id
		LEFT JOIN meeting_attendance t ON t.meeting_id = $3 AND t.person_id = w.person_id
		ORDER BY p.sort_name, p.id LIMIT $4`, m.Network, now, m.ID, mostInvited)
	}, func(ctx context.Context, q db.Q) error {
		return q.Select(ctx, &r.Guests, `SELECT id, guest_name, guest_school FROM meeting_attendance WHERE meeting_id = $1 AND person_id IS NULL ORDER BY id LIMIT $2`, m.ID, MaxGuests)
	}, func(ctx context.Context, q db.Q) (err error) {
		r.Items, err = listItems(ctx, q, m.ID)
		return err
	})
}

// putMarks writes presences of people who are or were in the network; it returns
// how many, so that strangers are noticed.
func putMarks(ctx context.Context, tx *db.Tx, m *meetingRow, people []uuid.UUID, presences []string, by uuid.UUID, now time.Time) (int64, error) {
	if len(people) == 0 {
		return 0, nil
	}
	ids := make([]uuid.UUID, len(people))
	for i := range ids {
		id, err := uuid.NewV7()
		if err != nil {
			return 0, err
		}
		ids[i] = id
	}
	return tx.Exec(ctx, `INSERT INTO meeting_attendance (id, meeting_id, person_id, presence, via, marked_by, marked_at)
		SELECT x.id, $1, x.person, x.presence, 'register', $6, $7
		FROM unnest(CAST($3 AS uuid[]), CAST($4 AS uuid[]), CAST($5 AS text[])) AS x (id, person, presence)
		WHERE EXISTS (SELECT 1 FROM membership k WHERE k.network_id = $2 AND k.person_id = x.person AND k.joined_at IS NOT NULL)
		ORDER BY x.person
		ON CONFLICT (meeting_id, person_id) DO UPDATE SET presence = excluded.presence, via = excluded.via, marked_by = excluded.marked_by, marked_at = excluded.marked_at`,
		m.ID, m.Network, pq.Array(ids), pq.Array(people), pq.Array(presences), nilID(by), now)
}

func deleteMark(ctx context.Context, tx *db.Tx, meeting, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM meeting_attendance WHERE meeting_id = $1 AND person_id = $2`, meeting, person)
	return err
}

func putGuests(ctx context.Context, tx *db.Tx, meeting uuid.UUID, guests []GuestMark, by uuid.UUID, now time.Time) error {
	for _, g := range guests {
		var err error
		switch {
		case g.ID != uuid.Nil && (g.Drop || g.Name == ""):
			_, err = tx.Exec(ctx, `DELETE FROM meeting_attendance WHERE id = $2 AND meeting_id = $1 AND person_id IS NULL`, meeting, g.ID)
		case g.ID != uuid.Nil:
			_, err = tx.Exec(ctx, `UPDATE meeting_attendance SET guest_name = $3, guest_school = $4, marked_by = $5, marked_at = $6
				WHERE id = $2 AND meeting_id = $1 AND person_id IS NULL AND (guest_name, guest_school) <> ($3, $4)`, meeting, g.ID, g.Name, g.School, nilID(by), now)
		case g.Name != "" && !g.Drop:
			var id uuid.UUID
			if id, err = uuid.NewV7(); err == nil {
				_, err = tx.Exec(ctx, `INSERT INTO meeting_attendance (id, meeting_id, presence, guest_name, guest_school, via, marked_by, marked_at)
					VALUES ($1, $2, 'guest', $3, $4, 'register', $5, $6)`, id, meeting, g.Name, g.School, nilID(by), now)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func setRegister(ctx context.Context, tx *db.Tx, meeting uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET register_at = coalesce(register_at, $2) WHERE id = $1`, meeting, now)
	return err
}

// putCheckIn notes somebody as present; false for who is present already.
func putCheckIn(ctx context.Context, tx *db.Tx, meeting, person uuid.UUID, p Presence, by uuid.UUID, now time.Time) (bool, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO meeting_attendance (id, meeting_id, person_id, presence, via, marked_by, marked_at) VALUES ($1, $2, $3, $4, 'code', $5, $6)
		ON CONFLICT (meeting_id, person_id) DO UPDATE SET presence = excluded.presence, via = excluded.via, marked_by = excluded.marked_by, marked_at = excluded.marked_at
			WHERE meeting_attendance.presence IN ('absent', 'excused')`, id, meeting, person, p, nilID(by), now)
	return n == 1, err
}

func answerOf(ctx context.Context, q db.Q, meeting, person uuid.UUID) (Way, error) {
	var w Way
	err := q.Get(ctx, &w, `SELECT answer FROM meeting_answer WHERE meeting_id = $1 AND person_id = $2`, meeting, person)
	if db.IsNoRows(err) {
		return "", nil
	}
	return w, err
}

// countTry counts an attempt and returns how many there were in the window.
func countTry(ctx context.Context, q db.Q, meeting, person uuid.UUID, now time.Time) (int, error) {
	var n int
	err := q.Get(ctx, &n, `INSERT INTO meeting_code_try (meeting_id, person_id, tries, since) VALUES ($1, $2, 1, $3)
		ON CONFLICT (meeting_id, person_id) DO UPDATE SET
			tries = CASE WHEN meeting_code_try.since <= $4 THEN 1 ELSE meeting_code_try.tries + 1 END,
			since = CASE WHEN meeting_code_try.since <= $4 THEN excluded.since ELSE meeting_code_try.since END
		RETURNING tries`, meeting, person, now, now.Add(-tryWindow))
	return n, err
}

func forgetTries(ctx context.Context, tx *db.Tx, meeting, person uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM meeting_code_try WHERE meeting_id = $1 AND person_id = $2`, meeting, person)
	return err
}

func missingAt(ctx context.Context, q db.Q, meeting uuid.UUID) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT person_id FROM meeting_attendance WHERE meeting_id = $1 AND presence IN ('absent', 'excused') LIMIT $2`, meeting, mostInvited)
	out := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// hoursRow is a person's hours beside the year's sums; ID is uuid.Nil in the
// line that carries the sums alone.
type hoursRow struct {
	Hours
	Planned int `db:"planned"`
	Percent int `db:"percent"`
}

// ruleFor is the percentage that centre $3 asks for a whole of y.planned minutes.
const ruleFor = `(SELECT u.percent FROM attendance_rule u
	WHERE (u.centre_id = $3 OR u.centre_id IS NULL AND NOT EXISTS (SELECT 1 FROM attendance_rule o WHERE o.centre_id = $3))
		AND (u.up_to_hours IS NULL OR u.up_to_hours * 45 >= y.planned)
	ORDER BY u.up_to_hours NULLS LAST LIMIT 1)`

// listHours sums, for the people of a network (only one unless uuid.Nil), the
// meetings of a school year.
func listHours(ctx context.Context, q db.Q, n *networkRow, year int, only uuid.UUID, now time.Time) ([]hoursRow, error) {
	var out []hoursRow
	err := q.Select(ctx, &out, `WITH t AS MATERIALIZED (
			SELECT m.id, m.register_at, `+teachingOf+` AS teaching FROM meeting m WHERE m.network_id = $1 AND m.school_year = $4 AND m.state <> 'cancelled'),
		y AS (SELECT coalesce(sum(teaching), 0) AS planned, coalesce(sum(teaching) FILTER (WHERE register_at IS NULL), 0) AS open FROM t),
		s AS (SELECT y.planned, y.open, coalesce(`+ruleFor+`, 100) AS percent FROM y),
		w AS (SELECT x.person_id FROM`+invitedTo+` UNION SELECT a.person_id FROM t JOIN meeting_attendance a ON a.meeting_id = t.id WHERE a.person_id IS NOT NULL),
		h AS (SELECT w.person_id,
				count(*) FILTER (WHERE a.presence IN ('onsite', 'online')) AS attended,
				coalesce(sum(t.teaching) FILTER (WHERE a.presence IN ('onsite', 'online')), 0) AS minutes,
				count(*) FILTER (WHERE a.presence IN ('absent', 'excused')) AS missed,
				coalesce(sum(t.teaching) FILTER (WHERE a.presence IN ('absent', 'excused')), 0) AS missed_minutes,
				coalesce(sum(t.teaching) FILTER (WHERE t.register_at IS NULL AND a.presence IS NOT NULL), 0) AS marked
			FROM w LEFT JOIN meeting_attendance a ON a.person_id = w.person_id AND a.meeting_id IN (SELECT id FROM t) LEFT JOIN t ON t.id = a.meeting_id
			WHERE CAST($5 AS uuid) IS NULL OR w.person_id = $5 GROUP BY w.person_id)
		SELECT s.planned, s.percent, coalesce(p.id, CAST('00000000-0000-0000-0000-000000000000' AS uuid)) AS id, coalesce(p.name, '') AS name, coalesce(i.name, '') AS school, `+place.Columns+`,
			coalesce(h.attended, 0) AS attended, coalesce(h.minutes, 0) AS minutes, coalesce(h.missed, 0) AS missed, coalesce(h.missed_minutes, 0) AS missed_minutes,
			s.open - coalesce(h.marked, 0) AS open
		FROM s LEFT JOIN h ON true LEFT JOIN person p ON p.id = h.person_id LEFT JOIN institution i ON i.id = p.institution_id `+place.Joins+`
		ORDER BY p.sort_name, p.id LIMIT $6`, n.Network, now, n.Centre, year, nilID(only), mostInvited)
	return out, err
}
