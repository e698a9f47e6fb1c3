// Package show writes dates, times and numbers for people, in Polish and
// English: "5 kwietnia 2027 r.", "10 000", "57,1%". Instants are shown in
// Warsaw time; a date without a time is midnight UTC and shows as that day.
package show

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n"
)

// nbsp keeps a number with its unit and a one-letter word with the next one.
const nbsp = "\u00a0"

var months, weekdays = names("show.month.", 1, 12), names("show.weekday.", 0, 6)

// names reads a numbered family of texts once; a lookup per date would cost
// more than the rest of its formatting.
func names(prefix string, from, to int) map[i18n.Lang][]string {
	out := map[i18n.Lang][]string{}
	for _, l := range i18n.Langs {
		list := make([]string, to+1)
		for n := from; n <= to; n++ {
			list[n] = i18n.Text(l, prefix+strconv.Itoa(n))
		}
		out[l] = list
	}
	return out
}

func pick(family map[i18n.Lang][]string, l i18n.Lang, n int) string {
	if list, ok := family[l]; ok {
		return list[n]
	}
	return family[i18n.Polish][n]
}

func dayMonth(l i18n.Lang, t time.Time) string {
	return strconv.Itoa(t.Day()) + " " + pick(months, l, int(t.Month()))
}

func year(l i18n.Lang, y int) string {
	if l == i18n.English {
		return strconv.Itoa(y)
	}
	return strconv.Itoa(y) + " r."
}

// Date is the long form: "5 kwietnia 2027 r.", "5 April 2027".
func Date(l i18n.Lang, t time.Time) string {
	t = t.In(clock.Warsaw)
	return dayMonth(l, t) + " " + year(l, t.Year())
}

// DateShort is for tables: "05.04.2027", "05/04/2027".
func DateShort(l i18n.Lang, t time.Time) string {
	if l == i18n.English {
		return t.In(clock.Warsaw).Format("02/01/2006")
	}
	return t.In(clock.Warsaw).Format("02.01.2006")
}

// Weekday is the name of the day: "czwartek".
func Weekday(l i18n.Lang, t time.Time) string {
	return pick(weekdays, l, int(t.In(clock.Warsaw).Weekday()))
}

// Time is the clock time without a leading zero: "9:30".
func Time(_ i18n.Lang, t time.Time) string {
	t = t.In(clock.Warsaw)
	return fmt.Sprintf("%d:%02d", t.Hour(), t.Minute())
}

// DateTime is "5 kwietnia 2027 r., 9:30".
func DateTime(l i18n.Lang, t time.Time) string { return Date(l, t) + ", " + Time(l, t) }

// DateRange says what two days have in common once: "5–7 kwietnia 2027 r.",
// "30 marca – 2 kwietnia 2027 r.".
func DateRange(l i18n.Lang, from, to time.Time) string {
	a, b := from.In(clock.Warsaw), to.In(clock.Warsaw)
	switch {
	case a.Year() != b.Year():
		return Date(l, a) + " – " + Date(l, b)
	case a.Month() != b.Month():
		return dayMonth(l, a) + " – " + Date(l, b)
	case a.Day() != b.Day():
		return strconv.Itoa(a.Day()) + "–" + Date(l, b)
	}
	return Date(l, b)
}

// SchoolYear is "2026/2027" for the school year that began in 2026.
func SchoolYear(began int) string { return strconv.Itoa(began) + "/" + strconv.Itoa(began+1) }

// Int groups digits: in Polish from five digits on, with a no-break space
// ("1000", "10 000"); in English from four, with a comma.
func Int(l i18n.Lang, n int64) string { return group(l, strconv.FormatInt(n, 10)) }

func group(l i18n.Lang, s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "−", s[1:]
	}
	sep, least := nbsp, 5
	if l == i18n.English {
		sep, least = ",", 4
	}
	if len(s) < least {
		return sign + s
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}

// Decimal shows v with at most digits decimal places (-1: as many as it has)
// and without trailing zeros: "3,5". NaN and infinities are an en dash.
func Decimal(l i18n.Lang, v float64, digits int) string {
	s := fixed(l, v, digits)
	if i := strings.LastIndexAny(s, ",."); i >= 0 && digits > 0 && strings.ContainsAny(s[i:], "0") {
		if d := decimalMark(l); s[i] == d {
			s = strings.TrimRight(s, "0")
			s = strings.TrimSuffix(s, string(d))
		}
	}
	return s
}

func decimalMark(l i18n.Lang) byte {
	if l == i18n.English {
		return '.'
	}
	return ','
}

// fixed shows v with exactly digits decimal places.
func fixed(l i18n.Lang, v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-") // no minus zero
	}
	whole, frac, has := strings.Cut(s, ".")
	s = group(l, whole)
	if has {
		s += string(decimalMark(l)) + frac
	}
	return s
}

// Percent shows a number of per cent (57.1, not 0.571): "57,1%".
func Percent(l i18n.Lang, percent float64, digits int) string {
	return Decimal(l, percent, digits) + "%"
}

// Money shows złoty and grosze: "1234,50 zł", "PLN 1,234.50".
func Money(l i18n.Lang, zloty float64) string {
	if l == i18n.English {
		return "PLN" + nbsp + fixed(l, zloty, 2)
	}
	return fixed(l, zloty, 2) + nbsp + "zł"
}

// TeachingHours shows minutes in teaching hours of 45 minutes:
// "21 godzin dydaktycznych", "10,5 godziny dydaktycznej".
func TeachingHours(l i18n.Lang, minutes int) string {
	if minutes%45 == 0 {
		return i18n.Plural(l, "show.teaching_hours", minutes/45)
	}
	return i18n.Text(l, "show.teaching_hours_part", "Hours", Decimal(l, float64(minutes)/45, 2))
}

// Bytes is a file size: "12 KB", "1,5 MB".
func Bytes(l i18n.Lang, n int64) string {
	switch {
	case n < 1000:
		return i18n.Text(l, "show.bytes", "N", n)
	case n < 1000*1000:
		return i18n.Text(l, "show.kilobytes", "Size", Decimal(l, float64(n)/1000, 0))
	}
	return i18n.Text(l, "show.megabytes", "Size", Decimal(l, float64(n)/1e6, 1))
}

// Nbsp ties one-letter words to the word that follows, as Polish typography
// asks ("w sieci" does not break after "w"). Other languages stay as they are.
func Nbsp(l i18n.Lang, s string) string {
	if l == i18n.English {
		return s
	}
	b := []byte(s)
	var out []byte
	for i := 0; i < len(b); i++ {
		if b[i] == ' ' && i > 0 && i+1 < len(b) && strings.IndexByte("wziouaWZIOUA", b[i-1]) >= 0 &&
			(i == 1 || strings.IndexByte(" (\n\"", b[i-2]) >= 0 || (i > 2 && strings.HasSuffix(s[:i-1], nbsp)) || strings.HasSuffix(s[:i-1], "„")) {
			out = append(out, nbsp...)
			continue
		}
		out = append(out, b[i])
	}
	return string(out)
}
