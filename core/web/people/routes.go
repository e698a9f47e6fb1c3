// Package people holds the pages on which administrators and principals look
// after accounts: who waits to be confirmed, the list of people, invitations
// and imports, roles. It also shows the start page of administration.
package people

import (
	"context"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Addresses of this room that others link to.
const (
	ManagePath  = "/zarzadzanie"
	PeoplePath  = "/zarzadzanie/osoby"
	WaitingPath = "/zarzadzanie/potwierdzenia"
	RolesPath   = "/zarzadzanie/role"
	// historyPath lists one's own sign-ins (core/web/account).
	historyPath = "/konto/logowania"
)

// Deps are what the pages need.
type Deps struct {
	Identity *identity.Service
	Roles    *access.Service
	Registry *registry.Service
	// Programmes finds programmes on which the actor may give roles, and Networks
	// networks; nil hides roles there.
	Programmes, Networks Finder
	// Manage are entries of other rooms on the start page of administration,
	// shown when their page exists and the actor may open it.
	Manage []ManageLink
	// Board are parts of other rooms on that page, in this order.
	Board []BoardPart
}

// Finder offers things by words of their titles ("" all of them), the first some
// of those that fit; values are ids. One is the title of one of them, "" when the
// actor may not give roles there.
type Finder interface {
	Find(ctx context.Context, a *access.Actor, words string) ([]ui.Option, error)
	One(ctx context.Context, a *access.Actor, id uuid.UUID) (string, error)
}

// BoardPart is a part of the start page of administration.
type BoardPart interface {
	// Read makes the part: what is pressing, which stands first, and the rest,
	// which follows the links; either is nil when there is nothing for the actor.
	// It is called beside others, so that all read in one round trip.
	Read(ctx context.Context, c *kit.Ctx) (pressing, rest templ.Component, err error)
}

// ManageLink is an entry on the start page of administration.
type ManageLink struct {
	Key  string // catalogue key of the link
	Hint string // catalogue key of a sentence below it; "" for none
	Href string
	// Group is what it is about; groups stand in the order of [Groups].
	Group Group
}

// Group is what some entries of the start page of administration are about:
// catalogue key "people.manage.group_" + Group.
type Group string

// The groups.
const (
	OfPeople   Group = "people"
	OfNetworks Group = "networks"
	OfReports  Group = "reports"
	OfPlatform Group = "platform"
)

// Groups is their order.
var Groups = []Group{OfPeople, OfNetworks, OfReports, OfPlatform}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	one := PeoplePath + "/:id"
	return append(slices.Concat(p.importRoutes(), p.invitedRoutes()), []kit.Route{
		kit.Get(ManagePath, kit.SignedIn, p.manage),

		kit.Get(WaitingPath, identity.PermConfirm, p.waiting),
		kit.Post(WaitingPath+"/:id/potwierdz", identity.PermConfirm, "confirmPerson", p.confirm),
		kit.Get(WaitingPath+"/:id/odrzuc", identity.PermConfirm, p.refuseForm),
		kit.Post(WaitingPath+"/:id/odrzuc", identity.PermConfirm, "refusePerson", p.refuse),

		kit.Get(PeoplePath, identity.PermList, p.people),
		kit.Get(PeoplePath+"/zapros", identity.PermConfirm, p.inviteForm),
		kit.Post(PeoplePath+"/zapros", identity.PermConfirm, "invitePerson", p.invite),
		kit.Get(one, identity.PermList, p.person),
		kit.Get(one+employPath, identity.PermConfirm, p.employForm),
		kit.Post(one+employPath, identity.PermConfirm, "employPerson", p.employ),
		kit.Get(one+"/zablokuj", identity.PermBlock, p.blockForm),
		kit.Post(one+"/zablokuj", identity.PermBlock, "blockPerson", p.block).WithReauth(),
		kit.Get(one+secondPath, identity.PermBlock, p.resetSecondForm),
		kit.Post(one+secondPath, identity.PermBlock, "resetSecondFactor", p.resetSecond).WithReauth(),
		kit.Get(one+mergePath, identity.PermMerge, p.mergeForm),
		kit.Post(one+mergePath, identity.PermMerge, "mergePeople", p.merge).WithReauth(),
		kit.Post(one+"/odblokuj", identity.PermBlock, "unblockPerson", p.unblock).WithReauth(),

		kit.Get(RolesPath, access.ListRolesPerm, p.roles),
		kit.Get(RolesPath+"/nadaj", access.GrantRolePerm, p.grantForm),
		kit.Post(RolesPath+"/nadaj", access.GrantRolePerm, "grantRole", p.grant).WithReauth(),
		kit.Get(RolesPath+"/:id/odbierz", access.GrantRolePerm, p.revokeForm),
		kit.Post(RolesPath+"/:id/odbierz", access.GrantRolePerm, "revokeRole", p.revoke).WithReauth(),
	}...)
}

// Todo puts accounts that wait to be confirmed on the actor's list.
type Todo struct{ Identity *identity.Service }

var _ kit.TodoSource = Todo{}

// Ask implements kit.TodoSource.
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Identity.AskWaiting(a) }

// Read implements kit.TodoSource: one item, however many wait.
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	n, err := t.Identity.ReadWaiting(f)
	if err != nil || n == 0 {
		return nil, err
	}
	return []kit.TodoItem{{Text: i18n.N(ctx, "people.todo", n), Href: WaitingPath}}, nil
}
