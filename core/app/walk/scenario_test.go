package walk_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
	"ore.edu.pl/sieci/core/access"
	needs "ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/webtest"
)

var keyShown = regexp.MustCompile(`(?:[A-Z2-7]{4}[ \x{a0}]){7}[A-Z2-7]{4}`)

// ORE1: an administrator of ORE signs in with a second factor and finds the
// country at a glance: programmes, networks by voivodeship, what is overdue, how
// plugins run, and when they signed in before; the sign-in is in the account of
// changes.
func TestAdministratorsDay(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", func(s *network.Settings) { s.Join = network.JoinRequest })
	w.exec(`INSERT INTO programme (id, code, title) VALUES ($1, 'JST-2027', 'Doradztwo dla samorządów 2027')`, uuid.Must(uuid.NewV7()))
	w.person("Nina Nauczycielka", 100234)
	w.join("Nina Nauczycielka", id)
	w.exec(`UPDATE membership SET changed_at = $2 WHERE network_id = $1 AND state = 'requested'`, id, w.Clock.Now().AddDate(0, 0, -20))
	for i, days := range []int{2, 9} {
		w.exec(`INSERT INTO person (id, email, name, sort_name, state, created_at) VALUES ($1, $2, 'Ola Oczekująca', 'Oczekująca', 'pending', $3)`,
			uuid.Must(uuid.NewV7()), fmt.Sprintf("ola%d@example.org", i), w.Clock.Now().AddDate(0, 0, -days))
	}

	p := w.as("Olga Ore").Go("/konto").Click("Drugi składnik logowania").Click("Ustaw aplikację")
	key := strings.NewReplacer(" ", "", "\u00a0", "").Replace(keyShown.FindString(p.Text()))
	code := func(at time.Time) string {
		t.Helper()
		c, err := totp.GenerateCode(key, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	p.Fill("Kod", code(time.Now())).Click("Włącz drugi składnik").ExpectHeading("Kody zapasowe")

	q := webtest.Open(t, w.base).Go("/zarzadzanie").Fill("Adres e-mail", address("Olga Ore")).Fill("Hasło", password).Click("Zaloguj się")
	q.ExpectHeading("Drugi krok logowania").Fill("Kod", code(time.Now().Add(30*time.Second))).Click("Zaloguj się")
	q.ExpectHeading("Zarządzanie").ExpectText("Poprzednie logowanie", "hasło",
		"Zaległości", "Konta do potwierdzenia, ponad 7 dni", "Zgłoszenia do sieci bez odpowiedzi, ponad 14 dni",
		"Sieci według województw", "wielkopolskie", "Trwające programy", "Doradztwo dla samorządów 2027",
		"Stan wtyczek", "Działa").ExpectNoText("Spotkania odbyte i niezamknięte")
	q.Click("Konta do potwierdzenia, ponad 7 dni").ExpectText("Ola Oczekująca")
	q.Go("/zarzadzanie").Click("Historia logowania").ExpectText("hasło i kod z aplikacji")
	q.Go("/zarzadzanie/dziennik?czynnosc=account:signin&osoba="+w.ids["Olga Ore"].String()).ExpectText("logowanie", "Olga Ore")

	// A centre sees its links and its own sign-in, not the country.
	w.as("Cezary Centrum").Go("/zarzadzanie").ExpectText("To pierwsze zapisane logowanie").ExpectNoText("Zaległości", "Sieci według województw")
}

// many writes a file of the register with n schools in Lipno, each its own.
func many(from, n int) []byte {
	var b bytes.Buffer
	b.WriteString("Numer RSPO;REGON;Typ;Nazwa;Kod terytorialny gmina;Miejscowość;Data likwidacji\n")
	for i := range n {
		fmt.Fprintf(&b, "%d;;Szkoła podstawowa;Szkoła Podstawowa nr %d;3013022;Lipno;\n", from+i, i+1)
	}
	return b.Bytes()
}

// PDN1-PDN4 at their full size: 23 schools reported, 31 teachers are invited by
// school, there are 20 places; one person of each school goes first. Somebody
// resigns, the first in line lets the seat pass, the next takes it, and all of it
// is in the account of changes.
func TestTwentyPlacesForTwentyThreeSchools(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	ctx := t.Context()
	const first = 310_000
	if _, err := w.Registry.ImportRSPO(ctx, access.Core("test"), bytes.NewReader(many(first, 23))); err != nil {
		t.Fatal(err)
	}
	for i := range 23 {
		if _, err := w.Needs.Report(ctx, w.actor("Cezary Centrum"), needs.Input{Institution: w.institution(first + i), Topic: "ocenianie", People: 2}); err != nil {
			t.Fatal(err)
		}
	}
	w.person("Dorota Dąbrowa", 900102)
	w.grant(w.ids["Dorota Dąbrowa"], access.CentreAdmin, access.Centre, w.institution(900102))
	if _, err := w.Needs.Report(ctx, w.actor("Dorota Dąbrowa"), needs.Input{Institution: w.institution(100502), Topic: "ocenianie", People: 2}); err != nil {
		t.Fatal(err)
	}

	c := w.as("Cezary Centrum").Go("/zarzadzanie/potrzeby").ExpectText("Ocenianie", "23").ExpectNoText("sandomierski") // PDN1
	c.Click("Ocenianie").ExpectText("23 szkoły czekają na sieć", "powiat leszczyński, woj. wielkopolskie")
	c.Click("Załóż sieć dla tych szkół").Click("Dalej") // PDN2
	c.Choose("Problemowa: wokół wspólnego zagadnienia").Select("Obszar tematyczny", "Ocenianie i monitorowanie uczenia się").Choose("Nauczyciele")
	c.Fill("Na jaką potrzebę szkół odpowiada sieć?", "Oceny nie pomagają się uczyć.").Choose("Wspólne wykonywanie zadań").Choose("Spotkania na miejscu")
	c.Fill("Ile spotkań w roku szkolnym?", "4").Click("Załóż sieć").Click("Załóż sieć").ExpectStatus(200)
	c.ExpectText("Najpierw jedna osoba z każdej szkoły lub zespołu szkół", "Zasada jest podana w zaproszeniu", "Szkoła Podstawowa nr 23, Lipno, powiat leszczyński, woj. wielkopolskie") // PDN3
	at, _, _ := strings.Cut(c.Path(), "/uczestnicy")
	c.Click("Zaproś", "Liczba dni").ExpectText("Zaproszenia zapisane", "Szkoła Podstawowa nr 23, Lipno, powiat leszczyński, woj. wielkopolskie")
	id := uuid.MustParse(strings.TrimPrefix(at, "/sieci/"))
	// Two of each of the first eight schools come before anybody of the others.
	var names []string
	for i := range 31 {
		school := i / 2
		if i >= 16 {
			school = i - 8
		}
		name := "Osoba " + string(rune('A'+i/16)) + string(rune('a'+i%16))
		w.person(name, first+school)
		names = append(names, name)
	}
	w.person("Karolina Koordynatorka", 100231)
	w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, 'coordinator', 'network', $2, $3)`, w.ids["Karolina Koordynatorka"], id, w.Clock.Now())
	if err := w.Networks.OpenNetwork(ctx, w.actor("Karolina Koordynatorka"), id); err != nil {
		t.Fatal(err)
	}
	if n := w.number(`SELECT count(*) FROM network_invitation WHERE network_id = $1 AND institution_id IS NOT NULL`, id); n != 23 {
		t.Fatalf("%d schools invited", n)
	}
	if to := w.letter(address(names[0]), "Zaproszenie do sieci"); !strings.HasPrefix(to, at) {
		t.Errorf("the letter leads to %s", to)
	}
	states := map[network.State][]string{}
	for _, name := range names {
		a := w.join(name, id)
		states[a.State] = append(states[a.State], name)
	}
	if len(states[network.Active]) != 20 || len(states[network.Waiting]) != 11 {
		t.Fatalf("%d have a seat, %d wait: %v", len(states[network.Active]), len(states[network.Waiting]), states)
	}
	if n := w.number(`SELECT count(DISTINCT complex_id) FROM membership WHERE network_id = $1 AND state = 'active' AND seat`, id); n != 20 {
		t.Errorf("the 20 seats went to %d schools", n)
	}

	// PDN4: the first in line is of a school without a seat, not who came first.
	// Who resigns is alone of their school: a colleague would come first otherwise.
	line := []string{names[28], names[29], names[30]}
	w.as(names[16]).Go(at + "/rezygnacja").Click("Zrezygnuj z udziału").ExpectText("Zakończono udział")
	p := w.as(line[0]).Go(at).ExpectText("Zwolniło się miejsce", "Miejsce czeka do: ")
	if n := w.number(`SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'offered' AND offered_until BETWEEN $2 AND $3`, id,
		w.Clock.Now().Add(47*time.Hour), w.Clock.Now().Add(48*time.Hour)); n != 1 {
		t.Errorf("%d offers of 48 hours", n)
	}
	next := w.as(line[1]).Go(at).ExpectText("Miejsce na liście rezerwowej: 1")
	p.Click("Przyjmij albo odrzuć miejsce").Click("Odrzuć").Click("Odrzuć miejsce").ExpectStatus(200)
	next.Go(at).ExpectText("Zwolniło się miejsce").Click("Przyjmij albo odrzuć miejsce").Click("Przyjmij miejsce").ExpectText("Od teraz uczestniczysz")
	log := w.as("Olga Ore").Go("/zarzadzanie/dziennik?miejsce=" + id.String()).ExpectStatus(200)
	log.ExpectText("network:leave", "network.offer:make", "network.offer:accept")
	if n := w.number(`SELECT count(*) FROM audit_event WHERE scope_id = $1 AND action = 'network:leave'`, id); n != 2 {
		t.Errorf("%d entries of resigning and refusing", n)
	}
}

// PDN5: a fourth person of one complex, of whichever of its schools, needs a
// reason, which is kept.
func TestFourthOfOneComplex(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", func(s *network.Settings) { s.Join = network.JoinRequest })
	at := "/sieci/" + id.String()
	k := w.as("Karol Koordynator")
	for i, name := range []string{"Adam A", "Beata B", "Celina C", "Daria D"} {
		w.person(name, 100302+i%2) // two schools of Zespół Szkół w Rydzynie
		if i < 3 {
			w.join(name, id)
			k.Go(at + "/uczestnicy/zgloszenia").ExpectText(name).Click("Przyjmij").ExpectText("Zapisano decyzję")
		}
	}
	d := w.as("Daria D").Go(at).Click("Wyślij zgłoszenie").Click("Wyślij zgłoszenie").ExpectStatus(422).ExpectText("z tego samego zespołu szkół")
	d.Fill("Powód", "Uczę w trzecim etapie.").Click("Wyślij zgłoszenie").ExpectText("Zgłoszenie wysłane")
	k.Go(at+"/uczestnicy/zgloszenia").ExpectText("Daria D", "Liceum Ogólnokształcące w Rydzynie, Rydzyna, powiat leszczyński, woj. wielkopolskie")
	k.Click("Przyjmij").ExpectStatus(422).ExpectText("z tego samego zespołu szkół")
	k.Click("Przyjmij").ExpectStatus(422)
	k.Fill("Powód", "Zespół prowadzi trzy etapy nauki.").Click("Przyjmij").ExpectText("Zapisano decyzję")
	if n := w.number(`SELECT count(*) FROM membership WHERE network_id = $1 AND state = 'active' AND seat`, id); n != 4 {
		t.Errorf("%d members with a seat", n)
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE scope_id = $1 AND action = 'warning:acknowledge'`, id); n != 2 {
		t.Errorf("the reasons of the one who asks and the one who decides are kept %d times", n)
	}

	// The platform's administrator lets more people of one complex in.
	const question = "Ile osób z jednego zespołu szkół może należeć do sieci bez podania powodu"
	o := w.as("Olga Ore").Go("/zarzadzanie/wtyczki/ore.thematic").Click("Ustawienia").ExpectText("Nikt jeszcze niczego tu nie ustawił")
	o.Fill(question, "500").Click("Zapisz ustawienia").ExpectStatus(422).Fill(question, "5").Click("Zapisz ustawienia").ExpectText("Zapisano ustawienia.")
	o.Click("Ustawienia").ExpectText("Ostatnio zmienione", "Olga Ore")
	w.person("Ewa E", 100302)
	w.as("Ewa E").Go(at).Click("Wyślij zgłoszenie").Click("Wyślij zgłoszenie").ExpectText("Zgłoszenie wysłane")
}

// NAU1: a teacher registers by the school's number or name; only what is needed
// is asked for, with reasons; the account waits to be confirmed.
func TestTeacherRegisters(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	p := webtest.Open(t, w.base).Go("/rejestracja").ExpectHeading("Załóż konto").Click("Wybierz szkołę lub placówkę")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "księgi lasu").Click("Szukaj").ExpectText("Osieczna, powiat leszczyński, woj. wielkopolskie")
	p.Fill("Nazwa, miejscowość lub numer RSPO", "100234").Click("Szukaj").Click("Szkoła Podstawowa nr 2 im. Polskich Olimpijczyków")
	p.ExpectText("Pytamy tylko o to, co potrzebne", "Widzą je osoby z tych samych sieci", "Służy do logowania i powiadomień", "Pomaga potwierdzić konto").ExpectNoText("PESEL", "urodzenia")
	body, err := (&client{w: w}).get(p.Path())
	if err != nil {
		t.Fatal(err)
	}
	var asked []string
	for _, m := range regexp.MustCompile(`<(?:input|select|textarea)[^>]* name="([^"]+)"`).FindAllStringSubmatch(body.body, -1) {
		if !strings.Contains(m[0], `type="hidden"`) && !strings.Contains(m[0], `type="search"`) {
			asked = append(asked, m[1])
		}
	}
	if got := strings.Join(asked, " "); got != "name email function password" {
		t.Errorf("asked for: %s", got)
	}
	p.Fill("Imię i nazwisko", "Natalia Nowa").Fill("Adres e-mail", "natalia@example.org").Fill("Hasło", password).Click("Załóż konto").ExpectText("Wysłaliśmy wiadomość")
	p.Go(w.letter("natalia@example.org", "")).Click("Potwierdź adres").ExpectText("czeka")
	p.Go("/logowanie").Fill("Adres e-mail", "natalia@example.org").Fill("Hasło", password).Click("Zaloguj się").ExpectText("Konto czeka na potwierdzenie przez szkołę lub placówkę")
	w.as("Cezary Centrum").Go("/zarzadzanie/potwierdzenia").ExpectText("Natalia Nowa", "Szkoła Podstawowa nr 2").Click("Potwierdź konto").ExpectText("Konto potwierdzone")
	p.Go("/logowanie").Fill("Adres e-mail", "natalia@example.org").Fill("Hasło", password).Click("Zaloguj się").ExpectStatus(200).ExpectNoText("czeka na potwierdzenie")
}

// NAU2: a teacher finds the network among those open to her subject and
// territory, joins, or goes on the waiting list and is told her place.
func TestTeacherFindsANetwork(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	one := w.network("Karol Koordynator", func(s *network.Settings) { s.Capacity = 2 })
	w.led("Karol Koordynator", func(s *network.Settings) { s.Title = "Matematyka w klasach 4–8" })
	far := w.led("Karol Koordynator", func(s *network.Settings) { s.Title = "Ocenianie w Sandomierzu" })
	w.exec(`UPDATE network SET centre_id = $2 WHERE id = $1`, far, w.institution(900102))
	w.person("Adam A", 100310)
	w.join("Adam A", one)
	w.person("Nina Nauczycielka", 100234)
	w.person("Zofia Spóźniona", 100311)
	find := func(name string) *webtest.Page {
		p := w.as(name).Go("/sieci").Fill("Szukaj w nazwach sieci", "ocenianie").Select("Województwo", "wielkopolskie").Click("Szukaj", "Szukaj w nazwach sieci")
		p.ExpectText("Ocenianie kształtujące").ExpectNoText("Matematyka w klasach", "Ocenianie w Sandomierzu", " km")
		return p.Click("Ocenianie kształtujące")
	}
	find("Nina Nauczycielka").Click("Dołącz do sieci").Click("Dołącz do sieci").ExpectText("Od teraz uczestniczysz")
	z := find("Zofia Spóźniona").ExpectText("Wszystkie miejsca są zajęte").Click("Zapisz się na listę rezerwową")
	z.Click("Zapisz się na listę rezerwową").ExpectText("Miejsce na liście rezerwowej: 1")
}
