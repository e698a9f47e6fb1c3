package programmes

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type recordsView struct {
	Title string
	Kinds []ui.Link
	Here  string
	Table *ui.Table
	Pages ui.Pages
}

// records is the core's own list of a scope's records, a kind at a time.
func (p *pages) records(c *kit.Ctx) error {
	scope, err := scopeOf(c)
	if err != nil {
		return err
	}
	kinds, err := p.Records.Kinds(c.Context(), c.Actor(), scope)
	if err != nil {
		return err
	}
	path := scopePath(scope) + "/zapisy"
	v := recordsView{Title: c.T("programme.page.records")}
	want := c.Query("rodzaj")
	for _, k := range kinds {
		name := k.Module + ":" + k.Kind
		if want == "" {
			want = name
		}
		v.Kinds = append(v.Kinds, ui.Link{Text: k.Title, Href: withQuery(path, "rodzaj", name)})
	}
	v.Here = withQuery(path, "rodzaj", want)
	if len(kinds) > 0 {
		module, kind, _ := strings.Cut(want, ":")
		list, err := p.Records.List(c.Context(), c.Actor(), scope, module, kind, c.Query("po"), 0)
		if err != nil {
			return err
		}
		v.Table = p.recordTable(c, list)
		v.Pages = paging(c, path, list.Next, "rodzaj", want)
	}
	c.Page(v.Title).Crumb(c.T("programme.page.back"), scopePath(scope))
	return c.Render(http.StatusOK, recordsPage(v))
}

func (p *pages) recordTable(c *kit.Ctx, l *record.List) *ui.Table {
	t := &ui.Table{Caption: l.Title, HideCaption: true, Columns: []ui.Column{{Label: c.T("programme.page.made")}}}
	for _, h := range l.Columns {
		t.Columns = append(t.Columns, ui.Column{Label: h})
	}
	for _, it := range l.Items {
		row := []ui.Cell{{Text: at(c.Context(), it.CreatedAt), Href: "/zapisy/" + it.ID.String()}}
		for _, v := range it.Columns {
			text := ""
			if v != nil {
				text = fmt.Sprint(v)
			}
			row = append(row, ui.Cell{Text: text})
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

type recordView struct {
	Title   string
	Facts   []ui.Fact
	Answers templ.Component
}

// record is one record, whole.
func (p *pages) record(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	r, err := p.Records.Show(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	v := recordView{Title: r.Title, Facts: []ui.Fact{{Label: c.T("programme.page.made"), Value: at(c.Context(), r.CreatedAt)}, {Label: c.T("programme.page.changed"), Value: at(c.Context(), r.ChangedAt)}}}
	if r.ClosedAt != nil {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("programme.page.closed"), Value: strings.TrimSpace(at(c.Context(), *r.ClosedAt) + " " + r.Note)})
	}
	if v.Answers, err = formrender.Answers(c.Context(), formrender.AnswerList{Form: r.Form, Answers: r.Answers}); err != nil {
		return err
	}
	path := scopePath(r.Scope)
	c.Page(r.Title).Crumb(c.T("programme.page.back"), path).Crumb(c.T("programme.page.records"), path+"/zapisy")
	return c.Render(http.StatusOK, recordPage(v))
}
