package survey

import (
	"slices"

	"ore.edu.pl/sieci/plugins/sdk/view"
)

// view lays the results out in the sections of the questionnaire. It types no
// number: every one is a cell that the platform fills in, or withholds.
func (d *design) view(w words, results []*result) *view.View {
	v := view.New(w.t("view.title"))
	for i := range d.Form.Items {
		it := &d.Form.Items[i]
		items, title := []item{*it}, it.Label.in(w)
		if it.Type == "group" {
			items = it.Items
		}
		var nodes []view.Node
		for j := range items {
			nodes = append(nodes, d.nodes(w, &items[j], results)...)
		}
		if len(nodes) > 0 {
			v.Add(view.Section(title, nodes...))
		}
	}
	v.Add(view.Section(w.t("view.method"), view.Prose(w.t("view.method_text"))))
	return v
}

// nodes show one item.
func (d *design) nodes(w words, it *item, results []*result) []view.Node {
	var mine []*result
	for _, r := range results {
		if r.item.ID == it.ID {
			mine = append(mine, r)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	// A chart or table of nothing is not shown: a sentence is.
	enough := slices.DeleteFunc(slices.Clone(mine), func(r *result) bool { return r.n < d.Threshold })
	if len(enough) == 0 {
		return []view.Node{view.Section(it.Label.in(w), view.Prose(w.t("view.few")))}
	}
	switch {
	case it.Type == "matrix" && mine[0].rated():
		d.order(mine)
		d.order(enough)
		return []view.Node{diverging(w, it, enough), measures(w, it, mine)}
	case it.Type == "matrix":
		return []view.Node{stacked(w, it, enough)}
	}
	r := mine[0]
	out := []view.Node{bars(w, it, r)}
	if it.Type == "scale" {
		out = append(out, measures(w, it, mine))
	}
	return out
}

// order puts what people agree with most first. Rows that will be withheld stay
// behind in the order of the questionnaire: their place tells nothing.
func (d *design) order(list []*result) {
	net := func(r *result) float64 {
		bottom := 0
		for _, t := range r.counts[:2] {
			bottom += t.n
		}
		return share(r.top, r.n) - share(bottom, r.n)
	}
	slices.SortStableFunc(list, func(a, b *result) int {
		few, fewer := a.n < d.Threshold, b.n < d.Threshold
		switch {
		case few && fewer:
			return 0
		case few:
			return 1
		case fewer:
			return -1
		case net(a) > net(b):
			return -1
		case net(a) < net(b):
			return 1
		}
		return 0
	})
}

func optionColumns(w words, r *result) []view.Column {
	out := []view.Column{{ID: "statement", Label: w.t("view.statement"), Type: "text"}}
	for _, o := range r.options {
		out = append(out, view.Column{ID: "o_" + o.Code, Label: o.Label.in(w), Type: "pct"})
	}
	return out
}

func shareRows(w words, list []*result) [][]view.Value {
	rows := make([][]view.Value, len(list))
	for i, r := range list {
		rows[i] = []view.Value{view.Text(r.label(w))}
		for _, code := range r.codes {
			rows[i] = append(rows[i], view.Cite(frameShares, r.cell()+"__"+code))
		}
	}
	return rows
}

func diverging(w words, it *item, list []*result) view.Node {
	return view.Chart("w_"+it.ID, "diverging", it.Label.in(w), w.t("view.diverging_alt"), optionColumns(w, list[0]), shareRows(w, list))
}

func stacked(w words, it *item, list []*result) view.Node {
	return view.Chart("w_"+it.ID, "stacked", it.Label.in(w), w.t("view.bars_alt"), optionColumns(w, list[0]), shareRows(w, list))
}

// bars show how often each answer was chosen.
func bars(w words, it *item, r *result) view.Node {
	rows := make([][]view.Value, len(r.codes))
	for i, code := range r.codes {
		label := code // a point of the scale
		if r.item.Type != "scale" {
			label = r.options[i].Label.in(w)
		}
		rows[i] = []view.Value{view.Text(label), view.Cite(frameShares, r.cell()+"__"+code)}
	}
	kind := "bar"
	if r.item.Type == "scale" {
		kind = "hist"
	}
	return view.Chart("w_"+it.ID, kind, it.Label.in(w), w.t("view.bars_alt"), []view.Column{
		{ID: "answer", Label: w.t("view.answer"), Type: "text"}, {ID: "share", Label: w.t("view.share"), Type: "pct"},
	}, rows)
}

// measures are the numbers behind a chart.
func measures(w words, it *item, list []*result) view.Node {
	rated := list[0].rated()
	columns := []view.Column{
		{ID: "statement", Label: w.t("view.statement"), Type: "text"},
		{ID: "n", Label: w.t("view.n"), Type: "int"},
		{ID: "na", Label: w.t("view.na"), Type: "int"},
		{ID: "median", Label: w.t("view.median"), Type: "dec"},
		{ID: "quartiles", Label: w.t("view.quartiles"), Type: "text", Align: "end"},
	}
	if rated {
		columns = append(columns, view.Column{ID: "top", Label: w.t("view.top"), Type: "pct"}, view.Column{ID: "interval", Label: w.t("view.interval"), Type: "text", Align: "end"})
	}
	rows := make([][]view.Value, len(list))
	for i, r := range list {
		c := r.cell()
		rows[i] = []view.Value{
			view.Text(r.label(w)), view.Cite(frameMeasures, c+"__n"), view.Cite(frameMissing, c+"__na"), view.Cite(frameMeasures, c+"__median"),
			view.Text("{" + frameMeasures + "/" + c + "__q1}–{" + frameMeasures + "/" + c + "__q3}"),
		}
		if !rated {
			continue
		}
		interval := view.Text(w.t("view.everybody"))
		if !r.whole {
			interval = view.Text("{" + frameMeasures + "/" + c + "__low}–{" + frameMeasures + "/" + c + "__high}")
		}
		rows[i] = append(rows[i], view.Cite(frameMeasures, c+"__top"), interval)
	}
	return view.Table("m_"+it.ID, w.t("view.measures", "title", it.Label.in(w)), "", columns, rows)
}
