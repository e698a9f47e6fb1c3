package export

import (
	"context"
	"strings"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/network"
)

// Library is the part with the resources on a network's shelf, their files of
// the latest version, and the dissemination plan.
type Library struct{ Library *library.Service }

var _ Source = Library{}

// Part implements [Source].
func (Library) Part() string { return "library" }

// Write implements [Source].
func (l Library) Write(ctx context.Context, a *access.Actor, n *network.Network, out *Sink) error {
	var links Links
	next := ""
	for {
		shelf, err := l.Library.Shelf(ctx, a, n.ID, library.Filter{Cursor: next, Limit: 100})
		if err != nil {
			return err
		}
		for i := range shelf.Items {
			link, err := l.resource(ctx, a, out, &shelf.Items[i])
			if err != nil {
				return err
			}
			links = append(links, link)
		}
		if next = shelf.Next; next == "" {
			break
		}
	}
	page := Page{Title: out.T("export.part.library")}
	if len(links) == 0 {
		page.Body = append(page.Body, document.Paragraph{Text: out.T("export.none")})
	} else {
		page.Body = append(page.Body, links)
	}
	plan, err := l.Library.Dissemination(ctx, a, n.ID)
	switch {
	case fault.Is(err, fault.NotFound): // the person does not see the plan
	case err != nil:
		return err
	default:
		if err := out.Data(plan); err != nil {
			return err
		}
		page.Body = append(page.Body, document.Heading{Level: 2, Text: out.T("export.dissemination")}, dissemination(out, plan))
	}
	return out.Page(page)
}

// resource writes a resource's page and returns the link to it.
func (l Library) resource(ctx context.Context, a *access.Actor, out *Sink, c *library.Card) (Link, error) {
	r, err := l.Library.Get(ctx, a, c.ID)
	if err != nil {
		return Link{}, err
	}
	if err := out.Data(r); err != nil {
		return Link{}, err
	}
	terms := l.Library.Terms()
	tags := make([]string, 0, len(r.Tags))
	for _, t := range r.Tags {
		if term, ok := terms.Tag(t); ok {
			tags = append(tags, term.Name(out.Lang()))
		}
	}
	licence := terms.Name(library.Licences, r.Licence, out.Lang())
	if r.LicenceText != "" {
		licence += ": " + r.LicenceText
	}
	p := Page{Name: r.ID.String(), Title: r.Title, Body: []any{document.Facts{Rows: []document.Fact{
		{Label: out.T("library.kind"), Value: terms.Name(library.Kinds, r.Kind, out.Lang())},
		{Label: out.T("library.licence"), Value: licence},
		{Label: out.T("export.col.authors"), Value: strings.Join(r.Authors, ", ")},
		{Label: out.T("export.col.accessibility"), Value: r.Accessibility},
		{Label: out.T("export.col.tags"), Value: strings.Join(tags, ", ")},
		{Label: out.T("export.col.changed"), Value: show.Date(out.Lang(), r.ChangedAt.In(clock.Warsaw))},
	}}, markdown.Render(r.Description)}}
	if v := r.Latest(); v != nil {
		var files Links
		for _, f := range v.Files {
			at, err := out.File(f.ID)
			if err != nil {
				return Link{}, err
			}
			if at != "" {
				files = append(files, Link{Text: f.Name, Href: at, Note: f.Alt})
			}
		}
		if v.Link != "" {
			files = append(files, Link{Text: v.Link, Href: v.Link})
		}
		if len(files) > 0 {
			p.Body = append(p.Body, files)
		}
	}
	return Link{Text: r.Title, Href: Address(l.Part(), p.Name), Note: licence}, out.Page(p)
}

func dissemination(out *Sink, plan *library.Plan) document.Table {
	t := document.Table{Caption: out.T("export.dissemination"), Empty: out.T("export.none"), Columns: []document.Column{
		{Title: out.T("export.col.what")}, {Title: out.T("export.col.audience")}, {Title: out.T("export.col.way")},
		{Title: out.T("export.col.due")}, {Title: out.T("export.col.who")}, {Title: out.T("export.col.outcome")}}}
	for i := range plan.Steps {
		s := &plan.Steps[i]
		t.Rows = append(t.Rows, []string{s.What, s.Audience, s.Way, show.Date(out.Lang(), s.Due), s.Who, s.Outcome})
	}
	return t
}
