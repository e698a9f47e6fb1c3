package work_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/work"
	"ore.edu.pl/sieci/policies"
)

// networks tells the engine about the networks that a test inserts.
type networks struct{}

func (networks) States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	var out []effect.ScopeState
	for _, id := range ids {
		var n int
		if err := q.Get(ctx, &n, `SELECT count(*) FROM network WHERE id = $1`, id); err != nil {
			return nil, err
		}
		if n == 1 {
			out = append(out, effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: id}, Type: "test.trial:net", Place: access.Place{Network: id}})
		}
	}
	return out, nil
}

func (networks) Below(context.Context, db.Q, effect.Scope, int) ([]effect.ScopeState, error) {
	return nil, nil
}

type world struct {
	t      *testing.T
	db     *db.DB
	clock  *clock.Fixed
	s      *work.Service
	engine *effect.Engine
	module *scripted.Module
	jobs   *job.Client
	admin  *access.Actor
	centre uuid.UUID
	off    bool // the module is disabled
}

// switched are modules that a test can disable, as the host shows them then.
type switched struct {
	scripted.Modules
	off *bool
}

type disabled struct{ effect.Module }

func (m disabled) Info() *effect.Info {
	out := *m.Module.Info()
	out.Enabled = false
	return &out
}

// ByID implements [effect.Modules].
func (s switched) ByID(id string) (effect.Module, error) {
	m, err := s.Modules.ByID(id)
	if err == nil && *s.off {
		m = disabled{m}
	}
	return m, err
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), centre: uuid.New()}
	w.clock = clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)) // a Tuesday, 10:00 in Warsaw
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	onNetwork := []effect.ScopeKind{effect.Network}
	w.module = scripted.New(&effect.Description{
		Module: "test.trial", Version: "1.0.0",
		NetworkTypes: []effect.NetworkType{{Name: "net", Stages: []effect.Stage{{Name: "start"}},
			Behaviour: effect.Behaviour{Commands: []effect.CommandKind{{Name: "act"}}}}},
		JobKinds: []effect.JobKind{
			{Name: "digest", Scopes: onNetwork, Cron: "0 6 * * 1"},
			{Name: "count", Scopes: onNetwork, OnDemand: true, MaxAttempts: 2},
			{Name: "echo", Scopes: onNetwork, AfterEvent: "test.happened"},
		},
	})
	w.module.Permit(t, a, access.OREAdmin)
	log, modules := audit.New(make([]byte, 32), w.clock), switched{scripted.Modules{w.module}, &w.off}
	if w.jobs, err = job.New(job.Config{DB: w.db, Access: a, Poll: 20 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	w.engine = effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: a, Modules: modules})
	w.engine.RegisterScopes(networks{}, effect.Network)
	w.s = work.New(work.Config{DB: w.db, Access: a, Audit: log, Clock: w.clock, Modules: modules, Engine: w.engine, Jobs: w.jobs})
	w.engine.RegisterApplier(w.s.Applier(), w.s.Applier().Kinds()...)
	w.engine.Watch(w.s)
	admin := uuid.New()
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, 'a@example.org', 'A', 'A', 'active')`, admin)
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'C', 'c', $1)`, w.centre)
	w.admin = &access.Actor{Person: admin, Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}
	w.declare()
	return w
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) declare() {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.Declare(ctx, tx, w.module.Description) }); err != nil {
		w.t.Fatal(err)
	}
}

// networks inserts n open networks and returns the first.
func (w *world) networks(n int) effect.Scope {
	w.t.Helper()
	first := uuid.New()
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at)
		SELECT CASE WHEN i = 1 THEN $1 ELSE gen_random_uuid() END, 'test.trial', 'net', $2, 'Sieć', 'siec', 2026, 'open', now()
		FROM generate_series(1, $3) i`, first, w.centre, n)
	return effect.Scope{Kind: effect.Network, ID: first}
}

func (w *world) start(scope effect.Scope) uuid.UUID {
	w.t.Helper()
	id, err := w.s.Start(w.t.Context(), w.admin, "test.trial", "count", scope)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) get(id uuid.UUID) *work.Job {
	w.t.Helper()
	j, err := w.s.Get(w.t.Context(), w.admin, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return j
}

// pages answers pages until n are done, each with one note in the audit log.
func (w *world) pages(n int) {
	w.module.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		p := a.Input.(effect.JobPage)
		done := len(p.Continuation) + 1
		return &effect.Answer{
			Effects: []effect.Item{{Handle: "note", Effect: &effect.AuditNote{Scope: a.Snapshot.Scope, Code: "page"}}},
			Job:     &effect.Progress{Done: done >= n, Continuation: make([]byte, done), Completed: uint64(done), Total: uint64(n)},
		}, nil
	}
}

// notes counts the effects of pages.
func (w *world) notes() int {
	w.t.Helper()
	var n int
	if err := w.db.Get(w.t.Context(), &n, `SELECT count(*) FROM audit_event WHERE action LIKE '%page%'`); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) count(query string) int {
	w.t.Helper()
	var n int
	if err := w.db.Get(w.t.Context(), &n, query); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestPagesAreAppliedOnceByManyNodes(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.pages(12)
	id := w.start(w.networks(1))
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for w.get(id).State == work.Waiting || w.get(id).State == work.Running {
				if _, err := w.s.Run(t.Context(), id); err != nil {
					t.Error(err)
					return
				}
				w.exec(`UPDATE module_job SET not_before = NULL`) // a lost race pauses a second
			}
		})
	}
	wg.Wait()
	if j := w.get(id); j.State != work.Done || j.Page != 12 || j.Completed != 12 || j.Total != 12 || j.FinishedAt.IsZero() {
		t.Errorf("%+v", j)
	}
	if n := w.notes(); n != 12 {
		t.Errorf("%d effects of 12 pages", n)
	}
}

func TestRiverRunsIt(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.pages(3)
	if err := w.jobs.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.jobs.Stop(context.Background()) })
	id := w.start(w.networks(1))
	deadline := time.Now().Add(30 * time.Second)
	for w.get(id).State != work.Done {
		if time.Now().After(deadline) {
			t.Fatalf("not done: %+v", w.get(id))
		}
	}
	if n := w.notes(); n != 3 {
		t.Errorf("%d effects", n)
	}
}

func TestTriesPausesAndGivingUp(t *testing.T) {
	t.Parallel()
	w := setup(t)
	scope := w.networks(1)
	id := w.start(scope)
	w.module.SetDown(true)
	run := func() *work.Job {
		t.Helper()
		w.exec(`UPDATE module_job SET not_before = NULL`)
		if _, err := w.s.Run(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		return w.get(id)
	}
	for range 4 {
		if j := run(); j.State != work.Waiting || j.Attempt != 0 || j.Failure != "unavailable" {
			t.Fatalf("a module that is down: %+v", j)
		}
	}
	w.module.SetDown(false)
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) { return nil, errors.New("boom") }
	if j := run(); j.State != work.Waiting || j.Attempt != 1 || j.Failure != "internal" {
		t.Errorf("first failure: %+v", j)
	}
	if j := w.get(id); !j.FinishedAt.IsZero() {
		t.Errorf("%+v", j)
	}
	// Within the pause nothing is tried.
	asked := len(w.module.Asked())
	if _, err := w.s.Run(t.Context(), id); err != nil || len(w.module.Asked()) != asked {
		t.Errorf("tried within the pause: %v", err)
	}
	if j := run(); j.State != work.Failed || j.Attempt != 2 {
		t.Errorf("after two tries: %+v", j)
	}
	w.pages(1)
	if err := w.s.Retry(t.Context(), w.admin, id); err != nil {
		t.Fatal(err)
	}
	if j := run(); j.State != work.Done || j.Failure != "" {
		t.Errorf("after a retry: %+v", j)
	}
	if err := w.s.Retry(t.Context(), w.admin, id); !fault.Is(err, fault.Conflict) {
		t.Errorf("retry of what is done: %v", err)
	}
}

func TestCancelKeepsAPageFromApplying(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.start(w.networks(1))
	w.module.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		if err := w.s.Cancel(context.Background(), w.admin, id); err != nil { // while the page is being asked
			t.Error(err)
		}
		return &effect.Answer{Effects: []effect.Item{{Handle: "n", Effect: &effect.AuditNote{Scope: a.Snapshot.Scope, Code: "page"}}}, Job: &effect.Progress{}}, nil
	}
	if _, err := w.s.Run(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if j := w.get(id); j.State != work.Cancelled || w.notes() != 0 {
		t.Errorf("%+v, %d effects", j, w.notes())
	}
	if err := w.s.Cancel(t.Context(), w.admin, id); !fault.Is(err, fault.Conflict) {
		t.Errorf("cancelling twice: %v", err)
	}
	if _, err := w.s.List(t.Context(), &access.Actor{Person: uuid.New()}, "", "", 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger lists jobs: %v", err)
	}
}

func TestCronMakesOneJobPerNetworkAndTick(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.networks(450) // more than two transactions of a tick
	tick := func() int {
		t.Helper()
		if err := w.s.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		return w.count(`SELECT count(*) FROM module_job`)
	}
	if n := tick(); n != 0 {
		t.Errorf("%d jobs before Monday", n)
	}
	w.clock.Set(time.Date(2026, 11, 30, 4, 59, 0, 0, time.UTC))
	if n := tick(); n != 0 {
		t.Errorf("%d jobs a minute before 6:00 in Warsaw", n)
	}
	w.clock.Set(time.Date(2026, 11, 30, 5, 0, 0, 0, time.UTC))
	if n := tick(); n != 450 {
		t.Errorf("%d jobs, want one per network", n)
	}
	w.declare() // enabling again changes no schedule
	if n := tick(); n != 450 {
		t.Errorf("%d jobs after ticking twice", n)
	}
	w.clock.Set(time.Date(2026, 12, 30, 5, 0, 0, 0, time.UTC)) // four Mondays later
	if n := tick(); n != 900 {
		t.Errorf("%d jobs, want the missed ticks made up once", n)
	}
	if n := w.count(`SELECT count(*) FROM river_job WHERE kind = 'work.run'`); n == 0 {
		t.Error("no node was woken")
	}
	// Ticks of a disabled module pass; enabled again, it goes on with the next.
	w.off = true
	w.clock.Advance(14 * 24 * time.Hour)
	if n := tick(); n != 900 {
		t.Errorf("%d jobs of a module that was disabled", n)
	}
	w.off = false
	if n := tick(); n != 900 {
		t.Errorf("%d jobs, want none made up for the time while it was disabled", n)
	}
	w.clock.Advance(7 * 24 * time.Hour)
	if n := tick(); n != 1350 {
		t.Errorf("%d jobs after it was enabled again", n)
	}
}

func TestBadCron(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []string{"* * * * *", "*/30 * * * *", "0 6 * *", "@hourly", "TZ=UTC 0 6 * * *", "0 25 * * *", "x"} {
		d := &effect.Description{Module: "test.other", JobKinds: []effect.JobKind{{Name: "bad", Scopes: []effect.ScopeKind{effect.Network}, Cron: c}}}
		err := w.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.Declare(ctx, tx, d) })
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestAfterAnEventEndsAtDepth(t *testing.T) {
	t.Parallel()
	w := setup(t)
	scope := w.networks(1)
	emit := func(ctx context.Context, tx *db.Tx) error {
		return w.engine.Emit(ctx, tx, effect.Emission{Scope: scope, Name: "test.happened", Data: struct{}{}})
	}
	if err := w.db.Tx(t.Context(), emit); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM module_job WHERE kind = 'echo' AND depth = 1`); n != 1 {
		t.Fatalf("%d jobs after the event", n)
	}
	// Each run schedules the next one itself; the depth is carried on.
	w.module.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Job: &effect.Progress{Done: true}, Effects: []effect.Item{
			{Handle: "again", Effect: &effect.JobSchedule{Scope: scope, JobKind: "count", Input: effect.Document{JSON: []byte(`{"n":1}`), Revision: 1}}},
		}}, nil
	}
	var id uuid.UUID
	if err := w.db.Get(t.Context(), &id, `SELECT id FROM module_job WHERE kind = 'echo'`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Run(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM module_job WHERE kind = 'count' AND depth = 1 AND input->>'n' = '1'`); n != 1 {
		t.Errorf("%d jobs by effect", n)
	}
	deep := effect.Happening{Name: "test.happened", Depth: effect.MaxDepth, At: w.clock.Now(),
		Chain: []effect.ScopeState{{Scope: scope, Type: "test.trial:net"}}}
	if err := w.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.Happened(ctx, tx, deep) }); err != nil {
		t.Fatal(err)
	}
	if n := w.count(`SELECT count(*) FROM module_job WHERE kind = 'echo'`); n != 1 {
		t.Errorf("%d jobs: the chain does not end", n)
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	scope := w.networks(1)
	var ids []uuid.UUID
	for range 5 {
		ids = append(ids, w.start(scope))
	}
	got, before := "", ""
	for {
		p, err := w.s.List(t.Context(), w.admin, work.Waiting, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range p.Items {
			for i, id := range ids {
				if id == j.ID {
					got += fmt.Sprint(i)
				}
			}
		}
		if before = p.Next; before == "" {
			break
		}
	}
	if got != "43210" {
		t.Errorf("order %q", got)
	}
}
