// Package taskapi is the API of human tasks.
package taskapi

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/task"
)

type assignee struct {
	Kind string    `json:"kind" enum:"person,group,network"`
	ID   uuid.UUID `json:"id"`
}

type reason struct {
	Code   string `json:"code" maxLength:"63" doc:"Of the warning that the problem document named."`
	Path   string `json:"path,omitempty" maxLength:"200"`
	Reason string `json:"reason" maxLength:"2000"`
}

func reasons(list []reason) []effect.Acknowledgement {
	var out []effect.Acknowledgement
	for _, r := range list {
		out = append(out, effect.Acknowledgement{Code: r.Code, Path: r.Path, Reason: r.Reason})
	}
	return out
}

// Summary is a task in a list.
type Summary struct {
	ID           uuid.UUID  `json:"id"`
	Type         string     `json:"type"`
	Title        string     `json:"title"`
	Instructions string     `json:"instructions,omitempty"`
	State        string     `json:"state" enum:"open,submitted,returned,accepted,escalated,cancelled"`
	Due          *time.Time `json:"due,omitempty"`
	ScopeKind    string     `json:"scope_kind"`
	Scope        uuid.UUID  `json:"scope"`
	ScopeTitle   string     `json:"scope_title"`
	Assignee     *assignee  `json:"assignee,omitempty"`
	AssigneeName string     `json:"assignee_name,omitempty"`
	Each         bool       `json:"each" doc:"Everybody in the network has an own part."`
	Parent       *uuid.UUID `json:"parent,omitempty" doc:"The task of everybody that this is a part of."`
	Version      int64      `json:"version"`
}

func summaryOf(t *task.Task) Summary {
	out := Summary{
		ID: t.ID, Type: t.Type, Title: t.Title, Instructions: t.Instructions, State: string(t.State), ScopeKind: string(t.Scope.Kind), Scope: t.Scope.ID,
		ScopeTitle: t.ScopeTitle, AssigneeName: t.AssigneeName, Each: t.Each, Version: t.Version, Due: instant(t.Due),
	}
	if t.Assignee != (effect.Assignee{}) {
		out.Assignee = &assignee{string(t.Assignee.Kind), t.Assignee.ID}
	}
	if t.Parent != uuid.Nil {
		out.Parent = &t.Parent
	}
	return out
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

type fileRef struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Size int64     `json:"size"`
}

type submission struct {
	ID           uuid.UUID       `json:"id"`
	No           int             `json:"no"`
	FormRevision int             `json:"form_revision"`
	Answers      json.RawMessage `json:"answers"`
	By           task.Person     `json:"by"`
	Authors      []task.Person   `json:"authors"`
	Files        []fileRef       `json:"files"`
	SubmittedAt  time.Time       `json:"submitted_at"`
}

type remark struct {
	Path   string `json:"path,omitempty" maxLength:"200" doc:"Item path with row ids; empty for the whole."`
	Quote  string `json:"quote,omitempty" maxLength:"500"`
	Offset int    `json:"offset,omitempty" minimum:"0" doc:"Where the quote begins, in Unicode code points."`
	Text   string `json:"text" maxLength:"2000"`
}

type decision struct {
	Submission *uuid.UUID   `json:"submission,omitempty"`
	Verdict    string       `json:"verdict"`
	Note       string       `json:"note,omitempty"`
	Due        *time.Time   `json:"due,omitempty"`
	By         *task.Person `json:"by,omitempty"`
	At         time.Time    `json:"at"`
	Remarks    []remark     `json:"remarks"`
}

type detail struct {
	Summary
	FormRevision int             `json:"form_revision"`
	Form         json.RawMessage `json:"form,omitempty" doc:"The form to fill (vocabulary in the handbook for authors of plugins)."`
	Submissions  []submission    `json:"submissions" doc:"The newest first."`
	Decisions    []decision      `json:"decisions" doc:"The newest first."`
	Mine         *uuid.UUID      `json:"mine,omitempty" doc:"The reader's own part of a task of everybody."`
	MaySubmit    bool            `json:"may_submit"`
	MayReview    bool            `json:"may_review"`
	MayAssign    bool            `json:"may_assign"`
}

func detailOf(d *task.Detail) detail {
	out := detail{Summary: summaryOf(&d.Task), FormRevision: d.FormRev, Submissions: []submission{}, Decisions: []decision{}, MaySubmit: d.MaySubmit, MayReview: d.MayReview, MayAssign: d.MayAssign}
	if d.Form != nil {
		out.Form = d.Form.Canonical()
	}
	if d.Mine != uuid.Nil {
		out.Mine = &d.Mine
	}
	for _, s := range d.Submissions {
		x := submission{ID: s.ID, No: s.No, FormRevision: s.FormRev, Answers: s.Answers.Canonical(), By: s.By, Authors: s.Authors, Files: []fileRef{}, SubmittedAt: s.SubmittedAt.UTC()}
		for _, f := range s.Files {
			x.Files = append(x.Files, fileRef{f.ID, f.Name, f.Size})
		}
		out.Submissions = append(out.Submissions, x)
	}
	for _, v := range d.Decisions {
		x := decision{Verdict: v.Verdict, Note: v.Note, Due: instant(v.Due), At: v.At.UTC(), Remarks: []remark{}}
		if v.Submission != uuid.Nil {
			x.Submission = &v.Submission
		}
		if v.By.ID != uuid.Nil {
			x.By = &v.By
		}
		for _, r := range v.Remarks {
			x.Remarks = append(x.Remarks, remark{r.Path, r.Quote, r.Offset, r.Text})
		}
		out.Decisions = append(out.Decisions, x)
	}
	return out
}

// WhichIn narrows a list of tasks.
type WhichIn struct {
	kit.PageIn
	Which string `query:"which" enum:"turn,waiting,ended,all" default:"turn" doc:"turn: the assignee's turn; waiting: handed in; ended; all."`
}

type listOut struct{ Body kit.List[Summary] }

func list(p task.Page, err error) (*listOut, error) {
	if err != nil {
		return nil, err
	}
	items := make([]Summary, len(p.Items))
	for i := range p.Items {
		items[i] = summaryOf(&p.Items[i])
	}
	return &listOut{kit.Page(items, p.Next)}, nil
}

// IDIn names what the operation is about.
type IDIn struct {
	ID uuid.UUID `path:"id"`
}

type detailOut struct{ Body detail }

type assignIn struct {
	Body struct {
		Type         string     `json:"type" maxLength:"200" doc:"Qualified: ore.thematic:observation."`
		ScopeKind    string     `json:"scope_kind" enum:"programme,network,group"`
		Scope        uuid.UUID  `json:"scope"`
		Assignee     assignee   `json:"assignee"`
		Title        string     `json:"title" maxLength:"200"`
		Instructions string     `json:"instructions,omitempty" maxLength:"4000"`
		Due          *time.Time `json:"due,omitempty"`
		Reasons      []reason   `json:"reasons,omitempty" maxItems:"100"`
	}
}

type createdOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

type submitIn struct {
	IDIn
	Body struct {
		Version      int64           `json:"version" doc:"Of the task when the answers were begun."`
		FormRevision int             `json:"form_revision"`
		Answers      json.RawMessage `json:"answers"`
		Files        []uuid.UUID     `json:"files,omitempty" maxItems:"20" doc:"Uploads beside those that answers name."`
		Authors      []uuid.UUID     `json:"authors,omitempty" maxItems:"100" doc:"Of a shared submission."`
		Reasons      []reason        `json:"reasons,omitempty" maxItems:"100"`
	}
}

type receiptOut struct{ Body task.Receipt }

type decideIn struct {
	IDIn
	Body struct {
		Version int64      `json:"version"`
		Verdict string     `json:"verdict" enum:"accepted,returned,escalated"`
		Remarks []remark   `json:"remarks,omitempty" maxItems:"100"`
		Due     *time.Time `json:"due,omitempty" doc:"Required for a return."`
		Note    string     `json:"note,omitempty" maxLength:"4000"`
		Reasons []reason   `json:"reasons,omitempty" maxItems:"100"`
	}
}

type reassignIn struct {
	IDIn
	Body struct {
		Version  int64      `json:"version"`
		Assignee assignee   `json:"assignee"`
		Due      *time.Time `json:"due,omitempty" doc:"A new date; missing keeps the old."`
	}
}

type endIn struct {
	IDIn
	Body struct {
		Version int64      `json:"version"`
		Due     *time.Time `json:"due,omitempty" doc:"Required for reopening."`
		Note    string     `json:"note,omitempty" maxLength:"4000"`
	}
}

type scopeIn struct {
	WhichIn
	ID uuid.UUID `path:"id"`
}

func moment(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// Register adds the operations.
func Register(a *kit.API, s *task.Service) {
	kit.Register(a, kit.Op{ID: "listMyTasks", Method: "GET", Path: "/tasks", Perm: task.Own, Summary: "My tasks and those of my groups and networks, the earliest date first."},
		func(ctx context.Context, in *WhichIn) (*listOut, error) {
			return list(s.Mine(ctx, access.From(ctx), task.Which(in.Which), in.After, in.Limit))
		})
	for _, of := range []struct {
		path, name string
		kind       effect.ScopeKind
	}{{"networks", "Network", effect.Network}, {"groups", "Group", effect.Group}, {"programmes", "Programme", effect.Programme}} {
		kit.Register(a, kit.Op{ID: "listTasksOf" + of.name,
			Method: "GET", Path: "/" + of.path + "/{id}/tasks", Perm: task.List, Tag: "tasks", Summary: "Tasks of a " + string(of.kind) + " and of the groups in it."},
			func(ctx context.Context, in *scopeIn) (*listOut, error) {
				return list(s.InScope(ctx, access.From(ctx), effect.Scope{Kind: of.kind, ID: in.ID}, task.Which(in.Which), in.After, in.Limit))
			})
	}
	kit.Register(a, kit.Op{ID: "listTaskParts", Method: "GET", Path: "/tasks/{id}/parts", Perm: task.Review, Summary: "What members have begun of a task of everybody."},
		func(ctx context.Context, in *scopeIn) (*listOut, error) {
			return list(s.Parts(ctx, access.From(ctx), in.ID, task.Which(in.Which), in.After, in.Limit))
		})
	kit.Register(a, kit.Op{ID: "getTask", Method: "GET", Path: "/tasks/{id}", Perm: task.Own, Summary: "A task with its form, submissions and decisions, as far as the reader may see them."},
		func(ctx context.Context, in *IDIn) (*detailOut, error) {
			d, err := s.Get(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &detailOut{detailOf(d)}, nil
		})
	kit.Register(a, kit.Op{ID: "assignTask", Method: "POST", Path: "/tasks", Perm: task.Assign, Status: 201, Summary: "Assign a task to a person, a group or everybody in a network."},
		func(ctx context.Context, in *assignIn) (*createdOut, error) {
			b := &in.Body
			id, err := s.Assign(ctx, access.From(ctx), task.NewTask{
				Type: b.Type, Scope: effect.Scope{Kind: effect.ScopeKind(b.ScopeKind), ID: b.Scope}, Title: b.Title, Instructions: b.Instructions,
				Assignee: effect.Assignee{Kind: effect.AssigneeKind(b.Assignee.Kind), ID: b.Assignee.ID}, Due: moment(b.Due), Reasons: reasons(b.Reasons),
			})
			out := &createdOut{}
			out.Body.ID = id
			return out, err
		})
	acts(a, s)
}

// inBody names wrong answers as they lie in the body.
func inBody(err error) error {
	var f *fault.Error
	var need *task.NeedsReason
	if !errors.As(err, &f) || f.Kind != fault.Invalid || errors.As(err, &need) {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if x.Path != "" && x.Path != "files" && x.Path != "authors" {
			x.Path = "answers." + x.Path
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

func acts(a *kit.API, s *task.Service) {
	kit.Register(a, kit.Op{ID: "submitTask", Method: "POST", Path: "/tasks/{id}/submissions", Perm: task.Own, Status: 201, Summary: "Hand a task in; answers a receipt."},
		func(ctx context.Context, in *submitIn) (*receiptOut, error) {
			b := &in.Body
			r, err := s.Submit(ctx, access.From(ctx), in.ID, task.Handing{Version: b.Version, FormRev: b.FormRevision, Answers: b.Answers, Files: b.Files, Authors: b.Authors, Reasons: reasons(b.Reasons)})
			if err != nil {
				return nil, inBody(err)
			}
			return &receiptOut{*r}, nil
		})
	kit.Register(a, kit.Op{ID: "decideTask", Method: "POST", Path: "/tasks/{id}/decisions", Perm: task.Review, Status: 204, Summary: "Accept, return with remarks and a date, or escalate what was handed in."},
		func(ctx context.Context, in *decideIn) (*kit.None, error) {
			b := &in.Body
			j := task.Judgement{Verdict: effect.Verdict(b.Verdict), Due: moment(b.Due), Note: b.Note, Version: b.Version, Reasons: reasons(b.Reasons)}
			for _, r := range b.Remarks {
				j.Remarks = append(j.Remarks, effect.Remark{Path: r.Path, Quote: r.Quote, Offset: r.Offset, Text: r.Text})
			}
			return nil, s.Decide(ctx, access.From(ctx), in.ID, j)
		})
	kit.Register(a, kit.Op{ID: "reassignTask", Method: "PUT", Path: "/tasks/{id}/assignee", Perm: task.Assign, Status: 204, Summary: "Give a task to somebody else."},
		func(ctx context.Context, in *reassignIn) (*kit.None, error) {
			b := &in.Body
			return nil, s.Reassign(ctx, access.From(ctx), in.ID, effect.Assignee{Kind: effect.AssigneeKind(b.Assignee.Kind), ID: b.Assignee.ID}, moment(b.Due), b.Version)
		})
	kit.Register(a, kit.Op{ID: "cancelTask", Method: "POST", Path: "/tasks/{id}/cancel", Perm: task.Assign, Status: 204, Summary: "Cancel a task, with its parts."},
		func(ctx context.Context, in *endIn) (*kit.None, error) {
			return nil, s.Cancel(ctx, access.From(ctx), in.ID, in.Body.Note, in.Body.Version)
		})
	kit.Register(a, kit.Op{ID: "reopenTask", Method: "POST", Path: "/tasks/{id}/reopen", Perm: task.Review, Status: 204, Summary: "Give an ended task back to its assignee with a new date."},
		func(ctx context.Context, in *endIn) (*kit.None, error) {
			return nil, s.Reopen(ctx, access.From(ctx), in.ID, moment(in.Body.Due), in.Body.Note, in.Body.Version)
		})
}
