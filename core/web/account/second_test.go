package account_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/web/account"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/people"
	"ore.edu.pl/sieci/core/web/webtest"
)

var (
	keyShown  = regexp.MustCompile(`(?:[A-Z2-7]{4}[ \x{a0}]){7}[A-Z2-7]{4}`)
	codeShown = regexp.MustCompile(`[a-z2-7]{5}-[a-z2-7]{5}`)
)

// setUp sets a second step up on the page that p shows; it returns the key and
// the recovery codes.
func setUp(t *testing.T, p *webtest.Page) (key string, codes []string) {
	t.Helper()
	p.Click("Ustaw aplikację").ExpectHeading("Ustaw aplikację uwierzytelniającą")
	key = strings.NewReplacer(" ", "", "\u00a0", "").Replace(keyShown.FindString(p.Text()))
	if len(key) != 32 {
		t.Fatalf("no key on the page: %q", p.Text())
	}
	p.Fill("Kod", "12").Click("Włącz drugi składnik").ExpectStatus(422).ExpectText("Ten kod się nie zgadza")
	code, err := totp.GenerateCode(key, time.Now())
	must(t, err)
	p.Fill("Kod", code).Click("Włącz drugi składnik").ExpectHeading("Kody zapasowe")
	codes = codeShown.FindAllString(p.Text(), -1)
	if len(codes) != 10 {
		t.Fatalf("%d codes", len(codes))
	}
	return key, codes
}

// age makes everybody's last proof of who they are old.
func (w *world) age(t *testing.T) {
	t.Helper()
	_, err := w.d.Exec(t.Context(), `UPDATE session SET verified_at = verified_at - interval '11 minutes'`)
	must(t, err)
}

func TestSecondStepPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.person(t, "a@example.org", "Jan Kos")
	p := w.open(t, "a@example.org")
	p.Click("Drugi składnik logowania")
	_, codes := setUp(t, p)
	p.Click("Kody są zapisane, przejdź do konta").Click("Drugi składnik logowania").ExpectText("Włączony od", "Pozostało 10 kodów")

	q := webtest.Open(t, w.URL)
	q.Go(account.PasswordPath).Fill("Adres e-mail", "a@example.org").Fill("Hasło", password).Click("Zaloguj się")
	q.ExpectHeading("Drugi krok logowania")
	q.Fill("Kod", "000000").Click("Zaloguj się").ExpectStatus(422).ExpectText("Ten kod się nie zgadza")
	q.Fill("Kod", codes[0]).Click("Zaloguj się").ExpectHeading("Zmiana hasła")
	q.Go(account.HistoryPath).ExpectText("hasło i kod zapasowy", "Nieudane")
	q.Go(account.AccountPath).ExpectText("Poprzednie logowanie")

	q.Go(account.SecondPath).ExpectText("Pozostało 9 kodów")
	w.age(t)
	q.Click("Pokaż nowe kody").ExpectStatus(403).ExpectHeading("Potwierdź, że to Ty")
	q.Fill("Kod", codes[0]).Click("Potwierdź").ExpectStatus(422)
	q.Fill("Kod", codes[1]).Click("Potwierdź").ExpectHeading("Potwierdzono. Formularz czeka na wysłanie")
	q.Click("Wyślij formularz").ExpectHeading("Kody zapasowe")
	p.Go(account.SecondPath).ExpectText("Pozostało 10 kodów").Click("Wyłącz drugi składnik").ExpectHeading("Wyłącz drugi składnik")
	w.age(t)
	p.Click("Wyłącz drugi składnik").ExpectHeading("Potwierdź, że to Ty").Fill("Kod", codes[2]).Click("Potwierdź").ExpectStatus(422)
}

// An administrator whose role demands a second step is led to it and can do
// nothing else; the API says why.
func TestConfinedPages(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.person(t, "a@example.org", "Jan Kos")
	w.give(t, id, access.OREAdmin, access.Platform, uuid.Nil)
	token := w.bearer(t, "a@example.org")
	w.give(t, id, access.Lead, access.Programme, uuid.New()) // the role of this test's policy
	p := webtest.Open(t, w.URL)
	p.Go(kit.SignInPath).Fill("Adres e-mail", "a@example.org").Fill("Hasło", password).Click("Zaloguj się")
	p.ExpectPath(account.SecondPath).ExpectText("Ustaw drugi składnik, żeby korzystać z serwisu")
	for _, path := range []string{account.AccountPath, people.PeoplePath, account.TokensPath, "/konto/profil"} {
		p.Go(path).ExpectPath(account.SecondPath)
	}
	code, body := w.call(t, token, "GET", "/people", "")
	if code != 403 || body["type"] != "urn:sieci:problem:second-factor" || body["detail"] == "" {
		t.Errorf("%d %v", code, body)
	}
	w.age(t)
	p.Go(account.SecondPath).Click("Ustaw aplikację").ExpectHeading("Potwierdź, że to Ty").Fill("Hasło", password).Click("Potwierdź")
	p.Go(account.SecondPath)
	setUp(t, p)
	p.Go(people.PeoplePath).ExpectPath(people.PeoplePath).ExpectHeading("Osoby")
	if code, _ := w.call(t, token, "GET", "/people", ""); code != 200 {
		t.Errorf("the token still stands outside: %d", code)
	}
}

// Giving a role asks who acts; what was typed is kept. Signing out is always possible.
func TestReauthKeepsTheForm(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.give(t, w.person(t, "ore@example.org", "Adam Or"), access.OREAdmin, access.Platform, uuid.Nil)
	teacher := w.person(t, "n@example.org", "Ola Dąb")
	p := w.open(t, "ore@example.org")
	p.Go(people.PeoplePath + "/" + teacher.String()).Click("Nadaj rolę").Choose("Dyrektor placówki").Click("Dalej").Click("Wybierz placówkę")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "100231").Click("Szukaj").Click("Szkoła Podstawowa nr 1 im. Wiosny Ludów")
	p.Fill("Do kiedy", "2027-08-31")
	w.age(t)
	p.Click("Nadaj rolę").ExpectHeading("Potwierdź, że to Ty").ExpectText("Formularz jest zachowany.")
	p.Fill("Hasło", "złe").Click("Potwierdź").ExpectStatus(422).ExpectText("Obecne hasło jest inne.")
	p.Fill("Hasło", password).Click("Potwierdź").Click("Wyślij formularz").ExpectText("Rola nadana.", "31 sierpnia 2027 r.")
	w.age(t)
	p.Go(people.PeoplePath+"/import").ExpectHeading("Potwierdź, że to Ty").Fill("Hasło", password).Click("Potwierdź").ExpectPath(people.PeoplePath + "/import")
}

// Whoever lost phone and codes is let in again by an administrator who knows them.
func TestLostSecondStep(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.give(t, w.person(t, "ore@example.org", "Adam Or"), access.OREAdmin, access.Platform, uuid.Nil)
	id := w.person(t, "a@example.org", "Jan Kos")
	p := w.open(t, "a@example.org")
	p.Go(account.SecondPath)
	setUp(t, p)
	ore := w.open(t, "ore@example.org")
	ore.Go(people.PeoplePath + "/" + id.String()).Click("Wyłącz drugi składnik tej osoby").Click("Wyłącz drugi składnik")
	ore.ExpectText("Drugi składnik tej osoby jest wyłączony.")
	p.Go(account.AccountPath).ExpectHeading("Logowanie")
	w.open(t, "a@example.org")
	p.Go(people.PeoplePath + "/" + id.String() + "/drugi-skladnik").ExpectHeading("Logowanie")
}
