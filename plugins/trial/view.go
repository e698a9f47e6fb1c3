package main

import (
	"time"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
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

// window is for strangers: how many schools teach each vocation today and did
// on the day before the register last changed, and which they are.
func window(r *sdk.ViewRequest) (*sdk.Page, error) {
	if !r.Has("taught") {
		return wantRegister(r)
	}
	v := view.New("Czego uczą szkoły")
	var rows [][]view.Value
	for _, x := range r.Rows("taught") {
		var one struct {
			Code, Name      string
			Schools, Before int
		}
		if err := x.Decode(&one); err != nil {
			return nil, err
		}
		rows = append(rows, []view.Value{view.Text(one.Code), view.Text(one.Name), view.Int(one.Before), view.Int(one.Schools)})
	}
	v.Add(view.Table("zawody", "Zawody", "Nikt tego nie uczy.", []view.Column{
		{ID: "kod", Label: "Kod", Type: "text"}, {ID: "zawod", Label: "Zawód", Type: "text"}, {ID: "przed", Label: "Przedtem", Type: "int"}, {ID: "szkoly", Label: "Szkoły", Type: "int"},
	}, rows))
	items := []view.Item{}
	schools := r.Rows("schools")
	for _, x := range schools[:min(len(schools), 200)] { // a list has no more
		var one struct{ Name, Town string }
		if err := x.Decode(&one); err != nil {
			return nil, err
		}
		items = append(items, view.Item{Value: view.Text(one.Name), Note: one.Town})
	}
	return &sdk.Page{View: v.Add(view.List("Szkoły", "Nie ma takich szkół.", items...))}, nil
}

// wantRegister asks for two pages' worth of what the window shows.
func wantRegister(r *sdk.ViewRequest) (*sdk.Page, error) {
	equal := func(field, value string) []*v1.Filter {
		if value == "" {
			return nil
		}
		return []*v1.Filter{{Field: field, Operator: v1.Operator_OPERATOR_EQUAL, Operand: &v1.Filter_Value{Value: sdk.Val(value)}}}
	}
	taught := slice("taught", v1.Source_SOURCE_REGISTER, "vocation", v1.Selector_SELECTOR_THIS)
	taught.Filters = append(equal("code", r.Param("kod")), equal("voivodeship", r.Param("region"))...)
	taught.Order = []*v1.Order{{Field: "schools"}, {Field: "code"}}
	taught.ComparedWith = &v1.Date{Year: 1999, Month: 1, Day: 1}
	for _, d := range r.Rows("days") {
		day := d.GetIndex()["day"].GetDate()
		before := time.Date(int(day.GetYear()), time.Month(day.GetMonth()), int(day.GetDay())-1, 0, 0, 0, 0, time.UTC)
		taught.ComparedWith = &v1.Date{Year: int32(before.Year()), Month: uint32(before.Month()), Day: uint32(before.Day())}
	}
	schools := slice("schools", v1.Source_SOURCE_REGISTER, "school", v1.Selector_SELECTOR_THIS)
	schools.Filters = append(equal("vocation", r.Param("kod")), equal("voivodeship", r.Param("region"))...)
	schools.Order = []*v1.Order{{Field: "name"}}
	p := &sdk.Page{}
	p.Need(taught, schools)
	return p, nil
}
