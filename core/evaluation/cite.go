package evaluation

import (
	"bytes"
	"encoding/json"
	"regexp"
	"sort"
	"strings"
	"unicode"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/view"
)

// place is a cell cited inside a text: {frame/cell}.
var place = regexp.MustCompile(`\{([a-z][a-z0-9_]*/[a-z0-9_]+)\}`)

// structure are members of view nodes that are names of the vocabulary, not
// words for people.
var structure = map[string]bool{"kind": true, "type": true, "id": true, "t": true, "to": true, "chart": true, "align": true, "level": true, "form": true, "state": true}

// citing puts cells into a view.
type citing struct {
	cells map[string]*Cell
	lang  i18n.Lang
	own   map[string]bool // words of the form, which may hold digits
	long  *strings.Replacer
	err   error
}

// newCiting reads what may be cited. Names that a frame or cell uses twice are
// the tool's mistake.
func newCiting(frames []Frame, f *form.Form, l i18n.Lang) (*citing, error) {
	c := &citing{cells: map[string]*Cell{}, lang: l, own: map[string]bool{}}
	for i := range frames {
		for j := range frames[i].Cells {
			cell := &frames[i].Cells[j]
			name := frames[i].Name + "/" + cell.Name
			if c.cells[name] != nil {
				return nil, effect.BadAnswer("cell %s occurs twice", name)
			}
			c.cells[name] = cell
		}
	}
	var long []string
	add := func(t form.Text) {
		for _, s := range t {
			c.own[s] = true
			if len(s) >= 6 { // shorter words would let numbers through inside other texts
				long = append(long, s)
			}
		}
	}
	add(f.Title)
	options := func(list []form.Option) {
		for _, o := range list {
			add(o.Label)
		}
	}
	for _, list := range f.Lists {
		options(list)
	}
	var under func(items []*form.Item)
	under = func(items []*form.Item) {
		for _, it := range items {
			for _, t := range []form.Text{it.Label, it.Hint, it.Low, it.High, it.Unit} {
				add(t)
			}
			options(it.Options)
			for _, r := range it.Rows {
				add(r.Label)
			}
			if it.Type == form.TypeScale {
				low, high := it.Bounds()
				for n := low; n <= high; n++ {
					c.own[show.Int(l, int64(n))] = true
				}
			}
			under(it.Items)
		}
	}
	under(f.Items)
	sort.Slice(long, func(i, j int) bool { return len(long[i]) > len(long[j]) })
	pairs := make([]string, 0, 2*len(long))
	for _, s := range long {
		pairs = append(pairs, s, "")
	}
	c.long = strings.NewReplacer(pairs...)
	return c, nil
}

// resolve is the view with the cells in their places. A view that cites what is
// not there, types a number, or breaks the vocabulary is the tool's mistake.
func resolve(raw json.RawMessage, frames []Frame, f *form.Form, l i18n.Lang) (*view.View, error) {
	c, err := newCiting(frames, f, l)
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var tree map[string]any
	if err := d.Decode(&tree); err != nil {
		return nil, effect.BadAnswer("view: %w", err)
	}
	if v, ok := tree["v"].(json.Number); !ok || v != "1" {
		return nil, effect.BadAnswer("view: vocabulary %v", tree["v"])
	}
	delete(tree, "v")
	out := c.object(tree, false).(map[string]any)
	if c.err != nil {
		return nil, c.err
	}
	out["v"] = 1
	ready, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	v, found := view.Load(ready)
	if v == nil {
		return nil, effect.BadAnswer("view: %v", found)
	}
	return v, nil
}

func (c *citing) fail(format string, args ...any) {
	if c.err == nil {
		c.err = effect.BadAnswer("view of a ballot: "+format, args...)
	}
}

// any walks the document; inChart is true inside the frame of a chart, where
// what is withheld leaves a gap.
func (c *citing) any(v any, inChart bool) any {
	switch v := v.(type) {
	case map[string]any:
		return c.object(v, inChart)
	case []any:
		for i := range v {
			v[i] = c.any(v[i], inChart)
		}
		return v
	case string:
		return c.text(v)
	case json.Number:
		c.fail("the number %s is typed, not cited", v)
	}
	return v
}

func (c *citing) object(m map[string]any, inChart bool) any {
	if name, ok := m["cell"]; ok {
		s, _ := name.(string)
		cell := c.cells[s]
		if cell == nil || len(m) != 1 {
			c.fail("no cell %.80v", name)
			return nil
		}
		return c.value(cell, inChart)
	}
	inChart = inChart || m["type"] == "chart"
	for k, v := range m {
		if s, ok := v.(string); ok && structure[k] {
			if k == "id" || k == "to" || k == "form" {
				continue
			}
			if strings.ContainsFunc(s, unicode.IsDigit) {
				c.fail("%s is %.80q", k, s)
			}
			continue
		}
		m[k] = c.any(v, inChart)
	}
	return m
}

// value is the cell as a value of views.
func (c *citing) value(cell *Cell, inChart bool) any {
	t := map[string]string{UnitCount: view.TInt, UnitPercent: view.TPct}[cell.Unit]
	if t == "" {
		t = view.TDec
	}
	switch {
	case cell.Withheld == "":
		return map[string]any{"t": t, "v": cell.Value}
	case inChart:
		return map[string]any{"t": t, "v": nil}
	}
	return map[string]any{"t": view.TText, "v": c.why(cell)}
}

func (c *citing) why(cell *Cell) string {
	return i18n.Text(c.lang, "evaluation.cell."+string(cell.Withheld))
}

// text puts cells into a text. A text in which one is withheld says only that.
func (c *citing) text(s string) string {
	if c.own[s] {
		return s
	}
	if strings.ContainsFunc(c.long.Replace(place.ReplaceAllString(s, "")), unicode.IsDigit) {
		c.fail("the text %.120q holds a number that is not cited", s)
		return ""
	}
	withheld := ""
	out := place.ReplaceAllStringFunc(s, func(m string) string {
		cell := c.cells[m[1:len(m)-1]]
		switch {
		case cell == nil:
			c.fail("no cell %s", m)
			return ""
		case cell.Withheld != "":
			withheld = c.why(cell)
			return ""
		}
		return c.shown(cell)
	})
	if withheld != "" {
		return withheld
	}
	return out
}

func (c *citing) shown(cell *Cell) string {
	switch cell.Unit {
	case UnitPercent:
		digits := 1
		if cell.N < wholePercentBelow {
			digits = 0
		}
		return show.Percent(c.lang, cell.Value, digits)
	case UnitCount:
		return show.Int(c.lang, int64(cell.Value))
	}
	return show.Decimal(c.lang, cell.Value, 2)
}
