package accountapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/identity"
)

type inviteesIn struct {
	kit.PageIn
	Import uuid.UUID `query:"import" format:"uuid" doc:"Of this list of people only."`
}

// invitee is an invitation as it was typed: nothing of an account is in it.
type invitee struct {
	ID          uuid.UUID  `json:"id"`
	Email       string     `json:"email"`
	Name        string     `json:"name"`
	Function    string     `json:"function,omitempty"`
	Institution uuid.UUID  `json:"institution"`
	School      string     `json:"institutionName"`
	Status      string     `json:"status" enum:"unsent,waiting,accepted,withdrawn,expired"`
	At          time.Time  `json:"createdAt"`
	Sent        *time.Time `json:"sentAt,omitempty"`
	Until       time.Time  `json:"until" doc:"When it ends, or ended."`
}

type offer struct {
	ID       uuid.UUID `json:"id"`
	School   string    `json:"institutionName"`
	By       string    `json:"by,omitempty"`
	Function string    `json:"function,omitempty"`
	Here     bool      `json:"here" doc:"True for the institution where one works already."`
	Until    time.Time `json:"until"`
}

type offerAnswerIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Accept bool `json:"accept" doc:"True: work there from now on. Declining is told to nobody."`
	}
}

func registerInvitations(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "listPersonInvitations", Method: "GET", Path: "/people/invitations", Perm: identity.PermConfirm,
		Summary: "List invitations to institutions within one's reach, the newest first."},
		func(ctx context.Context, in *inviteesIn) (*listOut[invitee], error) {
			p, err := s.Invitees(ctx, access.From(ctx), identity.InviteesQuery{Import: in.Import, After: in.After, Limit: in.Limit})
			out := make([]invitee, len(p.Invitees))
			for i := range p.Invitees {
				v := &p.Invitees[i]
				out[i] = invitee{v.ID, v.Email, v.Name, v.Function, v.Institution, v.School, string(v.Status), v.At.UTC(), v.Sent, v.Until.UTC()}
			}
			return &listOut[invitee]{kit.Page(out, p.Next)}, err
		})
	kit.Register(a, kit.Op{ID: "withdrawPersonInvitation", Method: "DELETE", Path: "/people/invitations/{id}", Perm: identity.PermConfirm, Status: 204,
		Summary: "Take an invitation back; its link stops working."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.WithdrawInvitation(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "listOwnInvitations", Most: 50, Method: "GET", Path: "/account/invitations", Perm: identity.PermSelf,
		Summary: "List invitations of institutions to oneself."},
		func(ctx context.Context, _ *kit.None) (*listOut[offer], error) {
			list, err := s.Offers(ctx, access.From(ctx))
			out := make([]offer, len(list))
			for i, o := range list {
				out[i] = offer{o.ID, o.School, o.By, o.Function, o.Here, o.Until.UTC()}
			}
			return &listOut[offer]{kit.Page(out, "")}, err
		})
	kit.Register(a, kit.Op{ID: "answerOwnInvitation", Method: "POST", Path: "/account/invitations/{id}/answer", Perm: identity.PermSelf, Status: 204,
		Summary: "Take an invitation up, which changes where one works, or decline it."},
		func(ctx context.Context, in *offerAnswerIn) (*kit.None, error) {
			return nil, s.AnswerOffer(ctx, access.From(ctx), in.ID, in.Body.Accept)
		})
}

func orNil(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}
