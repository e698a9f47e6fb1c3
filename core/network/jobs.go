package network

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/job"
)

// sweepEvery is how late an offer may be passed on or a vote be counted.
const sweepEvery = time.Minute

// sweepArgs is the job that passes offers on and counts votes.
type sweepArgs struct{}

// Kind implements [job.Args].
func (sweepArgs) Kind() string { return "network.offer.sweep" }

// Jobs registers the network's own work for machines.
func (s *Service) Jobs(c *job.Client) {
	s.jobs = c
	job.Add(c, job.Options{Title: "network.job.settle"}, s.settleJob)
	job.Add(c, job.Options{Title: "network.job.sweep", Every: sweepEvery}, func(ctx context.Context, _ *job.Job[sweepArgs]) error {
		_, err := s.Sweep(ctx)
		return err
	})
}

// sweepPage bounds one reading of due networks.
const sweepPage = 200

// Sweep passes lapsed offers to the next in line, fills seats that the end of a
// priority freed, and writes the results of votes whose deadline passed, by the
// domain clock. It returns how many networks and votes it dealt with. May run
// on several nodes at once and any number of times.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	ids, err := dueNetworks(ctx, s.db, s.clock.Now(), sweepPage)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, id := range ids {
		if err := s.sweepNetwork(ctx, id); err != nil {
			failed = append(failed, err) // one broken network must not hold up the others
		}
	}
	votes, err := s.closeVotes(ctx)
	return len(ids) + votes, errors.Join(append(failed, err)...)
}

func (s *Service) sweepNetwork(ctx context.Context, id uuid.UUID) error {
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		q, err := s.queue(ctx, tx, id)
		if err != nil {
			return err
		}
		return q.lapse(ctx)
	})
}
