package evaluations

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/view"
	viewrender "ore.edu.pl/sieci/core/view/render"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type resultsView struct {
	*evaluation.Round
	Path    string
	Facts   []ui.Fact
	Body    templ.Component
	Notice  string
	Tone    ui.Tone
	Recount bool
}

// results shows what may be shown of a closed round; of an open one how many
// have answered, and nothing else.
func (p *pages) results(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	res, err := p.Evaluations.Results(c.Context(), c.Actor(), id)
	if fault.Is(err, fault.Conflict) {
		return c.Redirect(pathOf(id), "evaluations.flash.not_closed")
	}
	if err != nil {
		return err
	}
	r, ctx := res.Round, c.Context()
	v := resultsView{Round: r, Path: pathOf(id), Recount: r.Outcome == evaluation.Failed && r.May.Manage}
	v.Notice, v.Tone = standing(c, r)
	v.Facts = []ui.Fact{
		{Label: c.T("evaluations.answers"), Value: c.T("evaluations.response", "Answered", answered(ctx, r.Counts.Answers, r.Counts.Eligible),
			"Share", show.Percent(c.Lang(), 100*float64(r.Counts.Answers)/float64(max(r.Counts.Eligible, 1)), 0))},
		{Label: c.T("evaluations.closed_at"), Value: at(ctx, r.ClosedAt)},
	}
	if res.View != nil {
		resolved, err := view.Resolve(ctx, res.View, nil, nil)
		if err != nil {
			return err
		}
		if v.Body, err = viewrender.HTML(ctx, resolved, viewrender.Options{CSV: func(node string) string { return v.Path + "/wyniki/" + node + ".csv" }}); err != nil {
			return err
		}
	}
	inside(c, r, c.T("evaluations.results")).AsWide() // tables of seven columns
	return c.Render(http.StatusOK, resultsPage(v))
}

// table is the data of one chart or table as CSV: the same numbers as on the page.
func (p *pages) table(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	key, ok := strings.CutSuffix(c.Param("tabela"), ".csv")
	if !ok {
		return fault.ErrNotFound
	}
	res, err := p.Evaluations.Results(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	if res.View == nil {
		return fault.ErrNotFound
	}
	resolved, err := view.Resolve(c.Context(), res.View, nil, nil)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := view.WriteCSV(&b, resolved, key); err != nil {
		return err
	}
	return c.Download(key+".csv", "text/csv; charset=utf-8", int64(b.Len()), &b)
}
