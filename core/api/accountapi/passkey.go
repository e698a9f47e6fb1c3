package accountapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/identity"
)

type passkey struct {
	ID        uuid.UUID  `json:"id"`
	Name      string     `json:"name"`
	CreatedAt time.Time  `json:"createdAt"`
	UsedAt    *time.Time `json:"usedAt,omitempty"`
}

type optionsOut struct {
	Options string `json:"options" doc:"JSON for PublicKeyCredential.parseCreationOptionsFromJSON or parseRequestOptionsFromJSON; good for five minutes, once."`
}

type passkeyIn struct {
	Name   string `json:"name" maxLength:"80"`
	Answer string `json:"answer" raw:"true" maxLength:"16384" doc:"What the browser made of the options, as JSON."`
}

type answerIn struct {
	Answer string `json:"answer" raw:"true" maxLength:"16384" doc:"What the browser made of the options, as JSON."`
}

type passkeyNameIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Name string `json:"name" maxLength:"80"`
	}
}

func registerPasskeys(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "listPasskeys", Most: identity.MaxPasskeys, Method: "GET", Path: "/account/passkeys", Perm: identity.PermSelf, Summary: "List one's own passkeys."},
		func(ctx context.Context, _ *kit.None) (*listOut[passkey], error) {
			rows, err := s.Passkeys(ctx, access.From(ctx))
			out := make([]passkey, len(rows))
			for i, r := range rows {
				out[i] = passkey{r.ID, r.Name, r.CreatedAt.UTC(), r.UsedAt}
			}
			return &listOut[passkey]{kit.Page(out, "")}, err
		})
	kit.Register(a, kit.Op{ID: "beginPasskey", Method: "POST", Path: "/account/passkeys/options", Perm: identity.PermSelf, Fresh: true, Unconfined: true,
		Summary: "Ask for the options by which a browser makes a passkey."},
		func(ctx context.Context, _ *kit.None) (*bodyOut[optionsOut], error) {
			o, err := s.BeginPasskey(ctx, access.From(ctx))
			return &bodyOut[optionsOut]{optionsOut{o}}, err
		})
	kit.Register(a, kit.Op{ID: "addPasskey", Method: "POST", Path: "/account/passkeys", Perm: identity.PermSelf, Status: 204, Unconfined: true,
		Summary: "Keep the passkey that a browser made of the options."},
		func(ctx context.Context, in *bodyIn[passkeyIn]) (*kit.None, error) {
			return nil, s.AddPasskey(ctx, access.From(ctx), in.Body.Name, in.Body.Answer)
		})
	kit.Register(a, kit.Op{ID: "renamePasskey", Method: "PUT", Path: "/account/passkeys/{id}", Perm: identity.PermSelf, Status: 204, Summary: "Name one of one's own passkeys anew."},
		func(ctx context.Context, in *passkeyNameIn) (*kit.None, error) {
			return nil, s.RenamePasskey(ctx, access.From(ctx), in.ID, in.Body.Name)
		})
	kit.Register(a, kit.Op{ID: "removePasskey", Method: "DELETE", Path: "/account/passkeys/{id}", Perm: identity.PermSelf, Status: 204, Fresh: true, Summary: "Take one of one's own passkeys away."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.RemovePasskey(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "beginPasskeySession", Method: "POST", Path: "/session/passkey/options", Perm: identity.PermSignIn, Visitors: true,
		Summary: "Ask for the options by which a browser signs in with a passkey."},
		func(ctx context.Context, _ *kit.None) (*bodyOut[optionsOut], error) {
			o, err := s.BeginPasskeySignIn(ctx, kit.Visiting(ctx).Address)
			return &bodyOut[optionsOut]{optionsOut{o}}, err
		})
	kit.Register(a, kit.Op{ID: "openPasskeySession", Method: "POST", Path: "/session/passkey", Perm: identity.PermSignIn, Status: 204, Visitors: true,
		Summary: "Sign in with a passkey: opens a session and sets its cookie."},
		func(ctx context.Context, in *bodyIn[answerIn]) (*cookieOut, error) {
			v := kit.Visiting(ctx)
			done, err := s.SignInPasskey(ctx, in.Body.Answer, v.Address, v.Agent)
			if err != nil {
				return nil, err
			}
			return &cookieOut{a.SessionCookie(done.Cookie, done.Expires)}, nil
		})
}

// registerPasskeyProof takes passkeys where a session confirms who acts.
func registerPasskeyProof(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "beginPasskeyProof", Method: "POST", Path: "/session/confirmation/passkey/options", Perm: identity.PermSelf, Unconfined: true,
		Summary: "Ask for the options by which a browser confirms with one of one's own passkeys."},
		func(ctx context.Context, _ *kit.None) (*bodyOut[optionsOut], error) {
			o, err := s.BeginPasskeyProof(ctx, access.From(ctx))
			return &bodyOut[optionsOut]{optionsOut{o}}, err
		})
	kit.Register(a, kit.Op{ID: "confirmByPasskey", Method: "POST", Path: "/session/confirmation/passkey", Perm: identity.PermSelf, Status: 204, Unconfined: true,
		Summary: "Confirm who one is with a passkey, as confirmIdentity does; changes the session's cookie."},
		func(ctx context.Context, in *bodyIn[answerIn]) (*cookieOut, error) {
			done, err := s.ProvePasskey(ctx, access.From(ctx), in.Body.Answer)
			if err != nil {
				return nil, err
			}
			return &cookieOut{a.SessionCookie(done.Cookie, done.Expires)}, nil
		})
}

type providerLink struct {
	ID        uuid.UUID  `json:"id"`
	Provider  string     `json:"provider"`
	CreatedAt time.Time  `json:"createdAt"`
	UsedAt    *time.Time `json:"usedAt,omitempty"`
}

// Linking takes a browser, which goes to the provider and back.
func registerProviders(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "listProviderLinks", Most: 50, Method: "GET", Path: "/account/providers", Perm: identity.PermSelf,
		Summary: "List one's own accounts at identity providers; they are linked in a browser."},
		func(ctx context.Context, _ *kit.None) (*listOut[providerLink], error) {
			rows, err := s.ProviderLinks(ctx, access.From(ctx))
			out := make([]providerLink, len(rows))
			for i, r := range rows {
				out[i] = providerLink{r.ID, r.Provider, r.CreatedAt.UTC(), r.UsedAt}
			}
			return &listOut[providerLink]{kit.Page(out, "")}, err
		})
	kit.Register(a, kit.Op{ID: "unlinkProvider", Method: "DELETE", Path: "/account/providers/{id}", Perm: identity.PermSelf, Status: 204, Fresh: true,
		Summary: "Take the link with an account at an identity provider away."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.UnlinkProvider(ctx, access.From(ctx), in.ID)
		})
}
