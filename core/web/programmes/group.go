package programmes

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func (p *pages) groupCards(c *kit.Ctx, list []programme.Group) []ui.Card {
	var out []ui.Card
	for i := range list {
		g := &list[i]
		card := ui.Card{Title: g.Name, Href: groupPath(g.ID), Lead: g.ParentTitle, Facts: []ui.Fact{{Label: c.T("programme.page.people"), Value: show.Int(c.Lang(), int64(g.Members))}}}
		if g.Closed {
			card.Tag, card.Tone = c.T("programme.page.closed"), ui.Neutral
		}
		out = append(out, card)
	}
	return out
}

// mine lists one's own groups, and the boards over them.
func (p *pages) mine(c *kit.Ctx) error {
	var list programme.Page[programme.Group]
	var boards []programme.Board
	err := c.Together(
		func(ctx context.Context) (err error) {
			list, err = p.Programmes.MyGroups(ctx, c.Actor(), c.Query("po"), 0)
			return err
		},
		func(ctx context.Context) (err error) { boards, err = p.Programmes.Boards(ctx, c.Actor()); return err })
	if err != nil {
		return err
	}
	title := c.T("programme.page.my_groups")
	c.Page(title).In("/grupy")
	v := listView{Title: title, None: c.T("programme.page.no_groups"), Cards: p.groupCards(c, list.Items), Pages: paging(c, "/grupy", list.Next)}
	for _, b := range boards {
		v.Links = append(v.Links, ui.Link{Text: b.View.Title.In(string(c.Lang())) + ": " + b.Title, Href: programmePath(b.Programme) + "/tablica/" + b.View.Name})
	}
	return c.Render(http.StatusOK, listPage(v))
}

func (p *pages) groups(c *kit.Ctx) error {
	scope, err := scopeOf(c)
	if err != nil {
		return err
	}
	var list programme.Page[programme.Group]
	var may bool
	err = c.Together(
		func(ctx context.Context) (err error) {
			list, err = p.Programmes.Groups(ctx, c.Actor(), scope, c.Query("po"), 0)
			return err
		},
		func(ctx context.Context) (err error) {
			_, may, err = p.Programmes.ParentOf(ctx, c.Actor(), scope)
			if fault.Is(err, fault.NotFound) { // a guardian sees own groups of a network that is not their own
				return nil
			}
			return err
		})
	if err != nil {
		return err
	}
	path := scopePath(scope)
	title := c.T("programme.page.groups")
	c.Page(title).Crumb(c.T("programme.page.in."+string(scope.Kind)), path)
	v := listView{Title: title, None: c.T("programme.page.no_groups"), Cards: p.groupCards(c, list.Items), Pages: paging(c, path+"/grupy", list.Next)}
	if may {
		v.New = ui.Link{Text: c.T("programme.page.new_group"), Href: path + "/grupy/nowa"}
	}
	return c.Render(http.StatusOK, listPage(v))
}

func (p *pages) newGroupPage(c *kit.Ctx, scope effect.Scope, typ string, pr ui.Problems) templ.Component {
	f, path := c.Form(), scopePath(scope)
	inputs := []ui.Input{{Name: "nazwa", Label: c.T("programme.page.group_name"), Value: f.Get("nazwa"), Max: 200}}
	if kinds := p.Programmes.GroupKinds(typ); len(kinds) > 0 {
		in := ui.Input{Kind: ui.Radios, Name: "rodzaj", Label: c.T("programme.page.group_kind"), Value: f.Get("rodzaj")}
		for _, k := range kinds {
			in.Options = append(in.Options, ui.Option{Value: k.Name, Text: k.Title.In(string(c.Lang()))})
		}
		if len(kinds) == 1 {
			in.Value = kinds[0].Name
		}
		inputs = append(inputs, in)
	}
	c.Page(c.T("programme.page.new_group")).Crumb(c.T("programme.page.groups"), path+"/grupy")
	return formPage(formView{Inputs: inputs, FormView: ui.FormView{
		Title: c.T("programme.page.new_group"), Action: path + "/grupy/nowa", Submit: c.T("programme.page.create_group"), Problems: pr,
		Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path + "/grupy"},
	}})
}

func (p *pages) newGroup(c *kit.Ctx) error {
	scope, err := scopeOf(c)
	if err != nil {
		return err
	}
	st, may, err := p.Programmes.ParentOf(c.Context(), c.Actor(), scope)
	if err != nil {
		return err
	}
	if !may {
		return fault.ErrNotFound
	}
	return c.Render(http.StatusOK, p.newGroupPage(c, scope, st.Type, ui.Problems{}))
}

func (p *pages) createGroup(c *kit.Ctx) error {
	scope, err := scopeOf(c)
	if err != nil {
		return err
	}
	st, _, err := p.Programmes.ParentOf(c.Context(), c.Actor(), scope)
	if err != nil {
		return err
	}
	id, err := p.Programmes.CreateGroup(c.Context(), c.Actor(), programme.NewGroup{Parent: scope, Kind: c.Form().Get("rodzaj"), Name: c.Form().Get("nazwa")})
	if err != nil {
		return c.Retry(renamed(err, map[string]string{"name": "nazwa", "kind": "rodzaj"}), func(pr ui.Problems) templ.Component {
			return p.newGroupPage(c, scope, st.Type, pr)
		})
	}
	return c.Redirect(groupPath(id), "programme.flash.group_created")
}

type groupView struct {
	showView
	Members     ui.Table
	Invitations []invitationView
	Invite      string
	Rename      string
	Move        string
}

type invitationView struct{ Email, Role, Until, Action string }

func (p *pages) group(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	var g *programme.Group
	var members []programme.Member
	var open []programme.Invitation
	err = c.Together(
		func(ctx context.Context) (err error) { g, err = p.Programmes.Group(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			members, err = p.Programmes.Members(ctx, c.Actor(), id)
			return err
		},
		func(ctx context.Context) (err error) {
			if open, err = p.Programmes.GroupInvitations(ctx, c.Actor(), id); fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
				return nil // not for this reader
			}
			return err
		})
	if err != nil {
		return err
	}
	path := groupPath(g.ID)
	r := p.Programmes.Rights(c.Actor(), g)
	v := groupView{Members: p.memberTable(c, g, members, r)}
	v.Title = g.Name
	v.Facts = []ui.Fact{{Label: c.T("programme.page.in." + string(g.Parent.Kind)), Value: g.ParentTitle}}
	if g.Closed {
		v.Tag = c.T("programme.page.closed")
	}
	p.moduleParts(c, g.Run(), path, &v.showView)
	v.Links = []ui.Link{{Text: c.T("programme.page.tasks"), Href: path + "/zadania"}, {Text: c.T("programme.page.records"), Href: path + "/zapisy"}}
	if r.Manage && !g.Closed {
		v.Invite, v.Rename = path+"/zapros", path+"/edytuj"
	}
	if r.Appoint && !g.Closed && g.Programme != uuid.Nil {
		v.Move = path + "/przenies"
	}
	for _, i := range open {
		v.Invitations = append(v.Invitations, invitationView{i.Email, c.T("programme.role." + string(i.Role)), at(c.Context(), i.EndsAt), path + "/zaproszenia/" + i.ID.String() + "/wycofaj"})
	}
	c.Page(g.Name).In("/grupy").Crumb(c.T("programme.page.my_groups"), "/grupy")
	return c.Render(http.StatusOK, groupPage(v))
}

func (p *pages) getGroup(c *kit.Ctx) (*programme.Group, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	return p.Programmes.Group(c.Context(), c.Actor(), id)
}

func (p *pages) memberTable(c *kit.Ctx, g *programme.Group, members []programme.Member, r programme.Rights) ui.Table {
	t := ui.Table{Caption: c.T("programme.page.people_list"), HideCaption: true, Columns: []ui.Column{
		{Label: c.T("programme.page.person")}, {Label: c.T("programme.page.role")}, {Label: c.T("programme.page.institution")},
	}}
	acts := r.Manage || r.Appoint || slices.ContainsFunc(members, func(m programme.Member) bool { return m.Person == c.Actor().Person })
	if acts {
		t.Columns = append(t.Columns, ui.Column{Label: c.T("programme.page.act")})
	}
	for _, m := range members {
		role := c.T("programme.role." + string(m.Role))
		if m.Until != nil {
			role += " (" + c.T("programme.page.until", "Date", day(c.Context(), *m.Until)) + ")"
		}
		row := []ui.Cell{{Text: m.Name}, {Text: role}, {Text: m.Institution}}
		if acts {
			cell := ui.Cell{}
			key := "programme.page.remove"
			if m.Person == c.Actor().Person {
				key = "programme.page.leave"
			}
			if m.Person == c.Actor().Person || r.Appoint || r.Manage && m.Role == access.TeamMember {
				cell.Body = removeButton(groupPath(g.ID)+"/osoby/"+m.Person.String()+"/usun", c.T(key), m.Name, string(m.Role))
			}
			row = append(row, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (p *pages) remove(c *kit.Ctx) error {
	id, err := c.UUID("id")
	person, err2 := c.UUID("osoba")
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	if err := p.Programmes.RemoveMember(c.Context(), c.Actor(), id, person, access.Role(c.Form().Get("rola"))); err != nil {
		return err
	}
	if person == c.Actor().Person {
		return c.Redirect("/grupy", "programme.flash.left")
	}
	return c.Redirect(groupPath(id), "programme.flash.removed")
}

func (p *pages) renamePage(c *kit.Ctx, g *programme.Group, name string, pr ui.Problems) templ.Component {
	path := groupPath(g.ID)
	c.Page(c.T("programme.page.rename")).In("/grupy").Crumb(g.Name, path)
	return formPage(formView{Inputs: []ui.Input{{Name: "nazwa", Label: c.T("programme.page.group_name"), Value: name, Max: 200}}, FormView: ui.FormView{
		Title: c.T("programme.page.rename"), Lead: g.Name, Action: path + "/edytuj", Submit: c.T("programme.page.save"), Problems: pr,
		Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path}, Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(g.Version, 10)}},
	}})
}

func (p *pages) renameForm(c *kit.Ctx) error {
	g, err := p.getGroup(c)
	if err != nil {
		return err
	}
	if !p.Programmes.Rights(c.Actor(), g).Manage {
		return fault.ErrNotFound
	}
	return c.Render(http.StatusOK, p.renamePage(c, g, g.Name, ui.Problems{}))
}

func (p *pages) rename(c *kit.Ctx) error {
	g, err := p.getGroup(c)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(c.Form().Get("wersja"), 10, 64)
	err = p.Programmes.RenameGroup(c.Context(), c.Actor(), g.ID, c.Form().Get("nazwa"), version)
	switch {
	case err == nil:
		return c.Redirect(groupPath(g.ID), "programme.flash.saved")
	case fault.Is(err, fault.Conflict):
		return c.Render(http.StatusConflict, ui.Conflict(ui.ConflictView{
			Action: groupPath(g.ID) + "/edytuj", Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(g.Version, 10)}},
			Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: groupPath(g.ID)},
			Fields: []ui.ConflictField{{Name: "nazwa", Label: c.T("programme.page.group_name"), Mine: c.Form().Get("nazwa"), Theirs: g.Name}},
		}))
	}
	return c.Retry(renamed(err, map[string]string{"name": "nazwa"}), func(pr ui.Problems) templ.Component {
		return p.renamePage(c, g, c.Form().Get("nazwa"), pr)
	})
}

func (p *pages) movePage(c *kit.Ctx, g *programme.Group, parents []programme.Parent, pr ui.Problems) templ.Component {
	path := groupPath(g.ID)
	in := ui.Input{Kind: ui.Radios, Name: "dokad", Label: c.T("programme.page.move_to"), Value: c.Form().Get("dokad")}
	for _, x := range parents {
		if x.Scope != g.Parent {
			in.Options = append(in.Options, ui.Option{Value: string(x.Scope.Kind) + ":" + x.Scope.ID.String(), Text: c.T("programme.page.in."+string(x.Scope.Kind)) + ": " + x.Title})
		}
	}
	c.Page(c.T("programme.page.move")).In("/grupy").Crumb(g.Name, path)
	return formPage(formView{Inputs: []ui.Input{in}, FormView: ui.FormView{
		Title: c.T("programme.page.move"), Lead: g.Name, Action: path + "/przenies", Submit: c.T("programme.page.move"), Problems: pr,
		Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path}, Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(g.Version, 10)}},
	}})
}

// movable reads a group and where it can be moved.
func (p *pages) movable(c *kit.Ctx) (g *programme.Group, parents []programme.Parent, err error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, nil, err
	}
	err = c.Together(
		func(ctx context.Context) (err error) { g, err = p.Programmes.Group(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			parents, err = p.Programmes.Parents(ctx, c.Actor(), id)
			return err
		})
	return g, parents, err
}

func (p *pages) moveForm(c *kit.Ctx) error {
	g, parents, err := p.movable(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.movePage(c, g, parents, ui.Problems{}))
}

func (p *pages) move(c *kit.Ctx) error {
	g, parents, err := p.movable(c)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(c.Form().Get("wersja"), 10, 64)
	to, ok := scopeText(c.Form().Get("dokad"))
	if !ok {
		err = fault.InvalidFields(fault.Field{Path: "to", Key: "programme.page.choose_place"})
	} else {
		err = p.Programmes.MoveGroup(c.Context(), c.Actor(), g.ID, to, version)
	}
	if err == nil {
		return c.Redirect(groupPath(g.ID), "programme.flash.moved")
	}
	return c.Retry(renamed(err, map[string]string{"to": "dokad"}), func(pr ui.Problems) templ.Component { return p.movePage(c, g, parents, pr) })
}
