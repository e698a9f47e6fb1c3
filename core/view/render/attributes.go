package render

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/view"
)

func end(c view.Column) templ.Attributes {
	if c.End() {
		return templ.Attributes{"class": "end"}
	}
	return nil
}

func opacity(s shape) templ.Attributes {
	if s.opacity == "" {
		return nil
	}
	return templ.Attributes{"fill-opacity": s.opacity}
}

func current(s view.Step) templ.Attributes {
	if s.State == "now" {
		return templ.Attributes{"aria-current": "step"}
	}
	return nil
}

func button(a view.Action) templ.Attributes {
	if a.Danger {
		return templ.Attributes{"class": "button button-warning"}
	}
	return templ.Attributes{"class": "button"}
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func (p *printer) target(id string) (Target, bool) {
	if p.opts.Action == nil {
		return Target{}, false
	}
	return p.opts.Action(id)
}

// item is a list entry's value; the entry's own link wins.
func (p *printer) item(it view.ListItem) view.Shown {
	s := p.Show(it.Value, "")
	if url, ok := p.URL(it.To); ok && s.Host == "" {
		s.URL = url
	}
	return s
}

// statNote says in words how sure a number is.
func (p *printer) statNote(x view.Stat) string {
	var parts []string
	if x.N != nil {
		parts = append(parts, i18n.Plural(p.Lang, "view.answers", *x.N))
	}
	if len(x.CI) == 2 {
		parts = append(parts, i18n.Text(p.Lang, "view.interval", "Low", p.Show(x.CI[0], x.Value.T).Text, "High", p.Show(x.CI[1], x.Value.T).Text))
	}
	if x.Delta != nil {
		parts = append(parts, i18n.Text(p.Lang, "view.delta", "Delta", p.Show(*x.Delta, x.Value.T).Text))
	}
	return strings.Join(parts, "; ")
}
