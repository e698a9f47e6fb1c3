package accountapi

import (
	"context"
	"net/http"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/identity"
)

// The second step at signing in. Keys and codes stand in the answers once and
// in no store; tokens are refused.

type proofIn struct {
	Password string `json:"password,omitempty" raw:"true" maxLength:"800" doc:"Of whoever has no second step."`
	Code     string `json:"code,omitempty" maxLength:"40" doc:"Of the application, or a recovery code, of whoever has one."`
}

type secondOut struct {
	On       bool       `json:"on"`
	Since    *time.Time `json:"since,omitempty"`
	Codes    int        `json:"recoveryCodes" doc:"How many are left."`
	Required bool       `json:"required" doc:"Whether a role demands it; without it nothing else can be done then."`
}

type setupOut struct {
	Secret string `json:"secret" doc:"The key in base32: SHA-1, six digits, 30 seconds."`
	URI    string `json:"uri" doc:"The same for a QR code."`
}

type codeIn struct {
	Code string `json:"code" maxLength:"40"`
}

type codesBody struct {
	Codes []string `json:"recoveryCodes" doc:"Shown only here."`
}

type codesOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      codesBody
}

type signIn struct {
	At      time.Time `json:"at"`
	How     string    `json:"how" enum:"password,code,recovery,passkey,provider,invitation"`
	Success bool      `json:"success"`
	Address string    `json:"address"`
	Agent   string    `json:"agent"`
}

func registerSecond(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "confirmIdentity", Method: "POST", Path: "/session/confirmation", Perm: identity.PermSelf, Status: 204, Unconfined: true,
		Summary: "Confirm who the session belongs to, for the acts that ask for it in the next ten minutes; its cookie changes."},
		func(ctx context.Context, in *bodyIn[proofIn]) (*cookieOut, error) {
			done, err := s.Prove(ctx, access.From(ctx), identity.Proof{Password: in.Body.Password, Code: in.Body.Code})
			if err != nil {
				return nil, err
			}
			return &cookieOut{a.SessionCookie(done.Cookie, done.Expires)}, nil
		})
	kit.Register(a, kit.Op{ID: "getSecondFactor", Method: "GET", Path: "/account/second-factor", Perm: identity.PermSelf, Unconfined: true,
		Summary: "Read whether signing in takes a second step."},
		func(ctx context.Context, _ *kit.None) (*bodyOut[secondOut], error) {
			r, err := s.SecondFactor(ctx, access.From(ctx))
			return &bodyOut[secondOut]{secondOut{r.On, r.Since, r.Codes, r.Required}}, err
		})
	kit.Register(a, kit.Op{ID: "beginSecondFactor", Method: "POST", Path: "/account/second-factor", Perm: identity.PermSelf, Fresh: true, Unconfined: true,
		Summary: "Make a key for an authenticator application; it waits an hour for a first code."},
		func(ctx context.Context, _ *kit.None) (*bodyOut[setupOut], error) {
			r, err := s.BeginSecondFactor(ctx, access.From(ctx))
			return &bodyOut[setupOut]{setupOut{r.Secret, r.URI}}, err
		})
	kit.Register(a, kit.Op{ID: "confirmSecondFactor", Method: "POST", Path: "/account/second-factor/confirmation", Perm: identity.PermSelf, Fresh: true, Unconfined: true,
		Summary: "Put the key into force by a first code; ends the other sessions and changes the cookie of this one."},
		func(ctx context.Context, in *bodyIn[codeIn]) (*codesOut, error) {
			codes, done, err := s.ConfirmSecondFactor(ctx, access.From(ctx), in.Body.Code)
			if err != nil {
				return nil, err
			}
			return &codesOut{a.SessionCookie(done.Cookie, done.Expires), codesBody{codes}}, nil
		})
	kit.Register(a, kit.Op{ID: "makeRecoveryCodes", Method: "POST", Path: "/account/second-factor/recovery-codes", Perm: identity.PermSelf, Fresh: true,
		Summary: "Make new recovery codes; the old ones stop working."},
		func(ctx context.Context, _ *kit.None) (*bodyOut[codesBody], error) {
			codes, err := s.NewRecoveryCodes(ctx, access.From(ctx))
			return &bodyOut[codesBody]{codesBody{codes}}, err
		})
	kit.Register(a, kit.Op{ID: "removeSecondFactor", Method: "DELETE", Path: "/account/second-factor", Perm: identity.PermSelf, Status: 204, Fresh: true,
		Summary: "Turn the second step off."},
		func(ctx context.Context, _ *kit.None) (*kit.None, error) {
			return nil, s.RemoveSecondFactor(ctx, access.From(ctx))
		})
	kit.Register(a, kit.Op{ID: "requestEmailChange", Method: "POST", Path: "/account/email", Perm: identity.PermSelf, Status: 202, Fresh: true, Visitors: true,
		Summary: "Ask for another address of one's own account: mails a link there, unless it has an account."},
		func(ctx context.Context, in *bodyIn[emailIn]) (*kit.None, error) {
			return nil, s.RequestEmail(ctx, access.From(ctx), in.Body.Email, kit.Visiting(ctx).Address)
		})
	kit.Register(a, kit.Op{ID: "changeEmail", Method: "POST", Path: "/account/email/confirmation", Perm: identity.PermSignIn, Status: 204,
		Summary: "Make the address of the mailed link the account's own; ends the other sessions."},
		func(ctx context.Context, in *bodyIn[linkIn]) (*kit.None, error) {
			return nil, s.ChangeEmail(ctx, access.From(ctx), in.Body.Token)
		})
	kit.Register(a, kit.Op{ID: "listSignIns", Most: identity.MaxSignIns, Method: "GET", Path: "/account/sign-ins", Perm: identity.PermSelf,
		Summary: "List how one's own account was signed in to, or tried to be, the newest first."},
		func(ctx context.Context, _ *kit.None) (*listOut[signIn], error) {
			rows, err := s.SignIns(ctx, access.From(ctx))
			out := make([]signIn, len(rows))
			for i, r := range rows {
				out[i] = signIn{r.At.UTC(), r.How, r.Success, r.Address, r.Agent}
			}
			return &listOut[signIn]{kit.Page(out, "")}, err
		})
}
