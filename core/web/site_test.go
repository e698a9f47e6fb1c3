package web_test

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/dev"
	"ore.edu.pl/sieci/core/web/health"
	"ore.edu.pl/sieci/core/web/help"
	"ore.edu.pl/sieci/core/web/home"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// today of the fixtures: Tuesday, 24 November 2026, 9:00 in Warsaw.
var today = time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)

// people is an Authenticator with one person, who signs in with any password.
type people struct {
	mu   sync.Mutex
	lang i18n.Lang
}

var anna = &access.Actor{Person: uuid.MustParse("0193a000-0000-7000-8000-000000000001"), Name: "Świętosława Brzęczyszczykiewicz-Ćwiąkalska"}

func (p *people) Session(_ context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cookie != "anna" {
		return nil, "", nil
	}
	return anna, p.lang, nil
}

func (p *people) Token(_ context.Context, bearer string) (*access.Actor, error) {
	if bearer != "klucz-anny" {
		return nil, nil
	}
	return anna, nil
}

func (p *people) SetLanguage(_ context.Context, _ *access.Actor, l i18n.Lang) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lang = l
	return nil
}

// todo is a source with the items given, or an error.
type todo struct {
	items []kit.TodoItem
	err   error
}

func (todo) Ask(*access.Actor) (gather.Part, bool) { return gather.Part{Key: uuid.NewString()}, true }

func (t todo) Read(_ context.Context, f gather.Found) ([]kit.TodoItem, error) {
	return t.items[:min(f.Query.Limit, len(t.items))], t.err
}

// noRows is a database in which nothing is.
type noRows struct{ db.Q }

func (noRows) Select(context.Context, any, string, ...any) error { return nil }

type site struct {
	*kit.Server
	url string
	api *apikit.API
}

// newSite serves the rooms of this package with a sign-in page, a form and a
// gallery of every component.
func newSite(t testing.TB, sources ...kit.TodoSource) *site {
	t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewFixed(today)
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	s := &site{}
	handler := &late{}
	h := httptest.NewServer(handler)
	t.Cleanup(h.Close)
	s.url = strings.Replace(h.URL, "127.0.0.1", "localhost", 1)
	s.Server, err = web.New(kit.Config{BaseURL: s.url, Authorizer: auth, Authenticator: &people{}, Log: log, Development: true},
		home.Routes(home.Deps{DB: noRows{}, Clock: c, Log: log, Todo: sources}),
		help.Routes(help.Example(s.url)),
		health.Routes(prober{}),
		dev.Routes(dev.Deps{Clock: mover{c}, Mail: mails{}}),
		trial(),
	)
	if err != nil {
		t.Fatal(err)
	}
	s.api = apikit.New(s.Server, auth)
	apikit.Register(s.api, apikit.Op{ID: "trialPost", Method: "POST", Path: "/trial", Perm: kit.SignedIn, Summary: "Posts on trial."},
		func(context.Context, *trialIn) (*apikit.None, error) { return nil, nil })
	handler.set(s.Server)
	return s
}

type trialIn struct {
	Body struct {
		Name string `json:"name" minLength:"3" maxLength:"120" doc:"Name of the network."`
	}
}

type prober struct{}

func (prober) Probe(context.Context) health.State {
	return health.State{Database: true, Migrations: true}
}

type mover struct{ *clock.Fixed }

func (m mover) Move(_ context.Context, t time.Time) error { m.Set(t); return nil }

type mails struct{}

func (mails) List(context.Context, int) ([]dev.Mail, error) {
	return []dev.Mail{{ID: "1", To: "anna@example.com", Subject: "Zaproszenie do sieci „Ocenianie kształtujące”", At: today}}, nil
}

func (mails) Read(_ context.Context, id string) (dev.Mail, error) {
	if id != "1" {
		return dev.Mail{}, fault.ErrNotFound
	}
	return dev.Mail{ID: "1", To: "anna@example.com", Subject: "Zaproszenie", At: today,
		Text: "Dzień dobry,\n\notwórz: https://sieci.example/zaproszenie/abc. Do zobaczenia!"}, nil
}

// trial is a room with a form that checks its input, a sign-in page that
// accepts one password, a page that fails and the gallery.
func trial() []kit.Route {
	form := func(c *kit.Ctx, p ui.Problems) templ.Component {
		f := c.Form()
		c.Page("Nowa sieć").Crumb("Sieci", "/sieci").In("/sieci")
		return ui.With(ui.FormPage(ui.FormView{Title: "Nowa sieć", Lead: "Wypełnij, co wiesz; resztę można dodać później.", Action: "/proba",
			Problems: p, Submit: "Załóż sieć", Cancel: ui.Link{Text: "Anuluj", Href: "/"}}),
			ui.Field(ui.Input{Name: "nazwa", Label: "Nazwa sieci", Hint: "Krótko, o czym jest sieć.", Value: f.Get("nazwa"), Max: 120}, p),
			ui.Field(ui.Input{Kind: ui.Textarea, Name: "opis", Label: "Opis", Optional: true, Value: f.Text("opis"), Max: 2000}, p),
			ui.Field(ui.Input{Kind: ui.Radios, Name: "tryb", Label: "Jak przyjmować uczestników?", Value: f.Get("tryb"), Options: []ui.Option{
				{Value: "otwarta", Text: "Każdy może dołączyć", Hint: "Dopóki są wolne miejsca."}, {Value: "zgloszenie", Text: "Na zgłoszenie"}, {Value: "zaproszenie", Text: "Na zaproszenie"}}}, p),
			ui.Field(ui.Input{Kind: ui.Checkboxes, Name: "cele", Label: "Cele", Values: f.All("cele"), Options: []ui.Option{{Value: "1", Text: "Dzielenie się wiedzą"}, {Value: "2", Text: "Wspólne zadania"}}}, p),
			ui.Field(ui.Input{Kind: ui.Select, Name: "powiat", Label: "Powiat", Empty: "Wybierz", Value: f.Get("powiat"), Options: []ui.Option{{Value: "3013", Text: "leszczyński"}, {Value: "3026", Text: "śremski"}}}, p),
			ui.Field(ui.Input{Kind: ui.Date, Name: "start", Label: "Pierwsze spotkanie", Value: f.Get("start"), Optional: true}, p),
			ui.Field(ui.Input{Kind: ui.Number, Name: "miejsca", Label: "Liczba miejsc", Value: f.Get("miejsca"), Size: "short"}, p),
			ui.Field(ui.Input{Kind: ui.Checkbox, Name: "zgoda", Label: "Powiadamiaj o zgłoszeniach", Checked: f.Has("zgoda"), Optional: true}, p),
		)
	}
	send := func(c *kit.Ctx) error {
		var wrong fault.Fields
		if len(c.Form().Get("nazwa")) < 3 {
			wrong.Add("nazwa", "web.not_given")
		}
		if c.Form().Get("tryb") == "" {
			wrong.Add("tryb", "web.not_given")
		}
		if c.Form().Get("powiat") == "" {
			wrong.Add("powiat", "web.not_given")
		}
		if err := wrong.Err(); err != nil {
			return c.Retry(err, func(p ui.Problems) templ.Component { return form(c, p) })
		}
		return c.Redirect("/moje", "web.flash.clock_moved")
	}
	signIn := func(c *kit.Ctx, p ui.Problems) templ.Component {
		c.Page("Logowanie")
		return ui.With(ui.FormPage(ui.FormView{Title: "Logowanie", Action: kit.SignInPath, Problems: p, Submit: "Zaloguj się", Hidden: c.Pending().Hidden()}),
			ui.Field(ui.Input{Kind: ui.Email, Name: "email", Label: "Adres e-mail", Autocomplete: "username", Value: c.Form().Get("email")}, p),
			ui.Field(ui.Input{Kind: ui.Password, Name: "haslo", Label: "Hasło", Autocomplete: "current-password"}, p))
	}
	return []kit.Route{
		kit.Get("/sieci", kit.Public, func(c *kit.Ctx) error { return c.Render(200, gallery(c)) }),
		kit.Get("/zadania", kit.SignedIn, func(c *kit.Ctx) error { return c.Render(200, gallery(c)) }),
		kit.Get("/proba", kit.SignedIn, func(c *kit.Ctx) error { return c.Render(200, form(c, ui.Problems{})) }),
		kit.Post("/proba", kit.SignedIn, "trialPost", send),
		kit.Get("/awaria", kit.Public, func(*kit.Ctx) error { panic("tajne szczegóły") }),
		kit.Get("/konflikt", kit.Public, func(c *kit.Ctx) error {
			return c.ConflictPage(ui.ConflictView{Note: "Zmieniono 24 listopada 2026 r. o 8:55.", Action: "/proba", Cancel: ui.Link{Text: "Anuluj", Href: "/"},
				Fields: []ui.ConflictField{{Name: "nazwa", Label: "Nazwa sieci", Mine: "Ocenianie", Theirs: "Ocenianie kształtujące"},
					{Name: "opis", Label: "Opis", Long: true, Mine: "Mój opis", Theirs: "Ich opis\nw dwóch wierszach"}}})
		}),
		kit.Get(kit.SignInPath, kit.Public, func(c *kit.Ctx) error { return c.Render(200, signIn(c, ui.Problems{})) }),
		kit.PostPage(kit.SignInPath, kit.Public, "sessions are for browsers", func(c *kit.Ctx) error {
			if c.Form().Raw("haslo") != "poprawne" {
				return c.Retry(fault.InvalidFields(fault.Field{Path: "haslo", Key: "web.not_given"}), func(p ui.Problems) templ.Component { return signIn(c, p) })
			}
			c.SetSession("anna", time.Now().Add(time.Hour))
			return c.AfterSignIn()
		}),
		kit.PostPage(kit.SignOutPath, kit.SignedIn, "sessions are for browsers", func(c *kit.Ctx) error {
			c.ClearSession()
			return c.Redirect("/", "")
		}),
	}
}

func text(s string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, templ.EscapeString(s))
		return err
	})
}

// gallery shows every component with texts of real length.
func gallery(c *kit.Ctx) templ.Component {
	long := "Sieć współpracy nauczycieli zawodów unikatowych w branży drzewno-meblarskiej i konserwatorskiej województwa wielkopolskiego"
	c.Page("Wszystkie elementy").In("/sieci").Crumb("Sieci", "/sieci").AsWide().Updated = today
	return templ.Join(
		ui.With(ui.PageHeader("Wszystkie elementy", "Jedna strona z każdym elementem, żeby obejrzeć je razem."), ui.LinkButton("/proba", "Załóż sieć", false)),
		ui.Tabs("Części sieci", "/sieci", []ui.Link{{Text: "Przegląd", Href: "/sieci"}, {Text: "Uczestnicy", Href: "/a"}, {Text: "Zadania", Href: "/b"}, {Text: "Propozycje", Href: "/c"}, {Text: "Plan roku", Href: "/d"}}),
		ui.With(ui.Notice(ui.Warn, "Brakuje terminu spotkania", "Do 31 maja trzeba wyznaczyć spotkanie podsumowujące."), text("")),
		ui.With(ui.Notice(ui.Info, "", "Lista oczekujących ma 3 osoby."), text("")),
		ui.With(ui.Section("karty", "Sieci"), ui.Cards([]ui.Card{
			{Title: "Ocenianie kształtujące", Href: "/a", Tag: "Są wolne miejsca", Tone: ui.Good, Lead: "Jak informacja zwrotna pomaga uczyć się i uczyć.", Level: 3,
				Facts: []ui.Fact{{Label: "Koordynator", Value: "Anna Zielińska"}, {Label: "Uczestnicy", Value: "17 z 20"}, {Label: "Powiat", Value: "leszczyński"}}},
			{Title: long, Href: "/b", Tag: "Lista oczekujących", Tone: ui.Warn, Level: 3, Facts: []ui.Fact{{Label: "Uczestnicy", Value: "20 z 20"}}},
			{Title: "Doradztwo zawodowe", Href: "/c", Tag: "Zakończona", Tone: ui.Neutral, Level: 3, Facts: []ui.Fact{{Label: "Rok szkolny", Value: "2025/2026"}}, Footer: ui.PostButton("/proba", "Dołącz", true, nil)},
		})),
		ui.With(ui.Section("fakty", "O sieci"), ui.Facts([]ui.Fact{{Label: "Temat", Value: long, Change: "/x", ChangeWhat: "temat"}, {Label: "Rodzaj", Value: "Tematyczna"}, {Label: "Następne spotkanie"}})),
		ui.With(ui.Section("kroki", "Przebieg roku"), ui.Steps([]ui.Step{
			{Label: "Spotkanie organizacyjne", State: ui.StepDone, Detail: "8 października 2026 r."}, {Label: "Spotkania robocze", Href: "/k", State: ui.StepCurrent, Detail: "Odbyło się 1 z 3"},
			{Label: "Spotkanie podsumowujące", State: ui.StepNext}, {Label: "Zamknięcie", State: ui.StepBlocked}}),
			ui.Progress("plan", "Plan roku", 2, 5, "2 z 5 punktów planu")),
		ui.With(ui.Section("zadania", "Zadania"), ui.TaskList([]ui.TaskRow{
			{Title: "Obserwacja koleżeńska", Href: "/z1", Hint: "Termin: 4 grudnia 2026 r.", Status: "Do poprawy", Tone: ui.Warn},
			{Title: "Scenariusz lekcji", Href: "/z2", Status: "Nie rozpoczęto", Tone: ui.Info},
			{Title: "Ankieta potrzeb", Href: "/z3", Status: "Zakończone", Done: true}})),
		ui.With(ui.Section("tabela", "Uczestnicy"), ui.TableRegion(ui.Table{Caption: "Uczestnicy sieci", RowHeader: 0,
			Columns: []ui.Column{{Label: "Imię i nazwisko"}, {Label: "Placówka"}, {Label: "Rola"}, {Label: "Obecność", Number: true}},
			Rows: [][]ui.Cell{{{Text: anna.Name, Href: "/o"}, {Text: "Zespół Szkół nr 4 im. Bohaterów Powstania Wielkopolskiego w Lesznie"}, {Text: "Uczestniczka"}, {Text: "67%"}},
				{{Text: "Jan Żółty"}, {Text: "Szkoła Podstawowa w Śremie"}, {Body: ui.Tagged("Ekspert", ui.Info)}, {Text: "100%"}}}}),
			ui.Pagination(ui.Pages{First: "/sieci", Next: "/sieci?po=x"})),
		ui.With(ui.Section("pusto", "Propozycje"), ui.With(ui.EmptyState("Nie ma jeszcze propozycji", "Zgłoś temat, inicjatywę albo sposób pracy."), ui.LinkButton("/proba", "Zgłoś propozycję", true)),
			ui.With(ui.Details("Kto może głosować?"), text("Uczestnicy sieci.")),
			ui.Tagged("Odrzucone", ui.Bad)),
	)
}
