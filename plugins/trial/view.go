package main

import (
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/view"
)

// board is a guardian's own teams, the greatest risk first.
func board(r *sdk.ViewRequest) (*sdk.Page, error) {
	names := map[string]string{}
	for _, g := range r.Rows("groups") {
		var group struct{ Name string }
		if err := g.Decode(&group); err != nil {
			return nil, err
		}
		names[g.GetId()] = group.Name
	}
	states := map[string]string{}
	for _, t := range r.Rows("tasks") {
		var task struct{ State string }
		if err := t.Decode(&task); err != nil {
			return nil, err
		}
		states[t.GetScope().GetId()] = task.State
	}
	var rows [][]view.Value
	for _, s := range r.Rows("status") {
		at := s.GetScope().GetId()
		rows = append(rows, []view.Value{view.Text(names[at]), view.Int(int(s.Int("risk"))), view.Text(states[at])})
	}
	v := view.New("Tablica opiekuna")
	v.Add(view.Table("zespoly", "Zespoły", "Nie ma tu Twoich zespołów.", []view.Column{
		{ID: "zespol", Label: "Zespół", Type: "text"}, {ID: "ryzyko", Label: "Ryzyko", Type: "int"}, {ID: "zadanie", Label: "Zadanie", Type: "text"},
	}, rows))
	return &sdk.Page{View: v}, nil
}

// overview is the indicator, and what the aggregates tell of all teams.
func overview(r *sdk.ViewRequest) (*sdk.Page, error) {
	v := view.New("Postęp programu")
	for _, i := range r.Rows("indicators") {
		target := max(i.Int("target"), 1) // more than planned is all there is
		v.Add(view.Progress("Plany strategiczne", float64(min(i.Int("achieved"), target)), float64(target), ""))
	}
	var ready, drafts int64
	for _, c := range r.Cells("plans") {
		if c.GetBy()[0].GetBoolean() {
			ready = c.GetCount()
		} else {
			drafts = c.GetCount()
		}
	}
	facts := []view.Fact{{Label: "Gotowe plany", Value: view.Int(int(ready))}, {Label: "Plany w pracy", Value: view.Int(int(drafts))}}
	for _, c := range r.Cells("risk") {
		if c.GetSuppressed() {
			facts = append(facts, view.Fact{Label: "Ryzyko", Value: view.Text("za mało zespołów, by je pokazać")})
			continue
		}
		facts = append(facts, view.Fact{Label: "Zespoły", Value: view.Int(int(c.GetCount()))}, view.Fact{Label: "Środkowe ryzyko", Value: view.Dec(c.GetQuantiles()[0])})
	}
	v.Add(view.Facts("Plany i ryzyko", facts...))
	return &sdk.Page{View: v}, nil
}

// team is one team for its members and its guardian.
func team(r *sdk.ViewRequest) (*sdk.Page, error) {
	v := view.New("Zespół")
	if rows := r.Rows("status"); len(rows) > 0 {
		s := rows[0]
		v.Add(view.Facts("Stan", view.Fact{Label: "Po terminie", Value: view.Int(int(s.Int("missed")))}))
	}
	var items []view.Item
	for _, t := range r.Rows("tasks") {
		var task struct{ Title string }
		if err := t.Decode(&task); err != nil {
			return nil, err
		}
		if len(items) == 200 { // as many as a list holds
			break
		}
		items = append(items, view.Item{Value: view.Text(task.Title), To: &view.Link{To: "task", ID: t.GetId()}})
	}
	v.Add(view.List("Zadania", "Nie ma zadań.", items...))
	return &sdk.Page{View: v}, nil
}
