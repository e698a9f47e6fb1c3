package network

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// ProposeHandover asks a member to take over the coordinator's role. One
// proposal is open at a time. Needs network.handover:propose; the actor must be
// the coordinator.
//
// Errors: NotFound; Conflict when one is open, the network is over, or the
// person is no active member; Invalid for oneself or a long note.
func (s *Service) ProposeHandover(ctx context.Context, a *access.Actor, network, to uuid.UUID, note string) (uuid.UUID, error) {
	h, err := s.change(ctx, a, network, PermHandover)
	if err != nil {
		return uuid.Nil, err
	}
	if err := h.alive(true); err != nil {
		return uuid.Nil, err
	}
	note = strings.TrimSpace(note)
	if err := checkText("note", note, MaxMessage); err != nil {
		return uuid.Nil, err
	}
	if to == a.Person || to == uuid.Nil {
		var f fault.Fields
		f.Add("to", "network.handover_whom")
		return uuid.Nil, f.Err()
	}
	return act(ctx, s, a, "network.handover:propose", []any{network, to, note}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return uuid.Nil, err
		}
		m, err := memberOf(ctx, tx, network, to)
		if err != nil || m.State != Active {
			return uuid.Nil, fault.New(fault.Conflict, "network.not_member")
		}
		id, err := insertHandover(ctx, tx, network, a.Person, to, note, q.now)
		if err != nil {
			return uuid.Nil, err
		}
		if err := s.note(ctx, tx, a, network, "network.handover:propose", "handover", id); err != nil {
			return uuid.Nil, err
		}
		return id, s.tell(ctx, tx, &h, "network.notice.handover", "/przekazanie", true, "", map[string]any{"Note": note}, to)
	})
}

// HandoverAnswer is what becomes of a proposed hand-over.
type HandoverAnswer string

// The answers: the member says yes or no, the coordinator takes the proposal
// back, a centre admin confirms it instead of the member.
const (
	HandoverAccept   HandoverAnswer = "accept"
	HandoverDecline  HandoverAnswer = "decline"
	HandoverWithdraw HandoverAnswer = "withdraw"
	HandoverConfirm  HandoverAnswer = "confirm"
)

// AnswerHandover ends an open proposal. On yes the rights move in this
// transaction: the member leads, the former coordinator is a participant.
//
// The member may accept and decline, who proposed may withdraw, and whoever has
// network.handover:confirm may confirm or withdraw. Both people are told of a
// new lead and of what an admin withdraws. NotFound for anybody else
// and when nothing is proposed; Conflict when people are no longer what they were.
func (s *Service) AnswerHandover(ctx context.Context, a *access.Actor, network uuid.UUID, answer HandoverAnswer) error {
	if err := signed(a); err != nil {
		return err
	}
	h, err := readHead(ctx, s.db, network)
	if err != nil {
		return err
	}
	if err := s.on(ctx, &h); err != nil {
		return err
	}
	admin := s.auth.Can(a, PermHandoverByHand, h.place())
	_, err = act(ctx, s, a, "network.handover:answer", []any{network, answer}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		o, err := openHandover(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, q.answerHandover(ctx, a, &o, answer, admin)
	})
	return err
}

func (q *queue) answerHandover(ctx context.Context, a *access.Actor, o *handoverRow, answer HandoverAnswer, admin bool) error {
	var state, told string
	var tell []uuid.UUID
	switch {
	case o.Email != "" && answer == HandoverConfirm && admin:
		return fault.New(fault.Conflict, "network.offer_waits")
	case answer == HandoverAccept && a.Person == o.To, answer == HandoverConfirm && admin:
		state, told, tell = "accepted", "network.notice.handover_accepted", []uuid.UUID{o.From}
	case answer == HandoverDecline && a.Person == o.To:
		state, told, tell = "declined", "network.notice.handover_declined", []uuid.UUID{o.From}
	case answer == HandoverWithdraw && (a.Person == o.From || admin):
		state, told = "withdrawn", "network.notice.handover_withdrawn"
		if o.To != uuid.Nil {
			tell = append(tell, o.To)
		}
		if a.Person != o.From {
			tell = append(tell, o.From)
		}
	default:
		return fault.ErrNotFound
	}
	if err := closeHandover(ctx, q.tx, o.ID, state, q.now); err != nil {
		return err
	}
	if state == "accepted" {
		if err := q.moveLead(ctx, a, o.From, o.To); err != nil {
			return err
		}
		if err := q.s.tell(ctx, q.tx, &q.head, "network.notice.coordinator", "", false, "", nil, o.To); err != nil {
			return err
		}
	}
	if err := q.s.note(ctx, q.tx, a, q.head.ID, "network.handover:"+string(answer), "handover", o.ID); err != nil {
		return err
	}
	return q.s.tell(ctx, q.tx, &q.head, told, "", false, "", nil, tell...)
}

// moveLead moves the coordinator's role between two active members, in one moment.
func (q *queue) moveLead(ctx context.Context, a *access.Actor, from, to uuid.UUID) error {
	leads, err := q.leads(ctx, from)
	if err != nil {
		return err
	}
	m, err := memberOf(ctx, q.tx, q.head.ID, to)
	if err != nil {
		return err
	}
	if !leads || m.State != Active {
		return fault.New(fault.Conflict, "network.handover_outdated")
	}
	if err := moveSeat(ctx, q.tx, q.head.ID, from, to, q.now); err != nil {
		return err
	}
	if err := access.Take(ctx, q.tx, from, access.Coordinator, access.Network, q.head.ID, q.now); err != nil {
		return err
	}
	if err := access.Take(ctx, q.tx, to, access.Participant, access.Network, q.head.ID, q.now); err != nil {
		return err
	}
	if err := access.Give(ctx, q.tx, access.Row{Person: from, Role: access.Participant, Kind: access.Network, Scope: q.head.ID, From: q.now, By: a.Person}); err != nil {
		return err
	}
	return access.Give(ctx, q.tx, access.Row{Person: to, Role: access.Coordinator, Kind: access.Network, Scope: q.head.ID, From: q.now, By: a.Person})
}

// ReplaceCoordinator puts another person in charge at once: the centre's way
// when a coordinator is gone. The person need not be a member, but a member or
// somebody whose account the actor may see. The former one stays as a
// participant. To any other address the role is offered, and everything stays as
// it is until it is taken up ([Service.AnswerLeadOffer]); offered is true then.
// Needs network.handover:confirm.
//
// Errors: NotFound; Invalid for a wrong address and for an account that is not in
// use; Conflict when the person leads already; TooMany after many offers.
func (s *Service) ReplaceCoordinator(ctx context.Context, a *access.Actor, network uuid.UUID, email string) (offered bool, err error) {
	h, err := s.change(ctx, a, network, PermHandoverByHand)
	if err != nil {
		return false, err
	}
	email = strings.ToLower(strings.TrimSpace(email))
	to, err := s.successor(ctx, a, network, email)
	if err != nil {
		return false, err
	}
	return act(ctx, s, a, "network.coordinator:replace", []any{network, email}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return false, err
		}
		if to == uuid.Nil {
			if err := withdrawAllHandovers(ctx, tx, network, q.now); err != nil {
				return false, err
			}
			return true, s.offerLead(ctx, tx, a, &h, email, false)
		}
		if err := q.replaceLead(ctx, a, to); err != nil {
			return false, err
		}
		if err := s.note(ctx, tx, a, network, "network.coordinator:replace", "person", to); err != nil {
			return false, err
		}
		return false, s.tell(ctx, tx, &h, "network.notice.coordinator", "", true, "", nil, to)
	})
}

// successor is the person of an address who can be put in charge at once;
// uuid.Nil where the role is to be offered.
func (s *Service) successor(ctx context.Context, a *access.Actor, network uuid.UUID, email string) (uuid.UUID, error) {
	wrong := func(key string) error { return fault.InvalidFields(fault.Field{Path: "email", Key: key}) }
	to, active, err := s.accounts.Seen(ctx, s.db, a, email)
	switch {
	case err != nil:
		return uuid.Nil, err
	case to != uuid.Nil && !active:
		return uuid.Nil, wrong("network.coordinator_unknown")
	case to != uuid.Nil:
		return to, nil
	}
	if to, err = memberAt(ctx, s.db, network, email); err != nil || to != uuid.Nil {
		return to, err
	}
	switch {
	case !isAddress(email):
		return uuid.Nil, wrong("network.email_wrong.plain")
	case !a.SignedIn():
		return uuid.Nil, wrong("network.coordinator_unknown")
	}
	return uuid.Nil, s.accounts.MayOffer(ctx, a)
}

func (q *queue) replaceLead(ctx context.Context, a *access.Actor, to uuid.UUID) error {
	leads, err := q.s.coordinators(ctx, q.tx, q.head.ID)
	if err != nil {
		return err
	}
	for _, l := range leads {
		if l == to {
			return fault.New(fault.Conflict, "network.leads_already")
		}
	}
	if err := withdrawAllHandovers(ctx, q.tx, q.head.ID, q.now); err != nil {
		return err
	}
	m, err := memberOf(ctx, q.tx, q.head.ID, to)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	inside := err == nil && m.State == Active
	if !inside {
		if err := q.s.seatCoordinator(ctx, q.tx, a, q.head.ID, to); err != nil {
			return err
		}
	}
	for _, l := range leads {
		if inside {
			if err := q.moveLead(ctx, a, l, to); err != nil {
				return err
			}
			continue
		}
		if err := access.Take(ctx, q.tx, l, access.Coordinator, access.Network, q.head.ID, q.now); err != nil {
			return err
		}
		if err := access.Give(ctx, q.tx, access.Row{Person: l, Role: access.Participant, Kind: access.Network, Scope: q.head.ID, From: q.now, By: a.Person}); err != nil {
			return err
		}
	}
	if inside && len(leads) == 0 {
		return access.Give(ctx, q.tx, access.Row{Person: to, Role: access.Coordinator, Kind: access.Network, Scope: q.head.ID, From: q.now, By: a.Person})
	}
	return nil
}

// HandoverView is the open hand-over of a network as its page shows it.
type HandoverView struct {
	Network  Brief     `json:"-"`
	ID       uuid.UUID `json:"id"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	Note     string    `json:"note"`
	ForMe    bool      `json:"for_me"`
	ByMe     bool      `json:"by_me"`
	Proposed bool      `json:"proposed"`
	// Offered: To is an address, to whose owner the role was offered.
	Offered bool `json:"offered"`
}

// Handover reads the open proposal of a network for those concerned: who leads
// it, who was asked, who may confirm. Proposed is false when there is none.
func (s *Service) Handover(ctx context.Context, a *access.Actor, network uuid.UUID) (HandoverView, error) {
	h, err := s.enter(ctx, a, network, PermView)
	if err != nil {
		return HandoverView{}, err
	}
	o, err := openHandover(ctx, s.db, network)
	if fault.Is(err, fault.NotFound) {
		if s.auth.Can(a, PermHandover, h.place()) || s.auth.Can(a, PermHandoverByHand, h.place()) {
			return HandoverView{Network: s.brief(a, &h)}, nil
		}
	}
	if err != nil {
		return HandoverView{}, err
	}
	v := HandoverView{Network: s.brief(a, &h), ID: o.ID, From: o.FromName, To: o.ToName, Note: o.Note, ForMe: o.To == a.Person, ByMe: o.From == a.Person, Proposed: true, Offered: o.Email != ""}
	if !v.ForMe && !v.ByMe && !s.auth.Can(a, PermHandoverByHand, h.place()) {
		return HandoverView{}, fault.ErrNotFound
	}
	return v, nil
}

// Succeed makes an active member the coordinator in place of the present one,
// as part of the transaction of an election that the centre confirms: both
// roles move at once, open proposals of a hand-over end. The caller has
// authorised it and tells people. Conflict when nobody leads, or the person is
// no active member any more.
func (s *Service) Succeed(ctx context.Context, tx *db.Tx, a *access.Actor, network, to uuid.UUID) error {
	q, err := s.queue(ctx, tx, network)
	if err != nil {
		return err
	}
	leads, err := s.coordinators(ctx, tx, network)
	if err != nil {
		return err
	}
	if len(leads) == 0 || slices.Contains(leads, to) {
		return fault.New(fault.Conflict, "network.handover_outdated")
	}
	if err := withdrawAllHandovers(ctx, tx, network, q.now); err != nil {
		return err
	}
	if err := q.moveLead(ctx, a, leads[0], to); err != nil {
		return err
	}
	return s.note(ctx, tx, a, network, "network.coordinator:elected", "person", to)
}
