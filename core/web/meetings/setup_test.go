package meetings_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/scheduleapi"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/meetings"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// letters counts what would be told, by key.
type letters struct {
	mu  sync.Mutex
	got map[string]int
}

func (l *letters) Send(_ context.Context, _ *db.Tx, m notify.Message) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got[m.Key] += len(m.To)
	return nil
}

func (l *letters) count(key string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.got[key]
}

// people signs in whoever the cookie names, with the roles of this moment: one
// query, as sessions take.
type people struct{ w *world }

func (p people) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	g, err := access.RolesOf(ctx, p.w.db, id, p.w.clock.Now())
	return &access.Actor{Person: id, Name: "Ktoś", Grants: g}, "", err
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

type networks struct{}

func (networks) States(ctx context.Context, q db.Q, ids []uuid.UUID) ([]effect.ScopeState, error) {
	out := make([]effect.ScopeState, len(ids))
	for i, id := range ids {
		out[i] = effect.ScopeState{Scope: effect.Scope{Kind: effect.Network, ID: id}, Type: "test.trial:net", Place: access.Place{Network: id}}
	}
	return out, nil
}

func (networks) Below(context.Context, db.Q, effect.Scope, int) ([]effect.ScopeState, error) {
	return nil, nil
}

type world struct {
	*httptest.Server
	t       *testing.T
	db      *db.DB
	clock   *clock.Fixed
	s       *schedule.Service
	module  *scripted.Module
	letters *letters
	pages   []kit.Route
	api     *apikit.API
	centre  uuid.UUID
	network uuid.UUID
	lead    uuid.UUID
	members []uuid.UUID
}

var today = time.Date(2026, 11, 24, 9, 0, 0, 0, clock.Warsaw)

// setup serves the pages of meetings of a network with a coordinator and n members.
func setup(t *testing.T, n int) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), clock: clock.NewFixed(today), letters: &letters{got: map[string]int{}}}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w.module = scripted.New(&effect.Description{Module: "test.trial", Version: "1.0.0", NetworkTypes: []effect.NetworkType{{Name: "net", Stages: []effect.Stage{{Name: "start"}},
		Behaviour: effect.Behaviour{Guards: []effect.GuardKind{{Command: schedule.GuardClose, Mode: effect.Required}}}}}})
	key := make([]byte, 32)
	log, modules := audit.New(key, w.clock), scripted.Modules{w.module}
	engine := effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: auth, Modules: modules})
	engine.RegisterScopes(networks{}, effect.Network)
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	files := file.New(file.Config{DB: w.db, Access: auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
	w.s = schedule.New(schedule.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Modules: modules, Engine: engine, Notify: w.letters, Files: files,
		Days: calendar.Shipped(), CursorKey: key, CodeKey: key})
	w.pages = meetings.Routes(meetings.Deps{Meetings: w.s, Files: files, Clock: w.clock})
	server, err := web.New(kit.Config{BaseURL: "http://127.0.0.1", Authorizer: auth, Authenticator: people{w}}, w.pages, []kit.Route{
		kit.Get("/wejdz/:kto", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("kto"), Path: "/", Secure: true})
			return c.Redirect("/", "")
		}),
		kit.Get("/", kit.Public, func(c *kit.Ctx) error { return c.JSON(http.StatusOK, "ok") }),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, auth)
	scheduleapi.Register(w.api, w.s)
	w.Server = httptest.NewServer(server)
	t.Cleanup(w.Close)
	w.people(n)
	return w
}

func (w *world) people(n int) {
	w.t.Helper()
	w.centre, w.network = uuid.New(), uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'CDN Wierzbowo', 'cdn', $1)`, w.centre)
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, status, created_at) VALUES ($1, 'test.trial', 'net', $2, 'Ocenianie kształtujące', 'x', 2026, 'open', now())`, w.network, w.centre)
	w.lead = w.person("Karol Koordynator", access.Coordinator)
	for i := range n {
		w.members = append(w.members, w.person(fmt.Sprintf("Osoba %03d", i+1), access.Participant))
	}
}

func (w *world) person(name string, role access.Role) uuid.UUID {
	w.t.Helper()
	id, school := uuid.Must(uuid.NewV7()), uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, town) VALUES ($1, 'school', 'Szkoła Podstawowa w Osiecznej', 'sp', $1, 'Osieczna')`, school)
	w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $3, $3, 'active', $4)`, id, id.String()+"@example.org", name, school)
	w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at) VALUES ($1, $2, $3, 'active', '2026-09-10')`, uuid.New(), w.network, id)
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, $3, 'network', $4, '2026-09-01')`, uuid.New(), id, role, w.network)
	return id
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

func (w *world) actor(id uuid.UUID) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.db, id, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: id, Grants: g}
}

// as opens a tab signed in as the person.
func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.t.Helper()
	return webtest.Open(w.t, w.URL, opts...).Go("/wejdz/" + person.String())
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Warsaw)
	if err != nil {
		panic(err)
	}
	return t
}

// meeting makes an announced working meeting of three teaching hours, both ways.
func (w *world) meeting(starts string) uuid.UUID {
	w.t.Helper()
	s := at(starts)
	id, err := w.s.Create(w.t.Context(), w.actor(w.lead), w.network, schedule.Input{Kind: schedule.Working, Title: "Informacja zwrotna", Starts: s, Ends: s.Add(135 * time.Minute),
		Where: schedule.Where{OnSite: true, Online: true, Place: "CDN Wierzbowo, Leszno", Address: "ul. Szkolna 1, sala 12", Link: "https://spotkania.example/siec"}})
	w.ok(err)
	w.ok(w.s.Announce(w.t.Context(), w.actor(w.lead), id))
	return id
}

func (w *world) sweep() {
	w.t.Helper()
	_, err := w.s.Sweep(w.t.Context())
	w.ok(err)
}
