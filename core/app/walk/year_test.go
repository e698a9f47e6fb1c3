package walk_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/webtest"
)

// year is the network N1 with its people: a coordinator, an expert and nineteen
// participants, of whom four have tabs of a browser and the others send forms.
type year struct {
	*world
	id         uuid.UUID
	at         string // "/sieci/…"
	k, e, n, p *webtest.Page
	others     []*visitor
	// Addresses of the meetings.
	october, november, january, march, june string
}

const (
	lead, expertName, teacher, sharp, elect = "Karol Koordynator", "Ewa Ekspertka", "Nina Nauczycielka", "Paweł Prędki", "Wanda Wybrana"
	crowdSize                               = 16
)

// yearOfN1 is founded with the tabs of four people.
func yearOfN1(t *testing.T) *year {
	t.Helper()
	y := founded(t)
	y.k, y.e, y.n, y.p = y.as(lead), y.as(expertName), y.as(teacher), y.as(sharp)
	return y
}

// founded is the network of September 2026, with its plan and people.
func founded(t testing.TB) *year {
	t.Helper()
	w := empty(t)
	y := &year{world: w}
	w.beginAt(warsaw("2026-09-14 10:00"))
	w.enable()
	w.surveys()
	w.territory("3063")
	y.id = w.network(lead, func(s *network.Settings) { s.Capacity = 20 })
	y.at = "/sieci/" + y.id.String()
	w.person(expertName, 0)
	if _, err := w.Networks.Invite(t.Context(), w.actor(lead), y.id, network.Invite{Role: access.Expert, People: []uuid.UUID{w.ids[expertName]}}); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{teacher, sharp, elect} {
		w.person(name, 100310+i)
		w.join(name, y.id)
	}
	w.join(expertName, y.id)
	crowd := w.crowd(crowdSize)
	w.exec(`UPDATE person SET password_hash = (SELECT password_hash FROM person WHERE id = $2) WHERE id = ANY(CAST($1 AS uuid[]))`, pq.Array(crowd), w.ids[teacher])
	for i, id := range crowd {
		name := fmt.Sprint("Osoba ", i+1)
		w.ids[name] = id
		w.join(name, y.id)
		y.others = append(y.others, w.visitor(name, fmt.Sprintf("p%d@example.org", i+1), id))
	}
	plan := `{"rok":2026,"spotkania":[{"_row":"a","rodzaj":"organizacyjne","miesiac":"m10","data":"2026-10-08"},{"_row":"b","rodzaj":"robocze","miesiac":"m11","data":"2026-11-26"},
		{"_row":"c","rodzaj":"robocze","miesiac":"m01","data":"2027-01-14"},{"_row":"d","rodzaj":"robocze","miesiac":"m03"},{"_row":"e","rodzaj":"podsumowujace","miesiac":"m06","data":"2027-06-10"}]}`
	if _, err := w.Networks.Act(t.Context(), w.actor(lead), y.id, network.Action{Command: "plan", Answers: effect.Document{JSON: []byte(plan), Revision: 1}}); err != nil {
		t.Fatal(err)
	}
	return y
}

func warsaw(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, clock.Warsaw)
	if err != nil {
		panic(err)
	}
	return t
}

// on lets time come to a moment, and everything happen that is due by then.
func (w *world) on(when string) {
	w.t.Helper()
	if err := w.Clock.Move(w.t.Context(), warsaw(when)); err != nil {
		w.t.Fatal(err)
	}
	for _, sweep := range []func() (int, error){
		func() (int, error) { return w.Engine.SweepTimers(w.t.Context()) },
		func() (int, error) { return w.Networks.Sweep(w.t.Context()) },
		func() (int, error) { return w.Meetings.Sweep(w.t.Context()) },
		func() (int, error) { return w.Polls.Sweep(w.t.Context()) },
		func() (int, error) { return w.Elections.Sweep(w.t.Context()) },
		func() (int, error) { return w.Evaluations.Sweep(w.t.Context()) },
		func() (int, error) { return w.Notify.Digest(w.t.Context()) },
	} {
		if _, err := sweep(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// meet plans and announces a meeting by the pages and returns its address.
func (y *year) meet(kind, title, day string, online bool) string {
	y.t.Helper()
	p := y.k.Go(y.at+"/spotkania").Click("Zaplanuj spotkanie").Choose(kind).Fill("Nazwa spotkania", title).Fill("Dzień", day).Fill("Początek", "15:00").Fill("Koniec", "17:15")
	p.Fill("Miejsce", "CDN Wierzbowo, Leszno").Fill("Adres i dojazd", "ul. Szkolna 1")
	if online {
		p.Choose("Online").Fill("Łącze do spotkania online", "https://spotkania.example/ocenianie")
	}
	p.Click("Zapisz szkic").ExpectText("To jest szkic").Click("Ogłoś spotkanie").Click("Ogłoś spotkanie").ExpectText("Spotkanie zostało ogłoszone", "Zaproszone osoby 20")
	return p.Path()
}

// answer has the others answer an invitation by its form.
func (y *year) answer(path, way string) {
	y.t.Helper()
	for _, v := range y.others {
		v.goTo(path).send("Wyślij odpowiedź", map[string]string{"answer": way}).expect("Odpowiedź została zapisana")
	}
}

// register marks everybody as the map says, the rest as present, and closes.
func (y *year) register(path string, but map[string]string) {
	y.t.Helper()
	v := y.visitor(lead, address(lead), y.ids[lead])
	v.goTo(path + "/lista")
	set := map[string]string{}
	for name, id := range y.ids {
		if field := "presence." + id.String(); v.has(v.main(), field) {
			set[field] = "onsite"
			if x := but[name]; x != "" {
				set[field] = x
			}
		}
	}
	if len(set) != 20 {
		y.t.Fatalf("%d people in the register", len(set))
	}
	v.send("Zapisz listę obecności", set).expect("Lista obecności została zapisana")
}

func (y *year) close(path string) {
	y.t.Helper()
	y.k.Go(path).Click("Zamknij spotkanie").Click("Zamknij spotkanie").ExpectText("Spotkanie zostało zamknięte")
}

// The network N1 from its organisational meeting on 8 October 2026 to its end in
// June 2027, by its pages without scripts. The names of the parts are the steps
// of the coordinator and the teacher whose observable results they assert.
func TestYearOfN1(t *testing.T) {
	t.Parallel()
	y := yearOfN1(t)
	for _, part := range []struct {
		name string
		run  func(y *year, t *testing.T)
	}{
		{"September: planning and answers", (*year).september},
		{"8 October: the organisational meeting", (*year).organisational},
		{"KOO9 proposals and a vote", (*year).proposals},
		{"KOO4 the agenda of 26 November", (*year).agenda},
		{"NAU3 NAU4 her own calendar, her answers", (*year).calendar},
		{"KOO1 the programme seven days before", (*year).programme},
		{"KOO3 the date of March, and a clash later", (*year).dates},
		{"KOO5 attendance by codes", (*year).attendance},
		{"KOO6 decisions and tasks", (*year).minutes},
		{"NAU9 hours out of reach", (*year).hours},
		{"KOO7 a scenario and a blog note", (*year).sharing},
		{"KOO8 a sharp thread", (*year).moderation},
		{"NAU6 headings and keyboard", (*year).reading},
		{"NAU7 a task with a file", (*year).task},
		{"January and March", (*year).spring},
		{"KOO10 NAU8 the evaluation", (*year).evaluation},
		{"10 June: the summary meeting", (*year).summary},
		{"KOO11 the report", (*year).report},
		{"KOO12 the next coordinator", (*year).succession},
		{"the end", (*year).end},
	} {
		if !t.Run(part.name, func(t *testing.T) { y.with(t, part.run) }) {
			return
		}
	}
}

// with runs a part of the year whose failures are those of the part.
func (y *year) with(t *testing.T, run func(y *year, t *testing.T)) {
	began := time.Now()
	whole := y.t
	y.belong(t)
	defer y.belong(whole)
	run(y, t)
	t.Logf("%s", time.Since(began).Round(time.Millisecond))
}

// belong has the world and all its people fail the test.
func (y *year) belong(t testing.TB) {
	y.t = t
	for _, p := range []*webtest.Page{y.k, y.e, y.n, y.p} {
		p.For(t)
	}
	for _, v := range y.others {
		v.t = t
	}
}

func (y *year) september(*testing.T) {
	y.on("2026-09-21 10:00")
	y.october = y.meet("Spotkanie organizacyjne", "Poznajemy się", "2026-10-08", false)
	y.answer(y.october, "onsite")
	y.n.Go("/moje").Click("Odpowiedz na zaproszenie: Poznajemy się").Choose("Na miejscu").Click("Wyślij odpowiedź").ExpectText("ul. Szkolna 1")
	y.k.Go(y.october).ExpectText("na miejscu: 17, online: 0, nie: 0, bez odpowiedzi: 3")
	y.on("2026-10-01 09:00")
	y.k.Reload().ExpectText("Czas wysłać program").Click("Wyślij program").Click("Wyślij program").ExpectText("Program został wysłany")
}

func (y *year) organisational(*testing.T) {
	y.on("2026-10-08 17:30")
	y.register(y.october, map[string]string{sharp: "absent", elect: "excused"})
	y.k.Go(y.october+"/protokol").Fill("Notatka ze spotkania", "Przyjęto kontrakt.").Fill("Decyzja 1", "Spotykamy się w czwartki.").Click("Zapisz i powiadom").ExpectText("Protokół został zapisany")
	y.close(y.october)
	y.k.Go(y.at+"/czynnosc/contract").Choose("O trudnościach i błędach można mówić otwarcie.").Fill("Kiedy uzgodniono kontrakt?", "8.10.2026").Click("Zapisz kontrakt sieci").ExpectText("Gotowe")
	y.k.Go(y.at + "/plan/progress").Click("Przejdź do następnego etapu").Click("Przejdź do następnego etapu").Go(y.at).ExpectText("Etap roboczy W toku")
}

func (y *year) proposals(*testing.T) {
	y.on("2026-10-12 16:00")
	y.n.Go(y.at+"/propozycje").Fill("Propozycja w jednym zdaniu", "Karty wyjścia krok po kroku").Click("Zgłoś propozycję").ExpectText("Karty wyjścia krok po kroku")
	y.k.Go(y.at + "/propozycje")
	y.k.Click("Poddaj pod głosowanie")
	y.k.Fill("Koniec głosowania, dzień", "2026-10-20").Click("Otwórz głosowanie").ExpectText("Głosowanie trwa do: 20 października 2026")
	for i, v := range y.others {
		v.goTo(y.at+"/propozycje").send("Zagłosuj", map[string]string{"choice-*": []string{"yes", "yes", "no"}[i%3]})
	}
	y.on("2026-10-21 08:00")
	y.k.Go(y.at+"/propozycje").ExpectText("Przyjęta", "Za: 11, przeciw: 5")
}

func (y *year) agenda(*testing.T) {
	y.november = y.meet("Spotkanie robocze", "Informacja zwrotna", "2026-11-26", false)
	p := y.k.Click("Ułóż porządek")
	for _, fixed := range []string{"Spotkanie z ekspertem", "Tworzenie nowych rozwiązań"} {
		p.Click("Usuń: " + fixed)
	}
	p.Click("Zmień: Wymiana doświadczeń, narzędzi i dobrych praktyk").Fill("Liczba minut", "90").Click("Zapisz")
	// The proposal that won the vote becomes a session that its author leads.
	p.Go(y.november + "/porzadek").ExpectText("Propozycje przyjęte w głosowaniu").Click("Przyjmij do porządku: Karty wyjścia krok po kroku")
	p.ExpectText("prowadzi: "+teacher, "punkt uczestnika", "Razem: 3 godziny dydaktyczne", "Prowadzą uczestnicy: 33%")
	y.january = y.meet("Spotkanie robocze", "Kryteria sukcesu", "2027-01-14", true)
	y.june = y.meet("Spotkanie podsumowujące", "Co zostaje w szkołach", "2027-06-10", false)
}

// feed reads a calendar's address as another program does: a start by each title.
func (y *year) feed(path string) map[string]string {
	y.t.Helper()
	r, err := http.NewRequestWithContext(y.t.Context(), http.MethodGet, y.base+path, nil)
	if err != nil {
		y.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		y.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		y.t.Fatal(res.StatusCode, err)
	}
	out, start := map[string]string{}, ""
	for line := range strings.Lines(strings.ReplaceAll(string(raw), "\r\n ", "")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "BEGIN:VEVENT":
			start = ""
		case strings.HasPrefix(line, "DTSTART"):
			_, start, _ = strings.Cut(line, ":")
		}
		if title, ok := strings.CutPrefix(line, "SUMMARY:"); ok {
			out[title] = start
		}
		for title, at := range out { // a start that comes after its title
			if at == "" {
				out[title] = start
			}
		}
	}
	return out
}

func (y *year) calendar(t *testing.T) {
	p := y.n.Go("/kalendarz").ExpectText("Informacja zwrotna", "Kryteria sukcesu").Click("Dodaj do swojego kalendarza").Click("Utwórz adres kalendarza").ExpectText("Adres jest gotowy")
	_, text, _ := strings.Cut(p.Text(), "/kal/")
	address := "/kal/" + strings.Fields(text)[0]
	if got := y.feed(address); len(got) < 3 || got["Kryteria sukcesu"] != "20270114T150000" {
		t.Errorf("her calendar: %v", got)
	}
	y.k.Go(y.january).Click("Przenieś spotkanie").Fill("Początek", "15:30").Fill("Koniec", "17:45").Fill("Wiadomość do zaproszonych", "Sala jest zajęta do 15.15.").Click("Przenieś i powiadom").ExpectText("Spotkanie zostało przeniesione")
	if got := y.feed(address); got["Kryteria sukcesu"] != "20270114T153000" {
		t.Errorf("the moved meeting stands at %q", got["Kryteria sukcesu"])
	}
	p.Go("/moje").Click("Odpowiedz na zaproszenie: Informacja zwrotna").ExpectNoText("ul. Szkolna 1")
	p.Choose("Na miejscu").Click("Wyślij odpowiedź").ExpectText("ul. Szkolna 1").ExpectNoText("spotkania.example")
	p.Go(y.january).Choose("Online").Click("Wyślij odpowiedź").ExpectText("spotkania.example").ExpectNoText("ul. Szkolna 1")
	y.k.Go(y.november).ExpectText("na miejscu: 1, online: 0").Go(y.january).ExpectText("na miejscu: 0, online: 1")
}

func (y *year) programme(t *testing.T) {
	alarms := func() int {
		return y.number(`SELECT count(*) FROM mail_outbox WHERE key = 'schedule.notice.programme' AND person_id = $1`, y.ids[lead])
	}
	before := alarms()
	y.on("2026-11-19 08:01")
	p := y.k.Go("/moje").Click("Wyślij program spotkania: Informacja zwrotna").ExpectText("Program dostaną (osoby)", "20").Click("Wyślij program").ExpectText("Program został wysłany", "Do kogo dotarł program")
	if n := alarms() - before; n != 1 {
		t.Errorf("%d alarms to the coordinator", n)
	}
	y.until("all letters to be sent and noted", func() bool {
		if err := y.Meetings.SweepDeliveries(t.Context()); err != nil {
			t.Fatal(err)
		}
		return y.number(`SELECT count(*) FROM meeting_delivery d JOIN meeting m ON m.id = d.meeting_id WHERE m.title = 'Informacja zwrotna' AND d.state = 'sent'`) == 20
	})
	p.Reload().ExpectText("wysłano 20, czeka 0, nie dotarło 0")
	p.Go("/moje").ExpectNoText("Wyślij program spotkania: Informacja zwrotna")
}

func (y *year) dates(*testing.T) {
	p := y.k.Go(y.at+"/spotkania").Click("Zapytaj o dogodny termin").Fill("Tytuł", "Spotkanie w marcu").Choose("Spotkanie robocze").Fill("Odpowiedzi do", "2026-11-25")
	for i, day := range []string{"2027-02-18", "2027-03-11", "2027-03-09"} {
		slot := fmt.Sprintf("Termin %d z 20", i+1)
		p.Fill("Dzień", day, slot).Fill("Od", "15:00", slot).Fill("Do", "17:15", slot)
	}
	p.Click("Wyślij ankietę").ExpectStatus(422).ExpectText("ferie zimowe 15–28 lutego 2027 r.: wielkopolskie")
	p.Fill("Dzień", "2027-03-16", "Termin 1 z 20").Click("Wyślij ankietę").ExpectText("Wysłano ankietę")
	path := p.Path()
	for i, v := range y.others {
		v.goTo(path)
		form := v.main()
		set, slot := map[string]string{}, 0
		for n := range form.Descendants() { // by time: 9, 11 and 16 March
			if name := attr(n, "name"); strings.HasPrefix(name, "termin-") && set[name] == "" {
				set[name] = [][]string{{"no", "yes", "maybe"}, {"maybe", "yes", "no"}}[i%2][slot]
				slot++
			}
		}
		v.send("Zapisz odpowiedzi", set).expect("Zapisano odpowiedzi")
	}
	y.e.Go("/moje").Click("Zaznacz terminy: Spotkanie w marcu").Choose("Tak", "czwartek, 11 marca 2027 r. 15:00–17:15").Choose("Przy pozostałych terminach zaznacz „nie”").Click("Zapisz odpowiedzi")
	p.Go(path).ExpectText("Na razie najlepszy jest termin: czwartek, 11 marca 2027 r., 15:00").Click("Wybierz ten termin: 11 marca 2027 r., 15:00–17:15")
	p.Fill("Miejsce i miejscowość", "SP 4, Leszno").Click("Utwórz spotkanie").ExpectHeading("Spotkanie w marcu").ExpectText("wysłano zaproszenia")
	y.march = p.Path()

	// Two weeks later the expert cannot come after all: said at once.
	y.on("2026-11-25 12:00")
	y.e.Go(path).Click("Ten termin przestał mi pasować").Fill("Dlaczego", "Egzamin").Click("Zgłoś to prowadzącym").ExpectText("Prowadzący wiedzą")
	p.Go("/moje").Click("Rozstrzygnij, czy termin zostaje: Spotkanie w marcu").ExpectText(expertName+" (w roli eksperta): termin przestał pasować", "Egzamin")
	p.Fill("Powód, dla którego termin zostaje", "Drugą część poprowadzi Nina.").Click("Zostaw termin").ExpectText("Powód zapisano")
	if n := y.number(`SELECT count(*) FROM audit_event WHERE action = 'poll:keep'`); n != 1 {
		y.t.Errorf("%d entries about the date that was kept", n)
	}
}

func (y *year) attendance(t *testing.T) {
	y.on("2026-11-26 15:05")
	code := func() string {
		c, err := y.Meetings.Code(t.Context(), y.actor(lead), y.meetingID(y.november))
		if err != nil {
			t.Fatal(err)
		}
		return c.Value
	}()
	y.k.Go(y.november).Click("Potwierdzanie obecności kodem").ExpectText(code[:3] + " " + code[3:])
	y.n.Go(y.november).ExpectText("Spotkanie trwa").Click("Potwierdź obecność").Fill("Kod", "000000").Click("Potwierdź obecność").ExpectStatus(422)
	y.n.Fill("Kod", code).Click("Potwierdź obecność").ExpectText("Obecność na miejscu")
	for _, v := range y.others {
		v.goTo(y.november).follow("Potwierdź obecność").send("Potwierdź obecność", map[string]string{"code": code}).expect("Obecność została zapisana")
	}
	// Seventeen by code; Ewa phoned, Paweł and Wanda did not come, two visitors did.
	p := y.k.Go(y.november+"/lista").Choose("Nieobecność usprawiedliwiona", expertName).Choose("Nieobecność", sharp).Choose("Nieobecność", elect)
	p.Fill("Imię i nazwisko", "Gustaw Gość", "Gość 1").Fill("Imię i nazwisko", "Helena Hospitująca", "Gość 2").Fill("Szkoła lub placówka", "SP 9", "Gość 2").Click("Zapisz listę obecności")
	p.ExpectText("Lista obecności została zapisana", "Obecność na miejscu 17", "Nieobecność usprawiedliwiona 1", "Nieobecność 2", "Gość 2")
}

// meetingID is the id in a meeting's address.
func (y *year) meetingID(path string) uuid.UUID {
	return uuid.MustParse(path[strings.LastIndex(path, "/")+1:])
}

func (y *year) minutes(t *testing.T) {
	y.on("2026-11-26 18:00")
	p := y.k.Go(y.november + "/protokol")
	for i, text := range []string{"Karty wyjścia prowadzimy do stycznia.", "Obserwacje trwają do 18 grudnia.", "Materiały na licencji CC BY."} {
		p.Fill(fmt.Sprint("Decyzja ", i+1), text)
	}
	for i, text := range []string{"Zebrać karty", "Zapisać wnioski", "Zamówić salę", "Przygotować arkusz", "Opisać jedną lekcję"} {
		where := fmt.Sprint("Zadanie ", i+1)
		p.Fill("Co jest do zrobienia", text, where).Select("Kto odpowiada", []string{teacher, "Osoba 3", "Osoba 4", "Osoba 5", teacher}[i], where)
	}
	p.Click("Zapisz i powiadom").ExpectText("osoby odpowiedzialne dostały powiadomienia")
	y.close(y.november)

	y.on("2026-11-27 08:00")
	for _, name := range []string{teacher, "Osoba 3", "Osoba 4", "Osoba 5"} {
		if n := y.number(`SELECT count(*) FROM mail_outbox WHERE person_id = $1 AND once = 'digest:2026-11-27'`, y.ids[name]); n != 1 {
			t.Errorf("%s got %d digests", name, n)
		}
		if n := y.number(`SELECT count(*) FROM notification n JOIN mail_outbox o ON o.id = n.letter_id WHERE n.person_id = $1 AND o.once = 'digest:2026-11-27' AND n.link LIKE $2`, y.ids[name], y.november+"%"); n != 1 {
			t.Errorf("%s: %d entries about the tasks of the meeting", name, n)
		}
	}
	y.n.Go(y.january).ExpectText("Otwarte sprawy z poprzednich spotkań", "Zebrać karty", "Opisać jedną lekcję", "Zamówić salę")
	y.n.Click("Oznacz jako zrobione: Zebrać karty").ExpectText("Zadanie jest oznaczone jako zrobione").ExpectNoText("Zebrać karty")
}

func (y *year) hours(*testing.T) {
	y.p.Go(y.at+"/godziny").ExpectText("75%", "Warunku obecności nie można już spełnić", "9 godzin dydaktycznych").ExpectNoText(teacher)
	y.n.Go(y.at + "/godziny").ExpectText("Warunek obecności można jeszcze spełnić")
	if n := y.number(`SELECT count(*) FROM notification WHERE link = $2 AND person_id = $1`, y.ids[sharp], y.at+"/godziny"); n != 1 {
		y.t.Errorf("told %d times", n)
	}
}

func picture(t testing.TB) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (y *year) sharing(t *testing.T) {
	y.on("2026-12-01 16:00")
	p := y.n.Go(y.at+"/zasoby").Click("Dodaj zasób").Fill("Tytuł", "Scenariusz: karty wyjścia").Select("Rodzaj", "Scenariusz zajęć").Fill("Opis", "Jedna lekcja.")
	p.Attach("Wybierz pliki", "schemat.png", picture(t)).Click("Dodaj do zasobów").ExpectStatus(422).ExpectText("schemat.png")
	p.Fill("Opis obrazu: schemat.png", "Trzy kroki").Choose("Creative Commons Uznanie autorstwa 4.0 (CC BY)").Fill("Dostępność cyfrowa", "Tekst i opisany schemat.")
	p.Fill("Autorzy", teacher).Choose("To jest rozwiązanie wypracowane w sieci").Click("Dodaj do zasobów").ExpectText("Dodano zasób", "Uznanie autorstwa 4.0", "Wersja 1")
	p.Go(y.at+"/blog").Click("Nowy wpis").Fill("Tytuł", "Po pierwszych kartach").Fill("Temat bloga", "Z lekcji").Fill("Treść", "Działa, gdy pytania są **dwa**.").Click("Opublikuj wpis").ExpectText("Wpis opublikowany", "Działa, gdy pytania są dwa.")
	y.k.Go(y.at).ExpectText("Scenariusz: karty wyjścia", "Po pierwszych kartach")
}

func (y *year) moderation(t *testing.T) {
	y.n.Go(y.at+"/forum").Click("Nowy wątek").Fill("Tytuł", "Stopień na koniec roku").Fill("Treść", "Jak to godzicie?").Click("Opublikuj wątek").ExpectText("Wątek opublikowany")
	thread := y.n.Path()
	y.p.Go(thread).Fill("Twoja odpowiedź", "Kto się nie stara, ten pyta.").Click("Opublikuj odpowiedź").ExpectText("Odpowiedź opublikowana")
	p := y.k.Go(thread).Click("Ukryj: wpis 2, "+sharp+", 1 grudnia 2026 r.").Fill("Powód", "Prosimy o rzeczową rozmowę.").Click("Ukryj wpis").ExpectText("Wpis ukryty. Autor został powiadomiony")
	y.n.Go(thread).ExpectText("Wpis ukryty przez moderację", "Prosimy o rzeczową rozmowę").ExpectNoText("Kto się nie stara")
	a := y.p.Go(y.letter(address(sharp), "Ukryto Twój wpis")).ExpectText("Kto się nie stara", "Prosimy o rzeczową rozmowę")
	a.Fill("Dlaczego wpis powinien wrócić?", "To nie było o nikim z sieci.").Click("Wyślij odwołanie").ExpectText("Odwołanie wysłane")
	c := y.as("Cezary Centrum").Go("/moje").Click("Rozpatrz odwołanie od ukrycia wpisu").ExpectText("Kto się nie stara", "To nie było o nikim")
	c.Choose("Utrzymaj ukrycie").Fill("Uzasadnienie", "Wpis ocenia rozmówców.").Click("Zapisz rozstrzygnięcie").ExpectText("Zapisano rozstrzygnięcie")
	if n := y.number(`SELECT count(*) FROM audit_event WHERE action = 'board:hide'`); n != 1 {
		t.Errorf("%d entries about hiding", n)
	}
	p.Go(thread).ExpectText("Kto się nie stara") // whoever moderates still reads it: nothing is lost
}

func (y *year) reading(t *testing.T) {
	v := y.visitor(teacher, address(teacher), y.ids[teacher])
	forum := ""
	for _, path := range []string{"/moje", y.at, y.at + "/spotkania", y.january, y.at + "/forum", y.at + "/blog", y.at + "/zasoby", y.at + "/godziny", "/kalendarz"} {
		if v.goTo(path).outline(); path == y.at+"/forum" {
			forum = v.follow("Stopień na koniec roku").outline().path
		}
	}
	phone := webtest.Open(t, y.base, webtest.Size(320, 640), webtest.WithScripts()).Go("/logowanie").Fill("Adres e-mail", address(teacher)).Fill("Hasło", password).Click("Zaloguj się")
	phone.Go(y.at + "/forum").ExpectAccessible().ExpectKeyboard()
	phone.Go(forum).ExpectAccessible().ExpectKeyboard()
}

func (y *year) task(*testing.T) {
	k := y.k.Go(y.at+"/zadania").Click("Nowe zadanie").Fill("Nazwa zadania", "Obserwacja koleżeńska").Select("Dla kogo", teacher).Fill("Termin", "2026-12-18").Click("Przydziel zadanie").ExpectText("Zadanie zostało przydzielone")
	path := k.Path()
	n := y.n.Go("/moje").Click("Zadanie: Obserwacja koleżeńska").ExpectText("18 grudnia 2026")
	n.Fill("Data obserwacji", "1.12.2026").Fill("Klasa i przedmiot", "5b, przyroda").Choose("Pytania i rozmowa").Fill("Co zadziałało?", "Cisza.").Fill("Co wypróbuję u siebie?", "Czekanie.")
	n.Attach("Arkusz obserwacji", "arkusz.txt", []byte("Notatki.\n")).Click("Wybierz… W której szkole?").Fill("Nazwa, miejscowość lub numer RSPO", "100310").Click("Szukaj").Click("Szkoła Podstawowa im. Księgi Lasu")
	n.Click("Oddaj zadanie").ExpectText("Zadanie zostało oddane", "arkusz.txt")
	k.Go("/moje").Click("Oceń zadanie: Obserwacja koleżeńska").Choose("Zwracam do poprawy").Fill("Uwaga do: Co zadziałało?", "Po czym to widać?").Fill("Nowy termin", "2026-12-20").Click("Zapisz decyzję").ExpectText("Zadanie zwrócono do poprawy")
	n.Go(path).ExpectText("Po czym to widać?").Fill("Co zadziałało?", "Po pytaniu zgłaszało się więcej osób.").Click("Oddaj zadanie").ExpectText("Zadanie zostało oddane")
	k.Go(path + "/ocen").Choose("Przyjmuję").Click("Zapisz decyzję").ExpectText("Zadanie przyjęto")
	n.Go(path).ExpectText("Przyjęto")
}

func (y *year) spring(*testing.T) {
	for _, m := range []struct{ path, when string }{{y.january, "2027-01-14 18:00"}, {y.march, "2027-03-11 18:00"}} {
		y.on(m.when)
		y.register(m.path, map[string]string{sharp: "excused"})
		y.close(m.path)
	}
}

func (y *year) evaluation(t *testing.T) {
	y.on("2027-05-20 10:00")
	y.k.Go(y.at + "/plan/progress").Click("Przejdź do następnego etapu").Click("Przejdź do następnego etapu").Go(y.at).ExpectText("Etap podsumowujący W toku")
	p := y.k.Go(y.at+"/ewaluacja").Click("Przygotuj ankietę").Fill("Tytuł ankiety", "Ankieta na koniec roku").Fill("Ostatni dzień", "2027-06-08").Click("Zapisz szkic")
	p.Click("Otwórz ankietę").Choose("Wiem, że ankieta jest anonimowa, próg to 5 odpowiedzi i nie da się tego później zmienić").Click("Otwórz ankietę").ExpectText("Ankieta jest otwarta")
	round := p.Path()

	n := y.n.Go("/moje").Click("Wypełnij ankietę: Ankieta na koniec roku").Click("Pobierz kod i przejdź do ankiety").ExpectText("Odpowiadasz anonimowo")
	n.Choose("Zdecydowanie tak", "dzielić się wiedzą").Click("Dalej").Click("Dalej").Click("Dalej").Click("Dalej").Fill("Co było najcenniejsze w pracy sieci?", "Lekcje u innych.").Click("Wyślij odpowiedzi")
	n.ExpectText("Odpowiedź przyjęta", "Nazwisko nie zapisano", "Data i godzina nie zapisano").ExpectNoText(teacher)
	for i, v := range y.others[:9] {
		v.goTo("/moje").follow("Wypełnij ankietę: Ankieta na koniec roku").send("Pobierz kod i przejdź do ankiety", nil)
		v.send("Dalej", map[string]string{"cele.wiedza": fmt.Sprint(3 + i%3), "cele.kontakty": "5"})
		v.onward().send("Wyślij odpowiedzi", map[string]string{"najcenniejsze": "Wspólna praca."}).expect("Odpowiedź przyjęta")
		if i == 2 { // four answers by now
			p.Go(round).ExpectText("Odpowiedzi 4", "Dopóki ankieta trwa, widać tylko liczbę odpowiedzi").ExpectNoText("Mediana")
		}
	}
	p.Go(round + "/wyniki").ExpectText("Wyniki będą widoczne po zamknięciu")
}

func (y *year) summary(t *testing.T) {
	y.on("2027-06-07 16:00")
	// What the end of the network waits for is said before anybody tries.
	y.k.Go(y.at+"/czynnosc/close").ExpectText("Warunki", "Zapisz podsumowanie", "Konieczne", "Na razie nie można tego zrobić").ExpectNoText("Ta czynność zmieni sieć")
	round := y.k.Go(y.at + "/ewaluacja").Click("Ankieta na koniec roku").Path()
	y.on("2027-06-10 17:30")
	y.until("results", func() bool { return y.number(`SELECT count(*) FROM evaluation_round WHERE outcome = 'ready'`) == 1 })
	y.register(y.june, map[string]string{sharp: "excused"})
	// Without the plan of dissemination the meeting stays open: said before anybody
	// tries, and held against who tries all the same.
	p := y.k.Go(y.june).Click("Zamknij spotkanie").ExpectText("Spotkania nie można jeszcze zamknąć", "plan upowszechniania").ExpectNoText("Zakończ ewaluację")
	if err := y.Meetings.Close(t.Context(), y.actor(lead), y.meetingID(y.june), nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("the summary meeting closes without a plan of dissemination: %v", err)
	}
	p.Go(y.at+"/upowszechnianie").Click("Dodaj działanie").Fill("Co upowszechniamy", "Karty wyjścia").Select("Zasób sieci", "Scenariusz: karty wyjścia").Fill("Komu", "Dyrektorzy").Fill("Jak", "Narada powiatowa").Fill("Kiedy", "2027-06-25").Fill("Kto odpowiada", teacher).Click("Zapisz działanie").ExpectText("Zapisano działanie")
	y.close(y.june)
	y.n.Go(round+"/wyniki").ExpectText("10 z 20 (50%)", "dzielić się wiedzą i umiejętnościami", "Lekcje u innych.", "Jak to policzono").ExpectNoText("Osoba 1")
	for _, table := range []string{"ballot_answer", "evaluation_round"} {
		if n := y.number(`SELECT count(*) FROM ` + table + ` x WHERE CAST(x AS text) LIKE '%` + y.ids[teacher].String() + `%'`); n != 0 {
			t.Errorf("her id stands in %s", table)
		}
	}
}

func (y *year) report(t *testing.T) {
	y.k.Go(y.at+"/czynnosc/summary").Choose("Zdobywanie nowej wiedzy i umiejętności").Fill("Ile osób odpowiedziało w ewaluacji?", "10").Fill("Wnioski z ewaluacji", "Więcej lekcji u innych.")
	y.k.Fill("Jak i gdzie pokażemy nasze rozwiązania poza siecią?", "Na naradzie dyrektorów.").Fill("Co było trudne?", "Wspólny termin.").Choose("Tak").Click("Podsumuj pracę sieci").ExpectText("Gotowe")
	p := y.k.Go(y.at).Click("Sprawozdanie").ExpectHeading("Sprawozdanie roczne z pracy sieci „Ocenianie kształtujące”")
	p.ExpectText(
		"Rok szkolny 2026/2027", "Wymiana praktyk.", lead, "Na początku 21", "Szkoły i placówki", "Wspólne wykonywanie zadań", // topic, aim, people, goals
		"Liczba spotkań 5", "15 godzin dydaktycznych", "8 października 2026 r. Spotkanie organizacyjne", "10 czerwca 2027 r. Spotkanie podsumowujące", // meetings with attendance
		"Wątki na forum 1", "Wpisy na blogu 1", "Scenariusz: karty wyjścia", "CC BY", "Karty wyjścia Dyrektorzy Narada powiatowa", // activity, products, dissemination
		"Ankieta na koniec roku", "10 (50%)", "Więcej lekcji u innych.", "Wspólny termin.", // evaluation, conclusions, difficulties
	)
	if body, h := p.Download("Pobierz PDF"); !bytes.HasPrefix(body, []byte("%PDF-")) || !bytes.Contains(body, []byte("/StructTreeRoot")) || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") {
		t.Errorf("the PDF: %.20q %v", body, h)
	}
	if body, _ := p.Download("Pobierz ODT (do edycji)"); !bytes.HasPrefix(body, []byte("PK")) || !bytes.Contains(body, []byte("application/vnd.oasis.opendocument.text")) {
		t.Errorf("the ODT: %.20q", body)
	}
}

func (y *year) succession(t *testing.T) {
	y.on("2027-06-11 10:00")
	path := y.at + "/wybory"
	y.k.Go(y.at).Click("Wybory").Click("Ogłoś odejście i wybory").Fill("Kilka słów do członków", "Przechodzę do innej szkoły.").Fill("Zgłaszanie kandydatur do", "2027-06-13").Fill("Głosowanie do", "2027-06-16").Click("Ogłoś wybory").ExpectText("Ogłoszono wybory")
	wanda := y.as(elect).Go(path).Fill("Dlaczego chcesz prowadzić sieć", "Znam wszystkich.").Click("Zgłoś kandydaturę").ExpectText("Kandydatura jest zgłoszona")
	y.p.Go(path).Fill("Dlaczego chcesz prowadzić sieć", "Mam czas.").Click("Zgłoś kandydaturę")
	y.on("2027-06-13 20:05")
	for i, v := range y.others[:12] {
		v.goTo(path).send("Oddaj głos", map[string]string{"choice": y.ids[map[bool]string{true: elect, false: sharp}[i < 8]].String()}).expect("Twój głos jest oddany")
	}
	y.n.Go("/moje").Click("Zagłosuj w wyborach koordynatora").Choose(elect).Click("Oddaj głos").ExpectText("13 z 2")
	y.on("2027-06-16 20:05")
	y.k.Go(path).ExpectText("Wybór czeka na zatwierdzenie", "Członkowie wybrali: "+elect)
	y.k.Go(y.at + "/edytuj").ExpectStatus(200)
	y.as("Cezary Centrum").Go(path).Click("Zatwierdź wybór").ExpectText("Sieć prowadzi teraz: " + elect)
	// One moment: the rights are there and here no more; what was written stays readable.
	wanda.Go(y.at + "/edytuj").ExpectStatus(200)
	y.k.Go(y.at + "/edytuj").ExpectStatus(404)
	y.k.Go(y.november).ExpectText("Karty wyjścia prowadzimy do stycznia.").Go(path).ExpectText("Lista spraw do przekazania")
	for _, table := range []string{"ballot_answer"} {
		if n := y.number(`SELECT count(*) FROM ` + table + ` x WHERE CAST(x AS text) LIKE '%` + y.ids[teacher].String() + `%'`); n != 0 {
			t.Errorf("who voted what stands in %s", table)
		}
	}
}

func (y *year) end(t *testing.T) {
	y.on("2027-06-18 12:00")
	w := y.as(elect).Go(y.at+"/plan/progress").ExpectText("Na co czeka: Sieć zakończona Warunki są spełnione.").ExpectNoText("Zakończ ewaluację", "Ułóż plan upowszechniania")
	w.Go(y.at+"/czynnosc/close").ExpectText("Warunki", "Ewaluacja jest zakończona.", "Plan upowszechniania jest ułożony.").Click("Zakończ sieć").ExpectText("Gotowe")
	w.Go(y.at).ExpectText("zakończona")
	if n := y.number(`SELECT count(*) FROM network WHERE id = $1 AND status = 'closed' AND stage = 'closed'`, y.id); n != 1 {
		t.Fatal("the network is not closed")
	}
	// Read-only: readable to its people, and nobody changes anything.
	y.n.Go(y.at + "/forum").ExpectText("Stopień na koniec roku").ExpectNoText("Nowy wątek")
	y.n.Go(y.at + "/zasoby").ExpectText("Scenariusz: karty wyjścia").ExpectNoText("Dodaj zasób")
	y.n.Go(y.june).ExpectNoText("Wyślij odpowiedź")
	w.Go(y.at + "/spotkania").ExpectText("Co zostaje w szkołach").ExpectNoText("Zaplanuj spotkanie")
	w.Go(y.at + "/sprawozdanie").ExpectText("Koniec pracy 18 czerwca 2027")
	y.n.Go(y.at+"/godziny").ExpectText("Warunek obecności jest spełniony").Click("Potwierdzenie obecności (do pobrania)").ExpectText(teacher, "15 godzin dydaktycznych")
	body, err := json.Marshal(map[string]any{"kind": "forum", "title": "Za późno", "body": "Treść."})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := y.client(teacher).send(http.MethodPost, "/api/v1"+strings.Replace(y.at, "/sieci", "/networks", 1)+"/threads", string(body)); err != nil || a.status != http.StatusConflict {
		t.Errorf("a program writes to the closed network: %d %.200s %v", a.status, a.body, err)
	}
}
