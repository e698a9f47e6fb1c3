package show_test

import (
	"math"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestShown(t *testing.T) {
	t.Parallel()
	const pl, en = i18n.Polish, i18n.English
	at := time.Date(2027, 4, 5, 9, 30, 0, 0, clock.Warsaw)
	summer := time.Date(2027, 7, 1, 22, 30, 0, 0, time.UTC) // already 2 July in Warsaw
	for _, c := range []struct{ got, want string }{
		{show.Date(pl, day(2027, 4, 5)), "5 kwietnia 2027 r."},
		{show.Date(en, day(2027, 4, 5)), "5 April 2027"},
		{show.Date(pl, summer), "2 lipca 2027 r."},
		{show.DateShort(pl, day(2027, 4, 5)), "05.04.2027"},
		{show.Weekday(pl, day(2026, 11, 26)), "czwartek"},
		{show.Time(pl, at), "9:30"},
		{show.DateTime(pl, at), "5 kwietnia 2027 r., 9:30"},
		{show.DateRange(pl, day(2027, 4, 5), day(2027, 4, 7)), "5–7 kwietnia 2027 r."},
		{show.DateRange(pl, day(2027, 3, 30), day(2027, 4, 2)), "30 marca – 2 kwietnia 2027 r."},
		{show.DateRange(pl, day(2026, 12, 30), day(2027, 1, 2)), "30 grudnia 2026 r. – 2 stycznia 2027 r."},
		{show.DateRange(pl, day(2027, 4, 5), day(2027, 4, 5)), "5 kwietnia 2027 r."},
		{show.SchoolYear(2026), "2026/2027"},
		{show.Int(pl, 1000), "1000"},
		{show.Int(pl, 10000), "10\u00a0000"},
		{show.Int(pl, 1234567), "1\u00a0234\u00a0567"},
		{show.Int(en, 1000), "1,000"},
		{show.Int(pl, -12345), "−12\u00a0345"},
		{show.Decimal(pl, 3.50, 2), "3,5"},
		{show.Decimal(pl, 3, 2), "3"},
		{show.Decimal(pl, 100, 2), "100"},
		{show.Decimal(pl, 100, 0), "100"},
		{show.Decimal(pl, 0.25, -1), "0,25"},
		{show.Decimal(pl, -0.001, 1), "0"},
		{show.Decimal(pl, math.NaN(), 1), "–"},
		{show.Percent(pl, 57.1, 1), "57,1%"},
		{show.Money(pl, 1234.5), "1234,50\u00a0zł"},
		{show.Money(pl, 12345), "12\u00a0345,00\u00a0zł"},
		{show.TeachingHours(pl, 945), "21 godzin dydaktycznych"},
		{show.TeachingHours(pl, 135), "3 godziny dydaktyczne"},
		{show.TeachingHours(pl, 90+45/2+0), "2,49 godziny dydaktycznej"},
		{show.Bytes(pl, 1500000), "1,5 MB"},
		{show.Bytes(pl, 900), "900 B"},
		{show.Nbsp(pl, "Spotkanie w sieci i z gośćmi"), "Spotkanie w\u00a0sieci i\u00a0z\u00a0gośćmi"},
		{show.Nbsp(pl, "W sieci „a nuż” był ło o"), "W\u00a0sieci „a\u00a0nuż” był ło o"},
		{show.Nbsp(en, "a network"), "a network"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
