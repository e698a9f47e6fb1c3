package evaluation

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// formID names the questionnaire; a round has one revision of it.
const formID = "ewaluacja"

// askable are the types of items that a questionnaire without names may have:
// no files, people, places or dates, which tell who answered.
var askable = []form.Type{form.TypeChoice, form.TypeMulti, form.TypeMatrix, form.TypeScale, form.TypeBool, form.TypeInteger,
	form.TypeDecimal, form.TypeText, form.TypeLongText, form.TypeNote}

// Section is an instrument of a tool, for choosing from.
type Section struct {
	Name      string
	Title     form.Text
	Questions []Choice
}

// Choice is one question that can be chosen: an item, or a row of a matrix,
// under the words of Group.
type Choice struct {
	Path  string
	Label form.Text
	Group form.Text
	// Open marks questions that are answered in own words.
	Open bool
}

// instrument is a checked [Instrument].
type instrument struct {
	name  string
	title form.Text
	form  *form.Form
}

// instrumentsOf asks the tool for its bank and checks it.
func instrumentsOf(ctx context.Context, t Tool) ([]instrument, error) {
	list, err := t.Instruments(ctx, string(i18n.FromContext(ctx)))
	if err != nil {
		return nil, err
	}
	out := make([]instrument, len(list))
	seen := map[string]bool{}
	for i, x := range list {
		f, err := form.Decode(x.Form)
		if err != nil {
			return nil, effect.BadAnswer("instrument %s: %w", x.Name, err)
		}
		for _, it := range f.Items {
			if !slices.Contains(askable, it.Type) || seen[it.ID] {
				return nil, effect.BadAnswer("instrument %s: item %s has a type that tells who answers, or occurs twice", x.Name, it.ID)
			}
			seen[it.ID] = true
		}
		out[i] = instrument{x.Name, form.Text(x.Title), f}
	}
	return out, nil
}

func sections(list []instrument) []Section {
	out := make([]Section, len(list))
	for i, x := range list {
		out[i] = Section{Name: x.name, Title: x.title}
		for _, it := range x.form.Items {
			switch {
			case it.Type == form.TypeNote || it.When != nil:
			case it.Type == form.TypeMatrix:
				for _, r := range it.Rows {
					out[i].Questions = append(out[i].Questions, Choice{Path: it.ID + "." + r.ID, Label: r.Label, Group: it.Label})
				}
			default:
				out[i].Questions = append(out[i].Questions, Choice{Path: it.ID, Label: it.Label, Open: it.Type == form.TypeText || it.Type == form.TypeLongText})
			}
		}
	}
	return out
}

// compose makes the questionnaire of the chosen questions, a part for each
// instrument in the tool's order. A question that depends on a chosen one comes
// along; notes come with what they stand beside.
func compose(list []instrument, title string, chosen []string) (*form.Form, error) {
	out := &form.Form{Kind: "form", V: 1, ID: formID, Rev: 1, Title: form.Text{"pl": title, "en": title}, Privacy: "anonymous", Paged: true, Lists: map[string][]form.Option{}}
	used := map[string]bool{}
	for _, x := range list {
		part := &form.Item{ID: "s_" + x.name, Type: form.TypeGroup, Label: x.title}
		have := map[string]bool{}
		for _, it := range x.form.Items {
			got := pick(it, chosen, have, used)
			if got == nil {
				continue
			}
			have[it.ID] = true
			part.Items = append(part.Items, got)
			if it.List == "" {
				continue
			}
			if had, ok := out.Lists[it.List]; ok && !same(had, x.form.Lists[it.List]) {
				return nil, effect.BadAnswer("instrument %s: list %s differs from that of another", x.name, it.List)
			}
			out.Lists[it.List] = x.form.Lists[it.List]
		}
		if slices.ContainsFunc(part.Items, func(it *form.Item) bool { return it.Type != form.TypeNote }) {
			out.Items = append(out.Items, part)
		}
	}
	for _, q := range chosen {
		if !used[q] {
			return nil, fault.InvalidFields(fault.Field{Path: "questions", Key: "evaluation.question_unknown"})
		}
	}
	if len(out.Items) == 0 {
		return nil, fault.InvalidFields(fault.Field{Path: "questions", Key: "evaluation.question_missing"})
	}
	// What the linter would refuse is the tool's mistake, not the person's.
	f, err := form.Decode(out.Canonical())
	if err != nil {
		return nil, effect.BadAnswer("questionnaire: %w", err)
	}
	return f, nil
}

// pick is the item as far as it was chosen, nil for not at all.
func pick(it *form.Item, chosen []string, have, used map[string]bool) *form.Item {
	switch {
	case it.When != nil:
		for _, name := range mentioned(it.When) {
			if !have[name] {
				return nil
			}
		}
	case it.Type == form.TypeNote:
	case it.Type == form.TypeMatrix:
		c := *it
		c.Rows = nil
		for _, r := range it.Rows {
			if path := it.ID + "." + r.ID; slices.Contains(chosen, path) {
				c.Rows = append(c.Rows, r)
				used[path] = true
			}
		}
		if len(c.Rows) == 0 {
			return nil
		}
		return &c
	case !slices.Contains(chosen, it.ID):
		return nil
	default:
		used[it.ID] = true
	}
	return it
}

// mentioned are the items that a condition is about.
func mentioned(c *form.Condition) []string {
	if c == nil {
		return nil
	}
	var out []string
	for _, name := range []string{c.Item, c.Item2} {
		if id, _, _ := strings.Cut(name, "."); id != "" {
			out = append(out, id)
		}
	}
	for i := range c.All {
		out = append(out, mentioned(&c.All[i])...)
	}
	for i := range c.Any {
		out = append(out, mentioned(&c.Any[i])...)
	}
	return append(out, mentioned(c.Not)...)
}

func same(a, b []form.Option) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// design is what tools are told of a round (plugins/proto, evaluation.proto).
type design struct {
	Questions  []string        `json:"questions"`
	Form       json.RawMessage `json:"form"`
	Population int             `json:"population"`
	Threshold  int             `json:"threshold"`
	Answers    int             `json:"answers,omitempty"`
}

func (d design) document() json.RawMessage {
	raw, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("evaluation: design: %v", err)) // strings and JSON
	}
	return raw
}

// checkPlan composes the questionnaire of a plan and has the tool look at it.
// It calls the module: outside any transaction.
func (s *Service) checkPlan(ctx context.Context, in *Plan) (*form.Form, error) {
	t, err := s.tool(ctx, in.Tool)
	if err != nil {
		return nil, err
	}
	in.Tool = t.Info().Type
	if in.Title = form.Normal(in.Title, false); in.Title == "" {
		in.Title = t.Info().Title.In(string(i18n.FromContext(ctx)))
	}
	var bad fault.Fields
	if n := len([]rune(in.Title)); n < MinTitle || n > MaxTitle {
		bad.Add("title", "evaluation.title_length", "Min", MinTitle, "Max", MaxTitle)
	}
	if now := s.clock.Now(); !in.Closes.After(now) {
		bad.Add("closes", "evaluation.closes_past")
	} else if in.Closes.After(now.Add(LongestRound)) {
		bad.Add("closes", "evaluation.closes_far")
	}
	slices.Sort(in.Questions)
	in.Questions = slices.Compact(in.Questions)
	list, err := instrumentsOf(ctx, t)
	if err != nil {
		return nil, err
	}
	f, err := compose(list, in.Title, in.Questions)
	if x := fault.As(err); x != nil && x.Kind == fault.Invalid {
		bad = append(bad, x.Fields...)
	} else if err != nil {
		return nil, err
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return f, s.checkDesign(ctx, t, in, f)
}

// checkDesign asks the tool; its errors are the person's to put right.
func (s *Service) checkDesign(ctx context.Context, t Tool, in *Plan, f *form.Form) error {
	c, err := t.Check(ctx, string(i18n.FromContext(ctx)), design{Questions: in.Questions, Form: f.Canonical(), Threshold: Threshold}.document())
	if err != nil {
		return err
	}
	var bad fault.Fields
	for _, d := range c.Diagnostics {
		if d.Severity == effect.SeverityError {
			bad = append(bad, fault.Field{Path: "questions", Text: d.Text})
		}
	}
	if err := bad.Err(); err != nil {
		return err
	}
	known := columnsOf(f)
	for _, path := range c.Columns {
		if _, ok := known[path]; !ok {
			return effect.BadAnswer("tool %s wants the column %.80q, which is no question of the form or one in own words", in.Tool, path)
		}
	}
	return nil
}

// tool finds a tool that may count answers; empty means the only one.
func (s *Service) tool(ctx context.Context, typ string) (Tool, error) {
	if typ == "" {
		for _, t := range s.tools.Tools() {
			if i := t.Info(); i.Answers && i.Granted {
				return t, nil
			}
		}
		return nil, fault.New(fault.Unavailable, "evaluation.no_tool")
	}
	t, err := s.tools.Tool(typ)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.Unavailable, "evaluation.no_tool")
	}
	if err != nil {
		return nil, err
	}
	switch i := t.Info(); {
	case !i.Enabled:
		return nil, fault.New(fault.Unavailable, "evaluation.no_tool")
	case !i.Answers: // tools over finished frames: not available in this core
		return nil, fault.New(fault.Unavailable, "evaluation.tool_frames")
	case !i.Granted:
		return nil, fault.New(fault.Unavailable, "evaluation.tool_not_granted")
	}
	return t, nil
}
