// Package scripted is a module whose answers a test writes down, for tests of
// the contexts that apply effects: no process, no wire.
package scripted

import (
	"context"
	"sync"
	"testing"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// Module answers what its functions say; a nil one answers nothing. Set Down to
// make every call Unavailable. Safe for concurrent use as far as the functions are.
type Module struct {
	Description *effect.Description
	OnDecide    func(*effect.Ask) (*effect.Answer, error)
	OnRender    func(*effect.RenderAsk) (*effect.RenderAnswer, error)
	OnGuard     func(*effect.GuardAsk) (*effect.GuardAnswer, error)
	Grants      effect.Grants

	mu    sync.Mutex
	down  bool
	asked []effect.Ask
}

var _ effect.Module = (*Module)(nil)

// New makes a module of the description with every capability on every scope.
func New(d *effect.Description) *Module {
	m := &Module{Description: d, Grants: effect.Grants{}}
	for _, k := range effect.Kinds {
		for _, s := range []effect.ScopeKind{effect.Programme, effect.Network, effect.Group, effect.Membership} {
			m.Grants[effect.Capability{Name: string(k), Scope: s}] = true
		}
	}
	return m
}

// Permit lets the roles, and the module's own system, bring about every effect
// and give every command.
func (m *Module) Permit(t testing.TB, a *access.Authorizer, roles ...access.Role) {
	t.Helper()
	var rules []access.Rule
	object := access.ModuleObject(m.Description.Module)
	commands := map[string]bool{}
	add := func(b *effect.Behaviour) {
		for _, c := range b.Commands {
			commands[c.Name] = true
		}
	}
	for i := range m.Description.NetworkTypes {
		add(&m.Description.NetworkTypes[i].Behaviour)
	}
	for i := range m.Description.ProgrammeTypes {
		add(&m.Description.ProgrammeTypes[i].Behaviour)
	}
	for i := range m.Description.TaskTypes {
		add(&m.Description.TaskTypes[i].Behaviour)
	}
	for _, r := range append(roles, effect.SystemRole(m.Description.Module)) {
		for _, k := range effect.Kinds {
			rules = append(rules, access.Rule{Role: r, Object: object + "/effect", Action: string(k)})
		}
		for c := range commands {
			rules = append(rules, access.Rule{Role: r, Object: object + "/command", Action: c})
		}
	}
	if err := a.SetModule(m.Description.Module, rules); err != nil {
		t.Fatal(err)
	}
}

// SetDown makes calls Unavailable, or ends that.
func (m *Module) SetDown(down bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = down
}

// Asked are the decisions asked so far.
func (m *Module) Asked() []effect.Ask {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]effect.Ask(nil), m.asked...)
}

func (m *Module) up() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.down {
		return fault.New(fault.Unavailable, "fault.unavailable")
	}
	return nil
}

// Info implements [effect.Module].
func (m *Module) Info() *effect.Info {
	return &effect.Info{ID: m.Description.Module, Version: m.Description.Version, Enabled: true, Description: m.Description, Grants: m.Grants}
}

// Decide implements [effect.Module].
func (m *Module) Decide(_ context.Context, a *effect.Ask) (*effect.Answer, error) {
	if err := m.up(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	m.asked = append(m.asked, *a)
	m.mu.Unlock()
	if m.OnDecide == nil {
		return &effect.Answer{}, nil
	}
	return m.OnDecide(a)
}

// Render implements [effect.Module].
func (m *Module) Render(_ context.Context, a *effect.RenderAsk) (*effect.RenderAnswer, error) {
	if err := m.up(); err != nil {
		return nil, err
	}
	if m.OnRender == nil {
		return &effect.RenderAnswer{}, nil
	}
	return m.OnRender(a)
}

// Guard implements [effect.Module].
func (m *Module) Guard(_ context.Context, a *effect.GuardAsk) (*effect.GuardAnswer, error) {
	if err := m.up(); err != nil {
		return nil, err
	}
	if m.OnGuard == nil {
		return &effect.GuardAnswer{}, nil
	}
	return m.OnGuard(a)
}

// Modules is a fixed set of modules.
type Modules []*Module

var _ effect.Modules = Modules{}

// Module implements [effect.Modules].
func (l Modules) Module(typ string) (effect.Module, error) {
	id, local, _ := effect.Split(typ)
	for _, m := range l {
		if m.Description.Module != id {
			continue
		}
		if _, ok := m.Description.Behaviour(local); ok {
			return m, nil
		}
	}
	return nil, fault.ErrNotFound
}

// ByID implements [effect.Modules].
func (l Modules) ByID(id string) (effect.Module, error) {
	for _, m := range l {
		if m.Description.Module == id {
			return m, nil
		}
	}
	return nil, fault.ErrNotFound
}

// Enabled implements [effect.Modules].
func (l Modules) Enabled() []effect.Module {
	out := make([]effect.Module, len(l))
	for i, m := range l {
		out[i] = m
	}
	return out
}
