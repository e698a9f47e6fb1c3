package task_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/policies"
)

// letters keeps what would be told.
type letters struct{ sent []notify.Message }

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.sent = append(l.sent, m)
	return nil
}

// told reports whether the person was told under the key.
func (l *letters) told(person uuid.UUID, key string) bool {
	for _, m := range l.sent {
		for _, to := range m.To {
			if to == person && m.Key == key {
				return true
			}
		}
	}
	return false
}

type world struct {
	t         *testing.T
	db        *db.DB
	clock     *clock.Fixed
	s         *task.Service
	engine    *effect.Engine
	module    *scripted.Module
	letters   *letters
	files     *file.Service
	programme uuid.UUID
	network   effect.Scope
	group     effect.Scope
	// The people: who leads the network, its participants, a team with its head
	// and guardian, and somebody from elsewhere.
	coordinator, anna, jan, head, mate, guardian, stranger *access.Actor
}

// networks tells the engine about the networks that a test inserts.
type networks struct{}

func (n networks) States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	var out []effect.ScopeState
	for _, id := range ids {
		var r struct {
			Programme uuid.NullUUID `db:"programme_id"`
			Status    string        `db:"status"`
		}
		if err := q.Get(ctx, &r, `SELECT programme_id, status FROM network WHERE id = $1`, id); err != nil {
			return nil, err
		}
		out = append(out, effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: id}, Type: "test.trial:net", Closed: r.Status == "closed",
			Parent: effect.Scope{Kind: effect.Programme, ID: r.Programme.UUID}, Place: access.Place{Network: id, Programme: r.Programme.UUID}})
	}
	return out, nil
}

func (networks) Below(context.Context, db.Q, effect.Scope, int) ([]effect.ScopeState, error) {
	return nil, nil
}

const observation = `{"kind":"form","v":1,"id":"obserwacja","rev":1,"title":{"pl":"Obserwacja"},"items":[
	{"id":"temat","type":"text","label":{"pl":"Temat"},"required":true},
	{"id":"wnioski","type":"longtext","label":{"pl":"Wnioski"}},
	{"id":"skan","type":"file","label":{"pl":"Skan"}},
	{"id":"kroki","type":"group","label":{"pl":"Krok"},"repeat":{"min":0,"max":5},"items":[{"id":"opis","type":"text","label":{"pl":"Opis"}}]}]}`

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), letters: &letters{}}
	w.clock = clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	a, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	doc := effect.Document{JSON: json.RawMessage(observation), Revision: 1}
	w.module = scripted.New(&effect.Description{
		Module: "test.trial", Version: "1.0.0",
		ProgrammeTypes: []effect.ProgrammeType{{Name: "jst", Stages: []effect.Stage{{Name: "start"}}}},
		NetworkTypes: []effect.NetworkType{{Name: "net", Stages: []effect.Stage{{Name: "start"}},
			Behaviour: effect.Behaviour{Commands: []effect.CommandKind{{Name: "act"}}}}},
		TaskTypes: []effect.TaskType{
			{Name: "observation", Title: effect.Text{"pl": "Obserwacja"}, Form: doc, ReviewerRole: "coordinator", MaxFiles: 1,
				Assignees: []effect.AssigneeKind{effect.AssigneePerson, effect.AssigneeNetwork}},
			{Name: "teamwork", Title: effect.Text{"pl": "Zadanie wdrożeniowe"}, Form: doc, ReviewerRole: "guardian", SharedSubmission: true,
				Assignees: []effect.AssigneeKind{effect.AssigneeGroup}},
			{Name: "asked", Title: effect.Text{"pl": "Z pytaniem"}, Form: doc, Assignees: []effect.AssigneeKind{effect.AssigneePerson},
				Behaviour: effect.Behaviour{Commands: []effect.CommandKind{{Name: "submit"}}}},
		},
	})
	w.module.Permit(t, a, access.Coordinator, access.Participant, access.Guardian)
	key := make([]byte, 32)
	log, modules := audit.New(key, w.clock), scripted.Modules{w.module}
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	w.files = file.New(file.Config{DB: w.db, Access: a, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
	w.engine = effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: a, Modules: modules})
	p := programme.New(programme.Config{DB: w.db, Access: a, Audit: log, Clock: w.clock, Modules: modules, Engine: w.engine, Notify: w.letters, CursorKey: key})
	w.s = task.New(task.Config{DB: w.db, Access: a, Audit: log, Clock: w.clock, Modules: modules, Engine: w.engine, Notify: w.letters, Files: w.files, CursorKey: key})
	w.engine.RegisterApplier(w.s.Applier(), w.s.Applier().Kinds()...)
	w.engine.RegisterReader(w.s.Reader(), effect.SourceTask)
	w.engine.RegisterScopes(p.Scopes(), effect.Programme, effect.Group)
	w.engine.RegisterScopes(networks{}, effect.Network)
	w.tx(func(ctx context.Context, tx *db.Tx) error { return w.s.Declare(ctx, tx, w.module.Description) })
	w.people()
	return w
}

func (w *world) people() {
	centre, n, g := uuid.New(), uuid.New(), uuid.New()
	w.programme = uuid.New()
	w.network, w.group = effect.Scope{Kind: effect.Network, ID: n}, effect.Scope{Kind: effect.Group, ID: g}
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'C', 'c', $1)`, centre)
	w.exec(`INSERT INTO programme (id, code, title, module, type, stage) VALUES ($1, 'AA', 'JST', 'test.trial', 'jst', 'start')`, w.programme)
	w.exec(`INSERT INTO network (id, module, type, programme_id, centre_id, title, title_folded, school_year, created_at)
		VALUES ($1, 'test.trial', 'net', $2, $3, 'Sieć', 'siec', 2026, now())`, n, w.programme, centre)
	w.exec(`INSERT INTO network_group (id, network_id, kind, name, created_at) VALUES ($1, $2, 'team', 'Gmina', now())`, g, n)
	w.coordinator = w.person("Koordynatorka", access.Coordinator, access.Network, n)
	w.anna, w.jan = w.person("Anna", access.Participant, access.Network, n), w.person("Jan", access.Participant, access.Network, n)
	w.head, w.mate = w.person("Ewa", access.Head, access.Group, g), w.person("Piotr", access.TeamMember, access.Group, g)
	w.guardian = w.person("Opiekun", access.Guardian, access.Group, g)
	w.stranger = w.person("Obcy", access.Participant, access.Network, uuid.New())
}

// person makes an account with a role and what goes with it.
func (w *world) person(name string, role access.Role, kind access.ScopeKind, scope uuid.UUID) *access.Actor {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, $3, $3, 'active')`, id, id.String()+"@example.org", name)
	if role == access.Participant && scope == w.network.ID {
		w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES (gen_random_uuid(), $1, $2, 'active', now())`, scope, id)
	}
	if kind == access.Group {
		w.exec(`INSERT INTO group_member (id, group_id, person_id, role, since) VALUES (gen_random_uuid(), $1, $2, $3, '2026-01-01')`, scope, id, role)
	}
	w.tx(func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: id, Role: role, Kind: kind, Scope: scope, From: w.clock.Now()})
	})
	return &access.Actor{Person: id, Grants: []access.Grant{{Role: role, Kind: kind, Scope: scope}}}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) tx(f func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) days(n int) time.Time { return w.clock.Now().AddDate(0, 0, n) }

// assign gives a task by the coordinator.
func (w *world) assign(typ string, to effect.Assignee) uuid.UUID {
	w.t.Helper()
	id, err := w.s.Assign(w.t.Context(), w.coordinator, task.NewTask{Type: "test.trial:" + typ, Scope: w.network, Assignee: to, Title: "Zadanie", Due: w.days(7)})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) submit(a *access.Actor, id uuid.UUID, version int64, answers string, authors ...uuid.UUID) (*task.Receipt, error) {
	return w.s.Submit(w.t.Context(), a, id, task.Handing{Version: version, FormRev: 1, Answers: json.RawMessage(answers), Authors: authors})
}

func (w *world) get(a *access.Actor, id uuid.UUID) *task.Detail {
	w.t.Helper()
	d, err := w.s.Get(w.t.Context(), a, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) upload(a *access.Actor) uuid.UUID {
	w.t.Helper()
	f, err := w.files.Upload(w.t.Context(), a, "praca.txt", bytes.NewReader([]byte("Treść pracy")))
	if err != nil {
		w.t.Fatal(err)
	}
	return f.ID
}

func person(a *access.Actor) effect.Assignee {
	return effect.Assignee{Kind: effect.AssigneePerson, ID: a.Person}
}

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
