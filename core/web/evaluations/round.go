package evaluations

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

type listView struct {
	New   string // address of preparing, "" for those who may not
	Cards []ui.Card
}

// list shows the evaluations of a network.
func (p *pages) list(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	l, err := p.Evaluations.List(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	v := listView{}
	if l.MayPrepare {
		v.New = kit.NetworkPath + id.String() + Tab + "/nowa"
	}
	for _, r := range l.Rounds {
		v.Cards = append(v.Cards, card(c, r))
	}
	c.InNetwork(id, l.Title, c.T("evaluations.title"), l.Place, Tab)
	return c.Render(http.StatusOK, listPage(v))
}

func card(c *kit.Ctx, r *evaluation.Round) ui.Card {
	ctx := c.Context()
	out := ui.Card{Title: r.Title, Href: pathOf(r.ID)}
	out.Tag, out.Tone = stateTag(ctx, r.State)
	if r.State != evaluation.Draft {
		out.Facts = append(out.Facts, ui.Fact{Label: c.T("evaluations.answers"), Value: answered(ctx, r.Counts.Answers, r.Counts.Eligible)})
	}
	switch r.State {
	case evaluation.Closed:
		out.Facts = append(out.Facts, ui.Fact{Label: c.T("evaluations.closed_at"), Value: at(ctx, r.ClosedAt)})
	default:
		out.Facts = append(out.Facts, ui.Fact{Label: c.T("evaluations.closes_at"), Value: at(ctx, r.ClosesAt)})
	}
	switch {
	case r.May.Answer:
		out.Footer = ui.LinkButton(pathOf(r.ID)+"/kod", c.T("evaluations.fill"), false)
	case r.May.Results && r.Outcome == evaluation.Ready:
		out.Footer = ui.LinkButton(pathOf(r.ID)+"/wyniki", c.T("evaluations.results"), true)
	}
	return out
}

// showView is the page of a round.
type showView struct {
	*evaluation.Round
	Path, Status string
	Tone         ui.Tone
	Facts        []ui.Fact
	Notice       string
	NoticeTone   ui.Tone
	Preview      []part
	ToolDown     bool
	Problems     ui.Problems
	Remind       bool
}

// part is a section of the questionnaire, for reading.
type part struct {
	Title     string
	Questions []question
}

type question struct {
	Text  string
	Rows  []string
	Codes []string
}

func preview(c *kit.Ctx, f *form.Form) []part {
	if f == nil {
		return nil
	}
	var out []part
	for _, g := range f.Items {
		x := part{Title: g.Label.In(c.Lang())}
		for _, it := range g.Items {
			q := question{Text: it.Label.In(c.Lang())}
			for _, r := range it.Rows {
				q.Rows = append(q.Rows, r.Label.In(c.Lang()))
			}
			for _, o := range f.OptionsOf(it) {
				q.Codes = append(q.Codes, o.Label.In(c.Lang()))
			}
			switch it.Type {
			case form.TypeScale:
				low, high := it.Bounds()
				q.Codes = []string{c.T("evaluations.scale", "Low", low, "High", high)}
			case form.TypeText, form.TypeLongText:
				q.Codes = []string{c.T("evaluations.open_question")}
			}
			x.Questions = append(x.Questions, q)
		}
		out = append(out, x)
	}
	return out
}

func (p *pages) show(c *kit.Ctx) error { return p.showWith(c, http.StatusOK, nil) }

func (p *pages) showWith(c *kit.Ctx, status int, problem error) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	r, err := p.Evaluations.Get(c.Context(), c.Actor(), id)
	if err != nil {
		return err
	}
	ctx := c.Context()
	v := showView{Round: r, Path: pathOf(id), Problems: ui.ProblemsOf(ctx, problem), Preview: preview(c, r.Form), ToolDown: r.State == evaluation.Draft && r.Form == nil}
	v.Status, v.Tone = stateTag(ctx, r.State)
	add := func(key, value string) {
		if value != "" {
			v.Facts = append(v.Facts, ui.Fact{Label: c.T(key), Value: value})
		}
	}
	if r.State != evaluation.Draft {
		add("evaluations.invited", itoa(r.Counts.Eligible))
		add("evaluations.issued", itoa(r.Counts.Issued))
		add("evaluations.answers", itoa(r.Counts.Answers))
		add("evaluations.opened_at", at(ctx, r.OpenedAt))
	}
	if r.State == evaluation.Closed {
		add("evaluations.closed_at", at(ctx, r.ClosedAt))
	} else {
		add("evaluations.closes_at", at(ctx, r.ClosesAt))
	}
	add("evaluations.promise", c.T("evaluations.promise_text", "Min", r.Threshold))
	v.Notice, v.NoticeTone = standing(c, r)
	v.Remind = r.State == evaluation.Open && r.May.Manage && (r.RemindedAt == nil || !r.RemindedAt.Add(evaluation.RemindEvery).After(p.Clock.Now()))
	inside(c, r, r.Title)
	c.Page(r.Title).Wrong = problem != nil
	return c.Render(status, showPage(v))
}

// standing is what the page says first about the reader or the outcome.
func standing(c *kit.Ctx, r *evaluation.Round) (string, ui.Tone) {
	switch {
	case r.State == evaluation.Open && r.Me.Issued:
		return c.T("evaluations.you_issued"), ui.Info
	case r.State == evaluation.Open && r.May.View && !r.May.Answer:
		return c.T("evaluations.counts_only"), ui.Info
	case r.Outcome == evaluation.Few:
		return few(c.Context(), r.Counts.Answers, r.Threshold), ui.Neutral
	case r.Outcome == evaluation.Pending:
		return c.T("evaluations.pending"), ui.Info
	case r.Outcome == evaluation.Failed:
		return c.T("evaluations.failed"), ui.Warn
	}
	return "", ui.Info
}

// planView is the form of a round to be.
type planView struct {
	ui.FormView
	Inputs   []ui.Input
	Sections []choices
}

// choices are the questions of one section to tick.
type choices struct {
	Title  string
	Inputs []ui.Input
}

// questionField begins the names of the boxes of questions.
const questionField = "pytania."

// ticked are the questions that were chosen on the page.
func ticked(f *kit.Form) []string {
	var out []string
	for name := range f.Values {
		if strings.HasPrefix(name, questionField) {
			out = append(out, f.All(name)...)
		}
	}
	slices.Sort(out)
	return out
}

// bankOf makes the boxes; chosen nil ticks everything.
func bankOf(c *kit.Ctx, bank []evaluation.Section, chosen []string, all bool) (out []choices, first string) {
	for _, s := range bank {
		x := choices{Title: s.Title.In(c.Lang())}
		last := ""
		for _, q := range s.Questions {
			group := q.Group.In(c.Lang())
			if len(x.Inputs) == 0 || group != last || group == "" && len(x.Inputs[len(x.Inputs)-1].Options) == 0 {
				label := group
				if label == "" {
					label = c.T("evaluations.questions_other")
				}
				x.Inputs = append(x.Inputs, ui.Input{Kind: ui.Checkboxes, Name: questionField + s.Name + itoa(len(x.Inputs)), Label: label, Optional: true})
				last = group
			}
			in := &x.Inputs[len(x.Inputs)-1]
			o := ui.Option{Value: q.Path, Text: q.Label.In(c.Lang())}
			if q.Open {
				o.Hint = c.T("evaluations.open_question")
			}
			in.Options = append(in.Options, o)
			if all || slices.Contains(chosen, q.Path) {
				in.Values = append(in.Values, q.Path)
			}
		}
		if first == "" && len(x.Inputs) > 0 {
			first = x.Inputs[0].Name
		}
		out = append(out, x)
	}
	return out, first
}

func (p *pages) planInputs(c *kit.Ctx, in evaluation.Plan) []ui.Input {
	return []ui.Input{
		{Name: "tytul", Label: c.T("evaluations.name"), Hint: c.T("evaluations.name_hint"), Value: in.Title, Max: evaluation.MaxTitle},
		{Kind: ui.Date, Name: "do", Label: c.T("evaluations.last_day"), Hint: c.T("evaluations.last_day_hint"), Value: dayOf(in.Closes), Size: "short"},
	}
}

// usualDays is how long a questionnaire is open unless somebody says otherwise.
const usualDays = 14

func (p *pages) newForm(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	plan := evaluation.Plan{Title: c.T("evaluations.usual_name"), Closes: p.Clock.Now().AddDate(0, 0, usualDays)}
	page, _, err := p.planPage(c, id, plan, true, ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// planPage is the page of preparing, and the name of its first box.
func (p *pages) planPage(c *kit.Ctx, network uuid.UUID, plan evaluation.Plan, all bool, pr ui.Problems) (templ.Component, string, error) {
	var l *evaluation.Listing
	var bank []evaluation.Section
	err := c.Together(func(ctx context.Context) (err error) {
		l, err = p.Evaluations.List(ctx, c.Actor(), network)
		return err
	}, func(ctx context.Context) (err error) {
		bank, err = p.Evaluations.Bank(ctx, c.Actor(), network, plan.Tool)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	base := kit.NetworkPath + l.Network.String() + Tab
	v := planView{FormView: ui.FormView{Title: c.T("evaluations.new"), Lead: c.T("evaluations.new_lead"), Action: base + "/nowa", Submit: c.T("evaluations.save"), Problems: pr,
		Cancel: ui.Link{Text: c.T("evaluations.cancel"), Href: base}}, Inputs: p.planInputs(c, plan)}
	first := ""
	v.Sections, first = bankOf(c, bank, plan.Questions, all)
	c.InNetwork(l.Network, l.Title, v.Title, l.Place, Tab).Crumb(c.T("evaluations.title"), base)
	return planPage(v), first, nil
}

func planOf(c *kit.Ctx) evaluation.Plan {
	f := c.Form()
	return evaluation.Plan{Title: f.Get("tytul"), Questions: ticked(f), Closes: dayEnd(f.Get("do"))}
}

func (p *pages) create(c *kit.Ctx) error {
	id, err := c.UUID("id")
	if err != nil {
		return err
	}
	plan := planOf(c)
	made, err := p.Evaluations.Prepare(c.Context(), c.Actor(), id, plan)
	if err == nil {
		return c.Redirect(pathOf(made), "evaluations.flash.prepared")
	}
	if k := fault.KindOf(err); k != fault.Invalid && k != fault.Conflict {
		return err
	}
	_, first, e := p.planPage(c, id, plan, false, ui.Problems{})
	if e != nil {
		return e
	}
	return c.Retry(planError(err, first), func(pr ui.Problems) templ.Component {
		page, _, _ := p.planPage(c, id, plan, false, pr)
		return page
	})
}

func planError(err error, first string) error {
	return renamed(err, map[string]string{"title": "tytul", "closes": "do", "questions": first})
}

func (p *pages) editPage(c *kit.Ctx, r *evaluation.Round, plan evaluation.Plan, pr ui.Problems) (templ.Component, string, error) {
	bank, err := p.Evaluations.Bank(c.Context(), c.Actor(), r.Network, r.Tool)
	if err != nil {
		return nil, "", err
	}
	v := planView{FormView: ui.FormView{Title: c.T("evaluations.edit"), Lead: c.T("evaluations.new_lead"), Action: pathOf(r.ID) + "/edytuj", Submit: c.T("evaluations.save"), Problems: pr,
		Cancel: ui.Link{Text: c.T("evaluations.cancel"), Href: pathOf(r.ID)}, Hidden: []ui.Hidden{{Name: "wersja", Value: itoa(r.Version)}}}, Inputs: p.planInputs(c, plan)}
	first := ""
	v.Sections, first = bankOf(c, bank, plan.Questions, false)
	inside(c, r, v.Title)
	return planPage(v), first, nil
}

func (p *pages) editForm(c *kit.Ctx) error {
	r, err := p.managed(c)
	if err != nil {
		return err
	}
	if r.State != evaluation.Draft {
		return fault.New(fault.Conflict, "evaluation.opened")
	}
	page, _, err := p.editPage(c, r, r.Plan(), ui.Problems{})
	if err != nil {
		return err
	}
	return c.Render(http.StatusOK, page)
}

// managed reads the round for who may manage it.
func (p *pages) managed(c *kit.Ctx) (*evaluation.Round, error) {
	id, err := c.UUID("id")
	if err != nil {
		return nil, err
	}
	r, err := p.Evaluations.Get(c.Context(), c.Actor(), id)
	if err == nil && !r.May.Manage {
		err = fault.ErrNotFound
	}
	return r, err
}

func (p *pages) edit(c *kit.Ctx) error {
	r, err := p.managed(c)
	if err != nil {
		return err
	}
	plan, version := planOf(c), number(c.Form().Get("wersja"))
	err = p.Evaluations.Edit(c.Context(), c.Actor(), r.ID, version, plan)
	switch fault.KindOf(err) {
	case fault.Conflict:
		if r.State == evaluation.Draft && r.Version != version {
			return p.conflict(c, r, plan)
		}
	case fault.Invalid:
	default:
		if err == nil {
			return c.Redirect(pathOf(r.ID), "evaluations.flash.saved")
		}
		return err
	}
	if err == nil {
		return c.Redirect(pathOf(r.ID), "evaluations.flash.saved")
	}
	_, first, e := p.editPage(c, r, plan, ui.Problems{})
	if e != nil {
		return e
	}
	return c.Retry(planError(err, first), func(pr ui.Problems) templ.Component {
		page, _, _ := p.editPage(c, r, plan, pr)
		return page
	})
}

// conflict shows what was typed beside what somebody saved meanwhile; sending it
// again saves on top of that.
func (p *pages) conflict(c *kit.Ctx, r *evaluation.Round, mine evaluation.Plan) error {
	now := r.Plan()
	v := ui.ConflictView{Action: pathOf(r.ID) + "/edytuj", Cancel: ui.Link{Text: c.T("evaluations.cancel"), Href: pathOf(r.ID)},
		Hidden: []ui.Hidden{{Name: "wersja", Value: itoa(r.Version)}},
		Fields: []ui.ConflictField{
			{Name: "tytul", Label: c.T("evaluations.name"), Mine: mine.Title, Theirs: now.Title},
			{Name: "do", Label: c.T("evaluations.last_day"), Mine: dayOf(mine.Closes), Theirs: dayOf(now.Closes)},
		}}
	for _, q := range mine.Questions {
		v.Hidden = append(v.Hidden, ui.Hidden{Name: questionField + "wybrane", Value: q})
	}
	v.Note = c.T("evaluations.conflict_questions", "Mine", len(mine.Questions), "Theirs", len(now.Questions))
	inside(c, r, c.T("evaluations.edit"))
	return c.ConflictPage(v)
}

func number(s string) int {
	n := 0
	for _, d := range s {
		if d < '0' || d > '9' || n > 1e6 {
			return 0
		}
		n = n*10 + int(d-'0')
	}
	return n
}
