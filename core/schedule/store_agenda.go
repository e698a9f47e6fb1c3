package schedule

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

const itemColumns = `i.id, i.position, i.title, i.minutes, i.method, i.leader_id, coalesce((SELECT p.name FROM person p WHERE p.id = i.leader_id), i.leader_name) AS leader,
	i.member_led, i.expert, i.fixed, i.source_id, i.version`

func listItems(ctx context.Context, q db.Q, meeting uuid.UUID) ([]Item, error) {
	var out []Item
	err := q.Select(ctx, &out, `SELECT `+itemColumns+` FROM meeting_item i WHERE i.meeting_id = $1 ORDER BY i.position LIMIT $2`, meeting, MaxItems)
	return out, err
}

func countItems(ctx context.Context, q db.Q, meeting uuid.UUID) (int, error) {
	var n int
	err := q.Get(ctx, &n, `SELECT count(*) FROM meeting_item WHERE meeting_id = $1`, meeting)
	return n, err
}

// insertItems appends items to the agenda of a locked meeting.
func insertItems(ctx context.Context, tx *db.Tx, meeting uuid.UUID, items []newItem) error {
	for i := range items {
		it := &items[i]
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO meeting_item (id, meeting_id, position, title, minutes, method, leader_id, leader_name, member_led, expert, fixed, source_id)
			VALUES ($1, $2, (SELECT coalesce(max(position), 0) + 1 FROM meeting_item WHERE meeting_id = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			id, meeting, it.Title, it.Minutes, it.Method, nilID(it.Leader), it.LeaderName, it.MemberLed, it.Expert, it.Fixed, nilID(it.Source))
		if err != nil {
			return err
		}
	}
	return nil
}

func updateItem(ctx context.Context, tx *db.Tx, meeting, item uuid.UUID, version int, it *newItem) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE meeting_item SET title = $4, minutes = $5, method = $6, leader_id = $7, leader_name = $8, member_led = $9, expert = $10, version = version + 1
		WHERE id = $2 AND meeting_id = $1 AND version = $3`,
		meeting, item, version, it.Title, it.Minutes, it.Method, nilID(it.Leader), it.LeaderName, it.MemberLed, it.Expert)
	return n == 1, err
}

func deleteItem(ctx context.Context, tx *db.Tx, meeting, item uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM meeting_item WHERE id = $2 AND meeting_id = $1`, meeting, item)
	return n == 1, err
}

func swapItems(ctx context.Context, tx *db.Tx, a, b *Item) error {
	_, err := tx.Exec(ctx, `UPDATE meeting_item SET position = CASE WHEN id = $1 THEN CAST($4 AS integer) ELSE CAST($3 AS integer) END WHERE id IN ($1, $2)`, a.ID, b.ID, a.Position, b.Position)
	return err
}

// waitingRow is an item that waits for an agenda (core/network).
type waitingRow struct {
	ID      uuid.UUID     `db:"id"`
	Title   string        `db:"title"`
	Minutes *int          `db:"minutes"`
	Leader  uuid.NullUUID `db:"leader_id"`
}

// waits: agenda item g is on the agenda of no meeting that was not cancelled.
const waits = `NOT EXISTS (SELECT 1 FROM meeting_item u JOIN meeting um ON um.id = u.meeting_id WHERE u.source_id = g.id AND um.state <> 'cancelled')`

// lockWaiting holds a waiting item so that two coordinators adopt it once.
func lockWaiting(ctx context.Context, tx *db.Tx, network, id uuid.UUID) (waitingRow, error) {
	var w waitingRow
	if err := tx.Get(ctx, &w, `SELECT g.id, g.title, g.minutes, g.leader_id FROM agenda_item g WHERE g.id = $2 AND g.network_id = $1 FOR UPDATE`, network, id); err != nil {
		return w, db.NotFound(err)
	}
	// Read again after the lock: somebody may have adopted it while we waited.
	err := tx.Get(ctx, &w.ID, `SELECT g.id FROM agenda_item g WHERE g.id = $1 AND `+waits, id)
	return w, db.NotFound(err)
}

// stands is how a person stands in a network.
type stands struct {
	Inside bool `db:"inside"`
	Leads  bool `db:"leads"`
	Expert bool `db:"expert"`
}

func standing(ctx context.Context, q db.Q, network, person uuid.UUID, now time.Time) (stands, error) {
	var r stands
	err := q.Get(ctx, &r, `SELECT EXISTS (SELECT 1 FROM membership m WHERE m.network_id = $1 AND m.person_id = $2 AND m.state = 'active') AS inside,
			coalesce(bool_or(g.role = 'coordinator'), false) AS leads, coalesce(bool_or(g.role = 'expert'), false) AS expert
		FROM role_grant g WHERE g.person_id = $2 AND g.scope_kind = 'network' AND g.scope_id = $1 AND g.valid_from <= $3 AND (g.valid_to IS NULL OR g.valid_to > $3)`,
		network, person, now)
	return r, err
}
