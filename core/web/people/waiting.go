package people

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// below names a page under administration.
func below(c *kit.Ctx, key string) {
	c.Page(c.T(key)).In(ManagePath).Crumb(c.T("people.manage.title"), ManagePath)
}

func (p *pages) manage(c *kit.Ctx) error {
	links := append([]ManageLink{
		{"people.waiting.title", "people.waiting.lead", WaitingPath},
		{"people.list.title", "people.list.hint", PeoplePath},
		{"people.roles.title", "people.roles.lead", RolesPath},
	}, p.Manage...)
	var rows []ui.TaskRow
	for _, l := range links {
		if c.Link(l.Href) == "" {
			continue
		}
		row := ui.TaskRow{Title: c.T(l.Key), Href: l.Href, Done: true}
		if l.Hint != "" {
			row.Hint = c.T(l.Hint)
		}
		if l.Href == WaitingPath {
			n, err := p.Identity.CountWaiting(c.Context(), c.Actor())
			if err != nil {
				return err
			}
			if n > 0 {
				row.Done, row.Status, row.Tone = false, c.T("people.waiting.n", "Count", n), ui.Warn
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return fault.ErrNotFound
	}
	c.Page(c.T("people.manage.title")).In(ManagePath)
	return c.Render(http.StatusOK, managePage(rows))
}

func (p *pages) waiting(c *kit.Ctx) error {
	list, err := p.Identity.Waiting(c.Context(), c.Actor(), c.Query("po"), 20)
	if err != nil {
		return err
	}
	var cards []ui.Card
	for i := range list.People {
		a := &list.People[i]
		cards = append(cards, ui.Card{Title: a.Name, Facts: append(accountFacts(c, a),
			ui.Fact{Label: c.T("people.since"), Value: show.DateTime(c.Lang(), a.CreatedAt)}),
			Footer: decision(WaitingPath+"/"+a.ID.String(), a.Name)})
	}
	below(c, "people.waiting.title")
	return c.Render(http.StatusOK, waitingPage(cards, pagesOf(c, WaitingPath, list.Next)))
}

// accountFacts are what helps to recognise a person.
func accountFacts(c *kit.Ctx, a *identity.Account) []ui.Fact {
	return []ui.Fact{
		{Label: c.T("people.institution"), Value: a.School.Label(c.Context())},
		{Label: c.T("people.function"), Value: a.Function},
		{Label: c.T("people.email"), Value: a.Email},
	}
}

// pagesOf leads through a list by its cursor, keeping the filters.
func pagesOf(c *kit.Ctx, path, next string) ui.Pages {
	q := url.Values{}
	for k, v := range c.Queries() {
		if k != "po" && len(v) > 0 && v[0] != "" {
			q[k] = v[:1]
		}
	}
	address := func() string {
		if len(q) == 0 {
			return path
		}
		return path + "?" + q.Encode()
	}
	var out ui.Pages
	if c.Query("po") != "" {
		out.First = address()
	}
	if next != "" {
		q.Set("po", next)
		out.Next = address()
	}
	return out
}

func (p *pages) confirm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Identity.Confirm(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(WaitingPath, "people.flash.confirmed")
}

type refuseView struct {
	Who      identity.Account
	Facts    []ui.Fact
	Reason   string
	Problems ui.Problems
}

func (p *pages) refuseView(c *kit.Ctx) (refuseView, error) {
	id, err := c.UUID("id")
	if err != nil {
		return refuseView{}, err
	}
	who, err := p.Identity.Person(c.Context(), c.Actor(), id)
	if err != nil {
		return refuseView{}, err
	}
	c.Page(c.T("people.refuse.title")).In(ManagePath).Crumb(c.T("people.manage.title"), ManagePath).Crumb(c.T("people.waiting.title"), WaitingPath)
	return refuseView{Who: who, Facts: append([]ui.Fact{{Label: c.T("people.name"), Value: who.Name}}, accountFacts(c, &who)...)}, nil
}

func (p *pages) refuseForm(c *kit.Ctx) error {
	v, err := p.refuseView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, refusePage(v))
}

func (p *pages) refuse(c *kit.Ctx) error {
	v, err := p.refuseView(c)
	if err != nil {
		return err
	}
	v.Reason = c.Form().Text("reason")
	if err := p.Identity.Refuse(c.Context(), c.Actor(), v.Who.ID, v.Reason); err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return refusePage(v) })
	}
	return c.Redirect(WaitingPath, "people.flash.refused")
}
