package library

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

func readSteps(ctx context.Context, q db.Q, key keyset.Key, req *effect.SliceRequest) ([]stepRow, string, error) {
	var st keyset.Statement
	st.Add(`SELECT d.id, d.network_id, d.resource_id, d.what, d.due, d.state, d.created_at, d.version
		FROM dissemination d WHERE d.network_id = ANY(`, st.Scopes(req.Scopes), ")")
	page := keyset.Page[stepRow]{Request: req, Terms: stepTerms, IDExpr: "d.id", ID: func(r *stepRow) uuid.UUID { return r.ID }, Key: key}
	return page.Read(ctx, q, &st, nil)
}

func lockSteps(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		Version int64     `db:"version"`
	}
	err := tx.Select(ctx, &rows, `SELECT id, version FROM dissemination WHERE id = ANY($1) ORDER BY id LIMIT 10000 FOR SHARE`, db.Array(ids))
	out := make(map[uuid.UUID]int64, len(rows))
	for _, r := range rows {
		out[r.ID] = r.Version
	}
	return out, err
}
