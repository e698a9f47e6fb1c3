package schedule

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Method is how an item of an agenda is worked on (requirement 37).
type Method string

// The methods; a break counts no teaching hours.
const (
	Lecture      Method = "lecture"
	Presentation Method = "presentation"
	Coaching     Method = "coaching"
	Discussion   Method = "discussion"
	Workshop     Method = "workshop"
	Break        Method = "break"
)

// Methods lists the methods as forms offer them.
var Methods = []Method{Lecture, Presentation, Discussion, Workshop, Coaching, Break}

// Bounds of agendas.
const (
	MaxItems   = 60
	MaxMinutes = 600
)

// Item is one item of an agenda.
type Item struct {
	ID       uuid.UUID `json:"id" db:"id"`
	Position int       `json:"position" db:"position"`
	Title    string    `json:"title" db:"title"`
	Minutes  int       `json:"minutes" db:"minutes"`
	Method   Method    `json:"method,omitempty" db:"method"`
	// LeaderID is the leading person of the network, Leader their name or that of
	// somebody from outside.
	LeaderID *uuid.UUID `json:"leader_id,omitempty" db:"leader_id"`
	Leader   string     `json:"leader,omitempty" db:"leader"`
	// MemberLed: a member who does not lead the network leads the item. Expert: an
	// expert of the network or somebody from outside does.
	MemberLed bool       `json:"member_led" db:"member_led"`
	Expert    bool       `json:"expert" db:"expert"`
	Fixed     bool       `json:"fixed" db:"fixed"`
	Source    *uuid.UUID `json:"source_id,omitempty" db:"source_id"` // the adopted proposal that waited
	Version   int        `json:"version" db:"version"`
}

// ItemInput is what a coordinator writes about an item. Leader is a person of
// the network; LeaderName somebody from outside, only without Leader.
type ItemInput struct {
	Title      string    `json:"title"`
	Minutes    int       `json:"minutes"`
	Method     Method    `json:"method"`
	Leader     uuid.UUID `json:"leader"`
	LeaderName string    `json:"leader_name"`
}

// newItem is an item to be inserted at the end of an agenda.
type newItem struct {
	Title      string
	Minutes    int
	Method     Method
	Leader     uuid.UUID
	LeaderName string
	MemberLed  bool
	Expert     bool
	Fixed      bool
	Source     uuid.UUID
}

func (in *ItemInput) check() error {
	in.Title, in.LeaderName = strings.Join(strings.Fields(in.Title), " "), strings.Join(strings.Fields(in.LeaderName), " ")
	var bad fault.Fields
	if n := utf8.RuneCountInString(in.Title); n < 1 || n > MaxTitle {
		bad.Add("title", "schedule.item_title", "Max", MaxTitle)
	}
	if in.Minutes < 0 || in.Minutes > MaxMinutes {
		bad.Add("minutes", "schedule.item_minutes", "Max", MaxMinutes)
	}
	known := in.Method == ""
	for _, m := range Methods {
		known = known || m == in.Method
	}
	if !known {
		bad.Add("method", "schedule.method_unknown")
	}
	if utf8.RuneCountInString(in.LeaderName) > MaxTitle {
		bad.Add("leader_name", "schedule.text_long", "Max", MaxTitle)
	}
	if in.Leader != uuid.Nil && in.LeaderName != "" {
		bad.Add("leader_name", "schedule.leader_twice")
	}
	return bad.Err()
}

// item turns input into a row: who leads decides whether it is member-led.
func (s *Service) item(ctx context.Context, tx *db.Tx, network uuid.UUID, in *ItemInput) (newItem, error) {
	it := newItem{Title: in.Title, Minutes: in.Minutes, Method: in.Method, Leader: in.Leader, LeaderName: in.LeaderName, Expert: in.LeaderName != ""}
	if in.Leader == uuid.Nil {
		return it, nil
	}
	as, err := standing(ctx, tx, network, in.Leader, s.clock.Now())
	if err != nil {
		return it, err
	}
	if !as.Inside {
		return it, fault.InvalidFields(fault.Field{Path: "leader", Key: "schedule.leader_unknown"})
	}
	it.MemberLed, it.Expert = !as.Leads && !as.Expert, as.Expert && !as.Leads
	return it, nil
}

// changeAgenda is the frame of a change of an agenda that is not final yet.
func (s *Service) changeAgenda(ctx context.Context, a *access.Actor, id uuid.UUID, action string, in any, change func(ctx context.Context, tx *db.Tx, m *meetingRow) error) error {
	if _, err := s.enter(ctx, a, id, PermManage); err != nil {
		return err
	}
	return s.once(ctx, a, action, []any{id, in}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if m.State == Closed || m.State == Cancelled {
			return errClosed
		}
		if err := change(ctx, tx, m); err != nil {
			return err
		}
		return s.note(ctx, tx, a, m, action)
	})
}

// AddItem puts an item at the end of the agenda. Needs meeting:manage. Errors:
// NotFound; Invalid with fields; Conflict for a final agenda or one of
// [MaxItems] items.
func (s *Service) AddItem(ctx context.Context, a *access.Actor, id uuid.UUID, in ItemInput) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.changeAgenda(ctx, a, id, "meeting.item:add", in, func(ctx context.Context, tx *db.Tx, m *meetingRow) error {
		if err := room(ctx, tx, id); err != nil {
			return err
		}
		it, err := s.item(ctx, tx, m.Network, &in)
		if err != nil {
			return err
		}
		return insertItems(ctx, tx, id, []newItem{it})
	})
}

// room refuses more items than an agenda holds.
func room(ctx context.Context, tx *db.Tx, meeting uuid.UUID) error {
	n, err := countItems(ctx, tx, meeting)
	if err == nil && n >= MaxItems {
		return conflict("schedule.agenda_full", "Max", MaxItems)
	}
	return err
}

// EditItem changes an item at a version. Needs meeting:manage. Errors: as
// [Service.AddItem]; [ErrStale].
func (s *Service) EditItem(ctx context.Context, a *access.Actor, id, item uuid.UUID, version int, in ItemInput) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.changeAgenda(ctx, a, id, "meeting.item:edit", []any{item, version, in}, func(ctx context.Context, tx *db.Tx, m *meetingRow) error {
		it, err := s.item(ctx, tx, m.Network, &in)
		if err != nil {
			return err
		}
		ok, err := updateItem(ctx, tx, id, item, version, &it)
		if err == nil && !ok {
			return ErrStale
		}
		return err
	})
}

// DropItem takes an item off the agenda; an adopted proposal waits again for the
// next meeting. Needs meeting:manage. NotFound when it is gone.
func (s *Service) DropItem(ctx context.Context, a *access.Actor, id, item uuid.UUID) error {
	return s.changeAgenda(ctx, a, id, "meeting.item:drop", item, func(ctx context.Context, tx *db.Tx, _ *meetingRow) error {
		ok, err := deleteItem(ctx, tx, id, item)
		if err == nil && !ok {
			return fault.ErrNotFound
		}
		return err
	})
}

// MoveItem puts an item one place up or down; at the end of the list it stays.
// Needs meeting:manage. NotFound when it is gone.
func (s *Service) MoveItem(ctx context.Context, a *access.Actor, id, item uuid.UUID, up bool) error {
	return s.changeAgenda(ctx, a, id, "meeting.item:move", []any{item, up}, func(ctx context.Context, tx *db.Tx, _ *meetingRow) error {
		items, err := listItems(ctx, tx, id)
		if err != nil {
			return err
		}
		for i := range items {
			if items[i].ID != item {
				continue
			}
			other := i + 1
			if up {
				other = i - 1
			}
			if other < 0 || other >= len(items) {
				return nil
			}
			return swapItems(ctx, tx, &items[i], &items[other])
		}
		return fault.ErrNotFound
	})
}

// Adopt puts an item that waits (a proposal that won its vote) onto the agenda,
// its author leading, in one step; minutes 0 takes 45. Needs meeting:manage.
//
// Errors: NotFound for an item that does not wait any more; Conflict for a final
// or full agenda.
func (s *Service) Adopt(ctx context.Context, a *access.Actor, id, waiting uuid.UUID, minutes int) error {
	return s.changeAgenda(ctx, a, id, "meeting.item:adopt", []any{waiting, minutes}, func(ctx context.Context, tx *db.Tx, m *meetingRow) error {
		if err := room(ctx, tx, id); err != nil {
			return err
		}
		w, err := lockWaiting(ctx, tx, m.Network, waiting)
		if err != nil {
			return err
		}
		in := ItemInput{Title: w.Title, Minutes: minutes, Method: Discussion}
		if in.Minutes == 0 {
			in.Minutes = TeachingHour
			if w.Minutes != nil {
				in.Minutes = *w.Minutes
			}
		}
		if err := in.check(); err != nil {
			return err
		}
		it, err := s.leading(ctx, tx, m.Network, &in, w.Leader)
		if err != nil {
			return err
		}
		it.Source = waiting
		return insertItems(ctx, tx, id, []newItem{it})
	})
}

// leading names the author of a proposal as who leads its item, as long as they
// are in the network.
func (s *Service) leading(ctx context.Context, tx *db.Tx, network uuid.UUID, in *ItemInput, author uuid.NullUUID) (newItem, error) {
	if author.Valid {
		as, err := standing(ctx, tx, network, author.UUID, s.clock.Now())
		if err != nil {
			return newItem{}, err
		}
		if as.Inside {
			in.Leader = author.UUID
		}
	}
	return s.item(ctx, tx, network, in)
}

// MemberLedShare is the share of an agenda's teaching minutes led by members, in
// per cent; 0 for an agenda without any.
func MemberLedShare(items []Item) float64 {
	all, theirs := 0, 0
	for i := range items {
		if items[i].Method == Break {
			continue
		}
		all += items[i].Minutes
		if items[i].MemberLed {
			theirs += items[i].Minutes
		}
	}
	if all == 0 {
		return 0
	}
	return float64(theirs) * 100 / float64(all)
}
