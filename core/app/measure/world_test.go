package measure_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/registry/sample"
)

// networks are how many there are to list.
const networks = 200

// world is the program on a database with networks and people. No module runs:
// pages of a network say so in a sentence.
type world struct {
	*app.App
	t      testing.TB
	tap    *tap
	config app.Config
	centre uuid.UUID
	// member is in the first network, which is of an installed module; plain is
	// a network whose module this installation does not have.
	member, admin             uuid.UUID
	memberCookie, adminCookie string
	first, plain              uuid.UUID
}

func open(t testing.TB) *world {
	t.Helper()
	dsn := dbtest.NewDSN(t)
	w := &world{t: t, tap: listen(t, dsn)}
	w.config = app.Config{DatabaseURL: dsn, Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1",
		MailFrom: "sieci@localhost", Plugins: t.TempDir()}
	tapped := w.config
	tapped.DatabaseURL = w.tap.dsn
	w.App = start(t, tapped)
	w.fill()
	w.tap.take(t)
	return w
}

// start opens the program as it serves, the log of requests included.
func start(t testing.TB, c app.Config) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.DB.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatalf("%v in %s", err, query)
	}
}

const seed = `
INSERT INTO network (id, module, type, centre_id, title, title_folded, aim, school_year, stage, status, join_mode, created_at, opened_at)
SELECT md5('n' || i)::uuid, $2, 'network', $1, 'Sieć numer ' || to_char(i, 'FM000'), 'siec numer ' || to_char(i, 'FM000'),
	'Nauczyciele wymieniają się praktyką oceniania, które pomaga się uczyć, odwiedzają się na lekcjach i wspólnie układają zadania. ' || repeat('Spotykają się co miesiąc. ', i % 4),
	2026, 'work', 'open', (ARRAY['open', 'request', 'invitation'])[1 + i % 3], now() - interval '30 days', now() - interval '29 days'
FROM generate_series(1, $3) i`

func (w *world) fill() {
	w.t.Helper()
	ctx, core := w.t.Context(), access.Core("test")
	if _, err := w.Registry.ImportTERC(ctx, core, bytes.NewReader(sample.TERC)); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.Registry.ImportRSPO(ctx, core, bytes.NewReader(sample.RSPO)); err != nil {
		w.t.Fatal(err)
	}
	c, err := w.Registry.ByRSPO(ctx, w.DB, 900101)
	if err != nil {
		w.t.Fatal(err)
	}
	w.centre = c.ID
	w.member, w.memberCookie = w.person("Nina Nauczycielka")
	w.admin, w.adminCookie = w.person("Olga Ore")
	if err := w.Roles.GrantRole(ctx, core, access.RoleInput{Person: w.admin, Role: access.OREAdmin, Kind: access.Platform}); err != nil {
		w.t.Fatal(err)
	}
	w.module()
	w.exec(seed, w.centre, "test.measured", networks)
	w.exec(`INSERT INTO network_seat (network_id, capacity, taken, members) SELECT id, 20, 14, 15 FROM network`)
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) SELECT md5('p' || i)::uuid, 'k' || i || '@example.org', 'Karol Koordynator ' || i, 'koordynator ' || i, 'active' FROM generate_series(1, 40) i`)
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from)
		SELECT gen_random_uuid(), md5('p' || 1 + i % 40)::uuid, 'coordinator', 'network', md5('n' || i)::uuid, now() - interval '30 days' FROM generate_series(1, $1) i`, networks)
	w.first, w.plain = w.network(1), w.network(2)
	w.exec(`UPDATE network SET module = 'test.absent' WHERE id = $1`, w.plain)
	for i := range 3 {
		w.join(w.member, w.network(1+i))
	}
	w.exec(`ANALYZE`)
}

func (w *world) network(i int) (id uuid.UUID) {
	w.t.Helper()
	if err := w.DB.SQL().QueryRowContext(w.t.Context(), `SELECT md5('n' || $1::int)::uuid`, i).Scan(&id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) join(person, id uuid.UUID) {
	w.t.Helper()
	w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES (gen_random_uuid(), $1, $2, 'active', now())`, id, person)
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $2, 'participant', 'network', $1, now() - interval '1 day')`, id, person)
}

// module installs one that never runs, with a view on the network's page.
func (w *world) module() {
	w.t.Helper()
	d, err := json.Marshal(&effect.Description{Module: "test.measured", Version: "1.0.0", NetworkTypes: []effect.NetworkType{{
		Name: "network", Title: effect.Text{"pl": "Sieć próbna"}, UsualSize: 20, FounderRole: "coordinator", HomeView: "home",
		Stages:    []effect.Stage{{Name: "work", Title: effect.Text{"pl": "Praca"}}},
		Behaviour: effect.Behaviour{Views: []effect.ViewKind{{Name: "home", Title: effect.Text{"pl": "Przebieg"}, Scopes: []effect.ScopeKind{effect.Network}, InMenu: true}}},
	}}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.exec(`INSERT INTO module (id, enabled, version, changed_at) VALUES ('test.measured', true, '1.0.0', now())`)
	w.exec(`INSERT INTO module_version (module, version, manifest, manifest_sha256, description, described_at)
		VALUES ('test.measured', '1.0.0', '{}', sha256(''), $1, now())`, string(d))
	w.exec(`INSERT INTO module_rule (module, role, part, name) VALUES ('test.measured', 'participant', 'view', 'home')`)
	if err := w.Modules.Load(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// person makes an active account and signs it in.
func (w *world) person(name string) (uuid.UUID, string) {
	w.t.Helper()
	const password = "mokry-kasztan-pod-lipa"
	mail := fmt.Sprintf("%x@example.org", name)
	id, err := w.Identity.CreateActive(w.t.Context(), access.Core("test"), identity.NewPerson{Email: mail, Name: name, Password: password, Institution: w.centre})
	if err != nil {
		w.t.Fatal(err)
	}
	in, err := w.Identity.SignIn(w.t.Context(), identity.SignInInput{Email: mail, Password: password, Address: "192.0.2.1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return id, in.Cookie
}

// actor is the person as their next request would act.
func (w *world) actor(person uuid.UUID) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.DB, person, w.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: person, Grants: g}
}

// vote puts a proposal of the first network to the vote.
func (w *world) vote() uuid.UUID {
	w.t.Helper()
	id, err := w.Networks.Propose(w.t.Context(), w.actor(w.member), w.first, "Wizyta w bibliotece", "")
	if err != nil {
		w.t.Fatal(err)
	}
	w.exec(`UPDATE proposal SET state = 'voting', vote_until = now() + interval '30 days' WHERE id = $1`, id)
	if err := w.Networks.Vote(w.t.Context(), w.actor(w.member), w.first, id, network.Yes); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// get asks the handler as a browser with that session would; "" is a guest.
func get(t testing.TB, h http.Handler, path, cookie string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1"+path, nil)
	if cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: cookie})
	}
	out := httptest.NewRecorder()
	h.ServeHTTP(out, r)
	return out
}

// rest lets the person's session look unused for d.
func (w *world) rest(person uuid.UUID, d time.Duration) {
	w.t.Helper()
	w.exec(`UPDATE session SET seen_at = seen_at - make_interval(secs => $2) WHERE person_id = $1`, person, d.Seconds())
	w.tap.take(w.t)
}
