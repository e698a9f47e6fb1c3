package webtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/web/webtest"
)

func TestMain(m *testing.M) { webtest.Main(m) }

const form = `<!DOCTYPE html><html lang="pl"><head><title>Próba – Sieci</title></head><body><main><h1>Formularz</h1>
<form method="post" action="/wynik" enctype="multipart/form-data">
<p><label for="a">Imię i&nbsp;nazwisko</label> <input id="a" name="nazwa" value="stare"></p>
<p><label for="b">Data <span class="optional">(nieobowiązkowe)</span></label> <input type="date" id="b" name="data"></p>
<fieldset><legend>Pierwsze pytanie</legend><input type="radio" id="c1" name="c" value="tak"><label for="c1">Tak</label></fieldset>
<fieldset><legend>Drugie pytanie</legend><input type="radio" id="d1" name="d" value="tak"><label for="d1">Tak</label></fieldset>
<p><input type="checkbox" id="e" name="e" value="1"><label for="e">Zgoda</label></p>
<p><label for="g">Powiat</label><select id="g" name="g"><option value="1">Śrem</option><option value="2">Leszno</option></select></p>
<p><label for="h">Plik</label><input type="file" id="h" name="h"></p>
<button>Wyślij</button></form>
<script>document.querySelector('h1').textContent = 'Skrypt działa'</script>
</main></body></html>`

func site(t *testing.T) string {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, form) })
	mux.HandleFunc("POST /wynik", func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
		}
		http.SetCookie(w, &http.Cookie{Name: "sesja", Value: "1", Path: "/"})
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="pl"><title>Wynik</title><main><h1>Wynik</h1><p>%s|%s|%s|%s|%s|%s|%s</p><a href="/plik">Pobierz</a></main></html>`,
			r.FormValue("nazwa"), r.FormValue("data"), r.FormValue("c"), r.FormValue("d"), r.FormValue("e"), r.FormValue("g"), r.MultipartForm.File["h"][0].Filename)
	})
	mux.HandleFunc("GET /plik", func(w http.ResponseWriter, r *http.Request) {
		c, err := r.Cookie("sesja")
		w.Header().Set("Content-Disposition", "attachment")
		fmt.Fprintf(w, "%v %v", c, err)
	})
	mux.HandleFunc("GET /zly", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<!DOCTYPE html><html><meta name="viewport" content="width=device-width"><body><p style="width:900px">x</p><img src="x.png"><input></body></html>`)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestStepsWithoutScripts(t *testing.T) {
	t.Parallel()
	p := webtest.Open(t, site(t))
	p.Go("/").ExpectHeading("Formularz").ExpectStatus(200)
	if p.Title() != "Próba – Sieci" {
		t.Errorf("title %q", p.Title())
	}
	p.Fill("Imię i nazwisko", "Świętosława Brzęczyszczykiewicz-Ćwiąkalska")
	p.Fill("Data", "2026-11-24")
	p.Choose("Tak", "Drugie pytanie").Choose("Zgoda").Select("Powiat", "Leszno")
	if p.Chosen("Tak", "Pierwsze pytanie") || !p.Chosen("Tak", "Drugie pytanie") || !p.Chosen("Zgoda") {
		t.Error("the wrong choice was ticked")
	}
	if got := p.Value("Imię i nazwisko"); !strings.HasPrefix(got, "Świętosława") {
		t.Errorf("field holds %q", got)
	}
	p.Attach("Plik", "notatka.txt", []byte("x")).Click("Wyślij")
	p.ExpectStatus(422).ExpectPath("/wynik").ExpectHeading("Wynik").
		ExpectText("Świętosława Brzęczyszczykiewicz-Ćwiąkalska|2026-11-24||tak|1|2|notatka.txt").ExpectNoText("stare")
	if body, h := p.Download("Pobierz"); !strings.HasPrefix(string(body), "sesja=1") || h.Get("Content-Disposition") != "attachment" {
		t.Errorf("download without the tab's cookie: %s %v", body, h)
	}
}

func TestScriptsRunWhenAsked(t *testing.T) {
	t.Parallel()
	webtest.Open(t, site(t), webtest.WithScripts()).Go("/").ExpectHeading("Skrypt działa")
}

func TestTabsShareNoCookies(t *testing.T) {
	t.Parallel()
	url := site(t)
	p := webtest.Open(t, url)
	p.Go("/").Attach("Plik", "a.txt", []byte("a")).Click("Wyślij")
	if got := p.Cookies(); len(got) != 1 || got[0] != "sesja" {
		t.Fatalf("cookies %v", got)
	}
	if got := webtest.Open(t, url).Go("/").Cookies(); len(got) != 0 {
		t.Errorf("a new tab has cookies %v", got)
	}
}

func TestAxeFindsFaults(t *testing.T) {
	t.Parallel()
	p := webtest.Open(t, site(t), webtest.Size(320, 640), webtest.WithScripts())
	have := map[string]bool{}
	for _, v := range p.Go("/zly").Axe() {
		have[v.ID] = true
	}
	for _, want := range []string{"html-has-lang", "image-alt", "label", "document-title", "reflow"} {
		if !have[want] {
			t.Errorf("%s not found in %v", want, have)
		}
	}
}
