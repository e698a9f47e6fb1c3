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
		err := fault.New(fault.Conflict, "task.not_yours_now")
		return w.show(http.StatusConflict, nil, ui.ProblemsOf(c.Context(), err))
	}
	if c.Form().Has("potwierdz") {
		return w.handIn()
	}
	if done, err := w.step(); !done || err != nil {
		return err
	}
	if w.d.Kind.SharedSubmission && len(w.d.Team) > 1 {
		return c.Render(http.StatusOK, w.confirm(ui.Problems{}, nil))
	}
	return w.handIn()
}

// step takes what was typed; done is true when every answer is there.
// Otherwise the request was answered.
func (w *work) step() (done bool, err error) {
	c := w.c
	values := c.Form().Values
	bad, err := w.upload()
	if err != nil {
		return false, err
	}
	stale := c.Form().Get("wersja") != strconv.Itoa(w.draft.Version)
	state, o := form.Step(c.Lang(), w.d.Form, w.state, values)
	w.state = state
	if stale {
		return false, w.show(http.StatusConflict, nil, ui.ProblemsOf(c.Context(), fault.New(fault.Conflict, "draft.stale")))
	}
	if err := w.save(); err != nil {
		return false, err
	}
	switch errs := append(bad, o.Errors...); {
	case o.Asked == form.Save && len(bad) == 0:
		return false, c.Redirect(listPath, "tasks.flash.kept")
	case o.Asked == form.PickRef && pickers[o.Ref] != "":
		return false, c.Redirect(withQuery(pickers[o.Ref], "powrot", pathOf(w.d.ID), "pole", o.Path), "")
	case len(errs) > 0:
		return false, w.show(http.StatusUnprocessableEntity, errs, ui.Problems{})
	case !o.Done():
		return false, c.Redirect(pathOf(w.d.ID), "")
	}
	return true, nil
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
	v := confirmView{Warnings: warnings}
	v.FormView = ui.FormView{
		Title: c.T("tasks.confirm"), Lead: d.Title, Action: pathOf(d.ID) + "/oddaj", Submit: c.T("tasks.submit"), Problems: pr,
		Cancel: ui.Link{Text: c.T("tasks.back_to_form"), Href: pathOf(d.ID)},
		Hidden: []ui.Hidden{{Name: "potwierdz", Value: "1"}, {Name: "zadanie", Value: c.Form().Get("zadanie")}},
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
	a, _ := form.Parse(d.Form, w.state)
	version, err := strconv.ParseInt(c.Form().Get("zadanie"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "web.bad_form")
	}
	in := task.Handing{Version: version, FormRev: d.FormRev, Answers: a.Canonical(), Reasons: reasons(c.Form())}
	for _, raw := range c.Form().All("autor") {
		if id, err := uuid.Parse(raw); err == nil {
			in.Authors = append(in.Authors, id)
		}
	}
	r, err := w.p.Tasks.Submit(c.Context(), c.Actor(), d.ID, in)
	if err == nil {
		if err := w.forget(); err != nil {
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
		id, e := c.UUID("id")
		if e != nil {
			return e
		}
		fresh, e := w.p.Tasks.Get(c.Context(), c.Actor(), id)
		if e != nil {
			return e
		}
		w.d = fresh
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
