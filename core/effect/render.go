package effect

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// RenderRequest asks a module for a view. The actor is the context's.
type RenderRequest struct {
	Type  string // qualified
	View  string
	Scope Scope
	// Subject is the record or task that the view shows; uuid.Nil when none.
	Subject    uuid.UUID
	Parameters map[string]string // at most 20
	// Before and After are two versions of the subject to compare; nil otherwise.
	Before, After *RevisionDoc
	// Beside, when set, is read in the same round trip as the scope: what the
	// caller needs for its page. Its error is Render's.
	Beside func(ctx context.Context, q db.Q) error
}

// Rendered is a view document as the module wrote it: pass it through core/view
// before showing anything of it.
type Rendered struct {
	View        json.RawMessage
	Diagnostics []Diagnostic
}

// Render asks for a view. It needs ViewPermission(module, view) in the scope; a
// view whose slices are all of "my groups" (a guardian's board over the teams of
// a programme) may also be seen by who has the permission in some of these
// groups, and then shows those alone.
//
// Errors: NotFound for unknown and hidden views; Invalid with the module's
// sentences when there is nothing to show; Unavailable while the module is down.
func (e *Engine) Render(ctx context.Context, req *RenderRequest) (*Rendered, error) {
	t, err := e.find(ctx, req.Type)
	if err != nil {
		return nil, err
	}
	v, ok := t.behaviour.View(req.View)
	if !ok || len(v.Scopes) > 0 && !slices.Contains(v.Scopes, req.Scope.Kind) || len(req.Parameters) > 20 {
		return nil, errNotFound
	}
	if (req.Before != nil || req.After != nil) && !v.Compares {
		return nil, errNotFound
	}
	actor := access.From(ctx)
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	r, err := e.newRun(ctx, t, actor, req.Scope, nil, id, ahead{wants: v.Wants, subject: req.Subject, beside: req.Beside})
	if err != nil {
		return nil, err
	}
	if perm := ViewPermission(t.info.ID, req.View); !e.access.Can(actor, perm, r.base.Place) && !r.narrow(perm, v.Wants) {
		return nil, e.access.Require(actor, perm, r.base.Place)
	}
	var a *RenderAnswer
	if err := r.converse(ctx, v.Wants, func(ctx context.Context) (*Need, error) {
		var err error
		if a, err = t.module.Render(ctx, &RenderAsk{
			Type: t.local, View: req.View, Subject: req.Subject, Parameters: req.Parameters, Snapshot: r.snap, Before: req.Before, After: req.After,
		}); err != nil {
			return nil, err
		}
		return a.Need, nil
	}); err != nil {
		return nil, err
	}
	if err := checkDiagnostics(a.Diagnostics); err != nil {
		return nil, err
	}
	if hasError(a.Diagnostics) {
		return nil, refusal(a.Diagnostics, nil)
	}
	if len(a.View) == 0 {
		return nil, BadAnswer("view %q is empty", req.View)
	}
	return &Rendered{View: a.View, Diagnostics: a.Diagnostics}, nil
}

// narrow confines the run to the actor's groups in which perm is held; false
// when there is none, or when the view wants more than groups of the actor's own.
func (r *run) narrow(perm access.Permission, w Wants) bool {
	for _, s := range w.Slices {
		if s.Selector != MyGroups {
			return false
		}
	}
	for _, s := range w.Aggregates {
		if s.Selector != MyGroups {
			return false
		}
	}
	var held []Scope
	var ids []uuid.UUID
	for _, s := range r.chosen[MyGroups] {
		if r.e.access.Can(r.actor, perm, r.scopes[s].Place) {
			held, ids = append(held, s), append(ids, s.ID)
		}
	}
	r.chosen = map[Selector][]Scope{MyGroups: held}
	r.snap.Actor.Groups = ids
	r.narrowed = true
	return len(held) > 0
}
