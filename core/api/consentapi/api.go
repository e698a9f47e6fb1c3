// Package consentapi is the API of contracts and consents of networks.
package consentapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/consent"
	"ore.edu.pl/sieci/core/identity"
)

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type mineOut struct{ Body *consent.Mine }

type ownOut struct{ Body kit.List[consent.Own] }

type peopleIn struct {
	kit.PageIn
	ID uuid.UUID `path:"id" format:"uuid"`
}

type peopleOut struct{ Body kit.List[consent.Person] }

type signIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Version int64 `json:"version" minimum:"1" doc:"The version of the contract that was read."`
	}
}

type decideIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Granted bool `json:"granted"`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *consent.Service) {
	kit.Register(a, kit.Op{ID: "getConsents", Method: "GET", Path: "/networks/{id}/consents", Perm: consent.PermView,
		Summary: "Read the contract of a network and what one agreed to there."},
		func(ctx context.Context, in *idIn) (*mineOut, error) {
			m, err := s.Mine(ctx, access.From(ctx), in.ID)
			return &mineOut{m}, err
		})
	kit.Register(a, kit.Op{ID: "signContract", Method: "POST", Path: "/networks/{id}/contract/signature", Perm: consent.PermGive, Status: 204,
		Summary: "Sign the contract of a network. It says nothing about photos."},
		func(ctx context.Context, in *signIn) (*kit.None, error) {
			return nil, s.Sign(ctx, access.From(ctx), in.ID, in.Body.Version)
		})
	kit.Register(a, kit.Op{ID: "decideImageConsent", Method: "POST", Path: "/networks/{id}/image-consent", Perm: consent.PermGive, Status: 204,
		Summary: "Agree to photos of oneself in a network, or not. It changes nothing in one's membership."},
		func(ctx context.Context, in *decideIn) (*kit.None, error) {
			if in.Body.Granted {
				return nil, s.Allow(ctx, access.From(ctx), in.ID)
			}
			return nil, s.Refuse(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "listConsents", Method: "GET", Path: "/networks/{id}/consents/people", Perm: consent.PermList,
		Summary: "List the members of a network with what they signed and agreed to."},
		func(ctx context.Context, in *peopleIn) (*peopleOut, error) {
			p, err := s.People(ctx, access.From(ctx), in.ID, in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &peopleOut{kit.Page(p.People, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "listOwnConsents", Most: 200, Method: "GET", Path: "/account/image-consents", Perm: identity.PermSelf, Summary: "List one's own decisions about photos, the newest of each network."},
		func(ctx context.Context, _ *struct{}) (*ownOut, error) {
			list, err := s.Own(ctx, access.From(ctx))
			if err != nil {
				return nil, err
			}
			return &ownOut{kit.Page(list, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "withdrawImageConsent", Method: "POST", Path: "/account/image-consents/{id}/withdrawal", Perm: identity.PermSelf, Status: 204,
		Summary: "Take the consent to photos in a network back, also after leaving it."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.Refuse(ctx, access.From(ctx), in.ID)
		})
}
