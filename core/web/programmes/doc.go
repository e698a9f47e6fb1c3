// Package programmes holds the pages of programmes and groups: lists, a
// programme with its indicators and the module's view, a group with its members
// and the module's view, boards over one's own groups, invitations into groups,
// acts of the module on either, and the core's own list of records, which works
// while the module is down.
package programmes

import (
	"context"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/view"
	"ore.edu.pl/sieci/core/web/kit"
)

// Deps are what the pages need; Names, Links and Picker may be nil.
type Deps struct {
	Programmes *programme.Service
	// Networks enter programmes and leave them.
	Networks *network.Service
	Records  *record.Service
	Drafts   *draft.Service
	Clock    clock.Clock
	// Types lists the programme types that can be founded.
	Modules effect.Modules
	// Names tells views of modules the names of schools and local governments.
	Names view.Names
	// Links turns route names of views into addresses of other rooms.
	Links view.Links
	// Picker knows the things that forms of modules refer to.
	Picker form.Picker
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	rows := []kit.Route{
		kit.Get("/programy", programme.View, p.list),
		kit.Get("/programy/nowy", programme.Edit, p.createForm),
		kit.Post("/programy/nowy", programme.Edit, "createProgramme", p.create),
		kit.Get("/programy/:id", programme.View, p.show),
		kit.Get("/programy/:id/widok/:widok", programme.View, p.show),
		kit.Get("/programy/:id/edytuj", programme.Edit, p.editForm),
		kit.Post("/programy/:id/edytuj", programme.Edit, "editProgramme", p.edit),
		kit.Post("/programy/:id/wskazniki/:kod", programme.Edit, "setIndicatorTarget", p.setTarget),
		kit.Get("/programy/zasady", programme.SeeRules, p.ruling),
		kit.Get("/programy/:id/projekt", programme.About, p.card),
		kit.Get("/programy/:id/projekt/edytuj", programme.Edit, p.projectForm),
		kit.Post("/programy/:id/projekt/edytuj", programme.Edit, "setProgrammeProject", p.setProject),
		kit.Get("/programy/:id/partnerzy", programme.Edit, p.partners),
		kit.Post("/programy/:id/partnerzy", programme.Edit, "addProgrammePartner", p.addPartner),
		kit.Post("/programy/:id/partnerzy/:partner/usun", programme.Edit, "removeProgrammePartner", p.removePartner),
		kit.Get("/programy/:id/zasady/zmien", programme.Edit, p.ruleForm),
		kit.Post("/programy/:id/zasady/zmien", programme.Edit, "setProgrammeRule", p.setRule),
		kit.Get("/programy/:id/wyniki", programme.View, p.results),
		kit.Post("/programy/:id/wyniki", programme.Edit, "addDeliverable", p.addDeliverable),
		kit.Get("/programy/:id/wyniki/:wynik", programme.View, p.deliverable),
		kit.Post("/programy/:id/wyniki/:wynik", programme.Edit, "addDeliverableItem", p.addItem),
		kit.Post("/programy/:id/wyniki/:wynik/cel", programme.Edit, "setDeliverableTarget", p.setDeliverableTarget),
		kit.Post("/programy/:id/wyniki/:wynik/:pozycja/usun", programme.Edit, "removeDeliverableItem", p.removeItem),
		kit.Get("/programy/:id/czynnosc/:czynnosc", programme.View, p.actQuestion),
		kit.Post("/programy/:id/czynnosc/:czynnosc", programme.View, "actInProgramme", p.act),
		kit.Get("/programy/:id/tablica/:widok", programme.ViewGroup, p.board),

		kit.Get("/grupy", programme.ViewGroup, p.mine),
		kit.Get("/grupy/zaproszenia", kit.SignedIn, p.invitations),
		kit.Post("/grupy/zaproszenia/:zaproszenie", kit.SignedIn, "answerGroupInvitation", p.answer),
		kit.Get("/grupy/:id", programme.ViewGroup, p.group),
		kit.Get("/grupy/:id/widok/:widok", programme.ViewGroup, p.group),
		kit.Get("/grupy/:id/edytuj", programme.ManageGroup, p.renameForm),
		kit.Post("/grupy/:id/edytuj", programme.ManageGroup, "renameGroup", p.rename),
		kit.Get("/grupy/:id/przenies", programme.ManageGroup, p.moveForm),
		kit.Post("/grupy/:id/przenies", programme.ManageGroup, "moveGroup", p.move),
		kit.Get("/grupy/:id/zapros", programme.ManageGroup, p.inviteForm),
		kit.Post("/grupy/:id/zapros", programme.ManageGroup, "inviteToGroup", p.invite).WithReauth(),
		kit.Post("/grupy/:id/zaproszenia/:zaproszenie/wycofaj", programme.ManageGroup, "withdrawGroupInvitation", p.withdraw),
		kit.Post("/grupy/:id/osoby/:osoba/usun", programme.ViewGroup, "removeGroupMember", p.remove),
		kit.Get("/grupy/:id/czynnosc/:czynnosc", programme.ViewGroup, p.actQuestion),
		kit.Post("/grupy/:id/czynnosc/:czynnosc", programme.ViewGroup, "actInGroup", p.act),
		kit.Get("/zapisy/:id", record.View, p.record),
	}
	rows = append(rows, p.networkRoutes()...)
	for _, base := range []string{"/programy", "/sieci"} {
		rows = append(rows,
			kit.Get(base+"/:id/grupy", programme.ViewGroup, p.groups),
			kit.Get(base+"/:id/grupy/nowa", programme.ManageGroup, p.newGroup),
			kit.Post(base+"/:id/grupy/nowa", programme.ManageGroup, "createGroup", p.createGroup))
	}
	for _, base := range []string{"/programy", "/grupy", "/sieci"} {
		rows = append(rows, kit.Get(base+"/:id/zapisy", record.View, p.records))
	}
	return rows
}

// Todo tells the start page which invitations into groups wait.
type Todo struct{ Programmes *programme.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Programmes.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	list, err := t.Programmes.ReadTodo(f)
	out := make([]kit.TodoItem, len(list))
	for i, x := range list {
		out[i] = kit.TodoItem{Text: i18n.T(ctx, "programme.todo.invitation"), Where: x.GroupName, Href: "/grupy/zaproszenia", Due: x.Due}
	}
	return out, err
}
