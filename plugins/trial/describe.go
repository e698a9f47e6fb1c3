package main

import (
	"encoding/json"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

const (
	statusForm = `{"kind":"form","v":1,"id":"stan","rev":1,"title":{"pl":"Stan zespołu"},"items":[
		{"id":"uwagi","type":"text","label":{"pl":"Uwagi"}}]}`
	planForm = `{"kind":"form","v":1,"id":"plan","rev":1,"title":{"pl":"Plan strategiczny"},"items":[
		{"id":"cel","type":"text","label":{"pl":"Cel"},"required":true},
		{"id":"gotowy","type":"bool","label":{"pl":"Plan jest gotowy"}}]}`
	windowForm = `{"kind":"form","v":1,"id":"okno","rev":1,"title":{"pl":"Czego szukać"},"items":[
		{"id":"kod","type":"text","label":{"pl":"Kod zawodu"},"hint":{"pl":"Sześć cyfr."}},
		{"id":"region","type":"choice","label":{"pl":"Województwo"},"options":[{"c":"26","l":{"pl":"świętokrzyskie"}},{"c":"30","l":{"pl":"wielkopolskie"}}]}]}`
	taskForm = `{"kind":"form","v":1,"id":"wdrozenie","rev":1,"title":{"pl":"Zadanie wdrożeniowe"},"items":[
		{"id":"opis","type":"longtext","label":{"pl":"Opis"},"required":true},
		{"id":"kroki","type":"group","label":{"pl":"Krok"},"repeat":{"min":0,"max":10},"items":[
			{"id":"tekst","type":"text","label":{"pl":"Co zrobiono"}}]}]}`
)

func form(text string) *v1.Document { return sdk.Doc(json.RawMessage(text), 1) }

func slice(name string, source v1.Source, kind string, selector v1.Selector) *v1.SliceSpec {
	return &v1.SliceSpec{Name: name, Source: source, Kind: kind, Selector: selector, Limit: 500}
}

// statusBy are the states of teams, the greatest risk first.
func statusBy(selector v1.Selector) *v1.SliceSpec {
	s := slice("status", v1.Source_SOURCE_RECORD, "status", selector)
	s.Order = []*v1.Order{{Field: "risk", Descending: true}}
	return s
}

// Describe says what the module is.
func (module) Describe() *v1.DescribeResponse {
	stages := []*v1.Stage{{Name: "running", Title: sdk.PL("W toku", "Running")}}
	teams := []*v1.GroupKind{{Name: "team", Title: sdk.PL("Zespół", "Team"), Roles: []string{"head", "guardian", "team_member"}}}
	return &v1.DescribeResponse{
		ModuleId: "test.trial", Version: "1.0.0", ContractRevision: sdk.ContractRevision,
		ProgrammeTypes: []*v1.ProgrammeType{{
			Name: "jst", Title: sdk.PL("Program JST", "Programme for local governments"), Function: sdk.PL("Programy JST", "Programmes for local governments"),
			Stages: stages, GroupKinds: teams, Behaviour: behaviour(),
			Indicators: []*v1.Indicator{{Name: "plans", Title: sdk.PL("Plany strategiczne", "Strategic plans"), Unit: sdk.PL("planów", "plans"), UsualTarget: 7}},
		}},
		NetworkTypes: []*v1.NetworkType{{
			Name: "circle", Title: sdk.PL("Krąg JST", "Circle"), Function: sdk.PL("Kręgi JST", "Circles"), Stages: stages, GroupKinds: teams,
			PublicView: "window", Behaviour: &v1.Behaviour{Views: []*v1.ViewKind{{
				Name: "window", Title: sdk.PL("Czego uczą szkoły", "What schools teach"), Scopes: []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_NETWORK}, Parameters: form(windowForm), TablesAsFiles: true,
				Slices: []*v1.SliceSpec{{Name: "days", Source: v1.Source_SOURCE_REGISTER, Kind: "day", Selector: v1.Selector_SELECTOR_THIS, Limit: 1}},
			}}},
		}},
		TaskTypes: []*v1.TaskType{{
			Name: "implementation", Title: sdk.PL("Zadanie wdrożeniowe", "Implementation task"), Function: sdk.PL("Zadania wdrożeniowe", "Implementation tasks"),
			Form: form(taskForm), Assignees: []v1.AssigneeKind{v1.AssigneeKind_ASSIGNEE_KIND_GROUP}, SharedSubmission: true, ReviewerRole: "guardian", Behaviour: &v1.Behaviour{},
		}},
		RecordKinds: []*v1.RecordKind{
			{Name: "status", Title: sdk.PL("Stan zespołu", "State of a team"), Form: form(statusForm), Scopes: onGroup, History: v1.History_HISTORY_LATEST, Columns: []string{"uwagi"},
				IndexFields: []*v1.IndexField{{Name: "risk", Type: v1.FieldType_FIELD_TYPE_INTEGER, Title: sdk.PL("Ryzyko", "Risk")}, {Name: "missed", Type: v1.FieldType_FIELD_TYPE_INTEGER, Title: sdk.PL("Po terminie", "Missed")},
					{Name: "team", Type: v1.FieldType_FIELD_TYPE_REF, Title: sdk.PL("Zespół", "Team")}},
				UniqueKeys: []*v1.UniqueKey{{Fields: []string{"team"}}}},
			{Name: "plan", Title: sdk.PL("Plan strategiczny", "Strategic plan"), Form: form(planForm), Scopes: onGroup, History: v1.History_HISTORY_VERSIONS, Columns: []string{"cel", "gotowy"},
				IndexFields: []*v1.IndexField{{Name: "ready", Type: v1.FieldType_FIELD_TYPE_BOOLEAN, Title: sdk.PL("Gotowy", "Ready")}, {Name: "team", Type: v1.FieldType_FIELD_TYPE_REF, Title: sdk.PL("Zespół", "Team")}},
				UniqueKeys:  []*v1.UniqueKey{{Fields: []string{"team"}}}},
		},
		JobKinds: []*v1.JobKind{
			{Name: "remind", Title: sdk.PL("Przypomnienie zespołom", "Reminder to teams"), Scopes: onProgramme, When: &v1.JobKind_OnDemand{OnDemand: true}},
			{Name: "weekly", Title: sdk.PL("Przegląd tygodnia", "Weekly review"), Scopes: onProgramme, When: &v1.JobKind_Cron{Cron: "0 6 * * 1"}},
		},
	}
}

func behaviour() *v1.Behaviour {
	mine, here := v1.Selector_SELECTOR_MY_GROUPS, v1.Selector_SELECTOR_THIS
	return &v1.Behaviour{
		Commands: []*v1.CommandKind{
			{Name: "setup", Title: sdk.PL("Utwórz sieci i zespoły", "Make networks and teams"), Scopes: onProgramme},
			{Name: "write_plan", Title: sdk.PL("Zapisz plan", "Write the plan"), Scopes: onGroup, Form: form(planForm), Slices: []*v1.SliceSpec{slice("plans", v1.Source_SOURCE_RECORD, "plan", here)}},
			{Name: "sign_off", Title: sdk.PL("Zatwierdź plan", "Sign the plan off"), Scopes: onGroup, Slices: []*v1.SliceSpec{slice("plans", v1.Source_SOURCE_RECORD, "plan", here)}},
		},
		Views: []*v1.ViewKind{
			{Name: "board", Title: sdk.PL("Tablica opiekuna", "Guardian's board"), Scopes: onProgramme, InMenu: true, Slices: []*v1.SliceSpec{
				statusBy(mine), slice("groups", v1.Source_SOURCE_GROUP, "", mine), slice("tasks", v1.Source_SOURCE_TASK, "implementation", mine)}},
			{Name: "overview", Title: sdk.PL("Postęp programu", "Progress of the programme"), Scopes: onProgramme, InMenu: true,
				Slices: []*v1.SliceSpec{slice("indicators", v1.Source_SOURCE_INDICATOR, "", v1.Selector_SELECTOR_PROGRAMME)},
				Aggregates: []*v1.AggregateSpec{
					{Name: "plans", Source: v1.Source_SOURCE_RECORD, Kind: "plan", Selector: v1.Selector_SELECTOR_CHILDREN, By: []string{"ready"}},
					{Name: "risk", Source: v1.Source_SOURCE_RECORD, Kind: "status", Selector: v1.Selector_SELECTOR_CHILDREN, Field: "risk", Quantiles: []float64{0.5}, MinimumCell: 5},
				}},
			{Name: "team", Title: sdk.PL("Zespół", "Team"), Scopes: onGroup, InMenu: true, Slices: []*v1.SliceSpec{statusBy(here), slice("tasks", v1.Source_SOURCE_TASK, "", here)}},
		},
		Events: []*v1.EventInterest{{Name: "record.closed", Slices: []*v1.SliceSpec{slice("plans", v1.Source_SOURCE_RECORD, "plan", v1.Selector_SELECTOR_CHILDREN)}}},
		Timers: []*v1.TimerKind{{Name: "deadline", Title: sdk.PL("Termin zadania", "Deadline"), Slices: []*v1.SliceSpec{statusBy(here), slice("tasks", v1.Source_SOURCE_TASK, "implementation", here)}}},
	}
}
