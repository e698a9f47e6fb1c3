package modules

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// placesText says for whom a plugin is enabled.
func placesText(c *kit.Ctx, e *plugin.Entry) string {
	if e.Everywhere {
		return c.T("modules.where_everywhere")
	}
	names := make([]string, len(e.Places))
	for i, p := range e.Places {
		names[i] = p.Name
	}
	return strings.Join(names, "; ")
}

// centreInput chooses one centre.
func (p *pages) centreInput(ctx context.Context, c *kit.Ctx) (ui.Input, error) {
	in := ui.Input{Kind: ui.Select, Name: "placowka", Label: c.T("modules.centre"), Value: c.Form().Get("placowka"), Empty: c.T("modules.centre_choose")}
	list, err := p.Modules.Centres(ctx)
	for _, o := range list {
		in.Options = append(in.Options, ui.Option{Value: o.ID.String(), Text: o.Name})
	}
	return in, err
}

// named gives problems of the service the names of the controls.
func named(pr ui.Problems) ui.Problems {
	names := map[string]string{"centre": "placowka", "public": "klucz", "namespace": "przestrzen", "name": "nazwa", "from": "od", "to": "do", "reason": "powod"}
	for i := range pr.Fields {
		if n := names[pr.Fields[i].Path]; n != "" {
			pr.Fields[i].Path = n
		}
	}
	return pr
}

type whereView struct {
	Title, Lead, Path string
	Everywhere        bool
	Places            []plugin.CentreOption
	Centre            ui.Input
	Problems          ui.Problems
}

func (p *pages) where(c *kit.Ctx) error {
	v, err := p.whereView(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, wherePage(v))
}

func (p *pages) whereView(c *kit.Ctx) (whereView, error) {
	e, err := p.find(c)
	if err == nil && e.Version == "" {
		err = fault.ErrNotFound
	}
	if err != nil {
		return whereView{}, err
	}
	name := text(c, e.Title, e.ID)
	v := whereView{Title: c.T("modules.where_title", "Name", name), Path: Path + "/" + e.ID + "/gdzie", Everywhere: e.Everywhere, Places: e.Places}
	v.Lead = c.T("modules.where_lead_some")
	if e.Everywhere {
		v.Lead = c.T("modules.where_lead_all")
	}
	inCatalogue(c, v.Title, ui.Link{Text: name, Href: Path + "/" + e.ID})
	v.Centre, err = p.centreInput(c.Context(), c)
	return v, err
}

// placed answers a change of places.
func (p *pages) placed(c *kit.Ctx, err error) error {
	if err == nil {
		return c.Redirect(Path+"/"+c.Param("id")+"/gdzie", "modules.flash.placed")
	}
	v, wrong := p.whereView(c)
	if wrong != nil {
		return wrong
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component {
		v.Problems = named(pr)
		return wherePage(v)
	})
}

func chosen(c *kit.Ctx) uuid.UUID {
	id, err := uuid.Parse(c.Form().Get("placowka"))
	if err != nil {
		return uuid.Nil // no centre: the service says so
	}
	return id
}

func (p *pages) widen(c *kit.Ctx) error {
	return p.placed(c, p.Modules.Widen(c.Context(), c.Param("id"), chosen(c)))
}

func (p *pages) narrow(c *kit.Ctx) error {
	return p.placed(c, p.Modules.Narrow(c.Context(), c.Param("id"), chosen(c)))
}

func (p *pages) everywhere(c *kit.Ctx) error {
	return p.placed(c, p.Modules.SetWhere(c.Context(), c.Param("id"), plugin.Where{Everywhere: true}))
}

// whereAdd names the act of adding a centre; the first one is a restriction.
func whereAdd(ctx context.Context, v whereView) string {
	if v.Everywhere {
		return i18n.T(ctx, "modules.where_limit")
	}
	return i18n.T(ctx, "modules.where_add")
}
