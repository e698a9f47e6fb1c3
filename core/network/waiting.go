package network

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
)

// fill offers free seats to those first in line. Seconds of a school are passed
// over while firsts have priority.
func (q *queue) fill(ctx context.Context, by *access.Actor) error {
	free := q.count.free()
	if free <= 0 || q.head.Status != Open {
		return nil
	}
	next, err := nextInLine(ctx, q.tx, q.head.ID, !q.head.priority(q.now), free)
	if err != nil {
		return err
	}
	for i := range next {
		if err := q.offer(ctx, by, &next[i]); err != nil {
			return err
		}
	}
	return nil
}

// offer keeps a seat for a waiting person and tells them. Somebody whose
// account still waits said yes before: they have all the time, and are told
// when the account is confirmed.
func (q *queue) offer(ctx context.Context, by *access.Actor, m *member) error {
	until, pending := q.now.Add(OfferTime), m.Account == string(identity.Pending)
	if pending {
		until = q.now.Add(holdTime)
	}
	if err := offer(ctx, q.tx, m.ID, until, q.now); err != nil {
		return err
	}
	if err := q.count.add(ctx, q.tx, q.head.ID, 1, 0); err != nil {
		return err
	}
	if err := q.s.note(ctx, q.tx, by, q.head.ID, "network.offer:make", "membership", m.ID); err != nil || pending {
		return err
	}
	return q.s.tell(ctx, q.tx, &q.head, "network.notice.offer", "/zaproszenie", true, "", map[string]any{"Until": until}, m.Person)
}

// lapse ends the offers of the network whose time is over and passes the seats on.
func (q *queue) lapse(ctx context.Context) error {
	over, err := lapsed(ctx, q.tx, q.head.ID, q.now)
	if err != nil {
		return err
	}
	core := access.Core("core")
	for i := range over {
		m := &over[i]
		if err := endMembership(ctx, q.tx, m.ID, Expired, "", q.now); err != nil {
			return err
		}
		if m.Seat {
			if err := q.count.add(ctx, q.tx, q.head.ID, -1, 0); err != nil {
				return err
			}
		}
		if err := q.s.note(ctx, q.tx, core, q.head.ID, "network.offer:lapse", "membership", m.ID); err != nil {
			return err
		}
		if err := q.s.tell(ctx, q.tx, &q.head, "network.notice.lapsed", "", false, "", nil, m.Person); err != nil {
			return err
		}
		if err := promote(ctx, q.tx, q.head.ID, m.Complex); err != nil {
			return err
		}
	}
	return q.fill(ctx, core)
}

// Offer gives a free seat to a waiting person out of turn, for example to a
// second of a school whose colleagues the others have not used up. Needs
// network.member:manage. Conflict when no seat is free or nobody waits there.
func (s *Service) Offer(ctx context.Context, a *access.Actor, network, membership uuid.UUID) error {
	if _, err := s.change(ctx, a, network, PermManage); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "network.offer:make", []any{network, membership}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		if err := q.head.alive(false); err != nil {
			return struct{}{}, err
		}
		m, err := memberByID(ctx, tx, network, membership)
		if err != nil {
			return struct{}{}, err
		}
		switch {
		case m.State != Waiting:
			return struct{}{}, fault.New(fault.Conflict, "network.not_waiting")
		case q.count.free() <= 0:
			return struct{}{}, fault.New(fault.Conflict, "network.full")
		}
		return struct{}{}, q.offer(ctx, a, &m)
	})
	return err
}

// DecideRequest answers a request to join: yes gives a seat or a place in the
// waiting list, no needs a reason. Needs network.member:manage.
//
// Errors: NotFound; Invalid without a reason; Conflict when it was decided
// already; [ReasonError] when the module warns and reasons are missing.
func (s *Service) DecideRequest(ctx context.Context, a *access.Actor, network, membership uuid.UUID, d RequestDecision) (Answered, error) {
	h, err := s.change(ctx, a, network, PermManage)
	if err != nil {
		return Answered{}, err
	}
	if !d.Accept {
		if err := needText("note", d.Note, MaxMessage); err != nil {
			return Answered{}, err
		}
	}
	m, err := memberByID(ctx, s.db, network, membership)
	if err != nil {
		return Answered{}, err
	}
	decide := func(ctx context.Context, confirm confirmer) (Answered, error) {
		return act(ctx, s, a, "network.request:decide", []any{network, membership, d}, func(ctx context.Context, tx *db.Tx) (Answered, error) {
			q, err := s.queue(ctx, tx, network)
			if err != nil {
				return Answered{}, err
			}
			return q.decide(ctx, a, m.Person, d, confirm)
		})
	}
	if !d.Accept {
		return decide(ctx, nil)
	}
	return guarded(ctx, s, a, &h, m.Person, access.Participant, d.Reasons, decide)
}

func (q *queue) decide(ctx context.Context, a *access.Actor, person uuid.UUID, d RequestDecision, confirm confirmer) (Answered, error) {
	if err := q.head.alive(false); err != nil {
		return Answered{}, err
	}
	c, err := readCandidate(ctx, q.tx, q.head.ID, person, q.now)
	if err != nil {
		return Answered{}, err
	}
	if c.State != Requested {
		return Answered{}, fault.New(fault.Conflict, "network.request_decided")
	}
	if !d.Accept {
		if err := q.end(ctx, a, person, Refused, d.Note, "network.request:refuse"); err != nil {
			return Answered{}, err
		}
		return Answered{State: Refused}, q.s.tell(ctx, q.tx, &q.head, "network.notice.refused", "", false, "", map[string]any{"Reason": d.Note}, person)
	}
	if err := confirm(ctx, q.tx); err != nil {
		return Answered{}, err
	}
	out, err := q.seat(ctx, a, person, &c, access.Participant, "network.request:accept")
	if err != nil {
		return Answered{}, err
	}
	key := "network.notice.accepted"
	if out.State != Active {
		key = "network.notice.queued"
	}
	if out.State == Offered { // told by the offer
		return out, nil
	}
	return out, q.s.tell(ctx, q.tx, &q.head, key, "", false, "", map[string]any{"Place": out.Place}, person)
}
