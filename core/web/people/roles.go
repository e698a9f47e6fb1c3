package people

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/rights"
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
var listed = []access.Role{access.OREAdmin, access.Inspector, access.CentreAdmin, access.Founder, access.Principal, access.InstitutionAdmin, access.Lead, access.SupportOrganiser, access.Official, access.Evaluator,
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
		card := ui.Card{Title: roleName(c, h.Role), Level: 3, Facts: rights.HeldFacts(c, h)}
		if names {
			card.Title, card.Href, card.Level = h.PersonName, PeoplePath+"/"+h.Person.String(), 2
			card.Facts = append([]ui.Fact{{Label: c.T("people.roles.role"), Value: roleName(c, h.Role)}}, card.Facts...)
		}
		if h.Mine {
			back := url.Values{"powrot": {c.Request().URL.RequestURI()}}
			card.Footer = ui.LinkButton(RolesPath+"/"+h.ID.String()+"/odbierz?"+back.Encode(), c.T("people.roles.revoke"), true)
		}
		out = append(out, card)
	}
	return out
}

// roleName is a role in words; a module's own role has no text here.
func roleName(c *kit.Ctx, r access.Role) string { return rights.RoleName(c.Context(), r) }

// changeView says what giving or taking a role changes.
type changeView struct {
	Title string // "" hides it: nothing is known yet
	Lines []string
	Keeps []string
	// KeepsTitle is over Keeps; Same is set when the person has the role there.
	KeepsTitle string
	Same       bool
}

func changed(c *kit.Ctx, x access.Change, key string) changeView {
	v := changeView{Title: c.N(key, len(x.Gains)), KeepsTitle: c.N("rights.change.keeps", len(x.Has)), Same: len(x.Same) > 0}
	for _, p := range x.Gains {
		v.Lines = append(v.Lines, rights.Phrase(c.Context(), p))
	}
	for _, p := range x.Has {
		v.Keeps = append(v.Keeps, rights.Phrase(c.Context(), p))
	}
	return v
}

type revokeView struct {
	Action string
	Hidden []ui.Hidden
	Cancel ui.Link
	Facts  []ui.Fact
	Change changeView
}

func (p *pages) revokeForm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	h, x, err := p.Roles.WouldLose(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	back := kit.LocalPath(c.Query("powrot"), PeoplePath+"/"+h.Person.String())
	v := revokeView{Action: RolesPath + "/" + id.String() + "/odbierz", Hidden: []ui.Hidden{{Name: "powrot", Value: back}},
		Cancel: ui.Link{Text: c.T("people.cancel"), Href: back}}
	v.Facts = append([]ui.Fact{{Label: c.T("people.name"), Value: h.PersonName}, {Label: c.T("people.roles.role"), Value: roleName(c, h.Role)}}, rights.HeldFacts(c, &h)...)
	x.Same = nil // it is this very grant
	v.Change = changed(c, x, "rights.change.loses")
	below(c, "people.revoke.title")
	return c.Render(http.StatusOK, revokePage(v))
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
	Who     identity.Account
	Choice  string // "role.kind"
	Role    access.Role
	Kind    access.ScopeKind
	Choices []ui.Option
	Places  []ui.Option // offered; empty where the place is searched for
	Pick    string      // the search page
	// Find: the place is one of many that have titles; Words narrow them.
	Find     bool
	Words    string
	Place    uuid.UUID
	PlaceOf  string // its name
	Change   string // the first step again
	From     string
	Until    string
	Instead  string      // whom the person stands in for
	Others   []ui.Option // who could be stood in for
	What     changeView
	Problems ui.Problems
	// Refused says what cannot be given, and why.
	Refused []refusedView
}

// refusedView is a role or a permission that cannot be given: Href tries it.
type refusedView struct{ What, Why, Href string }

// Ready reports whether the last step is reached.
func (v *grantView) Ready() bool {
	return v.Role != "" && (v.Kind == access.Platform || v.Place != uuid.Nil)
}

func (p *pages) grantForm(c *kit.Ctx) error {
	v, err := p.grantView(c, c.Query)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, grantPage(v))
}

func (p *pages) grantView(c *kit.Ctx, value func(string) string) (grantView, error) {
	v := grantView{Choice: value("role"), From: value("from"), Until: value("until"), Instead: value("insteadOf")}
	id, err := uuid.Parse(value("osoba"))
	if err != nil {
		return v, fault.ErrNotFound
	}
	givable := p.Roles.Givable(c.Actor())
	for _, d := range givable {
		if f, named := p.finder(d.Kind); named && f == nil {
			continue
		}
		choice := string(d.Role) + "." + string(d.Kind)
		text := roleName(c, d.Role)
		if slices.ContainsFunc(givable, func(x access.Delegated) bool { return x.Role == d.Role && x.Kind != d.Kind }) {
			text = c.T("people.grant.role_on", "Role", text, "Where", c.T("access.scope."+string(d.Kind)))
		}
		v.Choices = append(v.Choices, ui.Option{Value: choice, Text: text})
		if choice == v.Choice {
			v.Role, v.Kind = d.Role, d.Kind
		}
	}
	for _, x := range p.Roles.NotGivable(c.Actor()) {
		r := refusedView{Why: c.T(x.Key)}
		choice := string(x.Role)
		if x.Role != "" {
			r.What = roleName(c, x.Role)
		} else {
			r.What, choice = rights.Phrase(c.Context(), x.Permission), string(x.Permission)
		}
		r.Href = RolesPath + "/nadaj?" + url.Values{"osoba": {id.String()}, "role": {choice}}.Encode()
		v.Refused = append(v.Refused, r)
		if choice == v.Choice {
			v.Problems = ui.Problems{Message: c.T("fault.invalid"), Fields: []ui.Problem{{Path: "role", Text: r.What + ": " + r.Why}}}
		}
	}
	base := url.Values{"osoba": {id.String()}}
	v.Change = RolesPath + "/nadaj?" + base.Encode()
	base.Set("role", v.Choice)
	err = c.Together(
		func(ctx context.Context) (err error) { v.Who, err = p.Identity.Person(ctx, c.Actor(), id); return err },
		func(ctx context.Context) error {
			if v.Role == "" {
				return nil
			}
			v.Words = strings.TrimSpace(value("szukaj"))
			if err := p.places(ctx, c, &v, value("scope"), RolesPath+"/nadaj?"+base.Encode()); err != nil {
				return err
			}
			return p.foretell(ctx, c, &v, id)
		})
	if err != nil {
		return v, err
	}
	c.Page(c.T("people.grant.title")).In(ManagePath).Crumb(c.T("people.manage.title"), ManagePath).
		Crumb(c.T("people.list.title"), PeoplePath).Crumb(v.Who.Name, PeoplePath+"/"+id.String())
	return v, nil
}

// foretell says what giving the role would change, and who could be stood in
// for, once the place is known. What is wrong with the choice itself is said
// when the form is sent.
func (p *pages) foretell(ctx context.Context, c *kit.Ctx, v *grantView, who uuid.UUID) error {
	if !v.Ready() {
		return nil
	}
	x, err := p.Roles.WouldChange(ctx, c.Actor(), access.RoleInput{Person: who, Role: v.Role, Kind: v.Kind, Scope: v.Place})
	if fault.Is(err, fault.Invalid) {
		v.Problems = ui.ProblemsOf(c.Context(), err)
		return nil
	}
	if err != nil {
		return err
	}
	v.What = changed(c, x, "rights.change.gains")
	for _, h := range x.Others {
		v.Others = append(v.Others, ui.Option{Value: h.Person.String(), Text: h.PersonName})
	}
	return nil
}

// places offers where the role may be given.
func (p *pages) places(ctx context.Context, c *kit.Ctx, v *grantView, chosen, here string) error {
	if id, err := uuid.Parse(chosen); err == nil {
		v.Place = id
	} else if v.Kind == access.LocalGovernment {
		v.Place = access.UnitScope(chosen)
	}
	switch v.Kind {
	case access.LocalGovernment:
		v.Pick = "/jst/wybierz?" + url.Values{"powrot": {here}, "pole": {"scope"}}.Encode()
		u, err := p.Registry.Unit(ctx, nil, access.UnitCode(v.Place))
		if fault.Is(err, fault.NotFound) {
			v.Place = uuid.Nil
			return nil
		}
		v.PlaceOf = u.Label(ctx)
		return err
	case access.Platform:
		v.Place = uuid.Nil
		return nil
	case access.Programme, access.Network:
		return p.find(ctx, c, v, here)
	case access.Centre:
		own, platform := false, false
		for _, g := range c.Actor().Grants {
			platform = platform || g.Kind == access.Platform
			own = own || g.Role == access.CentreAdmin
		}
		if own && !platform {
			return p.ownCentres(ctx, c, v)
		}
	}
	v.Pick = "/szkoly/wybierz?" + url.Values{"powrot": {here}, "pole": {"scope"}}.Encode()
	if v.Place == uuid.Nil {
		return nil
	}
	i, err := p.Registry.Institution(ctx, nil, v.Place)
	if fault.Is(err, fault.NotFound) {
		v.Place = uuid.Nil
		return nil
	}
	v.PlaceOf = i.Label(ctx)
	return err
}

// finder finds things of the kind by their titles; named is false for kinds that
// have a register.
func (p *pages) finder(k access.ScopeKind) (f Finder, named bool) {
	switch k {
	case access.Programme:
		return p.Programmes, true
	case access.Network:
		return p.Networks, true
	}
	return nil, false
}

// find names the chosen programme or network, or offers some to choose from.
func (p *pages) find(ctx context.Context, c *kit.Ctx, v *grantView, here string) error {
	f, _ := p.finder(v.Kind)
	v.Find, v.Pick = true, here
	var err error
	if v.Place != uuid.Nil {
		if v.PlaceOf, err = f.One(ctx, c.Actor(), v.Place); err != nil || v.PlaceOf != "" {
			return err
		}
		v.Place = uuid.Nil
	}
	v.Places, err = f.Find(ctx, c.Actor(), v.Words)
	return err
}

func (p *pages) ownCentres(ctx context.Context, c *kit.Ctx, v *grantView) error {
	var ids []uuid.UUID
	for _, g := range c.Actor().Grants {
		if g.Role == access.CentreAdmin && g.Kind == access.Centre {
			ids = append(ids, g.Scope)
		}
	}
	known, err := p.Registry.Institutions(ctx, nil, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if i, ok := known[id]; ok {
			v.Places = append(v.Places, ui.Option{Value: id.String(), Text: i.Name})
		}
	}
	v.choose()
	return nil
}

// choose names the chosen place of those offered; a single one needs no choice.
func (v *grantView) choose() {
	if len(v.Places) == 1 && v.Place == uuid.Nil {
		v.Place = uuid.MustParse(v.Places[0].Value)
	}
	for _, o := range v.Places {
		if o.Value == v.Place.String() {
			v.PlaceOf = o.Text
		}
	}
}

func (p *pages) grant(c *kit.Ctx) error {
	v, err := p.grantView(c, c.Form().Get)
	if err != nil {
		return err
	}
	in := roleInput{access.RoleInput{Person: v.Who.ID, Role: v.Role, Kind: v.Kind, Scope: v.Place}}
	if err = in.read(v); err == nil {
		err = p.Roles.GrantRole(c.Context(), c.Actor(), in.RoleInput)
	}
	if err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return grantPage(v) })
	}
	return c.Redirect(PeoplePath+"/"+v.Who.ID.String(), "people.flash.role_given")
}

type roleInput struct{ access.RoleInput }

// read takes the dates and the person stood in for from the form.
func (in *roleInput) read(v grantView) error {
	var f fault.Fields
	date := func(path, text string, days int) time.Time {
		if strings.TrimSpace(text) == "" {
			return time.Time{}
		}
		t, ok := form.ParseDate(text)
		if !ok {
			f.Add(path, "people.grant.bad_date")
			return time.Time{}
		}
		return time.Date(t.Year(), t.Month(), t.Day()+days, 0, 0, 0, 0, clock.Warsaw)
	}
	in.From, in.Until = date("from", v.From, 0), date("until", v.Until, 1) // the end is the first moment without the role
	if v.Instead != "" {
		id, err := uuid.Parse(v.Instead)
		if err != nil {
			f.Add("insteadOf", "access.substitution_holds_not")
		}
		in.InsteadOf = id
	}
	return f.Err()
}
