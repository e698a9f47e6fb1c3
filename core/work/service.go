package work

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/job"
)

// The permissions of people, on the platform.
const (
	List   access.Permission = "job:list"
	Manage access.Permission = "job:manage"
)

// State of a job.
type State string

// The states. A running job has done at least one page.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// States lists them in the order in which administrators care.
var States = []State{Failed, Running, Waiting, Cancelled, Done}

// Job is one run of a job kind.
type Job struct {
	ID     uuid.UUID    `json:"id"`
	Module string       `json:"module"`
	Kind   string       `json:"kind"`
	Title  effect.Text  `json:"title,omitempty"`
	Scope  effect.Scope `json:"scope"`
	// ScopeTitle is what the scope is called; in lists.
	ScopeTitle string `json:"scopeTitle,omitempty"`
	State      State  `json:"state"`
	// Page is how many pages are done; Completed of Total (0 = unknown) is what
	// the module says.
	Page      int    `json:"page"`
	Completed uint64 `json:"completed"`
	Total     uint64 `json:"total"`
	Attempt   int    `json:"attempt"`
	// Failure is the kind of the last error, "" after a good page.
	Failure    string    `json:"failure,omitempty"`
	RunAt      time.Time `json:"run_at"`
	CreatedAt  time.Time `json:"created_at"`
	ChangedAt  time.Time `json:"changed_at"`
	FinishedAt time.Time `json:"finished_at,omitzero"`
}

// Engine asks modules and applies what they answer; *effect.Engine is one.
type Engine interface {
	Decide(ctx context.Context, r *effect.Request) (*effect.Outcome, error)
	State(ctx context.Context, q db.Q, s effect.Scope) (effect.ScopeState, error)
}

var _ Engine = (*effect.Engine)(nil)

// Config of a [Service]; every field is required.
type Config struct {
	DB      *db.DB
	Access  *access.Authorizer
	Audit   *audit.Log
	Clock   clock.Clock
	Modules effect.Modules
	Engine  Engine
	Jobs    *job.Client
}

// Service runs jobs of modules. Safe for concurrent use.
type Service struct {
	db      *db.DB
	auth    *access.Authorizer
	audit   *audit.Log
	clock   clock.Clock
	modules effect.Modules
	engine  Engine
	jobs    *job.Client
}

// New makes the service and adds its kinds to c.Jobs; it panics on an
// incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Modules == nil || c.Engine == nil || c.Jobs == nil {
		panic("work: incomplete configuration")
	}
	s := &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, modules: c.Modules, engine: c.Engine, jobs: c.Jobs}
	job.Add(c.Jobs, job.Options{Title: "work.job.run", Timeout: 2 * burst}, func(ctx context.Context, j *job.Job[runArgs]) error {
		again, err := s.Run(ctx, j.Args.Job)
		if err == nil && again {
			return job.Later(0)
		}
		return err
	})
	job.Add(c.Jobs, job.Options{Title: "work.job.tick", Every: 5 * time.Second}, func(ctx context.Context, _ *job.Job[tickArgs]) error {
		return s.Tick(ctx)
	})
	return s
}

type runArgs struct {
	Job uuid.UUID `json:"job"`
}

type tickArgs struct{}

// Kind implements [job.Args].
func (runArgs) Kind() string { return "work.run" }

// Kind implements [job.Args].
func (tickArgs) Kind() string { return "work.tick" }

// Declare schedules the cron kinds of a module that is being enabled, in the
// transaction of enabling, and forgets schedules of kinds it no longer has. It
// may be repeated. Invalid when a kind breaks the contract.
func (s *Service) Declare(ctx context.Context, tx *db.Tx, d *effect.Description) error {
	var kinds []string
	for i := range d.JobKinds {
		k := &d.JobKinds[i]
		if !effect.ValidName(k.Name) || len(k.Scopes) == 0 || k.MaxAttempts < 0 || k.MaxAttempts > 20 {
			return fault.New(fault.Invalid, "work.bad_kind", "Kind", k.Name)
		}
		if k.Cron == "" {
			continue
		}
		c, err := parseCron(k.Cron)
		if err != nil {
			return fault.Wrap(err, fault.Invalid, "work.bad_cron", "Kind", k.Name)
		}
		kinds = append(kinds, k.Name)
		if err := putSchedule(ctx, tx, d.Module, k.Name, k.Cron, next(c, s.clock.Now())); err != nil {
			return err
		}
	}
	return keepSchedules(ctx, tx, d.Module, kinds)
}

// Page of jobs, the newest first; Next is empty on the last one.
type Page struct {
	Items []Job
	Next  string
}

// List shows the jobs of modules, narrowed to a state unless it is empty, limit
// 1–100 (0 = 50). Needs [List].
func (s *Service) List(ctx context.Context, a *access.Actor, state State, before string, limit int) (Page, error) {
	if err := s.auth.Require(a, List, access.Place{}); err != nil {
		return Page{}, err
	}
	last := uuid.Max
	if before != "" {
		var err error
		if last, err = uuid.Parse(before); err != nil {
			return Page{}, fault.InvalidFields(fault.Field{Path: "before", Key: "work.bad_cursor"})
		}
	}
	if limit <= 0 {
		limit = 50
	}
	limit = min(limit, 100)
	rows, err := listJobs(ctx, s.db, state, last, limit+1)
	if err != nil {
		return Page{}, err
	}
	p := Page{}
	if len(rows) > limit {
		rows = rows[:limit]
		p.Next = rows[limit-1].Seq.String()
	}
	for i := range rows {
		p.Items = append(p.Items, s.job(&rows[i]))
	}
	return p, nil
}

// Get shows one job. Needs [List].
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (*Job, error) {
	if err := s.auth.Require(a, List, access.Place{}); err != nil {
		return nil, err
	}
	r, err := findJob(ctx, s.db, id)
	if err != nil {
		return nil, err
	}
	j := s.job(&r)
	return &j, nil
}

func (s *Service) job(r *jobRow) Job {
	j := Job{
		ID: r.ID, Module: r.Module, Kind: r.Kind, Scope: r.scope(), ScopeTitle: r.ScopeTitle, State: State(r.State), Page: r.Page, Completed: uint64(r.Completed),
		Total: uint64(r.Total), Attempt: r.Attempt, Failure: r.Failure, RunAt: r.RunAt, CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt, FinishedAt: r.FinishedAt.Time,
	}
	if m, err := s.modules.ByID(r.Module); err == nil {
		if k, ok := m.Info().Description.JobKind(r.Kind); ok {
			j.Title = k.Title
		}
	}
	return j
}

// Start runs an on-demand kind of a module once in a scope. Needs [Manage].
// Invalid names the field.
func (s *Service) Start(ctx context.Context, a *access.Actor, module, kind string, scope effect.Scope) (uuid.UUID, error) {
	if err := s.auth.Require(a, Manage, access.Place{}); err != nil {
		return uuid.Nil, err
	}
	m, err := s.modules.ByID(module)
	if err != nil {
		return uuid.Nil, fault.InvalidFields(fault.Field{Path: "module", Key: "work.unknown_kind"})
	}
	k, ok := m.Info().Description.JobKind(kind)
	if !ok || !onScope(k, scope.Kind) {
		return uuid.Nil, fault.InvalidFields(fault.Field{Path: "kind", Key: "work.unknown_kind"})
	}
	typ, err := s.typeOf(ctx, module, scope)
	if err != nil {
		return uuid.Nil, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	out := id
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = idem.Do(ctx, tx, a.Person, "work.start", []any{module, kind, scope}, func() (uuid.UUID, error) {
			r := s.fresh(id, module, k, typ, scope, s.clock.Now())
			if err := s.add(ctx, tx, &r); err != nil {
				return uuid.Nil, err
			}
			return id, s.note(ctx, tx, a, &r, "job:start")
		})
		return err
	})
	return out, err
}

// typeOf is the module's type that runs the scope: its own or the nearest above.
func (s *Service) typeOf(ctx context.Context, module string, scope effect.Scope) (string, error) {
	for !scope.IsZero() {
		st, err := s.engine.State(ctx, s.db, scope)
		if err != nil {
			return "", err
		}
		if of, _, ok := effect.Split(st.Type); ok && of == module {
			return st.Type, nil
		}
		scope = st.Parent
	}
	return "", fault.InvalidFields(fault.Field{Path: "scope", Key: "work.other_module"})
}

func onScope(k *effect.JobKind, kind effect.ScopeKind) bool {
	for _, s := range k.Scopes {
		if s == kind {
			return true
		}
	}
	return false
}

// Cancel ends a job that has not ended; a page being run is still applied.
// Needs [Manage]. Conflict when it has ended.
func (s *Service) Cancel(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.auth.Require(a, Manage, access.Place{}); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "work.cancel", id, func() (bool, error) {
			r, err := findJob(ctx, tx, id)
			if err != nil {
				return false, err
			}
			n, err := cancelJob(ctx, tx, id, s.clock.Now())
			if err != nil {
				return false, err
			}
			if n == 0 {
				return false, fault.New(fault.Conflict, "work.ended")
			}
			return true, s.note(ctx, tx, a, &r, "job:cancel")
		})
		return err
	})
}

// Retry gives a failed job new tries, from the page where it stopped. Needs
// [Manage]. Conflict when it has not failed.
func (s *Service) Retry(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.auth.Require(a, Manage, access.Place{}); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "work.retry", id, func() (bool, error) {
			r, err := findJob(ctx, tx, id)
			if err != nil {
				return false, err
			}
			n, err := retryJob(ctx, tx, id, s.clock.Now())
			if err != nil {
				return false, err
			}
			if n == 0 {
				return false, fault.New(fault.Conflict, "work.not_failed")
			}
			if err := s.wake(ctx, tx, id); err != nil {
				return false, err
			}
			return true, s.note(ctx, tx, a, &r, "job:retry")
		})
		return err
	})
}

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, r *jobRow, action string) error {
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "module_job", ObjectID: r.ID.String(),
		ScopeKind: r.ScopeKind, ScopeID: r.ScopeID, Fields: []string{r.Module + ":" + r.Kind},
	})
}
