package modules

import (
	"net/http"
	"strconv"
	"time"

	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// logPath is where a plugin's log lies below its page.
const logPath = "/dziennik"

func (p *pages) log(c *kit.Ctx) error {
	e, err := p.find(c)
	if err != nil {
		return err
	}
	before, err := strconv.ParseInt(c.Query("przed"), 10, 64)
	if err != nil || before < 0 {
		before = 0
	}
	lines, next, err := p.Modules.Log(c.Context(), e.ID, before)
	if err != nil {
		return err
	}
	title := text(c, e.Title, e.ID)
	l := i18n.FromContext(c.Context())
	t := ui.Table{Caption: c.T("modules.log_title", "Name", title), HideCaption: true, Columns: []ui.Column{{Label: c.T("modules.log_at")},
		{Label: c.T("modules.version")}, {Label: c.T("modules.node")}, {Label: c.T("modules.log_line")}}}
	for _, x := range lines {
		t.Rows = append(t.Rows, []ui.Cell{{Text: show.DateTime(l, x.At)}, {Text: x.Version}, {Text: x.Node}, {Body: typed(x.Line)}})
	}
	here := Path + "/" + e.ID + logPath
	var pages ui.Pages
	if next != 0 {
		pages.Next = here + "?przed=" + strconv.FormatInt(next, 10)
	}
	if before != 0 {
		pages.First = here
	}
	below(c, c.T("modules.log_title", "Name", title), ui.Link{Text: c.T("modules.title"), Href: Path}, ui.Link{Text: title, Href: Path + "/" + e.ID})
	return c.Render(http.StatusOK, logPage(c.T("modules.log_title", "Name", title), t, pages))
}

// quickness says how many calls a process answered, and how quickly.
func quickness(c *kit.Ctx, n *plugin.NodeStatus) ui.Cell {
	if n.Calls == 0 {
		return ui.Cell{}
	}
	l := i18n.FromContext(c.Context())
	return ui.Cell{Text: i18n.N(c.Context(), "modules.quickness", int(n.Calls), "Calls", show.Int(l, n.Calls), "Median", milliseconds(n.Median), "Slowest", milliseconds(n.Slowest))}
}

// milliseconds of a time, upwards: nothing takes none.
func milliseconds(d time.Duration) string {
	return strconv.FormatInt((d.Microseconds()+999)/1000, 10)
}
