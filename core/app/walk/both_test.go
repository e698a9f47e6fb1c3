package walk_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/web/webtest"
)

const (
	need      = "Na jaką potrzebę szkół odpowiada sieć?"
	resources = "Jakie zasoby są już dostępne?"
)

// Two people edit a network's charter, which is the module's form: the second
// gets both texts and chooses, by hand and by program.
func TestTwoEditorsOfAModulesForm(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	at := "/sieci/" + id.String() + "/czynnosc/charter"
	k, o := w.as("Karol Koordynator"), w.as("Olga Ore")

	// Both open the same version; the first to send saves.
	k.Go(at).Fill(need, "Potrzeba Karola").Fill(resources, "Zasoby Karola")
	o.Go(at).Fill(need, "Potrzeba Olgi").Choose("Spotkania online")
	k.Click("Popraw kartę sieci").ExpectStatus(200).ExpectText("Gotowe")
	o.Click("Popraw kartę sieci").ExpectStatus(409).ExpectHeading("Ktoś zmienił te dane w międzyczasie")
	o.ExpectText("Potrzeba Karola", "Potrzeba Olgi", "Zasoby Karola", "Spotkania online", "Zapisana wersja", "Twoja wersja").ExpectNoText("Dla kogo jest sieć?")
	if !o.Chosen("Twoja wersja", need) {
		t.Error("the own text is not what stays when nothing is chosen")
	}
	if n := w.version(t, id.String()); n != 2 {
		t.Errorf("the refused form wrote: version %d", n)
	}

	// Edit: the form stands on the newer version, with what was chosen.
	o.Choose("Zapisana wersja", resources).Click("Popraw w formularzu").ExpectStatus(200)
	if a, b := o.Value(need), o.Value(resources); a != "Potrzeba Olgi" || b != "Zasoby Karola" || !o.Chosen("Spotkania online") {
		t.Errorf("the form after choosing: %q, %q", a, b)
	}
	// Meanwhile the first saves again: the form is overtaken once more.
	k.Go(at).Fill(need, "Druga potrzeba Karola").Click("Popraw kartę sieci").ExpectText("Gotowe")
	o.Click("Popraw kartę sieci").ExpectStatus(409).ExpectText("Druga potrzeba Karola", "Potrzeba Olgi").ExpectNoText("Zasoby Karola")
	// And once more while the page with both texts is read.
	k.Go(at).Fill(need, "Trzecia potrzeba Karola").Click("Popraw kartę sieci").ExpectText("Gotowe")
	o.Choose("Zapisana wersja", need).Click("Zapisz wybrane wersje").ExpectStatus(409).ExpectText("Trzecia potrzeba Karola")
	if !o.Chosen("Zapisana wersja", need) {
		t.Error("the choice was forgotten")
	}
	o.Choose("Twoja wersja", need).Click("Zapisz wybrane wersje").ExpectStatus(200).ExpectText("Gotowe")
	o.Go(at)
	if a, b := o.Value(need), o.Value(resources); a != "Potrzeba Olgi" || b != "Zasoby Karola" || !o.Chosen("Spotkania online") {
		t.Errorf("saved: %q, %q", a, b)
	}
	if n := w.version(t, id.String()); n != 5 {
		t.Errorf("version %d", n)
	}

	// Dropping one's own changes leaves what is saved.
	o.Fill(need, "Niepotrzebne")
	k.Go(at).Fill(need, "Czwarta potrzeba Karola").Click("Popraw kartę sieci").ExpectText("Gotowe")
	o.Click("Popraw kartę sieci").ExpectStatus(409).Click("Odrzuć moje zmiany").ExpectStatus(200).ExpectText("Odrzucono Twoje zmiany")
	if got := o.Go(at).Value(need); got != "Czwarta potrzeba Karola" {
		t.Errorf("after dropping: %q", got)
	}

	// The same words are no conflict to choose from.
	o.Fill(need, "Zgodna potrzeba")
	k.Go(at).Fill(need, "Zgodna potrzeba").Click("Popraw kartę sieci").ExpectText("Gotowe")
	o.Click("Popraw kartę sieci").ExpectStatus(200).ExpectText("Gotowe")

	w.editByProgram(t, id.String())
}

// version is that of the network's charter.
func (w *world) version(t *testing.T, id string) int {
	t.Helper()
	return w.number(`SELECT version FROM record WHERE scope_id = $1 AND kind = 'charter'`, id)
}

func (w *world) editByProgram(t *testing.T, id string) {
	t.Helper()
	path := "/api/v1/networks/" + id + "/commands/charter"
	c := w.client("Karol Koordynator")
	a, err := c.get(path)
	var command struct {
		Form    struct{ ID string }
		Answers map[string]any
		Version int64
	}
	if err != nil || a.status != 200 || json.Unmarshal([]byte(a.body), &command) != nil || command.Version < 2 || command.Answers["potrzeba"] != "Zgodna potrzeba" || command.Form.ID != "karta-sieci" {
		t.Fatalf("the command: %v %d %s", err, a.status, a.body)
	}
	send := func(version int64, text string) answer {
		t.Helper()
		command.Answers["potrzeba"] = text
		body, err := json.Marshal(map[string]any{"answers": command.Answers, "version": version})
		if err != nil {
			t.Fatal(err)
		}
		a, err := c.send(http.MethodPost, path, string(body))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := send(command.Version, "Z programu"); a.status != 200 {
		t.Errorf("at the version read: %d %s", a.status, a.body)
	}
	for _, old := range []int64{command.Version, 0} {
		a := send(old, "Nadpisane")
		if a.status != 409 || a.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(a.body, "Ktoś zapisał te dane") || strings.Contains(a.body, "Nadpisane") {
			t.Errorf("at version %d: %d %s", old, a.status, a.body)
		}
	}
	if n := w.version(t, id); int64(n) != command.Version+1 {
		t.Errorf("version %d after %d", n, command.Version)
	}
}

// Going back in one window to a page older than the draft is no second editor;
// another window is, and shows both.
func TestBackAndOtherWindow(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	at := "/sieci/" + id.String() + "/czynnosc/charter"
	k := w.as("Karol Koordynator")
	k.Go(at).Fill("Ile spotkań w roku szkolnym?", "99").Click("Popraw kartę sieci").ExpectStatus(422)
	k.Back().Fill("Ile spotkań w roku szkolnym?", "5").Fill(need, "Po powrocie").Click("Popraw kartę sieci").ExpectStatus(200).ExpectText("Gotowe")

	// The founding form, whose first page is the core's.
	c := w.as("Cezary Centrum").Go("/sieci/zaloz").Click("Dalej")
	c.Fill("Nazwa sieci", "Oc").Choose("Otwarte").Fill("Cel", "Próba").Click("Dalej").ExpectStatus(422)
	c.Back().Fill("Nazwa sieci", "Ocenianie po powrocie").Fill("Cel", "Próba").Click("Dalej").ExpectStatus(200)
	c.Fill(need, "Potrzeba").Click("Załóż sieć").ExpectStatus(422)
	c.Back().Fill(need, "Potrzeba po powrocie").Click("Załóż sieć").ExpectStatus(422).ExpectNoText("w innym oknie")
	if got := c.Value(need); got != "Potrzeba po powrocie" {
		t.Errorf("after going back: %q", got)
	}

	// A second window of the same person, one in which axe can run.
	second := webtest.Open(t, w.base, webtest.WithScripts(), webtest.Size(320, 800)).Go("/logowanie")
	second.Fill("Adres e-mail", address("Karol Koordynator")).Fill("Hasło", password).Click("Zaloguj się").Go(at)
	k.Go(at).Fill(need, "Z pierwszego okna").Click("Zapisz i wróć później").ExpectText("Możesz wrócić do tego później")
	second.Fill(need, "Z drugiego okna").Fill(resources, "Zasoby z drugiego okna").Click("Popraw kartę sieci").ExpectStatus(409)
	second.ExpectHeading("Ten formularz zapisano też w innym oknie").ExpectText("Z pierwszego okna", "Z drugiego okna", "Zasoby z drugiego okna").ExpectAccessible()
	second.Choose("Zapisana wersja", need).Click("Zachowaj wybrane wersje").ExpectStatus(200)
	if a, b := second.Value(need), second.Value(resources); a != "Z pierwszego okna" || b != "Zasoby z drugiego okna" {
		t.Errorf("after choosing: %q, %q", a, b)
	}
	second.Click("Popraw kartę sieci").ExpectStatus(200).ExpectText("Gotowe")

	// So does the core's page of founding.
	other := w.as("Cezary Centrum").Go("/sieci/zaloz").Click("Dalej")
	c.Go("/sieci/zaloz").Click("Dalej").Fill("Nazwa sieci", "Nazwa z pierwszego okna").Click("Zapisz i wróć później").ExpectText("Możesz wrócić do tego później")
	other.Fill("Nazwa sieci", "Nazwa z drugiego okna").Click("Dalej").ExpectStatus(409).ExpectText("Nazwa z pierwszego okna")
	other.Click("Zapisz moją wersję").ExpectStatus(200)
	c.Go("/sieci/zaloz").Click("Dalej")
	if got := c.Value("Nazwa sieci"); got != "Nazwa z drugiego okna" {
		t.Errorf("the founding draft says %q", got)
	}
}

// A form sent twice leads to what it brought about, although its draft is gone.
func TestFormOfAModuleSentTwice(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	at := "/sieci/" + id.String() + "/czynnosc/charter"
	k := w.as("Karol Koordynator").Go(at).Fill("Ile spotkań w roku szkolnym?", "99").Click("Popraw kartę sieci").ExpectStatus(422)
	k.Fill("Ile spotkań w roku szkolnym?", "5").Fill(need, "Raz").Click("Popraw kartę sieci").ExpectText("Gotowe")
	k.Back().Fill("Ile spotkań w roku szkolnym?", "5").Fill(need, "Raz").Click("Popraw kartę sieci").ExpectStatus(200).ExpectText("Gotowe")
	if n := w.version(t, id.String()); n != 2 {
		t.Errorf("sent twice: version %d", n)
	}
}
