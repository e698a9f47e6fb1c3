package evaluations

import (
	"encoding/hex"
	"net/http"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// sheetView is the questionnaire under a code.
type sheetView struct {
	*evaluation.Sheet
	Code         string
	First        bool
	Form         templ.Component
	FormProblems []formrender.Problem
	Problems     ui.Problems
	Facts        []ui.Fact
}

// codeForm asks for a code that somebody has on paper.
func (p *pages) codeForm(c *kit.Ctx) error {
	c.Page(c.T("evaluations.type_code"))
	return c.Render(http.StatusOK, typePage(typeView(c, ui.Problems{})))
}

func typeView(c *kit.Ctx, pr ui.Problems) planView {
	return planView{FormView: ui.FormView{Title: c.T("evaluations.type_code"), Lead: c.T("evaluations.type_code_lead"), Action: sheetPath, Submit: c.T("evaluations.type_code_submit"), Problems: pr},
		Inputs: []ui.Input{{Name: "kod", Label: c.T("evaluations.code_label"), Hint: c.T("evaluations.code_hint"), Value: c.Form().Get("kod"), Autocomplete: "off"}}}
}

func (p *pages) typed(c *kit.Ctx) error {
	code, ok := ballot.ParseCode(c.Form().Get("kod"))
	if ok {
		_, err := p.Evaluations.Sheet(c.Context(), code)
		switch {
		case err == nil:
			return c.Redirect(codePath(code), "")
		case !fault.Is(err, fault.NotFound):
			return err
		}
	}
	c.Page(c.T("evaluations.type_code"))
	return c.Retry(fault.InvalidFields(fault.Field{Path: "kod", Key: "evaluations.code_unknown"}), func(pr ui.Problems) templ.Component {
		return typePage(typeView(c, pr))
	})
}

// code reads the code of the address, in one spelling.
func code(c *kit.Ctx) (ballot.Code, error) {
	raw := c.Param("kod")
	k, ok := ballot.ParseCode(raw)
	if !ok || string(k) != raw {
		return "", fault.ErrNotFound
	}
	return k, nil
}

func (p *pages) sheet(c *kit.Ctx) error {
	k, err := code(c)
	if err != nil {
		return err
	}
	s, err := p.Evaluations.Sheet(c.Context(), k)
	if err != nil {
		return err
	}
	return p.showSheet(c, k, s, http.StatusOK, nil, nil, ui.Problems{})
}

func (p *pages) showSheet(c *kit.Ctx, k ballot.Code, s *evaluation.Sheet, status int, errs fault.Fields, revealed []string, pr ui.Problems) error {
	v := sheetView{Sheet: s, Code: k.Grouped(), Problems: pr, First: s.State.Page == 0 && len(errs) == 0}
	switch {
	case s.Closed:
	case s.Cast:
		v.Facts = []ui.Fact{
			{Label: c.T("evaluations.kept.hash"), Value: hex.EncodeToString(s.Hash)},
			{Label: c.T("evaluations.kept.answer"), Value: c.T("evaluations.kept.answer_text", "N", s.Sealed)},
			{Label: c.T("evaluations.kept.name"), Value: c.T("evaluations.kept.none")},
			{Label: c.T("evaluations.kept.time"), Value: c.T("evaluations.kept.none")},
		}
	default:
		var err error
		if v.Form, err = formrender.HTML(c.Context(), formrender.Page{Form: s.Form, State: s.State, Errors: errs, Revealed: revealed, Action: codePath(k),
			Submit: c.T("evaluations.send"), CanSave: true}); err != nil {
			return err
		}
		v.FormProblems = formrender.Problems(c.Context(), s.Form, s.State, errs)
	}
	c.Page(s.Title).Wrong = len(errs) > 0 || pr.Any()
	return c.Render(status, sheetPage(v))
}

// answer takes a page of the questionnaire: it is kept under the code, and given
// when it is done. Nothing of it passes through a session, a draft of a person or
// an idempotency key.
func (p *pages) answer(c *kit.Ctx) error {
	k, err := code(c)
	if err != nil {
		return err
	}
	s, err := p.Evaluations.Sheet(c.Context(), k)
	if err != nil {
		return err
	}
	if s.Closed || s.Cast {
		return c.Redirect(codePath(k), "")
	}
	state, o := form.Step(c.Lang(), s.Form, s.State, c.Form().Values)
	s.State = state
	if o.Done() {
		switch err := p.Evaluations.Cast(c.Context(), k, o.Result.Answers.Canonical()); fault.KindOf(err) {
		case fault.Conflict: // sent twice, or closed meanwhile: the page says which
			return c.Redirect(codePath(k), "")
		case fault.Invalid:
			return p.showSheet(c, k, s, http.StatusUnprocessableEntity, fault.As(err).Fields, nil, ui.ProblemsOf(c.Context(), err))
		default:
			if err != nil {
				return err
			}
		}
		return c.Redirect(codePath(k), "")
	}
	if err := p.Evaluations.SaveSheet(c.Context(), k, state); err != nil {
		if fault.Is(err, fault.Conflict) {
			return c.Redirect(codePath(k), "")
		}
		return err
	}
	switch {
	case o.Asked == form.Save:
		return c.Redirect(codePath(k), "evaluations.flash.kept")
	case len(o.Errors) > 0:
		return p.showSheet(c, k, s, http.StatusUnprocessableEntity, o.Errors, nil, ui.Problems{})
	case len(o.Revealed) > 0:
		return p.showSheet(c, k, s, http.StatusOK, nil, o.Revealed, ui.Problems{})
	}
	return c.Redirect(codePath(k), "")
}
