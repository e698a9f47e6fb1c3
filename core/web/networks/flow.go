package networks

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
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// begun is what a draft of this room holds: what the core asked, by the names
// of its fields, and the module's form.
type begun struct {
	Core map[string]string `json:"core,omitempty"`
	Form form.State        `json:"form"`
}

// flow is a module's form on its way through pages. Its state lies in the
// person's draft, so that any page can be left and come back to.
type flow struct {
	p    *pages
	c    *kit.Ctx
	form *form.Form // nil when the module asks nothing
	key  draft.Key
	// path is the page of the form; back where "save and come back later" leads.
	path, back    string
	title, submit string

	// picker names what the form refers to.
	picker form.Picker

	draft *draft.Draft
	begun begun
	// fresh is true when there was no draft yet.
	fresh bool
}

// open reads the draft, or begins one in memory.
func (w *flow) open(doc effect.Document) error {
	if w.picker == nil {
		w.picker = w.p.Picker
	}
	if !doc.IsZero() {
		f, err := form.Decode(doc.JSON)
		if err != nil {
			return err
		}
		w.form = f
	}
	d, err := w.p.Drafts.Load(w.c.Context(), w.c.Actor(), w.key)
	switch {
	case fault.Is(err, fault.NotFound):
		w.draft, w.fresh = &draft.Draft{Key: w.key}, true
	case err != nil:
		return err
	default:
		w.draft = d
		if json.Unmarshal(d.State, &w.begun) != nil {
			w.begun = begun{}
		}
	}
	if w.form == nil {
		return nil
	}
	// Answers to another revision of the form would not fit: what the core
	// asked stays, the form begins anew.
	if w.fresh || w.draft.Rev != w.form.Rev || w.begun.Form.Values == nil {
		w.begun.Form = form.Start(w.form)
		w.draft.Rev = w.form.Rev
	}
	return nil
}

// stale reports whether the page that was sent showed another version of the draft.
func (w *flow) stale() bool {
	return w.c.Form().Get("wersja") != strconv.Itoa(w.draft.Version)
}

func (w *flow) hidden() []ui.Hidden {
	return []ui.Hidden{{Name: "wersja", Value: strconv.Itoa(w.draft.Version)}}
}

func (w *flow) save() error {
	raw, err := json.Marshal(w.begun)
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

func (w *flow) done() error {
	if w.draft.Version == 0 {
		return nil
	}
	return w.p.Drafts.Delete(w.c.Context(), w.c.Actor(), w.key)
}

// pickers are the search pages for things that are too many to list.
var pickers = map[string]string{"szkola": "/szkoly/wybierz", "school": "/szkoly/wybierz", "jst": "/jst/wybierz"}

// picked takes the things that a search page sent back with (path=id).
func (w *flow) picked() error {
	if w.form == nil || w.picker == nil {
		return nil
	}
	for path, ids := range w.c.Queries() {
		it := w.form.ItemAt(path)
		if it == nil || it.Type != form.TypeRef || len(ids) == 0 {
			continue
		}
		label, err := w.picker.Label(w.c.Context(), it.Ref, ids[0])
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return err
		}
		w.begun.Form.Pick(path, ids[0], label)
	}
	return nil
}

// step takes a posted page of the form. done is true when everything was
// answered; otherwise the answer to the request was given.
func (w *flow) step(page func(templ.Component, []formrender.Problem, ui.Problems) templ.Component) (answers effect.Document, done bool, err error) {
	stale := w.stale()
	state, o := form.Step(w.c.Lang(), w.form, w.begun.Form, w.c.Form().Values)
	w.begun.Form = state
	if stale {
		err := fault.New(fault.Conflict, "draft.stale")
		return effect.Document{}, false, w.show(http.StatusConflict, nil, ui.ProblemsOf(w.c.Context(), err), page)
	}
	if err := w.save(); err != nil {
		return effect.Document{}, false, err
	}
	switch {
	case o.Asked == form.Save:
		return effect.Document{}, false, w.c.Redirect(w.back, "networks.flash.kept")
	case o.Asked == form.PickRef && pickers[o.Ref] != "":
		return effect.Document{}, false, w.c.Redirect(withQuery(pickers[o.Ref], "powrot", w.path, "pole", o.Path), "")
	case len(o.Errors) > 0:
		return effect.Document{}, false, w.show(http.StatusUnprocessableEntity, o.Errors, ui.Problems{}, page)
	case !o.Done():
		return effect.Document{}, false, w.c.Redirect(w.path, "")
	}
	return w.document(o.Result.Answers), true, nil
}

func (w *flow) document(a form.Answers) effect.Document {
	return effect.Document{JSON: a.Canonical(), Revision: w.form.Rev}
}

// answers are those of the stored state, for a page that confirms warnings.
func (w *flow) answers() effect.Document {
	if w.form == nil {
		return effect.Document{}
	}
	a, _ := form.Parse(w.form, w.begun.Form)
	return w.document(a)
}

// show prints the form's page.
func (w *flow) show(status int, errs fault.Fields, problems ui.Problems, page func(templ.Component, []formrender.Problem, ui.Problems) templ.Component) error {
	ctx := w.c.Context()
	body, err := formrender.HTML(ctx, formrender.Page{
		Form: w.form, State: w.begun.Form, Errors: errs, Action: w.path, Picker: w.picker, Submit: w.submit, CanSave: true,
		Hidden: []formrender.Hidden{{Name: kit.IdemField, Value: idem.NewKey()}, {Name: "wersja", Value: strconv.Itoa(w.draft.Version)},
			{Name: savedField, Value: w.begun.Core[savedField]}},
	})
	if err != nil {
		return err
	}
	content := page(body, formrender.Problems(ctx, w.form, w.begun.Form, errs), problems)
	w.c.Page(w.title).Wrong = status >= http.StatusBadRequest
	return w.c.Render(status, content)
}

// refused sorts an error of the finished act: fields of the module's form go
// beside their questions, everything else on top.
func (w *flow) refused(err error, page func(templ.Component, []formrender.Problem, ui.Problems) templ.Component) error {
	var f *fault.Error
	if !errors.As(err, &f) || w.form == nil || f.Kind != fault.Invalid && f.Kind != fault.Conflict && f.Kind != fault.Unavailable {
		return err
	}
	var own fault.Fields
	rest := *f
	rest.Fields = nil
	for _, x := range f.Fields {
		if path, ok := strings.CutPrefix(x.Path, network.FormPrefix); ok && w.form.ItemAt(path) != nil {
			x.Path = path
			own = append(own, x)
			continue
		}
		rest.Fields = append(rest.Fields, x)
	}
	if len(own) > 0 {
		w.begun.Form.Page = max(w.form.PageOf(own[0].Path), 0)
	}
	problems := ui.Problems{}
	if len(own) == 0 || len(rest.Fields) > 0 {
		problems = ui.ProblemsOf(w.c.Context(), &rest)
	}
	return w.show(kit.Status(f.Kind), own, problems, page)
}
