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

// rights reads the task's place and compares; it costs one to three reads.
func (s *Service) rights(ctx context.Context, q db.Q, a *access.Actor, t *Task) (*rights, error) {
	st, err := s.engine.State(ctx, q, t.Scope)
	if err != nil {
		return nil, err
	}
	r := &rights{scope: st, assigner: s.auth.Can(a, Assign, st.Place)}
	submits := s.auth.Can(a, Submit, st.Place)
	r.lister = s.auth.Can(a, List, st.Place) && !submits
	switch t.Assignee.Kind {
	case effect.AssigneePerson:
		if a.SignedIn() && t.Assignee.ID == a.Person && s.auth.Can(a, Own, st.Place) {
			if r.assignee, err = stands(ctx, q, t.Scope.ID, a.Person, s.clock.Now()); err != nil {
				return nil, err
			}
			if !r.assignee {
				if r.former, err = handedIn(ctx, q, t.ID, a.Person); err != nil {
					return nil, err
				}
			}
		}
	case effect.AssigneeGroup, effect.AssigneeNetwork:
		place := st.Place
		if t.Assignee.ID != t.Scope.ID {
			of, err := s.engine.State(ctx, q, effect.Scope{Kind: effect.ScopeKind(t.Assignee.Kind), ID: t.Assignee.ID})
			if err != nil {
				return nil, err
			}
			place = of.Place
		}
		r.assignee = member(a, t.Assignee) && s.auth.Can(a, Submit, place)
	}
	role := ""
	if k, err := s.kind(t.Type); err == nil {
		role = k.ReviewerRole
	}
	r.reviewer = role != "" && holds(a, reviewerRole(t.Type, role), st.Place)
	return r, nil
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
