package task

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// Reader reads the module's tasks for it. Fields: "@id", "@scope", "@person"
// (the assignee), "@state", "@created", "@due". A task of everybody is one row
// whose submissions are the newest of each member (at most 500, without
// answers); the members' parts are rows of their own, with "parent", only for
// slices that filter by "@person" or "@id".
type Reader struct{ s *Service }

var (
	_ effect.SliceReader = Reader{}
	_ effect.Aggregator  = Reader{}
)

// Reader is what core/effect registers for [effect.SourceTask].
func (s *Service) Reader() Reader { return Reader{s} }

var terms = keyset.Map(map[string]keyset.Term[taskRow]{
	effect.FieldID:      keyset.ID("t.id", func(r *taskRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("t.scope_id", func(r *taskRow) uuid.UUID { return r.ScopeID }),
	effect.FieldPerson:  keyset.ID("t.assignee_id", func(r *taskRow) uuid.UUID { return r.AssigneeID.UUID }),
	effect.FieldState:   keyset.Text("t.state", func(r *taskRow) string { return r.State }),
	effect.FieldCreated: keyset.Instant("t.created_at", func(r *taskRow) *time.Time { return &r.CreatedAt }),
	effect.FieldDue: keyset.Instant("t.due_at", func(r *taskRow) *time.Time {
		if !r.Due.Valid {
			return nil
		}
		return &r.Due.Time
	}),
})

// ReadSlice implements [effect.SliceReader].
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	st.Add(taskSelect, " WHERE t.scope_id = ANY(", st.Scopes(req.Scopes), ") AND t.module = ", st.Param(req.Module, "text"))
	if req.Kind != "" {
		st.Add(" AND t.type = ", st.Param(req.Kind, "text"))
	}
	if !slices.ContainsFunc(req.Filters, func(f effect.Filter) bool { return f.Field == effect.FieldPerson || f.Field == effect.FieldID }) {
		st.Add(" AND t.parent_id IS NULL")
	}
	page := keyset.Page[taskRow]{Request: req, Terms: terms, IDExpr: "t.id", ID: func(r *taskRow) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	subs, err := sliceSubmissions(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(rows, func(r taskRow) bool { return r.Each }) {
		if err := partSubmissions(ctx, q, ids, subs); err != nil {
			return nil, err
		}
	}
	out := &effect.SliceResult{Cursor: next}
	for i := range rows {
		row, err := sliceRow(&rows[i], subs[rows[i].ID])
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

// submissionDoc is a submission as modules see it (plugins/proto/SOURCES.md);
// answers only of the newest.
type submissionDoc struct {
	ID        uuid.UUID       `json:"id"`
	Authors   []uuid.UUID     `json:"authors"`
	State     string          `json:"state"`
	Submitted time.Time       `json:"submitted"`
	Answers   json.RawMessage `json:"answers,omitempty"`
}

func sliceRow(r *taskRow, subs []submissionDoc) (effect.Row, error) {
	doc := map[string]any{"type": r.Type, "title": r.Title, "state": r.State, "submissions": subs}
	if subs == nil {
		doc["submissions"] = []submissionDoc{}
	}
	if r.AssigneeKind.Valid {
		doc["assignee"] = map[string]any{"kind": r.AssigneeKind.String, "id": r.AssigneeID.UUID}
	}
	if r.Due.Valid {
		doc["due"] = r.Due.Time.UTC()
	}
	if r.Parent.Valid {
		doc["parent"] = r.Parent.UUID
	}
	raw, err := json.Marshal(doc)
	return effect.Row{ID: r.ID, Version: r.Version, Scope: effect.Scope{Kind: effect.ScopeKind(r.ScopeKind), ID: r.ScopeID}, Data: raw, Revision: 1}, err
}

// sliceDepth is how many submissions of a task travel; the newest has answers.
const sliceDepth = 5

// slicePartsMost is how many members' submissions of a task of everybody travel.
const slicePartsMost = 500

// partSubmissions adds, to tasks of everybody, the newest submission of each
// member's part, the newest first.
func partSubmissions(ctx context.Context, q db.Q, tasks []uuid.UUID, into map[uuid.UUID][]submissionDoc) error {
	var rows []struct {
		Parent uuid.UUID `db:"parent_id"`
		Person uuid.UUID `db:"assignee_id"`
		State  string    `db:"state"`
		ID     uuid.UUID `db:"id"`
		At     time.Time `db:"submitted_at"`
	}
	err := q.Select(ctx, &rows, `SELECT x.parent_id, x.assignee_id, x.state, x.id, x.submitted_at FROM (
			SELECT p.parent_id, p.assignee_id, p.state, s.id, s.submitted_at, row_number() OVER (PARTITION BY p.parent_id ORDER BY s.submitted_at DESC, s.id) AS rank
			FROM task p JOIN LATERAL (SELECT id, submitted_at FROM task_submission WHERE task_id = p.id ORDER BY no DESC LIMIT 1) s ON true
			WHERE p.parent_id = ANY($1)) x
		WHERE x.rank <= $2 ORDER BY x.parent_id, x.rank LIMIT 10000`, db.Array(tasks), slicePartsMost)
	for _, r := range rows {
		into[r.Parent] = append(into[r.Parent], submissionDoc{ID: r.ID, Authors: []uuid.UUID{r.Person}, State: r.State, Submitted: r.At.UTC()})
	}
	return err
}

func sliceSubmissions(ctx context.Context, q db.Q, tasks []uuid.UUID) (map[uuid.UUID][]submissionDoc, error) {
	var rows []struct {
		Task    uuid.UUID      `db:"task_id"`
		ID      uuid.UUID      `db:"id"`
		At      time.Time      `db:"submitted_at"`
		Data    []byte         `db:"data"`
		Verdict string         `db:"verdict"`
		Authors db.StringArray `db:"authors"`
	}
	err := q.Select(ctx, &rows, `SELECT s.task_id, s.id, s.submitted_at, CASE WHEN s.rank = 1 THEN s.data END AS data,
			coalesce((SELECT d.verdict FROM task_decision d WHERE d.submission_id = s.id ORDER BY d.no DESC LIMIT 1), 'submitted') AS verdict,
			ARRAY(SELECT CAST(a.person_id AS text) FROM task_author a WHERE a.submission_id = s.id ORDER BY a.person_id) AS authors
		FROM (SELECT x.task_id, x.id, x.submitted_at, x.data, row_number() OVER (PARTITION BY x.task_id ORDER BY x.no DESC) AS rank
			FROM task_submission x WHERE x.task_id = ANY($1)) s
		WHERE s.rank <= $2 ORDER BY s.task_id, s.rank LIMIT 2500`, db.Array(tasks), sliceDepth)
	out := map[uuid.UUID][]submissionDoc{}
	for _, r := range rows {
		d := submissionDoc{ID: r.ID, State: r.Verdict, Submitted: r.At.UTC(), Answers: r.Data, Authors: []uuid.UUID{}}
		for _, a := range r.Authors {
			if id, err := uuid.Parse(a); err == nil {
				d.Authors = append(d.Authors, id)
			}
		}
		out[r.Task] = append(out[r.Task], d)
	}
	return out, err
}

// ReadAggregate implements [effect.Aggregator]: counts by "@state" or as a whole.
func (r Reader) ReadAggregate(ctx context.Context, q db.Q, req *effect.AggregateRequest) ([]effect.Cell, error) {
	if req.Field != "" || len(req.By) > 1 || len(req.By) == 1 && req.By[0] != effect.FieldState {
		return nil, keyset.Invalid("by", "keyset.field")
	}
	var st keyset.Statement
	state := "CAST('' AS text)"
	if len(req.By) == 1 {
		state = "t.state"
	}
	st.Add("SELECT ", state, " AS state, count(*) AS n FROM task t WHERE t.scope_id = ANY(", st.Scopes(req.Scopes), ") AND t.module = ", st.Param(req.Module, "text"))
	if req.Kind != "" {
		st.Add(" AND t.type = ", st.Param(req.Kind, "text"))
	}
	if err := keyset.Filter(&st, terms, req.Filters); err != nil {
		return nil, err
	}
	st.Add(" AND t.parent_id IS NULL")
	if len(req.By) == 1 {
		st.Add(" GROUP BY t.state ORDER BY t.state")
	}
	var rows []struct {
		State string `db:"state"`
		N     int64  `db:"n"`
	}
	if err := q.Select(ctx, &rows, st.SQL(), st.Args()...); err != nil {
		return nil, err
	}
	out := make([]effect.Cell, len(rows))
	for i, c := range rows {
		if len(req.By) == 1 {
			out[i].By = []effect.Value{c.State}
		}
		if out[i].Suppressed = c.N < int64(req.MinimumCell); !out[i].Suppressed {
			out[i].Count = c.N
		}
	}
	return out, nil
}

// LockVersions implements [effect.SliceReader].
func (Reader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		Version int64     `db:"version"`
	}
	err := tx.Select(ctx, &rows, `SELECT id, version FROM task WHERE id = ANY($1) ORDER BY id LIMIT 10000 FOR SHARE`, db.Array(ids))
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, err
}
