package registry

import (
	"context"
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// importView is the page with the form and the imports so far.
type importView struct {
	Kind     string
	Whole    bool
	Problems ui.Problems
	Earlier  []places.Import
	Pages    ui.Pages
}

func (p *pages) imports(c *kit.Ctx) error {
	v := importView{Kind: places.RSPO}
	if err := p.earlier(c, &v); err != nil {
		return err
	}
	importsHead(c)
	return c.Render(http.StatusOK, importsPage(v))
}

func (p *pages) earlier(c *kit.Ctx, v *importView) error {
	before := c.QueryUUID("po")
	list, more, err := p.Registry.Imports(c.Context(), c.Actor(), before)
	if err != nil {
		return err
	}
	v.Earlier = list
	if more {
		v.Pages.Next = ImportsPath + "?po=" + list[len(list)-1].ID.String()
	}
	if before != uuid.Nil {
		v.Pages.First = ImportsPath
	}
	return nil
}

func importsHead(c *kit.Ctx) {
	c.Page(c.T("registry.imports_title")).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie")
}

func (p *pages) importFile(c *kit.Ctx) error {
	f := c.Form()
	v := importView{Kind: f.Get("rejestr"), Whole: f.Has("calosc")}
	id, err := p.begin(c, &v)
	if err == nil {
		return c.Redirect(importPath(id), "registry.flash.taken")
	}
	importsHead(c)
	if e := p.earlier(c, &v); e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems = pr
		for i := range v.Problems.Fields {
			if v.Problems.Fields[i].Path == "file" {
				v.Problems.Fields[i].Path = "plik"
			}
		}
		return importsPage(v)
	})
}

func (p *pages) begin(c *kit.Ctx, v *importView) (uuid.UUID, error) {
	var wrong fault.Fields
	h := c.Form().File("plik")
	if h == nil {
		wrong.Add("plik", "registry.file_missing")
	}
	if v.Kind != places.TERC && v.Kind != places.RSPO {
		wrong.Add("rejestr", "registry.register_unknown")
	}
	if err := wrong.Err(); err != nil {
		return uuid.Nil, err
	}
	file, err := h.Open()
	if err != nil {
		return uuid.Nil, err
	}
	defer file.Close()
	return p.Registry.Begin(c.Context(), c.Actor(), places.Source{Register: v.Kind, File: h.Filename, Whole: v.Whole && v.Kind == places.RSPO}, file)
}

func importPath(id uuid.UUID) string { return ImportsPath + "/" + id.String() }

func importFacts(ctx context.Context, i *places.Import) []ui.Fact {
	l := i18n.FromContext(ctx)
	n := func(v int) string { return show.Int(l, int64(v)) }
	out := []ui.Fact{
		{Label: i18n.T(ctx, "registry.register"), Value: i18n.T(ctx, "registry.register_"+i.Register)},
		{Label: i18n.T(ctx, "registry.state"), Body: ui.Tagged(i18n.T(ctx, "registry.state_"+string(i.State)), tone(i.State))},
	}
	add := func(key, value string) {
		if value != "" {
			out = append(out, ui.Fact{Label: i18n.T(ctx, key), Value: value})
		}
	}
	add("registry.file_name", i.File)
	add("registry.when", show.DateTime(l, i.At.In(clock.Warsaw)))
	if i.AsOf != nil {
		add("registry.file_as_of", show.Date(l, *i.AsOf))
	}
	if i.ConfirmedAt != nil {
		add("registry.confirmed_at", show.DateTime(l, i.ConfirmedAt.In(clock.Warsaw)))
	}
	if i.Read == 0 {
		return out
	}
	add("registry.rows_read", n(i.Read))
	add("registry.rows_new", n(i.New))
	add("registry.rows_changed", n(i.Changed))
	add("registry.rows_closed", n(i.Closed))
	add("registry.rows_same", n(i.Same))
	add("registry.rows_rejected", n(i.Rejected))
	add("registry.rows_missing", n(i.Missing))
	return out
}

func tone(s places.State) ui.Tone {
	switch s {
	case places.Done:
		return ui.Good
	case places.Failed:
		return ui.Bad
	case places.Ready:
		return ui.Warn
	case places.Reading, places.Writing, places.Undoing:
		return ui.Info
	}
	return ui.Neutral
}

func kindTable(ctx context.Context, r *places.Report) ui.Table {
	t := ui.Table{
		Caption: i18n.T(ctx, "registry.by_kind"),
		Columns: []ui.Column{{Label: i18n.T(ctx, "registry.kind")}, {Label: i18n.T(ctx, "registry.rows"), Number: true}},
	}
	prefix := "registry.kind_"
	if r.Register == places.TERC {
		prefix = "registry.units_"
	}
	for _, k := range sortedKeys(r.Kinds) {
		t.Rows = append(t.Rows, []ui.Cell{{Text: i18n.T(ctx, prefix+k)}, {Text: show.Int(i18n.FromContext(ctx), int64(r.Kinds[k]))}})
	}
	return t
}

func earlierTable(ctx context.Context, list []places.Import) ui.Table {
	l := i18n.FromContext(ctx)
	t := ui.Table{
		Caption: i18n.T(ctx, "registry.earlier_caption"), HideCaption: true,
		Columns: []ui.Column{
			{Label: i18n.T(ctx, "registry.when")},
			{Label: i18n.T(ctx, "registry.register")},
			{Label: i18n.T(ctx, "registry.state")},
			{Label: i18n.T(ctx, "registry.rows_new"), Number: true},
			{Label: i18n.T(ctx, "registry.rows_changed"), Number: true},
			{Label: i18n.T(ctx, "registry.rows_closed"), Number: true},
			{Label: i18n.T(ctx, "registry.rows_rejected"), Number: true},
		},
	}
	for i := range list {
		r := &list[i]
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: show.DateShort(l, r.At) + ", " + show.Time(l, r.At), Href: importPath(r.ID)},
			{Text: i18n.T(ctx, "registry.short_"+r.Register)},
			{Body: ui.Tagged(i18n.T(ctx, "registry.state_"+string(r.State)), tone(r.State))},
			{Text: show.Int(l, int64(r.New))},
			{Text: show.Int(l, int64(r.Changed))},
			{Text: show.Int(l, int64(r.Closed))},
			{Text: show.Int(l, int64(r.Rejected))},
		})
	}
	return t
}

func sortedKeys(m map[string]int) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func atLevel3(cards []ui.Card) []ui.Card {
	for i := range cards {
		cards[i].Level = 3
	}
	return cards
}
