package library

import (
	"net/http"
	"strconv"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type planView struct {
	*library.Plan
	New      string
	Progress string
	Done     int
	All      int
	Table    ui.Table
	Shelf    string
	Products []ui.Card
}

func (p *pages) planOf(c *kit.Ctx) (*library.Plan, string, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, "", err
	}
	pl, err := p.Library.Dissemination(c.Context(), c.Actor(), id)
	return pl, networkPath + id.String() + planTab, err
}

func (p *pages) crumbs(c *kit.Ctx, pl *library.Plan, title string) {
	page := c.InNetwork(pl.Network, pl.Title, title, pl.Place, shelfTab)
	if title != c.T("library.plan") {
		page.Crumb(c.T("library.plan"), networkPath+pl.Network.String()+planTab)
	}
}

func (p *pages) plan(c *kit.Ctx) error {
	pl, at, err := p.planOf(c)
	if err != nil {
		return err
	}
	v := planView{Plan: pl, Shelf: networkPath + pl.Network.String() + shelfTab, All: len(pl.Steps)}
	if pl.MayEdit {
		v.New = at + "/nowe"
	}
	v.Table = ui.Table{Caption: c.T("library.plan"), HideCaption: true, RowHeader: 0, Columns: []ui.Column{{Label: c.T("library.plan.what")}, {Label: c.T("library.plan.audience")},
		{Label: c.T("library.plan.way")}, {Label: c.T("library.plan.due")}, {Label: c.T("library.plan.who")}, {Label: c.T("library.plan.state")}}}
	if pl.MayEdit {
		v.Table.Columns = append(v.Table.Columns, ui.Column{Label: c.T("library.plan.act")})
	}
	today := dayOf(p.Clock.Now())
	for i := range pl.Steps {
		s := &pl.Steps[i]
		words, tone := c.T("library.plan.state."+string(s.State)), ui.Neutral
		switch {
		case s.State == library.Done:
			v.Done++
			words, tone = c.T("library.plan.done_on", "Date", show.DateShort(c.Lang(), s.DoneOn)), ui.Good
		case s.State == library.Planned && s.Due.Before(today):
			words, tone = c.T("library.plan.state.late"), ui.Bad
		}
		what := ui.Cell{Text: s.What}
		if s.ResourceTitle != "" {
			what.Body = whatCell(s.What, pathOf(s.Resource), s.ResourceTitle)
		}
		row := []ui.Cell{what, {Text: s.Audience}, {Text: s.Way}, {Text: show.DateShort(c.Lang(), s.Due)}, {Text: s.Who}, {Body: stateCell(words, tone, s.Outcome)}}
		if pl.MayEdit {
			row = append(row, ui.Cell{Body: namedLink(at+"/"+s.ID.String(), c.T("library.plan.open"), s.What)})
		}
		v.Table.Rows = append(v.Table.Rows, row)
	}
	v.Progress = c.T("library.plan.progress", "Done", v.Done, "All", v.All)
	for _, r := range pl.Products {
		v.Products = append(v.Products, ui.Card{Title: r.Title, Href: pathOf(r.ID), Level: 3, Facts: []ui.Fact{
			{Label: c.T("library.kind"), Value: p.Library.Terms().Name(library.Kinds, r.Kind, c.Lang())},
			{Label: c.T("library.audience"), Value: c.T("library.audience." + string(r.Audience))},
			{Label: c.T("library.uses"), Value: strconv.Itoa(r.Uses)},
		}})
	}
	p.crumbs(c, pl, c.T("library.plan"))
	c.Page(c.T("library.plan")).AsWide() // the same page, named again
	return c.Render(http.StatusOK, planPage(v))
}

// dayOf is midnight UTC of the day in Warsaw, as days are kept.
func dayOf(t time.Time) time.Time {
	y, m, d := t.In(clock.Warsaw).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// stepNames are the controls of a step.
var stepNames = []string{"what", "resource", "audience", "way", "due", "who"}

func stepTyped(f *kit.Form) map[string]string {
	t := map[string]string{}
	for _, n := range stepNames {
		t[n] = f.Text(n)
	}
	return t
}

func stepFrom(s *library.Step) map[string]string {
	t := map[string]string{"what": s.What, "audience": s.Audience, "way": s.Way, "due": s.Due.Format(time.DateOnly), "who": s.Who}
	if s.Resource != uuid.Nil {
		t["resource"] = s.Resource.String()
	}
	return t
}

func stepOf(t map[string]string) library.StepInput {
	in := library.StepInput{Resource: uuidOf(t["resource"]), What: t["what"], Audience: t["audience"], Way: t["way"], Who: t["who"]}
	if d, ok := form.ParseDate(t["due"]); ok {
		in.Due = time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC)
	}
	return in
}

func stepInputs(c *kit.Ctx, pl *library.Plan, t map[string]string) []ui.Input {
	of := ui.Input{Kind: ui.Select, Name: "resource", Label: c.T("library.plan.resource"), Value: t["resource"], Empty: c.T("library.plan.resource_none"), Optional: true}
	for _, r := range pl.Products {
		of.Options = append(of.Options, ui.Option{Value: r.ID.String(), Text: r.Title})
	}
	return []ui.Input{
		{Name: "what", Label: c.T("library.plan.what"), Value: t["what"]}, of,
		{Name: "audience", Label: c.T("library.plan.audience"), Value: t["audience"]},
		{Kind: ui.Textarea, Rows: 2, Name: "way", Label: c.T("library.plan.way"), Value: t["way"]},
		{Kind: ui.Date, Name: "due", Label: c.T("library.plan.due"), Hint: c.T("library.plan.due_hint"), Value: t["due"], Size: "short"},
		{Name: "who", Label: c.T("library.plan.who"), Value: t["who"]},
	}
}

type stepView struct {
	ui.FormView
	Inputs  []ui.Input
	Finish  string // address of saying what became of it
	State   library.StepState
	Outcome ui.Input
}

func (p *pages) stepPage(c *kit.Ctx, pl *library.Plan, at string, s *library.Step, t map[string]string, version int, pr ui.Problems) templ.Component {
	v := stepView{FormView: ui.FormView{Title: c.T("library.plan_add"), Lead: pl.Title, Action: at + "/nowe", Submit: c.T("library.plan.save"), Problems: pr, Cancel: link(at, c.T("library.form.cancel"))}, Inputs: stepInputs(c, pl, t)}
	if s != nil {
		v.Title, v.Action, v.State = c.T("library.plan_edit"), at+"/"+s.ID.String(), s.State
		v.Hidden = []ui.Hidden{{Name: "version", Value: strconv.Itoa(version)}}
		v.Finish = v.Action + "/stan"
		v.Outcome = ui.Input{Kind: ui.Textarea, Rows: 2, Name: "outcome", Label: c.T("library.plan.outcome"), Hint: c.T("library.plan.outcome_hint"), Value: s.Outcome, Optional: true}
		if c.Form().Has("outcome") {
			v.Outcome.Value = c.Form().Text("outcome")
		}
	}
	p.crumbs(c, pl, v.Title)
	return stepPage(v)
}

func (p *pages) stepForm(c *kit.Ctx) error {
	pl, at, err := p.planOf(c)
	if err != nil {
		return err
	}
	if !pl.MayEdit {
		return fault.ErrNotFound
	}
	return c.Render(http.StatusOK, p.stepPage(c, pl, at, nil, map[string]string{}, 0, ui.Problems{}))
}

func (p *pages) addStep(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t := stepTyped(c.Form())
	if _, err = p.Library.AddStep(c.Context(), c.Actor(), id, stepOf(t)); err == nil {
		return c.Redirect(networkPath+id.String()+planTab, "library.flash.step")
	}
	pl, at, e := p.planOf(c)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { return p.stepPage(c, pl, at, nil, t, 0, pr) })
}

// stepAt finds the step of the address in the plan.
func (p *pages) stepAt(c *kit.Ctx) (*library.Plan, string, *library.Step, error) {
	pl, at, err := p.planOf(c)
	if err != nil {
		return nil, "", nil, err
	}
	id, err := c.UUID("krok")
	if err != nil {
		return nil, "", nil, err
	}
	for i := range pl.Steps {
		if pl.Steps[i].ID == id && pl.MayEdit {
			return pl, at, &pl.Steps[i], nil
		}
	}
	return nil, "", nil, fault.ErrNotFound
}

func (p *pages) step(c *kit.Ctx) error {
	pl, at, s, err := p.stepAt(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.stepPage(c, pl, at, s, stepFrom(s), s.Version, ui.Problems{}))
}

func (p *pages) editStep(c *kit.Ctx) error {
	pl, at, s, err := p.stepAt(c)
	if err != nil {
		return err
	}
	t := stepTyped(c.Form())
	version := number(c.Form().Get("version"))
	err = p.Library.EditStep(c.Context(), c.Actor(), pl.Network, s.ID, version, stepOf(t))
	if err == nil {
		return c.Redirect(at, "library.flash.step")
	}
	if fault.As(err).Key == "library.stale" {
		if pl, at, s, err = p.stepAt(c); err != nil {
			return err
		}
		p.crumbs(c, pl, c.T("library.plan_edit"))
		return c.ConflictPage(stepConflict(c, at, s, stepInputs(c, pl, t)))
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { return p.stepPage(c, pl, at, s, t, version, pr) })
}

// stepConflict shows both texts of a step that somebody else changed.
func stepConflict(c *kit.Ctx, at string, s *library.Step, mine []ui.Input) ui.ConflictView {
	theirs := stepFrom(s)
	v := ui.ConflictView{Action: at + "/" + s.ID.String(), Cancel: link(at, c.T("library.conflict_drop")), Hidden: []ui.Hidden{{Name: "version", Value: strconv.Itoa(s.Version)}}}
	for _, in := range mine {
		if in.Value == theirs[in.Name] || in.Name == "resource" {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: in.Name, Value: in.Value})
			continue
		}
		v.Fields = append(v.Fields, ui.ConflictField{Name: in.Name, Label: in.Label, Mine: in.Value, Theirs: theirs[in.Name], Long: in.Kind == ui.Textarea})
	}
	return v
}

func (p *pages) setStep(c *kit.Ctx) error {
	pl, at, s, err := p.stepAt(c)
	if err != nil {
		return err
	}
	if err = p.Library.SetStep(c.Context(), c.Actor(), pl.Network, s.ID, library.StepState(c.Form().Get("state")), c.Form().Text("outcome")); err == nil {
		return c.Redirect(at, "library.flash.step")
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { return p.stepPage(c, pl, at, s, stepFrom(s), s.Version, pr) })
}
