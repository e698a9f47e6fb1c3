package thematic_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk/sdktest"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

// document is as much of a view as these tests read.
type document struct {
	Title string `json:"title"`
	Nodes []node `json:"nodes"`
}

type node struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Value any    `json:"value"`
	Items []struct {
		ID    string `json:"id"`
		Label string `json:"label"`
		State string `json:"state"`
		Note  string `json:"note"`
		Value struct {
			V any `json:"v"`
		} `json:"value"`
		To *struct{ To, ID string } `json:"to"`
	} `json:"items"`
	Rows  [][]map[string]any `json:"rows"`
	Nodes []node             `json:"nodes"`
}

func show(t *testing.T, name string, s *v1.Snapshot) document {
	t.Helper()
	_, raw := sdktest.View(t, thematic.Module{}, &v1.RenderRequest{Type: "network", View: name, Snapshot: s})
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(onlyTexts(raw), "{}") {
		t.Errorf("%s: an unfilled place in a text: %s", name, raw)
	}
	return d
}

// onlyTexts are the string values of a document, one a line.
func onlyTexts(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	var b strings.Builder
	var walk func(any)
	walk = func(v any) {
		switch x := v.(type) {
		case map[string]any:
			for _, e := range x {
				walk(e)
			}
		case []any:
			for _, e := range x {
				walk(e)
			}
		case string:
			b.WriteString(x + "\n")
		}
	}
	walk(v)
	return b.String()
}

func find(t *testing.T, d document, typ, title string) node {
	t.Helper()
	for _, n := range d.Nodes {
		if n.Type == typ && (title == "" || n.Title == title) {
			return n
		}
	}
	t.Fatalf("%s: no %s %q", d.Title, typ, title)
	return node{}
}

func tasks(s *v1.Snapshot, list ...row) *v1.Snapshot {
	rows := make([]*v1.Row, len(list))
	for i, x := range list {
		rows[i] = sdktest.Row(s, id(200+i), x, nil)
	}
	return sdktest.Slice(s, "tasks", rows...)
}

func taskRow(title, state, due string, assignee row, submissions ...row) row {
	return row{"type": "observation", "title": title, "state": state, "due": due, "assignee": assignee, "submissions": submissions}
}

var (
	everybody = row{"kind": "network", "id": network}
	toTeacher = row{"kind": "person", "id": teacher}
)

func TestHomeOfAMember(t *testing.T) {
	t.Parallel()
	s := sdktest.Snapshot(network, "working", teacher, "participant")
	withRecord(withRecord(s, "charter", charterAnswers(5)), "plan", n1())
	tasks(s,
		taskRow("Obserwacja w listopadzie", "open", "2026-12-01T11:00:00Z", everybody),
		taskRow("Oddane już", "open", "", everybody, row{"id": id(1), "authors": []string{teacher}, "state": "submitted"}),
		taskRow("Zwrócone", "returned", "", toTeacher),
		taskRow("Cudze", "open", "", row{"kind": "person", "id": lead}),
	)
	d := show(t, "home", s)
	var now []string
	for _, i := range find(t, d, "list", "Co teraz").Items {
		now = append(now, fmt.Sprint(i.Value.V))
	}
	if want := []string{"Obserwacja w listopadzie", "Zwrócone", "2026-11-26"}; !slices.Equal(now, want) {
		t.Errorf("what now: %q, want %q", now, want)
	}
	var states []string
	for _, i := range find(t, d, "steps", "").Items {
		states = append(states, i.State)
	}
	if !slices.Equal(states, []string{"done", "now", "todo", "todo"}) {
		t.Errorf("stages: %v", states)
	}
	if g := find(t, d, "list", "Cele sieci").Items; len(g) != 2 || g[0].Value.V != "Uczymy się od siebie" {
		t.Errorf("goals: %v", g)
	}
	table := find(t, d, "table", "Terminarz 2026/2027")
	if len(table.Rows) != 5 || table.Rows[3][0]["v"] != "marzec" || table.Rows[0][0]["v"] != "2026-10-08" {
		t.Errorf("timetable: %v", table.Rows)
	}
}

// What is given to everybody is for participants: who leads is not told to hand
// it in, who does both is.
func TestHomeOfWhoLeads(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		roles []string
		want  int
	}{{[]string{"coordinator"}, 0}, {[]string{"expert"}, 0}, {[]string{"coordinator", "participant"}, 1}} {
		s := sdktest.Snapshot(network, "working", lead, c.roles...)
		tasks(s, taskRow("Obserwacja w listopadzie", "open", "2026-12-01T11:00:00Z", everybody))
		n := 0
		for _, node := range show(t, "home", s).Nodes {
			if node.Title == "Co teraz" {
				n = len(node.Items)
			}
		}
		if n != c.want {
			t.Errorf("%v: %d things to do, want %d", c.roles, n, c.want)
		}
	}
}

// The same rule as for a new member: more than twenty participants.
func TestProgressWarnsOfSize(t *testing.T) {
	t.Parallel()
	list := []row{person(40, "k", "coordinator"), person(41, "e", "expert")}
	for i := range 20 {
		list = append(list, person(60+i, fmt.Sprint("z", i), "participant"))
	}
	warned := func(list ...row) bool {
		for _, n := range show(t, "progress", members(byLead("working"), list...)).Nodes {
			if n.Type == "notice" && strings.Contains(n.Text, "Sieć liczy") {
				return true
			}
		}
		return false
	}
	if warned(list...) {
		t.Error("twenty participants are warned of")
	}
	if !warned(append(list, person(90, "z90", "participant"))...) {
		t.Error("twenty-one are not")
	}
}

func TestPlanShowsFixedAgenda(t *testing.T) {
	t.Parallel()
	d := show(t, "plan", withRecord(byLead("working"), "plan", n1()))
	raw, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range []string{"Rozpoznanie potrzeb i zasobów", "Spotkanie z ekspertem", "Plan promocji i dzielenia się rozwiązaniami", "Ewaluacja"} {
		if !strings.Contains(string(raw), item) {
			t.Errorf("no agenda item %q", item)
		}
	}
	if a := find(t, d, "actions", "").Items; len(a) != 1 || a[0].ID != "plan" {
		t.Errorf("actions of who leads: %v", a)
	}
	none := show(t, "plan", sdktest.Snapshot(network, "working", teacher, "participant"))
	if n := find(t, none, "notice", ""); n.Text != "Nie ma jeszcze planu spotkań." {
		t.Errorf("without a plan: %q", n.Text)
	}
	for _, n := range none.Nodes {
		if n.Type == "actions" {
			t.Error("a participant is offered the plan's form")
		}
	}
}

func TestEightDuties(t *testing.T) {
	t.Parallel()
	empty := show(t, "progress", members(byLead("organisational"), row{"person": lead, "roles": []string{"coordinator"}, "state": "active", "complex": "z1"}))
	duties := find(t, empty, "steps", "Osiem zadań koordynatora").Items
	if len(duties) != 8 {
		t.Fatalf("%d duties", len(duties))
	}
	if next := find(t, empty, "list", "Co zrobić teraz").Items; len(next) != 7 { // nothing can be overdue yet
		t.Errorf("what to do at the beginning: %v", next)
	}
	for _, n := range empty.Nodes {
		if n.Type == "actions" {
			t.Error("the next stage is offered although a condition is missing")
		}
	}

	s := members(byLead("working"), person(1, "z1", "participant"), person(2, "z2", "participant"), person(3, "z3", "expert"),
		row{"person": lead, "roles": []string{"coordinator"}, "state": "active", "complex": "z1"})
	plan := n1()
	plan["spotkania"].([]row)[3]["prowadzi"] = row{"kind": "osoba", "id": id(2), "label": "X"}
	withRecord(withRecord(withRecord(s, "charter", charterAnswers(5)), "plan", plan), "contract", row{"zasady": []string{"szacunek"}, "data": "2026-10-08"})
	tasks(s,
		taskRow("Pierwsze", "open", "2026-12-01T11:00:00Z", everybody,
			row{"id": id(1), "authors": []string{id(1)}, "state": "accepted"}, row{"id": id(2), "authors": []string{id(2)}, "state": "submitted"}),
		taskRow("Spóźnione", "open", "2026-11-01T11:00:00Z", toTeacher),
	)
	d := show(t, "progress", s)
	states := map[string]string{}
	for _, i := range find(t, d, "steps", "Osiem zadań koordynatora").Items {
		states[i.Label] = i.State + ": " + i.Note
	}
	for label, want := range map[string]string{
		"Proponowanie inicjatyw, tematów i sposobów pracy": "done: 2 zlecone zadania",
		"Wspieranie aktywności i dzielenia się wiedzą":     "done: Osoby, które oddały zadanie: 2 z 2",
		"Dbanie o bezpieczną atmosferę":                    "done: Kontrakt jest zapisany",
		"Motywowanie do pracy":                             "now: 1 praca czeka na odpowiedź",
		"Monitorowanie postępów":                           "todo: 1 zadanie po terminie",
		"Otwartość na propozycje uczestników":              "done: 1 spotkanie prowadzi ktoś z sieci",
		"Wspieranie otwartości":                            "done: Szkoły: 3, eksperci: 1",
		"Organizowanie pracy":                              "done: Najbliższe spotkanie ma datę",
	} {
		if states[label] != want {
			t.Errorf("%s: %q, want %q", label, states[label], want)
		}
	}
	if a := find(t, d, "actions", "").Items; len(a) != 1 || a[0].ID != "next_stage" {
		t.Errorf("actions: %v", a)
	}
}

func digestOf(t *testing.T, s *v1.Snapshot, continuation string) *v1.DecideResponse {
	t.Helper()
	return sdktest.Decide(t, thematic.Module{}, &v1.DecideRequest{Type: "network", Snapshot: sdktest.System(s), Input: &v1.DecideRequest_Job{
		Job: &v1.JobPage{JobId: id(1), Name: "digest", Continuation: []byte(continuation), Attempt: 1},
	}})
}

func TestDigest(t *testing.T) {
	t.Parallel()
	snapshot := func() *v1.Snapshot {
		s := withRecord(sdktest.Snapshot(network, "working", ""), "plan", n1())
		return tasks(s,
			taskRow("Obserwacja", "open", "2026-12-01T11:00:00Z", everybody, row{"id": id(1), "authors": []string{id(1)}, "state": "submitted"}),
			taskRow("Spóźnione", "open", "2026-11-02T11:00:00Z", row{"kind": "person", "id": id(2)}),
		)
	}
	first := digestOf(t, snapshot(), "")
	if need := first.GetNeed().GetSlices(); len(need) != 1 || need[0].GetName() != "members" || need[0].GetCursor() != "" || len(first.GetEffects()) != 0 {
		t.Fatalf("first round: %v", first)
	}
	s := members(snapshot(), person(1, "z1", "participant"), person(2, "z2", "participant"), person(3, "z3", "coordinator"))
	s.Slices[len(s.Slices)-1].Cursor = "page2"
	page := digestOf(t, s, "")
	told := map[string]string{}
	for _, e := range page.GetEffects() {
		n := e.GetNotify()
		told[n.GetRole()+n.GetPersonId()] = n.GetBody().GetByLanguage()["pl"]
	}
	want := map[string]string{
		"coordinator": "1 praca czeka na Twoją odpowiedź.\n1 zadanie jest po terminie.",
		id(2):         "Masz 2 zadania do oddania.\nNajbliższy termin: 02.11.2026.",
	}
	if fmt.Sprint(told) != fmt.Sprint(want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if j := page.GetJob(); j.GetDone() || string(j.GetContinuation()) != "page2" {
		t.Errorf("progress: %v", j)
	}
	second := digestOf(t, members(snapshot(), person(4, "z4", "participant")), "page2")
	if e := second.GetEffects(); len(e) != 1 || e[0].GetNotify().GetPersonId() != id(4) || !second.GetJob().GetDone() {
		t.Errorf("second page: %v", second)
	}
	if need := digestOf(t, snapshot(), "page2").GetNeed().GetSlices(); need[0].GetCursor() != "page2" {
		t.Errorf("second page asks from %q", need[0].GetCursor())
	}
	quiet := digestOf(t, members(withRecord(sdktest.Snapshot(network, "working", ""), "plan", n1()), person(1, "z1", "participant")), "")
	if len(quiet.GetEffects()) != 0 || !quiet.GetJob().GetDone() {
		t.Errorf("with nothing open: %v", quiet)
	}
}

func TestTextsInBothLanguages(t *testing.T) {
	t.Parallel()
	read := func(lang string) map[string]string {
		raw, err := os.ReadFile("texts/" + lang + ".json")
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]string{}
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	pl, en := read("pl"), read("en")
	for k := range pl {
		if en[k] == "" || pl[k] == "" {
			t.Errorf("%s: pl %q, en %q", k, pl[k], en[k])
		}
	}
	if len(pl) != len(en) {
		t.Errorf("%d Polish texts, %d English", len(pl), len(en))
	}
	s := byLead("working")
	s.Locale = "en"
	if d := show(t, "progress", s); d.Title != "The coordinator's duties" {
		t.Errorf("English title: %q", d.Title)
	}
}

// TestDescription checks what the description promises against what the module
// answers to.
func TestDescription(t *testing.T) {
	t.Parallel()
	d := thematic.Module{}.Describe()
	n := d.GetNetworkTypes()[0]
	for _, c := range n.GetBehaviour().GetCommands() {
		s := byLead("organisational")
		sdktest.Command(t, thematic.Module{}, "network", c.GetName(), row{}, s)
		if strings.HasPrefix(c.GetTitle().GetByLanguage()["pl"], "command.") {
			t.Errorf("command %s has no title", c.GetName())
		}
	}
	for _, v := range n.GetBehaviour().GetViews() {
		show(t, v.GetName(), byLead("organisational"))
	}
	if n.GetUsualSize() != 20 || len(n.GetStages()) != 4 || !n.GetStages()[3].GetClosed() {
		t.Errorf("size and stages: %v", n)
	}
	if x := d.GetTaskTypes()[0]; x.GetReviewerRole() != "coordinator" || x.GetMaxFiles() == 0 {
		t.Errorf("peer observation: %v", x)
	}
}
