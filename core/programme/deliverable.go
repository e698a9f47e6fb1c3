package programme

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// DeliverableKinds are the kinds of what a programme produces.
var DeliverableKinds = []string{"report", "review", "practice", "analysis", "plan", "platform", "other"}

// maxDeliverables of one programme.
const maxDeliverables = 100

// Deliverable is something that a programme promised to produce so many of.
type Deliverable struct {
	ID      uuid.UUID `json:"id" db:"id"`
	Title   string    `json:"title" db:"title"`
	Kind    string    `json:"kind" db:"kind"`
	Target  int       `json:"target" db:"target"`
	Actual  int       `json:"actual" db:"actual"`
	Version int64     `json:"version" db:"version"`
}

// DeliverableItem is one that was produced.
type DeliverableItem struct {
	ID    uuid.UUID `json:"id" db:"id"`
	Title string    `json:"title" db:"title"`
	// Link is the address of the evidence; the same one counts once.
	Link string    `json:"link" db:"link"`
	Day  time.Time `json:"day" db:"done_on"` // a day
}

// Deliverables lists those of a programme by title, at most 100. Needs [View].
func (s *Service) Deliverables(ctx context.Context, a *access.Actor, programme uuid.UUID) ([]Deliverable, error) {
	var out []Deliverable
	err := db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) error { _, err := s.Get(ctx, a, programme); return err },
		func(ctx context.Context, q db.Q) (err error) {
			out, err = deliverablesOf(ctx, q, programme)
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// DeliverableItems lists what was produced, the newest first, after the item with
// that id (Nil: from the newest); limit 1–100 (0 = 50). Needs [View].
func (s *Service) DeliverableItems(ctx context.Context, a *access.Actor, programme, deliverable, after uuid.UUID, limit int) ([]DeliverableItem, string, error) {
	var out []DeliverableItem
	limit = pageLimit(limit)
	err := db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) error { _, err := s.Get(ctx, a, programme); return err },
		func(ctx context.Context, q db.Q) (err error) {
			out, err = itemsOf(ctx, q, programme, deliverable, after, limit+1)
			return err
		})
	if err != nil || len(out) <= limit {
		return out, "", err
	}
	return out[:limit], out[limit-1].ID.String(), nil
}

// AddDeliverable adds something to produce, at most 100 a programme. Needs [Edit].
func (s *Service) AddDeliverable(ctx context.Context, a *access.Actor, programme uuid.UUID, in Deliverable) error {
	var bad fault.Fields
	in.Title = strings.Join(strings.Fields(in.Title), " ")
	checkTitle(&bad, "title", in.Title)
	if !slices.Contains(DeliverableKinds, in.Kind) {
		bad.Add("kind", "programme.deliverable_kind")
	}
	checkCount(&bad, in.Target)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.change(ctx, a, programme, "programme.deliverable", in, func(ctx context.Context, tx *db.Tx) error {
		list, err := deliverablesOf(ctx, tx, programme)
		if err != nil {
			return err
		}
		if len(list) >= maxDeliverables {
			return fault.InvalidFields(fault.Field{Path: "title", Key: "programme.deliverables_many"})
		}
		if in.ID, err = uuid.NewV7(); err != nil {
			return err
		}
		return insertDeliverable(ctx, tx, programme, &in)
	}, "deliverables")
}

func checkCount(bad *fault.Fields, n int) {
	if n < 1 || n > 100_000 {
		bad.Add("target", "programme.rule_number", "Min", 1, "Max", 100_000)
	}
}

// SetDeliverableTarget changes how many are promised. Needs [Edit]. Conflict when
// it is no longer at version.
func (s *Service) SetDeliverableTarget(ctx context.Context, a *access.Actor, programme, deliverable uuid.UUID, target int, version int64) error {
	var bad fault.Fields
	checkCount(&bad, target)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.change(ctx, a, programme, "programme.deliverable_target", []any{deliverable, target, version}, func(ctx context.Context, tx *db.Tx) error {
		n, err := updateDeliverable(ctx, tx, programme, deliverable, target, version)
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "fault.conflict")
		}
		return err
	}, "deliverables")
}

// AddItem counts something that was produced, with its evidence. Needs [Edit];
// NotFound for a deliverable of another programme.
func (s *Service) AddItem(ctx context.Context, a *access.Actor, programme, deliverable uuid.UUID, in DeliverableItem) error {
	var bad fault.Fields
	in.Title, in.Link = strings.Join(strings.Fields(in.Title), " "), strings.TrimSpace(in.Link)
	checkTitle(&bad, "title", in.Title)
	if u, err := url.Parse(in.Link); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || utf8.RuneCountInString(in.Link) > 1000 || strings.ContainsAny(in.Link, " \t\r\n") {
		bad.Add("link", "programme.item_link")
	}
	if in.Day.IsZero() || in.Day.After(s.today()) || in.Day.Year() < 2000 {
		bad.Add("day", "programme.item_day")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	return s.change(ctx, a, programme, "programme.item", []any{deliverable, in}, func(ctx context.Context, tx *db.Tx) error {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		in.ID = id
		n, err := insertItem(ctx, tx, programme, deliverable, &in, a.Person, s.clock.Now())
		if err == nil && n == 0 {
			return fault.ErrNotFound
		}
		return err
	}, "deliverables")
}

// RemoveItem takes one back that should not count. Needs [Edit].
func (s *Service) RemoveItem(ctx context.Context, a *access.Actor, programme, deliverable, item uuid.UUID) error {
	return s.change(ctx, a, programme, "programme.item_remove", []any{deliverable, item}, func(ctx context.Context, tx *db.Tx) error {
		n, err := deleteItem(ctx, tx, programme, deliverable, item)
		if err == nil && n == 0 {
			return fault.ErrNotFound
		}
		return err
	}, "deliverables")
}
