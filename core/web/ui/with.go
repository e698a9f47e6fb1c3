package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// With is c around children, for pages put together in Go:
// ui.With(ui.FormPage(v), ui.Field(a, p), ui.Field(b, p)).
func With(c templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}
