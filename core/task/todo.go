package task

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
)

// Todo is a task that asks the actor for something.
type Todo struct {
	ID         uuid.UUID
	Title      string
	ScopeTitle string
	State      State
	Due        time.Time
	// Review is set for a task that waits for the actor's decision; without it
	// the task is the actor's own, open or returned.
	Review bool
	// Who handed it in, for Review of a person's own task; several hand in the same.
	Who string
}

// AskTodo is the part of a page that lists the actor's open and returned tasks,
// the earliest date first, then what waits for the actor's decision, the longest
// waiting first. False without [Own].
func (s *Service) AskTodo(a *access.Actor) (gather.Part, bool) {
	if s.auth.Require(a, Own, access.Place{}) != nil {
		return gather.Part{}, false
	}
	return todoOf(assigneesOf(a), s.reviewed(a)), true
}

// ReadTodo reads the rows of [Service.AskTodo] for the same actor.
func (s *Service) ReadTodo(a *access.Actor, f gather.Found) ([]Todo, error) {
	rows, err := gather.Decode[todoRow](f, todoPart)
	if err != nil {
		return nil, err
	}
	var out []Todo
	for i := range rows {
		r := &rows[i]
		if len(out) == f.Query.Limit {
			break
		}
		if !r.Review || s.decides(a, r) {
			out = append(out, Todo{ID: r.ID, Title: r.Title, ScopeTitle: r.ScopeTitle, State: r.State, Due: r.Due, Review: r.Review, Who: r.Who})
		}
	}
	return out, nil
}

// ToReview lists what waits for the actor's decision, the longest waiting
// first, at most limit.
func (s *Service) ToReview(ctx context.Context, a *access.Actor, limit int) ([]Todo, error) {
	scopes := s.reviewed(a)
	if len(scopes) == 0 {
		return nil, nil
	}
	f, err := gather.All(ctx, s.db, gather.Query{Person: a.Person, Now: s.clock.Now(), Limit: limit}, todoOf(nil, scopes))
	if err != nil {
		return nil, err
	}
	return s.ReadTodo(a, f)
}

// reviewed are the scopes in which, or below which, the actor may review.
func (s *Service) reviewed(a *access.Actor) []uuid.UUID {
	reach := s.auth.Reach(a, Review)
	if reach.All {
		return nil // nobody reviews the whole platform
	}
	return append(append(reach.Networks, reach.Groups...), reach.Programmes...)
}

// decides reports whether the task's type names a role that the actor holds there.
func (s *Service) decides(a *access.Actor, r *todoRow) bool {
	typ := r.qualified()
	k, err := s.kind(typ)
	return err == nil && k.ReviewerRole != "" && holds(a, reviewerRole(typ, k.ReviewerRole), r.place())
}
