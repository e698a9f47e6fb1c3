package programme_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/policies"
)

// letters keeps what would be told.
type letters struct{ sent []notify.Message }

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.sent = append(l.sent, m)
	return nil
}

type world struct {
	t       *testing.T
	db      *db.DB
	clock   *clock.Fixed
	s       *programme.Service
	engine  *effect.Engine
	module  *scripted.Module
	letters *letters
	admin   *access.Actor
}

// networks tells the engine about the networks that a test inserts.
type networks struct{ w *world }

func (n networks) States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	var out []effect.ScopeState
	for _, id := range ids {
		var programme uuid.NullUUID
		if err := q.Get(ctx, &programme, `SELECT programme_id FROM network WHERE id = $1`, id); err != nil {
			return nil, err
		}
		out = append(out, effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: id}, Type: "test.trial:net",
			Parent: effect.Scope{Kind: effect.Programme, ID: programme.UUID}, Place: access.Place{Network: id, Programme: programme.UUID}})
	}
	return out, nil
}

func (n networks) Below(ctx context.Context, q db.Q, parent effect.Scope, limit int) ([]effect.ScopeState, error) {
	var ids []uuid.UUID
	if err := q.Select(ctx, &ids, `SELECT id FROM network WHERE programme_id = $1 ORDER BY id LIMIT $2`, parent.ID, limit); err != nil {
		return nil, err
	}
	return n.States(ctx, q, ids)
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), letters: &letters{}}
	w.clock = clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	scopes := []effect.ScopeKind{effect.Programme, effect.Network, effect.Group}
	w.module = scripted.New(&effect.Description{
		Module: "test.trial", Version: "1.0.0",
		Roles: []effect.RoleKind{{Name: "observer", Scope: effect.Group}},
		ProgrammeTypes: []effect.ProgrammeType{{
			Name: "jst", Title: effect.Text{"pl": "Program JST"}, Stages: []effect.Stage{{Name: "start"}, {Name: "end", Closed: true}},
			GroupKinds: []effect.GroupKind{{Name: "team"}},
			Indicators: []effect.Indicator{{Name: "plans", Title: effect.Text{"pl": "Plany"}, UsualTarget: 7}},
			Behaviour:  effect.Behaviour{Commands: []effect.CommandKind{{Name: "act", Scopes: scopes}}},
		}},
		NetworkTypes: []effect.NetworkType{{Name: "net", Stages: []effect.Stage{{Name: "start"}}, GroupKinds: []effect.GroupKind{{Name: "team"}}}},
	})
	w.module.Permit(t, a, access.OREAdmin, access.Guardian)
	key := make([]byte, 32)
	log := audit.New(key, w.clock)
	modules := scripted.Modules{w.module}
	w.engine = effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: a, Modules: modules})
	w.s = programme.New(programme.Config{DB: w.db, Access: a, Audit: log, Clock: w.clock, Modules: modules, Engine: w.engine, Notify: w.letters, CursorKey: key})
	ap := w.s.Applier(nil)
	w.engine.RegisterApplier(ap, append(ap.Kinds(), ap.SharedKinds()...)...)
	w.engine.RegisterScopes(w.s.Scopes(), effect.Programme, effect.Group)
	w.engine.RegisterScopes(networks{w}, effect.Network)
	w.engine.RegisterReader(w.s.GroupReader(), effect.SourceGroup)
	w.engine.RegisterReader(w.s.IndicatorReader(), effect.SourceIndicator)
	w.engine.RegisterReader(w.s.MemberReader(nil), effect.SourceMember)
	w.admin = w.person(access.Grant{Role: access.OREAdmin, Kind: access.Platform})
	return w
}

// person makes an active account with grants.
func (w *world) person(grants ...access.Grant) *access.Actor {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, 'A', 'A', 'active')`, id, id.String()+"@example.org")
	return &access.Actor{Person: id, Grants: grants}
}

// again reads the person's roles as the next request would.
func (w *world) again(a *access.Actor) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.db, a.Person, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: a.Person, Grants: g}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) programme(code string) *programme.Programme {
	w.t.Helper()
	p, err := w.s.Create(w.t.Context(), w.admin, programme.NewProgramme{Code: code, Title: "Program " + code, Type: "test.trial:jst"})
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) network(p *programme.Programme) effect.Scope {
	w.t.Helper()
	id, centre := uuid.New(), uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'C', 'c', $1)`, centre)
	w.exec(`INSERT INTO network (id, module, type, programme_id, centre_id, title, title_folded, school_year, created_at)
		VALUES ($1, 'test.trial', 'net', $2, $3, 'Sieć', 'siec', 2026, now())`, id, p.ID, centre)
	return effect.Scope{Kind: effect.Network, ID: id}
}

func (w *world) group(parent effect.Scope, name string) uuid.UUID {
	w.t.Helper()
	id, err := w.s.CreateGroup(w.t.Context(), w.admin, programme.NewGroup{Parent: parent, Kind: "team", Name: name})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// decide lets the module answer the command "act" with effects.
func (w *world) decide(a *access.Actor, scope effect.Scope, effects ...effect.Effect) (*effect.Outcome, error) {
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		out := &effect.Answer{}
		for i, e := range effects {
			out.Effects = append(out.Effects, effect.Item{Handle: string(rune('a' + i)), Effect: e})
		}
		return out, nil
	}
	return w.engine.Decide(access.With(w.t.Context(), a), &effect.Request{Type: "test.trial:jst", Scope: scope, Input: effect.Command{Name: "act"}})
}

func scopeOf(p *programme.Programme) effect.Scope {
	return effect.Scope{Kind: effect.Programme, ID: p.ID}
}

func team(id uuid.UUID) effect.Scope { return effect.Scope{Kind: effect.Group, ID: id} }

func want(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", key)
	}
	f := fault.As(err)
	found := f.Key == key
	for _, field := range f.Fields {
		found = found || field.Key == key
	}
	if f.Kind != kind || !found {
		t.Errorf("got %v, want %s %s", err, kind, key)
	}
}
