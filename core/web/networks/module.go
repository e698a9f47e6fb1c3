package networks

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/view"
	viewrender "ore.edu.pl/sieci/core/view/render"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

func lines(text string) []string {
	var out []string
	for _, s := range strings.Split(text, "\n") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// moduleView is a view of the network's module ready to print: its body, or the
// sentence for people while there is none.
type moduleView struct {
	Title string
	Body  templ.Component
	Down  string
	// Asked are what the view can be asked for, with what was; Action is where
	// they go, Clear is set when something was asked.
	Asked  []ui.Input
	Action string
	Clear  bool
}

// moduleView asks the module for a view. Whatever goes wrong in the module
// becomes a sentence: the page around it goes on. beside is what the page reads
// together with the view; it may not have been called when there is no view.
func (p *pages) moduleView(c *kit.Ctx, n *network.Network, name string, beside ...func(context.Context, db.Q) error) moduleView {
	ctx := c.Context()
	q := p.asked(c, n, name)
	resolved, err := p.resolved(c, n, name, q.params, beside...)
	if err != nil {
		return p.viewFailed(c, n, name, err)
	}
	opts := viewrender.Options{Heading: 3, Action: func(id string) (viewrender.Target, bool) { return p.target(c, n, id) }}
	if q.files && n.May.View {
		opts.CSV = func(table string) string { return q.file(pathOf(n.ID)+"/plan/"+name, table) }
	}
	body, err := viewrender.HTML(ctx, resolved, opts)
	if err != nil {
		return p.viewFailed(c, n, name, err)
	}
	out := moduleView{Title: resolved.View.Title.In(c.Lang()), Body: body, Asked: q.inputs, Action: c.Request().URL.Path}
	for _, in := range q.inputs {
		out.Clear = out.Clear || in.Value != ""
	}
	return out
}

// resolved asks the module for a view, with the names that the reader may see.
func (p *pages) resolved(c *kit.Ctx, n *network.Network, name string, params map[string]string, beside ...func(context.Context, db.Q) error) (*view.Resolved, error) {
	var known map[uuid.UUID]string
	raw, err := p.Networks.Render(c.Context(), c.Actor(), n, name, params, append(beside, func(ctx context.Context, q db.Q) (err error) {
		known, err = p.Networks.NamesAtHand(ctx, q, n.Brief())
		return err
	})...)
	if err != nil {
		return nil, err
	}
	doc, found := view.Load(raw)
	if doc == nil {
		return nil, fmt.Errorf("view refused: %d findings", len(found))
	}
	return view.Resolve(c.Context(), doc, &names{p: p, n: n, known: known}, &links{p: p, n: n})
}

// viewTable is a table of a view as a file, where the module says that it tells
// nothing about people; NotFound for others.
func (p *pages) viewTable(c *kit.Ctx, n *network.Network, name, table string) error {
	q := p.asked(c, n, name)
	if !q.files {
		return fault.ErrNotFound
	}
	resolved, err := p.resolved(c, n, name, q.params)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := view.WriteCSV(&b, resolved, table); err != nil {
		return err
	}
	return c.Download(table+".csv", "text/csv; charset=utf-8", int64(b.Len()), &b)
}

// tableParam names a table of the view that is wanted as a file.
const tableParam = "tabela"

// query is what the address asks of a view.
type query struct {
	inputs []ui.Input
	params map[string]string
	// files: tables of the view may be taken away.
	files bool
}

// file is the address of a table as a file, asked the same.
func (q *query) file(path, table string) string {
	v := url.Values{tableParam: {table}}
	for k, x := range q.params {
		v.Set(k, x)
	}
	return path + "?" + v.Encode()
}

// asked are the fields of what a view can be asked for, and the parameters that
// the address gives. Of a view that names none every part of the address counts.
func (p *pages) asked(c *kit.Ctx, n *network.Network, name string) query {
	const most, longest = 10, 200
	params := map[string]string{}
	f, files := p.Networks.Asked(n, name)
	if f == nil {
		for k, v := range c.Queries() {
			if len(v) > 0 && len(params) < most && k != tableParam {
				params[k] = v[0]
			}
		}
		return query{params: params, files: files}
	}
	lang := c.Lang()
	out := make([]ui.Input, 0, len(f.Items))
	for _, i := range f.Items {
		in := ui.Input{Name: i.ID, Label: i.Label.In(lang), Hint: i.Hint.In(lang), Size: "medium", Value: short(c.Query(i.ID), longest)}
		switch i.Type {
		case form.TypeDate:
			in.Kind, in.Size = ui.Date, "short"
		case form.TypeInteger:
			in.InputMode, in.Size = "numeric", "short"
		case form.TypeChoice:
			in.Kind, in.Empty = ui.Select, c.T("networks.any")
			for _, o := range f.OptionsOf(i) {
				in.Options = append(in.Options, ui.Option{Value: o.Code, Text: o.Label.In(lang)})
			}
		}
		if in.Value != "" {
			params[i.ID] = in.Value
		}
		out = append(out, in)
	}
	return query{out, params, files}
}

// short cuts what is longer than anything asked for.
func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

func (p *pages) viewFailed(c *kit.Ctx, n *network.Network, name string, err error) moduleView {
	switch f := fault.As(err); f.Kind {
	case fault.NotFound: // not for this reader
		return moduleView{}
	case fault.Unavailable, fault.Invalid, fault.Conflict, fault.TooLarge:
		return moduleView{Down: ui.Message(c.Context(), f)}
	default:
		slog.ErrorContext(c.Context(), "view of a module failed", "type", n.QualifiedType(), "view", name, "err", err)
		return moduleView{Down: c.T("networks.view_bad")}
	}
}

// target is where the button of an action in a view leads.
func (p *pages) target(c *kit.Ctx, n *network.Network, command string) (viewrender.Target, bool) {
	for _, k := range p.Networks.Commands(c.Actor(), n) {
		if k.Name == command {
			return viewrender.Target{URL: pathOf(n.ID) + "/czynnosc/" + command, Hidden: []formrender.Hidden{{Name: "idem", Value: idem.NewKey()}}}, true
		}
	}
	return viewrender.Target{}, false
}

// names shows people of the network to those who may list its members; schools
// and local governments are the caller's.
type names struct {
	p *pages
	n *network.Network
	// known are names read beforehand.
	known map[uuid.UUID]string
}

// Names implements [view.Names].
func (x *names) Names(ctx context.Context, kind string, ids []string) (map[string]view.Name, error) {
	if kind != view.TPerson {
		if x.p.Deps.Names == nil {
			return nil, nil
		}
		return x.p.Deps.Names.Names(ctx, kind, ids)
	}
	out := make(map[string]view.Name, len(ids))
	var people []uuid.UUID
	for _, id := range ids {
		u := uuidOf(id)
		if name, ok := x.known[u]; ok {
			out[id] = view.Name{Label: name}
		} else if u != uuid.Nil {
			people = append(people, u)
		}
	}
	if len(people) == 0 {
		return out, nil
	}
	found, err := x.p.Networks.Names(ctx, access.From(ctx), x.n.Brief(), people)
	for id, name := range found {
		out[id.String()] = view.Name{Label: name}
	}
	return out, err
}

// links knows the pages of this network; others are the caller's.
type links struct {
	p *pages
	n *network.Network
}

// Route implements [view.Links].
func (l *links) Route(to, id string) (string, bool) {
	own := pathOf(l.n.ID)
	switch to {
	case "network", "siec":
		if id == "" {
			return own, true
		}
		return listPath + "/" + id, uuidOf(id) != uuid.Nil
	case "plan":
		return own + "/plan", true
	case "members", "uczestnicy":
		return own + "/uczestnicy", true
	case "proposals", "propozycje":
		return own + "/propozycje", true
	case "meetings", "spotkania":
		return own + "/spotkania", true
	case "tasks", "zadania":
		return own + "/zadania", true
	case "evaluation", "ewaluacja":
		return own + "/ewaluacja", true
	case "dissemination", "upowszechnianie":
		return own + "/upowszechnianie", true
	case "view":
		return own + "/plan/" + id, effect.ValidName(id)
	case "command":
		return own + "/czynnosc/" + id, effect.ValidName(id)
	}
	if l.p.Deps.Links == nil {
		return "", false
	}
	return l.p.Deps.Links.Route(to, id)
}

type planView struct {
	frame
	Title    string
	Module   moduleView
	Views    []ui.Link
	Here     string
	Commands []ui.Link
	Flags    []effect.Flag
	Nothing  bool
}

// plan shows the module's views of a network, one a page, and its acts.
func (p *pages) plan(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	n, err := p.Networks.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	if !n.May.View {
		return fault.ErrNotFound
	}
	name, base := c.Param("widok"), pathOf(id)+"/plan"
	v := planView{Title: c.T("networks.plan")}
	for _, k := range p.Networks.Views(c.Actor(), n) {
		if name == "" {
			name = k.Name
		}
		v.Views = append(v.Views, ui.Link{Text: k.Title.In(string(c.Lang())), Href: base + "/" + k.Name})
	}
	v.Here = base + "/" + name
	if table := c.Query(tableParam); table != "" && name != "" && !n.Off {
		return p.viewTable(c, n, name, table)
	}
	for _, k := range p.Networks.Commands(c.Actor(), n) {
		v.Commands = append(v.Commands, ui.Link{Text: k.Title.In(string(c.Lang())), Href: pathOf(id) + "/czynnosc/" + k.Name})
	}
	read := false
	flags := func(ctx context.Context, q db.Q) (err error) {
		v.Flags, err = p.Networks.Flags(ctx, q, n.Brief())
		read = true
		return err
	}
	if name == "" {
		v.Nothing = true
	} else if n.Off {
		v.Views = nil // the sentence above says why there are none
	} else if v.Module = p.moduleView(c, n, name, flags); v.Module.Body == nil && v.Module.Down == "" {
		return fault.ErrNotFound
	}
	if !read {
		if err := flags(c.Context(), p.DB); err != nil {
			return err
		}
	}
	v.frame = p.inside(c, n.Brief(), v.Title, "/plan")
	return c.Render(http.StatusOK, planPage(v))
}
