package calendar_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/poll"
	"ore.edu.pl/sieci/core/web/webtest"
)

// openPoll has four dates, one in the winter break, and some answers.
func (w *world) openPoll() (path string) {
	w.t.Helper()
	in := poll.Input{Kind: schedule.Working, Title: "Spotkanie robocze w marcu", Note: "Trzy godziny dydaktyczne, z ekspertem.", AnswerBy: at("2026-12-04 23:59"), Despite: true}
	for _, day := range []string{"2027-02-18", "2027-03-09", "2027-03-10", "2027-03-11"} {
		in.Slots = append(in.Slots, poll.Span{Starts: at(day + " 16:00"), Ends: at(day + " 18:15")})
	}
	id, err := w.polls.Create(w.t.Context(), w.actor(w.lead), w.network, in)
	if err != nil {
		w.t.Fatal(err)
	}
	w.answers(w.jan, id, poll.No, poll.Yes, poll.Maybe, poll.Yes)
	w.answers(w.expert, id, poll.Yes, poll.No, poll.Yes, poll.Yes)
	return poll.PathOf(id)
}

func (w *world) answers(who, id uuid.UUID, list ...poll.Answer) {
	w.t.Helper()
	a := w.actor(who)
	d, err := w.polls.Get(context.Background(), a, id)
	if err != nil {
		w.t.Fatal(err)
	}
	given := map[uuid.UUID]poll.Answer{}
	for i, x := range list {
		given[d.Options[i].ID] = x
	}
	if err := w.polls.Answer(w.t.Context(), a, id, given, ""); err != nil {
		w.t.Fatal(err)
	}
}

// A poll becomes a meeting: dates proposed with their clashes, answered on a
// phone, one step to the meeting; then the expert cannot come after all (KOO3).
func TestFromPollToMeeting(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := w.as(w.lead).Go("/sieci/" + w.network.String() + "/ankiety-terminow").Click("Nowa ankieta terminów")
	p.Click("Wyślij ankietę").ExpectStatus(422).ExpectText("Tytuł ma od", "Podaj od 2 do 20 terminów")
	p.Fill("Tytuł", "Spotkanie w marcu").Choose("Spotkanie robocze")
	p.Fill("Dzień", "2027-02-18", "Termin 1 z 20").Fill("Od", "16:00", "Termin 1 z 20").Fill("Do", "18:15", "Termin 1 z 20")
	p.Fill("Dzień", "2027-03-10", "Termin 2 z 20").Fill("Dzień", "2027-03-28", "Termin 3 z 20").Fill("Od", "02:30", "Termin 3 z 20").Fill("Do", "04:00", "Termin 3 z 20").Fill("Odpowiedzi do", "2026-12-04")
	p.Click("Wyślij ankietę").ExpectStatus(422).ExpectText("Tej godziny nie ma") // the night when clocks go forward
	p.Fill("Dzień", "2027-03-11", "Termin 3 z 20").Fill("Od", "16:00", "Termin 3 z 20").Fill("Do", "18:15", "Termin 3 z 20").Click("Wyślij ankietę")
	p.ExpectStatus(422).ExpectText("Niektóre terminy wypadają w dni wolne", "ferie zimowe 15–28 lutego 2027 r.: wielkopolskie")
	p.Choose("Te terminy są właściwe mimo dni wolnych").Click("Wyślij ankietę").ExpectText("Wysłano ankietę", "czwartek, 18 lutego 2027 r.", "16:00–18:15", "ferie zimowe")
	path := p.Path()

	n := w.as(w.nina).Go(path)
	n.Click("Zapisz odpowiedzi").ExpectStatus(422).ExpectText("Zaznacz odpowiedź przy co najmniej jednym terminie")
	n.Choose("Tak", "czwartek, 11 marca 2027 r. 16:00–18:15").Choose("Jeśli trzeba", "środa, 10 marca 2027 r. 16:00–18:15").Choose("Przy pozostałych terminach zaznacz „nie”").Click("Zapisz odpowiedzi")
	n.ExpectText("Zapisano odpowiedzi", "Na razie najlepszy jest termin: czwartek, 11 marca 2027 r., 16:00", "Może przyjść 1 z 4", "Tyle samo osób może przyjść w innym terminie")
	if !n.Chosen("Nie", "czwartek, 18 lutego 2027 r. 16:00–18:15") {
		t.Error("the rest was not answered with no")
	}
	e := w.as(w.expert).Go(path).Choose("Tak", "czwartek, 11 marca 2027 r. 16:00–18:15").Choose("Przy pozostałych terminach zaznacz „nie”").Click("Zapisz odpowiedzi")
	e.ExpectText("Nie może: Igor Ekspert", "Zdecydowało, że mogą wtedy przyjść prowadzący i eksperci")
	n.Go(path + "/wybierz").ExpectStatus(404)

	p.Go(path).Click("Wybierz ten termin: 11 marca 2027 r., 16:00–18:15").ExpectText("czwartek, 11 marca 2027 r., 16:00–18:15", "Tak: 2")
	p.Click("Utwórz spotkanie").ExpectStatus(422).ExpectHeading("Wybór terminu")
	p.Fill("Miejsce i miejscowość", "SP 4, Leszno").Click("Utwórz spotkanie").ExpectHeading("Spotkanie w marcu").ExpectText("Utworzono spotkanie i wysłano zaproszenia", "11 marca 2027")
	n.Go("/kalendarz").ExpectText("Spotkanie w marcu", "czwartek, 11 marca")
	n.Go(path).ExpectText("Termin wybrany", "Przejdź do spotkania").ExpectNoText("Zapisz odpowiedzi")

	e.Go(path).Click("Ten termin przestał mi pasować").Fill("Dlaczego", "Egzamin w szkole").Click("Zgłoś to prowadzącym").ExpectText("Prowadzący wiedzą", "Termin jednak pasuje")
	p.Go(path).ExpectText("Igor Ekspert (w roli eksperta): termin przestał pasować", "Egzamin w szkole", "Przenieś spotkanie")
	p.Click("Zostaw termin").ExpectStatus(422).ExpectText("Podaj powód")
	p.Fill("Powód, dla którego termin zostaje", "Drugą część poprowadzi Nina").Click("Zostaw termin").ExpectText("Termin zostaje. Powód zapisano.", "Termin został. Powód: Drugą część poprowadzi Nina")
	var logged int
	if err := w.db.Get(t.Context(), &logged, `SELECT count(*) FROM audit_event WHERE action = 'poll:keep'`); err != nil || logged != 1 {
		t.Errorf("%d entries, %v", logged, err)
	}
}

func TestSecondEditorOfAPollSeesBoth(t *testing.T) {
	t.Parallel()
	w := setup(t)
	path := w.openPoll()
	mine, theirs := w.as(w.lead).Go(path).Click("Zmień ankietę"), w.as(w.lead).Go(path).Click("Zmień ankietę")
	theirs.Fill("Tytuł", "Zmieniony tytuł").Click("Zapisz ankietę").ExpectStatus(422).Choose("Te terminy są właściwe mimo dni wolnych").Click("Zapisz ankietę").ExpectText("Zapisano ankietę")
	mine.Fill("Tytuł", "Mój tytuł").Click("Zapisz ankietę").ExpectStatus(422).Choose("Te terminy są właściwe mimo dni wolnych").Click("Zapisz ankietę")
	mine.ExpectStatus(409).ExpectText("Zmieniony tytuł", "2027-03-11 16:00-18:15").Click("Zapisz moją wersję").ExpectText("Zapisano ankietę", "Mój tytuł", "czwartek, 11 marca 2027 r.")
	// The dates came through the page of both versions with their answers.
	mine.ExpectText("Tak: 2")
}

func TestDoubledHourAsksWhich(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec(`UPDATE network SET school_year = 2027`)
	p := w.as(w.lead).Go("/sieci/"+w.network.String()+"/ankiety-terminow/nowa").Fill("Tytuł", "Noc zmiany czasu").Choose("Spotkanie robocze")
	p.Fill("Dzień", "2027-10-31", "Termin 1 z 20").Fill("Od", "02:30", "Termin 1 z 20").Fill("Do", "04:00", "Termin 1 z 20").Fill("Dzień", "2027-11-04", "Termin 2 z 20").Fill("Od", "16:00", "Termin 2 z 20").Fill("Do", "17:00", "Termin 2 z 20").Click("Wyślij ankietę")
	p.ExpectStatus(422).ExpectText("wypada dwa razy").Choose("Druga, już w czasie zimowym").Click("Wyślij ankietę").ExpectStatus(422).Choose("Te terminy są właściwe mimo dni wolnych").Click("Wyślij ankietę").ExpectText("Wysłano ankietę")
	var n int
	if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM poll_slot WHERE starts_at = '2027-10-31 01:30:00+00'`); err != nil || n != 1 {
		t.Errorf("%d slots at the second 2:30, %v", n, err)
	}
}

func TestCloseRemindAndReopen(t *testing.T) {
	t.Parallel()
	w := setup(t)
	path := w.openPoll()
	p := w.as(w.lead).Go(path).Click("Przypomnij o odpowiedzi").ExpectText("Wysłano przypomnienie")
	p.Click("Przypomnij o odpowiedzi").ExpectStatus(409).ExpectText("w ciągu ostatniej doby")
	p.Go(path).Click("Zamknij bez wyboru").Click("Zamknij bez wyboru").ExpectText("Zamknięto ankietę", "Zamknięta")
	w.as(w.nina).Go(path).ExpectNoText("Zapisz odpowiedzi")
	p.Click("Otwórz ponownie").ExpectText("Ankieta jest znowu otwarta")
	w.as(w.admin).Go(path).ExpectText("Spotkanie robocze w marcu").ExpectNoText("Zapisz odpowiedzi", "Wybierz ten termin")
	w.as(w.person("Obca Osoba", uuid.Nil)).Go(path).ExpectStatus(404)
}

func TestAccessiblePages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.meet("Spotkanie robocze", "2026-12-08 16:00", "2026-12-08 18:15", leszno)
	path := w.openPoll()
	p := w.as(w.nina, webtest.WithScripts())
	for _, page := range []string{"/kalendarz", "/kalendarz?widok=miesiac&m=2026-12", "/konto/kalendarz", path, "/sieci/" + w.network.String() + "/ankiety-terminow"} {
		p.Go(page).ExpectAccessible()
	}
	p = w.as(w.lead, webtest.WithScripts()).Go(path).ExpectAccessible().Click("Wybierz ten termin: 11 marca 2027 r., 16:00–18:15").ExpectAccessible()
	p.Go("/sieci/" + w.network.String() + "/ankiety-terminow/nowa").Click("Wyślij ankietę").ExpectStatus(422).ExpectAccessible()
	w.as(w.admin, webtest.WithScripts()).Go("/zarzadzanie/kalendarz").ExpectAccessible()
	small := w.as(w.nina, webtest.WithScripts(), webtest.Size(320, 640), webtest.Dark())
	for _, page := range []string{"/kalendarz", "/kalendarz?widok=miesiac&m=2026-12", path} {
		small.Go(page).ExpectAccessible()
	}
}

// No page costs more than three round trips, the session among them (here two:
// roles and institution are read apart).
func TestRoundTripsOfPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.meet("Spotkanie robocze", "2026-12-08 16:00", "2026-12-08 18:15", leszno)
	path := w.openPoll()
	for _, page := range []string{"/kalendarz", "/kalendarz?widok=miesiac&m=2026-12", "/konto/kalendarz", path, path + "/edytuj", "/sieci/" + w.network.String() + "/ankiety-terminow", "/sieci/" + w.network.String() + "/ankiety-terminow/nowa"} {
		p := w.as(w.lead).Go(page) // the first reading prepares
		before := w.db.RoundTrips()
		p.Go(page).ExpectStatus(200)
		if n := w.db.RoundTrips() - before - 2; n > 2 {
			t.Errorf("%s: %d round trips besides the session", page, n)
		}
	}
}
