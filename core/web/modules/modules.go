// Package modules is the administration of plugins: what is there, what it asks
// for, how it runs, switching on and off.
package modules

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Path is where the catalogue lies.
const Path = "/zarzadzanie/wtyczki"

// Deps are what the pages need.
type Deps struct{ Modules *plugin.Host }

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(Path, plugin.PermList, p.list),
		kit.Get(Path+"/:id", plugin.PermList, p.one),
		kit.Get(Path+"/:id/wlacz", plugin.PermEnable, p.enableQuestion),
		kit.Post(Path+"/:id/wlacz", plugin.PermEnable, "enableModule", p.enable),
		kit.Get(Path+"/:id/wylacz", plugin.PermEnable, p.disableQuestion),
		kit.Post(Path+"/:id/wylacz", plugin.PermEnable, "disableModule", p.disable),
	}
}

type listView struct {
	Cards      []ui.Card
	Unreadable []string
}

func (p *pages) list(c *kit.Ctx) error {
	list, unreadable, err := p.Modules.List(c.Context())
	if err != nil {
		return err
	}
	v := listView{Unreadable: unreadable}
	for i := range list {
		e := &list[i]
		card := ui.Card{Title: text(c, e.Title, e.ID), Href: Path + "/" + e.ID, Lead: text(c, e.Description, "")}
		card.Tag, card.Tone = state(c, e)
		card.Facts = []ui.Fact{{Label: c.T("modules.id"), Value: e.ID}}
		if e.Version != "" {
			card.Facts = append(card.Facts, ui.Fact{Label: c.T("modules.version"), Value: e.Version})
		}
		v.Cards = append(v.Cards, card)
	}
	below(c, c.T("modules.title"))
	return c.Render(http.StatusOK, listPage(v))
}

type oneView struct {
	Entry        plugin.Entry
	Title, Lead  string
	State        string
	Tone         ui.Tone
	Facts        []ui.Fact
	Nodes        ui.Table
	Capabilities ui.Table
	Roles        ui.Table
	Enable       []ui.Link
	Disable      string
}

func (p *pages) one(c *kit.Ctx) error {
	e, err := p.find(c)
	if err != nil {
		return err
	}
	v := oneView{Entry: e, Title: text(c, e.Title, e.ID), Lead: text(c, e.Description, "")}
	v.State, v.Tone = state(c, &e)
	v.Facts = []ui.Fact{{Label: c.T("modules.id"), Value: e.ID}}
	if e.Version != "" {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("modules.version"), Value: e.Version})
	}
	v.Nodes = nodes(c, &e)
	newest := newest(&e)
	v.Capabilities, v.Roles = capabilities(c, newest.Capabilities), roles(c, newest.Roles)
	if c.May(plugin.PermEnable) {
		for _, a := range e.Available {
			if !a.Current {
				v.Enable = append(v.Enable, ui.Link{Text: c.T("modules.enable_version", "Version", a.Version), Href: Path + "/" + e.ID + "/wlacz?wersja=" + a.Version})
			}
		}
		if e.Enabled {
			v.Disable = Path + "/" + e.ID + "/wylacz"
		}
	}
	below(c, v.Title, ui.Link{Text: c.T("modules.title"), Href: Path})
	return c.Render(http.StatusOK, onePage(v))
}

// newest is the newest bundle, with what it asks for.
func newest(e *plugin.Entry) plugin.Available {
	if len(e.Available) == 0 {
		return plugin.Available{}
	}
	return e.Available[len(e.Available)-1]
}

// roles says what holders of each role may do through the plugin.
func roles(c *kit.Ctx, list []bundle.Role) ui.Table {
	t := ui.Table{Caption: c.T("modules.roles"), HideCaption: true, Columns: []ui.Column{{Label: c.T("modules.role")},
		{Label: c.T("modules.commands")}, {Label: c.T("modules.views")}, {Label: c.T("modules.effects")}}}
	l := i18n.FromContext(c.Context())
	for _, r := range list {
		name := r.Role
		if key := "access.role." + r.Role; i18n.Has(l, key) {
			name = c.T(key)
		} else if r.Role == "system" {
			name = c.T("modules.role_system")
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: name}, {Text: strings.Join(r.Commands, ", ")}, {Text: strings.Join(r.Views, ", ")}, {Text: strings.Join(r.Effects, ", ")}})
	}
	return t
}

func (p *pages) enableQuestion(c *kit.Ctx) error { return p.askEnable(c, http.StatusOK, nil) }

// askEnable shows what the version asks for before the administrator says yes.
func (p *pages) askEnable(c *kit.Ctx, status int, problem error) error {
	e, err := p.find(c)
	if err != nil {
		return err
	}
	version := c.Query("wersja")
	if status != http.StatusOK {
		version = c.Form().Get("wersja")
	}
	for _, a := range e.Available {
		if a.Version != version {
			continue
		}
		title := text(c, e.Title, e.ID)
		below(c, title, ui.Link{Text: c.T("modules.title"), Href: Path}, ui.Link{Text: title, Href: Path + "/" + e.ID})
		v := ui.ConfirmView{Title: c.T("modules.enable_title", "Name", title), Text: c.T("modules.enable_text"),
			Facts:  []ui.Fact{{Label: c.T("modules.version"), Value: version}},
			Action: Path + "/" + e.ID + "/wlacz", Hidden: []ui.Hidden{{Name: "wersja", Value: version}}, Submit: c.T("modules.enable"),
			Cancel: ui.Link{Text: c.T("modules.back"), Href: Path + "/" + e.ID}}
		if problem != nil {
			return c.Retry(problem, func(list ui.Problems) templ.Component {
				v.Problems = list
				return enablePage(v, capabilities(c, a.Capabilities), roles(c, a.Roles))
			})
		}
		return c.Render(status, enablePage(v, capabilities(c, a.Capabilities), roles(c, a.Roles)))
	}
	return fault.ErrNotFound
}

func (p *pages) enable(c *kit.Ctx) error {
	id := c.Param("id")
	if err := p.Modules.Enable(c.Context(), id, c.Form().Get("wersja")); err != nil {
		if fault.Is(err, fault.Invalid) {
			return p.askEnable(c, http.StatusUnprocessableEntity, err)
		}
		return err
	}
	return c.Redirect(Path+"/"+id, "modules.flash.enabled")
}

func (p *pages) disableQuestion(c *kit.Ctx) error {
	e, err := p.find(c)
	if err != nil {
		return err
	}
	title := text(c, e.Title, e.ID)
	below(c, title, ui.Link{Text: c.T("modules.title"), Href: Path}, ui.Link{Text: title, Href: Path + "/" + e.ID})
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("modules.disable_title", "Name", title), Text: c.T("modules.disable_text"),
		Action: Path + "/" + e.ID + "/wylacz", Submit: c.T("modules.disable"), Danger: true,
		Cancel: ui.Link{Text: c.T("modules.back"), Href: Path + "/" + e.ID}}))
}

func (p *pages) disable(c *kit.Ctx) error {
	id := c.Param("id")
	if err := p.Modules.Disable(c.Context(), id); err != nil {
		return err
	}
	return c.Redirect(Path+"/"+id, "modules.flash.disabled")
}

func (p *pages) find(c *kit.Ctx) (plugin.Entry, error) {
	list, _, err := p.Modules.List(c.Context())
	if err != nil {
		return plugin.Entry{}, err
	}
	for _, e := range list {
		if e.ID == c.Param("id") {
			return e, nil
		}
	}
	return plugin.Entry{}, fault.ErrNotFound
}

// state sums up the module for a tag.
func state(c *kit.Ctx, e *plugin.Entry) (string, ui.Tone) {
	if !e.Enabled {
		return c.T("modules.state.off"), ui.Neutral
	}
	for _, n := range e.Nodes {
		if n.State != "ready" {
			return c.T("modules.state.trouble"), ui.Warn
		}
	}
	if len(e.Nodes) == 0 {
		return c.T("modules.state.waiting"), ui.Warn
	}
	return c.T("modules.state.on"), ui.Good
}

func nodes(c *kit.Ctx, e *plugin.Entry) ui.Table {
	t := ui.Table{Caption: c.T("modules.nodes"), HideCaption: true, Columns: []ui.Column{{Label: c.T("modules.node")}, {Label: c.T("modules.state")},
		{Label: c.T("modules.since")}, {Label: c.T("modules.starts"), Number: true}, {Label: c.T("modules.reason")}}}
	l := i18n.FromContext(c.Context())
	for _, n := range e.Nodes {
		word := n.State
		if key := "modules.process." + n.State; i18n.Has(l, key) {
			word = c.T(key)
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: n.Node}, {Text: word}, {Text: show.DateTime(l, n.Since)}, {Text: strconv.Itoa(n.Starts)}, {Text: n.Reason}})
	}
	return t
}

func capabilities(c *kit.Ctx, list []bundle.Capability) ui.Table {
	t := ui.Table{Caption: c.T("modules.capabilities"), HideCaption: true,
		Columns: []ui.Column{{Label: c.T("modules.capability")}, {Label: c.T("modules.scope")}, {Label: c.T("modules.why")}}}
	for _, a := range list {
		scopes := ""
		for i, s := range a.Scopes {
			if i > 0 {
				scopes += ", "
			}
			scopes += c.T("modules.scope." + string(s))
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: a.Name}, {Text: scopes}, {Text: text(c, a.Reason, "")}})
	}
	return t
}

func text(c *kit.Ctx, t effect.Text, fallback string) string {
	if s := t[string(c.Lang())]; s != "" {
		return s
	}
	if s := t["pl"]; s != "" {
		return s
	}
	return fallback
}

func below(c *kit.Ctx, title string, crumbs ...ui.Link) {
	pg := c.Page(title)
	pg.Nav, pg.Wide = "/zarzadzanie", true
	pg.Crumbs = append([]ui.Link{{Text: c.T("modules.manage"), Href: "/zarzadzanie"}}, crumbs...)
}
