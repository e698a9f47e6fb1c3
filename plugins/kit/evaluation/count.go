package main

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk/texts"
	"ore.edu.pl/sieci/plugins/sdk/view"
)

// partial counts how often each answer was given to each question. Two of them
// add up, in any order.
type partial map[string]map[string]int

func (p partial) add(path, answer string, n int) {
	if p[path] == nil {
		p[path] = map[string]int{}
	}
	p[path][answer] += n
}

// Score counts a page of answers.
func (Module) Score(_ context.Context, r *v1.ScoreRequest) (*v1.ScoreResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	p := partial{}
	for _, c := range r.GetAnswers().GetColumns() {
		for _, code := range c.GetCodes() {
			if code < 0 {
				continue // no answer, for one of the contract's reasons
			}
			if int(code) >= len(c.GetDictionary()) {
				return nil, status.Errorf(codes.InvalidArgument, "column %s: code %d", c.GetPath(), code)
			}
			p.add(c.GetPath(), c.GetDictionary()[code], 1)
		}
	}
	raw, err := json.Marshal(p)
	return &v1.ScoreResponse{Partial: raw}, err
}

// Combine adds partials up and, in the end, makes the numbers and a page that
// cites them. The page types no number itself: the platform puts each in, or
// withholds it where too few people answered.
func (Module) Combine(_ context.Context, r *v1.CombineRequest) (*v1.CombineResponse, error) {
	if err := known(r.GetTool()); err != nil {
		return nil, err
	}
	all := partial{}
	for _, raw := range r.GetPartials() {
		var p partial
		if err := json.Unmarshal(raw, &p); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "partial: %v", err)
		}
		for path, answers := range p {
			for answer, n := range answers {
				all.add(path, answer, n)
			}
		}
	}
	if !r.GetFinal() {
		raw, err := json.Marshal(all)
		return &v1.CombineResponse{Partial: raw}, err
	}
	list, err := asked(r.GetDesign())
	if err != nil {
		return nil, err
	}
	w := catalogue.In(r.GetLocale())
	raw, err := json.Marshal(page(w, r.GetLocale(), list))
	if err != nil {
		return nil, fmt.Errorf("view: %w", err)
	}
	return &v1.CombineResponse{Result: numbers(all, list), View: &v1.Document{Json: raw, Revision: 1}}, nil
}

// Frames of the result.
const (
	frameShares = "shares"
	frameCounts = "counts"
)

// numbers are the share of each answer, and how many answered.
func numbers(p partial, list []question) *v1.FrameSet {
	shares := &v1.Frame{Name: frameShares, Title: catalogue.All("frame.shares"), Dimensions: []string{"question", "answer"}}
	counts := &v1.Frame{Name: frameCounts, Title: catalogue.All("frame.counts"), Dimensions: []string{"question"}}
	for _, q := range list {
		n := 0
		for _, o := range bank.answers(q.item.List) {
			n += p[q.path()][o.Code]
		}
		for _, o := range bank.answers(q.item.List) {
			share := 0.0
			if n > 0 {
				share = 100 * float64(p[q.path()][o.Code]) / float64(n)
			}
			shares.Cells = append(shares.Cells, &v1.FrameCell{Name: q.cell() + "__" + o.Code, At: []string{q.path(), o.Code}, N: uint64(n), Value: share, Unit: "percent"})
		}
		counts.Cells = append(counts.Cells, &v1.FrameCell{Name: q.cell(), At: []string{q.path()}, N: uint64(n), Value: float64(n), Unit: "count"})
	}
	return &v1.FrameSet{Frames: []*v1.Frame{shares, counts}}
}

// page is a table for each matrix.
func page(w texts.Words, locale string, list []question) *view.View {
	v := view.New(w.T("page.title"))
	for i := range bank.Items {
		x := &bank.Items[i]
		columns := []view.Column{{ID: "pytanie", Label: w.T("page.statement"), Type: "text"}}
		for _, o := range bank.answers(x.List) {
			columns = append(columns, view.Column{ID: "o_" + o.Code, Label: in(o.Label, locale), Type: "pct"})
		}
		columns = append(columns, view.Column{ID: "n", Label: w.T("page.n"), Type: "int"})
		var rows [][]view.Value
		for _, q := range list {
			if q.item != x {
				continue
			}
			row := []view.Value{view.Text(in(q.row.Row, locale))}
			for _, o := range bank.answers(x.List) {
				row = append(row, view.Cite(frameShares, q.cell()+"__"+o.Code))
			}
			rows = append(rows, append(row, view.Cite(frameCounts, q.cell())))
		}
		if len(rows) > 0 {
			v.Add(view.Table("t_"+x.ID, in(x.Label, locale), "", columns, rows))
		}
	}
	return v
}

// in is a text of the form in the language of a request, or in Polish.
func in(text map[string]string, locale string) string {
	if s, ok := text[locale]; ok {
		return s
	}
	return text["pl"]
}
