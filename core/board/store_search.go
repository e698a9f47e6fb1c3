package board

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/search"
)

// SearchSource makes posts findable: those of a network inside it, an entry of
// a blog that was shared for everybody signed in.
func SearchSource() search.Source {
	return search.Source{Kind: search.Posts, Perm: PermView, Docs: searchDocs, Next: nextPosts}
}

func searchDocs(ctx context.Context, q db.Q, ids []uuid.UUID) ([]search.Doc, error) {
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		Network uuid.UUID `db:"network_id"`
		Title   string    `db:"title"`
		Author  string    `db:"author"`
		Topic   string    `db:"topic"`
		Plain   string    `db:"plain"`
		At      time.Time `db:"created_at"`
		Open    bool      `db:"open"`
	}
	err := q.Select(ctx, &rows, `SELECT p.id, p.network_id, t.title, a.name AS author, coalesce(o.title, '') AS topic, p.plain, p.created_at,
			p.seq = 1 AND t.shared_at IS NOT NULL AS open
		FROM board_post p JOIN board_thread t ON t.id = p.thread_id JOIN person a ON a.id = p.author_id LEFT JOIN board_topic o ON o.id = t.topic_id
		WHERE p.id = ANY ($1) AND p.state = 'shown' AND t.state = 'shown' LIMIT 500`, pq.Array(ids))
	out := make([]search.Doc, len(rows))
	for i, r := range rows {
		out[i] = search.Doc{ID: r.ID, Network: r.Network, Audience: search.Inside, Path: PostPath(r.Network, r.ID), Title: r.Title,
			Keywords: strings.TrimSuffix(r.Author+". "+r.Topic, ". "), Body: r.Plain, At: r.At}
		if r.Open {
			out[i].Audience = search.Platform
		}
	}
	return out, err
}

func nextPosts(ctx context.Context, q db.Q, after uuid.UUID, limit int) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT id FROM board_post WHERE id > $1 AND state = 'shown' ORDER BY id LIMIT $2`, after, limit)
	return out, err
}

// maxFollowed bounds the posts that follow a change of their thread at once; the
// rest of a longer one keep their old title in the search.
const maxFollowed = 1000

// postsWith lists the posts of a thread, or of the thread of a post.
func postsWith(ctx context.Context, q db.Q, thread, post uuid.UUID) ([]uuid.UUID, error) {
	var out []uuid.UUID
	err := q.Select(ctx, &out, `SELECT id FROM board_post WHERE thread_id = coalesce((SELECT thread_id FROM board_post WHERE id = $2), $1)
		ORDER BY seq LIMIT $3`, thread, post, maxFollowed)
	return out, err
}
