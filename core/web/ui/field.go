package ui

import (
	"strconv"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/i18n"
)

// Field is one control with its label, hint and the problem found in p.
func Field(in Input, p Problems) templ.Component {
	wrong := p.Of(in.Name)
	switch in.kind() {
	case Radios, Checkboxes:
		return choices(in, wrong)
	case Checkbox:
		return checkbox(in, wrong)
	}
	return byHand(func(m *markup) { m.field(&in, wrong) })
}

func (m *markup) field(in *Input, wrong string) {
	if wrong != "" {
		m.html(`<div class="field field-error"><label for="`)
	} else {
		m.html(`<div class="field"><label for="`)
	}
	m.text(in.id())
	m.html(`">`)
	m.text(in.Label)
	if in.Optional {
		m.component(optional(*in))
	}
	m.html("</label>")
	if in.Hint != "" {
		m.component(hint(*in))
	}
	if wrong != "" {
		m.component(problem(*in, wrong))
	}
	switch in.kind() {
	case Textarea:
		m.html(`<textarea rows="` + strconv.Itoa(rows(in.Rows)) + `"`)
		m.attributes(in.attrs(wrong))
		m.html(">")
		m.text(leadingBreak(in.Value))
		m.html("</textarea>")
	case Select:
		m.html("<select")
		m.attributes(in.attrs(wrong))
		m.html(">")
		m.options(in)
		m.html("</select>")
	default:
		m.html("<input")
		m.attributes(in.attrs(wrong))
		m.html(">")
	}
	if in.Max > 0 && in.kind() == Textarea {
		m.html(`<p class="hint count">`)
		m.text(i18n.N(m.ctx, "web.form.max", in.Max))
		m.html("</p>")
	}
	m.html("</div>")
}

// options are the choices of a select.
func (m *markup) options(in *Input) {
	if in.Empty != "" {
		m.html(`<option value="">`)
		m.text(in.Empty)
		m.html("</option>")
	}
	for i := range in.Options {
		o := &in.Options[i]
		m.html(`<option value="`)
		m.text(o.Value)
		if in.chosen(o.Value) {
			m.html(`" selected>`)
		} else {
			m.html(`">`)
		}
		m.text(o.Text)
		m.html("</option>")
	}
}

// attributes writes texts as attributes, in their order.
func (m *markup) attributes(list []attr) {
	for i := range list {
		m.html(" ")
		m.html(list[i].name)
		m.html(`="`)
		m.text(list[i].value)
		m.html(`"`)
	}
}
