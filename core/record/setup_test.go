package record_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/policies"
)

// places answers for every scope with the scope alone as its place.
type places struct{}

func (places) State(_ context.Context, _ db.Q, s effect.Scope) (effect.ScopeState, error) {
	st := effect.ScopeState{Scope: s}
	switch s.Kind {
	case effect.Network:
		st.Place.Network = s.ID
	case effect.Group:
		st.Place.Group = s.ID
	case effect.Programme:
		st.Place.Programme = s.ID
	}
	return st, nil
}

type world struct {
	t     *testing.T
	db    *db.DB
	clock *clock.Fixed
	s     *record.Service
	desc  *effect.Description
	me    uuid.UUID
}

const planForm = `{"kind":"form","v":1,"id":"plan","rev":1,"title":{"pl":"Plan"},"items":[
	{"id":"cel","type":"text","label":{"pl":"Cel"},"required":true},
	{"id":"opis","type":"longtext","label":{"pl":"Opis"}}]}`

func description() *effect.Description {
	doc := effect.Document{JSON: json.RawMessage(planForm), Revision: 1}
	return &effect.Description{Module: "test.trial", Version: "1.0.0", RecordKinds: []effect.RecordKind{
		{
			Name: "plan", Title: effect.Text{"pl": "Plan"}, Form: doc, History: effect.Versions,
			Scopes: []effect.ScopeKind{effect.Network, effect.Group}, Columns: []string{"cel"},
			IndexFields: []effect.IndexField{
				{Name: "risk", Type: effect.FieldInteger}, {Name: "team", Type: effect.FieldRef},
				{Name: "topic", Type: effect.FieldText}, {Name: "until", Type: effect.FieldDate},
				{Name: "share", Type: effect.FieldNumber}, {Name: "ready", Type: effect.FieldBoolean},
			},
			UniqueKeys: [][]string{{"team"}},
		},
		{
			Name: "secret", Title: effect.Text{"pl": "Dane"}, Form: doc, History: effect.Latest,
			Scopes: []effect.ScopeKind{effect.Network}, Personal: &effect.PersonalData{RetentionDays: 30},
		},
	}}
}

func setup(t *testing.T) *world {
	t.Helper()
	d := dbtest.New(t)
	c := clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	w := &world{t: t, db: d, clock: c, desc: description(), me: uuid.New()}
	w.s = record.New(record.Config{DB: d, Clock: c, Audit: audit.New(key, c), Access: a, Scopes: places{}, CursorKey: key})
	w.person(w.me)
	w.tx(func(ctx context.Context, tx *db.Tx) error { return w.s.Declare(ctx, tx, w.desc) })
	return w
}

func (w *world) person(id uuid.UUID) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), `INSERT INTO person (id, email, name, sort_name) VALUES ($1, $2, 'A', 'A')`, id, id.String()+"@example.org"); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tx(f func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) decision() *effect.Decision {
	return &effect.Decision{
		ID: uuid.New(), Module: w.desc.Module, Description: w.desc, Now: w.clock.Now(),
		Actor: &access.Actor{Person: w.me},
	}
}

// do checks and applies effects in one transaction, as the engine does.
func (w *world) do(d *effect.Decision, effects ...effect.Effect) ([]uuid.UUID, error) {
	var ids []uuid.UUID
	err := w.db.Tx(w.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		ids = nil
		for i, e := range effects {
			id := effect.HandleID(d.ID, string(rune('a'+i)))
			if err := w.s.Applier().Check(ctx, tx, d, e); err != nil {
				return err
			}
			if err := w.s.Applier().Apply(ctx, tx, d, e, id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	return ids, err
}

func (w *world) put(scope effect.Scope, cel string, index map[string]effect.Value) uuid.UUID {
	w.t.Helper()
	ids, err := w.do(w.decision(), plan(scope, cel, index))
	if err != nil {
		w.t.Fatal(err)
	}
	return ids[0]
}

func plan(scope effect.Scope, cel string, index map[string]effect.Value) *effect.RecordPut {
	raw, _ := json.Marshal(map[string]string{"cel": cel})
	return &effect.RecordPut{Scope: scope, RecordKind: "plan", Data: effect.Document{JSON: raw, Revision: 1}, Index: index}
}

func network() effect.Scope { return effect.Scope{Kind: effect.Network, ID: uuid.New()} }

func request(scopes ...effect.Scope) *effect.SliceRequest {
	return &effect.SliceRequest{Module: "test.trial", Source: effect.SourceRecord, Kind: "plan", Scopes: scopes, Limit: 100}
}

func (w *world) read(r *effect.SliceRequest) *effect.SliceResult {
	w.t.Helper()
	out, err := w.s.Reader().ReadSlice(w.t.Context(), w.db, r)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// goals are the texts of the rows, in order.
func goals(t *testing.T, rows []effect.Row) string {
	t.Helper()
	out := ""
	for _, r := range rows {
		var a map[string]string
		if err := json.Unmarshal(r.Data, &a); err != nil {
			t.Fatal(err)
		}
		out += a["cel"]
	}
	return out
}

func wantStale(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, effect.ErrStale) {
		t.Errorf("got %v, want effect.ErrStale", err)
	}
}

func wantKey(t *testing.T, err error, kind fault.Kind, key string) {
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
