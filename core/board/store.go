package board

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

var (
	_ = db.Constraint("board_topic_once", fault.Invalid, "new_topic", "board.topic_exists")
	_ = db.Constraint("board_thread_title", fault.Invalid, "title", "board.title_length")
	_ = db.Constraint("board_hiding_one", fault.Conflict, "", "board.hidden_already")
	_ = db.Constraint("board_report_once", fault.Conflict, "", "board.reported_already")
)

// place is the network in which something happens.
type place struct {
	Network      uuid.UUID     `db:"network_id"`
	NetworkTitle string        `db:"network_title"`
	Status       string        `db:"status"`
	Centre       uuid.UUID     `db:"centre_id"`
	Programme    uuid.NullUUID `db:"programme_id"`
}

const placeColumns = `n.id AS network_id, n.title AS network_title, n.status, n.centre_id, n.programme_id`

func readPlace(ctx context.Context, q db.Q, network uuid.UUID) (place, error) {
	var h place
	err := q.Get(ctx, &h, `SELECT `+placeColumns+` FROM network n WHERE n.id = $1`, network)
	return h, db.NotFound(err)
}

// head is a thread with its network: what decides acts.
type head struct {
	place
	ID         uuid.UUID     `db:"id"`
	Kind       Kind          `db:"kind"`
	Topic      uuid.NullUUID `db:"topic_id"`
	TopicTitle string        `db:"topic_title"`
	Title      string        `db:"title"`
	Author     uuid.UUID     `db:"author_id"`
	CreatedAt  time.Time     `db:"created_at"`
	LastSeq    int           `db:"last_seq"`
	LastAt     time.Time     `db:"last_at"`
	State      State         `db:"state"`
	Pinned     bool          `db:"pinned"`
	Closed     bool          `db:"closed"`
	SharedAt   *time.Time    `db:"shared_at"`
	Version    int           `db:"version"`
}

const headColumns = placeColumns + `, t.id, t.kind, t.topic_id, coalesce(k.title, '') AS topic_title, t.title, t.author_id, t.created_at,
	t.last_seq, t.last_at, t.state, t.pinned, t.closed, t.shared_at, t.version`

const headFrom = ` FROM board_thread t JOIN network n ON n.id = t.network_id LEFT JOIN board_topic k ON k.id = t.topic_id`

func readHead(ctx context.Context, q db.Q, thread uuid.UUID) (head, error) {
	var h head
	err := q.Get(ctx, &h, `SELECT `+headColumns+headFrom+` WHERE t.id = $1`, thread)
	return h, db.NotFound(err)
}

// postHead is a post without its HTML: what decides acts on it.
type postHead struct {
	ID         uuid.UUID     `db:"post_id"`
	Seq        int           `db:"seq"`
	Author     uuid.UUID     `db:"post_author"`
	AuthorName string        `db:"post_author_name"`
	AuthorRole string        `db:"post_author_role"`
	State      State         `db:"post_state"`
	Body       string        `db:"body"`
	CreatedAt  time.Time     `db:"post_created_at"`
	EditedAt   *time.Time    `db:"edited_at"`
	AddendumAt *time.Time    `db:"addendum_at"`
	Version    int           `db:"post_version"`
	Hiding     uuid.NullUUID `db:"hiding_id"`
	HiddenBy   uuid.NullUUID `db:"hidden_by"`
	HiddenRole string        `db:"hidden_role"`
	HiddenWhy  string        `db:"hidden_reason"`
	HiddenAt   *time.Time    `db:"hidden_at"`
	AppealedAt *time.Time    `db:"appealed_at"`
	Appeal     string        `db:"appeal"`
	Decision   string        `db:"decision"`
	Answer     string        `db:"decision_reason"`
}

const postColumns = `p.id AS post_id, p.seq, p.author_id AS post_author, o.name AS post_author_name, p.author_role AS post_author_role, p.state AS post_state,
	p.created_at AS post_created_at, p.edited_at, p.addendum_at, p.version AS post_version,
	h.id AS hiding_id, h.by_id AS hidden_by, coalesce(h.by_role, '') AS hidden_role, coalesce(h.reason, '') AS hidden_reason, h.created_at AS hidden_at,
	h.appealed_at, coalesce(h.appeal, '') AS appeal, coalesce(h.decision, '') AS decision, coalesce(h.decision_reason, '') AS decision_reason`

const postJoins = ` JOIN person o ON o.id = p.author_id LEFT JOIN board_hiding h ON h.post_id = p.id AND h.lifted_at IS NULL`

// readPost reads a post with its thread and network.
func readPost(ctx context.Context, q db.Q, post uuid.UUID) (head, postHead, error) {
	var r struct {
		head
		postHead
	}
	err := q.Get(ctx, &r, `SELECT `+headColumns+`, `+postColumns+`, p.body
		FROM board_post p`+postJoins+` JOIN board_thread t ON t.id = p.thread_id JOIN network n ON n.id = t.network_id LEFT JOIN board_topic k ON k.id = t.topic_id
		WHERE p.id = $1`, post)
	return r.head, r.postHead, db.NotFound(err)
}

// lockPost keeps a post from changing until the transaction ends and reads what
// it is now.
func lockPost(ctx context.Context, tx *db.Tx, post uuid.UUID) (state State, version int, err error) {
	var r struct {
		State   State `db:"state"`
		Version int   `db:"version"`
	}
	err = tx.Get(ctx, &r, `SELECT state, version FROM board_post WHERE id = $1 FOR NO KEY UPDATE`, post)
	return r.State, r.Version, db.NotFound(err)
}

// lockThread is lockPost for threads.
func lockThread(ctx context.Context, tx *db.Tx, thread uuid.UUID) error {
	var id uuid.UUID
	return db.NotFound(tx.Get(ctx, &id, `SELECT id FROM board_thread WHERE id = $1 FOR NO KEY UPDATE`, thread))
}

// insertThread fails with Conflict when the network is over by now.
func insertThread(ctx context.Context, tx *db.Tx, h *head) error {
	n, err := tx.Exec(ctx, `INSERT INTO board_thread (id, network_id, kind, topic_id, title, author_id, created_at, last_at, last_author_id)
		SELECT $1, n.id, $3, $4, $5, $6, $7, $7, $6 FROM network n WHERE n.id = $2 AND n.status = 'open'`,
		h.ID, h.Network, h.Kind, h.Topic, h.Title, h.Author, h.CreatedAt)
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "board.over")
	}
	return err
}

// nextSeq gives the next number of a thread that takes posts; 0 when it is
// closed, gone, or in a network that is over.
func nextSeq(ctx context.Context, tx *db.Tx, thread, author uuid.UUID, at time.Time) (int, error) {
	var seq int
	err := tx.Get(ctx, &seq, `UPDATE board_thread t SET last_seq = t.last_seq + 1, last_at = greatest(t.last_at, $3), last_author_id = $2
		FROM network n WHERE t.id = $1 AND n.id = t.network_id AND n.status = 'open' AND NOT t.closed AND t.state <> 'deleted'
		RETURNING t.last_seq`, thread, author, at)
	if db.IsNoRows(err) {
		return 0, nil
	}
	return seq, err
}

func insertPost(ctx context.Context, tx *db.Tx, h *head, id uuid.UUID, seq int, author uuid.UUID, role string, w words, rev int, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_post (id, thread_id, network_id, seq, author_id, author_role, body, html, html_rev, plain, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`, id, h.ID, h.Network, seq, author, role, w.Body, w.HTML, rev, w.Plain, at)
	return err
}

// updatePost keeps the old text as a revision and writes the new one.
func updatePost(ctx context.Context, tx *db.Tx, post uuid.UUID, version int, w words, rev int, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `WITH was AS (INSERT INTO board_revision (post_id, version, body, replaced_at)
			SELECT id, version, body, $6 FROM board_post WHERE id = $1 AND version = $2 AND state = 'shown' RETURNING post_id)
		UPDATE board_post SET body = $3, html = $4, html_rev = $5, plain = $7, edited_at = $6, version = version + 1
		WHERE id = $1 AND version = $2 AND id IN (SELECT post_id FROM was)`, post, version, w.Body, w.HTML, rev, at, w.Plain)
	return n == 1, err
}

func setTitle(ctx context.Context, tx *db.Tx, thread uuid.UUID, title string) error {
	_, err := tx.Exec(ctx, `UPDATE board_thread SET title = $2, version = version + 1 WHERE id = $1 AND title <> $2`, thread, title)
	return err
}

func setAddendum(ctx context.Context, tx *db.Tx, post uuid.UUID, w words, at time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_post SET addendum = $2, addendum_html = $3, addendum_at = $5, plain = plain || E'\n' || $4, version = version + 1
		WHERE id = $1 AND state = 'shown' AND addendum = ''`, post, w.Body, w.HTML, w.Plain, at)
	return n == 1, err
}

// deletePost wipes the words of a post and of its past.
func deletePost(ctx context.Context, tx *db.Tx, post uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_post SET state = 'deleted', body = '', html = '', plain = '', version = version + 1 WHERE id = $1 AND state = 'shown'`, post)
	if err != nil || n == 0 {
		return false, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM board_revision WHERE post_id = $1`, post); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM board_file WHERE post_id = $1`, post); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `UPDATE board_report SET outcome = 'gone', handled_at = created_at WHERE post_id = $1 AND outcome = ''`, post)
	return true, err
}

// dropThread takes a thread whose only post is deleted out of the lists.
func dropThread(ctx context.Context, tx *db.Tx, thread uuid.UUID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_thread SET state = 'deleted', shared_at = NULL, shared_by = NULL, version = version + 1 WHERE id = $1 AND last_seq = 1`, thread)
	return n == 1, err
}

func setThreadFlags(ctx context.Context, tx *db.Tx, thread uuid.UUID, pinned, closed bool) error {
	_, err := tx.Exec(ctx, `UPDATE board_thread SET pinned = $2, closed = $3, version = version + 1 WHERE id = $1`, thread, pinned, closed)
	return err
}

func setShared(ctx context.Context, tx *db.Tx, thread uuid.UUID, at *time.Time, by uuid.NullUUID) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE board_thread SET shared_at = CAST($2 AS timestamptz), shared_by = $3, version = version + 1
		WHERE id = $1 AND kind = 'blog' AND (state = 'shown' OR CAST($2 AS timestamptz) IS NULL)`, thread, at, by)
	return n == 1, err
}

func insertFile(ctx context.Context, tx *db.Tx, post uuid.UUID, position int, f *Attachment) error {
	_, err := tx.Exec(ctx, `INSERT INTO board_file (file_id, post_id, position, alt, licence) VALUES ($1, $2, $3, $4, $5)`, f.ID, post, position, f.Alt, f.Licence)
	return err
}

// insertTopic makes a topic unless the network has too many; one of the same
// title is used again.
func insertTopic(ctx context.Context, tx *db.Tx, id, network, by uuid.UUID, title string, at time.Time) (uuid.UUID, bool, error) {
	var out uuid.UUID
	err := tx.Get(ctx, &out, `SELECT id FROM board_topic WHERE network_id = $1 AND title = $2`, network, title)
	if err == nil || !db.IsNoRows(err) {
		return out, true, err
	}
	n, err := tx.Exec(ctx, `INSERT INTO board_topic (id, network_id, title, created_by, created_at)
		SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM board_topic WHERE network_id = $2) < $6`, id, network, title, by, at, maxTopics)
	return id, n == 1, err
}

func topicIn(ctx context.Context, q db.Q, network, topic uuid.UUID) (bool, error) {
	var ok bool
	err := q.Get(ctx, &ok, `SELECT EXISTS (SELECT 1 FROM board_topic WHERE id = $2 AND network_id = $1)`, network, topic)
	return ok, err
}
