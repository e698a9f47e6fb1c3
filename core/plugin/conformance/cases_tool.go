package conformance

// Cases of evaluation tools.

import (
	"context"
	"encoding/json"
	"reflect"
	"time"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/evaluation"
	"ore.edu.pl/sieci/core/plugin/facade"
)

// rehearsal is one tool with its made-up round.
type rehearsal struct {
	typ     *effect.ToolType
	round   *evaluation.Rehearsal
	columns int
	// pages are those that were played last, with what came out after how long.
	pages  []int
	frames []evaluation.Frame
	took   time.Duration
}

// tool is a tool as core/evaluation asks it, without a catalogue behind it.
type tool struct {
	s   *suite
	typ *effect.ToolType
}

var _ evaluation.Tool = tool{}

// Info implements [evaluation.Tool].
func (t tool) Info() evaluation.ToolInfo {
	return evaluation.ToolInfo{Type: effect.Qualify(t.s.d.Module, t.typ.Name), Title: t.typ.Title, Function: t.typ.Function, Passes: t.typ.Passes,
		Answers: t.typ.Answers, Granted: true, Enabled: true}
}

// ask calls the process within the deadline; one that is late is ended.
func (t tool) ask(ctx context.Context, f func(context.Context, *facade.V1) error) error {
	v, err := t.s.module(ctx)
	if err != nil {
		return err
	}
	within, cancel := context.WithTimeout(ctx, t.s.c.Call)
	defer cancel()
	t.s.report.Asked++
	start := time.Now()
	err = f(within, v)
	t.s.report.Slowest = max(t.s.report.Slowest, time.Since(start).Milliseconds())
	if ctx.Err() == nil && (late(err) || died(err)) {
		t.s.end()
	}
	return err
}

// Instruments implements [evaluation.Tool].
func (t tool) Instruments(ctx context.Context, lang string) (out []evaluation.Instrument, err error) {
	err = t.ask(ctx, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Instruments(ctx, t.typ.Name, lang)
		return err
	})
	return out, err
}

// Check implements [evaluation.Tool].
func (t tool) Check(ctx context.Context, lang string, design json.RawMessage) (out *evaluation.Checked, err error) {
	err = t.ask(ctx, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Check(ctx, t.typ.Name, lang, design)
		return err
	})
	return out, err
}

// Score implements [evaluation.Tool].
func (t tool) Score(ctx context.Context, a *evaluation.ScoreAsk) (out []byte, err error) {
	err = t.ask(ctx, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Score(ctx, t.typ.Name, a)
		return err
	})
	return out, err
}

// Combine implements [evaluation.Tool].
func (t tool) Combine(ctx context.Context, a *evaluation.CombineAsk) (out *evaluation.Combined, err error) {
	err = t.ask(ctx, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Combine(ctx, t.typ.Name, a)
		return err
	})
	return out, err
}

// toolBank: the ready questions are forms that the platform puts together, and
// none of them tells who answers.
func (s *suite) toolBank(ctx context.Context, f *found) {
	for i := range s.d.ToolTypes {
		t := &s.d.ToolTypes[i]
		if !t.Answers {
			f.note("%s: tools that want tables are not served by this core", t.Name)
			continue
		}
		round, err := evaluation.Rehearse(ctx, tool{s, t})
		if err != nil {
			f.bad("%s: %s", t.Name, failure(err))
			continue
		}
		s.tools = append(s.tools, &rehearsal{typ: t, round: round})
		if list, err := (tool{s, t}).Instruments(ctx, "pl"); err == nil {
			for _, x := range list {
				s.speaks(f, x.Name, x.Form)
			}
		}
		f.note("%s: %d questions", t.Name, round.Questions())
	}
	s.noTool(f)
}

func (s *suite) noTool(f *found) {
	if len(s.d.ToolTypes) == 0 {
		f.absent("it has no evaluation tool")
	} else if len(s.tools) == 0 && len(f.problems) == 0 {
		f.absent("there is no bank to try it with")
	}
}

// toolDesign: a questionnaire of its own questions is sound, one without
// questions is told so, and the columns it wants are there.
func (s *suite) toolDesign(ctx context.Context, f *found) {
	for _, r := range s.tools {
		n, err := r.round.Check(ctx)
		if err != nil {
			f.bad("%s: %s", r.typ.Name, failure(err))
			continue
		}
		r.columns = n
		f.note("%s: %d columns", r.typ.Name, n)
	}
	s.noTool(f)
}

// rounds are pages of answers: nobody's, one person's, some people's in several
// pages, and full pages.
var rounds = [][]int{{0}, {1}, {30, 0, 7, 11}, {evaluation.PageRows, 500}}

// toolResults: it counts any number of answers, with every reason for there being
// none; pages give the same in any order and grouping; the view cites its cells.
func (s *suite) toolResults(ctx context.Context, f *found) {
	for _, r := range s.tools {
		if r.columns == 0 {
			f.note("%s: not tried, its design failed", r.typ.Name)
			continue
		}
		for _, pages := range rounds {
			start := time.Now()
			frames, err := r.round.Play(ctx, s.rng("round "+r.typ.Name), pages...)
			if err != nil {
				f.bad("%s: pages of %v answers: %s", r.typ.Name, pages, failure(err))
				continue
			}
			cells := 0
			for i := range frames {
				cells += len(frames[i].Cells)
			}
			r.pages, r.took, r.frames = pages, time.Since(start), frames
			f.note("%s: pages of %v answers make %d cells", r.typ.Name, pages, cells)
		}
	}
	s.noTool(f)
}

// broken is how often the counting of a tool is broken off, by a kill or by taking
// the calls back.
const broken = 2

// disturb breaks off the counting of each tool and has the same counted again. off
// begins what breaks it off after the time, and returns the context of the calls
// and what waits until it is done. It returns how many tools there were to try.
func (s *suite) disturb(ctx context.Context, f *found, what string, off func(time.Duration) (context.Context, func())) (n int) {
	rng := s.rng("disturb " + what)
	for _, r := range s.tools {
		if r.frames == nil {
			continue
		}
		n++
		play := func(ctx context.Context) ([]evaluation.Frame, error) {
			return r.round.Play(ctx, s.rng("round "+r.typ.Name), r.pages...)
		}
		for range broken {
			if _, err := s.module(ctx); err != nil {
				f.bad("it does not start again: %v", err)
				return n
			}
			within, wait := off(moment(rng, r.took))
			_, _ = play(within) // broken off, or finished in time
			wait()
			frames, err := play(ctx)
			switch {
			case err != nil:
				f.bad("%s: after %s: %s", r.typ.Name, what, failure(err))
			case !reflect.DeepEqual(frames, r.frames):
				f.bad("%s: after %s: other numbers", r.typ.Name, what)
			}
		}
		f.note("%s: counted again after %s, %d times", r.typ.Name, what, broken)
	}
	return n
}

// killTools kills the processes of tools while they count.
func (s *suite) killTools(ctx context.Context, f *found) int {
	return s.disturb(ctx, f, "a kill", func(after time.Duration) (context.Context, func()) {
		p, ended := s.proc, make(chan struct{})
		time.AfterFunc(after, func() { p.Kill(); close(ended) })
		return ctx, func() { <-ended }
	})
}

// cancelTools takes calls of tools back while they count.
func (s *suite) cancelTools(ctx context.Context, f *found) int {
	return s.disturb(ctx, f, "being taken back", func(after time.Duration) (context.Context, func()) {
		within, cancel := context.WithCancel(ctx)
		timer := time.AfterFunc(after, cancel)
		return within, func() { timer.Stop(); cancel() }
	})
}
