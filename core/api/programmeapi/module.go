package programmeapi

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/command"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/record"
)

type viewIn struct {
	IDIn
	View string `path:"view" maxLength:"63"`
}

type viewOut struct{ Body json.RawMessage }

type actIn struct {
	IDIn
	Command string `path:"command" maxLength:"63"`
	Body    struct {
		Answers  json.RawMessage `json:"answers,omitempty" doc:"Answers to the command's form."`
		Revision int             `json:"revision,omitempty"`
		Version  int64           `json:"version,omitempty" minimum:"0" doc:"Of the record that the command edits, as getProgrammeCommand or getGroupCommand gave it; missing: there is none yet. Another one is 409."`
		Reasons  []struct {
			Code   string `json:"code" maxLength:"63"`
			Path   string `json:"path,omitempty" maxLength:"200"`
			Reason string `json:"reason" maxLength:"2000"`
		} `json:"reasons,omitempty" maxItems:"100"`
	}
}

func (in *actIn) action() programme.Action {
	out := programme.Action{Command: in.Command, Answers: effect.Document{JSON: in.Body.Answers, Revision: in.Body.Revision}, Version: &in.Body.Version}
	for _, r := range in.Body.Reasons {
		out.Reasons = append(out.Reasons, effect.Acknowledgement{Code: r.Code, Path: r.Path, Reason: r.Reason})
	}
	return out
}

// modules are the views and commands of the module in programmes and groups.
func modules(a *kit.API, s *programme.Service) {
	render := func(ctx context.Context, r programme.Run, view string) (*viewOut, error) {
		raw, err := s.Render(ctx, access.From(ctx), r, view, nil)
		if err != nil {
			return nil, err
		}
		return &viewOut{raw}, nil
	}
	programmeRun := func(ctx context.Context, id uuid.UUID) (programme.Run, error) {
		p, err := s.Get(ctx, access.From(ctx), id)
		if err != nil {
			return programme.Run{}, err
		}
		return p.Run(), nil
	}
	groupRun := func(ctx context.Context, id uuid.UUID) (programme.Run, error) {
		g, err := s.Group(ctx, access.From(ctx), id)
		if err != nil {
			return programme.Run{}, err
		}
		return g.Run(), nil
	}
	kit.Register(a, kit.Op{ID: "getProgrammeView", Method: "GET", Path: "/programmes/{id}/views/{view}", Perm: programme.View, Summary: "A view of the plugin on a programme, as its document."},
		func(ctx context.Context, in *viewIn) (*viewOut, error) {
			r, err := programmeRun(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return render(ctx, r, in.View)
		})
	kit.Register(a, kit.Op{ID: "getBoard", Method: "GET", Path: "/programmes/{id}/boards/{view}", Perm: programme.ViewGroup, Summary: "A view of a programme over the reader's own groups."},
		func(ctx context.Context, in *viewIn) (*viewOut, error) {
			b, err := s.Board(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return render(ctx, b.Run(), in.View)
		})
	kit.Register(a, kit.Op{ID: "getGroupView", Method: "GET", Path: "/groups/{id}/views/{view}", Perm: programme.ViewGroup, Summary: "A view of the plugin on a group, as its document."},
		func(ctx context.Context, in *viewIn) (*viewOut, error) {
			r, err := groupRun(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return render(ctx, r, in.View)
		})
	show := func(ctx context.Context, r programme.Run, name string) (*commandOut, error) {
		k, err := s.Command(access.From(ctx), r, name)
		if err == nil {
			err = s.Reachable(ctx, r, name)
		}
		if err != nil {
			return nil, err
		}
		saved, err := s.Saved(ctx, access.From(ctx), r, name)
		return &commandOut{command.Of(&k, saved)}, err
	}
	kit.Register(a, kit.Op{ID: "getProgrammeCommand", Method: "GET", Path: "/programmes/{id}/commands/{command}", Perm: programme.View,
		Summary: "Read a command of the plugin on a programme: its form, and what is saved in the record that it edits."},
		func(ctx context.Context, in *commandIn) (*commandOut, error) {
			r, err := programmeRun(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return show(ctx, r, in.Command)
		})
	kit.Register(a, kit.Op{ID: "getGroupCommand", Method: "GET", Path: "/groups/{id}/commands/{command}", Perm: programme.ViewGroup,
		Summary: "Read a command of the plugin on a group: its form, and what is saved in the record that it edits."},
		func(ctx context.Context, in *commandIn) (*commandOut, error) {
			r, err := groupRun(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return show(ctx, r, in.Command)
		})
	kit.Register(a, kit.Op{ID: "actInProgramme", Method: "POST", Path: "/programmes/{id}/commands/{command}", Perm: programme.View, Status: 204,
		Summary: "Give a command of the plugin on a programme.", Description: warningsNote},
		func(ctx context.Context, in *actIn) (*kit.None, error) {
			r, err := programmeRun(ctx, in.ID)
			if err == nil {
				_, err = s.Act(ctx, access.From(ctx), r, in.action())
			}
			return nil, inBody(err)
		})
	kit.Register(a, kit.Op{ID: "actInGroup", Method: "POST", Path: "/groups/{id}/commands/{command}", Perm: programme.ViewGroup, Status: 204,
		Summary: "Give a command of the plugin on a group.", Description: warningsNote},
		func(ctx context.Context, in *actIn) (*kit.None, error) {
			r, err := groupRun(ctx, in.ID)
			if err == nil {
				_, err = s.Act(ctx, access.From(ctx), r, in.action())
			}
			return nil, inBody(err)
		})
}

const warningsNote = "When the module warns, the answer is 422 with a pointer #/reason/<code> per warning; repeat the call with reasons."

type commandIn struct {
	IDIn
	Command string `path:"command" maxLength:"63"`
}

type commandOut struct{ Body command.Out }

// inBody names warnings by their codes, and wrong answers as they lie in the body.
func inBody(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return err
	}
	out := *f
	out.Fields = nil
	var need *programme.NeedsReason
	if errors.As(err, &need) {
		for _, d := range need.Warnings {
			out.Fields = append(out.Fields, fault.Field{Path: strings.TrimSuffix("reason."+d.Code+"."+d.Path, "."), Text: d.Text})
		}
		return &out
	}
	for _, x := range f.Fields {
		if x.Path != "" {
			x.Path = "answers." + x.Path
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

// KindsIn names a scope.
type KindsIn struct {
	ScopeKind string    `query:"scope_kind" enum:"programme,network,group" required:"true"`
	Scope     uuid.UUID `query:"scope" required:"true"`
}

type kindsOut struct {
	Body kit.List[record.KindInfo]
}

type recordsIn struct {
	kit.PageIn
	KindsIn
	Module string `query:"module" maxLength:"100" required:"true"`
	Kind   string `query:"kind" maxLength:"63" required:"true"`
}

type recordsOut struct {
	Body struct {
		kit.List[record.Item]
		Title   string   `json:"title"`
		Columns []string `json:"columns"`
	}
}

type recordOut struct {
	Body struct {
		ID           uuid.UUID        `json:"id"`
		Module       string           `json:"module"`
		Kind         string           `json:"kind"`
		ScopeKind    string           `json:"scope_kind"`
		Scope        uuid.UUID        `json:"scope"`
		Data         json.RawMessage  `json:"data"`
		FormRevision int              `json:"form_revision"`
		Form         json.RawMessage  `json:"form"`
		ClosedAt     *time.Time       `json:"closed_at,omitempty"`
		Note         string           `json:"note,omitempty"`
		CreatedAt    time.Time        `json:"created_at"`
		ChangedAt    time.Time        `json:"changed_at"`
		Version      int64            `json:"version"`
		Earlier      []record.Version `json:"earlier"`
	}
}

// records are the core's own reading of records, which needs no module.
func records(a *kit.API, s *record.Service) {
	kit.Register(a, kit.Op{ID: "listRecordKinds", Most: 200, Method: "GET", Path: "/record-kinds", Perm: record.View, Tag: "records", Summary: "Kinds of records that a scope has."},
		func(ctx context.Context, in *KindsIn) (*kindsOut, error) {
			l, err := s.Kinds(ctx, access.From(ctx), effect.Scope{Kind: effect.ScopeKind(in.ScopeKind), ID: in.Scope})
			if err != nil {
				return nil, err
			}
			return &kindsOut{kit.Page(l, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "listRecords", Method: "GET", Path: "/records", Perm: record.View, Summary: "Records of a kind in a scope, the newest first, their declared columns."},
		func(ctx context.Context, in *recordsIn) (*recordsOut, error) {
			l, err := s.List(ctx, access.From(ctx), effect.Scope{Kind: effect.ScopeKind(in.ScopeKind), ID: in.Scope}, in.Module, in.Kind, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			out := &recordsOut{}
			out.Body.List, out.Body.Title, out.Body.Columns = kit.Page(l.Items, l.Next), l.Title, l.Columns
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "getRecord", Method: "GET", Path: "/records/{id}", Perm: record.View, Summary: "A record whole, with its form and earlier versions."},
		func(ctx context.Context, in *IDIn) (*recordOut, error) {
			r, err := s.Show(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			out := &recordOut{}
			b := &out.Body
			b.ID, b.Module, b.Kind, b.ScopeKind, b.Scope = r.ID, r.Module, r.Kind, string(r.Scope.Kind), r.Scope.ID
			b.Data, b.FormRevision, b.Form, b.ClosedAt, b.Note = r.Data, r.FormRev, r.Form.Canonical(), r.ClosedAt, r.Note
			b.CreatedAt, b.ChangedAt, b.Version, b.Earlier = r.CreatedAt.UTC(), r.ChangedAt.UTC(), r.Version, append([]record.Version{}, r.Earlier...)
			return out, nil
		})
}
