package programmes

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// scopeText reads "network:<id>".
func scopeText(s string) (effect.Scope, bool) {
	kind, raw, _ := strings.Cut(s, ":")
	id, err := uuid.Parse(raw)
	return effect.Scope{Kind: effect.ScopeKind(kind), ID: id}, err == nil
}

func (p *pages) invitePage(c *kit.Ctx, g *programme.Group, pr ui.Problems) templ.Component {
	path := groupPath(g.ID)
	inputs := []ui.Input{{Kind: ui.Email, Name: "email", Label: c.T("programme.page.email"), Hint: c.T("programme.page.email_hint"), Value: c.Form().Get("email"), Max: 254}}
	if p.Programmes.Rights(c.Actor(), g).Appoint {
		in := ui.Input{Kind: ui.Radios, Name: "rola", Label: c.T("programme.page.role"), Value: c.Form().Get("rola")}
		for _, r := range programme.Roles {
			in.Options = append(in.Options, ui.Option{Value: string(r), Text: c.T("programme.role." + string(r))})
		}
		inputs = append(inputs, in)
	}
	c.Page(c.T("programme.page.invite")).In("/grupy").Crumb(g.Name, path)
	return formPage(formView{Inputs: inputs, FormView: ui.FormView{
		Title: c.T("programme.page.invite"), Lead: g.Name, Action: path + "/zapros", Submit: c.T("programme.page.send"), Problems: pr,
		Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path},
	}})
}

func (p *pages) inviteForm(c *kit.Ctx) error {
	g, err := p.getGroup(c)
	if err != nil {
		return err
	}
	if !p.Programmes.Rights(c.Actor(), g).Manage {
		return fault.ErrNotFound
	}
	return c.Render(http.StatusOK, p.invitePage(c, g, ui.Problems{}))
}

func (p *pages) invite(c *kit.Ctx) error {
	g, err := p.getGroup(c)
	if err != nil {
		return err
	}
	role := access.Role(c.Form().Get("rola"))
	if role == "" {
		role = access.TeamMember
	}
	if err := p.Programmes.Invite(c.Context(), c.Actor(), g.ID, c.Form().Get("email"), role); err != nil {
		return c.Retry(renamed(err, map[string]string{"role": "rola"}), func(pr ui.Problems) templ.Component { return p.invitePage(c, g, pr) })
	}
	return c.Redirect(groupPath(g.ID), "programme.flash.invited")
}

func (p *pages) withdraw(c *kit.Ctx) error {
	id, err := c.UUID("id")
	i, err2 := c.UUID("zaproszenie")
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	if err := p.Programmes.Withdraw(c.Context(), c.Actor(), id, i); err != nil {
		return err
	}
	return c.Redirect(groupPath(id), "programme.flash.withdrawn")
}

func (p *pages) invitationsPage(c *kit.Ctx, pr ui.Problems) (templ.Component, error) {
	list, err := p.Programmes.MyInvitations(c.Context(), c.Actor())
	if err != nil {
		return nil, err
	}
	title := c.T("programme.page.invitations")
	c.Page(title).In("/grupy")
	v := listView{Title: title, None: c.T("programme.page.no_invitations")}
	for _, i := range list {
		v.Cards = append(v.Cards, ui.Card{Title: i.GroupName, Facts: []ui.Fact{
			{Label: c.T("programme.page.role"), Value: c.T("programme.role." + string(i.Role))}, {Label: c.T("programme.page.answer_until"), Value: at(c.Context(), i.EndsAt)},
		}, Footer: answerButtons("/grupy/zaproszenia/"+i.ID.String(), i.GroupName)})
	}
	return invitationsPage(v, pr), nil
}

func (p *pages) invitations(c *kit.Ctx) error {
	page, err := p.invitationsPage(c, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

func (p *pages) answer(c *kit.Ctx) error {
	id, err := c.UUID("zaproszenie")
	if err != nil {
		return err
	}
	accept := c.Form().Get("odpowiedz") == "tak"
	group, err := p.Programmes.Answer(c.Context(), c.Actor(), id, accept)
	if err != nil {
		var failed error
		answer := c.Retry(err, func(pr ui.Problems) templ.Component {
			page, e := p.invitationsPage(c, pr)
			if failed = e; e != nil {
				return templ.NopComponent
			}
			return page
		})
		return errors.Join(failed, answer)
	}
	if accept {
		return c.Redirect(groupPath(group), "programme.flash.joined")
	}
	return c.Redirect("/grupy/zaproszenia", "programme.flash.declined")
}
