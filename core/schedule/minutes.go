package schedule

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/notify"
)

// Bounds of minutes.
const (
	MaxMinutesText = 20000
	MaxDecision    = 2000
	MaxAction      = 1000
	MaxRows        = 50 // decisions, and action items, of one meeting
)

func itoa(n int) string { return strconv.Itoa(n) }

// Decision is something decided at a meeting.
type Decision struct {
	ID   uuid.UUID `json:"id" db:"id"`
	Text string    `json:"text" db:"text"`
}

// Action is what somebody took upon themselves at a meeting.
type Action struct {
	ID      uuid.UUID `json:"id" db:"id"`
	Meeting uuid.UUID `json:"meeting_id" db:"meeting_id"`
	Text    string    `json:"text" db:"text"`
	OwnerID uuid.UUID `json:"owner_id" db:"owner_id"`
	Owner   string    `json:"owner" db:"owner"`
	// Due is a day, "2026-12-08"; "" for none.
	Due    string     `json:"due,omitempty" db:"due"`
	DoneAt *time.Time `json:"done_at,omitempty" db:"done_at"`
	ToldAt *time.Time `json:"told_at,omitempty" db:"told_at"`
}

// Minutes are what a meeting came to.
type Minutes struct {
	Text      string     `json:"text"`
	Decisions []Decision `json:"decisions"`
	Actions   []Action   `json:"actions"`
	Version   int        `json:"version"`
}

// MinutesInput is the whole of a meeting's minutes: rows with an ID are changed,
// those left out or without a text go, the others are new, in the order given.
type MinutesInput struct {
	Version   int           `json:"version"`
	Text      string        `json:"text"`
	Decisions []Decision    `json:"decisions"`
	Actions   []ActionInput `json:"actions"`
	// Tell lets each owner know of their items, all at once.
	Tell bool `json:"tell"`
}

// ActionInput is an action item as an editor writes it.
type ActionInput struct {
	ID    uuid.UUID `json:"id"`
	Text  string    `json:"text"`
	Owner uuid.UUID `json:"owner"`
	Due   string    `json:"due"`
}

func (in *MinutesInput) check() error {
	var bad fault.Fields
	in.Text = strings.TrimSpace(in.Text)
	if utf8.RuneCountInString(in.Text) > MaxMinutesText {
		bad.Add("text", "schedule.text_long", "Max", MaxMinutesText)
	}
	if len(in.Decisions) > MaxRows || len(in.Actions) > MaxRows {
		bad.Add("text", "schedule.rows_many", "Max", MaxRows)
	}
	for i := range in.Decisions {
		d := &in.Decisions[i]
		if d.Text = strings.TrimSpace(d.Text); utf8.RuneCountInString(d.Text) > MaxDecision {
			bad.Add("decisions["+itoa(i)+"].text", "schedule.text_long", "Max", MaxDecision)
		}
	}
	for i := range in.Actions {
		x, at := &in.Actions[i], "actions["+itoa(i)+"]"
		x.Text = strings.TrimSpace(x.Text)
		if x.Text == "" {
			if x.ID == uuid.Nil && (x.Owner != uuid.Nil || x.Due != "") {
				bad.Add(at+".text", "schedule.action_text")
			}
			continue
		}
		if utf8.RuneCountInString(x.Text) > MaxAction {
			bad.Add(at+".text", "schedule.text_long", "Max", MaxAction)
		}
		if x.Owner == uuid.Nil {
			bad.Add(at+".owner", "schedule.action_owner")
		}
		if _, err := time.Parse(time.DateOnly, x.Due); x.Due != "" && err != nil {
			bad.Add(at+".due", "calendar.local.date")
		}
	}
	return bad.Err()
}

// Minutes reads what a meeting came to. Needs meeting:view.
func (s *Service) Minutes(ctx context.Context, a *access.Actor, id uuid.UUID) (*Meeting, *Minutes, error) {
	m, err := s.enter(ctx, a, id, PermView)
	if err != nil {
		return nil, nil, err
	}
	out := s.meeting(ctx, m)
	minutes, err := readMinutes(ctx, s.db, m)
	return &out, minutes, err
}

// SaveMinutes writes decisions and action items. With Tell each owner gets one
// notice with all their items that they were not told of yet. Needs
// meeting:register.
//
// Errors: NotFound; Invalid with fields ("actions[0].owner"); [ErrStale] when
// somebody saved another version; Conflict before the meeting begins and once it
// is closed.
func (s *Service) SaveMinutes(ctx context.Context, a *access.Actor, id uuid.UUID, in MinutesInput) error {
	if _, err := s.enter(ctx, a, id, PermRegister); err != nil {
		return err
	}
	if err := in.check(); err != nil {
		return err
	}
	return s.once(ctx, a, "meeting:minutes", []any{id, in}, func(ctx context.Context, tx *db.Tx) error {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if !m.registering(s.clock.Now()) {
			return s.notRegistering(m)
		}
		if m.MinutesVersion != in.Version {
			return ErrStale
		}
		if err := s.checkOwners(ctx, tx, m, &in); err != nil {
			return err
		}
		if err := putMinutes(ctx, tx, m, &in); err != nil {
			return err
		}
		if err := s.linked(ctx, tx, a, m.Network, m.ID, m.Title, in.Text); err != nil {
			return err
		}
		if err := s.note(ctx, tx, a, m, "meeting:minutes", "minutes", "decisions", "actions"); err != nil || !in.Tell {
			return err
		}
		return s.tellOwners(ctx, tx, m)
	})
}

// checkOwners refuses owners who are not in the network; those of rows that are
// there already may have left since.
func (s *Service) checkOwners(ctx context.Context, tx *db.Tx, m *meetingRow, in *MinutesInput) error {
	var bad fault.Fields
	for i, x := range in.Actions {
		if x.Text == "" {
			continue
		}
		ok, err := mayOwn(ctx, tx, m.Network, x.Owner, x.ID)
		if err != nil {
			return err
		}
		if !ok {
			bad.Add("actions["+itoa(i)+"].owner", "schedule.leader_unknown")
		}
	}
	return bad.Err()
}

// tellOwners tells each owner of the meeting's items that they do not know of
// yet: one notice a person.
func (s *Service) tellOwners(ctx context.Context, tx *db.Tx, m *meetingRow) error {
	items, err := takeUntold(ctx, tx, m.ID, s.clock.Now())
	if err != nil {
		return err
	}
	for i := 0; i < len(items); {
		j := i
		for j < len(items) && items[j].OwnerID == items[i].OwnerID {
			j++
		}
		msg := notify.Message{To: []uuid.UUID{items[i].OwnerID}, Wording: map[i18n.Lang]notify.Wording{}, Link: PathOf(m.ID), Network: m.Network}
		for _, l := range i18n.Langs {
			msg.Wording[l] = actionWording(l, m, items[i:j])
		}
		if err := s.notify.Send(ctx, tx, msg); err != nil {
			return err
		}
		i = j
	}
	return nil
}

// mostActionText keeps a notice below what the list takes.
const mostActionText = 3000

func actionWording(l i18n.Lang, m *meetingRow, items []Action) notify.Wording {
	var b strings.Builder
	for i := range items {
		line := "– " + items[i].Text
		if day, err := time.Parse(time.DateOnly, items[i].Due); err == nil {
			line = i18n.Text(l, "schedule.notice.actions.item", "Text", items[i].Text, "Due", show.Date(l, day))
		}
		if b.Len()+len(line) > mostActionText {
			b.WriteString("…")
			break
		}
		b.WriteString(line + "\n")
	}
	return notify.Wording{
		Title:  i18n.Plural(l, "schedule.notice.actions.title", len(items), "Title", m.Title),
		Text:   i18n.Text(l, "schedule.notice.actions.text", "Title", m.Title, "Starts", show.Date(l, m.Starts), "Items", strings.TrimSpace(b.String())),
		Action: i18n.Text(l, "schedule.notice.actions.action"),
	}
}

// Tick marks an action item as done, or open again. Its owner may, and whoever
// keeps the minutes (meeting:register); also after the meeting was closed.
//
// Errors: NotFound; Conflict in a network that is over.
func (s *Service) Tick(ctx context.Context, a *access.Actor, item uuid.UUID, done bool) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	x, err := readAction(ctx, s.db, item)
	if err != nil {
		return err
	}
	m, err := s.enter(ctx, a, x.Meeting, PermView)
	if err != nil {
		return err
	}
	if x.OwnerID != a.Person && !s.auth.Can(a, PermRegister, m.place()) {
		return fault.ErrNotFound
	}
	return s.once(ctx, a, "meeting.action:tick", []any{item, done}, func(ctx context.Context, tx *db.Tx) error {
		if err := holdOpen(ctx, tx, m.Network); err != nil {
			return err
		}
		if err := tickAction(ctx, tx, item, done, a.Person, s.clock.Now()); err != nil {
			return err
		}
		return s.audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: "meeting.action:tick", ObjectKind: "action_item", ObjectID: item.String(),
			ScopeKind: string(access.Network), ScopeID: m.Network, Fields: []string{"done"}})
	})
}
