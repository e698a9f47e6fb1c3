package access

import (
	"context"

	"github.com/google/uuid"
)

// Role is the name of a role, as in policies/.
type Role string

// The roles of the platform and the scope on which each is granted.
const (
	Guest       Role = "guest"          // everybody, signed in or not
	User        Role = "user"           // every confirmed account
	Participant Role = "participant"    // network
	Coordinator Role = "coordinator"    // network
	Expert      Role = "expert"         // network
	Moderator   Role = "moderator"      // network
	TeamMember  Role = "team_member"    // group
	Head        Role = "head"           // group
	Guardian    Role = "guardian"       // group
	Founder     Role = "founder"        // centre: founds networks of that centre and leads them
	Lead        Role = "programme_lead" // programme
	Principal   Role = "principal"      // institution
	// InstitutionAdmin of a pedagogical library or a counselling centre: institution.
	InstitutionAdmin Role = "institution_admin"
	CentreAdmin      Role = "centre_admin" // centre
	OREAdmin         Role = "ore_admin"    // platform
	Inspector        Role = "inspector"    // platform, reads only
	// SupportOrganiser (SORE) supports a school from outside: institution, group.
	SupportOrganiser Role = "support_organiser"
	// Official of a local government: local_government; reads numbers, no people.
	Official Role = "jst_official"
	// Evaluator reads the results of evaluations, never answers nor what people
	// say to each other: programme, network.
	Evaluator Role = "evaluator"
)

// ScopeKind is the kind of thing on which a role is granted.
type ScopeKind string

// The kinds of scope.
const (
	Platform    ScopeKind = "platform"
	Centre      ScopeKind = "centre"
	Institution ScopeKind = "institution"
	Programme   ScopeKind = "programme"
	Network     ScopeKind = "network"
	Group       ScopeKind = "group"
	// LocalGovernment is a unit of TERYT; see [UnitScope].
	LocalGovernment ScopeKind = "local_government"
)

// Grant is one role on one scope, in force now.
type Grant struct {
	Role  Role
	Kind  ScopeKind
	Scope uuid.UUID // uuid.Nil for the platform
}

// Actor is who acts in a request: a person with the roles in force, or a
// system for a module, which holds only what an admin granted the module.
// The zero Actor is a guest. Read-only after the request began.
type Actor struct {
	Person uuid.UUID
	// System is "core", "cli" or "module:<id>" when no person acts.
	System string
	Grants []Grant
	// Name is the person's name, for greeting them; never logged.
	Name string
	// Institution is the person's own institution; uuid.Nil when unknown.
	Institution uuid.UUID
	// Session is the id of the session row, uuid.Nil for tokens.
	Session uuid.UUID
	// Recent: the person confirmed who they are a short time ago; acts that ask
	// for that again are let through. Of a token, that its owner chose it may do them.
	Recent bool
	// Confined: a role demands a second step at signing in and the person has set
	// none up, nor was this session opened with a passkey; until then they may do
	// nothing else.
	Confined bool
}

// SignedIn reports whether a confirmed person acts.
func (a *Actor) SignedIn() bool { return a.Person != uuid.Nil }

// Has reports whether the actor holds role on the scope itself (parents not considered).
func (a *Actor) Has(role Role, kind ScopeKind, id uuid.UUID) bool {
	for _, g := range a.Grants {
		if g.Role == role && g.Kind == kind && g.Scope == id {
			return true
		}
	}
	return false
}

// On reports whether the actor holds any role on the scope itself: somebody of
// the network or group, and not only of what lies above it. An evaluator looks at
// a network from outside and is nobody of it.
func (a *Actor) On(kind ScopeKind, id uuid.UUID) bool {
	for _, g := range a.Grants {
		if g.Kind == kind && g.Scope == id && g.Role != Evaluator {
			return true
		}
	}
	return false
}

// OnOneOf reports whether the actor holds a role on the network or group of the
// place itself.
func (a *Actor) OnOneOf(at Place) bool { return a.On(Network, at.Network) || a.On(Group, at.Group) }

// Core is the platform itself acting: sweeps, imports at the command line.
// It may do everything; use it only where no person asked.
func Core(system string) *Actor {
	return &Actor{System: system, Grants: []Grant{{Role: OREAdmin, Kind: Platform}}}
}

// Place is where an act happens: the object's own scope and its parents. Only
// the ids that are known are set. The zero Place is the platform.
type Place struct {
	Centre, Institution, Programme, Network, Group uuid.UUID
	// Unit is the TERC code of the gmina, powiat or voivodeship.
	Unit string
}

type actorKey struct{}

// With returns a context in which a acts.
func With(ctx context.Context, a *Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

var guest = &Actor{}

// From is who acts in ctx; a guest when nobody was set.
func From(ctx context.Context) *Actor {
	if a, ok := ctx.Value(actorKey{}).(*Actor); ok {
		return a
	}
	return guest
}
