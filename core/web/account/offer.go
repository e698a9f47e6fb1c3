package account

import (
	"context"
	"net/http"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// offersView are the invitations to schools and other institutions that wait for
// the reader's answer.
type offersView struct {
	Now   string // where they work so far; "" for nowhere
	Cards []ui.Card
}

func (p *pages) offers(c *kit.Ctx) error {
	var me identity.Account
	var list []identity.Offer
	err := c.Together(
		func(ctx context.Context) (err error) { me, err = p.Identity.Me(ctx, c.Actor()); return err },
		func(ctx context.Context) (err error) { list, err = p.Identity.Offers(ctx, c.Actor()); return err })
	if err != nil {
		return err
	}
	v := offersView{Now: me.School.Label(c.Context())}
	for i := range list {
		o := &list[i]
		v.Cards = append(v.Cards, ui.Card{Title: o.School, Facts: []ui.Fact{
			{Label: c.T("account.invitation.by"), Value: o.By}, {Label: c.T("account.function"), Value: o.Function},
			{Label: c.T("account.offer.until"), Value: show.Date(c.Lang(), o.Until.In(clock.Warsaw))},
		}, Footer: offerActs(identity.OffersPath+"/"+o.ID.String(), o.School, v.Now, o.Here)})
	}
	below(c, "account.offer.title")
	return c.Render(http.StatusOK, offersPage(v))
}

func (p *pages) answerOffer(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	accept := c.Form().Get("odpowiedz") == "przyjmuje"
	if err := p.Identity.AnswerOffer(c.Context(), c.Actor(), id, accept); err != nil {
		return err
	}
	if accept {
		return c.Redirect(AccountPath, "account.flash.offer_accepted")
	}
	return c.Redirect(identity.OffersPath, "account.flash.offer_declined")
}

// Offers puts invitations that wait for an answer on the reader's list.
type Offers struct{ Identity *identity.Service }

var _ kit.TodoSource = Offers{}

// Ask implements [kit.TodoSource].
func (t Offers) Ask(a *access.Actor) (gather.Part, bool) { return t.Identity.AskOffers(a) }

// Read implements [kit.TodoSource]: one item, however many wait.
func (t Offers) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	n, err := t.Identity.ReadOffers(f)
	if err != nil || n == 0 {
		return nil, err
	}
	return []kit.TodoItem{{Text: i18n.N(ctx, "account.offer.todo", n), Href: identity.OffersPath}}, nil
}
