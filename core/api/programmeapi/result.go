package programmeapi

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
)

type deliverablesOut struct {
	Body kit.List[programme.Deliverable]
}

type deliverableIn struct {
	IDIn
	Body struct {
		Title  string `json:"title" maxLength:"200"`
		Kind   string `json:"kind" enum:"report,review,practice,analysis,plan,platform,other"`
		Target int    `json:"target" minimum:"1" maximum:"100000"`
	}
}

// DeliverableIn names a deliverable of a programme.
type DeliverableIn struct {
	IDIn
	Deliverable uuid.UUID `path:"deliverable"`
}

type itemsIn struct {
	kit.PageIn
	DeliverableIn
}

type itemsOut struct {
	Body kit.List[programme.DeliverableItem]
}

type deliverableTargetIn struct {
	DeliverableIn
	Body struct {
		Target  int   `json:"target" minimum:"1" maximum:"100000"`
		Version int64 `json:"version"`
	}
}

type itemIn struct {
	DeliverableIn
	Body struct {
		Title string `json:"title" maxLength:"200"`
		Link  string `json:"link" maxLength:"1000" doc:"Address of the evidence, http or https."`
		Day   string `json:"day" format:"date"`
	}
}

type itemIDIn struct {
	DeliverableIn
	Item uuid.UUID `path:"item"`
}

func results(a *kit.API, s *programme.Service) {
	const one = "/programmes/{id}/deliverables/{deliverable}"
	kit.Register(a, kit.Op{ID: "listDeliverables", Most: 100, Method: "GET", Path: "/programmes/{id}/deliverables", Perm: programme.View, Summary: "What a programme promised to produce, with how many were."},
		func(ctx context.Context, in *IDIn) (*deliverablesOut, error) {
			l, err := s.Deliverables(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &deliverablesOut{kit.Page(l, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "addDeliverable", Method: "POST", Path: "/programmes/{id}/deliverables", Perm: programme.Edit, Status: 204, Summary: "Add something that a programme is to produce."},
		func(ctx context.Context, in *deliverableIn) (*kit.None, error) {
			return nil, s.AddDeliverable(ctx, access.From(ctx), in.ID, programme.Deliverable{Title: in.Body.Title, Kind: in.Body.Kind, Target: in.Body.Target})
		})
	kit.Register(a, kit.Op{ID: "setDeliverableTarget", Method: "PUT", Path: one, Perm: programme.Edit, Status: 204, Summary: "Change how many are promised."},
		func(ctx context.Context, in *deliverableTargetIn) (*kit.None, error) {
			return nil, s.SetDeliverableTarget(ctx, access.From(ctx), in.ID, in.Deliverable, in.Body.Target, in.Body.Version)
		})
	kit.Register(a, kit.Op{ID: "listDeliverableItems", Method: "GET", Path: one + "/items", Perm: programme.View, Summary: "What was produced, the newest first."},
		func(ctx context.Context, in *itemsIn) (*itemsOut, error) {
			after := uuid.Nil
			if in.After != "" {
				var err error
				if after, err = uuid.Parse(in.After); err != nil {
					return nil, fault.InvalidFields(fault.Field{Path: "after", Key: "keyset.cursor"})
				}
			}
			l, next, err := s.DeliverableItems(ctx, access.From(ctx), in.ID, in.Deliverable, after, in.Limit)
			if err != nil {
				return nil, err
			}
			return &itemsOut{kit.Page(l, next)}, nil
		})
	kit.Register(a, kit.Op{ID: "addDeliverableItem", Method: "POST", Path: one + "/items", Perm: programme.Edit, Status: 204, Summary: "Count something that was produced, with its evidence."},
		func(ctx context.Context, in *itemIn) (*kit.None, error) {
			on, err := day("day", in.Body.Day)
			if err != nil {
				return nil, err
			}
			return nil, s.AddItem(ctx, access.From(ctx), in.ID, in.Deliverable, programme.DeliverableItem{Title: in.Body.Title, Link: in.Body.Link, Day: on})
		})
	kit.Register(a, kit.Op{ID: "removeDeliverableItem", Method: "DELETE", Path: one + "/items/{item}", Perm: programme.Edit, Status: 204, Summary: "Take back what should not count."},
		func(ctx context.Context, in *itemIDIn) (*kit.None, error) {
			return nil, s.RemoveItem(ctx, access.From(ctx), in.ID, in.Deliverable, in.Item)
		})
}
