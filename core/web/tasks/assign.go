package tasks

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type assignView struct {
	ui.FormView
	Inputs   []ui.Input
	Warnings []warning
	// Pick leads to the search for a person, where they are too many to list.
	Pick ui.Link
}

// pickView is the search for the person who gets a task.
type pickView struct {
	Title, Path, Text, Back string
	Found                   []ui.Link
	More                    bool
}

// warning is a module's warning with what was typed as the reason.
type warning struct{ Name, Text, Value string }

func warningsOf(c *kit.Ctx, err error) []warning {
	var need *task.NeedsReason
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

// reasons reads the answers to warnings; the hidden fields "ostrzezenie" name
// those that were on the page.
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

// assignInputs are the controls of a new task; values come from the form.
func (p scoped) assignInputs(c *kit.Ctx, scope effect.Scope, v *assignView) error {
	who, err := p.Tasks.Choices(c.Context(), c.Actor(), scope)
	if err != nil {
		return err
	}
	kinds := who.Kinds
	p.name(c, &who.Where, v.FormView.Title)
	f, l := c.Form(), string(c.Lang())
	typ := ui.Input{Kind: ui.Radios, Name: "rodzaj", Label: c.T("tasks.type"), Value: f.Get("rodzaj")}
	for _, k := range kinds {
		typ.Options = append(typ.Options, ui.Option{Value: k.Type, Text: k.Title.In(l)})
	}
	if len(kinds) == 1 {
		typ.Value = kinds[0].Type
	}
	to := ui.Input{Kind: ui.Select, Name: "dla", Label: c.T("tasks.for"), Value: cmp.Or(f.Get("dla"), c.Query("dla")), Empty: c.T("tasks.choose")}
	if chosen := assigneeOf(to.Value); who.Many {
		v.Pick = ui.Link{Text: c.T("tasks.pick"), Href: p.base + "/" + scope.ID.String() + "/zadania/komu"}
		if chosen.Kind == effect.AssigneePerson {
			if x, err := p.Tasks.Member(c.Context(), c.Actor(), scope, chosen.ID); err == nil {
				v.Pick.Text = c.T("tasks.pick_other")
				to.Options = append(to.Options, ui.Option{Value: to.Value, Text: x.Name})
			} else if !fault.Is(err, fault.NotFound) {
				return err
			}
		}
	}
	if scope.Kind == effect.Network {
		to.Options = append(to.Options, ui.Option{Value: "network:" + scope.ID.String(), Text: c.T("tasks.for_everybody")})
	}
	for _, g := range who.Groups {
		to.Options = append(to.Options, ui.Option{Value: "group:" + g.ID.String(), Text: c.T("tasks.for_group", "Name", g.Name)})
	}
	for _, x := range who.People {
		to.Options = append(to.Options, ui.Option{Value: "person:" + x.ID.String(), Text: x.Name})
	}
	v.Inputs = []ui.Input{
		typ, to,
		{Name: "nazwa", Label: c.T("tasks.name"), Value: f.Get("nazwa"), Max: 200},
		{Kind: ui.Textarea, Name: "polecenie", Label: c.T("tasks.instructions"), Value: f.Text("polecenie"), Optional: true, Max: 4000},
		{Kind: ui.Date, Name: "termin", Label: c.T("tasks.due_label"), Hint: c.T("tasks.due_hint"), Value: f.Get("termin"), Optional: true, Size: "short"},
	}
	return nil
}

// pick searches for the person who gets a task.
func (p scoped) pick(c *kit.Ctx) error {
	scope, at, err := p.scope(c)
	if err != nil {
		return err
	}
	found, err := p.Tasks.FindMembers(c.Context(), c.Actor(), scope, c.Query("q"))
	if err != nil {
		return err
	}
	v := pickView{Title: c.T("tasks.pick"), Path: at + "/zadania/komu", Text: c.Query("q"), Back: at + "/zadania/nowe", More: found.More}
	for _, x := range found.People {
		v.Found = append(v.Found, ui.Link{Text: x.Name, Href: withQuery(v.Back, "dla", "person:"+x.ID.String())})
	}
	p.name(c, &found.Where, v.Title)
	return c.Render(http.StatusOK, pickPage(v))
}

// name names a page about giving a task, by the way of the place's list.
func (p scoped) name(c *kit.Ctx, at *task.Where, title string) {
	p.around(c, at, title)
	c.Page(title).Crumb(c.T("tasks.of"), p.base+"/"+at.Scope.ID.String()+"/zadania")
}

func (p scoped) assignPage(c *kit.Ctx, scope effect.Scope, at string, pr ui.Problems, w []warning) (templ.Component, error) {
	title := c.T("tasks.new")
	v := assignView{
		FormView: ui.FormView{Title: title, Action: at + "/zadania/nowe", Submit: c.T("tasks.assign"), Problems: pr,
			Cancel: ui.Link{Text: c.T("tasks.cancel_form"), Href: at + "/zadania"}},
		Warnings: w,
	}
	if err := p.assignInputs(c, scope, &v); err != nil {
		return nil, err
	}
	return assignPage(v), nil
}

func (p scoped) assignForm(c *kit.Ctx) error {
	scope, at, err := p.scope(c)
	if err != nil {
		return err
	}
	page, err := p.assignPage(c, scope, at, ui.Problems{}, nil)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// assigned are the service's names of the page's controls.
var assigned = map[string]string{"type": "rodzaj", "assignee": "dla", "title": "nazwa", "instructions": "polecenie", "due": "termin"}

func (p scoped) assign(c *kit.Ctx) error {
	scope, at, err := p.scope(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := task.NewTask{Type: f.Get("rodzaj"), Scope: scope, Assignee: assigneeOf(f.Get("dla")), Title: f.Get("nazwa"), Instructions: f.Text("polecenie"), Reasons: reasons(f)}
	in.Due, err = dayEnd(f.Get("termin"))
	var id uuid.UUID
	if err == nil {
		id, err = p.Tasks.Assign(c.Context(), c.Actor(), in)
	}
	if err == nil {
		return c.Redirect(pathOf(id), "tasks.flash.assigned")
	}
	w := warningsOf(c, err)
	var failed error
	answer := c.Retry(renamed(err, assigned), func(pr ui.Problems) templ.Component {
		page, e := p.assignPage(c, scope, at, pr, w)
		failed = e
		if e != nil {
			return templ.NopComponent
		}
		return page
	})
	return errors.Join(failed, answer)
}

func assigneeOf(s string) effect.Assignee {
	kind, raw, _ := strings.Cut(s, ":")
	id, err := uuid.Parse(raw)
	if err != nil {
		return effect.Assignee{}
	}
	return effect.Assignee{Kind: effect.AssigneeKind(kind), ID: id}
}
