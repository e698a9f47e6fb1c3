package demo

import (
	"slices"
	"time"

	"ore.edu.pl/sieci/core/effect"
)

// The tasks of n1: one for everybody, in every state that a part can have, and
// one for a single person whose date has passed.
var (
	visits = &errand{
		network: n1, title: "Obserwacja koleżeńska: informacja zwrotna na lekcji",
		instructions: "Umówcie się w parach ze szkół innych niż własna. Jedna osoba prowadzi lekcję, druga patrzy tylko na to, jak uczniowie dostają informację zwrotną. " +
			"Porozmawiajcie jeszcze tego samego dnia i dopiero potem zapiszcie wnioski.",
		at: day(2026, time.October, 12, 9, 0), due: day(2026, time.December, 4, 20, 0),
	}
	guest = &errand{
		network: n1, to: "pawel.klebek", title: "Obserwacja lekcji wychowania fizycznego w Śremie",
		instructions: "Pani Justyna z SP nr 6 w Śremie czeka na gościa z sieci. Prosimy o wnioski jeszcze przed spotkaniem 26 listopada.",
		at:           day(2026, time.October, 28, 14, 30), due: day(2026, time.November, 20, 18, 0),
	}
)

func n1Tasks() []scene {
	return slices.Concat(
		[]scene{visits.scene(), guest.scene()},
		visits.handed(handing{
			by: "tomasz.gwozdz", school: "100235", class: "klasa VI, język polski", on: "2026-10-27", focus: []string{"informacja", "cele"}, file: true,
			worked: "Schemat „dwa mocne miejsca, jedno do poprawy, jedna wskazówka”. Uczniowie sami wracali do kryteriów zapisanych na tablicy.",
			try:    "Karty wyjścia w klasie VII: „Już umiem…”, „Jeszcze potrzebuję…”. Zacznę od działu o procentach.",
			said:   "Wymieniamy się kartami wyjścia co dwa tygodnie.",
			at:     day(2026, time.October, 28, 16, 20), decided: day(2026, time.November, 2, 9, 15), verdict: effect.Accepted,
			note: "Dziękuję. Proszę pokazać karty wyjścia na spotkaniu 26 listopada, wystarczy pięć minut.",
		}),
		visits.handed(handing{
			by: "lan.anh", school: "100315", class: "klasa VIII, geografia", on: "2026-11-04", focus: []string{"pytania", "aktywnosc"},
			worked: "Pytania bez podnoszenia rąk: patyczki z imionami. Każdy miał czas pomyśleć, nikt nie był pominięty.",
			try:    "Dziesięć sekund ciszy po każdym pytaniu, także wtedy, gdy ktoś już zna odpowiedź.",
			at:     day(2026, time.November, 5, 19, 45), decided: day(2026, time.November, 9, 8, 50), verdict: effect.Accepted,
		}),
		visits.handed(handing{
			by: returned, school: "100237", class: "klasa II liceum, fizyka", on: "2026-11-12", focus: []string{"informacja"},
			worked: "Lekcja była bardzo dobra, wszyscy uczniowie pracowali.",
			try:    "Więcej pracy w grupach.",
			at:     day(2026, time.November, 13, 21, 10), decided: day(2026, time.November, 18, 10, 0), verdict: effect.Returned,
			note: "Prosimy o trochę więcej szczegółów, przydadzą się innym.", due: day(2026, time.November, 30, 20, 0),
			remarks: []effect.Remark{
				{Path: "zadzialalo", Quote: "wszyscy uczniowie pracowali", Text: "Po czym to było widać? Jeden konkretny moment lekcji wystarczy."},
				{Path: "sprobuje", Quote: "Więcej pracy w grupach", Text: "W której klasie i przy jakim temacie? Jak sprawdzisz, czy pomogło?"},
			},
		}),
		visits.handed(handing{
			by: "hanna.sliwa", school: "100312", class: "klasa V, technika", on: "2026-11-17", focus: []string{"roznice", "klimat"}, file: true,
			worked: "Instrukcja w trzech wersjach: obrazki, krótkie zdania, pełny opis. Uczniowie wybierali sami i nikt tego nie komentował.",
			try:    "Wybór wersji zadania na zajęciach z uczniami, którzy dopiero uczą się polskiego.",
			said:   "Pan Stanisław przyjdzie do mnie w grudniu.",
			at:     day(2026, time.November, 19, 18, 5),
		}),
		visits.handed(handing{
			by: "wiktor.sek", school: "100303", class: "klasa I liceum, język angielski", on: "2026-11-20", focus: []string{"cele", "pytania"},
			worked: "Cel lekcji w formie pytania, na które uczniowie odpowiadali na początku i na końcu. Różnicę widzieli sami.",
			try:    "Pytanie na początek i koniec działu „Komórka” w klasie VII.",
			at:     day(2026, time.November, 22, 17, 25),
		}),
	)
}
