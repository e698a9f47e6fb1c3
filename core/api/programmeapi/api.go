// Package programmeapi is the API of programmes, groups, their indicators and
// views, and of records of modules.
package programmeapi

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/record"
)

// self is held by every confirmed account; pages call it kit.SignedIn.
const self access.Permission = "account:self"

// Deps are what the operations need.
type Deps struct {
	Programmes *programme.Service
	Records    *record.Service
}

// IDIn names what the operation is about.
type IDIn struct {
	ID uuid.UUID `path:"id"`
}

type createdOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

func created(id uuid.UUID, err error) (*createdOut, error) {
	if err != nil {
		return nil, err
	}
	out := &createdOut{}
	out.Body.ID = id
	return out, nil
}

type programmesOut struct {
	Body kit.List[programme.Programme]
}

type programmeOut struct {
	Body struct {
		programme.Programme
		Indicators []programme.Indicator `json:"indicators"`
	}
}

type programmesIn struct {
	kit.PageIn
	AsOf string `query:"as_of" format:"date" doc:"The day as of whose end; missing: now."`
}

type openIn struct {
	IDIn
	Body struct {
		Open bool `json:"open_to_networks" doc:"Networks of its centre and territory enter by themselves; else each request is answered."`
	}
}

type createIn struct {
	Body struct {
		Code     string          `json:"code" maxLength:"20"`
		Title    string          `json:"title" maxLength:"200"`
		Type     string          `json:"type,omitempty" maxLength:"200" doc:"Qualified type of a plugin."`
		Centre   uuid.UUID       `json:"centre,omitempty" doc:"The centre that runs it."`
		Starts   string          `json:"starts,omitempty" format:"date"`
		Ends     string          `json:"ends,omitempty" format:"date"`
		Founding json.RawMessage `json:"founding,omitempty" doc:"Answers to the type's founding form."`
		Revision int             `json:"founding_revision,omitempty"`
	}
}

type editIn struct {
	IDIn
	Body struct {
		Version int64     `json:"version"`
		Title   string    `json:"title" maxLength:"200"`
		Centre  uuid.UUID `json:"centre,omitempty"`
		Starts  string    `json:"starts,omitempty" format:"date"`
		Ends    string    `json:"ends,omitempty" format:"date"`
	}
}

type targetIn struct {
	IDIn
	Code string `path:"code" maxLength:"63"`
	Body struct {
		Target  int64 `json:"target" minimum:"0"`
		Version int64 `json:"version"`
	}
}

func day(path, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fault.InvalidFields(fault.Field{Path: path, Key: "programme.page.date"})
	}
	return t, nil
}

func days(starts, ends string) (from, to time.Time, err error) {
	if from, err = day("starts", starts); err == nil {
		to, err = day("ends", ends)
	}
	return from, to, err
}

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	programmes(a, d.Programmes)
	projects(a, d.Programmes)
	results(a, d.Programmes)
	groups(a, d.Programmes)
	people(a, d.Programmes)
	modules(a, d.Programmes)
	records(a, d.Records)
}

func programmes(a *kit.API, s *programme.Service) {
	kit.Register(a, kit.Op{ID: "listProgrammes", Method: "GET", Path: "/programmes", Perm: programme.View, Summary: "List programmes by title, now or as of a day."},
		func(ctx context.Context, in *programmesIn) (*programmesOut, error) {
			on, err := day("as_of", in.AsOf)
			if err != nil {
				return nil, err
			}
			p, err := s.ListAsOf(ctx, access.From(ctx), on, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &programmesOut{kit.Page(p.Items, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "setProgrammeOpen", Method: "PUT", Path: "/programmes/{id}/open", Perm: programme.Edit, Status: 204, Summary: "Say whether networks enter a programme by themselves."},
		func(ctx context.Context, in *openIn) (*kit.None, error) {
			return nil, s.SetOpen(ctx, access.From(ctx), in.ID, in.Body.Open)
		})
	kit.Register(a, kit.Op{ID: "getProgramme", Method: "GET", Path: "/programmes/{id}", Perm: programme.View, Summary: "A programme with its indicators."},
		func(ctx context.Context, in *IDIn) (*programmeOut, error) {
			out := &programmeOut{}
			err := a.Together(ctx,
				func(ctx context.Context) error {
					p, err := s.Get(ctx, access.From(ctx), in.ID)
					if err == nil {
						out.Body.Programme = *p
					}
					return err
				},
				func(ctx context.Context) (err error) {
					out.Body.Indicators, err = s.Indicators(ctx, access.From(ctx), in.ID)
					return err
				})
			if err != nil {
				return nil, err
			}
			return out, nil
		})
	kit.Register(a, kit.Op{ID: "createProgramme", Method: "POST", Path: "/programmes", Perm: programme.Edit, Status: 201, Summary: "Make a programme."},
		func(ctx context.Context, in *createIn) (*createdOut, error) {
			b := &in.Body
			from, to, err := days(b.Starts, b.Ends)
			if err != nil {
				return nil, err
			}
			p, err := s.Create(ctx, access.From(ctx), programme.NewProgramme{Code: b.Code, Title: b.Title, Type: b.Type, Centre: b.Centre, Starts: from, Ends: to,
				Founding: effect.Document{JSON: b.Founding, Revision: b.Revision}})
			if err != nil {
				return nil, err
			}
			return created(p.ID, nil)
		})
	kit.Register(a, kit.Op{ID: "editProgramme", Method: "PUT", Path: "/programmes/{id}", Perm: programme.Edit, Status: 204, Summary: "Change a programme at a version."},
		func(ctx context.Context, in *editIn) (*kit.None, error) {
			b := &in.Body
			from, to, err := days(b.Starts, b.Ends)
			if err != nil {
				return nil, err
			}
			return nil, s.Update(ctx, access.From(ctx), in.ID, programme.Change{Title: b.Title, Centre: b.Centre, Starts: from, Ends: to, Version: b.Version})
		})
	kit.Register(a, kit.Op{ID: "setIndicatorTarget", Method: "PUT", Path: "/programmes/{id}/indicators/{code}", Perm: programme.Edit, Status: 204, Summary: "Change the target of an indicator."},
		func(ctx context.Context, in *targetIn) (*kit.None, error) {
			return nil, s.SetTarget(ctx, access.From(ctx), in.ID, in.Code, in.Body.Target, in.Body.Version)
		})
}

type groupsOut struct{ Body kit.List[programme.Group] }

type listIn struct {
	kit.PageIn
	IDIn
}

func groupList(p programme.Page[programme.Group], err error) (*groupsOut, error) {
	if err != nil {
		return nil, err
	}
	return &groupsOut{kit.Page(p.Items, p.Next)}, nil
}

type groupOut struct {
	Body struct {
		programme.Group
		People []programme.Member `json:"people"`
	}
}

type groupIn struct {
	Body struct {
		ParentKind  string    `json:"parent_kind" enum:"programme,network"`
		Parent      uuid.UUID `json:"parent"`
		Kind        string    `json:"kind,omitempty" maxLength:"63" doc:"A group kind of the parent's type."`
		Name        string    `json:"name" maxLength:"200"`
		Institution uuid.UUID `json:"institution,omitempty"`
	}
}

type renameIn struct {
	IDIn
	Body struct {
		Name    string `json:"name" maxLength:"200"`
		Version int64  `json:"version"`
	}
}

type moveIn struct {
	IDIn
	Body struct {
		ParentKind string    `json:"parent_kind" enum:"programme,network"`
		Parent     uuid.UUID `json:"parent"`
		Version    int64     `json:"version"`
	}
}

func groups(a *kit.API, s *programme.Service) {
	kit.Register(a, kit.Op{ID: "listMyGroups", Method: "GET", Path: "/groups", Perm: programme.ViewGroup, Summary: "The groups that the reader sees, by name."},
		func(ctx context.Context, in *kit.PageIn) (*groupsOut, error) {
			return groupList(s.MyGroups(ctx, access.From(ctx), in.After, in.Limit))
		})
	for _, of := range []struct {
		path, name string
		kind       effect.ScopeKind
	}{{"programmes", "Programme", effect.Programme}, {"networks", "Network", effect.Network}} {
		kit.Register(a, kit.Op{ID: "listGroupsOf" + of.name,
			Method: "GET", Path: "/" + of.path + "/{id}/groups", Perm: programme.ViewGroup, Tag: "groups", Summary: "Groups directly in a " + string(of.kind) + "."},
			func(ctx context.Context, in *listIn) (*groupsOut, error) {
				return groupList(s.Groups(ctx, access.From(ctx), effect.Scope{Kind: of.kind, ID: in.ID}, in.After, in.Limit))
			})
	}
	kit.Register(a, kit.Op{ID: "getGroup", Method: "GET", Path: "/groups/{id}", Perm: programme.ViewGroup, Summary: "A group with its members."},
		func(ctx context.Context, in *IDIn) (*groupOut, error) {
			g, err := s.Group(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			out := &groupOut{}
			out.Body.Group = *g
			out.Body.People, err = s.Members(ctx, access.From(ctx), in.ID)
			return out, err
		})
	kit.Register(a, kit.Op{ID: "createGroup", Method: "POST", Path: "/groups", Perm: programme.ManageGroup, Status: 201, Summary: "Make a group in a programme or network."},
		func(ctx context.Context, in *groupIn) (*createdOut, error) {
			b := &in.Body
			return created(s.CreateGroup(ctx, access.From(ctx), programme.NewGroup{
				Parent: effect.Scope{Kind: effect.ScopeKind(b.ParentKind), ID: b.Parent}, Kind: b.Kind, Name: b.Name, Institution: b.Institution}))
		})
	kit.Register(a, kit.Op{ID: "renameGroup", Method: "PUT", Path: "/groups/{id}/name", Perm: programme.ManageGroup, Status: 204, Summary: "Rename a group."},
		func(ctx context.Context, in *renameIn) (*kit.None, error) {
			return nil, s.RenameGroup(ctx, access.From(ctx), in.ID, in.Body.Name, in.Body.Version)
		})
	kit.Register(a, kit.Op{ID: "moveGroup", Method: "PUT", Path: "/groups/{id}/parent", Perm: programme.ManageGroup, Status: 204, Summary: "Move a group within its programme."},
		func(ctx context.Context, in *moveIn) (*kit.None, error) {
			return nil, s.MoveGroup(ctx, access.From(ctx), in.ID, effect.Scope{Kind: effect.ScopeKind(in.Body.ParentKind), ID: in.Body.Parent}, in.Body.Version)
		})
}

type addIn struct {
	IDIn
	Body struct {
		Person uuid.UUID  `json:"person"`
		Role   string     `json:"role" enum:"team_member,head,guardian,support_organiser"`
		Until  *time.Time `json:"until,omitempty"`
	}
}

type removeIn struct {
	IDIn
	Person uuid.UUID `path:"person"`
	Role   string    `path:"role" enum:"team_member,head,guardian,support_organiser"`
}

type inviteIn struct {
	IDIn
	Body struct {
		Email string `json:"email" format:"email" maxLength:"254"`
		Role  string `json:"role" enum:"team_member,head,guardian,support_organiser"`
	}
}

type invitationsOut struct {
	Body kit.List[programme.Invitation]
}

type withdrawIn struct {
	IDIn
	Invitation uuid.UUID `path:"invitation"`
}

type answerIn struct {
	IDIn
	Body struct {
		Accept bool `json:"accept"`
	}
}

func people(a *kit.API, s *programme.Service) {
	kit.Register(a, kit.Op{ID: "addGroupMember", Fresh: true, Method: "POST", Path: "/groups/{id}/members", Perm: programme.ManageGroup, Status: 204, Summary: "Put a person with an account into a group, also for a time."},
		func(ctx context.Context, in *addIn) (*kit.None, error) {
			until := time.Time{}
			if in.Body.Until != nil {
				until = *in.Body.Until
			}
			return nil, s.AddMember(ctx, access.From(ctx), in.ID, in.Body.Person, access.Role(in.Body.Role), until)
		})
	kit.Register(a, kit.Op{ID: "removeGroupMember", Method: "DELETE", Path: "/groups/{id}/members/{person}/{role}", Perm: programme.ViewGroup, Status: 204, Summary: "End a role of a person in a group; one's own too."},
		func(ctx context.Context, in *removeIn) (*kit.None, error) {
			return nil, s.RemoveMember(ctx, access.From(ctx), in.ID, in.Person, access.Role(in.Role))
		})
	kit.Register(a, kit.Op{ID: "inviteToGroup", Fresh: true, Method: "POST", Path: "/groups/{id}/invitations", Perm: programme.ManageGroup, Status: 204, Summary: "Invite an address into a group."},
		func(ctx context.Context, in *inviteIn) (*kit.None, error) {
			return nil, s.Invite(ctx, access.From(ctx), in.ID, in.Body.Email, access.Role(in.Body.Role))
		})
	kit.Register(a, kit.Op{ID: "listGroupInvitations", Most: 200, Method: "GET", Path: "/groups/{id}/invitations", Perm: programme.ManageGroup, Summary: "Open invitations of a group."},
		func(ctx context.Context, in *IDIn) (*invitationsOut, error) {
			l, err := s.GroupInvitations(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &invitationsOut{kit.Page(l, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "withdrawGroupInvitation", Method: "DELETE", Path: "/groups/{id}/invitations/{invitation}", Perm: programme.ManageGroup, Status: 204, Summary: "Take an open invitation back."},
		func(ctx context.Context, in *withdrawIn) (*kit.None, error) {
			return nil, s.Withdraw(ctx, access.From(ctx), in.ID, in.Invitation)
		})
	kit.Register(a, kit.Op{ID: "listMyGroupInvitations", Most: 100, Method: "GET", Path: "/group-invitations", Perm: self, Tag: "groups", Summary: "Invitations into groups that wait for the reader's answer."},
		func(ctx context.Context, _ *kit.None) (*invitationsOut, error) {
			l, err := s.MyInvitations(ctx, access.From(ctx))
			if err != nil {
				return nil, err
			}
			return &invitationsOut{kit.Page(l, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "answerGroupInvitation", Method: "POST", Path: "/group-invitations/{id}/answer", Perm: self, Tag: "groups", Status: 204, Summary: "Accept or decline an invitation into a group."},
		func(ctx context.Context, in *answerIn) (*kit.None, error) {
			_, err := s.Answer(ctx, access.From(ctx), in.ID, in.Body.Accept)
			return nil, err
		})
}
