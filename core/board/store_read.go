package board

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/markdown"
)

// threadRow is a thread in a list.
type threadRow struct {
	head
	AuthorName string `db:"author"`
	AuthorRole string `db:"author_role"`
	LastAuthor string `db:"last_author"`
	Lead       string `db:"lead"`
	Read       int    `db:"read_seq"`
	Follow     *bool  `db:"follow"`
	Level      Level  `db:"level"`
}

// threadColumns need person $1.
const threadColumns = headColumns + `, a.name AS author, coalesce(e.author_role, '') AS author_role, b.name AS last_author, coalesce(m.read_seq, 0) AS read_seq, m.follow,
	coalesce(w.level, 'threads') AS level`

const threadJoins = ` JOIN person a ON a.id = t.author_id JOIN person b ON b.id = t.last_author_id
	LEFT JOIN board_post e ON e.thread_id = t.id AND e.seq = 1
	LEFT JOIN board_mark m ON m.thread_id = t.id AND m.person_id = $1
	LEFT JOIN board_follow w ON w.network_id = t.network_id AND w.person_id = $1`

// lead is the beginning of an entry's words.
const lead = `CASE WHEN e.state = 'shown' THEN left(e.plain, 300) ELSE '' END AS lead`

// listThreads lists a network's threads, pinned ones first, the last answered
// next; unread only those with something new for person $1.
func listThreads(ctx context.Context, q db.Q, person, network uuid.UUID, unread bool, after threadKey, limit int) ([]threadRow, error) {
	var out []threadRow
	err := q.Select(ctx, &out, `SELECT `+threadColumns+`, '' AS lead`+headFrom+threadJoins+`
		WHERE t.network_id = $2 AND t.kind = 'forum' AND t.state <> 'deleted' AND (t.pinned, t.last_at, t.id) < ($3, $4, $5)
			AND (NOT $6 OR t.last_seq > coalesce(m.read_seq, 0))
		ORDER BY t.pinned DESC, t.last_at DESC, t.id DESC LIMIT $7`, person, network, after.Pinned, after.At, after.ID, unread, limit)
	return out, err
}

// listEntries lists a network's blog entries, the newest first; topic uuid.Nil for all.
func listEntries(ctx context.Context, q db.Q, person, network, topic uuid.UUID, after threadKey, limit int) ([]threadRow, error) {
	var out []threadRow
	err := q.Select(ctx, &out, `SELECT `+threadColumns+`, `+lead+headFrom+threadJoins+`
		WHERE t.network_id = $2 AND t.kind = 'blog' AND t.state <> 'deleted' AND (t.created_at, t.id) < ($3, $4)
			AND (CAST($5 AS uuid) = '00000000-0000-0000-0000-000000000000' OR t.topic_id = $5)
		ORDER BY t.created_at DESC, t.id DESC LIMIT $6`, person, network, after.At, after.ID, topic, limit)
	return out, err
}

// listBlogs lists entries that person $1 may read: those of the networks $2 and
// those that are shared; $3 is a topic or uuid.Nil.
func listBlogs(ctx context.Context, q db.Q, person uuid.UUID, networks []uuid.UUID, topic uuid.UUID, after threadKey, limit int) ([]threadRow, error) {
	var out []threadRow
	err := q.Select(ctx, &out, `SELECT `+threadColumns+`, `+lead+headFrom+threadJoins+`
		WHERE t.kind = 'blog' AND (t.network_id = ANY ($2) AND t.state <> 'deleted' OR t.shared_at IS NOT NULL AND t.state = 'shown')
			AND (t.created_at, t.id) < ($4, $5) AND (CAST($3 AS uuid) = '00000000-0000-0000-0000-000000000000' OR t.topic_id = $3)
		ORDER BY t.created_at DESC, t.id DESC LIMIT $6`, person, db.Array(networks), topic, after.At, after.ID, limit)
	return out, err
}

// listTopics lists topics with entries that are in networks $1 or shared.
func listTopics(ctx context.Context, q db.Q, networks []uuid.UUID, limit int) ([]Topic, error) {
	var out []Topic
	err := q.Select(ctx, &out, `SELECT k.id, k.network_id, n.title AS network_title, k.title, count(*) AS entries
		FROM board_thread t JOIN board_topic k ON k.id = t.topic_id JOIN network n ON n.id = k.network_id
		WHERE t.kind = 'blog' AND (t.network_id = ANY ($1) AND t.state <> 'deleted' OR t.shared_at IS NOT NULL AND t.state = 'shown')
		GROUP BY k.id, n.title ORDER BY k.title, k.id LIMIT $2`, db.Array(networks), limit)
	return out, err
}

// placeTopics is a network with every topic of its blogs as JSON.
type placeTopics struct {
	place
	Topics []byte `db:"topics"`
}

// readPlaceTopics reads a network with its topics, for choosing one.
func readPlaceTopics(ctx context.Context, q db.Q, network uuid.UUID) (placeTopics, error) {
	var h placeTopics
	err := q.Get(ctx, &h, `SELECT `+placeColumns+`, coalesce((SELECT json_agg(json_build_object('id', k.id, 'network_id', k.network_id, 'network', n.title, 'title', k.title,
				'entries', (SELECT count(*) FROM board_thread t WHERE t.topic_id = k.id AND t.state <> 'deleted')) ORDER BY k.title, k.id)
			FROM board_topic k WHERE k.network_id = n.id), '[]') AS topics
		FROM network n WHERE n.id = $1`, network)
	return h, db.NotFound(err)
}

// oneTopic reads a topic with its network.
func oneTopic(ctx context.Context, q db.Q, topic uuid.UUID) (Topic, error) {
	var out Topic
	err := q.Get(ctx, &out, `SELECT k.id, k.network_id, n.title AS network_title, k.title, 0 AS entries
		FROM board_topic k JOIN network n ON n.id = k.network_id WHERE k.id = $1`, topic)
	return out, db.NotFound(err)
}

// postRow is a post on a page of its thread, with the thread.
type postRow struct {
	threadRow
	postHead
	HTML         markdown.Safe `db:"html"`
	HTMLRev      int           `db:"html_rev"`
	AddendumHTML markdown.Safe `db:"addendum_html"`
	Addendum     string        `db:"addendum"`
	Files        []byte        `db:"files"`
	Reported     bool          `db:"reported"`
}

// filesOf are the files of post p as JSON.
const filesOf = `coalesce((SELECT json_agg(json_build_object('id', f.file_id, 'name', x.name, 'media_type', x.media_type, 'size', x.size, 'alt', f.alt, 'licence', f.licence) ORDER BY f.position)
	FROM board_file f JOIN file x ON x.id = f.file_id WHERE f.post_id = p.id), '[]') AS files`

// readThread reads posts of a thread after number $3, each with the thread: one
// round trip for a page. The body comes only where the HTML is of an older
// revision ($5).
func readThread(ctx context.Context, q db.Q, person, thread uuid.UUID, after, limit int) ([]postRow, error) {
	var out []postRow
	err := q.Select(ctx, &out, `SELECT `+threadColumns+`, '' AS lead, `+postColumns+`, CASE WHEN p.html_rev = $5 THEN '' ELSE p.body END AS body, p.html, p.html_rev,
			p.addendum_html, CASE WHEN p.html_rev = $5 THEN '' ELSE p.addendum END AS addendum, `+filesOf+`,
			EXISTS (SELECT 1 FROM board_report r WHERE r.post_id = p.id AND r.reporter_id = $1 AND r.outcome = '') AS reported`+
		headFrom+threadJoins+` JOIN board_post p ON p.thread_id = t.id`+postJoins+`
		WHERE t.id = $2 AND t.state <> 'deleted' AND p.seq > $3 AND p.seq <= $3 + $4
		ORDER BY p.seq LIMIT $4`, person, thread, after, limit, markdown.Revision)
	return out, err
}

// files reads the JSON of filesOf.
func (r *postRow) files() ([]File, error) {
	var out []File
	err := json.Unmarshal(r.Files, &out)
	return out, err
}

// postFrom begins with the post: the planner keeps to the order of so many joins.
const postFrom = ` FROM board_post p JOIN board_thread t ON t.id = p.thread_id JOIN network n ON n.id = t.network_id LEFT JOIN board_topic k ON k.id = t.topic_id`

// onePost is a post with its words and files, for pages about that post.
func onePost(ctx context.Context, q db.Q, person, post uuid.UUID) (postRow, error) {
	var out postRow
	err := q.Get(ctx, &out, `SELECT `+threadColumns+`, '' AS lead, `+postColumns+`, p.body, p.html, p.html_rev, p.addendum_html, p.addendum, `+filesOf+`,
			EXISTS (SELECT 1 FROM board_report r WHERE r.post_id = p.id AND r.reporter_id = $1 AND r.outcome = '') AS reported`+
		postFrom+threadJoins+postJoins+` WHERE p.id = $2`, person, post)
	return out, db.NotFound(err)
}

// Revision is what a post said before it was changed.
type Revision struct {
	Version    int       `json:"version" db:"version"`
	Body       string    `json:"body" db:"body"`
	ReplacedAt time.Time `json:"replaced_at" db:"replaced_at"`
}

func revisions(ctx context.Context, q db.Q, post uuid.UUID) ([]Revision, error) {
	var out []Revision
	err := q.Select(ctx, &out, `SELECT version, body, replaced_at FROM board_revision WHERE post_id = $1 ORDER BY version DESC LIMIT 50`, post)
	return out, err
}
