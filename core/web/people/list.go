package people

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type listView struct {
	Text, State string
	States      []ui.Option
	Cards       []ui.Card
	Pages       ui.Pages
	// Invite, Import and Invited lead to inviting and to those who were invited.
	Invite, Import, Invited string
}

func (p *pages) people(c *kit.Ctx) error {
	v := listView{Text: c.Query("q"), State: c.Query("stan"), Invite: c.Link(PeoplePath + "/zapros"), Import: c.Link(ImportPath), Invited: c.Link(InvitedPath)}
	for _, s := range identity.States {
		v.States = append(v.States, ui.Option{Value: string(s), Text: c.T("identity.state." + string(s))})
	}
	list, err := p.Identity.People(c.Context(), c.Actor(), identity.PeopleQuery{Text: v.Text, State: identity.State(v.State),
		Institution: c.QueryUUID("placowka"), After: c.Query("po")})
	if err != nil {
		return err
	}
	for i := range list.People {
		a := &list.People[i]
		card := ui.Card{Title: a.Name, Href: PeoplePath + "/" + a.ID.String(), Facts: accountFacts(c, a)}
		if a.State != identity.Active {
			card.Tag, card.Tone = c.T("identity.state."+string(a.State)), tone(a.State)
		}
		v.Cards = append(v.Cards, card)
	}
	v.Pages = pagesOf(c, PeoplePath, list.Next)
	below(c, "people.list.title")
	return c.Render(http.StatusOK, listPage(v))
}

func tone(s identity.State) ui.Tone {
	switch s {
	case identity.Active:
		return ui.Good
	case identity.Pending:
		return ui.Warn
	case identity.Blocked, identity.Refused:
		return ui.Bad
	}
	return ui.Neutral
}

type personView struct {
	Who      identity.Account
	Facts    []ui.Fact
	State    string
	Tone     ui.Tone
	Decide   bool // waits for a decision that the actor may take
	Roles    []ui.Card
	MayRoles bool
	Grant    string
	Block    string
	Second   string
	Employ   string
	Unblock  string
	Merge    string
	Into     string // the account that took this one's place
}

func (p *pages) person(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	var who identity.Account
	var held access.RolePage
	roles := c.May(access.ListRolesPerm)
	err = c.Together(
		func(ctx context.Context) (err error) { who, err = p.Identity.Person(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			if roles {
				held, err = p.Roles.ListRoles(audit.Accounted(ctx), c.Actor(), access.RoleQuery{Person: id, Limit: 100}) // a part of reading the account
			}
			return err
		})
	if err != nil {
		return err
	}
	here := PeoplePath + "/" + id.String()
	v := personView{Who: who, State: c.T("identity.state." + string(who.State)), Tone: tone(who.State),
		Facts: append(accountFacts(c, &who), ui.Fact{Label: c.T("people.since"), Value: show.Date(c.Lang(), who.CreatedAt)})}
	switch who.State {
	case identity.Pending:
		v.Decide = c.May(identity.PermConfirm)
	case identity.Active:
		if c.May(identity.PermBlock) && id != c.Actor().Person {
			v.Block = here + "/zablokuj"
			v.Second = here + secondPath
		}
		if c.May(identity.PermConfirm) {
			v.Employ = here + employPath
		}
		if c.May(identity.PermMerge) && id != c.Actor().Person {
			v.Merge = here + mergePath
		}
		if c.May(access.GrantRolePerm) {
			v.Grant = RolesPath + "/nadaj?osoba=" + id.String()
		}
	case identity.Merged:
		v.Into = PeoplePath + "/" + who.MergedInto.UUID.String()
	case identity.Blocked:
		if c.May(identity.PermBlock) {
			v.Unblock = here + "/odblokuj"
		}
	}
	if v.MayRoles = roles; roles {
		v.Roles = roleCards(c, held.Rows, false)
	}
	c.Page(who.Name).In(ManagePath).Crumb(c.T("people.manage.title"), ManagePath).Crumb(c.T("people.list.title"), PeoplePath)
	return c.Render(http.StatusOK, personPage(v))
}

type inviteView struct {
	Email, Name, Function string
	Institution           uuid.UUID
	School, Pick          string
	Problems              ui.Problems
}

// nameSchool shows the institution; an unknown one counts as none chosen. A
// principal of one school, or an administrator of one library, invites to it
// without choosing.
func (p *pages) nameSchool(c *kit.Ctx, v *inviteView) error {
	v.Pick = "/szkoly/wybierz?" + url.Values{"powrot": {PeoplePath + "/zapros"}, "pole": {"instytucja"}}.Encode()
	if v.Institution == uuid.Nil {
		for _, g := range c.Actor().Grants {
			if (g.Role == access.Principal || g.Role == access.InstitutionAdmin) && g.Kind == access.Institution {
				v.Institution = g.Scope
			}
		}
	}
	if v.Institution == uuid.Nil {
		return nil
	}
	i, err := p.Registry.Institution(c.Context(), nil, v.Institution)
	if fault.Is(err, fault.NotFound) {
		v.Institution = uuid.Nil
		return nil
	}
	v.School = i.Label(c.Context())
	return err
}

func (p *pages) inviteForm(c *kit.Ctx) error {
	v := inviteView{Institution: c.QueryUUID("instytucja")}
	if err := p.nameSchool(c, &v); err != nil {
		return err
	}
	inviteHead(c, "people.invite.title")
	return c.Render(http.StatusOK, invitePage(v))
}

func inviteHead(c *kit.Ctx, key string) {
	c.Page(c.T(key)).In(ManagePath).Crumb(c.T("people.manage.title"), ManagePath).Crumb(c.T("people.list.title"), PeoplePath)
}

func (p *pages) invite(c *kit.Ctx) error {
	f := c.Form()
	v := inviteView{Email: f.Get("email"), Name: f.Get("name"), Function: f.Get("function")}
	if id, err := uuid.Parse(f.Get("institution")); err == nil {
		v.Institution = id
	}
	if err := p.nameSchool(c, &v); err != nil {
		return err
	}
	out, err := p.Identity.Invite(c.Context(), c.Actor(), identity.Invite{Email: v.Email, Name: v.Name, Function: v.Function, Institution: v.Institution})
	if err != nil {
		inviteHead(c, "people.invite.title")
		return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return invitePage(v) })
	}
	if out.Known != uuid.Nil {
		return c.Redirect(PeoplePath+"/"+out.Known.String(), "people.flash.known")
	}
	return c.Redirect(InvitedPath, "people.flash.invited")
}

func (p *pages) blockForm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	who, err := p.Identity.Person(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	here := PeoplePath + "/" + id.String()
	inviteHead(c, "people.block.title")
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("people.block.title"), Text: c.T("people.block.text"),
		Facts: append([]ui.Fact{{Label: c.T("people.name"), Value: who.Name}}, accountFacts(c, &who)...), Action: here + "/zablokuj",
		Submit: c.T("people.block.submit"), Danger: true, Cancel: ui.Link{Text: c.T("people.cancel"), Href: here}}))
}

func (p *pages) block(c *kit.Ctx) error { return p.act(c, "people.flash.blocked", p.Identity.Block) }

func (p *pages) unblock(c *kit.Ctx) error {
	return p.act(c, "people.flash.unblocked", p.Identity.Unblock)
}
