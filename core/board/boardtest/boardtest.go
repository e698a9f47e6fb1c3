// Package boardtest makes networks with people for tests of what people write,
// and fills a board with up to millions of posts in seconds.
package boardtest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

// Letters keeps what would be told.
type Letters struct {
	mu   sync.Mutex
	sent []notify.Message
}

// Send keeps a message.
func (l *Letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m)
	return nil
}

// To are the messages with the key that went to the person.
func (l *Letters) To(person uuid.UUID, key string) []notify.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []notify.Message
	for _, m := range l.sent {
		for _, p := range m.To {
			if m.Key == key && p == person {
				out = append(out, m)
			}
		}
	}
	return out
}

// World is a database with a centre, and a domain clock that stands at
// 24 November 2026.
type World struct {
	T       testing.TB
	DB      *db.DB
	Clock   *clock.Fixed
	Auth    *access.Authorizer
	Letters *Letters
	Centre  uuid.UUID
	school  uuid.UUID
	n       int
}

// New makes the world.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{T: t, DB: dbtest.New(t), Clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)), Letters: &Letters{}, Centre: uuid.New(), school: uuid.New()}
	var err error
	if w.Auth, err = access.NewAuthorizer(policies.Model, policies.Rules); err != nil {
		t.Fatal(err)
	}
	w.Exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'CDN Wierzbowo', 'cdn wierzbowo', $1), ($2, 'school', 'Szkoła Podstawowa', 'szkola podstawowa', $2)`, w.Centre, w.school)
	return w
}

// Exec runs a statement; texts need not be constants.
func (w *World) Exec(query string, args ...any) {
	w.T.Helper()
	if _, err := w.DB.SQL().ExecContext(w.T.Context(), query, args...); err != nil {
		w.T.Fatalf("%v\n%s", err, query)
	}
}

// Network makes an open network of the centre.
func (w *World) Network(title string) uuid.UUID {
	w.T.Helper()
	id := uuid.Must(uuid.NewV7())
	w.Exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at)
		VALUES ($1, 'test.trial', 'plain', $2, $3, lower($3), 2026, 'open', $4)`, id, w.Centre, title, w.Clock.Now())
	w.Exec(`INSERT INTO network_seat (network_id, members) VALUES ($1, 0)`, id)
	return id
}

// Close ends a network.
func (w *World) Close(network uuid.UUID) {
	w.T.Helper()
	w.Exec(`UPDATE network SET status = 'closed', closed_at = $2 WHERE id = $1`, network, w.Clock.Now())
}

// Person makes an active account with a role on a scope ("" for none).
func (w *World) Person(name string, role access.Role, kind access.ScopeKind, scope uuid.UUID) uuid.UUID {
	w.T.Helper()
	w.n++
	id := uuid.Must(uuid.NewV7())
	w.Exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $3, $3, 'active', $4)`, id, fmt.Sprintf("osoba%d@example.org", w.n), name, w.school)
	if role != "" {
		w.Exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, $3, $4, $5, '2026-01-01')`,
			uuid.New(), id, string(role), string(kind), uuid.NullUUID{UUID: scope, Valid: scope != uuid.Nil})
	}
	return id
}

// Member makes a person who is in a network with a role.
func (w *World) Member(name string, role access.Role, network uuid.UUID) uuid.UUID {
	w.T.Helper()
	id := w.Person(name, role, access.Network, network)
	w.Exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES ($1, $2, $3, 'active', $4)`, uuid.New(), network, id, w.Clock.Now())
	return id
}

// Leave ends a person's membership and roles in a network.
func (w *World) Leave(person, network uuid.UUID) {
	w.T.Helper()
	w.Exec(`UPDATE membership SET state = 'left', ended_at = $3 WHERE person_id = $1 AND network_id = $2`, person, network, w.Clock.Now())
	w.Exec(`DELETE FROM role_grant WHERE person_id = $1 AND scope_id = $2`, person, network)
}

// Actor is the person as the next request sees them.
func (w *World) Actor(person uuid.UUID) *access.Actor {
	w.T.Helper()
	g, err := access.RolesOf(w.T.Context(), w.DB, person, w.Clock.Now())
	if err != nil {
		w.T.Fatal(err)
	}
	return &access.Actor{Person: person, Grants: g, Name: "Ktoś"}
}

// words are those of which [Fill] makes titles and posts.
const words = `ARRAY['szkolenie','szkoleniami','nauczyciel','nauczycielka','uczeń','uczniowie','lekcja','lekcji','ocena','ocenianie','kształtujące','kryteria',
	'informacja','zwrotna','praca','grupach','klasie','ósmej','matematyka','polski','historia','projekt','doświadczenie','obserwacja','koleżeńska','spotkanie',
	'plan','zadanie','wnioski','rodzice','dyrektor','szkoła','przedszkole','biblioteka','poradnia','diagnoza','potrzeby','rozmowa','pytanie','odpowiedź','jak','czy','się','na','w','z','do','nie','jest','to']`

// Fill is [Fill] at the world's clock.
func (w *World) Fill(network uuid.UUID, people []uuid.UUID, threads, posts int) {
	w.T.Helper()
	Fill(w.T, w.DB, network, people, w.Clock.Now(), threads, posts)
}

// Fill writes threads with posts in all (at least one a thread) into a network,
// spread evenly, by the people in turn: a million posts take about a minute.
// Words are drawn at random; of a million posts some 2,000 hold the word
// "rzadkie". The posts lie a second apart and end at now. Nobody is told and no
// audit entry is written.
func Fill(t testing.TB, d *db.DB, network uuid.UUID, people []uuid.UUID, now time.Time, threads, posts int) {
	t.Helper()
	posts = max(posts, threads)
	list := make([]string, len(people))
	for i, p := range people {
		list[i] = p.String()
	}
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := d.SQL().ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
	}
	exec(fillThreads, network, db.Array(list), threads, posts, now)
	exec(fillPosts, network, db.Array(list), 0.002, markdown.Revision)
	exec(`ANALYZE board_thread`)
	exec(`ANALYZE board_post`)
}

// fillThreads gives every thread its number of posts, the last ones written now.
const fillThreads = `INSERT INTO board_thread (id, network_id, kind, title, author_id, created_at, last_seq, last_at, last_author_id)
	SELECT gen_random_uuid(), $1, 'forum', 'Wątek ' || g || ' ' || w.v[1 + floor(random() * array_length(w.v, 1))::int] || ' ' || w.v[1 + (g % array_length(w.v, 1))],
		p.v[1 + g % array_length(p.v, 1)], $5::timestamptz - make_interval(secs => $4::int - g), $4::int / $3::int + CASE WHEN g < $4::int % $3::int THEN 1 ELSE 0 END,
		$5::timestamptz - make_interval(secs => ($3::int - 1 - g)), p.v[1 + g % array_length(p.v, 1)]
	FROM generate_series(0, $3::int - 1) g, (SELECT ` + words + ` AS v) w, (SELECT $2::uuid[] AS v) p`

// fillPosts writes the posts of threads that have none.
const fillPosts = `INSERT INTO board_post (id, thread_id, network_id, seq, author_id, body, html, html_rev, plain, created_at)
	SELECT gen_random_uuid(), t.id, $1, s, p.v[1 + (t.n + s)::int % array_length(p.v, 1)], x.text, '<p>' || x.text || '</p>', $4, x.text,
		t.created_at + make_interval(secs => (s - 1) * t.all)
	FROM (SELECT id, created_at, last_seq, row_number() OVER () AS n, count(*) OVER () AS all FROM board_thread
			WHERE network_id = $1 AND kind = 'forum' AND NOT EXISTS (SELECT 1 FROM board_post p WHERE p.thread_id = board_thread.id)) t,
		LATERAL generate_series(1, t.last_seq) s, (SELECT $2::uuid[] AS v) p, (SELECT ` + words + ` AS v) w,
		LATERAL (SELECT string_agg(w.v[1 + floor(random() * array_length(w.v, 1))::int + 0 * i], ' ') || CASE WHEN random() < $3 THEN ' rzadkie' ELSE '' END AS text
			FROM generate_series(1, 12 + (s % 20)) i) x`
