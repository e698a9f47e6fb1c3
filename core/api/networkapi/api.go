// Package networkapi offers networks to programs: the list, founding, joining,
// members, proposals, the module's views and acts, hand-over, next year's
// network. Each operation is the same service method that a page calls.
package networkapi

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
	"ore.edu.pl/sieci/core/network"
)

// Deps are what the operations need.
type Deps struct{ Networks *network.Service }

// IDIn names a network.
type IDIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type body[T any] struct{ Body T }

type created struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

func createdAs(id uuid.UUID, err error) (*created, error) {
	out := &created{}
	out.Body.ID = id
	return out, err
}

// reason answers a warning of the module.
type reason struct {
	Code   string `json:"code" maxLength:"63"`
	Path   string `json:"path,omitempty" maxLength:"500"`
	Reason string `json:"reason" maxLength:"1000"`
}

func reasons(list []reason) []effect.Acknowledgement {
	out := make([]effect.Acknowledgement, len(list))
	for i, r := range list {
		out[i] = effect.Acknowledgement(r)
	}
	return out
}

// Settings are the core's own part of a network.
type Settings struct {
	Title         string     `json:"title" maxLength:"400"`
	Aim           string     `json:"aim" maxLength:"8000"`
	SchoolYear    int        `json:"school_year" doc:"2026 is 2026/2027."`
	Join          string     `json:"join" enum:"open,request,invitation"`
	Capacity      int        `json:"capacity,omitempty" minimum:"0" maximum:"5000" doc:"Number of seats; 0 is no limit."`
	OnePerSchool  bool       `json:"one_per_school,omitempty" doc:"Seats go to one person of a school complex first."`
	PriorityUntil *time.Time `json:"priority_until,omitempty" doc:"When that rule ends; missing: it does not end by itself."`
}

func (s *Settings) of() network.Settings {
	out := network.Settings{Title: s.Title, Aim: s.Aim, SchoolYear: s.SchoolYear, Join: network.JoinMode(s.Join), Capacity: s.Capacity, OnePerSchool: s.OnePerSchool}
	if s.PriorityUntil != nil {
		out.PriorityUntil = *s.PriorityUntil
	}
	return out
}

// inBody names the fields of a module's form as they lie in the body.
func inBody(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if path, ok := strings.CutPrefix(x.Path, network.FormPrefix); ok {
			x.Path = "answers." + path
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

type answered struct{ Body network.Answered }

const warningsNote = "When the module warns, the answer is 422 with a pointer #/reason/<code> per warning; repeat the call with reasons."

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	s := d.Networks
	registerLists(a, s)
	registerFounding(a, s)
	registerProgramme(a, s)
	registerWays(a, s)
	registerModule(a, s)
	registerMembers(a, s)
	registerInvitations(a, s)
	registerProposals(a, s)
	registerHandover(a, s)
}

type listIn struct {
	kit.PageIn
	Q           string    `query:"q" maxLength:"300" doc:"Words of the title, with or without Polish letters."`
	Centre      uuid.UUID `query:"centre" format:"uuid"`
	Voivodeship string    `query:"voivodeship" pattern:"^([0-9]{2})?$"`
	Powiat      string    `query:"powiat" pattern:"^([0-9]{4})?$"`
	Join        string    `query:"join" enum:"open,request,invitation"`
	Type        string    `query:"type" maxLength:"128"`
	Status      string    `query:"status" enum:"draft,open,closed,archived"`
	SchoolYear  int       `query:"school_year"`
	Managed     bool      `query:"managed" doc:"Only networks that you may edit, drafts included."`
}

func registerLists(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "listNetworks", Method: "GET", Path: "/networks", Perm: network.PermList,
		Summary: "List open and finished networks, in the order of their titles.",
	}, func(ctx context.Context, in *listIn) (*body[kit.List[network.Card]], error) {
		items, next, err := s.List(ctx, access.From(ctx), network.Filter{
			Text: in.Q, Centre: in.Centre, Voivodeship: in.Voivodeship, Powiat: in.Powiat, Join: network.JoinMode(in.Join), Type: in.Type,
			Status: network.Status(in.Status), SchoolYear: in.SchoolYear, Managed: in.Managed, Cursor: in.After, Limit: in.Limit,
		})
		return &body[kit.List[network.Card]]{kit.Page(items, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "listMyNetworks", Most: 200, Method: "GET", Path: "/my/networks", Tag: "networks", Perm: "account:self",
		Summary: "List the networks that you are in, wait for or asked to join.",
	}, func(ctx context.Context, _ *kit.None) (*body[kit.List[network.Card]], error) {
		items, err := s.Mine(ctx, access.From(ctx))
		return &body[kit.List[network.Card]]{kit.Page(items, "")}, err
	})
	kit.Register(a, kit.Op{
		ID: "getNetwork", Method: "GET", Path: "/networks/{id}", Perm: network.PermPreview,
		Summary: "Read a network with your own standing and rights in it.",
	}, func(ctx context.Context, in *IDIn) (*body[*network.Network], error) {
		n, err := s.Get(ctx, access.From(ctx), in.ID)
		return &body[*network.Network]{n}, err
	})
}

// typeOut is a type of network with its founding form.
type typeOut struct {
	Type      string            `json:"type"`
	Title     map[string]string `json:"title"`
	UsualSize int               `json:"usual_size,omitempty"`
	Form      any               `json:"founding_form,omitempty" doc:"A form document; null when the type asks nothing."`
	Revision  int               `json:"revision,omitempty" doc:"Of the form."`
}

type foundIn struct {
	Body struct {
		Type   string    `json:"type" maxLength:"128"`
		Centre uuid.UUID `json:"centre" format:"uuid"`
		Settings
		Answers     map[string]any `json:"answers,omitempty" doc:"To the type's founding form."`
		Coordinator string         `json:"coordinator,omitempty" maxLength:"254" doc:"E-mail address. Somebody whose account one may see leads at once; to any other address the role is offered, and one leads until it is taken up. Missing: you."`
		Reasons     []reason       `json:"reasons,omitempty" maxItems:"50"`
		Origin      *uuid.UUID     `json:"origin,omitempty" format:"uuid" doc:"What planNetworkFromNeeds gave: the needs that the network meets."`
		Programme   *uuid.UUID     `json:"programme,omitempty" format:"uuid" doc:"Of listProgrammesToEnter; where it is not open to networks, the network asks."`
	}
}

type editIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Version int `json:"version" doc:"As read; another one is 409."`
		Settings
	}
}

// document makes answers a document; the engine sets the form's revision.
func document(answers map[string]any) (effect.Document, error) {
	if answers == nil {
		answers = map[string]any{}
	}
	raw, err := json.Marshal(answers)
	return effect.Document{JSON: raw}, err
}

func registerFounding(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "listNetworkTypes", Most: kit.Whole, Method: "GET", Path: "/network-types", Tag: "networks", Perm: network.PermFound,
		Summary: "List the types of network that are switched on for your centres, with their founding forms.",
	}, func(ctx context.Context, _ *kit.None) (*body[kit.List[typeOut]], error) {
		var out []typeOut
		for _, t := range s.TypesFor(access.From(ctx)) {
			o := typeOut{Type: t.Type, Title: t.Of.Title, UsualSize: t.Of.UsualSize, Revision: t.Of.FoundingForm.Revision}
			if !t.Of.FoundingForm.IsZero() {
				if err := json.Unmarshal(t.Of.FoundingForm.JSON, &o.Form); err != nil {
					return nil, err
				}
			}
			out = append(out, o)
		}
		return &body[kit.List[typeOut]]{kit.Page(out, "")}, nil
	})
	kit.Register(a, kit.Op{
		ID: "foundNetwork", Method: "POST", Path: "/networks", Perm: network.PermFound, Status: 201,
		Summary: "Found a network as a draft, together with what its type makes of the founding form.", Description: warningsNote,
	}, func(ctx context.Context, in *foundIn) (*created, error) {
		b := &in.Body
		doc, err := document(b.Answers)
		if err != nil {
			return nil, err
		}
		f := network.Founding{Type: b.Type, Centre: b.Centre, Settings: b.of(), Answers: doc, Coordinator: b.Coordinator, Reasons: reasons(b.Reasons)}
		if b.Origin != nil {
			f.Origin = *b.Origin
		}
		if b.Programme != nil {
			f.Programme = *b.Programme
		}
		id, err := s.Found(ctx, access.From(ctx), f)
		return createdAs(id, inBody(err))
	})
	kit.Register(a, kit.Op{
		ID: "openNetwork", Method: "POST", Path: "/networks/{id}/open", Perm: network.PermEdit, Status: 204,
		Summary: "Open a draft; prepared invitations are sent.",
	}, func(ctx context.Context, in *IDIn) (*kit.None, error) {
		return nil, s.OpenNetwork(ctx, access.From(ctx), in.ID)
	})
	kit.Register(a, kit.Op{
		ID: "editNetwork", Method: "PUT", Path: "/networks/{id}", Perm: network.PermEdit, Status: 204,
		Summary: "Change the core's settings of a network.",
	}, func(ctx context.Context, in *editIn) (*kit.None, error) {
		return nil, s.Edit(ctx, access.From(ctx), in.ID, in.Body.Version, in.Body.of())
	})
	kit.Register(a, kit.Op{
		ID: "renewNetwork", Method: "POST", Path: "/networks/{id}/successor", Perm: network.PermRenew, Status: 201,
		Summary: "Start next year's network from this one; it has one successor.",
	}, func(ctx context.Context, in *IDIn) (*created, error) {
		return createdAs(s.Renew(ctx, access.From(ctx), in.ID))
	})
}

type joinIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Message string   `json:"message,omitempty" maxLength:"2000"`
		Reasons []reason `json:"reasons,omitempty" maxItems:"50"`
	}
}

func registerWays(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "joinNetwork", Method: "POST", Path: "/networks/{id}/join", Perm: network.PermJoin,
		Summary:     "Join, ask to join, or accept an invitation or an offered seat.",
		Description: "The state says where it led: active, waiting (with the place in line), offered or requested. " + warningsNote,
	}, func(ctx context.Context, in *joinIn) (*answered, error) {
		out, err := s.Join(ctx, access.From(ctx), in.ID, network.Entry{Message: in.Body.Message, Reasons: reasons(in.Body.Reasons)})
		return &answered{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "leaveNetwork", Method: "POST", Path: "/networks/{id}/leave", Perm: network.PermJoin,
		Summary: "Leave; or decline an invitation or offer, leave the waiting list, withdraw a request.",
	}, func(ctx context.Context, in *IDIn) (*answered, error) {
		out, err := s.Leave(ctx, access.From(ctx), in.ID)
		return &answered{out}, err
	})
}

type viewIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	View string    `path:"view" maxLength:"63"`
	Ask  []string  `query:"ask,explode" maxItems:"10" doc:"What the view can be asked for, each as name=value; names are the items of its form of parameters."`
}

// asked are the parameters of a view.
func (in *viewIn) asked() map[string]string {
	out := map[string]string{}
	for _, a := range in.Ask {
		if name, value, ok := strings.Cut(a, "="); ok && len(name) <= 63 && len(value) <= 800 {
			out[name] = value
		}
	}
	return out
}

type actIn struct {
	ID      uuid.UUID `path:"id" format:"uuid"`
	Command string    `path:"command" maxLength:"63"`
	Body    struct {
		Answers map[string]any `json:"answers,omitempty" doc:"To the command's form."`
		Subject uuid.UUID      `json:"subject,omitempty" format:"uuid" doc:"The record or task that it works on."`
		Version int64          `json:"version,omitempty" minimum:"0" doc:"Of the record that the command edits, as getNetworkCommand gave it; missing: there is none yet. Another one is 409."`
		Reasons []reason       `json:"reasons,omitempty" maxItems:"50"`
	}
}

type commandIn struct {
	ID      uuid.UUID `path:"id" format:"uuid"`
	Command string    `path:"command" maxLength:"63"`
	Subject uuid.UUID `query:"subject" format:"uuid" doc:"The record or task that it works on, for commands that need one."`
}

type actOut struct {
	Decision uuid.UUID            `json:"decision"`
	Created  map[string]uuid.UUID `json:"created,omitempty" doc:"Ids of what came into being, by the module's names."`
	Notes    []string             `json:"notes,omitempty" doc:"What the module remarks."`
}

func registerModule(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{
		ID: "getNetworkView", Method: "GET", Path: "/networks/{id}/views/{view}", Perm: network.PermView,
		Summary: "Read a view that the network's module makes, as a view document.",
	}, func(ctx context.Context, in *viewIn) (*body[any], error) {
		n, err := s.Get(ctx, access.From(ctx), in.ID)
		if err != nil {
			return nil, err
		}
		raw, err := s.Render(ctx, access.From(ctx), n, in.View, in.asked())
		if err != nil {
			return nil, err
		}
		out := &body[any]{}
		return out, json.Unmarshal(raw, &out.Body)
	})
	kit.Register(a, kit.Op{
		ID: "getNetworkCommand", Method: "GET", Path: "/networks/{id}/commands/{command}", Perm: network.PermView,
		Summary: "Read a command of the network's module that you may give: its form, and what is saved in the record that it edits.",
	}, func(ctx context.Context, in *commandIn) (*body[command.Out], error) {
		n, err := s.Get(ctx, access.From(ctx), in.ID)
		if err != nil {
			return nil, err
		}
		if !n.May.View {
			return nil, fault.ErrNotFound
		}
		k, err := s.Command(access.From(ctx), n, in.Command)
		if err == nil {
			err = s.Reachable(ctx, n)
		}
		if err != nil {
			return nil, err
		}
		saved, err := s.Saved(ctx, access.From(ctx), n, in.Command, in.Subject)
		return &body[command.Out]{command.Of(&k, saved)}, err
	})
	kit.Register(a, kit.Op{
		ID: "actInNetwork", Method: "POST", Path: "/networks/{id}/commands/{command}", Perm: network.PermView,
		Summary: "Give a command of the network's module, for example to go to the next stage.", Description: warningsNote,
	}, func(ctx context.Context, in *actIn) (*body[actOut], error) {
		doc, err := document(in.Body.Answers)
		if err != nil {
			return nil, err
		}
		o, err := s.Act(ctx, access.From(ctx), in.ID, network.Action{Command: in.Command, Answers: doc, Subject: in.Body.Subject, Version: &in.Body.Version, Reasons: reasons(in.Body.Reasons)})
		if err != nil {
			return nil, inBody(err)
		}
		out := actOut{Decision: o.Decision, Created: o.Created}
		for _, d := range o.Diagnostics {
			out.Notes = append(out.Notes, d.Text)
		}
		return &body[actOut]{out}, nil
	})
}
