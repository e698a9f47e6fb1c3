package walk_test

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/web/webtest"
)

// letter waits for the newest letter to an address with the words in its
// subject and returns the path that it leads to.
func (w *world) letter(to, words string) string {
	w.t.Helper()
	link := regexp.MustCompile(regexp.QuoteMeta(w.Config.BaseURL) + `(/\S+)`)
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := w.Mailbox.Letters(50)
		if err != nil {
			w.t.Fatal(err)
		}
		for i := range all {
			if all[i].To != to || !strings.Contains(all[i].Subject, words) {
				continue
			}
			l, err := w.Mailbox.Letter(all[i].ID)
			if err != nil {
				w.t.Fatal(err)
			}
			if m := link.FindStringSubmatch(l.Text); m != nil {
				return m[1]
			}
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("no letter %q to %s", words, to)
		case <-tick.C:
		}
	}
}

// A coordinator's invitation by e-mail, from nothing to a member: the invited
// person says where they work, the centre confirms it, the last seat is theirs.
func TestInvitedByMail(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territory("3063")
	id := w.network("Karol Koordynator", nil)
	at := "/sieci/" + id.String()
	w.person("Adam A", 100310)
	lead := w.as("Karol Koordynator")
	lead.Go(at+"/edytuj").Fill("Liczba miejsc", "2").Click("Zapisz zmiany")
	w.join("Adam A", id)
	lead.Go(at+"/uczestnicy/zapros").Fill("Adresy e-mail", "nowa@example.org").Click("Zaproś", "Liczba dni").ExpectText("Zaproszenia zapisane", "nowa@example.org")

	link := w.letter("nowa@example.org", "Zaproszenie do sieci „Ocenianie kształtujące”")
	p := webtest.Open(t, w.base).Go(link).ExpectHeading("Zaproszenie do sieci „Ocenianie kształtujące”")
	p.ExpectText("nowa@example.org", "Karol Koordynator").ExpectNoText("nowa@example.orgImię").Click("Wybierz szkołę lub placówkę")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "100234").Click("Szukaj").Click("Szkoła Podstawowa nr 2 im. Polskich Olimpijczyków")
	if got := p.Value("Imię i nazwisko"); got != "" {
		t.Errorf("the name is guessed: %q", got)
	}
	p.Fill("Imię i nazwisko", "Nowa Nauczycielka").Fill("Hasło", "abc").Click("Przyjmij zaproszenie").ExpectStatus(422).ExpectText("Hasło jest za krótkie", "Szkoła Podstawowa nr 2")
	p.Fill("Hasło", password).Click("Przyjmij zaproszenie").ExpectHeading("Zaproszenie przyjęte").ExpectText("czeka teraz na potwierdzenie", "Miejsce w sieci pozostaje zachowane")
	p.Go(link).ExpectStatus(404)
	p.Go("/logowanie").Fill("Adres e-mail", "nowa@example.org").Fill("Hasło", password).Click("Zaloguj się").ExpectText("Konto czeka na potwierdzenie")

	// The seat is taken: others wait, and the coordinator sees why.
	lead.Go(at + "/uczestnicy").ExpectNoText("Nowa Nauczycielka")
	lead.Go(at+"/uczestnicy/lista-rezerwowa").ExpectText("Nowa Nauczycielka", "Konto czeka na potwierdzenie przez szkołę lub placówkę")
	w.person("Beata B", 100311)
	w.as("Beata B").Go(at).ExpectText("Wszystkie miejsca są zajęte")

	cdn := w.as("Cezary Centrum").Go("/moje").Click("1 konto czeka na potwierdzenie")
	cdn.ExpectText("Nowa Nauczycielka", "Szkoła Podstawowa nr 2").Click("Potwierdź konto").ExpectText("Konto potwierdzone")
	to := w.letter("nowa@example.org", "potwierdzone")
	p.Go(to).Fill("Adres e-mail", "nowa@example.org").Fill("Hasło", password).Click("Zaloguj się").ExpectText("Szkoła Podstawowa nr 2")
	w.settled(`SELECT count(*) FROM membership m JOIN person p ON p.id = m.person_id WHERE p.email = 'nowa@example.org' AND m.network_id = $1 AND m.state = 'active'`, id)
	p.Go(at+"/uczestnicy").ExpectText("Nowa Nauczycielka", "Adam A")
}

// An administrator of the centre invites in the same way: nobody has to confirm
// what they vouch for, and the new person is in the network at once.
func TestInvitedByMailByTheCentre(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territory("3063")
	id := w.network("Karol Koordynator", nil)
	at := "/sieci/" + id.String()
	w.as("Cezary Centrum").Go(at+"/uczestnicy/zapros").Fill("Adresy e-mail", "nowa@example.org").Click("Zaproś", "Liczba dni").ExpectText("Zaproszenia zapisane")
	p := webtest.Open(t, w.base).Go(w.letter("nowa@example.org", "Zaproszenie do sieci")).Click("Wybierz szkołę lub placówkę")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "100234").Click("Szukaj").Click("Szkoła Podstawowa nr 2 im. Polskich Olimpijczyków")
	p.Fill("Imię i nazwisko", "Nowa Nauczycielka").Fill("Hasło", password).Click("Przyjmij zaproszenie")
	p.ExpectHeading("Ocenianie kształtujące").ExpectText("Konto jest gotowe.", "uczestnik")
	p.Go(at + "/uczestnicy").ExpectText("Nowa Nauczycielka")
}

// territory gives the centre a powiat to look after.
func (w *world) territory(powiat string) {
	w.t.Helper()
	w.exec(`INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, $2)`, w.centre, powiat)
}

// settled waits until a job has made the count one.
func (w *world) settled(query string, args ...any) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for w.number(query, args...) != 1 {
		select {
		case <-ctx.Done():
			w.t.Fatalf("never came about: %s", query)
		case <-tick.C:
		}
	}
}
