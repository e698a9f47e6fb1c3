package conversations

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/conversation"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type beginView struct {
	Title, Lead string
	Network     uuid.UUID
	Networks    []ui.Link // to choose one; shown alone
	People      ui.Input
	Search      string
	Subject     string
	Body        string
	Problems    ui.Problems
}

// begin asks in which network, and then to whom.
func (p *pages) begin(c *kit.Ctx) error {
	network := c.QueryUUID("siec")
	if network == uuid.Nil {
		return p.chooseNetwork(c)
	}
	in := conversation.Begin{Network: network}
	if person := c.QueryUUID("osoba"); person != uuid.Nil {
		in.People = []uuid.UUID{person}
	}
	v, err := p.beginView(c, in, "")
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, beginPage(v))
}

func (p *pages) chooseNetwork(c *kit.Ctx) error {
	list, err := p.Conversations.Networks(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	if len(list) == 1 {
		return c.Redirect(newPath+"?siec="+list[0].ID.String(), "")
	}
	v := beginView{Title: c.T("conversation.page.choose_network"), Lead: c.T("conversation.page.choose_lead")}
	for _, n := range list {
		v.Networks = append(v.Networks, ui.Link{Text: n.Title, Href: newPath + "?" + url.Values{"siec": {n.ID.String()}}.Encode()})
	}
	c.Page(v.Title).In("/moje").Crumb(c.T("conversation.page.title"), ListPath)
	return c.Render(http.StatusOK, networksPage(v))
}

// beginView is the form with what was chosen and typed.
func (p *pages) beginView(c *kit.Ctx, in conversation.Begin, search string) (beginView, error) {
	network, people, err := p.Conversations.People(c.Context(), c.Actor(), in.Network, search, in.People)
	if err != nil {
		return beginView{}, err
	}
	v := beginView{Title: c.T("conversation.page.new"), Lead: c.T("conversation.page.in_network", "Network", network), Network: in.Network, Search: search, Subject: in.Title, Body: in.Body}
	v.People = ui.Input{Kind: ui.Checkboxes, Name: "people", Label: c.T("conversation.page.people"), Hint: c.T("conversation.page.people_hint", "Max", conversation.MaxPeople-1)}
	for _, x := range people {
		v.People.Options = append(v.People.Options, ui.Option{Value: x.ID.String(), Text: x.Name, Hint: x.Label(c.Context(), x.School)})
		if slices.Contains(in.People, x.ID) {
			v.People.Values = append(v.People.Values, x.ID.String())
		}
	}
	c.Page(v.Title).In("/moje").Crumb(c.T("conversation.page.title"), ListPath)
	return v, nil
}

// start sends the first message, or looks for more people and loses nothing.
func (p *pages) start(c *kit.Ctx) error {
	f := c.Form()
	network, _ := uuid.Parse(f.Get("siec")) // the nil id is no network, and not found
	in := conversation.Begin{Network: network, Title: f.Get("title"), Body: f.Text("body")}
	for _, raw := range f.All("people") {
		if id, err := uuid.Parse(raw); err == nil {
			in.People = append(in.People, id)
		}
	}
	if f.Get("akcja") == "szukaj" {
		v, err := p.beginView(c, in, f.Get("szukaj"))
		if err != nil {
			return err
		}
		return c.Render(http.StatusOK, beginPage(v))
	}
	id, err := p.Conversations.Start(c.Context(), c.Actor(), in)
	if err != nil {
		v, e := p.beginView(c, in, f.Get("szukaj"))
		if e != nil {
			return e
		}
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v.Problems = pr
			return beginPage(v)
		})
	}
	return c.Redirect(conversation.Path(id), "conversation.flash.sent")
}
