package networks

import (
	"context"
	"log/slog"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
)

// panels are what other rooms have about one network.
type panels struct {
	asked []Panel
	found gather.Found
	err   error
}

// askPanels is what to read for the panels that the reader may see if they are
// inside the network; it keeps its error, because the page can do without.
func (p *pages) askPanels(a *access.Actor, id uuid.UUID) (*panels, func(context.Context, db.Q) error) {
	out := &panels{}
	var parts []gather.Part
	for _, x := range p.Panels {
		if part, ok := x.Ask(a, id); ok {
			parts, out.asked = append(parts, part), append(out.asked, x)
		}
	}
	return out, func(ctx context.Context, q db.Q) error {
		out.found, out.err = gather.All(ctx, q, gather.Query{Person: a.Person, Scope: id, Now: p.Clock.Now(), Limit: PanelRows}, parts...)
		return nil
	}
}

// show makes the panels for somebody inside the network. One that fails is left
// out; missing says so.
func (x *panels) show(c *kit.Ctx, b network.Brief) (out []templ.Component, missing bool) {
	if x.err != nil {
		slog.ErrorContext(c.Context(), "panels of a network were not read", "err", x.err)
		return nil, true
	}
	for _, panel := range x.asked {
		body, err := panel.Show(c, b, x.found)
		if err != nil {
			slog.ErrorContext(c.Context(), "panel of a network failed", "err", err)
			missing = true
			continue
		}
		if body != nil {
			out = append(out, body)
		}
	}
	return out, missing
}
