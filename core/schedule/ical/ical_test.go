package ical_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/schedule/ical"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write testdata anew")

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func sample(t testing.TB) ical.Calendar {
	return ical.Calendar{Host: "sieci.example", Name: "Sieci: Zażółć Gęślą", Events: []ical.Event{
		{ID: uuid.MustParse("0192a000-0000-7000-8000-000000000001"), Sequence: 2, Summary: "Spotkanie robocze: ocenianie kształtujące; część 1, wstęp",
			Start: instant(t, "2026-11-26T15:00:00Z"), End: instant(t, "2026-11-26T17:15:00Z"), Updated: instant(t, "2026-11-20T08:00:00Z"),
			Network: "Ocenianie kształtujące", Location: "Szkoła Podstawowa nr 4, ul. Żółkiewskiego 12, 64-100 Leszno", URL: "https://sieci.example/spotkania/1",
			Description: "Świętosława Brzęczyszczykiewicz-Ćwiąkalska poprowadzi drugą część.\n\nZabierz: \\notatki\\ i „kartę”."},
		{ID: uuid.MustParse("0192a000-0000-7000-8000-000000000002"), Sequence: 1, Summary: "Odwołane", Cancelled: true,
			Start: instant(t, "2027-10-31T00:30:00Z"), End: instant(t, "2027-10-31T01:30:00Z"), Updated: instant(t, "2026-11-21T08:00:00Z")},
	}}
}

// The bytes are what clients saw before; a change of them reaches every calendar.
func TestGolden(t *testing.T) {
	t.Parallel()
	got, err := ical.Write(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	const path = "testdata/calendar.ics"
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; look at it, then run with -update:\n%s", path, got)
	}
}

// lines checks the form of every line and returns how many there are.
func lines(t testing.TB, raw []byte) int {
	t.Helper()
	if !utf8.Valid(raw) {
		t.Fatalf("not UTF-8: %q", raw)
	}
	all := strings.Split(string(raw), "\r\n")
	if all[len(all)-1] != "" {
		t.Fatalf("the last line has no end: %q", all[len(all)-1])
	}
	for _, l := range all {
		if len(l) > 75 || strings.ContainsAny(l, "\r\n") || !utf8.ValidString(l) {
			t.Fatalf("line of %d octets: %q", len(l), l)
		}
	}
	return len(all) - 1
}

// failer is a test or a run of a property.
type failer interface {
	Fatalf(format string, args ...any)
}

// read is the calendar as a parser of another origin reads it.
func read(t failer, raw []byte) *ics.Calendar {
	c, err := ics.ParseCalendar(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%v in:\n%s", err, raw)
	}
	return c
}

func value(e *ics.VEvent, p ics.ComponentProperty) string {
	if v := e.GetProperty(p); v != nil {
		return v.Value
	}
	return ""
}

func TestReadByAnotherParser(t *testing.T) {
	t.Parallel()
	in := sample(t)
	raw, err := ical.Write(in)
	if err != nil {
		t.Fatal(err)
	}
	lines(t, raw)
	events := read(t, raw).Events()
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	for i, e := range events {
		want := in.Events[i]
		start, err := e.GetStartAt()
		if err != nil || !start.Equal(want.Start) {
			t.Errorf("%d begins %v, %v", i, start, err)
		}
		end, err := e.GetEndAt()
		if err != nil || !end.Equal(want.End) {
			t.Errorf("%d ends %v, %v", i, end, err)
		}
		if value(e, ics.ComponentPropertySummary) != want.Summary || value(e, ics.ComponentPropertyDescription) != want.Description || value(e, ics.ComponentPropertyLocation) != want.Location {
			t.Errorf("%d: %q %q %q", i, value(e, ics.ComponentPropertySummary), value(e, ics.ComponentPropertyDescription), value(e, ics.ComponentPropertyLocation))
		}
		if e.Id() != ical.UID(want.ID, "sieci.example") {
			t.Errorf("UID %s", e.Id())
		}
	}
	if value(events[1], ics.ComponentPropertyStatus) != "CANCELLED" || value(events[0], ics.ComponentPropertyStatus) != "CONFIRMED" || value(events[0], ics.ComponentPropertySequence) != "2" {
		t.Error("status and sequence")
	}
}

func TestCalendarWithoutMeetings(t *testing.T) {
	t.Parallel()
	raw, err := ical.Write(ical.Calendar{Host: "sieci.example", Name: "Sieci"})
	if err != nil {
		t.Fatal(err)
	}
	lines(t, raw)
	if n := len(read(t, raw).Events()); n != 0 {
		t.Errorf("%d events", n)
	}
}

// Whatever the instant, the other parser finds the same one: through changes of
// clocks, leap days and the change of the year; and the offsets of our VTIMEZONE
// are those of the zone.
func TestInstantsComeBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		start := time.Unix(rapid.Int64Range(1735689600/60, 2240000000/60).Draw(rt, "minute")*60, 0).UTC()
		if rapid.Bool().Draw(rt, "near") {
			near, _ := time.Parse(time.RFC3339, rapid.SampledFrom([]string{"2027-03-28T01:00:00Z", "2027-10-31T01:00:00Z", "2028-02-29T00:00:00Z", "2026-12-31T23:00:00Z"}).Draw(rt, "at"))
			start = near.Add(time.Duration(rapid.IntRange(-200, 200).Draw(rt, "off")) * time.Minute)
		}
		end := start.Add(time.Duration(rapid.IntRange(15, 600).Draw(rt, "minutes")) * time.Minute)
		raw, err := ical.Write(ical.Calendar{Host: "h", Events: []ical.Event{{ID: uuid.New(), Summary: "x", Start: start, End: end, Updated: start}}})
		if err != nil {
			rt.Fatal(err)
		}
		e := read(rt, raw).Events()[0]
		s, err1 := e.GetStartAt()
		f, err2 := e.GetEndAt()
		if err1 != nil || err2 != nil || !s.Equal(start) || !f.Equal(end) {
			rt.Fatalf("%v–%v came back as %v–%v (%v, %v):\n%s", start, end, s, f, err1, err2, raw)
		}
		_, offset := start.In(clock.Warsaw).Zone()
		if want := ruleOffset(start); offset != want {
			rt.Fatalf("%v: the zone says %d, our rules %d", start, offset, want)
		}
	})
}

// ruleOffset reads the rules of the VTIMEZONE: the last Sundays of March and
// October, both at 1:00 UTC.
func ruleOffset(t time.Time) int {
	last := func(m time.Month) time.Time {
		d := time.Date(t.Year(), m+1, 1, 1, 0, 0, 0, time.UTC).AddDate(0, 0, -1)
		return d.AddDate(0, 0, -int(d.Weekday()))
	}
	if t.Before(last(time.March)) || !t.Before(last(time.October)) {
		return 3600
	}
	return 7200
}

func FuzzTexts(f *testing.F) {
	f.Add("Spotkanie", "Sala 12\r\nBEGIN:VEVENT", "a;b,c\\n", "https://example.org/?a=1;b=2,c")
	f.Add(strings.Repeat("ż", 200), "🎓"+strings.Repeat("Łódź, ", 60), "\x00\x07\x7f\u2028", "javascript:alert(1)")
	f.Add("\xff\xfe", "\r\r\n\n", "END:VCALENDAR", "https://x/\r\nATTENDEE:mailto:x@y")
	f.Add("0", "0", "0", "a:\x80")
	f.Fuzz(func(t *testing.T, summary, location, description, link string) {
		at := time.Date(2026, 11, 26, 15, 0, 0, 0, time.UTC)
		raw, err := ical.Write(ical.Calendar{Host: "sieci.example", Name: summary, Events: []ical.Event{{
			ID: uuid.Nil, Start: at, End: at.Add(time.Hour), Updated: at, Summary: summary, Network: location, Location: location, Description: description, URL: link}}})
		if err != nil {
			t.Fatal(err)
		}
		lines(t, raw)
		events := read(t, raw).Events()
		if len(events) != 1 || bytes.Count(raw, []byte("\r\nBEGIN:VEVENT\r\n")) != 1 {
			t.Fatalf("a text became structure:\n%s", raw)
		}
		if got, want := plain(value(events[0], ics.ComponentPropertyLocation)), plain(location); got != want {
			t.Fatalf("location %q came back as %q", want, got)
		}
	})
}

// plain is a text without what iCalendar cannot hold.
func plain(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
