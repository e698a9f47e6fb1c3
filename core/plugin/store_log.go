package plugin

import (
	"context"
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
)

// moduleWithin reports whether a module is in the catalogue for who sees all of it,
// or what centres own.
func moduleWithin(ctx context.Context, q db.Q, module string, all bool, centres []uuid.UUID) (bool, error) {
	var yes bool
	err := q.Get(ctx, &yes, `SELECT EXISTS (SELECT 1 FROM module WHERE id = $1 AND ($2 OR centre_id = ANY ($3)))`, module, all, pq.Array(centres))
	return yes, err
}

// putLog adds lines and forgets those beyond what is kept.
func putLog(ctx context.Context, q db.Q, module, node string, lines []LogLine) error {
	versions, at, texts := make([]string, len(lines)), make([]time.Time, len(lines)), make([]string, len(lines))
	for i := range lines {
		versions[i], at[i], texts[i] = lines[i].Version, lines[i].At, lines[i].Line
	}
	_, err := q.Exec(ctx, `WITH old AS (DELETE FROM module_log l WHERE l.module = $1 AND (l.at < now() - interval '1 month'
			OR l.id < (SELECT min(o.id) FROM (SELECT id FROM module_log WHERE module = $1 ORDER BY id DESC LIMIT $6) o)))
		INSERT INTO module_log (module, node, version, at, line)
		SELECT $1, $2, x.version, x.at, x.line FROM unnest(CAST($3 AS text[]), CAST($4 AS timestamptz[]), CAST($5 AS text[])) WITH ORDINALITY AS x (version, at, line, n) ORDER BY x.n`,
		module, node, pq.Array(versions), pq.Array(at), pq.Array(texts), max(keptLines-len(lines), 0))
	return err
}

// readLog reads the lines before an id, newest first; 0 is the end.
func readLog(ctx context.Context, q db.Q, module string, before int64, limit int) ([]LogLine, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	out := []LogLine{}
	err := q.Select(ctx, &out, `SELECT id, node, version, at, line FROM module_log WHERE module = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, module, before, limit)
	return out, err
}
