package schedule

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

const actionColumns = `k.id, k.meeting_id, k.text, k.owner_id, (SELECT p.name FROM person p WHERE p.id = k.owner_id) AS owner,
	coalesce(to_char(k.due_on, 'YYYY-MM-DD'), '') AS due, k.done_at, k.told_at`

func readMinutes(ctx context.Context, q db.Q, m *meetingRow) (*Minutes, error) {
	out := &Minutes{Text: m.MinutesText, Version: m.MinutesVersion}
	err := db.Together(ctx, q, func(ctx context.Context, q db.Q) error {
		return q.Select(ctx, &out.Decisions, `SELECT id, text FROM meeting_decision WHERE meeting_id = $1 ORDER BY position LIMIT $2`, m.ID, MaxRows)
	}, func(ctx context.Context, q db.Q) error {
		return q.Select(ctx, &out.Actions, `SELECT `+actionColumns+` FROM action_item k WHERE k.meeting_id = $1 ORDER BY k.position LIMIT $2`, m.ID, MaxRows)
	})
	return out, err
}

func readAction(ctx context.Context, q db.Q, id uuid.UUID) (*Action, error) {
	var x Action
	if err := q.Get(ctx, &x, `SELECT `+actionColumns+` FROM action_item k WHERE k.id = $1`, id); err != nil {
		return nil, db.NotFound(err)
	}
	return &x, nil
}

func mayOwn(ctx context.Context, q db.Q, network, person, row uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM membership WHERE network_id = $1 AND person_id = $2 AND state = 'active')
		OR EXISTS (SELECT 1 FROM action_item WHERE id = $3 AND owner_id = $2)`, network, person, row)
	return ok, err
}

// putMinutes replaces the minutes of a locked meeting.
func putMinutes(ctx context.Context, tx *db.Tx, m *meetingRow, in *MinutesInput) error {
	if _, err := tx.Exec(ctx, `UPDATE meeting SET minutes = $2, minutes_version = minutes_version + 1 WHERE id = $1`, m.ID, in.Text); err != nil {
		return err
	}
	if err := putDecisions(ctx, tx, m.ID, in.Decisions); err != nil {
		return err
	}
	return putActions(ctx, tx, m, in.Actions)
}

func putDecisions(ctx context.Context, tx *db.Tx, meeting uuid.UUID, list []Decision) error {
	var keep []uuid.UUID
	for _, d := range list {
		if d.ID != uuid.Nil && d.Text != "" {
			keep = append(keep, d.ID)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM meeting_decision WHERE meeting_id = $1 AND NOT id = ANY (CAST($2 AS uuid[]))`, meeting, pq.Array(keep)); err != nil {
		return err
	}
	for i, d := range list {
		if d.Text == "" {
			continue
		}
		id, err := orNew(d.ID)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO meeting_decision (id, meeting_id, position, text) VALUES ($1, $2, $3, $4)
			ON CONFLICT (id) DO UPDATE SET position = excluded.position, text = excluded.text WHERE meeting_decision.meeting_id = $2`, id, meeting, i+1, d.Text)
		if err != nil {
			return err
		}
	}
	return nil
}

func orNew(id uuid.UUID) (uuid.UUID, error) {
	if id != uuid.Nil {
		return id, nil
	}
	return uuid.NewV7()
}

func putActions(ctx context.Context, tx *db.Tx, m *meetingRow, list []ActionInput) error {
	var keep []uuid.UUID
	for _, x := range list {
		if x.ID != uuid.Nil && x.Text != "" {
			keep = append(keep, x.ID)
		}
	}
	if _, err := tx.Exec(ctx, `DELETE FROM action_item WHERE meeting_id = $1 AND NOT id = ANY (CAST($2 AS uuid[]))`, m.ID, pq.Array(keep)); err != nil {
		return err
	}
	for i, x := range list {
		if x.Text == "" {
			continue
		}
		id, err := orNew(x.ID)
		if err != nil {
			return err
		}
		// A new owner has not been told yet.
		_, err = tx.Exec(ctx, `INSERT INTO action_item (id, meeting_id, network_id, position, text, owner_id, due_on) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO UPDATE SET position = excluded.position, text = excluded.text, owner_id = excluded.owner_id, due_on = excluded.due_on,
				told_at = CASE WHEN action_item.owner_id = excluded.owner_id THEN action_item.told_at END WHERE action_item.meeting_id = $2`,
			id, m.ID, m.Network, i+1, x.Text, x.Owner, sql.NullString{String: x.Due, Valid: x.Due != ""})
		if err != nil {
			return err
		}
	}
	return nil
}

// takeUntold marks the meeting's items that their owners do not know of and
// returns them, owner by owner.
func takeUntold(ctx context.Context, tx *db.Tx, meeting uuid.UUID, now time.Time) ([]Action, error) {
	var out []Action
	err := tx.Select(ctx, &out, `SELECT `+actionColumns+` FROM action_item k WHERE k.meeting_id = $1 AND k.told_at IS NULL AND k.done_at IS NULL ORDER BY k.owner_id, k.position LIMIT $2`, meeting, MaxRows)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE action_item SET told_at = $2 WHERE meeting_id = $1 AND told_at IS NULL AND done_at IS NULL`, meeting, now)
	return out, err
}

func tickAction(ctx context.Context, tx *db.Tx, id uuid.UUID, done bool, by uuid.UUID, now time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE action_item SET done_at = CASE WHEN $2 THEN coalesce(done_at, CAST($4 AS timestamptz)) END, done_by = CASE WHEN $2 THEN coalesce(done_by, CAST($3 AS uuid)) END WHERE id = $1`, id, done, by, now)
	return err
}
