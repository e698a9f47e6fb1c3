package networks_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/networkapi"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/notify"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/networks"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

type silent struct{}

func (silent) Send(context.Context, *db.Tx, notify.Message) error { return nil }

type noAccounts struct{}

func (noAccounts) Seen(ctx context.Context, q db.Q, _ *access.Actor, email string) (uuid.UUID, bool, error) {
	var id uuid.UUID
	err := q.Get(ctx, &id, `SELECT id FROM person WHERE email = $1 AND state = 'active'`, email)
	if db.IsNoRows(err) {
		return uuid.Nil, false, nil
	}
	return id, true, err
}

func (noAccounts) MayOffer(context.Context, *access.Actor) error { return nil }

func (noAccounts) AskTx(ctx context.Context, tx *db.Tx, in identity.Ask) (uuid.UUID, bool, error) {
	var id uuid.UUID
	err := tx.Get(ctx, &id, `SELECT id FROM person WHERE email = $1`, in.Email)
	if db.IsNoRows(err) {
		return uuid.Nil, true, nil
	}
	return id, false, err
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
	return &access.Actor{Person: id, Name: "Ktoś", Grants: g, Recent: true}, "", err
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

type world struct {
	*httptest.Server
	t      *testing.T
	db     *db.DB
	clock  *clock.Fixed
	s      *network.Service
	module *scripted.Module
	pages  []kit.Route
	api    *apikit.API
	centre uuid.UUID
	admin  uuid.UUID
	n      int
}

const (
	typ          = "test.trial:network"
	foundingForm = `{"kind":"form","v":1,"id":"zalozenie","rev":1,"title":{"pl":"Cele sieci"},"items":[
		{"id":"temat","type":"text","label":{"pl":"Temat przewodni"},"required":true},
		{"id":"opis","type":"longtext","label":{"pl":"Opis tematu"}}]}`
	noteForm = `{"kind":"form","v":1,"id":"notatka","rev":1,"title":{"pl":"Notatka"},"items":[
		{"id":"tresc","type":"longtext","label":{"pl":"Treść notatki"},"required":true}]}`
)

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	on := []effect.ScopeKind{effect.Network}
	w.module = scripted.New(&effect.Description{Module: "test.trial", Version: "1.0.0", NetworkTypes: []effect.NetworkType{{
		Name: "network", Title: effect.Text{"pl": "Sieć próbna"}, Function: effect.Text{"pl": "Sieci próbne"}, UsualSize: 20, FounderRole: "coordinator", HomeView: "home",
		Stages:       []effect.Stage{{Name: "organisational", Title: effect.Text{"pl": "Organizacja"}}, {Name: "closed", Title: effect.Text{"pl": "Zakończona"}, Closed: true}},
		FoundingForm: effect.Document{JSON: []byte(foundingForm), Revision: 1},
		Behaviour: effect.Behaviour{
			Commands: []effect.CommandKind{
				{Name: "found", Scopes: on}, {Name: "close", Title: effect.Text{"pl": "Zakończ sieć"}, Scopes: on, Dangerous: true},
				{Name: "note", Title: effect.Text{"pl": "Dodaj notatkę"}, Scopes: on, Form: effect.Document{JSON: []byte(noteForm), Revision: 1}},
			},
			Views:  []effect.ViewKind{{Name: "home", Title: effect.Text{"pl": "Przebieg"}, Scopes: on, InMenu: true}},
			Guards: []effect.GuardKind{{Command: "network.member:add", Mode: effect.Advisory}},
		},
	}}})
	w.module.OnRender = func(a *effect.RenderAsk) (*effect.RenderAnswer, error) {
		return &effect.RenderAnswer{View: []byte(`{"kind":"view","v":1,"title":{"pl":"Przebieg pracy"},"nodes":[
			{"type":"text","text":{"pl":"Najpierw spotkanie organizacyjne."}},
			{"type":"actions","items":[{"id":"close","label":{"pl":"Zakończ sieć"},"danger":true}]}]}`)}, nil
	}
	w.module.Permit(t, auth, access.Coordinator)
	rules := []access.Rule{}
	for _, r := range []access.Role{access.Coordinator, access.Participant, access.CentreAdmin} {
		rules = append(rules, access.Rule{Role: r, Object: "module:test.trial/view", Action: "home"})
	}
	for _, c := range []string{"found", "close", "note"} {
		rules = append(rules, access.Rule{Role: access.Coordinator, Object: "module:test.trial/command", Action: c})
	}
	for _, k := range effect.Kinds {
		rules = append(rules, access.Rule{Role: access.Coordinator, Object: "module:test.trial/effect", Action: string(k)})
	}
	if err := auth.SetModule("test.trial", rules); err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	log, modules := audit.New(key, w.clock), scripted.Modules{w.module}
	engine := effect.New(effect.Config{DB: w.db, Clock: w.clock, Audit: log, Access: auth, Modules: modules})
	w.s = network.New(network.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Modules: modules, Engine: engine, Notify: silent{}, Accounts: noAccounts{}, CursorKey: key})
	w.s.Register(engine)
	engine.RegisterApplier(w.s.Applier(), w.s.Applier().SharedKinds()...)
	engine.RegisterReader(w.s.MemberReader(), effect.SourceMember)
	registry := places.New(w.db, auth, log, w.clock)
	w.pages = networks.Routes(networks.Deps{DB: w.db, Networks: w.s, Registry: registry, Drafts: draft.New(w.db), Clock: w.clock,
		Talk: func(network, person uuid.UUID) string { return "/rozmowa/" + network.String() + "/" + person.String() }})
	server, err := web.New(kit.Config{NetworkTabs: networks.Tabs, BaseURL: "http://127.0.0.1", Authorizer: auth, Authenticator: people{w}}, w.pages, []kit.Route{
		kit.Get("/wejdz/:kto", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("kto"), Path: "/", Secure: true})
			return c.Redirect("/sieci", "")
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, auth)
	networkapi.Register(w.api, networkapi.Deps{Networks: w.s})
	w.Server = httptest.NewServer(server)
	t.Cleanup(w.Close)
	for _, f := range []func() error{
		func() error {
			_, err := registry.ImportTERC(t.Context(), access.Core("cli"), bytes.NewReader(sample.TERC))
			return err
		},
		func() error {
			_, err := registry.ImportRSPO(t.Context(), access.Core("cli"), bytes.NewReader(sample.RSPO))
			return err
		},
	} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	w.centre = uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'CDN Wierzbowo', 'cdn wierzbowo', $1)`, w.centre)
	w.admin = w.person("Anna Administrator")
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, 'centre_admin', 'centre', $3, '2026-01-01')`, uuid.New(), w.admin, w.centre)
	return w
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

// person makes an active teacher at a school of their own.
func (w *world) person(name string) uuid.UUID {
	w.t.Helper()
	w.n++
	id, school := uuid.Must(uuid.NewV7()), uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, town) VALUES ($1, 'school', $2, $3, $1, 'Osieczna')`,
		school, fmt.Sprintf("Szkoła Podstawowa nr %d", w.n), fmt.Sprintf("szkola podstawowa nr %d", w.n))
	w.exec(`INSERT INTO person (id, email, name, sort_name, state, institution_id) VALUES ($1, $2, $3, $3, 'active', $4)`, id, mail(id), name, school)
	return id
}

func mail(id uuid.UUID) string { return id.String() + "@example.org" }

// actor is the person as the next request sees them.
func (w *world) actor(id uuid.UUID) *access.Actor {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.db, id, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return &access.Actor{Person: id, Grants: g}
}

// network founds and opens a network led by a new person.
func (w *world) network(change func(*network.Settings)) (id, lead uuid.UUID) {
	w.t.Helper()
	lead = w.person("Karol Koordynator")
	in := network.Founding{Type: typ, Centre: w.centre, Coordinator: mail(lead), Answers: effect.Document{JSON: []byte(`{"temat":"x"}`)},
		Settings: network.Settings{Title: "Ocenianie kształtujące", Aim: "Wymiana praktyk", SchoolYear: 2026, Join: network.JoinOpen, Capacity: 2}}
	if change != nil {
		change(&in.Settings)
	}
	id, err := w.s.Found(w.t.Context(), w.actor(w.admin), in)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.s.OpenNetwork(w.t.Context(), w.actor(lead), id); err != nil {
		w.t.Fatal(err)
	}
	return id, lead
}

func (w *world) join(person, id uuid.UUID) {
	w.t.Helper()
	if _, err := w.s.Join(w.t.Context(), w.actor(person), id, network.Entry{}); err != nil {
		w.t.Fatal(err)
	}
}

// as opens a tab signed in as the person.
func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.t.Helper()
	return webtest.Open(w.t, w.URL, opts...).Go("/wejdz/" + person.String())
}
