package demo

import (
	"context"
	"slices"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/network"
)

// finished is a network of the year before: readable, with its people, and
// ready to be started anew.
var finished = &spec{
	title: "Czytanie ze zrozumieniem na każdej lekcji", centre: "900101", founder: "barbara.illakowicz", year: 2025, join: network.JoinOpen, capacity: 16,
	aim: "Czytanie to nie tylko język polski. Sprawdzaliśmy, jak uczyć rozumienia tekstu na matematyce, przyrodzie i historii.",
	charter: map[string]any{
		"rodzaj": "problemowa", "obszar": "czytelnictwo", "adresaci": []string{"nauczyciele", "bibliotekarze"},
		"potrzeba": "Wyniki egzaminu ósmoklasisty: zadania z dłuższym poleceniem wypadały słabo na każdym przedmiocie.",
		"zrodlo":   []string{"egzaminy"}, "cele": []string{"wiedza", "umiejetnosci", "rozwiazania"},
		"sposob": []string{"stacjonarnie", "online", "materialy"}, "spotkania": 4,
	},
	plan: yearPlan(2025,
		meeting("r1", "organizacyjne", "m10", "2025-10-14", "Czego nie rozumieją nasi uczniowie? Przegląd zadań.", "kontakty"),
		meeting("r2", "robocze", "m12", "2025-12-02", "Pytania przed czytaniem, w trakcie i po.", "umiejetnosci"),
		meeting("r3", "robocze", "m03", "2026-03-10", "Słownik przedmiotu na ścianie klasy.", "rozwiazania"),
		meeting("r4", "podsumowujace", "m06", "2026-06-09", "Zestaw kart pracy i co dalej.", "wiedza"),
	),
	founded: day(2025, time.September, 10, 15, 0), planned: day(2025, time.September, 16, 15, 30), opened: day(2025, time.September, 17, 8, 0),
}

func lastYear() []scene {
	return slices.Concat(
		beginning(finished),
		joining(finished, day(2025, time.September, 18, 8, 20), network.Entry{}, readers...),
		[]scene{
			record(finished, day(2025, time.October, 14, 18, 0), "contract", map[string]any{"zasady": []string{"szacunek", "wklad", "autorstwo"}, "data": "2025-10-14"}),
			step(finished, day(2025, time.October, 15, 9, 0), "organisational", "next_stage"),
			pass(day(2026, time.March, 4, 9, 0), "reminders of the year before"),
			step(finished, day(2026, time.May, 28, 12, 0), "working", "next_stage"),
			record(finished, day(2026, time.June, 12, 14, 0), "summary", map[string]any{
				"osiagniete": []string{"wiedza", "umiejetnosci"},
				"rozwiazania": []map[string]any{{"_row": "w1", "tytul": "Pytania do tekstu na siedem przedmiotów", "licencja": "cc_by_sa",
					"opis": "Zestaw 42 kart pracy z pytaniami przed czytaniem, w trakcie i po. Sprawdzony w dziesięciu szkołach."}},
				"odpowiedzi": 11, "ewaluacja": "Najwięcej dały wspólne karty pracy. Spotkanie zdalne w grudniu było za długie.",
				"upowszechnianie": "Konferencja powiatowa w sierpniu i strona CDN Wierzbowo.", "trudnosci": "Trudno było znaleźć wspólny termin w marcu.", "kontynuacja": true,
			}),
			step(finished, day(2026, time.June, 19, 13, 0), "summary", "close"),
		},
	)
}

// full has six seats: one was freed yesterday and is offered to the first of
// four people who wait.
var full = &spec{
	title: "Debaty oksfordzkie w szkole", centre: "900101", founder: "ludwika.mroz", year: 2026, join: network.JoinOpen, capacity: 6,
	aim: "Uczymy się prowadzić debaty i sędziować je. W maju uczniowie naszych szkół spotkają się w turnieju.",
	charter: map[string]any{
		"rodzaj": "problemowa", "obszar": "dydaktyka", "adresaci": []string{"nauczyciele"}, "adresaci_opis": "szkoły ponadpodstawowe",
		"potrzeba": "Szkoły chcą prowadzić debaty, ale brakuje osób, które umieją je sędziować.", "cele": []string{"umiejetnosci", "kontakty"},
		"sposob": []string{"stacjonarnie"}, "spotkania": 4,
	},
	plan: yearPlan(2026,
		meeting("r1", "organizacyjne", "m10", "2026-10-20", "Pierwsza debata: nauczyciele przeciwko nauczycielom.", "kontakty"),
		meeting("r2", "robocze", "m12", "2026-12-08", "Jak sędziować i nie zniechęcić.", "umiejetnosci"),
		meeting("r3", "robocze", "m03", "", "Drużyny i tezy na turniej.", "umiejetnosci"),
		meeting("r4", "podsumowujace", "m06", "", "Po turnieju.", "kontakty"),
	),
	founded: day(2026, time.September, 21, 10, 0), planned: day(2026, time.September, 22, 10, 0), opened: day(2026, time.September, 22, 12, 0),
}

func debates() []scene {
	return slices.Concat(
		beginning(full),
		joining(full, day(2026, time.September, 22, 15, 5), network.Entry{},
			"filip.szydelko", "rozalia.pak", "gabriel.los", "cezary.wac", "barbara.illakowicz", "elzbieta.chrzaszczewska"),
		[]scene{
			record(full, day(2026, time.October, 20, 17, 45), "contract", map[string]any{"zasady": []string{"szacunek", "obecnosc", "bledy"}, "data": "2026-10-20"}),
			step(full, day(2026, time.October, 21, 8, 30), "organisational", "next_stage"),
		},
		joining(full, day(2026, time.October, 5, 13, 0), network.Entry{}, offered),
		joining(full, day(2026, time.October, 12, 20, 15), network.Entry{}, waiting),
		joining(full, day(2026, time.November, 3, 9, 30), network.Entry{}, "emilia.krzywda", "hanna.sliwa"),
		[]scene{leaving(full, day(2026, time.November, 23, 15, 10), "gabriel.los")},
	)
}

func leaving(s *spec, at time.Time, who string) scene {
	return scene{at, who + " leaves " + s.title, func(ctx context.Context, m *maker) error {
		n, _, err := m.look(ctx, s, who)
		if err != nil || n.Me.State != network.Active {
			return err
		}
		return m.do(ctx, who, func(ctx context.Context, a *access.Actor) error {
			_, err := m.Networks.Leave(ctx, a, n.ID)
			return err
		})
	}}
}

// closedDoors takes the invited only: five schools, one person of each first.
var closedDoors = &spec{
	title: "Pierwszy rok na stanowisku dyrektora", centre: "900101", founder: "wincenty.ruta", year: 2026, join: network.JoinInvitation, capacity: 12, onePerSchool: true,
	aim: "Małe grono dyrektorek i dyrektorów, którzy kierują szkołą krócej niż trzy lata. Rozmawiamy o prawie, finansach i o ludziach.",
	charter: map[string]any{
		"rodzaj": "problemowa", "obszar": "zarzadzanie", "adresaci": []string{"dyrektorzy"},
		"potrzeba": "W powiecie śremskim i leszczyńskim stanowisko objęło w tym roku osiem nowych osób.", "zrodlo": []string{"zgloszenia", "nadzor"},
		"cele": []string{"wiedza", "rozwiazania", "kontakty"}, "sposob": []string{"stacjonarnie", "eksperci"}, "spotkania": 3,
	},
	plan: yearPlan(2026,
		meeting("r1", "organizacyjne", "m12", "2026-12-03", "Czego potrzebujemy od siebie nawzajem.", "kontakty"),
		meeting("r2", "robocze", "m02", "", "Arkusz organizacyjny bez nerwów.", "wiedza"),
		meeting("r3", "podsumowujace", "m06", "", "Rok w jednym popołudniu.", "rozwiazania"),
	),
	founded: day(2026, time.November, 3, 11, 0), planned: day(2026, time.November, 4, 9, 0), opened: day(2026, time.November, 5, 8, 30),
}

func heads() []scene {
	return slices.Concat(
		beginning(closedDoors),
		[]scene{inviting(closedDoors, day(2026, time.November, 5, 9, 0), network.Invite{Role: access.Participant, Days: 60,
			Message: "Zapraszamy dyrektorów i osoby, które ich zastępują. Na początek po jednej osobie ze szkoły."},
			[]string{"100320", "100313", "100404", "100314", "100408"}, nil)},
		joining(closedDoors, day(2026, time.November, 6, 12, 0), network.Entry{}, "apolonia.bak", "roman.sroka"),
	)
}

// wideOpen is the other centre's network, which anybody may join, and draft one
// that only those who prepare it see.
var (
	wideOpen = &spec{
		title: "Matematyka bez strachu", centre: "900102", founder: "kazimierz.wyrwidab", year: 2026, join: network.JoinOpen, capacity: 25,
		aim: "Jak uczyć tak, żeby błąd był początkiem rozmowy. Sieć dla nauczycieli matematyki wszystkich typów szkół, także spoza powiatu sandomierskiego.",
		charter: map[string]any{
			"rodzaj": "przedmiotowa", "obszar": "dydaktyka", "adresaci": []string{"nauczyciele", "doradcy"}, "adresaci_opis": "matematyka, wszystkie typy szkół",
			"potrzeba": "Uczniowie wolą nie odpowiedzieć, niż się pomylić. Tak samo było w czternastu z osiemnastu szkół powiatu.", "zrodlo": []string{"diagnoza"},
			"cele": []string{"umiejetnosci", "zadania", "kontakty"}, "cel_zadania": "Wspólny zbiór zadań, w których opłaca się próbować.",
			"sposob": []string{"stacjonarnie", "online", "platforma"}, "spotkania": 4,
		},
		plan: yearPlan(2026,
			meeting("r1", "organizacyjne", "m11", "2026-11-10", "Skąd się bierze strach przed matematyką.", "kontakty"),
			meeting("r2", "robocze", "m01", "2027-01-21", "Zadania otwarte od klasy I.", "umiejetnosci"),
			meeting("r3", "robocze", "m04", "", "Ocenianie prób, nie tylko wyników.", "zadania"),
			meeting("r4", "podsumowujace", "m06", "", "Nasz zbiór zadań.", "zadania"),
		),
		founded: day(2026, time.October, 12, 9, 0), planned: day(2026, time.October, 13, 9, 30), opened: day(2026, time.October, 14, 8, 0),
	}
	draft = &spec{
		title: "Kodowanie bez komputera", centre: "900102", founder: "kazimierz.wyrwidab", year: 2026, join: network.JoinRequest, capacity: 20,
		aim: "Zabawy i gry, w których dzieci układają algorytmy z klocków i kartek.",
		charter: map[string]any{
			"rodzaj": "problemowa", "obszar": "wczesna", "adresaci": []string{"nauczyciele"}, "potrzeba": "Przedszkola pytają o zajęcia bez ekranów.",
			"cele": []string{"umiejetnosci"}, "sposob": []string{"stacjonarnie"}, "spotkania": 3,
		},
		founded: day(2026, time.November, 20, 13, 0),
	}
)

func maths() []scene {
	return slices.Concat(
		beginning(wideOpen), beginning(draft),
		joining(wideOpen, day(2026, time.October, 15, 10, 25), network.Entry{}, "zofia.jezyczek", "bartlomiej.pienkos", "celina.wegrzynek",
			"dorota.zaczek", "fryderyk.slod", "genowefa.tracz", "henryk.olszyna"),
	)
}
