package meetings_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/webtest"
)

// Every act of a page has its operation, with the same permission.
func TestPagesAndAPIAgree(t *testing.T) {
	t.Parallel()
	w := setup(t, 0)
	for _, m := range apikit.Mismatches(w.pages, w.api.Ops()) {
		t.Error(m)
	}
}

// From nothing to an announced meeting: errors beside their fields, a clash said
// first, the hour that does not exist refused, the doubled one asked.
func TestPlanning(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	p := w.as(w.lead).Go("/sieci/" + w.network.String() + "/spotkania")
	p.ExpectText("nie ma jeszcze spotkań", "W roku szkolnym potrzeba co najmniej 3").Click("Zaplanuj spotkanie")
	p.Choose("Spotkanie robocze").Fill("Nazwa spotkania", "Oc").Fill("Dzień", "2027-03-28").Fill("Początek", "02:30").Fill("Koniec", "04:00").Click("Zapisz szkic")
	p.ExpectStatus(422).ExpectText("Popraw 2 błędy", "Tej godziny nie ma", "Nazwa powinna mieć od 3 do 200 znaków")
	if got := p.Value("Nazwa spotkania"); got != "Oc" {
		t.Errorf("the name typed is %q now", got)
	}
	p.Fill("Nazwa spotkania", "Ocenianie w praktyce").Fill("Dzień", "2027-10-31").Click("Zapisz szkic")
	p.ExpectStatus(422).ExpectText("Tej nocy ta godzina wypada dwa razy", "O drugą: już czas zimowy")
	p.Choose("O drugą: już czas zimowy").Click("Zapisz szkic").ExpectStatus(422).ExpectText("Ten termin z czymś się zbiega", "niedziela")
	p.Fill("Dzień", "2026-12-24").Fill("Początek", "13:00").Fill("Koniec", "15:15").Click("Zapisz szkic")
	p.ExpectStatus(422).ExpectText("Wigilia Bożego Narodzenia, dzień wolny od pracy", "wyślij formularz jeszcze raz")
	p.Fill("Dzień", "2026-12-10").Click("Zapisz szkic")
	p.ExpectStatus(200).ExpectText("Szkic spotkania został zapisany", "To jest szkic", "czwartek, 10 grudnia 2026 r., 13:00–15:15", "Wymiana doświadczeń")
	path := p.Path()
	w.as(w.members[0]).Go(path).ExpectStatus(404)
	p.Click("Ogłoś spotkanie").Click("Ogłoś spotkanie").ExpectStatus(422).ExpectText("Podaj miejsce spotkania")
	p.Go(path).Click("Zmień dane spotkania").Fill("Miejsce", "CDN Wierzbowo, Leszno").Fill("Adres i dojazd", "ul. Szkolna 1").Click("Zapisz")
	p.ExpectText("Zmiany zostały zapisane").Click("Ogłoś spotkanie").ExpectText("Zaproszenia dostaną (osoby)").Click("Ogłoś spotkanie")
	p.ExpectText("Spotkanie zostało ogłoszone", "bez odpowiedzi: 2")
	if n := w.letters.count("schedule.notice.invited"); n != 2 {
		t.Errorf("%d invitations", n)
	}
	p.Click("Przenieś spotkanie").Fill("Dzień", "2026-12-17").Fill("Wiadomość do zaproszonych", "Sala jest zajęta.").Click("Przenieś i powiadom")
	p.ExpectText("Spotkanie zostało przeniesione", "17 grudnia 2026")
	if n := w.letters.count("schedule.notice.moved"); n != 2 {
		t.Errorf("%d letters about the move", n)
	}
	p.Click("Odwołaj spotkanie").Click("Odwołaj spotkanie").ExpectStatus(422).ExpectText("Podaj powód")
	p.Fill("Powód", "Choroba").Click("Odwołaj spotkanie").ExpectText("Spotkanie odwołane", "Choroba")
	p.Go("/sieci/"+w.network.String()+"/spotkania").ExpectText("Odbyte i odwołane", "Odwołane")
}

// The second of two editors gets both texts.
func TestTwoEditors(t *testing.T) {
	t.Parallel()
	w := setup(t, 0)
	id := w.meeting("2026-12-10 13:00")
	p := w.as(w.lead).Go("/spotkania/" + id.String() + "/edytuj")
	d, err := w.s.Get(t.Context(), w.actor(w.lead), id)
	w.ok(err)
	in := schedule.Input{Kind: d.Kind, Title: "Tytuł koleżanki", Starts: d.Starts, Ends: d.Ends, Where: schedule.Where{OnSite: true, Online: true, Place: d.Place, Address: d.Address, Link: d.Link}}
	w.ok(w.s.Edit(t.Context(), w.actor(w.lead), id, d.Version, in, ""))
	p.Fill("Nazwa spotkania", "Mój tytuł").Click("Zapisz").ExpectStatus(409).ExpectText("Tytuł koleżanki")
	p.Click("Zapisz moją wersję").ExpectStatus(200).ExpectText("Mój tytuł", "Zmiany zostały zapisane")
}

// KOO1 and KOO4: the agenda with its hours, the programme, what became of it.
func TestAgendaAndProgramme(t *testing.T) {
	t.Parallel()
	w := setup(t, 3)
	w.clock.Set(at("2026-11-10 9:00"))
	id := w.meeting("2026-11-26 13:00")
	path := "/spotkania/" + id.String()
	p := w.as(w.lead).Go(path).Click("Ułóż porządek")
	for _, fixed := range []string{"Wymiana doświadczeń, narzędzi i dobrych praktyk", "Spotkanie z ekspertem", "Tworzenie nowych rozwiązań"} {
		p.Click("Usuń: " + fixed)
	}
	p.ExpectText("Porządek nie jest jeszcze ustalony")
	p.Fill("Temat", "Warsztat").Fill("Liczba minut", "dużo").Click("Dodaj punkt").ExpectStatus(422).ExpectText("Podaj liczbę minut od 0 do 600")
	p.Fill("Liczba minut", "90").Select("Metoda", "warsztat").Click("Dodaj punkt")
	p.Fill("Temat", "Moja lekcja").Fill("Liczba minut", "45").Select("Kto prowadzi (osoba z sieci)", "Osoba 002").Click("Dodaj punkt")
	p.ExpectText("3 godziny dydaktyczne", "Prowadzą uczestnicy: 33%", "punkt uczestnika")
	p.Click("W górę: Moja lekcja").ExpectText("Kolejność została zmieniona")
	p.Click("Zmień: Warsztat").Fill("Temat", "Warsztat: kryteria sukcesu").Click("Zapisz").ExpectText("Warsztat: kryteria sukcesu")
	w.clock.Set(at("2026-11-19 8:00"))
	w.sweep()
	p.Go(path).ExpectText("Czas wysłać program").Click("Wyślij program").ExpectText("Przypomnienie o programie", "19 listopada 2026 r., 8:00")
	p.Click("Wyślij program").ExpectText("Program został wysłany", "Do kogo dotarł program", "Osoba 003", "W kolejce")
	if n := w.letters.count("schedule.notice.agenda"); n != 3 {
		t.Errorf("%d letters", n)
	}
	w.as(w.members[0]).Go(path).ExpectText("Moja lekcja").Go(path + "/program").ExpectStatus(404)
}

// NAU4: a participant answers and learns what belongs to the way they chose.
func TestAnswering(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	first, second := "/spotkania/"+w.meeting("2026-11-26 13:00").String(), "/spotkania/"+w.meeting("2027-01-14 13:00").String()
	p := w.as(w.members[0]).Go(first).ExpectNoText("ul. Szkolna 1", "spotkania.example")
	p.Click("Wyślij odpowiedź").ExpectStatus(422).ExpectText("Wybierz jedną z odpowiedzi")
	p.Choose("Na miejscu").Click("Wyślij odpowiedź").ExpectText("Odpowiedź została zapisana", "ul. Szkolna 1").ExpectNoText("spotkania.example")
	p.Go(second).Choose("Online").Click("Wyślij odpowiedź").ExpectText("spotkania.example").ExpectNoText("ul. Szkolna 1")
	w.as(w.lead).Go(first).ExpectText("na miejscu: 1, online: 0, nie: 0, bez odpowiedzi: 1").Go(second).ExpectText("online: 1")
}

// KOO5, the part online, and the sheet: codes, the register, guests.
func TestAttendance(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	id := w.meeting("2026-11-26 13:00")
	path := "/spotkania/" + id.String()
	w.clock.Set(at("2026-11-26 13:05"))
	p := w.as(w.lead).Go(path+"/arkusz?kody=1").ExpectText("Lista obecności", "Podpis", "Osoba 004", "Kody jednorazowe")
	r, err := w.s.Register(t.Context(), w.actor(w.lead), id)
	w.ok(err)
	p.ExpectText(w.s.PersonCode(r, w.members[0]))
	code, err := w.s.Code(t.Context(), w.actor(w.lead), id)
	w.ok(err)
	p.Go(path + "/kod").ExpectText(code.Value[:3] + " " + code.Value[3:])
	p.Fill("Kod uczestnika", "ABCD-EFGH").Click("Zapisz obecność").ExpectStatus(422).ExpectText("Ten kod jest niepoprawny")
	p.Fill("Kod uczestnika", w.s.PersonCode(r, w.members[0])).Click("Zapisz obecność").ExpectText("Obecność została zapisana")
	m := w.as(w.members[1]).Go(path).ExpectText("Spotkanie trwa").Click("Potwierdź obecność")
	m.Fill("Kod", code.Value).Click("Potwierdź obecność").ExpectStatus(422).ExpectText("Zaznacz, czy jesteś na miejscu, czy online")
	m.Choose("Obecność online").Click("Potwierdź obecność").ExpectText("Obecność została zapisana", "Obecność online")
	p.Go(path + "/lista")
	if !p.Chosen("Obecność online", "Osoba 002") || !p.Chosen("Obecność na miejscu", "Osoba 001") {
		t.Error("the register does not show the check-ins")
	}
	p.Choose("Nieobecność usprawiedliwiona", "Osoba 003").Choose("Nieobecność", "Osoba 004")
	p.Fill("Szkoła lub placówka", "SP 5", "Gość 1").Click("Zapisz listę obecności").ExpectStatus(422).ExpectText("Podaj imię i nazwisko gościa")
	if !p.Chosen("Nieobecność usprawiedliwiona", "Osoba 003") {
		t.Error("what was ticked is gone")
	}
	p.Fill("Imię i nazwisko", "Gość Specjalny", "Gość 1").Click("Zapisz listę obecności").ExpectText("Lista obecności została zapisana")
	if !p.Chosen("Nieobecność", "Osoba 004") {
		t.Error("the absence is not kept")
	}
	if n := w.number(`SELECT count(*) FROM meeting_attendance WHERE presence = 'guest'`); n != 1 {
		t.Errorf("%d guests", n)
	}
	w.as(w.members[2]).Go(path + "/lista").ExpectStatus(404)
}

// KOO6 and KOO10: minutes, ticking off, closing with the type's yes.
func TestMinutesAndClosing(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	id, next := w.meeting("2026-11-26 13:00"), w.meeting("2027-01-14 13:00")
	path := "/spotkania/" + id.String()
	w.clock.Set(at("2026-11-26 16:00"))
	w.sweep()
	p := w.as(w.lead).Go(path + "/protokol")
	for i, text := range []string{"Spotykamy się w czwartki", "Zbieramy scenariusze", "Zapraszamy eksperta"} {
		p.Fill("Decyzja "+string(rune('1'+i)), text)
	}
	for i, text := range []string{"Scenariusz", "Ankieta", "Sala", "Zdjęcia", "Notatka"} {
		where := "Zadanie " + string(rune('1'+i))
		p.Fill("Co jest do zrobienia", text, where)
		if i > 0 {
			p.Select("Kto odpowiada", []string{"Osoba 001", "Osoba 002"}[i%2], where)
		}
	}
	p.Click("Zapisz i powiadom").ExpectStatus(422).ExpectText("Wybierz osobę odpowiedzialną")
	p.Select("Kto odpowiada", "Osoba 001", "Zadanie 1").Fill("Termin", "2026-12-08", "Zadanie 1").Click("Zapisz i powiadom")
	p.ExpectText("osoby odpowiedzialne dostały powiadomienia", "Spotykamy się w czwartki", "termin: 8 grudnia 2026")
	if n := w.letters.count(""); n != 2 {
		t.Errorf("%d notices for two owners", n)
	}
	m := w.as(w.members[0]).Go("/spotkania/"+next.String()).ExpectText("Otwarte sprawy z poprzednich spotkań", "Scenariusz")
	m.Click("Oznacz jako zrobione: Scenariusz").ExpectText("Zadanie jest oznaczone jako zrobione").ExpectNoText("Scenariusz")

	w.module.OnGuard = func(*effect.GuardAsk) (*effect.GuardAnswer, error) {
		return &effect.GuardAnswer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityError, Code: "evaluation", Text: "Najpierw ewaluacja i plan upowszechniania."}}}, nil
	}
	p.Go(path).ExpectText("Spotkanie się odbyło").Click("Wypełnij listę obecności").Choose("Obecność na miejscu", "Osoba 001").Choose("Nieobecność", "Osoba 002").Click("Zapisz listę obecności")
	// What stands against closing is said before anybody tries, and holds for who tries all the same.
	p.Go(path).Click("Zamknij spotkanie").ExpectText("Spotkania nie można jeszcze zamknąć", "Najpierw ewaluacja i plan upowszechniania.", "Ewaluacja", "Plan upowszechniania").ExpectNoText("staną się ostateczne")
	if err := w.s.Close(t.Context(), w.actor(w.lead), id, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("closed all the same: %v", err)
	}
	w.module.OnGuard = nil
	p.Go(path).Click("Zamknij spotkanie").Click("Zamknij spotkanie").ExpectText("Spotkanie zostało zamknięte", "Zamknięte")
	p.Go(path + "/lista").ExpectText("Obecność na miejscu").ExpectNoText("Zapisz listę obecności")
}

// KOO9: an adopted proposal is put on the agenda in one step.
func TestAdopting(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	id := w.meeting("2026-11-26 13:00")
	w.exec(`INSERT INTO agenda_item (id, network_id, title, leader_id, created_at) VALUES ($1, $2, 'Ocena koleżeńska', $3, now())`, uuid.New(), w.network, w.members[0])
	w.as(w.members[0]).Go("/spotkania/"+id.String()).ExpectText("Propozycje przyjęte w głosowaniu", "Ocena koleżeńska (zgłasza: Osoba 001)")
	p := w.as(w.lead).Go("/spotkania/" + id.String() + "/porzadek").Click("Przyjmij do porządku: Ocena koleżeńska")
	p.ExpectText("Propozycja jest teraz punktem spotkania", "prowadzi: Osoba 001").ExpectNoText("Propozycje przyjęte w głosowaniu")
}

// NAU9: who missed too much sees what is left; the coordinator sees everybody.
func TestHoursPages(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	w.clock.Set(at("2026-09-15 9:00"))
	var ids []uuid.UUID
	for _, day := range []string{"2026-10-08 13:00", "2026-11-26 13:00", "2027-01-14 13:00", "2027-03-11 13:00", "2027-06-10 13:00"} {
		ids = append(ids, w.meeting(day))
	}
	for i, day := range []string{"2026-10-08 16:00", "2026-11-26 16:00"} {
		w.clock.Set(at(day))
		w.ok(w.s.SaveRegister(t.Context(), w.actor(w.lead), ids[i], schedule.RegisterInput{Marks: []schedule.Mark{
			{Person: w.members[0], Presence: schedule.Absent}, {Person: w.members[1], Presence: schedule.PresentOnSite}}}))
	}
	path := "/sieci/" + w.network.String() + "/godziny"
	w.as(w.members[0]).Go(path).ExpectText("75%", "Warunku obecności nie można już spełnić", "9 godzin dydaktycznych").ExpectNoText("Osoba 002")
	w.as(w.lead).Go(path).ExpectText("Osoba 001", "Osoba 002", "15 godzin dydaktycznych")
}

func TestMaterials(t *testing.T) {
	t.Parallel()
	w := setup(t, 1)
	id := w.meeting("2026-11-26 13:00")
	p := w.as(w.lead).Go("/spotkania/" + id.String() + "/materialy").Click("Dodaj plik").ExpectStatus(422).ExpectText("Wybierz plik")
	p.Attach("Plik", "scenariusz.txt", bytes.Repeat([]byte("Treść scenariusza. "), 10)).Click("Dodaj plik").ExpectText("Plik został dodany", "scenariusz.txt")

	w.as(w.members[0]).Go("/spotkania/" + id.String()).ExpectText("scenariusz.txt").Go("/spotkania/" + id.String() + "/materialy").ExpectStatus(404)
	p.Click("Usuń: scenariusz.txt (210 B)").ExpectText("Nie ma jeszcze materiałów")
}

// Lists and pages read at most three times: who asks, and two for the page; a
// page with files or clashes one more.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w := setup(t, 5)
	id := w.meeting("2026-11-26 13:00").String()
	p := w.as(w.lead)
	for path, most := range map[string]int64{"/sieci/" + w.network.String() + "/spotkania": 3, "/sieci/" + w.network.String() + "/godziny": 3, "/spotkania/" + id: 5, "/spotkania/" + id + "/lista": 5} {
		p.Go(path).ExpectStatus(200) // prepares the statements
		before := w.db.RoundTrips()
		p.Reload()
		if n := w.db.RoundTrips() - before; n > most {
			t.Errorf("%s: %d round trips, at most %d", path, n, most)
		}
	}
}

// Every page is held against axe on a narrow light and a wide dark screen.
func TestAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t, 12)
	id := w.meeting("2026-11-26 13:00").String()
	w.clock.Set(at("2026-11-26 12:30"))
	network, meeting := "/sieci/"+w.network.String(), "/spotkania/"+id
	for _, v := range webtest.Views {
		p := w.as(w.lead, v.Options...)
		for _, path := range []string{network + "/spotkania", network + "/spotkania/nowe", network + "/godziny", meeting, meeting + "/edytuj", meeting + "/przenies", meeting + "/porzadek",
			meeting + "/program", meeting + "/lista", meeting + "/arkusz?kody=1", meeting + "/kod", meeting + "/protokol", meeting + "/materialy", meeting + "/odwolaj"} {
			p.Go(path).ExpectStatus(200).ExpectAccessible()
		}
		p.Go(network + "/spotkania/nowe").Click("Zapisz szkic").ExpectStatus(422).ExpectAccessible()
		p = w.as(w.members[0], v.Options...).Go(meeting).ExpectAccessible()
		p.Go(meeting + "/obecnosc").ExpectAccessible()
	}
}
