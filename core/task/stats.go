package task

import (
	"context"
	"time"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
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
	var out Stats
	err := db.Together(ctx, s.db, func(ctx context.Context, q db.Q) error {
		st, err := s.engine.State(ctx, q, scope)
		if err != nil {
			return err
		}
		return s.auth.Require(a, List, st.Place)
	}, func(ctx context.Context, q db.Q) (err error) {
		out, err = stats(ctx, q, scope.ID, from, to)
		return err
	})
	if err != nil {
		return Stats{}, err
	}
	return out, nil
}
