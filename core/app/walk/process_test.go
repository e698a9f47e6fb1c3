package walk_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/app"
)

var listens = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// server is bin/sieci as an operator runs it.
type server struct {
	cmd  *exec.Cmd
	base string
}

// launch starts the program with settings and returns when it serves.
func launch(t testing.TB, settings ...string) *server {
	t.Helper()
	program, err := built.program()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(t.ArtifactDir(), "server-"+uuid.NewString()+".log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	s := &server{cmd: exec.Command(program, "serve")}
	s.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=pl_PL.UTF-8",
		"SIECI_ADDR=127.0.0.1:0", "SIECI_BASE_URL=http://127.0.0.1", "SIECI_PLUGINS=" + bundles(t), "SIECI_SECRET=" + strings.Repeat("x", 40)}, settings...)
	s.cmd.Stderr = log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	said := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if a := listens.FindString(lines.Text()); a != "" {
				said <- a
			}
		}
		close(said)
	}()
	select {
	case a, ok := <-said:
		if !ok {
			raw, _ := os.ReadFile(log.Name())
			t.Fatalf("the server ended\n%s", raw)
		}
		s.base = "http://" + a
	case <-time.After(time.Minute):
		t.Fatal("the server never listened")
	}
	return s
}

// kill is SIGKILL; the module dies with its server. Twice is harmless.
func (s *server) kill() {
	if s.cmd.ProcessState == nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	}
}

// load founds networks through whichever server answers: every founding is a
// decision of the module, repeated under its key until somebody says that it
// is done.
type load struct {
	t      testing.TB
	token  string
	centre uuid.UUID
	n      int
	bases  atomic.Pointer[[]string]
	acked  atomic.Int64
	ids    []string
	all    sync.WaitGroup
}

func (l *load) serve(bases ...string) { l.bases.Store(&bases) }

func (l *load) start() {
	l.ids = make([]string, l.n)
	next := make(chan int)
	go func() {
		defer close(next)
		for i := range l.n {
			next <- i
		}
	}()
	for range 8 {
		l.all.Go(func() {
			for i := range next {
				l.found(i)
			}
		})
	}
}

func (l *load) found(i int) {
	body, err := json.Marshal(map[string]any{"type": typ, "centre": l.centre, "title": fmt.Sprintf("Sieć numer %d", i), "aim": "Próba.",
		"school_year": 2026, "join": "open", "capacity": 20, "answers": json.RawMessage(charter)})
	if err != nil {
		l.t.Error(err)
		return
	}
	key, last := uuid.NewString(), ""
	late := time.Now().Add(2 * time.Minute)
	for try := i; time.Now().Before(late); try++ {
		bases := *l.bases.Load()
		status, id, err := l.post(bases[try%len(bases)], key, string(body))
		if err == nil && status == http.StatusCreated {
			l.ids[i] = id
			l.acked.Add(1)
			return
		}
		if last = fmt.Sprint(status, " ", err); err == nil && status < 500 && status != http.StatusConflict {
			break
		}
		<-time.After(100 * time.Millisecond)
	}
	l.t.Errorf("founding %d never came to an end: %s", i, last)
}

func (l *load) post(base, key, body string) (status int, id string, err error) {
	r, err := http.NewRequest(http.MethodPost, base+"/api/v1/networks", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+l.token)
	r.Header.Set("Idempotency-Key", key)
	res, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	var out struct{ ID string }
	err = json.NewDecoder(res.Body).Decode(&out)
	return res.StatusCode, out.ID, err
}

// await returns when so many foundings were acknowledged.
func (l *load) await(n int64) {
	l.t.Helper()
	tick, late := time.NewTicker(5*time.Millisecond), time.After(2*time.Minute)
	defer tick.Stop()
	for l.acked.Load() < n {
		select {
		case <-late:
			l.t.Fatalf("%d foundings after two minutes", l.acked.Load())
		case <-tick.C:
		}
	}
}

// check counts everything that a founding leaves, by the ids acknowledged.
func (l *load) check(w *world) {
	l.t.Helper()
	seen := map[string]bool{}
	for _, id := range l.ids {
		if id == "" || seen[id] {
			l.t.Errorf("the id %q was given twice, or never", id)
		}
		seen[id] = true
		for query, want := range map[string]int{
			`SELECT count(*) FROM network WHERE id = $1::uuid AND title LIKE 'Sieć numer %'`:     1,
			`SELECT count(*) FROM record WHERE scope_id = $1::uuid`:                              2,
			`SELECT count(*) FROM effect_decision WHERE scope_id = $1::uuid`:                     1,
			`SELECT count(*) FROM membership WHERE network_id = $1::uuid`:                        1,
			`SELECT count(*) FROM role_grant WHERE scope_id = $1::uuid AND valid_to IS NULL`:     1,
			`SELECT count(*) FROM audit_event WHERE object_id = $1 AND action = 'network:found'`: 1,
			`SELECT members FROM network_seat WHERE network_id = $1::uuid`:                       1,
		} {
			if got := w.number(query, id); got != want {
				l.t.Errorf("network %s: %s: %d, want %d", id, query, got, want)
			}
		}
	}
	if got := w.number(`SELECT count(*) FROM network`); got != l.n {
		l.t.Errorf("%d networks, want %d: one was founded that nobody was told of", got, l.n)
	}
}

// Two servers on one PostgreSQL, one of them killed in mid-decision: what was
// acknowledged is there, what was repeated is there once.
func TestServerKilledInMidDecision(t *testing.T) {
	t.Parallel()
	w := open(t)
	l := &load{t: t, token: w.token(w.ids["Cezary Centrum"]), centre: w.centre, n: 24}
	dsn := "SIECI_DATABASE_URL=" + w.dsn
	one := launch(t, dsn, "SIECI_DATA="+t.TempDir())
	two := launch(t, dsn, "SIECI_DATA="+t.TempDir())
	l.serve(one.base, two.base)
	l.start()
	l.await(int64(l.n) / 4)
	one.kill()
	at := l.acked.Load()
	l.all.Wait()
	if at >= int64(l.n) {
		t.Error("the server was killed when everything was over")
	}
	l.check(w)
}

// Server and PostgreSQL are killed together while networks are founded; after
// the restart nothing is lost or doubled.
func TestServerAndDatabaseKilled(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/tmp", "sieci-walk-") // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil { // postgres has a uid of its own
		t.Fatal(err)
	}
	data := filepath.Join(dir, "d")
	w := within(t, data)
	w.begin()
	w.enable()
	l := &load{t: t, token: w.token(w.ids["Cezary Centrum"]), centre: w.centre, n: 24}
	if err := w.stop(); err != nil {
		t.Fatal(err)
	}
	s := launch(t, "SIECI_DATA="+data)
	l.serve(s.base)
	l.start()
	l.await(int64(l.n) / 4)
	raw, err := os.ReadFile(filepath.Join(data, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(raw), "\n", 2)[0])
	if err != nil || pid < 2 {
		t.Fatalf("%q: %v", raw, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.kill()
	s = launch(t, "SIECI_DATA="+data)
	l.serve(s.base)
	l.all.Wait()
	s.kill()
	l.check(within(t, data))
}

// within serves a private database in the folder.
func within(t testing.TB, data string) *world {
	t.Helper()
	w := &world{t: t, ids: map[string]uuid.UUID{}}
	c := config(t, "")
	c.Data = data
	var err error
	if w.App, err = app.Open(t.Context(), c, logTo(t)); err != nil {
		t.Fatal(err)
	}
	w.serve()
	return w
}
