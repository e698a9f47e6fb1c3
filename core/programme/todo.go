package programme

import (
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
)

// Todo is something a person should do: an invitation to answer.
type Todo struct {
	Invitation
	Due time.Time
}

// AskTodo is the part of a page that lists the invitations into groups that
// wait for the person, the earliest to end first; false for a guest.
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	return gather.Part{Key: invitationsPart, SQL: ownInvitations}, a.SignedIn()
}

// ReadTodo reads the rows of [Service.AskTodo].
func (s *Service) ReadTodo(f gather.Found) ([]Todo, error) {
	list, err := gather.Decode[Invitation](f, invitationsPart)
	out := make([]Todo, len(list))
	for i := range list {
		out[i] = Todo{list[i], list[i].EndsAt}
	}
	return out, err
}
