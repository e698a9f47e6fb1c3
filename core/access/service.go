package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/place"
)

// Permissions of the service.
const (
	ListRolesPerm Permission = "role:list"
	GrantRolePerm Permission = "role:grant"
	// listPeople is identity's permission to see people's accounts.
	listPeople Permission = "person:list"
)

// Config of the service; all fields are required.
type Config struct {
	DB         *db.DB
	Authorizer *Authorizer
	Audit      *audit.Log
	Clock      clock.Clock
	// Delegation is the text of policies/delegation.csv.
	Delegation string
}

// Service lets people give and take roles by hand. Safe for concurrent use.
type Service struct {
	Config
	delegation delegation
}

// NewService makes the service; it fails on a wrong delegation file.
func NewService(c Config) (*Service, error) {
	d, err := parseDelegation(c.Delegation, c.Authorizer)
	if err != nil {
		return nil, err
	}
	return &Service{c, d}, nil
}

// RoleInput is a role to give to a person.
type RoleInput struct {
	Person uuid.UUID
	Role   Role
	Kind   ScopeKind
	Scope  uuid.UUID // uuid.Nil for the platform
	// From and Until are domain time. Zero From: at once; an earlier moment of
	// today is at once, too. Zero Until: until taken.
	From, Until time.Time
	// InsteadOf is whom the person stands in for: somebody who holds the same role
	// at the same place. A substitution needs Until. uuid.Nil for none.
	InsteadOf uuid.UUID
}

// Givable lists the roles that the actor may give somewhere; empty for most.
func (s *Service) Givable(a *Actor) []Delegated {
	var out []Delegated
	for _, g := range a.Grants {
		for _, d := range s.delegation[g.Role] {
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// GrantRole gives a role to an active person whom the actor may see
// (person:list). It needs role:grant at the scope by a role that may delegate
// this one there (policies/delegation.csv); NotFound to others. Invalid names the wrong field: person, role, scope (with
// the name of the place and of one's own area, both public; or a kind of
// institution that has no such role), from, until, insteadOf. Nothing is given for longer than the giver's own role lasts, and a
// support organiser does not work in the supported school. Giving what is in
// force changes nothing.
func (s *Service) GrantRole(ctx context.Context, a *Actor, in RoleInput) error {
	now := s.Clock.Now()
	if err := in.period(now); err != nil {
		return err
	}
	if err := s.mayGive(ctx, s.DB, a, in.Role, in.Kind, in.Scope); err != nil {
		return err
	}
	if err := fits(ctx, s.DB, in.Role, in.Scope); err != nil {
		return err
	}
	if err := s.within(ctx, a, &in, now); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "role:grant", in, func() (bool, error) { return true, s.grant(ctx, tx, a, in, now) })
		return err
	})
}

// within checks that a grant ends no later than the giver's own: of the grants
// with which they may give it, the one that lasts longest.
func (s *Service) within(ctx context.Context, a *Actor, in *RoleInput, now time.Time) error {
	if !a.SignedIn() { // the platform itself
		return nil
	}
	places, err := PlacesOf(ctx, s.DB, in.Kind, in.Scope, now)
	if err != nil {
		return err
	}
	own, err := historyOf(ctx, s.DB, a.Person, now)
	if err != nil {
		return err
	}
	var last time.Time
	for i := range own {
		h := &own[i]
		g := Grant{Role: h.Role, Kind: h.Kind, Scope: h.Scope.UUID}
		if h.When(now) != InForce || !s.carries(&g, in.Role, in.Kind, places) {
			continue
		}
		if h.To == nil {
			return nil
		}
		if h.To.After(last) {
			last = *h.To
		}
	}
	if last.IsZero() || !in.Until.IsZero() && !in.Until.After(last) {
		return nil
	}
	return fault.InvalidFields(fault.Field{Path: "until", Key: "access.until_yours", Args: fault.Args{"Day": last.Add(-time.Second).In(clock.Warsaw).Format("2.01.2006")}})
}

// carries reports whether the grant lets its holder give the role at one of the places.
func (s *Service) carries(g *Grant, r Role, k ScopeKind, places []Place) bool {
	if !s.delegation.gives(g.Role, Delegated{r, k}) || !s.Authorizer.Allowed(g.Role, GrantRolePerm) {
		return false
	}
	return slices.ContainsFunc(places, func(at Place) bool { return covers(g, &at) })
}

// period checks the times and puts From right.
func (in *RoleInput) period(now time.Time) error {
	var f fault.Fields
	if in.From.Before(now) {
		if !in.From.IsZero() && day(in.From).Before(day(now)) {
			f.Add("from", "access.from_past")
		}
		in.From = now
	}
	switch {
	case in.Until.IsZero():
		if in.InsteadOf != uuid.Nil {
			f.Add("until", "access.substitution_ends")
		}
	case !in.Until.After(now):
		f.Add("until", "access.until_past")
	case !in.Until.After(in.From):
		f.Add("until", "access.until_before")
	}
	if in.InsteadOf == in.Person && in.InsteadOf != uuid.Nil {
		f.Add("insteadOf", "access.substitution_self")
	}
	return f.Err()
}

// day is the start of the day in Poland.
func day(t time.Time) time.Time {
	y, m, d := t.In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.Warsaw)
}

func (s *Service) grant(ctx context.Context, tx *db.Tx, a *Actor, in RoleInput, now time.Time) error {
	state, err := personState(ctx, tx, in.Person)
	if err != nil {
		return err
	}
	of, err := PlacesOfPerson(ctx, tx, in.Person, now)
	if err != nil {
		return err
	}
	if state != "active" || !s.sees(a, of) { // somebody out of sight is answered like nobody
		return fault.InvalidFields(fault.Field{Path: "person", Key: "access.person_not_active"})
	}
	if in.Role == SupportOrganiser {
		if err := s.outsider(ctx, tx, in.Person, in.Scope); err != nil {
			return err
		}
	}
	if in.InsteadOf != uuid.Nil {
		ok, err := holds(ctx, tx, in.InsteadOf, in.Role, in.Kind, in.Scope, in.From)
		if err != nil {
			return err
		}
		if !ok {
			return fault.InvalidFields(fault.Field{Path: "insteadOf", Key: "access.substitution_holds_not"})
		}
	}
	if err := Give(ctx, tx, Row{Person: in.Person, Role: in.Role, Kind: in.Kind, Scope: in.Scope, From: in.From, To: in.Until, By: a.Person, InsteadOf: in.InsteadOf}); err != nil {
		return err
	}
	return s.write(ctx, tx, a, "role:grant", in.Person, in.Role, in.Kind, in.Scope)
}

// outsider refuses a support organiser who works in the supported institution,
// or in another one of the same complex.
func (s *Service) outsider(ctx context.Context, tx *db.Tx, person, school uuid.UUID) error {
	own, err := WorksAt(ctx, tx, person, school)
	if err == nil && own {
		return fault.InvalidFields(fault.Field{Path: "person", Key: "access.support_own_school"})
	}
	return err
}

// EndOwnSupport ends the roles of a support organiser that the person has in
// schools of which they have become one of the staff: support comes from outside.
// It is part of the caller's transaction, which changed where they work; each end
// is accounted for. It returns how many.
func (s *Service) EndOwnSupport(ctx context.Context, tx *db.Tx, a *Actor, person uuid.UUID) (int, error) {
	schools, err := endOwnSupport(ctx, tx, person, s.Clock.Now())
	if err != nil {
		return 0, err
	}
	for _, id := range schools {
		if err := s.write(ctx, tx, a, "role:revoke", person, SupportOrganiser, Institution, id); err != nil {
			return 0, err
		}
	}
	return len(schools), nil
}

// RevokeRole ends a grant at once; it acts at the person's next request. Who
// could give the role may take it. Conflict for the last administrator of the
// platform; NotFound for an unknown grant. Taking twice changes nothing.
func (s *Service) RevokeRole(ctx context.Context, a *Actor, grant uuid.UUID) error {
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "role:revoke", grant, func() (bool, error) { return true, s.revoke(ctx, tx, a, grant) })
		return err
	})
}

func (s *Service) revoke(ctx context.Context, tx *db.Tx, a *Actor, grant uuid.UUID) error {
	g, err := grantByID(ctx, tx, grant)
	if err != nil {
		return err
	}
	if err := s.mayGive(ctx, tx, a, g.Role, g.Kind, g.Scope.UUID); err != nil {
		// A wrong scope is no news to whoever may not see the grant.
		return fault.ErrNotFound
	}
	now := s.Clock.Now()
	if g.Role == OREAdmin {
		left, err := lockHolders(ctx, tx, OREAdmin, now)
		if err != nil {
			return err
		}
		if len(left) == 1 && left[0] == g.Person {
			return fault.New(fault.Conflict, "access.last_admin")
		}
	}
	n, err := take(ctx, tx, g.Person, g.Role, g.Kind, g.Scope.UUID, now)
	if err != nil || n == 0 {
		return err
	}
	return s.write(ctx, tx, a, "role:revoke", g.Person, g.Role, g.Kind, g.Scope.UUID)
}

func (s *Service) write(ctx context.Context, tx *db.Tx, a *Actor, action string, person uuid.UUID, r Role, k ScopeKind, scope uuid.UUID) error {
	return s.Audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "person", ObjectID: person.String(),
		ScopeKind: string(k), ScopeID: scope, Fields: []string{"role." + string(r)},
	})
}

// mayGive checks that the scope exists and that one of the actor's grants
// covers it, permits role:grant and delegates the role.
func (s *Service) mayGive(ctx context.Context, q db.Q, a *Actor, r Role, k ScopeKind, scope uuid.UUID) error {
	if err := s.delegates(a, r, k); err != nil {
		return err
	}
	places, err := PlacesOf(ctx, q, k, scope, s.Clock.Now())
	if err != nil {
		return err
	}
	return s.coversOne(ctx, q, a, r, k, scope, places)
}

// delegates checks all of [Service.mayGive] that needs no reading.
func (s *Service) delegates(a *Actor, r Role, k ScopeKind) error {
	if !s.Authorizer.Anywhere(a, GrantRolePerm) {
		return s.Authorizer.Require(a, GrantRolePerm, Place{})
	}
	if slices.Contains(s.Givable(a), Delegated{r, k}) {
		return nil
	}
	if !s.delegation.given(Delegated{r, k}) {
		return fault.InvalidFields(fault.Field{Path: "role", Key: "access.role_not_delegated"})
	}
	return fault.InvalidFields(fault.Field{Path: "role", Key: "access.role_not_yours"})
}

// coversOne checks that a grant with which the actor may give the role covers
// one of the scope's places.
func (s *Service) coversOne(ctx context.Context, q db.Q, a *Actor, r Role, k ScopeKind, scope uuid.UUID, places []Place) error {
	for i := range a.Grants {
		if s.carries(&a.Grants[i], r, k, places) {
			return nil
		}
	}
	if k != Centre && k != Institution && k != LocalGovernment { // which programmes and networks there are is not everybody's to know
		return fault.InvalidFields(fault.Field{Path: "scope", Key: "access.scope_unknown"})
	}
	return s.Authorizer.Outside(ctx, q, a, GrantRolePerm, "scope", scope, s.Clock.Now())
}

// sees reports whether the actor may see a person of these places.
func (s *Service) sees(a *Actor, of []Place) bool {
	return slices.ContainsFunc(of, func(at Place) bool { return s.Authorizer.Can(a, listPeople, at) })
}

// Held is a grant in a list.
type Held struct {
	ID         uuid.UUID     `db:"id"`
	Person     uuid.UUID     `db:"person_id"`
	PersonName string        `db:"person_name"`
	Role       Role          `db:"role"`
	Kind       ScopeKind     `db:"scope_kind"`
	Scope      uuid.NullUUID `db:"scope_id"`
	// ScopeName is the name of the centre, institution, programme, network, group or
	// local government (with its code and voivodeship); "" for the platform.
	ScopeName string `db:"scope_name"`
	// Where tells an institution from its namesakes.
	place.Where
	From time.Time  `db:"valid_from"`
	To   *time.Time `db:"valid_to"`
	// ByName is who gave it, "" when it followed from something else.
	ByName string `db:"by_name"`
	// InsteadOf is whom the person stands in for; "" for a grant of their own.
	InsteadOf string `db:"instead_of"`
	// Mine reports whether the asking person could take the role away.
	Mine bool `db:"-"`
}

// RoleQuery narrows the list; zero fields do not.
type RoleQuery struct {
	Person uuid.UUID
	Role   Role
	Kind   ScopeKind
	After  string // [RolePage].Next of the page before
	Limit  int    // at most 100; default 50
}

// RolePage is a part of the list, the newest grants first.
type RolePage struct {
	Rows []Held
	Next string
}

// ListRoles shows the grants in force or to come within the actor's reach of role:list: a
// centre's administrator sees those on the centre, on institutions of its
// territory and on its networks. NotFound to who has no such role. It tells what
// others may do and where, more than a list of members: each page with others'
// roles is accounted for, and not shown (Unavailable) when it cannot be.
func (s *Service) ListRoles(ctx context.Context, a *Actor, q RoleQuery) (RolePage, error) {
	if !s.Authorizer.Anywhere(a, ListRolesPerm) {
		return RolePage{}, s.Authorizer.Require(a, ListRolesPerm, Place{})
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	q.Limit = min(q.Limit, 100)
	before := uuid.Max
	if q.After != "" {
		id, err := uuid.Parse(q.After)
		if err != nil {
			return RolePage{}, fault.New(fault.Invalid, "access.bad_cursor")
		}
		before = id
	}
	rows, err := listRoles(ctx, s.DB, s.Authorizer.Reach(a, ListRolesPerm), q, before, s.Clock.Now())
	if err != nil {
		return RolePage{}, fmt.Errorf("list roles: %w", err)
	}
	var p RolePage
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		p.Next = rows[q.Limit-1].ID.String()
	}
	givable := s.Givable(a)
	for i := range rows {
		rows[i].Mine = slices.Contains(givable, Delegated{rows[i].Role, rows[i].Kind})
	}
	p.Rows = rows
	if err := s.listed(ctx, a, q, rows); err != nil {
		return RolePage{}, err
	}
	return p, nil
}

// listed accounts for a page of other people's roles.
func (s *Service) listed(ctx context.Context, a *Actor, q RoleQuery, rows []Held) error {
	if !a.SignedIn() || !slices.ContainsFunc(rows, func(h Held) bool { return h.Person != a.Person }) {
		return nil
	}
	e := audit.Event{Actor: a.Person, Action: string(ListRolesPerm), ObjectKind: "role", ObjectID: string(q.Role), Fields: []string{"name", "role", "scope", "valid_from", "valid_to"}}
	if q.Person != uuid.Nil {
		e.ObjectKind, e.ObjectID = "person", q.Person.String()
	}
	return s.Audit.Read(ctx, s.DB, e)
}
