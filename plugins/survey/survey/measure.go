package survey

import (
	"math"
	"strconv"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Units of cells, as the contract names them.
const (
	unitCount   = "count"
	unitPercent = "percent"
	unitPoints  = "points"
)

// result is what was counted for one question.
type result struct {
	*question
	// counts by option (for a scale by value), in order; n valid answers, out of
	// all that the question was shown to.
	counts []tally
	codes  []string
	n      int
	// without an answer, by reason.
	na, refused, skipped, hidden int

	median, q1, q3 float64
	// top are answers with one of the two best options; only for rows of a matrix.
	top       int
	low, high float64
	// whole means that everybody who was asked has answered this question.
	whole bool
}

// rated reports whether the options of the question are steps from worse to better.
func (q *question) rated() bool { return q.row != nil && len(q.options) >= 4 }

// measure computes every question from the counts.
func (d *design) measure(p *partial) []*result {
	var out []*result
	for _, q := range d.questions() {
		r := &result{question: q}
		if q.item.Type == "multi" {
			r.several(p)
		} else {
			r.single(p)
		}
		if q.rated() {
			for _, t := range r.counts[len(r.counts)-2:] {
				r.top += t.n
			}
			r.low, r.high, _ = wilson(r.top, r.n, d.Population)
		}
		r.whole = d.Population > 0 && r.n >= d.Population
		out = append(out, r)
	}
	return out
}

func (r *result) single(p *partial) {
	c := p.Columns[r.path()]
	r.na, r.refused, r.skipped, r.hidden = c[notApplicable], c[refused], c[skipped], c[notShown]
	if r.item.Type == "scale" {
		low, high := bounds(r.item)
		for v := low; v <= high; v++ {
			r.put(strconv.Itoa(v), float64(v), c[strconv.Itoa(v)])
		}
	} else {
		for i, o := range r.options {
			r.put(o.Code, float64(i+1), c[o.Code])
		}
	}
	r.median, r.q1, r.q3 = quantile(r.counts, 0.5), quantile(r.counts, 0.25), quantile(r.counts, 0.75)
}

func (r *result) put(code string, value float64, n int) {
	r.counts, r.codes = append(r.counts, tally{value, n}), append(r.codes, code)
	r.n += n
}

// several: each option of a multi is a column of its own, yes or no; those who
// answered are the same in all of them.
func (r *result) several(p *partial) {
	for i, o := range r.options {
		c := p.Columns[r.path()+"."+o.Code]
		yes, no := c["1"], c["0"]
		r.counts, r.codes = append(r.counts, tally{float64(i + 1), yes}), append(r.codes, o.Code)
		r.n = max(r.n, yes+no)
		r.na, r.refused, r.skipped, r.hidden = c[notApplicable], c[refused], c[skipped], c[notShown]
	}
	r.median, r.q1, r.q3 = math.NaN(), math.NaN(), math.NaN()
}

func bounds(it *item) (low, high int) {
	low, high = 0, 10
	if it.Min != nil {
		low = int(*it.Min)
	}
	if it.Max != nil {
		high = int(*it.Max)
	}
	return low, high
}

// share is n of all, in per cent.
func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

// Frames of a result.
const (
	frameAnswers  = "answers"
	frameShares   = "shares"
	frameMissing  = "missing"
	frameMeasures = "measures"
)

// frames are the numbers, every cell with the answers it rests on.
func frames(list []*result) *v1.FrameSet {
	answers := &v1.Frame{Name: frameAnswers, Title: both("frame.answers"), Dimensions: []string{"question", "answer"}}
	shares := &v1.Frame{Name: frameShares, Title: both("frame.shares"), Dimensions: []string{"question", "answer"}}
	missing := &v1.Frame{Name: frameMissing, Title: both("frame.missing"), Dimensions: []string{"question", "reason"}}
	measures := &v1.Frame{Name: frameMeasures, Title: both("frame.measures"), Dimensions: []string{"question", "measure"}}
	add := func(f *v1.Frame, r *result, what string, n int, value float64, unit string) {
		if math.IsNaN(value) {
			value, n = 0, 0
		}
		f.Cells = append(f.Cells, &v1.FrameCell{Name: r.cell() + "__" + what, At: []string{r.path(), what}, N: uint64(n), Value: value, Unit: unit})
	}
	for _, r := range list {
		for i, t := range r.counts {
			add(answers, r, r.codes[i], r.n, float64(t.n), unitCount)
			add(shares, r, r.codes[i], r.n, share(t.n, r.n), unitPercent)
		}
		asked := r.n + r.na + r.refused + r.skipped
		add(missing, r, "na", asked, float64(r.na), unitCount)
		add(missing, r, "refused", asked, float64(r.refused), unitCount)
		add(missing, r, "skipped", asked, float64(r.skipped), unitCount)
		add(measures, r, "n", r.n, float64(r.n), unitCount)
		if r.item.Type == "scale" || r.rated() {
			add(measures, r, "median", r.n, r.median, unitPoints)
			add(measures, r, "q1", r.n, r.q1, unitPoints)
			add(measures, r, "q3", r.n, r.q3, unitPoints)
		}
		if r.rated() {
			add(measures, r, "top", r.n, share(r.top, r.n), unitPercent)
		}
		if r.rated() && !r.whole { // without answers the cells are there, resting on none
			add(measures, r, "low", r.n, 100*r.low, unitPercent)
			add(measures, r, "high", r.n, 100*r.high, unitPercent)
		}
	}
	return &v1.FrameSet{Frames: []*v1.Frame{answers, shares, missing, measures}}
}
