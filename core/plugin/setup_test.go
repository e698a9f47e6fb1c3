package plugin_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/plugin/supervisor"
	"ore.edu.pl/sieci/policies"
)

const (
	id      = "test.misbehave"
	typ     = "test.misbehave:network"
	version = "1.0.0"
)

// binaries are the module of bad habits by version, each built once a run.
var binaries sync.Map

func binary(t testing.TB, version string) string {
	t.Helper()
	f, _ := binaries.LoadOrStore(version, sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "sieci-host")
		if err != nil {
			return "", err
		}
		out := filepath.Join(dir, "module")
		cmd := exec.Command("go", "build", "-o", out, "-ldflags", "-X main.version="+version, "ore.edu.pl/sieci/plugins/misbehave")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if msg, err := cmd.CombinedOutput(); err != nil {
			return "", errors.New(string(msg))
		}
		return out, nil
	}))
	path, err := f.(func() (string, error))()
	if err != nil {
		t.Fatalf("build the test module: %v", err)
	}
	return path
}

// childOf, when set, makes this program a node that only runs the named binary,
// so that a test can kill it.
const childOf = "SIECI_TEST_RUN_PLUGIN"

func TestMain(m *testing.M) {
	if path := os.Getenv(childOf); path != "" {
		runAlone(path)
	}
	code := m.Run()
	binaries.Range(func(_, f any) bool {
		if path, err := f.(func() (string, error))(); err == nil {
			_ = os.RemoveAll(filepath.Dir(path))
		}
		return true
	})
	os.Exit(code)
}

// runAlone starts the binary as the host does, prints the process's id and
// waits to be killed.
func runAlone(path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(raw)
	c := runner.Config{ID: id, SHA256: hex.EncodeToString(sum[:]), Dir: os.Getenv("SIECI_TEST_SOCKETS"), Log: slog.New(slog.DiscardHandler),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
	if os.Getuid() == 0 {
		c.UID = 65534
	}
	p, err := runner.Start(context.Background(), c)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.PID())
	select {}
}

func manifest(version string) bundle.Manifest {
	return bundle.Manifest{
		ID: id, Version: version, Title: effect.Text{"pl": "Próba"}, Contract: bundle.Range{From: 1, To: 1},
		Capabilities: []bundle.Capability{{Name: "record.put", Scopes: []effect.ScopeKind{effect.Network}, Reason: effect.Text{"pl": "Zapisuje notatki."}}},
		Roles: []bundle.Role{
			{Role: "coordinator", Commands: []string{"pid", "slow"}, Effects: []string{"record.put"}},
			{Role: "system", Effects: []string{"record.put"}},
		},
	}
}

func pack(t testing.TB, dir, version string, change func(*bundle.Manifest)) *bundle.Bundle {
	t.Helper()
	m := manifest(version)
	if change != nil {
		change(&m)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bundle.Pack(raw, binary(t, version), filepath.Join(dir, m.ID+"-"+version), runtime.GOOS, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type world struct {
	t       testing.TB
	db      *db.DB
	auth    *access.Authorizer
	bundles string
	says    chan string // lines that modules wrote
	h       *plugin.Host
	tier    sandbox.Tier
	crashes int                                                                                   // that are too many; 0 = never
	check   func(func(context.Context, *facade.V1) error) func(context.Context, *facade.V1) error // of a new process; nil = the real one
	told    chan plugin.Trouble
	declare func(context.Context, *db.Tx, *effect.Description) error
	pids    map[int]bool
	mu      sync.Mutex
	// Of hosts made from now on.
	develop  ed25519.PublicKey
	runtimes []string
}

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), bundles: t.TempDir(), says: make(chan string, 100), told: make(chan plugin.Trouble, 10), pids: map[int]bool{}}
	pack(t, w.bundles, version, nil)
	w.h = w.host()
	if err := w.h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// host makes a node; at the end of the test it is stopped and must have left
// no process.
func (w *world) host() *plugin.Host {
	w.t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		w.t.Fatal(err)
	}
	w.auth = auth
	c := clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	var declare []func(context.Context, *db.Tx, *effect.Description) error
	if w.declare != nil {
		declare = append(declare, w.declare)
	}
	h := plugin.New(plugin.Config{
		Tier: w.tier, Declare: declare, Tell: w.tell, Crashes: cmp.Or(w.crashes, 1000),
		DB: w.db, Audit: audit.New(make([]byte, 32), c), Access: auth, Clock: c, Bundles: w.bundles, Node: uuid.NewString(), Development: w.develop, Runtimes: w.runtimes,
		Poll: 50 * time.Millisecond, Log: slog.New(listener{w}),
		Supervise: func(c *supervisor.Config) {
			c.HealthEvery, c.HealthTimeout, c.MinPause = 100*time.Millisecond, 500*time.Millisecond, 50*time.Millisecond
			if w.check != nil {
				c.Check = w.check(c.Check)
			}
			seen := c.Changed
			c.Changed = func(s supervisor.Status) {
				w.mu.Lock()
				w.pids[s.PID] = s.PID != 0
				w.mu.Unlock()
				seen(s)
			}
		},
	})
	w.t.Cleanup(func() {
		if err := h.Stop(); err != nil {
			w.t.Error(err)
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		for pid, ours := range w.pids {
			if ours && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
				w.t.Errorf("process %d was left", pid)
			}
		}
	})
	return h
}

// tell takes what administrators are told.
func (w *world) tell(_ context.Context, _ *db.Tx, t plugin.Trouble) error {
	w.told <- t
	return nil
}

// listener hands what modules say to the test and drops the rest.
type listener struct{ w *world }

func (l listener) Enabled(context.Context, slog.Level) bool { return true }
func (l listener) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l listener) WithGroup(string) slog.Handler            { return l }
func (l listener) Handle(_ context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "line" {
			select {
			case l.w.says <- a.Value.String():
			default:
			}
		}
		return true
	})
	return nil
}

func (w *world) admin() context.Context {
	return access.With(w.t.Context(), &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}})
}

func (w *world) enable(version string) {
	w.t.Helper()
	if err := w.h.Enable(w.admin(), id, version); err != nil {
		w.t.Fatalf("enable: %v", err)
	}
	w.await(w.h)
}

func (w *world) await(h *plugin.Host) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	if err := h.Await(ctx, id); err != nil {
		w.t.Fatalf("%v; local %+v", err, h.Local())
	}
}

func ask(command string) *effect.Ask {
	return &effect.Ask{Type: "network", Input: effect.Command{Name: command}, Snapshot: &effect.Snapshot{
		Decision: uuid.New(), Now: time.Now(), Zone: "Europe/Warsaw", Locale: "pl", Scope: effect.Scope{Kind: effect.Network, ID: uuid.New()},
	}}
}

func (w *world) decide(ctx context.Context, command string) (*effect.Answer, error) {
	w.t.Helper()
	m, err := w.h.Module(typ)
	if err != nil {
		w.t.Fatal(err)
	}
	return m.Decide(ctx, ask(command))
}

// said is the text of the diagnostic with the code.
func said(a *effect.Answer, code string) string {
	for _, d := range a.Diagnostics {
		if d.Code == code {
			return d.Text
		}
	}
	return ""
}

// pid is the process that answers calls, which must be so.
func (w *world) pid() int {
	w.t.Helper()
	if _, err := w.decide(w.t.Context(), "pid"); err != nil {
		w.t.Fatal(err)
	}
	return w.h.Local()[id].PID
}
