package needs

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/place"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type boardView struct {
	Year     ui.Input
	Area     string // the powiat chosen; "" for all
	AreaName string
	All      string // address of the whole territory
	Areas    ui.Table
	Table    ui.Table
	Report   string // "" for who may not report
	Lead     string
}

func boardFrame(c *kit.Ctx, title string) {
	p := c.Page(title).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie")
	if title != c.T("need.board.title") {
		p.Crumb(c.T("need.board.title"), BoardPath)
	}
}

func (p *pages) years(c *kit.Ctx, chosen int) ui.Input {
	in := ui.Input{Kind: ui.Select, Name: "rok", Label: c.T("need.year_label"), Value: strconv.Itoa(chosen), Size: "medium"}
	now := clock.SchoolYear(p.Clock.Now())
	for y := now + 1; y > now-5; y-- {
		in.Options = append(in.Options, ui.Option{Value: strconv.Itoa(y), Text: show.SchoolYear(y)})
	}
	return in
}

func (p *pages) board(c *kit.Ctx) error {
	year, area := c.QueryInt("rok", clock.SchoolYear(p.Clock.Now())), powiat(c.Query("powiat"))
	b, err := p.Needs.Board(c.Context(), c.Actor(), year, area)
	if err != nil {
		return err
	}
	rok := ""
	if year != clock.SchoolYear(p.Clock.Now()) {
		rok = strconv.Itoa(year)
	}
	v := boardView{Year: p.years(c, year), Area: area, All: withQuery(BoardPath, "rok", rok)}
	v.Lead = c.T("need.board.lead")
	if !c.May(need.PermList) {
		v.Lead = c.T("need.board.lead_numbers")
	}
	if c.May(need.PermReport) {
		v.Report = OwnPath + "/nowa"
	}
	for i := range b.Areas {
		if b.Areas[i].Code == area {
			v.AreaName = whereIs(c, &b.Areas[i])
		}
	}
	v.Areas = areaTable(c, b.Areas, rok)
	v.Table = p.clusterTable(c, b.Clusters, rok, area)
	boardFrame(c, c.T("need.board.title"))
	c.Page(c.T("need.board.title")).AsWide()
	return c.Render(http.StatusOK, boardPage(v))
}

// areaTable is the map of the territory: its powiats, each with a bar.
func areaTable(c *kit.Ctx, list []need.Area, rok string) ui.Table {
	t := ui.Table{Caption: c.T("need.board.areas_table"), HideCaption: true, Columns: []ui.Column{{Label: c.T("need.area")}, {Label: c.T("need.reports"), Number: true},
		{Label: c.T("need.share")}, {Label: c.T("need.reporting"), Number: true}}}
	most := 1
	for i := range list {
		most = max(most, list[i].Needs)
	}
	for i := range list {
		a := &list[i]
		schools := strconv.Itoa(a.Schools)
		if a.All > 0 {
			schools = c.T("need.of", "N", strconv.Itoa(a.Schools), "All", strconv.Itoa(a.All))
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: whereIs(c, a), Href: withQuery(BoardPath, "rok", rok, "powiat", a.Code)}, {Text: strconv.Itoa(a.Needs)},
			{Body: bar(a.Needs, most, whereIs(c, a))}, {Text: schools}})
	}
	return t
}

// whereIs names a powiat so that nobody takes another one for it.
func whereIs(c *kit.Ctx, a *need.Area) string {
	return place.Where{Powiat: a.Name, PowiatKind: a.Kind, Voivodeship: a.Voivodeship}.Text(c.Context())
}

func powiat(s string) string {
	if len(s) != 4 || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}

func (p *pages) clusterTable(c *kit.Ctx, list []need.Cluster, rok, area string) ui.Table {
	t := ui.Table{Caption: c.T("need.board.topics_table"), HideCaption: true, Columns: []ui.Column{{Label: c.T("need.topic")}, {Label: c.T("need.schools"), Number: true},
		{Label: c.T("need.unmet"), Number: true}, {Label: c.T("need.people_short"), Number: true}, {Label: c.T("need.networks"), Number: true}}}
	for i := range list {
		x := &list[i]
		topic := ui.Cell{Text: p.topic(c, x.Topic)}
		if c.May(need.PermList) { // local governments see the numbers, not the schools
			topic.Href = withQuery(BoardPath+"/"+x.Topic, "rok", rok, "powiat", area)
		}
		t.Rows = append(t.Rows, []ui.Cell{topic, {Text: strconv.Itoa(x.Schools)},
			{Text: strconv.Itoa(x.Schools - x.Met)}, {Text: strconv.Itoa(x.People)}, {Text: strconv.Itoa(x.Networks)}})
	}
	return t
}

type clusterView struct {
	Title, Action string
	Problems      ui.Problems
	Open, Met     []needLine
	Ticked        map[string]bool
	Centres       []ui.Option
	Centre        string
	Hidden        []ui.Hidden
	Pages         ui.Pages
	People        int
}

type needLine struct {
	ID, School, Note, People string
	Network, Href            string
}

func (p *pages) cluster(c *kit.Ctx) error {
	v, err := p.clusterView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, clusterPage(v))
}

func (p *pages) clusterView(c *kit.Ctx) (clusterView, error) {
	topic, year, area := c.Param("temat"), c.QueryInt("rok", clock.SchoolYear(p.Clock.Now())), powiat(c.Query("powiat"))
	rows, next, err := p.Needs.Cluster(c.Context(), c.Actor(), topic, year, area, c.Query("po"), 100)
	if err != nil {
		return clusterView{}, err
	}
	v := clusterView{Title: p.topic(c, topic), Ticked: map[string]bool{}}
	here := []string{"rok", strconv.Itoa(year), "powiat", area}
	v.Action = withQuery(BoardPath+"/"+topic, append(here, "po", c.Query("po"))...)
	if next != "" {
		v.Pages.Next = withQuery(BoardPath+"/"+topic, append(here, "po", next)...)
	}
	if c.Query("po") != "" {
		v.Pages.First = withQuery(BoardPath+"/"+topic, here...)
	}
	for i := range rows {
		n := &rows[i]
		line := needLine{ID: n.Institution.String(), School: n.Label(c.Context(), n.School), Note: n.Note, People: c.N("need.teachers", n.People)}
		if n.Network.Valid {
			line.Network, line.Href = n.NetworkTitle, kit.NetworkPath+n.Network.UUID.String()
			v.Met = append(v.Met, line)
			continue
		}
		v.Open, v.Ticked[line.ID] = append(v.Open, line), true
		v.People += n.People
	}
	if v.Centres, err = p.Centres(c.Context(), c.Actor()); err != nil {
		return v, err
	}
	if len(v.Centres) == 1 {
		v.Centre = v.Centres[0].Value
	}
	boardFrame(c, v.Title)
	return v, nil
}

// plan takes the first step: the schools; founding and invitations follow.
func (p *pages) plan(c *kit.Ctx) error {
	f := c.Form()
	centre, _ := uuid.Parse(f.Get("centre"))
	var schools []uuid.UUID
	for _, s := range f.All("szkola") {
		if id, err := uuid.Parse(s); err == nil {
			schools = append(schools, id)
		}
	}
	id, err := p.Needs.Begin(c.Context(), c.Actor(), centre, c.Param("temat"), c.QueryInt("rok", 0), schools)
	if err == nil {
		return c.Redirect(p.Found(centre, id), "")
	}
	v, e := p.clusterView(c)
	if e != nil {
		return e
	}
	clear(v.Ticked)
	for _, s := range f.All("szkola") {
		v.Ticked[s] = true
	}
	v.Centre = f.Get("centre")
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return clusterPage(v) })
}
