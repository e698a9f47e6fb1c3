package facade

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/evaluation"
	pluginv1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Caps of what tools answer (evaluation.proto).
const (
	maxInstruments = 100
	maxColumns     = 1000
	maxFrames      = 50
	maxCells       = 20_000
)

func designDocument(d json.RawMessage) *pluginv1.Document {
	return &pluginv1.Document{Json: d, Revision: 1}
}

// Instruments asks a tool (local name) for its bank.
func (v *V1) Instruments(ctx context.Context, tool, lang string) ([]evaluation.Instrument, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	res, err := v.tool.Instruments(ctx, &pluginv1.InstrumentsRequest{Tool: tool, Locale: lang})
	if err != nil {
		return nil, v.fail("Instruments", err)
	}
	d := &decoder{}
	d.most("instruments", len(res.GetInstruments()), maxInstruments)
	var out []evaluation.Instrument
	for _, i := range res.GetInstruments() {
		if d.err != nil {
			break
		}
		at := i.GetName()
		out = append(out, evaluation.Instrument{Name: d.name("instrument", at), Title: d.words(at, i.GetTitle(), true), Form: d.needDocument(at, i.GetForm(), maxForm).JSON})
	}
	if d.err != nil {
		return nil, v.bad("Instruments", d.err)
	}
	return out, nil
}

// Check asks a tool whether a design is sound.
func (v *V1) Check(ctx context.Context, tool, lang string, design json.RawMessage) (*evaluation.Checked, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	res, err := v.tool.Check(ctx, &pluginv1.CheckRequest{Tool: tool, Locale: lang, Design: designDocument(design)})
	if err != nil {
		return nil, v.fail("Check", err)
	}
	d := &decoder{}
	d.most("columns", len(res.GetColumns()), maxColumns)
	out := &evaluation.Checked{Diagnostics: d.diagnostics(res.GetDiagnostics())}
	for _, c := range res.GetColumns() {
		out.Columns = append(out.Columns, d.needText("column", c, 200))
	}
	if d.err != nil {
		return nil, v.bad("Check", d.err)
	}
	return out, nil
}

// Score has a tool count a page.
func (v *V1) Score(ctx context.Context, tool string, a *evaluation.ScoreAsk) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	page := &pluginv1.AnswerPage{Rows: uint32(a.Page.Rows), Columns: make([]*pluginv1.Column, len(a.Page.Columns))}
	for i := range a.Page.Columns {
		c := &a.Page.Columns[i]
		page.Columns[i] = &pluginv1.Column{Path: c.Path, Codes: c.Codes, Numbers: c.Numbers, Dictionary: c.Dictionary}
	}
	req := &pluginv1.ScoreRequest{Tool: tool, Pass: uint32(a.Pass), Design: designDocument(a.Design), Earlier: a.Earlier,
		Input: &pluginv1.ScoreRequest_Answers{Answers: page}}
	if n := proto.Size(req); n > maxRequest {
		return nil, fmt.Errorf("module %s: Score: a page of %d bytes", v.id, n)
	}
	res, err := v.tool.Score(ctx, req)
	if err != nil {
		return nil, v.fail("Score", err)
	}
	d := &decoder{}
	for _, x := range d.diagnostics(res.GetDiagnostics()) {
		if x.Severity == effect.SeverityError {
			d.fail("%s: %s", x.Code, x.Text)
		}
	}
	if d.err != nil {
		return nil, v.bad("Score", d.err)
	}
	return res.GetPartial(), nil
}

// maxRequest is the largest message to a module, in bytes.
const maxRequest = 4 << 20

// Combine has a tool put partials together.
func (v *V1) Combine(ctx context.Context, tool string, a *evaluation.CombineAsk) (*evaluation.Combined, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	res, err := v.tool.Combine(ctx, &pluginv1.CombineRequest{Tool: tool, Pass: uint32(a.Pass), Design: designDocument(a.Design), Partials: a.Partials, Final: a.Final, Locale: a.Lang})
	if err != nil {
		return nil, v.fail("Combine", err)
	}
	d := &decoder{}
	for _, x := range d.diagnostics(res.GetDiagnostics()) {
		if x.Severity == effect.SeverityError {
			d.fail("%s: %s", x.Code, x.Text)
		}
	}
	out := &evaluation.Combined{Partial: res.GetPartial()}
	if a.Final {
		out.Frames = d.frames(res.GetResult())
		out.View = d.needDocument("view", res.GetView(), maxView).JSON
	}
	if d.err != nil {
		return nil, v.bad("Combine", d.err)
	}
	return out, nil
}

// frames reads the numbers of a result: finite, each with what it rests on.
func (d *decoder) frames(s *pluginv1.FrameSet) []evaluation.Frame {
	d.most("frames", len(s.GetFrames()), maxFrames)
	var out []evaluation.Frame
	cells := 0
	for _, f := range s.GetFrames() {
		if d.err != nil {
			return nil
		}
		x := evaluation.Frame{Name: d.name("frame", f.GetName()), Title: d.words(f.GetName(), f.GetTitle(), false), Dimensions: f.GetDimensions()}
		if cells += len(f.GetCells()); cells > maxCells {
			d.fail("frames: more than %d cells", maxCells)
			return nil
		}
		for _, c := range f.GetCells() {
			at := f.GetName() + "/" + c.GetName()
			if len(c.GetAt()) != len(f.GetDimensions()) {
				d.fail("cell %s: %d places in %d dimensions", at, len(c.GetAt()), len(f.GetDimensions()))
			}
			if math.IsNaN(c.GetValue()) || math.IsInf(c.GetValue(), 0) || c.GetN() > math.MaxInt32 {
				d.fail("cell %s: not a finite number", at)
			}
			x.Cells = append(x.Cells, evaluation.Cell{Name: d.text("cell", c.GetName(), 200), At: c.GetAt(), N: int(c.GetN()), Value: c.GetValue(), Unit: d.text("unit", c.GetUnit(), 20)})
		}
		out = append(out, x)
	}
	return out
}
