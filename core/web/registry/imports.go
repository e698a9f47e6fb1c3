package registry

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"

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

// importView is the page with the form, and with the report of a refused file.
type importView struct {
	Kind     string
	Skip     bool
	Problems ui.Problems
	Refused  *places.Report
	Earlier  []places.Report
}

func (p *pages) imports(c *kit.Ctx) error {
	earlier, _, err := p.Registry.Imports(c.Context(), c.Actor(), uuid.Nil)
	if err != nil {
		return err
	}
	importsHead(c)
	return c.Render(http.StatusOK, importsPage(importView{Kind: "rspo", Earlier: earlier}))
}

func importsHead(c *kit.Ctx) {
	c.Page(c.T("registry.imports_title")).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie")
}

func (p *pages) importFile(c *kit.Ctx) error {
	f := c.Form()
	v := importView{Kind: f.Get("rejestr"), Skip: f.Has("pomin")}
	rep, err := p.runImport(c, &v)
	if err == nil {
		return c.Redirect(ImportsPath+"/"+rep.ID.String(), "registry.flash.imported")
	}
	importsHead(c)
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems = pr
		if rep.Rejected > 0 {
			// The rows are in the report below; as fields they would lead nowhere.
			v.Problems.Fields = nil
			v.Refused = &rep
		} else {
			for i := range v.Problems.Fields {
				if v.Problems.Fields[i].Path == "file" {
					v.Problems.Fields[i].Path = "plik"
				}
			}
		}
		return importsPage(v)
	})
}

func (p *pages) runImport(c *kit.Ctx, v *importView) (places.Report, error) {
	var wrong fault.Fields
	h := c.Form().File("plik")
	if h == nil {
		wrong.Add("plik", "registry.file_missing")
	}
	if v.Kind != "terc" && v.Kind != "rspo" {
		wrong.Add("rejestr", "registry.register_unknown")
	}
	if err := wrong.Err(); err != nil {
		return places.Report{}, err
	}
	file, err := h.Open()
	if err != nil {
		return places.Report{}, fmt.Errorf("open upload: %w", err)
	}
	defer file.Close()
	var opts []places.ImportOption
	if v.Skip {
		opts = append(opts, places.SkipRejected())
	}
	if v.Kind == "terc" {
		return p.Registry.ImportTERC(c.Context(), c.Actor(), file, opts...)
	}
	return p.Registry.ImportRSPO(c.Context(), c.Actor(), file, opts...)
}

func (p *pages) importReport(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	rep, err := p.Registry.Import(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	c.Page(c.T("registry.report_title")).In("/zarzadzanie").
		Crumb(c.T("web.nav.manage"), "/zarzadzanie").Crumb(c.T("registry.imports_title"), ImportsPath)
	return c.Render(http.StatusOK, reportPage(rep))
}

func reportFacts(ctx context.Context, r *places.Report) []ui.Fact {
	l := i18n.FromContext(ctx)
	n := func(v int) string { return show.Int(l, int64(v)) }
	out := []ui.Fact{}
	if r.Register != "" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "registry.register"), Value: i18n.T(ctx, "registry.register_"+r.Register)},
			ui.Fact{Label: i18n.T(ctx, "registry.when"), Value: show.DateTime(l, r.At.In(clock.Warsaw))})
	}
	out = append(out, ui.Fact{Label: i18n.T(ctx, "registry.rows_read"), Value: n(r.Read)})
	if r.Register != "" {
		out = append(out,
			ui.Fact{Label: i18n.T(ctx, "registry.rows_new"), Value: n(r.New)},
			ui.Fact{Label: i18n.T(ctx, "registry.rows_changed"), Value: n(r.Changed)},
			ui.Fact{Label: i18n.T(ctx, "registry.rows_same"), Value: n(r.Same)})
	}
	out = append(out, ui.Fact{Label: i18n.T(ctx, "registry.rows_rejected"), Value: n(r.Rejected)})
	if r.Register == "rspo" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "registry.rows_closed"), Value: n(r.Closed)})
	}
	if r.Register != "" {
		out = append(out, ui.Fact{Label: i18n.T(ctx, "registry.rows_missing"), Value: n(r.Missing)})
	}
	return out
}

func kindTable(ctx context.Context, r *places.Report) ui.Table {
	t := ui.Table{
		Caption: i18n.T(ctx, "registry.by_kind"),
		Columns: []ui.Column{{Label: i18n.T(ctx, "registry.kind")}, {Label: i18n.T(ctx, "registry.rows"), Number: true}},
	}
	prefix := "registry.kind_"
	if r.Register == "terc" {
		prefix = "registry.units_"
	}
	for _, k := range sortedKeys(r.Kinds) {
		t.Rows = append(t.Rows, []ui.Cell{{Text: i18n.T(ctx, prefix+k)}, {Text: show.Int(i18n.FromContext(ctx), int64(r.Kinds[k]))}})
	}
	return t
}

func noteTable(ctx context.Context, caption string, notes []places.RowNote) ui.Table {
	t := ui.Table{
		Caption: caption, HideCaption: true, RowHeader: 0,
		Columns: []ui.Column{{Label: i18n.T(ctx, "registry.line"), Number: true}, {Label: i18n.T(ctx, "registry.column")}, {Label: i18n.T(ctx, "registry.what")}},
	}
	for i := range notes {
		n := &notes[i]
		t.Rows = append(t.Rows, []ui.Cell{{Text: strconv.Itoa(n.Line)}, {Text: n.Column}, {Text: n.Message(ctx)}})
	}
	return t
}

func earlierTable(ctx context.Context, list []places.Report) ui.Table {
	l := i18n.FromContext(ctx)
	t := ui.Table{
		Caption: i18n.T(ctx, "registry.earlier_caption"), HideCaption: true,
		Columns: []ui.Column{
			{Label: i18n.T(ctx, "registry.when")},
			{Label: i18n.T(ctx, "registry.register")},
			{Label: i18n.T(ctx, "registry.rows_new"), Number: true},
			{Label: i18n.T(ctx, "registry.rows_changed"), Number: true},
			{Label: i18n.T(ctx, "registry.rows_rejected"), Number: true},
		},
	}
	for i := range list {
		r := &list[i]
		t.Rows = append(t.Rows, []ui.Cell{
			{Text: show.DateTime(l, r.At.In(clock.Warsaw)), Href: ImportsPath + "/" + r.ID.String()},
			{Text: i18n.T(ctx, "registry.register_"+r.Register)},
			{Text: show.Int(l, int64(r.New))},
			{Text: show.Int(l, int64(r.Changed))},
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
