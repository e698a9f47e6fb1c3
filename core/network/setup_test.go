package network_test

import (
	"context"
	"fmt"
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
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/policies"
)

// letters keeps what would be told.
type letters struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sent = append(l.sent, m)
	return nil
}

// count is how many messages with the key went to the person (uuid.Nil: anybody).
func (l *letters) count(key string, to uuid.UUID) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, m := range l.sent {
		for _, p := range m.To {
			if m.Key == key && (to == uuid.Nil || p == to) {
				n++
			}
		}
	}
	return n
}

// accounts knows who has an account and notes whom a letter was sent.
type accounts struct {
	asked  []identity.Ask
	away   string // the address of an account that nobody may see
	offers int    // counted
}

func (a *accounts) Seen(ctx context.Context, q db.Q, _ *access.Actor, email string) (uuid.UUID, bool, error) {
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT id FROM person WHERE email = $1 AND state = 'active' AND email <> $2`, email, a.away)
	if db.IsNoRows(err) {
		return uuid.Nil, false, nil
	}
	return id, true, err
}

func (a *accounts) MayOffer(context.Context, *access.Actor) error {
	a.offers++
	return nil
}

func (a *accounts) AskTx(ctx context.Context, tx *db.Tx, in identity.Ask) (uuid.UUID, bool, error) {
	var id uuid.UUID
	err := tx.Get(ctx, &id, `SELECT id FROM person WHERE email = $1`, in.Email)
	if db.IsNoRows(err) {
		a.asked = append(a.asked, in)
		return uuid.Nil, true, nil
	}
	return id, false, err
}

type world struct {
	t        testing.TB
	db       *db.DB
	clock    *clock.Fixed
	auth     *access.Authorizer
	engine   *effect.Engine
	module   *scripted.Module
	letters  *letters
	accounts *accounts
	s        *network.Service
	centre   uuid.UUID
	admin    *access.Actor // centre admin
	n        int
}

const typ = "test.trial:network"

// foundingForm has one required item.
const foundingForm = `{"kind":"form","v":1,"id":"zalozenie","rev":1,"title":{"pl":"Założenie"},"items":[
	{"id":"temat","type":"text","label":{"pl":"Temat"},"required":true}]}`

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), letters: &letters{}, accounts: &accounts{}, clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	var err error
	if w.auth, err = access.NewAuthorizer(policies.Model, policies.Rules); err != nil {
		t.Fatal(err)
	}
	onNetwork := []effect.ScopeKind{effect.Network}
	w.module = scripted.New(&effect.Description{Module: "test.trial", Version: "1.0.0", NetworkTypes: []effect.NetworkType{{
		Name: "network", Title: effect.Text{"pl": "Sieć próbna"}, Function: effect.Text{"pl": "Sieci próbne"}, UsualSize: 20, FounderRole: "coordinator",
		Stages:       []effect.Stage{{Name: "organisational", Title: effect.Text{"pl": "Organizacja"}}, {Name: "working", Title: effect.Text{"pl": "Praca"}}, {Name: "closed", Title: effect.Text{"pl": "Zakończona"}, Closed: true}},
		FoundingForm: effect.Document{JSON: []byte(foundingForm), Revision: 1},
		Behaviour: effect.Behaviour{
			Commands: []effect.CommandKind{{Name: "found", Scopes: onNetwork}, {Name: "next_stage", Scopes: onNetwork}, {Name: "renew", Scopes: onNetwork}},
			Views:    []effect.ViewKind{{Name: "home", Scopes: onNetwork, InMenu: true}},
			Guards:   []effect.GuardKind{{Command: "network.member:add", Mode: effect.Advisory}},
		},
	}}})
	w.module.Permit(t, w.auth, access.Coordinator, access.CentreAdmin)
	key := make([]byte, 32)
	log := audit.New(key, w.clock)
	modules := scripted.Modules{w.module}
	w.engine = effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: w.auth, Modules: modules})
	w.s = network.New(network.Config{DB: w.db, Access: w.auth, Audit: log, Clock: w.clock, Modules: modules, Engine: w.engine, Notify: w.letters, Accounts: w.accounts, CursorKey: key})
	w.s.Register(w.engine)
	w.engine.RegisterScopes(programme.New(programme.Config{DB: w.db, Access: w.auth, Audit: log, Clock: w.clock, Modules: modules, Engine: w.engine, Notify: w.letters, CursorKey: key}).Scopes(), effect.Programme)
	w.engine.RegisterApplier(w.s.Applier(), w.s.Applier().SharedKinds()...)
	w.engine.RegisterReader(w.s.MemberReader(), effect.SourceMember)
	w.centre = w.institution("centre", uuid.Nil)
	w.admin = w.person(uuid.Nil, access.Grant{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centre})
	return w
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

// institution adds one; within is its complex, uuid.Nil for itself.
func (w *world) institution(kind string, within uuid.UUID) uuid.UUID {
	w.t.Helper()
	w.n++
	id := uuid.New()
	if within == uuid.Nil {
		within = id
	}
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, $2, $3, $3, $4)`, id, kind, fmt.Sprintf("placowka %d", w.n), within)
	return id
}

// person makes an active account, at a school unless uuid.Nil.
func (w *world) person(school uuid.UUID, grants ...access.Grant) *access.Actor {
	w.t.Helper()
	w.n++
	id := uuid.Must(uuid.NewV7())
	name := fmt.Sprintf("Osoba %04d", w.n)
	w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $3, $3, 'active', $4)`,
		id, id.String()+"@example.org", name, uuid.NullUUID{UUID: school, Valid: school != uuid.Nil})
	return &access.Actor{Person: id, Name: name, Institution: school, Grants: grants}
}

// teacher is a person at a school of their own.
func (w *world) teacher() *access.Actor { return w.person(w.institution("school", uuid.Nil)) }

// again is the actor with the roles that their next request would have.
func (w *world) again(a *access.Actor) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.db, a.Person, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	b := *a
	b.Grants = g
	return &b
}

func settings() network.Settings {
	return network.Settings{Title: "Ocenianie kształtujące", Aim: "Wymiana praktyk", SchoolYear: 2026, Join: network.JoinOpen, Capacity: 3}
}

func founding(w *world, change func(*network.Settings)) network.Founding {
	in := network.Founding{Type: typ, Centre: w.centre, Settings: settings(), Answers: effect.Document{JSON: []byte(`{"temat":"x"}`), Revision: 1}}
	if change != nil {
		change(&in.Settings)
	}
	return in
}

// open founds a network led by a teacher and opens it; it returns its
// coordinator, too.
func (w *world) open(change func(*network.Settings)) (uuid.UUID, *access.Actor) {
	w.t.Helper()
	lead := w.teacher()
	in := founding(w, change)
	in.Coordinator = lead.Person.String() + "@example.org"
	id, err := w.s.Found(w.t.Context(), w.admin, in)
	if err != nil {
		w.t.Fatal(err)
	}
	lead = w.again(lead)
	if err := w.s.OpenNetwork(w.t.Context(), lead, id); err != nil {
		w.t.Fatal(err)
	}
	return id, lead
}

func (w *world) join(a *access.Actor, id uuid.UUID, want network.State) network.Answered {
	w.t.Helper()
	out, err := w.s.Join(w.t.Context(), a, id, network.Entry{})
	if err != nil || out.State != want {
		w.t.Fatalf("join: %+v, %v; want %s", out, err, want)
	}
	return out
}

func (w *world) sweep() {
	w.t.Helper()
	if _, err := w.s.Sweep(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// standing is how the person stands with the network.
func (w *world) standing(a *access.Actor, id uuid.UUID) network.Standing {
	w.t.Helper()
	n, err := w.s.Get(w.t.Context(), w.again(a), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return n.Me
}

// whole checks what must hold of every network at any time.
func (w *world) whole() {
	w.t.Helper()
	if n := w.number(`SELECT count(*) FROM network_seat s WHERE s.taken <> (SELECT count(*) FROM membership m WHERE m.network_id = s.network_id
			AND m.seat AND m.state IN ('active', 'offered')) OR s.members <> (SELECT count(*) FROM membership m WHERE m.network_id = s.network_id AND m.state = 'active')
			OR s.taken > coalesce(s.capacity, 5000)`); n != 0 {
		w.t.Errorf("%d networks count their seats wrongly", n)
	}
	if n := w.number(`SELECT count(*) FROM membership m WHERE m.state = 'active' AND NOT EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = m.person_id
			AND g.scope_id = m.network_id AND g.valid_to IS NULL)`); n != 0 {
		w.t.Errorf("%d active members without a role", n)
	}
	if n := w.number(`SELECT count(*) FROM role_grant g WHERE g.scope_kind = 'network' AND g.valid_to IS NULL AND NOT EXISTS
			(SELECT 1 FROM membership m WHERE m.person_id = g.person_id AND m.network_id = g.scope_id AND m.state = 'active')`); n != 0 {
		w.t.Errorf("%d roles of people who are not active", n)
	}
}

// todo is what waits for the actor.
func (w *world) todo(a *access.Actor) ([]network.Todo, error) {
	p, ok := w.s.AskTodo(a)
	if !ok {
		return nil, nil
	}
	f, err := gather.All(w.t.Context(), w.db, gather.Query{Person: a.Person, Now: w.clock.Now(), Limit: 10}, p)
	if err != nil {
		return nil, err
	}
	return w.s.ReadTodo(f)
}
