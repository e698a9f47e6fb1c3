package poll

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
)

// Todo is something that a person should do about a poll.
type Todo struct {
	Poll    uuid.UUID `json:"poll"`
	Title   string    `json:"title"`
	Network string    `json:"network"`
	// What is answer, choose (the date to answer by passed) or conflict.
	What string    `json:"what"`
	Due  time.Time `json:"due"`
}

const todoPart = "poll.todo"

// AskTodo is the part of a page that lists polls which wait for the person;
// false when no network asks them.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	answer, manage := s.auth.Reach(a, PermAnswer), s.auth.Reach(a, PermManage)
	if len(answer.Networks)+len(manage.Networks) == 0 {
		return gather.Part{}, false
	}
	return gather.Part{Key: todoPart, SQL: todoSQL, Args: todoArgs(answer.Networks, manage.Networks)}, true
}

// ReadTodo reads the rows of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]Todo, error) { return gather.Decode[Todo](f, todoPart) }

// Running is an open poll on the home of its network.
type Running struct {
	ID       uuid.UUID `json:"id"`
	Title    string    `json:"title"`
	AnswerBy time.Time `json:"answer_by"`
	Slots    int       `json:"slots"`
	Mine     int       `json:"mine"`
}

const runningPart = "poll.running"

// AskRunning is the part of a network's page that lists its open polls; false
// for somebody without a role in the network.
func (s *Service) AskRunning(a *access.Actor, network uuid.UUID) (gather.Part, bool) {
	return gather.Part{Key: runningPart, SQL: runningSQL}, s.auth.Can(a, PermList, access.Place{Network: network})
}

// ReadRunning reads the rows of [Service.AskRunning].
func (s *Service) ReadRunning(f gather.Found) ([]Running, error) {
	return gather.Decode[Running](f, runningPart)
}
