package calendar

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/pl"
	"ore.edu.pl/sieci/core/clock"
)

// Day is the day of t in Warsaw, as midnight UTC. Day(Day(t)) is Day(t).
func Day(t time.Time) time.Time {
	y, m, d := t.In(clock.Warsaw).Date()
	return date(y, m, d)
}

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// Holiday is a day free of work by law; Key names it in the catalogue.
type Holiday struct {
	Day time.Time
	Key string
}

// statutory are the days of the Act of 18 January 1951 on days free of work.
// The library knows their dates and since when they are free (6 January since
// 2011, 24 December since 2025) but leaves out the two that always fall on a
// Sunday.
var statutory = []struct {
	key string
	day *cal.Holiday
}{
	{"calendar.day.new_year", pl.NewYear},
	{"calendar.day.epiphany", since(pl.ThreeKings, 2011)},
	{"calendar.day.easter", aa.Easter},
	{"calendar.day.easter_monday", pl.EasterMonday},
	{"calendar.day.labour", pl.LabourDay},
	{"calendar.day.constitution", pl.ConstitutionDay},
	{"calendar.day.pentecost", aa.Pentecost},
	{"calendar.day.corpus_christi", pl.CorpusChristi},
	{"calendar.day.assumption", pl.AssumptionBlessedVirginMary},
	{"calendar.day.all_saints", pl.AllSaints},
	{"calendar.day.independence", pl.NationalIndependenceDay},
	{"calendar.day.christmas_eve", pl.ChristmasEve},
	{"calendar.day.christmas", pl.ChristmasDayOne},
	{"calendar.day.christmas_second", pl.ChristmasDayTwo},
}

func since(h *cal.Holiday, year int) *cal.Holiday {
	return h.Clone(&cal.Holiday{StartYear: year})
}

// Holidays are the public holidays of a calendar year, by date: 14 since 2025.
// No two fall on one day.
func Holidays(year int) []Holiday {
	out := make([]Holiday, 0, len(statutory))
	for _, s := range statutory {
		if t, _ := s.day.Calc(year); !t.IsZero() {
			out = append(out, Holiday{date(t.Date()), s.key})
		}
	}
	// The movable ones lie among the fixed.
	slices.SortFunc(out, func(a, b Holiday) int { return a.Day.Compare(b.Day) })
	return out
}

// Easter is Easter Sunday of a calendar year.
func Easter(year int) time.Time {
	t, _ := aa.Easter.Calc(year)
	return date(t.Date())
}

// Span is a stretch of days, both ends included.
type Span struct{ From, To time.Time }

// Has reports whether the day of t lies in the span.
func (s Span) Has(t time.Time) bool {
	d := Day(t)
	return !d.Before(s.From) && !d.After(s.To)
}

// Days is how many days the span has.
func (s Span) Days() int { return int(s.To.Sub(s.From)/(24*time.Hour)) + 1 }

// Overlaps reports whether two spans share a day.
func (s Span) Overlaps(o Span) bool { return !s.From.After(o.To) && !o.From.After(s.To) }

// Lessons are the first and the last day of lessons in the school year that
// begins in year: from 1 September, or the Monday after when that is a Friday,
// Saturday or Sunday, to the first Friday after 20 June (regulation on the
// organisation of the school year, §2).
func Lessons(year int) Span {
	first := date(year, time.September, 1)
	switch first.Weekday() {
	case time.Friday, time.Saturday, time.Sunday:
		first = next(first, time.Monday)
	}
	return Span{first, next(date(year+1, time.June, 20), time.Friday)}
}

// next is the first such weekday after day.
func next(day time.Time, w time.Weekday) time.Time {
	n := (int(w) - int(day.Weekday()) + 7) % 7
	if n == 0 {
		n = 7
	}
	return day.AddDate(0, 0, n)
}

// ChristmasBreak is 23–31 December, and the 22nd as well when it is a Monday.
func ChristmasBreak(year int) Span {
	from := date(year, time.December, 23)
	if eve := from.AddDate(0, 0, -1); eve.Weekday() == time.Monday {
		from = eve
	}
	return Span{from, date(year, time.December, 31)}
}

// SpringBreak is the Thursday before Easter to the Tuesday after.
func SpringBreak(year int) Span {
	e := Easter(year)
	return Span{e.AddDate(0, 0, -3), e.AddDate(0, 0, 2)}
}

// Summer is the time without lessons in a calendar year: the day after lessons
// end to the day before they begin again.
func Summer(year int) Span {
	return Span{Lessons(year-1).To.AddDate(0, 0, 1), Lessons(year).From.AddDate(0, 0, -1)}
}

// EducationDay is the Day of National Education: no lessons (Karta Nauczyciela
// art. 74), yet a day of work.
func EducationDay(year int) time.Time { return date(year, time.October, 14) }
