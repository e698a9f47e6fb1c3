package task

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// rights are what an actor may do with a task.
type rights struct {
	scope    effect.ScopeState
	assignee bool // hands in
	reviewer bool // accepts, returns
	assigner bool // assigns, cancels
	lister   bool // sees that it exists
	former   bool // handed something in before leaving the task's place: reads it
}

func (r *rights) see() bool     { return r.content() || r.lister }
func (r *rights) content() bool { return r.assignee || r.reviewer || r.assigner || r.former }

// standing is what [Service.compare] needs of the database.
type standing struct {
	scope effect.ScopeState
	// of is the scope of a group or network that hands in; read only where it is
	// another one than the task's.
	of effect.ScopeState
	// here and handed are about the actor: a role in, above or below the scope,
	// and a submission of theirs.
	here, handed bool
}

func owns(a *access.Actor, t *Task) bool {
	return t.Assignee.Kind == effect.AssigneePerson && a.SignedIn() && t.Assignee.ID == a.Person
}

// elsewhere is the scope of who hands in, where it is not the task's.
func elsewhere(t *Task) effect.Scope {
	if (t.Assignee.Kind == effect.AssigneeGroup || t.Assignee.Kind == effect.AssigneeNetwork) && t.Assignee.ID != t.Scope.ID {
		return effect.Scope{Kind: effect.ScopeKind(t.Assignee.Kind), ID: t.Assignee.ID}
	}
	return effect.Scope{}
}

// rights reads how the actor stands to the task, in one round trip.
func (s *Service) rights(ctx context.Context, q db.Q, a *access.Actor, t *Task) (*rights, error) {
	var x standing
	readers := []func(context.Context, db.Q) error{
		func(ctx context.Context, q db.Q) (err error) {
			x.scope, err = s.engine.State(ctx, q, t.Scope)
			return err
		},
	}
	if owns(a, t) {
		readers = append(readers,
			func(ctx context.Context, q db.Q) (err error) {
				x.here, err = stands(ctx, q, t.Scope.ID, a.Person, s.clock.Now())
				return err
			},
			func(ctx context.Context, q db.Q) (err error) {
				x.handed, err = handedIn(ctx, q, t.ID, a.Person)
				return err
			})
	}
	if of := elsewhere(t); !of.IsZero() {
		readers = append(readers, func(ctx context.Context, q db.Q) (err error) { x.of, err = s.engine.State(ctx, q, of); return err })
	}
	if err := db.Together(ctx, q, readers...); err != nil {
		return nil, err
	}
	return s.compare(a, t, &x), nil
}

func (s *Service) compare(a *access.Actor, t *Task, x *standing) *rights {
	at := x.scope.Place
	r := &rights{scope: x.scope, assigner: s.auth.Can(a, Assign, at)}
	r.lister = s.auth.Can(a, List, at) && !s.auth.Can(a, Submit, at)
	switch {
	case t.Assignee.Kind == effect.AssigneePerson:
		if owns(a, t) && s.auth.Can(a, Own, at) {
			r.assignee, r.former = x.here, !x.here && x.handed
		}
	case t.Assignee.Kind != "":
		place := at
		if !elsewhere(t).IsZero() {
			place = x.of.Place
		}
		r.assignee = member(a, t.Assignee) && s.auth.Can(a, Submit, place)
	}
	role := ""
	if k, err := s.kind(t.Type); err == nil {
		role = k.ReviewerRole
	}
	r.reviewer = role != "" && holds(a, reviewerRole(t.Type, role), at)
	return r
}

// member reports whether the actor belongs to the group or network that hands in.
func member(a *access.Actor, of effect.Assignee) bool {
	roles, kind := []access.Role{access.TeamMember, access.Head}, access.Group
	if of.Kind == effect.AssigneeNetwork {
		roles, kind = []access.Role{access.Participant}, access.Network
	}
	return slices.ContainsFunc(roles, func(r access.Role) bool { return a.Has(r, kind, of.ID) })
}

// coreRoles are those that a type may name as reviewers without declaring them.
var coreRoles = []access.Role{access.Coordinator, access.Expert, access.Moderator, access.Guardian, access.Head, access.Lead}

// reviewerRole is the role as it is granted: a module's own is qualified.
func reviewerRole(typ, role string) access.Role {
	if slices.Contains(coreRoles, access.Role(role)) {
		return access.Role(role)
	}
	module, _, _ := effect.Split(typ)
	return access.Role(module + "." + role)
}

// holds reports whether the actor has the role at the place or above it.
func holds(a *access.Actor, role access.Role, at access.Place) bool {
	for i := range a.Grants {
		g := &a.Grants[i]
		if g.Role != role || g.Scope == uuid.Nil {
			continue
		}
		switch {
		case g.Kind == access.Centre && g.Scope == at.Centre,
			g.Kind == access.Programme && g.Scope == at.Programme,
			g.Kind == access.Network && g.Scope == at.Network,
			g.Kind == access.Group && g.Scope == at.Group:
			return true
		}
	}
	return false
}

// see reads the rights and hides what may not be seen.
func (s *Service) see(ctx context.Context, q db.Q, a *access.Actor, t *Task) (*rights, error) {
	r, err := s.rights(ctx, q, a, t)
	if err != nil {
		return nil, err
	}
	if !r.see() {
		if !a.SignedIn() && a.System == "" {
			return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
		}
		return nil, fault.ErrNotFound
	}
	return r, nil
}
