package tasks

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type assignView struct {
	ui.FormView
	Inputs   []ui.Input
	Warnings []warning
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
func (p scoped) assignInputs(c *kit.Ctx, scope effect.Scope) ([]ui.Input, error) {
	kinds, err := p.Tasks.Kinds(c.Context(), c.Actor(), scope)
	if err != nil {
		return nil, err
	}
	who, err := p.Tasks.Candidates(c.Context(), c.Actor(), scope)
	if err != nil {
		return nil, err
	}
	f, l := c.Form(), string(c.Lang())
	typ := ui.Input{Kind: ui.Radios, Name: "rodzaj", Label: c.T("tasks.type"), Value: f.Get("rodzaj")}
	for _, k := range kinds {
		typ.Options = append(typ.Options, ui.Option{Value: k.Type, Text: k.Title.In(l)})
	}
	if len(kinds) == 1 {
		typ.Value = kinds[0].Type
	}
	to := ui.Input{Kind: ui.Select, Name: "dla", Label: c.T("tasks.for"), Value: f.Get("dla"), Empty: c.T("tasks.choose")}
	if scope.Kind == effect.Network {
		to.Options = append(to.Options, ui.Option{Value: "network:" + scope.ID.String(), Text: c.T("tasks.for_everybody")})
	}
	for _, g := range who.Groups {
		to.Options = append(to.Options, ui.Option{Value: "group:" + g.ID.String(), Text: c.T("tasks.for_group", "Name", g.Name)})
	}
	for _, x := range who.People {
		to.Options = append(to.Options, ui.Option{Value: "person:" + x.ID.String(), Text: x.Name})
	}
	return []ui.Input{
		typ, to,
		{Name: "nazwa", Label: c.T("tasks.name"), Value: f.Get("nazwa"), Max: 200},
		{Kind: ui.Textarea, Name: "polecenie", Label: c.T("tasks.instructions"), Value: f.Text("polecenie"), Optional: true, Max: 4000},
		{Kind: ui.Date, Name: "termin", Label: c.T("tasks.due_label"), Hint: c.T("tasks.due_hint"), Value: f.Get("termin"), Optional: true, Size: "short"},
	}, nil
}

func (p scoped) assignPage(c *kit.Ctx, scope effect.Scope, at string, pr ui.Problems, w []warning) (templ.Component, error) {
	inputs, err := p.assignInputs(c, scope)
	if err != nil {
		return nil, err
	}
	title := c.T("tasks.new")
	c.Page(title).In(p.base).Crumb(c.T("tasks.scope."+string(p.kind)), at).Crumb(c.T("tasks.of"), at+"/zadania")
	return assignPage(assignView{
		FormView: ui.FormView{Title: title, Action: at + "/zadania/nowe", Submit: c.T("tasks.assign"), Problems: pr,
			Cancel: ui.Link{Text: c.T("tasks.cancel_form"), Href: at + "/zadania"}},
		Inputs: inputs, Warnings: w,
	}), nil
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
