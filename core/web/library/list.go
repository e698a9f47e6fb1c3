package library

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/markdown"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type listView struct {
	Title, Lead, Action string
	Here                string
	Tabs                []ui.Link
	Filters, More       []ui.Input
	MoreOpen, Asked     bool
	Keep                []ui.Hidden
	Clear               string
	Cards               []ui.Card
	None, NoneText      string
	New                 string // address of adding; "" for those who may not
	Links               []ui.Link
	Pages               ui.Pages
}

// facets are the parameters of the list's address, by the scheme they choose from.
var facets = []struct {
	param  string
	scheme library.Scheme
}{{"temat", library.Topics}, {"etap", library.Stages}, {"kompetencja", library.Competences}, {"kierunek", library.Directions}, {"branza", library.Branches}}

// parts are the tabs of the list.
var parts = []struct {
	param string
	which library.Which
}{{"", library.All}, {"moje", library.Mine}, {"do-publikacji", library.Waiting}}

// filter reads the list's address.
func (p *pages) filter(c *kit.Ctx) library.Filter {
	f := library.Filter{
		Text: c.Query("q"), Kind: c.Query("rodzaj"), Licence: c.Query("licencja"), Product: c.Query("rozwiazania") != "",
		Audience: library.Audience(c.Query("dostepnosc")), Cursor: c.Query("po"),
	}
	if c.Query("kolejnosc") == "przydatne" {
		f.Order = library.MostUseful
	}
	for _, x := range facets {
		if code := c.Query(x.param); code != "" {
			f.Tags = append(f.Tags, string(x.scheme)+":"+code)
		}
	}
	for _, x := range parts {
		if c.Query("zakres") == x.param {
			f.Which = x.which
		}
	}
	return f
}

// controls are the filters of the list: those that everybody uses, and the rest.
func (p *pages) controls(c *kit.Ctx, f *library.Filter) (first, more []ui.Input) {
	terms := p.Library.Terms()
	choose := func(param, label string, s library.Scheme) ui.Input {
		in := ui.Input{Kind: ui.Select, Name: param, Label: label, Value: c.Query(param), Empty: c.T("library.any")}
		for _, t := range terms.Terms(s) {
			in.Options = append(in.Options, ui.Option{Value: t.Code, Text: t.Name(c.Lang())})
		}
		return in
	}
	first = []ui.Input{{Kind: ui.Search, Name: "q", Label: c.T("library.search"), Value: f.Text}, choose("rodzaj", c.T("library.kind"), library.Kinds)}
	for i, x := range facets {
		in := choose(x.param, c.T("library.scheme."+string(x.scheme)), x.scheme)
		if i < 2 {
			first = append(first, in)
		} else {
			more = append(more, in)
		}
	}
	audience := ui.Input{Kind: ui.Select, Name: "dostepnosc", Label: c.T("library.audience"), Value: c.Query("dostepnosc"), Empty: c.T("library.any")}
	for _, x := range []library.Audience{library.Network, library.Platform, library.Public} {
		audience.Options = append(audience.Options, ui.Option{Value: string(x), Text: c.T("library.audience." + string(x))})
	}
	more = append(more, choose("licencja", c.T("library.licence"), library.Licences))
	if c.Actor().SignedIn() {
		more = append(more, audience)
	}
	order := ui.Input{Kind: ui.Select, Name: "kolejnosc", Label: c.T("library.order"), Value: c.Query("kolejnosc"), Empty: c.T("library.order.new"),
		Options: []ui.Option{{Value: "przydatne", Text: c.T("library.order.useful")}}}
	return first, append(more, order, ui.Input{Kind: ui.Checkbox, Name: "rozwiazania", Label: c.T("library.product_only"), Checked: f.Product})
}

// kept is the list's address without its cursor.
func kept(c *kit.Ctx) url.Values {
	q := url.Values{}
	for _, name := range []string{"q", "rodzaj", "licencja", "rozwiazania", "dostepnosc", "kolejnosc", "zakres", "temat", "etap", "kompetencja", "kierunek", "branza"} {
		if v := c.Query(name); v != "" {
			q.Set(name, v)
		}
	}
	return q
}

func paging(c *kit.Ctx, path, next string) ui.Pages {
	var out ui.Pages
	if next != "" {
		q := kept(c)
		q.Set("po", next)
		out.Next = withQuery(path, q)
	}
	if c.Query("po") != "" {
		out.First = withQuery(path, kept(c))
	}
	return out
}

func (p *pages) list(c *kit.Ctx) error {
	f := p.filter(c)
	page, err := p.Library.List(c.Context(), c.Actor(), f)
	if err != nil {
		return err
	}
	v := p.listView(c, &f, listPath, page)
	v.Title, v.Lead, v.Clear = c.T("library.title"), c.T("library.lead"), listPath
	if c.Actor().SignedIn() {
		q := c.Query("zakres")
		v.Here = withQuery(listPath, url.Values{"zakres": {q}})
		for _, x := range parts {
			if x.which == library.Waiting && !c.May(library.PermPublish) {
				continue
			}
			name := string(x.which)
			if name == "" {
				name = "all"
			}
			v.Tabs = append(v.Tabs, link(withQuery(listPath, url.Values{"zakres": {x.param}}), c.T("library.tab."+name)))
		}
		if q != "" {
			v.Keep, v.Clear = []ui.Hidden{{Name: "zakres", Value: q}}, v.Here
		}
	}
	v.New = c.Link("/zasoby/nowy")
	c.Page(v.Title).In(listPath).AsWide()
	return c.Render(http.StatusOK, listPage(v))
}

func (p *pages) listView(c *kit.Ctx, f *library.Filter, path string, page library.Page) listView {
	v := listView{Action: path, Pages: paging(c, path, page.Next), None: c.T("library.none"), NoneText: c.T("library.none_text")}
	v.Filters, v.More = p.controls(c, f)
	for name := range kept(c) {
		v.Asked = v.Asked || name != "zakres"
	}
	v.MoreOpen = f.Licence != "" || f.Product || f.Audience != "" || f.Order != "" || c.Query("kompetencja")+c.Query("kierunek")+c.Query("branza") != ""
	if !v.Asked {
		switch f.Which {
		case library.Mine:
			v.None, v.NoneText = c.T("library.none_mine"), c.T("library.none_mine_text")
		case library.Waiting:
			v.None, v.NoneText = c.T("library.none_waiting"), ""
		}
	}
	v.Cards = p.cards(c.Context(), page.Items, f.Network)
	return v
}

// cards shows resources as cards; on the shelf of a network its name is left out.
func (p *pages) cards(ctx context.Context, list []library.Card, shelf uuid.UUID) []ui.Card {
	l, terms := i18n.FromContext(ctx), p.Library.Terms()
	out := make([]ui.Card, len(list))
	for i := range list {
		r := &list[i]
		card := ui.Card{Title: r.Title, Href: pathOf(r.ID), Lead: markdown.Excerpt(r.Description, 180), Tag: terms.Name(library.Kinds, r.Kind, l), Tone: ui.Neutral}
		switch {
		case r.State == library.Draft:
			card.Tag, card.Tone = text(ctx, "library.state.draft"), ui.Warn
		case r.Asked != "":
			card.Tag, card.Tone = text(ctx, "library.state.waiting"), ui.Warn
		case shelf != uuid.Nil && r.Network != shelf:
			card.Tag, card.Tone = text(ctx, "library.state.used"), ui.Info
		case r.Product:
			card.Tag, card.Tone = text(ctx, "library.state.product"), ui.Good
		}
		add := func(key, value string) {
			if value != "" {
				card.Facts = append(card.Facts, ui.Fact{Label: text(ctx, key), Value: value})
			}
		}
		if card.Tag != terms.Name(library.Kinds, r.Kind, l) {
			add("library.kind", terms.Name(library.Kinds, r.Kind, l))
		}
		add("library.authors", strings.Join(r.Authors, ", "))
		add("library.files", filesNote(ctx, r))
		if r.Useful > 0 {
			add("library.useful", strconv.Itoa(r.Useful))
		}
		if r.Network != shelf || shelf == uuid.Nil {
			add("library.network", r.NetworkTitle)
			if r.NetworkTitle == "" {
				add("library.centre", r.CentreName)
			}
		}
		out[i] = card
	}
	return out
}

// filesNote is what the latest version holds: "PDF, 1,2 MB · odnośnik".
func filesNote(ctx context.Context, r *library.Card) string {
	var out []string
	for i := range r.Files {
		if i == 3 {
			out = append(out, "…")
			break
		}
		out = append(out, fileNote(ctx, &r.Files[i]))
	}
	if r.Link != "" {
		out = append(out, text(ctx, "library.link"))
	}
	return strings.Join(out, " · ")
}

func (p *pages) shelf(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	f := p.filter(c)
	s, err := p.Library.Shelf(c.Context(), c.Actor(), id, f)
	if err != nil {
		return err
	}
	f.Network = id
	at := networkPath + id.String()
	v := p.listView(c, &f, at+shelfTab, s.Page)
	v.Title, v.Clear = c.T("library.shelf"), at+shelfTab
	if !v.Asked {
		v.None, v.NoneText = c.T("library.shelf_none"), c.T("library.shelf_none_text")
	}
	if s.MayCreate {
		v.New = "/zasoby/nowy?siec=" + id.String()
	}
	if s.MayPlan {
		v.Links = append(v.Links, link(at+planTab, c.T("library.plan")))
	}
	v.Links = append(v.Links, link(listPath, c.T("library.shelf_find")))
	if c.Link(kit.SearchPath) != "" {
		v.Links = append(v.Links, link(kit.SearchPath+"?siec="+id.String(), c.T("library.shelf_search")))
	}
	c.InNetwork(id, s.Title, v.Title, s.Place, shelfTab).AsWide()
	return c.Render(http.StatusOK, listPage(v))
}

type panelView struct {
	Items []library.Latest
	Path  string
	All   int
}

// Ask implements the panel of a network's home.
func (x Panel) Ask(a *access.Actor, id uuid.UUID) (gather.Part, bool) {
	return x.Library.LatestPart(a, id)
}

// Show implements the panel of a network's home.
func (x Panel) Show(_ *kit.Ctx, b network.Brief, f gather.Found) (templ.Component, error) {
	rows, err := library.LatestOf(f)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return panel(panelView{Items: rows, Path: networkPath + b.ID.String() + shelfTab, All: rows[0].All}), nil
}
