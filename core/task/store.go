package task

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

var _ = db.Constraint("task_submission_size", fault.TooLarge, "", "task.too_large")

type taskRow struct {
	ID           uuid.UUID      `db:"id"`
	Module       string         `db:"module"`
	Type         string         `db:"type"`
	ScopeKind    string         `db:"scope_kind"`
	ScopeID      uuid.UUID      `db:"scope_id"`
	ScopeTitle   string         `db:"scope_title"`
	Parent       uuid.NullUUID  `db:"parent_id"`
	AssigneeKind sql.NullString `db:"assignee_kind"`
	AssigneeID   uuid.NullUUID  `db:"assignee_id"`
	AssigneeName string         `db:"assignee_name"`
	Each         bool           `db:"each"`
	Title        string         `db:"title"`
	Instructions string         `db:"instructions"`
	State        string         `db:"state"`
	Due          sql.NullTime   `db:"due_at"`
	CreatedAt    time.Time      `db:"created_at"`
	ChangedAt    time.Time      `db:"changed_at"`
	Version      int64          `db:"version"`
}

// taskColumns are a task with the names of where it lies and whose it is.
const taskColumns = `t.id, t.module, t.type, t.scope_kind, t.scope_id, t.parent_id, t.assignee_kind, t.assignee_id, t.each, t.title,
		t.instructions, t.state, t.due_at, t.created_at, t.changed_at, t.version,
		coalesce(sn.title, sg.name, sp.title, '') AS scope_title, coalesce(ap.name, ag.name, an.title, '') AS assignee_name`

const taskFrom = ` FROM task t
	LEFT JOIN network sn ON t.scope_kind = 'network' AND sn.id = t.scope_id
	LEFT JOIN network_group sg ON t.scope_kind = 'group' AND sg.id = t.scope_id
	LEFT JOIN programme sp ON t.scope_kind = 'programme' AND sp.id = t.scope_id
	LEFT JOIN person ap ON t.assignee_kind = 'person' AND ap.id = t.assignee_id
	LEFT JOIN network_group ag ON t.assignee_kind = 'group' AND ag.id = t.assignee_id
	LEFT JOIN network an ON t.assignee_kind = 'network' AND an.id = t.assignee_id`

const taskSelect = "SELECT " + taskColumns + taskFrom

func (r *taskRow) task() Task {
	return Task{
		ID: r.ID, Type: effect.Qualify(r.Module, r.Type), Scope: effect.Scope{Kind: effect.ScopeKind(r.ScopeKind), ID: r.ScopeID},
		ScopeTitle: r.ScopeTitle, Parent: r.Parent.UUID, Assignee: effect.Assignee{Kind: effect.AssigneeKind(r.AssigneeKind.String), ID: r.AssigneeID.UUID},
		AssigneeName: r.AssigneeName, Each: r.Each, Title: r.Title, Instructions: r.Instructions, State: State(r.State),
		Due: r.Due.Time, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, Version: r.Version,
	}
}

func tasks(rows []taskRow) []Task {
	out := make([]Task, len(rows))
	for i := range rows {
		out[i] = rows[i].task()
	}
	return out
}

func findTask(ctx context.Context, q db.Q, id uuid.UUID) (*Task, error) {
	var r taskRow
	if err := q.Get(ctx, &r, taskSelect+` WHERE t.id = $1`, id); err != nil {
		return nil, db.NotFound(err)
	}
	t := r.task()
	return &t, nil
}

func nullTime(t time.Time) sql.NullTime { return sql.NullTime{Time: t, Valid: !t.IsZero()} }

func nullText(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }

func insertTask(ctx context.Context, tx *db.Tx, t *Task, by uuid.UUID) error {
	module, local, _ := effect.Split(t.Type)
	_, err := tx.Exec(ctx, `INSERT INTO task (id, module, type, scope_kind, scope_id, parent_id, assignee_kind, assignee_id, each, title, instructions,
			state, due_at, assigned_by, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
		ON CONFLICT (parent_id, assignee_id) WHERE parent_id IS NOT NULL DO NOTHING`,
		t.ID, module, local, t.Scope.Kind, t.Scope.ID, nullID(t.Parent), nullText(string(t.Assignee.Kind)), nullID(t.Assignee.ID), t.Each,
		t.Title, t.Instructions, string(t.State), nullTime(t.Due), nullID(by), t.CreatedAt)
	return err
}

// holdOpen holds a task of everybody against being cancelled meanwhile.
func holdOpen(ctx context.Context, tx *db.Tx, id uuid.UUID) (bool, error) {
	var state string
	err := tx.Get(ctx, &state, `SELECT state FROM task WHERE id = $1 FOR SHARE`, id)
	return state == string(Open), db.NotFound(err)
}

func lockPart(ctx context.Context, tx *db.Tx, parent, person uuid.UUID) (*Task, error) {
	var r taskRow
	if err := tx.Get(ctx, &r, taskSelect+` WHERE t.parent_id = $1 AND t.assignee_id = $2 FOR UPDATE OF t`, parent, person); err != nil {
		return nil, db.NotFound(err)
	}
	t := r.task()
	return &t, nil
}

func moveState(ctx context.Context, tx *db.Tx, id uuid.UUID, version int64, from []State, to State, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE task SET state = $4, changed_at = $5, version = version + 1
		WHERE id = $1 AND version = $2 AND state = ANY($3) AND NOT each`, id, version, pq.Array(texts(from)), string(to), at)
}

func moveDue(ctx context.Context, tx *db.Tx, id uuid.UUID, version int64, from []State, to State, due, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE task SET state = $4, due_at = $5, changed_at = $6, version = version + 1
		WHERE id = $1 AND version = $2 AND state = ANY($3)`, id, version, pq.Array(texts(from)), string(to), nullTime(due), at)
}

func texts(list []State) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func updateAssignee(ctx context.Context, tx *db.Tx, t *Task, version int64, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE task SET assignee_kind = $3, assignee_id = $4, each = $5, due_at = $6, changed_at = $7, version = version + 1
		WHERE id = $1 AND version = $2 AND NOT EXISTS (SELECT 1 FROM task p WHERE p.parent_id = $1)`,
		t.ID, version, nullText(string(t.Assignee.Kind)), nullID(t.Assignee.ID), t.Each, nullTime(t.Due), at)
}

func cancelParts(ctx context.Context, tx *db.Tx, parent uuid.UUID, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE task SET state = 'cancelled', changed_at = $2, version = version + 1
		WHERE parent_id = $1 AND state IN ('open', 'submitted', 'returned', 'escalated')`, parent, at)
	return err
}

// --- forms

func putForm(ctx context.Context, tx *db.Tx, module, typ string, rev int, sum []byte, document string) ([]byte, error) {
	if _, err := tx.Exec(ctx, `INSERT INTO task_form (module, type, rev, sha256, document)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (module, type, rev) DO NOTHING`, module, typ, rev, sum, document); err != nil {
		return nil, err
	}
	var stored []byte
	err := tx.Get(ctx, &stored, `SELECT sha256 FROM task_form WHERE module = $1 AND type = $2 AND rev = $3`, module, typ, rev)
	return stored, err
}

func findForm(ctx context.Context, q db.Q, module, typ string, rev int) (string, error) {
	var s string
	err := q.Get(ctx, &s, `SELECT document FROM task_form WHERE module = $1 AND type = $2 AND rev = $3`, module, typ, rev)
	return s, err
}

// --- submissions

func insertSubmission(ctx context.Context, tx *db.Tx, task uuid.UUID, h *handing, by uuid.UUID, at time.Time) (int, error) {
	var no int
	// The task's row is locked by its change of state, so numbers do not collide.
	if err := tx.Get(ctx, &no, `SELECT coalesce(max(no), 0) + 1 FROM task_submission WHERE task_id = $1`, task); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO task_submission (id, task_id, no, form_rev, data, submitted_by, submitted_at)
		VALUES ($1, $2, $3, $4, CAST($5 AS jsonb), $6, $7)`, h.id, task, no, h.rev, string(h.data), by, at); err != nil {
		return 0, err
	}
	_, err := tx.Exec(ctx, `INSERT INTO task_author (submission_id, person_id) SELECT $1, x FROM unnest(CAST($2 AS uuid[])) x`, h.id, pq.Array(h.authors))
	return no, err
}

type submissionRow struct {
	ID      uuid.UUID `db:"id"`
	Task    uuid.UUID `db:"task_id"`
	No      int       `db:"no"`
	FormRev int       `db:"form_rev"`
	Data    []byte    `db:"data"`
	By      uuid.UUID `db:"submitted_by"`
	ByName  string    `db:"by_name"`
	At      time.Time `db:"submitted_at"`
}

func latestSubmission(ctx context.Context, q db.Q, task uuid.UUID) (submissionRow, error) {
	var r submissionRow
	err := q.Get(ctx, &r, `SELECT s.id, s.task_id, s.no, s.form_rev, s.data, s.submitted_by, '' AS by_name, s.submitted_at
		FROM task_submission s WHERE s.task_id = $1 ORDER BY s.no DESC LIMIT 1`, task)
	return r, err
}

// listSubmissions are the newest of a task, at most 50.
func listSubmissions(ctx context.Context, q db.Q, task uuid.UUID) ([]submissionRow, error) {
	var rows []submissionRow
	err := q.Select(ctx, &rows, `SELECT s.id, s.task_id, s.no, s.form_rev, s.data, s.submitted_by, p.name AS by_name, s.submitted_at
		FROM task_submission s JOIN person p ON p.id = s.submitted_by WHERE s.task_id = $1 ORDER BY s.no DESC LIMIT 50`, task)
	return rows, err
}

func submissionIDs(ctx context.Context, q db.Q, task uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT id FROM task_submission WHERE task_id = $1 ORDER BY no DESC LIMIT 50`, task)
	return ids, err
}

func taskOfSubmission(ctx context.Context, q db.Q, id uuid.UUID) (uuid.UUID, error) {
	var task uuid.UUID
	err := q.Get(ctx, &task, `SELECT task_id FROM task_submission WHERE id = $1`, id)
	return task, db.NotFound(err)
}

// findTaskOf is the task to which a submission belongs.
func findTaskOf(ctx context.Context, q db.Q, submission uuid.UUID) (*Task, error) {
	var r taskRow
	if err := q.Get(ctx, &r, taskSelect+` JOIN task_submission ts ON ts.task_id = t.id WHERE ts.id = $1`, submission); err != nil {
		return nil, db.NotFound(err)
	}
	t := r.task()
	return &t, nil
}

type authorRow struct {
	Submission uuid.UUID `db:"submission_id"`
	Person
}

// listAuthors are those of all submissions of a task, by submission.
func listAuthors(ctx context.Context, q db.Q, task uuid.UUID) (map[uuid.UUID][]Person, error) {
	var rows []authorRow
	err := q.Select(ctx, &rows, `SELECT a.submission_id, p.id, p.name FROM task_submission s JOIN task_author a ON a.submission_id = s.id
		JOIN person p ON p.id = a.person_id WHERE s.task_id = $1 ORDER BY p.sort_name, p.id LIMIT 5000`, task)
	out := map[uuid.UUID][]Person{}
	for _, r := range rows {
		out[r.Submission] = append(out[r.Submission], r.Person)
	}
	return out, err
}

func authorIDs(ctx context.Context, q db.Q, submission uuid.UUID) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT person_id FROM task_author WHERE submission_id = $1 ORDER BY person_id LIMIT 200`, submission)
	return ids, err
}

// --- decisions

// decided is a decision to be written.
type decided struct {
	id, task, submission uuid.UUID
	verdict, note        string
	due                  time.Time
	by                   uuid.UUID
	at                   time.Time
	remarks              []effect.Remark
}

func insertDecision(ctx context.Context, tx *db.Tx, d *decided) error {
	if d.id == uuid.Nil {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		d.id = id
	}
	if _, err := tx.Exec(ctx, `INSERT INTO task_decision (id, task_id, no, submission_id, verdict, note, due_at, decided_by, at)
		SELECT $1, $2, (SELECT coalesce(max(no), 0) + 1 FROM task_decision WHERE task_id = $2), $3, $4, $5, $6, $7, $8`, d.id, d.task, nullID(d.submission), d.verdict, d.note, nullTime(d.due), nullID(d.by), d.at); err != nil {
		return err
	}
	for i, r := range d.remarks {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO task_remark (id, decision_id, no, path, quote, start_rune, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`, id, d.id, i+1, r.Path, r.Quote, r.Offset, r.Text); err != nil {
			return err
		}
	}
	return nil
}

type decisionRow struct {
	ID         uuid.UUID      `db:"id"`
	Submission uuid.NullUUID  `db:"submission_id"`
	Verdict    string         `db:"verdict"`
	Note       string         `db:"note"`
	Due        sql.NullTime   `db:"due_at"`
	By         uuid.NullUUID  `db:"decided_by"`
	ByName     sql.NullString `db:"by_name"`
	At         time.Time      `db:"at"`
	Remarks    []byte         `db:"remarks"` // a JSON array of [effect.Remark], nil when there are none
}

// listDecisions are the newest of a task, at most 100.
func listDecisions(ctx context.Context, q db.Q, task uuid.UUID) ([]Decision, error) {
	var rows []decisionRow
	err := q.Select(ctx, &rows, `SELECT d.id, d.submission_id, d.verdict, d.note, d.due_at, d.decided_by, p.name AS by_name, d.at,
			(SELECT json_agg(json_build_object('path', r.path, 'quote', r.quote, 'offset', r.start_rune, 'text', r.body) ORDER BY r.no)
				FROM task_remark r WHERE r.decision_id = d.id) AS remarks
		FROM task_decision d LEFT JOIN person p ON p.id = d.decided_by WHERE d.task_id = $1 ORDER BY d.no DESC LIMIT 100`, task)
	var out []Decision
	for i := range rows {
		r := &rows[i]
		d := Decision{ID: r.ID, Submission: r.Submission.UUID, Verdict: r.Verdict, Note: r.Note, Due: r.Due.Time,
			By: Person{r.By.UUID, r.ByName.String}, At: r.At}
		if r.Remarks != nil {
			if err := json.Unmarshal(r.Remarks, &d.Remarks); err != nil {
				return nil, err
			}
		}
		out = append(out, d)
	}
	return out, err
}

// --- people

func active(ctx context.Context, q db.Q, person uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM person WHERE id = $1 AND state = 'active')`, person)
	return ok, err
}

// inGroup holds for members m of a group's team at the domain time $2.
const inGroup = `m.since <= $2 AND (m.until IS NULL OR m.until > $2) AND m.role IN ('team_member', 'head', 'support_organiser')`

// isMember reports whether the person is in the scope: an active member of the
// network, in the team of the group, or either somewhere in the programme.
func isMember(ctx context.Context, q db.Q, s effect.Scope, person uuid.UUID, at time.Time) (bool, error) {
	var ok bool
	var err error
	switch s.Kind {
	case effect.Network:
		err = q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM membership WHERE network_id = $1 AND person_id = $2 AND state = 'active')
			OR EXISTS (SELECT 1 FROM network_group g JOIN group_member m ON m.group_id = g.id
				WHERE g.network_id = $1 AND m.person_id = $2 AND m.since <= $3 AND (m.until IS NULL OR m.until > $3))`, s.ID, person, at)
	case effect.Group:
		err = q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM group_member m WHERE m.group_id = $1 AND m.person_id = $3 AND `+inGroup+`)`, s.ID, at, person)
	case effect.Programme:
		err = q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM network n JOIN membership m ON m.network_id = n.id
				WHERE n.programme_id = $1 AND m.person_id = $2 AND m.state = 'active')
			OR EXISTS (SELECT 1 FROM network_group g LEFT JOIN network n ON n.id = g.network_id JOIN group_member m ON m.group_id = g.id
				WHERE coalesce(g.programme_id, n.programme_id) = $1 AND m.person_id = $2 AND m.since <= $3 AND (m.until IS NULL OR m.until > $3))`,
			s.ID, person, at)
	}
	return ok, err
}

// members lists those who can hand in or be assigned in a network or group.
func members(ctx context.Context, q db.Q, s effect.Scope, at time.Time, limit int) ([]Person, error) {
	var rows []Person
	var err error
	switch s.Kind {
	case effect.Network:
		err = q.Select(ctx, &rows, `SELECT p.id, p.name FROM membership m JOIN person p ON p.id = m.person_id
			WHERE m.network_id = $1 AND m.state = 'active' ORDER BY p.sort_name, p.id LIMIT $2`, s.ID, limit)
	case effect.Group:
		err = q.Select(ctx, &rows, `SELECT p.id, p.name FROM group_member m JOIN person p ON p.id = m.person_id
			WHERE m.group_id = $1 AND `+inGroup+` GROUP BY p.id, p.name, p.sort_name ORDER BY p.sort_name, p.id LIMIT $3`, s.ID, at, limit)
	}
	return rows, err
}

func personByID(ctx context.Context, q db.Q, id uuid.UUID) (Person, error) {
	var p Person
	err := q.Get(ctx, &p, `SELECT id, name FROM person WHERE id = $1`, id)
	return p, db.NotFound(err)
}

// groupsIn lists the groups directly in a scope, or the group itself.
func groupsIn(ctx context.Context, q db.Q, s effect.Scope, limit int) ([]Person, error) {
	var rows []Person
	err := q.Select(ctx, &rows, `SELECT id, name FROM network_group WHERE network_id = $1 OR programme_id = $1 OR id = $1 ORDER BY name, id LIMIT $2`, s.ID, limit)
	return rows, err
}

// mergeMemberships points tasks of one person's memberships to those that
// another has of the same networks.
func mergeMemberships(ctx context.Context, tx *db.Tx, from, to uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE task r SET scope_id = y.id FROM membership x JOIN membership y ON y.network_id = x.network_id AND y.person_id = $2
		WHERE x.person_id = $1 AND r.scope_kind = 'membership' AND r.scope_id = x.id`, from, to)
	return err
}
