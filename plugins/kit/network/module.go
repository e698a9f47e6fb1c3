package main

import (
	"context"
	"slices"

	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/texts"
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
	a := &sdk.Answer{}
	switch r.Name() {
	case commandFound:
		a.PutRecord(kindCard, r.GetScope(), kindCard, r.Document(), nil)
	case commandNote:
		a.PutRecord(kindNote, r.GetScope(), kindNote, r.Document(), nil)
	case commandNext:
		nextStage(a, r)
	default:
		return nil, sdk.Unknown("command", r.Name())
	}
	return a, nil
}

// nextStage moves the network on; one without a single note is not closed.
func nextStage(a *sdk.Answer, r *sdk.Request) {
	w := catalogue.In(r.GetLocale())
	to := after(r.Stage())
	switch {
	case to == "":
		a.Error("", "last_stage", w.T("stage.last"))
	case to == stageClosed && len(r.Rows(kindNote)) == 0:
		a.Error("", "no_notes", w.T("stage.no_notes"))
	default:
		a.SetStage(r.GetScope(), r.Stage(), to)
	}
}

// after is the stage that follows; "" after the last.
func after(stage string) string {
	if i := slices.Index(stages, stage); i >= 0 && i+1 < len(stages) {
		return stages[i+1]
	}
	return ""
}

// card and note are what the module reads of the forms' answers.
type card struct {
	Question string `json:"pytanie"`
	For      string `json:"dla_kogo"`
}

type note struct {
	Date   string `json:"data"`
	Tried  string `json:"proba"`
	Lesson string `json:"wniosek"`
}

// Render makes the network's first page.
func (Module) Render(_ context.Context, r *sdk.ViewRequest) (*sdk.Page, error) {
	if r.GetView() != viewHome {
		return nil, sdk.Unknown("view", r.GetView())
	}
	w := catalogue.In(r.GetLocale())
	v := view.New(w.T("view.home"))
	v.Add(steps(w, r.Stage()))
	for _, row := range r.Rows(kindCard) {
		var c card
		if err := row.Decode(&c); err != nil {
			return nil, err
		}
		v.Add(view.Facts("", view.Fact{Label: w.T("card.question"), Value: view.Text(c.Question)},
			view.Fact{Label: w.T("card.for"), Value: view.Text(w.T("for." + c.For))}))
	}
	notes := r.Rows(kindNote)
	var rows [][]view.Value
	for _, row := range notes {
		var n note
		if err := row.Decode(&n); err != nil {
			return nil, err
		}
		rows = append(rows, []view.Value{view.Date(n.Date), view.Text(n.Tried), view.Text(n.Lesson)})
	}
	v.Add(view.Stat(w.T("notes.count"), view.Int(len(notes))),
		view.Table("notatki", w.T("notes.title"), w.T("notes.none"), []view.Column{
			{ID: "data", Label: w.T("notes.date"), Type: "date"},
			{ID: "proba", Label: w.T("notes.tried"), Type: "text"},
			{ID: "wniosek", Label: w.T("notes.lesson"), Type: "text"},
		}, rows))
	if actions := offered(w, r.Snapshot); len(actions) > 0 {
		v.Add(view.Actions(actions...))
	}
	return &sdk.Page{View: v}, nil
}

// offered are the buttons for this person; whether one may be used the platform
// decides by the roles of the manifest.
func offered(w texts.Words, s sdk.Snapshot) (out []view.Action) {
	if s.Stage() == stageClosed {
		return nil
	}
	if s.HasRole(roleParticipant) || s.HasRole(roleCoordinator) {
		out = append(out, view.Action{ID: commandNote, Label: w.T("command.note")})
	}
	if to := after(s.Stage()); s.HasRole(roleCoordinator) && to != "" {
		out = append(out, view.Action{ID: commandNext, Label: w.T("stage.go", "stage", w.T("stage."+to)), Confirm: w.T("stage.confirm")})
	}
	return out
}

func steps(w texts.Words, now string) view.Node {
	var items []view.Step
	state := "done"
	for _, s := range stages {
		switch {
		case s == now && s != stageClosed:
			state = "now"
		case state == "now":
			state = "todo"
		}
		items = append(items, view.Step{Label: w.T("stage." + s), State: state})
	}
	return view.Steps(w.T("stage.title"), items...)
}
