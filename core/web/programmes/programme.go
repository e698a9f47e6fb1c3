package programmes

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/record"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type listView struct {
	Title, Lead, None string
	Cards             []ui.Card
	New               ui.Link
	Links             []ui.Link
	Pages             ui.Pages
	// Day asks for the list as of a day, at the address Action; no form without.
	Day      ui.Input
	Action   string
	Problems ui.Problems
}

func (p *pages) list(c *kit.Ctx) error {
	on, err := askedDay(c)
	var list programme.Page[programme.Programme]
	if err == nil {
		list, err = p.Programmes.ListAsOf(c.Context(), c.Actor(), on, c.Query("po"), 0)
	}
	if err != nil && !wrongDay(err) {
		return err
	}
	c.Page(c.T("programme.page.title")).In("/programy")
	v := listView{Title: c.T("programme.page.title"), None: c.T("programme.page.none"), Pages: paging(c, "/programy", list.Next, dayParam, c.Query(dayParam)),
		Day: dayInput(c), Action: "/programy"}
	if !on.IsZero() && err == nil {
		v.Lead = c.T("programme.page.as_of", "Day", day(c.Context(), on))
	}
	for i := range list.Items {
		x := &list.Items[i]
		card := ui.Card{Title: x.Title, Href: programmePath(x.ID), Facts: []ui.Fact{
			{Label: c.T("programme.page.code"), Value: x.Code},
			{Label: c.T("programme.page.networks"), Value: show.Int(c.Lang(), int64(x.Networks))},
			{Label: c.T("programme.page.groups"), Value: show.Int(c.Lang(), int64(x.Groups))},
		}}
		if x.Closed {
			card.Tag, card.Tone = c.T("programme.page.closed"), ui.Neutral
		}
		v.Cards = append(v.Cards, card)
	}
	if c.Actor().SignedIn() {
		if edit, _ := p.Programmes.MayEdit(c.Actor(), &programme.Programme{}); edit {
			v.New = ui.Link{Text: c.T("programme.page.new"), Href: "/programy/nowy"}
		}
	}
	if err != nil {
		return c.Retry(renamed(err, map[string]string{"day": dayParam}), func(pr ui.Problems) templ.Component { v.Problems = pr; return listPage(v) })
	}
	return c.Render(http.StatusOK, listPage(v))
}

type showView struct {
	Title      string
	Tag        string
	Facts      []ui.Fact
	Indicators []indicatorView
	Module     moduleView
	Views      []ui.Link
	Here       string
	Commands   []ui.Link
	Links      []ui.Link
	Edit       string
}

type indicatorView struct {
	programme.Indicator
	Title, Words string
	Action       string // "" when the target may not be changed
	Input        ui.Input
}

func (p *pages) show(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	return p.showProgramme(c, http.StatusOK, id, "", ui.Problems{})
}

func (p *pages) showProgramme(c *kit.Ctx, status int, id uuid.UUID, wrong string, pr ui.Problems) error {
	var x *programme.Programme
	var inds []programme.Indicator
	err := c.Together(
		func(ctx context.Context) (err error) { x, err = p.Programmes.Get(ctx, c.Actor(), id); return err },
		func(ctx context.Context) (err error) {
			inds, err = p.Programmes.Indicators(ctx, c.Actor(), id)
			return err
		})
	if err != nil {
		return err
	}
	path := programmePath(x.ID)
	edit, _ := p.Programmes.MayEdit(c.Actor(), x)
	v := showView{Title: x.Title, Facts: []ui.Fact{{Label: c.T("programme.page.code"), Value: x.Code}}}
	if when := period(c.Context(), x.Starts, x.Ends); when != "" {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("programme.page.when"), Value: when})
	}
	if stage := p.stage(c, x.Type, x.Stage); stage != "" {
		v.Facts = append(v.Facts, ui.Fact{Label: c.T("programme.page.stage"), Value: stage})
	}
	if x.Closed {
		v.Tag = c.T("programme.page.closed")
	}
	for _, i := range inds {
		iv := indicatorView{Indicator: i, Title: i.Title.In(string(c.Lang()))}
		iv.Words = c.T("programme.page.progress", "Achieved", show.Int(c.Lang(), i.Achieved), "Target", show.Int(c.Lang(), i.Target), "Unit", i.Unit.In(string(c.Lang())))
		if edit {
			iv.Action = path + "/wskazniki/" + i.Code
			iv.Input = ui.Input{Kind: ui.Number, Name: "cel-" + i.Code, Label: c.T("programme.page.target", "Title", iv.Title), Value: strconv.FormatInt(i.Target, 10), Size: "short"}
			if wrong == i.Code {
				iv.Input.Value = c.Form().Get("cel-" + i.Code)
			}
		}
		v.Indicators = append(v.Indicators, iv)
	}
	p.moduleParts(c, x.Run(), path, &v)
	place := access.Place{Programme: x.ID, Centre: x.Centre}
	for _, l := range []struct {
		key, page string
		may       bool
	}{
		{"networks", "/sieci", true},
		{"groups", "/grupy", c.May(programme.ViewGroup)}, // lists those in which the reader has it
		{"tasks", "/zadania", c.MayAt(task.List, place)}, {"records", "/zapisy", c.MayAt(record.View, place)},
	} {
		if l.may {
			v.Links = append(v.Links, ui.Link{Text: c.T("programme.page." + l.key), Href: path + l.page})
		}
	}
	v.Links = append(v.Links, ui.Link{Text: c.T("programme.project.link"), Href: path + "/projekt"}, ui.Link{Text: c.T("programme.result.title"), Href: path + "/wyniki"})
	if c.MayAt(oversight.PermPace, place) {
		v.Links = append(v.Links, ui.Link{Text: c.T("oversight.pace.title"), Href: withQuery("/zgodnosc", "program", x.ID.String())},
			ui.Link{Text: c.T("oversight.spread.title"), Href: withQuery("/pokrycie", "program", x.ID.String())})
	}
	if c.May(oversight.PermYear) {
		v.Links = append(v.Links, ui.Link{Text: c.T("oversight.year.title"), Href: withQuery("/raport-roczny", "program", x.ID.String())})
	}
	if edit {
		v.Edit = path + "/edytuj"
	}
	c.Page(x.Title).In("/programy").Crumb(c.T("programme.page.title"), "/programy")
	c.Page(x.Title).Wrong = pr.Any()
	return c.Render(status, showPage(v, pr))
}

// moduleParts fills what the module adds to the page of a scope.
func (p *pages) moduleParts(c *kit.Ctx, r programme.Run, path string, v *showView) {
	name := c.Param("widok")
	for _, k := range p.Programmes.Views(c.Actor(), r) {
		if name == "" {
			name = k.Name
		}
		v.Views = append(v.Views, ui.Link{Text: k.Title.In(string(c.Lang())), Href: path + "/widok/" + k.Name})
	}
	if name != "" {
		v.Here = path + "/widok/" + name
		v.Module = p.moduleView(c, r, path, name)
	}
	for _, k := range p.Programmes.Commands(c.Actor(), r) {
		v.Commands = append(v.Commands, ui.Link{Text: k.Title.In(string(c.Lang())), Href: path + "/czynnosc/" + k.Name})
	}
}

// stage is what the module calls the stage.
func (p *pages) stage(c *kit.Ctx, typ, stage string) string {
	m, err := p.Modules.Module(typ)
	if err != nil {
		return ""
	}
	_, local, _ := effect.Split(typ)
	t, ok := m.Info().Description.ProgrammeType(local)
	if !ok {
		return ""
	}
	for _, s := range t.Stages {
		if s.Name == stage {
			return s.Title.In(string(c.Lang()))
		}
	}
	return ""
}

// programmeNames are the service's names of the controls.
var programmeNames = map[string]string{"code": "skrot", "title": "nazwa", "type": "rodzaj", "starts": "od", "ends": "do", "centre": "placowka"}

func (p *pages) createPage(c *kit.Ctx, pr ui.Problems) templ.Component {
	f := c.Form()
	typ := ui.Input{Kind: ui.Select, Name: "rodzaj", Label: c.T("programme.page.type"), Value: f.Get("rodzaj"), Optional: true, Empty: c.T("programme.page.no_type")}
	for _, m := range p.Modules.Enabled() {
		d := m.Info().Description
		for _, t := range d.ProgrammeTypes {
			typ.Options = append(typ.Options, ui.Option{Value: effect.Qualify(d.Module, t.Name), Text: t.Title.In(string(c.Lang()))})
		}
	}
	c.Page(c.T("programme.page.new")).In("/programy").Crumb(c.T("programme.page.title"), "/programy")
	return formPage(formView{
		FormView: ui.FormView{Title: c.T("programme.page.new"), Action: "/programy/nowy", Submit: c.T("programme.page.create"), Problems: pr,
			Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: "/programy"}},
		Inputs: append([]ui.Input{
			{Name: "skrot", Label: c.T("programme.page.code"), Hint: c.T("programme.page.code_hint"), Value: f.Get("skrot"), Max: 20, Size: "short"},
		}, append(p.programmeInputs(c, f.Get("nazwa"), f.Get("od"), f.Get("do")), typ)...),
	})
}

func (p *pages) programmeInputs(c *kit.Ctx, title, from, to string) []ui.Input {
	return []ui.Input{
		{Name: "nazwa", Label: c.T("programme.page.name"), Value: title, Max: 200},
		{Kind: ui.Date, Name: "od", Label: c.T("programme.page.starts"), Value: from, Optional: true, Size: "short"},
		{Kind: ui.Date, Name: "do", Label: c.T("programme.page.ends"), Value: to, Optional: true, Size: "short"},
	}
}

func (p *pages) createForm(c *kit.Ctx) error {
	if edit, _ := p.Programmes.MayEdit(c.Actor(), &programme.Programme{}); !edit {
		return fault.ErrNotFound // leads edit their own, only administrators make new ones
	}
	return c.Render(http.StatusOK, p.createPage(c, ui.Problems{}))
}

func (p *pages) create(c *kit.Ctx) error {
	f := c.Form()
	in := programme.NewProgramme{Code: f.Get("skrot"), Title: f.Get("nazwa"), Type: f.Get("rodzaj")}
	var err error
	if in.Starts, err = dateOf(c, "od"); err == nil {
		in.Ends, err = dateOf(c, "do")
	}
	var x *programme.Programme
	if err == nil {
		x, err = p.Programmes.Create(c.Context(), c.Actor(), in)
	}
	if err != nil {
		return c.Retry(renamed(err, programmeNames), func(pr ui.Problems) templ.Component { return p.createPage(c, pr) })
	}
	return c.Redirect(programmePath(x.ID), "programme.flash.created")
}

func (p *pages) editPage(c *kit.Ctx, x *programme.Programme, title, from, to string, pr ui.Problems) templ.Component {
	path := programmePath(x.ID)
	c.Page(c.T("programme.page.edit")).In("/programy").Crumb(c.T("programme.page.title"), "/programy").Crumb(x.Title, path)
	return formPage(formView{
		FormView: ui.FormView{Title: c.T("programme.page.edit"), Lead: x.Title, Action: path + "/edytuj", Submit: c.T("programme.page.save"), Problems: pr,
			Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path}, Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(x.Version, 10)}}},
		Inputs: p.programmeInputs(c, title, from, to),
	})
}

func (p *pages) editForm(c *kit.Ctx) error {
	x, err := p.editable(c)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, p.editPage(c, x, x.Title, dateText(x.Starts), dateText(x.Ends), ui.Problems{}))
}

func (p *pages) editable(c *kit.Ctx) (*programme.Programme, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	x, err := p.Programmes.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return nil, err
	}
	if edit, _ := p.Programmes.MayEdit(c.Actor(), x); !edit {
		return nil, fault.ErrNotFound
	}
	return x, nil
}

func (p *pages) edit(c *kit.Ctx) error {
	x, err := p.editable(c)
	if err != nil {
		return err
	}
	f := c.Form()
	in := programme.Change{Title: f.Get("nazwa"), Centre: x.Centre}
	in.Version, _ = strconv.ParseInt(f.Get("wersja"), 10, 64)
	if in.Starts, err = dateOf(c, "od"); err == nil {
		in.Ends, err = dateOf(c, "do")
	}
	if err == nil {
		err = p.Programmes.Update(c.Context(), c.Actor(), x.ID, in)
	}
	switch {
	case err == nil:
		return c.Redirect(programmePath(x.ID), "programme.flash.saved")
	case fault.Is(err, fault.Conflict):
		return c.Render(http.StatusConflict, p.conflict(c, x))
	}
	return c.Retry(renamed(err, programmeNames), func(pr ui.Problems) templ.Component {
		return p.editPage(c, x, f.Get("nazwa"), f.Get("od"), f.Get("do"), pr)
	})
}

// conflict shows both texts to the second of two editors.
func (p *pages) conflict(c *kit.Ctx, x *programme.Programme) templ.Component {
	f, path := c.Form(), programmePath(x.ID)
	c.Page(c.T("programme.page.edit")).In("/programy").Crumb(x.Title, path)
	v := ui.ConflictView{
		Action: path + "/edytuj", Hidden: []ui.Hidden{{Name: "wersja", Value: strconv.FormatInt(x.Version, 10)}},
		Cancel: ui.Link{Text: c.T("programme.page.cancel"), Href: path},
	}
	for _, field := range []ui.ConflictField{
		{Name: "nazwa", Label: c.T("programme.page.name"), Theirs: x.Title},
		{Name: "od", Label: c.T("programme.page.starts"), Theirs: dateText(x.Starts)},
		{Name: "do", Label: c.T("programme.page.ends"), Theirs: dateText(x.Ends)},
	} {
		if field.Mine = f.Get(field.Name); field.Mine == field.Theirs {
			v.Hidden = append(v.Hidden, ui.Hidden{Name: field.Name, Value: field.Mine})
			continue
		}
		v.Fields = append(v.Fields, field)
	}
	return ui.Conflict(v)
}

func (p *pages) setTarget(c *kit.Ctx) error {
	x, err := p.editable(c)
	if err != nil {
		return err
	}
	code := c.Param("kod")
	target, err := strconv.ParseInt(c.Form().Get("cel-"+code), 10, 64)
	version, _ := strconv.ParseInt(c.Form().Get("wersja"), 10, 64)
	if err != nil {
		err = fault.InvalidFields(fault.Field{Path: "target", Key: "programme.target"})
	} else {
		err = p.Programmes.SetTarget(c.Context(), c.Actor(), x.ID, code, target, version)
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict:
		if err != nil {
			return p.showProgramme(c, kit.Status(fault.KindOf(err)), x.ID, code, ui.ProblemsOf(c.Context(), renamed(err, map[string]string{"target": "cel-" + code})))
		}
	}
	if err != nil {
		return err
	}
	return c.Redirect(programmePath(x.ID), "programme.flash.saved")
}
