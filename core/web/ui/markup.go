package ui

import (
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n"
)

// markup writes components by hand, for what a list repeats some hundred times:
// there templ's own writing (fmt.Sprint for each text, a call through three
// writers for each piece) is a third of the page.
type markup struct {
	ctx     context.Context
	w       io.Writer
	pending []byte // not yet written to w
	err     error
}

// pieces are buffers of markup, kept from page to page.
var pieces = sync.Pool{New: func() any { return new([]byte) }}

// maxPiece bounds a buffer that is kept, in bytes.
const maxPiece = 1 << 18

// byHand is a component written by f.
func byHand(f func(m *markup)) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		b := pieces.Get().(*[]byte)
		m := markup{ctx: ctx, w: w, pending: (*b)[:0]}
		f(&m)
		m.flush()
		if *b = m.pending; cap(*b) <= maxPiece {
			pieces.Put(b)
		}
		return m.err
	})
}

func (m *markup) flush() {
	if m.err == nil {
		_, m.err = m.w.Write(m.pending)
	}
	m.pending = m.pending[:0]
}

// html writes constant markup.
func (m *markup) html(constant string) { m.pending = append(m.pending, constant...) }

// text writes a value, escaped for text and for attributes in double quotes, as
// [templ.EscapeString] does.
func (m *markup) text(value string) {
	done := 0
	for i := 0; i < len(value); i++ {
		if with := escaped[value[i]]; with != "" {
			m.pending = append(append(m.pending, value[done:i]...), with...)
			done = i + 1
		}
	}
	m.pending = append(m.pending, value[done:]...)
}

// escaped is what stands in HTML for a byte that means something there.
var escaped = [256]string{'&': "&amp;", '\'': "&#39;", '<': "&lt;", '>': "&gt;", '"': "&#34;"}

func (m *markup) component(c templ.Component) {
	m.flush()
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
