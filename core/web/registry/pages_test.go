package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/api/registryapi"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/registry/sample"
	"ore.edu.pl/sieci/core/web"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/registry"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/policies"
)

func TestMain(m *testing.M) { webtest.Main(m) }

// people knows three: an ORE administrator, a centre's and nobody in particular.
type people map[string]*access.Actor

func (p people) Session(_ context.Context, cookie string) (*access.Actor, i18n.Lang, error) {
	if a := p[cookie]; a != nil {
		fresh := *a
		fresh.Recent = true // what confirming takes is the account's to test
		return &fresh, "", nil
	}
	return nil, "", nil
}

func (p people) Token(ctx context.Context, bearer string) (*access.Actor, error) {
	a, _, err := p.Session(ctx, bearer)
	return a, err
}

type world struct {
	*httptest.Server
	s     *places.Service
	db    *db.DB
	auth  *access.Authorizer
	pages []kit.Route
	api   *apikit.API
}

func setup(t *testing.T) *world {
	t.Helper()
	d := dbtest.New(t)
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	s := places.New(d, auth, audit.New(make([]byte, 32), c), c)
	who := people{"admin": {Person: uuid.New(), Name: "Administrator", Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}}
	rows := registry.Routes(registry.Deps{Registry: s})
	server, err := web.New(kit.Config{BaseURL: "http://127.0.0.1", Authorizer: auth, Authenticator: who}, rows, []kit.Route{
		kit.Get("/wejdz/:kto", kit.Public, func(c *kit.Ctx) error {
			http.SetCookie(c.Response(), &http.Cookie{Name: "__Host-sieci", Value: c.Param("kto"), Path: "/", Secure: true})
			return c.Redirect("/szkoly/wybierz", "")
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	api := apikit.New(server, auth)
	registryapi.Register(api, registryapi.Deps{Registry: s})
	w := &world{httptest.NewServer(server), s, d, auth, rows, api}
	t.Cleanup(w.Close)
	for _, f := range []func() error{
		func() error {
			_, err := s.ImportTERC(t.Context(), access.Core("cli"), bytes.NewReader(sample.TERC))
			return err
		},
		func() error {
			_, err := s.ImportRSPO(t.Context(), access.Core("cli"), bytes.NewReader(sample.RSPO))
			return err
		},
	} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	who["centre"] = &access.Actor{Person: uuid.New(), Name: "Placówka", Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.rspo(t, 900101).ID}}}
	return w
}

func (w *world) rspo(t *testing.T, n int) places.Institution {
	t.Helper()
	i, err := w.s.ByRSPO(t.Context(), nil, n)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.pages, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

func TestPickSchool(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := webtest.Open(t, w.URL)
	p.Go("/szkoly/wybierz?powrot=" + "%2Fszkoly%2Fwybierz%3Fq%3Dlipno" + "&pole=szkola")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "KSIEGI lasu").Click("Szukaj")
	p.ExpectText("Dolsk, powiat śremski", "Osieczna, powiat leszczyński")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "ksiegi lasu osieczna").Click("Szukaj")
	p.ExpectNoText("Dolsk")
	p.Click("Szkoła Podstawowa im. Księgi Lasu")
	want := "/szkoly/wybierz?q=lipno&szkola=" + w.rspo(t, 100310).ID.String()
	p.ExpectPath(want)
	p.Go("/szkoly/wybierz?q=nigdzie+niczego").ExpectText("Niczego nie znaleziono")
	for _, evil := range []string{"https://evil.example", "//evil.example", `/\evil.example`, "javascript:alert(1)"} {
		r := get(t, w.URL+"/szkoly/wybierz?q=lipno&powrot="+evil)
		if strings.Contains(r, "evil") && strings.Contains(r, `href="`+evil) || strings.Contains(r, "instytucja=") {
			t.Errorf("a link leads to %s", evil)
		}
	}
	p.Go("/jst/wybierz?powrot=%2Fszkoly%2Fwybierz").Fill("Nazwa gminy, powiatu lub województwa albo kod TERYT", "swieciechowa").Click("Szukaj")
	p.Click("gmina wiejska Święciechowa").ExpectPath("/szkoly/wybierz?jst=3013052")
}

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const rspoHeader = "Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny gmina;Miejscowość\n"

// ORE2 and ORE3 as pages: preview, reasons, confirmation, undo; all without a script.
func TestImportPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := webtest.Open(t, w.URL)
	p.Go(registry.ImportsPath).ExpectNoText("Rejestry urzędowe")
	p.Go("/wejdz/admin").Go(registry.ImportsPath)
	p.Choose("RSPO: szkoły i placówki").Click("Wczytaj plik").ExpectStatus(422).ExpectText("Wybierz plik.")
	file := []byte(rspoHeader + "300001;123;Szkoła podstawowa;Szkoła Błędna;3013012;Lipno\n300002;;Szkoła podstawowa;Szkoła Dobra;3013012;Lipno\n" +
		"100310;;Szkoła podstawowa;Szkoła Przemianowana;3013033;Osieczna\n")
	p.Attach("Plik CSV", "rspo.csv", file).Click("Wczytaj plik").ExpectStatus(200)
	p.ExpectHeading("Podgląd wczytania").ExpectText("Niczego jeszcze nie zapisano", "Nowe (1)", "Odrzucone (1)", "Szkoła Dobra, Lipno, powiat leszczyński, woj. wielkopolskie", "rspo.csv")
	if _, err := w.s.ByRSPO(t.Context(), nil, 300002); err == nil {
		t.Error("a preview was written")
	}
	p.Click("Zmienione (1)").ExpectText("Szkoła Przemianowana", "Nazwa: Szkoła Podstawowa im. Księgi Lasu → Szkoła Przemianowana")
	p.Click("Odrzucone (1)").ExpectText("REGON „123” ma błędną cyfrę kontrolną lub długość.")
	p.Click("Zatwierdź zmiany").ExpectStatus(200).ExpectHeading("Wynik wczytania").ExpectText("Wczytany", "Cofnij to wczytanie")
	school := w.rspo(t, 300002)
	p.Go(registry.ImportsPath).ExpectText("Wcześniejsze wczytania")
	p.Attach("Plik CSV", "rspo.csv", file).Choose("RSPO: szkoły i placówki").Click("Wczytaj plik").ExpectText("0 zmian").ExpectNoText("Zatwierdź zmiany")
	p.Click("Odrzuć ten plik").ExpectText("Anulowany")

	p.Go(registry.SchoolsPath+"/"+school.ID.String()).ExpectHeading("Szkoła Dobra").ExpectText("300002", "Historia")
	p.Go(registry.SchoolsPath + "/" + school.ID.String() + "?na-dzien=2026-08-31").ExpectStatus(404)
	renamed := registry.SchoolsPath + "/" + w.rspo(t, 100310).ID.String()
	p.Go(renamed).ExpectHeading("Szkoła Przemianowana").Fill("Stan na dzień", "2026-08-31").Click("Pokaż ten dzień")
	p.ExpectHeading("Szkoła Podstawowa im. Księgi Lasu").ExpectText("Stan na dzień: 31 sierpnia 2026")
	p.Go(registry.PickSchoolPath + "?q=przemianowana").ExpectText("Szkoła Przemianowana")
	p.Fill("Stan na dzień", "2026-08-31").Click("Szukaj").ExpectText("Niczego nie znaleziono", "Stan na dzień: 31 sierpnia 2026")
	p.Go(registry.PickSchoolPath + "?na-dzien=wczoraj").ExpectStatus(422)

	p.Go(registry.ImportsPath).ExpectText("Anulowany")
	list, _, err := w.s.Imports(t.Context(), access.Core("cli"), uuid.Nil)
	if err != nil {
		t.Fatal(err)
	}
	written := registry.ImportsPath + "/" + list[1].ID.String()
	p.Go(written).Click("Cofnij to wczytanie").ExpectHeading("Cofnąć wczytanie?").Click("Cofnij wczytanie").ExpectText("Cofnięty").ExpectNoText("Cofnij to wczytanie")
	if _, err := w.s.ByRSPO(t.Context(), nil, 300002); err == nil {
		t.Error("the new school stayed")
	}
	r := getAs(t, w, "admin", written+"/odrzucone.csv")
	if !strings.HasPrefix(r, "\ufeffWiersz;Kolumna;Co poprawić\n2;REGON;") {
		t.Errorf("rejected rows: %q", r)
	}
	theirs := webtest.Open(t, w.URL)
	theirs.Go("/wejdz/centre").Go(written).ExpectStatus(404)
}

// A page of an import at work refreshes itself and offers to stop.
func TestImportAtWork(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, err := job.New(job.Config{DB: w.db, Access: w.auth, Audit: audit.New(make([]byte, 32), clock.NewFixed(time.Now()))})
	if err != nil {
		t.Fatal(err)
	}
	w.s.Jobs(c) // nobody works them
	p := webtest.Open(t, w.URL)
	p.Go("/wejdz/admin").Go(registry.ImportsPath).Choose("RSPO: szkoły i placówki").
		Attach("Plik CSV", "rspo.csv", []byte(rspoHeader+"300002;;Szkoła podstawowa;Szkoła Dobra;3013012;Lipno\n")).Click("Wczytaj plik")
	p.ExpectHeading("Wczytywanie w toku").ExpectText("Sprawdzanie pliku", "Strona odświeża się sama", "Przerwij wczytywanie")
	p.Click("Przerwij wczytywanie").ExpectText("Anulowany", "Rejestr się nie zmienił")
}

func getAs(t *testing.T, w *world, who, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: who})
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCentrePages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	theirs := webtest.Open(t, w.URL)
	theirs.Go("/wejdz/centre").Go(registry.CentresPath).ExpectText("Wierzbowo").ExpectNoText("Dąbrowa", "Dodaj placówkę")
	theirs.Click("Centrum Doskonalenia Nauczycieli „Wierzbowo”").ExpectText("Obszar nie jest określony", "Konta czekające na potwierdzenie", "Role").ExpectNoText("Zmień obszar działania")
	theirs.Go(registry.CentresPath + "/" + w.rspo(t, 900101).ID.String() + "/obszar").ExpectStatus(404)
	theirs.Go(registry.CentresPath + "/" + w.rspo(t, 900102).ID.String()).ExpectStatus(404)

	p := webtest.Open(t, w.URL)
	p.Go("/wejdz/admin").Go(registry.CentresPath).Click("Centrum Doskonalenia Nauczycieli „Wierzbowo”").Click("Zmień obszar działania")
	p.Click("wielkopolskie (wybrano 0)") // opens the group, without a script
	p.Choose("powiat leszczyński").Choose("powiat śremski").Click("Zapisz").ExpectHeading("Co zmieni nowy obszar")
	p.ExpectText("powiat leszczyński, woj. wielkopolskie", "Placówka zaczyna tu działać", "Żadna").ExpectNoText("przestaje")
	if n, err := w.s.Territory(t.Context(), nil, w.rspo(t, 900101).ID); err != nil || len(n) != 0 {
		t.Errorf("the preview was written: %v, %v", n, err)
	}
	p.Click("Zapisz nowy obszar")
	p.ExpectText("Zapisano obszar działania.", "powiat leszczyński, woj. wielkopolskie", "powiat śremski, woj. wielkopolskie").ExpectNoText("Zmiany obszaru")
	// From a later day one powiat less; the past asks for a reason.
	today := w.s.Today()
	p.Click("Zmień obszar działania").Unchoose("powiat śremski").Fill("Obowiązuje od", today.AddDate(0, 0, -3).Format(time.DateOnly)).Click("Zapisz")
	p.ExpectStatus(422).ExpectText("Podaj powód poprawki").Fill("Obowiązuje od", today.AddDate(0, 0, 7).Format(time.DateOnly)).Click("Zapisz")
	p.ExpectHeading("Co zmieni nowy obszar").ExpectText("Nowy obszar obowiązuje od", "Do tego dnia administratorzy placówki widzą to, co teraz.", "Placówka przestaje tu działać").Click("Zapisz nowy obszar")
	p.ExpectText("Zapisano obszar działania.", "powiat śremski, woj. wielkopolskie", "Zmiany obszaru", "od początku")
	if n, err := w.s.Territory(t.Context(), nil, w.rspo(t, 900101).ID); err != nil || len(n) != 2 {
		t.Errorf("the plan holds already: %v, %v", n, err)
	}

	p.Go(registry.CentresPath+"/nowa").Click("Zapisz").ExpectStatus(422).ExpectText("Wpisz nazwę instytucji.", "Wybierz powiat.")
	p.Fill("Nazwa", "Ośrodek Łąka").Fill("Miejscowość", "Sandomierz").Select("Siedziba (powiat)", "powiat sandomierski (świętokrzyskie)").Click("Zapisz")
	p.ExpectHeading("Ośrodek Łąka").ExpectText("Dodano placówkę.", "Sandomierz, powiat sandomierski")
	p.Go(registry.CentresPath).ExpectText("Ośrodek Łąka", "Wierzbowo").Fill("Stan na dzień", "2026-11-23").Click("Pokaż ten dzień")
	p.ExpectText("Stan na dzień: 23 listopada 2026", "Wierzbowo").ExpectNoText("Ośrodek Łąka")
}

func TestPagesAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	centre := registry.CentresPath + "/" + w.rspo(t, 900101).ID.String()
	for _, v := range webtest.Views {
		p := webtest.Open(t, w.URL, v.Options...)
		p.Go("/wejdz/admin")
		for _, path := range []string{
			"/szkoly/wybierz?q=szkola&powrot=%2F", "/szkoly/wybierz?q=nic+takiego", "/jst/wybierz?q=lipno",
			registry.ImportsPath, registry.CentresPath, centre, centre + "/obszar", registry.CentresPath + "/nowa",
		} {
			p.Go(path).ExpectAccessible()
		}
		p.Click("Zapisz").ExpectAccessible()
		p.Go(registry.ImportsPath).Attach("Plik CSV", "a.csv", []byte(rspoHeader+"x;;a;b;c;d\n100310;;Szkoła podstawowa;Nowa nazwa;3013033;Osieczna\n")).Click("Wczytaj plik").ExpectAccessible()
		p.Click("Zatwierdź zmiany").ExpectAccessible()
		p.Click("Cofnij to wczytanie").ExpectAccessible().Click("Cofnij wczytanie").ExpectAccessible()
		p.Go(registry.SchoolsPath + "/" + w.rspo(t, 100310).ID.String()).ExpectAccessible()
		p.Go("/jst/3013052").ExpectAccessible()
	}
}

func TestAPI(t *testing.T) {
	t.Parallel()
	w := setup(t)
	call := func(method, path, token, body string) (int, map[string]any) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, w.URL+"/api/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
			if !strings.HasPrefix(body, "{") {
				r.Header.Set("Content-Type", "text/csv")
			}
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		out := map[string]any{}
		if resp.StatusCode != http.StatusNoContent {
			if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
				t.Fatalf("%s %s: %v", method, path, err)
			}
		}
		return resp.StatusCode, out
	}
	status, found := call("GET", "/institutions?q=swieciechowa&limit=5", "", "")
	items, _ := found["items"].([]any)
	if status != 200 || len(items) != 1 || items[0].(map[string]any)["rspo"] != 100313.0 {
		t.Errorf("search: %d %v", status, found)
	}
	id := w.rspo(t, 100313).ID.String()
	if status, one := call("GET", "/institutions/"+id, "", ""); status != 200 || one["powiat"] != "leszczyński" {
		t.Errorf("read: %d %v", status, one)
	}
	if status, _ := call("GET", "/institutions/"+uuid.NewString(), "", ""); status != 404 {
		t.Errorf("unknown institution: %d", status)
	}
	if status, _ := call("POST", "/registers/rspo/imports", "centre", rspoHeader+"1;;a;b;3013012;d\n"); status != 404 {
		t.Errorf("import by a centre: %d", status)
	}
	status, one := call("POST", "/registers/rspo/imports?file=a.csv", "admin", rspoHeader+"300001;123;Szkoła podstawowa;Szkoła;3013012;Lipno\n300002;;Szkoła podstawowa;Szkoła;3013012;Lipno\n")
	if status != 201 || one["state"] != "ready" || one["new"] != 1.0 || one["rejected"] != 1.0 || one["file"] != "a.csv" {
		t.Fatalf("handed in: %d %v", status, one)
	}
	at := "/registers/imports/" + one["id"].(string)
	if status, notes := call("GET", at+"/notes", "admin", ""); status != 200 || len(notes["items"].([]any)) != 1 || notes["items"].([]any)[0].(map[string]any)["path"] != "lines[2].regon" {
		t.Errorf("notes: %d %v", status, notes)
	}
	if status, rows := call("GET", at+"/rows?change=new", "admin", ""); status != 200 || rows["items"].([]any)[0].(map[string]any)["code"] != "300002" {
		t.Errorf("rows: %d %v", status, rows)
	}
	if status, _ := call("POST", at+"/confirmation", "centre", ""); status != 404 {
		t.Errorf("confirmed by a centre: %d", status)
	}
	if status, got := call("POST", at+"/confirmation", "admin", ""); status != 200 || got["state"] != "done" {
		t.Errorf("confirmed: %d %v", status, got)
	}
	if status, _ := call("POST", at+"/cancellation", "admin", ""); status != 409 {
		t.Errorf("cancelled too late: %d", status)
	}
	if status, found := call("GET", "/institutions?q=300002&asOf=2026-11-23", "", ""); status != 200 || len(found["items"].([]any)) != 0 {
		t.Errorf("yesterday: %d %v", status, found)
	}
	if status, got := call("POST", at+"/undo", "admin", ""); status != 200 || got["state"] != "undone" {
		t.Errorf("undone: %d %v", status, got)
	}
	status, problem := call("POST", "/registers/rspo/imports", "admin", "imię;nazwisko\nA;B\n")
	if raw, _ := json.Marshal(problem); status != 422 || !strings.Contains(string(raw), "brakuje kolumn") {
		t.Errorf("no register: %d %s", status, raw)
	}
	if status, past := call("GET", "/units/3013052/history", "", ""); status != 200 || len(past["items"].([]any)) != 1 {
		t.Errorf("history of a unit: %d %v", status, past)
	}
	status, list := call("GET", "/registers/imports", "admin", "")
	if status != 200 || len(list["items"].([]any)) != 4 || list["next"] != nil {
		t.Errorf("imports: %d %v", status, list)
	}
	first := list["items"].([]any)[0].(map[string]any)["id"].(string)
	if status, list := call("GET", "/registers/imports?after="+first, "admin", ""); status != 200 || len(list["items"].([]any)) != 3 {
		t.Errorf("older imports: %d %v", status, list)
	}
	status, problem = call("GET", "/registers/imports?after=TAJNE", "admin", "")
	if raw, _ := json.Marshal(problem); status != 422 || !strings.Contains(string(raw), `"parameter":"after"`) || strings.Contains(string(raw), "TAJNE") {
		t.Errorf("a wrong place: %d %s", status, raw)
	}
	if status, _ := call("PUT", "/centres/"+w.rspo(t, 900101).ID.String()+"/territory", "admin", `{"powiats":["3013"]}`); status != 204 {
		t.Errorf("territory: %d", status)
	}
	if status, c := call("GET", "/centres/"+w.rspo(t, 900101).ID.String(), "centre", ""); status != 200 || len(c["territory"].([]any)) != 1 {
		t.Errorf("centre: %d %v", status, c)
	}
}

// ORE adds what no register knows, finds it where schools are, and changes it;
// what a register describes is left to the register.
func TestOrganisationsByHand(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := webtest.Open(t, w.URL)
	p.Go("/wejdz/admin").Go(registry.PickSchoolPath).ExpectHeading("Szkoły i organizacje").Click("Dodaj organizację")
	p.Click("Dodaj organizację").ExpectStatus(422).ExpectText("Wybierz rodzaj instytucji z listy.", "Wpisz nazwę instytucji.", "Wybierz powiat.")
	p.Select("Rodzaj", "Partner w kraju lub za granicą").Fill("Nazwa", "Lehrerakademie Lindenau").Select("Kraj", "Niemcy").Fill("Miejscowość", "Lindenau")
	p.Click("Dodaj organizację").ExpectText("Dodano organizację.", "Lindenau, Niemcy")
	p.Go(registry.PickSchoolPath+"?rodzaj=partner").ExpectText("Lehrerakademie Lindenau", "Niemcy").Click("Lehrerakademie Lindenau")
	p.Click("Zmień dane organizacji").ExpectNoText("Siedziba")
	edit := p.Path()
	p.Fill("Nazwa", "Akademia Lindenau").Click("Zapisz").ExpectText("Zapisano zmiany.", "Akademia Lindenau").ExpectHeading("Akademia Lindenau")

	other := webtest.Open(t, w.URL)
	other.Go("/wejdz/admin").Go(edit)
	p.Go(edit).Fill("Miejscowość", "Linden").Click("Zapisz").ExpectStatus(200)
	other.Fill("Miejscowość", "Leipzig").Click("Zapisz").ExpectStatus(409).ExpectText("Linden")
	if got := other.Value("Twoja wersja"); got != "Leipzig" {
		t.Errorf("the text typed is %q", got)
	}

	p.Go(registry.OrganisationsPath+"/nowa").Select("Rodzaj", "Partner w kraju lub za granicą")
	p.Select("Rodzaj", "Ośrodek Rozwoju Edukacji").Fill("Nazwa", "Ośrodek Rozwoju Edukacji").Select("Kraj", "Ukraina").Click("Dodaj organizację").ExpectStatus(422).ExpectText("Za granicą mogą być tylko partnerzy.")
	p.Select("Kraj", "Polska").Select("Siedziba (powiat)", "powiat sandomierski (świętokrzyskie)").Click("Dodaj organizację").ExpectText("Dodano organizację.")
	p.Go(registry.OrganisationsPath+"/nowa").Select("Rodzaj", "Wydział ORE lub ministerstwa").Fill("Nazwa", "Wydział Kształcenia Zawodowego").Select("Siedziba (powiat)", "powiat sandomierski (świętokrzyskie)")
	p.Click("Dodaj organizację").ExpectStatus(422).ExpectText("Wybierz ORE lub ministerstwo")
	p.Select("Jednostka nadrzędna", "Ośrodek Rozwoju Edukacji, powiat sandomierski, woj. świętokrzyskie").Click("Dodaj organizację").ExpectText("Dodano organizację.")
	p.Go(registry.CentresPath).ExpectText("Wydział Kształcenia Zawodowego")

	// A local government is a unit of TERYT; its office is added once.
	p.Go(registry.UnitsPath+"/3013052").Click("Dodaj urząd tego samorządu").Fill("Nazwa", "Urząd Gminy Święciechowa").Fill("Miejscowość", "Święciechowa")
	p.Click("Dodaj organizację").ExpectText("Dodano organizację.").Click("Samorząd w rejestrze TERYT").ExpectText("Urząd: Urząd Gminy Święciechowa").ExpectNoText("Dodaj urząd")
	if n, err := w.s.Institution(t.Context(), nil, w.rspo(t, 100310).ID); err != nil || n.Country != places.Home {
		t.Errorf("%+v, %v", n, err)
	}

	p.Go(registry.OrganisationsPath + "/" + w.rspo(t, 100310).ID.String() + "/edytuj").Click("Zapisz").ExpectStatus(409).ExpectText("pochodzą z rejestru RSPO")
	p.Go(registry.PickSchoolPath + "?woj=30&powiat=3013&rodzaj=school").ExpectText("powiat leszczyński").ExpectNoText("powiat śremski, woj")
	theirs := webtest.Open(t, w.URL)
	theirs.Go("/wejdz/centre").Go(registry.PickSchoolPath).ExpectNoText("Dodaj organizację").Go(edit).ExpectStatus(404)
	theirs.Go(registry.OrganisationsPath + "/nowa").ExpectStatus(404)
}
