package programmes

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// warning is a module's warning with what was typed as the reason.
type warning struct{ Name, Text, Value string }

func warningsOf(c *kit.Ctx, err error) []warning {
	var need *programme.NeedsReason
	if !errors.As(err, &need) {
		return nil
	}
	var out []warning
	for _, d := range need.Warnings {
		name := "powod." + d.Code + "." + d.Path
		out = append(out, warning{Name: name, Text: d.Text, Value: c.Form().Text(name)})
	}
	return out
}

func reasons(f *kit.Form) []effect.Acknowledgement {
	var out []effect.Acknowledgement
	for _, name := range f.All("ostrzezenie") {
		code, path, _ := strings.Cut(strings.TrimPrefix(name, "powod."), ".")
		if why := f.Text(name); why != "" {
			out = append(out, effect.Acknowledgement{Code: code, Path: path, Reason: why})
		}
	}
	return out
}

// command is an act of the module on its way through pages: its form is filled
// in a draft, warnings are answered on a page of their own.
type command struct {
	p     *pages
	c     *kit.Ctx
	run   programme.Run
	kind  effect.CommandKind
	form  *form.Form
	path  string // of the act
	back  string
	title string

	draft *draft.Draft
	state form.State
}

func (p *pages) command(c *kit.Ctx) (*command, error) {
	scope, err := scopeOf(c)
	if err != nil {
		return nil, err
	}
	w := &command{p: p, c: c, back: scopePath(scope)}
	if scope.Kind == effect.Group {
		g, err := p.Programmes.Group(c.Context(), c.Actor(), scope.ID)
		if err != nil {
			return nil, err
		}
		w.run = g.Run()
	} else {
		x, err := p.Programmes.Get(c.Context(), c.Actor(), scope.ID)
		if err != nil {
			return nil, err
		}
		w.run = x.Run()
	}
	name := c.Param("czynnosc")
	for _, k := range p.Programmes.Commands(c.Actor(), w.run) {
		if k.Name == name {
			w.kind, w.path, w.title = k, w.back+"/czynnosc/"+name, k.Title.In(string(c.Lang()))
			return w, w.open()
		}
	}
	return nil, fault.ErrNotFound
}

func (w *command) open() error {
	if w.kind.Form.IsZero() {
		return nil
	}
	var err error
	if w.form, err = form.Decode(w.kind.Form.JSON); err != nil {
		return err
	}
	w.draft = &draft.Draft{Key: draft.Key{Form: "programme.act." + w.run.Type() + "." + w.kind.Name, Subject: w.run.Scope.ID.String()}}
	switch stored, err := w.p.Drafts.Load(w.c.Context(), w.c.Actor(), w.draft.Key); {
	case fault.Is(err, fault.NotFound):
	case err != nil:
		return err
	default:
		w.draft = stored
		if json.Unmarshal(stored.State, &w.state) != nil {
			w.state = form.State{}
		}
	}
	if w.draft.Rev != w.form.Rev || w.state.Values == nil {
		w.state, w.draft.Rev = form.Start(w.form), w.form.Rev
	}
	return nil
}

func (w *command) save() error {
	raw, err := json.Marshal(w.state)
	if err != nil {
		return err
	}
	w.draft.State = raw
	v, err := w.p.Drafts.Save(w.c.Context(), w.c.Actor(), w.draft)
	if err == nil {
		w.draft.Version = v
	}
	return err
}

func (w *command) crumbs() { w.c.Page(w.title).Crumb(w.c.T("programme.page.back"), w.back) }

// show prints the command's form.
func (w *command) show(status int, errs fault.Fields, pr ui.Problems) error {
	ctx := w.c.Context()
	body, err := formrender.HTML(ctx, formrender.Page{
		Form: w.form, State: w.state, Errors: errs, Action: w.path, Picker: w.p.Picker, Submit: w.title, CanSave: true,
		Hidden: []formrender.Hidden{{Name: kit.IdemField, Value: idem.NewKey()}, {Name: "wersja", Value: strconv.Itoa(w.draft.Version)}},
	})
	if err != nil {
		return err
	}
	w.crumbs()
	w.c.Page(w.title).Wrong = status >= http.StatusBadRequest
	return w.c.Render(status, actPage(w.title, body, formrender.Problems(ctx, w.form, w.state, errs), pr))
}

// question is the page of a command without a form, or with warnings.
func (w *command) question(pr ui.Problems, warnings []warning) templ.Component {
	w.crumbs()
	lead := w.c.T("programme.page.act_question")
	if len(warnings) > 0 {
		lead = ""
	}
	return formPage(formView{Warnings: warnings, FormView: ui.FormView{
		Title: w.title, Lead: lead, Action: w.path, Submit: w.title, Danger: w.kind.Dangerous, Problems: pr,
		Cancel: ui.Link{Text: w.c.T("programme.page.cancel"), Href: w.back}, Hidden: []ui.Hidden{{Name: "potwierdz", Value: "1"}},
	}})
}

func (p *pages) actQuestion(c *kit.Ctx) error {
	w, err := p.command(c)
	if err != nil {
		return err
	}
	if w.form != nil {
		return w.show(http.StatusOK, nil, ui.Problems{})
	}
	return c.Render(http.StatusOK, w.question(ui.Problems{}, nil))
}

func (p *pages) act(c *kit.Ctx) error {
	w, err := p.command(c)
	if err != nil {
		return err
	}
	sure := c.Form().Has("potwierdz")
	// A button in a view posts here: what has a form, or is dangerous, is asked first.
	if !sure && (w.form != nil && !c.Form().Has("wersja") || w.form == nil && w.kind.Dangerous) {
		return c.Redirect(w.path, "")
	}
	in := programme.Action{Command: w.kind.Name, Reasons: reasons(c.Form())}
	if w.form != nil {
		if !sure {
			if done, err := w.step(); !done || err != nil {
				return err
			}
		}
		a, _ := form.Parse(w.form, w.state)
		in.Answers = effect.Document{JSON: a.Canonical(), Revision: w.form.Rev}
	}
	if _, err := p.Programmes.Act(c.Context(), c.Actor(), w.run, in); err != nil {
		return w.refused(err)
	}
	if w.form != nil && w.draft.Version > 0 {
		if err := p.Drafts.Delete(c.Context(), c.Actor(), w.draft.Key); err != nil {
			return err
		}
	}
	return c.Redirect(w.back, "programme.flash.done")
}

// step takes a page of the form; done is true when everything was answered.
func (w *command) step() (bool, error) {
	c := w.c
	stale := c.Form().Get("wersja") != strconv.Itoa(w.draft.Version)
	state, o := form.Step(c.Lang(), w.form, w.state, c.Form().Values)
	w.state = state
	if stale {
		return false, w.show(http.StatusConflict, nil, ui.ProblemsOf(c.Context(), fault.New(fault.Conflict, "draft.stale")))
	}
	if err := w.save(); err != nil {
		return false, err
	}
	switch {
	case o.Asked == form.Save:
		return false, c.Redirect(w.back, "programme.flash.kept")
	case len(o.Errors) > 0:
		return false, w.show(http.StatusUnprocessableEntity, o.Errors, ui.Problems{})
	case !o.Done():
		return false, c.Redirect(w.path, "")
	}
	return true, nil
}

func (w *command) refused(err error) error {
	if warnings := warningsOf(w.c, err); len(warnings) > 0 {
		return w.c.Render(http.StatusUnprocessableEntity, w.question(ui.Problems{}, warnings))
	}
	f := fault.As(err)
	switch f.Kind {
	case fault.Invalid, fault.Conflict, fault.Unavailable:
		if w.form == nil {
			return w.c.Render(kit.Status(f.Kind), w.question(ui.ProblemsOf(w.c.Context(), err), nil))
		}
		if f.Kind == fault.Invalid {
			return w.show(http.StatusUnprocessableEntity, f.Fields, ui.Problems{})
		}
		return w.show(kit.Status(f.Kind), nil, ui.ProblemsOf(w.c.Context(), err))
	}
	return err
}
