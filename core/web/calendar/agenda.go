package calendar

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/schedule/diary"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// agendaMonths is how far the list reaches.
const agendaMonths = 6

// calendarView is the calendar in both of its forms.
type calendarView struct {
	Title, Here string
	Tabs        []ui.Link
	Filters     []ui.Input
	View        string // hidden in the form of filters
	Month       string
	Where       string // the voivodeship's name, "" when unknown
	// Earlier and Later move by half a year or a month.
	Earlier, Later ui.Link
	Months         []monthView // of the list
	Weeks          [][]dayView // of the month
	Heading        string
	Empty          bool
}

// monthView is a month of the list.
type monthView struct {
	ID, Title string
	Entries   []entryView
}

// entryView is a meeting, or a note about days.
type entryView struct {
	at      time.Time
	Day     string // "czwartek 26 listopada"
	Machine string // for <time>
	Meeting *meetingView
	Note    string
	Off     bool // nobody works that day
}

// meetingView is a meeting in a calendar.
type meetingView struct {
	Title, Href, Network, Hours, Start, Place string
	Tag                                       string
	Tone                                      ui.Tone
	Cancelled                                 bool
}

// dayView is a cell of the month.
type dayView struct {
	Number, Name, Machine string
	Outside, Off, Today   bool
	Notes                 []string
	Meetings              []meetingView
}

// Plain reports whether a narrow screen may leave the day out.
func (d *dayView) Plain() bool {
	return d.Outside || !d.Today && len(d.Notes) == 0 && len(d.Meetings) == 0
}

// calendar is the list, or the month with ?widok=miesiac.
func (p *pages) calendar(c *kit.Ctx) error {
	month := c.Query("widok") == "miesiac"
	today := calendar.Day(p.Clock.Now())
	first := monthOf(c.Query("m"), today)
	span := calendar.Span{From: first, To: first.AddDate(0, agendaMonths, -1)}
	if !month && c.Query("m") == "" {
		span.From = today
	}
	if month {
		span = weeks(first)
	}
	q := diary.Query{Days: span, Network: c.QueryUUID("siec"), Voivodeship: c.Query("woj")}
	if !calendar.IsVoivodeship(q.Voivodeship) {
		q.Voivodeship = ""
	}
	d, err := p.Diary.Read(c.Context(), c.Actor(), q)
	if err != nil {
		return err
	}
	v := p.frame(c, d, q, first, month)
	if month {
		v.Heading = monthName(c.Context(), first)
		v.Weeks = p.grid(c.Context(), d, first, today)
		c.Page(c.T("calendar.title")).In(Path).AsWide()
	} else {
		v.Months = list(c.Context(), d)
		c.Page(c.T("calendar.title")).In(Path)
	}
	v.Empty = len(d.Meetings) == 0
	return c.Render(http.StatusOK, calendarPage(v))
}

// monthOf reads "2026-11"; anything else is the month of today.
func monthOf(s string, today time.Time) time.Time {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < 2000 || t.Year() > 2100 {
		return time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return t
}

// weeks are the whole weeks, from Monday, that hold a month.
func weeks(first time.Time) calendar.Span {
	last := first.AddDate(0, 1, -1)
	return calendar.Span{From: first.AddDate(0, 0, -weekday(first)), To: last.AddDate(0, 0, 6-weekday(last))}
}

// weekday counts from Monday, 0.
func weekday(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

func monthName(ctx context.Context, t time.Time) string {
	return i18n.T(ctx, "calendar.month."+strconv.Itoa(int(t.Month()))) + " " + strconv.Itoa(t.Year())
}

// frame is what both forms share: tabs, filters, the way to other months.
func (p *pages) frame(c *kit.Ctx, d *diary.View, q diary.Query, first time.Time, month bool) calendarView {
	keep := url.Values{}
	if q.Network != uuid.Nil {
		keep.Set("siec", q.Network.String())
	}
	if q.Voivodeship != "" {
		keep.Set("woj", q.Voivodeship)
	}
	at := func(month bool, m string) string {
		v := url.Values{}
		for k := range keep {
			v.Set(k, keep.Get(k))
		}
		if month {
			v.Set("widok", "miesiac")
		}
		if m != "" {
			v.Set("m", m)
		}
		if len(v) == 0 {
			return Path
		}
		return Path + "?" + v.Encode()
	}
	v := calendarView{Title: c.T("calendar.title"), Tabs: []ui.Link{{Text: c.T("calendar.list"), Href: at(false, "")}, {Text: c.T("calendar.in_months"), Href: at(true, "")}}}
	v.Here = v.Tabs[0].Href
	step := agendaMonths
	if month {
		v.Here, v.View, step = v.Tabs[1].Href, "miesiac", 1
	}
	v.Month = c.Query("m")
	earlier, later := first.AddDate(0, -step, 0), first.AddDate(0, step, 0)
	v.Earlier, v.Later = ui.Link{Text: monthName(c.Context(), earlier), Href: at(month, earlier.Format("2006-01"))}, ui.Link{Text: monthName(c.Context(), later), Href: at(month, later.Format("2006-01"))}
	if !month {
		v.Earlier.Text, v.Later.Text = c.T("calendar.earlier"), c.T("calendar.later")
	}
	network := ui.Input{Kind: ui.Select, Name: "siec", Label: c.T("calendar.network"), Empty: c.T("calendar.all_networks")}
	if q.Network != uuid.Nil {
		network.Value = q.Network.String()
	}
	for _, n := range d.Networks {
		network.Options = append(network.Options, ui.Option{Value: n.ID.String(), Text: n.Title})
	}
	where := ui.Input{Kind: ui.Select, Name: "woj", Label: c.T("calendar.breaks_of"), Value: d.Voivodeship, Empty: c.T("calendar.no_voivodeship")}
	for _, code := range calendar.Voivodeships {
		where.Options = append(where.Options, ui.Option{Value: code, Text: c.T("calendar.voivodeship." + code)})
	}
	if d.Voivodeship != "" {
		v.Where = c.T("calendar.voivodeship." + d.Voivodeship)
	}
	v.Filters = []ui.Input{network, where}
	return v
}

// list sorts meetings and notes into months.
func list(ctx context.Context, d *diary.View) []monthView {
	l := i18n.FromContext(ctx)
	var all []entryView
	for i := range d.Meetings {
		m := &d.Meetings[i]
		day := calendar.Day(m.Starts)
		all = append(all, entryView{at: m.Starts, Day: dayName(l, day), Machine: day.Format(time.DateOnly), Meeting: meeting(ctx, m)})
	}
	for _, k := range d.Notes {
		from := k.Span.From
		if from.Before(d.Days.From) {
			from = d.Days.From
		}
		e := entryView{at: from, Day: dayName(l, k.Span.From), Machine: k.Span.From.Format(time.DateOnly), Note: k.Text(ctx), Off: k.Kind == calendar.PublicHoliday}
		if k.Span.Days() > 1 {
			e.Day = show.DateRange(l, k.Span.From, k.Span.To)
			e.Note = i18n.T(ctx, k.Key)
		} else if k.Kind == calendar.PublicHoliday || k.Kind == calendar.SchoolFree {
			e.Note = i18n.T(ctx, k.Key)
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b entryView) int { return cmp.Compare(a.at.Unix(), b.at.Unix()) })
	var out []monthView
	for _, e := range all {
		id := calendar.Day(e.at).Format("2006-01")
		if len(out) == 0 || out[len(out)-1].ID != "m-"+id {
			out = append(out, monthView{ID: "m-" + id, Title: monthName(ctx, calendar.Day(e.at))})
		}
		out[len(out)-1].Entries = append(out[len(out)-1].Entries, e)
	}
	return out
}

// dayName is "czwartek, 26 listopada": the year stands above.
func dayName(l i18n.Lang, day time.Time) string {
	return show.Weekday(l, day) + ", " + i18n.Text(l, "calendar.day_month", "Day", day.Day(), "Month", i18n.Text(l, "show.month."+strconv.Itoa(int(day.Month()))))
}

func meeting(ctx context.Context, m *schedule.Meeting) *meetingView {
	l := i18n.FromContext(ctx)
	v := &meetingView{Title: m.Title, Href: schedule.PathOf(m.ID), Network: m.NetworkTitle, Hours: hours(l, m.Starts, m.Ends), Start: show.Time(l, m.Starts), Place: m.Place,
		Cancelled: m.State == schedule.Cancelled}
	tag := func(key string, tone ui.Tone) { v.Tag, v.Tone = i18n.T(ctx, "calendar.tag."+key), tone }
	switch {
	case v.Cancelled:
		tag("cancelled", ui.Bad)
	case m.State == schedule.Draft:
		tag("draft", ui.Warn)
	case m.Stale:
		tag("moved", ui.Warn)
	case m.Answer == schedule.OnSite:
		tag("onsite", ui.Good)
	case m.Answer == schedule.Online:
		tag("online", ui.Good)
	case m.Answer == schedule.No:
		tag("no", ui.Neutral)
	case m.State == schedule.Closed || m.State == schedule.Held:
		tag("over", ui.Neutral)
	}
	if m.Place == "" && m.Online {
		v.Place = i18n.T(ctx, "calendar.online")
	}
	return v
}

// hours is "16:00–18:15", with the day of the end when it is another one.
func hours(l i18n.Lang, from, to time.Time) string {
	if calendar.Day(from).Equal(calendar.Day(to)) {
		return show.Time(l, from) + "–" + show.Time(l, to)
	}
	return show.Time(l, from) + " – " + show.DateShort(l, to) + ", " + show.Time(l, to)
}

// grid is the month by weeks.
func (p *pages) grid(ctx context.Context, d *diary.View, first, today time.Time) [][]dayView {
	l := i18n.FromContext(ctx)
	var out [][]dayView
	for day := d.Days.From; !day.After(d.Days.To); day = day.AddDate(0, 0, 1) {
		if weekday(day) == 0 {
			out = append(out, nil)
		}
		x := dayView{Number: strconv.Itoa(day.Day()), Name: show.Weekday(l, day), Machine: day.Format(time.DateOnly), Outside: day.Month() != first.Month(),
			Off: weekday(day) > 4, Today: day.Equal(today)}
		for _, k := range d.Notes {
			if k.Span.Has(day) {
				x.Notes = append(x.Notes, i18n.T(ctx, k.Key))
				x.Off = x.Off || k.Kind == calendar.PublicHoliday
			}
		}
		for i := range d.Meetings {
			m := &d.Meetings[i]
			if (calendar.Span{From: calendar.Day(m.Starts), To: calendar.Day(m.Ends.Add(-time.Minute))}).Has(day) {
				x.Meetings = append(x.Meetings, *meeting(ctx, m))
			}
		}
		out[len(out)-1] = append(out[len(out)-1], x)
	}
	return out
}
