package thematic

import (
	"encoding/json"
	"slices"

	"ore.edu.pl/sieci/plugins/sdk"
)

var stages = []string{stageOrganisational, stageWorking, stageSummary, stageClosed}

// nextStage is the stage after s; "" after the last.
func nextStage(s string) string {
	if i := slices.Index(stages, s); i >= 0 && i+1 < len(stages) {
		return stages[i+1]
	}
	return ""
}

// condition is something that a stage waits for.
type condition struct {
	code string
	met  bool
	// soft conditions can be overcome by a reason.
	soft bool
	args []any
}

// conditions are what the step to the stage waits for.
func conditions(s sdk.Snapshot, to string) ([]condition, error) {
	p, _, err := readPlan(s)
	if err != nil {
		return nil, err
	}
	var out []condition
	switch to {
	case stageWorking:
		if p == nil {
			return []condition{{code: "no_plan"}}, nil
		}
		for _, g := range p.gaps() {
			out = append(out, condition{code: g.code, args: g.args})
		}
		out = append(out, condition{code: "no_contract", met: len(s.Rows(sliceContract)) > 0, soft: true})
	case stageSummary:
		if p == nil {
			return []condition{{code: "no_plan"}}, nil
		}
		held := 0
		for _, m := range p.Meetings {
			if d, ok := m.day(); ok && m.Kind == working && !d.After(dayOf(s.Time())) {
				held++
			}
		}
		out = append(out, condition{code: "no_working_meeting", met: held > 0, soft: true})
	case stageClosed:
		out = append(out, condition{code: "no_summary_record", met: len(s.Rows(sliceSummary)) > 0})
		missing, err := missingAtEnd(s)
		if err != nil {
			return nil, err
		}
		// The summary meeting was bound by these; a network that met without one says why.
		for i := range missing {
			missing[i].soft = true
		}
		out = append(out, missing...)
		n, err := openTasks(s)
		if err != nil {
			return nil, err
		}
		out = append(out, condition{code: "open_tasks", met: n == 0, soft: true, args: []any{"n", n}})
	}
	return out, nil
}

func changeStage(r *sdk.Request) (*sdk.Answer, error) {
	a, w := &sdk.Answer{}, in(r.GetLocale())
	from := r.Stage()
	to := nextStage(from)
	switch closing := r.Name() == commandClose; {
	case to == "":
		a.Error("", "last_stage", w.t("stage.last"))
		return a, nil
	case closing && to != stageClosed:
		a.Error("", "not_yet", w.t("stage.close_early"))
		to = stageClosed // and what else it will take
	case !closing && to == stageClosed:
		a.Error("", "use_close", w.t("stage.use_close"))
		return a, nil
	}
	list, err := conditions(r.Snapshot, to)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		switch text := w.t("condition."+c.code, c.args...); {
		case c.met:
			a.Info("", c.code, w.t("met."+c.code))
		case c.soft:
			a.Warn("", c.code, text)
		default:
			a.Error("", c.code, text)
		}
	}
	a.SetStage(r.GetScope(), from, to)
	for _, role := range []string{roleCoordinator, roleParticipant} {
		a.NotifyRole(r.GetScope(), role, both("stage.changed_subject"), stageText(to), viewHome)
	}
	return a, nil
}

// submission is what the core says of one submission of a task.
type submission struct {
	ID      string          `json:"id"`
	Authors []string        `json:"authors"`
	State   string          `json:"state"`
	Answers json.RawMessage `json:"answers"`
}

// task is what the core says of a task.
type task struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	State    string `json:"state"`
	Due      string `json:"due"`
	Assignee struct {
		Kind string `json:"kind"`
		ID   string `json:"id"`
	} `json:"assignee"`
	Submissions []submission `json:"submissions"`
}

func readTasks(s sdk.Snapshot) ([]task, error) {
	rows := s.Rows(sliceTasks)
	out := make([]task, len(rows))
	for i, r := range rows {
		if err := r.Decode(&out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func openTasks(s sdk.Snapshot) (int, error) {
	list, err := readTasks(s)
	n := 0
	for i := range list {
		if list[i].open() {
			n++
		}
	}
	return n, err
}

func (t *task) open() bool {
	return t.State == "open" || t.State == "returned" || t.State == "submitted"
}
