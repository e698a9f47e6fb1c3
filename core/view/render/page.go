package render

import (
	"context"

	"github.com/a-h/templ"

	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/view"
)

// Options are what a page supplies to a view on it. Every member may be nil:
// its part is then left out.
type Options struct {
	// Action says where the button of an action is sent; ok is false for an
	// action that the reader may not ask for, which is then not shown.
	Action func(id string) (t Target, ok bool)
	// Form puts a form of the module on the page.
	Form func(ctx context.Context, ref string) (templ.Component, error)
	// Page is the URL of another page of a table.
	Page func(node string, page int) string
	// CSV is the URL of a table's or chart's export.
	CSV func(node string) string
	// Heading is the level of the first headings, 2 to 5; 0 means 2. The
	// view's title is the page's h1 and not printed here.
	Heading int
}

// Target is where an action's POST goes.
type Target struct {
	URL string
	// Hidden are the page's own fields: idempotency key, version.
	Hidden []formrender.Hidden
}

// HTML is the view's nodes. Errors of Options.Form are returned.
func HTML(ctx context.Context, r *view.Resolved, o Options) (templ.Component, error) {
	if o.Heading < 2 || o.Heading > 5 {
		o.Heading = 2
	}
	p := &printer{Resolved: r, opts: o, forms: map[string]templ.Component{}}
	if err := p.prepareForms(ctx, r.View.Nodes); err != nil {
		return nil, err
	}
	return viewElement(p, p.elements(r.View.Nodes, new(int))), nil
}

type printer struct {
	*view.Resolved
	opts  Options
	forms map[string]templ.Component
}

// Text is a declared text for the reader, with one-letter words tied to the
// next; it stands before Resolved's own, which exports use.
func (p *printer) Text(t view.Text) string { return show.Nbsp(p.Lang, p.Resolved.Text(t)) }

func (p *printer) prepareForms(ctx context.Context, list view.Nodes) error {
	var failed error
	list.Each(func(n view.Node) {
		switch x := n.(type) {
		case view.Section:
			if err := p.prepareForms(ctx, x.Nodes); failed == nil {
				failed = err
			}
		case view.FormNode:
			if p.opts.Form == nil || failed != nil {
				return
			}
			p.forms[x.Form], failed = p.opts.Form(ctx, x.Form)
		}
	})
	return failed
}

// element is a node with the name by which its data is exported.
type element struct {
	node  view.Node
	key   string
	inner []element
}

// elements numbers nodes in the order in which exports do: a section before
// what is in it.
func (p *printer) elements(list view.Nodes, place *int) []element {
	var out []element
	list.Each(func(n view.Node) {
		*place++
		e := element{node: n, key: p.KeyOf(n, *place)}
		if s, ok := n.(view.Section); ok {
			e.inner = p.elements(s.Nodes, place)
		}
		out = append(out, e)
	})
	return out
}
