package measure_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/demo"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

var builtDir string

// bundles is a folder with the project's own modules, built once.
var bundles = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sieci-measure-")
	if err != nil {
		return "", err
	}
	builtDir = dir
	// Modules run under uids of their own.
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", err
	}
	manifests, err := filepath.Glob("../../../plugins/*/manifest.json")
	if err != nil {
		return "", err
	}
	for _, m := range manifests {
		name := filepath.Base(filepath.Dir(m))
		binary := filepath.Join(dir, name)
		cmd := exec.Command("go", "build", "-trimpath", "-o", binary, "ore.edu.pl/sieci/plugins/"+name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("build %s: %w\n%s", name, err, out)
		}
		raw, err := os.ReadFile(m)
		if err != nil {
			return "", err
		}
		if _, err := bundle.Pack(raw, binary, filepath.Join(dir, "plugins", name), runtime.GOOS, runtime.GOARCH); err != nil {
			return "", err
		}
	}
	return filepath.Join(dir, "plugins"), nil
})

func TestMain(m *testing.M) {
	debug.SetGCPercent(app.GCPercent) // as the server does
	code := m.Run()
	_ = os.RemoveAll(builtDir)
	os.Exit(code)
}

// story is the demonstration, served with the processes of its modules.
type story struct {
	*app.App
	t   *testing.T
	tap *tap
}

func tell(t *testing.T) *story {
	t.Helper()
	dir, err := bundles()
	if err != nil {
		t.Fatal(err)
	}
	s := &story{t: t, tap: listen(t, dbtest.NewDSN(t))}
	s.App = start(t, app.Config{DatabaseURL: s.tap.dsn, Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1",
		MailFrom: "sieci@localhost", Plugins: dir})
	if err := demo.Make(t.Context(), s.App); err != nil {
		t.Fatal(err)
	}
	if err := s.Modules.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Modules.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reader is somebody who goes through the pages: every kind of page a few times.
type reader struct {
	s            *story
	name, cookie string
	times        map[string]int    // visits by kind of page
	seen         map[string]bool   // addresses
	ids          map[string]string // an id by the operation that listed it
}

func (s *story) reader(name string) *reader {
	s.t.Helper()
	r := &reader{s: s, name: name, times: map[string]int{}, seen: map[string]bool{}, ids: map[string]string{}}
	if name != "" {
		in, err := s.Identity.SignIn(s.t.Context(), identity.SignInInput{Email: name + "@sieci.example", Password: demo.Password, Address: "192.0.2.1"})
		if err != nil {
			s.t.Fatal(err)
		}
		r.cookie = in.Cookie
	}
	return r
}

// ask answers with how often the database was asked for it, and with what.
func (r *reader) ask(path string) (*httptest.ResponseRecorder, int, []sent) {
	ctx, n := db.WithCounter(r.s.t.Context())
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+path, nil)
	if r.cookie != "" {
		req.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: r.cookie})
	}
	out := httptest.NewRecorder()
	r.s.tap.take(r.s.t)
	r.s.Handler.ServeHTTP(out, req)
	list := r.s.tap.take(r.s.t)
	return out, int(n.Load()) - accounts(list), list
}

// accounts are the statements by which a page accounts for showing somebody
// else's data: one, beside what it reads.
func accounts(list []sent) (n int) {
	for _, s := range list {
		if s.how == "run" && strings.HasPrefix(s.sql, "INSERT INTO audit_event") {
			n++
		}
	}
	return n
}

// visit reads an address twice, the second time with everything prepared.
func (r *reader) visit(path string) *httptest.ResponseRecorder {
	// 503 is a sentence that a module is missing, not a fault.
	if first, _, _ := r.ask(path); first.Code >= 500 && first.Code != http.StatusServiceUnavailable {
		r.s.t.Errorf("%s as %q: %d\n%.300s", path, r.name, first.Code, first.Body)
	}
	out, n, list := r.ask(path)
	// On a busy machine a question may wait in vain for those beside it, and go
	// alone (db.Together): the page is what it asks at its best.
	for again := 0; n > most && again < 2; again++ {
		out, n, list = r.ask(path)
	}
	if n > most {
		r.s.t.Errorf("%s as %q: %d round trips\n%s", path, r.name, n, show(list))
	}
	return out
}

// kindOf is an address without what differs from one thing to another.
func kindOf(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	var keys []string
	for k := range u.Query() {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return anyID.ReplaceAllString(u.Path, "ID") + "?" + strings.Join(keys, "&")
}

var (
	anyLink  = regexp.MustCompile(`<a [^>]*href="(/[^"#]*)`)
	apiPlace = regexp.MustCompile(`\{[^}]+\}`)
)

// often is how many addresses of one kind somebody opens.
const often = 3

// crawl follows every link from the first page.
func (r *reader) crawl() {
	for queue := []string{"/", "/moje"}; len(queue) > 0; {
		path := queue[0]
		queue = queue[1:]
		kind := kindOf(path)
		if r.seen[path] || r.times[kind] >= often {
			continue
		}
		r.seen[path] = true
		r.times[kind]++
		for _, m := range anyLink.FindAllStringSubmatch(r.visit(path).Body.String(), -1) {
			queue = append(queue, html.UnescapeString(m[1]))
		}
	}
}

// call asks every operation that reads; the id in its path is one that the list
// above it named.
func (r *reader) call() {
	ops := slices.Clone(r.s.API.Ops())
	slices.SortFunc(ops, func(a, b kit.Op) int { return cmp.Compare(strings.Count(a.Path, "/"), strings.Count(b.Path, "/")) })
	for _, op := range ops {
		if op.Method != http.MethodGet {
			continue
		}
		path, ok := r.fill(op.Path)
		if !ok {
			continue
		}
		r.times["API"]++
		var doc struct {
			Items []struct {
				ID string `json:"id"`
			} `json:"items"`
		}
		if err := json.Unmarshal(r.visit(kit.Base+path).Body.Bytes(), &doc); err == nil && len(doc.Items) > 0 {
			r.ids[op.Path] = doc.Items[0].ID
		}
	}
}

func (r *reader) fill(path string) (string, bool) {
	for at := apiPlace.FindStringIndex(path); at != nil; at = apiPlace.FindStringIndex(path) {
		id, ok := r.ids[strings.TrimSuffix(path[:at[0]], "/")]
		if !ok {
			return "", false
		}
		path = path[:at[0]] + id + path[at[1]:]
	}
	return path, true
}

// Whatever somebody reaches by links and operations that read, the modules
// running, is read in three round trips: also the pages of rooms that come later.
func TestEveryPageAsksLittle(t *testing.T) {
	t.Parallel()
	s := tell(t)
	kinds := map[string]bool{}
	for _, name := range []string{"", "koordynator", "uczestniczka", "ore", "wierzbowo", "nauczycielka"} {
		r := s.reader(name)
		r.crawl()
		r.call()
		for k := range r.times {
			kinds[k] = true
		}
		t.Logf("%q: %d addresses of %d kinds, %d operations", name, len(r.seen), len(r.times), r.times["API"])
	}
	for _, k := range []string{"/moje?", "/sieci/ID?", "/sieci/ID/plan?", "/sieci/ID/zadania?", "/zadania/ID?", "/zarzadzanie/wtyczki?", "/grupy/ID?", "/programy/ID?"} {
		if !kinds[k] {
			t.Errorf("nobody came to %s", k)
		}
	}
}
