package effect

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
)

// Caps of a decision.
const (
	// CallTimeout covers all rounds of one decision: slices and calls together.
	CallTimeout = 5 * time.Second
	// MaxNeeds is how often a module may ask for more in one decision.
	MaxNeeds = 5
	// MaxEffects is how many effects an answer may hold.
	MaxEffects = 500
	// MaxAnswerBytes is the size of an answer on the wire; core/plugin holds it.
	MaxAnswerBytes = 1 << 20
	// MaxDepth is where a chain of events caused by events ends.
	MaxDepth = 3
	// maxSnapshotBytes leaves a quarter of the 4 MiB message to the rest.
	maxSnapshotBytes = 3 << 20
	// maxDiagnostics is how many diagnostics an answer may hold.
	maxDiagnostics = 100
	// maxReason is how long a reason may be, in characters; a longer one is none.
	maxReason = 2000
	// maxAttempts is how often a decision is asked anew because rows it rests on
	// changed under it.
	maxAttempts = 3
	// minPeopleCell is the least number of people in a cell of an aggregate
	// (field/evaluation.md D4).
	minPeopleCell = 5
)

// Config of an [Engine]; DB, Clock, Audit, Access and Modules are required.
type Config struct {
	DB      *db.DB
	Clock   clock.Clock
	Audit   *audit.Log
	Access  Authorizer
	Modules Modules
}

// Engine takes decisions and applies them. Register everything before the
// first decision; then it is safe for concurrent use.
type Engine struct {
	db       *db.DB
	clock    clock.Clock
	audit    *audit.Log
	access   Authorizer
	modules  Modules
	waker    Waker
	appliers map[Kind]Applier
	readers  map[Source]SliceReader
	scopes   map[ScopeKind]ScopeReader
	watchers []Watcher
	// references may be nil: then nothing that answers point to is looked up.
	references References
	forms      formCache
}

// New makes an engine that itself serves timer.set, timer.cancel and
// audit.note. It panics on an incomplete configuration.
func New(c Config) *Engine {
	if c.DB == nil || c.Clock == nil || c.Audit == nil || c.Access == nil || c.Modules == nil {
		panic("effect: incomplete configuration")
	}
	e := &Engine{
		db: c.DB, clock: c.Clock, audit: c.Audit, access: c.Access, modules: c.Modules,
		appliers: map[Kind]Applier{}, readers: map[Source]SliceReader{}, scopes: map[ScopeKind]ScopeReader{},
	}
	e.RegisterApplier(timers{e}, KindTimerSet, KindTimerCancel)
	e.RegisterApplier(notes{e}, KindAuditNote)
	return e
}

// RegisterApplier makes a the owner of the kinds. Registering a kind twice panics.
func (e *Engine) RegisterApplier(a Applier, kinds ...Kind) {
	for _, k := range kinds {
		if e.appliers[k] != nil {
			panic("effect: two appliers of " + string(k))
		}
		e.appliers[k] = a
	}
}

// RegisterReader makes r the reader of the source. Registering twice panics.
func (e *Engine) RegisterReader(r SliceReader, s Source) {
	if e.readers[s] != nil {
		panic("effect: two readers of " + string(s))
	}
	e.readers[s] = r
}

// RegisterScopes makes r the reader of the kinds of scope. Registering twice panics.
func (e *Engine) RegisterScopes(r ScopeReader, kinds ...ScopeKind) {
	for _, k := range kinds {
		if e.scopes[k] != nil {
			panic("effect: two readers of scope " + string(k))
		}
		e.scopes[k] = r
	}
}

// RegisterReferences makes r the judge of what answers point to. Call it before
// the first decision.
func (e *Engine) RegisterReferences(r References) { e.references = r }

// Watch lets w know of every event. Call it before the first decision.
func (e *Engine) Watch(w Watcher) { e.watchers = append(e.watchers, w) }

// Request asks for a decision. The actor is the context's (access.From), the
// language too (i18n.FromContext); for events, timers and jobs system-for-module
// acts, whoever the context names.
type Request struct {
	// ID is the decision's id. A request with an id that was already applied
	// returns the outcome of then; so pass what is stable over repeats (the
	// idempotency key, the event's id). uuid.Nil = a fresh one.
	ID uuid.UUID
	// Type is the qualified type that is asked.
	Type string
	// Scope is where the input happens.
	Scope Scope
	Input Input
	// DryRun does everything and rolls back.
	DryRun bool
	// Acknowledged are reasons given for warnings of an earlier outcome.
	Acknowledged []Acknowledgement
	// Filled is the version of the record that the command's form was filled from
	// ([Engine.Prefill]), 0 when there was none. Another version by now is a
	// Conflict "effect.overtaken". nil = not compared: for callers that read and
	// write in one go.
	Filled *int64
	// Founding is the state of a scope that Before will create: it does not
	// exist yet when the module is asked. The caller has authorised the founding;
	// for this decision the actor holds the type's founder role in the scope.
	// Nil otherwise.
	Founding *ScopeState
	// Checked means that the command is one of the core's own (a task's submit,
	// accept, return): the caller has authorised it and checked its input.
	Checked bool
	// Before runs first in the transaction, After last; either may be nil. Both
	// may run more than once and must touch nothing outside the transaction.
	Before func(ctx context.Context, tx *db.Tx, d *Decision) error
	After  func(ctx context.Context, tx *db.Tx, d *Decision, o *Outcome) error
}

// Outcome is what came of a decision.
type Outcome struct {
	Decision uuid.UUID
	// Applied is false for dry runs and refusals.
	Applied bool
	// Refused means that diagnostics forbid the act, or ask for a reason not given.
	Refused bool
	// Repeated means that the decision had been applied before; Effects is then
	// empty, everything else as it was.
	Repeated    bool
	Diagnostics []Diagnostic
	// Effects are those applied, or those that would be.
	Effects []Item
	// Created maps handles to the ids that effects created.
	Created map[string]uuid.UUID
	// Job is the progress of a job page.
	Job *Progress
}

// Unacknowledged are the warnings that still need a reason.
func (o *Outcome) Unacknowledged(given []Acknowledgement) []Diagnostic {
	return unacknowledged(o.Diagnostics, given)
}

func unacknowledged(list []Diagnostic, given []Acknowledgement) []Diagnostic {
	var out []Diagnostic
	for _, d := range list {
		if d.Severity == SeverityWarning && reason(d, given) == "" {
			out = append(out, d)
		}
	}
	return out
}

// given keeps the reasons that can be ones: they come from people's forms.
func given(list []Acknowledgement) []Acknowledgement {
	var out []Acknowledgement
	for _, a := range list {
		a.Reason = strings.TrimSpace(a.Reason)
		if ValidName(a.Code) && a.Reason != "" && utf8.RuneCountInString(a.Reason) <= maxReason && len(a.Path) <= 500 && len(out) < maxDiagnostics {
			out = append(out, a)
		}
	}
	return out
}

func reason(d Diagnostic, given []Acknowledgement) string {
	for _, a := range given {
		if a.Code == d.Code && a.Path == d.Path {
			return a.Reason
		}
	}
	return ""
}

// Decision is a decision being applied, as appliers see it. Not safe for
// concurrent use; do not keep it.
type Decision struct {
	ID uuid.UUID
	// Module is the module's id, Type the qualified type.
	Module, Type string
	Description  *Description
	// Base is the decision's scope.
	Base ScopeState
	// Actor is who acts: a person, or system-for-module.
	Actor *access.Actor
	Now   time.Time
	// Depth is how deep in a chain of events the decision stands.
	Depth        int
	DryRun       bool
	Acknowledged []Acknowledgement

	scopes map[Scope]ScopeState
	events []pendingEvent
}

// Scope is the state of a scope that the decision knows: its own, those handed
// out to the module, and those that it created.
func (d *Decision) Scope(s Scope) (ScopeState, bool) {
	st, ok := d.scopes[s]
	return st, ok
}

// Created tells the decision of a scope that an applier has just made, so that
// later effects may name it.
func (d *Decision) Created(s ScopeState) {
	s.Writable = true
	if d.scopes == nil {
		d.scopes = map[Scope]ScopeState{}
	}
	d.scopes[s.Scope] = s
}

// Emit appends an event about the scope; it is stored when all effects are
// applied, for every type above the scope that asked to be told. data is a
// small struct or map (plugins/proto/SOURCES.md), no personal data.
func (d *Decision) Emit(scope Scope, name string, data any) {
	d.events = append(d.events, pendingEvent{scope: scope, name: name, data: data, depth: d.Depth})
}

// State reads a scope of any kind; fault.ErrNotFound when it does not exist or
// its kind is not served.
func (e *Engine) State(ctx context.Context, q db.Q, s Scope) (ScopeState, error) {
	r := e.scopes[s.Kind]
	if r == nil {
		return ScopeState{}, errNotFound
	}
	list, err := r.States(ctx, q, []uuid.UUID{s.ID})
	if err != nil {
		return ScopeState{}, err
	}
	for _, st := range list {
		if st.Scope == s {
			return st, nil
		}
	}
	return ScopeState{}, errNotFound
}

// maxLevels is membership, group, network, programme.
const maxLevels = 4

// chain is the scope and all above it, the scope first; what is not among the
// known is read.
func (e *Engine) chain(ctx context.Context, q db.Q, first ScopeState, known ...ScopeState) ([]ScopeState, error) {
	out := []ScopeState{first}
	for range maxLevels - 1 {
		parent := out[len(out)-1].Parent
		if parent.IsZero() {
			break
		}
		if i := slices.IndexFunc(known, func(st ScopeState) bool { return st.Scope == parent }); i >= 0 {
			out = append(out, known[i])
			continue
		}
		st, err := e.State(ctx, q, parent)
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

// systemActor is system-for-module.
func systemActor(module string) *access.Actor {
	return &access.Actor{
		System: access.ModuleObject(module),
		Grants: []access.Grant{{Role: SystemRole(module), Kind: access.Platform}},
	}
}

// founder is the actor with the founder's role in a scope that is being founded.
func founder(a *access.Actor, role string, s Scope) *access.Actor {
	b := *a
	b.Grants = append(append([]access.Grant{}, a.Grants...), access.Grant{
		Role: access.Role(cmp.Or(role, string(access.Coordinator))), Kind: access.ScopeKind(s.Kind), Scope: s.ID,
	})
	return &b
}
