package programmes

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/view"
	viewrender "ore.edu.pl/sieci/core/view/render"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// moduleView is a view of the module ready to print, or the sentence for people
// while there is none.
type moduleView struct {
	Title string
	Body  templ.Component
	Down  string
}

// moduleView asks the module for a view. Whatever goes wrong in the module
// becomes a sentence: the page around it goes on.
func (p *pages) moduleView(c *kit.Ctx, r programme.Run, path, name string) moduleView {
	ctx := c.Context()
	params := map[string]string{}
	for k, v := range c.Queries() {
		if len(v) > 0 && len(params) < 10 {
			params[k] = v[0]
		}
	}
	failed := func(err error) moduleView {
		switch f := fault.As(err); f.Kind {
		case fault.NotFound: // not for this reader
			return moduleView{}
		case fault.Unavailable, fault.Invalid, fault.Conflict, fault.TooLarge:
			return moduleView{Down: ui.Message(ctx, f)}
		}
		slog.ErrorContext(ctx, "view of a module failed", "type", r.Type(), "view", name, "err", err)
		return moduleView{Down: c.T("programme.page.view_bad")}
	}
	raw, err := p.Programmes.Render(ctx, c.Actor(), r, name, params)
	if err != nil {
		return failed(err)
	}
	doc, found := view.Load(raw)
	if doc == nil {
		slog.ErrorContext(ctx, "view of a module refused", "type", r.Type(), "view", name, "findings", found)
		return moduleView{Down: c.T("programme.page.view_bad")}
	}
	resolved, err := view.Resolve(ctx, doc, &names{p}, &links{p, path})
	if err != nil {
		return failed(err)
	}
	commands := p.Programmes.Commands(c.Actor(), r)
	body, err := viewrender.HTML(ctx, resolved, viewrender.Options{Heading: 3, Action: func(id string) (viewrender.Target, bool) {
		for _, k := range commands {
			if k.Name == id {
				return viewrender.Target{URL: path + "/czynnosc/" + id, Hidden: []formrender.Hidden{{Name: kit.IdemField, Value: idem.NewKey()}}}, true
			}
		}
		return viewrender.Target{}, false
	}})
	if err != nil {
		return failed(err)
	}
	return moduleView{Title: doc.Title.In(c.Lang()), Body: body}
}

// names shows people to those who see a group that they are in.
type names struct{ p *pages }

// Names implements [view.Names].
func (x *names) Names(ctx context.Context, kind string, ids []string) (map[string]view.Name, error) {
	if kind != view.TPerson {
		if x.p.Deps.Names == nil {
			return nil, nil
		}
		return x.p.Deps.Names.Names(ctx, kind, ids)
	}
	var people []uuid.UUID
	for _, raw := range ids {
		if id, err := uuid.Parse(raw); err == nil {
			people = append(people, id)
		}
	}
	found, err := x.p.Programmes.Names(ctx, access.From(ctx), people)
	out := make(map[string]view.Name, len(found))
	for id, name := range found {
		out[id.String()] = view.Name{Label: name}
	}
	return out, err
}

// links knows the pages of this scope; others are the caller's.
type links struct {
	p    *pages
	path string
}

// Route implements [view.Links].
func (l *links) Route(to, id string) (string, bool) {
	_, err := uuid.Parse(id)
	switch to {
	case "group", "grupa":
		return "/grupy/" + id, err == nil
	case "task", "zadanie":
		return "/zadania/" + id, err == nil
	case "record", "zapis":
		return "/zapisy/" + id, err == nil
	case "view":
		return l.path + "/widok/" + id, effect.ValidName(id)
	case "command":
		return l.path + "/czynnosc/" + id, effect.ValidName(id)
	}
	if l.p.Deps.Links == nil {
		return "", false
	}
	return l.p.Deps.Links.Route(to, id)
}

// board shows a view over one's own groups of a programme.
func (p *pages) board(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	b, err := p.Programmes.Board(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	v := showView{Module: p.moduleView(c, b.Run(), programmePath(id), c.Param("widok"))}
	if v.Module.Body == nil && v.Module.Down == "" {
		return fault.ErrNotFound // nothing of the programme is told to who may not see the board
	}
	v.Title = b.Title
	c.Page(b.Title).In("/grupy").Crumb(c.T("programme.page.my_groups"), "/grupy")
	c.Page(b.Title).AsWide()
	return c.Render(http.StatusOK, showPage(v, ui.Problems{}))
}
