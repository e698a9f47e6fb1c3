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
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/i18n"
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
	return p[cookie], "", nil
}

func (p people) Token(_ context.Context, bearer string) (*access.Actor, error) { return p[bearer], nil }

type world struct {
	*httptest.Server
	s     *places.Service
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
	w := &world{httptest.NewServer(server), s, rows, api}
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

func TestImportPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := webtest.Open(t, w.URL)
	p.Go(registry.ImportsPath).ExpectNoText("Rejestry urzędowe")
	p.Go("/wejdz/admin").Go(registry.ImportsPath)
	p.Choose("RSPO: szkoły i placówki").Click("Wczytaj plik").ExpectStatus(422).ExpectText("Wybierz plik.")
	file := []byte(rspoHeader + "300001;123;Szkoła podstawowa;Szkoła Błędna;3013012;Lipno\n300002;;Szkoła podstawowa;Szkoła Dobra;3013012;Lipno\n")
	p.Attach("Plik CSV", "rspo.csv", file).Click("Wczytaj plik").ExpectStatus(422)
	p.ExpectText("Odrzucono 1 wiersz, więc niczego nie zapisano", "REGON „123” ma błędną cyfrę kontrolną lub długość.")
	p.Choose("Zapisz poprawne wiersze, nawet jeśli inne zostaną odrzucone").Attach("Plik CSV", "rspo.csv", file).Click("Wczytaj plik")
	p.ExpectStatus(200).ExpectHeading("Wynik wczytania").ExpectText("Plik został wczytany.", "Nowe", "REGON „123”")
	p.Go(registry.ImportsPath).ExpectText("Wcześniejsze wczytania")
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
	p.Choose("powiat leszczyński").Choose("powiat śremski").Click("Zapisz")
	p.ExpectText("Zapisano obszar działania.", "powiat leszczyński, woj. wielkopolskie", "powiat śremski, woj. wielkopolskie")

	p.Go(registry.CentresPath+"/nowa").Click("Zapisz").ExpectStatus(422).ExpectText("Wpisz nazwę instytucji.", "Wybierz powiat.")
	p.Fill("Nazwa", "Ośrodek Łąka").Fill("Miejscowość", "Sandomierz").Select("Siedziba (powiat)", "powiat sandomierski (świętokrzyskie)").Click("Zapisz")
	p.ExpectHeading("Ośrodek Łąka").ExpectText("Dodano placówkę.", "Sandomierz, powiat sandomierski")
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
		p.Go(registry.ImportsPath).Attach("Plik CSV", "a.csv", []byte(rspoHeader+"x;;a;b;c;d\n")).Click("Wczytaj plik").ExpectStatus(422).ExpectAccessible()
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
	status, problem := call("POST", "/registers/rspo/imports", "admin", rspoHeader+"300001;123;Szkoła podstawowa;Szkoła;3013012;Lipno\n")
	raw, _ := json.Marshal(problem)
	if status != 422 || !strings.Contains(string(raw), "#/lines/2/regon") {
		t.Errorf("refused import: %d %s", status, raw)
	}
	// A program is told where and why, not what it sent.
	status, problem = call("POST", "/registers/rspo/imports", "admin", rspoHeader+"TAJNE;;Szkoła podstawowa;Szkoła;3013012;Lipno\n300002;;Szkoła podstawowa;Szkoła;9999999;Lipno\n")
	raw, _ = json.Marshal(problem)
	if status != 422 || !strings.Contains(string(raw), "#/lines/2/rspo") || !strings.Contains(string(raw), "To nie jest numer RSPO") || strings.Contains(string(raw), "TAJNE") || strings.Contains(string(raw), "9999999") {
		t.Errorf("refused import: %d %s", status, raw)
	}
	status, rep := call("POST", "/registers/rspo/imports", "admin", rspoHeader+"300001;;Szkoła podstawowa;Szkoła;3013012;Lipno\n")
	if status != 201 || rep["new"] != 1.0 {
		t.Errorf("import: %d %v", status, rep)
	}
	status, list := call("GET", "/registers/imports", "admin", "")
	if status != 200 || len(list["items"].([]any)) != 3 || list["next"] != nil {
		t.Errorf("imports: %d %v", status, list)
	}
	first := list["items"].([]any)[0].(map[string]any)["id"].(string)
	if status, list := call("GET", "/registers/imports?after="+first, "admin", ""); status != 200 || len(list["items"].([]any)) != 2 {
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
