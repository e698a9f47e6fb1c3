package account

import (
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type signInView struct {
	Email     string
	Problems  ui.Problems
	Hidden    []ui.Hidden
	Waiting   bool // a form waits behind the sign-in
	Passkeys  bool // offered here
	Providers []ui.Link
	Register  string
	Forgotten string
}

func (p *pages) signIn(c *kit.Ctx) error {
	if c.Actor().SignedIn() {
		return c.Redirect(c.Pending().Next, "")
	}
	c.Page(c.T("account.sign_in.title"))
	return c.Render(http.StatusOK, signInPage(p.signInView(c, "", ui.Problems{})))
}

func (p *pages) signInView(c *kit.Ctx, email string, pr ui.Problems) signInView {
	return signInView{Email: email, Problems: pr, Hidden: c.Pending().Hidden(), Waiting: c.Pending().Post(),
		Passkeys: p.Identity.PasskeysOffered(), Providers: p.providerLinks(c), Register: kit.RegisterPath, Forgotten: ForgottenPath}
}

func (p *pages) doSignIn(c *kit.Ctx) error {
	email := c.Form().Get("email")
	in, err := p.Identity.SignIn(c.Context(), identity.SignInInput{Email: email, Password: c.Form().Raw("password"),
		Address: c.IP(), Agent: c.Request().UserAgent()})
	if err != nil {
		c.Page(c.T("account.sign_in.title"))
		return c.Retry(err, func(pr ui.Problems) templ.Component { return signInPage(p.signInView(c, email, pr)) })
	}
	if in.Step != "" {
		return p.askStep(c, in.Step)
	}
	c.SetSession(in.Cookie, in.Expires)
	return c.AfterSignIn()
}

func (p *pages) signOut(c *kit.Ctx) error {
	if err := p.Identity.SignOut(c.Context(), c.Actor()); err != nil {
		return err
	}
	c.ClearSession()
	return c.Redirect("/", "account.flash.signed_out")
}

func (p *pages) forgotten(c *kit.Ctx) error {
	c.Page(c.T("account.forgotten.title")).Crumb(c.T("account.sign_in.title"), kit.SignInPath)
	return c.Render(http.StatusOK, forgottenPage("", ui.Problems{}))
}

func (p *pages) doForgotten(c *kit.Ctx) error {
	email := c.Form().Get("email")
	if err := p.Identity.RequestReset(c.Context(), email, c.IP()); err != nil {
		c.Page(c.T("account.forgotten.title")).Crumb(c.T("account.sign_in.title"), kit.SignInPath)
		return c.Retry(err, func(pr ui.Problems) templ.Component { return forgottenPage(email, pr) })
	}
	return c.Redirect(ForgottenPath+"/wyslano", "")
}

func (p *pages) forgottenSent(c *kit.Ctx) error {
	c.Page(c.T("account.sent.title"))
	return c.Render(http.StatusOK, messagePage(messageView{Title: c.T("account.sent.title"), Text: []string{c.T("account.forgotten.sent"), c.T("account.sent.spam")},
		Next: ui.Link{Text: c.T("account.sign_in.title"), Href: kit.SignInPath}}))
}

type resetView struct {
	Token, Email string
	Problems     ui.Problems
}

func (p *pages) reset(c *kit.Ctx) error {
	token := c.Param("token")
	email, err := p.Identity.CheckReset(c.Context(), token)
	if err != nil {
		return p.spent(c, err, ui.Link{Text: c.T("account.forgotten.title"), Href: ForgottenPath})
	}
	c.Page(c.T("account.reset.title"))
	return c.Render(http.StatusOK, resetPage(resetView{Token: token, Email: email}))
}

func (p *pages) doReset(c *kit.Ctx) error {
	v := resetView{Token: c.Param("token")}
	err := p.Identity.Reset(c.Context(), v.Token, c.Form().Raw("password"))
	if err == nil {
		c.ClearSession()
		return c.Redirect(kit.SignInPath, "account.flash.password_set")
	}
	if fault.Is(err, fault.NotFound) {
		return p.spent(c, err, ui.Link{Text: c.T("account.forgotten.title"), Href: ForgottenPath})
	}
	v.Email, _ = p.Identity.CheckReset(c.Context(), v.Token) // shown again; a race shows it empty
	c.Page(c.T("account.reset.title"))
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return resetPage(v) })
}

// spent is the page of a link that works no more, with the way to a new one.
func (p *pages) spent(c *kit.Ctx, err error, next ui.Link) error {
	if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict) {
		return err
	}
	c.Page(c.T("account.spent.title"))
	return c.Render(http.StatusNotFound, messagePage(messageView{Title: c.T("account.spent.title"), Text: []string{c.T("account.spent.text")}, Next: next}))
}
