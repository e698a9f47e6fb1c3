package measure_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"io/fs"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/network"
)

// most is how often a page may ask the database.
const most = 3

var writes = regexp.MustCompile(`(?i)\b(INSERT INTO|UPDATE \w+ (\w+ )?SET|DELETE FROM|FOR UPDATE|FOR SHARE|nextval|NOTIFY)\b`)

// Pages that everybody opens ask at most three times, by statements that were
// prepared before, and write nothing.
func TestPagesAskLittle(t *testing.T) {
	t.Parallel()
	w := open(t)
	pages := []struct{ path, cookie, shows string }{
		{"/", "", "Zaloguj się"},
		{"/sieci", "", "Sieć numer 001"},
		{"/sieci", w.memberCookie, "Sieć numer 001"},
		{"/sieci?q=numer&stan=open", w.memberCookie, "Sieć numer 001"},
		{"/sieci/" + w.plain.String(), "", "Sieć numer 002"},
		{"/sieci/" + w.plain.String(), w.memberCookie, "Sieć numer 002"},
		{"/sieci/" + w.first.String(), "", "Sieć numer 001"}, // its module is down
		{"/konto", w.memberCookie, "Nina Nauczycielka"},
	}
	for _, p := range pages {
		for range 2 { // the second finds everything prepared
			if res := get(t, w.Handler, p.path, p.cookie); res.Code != http.StatusOK || !strings.Contains(res.Body.String(), p.shows) {
				t.Fatalf("%s: %d without %q\n%s", p.path, res.Code, p.shows, res.Body)
			}
		}
		w.tap.take(t)
		prepared, counted := w.DB.Prepared(), w.DB.RoundTrips()
		const times = 10
		for range times {
			get(t, w.Handler, p.path, p.cookie)
		}
		list := w.tap.take(t)
		if n := len(list); n > most*times || int64(n) > w.DB.RoundTrips()-counted {
			t.Errorf("%s: %d round trips for %d requests, core/db counted %d\n%s", p.path, n, times, w.DB.RoundTrips()-counted, show(list[:min(n, 5)]))
		}
		if got := w.DB.Prepared(); got != prepared {
			t.Errorf("%s: %d statements prepared, %d before", p.path, got, prepared)
		}
		for _, s := range list {
			if s.how != "run" || writes.MatchString(s.sql) {
				t.Errorf("%s: %s", p.path, show([]sent{s}))
			}
		}
	}
}

func show(list []sent) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s: %.160s\n", s.how, strings.Join(strings.Fields(s.sql), " "))
	}
	return b.String()
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)

// fixed are all pages and operations that read and need no id.
func (w *world) fixed() []string {
	var out []string
	for _, r := range w.Site.Echo().Routes() {
		if r.Method == http.MethodGet && !strings.ContainsAny(r.Path, ":*{") {
			out = append(out, r.Path)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// accountable are lists of other people's data beyond a list of members: each page
// of them that shows somebody leaves an account of who read it, and nothing else;
// where that cannot be written, nothing is shown (503).
var accountable = map[string]bool{"/zarzadzanie/osoby": true, "/zarzadzanie/potwierdzenia": true, "/api/v1/people": true, "/api/v1/people/waiting": true,
	"/zarzadzanie/role": true, "/api/v1/roles": true, "/zarzadzanie/dziennik": true, "/api/v1/audit": true}

// Every page and operation that reads, but for what must be accounted for
// (accountable), is served by a database that takes no writes, on one connection, and sends nothing unprepared when asked again.
func TestReadsOnlyRead(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.DB.SQL().SetMaxOpenConns(1)
	w.exec(`SET default_transaction_read_only = on`)
	paths := w.fixed()
	if len(paths) < 40 {
		t.Fatalf("only %d paths found", len(paths))
	}
	for _, id := range []uuid.UUID{w.first, w.plain} {
		for _, tab := range []string{"", "/uczestnicy", "/propozycje", "/plan", "/zadania"} {
			paths = append(paths, "/sieci/"+id.String()+tab)
		}
	}
	for _, path := range paths {
		if path == "/readyz" {
			continue // asks whether the database answers, by a ping
		}
		for who, cookie := range map[string]string{"guest": "", "member": w.memberCookie, "administrator": w.adminCookie} {
			if res := get(t, w.Handler, path, cookie); res.Code >= 500 && !(accountable[path] && res.Code == http.StatusServiceUnavailable) {
				t.Errorf("%s as %s: %d\n%.300s", path, who, res.Code, res.Body)
			}
			w.tap.take(t)
			get(t, w.Handler, path, cookie)
			list := w.tap.take(t)
			for _, s := range list {
				if accountable[path] && s.how == "run" && strings.HasPrefix(s.sql, "INSERT INTO audit_event") {
					continue
				}
				if s.how != "run" || writes.MatchString(s.sql) {
					t.Errorf("%s as %s: %s", path, who, show([]sent{s}))
				}
			}
			if len(list) > most {
				t.Errorf("%s as %s: %d round trips\n%s", path, who, len(list), show(list))
			}
		}
	}
}

// The one write of a read: when somebody was last seen, once in five minutes.
func TestLastSeenIsTheOnlyWrite(t *testing.T) {
	t.Parallel()
	w := open(t)
	written := func() (n int) {
		for range 5 {
			get(t, w.Handler, "/sieci", w.memberCookie)
		}
		for _, s := range w.tap.take(t) {
			if writes.MatchString(s.sql) && s.how == "run" {
				n++
				if !strings.HasPrefix(s.sql, "UPDATE session SET seen_at") {
					t.Error(show([]sent{s}))
				}
			}
		}
		return n
	}
	if n := written(); n != 0 {
		t.Errorf("%d writes right after signing in", n)
	}
	w.rest(w.member, 4*time.Minute)
	if n := written(); n != 0 {
		t.Errorf("%d writes within five minutes", n)
	}
	w.rest(w.member, 2*time.Minute)
	if n := written(); n != 1 {
		t.Errorf("%d writes in five requests after six minutes, want 1", n)
	}
}

// A write is prepared too: plain text is only what begins and ends transactions.
func TestWritesArePrepared(t *testing.T) {
	t.Parallel()
	w := open(t)
	a, id := w.actor(w.member), w.vote()
	act := func() {
		ctx := idem.With(t.Context(), idem.NewKey())
		if err := w.Networks.Vote(ctx, a, w.first, id, network.No); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Networks.Propose(ctx, a, w.first, "Wspólna lekcja", ""); err == nil {
			t.Fatal("one key served two acts")
		}
		if _, err := w.Networks.Propose(idem.With(ctx, idem.NewKey()), a, w.first, "Wspólna lekcja", ""); err != nil {
			t.Fatal(err)
		}
	}
	act()
	w.tap.take(t)
	prepared := w.DB.Prepared()
	act()
	for _, s := range w.tap.take(t) {
		if s.how == "prepare" || s.how == "plain" && !strings.HasPrefix(s.sql, "BEGIN") && s.sql != "COMMIT" && s.sql != "ROLLBACK" {
			t.Error(show([]sent{s}))
		}
	}
	if got := w.DB.Prepared(); got != prepared {
		t.Errorf("%d statements prepared, %d before", got, prepared)
	}
}

var (
	nextLink = regexp.MustCompile(`href="(/sieci\?[^"]*po=[^"]*)"`)
	cardLink = regexp.MustCompile(`href="/sieci/([0-9a-f-]{36})"`)
)

// The next page begins behind the last line shown, whatever was added before it.
func TestListsGoOnBehindTheLastLine(t *testing.T) {
	t.Parallel()
	w := open(t)
	seen, path, pages := map[string]bool{}, "/sieci", 0
	for path != "" {
		body := get(t, w.Handler, path, w.memberCookie).Body.String()
		pages++
		fresh := map[string]bool{}
		for _, m := range cardLink.FindAllStringSubmatch(body, -1) {
			fresh[m[1]] = true
		}
		if len(fresh) == 0 || pages > networks {
			t.Fatalf("page %d, %s: no networks\n%s", pages, path, body)
		}
		for id := range fresh {
			if seen[id] {
				t.Errorf("%s is on two pages", id)
			}
			seen[id] = true
		}
		path = ""
		for _, m := range nextLink.FindAllStringSubmatch(body, -1) {
			path = html.UnescapeString(m[1])
		}
		// Sorted before everything shown: a page counted by lines would slip.
		id := uuid.New()
		w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at) VALUES ($1, 'test.absent', 'network', $2, 'Aaa', 'aaa', 2026, 'open', now())`, id, w.centre)
		w.exec(`INSERT INTO network_seat (network_id) VALUES ($1)`, id)
	}
	if len(seen) != networks || pages < 2 {
		t.Errorf("%d of %d networks on %d pages", len(seen), networks, pages)
	}
}

// The waiting list too: who leaves it does not hide who stands behind.
func TestWaitingListGoesOnBehindTheLastLine(t *testing.T) {
	t.Parallel()
	w := open(t)
	const waiting = 130
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) SELECT md5('w' || i)::uuid, 'w' || i || '@example.org', 'Wanda ' || i, 'wanda ' || i, 'active' FROM generate_series(1, $1) i`, waiting)
	w.exec(`INSERT INTO membership (id, network_id, person_id, state, second_of_school, queued_at, offered_until)
		SELECT md5('m' || i)::uuid, $1, md5('w' || i)::uuid, CASE WHEN i <= 3 THEN 'offered' ELSE 'waiting' END, i % 2 = 0,
			CASE WHEN i <> 2 THEN now() - make_interval(mins => i / 7) END, CASE WHEN i <= 3 THEN now() + interval '1 day' END FROM generate_series(1, $2) i`, w.first, waiting)
	seen, cursor, admin := map[uuid.UUID]bool{}, "", w.actor(w.admin)
	for pages := 0; pages == 0 || cursor != ""; pages++ {
		p, err := w.Networks.WaitingList(t.Context(), admin, w.first, cursor)
		if err != nil || pages > waiting {
			t.Fatal(pages, err)
		}
		for _, m := range p.Members {
			if seen[m.ID] {
				t.Errorf("%s is on two pages", m.Name)
			}
			seen[m.ID] = true
		}
		w.exec(`UPDATE membership SET state = 'left' WHERE id = $1`, p.Members[len(p.Members)/2].ID)
		cursor = p.Next
	}
	if len(seen) != waiting {
		t.Errorf("%d of %d seen", len(seen), waiting)
	}
	for _, bad := range []string{"50", "x"} {
		if _, err := w.Networks.WaitingList(t.Context(), admin, w.first, bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

// No statement of the program skips lines by counting them, but the search:
// what is ordered by rank has no key to go on from, and its pages are bounded.
func TestNoOffset(t *testing.T) {
	t.Parallel()
	counted := regexp.MustCompile(`\bOFFSET\b`)
	files := 0
	for _, top := range []string{"../../../core", "../../../cmd", "../../../migrations"} {
		err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "core/search/store.go") {
				return err
			}
			files++
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING && counted.MatchString(l.Value) {
					t.Errorf("%s skips by OFFSET", set.Position(l.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 100 {
		t.Errorf("only %d files read", files)
	}
}
