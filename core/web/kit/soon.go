package kit

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/a-h/templ"
	"ore.edu.pl/sieci/core/fault"
)

// Soon begins f at once and returns a component that stands for the one f will
// make: the page around it (header, forms) is rendered while the database
// answers. A page is whole before its first byte is sent, so an error or panic
// of f becomes the answer to the request as usual. f must not use c, which
// belongs to the page meanwhile; the component is rendered once.
func (c *Ctx) Soon(f func(ctx context.Context) (templ.Component, error)) templ.Component {
	type made struct {
		part templ.Component
		err  error
	}
	done := make(chan made, 1)
	ctx := c.Context()
	go func() {
		var m made
		defer func() {
			if p := recover(); p != nil {
				m.err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.Internal, "fault.internal")
			}
			done <- m
		}()
		m.part, m.err = f(ctx)
	}()
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		m := <-done
		if m.err != nil {
			return m.err
		}
		return m.part.Render(ctx, w)
	})
}
