package walk_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// Switched off by an administrator, a type of network says so: its networks are
// read and refuse every change, by hand and by program, and nothing is hidden
// from who holds the right to it.
func TestModuleSwitchedOff(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	w.person("Nina Nauczycielka", 100234)
	w.person("Późny Piotr", 100235)
	w.join("Nina Nauczycielka", id)
	at := "/sieci/" + id.String()
	k := w.as("Karol Koordynator").Go(at + "/zadania").Click("Nowe zadanie")
	task := k.Fill("Nazwa zadania", "Obserwacja w grudniu").Select("Dla kogo", "Nina Nauczycielka").Click("Przydziel zadanie").ExpectStatus(200).Path()

	o := w.as("Olga Ore").Go("/zarzadzanie/wtyczki/"+thematic.ID).Click("Wyłącz wtyczkę").Click("Wyłącz wtyczkę").ExpectText("Wtyczka została wyłączona", "Wyłączona")
	const off, away, sentence = "Ten rodzaj sieci jest wyłączony", "chwilowo niedostępne", "są wyłączone przez administratora"
	for _, path := range []string{at, at + "/plan", at + "/uczestnicy", at + "/propozycje"} {
		k.Go(path).ExpectStatus(200).ExpectText(off, "na razie nie da się ich zmieniać").ExpectNoText(away, "Zmień ustawienia", "Zaproś", "Popraw kartę sieci")
	}
	k.Go(at).Click("Zapisy tej sieci").ExpectStatus(200).ExpectText("Plan")
	// Who holds the right reads why there is no form; who does not finds nothing.
	n := w.as("Nina Nauczycielka")
	for _, path := range []string{at + "/edytuj", at + "/uczestnicy/zapros", at + "/czynnosc/charter", at + "/nastepny-rok", at + "/zadania/nowe", at + "/przekazanie"} {
		k.Go(path).ExpectStatus(503).ExpectText(sentence).ExpectNoText(away)
		if path != at+"/przekazanie" {
			n.Go(path).ExpectStatus(404)
		}
	}
	n.Go(at).ExpectStatus(200).ExpectText(off)
	n.Go(task).ExpectStatus(200).ExpectText("Obserwacja w grudniu", sentence).ExpectNoText("Oddaj zadanie")
	w.as("Późny Piotr").Go(at).ExpectText("Na razie nie można dołączyć").ExpectNoText("Dołącz do sieci").Go("/sieci").ExpectText("Tylko do czytania")
	c := w.as("Cezary Centrum").Go("/sieci/zaloz?rodzaj=" + typ + "&placowka=" + w.centre.String()).ExpectStatus(503).ExpectText(sentence)
	c.Go("/sieci/zaloz").ExpectNoText("Sieć tematyczna")

	// By program: 503 with Retry-After and the sentence, and nothing is written.
	api := "/api/v1/networks/" + id.String()
	lead := w.client("Karol Koordynator")
	for path, body := range map[string]string{
		"/commands/charter": `{"answers":` + charter + `,"version":1}`, "/open": `{}`, "/proposals": `{"title":"Nowa propozycja","text":"x"}`,
		"/handover": `{"to":"` + w.ids["Nina Nauczycielka"].String() + `"}`,
	} {
		a, err := lead.send(http.MethodPost, api+path, body)
		if err != nil || a.status != 503 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, sentence) {
			t.Errorf("POST %s: %v %d %s", path, err, a.status, a.body)
		}
	}
	if a, err := w.client("Późny Piotr").send(http.MethodPost, api+"/join", `{}`); err != nil || a.status != 503 {
		t.Errorf("joining: %v %d %s", err, a.status, a.body)
	}
	var seen struct {
		Off bool `json:"switched_off"`
		May map[string]bool
	}
	if a, err := lead.get(api); err != nil || json.Unmarshal([]byte(a.body), &seen) != nil || !seen.Off || seen.May["edit"] || !seen.May["view"] {
		t.Errorf("the network: %v %s", err, a.body)
	}
	if v := w.version(t, id.String()); v != 1 {
		t.Errorf("the charter is at version %d", v)
	}

	// On again, everything works; the page does not call a start trouble.
	o.Go("/zarzadzanie/wtyczki/" + thematic.ID).Click("Włącz wersję 1.0.0").Click("Włącz wtyczkę").ExpectText("Wtyczka została włączona").ExpectNoText("Ma kłopoty")
	w.await()
	k.Go(at + "/czynnosc/charter").ExpectStatus(200)
	k.Go(at).ExpectNoText(off)
	n.Go(task).ExpectText("Oddaj zadanie")
}

// While the process is down its forms are not opened, and what was typed in one
// that was open is kept with the sentence above it.
func TestFormsWhileTheModuleIsDown(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	at, away := "/sieci/"+id.String()+"/czynnosc/charter", "są chwilowo niedostępne"
	k := w.as("Karol Koordynator").Go(at).Fill(need, "Napisane przed awarią")
	up := w.bringDown()
	k.Click("Popraw kartę sieci").ExpectStatus(503).ExpectText(away)
	if got := k.Value(need); got != "Napisane przed awarią" {
		t.Errorf("what was typed is %q", got)
	}
	c := w.client("Karol Koordynator")
	founding := w.client("Cezary Centrum")
	for path, who := range map[string]*client{
		at: c, "/sieci/zaloz?rodzaj=" + typ + "&placowka=" + w.centre.String(): founding,
		"/sieci/zaloz/formularz?rodzaj=" + typ + "&placowka=" + w.centre.String(): founding,
		"/api/v1/networks/" + id.String() + "/commands/charter":                   c,
	} {
		a, err := who.get(path)
		if err != nil || a.status != 503 || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, away) {
			t.Errorf("%s: %v %d\n%.500s", path, err, a.status, a.body)
		}
	}
	a, err := c.send(http.MethodPost, "/api/v1/networks/"+id.String()+"/commands/charter", `{"answers":`+charter+`,"version":1}`)
	if err != nil || a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Errorf("the act by program: %v %d %s", err, a.status, a.body)
	}
	up()
	k.Go(at)
	if got := k.Value(need); got != "Napisane przed awarią" {
		t.Errorf("after the module came back: %q", got)
	}
	k.Click("Popraw kartę sieci").ExpectStatus(200).ExpectText("Gotowe")
}

// What goes wrong with a plugin is a sentence on the administrators' page, with
// the technical text folded away.
func TestFailuresOfAPluginInWords(t *testing.T) {
	t.Parallel()
	w := open(t)
	o := webtest.Open(t, w.base, webtest.WithScripts()).Go("/logowanie")
	o.Fill("Adres e-mail", address("Olga Ore")).Fill("Hasło", password).Click("Zaloguj się")
	w.bringDown()
	w.until("the failure is reported", func() bool {
		return w.number(`SELECT count(*) FROM module_process WHERE state = 'quarantined' AND cause <> ''`) > 0
	})
	o.Go("/zarzadzanie/wtyczki/"+thematic.ID).ExpectText("W kwarantannie", "Proces wtyczki", "Opis techniczny").ExpectNoText("process", "signal").ExpectAccessible()
	o.Go("/powiadomienia").ExpectText("Wtyczka w kwarantannie: Sieci tematyczne")
	o.Go("/zarzadzanie/wtyczki/" + thematic.ID).Click("Spróbuj ponownie").ExpectText("Wtyczka jest uruchamiana ponownie.").ExpectNoText("W kwarantannie")
	w.await()
	w.until("what holds it in is reported", func() bool {
		return w.number(`SELECT count(*) FROM module_process WHERE state = 'ready' AND tier <> '' AND memory > 0 AND 'seccomp' = ANY (layers)`) == 1
	})
	o.Go("/zarzadzanie/wtyczki/"+thematic.ID).ExpectText("Piaskownica", "Działające warstwy", "MB", "Przejdź do następnego etapu").ExpectNoText("next_stage").ExpectAccessible()
	o.Click("Dziennik wtyczki").ExpectHeading("Dziennik: Sieci tematyczne").ExpectText("Adresy, numery i nazwiska są zakryte").ExpectAccessible()
	if a, err := w.client("Olga Ore").get("/api/v1/modules"); err != nil || !strings.Contains(a.body, `"sandbox":{`) || !strings.Contains(a.body, `"seccomp"`) {
		t.Errorf("by program: %v %s", err, a.body)
	}
}

// until waits for what happens by itself.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-ctx.Done():
			w.t.Fatalf("never happened: %s", what)
		case <-tick.C:
		}
	}
}
