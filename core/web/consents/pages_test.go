package consents_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/consentapi"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/consent"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/consents"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// people signs in whoever the cookie names, with the roles of this moment.
type people struct{ w *boardtest.World }

func (p people) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	g, err := access.RolesOf(ctx, p.w.DB, id, p.w.Clock.Now())
	return &access.Actor{Person: id, Name: "Ktoś", Grants: g}, "", err
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

// agreed stands for the records of a module: the contract in its newest version.
type agreed struct {
	id      uuid.UUID
	version int64
	at      time.Time
	form    *form.Form
}

func (g *agreed) Newest(_ context.Context, _ db.Q, s effect.Scope, kind string) (*record.Record, error) {
	if g.version == 0 || kind != consent.ContractKind {
		return nil, fault.ErrNotFound
	}
	return &record.Record{ID: g.id, Title: "Kontrakt sieci", Scope: s, Version: g.version, ChangedAt: g.at, Form: g.form,
		Answers: form.Answers{"wlasne": "Wyłączamy telefony."}}, nil
}

type world struct {
	*boardtest.World
	server               *httptest.Server
	s                    *consent.Service
	rows                 []kit.Route
	api                  *apikit.API
	agreed               *agreed
	network              uuid.UUID
	path                 string
	lead, anna, ben, adm uuid.UUID
}

const contractForm = `{"kind":"form","v":1,"id":"kontrakt","rev":1,"title":{"pl":"Kontrakt sieci"},"items":[{"id":"wlasne","type":"longtext","label":{"pl":"Nasze zasady"}}]}`

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	f, wrong := form.Load([]byte(contractForm))
	if f == nil {
		t.Fatal(wrong)
	}
	w.agreed = &agreed{id: uuid.New(), at: w.Clock.Now(), form: f}
	w.s = consent.New(consent.Config{DB: w.DB, Access: w.Auth, Audit: audit.New(make([]byte, 32), w.Clock), Clock: w.Clock, Contracts: w.agreed, Notify: w.Letters})
	w.rows = consents.Routes(consents.Deps{Consents: w.s})
	enter := []kit.Route{kit.Get("/wejdz/:id", kit.Public, func(c *kit.Ctx) error {
		http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("id"), Path: "/", Secure: true})
		return c.Redirect(w.path, "")
	})}
	server, err := web.New(kit.Config{BaseURL: "http://localhost", Authorizer: w.Auth, Authenticator: people{w.World}, Log: slog.New(slog.DiscardHandler)}, w.rows, enter)
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, w.Auth)
	consentapi.Register(w.api, w.s)
	w.server = httptest.NewServer(server)
	t.Cleanup(w.server.Close)
	w.network = w.Network("Ocenianie kształtujące")
	w.path = consent.Path(w.network)
	w.lead = w.Member("Karol Koordynator", access.Coordinator, w.network)
	w.anna = w.Member("Anna Nowak", access.Participant, w.network)
	w.ben = w.Member("Ben Bęben", access.Participant, w.network)
	w.adm = w.Person("Celina Centralna", access.CentreAdmin, access.Centre, w.Centre)
	return w
}

// agree writes the contract down, or changes it.
func (w *world) agree() {
	w.T.Helper()
	if w.agreed.version++; w.agreed.version > 1 {
		w.Exec(`UPDATE record SET version = $2 WHERE id = $1`, w.agreed.id, w.agreed.version)
		return
	}
	w.Exec(`INSERT INTO record_kind (module, name, definition, slots, declared_at) VALUES ('test.trial', 'contract', '{}', '[]', now())`)
	w.Exec(`INSERT INTO record (id, module, kind, scope_kind, scope_id, decision_id, form_rev, data, created_at, changed_at)
		VALUES ($1, 'test.trial', 'contract', 'network', $2, gen_random_uuid(), 1, '{}', $3, $3)`, w.agreed.id, w.network, w.Clock.Now())
}

func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.T.Helper()
	return webtest.Open(w.T, w.server.URL, opts...).Go("/wejdz/" + person.String())
}

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.rows, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

// A teacher signs the contract and refuses photos: two acts, and neither asks for
// the other (NAU5).
func TestContractAndPhotosApart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a := w.as(w.anna).ExpectText("Sieć nie ma jeszcze kontraktu", "Nie ma decyzji, czyli zgody nie ma").ExpectNoText("Podpisuję kontrakt")
	w.agree()
	a.Reload().ExpectText("Wyłączamy telefony", "Odmowa zgody na zdjęcia niczego nie zmienia")
	a.Click("Nie zgadzam się na zdjęcia").ExpectText("Zapisano, że zgody na zdjęcia nie ma", "Brak zgody: odmowa z 24 listopada 2026").ExpectNoText("Wycofuję zgodę", "Podpisano")
	a.Click("Podpisuję kontrakt").ExpectText("Kontrakt podpisano", "Podpisano 24 listopada 2026").ExpectNoText("Podpisuję kontrakt")
	if g, err := access.RolesOf(t.Context(), w.DB, w.anna, w.Clock.Now()); err != nil || len(g) == 0 {
		t.Error("the refusal cost the membership", err)
	}

	b := w.as(w.ben).Click("Zgadzam się na zdjęcia").ExpectText("Zapisano zgodę na zdjęcia", "Zgoda z 24 listopada 2026", "treść z 2026-11").ExpectNoText("Podpisano")
	k := w.as(w.lead).Click("Kto podpisał i kto się zgodził").ExpectText("Anna Nowak", "Podpisano 24 listopada 2026", "Brak zgody", "Ben Bęben", "nie podpisano", "Zgoda z 24 listopada 2026", "Karol Koordynator")
	w.as(w.adm).Click("Kto podpisał i kto się zgodził").ExpectText("Anna Nowak").Go(w.path).ExpectNoText("Podpisuję kontrakt", "Zgadzam się")
	a.Go(w.path + "/osoby").ExpectStatus(404)

	// Taken back: the coordinator is told to remove photos.
	w.Clock.Advance(48 * time.Hour)
	b.Click("Wycofuję zgodę na zdjęcia").ExpectText("Brak zgody: odmowa z 26 listopada 2026")
	if got := w.Letters.To(w.lead, "consent.notice.withdrawn"); len(got) != 1 || got[0].Args["Name"] != "Ben Bęben" || !got[0].Mail {
		t.Errorf("the coordinator was told %v", got)
	}
	k.Reload().ExpectNoText("Zgoda z")
	var rows int
	if err := w.DB.Get(t.Context(), &rows, `SELECT count(*) FROM image_consent WHERE person_id = $1`, w.ben); err != nil || rows != 2 {
		t.Errorf("%d decisions are kept, %v", rows, err)
	}

	// Other words are signed anew; who had the old page open is shown the new words.
	b.Go(w.path)
	w.agree()
	b.Click("Podpisuję kontrakt").ExpectStatus(409).ExpectText("Kontrakt zmienił się").Click("Podpisuję kontrakt").ExpectText("Podpisano 26 listopada 2026")
	a.Go(w.path).ExpectText("Podpisano wcześniejszą wersję 24 listopada 2026").Click("Podpisuję kontrakt").ExpectText("Podpisano 26 listopada")
}

// Consent is as easy to take back after leaving, and in a network that is over;
// nothing else is written there.
func TestTakenBackAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.agree()
	a := w.as(w.anna).Click("Zgadzam się na zdjęcia")
	b := w.as(w.ben).Click("Zgadzam się na zdjęcia")
	w.Leave(w.anna, w.network)
	a.Go(w.path).ExpectStatus(404).Go(consents.OwnPath).ExpectText("Ocenianie kształtujące", "Zgoda z 24 listopada").Click("Wycofuję zgodę na zdjęcia").ExpectText("Brak zgody").ExpectNoText("Wycofuję zgodę na zdjęcia")
	w.Close(w.network)
	b.Go(w.path).ExpectText("Ta sieć nie jest otwarta").ExpectNoText("Podpisuję kontrakt").Click("Wycofuję zgodę na zdjęcia").ExpectText("Brak zgody").ExpectNoText("Zgadzam się na zdjęcia")
	for _, err := range []error{w.s.Sign(t.Context(), w.Actor(w.ben), w.network, 1), w.s.Allow(t.Context(), w.Actor(w.ben), w.network), w.s.Refuse(t.Context(), w.Actor(w.lead), w.network)} {
		if f := fault.As(err); err == nil || f.Kind != fault.Conflict || f.Key != "consent.closed" {
			t.Errorf("%v", err)
		}
	}
	for _, err := range []error{w.s.Sign(t.Context(), w.Actor(w.anna), w.network, 1), w.s.Allow(t.Context(), w.Actor(w.anna), w.network), w.s.Refuse(t.Context(), w.Actor(w.anna), w.network)} {
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("who has left: %v", err)
		}
	}
}

// A contract waits on one's first page until it is signed as it is now.
func TestTodo(t *testing.T) {
	t.Parallel()
	w := setup(t)
	waits := func() int {
		t.Helper()
		p, ok := w.s.AskTodo(w.Actor(w.anna))
		if !ok {
			t.Fatal("members are not asked")
		}
		f, err := gather.All(t.Context(), w.DB, gather.Query{Person: w.anna, Now: w.Clock.Now(), Limit: 10}, p)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := w.s.ReadTodo(f)
		if err != nil || len(rows) > 0 && (rows[0].Network != w.network || rows[0].Title == "") {
			t.Error(rows, err)
		}
		return len(rows)
	}
	sign := func(version int64) {
		t.Helper()
		if err := w.s.Sign(t.Context(), w.Actor(w.anna), w.network, version); err != nil {
			t.Fatal(err)
		}
	}
	steps := []struct {
		what string
		do   func()
		want int
	}{
		{"no contract", func() {}, 0}, {"agreed", w.agree, 1}, {"signed", func() { sign(1) }, 0}, {"changed", w.agree, 1}, {"signed anew", func() { sign(2) }, 0},
		{"the network ended", func() { w.agree(); w.Close(w.network) }, 0},
	}
	for _, x := range steps {
		x.do()
		if got := waits(); got != x.want {
			t.Errorf("%s: %d wait, want %d", x.what, got, x.want)
		}
	}
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.agree()
	w.as(w.anna).Click("Zgadzam się na zdjęcia")
	for name, opts := range map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}} {
		t.Run(name, func(t *testing.T) {
			w.as(w.anna, append(opts, webtest.WithScripts())...).ExpectAccessible().Go(consents.OwnPath).ExpectAccessible()
			w.as(w.lead, append(opts, webtest.WithScripts())...).Go(w.path + "/osoby").ExpectAccessible()
		})
	}
	w.as(w.anna, webtest.Size(320, 640)).ExpectKeyboard()
}
