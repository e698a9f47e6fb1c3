package people

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// act does something to the person of the address and shows their page again.
func (p *pages) act(c *kit.Ctx, flash string, do func(ctx context.Context, a *access.Actor, id uuid.UUID) error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := do(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(PeoplePath+"/"+id.String(), flash)
}

// listed are the roles by which the list is narrowed, as people think of them.
var listed = []access.Role{access.OREAdmin, access.Inspector, access.CentreAdmin, access.Founder, access.Principal, access.Lead,
	access.Coordinator, access.Expert, access.Moderator}

func (p *pages) roles(c *kit.Ctx) error {
	role := access.Role(c.Query("rola"))
	page, err := p.Roles.ListRoles(c.Context(), c.Actor(), access.RoleQuery{Role: role, After: c.Query("po"), Limit: 30})
	if err != nil {
		return err
	}
	v := rolesView{Role: string(role), Cards: roleCards(c, page.Rows, true), Pages: pagesOf(c, RolesPath, page.Next)}
	for _, r := range listed {
		v.Options = append(v.Options, ui.Option{Value: string(r), Text: c.T("access.role." + string(r))})
	}
	below(c, "people.roles.title")
	return c.Render(http.StatusOK, rolesPage(v))
}

type rolesView struct {
	Role    string
	Options []ui.Option
	Cards   []ui.Card
	Pages   ui.Pages
}

// roleCards shows grants, with the person when names is set.
func roleCards(c *kit.Ctx, held []access.Held, names bool) []ui.Card {
	var out []ui.Card
	for i := range held {
		h := &held[i]
		where := h.ScopeName
		if where == "" {
			where = c.T("access.scope." + string(h.Kind))
		}
		card := ui.Card{Title: roleName(c, h.Role), Level: 3, Facts: []ui.Fact{{Label: c.T("people.roles.where"), Value: where},
			{Label: c.T("people.roles.from"), Value: show.Date(c.Lang(), h.From)}}}
		if h.To != nil {
			// The end is the first moment without the role; people think of the last day with it.
			last := h.To.Add(-time.Second)
			card.Facts = append(card.Facts, ui.Fact{Label: c.T("people.roles.until"), Value: show.Date(c.Lang(), last)})
		}
		if names {
			card.Title, card.Href, card.Level = h.PersonName, PeoplePath+"/"+h.Person.String(), 2
			card.Facts = append([]ui.Fact{{Label: c.T("people.roles.role"), Value: roleName(c, h.Role)}}, card.Facts...)
		}
		if h.Mine {
			hidden := []ui.Hidden{{Name: "powrot", Value: c.Request().URL.RequestURI()}}
			card.Footer = ui.PostButton(RolesPath+"/"+h.ID.String()+"/odbierz", c.T("people.roles.revoke"), true, hidden)
		}
		out = append(out, card)
	}
	return out
}

// roleName is a role in words; a module's own role has no text here.
func roleName(c *kit.Ctx, r access.Role) string {
	switch r {
	case access.Participant, access.Coordinator, access.Expert, access.Moderator, access.TeamMember, access.Head, access.Guardian,
		access.Founder, access.Lead, access.Principal, access.CentreAdmin, access.OREAdmin, access.Inspector:
		return c.T("access.role." + string(r))
	}
	return string(r)
}

func (p *pages) revoke(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Roles.RevokeRole(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(kit.LocalPath(c.Form().Get("powrot"), RolesPath), "people.flash.role_revoked")
}

// Giving a role goes in steps, each with its address: the role, the place (of
// one's own centres, by the register's search page, or a programme), the rest.
type grantView struct {
	Who      identity.Account
	Choice   string // "role.kind"
	Role     access.Role
	Kind     access.ScopeKind
	Choices  []ui.Option
	Places   []ui.Option // offered; empty where the place is searched for
	Pick     string      // the search page
	Place    uuid.UUID
	PlaceOf  string // its name
	Change   string // the first step again
	Until    string
	Problems ui.Problems
}

// Ready reports whether the last step is reached.
func (v *grantView) Ready() bool {
	return v.Role != "" && (v.Kind == access.Platform || v.Place != uuid.Nil || len(v.Places) > 0)
}

func (p *pages) grantForm(c *kit.Ctx) error {
	v, err := p.grantView(c, c.Query)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, grantPage(v))
}

func (p *pages) grantView(c *kit.Ctx, value func(string) string) (grantView, error) {
	v := grantView{Choice: value("role"), Until: value("until")}
	id, err := uuid.Parse(value("osoba"))
	if err != nil {
		return v, fault.ErrNotFound
	}
	if v.Who, err = p.Identity.Person(c.Context(), c.Actor(), id); err != nil {
		return v, err
	}
	for _, d := range p.Roles.Givable(c.Actor()) {
		if d.Kind == access.Programme && p.Programmes == nil {
			continue
		}
		choice := string(d.Role) + "." + string(d.Kind)
		v.Choices = append(v.Choices, ui.Option{Value: choice, Text: roleName(c, d.Role)})
		if choice == v.Choice {
			v.Role, v.Kind = d.Role, d.Kind
		}
	}
	base := url.Values{"osoba": {id.String()}}
	v.Change = RolesPath + "/nadaj?" + base.Encode()
	if v.Role != "" {
		base.Set("role", v.Choice)
		if err := p.places(c, &v, value("scope"), RolesPath+"/nadaj?"+base.Encode()); err != nil {
			return v, err
		}
	}
	c.Page(c.T("people.grant.title")).In(ManagePath).Crumb(c.T("people.manage.title"), ManagePath).
		Crumb(c.T("people.list.title"), PeoplePath).Crumb(v.Who.Name, PeoplePath+"/"+id.String())
	return v, nil
}

// places offers where the role may be given.
func (p *pages) places(c *kit.Ctx, v *grantView, chosen, here string) error {
	if id, err := uuid.Parse(chosen); err == nil {
		v.Place = id
	}
	switch v.Kind {
	case access.Platform:
		v.Place = uuid.Nil
		return nil
	case access.Programme:
		var err error
		v.Places, err = p.Programmes(c.Context(), c.Actor())
		return err
	case access.Centre:
		own, platform := false, false
		for _, g := range c.Actor().Grants {
			platform = platform || g.Kind == access.Platform
			own = own || g.Role == access.CentreAdmin
		}
		if own && !platform {
			return p.ownCentres(c, v)
		}
	}
	v.Pick = "/szkoly/wybierz?" + url.Values{"powrot": {here}, "pole": {"scope"}}.Encode()
	if v.Place == uuid.Nil {
		return nil
	}
	i, err := p.Registry.Institution(c.Context(), nil, v.Place)
	if fault.Is(err, fault.NotFound) {
		v.Place = uuid.Nil
		return nil
	}
	v.PlaceOf = i.Name
	return err
}

func (p *pages) ownCentres(c *kit.Ctx, v *grantView) error {
	for _, g := range c.Actor().Grants {
		if g.Role != access.CentreAdmin || g.Kind != access.Centre {
			continue
		}
		i, err := p.Registry.Institution(c.Context(), nil, g.Scope)
		if err != nil {
			return err
		}
		v.Places = append(v.Places, ui.Option{Value: g.Scope.String(), Text: i.Name})
	}
	if len(v.Places) == 1 {
		v.Place = uuid.MustParse(v.Places[0].Value)
	}
	return nil
}

func (p *pages) grant(c *kit.Ctx) error {
	v, err := p.grantView(c, c.Form().Get)
	if err != nil {
		return err
	}
	in := access.RoleInput{Person: v.Who.ID, Role: v.Role, Kind: v.Kind, Scope: v.Place}
	if in.Until, err = endOfDay(v.Until); err == nil {
		err = p.Roles.GrantRole(c.Context(), c.Actor(), in)
	}
	if err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return grantPage(v) })
	}
	return c.Redirect(PeoplePath+"/"+v.Who.ID.String(), "people.flash.role_given")
}

// endOfDay is the end of the day in Poland; zero for "".
func endOfDay(day string) (time.Time, error) {
	if strings.TrimSpace(day) == "" {
		return time.Time{}, nil
	}
	t, ok := form.ParseDate(day)
	if !ok {
		return time.Time{}, fault.InvalidFields(fault.Field{Path: "until", Key: "people.grant.bad_date"})
	}
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, clock.Warsaw), nil
}
