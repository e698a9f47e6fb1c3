package schedule

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// onceKey tells one person the same thing about one time of a meeting once.
func onceKey(kind string, meeting uuid.UUID, n int) string {
	return "meeting." + kind + ":" + meeting.String() + ":" + strconv.Itoa(n)
}

// planNotices writes what is due before a time of the meeting and drops what was
// planned for earlier ones.
func planNotices(ctx context.Context, tx *db.Tx, meeting uuid.UUID, moved int, list []notice) error {
	if err := dropNotices(ctx, tx, meeting); err != nil {
		return err
	}
	for _, n := range list {
		_, err := tx.Exec(ctx, `INSERT INTO meeting_notice (meeting_id, kind, moved, due_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (meeting_id, kind, moved) DO NOTHING`, meeting, n.Kind, moved, n.Due)
		if err != nil {
			return err
		}
	}
	return nil
}

func dropNotices(ctx context.Context, tx *db.Tx, meeting uuid.UUID) error {
	_, err := tx.Exec(ctx, `DELETE FROM meeting_notice WHERE meeting_id = $1 AND done_at IS NULL`, meeting)
	return err
}

func dueMeetings(ctx context.Context, q db.Q, now time.Time, limit int) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT meeting_id FROM meeting_notice WHERE done_at IS NULL AND due_at <= $1 GROUP BY meeting_id ORDER BY min(due_at), meeting_id LIMIT $2`, now, limit)
	return out, err
}

func overMeetings(ctx context.Context, q db.Q, now time.Time, limit int) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT id FROM meeting WHERE state = 'announced' AND ends_at <= $1 ORDER BY ends_at, id LIMIT $2`, now, limit)
	return out, err
}

// takeMeeting locks a meeting unless somebody else has it.
func takeMeeting(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	var got []uuid.UUID
	err := tx.Select(ctx, &got, `SELECT id FROM meeting WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED LIMIT 1`, id)
	return len(got) == 1, err
}

func dueNotices(ctx context.Context, tx *db.Tx, meeting uuid.UUID, moved int, now time.Time) ([]string, error) {
	var out []string
	err := tx.Select(ctx, &out, `SELECT kind FROM meeting_notice WHERE meeting_id = $1 AND moved = $2 AND done_at IS NULL AND due_at <= $3 ORDER BY due_at, kind LIMIT 10`, meeting, moved, now)
	return out, err
}

func markNotice(ctx context.Context, tx *db.Tx, meeting uuid.UUID, kind string, moved int, sent bool, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting_notice SET done_at = $4, sent = $5 WHERE meeting_id = $1 AND kind = $2 AND moved = $3 AND done_at IS NULL`, meeting, kind, moved, at, sent)
	return err
}

func setAlarm(ctx context.Context, tx *db.Tx, meeting uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET programme_alarm_at = coalesce(programme_alarm_at, $2) WHERE id = $1`, meeting, at)
	return err
}

func setProgramme(ctx context.Context, tx *db.Tx, meeting uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE meeting SET programme_sent_at = $2, programme_no = programme_no + 1, version = version + 1 WHERE id = $1`, meeting, at)
	return err
}

func insertDeliveries(ctx context.Context, tx *db.Tx, meeting uuid.UUID, no int, people []uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO meeting_delivery (meeting_id, no, person_id, queued_at) SELECT $1, $2, p, $4 FROM unnest(CAST($3 AS uuid[])) AS x (p)`, meeting, no, db.Array(people), at)
	return err
}

// become is what became of delivery d now, with o its letter and l its line in the list.
const become = `CASE WHEN o.state = 'waiting' THEN 'queued' WHEN o.state = 'sent' THEN 'sent' WHEN o.state IS NOT NULL THEN 'failed'
	WHEN d.state = 'queued' AND l.id IS NOT NULL THEN 'listed' ELSE d.state END`

const deliveryJoin = ` LEFT JOIN mail_outbox o ON o.person_id = d.person_id AND o.once <> '' AND o.once = 'meeting.sent:' || d.meeting_id || ':' || d.no
	LEFT JOIN notification l ON l.person_id = d.person_id AND l.once <> '' AND l.once = 'meeting.sent:' || d.meeting_id || ':' || d.no`

// noteDeliveries copies what became of letters, for as long as notify knows.
func noteDeliveries(ctx context.Context, q db.Q, since time.Time) error {
	_, err := q.Exec(ctx, `UPDATE meeting_delivery t SET state = x.state, read_at = x.read_at
		FROM (SELECT d.meeting_id, d.no, d.person_id, `+become+` AS state, coalesce(l.read_at, d.read_at) AS read_at
			FROM meeting_delivery d`+deliveryJoin+` WHERE (d.state = 'queued' OR d.read_at IS NULL) AND d.queued_at > $1) x
		WHERE t.meeting_id = x.meeting_id AND t.no = x.no AND t.person_id = x.person_id AND (t.state, t.read_at) IS DISTINCT FROM (x.state, x.read_at)`, since)
	return err
}

func listDeliveries(ctx context.Context, q db.Q, meeting uuid.UUID, no int) ([]Delivery, error) {
	var out []Delivery
	err := q.Select(ctx, &out, `SELECT p.id, p.name, `+become+` AS state, d.queued_at, coalesce(l.read_at, d.read_at) AS read_at
		FROM meeting_delivery d JOIN person p ON p.id = d.person_id`+deliveryJoin+`
		WHERE d.meeting_id = $1 AND d.no = $2 ORDER BY p.sort_name, p.id LIMIT $3`, meeting, no, mostInvited)
	return out, err
}
