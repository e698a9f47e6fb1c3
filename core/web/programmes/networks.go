package programmes

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func (p *pages) networkRoutes() []kit.Route {
	return []kit.Route{
		kit.Get("/programy/:id/sieci", programme.View, p.networks),
		kit.Post("/programy/:id/otwarcie", programme.Edit, "setProgrammeOpen", p.setOpen),
		kit.Post("/programy/:id/sieci/prosby/:prosba", programme.Edit, "answerProgrammeRequest", p.answerRequest),
		kit.Post("/programy/:id/sieci/:siec/wypisz", programme.Edit, "dismissProgrammeNetwork", p.dismiss),
	}
}

// member is a network of the programme, or one that asks.
type member struct {
	ID, Title string
	Href      string
	Facts     []ui.Fact
	// Action is where the answer goes; "" when nothing can be done.
	Action string
	Reason ui.Input
}

type networksView struct {
	Title, Lead string
	Requests    []member
	Items       []member
	Pages       ui.Pages
	Day         ui.Input
	Action      string
	// Door is the choice who enters by themselves, for who may change it.
	Edit     bool
	Open     bool
	DoorPath string
	Problems ui.Problems
}

func (p *pages) networks(c *kit.Ctx) error {
	v, err := p.networksOf(c)
	if err != nil && !wrongDay(err) {
		return err
	}
	if err != nil {
		return c.Retry(renamed(err, map[string]string{"day": dayParam}), func(pr ui.Problems) templ.Component { v.Problems = pr; return networksPage(v) })
	}
	return c.Render(http.StatusOK, networksPage(v))
}

// networksOf reads the page; a wrong day leaves the lists empty.
func (p *pages) networksOf(c *kit.Ctx) (networksView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return networksView{}, err
	}
	on, wrong := askedDay(c)
	var x *programme.Programme
	var list network.TiePage
	err = c.Together(
		func(ctx context.Context) (err error) { x, err = p.Programmes.Get(ctx, c.Actor(), id); return err },
		func(ctx context.Context) error {
			if wrong != nil {
				return nil
			}
			list, wrong = p.Networks.OfProgramme(ctx, c.Actor(), network.TieQuery{Programme: id, Day: on}, c.Query("po"), 0)
			if wrongDay(wrong) {
				return nil
			}
			return wrong
		})
	if err != nil {
		return networksView{}, err
	}
	path := programmePath(id)
	edit, _ := p.Programmes.MayEdit(c.Actor(), x)
	v := networksView{Title: c.T("programme.networks.title"), Lead: x.Title, Action: path + "/sieci", Day: dayInput(c), Edit: edit && !x.Closed, Open: x.Open, DoorPath: path + "/otwarcie"}
	c.Page(v.Title).In("/programy").Crumb(c.T("programme.page.title"), "/programy").Crumb(x.Title, path)
	if wrong != nil {
		return v, wrong
	}
	if !on.IsZero() {
		v.Lead = c.T("programme.networks.as_of", "Title", x.Title, "Day", day(c.Context(), on))
	}
	v.Pages = paging(c, v.Action, list.Next, dayParam, c.Query(dayParam))
	now := on.IsZero() || on.Equal(p.today())
	for i := range list.Items {
		v.Items = append(v.Items, p.memberOf(c, &list.Items[i], v.Edit && now))
	}
	for i := range list.Requests {
		v.Requests = append(v.Requests, p.requestOf(c, &list.Requests[i]))
	}
	return v, nil
}

func (p *pages) memberOf(c *kit.Ctx, t *network.Tie, edit bool) member {
	m := member{ID: t.Network.String(), Title: t.Title, Href: kit.NetworkPath + t.Network.String(), Facts: []ui.Fact{
		{Label: c.T("programme.networks.centre"), Value: t.Label(c.Context(), t.Centre)}, {Label: c.T("programme.networks.since"), Value: dayOr(c, t.Joined)}}}
	if t.Left != nil {
		m.Facts = append(m.Facts, ui.Fact{Label: c.T("programme.networks.left"), Value: dayOr(c, t.Left)})
	}
	if edit && t.State == network.TieIn {
		name := "reason-" + m.ID
		m.Action = programmePath(t.Programme) + "/sieci/" + m.ID + "/wypisz"
		m.Reason = ui.Input{Kind: ui.Textarea, Name: name, Label: c.T("programme.networks.dismiss_reason"), Value: typedReason(c, name), Rows: 2}
	}
	return m
}

func (p *pages) requestOf(c *kit.Ctx, t *network.Tie) member {
	name := "reason-" + t.ID.String()
	facts := []ui.Fact{{Label: c.T("programme.networks.centre"), Value: t.Label(c.Context(), t.Centre)}, {Label: c.T("programme.networks.asked"), Value: dayOr(c, &t.AskedAt)}}
	if t.Note != "" {
		facts = append(facts, ui.Fact{Label: c.T("programme.networks.note"), Value: t.Note})
	}
	return member{ID: t.ID.String(), Title: t.Title, Facts: facts, Action: programmePath(t.Programme) + "/sieci/prosby/" + t.ID.String(),
		Reason: ui.Input{Kind: ui.Textarea, Name: name, Label: c.T("programme.networks.decline_reason"), Value: typedReason(c, name), Rows: 2}}
}

func typedReason(c *kit.Ctx, name string) string {
	if c.Request().Method != http.MethodPost {
		return ""
	}
	return c.Form().Text(name)
}

func dayOr(c *kit.Ctx, t *time.Time) string {
	if t == nil {
		return ""
	}
	return show.Date(c.Lang(), *t)
}

func (p *pages) answerRequest(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	request, err := c.UUID("prosba")
	if err != nil {
		return err
	}
	name, accept := "reason-"+request.String(), c.Form().Get("decyzja") == "tak"
	err = p.Networks.AnswerRequest(c.Context(), c.Actor(), id, request, accept, c.Form().Text(name))
	flash := "programme.flash.network_declined"
	if accept {
		flash = "programme.flash.network_joined"
	}
	return p.networksDone(c, err, name, flash)
}

func (p *pages) dismiss(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	n, err := c.UUID("siec")
	if err != nil {
		return err
	}
	name := "reason-" + n.String()
	return p.networksDone(c, p.Networks.Dismiss(c.Context(), c.Actor(), id, n, c.Form().Text(name)), name, "programme.flash.network_left")
}

func (p *pages) setOpen(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	return p.networksDone(c, p.Programmes.SetOpen(c.Context(), c.Actor(), id, c.Form().Get("otwarty") != ""), "", "programme.flash.saved")
}

// networksDone goes back to the list, or shows it with what is wrong beside the
// control of that name.
func (p *pages) networksDone(c *kit.Ctx, err error, name, flash string) error {
	if err == nil {
		return c.Redirect("/programy/"+c.Param("id")+"/sieci", flash)
	}
	v, e := p.networksOf(c)
	if e != nil {
		return e
	}
	return c.Retry(renamed(err, map[string]string{"reason": name}), func(pr ui.Problems) templ.Component { v.Problems = pr; return networksPage(v) })
}
