package networks

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

const (
	foundPath     = "/sieci/zaloz"
	foundFormPath = "/sieci/zaloz/formularz"
	foundDraft    = "network.found"
)

type chooseView struct {
	Type, Centre ui.Input
	Drafts       []ui.Link
}

type settingsView struct {
	Title, Lead  string
	Action       string
	Inputs       []ui.Input
	Problems     ui.Problems
	Warnings     []warning
	Hidden       []ui.Hidden
	Facts        []ui.Fact
	Submit       string
	Cancel       ui.Link
	MaySave      bool
	FormProblems []formrender.Problem
	Form         templ.Component
}

func foundHead(c *kit.Ctx, title string) {
	c.Page(title).In(listPath).Crumb(c.T("networks.title"), listPath)
}

// found asks for type and centre first, then for what every network has.
func (p *pages) found(c *kit.Ctx) error {
	typ, centre := c.Query("rodzaj"), c.QueryUUID("placowka")
	if typ == "" || centre == uuid.Nil {
		return p.choose(c)
	}
	w, t, err := p.founding(c, typ, centre)
	if err != nil {
		return err
	}
	core := typed(w.begun.Core)
	if core == nil {
		// Two weeks are usual for schools to answer before second people get seats.
		until := dayOf(p.Clock.Now().AddDate(0, 0, 15))
		core = typed{"priority_until": until, "school_year": strconv.Itoa(clock.SchoolYear(p.Clock.Now())), "capacity": strconv.Itoa(usual(t.Of)), "one_per_school": "1"}
	}
	return c.Render(http.StatusOK, settingsPage(p.foundingView(c, w, t, core)))
}

func usual(t *effect.NetworkType) int {
	if t.UsualSize > 0 {
		return t.UsualSize
	}
	return network.UsualCapacity
}

func (p *pages) choose(c *kit.Ctx) error {
	ctx := c.Context()
	centres, err := p.Networks.Centres(ctx, c.Actor())
	if err != nil {
		return err
	}
	drafts, err := p.Drafts.List(ctx, c.Actor(), foundDraft)
	if err != nil {
		return err
	}
	v := chooseView{
		Type:   ui.Input{Kind: ui.Radios, Name: "rodzaj", Label: c.T("networks.choose_type"), Value: c.Query("rodzaj")},
		Centre: ui.Input{Kind: ui.Select, Name: "placowka", Label: c.T("networks.choose_centre"), Value: c.Query("placowka")},
	}
	for _, t := range p.Networks.Types() {
		o := ui.Option{Value: t.Type, Text: t.Of.Title.In(string(c.Lang()))}
		if len(t.Of.Description) > 0 {
			o.Hint = t.Of.Description.In(string(c.Lang()))
		}
		v.Type.Options = append(v.Type.Options, o)
	}
	if len(v.Type.Options) == 1 {
		v.Type.Value = v.Type.Options[0].Value
	}
	for _, i := range centres {
		o := ui.Option{Value: i.ID.String(), Text: i.Name}
		if i.Town != "" {
			o.Text += ", " + i.Town
		}
		v.Centre.Options = append(v.Centre.Options, o)
	}
	if len(centres) > 1 {
		v.Centre.Empty = c.T("networks.choose")
	}
	for i := range drafts {
		typ, centre := fromSubject(drafts[i].Subject)
		v.Drafts = append(v.Drafts, ui.Link{
			Text: c.T("networks.draft_of", "Saved", at(ctx, &drafts[i].SavedAt)), Href: withQuery(foundPath, "rodzaj", typ, "placowka", centre.String()),
		})
	}
	foundHead(c, c.T("networks.found"))
	return c.Render(http.StatusOK, choosePage(v))
}

// founding opens the draft of a type and centre.
func (p *pages) founding(c *kit.Ctx, typ string, centre uuid.UUID) (*flow, network.TypeOption, error) {
	t, err := p.Networks.TypeOf(typ)
	if err != nil {
		return nil, t, fault.ErrNotFound
	}
	w := &flow{
		p: p, c: c, key: draft.Key{Form: foundDraft, Subject: subject(typ, centre)}, back: foundPath,
		path: withQuery(foundFormPath, "rodzaj", typ, "placowka", centre.String()), title: c.T("networks.found"), submit: c.T("networks.found"),
	}
	return w, t, w.open(t.Of.FoundingForm)
}

func (p *pages) foundingView(c *kit.Ctx, w *flow, t network.TypeOption, core typed) settingsView {
	foundHead(c, c.T("networks.found"))
	typ, centre := fromSubject(w.key.Subject)
	v := settingsView{
		Title: c.T("networks.found"), Lead: t.Of.Title.In(string(c.Lang())), Action: withQuery(foundPath, "rodzaj", typ, "placowka", centre.String()),
		Inputs: p.inputs(c, core, true), Hidden: w.hidden(), Submit: c.T("networks.next"), MaySave: true,
		Cancel: ui.Link{Text: c.T("networks.cancel"), Href: listPath},
	}
	if w.form == nil {
		v.Submit = c.T("networks.found")
	}
	return v
}

// foundSettings takes what every network has; without a form of the type it
// founds at once.
func (p *pages) foundSettings(c *kit.Ctx) error {
	w, t, err := p.founding(c, c.Query("rodzaj"), c.QueryUUID("placowka"))
	if err != nil {
		return err
	}
	core := typedOf(c.Form())
	again := func(err error) error {
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v := p.foundingView(c, w, t, core)
			v.Problems, v.Warnings = pr, warningsOf(c, err)
			return settingsPage(v)
		})
	}
	if w.stale() {
		return again(fault.New(fault.Conflict, "draft.stale"))
	}
	w.begun.Core = core
	if err := w.save(); err != nil {
		return again(err)
	}
	if c.Form().Has("zapisz") {
		return c.Redirect(foundPath, "networks.flash.kept")
	}
	in := w.founding()
	if err := p.Networks.CheckFounding(c.Context(), c.Actor(), in); err != nil {
		return again(err)
	}
	if w.form != nil {
		return c.Redirect(w.path, "")
	}
	in.Reasons = reasons(c.Form())
	id, err := p.Networks.Found(c.Context(), c.Actor(), in)
	if err != nil {
		return again(err)
	}
	return w.founded(id)
}

// founding is the network that the draft describes.
func (w *flow) founding() network.Founding {
	typ, centre := fromSubject(w.key.Subject)
	core := typed(w.begun.Core)
	return network.Founding{Type: typ, Centre: centre, Settings: core.settings(), Coordinator: core["coordinator"], Answers: w.answers()}
}

func (w *flow) founded(id uuid.UUID) error {
	if err := w.done(); err != nil {
		return err
	}
	return w.c.Redirect(pathOf(id), "networks.flash.founded")
}

func (p *pages) foundPage(c *kit.Ctx, t network.TypeOption) func(templ.Component, []formrender.Problem, ui.Problems) templ.Component {
	return func(body templ.Component, wrong []formrender.Problem, pr ui.Problems) templ.Component {
		foundHead(c, c.T("networks.found"))
		return stepPage(settingsView{Title: c.T("networks.found"), Lead: t.Of.Title.In(string(c.Lang())), Form: body, FormProblems: wrong, Problems: pr})
	}
}

// foundForm shows the module's part of founding.
func (p *pages) foundForm(c *kit.Ctx) error {
	w, t, err := p.founding(c, c.Query("rodzaj"), c.QueryUUID("placowka"))
	if err != nil {
		return err
	}
	if w.form == nil || w.begun.Core == nil {
		return c.Redirect(withQuery(foundPath, "rodzaj", c.Query("rodzaj"), "placowka", c.Query("placowka")), "")
	}
	if err := w.picked(); err != nil {
		return err
	}
	return w.show(http.StatusOK, nil, ui.Problems{}, p.foundPage(c, t))
}

func (p *pages) foundStep(c *kit.Ctx) error {
	w, t, err := p.founding(c, c.Query("rodzaj"), c.QueryUUID("placowka"))
	if err != nil {
		return err
	}
	if w.form == nil || w.begun.Core == nil {
		if id, err := p.Networks.Founded(c.Context(), c.Actor()); err == nil {
			return c.Redirect(pathOf(id), "networks.flash.founded")
		}
		return c.Redirect(foundPath, "")
	}
	if !c.Form().Has("potwierdz") {
		if _, done, err := w.step(p.foundPage(c, t)); !done || err != nil {
			return err
		}
	}
	in := w.founding()
	in.Reasons = reasons(c.Form())
	id, err := p.Networks.Found(c.Context(), c.Actor(), in)
	if err == nil {
		return w.founded(id)
	}
	if list := warningsOf(c, err); len(list) > 0 {
		return w.confirm(err, list)
	}
	return w.refused(err, p.foundPage(c, t))
}

// confirm asks for reasons on a page of its own: the form itself is the
// module's and has no room for them.
func (w *flow) confirm(err error, list []warning) error {
	c := w.c
	pr := ui.Problems{}
	if c.Form().Has("potwierdz") {
		pr = ui.ProblemsOf(c.Context(), err)
	}
	foundHead(c, w.title)
	return c.Render(http.StatusUnprocessableEntity, settingsPage(settingsView{
		Title: w.title, Lead: c.T("networks.warnings_lead"), Action: w.path, Problems: pr, Warnings: list, Submit: w.submit,
		Hidden: append(w.hidden(), ui.Hidden{Name: "potwierdz", Value: "1"}), Cancel: ui.Link{Text: c.T("networks.back_to_form"), Href: w.path},
	}))
}
