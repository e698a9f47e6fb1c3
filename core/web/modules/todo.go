package modules

import (
	"context"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/web/kit"
)

// Todo sends the administrator of a fresh installation to the catalogue.
type Todo struct{ Modules *plugin.Host }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Modules.AskNone(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	none, err := t.Modules.ReadNone(f)
	if err != nil || !none {
		return nil, err
	}
	return []kit.TodoItem{{Text: i18n.T(ctx, "modules.todo"), Href: Path}}, nil
}
