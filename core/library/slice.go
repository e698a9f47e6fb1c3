package library

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// Reader reads the steps of networks' dissemination plans for modules. Fields:
// "@id", "@scope", "@state", "@created". Safe for concurrent use.
type Reader struct{ Key keyset.Key }

var _ effect.SliceReader = Reader{}

// stepRow is a step as modules see it: what is to be done, not by whom.
type stepRow struct {
	ID      uuid.UUID     `db:"id"`
	Network uuid.UUID     `db:"network_id"`
	Product uuid.NullUUID `db:"resource_id"`
	What    string        `db:"what"`
	Due     time.Time     `db:"due"`
	State   string        `db:"state"`
	Created time.Time     `db:"created_at"`
	Version int64         `db:"version"`
}

var stepTerms = keyset.Map(map[string]keyset.Term[stepRow]{
	effect.FieldID:      keyset.ID("d.id", func(r *stepRow) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("d.network_id", func(r *stepRow) uuid.UUID { return r.Network }),
	effect.FieldState:   keyset.Text("d.state", func(r *stepRow) string { return r.State }),
	effect.FieldCreated: keyset.Instant("d.created_at", func(r *stepRow) *time.Time { return &r.Created }),
})

// ReadSlice implements [effect.SliceReader].
func (r Reader) ReadSlice(ctx context.Context, q db.Q, req *effect.SliceRequest) (*effect.SliceResult, error) {
	rows, next, err := readSteps(ctx, q, r.Key, req)
	if err != nil {
		return nil, err
	}
	out := &effect.SliceResult{Cursor: next}
	for i := range rows {
		x := &rows[i]
		raw, err := json.Marshal(map[string]any{"what": x.What, "state": x.State, "due": x.Due.Format(time.DateOnly), "product": x.Product.Valid})
		if err != nil {
			return nil, err
		}
		out.Rows = append(out.Rows, effect.Row{ID: x.ID, Version: x.Version, Scope: effect.Scope{Kind: effect.Network, ID: x.Network}, Data: raw, Revision: 1})
	}
	return out, nil
}

// LockVersions implements [effect.SliceReader].
func (Reader) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	return lockSteps(ctx, tx, ids)
}
