package conversations_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/conversationapi"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/conversations"
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

type world struct {
	*boardtest.World
	server                        *httptest.Server
	rows                          []kit.Route
	api                           *apikit.API
	network, lead, anna, ben, adm uuid.UUID
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	s := conversation.New(conversation.Config{DB: w.DB, Access: w.Auth, Audit: audit.New(make([]byte, 32), w.Clock), Clock: w.Clock, Notify: w.Letters})
	w.rows = conversations.Routes(conversations.Deps{Conversations: s})
	enter := kit.Get("/wejdz/:id", kit.Public, func(c *kit.Ctx) error {
		http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("id"), Path: "/", Secure: true})
		return c.Redirect(conversations.ListPath, "")
	})
	server, err := web.New(kit.Config{BaseURL: "http://localhost", Authorizer: w.Auth, Authenticator: people{w.World}, Log: slog.New(slog.DiscardHandler)}, w.rows, []kit.Route{enter})
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, w.Auth)
	conversationapi.Register(w.api, s)
	w.server = httptest.NewServer(server)
	t.Cleanup(w.server.Close)
	w.network = w.Network("Ocenianie kształtujące")
	w.lead = w.Member("Karol Koordynator", access.Coordinator, w.network)
	w.anna = w.Member("Anna Nowak", access.Participant, w.network)
	w.ben = w.Member("Ben Bęben", access.Participant, w.network)
	w.adm = w.Person("Celina Centralna", access.CentreAdmin, access.Centre, w.Centre)
	return w
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

// Two people talk by hand, one message is disclosed, the centre judges it, and
// nobody else finds the conversation.
func TestTalk(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a := w.as(w.anna).ExpectText("Nie ma jeszcze żadnej rozmowy").Click("Nowa rozmowa")
	a.Fill("Wiadomość", "Czy mogę prosić o kartę?").Click("Wyślij wiadomość").ExpectText("Wybierz przynajmniej jedną osobę")
	a.Fill("Szukaj po imieniu lub nazwisku", "karol").Choose("Karol Koordynator").Click("Szukaj").ExpectNoText("Ben Bęben")
	if a.Value("Wiadomość") != "Czy mogę prosić o kartę?" || !a.Chosen("Karol Koordynator") {
		t.Fatal("the search lost what was typed")
	}
	a.Click("Wyślij wiadomość").ExpectText("Wiadomość wysłana", "Czy mogę prosić o kartę?", "Rozmowa: Karol Koordynator")
	path, _, _ := strings.Cut(a.Path(), "#")
	k := w.as(w.lead).ExpectText("1 nowa").Click("Rozmowa: Anna Nowak").ExpectText("Czy mogę prosić o kartę?", "Nowa")
	k.Click("Wyślij wiadomość").ExpectText("Napisz wiadomość")
	k.Fill("Wiadomość", "Nie zawracaj głowy").Click("Wyślij wiadomość").ExpectText("Nie zawracaj głowy")
	k.Go(conversations.ListPath).ExpectNoText("1 nowa")
	for _, other := range []uuid.UUID{w.ben, w.adm} {
		w.as(other).Go(path).ExpectText("Nie ma takiej strony").Go(path + "/opusc").ExpectText("Nie ma takiej strony").Go(path + "/wiadomosci/1/zglos").ExpectText("Nie ma takiej strony")
	}
	a.Go(path).Click("Zgłoś: wiadomość 2, Karol Koordynator, 24 listopada 2026 r.").ExpectText("Nie zawracaj głowy").ExpectNoText("Czy mogę")
	a.Fill("Co jest nie tak?", "Niegrzeczne").Click("Wyślij zgłoszenie").ExpectText("Zaznacz zgodę")
	a.Choose("Zgadzam się, żeby placówka zobaczyła tę wiadomość").Click("Wyślij zgłoszenie").ExpectText("Zgłoszenie wysłane", "Zgłoszona placówce")
	c := w.as(w.adm).Go(conversations.ReportsPath).Click("Zgłoszona wiadomość: Ocenianie kształtujące").ExpectText("Nie zawracaj głowy", "Niegrzeczne").ExpectNoText("Czy mogę")
	c.Choose("Ukryj wiadomość").Fill("Uzasadnienie", "Prosimy o uprzejmość").Click("Zapisz rozstrzygnięcie").ExpectText("Zapisano rozstrzygnięcie", "Nie ma zgłoszonych wiadomości")
	a.Go(path).ExpectText("Wiadomość ukryta przez placówkę").ExpectNoText("Nie zawracaj")
	a.Click("Opuść rozmowę").Click("Opuść rozmowę").ExpectText("Rozmowa opuszczona", "Nie ma jeszcze żadnej rozmowy")
	k.Go(path).ExpectText("Pozostałe osoby opuściły rozmowę").ExpectNoText("Wyślij wiadomość")
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	a := w.as(w.anna).Go(conversations.NewPath(w.network, w.lead)).Fill("Wiadomość", "Dzień dobry").Click("Wyślij wiadomość")
	path, _, _ := strings.Cut(a.Path(), "#")
	w.as(w.lead).Go(path).Fill("Wiadomość", "Dzień dobry, https://bardzo-dlugi-adres.example/z-ktorego-nie-da-sie-lamac-wiersza-w-wygodnym-miejscu").Click("Wyślij wiadomość")
	for name, opts := range map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}} {
		t.Run(name, func(t *testing.T) {
			p := w.as(w.anna, append(opts, webtest.WithScripts())...).ExpectAccessible()
			for _, s := range []string{path, path + "/opusc", path + "/wiadomosci/2/zglos", conversations.NewPath(w.network, w.ben)} {
				p.Go(s).ExpectAccessible()
			}
			w.as(w.adm, append(opts, webtest.WithScripts())...).Go(conversations.ReportsPath).ExpectAccessible()
		})
	}
	w.as(w.anna, webtest.Size(320, 640)).Go(path).ExpectKeyboard()
}
