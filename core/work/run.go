package work

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
)

const (
	// burst is how long one River run goes on with pages before it makes room
	// for other work.
	burst = 20 * time.Second
	// downPause is how long a job waits for a module that is down.
	downPause = 15 * time.Second
	// usualAttempts of a page for kinds that say nothing.
	usualAttempts = 5
)

// pause before the try that follows the given failed one.
func pause(attempt int) time.Duration {
	return min(10*time.Second<<(2*min(attempt-1, 6)), 30*time.Minute)
}

func (s *Service) fresh(id uuid.UUID, module string, k *effect.JobKind, typ string, scope effect.Scope, at time.Time) jobRow {
	now := s.clock.Now()
	return jobRow{
		ID: id, Module: module, Kind: k.Name, Type: typ, ScopeKind: string(scope.Kind), ScopeID: scope.ID,
		MaxAttempts: cmp.Or(k.MaxAttempts, usualAttempts), RunAt: at, CreatedAt: now, ChangedAt: now,
	}
}

// add writes a job and, when it is due, wakes a node.
func (s *Service) add(ctx context.Context, tx *db.Tx, r *jobRow) error {
	fresh, err := insertJob(ctx, tx, r)
	if err != nil || !fresh || r.RunAt.After(s.clock.Now()) {
		return err
	}
	return s.wake(ctx, tx, r.ID)
}

func (s *Service) wake(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	_, err := s.jobs.Insert(ctx, tx, runArgs{id}, &job.Opts{Once: true, Priority: 3})
	return err
}

// Run does the pages of a job that are due, for at most 20 seconds; again
// reports whether there is more to do at once. Several nodes may run it at the
// same time: a page is applied once.
func (s *Service) Run(ctx context.Context, id uuid.UUID) (again bool, err error) {
	end := time.Now().Add(burst)
	for time.Now().Before(end) {
		r, err := findJob(ctx, s.db, id)
		if fault.Is(err, fault.NotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		if r.ended() || r.RunAt.After(s.clock.Now()) || r.NotBefore.Valid && r.NotBefore.Time.After(time.Now()) {
			return false, nil
		}
		if err := s.page(ctx, &r); err != nil {
			if ctx.Err() != nil {
				return false, ctx.Err()
			}
			return false, s.failed(context.WithoutCancel(ctx), &r, err)
		}
	}
	return true, nil
}

// page asks for one page and applies it. The decision's id is the page's, so a
// page that another node has just applied is not applied again.
func (s *Service) page(ctx context.Context, r *jobRow) error {
	_, err := s.engine.Decide(ctx, &effect.Request{
		ID: uuid.NewSHA1(r.ID, []byte("page/"+strconv.Itoa(r.Page))), Type: r.Type, Scope: r.scope(),
		Input: effect.JobPage{
			Job: r.ID, Name: r.Kind, Input: effect.Document{JSON: r.Input, Revision: r.InputRev}, Continuation: r.Continuation,
			Attempt: r.Attempt + 1, Depth: r.Depth,
		},
		After: func(ctx context.Context, tx *db.Tx, _ *effect.Decision, o *effect.Outcome) error {
			n, err := turnPage(ctx, tx, r, o.Job, s.clock.Now())
			if err == nil && n == 0 { // cancelled, or another node was here
				return errGone
			}
			return err
		},
	})
	return err
}

var errGone = fault.New(fault.Conflict, "work.ended")

// failed puts a job back, or gives it up.
func (s *Service) failed(ctx context.Context, r *jobRow, cause error) error {
	now := s.clock.Now()
	kind := fault.KindOf(cause)
	switch {
	case kind == fault.Unavailable && !effect.IsFailed(cause):
		return postpone(ctx, s.db, r, r.Attempt, kind.String(), time.Now().Add(downPause), now)
	case kind == fault.Conflict: // races settle by themselves; the row is read again
		return postpone(ctx, s.db, r, r.Attempt, "", time.Now().Add(time.Second), now)
	}
	slog.WarnContext(ctx, "page of a module's job failed", "module", r.Module, "kind", r.Kind, "job", r.ID, "page", r.Page,
		"attempt", r.Attempt+1, "of", r.MaxAttempts, "err", cause)
	if r.Attempt+1 >= r.MaxAttempts {
		return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			n, err := giveUp(ctx, tx, r, kind.String(), now)
			if err != nil || n == 0 {
				return err
			}
			return s.note(ctx, tx, &access.Actor{System: "core"}, r, "job:fail")
		})
	}
	return postpone(ctx, s.db, r, r.Attempt+1, kind.String(), time.Now().Add(pause(r.Attempt+1)), now)
}

// tickBatch is how many jobs or scopes one transaction of a tick makes.
const tickBatch = 200

// Tick makes the jobs whose cron is due and wakes nodes for jobs that are due.
// Run often, from any node; it returns when nothing is left.
func (s *Service) Tick(ctx context.Context) error {
	for {
		more := false
		err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			var err error
			more, err = s.spread(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ids, err := dueJobs(ctx, tx, s.clock.Now(), time.Now(), tickBatch)
		if err != nil || len(ids) == 0 {
			return err
		}
		args := make([]job.Args, len(ids))
		for i, id := range ids {
			args[i] = runArgs{id}
		}
		_, err = s.jobs.InsertMany(ctx, tx, args, &job.Opts{Once: true, Priority: 3})
		return err
	})
}

// spread makes jobs for the next scopes of a due schedule; false when none is due.
func (s *Service) spread(ctx context.Context, tx *db.Tx) (bool, error) {
	now := s.clock.Now()
	sc, err := lockDue(ctx, tx, now)
	if db.IsNoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	c, err := parseCron(sc.Cron)
	if err != nil {
		return false, err
	}
	tick := sc.NextAt
	if sc.RunningAt.Valid {
		tick = sc.RunningAt.Time
	}
	var k *effect.JobKind
	if m, err := s.modules.ByID(sc.Module); err == nil && m.Info().Enabled {
		k, _ = m.Info().Description.JobKind(sc.Kind)
	}
	if k == nil { // disabled or gone: this tick passes, the schedule waits for the next
		return true, moveSchedule(ctx, tx, &sc, next(c, now))
	}
	scopes, err := scopesOf(ctx, tx, sc.Module, k.Scopes, sc.AfterID.UUID, tickBatch)
	if err != nil {
		return false, err
	}
	for _, at := range scopes {
		id, err := uuid.NewV7()
		if err != nil {
			return false, err
		}
		r := s.fresh(id, sc.Module, k, effect.Qualify(sc.Module, at.Type), effect.Scope{Kind: effect.ScopeKind(at.Kind), ID: at.ID}, now)
		r.Once = "cron:" + tick.UTC().Format(time.RFC3339)
		if _, err := insertJob(ctx, tx, &r); err != nil {
			return false, err
		}
	}
	if len(scopes) < tickBatch {
		return true, moveSchedule(ctx, tx, &sc, next(c, now))
	}
	return true, holdPlace(ctx, tx, &sc, tick, scopes[len(scopes)-1].ID)
}

// Happened implements [effect.Watcher]: jobs that run after an event. A chain of
// events and jobs ends at the engine's depth.
func (s *Service) Happened(ctx context.Context, tx *db.Tx, h effect.Happening) error {
	if h.Depth >= effect.MaxDepth {
		return nil
	}
	seen := map[string]bool{}
	for i, st := range h.Chain {
		module, _, ok := effect.Split(st.Type)
		if !ok || seen[module] {
			continue
		}
		seen[module] = true
		m, err := s.modules.ByID(module)
		if err != nil || !m.Info().Enabled {
			continue
		}
		d := m.Info().Description
		for j := range d.JobKinds {
			k := &d.JobKinds[j]
			if k.AfterEvent != h.Name {
				continue
			}
			for _, at := range h.Chain[:i+1] { // the innermost scope on which it runs
				if !onScope(k, at.Scope.Kind) {
					continue
				}
				id, err := uuid.NewV7()
				if err != nil {
					return err
				}
				r := s.fresh(id, module, k, st.Type, at.Scope, h.At)
				r.Depth = h.Depth + 1
				if err := s.add(ctx, tx, &r); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// Applier makes the effects job schedule and cancel happen.
type Applier struct{ s *Service }

var (
	_ effect.Applier = Applier{}
	_ effect.Watcher = (*Service)(nil)
)

// Applier is what core/effect registers for [Applier.Kinds].
func (s *Service) Applier() Applier { return Applier{s} }

// Kinds lists the effects that the applier serves.
func (Applier) Kinds() []effect.Kind {
	return []effect.Kind{effect.KindJobSchedule, effect.KindJobCancel}
}

// Check implements [effect.Applier].
func (Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	switch e := e.(type) {
	case *effect.JobSchedule:
		k, ok := d.Description.JobKind(e.JobKind)
		if !ok || !onScope(k, e.Scope.Kind) {
			return fault.InvalidFields(fault.Field{Path: "kind", Key: "work.unknown_kind"})
		}
		if len(e.Input.JSON) > 256<<10 || len(e.Input.JSON) > 0 && !json.Valid(e.Input.JSON) {
			return fault.InvalidFields(fault.Field{Path: "input", Key: "work.bad_input"})
		}
	case *effect.JobCancel:
		r, err := findJob(ctx, q, e.Job)
		if err != nil {
			return err
		}
		if r.Module != d.Module || r.scope() != e.Scope {
			return fault.ErrNotFound
		}
	}
	return nil
}

// Apply implements [effect.Applier]. Cancelling what has ended changes nothing.
func (p Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	switch e := e.(type) {
	case *effect.JobSchedule:
		k, _ := d.Description.JobKind(e.JobKind)
		at := e.At
		if at.IsZero() || at.Before(d.Now) {
			at = d.Now
		}
		r := p.s.fresh(id, d.Module, k, d.Type, e.Scope, at)
		r.Input, r.InputRev, r.Depth = e.Input.JSON, e.Input.Revision, d.Depth
		if err := p.s.add(ctx, tx, &r); err != nil {
			return err
		}
		return p.s.note(ctx, tx, d.Actor, &r, "job:schedule")
	case *effect.JobCancel:
		r, err := findJob(ctx, tx, e.Job)
		if err != nil {
			return err
		}
		n, err := cancelJob(ctx, tx, e.Job, d.Now)
		if err != nil || n == 0 {
			return err
		}
		return p.s.note(ctx, tx, d.Actor, &r, "job:cancel")
	}
	return nil
}
