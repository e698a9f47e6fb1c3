package account_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/web/account"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/people"
	"ore.edu.pl/sieci/core/web/webtest"
)

func TestPagesHaveOperations(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if m := apikit.Mismatches(w.routes, w.api.Ops()); len(m) > 0 {
		t.Error(strings.Join(m, "\n"))
	}
}

// From nothing to a signed-in teacher, through a real mail server, without a
// script: register, confirm the address, be confirmed by the principal.
func TestTeacherGetsAnAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.give(t, w.person(t, "dyrektor@example.org", "Ewa Łoś"), access.Principal, access.Institution, w.school(t, 100231))

	p := webtest.Open(t, w.URL)
	p.Go(kit.RegisterPath).ExpectHeading("Załóż konto").Click("Wybierz szkołę lub placówkę")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "100231").Click("Szukaj").Click("Szkoła Podstawowa nr 1 im. Wiosny Ludów")
	p.ExpectHeading("Załóż konto").ExpectText("Szkoła Podstawowa nr 1 im. Wiosny Ludów")
	p.Fill("Imię i nazwisko", "Zażółć Gęślą").Fill("Adres e-mail", "nowa@").Fill("Hasło", "qwerty123").Click("Załóż konto")
	p.ExpectStatus(422).ExpectText("Popraw 2 błędy", "Podaj adres e-mail w postaci nazwa@domena.pl.", "To hasło jest zbyt popularne")
	if got := p.Value("Imię i nazwisko"); got != "Zażółć Gęślą" {
		t.Errorf("typed name is lost: %q", got)
	}
	p.Fill("Adres e-mail", "nowa@example.org").Fill("Hasło", password).Click("Załóż konto").ExpectHeading("Sprawdź pocztę")

	link := w.link(t, "nowa@example.org")
	p.Go(link).ExpectHeading("Potwierdź adres e-mail").Go(link).Click("Potwierdź adres")
	p.ExpectHeading("Adres potwierdzony")
	p.Go(link).ExpectStatus(404).ExpectHeading("Odnośnik już nie działa")
	p.Go(kit.SignInPath).Fill("Adres e-mail", "nowa@example.org").Fill("Hasło", password).Click("Zaloguj się")
	p.ExpectStatus(422).ExpectText("Konto czeka na potwierdzenie")

	head := w.open(t, "dyrektor@example.org")
	head.Go(people.ManagePath).ExpectText("Czeka: 1").Click("Konta do potwierdzenia").ExpectText("Zażółć Gęślą", "nowa@example.org")
	head.Click("Potwierdź konto").ExpectText("Konto potwierdzone", "Nikt nie czeka")
	if to := w.link(t, "nowa@example.org"); to != account.AccountPath {
		t.Errorf("the letter leads to %s", to)
	}
	p.Go(account.AccountPath).ExpectPath(kit.SignInPath + "?dalej=%2Fkonto")
	p.Fill("Adres e-mail", "nowa@example.org").Fill("Hasło", password).Click("Zaloguj się")
	p.ExpectHeading("Konto").ExpectText("Gęślą Zażółć", "Szkoła Podstawowa nr 1 im. Wiosny Ludów")
	p.Click("Wyloguj się").ExpectText("Wylogowano.")
	p.Go(account.AccountPath).ExpectHeading("Logowanie")
}

func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org", "Jan Kos")
	other := w.open(t, "a@example.org")
	p := webtest.Open(t, w.URL)
	p.Go(kit.SignInPath).Click("Nie pamiętam hasła").Fill("Adres e-mail", "a@example.org").Click("Wyślij odnośnik").ExpectHeading("Sprawdź pocztę")
	link := w.link(t, "a@example.org")
	p.Go(link).Fill("Nowe hasło", "krótkie").Click("Ustaw hasło").ExpectStatus(422).ExpectText("Hasło jest za krótkie.", "a@example.org")
	p.Fill("Nowe hasło", "zupełnie nowe hasło").Click("Ustaw hasło").ExpectHeading("Logowanie").ExpectText("Hasło ustawione.")
	other.Go(account.SessionsPath).ExpectHeading("Logowanie")
	p.Fill("Adres e-mail", "a@example.org").Fill("Hasło", "zupełnie nowe hasło").Click("Zaloguj się").ExpectHeading("Konto")
}

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org", "Jan Kos")
	p, other := w.open(t, "a@example.org"), w.open(t, "a@example.org")

	// Two editors: the second sees both texts.
	other.Go("/konto/profil")
	p.Go("/konto/profil").Fill("O mnie", "Uczę fizyki.").Choose("O mnie", "Pokaż innym").Click("Zapisz").ExpectText("Zapisano zmiany.", "Uczę fizyki.")
	other.Fill("O mnie", "Uczę chemii.").Click("Zapisz").ExpectStatus(409).ExpectText("Uczę fizyki.")
	other.Click("Zapisz moją wersję").ExpectText("Zapisano zmiany.")

	p.Go(account.SessionsPath).ExpectText("Ta przeglądarka").Click("Zakończ wszystkie inne sesje").ExpectText("Inne sesje zostały zakończone.")
	other.Go(account.AccountPath).ExpectHeading("Logowanie")

	p.Go(account.TokensPath).Fill("Nazwa", "Arkusz").Click("Utwórz token").ExpectText("Zapisz go teraz.", "Arkusz")
	secret := secretIn(p.Text())
	call := func() (int, map[string]any) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", w.URL+"/api/v1/account", nil)
		must(t, err)
		r.Header.Set("Authorization", "Bearer "+secret)
		res, err := http.DefaultClient.Do(r)
		must(t, err)
		defer res.Body.Close()
		var body map[string]any
		must(t, json.NewDecoder(res.Body).Decode(&body))
		return res.StatusCode, body
	}
	if code, body := call(); code != 200 || body["email"] != "a@example.org" {
		t.Errorf("%d %v", code, body)
	}
	p.Reload().ExpectNoText(secret)
	p.Click("Unieważnij „Arkusz”").ExpectText("Token został unieważniony.")
	if code, _ := call(); code != 401 {
		t.Errorf("a revoked token: %d", code)
	}

	p.Go(account.PasswordPath).Fill("Obecne hasło", "nie to").Fill("Nowe hasło", "zupełnie nowe hasło").Click("Zmień hasło").ExpectStatus(422).ExpectText("Obecne hasło jest inne.")
	p.Fill("Obecne hasło", password).Fill("Nowe hasło", "zupełnie nowe hasło").Click("Zmień hasło").ExpectText("Hasło zostało zmienione.")
	p.Go(account.LanguagePath).Choose("angielski").Click("Zapisz").ExpectHeading("Account")
}

func secretIn(text string) string {
	for _, f := range strings.Fields(text) {
		if strings.HasPrefix(f, "sieci_") {
			return f
		}
	}
	return ""
}

func TestAdministration(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.give(t, w.person(t, "ore@example.org", "Adam Or"), access.OREAdmin, access.Platform, uuid.Nil)
	w.give(t, w.person(t, "cdn@example.org", "Iga Kot"), access.CentreAdmin, access.Centre, w.school(t, 900101))
	teacher := w.person(t, "n@example.org", "Ola Dąb")

	p := w.open(t, "ore@example.org")
	p.Go(people.PeoplePath).Fill("Imię, nazwisko lub adres e-mail", "dab").Click("Pokaż").Click("Ola Dąb")
	p.Click("Nadaj rolę").Choose("Dyrektor placówki").Click("Dalej").Click("Wybierz placówkę")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "100231").Click("Szukaj").Click("Szkoła Podstawowa nr 1 im. Wiosny Ludów")
	p.Fill("Do kiedy", "2020-01-01").Click("Nadaj rolę").ExpectStatus(422).ExpectText("Podaj datę w przyszłości")
	p.Fill("Do kiedy", "2027-08-31").Click("Nadaj rolę").ExpectText("Rola nadana.", "Dyrektor placówki", "31 sierpnia 2027 r.")
	p.Click("Odbierz rolę").ExpectHeading("Odebrać tę rolę?").ExpectText("Ta osoba straci tam").Click("Odbierz rolę").ExpectText("Rola odebrana.", "Brak ról")
	p.Click("Zablokuj konto").ExpectHeading("Zablokuj konto").Click("Zablokuj konto").ExpectText("Konto zablokowane.")
	p.Click("Odblokuj konto").ExpectText("Czynne")

	bad := "imię i nazwisko;e-mail;rspo\nAla Kot;ala@example.org;100231\nBez Szkoły;b@example.org;999\n"
	p.Go(people.PeoplePath).Click("Wczytaj listę osób").Click("Sprawdź listę").ExpectStatus(422).ExpectText("Wybierz plik z osobami.")
	p.Attach("Plik z osobami", "osoby.csv", []byte(bad)).Click("Sprawdź listę").ExpectText("Lista została przyjęta do sprawdzenia.", "osoby.csv")

	cdn := w.open(t, "cdn@example.org")
	cdn.Go(people.PeoplePath+"/"+teacher.String()).Click("Nadaj rolę").Choose("Założyciel sieci").Click("Dalej").Click("Nadaj rolę").ExpectText("Rola nadana.", "Wierzbowo")
	cdn.Go(people.RolesPath).ExpectText("Ola Dąb", "Założyciel sieci").ExpectNoText("Adam Or")
	cdn.Go(people.PeoplePath + "/import").ExpectText("Wczytywane są tylko osoby ze szkół i placówek z Twojego zasięgu.").ExpectNoText("osoby.csv")
	n := w.open(t, "n@example.org")
	n.Go(people.ManagePath).ExpectStatus(404)
	n.Go("/osoby/" + teacher.String()).ExpectHeading("Ola Dąb")
}

func TestPagesAccessible(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.give(t, w.person(t, "ore@example.org", "Adam Or"), access.OREAdmin, access.Platform, uuid.Nil)
	teacher := w.person(t, "n@example.org", strings.Repeat("Żółć ", 20)+"Świętosława")
	w.give(t, teacher, access.Founder, access.Centre, w.school(t, 900101))
	for _, v := range webtest.Views {
		guest := webtest.Open(t, w.URL, v.Options...)
		for _, path := range []string{kit.SignInPath, kit.RegisterPath, kit.RegisterPath + "?instytucja=" + w.school(t, 100231).String(),
			kit.RegisterPath + "/wyslano", account.ForgottenPath, "/haslo/nowe/nic", "/zaproszenie/nic"} {
			guest.Go(path).ExpectAccessible()
		}
		guest.Go(kit.SignInPath).Click("Zaloguj się").ExpectStatus(422).ExpectAccessible()
		guest.Go(kit.RegisterPath + "?instytucja=" + w.school(t, 100231).String()).Click("Załóż konto").ExpectStatus(422).ExpectAccessible()
		p := w.open(t, "ore@example.org", v.Options...)
		for _, path := range []string{account.AccountPath, "/konto/profil", account.PasswordPath, account.SessionsPath, account.TokensPath, account.LanguagePath,
			people.ManagePath, people.WaitingPath, people.PeoplePath, people.PeoplePath + "?q=nikt", people.PeoplePath + "/" + teacher.String(),
			people.PeoplePath + "/" + teacher.String() + "/zablokuj", people.PeoplePath + "/zapros", people.PeoplePath + "/import", people.RolesPath,
			people.RolesPath + "/nadaj?osoba=" + teacher.String(), people.RolesPath + "/nadaj?role=principal.institution&osoba=" + teacher.String()} {
			p.Go(path).ExpectAccessible()
		}
		p.Go(account.PasswordPath).Click("Zmień hasło").ExpectStatus(422).ExpectAccessible()
		for _, path := range []string{kit.ConfirmPath, account.SecondPath, account.HistoryPath} {
			p.Go(path).ExpectAccessible()
		}
		p.Go(account.SecondPath).Click("Ustaw aplikację").ExpectHeading("Ustaw aplikację uwierzytelniającą").ExpectAccessible()
	}
}
