package elections_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/electionapi"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/elections"
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
	return &access.Actor{Person: id, Recent: true, Name: "Ktoś", Grants: g}, "", err
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

type noAccounts struct{ network.Accounts }

type world struct {
	*boardtest.World
	server                                 *httptest.Server
	s                                      *election.Service
	rows                                   []kit.Route
	api                                    *apikit.API
	path                                   string
	network                                uuid.UUID
	lead, anna, ben, cyryl, adm, elsewhere uuid.UUID
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	key := make([]byte, 32)
	log, modules := audit.New(key, w.Clock), scripted.Modules{}
	networks := network.New(network.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Modules: modules, Notify: w.Letters, Accounts: noAccounts{}, CursorKey: key,
		Engine: effect.New(effect.Config{DB: w.DB, Clock: w.Clock, Audit: log, Access: w.Auth, Modules: modules})})
	w.s = election.New(election.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Box: ballot.New(ballot.Config{DB: w.DB, Key: key}), Notify: w.Letters, Networks: networks})
	w.rows = elections.Routes(elections.Deps{Elections: w.s, Clock: w.Clock})
	enter := []kit.Route{
		kit.Get("/wejdz/:id", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("id"), Path: "/", Secure: true})
			return c.Redirect("/sieci/"+w.network.String()+elections.Tab, "")
		}),
	}
	server, err := web.New(kit.Config{BaseURL: "http://localhost", Authorizer: w.Auth, Authenticator: people{w.World}, Log: slog.New(slog.DiscardHandler)}, w.rows, enter)
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, w.Auth)
	electionapi.Register(w.api, w.s)
	w.server = httptest.NewServer(server)
	t.Cleanup(w.server.Close)
	w.network = w.Network("Ocenianie kształtujące")
	w.path = "/sieci/" + w.network.String() + elections.Tab
	w.lead = w.Member("Karol Koordynator", access.Coordinator, w.network)
	w.anna = w.Member("Anna Nowak", access.Participant, w.network)
	w.ben = w.Member("Ben Bęben", access.Participant, w.network)
	w.cyryl = w.Member("Cyryl Cichy", access.Participant, w.network)
	w.adm = w.Person("Celina Centralna", access.CentreAdmin, access.Centre, w.Centre)
	w.elsewhere = w.Member("Obca Osoba", access.Coordinator, w.Network("Inna sieć"))
	return w
}

func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.T.Helper()
	return webtest.Open(w.T, w.server.URL, opts...).Go("/wejdz/" + person.String())
}

// days lets days go by and does what is due.
func (w *world) days(n int) {
	w.T.Helper()
	w.Clock.Set(w.Clock.Now().AddDate(0, 0, n))
	if _, err := w.s.Sweep(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.rows, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

// A coordinator announces leaving, members stand and vote, the centre confirms,
// and the two pass things on: by hand, without scripts.
func TestElection(t *testing.T) {
	t.Parallel()
	w := setup(t)
	k := w.as(w.lead).ExpectText("Nie było jeszcze wyborów").Click("Ogłoś odejście i wybory")
	if k.Value("Potrzebna frekwencja w procentach") != "50" {
		t.Error("no quorum is offered")
	}
	k.Fill("Kilka słów do członków", "Odchodzę na urlop.").Fill("Potrzebna frekwencja w procentach", "10").Fill("Głosowanie do", "2026-12-08").Click("Ogłoś wybory")
	k.ExpectStatus(422).ExpectText("Podaj liczbę od 20 do 100", "Zostaw na głosowanie co najmniej 24 godziny")
	if k.Value("Kilka słów do członków") != "Odchodzę na urlop." {
		t.Error("what was typed is lost")
	}
	k.Fill("Potrzebna frekwencja w procentach", "60").Fill("Głosowanie do", "2026-12-15").Click("Ogłoś wybory")
	k.ExpectText("Ogłoszono wybory", "Trwa zgłaszanie kandydatur", "Nikt jeszcze nie kandyduje", "Odchodzę na urlop", "co najmniej 60% członków", "15 grudnia 2026").ExpectNoText("Ogłoś odejście", "Zgłoś kandydaturę")

	a := w.as(w.anna).Click("Zgłoś kandydaturę").ExpectStatus(422).ExpectText("Napisz kilka słów")
	a.Fill("Dlaczego chcesz prowadzić sieć", "Znam wszystkich.").Click("Zgłoś kandydaturę").ExpectText("Kandydatura jest zgłoszona", "Anna Nowak", "Znam wszystkich")
	b := w.as(w.ben).Fill("Dlaczego chcesz prowadzić sieć", "Mam czas.").Click("Zgłoś kandydaturę").Click("Wycofaj kandydaturę").ExpectText("Kandydaturę wycofano").ExpectNoText("Mam czas")
	b.Fill("Dlaczego chcesz prowadzić sieć", "Mam dużo czasu.").Click("Zgłoś kandydaturę").ExpectText("Mam dużo czasu")
	for _, other := range []uuid.UUID{w.elsewhere, w.Person("Nikt", "", "", uuid.Nil)} {
		w.as(other).ExpectStatus(404)
	}

	w.days(15)
	a.Reload().ExpectText("Trwa głosowanie", "Wyniku nie widać przed końcem", "Głosowanie jest tajne").Click("Oddaj głos").ExpectStatus(422).ExpectText("Wybierz jedną odpowiedź")
	a.Choose("Ben Bęben").Click("Oddaj głos").ExpectText("Głos jest oddany", "Twój głos jest oddany", "1 z 4").ExpectNoText("Na kogo oddajesz głos")
	b.Go(w.path).Choose("Ben Bęben").Click("Oddaj głos")
	w.as(w.cyryl).Choose("Na żadną z tych osób").Click("Oddaj głos").ExpectText("3 z 4")
	w.as(w.adm).ExpectText("Głosują osoby, które należały do sieci").ExpectNoText("Oddaj głos", "Zatwierdź wybór")

	w.days(7)
	k.Go(w.path).ExpectText("Wybór czeka na zatwierdzenie", "Członkowie wybrali: Ben Bęben").ExpectNoText("Zatwierdź wybór", "Odwołaj wybory")
	c := w.as(w.adm).Click("Odmów zatwierdzenia").Click("Zapisz odmowę").ExpectStatus(422).ExpectText("Podaj powód")
	c.Go(w.path).Click("Zatwierdź wybór").ExpectText("Wybór zatwierdzono", "Sieć prowadzi teraz: Ben Bęben", "Lista spraw do przekazania")
	k.Reload().Fill("Inna sprawa do przekazania", "Klucz do sali 12").Click("Dopisz sprawę").ExpectText("Klucz do sali 12")
	b.Go(w.path).Click("Oznacz jako przekazane: Klucz do sali 12").ExpectText("Przekazano 16 grudnia 2026 r. (Ben Bęben)").Click("Cofnij oznaczenie: Klucz do sali 12").ExpectNoText("Przekazano 16")
	a.Go(w.path).ExpectText("Sieć prowadzi teraz: Ben Bęben").ExpectNoText("Lista spraw")
	b.ExpectText("Ogłoś odejście i wybory")
}

// The centre refuses, and says why.
func TestRefusedByTheCentre(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.as(w.lead).Click("Ogłoś odejście i wybory").Click("Ogłoś wybory")
	w.as(w.anna).Fill("Dlaczego chcesz prowadzić sieć", "Chcę.").Click("Zgłoś kandydaturę")
	w.days(15)
	for _, p := range []uuid.UUID{w.anna, w.ben, w.cyryl} {
		w.as(p).Choose("Anna Nowak").Click("Oddaj głos")
	}
	w.days(7)
	w.as(w.adm).Click("Odmów zatwierdzenia").Fill("Powód odmowy", "Osoba odchodzi ze szkoły.").Click("Zapisz odmowę").ExpectText("Odmówiono zatwierdzenia wyboru")
	w.as(w.anna).ExpectText("Placówka nie zatwierdziła wyboru", "Powód: Osoba odchodzi ze szkoły.")
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.as(w.lead).Click("Ogłoś odejście i wybory").Click("Ogłoś wybory")
	w.as(w.anna).Fill("Dlaczego chcesz prowadzić sieć", "Chcę.").Click("Zgłoś kandydaturę")
	looks := map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}}
	look := func(stage string, who ...uuid.UUID) {
		for name, opts := range looks {
			for _, p := range who {
				t.Log(stage, name)
				w.as(p, append(opts, webtest.WithScripts())...).ExpectAccessible()
			}
		}
	}
	look("standing", w.anna, w.lead)
	w.days(15)
	look("voting", w.ben)
	for _, p := range []uuid.UUID{w.anna, w.ben, w.cyryl} {
		w.as(p).Choose("Anna Nowak").Click("Oddaj głos")
	}
	w.days(7)
	look("elected", w.adm)
	w.as(w.adm).Click("Zatwierdź wybór")
	look("passing", w.lead)
	w.as(w.anna, webtest.Size(320, 640)).ExpectKeyboard()
	w.as(w.anna, webtest.WithScripts()).Go(w.path + "/nowe").ExpectAccessible()
}
