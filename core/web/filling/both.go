package filling

import (
	"maps"
	"net/http"
	"slices"
	"strconv"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Fields of the page with both texts.
const (
	fieldSides  = "_obie"
	fieldDo     = "_co"
	fieldChoice = "_wybor." // and the path of a difference
)

// What overtook the form.
const (
	byWindow = "okno"  // another window, in the draft
	byRecord = "zapis" // another editor, in the record
)

// What is to be done with the choices.
const (
	doSave = "zapisz"
	doEdit = "popraw"
	doDrop = "odrzuc"
)

// The choices.
const (
	takeMine   = "moje"
	takeTheirs = "zapisane"
)

// bothView is the page with both texts.
type bothView struct {
	Title, Lead string
	Action      string
	Hidden      []ui.Hidden
	List        []difference
	// Save is empty where the choices cannot be saved without the form.
	Save, Edit, Drop string
}

type difference struct {
	formrender.Difference
	Choice ui.Input
}

// windows shows what this window sent beside what another one saved.
func (f *Form) windows(theirs form.State) error {
	c := f.c
	v := bothView{Title: c.T("filling.windows"), Lead: c.T("filling.windows_lead"), Edit: c.T("filling.keep")}
	own := map[string]bool{kit.IdemField: true, form.FieldDo: true, fieldVersion: true, fieldWindow: true, fieldSaved: true, fieldSides: true, fieldDo: true}
	for _, h := range f.Hidden {
		own[h.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.Form().Values)) {
		if own[name] || len(name) > len(fieldChoice) && name[:len(fieldChoice)] == fieldChoice {
			continue
		}
		for _, value := range c.Form().Values[name] {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: name, Value: value})
		}
	}
	return f.both(v, byWindow, theirs)
}

// overtaken shows what was to be saved beside what somebody saved first.
func (f *Form) overtaken() error {
	saved, err := f.Saved(f.c.Context())
	if err != nil {
		return err
	}
	theirs, ok := f.savedState(saved)
	f.core()[savedCore] = strconv.FormatInt(saved.Version(), 10)
	if !ok { // nothing to lay beside it: the record is gone, or follows a newer form
		if err := f.save(); err != nil {
			return err
		}
		return f.Show(http.StatusConflict, nil, ui.ProblemsOf(f.c.Context(), effect.ErrOvertaken))
	}
	c := f.c
	if same, err := f.says(theirs); err != nil {
		return err
	} else if same {
		if err := f.Forget(); err != nil {
			return err
		}
		return c.Redirect(f.Back, f.Done)
	}
	return f.both(bothView{
		Title: c.T("web.conflict.title"), Lead: c.T("filling.overtaken_lead"),
		Save: c.T("filling.save"), Edit: c.T("filling.edit"), Drop: c.T("filling.drop"),
	}, byRecord, theirs)
}

// says reports whether the form says what theirs says.
func (f *Form) says(theirs form.State) (bool, error) {
	list, err := formrender.Differences(f.c.Context(), formrender.Comparison{Form: f.Def, Before: theirs, After: f.kept.Form})
	return len(list) == 0, err
}

func (f *Form) both(v bothView, by string, theirs form.State) error {
	c := f.c
	list, err := formrender.Differences(c.Context(), formrender.Comparison{Form: f.Def, Before: theirs, After: f.kept.Form, Files: f.Files})
	if err != nil {
		return err
	}
	for _, d := range list {
		name := fieldChoice + d.Path
		in := ui.Input{Kind: ui.Radios, Name: name, Label: c.T("filling.which", "Label", d.Label), Value: c.Form().Get(name), Options: []ui.Option{
			{Value: takeTheirs, Text: c.T("web.conflict.theirs")}, {Value: takeMine, Text: c.T("web.conflict.mine")},
		}}
		if in.Value == "" {
			in.Value = takeMine
		}
		v.List = append(v.List, difference{d, in})
	}
	v.Action = f.Post
	v.Hidden = append(v.Hidden, f.Keys()...)
	v.Hidden = append(v.Hidden, ui.Hidden{Name: fieldSides, Value: by})
	f.Head(v.Title)
	c.Page(v.Title).Wrong = true
	return c.Render(http.StatusConflict, bothPage(v))
}

// choose takes what was chosen on the page with both texts.
func (f *Form) choose() (answers effect.Document, done bool, err error) {
	c := f.c
	if f.gone {
		if led, err := f.repeated(); led || err != nil {
			return answers, false, err
		}
	}
	if c.Form().Get(fieldDo) == doDrop {
		if err := f.Forget(); err != nil {
			return answers, false, err
		}
		return answers, false, c.Redirect(f.Back, f.Dropped)
	}
	theirs, again, err := f.sides()
	if err != nil || again {
		return answers, false, err
	}
	list, err := formrender.Differences(c.Context(), formrender.Comparison{Form: f.Def, Before: theirs, After: f.kept.Form})
	if err != nil {
		return answers, false, err
	}
	var take []string
	for _, d := range list {
		if c.Form().Get(fieldChoice+d.Path) == takeTheirs {
			take = append(take, d.Path)
		}
	}
	f.kept.Form = form.Take(f.Def, f.kept.Form, theirs, take)
	if err := f.save(); err != nil {
		if fault.Is(err, fault.Conflict) {
			err = f.Show(http.StatusConflict, nil, ui.ProblemsOf(c.Context(), err))
		}
		return answers, false, err
	}
	if c.Form().Get(fieldDo) != doSave {
		return answers, false, c.Redirect(f.Here(), "")
	}
	a, bad := form.Parse(f.Def, f.kept.Form)
	r := form.Validate(c.Lang(), f.Def, a, form.Final, bad)
	if len(r.Errors) > 0 {
		f.kept.Form.Page = max(f.Def.PageOf(r.Errors[0].Path), 0)
		return answers, false, f.Show(http.StatusUnprocessableEntity, r.Errors, ui.Problems{})
	}
	return f.document(r.Answers), true, nil
}

// sides is the saved side of the page that was sent, the own one lies in the
// form. again is true when it was saved once more since: the page is shown anew.
func (f *Form) sides() (theirs form.State, again bool, err error) {
	if f.c.Form().Get(fieldSides) == byWindow || f.Saved == nil {
		theirs = f.kept.Form
		f.kept.Form, _ = form.Step(f.c.Lang(), f.Def, theirs, f.c.Form().Values)
		if f.shown() != f.draft.Version {
			return theirs, true, f.windows(theirs)
		}
		return theirs, false, nil
	}
	if f.stale() {
		return theirs, true, f.Show(http.StatusConflict, nil, ui.ProblemsOf(f.c.Context(), fault.New(fault.Conflict, "filling.changed")))
	}
	saved, err := f.Saved(f.c.Context())
	if err != nil {
		return theirs, false, err
	}
	theirs, ok := f.savedState(saved)
	if !ok || strconv.FormatInt(saved.Version(), 10) != f.c.Form().Get(fieldSaved) {
		return theirs, true, f.overtaken()
	}
	return theirs, false, nil
}
