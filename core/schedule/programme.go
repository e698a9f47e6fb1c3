package schedule

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// The states of a delivery.
const (
	Queued = "queued" // the letter waits to be sent
	Sent   = "sent"   // the mail server took it
	Failed = "failed"
	Listed = "listed" // the person gets no letters: it is in their list only
)

// Delivery is what became of the programme sent to one person.
type Delivery struct {
	Person
	State    string     `json:"state" db:"state"`
	QueuedAt time.Time  `json:"queued_at" db:"queued_at"`
	ReadAt   *time.Time `json:"read_at,omitempty" db:"read_at"`
}

// SendProgramme sends the agenda of an announced meeting, with the action items
// of earlier ones that are still open, to everybody invited by letter and keeps
// what becomes of each. Sending again after a change is a new
// sending to all; what counts then is the newest. It returns to how many it
// went. Needs meeting:manage.
//
// Errors: NotFound; Conflict before the meeting is announced, after it began,
// and without an agenda.
func (s *Service) SendProgramme(ctx context.Context, a *access.Actor, id uuid.UUID) (int, error) {
	if _, err := s.enter(ctx, a, id, PermManage); err != nil {
		return 0, err
	}
	return act(ctx, s, a, "meeting:programme", id, func(ctx context.Context, tx *db.Tx) (int, error) {
		m, err := s.hold(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		now := s.clock.Now()
		if !m.going(now) {
			return 0, conflict("schedule.programme_late")
		}
		_, d, err := readDetail(ctx, tx, id, uuid.Nil, now)
		if err != nil {
			return 0, err
		}
		if len(d.Items) == 0 {
			return 0, conflict("schedule.programme_empty")
		}
		to, err := invited(ctx, tx, m.Network, now)
		if err != nil {
			return 0, err
		}
		if len(to) == 0 {
			return 0, conflict("schedule.nobody_invited")
		}
		no := m.ProgrammeNo + 1
		if err := setProgramme(ctx, tx, id, now); err != nil {
			return 0, err
		}
		if err := insertDeliveries(ctx, tx, id, no, to, now); err != nil {
			return 0, err
		}
		if err := s.note(ctx, tx, a, m, "meeting:programme"); err != nil {
			return 0, err
		}
		x := telling{mail: true, once: onceKey("sent", id, no), args: map[string]any{"Agenda": agendaText(d.Items), "Returned": returnedText(d.Returned), "Place": m.Place}}
		return len(to), s.tell(ctx, tx, m, "schedule.notice.agenda", x, to...)
	})
}

// mostAgendaText keeps the letter's arguments below what the outbox takes.
const mostAgendaText = 6000

// agendaText is an agenda for a letter, an item a line: "1. Title (90 min), Name".
func agendaText(items []Item) string {
	var b strings.Builder
	for i := range items {
		line := fmt.Sprintf("%d. %s (%d min)", i+1, items[i].Title, items[i].Minutes)
		if items[i].Leader != "" {
			line += ", " + items[i].Leader
		}
		if b.Len()+len(line) > mostAgendaText {
			b.WriteString("…")
			break
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// returnedText is the open action items of earlier meetings for a letter, one a
// line: "– Text (Owner)".
func returnedText(list []Action) string {
	var b strings.Builder
	for i := range list {
		line := "– " + list[i].Text
		if list[i].Owner != "" {
			line += " (" + list[i].Owner + ")"
		}
		if b.Len()+len(line) > mostAgendaText/2 {
			b.WriteString("…")
			break
		}
		b.WriteString(line + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Deliveries tells what became of the newest programme sent, by name. Needs
// meeting:manage; none before it was sent.
func (s *Service) Deliveries(ctx context.Context, a *access.Actor, id uuid.UUID) ([]Delivery, error) {
	m, err := s.enter(ctx, a, id, PermManage)
	if err != nil {
		return nil, err
	}
	if m.ProgrammeNo == 0 {
		return nil, nil
	}
	return listDeliveries(ctx, s.db, id, m.ProgrammeNo)
}

// deliveryTime is how long after a sending its letters are looked after; notify
// keeps letters 30 days.
const deliveryTime = 40 * 24 * time.Hour

// SweepDeliveries notes what became of the letters sent lately.
func (s *Service) SweepDeliveries(ctx context.Context) error {
	return noteDeliveries(ctx, s.db, s.clock.Now().Add(-deliveryTime))
}

// Answer says whether and how the actor takes part; it can be changed until the
// meeting begins. Needs meeting:answer, and an invitation: who leads the network
// has none.
//
// Errors: NotFound; Invalid for a way that the meeting does not offer; Conflict
// when answers are no longer taken.
func (s *Service) Answer(ctx context.Context, a *access.Actor, id uuid.UUID, w Way) error {
	m, err := s.enter(ctx, a, id, PermAnswer)
	if err != nil {
		return err
	}
	where := m.where()
	if !where.Offers(w) {
		return fault.InvalidFields(fault.Field{Path: "answer", Key: "schedule.answer_missing"})
	}
	return s.once(ctx, a, "meeting:answer", []any{id, w}, func(ctx context.Context, tx *db.Tx) error {
		if err := holdOpen(ctx, tx, m.Network); err != nil {
			return err
		}
		now := s.clock.Now()
		ok, err := isInvited(ctx, tx, m.Network, a.Person, now)
		if err != nil {
			return err
		}
		if !ok {
			return fault.ErrNotFound
		}
		if ok, err = putAnswer(ctx, tx, id, a.Person, w, now); err != nil {
			return err
		}
		if !ok {
			return conflict("schedule.answers_over")
		}
		return s.note(ctx, tx, a, m, "meeting:answer", string(w))
	})
}
