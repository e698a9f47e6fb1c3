package networkapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
)

type enterIn struct {
	IDIn
	Body struct {
		Programme uuid.UUID `json:"programme" format:"uuid"`
		Note      string    `json:"note,omitempty" maxLength:"1000" doc:"For those who answer."`
	}
}

type reasonIn struct {
	IDIn
	Body struct {
		Reason string `json:"reason" maxLength:"1000"`
	}
}

type entered struct {
	State network.TieState `json:"state" enum:"in,asked"`
}

type tiesIn struct {
	IDIn
	kit.PageIn
	Day string `query:"as_of" format:"date" doc:"The day as of whose end; missing: now."`
}

type answerIn struct {
	IDIn
	Request uuid.UUID `path:"request" format:"uuid"`
	Body    struct {
		Accept bool   `json:"accept"`
		Reason string `json:"reason,omitempty" maxLength:"1000" doc:"Required for a refusal."`
	}
}

// registerProgramme adds how networks enter programmes and leave them.
func registerProgramme(a *kit.API, s *network.Service) {
	kit.Register(a, kit.Op{ID: "listProgrammesToEnter", Most: 100, Method: "GET", Path: "/centres/{id}/programmes", Tag: "networks", Perm: network.PermFound,
		Summary: "The programmes that a network founded at a centre can enter."},
		func(ctx context.Context, in *IDIn) (*body[kit.List[network.ProgrammeOption]], error) {
			items, err := s.ProgrammesFor(ctx, access.From(ctx), in.ID)
			return &body[kit.List[network.ProgrammeOption]]{kit.Page(items, "")}, err
		})
	kit.Register(a, kit.Op{ID: "getNetworkProgramme", Method: "GET", Path: "/networks/{id}/programme", Perm: network.PermEdit,
		Summary: "How a network stands with programmes, with its history and the programmes that it can enter."},
		func(ctx context.Context, in *IDIn) (*body[*network.Ties], error) {
			t, err := s.Programme(ctx, access.From(ctx), in.ID)
			return &body[*network.Ties]{t}, err
		})
	kit.Register(a, kit.Op{ID: "enterProgramme", Fresh: true, Method: "POST", Path: "/networks/{id}/programme", Perm: network.PermEdit,
		Summary: "Enter a programme that is open to networks, or ask to enter another one."},
		func(ctx context.Context, in *enterIn) (*body[entered], error) {
			state, err := s.EnterProgramme(ctx, access.From(ctx), in.ID, in.Body.Programme, in.Body.Note)
			return &body[entered]{entered{state}}, err
		})
	kit.Register(a, kit.Op{ID: "withdrawProgrammeRequest", Method: "DELETE", Path: "/networks/{id}/programme-request", Perm: network.PermEdit, Status: 204,
		Summary: "Take back the request of a network to enter a programme."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.WithdrawRequest(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "leaveProgramme", Method: "POST", Path: "/networks/{id}/programme/leave", Perm: network.PermEdit, Status: 204,
		Summary: "Take a network out of its programme, with a reason; earlier days are reported as they were."},
		func(ctx context.Context, in *reasonIn) (*kit.None, error) {
			return nil, s.LeaveProgramme(ctx, access.From(ctx), in.ID, in.Body.Reason)
		})
	kit.Register(a, kit.Op{ID: "listProgrammeNetworks", Method: "GET", Path: "/programmes/{id}/networks", Tag: "programmes", Perm: programme.View,
		Summary: "The networks of a programme, now or as of a day, by title."},
		func(ctx context.Context, in *tiesIn) (*body[kit.List[network.Tie]], error) {
			day, err := asOf(in.Day)
			if err != nil {
				return nil, err
			}
			p, err := s.OfProgramme(ctx, access.From(ctx), network.TieQuery{Programme: in.ID, Day: day}, in.After, in.Limit)
			return &body[kit.List[network.Tie]]{kit.Page(p.Items, p.Next)}, err
		})
	kit.Register(a, kit.Op{ID: "listProgrammeRequests", Most: 100, Method: "GET", Path: "/programmes/{id}/network-requests", Tag: "programmes", Perm: programme.Edit,
		Summary: "The requests of networks to enter a programme that wait for an answer, the oldest first."},
		func(ctx context.Context, in *IDIn) (*body[kit.List[network.Tie]], error) {
			items, err := s.ProgrammeRequests(ctx, access.From(ctx), in.ID)
			return &body[kit.List[network.Tie]]{kit.Page(items, "")}, err
		})
	kit.Register(a, kit.Op{ID: "answerProgrammeRequest", Method: "POST", Path: "/programmes/{id}/network-requests/{request}", Tag: "programmes", Perm: programme.Edit, Status: 204,
		Summary: "Accept a network into a programme, or decline with a reason."},
		func(ctx context.Context, in *answerIn) (*kit.None, error) {
			return nil, s.AnswerRequest(ctx, access.From(ctx), in.ID, in.Request, in.Body.Accept, in.Body.Reason)
		})
	kit.Register(a, kit.Op{ID: "dismissProgrammeNetwork", Method: "POST", Path: "/programmes/{id}/networks/{network}/dismiss", Tag: "programmes", Perm: programme.Edit, Status: 204,
		Summary: "Take a network out of a programme, with a reason that its coordinator is told."},
		func(ctx context.Context, in *dismissIn) (*kit.None, error) {
			return nil, s.Dismiss(ctx, access.From(ctx), in.ID, in.Network, in.Body.Reason)
		})
}

type dismissIn struct {
	IDIn
	Network uuid.UUID `path:"network" format:"uuid"`
	Body    struct {
		Reason string `json:"reason" maxLength:"1000"`
	}
}

// asOf reads a day; the zero time for none.
func asOf(raw string) (time.Time, error) {
	if raw == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, raw)
	if err != nil {
		return t, fault.InvalidFields(fault.Field{Path: "as_of", Key: "network.day"})
	}
	return t, nil
}
