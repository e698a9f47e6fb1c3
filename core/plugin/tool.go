package plugin

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/facade"
)

// answersCapability lets a tool see pages of answers.
const answersCapability = "evaluation.answers"

// Tools is the catalogue's side of core/evaluation.
type Tools struct{ h *Host }

var _ evaluation.Tools = Tools{}

// Tools are the evaluation tools of the catalogue.
func (h *Host) Tools() Tools { return Tools{h} }

// Tool implements [evaluation.Tools].
func (t Tools) Tool(typ string) (evaluation.Tool, error) {
	id, local, ok := effect.Split(typ)
	if !ok {
		return nil, fault.ErrNotFound
	}
	u, ok := (*t.h.units.Load())[id]
	if !ok || !u.hasTool(local) {
		return nil, fault.ErrNotFound
	}
	return &tool{u, typ, local}, nil
}

// Tools implements [evaluation.Tools]; sorted by type.
func (t Tools) Tools() []evaluation.Tool {
	var out []evaluation.Tool
	for id, u := range *t.h.units.Load() {
		i := u.Info()
		if !i.Enabled || i.Description == nil {
			continue
		}
		for _, x := range i.Description.ToolTypes {
			out = append(out, &tool{u, effect.Qualify(id, x.Name), x.Name})
		}
	}
	slices.SortFunc(out, func(a, b evaluation.Tool) int { return strings.Compare(a.Info().Type, b.Info().Type) })
	return out
}

func (u *unit) hasTool(local string) bool {
	d := u.Info().Description
	return d != nil && slices.ContainsFunc(d.ToolTypes, func(t effect.ToolType) bool { return t.Name == local })
}

// tool is one tool of a module.
type tool struct {
	u          *unit
	typ, local string
}

var _ evaluation.Tool = (*tool)(nil)

// Info implements [evaluation.Tool].
func (t *tool) Info() evaluation.ToolInfo {
	i := t.u.Info()
	out := evaluation.ToolInfo{Type: t.typ, Enabled: i.Enabled, Granted: i.Grants.Has(answersCapability, effect.Network)}
	for _, x := range i.Description.ToolTypes {
		if x.Name == t.local {
			out.Title, out.Function, out.Passes, out.Answers = x.Title, x.Function, x.Passes, x.Answers
		}
	}
	return out
}

// Instruments implements [evaluation.Tool].
func (t *tool) Instruments(ctx context.Context, lang string) (out []evaluation.Instrument, err error) {
	err = t.u.call(ctx, "Instruments", t.local, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Instruments(ctx, t.local, lang)
		return err
	})
	return out, err
}

// Check implements [evaluation.Tool].
func (t *tool) Check(ctx context.Context, lang string, design json.RawMessage) (out *evaluation.Checked, err error) {
	err = t.u.call(ctx, "Check", t.local, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Check(ctx, t.local, lang, design)
		return err
	})
	return out, err
}

// Score implements [evaluation.Tool]. A tool without the grant gets nothing,
// whoever asks.
func (t *tool) Score(ctx context.Context, a *evaluation.ScoreAsk) (out []byte, err error) {
	if !t.Info().Granted {
		return nil, fault.New(fault.Unavailable, "evaluation.tool_not_granted")
	}
	err = t.u.call(ctx, "Score", t.local, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Score(ctx, t.local, a)
		return err
	})
	return out, err
}

// Combine implements [evaluation.Tool].
func (t *tool) Combine(ctx context.Context, a *evaluation.CombineAsk) (out *evaluation.Combined, err error) {
	err = t.u.call(ctx, "Combine", t.local, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Combine(ctx, t.local, a)
		return err
	})
	return out, err
}
