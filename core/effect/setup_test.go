package effect_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
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
	"ore.edu.pl/sieci/policies"
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

const netType = "test.trial:network"

// world is an engine with one module, one network with two groups, and a table
// of things that stands for records.
type world struct {
	t      *testing.T
	db     *db.DB
	clock  *clock.Fixed
	auth   *access.Authorizer
	e      *effect.Engine
	m      *scripted.Module
	places *places
	things *things
	net    effect.Scope
	group  effect.Scope
	other  effect.Scope // a network of the type that is not handed out
	me     *access.Actor
}

func (w *world) ctx() context.Context { return access.With(w.t.Context(), w.me) }

// describe is a module with a command of each interesting shape.
func describe() *effect.Description {
	rows := effect.Wants{Slices: []effect.SliceSpec{{Name: "things", Source: effect.SourceRecord, Kind: "thing", Selector: effect.This, Limit: 2}}}
	kids := effect.Wants{Slices: []effect.SliceSpec{{Name: "things", Source: effect.SourceRecord, Kind: "thing", Selector: effect.Children, Writable: true}}}
	form := effect.Document{Revision: 1, JSON: json.RawMessage(`{"kind":"form","v":1,"id":"note","rev":1,"title":{"pl":"Notatka"},
		"items":[{"id":"text","type":"text","label":{"pl":"Treść"},"required":true}]}`)}
	visit := effect.Document{Revision: 1, JSON: json.RawMessage(`{"kind":"form","v":1,"id":"visit","rev":1,"title":{"pl":"Wizyta"},"items":[
		{"id":"szkola","type":"ref","ref":"szkola","label":{"pl":"Szkoła"}},
		{"id":"wizyty","type":"group","label":{"pl":"Wizyta"},"repeat":{"min":0,"max":3},"items":[{"id":"gdzie","type":"ref","ref":"szkola","label":{"pl":"Gdzie"}}]}]}`)}
	return &effect.Description{
		Module: "test.trial", Version: "1.0.0", ContractRevision: 1, RecordKinds: []effect.RecordKind{{Name: "thing", Form: form}},
		NetworkTypes: []effect.NetworkType{{
			Name: "network", Title: effect.Text{"pl": "Próba"}, Function: effect.Text{"pl": "Sieci próbne", "en": "Trial networks"},
			Stages: []effect.Stage{{Name: "work", Title: effect.Text{"pl": "Praca"}}},
			Behaviour: effect.Behaviour{
				Commands: []effect.CommandKind{{Name: "act", Wants: rows}, {Name: "reach", Wants: kids}, {Name: "note", Form: form}, {Name: "secret"}, {Name: "edit", Form: form, Wants: rows}, {Name: "visit", Form: visit}},
				Views:    []effect.ViewKind{{Name: "home", Wants: rows}},
				Events:   []effect.EventInterest{{Name: "thing.made"}},
				Timers:   []effect.TimerKind{{Name: "remind"}},
				Guards:   []effect.GuardKind{{Command: "network.member:add", Mode: effect.Advisory}, {Command: "network.stage:set", Mode: effect.Required}},
			},
		}},
	}
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), clock: clock.NewFixed(start), m: scripted.New(describe())}
	if _, err := w.db.Exec(t.Context(), `CREATE TABLE thing (id uuid PRIMARY KEY, scope_id uuid NOT NULL, version bigint NOT NULL DEFAULT 1, body text NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w.auth = auth
	object := access.ModuleObject("test.trial")
	var rules []access.Rule
	for _, r := range []access.Role{access.Coordinator, effect.SystemRole("test.trial")} {
		for _, k := range effect.Kinds {
			if k != effect.KindRoleGrant { // nobody may
				rules = append(rules, access.Rule{Role: r, Object: object + "/effect", Action: string(k)})
			}
		}
		for _, c := range []string{"act", "reach", "note", "edit", "visit"} {
			rules = append(rules, access.Rule{Role: r, Object: object + "/command", Action: c})
		}
		rules = append(rules, access.Rule{Role: r, Object: object + "/view", Action: "home"})
	}
	if err := auth.SetModule("test.trial", rules); err != nil {
		t.Fatal(err)
	}
	delete(w.m.Grants, effect.Capability{Name: string(effect.KindGroupCreate), Scope: effect.Network})
	w.e = effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: audit.New(make([]byte, 32), w.clock), Access: auth, Modules: scripted.Modules{w.m}})
	w.places, w.things = &places{states: map[effect.Scope]effect.ScopeState{}}, &things{}
	w.e.RegisterScopes(w.places, effect.Network, effect.Group)
	w.e.RegisterApplier(w.things, effect.KindRecordPut, effect.KindRecordRevise, effect.KindRoleGrant, effect.KindGroupCreate)
	w.e.RegisterReader(w.things, effect.SourceRecord)
	w.net = effect.Scope{Kind: effect.Network, ID: uuid.New()}
	w.other = effect.Scope{Kind: effect.Network, ID: uuid.New()}
	w.group = effect.Scope{Kind: effect.Group, ID: uuid.New()}
	w.places.add(effect.ScopeState{Scope: w.net, Type: netType, Stage: "work", Place: access.Place{Network: w.net.ID}})
	w.places.add(effect.ScopeState{Scope: w.other, Type: netType, Stage: "work", Place: access.Place{Network: w.other.ID}})
	w.places.add(effect.ScopeState{Scope: w.group, Parent: w.net, Kind: "team", Place: access.Place{Network: w.net.ID, Group: w.group.ID}})
	w.me = &access.Actor{Person: uuid.New(), Grants: []access.Grant{
		{Role: access.Coordinator, Kind: access.Network, Scope: w.net.ID}, {Role: access.Coordinator, Kind: access.Network, Scope: w.other.ID},
	}}
	return w
}

func act(name string) effect.Command { return effect.Command{Name: name} }

func (w *world) request() *effect.Request {
	return &effect.Request{Type: netType, Scope: w.net, Input: act("act")}
}

// answers makes the module answer with effects, whatever it is asked.
func (w *world) answers(items ...effect.Item) {
	w.m.OnDecide = func(*effect.Ask) (*effect.Answer, error) { return &effect.Answer{Effects: items}, nil }
}

func put(handle string, s effect.Scope, body string) effect.Item {
	raw, _ := json.Marshal(map[string]string{"body": body})
	return effect.Item{Handle: handle, Effect: &effect.RecordPut{Scope: s, RecordKind: "thing", Data: effect.Document{JSON: raw, Revision: 1}}}
}

func (w *world) count(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.db.Get(w.t.Context(), &n, query, args...); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// thingsMade counts rows that effects left.
func (w *world) thingsMade() int { return w.count(`SELECT count(*) FROM thing`) }

func (w *world) thing(body string) effect.Row {
	w.t.Helper()
	r := effect.Row{ID: uuid.New(), Version: 1, Scope: w.net}
	if _, err := w.db.Exec(w.t.Context(), `INSERT INTO thing (id, scope_id, body) VALUES ($1, $2, $3)`, r.ID, w.net.ID, body); err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) emit(name string) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return w.e.Emit(ctx, tx, effect.Emission{Scope: w.net, Name: name, Data: map[string]string{"a": "b"}})
	}); err != nil {
		w.t.Fatal(err)
	}
}

func wantKey(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if !fault.Is(err, kind) || fault.As(err).Key != key {
		t.Errorf("got %v, want %v %s", err, kind, key)
	}
}

// places answers for scopes kept in memory.
type places struct {
	mu     sync.Mutex
	states map[effect.Scope]effect.ScopeState
}

func (p *places) add(s effect.ScopeState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.states[s.Scope] = s
}

func (p *places) States(_ context.Context, _ db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []effect.ScopeState
	for _, st := range p.states {
		for _, id := range ids {
			if st.Scope.ID == id {
				out = append(out, st)
			}
		}
	}
	return out, nil
}

func (p *places) Below(_ context.Context, _ db.Q, parent effect.Scope, _ int) ([]effect.ScopeState, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []effect.ScopeState
	for _, st := range p.states {
		if st.Parent == parent {
			out = append(out, st)
		}
	}
	return out, nil
}

// things applies record effects to the table thing and reads it. A body "bad"
// is refused.
type things struct{}

func (*things) Check(_ context.Context, _ db.Q, _ *effect.Decision, e effect.Effect) error {
	if p, ok := e.(*effect.RecordPut); ok && string(p.Data.JSON) == `{"body":"bad"}` {
		return fault.InvalidFields(fault.Field{Path: "data.body", Key: "fault.invalid"})
	}
	return nil
}

func (*things) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	switch e := e.(type) {
	case *effect.RecordPut:
		_, err := tx.Exec(ctx, `INSERT INTO thing (id, scope_id, body) VALUES ($1, $2, $3)`, id, e.Scope.ID, string(e.Data.JSON))
		d.Emit(e.Scope, "thing.made", map[string]string{"thing": id.String()})
		return err
	case *effect.RecordRevise:
		n, err := tx.Exec(ctx, `UPDATE thing SET version = version + 1, body = $3 WHERE id = $1 AND version = $2`, e.Record, e.Version, string(e.Data.JSON))
		if err == nil && n == 0 {
			return effect.ErrStale
		}
		return err
	}
	return fmt.Errorf("no applier of %T", e)
}

func (*things) ReadSlice(ctx context.Context, q db.Q, r *effect.SliceRequest) (*effect.SliceResult, error) {
	after := uuid.Nil.String()
	if r.Cursor != "" {
		after = r.Cursor
	}
	out := &effect.SliceResult{}
	for _, s := range r.Scopes {
		var rows []struct {
			ID      uuid.UUID `db:"id"`
			Version int64     `db:"version"`
			Body    string    `db:"body"`
		}
		if err := q.Select(ctx, &rows, `SELECT id, version, body FROM thing WHERE scope_id = $1 AND id > CAST($2 AS uuid) ORDER BY id LIMIT $3`, s.ID, after, r.Limit+1); err != nil {
			return nil, err
		}
		for i, x := range rows {
			if i == r.Limit {
				out.Cursor = out.Rows[len(out.Rows)-1].ID.String()
				break
			}
			out.Rows = append(out.Rows, effect.Row{ID: x.ID, Version: x.Version, Scope: s, Data: json.RawMessage(strconv.Quote(x.Body)), Revision: 1})
		}
	}
	return out, nil
}

func (*things) LockVersions(ctx context.Context, tx *db.Tx, ids []uuid.UUID) (map[uuid.UUID]int64, error) {
	out := map[uuid.UUID]int64{}
	for _, id := range ids {
		var v int64
		err := tx.Get(ctx, &v, `SELECT version FROM thing WHERE id = $1 FOR SHARE`, id)
		if db.IsNoRows(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[id] = v
	}
	return out, nil
}
