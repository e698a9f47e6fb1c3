// Package noticeapi is the API of what the platform told a person.
package noticeapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/notify"
)

type notice struct {
	ID    uuid.UUID `json:"id"`
	Title string    `json:"title"`
	Text  string    `json:"text"`
	Link  string    `json:"link,omitempty" doc:"A path on the platform."`
	At    time.Time `json:"at"`
	Read  bool      `json:"read"`
}

type listOut struct{ Body kit.List[notice] }

type readIn struct {
	Body struct {
		Seen uuid.UUID `json:"seen" format:"uuid" doc:"The newest notification that was shown; it and older ones are marked."`
	}
}

// Register adds the operations.
func Register(a *kit.API, s *notify.Service) {
	kit.Register(a, kit.Op{ID: "listNotifications", Method: "GET", Path: "/notifications", Perm: notify.Self, Summary: "List one's own notifications, the newest first."},
		func(ctx context.Context, in *kit.PageIn) (*listOut, error) {
			p, err := s.List(ctx, access.From(ctx), in.After, in.Limit)
			if err != nil {
				return nil, err
			}
			out := make([]notice, len(p.Items))
			for i, n := range p.Items {
				out[i] = notice{n.ID, n.Title, n.Text, n.Link, n.At.UTC(), n.Read}
			}
			return &listOut{kit.Page(out, p.Next)}, nil
		})
	kit.Register(a, kit.Op{ID: "markNotificationsRead", Method: "POST", Path: "/notifications/read", Perm: notify.Self, Status: 204,
		Summary: "Mark one's own notifications as read."},
		func(ctx context.Context, in *readIn) (*kit.None, error) {
			return nil, s.MarkAllRead(ctx, access.From(ctx), in.Body.Seen)
		})
	registerSettings(a, s)
}
