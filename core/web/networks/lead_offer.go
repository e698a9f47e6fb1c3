package networks

import (
	"net/http"

	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// leadOffer is the page of somebody to whose address the coordinator's role was
// offered; they need not see the network otherwise.
func (p *pages) leadOffer(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	o, err := p.Networks.LeadOffer(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	c.Page(c.T("networks.lead_offer")).In(listPath).Crumb(c.T("web.nav.networks"), listPath)
	return c.Render(http.StatusOK, leadOfferPage(pathOf(id)+"/koordynator", []ui.Fact{
		{Label: c.T("networks.lead_offer_network"), Value: o.Title}, {Label: c.T("networks.lead_offer_aim"), Value: o.Aim},
		{Label: c.T("networks.lead_offer_centre"), Value: o.Centre}, {Label: c.T("networks.lead_offer_year"), Value: show.SchoolYear(o.Year)},
		{Label: c.T("networks.handover_from"), Value: o.From},
	}))
}

func (p *pages) answerLeadOffer(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	accept := c.Form().Get("odpowiedz") == "accept"
	if err := p.Networks.AnswerLeadOffer(c.Context(), c.Actor(), id, accept); err != nil {
		return err
	}
	if accept {
		return c.Redirect(pathOf(id), "networks.flash.lead_taken")
	}
	return c.Redirect("/moje", "networks.flash.lead_declined")
}
