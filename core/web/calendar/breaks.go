package calendar

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/schedule/almanac"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// breaksView is the administrators' page of winter breaks.
type breaksView struct {
	Year   *almanac.Year
	Here   string
	Years  []ui.Link
	Table  ui.Table
	Form   ui.FormView
	Inputs []ui.Input
	File   ui.FormView
	Upload ui.Input
}

func (p *pages) breaksPage(c *kit.Ctx, year int, pr, filePr ui.Problems) (templ.Component, error) {
	y, err := p.Breaks.Year(c.Context(), c.Actor(), year)
	if err != nil {
		return nil, err
	}
	years, err := p.Breaks.Years(c.Context(), c.Actor())
	if err != nil {
		return nil, err
	}
	c.Page(c.T("calendar.breaks.title")).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie").AsWide()
	v := breaksView{Year: y, Here: BreaksPath + "?rok=" + strconv.Itoa(year), Table: breaksTable(c, y)}
	next := year
	for _, n := range years {
		v.Years = append(v.Years, ui.Link{Text: strconv.Itoa(n), Href: BreaksPath + "?rok=" + strconv.Itoa(n)})
		next = max(next, n)
	}
	v.Years = append(v.Years, ui.Link{Text: c.T("calendar.breaks.new_year", "Year", next+1), Href: BreaksPath + "?rok=" + strconv.Itoa(next+1)})
	f := c.Form()
	where := ui.Input{Kind: ui.Checkboxes, Name: "wojewodztwa", Label: c.T("calendar.breaks.where"), Values: f.All("wojewodztwa")}
	for _, code := range calendar.Voivodeships {
		where.Options = append(where.Options, ui.Option{Value: code, Text: c.T("calendar.voivodeship." + code)})
	}
	v.Form = ui.FormView{Action: BreaksPath, Submit: c.T("calendar.breaks.save"), Problems: pr,
		Hidden: []ui.Hidden{{Name: "rok", Value: strconv.Itoa(year)}, {Name: "wersja", Value: y.Version}}}
	v.Inputs = []ui.Input{
		{Kind: ui.Date, Name: "od", Label: c.T("calendar.breaks.from"), Value: f.Get("od"), Size: "short"},
		{Kind: ui.Date, Name: "do", Label: c.T("calendar.breaks.to"), Value: f.Get("do"), Size: "short"},
		{Name: "zrodlo", Label: c.T("calendar.breaks.source"), Hint: c.T("calendar.breaks.source_hint"), Value: f.Get("zrodlo"), Max: 200},
		where,
	}
	v.File = ui.FormView{Action: BreaksPath + "/plik", Submit: c.T("calendar.breaks.import"), Problems: filePr, Upload: true}
	v.Upload = ui.Input{Kind: ui.File, Name: "plik", Label: c.T("calendar.breaks.file"), Hint: c.T("calendar.breaks.file_hint"), Accept: ".csv,text/csv"}
	return breaksPage(v), nil
}

func breaksTable(c *kit.Ctx, y *almanac.Year) ui.Table {
	t := ui.Table{Caption: c.T("calendar.breaks.of", "Year", y.Year), RowHeader: 0, Columns: []ui.Column{{Label: c.T("calendar.breaks.voivodeship")}, {Label: c.T("calendar.breaks.days")},
		{Label: c.T("calendar.breaks.source")}, {Label: c.T("calendar.breaks.by")}, {Label: c.T("calendar.breaks.act")}}}
	for _, e := range y.Entries {
		row := []ui.Cell{{Text: c.T("calendar.voivodeship." + e.Voivodeship)}, {Text: show.DateRange(c.Lang(), e.From, e.To)}, {Text: e.Source}, {Text: c.T("calendar.breaks.shipped")}, {}}
		if e.Added {
			row[3].Text = c.T("calendar.breaks.saved", "Name", e.SavedBy, "Date", show.Date(c.Lang(), e.SavedAt))
			row[4].Body = ui.PostButton(BreaksPath+"/"+strconv.Itoa(y.Year)+"/"+e.Voivodeship+"/usun", c.T("calendar.breaks.remove", "Name", c.T("calendar.voivodeship."+e.Voivodeship)), true, nil)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// year is the year that the page shows: the one asked for, or the next winter's.
func (p *pages) year(c *kit.Ctx) int {
	now := calendar.Day(p.Clock.Now())
	next := now.Year()
	if now.Month() > time.March {
		next++
	}
	n, err := strconv.Atoi(c.Form().Get("rok"))
	if err != nil || n < 2000 || n > 2100 {
		return next
	}
	return n
}

func (p *pages) breaks(c *kit.Ctx) error {
	page, err := p.breaksPage(c, p.year(c), ui.Problems{}, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// retryBreaks shows the page again; file says which of its two forms failed.
func (p *pages) retryBreaks(c *kit.Ctx, err error, file bool) error {
	var failed error
	answer := c.Retry(renamed(err, breakFields), func(pr ui.Problems) templ.Component {
		ofForm, ofFile := pr, ui.Problems{}
		if file {
			ofForm, ofFile = ofFile, ofForm
		}
		page, e := p.breaksPage(c, p.year(c), ofForm, ofFile)
		if failed = e; e != nil {
			return templ.NopComponent
		}
		return page
	})
	if failed != nil {
		return failed
	}
	return answer
}

// breakFields are the service's names of the page's controls.
var breakFields = map[string]string{"from": "od", "to": "do", "source": "zrodlo", "voivodeships": "wojewodztwa", "file": "plik"}

func (p *pages) saveBreak(c *kit.Ctx) error {
	f := c.Form()
	from, okF := form.ParseDate(f.Get("od"))
	to, okT := form.ParseDate(f.Get("do"))
	var bad fault.Fields
	if !okF {
		bad.Add("od", calendar.WrongDate)
	}
	if !okT {
		bad.Add("do", calendar.WrongDate)
	}
	err := bad.Err()
	if err == nil {
		err = p.Breaks.Save(c.Context(), c.Actor(), almanac.Turn{Voivodeships: f.All("wojewodztwa"), Span: calendar.Span{From: from, To: to}, Source: f.Get("zrodlo")}, seen(f, from))
	}
	if err != nil {
		return p.retryBreaks(c, err, false)
	}
	return c.Redirect(BreaksPath+"?rok="+strconv.Itoa(from.Year()), "calendar.flash.break_saved")
}

// seen is the version that the editor saw, when the dates are of the year shown.
func seen(f *kit.Form, from time.Time) string {
	if f.Get("rok") != strconv.Itoa(from.Year()) {
		return ""
	}
	return f.Get("wersja")
}

// maxBreaksFile bounds the file of winter breaks, in bytes.
const maxBreaksFile = 256 << 10

func (p *pages) importBreaks(c *kit.Ctx) error {
	h := c.Form().File("plik")
	if h == nil || h.Size > maxBreaksFile {
		return p.retryBreaks(c, fault.InvalidFields(fault.Field{Path: "file", Key: "calendar.breaks.no_file"}), true)
	}
	r, err := h.Open()
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxBreaksFile))
	if closed := r.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if _, err := p.Breaks.Import(c.Context(), c.Actor(), bytes.NewReader(bytes.TrimPrefix(raw, []byte("\uFEFF")))); err != nil {
		return p.retryBreaks(c, err, true)
	}
	return c.Redirect(BreaksPath, "calendar.flash.breaks_imported")
}

func (p *pages) removeBreak(c *kit.Ctx) error {
	year, err := strconv.Atoi(c.Param("rok"))
	if err != nil {
		return fault.ErrNotFound
	}
	if err := p.Breaks.Remove(c.Context(), c.Actor(), c.Param("wojewodztwo"), year); err != nil {
		return err
	}
	return c.Redirect(BreaksPath+"?rok="+strconv.Itoa(year), "calendar.flash.break_removed")
}

// renamed puts the service's field names to those of the page's controls.
func renamed(err error, names map[string]string) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		if n, ok := names[x.Path]; ok {
			x.Path = n
		}
		out.Fields = append(out.Fields, x)
	}
	return &out
}
