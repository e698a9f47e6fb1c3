// Package scheduleapi is the API of meetings: planning, answers, agenda,
// programme, attendance, minutes, hours.
package scheduleapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/schedule"
)

// IDIn names what the operation is about.
type IDIn struct {
	ID uuid.UUID `path:"id"`
}

type createdOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

// MeetingBody is what a coordinator says about a meeting.
type MeetingBody struct {
	Kind    string    `json:"kind" maxLength:"63" doc:"One of the network's kinds of meeting; without own ones: organisational, working, summary."`
	Title   string    `json:"title" minLength:"3" maxLength:"200"`
	Note    string    `json:"note,omitempty" maxLength:"4000"`
	Starts  time.Time `json:"starts"`
	Ends    time.Time `json:"ends"`
	OnSite  bool      `json:"onsite"`
	Online  bool      `json:"online"`
	Place   string    `json:"place,omitempty" maxLength:"200" doc:"Venue and town, read by everybody in the network."`
	Address string    `json:"address,omitempty" maxLength:"1000" doc:"Read by those who answered that they come."`
	Link    string    `json:"link,omitempty" maxLength:"1000" doc:"Read by those who answered that they take part online."`
}

func (b *MeetingBody) input() schedule.Input {
	return schedule.Input{Kind: b.Kind, Title: b.Title, Note: b.Note, Starts: b.Starts, Ends: b.Ends,
		Where: schedule.Where{OnSite: b.OnSite, Online: b.Online, Place: b.Place, Address: b.Address, Link: b.Link}}
}

type createIn struct {
	IDIn
	Body MeetingBody
}

type editIn struct {
	IDIn
	Body struct {
		MeetingBody
		Version int    `json:"version"`
		Message string `json:"message,omitempty" maxLength:"1000" doc:"Goes with the letter when time or place of an announced meeting change."`
	}
}

type listIn struct {
	kit.PageIn
	IDIn
	Year int `query:"school_year" minimum:"0" maximum:"2100" doc:"The year in which the school year begins; missing: the network's own."`
}

type listOut struct{ Body kit.List[schedule.Meeting] }

type mineIn struct {
	Limit int `query:"limit" minimum:"1" maximum:"100" default:"30"`
}

type meetingDetail struct {
	schedule.Detail
	Materials []fileRef `json:"materials"`
}

type fileRef struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Size int64     `json:"size"`
}

type detailOut struct{ Body meetingDetail }

type answerIn struct {
	IDIn
	Body struct {
		Answer string `json:"answer" enum:"onsite,online,no"`
	}
}

type reasonIn struct {
	IDIn
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"1000"`
	}
}

type filesIn struct {
	IDIn
	Body struct {
		Files []uuid.UUID `json:"files" minItems:"1" maxItems:"30" doc:"Uploads of the caller."`
	}
}

type fileIn struct {
	IDIn
	File uuid.UUID `path:"file"`
}

// Register adds the operations.
func Register(a *kit.API, s *schedule.Service) {
	plans(a, s)
	acts(a, s)
	agenda(a, s)
	attendance(a, s)
	minutes(a, s)
}

func plans(a *kit.API, s *schedule.Service) {
	kit.Register(a, kit.Op{ID: "listMeetings", Method: "GET", Path: "/networks/{id}/meetings", Perm: schedule.PermView, Tag: "meetings", Summary: "Meetings of a network: the next one first, then those to come, then those that are over."},
		func(ctx context.Context, in *listIn) (*listOut, error) {
			p, err := s.List(ctx, access.From(ctx), in.ID, in.Year, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &listOut{kit.Page(p.Items, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "listMyMeetings", Most: 100, Method: "GET", Path: "/meetings", Perm: schedule.PermView, Tag: "meetings", Summary: "Meetings of my networks that are not over, the earliest first."},
		func(ctx context.Context, in *mineIn) (*listOut, error) {
			list, err := s.Upcoming(ctx, access.From(ctx), in.Limit)
			if err != nil {
				return nil, err
			}
			return &listOut{kit.Page(list, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "getMeeting", Method: "GET", Path: "/meetings/{id}", Perm: schedule.PermView, Tag: "meetings", Summary: "A meeting as the reader may see it: address or link by their own answer."},
		func(ctx context.Context, in *IDIn) (*detailOut, error) {
			d, err := s.Get(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			out := &detailOut{meetingDetail{Detail: *d, Materials: []fileRef{}}}
			for _, f := range d.Files {
				out.Body.Materials = append(out.Body.Materials, fileRef{f.ID, f.Name, f.Size})
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "createMeeting", Method: "POST", Path: "/networks/{id}/meetings", Perm: schedule.PermManage, Tag: "meetings", Status: 201, Summary: "Plan a meeting as a draft."},
		func(ctx context.Context, in *createIn) (*createdOut, error) {
			id, err := s.Create(ctx, access.From(ctx), in.ID, in.Body.input())
			out := &createdOut{}
			out.Body.ID = id
			return out, err
		})
	kit.Register(a, kit.Op{ID: "editMeeting", Method: "PUT", Path: "/meetings/{id}", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Change or move a meeting; a new time or place of an announced one is told to everybody invited at once."},
		func(ctx context.Context, in *editIn) (*kit.None, error) {
			b := &in.Body
			return nil, s.Edit(ctx, access.From(ctx), in.ID, b.Version, b.input(), b.Message)
		})
	kit.Register(a, kit.Op{ID: "dropMeeting", Method: "DELETE", Path: "/meetings/{id}", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Delete a draft."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.Drop(ctx, access.From(ctx), in.ID)
		})
}

func acts(a *kit.API, s *schedule.Service) {
	kit.Register(a, kit.Op{ID: "announceMeeting", Method: "POST", Path: "/meetings/{id}/announce", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Invite everybody in the network to a draft."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.Announce(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "cancelMeeting", Method: "POST", Path: "/meetings/{id}/cancel", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Call a meeting off; everybody invited is told at once."},
		func(ctx context.Context, in *reasonIn) (*kit.None, error) {
			return nil, s.Cancel(ctx, access.From(ctx), in.ID, in.Body.Reason)
		})
	kit.Register(a, kit.Op{ID: "answerMeeting", Method: "PUT", Path: "/meetings/{id}/answer", Perm: schedule.PermAnswer, Tag: "meetings", Status: 204, Summary: "Answer an invitation, until the meeting begins."},
		func(ctx context.Context, in *answerIn) (*kit.None, error) {
			return nil, s.Answer(ctx, access.From(ctx), in.ID, schedule.Way(in.Body.Answer))
		})
	kit.Register(a, kit.Op{ID: "addMeetingFiles", Method: "POST", Path: "/meetings/{id}/files", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Attach uploads as materials."},
		func(ctx context.Context, in *filesIn) (*kit.None, error) {
			return nil, s.AddFiles(ctx, access.From(ctx), in.ID, in.Body.Files)
		})
	kit.Register(a, kit.Op{ID: "dropMeetingFile", Method: "DELETE", Path: "/meetings/{id}/files/{file}", Perm: schedule.PermManage, Tag: "meetings", Status: 204, Summary: "Take a material off."},
		func(ctx context.Context, in *fileIn) (*kit.None, error) {
			return nil, s.DropFile(ctx, access.From(ctx), in.ID, in.File)
		})
	kit.Register(a, kit.Op{ID: "closeMeeting", Method: "POST", Path: "/meetings/{id}/close", Perm: schedule.PermClose, Tag: "meetings", Status: 204, Summary: "Make attendance and minutes final; the network's type may forbid it or ask for reasons."},
		func(ctx context.Context, in *closeIn) (*kit.None, error) {
			return nil, s.Close(ctx, access.From(ctx), in.ID, in.given())
		})
}

type reason struct {
	Code   string `json:"code" maxLength:"63" doc:"Of the warning that the problem document named."`
	Path   string `json:"path,omitempty" maxLength:"200"`
	Reason string `json:"reason" maxLength:"2000"`
}

type closeIn struct {
	IDIn
	Body struct {
		Reasons []reason `json:"reasons,omitempty" maxItems:"100"`
	}
}

func (in *closeIn) given() []effect.Acknowledgement {
	var out []effect.Acknowledgement
	for _, r := range in.Body.Reasons {
		out = append(out, effect.Acknowledgement{Code: r.Code, Path: r.Path, Reason: r.Reason})
	}
	return out
}
