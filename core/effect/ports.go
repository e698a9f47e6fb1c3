package effect

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
)

// ErrStale is what an [Applier] returns when the thing it was to change is no
// longer at the version (or stage) that the module saw. The engine reads again
// and asks again, at most three times; then it becomes a conflict for people.
// Test with errors.Is.
var ErrStale error = fault.New(fault.Conflict, "effect.stale")

// Modules finds modules; core/plugin implements it. Safe for concurrent use.
type Modules interface {
	// Module returns the module that has the qualified type ("ore.thematic:network"),
	// also while its process is down or the module is disabled: its stored
	// description is there, calls then return fault.Unavailable. A type that no
	// installed module has is fault.ErrNotFound.
	Module(typ string) (Module, error)
	// ByID returns the module itself ("ore.thematic"); fault.ErrNotFound when there is none.
	ByID(id string) (Module, error)
	// Enabled lists the modules that an administrator switched on.
	Enabled() []Module
}

// Module is one module of an installed version. Safe for concurrent use. Calls
// end with the context's deadline or after 5 seconds, are repeated once on a
// new process when the old one died, and return fault.Unavailable while there
// is none; they never run inside a transaction.
type Module interface {
	// Info is what the core keeps about the module; read-only.
	Info() *Info
	// Decide asks for a decision.
	Decide(ctx context.Context, a *Ask) (*Answer, error)
	// Render asks for a view.
	Render(ctx context.Context, a *RenderAsk) (*RenderAnswer, error)
	// Guard asks whether an act of the core may be done.
	Guard(ctx context.Context, a *GuardAsk) (*GuardAnswer, error)
}

// References knows the things that answers to a module's form may point to:
// schools, people, records.
type References interface {
	// For sees with the eyes of the context's actor, for forms of a module in a
	// scope (of a network that is being founded: before it exists).
	For(module string, scope Scope) form.Picker
}

// Prober is an optional part of a [Module] that runs in a process of its own.
type Prober interface {
	// Up is nil while calls reach a process, or one is starting; it asks nobody.
	Up() error
}

// Info is what the core keeps about a module.
type Info struct {
	ID, Version string
	Enabled     bool
	Description *Description
	// Grants are the capabilities that an administrator granted.
	Grants Grants
	// Only are the centres under which networks of its types may be founded; nil
	// for every centre.
	Only map[uuid.UUID]bool
	// Configuration are answers to the description's form of that name, which fit
	// it; zero while there are none.
	Configuration Document
}

// At reports whether networks of the module's types may be founded under the
// centre. Those that stand are not concerned.
func (i *Info) At(centre uuid.UUID) bool { return i.Only == nil || i.Only[centre] }

// Grants says which capability a module holds on which kind of scope. Besides
// effect kinds there are "record.personal", "evaluation.answers", "register.read"
// and "member.group", "member.organisation", "member.complex", "member.territory".
type Grants map[Capability]bool

// Capability is a right of a module on a kind of scope.
type Capability struct {
	Name  string    `json:"name"`
	Scope ScopeKind `json:"scope"`
}

// Has reports whether the capability was granted on the kind of scope.
func (g Grants) Has(name string, scope ScopeKind) bool { return g[Capability{name, scope}] }

// Applier checks and applies effects of the kinds it is registered for. The
// engine calls Check and then Apply for each effect in its order, both inside
// the one transaction of the decision, so that an effect sees what earlier ones
// made. Catalogue, caps, capability, permission and writable scope have been
// checked by then. Both must not touch anything outside the transaction (use
// tx.AfterCommit); a dry run rolls the transaction back.
type Applier interface {
	// Check refuses what the owner's rules forbid: a fault (Invalid with fields
	// named like the effect's, Conflict, NotFound), or [ErrStale].
	Check(ctx context.Context, q db.Q, d *Decision, e Effect) error
	// Apply makes the change. id is the effect's deterministic id: the id of
	// what it creates. Returning [ErrStale] makes the engine ask again.
	Apply(ctx context.Context, tx *db.Tx, d *Decision, e Effect, id uuid.UUID) error
}

// SliceReader reads rows of one source. It filters by the scopes of the
// request and by nothing it was not told; whether the actor may see the result
// is the permission on the view or command that asks.
type SliceReader interface {
	// ReadSlice reads at most r.Limit rows; unknown filter or order fields are
	// fault.Invalid.
	ReadSlice(ctx context.Context, q db.Q, r *SliceRequest) (*SliceResult, error)
	// LockVersions returns the current versions of the rows, holding them FOR
	// SHARE until the transaction ends; rows that are gone are left out.
	LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error)
}

// Aggregator is an optional part of a [SliceReader]: numbers over rows, with
// cells below r.MinimumCell suppressed.
type Aggregator interface {
	ReadAggregate(ctx context.Context, q db.Q, r *AggregateRequest) ([]Cell, error)
}

// ScopeReader tells about scopes of the kinds it is registered for. Its values
// can be compared.
type ScopeReader interface {
	// States reads scopes by id, in any order; unknown ids are left out.
	States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]ScopeState, error)
	// Below lists what lies directly or indirectly below the scope, as far as
	// this reader's own kinds go, at most limit.
	Below(ctx context.Context, q db.Q, parent Scope, limit int) ([]ScopeState, error)
}

// Ancestry is an optional part of a [ScopeReader] that saves the round trip for
// what lies above a scope.
type Ancestry interface {
	// Above reads the scopes of this reader's own kinds that lie directly or
	// indirectly above the scope; none for an unknown one.
	Above(ctx context.Context, q db.Q, scope Scope) ([]ScopeState, error)
}

// MembershipFinder is an optional part of the [ScopeReader] of networks and
// groups: the active membership of a person in the scope, or in what lies above
// it as far as this reader's own kinds go; uuid.Nil when there is none.
type MembershipFinder interface {
	MembershipOf(ctx context.Context, q db.Q, scope Scope, person uuid.UUID) (uuid.UUID, error)
}

// Waker starts the delivery of events soon after the transaction that appended
// them commits; [Engine.Jobs] makes it a River job. The sweep finds what it lost.
type Waker interface {
	// WakeEvents is called in the transaction that appended events for the
	// qualified type in the scope.
	WakeEvents(ctx context.Context, tx *db.Tx, typ string, scope Scope) error
}

// Authorizer decides permissions; *access.Authorizer is one.
type Authorizer interface {
	Can(actor *access.Actor, p access.Permission, at access.Place) bool
	Require(actor *access.Actor, p access.Permission, at access.Place) error
}

var _ Authorizer = (*access.Authorizer)(nil)
