package programme

import (
	"context"
	"time"

	"ore.edu.pl/sieci/core/access"
)

// Todo is something a person should do: an invitation to answer.
type Todo struct {
	Invitation
	Due time.Time
}

// Todos lists the invitations that wait for the person, the earliest to end
// first, at most limit.
func (s *Service) Todos(ctx context.Context, a *access.Actor, limit int) ([]Todo, error) {
	if !a.SignedIn() {
		return nil, nil
	}
	list, err := myInvitations(ctx, s.db, a.Person, s.clock.Now(), limit)
	out := make([]Todo, len(list))
	for i := range list {
		out[i] = Todo{list[i], list[i].EndsAt}
	}
	return out, err
}
