package board

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// setPostState moves a post between in sight and hidden; its thread follows
// when it is the opening one. The thread is locked.
func setPostState(ctx context.Context, tx *db.Tx, post uuid.UUID, from, to State) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_post SET state = $3, version = version + 1 WHERE id = $1 AND state = $2`, post, from, to)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE board_thread t SET state = $3, version = t.version + 1 FROM board_post p
		WHERE p.id = $1 AND p.seq = 1 AND t.id = p.thread_id AND t.state = $2`, post, from, to)
	return true, err
}

func insertHiding(ctx context.Context, tx *db.Tx, id, post, network, by uuid.UUID, role, reason string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_hiding (id, post_id, network_id, by_id, by_role, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, post, network, by, role, reason, at)
	return err
}

func liftHiding(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_hiding SET lifted_at = $2 WHERE id = $1 AND lifted_at IS NULL AND decision = ''`, id, at)
	return n == 1, err
}

func setAppeal(ctx context.Context, tx *db.Tx, id uuid.UUID, text string, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_hiding SET appeal = $2, appealed_at = $3 WHERE id = $1 AND lifted_at IS NULL AND appealed_at IS NULL`, id, text, at)
	return n == 1, err
}

func decideAppeal(ctx context.Context, tx *db.Tx, id uuid.UUID, decision, reason string, by uuid.UUID, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_hiding SET decision = $2, decision_reason = $3, decided_by = $4, decided_at = CAST($5 AS timestamptz),
			lifted_at = CASE WHEN CAST($2 AS text) = 'restored' THEN CAST($5 AS timestamptz) END
		WHERE id = $1 AND appealed_at IS NOT NULL AND decision = '' AND lifted_at IS NULL`, id, decision, reason, by, at)
	return n == 1, err
}

// appealRow is a hiding with its appeal, its post and its network.
type appealRow struct {
	place
	ID         uuid.UUID  `db:"id"`
	Post       uuid.UUID  `db:"post_id"`
	Thread     uuid.UUID  `db:"thread_id"`
	Title      string     `db:"title"`
	Author     uuid.UUID  `db:"author_id"`
	AuthorName string     `db:"author"`
	WrittenAt  time.Time  `db:"written_at"`
	Body       string     `db:"body"`
	By         uuid.UUID  `db:"by_id"`
	ByName     string     `db:"by_name"`
	ByRole     string     `db:"by_role"`
	Reason     string     `db:"reason"`
	HiddenAt   time.Time  `db:"hidden_at"`
	Appeal     string     `db:"appeal"`
	AppealedAt time.Time  `db:"appealed_at"`
	Decision   string     `db:"decision"`
	Answer     string     `db:"decision_reason"`
	LiftedAt   *time.Time `db:"lifted_at"`
}

const selectAppeal = `SELECT ` + placeColumns + `, h.id, h.post_id, p.thread_id, t.title, p.author_id, o.name AS author, p.created_at AS written_at, p.body,
		h.by_id, b.name AS by_name, h.by_role, h.reason, h.created_at AS hidden_at, h.appeal, h.appealed_at, h.decision, h.decision_reason, h.lifted_at
	FROM board_hiding h JOIN board_post p ON p.id = h.post_id JOIN board_thread t ON t.id = p.thread_id JOIN network n ON n.id = h.network_id
	JOIN person o ON o.id = p.author_id JOIN person b ON b.id = h.by_id `

func readAppeal(ctx context.Context, q db.Q, id uuid.UUID) (appealRow, error) {
	var r appealRow
	err := q.Get(ctx, &r, selectAppeal+`WHERE h.id = $1 AND h.appealed_at IS NOT NULL`, id)
	return r, db.NotFound(err)
}

func openAppeals(ctx context.Context, q db.Q, all bool, centres []uuid.UUID) ([]appealRow, error) {
	var out []appealRow
	err := q.Select(ctx, &out, selectAppeal+`WHERE h.appealed_at IS NOT NULL AND h.decision = '' AND h.lifted_at IS NULL AND ($1 OR n.centre_id = ANY ($2))
		ORDER BY h.id LIMIT 50`, all, db.Array(centres))
	return out, err
}

func insertReport(ctx context.Context, tx *db.Tx, id, post, network, reporter uuid.UUID, reason string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_report (id, post_id, network_id, reporter_id, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id, post, network, reporter, reason, at)
	return err
}

// closeReports answers a post's open reports and returns who made them.
func closeReports(ctx context.Context, tx *db.Tx, post, by uuid.UUID, outcome string, at time.Time) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := tx.Select(ctx, &out, `UPDATE board_report SET outcome = $3, handled_by = $2, handled_at = $4 WHERE post_id = $1 AND outcome = '' RETURNING reporter_id`, post, by, outcome, at)
	return out, err
}

type reportedRow struct {
	Post       uuid.UUID      `db:"post_id"`
	Thread     uuid.UUID      `db:"thread_id"`
	Kind       Kind           `db:"kind"`
	Title      string         `db:"title"`
	Author     uuid.UUID      `db:"author_id"`
	AuthorName string         `db:"author"`
	At         time.Time      `db:"created_at"`
	Words      string         `db:"words"`
	Reasons    db.StringArray `db:"reasons"`
	First      time.Time      `db:"first"`
}

func openReports(ctx context.Context, q db.Q, network uuid.UUID) ([]reportedRow, error) {
	var out []reportedRow
	err := q.Select(ctx, &out, `SELECT r.post_id, p.thread_id, t.kind, t.title, p.author_id, o.name AS author, p.created_at, left(p.plain, 400) AS words, r.reasons, r.first
		FROM (SELECT post_id, array_agg(reason ORDER BY id) AS reasons, min(created_at) AS first, min(id::text) AS place
			FROM board_report WHERE network_id = $1 AND outcome = '' GROUP BY post_id ORDER BY min(id::text) LIMIT 50) r
		JOIN board_post p ON p.id = r.post_id JOIN board_thread t ON t.id = p.thread_id JOIN person o ON o.id = p.author_id ORDER BY r.place`, network)
	return out, err
}

// todoRows is a part of core/gather: reports in networks $5 on posts of others,
// reports on posts of those who moderate there themselves and appeals for those
// who judge everywhere ($6) or at centres $7.
const todoRows = `SELECT x.kind, x.network_id, n.title, x.id, x.n FROM (
		SELECT 'reports' AS kind, r.network_id, r.network_id AS id, count(DISTINCT r.post_id) AS n
		FROM board_report r JOIN board_post p ON p.id = r.post_id JOIN network n ON n.id = r.network_id
		WHERE r.outcome = '' AND p.author_id <> $1 AND (r.network_id = ANY ($5) OR ($6 OR n.centre_id = ANY ($7)) AND p.author_role IN ('coordinator', 'moderator'))
		GROUP BY r.network_id
		UNION ALL
		SELECT 'appeal', h.network_id, h.id, 1 FROM board_hiding h JOIN board_post p ON p.id = h.post_id JOIN network n ON n.id = h.network_id
		WHERE h.appealed_at IS NOT NULL AND h.decision = '' AND h.lifted_at IS NULL AND h.by_id <> $1 AND p.author_id <> $1 AND ($6 OR n.centre_id = ANY ($7))) x
	JOIN network n ON n.id = x.network_id ORDER BY x.kind, x.id LIMIT $4`
