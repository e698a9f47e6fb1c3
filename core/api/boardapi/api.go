// Package boardapi offers the forum and the blogs of networks to programs. Each
// operation is the same service method that a page calls.
package boardapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/board"
)

// IDIn names a network, a thread, a post or an appeal.
type IDIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type body[T any] struct{ Body T }

type created struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

func createdAs(id uuid.UUID, err error) (*created, error) {
	out := &created{}
	out.Body.ID = id
	return out, err
}

// Register adds the operations.
func Register(a *kit.API, s *board.Service) {
	registerReading(a, s)
	registerBlogs(a, s)
	registerWriting(a, s)
	registerOwn(a, s)
	registerModeration(a, s)
	registerAppeals(a, s)
}

type threadsIn struct {
	ID     uuid.UUID `path:"id" format:"uuid"`
	Unread bool      `query:"unread" doc:"Only threads with posts that you have not seen."`
	After  string    `query:"after" maxLength:"200" doc:"The next of the page before."`
}

type threadIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Page int       `query:"page" minimum:"0" maximum:"1000000" doc:"From 1, the oldest posts; default 1."`
}

type statsIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	From time.Time `query:"from" required:"true"`
	To   time.Time `query:"to" required:"true" doc:"Exclusive."`
}

func registerReading(a *kit.API, s *board.Service) {
	kit.Register(a, kit.Op{
		ID: "listThreads", Method: "GET", Path: "/networks/{id}/threads", Tag: "board", Perm: board.PermView,
		Summary: "List a network's threads: pinned ones first, then by the last post.",
	}, func(ctx context.Context, in *threadsIn) (*body[board.ThreadList], error) {
		out, err := s.Threads(ctx, access.From(ctx), in.ID, in.Unread, in.After)
		return &body[board.ThreadList]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "getThread", Method: "GET", Path: "/threads/{id}", Tag: "board", Perm: board.PermBlogs,
		Summary: "Read a page of a thread, or of a blog entry with its comments.", Description: "Reading here leaves the marks of what you have seen as they are.",
	}, func(ctx context.Context, in *threadIn) (*body[*board.ThreadPage], error) {
		out, err := s.Read(ctx, access.From(ctx), in.ID, max(in.Page, 1))
		return &body[*board.ThreadPage]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "getPost", Method: "GET", Path: "/posts/{id}", Tag: "board", Perm: "account:self",
		Summary: "Read one post with its Markdown.",
	}, func(ctx context.Context, in *IDIn) (*body[*board.PostPage], error) {
		out, err := s.Post(ctx, access.From(ctx), in.ID)
		return &body[*board.PostPage]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "listPostVersions", Most: 50, Method: "GET", Path: "/posts/{id}/versions", Tag: "board", Perm: board.PermModerate,
		Summary: "List what a post said before it was changed.",
	}, func(ctx context.Context, in *IDIn) (*body[kit.List[board.Revision]], error) {
		out, err := s.Revisions(ctx, access.From(ctx), in.ID)
		return &body[kit.List[board.Revision]]{kit.Page(out, "")}, err
	})
	kit.Register(a, kit.Op{
		ID: "getBoardStats", Method: "GET", Path: "/networks/{id}/board/stats", Tag: "board", Perm: board.PermView,
		Summary: "Count what was written in a network in a period.",
	}, func(ctx context.Context, in *statsIn) (*body[board.Stats], error) {
		out, err := s.Stats(ctx, access.From(ctx), in.ID, in.From, in.To)
		return &body[board.Stats]{out}, err
	})
}

type entriesIn struct {
	ID    uuid.UUID `path:"id" format:"uuid"`
	Topic uuid.UUID `query:"topic" format:"uuid"`
	After string    `query:"after" maxLength:"200"`
}

type blogsIn struct {
	Topic uuid.UUID `query:"topic" format:"uuid"`
	After string    `query:"after" maxLength:"200"`
}

type shareIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Share bool `json:"share"`
	}
}

func registerBlogs(a *kit.API, s *board.Service) {
	kit.Register(a, kit.Op{
		ID: "listEntries", Method: "GET", Path: "/networks/{id}/blog", Tag: "board", Perm: board.PermView,
		Summary: "List the entries of a network's blogs with its topics, the newest first.",
	}, func(ctx context.Context, in *entriesIn) (*body[board.EntryList], error) {
		out, err := s.Entries(ctx, access.From(ctx), in.ID, in.Topic, in.After)
		return &body[board.EntryList]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "listBlogs", Method: "GET", Path: "/blogs", Tag: "board", Perm: board.PermBlogs,
		Summary: "List the blog entries that you may read: of your networks, and those shared by others.",
	}, func(ctx context.Context, in *blogsIn) (*body[board.EntryList], error) {
		var out board.EntryList
		var err error
		if in.Topic != uuid.Nil {
			out, err = s.BlogOf(ctx, access.From(ctx), in.Topic, in.After)
		} else {
			out, err = s.Blogs(ctx, access.From(ctx), in.After)
		}
		return &body[board.EntryList]{out}, err
	})
	kit.Register(a, kit.Op{
		ID: "shareEntry", Method: "PUT", Path: "/threads/{id}/share", Tag: "board", Perm: board.PermShare, Status: 204,
		Summary: "Let signed-in people of other networks read an entry, or end that.",
	}, func(ctx context.Context, in *shareIn) (*kit.None, error) {
		return nil, s.Share(ctx, access.From(ctx), in.ID, in.Body.Share)
	})
}

type attachment struct {
	ID      uuid.UUID `json:"id" format:"uuid" doc:"Of a file that you uploaded."`
	Alt     string    `json:"alt,omitempty" maxLength:"1000" doc:"Describes a picture; required for pictures."`
	Licence string    `json:"licence,omitempty" enum:"cc-by,cc-by-sa,cc0,reserved" doc:"Required for files of blog entries."`
}

func files(list []attachment) []board.Attachment {
	out := make([]board.Attachment, len(list))
	for i, f := range list {
		out[i] = board.Attachment(f)
	}
	return out
}

type startIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Kind     string       `json:"kind" enum:"forum,blog"`
		Title    string       `json:"title" maxLength:"400"`
		Body     string       `json:"body" maxLength:"40000" doc:"Markdown."`
		Topic    uuid.UUID    `json:"topic_id,omitempty" format:"uuid" doc:"Of the blog; or a new one."`
		NewTopic string       `json:"new_topic,omitempty" maxLength:"240"`
		Files    []attachment `json:"files,omitempty" maxItems:"20"`
	}
}

type replyIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Body  string       `json:"body" maxLength:"40000" doc:"Markdown."`
		Files []attachment `json:"files,omitempty" maxItems:"20"`
	}
}

type editIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Version int    `json:"version" doc:"As read; another one is 409."`
		Title   string `json:"title,omitempty" maxLength:"400" doc:"Of the thread, with its opening post only."`
		Body    string `json:"body" maxLength:"40000"`
	}
}

type textIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Text string `json:"text" maxLength:"8000"`
	}
}

type gone struct {
	ThreadGone bool `json:"thread_gone" doc:"True when nobody had answered and the whole thread is gone."`
}

func registerWriting(a *kit.API, s *board.Service) {
	kit.Register(a, kit.Op{
		ID: "startThread", Method: "POST", Path: "/networks/{id}/threads", Tag: "board", Perm: board.PermPost, Status: 201,
		Summary: "Open a thread in the forum, or put an entry into a blog.",
	}, func(ctx context.Context, in *startIn) (*created, error) {
		b := &in.Body
		return createdAs(s.Start(ctx, access.From(ctx), in.ID, board.Kind(b.Kind), board.Entry{Title: b.Title, Body: b.Body, Topic: b.Topic, NewTopic: b.NewTopic, Files: files(b.Files)}))
	})
	kit.Register(a, kit.Op{
		ID: "replyToThread", Method: "POST", Path: "/threads/{id}/posts", Tag: "board", Perm: board.PermPost, Status: 201,
		Summary: "Answer in a thread, or comment on an entry.",
	}, func(ctx context.Context, in *replyIn) (*created, error) {
		return createdAs(s.Reply(ctx, access.From(ctx), in.ID, in.Body.Body, files(in.Body.Files)))
	})
	kit.Register(a, kit.Op{
		ID: "editPost", Method: "PUT", Path: "/posts/{id}", Tag: "board", Perm: board.PermPost, Status: 204,
		Summary: "Change your own post within 15 minutes, an entry of a blog at any time.",
	}, func(ctx context.Context, in *editIn) (*kit.None, error) {
		return nil, s.Edit(ctx, access.From(ctx), in.ID, in.Body.Version, in.Body.Title, in.Body.Body)
	})
	kit.Register(a, kit.Op{
		ID: "deletePost", Method: "DELETE", Path: "/posts/{id}", Tag: "board", Perm: board.PermPost,
		Summary: "Delete your own post within 15 minutes; a tombstone stays.",
	}, func(ctx context.Context, in *IDIn) (*body[gone], error) {
		whole, err := s.Delete(ctx, access.From(ctx), in.ID)
		return &body[gone]{gone{whole}}, err
	})
	kit.Register(a, kit.Op{
		ID: "addToPost", Method: "POST", Path: "/posts/{id}/addendum", Tag: "board", Perm: board.PermPost, Status: 204,
		Summary: "Add to your own post once it cannot be changed any more.",
	}, func(ctx context.Context, in *textIn) (*kit.None, error) {
		return nil, s.Add(ctx, access.From(ctx), in.ID, in.Body.Text)
	})
}

type followIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Follow bool `json:"follow"`
	}
}

type levelIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Level string `json:"level" enum:"all,threads,none"`
	}
}

func registerOwn(a *kit.API, s *board.Service) {
	kit.Register(a, kit.Op{
		ID: "followThread", Method: "PUT", Path: "/threads/{id}/follow", Tag: "board", Perm: board.PermView, Status: 204,
		Summary: "Say whether you want to hear of new posts in a thread.",
	}, func(ctx context.Context, in *followIn) (*kit.None, error) {
		return nil, s.Follow(ctx, access.From(ctx), in.ID, in.Body.Follow)
	})
	kit.Register(a, kit.Op{
		ID: "setBoardLevel", Method: "PUT", Path: "/networks/{id}/board/level", Tag: "board", Perm: board.PermView, Status: 204,
		Summary: "Say what you want to hear of a network's forum and blogs.",
	}, func(ctx context.Context, in *levelIn) (*kit.None, error) {
		return nil, s.SetLevel(ctx, access.From(ctx), in.ID, board.Level(in.Body.Level))
	})
	kit.Register(a, kit.Op{
		ID: "markBoardRead", Method: "POST", Path: "/networks/{id}/board/read", Tag: "board", Perm: board.PermView, Status: 204,
		Summary: "Mark everything in a network's forum and blogs as read.",
	}, func(ctx context.Context, in *IDIn) (*kit.None, error) {
		return nil, s.MarkAllRead(ctx, access.From(ctx), in.ID)
	})
}
