package main

import (
	"context"
	"strings"
	"time"

	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/view"
)

// Module is the module. It keeps nothing between calls: what an answer depends
// on comes with the request, and the same request gets the same answer.
type Module struct{}

var (
	_ sdk.Describer = Module{}
	_ sdk.Decider   = Module{}
	_ sdk.Viewer    = Module{}
)

// Decide answers commands. What the platform is to do is an effect, what a
// person should read is a diagnostic; an error is for faults of this program.
func (Module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	if r.Command == nil {
		return nil, sdk.Unknown("input", r.Name())
	}
	switch {
	case r.Type == typeLesson && r.Name() == commandSubmit:
		return submit(r)
	case r.Type == typeNetwork && r.Name() == commandFound:
		return found(r)
	case r.Type == typeNetwork && r.Name() == commandClose:
		a := &sdk.Answer{}
		a.SetStage(r.GetScope(), r.Stage(), stageClosed)
		return a, nil
	}
	return nil, sdk.Unknown("command", r.Name())
}

// founding and lesson are what the module reads of the forms' answers.
type founding struct {
	Until string `json:"termin"`
}

type lesson struct {
	Topic  string `json:"temat"`
	Lesson string `json:"wnioski"`
}

// endOfDay is the hour by which things are handed in.
const endOfDay = 20

// found gives everybody in the new network their first task.
func found(r *sdk.Request) (*sdk.Answer, error) {
	a, w := &sdk.Answer{}, catalogue.In(r.GetLocale())
	var f founding
	if err := r.Input(&f); err != nil {
		return nil, err
	}
	until, err := time.ParseInLocation(time.DateOnly, f.Until, r.Time().Location())
	if err != nil {
		return nil, err // the form asked for a date
	}
	until = until.Add(endOfDay * time.Hour)
	if !until.After(r.Time()) {
		a.Error("termin", "past", w.T("found.past"))
		return a, nil
	}
	a.CreateTask("lesson", r.GetScope(), sdk.NewTask{
		Type: typeLesson, Title: w.T("lesson.first"), Instructions: w.T("lesson.instructions"), Due: until, Network: r.GetScope().GetId(),
	})
	return a, nil
}

// fewWords is a conclusion of which nobody learns much.
const fewWords = 10

// submit asks for a reason where the conclusion is very short.
func submit(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var l lesson
	if err := r.Input(&l); err != nil {
		return nil, err
	}
	if len(strings.Fields(l.Lesson)) < fewWords {
		a.Warn("wnioski", "short", catalogue.In(r.GetLocale()).T("lesson.short", "n", fewWords))
	}
	return a, nil
}

// task is what the module reads of a task's row.
type task struct {
	Title       string `json:"title"`
	State       string `json:"state"`
	Submissions []struct {
		State string `json:"state"`
	} `json:"submissions"`
}

// Render makes the network's first page: how far the lessons are.
func (Module) Render(_ context.Context, r *sdk.ViewRequest) (*sdk.Page, error) {
	if r.GetView() != viewHome {
		return nil, sdk.Unknown("view", r.GetView())
	}
	w := catalogue.In(r.GetLocale())
	var items []view.Item
	done := 0
	for _, row := range r.Rows(sliceTasks) {
		var t task
		if err := row.Decode(&t); err != nil {
			return nil, err
		}
		accepted := 0
		for _, s := range t.Submissions {
			if s.State == "accepted" {
				accepted++
			}
		}
		done += accepted
		items = append(items, view.Item{Value: view.Text(t.Title), Note: w.N("lesson.accepted", accepted), To: &view.Link{To: "task", ID: row.GetId()}})
	}
	v := view.New(w.T("view.home"))
	v.Add(view.Stat(w.T("lesson.done"), view.Int(done)), view.List(w.T("lesson.list"), w.T("lesson.none"), items...))
	if r.Stage() != stageClosed && r.HasRole(roleCoordinator) {
		v.Add(view.Actions(view.Action{ID: commandClose, Label: w.T("command.close"), Confirm: w.T("close.confirm"), Danger: true}))
	}
	return &sdk.Page{View: v}, nil
}
