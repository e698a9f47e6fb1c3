package effect

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// Request asks for a decision. The actor is the context's (access.From), the
// language too (i18n.FromContext).
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
	// Founding is the state of a scope that Before will create: it does not
	// exist yet when the module is asked. Nil otherwise.
	Founding *ScopeState
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
	var out []Diagnostic
	for _, d := range o.Diagnostics {
		if d.Severity == SeverityWarning && !acknowledged(d, given) {
			out = append(out, d)
		}
	}
	return out
}

func acknowledged(d Diagnostic, given []Acknowledgement) bool {
	for _, a := range given {
		if a.Code == d.Code && a.Path == d.Path && a.Reason != "" {
			return true
		}
	}
	return false
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
// out as writable, and those that it created.
func (d *Decision) Scope(s Scope) (ScopeState, bool) {
	st, ok := d.scopes[s]
	return st, ok
}

// Created tells the decision of a scope that an applier has just made, so that
// later effects may name it.
func (d *Decision) Created(s ScopeState) {
	s.Writable = true
	d.scopes[s.Scope] = s
}

// Emit appends an event about the scope; it is stored when all effects are
// applied, for every type above the scope that asked to be told. data is a
// small struct or map (plugins/proto/SOURCES.md), no personal data.
func (d *Decision) Emit(scope Scope, name string, data any) {
	d.events = append(d.events, pendingEvent{scope: scope, name: name, data: data, depth: d.Depth})
}

type pendingEvent struct {
	scope Scope
	name  string
	data  any
	depth int
}
