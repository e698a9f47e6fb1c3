package network

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

type titleRow struct {
	ID    uuid.UUID `db:"id"`
	Title string    `db:"title"`
}

func titlesOf(ctx context.Context, q db.Q, ids []uuid.UUID) ([]titleRow, error) {
	var rows []titleRow
	err := q.Select(ctx, &rows, `SELECT id, title FROM network WHERE id = any(CAST($1 AS uuid[])) LIMIT 1000`, pq.Array(ids))
	return rows, err
}
