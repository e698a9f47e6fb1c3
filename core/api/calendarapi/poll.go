package calendarapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/poll"
)

type pollsIn struct {
	kit.PageIn
	ID uuid.UUID `path:"id"`
}

type pollsOut struct{ Body kit.List[poll.Poll] }

type option struct {
	ID      uuid.UUID `json:"id"`
	Starts  time.Time `json:"starts"`
	Ends    time.Time `json:"ends"`
	Yes     int       `json:"yes"`
	Maybe   int       `json:"maybe"`
	No      int       `json:"no"`
	Absent  []string  `json:"key_people_no" doc:"Those who lead the network and its experts who cannot come."`
	Mine    string    `json:"my_answer,omitempty" enum:"yes,maybe,no"`
	Place   int       `json:"place,omitempty" doc:"In the order of suitability, from 1."`
	Clashes []note    `json:"clashes"`
}

type given struct {
	Slot   uuid.UUID `json:"slot"`
	Answer string    `json:"answer" enum:"yes,maybe,no"`
}

type person struct {
	ID      uuid.UUID `json:"id"`
	Name    string    `json:"name"`
	Role    string    `json:"role,omitempty" enum:"coordinator,expert"`
	Answers []given   `json:"answers"`
}

type pollDetail struct {
	poll.Poll
	Options   []option        `json:"options"`
	People    []person        `json:"people"`
	Conflicts []poll.Conflict `json:"conflicts"`
	Why       string          `json:"why_best,omitempty" enum:"key,can,yes,clashes,time" doc:"The rule that put the best date before the second."`
	May       poll.Rights     `json:"may"`
}

type pollOut struct{ Body pollDetail }

func detailOf(ctx context.Context, d *poll.Detail) pollDetail {
	out := pollDetail{Poll: d.Poll, Options: []option{}, People: []person{}, Conflicts: append([]poll.Conflict{}, d.Conflicts...), Why: string(d.Why), May: d.May}
	for i := range d.Options {
		s := &d.Options[i]
		out.Options = append(out.Options, option{s.ID, s.Starts.UTC(), s.Ends.UTC(), s.Yes, s.Maybe, s.No, append([]string{}, s.Key...), string(s.Mine), s.Place, notes(ctx, s.Clashes)})
	}
	for _, x := range d.People {
		p := person{ID: x.ID, Name: x.Name, Role: x.Role, Answers: []given{}}
		for i := range d.Options {
			if a, ok := x.Answers[d.Options[i].ID]; ok {
				p.Answers = append(p.Answers, given{d.Options[i].ID, string(a)})
			}
		}
		out.People = append(out.People, p)
	}
	return out
}

// PollBody is what a poll is made of.
type PollBody struct {
	Kind     string    `json:"kind" maxLength:"63" doc:"Kind of the meeting to come."`
	Title    string    `json:"title" maxLength:"200"`
	Note     string    `json:"note,omitempty" maxLength:"2000"`
	AnswerBy time.Time `json:"answer_by"`
	Slots    []span    `json:"slots" minItems:"2" maxItems:"20"`
	Despite  bool      `json:"despite,omitempty" doc:"Propose the dates although some clash with days off; without it they are refused with the clashes named."`
}

type span struct {
	ID     *uuid.UUID `json:"id,omitempty" doc:"Of a date that is there already."`
	Starts time.Time  `json:"starts"`
	Ends   time.Time  `json:"ends"`
}

func (b *PollBody) input() poll.Input {
	in := poll.Input{Kind: b.Kind, Title: b.Title, Note: b.Note, AnswerBy: b.AnswerBy, Despite: b.Despite}
	for _, s := range b.Slots {
		x := poll.Span{Starts: s.Starts, Ends: s.Ends}
		if s.ID != nil {
			x.ID = *s.ID
		}
		in.Slots = append(in.Slots, x)
	}
	return in
}

type createIn struct {
	IDIn
	Body PollBody
}

type createdOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

type editIn struct {
	IDIn
	Body struct {
		PollBody
		Version int `json:"version"`
	}
}

type answersIn struct {
	IDIn
	Body struct {
		Answers []given `json:"answers,omitempty" maxItems:"20"`
		Rest    string  `json:"rest,omitempty" enum:"yes,maybe,no" doc:"Answer for the dates that have none then."`
	}
}

type remindedOut struct {
	Body struct {
		People int `json:"people"`
	}
}

type chooseIn struct {
	IDIn
	Body struct {
		Version  int            `json:"version"`
		Slot     uuid.UUID      `json:"slot"`
		Title    string         `json:"title,omitempty" maxLength:"200" doc:"Of the meeting; the poll's when missing."`
		Note     string         `json:"note,omitempty" maxLength:"4000"`
		Where    schedule.Where `json:"where"`
		Announce bool           `json:"announce,omitempty" doc:"Invite everybody at once."`
	}
}

type meetingOut struct {
	Body struct {
		Meeting uuid.UUID `json:"meeting"`
	}
}

type raiseIn struct {
	IDIn
	Body struct {
		Note string `json:"note,omitempty" maxLength:"500"`
	}
}

type keepIn struct {
	IDIn
	Conflict uuid.UUID `path:"conflict"`
	Body     struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func polls(a *kit.API, s *poll.Service) {
	kit.Register(a, kit.Op{ID: "listPolls", Method: "GET", Path: "/networks/{id}/polls", Tag: "polls", Perm: poll.PermList, Summary: "Date polls of a network, the newest first."},
		func(ctx context.Context, in *pollsIn) (*pollsOut, error) {
			l, err := s.List(ctx, access.From(ctx), in.ID, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &pollsOut{kit.Page(l.Items, l.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "createPoll", Method: "POST", Path: "/networks/{id}/polls", Tag: "polls", Perm: poll.PermManage, Status: 201, Summary: "Propose dates to everybody in a network."},
		func(ctx context.Context, in *createIn) (*createdOut, error) {
			id, err := s.Create(ctx, access.From(ctx), in.ID, in.Body.input())
			out := &createdOut{}
			out.Body.ID = id
			return out, err
		})
	kit.Register(a, kit.Op{ID: "getPoll", Method: "GET", Path: "/polls/{id}", Perm: poll.PermList, Summary: "A poll with everybody's answers."},
		func(ctx context.Context, in *IDIn) (*pollOut, error) {
			d, err := s.Get(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &pollOut{detailOf(ctx, d)}, nil
		})
	kit.Register(a, kit.Op{ID: "editPoll", Method: "PUT", Path: "/polls/{id}", Perm: poll.PermManage, Status: 204, Summary: "Change an open poll; dates that stay keep their answers."},
		func(ctx context.Context, in *editIn) (*kit.None, error) {
			return nil, s.Edit(ctx, access.From(ctx), in.ID, in.Body.Version, in.Body.input())
		})
	pollActs(a, s)
}

func pollActs(a *kit.API, s *poll.Service) {
	kit.Register(a, kit.Op{ID: "answerPoll", Method: "PUT", Path: "/polls/{id}/answers", Perm: poll.PermAnswer, Status: 204, Summary: "Say when one can come; answers change until the poll is closed."},
		func(ctx context.Context, in *answersIn) (*kit.None, error) {
			m := map[uuid.UUID]poll.Answer{}
			for _, g := range in.Body.Answers {
				m[g.Slot] = poll.Answer(g.Answer)
			}
			if len(m) != len(in.Body.Answers) {
				return nil, fault.InvalidFields(fault.Field{Path: "answers", Key: "poll.answer_unknown"})
			}
			return nil, s.Answer(ctx, access.From(ctx), in.ID, m, poll.Answer(in.Body.Rest))
		})
	kit.Register(a, kit.Op{ID: "remindPoll", Method: "POST", Path: "/polls/{id}/reminders", Perm: poll.PermManage, Summary: "Remind those who did not answer every date, once a day at most."},
		func(ctx context.Context, in *IDIn) (*remindedOut, error) {
			n, err := s.Remind(ctx, access.From(ctx), in.ID)
			out := &remindedOut{}
			out.Body.People = n
			return out, err
		})
	kit.Register(a, kit.Op{ID: "closePoll", Method: "POST", Path: "/polls/{id}/close", Perm: poll.PermManage, Status: 204, Summary: "Close a poll without a choice."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.Close(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "reopenPoll", Method: "POST", Path: "/polls/{id}/reopen", Perm: poll.PermManage, Status: 204, Summary: "Take answers again for a poll that was closed without a choice."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.Reopen(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "choosePollSlot", Method: "POST", Path: "/polls/{id}/choice", Perm: poll.PermManage, Status: 201, Summary: "Make a meeting of one of the dates."},
		func(ctx context.Context, in *chooseIn) (*meetingOut, error) {
			b := &in.Body
			id, err := s.Choose(ctx, access.From(ctx), in.ID, b.Version, poll.Choice{Slot: b.Slot, Title: b.Title, Note: b.Note, Where: b.Where, Announce: b.Announce})
			out := &meetingOut{}
			out.Body.Meeting = id
			return out, err
		})
	kit.Register(a, kit.Op{ID: "raisePollConflict", Method: "POST", Path: "/polls/{id}/conflicts", Perm: poll.PermAnswer, Status: 204, Summary: "Say that the chosen date does not suit any more."},
		func(ctx context.Context, in *raiseIn) (*kit.None, error) {
			return nil, s.Raise(ctx, access.From(ctx), in.ID, in.Body.Note)
		})
	kit.Register(a, kit.Op{ID: "withdrawPollConflict", Method: "DELETE", Path: "/polls/{id}/conflicts/mine", Perm: poll.PermAnswer, Status: 204, Summary: "Say that the chosen date suits after all."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.Withdraw(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "keepPollDate", Method: "POST", Path: "/polls/{id}/conflicts/{conflict}/keep", Perm: poll.PermManage, Status: 204, Summary: "Keep the date in spite of a conflict, with the reason."},
		func(ctx context.Context, in *keepIn) (*kit.None, error) {
			return nil, s.Keep(ctx, access.From(ctx), in.ID, in.Conflict, in.Body.Reason)
		})
}
