// Package conversationapi offers private conversations to programs of those who
// take part in them. Each operation is the same service method that a page calls.
package conversationapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/conversation"
)

// IDIn names a conversation, a network or a report.
type IDIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type body[T any] struct{ Body T }

type created struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

type listIn struct {
	After string `query:"after" maxLength:"100" doc:"The next of the page before."`
}

type readIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Page int       `query:"page" minimum:"0" maximum:"1000000" doc:"From 1, the oldest messages; 0, the default, is the last page."`
}

type peopleIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Name string    `query:"name" maxLength:"120"`
}

type startIn struct {
	Body struct {
		Network uuid.UUID   `json:"network_id" format:"uuid" doc:"The network that you share."`
		People  []uuid.UUID `json:"people" maxItems:"20"`
		Title   string      `json:"title,omitempty" maxLength:"240"`
		Body    string      `json:"body" maxLength:"8000" doc:"Plain text."`
	}
}

type writeIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Body string `json:"body" maxLength:"8000" doc:"Plain text."`
	}
}

type reportIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Seq  int       `path:"number" minimum:"1" maximum:"1000000000"`
	Body struct {
		Reason  string `json:"reason" maxLength:"2000"`
		Consent bool   `json:"consent" doc:"You agree that the centre sees this message; must be true."`
	}
}

type judgeIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Outcome string `json:"outcome" enum:"hidden,kept"`
		Answer  string `json:"answer" maxLength:"2000"`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *conversation.Service) {
	registerOwn(a, s)
	registerReports(a, s)
}

func registerOwn(a *kit.API, s *conversation.Service) {
	kit.Register(a, kit.Op{
		ID: "listConversations", Method: "GET", Path: "/my/conversations", Tag: "conversations", Perm: conversation.PermOwn,
		Summary: "List your conversations, the last written in first.",
	}, func(ctx context.Context, in *listIn) (*body[kit.List[conversation.Conversation]], error) {
		out, next, err := s.List(ctx, access.From(ctx), in.After)
		return &body[kit.List[conversation.Conversation]]{kit.Page(out, next)}, err
	})
	kit.Register(a, kit.Op{
		ID: "getConversation", Method: "GET", Path: "/my/conversations/{id}", Tag: "conversations", Perm: conversation.PermOwn,
		Summary: "Read a page of a conversation that you take part in.", Description: "Reading here leaves the marks of what you have seen as they are.",
	}, func(ctx context.Context, in *readIn) (*body[*conversation.Page], error) {
		out, err := s.Read(ctx, access.From(ctx), in.ID, in.Page)
		return &body[*conversation.Page]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "listPeopleToWriteTo", Most: 50, Method: "GET", Path: "/networks/{id}/people-to-write-to", Tag: "conversations", Perm: conversation.PermOwn,
		Summary: "Find people of a network to whom you may write.",
	}, func(ctx context.Context, in *peopleIn) (*body[kit.List[conversation.Person]], error) {
		_, out, err := s.People(ctx, access.From(ctx), in.ID, in.Name, nil)
		return &body[kit.List[conversation.Person]]{kit.Page(out, "")}, err
	})
	kit.Register(a, kit.Op{
		ID: "startConversation", Method: "POST", Path: "/my/conversations", Tag: "conversations", Perm: conversation.PermOwn, Status: 201,
		Summary: "Write to one or a few people of a network that you share.",
	}, func(ctx context.Context, in *startIn) (*created, error) {
		id, err := s.Start(ctx, access.From(ctx), conversation.Begin(in.Body))
		out := &created{}
		out.Body.ID = id
		return out, err
	})
	kit.Register(a, kit.Op{
		ID: "writeMessage", Method: "POST", Path: "/my/conversations/{id}/messages", Tag: "conversations", Perm: conversation.PermOwn, Status: 204,
		Summary: "Write a message in a conversation.",
	}, func(ctx context.Context, in *writeIn) (*kit.None, error) {
		return nil, s.Write(ctx, access.From(ctx), in.ID, in.Body.Body)
	})
	kit.Register(a, kit.Op{
		ID: "leaveConversation", Method: "POST", Path: "/my/conversations/{id}/leave", Tag: "conversations", Perm: conversation.PermOwn, Status: 204,
		Summary: "Leave a conversation for good.",
	}, func(ctx context.Context, in *IDIn) (*kit.None, error) {
		return nil, s.Leave(ctx, access.From(ctx), in.ID)
	})
	kit.Register(a, kit.Op{
		ID: "reportMessage", Method: "POST", Path: "/my/conversations/{id}/messages/{number}/reports", Tag: "conversations", Perm: conversation.PermOwn, Status: 204,
		Summary: "Disclose one message to the centre.",
	}, func(ctx context.Context, in *reportIn) (*kit.None, error) {
		return nil, s.Report(ctx, access.From(ctx), in.ID, in.Seq, in.Body.Reason, in.Body.Consent)
	})
}

func registerReports(a *kit.API, s *conversation.Service) {
	kit.Register(a, kit.Op{
		ID: "listMessageReports", Most: 50, Method: "GET", Path: "/message-reports", Tag: "conversations", Perm: conversation.PermJudge,
		Summary: "List messages that were disclosed to you and wait for a judgement.",
	}, func(ctx context.Context, _ *kit.None) (*body[kit.List[conversation.Disclosed]], error) {
		out, err := s.Reports(ctx, access.From(ctx))
		return &body[kit.List[conversation.Disclosed]]{kit.Page(out, "")}, err
	})
	kit.Register(a, kit.Op{
		ID: "getMessageReport", Method: "GET", Path: "/message-reports/{id}", Tag: "conversations", Perm: conversation.PermJudge,
		Summary: "Read a disclosed message.",
	}, func(ctx context.Context, in *IDIn) (*body[conversation.Disclosed], error) {
		out, err := s.OneReport(ctx, access.From(ctx), in.ID)
		return &body[conversation.Disclosed]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "judgeMessage", Method: "POST", Path: "/message-reports/{id}/judgement", Tag: "conversations", Perm: conversation.PermJudge, Status: 204,
		Summary: "Hide a disclosed message or let it stay.",
	}, func(ctx context.Context, in *judgeIn) (*kit.None, error) {
		return nil, s.Judge(ctx, access.From(ctx), in.ID, in.Body.Outcome == "hidden", in.Body.Answer)
	})
}
