package kit

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

// What is written ahead stands where the component stands; what goes wrong there
// goes wrong where it is rendered, a panic too.
func TestAhead(t *testing.T) {
	t.Parallel()
	ctx, wrong := t.Context(), errors.New("wrong")
	start, made := make(chan struct{}), make(chan struct{})
	part := Ahead(ctx, func(context.Context) (templ.Component, error) {
		<-start
		defer close(made)
		return templ.Raw("<form></form>"), nil
	})
	close(start)
	<-made
	var b bytes.Buffer
	if err := templ.Join(templ.Raw("<h1>a</h1>"), part, part).Render(ctx, &b); err != nil || b.String() != "<h1>a</h1><form></form><form></form>" {
		t.Errorf("%q, %v", b.String(), err)
	}
	failed := Ahead(ctx, func(context.Context) (templ.Component, error) { return nil, wrong })
	if err := failed.Render(ctx, &b); !errors.Is(err, wrong) {
		t.Error(err)
	}
	broken := Ahead(ctx, func(context.Context) (templ.Component, error) { panic("broken") })
	if err := broken.Render(ctx, &b); err == nil || !strings.HasPrefix(err.Error(), "panic: broken") {
		t.Error(err)
	}
	gone, cancel := context.WithCancelCause(ctx)
	cancel(wrong)
	hold := make(chan struct{})
	defer close(hold)
	late := Ahead(ctx, func(context.Context) (templ.Component, error) { <-hold; return templ.Raw(""), nil })
	if err := late.Render(gone, &b); !errors.Is(err, wrong) {
		t.Error(err)
	}
}
