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
	"ore.edu.pl/sieci/core/i18n/fold"
)

// renewCommand is the command by which a type takes part in [Service.Renew]. It
// is asked in the scope of the network that has a successor; the successor's
// id is HandleID(decision, "successor"), and effects of the decision may write
// there (put the goals once more, for example). Only the core gives it.
const (
	renewCommand    = "renew"
	successorHandle = "successor"
)

// Renew starts next year's network from this one: a draft of the next school
// year with the same settings and coordinator, invitations for everybody who is
// active (sent when the draft opens), and what the type's module copies in its
// decision "renew" (goals, for example), if it has that command. A network has
// one successor. Needs network:renew.
//
// Errors: NotFound; Conflict "network.successor_exists", or for a draft;
// Unavailable while the module is down, because half a copy would be none.
func (s *Service) Renew(ctx context.Context, a *access.Actor, network uuid.UUID) (uuid.UUID, error) {
	h, err := s.change(ctx, a, network, PermRenew)
	if err != nil {
		return uuid.Nil, err
	}
	if h.Status == Draft {
		return uuid.Nil, fault.New(fault.Conflict, "network.still_draft")
	}
	t, err := s.TypeOf(h.qualified())
	if err != nil {
		return uuid.Nil, fault.New(fault.Unavailable, "network.type_off")
	}
	decision, err := decisionID(ctx, a, "network.renew/"+network.String())
	if err != nil {
		return uuid.Nil, err
	}
	old, err := readSuccession(ctx, s.db, network, s.clock.Now())
	if err != nil {
		return uuid.Nil, err
	}
	id := effect.HandleID(decision, successorHandle)
	if old.Successor.Valid {
		if old.Successor.UUID == id { // the same submission again
			return id, nil
		}
		return uuid.Nil, fault.New(fault.Conflict, "network.successor_exists")
	}
	n := newNetwork{
		ID: id, Centre: h.Centre, FoundedBy: a.Person, Programme: h.Programme, Predecessor: uuid.NullUUID{UUID: network, Valid: true},
		Module: h.Module, Type: h.Type, Stage: firstStage(t.Of), Status: Draft, Settings: h.settings(old.Capacity), Folded: fold.Text(h.Title),
	}
	n.Settings.SchoolYear++
	n.Settings.PriorityUntil = time.Time{} // last year's date means nothing now
	return id, s.renew(ctx, a, &h, &n, t.Of, decision, old.Lead.UUID)
}

func (s *Service) renew(ctx context.Context, a *access.Actor, h *head, n *newNetwork, t *effect.NetworkType, decision, lead uuid.UUID) error {
	create := func(ctx context.Context, tx *db.Tx) error {
		if err := s.insert(ctx, tx, a, n, leader{person: lead}); err != nil {
			return err
		}
		now := s.clock.Now()
		if err := inviteMembersOf(ctx, tx, h.ID, n.ID, a.Person, now, now.Add(MaxInvitation)); err != nil {
			return err
		}
		return s.note(ctx, tx, a, h.ID, "network:renew", "network", n.ID)
	}
	if _, has := t.Behaviour.Command(renewCommand); !has {
		return s.db.Tx(ctx, create)
	}
	_, err := s.decide(ctx, a, &effect.Request{
		ID: decision, Type: h.qualified(), Scope: h.scope(), Input: effect.Command{Name: renewCommand, Input: effect.Document{JSON: json.RawMessage("{}"), Revision: 1}},
		Before: func(ctx context.Context, tx *db.Tx, d *effect.Decision) error {
			if err := create(ctx, tx); err != nil {
				return err
			}
			state := s.foundingState(n)
			d.Created(state)
			// Who may renew the old network leads the decision on the new one.
			lead := *d.Actor
			lead.Grants = append(append([]access.Grant{}, lead.Grants...), access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: n.ID})
			d.Actor = &lead
			d.Emit(state.Scope, "network.founded", stageEvent{To: n.Stage})
			return nil
		},
	})
	return err
}
