package survey

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

// Names of the module and its one tool.
const (
	ID      = "ore.survey"
	Version = "1.0.0"
	Tool    = "survey"
)

// Module is the module; it has no state.
type Module struct {
	v1.UnimplementedEvaluationToolServer
}

var (
	_ sdk.Describer = Module{}
	_ sdk.Tool      = Module{}
)

// Describe says what the module is. It is the same at every call.
func (Module) Describe() *v1.DescribeResponse {
	return &v1.DescribeResponse{
		ModuleId: ID, Version: Version, ContractRevision: sdk.ContractRevision,
		ToolTypes: []*v1.ToolType{{
			Name: Tool, Title: both("tool.title"), Function: both("tool.function"), Passes: 1, Input: v1.ToolInput_TOOL_INPUT_ANSWERS,
		}},
	}
}

//go:embed bank/*.json
var bankFiles embed.FS

// sections of the bank, in the order of the questionnaire.
var sections = []string{"goals", "coordinator", "usefulness", "use", "open"}

// bank are the forms of the sections.
var bank = readBank()

func readBank() []*v1.Instrument {
	out := make([]*v1.Instrument, len(sections))
	for i, name := range sections {
		raw, err := bankFiles.ReadFile("bank/" + name + ".json")
		if err != nil {
			panic(err)
		}
		var head struct {
			Rev   uint32            `json:"rev"`
			Title map[string]string `json:"title"`
		}
		if err := json.Unmarshal(raw, &head); err != nil {
			panic(fmt.Errorf("bank %s: %w", name, err))
		}
		out[i] = &v1.Instrument{Name: name, Title: &v1.Text{ByLanguage: head.Title}, Form: &v1.Document{Json: raw, Revision: head.Rev}}
	}
	return out
}

func known(tool string) error {
	if tool != Tool {
		return sdk.Unknown("tool", tool)
	}
	return nil
}

// Instruments are the sections of the bank.
func (Module) Instruments(_ context.Context, r *v1.InstrumentsRequest) (*v1.InstrumentsResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	return &v1.InstrumentsResponse{Instruments: bank}, nil
}

// Check wants a questionnaire with at least one question that can be counted.
func (Module) Check(_ context.Context, r *v1.CheckRequest) (*v1.CheckResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	d, err := readDesign(r.GetDesign())
	if err != nil {
		return nil, err
	}
	out := &v1.CheckResponse{}
	for _, q := range d.questions() {
		out.Columns = append(out.Columns, q.columns()...)
	}
	if len(out.Columns) == 0 {
		out.Diagnostics = append(out.Diagnostics, &v1.Diagnostic{Severity: v1.Severity_SEVERITY_ERROR, Path: "questions", Code: "nothing_to_count", Text: in(r.GetLocale()).t("check.nothing")})
	}
	return out, nil
}

// design is what the platform says of a round.
type design struct {
	Form       form `json:"form"`
	Population int  `json:"population"`
	Answers    int  `json:"answers"`
	Threshold  int  `json:"threshold"`
}

// form is as much of the vocabulary of forms as counting needs.
type form struct {
	Lists map[string][]option `json:"lists"`
	Items []item              `json:"items"`
}

type item struct {
	ID      string   `json:"id"`
	Type    string   `json:"type"`
	Label   text     `json:"label"`
	List    string   `json:"list"`
	Options []option `json:"options"`
	Rows    []row    `json:"rows"`
	Min     *float64 `json:"min"`
	Max     *float64 `json:"max"`
	Items   []item   `json:"items"`
}

type row struct {
	ID    string `json:"id"`
	Label text   `json:"label"`
}

type option struct {
	Code    string `json:"c"`
	Label   text   `json:"l"`
	NA      bool   `json:"na"`
	Refusal bool   `json:"refusal"`
}

// text is by language.
type text map[string]string

func (t text) in(w words) string {
	if s, ok := t[string(w)]; ok {
		return s
	}
	return t["pl"]
}

func readDesign(doc *v1.Document) (*design, error) {
	d := &design{}
	if err := json.Unmarshal(doc.GetJson(), d); err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "design: %v", err)
	}
	if d.Threshold <= 0 {
		d.Threshold = 5
	}
	return d, nil
}

// question is one thing that is counted: an item, or a row of a matrix.
type question struct {
	item *item
	// row of a matrix; nil otherwise.
	row *row
	// options that count, in order; none for a scale.
	options []option
}

// path is the question's column; a multi has one for each option, below it.
func (q *question) path() string {
	if q.row != nil {
		return q.item.ID + "." + q.row.ID
	}
	return q.item.ID
}

func (q *question) columns() []string {
	if q.item.Type != "multi" {
		return []string{q.path()}
	}
	out := make([]string, len(q.options))
	for i, o := range q.options {
		out[i] = q.path() + "." + o.Code
	}
	return out
}

// cell is the beginning of the names of the question's cells.
func (q *question) cell() string { return strings.ReplaceAll(q.path(), ".", "__") }

func (q *question) label(w words) string {
	if q.row != nil {
		return q.row.Label.in(w)
	}
	return q.item.Label.in(w)
}

// questions lists what can be counted, in the order of the questionnaire.
func (d *design) questions() []*question { return d.Form.under(d.Form.Items) }

func (f *form) under(items []item) []*question {
	var out []*question
	for i := range items {
		it := &items[i]
		options := it.Options
		if it.List != "" {
			options = f.Lists[it.List]
		}
		valid := slices.DeleteFunc(slices.Clone(options), func(o option) bool { return o.NA || o.Refusal })
		switch it.Type {
		case "matrix":
			for j := range it.Rows {
				out = append(out, &question{item: it, row: &it.Rows[j], options: valid})
			}
		case "choice", "multi":
			out = append(out, &question{item: it, options: valid})
		case "scale":
			out = append(out, &question{item: it})
		case "group":
			out = append(out, f.under(it.Items)...)
		}
	}
	return out
}
