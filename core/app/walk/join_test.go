package walk_test

import (
	"testing"
	"time"

	"ore.edu.pl/sieci/core/network"
)

// The three ways in, each through the pages and with the module's guard asked.
func TestJoining(t *testing.T) {
	t.Parallel()
	w := open(t)
	open := w.network("Karol Koordynator", func(s *network.Settings) { s.Title = "Sieć otwarta" })
	asked := w.led("Karol Koordynator", func(s *network.Settings) { s.Title, s.Join = "Sieć po zgłoszeniu", network.JoinRequest })
	invited := w.led("Karol Koordynator", func(s *network.Settings) { s.Title, s.Join = "Sieć na zaproszenie", network.JoinInvitation })
	w.person("Nina Nauczycielka", 100234)
	w.person("Zofia Zaproszona", 100310)
	lead := w.as("Karol Koordynator")

	p := w.as("Nina Nauczycielka").Go("/sieci/" + open.String())
	p.ExpectNoText("Uczestnicy (").Click("Dołącz do sieci").Click("Dołącz do sieci").ExpectText("Od teraz uczestniczysz w tej sieci")
	p.Click("Uczestnicy").ExpectText("Karol Koordynator", "Nina Nauczycielka", "Szkoła Podstawowa nr 2")

	p.Go("/sieci/"+asked.String()).Click("Wyślij zgłoszenie").Fill("Wiadomość do koordynatora", "Uczę matematyki").Click("Wyślij zgłoszenie").ExpectText("Zgłoszenie wysłane")
	p.Go("/sieci/" + asked.String() + "/uczestnicy").ExpectStatus(404)
	lead.Go("/sieci/"+asked.String()+"/uczestnicy/zgloszenia").ExpectText("Nina Nauczycielka", "Uczę matematyki").Click("Przyjmij").ExpectText("Zapisano decyzję")
	p.Go("/sieci/" + asked.String() + "/uczestnicy").ExpectStatus(200).ExpectText("Nina Nauczycielka")

	at := "/sieci/" + invited.String()
	p.Go(at).ExpectText("Sieć na zaproszenie").ExpectNoText("Dołącz do sieci")
	lead.Go(at+"/uczestnicy/zapros").Fill("Nazwa, miejscowość lub numer RSPO", "100310").Click("Szukaj")
	lead.Choose("Szkoła Podstawowa im. Księgi Lasu, Osieczna, powiat leszczyński, woj. wielkopolskie").Click("Zaproś", "Liczba dni").ExpectText("Zaproszenia zapisane")
	z := w.as("Zofia Zaproszona").Go("/moje").ExpectText("Odpowiedz na zaproszenie").Go(at)
	z.ExpectText("Zaproszenie do tej sieci").Click("Odpowiedz na zaproszenie").Click("Przyjmij zaproszenie").ExpectText("Od teraz uczestniczysz")
	p.Go(at + "/uczestnicy").ExpectStatus(404)
}

// A full network: places in line, an offer of 48 hours, and the next in line
// when it is let pass.
func TestWaitingList(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", func(s *network.Settings) { s.Capacity = 2 })
	at := "/sieci/" + id.String()
	for i, name := range []string{"Adam A", "Beata B", "Celina C", "Daria D"} {
		w.person(name, 100310+i)
	}
	w.join("Adam A", id)
	if a := w.join("Beata B", id); a.State != network.Active {
		t.Fatalf("the second seat: %+v", a)
	}
	c := w.as("Celina C").Go(at).ExpectText("Wszystkie miejsca są zajęte")
	c.Click("Zapisz się na listę rezerwową").Click("Zapisz się na listę rezerwową").ExpectText("Miejsce na liście rezerwowej: 1")
	d := w.as("Daria D").Go(at).Click("Zapisz się na listę rezerwową").Click("Zapisz się na listę rezerwową").ExpectText("Miejsce na liście rezerwowej: 2")

	a := w.as("Adam A")
	a.Go(at + "/rezygnacja").Click("Zrezygnuj z udziału").ExpectText("Zakończono udział w sieci")
	c.Go(at).ExpectText("Zwolniło się miejsce", "Miejsce czeka do: ")
	d.Go(at).ExpectText("Miejsce na liście rezerwowej: 1")

	now := w.Clock.Now()
	if err := w.Clock.Move(t.Context(), now.Add(47*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	c.Go(at).ExpectText("Zwolniło się miejsce")
	if err := w.Clock.Move(t.Context(), now.Add(48*time.Hour+time.Minute)); err != nil {
		t.Fatal(err)
	}
	w.sweep()
	c.Go(at).ExpectNoText("Zwolniło się miejsce")
	d.Go(at).ExpectText("Zwolniło się miejsce").Click("Przyjmij albo odrzuć miejsce").Click("Przyjmij miejsce").ExpectText("Od teraz uczestniczysz")
	if n := w.number(`SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'active'`, id); n != 3 {
		t.Errorf("%d active members, want the coordinator and two", n)
	}
}

// sweep does what the minute's job does.
func (w *world) sweep() {
	w.t.Helper()
	if _, err := w.Networks.Sweep(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// The coordinator's rights move in the moment in which the member says yes.
func TestHandover(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	at := "/sieci/" + id.String()
	w.person("Adam A", 100310)
	w.join("Adam A", id)
	k, a := w.as("Karol Koordynator"), w.as("Adam A")
	manage := []string{"/edytuj", "/uczestnicy/zgloszenia", "/uczestnicy/lista-rezerwowa", "/uczestnicy/zapros"}
	for _, x := range manage {
		k.Go(at + x).ExpectStatus(200)
		a.Go(at + x).ExpectStatus(404)
	}
	k.Go(at+"/przekazanie").Select("Przejmuje", "Adam A – Szkoła Podstawowa im. Księgi Lasu, Osieczna, powiat leszczyński, woj. wielkopolskie").Click("Wyślij propozycję").ExpectText("Wysłano propozycję")
	k.Go(at + manage[0]).ExpectStatus(200)
	a.Go(at).Click("Propozycja przejęcia koordynowania").Click("Przyjmuję koordynowanie").ExpectText("Zapisano odpowiedź")
	for _, x := range manage {
		k.Go(at + x).ExpectStatus(404)
		a.Go(at + x).ExpectStatus(200)
	}
	k.Go(at).ExpectStatus(200).ExpectText("uczestnik")
	// The module's rights moved as well.
	k.Go(at + "/czynnosc/charter").ExpectStatus(404)
	a.Go(at + "/czynnosc/charter").ExpectStatus(200)
}
