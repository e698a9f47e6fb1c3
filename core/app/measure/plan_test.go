package measure_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// large is from how many rows on a table is never read as a whole, and how many
// rows the tables get at least.
const large = 10_000

// grow fills the rooms of a network's year: each table far beyond what one page
// shows, most of it other people's.
func (w *world) grow() {
	w.t.Helper()
	// Filling may take longer than a request does: no connection keeps the limit.
	w.DB.SQL().SetMaxOpenConns(1)
	defer w.DB.SQL().SetMaxOpenConns(20)
	w.exec(`SET statement_timeout = 0`)
	w.forum()
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) SELECT md5('q' || i)::uuid, 'q' || i || '@example.org', 'Ula Uczestniczka ' || i, 'uczestniczka ' || i, 'active' FROM generate_series(1, 5000) i`)
	people := `(SELECT array_agg(id ORDER BY id) AS v FROM person) p`
	w.exec(`INSERT INTO meeting (id, network_id, kind, title, state, school_year, starts_at, ends_at, onsite, online, created_at, updated_at, announced_at)
		SELECT gen_random_uuid(), md5('n' || 1 + g % $1)::uuid, 'working', 'Spotkanie ' || g, 'announced', 2026, timestamptz '2026-09-01' + make_interval(hours => g % 7000),
			timestamptz '2026-09-01 02:00' + make_interval(hours => g % 7000), true, false, now(), now(), now() FROM generate_series(1, 40000) g`, networks)
	w.exec(`INSERT INTO meeting_attendance (id, meeting_id, person_id, presence, via, marked_at)
		SELECT gen_random_uuid(), m.id, p.v[1 + (m.n * 7 + g) % array_length(p.v, 1)], 'onsite', 'register', now() FROM (SELECT id, row_number() OVER () AS n FROM meeting) m, generate_series(0, 1) g, ` + people)
	w.exec(`INSERT INTO notification (id, person_id, wording, created_at, mailing)
		SELECT gen_random_uuid(), p.v[1 + g % array_length(p.v, 1)], '{"pl": {"title": "Nowe"}}', now(), 'none' FROM generate_series(1, 40000) g, ` + people)
	w.exec(`INSERT INTO resource (id, network_id, centre_id, created_by, created_at, changed_at, kind, title, folded, licence, accessibility, state, audience, decision, decided_at, versions)
		SELECT gen_random_uuid(), md5('n' || 1 + g % $1)::uuid, $2, $3, now(), now(), 'scenario', 'Scenariusz ' || g, 'scenariusz ' || g, 'cc-by', 'opis', 'shared', 'public', 'published', now(), 1
		FROM generate_series(1, 40000) g`, networks, w.centre, w.admin)
	w.exec(`INSERT INTO conversation (id, network_id, title, created_by, created_at, last_seq, last_at)
		SELECT md5('c' || g)::uuid, md5('n' || 1 + g % $1)::uuid, '', p.v[1 + g % array_length(p.v, 1)], now(), 2, now() - make_interval(secs => g) FROM generate_series(1, 20000) g, `+people, networks)
	w.exec(`INSERT INTO conversation_member (conversation_id, person_id, joined_at, last_at)
		SELECT c.id, x, now(), c.last_at FROM conversation c, LATERAL (SELECT c.created_by AS x UNION SELECT $1::uuid WHERE c.last_at > now() - interval '30 seconds') y`, w.member)
	w.exec(`INSERT INTO conversation_message (conversation_id, seq, author_id, body, created_at) SELECT c.id, s, c.created_by, 'Dzień dobry', c.last_at FROM conversation c, generate_series(1, 2) s`)
	w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at)
		SELECT gen_random_uuid(), md5('n' || 1 + (i * 3 + g) % $1)::uuid, md5('q' || i)::uuid, 'active', now() FROM generate_series(1, 5000) i, generate_series(0, 2) g`, networks)
	w.exec(`VACUUM ANALYZE`)
	w.exec(`RESET statement_timeout`)
}

var wholeTable = regexp.MustCompile(`Seq Scan on (\w+)`)

// Every list of a network's year reaches its rows by an index, with the arguments
// of the page and as PostgreSQL plans for any arguments.
func TestListsGoByIndex(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.grow()
	big := map[string]bool{}
	rows, err := w.DB.SQL().QueryContext(t.Context(), `SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= $1`, large)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		big[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"board_post", "meeting", "meeting_attendance", "notification", "resource", "conversation", "conversation_member", "conversation_message"} {
		if !big[table] {
			t.Errorf("%s is not large", table)
		}
	}
	home := "/sieci/" + w.first.String()
	page, err := w.Board.Threads(t.Context(), w.actor(w.member), w.first, false, "")
	if err != nil {
		t.Fatal(err)
	}
	thread := home + "/forum/" + page.Items[0].ID.String()
	seen := map[string]bool{}
	for _, path := range []string{"/moje", home, home + "/forum", home + "/forum?ktore=nowe", thread, thread + "?s=17", home + "/blog", "/blogi", "/rozmowy", "/powiadomienia",
		home + "/spotkania", home + "/spotkania?ktore=dawne", home + "/godziny", "/kalendarz", home + "/zasoby", "/zasoby", "/zasoby?q=scenariusz", home + "/ewaluacja", home + "/wybory", "/szukaj?q=scenariusz"} {
		w.tap.take(t)
		res := get(t, w.Handler, path, w.memberCookie)
		if res.Code != http.StatusOK {
			t.Errorf("%s: %d\n%.300s", path, res.Code, res.Body)
			continue
		}
		for _, s := range w.tap.take(t) {
			if s.how != "run" || seen[s.sql] || writes.MatchString(s.sql) {
				continue
			}
			seen[s.sql] = true
			for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
				plan := w.plan(mode, s)
				for _, m := range wholeTable.FindAllStringSubmatch(plan, -1) {
					if big[m[1]] {
						t.Errorf("%s (%s) reads all of %s\n%s\n%.3000s", path, mode, m[1], strings.Join(strings.Fields(s.sql), " "), plan)
					}
				}
			}
		}
	}
	if len(seen) < 20 {
		t.Errorf("only %d statements seen", len(seen))
	}
}

// plan is how PostgreSQL would go about a statement that the program sent.
func (w *world) plan(mode string, s sent) string {
	w.t.Helper()
	conn, err := w.DB.SQL().Conn(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close()
	exec := func(query string) {
		w.t.Helper()
		if _, err := conn.ExecContext(w.t.Context(), query); err != nil {
			w.t.Fatalf("%v in %s", err, query)
		}
	}
	args := make([]string, len(s.args))
	for i, v := range s.args {
		args[i] = "NULL"
		if v != nil {
			args[i] = "'" + strings.ReplaceAll(fmt.Sprint(v), "'", "''") + "'"
		}
	}
	call := "EXPLAIN EXECUTE measured_plan"
	if len(args) > 0 {
		call += " (" + strings.Join(args, ", ") + ")"
	}
	exec("SET plan_cache_mode = " + mode)
	exec("PREPARE measured_plan AS " + s.sql)
	defer func() { exec("DEALLOCATE measured_plan"); exec("RESET plan_cache_mode") }()
	rows, err := conn.QueryContext(w.t.Context(), call)
	if err != nil {
		w.t.Fatalf("%v in %s", err, call)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			w.t.Fatal(err)
		}
		b.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	return b.String()
}
