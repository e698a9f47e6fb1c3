package election

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
)

// core is who acts at deadlines.
var core = &access.Actor{System: "core"}

// Why an election fails; the page says it in a sentence.
const (
	failAlone  = "alone"  // nobody stood
	failFew    = "few"    // fewer voted than the quorum
	failTie    = "tie"    // two or more lead
	failNobody = "nobody" // as many or more for none of the candidates
	failSmall  = "small"  // too few members for a secret vote
	failClosed = "closed" // the network ended meanwhile
)

// Sweep begins votings and counts votes whose time has come, by the domain
// clock, and ends elections of networks that are over; it returns how many
// elections it dealt with. May run on several nodes
// at once and any number of times.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	ids, err := due(ctx, s.c.DB, s.c.Clock.Now())
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, id := range ids {
		failed = append(failed, s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			r, err := lock(ctx, tx, id)
			if err != nil {
				return err
			}
			now := s.c.Clock.Now()
			switch {
			case r.State.Open() && r.Status != "open":
				return s.abandon(ctx, tx, r)
			case r.State == Standing && !now.Before(r.StandUntil):
				return s.begin(ctx, tx, r)
			case r.State == Voting && !now.Before(r.VoteUntil):
				return s.count(ctx, tx, r)
			}
			return nil // another node was faster
		}))
	}
	return len(ids), errors.Join(failed...)
}

// abandon ends an election that a network's end has overtaken: papers go unread,
// and nobody is elected who could no longer lead.
func (s *Service) abandon(ctx context.Context, tx *db.Tx, r *electionRow) error {
	if r.State == Voting {
		if _, err := s.c.Box.Close(ctx, tx, r.Ballot.UUID); err != nil {
			return err
		}
	}
	people, err := s.voters(ctx, tx, r.Network, s.c.Clock.Now())
	if err != nil {
		return err
	}
	return s.fail(ctx, tx, r, failClosed, nil, people)
}

// begin opens the voting, or ends an election that nobody stands in.
func (s *Service) begin(ctx context.Context, tx *db.Tx, r *electionRow) error {
	list, err := candidates(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	people, err := s.voters(ctx, tx, r.Network, s.c.Clock.Now())
	if err != nil {
		return err
	}
	switch {
	case len(list) == 0:
		return s.fail(ctx, tx, r, failAlone, nil, people)
	case len(people) < MinVoters:
		return s.fail(ctx, tx, r, failSmall, nil, people)
	}
	box, err := s.c.Box.Open(ctx, tx, people)
	if err != nil {
		return err
	}
	if err := beginVoting(ctx, tx, r.ID, box, len(people)); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, r, "election.notice.voting", people); err != nil {
		return err
	}
	return s.note(ctx, tx, core, r, "election:voting")
}

// count closes the urn and says who won.
func (s *Service) count(ctx context.Context, tx *db.Tx, r *electionRow) error {
	counts, err := s.c.Box.Close(ctx, tx, r.Ballot.UUID)
	if err != nil {
		return err
	}
	tally, err := s.tally(ctx, tx, r.Ballot.UUID)
	if err != nil {
		return err
	}
	list, err := candidates(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	people, votes := make([]uuid.UUID, len(list)), make([]int64, len(list))
	best, second, winner := -1, -1, uuid.Nil
	for i, c := range list {
		n := tally[c.Person.String()]
		people[i], votes[i] = c.Person, int64(n)
		if n > best {
			best, second, winner = n, best, c.Person
		} else if n > second {
			second = n
		}
	}
	if err := setVotes(ctx, tx, r.ID, people, votes); err != nil {
		return err
	}
	voters, err := s.voters(ctx, tx, r.Network, s.c.Clock.Now())
	if err != nil {
		return err
	}
	switch {
	case counts.Answers*100 < r.Quorum*counts.Eligible:
		return s.fail(ctx, tx, r, failFew, &counts.Answers, voters)
	case tally[Nobody] >= best:
		return s.fail(ctx, tx, r, failNobody, &counts.Answers, voters)
	case best == second:
		return s.fail(ctx, tx, r, failTie, &counts.Answers, voters)
	}
	if err := setElected(ctx, tx, r.ID, winner, counts.Answers); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, r, "election.notice.elected", voters); err != nil {
		return err
	}
	admins, err := access.HoldersOf(ctx, tx, access.CentreAdmin, access.Centre, r.Centre, s.c.Clock.Now(), 50)
	if err != nil {
		return err
	}
	if err := s.tell(ctx, tx, r, "election.notice.confirm", admins); err != nil {
		return err
	}
	return s.note(ctx, tx, core, r, "election:count")
}

// tally counts the answers of a closed urn by what they say.
func (s *Service) tally(ctx context.Context, q db.Q, box uuid.UUID) (map[string]int, error) {
	out := map[string]int{}
	after := uuid.Nil
	for {
		page, err := s.c.Box.Answers(ctx, q, box, after, 1000)
		if err != nil {
			return nil, err
		}
		for _, a := range page {
			out[a.Payload]++
			after = a.ID
		}
		if len(page) < 1000 {
			return out, nil
		}
	}
}

func (s *Service) fail(ctx context.Context, tx *db.Tx, r *electionRow, reason string, votes *int, tell []uuid.UUID) error {
	if err := endElection(ctx, tx, r.ID, Failed, reason, uuid.Nil, votes, s.c.Clock.Now()); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, r, "election.notice.failed", tell); err != nil {
		return err
	}
	return s.c.Audit.Write(ctx, tx, audit.Event{System: core.System, Action: "election:fail", ObjectKind: "election", ObjectID: r.ID.String(),
		ScopeKind: string(access.Network), ScopeID: r.Network})
}
