package people

import (
	"net/http"

	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// secondPath, below a person, turns off the second step of who lost it.
const secondPath = "/drugi-skladnik"

func (p *pages) resetSecondForm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	who, err := p.Identity.Person(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	here := PeoplePath + "/" + id.String()
	inviteHead(c, "account.second_reset.title")
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("account.second_reset.title"), Text: c.T("account.second_reset.text"),
		Facts: append([]ui.Fact{{Label: c.T("people.name"), Value: who.Name}}, accountFacts(c, &who)...), Action: here + secondPath,
		Submit: c.T("account.second_reset.submit"), Danger: true, Cancel: ui.Link{Text: c.T("people.cancel"), Href: here}}))
}

func (p *pages) resetSecond(c *kit.Ctx) error {
	return p.act(c, "account.flash.second_reset", p.Identity.ResetSecondFactor)
}
