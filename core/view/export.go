package view

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// NewDocument is the view as the API gives it: every text in the reader's
// language, every value with its type and the text a person would see, links
// with their URLs. Ids of people and places that the reader may not see are
// left out.
func NewDocument(r *Resolved) (json.RawMessage, error) {
	raw, err := json.Marshal(r.View)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "fault.internal")
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fault.Wrap(err, fault.Internal, "fault.internal")
	}
	tree["title"] = r.Text(r.View.Title)
	tree["nodes"] = r.nodes(r.View.Nodes)
	return json.Marshal(tree)
}

func (r *Resolved) nodes(list Nodes) []any {
	out := []any{}
	list.Each(func(n Node) { out = append(out, r.nodeDocument(n)) })
	return out
}

type object = map[string]any

func (r *Resolved) nodeDocument(n Node) object {
	o := object{"type": n.NodeType()}
	if n.NodeID() != "" {
		o["id"] = n.NodeID()
	}
	switch x := n.(type) {
	case TextNode:
		o["text"] = r.Text(x.Text)
	case Facts:
		r.put(o, "title", x.Title)
		o["items"] = each(x.Items, func(f Fact) object { return object{"label": r.Text(f.Label), "value": r.value(f.Value, "")} })
	case Stat:
		r.statDocument(o, x)
	case Table:
		r.put(o, "title", x.Title)
		o["columns"], o["rows"] = r.columns(x.Columns), r.rows(x.Columns, x.Rows)
		o["total"], o["page"], o["pages"] = max(x.Total, len(x.Rows)), max(x.Page, 1), x.Pages()
	case Chart:
		r.put(o, "title", x.Title)
		r.put(o, "alt", x.Alt)
		o["chart"] = x.Chart
		o["frame"] = object{"columns": r.columns(x.Frame.Columns), "rows": r.rows(x.Frame.Columns, x.Frame.Rows)}
	case Progress:
		r.put(o, "label", x.Label)
		o["value"], o["max"] = x.Value, x.Max
		if x.State != "" {
			o["state"] = x.State
		}
	case Section:
		r.put(o, "title", x.Title)
		o["nodes"] = r.nodes(x.Nodes)
	case Notice:
		r.put(o, "text", x.Text)
		o["level"] = x.Level
	case FormNode:
		r.put(o, "label", x.Label)
		o["form"] = x.Form
	default:
		r.entriesDocument(o, n)
	}
	return o
}

func (r *Resolved) statDocument(o object, x Stat) {
	r.put(o, "label", x.Label)
	r.put(o, "unit", x.Unit)
	o["value"] = r.value(x.Value, "")
	if x.N != nil {
		o["n"] = *x.N
	}
	if len(x.CI) == 2 {
		o["ci"] = each(x.CI, func(v Value) object { return r.value(v, "") })
	}
	if x.Delta != nil {
		o["delta"] = r.value(*x.Delta, "")
	}
}

func (r *Resolved) entriesDocument(o object, n Node) {
	switch x := n.(type) {
	case Steps:
		r.put(o, "title", x.Title)
		o["items"] = each(x.Items, func(s Step) object {
			e := object{"label": r.Text(s.Label), "state": s.State}
			r.put(e, "note", s.Note)
			r.link(e, s.To)
			return e
		})
	case Timeline:
		r.put(o, "title", x.Title)
		o["items"] = each(x.Items, func(s Event) object {
			e := object{"label": r.Text(s.Label), "at": r.value(s.At, TDate)}
			r.put(e, "text", s.Text)
			r.link(e, s.To)
			return e
		})
	case List:
		r.put(o, "title", x.Title)
		o["items"] = each(x.Items, func(s ListItem) object {
			e := object{"value": r.value(s.Value, "")}
			r.put(e, "note", s.Note)
			r.link(e, s.To)
			return e
		})
	case Tabs:
		r.put(o, "label", x.Label)
		o["items"] = each(x.Items, func(s Tab) object {
			e := object{"label": r.Text(s.Label), "current": s.To == nil}
			r.link(e, s.To)
			return e
		})
	case Actions:
		o["items"] = each(x.Items, func(a Action) object {
			e := object{"id": a.ID, "label": r.Text(a.Label), "danger": a.Danger}
			r.put(e, "confirm", a.Confirm)
			return e
		})
	}
}

func each[T any](list []T, do func(T) object) []object {
	out := make([]object, len(list))
	for i, x := range list {
		out[i] = do(x)
	}
	return out
}

func (r *Resolved) put(o object, key string, t Text) {
	if s := r.Text(t); s != "" {
		o[key] = s
	}
}

func (r *Resolved) link(o object, to *Link) {
	if url, ok := r.URL(to); ok {
		o["href"] = url
	}
}

func (r *Resolved) value(v Value, column string) object {
	v = v.typed(column)
	s := r.Show(v, column)
	o := object{"t": v.T, "v": v.V, "text": s.Text}
	if s.Hidden {
		o["v"] = nil
	}
	if s.URL != "" {
		o["href"] = s.URL
	}
	return o
}

func (r *Resolved) columns(list []Column) []object {
	return each(list, func(c Column) object {
		o := object{"id": c.ID, "label": r.Text(c.Label), "type": c.Type}
		r.put(o, "unit", c.Unit)
		return o
	})
}

func (r *Resolved) rows(columns []Column, rows [][]Value) []any {
	out := make([]any, len(rows))
	for i, row := range rows {
		cells := make([]object, len(row))
		for j, v := range row {
			cells[j] = r.value(v, columns[j].Type)
		}
		out[i] = cells
	}
	return out
}

// Tables lists the nodes that can be exported as CSV, by the key that
// [WriteCSV] takes: the node's id, or "n" and its number.
func (v *View) Tables() []string {
	var out []string
	v.grids(func(key string, _ []Column, _ [][]Value) { out = append(out, key) })
	return out
}

func (v *View) grids(do func(key string, columns []Column, rows [][]Value)) {
	place := 0
	v.walk(func(_ string, _ int, n Node) {
		place++
		switch x := n.(type) {
		case Table:
			do(nodeKey(n, place), x.Columns, x.Rows)
		case Chart:
			do(nodeKey(n, place), x.Frame.Columns, x.Frame.Rows)
		}
	})
}

// WriteCSV writes the table or frame of a node as Polish spreadsheets read it:
// UTF-8 with a byte-order mark, semicolons, decimal commas, ISO dates. Cells
// that a spreadsheet would run as a formula are disarmed with an apostrophe.
// An unknown key is fault.NotFound.
func WriteCSV(w io.Writer, r *Resolved, key string) error {
	found := false
	var failed error
	r.View.grids(func(k string, columns []Column, rows [][]Value) {
		if k != key || found {
			return
		}
		found = true
		failed = r.csv(w, columns, rows)
	})
	if !found {
		return fault.ErrNotFound
	}
	return failed
}

func (r *Resolved) csv(w io.Writer, columns []Column, rows [][]Value) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.Comma, c.UseCRLF = ';', true
	line := make([]string, len(columns))
	for i, col := range columns {
		line[i] = disarm(r.Heading(col))
	}
	if err := c.Write(line); err != nil {
		return err
	}
	for _, row := range rows {
		for j, v := range row {
			line[j] = r.csvCell(v.typed(columns[j].Type))
		}
		if err := c.Write(line); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func (r *Resolved) csvCell(v Value) string {
	if n, ok := v.Number(); ok {
		s := strconv.FormatFloat(n, 'f', -1, 64)
		if r.Lang != i18n.English {
			s = strings.Replace(s, ".", ",", 1)
		}
		return s
	}
	switch v.T {
	case TDate, TDateTime, TTime:
		return disarm(v.str())
	case TExt:
		return disarm(v.str())
	}
	return disarm(r.Show(v, v.T).Text)
}

// disarm stops spreadsheets from taking a text for a formula.
func disarm(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
