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

// slicedRow is a task with its submissions, a JSON array of [submissionDoc].
type slicedRow struct {
	taskRow
	Submissions []byte `db:"submissions"`
}

var terms = keyset.Map(map[string]keyset.Term[slicedRow]{
	effect.FieldID:      keyset.ID("t.id", func(r *slicedRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("t.scope_id", func(r *slicedRow) uuid.UUID { return r.ScopeID }),
	effect.FieldPerson:  keyset.ID("t.assignee_id", func(r *slicedRow) uuid.UUID { return r.AssigneeID.UUID }),
	effect.FieldState:   keyset.Text("t.state", func(r *slicedRow) string { return r.State }),
	effect.FieldCreated: keyset.Instant("t.created_at", func(r *slicedRow) *time.Time { return &r.CreatedAt }),
	effect.FieldDue: keyset.Instant("t.due_at", func(r *slicedRow) *time.Time {
		if !r.Due.Valid {
			return nil
		}
		return &r.Due.Time
	}),
})

// ReadSlice implements [effect.SliceReader].
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	st.Add(sliceSelect, " WHERE t.scope_id = ANY(", st.Scopes(req.Scopes), ") AND t.module = ", st.Param(req.Module, "text"))
	if req.Kind != "" {
		st.Add(" AND t.type = ", st.Param(req.Kind, "text"))
	}
	if !slices.ContainsFunc(req.Filters, func(f effect.Filter) bool { return f.Field == effect.FieldPerson || f.Field == effect.FieldID }) {
		st.Add(" AND t.parent_id IS NULL")
	}
	page := keyset.Page[slicedRow]{Request: req, Terms: terms, IDExpr: "t.id", ID: func(r *slicedRow) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next}
	for i := range rows {
		row, err := sliceRow(&rows[i])
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

func sliceRow(r *slicedRow) (effect.Row, error) {
	subs := []submissionDoc{}
	if err := json.Unmarshal(r.Submissions, &subs); err != nil {
		return effect.Row{}, err
	}
	for i := range subs {
		subs[i].Submitted = subs[i].Submitted.UTC()
		if string(subs[i].Answers) == "null" {
			subs[i].Answers = nil
		}
	}
	doc := map[string]any{"type": r.Type, "title": r.Title, "state": r.State, "submissions": subs}
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
