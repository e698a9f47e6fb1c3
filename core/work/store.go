package work

import (
	"context"
	"database/sql"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
)

type jobRow struct {
	ID           uuid.UUID    `db:"id"`
	Seq          uuid.UUID    `db:"seq"`
	Module       string       `db:"module"`
	Kind         string       `db:"kind"`
	Type         string       `db:"type"`
	ScopeKind    string       `db:"scope_kind"`
	ScopeID      uuid.UUID    `db:"scope_id"`
	Depth        int          `db:"depth"`
	Once         string       `db:"once"`
	Input        []byte       `db:"input"`
	InputRev     int          `db:"input_rev"`
	Page         int          `db:"page"`
	Continuation []byte       `db:"continuation"`
	State        string       `db:"state"`
	Attempt      int          `db:"attempt"`
	MaxAttempts  int          `db:"max_attempts"`
	Completed    int64        `db:"completed"`
	Total        int64        `db:"total"`
	Failure      string       `db:"failure"`
	RunAt        time.Time    `db:"run_at"`
	NotBefore    sql.NullTime `db:"not_before"`
	CreatedAt    time.Time    `db:"created_at"`
	ChangedAt    time.Time    `db:"changed_at"`
	FinishedAt   sql.NullTime `db:"finished_at"`
	// ScopeTitle comes with lists and single jobs for people only.
	ScopeTitle string `db:"scope_title"`
}

// shown are the columns of a job for people, with what its scope is called.
const shown = jobColumns + `, COALESCE(CASE scope_kind WHEN 'network' THEN (SELECT n.title FROM network n WHERE n.id = scope_id)
	WHEN 'group' THEN (SELECT g.name FROM network_group g WHERE g.id = scope_id)
	WHEN 'programme' THEN (SELECT p.title FROM programme p WHERE p.id = scope_id) END, '') AS scope_title`

func (r *jobRow) scope() effect.Scope {
	return effect.Scope{Kind: effect.ScopeKind(r.ScopeKind), ID: r.ScopeID}
}

func (r *jobRow) ended() bool { return r.FinishedAt.Valid }

const jobColumns = `id, seq, module, kind, type, scope_kind, scope_id, depth, once, input, input_rev, page, continuation, state, attempt, max_attempts,
	completed, total, failure, run_at, not_before, created_at, changed_at, finished_at`

func findJob(ctx context.Context, q db.Q, id uuid.UUID) (jobRow, error) {
	var r jobRow
	err := q.Get(ctx, &r, `SELECT `+jobColumns+` FROM module_job WHERE id = $1`, id)
	return r, db.NotFound(err)
}

func listJobs(ctx context.Context, q db.Q, state State, before uuid.UUID, limit int) ([]jobRow, error) {
	var rows []jobRow
	if state == "" {
		return rows, q.Select(ctx, &rows, `SELECT `+shown+` FROM module_job WHERE seq < $1 ORDER BY seq DESC LIMIT $2`, before, limit)
	}
	err := q.Select(ctx, &rows, `SELECT `+shown+` FROM module_job WHERE state = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3`, string(state), before, limit)
	return rows, err
}

// insertJob returns false when the same tick has made it before.
func insertJob(ctx context.Context, tx *db.Tx, r *jobRow) (bool, error) {
	seq, err := uuid.NewV7()
	if err != nil {
		return false, err
	}
	input := sql.NullString{String: string(r.Input), Valid: len(r.Input) > 0}
	n, err := tx.Exec(ctx, `INSERT INTO module_job (id, seq, module, kind, type, scope_kind, scope_id, depth, once, input, input_rev, max_attempts, run_at, created_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, CAST($10 AS jsonb), $11, $12, $13, $14, $14) ON CONFLICT DO NOTHING`,
		r.ID, seq, r.Module, r.Kind, r.Type, r.ScopeKind, r.ScopeID, r.Depth, r.Once, input, r.InputRev, r.MaxAttempts, r.RunAt, r.CreatedAt)
	return n == 1, err
}

// turnPage writes what a page answered; 0 rows when the job was cancelled or
// the page was turned by another node.
func turnPage(ctx context.Context, tx *db.Tx, r *jobRow, p *effect.Progress, at time.Time) (int64, error) {
	continuation := p.Continuation
	if continuation == nil {
		continuation = []byte{}
	}
	state, finished := string(Running), sql.NullTime{}
	if p.Done {
		state, finished = string(Done), sql.NullTime{Time: at, Valid: true}
	}
	return tx.Exec(ctx, `UPDATE module_job SET page = page + 1, continuation = $3, completed = $4, total = $5, state = $6, finished_at = $7,
			attempt = 0, failure = '', not_before = NULL, changed_at = $8
		WHERE id = $1 AND page = $2 AND state IN ('waiting', 'running')`,
		r.ID, r.Page, continuation, int64(min(p.Completed, 1<<62)), int64(min(p.Total, 1<<62)), state, finished, at)
}

func postpone(ctx context.Context, q db.Q, r *jobRow, attempt int, failure string, notBefore, at time.Time) error {
	_, err := q.Exec(ctx, `UPDATE module_job SET attempt = $3, failure = $4, not_before = $5, changed_at = $6
		WHERE id = $1 AND page = $2 AND state IN ('waiting', 'running')`, r.ID, r.Page, attempt, failure, notBefore, at)
	return err
}

func giveUp(ctx context.Context, tx *db.Tx, r *jobRow, failure string, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE module_job SET attempt = attempt + 1, failure = $3, state = 'failed', finished_at = $4, changed_at = $4
		WHERE id = $1 AND page = $2 AND state IN ('waiting', 'running')`, r.ID, r.Page, failure, at)
}

func cancelJob(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE module_job SET state = 'cancelled', finished_at = $2, changed_at = $2
		WHERE id = $1 AND state IN ('waiting', 'running')`, id, at)
}

func retryJob(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) (int64, error) {
	return tx.Exec(ctx, `UPDATE module_job SET state = CASE WHEN page = 0 THEN 'waiting' ELSE 'running' END, attempt = 0, not_before = NULL,
			finished_at = NULL, changed_at = $2 WHERE id = $1 AND state = 'failed'`, id, at)
}

func dueJobs(ctx context.Context, q db.Q, domain, real time.Time, limit int) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := q.Select(ctx, &ids, `SELECT id FROM module_job WHERE state IN ('waiting', 'running') AND run_at <= $1
		AND (not_before IS NULL OR not_before <= $2) ORDER BY run_at, id LIMIT $3`, domain, real, limit)
	return ids, err
}

// --- schedules

type scheduleRow struct {
	Module    string        `db:"module"`
	Kind      string        `db:"kind"`
	Cron      string        `db:"cron"`
	NextAt    time.Time     `db:"next_at"`
	RunningAt sql.NullTime  `db:"running_at"`
	AfterID   uuid.NullUUID `db:"after_id"`
}

// putSchedule keeps the next tick of a schedule that did not change.
func putSchedule(ctx context.Context, tx *db.Tx, module, kind, cron string, nextAt time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO module_schedule (module, kind, cron, next_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (module, kind) DO UPDATE SET cron = excluded.cron,
			next_at = CASE WHEN module_schedule.cron = excluded.cron THEN module_schedule.next_at ELSE excluded.next_at END`, module, kind, cron, nextAt)
	return err
}

func keepSchedules(ctx context.Context, tx *db.Tx, module string, kinds []string) error {
	_, err := tx.Exec(ctx, `DELETE FROM module_schedule WHERE module = $1 AND NOT kind = ANY($2)`, module, pq.Array(append([]string{}, kinds...)))
	return err
}

func lockDue(ctx context.Context, tx *db.Tx, at time.Time) (scheduleRow, error) {
	var r scheduleRow
	err := tx.Get(ctx, &r, `SELECT module, kind, cron, next_at, running_at, after_id FROM module_schedule
		WHERE next_at <= $1 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED`, at)
	return r, err
}

func moveSchedule(ctx context.Context, tx *db.Tx, r *scheduleRow, nextAt time.Time) error {
	at := sql.NullTime{Time: nextAt, Valid: !nextAt.IsZero()}
	_, err := tx.Exec(ctx, `UPDATE module_schedule SET next_at = coalesce(CAST($3 AS timestamptz), 'infinity'), running_at = NULL, after_id = NULL
		WHERE module = $1 AND kind = $2`, r.Module, r.Kind, at)
	return err
}

func holdPlace(ctx context.Context, tx *db.Tx, r *scheduleRow, tick time.Time, after uuid.UUID) error {
	_, err := tx.Exec(ctx, `UPDATE module_schedule SET running_at = $3, after_id = $4 WHERE module = $1 AND kind = $2`, r.Module, r.Kind, tick, after)
	return err
}

type scopeRow struct {
	Kind string    `db:"kind"`
	ID   uuid.UUID `db:"id"`
	Type string    `db:"type"`
}

// scopesOf lists open scopes of the kinds that run under a type of the module,
// by id.
func scopesOf(ctx context.Context, q db.Q, module string, kinds []effect.ScopeKind, after uuid.UUID, limit int) ([]scopeRow, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	var rows []scopeRow
	err := q.Select(ctx, &rows, `SELECT kind, id, type FROM (
			SELECT 'programme' AS kind, p.id, p.type FROM programme p WHERE p.module = $1 AND p.closed_at IS NULL
			UNION ALL SELECT 'network', n.id, n.type FROM network n WHERE n.module = $1 AND n.status = 'open'
			UNION ALL SELECT 'group', g.id, n.type FROM network n JOIN network_group g ON g.network_id = n.id WHERE n.module = $1 AND n.status = 'open'
			UNION ALL SELECT 'group', g.id, p.type FROM programme p JOIN network_group g ON g.programme_id = p.id WHERE p.module = $1 AND p.closed_at IS NULL) s
		WHERE s.kind = ANY($2) AND s.id > $3 ORDER BY s.id LIMIT $4`, module, pq.Array(names), after, limit)
	return rows, err
}
