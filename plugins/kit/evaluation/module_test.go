package main

import (
	"encoding/json"
	"strings"
	"testing"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// whole is the questionnaire with all questions, as the platform composes it.
func whole(t *testing.T) *v1.Document {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"threshold": 5, "population": 8, "form": map[string]any{
		"items": []any{map[string]any{"id": "s_" + instrument, "type": "group", "items": json.RawMessage(items(t))}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return &v1.Document{Json: raw, Revision: 1}
}

func items(t *testing.T) json.RawMessage {
	t.Helper()
	var f struct {
		Items json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(questionForm.GetJson(), &f); err != nil {
		t.Fatal(err)
	}
	return f.Items
}

func TestCheck(t *testing.T) {
	t.Parallel()
	got, err := Module{}.Check(t.Context(), &v1.CheckRequest{Tool: typeTool, Locale: "pl", Design: whole(t)})
	if err != nil || len(got.GetColumns()) != 3 || len(got.GetDiagnostics()) != 0 {
		t.Errorf("%v %v", got, err)
	}
	got, err = Module{}.Check(t.Context(), &v1.CheckRequest{Tool: typeTool, Locale: "pl", Design: &v1.Document{Json: []byte(`{"form":{"items":[]}}`)}})
	if err != nil || len(got.GetDiagnostics()) != 1 {
		t.Errorf("an empty questionnaire: %v %v", got, err)
	}
}

// Two pages counted apart are the same as all answers together, and what nobody
// answered is no number.
func TestCounting(t *testing.T) {
	t.Parallel()
	var partials [][]byte
	for _, codes := range [][]int32{{0, 0, 1, -1}, {3, 0, -3, 1}} {
		got, err := Module{}.Score(t.Context(), &v1.ScoreRequest{Tool: typeTool, Pass: 1, Design: whole(t), Input: &v1.ScoreRequest_Answers{Answers: &v1.AnswerPage{
			Rows: 4, Columns: []*v1.Column{{Path: "praca.tempo", Dictionary: []string{"tak", "raczej_tak", "raczej_nie", "nie"}, Codes: codes}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		partials = append(partials, got.GetPartial())
	}
	got, err := Module{}.Combine(t.Context(), &v1.CombineRequest{Tool: typeTool, Pass: 1, Design: whole(t), Partials: partials, Final: true, Locale: "pl"})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]*v1.FrameCell{}
	for _, f := range got.GetResult().GetFrames() {
		for _, c := range f.GetCells() {
			found[f.GetName()+"/"+c.GetName()] = c
		}
	}
	for name, want := range map[string]float64{"shares/praca__tempo__tak": 50, "counts/praca__tempo": 6, "counts/praca__temat": 0} {
		if c := found[name]; c == nil || c.GetValue() != want {
			t.Errorf("%s: %v", name, c)
		}
	}
	if !strings.Contains(string(got.GetView().GetJson()), `{"cell":"shares/praca__tempo__tak"}`) {
		t.Errorf("the page does not cite its numbers: %s", got.GetView().GetJson())
	}
}
