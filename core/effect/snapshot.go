package effect

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n"
)

// target is the type that is asked, with its module.
type target struct {
	module    Module
	info      *Info
	typ       string // qualified
	local     string
	behaviour *Behaviour
}

// find looks up a qualified type; a disabled module is Unavailable.
func (e *Engine) find(ctx context.Context, typ string) (*target, error) {
	m, err := e.modules.Module(typ)
	if err != nil {
		return nil, err
	}
	t := &target{module: m, info: m.Info(), typ: typ}
	_, t.local, _ = Split(typ)
	b, ok := t.info.Description.Behaviour(t.local)
	if !ok {
		return nil, errNotFound
	}
	t.behaviour = b
	if !t.info.Enabled {
		return nil, Disabled(ctx, t.info.Description, t.local)
	}
	return t, nil
}

// run is one attempt of one call: what it knows and what it has read.
type run struct {
	e       *Engine
	t       *target
	actor   *access.Actor
	base    ScopeState
	chain   []ScopeState
	scopes  map[Scope]ScopeState
	chosen  map[Selector][]Scope
	snap    *Snapshot
	subject uuid.UUID
	bytes   int
	// narrowed means that nothing but the actor's own groups may be read.
	narrowed bool
	// groups are the actor's, wherever they lie.
	groups []ScopeState
	// before are slices that were read together with the scope.
	before map[*SliceSpec]*reading
}

// newRun reads the scope, what the module may know of the actor, and what a
// names that rests on the scope alone. founding, when set, stands for a scope
// that does not exist yet.
func (e *Engine) newRun(ctx context.Context, t *target, actor *access.Actor, scope Scope, founding *ScopeState, id uuid.UUID, a ahead) (*run, error) {
	r := &run{e: e, t: t, actor: actor, subject: a.subject,
		scopes: map[Scope]ScopeState{}, chosen: map[Selector][]Scope{}, before: map[*SliceSpec]*reading{}}
	sum := sha256.Sum256(id[:])
	r.snap = &Snapshot{
		Decision: id, Now: e.clock.Now(), Zone: clock.Warsaw.String(), Locale: string(i18n.FromContext(ctx)),
		Seed: binary.BigEndian.Uint64(sum[:8]), Scope: scope, Actor: ActorView{Person: actor.Person, System: !actor.SignedIn()},
		Configuration: t.info.Configuration,
	}
	var err error
	if founding != nil {
		r.base, r.snap.Scope = *founding, founding.Scope
		r.chain, err = e.chain(ctx, e.db, r.base)
	} else {
		err = r.first(ctx, scope, &a)
	}
	if err != nil {
		return nil, err
	}
	if !r.typeFits() {
		return nil, errNotFound
	}
	r.base.Writable = true
	r.chain[0].Writable = true
	for _, st := range r.chain {
		r.scopes[st.Scope] = st
	}
	r.describeActor()
	return r, nil
}

// typeFits: a network or programme type is asked about scopes of that type and
// what lies below; a task type about any scope of its module.
func (r *run) typeFits() bool {
	_, isTask := r.t.info.Description.TaskType(r.t.local)
	for _, st := range r.chain {
		if st.Type == r.t.typ {
			return true
		}
		if module, _, ok := Split(st.Type); ok && isTask && module == r.t.info.ID {
			return true
		}
	}
	return false
}

// describeActor tells the roles that count in the scope, and the groups at or
// below it.
func (r *run) describeActor() {
	v := &r.snap.Actor
	if v.System {
		return
	}
	for _, g := range r.actor.Grants {
		if covers(g, r.base.Place) {
			v.Roles = append(v.Roles, string(g.Role))
		}
	}
	slices.Sort(v.Roles)
	v.Roles = slices.Compact(v.Roles)
	for _, st := range r.groups {
		if below(st, r.base) {
			v.Groups = append(v.Groups, st.Scope.ID)
			r.chosen[MyGroups] = append(r.chosen[MyGroups], st.Scope)
			if _, known := r.scopes[st.Scope]; !known {
				r.scopes[st.Scope] = st
			}
		}
	}
}

func below(st, base ScopeState) bool {
	switch base.Scope.Kind {
	case Programme:
		return st.Place.Programme == base.Scope.ID
	case Network:
		return st.Place.Network == base.Scope.ID
	}
	return st.Scope == base.Scope
}

func covers(g access.Grant, at access.Place) bool {
	if g.Kind == access.Platform {
		return true
	}
	if g.Scope == uuid.Nil {
		return false
	}
	switch g.Kind {
	case access.Centre:
		return g.Scope == at.Centre
	case access.Institution:
		return g.Scope == at.Institution
	case access.Programme:
		return g.Scope == at.Programme
	case access.Network:
		return g.Scope == at.Network
	case access.Group:
		return g.Scope == at.Group
	}
	return false
}

// selected lists the scopes that a selector means, and makes them known.
func (r *run) selected(ctx context.Context, s Selector) ([]Scope, error) {
	if list, ok := r.chosen[s]; ok {
		return list, nil
	}
	if r.narrowed && s != MyGroups {
		return nil, errNotFound
	}
	var out []Scope
	switch s {
	case This:
		out = []Scope{r.base.Scope}
	case MyGroups: // nobody's groups: describeActor filled it otherwise
	case OfProgramme:
		for _, st := range r.chain {
			if st.Scope.Kind == Programme {
				out = []Scope{st.Scope}
			}
		}
	case Children:
		out = []Scope{r.base.Scope}
		for _, kind := range []ScopeKind{Network, Group} {
			reader := r.e.scopes[kind]
			if reader == nil {
				continue
			}
			list, err := reader.Below(ctx, r.e.db, r.base.Scope, maxSliceScopes)
			if err != nil {
				return nil, err
			}
			for _, st := range list {
				if _, twice := r.scopes[st.Scope]; !twice || !slices.Contains(out, st.Scope) {
					out = append(out, st.Scope)
				}
				if _, known := r.scopes[st.Scope]; !known {
					r.scopes[st.Scope] = st
				}
			}
		}
		if len(out) > maxSliceScopes {
			return nil, BadAnswer("more than %d scopes below %s", maxSliceScopes, r.base.Scope)
		}
	default:
		return nil, BadAnswer("unknown selector %q", s)
	}
	r.chosen[s] = out
	return out, nil
}

// handOut marks scopes as writable for this call.
func (r *run) handOut(list []Scope) {
	for _, s := range list {
		st := r.scopes[s]
		st.Writable = true
		r.scopes[s] = st
	}
}

// publish puts the known scopes into the snapshot, in a stable order.
func (r *run) publish() {
	r.snap.Scopes = slices.SortedFunc(maps.Values(r.scopes), func(a, b ScopeState) int {
		if c := slices.Compare([]byte(a.Scope.Kind), []byte(b.Scope.Kind)); c != 0 {
			return c
		}
		return slices.Compare(a.Scope.ID[:], b.Scope.ID[:])
	})
}
