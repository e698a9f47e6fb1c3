// Package search holds the page of the search: one question over everything
// that the reader may see, the first few results of each kind, or page after
// page of one; also within one network. A question is a GET form: its address
// can be kept and sent.
package search

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/search"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Path of the page.
const Path = kit.SearchPath

// Deps are what the page needs.
type Deps struct {
	Index    *search.Index
	Networks *network.Service
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{kit.Get(Path, search.PermSearch, p.search)}
}

// kinds are the values of the parameter "w" (w czym).
var kinds = []struct {
	param string
	kind  search.Kind
}{{"sieci", search.Networks}, {"zasoby", search.Resources}, {"wpisy", search.Posts}, {"osoby", search.People}}

type view struct {
	Text       string
	Network    uuid.UUID
	NetworkOf  string
	Kind       string // value of the parameter, "" for everything
	Problem    string
	Tabs       []ui.Link
	Here       string
	Groups     []group
	Asked      bool
	WholeWords bool
	Unfinished bool
	Everywhere string // address of the same question without the network
	Pages      ui.Pages
	Last       bool
}

type group struct {
	Kind    string
	Title   string
	Results []result
	More    string // address of all results of the kind
	Partial bool
}

type result struct {
	Href, Where, At string
	Title, Snippet  []search.Piece
}

// address is a question with another kind or page.
func (v *view) address(kind string, page int) string {
	q := url.Values{"q": {v.Text}}
	if v.Network != uuid.Nil {
		q.Set("siec", v.Network.String())
	}
	if kind != "" {
		q.Set("w", kind)
	}
	if page > 1 {
		q.Set("s", strconv.Itoa(page))
	}
	return Path + "?" + q.Encode()
}

func (p *pages) search(c *kit.Ctx) error {
	v := &view{Text: c.Query("q"), Network: c.QueryUUID("siec"), Asked: c.Queries().Has("q")}
	if v.Network != uuid.Nil {
		b, err := p.Networks.Brief(c.Context(), c.Actor(), v.Network)
		if err != nil {
			return err
		}
		v.NetworkOf = b.Title
		v.Everywhere = Path
		if v.Text != "" {
			v.Everywhere += "?" + url.Values{"q": {v.Text}}.Encode()
		}
	}
	page := max(1, min(c.QueryInt("s", 1), search.MaxResults/search.PageSize))
	ask := search.Ask{Text: v.Text, Network: v.Network, Page: page}
	for _, k := range kinds {
		if c.Query("w") == k.param {
			ask.Kind, v.Kind = k.kind, k.param
		}
	}
	title := c.T("search.title")
	status := http.StatusOK
	if v.Asked {
		f, err := p.Index.Find(c.Context(), c.Actor(), ask)
		switch x := fault.As(err); {
		case err == nil:
			p.show(c, v, f, page)
		case x.Kind == fault.Invalid && len(x.Fields) == 1:
			v.Problem, status = c.T(x.Fields[0].Key), http.StatusUnprocessableEntity
		default:
			return err
		}
		if v.Text != "" {
			title = v.Text + " – " + title
		}
	}
	v.tabs(c)
	c.Page(title).Wrong = v.Problem != ""
	return c.Render(status, searchPage(v))
}

// tabs are the kinds that can be searched here.
func (v *view) tabs(c *kit.Ctx) {
	if !v.Asked || v.Problem != "" {
		return
	}
	v.Tabs = []ui.Link{{Text: c.T("search.all"), Href: v.address("", 1)}}
	for _, k := range kinds {
		if v.Network == uuid.Nil && (c.Actor().SignedIn() || k.kind == search.Networks || k.kind == search.Resources) || k.kind == search.Resources || k.kind == search.Posts && v.Network != uuid.Nil {
			v.Tabs = append(v.Tabs, ui.Link{Text: c.T("search.kind." + string(k.kind)), Href: v.address(k.param, 1)})
		}
	}
	v.Here = v.address(v.Kind, 1)
}

func (p *pages) show(c *kit.Ctx, v *view, f *search.Found, page int) {
	v.WholeWords, v.Unfinished = f.WholeWords, f.Unfinished
	for _, g := range f.Groups {
		x := group{Kind: string(g.Kind), Title: c.T("search.kind." + string(g.Kind)), Partial: g.Partial}
		for _, r := range g.Items {
			y := result{Href: r.Path, Title: r.Title, Snippet: r.Snippet}
			if v.Network == uuid.Nil {
				y.Where = r.NetworkOf
			}
			if g.Kind == search.Posts || g.Kind == search.Resources {
				y.At = show.Date(c.Lang(), r.At)
			}
			x.Results = append(x.Results, y)
		}
		param := v.Kind
		for _, k := range kinds {
			if k.kind == g.Kind {
				param = k.param
			}
		}
		switch {
		case v.Kind == "" && g.More:
			x.More = v.address(param, 1)
		case v.Kind != "":
			if g.More {
				v.Pages.Next = v.address(param, page+1)
			} else {
				v.Last = page*search.PageSize >= search.MaxResults
			}
			if page > 1 {
				v.Pages.First = v.address(param, 1)
			}
		}
		if len(x.Results) > 0 {
			v.Groups = append(v.Groups, x)
		}
	}
}
