package networks

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	formrender "ore.edu.pl/sieci/core/form/render"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/filling"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

const (
	foundPath     = "/sieci/zaloz"
	foundFormPath = "/sieci/zaloz/formularz"
	foundDraft    = "network.found"
)

type chooseView struct {
	Problems     ui.Problems
	Type, Centre ui.Input
	Drafts       []ui.Link
	// Plan is what the network is to be founded from; "" for nothing.
	Plan string
	// Modules is the catalogue, for whoever may open it.
	Modules string
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
	plan, from, err := p.planned(c)
	if err != nil {
		return err
	}
	if typ == "" || centre == uuid.Nil {
		return p.choose(c, ui.Problems{})
	}
	// A type that is enabled for other centres only is told where it may be known.
	if i := slices.IndexFunc(p.Networks.TypesFor(c.Actor()), func(t network.TypeOption) bool { return t.Type == typ && !t.Info.At(centre) }); i >= 0 {
		return p.choose(c, ui.Problems{Fields: []ui.Problem{{Path: "rodzaj", Text: c.T("network.type_elsewhere")}}})
	}
	w, t, err := p.founding(c, typ, centre)
	if err != nil {
		return err
	}
	if err := p.Networks.ReachableType(c.Context(), t.Type); err != nil {
		return err
	}
	core := typed(w.Core())
	if from != uuid.Nil && core["origin"] != from.String() { // what was typed for another network stays kept until this one is
		core = nil
	}
	if core == nil {
		// Two weeks are usual for schools to answer before second people get seats.
		until := dayOf(p.Clock.Now().AddDate(0, 0, 15))
		core = typed{"priority_until": until, "school_year": strconv.Itoa(clock.SchoolYear(p.Clock.Now())), "capacity": strconv.Itoa(usual(t.Of)), "one_per_school": "1"}
		if from != uuid.Nil {
			core["origin"], core["title"], core["aim"], core["school_year"], core["join"] = from.String(), plan.Title, plan.Aim, strconv.Itoa(plan.SchoolYear), string(network.JoinRequest)
		}
	}
	choice, err := p.programmeInput(c, centre, core)
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, settingsPage(p.foundingView(c, w, t, core, choice)))
}

// planned is the plan that the address names, from the needs of schools.
func (p *pages) planned(c *kit.Ctx) (Plan, uuid.UUID, error) {
	id := c.QueryUUID("potrzeby")
	if id == uuid.Nil || p.Plans == nil {
		return Plan{}, uuid.Nil, nil
	}
	plan, err := p.Plans.Plan(c, id)
	return plan, id, err
}

func usual(t *effect.NetworkType) int {
	if t.UsualSize > 0 {
		return t.UsualSize
	}
	return network.UsualCapacity
}

func (p *pages) choose(c *kit.Ctx, pr ui.Problems) error {
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
		Problems: pr,
		Plan:     c.Query("potrzeby"),
		Type:     ui.Input{Kind: ui.Radios, Name: "rodzaj", Label: c.T("networks.choose_type"), Value: c.Query("rodzaj")},
		Centre:   ui.Input{Kind: ui.Select, Name: "placowka", Label: c.T("networks.choose_centre"), Value: c.Query("placowka")},
	}
	for _, t := range p.Networks.TypesFor(c.Actor()) {
		o := ui.Option{Value: t.Type, Text: t.Of.Title.In(string(c.Lang()))}
		if len(t.Of.Description) > 0 {
			o.Hint = t.Of.Description.In(string(c.Lang()))
		}
		v.Type.Options = append(v.Type.Options, o)
	}
	v.Modules = c.Link("/zarzadzanie/wtyczki")
	if len(v.Type.Options) == 1 {
		v.Type.Value = v.Type.Options[0].Value
	}
	for _, i := range centres {
		v.Centre.Options = append(v.Centre.Options, ui.Option{Value: i.ID.String(), Text: i.Label(c.Context(), i.Name)})
	}
	if len(centres) > 1 {
		v.Centre.Empty = c.T("networks.choose")
	}
	for i := range drafts {
		typ, centre := fromSubject(drafts[i].Subject)
		v.Drafts = append(v.Drafts, ui.Link{
			Text: c.T("networks.draft_of", "Type", nameIn(v.Type.Options, typ), "Centre", nameIn(v.Centre.Options, centre.String()), "Saved", at(ctx, &drafts[i].SavedAt)), Href: withQuery(foundPath, "rodzaj", typ, "placowka", centre.String()),
		})
	}
	foundHead(c, c.T("networks.found"))
	if pr.Any() {
		c.Page(c.T("networks.found")).Wrong = true
		return c.Render(http.StatusUnprocessableEntity, choosePage(v))
	}
	return c.Render(http.StatusOK, choosePage(v))
}

// nameIn is the text of an option; "–" for one that is not offered any more.
func nameIn(options []ui.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Text
		}
	}
	return "–"
}

func (p *pages) foundingView(c *kit.Ctx, w *filling.Form, t network.TypeOption, core typed, programme []ui.Input) settingsView {
	foundHead(c, c.T("networks.found"))
	typ, centre := fromSubject(w.Key.Subject)
	v := settingsView{
		Title: c.T("networks.found"), Lead: t.Of.Title.In(string(c.Lang())), Action: withQuery(foundPath, "rodzaj", typ, "placowka", centre.String()),
		Inputs: append(p.inputs(c, core, true), programme...), Hidden: w.Keys(), Submit: c.T("networks.next"), MaySave: true,
		Cancel: ui.Link{Text: c.T("networks.cancel"), Href: listPath},
	}
	if w.Def == nil {
		v.Submit = c.T("networks.found")
	}
	if core["origin"] != "" {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: "origin", Value: core["origin"]})
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
	choice, err := p.programmeInput(c, c.QueryUUID("placowka"), core)
	if err != nil {
		return err
	}
	again := func(err error) error {
		return c.Retry(err, func(pr ui.Problems) templ.Component {
			v := p.foundingView(c, w, t, core, choice)
			v.Problems, v.Warnings = pr, warningsOf(c, err)
			return settingsPage(v)
		})
	}
	if err := w.SaveCore(core); fault.Is(err, fault.Conflict) {
		return p.foundConflict(c, w, core)
	} else if err != nil {
		return again(err)
	}
	if c.Form().Has("zapisz") {
		return c.Redirect(foundPath, "networks.flash.kept")
	}
	in := founding(w)
	if err := p.Networks.CheckFounding(c.Context(), c.Actor(), in); err != nil {
		return again(err)
	}
	if w.Def != nil {
		return c.Redirect(w.Here(), "")
	}
	in.Reasons = reasons(c.Form())
	id, err := p.Networks.Found(c.Context(), c.Actor(), in)
	if err != nil {
		return again(err)
	}
	return p.founded(c, w, id, in.Origin)
}

// foundConflict shows what was typed beside what another window saved.
func (p *pages) foundConflict(c *kit.Ctx, w *filling.Form, mine typed) error {
	foundHead(c, c.T("networks.found"))
	typ, centre := fromSubject(w.Key.Subject)
	v := p.both(c, mine, typed(w.Core()), true)
	v.Action, v.Cancel = withQuery(foundPath, "rodzaj", typ, "placowka", centre.String()), ui.Link{Text: c.T("networks.conflict_drop"), Href: w.Here()}
	v.Hidden = append(v.Hidden, w.Keys()...)
	return c.ConflictPage(v)
}

// founding is the network that the draft describes.
func founding(w *filling.Form) network.Founding {
	typ, centre := fromSubject(w.Key.Subject)
	core := typed(w.Core())
	return network.Founding{Type: typ, Centre: centre, Settings: core.settings(), Coordinator: core["coordinator"], Answers: w.Answers(), Origin: uuidOf(core["origin"]), Programme: uuidOf(core["programme"])}
}

func (p *pages) founded(c *kit.Ctx, w *filling.Form, id, origin uuid.UUID) error {
	if err := w.Forget(); err != nil {
		return err
	}
	if origin != uuid.Nil { // the schools are known: they are invited next
		return c.Redirect(withQuery(pathOf(id)+"/uczestnicy/zapros", "potrzeby", origin.String()), "networks.flash.founded")
	}
	flash := "networks.flash.founded"
	if h, err := p.Networks.Handover(c.Context(), c.Actor(), id); err == nil && h.Offered {
		flash = "networks.flash.founded_offered"
	}
	return c.Redirect(pathOf(id), flash)
}

// foundForm shows the module's part of founding.
func (p *pages) foundForm(c *kit.Ctx) error {
	w, t, err := p.founding(c, c.Query("rodzaj"), c.QueryUUID("placowka"))
	if err != nil {
		return err
	}
	if err := p.Networks.ReachableType(c.Context(), t.Type); err != nil {
		return err
	}
	if w.Def == nil || w.Core() == nil {
		return c.Redirect(withQuery(foundPath, "rodzaj", c.Query("rodzaj"), "placowka", c.Query("placowka")), "")
	}
	if err := w.Picked(); err != nil {
		return err
	}
	return w.Show(http.StatusOK, nil, ui.Problems{})
}

func (p *pages) foundStep(c *kit.Ctx) error {
	w, _, err := p.founding(c, c.Query("rodzaj"), c.QueryUUID("placowka"))
	if err != nil {
		return err
	}
	if w.Def == nil || w.Core() == nil {
		if id, err := p.Networks.Founded(c.Context(), c.Actor()); err == nil {
			return c.Redirect(pathOf(id), "networks.flash.founded")
		}
		return c.Redirect(foundPath, "")
	}
	var done bool
	if c.Form().Has("potwierdz") {
		done, err = w.Confirmed()
	} else {
		_, done, err = w.Step(nil)
	}
	if !done || err != nil {
		return err
	}
	in := founding(w)
	in.Reasons = reasons(c.Form())
	id, err := p.Networks.Found(c.Context(), c.Actor(), in)
	if err == nil {
		return p.founded(c, w, id, in.Origin)
	}
	if list := warningsOf(c, err); len(list) > 0 {
		return confirm(c, w, err, list)
	}
	return w.Refused(err, network.FormPrefix)
}
