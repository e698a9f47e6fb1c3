package account

import (
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// pickSchool is the register's search page, which comes back to the form with
// the parameter "instytucja".
var pickSchool = "/szkoly/wybierz?" + url.Values{"powrot": {kit.RegisterPath}, "pole": {"instytucja"}}.Encode()

type registerView struct {
	In       identity.Registration
	School   string // name and town of the chosen institution; "" before one is chosen
	Pick     string
	Problems ui.Problems
}

func (p *pages) register(c *kit.Ctx) error {
	v := registerView{Pick: pickSchool, In: identity.Registration{Institution: c.QueryUUID("instytucja")}}
	if err := p.nameSchool(c, &v); err != nil {
		return err
	}
	c.Page(c.T("account.register.title"))
	return c.Render(http.StatusOK, registerPage(v))
}

// nameSchool shows the institution; an unknown one counts as none chosen.
func (p *pages) nameSchool(c *kit.Ctx, v *registerView) error {
	var err error
	v.School, err = p.schoolName(c, &v.In.Institution)
	return err
}

// schoolName is an institution with its town; an unknown one becomes none.
func (p *pages) schoolName(c *kit.Ctx, id *uuid.UUID) (string, error) {
	if *id == uuid.Nil {
		return "", nil
	}
	i, err := p.Registry.Institution(c.Context(), nil, *id)
	if fault.Is(err, fault.NotFound) {
		*id = uuid.Nil
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return schoolLine(i.Name, i.Place(c.Context())), nil
}

func (p *pages) doRegister(c *kit.Ctx) error {
	f := c.Form()
	v := registerView{Pick: pickSchool, In: identity.Registration{Email: f.Get("email"), Name: f.Get("name"), Password: f.Raw("password"),
		Function: f.Get("function"), Lang: c.Lang(), Address: c.IP()}}
	if id, err := uuid.Parse(f.Get("institution")); err == nil {
		v.In.Institution = id
	}
	if err := p.nameSchool(c, &v); err != nil {
		return err
	}
	if err := p.Identity.Register(c.Context(), v.In); err != nil {
		c.Page(c.T("account.register.title"))
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return registerPage(v) })
	}
	return c.Redirect(kit.RegisterPath+"/wyslano", "")
}

func (p *pages) registered(c *kit.Ctx) error {
	c.Page(c.T("account.sent.title"))
	return c.Render(http.StatusOK, messagePage(messageView{Title: c.T("account.sent.title"), Text: []string{c.T("account.register.sent"), c.T("account.sent.spam")}}))
}

func (p *pages) confirm(c *kit.Ctx) error {
	token := c.Param("token")
	email, err := p.Identity.CheckConfirmation(c.Context(), token)
	if err != nil {
		return p.spent(c, err, ui.Link{Text: c.T("account.register.title"), Href: kit.RegisterPath})
	}
	c.Page(c.T("account.confirm.title"))
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("account.confirm.title"), Text: c.T("account.confirm.text"),
		Facts:  []ui.Fact{{Label: c.T("account.email"), Value: email}},
		Action: identity.ConfirmPath + token, Submit: c.T("account.confirm.submit")}))
}

func (p *pages) doConfirm(c *kit.Ctx) error {
	state, err := p.Identity.ConfirmEmail(c.Context(), c.Param("token"))
	if err != nil {
		return p.spent(c, err, ui.Link{Text: c.T("account.register.title"), Href: kit.RegisterPath})
	}
	if state == identity.Active {
		return c.Redirect(kit.SignInPath, "account.flash.active")
	}
	return c.Redirect(kit.RegisterPath+"/gotowe", "")
}

func (p *pages) confirmed(c *kit.Ctx) error {
	c.Page(c.T("account.confirmed.title"))
	return c.Render(http.StatusOK, messagePage(messageView{Title: c.T("account.confirmed.title"), Text: []string{c.T("account.confirmed.text"), c.T("account.confirmed.next")}}))
}
