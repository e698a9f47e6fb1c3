package board

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// markRead moves a person's mark forward, never back.
func markRead(ctx context.Context, q db.Q, person, thread uuid.UUID, seq int) error {
	_, err := q.Exec(ctx, `INSERT INTO board_mark (person_id, thread_id, read_seq) VALUES ($1, $2, $3)
		ON CONFLICT (person_id, thread_id) DO UPDATE SET read_seq = excluded.read_seq WHERE board_mark.read_seq < excluded.read_seq`, person, thread, seq)
	return err
}

// markWritten is markRead for the author of a post; who writes also follows,
// unless they said otherwise.
func markWritten(ctx context.Context, tx *db.Tx, person, thread uuid.UUID, seq int) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_mark (person_id, thread_id, read_seq, follow) VALUES ($1, $2, $3, true)
		ON CONFLICT (person_id, thread_id) DO UPDATE SET read_seq = greatest(board_mark.read_seq, excluded.read_seq), follow = coalesce(board_mark.follow, true)`, person, thread, seq)
	return err
}

func markAllRead(ctx context.Context, tx *db.Tx, person, network uuid.UUID) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_mark (person_id, thread_id, read_seq)
		SELECT $1, t.id, t.last_seq FROM board_thread t WHERE t.network_id = $2 AND t.state <> 'deleted'
		ON CONFLICT (person_id, thread_id) DO UPDATE SET read_seq = excluded.read_seq WHERE board_mark.read_seq < excluded.read_seq`, person, network)
	return err
}

func readMark(ctx context.Context, q db.Q, person, thread uuid.UUID) (int, error) {
	var seq int
	err := q.Get(ctx, &seq, `SELECT read_seq FROM board_mark WHERE person_id = $1 AND thread_id = $2`, person, thread)
	if db.IsNoRows(err) {
		return 0, nil
	}
	return seq, err
}

func setFollow(ctx context.Context, tx *db.Tx, person, thread uuid.UUID, follow bool) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_mark (person_id, thread_id, follow) VALUES ($1, $2, $3)
		ON CONFLICT (person_id, thread_id) DO UPDATE SET follow = excluded.follow`, person, thread, follow)
	return err
}

func setLevel(ctx context.Context, tx *db.Tx, person, network uuid.UUID, l Level) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_follow (person_id, network_id, level) VALUES ($1, $2, $3)
		ON CONFLICT (person_id, network_id) DO UPDATE SET level = excluded.level`, person, network, l)
	return err
}

func levelOf(ctx context.Context, q db.Q, person, network uuid.UUID) (Level, error) {
	var l Level
	err := q.Get(ctx, &l, `SELECT coalesce((SELECT level FROM board_follow WHERE person_id = $1 AND network_id = $2), 'threads')`, person, network)
	return l, err
}

// maxTold bounds the people told of one post: a network has at most 5,000 seats.
const maxTold = 6000

// toTellOfThread are the members who hear of new threads; those who hear of
// every post are noted as told of its first one.
func toTellOfThread(ctx context.Context, tx *db.Tx, thread, network, author uuid.UUID) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := tx.Select(ctx, &out, `WITH w AS (
			SELECT s.person_id, coalesce(f.level, 'threads') AS level FROM membership s
			LEFT JOIN board_follow f ON f.network_id = s.network_id AND f.person_id = s.person_id
			WHERE s.network_id = $2 AND s.state = 'active' AND s.person_id <> $3 AND coalesce(f.level, 'threads') <> 'none' LIMIT $4),
		told AS (INSERT INTO board_mark (person_id, thread_id, told_seq) SELECT person_id, $1, 1 FROM w WHERE level = 'all' ON CONFLICT DO NOTHING)
		SELECT person_id FROM w`, thread, network, author, maxTold)
	return out, err
}

// toTellOfPost are the followers of a thread who read what they were told of
// last: nobody is told twice of one thread without having looked. Each is noted
// as told up to seq.
func toTellOfPost(ctx context.Context, tx *db.Tx, thread, network, author uuid.UUID, seq int) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := tx.Select(ctx, &out, `INSERT INTO board_mark (person_id, thread_id, told_seq)
		SELECT w.person_id, $1, $4 FROM (
			SELECT m.person_id FROM board_mark m WHERE m.thread_id = $1 AND m.follow AND m.told_seq <= m.read_seq
			UNION
			SELECT f.person_id FROM board_follow f LEFT JOIN board_mark m ON m.person_id = f.person_id AND m.thread_id = $1
			WHERE f.network_id = $2 AND f.level = 'all' AND coalesce(m.follow, true) AND coalesce(m.told_seq, 0) <= coalesce(m.read_seq, 0)) w
		JOIN membership s ON s.network_id = $2 AND s.person_id = w.person_id AND s.state = 'active'
		WHERE w.person_id <> $3 ORDER BY w.person_id LIMIT $5
		ON CONFLICT (person_id, thread_id) DO UPDATE SET told_seq = excluded.told_seq
		RETURNING person_id`, thread, network, author, seq, maxTold)
	return out, err
}

// Stats are the counts of one network's board in a period.
type Stats struct {
	Threads  int `json:"threads" db:"threads"`
	Entries  int `json:"blog_entries" db:"entries"`
	Posts    int `json:"posts" db:"posts"` // openings, replies and comments, without tombstones
	Files    int `json:"files" db:"files"`
	Authors  int `json:"active_authors" db:"authors"`
	Hidden   int `json:"hidden" db:"hidden"`
	Comments int `json:"comments" db:"comments"` // those of Posts that stand under entries
}

func stats(ctx context.Context, q db.Q, network uuid.UUID, from, to time.Time) (Stats, error) {
	var out Stats
	err := q.Get(ctx, &out, `SELECT
			(SELECT count(*) FROM board_thread WHERE network_id = $1 AND kind = 'forum' AND state <> 'deleted' AND created_at >= $2 AND created_at < $3) AS threads,
			(SELECT count(*) FROM board_thread WHERE network_id = $1 AND kind = 'blog' AND state <> 'deleted' AND created_at >= $2 AND created_at < $3) AS entries,
			count(*) FILTER (WHERE p.state = 'shown') AS posts,
			count(*) FILTER (WHERE p.state = 'shown' AND p.seq > 1 AND t.kind = 'blog') AS comments,
			count(DISTINCT p.author_id) FILTER (WHERE p.state = 'shown') AS authors, count(*) FILTER (WHERE p.state = 'hidden') AS hidden,
			(SELECT count(*) FROM board_file f JOIN board_post x ON x.id = f.post_id
				WHERE x.network_id = $1 AND x.state = 'shown' AND x.created_at >= $2 AND x.created_at < $3) AS files
		FROM board_post p JOIN board_thread t ON t.id = p.thread_id WHERE p.network_id = $1 AND p.created_at >= $2 AND p.created_at < $3`, network, from, to)
	return out, err
}

// latestPosts is a part of core/gather: the newest posts of network $2.
const latestPosts = `SELECT p.id, p.network_id, t.kind, t.title, o.name AS author, p.created_at AS at, left(p.plain, 160) AS words
	FROM board_post p JOIN board_thread t ON t.id = p.thread_id JOIN person o ON o.id = p.author_id
	WHERE p.network_id = $2 AND p.state = 'shown' AND t.state = 'shown' ORDER BY p.created_at DESC, p.id DESC LIMIT 5`

// exportThreads lists threads in the order of their ids, which is that of their making.
func exportThreads(ctx context.Context, q db.Q, network, after uuid.UUID, limit int) ([]threadRow, error) {
	var out []threadRow
	err := q.Select(ctx, &out, `SELECT `+threadColumns+`, '' AS lead`+headFrom+threadJoins+`
		WHERE t.network_id = $2 AND t.state <> 'deleted' AND t.id > $3 ORDER BY t.id LIMIT $4`, uuid.Nil, network, after, limit)
	return out, err
}
