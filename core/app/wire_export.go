package app

import (
	"context"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/report"
)

// wireExports builds what makes copies of networks; it comes after all rooms
// whose words a copy holds.
func (a *App) wireExports() {
	a.Exports = export.New(export.Config{DB: a.DB, Access: a.Access, Audit: a.Audit, Clock: a.Clock, Jobs: a.Jobs, Files: a.Files,
		Networks: a.Networks, Notify: a.Notify, BaseURL: a.Config.BaseURL, Sources: []export.Source{
			export.Members{Networks: a.Networks}, export.Meetings{Meetings: a.Meetings}, export.Board{Board: a.Board},
			export.Library{Library: a.Library}, copiedReport{a.Reports},
		}})
}

// copiedReport is the part of a copy with the annual report: what the network's
// type keeps (charter, plan, contract, summary), numbers of the year and results
// of evaluations. core/export and core/report do not know each other.
type copiedReport struct{ r *report.Service }

var _ export.Source = copiedReport{}

// Part implements [export.Source].
func (copiedReport) Part() string { return "report" }

// copiedBlock is a block of the report in the data: one of its members is set.
type copiedBlock struct {
	Heading string       `json:"heading,omitempty"`
	Level   int          `json:"level,omitempty"`
	Text    string       `json:"text,omitempty"`
	List    []string     `json:"list,omitempty"`
	Facts   []copiedFact `json:"facts,omitempty"`
	Table   *copiedTable `json:"table,omitempty"`
}

type copiedFact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

type copiedTable struct {
	Caption string     `json:"caption"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// Write implements [export.Source]; nothing of the report for whoever may not
// read it.
func (c copiedReport) Write(ctx context.Context, a *access.Actor, n *network.Network, out *export.Sink) error {
	p := export.Page{Title: out.T("export.part.report")}
	doc, err := c.r.Copy(ctx, a, n.ID)
	if fault.Is(err, fault.NotFound) {
		return out.Page(p)
	}
	if err != nil {
		return err
	}
	p.Title, p.Lead = doc.Title, doc.Lead
	for _, b := range doc.Blocks {
		p.Body = append(p.Body, b)
		if err := out.Data(blockOf(b)); err != nil {
			return err
		}
	}
	return out.Page(p)
}

func blockOf(b document.Block) copiedBlock {
	switch b := b.(type) {
	case document.Heading:
		return copiedBlock{Heading: b.Text, Level: b.Level}
	case document.Paragraph:
		return copiedBlock{Text: b.Text}
	case document.List:
		return copiedBlock{List: b.Items}
	case document.Facts:
		out := copiedBlock{}
		for _, f := range b.Rows {
			out.Facts = append(out.Facts, copiedFact{f.Label, f.Value})
		}
		return out
	case document.Table:
		t := &copiedTable{Caption: b.Caption, Rows: b.Rows}
		for _, col := range b.Columns {
			t.Columns = append(t.Columns, col.Title)
		}
		return copiedBlock{Table: t}
	}
	return copiedBlock{}
}
