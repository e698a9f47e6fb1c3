package report

import (
	"strings"

	"ore.edu.pl/sieci/core/document"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
)

// Blocks turns a view into blocks of a document, with its sections' titles at
// the level and below (at most 4): so whatever a module shows can be printed. A
// chart becomes the table of its data; forms, acts and tabs are left out.
func Blocks(r *view.Resolved, level int) []document.Block {
	c := &converter{r: r}
	c.nodes(r.View.Nodes, level)
	return c.out
}

type converter struct {
	r   *view.Resolved
	out []document.Block
}

func (c *converter) add(b document.Block) { c.out = append(c.out, b) }

func (c *converter) title(t view.Text, level int) {
	if s := c.r.Text(t); s != "" {
		c.add(document.Heading{Level: min(level, 4), Text: s})
	}
}

func (c *converter) nodes(list view.Nodes, level int) {
	list.Each(func(n view.Node) { c.node(n, level) })
}

func (c *converter) node(n view.Node, level int) {
	switch x := n.(type) {
	case view.TextNode:
		c.add(document.Paragraph{Text: plain(c.r.Text(x.Text))})
	case view.Notice:
		c.add(document.Paragraph{Text: plain(c.r.Text(x.Text))})
	case view.Section:
		c.title(x.Title, level)
		c.nodes(x.Nodes, level+1)
	case view.Facts:
		c.title(x.Title, level)
		var f document.Facts
		for _, i := range x.Items {
			f.Rows = append(f.Rows, document.Fact{Label: c.r.Text(i.Label), Value: c.value(i.Value, "")})
		}
		c.add(f)
	case view.Stat:
		value := strings.TrimSpace(c.value(x.Value, "") + " " + c.r.Text(x.Unit))
		if len(x.CI) == 2 {
			value += " (" + c.value(x.CI[0], "") + "–" + c.value(x.CI[1], "") + ")"
		}
		c.add(document.Facts{Rows: []document.Fact{{Label: c.r.Text(x.Label), Value: value}}})
	case view.Table:
		c.table(c.r.Text(x.Title), x.Columns, x.Rows, c.r.Text(x.Empty))
	case view.Chart:
		c.table(c.r.Text(x.Title), x.Frame.Columns, x.Frame.Rows, "")
	default:
		c.entries(n, level)
	}
}

func (c *converter) entries(n view.Node, level int) {
	var items []string
	add := func(parts ...string) {
		var said []string
		for _, p := range parts {
			if p != "" {
				said = append(said, p)
			}
		}
		items = append(items, strings.Join(said, " – "))
	}
	switch x := n.(type) {
	case view.Steps:
		c.title(x.Title, level)
		for _, s := range x.Items {
			add(c.r.Text(s.Label), i18n.Text(c.r.Lang, "report.step."+s.State), c.r.Text(s.Note))
		}
	case view.Timeline:
		c.title(x.Title, level)
		for _, e := range x.Items {
			add(c.value(e.At, view.TDate), c.r.Text(e.Label), c.r.Text(e.Text))
		}
	case view.List:
		c.title(x.Title, level)
		for _, i := range x.Items {
			add(c.value(i.Value, ""), c.r.Text(i.Note))
		}
	}
	if len(items) > 0 {
		c.add(document.List{Items: items})
	}
}

func (c *converter) value(v view.Value, column string) string { return c.r.Show(v, column).Text }

func (c *converter) table(caption string, columns []view.Column, rows [][]view.Value, empty string) {
	t := document.Table{Caption: caption, Empty: empty}
	for i, col := range columns {
		share := 1
		if i == 0 {
			share = 3
		}
		t.Columns = append(t.Columns, document.Column{Title: c.r.Heading(col), Number: col.End(), Share: share})
	}
	for _, r := range rows {
		cells := make([]string, len(r))
		for i, v := range r {
			typ := ""
			if i < len(columns) {
				typ = columns[i].Type
			}
			cells[i] = c.value(v, typ)
		}
		t.Rows = append(t.Rows, cells)
	}
	c.add(t)
}

// plain drops the marks of the little Markdown that views may hold.
func plain(s string) string { return strings.NewReplacer("**", "", "*", "").Replace(s) }
