package task

import (
	"context"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
)

// Stats counts the tasks of a scope.
type Stats struct {
	// Given are tasks that were not cancelled; a task for everybody is one.
	Given int `json:"given" db:"given"`
	// Handed are tasks, and parts of tasks for everybody, that were handed in at
	// least once; Accepted those of them that were accepted.
	Handed   int `json:"handed_in" db:"handed"`
	Accepted int `json:"accepted" db:"accepted"`
}

// Stats counts the tasks given in a scope from a moment until before another
// (domain time). Needs [List] there.
func (s *Service) Stats(ctx context.Context, a *access.Actor, scope effect.Scope, from, to time.Time) (Stats, error) {
	st, err := s.engine.State(ctx, s.db, scope)
	if err != nil {
		return Stats{}, err
	}
	if err := s.auth.Require(a, List, st.Place); err != nil {
		return Stats{}, err
	}
	return stats(ctx, s.db, scope.ID, from, to)
}
