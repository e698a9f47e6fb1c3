package demo

import (
	"slices"
	"time"

	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/schedule"
)

// The whole year of the finished network: what the end of n1's will look like.

// readers are its participants.
var readers = []string{
	"hanna.sliwa", "stanislaw.bakiewicz", "justyna.lyzwinska", "tomasz.gwozdz", "agnieszka.zrobek", "danuta.ogrodowczyk",
	"cezary.wac", "renata.grzeskowiak", "apolonia.bak", "krystyna.gaska", "iwona.zdzieblo", "elzbieta.chrzaszczewska",
}

// all but some.
func all(but ...string) []string {
	return slices.DeleteFunc(slices.Clone(readers), func(k string) bool { return slices.Contains(but, k) })
}

const reading = "Pytania do tekstu na siedem przedmiotów"

var (
	library15 = schedule.Where{OnSite: true, Place: "Biblioteka Pedagogiczna w Lesznie", Address: "pl. Jabłoniowy 2, 64-100 Leszno"}
	remote    = schedule.Where{Online: true, Link: "https://spotkania.sieci.example/czytanie"}

	readingMeetings = []*gathering{
		{
			network: finished, kind: schedule.Organisational, title: "Czego nie rozumieją nasi uczniowie?", starts: day(2025, time.October, 14, 15, 0), length: lunch, where: library15,
			planned: day(2025, time.September, 29, 9, 0), announced: day(2025, time.September, 29, 9, 30), programme: day(2025, time.October, 7, 9, 0),
			answers: map[schedule.Way][]string{schedule.OnSite: {"hanna.sliwa", "tomasz.gwozdz", "cezary.wac", "apolonia.bak"}},
			held: &course{
				present: map[schedule.Presence][]string{schedule.PresentOnSite: all("krystyna.gaska"), schedule.Excused: {"krystyna.gaska"}},
				written: day(2025, time.October, 14, 17, 50), text: "Przejrzano zadania z trzech egzaminów. Najwięcej punktów uciekało w poleceniach dłuższych niż cztery zdania, na każdym przedmiocie.",
				decided: []string{"Każda osoba przynosi jeden tekst ze swojego przedmiotu.", "Pytania piszemy w trzech częściach: przed czytaniem, w trakcie, po."},
				tasks: []promise{
					{"Zebrać teksty w jednym miejscu.", "hanna.sliwa", "2025-11-14", day(2025, time.November, 12, 20, 0)},
					{"Sprawdzić wyniki próbnego egzaminu w dwóch szkołach.", "cezary.wac", "2025-11-28", day(2025, time.November, 27, 15, 0)},
				},
				closed: day(2025, time.October, 16, 9, 0),
			},
		},
		{
			network: finished, kind: schedule.Working, title: "Pytania przed czytaniem, w trakcie i po", starts: day(2025, time.December, 2, 16, 0), length: lunch, where: remote,
			planned: day(2025, time.November, 3, 9, 0), announced: day(2025, time.November, 3, 9, 30), programme: day(2025, time.November, 25, 9, 0),
			agenda: []point{
				{title: "Wymiana doświadczeń: nasze teksty", minutes: 45, method: schedule.Discussion, leader: "tomasz.gwozdz"},
				{title: "Jak zadawać pytania o tekst", minutes: 45, method: schedule.Lecture, outsider: "Serafina Brzózka, metodyczka"},
				{title: "Piszemy pytania w trójkach", minutes: 45, method: schedule.Workshop, leader: "barbara.illakowicz"},
			},
			held: &course{
				present: map[schedule.Presence][]string{schedule.PresentOnline: all("stanislaw.bakiewicz", "apolonia.bak", "renata.grzeskowiak"), schedule.Excused: {"apolonia.bak", "renata.grzeskowiak"}, schedule.Absent: {"stanislaw.bakiewicz"}},
				written: day(2025, time.December, 2, 18, 45), text: "Trzy godziny przed ekranem to za długo. Powstały pytania do dziewięciu tekstów.",
				decided: []string{"Następne spotkanie na miejscu."},
				tasks:   []promise{{"Zredagować pytania do chemii i techniki.", "danuta.ogrodowczyk", "2026-01-30", day(2026, time.January, 29, 18, 0)}},
				closed:  day(2025, time.December, 4, 10, 0),
			},
		},
		{
			network: finished, kind: schedule.Working, title: "Słownik przedmiotu na ścianie klasy", starts: day(2026, time.March, 10, 15, 0), length: lunch, where: library15,
			planned: day(2026, time.February, 9, 9, 0), announced: day(2026, time.February, 9, 9, 30), programme: day(2026, time.March, 3, 9, 0),
			agenda: []point{
				{title: "Słownik na ścianie: jak to robimy", minutes: 45, method: schedule.Presentation, leader: "agnieszka.zrobek"},
				{title: "Słowa, które znaczą co innego na różnych przedmiotach", minutes: 45, method: schedule.Workshop, leader: "danuta.ogrodowczyk"},
				{title: "Karty pracy: wspólna redakcja", minutes: 45, method: schedule.Workshop, leader: "barbara.illakowicz"},
			},
			answers: map[schedule.Way][]string{schedule.OnSite: {"agnieszka.zrobek", "danuta.ogrodowczyk", "hanna.sliwa"}, schedule.No: {"cezary.wac"}},
			held: &course{
				present: map[schedule.Presence][]string{schedule.PresentOnSite: all("cezary.wac", "stanislaw.bakiewicz", "elzbieta.chrzaszczewska"), schedule.Excused: {"cezary.wac", "elzbieta.chrzaszczewska"}, schedule.Absent: {"stanislaw.bakiewicz"}},
				guests:  []schedule.GuestMark{{Name: "Gracjan Modrzew", School: "Biblioteka Pedagogiczna w Lesznie"}},
				written: day(2026, time.March, 10, 17, 45), text: "Dziesięć szkół ma już słownik na ścianie. Karty pracy są gotowe w dwóch trzecich.",
				decided: []string{"Karty wydajemy na licencji CC BY-SA."},
				tasks:   []promise{{"Złożyć karty w jeden zeszyt.", "hanna.sliwa", "2026-05-15", day(2026, time.May, 14, 21, 0)}},
				closed:  day(2026, time.March, 12, 9, 0),
			},
		},
		{
			network: finished, kind: schedule.Summary, title: "Zestaw kart pracy i co dalej", starts: day(2026, time.June, 9, 15, 0), length: lunch, where: library15,
			planned: day(2026, time.May, 11, 9, 0), announced: day(2026, time.May, 11, 9, 30), programme: day(2026, time.June, 2, 9, 0),
			answers: map[schedule.Way][]string{schedule.OnSite: {"hanna.sliwa", "tomasz.gwozdz", "apolonia.bak", "krystyna.gaska"}},
			held: &course{
				present: map[schedule.Presence][]string{schedule.PresentOnSite: all("stanislaw.bakiewicz"), schedule.Excused: {"stanislaw.bakiewicz"}},
				written: day(2026, time.June, 9, 17, 50), text: "Zestaw liczy 42 karty. Obejrzano wyniki próbnego czytania w pięciu klasach i rozdzielono, kto gdzie pokaże karty.",
				decided: []string{"Sieć kończy pracę w tym składzie. Karty są dostępne dla wszystkich.", "Chętni zakładają od września sieć o pisaniu."},
				closed:  day(2026, time.June, 18, 9, 0),
			},
		},
	}

	readingSurvey = &survey{
		network: finished, title: "Ewaluacja pracy sieci w roku 2025/2026", questions: asked, people: all("stanislaw.bakiewicz"),
		prepared: day(2026, time.May, 28, 13, 0), opened: day(2026, time.May, 29, 9, 0), closes: day(2026, time.June, 15, 20, 0), closed: day(2026, time.June, 12, 9, 0),
		words: []string{
			"Karty pracy, z których korzystam od razu następnego dnia.", "Zobaczyć, że na matematyce jest ten sam kłopot co u mnie.", "Spokojna praca w trójkach.",
			"Czas na rozmowę, bez pośpiechu.", "Pytania przed czytaniem. Proste, a zmieniły moje lekcje.", "Ludzie.",
			"Słownik na ścianie, uczniowie sami go pilnują.", "Wspólna redakcja: każda karta przeszła przez trzy osoby.", "Spotkanie z metodyczką.", "Wymiana tekstów.",
		},
		wishes: []string{
			"Krótsze spotkania zdalne.", "Więcej szkół ponadpodstawowych.", "Ustalić terminy na cały rok już we wrześniu.", "Nic.", "Zacząć wcześniej składać karty.",
			"Zaprosić uczniów na jedno spotkanie.", "Terminy, zwłaszcza w marcu.", "Mniej maili.", "Jedna lekcja pokazowa.", "Spotkania bliżej Śremu.",
		},
	}
)

// readingYear is what the network did between its founding and its end.
func readingYear() []scene {
	cards := &thing{
		network: finished, by: "hanna.sliwa", at: day(2026, time.May, 14, 20, 30), file: "pytania-do-tekstu.odt",
		Details: library.Details{Title: reading, Kind: "karta-pracy", Licence: "cc-by-sa-4.0", Authors: []string{"Hanna Śliwa", "Tomasz Gwóźdź", "Danuta Ogrodowczyk"},
			Description: "42 karty pracy z pytaniami przed czytaniem, w trakcie i po. Efekt wymiany doświadczeń dziesięciu szkół, sprawdzony też przed szkoleniami w Łodzi.", Accessibility: "Tekst z nagłówkami. Karty obrazkowe mają opisy.",
			Tags: []string{"topic:jezyk-polski", "topic:przyroda", "topic:matematyka", "stage:sp-4-8", "competence:1"}, Product: true},
		pages: []document.Block{
			document.Paragraph{Text: "Karty dzielą się na trzy części. Nie trzeba używać wszystkich na jednej lekcji."},
			document.Heading{Level: 2, Text: "Przed czytaniem"}, document.List{Items: []string{"O czym może być tekst z takim tytułem?", "Które słowo jest tu nowe?"}},
			document.Heading{Level: 2, Text: "W trakcie"}, document.List{Items: []string{"Zatrzymaj się po akapicie. Co już wiesz?"}},
			document.Heading{Level: 2, Text: "Po"}, document.List{Items: []string{"Jakie pytanie zadasz osobie, która to napisała?"}},
		},
		useful: []string{"tomasz.gwozdz", "krystyna.gaska", "agnieszka.zrobek"}, open: day(2026, time.June, 10, 10, 0), audience: library.Public,
	}
	words := &thing{
		network: finished, by: "agnieszka.zrobek", at: day(2026, time.March, 16, 19, 0), link: "https://nagrania.sieci.example/slownik-na-scianie",
		Details: library.Details{Title: "Słownik na ścianie: lekcja w klasie II", Kind: "nagranie", Licence: "cc-by-4.0", Authors: []string{"Agnieszka Źróbek"}, Accessibility: "Nagranie ma napisy.",
			Description: "Dwanaście minut z lekcji i komentarz.", Tags: []string{"topic:wczesnoszkolna", "stage:sp-1-3", "competence:1"}, Product: true},
	}
	texts := &talk{
		network: finished, by: "hanna.sliwa", at: day(2025, time.October, 20, 18, 0), title: "Teksty: co już mamy",
		body: "Zbieram tu teksty do pracy. Na razie: chemia, technika, historia. Czego brakuje?",
		said: []said{
			{"tomasz.gwozdz", day(2025, time.October, 21, 20, 15), "Matematyka: zadanie o rabatach, pół strony. Dosyłam."},
			{"krystyna.gaska", day(2025, time.October, 23, 17, 5), "Muzyka: program koncertu. Nikt go nie rozumie, łącznie ze mną."},
			{"cezary.wac", day(2025, time.November, 3, 19, 40), "Historia: fragment pamiętnika z 1921 roku."},
		},
	}
	wall := &talk{
		network: finished, by: "agnieszka.zrobek", topic: "Z klasy", at: day(2026, time.February, 2, 19, 0), title: "Ściana, która mówi",
		body: "Od października wieszamy słowa. Jest ich już 118 i uczniowie sami pytają, czy nowe „zasługuje na ścianę”.",
		said: []said{{"justyna.lyzwinska", day(2026, time.February, 3, 8, 10), "Robimy tak samo. U nas słowa mają kolory przedmiotów."}},
	}
	var meetings []scene
	for _, g := range readingMeetings {
		meetings = append(meetings, g.scenes()...)
	}
	return slices.Concat(meetings, readingSurvey.scenes(), cards.scenes(), words.scenes(), texts.scenes(), wall.scenes(),
		disseminating(finished, day(2026, time.June, 10, 11, 0),
			sharing{what: "Zeszyt kart dla szkół powiatu", audience: "nauczyciele klas IV–VIII", way: "paczka plików i godzina na radzie pedagogicznej", who: "Hanna Śliwa",
				due: date(2026, time.June, 17), product: reading, done: day(2026, time.June, 17, 16, 0), outcome: "Karty ma dwanaście szkół, w czterech omówiono je na radzie."},
			sharing{what: "Konferencja powiatowa o czytaniu", audience: "dyrekcje i bibliotekarze", way: "wystąpienie i stoisko", who: "Barbara Iłłakowicz", due: date(2026, time.August, 26), product: reading},
			sharing{what: "Nagranie lekcji na stronie ośrodka", audience: "edukacja wczesnoszkolna", way: "wpis na stronie CDN Wierzbowo", who: "Agnieszka Źróbek",
				due: date(2026, time.June, 15), done: day(2026, time.June, 15, 12, 0), outcome: "Wpis jest na stronie od 15 czerwca."},
		),
		[]scene{pass(day(2025, time.October, 13, 8, 1), "reminders and letters of October 2025"), pass(day(2026, time.January, 12, 8, 1), "letters of January 2026"),
			pass(day(2026, time.June, 22, 8, 1), "letters of June 2026")})
}

// elsewhere are meetings of the other networks.
func elsewhere() []scene {
	room := func(place string) schedule.Where { return schedule.Where{OnSite: true, Place: place} }
	return slices.Concat(
		(&gathering{
			network: full, kind: schedule.Organisational, title: "Pierwsza debata: nauczyciele przeciwko nauczycielom", starts: day(2026, time.October, 20, 15, 0), length: lunch, where: room("II Liceum w Lesznie, aula"),
			planned: day(2026, time.October, 1, 9, 0), announced: day(2026, time.October, 1, 9, 15),
			held: &course{
				present: map[schedule.Presence][]string{schedule.PresentOnSite: {"filip.szydelko", "rozalia.pak", "gabriel.los", "cezary.wac", "barbara.illakowicz"}, schedule.Absent: {"elzbieta.chrzaszczewska"}},
				written: day(2026, time.October, 20, 17, 30), text: "Teza: „Praca domowa powinna być dobrowolna”. Wygrała strona przeciwna, dwoma głosami.",
				decided: []string{"W grudniu uczymy się sędziować."},
				tasks:   []promise{{"Przynieść arkusze sędziowskie.", "filip.szydelko", "2026-12-04", time.Time{}}},
			},
		}).scenes(),
		(&gathering{network: full, kind: schedule.Working, title: "Jak sędziować i nie zniechęcić", starts: day(2026, time.December, 8, 15, 0), length: lunch, where: room("II Liceum w Lesznie, aula"),
			planned: day(2026, time.November, 10, 9, 0), announced: day(2026, time.November, 10, 9, 15)}).scenes(),
		(&gathering{network: closedDoors, kind: schedule.Organisational, title: "Czego potrzebujemy od siebie nawzajem", starts: day(2026, time.December, 3, 10, 0), length: lunch, where: hall,
			planned: day(2026, time.November, 9, 9, 0), announced: day(2026, time.November, 9, 9, 15)}).scenes(),
		(&gathering{
			network: wideOpen, kind: schedule.Organisational, title: "Skąd się bierze strach przed matematyką", starts: day(2026, time.November, 10, 16, 0), length: lunch,
			where:   schedule.Where{Online: true, Link: "https://spotkania.sieci.example/matematyka"},
			planned: day(2026, time.October, 20, 9, 0), announced: day(2026, time.October, 20, 9, 15),
			held: &course{
				present: map[schedule.Presence][]string{schedule.PresentOnline: {"zofia.jezyczek", "bartlomiej.pienkos", "celina.wegrzynek", "fryderyk.slod", "genowefa.tracz"}, schedule.Excused: {"dorota.zaczek"}, schedule.Absent: {"henryk.olszyna"}},
				written: day(2026, time.November, 10, 18, 40), text: "Zebrano zdania, które uczniowie mówią o sobie na lekcjach matematyki.", closed: day(2026, time.November, 12, 9, 0),
			},
		}).scenes(),
		(&gathering{network: wideOpen, kind: schedule.Working, title: "Zadania otwarte od klasy I", starts: day(2027, time.January, 21, 16, 0), length: lunch, where: schedule.Where{Online: true, Link: "https://spotkania.sieci.example/matematyka"},
			planned: day(2026, time.November, 13, 9, 0), announced: day(2026, time.November, 13, 9, 15)}).scenes(),
	)
}
