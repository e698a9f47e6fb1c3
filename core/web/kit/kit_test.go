package kit_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/web/assets"
	"ore.edu.pl/sieci/core/web/kit"
)

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	for _, path := range []string{"/", "/nie-ma", "/blad/panika", "/s/x/app.css"} {
		h := s.get(path).Header
		for name, want := range map[string]string{
			"Content-Security-Policy":    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":     "nosniff",
			"Referrer-Policy":            "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin",
			"Strict-Transport-Security":  "",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if len(h.Get("X-Request-Id")) != 12 || h.Get("Permissions-Policy") == "" {
			t.Errorf("%s: request id %q, permissions %q", path, h.Get("X-Request-Id"), h.Get("Permissions-Policy"))
		}
	}
	secure := start(t, func(c *kit.Config) { c.BaseURL = "https://sieci.example" }, rows()...)
	if got := secure.get("/").Header.Get("Strict-Transport-Security"); got != "max-age=31536000" {
		t.Errorf("HSTS over https is %q", got)
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	r := s.get(assets.URL("app.css"))
	if r.StatusCode != 200 || r.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || !strings.Contains(r.text, "@layer") {
		t.Errorf("status %d, cache %q", r.StatusCode, r.Header.Get("Cache-Control"))
	}
	for _, path := range []string{"/s/000000000000/app.css", "/s/x/..%2fassets.go", strings.Replace(assets.URL("app.css"), "app.css", "brak.css", 1)} {
		if got := s.get(path).StatusCode; got != 404 {
			t.Errorf("%s: status %d", path, got)
		}
	}
}

func TestCookieFollowsTheAddress(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]struct {
		name   string
		secure bool
	}{
		"http://localhost:8080": {"__Host-sieci", true}, "http://127.0.0.1:8080": {"__Host-sieci", true}, "http://[::1]:8080": {"__Host-sieci", true},
		"https://sieci.example": {"__Host-sieci", true}, "http://sieci.lan": {"sieci", false},
	} {
		s := start(t, func(c *kit.Config) { c.BaseURL, c.AllowPlainHTTP = base, true }, rows()...)
		c := s.post(kit.SignInPath, url.Values{}).cookie(want.name)
		if c == nil || c.Secure != want.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge < 3500 {
			t.Errorf("%s: cookie %+v", base, c)
		}
	}
}

func TestWrongBaseAddressIsRefused(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	_ = s
	for _, base := range []string{"http://sieci.example", "ftp://x", "sieci.example", "https://x/sciezka", "https://x?y", "https://u@x", ""} {
		cfg := kit.Config{BaseURL: base}
		if _, err := kit.New(cfg); err == nil {
			t.Errorf("%q was accepted", base)
		}
	}
}

func TestSignInIsOfferedAndOtherwiseNothingExists(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	r := s.get("/moje?wszystko=1")
	if r.StatusCode != 303 || r.Header.Get("Location") != "/logowanie?dalej=%2Fmoje%3Fwszystko%3D1" {
		t.Errorf("guest: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
	if r := s.get("/moje", as("anna")); r.StatusCode != 200 || !strings.Contains(r.text, "<title>Moje sprawy – Sieci</title>") {
		t.Errorf("signed in: %d", r.StatusCode)
	}
	if r := s.get("/rejestr", as("anna")); r.StatusCode != 404 {
		t.Errorf("a page for others: %d, want 404", r.StatusCode)
	}
	if r := s.get("/rejestr", as("olga")); r.StatusCode != 200 {
		t.Errorf("an administrator's page: %d", r.StatusCode)
	}
	if r := s.get("/moje", as("stary")); r.StatusCode != 303 {
		t.Errorf("an unknown session: %d", r.StatusCode)
	}
	if r := s.get("/moje", as("awaria")); r.StatusCode != 500 || strings.Contains(r.text, "holiday") {
		t.Errorf("sessions unreadable: %d", r.StatusCode)
	}
	if r := s.get("/moje", header("Authorization", "Bearer klucz")); r.StatusCode != 303 {
		t.Errorf("an API token opened a page: %d", r.StatusCode)
	}
}

func TestFormSentAfterTheSessionEnded(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	r := s.post("/zapis?a=1", url.Values{"nazwa": {`Sieć "A" <b>`}, "cel": {"1", "2"}, "idem": {"klucz-formularza"}})
	if r.StatusCode != 401 || !strings.Contains(r.text, `name="dalej" value="/zapis?a=1"`) || !strings.Contains(r.text, `name="replay.nazwa" value="Sieć &#34;A&#34; &lt;b&gt;"`) {
		t.Fatalf("status %d\n%s", r.StatusCode, r.text)
	}
	r = s.post(kit.SignInPath, url.Values{"dalej": {"/zapis?a=1"}, "replay.nazwa": {"Sieć"}, "replay.cel": {"1", "2"}, "replay.idem": {"klucz-formularza"}, "haslo": {"x"}})
	for _, want := range []string{`action="/zapis?a=1"`, `name="nazwa" value="Sieć"`, `name="cel" value="1"`, `name="cel" value="2"`, `name="idem" value="klucz-formularza"`} {
		if !strings.Contains(r.text, want) {
			t.Errorf("the waiting form lacks %s", want)
		}
	}
	if strings.Contains(r.text, "haslo") || r.cookie("__Host-sieci") == nil {
		t.Error("the page repeats the password or carries no session")
	}
	// A stranger's link brings no form along.
	r = s.get(kit.SignInPath + "?dalej=/zapis&replay.nazwa=cudza")
	if r.StatusCode != 200 || strings.Contains(r.text, `name="replay.`) || !strings.Contains(r.text, `name="dalej" value="/zapis"`) {
		t.Errorf("a form from an address: %d\n%s", r.StatusCode, r.text)
	}
	r = s.post(kit.SignInPath, url.Values{"dalej": {"https://zly.example/"}})
	if got := r.Header.Get("Location"); got != "/moje" {
		t.Errorf("signing in led to %s", got)
	}
	if r := s.post("/haslo", url.Values{"password": {"tajne"}}); r.StatusCode != 401 || strings.Contains(r.text, "tajne") {
		t.Errorf("a password was kept: %d", r.StatusCode)
	}
	if r := s.post("/dla-znanych", url.Values{"nazwa": {"a"}}); r.StatusCode != 401 || !strings.Contains(r.text, `name="replay.nazwa" value="a"`) {
		t.Errorf("a service that wanted a person lost the form: %d\n%s", r.StatusCode, r.text)
	}
	big := s.post("/zapis", url.Values{"nazwa": {strings.Repeat("x", 300<<10)}})
	if big.StatusCode != 401 || strings.Contains(big.text, "replay.") {
		t.Errorf("over the ceiling: %d", big.StatusCode)
	}
}

func TestKeyOfAFormCoversItsContent(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	key := func(v url.Values) string { return s.post("/zapis", v, as("anna")).Header.Get("X-Key") }
	first := key(url.Values{"nazwa": {"a"}, "idem": {"klucz-formularza"}})
	if !strings.HasPrefix(first, "klucz-formularza.") || len(first) > 64 {
		t.Fatalf("key %q", first)
	}
	if again := key(url.Values{"idem": {"klucz-formularza"}, "nazwa": {"a"}}); again != first {
		t.Error("a double submit got another key")
	}
	if other := key(url.Values{"nazwa": {"b"}, "idem": {"klucz-formularza"}}); other == first {
		t.Error("a corrected form got the old key")
	}
	if got := key(url.Values{"nazwa": {"a"}, "idem": {"x"}}); got != "" {
		t.Errorf("an unfit key became %q", got)
	}
}

func TestMessageIsShownOnceAndOnlyOurs(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	r := s.post("/zapis", url.Values{"nazwa": {"a"}}, as("anna"))
	c := r.cookie("__Host-sieci-komunikat")
	if r.StatusCode != 303 || r.Header.Get("Location") != "/moje" || c == nil {
		t.Fatalf("status %d, cookie %v", r.StatusCode, c)
	}
	shown := s.get("/moje", as("anna"), func(r *http.Request) { r.AddCookie(c) })
	if !strings.Contains(shown.text, "Przestawiono zegar.") || shown.cookie("__Host-sieci-komunikat").MaxAge >= 0 {
		t.Error("the message was not shown, or stays")
	}
	forged := s.get("/moje", as("anna"), func(r *http.Request) { r.AddCookie(&http.Cookie{Name: c.Name, Value: "Wygrana! Zadzwon"}) })
	if strings.Contains(forged.text, "Wygrana") {
		t.Error("a forged cookie spoke on our page")
	}
}

func TestFormWithProblems(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	r := s.post("/zapis", url.Values{"nazwa": {" \u202e "}}, as("anna"))
	for _, want := range []string{"<title>Błąd: Zapis – Sieci</title>", `href="#f-nazwa"`, "Popraw 1 błąd", `name="idem"`} {
		if r.StatusCode != 422 || !strings.Contains(r.text, want) {
			t.Errorf("status %d, no %s", r.StatusCode, want)
		}
	}
	ok := s.post("/zapis", url.Values{"nazwa": {"  Z\u0307o\u0301łw\x00 "}}, as("anna"))
	if got, _ := url.QueryUnescape(ok.Header.Get("X-Name")); got != "Żółw" {
		t.Errorf("the name arrived as %q", got)
	}
}

func TestUploads(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	send := func(path string, size int) *answer {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.WriteField("opis", "Zażółć")
		f, _ := w.CreateFormFile("plik", "notatka.txt")
		_, _ = f.Write(bytes.Repeat([]byte("x"), size))
		_ = w.Close()
		return s.ask(http.MethodPost, path, &b, as("anna"), header("Content-Type", w.FormDataContentType()))
	}
	if r := send("/plik", 25<<20); r.StatusCode != 200 || !strings.Contains(r.text, "notatka.txt Zażółć") {
		t.Errorf("25 MiB: %d", r.StatusCode)
	}
	if r := send("/plik", 27<<20); r.StatusCode != 413 {
		t.Errorf("27 MiB: %d", r.StatusCode)
	}
	if r := send("/zapis", 2<<20); r.StatusCode != 413 {
		t.Errorf("2 MiB to a form without files: %d", r.StatusCode)
	}
}

func TestBodiesThatAreNoForms(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	for kind, body := range map[string]string{"application/json": "{}", "multipart/form-data": "x", "text/plain": "nazwa=a", "multipart/form-data; boundary=x": "--x\r\nzle"} {
		r := s.ask(http.MethodPost, "/zapis", strings.NewReader(body), as("anna"), header("Content-Type", kind))
		if r.StatusCode != 422 {
			t.Errorf("%s: %d", kind, r.StatusCode)
		}
	}
	chunked := s.ask(http.MethodPost, "/zapis", struct{ *strings.Reader }{strings.NewReader("nazwa=" + strings.Repeat("x", 2<<20))},
		as("anna"), header("Content-Type", "application/x-www-form-urlencoded"), func(r *http.Request) { r.ContentLength = -1 })
	if chunked.StatusCode != 413 {
		t.Errorf("2 MiB without a length: %d", chunked.StatusCode)
	}
}

func TestPagesOfErrors(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *kit.Config) { c.Timeout = 50 * time.Millisecond }, rows()...)
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/nie-ma":             {404, "Nie ma takiej strony"},
		"/sieci/nie-uuid":     {404, "Nie ma takiej strony"},
		"/blad/zakaz":         {403, "Brak uprawnienia"},
		"/blad/wyscig":        {409, "Ktoś zmienił te dane"},
		"/blad/zaduzo":        {429, "Zbyt wiele prób"},
		"/blad/panika":        {500, "Numer zapytania:"},
		"/blad/wewnetrzny":    {500, "Problem z usługą"},
		"/blad/niedostepne":   {503, "Problem z usługą"},
		"/blad/wolno":         {503, "Problem z usługą"},
		"/sieci/<script>x":    {404, "Nie ma takiej strony"},
		"/zapis":              {405, "nie ma takiej czynności"},
		"/nie-ma?haslo=tajne": {404, "Nie ma takiej strony"},
	} {
		r := s.get(path)
		if r.StatusCode != want.status || !strings.Contains(r.text, want.text) {
			t.Errorf("%s: %d, want %d and %q", path, r.StatusCode, want.status, want.text)
		}
		for _, secret := range []string{"tajne", "<script>", "goroutine"} {
			if strings.Contains(r.text, secret) {
				t.Errorf("%s: the page says %q", path, secret)
			}
		}
		if id := r.Header.Get("X-Request-Id"); want.status >= 500 && !strings.Contains(r.text, id) {
			t.Errorf("%s: the request id is not on the page", path)
		}
		if (want.status == 503 || want.status == 429) != (r.Header.Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", path, r.Header.Get("Retry-After"))
		}
	}
	if !strings.Contains(s.log.String(), "tajne szczegóły") {
		t.Error("the cause was not logged")
	}
}

func TestOtherSitesCannotPost(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	v := url.Values{"nazwa": {"a"}}
	for name, r := range map[string]*answer{
		"cross-site":    s.post("/zapis", v, as("anna"), header("Sec-Fetch-Site", "cross-site")),
		"same-site":     s.post("/zapis", v, as("anna"), header("Sec-Fetch-Site", "same-site")),
		"other origin":  s.post("/zapis", v, as("anna"), header("Origin", "https://zly.example")),
		"sign-in":       s.post(kit.SignInPath, v, header("Sec-Fetch-Site", "cross-site")),
		"opaque origin": s.post("/zapis", v, as("anna"), header("Origin", "null")),
	} {
		if r.StatusCode != 403 {
			t.Errorf("%s: %d", name, r.StatusCode)
		}
	}
	if r := s.post("/zapis", v, as("anna"), header("Origin", "http://localhost:8080"), header("Sec-Fetch-Site", "same-origin")); r.StatusCode != 303 {
		t.Errorf("our own page: %d", r.StatusCode)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	cookie := func(l string) func(*http.Request) {
		return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "__Host-sieci-jezyk", Value: l}) }
	}
	for name, c := range map[string]struct {
		want string
		r    *answer
	}{
		"default":                 {"pl", s.get("/")},
		"browser":                 {"en", s.get("/", header("Accept-Language", "en-GB,en;q=0.8"))},
		"browser, other":          {"pl", s.get("/", header("Accept-Language", "uk"))},
		"browser, broken":         {"pl", s.get("/", header("Accept-Language", "q=;;;"))},
		"cookie before browser":   {"en", s.get("/", cookie("en"), header("Accept-Language", "pl"))},
		"person before cookie":    {"en", s.get("/", as("olga"), cookie("pl"))},
		"cookie of nobody's wish": {"pl", s.get("/", cookie("xx"))},
	} {
		if !strings.Contains(c.r.text, `<html lang="`+c.want+`">`) {
			t.Errorf("%s: not in %s", name, c.want)
		}
	}
	r := s.post(kit.LanguagePath, url.Values{"jezyk": {"en"}, "dalej": {"//zly.example"}})
	if c := r.cookie("__Host-sieci-jezyk"); c == nil || c.Value != "en" || r.Header.Get("Location") != "/" {
		t.Errorf("switch: %v to %s", c, r.Header.Get("Location"))
	}
}

func TestClientAddressIsBelievedOfProxiesOnly(t *testing.T) {
	t.Parallel()
	forged := header("X-Forwarded-For", "203.0.113.7, 198.51.100.9")
	if r := start(t, nil, rows()...).get("/adres", forged); !strings.Contains(r.text, "127.0.0.1") {
		t.Error("an address was believed without a proxy")
	}
	if r := start(t, proxies, rows()...).get("/adres", forged); !strings.Contains(r.text, "198.51.100.9") || strings.Contains(r.text, "203.0.113.7") {
		t.Error("behind a proxy: the last address counts")
	}
}

func TestLogAndMetricsNameRoutesOnly(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	id := "0193a000-0000-7000-8000-00000000abcd"
	r := s.get("/sieci/"+id+"?kto=Anna", as("anna"))
	s.get("/tajna/sciezka")
	log := s.log.String()
	if !strings.Contains(log, "route=/sieci/:id") || !strings.Contains(log, r.Header.Get("X-Request-Id")) || !strings.Contains(log, "status=200") {
		t.Errorf("log: %s", log)
	}
	for _, secret := range []string{id, "Anna", "127.0.0.1", "tajna"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log says %q", secret)
		}
	}
	families, err := s.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var routes []string
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "route" {
					routes = append(routes, l.GetValue())
				}
			}
		}
	}
	if got := strings.Join(routes, " "); !strings.Contains(got, "/sieci/:id") || strings.Contains(got, "tajna") {
		t.Errorf("measured routes: %s", got)
	}
}

func TestHeadAndSignOut(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	if r := s.ask(http.MethodHead, "/", nil); r.StatusCode != 200 || r.text != "" {
		t.Errorf("HEAD: %d, %d bytes", r.StatusCode, len(r.text))
	}
	r := s.post(kit.SignOutPath, url.Values{}, as("anna"))
	if c := r.cookie("__Host-sieci"); c == nil || c.MaxAge >= 0 || r.Header.Get("Clear-Site-Data") != `"cache"` {
		t.Errorf("signing out: %v, %q", c, r.Header.Get("Clear-Site-Data"))
	}
}

func TestEveryRouteIsInTheTable(t *testing.T) {
	t.Parallel()
	s := start(t, nil, rows()...)
	if stray := s.Stray(); len(stray) > 0 {
		t.Errorf("routes outside the table: %v", stray)
	}
	s.Echo().GET("/boczne-wejscie", nil)
	if stray := s.Stray(); len(stray) != 1 || stray[0] != "GET /boczne-wejscie" {
		t.Errorf("a stray route was not found: %v", stray)
	}
}

func TestWrongRowsPanic(t *testing.T) {
	t.Parallel()
	ok := page("x")
	for name, r := range map[string]kit.Route{
		"method": {Method: "PUT", Path: "/x", Perm: kit.Public, Handler: ok}, "path": kit.Get("x", kit.Public, ok),
		"permission": kit.Get("/x", "", ok), "handler": kit.Get("/x", kit.Public, nil), "operation": kit.Post("/x", kit.Public, "", ok),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: accepted", name)
				}
			}()
			start(t, nil, r)
		}()
	}
}
