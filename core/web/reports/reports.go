// Package reports shows the documents of a network (core/report) as pages and
// gives them as ODT and tagged PDF.
package reports

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/report"
	"ore.edu.pl/sieci/core/schedule"
	"ore.edu.pl/sieci/core/web/kit"
)

// Tab is the page below a network's address; NoteTab is the attendance note.
const (
	Tab     = "/sprawozdanie"
	NoteTab = "/potwierdzenie"
)

// Deps are what the pages need.
type Deps struct {
	Reports *report.Service
	Clock   clock.Clock
}

type pages struct{ Deps }

// Routes are the rows of this room. A file with other people's hours in it is
// taken away after confirming who asks; one's own note is not.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	own := func(c *kit.Ctx) (uuid.UUID, error) { return c.Actor().Person, nil }
	asked := func(c *kit.Ctx) (uuid.UUID, error) {
		if c.Query("osoba") == "" {
			return own(c)
		}
		return c.QueryUUID("osoba"), nil
	}
	named := func(c *kit.Ctx) (uuid.UUID, error) { return c.UUID("osoba") }
	return []kit.Route{
		kit.Get("/sieci/:id"+Tab, report.Perm, p.show(Tab, "report.page", "report.page_lead", p.annual)),
		kit.Get("/sieci/:id"+Tab+"/:format", report.Perm, p.file("sprawozdanie", p.annual)).WithReauth(),
		kit.Get("/sieci/:id"+NoteTab, schedule.PermView, p.show(NoteTab, "report.note.page", "report.note.lead", p.note(asked))),
		kit.Get("/sieci/:id"+NoteTab+"/:format", schedule.PermView, p.file("potwierdzenie", p.note(own))),
		kit.Get("/sieci/:id"+NoteTab+"/osoby/:osoba/:format", schedule.PermHours, p.file("potwierdzenie", p.note(named))).WithReauth(),
	}
}

// reading is how a document comes about.
type reading func(*kit.Ctx) (*report.Paper, error)

func (p *pages) annual(c *kit.Ctx) (*report.Paper, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	return p.Reports.Annual(c.Context(), c.Actor(), id)
}

func (p *pages) note(whose func(*kit.Ctx) (uuid.UUID, error)) reading {
	return func(c *kit.Ctx) (*report.Paper, error) {
		id, err := c.UUID("id")
		if err != nil {
			return nil, err
		}
		person, err := whose(c)
		if err != nil {
			return nil, err
		}
		return p.Reports.Attendance(c.Context(), c.Actor(), id, person)
	}
}

// show is the page of a document, with where its files are.
func (p *pages) show(tab, title, lead string, read reading) func(*kit.Ctx) error {
	return func(c *kit.Ctx) error {
		doc, err := read(c)
		if err != nil {
			return err
		}
		n := doc.Network
		c.InNetwork(n.ID, n.Title, c.T(title), n.Place(), tab).AsWide()
		files := kit.NetworkPath + n.ID.String() + tab
		if who := c.QueryUUID("osoba"); tab == NoteTab && who != uuid.Nil && who != c.Actor().Person {
			files += "/osoby/" + who.String()
		}
		return c.Render(http.StatusOK, page(view{Document: doc.Document, Lead: c.T(lead), PDF: files + "/pdf", ODT: files + "/odt"}))
	}
}

// file gives a document to take away.
func (p *pages) file(name string, read reading) func(*kit.Ctx) error {
	return func(c *kit.Ctx) error {
		doc, err := read(c)
		if err != nil {
			return err
		}
		return p.send(c, doc, name)
	}
}

// send gives the document as a file; the format is pdf or odt.
func (p *pages) send(c *kit.Ctx, doc *report.Paper, name string) error {
	format := c.Param("format")
	write, typ, err := formatOf(format)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := write(&b, doc.Document, p.Clock.Now()); err != nil {
		return err
	}
	return c.Download(doc.FileName(name)+"."+format, typ, int64(b.Len()), &b)
}

func formatOf(s string) (func(io.Writer, *document.Document, time.Time) error, string, error) {
	switch s {
	case "pdf":
		return document.WritePDF, document.PDFType, nil
	case "odt":
		return document.WriteODT, document.ODTType, nil
	}
	return nil, "", fault.ErrNotFound
}

type view struct {
	*document.Document
	Lead, PDF, ODT string
}
