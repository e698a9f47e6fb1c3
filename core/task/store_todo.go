package task

import (
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/gather"
)

// todoRow is a task of somebody's list of things to do, with its place when it
// is to be reviewed.
type todoRow struct {
	Review     bool          `json:"review"`
	ID         uuid.UUID     `json:"id"`
	Module     string        `json:"module"`
	Type       string        `json:"type"`
	ScopeKind  string        `json:"scope_kind"`
	ScopeID    uuid.UUID     `json:"scope_id"`
	ScopeTitle string        `json:"scope_title"`
	Title      string        `json:"title"`
	State      State         `json:"state"`
	Due        time.Time     `json:"due_at"`
	Network    uuid.NullUUID `json:"at_network"`
	Programme  uuid.NullUUID `json:"at_programme"`
	Who        string        `json:"who"`
}

func (r *todoRow) qualified() string { return effect.Qualify(r.Module, r.Type) }

func (r *todoRow) place() access.Place {
	p := access.Place{Network: r.Network.UUID, Programme: r.Programme.UUID}
	if r.ScopeKind == string(effect.Group) {
		p.Group = r.ScopeID
	}
	return p
}

const todoPart = "task.todo"

// todoOf reads what person $1 has to do at $3: tasks of the assignees own ($5)
// as [minePage] lists them, and submitted tasks in the scopes ($6) and below
// them. Who decides is a matter of the task's type, which the table does not
// know: so more rows are read than shown.
func todoOf(own, scopes []uuid.UUID) gather.Part {
	return gather.Part{Key: todoPart, Args: []any{pq.Array(own), pq.Array(scopes)}, SQL: `SELECT review, id, module, type, scope_kind, scope_id, scope_title, title, state, due_at, at_network, at_programme, who FROM (
		(SELECT false AS review, t.id, t.module, t.type, t.scope_kind, t.scope_id, coalesce(n.title, g.name, p.title, '') AS scope_title,
			t.title, t.state, t.due_at, CAST(NULL AS uuid) AS at_network, CAST(NULL AS uuid) AS at_programme, '' AS who,
			coalesce(t.due_at, '9999-12-31 00:00:00+00') AS place
		FROM task t
		LEFT JOIN network n ON t.scope_kind = 'network' AND n.id = t.scope_id
		LEFT JOIN network_group g ON t.scope_kind = 'group' AND g.id = t.scope_id
		LEFT JOIN programme p ON t.scope_kind = 'programme' AND p.id = t.scope_id
		WHERE t.assignee_id = ANY($5) AND t.state IN ('open', 'returned')
			AND NOT (t.each AND EXISTS (SELECT 1 FROM task o WHERE o.parent_id = t.id AND o.assignee_id = $1))
			AND (t.assignee_kind <> 'person' OR ` + standsIn("t.scope_id", "$1", "$3") + `)
		ORDER BY coalesce(t.due_at, '9999-12-31 00:00:00+00'), t.id LIMIT $4)
		UNION ALL
		(SELECT true, t.id, t.module, t.type, t.scope_kind, t.scope_id, coalesce(n.title, g.name, p.title, ''),
			t.title, t.state, NULL, coalesce(n.id, g.network_id),
			CASE WHEN t.scope_kind = 'programme' THEN t.scope_id ELSE coalesce(n.programme_id, g.programme_id, gn.programme_id) END,
			coalesce((SELECT pe.name FROM person pe WHERE t.assignee_kind = 'person' AND pe.id = t.assignee_id), ''), t.changed_at
		FROM task t
		LEFT JOIN network n ON t.scope_kind = 'network' AND n.id = t.scope_id
		LEFT JOIN network_group g ON t.scope_kind = 'group' AND g.id = t.scope_id
		LEFT JOIN network gn ON gn.id = g.network_id
		LEFT JOIN programme p ON t.scope_kind = 'programme' AND p.id = t.scope_id
		WHERE t.state = 'submitted' AND t.assignee_id <> $1
			AND NOT EXISTS (SELECT 1 FROM task_submission s JOIN task_author a ON a.submission_id = s.id WHERE s.task_id = t.id AND a.person_id = $1)
			AND t.scope_id IN (
			SELECT unnest(CAST($6 AS uuid[]))
			UNION ALL SELECT x.id FROM network_group x WHERE x.network_id = ANY($6) OR x.programme_id = ANY($6)
			UNION ALL SELECT x.id FROM network x WHERE x.programme_id = ANY($6)
			UNION ALL SELECT x.id FROM network y JOIN network_group x ON x.network_id = y.id WHERE y.programme_id = ANY($6))
		ORDER BY t.changed_at, t.id LIMIT 4 * $4)) x ORDER BY review, place, id`}
}
