package people

import (
	"context"
	"net/http"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// InvitedPath lists invitations to schools and other institutions.
const InvitedPath = PeoplePath + "/zaproszenia"

// invitedRoutes look after invitations that were sent.
func (p *pages) invitedRoutes() []kit.Route {
	return []kit.Route{
		kit.Get(InvitedPath, identity.PermConfirm, p.invited),
		kit.Post(InvitedPath+"/:id/ponownie", identity.PermConfirm, "invitePersonAgain", p.inviteAgain),
		kit.Post(InvitedPath+"/:id/wycofaj", identity.PermConfirm, "withdrawPersonInvitation", p.withdrawInvitation),
	}
}

type invitedView struct {
	Cards []ui.Card
	Pages ui.Pages
	// Invite leads to inviting; All to the whole list from that of one import.
	Invite, All string
}

func (p *pages) invited(c *kit.Ctx) error {
	list := c.QueryUUID("lista")
	page, err := p.Identity.Invitees(c.Context(), c.Actor(), identity.InviteesQuery{Import: list, After: c.Query("po")})
	if err != nil {
		return err
	}
	v := invitedView{Invite: c.Link(PeoplePath + "/zapros"), Pages: pagesOf(c, InvitedPath, page.Next)}
	if list != uuid.Nil {
		v.All = InvitedPath
	}
	for i := range page.Invitees {
		v.Cards = append(v.Cards, invitedCard(c, &page.Invitees[i]))
	}
	inviteHead(c, "people.invited.title")
	return c.Render(http.StatusOK, invitedPage(v))
}

func invitedCard(c *kit.Ctx, v *identity.Invitee) ui.Card {
	card := ui.Card{Title: v.Name, Tag: c.T("people.invited.status_" + string(v.Status)), Facts: []ui.Fact{
		{Label: c.T("people.email"), Value: v.Email}, {Label: c.T("people.institution"), Value: v.School}, {Label: c.T("people.function"), Value: v.Function},
	}}
	again := "people.invite.again"
	switch v.Status {
	case identity.StatusAccepted:
		card.Tone = ui.Good
	case identity.StatusWaiting:
		card.Tone = ui.Info
		card.Facts = append(card.Facts, ui.Fact{Label: c.T("people.invited.until"), Value: show.Date(c.Lang(), v.Until.In(clock.Warsaw))})
	case identity.StatusUnsent:
		card.Tone, again = ui.Warn, "people.invite.submit"
	}
	if v.Sent != nil {
		card.Facts = append(card.Facts, ui.Fact{Label: c.T("people.invited.sent"), Value: show.DateTime(c.Lang(), v.Sent.In(clock.Warsaw))})
	}
	if v.Status != identity.StatusAccepted && v.Status != identity.StatusWithdrawn {
		card.Footer = invitedActs(InvitedPath+"/"+v.ID.String(), c.T(again), v.Name)
	}
	return card
}

func (p *pages) inviteAgain(c *kit.Ctx) error {
	return p.onInvited(c, "people.flash.invited", p.Identity.InviteAgain)
}

func (p *pages) withdrawInvitation(c *kit.Ctx) error {
	return p.onInvited(c, "people.flash.withdrawn", p.Identity.WithdrawInvitation)
}

// onInvited runs an act on an invitation and shows the list again.
func (p *pages) onInvited(c *kit.Ctx, flash string, do func(ctx context.Context, a *access.Actor, id uuid.UUID) error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := do(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(InvitedPath, flash)
}
