package oversight

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type askingView struct {
	Cards []ui.Card
	Pages ui.Pages
}

type spreadView struct {
	Title, Lead string
	Programme   string
	Year, Day   ui.Input
	Problems    ui.Problems
	Facts       []ui.Fact
	Table       ui.Table
}

// spread lists the programmes with a rule of networks in each powiat, or shows
// how one of them keeps to it.
func (p *pages) spread(c *kit.Ctx) error {
	if c.Query("program") == "" {
		return p.askings(c)
	}
	year := p.schoolYear(c)
	day, err := dayOf(c)
	var x *oversight.Spread
	if err == nil {
		x, err = p.Oversight.Spread(c.Context(), c.Actor(), c.QueryUUID("program"), year, day)
	}
	if err != nil && wrongDay(err) {
		v := spreadView{Title: c.T("oversight.spread.title"), Programme: c.Query("program"), Year: p.years(c, year), Day: dayInput(c)}
		frame(c, v.Title)
		return c.Retry(renamed(err), func(pr ui.Problems) templ.Component { v.Problems = pr; return spreadPage(v) })
	}
	if err != nil {
		return err
	}
	l := c.Lang()
	v := spreadView{Title: x.Title, Programme: x.Programme.String(), Year: p.years(c, year), Day: dayInput(c), Lead: c.T("oversight.spread.no_rule", "Year", show.SchoolYear(year)),
		Table: ui.Table{Caption: c.T("oversight.spread.table"), HideCaption: true, Columns: []ui.Column{{Label: c.T("oversight.year.powiat")}, {Label: c.T("oversight.year.voivodeship")},
			{Label: c.T("oversight.year.networks"), Number: true}}}}
	if x.Least > 0 {
		v.Lead = c.N("oversight.spread.rule", x.Least, "Year", show.SchoolYear(year))
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: c.T("oversight.spread.missing"), Number: true}, ui.Column{Label: c.T("oversight.spread.last")}, ui.Column{Label: c.T("oversight.light")})
		for _, light := range oversight.Lights {
			v.Facts = append(v.Facts, ui.Fact{Label: c.T("oversight.spread." + string(light)), Value: show.Int(l, int64(x.Lights[light]))})
		}
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("oversight.spread.missing"), Value: show.Int(l, int64(x.Missing))})
	}
	for i := range x.Powiats {
		a := &x.Powiats[i]
		row := []ui.Cell{{Text: a.Name}, {Text: a.Voivodeship}, number(c, a.Networks)}
		if x.Least > 0 {
			last := "–"
			if a.Last != nil {
				last = show.Date(l, *a.Last)
			}
			row = append(row, number(c, a.Missing), ui.Cell{Text: last}, ui.Cell{Body: ui.Tagged(c.T("oversight.light."+string(a.Light)), tones[a.Light])})
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	frame(c, x.Title)
	c.Page(x.Title).AsWide()
	return c.Render(http.StatusOK, spreadPage(v))
}

var tones = map[oversight.Light]ui.Tone{oversight.Green: ui.Good, oversight.Amber: ui.Warn, oversight.Red: ui.Bad}

func (p *pages) askings(c *kit.Ctx) error {
	list, err := p.Oversight.Askings(c.Context(), c.Actor(), c.Query("po"), 0)
	if err != nil {
		return err
	}
	var v askingView
	for _, x := range list.Items {
		v.Cards = append(v.Cards, ui.Card{Title: x.Title, Href: withQuery(SpreadPath, "program", x.ID.String()),
			Facts: []ui.Fact{{Label: c.T("oversight.spread.code"), Value: x.Code}, {Label: c.T("oversight.spread.least"), Value: strconv.Itoa(x.Least)}}})
	}
	if list.Next != "" {
		v.Pages.Next = withQuery(SpreadPath, "po", list.Next)
	}
	if c.Query("po") != "" {
		v.Pages.First = SpreadPath
	}
	frame(c, c.T("oversight.spread.title"))
	return c.Render(http.StatusOK, askingPage(v))
}
