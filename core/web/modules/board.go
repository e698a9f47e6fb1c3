package modules

import (
	"context"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Board is the part of administration's start page that says how plugins run,
// for those who see the whole catalogue.
type Board struct{ Modules *plugin.Host }

// Read asks for the part; nil for who does not see the whole catalogue.
func (b Board) Read(ctx context.Context, c *kit.Ctx) (pressing, rest templ.Component, err error) {
	if !b.Modules.SeesAll(c.Actor()) {
		return nil, nil, nil
	}
	list, unreadable, err := b.Modules.List(access.With(ctx, c.Actor()))
	if err != nil {
		return nil, nil, err
	}
	t := ui.Table{Caption: c.T("modules.board.table"), HideCaption: true,
		Columns: []ui.Column{{Label: c.T("modules.board.plugin")}, {Label: c.T("modules.version")}, {Label: c.T("modules.state")}}}
	for i := range list {
		e := &list[i]
		if !e.Enabled {
			continue
		}
		words, tone := state(c, e)
		t.Rows = append(t.Rows, []ui.Cell{{Text: text(c, e.Title, e.ID), Href: Path + "/" + e.ID}, {Text: e.Version}, {Body: ui.Tagged(words, tone)}})
	}
	return nil, boardPart(t, len(unreadable)), nil
}
