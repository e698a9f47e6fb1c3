package network

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Assignable are the roles that AssignRole gives; the coordinator's moves by
// hand-over only.
var Assignable = []access.Role{access.Expert, access.Moderator}

func assignable(r access.Role) error {
	for _, x := range Assignable {
		if x == r {
			return nil
		}
	}
	var f fault.Fields
	f.Add("role", "network.role_unknown")
	return f.Err()
}

// AssignRole gives an active member a further role in the network. Needs
// network.role:assign. Invalid for another role; Conflict when the person is no
// member.
func (s *Service) AssignRole(ctx context.Context, a *access.Actor, network, person uuid.UUID, role access.Role) error {
	return s.changeRole(ctx, a, network, person, role, true)
}

// RevokeRole takes a role away that AssignRole gave; the membership stays.
// Needs network.role:assign.
func (s *Service) RevokeRole(ctx context.Context, a *access.Actor, network, person uuid.UUID, role access.Role) error {
	return s.changeRole(ctx, a, network, person, role, false)
}

func (s *Service) changeRole(ctx context.Context, a *access.Actor, network, person uuid.UUID, role access.Role, give bool) error {
	h, err := s.change(ctx, a, network, PermRoles)
	if err != nil {
		return err
	}
	if err := h.alive(true); err != nil {
		return err
	}
	if err := assignable(role); err != nil {
		return err
	}
	action := "network.role:revoke"
	if give {
		action = "network.role:assign"
	}
	_, err = act(ctx, s, a, action, []any{network, person, role}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		q, err := s.queue(ctx, tx, network)
		if err != nil {
			return struct{}{}, err
		}
		m, err := memberOf(ctx, tx, network, person)
		if err != nil {
			return struct{}{}, err
		}
		if m.State != Active {
			return struct{}{}, fault.New(fault.Conflict, "network.not_member")
		}
		if err := q.setRole(ctx, a, person, role, give); err != nil {
			return struct{}{}, err
		}
		if give {
			if err := s.tell(ctx, tx, &h, "network.notice.role_"+string(role), "", false, "", nil, person); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, s.note(ctx, tx, a, network, action, "person", person, string(role))
	})
	return err
}

// setRole gives or takes a role. Somebody who came as an expert only and loses
// that role stays as a participant without a seat: nobody is in a network
// without any role.
func (q *queue) setRole(ctx context.Context, a *access.Actor, person uuid.UUID, role access.Role, give bool) error {
	if give {
		return access.Give(ctx, q.tx, access.Row{Person: person, Role: role, Kind: access.Network, Scope: q.head.ID, From: q.now, By: a.Person})
	}
	if err := access.Take(ctx, q.tx, person, role, access.Network, q.head.ID, q.now); err != nil {
		return err
	}
	any, err := hasRole(ctx, q.tx, q.head.ID, person, q.now)
	if err != nil || any {
		return err
	}
	return access.Give(ctx, q.tx, access.Row{Person: person, Role: access.Participant, Kind: access.Network, Scope: q.head.ID, From: q.now, By: a.Person})
}
