package programmes

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/web/filling"
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

// command is an act of the module that the reader may give.
type command struct {
	p     *pages
	c     *kit.Ctx
	run   programme.Run
	kind  effect.CommandKind
	path  string // of the act
	back  string
	title string
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
	if w.kind, err = p.Programmes.Command(c.Actor(), w.run, c.Param("czynnosc")); err != nil {
		return nil, err
	}
	w.path, w.title = w.back+"/czynnosc/"+w.kind.Name, w.kind.Title.In(string(c.Lang()))
	return w, nil
}

func (w *command) reachable() error {
	return w.p.Programmes.Reachable(w.c.Context(), w.run, w.kind.Name)
}

// open opens the command's form.
func (w *command) open() (*filling.Form, error) {
	c, s := w.c, w.p.Programmes
	return filling.Open(filling.Config{
		Ctx: c, Drafts: w.p.Drafts, Doc: w.kind.Form,
		Key:  draft.Key{Form: "programme.act." + w.run.Type() + "." + w.kind.Name, Subject: w.run.Scope.ID.String()},
		Path: w.path, Back: w.back, Title: w.title, Submit: w.title, Picker: w.p.Picker,
		Saved: func(ctx context.Context) (*effect.Saved, error) { return s.Saved(ctx, c.Actor(), w.run, w.kind.Name) },
		Repeated: func() (string, string, bool, error) {
			done, err := s.Acted(c.Context(), c.Actor(), w.run, w.kind.Name)
			return w.back, "programme.flash.done", done, err
		},
		Page: func(body templ.Component, wrong []formrender.Problem, pr ui.Problems) templ.Component {
			w.crumbs(w.title)
			return actPage(w.title, body, wrong, pr)
		},
		Head: w.crumbs,
		Kept: "programme.flash.kept", Dropped: "programme.flash.dropped", Done: "programme.flash.done",
	})
}

func (w *command) crumbs(title string) { w.c.Page(title).Crumb(w.c.T("programme.page.back"), w.back) }

// question is the page of a command without a form, or with warnings.
func (w *command) question(pr ui.Problems, warnings []warning, hidden []ui.Hidden) templ.Component {
	w.crumbs(w.title)
	lead := w.c.T("programme.page.act_question")
	if len(warnings) > 0 {
		lead = ""
	}
	return formPage(formView{Warnings: warnings, FormView: ui.FormView{
		Title: w.title, Lead: lead, Action: w.path, Submit: w.title, Danger: w.kind.Dangerous, Problems: pr,
		Cancel: ui.Link{Text: w.c.T("programme.page.cancel"), Href: w.back}, Hidden: append(hidden, ui.Hidden{Name: "potwierdz", Value: "1"}),
	}})
}

// actQuestion shows the command's form, or asks whether to go on. A form that
// could not be sent is not shown.
func (p *pages) actQuestion(c *kit.Ctx) error {
	w, err := p.command(c)
	if err != nil {
		return err
	}
	if err := w.reachable(); err != nil {
		return err
	}
	if w.kind.Form.IsZero() {
		return c.Render(http.StatusOK, w.question(ui.Problems{}, nil, nil))
	}
	f, err := w.open()
	if err != nil {
		return err
	}
	if err := f.Picked(); err != nil {
		return err
	}
	return f.Show(http.StatusOK, nil, ui.Problems{})
}

func (p *pages) act(c *kit.Ctx) error {
	w, err := p.command(c)
	if err != nil {
		return err
	}
	if !w.kind.Form.IsZero() {
		return w.byForm()
	}
	// A button in a view posts here: what is dangerous is asked first.
	if !c.Form().Has("potwierdz") && w.kind.Dangerous {
		return c.Redirect(w.path, "")
	}
	if _, err := p.Programmes.Act(c.Context(), c.Actor(), w.run, programme.Action{Command: w.kind.Name, Reasons: reasons(c.Form())}); err != nil {
		return w.refused(err, nil)
	}
	return c.Redirect(w.back, "programme.flash.done")
}

// byForm takes a page of the command's form, or the page that asked for reasons
// behind it.
func (w *command) byForm() error {
	c := w.c
	if err := w.reachable(); effect.IsDisabled(err) {
		return err
	}
	f, err := w.open()
	if err != nil {
		return err
	}
	if !f.Sent() {
		return c.Redirect(w.path, "")
	}
	in := programme.Action{Command: w.kind.Name, Reasons: reasons(c.Form())}
	var done bool
	if c.Form().Has("potwierdz") {
		in.Answers = f.Answers()
		done, err = f.Confirmed()
	} else {
		in.Answers, done, err = f.Step(nil)
	}
	if !done || err != nil {
		return err
	}
	in.Version = f.Filled()
	if _, err := w.p.Programmes.Act(c.Context(), c.Actor(), w.run, in); err != nil {
		return w.refused(err, f)
	}
	if err := f.Forget(); err != nil {
		return err
	}
	return c.Redirect(w.back, "programme.flash.done")
}

// refused shows what stands against the act: beside the form f, or, for
// warnings and without a form, on a page that asks again.
func (w *command) refused(err error, f *filling.Form) error {
	if warnings := warningsOf(w.c, err); len(warnings) > 0 {
		var hidden []ui.Hidden
		if f != nil {
			hidden = f.Keys()
		}
		return w.c.Render(http.StatusUnprocessableEntity, w.question(ui.Problems{}, warnings, hidden))
	}
	if f != nil {
		return f.Refused(err, "")
	}
	switch kind := fault.KindOf(err); kind {
	case fault.Invalid, fault.Conflict, fault.Unavailable:
		return w.c.Render(kit.Status(kind), w.question(ui.ProblemsOf(w.c.Context(), err), nil, nil))
	}
	return err
}
