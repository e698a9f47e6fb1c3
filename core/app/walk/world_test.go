package walk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

func TestMain(m *testing.M) { webtest.Main(m, cleanBuilt) }

const (
	password = "mokry-kasztan-pod-lipa"
	typ      = thematic.ID + ":network"
	root     = "../../.."
)

// built is what this process compiled: the bundles, and the program itself for
// tests that kill servers.
var built struct {
	mu      sync.Mutex
	dir     string
	bundles func() (string, error)
	program func() (string, error)
}

func init() {
	built.bundles = sync.OnceValues(func() (string, error) {
		var dir string
		for _, name := range []string{"thematic", "survey"} {
			binary, err := compile("plugins/" + name)
			if err != nil {
				return "", err
			}
			manifest, err := os.ReadFile(root + "/plugins/" + name + "/manifest.json")
			if err != nil {
				return "", err
			}
			dir = filepath.Join(filepath.Dir(binary), "bundles")
			if _, err := bundle.Pack(manifest, binary, filepath.Join(dir, "ore."+name), runtime.GOOS, runtime.GOARCH); err != nil {
				return "", err
			}
		}
		return dir, nil
	})
	built.program = sync.OnceValues(func() (string, error) { return compile("cmd/sieci") })
}

// compile builds a program of the project, as .ci/bundles.sh does: static.
func compile(what string) (string, error) {
	built.mu.Lock()
	defer built.mu.Unlock()
	if built.dir == "" {
		dir, err := os.MkdirTemp("", "sieci-walk-")
		if err != nil {
			return "", err
		}
		// The module runs under a uid of its own.
		if err := os.Chmod(dir, 0o755); err != nil {
			return "", err
		}
		built.dir = dir
	}
	out := filepath.Join(built.dir, filepath.Base(what))
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, "./"+what)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", what, err, b)
	}
	return out, nil
}

func cleanBuilt() { _ = os.RemoveAll(built.dir) }

func bundles(t testing.TB) string {
	t.Helper()
	dir, err := built.bundles()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// world is one server with people; its database and files end with the test.
type world struct {
	*app.App
	t      testing.TB
	dsn    string
	base   string // "http://127.0.0.1:4711"
	centre uuid.UUID
	admin  uuid.UUID // of ORE
	ids    map[string]uuid.UUID
	stop   func() error
}

func config(t testing.TB, dsn string) app.Config {
	return app.Config{DatabaseURL: dsn, Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1",
		MailFrom: "sieci@localhost", Plugins: bundles(t), Dev: true}
}

func logTo(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// bare opens the program on an empty database and serves it: the registers are
// read, ORE has an administrator, no module is enabled.
func bare(t testing.TB) *world {
	t.Helper()
	w := empty(t)
	w.begin()
	return w
}

// empty serves the program on an empty database.
func empty(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ids: map[string]uuid.UUID{}}
	var err error
	w.dsn = dbtest.NewDSN(t)
	if w.App, err = app.Open(t.Context(), config(t, w.dsn), logTo(t)); err != nil {
		t.Fatal(err)
	}
	w.watch()
	w.serve()
	return w
}

// begin puts the domain clock at a day of a school year, so that no test
// depends on the day on which it runs.
func (w *world) begin() {
	w.t.Helper()
	w.beginAt(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
}

func (w *world) beginAt(at time.Time) {
	w.t.Helper()
	if err := w.Clock.Move(w.t.Context(), at); err != nil {
		w.t.Fatal(err)
	}
	w.people()
}

// open is bare with the thematic module enabled and running.
func open(t testing.TB) *world {
	t.Helper()
	w := bare(t)
	w.enable()
	return w
}

func (w *world) enable() {
	w.t.Helper()
	if err := w.Modules.Enable(access.With(w.t.Context(), access.Core("test")), thematic.ID, thematic.Version); err != nil {
		w.t.Fatal(err)
	}
	w.await()
}

// await returns when the module's process answers.
func (w *world) await() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := w.Modules.Await(ctx, thematic.ID)
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("the module never became ready: %v", err)
		case <-tick.C:
		}
	}
}

func (w *world) serve() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	addr, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- w.Run(ctx, func(a string) { addr <- a }) }()
	w.stop = sync.OnceValue(func() error { cancel(); return errors.Join(<-ended, w.Close()) })
	w.t.Cleanup(func() {
		if err := w.stop(); err != nil {
			w.t.Errorf("stop the server: %v", err)
		}
	})
	select {
	case a := <-addr:
		w.base = "http://" + a
	case err := <-ended:
		w.t.Fatalf("the server ended: %v", err)
	}
}

// people reads the registers and makes ORE's administrator and one of a centre.
func (w *world) people() {
	w.t.Helper()
	ctx, core := w.t.Context(), access.Core("test")
	if _, err := w.Registry.ImportTERC(ctx, core, bytes.NewReader(sample.TERC)); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Registry.ImportRSPO(ctx, core, bytes.NewReader(sample.RSPO)); err != nil {
		w.t.Fatal(err)
	}
	w.centre = w.institution(900101)
	w.admin = w.person("Olga Ore", 0)
	w.grant(w.admin, access.OREAdmin, access.Platform, uuid.Nil)
	w.grant(w.person("Cezary Centrum", 900101), access.CentreAdmin, access.Centre, w.centre)
}

func (w *world) institution(rspo int) uuid.UUID {
	w.t.Helper()
	i, err := w.Registry.ByRSPO(w.t.Context(), w.DB, rspo)
	if err != nil {
		w.t.Fatalf("institution %d: %v", rspo, err)
	}
	return i.ID
}

// person makes an active account at the school with the number, 0: at none.
func (w *world) person(name string, rspo int) uuid.UUID {
	w.t.Helper()
	in := identity.NewPerson{Email: address(name), Name: name, Password: password}
	if rspo != 0 {
		in.Institution = w.institution(rspo)
	}
	id, err := w.Identity.CreateActive(w.t.Context(), access.Core("test"), in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.ids[name] = id
	return id
}

func address(name string) string {
	return fmt.Sprintf("%x@example.org", name)
}

func (w *world) grant(person uuid.UUID, r access.Role, kind access.ScopeKind, scope uuid.UUID) {
	w.t.Helper()
	if err := w.Roles.GrantRole(w.t.Context(), access.Core("test"), access.RoleInput{Person: person, Role: r, Kind: kind, Scope: scope}); err != nil {
		w.t.Fatal(err)
	}
}

// as opens a tab in which the person signed in by hand.
func (w *world) as(name string) *webtest.Page {
	w.t.Helper()
	p := webtest.Open(w.t, w.base).Go("/logowanie")
	p.Fill("Adres e-mail", address(name)).Fill("Hasło", password).Click("Zaloguj się")
	return p.ExpectStatus(200)
}

// actor is the person as their next request would act.
func (w *world) actor(name string) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.DB, w.ids[name], w.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: w.ids[name], Name: name, Grants: g}
}

// charter answers the thematic founding form.
const charter = `{"rodzaj":"problemowa","obszar":"ocenianie","adresaci":["nauczyciele"],"potrzeba":"Oceny nie pomagają się uczyć.","cele":["wiedza","zadania"],"sposob":["stacjonarnie","obserwacje"],"spotkania":4}`

// network founds and opens a network led by the named person, who is made here.
func (w *world) network(lead string, change func(*network.Settings)) uuid.UUID {
	w.t.Helper()
	w.person(lead, 100231)
	return w.led(lead, change)
}

// led is network for a person who is there already.
func (w *world) led(lead string, change func(*network.Settings)) uuid.UUID {
	w.t.Helper()
	in := network.Founding{Type: typ, Centre: w.centre, Coordinator: address(lead), Answers: effect.Document{JSON: []byte(charter), Revision: 1},
		Settings: network.Settings{Title: "Ocenianie kształtujące", Aim: "Wymiana praktyk.", SchoolYear: 2026, Join: network.JoinOpen, Capacity: 20}}
	if change != nil {
		change(&in.Settings)
	}
	id, err := w.Networks.Found(w.t.Context(), w.actor("Cezary Centrum"), in)
	if err != nil {
		w.t.Fatalf("found: %v", err)
	}
	// Where the centre has no territory yet, the role is offered.
	if err := w.Networks.AnswerLeadOffer(w.t.Context(), w.actor(lead), id, true); err != nil && !fault.Is(err, fault.NotFound) {
		w.t.Fatalf("lead: %v", err)
	}
	if err := w.Networks.OpenNetwork(w.t.Context(), w.actor(lead), id); err != nil {
		w.t.Fatalf("open: %v", err)
	}
	return id
}

func (w *world) join(name string, id uuid.UUID) network.Answered {
	w.t.Helper()
	a, err := w.Networks.Join(w.t.Context(), w.actor(name), id, network.Entry{})
	if err != nil {
		w.t.Fatalf("join %s: %v", name, err)
	}
	return a
}

// number reads one number from the database.
func (w *world) number(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.DB.SQL().QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}
