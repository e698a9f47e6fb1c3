package people

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/sheet"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// ImportPath takes lists of people; below it is a page for each list.
const ImportPath = PeoplePath + "/import"

// watch is after how many seconds the page of a list at work asks again.
const watch = 3

// importRoutes ask who acts before a file is taken: files are not kept, so the
// form asks, too.
func (p *pages) importRoutes() []kit.Route {
	one := ImportPath + "/:id"
	return []kit.Route{
		kit.Get(ImportPath, identity.PermImport, p.importForm).WithReauth(),
		kit.Post(ImportPath, identity.PermImport, "importPeople", p.importFile).WithUpload().WithReauth(),
		kit.Get(one, identity.PermImport, p.importOne),
		kit.Get(one+"/odrzucone.csv", identity.PermImport, p.importRejected).WithReauth(),
		kit.Post(one+"/zatwierdz", identity.PermImport, "confirmPeopleImport", p.importConfirm).WithReauth(),
		kit.Post(one+"/anuluj", identity.PermImport, "cancelPeopleImport", p.importCancel),
		kit.Post(one+"/wyslij", identity.PermImport, "mailPeopleImport", p.importMail).WithReauth(),
		kit.Get(one+"/cofnij", identity.PermImport, p.importAskUndo),
		kit.Post(one+"/cofnij", identity.PermImport, "undoPeopleImport", p.importUndo).WithReauth(),
	}
}

type importView struct {
	Earlier  ui.Table
	Pages    ui.Pages
	Problems ui.Problems
}

func importPath(id uuid.UUID) string { return ImportPath + "/" + id.String() }

func (p *pages) importView(c *kit.Ctx) (importView, error) {
	var v importView
	before := c.QueryUUID("po")
	list, more, err := p.Identity.PeopleImports(c.Context(), c.Actor(), before)
	if err != nil {
		return v, err
	}
	v.Earlier = ui.Table{Caption: c.T("people.import.earlier_caption"), HideCaption: true, Columns: []ui.Column{
		{Label: c.T("people.import.when")}, {Label: c.T("people.import.file_name")}, {Label: c.T("people.import.state")},
		{Label: c.T("people.import.n_new"), Number: true}, {Label: c.T("people.import.n_changed"), Number: true}, {Label: c.T("people.import.n_rejected"), Number: true},
	}}
	for n := range list {
		i := &list[n]
		v.Earlier.Rows = append(v.Earlier.Rows, []ui.Cell{
			{Text: show.DateTime(c.Lang(), i.At.In(clock.Warsaw)), Href: importPath(i.ID)}, {Text: i.File},
			{Body: ui.Tagged(c.T("people.import.state_"+string(i.State)), importTone(i.State))},
			{Text: show.Int(c.Lang(), int64(i.New))}, {Text: show.Int(c.Lang(), int64(i.Changed))}, {Text: show.Int(c.Lang(), int64(i.Rejected))},
		})
	}
	if more {
		v.Pages.Next = ImportPath + "?po=" + list[len(list)-1].ID.String()
	}
	if before != uuid.Nil {
		v.Pages.First = ImportPath
	}
	return v, nil
}

func importTone(s identity.ImportState) ui.Tone {
	switch s {
	case identity.ImportDone:
		return ui.Good
	case identity.ImportFailed:
		return ui.Bad
	case identity.ImportReady:
		return ui.Warn
	case identity.ImportReading, identity.ImportWriting, identity.ImportMailing, identity.ImportUndoing:
		return ui.Info
	}
	return ui.Neutral
}

func (p *pages) importForm(c *kit.Ctx) error {
	v, err := p.importView(c)
	if err != nil {
		return err
	}
	inviteHead(c, "people.import.title")
	return c.Render(http.StatusOK, importPage(v))
}

func (p *pages) importFile(c *kit.Ctx) error {
	id, err := p.importBegin(c)
	if err == nil {
		return c.Redirect(importPath(id), "people.flash.import_taken")
	}
	v, e := p.importView(c)
	if e != nil {
		return e
	}
	inviteHead(c, "people.import.title")
	return c.Retry(err, func(pr ui.Problems) templ.Component { v.Problems = pr; return importPage(v) })
}

func (p *pages) importBegin(c *kit.Ctx) (uuid.UUID, error) {
	h := c.Form().File("file")
	if h == nil {
		return uuid.Nil, fault.InvalidFields(fault.Field{Path: "file", Key: "people.import.missing"})
	}
	file, err := h.Open()
	if err != nil {
		return uuid.Nil, err
	}
	defer file.Close()
	return p.Identity.BeginPeople(c.Context(), c.Actor(), h.Filename, file)
}

// importOneView is the page of one list: how far it is, what it makes or made,
// and what can be done with it.
type importOneView struct {
	identity.PeopleImport
	Path, Title string
	Facts       []ui.Fact
	Tabs        []ui.Link
	Tab         string
	Table       ui.Table
	Pages       ui.Pages
	Words       string // of the progress
	Undo        string // until when it can be taken back
	CSV         string // of the rejected rows
}

func (p *pages) importRead(c *kit.Ctx) (identity.PeopleImport, error) {
	id, err := c.UUID("id")
	if err != nil {
		return identity.PeopleImport{}, err
	}
	i, err := p.Identity.PeopleImport(c.Context(), c.Actor(), id)
	i.Localize(c.Context())
	return i, err
}

func importHead(c *kit.Ctx, title string) {
	inviteHead(c, "people.import.title")
	c.Page(title).Crumb(c.T("people.import.title"), ImportPath)
}

func (p *pages) importOne(c *kit.Ctx) error {
	i, err := p.importRead(c)
	if err != nil {
		return err
	}
	v := importOneView{PeopleImport: i, Path: importPath(i.ID), Facts: importFacts(c, &i), Title: c.T("people.import.report")}
	switch {
	case i.Busy():
		v.Title = c.T("people.import.progress")
		c.Response().Header().Set("Refresh", strconv.Itoa(watch))
		v.Words = c.T("people.import.progress_words", "Done", show.Int(c.Lang(), int64(i.RowsDone)), "Total", show.Int(c.Lang(), int64(i.RowsTotal)))
	case i.State == identity.ImportReady:
		v.Title = c.T("people.import.preview")
	}
	if i.UndoUntil != nil {
		v.Undo = show.DateTime(c.Lang(), i.UndoUntil.In(clock.Warsaw))
	}
	if i.State != identity.ImportReading {
		if err := p.importTable(c, &v); err != nil {
			return err
		}
	}
	importHead(c, v.Title)
	c.Page(v.Title).AsWide()
	return c.Render(http.StatusOK, importOnePage(v))
}

func importFacts(c *kit.Ctx, i *identity.PeopleImport) []ui.Fact {
	n := func(v int) string { return show.Int(c.Lang(), int64(v)) }
	out := []ui.Fact{
		{Label: c.T("people.import.state"), Body: ui.Tagged(c.T("people.import.state_"+string(i.State)), importTone(i.State))},
		{Label: c.T("people.import.file_name"), Value: i.File},
		{Label: c.T("people.import.when"), Value: show.DateTime(c.Lang(), i.At.In(clock.Warsaw))},
	}
	if i.ConfirmedAt != nil {
		out = append(out, ui.Fact{Label: c.T("people.import.written"), Value: show.DateTime(c.Lang(), i.ConfirmedAt.In(clock.Warsaw))})
	}
	if i.Read == 0 {
		return out
	}
	out = append(out,
		ui.Fact{Label: c.T("people.import.n_read"), Value: n(i.Read)}, ui.Fact{Label: c.T("people.import.n_new"), Value: n(i.New)},
		ui.Fact{Label: c.T("people.import.n_changed"), Value: n(i.Changed)}, ui.Fact{Label: c.T("people.import.n_known"), Value: n(i.Known)},
		ui.Fact{Label: c.T("people.import.n_rejected"), Value: n(i.Rejected)})
	if i.ConfirmedAt != nil && i.State != identity.ImportUndone {
		mailed := "people.import.mailed_not"
		if i.Mail {
			mailed = "people.import.mailed"
		}
		out = append(out, ui.Fact{Label: c.T("people.import.letters"), Value: c.T(mailed)})
	}
	if i.State == identity.ImportUndone {
		out = append(out, ui.Fact{Label: c.T("people.import.n_kept"), Value: n(i.Kept)})
	}
	return out
}

// importLists are what a list's page shows, with the number in its tab.
func importLists(i *identity.PeopleImport) []struct {
	outcome identity.Outcome
	n       int
} {
	type list = struct {
		outcome identity.Outcome
		n       int
	}
	if i.State == identity.ImportUndone {
		return []list{{identity.RowKept, i.Kept}, {identity.RowRemoved, i.New + i.Changed - i.Kept}}
	}
	return []list{{identity.RowRejected, i.Rejected}, {identity.RowNew, i.New}, {identity.RowChanged, i.Changed}, {identity.RowKnown, i.Known}}
}

// importTable fills the list that the address asks for, or the first that has any.
func (p *pages) importTable(c *kit.Ctx, v *importOneView) error {
	asked := identity.Outcome(c.Query("wynik"))
	var outcome identity.Outcome
	for _, l := range importLists(&v.PeopleImport) {
		if l.n <= 0 {
			continue
		}
		href := v.Path + "?wynik=" + string(l.outcome)
		v.Tabs = append(v.Tabs, ui.Link{Text: c.T("people.import.tab_"+string(l.outcome), "N", show.Int(c.Lang(), int64(l.n))), Href: href})
		if v.Tab == "" || asked == l.outcome {
			v.Tab, outcome = href, l.outcome
		}
	}
	if v.Tab == "" {
		return nil
	}
	rows, next, err := p.Identity.PeopleImportRows(c.Context(), c.Actor(), &v.PeopleImport, outcome, c.Query("po"), false)
	if err != nil {
		return err
	}
	v.Table = importRowTable(c, outcome, rows)
	if outcome == identity.RowRejected {
		v.CSV = v.Path + "/odrzucone.csv"
	}
	if next != "" {
		v.Pages.Next = v.Tab + "&po=" + url.QueryEscape(next)
	}
	if c.Query("po") != "" {
		v.Pages.First = v.Tab
	}
	return nil
}

func importRowTable(c *kit.Ctx, outcome identity.Outcome, rows []identity.ImportRow) ui.Table {
	reasons := outcome == identity.RowRejected || outcome == identity.RowKept || outcome == identity.RowChanged
	t := ui.Table{Caption: c.T("people.import.rows_caption"), HideCaption: true, RowHeader: 1}
	column := func(key string) ui.Column { return ui.Column{Label: c.T(key)} }
	line, name, email := ui.Column{Label: c.T("people.import.row"), Number: true}, column("people.name"), column("people.email")
	if reasons {
		label := "people.import.why"
		if outcome == identity.RowChanged {
			label = "people.import.what"
		}
		// What the list is about stands where a phone shows it without scrolling.
		t.RowHeader, t.Columns = 2, []ui.Column{line, column(label), name, email}
	} else {
		t.Columns = []ui.Column{line, name, email, column("people.institution"), column("people.function")}
	}
	for n := range rows {
		r := &rows[n]
		number, who, address := ui.Cell{Text: strconv.Itoa(r.Line)}, ui.Cell{Text: r.Name}, ui.Cell{Text: r.Email}
		if reasons {
			t.Rows = append(t.Rows, []ui.Cell{number, {Body: importReasons(importWords(c, r))}, who, address})
		} else {
			t.Rows = append(t.Rows, []ui.Cell{number, who, address, {Text: r.School}, {Text: r.Function}})
		}
	}
	return t
}

// importWords are a row's reasons and changes as sentences.
func importWords(c *kit.Ctx, r *identity.ImportRow) []string {
	var out []string
	for _, n := range r.Notes {
		text := n.Text
		if n.Column != "" {
			text = c.T("people.import.column_"+n.Column) + ": " + text
		}
		out = append(out, text)
	}
	for _, f := range r.Changes {
		was, now := f.Was, f.Now
		if was == "" {
			was = c.T("people.import.nothing_was")
		}
		if now == "" {
			now = c.T("people.import.nothing_was")
		}
		out = append(out, c.T("people.import.column_"+f.Field)+": "+c.T("people.import.was_now", "Was", was, "Now", now))
	}
	return out
}

// importAct runs one step of a list and shows its page again.
func (p *pages) importAct(c *kit.Ctx, flash string, do func(id uuid.UUID) error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		return err
	}
	return c.Redirect(importPath(id), flash)
}

func (p *pages) importConfirm(c *kit.Ctx) error {
	mail := c.Form().Has("listy")
	return p.importAct(c, "people.flash.import_confirmed", func(id uuid.UUID) error { return p.Identity.ConfirmPeople(c.Context(), c.Actor(), id, mail) })
}

func (p *pages) importCancel(c *kit.Ctx) error {
	return p.importAct(c, "people.flash.import_cancelled", func(id uuid.UUID) error { return p.Identity.CancelPeople(c.Context(), c.Actor(), id) })
}

func (p *pages) importMail(c *kit.Ctx) error {
	return p.importAct(c, "people.flash.import_mailing", func(id uuid.UUID) error { return p.Identity.MailPeople(c.Context(), c.Actor(), id) })
}

func (p *pages) importAskUndo(c *kit.Ctx) error {
	i, err := p.importRead(c)
	if err != nil {
		return err
	}
	if i.UndoUntil == nil {
		return fault.New(fault.Conflict, "identity.import.undo_not_done")
	}
	importHead(c, c.T("people.import.undo_title"))
	c.Page(c.T("people.import.undo_title")).Crumb(c.T("people.import.report"), importPath(i.ID))
	return c.Render(http.StatusOK, ui.ConfirmPage(ui.ConfirmView{Title: c.T("people.import.undo_title"), Text: c.T("people.import.undo_text"),
		Facts: importFacts(c, &i), Action: importPath(i.ID) + "/cofnij", Submit: c.T("people.import.undo"), Danger: true,
		Cancel: ui.Link{Text: c.T("people.import.undo_back"), Href: importPath(i.ID)}}))
}

func (p *pages) importUndo(c *kit.Ctx) error {
	return p.importAct(c, "people.flash.import_undoing", func(id uuid.UUID) error { return p.Identity.UndoPeople(c.Context(), c.Actor(), id) })
}

// importRejected is the file of rejected rows, to be mended.
func (p *pages) importRejected(c *kit.Ctx) error {
	i, err := p.importRead(c)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets in Poland take a file without it for CP1250
	w := csv.NewWriter(&b)
	w.Comma = ';'
	head := []string{c.T("people.import.row"), c.T("people.name"), c.T("people.email"), c.T("people.function"), c.T("people.import.why")}
	if err := w.Write(head); err != nil {
		return err
	}
	for after := ""; ; {
		rows, next, err := p.Identity.PeopleImportRows(c.Context(), c.Actor(), &i, identity.RowRejected, after, true)
		if err != nil {
			return err
		}
		for n := range rows {
			r := &rows[n]
			for _, why := range importWords(c, r) {
				if err := w.Write([]string{strconv.Itoa(r.Line), sheet.Plain(r.Name), sheet.Plain(r.Email), sheet.Plain(r.Function), sheet.Plain(why)}); err != nil {
					return err
				}
			}
		}
		if after = next; after == "" {
			break
		}
	}
	w.Flush()
	return c.Download("odrzucone-osoby.csv", "text/csv; charset=utf-8", int64(b.Len()), &b)
}
