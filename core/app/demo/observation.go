package demo

import (
	"slices"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/network"
)

// n1 is the network that the demonstration is about: twenty people of fourteen
// schools, in the middle of its year.
var n1 = &spec{
	title: "Ocenianie kształtujące", centre: "900101", founder: coordinator, year: 2026, join: network.JoinRequest, capacity: 20,
	aim: "Uczymy się od siebie nawzajem, jak dawać uczniom informację zwrotną, która pomaga im się uczyć. " +
		"Odwiedzamy się na lekcjach, porównujemy sposoby pracy i wspólnie przygotowujemy zestaw sprawdzonych narzędzi dla szkół powiatu.",
	charter: map[string]any{
		"rodzaj": "problemowa", "obszar": "ocenianie", "adresaci": []string{"nauczyciele", "specjalisci"}, "adresaci_opis": "klasy IV–VIII i szkoły ponadpodstawowe",
		"potrzeba":        "W 23 szkołach powiatów leszczyńskiego i śremskiego oraz Leszna ewaluacja wewnętrzna pokazała to samo: uczniowie znają stopnie, ale nie wiedzą, co poprawić i jak.",
		"zrodlo":          []string{"diagnoza", "ewaluacja", "zgloszenia"},
		"cele":            []string{"wiedza", "umiejetnosci", "zadania", "rozwiazania", "kontakty"},
		"cel_wiedza":      "Każda szkoła pokaże jeden sprawdzony sposób dawania informacji zwrotnej.",
		"cel_zadania":     "Wszyscy przeprowadzą jedną obserwację koleżeńską i omówią ją w parze.",
		"cel_rozwiazania": "Ustalimy, jak pogodzić ocenianie kształtujące ze stopniami na koniec roku.",
		"zasoby":          "Sale i drukarnia CDN Wierzbowo, biblioteka pedagogiczna w Lesznie, nagrania lekcji z ubiegłego roku.",
		"sposob":          []string{"stacjonarnie", "platforma", "obserwacje", "materialy"}, "spotkania": 5,
	},
	plan: yearPlan(2026,
		meeting("r1", "organizacyjne", "m10", "2026-10-08", "Poznajemy się i umawiamy: kontrakt, potrzeby, harmonogram obserwacji.", "kontakty"),
		meeting("r2", "robocze", "m11", "2026-11-26", "Informacja zwrotna, która mieści się w lekcji. Omówienie pierwszych obserwacji.", "umiejetnosci", "zadania"),
		meeting("r3", "robocze", "m01", "2027-01-14", "Kryteria sukcesu układane razem z uczniami.", "umiejetnosci", "wiedza"),
		meeting("r4", "robocze", "m03", "", "Stopień na koniec roku a ocenianie kształtujące.", "rozwiazania"),
		meeting("r5", "podsumowujace", "m06", "2027-06-10", "Co zostaje w szkołach: zestaw narzędzi i plany na następny rok.", "wiedza", "kontakty"),
	),
	// The plan is written when those who lead meetings are in.
	leads:   map[string]string{"r3": "lan.anh"},
	founded: day(2026, time.September, 7, 16, 5), planned: day(2026, time.September, 29, 17, 20), opened: day(2026, time.September, 15, 8, 30),
}

// n1Schools are invited; the coordinator's own school is among them.
var n1Schools = []string{
	"100231", "100234", "100235", "100236", "100237", "100238", "100302", "100303", "100310", "100312", "100313", "100315", "100402", "100601",
}

// n1People took one of the twenty seats: eighteen of them.
var n1People = []string{
	participant, "tomasz.gwozdz", "agnieszka.zrobek", returned, "barbara.illakowicz", "lan.anh", moderator, "oksana.petrenko", "danuta.ogrodowczyk",
	"elzbieta.chrzaszczewska", "hanna.sliwa", "stanislaw.bakiewicz", "renata.grzeskowiak", "iwona.zdzieblo", "justyna.lyzwinska", "krystyna.gaska",
	"wiktor.sek", "pawel.klebek",
}

// observation is the story of n1 up to the morning on which the demonstration begins.
func observation() []scene {
	return slices.Concat(
		beginning(n1),
		[]scene{inviting(n1, day(2026, time.September, 15, 9, 0), network.Invite{Role: access.Participant, Days: 30,
			Message: "Zapraszamy po jednej lub dwie osoby ze szkoły. Pierwsze spotkanie: 8 października o 15.00 w CDN Wierzbowo."}, n1Schools, nil)},
		joining(n1, day(2026, time.September, 16, 7, 45), network.Entry{}, n1People...),
		[]scene{inviting(n1, day(2026, time.September, 25, 12, 0), network.Invite{Role: access.Expert,
			Message: "Bardzo prosimy o wsparcie w rozmowach po obserwacjach."}, nil, []string{expert})},
		joining(n1, day(2026, time.September, 28, 10, 10), network.Entry{}, expert),
		[]scene{
			pass(day(2026, time.October, 1, 8, 1), "the reminder of October"),
			record(n1, day(2026, time.October, 8, 18, 15), "contract", map[string]any{
				"zasady": []string{"szacunek", "poufnosc", "bledy", "wklad", "obecnosc", "autorstwo"}, "data": "2026-10-08",
				"wlasne": "Na lekcję przychodzimy po to, żeby się uczyć, nie żeby oceniać. O tym, co zapisać, decyduje osoba, która lekcję prowadziła.",
			}),
			step(n1, day(2026, time.October, 9, 16, 30), "organisational", "next_stage"),
			assigningRole(n1, day(2026, time.October, 9, 16, 45), moderator, access.Moderator),
		},
		n1Proposals(), n1Tasks(), n1Requests(),
		[]scene{pass(day(2026, time.November, 19, 8, 1), "the reminder of November")},
	)
}

// n1Requests wait for the coordinator. The first comes from a school complex
// that has three people in the network already, and says why a fourth.
func n1Requests() []scene {
	fourth := network.Entry{
		Message: "Uczę w filii w Dąbczu, w klasach łączonych. U nas ocenianie wygląda inaczej niż w Rydzynie i chętnie to pokażę.",
		Reasons: []effect.Acknowledgement{{Code: "same_complex", Reason: "Filia ma osobny budynek i klasy łączone."}},
	}
	other := network.Entry{Message: "Koleżanka z Rydzyny opowiadała o obserwacjach. Chcę zacząć razem z Wami od stycznia."}
	return slices.Concat(
		joining(n1, day(2026, time.November, 20, 19, 12), fourth, "bogumila.zolnierowicz"),
		joining(n1, day(2026, time.November, 22, 20, 40), other, "jadwiga.poltorak"),
	)
}

func n1Proposals() []scene {
	lessons := proposal{
		network: n1, by: "agnieszka.zrobek", at: day(2026, time.October, 12, 18, 0),
		title: "Minuta na dobrą praktykę na początku każdego spotkania",
		body:  "Każda szkoła ma minutę, żeby pokazać jedną rzecz, która w tym miesiącu zadziałała. Bez prezentacji, z kartką w ręku.",
		open:  day(2026, time.October, 15, 8, 0), until: day(2026, time.October, 29, 20, 0),
		votes: map[string]network.Choice{
			participant: network.Yes, "tomasz.gwozdz": network.Yes, "lan.anh": network.Yes, "hanna.sliwa": network.Yes,
			moderator: network.Yes, "wiktor.sek": network.Abstain, "stanislaw.bakiewicz": network.No,
		},
	}
	journey := proposal{
		network: n1, by: "krystyna.gaska", at: day(2026, time.November, 15, 21, 5),
		title: "Spotkanie marcowe w Górze zamiast w Lesznie",
		body:  "Nasza szkoła ma nową aulę, a dwie osoby z sieci dojeżdżają do Leszna godzinę. Pokażemy też klasę bez dzwonków.",
		open:  day(2026, time.November, 17, 8, 15), until: day(2026, time.December, 1, 20, 0),
		votes: map[string]network.Choice{"wiktor.sek": network.Yes, "danuta.ogrodowczyk": network.Yes, "tomasz.gwozdz": network.No, moderator: network.Yes},
	}
	bank := proposal{
		network: n1, by: "oksana.petrenko", at: day(2026, time.November, 21, 17, 30),
		title: "Wspólny bank kryteriów sukcesu",
		body:  "Zbierzmy w jednym miejscu kryteria, które układamy z uczniami: przedmiot, klasa, treść. Zacznę od informatyki.",
	}
	return slices.Concat(lessons.scenes(), journey.scenes(), bank.scenes(),
		[]scene{pass(day(2026, time.October, 29, 20, 5), "the count of a vote")})
}
