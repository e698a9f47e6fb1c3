package demo

import (
	"slices"
	"time"

	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/schedule"
)

// What n1 does in its year besides tasks and votes, as far as it has come: one
// meeting is past, one is in two days and waits for its programme, the date of
// March is looked for, and the end of the year lies ahead.

// lunch is how long a meeting of three teaching hours takes with its break.
const lunch = 150 * time.Minute

var (
	hall = schedule.Where{OnSite: true, Place: "CDN Wierzbowo, sala 12, Leszno", Address: "ul. Wierzbowa 4, 64-100 Leszno, wejście od podwórza, sala na parterze"}
	both = schedule.Where{OnSite: true, Online: true, Place: hall.Place, Address: hall.Address, Link: "https://spotkania.sieci.example/ocenianie-styczen"}

	n1First = &gathering{
		network: n1, kind: schedule.Organisational, title: "Poznajemy się i umawiamy", starts: day(2026, time.October, 8, 15, 0), length: lunch, where: hall,
		note:    "Proszę przynieść jedną pracę ucznia z informacją zwrotną, taką, z której jesteście zadowoleni, i jedną, z której nie.",
		planned: day(2026, time.September, 21, 16, 0), announced: day(2026, time.September, 22, 8, 30),
		agenda: []point{
			{title: "Poznajmy się: integracja uczestników", minutes: 30, method: schedule.Workshop, leader: coordinator},
			{title: "Rozpoznanie potrzeb i zasobów", minutes: 45, method: schedule.Discussion, leader: "hanna.sliwa"},
			{title: "Kontrakt, harmonogram i obserwacje koleżeńskie", minutes: 60, method: schedule.Workshop, leader: coordinator},
			{title: "Przerwa", minutes: 15, method: schedule.Break},
		},
		programme: day(2026, time.October, 1, 9, 10),
		answers: map[schedule.Way][]string{
			schedule.OnSite: {participant, "tomasz.gwozdz", "agnieszka.zrobek", returned, "lan.anh", moderator, "hanna.sliwa", "wiktor.sek"},
			schedule.No:     {"krystyna.gaska"},
		},
		held: &course{
			present: map[schedule.Presence][]string{
				schedule.PresentOnSite: {participant, "tomasz.gwozdz", "agnieszka.zrobek", returned, "barbara.illakowicz", "lan.anh", moderator, "oksana.petrenko",
					"elzbieta.chrzaszczewska", "hanna.sliwa", "stanislaw.bakiewicz", "renata.grzeskowiak", "iwona.zdzieblo", "justyna.lyzwinska", "wiktor.sek", expert},
				schedule.Excused: {"krystyna.gaska", "danuta.ogrodowczyk"},
				schedule.Absent:  {"pawel.klebek"},
			},
			guests:  []schedule.GuestMark{{Name: "Lucyna Maćkowiak-Ptak", School: "CDN Wierzbowo"}},
			written: day(2026, time.October, 8, 18, 0),
			text: "Każda osoba pokazała dwie prace uczniów. Najczęściej brakowało wskazówki, co poprawić. Przyjęto kontrakt. " +
				"Umówiono się na obserwacje w parach, zawsze w innej szkole niż własna.",
			decided: []string{
				"Spotykamy się w czwartki o 15.00, najwyżej dwie i pół godziny.",
				"Obserwujemy tylko to, jak uczniowie dostają informację zwrotną. Lekcji nie oceniamy.",
				"Materiały wkładamy do zasobów sieci na licencji CC BY.",
			},
			tasks: []promise{
				{"Przygotować arkusz obserwacji na jedną stronę.", coordinator, "2026-10-12", day(2026, time.October, 12, 8, 40)},
				{"Umieścić w zasobach karty wyjścia do matematyki.", "tomasz.gwozdz", "2026-11-06", day(2026, time.November, 4, 19, 0)},
				{"Sprawdzić, kiedy jest wolna aula w Górze.", "krystyna.gaska", "2026-11-20", time.Time{}},
				{"Zebrać z trzech szkół zdania, którymi uczniowie opisują cel lekcji.", participant, "2026-11-24", time.Time{}},
			},
			closed: day(2026, time.October, 14, 9, 0),
		},
	}
	n1Second = &gathering{
		network: n1, kind: schedule.Working, title: "Informacja zwrotna, która mieści się w lekcji", starts: day(2026, time.November, 26, 15, 0), length: lunch, where: hall,
		note:    "Omówimy pierwsze obserwacje. Proszę zabrać notatki, także te z lekcji, na których nie wszystko wyszło.",
		planned: day(2026, time.October, 19, 12, 0), announced: day(2026, time.October, 20, 8, 15),
		agenda: []point{
			{title: "Wymiana doświadczeń: co zobaczyliśmy na lekcjach", minutes: 90, method: schedule.Workshop, leader: coordinator},
			{title: "Karty wyjścia krok po kroku", minutes: 45, method: schedule.Presentation, leader: "tomasz.gwozdz"},
		},
		answers: map[schedule.Way][]string{
			schedule.OnSite: {"tomasz.gwozdz", "agnieszka.zrobek", "lan.anh", "oksana.petrenko", "hanna.sliwa", moderator, "iwona.zdzieblo", "stanislaw.bakiewicz", expert},
			schedule.No:     {"danuta.ogrodowczyk"},
		},
	}
	n1Third = &gathering{
		network: n1, kind: schedule.Working, title: "Kryteria sukcesu układane razem z uczniami", starts: day(2027, time.January, 14, 15, 0), length: lunch, where: both,
		note:    "Można przyjechać albo dołączyć zdalnie.",
		planned: day(2026, time.November, 12, 13, 0), announced: day(2026, time.November, 12, 13, 30),
		agenda: []point{
			{title: "Kryteria sukcesu układane z uczniami", minutes: 45, method: schedule.Presentation, leader: "lan.anh"},
			{title: "Rozmowa oceniająca, która motywuje", minutes: 45, method: schedule.Lecture, leader: expert},
			{title: "Piszemy kryteria do jednej lekcji", minutes: 45, method: schedule.Workshop, leader: coordinator},
		},
		answers: map[schedule.Way][]string{schedule.OnSite: {"tomasz.gwozdz", "lan.anh"}, schedule.Online: {"wiktor.sek", "krystyna.gaska"}},
	}
	n1Last = &gathering{
		network: n1, kind: schedule.Summary, title: "Co zostaje w szkołach", starts: day(2027, time.June, 10, 15, 0), length: lunch, where: hall,
		note:    "Zestaw narzędzi, plan upowszechniania i ewaluacja.",
		planned: day(2026, time.November, 12, 13, 45),
	}
	march = &dates{
		network: n1, kind: schedule.Working, title: "Spotkanie marcowe: stopień na koniec roku", note: "Trzy godziny dydaktyczne, zawsze o 15.00. Miejsce ustalimy po głosowaniu.",
		at: day(2026, time.November, 18, 16, 0), until: day(2026, time.December, 4, 20, 0), length: lunch,
		slots: []time.Time{day(2027, time.March, 4, 15, 0), day(2027, time.March, 11, 15, 0), day(2027, time.March, 16, 15, 0)},
		answers: map[string]string{
			coordinator: "yyy", expert: "nym", "tomasz.gwozdz": "yyn", "lan.anh": "myy", "hanna.sliwa": "yyn", "wiktor.sek": "nym", moderator: "yyy", "agnieszka.zrobek": "mym",
		},
	}
)

// n1Talk is what people of n1 write for each other.
func n1Talk() []scene {
	cards := &talk{
		network: n1, by: "tomasz.gwozdz", at: day(2026, time.October, 29, 19, 10), title: "Karty wyjścia: ile pytań, żeby ktoś to przeczytał?",
		body: "Po obserwacji u Kasi próbuję kart wyjścia w klasie VII. Przy trzech pytaniach odpowiadają na pierwsze, a **ostatnie** jest puste.\n\nIle macie u siebie?",
		said: []said{
			{participant, day(2026, time.October, 29, 21, 35), "Dwa. „Już umiem…” i „Jeszcze potrzebuję…”. I czytam tylko drugie."},
			{"lan.anh", day(2026, time.October, 30, 7, 15), "Jedno, za to inne za każdym razem. Uczniowie losują je przy wyjściu."},
			{"hanna.sliwa", day(2026, time.November, 2, 16, 40), "U moich uczniów działają obrazki: trzy buźki i miejsce na jedno słowo. Wrzucę wzór do zasobów."},
			{coordinator, day(2026, time.November, 3, 8, 5), "To jest temat na 26 listopada. Tomku, poprowadzisz trzy kwadranse?"},
			{"tomasz.gwozdz", day(2026, time.November, 3, 20, 25), "Chętnie. Przyniosę karty z czterech tygodni, także te nieudane."},
		},
	}
	grades := &talk{
		network: n1, by: returned, at: day(2026, time.November, 10, 20, 15), title: "A co ze stopniem na koniec roku?",
		body: "W statucie mamy średnią ważoną. Jak to pogodzić z ocenianiem kształtującym, jeśli dyrekcja chce stopni w dzienniku co tydzień?",
		said: []said{
			{"danuta.ogrodowczyk", day(2026, time.November, 11, 9, 50), "U nas wpisujemy stopnie tylko za prace podsumowujące, trzy na półrocze. Statut trzeba było zmienić, trwało to rok."},
			{moderator, day(2026, time.November, 11, 18, 30), "Mam wzór takiej zmiany, zaraz go udostępnię."},
			{"pawel.klebek", day(2026, time.November, 16, 22, 50), "Szkoda czasu na te dyskusje. Kto chce pracować, ten pracuje, a komu się nie chce, ten szuka wymówek w statucie."},
		},
		reported: "danuta.ogrodowczyk", reason: "To przytyk do osób, które próbują coś zmienić, a nie głos w sprawie. Umawialiśmy się inaczej.",
	}
	travel := &talk{
		network: n1, by: "wiktor.sek", at: day(2026, time.November, 20, 17, 0), title: "Dojazd 26 listopada z Góry",
		body: "Jadę samochodem z Góry o 13.45, mam trzy wolne miejsca. Kto chętny?",
		said: []said{{"krystyna.gaska", day(2026, time.November, 20, 18, 20), "Ja! Będę pod szkołą."}},
	}
	diary := &talk{
		network: n1, by: "lan.anh", topic: "Z moich lekcji", at: day(2026, time.November, 8, 20, 0), title: "Dziesięć sekund ciszy",
		body: "Po każdym pytaniu liczę w myślach do dziesięciu, zanim kogokolwiek poproszę.\n\n" +
			"- W pierwszym tygodniu było dziwnie.\n- W drugim zgłaszało się dwa razy więcej osób.\n- W trzecim odpowiedzi zrobiły się **dłuższe**.\n\n" +
			"Najtrudniej jest mnie samej: cisza kusi, żeby odpowiedzieć za klasę.",
		said: []said{
			{"iwona.zdzieblo", day(2026, time.November, 9, 7, 40), "Widziałam to na Twojej lekcji. Robi wrażenie. Od dziś próbuję na geografii."},
			{expert, day(2026, time.November, 10, 12, 0), "To jeden z najlepiej zbadanych sposobów, a prawie nikt go nie stosuje. Zapiszcie, co się zmienia u Was."},
		},
	}
	return slices.Concat(cards.scenes(), grades.scenes(), travel.scenes(), diary.scenes())
}

// n1Shelf is what people of n1 share.
func n1Shelf() []scene {
	const readable = "Tekst z nagłówkami, bez tabel i obrazów. Czytają go czytniki ekranu."
	cards := &thing{
		network: n1, by: "tomasz.gwozdz", at: day(2026, time.November, 4, 18, 50), file: "karty-wyjscia.odt",
		Details: library.Details{Title: "Karty wyjścia do matematyki, klasy VII–VIII", Kind: "karta-pracy", Licence: "cc-by-4.0", Authors: []string{"Tomasz Gwóźdź"}, Accessibility: readable,
			Description: "Dwanaście kart po dwa pytania. Drukuje się cztery na kartce.", Tags: []string{"topic:ocenianie", "topic:matematyka", "stage:sp-4-8", "competence:3"}, Product: true},
		pages: []document.Block{
			document.Paragraph{Text: "Jedna karta na ucznia, na koniec lekcji, trzy minuty."},
			document.Heading{Level: 2, Text: "Procenty"}, document.List{Numbered: true, Items: []string{"Już umiem…", "Jeszcze potrzebuję…"}},
			document.Heading{Level: 2, Text: "Równania"}, document.List{Numbered: true, Items: []string{"Równanie sprawdzam tak, że…", "Najczęściej mylę się, gdy…"}},
		},
		useful: []string{participant, "lan.anh", "hanna.sliwa"}, open: day(2026, time.November, 16, 12, 0), audience: library.Platform,
	}
	statute := &thing{
		network: n1, by: moderator, at: day(2026, time.November, 11, 19, 0), file: "zmiana-statutu.odt",
		Details: library.Details{Title: "Wzór zmiany statutu: ocenianie bieżące bez stopni", Kind: "wzor", Licence: "cc0-1.0", Authors: []string{"Zbigniew Ćmielewski"}, Accessibility: readable,
			Description: "Paragraf o ocenianiu bieżącym i uzasadnienie dla rady pedagogicznej.", Tags: []string{"topic:ocenianie", "stage:lo", "direction:2024-3"}},
		pages: []document.Block{
			document.Heading{Level: 2, Text: "Zmiana"}, document.Paragraph{Text: "Ocenianie bieżące ma postać informacji zwrotnej. Stopień wystawia się za prace podsumowujące, co najmniej trzy w półroczu."},
			document.Heading{Level: 2, Text: "Uzasadnienie"}, document.Paragraph{Text: "Stopień bez wskazówki nie mówi uczniowi, co ma poprawić."},
		},
		useful: []string{returned},
	}
	talks := &thing{
		network: n1, by: expert, at: day(2026, time.October, 15, 11, 0), link: "https://nagrania.sieci.example/rozmowa-oceniajaca",
		Details: library.Details{Title: "Rozmowa oceniająca w pięciu krokach (nagranie)", Kind: "nagranie", Licence: "cc-by-nc-4.0", Authors: []string{"Teofil Ważyński"},
			Accessibility: "Nagranie ma napisy i transkrypcję na tej samej stronie.", Description: "Osiemnaście minut. Rozmowa z uczniem, który oddał pustą kartkę.", Tags: []string{"topic:ocenianie", "competence:5"}},
	}
	return slices.Concat(cards.scenes(), statute.scenes(), talks.scenes())
}

// n1Year is all of it.
func n1Year() []scene {
	return slices.Concat(
		[]scene{pass(day(2026, time.October, 7, 8, 1), "the reminders of October")},
		n1First.scenes(), n1Second.scenes(), n1Third.scenes(), n1Last.scenes(), march.scenes(), n1Talk(), n1Shelf(),
		[]scene{pass(day(2026, time.November, 24, 8, 1), "the letters of the morning")},
	)
}
