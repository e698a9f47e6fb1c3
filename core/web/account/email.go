package account

import (
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// EmailPath is where people change their address.
const EmailPath = "/konto/email"

func (p *pages) emailRoutes() []kit.Route {
	return []kit.Route{
		kit.Get(EmailPath, identity.PermSelf, p.emailForm),
		kit.Post(EmailPath, identity.PermSelf, "requestEmailChange", p.requestEmail).WithReauth(),
		kit.Get(EmailPath+"/wyslano", identity.PermSelf, p.emailSent),
		// Whoever opens the link proves that the mailbox is theirs, signed in or not.
		kit.Get(identity.EmailPath+":token", identity.PermSignIn, p.newEmail),
		kit.Post(identity.EmailPath+":token", identity.PermSignIn, "changeEmail", p.changeEmail),
	}
}

func (p *pages) emailForm(c *kit.Ctx) error {
	below(c, "account.email_change.title")
	return c.Render(http.StatusOK, emailPage("", ui.Problems{}))
}

func (p *pages) requestEmail(c *kit.Ctx) error {
	email := c.Form().Get("email")
	if err := p.Identity.RequestEmail(c.Context(), c.Actor(), email, c.IP()); err != nil {
		below(c, "account.email_change.title")
		return c.Retry(err, func(pr ui.Problems) templ.Component { return emailPage(email, pr) })
	}
	return c.Redirect(EmailPath+"/wyslano", "")
}

func (p *pages) emailSent(c *kit.Ctx) error {
	title := below(c, "account.sent.title")
	return c.Render(http.StatusOK, messagePage(messageView{Title: title, Text: []string{c.T("account.email_change.sent"), c.T("account.email_change.taken"), c.T("account.sent.spam")},
		Next: ui.Link{Text: c.T("account.title"), Href: AccountPath}}))
}

func (p *pages) newEmail(c *kit.Ctx) error {
	email, err := p.Identity.CheckEmail(c.Context(), c.Param("token"))
	if err != nil {
		return p.spent(c, err, ui.Link{Text: c.T("account.email_change.title"), Href: EmailPath})
	}
	c.Page(c.T("account.email_change.confirm"))
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("account.email_change.confirm"), Text: c.T("account.email_change.confirm_lead"),
		Facts: []ui.Fact{{Label: c.T("account.email"), Value: email}}, Action: identity.EmailPath + c.Param("token"), Submit: c.T("account.email_change.confirm_submit")}))
}

func (p *pages) changeEmail(c *kit.Ctx) error {
	err := p.Identity.ChangeEmail(c.Context(), c.Actor(), c.Param("token"))
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		return p.spent(c, err, ui.Link{Text: c.T("account.email_change.title"), Href: EmailPath})
	}
	if err != nil {
		return err
	}
	if c.Actor().SignedIn() {
		return c.Redirect(AccountPath, "account.flash.email_changed")
	}
	return c.Redirect(kit.SignInPath, "account.flash.email_changed")
}
