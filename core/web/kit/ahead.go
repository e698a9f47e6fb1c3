package kit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime/debug"

	"github.com/a-h/templ"
)

// ahead is a part of a page that is written while the page's reader waits for
// the database.
type ahead struct {
	done chan struct{}
	page bytes.Buffer
	err  error
}

// Ahead begins at once, in a goroutine of its own, to make and write a part of a
// page, and returns the component that stands for it: a list's search form is
// ready when its rows arrive. compose touches nothing that the caller changes
// meanwhile; c itself is the caller's. Its error, or panic, is that of rendering
// the component; a component that is never rendered is dropped.
func Ahead(ctx context.Context, compose func(ctx context.Context) (templ.Component, error)) templ.Component {
	a := &ahead{done: make(chan struct{})}
	go a.write(ctx, compose)
	return a
}

func (a *ahead) write(ctx context.Context, compose func(ctx context.Context) (templ.Component, error)) {
	defer close(a.done)
	defer func() {
		if p := recover(); p != nil {
			a.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	part, err := compose(ctx)
	if err != nil {
		a.err = err
		return
	}
	a.page.Grow(4 << 10)
	a.err = part.Render(ctx, &a.page)
}

// Render implements [templ.Component].
func (a *ahead) Render(ctx context.Context, w io.Writer) error {
	select {
	case <-a.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if a.err != nil {
		return a.err
	}
	_, err := w.Write(a.page.Bytes())
	return err
}
