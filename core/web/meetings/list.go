package meetings

import (
	"net/http"
	"strconv"

	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type listView struct {
	Title, Lead string
	New, Hours  string
	Poll        string // address of asking for dates, "" where there is none
	Polls       string // address of the date polls, "" for who does not see them
	Findings    []string
	Hard        bool
	Years       []ui.Link
	Year        string
	Coming      []ui.Card
	Past        []ui.Card
	Pages       ui.Pages
}

func (p *pages) list(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	l, err := p.Meetings.List(c.Context(), c.Actor(), id, c.QueryInt("rok", 0), c.Query("po"), 0)
	if err != nil {
		return err
	}
	title := c.T("meetings.title")
	c.InNetwork(id, l.Title, title, l.At, Tab)
	path := listPath(id)
	v := listView{Title: title, Lead: c.T("meetings.year", "Year", show.SchoolYear(l.Year)), Hours: kit.NetworkPath + id.String() + "/godziny", Year: withQuery(path, "rok", strconv.Itoa(l.Year))}
	if l.May.Manage && l.Open {
		v.New = path + "/nowe"
		if c.Link("/sieci/:id/ankiety-terminow/nowa") != "" {
			v.Poll = kit.NetworkPath + id.String() + "/ankiety-terminow/nowa"
		}
	}
	if c.MayAt("poll:list", l.At) && c.Link("/sieci/:id/ankiety-terminow") != "" {
		v.Polls = kit.NetworkPath + id.String() + "/ankiety-terminow"
	}
	for _, f := range l.Findings {
		v.Findings = append(v.Findings, finding(c, f))
		v.Hard = v.Hard || f.Hard
	}
	if len(l.Years) > 1 {
		for _, y := range l.Years {
			v.Years = append(v.Years, ui.Link{Text: show.SchoolYear(y), Href: withQuery(path, "rok", strconv.Itoa(y))})
		}
	}
	now := p.Clock.Now()
	for i := range l.Items {
		m := &l.Items[i]
		if m.Past(now) || m.State == schedule.Cancelled {
			v.Past = append(v.Past, card(c, m, l.May.Manage))
		} else {
			v.Coming = append(v.Coming, card(c, m, l.May.Manage))
		}
	}
	if l.Next != "" {
		v.Pages.Next = withQuery(path, "rok", c.Query("rok"), "po", l.Next)
	}
	if c.Query("po") != "" {
		v.Pages.First = withQuery(path, "rok", c.Query("rok"))
	}
	return c.Render(http.StatusOK, listPage(v))
}

func finding(c *kit.Ctx, f schedule.Finding) string {
	return c.T("meetings.finding."+f.Code, "Count", f.N, "Least", f.Least, "Most", f.Most, "Kind", f.Kind)
}

// card is a meeting in a list.
func card(c *kit.Ctx, m *schedule.Meeting, manages bool) ui.Card {
	ctx := c.Context()
	x := ui.Card{Title: m.Title, Href: schedule.PathOf(m.ID), Lead: span(ctx, m.Starts, m.Ends), Level: 3}
	if m.State != schedule.Announced {
		x.Tag, x.Tone = stateTag(ctx, m.State)
	}
	x.Facts = []ui.Fact{{Label: c.T("meetings.kind"), Value: m.KindTitle}, {Label: c.T("meetings.place"), Value: placeLine(c, m.Place, m.OnSite, m.Online)},
		{Label: c.T("meetings.hours"), Value: hoursText(ctx, m.Minutes)}}
	switch {
	case m.State == schedule.Cancelled:
		x.Facts = append(x.Facts, ui.Fact{Label: c.T("meetings.reason"), Value: m.Reason})
	case manages && m.Counts != nil && m.State == schedule.Announced:
		x.Facts = append(x.Facts, ui.Fact{Label: c.T("meetings.answers"), Value: counts(c, m.Counts)})
	case m.State == schedule.Announced && !manages:
		x.Facts = append(x.Facts, ui.Fact{Label: c.T("meetings.my_answer"), Value: answered(ctx, m.Answer, m.Stale)})
	}
	return x
}

func counts(c *kit.Ctx, n *schedule.Counts) string {
	return c.T("meetings.counts", "OnSite", n.OnSite, "Online", n.Online, "No", n.No, "Silent", n.Silent())
}

// placeLine is the venue with the ways to take part.
func placeLine(c *kit.Ctx, place string, onSite, online bool) string {
	w := ways(c.Context(), onSite, online)
	if place == "" || !onSite {
		return w
	}
	return place + " (" + w + ")"
}

// nextView is the next meeting on a network's first page.
type nextView struct {
	None        bool
	Title, Href string
	When, Where string
	Kind        string
	Answer      string
	Ask         string // words of the link to answer, "" when nothing is asked
	All, New    string
	Over        bool // the network takes no more meetings
}

func nextViewOf(c *kit.Ctx, b network.Brief, n *schedule.NextRow) nextView {
	v := nextView{None: n == nil, Over: b.Status != network.Draft && b.Status != network.Open, All: listPath(b.ID)}
	if n == nil {
		if c.MayAt(schedule.PermManage, b.Place) && b.Status == network.Open {
			v.New = v.All + "/nowe"
		}
		return v
	}
	v.Title, v.Href, v.Kind = n.Title, schedule.PathOf(n.ID), n.KindTitle
	v.When, v.Where = span(c.Context(), n.Starts, n.Ends), placeLine(c, n.Place, n.OnSite, n.Online)
	if n.Invited {
		v.Answer = answered(c.Context(), n.Answer, n.Answer != "" && !n.Fresh)
		if !n.Fresh {
			v.Ask = c.T("meetings.answer_now")
		}
	}
	return v
}
