package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
	"ore.edu.pl/sieci/plugins/sdk/texts"
)

//go:embed manifest.json
var manifest []byte

//go:embed texts/*.json forms/*.json
var files embed.FS

var (
	catalogue    = texts.Read(files, "texts")
	questionForm = sdk.ReadForm(files, "forms/questions.json")
	bank         = readForm(questionForm)
)

// Names by which the platform knows the parts of this module.
const (
	typeTool   = "tool"
	instrument = "questions"
)

// Module is the module. It keeps nothing between calls and never learns who
// answered: it gets pages of codes, shuffled and without ids.
type Module struct {
	v1.UnimplementedEvaluationToolServer
}

var (
	_ sdk.Describer = Module{}
	_ sdk.Tool      = Module{}
)

// Describe says what the module is; the answer is the same at every call.
func (Module) Describe() *v1.DescribeResponse {
	id, version := sdk.Identity(manifest)
	return &v1.DescribeResponse{
		ModuleId: id, Version: version, ContractRevision: sdk.ContractRevision,
		ToolTypes: []*v1.ToolType{{
			Name: typeTool, Title: catalogue.All("tool.title"), Function: catalogue.All("tool.function"), Passes: 1, Input: v1.ToolInput_TOOL_INPUT_ANSWERS,
		}},
	}
}

// form is as much of the vocabulary of forms as counting needs.
type form struct {
	Title map[string]string   `json:"title"`
	Lists map[string][]option `json:"lists"`
	Items []item              `json:"items"`
}

type item struct {
	ID    string            `json:"id"`
	Label map[string]string `json:"label"`
	List  string            `json:"list"`
	Rows  []option          `json:"rows"`
	Items []item            `json:"items"`
}

// option is an answer of a list, or a row of a matrix.
type option struct {
	ID    string            `json:"id"`
	Code  string            `json:"c"`
	Label map[string]string `json:"l"`
	Row   map[string]string `json:"label"`
	NA    bool              `json:"na"` // "does not apply" is no answer to count
}

func readForm(d *v1.Document) *form {
	f := &form{}
	if err := json.Unmarshal(d.GetJson(), f); err != nil {
		panic(fmt.Sprintf("questions: %v", err))
	}
	return f
}

// answers are those of a list that count, in their order.
func (f *form) answers(list string) (out []option) {
	for _, o := range f.Lists[list] {
		if !o.NA {
			out = append(out, o)
		}
	}
	return out
}

func known(tool string) error {
	if tool != typeTool {
		return sdk.Unknown("tool", tool)
	}
	return nil
}

// Instruments is the one set of questions.
func (Module) Instruments(_ context.Context, r *v1.InstrumentsRequest) (*v1.InstrumentsResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	return &v1.InstrumentsResponse{Instruments: []*v1.Instrument{{Name: instrument, Title: &v1.Text{ByLanguage: bank.Title}, Form: questionForm}}}, nil
}

// Check names the columns that will be counted, and refuses a questionnaire
// without any.
func (Module) Check(_ context.Context, r *v1.CheckRequest) (*v1.CheckResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	list, err := asked(r.GetDesign())
	if err != nil {
		return nil, err
	}
	out := &v1.CheckResponse{}
	for _, q := range list {
		out.Columns = append(out.Columns, q.path())
	}
	if len(list) == 0 {
		out.Diagnostics = append(out.Diagnostics, &v1.Diagnostic{
			Severity: v1.Severity_SEVERITY_ERROR, Path: "questions", Code: "nothing", Text: catalogue.In(r.GetLocale()).T("check.nothing"),
		})
	}
	return out, nil
}

// question is a row of a matrix of the bank.
type question struct {
	item *item
	row  option
}

func (q question) path() string { return q.item.ID + "." + q.row.ID }

// cell is how the question's cells begin.
func (q question) cell() string { return q.item.ID + "__" + q.row.ID }

// asked are the questions of the bank that the questionnaire holds.
func asked(design *v1.Document) (out []question, err error) {
	var d struct {
		Form form `json:"form"`
	}
	if err := json.Unmarshal(design.GetJson(), &d); err != nil {
		return nil, fmt.Errorf("design: %w", err)
	}
	have := map[string]bool{}
	var walk func([]item)
	walk = func(list []item) {
		for _, x := range list {
			have[x.ID] = true
			walk(x.Items)
		}
	}
	walk(d.Form.Items)
	for i := range bank.Items {
		x := &bank.Items[i]
		for _, row := range x.Rows {
			if have[x.ID] {
				out = append(out, question{x, row})
			}
		}
	}
	return out, nil
}
