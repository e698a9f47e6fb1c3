package tasks

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func sortBy[T any](list []T, rank func(T) int) {
	slices.SortStableFunc(list, func(a, b T) int { return cmp.Compare(rank(a), rank(b)) })
}

// endPage asks before a task is cancelled or opened again.
func (p *pages) endPage(c *kit.Ctx, d *task.Detail, key string, pr ui.Problems) templ.Component {
	f := c.Form()
	v := assignView{FormView: ui.FormView{
		Title: c.T("tasks." + key), Lead: d.Title, Submit: c.T("tasks." + key), Danger: key == "cancel", Problems: pr,
		Action: pathOf(d.ID) + map[string]string{"cancel": "/odwolaj", "reopen": "/otworz"}[key],
		Cancel: ui.Link{Text: c.T("tasks.cancel_form"), Href: pathOf(d.ID)},
		Hidden: []ui.Hidden{{Name: "zadanie", Value: strconv.FormatInt(d.Version, 10)}},
	}}
	if key == "reopen" {
		v.Inputs = append(v.Inputs, ui.Input{Kind: ui.Date, Name: "termin", Label: c.T("tasks.due_label"), Value: f.Get("termin"), Size: "short"})
	}
	v.Inputs = append(v.Inputs, ui.Input{Kind: ui.Textarea, Name: "notatka", Label: c.T("tasks.note"), Value: f.Text("notatka"), Optional: true, Rows: 3, Max: 4000})
	p.crumbs(c, &d.Task, v.Title)
	return assignPage(v)
}

func (p *pages) detail(c *kit.Ctx) (*task.Detail, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	return p.Tasks.Get(c.Context(), c.Actor(), id)
}

func (p *pages) cancelQuestion(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	if d.Off != nil {
		return d.Off
	}
	if !d.MayAssign {
		return fault.ErrNotFound
	}
	if d.State == task.Accepted || d.State == task.Cancelled {
		return c.Redirect(pathOf(d.ID), "")
	}
	return c.Render(http.StatusOK, p.endPage(c, d, "cancel", ui.Problems{}))
}

func (p *pages) cancel(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(c.Form().Get("zadanie"), 10, 64)
	if err := p.Tasks.Cancel(c.Context(), c.Actor(), d.ID, c.Form().Text("notatka"), version); err != nil {
		return c.Retry(renamed(err, judged), func(pr ui.Problems) templ.Component { return p.endPage(c, d, "cancel", pr) })
	}
	return c.Redirect(pathOf(d.ID), "tasks.flash.cancelled")
}

func (p *pages) reopenQuestion(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	if d.Off != nil {
		return d.Off
	}
	if !d.MayReopen {
		return c.Redirect(pathOf(d.ID), "")
	}
	return c.Render(http.StatusOK, p.endPage(c, d, "reopen", ui.Problems{}))
}

func (p *pages) reopen(c *kit.Ctx) error {
	d, err := p.detail(c)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(c.Form().Get("zadanie"), 10, 64)
	due, err := dayEnd(c.Form().Get("termin"))
	if err == nil {
		err = p.Tasks.Reopen(c.Context(), c.Actor(), d.ID, due, c.Form().Text("notatka"), version)
	}
	if err != nil {
		return c.Retry(renamed(err, judged), func(pr ui.Problems) templ.Component { return p.endPage(c, d, "reopen", pr) })
	}
	return c.Redirect(pathOf(d.ID), "tasks.flash.reopened")
}
