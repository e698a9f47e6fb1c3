package task

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
)

// Engine asks modules and applies what they answer; *effect.Engine is one.
type Engine interface {
	Decide(ctx context.Context, r *effect.Request) (*effect.Outcome, error)
	Guard(ctx context.Context, r *effect.GuardRequest) (*effect.GuardOutcome, error)
	Confirm(ctx context.Context, tx *db.Tx, o *effect.GuardOutcome) error
	Emit(ctx context.Context, tx *db.Tx, list ...effect.Emission) error
	State(ctx context.Context, q db.Q, s effect.Scope) (effect.ScopeState, error)
	Refer(ctx context.Context, module string, scope effect.Scope, f *form.Form, a form.Answers) (fault.Fields, error)
}

// Notifier tells people things in the transaction of what happened.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Files keeps uploads; *file.Service is one.
type Files interface {
	Attach(ctx context.Context, tx *db.Tx, a *access.Actor, ids []uuid.UUID, o file.Object) error
	Of(ctx context.Context, q db.Q, kind string, objects ...uuid.UUID) (map[uuid.UUID][]file.File, error)
	Guard(kind string, g file.Guard)
}

var (
	_ Engine   = (*effect.Engine)(nil)
	_ Notifier = (*notify.Service)(nil)
	_ Files    = (*file.Service)(nil)
)

// Config of a [Service]; every field is required.
type Config struct {
	DB      *db.DB
	Access  *access.Authorizer
	Audit   *audit.Log
	Clock   clock.Clock
	Modules effect.Modules
	Engine  Engine
	Notify  Notifier
	Files   Files
	// CursorKey signs cursors; at least 32 bytes, the same on every node.
	CursorKey keyset.Key
}

// Service runs tasks. Safe for concurrent use.
type Service struct {
	db      *db.DB
	auth    *access.Authorizer
	audit   *audit.Log
	clock   clock.Clock
	modules effect.Modules
	engine  Engine
	notify  Notifier
	files   Files
	key     keyset.Key
	forms   sync.Map // formKey → *form.Form
}

// New makes the service and registers who may download files of submissions;
// it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Modules == nil || c.Engine == nil || c.Notify == nil || c.Files == nil || len(c.CursorKey) < 32 {
		panic("task: incomplete configuration")
	}
	s := &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, modules: c.Modules, engine: c.Engine, notify: c.Notify, files: c.Files, key: c.CursorKey}
	s.files.Guard(FileKind, s.fileGuard)
	return s
}

// fileGuard lets assignees and reviewers download what was handed in.
func (s *Service) fileGuard(ctx context.Context, a *access.Actor, f file.File) error {
	var t *Task
	var x standing
	sub, scope := f.ObjectID.UUID, effect.Scope{Kind: effect.ScopeKind(f.ScopeKind), ID: f.ScopeID.UUID}
	err := db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) (err error) { t, err = findTaskOf(ctx, q, sub); return err },
		func(ctx context.Context, q db.Q) (err error) {
			x.scope, err = s.engine.State(ctx, q, scope)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			x.here, err = stands(ctx, q, scope.ID, a.Person, s.clock.Now())
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			x.handed, err = handedInWith(ctx, q, sub, a.Person)
			return err
		})
	if err != nil {
		return err
	}
	if of := elsewhere(t); !of.IsZero() {
		if x.of, err = s.engine.State(ctx, s.db, of); err != nil {
			return err
		}
	}
	r := s.compare(a, t, &x)
	if !r.content() {
		return fault.ErrNotFound
	}
	return nil
}

// decisionID is the same for repeats under one idempotency key.
func decisionID(ctx context.Context, a *access.Actor, operation string) (uuid.UUID, error) {
	if key := idem.Key(ctx); key != "" {
		return uuid.NewSHA1(a.Person, []byte(operation+"/"+key)), nil
	}
	return uuid.NewV7()
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }

func (s *Service) note(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, action string, value []byte, fields ...string) error {
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "task", ObjectID: t.ID.String(),
		ScopeKind: string(t.Scope.Kind), ScopeID: t.Scope.ID, Fields: fields, Value: value,
	})
}

// known is the id under which modules know a task: a member's part of a task of
// everybody is known by the task and its submission.
func (t *Task) known() uuid.UUID {
	if t.Parent != uuid.Nil {
		return t.Parent
	}
	return t.ID
}

// event is what modules are told of a task.
func event(t *Task, name string, submission uuid.UUID) effect.Emission {
	_, local, _ := effect.Split(t.Type)
	data := map[string]any{"task": t.known(), "type": local}
	if submission != uuid.Nil {
		data["submission"] = submission
	}
	return effect.Emission{Scope: t.Scope, Name: name, Data: data}
}
