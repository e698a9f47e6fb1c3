package effect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// apply makes the whole answer happen, or nothing: mark of the decision, rows
// it depends on, effects in order, events, audit, in one transaction.
// none, when given, is a slice that must still be empty.
func (c *deciding) apply(ctx context.Context, r *run, a *Answer, none *SliceSpec, o *Outcome) (*Outcome, error) {
	var repeated *Outcome
	err := c.e.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if repeated, err = c.mark(ctx, tx, r, o); err != nil || repeated != nil {
			return err
		}
		d := &Decision{
			ID: c.id, Module: c.t.info.ID, Type: c.t.typ, Description: c.t.info.Description, Base: r.base, Actor: c.actor,
			Now: r.snap.Now, Depth: c.depth, DryRun: c.req.DryRun, Acknowledged: c.req.Acknowledged, scopes: maps.Clone(r.scopes),
		}
		if c.req.Before != nil {
			if err := c.req.Before(ctx, tx, d); err != nil {
				return err
			}
		}
		if err := c.e.recheck(ctx, tx, unwritten(a)); err != nil {
			return err
		}
		if none != nil {
			if err := r.stillNone(ctx, tx, none); err != nil {
				return err
			}
		}
		for _, it := range a.Effects {
			if err := c.one(ctx, tx, d, it); err != nil {
				if !errors.Is(err, ErrStale) {
					slog.WarnContext(ctx, "effect refused", "module", d.Module, "decision", d.ID, "effect", it.Handle, "kind", string(it.Effect.Kind()), "err", err)
				}
				return fmt.Errorf("effect %s (%s): %w", it.Handle, it.Effect.Kind(), err)
			}
		}
		o.Applied = !c.req.DryRun
		if c.req.After != nil {
			if err := c.req.After(ctx, tx, d, o); err != nil {
				return err
			}
		}
		if err := c.note(ctx, tx, d, a); err != nil {
			return err
		}
		if err := c.e.appendEvents(ctx, tx, d.events, d.Now); err != nil {
			return err
		}
		if c.req.DryRun {
			return errDryRun
		}
		return nil
	})
	switch {
	case errors.Is(err, errDryRun):
		return o, nil
	case err != nil:
		return nil, err
	case repeated != nil:
		return repeated, nil
	}
	return o, nil
}

// mark writes that the decision is taken. Who comes second waits here for the
// first, and then gets the outcome of that.
func (c *deciding) mark(ctx context.Context, tx *db.Tx, r *run, o *Outcome) (*Outcome, error) {
	kept := *o
	kept.Effects = nil
	raw, err := json.Marshal(&kept)
	if err != nil {
		return nil, fmt.Errorf("outcome: %w", err)
	}
	acks, err := json.Marshal(slices.Concat([]Acknowledgement{}, c.req.Acknowledged))
	if err != nil {
		return nil, fmt.Errorf("reasons: %w", err)
	}
	fresh, err := insertDecision(ctx, tx, &decisionRow{
		ID: c.id, Module: c.t.info.ID, Version: c.t.info.Version, Type: c.t.local, Scope: c.req.Scope,
		InputKind: c.input.InputKind(), InputName: c.input.InputName(), Actor: c.actor.Person, Digest: c.digest,
		Outcome: raw, Acknowledged: acks, At: r.snap.Now,
	})
	if err != nil || fresh {
		return nil, err
	}
	again, err := c.e.repeated(ctx, tx, c.id, c.digest)
	if err == nil && again == nil {
		return nil, fmt.Errorf("decision %s vanished", c.id)
	}
	return again, err
}

// unwritten are the rows that an answer depends on and does not write: those it
// writes are checked by the write itself, and holding them FOR SHARE first would
// make two such decisions block each other.
func unwritten(a *Answer) []RowVersion {
	written := map[uuid.UUID]bool{}
	for _, it := range a.Effects {
		switch e := it.Effect.(type) {
		case *RecordRevise:
			written[e.Record] = e.Version != 0
		case *RecordClose:
			written[e.Record] = e.Version != 0
		case *TaskAssign:
			written[e.Task] = e.Version != 0
		case *TaskDecide:
			written[e.Task] = e.Version != 0
		case *MeetingChange:
			written[e.Meeting] = e.Version != 0
		}
	}
	return slices.DeleteFunc(slices.Clone(a.DependsOn), func(v RowVersion) bool { return written[v.ID] })
}

// recheck holds the rows that an answer depends on; ErrStale when one changed.
// Sources and ids are locked in one order, so that two decisions cannot block
// each other here.
func (e *Engine) recheck(ctx context.Context, tx *db.Tx, rows []RowVersion) error {
	bySource := map[Source]map[uuid.UUID]int64{}
	for _, v := range rows {
		if bySource[v.Source] == nil {
			bySource[v.Source] = map[uuid.UUID]int64{}
		}
		bySource[v.Source][v.ID] = v.Version
	}
	for _, source := range slices.Sorted(maps.Keys(bySource)) {
		want := bySource[source]
		ids := slices.SortedFunc(maps.Keys(want), func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		have, err := e.readers[source].LockVersions(ctx, tx, ids)
		if err != nil {
			return err
		}
		for id, version := range want {
			if v, ok := have[id]; !ok || v != version {
				return ErrStale
			}
		}
	}
	return nil
}

// one checks and applies one effect.
func (c *deciding) one(ctx context.Context, tx *db.Tx, d *Decision, it Item) error {
	kind := it.Effect.Kind()
	for i, s := range touched(it.Effect) {
		st, err := c.e.writable(ctx, tx, d, s)
		if err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		if !c.t.info.Grants.Has(string(kind), s.Kind) {
			return fault.New(fault.Forbidden, "effect.no_capability", "Module", d.Module, "Capability", string(kind)+"@"+string(s.Kind))
		}
		if !c.e.access.Can(d.Actor, kind.Permission(d.Module), st.Place) {
			return fault.New(fault.Forbidden, "effect.not_permitted", "Kind", string(kind))
		}
		if _, byPerson := c.input.(Command); st.Closed && (!byPerson || s != d.Base.Scope) {
			return fault.New(fault.Conflict, "effect.scope_closed")
		}
	}
	applier := c.e.appliers[kind]
	if err := applier.Check(ctx, tx, d, it.Effect); err != nil {
		return err
	}
	return applier.Apply(ctx, tx, d, it.Effect, HandleID(d.ID, it.Handle))
}

// touched lists the scopes that an effect changes, its target first.
func touched(e Effect) []Scope {
	out := []Scope{e.Target()}
	switch e := e.(type) {
	case *GroupMove:
		out = append(out, e.To)
	case *NetworkConvert:
		for _, s := range e.Sources {
			out = append(out, Scope{Network, s.Network})
		}
	}
	return out
}

// writable returns the state of a scope that the snapshot handed out as
// writable, that this decision made, or that is a membership of such a scope.
func (e *Engine) writable(ctx context.Context, tx *db.Tx, d *Decision, s Scope) (ScopeState, error) {
	st, ok := d.scopes[s]
	if !ok && s.Kind == Membership {
		var err error
		if st, err = e.State(ctx, tx, s); err != nil {
			return st, err
		}
		st.Writable = d.scopes[st.Parent].Writable
	}
	if !st.Writable {
		return st, BadAnswer("scope %s was not handed out as writable", s)
	}
	return st, nil
}

// note audits the decision and each warning that a reason went past.
func (c *deciding) note(ctx context.Context, tx *db.Tx, d *Decision, a *Answer) error {
	var kinds []string
	for _, it := range a.Effects {
		kinds = append(kinds, string(it.Effect.Kind()))
	}
	slices.Sort(kinds)
	if err := c.e.audit.Write(ctx, tx, audit.Event{
		Actor: d.Actor.Person, System: d.Actor.System,
		Action:     d.Module + "/" + c.input.InputKind() + ":" + c.input.InputName(),
		ObjectKind: "decision", ObjectID: d.ID.String(),
		ScopeKind: string(d.Base.Scope.Kind), ScopeID: d.Base.Scope.ID, Fields: slices.Compact(kinds),
	}); err != nil {
		return err
	}
	return c.e.noteReasons(ctx, tx, d.Actor, d.Base.Scope, d.Acknowledged)
}

// noteReasons audits every reason given, also for a warning that the module
// does not repeat once it is acknowledged.
func (e *Engine) noteReasons(ctx context.Context, tx *db.Tx, actor *access.Actor, s Scope, given []Acknowledgement) error {
	for _, a := range given {
		if err := e.audit.Write(ctx, tx, audit.Event{
			Actor: actor.Person, System: actor.System, Action: "warning:acknowledge", ObjectKind: "diagnostic", ObjectID: a.Code,
			ScopeKind: string(s.Kind), ScopeID: s.ID, Value: []byte(a.Path + "\n" + a.Reason),
		}); err != nil {
			return err
		}
	}
	return nil
}
