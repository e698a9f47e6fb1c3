package calendar_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.pages, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

// get reads an address as a calendar program does: no cookies, no session.
func (w *world) get(path, etag string) (*http.Response, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		w.t.Fatal(err)
	}
	return answer, string(body)
}

// events are those of a feed, by title, as a parser of another origin reads it.
func (w *world) events(path string) map[string]*ics.VEvent {
	w.t.Helper()
	answer, body := w.get(path, "")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/calendar; charset=utf-8" || answer.Header.Get("Cache-Control") != "private, no-cache" || answer.Header.Get("Set-Cookie") != "" {
		w.t.Fatalf("%d %v %s", answer.StatusCode, answer.Header, body)
	}
	c, err := ics.ParseCalendar(strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]*ics.VEvent{}
	for _, e := range c.Events() {
		out[e.GetProperty(ics.ComponentPropertySummary).Value] = e
	}
	return out
}

// NAU3: all meetings in her own calendar in one click; a moved meeting moves
// there, a cancelled one is marked.
func TestOwnCalendarInOneClick(t *testing.T) {
	t.Parallel()
	w := setup(t)
	first := w.meet("Spotkanie w grudniu", "2026-12-08 16:00", "2026-12-08 18:15", leszno)
	w.meet("Spotkanie w styczniu", "2027-01-14 16:00", "2027-01-14 18:15", leszno)
	p := w.as(w.nina)
	p.ExpectHeading("Kalendarz").ExpectText("Spotkanie w grudniu", "wtorek, 8 grudnia", "16:00–18:15", "Ocenianie kształtujące")
	p.Click("Dodaj do swojego kalendarza").Click("Utwórz adres kalendarza").ExpectText("Adres jest gotowy")
	text := p.Text()
	i := strings.Index(text, "https://sieci.example/kal/")
	if i < 0 {
		t.Fatalf("no address in %s", text)
	}
	path := strings.TrimPrefix(strings.Fields(text[i:])[0], "https://sieci.example")
	p.Go("/konto/kalendarz").ExpectText("Adres utworzono").ExpectNoText("/kal/")

	sessions := w.sessions
	events := w.events(path)
	if len(events) != 2 || w.sessions != sessions {
		t.Fatalf("%d events, %d sessions read", len(events), w.sessions-sessions)
	}
	answer, _ := w.get(path, "")
	tag := answer.Header.Get("ETag")
	if again, body := w.get(path, tag); again.StatusCode != http.StatusNotModified || body != "" || again.Header.Get("ETag") != tag {
		t.Errorf("unchanged: %d %q", again.StatusCode, body)
	}
	before := events["Spotkanie w grudniu"]
	d, err := w.meetings.Get(t.Context(), w.actor(w.lead), first)
	if err != nil {
		t.Fatal(err)
	}
	in := schedule.Input{Kind: d.Kind, Title: d.Title, Note: d.Note, Starts: at("2026-12-09 15:00"), Ends: at("2026-12-09 17:15"), Where: leszno}
	if err := w.meetings.Edit(t.Context(), w.actor(w.lead), first, d.Version, in, "Sala zajęta"); err != nil {
		t.Fatal(err)
	}
	if again, _ := w.get(path, tag); again.StatusCode != http.StatusOK {
		t.Errorf("changed: %d", again.StatusCode)
	}
	moved := w.events(path)["Spotkanie w grudniu"]
	if start, _ := moved.GetStartAt(); !start.Equal(in.Starts) || moved.Id() != before.Id() || moved.GetProperty(ics.ComponentPropertySequence).Value <= before.GetProperty(ics.ComponentPropertySequence).Value {
		t.Errorf("the moved meeting: %s", moved.Serialize(&ics.SerializationConfiguration{MaxLength: 75, PropertyMaxLength: 75, NewLine: "\n"}))
	}
	if err := w.meetings.Cancel(t.Context(), w.actor(w.lead), first, "Choroba"); err != nil {
		t.Fatal(err)
	}
	if e := w.events(path)["Spotkanie w grudniu"]; e == nil || e.GetProperty(ics.ComponentPropertyStatus).Value != "CANCELLED" {
		t.Errorf("the cancelled meeting: %v", e)
	}
	p.Go("/kalendarz").ExpectText("Odwołane")
	p.Go("/konto/kalendarz").Click("Wycofaj adres").Click("Wycofaj adres").ExpectText("Wycofano adres kalendarza")
	if answer, _ := w.get(path, ""); answer.StatusCode != http.StatusNotFound {
		t.Errorf("revoked: %d", answer.StatusCode)
	}
}

// NAU4: she gets the place or the link of the way in which she comes.
func TestPlaceFollowsTheAnswer(t *testing.T) {
	t.Parallel()
	w := setup(t)
	where := leszno
	where.Online, where.Link = true, "https://meet.example/abc"
	id := w.meet("Spotkanie", "2026-12-08 16:00", "2026-12-08 18:15", where)
	p := w.as(w.nina).Go("/konto/kalendarz").Click("Utwórz adres kalendarza")
	text := p.Text()
	path := strings.TrimPrefix(strings.Fields(text[strings.Index(text, "https://sieci.example/kal/"):])[0], "https://sieci.example")
	location := func() string { return w.events(path)["Spotkanie"].GetProperty(ics.ComponentPropertyLocation).Value }
	if got := location(); got != "SP 4, Leszno" {
		t.Errorf("before an answer: %q", got)
	}
	if err := w.meetings.Answer(t.Context(), w.actor(w.nina), id, schedule.OnSite); err != nil {
		t.Fatal(err)
	}
	if got := location(); got != "SP 4, Leszno, ul. Polna 1, wejście od parku" {
		t.Errorf("on site: %q", got)
	}
	if err := w.meetings.Answer(t.Context(), w.actor(w.nina), id, schedule.Online); err != nil {
		t.Fatal(err)
	}
	if got := location(); got != "https://meet.example/abc" {
		t.Errorf("online: %q", got)
	}
	// The room opens near the time, for who takes part online.
	enter := func(who uuid.UUID) (*http.Response, string) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+"/spotkania/"+id.String()+"/pokoj", nil)
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: who.String()})
		c := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		return answer, string(raw)
	}
	if a, _ := enter(w.nina); a.StatusCode != http.StatusConflict {
		t.Errorf("too early: %d", a.StatusCode)
	}
	w.clock.Set(at("2026-12-08 15:50"))
	if a, _ := enter(w.nina); a.StatusCode != http.StatusSeeOther || a.Header.Get("Location") != where.Link {
		t.Errorf("in time: %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	if a, _ := enter(w.jan); a.StatusCode != http.StatusForbidden {
		t.Errorf("without an answer: %d", a.StatusCode)
	}
}

func TestFeedIsThrottled(t *testing.T) {
	t.Parallel()
	w := setup(t)
	codes := map[int]int{}
	for range 70 {
		answer, _ := w.get("/kal/"+uuid.NewString()+".ics", "")
		codes[answer.StatusCode]++
	}
	if codes[http.StatusNotFound] < 55 || codes[http.StatusTooManyRequests] == 0 {
		t.Errorf("%v", codes)
	}
}

func TestListAndMonth(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.meet("Spotkanie w lutym", "2027-02-18 16:00", "2027-02-18 18:15", leszno)
	p := w.as(w.nina)
	p.ExpectText("grudzień 2026", "Boże Narodzenie (pierwszy dzień)", "zimowa przerwa świąteczna", "15–28 lutego 2027 r.", "ferie zimowe", "wielkopolskie", "Spotkanie w lutym")
	p.Click("Miesiąc").ExpectText("listopad 2026", "Wszystkich Świętych", "dzisiaj", "W tym miesiącu nie ma spotkań")
	p.Click("grudzień 2026 →").ExpectText("Wigilia Bożego Narodzenia")
	p.Go("/kalendarz?widok=miesiac&m=2027-02").ExpectText("ferie zimowe", "16:00 Spotkanie w lutym")
	p.Select("Dni wolne i ferie w województwie", "dolnośląskie").Click("Pokaż").ExpectNoText("ferie zimowe").ExpectText("16:00 Spotkanie w lutym", "dolnośląskie")
	p.Go("/kalendarz?widok=miesiac&m=2028-02").ExpectText("29 wtorek") // a leap day
	// Nobody's meetings are seen by others.
	w.as(w.admin).Go("/kalendarz").ExpectNoText("Spotkanie w lutym")
	webtest.Open(t, w.URL).Go("/kalendarz").ExpectStatus(401)
}

func TestCalendarOfTheAPI(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.meet("Spotkanie", "2026-12-08 16:00", "2026-12-08 18:15", leszno)
	ask := func(query string) (int, map[string]any) {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, w.URL+"/api/v1/calendar?"+query, nil)
		r.Header.Set("Authorization", "Bearer "+w.nina.String())
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var out map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&out); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, out
	}
	status, out := ask("from=2026-12-01&to=2027-02-28")
	if status != http.StatusOK || len(out["meetings"].([]any)) != 1 || out["voivodeship"] != "30" || len(out["days"].([]any)) != 7 {
		t.Errorf("%d %v", status, out)
	}
	for _, wrong := range []string{"from=2026-12-01&to=2029-01-01", "from=2027-12-01&to=2026-01-01", "from=x&to=y", "from=2026-12-01&to=2026-12-31&voivodeship=31"} {
		if status, _ := ask(wrong); status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", wrong, status)
		}
	}
}

func TestWinterBreaksOfANewYear(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.as(w.lead).Go("/zarzadzanie/kalendarz").ExpectStatus(404)
	p := w.as(w.admin).Go("/zarzadzanie/kalendarz").ExpectHeading("Ferie zimowe").ExpectText("Ferie zimowe w 2027 r.", "wielkopolskie", "15–28 lutego 2027 r.", "Z programem")
	p.Click("Dodaj 2028").ExpectText("Brakuje terminów dla 16 województw")
	p.Click("Zapisz termin").ExpectStatus(422).ExpectText("Podaj datę")
	p.Fill("Pierwszy dzień", "2028-01-17").Fill("Ostatni dzień", "2028-01-30").Fill("Źródło", "Komunikat ministerstwa").Choose("wielkopolskie").Choose("mazowieckie").Click("Zapisz termin")
	p.ExpectText("Zapisano termin ferii", "17–30 stycznia 2028 r.", "Brakuje terminów dla 14 województw", "Anna Administratorka")
	p.Attach("Plik CSV", "ferie.csv", []byte("voivodeship,from,to,source\n02,2028-02-14,2028-02-27,MEN\n31,2028-02-14,2028-02-27,MEN\n")).Click("Wczytaj plik")
	p.ExpectStatus(422).ExpectText("Wiersz 3", "kod TERYT")
	p.Attach("Plik CSV", "ferie.csv", []byte("\uFEFFvoivodeship,from,to,source\r\n02,2028-02-14,2028-02-27,MEN\r\n")).Click("Wczytaj plik").ExpectText("Wczytano terminy ferii")
	p.Go("/zarzadzanie/kalendarz?rok=2028").ExpectText("14–27 lutego 2028 r.").Click("Usuń wpis: mazowieckie").ExpectText("Usunięto wpis", "Brakuje terminów dla 14 województw")
	w.as(w.nina).Go("/kalendarz?widok=miesiac&m=2028-01").ExpectText("ferie zimowe")
}

// Pictures for people to look at, in the folder that SIECI_SHOTS names.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SIECI_SHOTS")
	if dir == "" {
		t.Skip("SIECI_SHOTS names no folder for pictures")
	}
	w := setup(t)
	w.meet("Spotkanie robocze: informacja zwrotna", "2026-11-26 16:00", "2026-11-26 18:15", leszno)
	id := w.meet("Spotkanie robocze online", "2026-12-15 17:00", "2026-12-15 18:30", schedule.Where{Online: true})
	w.meet("Spotkanie w styczniu", "2027-01-14 16:00", "2027-01-14 18:15", leszno)
	if err := w.meetings.Cancel(t.Context(), w.actor(w.lead), id, "Choroba"); err != nil {
		t.Fatal(err)
	}
	poll := w.openPoll()
	for _, v := range []webtest.View{
		{Name: "360-light", Options: []webtest.Option{webtest.Size(360, 740)}}, {Name: "1280-light", Options: []webtest.Option{webtest.Size(1280, 900)}},
		{Name: "1280-dark", Options: []webtest.Option{webtest.Size(1280, 900), webtest.Dark()}}, {Name: "360-dark", Options: []webtest.Option{webtest.Size(360, 740), webtest.Dark()}},
	} {
		p := w.as(w.nina, v.Options...)
		shot := func(name string) { p.Screenshot(filepath.Join(dir, name+"-"+v.Name+".png")) }
		shot("lista")
		p.Go("/kalendarz?widok=miesiac&m=2026-12")
		shot("miesiac")
		p.Go("/konto/kalendarz")
		shot("adres")
		p.Go(poll)
		shot("ankieta")
		p = w.as(w.lead, v.Options...).Go(poll)
		shot("ankieta-lead")
		p.Click("Wybierz ten termin: 11 marca 2027 r., 16:00–18:15")
		shot("wybor")
		p.Go("/sieci/" + w.network.String() + "/ankiety-terminow/nowa")
		shot("nowa")
		p.Go("/sieci/" + w.network.String() + "/ankiety-terminow")
		shot("ankiety")
		p = w.as(w.admin, v.Options...).Go("/zarzadzanie/kalendarz")
		shot("ferie")
	}
}
