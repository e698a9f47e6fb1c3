package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Explanation says why an act is permitted or not.
type Explanation struct {
	Permission Permission
	Allowed    bool
	// Rule is the rule that Casbin matched: role, object, action; nil when none.
	Rule []string
	// Grant is the grant that carries the rule's role; zero for guest and user.
	Grant Grant
	// Would are the roles that permit the act somewhere, sorted; what to ask for.
	Would []Role
}

// Explain answers like [Authorizer.Can], by asking Casbin itself, and says
// which rule and which grant decided. It is slow (a scan of all rules a grant).
func (a *Authorizer) Explain(actor *Actor, p Permission, at Place) (Explanation, error) {
	x := Explanation{Permission: p}
	t := a.table.Load()
	obj, act := p.split()
	held := []Grant{{Role: Guest}}
	if actor.SignedIn() {
		held = append(held, Grant{Role: User})
	}
	for i := range actor.Grants {
		if covers(&actor.Grants[i], &at) {
			held = append(held, actor.Grants[i])
		}
	}
	for _, g := range held {
		ok, rule, err := t.enforcer.EnforceEx(string(g.Role), obj, act)
		if err != nil {
			return x, fmt.Errorf("explain %s: %w", p, err)
		}
		if ok {
			x.Allowed, x.Rule = true, rule
			if g.Kind != "" {
				x.Grant = g
			}
			break
		}
	}
	x.Would = t.holders(p)
	return x, nil
}

// holders are the roles that permit p, sorted.
func (t *table) holders(p Permission) []Role {
	var out []Role
	c, ok := t.perms[p]
	for r := range t.roles {
		if ok && t.may(r, c) {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
}

// Holders are the roles that permit p somewhere, sorted; none for a permission
// that no rule gives.
func (a *Authorizer) Holders(p Permission) []Role { return a.table.Load().holders(p) }

// When says how a grant's period lies to the domain time.
type When string

// The states of a grant in time.
const (
	InForce When = "now"
	Future  When = "future"
	Ended   When = "ended"
)

// When tells whether the grant is in force at the domain time.
func (h *Held) When(now time.Time) When {
	switch {
	case h.From.After(now):
		return Future
	case h.To != nil && !h.To.After(now):
		return Ended
	}
	return InForce
}

// Answer is an [Explanation] with the names and periods that people need.
type Answer struct {
	Explanation
	// By is the grant that decides, named; nil where everybody or every account
	// may, and where nothing decides.
	By *Held
	// Near are the person's own grants of roles that permit the act: held
	// elsewhere, not yet or no longer in force. Only where the act is not allowed.
	Near []Near
}

// Near is a grant that would do but for its place or its time.
type Near struct {
	Held
	When  When
	Place bool // the place is right, only the time is not
}

// Own lists the actor's roles, those in force first, then those to come and
// those that ended in the last 366 days; at most 500. Unauthenticated to guests.
func (s *Service) Own(ctx context.Context, a *Actor) ([]Held, error) {
	if !a.SignedIn() {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	now := s.Clock.Now()
	list, err := historyOf(ctx, s.DB, a.Person, now)
	if err != nil {
		return nil, err
	}
	order := map[When]int{InForce: 0, Future: 1, Ended: 2}
	slices.SortStableFunc(list, func(x, y Held) int { return order[x.When(now)] - order[y.When(now)] })
	return list, nil
}

// Why explains to the actor their own standing: one answer for each of the
// permissions, asked at the places (an act is allowed when it is at one of them;
// no place means the platform). The verdict is [Authorizer.Can]'s, found again
// by Casbin itself; that they agree is checked at each call (Internal if not).
// It tells only of the actor's own grants, so it says nothing about things that
// they may not see. Guests are answered, too.
func (s *Service) Why(ctx context.Context, a *Actor, places []Place, list ...Permission) ([]Answer, error) {
	var held []Held
	if a.SignedIn() {
		var err error
		if held, err = s.Own(ctx, a); err != nil {
			return nil, err
		}
	}
	return s.Answers(a, held, places, list...)
}

// Answers is [Service.Why] for the actor's own roles, read by [Service.Own]
// already; it reads nothing.
func (s *Service) Answers(a *Actor, held []Held, places []Place, list ...Permission) ([]Answer, error) {
	if len(places) == 0 {
		places = []Place{{}}
	}
	out := make([]Answer, len(list))
	for i, p := range list {
		x, err := s.at(a, p, places)
		if err != nil {
			return nil, err
		}
		out[i] = Answer{Explanation: x}
		s.name(&out[i], held, places)
	}
	return out, nil
}

// at explains p at the first place where it is allowed, or at the first one.
func (s *Service) at(a *Actor, p Permission, places []Place) (Explanation, error) {
	var first Explanation
	for i, at := range places {
		x, err := s.Authorizer.Explain(a, p, at)
		if err != nil {
			return x, err
		}
		if x.Allowed != s.Authorizer.Can(a, p, at) {
			return x, fmt.Errorf("access: the table and Casbin differ over %s", p)
		}
		if x.Allowed {
			return x, nil
		}
		if i == 0 {
			first = x
		}
	}
	return first, nil
}

// name finds the grants that the answer speaks of.
func (s *Service) name(x *Answer, held []Held, places []Place) {
	now := s.Clock.Now()
	for i := range held {
		h := &held[i]
		g := Grant{Role: h.Role, Kind: h.Kind, Scope: h.Scope.UUID}
		when := h.When(now)
		if x.Allowed {
			if g == x.Grant && when == InForce {
				x.By = h
				return
			}
			continue
		}
		if slices.Contains(x.Would, h.Role) {
			here := slices.ContainsFunc(places, func(at Place) bool { return covers(&g, &at) })
			x.Near = append(x.Near, Near{Held: *h, When: when, Place: here})
		}
	}
}

// Change is what a grant would add for a person.
type Change struct {
	// Gains are the permissions that the role carries and the person does not
	// have at the place yet, sorted.
	Gains []Permission
	// Has are those that they have there already.
	Has []Permission
	// Same are the person's grants of this very role at this very place, in force
	// or to come: the new one only prolongs them.
	Same []Held
	// Others hold the role at the place and so could be stood in for, by name; at
	// most 50. Only before giving.
	Others []Held
}

// WouldChange tells what giving a role would change, before it is given. It
// needs what [Service.GrantRole] needs and changes nothing; it shows the person's
// roles, and is accounted for as [Service.ListRoles]. Two round trips.
// NotFound for a person outside the actor's person:list, as for nobody.
func (s *Service) WouldChange(ctx context.Context, a *Actor, in RoleInput) (Change, error) {
	if err := s.delegates(a, in.Role, in.Kind); err != nil {
		return Change{}, err
	}
	var places, of []Place
	var list, others []Held
	var misfit error
	now := s.Clock.Now()
	err := db.Together(ctx, s.DB,
		func(ctx context.Context, q db.Q) (err error) {
			places, err = PlacesOf(ctx, q, in.Kind, in.Scope, now)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			of, err = PlacesOfPerson(ctx, q, in.Person, now)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) {
			list, err = historyOf(ctx, q, in.Person, now)
			return err
		},
		func(ctx context.Context, q db.Q) (err error) { others, err = holdersNamed(ctx, q, in, now); return err },
		func(ctx context.Context, q db.Q) error {
			// Said after what the actor may: of somewhere else only that it is.
			if misfit = fits(ctx, q, in.Role, in.Scope); fault.Is(misfit, fault.Invalid) {
				return nil
			}
			return misfit
		})
	if err != nil {
		return Change{}, err
	}
	if !s.sees(a, of) {
		return Change{}, fault.ErrNotFound
	}
	if err := s.coversOne(ctx, s.DB, a, in.Role, in.Kind, in.Scope, places); err != nil {
		return Change{}, err
	}
	if misfit != nil {
		return Change{}, misfit
	}
	if err := s.listed(ctx, a, RoleQuery{Person: in.Person}, []Held{{Person: in.Person}}); err != nil {
		return Change{}, err
	}
	x := s.difference(list, grantRow{Person: in.Person, Role: in.Role, Kind: in.Kind, Scope: nullID(in.Scope)}, places)
	x.Others = others
	return x, nil
}

// WouldLose tells what taking a grant away would change: Gains are then the
// permissions that the person loses at the place, Has those that other roles of
// theirs still give them. Needs what [Service.RevokeRole] needs, and is
// accounted for as [Service.ListRoles]; three round trips.
func (s *Service) WouldLose(ctx context.Context, a *Actor, grant uuid.UUID) (Held, Change, error) {
	list, err := historyWith(ctx, s.DB, grant, s.Clock.Now())
	if err != nil {
		return Held{}, Change{}, err
	}
	i := slices.IndexFunc(list, func(h Held) bool { return h.ID == grant })
	if i < 0 {
		return Held{}, Change{}, fault.ErrNotFound
	}
	h := list[i]
	places, err := PlacesOf(ctx, s.DB, h.Kind, h.Scope.UUID, s.Clock.Now())
	if err == nil {
		err = s.delegates(a, h.Role, h.Kind)
	}
	if err == nil {
		err = s.coversOne(ctx, s.DB, a, h.Role, h.Kind, h.Scope.UUID, places)
	}
	if fault.Is(err, fault.Invalid) { // a wrong scope is no news to whoever may not see the grant
		err = fault.ErrNotFound
	}
	if err != nil {
		return Held{}, Change{}, err
	}
	if err := s.listed(ctx, a, RoleQuery{Person: h.Person}, []Held{h}); err != nil {
		return Held{}, Change{}, err
	}
	return h, s.difference(list, grantRow{Person: h.Person, Role: h.Role, Kind: h.Kind, Scope: h.Scope}, places), nil
}

// difference compares what the person may with the grant and without it, at the
// grant's own places.
func (s *Service) difference(list []Held, g grantRow, places []Place) Change {
	now := s.Clock.Now()
	var x Change
	without := Actor{Person: g.Person}
	for i := range list {
		h := &list[i]
		if h.Role == g.Role && h.Kind == g.Kind && h.Scope.UUID == g.Scope.UUID {
			if h.When(now) != Ended {
				x.Same = append(x.Same, *h)
			}
			continue
		}
		if h.When(now) == InForce {
			without.Grants = append(without.Grants, Grant{Role: h.Role, Kind: h.Kind, Scope: h.Scope.UUID})
		}
	}
	for _, p := range s.Authorizer.Permissions() {
		if strings.HasPrefix(string(p), "module:") || !s.Authorizer.Allowed(g.Role, p) {
			continue
		}
		has := slices.ContainsFunc(places, func(at Place) bool { return s.Authorizer.Can(&without, p, at) })
		if has {
			x.Has = append(x.Has, p)
		} else {
			x.Gains = append(x.Gains, p)
		}
	}
	return x
}

// Outside is the refusal of an act at a public place (a centre, an institution,
// a powiat through either) that lies outside the actor's own: it names the place
// and what the actor's roles cover at the domain time at. Only for actors who may do p somewhere;
// others get what [Authorizer.Require] says. field is the path of the input.
func (a *Authorizer) Outside(ctx context.Context, q db.Q, actor *Actor, p Permission, field string, scope uuid.UUID, at time.Time) error {
	if !a.Anywhere(actor, p) {
		return a.Require(actor, p, Place{})
	}
	var own []uuid.UUID
	for _, g := range actor.Grants {
		if (g.Kind == Centre || g.Kind == Institution) && a.Allowed(g.Role, p) {
			own = append(own, g.Scope)
		}
	}
	return outside(ctx, q, field, scope, own, at)
}

// outside names the place and the actor's own area.
func outside(ctx context.Context, q db.Q, field string, scope uuid.UUID, own []uuid.UUID, at time.Time) error {
	where, yours, err := areas(ctx, q, scope, own, at)
	switch {
	case err != nil:
		return err
	case where == "":
		return fault.InvalidFields(fault.Field{Path: field, Key: "access.scope_unknown"})
	case yours == "":
		return fault.InvalidFields(fault.Field{Path: field, Key: "access.scope_not_yours"})
	}
	return fault.InvalidFields(fault.Field{Path: field, Key: "access.outside", Args: fault.Args{"Where": where, "Yours": yours}})
}
