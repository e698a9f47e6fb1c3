package consents

import (
	"context"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/consent"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/kit"
)

// Todo are contracts that wait for a person's signature.
type Todo struct{ Consents *consent.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Consents.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	rows, err := t.Consents.ReadTodo(f)
	out := make([]kit.TodoItem, len(rows))
	for i, r := range rows {
		out[i] = kit.TodoItem{Text: i18n.T(ctx, "consent.todo"), Where: r.Title, Href: consent.Path(r.Network)}
	}
	return out, err
}
