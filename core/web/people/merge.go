package people

import (
	"context"
	"net/http"
	"net/url"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/account"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// mergePath, below a person, joins another account with theirs.
const mergePath = "/polacz"

type mergeFindView struct {
	Who    identity.Account
	Action string
	Text   string
	Asked  bool
	Cards  []ui.Card
	Cancel string
}

// mergeForm finds the other account, and shows what joining the two does once
// it is chosen.
func (p *pages) mergeForm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if other := c.QueryUUID("drugie"); other != uuid.Nil {
		return p.mergePreview(c, id, other)
	}
	here := PeoplePath + "/" + id.String()
	v := mergeFindView{Action: here + mergePath, Text: c.Query("q"), Cancel: here}
	var found identity.PeoplePage
	if err := c.Together(
		func(ctx context.Context) (err error) { v.Who, err = p.Identity.Person(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			if v.Text != "" {
				found, err = p.Identity.People(ctx, c.Actor(), identity.PeopleQuery{Text: v.Text, Limit: 20})
			}
			return err
		}); err != nil {
		return err
	}
	v.Asked = v.Text != ""
	for i := range found.People {
		a := &found.People[i]
		if a.ID != id {
			v.Cards = append(v.Cards, ui.Card{Title: a.Name, Href: v.Action + "?" + url.Values{"drugie": {a.ID.String()}}.Encode(), Facts: accountFacts(c, a)})
		}
	}
	inviteHead(c, "people.merge.title")
	return c.Render(http.StatusOK, mergeFindPage(v))
}

func (p *pages) mergePreview(c *kit.Ctx, stays, closes uuid.UUID) error {
	m, err := p.Identity.PreviewMerge(c.Context(), c.Actor(), stays, closes)
	if err != nil {
		return err
	}
	here := PeoplePath + "/" + stays.String()
	swap := PeoplePath + "/" + closes.String() + mergePath + "?" + url.Values{"drugie": {stays.String()}}.Encode()
	inviteHead(c, "people.merge.title")
	return c.Render(http.StatusOK, account.MergePage(account.MergeView{Title: c.T("people.merge.title"), Lead: c.T("people.merge.lead"), Merging: m,
		Stays: accountFacts(c, &m.Stays), Closes: append(accountFacts(c, &m.Closes), ui.Fact{Label: c.T("people.since"), Value: show.Date(c.Lang(), m.Closes.CreatedAt)}),
		Action: here + mergePath, Hidden: []ui.Hidden{{Name: "drugie", Value: closes.String()}}, Swap: swap, Cancel: here}))
}

func (p *pages) merge(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	other, err := uuid.Parse(c.Form().Get("drugie"))
	if err != nil {
		return fault.ErrNotFound
	}
	if err := p.Identity.MergePeople(c.Context(), c.Actor(), id, other); err != nil {
		return err
	}
	return c.Redirect(PeoplePath+"/"+id.String(), "people.flash.merged")
}
