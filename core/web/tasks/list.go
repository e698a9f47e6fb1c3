package tasks

import (
	"net/http"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type listView struct {
	Title, Lead string
	Tabs        []ui.Link
	Here        string
	Rows        []ui.TaskRow
	None        string
	New         string // address of assigning, "" for those who may not
	Pages       ui.Pages
}

func (p *pages) mine(c *kit.Ctx) error {
	w, param := which(c)
	list, err := p.Tasks.Mine(c.Context(), c.Actor(), w, c.Query("po"), 0)
	if err != nil {
		return err
	}
	c.Page(c.T("tasks.mine")).In("/moje").Crumb(c.T("web.nav.mine"), "/moje")
	v := listView{Title: c.T("tasks.mine"), Rows: p.rows(c.Context(), list.Items, false), None: c.T("tasks.none." + string(w)), Pages: paging(c, listPath, list.Next, "ktore", param)}
	v.Here, v.Tabs = tabs(c, listPath)
	return c.Render(http.StatusOK, listPage(v))
}

// parts lists who has begun a task of everybody.
func (p *pages) parts(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	d, err := p.Tasks.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	w, param := which(c)
	switch {
	case c.Query("ktore") == "poprawiane":
		w, param = task.Turn, "poprawiane"
	case w == task.Turn:
		w = task.Waiting
	}
	list, err := p.Tasks.Parts(c.Context(), c.Actor(), id, w, c.Query("po"), 0)
	if err != nil {
		return err
	}
	path := pathOf(id) + "/czesci"
	p.crumbs(c, &d.Task, c.T("tasks.parts"))
	v := listView{Title: c.T("tasks.parts"), Lead: d.Title, Rows: p.rows(c.Context(), list.Items, true), None: c.T("tasks.parts_none"), Pages: paging(c, path, list.Next, "ktore", param)}
	v.Here = withQuery(path, "ktore", param)
	v.Tabs = []ui.Link{{Text: c.T("tasks.tab.waiting"), Href: path}, {Text: c.T("tasks.tab.again"), Href: withQuery(path, "ktore", "poprawiane")},
		{Text: c.T("tasks.tab.ended"), Href: withQuery(path, "ktore", "zakonczone")}}
	return c.Render(http.StatusOK, listPage(v))
}

// crumbs names a page of a task.
func (p *pages) crumbs(c *kit.Ctx, t *task.Task, title string) {
	page := c.Page(title).In("/moje")
	if at := scopePath(t.Scope); at != "" {
		if t.Scope.Kind == effect.Network {
			page.In("/sieci")
		}
		if t.ScopeTitle != "" {
			page.Crumb(t.ScopeTitle, at)
		}
		page.Crumb(c.T("tasks.of"), at+"/zadania")
	} else {
		page.Crumb(c.T("web.nav.mine"), "/moje").Crumb(c.T("tasks.mine"), listPath)
	}
	if title != t.Title {
		page.Crumb(t.Title, pathOf(t.ID))
	}
}

// scoped are the pages of the tasks of one scope.
type scoped struct {
	*pages
	kind effect.ScopeKind
	base string
}

func (p scoped) scope(c *kit.Ctx) (effect.Scope, string, error) {
	id, err := c.UUID("id")
	return effect.Scope{Kind: p.kind, ID: id}, p.base + "/" + id.String(), err
}

// around names a page about the tasks of a scope.
func (p scoped) around(c *kit.Ctx, at *task.Where, title string) {
	if p.kind == effect.Network {
		c.InNetwork(at.Scope.ID, at.Title, title, at.Place, "/zadania")
		return
	}
	name := at.Title
	if name == "" {
		name = c.T("tasks.scope." + string(p.kind))
	}
	c.Page(title).In(p.base).Crumb(name, p.base+"/"+at.Scope.ID.String())
}

func (p scoped) list(c *kit.Ctx) error {
	scope, at, err := p.scope(c)
	if err != nil {
		return err
	}
	w, param := which(c)
	list, err := p.Tasks.InScope(c.Context(), c.Actor(), scope, w, c.Query("po"), 0)
	if err != nil {
		return err
	}
	path := at + "/zadania"
	v := listView{Title: c.T("tasks.of"), Rows: p.rows(c.Context(), list.Items, true), None: c.T("tasks.none." + string(w)), Pages: paging(c, path, list.Next, "ktore", param)}
	v.Here, v.Tabs = tabs(c, path)
	p.around(c, &list.Where, v.Title)
	if len(list.Kinds) > 0 {
		v.New = path + "/nowe"
	}
	return c.Render(http.StatusOK, listPage(v))
}
