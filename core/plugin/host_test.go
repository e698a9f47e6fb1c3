package plugin_test

import (
	"bytes"
	"context"
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
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/core/plugin/supervisor"
	"ore.edu.pl/sieci/policies"
)

const (
	id      = "test.host"
	typ     = "test.host:network"
	version = "1.0.0"
)

// binaries are the test module by version, each built once a run.
var binaries sync.Map

func binary(t testing.TB, version string) string {
	t.Helper()
	f, _ := binaries.LoadOrStore(version, sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "sieci-host")
		if err != nil {
			return "", err
		}
		out := filepath.Join(dir, "module")
		cmd := exec.Command("go", "build", "-o", out, "-ldflags", "-X main.version="+version, "./testdata/module")
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
		c.UID = plugin.Nobody
	}
	p, err := runner.Start(context.Background(), c)
	if err != nil {
		panic(err)
	}
	fmt.Println(p.PID())
	select {}
}

// A host that is killed takes its modules with it: the kernel sees to that.
func TestHostKilled(t *testing.T) {
	t.Parallel()
	sockets, err := os.MkdirTemp("", "sk")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(sockets)
	if err := os.Chmod(sockets, 0o711); err != nil {
		t.Fatal(err)
	}
	node := exec.Command(os.Args[0])
	node.Env = append(os.Environ(), childOf+"="+binary(t, version), "SIECI_TEST_SOCKETS="+sockets)
	out, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil || pid == 0 {
		t.Fatalf("the node did not start its module: %v", err)
	}
	// A handle of the process itself, so that a reused number cannot mislead.
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := node.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = node.Wait()
	ended := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(ended, 10_000); n != 1 {
		t.Errorf("module process %d outlived its host: %v", pid, err)
	}
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
	pids    map[int]bool
	mu      sync.Mutex
}

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), bundles: t.TempDir(), says: make(chan string, 100), pids: map[int]bool{}}
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
	h := plugin.New(plugin.Config{
		DB: w.db, Audit: audit.New(make([]byte, 32), c), Access: auth, Clock: c, Bundles: w.bundles, Node: uuid.NewString(),
		Poll: 50 * time.Millisecond, Log: slog.New(listener{w}),
		Supervise: func(c *supervisor.Config) {
			c.HealthEvery, c.HealthTimeout, c.MinPause = 100*time.Millisecond, 500*time.Millisecond, 50*time.Millisecond
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

func (w *world) pid() int {
	w.t.Helper()
	a, err := w.decide(w.t.Context(), "pid")
	if err != nil {
		w.t.Fatal(err)
	}
	n, err := strconv.Atoi(said(a, "pid"))
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestEnableRunDisable(t *testing.T) {
	t.Parallel()
	w := setup(t)
	stranger := access.With(t.Context(), &access.Actor{Person: uuid.New()})
	if err := w.h.Enable(stranger, id, version); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger enables: %v", err)
	}
	if err := w.h.Enable(w.admin(), id, "9.9.9"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a version that is not there: %v", err)
	}
	w.enable(version)
	w.pid()
	m, _ := w.h.ByID(id)
	if i := m.Info(); !i.Enabled || i.Version != version || !i.Grants.Has("record.put", effect.Network) || i.Grants.Has("record.put", effect.Group) {
		t.Errorf("info %+v", i)
	}
	coordinator := &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.Coordinator, Kind: access.Network, Scope: uuid.New()}}}
	if !w.auth.Anywhere(coordinator, effect.CommandPermission(id, "pid")) || w.auth.Anywhere(coordinator, effect.CommandPermission(id, "crash")) {
		t.Error("the role map is not in force")
	}
	list, unreadable, err := w.h.List(w.admin())
	if err != nil || len(list) != 1 || len(unreadable) != 0 || !list[0].Enabled || !list[0].Available[0].Current {
		t.Errorf("list %+v %v %v", list, unreadable, err)
	}
	if err := w.h.Disable(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	_, err = w.decide(i18n.With(t.Context(), i18n.Polish), "pid")
	if e := fault.As(err); e == nil || e.Kind != fault.Unavailable || e.Args["Function"] != "Sieci próbne" {
		t.Errorf("disabled: %v", err)
	}
	if m, err := w.h.Module(typ); err != nil || m.Info().Enabled || len(m.Info().Description.RecordKinds) != 1 {
		t.Errorf("the description of a disabled module: %v", err)
	}
	var n int
	if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM audit_event WHERE action IN ('module:enable', 'module:disable') AND object_id = $1`, id); err != nil || n != 2 {
		t.Errorf("%d audit entries %v", n, err)
	}
}

func TestSecondNodeAndRestart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	other := w.host()
	if err := other.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.await(other)
	if err := w.h.Stop(); err != nil {
		t.Fatal(err)
	}
	w.h = other
	w.pid()
	if err := other.Disable(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	if len(other.Local()) != 0 {
		t.Error("still runs after it was disabled")
	}
}

func TestKilledInMidCall(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	old := w.pid()
	type result struct {
		a   *effect.Answer
		err error
	}
	done := make(chan result, 1)
	go func() {
		a, err := w.decide(t.Context(), "slow")
		done <- result{a, err}
	}()
	for line := range w.says {
		if line == "slow begins" {
			break
		}
	}
	if err := syscall.Kill(old, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r := <-done
	if r.err != nil {
		t.Fatalf("the call was not repeated: %v", r.err)
	}
	if pid := said(r.a, "pid"); pid == strconv.Itoa(old) || pid == "" {
		t.Errorf("answered by process %q", pid)
	}
}

func TestCrashInEveryCall(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	if _, err := w.decide(t.Context(), "crash"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	// Both processes of the call are gone; the third one serves.
	w.awaitStarts(3)
	w.pid()
}

func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	for command, kind := range map[string]fault.Kind{
		"large": fault.Internal, "unknown": fault.Internal, "bad_scope": fault.Internal, "fail": fault.Internal, "panic": fault.Internal,
	} {
		if _, err := w.decide(t.Context(), command); !fault.Is(err, kind) || fault.As(err).Key != "effect.bad_answer" {
			t.Errorf("%s: %v", command, err)
		}
	}
	before := w.pid()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := w.decide(ctx, "hang"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("hang: %v", err)
	}
	if w.pid() != before {
		t.Error("one hanging call ended the process")
	}
}

func TestStoppedProcessIsReplaced(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	old := w.pid()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := w.decide(ctx, "stop"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("got %v", err)
	}
	// Its health finds it out; a stopped process would hold go-plugin's own Kill for ever.
	w.awaitStarts(2)
	if w.pid() == old {
		t.Error("the stopped process is still in use")
	}
}

func TestBundleThatChangedDoesNotRun(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	if err := w.h.Stop(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(w.bundles, id+"-"+version)
	raw, err := os.ReadFile(filepath.Join(dir, "host"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "host"), append(raw, 0), 0o755); err != nil {
		t.Fatal(err)
	}
	w.refuses("the binary is not the one that the manifest names")
	pack(t, w.bundles, version, func(m *bundle.Manifest) { m.Description = effect.Text{"pl": "Inny manifest"} })
	w.refuses("is not the one that was enabled")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	w.refuses("no bundle of")
}

// refuses starts a node and expects that the module is down there, for the reason.
func (w *world) refuses(reason string) {
	w.t.Helper()
	h := w.host()
	if err := h.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = h.Stop() }()
	s := w.awaitStatus(h, func(s supervisor.Status) bool { return s.State == supervisor.Down })
	if !strings.Contains(s.Reason, reason) {
		w.t.Errorf("reason %q, want %q", s.Reason, reason)
	}
}

// awaitStarts returns when the n-th process, or a later one, is ready.
func (w *world) awaitStarts(n int) {
	w.t.Helper()
	w.awaitStatus(w.h, func(s supervisor.Status) bool { return s.State == supervisor.Ready && s.Starts >= n })
}

func (w *world) awaitStatus(h *plugin.Host, is func(supervisor.Status) bool) supervisor.Status {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if s := h.Local()[id]; is(s) {
			return s
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatalf("never so: %+v", h.Local())
		}
	}
}

func TestUpgradeUnderLoad(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	pack(t, w.bundles, "1.1.0", nil)
	stop := make(chan struct{})
	var calls sync.WaitGroup
	for range 4 {
		calls.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := w.decide(t.Context(), "pid"); err != nil {
					t.Errorf("a call failed during the upgrade: %v", err)
					return
				}
			}
		})
	}
	err := w.h.Enable(w.admin(), id, "1.1.0")
	close(stop)
	calls.Wait()
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.decide(t.Context(), "pid")
	if err != nil || said(a, "version") != "1.1.0" {
		t.Errorf("%v %v", a, err)
	}
}

func TestEnableRefusesNonsense(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for name, c := range map[string]struct {
		change func(*bundle.Manifest)
		want   string
	}{
		"unknown command": {func(m *bundle.Manifest) { m.Roles[0].Commands = []string{"nothing"} }, "no command nothing"},
		"other contract":  {func(m *bundle.Manifest) { m.Contract = bundle.Range{From: 7, To: 9} }, "contract revisions 7 to 9"},
		"other id":        {func(m *bundle.Manifest) { m.ID = "test.other" }, "it says that it is test.host"},
	} {
		m := pack(t, w.bundles, version, c.change).Manifest
		err := w.h.Enable(w.admin(), m.ID, version)
		if e := fault.As(err); e == nil || e.Kind != fault.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var n int
	if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM module`); err != nil || n != 0 {
		t.Errorf("%d modules were written, %v", n, err)
	}
}

func TestDeclareSharesTheTransaction(t *testing.T) {
	t.Parallel()
	w := setup(t)
	boom := errors.New("boom")
	c := clock.NewFixed(time.Now())
	h := plugin.New(plugin.Config{DB: w.db, Audit: audit.New(make([]byte, 32), c), Access: w.auth, Clock: c, Bundles: w.bundles, Log: slog.New(listener{w}),
		Declare: []func(context.Context, *db.Tx, *effect.Description) error{func(_ context.Context, _ *db.Tx, d *effect.Description) error {
			if !bytes.Contains(d.RecordKinds[0].Form.JSON, []byte("Notatka")) {
				t.Error("no form")
			}
			return boom
		}}})
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Stop() }()
	if err := h.Enable(w.admin(), id, version); !errors.Is(err, boom) {
		t.Fatalf("got %v", err)
	}
	if _, err := h.ByID(id); !fault.Is(err, fault.NotFound) {
		t.Error("enabled nevertheless")
	}
}
