package schedule_test

import (
	"context"
	"fmt"
	"sync"
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
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/policies"
)

// letters keeps what would be told; the same thing once a person, as notify does.
type letters struct {
	mu   sync.Mutex
	sent []notify.Message
	once map[string]bool
}

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var to []uuid.UUID
	for _, p := range m.To {
		if key := p.String() + m.Once; m.Once == "" || !l.once[key] {
			to = append(to, p)
			l.once[key] = true
		}
	}
	m.To = to
	l.sent = append(l.sent, m)
	return nil
}

// told are the messages with the key that went to the person; a wording is found
// by its link.
func (l *letters) told(person uuid.UUID, key string) []notify.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []notify.Message
	for _, m := range l.sent {
		for _, p := range m.To {
			if p == person && m.Key == key {
				out = append(out, m)
			}
		}
	}
	return out
}

func (l *letters) count(key string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, m := range l.sent {
		if m.Key == key {
			n += len(m.To)
		}
	}
	return n
}

type world struct {
	t       *testing.T
	db      *db.DB
	clock   *clock.Fixed
	auth    *access.Authorizer
	s       *schedule.Service
	second  *schedule.Service // another server on the same database
	engine  *effect.Engine
	module  *scripted.Module
	letters *letters
	files   *file.Service
	centre  uuid.UUID
	network uuid.UUID
	lead    *access.Actor
	members []*access.Actor
	n       int
}

// networks tells the engine about the networks that a test inserts.
type networks struct{}

func (networks) States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	var out []effect.ScopeState
	for _, id := range ids {
		var status string
		if err := q.Get(ctx, &status, `SELECT status FROM network WHERE id = $1`, id); err != nil {
			return nil, err
		}
		out = append(out, effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: id}, Type: "test.trial:net", Closed: status != "open", Place: access.Place{Network: id}})
	}
	return out, nil
}

func (networks) Below(context.Context, db.Q, effect.Scope, int) ([]effect.ScopeState, error) {
	return nil, nil
}

// today is the day of the scenarios.
var today = time.Date(2026, 11, 24, 9, 0, 0, 0, clock.Warsaw)

// setup makes a network with a coordinator and n members.
func setup(t *testing.T, n int) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), letters: &letters{once: map[string]bool{}}, clock: clock.NewFixed(today)}
	var err error
	if w.auth, err = access.NewAuthorizer(policies.Model, policies.Rules); err != nil {
		t.Fatal(err)
	}
	on := []effect.ScopeKind{effect.Network}
	w.module = scripted.New(&effect.Description{Module: "test.trial", Version: "1.0.0", NetworkTypes: []effect.NetworkType{{
		Name: "net", Stages: []effect.Stage{{Name: "start"}},
		Behaviour: effect.Behaviour{
			Commands: []effect.CommandKind{{Name: "act", Scopes: on}},
			Guards:   []effect.GuardKind{{Command: schedule.GuardClose, Mode: effect.Required}},
		},
	}}})
	w.module.Permit(t, w.auth, access.Coordinator)
	key := make([]byte, 32)
	log, modules := audit.New(key, w.clock), scripted.Modules{w.module}
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	w.engine = effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: w.auth, Modules: modules})
	server := func() *schedule.Service {
		w.files = file.New(file.Config{DB: w.db, Access: w.auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
		return schedule.New(schedule.Config{DB: w.db, Access: w.auth, Audit: log, Clock: w.clock, Modules: modules, Engine: w.engine, Notify: w.letters,
			Files: w.files, Days: calendar.Shipped(), CursorKey: key, CodeKey: key})
	}
	w.second, w.s = server(), server()
	w.engine.RegisterApplier(w.s.Applier(), w.s.Applier().Kinds()...)
	w.engine.RegisterReader(w.s.Reader(), effect.SourceMeeting)
	w.engine.RegisterScopes(networks{}, effect.Network)
	w.centre = uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'CDN Wierzbowo', 'cdn', $1)`, w.centre)
	w.network = w.newNetwork()
	w.lead = w.person("Karol Koordynator", access.Coordinator)
	for range n {
		w.members = append(w.members, w.person(fmt.Sprintf("Osoba %03d", w.n), access.Participant))
	}
	return w
}

func (w *world) newNetwork() uuid.UUID {
	id := uuid.New()
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at) VALUES ($1, 'test.trial', 'net', $2, 'Ocenianie kształtujące', 'x', 2026, 'open', now())`, id, w.centre)
	return id
}

// person is an active member of the network with a role.
func (w *world) person(name string, role access.Role) *access.Actor {
	w.t.Helper()
	w.n++
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, $3, $3, 'active')`, id, id.String()+"@example.org", name)
	w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES ($1, $2, $3, 'active', $4)`, uuid.New(), w.network, id, w.clock.Now())
	from := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	w.tx(func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: id, Role: role, Kind: access.Network, Scope: w.network, From: from})
	})
	return &access.Actor{Person: id, Name: name, Grants: []access.Grant{{Role: role, Kind: access.Network, Scope: w.network}}}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) number(query string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.db.SQL().QueryRowContext(w.t.Context(), query, args...).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) tx(f func(ctx context.Context, tx *db.Tx) error) {
	w.t.Helper()
	if err := w.db.Tx(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// at is a moment in Warsaw.
func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Warsaw)
	if err != nil {
		panic(err)
	}
	return t
}

// input is a working meeting of three hours (of the clock, 180 minutes) both ways.
func input(starts string) schedule.Input {
	s := at(starts)
	return schedule.Input{Kind: schedule.Working, Title: "Spotkanie robocze", Starts: s, Ends: s.Add(135 * time.Minute),
		Where: schedule.Where{OnSite: true, Online: true, Place: "CDN Wierzbowo, Leszno", Address: "ul. Szkolna 1, sala 12", Link: "https://spotkania.example/siec"}}
}

func (w *world) create(in schedule.Input) uuid.UUID {
	w.t.Helper()
	id, err := w.s.Create(w.t.Context(), w.lead, w.network, in)
	w.ok(err)
	return id
}

func (w *world) announced(in schedule.Input) uuid.UUID {
	w.t.Helper()
	id := w.create(in)
	w.ok(w.s.Announce(w.t.Context(), w.lead, id))
	return id
}

func (w *world) get(a *access.Actor, id uuid.UUID) *schedule.Detail {
	w.t.Helper()
	d, err := w.s.Get(w.t.Context(), a, id)
	w.ok(err)
	return d
}

func (w *world) sweep() {
	w.t.Helper()
	_, err := w.s.Sweep(w.t.Context())
	w.ok(err)
}

// clear takes the fixed items off the agenda.
func (w *world) clear(id uuid.UUID) {
	w.t.Helper()
	for _, i := range w.get(w.lead, id).Items {
		w.ok(w.s.DropItem(w.t.Context(), w.lead, id, i.ID))
	}
}

// register saves presences, one a member in their order.
func (w *world) register(id uuid.UUID, list ...schedule.Presence) {
	w.t.Helper()
	var in schedule.RegisterInput
	for i, p := range list {
		in.Marks = append(in.Marks, schedule.Mark{Person: w.members[i].Person, Presence: p})
	}
	w.ok(w.s.SaveRegister(w.t.Context(), w.lead, id, in))
}

func want(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", key)
	}
	f := fault.As(err)
	found := f.Key == key || key == ""
	for _, x := range f.Fields {
		found = found || x.Key == key
	}
	if f.Kind != kind || !found {
		t.Errorf("got %v, want %s %s", err, kind, key)
	}
}

var _ = i18n.Polish
