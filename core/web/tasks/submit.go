package tasks

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// confirmView asks for authors and reasons before a task is handed in.
type confirmView struct {
	ui.FormView
	Authors  *ui.Input
	Warnings []warning
}

// submit takes a page of the form: it is saved, and handed in when it is done.
func (p *pages) submit(c *kit.Ctx) error {
	w, err := p.open(c)
	if err != nil {
		return err
	}
	if w.d.Off != nil {
		return w.d.Off
	}
	if !w.d.MaySubmit {
		done, err := p.Tasks.Handed(c.Context(), c.Actor(), w.d)
		if err != nil {
			return err
		}
		if done {
			return c.Redirect(pathOf(w.d.ID), "tasks.flash.submitted")
		}
		return w.show(http.StatusConflict, nil, ui.ProblemsOf(c.Context(), fault.New(fault.Conflict, "task.not_yours_now")))
	}
	if c.Form().Has("potwierdz") {
		if done, err := w.form.Confirmed(); !done || err != nil {
			return err
		}
		return w.handIn()
	}
	bad, err := w.upload()
	if err != nil {
		return err
	}
	if _, done, err := w.form.Step(bad); !done || err != nil {
		return err
	}
	if w.d.Kind.SharedSubmission && len(w.d.Team) > 1 {
		return c.Render(http.StatusOK, w.confirm(ui.Problems{}, nil))
	}
	return w.handIn()
}

// upload stores the files of the page and puts their ids among the values. A
// file that is refused becomes a field; other errors are returned.
func (w *work) upload() (fault.Fields, error) {
	var bad fault.Fields
	f := w.c.Form()
	for path, headers := range f.Files {
		it := w.d.Form.ItemAt(path)
		if it == nil || it.Type != form.TypeFile {
			continue
		}
		for _, h := range headers {
			if h.Filename == "" && h.Size == 0 {
				continue
			}
			r, err := h.Open()
			if err != nil {
				return nil, err
			}
			stored, err := w.p.Files.Upload(w.c.Context(), w.c.Actor(), h.Filename, r)
			if closed := r.Close(); err == nil {
				err = closed
			}
			switch x := fault.As(err); {
			case err == nil:
				f.Values.Add(path, stored.ID.String())
			case x.Kind == fault.Internal || x.Kind == fault.Unauthenticated:
				return nil, err
			default:
				bad = append(bad, fault.Field{Path: path, Key: x.Key, Args: x.Args, Text: x.Text})
			}
		}
	}
	return bad, nil
}

// confirm is the page between the form and handing in.
func (w *work) confirm(pr ui.Problems, warnings []warning) templ.Component {
	c, d := w.c, w.d
	w.form.Hidden[0].Value = c.Form().Get(fieldTask) // what is confirmed is what the form showed
	v := confirmView{Warnings: warnings}
	v.FormView = ui.FormView{
		Title: c.T("tasks.confirm"), Lead: d.Title, Action: pathOf(d.ID) + "/oddaj", Submit: c.T("tasks.submit"), Problems: pr,
		Cancel: ui.Link{Text: c.T("tasks.back_to_form"), Href: pathOf(d.ID)},
		Hidden: append(w.form.Keys(), ui.Hidden{Name: "potwierdz", Value: "1"}),
	}
	if d.Kind.SharedSubmission && len(d.Team) > 1 {
		in := ui.Input{Kind: ui.Checkboxes, Name: "autor", Label: c.T("tasks.authors"), Hint: c.T("tasks.authors_hint"), Values: c.Form().All("autor"), Optional: true}
		for _, p := range d.Team {
			if p.ID != c.Actor().Person {
				in.Options = append(in.Options, ui.Option{Value: p.ID.String(), Text: p.Name})
			}
		}
		v.Authors = &in
	}
	w.p.crumbs(c, &d.Task, v.Title)
	return confirmPage(v)
}

func (w *work) handIn() error {
	c, d := w.c, w.d
	version, err := strconv.ParseInt(c.Form().Get(fieldTask), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "web.bad_form")
	}
	in := task.Handing{Version: version, FormRev: d.FormRev, Answers: w.form.Answers().JSON, Reasons: reasons(c.Form())}
	for _, raw := range c.Form().All("autor") {
		if id, err := uuid.Parse(raw); err == nil {
			in.Authors = append(in.Authors, id)
		}
	}
	r, err := w.p.Tasks.Submit(c.Context(), c.Actor(), d.ID, in)
	if err == nil {
		if err := w.form.Forget(); err != nil {
			return err
		}
		return c.Redirect(pathOf(r.Task), "tasks.flash.submitted")
	}
	return w.refused(err)
}

// refused sorts what kept the task from being handed in: warnings and authors
// belong to the confirming page, answers to the form, a lost race to the task
// as it is now, with what was not handed in below.
func (w *work) refused(err error) error {
	c := w.c
	if warnings := warningsOf(c, err); len(warnings) > 0 {
		pr := ui.Problems{}
		if c.Form().Has("ostrzezenie") {
			pr = ui.ProblemsOf(c.Context(), reasonFields(err))
		}
		return c.Render(http.StatusUnprocessableEntity, w.confirm(pr, warnings))
	}
	f := fault.As(err)
	switch f.Kind {
	case fault.Invalid:
		for _, x := range f.Fields {
			if x.Path == "authors" {
				return c.Render(http.StatusUnprocessableEntity, w.confirm(ui.ProblemsOf(c.Context(), renamed(err, map[string]string{"authors": "autor"})), nil))
			}
		}
		return w.show(http.StatusUnprocessableEntity, f.Fields, ui.Problems{})
	case fault.Conflict, fault.Unavailable:
		fresh, e := w.p.Tasks.Get(c.Context(), c.Actor(), w.d.ID)
		if e != nil {
			return e
		}
		w.d, w.draft = fresh, nil
		if e := w.fill(); e != nil {
			return e
		}
		return w.show(kit.Status(f.Kind), nil, ui.ProblemsOf(c.Context(), err))
	}
	return err
}

// reasonFields puts the warnings of an error beside the fields for reasons.
func reasonFields(err error) error {
	var need *task.NeedsReason
	if !errors.As(err, &need) {
		return err
	}
	f := &fault.Error{Kind: fault.Invalid, Key: "tasks.reason_needed"}
	for _, d := range need.Warnings {
		f.Fields = append(f.Fields, fault.Field{Path: "powod." + d.Code + "." + d.Path, Key: "tasks.reason_needed"})
	}
	return f
}
