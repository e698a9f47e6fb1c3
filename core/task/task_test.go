package task_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/task"
)

func TestTaskToAcceptance(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.assign("observation", person(w.anna))
	if !w.letters.told(w.anna.Person, "task.notify.assigned_due") {
		t.Error("the assignee was not told")
	}
	scan := w.upload(w.anna)
	if _, err := w.submit(w.anna, id, 1, `{"wnioski":"Bez tematu"}`); fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a required answer: %v", err)
	}
	r, err := w.submit(w.anna, id, 1, `{"temat":"Ułamki","wnioski":"Dzieci liczą ułamki.","skan":["`+scan.String()+`"]}`)
	if err != nil || r.No != 1 || r.State != task.Submitted {
		t.Fatalf("%+v %v", r, err)
	}
	if !w.letters.told(w.coordinator.Person, "task.notify.submitted") {
		t.Error("the reviewer was not told")
	}
	if _, err := w.files.Get(t.Context(), w.coordinator, scan); err != nil {
		t.Errorf("the reviewer cannot download: %v", err)
	}
	if _, err := w.files.Get(t.Context(), w.jan, scan); !fault.Is(err, fault.NotFound) {
		t.Errorf("another participant downloads: %v", err)
	}
	_, err = w.submit(w.anna, id, 2, `{"temat":"Drugi raz"}`)
	want(t, err, fault.Conflict, "task.not_yours_now")

	back := task.Judgement{Verdict: effect.Returned, Due: w.days(14), Version: 2,
		Remarks: []effect.Remark{{Path: "wnioski", Quote: "ułamki", Text: "Które?"}, {Text: "Dopisz cel."}}}
	want(t, w.s.Decide(t.Context(), w.anna, id, back), fault.Forbidden, "fault.forbidden")
	if err := w.s.Decide(t.Context(), w.coordinator, id, back); err != nil {
		t.Fatal(err)
	}
	d := w.get(w.anna, id)
	if d.State != task.Returned || !d.Due.Equal(w.days(14)) || len(d.Remarks()) != 2 || d.Remarks()[0].Offset != 13 || !d.MaySubmit {
		t.Fatalf("returned: %+v", d)
	}
	if !w.letters.told(w.anna.Person, "task.notify.returned_due") {
		t.Error("the author was not told of the return")
	}
	r, err = w.submit(w.anna, id, d.Version, `{"temat":"Ułamki","skan":["`+scan.String()+`"],"kroki":[{"opis":"Cel"}]}`)
	if err != nil || r.No != 2 {
		t.Fatalf("resubmission with the same file: %+v %v", r, err)
	}
	if err := w.s.Decide(t.Context(), w.coordinator, id, task.Judgement{Verdict: effect.Accepted, Version: 4}); err != nil {
		t.Fatal(err)
	}
	d = w.get(w.anna, id)
	if d.State != task.Accepted || len(d.Submissions) != 2 || len(d.Decisions) != 2 || d.Remarks() != nil || d.MaySubmit {
		t.Errorf("accepted: %+v", d)
	}
	if err := w.s.Reopen(t.Context(), w.coordinator, id, w.days(20), "Jeszcze raz", d.Version); err != nil {
		t.Fatal(err)
	}
	if d = w.get(w.anna, id); d.State != task.Open || d.Decisions[0].Verdict != "reopened" {
		t.Errorf("reopened: %+v", d)
	}
}

func TestWhoSeesATask(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.assign("observation", person(w.anna))
	if _, err := w.submit(w.anna, id, 1, `{"temat":"Tajemnica"}`); err != nil {
		t.Fatal(err)
	}
	admin := &access.Actor{Person: w.stranger.Person, Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}
	for name, c := range map[string]struct {
		a           *access.Actor
		see, handed bool
	}{
		"assignee":          {w.anna, true, true},
		"reviewer":          {w.coordinator, true, true},
		"other participant": {w.jan, false, false},
		"stranger":          {w.stranger, false, false},
		"guest":             {&access.Actor{}, false, false},
		"administrator":     {admin, true, false},
	} {
		d, err := w.s.Get(t.Context(), c.a, id)
		if c.see != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && (len(d.Submissions) > 0) != c.handed {
			t.Errorf("%s sees %d submissions", name, len(d.Submissions))
		}
	}
	if p, err := w.s.InScope(t.Context(), w.jan, w.network, task.All, "", 0); err != nil || len(p.Items) != 0 {
		t.Errorf("another participant lists: %+v %v", p, err)
	}
	if p, err := w.s.InScope(t.Context(), w.coordinator, w.network, task.All, "", 0); err != nil || len(p.Items) != 1 {
		t.Errorf("the coordinator lists: %+v %v", p, err)
	}
	if _, err := w.s.InScope(t.Context(), w.stranger, w.network, task.All, "", 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger lists: %v", err)
	}
}

func TestATeamHandsInTogether(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.assign("teamwork", effect.Assignee{Kind: effect.AssigneeGroup, ID: w.group.ID})
	_, err := w.submit(w.head, id, 1, `{"temat":"Plan"}`, w.anna.Person)
	want(t, err, fault.Invalid, "task.author")
	if _, err := w.submit(w.guardian, id, 1, `{"temat":"Plan"}`); fault.KindOf(err) == fault.Internal || err == nil {
		t.Errorf("the guardian hands in: %v", err)
	}
	// Two of the team at once: one is taken, the other learns of it.
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, a := range []*access.Actor{w.head, w.mate} {
		wg.Go(func() { _, errs[i] = w.submit(a, id, 1, `{"temat":"Plan"}`, w.head.Person, w.mate.Person) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Fatalf("both or none: %v", errs)
	}
	want(t, errors.Join(errs...), fault.Conflict, "task.not_yours_now")
	d := w.get(w.mate, id)
	if len(d.Submissions) != 1 || len(d.Submissions[0].Authors) != 2 {
		t.Errorf("%+v", d.Submissions)
	}
	// The task lies in the network, the guardian's role on the group: only a task
	// in the group is the guardian's to judge.
	if list, err := w.s.ToReview(t.Context(), w.guardian, 10); err != nil || len(list) != 0 {
		t.Errorf("%+v %v", list, err)
	}
}

func TestGuardianReturnsTheTeamsTask(t *testing.T) {
	t.Parallel()
	w := setup(t)
	o := w.effects(w.coordinator, &effect.TaskCreate{Scope: w.group, Type: "teamwork", Title: "Zadanie 2", Assignee: effect.Assignee{Kind: effect.AssigneeGroup, ID: w.group.ID}})
	id := o.Created["a"]
	if _, err := w.submit(w.head, id, 1, `{"temat":"Plan","kroki":[{"_row":"r1","opis":"Pierwszy krok"}]}`, w.mate.Person); err != nil {
		t.Fatal(err)
	}
	list, err := w.s.ToReview(t.Context(), w.guardian, 10)
	if err != nil || len(list) != 1 || list[0].ID != id {
		t.Fatalf("to review: %+v %v", list, err)
	}
	for key, r := range map[string]effect.Remark{
		"task.remark_path":    {Path: "kroki[r9].opis", Text: "x"},
		"task.remark_quote":   {Path: "kroki[r1].opis", Quote: "drugi", Text: "x"},
		"task.remark_missing": {Path: "temat"},
	} {
		err := w.s.Decide(t.Context(), w.guardian, id, task.Judgement{Verdict: effect.Returned, Due: w.days(3), Version: 2, Remarks: []effect.Remark{r}})
		want(t, err, fault.Invalid, key)
	}
	err = w.s.Decide(t.Context(), w.guardian, id, task.Judgement{Verdict: effect.Returned, Due: w.days(3), Version: 2,
		Remarks: []effect.Remark{{Path: "kroki[r1].opis", Quote: "krok", Offset: 99, Text: "Jaki?"}, {Path: "temat", Text: "Uściślij."}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []*access.Actor{w.head, w.mate} {
		if !w.letters.told(a.Person, "task.notify.returned_due") {
			t.Error("one of the team was not told")
		}
	}
	if r := w.get(w.mate, id).Remarks(); len(r) != 2 || r[0].Offset != 9 {
		t.Errorf("remarks: %+v", r)
	}
}

func TestEverybodyHasAnOwnPart(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.assign("observation", effect.Assignee{Kind: effect.AssigneeNetwork, ID: w.network.ID})
	for _, a := range []*access.Actor{w.anna, w.jan} {
		if p, err := w.s.Mine(t.Context(), a, task.Turn, "", 0); err != nil || len(p.Items) != 1 || p.Items[0].ID != id {
			t.Fatalf("mine: %+v %v", p, err)
		}
	}
	r, err := w.submit(w.anna, id, 1, `{"temat":"Moja"}`)
	if err != nil || r.Task == id {
		t.Fatalf("%+v %v", r, err)
	}
	if p, _ := w.s.Mine(t.Context(), w.anna, task.Turn, "", 0); len(p.Items) != 0 {
		t.Errorf("still to do: %+v", p.Items)
	}
	if _, err := w.s.Get(t.Context(), w.jan, r.Task); !fault.Is(err, fault.NotFound) {
		t.Errorf("another's part: %v", err)
	}
	if d := w.get(w.anna, id); d.Mine != r.Task || len(d.Submissions) != 0 {
		t.Errorf("the task of everybody: %+v", d)
	}
	if p, err := w.s.Parts(t.Context(), w.coordinator, id, task.Waiting, "", 0); err != nil || len(p.Items) != 1 || p.Items[0].AssigneeName != "Anna" {
		t.Errorf("parts: %+v %v", p, err)
	}
	res, err := w.s.Reader().ReadSlice(t.Context(), w.db, &effect.SliceRequest{Module: "test.trial", Source: effect.SourceTask, Scopes: []effect.Scope{w.network}, Limit: 10})
	if err != nil || len(res.Rows) != 1 || res.Rows[0].ID != id || !strings.Contains(string(res.Rows[0].Data), r.Submission.String()) {
		t.Errorf("slice of a task of everybody: %+v %v", res, err)
	}
	own, err := w.s.Reader().ReadSlice(t.Context(), w.db, &effect.SliceRequest{Module: "test.trial", Source: effect.SourceTask, Scopes: []effect.Scope{w.network}, Limit: 10,
		Filters: []effect.Filter{{Field: "@person", Op: effect.Equal, Value: w.anna.Person}}})
	if err != nil || len(own.Rows) != 1 || own.Rows[0].ID != r.Task {
		t.Errorf("slice of one member's part: %+v %v", own, err)
	}
	// Returned by an effect that names the submission, as a module does.
	w.effects(w.coordinator, &effect.TaskDecide{Scope: w.network, Task: id, Submission: r.Submission, Verdict: effect.Returned, Due: w.days(2),
		Remarks: []effect.Remark{{Path: "temat", Text: "Szerzej."}}})
	if p, _ := w.s.Mine(t.Context(), w.anna, task.Turn, "", 0); len(p.Items) != 1 || p.Items[0].ID != r.Task || p.Items[0].State != task.Returned {
		t.Errorf("after the return: %+v", p.Items)
	}
	if err := w.s.Cancel(t.Context(), w.coordinator, id, "", 1); err != nil {
		t.Fatal(err)
	}
	if d := w.get(w.anna, r.Task); d.State != task.Cancelled {
		t.Errorf("part of a cancelled task: %s", d.State)
	}
	if _, err := w.submit(w.jan, id, 2, `{"temat":"Za późno"}`); fault.KindOf(err) != fault.Conflict {
		t.Errorf("handing in what was cancelled: %v", err)
	}
}

func TestSubmittingTwiceIsOnce(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, typ := range []string{"observation", "asked"} {
		id := w.assign(typ, person(w.anna))
		ctx := idem.With(t.Context(), "key-submit-"+typ)
		in := task.Handing{Version: 1, FormRev: 1, Answers: json.RawMessage(`{"temat":"Raz"}`)}
		first, err := w.s.Submit(ctx, w.anna, id, in)
		if err != nil {
			t.Fatal(err)
		}
		again, err := w.s.Submit(ctx, w.anna, id, in)
		if err != nil || *again != *first {
			t.Errorf("%s: %+v then %+v %v", typ, first, again, err)
		}
		if d := w.get(w.anna, id); len(d.Submissions) != 1 {
			t.Errorf("%s: %d submissions", typ, len(d.Submissions))
		}
	}
}

func TestTheModuleHasASay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.assign("asked", person(w.anna))
	w.module.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		c := a.Input.(effect.Command)
		if c.Name != "submit" || c.Subject != id || string(c.Input.JSON) != `{"temat":"A"}` {
			t.Errorf("asked with %+v", c)
		}
		return &effect.Answer{Diagnostics: []effect.Diagnostic{{Severity: effect.SeverityWarning, Code: "short", Path: "temat", Text: "Krótko."}}}, nil
	}
	_, err := w.submit(w.anna, id, 1, `{"temat":"A"}`)
	var needs *task.NeedsReason
	if !errors.As(err, &needs) || needs.Warnings[0].Code != "short" || fault.KindOf(err) != fault.Invalid {
		t.Fatalf("%v", err)
	}
	r, err := w.s.Submit(t.Context(), w.anna, id, task.Handing{Version: 1, FormRev: 1, Answers: json.RawMessage(`{"temat":"A"}`),
		Reasons: []effect.Acknowledgement{{Code: "short", Path: "temat", Reason: "Tak ma być"}}})
	if err != nil || r.State != task.Accepted { // no reviewer: accepted when handed in
		t.Fatalf("%+v %v", r, err)
	}
	other := w.assign("asked", person(w.jan))
	w.module.SetDown(true)
	if _, err := w.submit(w.jan, other, 1, `{"temat":"A"}`); !fault.Is(err, fault.Unavailable) {
		t.Errorf("module down: %v", err)
	}
	plain := w.assign("observation", person(w.jan))
	if _, err := w.submit(w.jan, plain, 1, `{"temat":"A"}`); err != nil {
		t.Errorf("a type that is not asked waits for its module: %v", err)
	}
}

func TestAssignRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	good := task.NewTask{Type: "test.trial:observation", Scope: w.network, Assignee: person(w.anna), Title: "T"}
	for key, change := range map[string]func(*task.NewTask){
		"task.unknown_type":       func(n *task.NewTask) { n.Type = "test.trial:nothing" },
		"task.title_missing":      func(n *task.NewTask) { n.Title = " " },
		"task.due_past":           func(n *task.NewTask) { n.Due = w.clock.Now() },
		"task.assignee_missing":   func(n *task.NewTask) { n.Assignee = effect.Assignee{} },
		"task.assignee_kind":      func(n *task.NewTask) { n.Assignee = effect.Assignee{Kind: effect.AssigneeGroup, ID: w.group.ID} },
		"task.assignee_elsewhere": func(n *task.NewTask) { n.Assignee = person(w.stranger) },
	} {
		in := good
		change(&in)
		_, err := w.s.Assign(t.Context(), w.coordinator, in)
		want(t, err, fault.Invalid, key)
	}
	if _, err := w.s.Assign(t.Context(), w.anna, good); !fault.Is(err, fault.NotFound) {
		t.Errorf("a participant assigns: %v", err)
	}
	w.exec(`UPDATE network SET status = 'closed', closed_at = now() WHERE id = $1`, w.network.ID)
	_, err := w.s.Assign(t.Context(), w.coordinator, good)
	want(t, err, fault.Conflict, "task.scope_closed")
}

func TestReassign(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.assign("observation", person(w.anna))
	if err := w.s.Reassign(t.Context(), w.coordinator, id, person(w.jan), time.Time{}, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Get(t.Context(), w.anna, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("who had it before: %v", err)
	}
	if d := w.get(w.jan, id); !d.MaySubmit || !d.Due.Equal(w.days(7)) {
		t.Errorf("who has it now: %+v", d)
	}
	want(t, w.s.Reassign(t.Context(), w.jan, id, person(w.anna), time.Time{}, 2), fault.Forbidden, "fault.forbidden")
	if err := w.s.Reassign(t.Context(), w.coordinator, id, person(w.anna), time.Time{}, 1); fault.KindOf(err) != fault.Conflict {
		t.Errorf("at an old version: %v", err)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for i := range 5 {
		due := time.Time{}
		if i%2 == 0 {
			due = w.days(10 - i)
		}
		if _, err := w.s.Assign(t.Context(), w.coordinator, task.NewTask{Type: "test.trial:observation", Scope: w.network, Assignee: person(w.anna),
			Title: string(rune('A' + i)), Due: due}); err != nil {
			t.Fatal(err)
		}
	}
	got, after := "", ""
	for {
		p, err := w.s.Mine(t.Context(), w.anna, task.Turn, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range p.Items {
			got += x.Title
		}
		if after = p.Next; after == "" {
			break
		}
	}
	if len(got) != 5 || got[:3] != "ECA" {
		t.Errorf("order %q, want the earliest date first and the undated last", got)
	}
	if _, err := w.s.Mine(t.Context(), w.jan, task.Turn, "forged", 2); !fault.Is(err, fault.Invalid) {
		t.Errorf("forged cursor: %v", err)
	}
}

// effects lets the module answer a command with effects.
func (w *world) effects(a *access.Actor, list ...effect.Effect) *effect.Outcome {
	w.t.Helper()
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		out := &effect.Answer{}
		for i, e := range list {
			out.Effects = append(out.Effects, effect.Item{Handle: string(rune('a' + i)), Effect: e})
		}
		return out, nil
	}
	scope := list[0].Target()
	o, err := w.engine.Decide(access.With(w.t.Context(), a), &effect.Request{Type: "test.trial:net", Scope: scope, Input: effect.Command{Name: "act"}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.module.OnDecide = nil
	return o
}

func TestSliceOfTasks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.assign("observation", person(w.anna))
	for i, a := range []string{"jeden", "dwa"} {
		if _, err := w.submit(w.anna, id, int64(2*i+1), `{"temat":"`+a+`"}`); err != nil {
			t.Fatal(err)
		}
		if err := w.s.Decide(t.Context(), w.coordinator, id, task.Judgement{Verdict: effect.Returned, Due: w.days(5), Version: int64(2*i + 2),
			Remarks: []effect.Remark{{Text: "Dalej"}}}); err != nil {
			t.Fatal(err)
		}
	}
	res, err := w.s.Reader().ReadSlice(t.Context(), w.db, &effect.SliceRequest{Module: "test.trial", Source: effect.SourceTask, Kind: "observation",
		Scopes: []effect.Scope{w.network}, Limit: 10, Order: []effect.Order{{Field: "@due"}}, Filters: []effect.Filter{{Field: "@state", Op: effect.Equal, Value: "returned"}}})
	if err != nil || len(res.Rows) != 1 {
		t.Fatal(res, err)
	}
	var doc struct {
		State       string
		Assignee    struct{ ID uuid.UUID }
		Submissions []struct {
			State   string
			Authors []uuid.UUID
			Answers map[string]string
		}
	}
	if err := json.Unmarshal(res.Rows[0].Data, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Assignee.ID != w.anna.Person || len(doc.Submissions) != 2 || doc.Submissions[0].Answers["temat"] != "dwa" ||
		doc.Submissions[0].State != "returned" || doc.Submissions[1].Answers != nil || res.Rows[0].Version != 5 {
		t.Errorf("%s", res.Rows[0].Data)
	}
	cells, err := w.s.Reader().ReadAggregate(t.Context(), w.db, &effect.AggregateRequest{Module: "test.trial", Scopes: []effect.Scope{w.network}, By: []string{"@state"}})
	if err != nil || len(cells) != 1 || cells[0].Count != 1 || cells[0].By[0] != "returned" {
		t.Errorf("%+v %v", cells, err)
	}
}

func TestNobodyAcceptsTheirOwnWork(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.effects(w.coordinator, &effect.TaskCreate{Scope: w.network, Type: "observation", Title: "Własna", Assignee: person(w.coordinator)}).Created["a"]
	if _, err := w.submit(w.coordinator, id, 1, `{"temat":"Moja"}`); err != nil {
		t.Fatal(err)
	}
	accept := task.Judgement{Verdict: effect.Accepted, Version: 2}
	want(t, w.s.Decide(t.Context(), w.coordinator, id, accept), fault.Forbidden, "task.own_work")
	other := w.person("Druga", access.Coordinator, access.Network, w.network.ID)
	if err := w.s.Decide(t.Context(), other, id, accept); err != nil {
		t.Errorf("another coordinator: %v", err)
	}
}

func TestAModuleGivesTasksToItsOwnPeople(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.module.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		return &effect.Answer{Effects: []effect.Item{{Handle: "a", Effect: &effect.TaskCreate{Scope: w.network, Type: "observation", Title: "Obca", Assignee: person(w.stranger)}}}}, nil
	}
	_, err := w.engine.Decide(access.With(t.Context(), w.coordinator), &effect.Request{Type: "test.trial:net", Scope: w.network, Input: effect.Command{Name: "act"}})
	want(t, err, fault.Invalid, "task.assignee_elsewhere")
}
