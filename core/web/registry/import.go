package registry

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"

	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	places "ore.edu.pl/sieci/core/registry"
	"ore.edu.pl/sieci/core/sheet"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// watch is after how many seconds the page of an import at work asks again.
const watch = 3

// oneView is the page of one import: how far it is, what it changes or changed,
// and what can be done with it.
type oneView struct {
	places.Import
	Path  string
	Facts []ui.Fact
	Tabs  []ui.Link
	Tab   string
	Kind  string
	Table ui.Table
	Pages ui.Pages
	Words string // of the progress
	Undo  string // until when it can be taken back
	CSV   string // of the rejected rows
}

// lists are what an import's page shows, with the number in its tab.
var lists = []struct {
	kind places.Change
	n    func(i *places.Import) int
}{
	{places.ChangeNew, func(i *places.Import) int { return i.New }},
	{places.ChangeChanged, func(i *places.Import) int { return i.Changed }},
	{places.ChangeClosed, func(i *places.Import) int { return i.Closed }},
	{places.NoteRejected, func(i *places.Import) int { return i.Report.Rejected }},
	{places.NoteWarning, func(i *places.Import) int { return len(i.Warnings) }},
}

func (p *pages) importPage(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	i, err := p.Registry.Import(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	i.Localize(c.Context())
	v := oneView{Import: i, Path: importPath(id), Facts: importFacts(c.Context(), &i)}
	title := "registry.report_title"
	switch i.State {
	case places.Ready:
		title = "registry.preview_title"
	case places.Reading, places.Writing, places.Undoing:
		title = "registry.progress_title"
		c.Response().Header().Set("Refresh", strconv.Itoa(watch))
		v.Words = c.T("registry.progress_words", "Done", show.Int(c.Lang(), int64(i.RowsDone)), "Total", show.Int(c.Lang(), int64(i.RowsTotal)))
	}
	if i.UndoUntil != nil {
		v.Undo = show.DateTime(c.Lang(), i.UndoUntil.In(clock.Warsaw))
	}
	if i.State != places.Reading {
		if err := p.rows(c, &v); err != nil {
			return err
		}
	}
	c.Page(c.T(title)).In("/zarzadzanie").AsWide().
		Crumb(c.T("web.nav.manage"), "/zarzadzanie").Crumb(c.T("registry.imports_title"), ImportsPath)
	return c.Render(http.StatusOK, importPageView(v, c.T(title)))
}

// rows fills the list that the address asks for, or the first that has any.
func (p *pages) rows(c *kit.Ctx, v *oneView) error {
	asked := places.Change(c.Query("rodzaj"))
	for _, l := range lists {
		n := l.n(&v.Import)
		if n == 0 {
			continue
		}
		href := v.Path + "?rodzaj=" + string(l.kind)
		v.Tabs = append(v.Tabs, ui.Link{Text: c.T("registry.tab_"+string(l.kind), "N", show.Int(c.Lang(), int64(n))), Href: href})
		if v.Tab == "" || asked == l.kind {
			v.Tab, v.Kind = href, string(l.kind)
		}
	}
	if v.Tab == "" {
		return nil
	}
	var next string
	var err error
	switch kind := places.Change(v.Kind); kind {
	case places.NoteRejected, places.NoteWarning:
		var notes []places.RowNote
		if notes, next, err = p.Registry.ImportNotes(c.Context(), c.Actor(), &v.Import, kind, c.Query("po"), false); err == nil {
			v.Table = noteTable(c, notes)
		}
		if kind == places.NoteRejected {
			v.CSV = v.Path + "/odrzucone.csv"
		}
	default:
		var rows []places.Row
		if rows, next, err = p.Registry.ImportRows(c.Context(), c.Actor(), &v.Import, kind, c.Query("po")); err == nil {
			v.Table = rowTable(c, v.Register, kind, rows)
		}
	}
	if next != "" {
		v.Pages.Next = v.Tab + "&po=" + url.QueryEscape(next)
	}
	if c.Query("po") != "" {
		v.Pages.First = v.Tab
	}
	return err
}

func noteTable(c *kit.Ctx, notes []places.RowNote) ui.Table {
	t := ui.Table{
		Caption: c.T("registry.rejected_caption"), HideCaption: true, RowHeader: 0,
		Columns: []ui.Column{{Label: c.T("registry.line"), Number: true}, {Label: c.T("registry.column")}, {Label: c.T("registry.what")}},
	}
	for i := range notes {
		n := &notes[i]
		t.Rows = append(t.Rows, []ui.Cell{{Text: strconv.Itoa(n.Line)}, {Text: n.Column}, {Text: n.Text}})
	}
	return t
}

func rowTable(c *kit.Ctx, register string, kind places.Change, rows []places.Row) ui.Table {
	code := "registry.rspo"
	if register == places.TERC {
		code = "registry.terc"
	}
	t := ui.Table{
		Caption: c.T("registry.rows_caption"), HideCaption: true, RowHeader: 1,
		Columns: []ui.Column{{Label: c.T(code)}, {Label: c.T("registry.name")}},
	}
	if kind != places.ChangeNew {
		t.Columns = append(t.Columns, ui.Column{Label: c.T("registry.changes")})
	}
	t.Columns = append(t.Columns, ui.Column{Label: c.T("registry.line"), Number: true})
	for i := range rows {
		r := &rows[i]
		line := c.T("registry.line_none")
		if r.Line > 0 {
			line = strconv.Itoa(r.Line)
		}
		cells := []ui.Cell{{Text: r.Code}, {Text: r.Label}}
		if kind != places.ChangeNew {
			cells = append(cells, ui.Cell{Body: changes(fieldsOf(c.Lang(), r.Fields))})
		}
		t.Rows = append(t.Rows, append(cells, ui.Cell{Text: line}))
	}
	return t
}

// fieldsOf are the changed fields that people see, in words: "Nazwa: a → b".
func fieldsOf(l i18n.Lang, fields []places.Field) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		key := "registry.field_" + f.Name
		if !i18n.Has(l, key) {
			continue
		}
		switch f.Name {
		case "kind":
			f.Was, f.Now = kindName(l, f.Was), kindName(l, f.Now)
		case "parent_id": // a number of ours, which tells nobody anything
			f.Was, f.Now = "", ""
		}
		text := i18n.Text(l, key)
		switch {
		case f.Was != "" && f.Now != "":
			text += ": " + i18n.Text(l, "registry.was_now", "Was", f.Was, "Now", f.Now)
		case f.Was != "":
			text += ": " + i18n.Text(l, "registry.was_gone", "Was", f.Was)
		case f.Now != "":
			text += ": " + f.Now
		}
		out = append(out, text)
	}
	return out
}

func kindName(l i18n.Lang, kind string) string {
	for _, prefix := range []string{"registry.kind_", "registry.units_"} {
		if i18n.Has(l, prefix+kind) {
			return i18n.Text(l, prefix+kind)
		}
	}
	return kind
}

// act runs one step of an import and shows its page again; what was refused is
// said on it.
func (p *pages) act(f func(c *kit.Ctx) error, flash string) func(c *kit.Ctx) error {
	return func(c *kit.Ctx) error {
		id, err := c.UUID("id")
		if err != nil {
			return err
		}
		if err := f(c); err != nil {
			return err
		}
		return c.Redirect(importPath(id), flash)
	}
}

func (p *pages) confirm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	return p.Registry.Confirm(c.Context(), c.Actor(), id)
}

func (p *pages) cancel(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	return p.Registry.Cancel(c.Context(), c.Actor(), id)
}

func (p *pages) askUndo(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	i, err := p.Registry.Import(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	if i.UndoUntil == nil {
		return fault.New(fault.Conflict, "registry.undo_not_done")
	}
	undoHead(c, &i)
	return c.Render(http.StatusOK, ui.ConfirmPage(undoView(c, &i)))
}

func undoHead(c *kit.Ctx, i *places.Import) {
	c.Page(c.T("registry.undo_title")).In("/zarzadzanie").Crumb(c.T("web.nav.manage"), "/zarzadzanie").
		Crumb(c.T("registry.imports_title"), ImportsPath).Crumb(c.T("registry.report_title"), importPath(i.ID))
}

func undoView(c *kit.Ctx, i *places.Import) ui.ConfirmView {
	return ui.ConfirmView{
		Title: c.T("registry.undo_title"), Text: c.T("registry.undo_text"), Facts: importFacts(c.Context(), i),
		Action: importPath(i.ID) + "/cofnij", Submit: c.T("registry.undo"), Danger: true,
		Cancel: ui.Link{Text: c.T("registry.undo_back"), Href: importPath(i.ID)},
	}
}

func (p *pages) undo(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err = p.Registry.Undo(c.Context(), c.Actor(), id); err == nil {
		return c.Redirect(importPath(id), "registry.flash.undoing")
	}
	if !fault.Is(err, fault.Conflict) {
		return err
	}
	i, e := p.Registry.Import(c.Context(), c.Actor(), id)
	if e != nil {
		return e
	}
	undoHead(c, &i)
	v := undoView(c, &i)
	v.Problems = ui.ProblemsOf(c.Context(), err)
	c.Page(c.T("registry.undo_title")).Wrong = true
	return c.Render(http.StatusConflict, ui.ConfirmPage(v))
}

// rejected is the file of rejected rows, to be mended.
func (p *pages) rejected(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	one, err := p.Registry.Import(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets in Poland take a file without it for CP1250
	w := csv.NewWriter(&b)
	w.Comma = ';'
	if err := w.Write([]string{c.T("registry.line"), c.T("registry.column"), c.T("registry.what")}); err != nil {
		return err
	}
	for after := ""; ; {
		notes, next, err := p.Registry.ImportNotes(c.Context(), c.Actor(), &one, places.NoteRejected, after, true)
		if err != nil {
			return err
		}
		for i := range notes {
			n := &notes[i]
			if err := w.Write([]string{strconv.Itoa(n.Line), sheet.Plain(n.Column), sheet.Plain(n.Text)}); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			break
		}
	}
	w.Flush()
	return c.Download("odrzucone-wiersze.csv", "text/csv; charset=utf-8", int64(b.Len()), &b)
}
