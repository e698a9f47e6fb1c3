package evaluation

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Rehearsal is a made-up round of a tool: every question of its bank, answered
// by nobody. It needs no database; the conformance suite of plugins plays it.
type Rehearsal struct {
	tool   Tool
	form   *form.Form
	design design
	sheet  *sheet
}

// Rehearse reads the tool's bank and composes a questionnaire of all of it.
// Errors: those of the call; Internal for a bank that breaks the contract.
func Rehearse(ctx context.Context, t Tool) (*Rehearsal, error) {
	list, err := instrumentsOf(ctx, t)
	if err != nil {
		return nil, err
	}
	var chosen []string
	for _, s := range sections(list) {
		for _, q := range s.Questions {
			chosen = append(chosen, q.Path)
		}
	}
	if len(chosen) == 0 {
		return nil, effect.BadAnswer("the bank has no question")
	}
	f, err := compose(list, "Próba – zażółć gęślą jaźń", chosen)
	if err != nil {
		return nil, err
	}
	return &Rehearsal{tool: t, form: f, design: design{Questions: chosen, Form: f.Canonical(), Threshold: Threshold}}, nil
}

// Questions is how many questions the bank has.
func (r *Rehearsal) Questions() int { return len(r.design.Questions) }

// Check asks whether the design is sound, in every language, and keeps the
// columns that the tool wants; a design without questions must get a sentence.
// It returns how many columns there are.
func (r *Rehearsal) Check(ctx context.Context) (int, error) {
	var columns []string
	for _, l := range i18n.Langs {
		c, err := r.tool.Check(ctx, string(l), r.design.document())
		if err != nil {
			return 0, err
		}
		for _, d := range c.Diagnostics {
			if d.Severity == effect.SeverityError {
				return 0, fmt.Errorf("the tool refuses its own questions: %s: %s", d.Code, d.Text)
			}
		}
		columns = c.Columns
	}
	known := columnsOf(r.form)
	for _, path := range columns {
		if _, ok := known[path]; !ok {
			return 0, effect.BadAnswer("the tool wants the column %.80q, which is no question of the form or one in own words", path)
		}
	}
	empty := form.Form{Kind: "form", V: 1, ID: formID, Rev: 1, Title: form.Text{"pl": "Nic"}}
	c, err := r.tool.Check(ctx, string(i18n.Polish), design{Questions: []string{}, Form: empty.Canonical(), Threshold: Threshold}.document())
	switch {
	case err != nil:
		return 0, fmt.Errorf("a design without questions: %w", err)
	case !slices.ContainsFunc(c.Diagnostics, func(d effect.Diagnostic) bool { return d.Severity == effect.SeverityError }):
		return 0, effect.BadAnswer("a design without questions is called sound")
	}
	r.sheet = newSheet(r.form, columns)
	return len(r.sheet.columns), nil
}

// Play has the tool count pages of random answers, each page of the given
// number of rows, and put the partials together in two groupings and orders,
// which must give the same numbers. What comes out passes the disclosure control
// and the view is resolved in every language. It returns the frames as they may be
// shown. [Rehearsal.Check] comes before; one round is played at a time.
func (r *Rehearsal) Play(ctx context.Context, rng *rand.Rand, rows ...int) ([]Frame, error) {
	pages := make([]*Page, len(rows))
	for i, n := range rows {
		pages[i] = r.page(rng, n)
		r.design.Answers += n
	}
	defer func() { r.design.Answers, r.design.Population = 0, 0 }()
	r.design.Population = r.design.Answers + 7
	d := r.design.document()
	var earlier []byte
	for pass := 1; ; pass++ {
		var partials [][]byte
		for _, p := range pages {
			got, err := r.tool.Score(ctx, &ScoreAsk{Pass: pass, Design: d, Earlier: earlier, Page: p})
			if err != nil {
				return nil, err
			}
			if len(got) > maxPartial {
				return nil, effect.BadAnswer("a partial of %d bytes, at most %d", len(got), maxPartial)
			}
			partials = append(partials, got)
		}
		if pass < r.tool.Info().Passes {
			var err error
			if earlier, err = r.together(ctx, pass, partials); err != nil {
				return nil, err
			}
			continue
		}
		return r.end(ctx, pass, partials)
	}
}

// together is what partials are, combined.
func (r *Rehearsal) together(ctx context.Context, pass int, partials [][]byte) ([]byte, error) {
	c, err := r.tool.Combine(ctx, &CombineAsk{Pass: pass, Design: r.design.document(), Partials: partials, Lang: string(i18n.Polish)})
	if err != nil {
		return nil, err
	}
	if n := len(c.Partial); n == 0 || n > maxPartial {
		return nil, effect.BadAnswer("combined to %d bytes, at most %d", n, maxPartial)
	}
	return c.Partial, nil
}

func (r *Rehearsal) end(ctx context.Context, pass int, partials [][]byte) (out []Frame, err error) {
	other := slices.Clone(partials)
	slices.Reverse(other)
	if len(other) > 1 {
		one, err := r.together(ctx, pass, other[:len(other)-1])
		if err != nil {
			return nil, err
		}
		other = [][]byte{one, other[len(other)-1]}
	}
	for _, l := range i18n.Langs {
		ask := &CombineAsk{Pass: pass, Design: r.design.document(), Partials: partials, Final: true, Lang: string(l)}
		c, err := r.tool.Combine(ctx, ask)
		if err != nil {
			return nil, err
		}
		ask.Partials = other
		again, err := r.tool.Combine(ctx, ask)
		if err != nil {
			return nil, err
		}
		if at := differ(c.Frames, again.Frames); at != "" {
			return nil, effect.BadAnswer("partials combined in another grouping give another result: %s", at)
		}
		Disclose(c.Frames, r.design.Threshold)
		if _, err := resolve(c.View, c.Frames, r.form, l); err != nil {
			return nil, err
		}
		out = c.Frames
	}
	return out, nil
}

// differ names the first cell in which two results differ; "" for none. Sums of
// fractions may differ in their last digits.
func differ(a, b []Frame) string {
	if len(a) != len(b) {
		return fmt.Sprintf("%d frames and %d", len(a), len(b))
	}
	for i := range a {
		if a[i].Name != b[i].Name || len(a[i].Cells) != len(b[i].Cells) {
			return "frame " + a[i].Name
		}
		for j := range a[i].Cells {
			x, y := &a[i].Cells[j], &b[i].Cells[j]
			if x.Name != y.Name || x.N != y.N || math.Abs(x.Value-y.Value) > 1e-9*max(1, math.Abs(x.Value)) {
				return fmt.Sprintf("cell %s/%s is %v of %d and %v of %d", a[i].Name, x.Name, x.Value, x.N, y.Value, y.N)
			}
		}
	}
	return ""
}

// page is a page of random answers, with every reason for there being none.
func (r *Rehearsal) page(rng *rand.Rand, rows int) *Page {
	p := &Page{Rows: rows, Columns: make([]PageColumn, len(r.sheet.columns))}
	for i, c := range r.sheet.columns {
		p.Columns[i] = PageColumn{Path: r.sheet.paths[i], Dictionary: c.dictionary}
		if c.dictionary == nil {
			p.Columns[i].Numbers = make([]float64, rows)
		} else {
			p.Columns[i].Codes = make([]int32, rows)
		}
	}
	for row := range rows {
		missing := map[string]int32{} // a question has one reason, whatever its columns
		for i, c := range r.sheet.columns {
			why, ok := missing[c.item.ID]
			if !ok {
				if rng.IntN(5) == 0 {
					why = -1 - rng.Int32N(4)
				}
				missing[c.item.ID] = why
			}
			switch {
			case c.dictionary == nil && why != 0:
				p.Columns[i].Numbers[row] = math.NaN()
			case c.dictionary == nil:
				low, high := c.item.Bounds()
				p.Columns[i].Numbers[row] = float64(low + rng.IntN(high-low+1))
			case why != 0:
				p.Columns[i].Codes[row] = why
			default:
				p.Columns[i].Codes[row] = rng.Int32N(int32(len(c.dictionary)))
			}
		}
	}
	return p
}
