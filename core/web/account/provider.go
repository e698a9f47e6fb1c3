package account

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

// ProvidersPath lists accounts at identity providers.
const ProvidersPath = "/konto/dostawcy"

// providerRoutes: the ways to a provider are links and not forms, because the
// policy for forms lets none end at another site; they change nothing but a
// cookie. The way back is the provider's to choose, and that is a link, too.
func (p *pages) providerRoutes() []kit.Route {
	return []kit.Route{
		kit.Get(identity.ProviderReturnPath+":provider", identity.PermSignIn, p.toProvider),
		kit.Get(identity.ProviderReturnPath+":provider/powrot", identity.PermSignIn, p.fromProvider),
		kit.Get(ProvidersPath, identity.PermSelf, p.providers),
		kit.Get(ProvidersPath+"/:provider/polacz", identity.PermSelf, p.linkProvider).WithReauth(),
		kit.Post(ProvidersPath+"/:id/rozlacz", identity.PermSelf, "unlinkProvider", p.unlinkProvider).WithReauth(),
	}
}

func (p *pages) toProvider(c *kit.Ctx) error {
	next := kit.LocalPath(c.Request().URL.Query().Get("dalej"), "/moje")
	to, kept, err := p.Identity.BeginProvider(c.Context(), c.Actor(), c.Param("provider"), false, next)
	if err != nil {
		return err
	}
	return c.Leave(to, kept)
}

// linkProvider begins the linking. It is a link and no form, so the guard of
// forms does not see it: a page elsewhere that leads here gets nothing.
func (p *pages) linkProvider(c *kit.Ctx) error {
	if from := c.Request().Header.Get("Sec-Fetch-Site"); from != "" && from != "same-origin" && from != "none" {
		return c.Redirect(ProvidersPath, "")
	}
	to, kept, err := p.Identity.BeginProvider(c.Context(), c.Actor(), c.Param("provider"), true, ProvidersPath)
	if err != nil {
		return err
	}
	return c.Leave(to, kept)
}

func (p *pages) fromProvider(c *kit.Ctx) error {
	q := c.Request().URL.Query()
	done, err := p.Identity.FinishProvider(c.Context(), c.Actor(), c.Param("provider"), identity.Return{Kept: c.Back(), Code: q.Get("code"), State: q.Get("state"),
		Address: c.IP(), Agent: c.Request().UserAgent()})
	if err != nil {
		return p.providerFailed(c, err)
	}
	switch {
	case done.Linked:
		return c.Redirect(done.Next, "account.flash.provider_linked")
	case done.SignedIn.Step != "":
		c.Page(c.T("account.step.title"))
		return c.Render(http.StatusOK, stepPage(stepView{Step: done.SignedIn.Step, Hidden: []ui.Hidden{{Name: "dalej", Value: done.Next}}}))
	}
	c.SetSession(done.SignedIn.Cookie, done.SignedIn.Expires)
	return c.Redirect(done.Next, "")
}

// providerFailed shows what went wrong where people can go on.
func (p *pages) providerFailed(c *kit.Ctx, err error) error {
	if c.Actor().SignedIn() {
		return p.showProviders(c, err)
	}
	c.Page(c.T("account.sign_in.title"))
	return c.Retry(err, func(pr ui.Problems) templ.Component { return signInPage(p.signInView(c, "", pr)) })
}

func (p *pages) providers(c *kit.Ctx) error { return p.showProviders(c, nil) }

type providersView struct {
	Cards    []ui.Card
	Offered  []ui.Link
	Problems ui.Problems
}

func (p *pages) showProviders(c *kit.Ctx, wrong error) error {
	list, err := p.Identity.ProviderLinks(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	var v providersView
	names := map[string]string{}
	for _, o := range p.Identity.ProvidersOffered() {
		names[o.ID] = o.Name
		v.Offered = append(v.Offered, ui.Link{Text: c.T("account.providers.link", "Name", o.Name), Href: ProvidersPath + "/" + o.ID + "/polacz"})
	}
	for i := range list {
		l := &list[i]
		name, used := names[l.Provider], c.T("account.passkeys.never")
		if name == "" {
			name = l.Provider
		}
		if l.UsedAt != nil {
			used = show.DateTime(c.Lang(), *l.UsedAt)
		}
		v.Cards = append(v.Cards, ui.Card{Title: name, Facts: []ui.Fact{
			{Label: c.T("account.passkeys.made"), Value: show.DateTime(c.Lang(), l.CreatedAt)},
			{Label: c.T("account.passkeys.used"), Value: used},
		}, Footer: ui.PostButton(ProvidersPath+"/"+l.ID.String()+"/rozlacz", c.T("account.providers.unlink"), true, nil)})
	}
	below(c, "account.providers.title")
	if wrong != nil {
		return c.Retry(wrong, func(pr ui.Problems) templ.Component { v.Problems = pr; return providersPage(v) })
	}
	return c.Render(http.StatusOK, providersPage(v))
}

func (p *pages) unlinkProvider(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return fault.ErrNotFound
	}
	if err := p.Identity.UnlinkProvider(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(ProvidersPath, "account.flash.provider_unlinked")
}

// providerLinks lead from the sign-in page to the providers.
func (p *pages) providerLinks(c *kit.Ctx) []ui.Link {
	var out []ui.Link
	for _, o := range p.Identity.ProvidersOffered() {
		next := url.Values{"dalej": {c.Pending().Next}}
		out = append(out, ui.Link{Text: c.T("account.providers.sign_in", "Name", o.Name), Href: identity.ProviderReturnPath + o.ID + "?" + next.Encode()})
	}
	return out
}
