// Package electionapi is the API of elections of coordinators.
package electionapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/election"
)

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type electionOut struct{ Body *election.Election }

type announceIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body election.Input
}

type createdOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

type standIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Statement string `json:"statement" maxLength:"2000"`
	}
}

type voteIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Choice string `json:"choice" maxLength:"40" doc:"A candidate's person_id, or nobody."`
		Nonce  string `json:"nonce,omitempty" maxLength:"40" doc:"The same value sent again within two minutes votes once."`
	}
}

type reasonIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Reason string `json:"reason" maxLength:"2000"`
	}
}

type itemIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Text string `json:"text" maxLength:"500"`
	}
}

type tickIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Item uuid.UUID `path:"item" format:"uuid"`
	Body struct {
		Done bool `json:"done"`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *election.Service) {
	kit.Register(a, kit.Op{ID: "getElection", Method: "GET", Path: "/networks/{id}/election", Perm: election.PermView, Summary: "Read the newest election of a network; null when there was none."},
		func(ctx context.Context, in *idIn) (*electionOut, error) {
			e, _, err := s.Of(ctx, access.From(ctx), in.ID)
			return &electionOut{e}, err
		})
	kit.Register(a, kit.Op{ID: "announceElection", Method: "POST", Path: "/networks/{id}/election", Perm: election.PermOpen, Status: 201,
		Summary: "Announce leaving and open the election of the next coordinator."},
		func(ctx context.Context, in *announceIn) (*createdOut, error) {
			id, err := s.Announce(ctx, access.From(ctx), in.ID, in.Body)
			out := &createdOut{}
			out.Body.ID = id
			return out, err
		})
	none := func(op kit.Op, act func(ctx context.Context, a *access.Actor, id uuid.UUID) error) {
		op.Method, op.Status = "POST", 204
		kit.Register(a, op, func(ctx context.Context, in *idIn) (*kit.None, error) { return nil, act(ctx, access.From(ctx), in.ID) })
	}
	reason := func(op kit.Op, act func(ctx context.Context, a *access.Actor, id uuid.UUID, reason string) error) {
		op.Method, op.Status = "POST", 204
		kit.Register(a, op, func(ctx context.Context, in *reasonIn) (*kit.None, error) {
			return nil, act(ctx, access.From(ctx), in.ID, in.Body.Reason)
		})
	}
	kit.Register(a, kit.Op{ID: "standInElection", Method: "POST", Path: "/elections/{id}/candidates", Perm: election.PermStand, Status: 204, Summary: "Stand as a candidate, or change one's statement."},
		func(ctx context.Context, in *standIn) (*kit.None, error) {
			return nil, s.Stand(ctx, access.From(ctx), in.ID, in.Body.Statement)
		})
	none(kit.Op{ID: "standDownInElection", Path: "/elections/{id}/candidates/withdraw", Perm: election.PermStand, Summary: "Take one's candidacy back."}, s.StandDown)
	kit.Register(a, kit.Op{ID: "voteInElection", Method: "POST", Path: "/elections/{id}/vote", Perm: election.PermVote, Status: 204, Summary: "Vote, once and in secret.",
		Description: "The vote cannot be changed or read again by anybody. Send a nonce so that a repeated request votes once."},
		func(ctx context.Context, in *voteIn) (*kit.None, error) {
			return nil, s.Vote(ctx, access.From(ctx), in.ID, in.Body.Choice, in.Body.Nonce)
		})
	reason(kit.Op{ID: "cancelElection", Path: "/elections/{id}/cancel", Perm: election.PermOpen, Summary: "End an open election without a result."}, s.Cancel)
	none(kit.Op{ID: "confirmElection", Fresh: true, Path: "/elections/{id}/confirm", Perm: election.PermConfirm, Summary: "Confirm the elected member: the coordinator's rights move at once."}, s.Confirm)
	reason(kit.Op{ID: "refuseElection", Path: "/elections/{id}/refuse", Perm: election.PermConfirm, Summary: "Refuse to confirm, with a reason."}, s.Refuse)
	kit.Register(a, kit.Op{ID: "addHandoverItem", Method: "POST", Path: "/elections/{id}/handover", Perm: election.PermView, Status: 204, Summary: "Put something on the list of what is passed on."},
		func(ctx context.Context, in *itemIn) (*kit.None, error) {
			return nil, s.AddItem(ctx, access.From(ctx), in.ID, in.Body.Text)
		})
	kit.Register(a, kit.Op{ID: "tickHandoverItem", Method: "POST", Path: "/elections/{id}/handover/{item}", Perm: election.PermView, Status: 204, Summary: "Mark something as passed on, or not."},
		func(ctx context.Context, in *tickIn) (*kit.None, error) {
			return nil, s.Tick(ctx, access.From(ctx), in.ID, in.Item, in.Body.Done)
		})
}
