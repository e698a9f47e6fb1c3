package trialtest_test

import (
	"encoding/json"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/webtest"
)

// signIn opens a tab in which the person signed in by hand.
func (w *world) signIn(name string, opts ...webtest.Option) *webtest.Page {
	w.t.Helper()
	p := webtest.Open(w.t, w.base, opts...).Go("/logowanie")
	return p.Fill("Adres e-mail", address(name)).Fill("Hasło", password).Click("Zaloguj się").ExpectStatus(200)
}

// A programme, a network's group, its head and a team member, by hand in a
// browser without scripts.
func TestGroupsByHand(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.person("Nowa Szefowa")
	w.person("Nowy Członek")
	o := w.signIn("Olga Ore").Go("/programy").Click("Nowy program")
	o.Fill("Skrót", "jst 2028").Fill("Nazwa programu", "Program na rok 2028").Click("Utwórz program").ExpectStatus(422).ExpectText("Popraw 1 błąd", "Wpisz skrót")
	if got := o.Value("Nazwa programu"); got != "Program na rok 2028" {
		t.Errorf("the name typed is %q now", got)
	}
	o.Fill("Skrót", "JST-2028").Click("Utwórz program").ExpectStatus(200).ExpectText("Program został utworzony", "JST-2028")
	o.Click("Grupy").Click("Nowa grupa").Fill("Nazwa grupy", "Zespół próbny").Click("Utwórz grupę").ExpectText("Grupa została utworzona").ExpectHeading("Zespół próbny")
	path := o.Path()
	o.Click("Zaproś do grupy").Fill("Adres e-mail", "bez małpy").Choose("kierowanie zespołem").Click("Wyślij zaproszenie").ExpectStatus(422).ExpectText("Wpisz adres e-mail w postaci")
	o.Fill("Adres e-mail", address("Nowa Szefowa")).Click("Wyślij zaproszenie").ExpectText("Zaproszenie zostało wysłane", address("Nowa Szefowa"))

	h := w.signIn("Nowa Szefowa").Go("/moje").Click("Odpowiedz na zaproszenie do zespołu").ExpectHeading("Zaproszenia do zespołów")
	h.Click("Przyjmuję zaproszenie Zespół próbny").ExpectText("Przyjęto zaproszenie").ExpectPath(path)
	h.Click("Zaproś do grupy").ExpectNoText("opieka ekspercka").Fill("Adres e-mail", address("Nowy Członek")).Click("Wyślij zaproszenie").ExpectText("Zaproszenie zostało wysłane")
	m := w.signIn("Nowy Członek").Go(path).ExpectStatus(404)
	m.Go("/grupy/zaproszenia").Click("Przyjmuję zaproszenie Zespół próbny").ExpectPath(path).ExpectText("Nowa Szefowa", "Nowy Członek")
	m.Go(path + "/zapros").ExpectStatus(404)
	h.Go(path).Click("Usuń z grupy Nowy Członek").ExpectText("Osoba nie należy już do grupy")
	m.Go(path).ExpectStatus(404)
	h.Go(path).Click("Zmień nazwę grupy").Fill("Nazwa grupy", "Zespół dobry").Click("Zapisz").ExpectText("Zapisano zmiany").ExpectHeading("Zespół dobry")
}

// Two people edit a programme; the second sees both texts.
func TestSecondEditorSeesBothTexts(t *testing.T) {
	t.Parallel()
	w := open(t)
	at := "/programy/" + w.programme.String() + "/edytuj"
	first, second := w.signIn("Olga Ore").Go(at), w.signIn("Olga Ore").Go(at)
	first.Fill("Nazwa programu", "Pierwszy tekst").Click("Zapisz").ExpectText("Zapisano zmiany")
	second.Fill("Nazwa programu", "Drugi tekst").Click("Zapisz").ExpectStatus(409).ExpectText("Pierwszy tekst")
	if got := second.Value("Twoja wersja"); got != "Drugi tekst" {
		t.Errorf("what was typed is %q now", got)
	}
}

// Pages of these rooms on a narrow light and a wide dark screen, with what is
// typical and with errors.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	head, guardian := w.as("Szef Gmina A"), w.as("Opiekunka Pierwsza")
	mine, err := w.Tasks.Mine(ctx, head, task.Turn, "", 0)
	if err != nil || len(mine.Items) != 1 {
		t.Fatal(mine, err)
	}
	at := "/zadania/" + mine.Items[0].ID.String()
	if _, err := w.Tasks.Submit(ctx, head, mine.Items[0].ID, task.Handing{Version: 1, FormRev: 1, Answers: json.RawMessage(`{"opis":"Zrobiono diagnozę.","kroki":[{"_row":"r1","tekst":"Ankieta"}]}`)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Tasks.Decide(ctx, guardian, mine.Items[0].ID, task.Judgement{Verdict: effect.Returned, Due: w.Clock.Now().Add(72 * time.Hour), Version: 2,
		Remarks: []effect.Remark{{Path: "opis", Quote: "diagnozę", Text: "Jaką?"}, {Text: "Krótko."}}}); err != nil {
		t.Fatal(err)
	}
	other, err := w.Tasks.Mine(ctx, w.as("Szef Gmina B"), task.Turn, "", 0)
	if err != nil || len(other.Items) != 1 {
		t.Fatal(other, err)
	}
	waits := "/zadania/" + other.Items[0].ID.String()
	if _, err := w.Tasks.Submit(ctx, w.as("Szef Gmina B"), other.Items[0].ID, task.Handing{Version: 1, FormRev: 1, Answers: json.RawMessage(`{"opis":"Gotowe.","kroki":[{"_row":"r1","tekst":"Ankieta"},{"_row":"r2","tekst":"Rozmowy"}]}`)}); err != nil {
		t.Fatal(err)
	}
	job, err := w.Work.Start(ctx, w.as("Olga Ore"), id, "remind", effect.Scope{Kind: effect.Programme, ID: w.programme})
	if err != nil {
		t.Fatal(err)
	}
	programme, team := "/programy/"+w.programme.String(), "/grupy/"+w.teams["Gmina A"].String()
	for _, view := range webtest.Views {
		h := w.signIn("Szef Gmina A", view.Options...)
		h.Go("/zadania").ExpectText("Do poprawy").ExpectAccessible()
		h.Go(at).ExpectText("Uwaga: do słów", "Krótko.").ExpectAccessible().ExpectKeyboard()
		h.Fill("Opis", "").Click("Oddaj zadanie").ExpectStatus(422).ExpectAccessible()
		h.Go(team).ExpectAccessible().Go(team + "/zapros").ExpectAccessible()
		h.Go(team+"/czynnosc/write_plan").ExpectAccessible().Fill("Cel", "X").Click("Zapisz plan").ExpectStatus(422).ExpectText("Cel jest bardzo krótki").ExpectAccessible()
		h.Go(team + "/zapisy").ExpectAccessible().Go(team + "/zadania").ExpectAccessible()

		g := w.signIn("Opiekunka Pierwsza", view.Options...)
		g.Go(waits+"/ocen").ExpectText("Krok 2: Co zrobiono", "Rozmowy").ExpectAccessible().ExpectKeyboard()
		g.Choose("Zwracam do poprawy").Click("Zapisz decyzję").ExpectStatus(422).ExpectAccessible()

		o := w.signIn("Olga Ore", view.Options...)
		for _, page := range []string{"/programy", "/programy/nowy", programme, programme + "/edytuj", programme + "/grupy", programme + "/zadania", programme + "/zapisy", team + "/przenies",
			"/zarzadzanie/zadania-systemu", "/zarzadzanie/zadania-systemu/rdzen", "/zarzadzanie/zadania-systemu/" + job.String()} {
			o.Go(page).ExpectStatus(200).ExpectAccessible()
		}
	}
}
