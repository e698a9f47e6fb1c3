package task

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// afterKey and byDue order a list by date, the undated last: $1 and $2 are the
// key of the last row before, $3 the limit. Lists number their own from $4.
const (
	afterKey = `(coalesce(t.due_at, '9999-12-31 00:00:00+00'), t.id) > ($1, $2)`
	byDue    = ` ORDER BY coalesce(t.due_at, '9999-12-31 00:00:00+00'), t.id LIMIT $3`
)

// minePage reads the tasks of a person: those of the assignees ids, without
// tasks of everybody in which the person already has a part.
func minePage(ctx context.Context, q db.Q, person uuid.UUID, ids []uuid.UUID, states []State, due time.Time, id uuid.UUID, limit int) ([]taskRow, error) {
	var rows []taskRow
	err := q.Select(ctx, &rows, taskSelect+` WHERE t.assignee_id = ANY($4) AND t.state = ANY($5)
		AND NOT (t.each AND EXISTS (SELECT 1 FROM task p WHERE p.parent_id = t.id AND p.assignee_id = $6))
		AND `+afterKey+byDue, due, id, limit, pq.Array(ids), pq.Array(texts(states)), person)
	return rows, err
}

// scopePage reads the tasks of a scope and of the groups in it, without parts;
// unless all, only those of the assignees own.
func scopePage(ctx context.Context, q db.Q, scope uuid.UUID, states []State, all bool, own []uuid.UUID, due time.Time, id uuid.UUID, limit int) ([]taskRow, error) {
	var rows []taskRow
	err := q.Select(ctx, &rows, taskSelect+` WHERE t.scope_id IN (SELECT CAST($4 AS uuid)
			UNION ALL SELECT g.id FROM network_group g WHERE g.network_id = $4 OR g.programme_id = $4)
		AND t.parent_id IS NULL AND t.state = ANY($5) AND ($6 OR t.assignee_id = ANY($7))
		AND `+afterKey+byDue, due, id, limit, scope, pq.Array(texts(states)), all, pq.Array(own))
	return rows, err
}

// partsPage reads the parts of a task of everybody.
func partsPage(ctx context.Context, q db.Q, parent uuid.UUID, states []State, due time.Time, id uuid.UUID, limit int) ([]taskRow, error) {
	var rows []taskRow
	err := q.Select(ctx, &rows, taskSelect+` WHERE t.parent_id = $4 AND t.state = ANY($5)
		AND `+afterKey+byDue, due, id, limit, parent, pq.Array(texts(states)))
	return rows, err
}

func partOf(ctx context.Context, q db.Q, parent, person uuid.UUID) (uuid.UUID, error) {
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT id FROM task WHERE parent_id = $1 AND assignee_id = $2`, parent, person)
	if db.IsNoRows(err) {
		return uuid.Nil, nil
	}
	return id, err
}
