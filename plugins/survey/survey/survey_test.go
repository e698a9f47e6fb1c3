package survey

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// whole is a design with the whole bank, as the platform composes it.
func whole(t *testing.T, population int) *v1.Document {
	t.Helper()
	f := map[string]any{"lists": map[string]any{}, "items": []any{}}
	for _, b := range bank {
		var d map[string]any
		if err := json.Unmarshal(b.GetForm().GetJson(), &d); err != nil {
			t.Fatal(err)
		}
		if l, ok := d["lists"].(map[string]any); ok {
			f["lists"] = l
		}
		f["items"] = append(f["items"].([]any), map[string]any{"id": "s_" + b.GetName(), "type": "group", "label": d["title"], "items": d["items"]})
	}
	raw, err := json.Marshal(map[string]any{"form": f, "population": population, "threshold": 5})
	if err != nil {
		t.Fatal(err)
	}
	return &v1.Document{Json: raw, Revision: 1}
}

func columnsOf(t *testing.T, d *v1.Document) []string {
	t.Helper()
	res, err := Module{}.Check(t.Context(), &v1.CheckRequest{Tool: Tool, Locale: "pl", Design: d})
	if err != nil || len(res.GetDiagnostics()) != 0 {
		t.Fatal(res, err)
	}
	return res.GetColumns()
}

func TestBank(t *testing.T) {
	t.Parallel()
	d, err := readDesign(whole(t, 20))
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, q := range d.questions() {
		rows[q.item.ID]++
	}
	if rows["cele"] != 5 || rows["koordynator"] != 8 {
		t.Errorf("a network has five goals and its coordinator eight duties; the bank asks %v", rows)
	}
	columns := columnsOf(t, whole(t, 20))
	if n := len(columns); n != 5+8+5+1+1+1+5 {
		t.Errorf("%d columns: %v", n, columns)
	}
	res, err := Module{}.Check(t.Context(), &v1.CheckRequest{Tool: Tool, Locale: "pl", Design: &v1.Document{Json: []byte(`{"form":{"items":[]}}`)}})
	if err != nil || len(res.GetDiagnostics()) != 1 {
		t.Errorf("an empty questionnaire: %v, %v", res, err)
	}
	if _, err := (Module{}).Check(t.Context(), &v1.CheckRequest{Tool: "other"}); err == nil {
		t.Error("another tool was taken for this one")
	}
}

// cells by "frame/cell".
func cells(r *v1.CombineResponse) map[string]*v1.FrameCell {
	out := map[string]*v1.FrameCell{}
	for _, f := range r.GetResult().GetFrames() {
		for _, c := range f.GetCells() {
			out[f.GetName()+"/"+c.GetName()] = c
		}
	}
	return out
}

func TestScoreAndCombine(t *testing.T) {
	t.Parallel()
	design := whole(t, 10)
	page := &v1.AnswerPage{Rows: 8, Columns: []*v1.Column{
		{Path: "cele.wiedza", Dictionary: []string{"1", "2", "3", "4", "5"}, Codes: []int32{3, 3, 4, 4, 4, 2, -1, -3}},
		{Path: "polecenie", Numbers: []float64{10, 9, 9, 8, 10, 7, 10, 9}},
		{Path: "przeszkody.czas", Dictionary: []string{"0", "1"}, Codes: []int32{1, 1, 0, 0, 1, -3, -3, 1}},
	}}
	res, err := Module{}.Score(t.Context(), &v1.ScoreRequest{Tool: Tool, Pass: 1, Design: design, Input: &v1.ScoreRequest_Answers{Answers: page}})
	if err != nil {
		t.Fatal(err)
	}
	out, err := Module{}.Combine(t.Context(), &v1.CombineRequest{Tool: Tool, Pass: 1, Design: design, Partials: [][]byte{res.GetPartial()}, Final: true, Locale: "pl"})
	if err != nil {
		t.Fatal(err)
	}
	got := cells(out)
	low, high, _ := wilson(5, 6, 10)
	for name, want := range map[string]struct {
		n     uint64
		value float64
	}{
		"answers/cele__wiedza__5": {6, 3}, "answers/cele__wiedza__4": {6, 2}, "answers/cele__wiedza__1": {6, 0},
		"shares/cele__wiedza__5": {6, 50}, "missing/cele__wiedza__na": {8, 1}, "missing/cele__wiedza__skipped": {8, 1},
		"measures/cele__wiedza__n": {6, 6}, "measures/cele__wiedza__median": {6, 4.5}, "measures/cele__wiedza__q1": {6, 4}, "measures/cele__wiedza__q3": {6, 5},
		"measures/cele__wiedza__top": {6, 500.0 / 6}, "measures/cele__wiedza__low": {6, 100 * low}, "measures/cele__wiedza__high": {6, 100 * high},
		"measures/polecenie__median": {8, 9}, "answers/polecenie__7": {8, 1},
		"answers/przeszkody__czas": {6, 4},
	} {
		c := got[name]
		if c == nil || c.GetN() != want.n {
			t.Errorf("%s: %v", name, c)
			continue
		}
		close(t, name, c.GetValue(), want.value, 1e-9)
	}
	if c := got["measures/cele__kontakty__median"]; c.GetN() != 0 || c.GetValue() != 0 {
		t.Errorf("a question nobody answered: %v", c)
	}
}

// Partials add up in any grouping, and everybody asked has no interval.
func TestPartialsAreAssociative(t *testing.T) {
	t.Parallel()
	design := whole(t, 900)
	columns := columnsOf(t, design)
	rng := rand.New(rand.NewPCG(5, 6))
	var partials [][]byte
	for range 9 {
		page := &v1.AnswerPage{Rows: 100}
		for _, path := range columns {
			c := &v1.Column{Path: path}
			switch {
			case path == "polecenie":
				for range 100 {
					c.Numbers = append(c.Numbers, float64(rng.IntN(11)))
				}
			default:
				c.Dictionary = []string{"1", "2", "3", "4", "5"}
				for range 100 {
					c.Codes = append(c.Codes, int32(rng.IntN(5)))
				}
			}
			page.Columns = append(page.Columns, c)
		}
		res, err := Module{}.Score(t.Context(), &v1.ScoreRequest{Tool: Tool, Pass: 1, Design: design, Input: &v1.ScoreRequest_Answers{Answers: page}})
		if err != nil {
			t.Fatal(err)
		}
		partials = append(partials, res.GetPartial())
	}
	combine := func(final bool, parts ...[]byte) *v1.CombineResponse {
		t.Helper()
		res, err := Module{}.Combine(t.Context(), &v1.CombineRequest{Tool: Tool, Pass: 1, Design: design, Partials: parts, Final: final, Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	want := combine(true, partials...)
	left := partials[0]
	for _, p := range partials[1:] {
		left = combine(false, left, p).GetPartial()
	}
	grouped := combine(true, combine(false, partials[5:]...).GetPartial(), combine(false, partials[:5]...).GetPartial())
	if !proto.Equal(want, combine(true, left)) || !proto.Equal(want, grouped) {
		t.Error("another grouping gives another result")
	}
	got := cells(want)
	if got["measures/cele__wiedza__low"] != nil || got["measures/cele__wiedza__n"].GetN() != 900 {
		t.Errorf("everybody answered, and there is an interval: %v", got["measures/cele__wiedza__low"])
	}
	if s := string(want.GetView().GetJson()); !strings.Contains(s, "everybody") {
		t.Error("the view does not say that everybody answered")
	}
}

func TestScoreRefuses(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*v1.ScoreRequest{
		"frames":       {Tool: Tool, Input: &v1.ScoreRequest_Frames{Frames: &v1.FrameSet{}}},
		"unknown code": {Tool: Tool, Input: &v1.ScoreRequest_Answers{Answers: &v1.AnswerPage{Rows: 1, Columns: []*v1.Column{{Path: "x", Dictionary: []string{"1"}, Codes: []int32{7}}}}}},
		"other tool":   {Tool: "x"},
	} {
		if _, err := (Module{}).Score(t.Context(), r); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := (Module{}).Combine(t.Context(), &v1.CombineRequest{Tool: Tool, Partials: [][]byte{[]byte("no")}}); err == nil {
		t.Error("a broken partial was combined")
	}
}

// Every text that the code asks for is in both catalogues.
func TestTexts(t *testing.T) {
	t.Parallel()
	for key := range texts["pl"] {
		if texts["en"][key] == "" {
			t.Errorf("%s has no English text", key)
		}
	}
	if len(texts["pl"]) != len(texts["en"]) {
		t.Errorf("%d Polish texts, %d English", len(texts["pl"]), len(texts["en"]))
	}
	d, err := readDesign(whole(t, 10))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []words{"pl", "en"} {
		raw, err := json.Marshal(d.view(w, d.measure(&partial{})))
		if err != nil {
			t.Fatal(err)
		}
		for key := range texts["pl"] {
			if strings.Contains(string(raw), fmt.Sprintf("%q", key)) {
				t.Errorf("the view shows the key %s", key)
			}
		}
	}
}
