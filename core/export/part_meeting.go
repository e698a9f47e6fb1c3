package export

import (
	"context"
	"strconv"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/schedule"
)

// Meetings is the part with a network's meetings: agenda, minutes, action items
// and materials. Attendance of people is in the data alone, for those who keep
// the register.
type Meetings struct{ Meetings *schedule.Service }

var _ Source = Meetings{}

// Part implements [Source].
func (Meetings) Part() string { return "meetings" }

// held is an element of data/meetings.json.
type held struct {
	*schedule.Detail
	Register *schedule.Register `json:"register,omitempty"`
}

// Write implements [Source].
func (m Meetings) Write(ctx context.Context, a *access.Actor, n *network.Network, out *Sink) error {
	var links Links
	years := []int{0}
	for i := 0; i < len(years); i++ {
		next := ""
		for {
			page, err := m.Meetings.List(ctx, a, n.ID, years[i], next, 100)
			if err != nil {
				return err
			}
			if i == 0 {
				for _, y := range page.Years {
					if y != page.Year {
						years = append(years, y)
					}
				}
			}
			for k := range page.Items {
				if page.Items[k].State == schedule.Draft {
					continue
				}
				link, err := m.meeting(ctx, a, out, &page.Items[k])
				if err != nil {
					return err
				}
				links = append(links, link)
			}
			if next = page.Next; next == "" {
				break
			}
		}
	}
	p := Page{Title: out.T("export.part.meetings")}
	if len(links) == 0 {
		p.Body = []any{document.Paragraph{Text: out.T("export.none")}}
	} else {
		p.Body = []any{links}
	}
	return out.Page(p)
}

// meeting writes one meeting and returns the link to its page.
func (m Meetings) meeting(ctx context.Context, a *access.Actor, out *Sink, x *schedule.Meeting) (Link, error) {
	d, err := m.Meetings.Get(ctx, a, x.ID)
	if err != nil {
		return Link{}, err
	}
	whole := held{Detail: d}
	if out.Kind() == Data {
		r, err := m.Meetings.Register(ctx, a, x.ID)
		if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
			return Link{}, err
		}
		if err == nil {
			whole.Register = r
		}
	}
	if err := out.Data(whole); err != nil {
		return Link{}, err
	}
	when := show.DateTime(out.Lang(), d.Starts.In(clock.Warsaw))
	p := Page{Name: d.ID.String(), Title: d.Title, Lead: d.Note, Body: []any{document.Facts{Rows: []document.Fact{
		{Label: out.T("export.meeting.kind"), Value: d.KindTitle}, {Label: out.T("export.meeting.when"), Value: when},
		{Label: out.T("export.meeting.place"), Value: d.Place}, {Label: out.T("export.meeting.state"), Value: out.T("meetings.state." + string(d.State))},
	}}}}
	agenda := document.Table{Caption: out.T("export.meeting.agenda"), Empty: out.T("export.none"), Columns: []document.Column{
		{Title: out.T("export.col.item")}, {Title: out.T("export.col.minutes"), Number: true}, {Title: out.T("export.col.leader")}}}
	for _, i := range d.Items {
		agenda.Rows = append(agenda.Rows, []string{i.Title, strconv.Itoa(i.Minutes), i.Leader})
	}
	p.Body = append(p.Body, agenda)
	p.Body = append(p.Body, minutes(out, &d.Outcome)...)
	var files Links
	for _, f := range d.Files {
		at, err := out.File(f.ID)
		if err != nil {
			return Link{}, err
		}
		if at != "" {
			files = append(files, Link{Text: f.Name, Href: at})
		}
	}
	if len(files) > 0 {
		p.Body = append(p.Body, files)
	}
	return Link{Text: d.Title, Href: Address(m.Part(), p.Name), Note: when}, out.Page(p)
}

func minutes(out *Sink, m *schedule.Minutes) []any {
	var body []any
	if m.Text != "" || len(m.Decisions) > 0 {
		body = append(body, document.Heading{Level: 2, Text: out.T("export.meeting.minutes")})
	}
	if m.Text != "" {
		body = append(body, document.Paragraph{Text: m.Text})
	}
	list := document.List{Numbered: true}
	for _, d := range m.Decisions {
		list.Items = append(list.Items, d.Text)
	}
	if len(list.Items) > 0 {
		body = append(body, list)
	}
	if len(m.Actions) == 0 {
		return body
	}
	t := document.Table{Caption: out.T("export.meeting.actions"), Columns: []document.Column{{Title: out.T("export.col.what")}, {Title: out.T("export.col.who")}, {Title: out.T("export.col.due")}}}
	for _, x := range m.Actions {
		t.Rows = append(t.Rows, []string{x.Text, x.Owner, x.Due})
	}
	return append(body, t)
}
