package schedule

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// Reader reads the meetings of networks for modules. Fields: "@id", "@scope",
// "@state", "@created" and "@due" (when the meeting begins). A slice's kind is a
// kind of meeting.
type Reader struct{ s *Service }

var _ effect.SliceReader = Reader{}

// Reader is what core/effect registers for [effect.SourceMeeting].
func (s *Service) Reader() Reader { return Reader{s} }

// sliceRow is a meeting as modules see it.
type sliceRow struct {
	ID      uuid.UUID `db:"id"`
	Network uuid.UUID `db:"network_id"`
	Kind    string    `db:"kind"`
	Title   string    `db:"title"`
	State   string    `db:"state"`
	Place   string    `db:"place"`
	Starts  time.Time `db:"starts_at"`
	Created time.Time `db:"created_at"`
	Minutes int       `db:"teaching"`
	Version int64     `db:"version"`
}

var terms = keyset.Map(map[string]keyset.Term[sliceRow]{
	effect.FieldID:      keyset.ID("m.id", func(r *sliceRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("m.network_id", func(r *sliceRow) uuid.UUID { return r.Network }),
	effect.FieldState:   keyset.Text("m.state", func(r *sliceRow) string { return r.State }),
	effect.FieldCreated: keyset.Instant("m.created_at", func(r *sliceRow) *time.Time { return &r.Created }),
	effect.FieldDue:     keyset.Instant("m.starts_at", func(r *sliceRow) *time.Time { return &r.Starts }),
})

// ReadSlice implements [effect.SliceReader].
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	var st keyset.Statement
	st.Add("SELECT m.id, m.network_id, m.kind, m.title, m.state, m.place, m.starts_at, m.created_at, "+teachingOf+" AS teaching, m.version FROM meeting m WHERE m.network_id = ANY(",
		st.Scopes(req.Scopes), ")")
	if req.Kind != "" {
		st.Add(" AND m.kind = ", st.Param(req.Kind, "text"))
	}
	page := keyset.Page[sliceRow]{Request: req, Terms: terms, IDExpr: "m.id", ID: func(r *sliceRow) uuid.UUID { return r.ID }, Key: r.s.key}
	rows, next, err := page.Read(ctx, q, &st, nil)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next}
	for i := range rows {
		m := &rows[i]
		raw, err := json.Marshal(map[string]any{"kind": m.Kind, "title": m.Title, "starts": m.Starts.UTC(), "minutes": m.Minutes, "place": m.Place, "state": m.State})
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, effect.Row{ID: m.ID, Version: m.Version, Scope: effect.Scope{Kind: effect.Network, ID: m.Network}, Data: raw, Revision: 1})
	}
	return out, nil
}

// LockVersions implements [effect.SliceReader].
func (Reader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		Version int64     `db:"version"`
	}
	err := tx.Select(ctx, &rows, `SELECT id, version FROM meeting WHERE id = ANY($1) ORDER BY id LIMIT 10000 FOR SHARE`, db.Array(ids))
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, err
}
