package plugin_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/runner"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// scaled is n where minutes do not matter (SIECI_TEST_LONG), otherwise some.
func scaled(n, some int) int {
	if os.Getenv("SIECI_TEST_LONG") != "" {
		return n
	}
	return some
}

// crash kills the module's process once it is ready and waits until it was
// seen to end.
func (w *world) crash() {
	w.t.Helper()
	s := w.awaitStatus(w.h, func(s supervisor.Status) bool { return s.State == supervisor.Ready && s.PID != 0 })
	if err := syscall.Kill(s.PID, syscall.SIGKILL); err != nil {
		w.t.Fatal(err)
	}
	w.awaitStatus(w.h, func(now supervisor.Status) bool { return now.PID != s.PID })
}

// restart is the node stopped and another one on the same database.
func (w *world) restart() {
	w.t.Helper()
	if err := w.h.Stop(); err != nil {
		w.t.Fatal(err)
	}
	w.h = w.host()
	if err := w.h.Start(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) audited(action string) int {
	w.t.Helper()
	var n int
	if err := w.db.Get(w.t.Context(), &n, `SELECT count(*) FROM audit_event WHERE action = $1 AND object_id = $2`, action, id); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// The third crash within an hour is one too many, across restarts of the node;
// an administrator's word lets it try again.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.crashes = 3
	w.enable(version)
	w.restart()
	w.await(w.h)
	if err := w.h.Retry(w.admin(), id); !fault.Is(err, fault.NotFound) {
		t.Errorf("one that is in no quarantine: %v", err)
	}
	w.crash()
	w.crash()
	// Written down before the node ends.
	w.until(t, func() error {
		var n int
		if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM module_crash`); err != nil || n != 2 {
			return errors.Join(err, errors.New("crashes are not counted"))
		}
		return nil
	})
	w.await(w.h)
	w.restart()
	w.await(w.h)
	w.crash()
	s := w.awaitStatus(w.h, func(s supervisor.Status) bool { return s.State == supervisor.Quarantined })
	if s.Cause != supervisor.CauseEnded || s.PID != 0 {
		t.Errorf("%+v", s)
	}
	if got := <-w.told; got.Module != id || got.Version != version || got.Previous != "" || got.Title["pl"] != "Próba" {
		t.Errorf("told %+v", got)
	}
	if _, err := w.decide(t.Context(), "pid"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a call: %v", err)
	}
	w.restart()
	if s := w.h.Local()[id]; s.State != supervisor.Quarantined {
		t.Errorf("after a restart: %+v", s)
	}
	if err := w.h.Retry(access.With(t.Context(), &access.Actor{Person: uuid.New()}), id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger tries again: %v", err)
	}
	if err := w.h.Retry(w.admin(), id); err != nil {
		t.Fatal(err)
	}
	w.await(w.h)
	w.pid()
	if q, r := w.audited("module:quarantine"), w.audited("module:retry"); q != 1 || r != 1 {
		t.Errorf("%d and %d entries in the account of changes", q, r)
	}
}

// A version that keeps crashing when it is new gives way to the one before.
func TestYoungVersionGivesWay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.crashes = 3
	w.enable(version)
	w.restart()
	w.await(w.h)
	pack(t, w.bundles, "1.1.0", nil)
	w.enable("1.1.0")
	for range 3 {
		w.crash()
	}
	if got := <-w.told; got.Version != "1.1.0" || got.Previous != version {
		t.Errorf("told %+v", got)
	}
	w.until(t, func() error {
		a, err := w.decide(t.Context(), "pid")
		if err == nil && said(a, "version") != version {
			err = errors.New("still the new one")
		}
		return err
	})
	m, err := w.h.ByID(id)
	if err != nil || m.Info().Version != version || !m.Info().Enabled || len(m.Info().Grants) != 1 || w.audited("module:rollback") != 1 {
		t.Errorf("%+v, %v", m.Info(), err)
	}
	// The old one has nothing to give way to.
	for range 3 {
		w.crash()
	}
	w.awaitStatus(w.h, func(s supervisor.Status) bool { return s.State == supervisor.Quarantined })
}

// While a new version does not come up, the one before serves, in the same
// process and by its own description; when it comes up after all, calls go over.
// What the machine is to blame for does not count against it; what it does itself
// does, and ends in its giving way.
func TestNewVersionThatDoesNotComeUp(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.crashes = 3
	var broken atomic.Pointer[error]
	w.check = func(check func(context.Context, *facade.V1) error) func(context.Context, *facade.V1) error {
		return func(ctx context.Context, v *facade.V1) error {
			if err := broken.Load(); err != nil {
				return *err
			}
			return check(ctx, v)
		}
	}
	w.restart()
	w.enable(version)
	old := w.pid()
	machine := supervisor.Because("host", errors.New("the disk is full"))
	broken.Store(&machine)
	for _, v := range []string{"1.1.0", "1.2.0"} {
		pack(t, w.bundles, v, nil)
	}
	if err := w.h.Enable(w.admin(), id, "1.1.0"); err != nil {
		t.Fatal(err)
	}
	next := func() *plugin.NextStatus {
		list, _, err := w.h.List(w.admin())
		if err != nil || len(list[0].Nodes) == 0 {
			t.Fatal(err)
		}
		return list[0].Nodes[0].Next
	}
	w.until(t, func() error {
		if n := next(); n == nil || n.Version != "1.1.0" || n.Cause != "host" {
			return fmt.Errorf("the page says %+v", n)
		}
		return nil
	})
	if m, err := w.h.ByID(id); err != nil || m.Info().Version != version || w.pid() != old {
		t.Errorf("the old one does not serve: %+v %v", m.Info(), err)
	}
	var crashes int
	if err := w.db.Get(t.Context(), &crashes, `SELECT count(*) FROM module_crash`); err != nil || crashes != 0 {
		t.Errorf("%d crashes, %v", crashes, err)
	}
	broken.Store(nil)
	w.until(t, func() error {
		a, err := w.decide(t.Context(), "pid")
		if err == nil && (said(a, "version") != "1.1.0" || next() != nil) {
			err = errors.New("still the old one")
		}
		return err
	})
	// Its own fault: it gives way without ever having served.
	young, own := w.pid(), errors.New("panic in its first call")
	broken.Store(&own)
	if err := w.h.Enable(w.admin(), id, "1.2.0"); err != nil {
		t.Fatal(err)
	}
	if got := <-w.told; got.Version != "1.2.0" || got.Previous != "1.1.0" {
		t.Errorf("told %+v", got)
	}
	w.until(t, func() error {
		list, _, err := w.h.List(w.admin())
		if err == nil && (list[0].Version != "1.1.0" || next() != nil) {
			err = fmt.Errorf("%+v", list[0])
		}
		return err
	})
	if w.pid() != young {
		t.Error("the one that served was started anew")
	}
}

// Versions change under constant callers, none of whom notices.
func TestManyUpgradesUnderLoad(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	pack(t, w.bundles, "1.1.0", nil)
	ctx, cancel := context.WithCancel(t.Context())
	var callers sync.WaitGroup
	var answered, failed atomic.Int64
	for range 8 {
		callers.Go(func() {
			for ctx.Err() == nil {
				if _, err := w.decide(t.Context(), "pid"); err != nil {
					failed.Add(1)
					t.Error(err)
					return
				}
				answered.Add(1)
			}
		})
	}
	n := scaled(100, 5)
	for i := range n {
		next := version
		if i%2 == 0 {
			next = "1.1.0"
		}
		if err := w.h.Enable(w.admin(), id, next); err != nil {
			t.Error(err)
			break
		}
	}
	cancel()
	callers.Wait()
	t.Logf("%d upgrades, %d calls answered, %d failed", n, answered.Load(), failed.Load())
	if answered.Load() == 0 || failed.Load() != 0 {
		t.Error("calls failed")
	}
}

// A supervisor whose process keeps crashing waits longer each time and leaves
// nothing. Not parallel: it counts what the program holds.
func TestCrashCyclesLeaveNothing(t *testing.T) {
	raw, err := os.ReadFile(binary(t, version))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(raw)
	dir, err := os.MkdirTemp("", "sc")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	c := runner.Config{ID: id, SHA256: hex.EncodeToString(sum[:]), Dir: dir, Log: slog.New(slog.DiscardHandler),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }}
	if os.Getuid() == 0 {
		c.UID = 60900
	}
	before := here(t)
	var pauses []time.Duration
	var ended int          // by our signal
	var otherwise []string // a start that a busy machine failed is a cycle, too
	pids := make(chan int, 1)
	s := supervisor.New(supervisor.Config{ID: id, Log: c.Log,
		Start: func(ctx context.Context) (*runner.Process, error) { return runner.Start(ctx, c) },
		Changed: func(s supervisor.Status) {
			if s.State == supervisor.Ready {
				pids <- s.PID
			}
		},
		Crashed: func(c supervisor.Cause, why string) {
			if c == supervisor.CauseEnded {
				ended++ // read when the supervisor is gone
				return
			}
			otherwise = append(otherwise, string(c)+": "+why)
		},
		After: func(d time.Duration) <-chan time.Time { // this clock is always there already
			pauses = append(pauses, d)
			now := make(chan time.Time, 1)
			now <- time.Time{}
			return now
		},
	})
	s.Start()
	n := scaled(200, 25)
	for range n {
		if err := syscall.Kill(<-pids, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	last := <-pids
	s.Stop(errors.New("enough"))
	if err := syscall.Kill(last, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", last, err)
	}
	if len(otherwise) > 0 {
		t.Logf("also failed: %q", otherwise)
	}
	if ended != n || len(otherwise) > n/10 || len(pauses) != ended+len(otherwise)-1 || pauses[0] > time.Second || pauses[n-2] < 10*time.Second {
		t.Errorf("%d ends of %d, %d pauses: %v; %q", ended, n, len(pauses), pauses, otherwise)
	}
	w := &world{t: t}
	w.until(t, func() error {
		if now := here(t); now.goroutines > before.goroutines || now.descriptors > before.descriptors {
			return fmt.Errorf("%+v before, %+v after", before, now)
		}
		if list, err := os.ReadDir(dir); err != nil || len(list) != 0 {
			return fmt.Errorf("folders left: %v %v", list, err)
		}
		return nil
	})
}
