package account_test

import (
	"testing"

	"ore.edu.pl/sieci/core/web/account"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestChangeOfEmail(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org", "Jan Kos")
	w.person(t, "zajety@example.org", "Ola Dąb")
	p, other := w.open(t, "a@example.org"), w.open(t, "a@example.org")
	p.Go(account.EmailPath).Fill("Nowy adres e-mail", "a@example.org").Click("Wyślij odnośnik").ExpectStatus(422).ExpectText("To jest obecny adres.")
	// The answer tells nobody whether an address has an account.
	p.Fill("Nowy adres e-mail", "zajety@example.org").Click("Wyślij odnośnik").ExpectHeading("Sprawdź pocztę")
	var n int
	must(t, w.d.Get(t.Context(), &n, `SELECT count(*) FROM mail_link WHERE purpose = 'email'`))
	if n != 0 {
		t.Error("a link to an address that has an account")
	}
	p.Go(account.EmailPath).Fill("Nowy adres e-mail", "pierwszy@example.org").Click("Wyślij odnośnik")
	first := w.link(t, "pierwszy@example.org")
	p.Go(account.EmailPath).Fill("Nowy adres e-mail", "nowy@example.org").Click("Wyślij odnośnik").ExpectHeading("Sprawdź pocztę")
	link := w.link(t, "nowy@example.org")

	away := webtest.Open(t, w.URL) // another device, signed out
	away.Go(first).ExpectStatus(404)
	away.Go(link).ExpectHeading("Potwierdź nowy adres e-mail").ExpectText("nowy@example.org")
	p.Go(link).Click("Zmień adres").ExpectText("Adres e-mail został zmieniony.", "nowy@example.org")
	if to := w.link(t, "a@example.org"); to != account.AccountPath {
		t.Errorf("the notice to the old address leads to %s", to)
	}
	other.Go(account.AccountPath).ExpectHeading("Logowanie")
	away.Click("Zmień adres").ExpectStatus(404).ExpectHeading("Odnośnik już nie działa")
	away.Go(kit.SignInPath).Fill("Adres e-mail", "nowy@example.org").Fill("Hasło", password).Click("Zaloguj się").ExpectHeading("Konto")
}
