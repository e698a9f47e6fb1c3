// Package meetings holds the pages of a network's meetings: the list by school
// year, one meeting as its reader may see it, planning, moving and cancelling,
// the agenda, the programme with what became of it, answers, materials, the
// attendance register with its printed sheet and check-in, minutes, and hours.
//
// Everything works without a script: the agenda is ordered by buttons, the
// register is one form. A day that clashes with a holiday or a break is said
// before anything is saved, and the form asks to be sent once more.
package meetings

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/room"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/networks"
)

// Deps are what the pages need.
type Deps struct {
	Meetings *schedule.Service
	Files    *file.Service
	Clock    clock.Clock
	// Entrance is the door of online rooms; nil where there is none.
	Entrance *room.Entrance
}

type pages struct{ Deps }

// Tab is the page about meetings behind a network's address.
const Tab = "/spotkania"

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	rows := []kit.Route{
		kit.Get("/sieci/:id/spotkania", schedule.PermView, p.list),
		kit.Get("/sieci/:id/spotkania/nowe", schedule.PermManage, p.newForm),
		kit.Post("/sieci/:id/spotkania/nowe", schedule.PermManage, "createMeeting", p.create),
		kit.Get("/sieci/:id/godziny", schedule.PermView, p.hours),
		kit.Get("/spotkania/:id", schedule.PermView, p.show),
		kit.Post("/spotkania/:id/odpowiedz", schedule.PermAnswer, "answerMeeting", p.answer),
		kit.Get("/spotkania/:id/edytuj", schedule.PermManage, p.editForm),
		kit.Post("/spotkania/:id/edytuj", schedule.PermManage, "editMeeting", p.edit),
		kit.Get("/spotkania/:id/przenies", schedule.PermManage, p.moveForm),
		kit.Post("/spotkania/:id/przenies", schedule.PermManage, "editMeeting", p.move),
		kit.Get("/spotkania/:id/oglos", schedule.PermManage, p.announceQuestion),
		kit.Post("/spotkania/:id/oglos", schedule.PermManage, "announceMeeting", p.announce),
		kit.Get("/spotkania/:id/odwolaj", schedule.PermManage, p.cancelQuestion),
		kit.Post("/spotkania/:id/odwolaj", schedule.PermManage, "cancelMeeting", p.cancel),
		kit.Get("/spotkania/:id/usun", schedule.PermManage, p.dropQuestion),
		kit.Post("/spotkania/:id/usun", schedule.PermManage, "dropMeeting", p.drop),
		kit.Get("/spotkania/:id/materialy", schedule.PermManage, p.files),
		kit.Post("/spotkania/:id/materialy", schedule.PermManage, "addMeetingFiles", p.addFile).WithUpload(),
		kit.Post("/spotkania/:id/materialy/:plik/usun", schedule.PermManage, "dropMeetingFile", p.dropFile),
	}
	rows = append(rows, p.agendaRoutes()...)
	return append(rows, p.heldRoutes()...)
}

func (p *pages) agendaRoutes() []kit.Route {
	return []kit.Route{
		kit.Get("/spotkania/:id/porzadek", schedule.PermManage, p.agenda),
		kit.Post("/spotkania/:id/porzadek", schedule.PermManage, "addAgendaItem", p.addItem),
		kit.Post("/spotkania/:id/porzadek/przyjmij/:punkt", schedule.PermManage, "adoptAgendaItem", p.adopt),
		kit.Get("/spotkania/:id/porzadek/:punkt", schedule.PermManage, p.itemForm),
		kit.Post("/spotkania/:id/porzadek/:punkt", schedule.PermManage, "editAgendaItem", p.editItem),
		kit.Post("/spotkania/:id/porzadek/:punkt/przesun", schedule.PermManage, "moveAgendaItem", p.moveItem),
		kit.Post("/spotkania/:id/porzadek/:punkt/usun", schedule.PermManage, "dropAgendaItem", p.dropItem),
		kit.Get("/spotkania/:id/program", schedule.PermManage, p.programme),
		kit.Post("/spotkania/:id/program", schedule.PermManage, "sendProgramme", p.sendProgramme),
	}
}

func (p *pages) heldRoutes() []kit.Route {
	return []kit.Route{
		kit.Get("/spotkania/:id/lista", schedule.PermHours, p.register),
		kit.Post("/spotkania/:id/lista", schedule.PermRegister, "saveRegister", p.saveRegister),
		kit.Get("/spotkania/:id/arkusz", schedule.PermRegister, p.sheet),
		kit.Get("/spotkania/:id/kod", schedule.PermRegister, p.code),
		kit.Post("/spotkania/:id/kod", schedule.PermRegister, "checkInPerson", p.checkInFor),
		kit.Get("/spotkania/:id/obecnosc", schedule.PermAnswer, p.checkInForm),
		kit.Post("/spotkania/:id/obecnosc", schedule.PermAnswer, "checkIn", p.checkIn),
		kit.Get("/spotkania/:id/protokol", schedule.PermRegister, p.minutesForm),
		kit.Post("/spotkania/:id/protokol", schedule.PermRegister, "saveMinutes", p.saveMinutes),
		kit.Post("/spotkania/:id/ustalenia/:zadanie", schedule.PermView, "tickAction", p.tick),
		kit.Get("/spotkania/:id/zamknij", schedule.PermClose, p.closeQuestion),
		kit.Post("/spotkania/:id/zamknij", schedule.PermClose, "closeMeeting", p.close),
	}
}

// Todo tells the first page what meetings ask of a person.
type Todo struct{ Meetings *schedule.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Meetings.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	rows, err := t.Meetings.ReadTodo(f)
	out := make([]kit.TodoItem, len(rows))
	for i, r := range rows {
		x := kit.TodoItem{Text: text(ctx, "meetings.todo."+r.Kind, "Title", r.Title), Where: r.Network, Href: schedule.PathOf(r.ID)}
		switch r.Kind {
		case "programme":
			x.Href += "/program"
		case "register":
			x.Href += "/lista"
		case "action":
			x.Href += "#ustalenia"
			if r.N > 1 {
				x.Text = plural(ctx, "meetings.todo.actions", r.N)
			}
		}
		if r.Due != nil {
			x.Due = *r.Due
		}
		out[i] = x
	}
	return out, err
}

// Panel shows the next meeting on a network's first page.
type Panel struct{ Meetings *schedule.Service }

var _ networks.Panel = Panel{}

// Ask implements [networks.Panel].
func (p Panel) Ask(a *access.Actor, _ uuid.UUID) (gather.Part, bool) { return p.Meetings.AskNext(a) }

// Show implements [networks.Panel].
func (p Panel) Show(c *kit.Ctx, b network.Brief, f gather.Found) (templ.Component, error) {
	n, err := p.Meetings.ReadNext(c.Context(), f)
	if err != nil {
		return nil, err
	}
	return nextPanel(nextViewOf(c, b, n)), nil
}
