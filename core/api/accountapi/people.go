package accountapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/identity"
)

type peopleIn struct {
	kit.PageIn
	Q           string    `query:"q" maxLength:"200" doc:"Words of name or address, with or without Polish letters."`
	State       string    `query:"state" enum:"invited,pending,active,refused,blocked"`
	Institution uuid.UUID `query:"institution" format:"uuid"`
}

type refusalIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Reason string `json:"reason" minLength:"3" maxLength:"500" doc:"The person is told."`
	}
}

type inviteIn struct {
	Email       string    `json:"email" maxLength:"254"`
	Name        string    `json:"name" maxLength:"120"`
	Institution uuid.UUID `json:"institution" format:"uuid"`
	Function    string    `json:"function,omitempty" maxLength:"120"`
}

type invitedPerson struct {
	Invitation *uuid.UUID `json:"invitation,omitempty" doc:"The invitation that was sent."`
	Person     *uuid.UUID `json:"person,omitempty" doc:"The account, within one's own reach, that the address has already; nothing was sent."`
}

func registerPeople(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "listPeople", Method: "GET", Path: "/people", Perm: identity.PermList, Summary: "List accounts within one's reach, by name."},
		func(ctx context.Context, in *peopleIn) (*listOut[account], error) {
			p, err := s.People(ctx, access.From(ctx), identity.PeopleQuery{Text: in.Q, State: identity.State(in.State), Institution: in.Institution,
				After: in.After, Limit: in.Limit})
			return &listOut[account]{kit.Page(accountsOf(p.People), p.Next)}, err
		})
	kit.Register(a, kit.Op{ID: "listWaitingPeople", Method: "GET", Path: "/people/waiting", Perm: identity.PermConfirm, Summary: "List accounts that one may confirm, the oldest first."},
		func(ctx context.Context, in *kit.PageIn) (*listOut[account], error) {
			p, err := s.Waiting(ctx, access.From(ctx), in.After, in.Limit)
			return &listOut[account]{kit.Page(accountsOf(p.People), p.Next)}, err
		})
	kit.Register(a, kit.Op{ID: "getPerson", Method: "GET", Path: "/people/{id}", Perm: identity.PermList, Summary: "Read an account within one's reach."},
		func(ctx context.Context, in *idIn) (*bodyOut[account], error) {
			p, err := s.Person(ctx, access.From(ctx), in.ID)
			return &bodyOut[account]{accountOf(&p)}, err
		})
	for _, op := range []struct {
		id, path, summary string
		perm              access.Permission
		fresh             bool
		do                func(context.Context, *access.Actor, uuid.UUID) error
	}{
		{"confirmPerson", "/people/{id}/confirmation", "Confirm a waiting account.", identity.PermConfirm, false, s.Confirm},
		{"invitePersonAgain", "/people/invitations/{id}/letter", "Mail an invitation again; older links stop working.", identity.PermConfirm, false, s.InviteAgain},
		{"blockPerson", "/people/{id}/block", "Block an account; its sessions and tokens end.", identity.PermBlock, true, s.Block},
		{"unblockPerson", "/people/{id}/unblock", "Open a blocked account.", identity.PermBlock, true, s.Unblock},
	} {
		kit.Register(a, kit.Op{ID: op.id, Method: "POST", Path: op.path, Perm: op.perm, Fresh: op.fresh, Status: 204, Summary: op.summary},
			func(ctx context.Context, in *idIn) (*kit.None, error) {
				return nil, op.do(ctx, access.From(ctx), in.ID)
			})
	}
	kit.Register(a, kit.Op{ID: "resetSecondFactor", Method: "DELETE", Path: "/people/{id}/second-factor", Perm: identity.PermBlock, Status: 204, Fresh: true,
		Summary: "Turn off the second step of somebody who lost their application and recovery codes; their sessions and tokens end."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.ResetSecondFactor(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "refusePerson", Method: "POST", Path: "/people/{id}/refusal", Perm: identity.PermConfirm, Status: 204,
		Summary: "Refuse a waiting account with a reason."},
		func(ctx context.Context, in *refusalIn) (*kit.None, error) {
			return nil, s.Refuse(ctx, access.From(ctx), in.ID, in.Body.Reason)
		})
	kit.Register(a, kit.Op{ID: "invitePerson", Method: "POST", Path: "/people", Perm: identity.PermConfirm, Status: 201,
		Summary: "Invite an address to an institution within one's reach; an account made by the invitation needs no confirmation."},
		func(ctx context.Context, in *bodyIn[inviteIn]) (*bodyOut[invitedPerson], error) {
			sent, err := s.Invite(ctx, access.From(ctx), identity.Invite{Email: in.Body.Email, Name: in.Body.Name,
				Institution: in.Body.Institution, Function: in.Body.Function})
			return &bodyOut[invitedPerson]{invitedPerson{orNil(sent.Invitation), orNil(sent.Known)}}, err
		})
	kit.Register(a, kit.Op{ID: "employPerson", Method: "PUT", Path: "/people/{id}/institution", Perm: identity.PermConfirm, Status: 204,
		Summary: "Note that somebody works at another institution now; their support of that school ends."},
		func(ctx context.Context, in *employIn) (*kit.None, error) {
			return nil, s.Employ(ctx, access.From(ctx), identity.Employment{Person: in.ID, Institution: in.Body.Institution})
		})
	registerInvitations(a, s)
	registerImports(a, s)
	registerMerge(a, s)
}

type employIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Institution uuid.UUID `json:"institution" format:"uuid"`
	}
}

type rolesIn struct {
	kit.PageIn
	Person uuid.UUID `query:"person" format:"uuid"`
	Role   string    `query:"role" maxLength:"60"`
	Scope  string    `query:"scopeKind" enum:"platform,centre,institution,programme,network,group,local_government"`
}

type held struct {
	ID        uuid.UUID  `json:"id"`
	Person    uuid.UUID  `json:"person"`
	Name      string     `json:"personName"`
	Role      string     `json:"role"`
	ScopeKind string     `json:"scopeKind"`
	Scope     *uuid.UUID `json:"scope,omitempty"`
	ScopeName string     `json:"scopeName,omitempty"`
	From      time.Time  `json:"from"`
	Until     *time.Time `json:"until,omitempty"`
	InsteadOf string     `json:"insteadOf,omitempty" doc:"Whom the person stands in for."`
	Revocable bool       `json:"revocable" doc:"Whether the one who asks could take it away."`
}

type grantIn struct {
	Person    uuid.UUID  `json:"person" format:"uuid"`
	Role      string     `json:"role" maxLength:"60"`
	ScopeKind string     `json:"scopeKind" enum:"platform,centre,institution,programme,network,local_government"`
	Unit      string     `json:"unit,omitempty" pattern:"^([0-9]{2}([0-9]{2}([0-9]{3})?)?)?$" doc:"For local_government, in place of scope: the TERC code."`
	Scope     *uuid.UUID `json:"scope,omitempty" format:"uuid" doc:"Missing for the platform."`
	From      *time.Time `json:"from,omitempty" doc:"Missing: at once."`
	Until     *time.Time `json:"until,omitempty" doc:"The first moment without the role; missing: until taken."`
	InsteadOf *uuid.UUID `json:"insteadOf,omitempty" format:"uuid" doc:"Whom the person stands in for: a holder of the same role there. Needs until."`
}

type givable struct {
	Role      string `json:"role"`
	ScopeKind string `json:"scopeKind"`
}

func registerRoles(a *kit.API, s *access.Service) {
	kit.Register(a, kit.Op{ID: "listRoles", Method: "GET", Path: "/roles", Perm: access.ListRolesPerm, Summary: "List roles in force or to come within one's reach, the newest first."},
		func(ctx context.Context, in *rolesIn) (*listOut[held], error) {
			p, err := s.ListRoles(ctx, access.From(ctx), access.RoleQuery{Person: in.Person, Role: access.Role(in.Role), Kind: access.ScopeKind(in.Scope),
				After: in.After, Limit: in.Limit})
			out := make([]held, len(p.Rows))
			for i, r := range p.Rows {
				out[i] = held{ID: r.ID, Person: r.Person, Name: r.PersonName, Role: string(r.Role), ScopeKind: string(r.Kind), ScopeName: r.ScopeName,
					From: r.From.UTC(), Until: r.To, InsteadOf: r.InsteadOf, Revocable: r.Mine}
				if r.Scope.Valid {
					out[i].Scope = &p.Rows[i].Scope.UUID
				}
			}
			return &listOut[held]{kit.Page(out, p.Next)}, err
		})
	kit.Register(a, kit.Op{ID: "listGivableRoles", Most: kit.Whole, Method: "GET", Path: "/roles/givable", Perm: access.GrantRolePerm, Summary: "List the roles that one may give, and on what kind of scope."},
		func(ctx context.Context, _ *kit.None) (*listOut[givable], error) {
			var out []givable
			for _, d := range s.Givable(access.From(ctx)) {
				out = append(out, givable{string(d.Role), string(d.Kind)})
			}
			return &listOut[givable]{kit.Page(out, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "grantRole", Fresh: true, Method: "POST", Path: "/roles", Perm: access.GrantRolePerm, Status: 204,
		Summary: "Give a role to an active person; giving what is in force changes nothing."},
		func(ctx context.Context, in *bodyIn[grantIn]) (*kit.None, error) {
			r := access.RoleInput{Person: in.Body.Person, Role: access.Role(in.Body.Role), Kind: access.ScopeKind(in.Body.ScopeKind)}
			if in.Body.Scope != nil {
				r.Scope = *in.Body.Scope
			}
			if r.Kind == access.LocalGovernment && in.Body.Unit != "" {
				r.Scope = access.UnitScope(in.Body.Unit)
			}
			if in.Body.From != nil {
				r.From = *in.Body.From
			}
			if in.Body.Until != nil {
				r.Until = *in.Body.Until
			}
			if in.Body.InsteadOf != nil {
				r.InsteadOf = *in.Body.InsteadOf
			}
			return nil, s.GrantRole(ctx, access.From(ctx), r)
		})
	kit.Register(a, kit.Op{ID: "revokeRole", Fresh: true, Method: "DELETE", Path: "/roles/{id}", Perm: access.GrantRolePerm, Status: 204, Summary: "Take a role away at once."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.RevokeRole(ctx, access.From(ctx), in.ID)
		})
}
