// Package calendar holds the calendar's pages: one's meetings as a list and as a
// month, the address for one's own calendar program and the files behind it,
// polls for dates, the door of online rooms, and the administrators' winter
// breaks.
package calendar

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/almanac"
	"ore.edu.pl/sieci/core/schedule/diary"
	"ore.edu.pl/sieci/core/schedule/feed"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/schedule/room"
	"ore.edu.pl/sieci/core/web/kit"
)

// Addresses of this room that others link to.
const (
	Path       = "/kalendarz"
	FeedPath   = "/konto/kalendarz"
	BreaksPath = "/zarzadzanie/kalendarz"
	PollsTab   = "/ankiety-terminow" // behind a network's address
)

// Deps are what the pages need; every field is required.
type Deps struct {
	Diary    *diary.Service
	Feed     *feed.Service
	Polls    *poll.Service
	Breaks   *almanac.Service
	Entrance *room.Entrance
	Clock    clock.Clock
}

type pages struct {
	Deps
	visits *visits
}

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{Deps: d, visits: newVisits()}
	rows := []kit.Route{
		kit.Get(Path, diary.PermSelf, p.calendar),
		kit.Get(FeedPath, feed.PermSelf, p.feed),
		kit.Post(FeedPath+"/adres", feed.PermSelf, "renewCalendarAddress", p.renew),
		kit.Get(FeedPath+"/wycofaj", feed.PermSelf, p.revokeQuestion),
		kit.Post(FeedPath+"/wycofaj", feed.PermSelf, "revokeCalendarAddress", p.revoke),
		kit.Get("/kal/:plik", kit.Public, p.subscribed),
		kit.Get("/spotkania/:id/kalendarz.ics", schedule.PermView, p.single),
		kit.Get("/spotkania/:id/pokoj", schedule.PermView, p.enter),

		kit.Get(BreaksPath, almanac.PermEdit, p.breaks),
		kit.Post(BreaksPath, almanac.PermEdit, "saveSchoolBreak", p.saveBreak),
		kit.Post(BreaksPath+"/plik", almanac.PermEdit, "importSchoolBreaks", p.importBreaks).WithUpload(),
		kit.Post(BreaksPath+"/:rok/:wojewodztwo/usun", almanac.PermEdit, "removeSchoolBreak", p.removeBreak),
	}
	return append(rows, p.pollRoutes()...)
}

func (p *pages) pollRoutes() []kit.Route {
	const one = "/ankiety-terminow/:id"
	return []kit.Route{
		kit.Get("/sieci/:id"+PollsTab, poll.PermList, p.polls),
		kit.Get("/sieci/:id"+PollsTab+"/nowa", poll.PermManage, p.newPoll),
		kit.Post("/sieci/:id"+PollsTab+"/nowa", poll.PermManage, "createPoll", p.createPoll),
		kit.Get(one, poll.PermList, p.poll),
		kit.Post(one+"/odpowiedz", poll.PermAnswer, "answerPoll", p.answer),
		kit.Get(one+"/edytuj", poll.PermManage, p.editPoll),
		kit.Post(one+"/edytuj", poll.PermManage, "editPoll", p.savePoll),
		kit.Post(one+"/przypomnij", poll.PermManage, "remindPoll", p.remind),
		kit.Get(one+"/zamknij", poll.PermManage, p.closeQuestion),
		kit.Post(one+"/zamknij", poll.PermManage, "closePoll", p.close),
		kit.Post(one+"/otworz", poll.PermManage, "reopenPoll", p.reopen),
		kit.Get(one+"/wybierz", poll.PermManage, p.chooseForm),
		kit.Post(one+"/wybierz", poll.PermManage, "choosePollSlot", p.choose),
		kit.Post(one+"/kolizja", poll.PermAnswer, "raisePollConflict", p.raise),
		kit.Post(one+"/kolizja/wycofaj", poll.PermAnswer, "withdrawPollConflict", p.withdraw),
		kit.Post(one+"/kolizja/:kolizja/zostaw", poll.PermManage, "keepPollDate", p.keep),
	}
}

// Todo tells the start page which polls wait.
type Todo struct{ Polls *poll.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Polls.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	list, err := t.Polls.ReadTodo(f)
	out := make([]kit.TodoItem, len(list))
	for i, x := range list {
		out[i] = kit.TodoItem{Text: i18n.T(ctx, "poll.todo."+x.What, "Title", x.Title), Where: x.Network, Href: poll.PathOf(x.Poll), Due: x.Due}
	}
	return out, err
}

// Panel shows the open polls on the home of their network.
type Panel struct{ Polls *poll.Service }

// Ask is what to read for the actor; false when they see no polls there.
func (x Panel) Ask(a *access.Actor, network uuid.UUID) (gather.Part, bool) {
	return x.Polls.AskRunning(a, network)
}

// Show makes the section of the rows; nil without an open poll.
func (x Panel) Show(c *kit.Ctx, _ network.Brief, f gather.Found) (templ.Component, error) {
	list, err := x.Polls.ReadRunning(f)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return runningPanel(runningRows(c.Context(), list)), nil
}
