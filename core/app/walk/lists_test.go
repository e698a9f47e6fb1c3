package walk_test

import (
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/web/webtest"
)

// settledAt reloads a page, as it does by itself, until it says what is awaited.
func (w *world) settledAt(p *webtest.Page, text string) *webtest.Page {
	w.t.Helper()
	w.until(text, func() bool { return strings.Contains(p.Reload().Text(), text) })
	return p
}

// In a browser without a script, with the jobs at work: a file of the register and a
// list of people are previewed, confirmed and taken back, and ORE makes one of two
// accounts of one person.
func TestListsAndDoubleAccounts(t *testing.T) {
	t.Parallel()
	w := bare(t)
	w.territories()
	o := w.as("Olga Ore").Go("/zarzadzanie").Click("Rejestry").ExpectStatus(200)
	file := "Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny gmina;Miejscowość\n300001;123;Szkoła podstawowa;Szkoła Błędna;3013012;Lipno\n300002;;Szkoła podstawowa;Szkoła Dobra;3013012;Lipno\n"
	o.Choose("RSPO: szkoły i placówki").Attach("Plik CSV", "rspo.csv", []byte(file)).Click("Wczytaj plik").ExpectStatus(200)
	w.settledAt(o, "Nowe (1)").ExpectText("Niczego jeszcze nie zapisano", "Odrzucone (1)", "Szkoła Dobra, Lipno, powiat leszczyński, woj. wielkopolskie")
	if n := w.number(`SELECT count(*) FROM institution WHERE rspo = 300002`); n != 0 {
		t.Error("a preview was written")
	}
	o.Click("Odrzucone (1)").ExpectText("REGON „123” ma błędną cyfrę kontrolną lub długość.")
	o.Click("Zatwierdź zmiany").ExpectStatus(200)
	w.settledAt(o, "Cofnij to wczytanie").ExpectText("Wczytany")
	if n := w.number(`SELECT count(*) FROM institution WHERE rspo = 300002`); n != 1 {
		t.Errorf("%d new schools", n)
	}
	o.Click("Cofnij to wczytanie").ExpectHeading("Cofnąć wczytanie?").Click("Cofnij wczytanie").ExpectStatus(200)
	w.settledAt(o, "Cofnięty")
	if n := w.number(`SELECT count(*) FROM institution WHERE rspo = 300002`); n != 0 {
		t.Error("the new school stayed")
	}

	// A centre's list: only of its own schools.
	list := "imię i nazwisko;e-mail;rspo\nAlicja Nowa;alicja@example.org;100231\nBez Szkoły;bez@example.org;100502\nCelina Krzywa;celina;100231\n"
	c := w.as("Cezary Centrum").Go("/zarzadzanie").Click("Osoby").Click("Wczytaj listę osób").ExpectText("z Twojego zasięgu")
	c.Click("Sprawdź listę").ExpectStatus(422).ExpectText("Wybierz plik z osobami.")
	c.Attach("Plik z osobami", "osoby.csv", []byte(list)).Click("Sprawdź listę").ExpectText("Lista została przyjęta do sprawdzenia.")
	w.settledAt(c, "Czeka na zatwierdzenie").ExpectText("Zaproszenia 1", "Odrzucone (2)", "Niczego jeszcze nie zapisano").Click("Odrzucone (2)").ExpectText("Bez Szkoły", "Celina Krzywa")
	if n := w.number(`SELECT count(*) FROM person WHERE email = 'alicja@example.org'`); n != 0 {
		t.Error("a preview made an account")
	}
	c.Click("Zatwierdź listę").ExpectStatus(200)
	w.settledAt(c, "Cofnij tę listę").ExpectText("Wczytana")
	path := c.Path()
	c.Go("/zarzadzanie/osoby?q=alicja").ExpectNoText("Alicja Nowa") // who has not accepted has no account here
	c.Go("/zarzadzanie/osoby/zaproszenia").ExpectText("Alicja Nowa", "Szkoła Podstawowa nr 1")
	c.Go(path).Click("Cofnij tę listę").ExpectHeading("Cofnąć listę?").Click("Cofnij listę").ExpectStatus(200)
	w.settledAt(c, "Cofnięta")
	c.Go("/zarzadzanie/osoby/zaproszenia").ExpectNoText("Alicja Nowa")

	// Two accounts of one person.
	w.person("Dorota Podwójna", 100234)
	second := w.person("Dorota Druga", 100234)
	w.grant(second, access.Principal, access.Institution, w.institution(100234))
	c.Go("/zarzadzanie/osoby?q=podwojna").Click("Dorota Podwójna").ExpectNoText("Połącz z innym kontem") // it would tell of networks elsewhere
	o.Go("/zarzadzanie/osoby?q=podwojna").Click("Dorota Podwójna").Click("Połącz z innym kontem tej osoby").Fill("Drugie konto", "druga").Click("Szukaj").Click("Dorota Druga")
	o.ExpectText("To konto zostaje", "To konto zostanie zamknięte", "Połączenia nie można cofnąć").Click("Połącz konta").ExpectText("Konta połączono.", "Dorota Podwójna", "Dyrektor placówki")
	o.Go("/zarzadzanie/osoby/" + second.String()).ExpectText("To konto połączono z innym")
	p := webtest.Open(t, w.base).Go("/logowanie").Fill("Adres e-mail", address("Dorota Druga")).Fill("Hasło", password).Click("Zaloguj się")
	p.ExpectStatus(200).Go("/konto").ExpectText("Dorota Podwójna") // the address of the closed one leads to what remains
}
