package election

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/gather"
)

// Todo is an election that waits for the reader.
type Todo struct {
	ID      uuid.UUID  `json:"id"`
	Network uuid.UUID  `json:"network_id"`
	Title   string     `json:"title"`
	Until   *time.Time `json:"until"`
	What    string     `json:"what"` // vote, pass
}

// AskTodo is the part of a person's first page with elections that wait for them.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	judged := s.c.Access.Reach(a, PermConfirm)
	return gather.Part{Key: todoPart, SQL: todoSQL, Args: []any{judged.All, db.Array(judged.Centres)}}, a.SignedIn() && s.c.Access.Anywhere(a, PermView)
}

// ReadTodo reads the rows of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]Todo, error) { return gather.Decode[Todo](f, todoPart) }
