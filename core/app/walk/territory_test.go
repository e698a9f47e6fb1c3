package walk_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	needs "ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/registry"
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
	w.becomesStaff("Sabina SORE", school.ID)
}

// becomesStaff has a support organiser of a school and of a group of it become one
// of the school's staff: both roles end, with an account and a letter.
func (w *world) becomesStaff(name string, school uuid.UUID) {
	w.t.Helper()
	ctx, core, who := w.t.Context(), access.Core("test"), w.ids[name]
	p, err := w.Programmes.Create(ctx, core, programme.NewProgramme{Code: "WSP", Title: "Wspomaganie", Centre: w.institution(900101)})
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := w.Programmes.CreateGroup(ctx, core, programme.NewGroup{Parent: effect.Scope{Kind: effect.Programme, ID: p.ID}, Name: "Zespół szkoły", Institution: school})
	if err == nil {
		err = w.Programmes.AddMember(ctx, core, g, who, access.SupportOrganiser, time.Time{})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	const held = `SELECT count(*) FROM role_grant WHERE person_id = $1 AND role = 'support_organiser' AND (valid_to IS NULL OR valid_to > $2)`
	if n := w.number(held, who, w.Clock.Now()); n != 2 {
		w.t.Fatalf("%d roles before", n)
	}
	c := w.as("Cezary Centrum").Go("/zarzadzanie/osoby/" + who.String()).Click("Zmień miejsce pracy").ExpectText("wspomaganie jest zewnętrzne")
	c.Click("Wybierz nową placówkę").Fill("Nazwa, miejscowość lub numer RSPO", "100234").Click("Szukaj").Click("Szkoła Podstawowa nr 2 im. Polskich Olimpijczyków")
	c.Click("Zapisz miejsce pracy").ExpectText("Miejsce pracy zapisane").ExpectNoText("Organizator wspomagania")
	if n := w.number(held, who, w.Clock.Now()); n != 0 {
		w.t.Errorf("%d roles of support in the own school", n)
	}
	for action, want := range map[string]int{"role:revoke": 1, "group.member:remove": 1, "person:employ": 1} {
		if n := w.number(`SELECT count(*) FROM audit_event WHERE object_id = $1 AND action = $2`, who.String(), action); n != want {
			w.t.Errorf("%s: %d accounts, want %d", action, n, want)
		}
	}
	if link := w.letter(address(name), "Rola organizatora wspomagania wygasła"); link != "/konto/uprawnienia" {
		w.t.Errorf("the letter leads to %s", link)
	}
	if err := w.Programmes.AddMember(ctx, core, g, who, access.SupportOrganiser, time.Time{}); fault.As(err) == nil || fault.As(err).Fields[0].Key != "access.support_own_school" {
		w.t.Errorf("given again: %v", err)
	}
	c.Go("/zarzadzanie/osoby/" + who.String() + "/placowka?instytucja=" + w.institution(100502).String()).Click("Zapisz miejsce pracy").ExpectStatus(422)
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// A pedagogical library has an administrator of its own, appointed by the centre:
// they confirm the library's people and nobody else's, and keep its contacts.
func TestALibraryHasAnAdministrator(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	w.person("Beata Bibliotekarka", 900103)
	w.person("Nina Nauczycielka", 100234)
	for name, at := range map[string]int{"Olaf Oczekujący": 900103, "Szymon Szkolny": 100234} {
		w.exec(`UPDATE person SET state = 'pending' WHERE id = $1`, w.person(name, at))
	}
	grant := "/zarzadzanie/role/nadaj?osoba=" + w.ids["Beata Bibliotekarka"].String() + "&role=institution_admin.institution&scope="
	c := w.as("Cezary Centrum").Go(grant + w.institution(100234).String()).ExpectText("Tę rolę nadaje się w bibliotece pedagogicznej albo w poradni")
	c.Click("Nadaj rolę").ExpectStatus(422).ExpectText("W szkole konta potwierdza dyrektor")
	c.Go(grant+w.institution(900103).String()).Click("Nadaj rolę").ExpectStatus(200).ExpectText("Administrator biblioteki lub poradni", "Pedagogiczna Biblioteka Powiatowa w Lesznie")

	b := w.as("Beata Bibliotekarka").Go("/zarzadzanie/osoby").ExpectStatus(200).ExpectText("Beata", "Olaf").ExpectNoText("Nina", "Szymon", "Cezary")
	b.Go("/zarzadzanie/osoby/" + w.ids["Nina Nauczycielka"].String()).ExpectStatus(404)
	b.Go("/zarzadzanie/potwierdzenia").ExpectText("Olaf").ExpectNoText("Szymon").Click("Potwierdź konto").ExpectStatus(200)
	if n := w.number(`SELECT count(*) FROM person WHERE state = 'pending'`); n != 1 {
		t.Errorf("%d wait, want the one of the school", n)
	}
	b.Go("/zarzadzanie/osoby/zapros").ExpectText("Pedagogiczna Biblioteka Powiatowa w Lesznie")

	// What the register describes comes from the register; a counselling centre
	// that it does not know keeps its contacts itself.
	b.Go("/zarzadzanie/organizacje/" + w.institution(900103).String() + "/edytuj").ExpectStatus(200).Click("Zapisz").ExpectStatus(409)
	own, err := w.Registry.CreateInstitution(t.Context(), access.Core("test"), registry.NewInstitution{Kind: registry.Counselling, Name: "Poradnia niepubliczna", Powiat: "3013"})
	if err != nil {
		t.Fatal(err)
	}
	w.grant(w.ids["Beata Bibliotekarka"], access.InstitutionAdmin, access.Institution, own)
	b.Go("/szkoly/"+own.String()).Click("Zmień dane organizacji").Fill("Strona internetowa", "https://poradnia.example").Click("Zapisz").ExpectStatus(200).ExpectText("https://poradnia.example")
	p := w.client("Beata Bibliotekarka")
	var version int
	if err := w.DB.Get(t.Context(), &version, `SELECT version FROM institution WHERE id = $1`, own); err != nil {
		t.Fatal(err)
	}
	a, err := p.send("PUT", "/api/v1/institutions/"+own.String(), `{"name":"Poradnia niepubliczna","powiat":"2609","closed":false,"version":`+strconv.Itoa(version)+`}`)
	if err != nil || a.status != 422 || !strings.Contains(a.body, "administrator ORE") {
		t.Errorf("moved out of the territory: %d %s %v", a.status, a.body, err)
	}
}
