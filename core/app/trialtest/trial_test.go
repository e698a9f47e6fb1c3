package trialtest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
	"ore.edu.pl/sieci/core/task"
	"ore.edu.pl/sieci/core/web/webtest"
	"ore.edu.pl/sieci/core/work"
)

// texts are the texts and numbers of a view document, in their order.
func texts(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var doc any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(any)
	walk = func(x any) {
		switch x := x.(type) {
		case map[string]any:
			if v, ok := x["v"]; ok && x["t"] != nil {
				b, _ := json.Marshal(v)
				out = append(out, strings.Trim(string(b), `"`))
				return
			}
			for _, key := range []string{"nodes", "items", "rows", "value", "max"} {
				walk(x[key])
			}
		case []any:
			for _, y := range x {
				walk(y)
			}
		case float64:
			b, _ := json.Marshal(x)
			out = append(out, string(b))
		}
	}
	walk(doc)
	return strings.Join(out, " ")
}

func (w *world) board(t *testing.T, who string) (string, error) {
	t.Helper()
	b, err := w.Programmes.Board(t.Context(), w.as(who), w.programme)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := w.Programmes.Render(t.Context(), w.as(who), b.Run(), "board", nil)
	if err != nil {
		return "", err
	}
	return texts(t, raw), nil
}

func TestSevenTeamsInThreeNetworks(t *testing.T) {
	t.Parallel()
	w := open(t)
	if n := w.number(`SELECT count(*) FROM network WHERE programme_id = $1 AND status = 'open'`, w.programme); n != 3 {
		t.Errorf("%d networks", n)
	}
	if len(w.teams) != 7 {
		t.Fatalf("teams: %v", w.teams)
	}
	if n := w.number(`SELECT count(*) FROM record r JOIN task t ON t.scope_id = r.scope_id JOIN timer m ON m.scope_id = r.scope_id WHERE r.kind = 'status'`); n != 7 {
		t.Errorf("%d teams have their state, task and timer", n)
	}

	// The board: only her teams, the greatest risk first.
	for who, want := range map[string]string{
		"Opiekunka Pierwsza": "Gmina D 75 open Gmina B 40 open Gmina C 20 open Gmina A 10 open",
		"Opiekun Drugi":      "Powiat G 60 open Powiat F 50 open Gmina E 30 open",
	} {
		if got, err := w.board(t, who); err != nil || got != want {
			t.Errorf("board of %s: %q (%v), want %q", who, got, err, want)
		}
	}
	if got, err := w.board(t, "Szef Gmina A"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a head sees the guardian's board: %q %v", got, err)
	}
	if _, err := w.Programmes.Group(t.Context(), w.as("Opiekunka Pierwsza"), w.teams["Powiat G"]); !fault.Is(err, fault.NotFound) {
		t.Errorf("another guardian's team: %v", err)
	}
	if _, err := w.Programmes.Get(t.Context(), w.as("Opiekunka Pierwsza"), w.programme); !fault.Is(err, fault.NotFound) {
		t.Errorf("the programme as a whole: %v", err)
	}
}

func TestGuardianReturnsATeamsTask(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	w.person("Członek Zespołu")
	w.staff(w.teams["Gmina A"], "Członek Zespołu", "team_member")
	head, guardian := w.as("Szef Gmina A"), w.as("Opiekunka Pierwsza")
	mine, err := w.Tasks.Mine(ctx, head, task.Turn, "", 0)
	if err != nil || len(mine.Items) != 1 {
		t.Fatalf("%+v %v", mine, err)
	}
	id := mine.Items[0].ID
	hand := func(version int64, answers string) error {
		_, err := w.Tasks.Submit(ctx, head, id, task.Handing{Version: version, FormRev: 1, Answers: json.RawMessage(answers), Authors: []uuid.UUID{w.people["Członek Zespołu"]}})
		return err
	}
	if err := hand(1, `{"opis":"Zrobiono diagnozę szkół.","kroki":[{"_row":"r1","tekst":"Ankieta"},{"_row":"r2","tekst":"Rozmowy"}]}`); err != nil {
		t.Fatal(err)
	}
	if list, err := w.Tasks.ToReview(ctx, guardian, 10); err != nil || len(list) != 1 || list[0].ID != id {
		t.Fatalf("to review: %+v %v", list, err)
	}
	if list, err := w.Tasks.ToReview(ctx, w.as("Opiekun Drugi"), 10); err != nil || len(list) != 0 {
		t.Errorf("another guardian reviews: %+v %v", list, err)
	}
	due := w.Clock.Now().Add(72 * time.Hour)
	if err := w.Tasks.Decide(ctx, guardian, id, task.Judgement{Verdict: effect.Returned, Due: due, Version: 2, Remarks: []effect.Remark{
		{Path: "opis", Quote: "diagnozę", Text: "Jaką?"}, {Path: "kroki[r2].tekst", Text: "Z kim?"}}}); err != nil {
		t.Fatal(err)
	}
	d, err := w.Tasks.Get(ctx, w.as("Członek Zespołu"), id)
	if err != nil || len(d.Remarks()) != 2 || d.Remarks()[0].Offset != 9 || d.Remarks()[1].Path != "kroki[r2].tekst" || !d.MaySubmit || len(d.Submissions[0].Authors) != 2 {
		t.Fatalf("the team sees: %+v %v", d, err)
	}
	if got, err := w.board(t, "Opiekunka Pierwsza"); err != nil || !strings.Contains(got, "Gmina A 10 returned") {
		t.Errorf("board after the return: %q %v", got, err)
	}
	if err := hand(3, `{"opis":"Zrobiono diagnozę sześciu szkół.","kroki":[{"_row":"r2","tekst":"Rozmowy z dyrektorami"}]}`); err != nil {
		t.Fatal(err)
	}
	if err := w.Tasks.Decide(ctx, guardian, id, task.Judgement{Verdict: effect.Accepted, Version: 4}); err != nil {
		t.Fatal(err)
	}
	if d, err = w.Tasks.Get(ctx, head, id); err != nil || d.State != task.Accepted || len(d.Submissions) != 2 || len(d.Decisions) != 2 {
		t.Errorf("%+v %v", d, err)
	}
}

func TestATimerActsWithoutAPerson(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	head := w.as("Szef Gmina D")
	mine, err := w.Tasks.Mine(ctx, head, task.Turn, "", 0)
	if err != nil || len(mine.Items) != 1 {
		t.Fatal(mine, err)
	}
	if _, err := w.Tasks.Submit(ctx, head, mine.Items[0].ID, task.Handing{Version: 1, FormRev: 1, Answers: json.RawMessage(`{"opis":"Gotowe na czas."}`)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Clock.Move(ctx, w.Clock.Now().Add(8*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.until("six late teams are noted", func() bool {
		return w.number(`SELECT count(*) FROM record WHERE kind = 'status' AND version = 2`) == 6
	})
	if got, err := w.board(t, "Opiekunka Pierwsza"); err != nil || got != "Gmina B 90 open Gmina D 75 submitted Gmina C 70 open Gmina A 60 open" {
		t.Errorf("board after the date: %q %v", got, err)
	}
	if n := w.number(`SELECT count(*) FROM notification WHERE person_id = $1 AND wording IS NOT NULL`, w.people["Opiekunka Pierwsza"]); n != 3 {
		t.Errorf("the guardian was told %d times, want once for each of 3 late teams", n)
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE action = 'record:revise' AND actor_id IS NULL AND actor_system = 'module:test.trial'`); n != 6 {
		t.Errorf("%d entries of the system acting for the module", n)
	}
}

func TestASignedPlanCounts(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	write := func(team, answers string, reasons ...effect.Acknowledgement) error {
		_, err := w.Programmes.Act(ctx, w.as("Szef "+team), w.run("Szef "+team, team), programme.Action{
			Command: "write_plan", Answers: effect.Document{JSON: json.RawMessage(answers), Revision: 1}, Reasons: reasons})
		return err
	}
	sign := func(team string) error {
		_, err := w.Programmes.Act(ctx, w.as("Opiekunka Pierwsza"), w.run("Opiekunka Pierwsza", team), programme.Action{Command: "sign_off"})
		return err
	}
	if err := write("Gmina A", `{}`); !fault.Is(err, fault.Invalid) {
		t.Errorf("a plan without an aim: %v", err)
	}
	err := write("Gmina A", `{"cel":"X"}`)
	var needs *programme.NeedsReason
	if !errors.As(err, &needs) || needs.Warnings[0].Code != "short" {
		t.Fatalf("a short aim: %v", err)
	}
	if err := write("Gmina A", `{"cel":"X"}`, effect.Acknowledgement{Code: "short", Path: "cel", Reason: "Skrót roboczy"}); err != nil {
		t.Fatal(err)
	}
	if err := sign("Gmina A"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "nie jest jeszcze gotowy") {
		t.Errorf("signing a draft: %v", err)
	}
	if err := write("Gmina A", `{"cel":"Lepsze czytanie","gotowy":true}`); err != nil {
		t.Fatal(err)
	}
	if err := write("Gmina B", `{"cel":"Lepsze liczenie"}`); err != nil {
		t.Fatal(err)
	}
	if err := sign("Gmina A"); err != nil {
		t.Fatal(err)
	}
	w.until("the indicator counts the plan", func() bool {
		list, err := w.Programmes.Indicators(ctx, w.as("Olga Ore"), w.programme)
		return err == nil && list[0].Achieved == 1 && list[0].Target == 7
	})
	// Indicator from its slice; plans and risk from aggregates.
	p, err := w.Programmes.Get(ctx, w.as("Olga Ore"), w.programme)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := w.Programmes.Render(ctx, w.as("Olga Ore"), p.Run(), "overview", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := texts(t, raw); got != "1 7 1 1 7 40" {
		t.Errorf("overview %q, want 1 of 7 plans, 1 ready, 1 draft, 7 teams with middle risk 40", got)
	}
	if n := w.number(`SELECT count(*) FROM record_version v JOIN record r ON r.id = v.record_id WHERE r.kind = 'plan' AND r.scope_id = $1`, w.teams["Gmina A"]); n != 1 {
		t.Errorf("%d earlier versions of the plan", n)
	}

	// The module is switched off: its records can be read, its commands say why not.
	if err := w.Modules.Disable(access.With(ctx, w.as("Olga Ore")), id); err != nil {
		t.Fatal(err)
	}
	l, err := w.Records.List(ctx, w.as("Szef Gmina A"), effect.Scope{Kind: effect.Group, ID: w.teams["Gmina A"]}, id, "plan", "", 0)
	if err != nil || len(l.Items) != 1 || l.Columns[0] != "Cel" || l.Items[0].Columns[0] != "Lepsze czytanie" {
		t.Errorf("records without the module: %+v %v", l, err)
	}
	if err := write("Gmina A", `{"cel":"Jeszcze lepsze czytanie"}`); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a command while the module is off: %v", err)
	}
}

func TestAJobGoesPageByPage(t *testing.T) {
	t.Parallel()
	w := open(t)
	ctx := t.Context()
	j, err := w.Work.Start(ctx, w.as("Olga Ore"), id, "remind", effect.Scope{Kind: effect.Programme, ID: w.programme})
	if err != nil {
		t.Fatal(err)
	}
	w.until("the job is done", func() bool {
		x, err := w.Work.Get(ctx, w.as("Olga Ore"), j)
		return err == nil && x.State == work.Done
	})
	x, err := w.Work.Get(ctx, w.as("Olga Ore"), j)
	if err != nil || x.Page != 3 || x.Completed != 7 {
		t.Errorf("%+v %v", x, err)
	}
	for team := range w.teams {
		if n := w.number(`SELECT count(*) FROM notification WHERE person_id = $1 AND wording IS NOT NULL`, w.people["Szef "+team]); n != 1 {
			t.Errorf("the head of %s was reminded %d times", team, n)
		}
	}
	if n := w.number(`SELECT count(*) FROM module_schedule WHERE module = $1 AND kind = 'weekly'`, id); n != 1 {
		t.Errorf("%d schedules of the weekly job", n)
	}
}

// The guardian's way through the pages.
func TestBoardInABrowser(t *testing.T) {
	t.Parallel()
	w := open(t)
	for _, view := range webtest.Views {
		p := webtest.Open(t, w.base, view.Options...).Go("/logowanie")
		p.Fill("Adres e-mail", address("Opiekunka Pierwsza")).Fill("Hasło", password).Click("Zaloguj się")
		p.Go("/grupy").ExpectHeading("Moje zespoły i grupy").ExpectText("Gmina A", "Gmina D").ExpectNoText("Powiat G").ExpectAccessible()
		p.Click("Tablica opiekuna: Program JST").ExpectStatus(200).ExpectText("Gmina B", "40").ExpectNoText("Powiat F").ExpectAccessible()
		p.Go("/grupy").Click("Gmina D").ExpectHeading("Gmina D").ExpectText("Szef Gmina D", "Zadanie wdrożeniowe 1").ExpectAccessible()
		p.Go("/programy/" + w.programme.String()).ExpectStatus(404)
		p.Go("/grupy/" + w.teams["Powiat G"].String()).ExpectStatus(404)
	}
}
