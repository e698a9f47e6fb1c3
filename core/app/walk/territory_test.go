package walk_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	needs "ore.edu.pl/sieci/core/need"
)

// territories gives the two centres theirs.
func (w *world) territories() {
	w.t.Helper()
	for rspo, codes := range map[int][]string{900101: {"3013", "3026", "3063"}, 900102: {"2609"}} {
		if err := w.Registry.SetTerritory(w.t.Context(), access.Core("test"), w.institution(rspo), codes); err != nil {
			w.t.Fatal(err)
		}
	}
}

// PDN1-PDN3: schools report, a centre sees its territory's needs only, founds a
// network from a cluster, and invites the schools.
func TestFromNeedsToANetwork(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	w.grant(w.person("Dorota Dąbrowa", 900102), access.CentreAdmin, access.Centre, w.institution(900102))
	for rspo, who := range map[int]string{100310: "Cezary Centrum", 100311: "Cezary Centrum", 100312: "Cezary Centrum", 100502: "Dorota Dąbrowa"} {
		if _, err := w.Needs.Report(t.Context(), w.actor(who), needs.Input{Institution: w.institution(rspo), Topic: "ocenianie", People: 2}); err != nil {
			t.Fatal(rspo, err)
		}
	}
	w.grant(w.person("Daniela Dyrektor", 100234), access.Principal, access.Institution, w.institution(100234))
	d := w.as("Daniela Dyrektor").Go("/potrzeby").ExpectText("Nie ma jeszcze żadnych zgłoszeń").Click("Zgłoś potrzebę")
	d.Select("Temat", "Ocenianie").Fill("Ilu nauczycieli weźmie udział", "pięciu").Fill("Czego dokładnie potrzebujecie", "Informacja zwrotna zamiast ocen.")
	d.Click("Zgłoś potrzebę").ExpectStatus(422).ExpectText("Podaj liczbę od 1 do 500")
	if got := d.Value("Czego dokładnie potrzebujecie"); got != "Informacja zwrotna zamiast ocen." {
		t.Errorf("the note typed is %q now", got)
	}
	d.Fill("Ilu nauczycieli weźmie udział", "5").Click("Zgłoś potrzebę").ExpectText("Zgłoszono potrzebę", "Czeka na sieć", "Informacja zwrotna")
	d.Go("/zarzadzanie/potrzeby").ExpectStatus(404)

	c := w.as("Cezary Centrum").Go("/zarzadzanie/potrzeby").ExpectStatus(200).ExpectText("Ocenianie", "leszczyński", "3 z 10").ExpectNoText("sandomierski")
	c.Click("Ocenianie").ExpectText("4 szkoły czekają na sieć", "Informacja zwrotna zamiast ocen").ExpectNoText("Sandomierz")
	c.Click("Załóż sieć dla tych szkół").ExpectStatus(200)
	if got := c.Value("Nazwa sieci"); got != "Ocenianie" || c.Value("Liczba miejsc") != "20" || !c.Chosen("Po zgłoszeniu") {
		t.Errorf("the form begins with %q, %q places, on request: %v", got, c.Value("Liczba miejsc"), c.Chosen("Po zgłoszeniu"))
	}
	c.Click("Dalej")
	c.Choose("Problemowa: wokół wspólnego zagadnienia").Select("Obszar tematyczny", "Ocenianie i monitorowanie uczenia się").Choose("Nauczyciele")
	c.Fill("Na jaką potrzebę szkół odpowiada sieć?", "Oceny nie pomagają się uczyć.").Choose("Wspólne wykonywanie zadań").Choose("Spotkania na miejscu")
	c.Fill("Ile spotkań w roku szkolnym?", "4").Click("Załóż sieć").ExpectText("pojawiły się kolejne pytania")
	c.Click("Załóż sieć").ExpectStatus(200)
	if at := c.Path(); !strings.Contains(at, "/uczestnicy/zapros?") {
		t.Fatalf("after founding at %s\n%s", at, c.Text())
	}
	c.Click("Zaproś", "Liczba dni").ExpectText("Zaproszenia zapisane")
	if n := w.number(`SELECT count(*) FROM network_invitation WHERE institution_id IS NOT NULL`); n != 4 {
		t.Errorf("%d schools invited, want 4", n)
	}
	if n := w.number(`SELECT count(*) FROM need WHERE network_id IS NOT NULL`); n != 4 {
		t.Errorf("%d needs are met, want 4", n)
	}
	d.Go("/potrzeby").ExpectText("Czeka na sieć") // a draft is its centre's own business
	c.Go("/zarzadzanie/potrzeby/ocenianie").ExpectText("0 szkół czeka na sieć", "Te szkoły mają już sieć")
}

// ORE5, ORE6 and explanations: a centre acts in its territory, a trial elsewhere
// names what is missing; what is out of sight is answered alike, there or not.
func TestAccessExplainsItself(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	id := w.network("Karol Koordynator", nil)
	hidden := w.led("Karol Koordynator", nil)
	w.exec(`UPDATE network SET status = 'draft', opened_at = NULL WHERE id = $1`, hidden)
	w.person("Nina Nauczycielka", 100234)
	w.person("Sabina Sandomierska", 100502)

	c := w.as("Cezary Centrum").Go("/zarzadzanie/role/nadaj?osoba=" + w.ids["Nina Nauczycielka"].String())
	c.Choose("Dyrektor placówki").Click("Dalej").Click("Wybierz placówkę").Fill("Nazwa, miejscowość lub numer RSPO", "100502").Click("Szukaj")
	c.Click("Szkoła Podstawowa nr 3 im. Winnych Wzgórz").ExpectText("To miejsce jest poza Twoim obszarem", "sandomierski (2609)", "leszczyński (3013)")
	c.Click("Nadaj rolę").ExpectStatus(422).ExpectText("To miejsce jest poza Twoim obszarem", "sandomierski (2609)")
	c.Go("/zarzadzanie/osoby/" + w.ids["Sabina Sandomierska"].String()).ExpectStatus(404)
	// What a grant would change tells nothing of somebody out of sight.
	centre, preview := w.client("Cezary Centrum"), "role=principal&scopeKind=institution&scope="+w.institution(100234).String()+"&person="
	var answers []string
	for _, who := range []uuid.UUID{w.ids["Sabina Sandomierska"], uuid.New()} {
		c.Go("/zarzadzanie/role/nadaj?role=principal.institution&scope=" + w.institution(100234).String() + "&osoba=" + who.String()).ExpectStatus(404)
		a, err := centre.get("/api/v1/roles/preview?" + preview + who.String())
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, fmt.Sprint(a.status, regexp.MustCompile(`"(instance|requestId|request_id|request)":"[^"]*"`).ReplaceAllString(a.body, "")))
	}
	if answers[0] != answers[1] || !strings.HasPrefix(answers[0], "404") {
		t.Errorf("a stranger is told from nobody: %q", answers)
	}
	if a, err := centre.get("/api/v1/roles/preview?" + preview + w.ids["Nina Nauczycielka"].String()); err != nil || a.status != 200 {
		t.Errorf("somebody of the territory: %d %s, %v", a.status, a.body, err)
	}

	n := w.as("Nina Nauczycielka").Go("/konto").Click("Moje uprawnienia").ExpectText("Nie masz jeszcze żadnej roli")
	answer := func(path string) string {
		n.Go("/konto/uprawnienia/dlaczego").Fill("Adres strony", w.base+path).Click("Wyjaśnij").ExpectStatus(200)
		return strings.ReplaceAll(n.Text(), path, "")
	}
	if there, not := answer("/sieci/"+hidden.String()), answer("/sieci/"+uuid.NewString()); there != not || !strings.Contains(there, "niczego dla Ciebie nie ma") {
		t.Errorf("a hidden network is told from one that is not there:\n%s\n\n%s", there, not)
	}
	if got := answer("/sieci/" + id.String() + "/uczestnicy"); !strings.Contains(got, "Nie możesz tego tutaj: przeglądać listę uczestników") || !strings.Contains(got, "Koordynator sieci") {
		t.Errorf("the members' page: %s", got)
	}
	n.Fill("Adres strony", "nie adres").Click("Wyjaśnij").ExpectStatus(422).ExpectText("Wklej adres strony")
	n.Go("/sieci/" + hidden.String()).ExpectStatus(404).Click("Dlaczego nie widzę tej strony?").ExpectText("Pod tym adresem niczego dla Ciebie nie ma")

	k := w.as("Karol Koordynator").Go("/konto/uprawnienia/dlaczego?adres=/sieci/" + id.String() + "/edytuj")
	k.ExpectText("Możesz otworzyć tę stronę", "Masz rolę: Koordynator sieci", "p, coordinator, network, edit", "Tu nie możesz")
	k.Go("/konto/uprawnienia/kto-widzi").ExpectText("Administrator ORE, cała platforma: 1 osoba", "Nikt",
		"Administrator placówki doskonalenia, Centrum Doskonalenia Nauczycieli „Wierzbowo”, Leszno, woj. wielkopolskie (działa na terenie Twojej szkoły lub placówki): 1 osoba").ExpectNoText("Cezary Centrum", "Olga Ore")
	w.join("Nina Nauczycielka", id)
	n.Go("/konto/uprawnienia/kto-widzi").ExpectText("Koordynator sieci, Ocenianie kształtujące (Twoja sieć): Karol Koordynator")
	n.Go("/sieci/" + id.String() + "/rezygnacja").Click("Zrezygnuj z udziału")
	n.Go("/konto/uprawnienia/kto-widzi").ExpectText("Koordynator sieci, Ocenianie kształtujące (Twoja dawna sieć): 1 osoba", "Dawny udział w sieci").ExpectNoText("Karol Koordynator")
}

// ORE5: who becomes a centre's administrator by the pages acts in its three
// powiats; in the fourth the refusal names the territory that is missing.
func TestCentreAdminActsInItsTerritory(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	w.person("Lucyna Ptak", 900101)
	w.person("Nina Nauczycielka", 100234)
	o := w.as("Olga Ore").Go("/zarzadzanie/role/nadaj?osoba=" + w.ids["Lucyna Ptak"].String())
	o.Choose("Administrator placówki doskonalenia").Click("Dalej").Click("Wybierz placówkę").Fill("Nazwa, miejscowość lub numer RSPO", "900101").Click("Szukaj")
	o.Click("Centrum Doskonalenia Nauczycieli „Wierzbowo”").Click("Nadaj rolę").ExpectText("Administrator placówki doskonalenia")
	l := w.as("Lucyna Ptak")
	for rspo, place := range map[string]string{"100234": "", "100310": "", "100404": "", "100502": "sandomierski (2609)"} {
		l.Go("/zarzadzanie/role/nadaj?osoba=" + w.ids["Nina Nauczycielka"].String()).Choose("Dyrektor placówki").Click("Dalej").Click("Wybierz placówkę")
		i, err := w.Registry.ByRSPO(t.Context(), nil, number(rspo))
		if err != nil {
			t.Fatal(err)
		}
		l.Fill("Nazwa, miejscowość lub numer RSPO", rspo).Click("Szukaj").Click(i.Name)
		if place == "" {
			l.Click("Nadaj rolę").ExpectStatus(200).ExpectText(i.Name)
			continue
		}
		l.Click("Nadaj rolę").ExpectStatus(422).ExpectText("To miejsce jest poza Twoim obszarem", place, "leszczyński (3013)", "śremski (3026)", "Leszno (3063)")
	}
	if n := w.number(`SELECT count(*) FROM role_grant WHERE person_id = $1`, w.ids["Nina Nauczycielka"]); n != 3 {
		t.Errorf("%d roles given, want 3", n)
	}
}

// ORE6: an administrator of ORE cannot give what nobody holds, nor what they do
// not hold themselves; roles in places are given by the pages.
func TestWhatCannotBeGiven(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	w.person("Nina Nauczycielka", 100234)
	w.person("Sabina SORE", 900104)
	nina := "/zarzadzanie/role/nadaj?osoba=" + w.ids["Nina Nauczycielka"].String()
	o := w.as("Olga Ore").Go(nina).ExpectText("Czego nie można nadać", "czytać odpowiedzi pojedynczych osób w ankietach")
	o.Click("czytać odpowiedzi pojedynczych osób w ankietach").ExpectText("nie podlega przekazaniu")
	o.Click("Koordynator sieci").ExpectText("nie można przekazać prawa, którego samemu się nie ma")
	c := w.client("Olga Ore")
	for _, role := range []string{"evaluation:raw", "coordinator", "participant"} {
		a, err := c.send("POST", "/api/v1/roles", `{"person":"`+w.ids["Nina Nauczycielka"].String()+`","role":"`+role+`","scopeKind":"platform"}`)
		if err != nil || a.status != 422 || !strings.Contains(a.body, "Tej roli nikt nie nadaje") {
			t.Errorf("%s: %v %d %s", role, err, a.status, a.body)
		}
	}

	// A support organiser comes from outside; an official's place is a local government.
	l := w.as("Cezary Centrum").Go(nina).Choose("Organizator wspomagania (SORE)").Click("Dalej").Click("Wybierz placówkę").Fill("Nazwa, miejscowość lub numer RSPO", "100234").Click("Szukaj")
	school, err := w.Registry.ByRSPO(t.Context(), nil, 100234)
	if err != nil {
		t.Fatal(err)
	}
	l.Click(school.Name).Click("Nadaj rolę").ExpectStatus(422).ExpectText("pracuje we wspomaganej szkole")
	l.Go("/zarzadzanie/role/nadaj?osoba="+w.ids["Sabina SORE"].String()).Choose("Organizator wspomagania (SORE)").Click("Dalej").Click("Wybierz placówkę").Fill("Nazwa, miejscowość lub numer RSPO", "100234").Click("Szukaj")
	l.Click(school.Name).Click("Nadaj rolę").ExpectStatus(200)
	w.person("Ula Urząd", 0)
	o.Go("/zarzadzanie/role/nadaj?osoba="+w.ids["Ula Urząd"].String()).Choose("Urzędnik samorządu").Click("Dalej").Click("Wybierz samorząd").Fill("Nazwa gminy, powiatu lub województwa albo kod TERYT", "swieciechowa").Click("Szukaj")
	o.Click("gmina wiejska Święciechowa").ExpectText("gmina wiejska Święciechowa, powiat leszczyński").Click("Nadaj rolę").ExpectText("Urzędnik samorządu", "Święciechowa (3013052), wielkopolskie")

	// The official sees numbers of the gmina and nobody's name.
	if _, err := w.Needs.Report(t.Context(), w.actor("Cezary Centrum"), needs.Input{Institution: w.institution(100313), Topic: "ocenianie", People: 2, Note: "Tajna uwaga"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Needs.Report(t.Context(), w.actor("Cezary Centrum"), needs.Input{Institution: w.institution(100310), Topic: "ocenianie", People: 2}); err != nil {
		t.Fatal(err)
	}
	u := w.as("Ula Urząd").Go("/zarzadzanie/potrzeby").ExpectStatus(200).ExpectText("Ocenianie", "leszczyński", "1 z 1").ExpectNoText("Tajna uwaga", "śremski")
	u.Go("/zarzadzanie/potrzeby/ocenianie").ExpectStatus(404).Go("/raport-roczny").ExpectStatus(200).ExpectText("leszczyński").ExpectNoText("sandomierski", "śremski").Go("/zgodnosc").ExpectStatus(200)
	u.Go("/zarzadzanie/osoby").ExpectStatus(404)
	s := w.as("Sabina SORE").Go("/potrzeby").ExpectStatus(200)
	s.Go("/konto/uprawnienia").ExpectText("Organizator wspomagania (SORE)", school.Name)
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
