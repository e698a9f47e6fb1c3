package people

import (
	"context"
	"net/http"
	"net/url"
	"slices"

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
		{"people.waiting.title", "people.waiting.lead", WaitingPath, OfPeople},
		{"people.list.title", "people.list.hint", PeoplePath, OfPeople},
		{"people.roles.title", "people.roles.lead", RolesPath, OfPeople},
	}, p.Manage...)
	var v manageView
	group := map[string]Group{}
	for _, l := range links {
		if c.Link(l.Href) == "" {
			continue
		}
		row := ui.TaskRow{Title: c.T(l.Key), Href: l.Href, Done: true}
		if l.Hint != "" {
			row.Hint = c.T(l.Hint)
		}
		v.Rows = append(v.Rows, row)
		group[row.Href] = l.Group
	}
	if len(v.Rows) == 0 {
		return fault.ErrNotFound
	}
	if err := p.overview(c, &v); err != nil {
		return err
	}
	if len(v.Rows) > manyRows {
		for _, g := range Groups {
			rows := slices.DeleteFunc(slices.Clone(v.Rows), func(r ui.TaskRow) bool { return group[r.Href] != g })
			if len(rows) > 0 {
				v.Groups = append(v.Groups, manageGroup{c.T("people.manage.group_" + string(g)), rows})
			}
		}
	}
	c.Page(c.T("people.manage.title")).In(ManagePath).AsWide()
	return c.Render(http.StatusOK, managePage(v))
}

// manageView is the start page of administration.
type manageView struct {
	// Last says when and how the reader signed in before, so that they notice
	// somebody else's sign-in.
	Last, History string
	// Pressing stands before the links, Rest after them.
	Pressing, Rest []templ.Component
	Rows           []ui.TaskRow
	// Groups are the rows under headings, where there are many.
	Groups []manageGroup
}

type manageGroup struct {
	Title string
	Rows  []ui.TaskRow
}

// manyRows is how many entries are read at a glance; more are put into groups.
const manyRows = 8

// overview reads what the start page tells besides its links, all at once: how
// many accounts wait, the sign-in before this one, and the parts of other rooms.
func (p *pages) overview(c *kit.Ctx, v *manageView) error {
	var last identity.SignInRecord
	waiting := 0
	pressing, rest := make([]templ.Component, len(p.Board)), make([]templ.Component, len(p.Board))
	readers := []func(context.Context) error{
		func(ctx context.Context) (err error) { last, err = p.Identity.LastSignIn(ctx, c.Actor()); return err },
	}
	if c.Link(WaitingPath) != "" {
		readers = append(readers, func(ctx context.Context) (err error) {
			waiting, err = p.Identity.CountWaiting(ctx, c.Actor())
			return err
		})
	}
	for i, b := range p.Board {
		readers = append(readers, func(ctx context.Context) (err error) { pressing[i], rest[i], err = b.Read(ctx, c); return err })
	}
	if err := c.Together(readers...); err != nil {
		return err
	}
	v.History, v.Last = c.Link(historyPath), c.T("people.manage.first")
	if !last.At.IsZero() {
		v.Last = c.T("people.manage.last", "When", show.DateTime(c.Lang(), last.At), "How", c.T("account.how."+last.How))
	}
	for i := range v.Rows {
		if v.Rows[i].Href == WaitingPath && waiting > 0 {
			v.Rows[i].Done, v.Rows[i].Status, v.Rows[i].Tone = false, c.T("people.waiting.n", "Count", waiting), ui.Warn
		}
	}
	missing := func(c templ.Component) bool { return c == nil }
	v.Pressing, v.Rest = slices.DeleteFunc(pressing, missing), slices.DeleteFunc(rest, missing)
	return nil
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
