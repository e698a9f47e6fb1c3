package render

import (
	"context"

	"github.com/a-h/templ"

	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
)

// described ties hint, length and errors to the control.
func (f *field) described() templ.Attributes {
	if ids := f.describedBy(); ids != "" {
		return templ.Attributes{"aria-describedby": ids}
	}
	return nil
}

func (f *field) invalid() templ.Attributes {
	if len(f.errors) > 0 {
		return templ.Attributes{"aria-invalid": "true"}
	}
	return nil
}

func (f *field) input() templ.Attributes {
	a := templ.Attributes{}
	if f.short {
		a["class"] = "input-short"
		a["autocomplete"] = "off"
	}
	if f.numeric {
		a["inputmode"] = "decimal"
	}
	return a
}

// fileButton gives the field's id to the first button when no further file can
// be sent, so that an error still has a place to link to.
func (f *field) fileButton(i int) templ.Attributes {
	if i == 0 && !f.more {
		return templ.Attributes{"id": f.id}
	}
	return nil
}

func (f *field) choiceType() string {
	if f.kind == "checks" {
		return "checkbox"
	}
	return "radio"
}

func formEncoding(m *model) templ.Attributes {
	if m.multipart {
		return templ.Attributes{"enctype": "multipart/form-data"}
	}
	return nil
}

// forward is what the main button asks for.
func (m *model) forward() string {
	if m.last {
		return string(form.Submit)
	}
	return string(form.Next)
}

func (m *model) forwardText(ctx context.Context) string {
	if m.last {
		return m.Submit
	}
	return i18n.T(ctx, "form.next")
}

func size(ctx context.Context, n int64) string { return show.Bytes(i18n.FromContext(ctx), n) }

func pickText(ctx context.Context, f *field) string {
	if f.value == "" {
		return i18n.T(ctx, "form.pick")
	}
	return i18n.T(ctx, "form.pick_other")
}
