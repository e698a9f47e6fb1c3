// Package workapi is the API of system jobs that modules declare.
package workapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/work"
)

type listIn struct {
	kit.PageIn
	State string `query:"state" enum:"waiting,running,done,failed,cancelled" doc:"Only jobs in this state."`
}

type listOut struct{ Body kit.List[work.Job] }

type idIn struct {
	ID uuid.UUID `path:"id"`
}

type oneOut struct{ Body work.Job }

type startIn struct {
	Body struct {
		Module    string    `json:"module" maxLength:"100"`
		Kind      string    `json:"kind" maxLength:"63"`
		ScopeKind string    `json:"scope_kind" enum:"programme,network,group"`
		Scope     uuid.UUID `json:"scope"`
	}
}

type startedOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *work.Service) {
	kit.Register(a, kit.Op{ID: "listModuleJobs", Method: "GET", Path: "/jobs", Perm: work.List, Summary: "List system jobs of plugins, the newest first."},
		func(ctx context.Context, in *listIn) (*listOut, error) {
			p, err := s.List(ctx, access.From(ctx), work.State(in.State), in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			return &listOut{kit.Page(p.Items, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "getModuleJob", Method: "GET", Path: "/jobs/{id}", Perm: work.List, Summary: "A system job of a plugin with its progress."},
		func(ctx context.Context, in *idIn) (*oneOut, error) {
			j, err := s.Get(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &oneOut{*j}, nil
		})
	kit.Register(a, kit.Op{ID: "startModuleJob", Method: "POST", Path: "/jobs", Perm: work.Manage, Status: 201, Summary: "Run a job kind of a plugin once in a scope."},
		func(ctx context.Context, in *startIn) (*startedOut, error) {
			id, err := s.Start(ctx, access.From(ctx), in.Body.Module, in.Body.Kind, effect.Scope{Kind: effect.ScopeKind(in.Body.ScopeKind), ID: in.Body.Scope})
			out := &startedOut{}
			out.Body.ID = id
			return out, err
		})
	kit.Register(a, kit.Op{ID: "cancelModuleJob", Method: "POST", Path: "/jobs/{id}/cancel", Perm: work.Manage, Status: 204, Summary: "Cancel a job that has not ended."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.Cancel(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "retryModuleJob", Method: "POST", Path: "/jobs/{id}/retry", Perm: work.Manage, Status: 204, Summary: "Give a failed job new tries from where it stopped."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.Retry(ctx, access.From(ctx), in.ID)
		})
}
