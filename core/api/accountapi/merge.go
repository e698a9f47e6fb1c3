package accountapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/identity"
)

type mergeIn struct {
	ID    uuid.UUID `path:"id" format:"uuid" doc:"The account that stays."`
	Other uuid.UUID `path:"other" format:"uuid" doc:"The account that is closed."`
}

type mergeBodyIn struct {
	ID   uuid.UUID `path:"id" format:"uuid" doc:"The account that stays."`
	Body struct {
		Other uuid.UUID `json:"other" format:"uuid" doc:"The account that is closed and points to this one."`
	}
}

type moved struct {
	Thing string `json:"thing" doc:"\"membership\", \"role\", \"post\" …"`
	N     int    `json:"n"`
}

type merging struct {
	Stays  account `json:"stays"`
	Closes account `json:"closes"`
	Moves  []moved `json:"moves" doc:"What goes over to the account that stays."`
	Twice  []moved `json:"twice" doc:"What both have: one remains, with the earlier date."`
}

type otherIn struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" raw:"true" maxLength:"1000"`
	Code     string `json:"code,omitempty" maxLength:"40" doc:"Where the other account wants a second step."`
}

type otherOut struct {
	Proof   string  `json:"proof" doc:"For mergeOwnAccounts; good for ten minutes."`
	Preview merging `json:"preview"`
}

type ownMergeIn struct {
	Proof string `json:"proof" raw:"true" maxLength:"4000"`
	Keep  string `json:"keep" enum:"this,other" doc:"The account that stays: this session's, or the other one."`
}

func mergingOf(m *identity.Merging) merging {
	list := func(in []identity.Moved) []moved {
		out := make([]moved, len(in))
		for i, x := range in {
			out[i] = moved{string(x.Thing), x.N}
		}
		return out
	}
	return merging{accountOf(&m.Stays), accountOf(&m.Closes), list(m.Moves), list(m.Twice)}
}

func registerMerge(a *kit.API, s *identity.Service) {
	kit.Register(a, kit.Op{ID: "previewMerge", Method: "GET", Path: "/people/{id}/merge/{other}", Perm: identity.PermMerge,
		Summary: "Read what joining two accounts of one person would move."},
		func(ctx context.Context, in *mergeIn) (*bodyOut[merging], error) {
			m, err := s.PreviewMerge(ctx, access.From(ctx), in.ID, in.Other)
			if err != nil {
				return nil, err
			}
			return &bodyOut[merging]{mergingOf(&m)}, nil
		})
	kit.Register(a, kit.Op{ID: "mergePeople", Method: "POST", Path: "/people/{id}/merge", Perm: identity.PermMerge, Fresh: true, Status: 204,
		Summary: "Join two accounts of one person; it cannot be taken back."},
		func(ctx context.Context, in *mergeBodyIn) (*kit.None, error) {
			return nil, s.MergePeople(ctx, access.From(ctx), in.ID, in.Body.Other)
		})
	kit.Register(a, kit.Op{ID: "proveOtherAccount", Method: "POST", Path: "/account/merge/proof", Perm: identity.PermSelf, Fresh: true, Visitors: true,
		Summary: "Prove to own another account, too, and read what joining it with this one would move."},
		func(ctx context.Context, in *bodyIn[otherIn]) (*bodyOut[otherOut], error) {
			v := kit.Visiting(ctx)
			proof, err := s.ProveOther(ctx, access.From(ctx), identity.SignInInput{Email: in.Body.Email, Password: in.Body.Password, Code: in.Body.Code,
				Address: v.Address, Agent: v.Agent})
			if err != nil {
				return nil, err
			}
			m, err := s.PreviewOwnMerge(ctx, access.From(ctx), proof, false)
			if err != nil {
				return nil, err
			}
			return &bodyOut[otherOut]{otherOut{proof, mergingOf(&m)}}, nil
		})
	kit.Register(a, kit.Op{ID: "mergeOwnAccounts", Method: "POST", Path: "/account/merge", Perm: identity.PermSelf, Fresh: true, Status: 204,
		Summary: "Join one's own two accounts; it cannot be taken back."},
		func(ctx context.Context, in *bodyIn[ownMergeIn]) (*kit.None, error) {
			return nil, s.MergeOwn(ctx, access.From(ctx), in.Body.Proof, in.Body.Keep == "other")
		})
}
