package needs

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type ownView struct {
	Cards []ui.Card
	// Board leads to the territory's needs, for those who see them.
	Board string
}

func frame(c *kit.Ctx, title string) {
	p := c.Page(title).In("/moje")
	if title != c.T("need.own.title") {
		p.Crumb(c.T("need.own.title"), OwnPath)
	}
}

func (p *pages) own(c *kit.Ctx) error {
	list, err := p.Needs.Own(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	v := ownView{}
	if c.May(need.PermList) {
		v.Board = BoardPath
	}
	for i := range list {
		v.Cards = append(v.Cards, p.card(c, &list[i]))
	}
	frame(c, c.T("need.own.title"))
	return c.Render(http.StatusOK, ownPage(v))
}

func (p *pages) topic(c *kit.Ctx, code string) string {
	t, ok := p.Needs.Topic(code)
	if !ok {
		return code
	}
	return Upper(t.Name(c.Lang()))
}

// Upper begins a title with a capital.
func Upper(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

func (p *pages) card(c *kit.Ctx, n *need.Need) ui.Card {
	card := ui.Card{Title: p.topic(c, n.Topic), Lead: n.Note, Tag: c.T("need.waits"), Tone: ui.Info, Facts: []ui.Fact{
		{Label: c.T("need.school"), Value: n.Label(c.Context(), n.School)}, {Label: c.T("need.year_label"), Value: show.SchoolYear(n.SchoolYear)},
		{Label: c.T("need.people_label"), Value: strconv.Itoa(n.People)}}}
	if n.Network.Valid {
		card.Tag, card.Tone = c.T("need.met_tag"), ui.Good
		card.Facts = append(card.Facts, ui.Fact{Label: c.T("need.network"), Body: textLink(n.NetworkTitle, kit.NetworkPath+n.Network.UUID.String())})
		return card
	}
	one := OwnPath + "/" + n.ID.String()
	card.Footer = ownActions(one+"/edytuj", one+"/wycofaj", card.Title)
	return card
}

type formView struct {
	Title, Action, Submit string
	Problems              ui.Problems
	Hidden                []ui.Hidden
	School                string
	Pick                  string
	Schools               []ui.Option // of the actor's own; offered when more than one
	Institution           string
	Topics, Years         []ui.Option
	Topic, Year           string
	Note, People          string
	// Fixed: school, topic and year stay as they are.
	Fixed []ui.Fact
}

func (p *pages) reportForm(c *kit.Ctx) error {
	v, err := p.formView(c, c.Query)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, formPage(v))
}

// formView is the form for a new need. A principal's school is known; who speaks
// for a territory searches for one on the register's page.
func (p *pages) formView(c *kit.Ctx, value func(string) string) (formView, error) {
	v := formView{Title: c.T("need.report.title"), Action: OwnPath + "/nowa", Submit: c.T("need.report.submit"), Institution: value("institution"),
		Topic: value("topic"), Year: value("schoolYear"), Note: value("note"), People: value("people")}
	now := clock.SchoolYear(p.Clock.Now())
	if v.Year == "" {
		v.Year = strconv.Itoa(now)
	}
	for _, y := range []int{now, now + 1} {
		v.Years = append(v.Years, ui.Option{Value: strconv.Itoa(y), Text: show.SchoolYear(y)})
	}
	for _, t := range p.Needs.Topics() {
		v.Topics = append(v.Topics, ui.Option{Value: t.Code, Text: Upper(t.Name(c.Lang()))})
	}
	own := p.Needs.Schools(c.Actor())
	if len(own) > 20 {
		own = own[:20]
	}
	ids := own
	if id, err := uuid.Parse(v.Institution); err == nil {
		ids = append(ids[:len(ids):len(ids)], id)
	}
	known, err := p.Registry.Institutions(c.Context(), nil, ids)
	if err != nil {
		return v, err
	}
	for _, id := range own {
		if i, ok := known[id]; ok {
			v.Schools = append(v.Schools, ui.Option{Value: id.String(), Text: i.Label(c.Context())})
		}
	}
	if v.Institution == "" && len(v.Schools) == 1 {
		v.Institution = v.Schools[0].Value
	}
	for id, i := range known {
		if id.String() == v.Institution {
			v.School = i.Label(c.Context())
		}
	}
	if len(v.Schools) <= 1 && c.May(need.PermList) {
		v.Pick = withQuery("/szkoly/wybierz", "powrot", OwnPath+"/nowa", "pole", "institution")
	}
	if v.School != "" && len(v.Schools) <= 1 {
		v.Hidden = []ui.Hidden{{Name: "institution", Value: v.Institution}}
	}
	frame(c, v.Title)
	return v, nil
}

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return -1 // refused beside its field
	}
	return n
}

func (p *pages) report(c *kit.Ctx) error {
	f := c.Form()
	school, _ := uuid.Parse(f.Get("institution"))
	in := need.Input{Institution: school, Topic: f.Get("topic"), SchoolYear: number(f.Get("schoolYear")), Note: f.Text("note"), People: number(f.Get("people"))}
	_, err := p.Needs.Report(c.Context(), c.Actor(), in)
	if err == nil {
		back := OwnPath
		if c.May(need.PermList) && len(p.Needs.Schools(c.Actor())) == 0 {
			back = BoardPath
		}
		return c.Redirect(back, "need.flash.reported")
	}
	v, e := p.formView(c, f.Text)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return formPage(v) })
}

func (p *pages) one(c *kit.Ctx) (need.Need, error) {
	id, err := c.UUID("id")
	if err != nil {
		return need.Need{}, err
	}
	return p.Needs.One(c.Context(), c.Actor(), id)
}

func (p *pages) changeView(c *kit.Ctx, n *need.Need) formView {
	v := formView{Title: c.T("need.change.title"), Action: OwnPath + "/" + n.ID.String() + "/edytuj", Submit: c.T("need.change.submit"),
		Note: n.Note, People: strconv.Itoa(n.People), Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(n.Version)}}, Fixed: p.facts(c, n)}
	frame(c, v.Title)
	return v
}

func (p *pages) facts(c *kit.Ctx, n *need.Need) []ui.Fact {
	return []ui.Fact{{Label: c.T("need.topic"), Value: p.topic(c, n.Topic)}, {Label: c.T("need.school"), Value: n.Label(c.Context(), n.School)},
		{Label: c.T("need.year_label"), Value: show.SchoolYear(n.SchoolYear)}}
}

func (p *pages) changeForm(c *kit.Ctx) error {
	n, err := p.one(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, formPage(p.changeView(c, &n)))
}

func (p *pages) change(c *kit.Ctx) error {
	n, err := p.one(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := need.Input{Note: f.Text("note"), People: number(f.Get("people")), Version: number(f.Get("version"))}
	err = p.Needs.Change(c.Context(), c.Actor(), n.ID, in)
	switch {
	case err == nil:
		return c.Redirect(OwnPath, "need.flash.changed")
	case fault.Is(err, fault.Conflict) && !n.Network.Valid:
		frame(c, c.T("need.change.title"))
		return c.ConflictPage(ui.ConflictView{Action: OwnPath + "/" + n.ID.String() + "/edytuj", Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(n.Version)}},
			Cancel: ui.Link{Text: c.T("need.cancel"), Href: OwnPath}, Fields: []ui.ConflictField{
				{Name: "people", Label: c.T("need.people_label"), Mine: f.Get("people"), Theirs: strconv.Itoa(n.People)},
				{Name: "note", Label: c.T("need.note"), Mine: f.Text("note"), Theirs: n.Note, Long: true}}})
	}
	v := p.changeView(c, &n)
	v.Note, v.People = f.Text("note"), f.Get("people")
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return formPage(v) })
}

func (p *pages) withdrawForm(c *kit.Ctx) error {
	n, err := p.one(c)
	if err != nil {
		return err
	}
	frame(c, c.T("need.withdraw.title"))
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("need.withdraw.title"), Text: c.T("need.withdraw.text"), Facts: p.facts(c, &n),
		Action: OwnPath + "/" + n.ID.String() + "/wycofaj", Submit: c.T("need.withdraw.submit"), Cancel: ui.Link{Text: c.T("need.cancel"), Href: OwnPath}}))
}

func (p *pages) withdraw(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Needs.Withdraw(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(OwnPath, "need.flash.withdrawn")
}
