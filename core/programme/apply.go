package programme

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// Applier makes the effects on groups, on their members and roles, on stages of
// programmes and on indicators happen.
type Applier struct {
	s    *Service
	next effect.Applier
}

var _ effect.Applier = (*Applier)(nil)

// Applier is what core/effect registers for [Applier.Kinds]. next gets the
// effects of kinds that this package shares and whose scope is none of its own:
// members and roles of networks, stages of networks. A nil next refuses those.
func (s *Service) Applier(next effect.Applier) *Applier { return &Applier{s, next} }

// Kinds are the effects that are wholly this package's.
func (*Applier) Kinds() []effect.Kind {
	return []effect.Kind{effect.KindGroupCreate, effect.KindGroupMove, effect.KindIndicatorAchieve}
}

// SharedKinds are the effects that are this package's on groups and programmes.
func (*Applier) SharedKinds() []effect.Kind {
	return []effect.Kind{effect.KindMemberInvite, effect.KindMemberAdd, effect.KindMemberRemove, effect.KindRoleGrant, effect.KindRoleRevoke, effect.KindStageSet}
}

// mine reports whether the effect is this package's.
func mine(e effect.Effect) bool {
	switch e.(type) {
	case *effect.GroupCreate, *effect.GroupMove, *effect.IndicatorAchieve:
		return true
	}
	k := e.Target().Kind
	return k == effect.Group || k == effect.Programme
}

// Check implements [effect.Applier].
func (a *Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	if !mine(e) {
		if a.next == nil {
			return fmt.Errorf("programme: effect %s on a %s is not ours", e.Kind(), e.Target().Kind)
		}
		return a.next.Check(ctx, q, d, e)
	}
	switch e := e.(type) {
	case *effect.GroupCreate:
		parent, err := parentOf(ctx, q, d, e.Scope)
		if err != nil {
			return err
		}
		return a.s.checkNew(parent, NewGroup{Parent: e.Scope, Kind: e.GroupKind, Name: e.Name})
	case *effect.GroupMove:
		_, err := findGroup(ctx, q, e.Scope.ID, d.Now)
		return err
	case *effect.IndicatorAchieve:
		return checkAchieve(ctx, q, d, e)
	case *effect.MemberInvite:
		if e.Email == "" && e.Person == uuid.Nil {
			return fault.InvalidFields(fault.Field{Path: "invitee", Key: "programme.invitee"})
		}
		return onGroup(e.Scope, orTeam(e.Role))
	case *effect.MemberAdd:
		return onGroup(e.Scope, orTeam(e.Role))
	case *effect.MemberRemove:
		return onGroup(e.Scope, access.TeamMember)
	case *effect.RoleGrant:
		if !e.Until.IsZero() && !e.Until.After(d.Now) {
			return fault.InvalidFields(fault.Field{Path: "until", Key: "programme.until_past"})
		}
		return roleFits(d, e.Scope, e.Role)
	case *effect.RoleRevoke:
		return roleFits(d, e.Scope, e.Role)
	case *effect.StageSet:
		return checkStage(d, e)
	}
	return fmt.Errorf("programme: effect %T is not ours", e)
}

func orTeam(role string) access.Role {
	if role == "" || role == string(access.Participant) { // "empty = participant" means the ordinary member
		return access.TeamMember
	}
	return access.Role(role)
}

func onGroup(s effect.Scope, role access.Role) error {
	if s.Kind != effect.Group {
		return fault.InvalidFields(fault.Field{Path: "scope", Key: "programme.no_members"})
	}
	if !slices.Contains(Roles, role) {
		return fault.InvalidFields(fault.Field{Path: "role", Key: "programme.role"})
	}
	return nil
}

// roleFits: the core's roles where they belong, and roles that the module
// declared for that kind of scope.
func roleFits(d *effect.Decision, s effect.Scope, role string) error {
	if s.Kind == effect.Group && slices.Contains(Roles, access.Role(role)) || s.Kind == effect.Programme && access.Role(role) == access.Lead {
		return nil
	}
	for _, r := range d.Description.Roles {
		if r.Scope == s.Kind && r.Name == role {
			return nil
		}
	}
	return fault.InvalidFields(fault.Field{Path: "role", Key: "programme.role"})
}

// grantName is how a role is kept: the core's as it is, a module's qualified.
func grantName(d *effect.Decision, role string) access.Role {
	for _, r := range d.Description.Roles {
		if r.Name == role {
			return access.Role(d.Module + "." + role)
		}
	}
	return access.Role(role)
}

func checkStage(d *effect.Decision, e *effect.StageSet) error {
	if e.Scope.Kind != effect.Programme {
		return fault.InvalidFields(fault.Field{Path: "scope", Key: "programme.no_stages"})
	}
	if _, ok := stageOf(d, e); !ok {
		return fault.InvalidFields(fault.Field{Path: "to", Key: "programme.unknown_stage"})
	}
	return nil
}

func stageOf(d *effect.Decision, e *effect.StageSet) (effect.Stage, bool) {
	st, ok := d.Scope(e.Scope)
	if !ok {
		return effect.Stage{}, false
	}
	module, local, _ := effect.Split(st.Type)
	t, ok := d.Description.ProgrammeType(local)
	if !ok || module != d.Module {
		return effect.Stage{}, false
	}
	for _, s := range t.Stages {
		if s.Name == e.To {
			return s, true
		}
	}
	return effect.Stage{}, false
}

// parentOf is the parent of a new group, also one made by the same decision.
func parentOf(ctx context.Context, q db.Q, d *effect.Decision, s effect.Scope) (effect.ScopeState, error) {
	if st, ok := d.Scope(s); ok {
		return st, nil
	}
	return parentState(ctx, q, s)
}

func checkAchieve(ctx context.Context, q db.Q, d *effect.Decision, e *effect.IndicatorAchieve) error {
	switch {
	case e.Scope.Kind != effect.Programme:
		return fault.InvalidFields(fault.Field{Path: "scope", Key: "programme.no_indicators"})
	case e.Amount <= 0 || e.Evidence == uuid.Nil:
		return fault.InvalidFields(fault.Field{Path: "amount", Key: "programme.achieve_amount"})
	case e.Group == uuid.Nil:
		return nil
	}
	g, err := findGroup(ctx, q, e.Group, d.Now)
	if err != nil {
		return err
	}
	if g.Programme != e.Scope.ID {
		return fault.InvalidFields(fault.Field{Path: "group", Key: "programme.other_programme"})
	}
	return nil
}

// Apply implements [effect.Applier].
func (a *Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	if !mine(e) {
		return a.next.Apply(ctx, tx, d, e, id)
	}
	switch e := e.(type) {
	case *effect.GroupCreate:
		return a.s.applyCreate(ctx, tx, d, e, id)
	case *effect.GroupMove:
		return a.s.applyMove(ctx, tx, d, e)
	case *effect.IndicatorAchieve:
		return a.s.applyAchieve(ctx, tx, d, e, id)
	case *effect.MemberInvite:
		return a.s.applyInvite(ctx, tx, d, e)
	case *effect.MemberAdd:
		return a.s.applyJoin(ctx, tx, d, e.Scope.ID, e.Person, orTeam(e.Role), d.Now, time.Time{})
	case *effect.MemberRemove:
		return a.s.applyLeave(ctx, tx, d, e.Scope.ID, e.Person)
	case *effect.RoleGrant:
		return a.s.applyGrant(ctx, tx, d, e)
	case *effect.RoleRevoke:
		return a.s.applyRevoke(ctx, tx, d, e)
	case *effect.StageSet:
		return a.s.applyStage(ctx, tx, d, e)
	}
	return fmt.Errorf("programme: effect %T is not ours", e)
}

func (s *Service) applyCreate(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.GroupCreate, id uuid.UUID) error {
	parent, err := parentOf(ctx, tx, d, e.Scope)
	if err != nil {
		return err
	}
	if err := s.insertGroup(ctx, tx, d.Actor, id, NewGroup{Parent: e.Scope, Kind: e.GroupKind, Name: e.Name}); err != nil {
		return err
	}
	scope := effect.Scope{Kind: effect.Group, ID: id}
	place := parent.Place
	place.Group = id
	d.Created(effect.ScopeState{Scope: scope, Kind: e.GroupKind, Parent: e.Scope, Place: place})
	d.Emit(scope, "group.created", map[string]any{"group": id, "kind": e.GroupKind})
	return nil
}

func (s *Service) applyMove(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.GroupMove) error {
	g, err := findGroup(ctx, tx, e.Scope.ID, d.Now)
	if err != nil {
		return err
	}
	parent, err := parentOf(ctx, tx, d, e.To)
	if err != nil {
		return err
	}
	if err := s.move(ctx, tx, d.Actor, g, parent); err != nil {
		return err
	}
	d.Emit(e.Scope, "group.moved", map[string]any{"group": g.ID, "kind": g.Kind})
	return nil
}

func (s *Service) applyAchieve(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.IndicatorAchieve, id uuid.UUID) error {
	i, err := lockIndicator(ctx, tx, e.Scope.ID, e.Indicator)
	if fault.Is(err, fault.NotFound) {
		return fault.InvalidFields(fault.Field{Path: "indicator", Key: "programme.unknown_indicator"})
	}
	if err != nil {
		return err
	}
	fresh, err := insertAchievement(ctx, tx, id, i.ID, e, d.Actor.Person, d.Now)
	if err != nil || !fresh { // it has counted: not twice
		return err
	}
	d.Emit(e.Scope, "indicator.achieved", map[string]any{"indicator": i.Code, "achieved": i.Achieved + e.Amount, "target": i.Target})
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: d.Actor.Person, System: d.Actor.System, Action: "indicator:achieve", ObjectKind: "indicator", ObjectID: i.ID.String(),
		ScopeKind: string(effect.Programme), ScopeID: e.Scope.ID, Fields: []string{"amount", "evidence"},
	})
}

func (s *Service) applyInvite(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.MemberInvite) error {
	g, err := findGroup(ctx, tx, e.Scope.ID, d.Now)
	if err != nil {
		return err
	}
	email := e.Email
	if e.Person != uuid.Nil {
		if email, err = addressOf(ctx, tx, e.Person); err != nil {
			return err
		}
	}
	return s.invite(ctx, tx, d.Actor, g, email, orTeam(e.Role))
}

func (s *Service) applyJoin(ctx context.Context, tx *db.Tx, d *effect.Decision, group, person uuid.UUID, role access.Role, from, until time.Time) error {
	g, err := findGroup(ctx, tx, group, d.Now)
	if err != nil {
		return err
	}
	if err := s.join(ctx, tx, d.Actor, g, person, role, from, until); err != nil {
		return err
	}
	d.Emit(g.Scope(), "member.joined", map[string]any{"person": person, "role": string(role)})
	return nil
}

func (s *Service) applyLeave(ctx context.Context, tx *db.Tx, d *effect.Decision, group, person uuid.UUID) error {
	g, err := findGroup(ctx, tx, group, d.Now)
	if err != nil {
		return err
	}
	for _, role := range Roles {
		if err := s.leave(ctx, tx, d.Actor, g, person, role); err != nil {
			return err
		}
	}
	d.Emit(g.Scope(), "member.left", map[string]any{"person": person})
	return nil
}

func (s *Service) applyGrant(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.RoleGrant) error {
	from := e.From
	if from.IsZero() || from.Before(d.Now) {
		from = d.Now
	}
	if e.Scope.Kind == effect.Group && slices.Contains(Roles, access.Role(e.Role)) {
		return s.applyJoin(ctx, tx, d, e.Scope.ID, e.Person, access.Role(e.Role), from, e.Until)
	}
	if state, err := personState(ctx, tx, e.Person); err != nil {
		return err
	} else if state != "active" {
		return fault.InvalidFields(fault.Field{Path: "person", Key: "programme.person_not_active"})
	}
	if err := access.Give(ctx, tx, access.Row{Person: e.Person, Role: grantName(d, e.Role), Kind: access.ScopeKind(e.Scope.Kind), Scope: e.Scope.ID,
		From: from, To: e.Until, By: d.Actor.Person}); err != nil {
		return err
	}
	return s.noteRole(ctx, tx, d, e.Scope, e.Person, "role:grant")
}

func (s *Service) applyRevoke(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.RoleRevoke) error {
	if e.Scope.Kind == effect.Group && slices.Contains(Roles, access.Role(e.Role)) {
		g, err := findGroup(ctx, tx, e.Scope.ID, d.Now)
		if err != nil {
			return err
		}
		return s.leave(ctx, tx, d.Actor, g, e.Person, access.Role(e.Role))
	}
	if err := access.Take(ctx, tx, e.Person, grantName(d, e.Role), access.ScopeKind(e.Scope.Kind), e.Scope.ID, d.Now); err != nil {
		return err
	}
	return s.noteRole(ctx, tx, d, e.Scope, e.Person, "role:revoke")
}

func (s *Service) noteRole(ctx context.Context, tx *db.Tx, d *effect.Decision, scope effect.Scope, person uuid.UUID, action string) error {
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: d.Actor.Person, System: d.Actor.System, Action: action, ObjectKind: "person", ObjectID: person.String(),
		ScopeKind: string(scope.Kind), ScopeID: scope.ID, Fields: []string{"role"},
	})
}

func (s *Service) applyStage(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.StageSet) error {
	stage, ok := stageOf(d, e)
	if !ok {
		return fault.InvalidFields(fault.Field{Path: "to", Key: "programme.unknown_stage"})
	}
	n, err := setStage(ctx, tx, e.Scope.ID, e.From, e.To, stage.Closed, d.Now)
	if err != nil {
		return err
	}
	if n == 0 {
		return effect.ErrStale
	}
	d.Emit(e.Scope, "stage.changed", map[string]any{"from": e.From, "to": e.To})
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: d.Actor.Person, System: d.Actor.System, Action: "programme:stage", ObjectKind: "programme", ObjectID: e.Scope.ID.String(),
		ScopeKind: string(effect.Programme), ScopeID: e.Scope.ID, Fields: []string{"stage"},
	})
}
