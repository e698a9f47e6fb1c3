package oversight

import (
	"context"
	"time"

	"ore.edu.pl/sieci/core/db"
)

// overdue counts what waits longer than patience allows, each kind by the index
// of its open rows; kinds of which there is nothing are left out.
func overdue(ctx context.Context, q db.Q, now time.Time) ([]Overdue, error) {
	before := func(d Duty) time.Time { return now.AddDate(0, 0, -patience[d]) }
	out := []Overdue{}
	err := q.Select(ctx, &out, `SELECT x.duty, x.n, x.oldest FROM (
			SELECT 1 AS no, 'accounts' AS duty, count(*) AS n, min(w.at) AS oldest FROM (SELECT p.created_at AS at FROM person p
				WHERE p.state = 'pending' AND p.created_at < $1 ORDER BY p.id LIMIT $6) w
			UNION ALL SELECT 2, 'appeals', count(*), min(w.at) FROM (
				SELECT h.appealed_at AS at FROM board_hiding h WHERE h.appealed_at IS NOT NULL AND h.decision = '' AND h.lifted_at IS NULL AND h.appealed_at < $2
				UNION ALL SELECT r.created_at FROM conversation_report r WHERE r.outcome = '' AND r.created_at < $2 LIMIT $6) w
			UNION ALL SELECT 3, 'requests', count(*), min(w.at) FROM (SELECT m.changed_at AS at FROM membership m JOIN network n ON n.id = m.network_id AND n.status = 'open'
				WHERE m.state = 'requested' AND m.changed_at < $3 ORDER BY m.changed_at LIMIT $6) w
			UNION ALL SELECT 4, 'meetings', count(*), min(w.at) FROM (SELECT m.ends_at AS at FROM meeting m JOIN network n ON n.id = m.network_id AND n.status = 'open'
				WHERE m.state = 'held' AND m.ends_at < $4 ORDER BY m.ends_at LIMIT $6) w
			UNION ALL SELECT 5, 'tasks', count(*), min(w.at) FROM (SELECT t.due_at AS at FROM task t
				WHERE t.state IN ('open', 'returned') AND t.due_at < $5 ORDER BY t.due_at LIMIT $6) w) x
		WHERE x.n > 0 ORDER BY x.no LIMIT 5`,
		before(DutyAccounts), before(DutyAppeals), before(DutyRequests), before(DutyMeetings), before(DutyTasks), MostOverdue)
	return out, err
}

// spread counts open networks by the voivodeship of their organisation: first by
// organisation, which the index of open networks gives without the table.
func spread(ctx context.Context, q db.Q) ([]Share, error) {
	out := []Share{}
	err := q.Select(ctx, &out, `SELECT coalesce(v.code, '') AS code, coalesce(v.name, '') AS name, sum(x.n) AS networks, count(*) AS centres
		FROM (SELECT n.centre_id, count(*) AS n FROM network n WHERE n.status = 'open' GROUP BY n.centre_id) x
		JOIN institution i ON i.id = x.centre_id LEFT JOIN teryt_unit v ON v.code = left(i.powiat_code, 2)
		GROUP BY v.code, v.name, v.name_folded ORDER BY v.name_folded NULLS LAST LIMIT 20`)
	return out, err
}

// running reads programmes that are not closed, by title.
func running(ctx context.Context, q db.Q, limit int) ([]Running, error) {
	out := []Running{}
	err := q.Select(ctx, &out, `SELECT p.id, p.code, p.title, (SELECT count(*) FROM network n WHERE n.programme_id = p.id AND n.status = 'open') AS networks
		FROM programme p WHERE p.closed_at IS NULL ORDER BY p.title, p.id LIMIT $1`, limit)
	return out, err
}
