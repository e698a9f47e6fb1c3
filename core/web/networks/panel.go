package networks

import (
	"log/slog"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
)

// panels reads and shows what other rooms have about the network, for somebody
// inside it. A panel that fails is left out; missing says so.
func (p *pages) panels(c *kit.Ctx, b network.Brief) (out []templ.Component, missing bool) {
	var parts []gather.Part
	var asked []Panel
	for _, x := range p.Panels {
		if part, ok := x.Ask(c.Actor(), b.ID); ok {
			parts, asked = append(parts, part), append(asked, x)
		}
	}
	f, err := gather.All(c.Context(), p.DB, gather.Query{Person: c.Actor().Person, Scope: b.ID, Now: p.Clock.Now(), Limit: PanelRows}, parts...)
	if err != nil {
		slog.ErrorContext(c.Context(), "panels of a network were not read", "err", err)
		return nil, true
	}
	for _, x := range asked {
		body, err := x.Show(c, b, f)
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
