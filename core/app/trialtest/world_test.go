package trialtest_test

import (
	"bytes"
	"context"
	"encoding/json"
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
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/core/web/webtest"
)

const (
	root     = "../../.."
	id       = "test.trial"
	version  = "1.0.0"
	password = "mokry-kasztan-pod-lipa"
)

var built struct {
	once sync.Once
	dir  string
	err  error
}

func TestMain(m *testing.M) { webtest.Main(m, func() { _ = os.RemoveAll(built.dir) }) }

// bundles is a folder with the trial module, built once.
func bundles(t testing.TB) string {
	t.Helper()
	built.once.Do(func() { built.err = build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "plugins")
}

func build() error {
	var err error
	if built.dir, err = os.MkdirTemp("", "sieci-trial-"); err != nil {
		return err
	}
	if err := os.Chmod(built.dir, 0o755); err != nil { // the module runs under a uid of its own
		return err
	}
	out := filepath.Join(built.dir, "trial")
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, "./plugins/trial")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the trial module: %w\n%s", err, b)
	}
	raw, err := json.Marshal(manifest())
	if err != nil {
		return err
	}
	_, err = bundle.Pack(raw, out, filepath.Join(built.dir, "plugins", id), runtime.GOOS, runtime.GOARCH)
	return err
}

func manifest() bundle.Manifest {
	programme, network, group := []effect.ScopeKind{effect.Programme}, []effect.ScopeKind{effect.Network}, []effect.ScopeKind{effect.Group}
	capability := func(name string, on []effect.ScopeKind) bundle.Capability {
		return bundle.Capability{Name: name, Scopes: on, Reason: effect.Text{"pl": "Próba umowy."}}
	}
	return bundle.Manifest{
		ID: id, Version: version, Title: effect.Text{"pl": "Próba"}, Contract: bundle.Range{From: 1, To: 1},
		Capabilities: []bundle.Capability{
			capability("register.read", network), capability("network.create", programme), capability("indicator.achieve", programme), capability("group.create", network),
			capability("record.put", group), capability("record.revise", group), capability("record.close", group),
			capability("task.create", group), capability("timer.set", group), capability("notify", group),
		},
		Roles: []bundle.Role{
			{Role: "ore_admin", Commands: []string{"setup"}, Views: []string{"overview", "team", "window"},
				Effects: []string{"network.create", "group.create", "record.put", "task.create", "timer.set"}},
			{Role: "guardian", Commands: []string{"sign_off"}, Views: []string{"board", "team"}, Effects: []string{"record.close"}},
			{Role: "head", Commands: []string{"write_plan"}, Views: []string{"team"}, Effects: []string{"record.put", "record.revise"}},
			{Role: "team_member", Views: []string{"team"}},
			{Role: "guest", Views: []string{"window"}},
			{Role: "system", Effects: []string{"indicator.achieve", "record.revise", "notify"}},
		},
	}
}

// world is one server with the programme set up: seven teams in three networks,
// each with a head, two guardians between them.
type world struct {
	*app.App
	t         testing.TB
	base      string
	programme uuid.UUID
	teams     map[string]uuid.UUID // by name
	people    map[string]uuid.UUID
}

func open(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, teams: map[string]uuid.UUID{}, people: map[string]uuid.UUID{}}
	c := app.Config{DatabaseURL: dbtest.NewDSN(t), Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1", MailFrom: "sieci@localhost", Plugins: bundles(t), Dev: true}
	var err error
	if w.App, err = app.Open(t.Context(), c, slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))); err != nil {
		t.Fatal(err)
	}
	w.serve()
	core := access.Core("test")
	if err := w.Modules.Enable(access.With(t.Context(), core), id, version); err != nil {
		t.Fatal(err)
	}
	w.until("the module answers", func() bool { return w.Modules.Await(t.Context(), id) == nil })
	_, err = w.Registry.ImportTERC(t.Context(), core, bytes.NewReader(sample.TERC))
	if _, e := w.Registry.ImportRSPO(t.Context(), core, bytes.NewReader(sample.RSPO)); errors.Join(err, e) != nil {
		t.Fatal(errors.Join(err, e))
	}
	w.found()
	return w
}

func (w *world) serve() {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	addr, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- w.Run(ctx, func(a string) { addr <- a }) }()
	w.t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, w.Close()); err != nil {
			w.t.Errorf("stop the server: %v", err)
		}
	})
	select {
	case a := <-addr:
		w.base = "http://" + a
	case err := <-ended:
		ended <- err
		w.t.Fatalf("the server ended: %v", err)
	}
}

// until waits for what happens by itself.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 90*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			w.t.Fatalf("never happened: %s", what)
		case <-tick.C:
		}
	}
}

func (w *world) person(name string) uuid.UUID {
	w.t.Helper()
	p, err := w.Identity.CreateActive(w.t.Context(), access.Core("test"), identity.NewPerson{Email: address(name), Name: name, Password: password})
	if err != nil {
		w.t.Fatal(err)
	}
	w.people[name] = p
	return p
}

func address(name string) string { return fmt.Sprintf("%x@example.org", name) }

// as is the person as their next request would act.
func (w *world) as(name string) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.DB, w.people[name], w.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: w.people[name], Name: name, Grants: g}
}

// found makes the programme and lets the module make networks and teams.
func (w *world) found() {
	w.t.Helper()
	ctx := w.t.Context()
	centre, err := w.Registry.ByRSPO(ctx, w.DB, 900101)
	if err != nil {
		w.t.Fatal(err)
	}
	w.person("Olga Ore")
	if err := w.Roles.GrantRole(ctx, access.Core("test"), access.RoleInput{Person: w.people["Olga Ore"], Role: access.OREAdmin, Kind: access.Platform}); err != nil {
		w.t.Fatal(err)
	}
	admin := w.as("Olga Ore")
	p, err := w.Programmes.Create(ctx, admin, programme.NewProgramme{Code: "JST-2027", Title: "Program JST", Type: id + ":jst", Centre: centre.ID})
	if err != nil {
		w.t.Fatal(err)
	}
	w.programme = p.ID
	if _, err := w.Programmes.Act(ctx, admin, p.Run(), programme.Action{Command: "setup"}); err != nil {
		w.t.Fatal(err)
	}
	list, err := w.Programmes.MyGroups(ctx, admin, "", 100)
	if err != nil {
		w.t.Fatal(err)
	}
	w.person("Opiekunka Pierwsza")
	w.person("Opiekun Drugi")
	for i, g := range list.Items {
		w.teams[g.Name] = g.ID
		guardian := "Opiekunka Pierwsza"
		if i >= 4 {
			guardian = "Opiekun Drugi"
		}
		w.staff(g.ID, guardian, access.Guardian)
		w.person("Szef " + g.Name)
		w.staff(g.ID, "Szef "+g.Name, access.Head)
	}
}

func (w *world) staff(team uuid.UUID, name string, role access.Role) {
	w.t.Helper()
	if err := w.Programmes.AddMember(w.t.Context(), w.as("Olga Ore"), team, w.people[name], role, time.Time{}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) run(who, team string) programme.Run {
	w.t.Helper()
	g, err := w.Programmes.Group(w.t.Context(), w.as(who), w.teams[team])
	if err != nil {
		w.t.Fatal(err)
	}
	return g.Run()
}

func (w *world) number(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.DB.SQL().QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	return n
}
