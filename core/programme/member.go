package programme

import (
	"context"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
)

// Roles are the core's roles in a group, as kept in group_member.
var Roles = []access.Role{access.Head, access.Guardian, access.TeamMember, access.SupportOrganiser}

// Member is somebody in a group.
type Member struct {
	ID          uuid.UUID   `json:"id"`
	Person      uuid.UUID   `json:"person"`
	Name        string      `json:"name"`
	Institution string      `json:"institution,omitempty"`
	Role        access.Role `json:"role"`
	Since       time.Time   `json:"since"`
	Until       *time.Time  `json:"until,omitempty"`
}

// inviteDays is how long an invitation into a group may be answered.
const inviteDays = 30

// Invitation waits for an answer.
type Invitation struct {
	ID        uuid.UUID   `json:"id"`
	Group     uuid.UUID   `json:"group"`
	GroupName string      `json:"group_name"`
	Email     string      `json:"email,omitempty"`
	Role      access.Role `json:"role"`
	CreatedAt time.Time   `json:"created_at"`
	EndsAt    time.Time   `json:"ends_at"`
}

// Members lists who is in a group now: heads, guardians, then the team, by
// name, at most 500. Needs [ViewGroup] at the group.
func (s *Service) Members(ctx context.Context, a *access.Actor, group uuid.UUID) ([]Member, error) {
	var out []Member
	err := db.Together(ctx, s.db,
		func(ctx context.Context, _ db.Q) error { _, err := s.Group(ctx, a, group); return err },
		func(ctx context.Context, q db.Q) (err error) {
			out, err = listMembers(ctx, q, group, s.clock.Now())
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mayStaff requires the right to give or take role in the group: guardians and
// heads are appointed from above, team members also by the head.
func (s *Service) mayStaff(a *access.Actor, g *Group, role access.Role) error {
	if !slices.Contains(Roles, role) {
		// What is wrong with the role is said only where the group may be seen.
		if err := s.auth.Require(a, ViewGroup, g.Place()); err != nil {
			return err
		}
		return fault.InvalidFields(fault.Field{Path: "role", Key: "programme.role"})
	}
	if role == access.TeamMember {
		return s.auth.Require(a, ManageGroup, g.Place())
	}
	if err := s.auth.Require(a, ViewGroup, g.Place()); err != nil {
		return err
	}
	if !s.auth.Can(a, ManageGroup, g.above()) {
		return fault.New(fault.Forbidden, "fault.forbidden")
	}
	return nil
}

// AddMember puts a person with an account into a group at once, until a domain
// time (zero: until removed): a guardian standing in for an ill colleague has
// the rights for these days only. Needs [ManageGroup] at the group for team
// members, at its parent for heads and guardians. Invalid names the field.
func (s *Service) AddMember(ctx context.Context, a *access.Actor, group, person uuid.UUID, role access.Role, until time.Time) error {
	now := s.clock.Now()
	if !until.IsZero() && !until.After(now) {
		return fault.InvalidFields(fault.Field{Path: "until", Key: "programme.until_past"})
	}
	_, err := act(ctx, s, a, "group.member.add", []any{group, person, role, until}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		g, err := findGroup(ctx, tx, group, now)
		if err != nil {
			return false, err
		}
		if err := s.mayStaff(a, g, role); err != nil {
			return false, err
		}
		if g.Closed {
			return false, fault.New(fault.Conflict, "programme.parent_closed")
		}
		if err := s.join(ctx, tx, a, g, person, role, now, until); err != nil {
			return false, err
		}
		return true, s.emit(ctx, tx, g.ID, "member.joined", map[string]any{"person": person, "role": string(role)})
	})
	return err
}

// join writes the membership and the role, audits and tells the person.
func (s *Service) join(ctx context.Context, tx *db.Tx, a *access.Actor, g *Group, person uuid.UUID, role access.Role, from, until time.Time) error {
	state, err := personState(ctx, tx, person)
	if err != nil {
		return err
	}
	if state != "active" {
		return fault.InvalidFields(fault.Field{Path: "person", Key: "programme.person_not_active"})
	}
	if role == access.SupportOrganiser && g.Institution != uuid.Nil {
		own, err := access.WorksAt(ctx, tx, person, g.Institution)
		if err != nil {
			return err
		}
		if own {
			return fault.InvalidFields(fault.Field{Path: "person", Key: "access.support_own_school"})
		}
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	fresh, err := insertMember(ctx, tx, id, g.ID, person, role, from, until)
	if err != nil || !fresh {
		return err
	}
	if err := access.Give(ctx, tx, access.Row{Person: person, Role: role, Kind: access.Group, Scope: g.ID, From: from, To: until, By: a.Person}); err != nil {
		return err
	}
	if err := s.noteMember(ctx, tx, a, g.ID, person, "group.member:add"); err != nil {
		return err
	}
	if person == a.Person {
		return nil
	}
	return s.notify.Send(ctx, tx, notify.Message{
		To: []uuid.UUID{person}, Key: "programme.notify.joined." + string(role), Args: map[string]any{"Group": g.Name},
		Link: "/grupy/" + g.ID.String(), Once: "group:" + id.String(),
	})
}

func (s *Service) noteMember(ctx context.Context, tx *db.Tx, a *access.Actor, group, person uuid.UUID, action string) error {
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "person", ObjectID: person.String(),
		ScopeKind: "group", ScopeID: group, Fields: []string{"role"},
	})
}

func (s *Service) noteInvitation(ctx context.Context, tx *db.Tx, a *access.Actor, group, invitation uuid.UUID, action string) error {
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "group_invitation", ObjectID: invitation.String(),
		ScopeKind: "group", ScopeID: group, Fields: []string{"state"},
	})
}

// RemoveMember ends a role of a person in a group. Needs what [Service.AddMember]
// needs, or is the person's own leaving. Removing twice changes nothing.
func (s *Service) RemoveMember(ctx context.Context, a *access.Actor, group, person uuid.UUID, role access.Role) error {
	_, err := act(ctx, s, a, "group.member.remove", []any{group, person, role}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		g, err := findGroup(ctx, tx, group, s.clock.Now())
		if err != nil {
			return false, err
		}
		if person != a.Person || !a.SignedIn() {
			if err := s.mayStaff(a, g, role); err != nil {
				return false, err
			}
		}
		if err := s.leave(ctx, tx, a, g, person, role); err != nil {
			return false, err
		}
		return true, s.emit(ctx, tx, g.ID, "member.left", map[string]any{"person": person, "role": string(role)})
	})
	return err
}

func (s *Service) leave(ctx context.Context, tx *db.Tx, a *access.Actor, g *Group, person uuid.UUID, role access.Role) error {
	now := s.clock.Now()
	n, err := endMember(ctx, tx, g.ID, person, role, now)
	if err != nil {
		return err
	}
	if err := access.Take(ctx, tx, person, role, access.Group, g.ID, now); err != nil || n == 0 {
		return err
	}
	return s.noteMember(ctx, tx, a, g.ID, person, "group.member:remove")
}

// EndOwnSupport ends the roles of a support organiser that the person has in
// groups of schools of which they have become one of the staff, as part of the
// caller's transaction, which changed where they work. It returns how many.
func (s *Service) EndOwnSupport(ctx context.Context, tx *db.Tx, a *access.Actor, person uuid.UUID) (int, error) {
	ids, err := ownSupport(ctx, tx, person, s.clock.Now())
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := s.leave(ctx, tx, a, &Group{ID: id}, person, access.SupportOrganiser); err != nil {
			return 0, err
		}
		if err := s.emit(ctx, tx, id, "member.left", map[string]any{"person": person, "role": string(access.SupportOrganiser)}); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// Invite invites an address into a group; whoever has (or makes) a confirmed
// account with it answers. Needs what [Service.AddMember] needs. Inviting an
// address again while an invitation is open changes nothing.
func (s *Service) Invite(ctx context.Context, a *access.Actor, group uuid.UUID, email string, role access.Role) error {
	email = strings.ToLower(strings.TrimSpace(email))
	if p, err := mail.ParseAddress(email); err != nil || p.Address != email || len(email) > 254 {
		return fault.InvalidFields(fault.Field{Path: "email", Key: "programme.email"})
	}
	_, err := act(ctx, s, a, "group.invite", []any{group, email, role}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		g, err := findGroup(ctx, tx, group, s.clock.Now())
		if err != nil {
			return false, err
		}
		if err := s.mayStaff(a, g, role); err != nil {
			return false, err
		}
		if g.Closed {
			return false, fault.New(fault.Conflict, "programme.parent_closed")
		}
		return true, s.invite(ctx, tx, a, g, email, role)
	})
	return err
}

func (s *Service) invite(ctx context.Context, tx *db.Tx, a *access.Actor, g *Group, email string, role access.Role) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	now := s.clock.Now()
	fresh, err := insertInvitation(ctx, tx, id, g.ID, email, role, a.Person, now, now.AddDate(0, 0, inviteDays))
	if err != nil || !fresh {
		return err
	}
	m := notify.Message{Key: "programme.notify.invited", Args: map[string]any{"Group": g.Name}, Link: "/grupy/zaproszenia", Mail: true, Once: "group-invitation:" + id.String()}
	person, err := activePerson(ctx, tx, email)
	if err != nil {
		return err
	}
	if person != uuid.Nil {
		m.To = []uuid.UUID{person}
	} else {
		m.Addresses = []notify.Address{{Mail: email, Lang: i18n.Polish}}
	}
	if err := s.notify.Send(ctx, tx, m); err != nil {
		return err
	}
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: "group.member:invite", ObjectKind: "group_invitation", ObjectID: id.String(),
		ScopeKind: "group", ScopeID: g.ID, Fields: []string{"role"},
	})
}

// GroupInvitations lists the open invitations of a group, at most 200. Needs
// [ManageGroup] at the group: addresses are personal data.
func (s *Service) GroupInvitations(ctx context.Context, a *access.Actor, group uuid.UUID) ([]Invitation, error) {
	var out []Invitation
	err := db.Together(ctx, s.db,
		func(ctx context.Context, q db.Q) error {
			g, err := findGroup(ctx, q, group, s.clock.Now())
			if err != nil {
				return err
			}
			return s.auth.Require(a, ManageGroup, g.Place())
		},
		func(ctx context.Context, q db.Q) (err error) {
			out, err = groupInvitations(ctx, q, group, s.clock.Now())
			return err
		})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// MyInvitations lists the open invitations to the signed-in person's address,
// at most 100.
func (s *Service) MyInvitations(ctx context.Context, a *access.Actor) ([]Invitation, error) {
	if !a.SignedIn() {
		return nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return myInvitations(ctx, s.db, a.Person, s.clock.Now(), 100)
}

// Answer accepts or declines an invitation to the signed-in person's address;
// it returns the group. NotFound for somebody else's; Conflict when it has ended
// or was answered.
func (s *Service) Answer(ctx context.Context, a *access.Actor, invitation uuid.UUID, accept bool) (uuid.UUID, error) {
	if !a.SignedIn() {
		return uuid.Nil, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return act(ctx, s, a, "group.answer", []any{invitation, accept}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		i, err := lockInvitation(ctx, tx, invitation, a.Person)
		if err != nil {
			return uuid.Nil, err
		}
		now := s.clock.Now()
		if i.State != "open" || !i.EndsAt.After(now) {
			return uuid.Nil, fault.New(fault.Conflict, "programme.invitation_over")
		}
		state := "declined"
		if accept {
			state = "accepted"
		}
		if err := answerInvitation(ctx, tx, invitation, state, now); err != nil {
			return uuid.Nil, err
		}
		if !accept {
			return i.Group, s.noteInvitation(ctx, tx, a, i.Group, invitation, "group.member:decline")
		}
		g, err := findGroup(ctx, tx, i.Group, now)
		if err != nil {
			return uuid.Nil, err
		}
		if err := s.join(ctx, tx, a, g, a.Person, i.Role, now, time.Time{}); err != nil {
			return uuid.Nil, err
		}
		return g.ID, s.emit(ctx, tx, g.ID, "member.joined", map[string]any{"person": a.Person, "role": string(i.Role)})
	})
}

// Withdraw takes an open invitation back. Needs [ManageGroup] at the group.
func (s *Service) Withdraw(ctx context.Context, a *access.Actor, group, invitation uuid.UUID) error {
	_, err := act(ctx, s, a, "group.invitation.withdraw", []any{group, invitation}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		g, err := findGroup(ctx, tx, group, s.clock.Now())
		if err != nil {
			return false, err
		}
		if err := s.auth.Require(a, ManageGroup, g.Place()); err != nil {
			return false, err
		}
		open, err := openInvitation(ctx, tx, group, invitation)
		if err != nil || !open {
			return false, err // answered or taken back before: nothing changes
		}
		if err := answerInvitation(ctx, tx, invitation, "withdrawn", s.clock.Now()); err != nil {
			return false, err
		}
		return true, s.noteInvitation(ctx, tx, a, group, invitation, "group.member:withdraw")
	})
	return err
}
