package effect

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// GuardRequest asks whether an act of the core may be done. The actor is the
// context's; the caller has authorised the act itself.
type GuardRequest struct {
	// Type is the qualified type whose guard is asked; empty = the type of the
	// scope or of the nearest scope above it that has one.
	Type string
	// Command is the core's name of the act, "network.member:add".
	Command string
	Scope   Scope
	// Arguments is a small struct or map (plugins/proto/SOURCES.md).
	Arguments any
	// Acknowledged are reasons given for warnings.
	Acknowledged []Acknowledgement
}

// GuardOutcome is what a guard said. Pass it to [Engine.Confirm] in the
// transaction of the act.
type GuardOutcome struct {
	Diagnostics []Diagnostic
	// Refused means that diagnostics forbid the act, or ask for a reason not given.
	Refused bool
	// Deferred means that the module of an advisory guard is down, or that its
	// yes could not be held: the act goes on and is checked again later.
	Deferred bool

	request   GuardRequest
	arguments Document
	typ       string
	dependsOn []RowVersion
}

// Unacknowledged are the warnings that still need a reason.
func (o *GuardOutcome) Unacknowledged(given []Acknowledgement) []Diagnostic {
	return unacknowledged(o.Diagnostics, given)
}

// Guard asks the type's guard of an act of the core, outside any transaction.
// Without a guard, or in a scope without a type, the act is free.
//
// Errors: Invalid when diagnostics refuse (the outcome says which warnings need
// a reason); Unavailable while the module of a required guard is down.
func (e *Engine) Guard(ctx context.Context, req *GuardRequest) (*GuardOutcome, error) {
	o := &GuardOutcome{request: *req, typ: req.Type}
	o.request.Acknowledged = given(req.Acknowledged)
	if o.typ == "" {
		typ, err := e.typeOf(ctx, e.db, req.Scope)
		if err != nil {
			return nil, err
		}
		if typ == "" {
			return o, nil
		}
		o.typ = typ
	}
	kind, err := e.guardKind(o.typ, req.Command)
	if err != nil || kind == nil {
		return o, err
	}
	raw, err := json.Marshal(req.Arguments)
	if err != nil {
		return nil, fmt.Errorf("arguments of guard: %w", err)
	}
	o.arguments = Document{JSON: raw, Revision: 1}
	err = e.askGuard(ctx, o, kind, access.From(ctx), o.request.Acknowledged)
	if fault.Is(err, fault.Unavailable) && kind.Mode == Advisory {
		slog.WarnContext(ctx, "advisory guard deferred", "type", o.typ, "command", req.Command, "scope", req.Scope.String(), "err", err)
		o.Deferred = true
		return o, nil
	}
	if err != nil {
		return nil, err
	}
	if err := refusal(o.Diagnostics, o.request.Acknowledged); err != nil {
		o.Refused = true
		return o, err
	}
	return o, nil
}

// guardKind finds the guard without needing the module to be up; nil = none.
func (e *Engine) guardKind(typ, command string) (*GuardKind, error) {
	m, err := e.modules.Module(typ)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, local, _ := Split(typ)
	b, ok := m.Info().Description.Behaviour(local)
	if !ok {
		return nil, nil
	}
	k, _ := b.Guard(command)
	return k, nil
}

func (e *Engine) askGuard(ctx context.Context, o *GuardOutcome, kind *GuardKind, actor *access.Actor, acks []Acknowledgement) error {
	t, err := e.find(ctx, o.typ)
	if err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	r, err := e.newRun(ctx, t, actor, o.request.Scope, nil, id, ahead{wants: kind.Wants})
	if err != nil {
		return err
	}
	r.snap.Acknowledged = acks
	var a *GuardAnswer
	if err := r.converse(ctx, kind.Wants, func(ctx context.Context) (*Need, error) {
		var err error
		if a, err = t.module.Guard(ctx, &GuardAsk{Type: t.local, Command: kind.Command, Arguments: o.arguments, Snapshot: r.snap}); err != nil {
			return nil, err
		}
		return a.Need, nil
	}); err != nil {
		return err
	}
	o.Diagnostics, o.dependsOn = a.Diagnostics, a.DependsOn
	for _, v := range a.DependsOn {
		if e.readers[v.Source] == nil {
			return BadAnswer("guard depends on unknown source %q", v.Source)
		}
	}
	return checkDiagnostics(a.Diagnostics)
}

// typeOf is the type of the scope or of the nearest scope above that has one.
func (e *Engine) typeOf(ctx context.Context, q db.Q, s Scope) (string, error) {
	st, err := e.State(ctx, q, s)
	if err != nil {
		return "", err
	}
	chain, err := e.chain(ctx, q, st)
	if err != nil {
		return "", err
	}
	for _, st := range chain {
		if st.Type != "" {
			return st.Type, nil
		}
	}
	return "", nil
}

// Confirm belongs into the transaction of a guarded act: rows on which the
// guard's yes rests must not have changed ([ErrStale] otherwise: ask again),
// reasons are audited, and an act that went on without its advisory guard is
// noted for a later check.
func (e *Engine) Confirm(ctx context.Context, tx *db.Tx, o *GuardOutcome) error {
	if o == nil || o.typ == "" {
		return nil
	}
	if err := e.recheck(ctx, tx, o.dependsOn); err != nil {
		return err
	}
	return e.noteOutcome(ctx, tx, o)
}

// GoOn is [Engine.Confirm] for an act that goes on although what an advisory
// guard looked at keeps changing: reasons are audited, and the act is noted for
// a later check as if the module had been down.
func (e *Engine) GoOn(ctx context.Context, tx *db.Tx, o *GuardOutcome) error {
	if o == nil || o.typ == "" {
		return nil
	}
	o.Deferred = true
	return e.noteOutcome(ctx, tx, o)
}

func (e *Engine) noteOutcome(ctx context.Context, tx *db.Tx, o *GuardOutcome) error {
	actor := access.From(ctx)
	if err := e.noteReasons(ctx, tx, actor, o.request.Scope, o.request.Acknowledged); err != nil {
		return err
	}
	if !o.Deferred {
		return nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return insertRecheck(ctx, tx, &recheckRow{
		ID: id, Type: o.typ, Command: o.request.Command, ScopeKind: string(o.request.Scope.Kind), ScopeID: o.request.Scope.ID,
		Arguments: o.arguments.JSON, Actor: nullID(actor.Person), At: e.clock.Now(),
	})
}

// Flag is an act that went on while its advisory guard was down and to which
// the module later had something to say.
type Flag struct {
	ID          uuid.UUID
	Command     string
	Diagnostics []Diagnostic
}

// Flags lists the flags of a scope, newest first, at most 50. The caller has
// authorised the reading of the scope.
func (e *Engine) Flags(ctx context.Context, q db.Q, s Scope) ([]Flag, error) {
	rows, err := readFlags(ctx, q, s)
	if err != nil {
		return nil, err
	}
	out := make([]Flag, 0, len(rows))
	for _, r := range rows {
		f := Flag{ID: r.ID, Command: r.Command}
		if err := json.Unmarshal(r.Diagnostics, &f.Diagnostics); err != nil {
			return nil, fmt.Errorf("stored diagnostics: %w", err)
		}
		out = append(out, f)
	}
	return out, nil
}

// SweepRechecks asks advisory guards again whose module was down; it returns
// how many got an answer.
func (e *Engine) SweepRechecks(ctx context.Context) (int, error) {
	rows, err := readRechecks(ctx, e.db, sweepBatch)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, row := range rows {
		o := &GuardOutcome{
			typ: row.Type, arguments: Document{JSON: row.Arguments, Revision: 1},
			request: GuardRequest{Command: row.Command, Scope: Scope{ScopeKind(row.ScopeKind), row.ScopeID}},
		}
		kind, err := e.guardKind(row.Type, row.Command)
		if err == nil && kind != nil {
			err = e.askGuard(ctx, o, kind, &access.Actor{Person: row.Actor.UUID}, nil)
		}
		if fault.Is(err, fault.Unavailable) && !IsFailed(err) {
			continue
		}
		if err != nil {
			slog.ErrorContext(ctx, "later check of a guard failed", "type", row.Type, "command", row.Command, "err", err)
		}
		raw, err := json.Marshal(append([]Diagnostic{}, o.Diagnostics...))
		if err != nil {
			return done, err
		}
		if err := finishRecheck(ctx, e.db, row.ID, raw, e.clock.Now()); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}
