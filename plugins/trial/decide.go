package main

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// teams are the local governments with their first risk and network.
var teams = []struct {
	name    string
	risk    int
	network int
}{
	{"Gmina A", 10, 1}, {"Gmina B", 40, 1}, {"Gmina C", 20, 1}, {"Gmina D", 75, 2}, {"Gmina E", 30, 2}, {"Powiat F", 50, 3}, {"Powiat G", 60, 3},
}

// setUp makes three networks, seven teams in them, and for each team its state,
// its first task and the timer of the task: 31 effects, later ones naming what
// earlier ones make.
func setUp(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	here := r.GetScope()
	networks := map[int]string{}
	for i := 1; i <= 3; i++ {
		networks[i] = string(a.Effect(fmt.Sprintf("network%d", i), &v1.Effect{Kind: &v1.Effect_NetworkCreate{NetworkCreate: &v1.NetworkCreate{
			Scope: here, Type: "circle", Name: fmt.Sprintf("Krąg %d", i),
		}}}))
	}
	due := r.GetNow().AsTime().Add(7 * 24 * time.Hour)
	for i, t := range teams {
		id := string(a.Effect(fmt.Sprintf("team%d", i), &v1.Effect{Kind: &v1.Effect_GroupCreate{GroupCreate: &v1.GroupCreate{
			Scope: sdk.Network(networks[t.network]), Kind: "team", Name: t.name,
		}}}))
		at := sdk.Group(id)
		a.PutRecord(fmt.Sprintf("status%d", i), at, "status", sdk.Doc(map[string]any{}, 1), sdk.Index(map[string]any{"risk": t.risk, "missed": 0, "team": sdk.ID(id)}))
		a.CreateTask(fmt.Sprintf("task%d", i), at, sdk.NewTask{Type: "implementation", Title: "Zadanie wdrożeniowe 1", Due: due, Group: id})
		a.SetTimer(at, "deadline", "first", due, nil)
	}
	return a, nil
}

type plan struct {
	Aim   string `json:"cel"`
	Ready bool   `json:"gotowy,omitempty"`
}

// writePlan puts the team's plan, or revises it.
func writePlan(r *sdk.Request) (*sdk.Answer, error) {
	var p plan
	if err := r.Input(&p); err != nil {
		return nil, err
	}
	a := &sdk.Answer{}
	if len(p.Aim) < 5 {
		a.Warn("cel", "short", "Cel jest bardzo krótki. Czy tak ma być?")
	}
	index := sdk.Index(map[string]any{"ready": p.Ready, "team": sdk.ID(r.GetScope().GetId())})
	if rows := r.Rows("plans"); len(rows) > 0 {
		a.ReviseRecord("plan", rows[0], sdk.Doc(p, 1), index)
		return a, nil
	}
	a.PutRecord("plan", r.GetScope(), "plan", sdk.Doc(p, 1), index)
	return a, nil
}

// signOff closes a ready plan; what is named as missing refuses it.
func signOff(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	rows := r.Rows("plans")
	if len(rows) == 0 || !rows[0].GetIndex()["ready"].GetBoolean() {
		a.Error("", "not_ready", "Plan nie jest jeszcze gotowy. Zespół musi go najpierw oznaczyć jako gotowy.")
		return a, nil
	}
	a.CloseRecord("plan", rows[0], "Zatwierdzono")
	return a, nil
}

// count counts a plan that was signed off: the programme's own act, no person's.
func count(r *sdk.Request) (*sdk.Answer, error) {
	var what struct{ Record, Kind string }
	if err := r.Input(&what); err != nil {
		return nil, err
	}
	a := &sdk.Answer{}
	for _, row := range r.Rows("plans") {
		if row.GetId() == what.Record && what.Kind == "plan" {
			a.Effect("achieve", &v1.Effect{Kind: &v1.Effect_IndicatorAchieve{IndicatorAchieve: &v1.IndicatorAchieve{
				Scope: r.GetScope(), Indicator: "plans", Amount: 1, EvidenceId: row.GetId(), GroupId: row.GetScope().GetId(),
			}}})
		}
	}
	return a, nil
}

// overdue acts when the date of the task has passed and nothing was handed in:
// the risk grows and the guardian is told. Nobody asked for it.
func overdue(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	open := false
	for _, t := range r.Rows("tasks") {
		var task struct{ State string }
		if err := t.Decode(&task); err != nil {
			return nil, err
		}
		open = open || task.State == "open"
	}
	rows := r.Rows("status")
	if !open || len(rows) == 0 {
		return a, nil
	}
	s := rows[0]
	a.ReviseRecord("status", s, sdk.Doc(map[string]any{"uwagi": "Minął termin zadania."}, 1),
		sdk.Index(map[string]any{"risk": s.Int("risk") + 50, "missed": s.Int("missed") + 1, "team": sdk.ID(r.GetScope().GetId())}))
	a.NotifyRole(r.GetScope(), "guardian", sdk.PL("Minął termin zadania", "A deadline has passed"), sdk.PL("Zespół nie oddał zadania w terminie.", "The team did not hand the task in."), "")
	return a, nil
}

// remindPage is how many teams a page of a reminder looks at.
const remindPage = 3

// remind walks over the teams of the programme, three a page.
func remind(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	var before struct {
		Cursor string
		Done   uint64
	}
	if raw := r.Job.GetContinuation(); len(raw) > 0 {
		if _, err := fmt.Sscanf(string(raw), "%d %s", &before.Done, &before.Cursor); err != nil {
			return nil, fmt.Errorf("continuation: %w", err)
		}
	}
	if !r.Has("groups") {
		s := slice("groups", v1.Source_SOURCE_GROUP, "team", v1.Selector_SELECTOR_CHILDREN)
		s.Limit, s.Cursor, s.Writable = remindPage, before.Cursor, true
		a.Need(s)
		return a, nil
	}
	rows := r.Rows("groups")
	for _, g := range rows {
		a.NotifyRole(proto.CloneOf(g.GetScope()), "head", sdk.PL("Przypomnienie", "Reminder"), sdk.PL("Zajrzyj do zadań zespołu.", "Look at the tasks of the team."), "")
	}
	done := before.Done + uint64(len(rows))
	if more := r.More("groups"); more != "" {
		a.Progress([]byte(fmt.Sprintf("%d %s", done, more)), done, uint64(len(teams)))
		return a, nil
	}
	a.Done(done)
	return a, nil
}
