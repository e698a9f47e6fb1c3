package survey

import (
	"context"
	"encoding/json"
	"math"
	"strconv"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// reasons why there is no answer, as the contract's negative codes say.
var reasons = map[int32]string{-1: notApplicable, -2: refused, -3: skipped, -4: notShown}

const (
	notApplicable = "!na"
	refused       = "!refused"
	skipped       = "!skipped"
	notShown      = "!hidden"
)

// partial counts how often each answer was given in each column. Two of them
// add up; nothing else is kept.
type partial struct {
	Rows    int                       `json:"rows"`
	Columns map[string]map[string]int `json:"columns"`
}

func (p *partial) add(column, answer string, n int) {
	if p.Columns == nil {
		p.Columns = map[string]map[string]int{}
	}
	if p.Columns[column] == nil {
		p.Columns[column] = map[string]int{}
	}
	p.Columns[column][answer] += n
}

// Score counts a page of answers.
func (Module) Score(_ context.Context, r *v1.ScoreRequest) (*v1.ScoreResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	page := r.GetAnswers()
	if page == nil {
		return nil, status.Error(codes.InvalidArgument, "the survey counts answers, not frames")
	}
	p := &partial{Rows: int(page.GetRows())}
	for _, c := range page.GetColumns() {
		if err := p.column(c); err != nil {
			return nil, err
		}
	}
	raw, err := json.Marshal(p)
	return &v1.ScoreResponse{Partial: raw}, err
}

func (p *partial) column(c *v1.Column) error {
	counts := make([]int, len(c.GetDictionary()))
	for _, code := range c.GetCodes() {
		switch {
		case code >= 0 && int(code) < len(counts):
			counts[code]++
		case reasons[code] != "":
			p.add(c.GetPath(), reasons[code], 1)
		default:
			return status.Errorf(codes.InvalidArgument, "column %s: code %d", c.GetPath(), code)
		}
	}
	for i, n := range counts {
		if n > 0 {
			p.add(c.GetPath(), c.GetDictionary()[i], n)
		}
	}
	for _, v := range c.GetNumbers() {
		if math.IsNaN(v) {
			p.add(c.GetPath(), skipped, 1)
			continue
		}
		p.add(c.GetPath(), strconv.FormatFloat(v, 'f', -1, 64), 1)
	}
	return nil
}

// Combine adds partials up and, in the end, makes frames and a view of them.
func (Module) Combine(_ context.Context, r *v1.CombineRequest) (*v1.CombineResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	all := &partial{}
	for _, raw := range r.GetPartials() {
		var p partial
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "partial: %v", err)
		}
		all.Rows += p.Rows
		for column, answers := range p.Columns {
			for answer, n := range answers {
				all.add(column, answer, n)
			}
		}
	}
	if !r.GetFinal() {
		raw, err := json.Marshal(all)
		return &v1.CombineResponse{Partial: raw}, err
	}
	d, err := readDesign(r.GetDesign())
	if err != nil {
		return nil, err
	}
	results := d.measure(all)
	view, err := json.Marshal(d.view(in(r.GetLocale()), results))
	if err != nil {
		return nil, err
	}
	return &v1.CombineResponse{Result: frames(results), View: &v1.Document{Json: view, Revision: 1}}, nil
}
