package job

import (
	"context"

	"ore.edu.pl/sieci/core/db"
)

func list(ctx context.Context, q db.Q, by Query, before int64) ([]Row, error) {
	var rows []Row
	err := q.Select(ctx, &rows, `
		SELECT id, kind, CAST(state AS text) AS state, attempt, max_attempts, created_at, scheduled_at, finalized_at,
		       coalesce(array_length(errors, 1), 0) AS errors
		FROM river_job
		WHERE id < $1 AND ($2 = '' OR CAST(state AS text) = $2) AND ($3 = '' OR kind = $3)
		ORDER BY id DESC LIMIT $4`, before, string(by.State), by.Kind, by.Limit+1)
	return rows, err
}

func counts(ctx context.Context, q db.Q) (map[State]int, error) {
	out := map[State]int{}
	for _, s := range States {
		var n int
		err := q.Get(ctx, &n, `SELECT count(*) FROM
			(SELECT 1 FROM river_job WHERE state = CAST($1 AS river_job_state) LIMIT 10000) x`, string(s))
		if err != nil {
			return nil, err
		}
		out[s] = n
	}
	return out, nil
}
