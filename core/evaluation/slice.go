package evaluation

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// Reader reads the evaluation rounds of networks for modules: those that were
// opened, with counts and nothing of what was answered. Fields: "@id", "@scope",
// "@state", "@created" and "@due" (when it closes).
type Reader struct{ s *Service }

var _ effect.SliceReader = Reader{}

// Registry takes a context's parts; *effect.Engine is one.
type Registry interface {
	RegisterApplier(a effect.Applier, kinds ...effect.Kind)
	RegisterReader(r effect.SliceReader, s effect.Source)
}

// Register makes the evaluation's own parts known to the engine; call before the
// first decision.
func (s *Service) Register(e Registry) {
	e.RegisterApplier(Applier{s}, effect.KindEvaluationOpen, effect.KindEvaluationClose)
	e.RegisterReader(Reader{s}, effect.SourceEvaluation)
}

// sliceRow is a round as modules see it.
type sliceRow struct {
	ID      uuid.UUID  `db:"id"`
	Network uuid.UUID  `db:"network_id"`
	Module  string     `db:"module"`
	Tool    string     `db:"tool"`
	Title   string     `db:"title"`
	State   string     `db:"state"`
	Created time.Time  `db:"created_at"`
	Opened  time.Time  `db:"opened_at"`
	Closes  time.Time  `db:"closes_at"`
	Closed  *time.Time `db:"closed_at"`
	Invited int        `db:"eligible"`
	Answers int        `db:"answers"`
	Version int64      `db:"version"`
}

var terms = keyset.Map(map[string]keyset.Term[sliceRow]{
	effect.FieldID:      keyset.ID("r.id", func(r *sliceRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("r.network_id", func(r *sliceRow) uuid.UUID { return r.Network }),
	effect.FieldState:   keyset.Text("r.state", func(r *sliceRow) string { return r.State }),
	effect.FieldCreated: keyset.Instant("r.created_at", func(r *sliceRow) *time.Time { return &r.Created }),
	effect.FieldDue:     keyset.Instant("r.closes_at", func(r *sliceRow) *time.Time { return &r.Closes }),
})

// ReadSlice implements [effect.SliceReader].
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	st.Add(`SELECT r.id, r.network_id, r.module, r.tool, r.title, r.state, r.created_at, r.opened_at, r.closes_at, r.closed_at, r.version, b.eligible,
			coalesce(b.answers, (SELECT count(*) FROM ballot_paper x WHERE x.ballot_id = b.id AND x.sealed IS NOT NULL)) AS answers
		FROM evaluation_round r JOIN ballot b ON b.id = r.ballot_id WHERE r.state <> 'draft' AND r.network_id = ANY(`, st.Scopes(req.Scopes), ")")
	page := keyset.Page[sliceRow]{Request: req, Terms: terms, IDExpr: "r.id", ID: func(r *sliceRow) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next}
	for i := range rows {
		x := &rows[i]
		data := map[string]any{"tool": effect.Qualify(x.Module, x.Tool), "title": x.Title, "state": x.State, "invited": x.Invited, "answered": x.Answers,
			"opened": x.Opened.UTC(), "closes": x.Closes.UTC()}
		if x.Closed != nil {
			data["closed"] = x.Closed.UTC()
		}
		raw, err := json.Marshal(data)
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, effect.Row{ID: x.ID, Version: x.Version, Scope: effect.Scope{Kind: effect.Network, ID: x.Network}, Data: raw, Revision: 1})
	}
	return out, nil
}

// LockVersions implements [effect.SliceReader].
func (Reader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		Version int64     `db:"version"`
	}
	err := tx.Select(ctx, &rows, `SELECT id, version FROM evaluation_round WHERE id = ANY($1) AND state <> 'draft' ORDER BY id LIMIT 10000 FOR SHARE`, db.Array(ids))
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, err
}
