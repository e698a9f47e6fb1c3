package networks_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.pages, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

// A network is founded, opened and joined by hand, without a script.
func TestFoundOpenJoin(t *testing.T) {
	t.Parallel()
	w := setup(t)
	teacher := w.person("Nina Nauczycielka")
	p := w.as(w.admin)
	p.Click("Załóż sieć").Select("Placówka, która poprowadzi sieć", "CDN Wierzbowo").Click("Dalej")
	p.Fill("Nazwa sieci", "Oc").Choose("Otwarte").Fill("Liczba miejsc", "dużo").Click("Dalej")
	p.ExpectText("Popraw 3 błędy", "Nazwa powinna mieć od 3 do 200 znaków", "Napisz, po co powstaje ta sieć")
	p.Fill("Nazwa sieci", "Ocenianie kształtujące").Fill("Cel", "Uczymy się oceniać tak, żeby pomagać.").Fill("Liczba miejsc", "1").Click("Zapisz i wróć później")
	p.Go("/sieci/zaloz?rodzaj=" + typ + "&placowka=" + w.centre.String())
	if got := p.Value("Nazwa sieci"); got != "Ocenianie kształtujące" {
		t.Errorf("draft kept %q", got)
	}
	p.Fill("Liczba miejsc", "2").Click("Dalej")
	p.Click("Załóż sieć")
	p.ExpectText("Popraw 1 błąd")
	w.module.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "small", Text: "Sieć liczy zwykle około 20 osób."}}}, nil
	}
	p.Fill("Temat przewodni", "Informacja zwrotna").Click("Załóż sieć")
	p.ExpectText("Sieć liczy zwykle około 20 osób")
	p.Fill("Powód", "Mała gmina").Click("Załóż sieć")
	p.ExpectText("Sieć powstała", "Sieć w przygotowaniu", "Przebieg pracy", "Najpierw spotkanie organizacyjne")
	path := p.Path()
	g := webtest.Open(t, w.URL)
	g.Go(path).ExpectText("Nie ma takiej strony")
	p.Click("Otwórz sieć").Click("Otwórz sieć").ExpectText("Sieć jest otwarta")
	g.Go("/sieci?q=ocenianie").Click("Ocenianie kształtujące").ExpectText("Uczymy się oceniać", "Najpierw zaloguj się albo załóż konto")
	g.ExpectNoText("Przebieg pracy")
	q := w.as(teacher).Go(path)
	q.Click("Dołącz do sieci").Click("Dołącz do sieci").ExpectText("Od teraz uczestniczysz w tej sieci", "Przebieg pracy")
	q.Click("Uczestnicy").ExpectText("Nina Nauczycielka", "Osieczna")
	q.ExpectNoText("Udział od")
	// The module is down: its part is a sentence, the rest goes on.
	w.module.SetDown(true)
	q.Go(path).ExpectText("Uczymy się oceniać").ExpectNoText("Przebieg pracy")
	q.Go(path + "/uczestnicy").ExpectText("Nina Nauczycielka")
	q.Go(path + "/rezygnacja").Click("Zrezygnuj z udziału").ExpectText("Zakończono udział w sieci")
}

func TestWaitingListByHand(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.network(nil)
	path := "/sieci/" + id.String()
	a, b, c := w.person("Adam A"), w.person("Beata B"), w.person("Celina C")
	w.join(a, id)
	w.join(b, id)
	p := w.as(c).Go(path)
	p.ExpectText("Wszystkie miejsca są zajęte").Click("Zapisz się na listę rezerwową").Click("Zapisz się na listę rezerwową")
	p.ExpectText("Miejsce na liście rezerwowej: 1")
	w.as(lead).Go(path+"/uczestnicy/lista-rezerwowa").ExpectText("Celina C", "Czeka od")
	w.as(lead).Go(path+"/uczestnicy/"+b.String()).Fill("Powód", "Zmiana szkoły").Click("Zakończ udział tej osoby").ExpectText("Zakończono udział tej osoby")
	p.Go(path).ExpectText("Zwolniło się miejsce").Click("Przyjmij albo odrzuć miejsce").Click("Przyjmij miejsce").ExpectText("Od teraz uczestniczysz")
}

func TestRequestsInvitationsAndProposals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.network(func(s *network.Settings) { s.Join, s.Capacity = network.JoinRequest, 0 })
	path := "/sieci/" + id.String()
	a, b := w.person("Adam A"), w.person("Beata B")
	w.as(a).Go(path).Click("Wyślij zgłoszenie").Fill("Wiadomość do koordynatora", "Uczę matematyki").Click("Wyślij zgłoszenie").ExpectText("Zgłoszenie wysłane")
	l := w.as(lead).Go(path).ExpectText("Zgłoszenia (1)").Go(path + "/uczestnicy/zgloszenia")
	l.ExpectText("Adam A", "Uczę matematyki").Click("Przyjmij").ExpectText("Zapisano decyzję", "Nie ma nowych zgłoszeń")
	l.Go(path+"/uczestnicy/zapros").Fill("Nazwa, miejscowość lub numer RSPO", "szkola podstawowa nr 4").Click("Szukaj")
	l.Fill("Adresy e-mail", "zly adres").Click("Zaproś", "Liczba dni").ExpectText("To nie jest adres e-mail: zly")
	l.Fill("Adresy e-mail", mail(b)).Click("Zaproś", "Liczba dni").ExpectText("Zaproszenia zapisane", mail(b))
	w.as(b).Go(path).ExpectText("Zaproszenie do tej sieci").Click("Odpowiedz na zaproszenie").Click("Przyjmij zaproszenie").ExpectText("Od teraz uczestniczysz")
	p := w.as(a).Go(path+"/propozycje").Fill("Propozycja w jednym zdaniu", "Wizyta w szkole partnerskiej").Click("Zgłoś propozycję").ExpectText("Propozycja zgłoszona", "Wizyta w szkole partnerskiej")
	l.Go(path + "/propozycje").Click("Poddaj pod głosowanie").Click("Otwórz głosowanie").ExpectText("Głosowanie otwarte")
	p.Go(path + "/propozycje").Click("Zagłosuj").ExpectText("Zaznacz: za, przeciw albo wstrzymuję się")
	p.Choose("Za").Click("Zagłosuj").ExpectText("Głos zapisany")
	w.clock.Advance(8 * 24 * time.Hour)
	if _, err := w.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Go(path+"/propozycje").ExpectText("Przyjęta", "Za: 1, przeciw: 0")
	p.Go(path).ExpectText("Na następne spotkanie", "Wizyta w szkole partnerskiej")
}

func TestHandoverAndNextYear(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.network(nil)
	path := "/sieci/" + id.String()
	a := w.person("Adam A")
	w.join(a, id)
	l := w.as(lead).Go(path).Click("Przekazanie koordynowania").Click("Wyślij propozycję").ExpectText("Wskaż osobę")
	l.Select("Przejmuje", "Adam A – Szkoła Podstawowa nr 3, Osieczna").Click("Wyślij propozycję").ExpectText("Wysłano propozycję")
	w.as(a).Go(path).Click("Propozycja przejęcia koordynowania").Click("Przyjmuję koordynowanie").ExpectText("Zapisano odpowiedź", "Prowadzenie sieci")
	l.Go(path + "/edytuj").ExpectText("Nie ma takiej strony")
	n := w.as(a).Go(path).Click("Sieć na następny rok").Click("Utwórz sieć na następny rok").ExpectText("Powstała sieć na następny rok", "2027/2028")
	n.Go(path + "/nastepny-rok").ExpectText("2027/2028")
	// A dangerous act of the module asks first.
	w.module.OnDecide = func(ask *effect.Ask) (*effect.Answer, error) {
		if ask.Input.InputName() == "note" {
			return &effect.Answer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityError, Path: "tresc", Code: "short", Text: "Napisz więcej."}}}, nil
		}
		return &effect.Answer{Effects: []effect.Item{{Handle: "stage", Effect: &effect.StageSet{Scope: ask.Snapshot.Scope, From: "organisational", To: "closed"}}}}, nil
	}
	n.Go(path+"/plan").Click("Dodaj notatkę").Fill("Treść notatki", "x").Click("Dodaj notatkę").ExpectText("Napisz więcej")
	n.Go(path+"/plan").Click("Zakończ sieć", "Przebieg").Click("Zakończ sieć").ExpectText("Gotowe", "Zakończona")
}

func TestSecondEditorSeesBothTexts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.network(nil)
	path := "/sieci/" + id.String() + "/edytuj"
	one, two := w.as(lead).Go(path), w.as(w.admin).Go(path)
	one.Fill("Nazwa sieci", "Pierwsza wersja").Click("Zapisz zmiany").ExpectText("Zapisano zmiany", "Pierwsza wersja")
	two.Fill("Nazwa sieci", "Druga wersja").Click("Zapisz zmiany").ExpectText("Ktoś zmienił te dane w międzyczasie", "Pierwsza wersja")
	two.Click("Zapisz moją wersję").ExpectText("Zapisano zmiany", "Druga wersja")
}

// No page reads more than three times: who asks, and two for the page.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.network(nil)
	w.join(w.person("Adam A"), id)
	w.exec(`UPDATE network SET type = 'plain' WHERE id = $1`, id) // without views of a module, which read slices of their own
	for _, path := range []string{"/sieci", "/moje/sieci", "/sieci/ID", "/sieci/ID/uczestnicy", "/sieci/ID/uczestnicy/zgloszenia", "/sieci/ID/uczestnicy/lista-rezerwowa", "/sieci/ID/propozycje", "/sieci/ID/edytuj", "/sieci/ID/przekazanie"} {
		path = strings.Replace(path, "ID", id.String(), 1)
		before := w.db.RoundTrips()
		body, status := w.get(path, lead)
		if n := w.db.RoundTrips() - before; status != http.StatusOK || n > 3 && !strings.HasSuffix(path, "przekazanie") {
			t.Errorf("%s: %d with %d round trips\n%.300s", path, status, n, body)
		}
	}
}

func (w *world) get(path string, person uuid.UUID) (string, int) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: person.String()})
	res, err := w.Client().Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(body), res.StatusCode
}

func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.network(nil)
	path := "/sieci/" + id.String()
	a, b, c := w.person("Adam A"), w.person("Beata B"), w.person("Celina C")
	for _, x := range []uuid.UUID{a, b, c} {
		w.join(x, id)
	}
	pr, err := w.s.Propose(t.Context(), w.actor(a), id, "Wizyta", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.OpenVote(t.Context(), w.actor(lead), id, pr, w.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	found := "/sieci/zaloz?rodzaj=" + typ + "&placowka=" + w.centre.String()
	for name, opts := range map[string][]webtest.Option{"320": {webtest.Size(320, 800)}, "dark": {webtest.Size(1280, 900), webtest.Dark()}} {
		t.Run(name, func(t *testing.T) {
			opts = append(opts, webtest.WithScripts())
			l, d := w.as(lead, opts...), w.as(w.admin, opts...)
			for _, s := range []string{"/sieci", "/moje/sieci", path, path + "/plan", path + "/uczestnicy", path + "/uczestnicy/" + a.String(), path + "/uczestnicy/zgloszenia",
				path + "/uczestnicy/lista-rezerwowa", path + "/uczestnicy/zapros?q=szkola", path + "/propozycje", path + "/przekazanie", path + "/edytuj", path + "/nastepny-rok", path + "/czynnosc/note"} {
				l.Go(s).ExpectAccessible()
			}
			d.Go("/sieci/zaloz").ExpectAccessible()
			d.Go(found).ExpectAccessible()
			d.Click("Dalej").ExpectText("Popraw").ExpectAccessible()
			w.as(c, opts...).Go(path).ExpectAccessible().Go(path + "/rezygnacja").ExpectAccessible()
		})
	}
}
