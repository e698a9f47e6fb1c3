package network

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/place"
)

// Offering the lead to an address. Whoever founds a network, or replaces its
// coordinator, may name an address of which they know no account: of somebody
// in another territory, or of nobody. Both are answered alike, so that nobody
// learns who is on the platform, and nobody gets an office unasked: the role is
// offered by a letter, and moves when the owner of the address, signed in, takes
// it up. Who has no account makes one by the letter, and finds the offer when it
// is in use.

// leadPage, below a network, is where the owner of an address answers.
const leadPage = "/koordynator"

// offerLead offers the coordinator's role to an address; standIn when the actor
// leads until then.
func (s *Service) offerLead(ctx context.Context, tx *db.Tx, a *access.Actor, h *head, email string, standIn bool) error {
	id, err := insertLeadOffer(ctx, tx, h.ID, a.Person, email, standIn, s.clock.Now())
	if err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, h.ID, "network.handover:offer", "handover", id); err != nil {
		return err
	}
	person, told, err := s.accounts.AskTx(ctx, tx, identity.Ask{Email: email, By: a.Person, To: h.ID, Title: h.Title, Path: pathOf(h.ID) + leadPage,
		Key: "network.mail.lead_offer", Args: map[string]any{"Title": h.Title}})
	if err != nil || told {
		return err
	}
	return s.tell(ctx, tx, h, "network.notice.lead_offer", leadPage, true, "network.lead_offer:"+id.String(), nil, person)
}

// LeadOffer is the coordinator's role of a network, offered to one's own address.
type LeadOffer struct {
	Network uuid.UUID `json:"network"`
	Title   string    `json:"title"`
	Aim     string    `json:"aim"`
	Centre  string    `json:"centre"` // its name and place
	Year    int       `json:"school_year"`
	From    string    `json:"from"` // who offers
}

// LeadOffer reads an offer of the coordinator's role to the actor's address;
// NotFound when there is none.
func (s *Service) LeadOffer(ctx context.Context, a *access.Actor, network uuid.UUID) (LeadOffer, error) {
	if err := signed(a); err != nil {
		return LeadOffer{}, err
	}
	o, err := openLeadOffer(ctx, s.db, network, a.Person)
	if err != nil {
		return LeadOffer{}, err
	}
	h, err := readHead(ctx, s.db, network)
	if err != nil {
		return LeadOffer{}, err
	}
	c, err := centreOf(ctx, s.db, h.Centre)
	return LeadOffer{Network: h.ID, Title: h.Title, Aim: h.Aim, Centre: c.Label(ctx, c.Name), Year: h.SchoolYear, From: o.FromName}, err
}

// LeadOffered is the network whose lead was offered to the person last and waits
// for their answer; uuid.Nil for none.
func (s *Service) LeadOffered(ctx context.Context, person uuid.UUID) (uuid.UUID, error) {
	ids, err := leadOffers(ctx, s.db, person)
	if err != nil || len(ids) == 0 {
		return uuid.Nil, err
	}
	return ids[0], nil
}

// AnswerLeadOffer takes up the coordinator's role that was offered to the actor's
// address, or declines it; whoever offered it is told. On yes the role moves in
// this transaction: who led only until then leaves, another former coordinator
// stays as a participant. NotFound when nothing was offered; Conflict when the
// network is over.
func (s *Service) AnswerLeadOffer(ctx context.Context, a *access.Actor, network uuid.UUID, accept bool) error {
	if err := signed(a); err != nil {
		return err
	}
	h, err := readHead(ctx, s.db, network)
	if err != nil {
		return err
	}
	if _, err := openLeadOffer(ctx, s.db, network, a.Person); err != nil {
		return err
	}
	if err := s.on(ctx, &h); err != nil {
		return err
	}
	_, err = act(ctx, s, a, "network.lead_offer:answer", []any{network, accept}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		o, err := openLeadOffer(ctx, tx, network, a.Person)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, q.answerLeadOffer(ctx, a, &o, accept)
	})
	return err
}

func (q *queue) answerLeadOffer(ctx context.Context, a *access.Actor, o *handoverRow, accept bool) error {
	state, action, told := "declined", "network.handover:decline", "network.notice.lead_declined"
	if accept {
		if err := q.head.alive(true); err != nil {
			return err
		}
		state, action, told = "accepted", "network.handover:accept", "network.notice.lead_accepted"
	}
	if err := closeHandover(ctx, q.tx, o.ID, state, q.now); err != nil {
		return err
	}
	if accept {
		if err := q.replaceLead(ctx, a, a.Person); err != nil {
			return err
		}
		if o.StandIn && o.From != a.Person {
			again, err := q.s.queue(ctx, q.tx, q.head.ID) // counted anew
			if err != nil {
				return err
			}
			if err := again.end(ctx, a, o.From, Left, "", "network:leave"); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
	}
	if err := q.s.note(ctx, q.tx, a, q.head.ID, action, "handover", o.ID); err != nil {
		return err
	}
	return q.s.tell(ctx, q.tx, &q.head, told, "", false, "", nil, o.From)
}

// remindOffers tells somebody whose account is in use now of what was offered to
// their address before.
func (s *Service) remindOffers(ctx context.Context, person uuid.UUID) error {
	ids, err := leadOffers(ctx, s.db, person)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			h, err := readHead(ctx, tx, id)
			if err != nil {
				return err
			}
			return s.tell(ctx, tx, &h, "network.notice.lead_offer", leadPage, true, "network.lead_offer:"+id.String()+":"+person.String(), nil, person)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// centreRow names who runs a network.
type centreRow struct {
	Name string `db:"name"`
	place.Where
}
