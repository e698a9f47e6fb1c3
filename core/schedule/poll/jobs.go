package poll

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/job"
)

// How the sweep works.
const (
	sweepEvery = time.Minute
	sweepPage  = 100
	// remindAhead is when those who are silent are reminded: by letter, because
	// little time is left.
	remindAhead = 24 * time.Hour
)

// sweepArgs is the job that reminds and tells coordinators of dates that passed.
type sweepArgs struct{}

// Kind implements [job.Args].
func (sweepArgs) Kind() string { return "poll.sweep" }

// Jobs registers the polls' own work for machines.
func (s *Service) Jobs(c *job.Client) {
	job.Add(c, job.Options{Title: "poll.job.sweep", Every: sweepEvery}, func(ctx context.Context, _ *job.Job[sweepArgs]) error {
		_, err := s.Sweep(ctx)
		return err
	})
}

// Sweep reminds the silent a day before the date to answer by, once a poll, and
// tells coordinators when that date has passed, by the domain clock. It returns
// how many polls it dealt with. May run on several nodes and any number of times.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	ids, err := duePolls(ctx, s.db, s.clock.Now(), remindAhead, sweepPage)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, id := range ids {
		if err := s.sweepPoll(ctx, id); err != nil {
			failed = append(failed, err) // one broken poll must not hold up the others
		}
	}
	return len(ids), errors.Join(failed...)
}

func (s *Service) sweepPoll(ctx context.Context, id uuid.UUID) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := s.clock.Now()
		due, err := lockDue(ctx, tx, id)
		if db.IsNoRows(err) {
			return nil // closed meanwhile, or another node has it
		}
		if err != nil {
			return err
		}
		r, err := readPoll(ctx, tx, id, uuid.Nil, now)
		if err != nil {
			return err
		}
		if !due.DueTold && !r.AnswerBy.After(now) {
			if err := setDueTold(ctx, tx, id, now); err != nil {
				return err
			}
			leads, err := access.HoldersOf(ctx, tx, access.Coordinator, access.Network, r.Network, now, 5)
			if err != nil {
				return err
			}
			return s.tell(ctx, tx, r, "poll.notice.due", "poll-due:"+id.String(), false, map[string]any{"N": r.Answered, "Asked": r.Asked}, leads...)
		}
		if !due.Reminded && r.AnswerBy.After(now) {
			_, err := s.remind(ctx, tx, r, true)
			return err
		}
		return nil
	})
}
