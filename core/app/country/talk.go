package country

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/i18n/fold"
)

type thread struct {
	id    uuid.UUID
	title string
	posts []post
}

type post struct {
	id     uuid.UUID
	author *person
	text   string
	at     time.Time
}

// posts are threads of the forums and what is written in them.
func (m *maker) posts(ctx context.Context) (int, error) {
	m.threads = make([]thread, len(m.nets)*threadsEach)
	at := func(i, seq int) time.Time {
		return m.nets[i/threadsEach].founded.Add(time.Duration(seq*26+i%24) * time.Hour)
	}
	err := m.copy(ctx, "board_thread", "id, network_id, kind, title, author_id, created_at, last_seq, last_at, last_author_id", len(m.threads), func(i int) []any {
		x, t := &m.nets[i/threadsEach], &m.threads[i]
		*t = thread{id: m.id(), title: m.pick(topics) + ": pytania i pomysły", posts: make([]post, postsEach)}
		for k := range t.posts {
			t.posts[k] = post{author: m.person(x, m.r.IntN(grantsEach)), text: m.pick(sentences) + " " + m.pick(sentences), at: at(i, k+1)}
		}
		last := &t.posts[postsEach-1]
		return []any{t.id, x.id, "forum", t.title, t.posts[0].author.id, at(i, 1), postsEach, last.at, last.author.id}
	})
	if err != nil {
		return 0, err
	}
	n := len(m.threads) * postsEach
	return n, m.copy(ctx, "board_post", "id, thread_id, network_id, seq, author_id, body, html, html_rev, plain, created_at", n, func(i int) []any {
		t := &m.threads[i/postsEach]
		p := &t.posts[i%postsEach]
		p.id = m.id()
		return []any{p.id, t.id, m.nets[i/postsEach/threadsEach].id, 1 + i%postsEach, p.author.id, p.text, "<p>" + p.text + "</p>\n", 1, p.text, p.at}
	})
}

// talks are private conversations of two people of a network.
func (m *maker) talks(ctx context.Context) (int, error) {
	n := len(m.nets) * talksEach
	ids := make([]uuid.UUID, n)
	with := func(i, k int) uuid.UUID { return m.person(&m.nets[i/talksEach], 2+(i+k*7)%(grantsEach-2)).id }
	at := func(i int) time.Time { return m.nets[i/talksEach].founded.AddDate(0, 1, i%20) }
	err := m.copy(ctx, "conversation", "id, network_id, created_by, created_at, last_seq, last_at", n, func(i int) []any {
		ids[i] = m.id()
		return []any{ids[i], m.nets[i/talksEach].id, with(i, 0), at(i), 2, at(i)}
	})
	if err != nil {
		return 0, err
	}
	err = m.copy(ctx, "conversation_member", "conversation_id, person_id, joined_at, read_seq, last_at", 2*n, func(i int) []any {
		return []any{ids[i/2], with(i/2, i%2), at(i / 2), 2, at(i / 2)}
	})
	if err != nil {
		return 0, err
	}
	return n, m.copy(ctx, "conversation_message", "conversation_id, seq, author_id, body, created_at", 2*n, func(i int) []any {
		return []any{ids[i/2], 1 + i%2, with(i/2, i%2), m.pick(sentences), at(i / 2)}
	})
}

// shared is a resource of a network.
type shared struct {
	id       uuid.UUID
	net      int
	title    string
	kind     string
	tag      string // of the topics, by its name in Polish
	audience string
	at       time.Time
}

// resources of networks, of which two thirds are published and some wait for it.
func (m *maker) resources(ctx context.Context) (int, error) {
	n := len(m.nets) * sharedEach
	m.shared = make([]shared, n)
	list := m.app.Needs.Topics()
	err := m.copy(ctx, "resource", "id, network_id, centre_id, created_by, created_at, changed_at, kind, title, folded, licence, accessibility, tags, state, audience, decision, decided_at, asked_audience, asked_by, asked_at, versions, useful", n, func(i int) []any {
		x, t := &m.nets[i/sharedEach], list[m.r.IntN(len(list))]
		r := shared{id: m.id(), net: i / sharedEach, title: m.pick(topics) + ": scenariusz", kind: []string{"scenariusz", "karta-pracy", "prezentacja"}[m.r.IntN(3)], tag: t.Polish,
			audience: []string{"network", "platform", "public"}[i%3], at: x.founded.AddDate(0, 0, 20)}
		m.shared[i] = r
		decision, decided := "published", any(r.at)
		asked, asker, askedAt := "", any(nil), any(nil)
		if r.audience == "network" {
			decision, decided = "", nil
			if i%60 == 0 {
				asked, asker, askedAt = "public", m.person(x, 2).id, r.at
			}
		}
		return []any{r.id, x.id, m.centres[x.centre].ID, m.person(x, 2).id, r.at, r.at, r.kind, r.title, fold.Text(r.title + "  "), "cc-by-4.0", "Tekst i opisy ilustracji.", "{topic:" + t.Code + "}",
			"shared", r.audience, decision, decided, asked, asker, askedAt, 1, m.r.IntN(40)}
	})
	if err != nil {
		return 0, err
	}
	return n, m.copy(ctx, "resource_version", "id, resource_id, no, link, created_by, created_at", n, func(i int) []any {
		r := &m.shared[i]
		return []any{m.id(), r.id, 1, "https://zasoby.example/" + r.id.String(), m.person(&m.nets[r.net], 2).id, r.at}
	})
}

// notices are read but for every fourth, and mailed to nobody.
func (m *maker) notices(ctx context.Context, n int) (int, error) {
	return n, m.copy(ctx, "notification", "id, person_id, wording, link, network_id, created_at, read_at, mailing", n, func(i int) []any {
		x := &m.nets[m.r.IntN(len(m.nets))]
		at := m.now.Add(-time.Duration(n-i) * time.Second)
		read := any(at)
		if i%4 == 0 {
			read = nil
		}
		return []any{m.id(), m.person(x, 2+m.r.IntN(grantsEach-2)).id, `{"pl": {"title": "Nowe spotkanie w sieci"}}`, "/sieci/" + x.id.String(), x.id, at, read, "none"}
	})
}

// events are an account of changes in networks.
func (m *maker) events(ctx context.Context, n int) (int, error) {
	return n, m.copy(ctx, "audit_event", "at, domain_at, actor_id, action, object_kind, object_id, scope_kind, scope_id, fields", n, func(i int) []any {
		x := &m.nets[m.r.IntN(len(m.nets))]
		at := m.now.Add(-time.Duration(n-i) * 30 * time.Second)
		return []any{at, at, m.person(x, m.r.IntN(grantsEach)).id, "network:edit", "network", x.id.String(), "network", x.id, "{title}"}
	})
}
