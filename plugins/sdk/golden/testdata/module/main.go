// The module of the worked flows: small, but each answer is computed from the
// request, as a real module would.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

type module struct {
	v1.UnimplementedEvaluationToolServer
}

func (module) Describe() *v1.DescribeResponse {
	return &v1.DescribeResponse{
		ModuleId: "test.golden", Version: "1.0.0",
		ToolTypes: []*v1.ToolType{{Name: "survey", Title: sdk.PL("Ankieta", "Survey"), Passes: 1, Input: v1.ToolInput_TOOL_INPUT_ANSWERS}},
	}
}

func (m module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	switch r.Name() {
	case "return_task":
		return returnTask(r)
	case "convert":
		return convert(r)
	}
	return nil, sdk.Unknown("command", r.Name())
}

// returnTask: a guardian sends a team's work back, with remarks and a date.
func returnTask(r *sdk.Request) (*sdk.Answer, error) {
	var in struct {
		Remarks []struct {
			Path, Quote, Text string
			Offset            uint32
		}
		Days int
	}
	if err := r.Input(&in); err != nil {
		return nil, err
	}
	a := &sdk.Answer{}
	rows := r.Rows("task")
	if len(rows) != 1 {
		a.Error("", "gone", "Tego zadania już nie ma.")
		return a, nil
	}
	row := rows[0]
	var task struct {
		State    string
		Assignee struct{ Kind, ID string }
	}
	if err := row.Decode(&task); err != nil {
		return nil, err
	}
	if task.State != "submitted" {
		a.Error("", "state", "Zwrócić można tylko zadanie oddane.")
	}
	if len(in.Remarks) == 0 {
		a.Error("remarks", "remarks_missing", "Dodaj co najmniej jedną uwagę.")
	}
	if in.Days < 7 { // said each time: the core lets a warning with a reason pass
		a.Warn("days", "short", "Zespół ma mniej niż tydzień na poprawę. Podaj powód.")
	}
	due := r.Time().AddDate(0, 0, in.Days)
	decide := &v1.TaskDecide{Scope: row.GetScope(), TaskId: row.GetId(), Version: row.GetVersion(), Verdict: v1.TaskVerdict_TASK_VERDICT_RETURNED, DueAt: timestamppb.New(due)}
	for _, x := range in.Remarks {
		decide.Remarks = append(decide.Remarks, &v1.Remark{Path: x.Path, Quote: x.Quote, Offset: x.Offset, Text: x.Text})
	}
	a.Effect("returned", &v1.Effect{Kind: &v1.Effect_TaskDecide{TaskDecide: decide}})
	a.Effect("told", &v1.Effect{Kind: &v1.Effect_Notify{Notify: &v1.Notify{
		Scope: row.GetScope(), To: &v1.Notify_GroupId{GroupId: task.Assignee.ID}, View: "task",
		Subject: sdk.PL("Zadanie do poprawy", "Task to be corrected"), Body: sdk.PL("Ekspert opiekun zwrócił zadanie z uwagami.", "The guardian returned the task with remarks."),
	}}})
	a.SetTimer(row.GetScope(), "overdue", row.GetId(), due.AddDate(0, 0, 1), nil)
	a.Depends(v1.Source_SOURCE_TASK, row)
	return a, nil
}

// convert: the networks of the training become monitoring networks, by the
// kind of local government of their groups.
func convert(r *sdk.Request) (*sdk.Answer, error) {
	a := &sdk.Answer{}
	if !r.Has("groups") || r.More("groups") != "" {
		a.Need(&v1.SliceSpec{Name: "groups", Source: v1.Source_SOURCE_GROUP, Kind: "team", Selector: v1.Selector_SELECTOR_CHILDREN, Limit: 500, Cursor: r.More("groups"), Writable: true})
		return a, nil
	}
	titles := map[string]string{"gmina": "Monitoring: gminy", "powiat": "Monitoring: powiaty", "city": "Monitoring: miasta"}
	out := &v1.NetworkConvert{Scope: r.Snapshot.GetScope(), Roles: []*v1.RoleMapping{
		{From: "participant", To: "participant"}, {From: "coordinator", To: "", Target: ""}, {From: "guardian", To: "guardian"},
	}, Records: []*v1.RecordMapping{{FromKind: "plan"}, {FromKind: "diagnosis", ToKind: "baseline"}}}
	for _, n := range r.Rows("networks") {
		out.Sources = append(out.Sources, &v1.ConvertSource{NetworkId: n.GetId(), Version: n.GetVersion()})
		a.Depends(v1.Source_SOURCE_NETWORK, n)
	}
	used := map[string]bool{}
	for _, g := range r.Rows("groups") {
		kind := g.Text("government")
		if titles[kind] == "" {
			a.Error("", "kind", fmt.Sprintf("Nie wiadomo, dokąd ma trafić grupa %s.", g.GetId()))
			continue
		}
		used[kind] = true
		out.Groups = append(out.Groups, &v1.GroupAssignment{GroupId: g.GetId(), Target: kind})
	}
	for _, kind := range slices.Sorted(maps.Keys(used)) {
		out.Targets = append(out.Targets, &v1.ConvertTarget{Key: kind, Type: "monitoring", Name: titles[kind]})
	}
	a.Effect("converted", &v1.Effect{Kind: &v1.Effect_NetworkConvert{NetworkConvert: out}})
	for _, kind := range slices.Sorted(maps.Keys(used)) {
		a.SetTimer(sdk.Network("#converted."+kind), "quarter", "", r.Time().AddDate(0, 3, 0), nil)
	}
	return a, nil
}

func (module) Instruments(context.Context, *v1.InstrumentsRequest) (*v1.InstrumentsResponse, error) {
	return &v1.InstrumentsResponse{}, nil
}

// Check wants the columns that the design names.
func (module) Check(_ context.Context, r *v1.CheckRequest) (*v1.CheckResponse, error) {
	var design struct{ Columns []string }
	if err := json.Unmarshal(r.GetDesign().GetJson(), &design); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	out := &v1.CheckResponse{Columns: design.Columns}
	if len(design.Columns) == 0 {
		out.Diagnostics = append(out.Diagnostics, &v1.Diagnostic{Severity: v1.Severity_SEVERITY_ERROR, Path: "columns", Code: "empty", Text: "Wybierz co najmniej jedno pytanie."})
	}
	return out, nil
}

// partial is the count of each answer to each column: it adds up in any order.
type partial map[string]map[string]uint64

func (p partial) add(column, answer string, n uint64) {
	if p[column] == nil {
		p[column] = map[string]uint64{}
	}
	p[column][answer] += n
}

func (module) Score(_ context.Context, r *v1.ScoreRequest) (*v1.ScoreResponse, error) {
	p := partial{}
	for _, c := range r.GetAnswers().GetColumns() {
		for _, code := range c.GetCodes() {
			if code >= 0 {
				p.add(c.GetPath(), c.GetDictionary()[code], 1)
			}
		}
	}
	raw, err := json.Marshal(p)
	return &v1.ScoreResponse{Partial: raw}, err
}

func (module) Combine(_ context.Context, r *v1.CombineRequest) (*v1.CombineResponse, error) {
	all := partial{}
	for _, raw := range r.GetPartials() {
		var p partial
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		for column, answers := range p {
			for answer, n := range answers {
				all.add(column, answer, n)
			}
		}
	}
	if !r.GetFinal() {
		raw, err := json.Marshal(all)
		return &v1.CombineResponse{Partial: raw}, err
	}
	frame := &v1.Frame{Name: "answers", Title: sdk.PL("Odpowiedzi", "Answers"), Dimensions: []string{"question", "answer"}}
	var cites []map[string]string
	for _, column := range slices.Sorted(maps.Keys(all)) {
		for _, answer := range slices.Sorted(maps.Keys(all[column])) {
			name, n := column+"_"+answer, all[column][answer]
			frame.Cells = append(frame.Cells, &v1.FrameCell{Name: name, At: []string{column, answer}, N: n, Value: float64(n)})
			cites = append(cites, map[string]string{"label": column + " " + answer, "cell": "answers/" + name})
		}
	}
	view, err := json.Marshal(map[string]any{"kind": "view", "v": 1, "title": map[string]string{"pl": "Wyniki"}, "nodes": []any{map[string]any{"type": "facts", "items": cites}}})
	return &v1.CombineResponse{Result: &v1.FrameSet{Frames: []*v1.Frame{frame}}, View: &v1.Document{Json: view}}, err
}

func main() { sdk.Serve(module{}) }
