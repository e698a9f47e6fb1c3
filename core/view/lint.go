package view

import (
	"math"
	"strconv"

	"ore.edu.pl/sieci/core/form/declared"
)

const lintPrefix = "view.lint."

// Load reads and lints a view. The view is nil when a finding refuses it.
func Load(raw []byte) (*View, []Diagnostic) {
	r := declared.NewReport(lintPrefix)
	v := &View{}
	if !declared.Decode(raw, MaxBytes, v, r) {
		return nil, r.List()
	}
	v.lint(r)
	list := r.List()
	if declared.Errors(list) {
		return nil, list
	}
	return v, list
}

// Lint checks a view made in Go.
func (v *View) Lint() []Diagnostic {
	r := declared.NewReport(lintPrefix)
	v.lint(r)
	return r.List()
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

type linter struct {
	*declared.Report
	ids   map[string]bool
	count int
}

func (v *View) lint(r *declared.Report) {
	l := &linter{Report: r, ids: map[string]bool{}}
	if v.Kind != "view" {
		l.Add("kind", "kind", "Want", "view")
	}
	if v.V != 1 {
		l.Add("v", "vocabulary", "Max", 1)
	}
	l.text("title", v.Title, true)
	v.walk(func(path string, depth int, n Node) {
		if l.count++; l.count == MaxNodes+1 {
			l.Add("nodes", "many_nodes", "Max", MaxNodes)
		}
		if depth > MaxDepth {
			l.Add(path, "deep", "Max", MaxDepth)
		}
		if n == nil {
			l.Add(path, "json_type")
			return
		}
		if id := n.NodeID(); id != "" {
			if !declared.ID(id) {
				l.Add(path+".id", "id")
			}
			if l.ids[id] {
				l.Add(path+".id", "repeated_id", "Name", id)
			}
			l.ids[id] = true
		}
		l.node(path, n)
	})
}

func (l *linter) text(path string, t Text, required bool) {
	_, plain := t[""]
	l.CheckText(path, t, required, !plain && len(t) > 0)
}

func (l *linter) node(path string, n Node) {
	switch x := n.(type) {
	case TextNode:
		l.text(path+".text", x.Text, true)
	case Facts:
		l.text(path+".title", x.Title, false)
		l.many(path+".items", len(x.Items), MaxEntries)
		for i, f := range x.Items {
			l.text(index(path+".items", i)+".label", f.Label, true)
			l.value(index(path+".items", i)+".value", f.Value, "")
		}
	case Stat:
		l.stat(path, x)
	case Table:
		l.text(path+".title", x.Title, true)
		l.text(path+".empty", x.Empty, false)
		l.grid(path, x.Columns, x.Rows)
		if x.Total < 0 || x.Page < 0 || x.Per < 0 || x.Per > MaxRows || x.Total > maxTotal {
			l.Add(path, "paging", "Max", MaxRows)
		}
	case Chart:
		l.chart(path, x)
	case Progress:
		l.text(path+".label", x.Label, true)
		if !(x.Max > 0 && x.Max <= maxNumber && x.Value >= 0 && x.Value <= x.Max) {
			l.Add(path, "progress")
		}
		l.state(path+".state", x.State, true)
	case Section:
		l.text(path+".title", x.Title, true)
	case Notice:
		l.text(path+".text", x.Text, true)
		l.oneOf(path+".level", x.Level, "info", "ok", "warn", "error")
	case FormNode:
		l.text(path+".label", x.Label, false)
		if !declared.Name(x.Form) {
			l.Add(path+".form", "name")
		}
	default:
		l.entries(path, n)
	}
}

// maxTotal bounds the number of rows that paging counts.
const maxTotal = 10_000_000

func (l *linter) entries(path string, n Node) {
	items := path + ".items"
	switch x := n.(type) {
	case Steps:
		l.text(path+".title", x.Title, false)
		l.many(items, len(x.Items), MaxEntries)
		for i, s := range x.Items {
			l.text(index(items, i)+".label", s.Label, true)
			l.text(index(items, i)+".note", s.Note, false)
			l.state(index(items, i)+".state", s.State, false)
			l.link(index(items, i)+".to", s.To)
		}
	case Timeline:
		l.text(path+".title", x.Title, false)
		l.many(items, len(x.Items), MaxEntries)
		for i, e := range x.Items {
			l.text(index(items, i)+".label", e.Label, true)
			l.text(index(items, i)+".text", e.Text, false)
			l.value(index(items, i)+".at", e.At, TDate)
			l.link(index(items, i)+".to", e.To)
			if t := e.At.typed(TDate).T; t != TDate && t != TDateTime && t != TDates {
				l.Add(index(items, i)+".at", "value")
			}
		}
	case List:
		l.text(path+".title", x.Title, false)
		l.text(path+".empty", x.Empty, false)
		l.many(items, len(x.Items), MaxEntries)
		for i, it := range x.Items {
			l.value(index(items, i)+".value", it.Value, "")
			l.text(index(items, i)+".note", it.Note, false)
			l.link(index(items, i)+".to", it.To)
		}
	case Tabs:
		l.tabs(path, x)
	case Actions:
		l.actions(path, x)
	}
}

func (l *linter) tabs(path string, x Tabs) {
	l.text(path+".label", x.Label, true)
	l.many(path+".items", len(x.Items), MaxTabs)
	here := 0
	for i, tab := range x.Items {
		l.text(index(path+".items", i)+".label", tab.Label, true)
		l.link(index(path+".items", i)+".to", tab.To)
		if tab.To == nil {
			here++
		}
	}
	if here != 1 {
		l.Add(path+".items", "tabs")
	}
}

func (l *linter) actions(path string, x Actions) {
	l.many(path+".items", len(x.Items), MaxActions)
	for i, a := range x.Items {
		at := index(path+".items", i)
		if !declared.ID(a.ID) {
			l.Add(at+".id", "id")
		}
		if l.ids["action "+a.ID] {
			l.Add(at+".id", "repeated_id", "Name", a.ID)
		}
		l.ids["action "+a.ID] = true
		l.text(at+".label", a.Label, true)
		l.text(at+".confirm", a.Confirm, false)
	}
}

func (l *linter) stat(path string, x Stat) {
	l.text(path+".label", x.Label, true)
	l.text(path+".unit", x.Unit, false)
	l.value(path+".value", x.Value, "")
	if x.N != nil && *x.N < 0 {
		l.Add(path+".n", "value")
	}
	if len(x.CI) != 0 && len(x.CI) != 2 {
		l.Add(path+".ci", "interval")
	}
	for i, v := range x.CI {
		l.value(index(path+".ci", i), v, "")
	}
	if x.Delta != nil {
		l.value(path+".delta", *x.Delta, "")
	}
}

// grid checks columns and rows of a table or frame.
func (l *linter) grid(path string, columns []Column, rows [][]Value) {
	if len(columns) == 0 || len(columns) > MaxColumns {
		l.Add(path+".columns", "columns", "Max", MaxColumns)
		return
	}
	seen := map[string]bool{}
	for i, c := range columns {
		at := index(path+".columns", i)
		if !declared.ID(c.ID) {
			l.Add(at+".id", "id")
		}
		if seen[c.ID] {
			l.Add(at+".id", "repeated_id", "Name", c.ID)
		}
		seen[c.ID] = true
		l.text(at+".label", c.Label, true)
		l.text(at+".unit", c.Unit, false)
		if !valueTypes[c.Type] {
			l.Add(at+".type", "unknown_type")
		}
		l.oneOf(at+".align", c.Align, "", "start", "end")
	}
	l.manyRows(path+".rows", len(rows))
	for i, row := range rows {
		if len(row) != len(columns) {
			l.Add(index(path+".rows", i), "cells", "Want", len(columns))
			continue
		}
		for j, v := range row {
			l.value(index(index(path+".rows", i), j), v, columns[j].Type)
		}
	}
}

func (l *linter) chart(path string, x Chart) {
	l.text(path+".title", x.Title, true)
	l.text(path+".alt", x.Alt, true)
	l.oneOf(path+".chart", x.Chart, "bar", "diverging", "stacked", "line", "dot", "hist", "heat")
	l.grid(path+".frame", x.Frame.Columns, x.Frame.Rows)
	series := x.Frame.Columns
	if len(series) < 2 || len(series) > MaxSeries+1 {
		l.Add(path+".frame.columns", "series", "Max", MaxSeries)
		return
	}
	for i, c := range series[1:] {
		switch c.Type {
		case TInt, TDec, TPct, TMoney, TDur:
		default:
			l.Add(index(path+".frame.columns", i+1)+".type", "series_type")
		}
	}
	if x.Chart == "stacked" || x.Chart == "diverging" || x.Chart == "hist" {
		for i, row := range x.Frame.Rows {
			for j := 1; j < len(row); j++ {
				if n, ok := row[j].Number(); ok && n < 0 {
					l.Add(index(index(path+".frame.rows", i), j), "negative")
				}
			}
		}
	}
}

func (l *linter) value(path string, v Value, column string) {
	plain := v.T == ""
	v = v.typed(column)
	if !valueTypes[v.T] {
		l.Add(path+".t", "unknown_type")
		return
	}
	if n, ok := v.V.(float64); ok && (math.IsNaN(n) || math.IsInf(n, 0)) || !v.fits() {
		l.Add(path, "value")
	}
	l.text(path+".l", v.L, false)
	if !plain && v.T == TEnum && v.V != nil && len(v.L) == 0 {
		l.Add(path+".l", "text_missing")
	}
	l.link(path+".to", v.To)
}

func (l *linter) link(path string, to *Link) {
	if to == nil {
		return
	}
	if !declared.Name(to.To) {
		l.Add(path+".to", "name")
	}
	if len(to.ID) > 100 || !declared.CleanText(to.ID, false) {
		l.Add(path+".id", "value")
	}
}

func (l *linter) state(path, s string, optional bool) {
	if s == "" && optional {
		return
	}
	l.oneOf(path, s, "todo", "now", "done", "blocked", "returned")
}

func (l *linter) oneOf(path, s string, allowed ...string) {
	for _, a := range allowed {
		if s == a {
			return
		}
	}
	l.Add(path, "word")
}

func (l *linter) many(path string, n, most int) {
	if n > most {
		l.Add(path, "many_entries", "Max", most)
	}
}

func (l *linter) manyRows(path string, n int) {
	if n > MaxRows {
		l.Add(path, "many_rows", "Max", MaxRows)
	}
}
