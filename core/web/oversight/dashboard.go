package oversight

import (
	"context"
	"strconv"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Board is the part of administration's start page that shows the country at a
// glance, for those who see all of it.
type Board struct {
	Oversight *oversight.Service
	// At are the pages on which a duty is done; others are done in networks.
	At map[oversight.Duty]string
}

type boardView struct {
	Overdue, Spread, Running ui.Table
	// All is the list of programmes when more are there than are named.
	All string
}

// Read asks for the part; nil for who does not see the country.
func (b Board) Read(ctx context.Context, c *kit.Ctx) (pressing, rest templ.Component, err error) {
	if !b.Oversight.MayDashboard(c.Actor()) {
		return nil, nil, nil
	}
	d, err := b.Oversight.Dashboard(ctx, c.Actor())
	if err != nil {
		return nil, nil, err
	}
	v := boardView{
		Overdue: ui.Table{Caption: c.T("oversight.board.overdue_table"), HideCaption: true, Columns: []ui.Column{
			{Label: c.T("oversight.board.duty")}, {Label: c.T("oversight.board.count"), Number: true}, {Label: c.T("oversight.board.oldest")}}},
		Spread: ui.Table{Caption: c.T("oversight.board.spread_table"), HideCaption: true, Columns: []ui.Column{
			{Label: c.T("oversight.board.voivodeship")}, {Label: c.T("oversight.board.networks"), Number: true}, {Label: c.T("oversight.board.centres"), Number: true}}},
		Running: ui.Table{Caption: c.T("oversight.board.running_table"), HideCaption: true, Columns: []ui.Column{
			{Label: c.T("oversight.board.programme")}, {Label: c.T("oversight.board.networks"), Number: true}}},
	}
	for _, o := range d.Overdue {
		n := strconv.Itoa(o.N)
		if o.N >= oversight.MostOverdue {
			n = c.T("oversight.board.at_least", "N", o.N)
		}
		v.Overdue.Rows = append(v.Overdue.Rows, []ui.Cell{{Text: c.T("oversight.board.duty."+string(o.Duty), "Days", o.Days), Href: c.Link(b.At[o.Duty])},
			{Text: n}, {Text: show.Date(c.Lang(), o.Oldest)}})
	}
	total, centres := 0, 0
	for _, s := range d.Spread {
		name, href := s.Name, withQuery("/sieci", "woj", s.Code)
		if s.Code == "" {
			name, href = c.T("oversight.board.nowhere"), ""
		}
		v.Spread.Rows = append(v.Spread.Rows, []ui.Cell{{Text: name, Href: href}, {Text: strconv.Itoa(s.Networks)}, {Text: strconv.Itoa(s.Centres)}})
		total, centres = total+s.Networks, centres+s.Centres
	}
	if len(d.Spread) > 1 {
		v.Spread.Rows = append(v.Spread.Rows, []ui.Cell{{Text: c.T("oversight.board.together")}, {Text: strconv.Itoa(total)}, {Text: strconv.Itoa(centres)}})
	}
	for _, p := range d.Running {
		v.Running.Rows = append(v.Running.Rows, []ui.Cell{{Text: p.Title, Href: "/programy/" + p.ID.String()}, {Text: strconv.Itoa(p.Networks)}})
	}
	if d.More {
		v.All = c.Link("/programy")
	}
	return overduePart(v), boardPart(v), nil
}
