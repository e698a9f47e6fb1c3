package network

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// Entry is what a person says when coming in.
type Entry struct {
	// Message is for the coordinator, with a request.
	Message string `json:"message"`
	// Reasons answer warnings of the module.
	Reasons []effect.Acknowledgement `json:"reasons"`
}

// Answered is where an act on a membership led.
type Answered struct {
	State State `json:"state"`
	// Place in the waiting list, from 1; 0 when not waiting.
	Place int `json:"place,omitempty"`
	// Until is the end of an offer.
	Until *time.Time `json:"until,omitempty"`
}

// Join brings the actor in: by an invitation that is in force, at once into an
// open network (or into its waiting list), or as a request. Needs network:join.
// Who is in already, waits or asked stays as they are; an offer is accepted.
//
// Errors: Unauthenticated; NotFound for drafts and strangers; Forbidden when the
// network takes only the invited; Conflict when it is over, or the offer lapsed;
// Invalid for a long message; [ReasonError] when the module warns.
func (s *Service) Join(ctx context.Context, a *access.Actor, network uuid.UUID, in Entry) (Answered, error) {
	if err := signed(a); err != nil {
		return Answered{}, err
	}
	h, err := s.openFor(ctx, a, network)
	if err != nil {
		return Answered{}, err
	}
	if err := checkText("message", in.Message, MaxMessage); err != nil {
		return Answered{}, err
	}
	c, err := readCandidate(ctx, s.db, network, a.Person, s.clock.Now())
	if err != nil {
		return Answered{}, err
	}
	// Reasons that whoever invited gave count for the invited, too.
	given := in.Reasons
	var before []effect.Acknowledgement
	if json.Unmarshal(c.Reasons, &before) == nil {
		given = append(before, given...)
	}
	out, err := guarded(ctx, s, a, &h, a.Person, access.Participant, given, func(ctx context.Context, confirm confirmer) (Answered, error) {
		return act(ctx, s, a, "network:join", []any{network, in}, func(ctx context.Context, tx *db.Tx) (Answered, error) {
			return s.join(ctx, tx, a, network, in, confirm)
		})
	})
	if err == nil && out.State == Expired {
		err = fault.New(fault.Conflict, "network.offer_lapsed")
	}
	return out, err
}

// openFor reads a network that the actor may join.
func (s *Service) openFor(ctx context.Context, a *access.Actor, network uuid.UUID) (head, error) {
	h, err := readHead(ctx, s.db, network)
	if err != nil {
		return h, err
	}
	if err := s.auth.Require(a, PermJoin, h.place()); err != nil {
		return h, err
	}
	if h.Status == Draft && !s.auth.Can(a, PermView, h.place()) {
		return h, fault.ErrNotFound
	}
	if err := s.on(ctx, &h); err != nil {
		return h, err
	}
	return h, h.alive(false)
}

// join decides under the seat lock.
func (s *Service) join(ctx context.Context, tx *db.Tx, a *access.Actor, network uuid.UUID, in Entry, confirm confirmer) (Answered, error) {
	q, err := s.queue(ctx, tx, network)
	if err != nil {
		return Answered{}, err
	}
	if err := q.head.alive(false); err != nil {
		return Answered{}, err
	}
	c, err := readCandidate(ctx, tx, network, a.Person, q.now)
	if err != nil {
		return Answered{}, err
	}
	switch c.State {
	case Active:
		return Answered{State: Active}, nil
	case Offered:
		return q.takeOffer(ctx, a, a.Person, &c)
	case Waiting:
		return q.standing(ctx, a.Person)
	case Requested:
		if !c.Invitation.Valid {
			return Answered{State: Requested}, nil
		}
	}
	if err := confirm(ctx, tx); err != nil {
		return Answered{}, err
	}
	switch {
	case c.Invitation.Valid:
		return q.seat(ctx, a, a.Person, &c, access.Role(c.Role), "network:join")
	case q.head.Join == JoinInvitation:
		return Answered{}, fault.New(fault.Forbidden, "network.only_invited")
	case q.head.Join == JoinRequest || c.State == Removed:
		return q.request(ctx, a, &c, in.Message)
	}
	return q.seat(ctx, a, a.Person, &c, access.Participant, "network:join")
}

// queue is a network whose seats are locked by this transaction.
type queue struct {
	s     *Service
	tx    *db.Tx
	head  head
	count seats
	now   time.Time
}

// queue locks the seats of a network and reads it in a fresh snapshot.
func (s *Service) queue(ctx context.Context, tx *db.Tx, network uuid.UUID) (*queue, error) {
	se, err := lockSeats(ctx, tx, network)
	if err != nil {
		return nil, err
	}
	h, err := readHead(ctx, tx, network)
	if err != nil {
		return nil, err
	}
	return &queue{s: s, tx: tx, head: h, count: se, now: s.clock.Now()}, nil
}

// seat gives the person a seat, or a place in the waiting list. Roles other
// than participant take no seat. by audits who decided.
func (q *queue) seat(ctx context.Context, by *access.Actor, person uuid.UUID, c *candidate, role access.Role, action string) (Answered, error) {
	if role == "" {
		role = access.Participant
	}
	m := membershipRow{
		Network: q.head.ID, Person: person, State: Active, Institution: c.Institution, Complex: c.Complex,
		Seat: role == access.Participant, JoinedAt: &q.now, Message: c.Message, At: q.now,
	}
	if m.Seat {
		m.Second = q.head.OnePerSchool && c.Complex.Valid && c.SchoolPresent
		if q.mustWait(&m, c) {
			m.State, m.QueuedAt, m.JoinedAt = Waiting, &q.now, nil
		}
	}
	id, err := putMembership(ctx, q.tx, &m)
	if err != nil {
		return Answered{}, err
	}
	if err := q.s.note(ctx, q.tx, by, q.head.ID, action, "membership", id, string(m.State)); err != nil {
		return Answered{}, err
	}
	if m.State == Waiting {
		if err := q.fill(ctx, by); err != nil {
			return Answered{}, err
		}
		return q.standing(ctx, person)
	}
	if err := q.admit(ctx, by, person, id, role, m.Seat, true); err != nil {
		return Answered{}, err
	}
	return Answered{State: Active}, nil
}

// mustWait decides between a seat and the waiting list: nobody overtakes, and
// a second of a school waits while firsts have priority.
func (q *queue) mustWait(m *membershipRow, c *candidate) bool {
	if q.count.free() <= 0 {
		return true
	}
	if m.Second {
		return q.head.priority(q.now) || c.AnybodyWaits
	}
	return c.FirstsWait
}

// admit counts a new member, gives the role and tells the module's event line.
func (q *queue) admit(ctx context.Context, by *access.Actor, person, membership uuid.UUID, role access.Role, seat, takes bool) error {
	taken := 0
	if seat && takes {
		taken = 1
	}
	if err := q.count.add(ctx, q.tx, q.head.ID, taken, 1); err != nil {
		return err
	}
	if err := access.Give(ctx, q.tx, access.Row{Person: person, Role: role, Kind: access.Network, Scope: q.head.ID, From: q.now, By: by.Person}); err != nil {
		return err
	}
	return q.s.emit(ctx, q.tx, &q.head, "member.joined", memberEvent{Person: person, Membership: membership, Role: role})
}

// memberEvent is the data of member.joined and member.left (plugins/proto/SOURCES.md).
type memberEvent struct {
	Person     uuid.UUID   `json:"person"`
	Membership uuid.UUID   `json:"membership"`
	Role       access.Role `json:"role"`
}

// request notes the wish and tells the coordinator once a day.
func (q *queue) request(ctx context.Context, a *access.Actor, c *candidate, message string) (Answered, error) {
	id, err := putMembership(ctx, q.tx, &membershipRow{
		Network: q.head.ID, Person: a.Person, State: Requested, Institution: c.Institution, Complex: c.Complex,
		Seat: true, Message: message, At: q.now, QueuedAt: &q.now,
	})
	if err != nil {
		return Answered{}, err
	}
	if err := q.s.note(ctx, q.tx, a, q.head.ID, "network:join", "membership", id, string(Requested)); err != nil {
		return Answered{}, err
	}
	leads, err := q.s.coordinators(ctx, q.tx, q.head.ID)
	if err != nil {
		return Answered{}, err
	}
	once := "network.request:" + q.head.ID.String() + ":" + q.now.Format(time.DateOnly)
	err = q.s.tell(ctx, q.tx, &q.head, "network.notice.requests", "/uczestnicy/zgloszenia", false, once, nil, leads...)
	return Answered{State: Requested}, err
}

// standing is where a person stands now.
func (q *queue) standing(ctx context.Context, person uuid.UUID) (Answered, error) {
	return standingOf(ctx, q.tx, q.head.ID, person)
}

// takeOffer turns an offered seat into membership, or lets it lapse when its
// time is over; the caller then reports Expired.
func (q *queue) takeOffer(ctx context.Context, a *access.Actor, person uuid.UUID, c *candidate) (Answered, error) {
	if c.Until != nil && !q.now.Before(*c.Until) {
		if err := q.lapse(ctx); err != nil {
			return Answered{}, err
		}
		return Answered{State: Expired}, nil
	}
	role := access.Participant
	if !c.Seat { // an invited expert or moderator, whose account had to be confirmed first
		if role = access.Role(c.Role); role == "" {
			return Answered{}, fault.New(fault.Conflict, "network.only_invited")
		}
	}
	id, err := putMembership(ctx, q.tx, &membershipRow{
		Network: q.head.ID, Person: person, State: Active, Institution: c.Institution, Complex: c.Complex,
		Seat: c.Seat, Second: c.Second, JoinedAt: &q.now, Message: c.Message, At: q.now,
	})
	if err != nil {
		return Answered{}, err
	}
	if err := q.s.note(ctx, q.tx, a, q.head.ID, "network.offer:accept", "membership", id); err != nil {
		return Answered{}, err
	}
	return Answered{State: Active}, q.admit(ctx, a, person, id, role, c.Seat, false)
}
