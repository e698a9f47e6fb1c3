package oversight

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/place"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type paceView struct {
	Year, Light, Day ui.Input
	Problems         ui.Problems
	Programme        string
	All              string // the list without the programme
	Cards            []ui.Card
	Pages            ui.Pages
	Looked           string // how far a page looked that ended before it was full
}

func (p *pages) paces(c *kit.Ctx) error {
	year, light, programme := p.schoolYear(c), oversight.Light(c.Query("swiatlo")), c.QueryUUID("program")
	day, dayErr := dayOf(c)
	if !slices.Contains(oversight.Lights, light) {
		light = ""
	}
	var list oversight.Paces
	err := dayErr
	if err == nil {
		list, err = p.Oversight.Paces(c.Context(), c.Actor(), oversight.PaceQuery{Year: year, Programme: programme, Light: light, Day: day}, c.Query("po"), 0)
	}
	if err != nil && !wrongDay(err) {
		return err
	}
	v := paceView{Year: p.years(c, year), Day: dayInput(c), Light: ui.Input{Kind: ui.Select, Name: "swiatlo", Label: c.T("oversight.light"), Value: string(light), Empty: c.T("oversight.light.all"), Size: "medium"}}
	for _, l := range oversight.Lights {
		v.Light.Options = append(v.Light.Options, ui.Option{Value: string(l), Text: c.T("oversight.light." + string(l))})
	}
	keep := []string{"rok", strconv.Itoa(year), "swiatlo", string(light), "dzien", c.Query("dzien")}
	if programme != uuid.Nil {
		v.Programme, v.All = programme.String(), withQuery(PacePath, keep...)
		keep = append(keep, "program", v.Programme)
	}
	for i := range list.Items {
		v.Cards = append(v.Cards, paceCard(c, &list.Items[i]))
	}
	if list.Next != "" {
		v.Pages.Next = withQuery(PacePath, append(keep, "po", list.Next)...)
	}
	if list.Looked > 0 {
		v.Looked = c.N("oversight.pace.looked", list.Looked)
	}
	if c.Query("po") != "" {
		v.Pages.First = withQuery(PacePath, keep...)
	}
	frame(c, c.T("oversight.pace.title"))
	if err != nil {
		return c.Retry(renamed(err), func(pr ui.Problems) templ.Component { v.Problems = pr; return pacePage(v) })
	}
	return c.Render(http.StatusOK, pacePage(v))
}

// dayOf is the day in the address as of which a list or report is asked for, zero
// for none.
func dayOf(c *kit.Ctx) (time.Time, error) {
	raw := c.Query("dzien")
	if raw == "" {
		return time.Time{}, nil
	}
	day, ok := form.ParseDate(raw)
	if !ok {
		return day, fault.InvalidFields(fault.Field{Path: "day", Key: "oversight.day"})
	}
	return day, nil
}

// dayInput is the control that asks for it.
func dayInput(c *kit.Ctx) ui.Input {
	return ui.Input{Kind: ui.Date, Name: "dzien", Label: c.T("oversight.year.day"), Value: c.Query("dzien"), Size: "short", Optional: true}
}

// wrongDay tells a day that cannot be asked for from other errors.
func wrongDay(err error) bool {
	f := fault.As(err)
	return f.Kind == fault.Invalid && len(f.Fields) == 1 && f.Fields[0].Path == "day"
}

// words says a light with its reason: never by the colour alone.
func words(c *kit.Ctx, x *oversight.Pace) (string, ui.Tone) {
	switch {
	case x.Light == oversight.Green:
		return c.T("oversight.pace.good"), ui.Good
	case x.Light == oversight.Red:
		return c.N("oversight.pace.late", x.Missing()), ui.Bad
	case x.Missing() > 0:
		return c.N("oversight.pace.missing", x.Missing()), ui.Warn
	}
	return c.T("oversight.pace.many"), ui.Warn
}

func paceCard(c *kit.Ctx, x *oversight.Pace) ui.Card {
	l := c.Lang()
	card := ui.Card{Title: x.Title, Href: kit.NetworkPath + x.ID.String()}
	card.Tag, card.Tone = words(c, x)
	card.Facts = []ui.Fact{{Label: c.T("oversight.pace.held"), Value: c.T("oversight.pace.of", "Held", x.Held, "Least", x.Least, "Most", x.Most)}}
	next := c.T("oversight.pace.no_next")
	if x.Next != nil {
		next = show.Date(l, x.Next.In(clock.Warsaw))
		if x.Planned > 1 {
			next += " " + c.T("oversight.pace.planned", "N", x.Planned)
		}
	}
	card.Facts = append(card.Facts, ui.Fact{Label: c.T("oversight.pace.next"), Value: next})
	if x.Last != nil {
		card.Facts = append(card.Facts, ui.Fact{Label: c.T("oversight.pace.last"), Value: show.Date(l, *x.Last)})
	}
	centre := place.Where{Powiat: x.Powiat, PowiatKind: x.PowiatKind, Voivodeship: x.Voivodeship}.Label(c.Context(), x.Centre)
	card.Facts = append(card.Facts, ui.Fact{Label: c.T("oversight.centre"), Value: centre})
	if x.ProgrammeTitle != "" {
		card.Facts = append(card.Facts, ui.Fact{Label: c.T("oversight.programme"), Value: x.ProgrammeTitle})
	}
	return card
}

type coverView struct {
	// Vocabulary is where new directions are entered, for who may.
	Vocabulary string
	Year, Day  ui.Input
	Problems   ui.Problems
	Table      ui.Table
}

func direction(c *kit.Ctx, known []oversight.Direction, code string) string {
	for i := range known {
		if known[i].Code == code {
			return known[i].Name(c.Lang())
		}
	}
	return code
}

func (p *pages) coverage(c *kit.Ctx) error {
	year := p.schoolYear(c)
	day, err := dayOf(c)
	var list []oversight.Cover
	var known []oversight.Direction
	if err == nil {
		err = c.Together(
			func(ctx context.Context) (err error) {
				list, err = p.Oversight.Coverage(ctx, c.Actor(), year, day)
				return err
			},
			func(ctx context.Context) (err error) { known, err = p.Oversight.Directions(ctx); return err })
	}
	if err != nil && !wrongDay(err) {
		return err
	}
	v := coverView{Vocabulary: c.Link(VocabularyPath), Year: p.years(c, year), Day: dayInput(c), Table: ui.Table{Caption: c.T("oversight.direction.table"), HideCaption: true, Columns: []ui.Column{{Label: c.T("oversight.direction")},
		{Label: c.T("oversight.year.networks"), Number: true}, {Label: c.T("oversight.year.meetings"), Number: true}, {Label: c.T("oversight.direction.powiats"), Number: true}}}}
	for _, x := range list {
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: direction(c, known, x.Code)}, number(c, x.Networks), number(c, x.Meetings), number(c, x.Powiats)})
	}
	frame(c, c.T("oversight.direction.title"))
	if err != nil {
		return c.Retry(renamed(err), func(pr ui.Problems) templ.Component { v.Problems = pr; return coverPage(v) })
	}
	return c.Render(http.StatusOK, coverPage(v))
}

func number(c *kit.Ctx, n int) ui.Cell { return ui.Cell{Text: show.Int(c.Lang(), int64(n))} }

type tagView struct {
	ui.FormView
	Input ui.Input
	// Plain is what the network works on, where nothing can be changed.
	Plain  []string
	Closed bool
}

// ofYear puts the directions of a school year first, then the newest.
func ofYear(known []oversight.Direction, year int) []oversight.Direction {
	own := show.SchoolYear(year)
	out := slices.Clone(known)
	slices.SortStableFunc(out, func(a, b oversight.Direction) int {
		if (a.Year == own) != (b.Year == own) {
			if a.Year == own {
				return -1
			}
			return 1
		}
		return strings.Compare(b.Year, a.Year)
	})
	return out
}

func (p *pages) tagPage(c *kit.Ctx, t *oversight.Tagged, known []oversight.Direction, ticked []string, pr ui.Problems) templ.Component {
	path := kit.NetworkPath + t.Network.String()
	v := tagView{Closed: !t.Open, FormView: ui.FormView{Title: c.T("oversight.tag.title"), Lead: c.T("oversight.tag.lead", "Max", oversight.MaxDirections), Action: path + Tab, Submit: c.T("oversight.tag.save"), Problems: pr,
		Hidden: []ui.Hidden{{Name: "widziane", Value: strings.Join(t.Codes, ",")}}, Cancel: ui.Link{Text: c.T("oversight.cancel"), Href: path}},
		Input: ui.Input{Kind: ui.Checkboxes, Name: "kierunki", Label: c.T("oversight.direction.list"), Values: ticked, Optional: true}}
	for _, d := range ofYear(known, t.SchoolYear) {
		v.Input.Options = append(v.Input.Options, ui.Option{Value: d.Code, Text: d.Name(c.Lang())})
	}
	for _, code := range t.Codes {
		v.Plain = append(v.Plain, direction(c, known, code))
		if !slices.ContainsFunc(known, func(d oversight.Direction) bool { return d.Code == code }) {
			v.Input.Options = append(v.Input.Options, ui.Option{Value: code, Text: code})
		}
	}
	c.InNetwork(t.Network, t.Title, c.T("oversight.tag.title"), t.At, Tab)
	return tagPage(v)
}

func (p *pages) tagged(c *kit.Ctx) (t *oversight.Tagged, known []oversight.Direction, err error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, nil, err
	}
	err = c.Together(
		func(ctx context.Context) (err error) { t, err = p.Oversight.Tagged(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) { known, err = p.Oversight.Directions(ctx); return err })
	return t, known, err
}

func (p *pages) tagForm(c *kit.Ctx) error {
	t, known, err := p.tagged(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.tagPage(c, t, known, t.Codes, ui.Problems{}))
}

func (p *pages) tag(c *kit.Ctx) error {
	t, known, err := p.tagged(c)
	if err != nil {
		return err
	}
	// Ticked boxes, or, from the page of the second of two editors, codes with commas.
	codes := strings.FieldsFunc(strings.Join(c.Form().All("kierunki"), ","), func(r rune) bool { return r == ',' || r == ' ' })
	err = p.Oversight.Tag(c.Context(), c.Actor(), t.Network, codes, strings.Split(c.Form().Get("widziane"), ","))
	switch {
	case err == nil:
		return c.Redirect(kit.NetworkPath+t.Network.String()+Tab, "oversight.flash.tagged")
	case fault.Is(err, fault.Conflict) && t.Open:
		c.InNetwork(t.Network, t.Title, c.T("oversight.tag.title"), t.At, Tab)
		return c.ConflictPage(ui.ConflictView{Action: kit.NetworkPath + t.Network.String() + Tab, Hidden: []ui.Hidden{{Name: "widziane", Value: strings.Join(t.Codes, ",")}},
			Cancel: ui.Link{Text: c.T("oversight.cancel"), Href: kit.NetworkPath + t.Network.String() + Tab},
			Fields: []ui.ConflictField{{Name: "kierunki", Label: c.T("oversight.direction.codes"), Mine: strings.Join(codes, ", "), Theirs: strings.Join(t.Codes, ", ")}}})
	}
	return c.Retry(renamed(err), func(pr ui.Problems) templ.Component { return p.tagPage(c, t, known, codes, pr) })
}

// renamed puts the service's field to the page's control.
func renamed(err error) error {
	f := fault.As(err)
	if len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if to, ok := map[string]string{"directions": "kierunki", "year": "rok", "day": "dzien"}[x.Path]; ok {
			x.Path = to
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}

type yearView struct {
	Year, Day ui.Input
	Programme string
	Problems  ui.Problems
	// Report is nil when the day or the year was wrong.
	Report               *oversight.Year
	Lead                 string
	Facts                []ui.Fact
	Voivodeships, Powiat ui.Table
	CSV, XLSX, JSON      string
	// Of a report that is counted by a job: what was asked, when it was counted.
	Asked   []ui.Hidden
	Counted string
	Stop    string // address, while it is being counted
}

// busy reports whether the report is being counted.
func (v *yearView) busy() bool {
	return v.Report != nil && v.Report.Count != nil && v.Report.Count.State == oversight.Counting
}

// ready reports whether there are numbers to show.
func (v *yearView) ready() bool {
	return v.Report != nil && (!v.Report.Kept || v.Report.CountedAt != nil)
}

// watch is after how many seconds the page of a report that is being counted asks again.
const watch = 5

func (p *pages) yearQuery(c *kit.Ctx) (oversight.YearQuery, error) {
	q := oversight.YearQuery{Programme: c.QueryUUID("program"), Day: p.Oversight.Today()}
	day, err := dayOf(c)
	if err != nil {
		return q, err
	}
	if !day.IsZero() {
		q.Day = day
	}
	q.SchoolYear = c.QueryInt("rok", clock.SchoolYear(q.Day))
	return q, nil
}

func (p *pages) yearOf(c *kit.Ctx) (*oversight.Year, oversight.YearQuery, error) {
	q, err := p.yearQuery(c)
	if err != nil {
		return nil, q, err
	}
	y, err := p.Oversight.Year(c.Context(), c.Actor(), q)
	return y, q, err
}

func (p *pages) year(c *kit.Ctx) error {
	if c.Query("dzien") == "" { // the day is in the address, so that it can be opened again
		q, _ := p.yearQuery(c)
		return c.Redirect(withQuery(YearPath, "rok", strconv.Itoa(q.SchoolYear), "dzien", q.Day.Format(time.DateOnly), "program", c.Query("program")), "")
	}
	y, q, err := p.yearOf(c)
	v := yearView{Year: p.years(c, q.SchoolYear), Day: ui.Input{Kind: ui.Date, Name: "dzien", Label: c.T("oversight.year.day"), Value: c.Query("dzien"), Size: "short"}}
	frame(c, c.T("oversight.year.title"))
	c.Page(c.T("oversight.year.title")).AsWide()
	if err != nil {
		return c.Retry(renamed(err), func(pr ui.Problems) templ.Component { v.Problems = pr; return yearPage(v) })
	}
	l := c.Lang()
	v.Report, v.Lead = y, c.T("oversight.year.of", "Year", show.SchoolYear(y.SchoolYear), "Date", show.Date(l, y.Day))
	keep := []string{"rok", strconv.Itoa(y.SchoolYear), "dzien", y.Day.Format(time.DateOnly)}
	api := []string{"school_year", strconv.Itoa(y.SchoolYear), "day", y.Day.Format(time.DateOnly)}
	if q.Programme != uuid.Nil {
		v.Programme = q.Programme.String()
		keep, api = append(keep, "program", v.Programme), append(api, "programme", v.Programme)
	}
	v.CSV, v.XLSX, v.JSON = withQuery(YearPath+".csv", keep...), withQuery(YearPath+".xlsx", keep...), withQuery("/api/v1/yearly-report", api...)
	p.counting(c, &v)
	if !v.ready() {
		return c.Render(http.StatusOK, yearPage(v))
	}
	w := &y.Whole
	v.Facts = []ui.Fact{{Label: c.T("oversight.year.networks"), Value: show.Int(l, int64(w.Networks))}, {Label: c.T("oversight.year.members"), Value: show.Int(l, int64(w.Members))},
		{Label: c.T("oversight.year.meetings"), Value: show.Int(l, int64(w.Meetings))}, {Label: c.T("oversight.year.hours"), Value: show.Decimal(l, w.Hours(), 1)},
		{Label: c.T("oversight.year.participants"), Value: show.Int(l, int64(w.Participants))}}
	v.Voivodeships = placeTable(c, c.T("oversight.year.voivodeships"), y.Voivodeships, false)
	v.Powiat = placeTable(c, c.T("oversight.year.powiats"), y.Powiats, true)
	if y.Least > 0 {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("oversight.year.missing"), Value: c.T("oversight.year.missing_of", "N", show.Int(l, int64(*w.Missing)), "Least", y.Least)})
		withMissing(c, &v.Voivodeships, y.Voivodeships)
		withMissing(c, &v.Powiat, y.Powiats)
	}
	return c.Render(http.StatusOK, yearPage(v))
}

// counting shows how far a kept report is.
func (p *pages) counting(c *kit.Ctx, v *yearView) {
	y := v.Report
	if !y.Kept {
		return
	}
	v.Asked = []ui.Hidden{{Name: "rok", Value: strconv.Itoa(y.SchoolYear)}, {Name: "dzien", Value: y.Day.Format(time.DateOnly)}, {Name: "program", Value: v.Programme}}
	if y.CountedAt != nil {
		v.Counted = c.T("oversight.year.counted", "Time", show.DateTime(c.Lang(), y.CountedAt.In(clock.Warsaw)))
	}
	if v.busy() {
		v.Stop = YearPath + "/" + y.Count.ID.String() + "/przerwij"
		c.Response().Header().Set("Refresh", strconv.Itoa(watch))
	}
}

// askedYear is the address of the report that a form of its page is about.
func askedYear(c *kit.Ctx) string {
	f := c.Form()
	return withQuery(YearPath, "rok", f.Get("rok"), "dzien", f.Get("dzien"), "program", f.Get("program"))
}

func (p *pages) countYear(c *kit.Ctx) error {
	f := c.Form()
	var q oversight.YearQuery
	var err error
	if q.SchoolYear, err = strconv.Atoi(f.Get("rok")); err != nil {
		return fault.ErrNotFound
	}
	day, ok := form.ParseDate(f.Get("dzien"))
	if !ok {
		return fault.ErrNotFound
	}
	q.Day = day
	if raw := f.Get("program"); raw != "" {
		if q.Programme, err = uuid.Parse(raw); err != nil {
			return fault.ErrNotFound
		}
	}
	if err := p.Oversight.CountYear(c.Context(), c.Actor(), q); err != nil {
		return err
	}
	return c.Redirect(askedYear(c), "oversight.flash.counting")
}

func (p *pages) stopCount(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Oversight.StopCount(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(askedYear(c), "oversight.flash.stopped")
}

func placeTable(c *kit.Ctx, title string, list []oversight.Place, powiats bool) ui.Table {
	t := ui.Table{Caption: c.T("oversight.year.table", "What", title), HideCaption: true, Columns: []ui.Column{{Label: c.T("oversight.year.voivodeship")}}}
	if powiats {
		t.Columns = []ui.Column{{Label: c.T("oversight.year.powiat")}, {Label: c.T("oversight.year.voivodeship")}}
	}
	for _, key := range []string{"networks", "members", "meetings", "hours", "participants"} {
		t.Columns = append(t.Columns, ui.Column{Label: c.T("oversight.year." + key), Number: true})
	}
	for i := range list {
		x := &list[i]
		row := []ui.Cell{{Text: x.Name}}
		if powiats {
			row = append(row, ui.Cell{Text: x.Voivodeship})
		}
		t.Rows = append(t.Rows, append(row, number(c, x.Networks), number(c, x.Members), number(c, x.Meetings), ui.Cell{Text: show.Decimal(c.Lang(), x.Hours(), 1)}, number(c, x.Participants)))
	}
	return t
}

// withMissing adds what is missing by a programme's rule as the last column.
func withMissing(c *kit.Ctx, t *ui.Table, list []oversight.Place) {
	t.Columns = append(t.Columns, ui.Column{Label: c.T("oversight.year.missing"), Number: true})
	for i := range list {
		cell := ui.Cell{Text: "–"}
		if list[i].Missing != nil {
			cell = number(c, *list[i].Missing)
		}
		t.Rows[i] = append(t.Rows[i], cell)
	}
}

func (p *pages) csv(c *kit.Ctx) error {
	return p.sheet(c, ".csv", "text/csv; charset=utf-8", (*oversight.Year).CSV)
}

func (p *pages) xlsx(c *kit.Ctx) error {
	return p.sheet(c, ".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (*oversight.Year).XLSX)
}

func (p *pages) sheet(c *kit.Ctx, ending, kind string, write func(*oversight.Year, io.Writer, i18n.Lang) error) error {
	y, _, err := p.yearOf(c)
	if err != nil {
		return err
	}
	if y.Kept && y.CountedAt == nil {
		return fault.New(fault.Conflict, "oversight.year.uncounted")
	}
	var b bytes.Buffer
	if err := write(y, &b, c.Lang()); err != nil {
		return err
	}
	return c.Download(y.FileName(c.Lang())+ending, kind, int64(b.Len()), &b)
}
