package scheduleapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/schedule"
)

// ItemBody is what an item says.
type ItemBody struct {
	Title      string    `json:"title" minLength:"1" maxLength:"200"`
	Minutes    int       `json:"minutes" minimum:"0" maximum:"600"`
	Method     string    `json:"method,omitempty" enum:",lecture,presentation,coaching,discussion,workshop,break"`
	Leader     uuid.UUID `json:"leader,omitempty" doc:"A person of the network."`
	LeaderName string    `json:"leader_name,omitempty" maxLength:"200" doc:"Somebody from outside, without leader."`
}

func (b *ItemBody) input() schedule.ItemInput {
	return schedule.ItemInput{Title: b.Title, Minutes: b.Minutes, Method: schedule.Method(b.Method), Leader: b.Leader, LeaderName: b.LeaderName}
}

type addItemIn struct {
	IDIn
	Body ItemBody
}

// ItemIn names an item.
type ItemIn struct {
	IDIn
	Item uuid.UUID `path:"item"`
}

type editItemIn struct {
	ItemIn
	Body struct {
		ItemBody
		Version int `json:"version"`
	}
}

type moveItemIn struct {
	ItemIn
	Body struct {
		Direction string `json:"direction" enum:"up,down"`
	}
}

type adoptIn struct {
	ItemIn
	Body struct {
		Minutes int `json:"minutes,omitempty" minimum:"0" maximum:"600" doc:"0: a teaching hour."`
	}
}

type sentOut struct {
	Body struct {
		People int `json:"people"`
	}
}

type deliveriesOut struct {
	Body kit.List[schedule.Delivery]
}

func agenda(a *kit.API, s *schedule.Service) {
	kit.Register(a, kit.Op{ID: "addAgendaItem", Method: "POST", Path: "/meetings/{id}/agenda", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Put an item at the end of the agenda."},
		func(ctx context.Context, in *addItemIn) (*kit.None, error) {
			return nil, s.AddItem(ctx, access.From(ctx), in.ID, in.Body.input())
		})
	kit.Register(a, kit.Op{ID: "editAgendaItem", Method: "PUT", Path: "/meetings/{id}/agenda/{item}", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Change an item of the agenda."},
		func(ctx context.Context, in *editItemIn) (*kit.None, error) {
			return nil, s.EditItem(ctx, access.From(ctx), in.ID, in.Item, in.Body.Version, in.Body.input())
		})
	kit.Register(a, kit.Op{ID: "moveAgendaItem", Method: "POST", Path: "/meetings/{id}/agenda/{item}/move", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Put an item one place up or down."},
		func(ctx context.Context, in *moveItemIn) (*kit.None, error) {
			return nil, s.MoveItem(ctx, access.From(ctx), in.ID, in.Item, in.Body.Direction == "up")
		})
	kit.Register(a, kit.Op{ID: "dropAgendaItem", Method: "DELETE", Path: "/meetings/{id}/agenda/{item}", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Take an item off the agenda."},
		func(ctx context.Context, in *ItemIn) (*kit.None, error) {
			return nil, s.DropItem(ctx, access.From(ctx), in.ID, in.Item)
		})
	kit.Register(a, kit.Op{ID: "adoptAgendaItem", Method: "POST", Path: "/meetings/{id}/agenda/adopt/{item}", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Put a proposal that won its vote onto the agenda; its author leads."},
		func(ctx context.Context, in *adoptIn) (*kit.None, error) {
			return nil, s.Adopt(ctx, access.From(ctx), in.ID, in.Item, in.Body.Minutes)
		})
	kit.Register(a, kit.Op{ID: "sendProgramme", Method: "POST", Path: "/meetings/{id}/programme", Perm: schedule.PermManage, Tag: "meetings", Summary: "Send the agenda to everybody invited."},
		func(ctx context.Context, in *IDIn) (*sentOut, error) {
			n, err := s.SendProgramme(ctx, access.From(ctx), in.ID)
			out := &sentOut{}
			out.Body.People = n
			return out, err
		})
	kit.Register(a, kit.Op{ID: "listDeliveries", Most: 6000, Method: "GET", Path: "/meetings/{id}/programme", Perm: schedule.PermManage, Tag: "meetings", Summary: "What became of the newest programme sent, by person."},
		func(ctx context.Context, in *IDIn) (*deliveriesOut, error) {
			list, err := s.Deliveries(ctx, access.From(ctx), in.ID)
			return &deliveriesOut{kit.Page(list, "")}, err
		})
}

type registerOut struct{ Body *schedule.Register }

type markBody struct {
	Person   uuid.UUID `json:"person"`
	Presence string    `json:"presence" enum:",onsite,online,excused,absent"`
	Was      string    `json:"was" enum:",onsite,online,excused,absent" doc:"What the caller read: a mark that does not change is not written, so that a check-in meanwhile stays."`
}

type guestBody struct {
	ID     uuid.UUID `json:"id,omitempty" doc:"Of a guest on the list; missing for a new one."`
	Name   string    `json:"name" maxLength:"200"`
	School string    `json:"school,omitempty" maxLength:"200"`
	Drop   bool      `json:"drop,omitempty"`
}

type registerIn struct {
	IDIn
	Body struct {
		Marks  []markBody  `json:"marks,omitempty" maxItems:"6000"`
		Guests []guestBody `json:"guests,omitempty" maxItems:"200"`
	}
}

func (in *registerIn) input() schedule.RegisterInput {
	var out schedule.RegisterInput
	for _, m := range in.Body.Marks {
		out.Marks = append(out.Marks, schedule.Mark{Person: m.Person, Presence: schedule.Presence(m.Presence), Was: schedule.Presence(m.Was)})
	}
	for _, g := range in.Body.Guests {
		out.Guests = append(out.Guests, schedule.GuestMark{ID: g.ID, Name: g.Name, School: g.School, Drop: g.Drop})
	}
	return out
}

type codeOut struct{ Body schedule.Code }

type codeIn struct {
	IDIn
	Body struct {
		Code string `json:"code" maxLength:"40"`
		Way  string `json:"way,omitempty" enum:",onsite,online" doc:"Missing: as answered, or the only way there is."`
	}
}

type personOut struct{ Body schedule.Person }

type hoursIn struct {
	IDIn
	Year int `query:"school_year" minimum:"0" maximum:"2100"`
}

type hoursOut struct{ Body *schedule.HoursPage }

type yearOut struct{ Body *schedule.Year }

func attendance(a *kit.API, s *schedule.Service) {
	kit.Register(a, kit.Op{ID: "getRegister", Method: "GET", Path: "/meetings/{id}/register", Perm: schedule.PermHours, Tag: "meetings", Summary: "Who is expected and who was there."},
		func(ctx context.Context, in *IDIn) (*registerOut, error) {
			r, err := s.Register(ctx, access.From(ctx), in.ID)
			return &registerOut{r}, err
		})
	kit.Register(a, kit.Op{ID: "saveRegister", Method: "PUT", Path: "/meetings/{id}/register", Perm: schedule.PermRegister, Tag: "meetings", Status: 204, Summary: "Write attendance of members and guests."},
		func(ctx context.Context, in *registerIn) (*kit.None, error) {
			return nil, s.SaveRegister(ctx, access.From(ctx), in.ID, in.input())
		})
	kit.Register(a, kit.Op{ID: "getMeetingCode", Method: "GET", Path: "/meetings/{id}/code", Perm: schedule.PermRegister, Tag: "meetings", Summary: "The meeting's check-in code of the moment."},
		func(ctx context.Context, in *IDIn) (*codeOut, error) {
			c, err := s.Code(ctx, access.From(ctx), in.ID)
			return &codeOut{c}, err
		})
	kit.Register(a, kit.Op{ID: "checkIn", Method: "POST", Path: "/meetings/{id}/check-in", Perm: schedule.PermAnswer, Tag: "meetings", Status: 204, Summary: "Note one's own attendance by the meeting's code or one's own."},
		func(ctx context.Context, in *codeIn) (*kit.None, error) {
			return nil, s.CheckIn(ctx, access.From(ctx), in.ID, in.Body.Code, schedule.Way(in.Body.Way))
		})
	kit.Register(a, kit.Op{ID: "checkInPerson", Method: "POST", Path: "/meetings/{id}/check-in/person", Perm: schedule.PermRegister, Tag: "meetings", Summary: "Note a person by the code on their slip."},
		func(ctx context.Context, in *codeIn) (*personOut, error) {
			p, err := s.CheckInFor(ctx, access.From(ctx), in.ID, in.Body.Code)
			return &personOut{p}, err
		})
	kit.Register(a, kit.Op{ID: "getHours", Method: "GET", Path: "/networks/{id}/hours", Perm: schedule.PermView, Tag: "meetings", Summary: "Teaching hours of a school year: everybody's for who leads, one's own for members."},
		func(ctx context.Context, in *hoursIn) (*hoursOut, error) {
			h, err := s.Hours(ctx, access.From(ctx), in.ID, in.Year)
			return &hoursOut{h}, err
		})
	kit.Register(a, kit.Op{ID: "getMeetingYear", Method: "GET", Path: "/networks/{id}/meetings/year", Perm: schedule.PermHours, Tag: "meetings", Summary: "What a network did in meetings in a school year."},
		func(ctx context.Context, in *hoursIn) (*yearOut, error) {
			y, err := s.Year(ctx, access.From(ctx), in.ID, in.Year)
			return &yearOut{y}, err
		})
}

type decisionBody struct {
	ID   uuid.UUID `json:"id,omitempty"`
	Text string    `json:"text" maxLength:"2000"`
}

type actionBody struct {
	ID    uuid.UUID `json:"id,omitempty"`
	Text  string    `json:"text" maxLength:"1000"`
	Owner uuid.UUID `json:"owner"`
	Due   string    `json:"due,omitempty" maxLength:"10" doc:"A day, 2026-12-08."`
}

type minutesIn struct {
	IDIn
	Body struct {
		Version   int            `json:"version"`
		Text      string         `json:"text,omitempty" maxLength:"20000"`
		Decisions []decisionBody `json:"decisions,omitempty" maxItems:"50" doc:"The whole list: rows left out go."`
		Actions   []actionBody   `json:"actions,omitempty" maxItems:"50" doc:"The whole list: rows left out go."`
		Tell      bool           `json:"tell,omitempty" doc:"Each owner gets one notice of the items that they do not know of yet."`
	}
}

func (in *minutesIn) input() schedule.MinutesInput {
	out := schedule.MinutesInput{Version: in.Body.Version, Text: in.Body.Text, Tell: in.Body.Tell}
	for _, d := range in.Body.Decisions {
		out.Decisions = append(out.Decisions, schedule.Decision(d))
	}
	for _, x := range in.Body.Actions {
		out.Actions = append(out.Actions, schedule.ActionInput(x))
	}
	return out
}

type minutesOut struct{ Body *schedule.Minutes }

type tickIn struct {
	IDIn
	Action uuid.UUID `path:"action"`
	Body   struct {
		Done bool `json:"done"`
	}
}

func minutes(a *kit.API, s *schedule.Service) {
	kit.Register(a, kit.Op{ID: "getMinutes", Method: "GET", Path: "/meetings/{id}/minutes", Perm: schedule.PermView, Tag: "meetings", Summary: "Decisions and action items of a meeting."},
		func(ctx context.Context, in *IDIn) (*minutesOut, error) {
			_, m, err := s.Minutes(ctx, access.From(ctx), in.ID)
			return &minutesOut{m}, err
		})
	kit.Register(a, kit.Op{ID: "saveMinutes", Method: "PUT", Path: "/meetings/{id}/minutes", Perm: schedule.PermRegister, Tag: "meetings", Status: 204, Summary: "Write decisions and action items."},
		func(ctx context.Context, in *minutesIn) (*kit.None, error) {
			return nil, s.SaveMinutes(ctx, access.From(ctx), in.ID, in.input())
		})
	kit.Register(a, kit.Op{ID: "tickAction", Method: "PUT", Path: "/meetings/{id}/actions/{action}", Perm: schedule.PermView, Tag: "meetings", Status: 204, Summary: "Mark an action item as done, or open again; its owner or who keeps the minutes."},
		func(ctx context.Context, in *tickIn) (*kit.None, error) {
			return nil, s.Tick(ctx, access.From(ctx), in.Action, in.Body.Done)
		})
}
