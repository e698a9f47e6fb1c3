package walk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/task"
)

// Most pages that a school year may cost somebody, and most letters that they may
// get: a fifth above what the year below takes (149 pages and 48 letters of the
// coordinator, 85 and 46 of a participant), so that an act that grows by a page,
// or a notice that turns into a letter of its own, is seen here.
const (
	mostLeadPages, mostLeadLetters     = 180, 58
	mostMemberPages, mostMemberLetters = 102, 56
)

// diary is what somebody's year has cost so far, by what it was for.
type diary struct {
	*visitor
	order []string
	cost  map[string]int
}

// does counts the pages of one thing that the person does.
func (d *diary) does(what string, f func(v *visitor)) {
	before := d.pages
	f(d.visitor)
	if _, have := d.cost[what]; !have {
		d.order = append(d.order, what)
	}
	d.cost[what] += d.pages - before
}

// A school year of N1 as the coordinator and a typical participant live it, each
// beginning at the link of a letter or at the first page, signed in: how many
// pages they load and how many letters they get. The others answer, come, write
// and hand in without being counted. Letters are those that leave, the daily
// digest with everything else as one.
func BenchmarkSchoolYear(b *testing.B) {
	for b.Loop() {
		k, n := liveSchoolYear(b)
		b.ReportMetric(float64(k.pages), "lead-pages")
		b.ReportMetric(float64(n.pages), "member-pages")
	}
}

func liveSchoolYear(b *testing.B) (k, n *diary) {
	b.Helper()
	y := founded(b)
	k = &diary{visitor: y.visitor(lead, address(lead), y.ids[lead]), cost: map[string]int{}}
	n = &diary{visitor: y.visitor(teacher, address(teacher), y.ids[teacher]), cost: map[string]int{}}
	acts := y.schoolYear(k, n)
	for day := warsaw("2026-09-15 08:05"); day.Before(warsaw("2027-06-26 00:00")); day = day.AddDate(0, 0, 1) {
		date := day.Format(time.DateOnly)
		f := acts[date]
		if wd := day.Weekday(); f == nil && (wd == time.Saturday || wd == time.Sunday) {
			continue
		}
		y.on(date + " 08:05")
		if day.Weekday() == time.Monday {
			y.weekly()
		}
		if f != nil {
			f(date)
		}
	}
	y.on("2027-06-28 08:05")
	if y.number(`SELECT count(*) FROM network WHERE id = $1 AND status = 'closed'`, y.id) != 1 {
		b.Error("the year did not come to its end")
	}
	y.bill(b, k, mostLeadPages, mostLeadLetters)
	y.bill(b, n, mostMemberPages, mostMemberLetters)
	return k, n
}

// weekly makes the module's letter of Monday be written.
func (y *year) weekly() {
	y.t.Helper()
	if err := y.Work.Tick(y.t.Context()); err != nil {
		y.t.Fatal(err)
	}
	y.until("the week's job to be done", func() bool {
		return y.number(`SELECT count(*) FROM module_job WHERE state IN ('waiting', 'running')`) == 0
	})
}

// bill prints what the year cost somebody and holds it against the bounds.
func (y *year) bill(t testing.TB, d *diary, pages, letters int) {
	t.Helper()
	var rows []struct {
		Key string `db:"key"`
		N   int    `db:"n"`
	}
	if err := y.DB.Select(t.Context(), &rows, `SELECT key, CAST(count(*) AS int) AS n FROM mail_outbox WHERE person_id = $1 GROUP BY key ORDER BY n DESC, key`, d.id); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d pages\n", d.name, d.pages)
	for _, what := range d.order {
		fmt.Fprintf(&b, "  %4d  %s\n", d.cost[what], what)
	}
	all := 0
	for _, r := range rows {
		all += r.N
	}
	fmt.Fprintf(&b, "%s: %d letters\n", d.name, all)
	for _, r := range rows {
		fmt.Fprintf(&b, "  %4d  %s\n", r.N, r.Key)
	}
	t.Log("\n" + b.String())
	if d.pages > pages || all > letters {
		t.Errorf("%s: %d pages of at most %d, %d letters of at most %d", d.name, d.pages, pages, all, letters)
	}
}

// yearMeeting is one of the five, as the coordinator plans it.
type yearMeeting struct {
	kind, title, day, planned, path string
}

// schoolYear is who does what on which day.
func (y *year) schoolYear(k, n *diary) map[string]func(date string) {
	acts := map[string]func(string){}
	add := func(date string, f func(date string)) {
		if before := acts[date]; before != nil {
			acts[date] = func(d string) { before(d); f(d) }
			return
		}
		acts[date] = f
	}
	for _, m := range []*yearMeeting{
		{kind: "organisational", title: "Poznajemy się", day: "2026-10-08", planned: "2026-09-21"},
		{kind: "working", title: "Informacja zwrotna", day: "2026-11-26", planned: "2026-10-19"},
		{kind: "working", title: "Kryteria sukcesu", day: "2027-01-14", planned: "2026-12-07"},
		{kind: "working", title: "Stopień na koniec roku", day: "2027-03-11"},
		{kind: "summary", title: "Co zostaje w szkołach", day: "2027-06-10", planned: "2027-05-10"},
	} {
		if m.planned != "" {
			add(m.planned, func(string) { y.planned(k, m) })
			add(after(m.planned, 1), func(string) { y.answered5(n, m) })
		}
		add(after(m.day, -7), func(string) { y.programmed(k, n, m) })
		add(m.day, func(date string) { y.held(k, n, m) })
		if m.planned == "" {
			add("2026-11-30", func(string) { y.asked(k, n, m) })
			add("2026-12-14", func(string) { y.choose(k, m) })
			add("2026-12-15", func(string) { y.answered5(n, m) })
		}
	}
	add("2026-10-09", func(string) {
		k.does("contract and stages", func(v *visitor) {
			v.goTo(y.at+"/czynnosc/contract").send("Zapisz kontrakt sieci", map[string]string{"zasady": "bledy", "data": "8.10.2026"})
			v.goTo(y.at+"/czynnosc/next_stage").send("Przejdź do następnego etapu", nil)
		})
	})
	add("2026-10-12", func(string) { y.assigned(k) })
	add("2026-11-09", func(string) { y.handedIn(n) })
	add("2026-11-10", func(string) { y.judged(k) })
	add("2026-10-26", func(string) { y.vote(k, n) })
	for i := range 16 { // somebody writes every second week; who reads it, answers now and then
		add(after("2026-10-05", 14*i), func(string) { y.talk(i) })
		if i%2 == 0 {
			add(after("2026-10-06", 14*i), func(string) { y.read(k, n, i) })
		}
	}
	add("2026-12-02", func(string) { y.shared(n) })
	add("2027-02-10", func(string) {
		n.does("resources of others", func(v *visitor) { v.goTo(y.at + "/zasoby").follow("Scenariusz z lutego") })
		n.does("own hours, calendar address", func(v *visitor) {
			v.goTo("/kalendarz").follow("Dodaj do swojego kalendarza").send("Utwórz adres kalendarza", nil)
			v.goTo(y.at + "/godziny")
		})
	})
	add("2027-05-17", func(string) { y.survey(k) })
	add("2027-05-18", func(string) { y.fill(n) })
	add("2027-06-18", func(string) { y.over(k, n) })
	return acts
}

func after(day string, days int) string {
	return warsaw(day+" 12:00").AddDate(0, 0, days).Format(time.DateOnly)
}

func (y *year) planned(k *diary, m *yearMeeting) {
	k.does("meetings: planning and inviting", func(v *visitor) {
		v.goTo(y.at + "/spotkania").follow("Zaplanuj spotkanie")
		v.send("Zapisz szkic", map[string]string{"kind": m.kind, "title": m.title, "day": m.day, "start": "15:00", "end": "17:15", "place": "CDN Wierzbowo, Leszno", "address": "ul. Szkolna 1"})
		m.path = v.expect("To jest szkic").path
		v.follow("Ogłoś spotkanie").send("Ogłoś spotkanie", nil).expect("Spotkanie zostało ogłoszone")
	})
	k.does("meetings: agenda", func(v *visitor) {
		v.goTo(m.path + "/porzadek")
		v.send("Dodaj punkt", map[string]string{"title": "Lekcja pokazowa", "minutes": "45", "leader": n0(y)}).expect("Punkt został dodany")
	})
}

// n0 is the id of a member who leads a session.
func n0(y *year) string { return y.others[0].id.String() }

// answered5: the typical participant answers from the letter, the others too.
func (y *year) answered5(n *diary, m *yearMeeting) {
	n.does("meetings: answering", func(v *visitor) { v.goTo(m.path).send("Wyślij odpowiedź", map[string]string{"answer": "onsite"}) })
	for _, v := range y.others {
		if err := y.Meetings.Answer(y.t.Context(), y.actor(v.name), y.meetingID(m.path), schedule.OnSite); err != nil {
			y.t.Fatal(err)
		}
	}
}

func (y *year) programmed(k, n *diary, m *yearMeeting) {
	k.does("meetings: programme", func(v *visitor) {
		v.goTo(m.path+"/program").send("Wyślij program", nil).expect("Program został wysłany")
	})
	n.does("meetings: reading the programme", func(v *visitor) { v.goTo(m.path).expect("Lekcja pokazowa") })
}

func (y *year) held(k, n *diary, m *yearMeeting) {
	y.on(m.day + " 15:05")
	var code string
	k.does("meetings: attendance", func(v *visitor) {
		c, err := y.Meetings.Code(y.t.Context(), y.actor(lead), y.meetingID(m.path))
		if err != nil {
			y.t.Fatal(err)
		}
		code = c.Value
		v.goTo(m.path + "/kod").expect(code[:3] + " " + code[3:])
	})
	n.does("meetings: checking in", func(v *visitor) {
		v.goTo(m.path+"/obecnosc").send("Potwierdź obecność", map[string]string{"code": code})
	})
	for _, v := range y.others {
		if err := y.Meetings.CheckIn(y.t.Context(), y.actor(v.name), y.meetingID(m.path), code, ""); err != nil {
			y.t.Fatal(err)
		}
	}
	y.on(m.day + " 18:00")
	k.does("meetings: attendance", func(v *visitor) {
		v.goTo(m.path+"/lista").send("Zapisz listę obecności", map[string]string{"presence." + y.ids[sharp].String(): "absent"})
	})
	k.does("meetings: minutes", func(v *visitor) {
		v.goTo(m.path+"/protokol").send("Zapisz i powiadom", map[string]string{"text": "Notatka.", "decisions[0].text": "Decyzja.", "actions[0].text": "Zebrać karty", "actions[0].owner": y.ids[teacher].String()})
	})
	if m.kind != "summary" {
		k.does("meetings: closing", func(v *visitor) {
			v.goTo(m.path+"/zamknij").send("Zamknij spotkanie", nil).expect("Spotkanie zostało zamknięte")
		})
	}
	n.does("meetings: own tasks after", func(v *visitor) { v.goTo(m.path).send("Oznacz jako zrobione: Zebrać karty", nil) })
}

func (y *year) asked(k, n *diary, _ *yearMeeting) {
	k.does("a poll for a date", func(v *visitor) {
		v.goTo(y.at + "/ankiety-terminow/nowa")
		set := map[string]string{"tytul": "Stopień na koniec roku", "rodzaj": "working", "do-kiedy": "2026-12-11"}
		for i, day := range []string{"2027-03-09", "2027-03-11"} {
			row := fmt.Sprint(i + first(v))
			set["dzien-"+row], set["od-"+row], set["do-"+row] = day, "15:00", "17:15"
		}
		v.send("Wyślij ankietę", set).expect("Wysłano ankietę")
		y.march = v.path
	})
	n.does("a poll for a date", func(v *visitor) {
		v.goTo(strings.SplitN(y.march, "?", 2)[0]).send("Zapisz odpowiedzi", map[string]string{"termin-*": "maybe", "reszta": "1"}).expect("Zapisano odpowiedzi")
	})
}

// first is the number of the first row of the form for dates.
func first(v *visitor) int {
	if v.has(v.main(), "dzien-0") {
		return 0
	}
	return 1
}

func (y *year) choose(k *diary, m *yearMeeting) {
	k.does("a poll for a date", func(v *visitor) {
		v.goTo(strings.SplitN(y.march, "?", 2)[0]).follow("Wybierz ten termin: 11 marca")
		v.send("Utwórz spotkanie", map[string]string{"miejsce": "SP 4, Leszno"})
		m.path = strings.SplitN(v.path, "?", 2)[0]
	})
	k.does("meetings: agenda", func(v *visitor) {
		v.goTo(m.path+"/porzadek").send("Dodaj punkt", map[string]string{"title": "Lekcja pokazowa", "minutes": "45", "leader": n0(y)})
	})
}

func (y *year) assigned(k *diary) {
	k.does("tasks: assigning", func(v *visitor) {
		v.goTo(y.at + "/zadania").follow("Nowe zadanie")
		v.send("Przydziel zadanie", map[string]string{"nazwa": "Obserwacja koleżeńska", "termin": "2026-12-04", "dla": v.option("dla", "Wszyscy w sieci")}).expect("Zadanie zostało przydzielone")
	})
}

// option is the value of a list's option that begins with the words.
func (v *visitor) option(name, words string) string {
	v.t.Helper()
	for n := range v.main().Descendants() {
		if n.Data != "select" || attr(n, "name") != name {
			continue
		}
		for o := range n.Descendants() {
			if o.Data == "option" && strings.HasPrefix(textOf(o), words) {
				return attr(o, "value")
			}
		}
	}
	v.t.Fatalf("%s has no option %q", name, words)
	return ""
}

func (y *year) handedIn(n *diary) {
	n.does("tasks: handing in", func(v *visitor) {
		v.goTo("/moje").follow("Zadanie: Obserwacja koleżeńska")
		v.send("Wybierz… W której szkole?", map[string]string{"data": "3.11.2026", "klasa": "5b, przyroda", "zadzialalo": "Cisza.", "sprobuje": "Czekanie.", "skupienie": "pytania"})
		v.load("GET", searching(v, "100310"), nil)
		v.follow("Szkoła Podstawowa im. Księgi Lasu").send("Oddaj zadanie", nil).expect("Zadanie zostało oddane")
	})
	t, err := y.Tasks.InScope(y.t.Context(), y.actor(lead), effect.Scope{Kind: effect.Network, ID: y.id}, task.All, "", 10)
	if err != nil || len(t.Items) != 1 {
		y.t.Fatal(t, err)
	}
	school := y.institution(100310)
	raw, err := json.Marshal(map[string]any{"data": "2026-11-03", "klasa": "5b", "skupienie": []string{"pytania"}, "zadzialalo": "Cisza.", "sprobuje": "Czekanie.",
		"szkola": map[string]any{"kind": "szkola", "id": school, "label": "Szkoła"}})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, v := range y.others[:7] {
		if _, err := y.Tasks.Submit(y.t.Context(), y.actor(v.name), t.Items[0].ID, task.Handing{Version: t.Items[0].Version, FormRev: 1, Answers: raw}); err != nil {
			y.t.Fatal(err)
		}
	}
}

// searching is the address to which the page's search leads with a query.
func searching(v *visitor, query string) string {
	for n := range v.main().Descendants() {
		if n.Data == "form" && !strings.EqualFold(attr(n, "method"), "post") {
			f := fieldsOf(n)
			for name := range f {
				if f.Get(name) == "" {
					f.Set(name, query)
				}
			}
			to := attr(n, "action")
			if to == "" {
				to = strings.SplitN(v.path, "?", 2)[0]
			}
			return to + "?" + f.Encode()
		}
	}
	return v.path
}

func (y *year) judged(k *diary) {
	k.does("tasks: answering what was handed in", func(v *visitor) {
		for range 8 {
			v.goTo("/moje").follow("Oceń zadanie: Obserwacja koleżeńska").send("Zapisz decyzję", map[string]string{"decyzja": "accepted"}).expect("Zadanie przyjęto")
		}
	})
}

func (y *year) vote(k, n *diary) {
	n.does("proposals and votes", func(v *visitor) {
		v.goTo(y.at+"/propozycje").send("Zgłoś propozycję", map[string]string{"title": "Karty wyjścia krok po kroku"})
	})
	k.does("proposals and votes", func(v *visitor) {
		v.goTo(y.at+"/propozycje").send("Otwórz głosowanie", map[string]string{"until-*": "2026-11-03"})
	})
	n.does("proposals and votes", func(v *visitor) { v.goTo(y.at+"/propozycje").send("Zagłosuj", map[string]string{"choice-*": "yes"}) })
}

// talk is what the others write: a thread and an answer.
func (y *year) talk(i int) {
	a, b := y.actor(y.others[i%len(y.others)].name), y.actor(y.others[(i+1)%len(y.others)].name)
	id, err := y.Board.Start(y.t.Context(), a, y.id, board.Forum, board.Entry{Title: fmt.Sprint("Wątek numer ", i+1), Body: "Jak to robicie?"})
	if err == nil {
		_, err = y.Board.Reply(y.t.Context(), b, id, "U nas tak.", nil)
	}
	if err != nil {
		y.t.Fatal(err)
	}
}

func (y *year) read(k, n *diary, i int) {
	for _, d := range []*diary{k, n} {
		d.does("forum", func(v *visitor) { v.goTo(y.at + "/forum").follow(fmt.Sprint("Wątek numer ", i+1)) })
	}
	if i%4 == 0 {
		n.does("forum", func(v *visitor) { v.send("Opublikuj odpowiedź", map[string]string{"body": "Spróbuję."}) })
	}
}

func (y *year) shared(n *diary) {
	n.does("sharing a resource", func(v *visitor) {
		v.goTo(y.at + "/zasoby").follow("Dodaj zasób")
		v.send("Dodaj do zasobów", map[string]string{"title": "Scenariusz z lutego", "kind": "scenariusz", "description": "Jedna lekcja.", "link": "https://zpe.gov.pl/a", "accessibility": "Tekst z nagłówkami.", "licence": "cc-by-4.0", "authors": teacher, "product": "1"}).expect("Dodano zasób")
	})
}

func (y *year) survey(k *diary) {
	k.does("contract and stages", func(v *visitor) {
		v.goTo(y.at+"/czynnosc/next_stage").send("Przejdź do następnego etapu", nil)
	})
	k.does("evaluation", func(v *visitor) {
		v.goTo(y.at+"/ewaluacja").follow("Przygotuj ankietę").send("Zapisz szkic", nil)
		v.follow("Otwórz ankietę").send("Otwórz ankietę", map[string]string{v.box("Wiem, że ankieta jest anonimowa"): "1"}).expect("Ankieta jest otwarta")
		y.june = strings.SplitN(v.path, "?", 2)[0]
	})
}

// box is the name of the only box on the page whose form says the words.
func (v *visitor) box(words string) string {
	v.t.Helper()
	for n := range v.main().Descendants() {
		if n.Data == "input" && attr(n, "type") == "checkbox" {
			return attr(n, "name")
		}
	}
	v.t.Fatalf("no box %q on %s", words, v.path)
	return ""
}

func (y *year) fill(n *diary) {
	n.does("evaluation", func(v *visitor) {
		v.goTo("/moje").follow("Wypełnij ankietę").send("Pobierz kod i przejdź do ankiety", nil)
		v.onward().send("Wyślij odpowiedzi", map[string]string{"najcenniejsze": "Lekcje u innych."}).expect("Odpowiedź przyjęta")
	})
	for _, v := range y.others[:8] {
		v.goTo(y.june+"/kod").send("Pobierz kod i przejdź do ankiety", nil)
		v.onward().send("Wyślij odpowiedzi", map[string]string{"najcenniejsze": "Lekcje u innych."})
	}
}

// over: the evaluation is closed, the plan and the summary are written, the last
// meeting and the network end.
func (y *year) over(k, n *diary) {
	k.does("evaluation", func(v *visitor) {
		if v.goTo(y.june).offers("Zamknij ankietę") {
			v.follow("Zamknij ankietę").send("Zamknij ankietę", nil)
		}
		y.until("results", func() bool { return y.number(`SELECT count(*) FROM evaluation_round WHERE outcome = 'ready'`) == 1 })
		v.goTo(y.june + "/wyniki").expect("Cele sieci")
	})
	k.does("the end: plan of dissemination, summary, report", func(v *visitor) {
		v.goTo(y.at + "/upowszechnianie").follow("Dodaj działanie")
		v.send("Zapisz działanie", map[string]string{"what": "Karty wyjścia", "audience": "Dyrektorzy", "way": "Narada", "due": "2027-06-25", "who": teacher}).expect("Zapisano działanie")
		v.goTo(y.at+"/czynnosc/summary").send("Podsumuj pracę sieci", map[string]string{"odpowiedzi": "9", "ewaluacja": "Więcej lekcji u innych.", "upowszechnianie": "Narada.", "kontynuacja": "true"}).expect("Gotowe")
		v.goTo(y.at+"/spotkania").follow("Co zostaje w szkołach").follow("Zamknij spotkanie").send("Zamknij spotkanie", nil).expect("Spotkanie zostało zamknięte")
		v.goTo(y.at + "/sprawozdanie").expect("Liczba spotkań 5")
	})
	n.does("evaluation", func(v *visitor) { v.goTo(y.june + "/wyniki") })
	k.does("contract and stages", func(v *visitor) {
		// Not everybody handed in: the task of all is open, and a reason is asked.
		v.goTo(y.at+"/czynnosc/close").refused("Zakończ sieć").send("Zakończ sieć", map[string]string{"reason.*": "Kto chciał, oddał obserwację."})
	})
}
