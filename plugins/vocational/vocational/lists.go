package vocational

import (
	"slices"
	"strconv"
	"strings"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/view"
)

// search is what the register is asked for.
type search struct {
	day, school, subject, region string
	rspo                         int
	good                         bool
}

func searchOf(r *sdk.ViewRequest) search {
	s := search{school: r.Param("typ"), subject: strings.TrimSpace(r.Param("przedmiot")), region: r.Param("region")}
	s.day, s.good = asked(r)
	if text := strings.TrimSpace(r.Param("rspo")); text != "" {
		n, err := strconv.Atoi(text)
		s.rspo, s.good = n, s.good && err == nil
	}
	return s
}

// fits reports whether a candidate is what was searched for; the region was
// asked of the platform already.
func (s *search) fits(c *candidate) bool {
	if s.school != "" && !slices.Contains(c.Schools, s.school) {
		return false
	}
	if s.subject == "" {
		return true
	}
	for _, x := range c.Subjects {
		if strings.Contains(strings.ToLower(x.Name), strings.ToLower(s.subject)) {
			return true
		}
	}
	return false
}

// tied reports a conflict of interest: ties with the commission's school.
func (s *search) tied(c *candidate) bool {
	for _, t := range c.Ties {
		if s.rspo != 0 && t.RSPO == s.rspo {
			return true
		}
	}
	return false
}

// gathered asks for candidates and decisions until all came, or the platform
// answers no more; nil when there is nothing left to ask for.
func gathered(r *sdk.ViewRequest, s *search) *sdk.Page {
	const rounds = 5
	people, decisions := records(kindCandidate, most), records(kindDecision, most, &v1.Filter{
		Field: "day", Operator: v1.Operator_OPERATOR_LESS_OR_EQUAL, Operand: &v1.Filter_Value{Value: sdk.Val(dayOf(s.day))}})
	if s.region != "" {
		people.Filters = append(people.Filters, equal("region", s.region))
	}
	p := &sdk.Page{}
	for _, spec := range []*v1.SliceSpec{people, decisions} {
		spec.Cursor = r.More(spec.GetName())
		if !r.Has(spec.GetName()) || spec.GetCursor() != "" && r.GetRound() < rounds {
			p.Need(spec)
		}
	}
	if !r.Has(kindCandidate) || (r.More(kindCandidate) != "" || r.More(kindDecision) != "") && r.GetRound() < rounds {
		return p
	}
	return nil
}

// expertsPage is the register on a day: all of it for those who keep it, and
// what is published for everybody else.
func expertsPage(r *sdk.ViewRequest, public bool) (*sdk.Page, error) {
	w, s := in(r.GetLocale()), searchOf(r)
	if next := gathered(r, &s); next != nil {
		return next, nil
	}
	people, err := read[candidate](r.Snapshot, kindCandidate)
	if err != nil {
		return nil, err
	}
	decisions, err := read[decision](r.Snapshot, kindDecision)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(people, func(a, b candidate) int { return strings.Compare(a.Name, b.Name) })
	title := "view.experts"
	if public {
		title = "view.public"
	}
	v := view.New(w.t(title))
	if !s.good {
		v.Add(view.Notice("warn", w.t("bad_search")))
	}
	if r.More(kindCandidate) != "" || r.More(kindDecision) != "" {
		v.Add(view.Notice("warn", w.t("experts.too_many")))
	}
	if public {
		publicRegister(v, w, r, &s, people, decisions)
	} else {
		wholeRegister(v, w, &s, people, decisions)
	}
	return &sdk.Page{View: v}, nil
}

// publicRegister names those who were on the register on the day and agreed to
// be named; of the others it gives the number of people.
func publicRegister(v *view.View, w words, r *sdk.ViewRequest, s *search, people []candidate, decisions []decision) {
	if about, err := read[struct {
		Aim   string `json:"cel"`
		Basis string `json:"podstawa"`
	}](r.Snapshot, kindRegister); err == nil && len(about) > 0 {
		v.Add(view.Facts("", view.Fact{Label: w.t("register.aim"), Value: view.Text(about[0].Aim)}, view.Fact{Label: w.t("register.basis"), Value: view.Text(about[0].Basis)}))
	}
	var rows [][]view.Value
	silent := 0
	for i := range people {
		c := &people[i]
		last := on(history(decisions, c.Number), s.day)
		switch {
		case last == nil || last.Kind != kindAdmission || !s.fits(c):
		case !c.Published:
			silent++
		default:
			rows = append(rows, append([]view.Value{view.Text(c.Name)}, append(c.qualified(w), view.Date(last.Day))...))
		}
	}
	columns := append([]view.Column{{ID: "osoba", Label: w.t("experts.person"), Type: "text"}}, append(qualifications(w), view.Column{ID: "od", Label: w.t("experts.since"), Type: "date"})...)
	v.Add(view.Table("lista", w.t("experts.on_day", "day", w.shown(s.day)), w.t("experts.none"), columns, rows[:min(len(rows), most)]))
	if silent > 0 {
		v.Add(view.Prose(w.n("experts.silent", silent)))
	}
}

// wholeRegister shows everybody with their state on the day; those with ties to
// the commission's school stand apart.
func wholeRegister(v *view.View, w words, s *search, people []candidate, decisions []decision) {
	columns := append([]view.Column{{ID: "numer", Label: w.t("experts.number"), Type: "text"}, {ID: "osoba", Label: w.t("experts.person"), Type: "text"}},
		append(qualifications(w), view.Column{ID: "stan", Label: w.t("experts.state"), Type: "text"})...)
	var rows, tied [][]view.Value
	for i := range people {
		c := &people[i]
		if !s.fits(c) {
			continue
		}
		state := stateOn(w, on(history(decisions, c.Number), s.day))
		row := append([]view.Value{view.Text(c.Number), view.Text(c.Name)}, append(c.qualified(w), view.Text(state))...)
		if s.tied(c) {
			tied = append(tied, row)
		} else {
			rows = append(rows, row)
		}
	}
	v.Add(view.Table("lista", w.t("experts.on_day", "day", w.shown(s.day)), w.t("experts.none"), columns, rows[:min(len(rows), most)]))
	if s.rspo != 0 {
		v.Add(view.Table("konflikt", w.t("experts.tied"), w.t("experts.nobody_tied"), columns, tied[:min(len(tied), most)]))
	}
}

func qualifications(w words) []view.Column {
	return []view.Column{{ID: "typy", Label: w.t("experts.schools"), Type: "text"}, {ID: "przedmioty", Label: w.t("experts.subjects"), Type: "text"}, {ID: "wojewodztwo", Label: w.t("radar.region"), Type: "text"}}
}

// qualified are the cells of [qualifications].
func (c *candidate) qualified(w words) []view.Value {
	types := make([]string, len(c.Schools))
	for i, t := range c.Schools {
		types[i] = w.named(listSchools, t)
	}
	subjects := make([]string, len(c.Subjects))
	for i, x := range c.Subjects {
		subjects[i] = x.Name
	}
	return []view.Value{view.Text(strings.Join(types, ", ")), view.Text(strings.Join(subjects, ", ")), view.Text(w.named(listRegions, c.Region))}
}

// stateOn is where a decision put somebody.
func stateOn(w words, last *decision) string {
	switch {
	case last == nil:
		return w.t("state.candidate")
	case last.Kind == kindAdmission:
		return w.t("state.admitted", "day", w.shown(last.Day))
	}
	return w.t("state.removed", "day", w.shown(last.Day))
}

// cardPage is all that the register says of one person on a day.
func cardPage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w, number := in(r.GetLocale()), strings.TrimSpace(r.Param("numer"))
	day, good := asked(r)
	v := view.New(w.t("view.card"))
	if !good {
		v.Add(view.Notice("warn", w.t("bad_day")))
	}
	if number == "" {
		return &sdk.Page{View: v.Add(view.Notice("info", w.t("card.ask")))}, nil
	}
	if !r.Has(sliceSame) {
		p := &sdk.Page{}
		p.Need(same(kindCandidate, equal("number", number)), records(kindDecision, most, equal("number", number)))
		return p, nil
	}
	people, err := read[candidate](r.Snapshot, sliceSame)
	if err != nil {
		return nil, err
	}
	if len(people) == 0 {
		return &sdk.Page{View: v.Add(view.Notice("warn", w.t("candidate.unknown", "number", number)))}, nil
	}
	decisions, err := read[decision](r.Snapshot, kindDecision)
	if err != nil {
		return nil, err
	}
	conditions, err := read[condition](r.Snapshot, kindCondition)
	if err != nil {
		return nil, err
	}
	people[0].card(v, w, day, history(decisions, number), conditions)
	return &sdk.Page{View: v}, nil
}

func (c *candidate) card(v *view.View, w words, day string, past []decision, conditions []condition) {
	state := stateOn(w, on(past, day))
	cells := c.qualified(w)
	v.Add(view.Facts(c.Name, view.Fact{Label: w.t("experts.number"), Value: view.Text(c.Number)},
		view.Fact{Label: w.t("card.state", "day", w.shown(day)), Value: view.Text(state)},
		view.Fact{Label: w.t("experts.schools"), Value: cells[0]}, view.Fact{Label: w.t("experts.subjects"), Value: cells[1]}, view.Fact{Label: w.t("radar.region"), Value: cells[2]}))
	events := []view.Event{}
	for _, d := range past {
		text := w.t("card.decision", "decision", d.Decision, "basis", d.Basis)
		if d.Reason != "" {
			text += " " + w.t("card.reason", "reason", d.Reason)
		}
		events = append(events, view.Event{At: view.Date(d.Day), Label: w.t("decision." + d.Kind), Text: text})
	}
	v.Add(view.Timeline(w.t("card.decisions"), events...))
	var steps []view.Step
	for i := range conditions {
		x := &conditions[i]
		if !within(day, x.Since, x.Until) {
			continue
		}
		step := view.Step{Label: x.Text, State: "todo", Note: w.t("card.unmet", "basis", x.Basis)}
		if c.meets(x, day) {
			step.State, step.Note = "done", x.Basis
		}
		steps = append(steps, step)
	}
	if len(steps) > 0 {
		v.Add(view.Steps(w.t("card.conditions", "day", w.shown(day)), steps...))
	}
	items := []view.Item{}
	for _, t := range c.Trainings {
		items = append(items, view.Item{Value: view.Text(t.Name), Note: w.n("card.training", t.Hours, "day", w.shown(t.Completed))})
	}
	v.Add(view.List(w.t("card.trainings"), w.t("card.no_trainings"), items...))
}

// conditionsPage lists the conditions of admission with the days of their force.
func conditionsPage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w := in(r.GetLocale())
	list, err := read[condition](r.Snapshot, kindCondition)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b condition) int { return strings.Compare(b.Since, a.Since) })
	var rows [][]view.Value
	for _, x := range list {
		until := view.Value(nil)
		if x.Until != "" {
			until = view.Date(x.Until)
		}
		rows = append(rows, []view.Value{view.Text(x.Code), view.Text(x.Text), view.Date(x.Since), until, view.Text(x.Basis)})
	}
	v := view.New(w.t("view.conditions"))
	v.Add(view.Table("warunki", w.t("view.conditions"), w.t("conditions.none"), []view.Column{
		{ID: "skrot", Label: w.t("conditions.code"), Type: "text"}, {ID: "tresc", Label: w.t("conditions.text"), Type: "text"},
		{ID: "od", Label: w.t("index.since"), Type: "date"}, {ID: "do", Label: w.t("index.until"), Type: "date"}, {ID: "podstawa", Label: w.t("register.basis"), Type: "text"},
	}, rows))
	return &sdk.Page{View: v}, nil
}
