package programme

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// The permissions of people on groups, at the group's place.
const (
	ViewGroup   access.Permission = "group:view"
	ManageGroup access.Permission = "group:manage"
)

// Group is a team inside a programme or a network.
type Group struct {
	ID   uuid.UUID `json:"id"`
	Kind string    `json:"kind"` // local name of the type's group kind
	Name string    `json:"name"`
	// Parent is the programme or network it lies in, ParentTitle its title.
	Parent      effect.Scope `json:"parent"`
	ParentTitle string       `json:"parent_title"`
	// Type is the qualified type of the nearest parent that has one.
	Type        string    `json:"type,omitempty"`
	Programme   uuid.UUID `json:"programme,omitzero"`
	Centre      uuid.UUID `json:"centre,omitzero"`
	Institution uuid.UUID `json:"institution,omitzero"`
	Closed      bool      `json:"closed"`
	Members     int       `json:"members"`
	CreatedAt   time.Time `json:"created_at"`
	Version     int64     `json:"version"`

	// programmeType is the type of the programme above the group's network.
	programmeType string
}

// Scope is the group as a scope.
func (g *Group) Scope() effect.Scope { return effect.Scope{Kind: effect.Group, ID: g.ID} }

// Place is where permissions of the group are asked.
func (g *Group) Place() access.Place {
	p := g.above()
	p.Group = g.ID
	return p
}

// above is the place of the group's parent.
func (g *Group) above() access.Place {
	p := access.Place{Centre: g.Centre, Programme: g.Programme}
	if g.Parent.Kind == effect.Network {
		p.Network = g.Parent.ID
	}
	return p
}

// NewGroup is a group to be made.
type NewGroup struct {
	Parent effect.Scope
	// Kind is a group kind of the parent's type; empty where the parent has no
	// type or its type knows no kinds.
	Kind        string
	Name        string
	Institution uuid.UUID
}

// CreateGroup makes a group. Needs [ManageGroup] at its parent. Invalid names
// the field, Conflict when the parent is closed.
func (s *Service) CreateGroup(ctx context.Context, a *access.Actor, in NewGroup) (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	return act(ctx, s, a, "group.create", in, func(ctx context.Context, tx *db.Tx) (uuid.UUID, error) {
		parent, err := parentState(ctx, tx, in.Parent)
		if err != nil {
			return uuid.Nil, err
		}
		if err := s.auth.Require(a, ManageGroup, parent.Place); err != nil {
			return uuid.Nil, err
		}
		if err := s.checkNew(parent, in); err != nil {
			return uuid.Nil, err
		}
		if err := s.insertGroup(ctx, tx, a, id, in); err != nil {
			return uuid.Nil, err
		}
		return id, s.emit(ctx, tx, id, "group.created", map[string]any{"group": id, "kind": in.Kind})
	})
}

func (s *Service) checkNew(parent effect.ScopeState, in NewGroup) error {
	var bad fault.Fields
	checkTitle(&bad, "name", in.Name)
	if !s.knowsGroupKind(parent.Type, in.Kind) {
		bad.Add("kind", "programme.group_kind")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if parent.Closed {
		return fault.New(fault.Conflict, "programme.parent_closed")
	}
	return nil
}

func (s *Service) insertGroup(ctx context.Context, tx *db.Tx, a *access.Actor, id uuid.UUID, in NewGroup) error {
	in.Name = strings.TrimSpace(in.Name)
	if err := insertGroup(ctx, tx, id, in, s.clock.Now()); err != nil {
		return err
	}
	return s.noteGroup(ctx, tx, a, id, "group:create", "kind", "name", "institution", "parent")
}

func (s *Service) noteGroup(ctx context.Context, tx *db.Tx, a *access.Actor, id uuid.UUID, action string, fields ...string) error {
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: a.Person, System: a.System, Action: action, ObjectKind: "group", ObjectID: id.String(),
		ScopeKind: "group", ScopeID: id, Fields: fields,
	})
}

// emit tells the modules of an act of a person; effects tell by their decision.
func (s *Service) emit(ctx context.Context, tx *db.Tx, group uuid.UUID, name string, data any) error {
	return s.engine.Emit(ctx, tx, effect.Emission{Scope: effect.Scope{Kind: effect.Group, ID: group}, Name: name, Data: data})
}

// GroupKinds are the group kinds of a qualified type; nil when it has none.
func (s *Service) GroupKinds(typ string) []effect.GroupKind {
	m, err := s.modules.Module(typ)
	if err != nil {
		return nil
	}
	_, local, _ := effect.Split(typ)
	if t, ok := m.Info().Description.NetworkType(local); ok {
		return t.GroupKinds
	}
	if t, ok := m.Info().Description.ProgrammeType(local); ok {
		return t.GroupKinds
	}
	return nil
}

func (s *Service) knowsGroupKind(typ, kind string) bool {
	kinds := s.GroupKinds(typ)
	if len(kinds) == 0 {
		return kind == "" || effect.ValidName(kind)
	}
	for _, k := range kinds {
		if k.Name == kind {
			return true
		}
	}
	return false
}

// RenameGroup changes a group's name. Needs [ManageGroup] at the group.
// Conflict when the group is no longer at version.
func (s *Service) RenameGroup(ctx context.Context, a *access.Actor, id uuid.UUID, name string, version int64) error {
	var bad fault.Fields
	checkTitle(&bad, "name", name)
	if err := bad.Err(); err != nil {
		return err
	}
	_, err := act(ctx, s, a, "group.rename", []any{id, name, version}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		g, err := findGroup(ctx, tx, id, s.clock.Now())
		if err != nil {
			return false, err
		}
		if err := s.auth.Require(a, ManageGroup, g.Place()); err != nil {
			return false, err
		}
		n, err := renameGroup(ctx, tx, id, strings.TrimSpace(name), version)
		if err != nil {
			return false, err
		}
		if n == 0 {
			return false, fault.New(fault.Conflict, "fault.conflict")
		}
		return true, s.noteGroup(ctx, tx, a, id, "group:rename", "name")
	})
	return err
}

// MoveGroup puts a group under another parent of the same programme. Needs
// [ManageGroup] at both parents. Conflict when the group is no longer at
// version or the new parent is closed; Invalid for a parent elsewhere.
func (s *Service) MoveGroup(ctx context.Context, a *access.Actor, id uuid.UUID, to effect.Scope, version int64) error {
	_, err := act(ctx, s, a, "group.move", []any{id, to, version}, func(ctx context.Context, tx *db.Tx) (bool, error) {
		g, err := findGroup(ctx, tx, id, s.clock.Now())
		if err != nil {
			return false, err
		}
		if err := s.auth.Require(a, ManageGroup, g.above()); err != nil {
			return false, err
		}
		parent, err := parentState(ctx, tx, to)
		if err != nil {
			return false, err
		}
		if err := s.auth.Require(a, ManageGroup, parent.Place); err != nil {
			return false, err
		}
		if g.Version != version {
			return false, fault.New(fault.Conflict, "fault.conflict")
		}
		if err := s.move(ctx, tx, a, g, parent); err != nil {
			return false, err
		}
		return true, s.emit(ctx, tx, g.ID, "group.moved", map[string]any{"group": g.ID, "kind": g.Kind})
	})
	return err
}

// move checks and writes the new parent.
func (s *Service) move(ctx context.Context, tx *db.Tx, a *access.Actor, g *Group, parent effect.ScopeState) error {
	if g.Programme == uuid.Nil || parent.Place.Programme != g.Programme {
		return fault.InvalidFields(fault.Field{Path: "to", Key: "programme.other_programme"})
	}
	if parent.Closed {
		return fault.New(fault.Conflict, "programme.parent_closed")
	}
	n, err := moveGroup(ctx, tx, g.ID, parent.Scope, g.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return effect.ErrStale // a Conflict for people, another try for modules
	}
	return s.noteGroup(ctx, tx, a, g.ID, "group:move", "parent")
}

// Group returns a group. Needs [ViewGroup] at it.
func (s *Service) Group(ctx context.Context, a *access.Actor, id uuid.UUID) (*Group, error) {
	g, err := findGroup(ctx, s.db, id, s.clock.Now())
	if err != nil {
		return nil, err
	}
	return g, s.auth.Require(a, ViewGroup, g.Place())
}

// Groups lists the groups directly in a programme or network that the actor
// has [ViewGroup] of, by name, limit 1–100 (0 = 50). Where there is none,
// the list is empty for those who may see or make groups there, else NotFound.
func (s *Service) Groups(ctx context.Context, a *access.Actor, parent effect.Scope, after string, limit int) (Page[Group], error) {
	p, err := s.groups(ctx, a, parent, after, limit)
	if err == nil && len(p.Items) == 0 && after == "" {
		_, _, err = s.ParentOf(ctx, a, parent)
	}
	return p, err
}

// MyGroups lists all groups that the actor has [ViewGroup] of by a role in
// them or above, by name, limit 1–100 (0 = 50).
func (s *Service) MyGroups(ctx context.Context, a *access.Actor, after string, limit int) (Page[Group], error) {
	return s.groups(ctx, a, effect.Scope{}, after, limit)
}

func (s *Service) groups(ctx context.Context, a *access.Actor, parent effect.Scope, after string, limit int) (Page[Group], error) {
	sum := []byte("groups/" + parent.String())
	name, id := "", uuid.Nil
	if after != "" {
		c, err := s.key.Open(sum, after, 1)
		if err != nil {
			return Page[Group]{}, err
		}
		name, id = *c.Values[0], c.ID
	}
	limit = pageLimit(limit)
	r := s.auth.Reach(a, ViewGroup)
	items, err := listGroups(ctx, s.db, parent, &r, s.clock.Now(), name, id, limit+1)
	if err != nil {
		return Page[Group]{}, err
	}
	return page(s.key, sum, items, limit, func(g *Group) (string, uuid.UUID) { return g.Name, g.ID })
}

// Parent is a place where a group can lie.
type Parent struct {
	Scope effect.Scope
	Title string
}

// Parents lists where a group can be moved: its programme and the open networks
// in it. Needs [ManageGroup] at the group's parent.
func (s *Service) Parents(ctx context.Context, a *access.Actor, id uuid.UUID) ([]Parent, error) {
	g, err := findGroup(ctx, s.db, id, s.clock.Now())
	if err != nil {
		return nil, err
	}
	if err := s.auth.Require(a, ManageGroup, g.above()); err != nil {
		return nil, err
	}
	if g.Programme == uuid.Nil {
		return nil, nil
	}
	return listParents(ctx, s.db, g.Programme)
}

// Rights are what the actor may do with a group.
type Rights struct {
	// Manage: rename, invite to the team. Appoint: heads, guardians, moving.
	Manage, Appoint bool
}

// Rights tells what to offer on a group's page.
func (s *Service) Rights(a *access.Actor, g *Group) Rights {
	return Rights{Manage: s.auth.Can(a, ManageGroup, g.Place()), Appoint: s.auth.Can(a, ManageGroup, g.above())}
}

// MayEdit reports whether the actor may edit the programme, and MayGroup
// whether it may make groups directly in it.
func (s *Service) MayEdit(a *access.Actor, p *Programme) (edit, group bool) {
	return s.auth.Can(a, Edit, p.place()), s.auth.Can(a, ManageGroup, p.place())
}

// ParentOf tells what a programme or network is called and whether the actor
// may make groups in it. NotFound when it may neither see nor make groups there.
func (s *Service) ParentOf(ctx context.Context, a *access.Actor, scope effect.Scope) (effect.ScopeState, bool, error) {
	st, err := parentState(ctx, s.db, scope)
	if err != nil {
		return st, false, err
	}
	may := s.auth.Can(a, ManageGroup, st.Place)
	if !may {
		err = s.auth.Require(a, ViewGroup, st.Place)
	}
	return st, may && !st.Closed, err
}
