// Package modules is the administration of plugins: what is there, what it asks
// for, how it runs, switching on and off.
package modules

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/sandbox"
	"ore.edu.pl/sieci/core/plugin/supervisor"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Path is where the catalogue lies.
const Path = "/zarzadzanie/wtyczki"

// Deps are what the pages need.
type Deps struct {
	Modules *plugin.Host
	Drafts  *draft.Service
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(Path, plugin.PermList, p.list),
		kit.Get(Path+"/:id", plugin.PermList, p.one),
		kit.Get(Path+"/:id/wlacz", plugin.PermEnable, p.enableQuestion),
		kit.Post(Path+"/:id/wlacz", plugin.PermEnable, "enableModule", p.enable).WithReauth(),
		kit.Post(Path+"/:id/ponow", plugin.PermEnable, "retryModule", p.retry).WithReauth(),
		kit.Get(Path+"/:id/wylacz", plugin.PermEnable, p.disableQuestion),
		kit.Post(Path+"/:id/wylacz", plugin.PermEnable, "disableModule", p.disable),

		kit.Get(Path+"/:id"+logPath, plugin.PermList, p.log),
		kit.Get(Path+"/:id"+settingsPath, plugin.PermEnable, p.settingsForm),
		kit.Post(Path+"/:id"+settingsPath, plugin.PermEnable, "configureModule", p.configure).WithReauth(),

		kit.Get(Path+"/:id/gdzie", plugin.PermEnable, p.where),
		kit.Post(Path+"/:id/gdzie", plugin.PermEnable, "setModulePlaces", p.widen).WithReauth(),
		kit.Post(Path+"/:id/gdzie/usun", plugin.PermEnable, "setModulePlaces", p.narrow).WithReauth(),
		kit.Post(Path+"/:id/gdzie/wszedzie", plugin.PermEnable, "setModulePlaces", p.everywhere).WithReauth(),

		kit.Get(addPath, plugin.PermAdd, p.addForm).WithReauth(),
		kit.Post(addPath, plugin.PermAdd, "addModuleBundle", p.add).WithUploadOf(bundle.MaxFile + 1<<20).WithReauth(),
		kit.Get(bundlesPath+"/:paczka", plugin.PermList, p.report),
		kit.Get(bundlesPath+"/:paczka/usun", plugin.PermAdd, p.discardQuestion),
		kit.Post(bundlesPath+"/:paczka/usun", plugin.PermAdd, "discardModuleBundle", p.discard),

		kit.Get(KeysPath, plugin.PermKeys, p.keys),
		kit.Get(KeysPath+"/dodaj", plugin.PermKeyManage, p.keyForm),
		kit.Post(KeysPath+"/dodaj", plugin.PermKeyManage, "addModuleKey", p.addKey).WithReauth(),
		kit.Get(KeysPath+"/:klucz/uniewaznij", plugin.PermKeyManage, p.revokeQuestion),
		kit.Post(KeysPath+"/:klucz/uniewaznij", plugin.PermKeyManage, "revokeModuleKey", p.revoke).WithReauth(),
	}
}

// Where the other pages lie.
const (
	addPath     = Path + "/dodaj"
	bundlesPath = Path + "/paczki"
	KeysPath    = Path + "/klucze"
)

type listView struct {
	Cards      []ui.Card
	Unreadable []string
	// MayAdd and Keys are for those who hand in bundles and see keys.
	MayAdd bool
	Keys   bool
}

func (p *pages) list(c *kit.Ctx) error {
	list, unreadable, err := p.Modules.List(c.Context())
	if err != nil {
		return err
	}
	v := listView{Unreadable: unreadable, MayAdd: c.May(plugin.PermAdd), Keys: c.May(plugin.PermKeys)}
	for i := range list {
		e := &list[i]
		card := ui.Card{Title: text(c, e.Title, e.ID), Href: Path + "/" + e.ID, Lead: text(c, e.Description, "")}
		card.Tag, card.Tone = state(c, e)
		card.Facts = []ui.Fact{{Label: c.T("modules.id"), Value: e.ID}}
		if e.Version != "" {
			card.Facts = append(card.Facts, ui.Fact{Label: c.T("modules.version"), Value: e.Version}, ui.Fact{Label: c.T("modules.where"), Value: placesText(c, e)})
		}
		if n := waiting(e); n != "" {
			card.Facts = append(card.Facts, ui.Fact{Label: c.T("modules.waiting"), Value: n})
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
	Versions     ui.Table
	Enable       []ui.Link
	// Where is the page that says for whom it is enabled.
	Where, Disable string
	// Log is the page of what it writes, "" for a plugin that never ran.
	Log string
	// Settings is the plugin's own form, "" when it asks nothing.
	Settings string
	Held     bool   // in quarantine
	Retry    string // address of trying again, "" for who may not
	Failures []failureView
}

// failureView is a call that failed by the plugin's own fault.
type failureView struct {
	Title, Sentence, Detail string
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
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("modules.version"), Value: e.Version}, ui.Fact{Label: c.T("modules.where"), Value: placesText(c, &e)})
	}
	v.Versions = versions(c, &e)
	v.Nodes, v.Failures = nodes(c, &e), failures(c, &e)
	shown := shown(&e)
	v.Capabilities, v.Roles = capabilities(c, shown.Capabilities), roles(c, shown.Roles, e.Names)
	v.Held = held(&e)
	if e.Version != "" {
		v.Log = Path + "/" + e.ID + logPath
	}
	if c.May(plugin.PermEnable) {
		if v.Held {
			v.Retry = Path + "/" + e.ID + "/ponow"
		}
		for _, a := range e.Available {
			if !a.Current && !a.Failed && a.Bundle == uuid.Nil {
				v.Enable = append(v.Enable, ui.Link{Text: c.T("modules.enable_version", "Version", a.Version), Href: Path + "/" + e.ID + "/wlacz?wersja=" + a.Version})
			}
		}
		if e.Configurable {
			v.Settings = Path + "/" + e.ID + settingsPath
		}
		if e.Enabled {
			if slices.ContainsFunc(shown.Capabilities, func(a bundle.Capability) bool { return a.Optional }) {
				v.Enable = append(v.Enable, ui.Link{Text: c.T("modules.change_rights"), Href: Path + "/" + e.ID + "/wlacz?wersja=" + shown.Version})
			}
			v.Disable, v.Where = Path+"/"+e.ID+"/wylacz", Path+"/"+e.ID+"/gdzie"
		}
	}
	below(c, v.Title, ui.Link{Text: c.T("modules.title"), Href: Path})
	return c.Render(http.StatusOK, onePage(v))
}

// held reports whether the plugin is in quarantine.
func held(e *plugin.Entry) bool {
	return e.Enabled && slices.ContainsFunc(e.Nodes, func(n plugin.NodeStatus) bool { return n.State == string(supervisor.Quarantined) })
}

func (p *pages) retry(c *kit.Ctx) error {
	id := c.Param("id")
	if err := p.Modules.Retry(c.Context(), id); err != nil {
		return err
	}
	return c.Redirect(Path+"/"+id, "modules.flash.retried")
}

// shown is the version whose rights stand on the module's page: the one that is
// enabled, otherwise the newest.
func shown(e *plugin.Entry) plugin.Available {
	for _, a := range e.Available {
		if a.Current {
			return a
		}
	}
	if len(e.Available) == 0 {
		return plugin.Available{}
	}
	return e.Available[len(e.Available)-1]
}

// roles says what holders of each role may do through the plugin; names are the
// titles of commands and views, as far as they are known.
func roles(c *kit.Ctx, list []bundle.Role, names map[string]effect.Text) ui.Table {
	titled := func(list []string) string {
		out := make([]string, len(list))
		for i, n := range list {
			out[i] = text(c, names[n], n)
		}
		return strings.Join(out, ", ")
	}
	effects := func(list []string) string {
		out := make([]string, len(list))
		for i, n := range list {
			out[i] = rightName(c, bundle.Capability{Name: n})
		}
		return strings.Join(out, ", ")
	}
	t := ui.Table{Caption: c.T("modules.table", "Name", c.T("modules.roles")), HideCaption: true, Columns: []ui.Column{{Label: c.T("modules.role")},
		{Label: c.T("modules.commands")}, {Label: c.T("modules.views")}, {Label: c.T("modules.effects")}}}
	l := i18n.FromContext(c.Context())
	for _, r := range list {
		name := r.Role
		if key := "access.role." + r.Role; i18n.Has(l, key) {
			name = c.T(key)
		} else if r.Role == "system" {
			name = c.T("modules.role_system")
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: name}, {Text: titled(r.Commands)}, {Text: titled(r.Views)}, {Text: effects(r.Effects)}})
	}
	return t
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

// state sums up the module for a tag: trouble on one server is trouble; a
// process that is only just starting is none.
func state(c *kit.Ctx, e *plugin.Entry) (string, ui.Tone) {
	if !e.Enabled {
		return c.T("modules.state.off"), ui.Neutral
	}
	if held(e) {
		return c.T("modules.state.quarantine"), ui.Warn
	}
	starting := false
	for _, n := range e.Nodes {
		if n.Next != nil {
			return c.T("modules.state.changing"), ui.Info
		}
		switch supervisor.State(n.State) {
		case supervisor.Ready:
		case supervisor.Starting, supervisor.Stopped: // not stopped for long: it is enabled
			starting = true
		default:
			return c.T("modules.state.trouble"), ui.Warn
		}
	}
	switch {
	case len(e.Nodes) == 0:
		return c.T("modules.state.waiting"), ui.Warn
	case starting:
		return c.T("modules.state.starting"), ui.Info
	}
	return c.T("modules.state.on"), ui.Good
}

// cause is the sentence for a kind of failure.
func cause(c *kit.Ctx, kind string) string {
	if key := "modules.cause." + kind; i18n.Has(i18n.FromContext(c.Context()), key) {
		return c.T(key)
	}
	return c.T("modules.cause.start")
}

func nodes(c *kit.Ctx, e *plugin.Entry) ui.Table {
	t := ui.Table{Caption: c.T("modules.table", "Name", c.T("modules.nodes")), HideCaption: true, Columns: []ui.Column{{Label: c.T("modules.node")}, {Label: c.T("modules.state")},
		{Label: c.T("modules.since")}, {Label: c.T("modules.starts"), Number: true},
		{Label: c.T("modules.memory"), Number: true}, {Label: c.T("modules.calls")}, {Label: c.T("modules.sandbox")}, {Label: c.T("modules.reason")}}}
	l := i18n.FromContext(c.Context())
	for _, n := range e.Nodes {
		word := n.State
		if key := "modules.process." + n.State; i18n.Has(l, key) {
			word = c.T(key)
		}
		why := ui.Cell{}
		if n.Reason != "" && (n.State == string(supervisor.Down) || n.State == string(supervisor.Degraded) || n.State == string(supervisor.Quarantined)) {
			why.Body = reason(cause(c, n.Cause), n.Reason)
		}
		t.Rows = append(t.Rows, []ui.Cell{{Text: n.Node}, {Text: word}, {Text: show.DateTime(l, n.Since)}, {Text: strconv.Itoa(n.Starts)},
			memory(l, &n), quickness(c, &n), sandboxOf(c, &n), why})
		if n.Next != nil {
			t.Rows = append(t.Rows, next(c, &n))
		}
	}
	return t
}

// next is the row of a version that is not up yet, while the one before serves.
func next(c *kit.Ctx, n *plugin.NodeStatus) []ui.Cell {
	key, why := "modules.next_starting", ui.Cell{}
	if n.Next.Reason != "" {
		key, why.Body = "modules.next_failing", reason(cause(c, n.Next.Cause), n.Next.Reason)
	}
	return []ui.Cell{{Text: n.Node}, {Text: c.T(key, "Version", n.Next.Version, "Serving", n.Version)}, {}, {}, {}, {}, {}, why}
}

func memory(l i18n.Lang, n *plugin.NodeStatus) ui.Cell {
	if n.Memory == 0 {
		return ui.Cell{}
	}
	return ui.Cell{Text: show.Bytes(l, n.Memory)}
}

// sandboxOf says how far the process is held in; empty while there is none.
func sandboxOf(c *kit.Ctx, n *plugin.NodeStatus) ui.Cell {
	if n.Tier == "" {
		return ui.Cell{}
	}
	var layers []string
	for _, l := range n.Layers {
		layers = append(layers, c.T("modules.layer."+l, "ABI", n.Landlock))
	}
	tier := c.T("modules.tier." + string(n.Tier))
	if slices.Contains(n.Layers, sandbox.Python) {
		tier = c.T("modules.tier.python3", "Tier", tier)
	}
	return ui.Cell{Body: layered(tier, layers)}
}

// failures are the last calls that failed, one a server.
func failures(c *kit.Ctx, e *plugin.Entry) []failureView {
	var out []failureView
	for _, n := range e.Nodes {
		if f := n.Failure; f != nil {
			out = append(out, failureView{
				Title:    c.T("modules.failure", "At", show.DateTime(i18n.FromContext(c.Context()), f.At), "Node", n.Node),
				Sentence: cause(c, string(f.Cause)), Detail: f.Call + "\n" + f.Text,
			})
		}
	}
	return out
}

func capabilities(c *kit.Ctx, list []bundle.Capability) ui.Table {
	t := ui.Table{Caption: c.T("modules.table", "Name", c.T("modules.capabilities")), HideCaption: true,
		Columns: []ui.Column{{Label: c.T("modules.capability")}, {Label: c.T("modules.scope")}, {Label: c.T("modules.why")}}}
	for _, a := range list {
		t.Rows = append(t.Rows, []ui.Cell{{Text: rightName(c, a)}, {Text: scopeNames(c, a.Scopes)}, {Text: text(c, a.Reason, "")}})
	}
	return t
}

func scopeNames(c *kit.Ctx, list []effect.ScopeKind) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = c.T("modules.scope." + string(s))
	}
	return strings.Join(names, ", ")
}

// rightName says in words what a capability lets a plugin do.
func rightName(c *kit.Ctx, a bundle.Capability) string {
	name := a.Name
	if key := "modules.can." + a.Name; i18n.Has(i18n.FromContext(c.Context()), key) {
		name = c.T(key)
	}
	if a.Optional {
		name = c.T("modules.optional_name", "Name", name)
	}
	return name
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
