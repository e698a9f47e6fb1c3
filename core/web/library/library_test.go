package library_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob/memblob"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/libraryapi"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/notify"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	pages "ore.edu.pl/sieci/core/web/library"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

type silent struct{}

func (silent) Send(context.Context, *db.Tx, notify.Message) error { return nil }

// people signs in whoever the cookie names, with the roles of this moment.
type people struct{ w *world }

func (p people) Session(ctx context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	id, err := uuid.Parse(cookie)
	if err != nil {
		return nil, "", nil
	}
	g, err := access.RolesOf(ctx, p.w.db, id, p.w.clock.Now())
	return &access.Actor{Person: id, Name: p.w.names[id], Grants: g}, "", err
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

type world struct {
	*httptest.Server
	t       *testing.T
	db      *db.DB
	clock   *clock.Fixed
	s       *library.Service
	pages   []kit.Route
	api     *apikit.API
	names   map[uuid.UUID]string
	centre  uuid.UUID
	network uuid.UUID
	teacher uuid.UUID
	lead    uuid.UUID
	admin   uuid.UUID
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), names: map[uuid.UUID]string{}, clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	bucket := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = bucket.Close() })
	log := audit.New(make([]byte, 32), w.clock)
	files := file.New(file.Config{DB: w.db, Access: auth, Audit: log, Bucket: bucket, TempDir: t.TempDir()})
	w.s = library.New(library.Config{DB: w.db, Access: auth, Audit: log, Clock: w.clock, Notify: silent{}, Files: files})
	w.pages = pages.Routes(pages.Deps{Library: w.s, Files: files, Clock: w.clock})
	server, err := web.New(kit.Config{BaseURL: "http://127.0.0.1", Authorizer: auth, Authenticator: people{w}}, w.pages, []kit.Route{
		kit.Get("/wejdz/:kto", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("kto"), Path: "/", Secure: true})
			return c.Redirect("/zasoby", "")
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.api = apikit.New(server, auth)
	libraryapi.Register(w.api, libraryapi.Deps{Library: w.s, Files: files})
	w.Server = httptest.NewServer(server)
	t.Cleanup(w.Close)
	w.centre = uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', 'CDN Wierzbowo', 'cdn wierzbowo', $1)`, w.centre)
	w.network = w.newNetwork("Ocenianie kształtujące")
	w.teacher, w.lead, w.admin = w.person("Nina Nauczycielka"), w.person("Karol Koordynator"), w.person("Anna Administrator")
	w.grant(w.teacher, access.Participant, access.Network, w.network)
	w.grant(w.lead, access.Coordinator, access.Network, w.network)
	w.grant(w.admin, access.CentreAdmin, access.Centre, w.centre)
	return w
}

func (w *world) newNetwork(title string) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO network (id, module, type, centre_id, title, title_folded, aim, school_year, stage, status, join_mode, created_at, opened_at)
		VALUES ($1, 'ore.thematic', 'network', $2, $3, $3, 'Cel', 2026, 'working', 'open', 'open', '2026-09-01', '2026-09-01')`, id, w.centre, title)
	return id
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) person(name string) uuid.UUID {
	w.t.Helper()
	id := uuid.Must(uuid.NewV7())
	w.names[id] = name
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, $3, $3, 'active')`, id, id.String()+"@example.org", name)
	return id
}

func (w *world) grant(person uuid.UUID, r access.Role, k access.ScopeKind, scope uuid.UUID) {
	w.t.Helper()
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES ($1, $2, $3, $4, $5, '2026-01-01')`, uuid.New(), person, r, k, scope)
}

func (w *world) as(person uuid.UUID, opts ...webtest.Option) *webtest.Page {
	w.t.Helper()
	return webtest.Open(w.t, w.URL, opts...).Go("/wejdz/" + person.String())
}

// resource adds a shared one of the teacher that lies elsewhere.
func (w *world) resource(title string) uuid.UUID {
	w.t.Helper()
	g, err := access.RolesOf(w.t.Context(), w.db, w.teacher, w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	id, err := w.s.Create(w.t.Context(), &access.Actor{Person: w.teacher, Grants: g}, library.NewResource{Network: w.network, Share: true,
		Details:  library.Details{Title: title, Kind: "scenariusz", Licence: "cc-by-4.0", Authors: []string{"Nina Nauczycielka"}, Accessibility: "Strona z nagłówkami.", Tags: []string{"topic:ocenianie"}, Product: true},
		Contents: library.Contents{Link: "https://zpe.gov.pl/a"}})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.pages, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

// KOO7, the library's half: a file is posted, its licence and the words that
// stand for an image are asked for, version 1; without a script.
func TestScenarioFileWithLicenceAndWordsForImages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.as(w.teacher).Click("Dodaj zasób")
	p.Fill("Tytuł", "Pętla informacji zwrotnej").Select("Rodzaj", "Scenariusz zajęć").Fill("Opis", "Dla **klas IV–VI**. <script>x</script>")
	p.Attach("Wybierz pliki", "schemat.png", picture(t)).Click("Dodaj do zasobów")
	p.ExpectStatus(422).ExpectText("Wybierz licencję", "Opisz, co jest na obrazie", "Napisz w jednym zdaniu, co w plikach jest dostępne", "schemat.png")
	if got := p.Value("Autorzy"); got != "Nina Nauczycielka" {
		t.Errorf("authors %q", got)
	}
	p.Fill("Opis obrazu: schemat.png", "Cztery kroki w kole").Choose("Creative Commons Uznanie autorstwa 4.0 (CC BY)").Fill("Dostępność cyfrowa", "Tekst i opisany schemat.")
	p.Click("Temat lub przedmiot").Choose("ocenianie").Click("Dodaj do zasobów")
	p.ExpectText("Dodano zasób", "Pobierz: schemat.png", "PNG", "Na obrazie: Cztery kroki w kole", "Creative Commons Uznanie autorstwa 4.0", "1 z 24 listopada 2026", "klas IV–VI", "ocenianie")
	path := p.Path()
	if body, h := p.Download("Pobierz: schemat.png"); !bytes.Equal(body, picture(t)) || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("download %d bytes, %v", len(body), h)
	}
	p.Click("Dodaj nową wersję").Fill("Odnośnik", "https://zpe.gov.pl/film").Click("Dodaj wersję").ExpectText("Napisz krótko, co zmieniło się")
	p.Fill("Co się zmieniło", "Nagranie zamiast schematu").Click("Dodaj wersję").ExpectText("Dodano nową wersję", "Otwórz: zpe.gov.pl", "Wersja 2", "Wersja 1")
	p.Click("Wersja 1").ExpectText("To jest starsza wersja (1 z 2)", "Pobierz: schemat.png").Click("Otwórz najnowszą wersję").ExpectPath(path)
	l := w.as(w.lead).Go(path)
	l.Click("Przydatne").ExpectText("oznaczony jako przydatny", "1 osoba uznała")
	l.Click("Publikacja poza siecią").Choose("Wszyscy, także bez konta").Click("Zaproponuj publikację").ExpectText("Wysłano propozycję publikacji")
	g := webtest.Open(t, w.URL).Go(path)
	g.ExpectNoText("Pętla informacji")
	a := w.as(w.admin).Go("/zasoby?zakres=do-publikacji").Click("Pętla informacji zwrotnej")
	a.Click("Publikacja poza siecią").Click("Zgoda, opublikuj").ExpectText("Zasób jest opublikowany")
	g.Go("/zasoby?q=petla&temat=ocenianie").Click("Pętla informacji zwrotnej").ExpectText("Nagranie zamiast schematu", "Ostatnia aktualizacja")
	a.Click("Publikacja poza siecią").Click("Wycofaj z publikacji").ExpectText("Podaj powód").Fill("Powód wycofania", "Błąd w schemacie").Click("Wycofaj z publikacji")
	g.Go(path).ExpectStatus(410).ExpectText("Tego zasobu już tu nie ma", "Błąd w schemacie").ExpectNoText("Pętla")
}

func TestDraftEditAndConflict(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.as(w.teacher).Go("/zasoby/nowy?siec="+w.network.String()).Fill("Tytuł", "Zaczęte").Fill("Odnośnik", "https://zpe.gov.pl/a").Click("Zapisz szkic")
	p.ExpectText("Zapisano szkic", "Widzi go tylko jego autor")
	w.as(w.lead).Go(p.Path()).ExpectStatus(404)
	p.Go("/zasoby?zakres=moje").Click("Zaczęte").Click("Dokończ i udostępnij")
	p.Select("Rodzaj", "Narzędzie").Choose("CC0 1.0 – przekazanie do domeny publicznej").Fill("Autorzy", "Zespół sieci").Fill("Dostępność cyfrowa", "Arkusz z nagłówkami kolumn.").Click("Dodaj do zasobów").ExpectText("Dodano zasób", "Zespół sieci")
	path := p.Path()
	p.Click("Zmień opis").Fill("Tytuł", "Moja nazwa")
	w.as(w.lead).Go(path).Click("Zmień opis").Fill("Tytuł", "Nazwa koordynatora").Click("Zapisz zmiany").ExpectText("Zapisano zmiany")
	p.Click("Zapisz zmiany").ExpectStatus(409).ExpectText("Nazwa koordynatora").Click("Zapisz moją wersję").ExpectText("Zapisano zmiany")
	p.ExpectHeading("Moja nazwa")
	p.Click("Usuń zasób").Click("Usuń zasób").ExpectText("Podaj powód").Fill("Powód", "Pomyłka").Click("Usuń zasób").ExpectText("Zasób został usunięty", "Pomyłka")
	p.Click("Przywróć zasób").ExpectText("Przywrócono zasób")
}

func TestUseShelfAndDissemination(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.resource("Karty wyjścia")
	other := w.newNetwork("Druga sieć")
	user := w.person("Ula Użytkowniczka")
	w.grant(user, access.Participant, access.Network, other)
	w.as(w.admin).Go("/zasoby/" + id.String() + "/publikacja").Choose("Wszyscy zalogowani").Click("Opublikuj").ExpectText("Zasób jest opublikowany")
	u := w.as(user).Go("/sieci/" + other.String() + "/zasoby").ExpectText("W tej sieci nie ma jeszcze zasobów").Click("Znajdź zasób innej sieci").Click("Karty wyjścia")
	u.Click("Użyj w sieci").Select("Sieć", "Druga sieć").Fill("Do czego się przyda", "Na marzec").Click("Użyj w sieci").ExpectText("Dodano do zasobów sieci", "Na marzec")
	u.Go("/sieci/"+other.String()+"/zasoby").ExpectText("Karty wyjścia", "Z innej sieci")
	u.Click("Karty wyjścia").Click("Zdejmij z zasobów sieci").ExpectText("Zdjęto z zasobów sieci")

	plan := "/sieci/" + w.network.String() + "/upowszechnianie"
	w.as(w.teacher).Go(plan).ExpectText("Plan jest pusty", "Karty wyjścia").ExpectNoText("Dodaj działanie")
	l := w.as(w.lead).Go(plan).Click("Dodaj działanie").Click("Zapisz działanie").ExpectText("Popraw 5 błędów")
	l.Fill("Co upowszechniamy", "Zestaw kart").Select("Zasób sieci", "Karty wyjścia").Fill("Komu", "Dyrektorzy").Fill("Jak", "Narada powiatowa").Fill("Kiedy", "2027-06-15").Fill("Kto odpowiada", "Koordynator").Click("Zapisz działanie")
	l.ExpectText("Zapisano działanie", "Zrobione: 0 z 1", "15.06.2027").Click("Zmień lub zakończ: Zestaw kart")
	l.Fill("Co z tego wyszło", "40 osób na naradzie").Click("Oznacz jako zrobione").ExpectText("Zrobione: 1 z 1", "40 osób na naradzie")
	w.exec(`UPDATE network SET status = 'closed', closed_at = now() WHERE id = $1`, w.network)
	l.Go(plan).ExpectText("40 osób").ExpectNoText("Dodaj działanie", "Zmień lub zakończ")
	w.as(w.teacher).Go("/sieci/" + w.network.String() + "/zasoby").ExpectNoText("Dodaj zasób")
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.resource("Karty wyjścia")
	at, in := "/zasoby/"+id.String(), "/sieci/"+w.network.String()
	for name, opts := range map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}} {
		t.Run(name, func(t *testing.T) {
			opts = append(opts, webtest.WithScripts())
			l := w.as(w.lead, opts...)
			for _, s := range []string{"/zasoby", "/zasoby?branza=BUD", "/zasoby/nowy", at, at + "/edytuj", at + "/nowa-wersja", at + "/publikacja", at + "/usun", in + "/zasoby", in + "/upowszechnianie", in + "/upowszechnianie/nowe"} {
				l.Go(s).ExpectAccessible()
			}
			l.Go("/zasoby/nowy").Click("Dodaj do zasobów").ExpectText("Popraw").ExpectAccessible()
			webtest.Open(t, w.URL, opts...).Go("/zasoby").ExpectAccessible()
		})
	}
}

func TestReadsAreShort(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.resource("Karty wyjścia")
	for _, path := range []string{"/zasoby", "/zasoby/" + id.String(), "/sieci/" + w.network.String() + "/zasoby", "/sieci/" + w.network.String() + "/upowszechnianie", "/zasoby/nowy"} {
		for range 2 { // the second time everything is prepared
			before := w.db.RoundTrips()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: w.lead.String()})
			res, err := w.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			if err := res.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if n := w.db.RoundTrips() - before; n > 3 || res.StatusCode != http.StatusOK {
				t.Errorf("%s: %d round trips, status %d", path, n, res.StatusCode)
			}
		}
	}
}
