package ui

import "ore.edu.pl/sieci/core/document"

func documentFacts(x document.Facts) []Fact {
	out := make([]Fact, len(x.Rows))
	for i, r := range x.Rows {
		out[i] = Fact{Label: r.Label, Value: r.Value}
	}
	return out
}

func documentTable(x document.Table) Table {
	t := Table{Caption: x.Caption}
	for _, c := range x.Columns {
		t.Columns = append(t.Columns, Column{Label: c.Title, Number: c.Number})
	}
	for _, r := range x.Rows {
		cells := make([]Cell, len(r))
		for i, s := range r {
			cells[i].Text = s
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}
