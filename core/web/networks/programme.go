package networks

import (
	"net/http"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type programmeView struct {
	frame
	Title   string
	Current *network.Tie
	Asked   *network.Tie
	Facts   []ui.Fact
	// Choose is empty where nothing can be entered, with None saying why.
	Choose       ui.Input
	None         string
	Note, Reason string
	History      ui.Table
	Problems     ui.Problems
}

func (p *pages) programmeRoutes() []kit.Route {
	return []kit.Route{
		kit.Get("/sieci/:id/program", network.PermEdit, p.programme),
		kit.Post("/sieci/:id/program", network.PermEdit, "enterProgramme", p.enterProgramme).WithReauth(),
		kit.Post("/sieci/:id/program/wycofaj", network.PermEdit, "withdrawProgrammeRequest", p.withdrawRequest),
		kit.Post("/sieci/:id/program/opusc", network.PermEdit, "leaveProgramme", p.leaveProgramme),
	}
}

func programmeOptions(c *kit.Ctx, list []network.ProgrammeOption) []ui.Option {
	var out []ui.Option
	for _, x := range list {
		key := "networks.programme.by_consent"
		if x.Open {
			key = "networks.programme.at_once"
		}
		out = append(out, ui.Option{Value: x.ID.String(), Text: c.T("networks.programme.option", "Title", x.Title, "Code", x.Code), Hint: c.T(key)})
	}
	return out
}

// programmeInput is the choice of a programme on the founding form; none where
// there is no programme to choose.
func (p *pages) programmeInput(c *kit.Ctx, centre uuid.UUID, t typed) ([]ui.Input, error) {
	list, err := p.Networks.ProgrammesFor(c.Context(), c.Actor(), centre)
	if fault.Is(err, fault.NotFound) { // the form itself says whose centre it is
		return nil, nil
	}
	if err != nil || len(list) == 0 && t["programme"] == "" {
		return nil, err
	}
	in := ui.Input{Kind: ui.Select, Name: "programme", Label: c.T("networks.programme.label"), Hint: c.T("networks.programme.founding_hint"), Value: t["programme"], Optional: true,
		Empty: c.T("networks.programme.no_choice"), Options: programmeOptions(c, list)}
	for i := range in.Options {
		in.Options[i].Text += " – " + in.Options[i].Hint
	}
	return []ui.Input{in}, nil
}

func (p *pages) programme(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	t, err := p.Networks.Programme(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.programmePage(c, t, ui.Problems{}))
}

func (p *pages) programmePage(c *kit.Ctx, t *network.Ties, pr ui.Problems) templ.Component {
	v := programmeView{frame: p.inside(c, t.Brief, c.T("networks.programme.title"), ""), Title: c.T("networks.programme.title"), Current: t.Current(), Asked: t.Asked(), Problems: pr}
	if c.Request().Method == http.MethodPost {
		v.Note, v.Reason = c.Form().Text("note"), c.Form().Text("reason")
	}
	ctx := c.Context()
	switch going := t.Status == network.Draft || t.Status == network.Open; {
	case v.Current != nil:
		v.Facts = []ui.Fact{{Label: c.T("networks.programme.in"), Value: v.Current.Name}, {Label: c.T("networks.programme.since"), Value: on(ctx, v.Current.Joined)}}
		if !going {
			v.None = c.T("networks.programme.over")
		}
	case v.Asked != nil:
		v.Facts = []ui.Fact{{Label: c.T("networks.programme.asked_for"), Value: v.Asked.Name}, {Label: c.T("networks.programme.asked_on"), Value: on(ctx, &v.Asked.AskedAt)}}
		if v.Asked.Note != "" {
			v.Facts = append(v.Facts, ui.Fact{Label: c.T("networks.programme.note"), Value: v.Asked.Note})
		}
	case !going:
		v.None = c.T("networks.programme.over")
	case len(t.Options) == 0:
		v.None = c.T("networks.programme.none")
	default:
		v.Choose = ui.Input{Kind: ui.Radios, Name: "programme", Label: c.T("networks.programme.choose"), Options: programmeOptions(c, t.Options)}
		if c.Request().Method == http.MethodPost {
			v.Choose.Value = c.Form().Get("programme")
		}
	}
	v.History = ui.Table{Caption: c.T("networks.programme.history"), HideCaption: true, Columns: []ui.Column{{Label: c.T("networks.programme.in")}, {Label: c.T("networks.programme.state")},
		{Label: c.T("networks.programme.from")}, {Label: c.T("networks.programme.to")}, {Label: c.T("networks.programme.why")}}}
	for i := range t.History {
		x := &t.History[i]
		from, to := x.Joined, x.Left
		if from == nil {
			from, to = &x.AskedAt, x.Decided
		}
		v.History.Rows = append(v.History.Rows, []ui.Cell{{Text: x.Name}, {Text: c.T("networks.programme.state." + string(x.State))}, {Text: on(ctx, from)}, {Text: on(ctx, to)}, {Text: x.Reason}})
	}
	return programmePage(v)
}

func (p *pages) enterProgramme(c *kit.Ctx) error {
	return p.programmeAct(c, func(id uuid.UUID) (string, error) {
		f := c.Form()
		into, err := uuid.Parse(f.Get("programme"))
		if err != nil {
			return "", fault.InvalidFields(fault.Field{Path: "programme", Key: "network.programme_unknown"})
		}
		state, err := p.Networks.EnterProgramme(c.Context(), c.Actor(), id, into, f.Text("note"))
		if state == network.TieIn {
			return "networks.flash.programme_in", err
		}
		return "networks.flash.programme_asked", err
	})
}

func (p *pages) withdrawRequest(c *kit.Ctx) error {
	return p.programmeAct(c, func(id uuid.UUID) (string, error) {
		return "networks.flash.programme_withdrawn", p.Networks.WithdrawRequest(c.Context(), c.Actor(), id)
	})
}

func (p *pages) leaveProgramme(c *kit.Ctx) error {
	return p.programmeAct(c, func(id uuid.UUID) (string, error) {
		return "networks.flash.programme_left", p.Networks.LeaveProgramme(c.Context(), c.Actor(), id, c.Form().Text("reason"))
	})
}

// programmeAct does what the page asks and shows the page again, with what is wrong.
func (p *pages) programmeAct(c *kit.Ctx, do func(id uuid.UUID) (flash string, err error)) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	flash, err := do(id)
	if err == nil {
		return c.Redirect(pathOf(id)+"/program", flash)
	}
	t, e := p.Networks.Programme(c.Context(), c.Actor(), id)
	if e != nil {
		return e
	}
	return c.Retry(err, func(pr ui.Problems) templ.Component { return p.programmePage(c, t, pr) })
}
