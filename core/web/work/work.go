// Package work is the administration of system jobs: those that modules declare
// with their progress, and those of the core.
package work

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
	"ore.edu.pl/sieci/core/work"
)

// Path is where the list lies.
const Path = "/zarzadzanie/zadania-systemu"

// Deps are what the pages need.
type Deps struct {
	Work *work.Service
	Jobs *job.Client
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get(Path, work.List, p.list),
		kit.Get(Path+"/rdzen", work.List, p.core),
		kit.Get(Path+"/:id", work.List, p.one),
		kit.Post(Path+"/:id/anuluj", work.Manage, "cancelModuleJob", p.cancel),
		kit.Post(Path+"/:id/ponow", work.Manage, "retryModuleJob", p.retry),
	}
}

type listView struct {
	Here  string
	Tabs  []ui.Link
	Table ui.Table
	Pages ui.Pages
}

func tabs(c *kit.Ctx) []ui.Link {
	out := []ui.Link{{Text: c.T("work.page.all"), Href: Path}}
	for _, s := range work.States {
		out = append(out, ui.Link{Text: c.T("work.page.state." + string(s)), Href: Path + "?stan=" + string(s)})
	}
	return append(out, ui.Link{Text: c.T("work.page.core"), Href: Path + "/rdzen"})
}

func below(c *kit.Ctx, title string) {
	c.Page(title).In("/zarzadzanie").Crumb(c.T("work.page.manage"), "/zarzadzanie")
	if title != c.T("work.page.title") {
		c.Page(title).Crumb(c.T("work.page.title"), Path)
	}
}

func at(c *kit.Ctx, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return show.DateTime(c.Lang(), t)
}

func title(l i18n.Lang, j *work.Job) string {
	if s := j.Title.In(string(l)); s != "" {
		return s
	}
	return j.Kind
}

func (p *pages) list(c *kit.Ctx) error {
	state := work.State(c.Query("stan"))
	list, err := p.Work.List(c.Context(), c.Actor(), state, c.Query("po"), 0)
	if err != nil {
		return err
	}
	v := listView{Here: Path, Tabs: tabs(c)}
	if state != "" {
		v.Here = Path + "?stan=" + string(state)
	}
	v.Table = ui.Table{Caption: c.T("work.page.title"), HideCaption: true, Columns: []ui.Column{
		{Label: c.T("work.page.job")}, {Label: c.T("work.page.where")}, {Label: c.T("work.page.module")}, {Label: c.T("work.page.state")}, {Label: c.T("work.page.progress"), Number: true}, {Label: c.T("work.page.run_at")},
	}}
	for i := range list.Items {
		j := &list.Items[i]
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{
			{Text: title(c.Lang(), j), Href: Path + "/" + j.ID.String()}, {Text: j.ScopeTitle}, {Text: j.Module}, {Text: c.T("work.page.state." + string(j.State))}, {Text: progress(c, j)}, {Text: at(c, j.RunAt)},
		})
	}
	if list.Next != "" {
		v.Pages.Next = Path + "?po=" + list.Next
		if state != "" {
			v.Pages.Next += "&stan=" + string(state)
		}
	}
	if c.Query("po") != "" {
		v.Pages.First = v.Here
	}
	below(c, c.T("work.page.title"))
	c.Page(c.T("work.page.title")).AsWide()
	return c.Render(http.StatusOK, listPage(v))
}

// progress is "12 z 40", or the pages done while the module tells no total.
func progress(c *kit.Ctx, j *work.Job) string {
	if j.Total == 0 {
		return i18n.N(c.Context(), "work.page.pages", j.Page)
	}
	return c.T("work.page.of", "Done", strconv.FormatUint(j.Completed, 10), "Total", strconv.FormatUint(j.Total, 10))
}

// core lists the jobs of the core itself.
func (p *pages) core(c *kit.Ctx) error {
	list, err := p.Jobs.List(c.Context(), c.Actor(), job.Query{Before: c.Query("po")})
	if err != nil {
		return err
	}
	titles := map[string]string{}
	for _, k := range p.Jobs.Kinds() {
		titles[k.Name] = c.T(k.Title)
	}
	v := listView{Here: Path + "/rdzen", Tabs: tabs(c)}
	v.Table = ui.Table{Caption: c.T("work.page.core"), HideCaption: true, Columns: []ui.Column{
		{Label: c.T("work.page.job")}, {Label: c.T("work.page.state")}, {Label: c.T("work.page.attempt"), Number: true}, {Label: c.T("work.page.run_at")},
	}}
	for i := range list.Rows {
		r := &list.Rows[i]
		name := titles[r.Kind]
		if name == "" {
			name = r.Kind
		}
		v.Table.Rows = append(v.Table.Rows, []ui.Cell{{Text: name}, {Text: c.T("work.page.river." + string(r.State))}, {Text: strconv.Itoa(r.Attempt)}, {Text: at(c, r.ScheduledAt)}})
	}
	if list.Next != "" {
		v.Pages.Next = v.Here + "?po=" + list.Next
	}
	if c.Query("po") != "" {
		v.Pages.First = v.Here
	}
	below(c, c.T("work.page.core"))
	return c.Render(http.StatusOK, listPage(v))
}

type oneView struct {
	Title         string
	Facts         []ui.Fact
	Bar           bool
	Done, Total   int
	Words         string
	Cancel, Retry string
	Problems      ui.Problems
}

func (p *pages) one(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	j, err := p.Work.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.onePage(c, j, ui.Problems{}))
}

func (p *pages) onePage(c *kit.Ctx, j *work.Job, pr ui.Problems) templ.Component {
	path := Path + "/" + j.ID.String()
	v := oneView{Title: title(c.Lang(), j), Words: progress(c, j), Problems: pr, Bar: j.Total > 0, Done: int(min(j.Completed, j.Total)), Total: int(j.Total)}
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Label: c.T(key), Value: value})
		}
	}
	add("work.page.module", j.Module)
	add("work.page.state", c.T("work.page.state."+string(j.State)))
	add("work.page.run_at", at(c, j.RunAt))
	add("work.page.changed", at(c, j.ChangedAt))
	add("work.page.finished", at(c, j.FinishedAt))
	if j.Failure != "" {
		add("work.page.failure", c.T("work.page.failure."+j.Failure))
		add("work.page.attempt", strconv.Itoa(j.Attempt))
	}
	if c.May(work.Manage) {
		switch j.State {
		case work.Waiting, work.Running:
			v.Cancel = path + "/anuluj"
		case work.Failed:
			v.Retry = path + "/ponow"
		}
	}
	below(c, v.Title)
	return onePage(v)
}

func (p *pages) act(c *kit.Ctx, flash string, do func(c *kit.Ctx, j *work.Job) error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	j, err := p.Work.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	if err := do(c, j); err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component { return p.onePage(c, j, pr) })
	}
	return c.Redirect(Path+"/"+id.String(), flash)
}

func (p *pages) cancel(c *kit.Ctx) error {
	return p.act(c, "work.flash.cancelled", func(c *kit.Ctx, j *work.Job) error { return p.Work.Cancel(c.Context(), c.Actor(), j.ID) })
}

func (p *pages) retry(c *kit.Ctx) error {
	return p.act(c, "work.flash.retried", func(c *kit.Ctx, j *work.Job) error { return p.Work.Retry(c.Context(), c.Actor(), j.ID) })
}
