package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n"
)

// markup writes components by hand, for what a list repeats some hundred times:
// there templ's own writing (fmt.Sprint for each text) is a third of the page.
type markup struct {
	ctx context.Context
	w   io.Writer
	err error
}

// byHand is a component written by f.
func byHand(f func(m *markup)) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		m := markup{ctx: ctx, w: w}
		f(&m)
		return m.err
	})
}

// html writes constant markup.
func (m *markup) html(constant string) {
	if m.err == nil {
		_, m.err = io.WriteString(m.w, constant)
	}
}

// text writes a value, escaped for text and for attributes in double quotes.
func (m *markup) text(value string) { m.html(templ.EscapeString(value)) }

func (m *markup) component(c templ.Component) {
	if m.err == nil {
		m.err = c.Render(m.ctx, m.w)
	}
}

// Cards is a list of cards.
func Cards(list []Card) templ.Component {
	return byHand(func(m *markup) {
		m.html(`<ul class="cards">`)
		for i := range list {
			m.card(&list[i])
		}
		m.html("</ul>")
	})
}

func (m *markup) card(c *Card) {
	m.html(`<li class="card">`)
	if c.Tag != "" {
		m.html(`<p class="card-tag"><strong class="tag tag-`)
		m.text(string(c.Tone))
		m.html(`">`)
		m.text(c.Tag)
		m.html("</strong></p>")
	}
	level := "2"
	if c.Level == 3 {
		level = "3"
	}
	m.html("<h")
	m.html(level)
	m.html(">")
	m.link(c.Title, c.Href)
	m.html("</h")
	m.html(level)
	m.html(">")
	if c.Lead != "" {
		m.html(`<p class="card-lead">`)
		m.text(c.Lead)
		m.html("</p>")
	}
	if len(c.Facts) > 0 {
		m.html(`<dl class="card-facts">`)
		for i := range c.Facts {
			m.html("<div><dt>")
			m.text(c.Facts[i].Label)
			m.html("</dt><dd>")
			m.fact(&c.Facts[i])
			m.html("</dd></div>")
		}
		m.html("</dl>")
	}
	if c.Footer != nil {
		m.html(`<div class="card-footer">`)
		m.component(c.Footer)
		m.html("</div>")
	}
	m.html("</li>")
}

func (m *markup) fact(f *Fact) {
	switch {
	case f.Body != nil:
		m.component(f.Body)
	case f.Value == "":
		m.html(`<span class="muted">`)
		m.text(i18n.T(m.ctx, "web.not_given"))
		m.html("</span>")
	default:
		m.text(f.Value)
	}
}

// link is text, as a link when it leads somewhere. href is an address of ours.
func (m *markup) link(text, href string) {
	if href == "" {
		m.text(text)
		return
	}
	m.html(`<a href="`)
	m.text(href)
	m.html(`">`)
	m.text(text)
	m.html("</a>")
}
