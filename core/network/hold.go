package network

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/job"
)

// Places of people who have no confirmed account yet. Whoever accepts a mailed
// invitation makes an account, and that may wait for the school or centre. The
// yes is kept as an offer whose end nobody lives to see: the seat is counted, and
// the sweep does not pass it on. When the account is confirmed, [Service.Settle] brings the person in; when the module then wants a
// reason, they get the usual 48 hours to give it. When the account is refused,
// the seat goes to the next in line.

// holdTime is how long a seat is kept for an account that waits: the database
// wants an end for each offer, this one is never reached.
const holdTime = 10 * 365 * 24 * time.Hour

var _ identity.Host = (*Service)(nil)

// Accepted keeps a place for a person who made their account by an invitation to
// the network; nothing happens when the invitation or the network is over.
func (s *Service) Accepted(ctx context.Context, tx *db.Tx, person, network uuid.UUID) error {
	q, err := s.queue(ctx, tx, network)
	if err != nil {
		return err
	}
	if q.head.Status != Open {
		return nil
	}
	c, err := readCandidate(ctx, tx, network, person, q.now)
	if err != nil || !c.Invitation.Valid {
		return err
	}
	switch c.State {
	case Active, Offered, Waiting:
		return nil
	}
	// The answer was given in time, however long the account waits.
	if err := prolongInvitation(ctx, tx, c.Invitation.UUID, q.now.Add(MaxInvitation)); err != nil {
		return err
	}
	return q.hold(ctx, person, &c)
}

// hold is seat for somebody whose account waits: an offer kept, or a place in line.
func (q *queue) hold(ctx context.Context, person uuid.UUID, c *candidate) error {
	until := q.now.Add(holdTime)
	m := membershipRow{
		Network: q.head.ID, Person: person, State: Offered, Institution: c.Institution, Complex: c.Complex,
		Seat: access.Role(c.Role) == access.Participant, Until: &until, At: q.now,
	}
	if m.Seat {
		m.Second = q.head.OnePerSchool && c.Complex.Valid && c.SchoolPresent
		if q.mustWait(&m, c) {
			m.State, m.QueuedAt, m.Until = Waiting, &q.now, nil
		}
	}
	id, err := putMembership(ctx, q.tx, &m)
	if err != nil {
		return err
	}
	if m.Seat && m.State == Offered {
		if err := q.count.add(ctx, q.tx, q.head.ID, 1, 0); err != nil {
			return err
		}
	}
	by := &access.Actor{Person: person}
	if err := q.s.note(ctx, q.tx, by, q.head.ID, "network.invitation:accept", "membership", id, string(m.State)); err != nil {
		return err
	}
	return q.fill(ctx, by)
}

// settleArgs is the job that follows a decision about an account.
type settleArgs struct {
	Person uuid.UUID `json:"person"`
}

// Kind implements [job.Args].
func (settleArgs) Kind() string { return "network.account.settle" }

// Decided has places that were kept for the person settled soon after the commit.
func (s *Service) Decided(ctx context.Context, tx *db.Tx, person uuid.UUID) error {
	if s.jobs == nil {
		return nil
	}
	_, err := s.jobs.Insert(ctx, tx, settleArgs{Person: person}, nil)
	return err
}

// Settle brings a person whose account is confirmed into the networks that keep
// a place for them, and gives the places of a refused account to the next in
// line. It returns the network that the person is to look at: the last one
// settled; uuid.Nil when none was. Whoever has to answer the module first has
// 48 hours, from now. For the request of the person, who sees the network, and
// for the job, which tells them; safe to repeat.
func (s *Service) Settle(ctx context.Context, person uuid.UUID, tell bool) (uuid.UUID, error) {
	account, held, err := heldFor(ctx, s.db, person)
	if err != nil {
		return uuid.Nil, err
	}
	var last uuid.UUID
	var failed []error
	for _, h := range held {
		switch identity.State(account) {
		case identity.Active:
			last = h
			err = s.settle(ctx, person, h, tell)
		case identity.Pending:
			continue
		default:
			err = s.letGo(ctx, person, h)
		}
		if err != nil {
			failed = append(failed, err) // one broken network must not hold up the others
		}
	}
	return last, errors.Join(failed...)
}

func (s *Service) settle(ctx context.Context, person, network uuid.UUID, tell bool) error {
	out, err := s.Join(ctx, &access.Actor{Person: person}, network, Entry{})
	if err == nil {
		if !tell || out.State != Active {
			return nil
		}
		return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			h, err := readHead(ctx, tx, network)
			if err != nil {
				return err
			}
			return s.tell(ctx, tx, &h, "network.notice.in", "", false, "network.in:"+network.String()+":"+person.String(), nil, person)
		})
	}
	var ask *ReasonError
	switch f := fault.As(err); {
	case errors.As(err, &ask), f.Kind == fault.Invalid, f.Kind == fault.Unavailable:
	case f.Kind == fault.Conflict, f.Kind == fault.NotFound, f.Kind == fault.Forbidden:
		return nil // the network or the offer is over: nothing to settle
	default:
		return err
	}
	slog.InfoContext(ctx, "a kept place waits for its person's own answer", "network", network, "err", err)
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return err
		}
		return q.ask(ctx, person)
	})
}

// ask turns a kept place into an ordinary offer.
func (q *queue) ask(ctx context.Context, person uuid.UUID) error {
	m, err := memberOf(ctx, q.tx, q.head.ID, person)
	if err != nil || m.State != Offered {
		return err
	}
	until := q.now.Add(OfferTime)
	if err := offer(ctx, q.tx, m.ID, until, q.now); err != nil {
		return err
	}
	return q.s.tell(ctx, q.tx, &q.head, "network.notice.kept", "/zaproszenie", true, "", map[string]any{"Until": until}, person)
}

// letGo ends whatever a person who got no account had with a network.
func (s *Service) letGo(ctx context.Context, person, network uuid.UUID) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return err
		}
		m, err := memberOf(ctx, tx, network, person)
		if err != nil || m.State != Offered && m.State != Waiting {
			return err
		}
		return q.end(ctx, access.Core("core"), person, Expired, "", "network.offer:lapse")
	})
}

func (s *Service) settleJob(ctx context.Context, j *job.Job[settleArgs]) error {
	_, err := s.Settle(ctx, j.Args.Person, true)
	return errors.Join(err, s.remindOffers(ctx, j.Args.Person))
}
