package thematic

import (
	"cmp"
	"slices"

	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/view"
)

// fixedAgenda are the agenda items that each kind of meeting always has.
var fixedAgenda = map[string][]string{
	organisational: {"integration", "needs", "goals", "schedule", "platform"},
	working:        {"sharing", "experts", "solutions"},
	summing:        {"results", "promotion", "evaluation"},
}

// homePage is the network's first page: stage, goals, timetable, what is next.
func homePage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w := in(r.GetLocale())
	p, err := look(r.Snapshot)
	if err != nil {
		return nil, err
	}
	v := view.New(w.t("view.home"))
	v.Add(stageSteps(w, r.Stage()))
	if items := p.forMember(w, r.HasRole(roleParticipant)); len(items) > 0 {
		v.Add(view.List(w.t("home.now"), "", items...))
	}
	if p.charter != nil {
		goals := make([]view.Item, 0, len(p.charter.Goals))
		for _, g := range p.charter.Goals {
			goals = append(goals, view.Item{Value: view.Text(p.charter.goal(w, g))})
		}
		v.Add(view.List(w.t("home.goals"), w.t("home.no_goals"), goals...))
		if p.charter.Need != "" {
			v.Add(view.Facts("", view.Fact{Label: w.t("home.need"), Value: view.Text(p.charter.Need)}))
		}
	}
	v.Add(timetable(w, p))
	return &sdk.Page{View: v}, nil
}

func stageSteps(w words, stage string) view.Node {
	items := make([]view.Step, 0, len(stages))
	state := "done"
	for _, s := range stages {
		switch {
		case s == stage && s == stageClosed:
			state = "done"
		case s == stage:
			state = "now"
		case state == "now":
			state = "todo"
		}
		items = append(items, view.Step{Label: w.t("stage." + s), State: state})
	}
	return view.Steps(w.t("home.stage"), items...)
}

// forMember lists what the reader should do next.
func (p *picture) forMember(w words, participant bool) []view.Item {
	var out []view.Item
	person := p.s.Person()
	for i := range p.tasks {
		if t := &p.tasks[i]; person != "" && t.mine(person, participant) {
			note := w.t("home.task")
			if t.State == "returned" {
				note = w.t("home.task_returned")
			}
			out = append(out, view.Item{Value: view.Text(t.Title), Note: note, To: &view.Link{To: "task", ID: p.taskIDs[i]}})
		}
	}
	if p.plan != nil && p.s.Stage() != stageClosed {
		if m, ok := p.plan.next(p.s.Time()); ok {
			out = append(out, view.Item{Value: when(w, &m), Note: w.t("home.next_meeting", "kind", w.t("meeting."+m.Kind))})
		}
	}
	if len(out) > 10 {
		out = out[:10] // what is first on the list is enough for today
	}
	return out
}

// when is the date of a meeting, or its month.
func when(w words, m *meeting) view.Value {
	if m.Date != "" {
		return view.Date(m.Date)
	}
	return view.Text(w.t("month." + m.Month))
}

// timetable lists the planned meetings. Topics and leaders have a column once
// there is one to show: most plans begin without.
func timetable(w words, p *picture) view.Node {
	columns := []view.Column{{ID: "kiedy", Label: w.t("plan.when"), Type: "text"}, {ID: "rodzaj", Label: w.t("plan.kind"), Type: "text"}}
	title := w.t("home.timetable")
	var list []meeting
	if p.plan != nil {
		title += " " + schoolYear(p.plan.Year)
		list = p.plan.ordered()
	}
	topics := slices.ContainsFunc(list, func(m meeting) bool { return m.Topic != "" })
	leaders := slices.ContainsFunc(list, func(m meeting) bool { return m.Leader != nil })
	if topics {
		columns = append(columns, view.Column{ID: "temat", Label: w.t("plan.topic"), Type: "text"})
	}
	if leaders {
		columns = append(columns, view.Column{ID: "prowadzi", Label: w.t("plan.leader"), Type: "person"})
	}
	var rows [][]view.Value
	for _, m := range list {
		row := []view.Value{when(w, &m), view.Text(w.t("meeting." + m.Kind))}
		if topics {
			row = append(row, view.Text(cmp.Or(m.Topic, w.t("plan.later"))))
		}
		switch {
		case leaders && m.Leader != nil:
			row = append(row, view.Person(m.Leader.ID))
		case leaders:
			row = append(row, view.Text(w.t("plan.later")))
		}
		rows = append(rows, row)
	}
	return view.Table("plan", title, w.t("home.no_plan"), columns, rows)
}

// planPage is the plan with the fixed agenda of each meeting and what it lacks.
func planPage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w := in(r.GetLocale())
	p, err := look(r.Snapshot)
	if err != nil {
		return nil, err
	}
	v := view.New(w.t("view.plan"))
	for _, g := range p.planGaps() {
		v.Add(view.Notice("warn", w.t("plan."+g.code, g.args...)))
	}
	v.Add(timetable(w, p))
	if p.plan != nil {
		for _, m := range p.plan.ordered() {
			v.Add(view.Section(w.t("meeting."+m.Kind)+": "+w.t("month."+m.Month), agenda(w, p, &m)...))
		}
	}
	if r.HasRole(roleCoordinator) && r.Stage() != stageClosed {
		v.Add(view.Actions(view.Action{ID: commandPlan, Label: w.t("plan.edit")}))
	}
	return &sdk.Page{View: v}, nil
}

func agenda(w words, p *picture, m *meeting) []view.Node {
	items := make([]view.Item, 0, 6)
	for _, a := range fixedAgenda[m.Kind] {
		items = append(items, view.Item{Value: view.Text(w.t("agenda." + a))})
	}
	out := []view.Node{}
	facts := []view.Fact{{Label: w.t("plan.when"), Value: when(w, m)}}
	for i, g := range m.Goals {
		label := w.t("plan.serves")
		if len(m.Goals) > 1 {
			label = w.t("plan.serves_n", "n", i+1)
		}
		text := w.t("goal." + g)
		if p.charter != nil {
			text = p.charter.goal(w, g)
		}
		facts = append(facts, view.Fact{Label: label, Value: view.Text(text)})
	}
	if m.Topic != "" {
		facts = append(facts, view.Fact{Label: w.t("plan.topic"), Value: view.Text(m.Topic)})
	}
	return append(out, view.Facts("", facts...), view.List(w.t("plan.agenda"), "", items...))
}

// remedies are the commands by which a duty is met, where there is one.
var remedies = map[string]string{"safety": commandContract, "organise": commandPlan, "suggestions": commandPlan}

// progressPage is the coordinator's: the eight duties and the next stage.
func progressPage(r *sdk.ViewRequest) (*sdk.Page, error) {
	w := in(r.GetLocale())
	p, err := look(r.Snapshot)
	if err != nil {
		return nil, err
	}
	list := p.duties(w)
	v := view.New(w.t("view.progress"))
	done, now := 0, true
	steps := make([]view.Step, 0, len(list))
	next := []view.Item{}
	for _, d := range list {
		step := view.Step{Label: w.t("duty." + d.code), State: "todo", Note: d.note}
		switch {
		case d.done:
			done++
			step.State = "done"
		case now:
			now, step.State = false, "now"
		}
		if d.next != "" {
			item := view.Item{Value: view.Text(d.next), Note: w.t("duty." + d.code)}
			if command := remedies[d.code]; command != "" && r.HasRole(roleCoordinator) {
				item.To = &view.Link{To: "command", ID: command}
			}
			next = append(next, item)
		}
		steps = append(steps, step)
	}
	v.Add(
		view.Progress(w.t("progress.bar"), float64(done), float64(len(list)), ""),
		view.List(w.t("progress.next"), w.t("progress.nothing"), next...),
		view.Steps(w.t("progress.duties"), steps...),
	)
	set, err := settingsOf(r.Snapshot)
	if err != nil {
		return nil, err
	}
	if n := p.participants(); n > set.Usual {
		v.Add(view.Notice("warn", w.n("guard.size", n, "usual", set.Usual)))
	}
	nodes, err := stageNodes(w, r)
	if err != nil {
		return nil, err
	}
	return &sdk.Page{View: v.Add(nodes...)}, nil
}

// places are where a condition of a stage is met.
var places = map[string]view.Link{
	"no_plan": {To: "command", ID: commandPlan}, "few_meetings": {To: "command", ID: commandPlan}, "no_organisational": {To: "command", ID: commandPlan},
	"no_summary": {To: "command", ID: commandPlan}, "no_working_meeting": {To: "command", ID: commandPlan}, "no_contract": {To: "command", ID: commandContract},
	"no_summary_record": {To: "command", ID: commandSummary}, "no_evaluation": {To: "evaluation"}, "no_dissemination": {To: "dissemination"}, "open_tasks": {To: "tasks"},
}

// stageNodes are what the next stage waits for and the button that goes there.
func stageNodes(w words, r *sdk.ViewRequest) ([]view.Node, error) {
	to := nextStage(r.Stage())
	if to == "" {
		return []view.Node{view.Notice("ok", w.t("stage.last"))}, nil
	}
	list, err := conditions(r.Snapshot, to)
	if err != nil {
		return nil, err
	}
	items := []view.Item{}
	blocked := false
	for _, c := range list {
		if c.met {
			continue
		}
		blocked = blocked || !c.soft
		item := view.Item{Value: view.Text(w.t("condition."+c.code, c.args...)), Note: w.t(choose(c.soft, "condition.soft", "condition.hard"))}
		if to, ok := places[c.code]; ok && r.HasRole(roleCoordinator) {
			item.To = &to
		}
		items = append(items, item)
	}
	nodes := []view.Node{view.List(w.t("progress.waits", "stage", w.t("stage."+to)), w.t("progress.ready"), items...)}
	if !blocked && r.HasRole(roleCoordinator) {
		action := view.Action{ID: commandNext, Label: w.t("progress.go", "stage", w.t("stage."+to)), Confirm: w.t("progress.confirm")}
		if to == stageClosed {
			action = view.Action{ID: commandClose, Label: w.t("progress.close"), Confirm: w.t("progress.confirm_close"), Danger: true}
		}
		nodes = append(nodes, view.Actions(action))
	}
	return nodes, nil
}
