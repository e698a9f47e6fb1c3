package board

import (
	"context"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/web/kit"
)

// Panel shows a network's newest posts on its home page.
type Panel struct{ Board *board.Service }

// Ask says what the panel reads.
func (x Panel) Ask(a *access.Actor, network uuid.UUID) (gather.Part, bool) {
	return x.Board.AskLatest(a, network)
}

// Show is the panel; it stands also when nobody has written yet, with the way
// to write.
func (x Panel) Show(c *kit.Ctx, b network.Brief, f gather.Found) (templ.Component, error) {
	list, err := x.Board.ReadLatest(f)
	if err != nil {
		return nil, err
	}
	var out []row
	for _, l := range list {
		out = append(out, row{Title: l.Title, Href: board.PostPath(b.ID, l.ID), Lead: l.Words, By: c.T("board.page.by", "Author", l.Author, "At", at(c.Context(), l.At))})
	}
	return latestPanel(out, listPath(b.ID, board.Forum)), nil
}

// Todo tells the start page what waits for those who moderate and judge.
type Todo struct{ Board *board.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Board.AskTodo(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	list, err := t.Board.ReadTodo(f)
	out := make([]kit.TodoItem, len(list))
	for i, x := range list {
		out[i] = kit.TodoItem{Text: i18n.T(ctx, "board.page.todo_reports", "N", x.N), Where: x.Title, Href: board.ReportsPath(x.Network)}
		if x.Kind == "appeal" {
			out[i].Text, out[i].Href = i18n.T(ctx, "board.page.todo_appeal"), AppealsPath+"/"+x.ID.String()
		}
	}
	return out, err
}
