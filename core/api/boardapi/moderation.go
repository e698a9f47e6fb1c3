package boardapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/board"
)

type flagsIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Pinned bool `json:"pinned"`
		Closed bool `json:"closed"`
	}
}

type reasonIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Reason string `json:"reason" maxLength:"2000"`
	}
}

func registerModeration(a *kit.API, s *board.Service) {
	kit.Register(a, kit.Op{
		ID: "setThreadFlags", Method: "PUT", Path: "/threads/{id}/flags", Tag: "board", Perm: board.PermModerate, Status: 204,
		Summary: "Pin a thread, close it to replies, or undo either.",
	}, func(ctx context.Context, in *flagsIn) (*kit.None, error) {
		return nil, s.SetFlags(ctx, access.From(ctx), in.ID, in.Body.Pinned, in.Body.Closed)
	})
	kit.Register(a, kit.Op{
		ID: "hidePost", Method: "POST", Path: "/posts/{id}/hide", Tag: "board", Perm: board.PermModerate, Status: 204,
		Summary: "Take a post out of sight with a reason; its author is told and may appeal.",
	}, func(ctx context.Context, in *reasonIn) (*kit.None, error) {
		return nil, s.Hide(ctx, access.From(ctx), in.ID, in.Body.Reason)
	})
	kit.Register(a, kit.Op{
		ID: "showPostAgain", Method: "POST", Path: "/posts/{id}/show", Tag: "board", Perm: board.PermModerate, Status: 204,
		Summary: "Bring a hidden post back into sight.",
	}, func(ctx context.Context, in *IDIn) (*kit.None, error) {
		return nil, s.Lift(ctx, access.From(ctx), in.ID)
	})
	kit.Register(a, kit.Op{
		ID: "reportPost", Method: "POST", Path: "/posts/{id}/reports", Tag: "board", Perm: board.PermView, Status: 204,
		Summary: "Report a post to those who moderate.",
	}, func(ctx context.Context, in *reasonIn) (*kit.None, error) {
		return nil, s.Report(ctx, access.From(ctx), in.ID, in.Body.Reason)
	})
	kit.Register(a, kit.Op{
		ID: "listReports", Most: 50, Method: "GET", Path: "/networks/{id}/reports", Tag: "board", Perm: board.PermModerate,
		Summary: "List reported posts that wait for a judgement.",
	}, func(ctx context.Context, in *IDIn) (*body[kit.List[board.Reported]], error) {
		_, out, err := s.Reports(ctx, access.From(ctx), in.ID)
		return &body[kit.List[board.Reported]]{kit.Page(out, "")}, err
	})
	kit.Register(a, kit.Op{
		ID: "keepPost", Method: "POST", Path: "/posts/{id}/keep", Tag: "board", Perm: board.PermModerate, Status: 204,
		Summary: "Answer the reports on a post: it stays.",
	}, func(ctx context.Context, in *IDIn) (*kit.None, error) {
		return nil, s.Keep(ctx, access.From(ctx), in.ID)
	})
}

type appealIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Appeal string `json:"appeal" maxLength:"4000"`
	}
}

type decideIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Decision string `json:"decision" enum:"restored,upheld"`
		Reason   string `json:"reason" maxLength:"2000"`
	}
}

func registerAppeals(a *kit.API, s *board.Service) {
	kit.Register(a, kit.Op{
		ID: "appealPost", Method: "POST", Path: "/posts/{id}/appeal", Tag: "board", Perm: "account:self", Status: 204,
		Summary: "Appeal to the centre against the hiding of your own post.",
	}, func(ctx context.Context, in *appealIn) (*kit.None, error) {
		return nil, s.Appeal(ctx, access.From(ctx), in.ID, in.Body.Appeal)
	})
	kit.Register(a, kit.Op{
		ID: "listAppeals", Most: 50, Method: "GET", Path: "/appeals", Tag: "board", Perm: board.PermJudge,
		Summary: "List appeals that wait for a decision.",
	}, func(ctx context.Context, _ *kit.None) (*body[kit.List[board.AppealCase]], error) {
		out, err := s.Appeals(ctx, access.From(ctx))
		return &body[kit.List[board.AppealCase]]{kit.Page(out, "")}, err
	})
	kit.Register(a, kit.Op{
		ID: "getAppeal", Method: "GET", Path: "/appeals/{id}", Tag: "board", Perm: board.PermJudge,
		Summary: "Read an appeal with the words of the post.",
	}, func(ctx context.Context, in *IDIn) (*body[board.AppealCase], error) {
		out, err := s.OneAppeal(ctx, access.From(ctx), in.ID)
		return &body[board.AppealCase]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "decideAppeal", Method: "POST", Path: "/appeals/{id}/decision", Tag: "board", Perm: board.PermJudge, Status: 204,
		Summary: "Decide an appeal: restore the post or uphold the hiding.",
	}, func(ctx context.Context, in *decideIn) (*kit.None, error) {
		return nil, s.Decide(ctx, access.From(ctx), in.ID, in.Body.Decision == "restored", in.Body.Reason)
	})
}
