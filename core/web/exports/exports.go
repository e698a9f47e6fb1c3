// Package exports is the page of a network where copies of it are asked for,
// watched and downloaded.
package exports

import (
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Tab is the page below a network's address.
const Tab = "/kopie"

// watch is after how many seconds the page of a copy in the making asks again.
const watch = 5

// Deps are what the pages need.
type Deps struct {
	Exports *export.Service
}

type pages struct{ Deps }

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get("/sieci/:id"+Tab, export.Perm, p.list),
		kit.Post("/sieci/:id"+Tab, export.Perm, "askExport", p.ask).WithReauth(),
		kit.Post("/kopie/:id/anuluj", export.Perm, "cancelExport", p.cancel),
		kit.Get("/kopie/:id/plik", export.Perm, p.download).WithReauth(),
	}
}

type listView struct {
	Action string
	Cards  []ui.Card
}

func path(network uuid.UUID) string { return "/sieci/" + network.String() + Tab }

func (p *pages) list(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	n, list, err := p.Exports.List(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	v := listView{Action: path(id)}
	for i := range list {
		v.Cards = append(v.Cards, card(c, &list[i]))
		if list[i].State == export.Waiting {
			c.Response().Header().Set("Refresh", strconv.Itoa(watch))
		}
	}
	c.InNetwork(n.ID, n.Title, c.T("export.title"), n.Place(), Tab)
	return c.Render(http.StatusOK, listPage(v))
}

func card(c *kit.Ctx, e *export.Export) ui.Card {
	tone := map[export.State]ui.Tone{export.Waiting: ui.Info, export.Done: ui.Good, export.Failed: ui.Bad}[e.State]
	if tone == "" {
		tone = ui.Neutral
	}
	out := ui.Card{Title: c.T("export.kind." + string(e.Kind)), Level: 3, Tag: c.T("export.state." + string(e.State)), Tone: tone,
		Facts: []ui.Fact{{Label: c.T("export.asked"), Value: show.DateTime(c.Lang(), e.Created.In(clock.Warsaw))}}}
	own := "/kopie/" + e.ID.String()
	switch e.State {
	case export.Waiting:
		out.Footer = waiting(e, own+"/anuluj")
	case export.Failed:
		out.Lead = c.T("export.failed_hint")
	case export.Done:
		out.Facts = append(out.Facts, ui.Fact{Label: c.T("export.size"), Value: show.Bytes(c.Lang(), e.Size)},
			ui.Fact{Label: c.T("export.until"), Value: show.Date(c.Lang(), e.Until().In(clock.Warsaw))})
		out.Footer = ready(own+"/plik", e)
	}
	return out
}

func (p *pages) ask(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if _, err := p.Exports.Ask(c.Context(), c.Actor(), id, export.Kind(c.Form().Get("kind"))); err != nil {
		return err
	}
	return c.Redirect(path(id), "export.flash.asked")
}

func (p *pages) cancel(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	e, err := p.Exports.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	if err := p.Exports.Cancel(c.Context(), c.Actor(), id); err != nil {
		return err
	}
	return c.Redirect(path(e.Network), "export.flash.cancelled")
}

func (p *pages) download(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	e, r, err := p.Exports.Download(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	defer r.Close()
	return c.Download(e.FileName(), "application/zip", e.Size, r)
}
