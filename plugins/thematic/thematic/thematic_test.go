package thematic_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/sdktest"
	"ore.edu.pl/sieci/plugins/thematic/thematic"
)

const (
	network = "01900000-0000-7000-8000-0000000000a1"
	lead    = "01900000-0000-7000-8000-0000000000b1"
	teacher = "01900000-0000-7000-8000-0000000000b2"
)

func id(n int) string { return fmt.Sprintf("01900000-0000-7000-8000-%012d", n) }

func byLead(stage string) *v1.Snapshot { return sdktest.Snapshot(network, stage, lead, "coordinator") }

type row map[string]any

func meeting(n int, kind, month, date string, goals ...string) row {
	m := row{"_row": fmt.Sprintf("r%d", n), "rodzaj": kind, "miesiac": month}
	if date != "" {
		m["data"] = date
	}
	if len(goals) > 0 {
		m["cele"] = goals
	}
	return m
}

// n1 is the plan of network N1: one meeting held, the next on 26 November.
func n1() row {
	return row{"rok": 2026, "spotkania": []row{
		meeting(1, "organizacyjne", "m10", "2026-10-08", "kontakty"),
		meeting(2, "robocze", "m11", "2026-11-26", "wiedza"),
		meeting(3, "robocze", "m01", "2027-01-14", "rozwiazania"),
		meeting(4, "robocze", "m03", "", "zadania"),
		meeting(5, "podsumowujace", "m06", "2027-06-10", "wiedza"),
	}}
}

func withRecord(s *v1.Snapshot, kind string, data any) *v1.Snapshot {
	return sdktest.Slice(s, kind, sdktest.Row(s, id(900+len(s.GetSlices())), data, nil))
}

func codes(list []*v1.Diagnostic, severity v1.Severity) []string {
	out := []string{}
	for _, d := range list {
		if d.GetSeverity() == severity {
			out = append(out, strings.TrimPrefix(d.GetPath()+" "+d.GetCode(), " "))
		}
	}
	slices.Sort(out)
	return out
}

const (
	refuse = v1.Severity_SEVERITY_ERROR
	warn   = v1.Severity_SEVERITY_WARNING
	info   = v1.Severity_SEVERITY_INFO
)

func expectCodes(t *testing.T, list []*v1.Diagnostic, severity v1.Severity, want ...string) {
	t.Helper()
	if got := codes(list, severity); !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%v: %q, want %q", severity, got, want)
	}
	for _, d := range list {
		if d.GetText() == "" || strings.ContainsAny(d.GetText(), "{}") {
			t.Errorf("text of %s: %q", d.GetCode(), d.GetText())
		}
	}
}

func charterAnswers(meetings int) row {
	return row{"rodzaj": "problemowa", "obszar": "ocenianie", "adresaci": []string{"nauczyciele"}, "potrzeba": "Informacja zwrotna",
		"cele": []string{"wiedza", "kontakty"}, "cel_wiedza": "Uczymy się od siebie", "sposob": []string{"stacjonarnie"}, "spotkania": meetings}
}

type planned struct {
	Year     int `json:"rok"`
	Meetings []struct {
		Row   string `json:"_row"`
		Kind  string `json:"rodzaj"`
		Month string `json:"miesiac"`
		Date  string `json:"data"`
	} `json:"spotkania"`
}

func readPlan(t *testing.T, d *v1.Document) planned {
	t.Helper()
	var p planned
	if err := json.Unmarshal(d.GetJson(), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFoundingMakesCharterAndDraftPlan(t *testing.T) {
	t.Parallel()
	september := time.Date(2026, 9, 10, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		now      time.Time
		meetings int
		want     []string
	}{
		{september, 3, []string{"m10", "m02", "m06"}}, {september, 4, []string{"m10", "m01", "m03", "m06"}}, {september, 5, []string{"m10", "m12", "m02", "m04", "m06"}},
		// Founded within the year: no meeting is planned in a month that is over.
		{time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), 4, []string{"m12", "m02", "m04", "m06"}},
		{time.Date(2027, 3, 2, 10, 0, 0, 0, time.UTC), 3, []string{"m03", "m05", "m06"}},
		{time.Date(2027, 5, 30, 10, 0, 0, 0, time.UTC), 3, []string{"m06", "m06", "m06"}},
	} {
		meetings, want := c.meetings, c.want
		s := byLead("organisational")
		s.Now = timestamppb.New(c.now)
		got := sdktest.Command(t, thematic.Module{}, "network", "found", charterAnswers(meetings), s)
		expectCodes(t, got.GetDiagnostics(), warn)
		if len(got.GetEffects()) != 2 {
			t.Fatalf("effects: %v", got.GetEffects())
		}
		put := got.GetEffects()[1].GetRecordPut()
		p := readPlan(t, put.GetData())
		var months []string
		for i, m := range p.Meetings {
			months = append(months, m.Month)
			kind := "robocze"
			if i == 0 {
				kind = "organizacyjne"
			} else if i == meetings-1 {
				kind = "podsumowujace"
			}
			if m.Kind != kind {
				t.Errorf("meeting %d of %d: %s", i+1, meetings, m.Kind)
			}
		}
		if put.GetKind() != "plan" || p.Year != 2026 || !slices.Equal(months, want) {
			t.Errorf("%d meetings: %s %d %v, want %v", meetings, put.GetKind(), p.Year, months, want)
		}
	}
	many := sdktest.Command(t, thematic.Module{}, "network", "found", charterAnswers(6), byLead("organisational"))
	expectCodes(t, many.GetDiagnostics(), warn, "spotkania many_meetings")
}

func TestFoundingInSummerIsForTheNextYear(t *testing.T) {
	t.Parallel()
	s := byLead("organisational")
	s.Now = timestamppb.New(time.Date(2027, 6, 30, 10, 0, 0, 0, time.UTC))
	got := sdktest.Command(t, thematic.Module{}, "network", "found", charterAnswers(3), s)
	if p := readPlan(t, got.GetEffects()[1].GetRecordPut().GetData()); p.Year != 2027 {
		t.Errorf("school year %d", p.Year)
	}
}

func TestPlanRules(t *testing.T) {
	t.Parallel()
	plan := func(rows ...row) row { return row{"rok": 2026, "spotkania": rows} }
	for name, c := range map[string]struct {
		plan             row
		errors, warnings []string
		infos            []string
	}{
		"N1":           {plan: n1()},
		"two meetings": {plan: plan(meeting(1, "organizacyjne", "m10", ""), meeting(2, "podsumowujace", "m06", "")), infos: []string{"few_meetings"}},
		"six meetings": {plan: plan(meeting(1, "organizacyjne", "m09", ""), meeting(2, "robocze", "m10", ""), meeting(3, "robocze", "m11", ""), meeting(4, "robocze", "m01", ""), meeting(5, "robocze", "m03", ""), meeting(6, "podsumowujace", "m06", "")),
			warnings: []string{"many_meetings"}},
		"wrong order": {plan: plan(meeting(1, "robocze", "m10", ""), meeting(2, "organizacyjne", "m11", ""), meeting(3, "podsumowujace", "m01", ""), meeting(4, "robocze", "m02", "")),
			errors: []string{"spotkania[r2].rodzaj organisational_first", "spotkania[r3].rodzaj summary_last"}, infos: []string{"no_organisational", "no_summary"}},
		"typed out of order":   {plan: plan(meeting(1, "podsumowujace", "m06", ""), meeting(2, "robocze", "m01", ""), meeting(3, "organizacyjne", "m10", ""))},
		"same month, by dates": {plan: plan(meeting(1, "robocze", "m10", "2026-10-20"), meeting(2, "organizacyjne", "m10", "2026-10-02"), meeting(3, "podsumowujace", "m06", ""))},
		"dates": {plan: plan(meeting(1, "organizacyjne", "m10", "2025-10-08"), meeting(2, "robocze", "m01", "2027-02-01"), meeting(3, "podsumowujace", "m06", "2027-06-10")),
			errors: []string{"spotkania[r1].data date_outside", "spotkania[r2].data date_month"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := sdktest.Command(t, thematic.Module{}, "network", "plan", c.plan, byLead("organisational"))
			expectCodes(t, got.GetDiagnostics(), refuse, c.errors...)
			expectCodes(t, got.GetDiagnostics(), warn, c.warnings...)
			expectCodes(t, got.GetDiagnostics(), info, c.infos...)
			if (len(got.GetEffects()) == 0) != (len(c.errors) > 0) {
				t.Errorf("%d effects with errors %q", len(got.GetEffects()), c.errors)
			}
		})
	}
}

func timers(e []*v1.Effect) (set map[string]string, cancelled []string) {
	set = map[string]string{}
	for _, x := range e {
		if s := x.GetTimerSet(); s != nil {
			set[s.GetKey()] = s.GetAt().AsTime().Format(time.RFC3339)
		}
		if c := x.GetTimerCancel(); c != nil {
			cancelled = append(cancelled, c.GetKey())
		}
	}
	return set, cancelled
}

func TestPlanSetsRemindersAWeekAhead(t *testing.T) {
	t.Parallel()
	first := sdktest.Command(t, thematic.Module{}, "network", "plan", n1(), byLead("working"))
	set, _ := timers(first.GetEffects())
	// 26 November is two days away: its reminder was due and is not sent late.
	// 8:00 in Warsaw is 7:00 UTC in winter, 6:00 in summer.
	want := map[string]string{"r3": "2027-01-07T07:00:00Z", "r5": "2027-06-03T06:00:00Z"}
	if fmt.Sprint(set) != fmt.Sprint(want) {
		t.Errorf("reminders %v, want %v", set, want)
	}
	if first.GetEffects()[0].GetRecordPut() == nil {
		t.Errorf("a first plan is put: %v", first.GetEffects()[0])
	}
	less := n1()
	less["spotkania"] = slices.Delete(less["spotkania"].([]row), 2, 3)
	again := sdktest.Command(t, thematic.Module{}, "network", "plan", less, withRecord(byLead("working"), "plan", n1()))
	set, cancelled := timers(again.GetEffects())
	if len(set) != 1 || set["r5"] == "" || !slices.Equal(cancelled, []string{"r1", "r2", "r3"}) {
		t.Errorf("after dropping a meeting: set %v, cancelled %v", set, cancelled)
	}
	if again.GetEffects()[0].GetRecordRevise().GetVersion() != 1 {
		t.Errorf("a second plan revises the first: %v", again.GetEffects()[0])
	}
}

func TestReminder(t *testing.T) {
	t.Parallel()
	fire := func(date, stage string) []*v1.Effect {
		s := withRecord(sdktest.System(sdktest.Snapshot(network, stage, "")), "plan", n1())
		return sdktest.Decide(t, thematic.Module{}, &v1.DecideRequest{Type: "network", Snapshot: s, Input: &v1.DecideRequest_Timer{
			Timer: &v1.Timer{Name: "meeting_soon", Data: sdk.Doc(row{"row": "r2", "date": date}, 1)},
		}}).GetEffects()
	}
	if e := fire("2026-11-26", "working"); len(e) != 1 || e[0].GetNotify().GetRole() != "coordinator" || !strings.Contains(e[0].GetNotify().GetBody().GetByLanguage()["pl"], "26.11.2026") {
		t.Errorf("reminder: %v", e)
	}
	if e := fire("2026-11-20", "working"); len(e) != 0 {
		t.Errorf("a meeting that moved: %v", e)
	}
	if e := fire("2026-11-26", "closed"); len(e) != 0 {
		t.Errorf("a closed network: %v", e)
	}
}

func TestStages(t *testing.T) {
	t.Parallel()
	summary := row{"odpowiedzi": 12, "ewaluacja": "Dobrze", "upowszechnianie": "Na stronie", "kontynuacja": true}
	open := row{"type": "observation", "title": "A", "state": "open", "assignee": row{"kind": "network", "id": network}}
	contract := row{"zasady": []string{"szacunek"}, "data": "2026-10-08"}
	held := n1()
	held["spotkania"].([]row)[1] = meeting(2, "robocze", "m11", "2026-11-12")
	for name, c := range map[string]struct {
		from, command    string
		records          map[string]any
		tasks            []any
		ended            bool // evaluated, with a dissemination plan
		errors, warnings []string
		to               string
	}{
		"no plan":             {from: "organisational", command: "next_stage", errors: []string{"no_plan"}},
		"too few meetings":    {from: "organisational", command: "next_stage", records: map[string]any{"plan": row{"rok": 2026, "spotkania": []row{meeting(1, "organizacyjne", "m10", "")}}}, errors: []string{"few_meetings", "no_summary"}, warnings: []string{"no_contract"}},
		"no contract":         {from: "organisational", command: "next_stage", records: map[string]any{"plan": n1()}, warnings: []string{"no_contract"}, to: "working"},
		"begin":               {from: "organisational", command: "next_stage", records: map[string]any{"plan": n1(), "contract": contract}, to: "working"},
		"nothing held yet":    {from: "working", command: "next_stage", records: map[string]any{"plan": n1()}, warnings: []string{"no_working_meeting"}, to: "summary"},
		"sum up":              {from: "working", command: "next_stage", records: map[string]any{"plan": held}, to: "summary"},
		"next does not close": {from: "summary", command: "next_stage", records: map[string]any{"summary": summary}, errors: []string{"use_close"}},
		"close early":         {from: "working", command: "close", records: map[string]any{"plan": held}, errors: []string{"no_summary_record", "not_yet"}, warnings: []string{"no_dissemination", "no_evaluation"}},
		"close unsummed":      {from: "summary", command: "close", errors: []string{"no_summary_record"}, warnings: []string{"no_dissemination", "no_evaluation"}},
		"close with tasks":    {from: "summary", command: "close", records: map[string]any{"summary": summary}, ended: true, tasks: []any{open}, warnings: []string{"open_tasks"}, to: "closed"},
		"close unevaluated":   {from: "summary", command: "close", records: map[string]any{"summary": summary}, warnings: []string{"no_dissemination", "no_evaluation"}, to: "closed"},
		"close":               {from: "summary", command: "close", records: map[string]any{"summary": summary}, ended: true, to: "closed"},
		"over":                {from: "closed", command: "next_stage", errors: []string{"last_stage"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := byLead(c.from)
			for _, kind := range []string{"plan", "contract", "summary"} {
				if data, ok := c.records[kind]; ok {
					withRecord(s, kind, data)
				}
			}
			for i, data := range c.tasks {
				sdktest.Slice(s, "tasks", sdktest.Row(s, id(i), data, nil))
			}
			if c.ended {
				withEnd(s)
			}
			got := sdktest.Command(t, thematic.Module{}, "network", c.command, nil, s)
			expectCodes(t, got.GetDiagnostics(), refuse, c.errors...)
			expectCodes(t, got.GetDiagnostics(), warn, c.warnings...)
			to := ""
			if len(got.GetEffects()) > 0 {
				to = got.GetEffects()[0].GetStageSet().GetTo()
			}
			if to != c.to {
				t.Errorf("stage %q, want %q", to, c.to)
			}
		})
	}
}

// A meeting with a date in the calendar needs none in the plan: the plan shows
// it, and the stage of the summary knows that people met.
func TestPlanKnowsTheCalendar(t *testing.T) {
	t.Parallel()
	plan := row{"rok": 2026, "spotkania": []row{meeting(1, "organizacyjne", "m10", ""), meeting(2, "robocze", "m01", ""), meeting(3, "robocze", "m11", ""), meeting(4, "podsumowujace", "m06", "")}}
	met := func(kind, title, state, starts string) row {
		return row{"kind": kind, "title": title, "state": state, "starts": starts}
	}
	with := func(stage string, rows ...row) *v1.Snapshot {
		s := withRecord(byLead(stage), "plan", plan)
		var list []*v1.Row
		for i, r := range rows {
			list = append(list, sdktest.Row(s, id(700+i), r, nil))
		}
		sdktest.Slice(s, "meetings", list...)
		return s
	}
	s := with("working", met("organisational", "Poznajemy się", "closed", "2026-10-08T13:00:00Z"), met("working", "Odwołane", "cancelled", "2026-11-10T14:00:00Z"),
		met("working", "Szkic", "draft", "2026-11-11T14:00:00Z"), met("working", "Informacja zwrotna", "held", "2026-11-12T23:30:00Z"), met("working", "Kryteria", "announced", "2027-02-04T14:00:00Z"))
	got := sdktest.Command(t, thematic.Module{}, "network", "next_stage", nil, s)
	expectCodes(t, got.GetDiagnostics(), warn)
	table := find(t, show(t, "plan", s), "table", "Terminarz 2026/2027")
	raw, err := json.Marshal(table)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2026-10-08", "Poznajemy się", "2026-11-13", "Informacja zwrotna", "2027-02-04", "Kryteria", "czerwiec", "do ustalenia"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the timetable lacks %q: %s", want, raw)
		}
	}
	for _, not := range []string{"Odwołane", "Szkic", "styczeń"} {
		if strings.Contains(string(raw), not) {
			t.Errorf("the timetable has %q: %s", not, raw)
		}
	}
	early := with("working", met("working", "Informacja zwrotna", "announced", "2027-02-04T14:00:00Z"))
	expectCodes(t, sdktest.Command(t, thematic.Module{}, "network", "next_stage", nil, early).GetDiagnostics(), warn, "no_working_meeting")
}

func TestRenewCopiesWithoutDates(t *testing.T) {
	t.Parallel()
	s := withRecord(withRecord(byLead("closed"), "charter", charterAnswers(5)), "plan", n1())
	got := sdktest.Command(t, thematic.Module{}, "network", "renew", nil, s)
	if len(got.GetEffects()) != 2 {
		t.Fatalf("effects: %v", got.GetEffects())
	}
	put := got.GetEffects()[1].GetRecordPut()
	// UUID version 5 of "successor" in the namespace of the snapshot's decision.
	if want := "d74cde56-5d45-590b-80da-2259405da6e9"; put.GetScope().GetId() != want {
		t.Errorf("scope %q", put.GetScope().GetId())
	}
	p := readPlan(t, put.GetData())
	for _, m := range p.Meetings {
		if m.Date != "" {
			t.Errorf("meeting %s keeps last year's date %s", m.Row, m.Date)
		}
	}
	if p.Year != 2027 || len(p.Meetings) != 5 {
		t.Errorf("plan: %+v", p)
	}
}

func members(s *v1.Snapshot, list ...row) *v1.Snapshot {
	rows := make([]*v1.Row, len(list))
	for i, m := range list {
		rows[i] = sdktest.Row(s, id(100+i), m, nil)
	}
	s.Scopes[0].Members = uint32(len(list))
	return sdktest.Slice(s, "members", rows...)
}

func person(n int, complex string, roles ...string) row {
	return row{"person": id(n), "roles": roles, "state": "active", "complex": complex}
}

func TestGuardOfSameComplex(t *testing.T) {
	t.Parallel()
	for same, want := range map[int]v1.Severity{0: v1.Severity_SEVERITY_UNSPECIFIED, 1: info, 2: info, 3: warn, 4: warn} {
		list := []row{person(1, "other", "coordinator"), {"person": id(2), "roles": []string{"participant"}, "state": "active", "complex": nil}}
		for i := range same {
			list = append(list, person(10+i, "zespol", "participant"))
		}
		got := sdktest.Guard(t, thematic.Module{}, "network", "network.member:add", row{"person": teacher, "role": "participant", "complex": "zespol"}, members(byLead("working"), list...))
		switch {
		case want == v1.Severity_SEVERITY_UNSPECIFIED && len(got.GetDiagnostics()) > 0:
			t.Errorf("%d of the same complex: %v", same, got.GetDiagnostics())
		case want != v1.Severity_SEVERITY_UNSPECIFIED:
			expectCodes(t, got.GetDiagnostics(), want, "same_complex")
		}
	}
}

func TestGuardAsksForTheMembershipOfSomebodyUnknown(t *testing.T) {
	t.Parallel()
	s := members(byLead("working"), person(10, "zespol"), person(11, "zespol"), person(12, "zespol"))
	arguments := row{"person": teacher, "role": "participant"}
	first := sdktest.Guard(t, thematic.Module{}, "network", "network.member:add", arguments, s)
	need := first.GetNeed().GetSlices()
	if len(need) != 1 || need[0].GetName() != "candidate" || need[0].GetFilters()[0].GetValue().GetRef() != teacher {
		t.Fatalf("need: %v", first.GetNeed())
	}
	sdktest.Slice(s, "candidate", sdktest.Row(s, id(50), row{"person": teacher, "state": "requested", "complex": "zespol"}, nil))
	expectCodes(t, sdktest.Guard(t, thematic.Module{}, "network", "network.member:add", arguments, s).GetDiagnostics(), warn, "same_complex")
}

func TestGuardOfSize(t *testing.T) {
	t.Parallel()
	var list []row
	for i := range 20 {
		list = append(list, person(10+i, fmt.Sprint("zespol", i), "participant"))
	}
	arguments := row{"person": teacher, "complex": "new"}
	// Only participants count: the network is led and accompanied besides.
	around := []row{person(40, "k", "coordinator"), person(41, "e", "expert"), person(42, "m", "moderator")}
	ask := func(arguments row, n int) []*v1.Diagnostic {
		s := members(byLead("working"), append(slices.Clone(around), list[:n]...)...)
		return sdktest.Guard(t, thematic.Module{}, "network", "network.member:add", arguments, s).GetDiagnostics()
	}
	expectCodes(t, ask(arguments, 19), warn) // the twentieth
	expectCodes(t, ask(arguments, 20), warn, "size")
	expectCodes(t, ask(row{"person": teacher, "complex": "new", "role": "expert"}, 20), warn)
	joining := members(sdktest.Snapshot(network, "working", teacher), list...)
	expectCodes(t, sdktest.Guard(t, thematic.Module{}, "network", "network.member:add", arguments, joining).GetDiagnostics(), info, "size")
}

// withEnd gives the network a closed evaluation and a dissemination plan.
func withEnd(s *v1.Snapshot) {
	sdktest.Slice(s, "evaluations", sdktest.Row(s, id(900), row{"state": "closed", "invited": 20, "answered": 17}, nil))
	sdktest.Slice(s, "dissemination", sdktest.Row(s, id(901), row{"what": "Scenariusze", "state": "planned", "due": "2027-06-20", "product": true}, nil))
}

// The summary meeting waits for the evaluation and the dissemination plan,
// other meetings for nothing; an evaluation begins at the summary stage.
func TestEndOfYear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind  string
		ended bool
		codes []string
	}{
		"working": {kind: "working"},
		"early":   {kind: "summary", codes: []string{"no_dissemination", "no_evaluation"}},
		"summary": {kind: "summary", ended: true},
	} {
		s := byLead("summary")
		if c.ended {
			withEnd(s)
		}
		got := sdktest.Guard(t, thematic.Module{}, "network", "meeting:close", row{"meeting": id(7), "kind": c.kind}, s)
		expectCodes(t, got.GetDiagnostics(), refuse, c.codes...)
		if len(got.GetDiagnostics()) != len(c.codes) {
			t.Errorf("%s: %v", name, got.GetDiagnostics())
		}
	}
	open := func(stage string) []*v1.Diagnostic {
		return sdktest.Guard(t, thematic.Module{}, "network", "evaluation:open", row{"round": id(8), "tool": "ore.survey:survey"}, byLead(stage)).GetDiagnostics()
	}
	expectCodes(t, open("working"), refuse, "evaluation_early")
	expectCodes(t, open("summary"), refuse)
}
