package effect

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
)

// A call begins with everything that can be read before anything is known: the
// scope and what lies above it, the actor's groups and membership, the slices
// that are asked of the scope itself, and what the caller wants beside. That is
// one round trip. Slices over groups, over everything below, or filtered by the
// actor's membership follow in another; whether the actor may ask at all is
// decided between the two, and what was read too early is then forgotten.

// ahead is what a call will want.
type ahead struct {
	wants   Wants
	subject uuid.UUID
	// beside is read in the first round trip for the caller; nil = nothing.
	beside func(ctx context.Context, q db.Q) error
}

// first reads the scope with all that can be read at once with it.
func (r *run) first(ctx context.Context, scope Scope, a *ahead) error {
	e := r.e
	if e.scopes[scope.Kind] == nil {
		return errNotFound
	}
	var base, groups []ScopeState
	own := e.scopeReaders()
	above, found := make([][]ScopeState, len(own)), make([]uuid.UUID, len(own))
	readers := []func(context.Context, db.Q) error{func(ctx context.Context, q db.Q) (err error) {
		base, err = e.scopes[scope.Kind].States(ctx, q, []uuid.UUID{scope.ID})
		return err
	}}
	for i, reader := range own {
		if x, ok := reader.(Ancestry); ok && scope.Kind != Programme {
			readers = append(readers, func(ctx context.Context, q db.Q) (err error) {
				above[i], err = x.Above(ctx, q, scope)
				return err
			})
		}
		if x, ok := reader.(MembershipFinder); ok && r.actor.SignedIn() {
			readers = append(readers, func(ctx context.Context, q db.Q) (err error) {
				found[i], err = x.MembershipOf(ctx, q, scope, r.actor.Person)
				return err
			})
		}
	}
	if ids := groupsOf(r.actor); len(ids) > 0 && e.scopes[Group] != nil {
		readers = append(readers, func(ctx context.Context, q db.Q) (err error) {
			groups, err = e.scopes[Group].States(ctx, q, ids)
			return err
		})
	}
	readers = append(readers, r.early(scope, a.wants.Slices)...)
	if a.beside != nil {
		readers = append(readers, a.beside)
	}
	if err := db.Together(ctx, e.db, readers...); err != nil {
		return err
	}
	i := slices.IndexFunc(base, func(st ScopeState) bool { return st.Scope == scope })
	if i < 0 {
		return errNotFound
	}
	r.base = base[i]
	var err error
	if r.chain, err = e.chain(ctx, e.db, r.base, slices.Concat(above...)...); err != nil {
		return err
	}
	r.groups = groups
	for _, id := range found {
		if id != uuid.Nil {
			r.snap.Actor.Membership = id
			break
		}
	}
	return nil
}

// scopeReaders are the readers of scopes, each once, those of the lowest first.
func (e *Engine) scopeReaders() []ScopeReader {
	var out []ScopeReader
	for _, kind := range []ScopeKind{Membership, Group, Network, Programme} {
		if s := e.scopes[kind]; s != nil && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// groupsOf are the groups in which the actor has a role.
func groupsOf(a *access.Actor) []uuid.UUID {
	var ids []uuid.UUID
	for _, g := range a.Grants {
		if g.Kind == access.Group && a.SignedIn() {
			ids = append(ids, g.Scope)
		}
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// early are the readers of the slices that rest on nothing but the scope. A
// slice that is not in order is left to [run.read], which says why.
func (r *run) early(scope Scope, specs []SliceSpec) (out []func(context.Context, db.Q) error) {
	for i := range specs {
		s := &specs[i]
		reader := r.e.readers[s.Source]
		if s.Selector != This || reader == nil || s.check() != nil || r.granted(s, []Scope{scope}) != nil ||
			slices.ContainsFunc(s.Filters, func(f Filter) bool { return f.Param == ParamMembership }) {
			continue
		}
		req, err := r.request(s, []Scope{scope})
		if err != nil {
			continue
		}
		got := &reading{reader: reader, req: req}
		r.before[s] = got
		out = append(out, got.read)
	}
	return out
}
