package walk_test

import (
	"bytes"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/web/webtest"
)

// An observation is assigned, handed in with a file, returned with a remark at
// an answer, handed in again and accepted.
func TestTaskToAcceptance(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	w.person("Nina Nauczycielka", 100234)
	w.person("Obcy Obserwator", 100235)
	w.join("Nina Nauczycielka", id)

	k := w.as("Karol Koordynator").Go("/sieci/"+id.String()+"/zadania").ExpectText("Plan", "Uczestnicy", "Ocenianie kształtujące").Click("Nowe zadanie")
	k.ExpectText("Plan", "Uczestnicy", "Ocenianie kształtujące")
	k.Fill("Nazwa zadania", "Obserwacja w grudniu").Click("Przydziel zadanie").ExpectStatus(422).ExpectText("Popraw 1 błąd", "Wybierz, dla kogo jest zadanie")
	if got := k.Value("Nazwa zadania"); got != "Obserwacja w grudniu" {
		t.Errorf("the title typed is %q now", got)
	}
	k.Select("Dla kogo", "Nina Nauczycielka").Fill("Termin", "2026-12-18").Click("Przydziel zadanie").ExpectText("Zadanie zostało przydzielone")
	path := k.Path()

	n := w.as("Nina Nauczycielka").Go("/moje").Click("Zadanie: Obserwacja w grudniu").ExpectPath(path)
	n.Fill("Data obserwacji", "2026-11-20").Fill("Klasa i przedmiot", "5b, przyroda").Choose("Pytania i rozmowa")
	n.Fill("Co zadziałało?", "Cisza po pytaniu.").Fill("Co wypróbuję u siebie?", "Dłuższe czekanie.")
	sheet := []byte("Notatki z obserwacji: zażółć gęślą jaźń.\n")
	n.Attach("Arkusz obserwacji", "arkusz.txt", sheet).Click("Oddaj zadanie").ExpectStatus(422).ExpectText("Popraw 1 błąd")
	if got := n.Value("Klasa i przedmiot"); got != "5b, przyroda" {
		t.Errorf("the class typed is %q now", got)
	}
	n.Click("Wybierz… W której szkole?").Fill("Nazwa, miejscowość lub numer RSPO", "100310").Click("Szukaj").Click("Szkoła Podstawowa im. Księgi Lasu")
	n.ExpectPath(n.Path()).ExpectText("Szkoła Podstawowa im. Księgi Lasu", "arkusz.txt").Click("Oddaj zadanie").ExpectText("Zadanie zostało oddane")

	webtest.Open(t, w.base).Go(path).ExpectNoText("Obserwacja w grudniu")
	w.as("Obcy Obserwator").Go(path).ExpectStatus(404)

	k.Go("/moje").Click("Oceń zadanie: Obserwacja w grudniu").ExpectText("Cisza po pytaniu.")
	if !strings.HasSuffix(k.Path(), "/ocen") {
		k.Click("Ocena zadania")
	}
	k.Choose("Zwracam do poprawy").Click("Zapisz decyzję").ExpectStatus(422).ExpectText("Wpisz co najmniej jedną uwagę")
	k.Fill("Uwaga do: Co zadziałało?", "Po czym to widać?").Fill("Nowy termin", "2026-12-20").Click("Zapisz decyzję").ExpectText("Zadanie zwrócono do poprawy")

	n.Go(path).ExpectText("Zadanie wymaga poprawek", "Po czym to widać?")
	if got := n.Value("Co zadziałało?"); got != "Cisza po pytaniu." {
		t.Errorf("the returned answer is %q", got)
	}
	n.Fill("Co zadziałało?", "Po pytaniu zgłaszało się więcej osób.").Click("Oddaj zadanie").ExpectText("Zadanie zostało oddane")
	body, h := k.Go(path + "/ocen").Download("arkusz.txt")
	if !bytes.Equal(body, sheet) || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the file came as %q with %v", body, h)
	}
	k.Go(path + "/ocen").ExpectText("zgłaszało się więcej osób").Choose("Przyjmuję").Click("Zapisz decyzję").ExpectText("Zadanie przyjęto")

	k.Go(path + "/ocen").ExpectPath(path).ExpectNoText("Zapisz decyzję") // judged: nothing to fill in any more
	k.Go("/sieci/" + id.String() + "/zadania?ktore=zakonczone").Click("Obserwacja w grudniu").ExpectPath(path)

	n.Go(path).ExpectText("Przyjęto")
}

// A task for everybody: each one's part is listed where it stands, for the
// member and for whoever judges it.
func TestTaskOfEverybody(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	w.person("Nina Nauczycielka", 100234)
	w.join("Nina Nauczycielka", id)
	at := "/sieci/" + id.String()
	k := w.as("Karol Koordynator").Go(at + "/zadania/nowe")
	k.Select("Dla kogo", "Wszyscy w sieci, każdy osobno (albo razem, jeśli tak działa to zadanie)").Fill("Nazwa zadania", "Obserwacja w grudniu").Click("Przydziel zadanie").ExpectText("Zadanie zostało przydzielone")
	k.Go(at).ExpectNoText("Zadanie do oddania") // it is for participants
	n := w.as("Nina Nauczycielka").Go(at).ExpectText("Zadanie do oddania").Go(at + "/zadania").Click("Obserwacja w grudniu")
	n.Fill("Data obserwacji", "2026-11-20").Fill("Klasa i przedmiot", "5b, przyroda").Choose("Pytania i rozmowa").Fill("Co zadziałało?", "Cisza po pytaniu.")
	n.Fill("Co wypróbuję u siebie?", "Dłuższe czekanie.").Click("Wybierz… W której szkole?").Fill("Nazwa, miejscowość lub numer RSPO", "100310").Click("Szukaj")
	n.Click("Szkoła Podstawowa im. Księgi Lasu").Click("Oddaj zadanie").ExpectText("Zadanie zostało oddane")
	n.Go(at + "/zadania").ExpectNoText("Obserwacja w grudniu").Click("Oddane").ExpectText("Obserwacja w grudniu")
	k.Go(at + "/zadania").ExpectText("Obserwacja w grudniu").Click("Oddane").ExpectText("Nina Nauczycielka").Click("Obserwacja w grudniu")
	k.Click("Ocena zadania").Choose("Przyjmuję").Click("Zapisz decyzję").ExpectText("Zadanie przyjęto")
	n.Go(at+"/zadania?ktore=zakonczone").ExpectText("Obserwacja w grudniu", "Przyjęto")
	k.Go(at+"/zadania?ktore=zakonczone").ExpectText("Obserwacja w grudniu", "Nina Nauczycielka")
	k.Go(at + "/zadania?ktore=czekajace").ExpectNoText("Nina Nauczycielka")
}

// Two windows with one task: the second gets both texts and chooses; a task
// handed in twice by one press too many is handed in once.
func TestTaskInTwoWindows(t *testing.T) {
	t.Parallel()
	const good = "Co zadziałało?"
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	w.person("Nina Nauczycielka", 100234)
	w.join("Nina Nauczycielka", id)
	k := w.as("Karol Koordynator").Go("/sieci/" + id.String() + "/zadania/nowe")
	k.Select("Dla kogo", "Nina Nauczycielka").Fill("Nazwa zadania", "Obserwacja w grudniu").Click("Przydziel zadanie").ExpectText("Zadanie zostało przydzielone")
	path := k.Path()

	first, second := w.as("Nina Nauczycielka").Go(path), w.as("Nina Nauczycielka").Go(path)
	first.Fill(good, "Z pierwszego okna").Click("Zapisz i wróć później").ExpectText("Odpowiedzi zapisano")
	second.Fill(good, "Z drugiego okna").Fill("Klasa i przedmiot", "5b, przyroda").Click("Oddaj zadanie").ExpectStatus(409)
	second.ExpectHeading("Ten formularz zapisano też w innym oknie").ExpectText("Z pierwszego okna", "Z drugiego okna", "5b, przyroda")
	second.Choose("Zapisana wersja", good).Click("Zachowaj wybrane wersje").ExpectStatus(200)
	if a, b := second.Value(good), second.Value("Klasa i przedmiot"); a != "Z pierwszego okna" || b != "5b, przyroda" {
		t.Errorf("after choosing: %q, %q", a, b)
	}
	second.Fill("Data obserwacji", "2026-11-20").Choose("Pytania i rozmowa").Fill("Co wypróbuję u siebie?", "Dłuższe czekanie.")
	second.Click("Wybierz… W której szkole?").Fill("Nazwa, miejscowość lub numer RSPO", "100310").Click("Szukaj").Click("Szkoła Podstawowa im. Księgi Lasu")
	second.Click("Oddaj zadanie").ExpectText("Zadanie zostało oddane")
	second.Back().Click("Oddaj zadanie").ExpectStatus(200).ExpectText("Zadanie zostało oddane").ExpectPath(path)
	if n := w.number(`SELECT count(*) FROM task_submission`); n != 1 {
		t.Errorf("%d submissions", n)
	}
}
