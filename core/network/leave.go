package network

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Leave ends whatever the actor has with the network: membership, place in
// line, request, offer, invitation. The seat goes to the next in line as an
// offer. A coordinator hands over first.
//
// Errors: Unauthenticated; NotFound for a network not seen; Conflict for a
// coordinator, and when there is nothing to leave.
func (s *Service) Leave(ctx context.Context, a *access.Actor, network uuid.UUID) (Answered, error) {
	if err := signed(a); err != nil {
		return Answered{}, err
	}
	h, err := readHead(ctx, s.db, network)
	if err != nil {
		return Answered{}, err
	}
	if h.Status == Draft && !s.auth.Can(a, PermView, h.place()) {
		return Answered{}, fault.ErrNotFound
	}
	if err := h.alive(true); err != nil { // who took part in a network that is over stays in its account
		return Answered{}, err
	}
	return act(ctx, s, a, "network:leave", network, func(ctx context.Context, tx *db.Tx) (Answered, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return Answered{}, err
		}
		c, err := readCandidate(ctx, tx, network, a.Person, q.now)
		if err != nil {
			return Answered{}, err
		}
		return q.leave(ctx, a, &c)
	})
}

func (q *queue) leave(ctx context.Context, a *access.Actor, c *candidate) (Answered, error) {
	switch c.State {
	case Active:
		leads, err := q.leads(ctx, a.Person)
		if err != nil {
			return Answered{}, err
		}
		if leads {
			return Answered{}, fault.New(fault.Conflict, "network.coordinator_stays")
		}
		return Answered{State: Left}, q.end(ctx, a, a.Person, Left, "", "network:leave")
	case Offered, Waiting, Requested:
		return Answered{State: Declined}, q.end(ctx, a, a.Person, Declined, "", "network:leave")
	}
	if !c.Invitation.Valid {
		return Answered{}, fault.New(fault.Conflict, "network.nothing_to_leave")
	}
	if c.State == Declined {
		return Answered{State: Declined}, nil
	}
	id, err := putMembership(ctx, q.tx, &membershipRow{
		Network: q.head.ID, Person: a.Person, State: Declined, Institution: c.Institution, Complex: c.Complex,
		Seat: true, EndedAt: &q.now, At: q.now,
	})
	if err != nil {
		return Answered{}, err
	}
	return Answered{State: Declined}, q.s.note(ctx, q.tx, a, q.head.ID, "network.invitation:decline", "membership", id)
}

// leads reports whether the person is the network's coordinator.
func (q *queue) leads(ctx context.Context, person uuid.UUID) (bool, error) {
	leads, err := q.s.coordinators(ctx, q.tx, q.head.ID)
	if err != nil {
		return false, err
	}
	for _, l := range leads {
		if l == person {
			return true, nil
		}
	}
	return false, nil
}

// end lets a person go: their row, seat and roles, then the next of their
// school and the next in line.
func (q *queue) end(ctx context.Context, by *access.Actor, person uuid.UUID, to State, note, action string) error {
	m, err := memberOf(ctx, q.tx, q.head.ID, person)
	if err != nil {
		return err
	}
	if err := endMembership(ctx, q.tx, m.ID, to, note, q.now); err != nil {
		return err
	}
	taken, members := 0, 0
	if m.Seat && (m.State == Active || m.State == Offered) {
		taken = -1
	}
	if m.State == Active {
		members = -1
		if err := access.TakeAllAt(ctx, q.tx, person, access.Network, q.head.ID, q.now); err != nil {
			return err
		}
		if err := withdrawHandovers(ctx, q.tx, q.head.ID, person, q.now); err != nil {
			return err
		}
		if err := q.s.emit(ctx, q.tx, &q.head, "member.left", memberEvent{Person: person, Membership: m.ID, Role: access.Participant}); err != nil {
			return err
		}
	}
	if err := q.count.add(ctx, q.tx, q.head.ID, taken, members); err != nil {
		return err
	}
	if err := q.s.note(ctx, q.tx, by, q.head.ID, action, "membership", m.ID, string(to)); err != nil {
		return err
	}
	if err := promote(ctx, q.tx, q.head.ID, m.Complex); err != nil {
		return err
	}
	return q.fill(ctx, by)
}

// Remove ends a membership with a reason that the person is told. Needs
// network.member:manage.
//
// Errors: NotFound; Invalid without a reason; Conflict for the coordinator or
// somebody who is not a member.
func (s *Service) Remove(ctx context.Context, a *access.Actor, network, person uuid.UUID, reason string) error {
	h, err := s.change(ctx, a, network, PermManage)
	if err != nil {
		return err
	}
	if err := h.alive(true); err != nil {
		return err
	}
	if err := needText("reason", reason, MaxMessage); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "network.member:remove", []any{network, person, reason}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, q.remove(ctx, a, person, reason)
	})
	return err
}

func (q *queue) remove(ctx context.Context, a *access.Actor, person uuid.UUID, reason string) error {
	m, err := memberOf(ctx, q.tx, q.head.ID, person)
	if err != nil {
		return err
	}
	switch m.State {
	case Active, Waiting, Offered:
	default:
		return fault.New(fault.Conflict, "network.not_member")
	}
	leads, err := q.leads(ctx, person)
	if err != nil {
		return err
	}
	if leads {
		return fault.New(fault.Conflict, "network.coordinator_stays")
	}
	if err := q.end(ctx, a, person, Removed, reason, "network.member:remove"); err != nil {
		return err
	}
	return q.s.tell(ctx, q.tx, &q.head, "network.notice.removed", "", true, "", map[string]any{"Reason": reason}, person)
}
