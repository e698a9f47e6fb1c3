// Package accountapi offers accounts to programs: one's own profile, password,
// sessions and tokens; people, confirmations, invitations and roles for those
// who administer; and what visitors do: registering, signing in, mailed links.
package accountapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
)

// Deps are what the operations need.
type Deps struct {
	Identity *identity.Service
	Roles    *access.Service
	// Settle brings a new person into what they were invited to and returns the
	// page that they are to see, "" for none; nil where nothing invites.
	Settle func(ctx context.Context, person uuid.UUID) (string, error)
}

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type bodyIn[T any] struct{ Body T }

type bodyOut[T any] struct{ Body T }

type listOut[T any] struct{ Body kit.List[T] }

// account is a person as they themselves and administrators see them.
type account struct {
	ID          uuid.UUID  `json:"id"`
	Email       string     `json:"email"`
	Name        string     `json:"name"`
	SortName    string     `json:"sortName"`
	State       string     `json:"state" enum:"invited,pending,active,refused,blocked"`
	Institution *uuid.UUID `json:"institution,omitempty"`
	School      string     `json:"institutionName,omitempty"`
	Function    string     `json:"function,omitempty"`
	About       string     `json:"about,omitempty"`
	Shown       []string   `json:"shown"`
	Language    string     `json:"language" enum:"pl,en"`
	CreatedAt   time.Time  `json:"createdAt"`
	Version     int        `json:"version"`
}

func accountOf(a *identity.Account) account {
	out := account{ID: a.ID, Email: a.Email, Name: a.Name, SortName: a.SortName, State: string(a.State), School: a.InstitutionName,
		Function: a.Function, About: a.About, Shown: a.Shown, Language: string(a.Lang), CreatedAt: a.CreatedAt.UTC(), Version: a.Version}
	if a.Institution.Valid {
		out.Institution = &a.Institution.UUID
	}
	if out.Shown == nil {
		out.Shown = []string{}
	}
	return out
}

func accountsOf(list []identity.Account) []account {
	out := make([]account, len(list))
	for i := range list {
		out[i] = accountOf(&list[i])
	}
	return out
}

type profileIn struct {
	Name     string   `json:"name" maxLength:"120"`
	SortName string   `json:"sortName,omitempty" maxLength:"120" doc:"Derived from the name when missing."`
	Function string   `json:"function,omitempty" maxLength:"120"`
	About    string   `json:"about,omitempty" maxLength:"2000"`
	Shown    []string `json:"shown,omitempty" maxItems:"3" doc:"Fields that others see: function, about, email."`
	Version  int      `json:"version" doc:"Of the account that was edited; a stale one is 409."`
}

type passwordIn struct {
	Current string `json:"current" raw:"true" maxLength:"800"`
	New     string `json:"password" raw:"true" maxLength:"800"`
}

type languageIn struct {
	Language string `json:"lang" enum:"pl,en"`
}

type session struct {
	ID        uuid.UUID `json:"id"`
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt" doc:"Right to within five minutes."`
	Agent     string    `json:"agent"`
	Address   string    `json:"address"`
	Current   bool      `json:"current"`
}

type token struct {
	ID        uuid.UUID  `json:"id"`
	Label     string     `json:"label"`
	CreatedAt time.Time  `json:"createdAt"`
	UsedAt    *time.Time `json:"usedAt,omitempty"`
	EndsAt    time.Time  `json:"endsAt"`
	Acts      bool       `json:"acts" doc:"It may do what asks a session to confirm who acts."`
}

type tokenIn struct {
	Label string `json:"label" maxLength:"80"`
	Days  int    `json:"days" minimum:"1" maximum:"365"`
	Acts  bool   `json:"acts,omitempty" doc:"Let it do what asks a session to confirm who acts; else such acts are refused to it."`
}

type tokenOut struct {
	ID     uuid.UUID `json:"id"`
	Secret string    `json:"secret" doc:"Shown only here."`
}

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	registerSession(a, d.Identity)
	registerVisitors(a, d)
	registerOwn(a, d.Identity)
	registerKeys(a, d.Identity)
	registerSecond(a, d.Identity)
	registerPasskeys(a, d.Identity)
	registerPasskeyProof(a, d.Identity)
	registerProviders(a, d.Identity)
	registerPeople(a, d.Identity)
	registerRoles(a, d.Roles)
}

func registerOwn(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "getAccount", Method: "GET", Path: "/account", Perm: identity.PermSelf, Summary: "Read one's own account."},
		func(ctx context.Context, _ *kit.None) (*bodyOut[account], error) {
			me, err := s.Me(ctx, access.From(ctx))
			return &bodyOut[account]{accountOf(&me)}, err
		})
	kit.Register(a, kit.Op{ID: "updateProfile", Method: "PUT", Path: "/account/profile", Perm: identity.PermSelf, Status: 204,
		Summary: "Change one's own profile and what others see of it."},
		func(ctx context.Context, in *bodyIn[profileIn]) (*kit.None, error) {
			b := in.Body
			return nil, s.UpdateProfile(ctx, access.From(ctx), identity.ProfileInput{Name: b.Name, SortName: b.SortName, Function: b.Function,
				About: b.About, Shown: b.Shown, Version: b.Version})
		})
	kit.Register(a, kit.Op{ID: "changePassword", Method: "PUT", Path: "/account/password", Perm: identity.PermSelf, Status: 204,
		Summary: "Change one's own password; ends the other sessions."},
		func(ctx context.Context, in *bodyIn[passwordIn]) (*kit.None, error) {
			return nil, s.ChangePassword(ctx, access.From(ctx), in.Body.Current, in.Body.New)
		})
	kit.Register(a, kit.Op{ID: "setLanguage", Method: "PUT", Path: "/account/language", Perm: identity.PermSelf, Status: 204,
		Summary: "Choose the language of pages and letters."},
		func(ctx context.Context, in *bodyIn[languageIn]) (*kit.None, error) {
			return nil, s.SetLanguage(ctx, access.From(ctx), i18n.Lang(in.Body.Language))
		})
	kit.Register(a, kit.Op{ID: "getProfile", Method: "GET", Path: "/profiles/{id}", Perm: identity.PermProfile,
		Summary: "Read what a person of one's networks chose to show."},
		func(ctx context.Context, in *idIn) (*bodyOut[profile], error) {
			p, err := s.Profile(ctx, access.From(ctx), in.ID)
			return &bodyOut[profile]{profile{p.ID, p.Name, p.InstitutionName, p.Function, p.About, p.Email}}, err
		})
}

type profile struct {
	ID       uuid.UUID `json:"id"`
	Name     string    `json:"name"`
	School   string    `json:"institutionName"`
	Function string    `json:"function,omitempty"`
	About    string    `json:"about,omitempty"`
	Email    string    `json:"email,omitempty"`
}

func registerKeys(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "listSessions", Most: 100, Method: "GET", Path: "/account/sessions", Perm: identity.PermSelf, Summary: "List one's own open sessions."},
		func(ctx context.Context, _ *kit.None) (*listOut[session], error) {
			rows, err := s.Sessions(ctx, access.From(ctx))
			out := make([]session, len(rows))
			for i, r := range rows {
				out[i] = session{r.ID, r.CreatedAt.UTC(), r.SeenAt.UTC(), r.Agent, r.Address, r.Current}
			}
			return &listOut[session]{kit.Page(out, "")}, err
		})
	kit.Register(a, kit.Op{ID: "endSession", Method: "DELETE", Path: "/account/sessions/{id}", Perm: identity.PermSelf, Status: 204, Summary: "End one of one's own sessions."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.EndSession(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "endOtherSessions", Method: "POST", Path: "/account/sessions/end-others", Perm: identity.PermSelf, Status: 204,
		Summary: "End all of one's own sessions but the present one; with a token, all."},
		func(ctx context.Context, _ *kit.None) (*kit.None, error) {
			return nil, s.EndOtherSessions(ctx, access.From(ctx))
		})
	kit.Register(a, kit.Op{ID: "listTokens", Most: 100, Method: "GET", Path: "/account/tokens", Perm: identity.PermSelf, Summary: "List one's own API tokens."},
		func(ctx context.Context, _ *kit.None) (*listOut[token], error) {
			rows, err := s.Tokens(ctx, access.From(ctx))
			out := make([]token, len(rows))
			for i, r := range rows {
				out[i] = token{r.ID, r.Label, r.CreatedAt.UTC(), r.UsedAt, r.EndsAt.UTC(), r.Acts}
			}
			return &listOut[token]{kit.Page(out, "")}, err
		})
	kit.Register(a, kit.Op{ID: "createToken", Method: "POST", Path: "/account/tokens", Perm: identity.PermSelf, Status: 201, Fresh: true,
		Summary: "Make an API token; a session may, a token may not."},
		func(ctx context.Context, in *bodyIn[tokenIn]) (*bodyOut[tokenOut], error) {
			secret, id, err := s.CreateToken(ctx, access.From(ctx), identity.TokenInput{Label: in.Body.Label, Days: in.Body.Days, Acts: in.Body.Acts})
			return &bodyOut[tokenOut]{tokenOut{id, secret}}, err
		})
	kit.Register(a, kit.Op{ID: "revokeToken", Method: "DELETE", Path: "/account/tokens/{id}", Perm: identity.PermSelf, Status: 204, Summary: "Revoke one of one's own API tokens."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.RevokeToken(ctx, access.From(ctx), in.ID)
		})
}
