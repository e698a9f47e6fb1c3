package identity_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/policies"
)

// post records what was to be told, as the outbox would once it commits.
type post struct {
	mu   sync.Mutex
	sent []notify.Message
}

func (p *post) Send(_ context.Context, tx *db.Tx, m notify.Message) error {
	tx.AfterCommit(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sent = append(p.sent, m)
	})
	return nil
}

// with lists the messages of a key.
func (p *post) with(key string) []notify.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []notify.Message
	for _, m := range p.sent {
		if m.Key == key {
			out = append(out, m)
		}
	}
	return out
}

// link is the secret of the newest letter of a key.
func (p *post) link(t *testing.T, key, prefix string) string {
	t.Helper()
	all := p.with(key)
	if len(all) == 0 {
		t.Fatalf("no letter %s", key)
	}
	token, ok := strings.CutPrefix(all[len(all)-1].Link, prefix)
	if !ok {
		t.Fatalf("letter %s leads to %s", key, all[len(all)-1].Link)
	}
	return token
}

// wall is the real time of a test.
type wall struct {
	mu sync.Mutex
	at time.Time
}

func (w *wall) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *wall) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

type world struct {
	d                        *db.DB
	auth                     *access.Authorizer
	s                        *identity.Service
	post                     *post
	wall                     *wall
	domain                   *clock.Fixed
	centre, far              uuid.UUID // two centres
	school, other, elsewhere uuid.UUID // two schools of centre's territory, one of far's
	core                     *access.Actor
}

const goodPassword = "cztery koty na dachu"

func setup(t testing.TB) *world {
	t.Helper()
	w := &world{d: dbtest.New(t), post: &post{}, wall: &wall{at: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)},
		domain: clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)), core: access.Core("test")}
	var err error
	if w.auth, err = access.NewAuthorizer(policies.Model, policies.Rules); err != nil {
		t.Fatal(err)
	}
	w.s = identity.New(identity.Config{DB: w.d, Access: w.auth, Audit: audit.New(make([]byte, 32), w.domain), Clock: w.domain,
		Notify: w.post, Secret: make([]byte, 32), Sealing: make([]byte, 32), Base: "https://sieci.example", SecondFactor: []access.Role{access.Founder}, Now: w.wall.now, Level: time.Millisecond,
		References: []identity.Reference{{Table: "role_grant", Column: "person_id", Rule: identity.Own, Thing: "role"}, {Table: "mail_link", Column: "person_id", Rule: identity.Shed}}})
	w.exec(t, `INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES
		('3013', 'powiat', 'leszczyński', 'leszczynski', '2024-01-01'), ('2609', 'powiat', 'sandomierski', 'sandomierski', '2024-01-01')`)
	rspo := 1000
	institution := func(kind, name, powiat string) uuid.UUID {
		id := uuid.Must(uuid.NewV7())
		rspo++
		w.exec(t, `INSERT INTO institution (id, rspo, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, $2, $3, $4, lower($4), $1, $5)`,
			id, rspo, kind, name, powiat)
		return id
	}
	w.centre, w.far = institution("centre", "CDN Wierzbowo", "3013"), institution("centre", "CDN Dabrowa", "2609")
	w.school, w.other = institution("school", "Szkola Podstawowa nr 1", "3013"), institution("school", "Liceum w Wierzbowie", "3013")
	w.elsewhere = institution("school", "Szkola Podstawowa nr 1", "2609")
	w.exec(t, `INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '3013'), ($2, '2609')`, w.centre, w.far)
	return w
}

func (w *world) exec(t testing.TB, q string, args ...any) {
	t.Helper()
	if _, err := w.d.Exec(context.Background(), q, args...); err != nil {
		t.Fatal(err)
	}
}

func (w *world) count(t testing.TB, q string, args ...any) int {
	t.Helper()
	var n int
	if err := w.d.Get(context.Background(), &n, q, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

// person makes an active account at the first school.
func (w *world) person(t testing.TB, email string) uuid.UUID {
	t.Helper()
	id, err := w.s.CreateActive(t.Context(), w.core, identity.NewPerson{Email: email, Name: "Żaneta Ćwiąkalska", Password: goodPassword, Institution: w.school})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) give(t testing.TB, person uuid.UUID, r access.Role, k access.ScopeKind, scope uuid.UUID) {
	t.Helper()
	if err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: person, Role: r, Kind: k, Scope: scope, From: w.domain.Now()})
	}); err != nil {
		t.Fatal(err)
	}
}

func (w *world) signIn(t testing.TB, email string) string {
	t.Helper()
	in, err := w.s.SignIn(t.Context(), identity.SignInInput{Email: email, Password: goodPassword, Address: "192.0.2.1", Agent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return in.Cookie
}

// actor is who the cookie belongs to; nil for a guest.
func (w *world) actor(t testing.TB, cookie string) *access.Actor {
	t.Helper()
	a, _, err := w.s.Session(t.Context(), cookie)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// admin is a signed-in holder of a role.
func (w *world) admin(t testing.TB, email string, r access.Role, k access.ScopeKind, scope uuid.UUID) *access.Actor {
	t.Helper()
	w.give(t, w.person(t, email), r, k, scope)
	return w.actor(t, w.signIn(t, email))
}

func wantKey(t *testing.T, what string, err error, key string) {
	t.Helper()
	f := fault.As(err)
	if f == nil {
		t.Errorf("%s: no error, want %s", what, key)
		return
	}
	got := f.Key
	if len(f.Fields) > 0 {
		got = f.Fields[0].Path + " " + f.Fields[0].Key
	}
	if got != key {
		t.Errorf("%s: %s (%v), want %s", what, got, err, key)
	}
}
