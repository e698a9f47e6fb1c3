package render

import (
	"context"
	"strings"

	"github.com/a-h/templ"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Page is one form on the screen.
type Page struct {
	Form  *form.Form
	State form.State
	// Errors and Warnings are shown beside their fields; the summary is a
	// component of its own, because it stands above the page's heading.
	Errors   []fault.Field
	Warnings []fault.Field
	// Revealed are the items that the last answers brought up.
	Revealed []string
	// Action is the URL of the POST.
	Action string
	// Hidden are the caller's own fields: idempotency key, version of the draft.
	Hidden []Hidden
	// Picker names chosen things; without it stored labels are shown.
	Picker form.Picker
	// Files names uploaded files; without it ids are not listed.
	Files form.Files
	// Submit is the text of the last button; empty means "Wyślij". Name the act.
	Submit string
	// CanSave offers "Zapisz i wróć później".
	CanSave bool
}

// Hidden is a hidden field of the caller.
type Hidden struct{ Name, Value string }

// HTML is the form element with the state's page. A form that this core does
// not render is [form.Renderable]'s error; errors of the ports are returned.
func HTML(ctx context.Context, p Page) (templ.Component, error) {
	m, err := build(ctx, p)
	if err != nil {
		return nil, err
	}
	return formElement(m), nil
}

// Problem is one line of the error summary. Href is "#" and the id of the
// field, or empty.
type Problem struct{ Label, Text, Href string }

// line joins label and text without doubling the label's own end ("Dlaczego
// nie? Uzupełnij to pole.").
func (p Problem) line() string {
	label := strings.TrimRight(p.Label, ".:; ")
	if strings.HasSuffix(label, "?") || strings.HasSuffix(label, "!") {
		return label + " " + p.Text
	}
	return label + ": " + p.Text
}

// Problems makes the lines of the error summary from the wrong fields of a form.
func Problems(ctx context.Context, f *form.Form, s form.State, errs []fault.Field) []Problem {
	l := i18n.FromContext(ctx)
	out := make([]Problem, 0, len(errs))
	for _, e := range errs {
		p := Problem{Label: labelAt(l, f, s, e.Path), Text: form.Message(l, e)}
		if e.Path != "" {
			p.Href = "#" + ID(e.Path)
		}
		out = append(out, p)
	}
	return out
}

// ID is the id of the control at a path: "dzialania[r3f2].od" → "f-dzialania-r3f2-od".
func ID(path string) string {
	b := make([]byte, 0, len(path)+2)
	b = append(b, "f-"...)
	for i := 0; i < len(path); i++ {
		switch c := path[i]; c {
		case '[', '.':
			b = append(b, '-')
		case ']':
		default:
			b = append(b, c)
		}
	}
	return string(b)
}
