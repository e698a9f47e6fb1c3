package task

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
)

// afterKey and byDue order a list by date, the undated last: $1 and $2 are the
// key of the last row before, $3 the limit. Lists number their own from $4.
const (
	afterKey = `(coalesce(t.due_at, '9999-12-31 00:00:00+00'), t.id) > ($1, $2)`
	byDue    = ` ORDER BY coalesce(t.due_at, '9999-12-31 00:00:00+00'), t.id LIMIT $3`
)

// standsIn holds for a person with a grant in force that concerns a scope: on
// itself, on what lies above it (network, programme, centre) or, as a network's
// team does, below it. Whoever left or was removed has none. The arguments are
// SQL expressions.
func standsIn(scope, person, at string) string {
	return `EXISTS (SELECT 1 FROM role_grant r
		LEFT JOIN network rn ON rn.id = r.scope_id LEFT JOIN network_group rg ON rg.id = r.scope_id LEFT JOIN network rgn ON rgn.id = rg.network_id
		WHERE r.person_id = ` + person + ` AND r.valid_from <= ` + at + ` AND (r.valid_to IS NULL OR r.valid_to > ` + at + `)
			AND (` + scope + ` IN (r.scope_id, rn.programme_id, rg.network_id, rg.programme_id, rgn.programme_id)
				OR EXISTS (SELECT 1 FROM network n WHERE n.id = ` + scope + ` AND r.scope_id IN (n.programme_id, n.centre_id))
				OR EXISTS (SELECT 1 FROM network_group g LEFT JOIN network n ON n.id = g.network_id
					WHERE g.id = ` + scope + ` AND r.scope_id IN (g.network_id, g.programme_id, n.programme_id, n.centre_id))
				OR EXISTS (SELECT 1 FROM membership m JOIN network n ON n.id = m.network_id
					WHERE m.id = ` + scope + ` AND r.scope_id IN (m.network_id, n.programme_id, n.centre_id))
				OR EXISTS (SELECT 1 FROM group_member m JOIN network_group g ON g.id = m.group_id LEFT JOIN network n ON n.id = g.network_id
					WHERE m.id = ` + scope + ` AND r.scope_id IN (m.group_id, g.network_id, g.programme_id, n.programme_id, n.centre_id))))`
}

// stands reports whether the person holds a role in, above or below the scope.
func stands(ctx context.Context, q db.Q, scope, person uuid.UUID, at time.Time) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT `+standsIn("CAST($1 AS uuid)", "$2", "$3"), scope, person, at)
	return ok, err
}

const authored = `EXISTS (SELECT 1 FROM task_submission s JOIN task_author a ON a.submission_id = s.id WHERE s.task_id = `

// handedIn reports whether the person is an author of a submission of the task.
func handedIn(ctx context.Context, q db.Q, task, person uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT `+authored+`$1 AND a.person_id = $2)`, task, person)
	return ok, err
}

// handedInWith reports whether the person is an author of a submission of the
// task to which this one belongs.
func handedInWith(ctx context.Context, q db.Q, submission, person uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT `+authored+`(SELECT task_id FROM task_submission WHERE id = $1) AND a.person_id = $2)`, submission, person)
	return ok, err
}

// minePage reads the tasks of a person: those of the assignees ids, without
// tasks of everybody in which the person already has a part. Personal tasks of a
// place that the person left ask for nothing any more: only what was handed in
// there is still listed.
func minePage(ctx context.Context, q db.Q, person uuid.UUID, ids []uuid.UUID, states []State, at, due time.Time, id uuid.UUID, limit int) ([]taskRow, error) {
	var rows []taskRow
	err := q.Select(ctx, &rows, taskSelect+` WHERE t.assignee_id = ANY($4) AND t.state = ANY($5)
		AND NOT (t.each AND EXISTS (SELECT 1 FROM task p WHERE p.parent_id = t.id AND p.assignee_id = $6))
		AND (t.assignee_kind <> 'person' OR `+standsIn("t.scope_id", "$6", "$7")+`
			OR t.state NOT IN ('open', 'returned') AND `+authored+`t.id AND a.person_id = $6))
		AND `+afterKey+byDue, due, id, limit, pq.Array(ids), pq.Array(texts(states)), person, at)
	return rows, err
}

// scoped says which tasks of a scope are read.
type scoped struct {
	scope  uuid.UUID
	states []State
	// all: of everybody, with parts of tasks of everybody where parts is set;
	// otherwise those of the assignees own, of which person is one.
	all, parts bool
	own        []uuid.UUID
	person     uuid.UUID
}

// scopePage reads the tasks of a scope and of the groups in it. A task of
// everybody gives way to the person's own part; parts that ended with their
// task are not listed beside it.
func scopePage(ctx context.Context, q db.Q, in scoped, due time.Time, id uuid.UUID, limit int) ([]taskRow, error) {
	var rows []taskRow
	err := q.Select(ctx, &rows, taskSelect+` WHERE t.scope_id IN (SELECT CAST($4 AS uuid)
			UNION ALL SELECT g.id FROM network_group g WHERE g.network_id = $4 OR g.programme_id = $4)
		AND t.state = ANY($5) AND CASE WHEN $6 THEN t.parent_id IS NULL OR $7 AND t.state <> 'cancelled'
			ELSE t.assignee_id = ANY($8) AND NOT (t.each AND EXISTS (SELECT 1 FROM task p WHERE p.parent_id = t.id AND p.assignee_id = $9)) END
		AND `+afterKey+byDue, due, id, limit, in.scope, pq.Array(texts(in.states)), in.all, in.parts, pq.Array(in.own), in.person)
	return rows, err
}

// scopeTitle is what a network, group or programme is called; "" for others.
func scopeTitle(ctx context.Context, q db.Q, id uuid.UUID) (string, error) {
	var rows []struct {
		Title string `db:"title"`
	}
	err := q.Select(ctx, &rows, `SELECT title FROM network WHERE id = $1
		UNION ALL SELECT name FROM network_group WHERE id = $1
		UNION ALL SELECT title FROM programme WHERE id = $1 LIMIT 1`, id)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Title, nil
}

// findMembers lists people of a network or group whose names hold the words,
// by name. Not by the column that searches of administrators compare: it holds
// addresses, too.
func findMembers(ctx context.Context, q db.Q, s effect.Scope, patterns []string, at time.Time, limit int) ([]Person, error) {
	var rows []Person
	err := q.Select(ctx, &rows, `SELECT p.id, p.name FROM person p WHERE translate(lower(p.name), 'ąćęłńóśźż', 'acelnoszz') LIKE ALL ($4) AND (
			$5 AND EXISTS (SELECT 1 FROM membership m WHERE m.network_id = $1 AND m.person_id = p.id AND m.state = 'active')
			OR NOT $5 AND EXISTS (SELECT 1 FROM group_member m WHERE m.group_id = $1 AND m.person_id = p.id AND `+inGroup+`))
		ORDER BY p.sort_name, p.id LIMIT $3`, s.ID, at, limit, pq.Array(patterns), s.Kind == effect.Network)
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

// submissionsOf are the submissions of task t as a JSON array, the newest first:
// of a task of everybody the newest of each member, at most 500, without
// answers; of others at most five, the newest with its answers.
const submissionsOf = `coalesce(CASE WHEN t.each THEN (
		SELECT json_agg(json_build_object('id', x.id, 'authors', json_build_array(x.assignee_id), 'state', x.state, 'submitted', x.submitted_at) ORDER BY x.submitted_at DESC, x.id)
		FROM (SELECT s.id, p.assignee_id, p.state, s.submitted_at FROM task p
			JOIN LATERAL (SELECT id, submitted_at FROM task_submission WHERE task_id = p.id ORDER BY no DESC LIMIT 1) s ON true
			WHERE p.parent_id = t.id ORDER BY s.submitted_at DESC, s.id LIMIT 500) x)
	ELSE (
		SELECT json_agg(json_build_object('id', s.id, 'submitted', s.submitted_at, 'answers', CASE WHEN s.rank = 1 THEN s.data END,
			'state', coalesce((SELECT d.verdict FROM task_decision d WHERE d.submission_id = s.id ORDER BY d.no DESC LIMIT 1), 'submitted'),
			'authors', coalesce((SELECT json_agg(a.person_id ORDER BY a.person_id) FROM task_author a WHERE a.submission_id = s.id), '[]')) ORDER BY s.rank)
		FROM (SELECT id, submitted_at, data, row_number() OVER (ORDER BY no DESC) AS rank FROM task_submission WHERE task_id = t.id ORDER BY no DESC LIMIT 5) s)
	END, '[]')`

// sliceSelect reads tasks as modules see them.
const sliceSelect = "SELECT " + taskColumns + ", " + submissionsOf + " AS submissions" + taskFrom

// stats counts the tasks of a scope given from a moment until before another.
func stats(ctx context.Context, q db.Q, scope uuid.UUID, from, to time.Time) (Stats, error) {
	var out Stats
	err := q.Get(ctx, &out, `SELECT count(*) FILTER (WHERE parent_id IS NULL AND state <> 'cancelled') AS given,
			count(*) FILTER (WHERE NOT each AND state NOT IN ('open', 'cancelled')) AS handed, count(*) FILTER (WHERE NOT each AND state = 'accepted') AS accepted
		FROM task WHERE scope_id = $1 AND created_at >= $2 AND created_at < $3`, scope, from, to)
	return out, err
}
