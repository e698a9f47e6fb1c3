package calendar_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"pgregory.net/rapid"
)

func day(t testing.TB, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The movable feasts of the tables that the project keeps; 2038 is the latest
// Easter of the century.
func TestEasterAndCorpusChristi(t *testing.T) {
	t.Parallel()
	for year, want := range map[int][2]string{
		2024: {"03-31", "05-30"}, 2025: {"04-20", "06-19"}, 2026: {"04-05", "06-04"}, 2027: {"03-28", "05-27"},
		2028: {"04-16", "06-15"}, 2029: {"04-01", "05-31"}, 2030: {"04-21", "06-20"}, 2031: {"04-13", "06-12"},
		2032: {"03-28", "05-27"}, 2033: {"04-17", "06-16"}, 2034: {"04-09", "06-08"}, 2035: {"03-25", "05-24"},
		2038: {"04-25", "06-24"},
	} {
		if got := calendar.Easter(year).Format("01-02"); got != want[0] {
			t.Errorf("Easter %d: %s, want %s", year, got, want[0])
		}
		for _, h := range calendar.Holidays(year) {
			if h.Key == "calendar.day.corpus_christi" && h.Day.Format("01-02") != want[1] {
				t.Errorf("Corpus Christi %d: %s, want %s", year, h.Day.Format("01-02"), want[1])
			}
		}
	}
}

func TestLessons(t *testing.T) {
	t.Parallel()
	for year, want := range map[int][2]string{
		2025: {"2025-09-01", "2026-06-26"},
		2026: {"2026-09-01", "2027-06-25"}, 2027: {"2027-09-01", "2028-06-23"}, 2028: {"2028-09-04", "2029-06-22"},
		2029: {"2029-09-03", "2030-06-21"}, 2030: {"2030-09-02", "2031-06-27"},
	} {
		s := calendar.Lessons(year)
		if got := [2]string{s.From.Format(time.DateOnly), s.To.Format(time.DateOnly)}; got != want {
			t.Errorf("%d: %v, want %v", year, got, want)
		}
	}
}

func TestBreaks(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		got  calendar.Span
		want [2]string
	}{
		"Christmas, 22nd is a Monday":  {calendar.ChristmasBreak(2025), [2]string{"2025-12-22", "2025-12-31"}},
		"Christmas, 22nd is a Tuesday": {calendar.ChristmasBreak(2026), [2]string{"2026-12-23", "2026-12-31"}},
		"spring 2026":                  {calendar.SpringBreak(2026), [2]string{"2026-04-02", "2026-04-07"}},
		"spring across March":          {calendar.SpringBreak(2029), [2]string{"2029-03-29", "2029-04-03"}},
		"summer 2027":                  {calendar.Summer(2027), [2]string{"2027-06-26", "2027-08-31"}},
		"summer, lessons from the 4th": {calendar.Summer(2028), [2]string{"2028-06-24", "2028-09-03"}},
	} {
		if got := [2]string{c.got.From.Format(time.DateOnly), c.got.To.Format(time.DateOnly)}; got != c.want {
			t.Errorf("%s: %v, want %v", what, got, c.want)
		}
	}
}

func TestHolidaysThroughTheLaw(t *testing.T) {
	t.Parallel()
	for year, want := range map[int]int{2010: 12, 2011: 13, 2024: 13, 2025: 14, 2026: 14, 2038: 14} {
		if got := len(calendar.Holidays(year)); got != want {
			t.Errorf("%d: %d holidays, want %d", year, got, want)
		}
	}
}

// What any year must keep to.
func TestRulesOfEveryYear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(2025, 2150).Draw(t, "year")
		seen := map[time.Time]bool{}
		last := time.Time{}
		for _, h := range calendar.Holidays(year) {
			if seen[h.Day] || h.Day.Before(last) || h.Day.Year() != year {
				t.Fatalf("%d: %v out of order or twice", year, h)
			}
			seen[h.Day], last = true, h.Day
			if cs := calendar.Shipped().Clashes(h.Day); len(cs) == 0 || cs[0].Kind != calendar.PublicHoliday || cs[0].Key != h.Key {
				t.Fatalf("%v is no clash: %v", h, cs)
			}
		}
		if len(seen) != 14 {
			t.Fatalf("%d has %d holidays", year, len(seen))
		}
		e := calendar.Easter(year)
		if e.Weekday() != time.Sunday || e.Before(time.Date(year, 3, 22, 0, 0, 0, 0, time.UTC)) || e.After(time.Date(year, 4, 25, 0, 0, 0, 0, time.UTC)) {
			t.Fatalf("Easter on %v", e)
		}
		l := calendar.Lessons(year)
		if w := l.From.Weekday(); l.To.Weekday() != time.Friday || w == time.Friday || w == time.Saturday || w == time.Sunday || l.From.Day() > 4 || l.To.Day() < 21 || l.To.Day() > 27 {
			t.Fatalf("lessons %v", l)
		}
		// Summer joins the two years of lessons without a gap and without a shared day.
		s := calendar.Summer(year)
		if !s.From.Equal(calendar.Lessons(year-1).To.AddDate(0, 0, 1)) || !l.From.Equal(s.To.AddDate(0, 0, 1)) || s.Overlaps(l) {
			t.Fatalf("summer %v", s)
		}
		c := calendar.ChristmasBreak(year)
		if n := c.Days(); n != 9 && n != 10 || (n == 10) != (c.From.Weekday() == time.Monday && c.From.Day() == 22) {
			t.Fatalf("Christmas break %v", c)
		}
		if b := calendar.SpringBreak(year); b.Days() != 6 || b.From.Weekday() != time.Thursday || !b.Has(e) {
			t.Fatalf("spring break %v", b)
		}
	})
}

// A day is the same however it is given: by any of its instants in Warsaw,
// through DST, leap days and the change of the year.
func TestDayOfAnInstant(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1735689600, 4102444800).Draw(t, "unix"), 0).UTC()
		d := calendar.Day(at)
		if w := at.In(clock.Warsaw); d.Format(time.DateOnly) != w.Format(time.DateOnly) || !calendar.Day(d).Equal(d) {
			t.Fatalf("%v is of %v", at, d)
		}
		c := calendar.Shipped()
		a, b := c.Clashes(at, calendar.Voivodeships...), c.Clashes(d, calendar.Voivodeships...)
		if len(a) != len(b) {
			t.Fatalf("%v: %v and %v", at, a, b)
		}
		for _, k := range a {
			if !k.Span.Has(at) {
				t.Fatalf("%v lies not in %v", at, k.Span)
			}
		}
		began := clock.SchoolYear(at)
		first := time.Date(began, time.September, 1, 0, 0, 0, 0, clock.Warsaw)
		if at.Before(first) || !at.Before(first.AddDate(1, 0, 0)) {
			t.Fatalf("%v is not of the year %d", at, began)
		}
	})
}

func TestShippedWinterBreaks(t *testing.T) {
	t.Parallel()
	c := calendar.Shipped()
	for _, year := range []int{2026, 2027} {
		if got := len(c.Breaks(year)); got != 16 {
			t.Fatalf("%d: %d voivodeships", year, got)
		}
		turns := map[calendar.Span]int{}
		for _, w := range c.Breaks(year) {
			if w.Days() != 14 || w.From.Weekday() != time.Monday || w.Source == "" {
				t.Errorf("%v", w)
			}
			turns[w.Span]++
		}
		if len(turns) != 3 {
			t.Errorf("%d: %d turns", year, len(turns))
		}
	}
	for code, want := range map[string]string{"30": "2027-02-15", "02": "2027-01-18", "14": "2027-02-01", "24": "2027-01-18", "28": "2027-02-15"} {
		if w, _ := c.Winter(code, 2027); !w.From.Equal(day(t, want)) {
			t.Errorf("%s: %v", code, w)
		}
	}
}

// The days that the coordinator of the acceptance script weighs up: members of
// Wielkopolska and of Dolny Śląsk.
func TestClashesOfMembersFromTwoVoivodeships(t *testing.T) {
	t.Parallel()
	c, ctx := calendar.Shipped(), context.Background()
	for date, want := range map[string]string{
		"2027-02-18": "ferie zimowe 15–28 lutego 2027 r.: wielkopolskie",
		"2027-01-21": "ferie zimowe 18–31 stycznia 2027 r.: dolnośląskie",
		"2026-12-24": "Wigilia Bożego Narodzenia, dzień wolny od pracy; zimowa przerwa świąteczna, bez lekcji: 23–31 grudnia 2026 r.",
		"2027-03-11": "",
		"2026-10-14": "Dzień Edukacji Narodowej, dzień bez lekcji",
		"2027-05-16": "Zesłanie Ducha Świętego (Zielone Świątki), dzień wolny od pracy; niedziela",
		"2027-07-05": "ferie letnie, bez lekcji: 26 czerwca – 31 sierpnia 2027 r.",
		"2028-02-03": "terminów ferii zimowych w 2028 r. jeszcze nie wprowadzono: wielkopolskie, dolnośląskie",
		"2028-02-29": "terminów ferii zimowych w 2028 r. jeszcze nie wprowadzono: wielkopolskie, dolnośląskie",
	} {
		var texts []string
		for _, k := range c.Clashes(day(t, date), "30", "02") {
			texts = append(texts, k.Text(ctx))
		}
		if got := strings.Join(texts, "; "); got != want {
			t.Errorf("%s: %q, want %q", date, got, want)
		}
	}
	all := c.Clashes(day(t, "2027-02-18"), calendar.Voivodeships...)
	if len(all) != 1 || len(all[0].Voivodeships) != 6 {
		t.Errorf("one turn is one clash: %v", all)
	}
}

func TestNotesOfAMonth(t *testing.T) {
	t.Parallel()
	var got []string
	for _, k := range calendar.Shipped().Notes(calendar.Span{From: day(t, "2026-12-01"), To: day(t, "2027-01-31")}, "02", "30") {
		got = append(got, k.Span.From.Format("01-02")+" "+strings.TrimPrefix(k.Key, "calendar.day."))
	}
	want := "12-23 christmas_break, 12-24 christmas_eve, 12-25 christmas, 12-26 christmas_second, 01-01 new_year, 01-06 epiphany, 01-18 winter_break"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
}

func TestAddedYearsJoinTheShipped(t *testing.T) {
	t.Parallel()
	added := calendar.Winter{Voivodeship: "30", Span: calendar.Span{From: day(t, "2028-01-17"), To: day(t, "2028-01-30")}, Source: "MEN"}
	moved := calendar.Winter{Voivodeship: "30", Span: calendar.Span{From: day(t, "2027-02-01"), To: day(t, "2027-02-14")}, Source: "MEN"}
	c := calendar.New(append(calendar.Shipped().All(), added, moved))
	if got := c.Years(); len(got) != 3 || got[2] != 2028 {
		t.Errorf("years %v", got)
	}
	if got := c.Clashes(day(t, "2028-01-20"), "30"); len(got) != 1 || got[0].Kind != calendar.WinterBreak {
		t.Errorf("the added year: %v", got)
	}
	if got := c.Clashes(day(t, "2027-02-18"), "30"); got != nil {
		t.Errorf("the later entry counts: %v", got)
	}
}

func TestWrongRowsOfWinterBreaks(t *testing.T) {
	t.Parallel()
	head := "voivodeship,from,to,source\n"
	for in, want := range map[string]string{
		"":                                           "calendar.winter.header",
		"a,b,c,d\n":                                  "calendar.winter.header",
		head + "30,2028-01-17\n":                     "calendar.winter.row",
		head + "31,2028-01-17,2028-01-30,MEN\n":      "calendar.winter.voivodeship",
		head + "30,17.01.2028,30.01.2028,MEN\n":      "calendar.winter.dates",
		head + "30,2028-01-30,2028-01-17,MEN\n":      "calendar.winter.dates",
		head + "30,2028-01-17,2028-02-30,MEN\n":      "calendar.winter.dates",
		head + "30,2028-01-17,2028-03-30,MEN\n":      "calendar.winter.length",
		head + "30,2028-07-03,2028-07-16,MEN\n":      "calendar.winter.season",
		head + "30,2028-01-17,2028-01-30,\n":         "calendar.winter.source",
		head + "30,2028-01-17,2028-01-30,\"MEN\n":    "calendar.winter.row",
		head + "30,2028-01-17,2028-01-30,MEN,more\n": "calendar.winter.row",
	} {
		_, err := calendar.Read(strings.NewReader(in))
		var row *calendar.Row
		if !errors.As(err, &row) || row.Key != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

// Every text that a clash may need is in both languages.
func TestTexts(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Langs {
		for y := 2026; y <= 2028; y++ {
			for d := time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == y; d = d.AddDate(0, 0, 1) {
				for _, c := range calendar.Shipped().Clashes(d, calendar.Voivodeships...) {
					if text := c.Text(i18n.With(context.Background(), l)); strings.Contains(text, "calendar.") || strings.Contains(text, "<no value>") {
						t.Fatalf("%v in %s: %q", d, l, text)
					}
				}
			}
		}
	}
}

func TestLocalTimes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ day, hour, fold, want, key string }{
		{"26.11.2026", "16:00", "", "2026-11-26T15:00:00Z", ""},
		{"2027-06-10", "9", "", "2027-06-10T07:00:00Z", ""},
		{"28.03.2027", "2:30", "", "", calendar.Skipped},
		{"28.03.2027", "3:00", "", "2027-03-28T01:00:00Z", ""},
		{"31.10.2027", "2:30", "", "", calendar.Doubled},
		{"31.10.2027", "2:30", calendar.First, "2027-10-31T00:30:00Z", ""},
		{"31.10.2027", "2:30", calendar.Second, "2027-10-31T01:30:00Z", ""},
		{"31.10.2027", "3:00", "", "2027-10-31T02:00:00Z", ""},
		{"29.02.2028", "12:00", "", "2028-02-29T11:00:00Z", ""},
		{"29.02.2027", "12:00", "", "", calendar.WrongDate},
		{"1.01.2028", "24:00", "", "", calendar.WrongTime},
	} {
		at, err := calendar.Local(c.day, c.hour, c.fold)
		switch {
		case c.key != "":
			if !fault.Is(err, fault.Invalid) || fault.As(err).Key != c.key {
				t.Errorf("%s %s: %v, want %s", c.day, c.hour, err, c.key)
			}
		case err != nil || at.Format(time.RFC3339) != c.want:
			t.Errorf("%s %s: %v %v, want %s", c.day, c.hour, at, err, c.want)
		}
	}
}

// Whatever instant is stored, the form that shows it leads back to it.
func TestLocalTimesComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1735689600/60, 4102444800/60).Draw(t, "minute")*60, 0).UTC()
		if rapid.Bool().Draw(t, "near a change of clocks") {
			change := rapid.SampledFrom([]string{"2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z", "2028-03-26T01:00:00Z"}).Draw(t, "change")
			c, _ := time.Parse(time.RFC3339, change)
			at = c.Add(time.Duration(rapid.IntRange(-180, 180).Draw(t, "off")) * time.Minute)
		}
		w := at.In(clock.Warsaw)
		got, err := calendar.Local(w.Format("2.01.2006"), w.Format("15:04"), calendar.Fold(at))
		if err != nil || !got.Equal(at) {
			t.Fatalf("%v came back as %v, %v", at, got, err)
		}
	})
}
