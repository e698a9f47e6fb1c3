package network

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/search"
)

// SearchSource makes networks findable, for everybody as their previews are;
// drafts are not.
func SearchSource() search.Source {
	return search.Source{Kind: search.Networks, Perm: PermView, Docs: searchDocs, Next: nextNetworks}
}

func searchDocs(ctx context.Context, q db.Q, ids []uuid.UUID) ([]search.Doc, error) {
	var rows []struct {
		ID     uuid.UUID `db:"id"`
		Title  string    `db:"title"`
		Aim    string    `db:"aim"`
		Centre string    `db:"centre"`
		At     time.Time `db:"at"`
	}
	err := q.Select(ctx, &rows, `SELECT n.id, n.title, n.aim, i.name AS centre, coalesce(n.opened_at, n.created_at) AS at
		FROM network n JOIN institution i ON i.id = n.centre_id WHERE n.id = ANY ($1) AND n.status <> 'draft' LIMIT 500`, pq.Array(ids))
	out := make([]search.Doc, len(rows))
	for i, r := range rows {
		// Network stays empty: the result is the network itself.
		out[i] = search.Doc{ID: r.ID, Audience: search.Public, Path: pathOf(r.ID), Title: r.Title, Keywords: r.Centre, Body: r.Aim, At: r.At}
	}
	return out, err
}

func nextNetworks(ctx context.Context, q db.Q, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT id FROM network WHERE id > $1 AND status <> 'draft' ORDER BY id LIMIT $2`, after, limit)
	return out, err
}
