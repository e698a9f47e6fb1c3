package account

import (
	"log/slog"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// acceptedPath tells somebody whose account waits what comes next; a token is
// longer, so no invitation has this address.
const acceptedPath = identity.InvitationPath + "przyjete"

type invitationView struct {
	Token  string
	Who    identity.Invitation
	Title  string
	In     identity.Acceptance
	School string // name and town of the chosen institution; "" before one is chosen
	// Pick is the register's search page, which comes back here.
	Pick     string
	Problems ui.Problems
}

func (p *pages) invitationView(c *kit.Ctx, who identity.Invitation, in identity.Acceptance) (invitationView, error) {
	v := invitationView{Token: c.Param("token"), Who: who, In: in, Title: c.T("account.invitation.title")}
	if who.Title != "" {
		v.Title = c.T("account.invitation.to", "Title", who.Title)
	}
	v.Pick = "/szkoly/wybierz?" + url.Values{"powrot": {identity.InvitationPath + v.Token}, "pole": {"instytucja"}}.Encode()
	var err error
	v.School, err = p.schoolName(c, &v.In.Institution)
	c.Page(v.Title)
	return v, err
}

func (p *pages) invitation(c *kit.Ctx) error {
	who, err := p.Identity.CheckInvitation(c.Context(), c.Param("token"))
	if err != nil {
		return p.spent(c, err, ui.Link{Text: c.T("account.forgotten.again"), Href: ForgottenPath})
	}
	switch who.Known {
	case identity.Active: // they sign in and answer like everybody who has an account
		return c.Redirect(kit.LocalPath(who.Path, kit.SignInPath), "")
	case identity.Pending:
		title := c.T("account.invitation.pending.title")
		c.Page(title)
		return c.Render(http.StatusOK, messagePage(messageView{Title: title, Text: []string{c.T("account.invitation.pending.text")}}))
	}
	v, err := p.invitationView(c, who, identity.Acceptance{Name: who.Name, Institution: c.QueryUUID("instytucja")})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, invitationPage(v))
}

func (p *pages) acceptInvitation(c *kit.Ctx) error {
	f := c.Form()
	in := identity.Acceptance{Name: f.Get("name"), Password: f.Raw("password"), Function: f.Get("function"), Lang: c.Lang(),
		Address: c.IP(), Agent: c.Request().UserAgent()}
	if id, err := uuid.Parse(f.Get("institution")); err == nil {
		in.Institution = id
	}
	out, err := p.Identity.AcceptInvitation(c.Context(), c.Param("token"), in)
	switch {
	case err == nil && out.State == identity.Active:
		c.SetSession(out.SignedIn.Cookie, out.SignedIn.Expires)
		return c.Redirect(p.welcome(c, &out), "account.flash.welcome")
	case err == nil:
		return c.Redirect(acceptedPath, "")
	case fault.Is(err, fault.NotFound):
		return p.spent(c, err, ui.Link{Text: c.T("account.forgotten.again"), Href: ForgottenPath})
	}
	who, _ := p.Identity.CheckInvitation(c.Context(), c.Param("token")) // shown again; a race shows it empty
	v, e := p.invitationView(c, who, in)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return invitationPage(v) })
}

// welcome is the page on which a new account begins: what it was invited to.
func (p *pages) welcome(c *kit.Ctx, out *identity.Accepted) string {
	const mine = "/moje"
	if p.Settle == nil || out.To == uuid.Nil {
		return mine
	}
	to, err := p.Settle(c.Context(), out.SignedIn.Person)
	if err != nil { // the account stands; what is left waits on their list
		slog.WarnContext(c.Context(), "the place of a new account is not settled", "err", err)
	}
	if to == "" {
		return mine
	}
	return to
}

func (p *pages) accepted(c *kit.Ctx) error {
	title := c.T("account.invitation.accepted.title")
	c.Page(title)
	return c.Render(http.StatusOK, messagePage(messageView{Title: title, Text: []string{
		c.T("account.invitation.accepted.text"), c.T("account.invitation.accepted.kept"), c.T("account.confirmed.next")}}))
}
