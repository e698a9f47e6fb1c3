package report

import (
	"slices"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// mostRecords of a kind stand in a report; kinds of which there may be one for
// each person (a signed contract) are counted instead.
const mostRecords = 3

// records puts what the network's type keeps (its charter with the goals, the
// plan, the summary with difficulties, conclusions and continuation) into the
// report, as people filled it in.
func (w *writer) records() error {
	kinds, err := w.c.Records.Overview(w.ctx, w.a, effect.Scope{Kind: effect.Network, ID: w.id}, mostRecords+1)
	if err != nil {
		return err
	}
	for i := range kinds {
		k := &kinds[i]
		if k.Listed == 0 {
			continue
		}
		w.add(document.Heading{Level: 2, Text: k.Title})
		if k.Listed > mostRecords {
			w.add(document.Paragraph{Text: i18n.Plural(w.l, "report.records", k.Count)})
			continue
		}
		for _, r := range k.Records {
			w.answers(r.Form.In(w.l), r.Answers)
		}
	}
	return nil
}

// ifSeen is err, unless it says that the reader may not see the thing: then the
// report leaves it out.
func ifSeen(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// answers puts a filled form into the report: facts, and a table for each
// repeated group.
func (w *writer) answers(f *form.Form, a form.Answers) {
	visible := form.Visible(f, a)
	var facts document.Facts
	flush := func() {
		if len(facts.Rows) > 0 {
			w.add(facts)
			facts = document.Facts{}
		}
	}
	for _, it := range flat(f.Items) {
		switch it.Type {
		case form.TypeNote, form.TypeFile:
		case form.TypeGroup:
			flush()
			w.rows(f, it, a.Rows(it.ID))
		default:
			if !visible[it.ID] {
				continue
			}
			if said := w.answer(f, it, a[it.ID]); said != "" { // what nobody answered is no part of a report
				facts.Rows = append(facts.Rows, document.Fact{Label: it.Label.In(w.l), Value: said})
			}
		}
	}
	flush()
}

func (w *writer) rows(f *form.Form, group *form.Item, rows []form.Row) {
	t := document.Table{Caption: group.Label.In(w.l), Empty: w.t("report.none")}
	var inner []*form.Item
	for _, it := range group.Items {
		if it.Type != form.TypeNote && it.Type != form.TypeFile && it.Type != form.TypeGroup {
			inner = append(inner, it)
			t.Columns = append(t.Columns, document.Column{Title: it.Label.In(w.l)})
		}
	}
	for _, r := range rows {
		cells := make([]string, len(inner))
		for i, it := range inner {
			cells[i] = w.answer(f, it, r.Answers[it.ID])
		}
		t.Rows = append(t.Rows, cells)
	}
	w.add(filled(t))
}

// filled leaves out columns that nobody filled in.
func filled(t document.Table) document.Table {
	out := document.Table{Caption: t.Caption, Empty: t.Empty, Rows: make([][]string, len(t.Rows))}
	for i, c := range t.Columns {
		if i > 0 && !slices.ContainsFunc(t.Rows, func(r []string) bool { return r[i] != "" }) {
			continue
		}
		out.Columns = append(out.Columns, c)
		for j, r := range t.Rows {
			out.Rows[j] = append(out.Rows[j], r[i])
		}
	}
	return out
}

// flat puts the items of groups that do not repeat in their place.
func flat(items []*form.Item) []*form.Item {
	var out []*form.Item
	for _, it := range items {
		if it.Type == form.TypeGroup && !it.Repeated() {
			out = append(out, flat(it.Items)...)
			continue
		}
		out = append(out, it)
	}
	return out
}

// answer is what somebody answered, in words.
func (w *writer) answer(f *form.Form, it *form.Item, v any) string {
	name := func(code string) string {
		for _, o := range f.OptionsOf(it) {
			if o.Code == code {
				return o.Label.In(w.l)
			}
		}
		return code
	}
	switch x := v.(type) {
	case nil:
		return ""
	case bool:
		if x {
			return w.t("report.yes")
		}
		return w.t("report.no")
	case int64:
		return show.Int(w.l, x)
	case float64:
		return show.Decimal(w.l, x, 2)
	case []string:
		names := make([]string, len(x))
		for i, c := range x {
			names[i] = name(c)
		}
		return strings.Join(names, "; ")
	case form.Ref:
		return x.Label
	case map[string]string:
		var said []string
		for _, row := range it.Rows {
			if c := x[row.ID]; c != "" {
				said = append(said, row.Label.In(w.l)+": "+name(c))
			}
		}
		return strings.Join(said, "; ")
	case string:
		if it.Type == form.TypeChoice {
			return name(x)
		}
		if d, err := time.Parse(time.DateOnly, x); it.Type == form.TypeDate && err == nil {
			return show.Date(w.l, d)
		}
		return x
	}
	return ""
}
