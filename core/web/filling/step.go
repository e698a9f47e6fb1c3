package filling

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Page is the page around a form.
type Page func(body templ.Component, wrong []formrender.Problem, pr ui.Problems) templ.Component

// pickers are the search pages for things that are too many to list.
var pickers = map[string]string{"szkola": "/szkoly/wybierz", "school": "/szkoly/wybierz", "jst": "/jst/wybierz"}

// Picked takes the things that a search page sent back with (path=id).
func (f *Form) Picked() error {
	if f.Def == nil || f.Picker == nil {
		return nil
	}
	for path, ids := range f.c.Queries() {
		it := f.Def.ItemAt(path)
		if it == nil || it.Type != form.TypeRef || len(ids) == 0 {
			continue
		}
		label, err := f.Picker.Label(f.c.Context(), it.Ref, ids[0])
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		f.kept.Form.Pick(path, ids[0], label)
	}
	return nil
}

// Step takes a posted page of the form; bad are fields that the room found wrong
// before (files). done is true when everything was answered; otherwise the
// answer to the request was given.
func (f *Form) Step(bad fault.Fields) (answers effect.Document, done bool, err error) {
	if f.c.Form().Has(fieldSides) {
		return f.choose()
	}
	if f.stale() || f.gone {
		if led, err := f.repeated(); led || err != nil {
			return answers, false, err
		}
	}
	theirs := f.kept.Form
	state, o := form.Step(f.c.Lang(), f.Def, theirs, f.c.Form().Values)
	f.kept.Form = state
	if f.stale() {
		return answers, false, f.windows(theirs)
	}
	if f.gone && len(f.Def.Pages()) > 1 {
		// What the other pages said went with the draft.
		return answers, false, f.Show(http.StatusConflict, nil, ui.ProblemsOf(f.c.Context(), fault.New(fault.Conflict, "filling.gone")))
	}
	if err := f.save(); err != nil {
		if !fault.Is(err, fault.Conflict) {
			return answers, false, err
		}
		return answers, false, f.beaten()
	}
	switch errs := append(bad, o.Errors...); {
	case o.Asked == form.Save && len(bad) == 0:
		return answers, false, f.c.Redirect(f.Back, f.Kept)
	case o.Asked == form.PickRef && pickers[o.Ref] != "":
		q := url.Values{"powrot": {f.Here()}, "pole": {o.Path}}
		return answers, false, f.c.Redirect(pickers[o.Ref]+"?"+q.Encode(), "")
	case len(errs) > 0:
		f.revealed = o.Revealed
		return answers, false, f.Show(http.StatusUnprocessableEntity, errs, ui.Problems{})
	case len(o.Revealed) > 0:
		f.revealed = o.Revealed
		return answers, false, f.Show(http.StatusOK, nil, ui.Problems{})
	case !o.Done():
		return answers, false, f.c.Redirect(f.Here(), "")
	}
	return f.document(o.Result.Answers), true, nil
}

// beaten is for the moment in which another window saved first.
func (f *Form) beaten() error {
	mine := f.c.Form().Values
	if err := f.read(); err != nil {
		return err
	}
	theirs := f.kept.Form
	f.kept.Form, _ = form.Step(f.c.Lang(), f.Def, theirs, mine)
	return f.windows(theirs)
}

// Confirmed is for a page behind the form that asked once more. done is false
// when the answer to the request was given: another window changed what was
// confirmed, or it was confirmed already.
func (f *Form) Confirmed() (done bool, err error) {
	if f.Def == nil || !f.stale() && !f.gone {
		return true, nil
	}
	if led, err := f.repeated(); led || err != nil {
		return false, err
	}
	return false, f.Show(http.StatusConflict, nil, ui.ProblemsOf(f.c.Context(), fault.New(fault.Conflict, "filling.changed")))
}

func (f *Form) repeated() (bool, error) {
	if f.Repeated == nil {
		return false, nil
	}
	path, flash, ok, err := f.Repeated()
	if err != nil || !ok {
		return false, err
	}
	return true, f.c.Redirect(path, flash)
}

// HTML is the form itself.
func (f *Form) HTML(errs fault.Fields) (templ.Component, error) {
	hidden := []formrender.Hidden{{Name: kit.IdemField, Value: idem.NewKey()}}
	for _, h := range f.Keys() {
		hidden = append(hidden, formrender.Hidden(h))
	}
	return formrender.HTML(f.c.Context(), formrender.Page{
		Form: f.Def, State: f.kept.Form, Errors: errs, Revealed: f.revealed, Warnings: f.Remarks, Action: f.Post, Picker: f.Picker, Files: f.Files,
		Submit: f.Submit, CanSave: true, Hidden: hidden,
	})
}

// Show prints the form's page.
func (f *Form) Show(status int, errs fault.Fields, pr ui.Problems) error {
	body, err := f.HTML(errs)
	if err != nil {
		return err
	}
	content := f.Page(body, f.Problems(errs), pr)
	f.c.Page(f.Title).Wrong = status >= http.StatusBadRequest
	return f.c.Render(status, content)
}

// Problems are the lines of the summary for wrong fields.
func (f *Form) Problems(errs fault.Fields) []formrender.Problem {
	return formrender.Problems(f.c.Context(), f.Def, f.kept.Form, errs)
}

// Refused sorts an error of the finished act: fields of the form, which prefix
// marks among the core's own, go beside their questions, everything else on top.
// Somebody who saved first gets the page with both texts.
func (f *Form) Refused(err error, prefix string) error {
	if f.Def != nil && errors.Is(err, effect.ErrOvertaken) {
		return f.overtaken()
	}
	var x *fault.Error
	if !errors.As(err, &x) || f.Def == nil || x.Kind != fault.Invalid && x.Kind != fault.Conflict && x.Kind != fault.Unavailable {
		return err
	}
	var own fault.Fields
	rest := *x
	rest.Fields = nil
	for _, field := range x.Fields {
		if path, ok := strings.CutPrefix(field.Path, prefix); ok && f.Def.ItemAt(path) != nil {
			field.Path = path
			own = append(own, field)
			continue
		}
		rest.Fields = append(rest.Fields, field)
	}
	if len(own) > 0 {
		f.kept.Form.Page = max(f.Def.PageOf(own[0].Path), 0)
	}
	pr := ui.Problems{}
	if len(own) == 0 || len(rest.Fields) > 0 {
		pr = ui.ProblemsOf(f.c.Context(), &rest)
	}
	return f.Show(kit.Status(x.Kind), own, pr)
}
