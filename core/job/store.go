package job

import (
	"context"
	"database/sql"
	"database/sql/driver"

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

// errEndSession makes database/sql drop a connection instead of pooling it.
var errEndSession = driver.ErrBadConn

// deadNodes lists nodes that have running jobs and hold no lock; none when our
// own lock is not to be seen either. An advisory lock's second key is shown
// unsigned.
func deadNodes(ctx context.Context, c *sql.Conn, self int32) ([]int32, error) {
	rows, err := c.QueryContext(ctx, `
		WITH alive AS (
			SELECT CAST(objid AS bigint) AS n FROM pg_locks
			WHERE locktype = 'advisory' AND objsubid = 2 AND CAST(classid AS bigint) = $1 AND granted
			  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		), busy AS (
			SELECT DISTINCT CAST(split_part(attempted_by[array_upper(attempted_by, 1)], '@', 1) AS bigint) AS n
			FROM river_job WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] ~ '^[0-9]{1,10}@'
		)
		SELECT n FROM busy WHERE n NOT IN (SELECT n FROM alive) AND $2 IN (SELECT n FROM alive) LIMIT 100`, lockClass, self)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []int32
	for rows.Next() {
		var n int32
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// takeOver puts a dead node's jobs back. The attempt counts: a job that kills
// its node must not kill every node in turn for ever.
func takeOver(ctx context.Context, c *sql.Conn, n int32) (int64, error) {
	r, err := c.ExecContext(ctx, `
		UPDATE river_job SET
			state = CASE WHEN attempt < max_attempts THEN CAST('available' AS river_job_state) ELSE CAST('discarded' AS river_job_state) END,
			finalized_at = CASE WHEN attempt < max_attempts THEN NULL ELSE now() END,
			scheduled_at = now(),
			errors = array_append(errors, jsonb_build_object('at', now(), 'attempt', attempt, 'error', 'node died', 'trace', ''))
		WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] LIKE CAST($1 AS bigint) || '@%'`, n)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}
