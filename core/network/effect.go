package network

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/fold"
)

// Applier makes the effects happen that change networks and memberships.
type Applier struct{ s *Service }

var _ effect.Applier = Applier{}

// Applier is what core/effect asks for [Applier.Kinds] and, on networks, for [Applier.SharedKinds].
func (s *Service) Applier() Applier { return Applier{s} }

// Kinds lists the effects that are wholly this package's.
func (Applier) Kinds() []effect.Kind {
	return []effect.Kind{effect.KindNetworkCreate, effect.KindNetworkConvert}
}

// SharedKinds are the effects that are this package's on networks.
func (Applier) SharedKinds() []effect.Kind {
	return []effect.Kind{
		effect.KindStageSet, effect.KindMemberInvite, effect.KindMemberAdd, effect.KindMemberRemove, effect.KindRoleGrant, effect.KindRoleRevoke,
	}
}

// Check implements [effect.Applier].
func (a Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	if c, ok := e.(*effect.NetworkCreate); ok {
		return a.s.checkCreate(d, c)
	}
	if _, ok := e.(*effect.NetworkConvert); ok {
		return fault.New(fault.Unavailable, "network.convert_not_served")
	}
	if e.Target().Kind != effect.Network {
		return wrong("scope", "network.effect_scope")
	}
	switch e := e.(type) {
	case *effect.StageSet:
		return checkStage(ctx, q, d, e)
	case *effect.MemberAdd:
		return a.s.checkPerson(ctx, q, e.Person, access.Role(e.Role), access.Participant, access.Expert, access.Moderator)
	case *effect.RoleGrant:
		return a.s.checkPerson(ctx, q, e.Person, access.Role(e.Role), Assignable...)
	case *effect.RoleRevoke:
		return assignable(access.Role(e.Role))
	case *effect.MemberRemove, *effect.MemberInvite:
		return nil
	}
	return fmt.Errorf("network: effect %T is not ours", e)
}

func wrong(path, key string) error {
	return fault.InvalidFields(fault.Field{Path: path, Key: key})
}

func checkStage(ctx context.Context, q db.Q, d *effect.Decision, e *effect.StageSet) error {
	h, err := readHead(ctx, q, e.Scope.ID)
	if err != nil {
		return err
	}
	if h.Stage != e.From {
		return effect.ErrStale
	}
	if _, ok := stageOf(d, h.Type, e.To); !ok {
		return wrong("to", "network.stage_unknown")
	}
	return nil
}

func stageOf(d *effect.Decision, typ, stage string) (effect.Stage, bool) {
	t, ok := d.Description.NetworkType(typ)
	if !ok {
		return effect.Stage{}, false
	}
	for _, g := range t.Stages {
		if g.Name == stage {
			return g, true
		}
	}
	return effect.Stage{}, false
}

func (s *Service) checkPerson(ctx context.Context, q db.Q, person uuid.UUID, role access.Role, allowed ...access.Role) error {
	known := role == ""
	for _, r := range allowed {
		known = known || r == role
	}
	if !known {
		return wrong("role", "network.role_unknown")
	}
	ok, err := isActive(ctx, q, person)
	if err == nil && !ok {
		err = wrong("person", "network.person_unknown")
	}
	return err
}

func (s *Service) checkCreate(d *effect.Decision, e *effect.NetworkCreate) error {
	st, ok := d.Scope(e.Scope)
	if !ok || e.Scope.Kind != effect.Programme {
		return wrong("scope", "network.effect_scope")
	}
	if st.Place.Centre == uuid.Nil {
		return wrong("scope", "network.programme_without_centre")
	}
	if _, ok := d.Description.NetworkType(e.Type); !ok {
		return wrong("type", "network.type_unknown")
	}
	if m, err := s.modules.ByID(d.Module); err != nil || !m.Info().At(st.Place.Centre) {
		return wrong("type", "network.type_elsewhere")
	}
	set := Settings{Title: e.Name, Aim: e.Name, Join: JoinInvitation, SchoolYear: clock.SchoolYear(d.Now)}
	return set.check(d.Now, 0).Err()
}

// Apply implements [effect.Applier].
func (a Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	switch e := e.(type) {
	case *effect.StageSet:
		return a.s.applyStage(ctx, tx, d, e)
	case *effect.NetworkCreate:
		return a.s.applyCreate(ctx, tx, d, e, id)
	case *effect.MemberInvite:
		return a.s.applyInvite(ctx, tx, d, e, id)
	}
	q, err := a.s.queue(ctx, tx, e.Target().ID)
	if err != nil {
		return err
	}
	q.now = d.Now
	switch e := e.(type) {
	case *effect.MemberAdd:
		return q.applyAdd(ctx, d, e)
	case *effect.MemberRemove:
		return q.applyRemove(ctx, d, e)
	case *effect.RoleGrant:
		return q.applyGrant(ctx, d, e)
	case *effect.RoleRevoke:
		if err := q.setRole(ctx, d.Actor, e.Person, access.Role(e.Role), false); err != nil {
			return err
		}
		return a.s.note(ctx, tx, d.Actor, q.head.ID, "network.role:revoke", "person", e.Person, e.Role)
	}
	return fmt.Errorf("network: effect %T is not ours", e)
}

// applyStage moves the network on; a closing stage ends it: nobody waits any
// longer, seats offered are taken back.
func (s *Service) applyStage(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.StageSet) error {
	q, err := s.queue(ctx, tx, e.Scope.ID)
	if err != nil {
		return err
	}
	stage, ok := stageOf(d, q.head.Type, e.To)
	if !ok {
		return wrong("to", "network.stage_unknown")
	}
	moved, err := setStage(ctx, tx, e.Scope.ID, e.From, e.To, stage.Closed, d.Now)
	if err != nil {
		return err
	}
	if !moved {
		return effect.ErrStale
	}
	if stage.Closed {
		if err := endQueue(ctx, tx, e.Scope.ID, d.Now); err != nil {
			return err
		}
	}
	d.Emit(e.Scope, "stage.changed", stageEvent{From: e.From, To: e.To})
	return s.note(ctx, tx, d.Actor, e.Scope.ID, "network.stage:set", "network", e.Scope.ID, e.From, e.To)
}

// applyCreate makes a network of the programme, open, by invitation, of the
// programme's centre.
func (s *Service) applyCreate(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.NetworkCreate, id uuid.UUID) error {
	programme, _ := d.Scope(e.Scope)
	t, ok := d.Description.NetworkType(e.Type)
	if !ok {
		return wrong("type", "network.type_unknown")
	}
	n := newNetwork{
		ID: id, Centre: programme.Place.Centre, FoundedBy: d.Actor.Person, Programme: uuid.NullUUID{UUID: e.Scope.ID, Valid: true},
		Module: d.Module, Type: e.Type, Stage: firstStage(t), Status: Open, Folded: fold.Text(e.Name),
		Settings: Settings{Title: e.Name, Aim: e.Name, SchoolYear: clock.SchoolYear(d.Now), Join: JoinInvitation},
	}
	if err := s.insert(ctx, tx, d.Actor, &n, leader{person: e.Coordinator}); err != nil {
		return err
	}
	state := s.foundingState(&n)
	d.Created(state)
	d.Emit(state.Scope, "network.founded", stageEvent{To: n.Stage})
	return nil
}

func (s *Service) applyInvite(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.MemberInvite, id uuid.UUID) error {
	in := Invite{Role: access.Role(e.Role), Message: e.Message}
	switch {
	case e.Person != uuid.Nil:
		in.People = []uuid.UUID{e.Person}
	case e.Institution != uuid.Nil:
		in.Schools = []uuid.UUID{e.Institution}
	default:
		in.Emails = []string{strings.ToLower(e.Email)}
	}
	if err := in.check(); err != nil {
		return err
	}
	h, err := lockHead(ctx, tx, e.Scope.ID)
	if err != nil {
		return err
	}
	row := invitationRow{ID: id, Network: h.ID, Role: in.Role, Message: in.Message, School: nilID(e.Institution), Person: nilID(e.Person),
		By: nilID(d.Actor.Person), At: d.Now, Ends: d.Now.AddDate(0, 0, in.Days)}
	if len(in.Emails) > 0 {
		row.Email = in.Emails[0]
	}
	if _, err := insertInvitation(ctx, tx, &row); err != nil {
		return err
	}
	if err := s.note(ctx, tx, d.Actor, h.ID, "network.member:invite", "invitation", id); err != nil || h.Status != Open {
		return err
	}
	return s.sendInvitations(ctx, tx, d.Actor, &h)
}

// applyAdd makes a member at once; without a free seat the person waits in line.
func (q *queue) applyAdd(ctx context.Context, d *effect.Decision, e *effect.MemberAdd) error {
	c, err := readCandidate(ctx, q.tx, q.head.ID, e.Person, q.now)
	if err != nil {
		return err
	}
	if c.State == Active {
		if access.Role(e.Role) == access.Expert || access.Role(e.Role) == access.Moderator {
			return q.setRole(ctx, d.Actor, e.Person, access.Role(e.Role), true)
		}
		return nil
	}
	if c.State == Offered {
		_, err = q.takeOffer(ctx, d.Actor, e.Person, &c)
		return err
	}
	_, err = q.seat(ctx, d.Actor, e.Person, &c, access.Role(e.Role), "network.member:add")
	return err
}

func (q *queue) applyRemove(ctx context.Context, d *effect.Decision, e *effect.MemberRemove) error {
	leads, err := q.leads(ctx, e.Person)
	if err != nil {
		return err
	}
	if leads {
		return fault.New(fault.Conflict, "network.coordinator_stays")
	}
	m, err := memberOf(ctx, q.tx, q.head.ID, e.Person)
	if err != nil {
		return err
	}
	if m.State != Active && m.State != Waiting && m.State != Offered && m.State != Requested {
		return nil
	}
	return q.end(ctx, d.Actor, e.Person, Removed, clip(e.Reason, MaxMessage), "network.member:remove")
}

func (q *queue) applyGrant(ctx context.Context, d *effect.Decision, e *effect.RoleGrant) error {
	m, err := memberOf(ctx, q.tx, q.head.ID, e.Person)
	if err != nil || m.State != Active {
		return fault.New(fault.Conflict, "network.not_member")
	}
	from := e.From
	if from.IsZero() {
		from = q.now
	}
	err = access.Give(ctx, q.tx, access.Row{Person: e.Person, Role: access.Role(e.Role), Kind: access.Network, Scope: q.head.ID, From: from, To: e.Until, By: d.Actor.Person})
	if err != nil {
		return err
	}
	return q.s.note(ctx, q.tx, d.Actor, q.head.ID, "network.role:assign", "person", e.Person, e.Role)
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		return string(r[:n])
	}
	return s
}
