// Package networks holds the pages of networks: the public list, a network's
// preview and home, founding, joining, members, proposals, the module's plan
// and acts, hand-over, next year's network, and "my networks".
//
// A page of a network reads it once; what belongs to its type (goals, stages,
// plan) is a view of the module, shown in a section of the page. While the
// module is down that section is a sentence, the rest of the page goes on.
package networks

import (
	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/view"
	"ore.edu.pl/sieci/core/web/kit"
)

// Deps are what the pages need; Names, Links and Picker may be nil.
type Deps struct {
	Networks *network.Service
	Registry *registry.Service
	Drafts   *draft.Service
	Clock    clock.Clock
	// Names tells views of modules the names of schools and local governments;
	// names of members come from the network itself.
	Names view.Names
	// Links turns route names of views into addresses of other rooms.
	Links view.Links
	// Picker knows the things that forms of modules refer to.
	Picker form.Picker
	// Panels are what other rooms show on a network's home to those inside it
	// (the next meeting, the latest posts), in this order.
	Panels []Panel
	// Talk is where one begins a private conversation with a person of a network;
	// nil offers none.
	Talk func(network, person uuid.UUID) string
	// Plans are what networks are founded from (needs of schools); nil without.
	Plans Plans
	// DB reads what the pages put together of several rooms.
	DB db.Q
}

// Panel is a part of a network's home that another room fills. All panels are
// read by one statement.
type Panel interface {
	// Ask is what to read for the actor: $1 the person, $2 the network, $3 the
	// domain time, $4 = [PanelRows]. False for an actor who never sees it; whether
	// the actor is inside this network is the page's matter.
	Ask(a *access.Actor, network uuid.UUID) (gather.Part, bool)
	// Show makes the section of the rows, with its own heading of level 2; nil
	// when there is nothing to show. Called for those inside the network when Ask
	// gave a part; it reads nothing else.
	Show(c *kit.Ctx, b network.Brief, f gather.Found) (templ.Component, error)
}

// Plans knows what the actor chose to found a network from.
type Plans interface {
	// Plan is NotFound for somebody else's.
	Plan(c *kit.Ctx, id uuid.UUID) (Plan, error)
}

// Plan is what a network is founded from: what stands in the form at first, and
// the schools to invite afterwards.
type Plan struct {
	Centre     uuid.UUID
	Title, Aim string
	SchoolYear int
	Schools    []uuid.UUID
}

// PanelRows is how many rows of a list a panel has room for.
const PanelRows = 5

// Tabs are this room's pages of a network, the first of its tabs.
var Tabs = []kit.NetworkTab{
	{Key: "networks.tab.home", Perm: network.PermPreview},
	{Key: "networks.tab.plan", Path: "/plan", Perm: network.PermView},
	{Key: "networks.tab.members", Path: "/uczestnicy", Perm: network.PermMembers},
	{Key: "networks.tab.proposals", Path: "/propozycje", Perm: network.PermProposals},
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	rows := []kit.Route{
		kit.Get("/sieci", network.PermList, p.list),
		kit.Get("/moje/sieci", kit.SignedIn, p.mine),
		kit.Get("/sieci/zaloz", network.PermFound, p.found),
		kit.Post("/sieci/zaloz", network.PermFound, "foundNetwork", p.foundSettings),
		kit.Get("/sieci/zaloz/formularz", network.PermFound, p.foundForm),
		kit.Post("/sieci/zaloz/formularz", network.PermFound, "foundNetwork", p.foundStep),
		kit.Get("/sieci/:id", network.PermPreview, p.home),
		kit.Get("/sieci/:id/otworz", network.PermEdit, p.openQuestion),
		kit.Post("/sieci/:id/otworz", network.PermEdit, "openNetwork", p.open),
		kit.Get("/sieci/:id/edytuj", network.PermEdit, p.edit),
		kit.Post("/sieci/:id/edytuj", network.PermEdit, "editNetwork", p.save),
		kit.Get("/sieci/:id/dolacz", network.PermJoin, p.joinQuestion),
		kit.Post("/sieci/:id/dolacz", network.PermJoin, "joinNetwork", p.join),
		kit.Get("/sieci/:id/zaproszenie", network.PermJoin, p.invitation),
		kit.Get("/sieci/:id/rezygnacja", network.PermJoin, p.leaveQuestion),
		kit.Post("/sieci/:id/rezygnacja", network.PermJoin, "leaveNetwork", p.leave),
		kit.Get("/sieci/:id/plan", network.PermView, p.plan),
		kit.Get("/sieci/:id/plan/:widok", network.PermView, p.plan),
		kit.Get("/sieci/:id/czynnosc/:czynnosc", network.PermView, p.actQuestion),
		kit.Post("/sieci/:id/czynnosc/:czynnosc", network.PermView, "actInNetwork", p.act),
		kit.Get("/sieci/:id/nastepny-rok", network.PermRenew, p.renewQuestion),
		kit.Post("/sieci/:id/nastepny-rok", network.PermRenew, "renewNetwork", p.renew),
	}
	rows = append(rows, p.memberRoutes()...)
	rows = append(rows, p.programmeRoutes()...)
	return append(rows, p.matterRoutes()...)
}

func (p *pages) memberRoutes() []kit.Route {
	return []kit.Route{
		kit.Get("/sieci/:id/uczestnicy", network.PermMembers, p.members),
		kit.Get("/sieci/:id/uczestnicy/zgloszenia", network.PermManage, p.requests),
		kit.Post("/sieci/:id/uczestnicy/zgloszenia/:zgloszenie", network.PermManage, "decideJoinRequest", p.decideRequest),
		kit.Get("/sieci/:id/uczestnicy/lista-rezerwowa", network.PermManage, p.waiting),
		kit.Post("/sieci/:id/uczestnicy/lista-rezerwowa/:miejsce", network.PermManage, "offerSeat", p.offer),
		kit.Get("/sieci/:id/uczestnicy/zapros", network.PermInvite, p.inviteForm),
		kit.Post("/sieci/:id/uczestnicy/zapros", network.PermInvite, "inviteToNetwork", p.invite),
		kit.Post("/sieci/:id/uczestnicy/zaproszenia/:zaproszenie/wycofaj", network.PermInvite, "withdrawInvitation", p.withdraw),
		kit.Get("/sieci/:id/uczestnicy/:osoba", network.PermManage, p.member),
		kit.Post("/sieci/:id/uczestnicy/:osoba/rola", network.PermRoles, "assignNetworkRole", p.assignRole).WithReauth(),
		kit.Post("/sieci/:id/uczestnicy/:osoba/rola/odbierz", network.PermRoles, "revokeNetworkRole", p.revokeRole).WithReauth(),
		kit.Post("/sieci/:id/uczestnicy/:osoba/usun", network.PermManage, "removeNetworkMember", p.remove),
	}
}

func (p *pages) matterRoutes() []kit.Route {
	return []kit.Route{
		kit.Get("/sieci/:id/propozycje", network.PermProposals, p.proposals),
		kit.Post("/sieci/:id/propozycje", network.PermPropose, "proposeToNetwork", p.propose),
		kit.Post("/sieci/:id/propozycje/:propozycja/glosowanie", network.PermDecide, "openVote", p.openVote),
		kit.Post("/sieci/:id/propozycje/:propozycja/glos", network.PermVote, "castVote", p.vote),
		kit.Post("/sieci/:id/propozycje/:propozycja/wycofaj", network.PermProposals, "withdrawProposal", p.withdrawProposal),
		kit.Get("/sieci/:id/przekazanie", network.PermView, p.handover),
		kit.Post("/sieci/:id/przekazanie", network.PermHandover, "proposeHandover", p.proposeHandover),
		kit.Post("/sieci/:id/przekazanie/odpowiedz", network.PermView, "answerHandover", p.answerHandover).WithReauth(),
		kit.Get("/sieci/:id/koordynator", network.PermJoin, p.leadOffer),
		kit.Post("/sieci/:id/koordynator", network.PermJoin, "answerLeadOffer", p.answerLeadOffer).WithReauth(),
		kit.Post("/sieci/:id/przekazanie/koordynator", network.PermHandoverByHand, "replaceCoordinator", p.replaceCoordinator).WithReauth(),
	}
}
