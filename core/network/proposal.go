package network

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Bounds of proposals.
const (
	MinProposal  = 3
	MaxProposal  = 200
	MaxBody      = 4000
	MaxVoteTime  = 90 * 24 * time.Hour
	MinVoteTime  = 5 * time.Minute
	proposalPage = 20
)

// Choice is a vote.
type Choice string

// The choices.
const (
	Yes     Choice = "yes"
	No      Choice = "no"
	Abstain Choice = "abstain"
)

// Choices lists the choices as forms offer them.
var Choices = []Choice{Yes, No, Abstain}

// Proposal is a member's idea, put to the vote by the coordinator.
type Proposal struct {
	ID        uuid.UUID  `json:"id" db:"id"`
	Title     string     `json:"title" db:"title"`
	Body      string     `json:"body" db:"body"`
	Author    string     `json:"author" db:"author"`
	Mine      bool       `json:"mine" db:"mine"`
	State     string     `json:"state" db:"state"` // open, voting, adopted, rejected, withdrawn
	Until     *time.Time `json:"vote_until,omitempty" db:"vote_until"`
	CreatedAt time.Time  `json:"created_at" db:"created_at"`
	Yes       int        `json:"yes" db:"yes"`
	No        int        `json:"no" db:"no"`
	Abstain   int        `json:"abstain" db:"abstain"`
	MyVote    Choice     `json:"my_vote,omitempty" db:"my_vote"`
	// Over is true from the deadline on, also before the sweep wrote the result.
	Over bool `json:"over" db:"over"`
}

// ProposalsPage is a page of proposals.
type ProposalsPage struct {
	Network Brief
	Items   []Proposal
	Next    string
}

// Proposals lists a network's proposals, newest first, with votes counted.
// Needs network.proposal:list. cursor is the Next of the page before.
func (s *Service) Proposals(ctx context.Context, a *access.Actor, network uuid.UUID, cursor string) (ProposalsPage, error) {
	h, err := s.enter(ctx, a, network, PermProposals)
	if err != nil {
		return ProposalsPage{}, err
	}
	before, err := idCursor(cursor)
	if err != nil {
		return ProposalsPage{}, err
	}
	rows, err := listProposals(ctx, s.db, network, a.Person, before, s.clock.Now(), proposalPage+1)
	p := ProposalsPage{Network: s.brief(a, &h), Items: rows}
	if len(rows) > proposalPage {
		p.Items = rows[:proposalPage]
		p.Next = rows[proposalPage-1].ID.String()
	}
	return p, err
}

// Propose adds a proposal and tells the coordinator. Needs
// network.proposal:create. Invalid for title and body out of bounds.
func (s *Service) Propose(ctx context.Context, a *access.Actor, network uuid.UUID, title, body string) (uuid.UUID, error) {
	h, err := s.change(ctx, a, network, PermPropose)
	if err != nil {
		return uuid.Nil, err
	}
	if err := h.alive(false); err != nil {
		return uuid.Nil, err
	}
	title, body = strings.Join(strings.Fields(title), " "), strings.TrimSpace(body)
	var f fault.Fields
	if n := utf8.RuneCountInString(title); n < MinProposal || n > MaxProposal {
		f.Add("title", "network.proposal_title", "Min", MinProposal, "Max", MaxProposal)
	}
	if utf8.RuneCountInString(body) > MaxBody {
		f.Add("body", "network.text_long", "Max", MaxBody)
	}
	if err := f.Err(); err != nil {
		return uuid.Nil, err
	}
	return act(ctx, s, a, "network.proposal:create", []any{network, title, body}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		id, err := insertProposal(ctx, tx, network, a.Person, title, body, s.clock.Now())
		if err != nil {
			return uuid.Nil, err
		}
		if err := s.note(ctx, tx, a, network, "network.proposal:create", "proposal", id); err != nil {
			return uuid.Nil, err
		}
		leads, err := s.coordinators(ctx, tx, network)
		if err != nil {
			return uuid.Nil, err
		}
		return id, s.tell(ctx, tx, &h, "network.notice.proposal", "/propozycje", false, "", nil, leads...)
	})
}

// OpenVote puts a proposal to the vote until a moment of the domain clock, at
// least five minutes and at most 90 days away. Needs network.proposal:decide.
// Conflict when it is not open any more.
func (s *Service) OpenVote(ctx context.Context, a *access.Actor, network, proposal uuid.UUID, until time.Time) error {
	h, err := s.change(ctx, a, network, PermDecide)
	if err != nil {
		return err
	}
	if err := h.alive(false); err != nil {
		return err
	}
	if d := until.Sub(s.clock.Now()); d < MinVoteTime || d > MaxVoteTime {
		var f fault.Fields
		f.Add("until", "network.vote_until_wrong")
		return f.Err()
	}
	_, err = act(ctx, s, a, "network.proposal:open", []any{network, proposal, until}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		ok, err := setVoting(ctx, tx, network, proposal, until)
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.New(fault.Conflict, "network.proposal_decided")
		}
		return struct{}{}, s.note(ctx, tx, a, network, "network.proposal:open", "proposal", proposal, "vote_until")
	})
	return err
}

// Vote casts or changes the actor's vote until the deadline. Needs
// network.proposal:vote. Votes are open to those who count them: this is no
// secret ballot. Conflict when the vote is not open.
func (s *Service) Vote(ctx context.Context, a *access.Actor, network, proposal uuid.UUID, c Choice) error {
	h, err := s.change(ctx, a, network, PermVote)
	if err != nil {
		return err
	}
	if err := h.alive(false); err != nil {
		return err
	}
	if c != Yes && c != No && c != Abstain {
		var f fault.Fields
		f.Add("choice", "network.choice_missing")
		return f.Err()
	}
	_, err = act(ctx, s, a, "network.proposal:vote", []any{network, proposal, c}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		ok, err := castVote(ctx, tx, network, proposal, a.Person, c, s.clock.Now())
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.New(fault.Conflict, "network.vote_over")
		}
		return struct{}{}, s.note(ctx, tx, a, network, "network.proposal:vote", "proposal", proposal)
	})
	return err
}

// WithdrawProposal takes one's own proposal back before it is decided; whoever
// has network.proposal:decide may put any aside before a vote begins.
func (s *Service) WithdrawProposal(ctx context.Context, a *access.Actor, network, proposal uuid.UUID) error {
	h, err := s.enter(ctx, a, network, PermProposals)
	if err != nil {
		return err
	}
	if err := h.alive(false); err != nil {
		return err
	}
	author := a.Person
	if s.auth.Can(a, PermDecide, h.place()) {
		author = uuid.Nil
	}
	_, err = act(ctx, s, a, "network.proposal:withdraw", []any{network, proposal}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		ok, err := withdrawProposal(ctx, tx, network, proposal, author, s.clock.Now())
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.New(fault.Conflict, "network.proposal_decided")
		}
		return struct{}{}, s.note(ctx, tx, a, network, "network.proposal:withdraw", "proposal", proposal)
	})
	return err
}

// closeVotes writes the results of votes whose deadline passed: adopted with
// more yes than no, and then an item of the agenda, once. It returns how many.
func (s *Service) closeVotes(ctx context.Context) (int, error) {
	n := 0
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.clock.Now()
		done, err := closeVotes(ctx, tx, now, 100)
		if err != nil {
			return err
		}
		n = len(done)
		core := access.Core("core")
		for i := range done {
			d := &done[i]
			if d.State == "adopted" {
				if err := insertAgendaItem(ctx, tx, d.Network, d.ID, d.Title, d.Author, now); err != nil {
					return err
				}
			}
			if err := s.note(ctx, tx, core, d.Network, "network.proposal:"+d.State, "proposal", d.ID); err != nil {
				return err
			}
			h := head{ID: d.Network, Title: d.NetworkTitle}
			err := s.tell(ctx, tx, &h, "network.notice.vote_"+d.State, "/propozycje", false, "network.vote:"+d.ID.String(), map[string]any{"Proposal": d.Title}, d.Author)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}
