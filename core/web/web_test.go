package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/web/health"
	"ore.edu.pl/sieci/core/web/help"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/webtest"
)

func signIn(p *webtest.Page) *webtest.Page {
	return p.Go(kit.SignInPath).Fill("Adres e-mail", "anna@example.com").Fill("Hasło", "poprawne").Click("Zaloguj się")
}

func TestGuestFindsTheWayIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := webtest.Open(t, s.url)
	p.Go("/").ExpectHeading("Sieci współpracy i samokształcenia").ExpectNoText("Moje sprawy", "Wyloguj się")
	p.Click("Znajdź sieć").ExpectPath("/sieci")
	p.Go("/moje").ExpectHeading("Logowanie").ExpectPath("/logowanie?dalej=%2Fmoje")
	p.Fill("Adres e-mail", "anna@example.com").Fill("Hasło", "złe").Click("Zaloguj się").ExpectStatus(422)
	if got := p.Value("Adres e-mail"); got != "anna@example.com" {
		t.Errorf("the address typed became %q", got)
	}
	if !strings.HasPrefix(p.Title(), "Błąd: ") {
		t.Errorf("title %q", p.Title())
	}
	p.Fill("Hasło", "poprawne").Click("Zaloguj się").ExpectPath("/moje").ExpectHeading("Moje sprawy").ExpectText("Nic nie czeka")
	p.Go("/").ExpectPath("/moje")
	p.Click("Wyloguj się").ExpectPath("/").ExpectText("Zaloguj się")
	p.Go("/moje").ExpectHeading("Logowanie")
}

// TestLoopbackKeepsSecureCookies proves what the __Host- cookie relies on: a
// browser takes http on loopback for secure, by name and by number.
func TestLoopbackKeepsSecureCookies(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, url := range []string{s.url, strings.Replace(s.url, "localhost", "127.0.0.1", 1)} {
		p := signIn(webtest.Open(t, url)).ExpectHeading("Moje sprawy")
		if got := strings.Join(p.Cookies(), " "); got != "__Host-sieci" {
			t.Errorf("%s: cookies %q", url, got)
		}
	}
}

func TestFormSurvivesTheEndOfASession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := signIn(webtest.Open(t, s.url)).Go("/proba")
	p.Fill("Nazwa sieci", "Zażółć gęślą jaźń").Choose("Na zgłoszenie").Select("Powiat", "śremski").Choose("Dzielenie się wiedzą").Choose("Wspólne zadania")
	p.ForgetCookies().Click("Załóż sieć").ExpectHeading("Logowanie").ExpectStatus(401)
	p.Fill("Adres e-mail", "anna@example.com").Fill("Hasło", "złe").Click("Zaloguj się").ExpectStatus(422)
	p.Fill("Hasło", "poprawne").Click("Zaloguj się").ExpectHeading("Zalogowano. Formularz czeka na wysłanie")
	p.Click("Wyślij formularz").ExpectPath("/moje").ExpectText("Przestawiono zegar.")
	p.Reload().ExpectNoText("Przestawiono zegar.")
}

func TestErrorsKeepWhatWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := signIn(webtest.Open(t, s.url)).Go("/proba")
	p.Fill("Opis", "Pierwszy wiersz\nDrugi wiersz").Choose("Wspólne zadania").Fill("Pierwsze spotkanie", "2026-12-01").Click("Załóż sieć")
	p.ExpectStatus(422).ExpectText("Popraw 3 błędy")
	if p.Value("Opis") != "Pierwszy wiersz\nDrugi wiersz" || !p.Chosen("Wspólne zadania") || p.Chosen("Dzielenie się wiedzą") || p.Value("Pierwsze spotkanie") != "2026-12-01" {
		t.Error("something typed was lost")
	}
}

func TestLanguageIsSwitchedAndKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := webtest.Open(t, s.url).Go("/pomoc").Click("Switch to English").ExpectPath("/pomoc").ExpectHeading("Help and contact")
	p.Go("/").ExpectHeading("Networks of cooperation and self-education")
	p.Click("Przełącz na język polski").ExpectHeading("Sieci współpracy i samokształcenia")
	signIn(p).Click("Switch to English").ExpectPath("/moje").ExpectHeading("My matters")
	if q := signInEnglish(webtest.Open(t, s.url)); q.Title() != "My matters – Sieci" {
		t.Errorf("another browser of the same person: %q", q.Title())
	}
}

func signInEnglish(p *webtest.Page) *webtest.Page { return signIn(p) }

func TestMineMergesSources(t *testing.T) {
	t.Parallel()
	s := newSite(t, todo{items: someItems()[:2]}, todo{err: errors.New("down")}, todo{items: someItems()[2:]})
	p := signIn(webtest.Open(t, s.url))
	text := p.Text()
	var at []int
	for _, w := range []string{"Przyjmij miejsce", "Po terminie", "Odpowiedz na zaproszenie", "Jutro", "Oddaj zadanie", "4 grudnia 2026 r., 9:00", "Dokończ formularz"} {
		at = append(at, strings.Index(text, w))
	}
	for i := range at {
		if at[i] < 0 || i > 0 && at[i] < at[i-1] {
			t.Fatalf("order %v in %s", at, text)
		}
	}
	p.ExpectText("Część listy jest chwilowo niedostępna").ExpectNoText("Pokaż wszystko")
	var many []string
	items := someItems()
	for range 4 {
		items = append(items, someItems()...)
	}
	q := signIn(webtest.Open(t, newSite(t, todo{items: items}).url))
	many = append(many, q.Text())
	q.Click("Pokaż wszystko").ExpectPath("/moje?wszystko=1").ExpectNoText("Pokaż wszystko")
	if first, all := strings.Count(many[0], "Sieć „"), strings.Count(q.Text(), "Sieć „"); first > 10 || all != 15 {
		t.Errorf("%d then %d", first, all)
	}
}

func TestDevelopmentPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := webtest.Open(t, s.url).Go("/deweloper/zegar").ExpectText("24 listopada 2026 r., 9:00")
	p.Click("Tydzień do przodu").ExpectText("1 grudnia 2026 r., 9:00", "Przestawiono zegar.")
	p.Fill("Data", "2027-01-14").Fill("Godzina", "16:30").Click("Przestaw zegar").ExpectText("14 stycznia 2027 r., 16:30")
	p.Fill("Data", "").Click("Przestaw zegar").ExpectStatus(422).ExpectText("Podaj datę między rokiem 2000 a 2100.")
	p.Go("/deweloper/poczta").Click("Zaproszenie do sieci „Ocenianie kształtujące”").ExpectText("Do zobaczenia!")
	if body, _ := get(t, s.url+"/deweloper/poczta/1"); !strings.Contains(body, `<a href="https://sieci.example/zaproszenie/abc">`) {
		t.Error("the address in the message is no link")
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if body, res := get(t, s.url+"/healthz"); res.StatusCode != 200 || body != "{\"status\":\"ok\"}\n" {
		t.Errorf("healthz: %d %s", res.StatusCode, body)
	}
	var state health.State
	body, res := get(t, s.url+"/readyz")
	if err := json.Unmarshal([]byte(body), &state); err != nil || res.StatusCode != 200 || !state.Database || !state.Migrations || state.Modules == nil {
		t.Errorf("readyz: %d %s", res.StatusCode, body)
	}
}

func get(t *testing.T, url string) (string, *http.Response) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	if _, err := copyAll(&b, res); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(b.String(), "\u00a0", " "), res
}

// TestDeclaration holds the declaration against the technical conditions 2.0.
func TestDeclaration(t *testing.T) {
	t.Parallel()
	body, _ := get(t, newSite(t).url+"/deklaracja-dostepnosci")
	for _, id := range []string{"a11y-wstep", "a11y-podmiot", "a11y-zakres", "a11y-url", "a11y-data-publikacja", "a11y-data-aktualizacja", "a11y-status",
		"a11y-kontakt", "a11y-email", "a11y-telefon", "a11y-procedura", "a11y-data-sporzadzenie", "a11y-architektura", "a11y-komunikacja"} {
		if n := strings.Count(body, `id="`+id+`"`); n != 1 {
			t.Errorf("%s stands %d times", id, n)
		}
	}
	var heads []string
	for _, m := range regexp.MustCompile(`<h2>([^<]+)</h2>`).FindAllStringSubmatch(body, -1) {
		heads = append(heads, m[1])
	}
	want := "Stan dostępności cyfrowej|Niedostępne treści|Przygotowanie deklaracji dostępności i jej aktualizacja|Udogodnienia, ograniczenia i inne informacje|" +
		"Skróty klawiszowe|Informacje zwrotne i dane kontaktowe|Obsługa wniosków i skarg związanych z dostępnością|Pozostałe informacje"
	if got := strings.Join(heads, "|"); got != want {
		t.Errorf("headings %s", got)
	}
	for _, want := range []string{`<h1>Deklaracja dostępności</h1>`, `datetime="2026-11-02">2 listopada 2026 r.</time>`, `7 dni`, `2 miesiące`, `<meta name="deklaracja-dostępności" content="/deklaracja-dostepnosci">`,
		`<a href="/deklaracja-dostepnosci">Deklaracja dostępności</a>`} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	broken := help.Example("x")
	broken.Declaration.Phone, broken.Declaration.Prepared, broken.Declaration.Status = "", "wczoraj", "?"
	if err := broken.Validate(); err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("validation: %v", err)
	}
	if ok := help.Example("x"); ok.Validate() != nil {
		t.Errorf("the example is wrong: %v", ok.Validate())
	}
}

func TestKeyboard(t *testing.T) {
	t.Parallel()
	s := newSite(t, todo{items: someItems()})
	p := signIn(webtest.Open(t, s.url, webtest.Size(360, 740)))
	for _, path := range []string{"/moje", "/sieci", "/proba", "/konflikt", "/pomoc"} {
		p.Go(path).ExpectKeyboard()
	}
	// The error summary takes the focus, and Enter on its link leads to the field.
	p.Go("/proba").Click("Załóż sieć").Press("\t").Press("\r").Press("Abc")
	if got := p.Value("Nazwa sieci"); got != "Abc" {
		t.Errorf("after the link of the summary the field holds %q", got)
	}
}

func TestPagesAreLight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, path := range []string{"/", "/pomoc", "/prywatnosc", "/deklaracja-dostepnosci", kit.SignInPath, "/nie-ma"} {
		body, _ := get(t, s.url+path)
		if len(body) > 40<<10 || strings.Contains(body, "<script") || strings.Contains(body, "style=") || strings.Contains(body, "//fonts") {
			t.Errorf("%s: %d bytes, or something inline", path, len(body))
		}
	}
}

func TestTableIsWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if stray := s.Stray(); len(stray) > 0 {
		t.Errorf("routes outside the table: %v", stray)
	}
	if got := apikit.Mismatches(s.Table(), s.api.Ops()); len(got) > 0 {
		t.Errorf("%v", got)
	}
}
