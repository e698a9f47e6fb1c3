package calendar

import (
	"context"
	"slices"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// Kind orders clashes: the lower, the more people cannot come.
type Kind uint8

// Kinds of clashes.
const (
	// PublicHoliday is a day free of work by law.
	PublicHoliday Kind = iota + 1
	// SchoolFree is a day without lessons all over the country.
	SchoolFree
	// WinterBreak is the winter break of some voivodeships.
	WinterBreak
	// SummerBreak is the time between two years of lessons.
	SummerBreak
	// Weekend is a Saturday or a Sunday.
	Weekend
	// Unannounced says that the winter breaks of that year are not known yet.
	Unannounced
)

var kindNames = [...]string{"", "holiday", "school_free", "winter_break", "summer_break", "weekend", "unannounced"}

// String is the stable name of the kind, for the API.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// Clash is a reason why a day suits some people badly. It never forbids a day.
type Clash struct {
	Kind Kind
	// Key is the catalogue key of the day's name; use [Clash.Text] to show it.
	Key string
	// Span is the whole break, or the one day.
	Span Span
	// Voivodeships are the codes that a winter break concerns, of those asked for.
	Voivodeships []string
}

// Clashes lists what the day of t clashes with, the heaviest first; nil for a
// plain school day. The codes are of the voivodeships whose people are meant
// (none: winter breaks are left out); wrong codes are ignored.
func (c *Calendar) Clashes(t time.Time, voivodeships ...string) []Clash {
	d := Day(t)
	var out []Clash
	for _, h := range Holidays(d.Year()) {
		if h.Day.Equal(d) {
			out = append(out, Clash{Kind: PublicHoliday, Key: h.Key, Span: Span{d, d}})
		}
	}
	out = append(out, school(d)...)
	out = append(out, c.winters(d, voivodeships)...)
	if s := Summer(d.Year()); s.Has(d) {
		out = append(out, Clash{Kind: SummerBreak, Key: "calendar.day.summer", Span: s})
	}
	switch d.Weekday() {
	case time.Saturday:
		out = append(out, Clash{Kind: Weekend, Key: "calendar.day.saturday", Span: Span{d, d}})
	case time.Sunday:
		out = append(out, Clash{Kind: Weekend, Key: "calendar.day.sunday", Span: Span{d, d}})
	}
	return c.unannounced(d, voivodeships, out)
}

// Notes lists what is special about the days of a span, each holiday and break
// once, by date; weekends and what is not known are left out. It looks at the
// days one by one: keep the span below a few years.
func (c *Calendar) Notes(s Span, voivodeships ...string) []Clash {
	type mark struct {
		key  string
		span Span
	}
	seen := map[mark]bool{}
	var out []Clash
	for d := Day(s.From); !d.After(Day(s.To)); d = d.AddDate(0, 0, 1) {
		for _, k := range c.Clashes(d, voivodeships...) {
			if m := (mark{k.Key, k.Span}); k.Kind != Weekend && k.Kind != Unannounced && !seen[m] {
				seen[m] = true
				out = append(out, k)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Clash) int { return a.Span.From.Compare(b.Span.From) })
	return out
}

func school(d time.Time) []Clash {
	var out []Clash
	if d.Equal(EducationDay(d.Year())) {
		out = append(out, Clash{Kind: SchoolFree, Key: "calendar.day.education", Span: Span{d, d}})
	}
	if s := ChristmasBreak(d.Year()); s.Has(d) {
		out = append(out, Clash{Kind: SchoolFree, Key: "calendar.day.christmas_break", Span: s})
	}
	if s := SpringBreak(d.Year()); s.Has(d) {
		out = append(out, Clash{Kind: SchoolFree, Key: "calendar.day.spring_break", Span: s})
	}
	return out
}

// winters joins voivodeships with the same dates: they go in three turns.
func (c *Calendar) winters(d time.Time, voivodeships []string) []Clash {
	var out []Clash
	for _, v := range voivodeships {
		w, ok := c.winter[place{v, d.Year()}]
		if !ok || !w.Has(d) {
			continue
		}
		joined := false
		for i := range out {
			if out[i].Span == w.Span {
				out[i].Voivodeships, joined = append(out[i].Voivodeships, v), true
			}
		}
		if !joined {
			out = append(out, Clash{Kind: WinterBreak, Key: "calendar.day.winter_break", Span: w.Span, Voivodeships: []string{v}})
		}
	}
	return out
}

// The days within which the ministry has always put the winter breaks.
const (
	winterFrom = 112 // 12 January, as month*100+day
	winterTo   = 305 // 5 March
)

func (c *Calendar) unannounced(d time.Time, voivodeships []string, out []Clash) []Clash {
	if n := int(d.Month())*100 + d.Day(); n < winterFrom || n > winterTo {
		return out
	}
	var unknown []string
	for _, v := range voivodeships {
		if _, ok := c.winter[place{v, d.Year()}]; !ok && IsVoivodeship(v) {
			unknown = append(unknown, v)
		}
	}
	if len(unknown) > 0 {
		out = append(out, Clash{Kind: Unannounced, Key: "calendar.day.unannounced", Span: Span{d, d}, Voivodeships: unknown})
	}
	return out
}

// Text says the clash in the reader's language: "Boże Ciało (dzień wolny od
// pracy)", "ferie zimowe 15–28 lutego 2027 r.: małopolskie, wielkopolskie".
func (c Clash) Text(ctx context.Context) string {
	l := i18n.FromContext(ctx)
	switch c.Kind {
	case PublicHoliday:
		return i18n.Text(l, "calendar.clash.holiday", "Name", i18n.Text(l, c.Key))
	case SchoolFree, SummerBreak:
		if c.Span.Days() == 1 {
			return i18n.Text(l, "calendar.clash.school_day", "Name", i18n.Text(l, c.Key))
		}
		return i18n.Text(l, "calendar.clash.school", "Name", i18n.Text(l, c.Key), "Days", show.DateRange(l, c.Span.From, c.Span.To))
	case WinterBreak:
		return i18n.Text(l, "calendar.clash.winter", "Days", show.DateRange(l, c.Span.From, c.Span.To), "Where", where(l, c.Voivodeships))
	case Unannounced:
		return i18n.Text(l, "calendar.clash.unannounced", "Year", c.Span.From.Year(), "Where", where(l, c.Voivodeships))
	}
	return i18n.Text(l, c.Key)
}

func where(l i18n.Lang, codes []string) string {
	if len(codes) == len(Voivodeships) {
		return i18n.Text(l, "calendar.everywhere")
	}
	names := make([]string, len(codes))
	for i, v := range codes {
		names[i] = i18n.Text(l, "calendar.voivodeship."+v)
	}
	return strings.Join(names, ", ")
}
