package demo

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/network"
)

// proposal is a member's idea, and the vote on it when open is set.
type proposal struct {
	network     *spec
	by          string
	title, body string
	at          time.Time
	open, until time.Time
	votes       map[string]network.Choice
}

func (p *proposal) scenes() []scene {
	out := []scene{{p.at, "proposal " + p.title, func(ctx context.Context, m *maker) error {
		n, a, err := m.look(ctx, p.network, p.by)
		if err != nil {
			return err
		}
		if _, found, err := m.proposal(ctx, p, n.ID, a); err != nil || found {
			return err
		}
		return m.do(ctx, p.by, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Networks.Propose(ctx, a, n.ID, p.title, p.body)
			return err
		})
	}}}
	if p.open.IsZero() {
		return out
	}
	out = append(out, scene{p.open, "vote on " + p.title, func(ctx context.Context, m *maker) error {
		n, a, err := m.look(ctx, p.network, p.network.founder)
		if err != nil {
			return err
		}
		have, _, err := m.proposal(ctx, p, n.ID, a)
		if err != nil || have.State != "open" {
			return err
		}
		return m.do(ctx, p.network.founder, func(ctx context.Context, a *access.Actor) error {
			return m.Networks.OpenVote(ctx, a, n.ID, have.ID, p.until)
		})
	}})
	for i, who := range slices.Sorted(maps.Keys(p.votes)) {
		out = append(out, p.vote(who, p.open.Add(time.Duration(i+1)*11*time.Hour)))
	}
	return out
}

func (p *proposal) vote(who string, at time.Time) scene {
	return scene{at, who + " votes on " + p.title, func(ctx context.Context, m *maker) error {
		n, a, err := m.look(ctx, p.network, who)
		if err != nil {
			return err
		}
		have, _, err := m.proposal(ctx, p, n.ID, a)
		if err != nil || have.State != "voting" || have.MyVote != "" {
			return err
		}
		return m.do(ctx, who, func(ctx context.Context, a *access.Actor) error {
			return m.Networks.Vote(ctx, a, n.ID, have.ID, p.votes[who])
		})
	}}
}

// proposal finds a proposal by its title; found is false when there is none.
func (m *maker) proposal(ctx context.Context, p *proposal, n uuid.UUID, a *access.Actor) (have network.Proposal, found bool, err error) {
	cursor := ""
	for {
		page, err := m.Networks.Proposals(ctx, a, n, cursor)
		if err != nil {
			return have, false, err
		}
		for _, r := range page.Items {
			if r.Title == p.title {
				return r, true, nil
			}
		}
		if page.Next == "" {
			return have, false, nil
		}
		cursor = page.Next
	}
}

// assigningRole gives a member a further role in the network.
func assigningRole(s *spec, at time.Time, who string, role access.Role) scene {
	return scene{at, who + " becomes " + string(role), func(ctx context.Context, m *maker) error {
		n, a, err := m.look(ctx, s, who)
		if err != nil || a.Has(role, access.Network, n.ID) {
			return err
		}
		return m.do(ctx, s.founder, func(ctx context.Context, lead *access.Actor) error {
			return m.Networks.AssignRole(ctx, lead, n.ID, a.Person, role)
		})
	}}
}
