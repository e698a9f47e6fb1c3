package plugin_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/view"
)

// neighbour is the id of a second module, which behaves.
const neighbour = "test.good"

// left is what a test could leave behind.
type left struct{ goroutines, descriptors int }

func here(t *testing.T) left {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return left{runtime.NumGoroutine(), len(fds)}
}

// Whatever one module does, its neighbour answers every call meanwhile, it
// serves again soon, and in the end nothing of it is left. Not parallel: it
// counts what the program holds.
func TestMisbehaviourIsContained(t *testing.T) {
	w := setup(t)
	pack(t, w.bundles, version, func(m *bundle.Manifest) { m.ID = neighbour })
	w.enable(version)
	if err := w.h.Enable(w.admin(), neighbour, version); err != nil {
		t.Fatal(err)
	}
	if err := w.h.Await(t.Context(), neighbour); err != nil {
		t.Fatal(err)
	}
	w.pid()
	before := here(t)

	for _, c := range []struct {
		command string
		kind    fault.Kind
		key     string // what people are told; empty: no error
	}{
		{"crash", fault.Unavailable, "effect.unavailable"},
		{"hang", fault.Unavailable, "effect.unavailable"},
		{"spin", fault.Unavailable, "effect.unavailable"},
		{"stop", fault.Unavailable, "effect.unavailable"},
		{"guess", fault.Unavailable, "effect.unavailable"},
		{"memory", fault.Unavailable, "effect.unavailable"},
		{"giant", fault.Unavailable, "effect.unavailable"},
		{"large", fault.Internal, "effect.bad_answer"},
		{"unknown", fault.Internal, "effect.bad_answer"},
		{"bidi", fault.Internal, "effect.bad_answer"},
		{"nul", fault.Internal, "effect.bad_answer"},
		{"flood", 0, ""},
		{"markup", 0, ""},
	} {
		t.Run(c.command, func(t *testing.T) {
			stop := w.call(t, neighbour)
			defer stop()
			ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
			if c.command == "hang" || c.command == "spin" || c.command == "stop" {
				cancel()
				ctx, cancel = context.WithTimeout(t.Context(), 500*time.Millisecond)
			}
			defer cancel()
			_, err := w.decide(ctx, c.command)
			switch {
			case c.key == "" && err != nil:
				t.Errorf("%v", err)
			case c.key != "" && (!fault.Is(err, c.kind) || !strings.HasPrefix(fault.As(err).Key, c.key)):
				t.Errorf("got %v, want %s", err, c.key)
			}
			w.serves(t)
		})
	}
	for _, m := range []string{id, neighbour} {
		if err := w.h.Disable(w.admin(), m); err != nil {
			t.Fatal(err)
		}
	}
	// The connections of the database come and go by themselves; goroutines and
	// descriptors of two modules must have gone.
	w.until(t, func() error {
		if now := here(t); now.goroutines > before.goroutines || now.descriptors > before.descriptors {
			return fmt.Errorf("%+v before, with two modules running; %+v after, with none", before, now)
		}
		return nil
	})
}

// call asks the module all the time; what it returns ends that and judges it.
func (w *world) call(t *testing.T, module string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var calls sync.WaitGroup
	var answered atomic.Int64
	m, err := w.h.ByID(module)
	if err != nil {
		t.Fatal(err)
	}
	calls.Go(func() {
		tick := time.NewTicker(time.Millisecond) // one who asks, not a load
		defer tick.Stop()
		for ctx.Err() == nil {
			if _, err := m.Decide(t.Context(), ask("pid")); err != nil {
				t.Errorf("the neighbour did not answer: %v", err)
				return
			}
			answered.Add(1)
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	})
	return func() {
		w.until(t, func() error {
			if n := answered.Load(); n < 5 {
				return fmt.Errorf("the neighbour answered %d times", n)
			}
			return nil
		})
		cancel()
		calls.Wait()
	}
}

// serves waits until the module answers again.
func (w *world) serves(t *testing.T) {
	t.Helper()
	w.until(t, func() error { _, err := w.decide(t.Context(), "pid"); return err })
}

// until tries until there is no error, for twenty seconds.
func (w *world) until(t *testing.T, f func() error) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatal(err)
		}
	}
}

// No way out of the sandbox is open to a module under its host, to the
// database's socket and the host itself neither.
func TestNoWayOut(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	w.pid()
	dir, err := os.MkdirTemp("", "so")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file, socket := filepath.Join(dir, "foreign"), filepath.Join(dir, "foreign.sock")
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(file, nil, 0o666), os.Chmod(file, 0o666)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	sockets := []string{socket}
	var database string
	if err := w.db.Get(t.Context(), &database, `SELECT split_part(current_setting('unix_socket_directories'), ',', 1) || '/.s.PGSQL.' || current_setting('port')`); err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(database, "/") {
		sockets = append(sockets, database)
	}
	for _, s := range sockets {
		a := ask("ways")
		in, _ := json.Marshal(map[string]string{"File": file, "Socket": s})
		a.Input = effect.Command{Name: "ways", Input: effect.Document{JSON: in, Revision: 1}}
		m, err := w.h.Module(typ)
		if err != nil {
			t.Fatal(err)
		}
		got, err := m.Decide(t.Context(), a)
		if err != nil || len(got.Diagnostics) < 60 {
			t.Fatalf("%d ways tried, %v", len(got.Diagnostics), err)
		}
		for _, d := range got.Diagnostics {
			if strings.HasPrefix(d.Code, "ok_") != (d.Text == "0") {
				t.Errorf("%s: %v", d.Code, d.Text)
			}
		}
	}
	w.until(t, func() error {
		list, _, err := w.h.List(w.admin())
		if err != nil {
			return err
		}
		if n := list[0].Nodes; len(n) != 1 || !n[0].Tier.Meets(sandbox.Basic) || len(n[0].Layers) < 5 || n[0].Memory < 1<<20 {
			return fmt.Errorf("administrators see %+v", n)
		}
		return nil
	})
}

// A module that cannot be held in as far as the setting says is not begun, and
// its page says why; what comes with the platform is.
func TestTierIsRequired(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	if err := w.h.Stop(); err != nil {
		t.Fatal(err)
	}
	w.tier = "more than there is"
	w.refuses("sandbox", "the sandbox is weaker than required")
	h := w.host()
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := h.Enable(w.admin(), id, version)
	if e := fault.As(err); e == nil || e.Kind != fault.Invalid {
		t.Errorf("enabled by hand: %v", err)
	}
	pack(t, w.bundles, version, func(m *bundle.Manifest) { m.ID = "ore.good" })
	if err := h.Enable(w.admin(), "ore.good", version); err == nil || !strings.Contains(err.Error(), "it says that it is "+id) {
		t.Errorf("a module of the platform's own: %v", err) // begun, and found to lie about its name
	}
}

// Views that are too large, too deep or no views are refused by what reads
// them; markup is text.
func TestWildViews(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	m, err := w.h.Module(typ)
	if err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string]bool{"home": false, "markup": false, "huge": true, "deep": true, "script": true, "bidi": true} {
		a, err := m.Render(t.Context(), &effect.RenderAsk{Type: "network", View: name, Snapshot: ask("").Snapshot})
		if err != nil {
			if !refused || !fault.Is(err, fault.Internal) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if v, found := view.Load(a.View); (v == nil) != refused {
			t.Errorf("%s: %.300v", name, found)
		}
	}
}

// places knows one network of the type.
type places struct{ net effect.Scope }

func (p places) States(_ context.Context, _ db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	var out []effect.ScopeState
	for _, x := range ids {
		if x == p.net.ID {
			out = append(out, effect.ScopeState{Scope: p.net, Type: typ, Stage: "work", Place: access.Place{Network: x}})
		}
	}
	return out, nil
}

func (places) Below(context.Context, db.Q, effect.Scope, int) ([]effect.ScopeState, error) {
	return nil, nil
}

func (p places) State(_ context.Context, _ db.Q, s effect.Scope) (effect.ScopeState, error) {
	return effect.ScopeState{Scope: s, Type: typ, Place: access.Place{Network: s.ID}}, nil
}

// Effects beyond the grants or the scope, forged ids and cursors refuse the
// whole answer: of what was right in it nothing is kept.
func TestWildEffects(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c := clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	log := audit.New(make([]byte, 32), c)
	p := places{effect.Scope{Kind: effect.Network, ID: uuid.New()}}
	records := record.New(record.Config{DB: w.db, Clock: c, Audit: log, Access: w.auth, Scopes: p, CursorKey: bytes.Repeat([]byte{1}, 32)})
	w.declare = records.Declare
	if err := w.h.Stop(); err != nil {
		t.Fatal(err)
	}
	w.h = w.host()
	if err := w.h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	wild := []string{"sum", "beyond_grants", "beyond_scope", "forged_id", "replayed", "many", "unknown", "bad_scope"}
	pack(t, w.bundles, version, func(m *bundle.Manifest) {
		m.Roles[0].Commands = wild
		m.Roles[0].Effects = append(m.Roles[0].Effects, "record.revise")
		m.Capabilities = append(m.Capabilities, bundle.Capability{Name: "record.revise", Scopes: []effect.ScopeKind{effect.Network}, Reason: effect.Text{"pl": "Zmienia notatki."}})
	})
	w.enable(version)
	e := effect.New(effect.Config{DB: w.db, Clock: c, Audit: log, Access: w.auth, Modules: w.h})
	applier := records.Applier()
	e.RegisterApplier(applier, applier.Kinds()...)
	e.RegisterApplier(applier, effect.KindGroupCreate) // served; whether it is granted is asked first
	e.RegisterReader(records.Reader(), effect.SourceRecord)
	e.RegisterScopes(p, effect.Network)
	me := access.With(t.Context(), &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.Coordinator, Kind: access.Network, Scope: p.net.ID}}})
	if _, err := w.db.Exec(t.Context(), `INSERT INTO person (id, email, name, sort_name) VALUES ($1, 'a@example.org', 'A', 'A')`, access.From(me).Person); err != nil {
		t.Fatal(err)
	}
	for _, name := range wild {
		_, err := e.Decide(me, &effect.Request{Type: typ, Scope: p.net, Input: effect.Command{Name: name}})
		if (err == nil) != (name == "sum") { // the one that is right
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %v", name, err)
	}
	var notes int
	if err := w.db.Get(t.Context(), &notes, `SELECT count(*) FROM record`); err != nil || notes != 1 {
		t.Errorf("%d records, want the one of the command that is right; %v", notes, err)
	}
}
