package programmes

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// resultsView is a table of what was promised and done, and forms for those who edit.
type resultsView struct {
	Title, Lead, None string
	Table             ui.Table
	Pages             ui.Pages
	Problems          ui.Problems
	Forms             []resultForm
}

type resultForm struct {
	ID, Title string
	ui.FormView
	Inputs []ui.Input
}

func resultRow(c *kit.Ctx, title, href, kind string, target, actual int64) []ui.Cell {
	percent := c.T("programme.result.no_target")
	if target > 0 {
		percent = show.Percent(c.Lang(), float64(actual)*100/float64(target), 0)
	}
	return []ui.Cell{{Text: title, Href: href}, {Text: kind}, {Text: show.Int(c.Lang(), target)}, {Text: show.Int(c.Lang(), actual)}, {Text: percent}}
}

func (p *pages) resultsPage(c *kit.Ctx, id uuid.UUID, pr ui.Problems) (templ.Component, error) {
	var x *programme.Programme
	var inds []programme.Indicator
	var list []programme.Deliverable
	err := c.Together(
		func(ctx context.Context) (err error) { x, err = p.Programmes.Get(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			inds, err = p.Programmes.Indicators(ctx, c.Actor(), id)
			return err
		},
		func(ctx context.Context) (err error) {
			list, err = p.Programmes.Deliverables(ctx, c.Actor(), id)
			return err
		})
	if err != nil {
		return nil, err
	}
	path := programmePath(id) + "/wyniki"
	v := resultsView{Title: c.T("programme.result.title"), Lead: x.Title, None: c.T("programme.result.none"), Problems: pr, Table: ui.Table{Caption: c.T("programme.result.title"), HideCaption: true,
		Columns: []ui.Column{{Label: c.T("programme.result.what")}, {Label: c.T("programme.result.kind")}, {Label: c.T("programme.result.target"), Number: true},
			{Label: c.T("programme.result.actual"), Number: true}, {Label: c.T("programme.result.percent"), Number: true}}}}
	for i := range inds {
		v.Table.Rows = append(v.Table.Rows, resultRow(c, inds[i].Title.In(string(c.Lang())), "", c.T("programme.result.indicator"), inds[i].Target, inds[i].Achieved))
	}
	for i := range list {
		d := &list[i]
		v.Table.Rows = append(v.Table.Rows, resultRow(c, d.Title, path+"/"+d.ID.String(), c.T("programme.deliverable."+d.Kind), int64(d.Target), int64(d.Actual)))
	}
	if edit, _ := p.Programmes.MayEdit(c.Actor(), x); edit {
		f := c.Form()
		kind := ui.Input{Kind: ui.Select, Name: "rodzaj", Label: c.T("programme.result.kind"), Value: f.Get("rodzaj"), Size: "medium"}
		for _, k := range programme.DeliverableKinds {
			kind.Options = append(kind.Options, ui.Option{Value: k, Text: c.T("programme.deliverable." + k)})
		}
		v.Forms = []resultForm{{ID: "nowy", Title: c.T("programme.result.add"), FormView: ui.FormView{Action: path, Submit: c.T("programme.result.add")},
			Inputs: []ui.Input{{Name: "nazwa", Label: c.T("programme.result.what"), Hint: c.T("programme.result.what_hint"), Value: f.Get("nazwa"), Max: 200}, kind,
				{Kind: ui.Number, Name: "cel", Label: c.T("programme.result.target"), Value: f.Get("cel"), Size: "short"}}}}
	}
	c.Page(v.Title).In("/programy").Crumb(c.T("programme.page.title"), "/programy").Crumb(x.Title, programmePath(id))
	return resultsPage(v), nil
}

func (p *pages) results(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	page, err := p.resultsPage(c, id, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// again shows a page of results once more with what was wrong on it.
func again(c *kit.Ctx, err error, page func(ui.Problems) (templ.Component, error)) error {
	body, e := page(ui.ProblemsOf(c.Context(), err))
	if e != nil {
		return e
	}
	return c.Retry(err, func(ui.Problems) templ.Component { return body })
}

func (p *pages) addDeliverable(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	f := c.Form()
	err = p.Programmes.AddDeliverable(c.Context(), c.Actor(), id, programme.Deliverable{Title: f.Get("nazwa"), Kind: f.Get("rodzaj"), Target: count(f.Get("cel"))})
	if err == nil {
		return c.Redirect(programmePath(id)+"/wyniki", "programme.flash.saved")
	}
	err = renamed(err, map[string]string{"title": "nazwa", "kind": "rodzaj", "target": "cel"})
	return again(c, err, func(pr ui.Problems) (templ.Component, error) { return p.resultsPage(c, id, pr) })
}

func (p *pages) deliverablePage(c *kit.Ctx, id, deliverable uuid.UUID, pr ui.Problems) (templ.Component, error) {
	var x *programme.Programme
	var list []programme.Deliverable
	var items []programme.DeliverableItem
	var next string
	err := c.Together(
		func(ctx context.Context) (err error) { x, err = p.Programmes.Get(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			list, err = p.Programmes.Deliverables(ctx, c.Actor(), id)
			return err
		},
		func(ctx context.Context) (err error) {
			items, next, err = p.Programmes.DeliverableItems(ctx, c.Actor(), id, deliverable, c.QueryUUID("po"), 0)
			return err
		})
	if err != nil {
		return nil, err
	}
	var d *programme.Deliverable
	for i := range list {
		if list[i].ID == deliverable {
			d = &list[i]
		}
	}
	if d == nil {
		return nil, fault.ErrNotFound
	}
	path := programmePath(id) + "/wyniki/" + deliverable.String()
	v := resultsView{Title: d.Title, Lead: c.T("programme.result.of", "Actual", d.Actual, "Target", d.Target), None: c.T("programme.item.none"), Problems: pr, Pages: paging(c, path, next),
		Table: ui.Table{Caption: c.T("programme.item.title"), HideCaption: true, Columns: []ui.Column{{Label: c.T("programme.item.what")}, {Label: c.T("programme.item.day")}}}}
	edit, _ := p.Programmes.MayEdit(c.Actor(), x)
	if edit {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: c.T("programme.page.act")})
	}
	for _, i := range items {
		row := []ui.Cell{{Text: i.Title, Href: i.Link}, {Text: day(c.Context(), i.Day)}}
		if edit {
			row = append(row, ui.Cell{Body: removeThing(path+"/"+i.ID.String()+"/usun", c.T("programme.item.remove"), i.Title)})
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	if edit {
		f := c.Form()
		target := f.Get("cel")
		if target == "" {
			target = strconv.Itoa(d.Target)
		}
		v.Forms = []resultForm{
			{ID: "dodaj", Title: c.T("programme.item.add"), FormView: ui.FormView{Action: path, Submit: c.T("programme.item.add")}, Inputs: []ui.Input{
				{Name: "nazwa", Label: c.T("programme.item.what"), Value: f.Get("nazwa"), Max: 200},
				{Name: "adres", Label: c.T("programme.item.link"), Hint: c.T("programme.item.link_hint"), Value: f.Get("adres"), InputMode: "url"},
				{Kind: ui.Date, Name: "dzien", Label: c.T("programme.item.day"), Value: f.Get("dzien"), Size: "short"}}},
			{ID: "cel-zmiana", Title: c.T("programme.result.change_target"), FormView: ui.FormView{Action: path + "/cel", Submit: c.T("programme.result.change_target"),
				Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(d.Version, 10)}}}, Inputs: []ui.Input{{Kind: ui.Number, Name: "cel", Label: c.T("programme.result.target"), Value: target, Size: "short"}}},
		}
	}
	c.Page(d.Title).In("/programy").Crumb(c.T("programme.page.title"), "/programy").Crumb(x.Title, programmePath(id)).Crumb(c.T("programme.result.title"), programmePath(id)+"/wyniki")
	return resultsPage(v), nil
}

func ofProgramme(c *kit.Ctx) (id, deliverable uuid.UUID, err error) {
	if id, err = c.UUID("id"); err == nil {
		deliverable, err = c.UUID("wynik")
	}
	return id, deliverable, err
}

func (p *pages) deliverable(c *kit.Ctx) error {
	id, deliverable, err := ofProgramme(c)
	if err != nil {
		return err
	}
	page, err := p.deliverablePage(c, id, deliverable, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// after leads back to a deliverable, or shows it again with what was wrong.
func (p *pages) after(c *kit.Ctx, id, deliverable uuid.UUID, err error) error {
	if err == nil {
		return c.Redirect(programmePath(id)+"/wyniki/"+deliverable.String(), "programme.flash.saved")
	}
	err = renamed(err, map[string]string{"title": "nazwa", "link": "adres", "day": "dzien", "target": "cel"})
	return again(c, err, func(pr ui.Problems) (templ.Component, error) { return p.deliverablePage(c, id, deliverable, pr) })
}

func (p *pages) addItem(c *kit.Ctx) error {
	id, deliverable, err := ofProgramme(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := programme.DeliverableItem{Title: f.Get("nazwa"), Link: f.Get("adres")}
	if in.Day, err = dateOf(c, "dzien"); err == nil {
		err = p.Programmes.AddItem(c.Context(), c.Actor(), id, deliverable, in)
	}
	return p.after(c, id, deliverable, err)
}

func (p *pages) setDeliverableTarget(c *kit.Ctx) error {
	id, deliverable, err := ofProgramme(c)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(c.Form().Get("wersja"), 10, 64)
	return p.after(c, id, deliverable, p.Programmes.SetDeliverableTarget(c.Context(), c.Actor(), id, deliverable, count(c.Form().Get("cel")), version))
}

func (p *pages) removeItem(c *kit.Ctx) error {
	id, deliverable, err := ofProgramme(c)
	if err != nil {
		return err
	}
	item, err := c.UUID("pozycja")
	if err != nil {
		return err
	}
	if err := p.Programmes.RemoveItem(c.Context(), c.Actor(), id, deliverable, item); err != nil {
		return err
	}
	return c.Redirect(programmePath(id)+"/wyniki/"+deliverable.String(), "programme.flash.saved")
}
