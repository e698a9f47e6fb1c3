package evaluations

import (
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// ask renders the question before an act on a round.
func (p *pages) ask(c *kit.Ctx, wanted evaluation.State, page func(*evaluation.Round, ui.Problems) templ.Component) error {
	r, err := p.managed(c)
	if err != nil {
		return err
	}
	if r.State != wanted {
		return c.Redirect(pathOf(r.ID), "")
	}
	return c.Render(http.StatusOK, page(r, ui.Problems{}))
}

// act does it, or shows the question again with what is wrong.
func (p *pages) act(c *kit.Ctx, do func(*evaluation.Round) error, flash string, names map[string]string, page func(*evaluation.Round, ui.Problems) templ.Component) error {
	r, err := p.managed(c)
	if err != nil {
		return err
	}
	if err := do(r); err != nil {
		return c.Retry(renamed(err, names), func(pr ui.Problems) templ.Component { return page(r, pr) })
	}
	return c.Redirect(pathOf(r.ID), flash)
}

func (p *pages) openView(c *kit.Ctx) func(*evaluation.Round, ui.Problems) templ.Component {
	return func(r *evaluation.Round, pr ui.Problems) templ.Component {
		inside(c, r, c.T("evaluations.open"))
		return openPage(openView{ConfirmView: ui.ConfirmView{Title: c.T("evaluations.open"), Text: c.T("evaluations.open_text"), Action: pathOf(r.ID) + "/otworz",
			Submit: c.T("evaluations.open_submit"), Cancel: ui.Link{Text: c.T("evaluations.cancel"), Href: pathOf(r.ID)}, Problems: pr,
			Hidden: []ui.Hidden{{Name: "wersja", Value: itoa(r.Version)}},
			Facts: []ui.Fact{{Label: c.T("evaluations.name"), Value: r.Title}, {Label: c.T("evaluations.closes_at"), Value: at(c.Context(), r.ClosesAt)},
				{Label: c.T("evaluations.questions"), Value: itoa(len(r.Questions))}}},
			Confirm: ui.Input{Kind: ui.Checkbox, Name: "potwierdzam", Label: c.T("evaluations.confirm", "Min", evaluation.Threshold), Checked: c.Form().Has("potwierdzam")}})
	}
}

type openView struct {
	ui.ConfirmView
	Confirm ui.Input
}

func (p *pages) openQuestion(c *kit.Ctx) error { return p.ask(c, evaluation.Draft, p.openView(c)) }

func (p *pages) open(c *kit.Ctx) error {
	return p.act(c, func(r *evaluation.Round) error {
		return p.Evaluations.Open(c.Context(), c.Actor(), r.ID, number(c.Form().Get("wersja")), c.Form().Has("potwierdzam"))
	}, "evaluations.flash.opened", map[string]string{"confirmed": "potwierdzam"}, p.openView(c))
}

func (p *pages) closeView(c *kit.Ctx) func(*evaluation.Round, ui.Problems) templ.Component {
	return func(r *evaluation.Round, pr ui.Problems) templ.Component {
		inside(c, r, c.T("evaluations.close"))
		return ui.ConfirmPage(ui.ConfirmView{Title: c.T("evaluations.close"), Text: c.T("evaluations.close_text", "Min", r.Threshold), Action: pathOf(r.ID) + "/zamknij",
			Submit: c.T("evaluations.close"), Danger: true, Cancel: ui.Link{Text: c.T("evaluations.cancel"), Href: pathOf(r.ID)}, Problems: pr,
			Facts: []ui.Fact{{Label: c.T("evaluations.answers"), Value: answered(c.Context(), r.Counts.Answers, r.Counts.Eligible)}}})
	}
}

func (p *pages) closeQuestion(c *kit.Ctx) error { return p.ask(c, evaluation.Open, p.closeView(c)) }

func (p *pages) close(c *kit.Ctx) error {
	return p.act(c, func(r *evaluation.Round) error { return p.Evaluations.Close(c.Context(), c.Actor(), r.ID) }, "evaluations.flash.closed", nil, p.closeView(c))
}

func (p *pages) discardView(c *kit.Ctx) func(*evaluation.Round, ui.Problems) templ.Component {
	return func(r *evaluation.Round, pr ui.Problems) templ.Component {
		inside(c, r, c.T("evaluations.discard"))
		return ui.ConfirmPage(ui.ConfirmView{Title: c.T("evaluations.discard"), Text: c.T("evaluations.discard_text"), Action: pathOf(r.ID) + "/usun",
			Submit: c.T("evaluations.discard"), Danger: true, Cancel: ui.Link{Text: c.T("evaluations.cancel"), Href: pathOf(r.ID)}, Problems: pr})
	}
}

func (p *pages) discardQuestion(c *kit.Ctx) error {
	return p.ask(c, evaluation.Draft, p.discardView(c))
}

func (p *pages) discard(c *kit.Ctx) error {
	r, err := p.managed(c)
	if err != nil {
		return err
	}
	if err := p.Evaluations.Discard(c.Context(), c.Actor(), r.ID); err != nil {
		return c.Retry(err, func(pr ui.Problems) templ.Component { return p.discardView(c)(r, pr) })
	}
	return c.Redirect(kit.NetworkPath+r.Network.String()+Tab, "evaluations.flash.discarded")
}

func (p *pages) remind(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	switch err := p.Evaluations.Remind(c.Context(), c.Actor(), id); fault.KindOf(err) {
	case fault.Conflict:
		return p.showWith(c, http.StatusConflict, err)
	default:
		if err != nil {
			return err
		}
	}
	return c.Redirect(pathOf(id), "evaluations.flash.reminded")
}

func (p *pages) recount(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	if err := p.Evaluations.Recount(c.Context(), c.Actor(), id); err != nil {
		switch k := fault.KindOf(err); k {
		case fault.Conflict, fault.Unavailable:
			return p.showWith(c, kit.Status(k), err)
		}
		return err
	}
	return c.Redirect(pathOf(id)+"/wyniki", "")
}

// codeView is the page before the code: what is kept, and what cannot be undone.
type codeView struct {
	*evaluation.Round
	Action   string
	Nonce    string
	Problems ui.Problems
	Network  string
	Until    string
}

func (p *pages) codeQuestion(c *kit.Ctx) error { return p.codePage(c, http.StatusOK, nil) }

func (p *pages) codePage(c *kit.Ctx, status int, problem error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	r, err := p.Evaluations.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	v := codeView{Round: r, Action: pathOf(id) + "/kod", Nonce: ballot.NewNonce(), Problems: ui.ProblemsOf(c.Context(), problem), Network: r.NetworkTitle, Until: at(c.Context(), r.ClosesAt)}
	inside(c, r, c.T("evaluations.code"))
	c.Page(c.T("evaluations.code")).Wrong = problem != nil
	return c.Render(status, codePage(v))
}

// issue gives the code: from here on the address is all that leads to the answer.
func (p *pages) issue(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	code, err := p.Evaluations.Issue(c.Context(), c.Actor(), id, c.Form().Get("los"))
	if err != nil {
		switch k := fault.KindOf(err); k {
		case fault.Conflict, fault.Invalid:
			return p.codePage(c, kit.Status(k), err)
		}
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.Redirect(codePath(code), "")
}
