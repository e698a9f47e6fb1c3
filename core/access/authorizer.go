package access

import (
	"fmt"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
)

// Permission is an object and an action, "network.member:add".
type Permission string

func (p Permission) split() (obj, act string) {
	// The last colon: objects of modules have one of their own ("module:ore.thematic/plan:view").
	i := strings.LastIndexByte(string(p), ':')
	if i < 0 {
		return string(p), ""
	}
	return string(p[:i]), string(p[i+1:])
}

// Authorizer answers from a table compiled from Casbin. A change of rules
// builds a new immutable enforcer and table and swaps one pointer; safe for
// concurrent use.
type Authorizer struct {
	table atomic.Pointer[table]

	// What the table was made from; changes are serialised.
	mu           sync.Mutex
	model, rules string
	modules      map[string][]Rule
}

// table is the compiled verdict for every role × permission.
type table struct {
	enforcer *casbin.Enforcer // never written after building; kept for explanations
	roles    map[Role]int
	perms    map[Permission]column
	allowed  []bool // roles × perms
}

// column is a permission's place in the table, and whether everybody or every
// confirmed account has it, which spares two look-ups a decision.
type column struct {
	i           int
	guest, user bool
}

// NewAuthorizer compiles the model and the rules. It fails on a wrong rule.
func NewAuthorizer(modelText, rules string) (*Authorizer, error) {
	a := &Authorizer{}
	if err := a.Load(modelText, rules); err != nil {
		return nil, err
	}
	return a, nil
}

// Load replaces model and rules and keeps the role maps of modules; on error
// the old ones stay in force.
func (a *Authorizer) Load(modelText, rules string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.swap(modelText, rules, a.modules)
}

// swap compiles and puts in force; a.mu is held.
func (a *Authorizer) swap(modelText, rules string, modules map[string][]Rule) error {
	t, err := compile(modelText, rules, modules)
	if err != nil {
		return err
	}
	a.model, a.rules, a.modules = modelText, rules, modules
	a.table.Store(t)
	return nil
}

func compile(modelText, rules string, modules map[string][]Rule) (*table, error) {
	m, err := model.NewModelFromString(modelText)
	if err != nil {
		return nil, fmt.Errorf("access model: %w", err)
	}
	e, err := casbin.NewEnforcer(m, stringadapter.NewAdapter(rules))
	if err != nil {
		return nil, fmt.Errorf("access rules: %w", err)
	}
	for id, list := range modules {
		for _, r := range list {
			if _, err := e.AddPolicy(string(r.Role), r.Object, r.Action); err != nil {
				return nil, fmt.Errorf("role map of %s: %w", id, err)
			}
		}
	}
	policy, err := e.GetPolicy()
	if err != nil {
		return nil, fmt.Errorf("access rules: %w", err)
	}
	t := &table{enforcer: e, roles: map[Role]int{}, perms: map[Permission]column{}}
	for _, p := range policy {
		if len(p) != 3 || strings.Contains(strings.Join(p, ""), "*") {
			return nil, fmt.Errorf("access rules: %q: want role, object, action without wildcards", p)
		}
		if _, ok := t.roles[Role(p[0])]; !ok {
			t.roles[Role(p[0])] = len(t.roles)
		}
		perm := Permission(p[1] + ":" + p[2])
		if _, ok := t.perms[perm]; !ok {
			t.perms[perm] = column{i: len(t.perms)}
		}
	}
	t.allowed = make([]bool, len(t.roles)*len(t.perms))
	for p, c := range t.perms {
		obj, act := p.split()
		for r, i := range t.roles {
			ok, err := e.Enforce(string(r), obj, act)
			if err != nil {
				return nil, fmt.Errorf("access rules: enforce %s %s: %w", r, p, err)
			}
			t.allowed[i*len(t.perms)+c.i] = ok
		}
		c.guest, c.user = t.may(Guest, c), t.may(User, c)
		t.perms[p] = c
	}
	return t, nil
}

func (t *table) may(r Role, c column) bool {
	i, ok := t.roles[r]
	return ok && t.allowed[i*len(t.perms)+c.i]
}

// everybody reports whether the actor holds p without any grant. A guest holds
// what Guest may, a confirmed account also what User may.
func (c column) everybody(a *Actor) bool { return c.guest || c.user && a.Person != uuid.Nil }

// Allowed is the bare verdict for a role, without any scope.
func (a *Authorizer) Allowed(r Role, p Permission) bool {
	t := a.table.Load()
	c, ok := t.perms[p]
	return ok && t.may(r, c)
}

// Can reports whether the actor may do p at the place: some role in force
// whose scope is the place itself or a parent of it permits p. Guest and user
// are held by everybody and by every signed-in person.
func (a *Authorizer) Can(actor *Actor, p Permission, at Place) bool {
	t := a.table.Load()
	c, ok := t.perms[p]
	if !ok {
		return false
	}
	if c.everybody(actor) {
		return true
	}
	for i := range actor.Grants {
		g := &actor.Grants[i]
		if covers(g, &at) && t.may(g.Role, c) {
			return true
		}
	}
	return false
}

func covers(g *Grant, at *Place) bool {
	if g.Kind == Platform {
		return true
	}
	if g.Scope == uuid.Nil { // refused by the database; an unset place must never match
		return false
	}
	switch g.Kind {
	case Centre:
		return g.Scope == at.Centre
	case Institution:
		return g.Scope == at.Institution
	case Programme:
		return g.Scope == at.Programme
	case Network:
		return g.Scope == at.Network
	case Group:
		return g.Scope == at.Group
	case LocalGovernment:
		return at.Unit != "" && lies(at.Unit, UnitCode(g.Scope))
	}
	return false
}

// Require is Can as an error: for things that the actor may not see it is
// fault.ErrNotFound. Signed-out people get Unauthenticated instead, so that
// the web can offer the sign-in page for acts that a person might be allowed.
func (a *Authorizer) Require(actor *Actor, p Permission, at Place) error {
	if a.Can(actor, p, at) {
		return nil
	}
	if !actor.SignedIn() && actor.System == "" {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return fault.ErrNotFound
}

// Anywhere reports whether the actor may do p at some place: the router's
// coarse check before a service decides precisely.
func (a *Authorizer) Anywhere(actor *Actor, p Permission) bool {
	t := a.table.Load()
	c, ok := t.perms[p]
	if !ok {
		return false
	}
	if c.everybody(actor) {
		return true
	}
	for i := range actor.Grants {
		if t.may(actor.Grants[i].Role, c) {
			return true
		}
	}
	return false
}

// Reach is for lists: where the actor may do p. All is true when the whole
// platform is open to them; otherwise the ids per scope kind go into the WHERE
// clause of the list as arrays.
type Reach struct {
	All                                                 bool
	Centres, Institutions, Programmes, Networks, Groups []uuid.UUID
	// Units are patterns for LIKE: the TERC codes of places inside the local
	// governments. Only lists that ask for them give officials anything.
	Units []string
}

// Reach collects the scopes at which the actor may do p.
func (a *Authorizer) Reach(actor *Actor, p Permission) Reach {
	var r Reach
	t := a.table.Load()
	c, ok := t.perms[p]
	if !ok {
		return r
	}
	if c.everybody(actor) {
		r.All = true
		return r
	}
	for _, g := range actor.Grants {
		if !t.may(g.Role, c) {
			continue
		}
		switch g.Kind {
		case Platform:
			r.All = true
		case Centre:
			r.Centres = append(r.Centres, g.Scope)
		case Institution:
			r.Institutions = append(r.Institutions, g.Scope)
		case Programme:
			r.Programmes = append(r.Programmes, g.Scope)
		case Network:
			r.Networks = append(r.Networks, g.Scope)
		case Group:
			r.Groups = append(r.Groups, g.Scope)
		case LocalGovernment:
			if code := UnitCode(g.Scope); code != "" {
				r.Units = append(r.Units, stem(code)+"%")
			}
		}
	}
	return r
}

// Permissions lists every permission that some role holds, sorted.
func (a *Authorizer) Permissions() []Permission {
	t := a.table.Load()
	out := make([]Permission, 0, len(t.perms))
	for p := range t.perms {
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// Roles lists every role that has a rule, sorted.
func (a *Authorizer) Roles() []Role {
	t := a.table.Load()
	out := make([]Role, 0, len(t.roles))
	for r := range t.roles {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// Enforce asks Casbin itself, for the proof that the table equals it and for
// explanations; it is slow (a scan of all rules).
func (a *Authorizer) Enforce(r Role, p Permission) (bool, []string, error) {
	obj, act := p.split()
	return a.table.Load().enforcer.EnforceEx(string(r), obj, act)
}
