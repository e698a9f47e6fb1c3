package accountapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
	webkit "ore.edu.pl/sieci/core/web/kit"
)

// What somebody without a session does. The secrets of mailed links travel in
// bodies, which no log keeps, never in addresses. Answers about addresses are
// the same whether they have an account or not.

type signInIn struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" raw:"true" maxLength:"800"`
	Code     string `json:"code,omitempty" maxLength:"40" doc:"Of the application, or a recovery code; needed by whoever has set up a second step."`
}

// cookieOut answers with the session's cookie.
type cookieOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

type registrationIn struct {
	Email       string    `json:"email" maxLength:"254"`
	Name        string    `json:"name" maxLength:"120"`
	Password    string    `json:"password" raw:"true" maxLength:"800"`
	Institution uuid.UUID `json:"institution" format:"uuid" doc:"The school or centre where the person works; it confirms the account."`
	Function    string    `json:"function,omitempty" maxLength:"120" doc:"What the person does there."`
}

type linkIn struct {
	Token string `json:"token" maxLength:"200" doc:"The last piece of the mailed link."`
}

type emailIn struct {
	Email string `json:"email" maxLength:"254"`
}

type newPasswordIn struct {
	Token    string `json:"token" maxLength:"200" doc:"The last piece of the mailed link."`
	Password string `json:"password" raw:"true" maxLength:"800"`
}

type acceptanceIn struct {
	Token       string     `json:"token" maxLength:"200" doc:"The last piece of the mailed link."`
	Name        string     `json:"name" maxLength:"120"`
	Password    string     `json:"password" raw:"true" maxLength:"800"`
	Institution *uuid.UUID `json:"institution,omitempty" format:"uuid" doc:"Needed unless an administrator invited, who named it."`
	Function    string     `json:"function,omitempty" maxLength:"120"`
}

type stateOut struct {
	State string `json:"state" enum:"pending,active" doc:"A pending account waits for the school or centre."`
}

type acceptedOut struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      struct {
		State string `json:"state" enum:"pending,active" doc:"An active account is signed in: the answer sets the session's cookie."`
		Next  string `json:"next,omitempty" doc:"The page of what the invitation led into."`
	}
}

func registerSession(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "openSession", Method: "POST", Path: "/session", Perm: identity.PermSignIn, Status: 204, Visitors: true,
		Summary: "Sign in: opens a session and sets its cookie. Programs that act for somebody use an API token instead."},
		func(ctx context.Context, in *bodyIn[signInIn]) (*cookieOut, error) {
			v := kit.Visiting(ctx)
			done, err := s.SignIn(ctx, identity.SignInInput{Email: in.Body.Email, Password: in.Body.Password, Code: in.Body.Code,
				Address: v.Address, Agent: v.Agent})
			if err != nil {
				return nil, err
			}
			if done.Step != "" {
				return nil, fault.InvalidFields(fault.Field{Path: "code", Key: "identity.code_missing"})
			}
			return &cookieOut{a.SessionCookie(done.Cookie, done.Expires)}, nil
		})
	kit.Register(a, kit.Op{ID: "closeSession", Method: "DELETE", Path: "/session", Perm: webkit.Public, Status: 204,
		Summary: "Sign out: ends the session of the cookie; without one it changes nothing."},
		func(ctx context.Context, _ *kit.None) (*cookieOut, error) {
			if err := s.SignOut(ctx, access.From(ctx)); err != nil {
				return nil, err
			}
			return &cookieOut{a.SessionCookie("", time.Time{})}, nil
		})
}

func registerVisitors(a *kit.API, d Deps) {
	s := d.Identity
	kit.Register(a, kit.Op{ID: "register", Method: "POST", Path: "/registrations", Perm: identity.PermRegister, Status: 202, Visitors: true,
		Summary: "Ask for an account: mails a link that makes it."},
		func(ctx context.Context, in *bodyIn[registrationIn]) (*kit.None, error) {
			b := in.Body
			return nil, s.Register(ctx, identity.Registration{Email: b.Email, Name: b.Name, Password: b.Password, Institution: b.Institution,
				Function: b.Function, Lang: i18n.FromContext(ctx), Address: kit.Visiting(ctx).Address})
		})
	kit.Register(a, kit.Op{ID: "confirmRegistration", Method: "POST", Path: "/registrations/confirm", Perm: identity.PermRegister,
		Summary: "Make the account by the mailed link."},
		func(ctx context.Context, in *bodyIn[linkIn]) (*bodyOut[stateOut], error) {
			state, err := s.ConfirmEmail(ctx, in.Body.Token)
			return &bodyOut[stateOut]{stateOut{string(state)}}, err
		})
	kit.Register(a, kit.Op{ID: "requestPasswordReset", Method: "POST", Path: "/password-resets", Perm: identity.PermSignIn, Status: 202, Visitors: true,
		Summary: "Ask for a new password: mails a link, or a new invitation to somebody who never took theirs up."},
		func(ctx context.Context, in *bodyIn[emailIn]) (*kit.None, error) {
			return nil, s.RequestReset(ctx, in.Body.Email, kit.Visiting(ctx).Address)
		})
	kit.Register(a, kit.Op{ID: "resetPassword", Method: "POST", Path: "/password-resets/complete", Perm: identity.PermSignIn, Status: 204,
		Summary: "Set a new password by the mailed link; ends all sessions and tokens of the account."},
		func(ctx context.Context, in *bodyIn[newPasswordIn]) (*kit.None, error) {
			return nil, s.Reset(ctx, in.Body.Token, in.Body.Password)
		})
	kit.Register(a, kit.Op{ID: "acceptInvitation", Method: "POST", Path: "/invitations/accept", Perm: identity.PermSignIn, Visitors: true,
		Summary: "Make the account of an invited address by the mailed link."},
		func(ctx context.Context, in *bodyIn[acceptanceIn]) (*acceptedOut, error) {
			b, v := in.Body, kit.Visiting(ctx)
			take := identity.Acceptance{Name: b.Name, Password: b.Password, Function: b.Function, Lang: i18n.FromContext(ctx),
				Address: v.Address, Agent: v.Agent}
			if b.Institution != nil {
				take.Institution = *b.Institution
			}
			done, err := s.AcceptInvitation(ctx, b.Token, take)
			if err != nil {
				return nil, err
			}
			out := &acceptedOut{}
			out.Body.State = string(done.State)
			if done.State == identity.Active {
				out.SetCookie = a.SessionCookie(done.SignedIn.Cookie, done.SignedIn.Expires)
				out.Body.Next = settle(ctx, d, &done)
			}
			return out, nil
		})
}

// settle brings a new person into what they were invited to.
func settle(ctx context.Context, d Deps, done *identity.Accepted) string {
	if d.Settle == nil || done.To == uuid.Nil {
		return ""
	}
	next, err := d.Settle(ctx, done.SignedIn.Person)
	if err != nil { // the account stands; what is left waits on their list
		slog.WarnContext(ctx, "the place of a new account is not settled", "err", err)
	}
	return next
}
