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

// Addresses of passkeys.
const (
	PasskeysPath   = "/konto/klucze"
	addPasskeyPath = PasskeysPath + "/dodaj"
	keySignInPath  = kit.SignInPath + "/klucz"
	// Where the script asks for options.
	addOptionsPath    = "/api/v1/account/passkeys/options"
	signInOptionsPath = "/api/v1/session/passkey/options"
	proveOptionsPath  = "/api/v1/session/confirmation/passkey/options"
	keyProvePath      = kit.ConfirmPath + "/klucz"
)

func (p *pages) passkeyRoutes() []kit.Route {
	return []kit.Route{
		kit.Post(keySignInPath, identity.PermSignIn, "openPasskeySession", p.keySignIn).WithSecrets(),
		kit.Get(PasskeysPath, identity.PermSelf, p.passkeys).WhileConfined(),
		kit.Get(addPasskeyPath, identity.PermSelf, p.addPasskeyForm).WithReauth().WhileConfined(),
		kit.Post(addPasskeyPath, identity.PermSelf, "addPasskey", p.addPasskey).WithSecrets().WhileConfined(),
		kit.Get(PasskeysPath+"/:id", identity.PermSelf, p.passkey),
		kit.Post(PasskeysPath+"/:id", identity.PermSelf, "renamePasskey", p.renamePasskey),
		kit.Post(PasskeysPath+"/:id/usun", identity.PermSelf, "removePasskey", p.removePasskey).WithReauth(),
	}
}

func (p *pages) keySignIn(c *kit.Ctx) error {
	in, err := p.Identity.SignInPasskey(c.Context(), c.Form().Raw("answer"), c.IP(), c.Request().UserAgent())
	if err != nil {
		c.Page(c.T("account.sign_in.title"))
		return c.Retry(err, func(pr ui.Problems) templ.Component { return signInPage(p.signInView(c, "", pr)) })
	}
	c.SetSession(in.Cookie, in.Expires)
	return c.AfterSignIn()
}

func (p *pages) passkeys(c *kit.Ctx) error {
	list, err := p.Identity.Passkeys(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	below(c, "account.passkeys.title")
	cards := make([]ui.Card, len(list))
	for i := range list {
		k := &list[i]
		used := c.T("account.passkeys.never")
		if k.UsedAt != nil {
			used = show.DateTime(c.Lang(), *k.UsedAt)
		}
		cards[i] = ui.Card{Title: k.Name, Href: PasskeysPath + "/" + k.ID.String(), Facts: []ui.Fact{
			{Label: c.T("account.passkeys.made"), Value: show.DateTime(c.Lang(), k.CreatedAt)},
			{Label: c.T("account.passkeys.used"), Value: used}}}
	}
	return c.Render(http.StatusOK, passkeysPage(cards, p.Identity.PasskeysOffered()))
}

func belowPasskeys(c *kit.Ctx, title string) {
	below(c, "account.passkeys.title")
	c.Page(title).Crumb(c.T("account.passkeys.title"), PasskeysPath)
}

type passkeyView struct {
	ID, Name string
	Confirm  string // where to confirm who one is, when that was too long ago
	Problems ui.Problems
}

func (p *pages) addPasskeyForm(c *kit.Ctx) error {
	if !p.Identity.PasskeysOffered() {
		return c.Redirect(PasskeysPath, "")
	}
	return p.showAdd(c, passkeyView{}, nil)
}

func (p *pages) showAdd(c *kit.Ctx, v passkeyView, wrong error) error {
	belowPasskeys(c, c.T("account.passkeys.add"))
	v.Confirm = kit.ConfirmPath + "?" + url.Values{"dalej": {addPasskeyPath}}.Encode()
	if wrong != nil {
		return c.Retry(wrong, func(pr ui.Problems) templ.Component { v.Problems = pr; return addPasskeyPage(v) })
	}
	return c.Render(http.StatusOK, addPasskeyPage(v))
}

func (p *pages) addPasskey(c *kit.Ctx) error {
	name := c.Form().Get("name")
	if err := p.Identity.AddPasskey(c.Context(), c.Actor(), name, c.Form().Raw("answer")); err != nil {
		return p.showAdd(c, passkeyView{Name: name}, err)
	}
	return c.Redirect(PasskeysPath, "account.flash.passkey_added")
}

func (p *pages) passkey(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	list, err := p.Identity.Passkeys(c.Context(), c.Actor())
	if err != nil {
		return err
	}
	for i := range list {
		if list[i].ID == id {
			belowPasskeys(c, list[i].Name)
			return c.Render(http.StatusOK, passkeyPage(passkeyView{ID: id.String(), Name: list[i].Name}))
		}
	}
	return fault.ErrNotFound
}

func (p *pages) renamePasskey(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	v := passkeyView{ID: id.String(), Name: c.Form().Get("name")}
	if err := p.Identity.RenamePasskey(c.Context(), c.Actor(), id, v.Name); err != nil {
		belowPasskeys(c, c.T("account.passkeys.one"))
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return passkeyPage(v) })
	}
	return c.Redirect(PasskeysPath, "account.flash.saved")
}

func (p *pages) removePasskey(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Identity.RemovePasskey(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(PasskeysPath, "account.flash.passkey_removed")
}
