package plugin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
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
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

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
	if pid := w.pid(); said(r.a, "version") != version || pid == old {
		t.Errorf("answered %v, by process %d", r.a, pid)
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
	for _, command := range []string{"large", "unknown", "bad_scope", "fail"} {
		if _, err := w.decide(t.Context(), command); !fault.Is(err, fault.Internal) || fault.As(err).Key != "effect.bad_answer" {
			t.Errorf("%s: %v", command, err)
		}
		w.awaitFailure("answer", "Decide "+command)
	}
	// An error and a panic of the module's code read like a module that is away,
	// but are told apart from one by what repeats calls.
	before := w.pid()
	for command, text := range map[string]string{"error": "a fault of the module", "panic": "panic in Decide command panic of"} {
		_, err := w.decide(t.Context(), command)
		if !fault.Is(err, fault.Unavailable) || !strings.HasPrefix(fault.As(err).Key, "effect.unavailable") || !effect.IsFailed(err) {
			t.Errorf("%s: %v", command, err)
		}
		if f := w.awaitFailure("code", "Decide "+command); !strings.Contains(f.Text, text) {
			t.Errorf("%s is reported as %q", command, f.Text)
		}
	}
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
	if err := syscall.Kill(old, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
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
	raw, err := os.ReadFile(filepath.Join(dir, "misbehave"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "misbehave"), append(raw, 0), 0o755); err != nil {
		t.Fatal(err)
	}
	w.refuses("binary", "the binary is not the one that the manifest names")
	pack(t, w.bundles, version, func(m *bundle.Manifest) { m.Description = effect.Text{"pl": "Inny manifest"} })
	w.refuses("other", "is not the one that was enabled")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	w.refuses("missing", "no bundle of")
}

// refuses starts a node and expects that the module is down there, for the reason.
func (w *world) refuses(cause supervisor.Cause, reason string) {
	w.t.Helper()
	h := w.host()
	if err := h.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = h.Stop() }()
	s := w.awaitStatus(h, func(s supervisor.Status) bool { return s.State == supervisor.Down })
	if !strings.Contains(s.Reason, reason) || s.Cause != cause {
		w.t.Errorf("%s: reason %q, want %s: %q", s.Cause, s.Reason, cause, reason)
	}
}

// awaitFailure returns the last failed call when it is the one, as administrators see it.
func (w *world) awaitFailure(cause, call string) *plugin.Failure {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		list, _, err := w.h.List(w.admin())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range list {
			for _, n := range e.Nodes {
				if f := n.Failure; f != nil && string(f.Cause) == cause && f.Call == call {
					return f
				}
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			w.t.Fatalf("no failure %s of %q is reported: %+v", cause, call, list)
		}
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
		"other id":        {func(m *bundle.Manifest) { m.ID = "test.other" }, "it says that it is " + id},
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

// No two modules of a full catalogue run as one user of the system.
func TestModulesHaveUsersOfTheirOwn(t *testing.T) {
	t.Parallel()
	var u plugin.UIDs
	seen := map[int]string{}
	for i := range 200 {
		id := fmt.Sprintf("centre%d.module", i)
		n := u.Of(id)
		if who, ok := seen[n]; ok {
			t.Fatalf("%s and %s are both %d", who, id, n)
		}
		seen[n] = id
	}
	for n, id := range seen {
		if u.Of(id) != n {
			t.Errorf("%s is %d now, %d before", id, u.Of(id), n)
		}
	}
}
