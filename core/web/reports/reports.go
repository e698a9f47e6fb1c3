// Package reports shows the documents of a network (core/report) as pages and
// gives them as ODT and tagged PDF.
package reports

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"ore.edu.pl/sieci/core/access"
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

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	note := func(c *kit.Ctx) (*report.Paper, error) {
		id, err := c.UUID("id")
		if err != nil {
			return nil, err
		}
		person := c.Actor().Person
		if c.Query("osoba") != "" {
			person = c.QueryUUID("osoba")
		}
		return p.Reports.Attendance(c.Context(), c.Actor(), id, person)
	}
	annual := func(c *kit.Ctx) (*report.Paper, error) {
		id, err := c.UUID("id")
		if err != nil {
			return nil, err
		}
		return p.Reports.Annual(c.Context(), c.Actor(), id)
	}
	var rows []kit.Route
	for _, x := range []struct {
		tab, title, lead, name string
		perm                   access.Permission
		read                   func(*kit.Ctx) (*report.Paper, error)
	}{
		{Tab, "report.page", "report.page_lead", "sprawozdanie", report.Perm, annual},
		{NoteTab, "report.note.page", "report.note.lead", "potwierdzenie", schedule.PermView, note},
	} {
		rows = append(rows,
			kit.Get("/sieci/:id"+x.tab, x.perm, func(c *kit.Ctx) error {
				doc, err := x.read(c)
				if err != nil {
					return err
				}
				n := doc.Network
				c.InNetwork(n.ID, n.Title, c.T(x.title), n.Place(), x.tab).AsWide()
				own, query := "/sieci/"+n.ID.String()+x.tab, ""
				if q := c.Request().URL.RawQuery; q != "" {
					query = "?" + q
				}
				return c.Render(http.StatusOK, page(view{Document: doc.Document, Lead: c.T(x.lead), PDF: own + "/pdf" + query, ODT: own + "/odt" + query}))
			}),
			kit.Get("/sieci/:id"+x.tab+"/:format", x.perm, func(c *kit.Ctx) error {
				doc, err := x.read(c)
				if err != nil {
					return err
				}
				return p.send(c, doc, x.name)
			}))
	}
	return rows
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
