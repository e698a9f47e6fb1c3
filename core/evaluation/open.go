package evaluation

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/notify"
)

// Opening a round: the questionnaire is composed and checked by the tool, the
// network's type is asked (its guard "evaluation:open"), and then in one
// transaction the members of this moment become the list of the ballot, the
// round is open and everybody on the list is told. What can go wrong: the tool or
// the network's module is away (Unavailable, nothing happened), somebody edited
// or opened the draft meanwhile (Conflict), another round of the network is open
// (Conflict, by the database).

// openCommand is the act that types may guard (plugins/proto/SOURCES.md).
const openCommand = "evaluation:open"

// Open opens a draft at its version. confirmed says that the person has read
// that anonymity and threshold can never be changed: without it Invalid (field
// "confirmed"). Needs evaluation:manage in the network. Invalid also when the
// network's type refuses, Conflict when it is no draft, when another round is
// open, or when nobody could answer.
func (s *Service) Open(ctx context.Context, a *access.Actor, id uuid.UUID, version int, confirmed bool) error {
	r, err := s.managed(ctx, a, id)
	if err != nil {
		return err
	}
	if !confirmed {
		return fault.InvalidFields(fault.Field{Path: "confirmed", Key: "evaluation.confirm"})
	}
	return s.open(ctx, a, r, version)
}

func (s *Service) open(ctx context.Context, a *access.Actor, r *Round, version int) error {
	if r.State != Draft {
		return fault.New(fault.Conflict, "evaluation.opened")
	}
	plan := r.Plan()
	f, err := s.checkPlan(ctx, &plan)
	if err != nil {
		return err
	}
	guard, err := s.engine.Guard(access.With(ctx, a), &effect.GuardRequest{
		Scope: effect.Scope{Kind: effect.Network, ID: r.Network}, Command: openCommand, Arguments: map[string]any{"round": r.ID, "tool": r.Tool},
	})
	if err != nil {
		return err
	}
	_, err = act(ctx, s, a, "evaluation:open", []any{r.ID, version}, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		if err := s.engine.Confirm(ctx, tx, guard); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, s.opened(ctx, tx, a, r, version, f)
	})
	return err
}

// opened writes what opening changes.
func (s *Service) opened(ctx context.Context, tx *db.Tx, a *access.Actor, r *Round, version int, f *form.Form) error {
	if err := holdNetwork(ctx, tx, r.Network); err != nil {
		return err
	}
	now := s.clock.Now()
	people, err := answerers(ctx, tx, r.Network, now)
	if err != nil {
		return err
	}
	if len(people) == 0 {
		return fault.New(fault.Conflict, "evaluation.nobody")
	}
	box, err := s.ballots.Open(ctx, tx, people)
	if err != nil {
		return err
	}
	ok, err := updateOpened(ctx, tx, r.ID, version, box, string(f.Canonical()), now)
	if err == nil && !ok {
		err = fault.New(fault.Conflict, "fault.conflict")
	}
	if err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, r.Network, r.ID, "evaluation:open"); err != nil {
		return err
	}
	if err := s.tell(ctx, tx, r, "evaluation.notify.opened", people); err != nil {
		return err
	}
	return s.engine.Emit(ctx, tx, effect.Emission{Scope: effect.Scope{Kind: effect.Network, ID: r.Network}, Name: "evaluation.opened",
		Data: map[string]any{"round": r.ID, "tool": r.Tool}})
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, r *Round, key string, to []uuid.UUID) error {
	if len(to) == 0 {
		return nil
	}
	return s.notify.Send(ctx, tx, notify.Message{To: to, Key: key, Network: r.Network, Link: "/ankiety/" + r.ID.String(),
		Args: map[string]any{"Title": r.Title, "Network": r.NetworkTitle, "Until": instant(r.ClosesAt)}})
}

// remindAtOnce bounds one message.
const remindAtOnce = 1000

// Remind tells those who did not take their code yet, without anybody learning
// who they are. Needs evaluation:manage; Conflict when it was done less than a
// day ago or the round is not open.
func (s *Service) Remind(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	r, err := s.managed(ctx, a, id)
	if err != nil {
		return err
	}
	_, err = act(ctx, s, a, "evaluation:remind", id, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		now := s.clock.Now()
		ok, err := updateReminded(ctx, tx, id, now, now.Add(-RemindEvery))
		if err != nil {
			return struct{}{}, err
		}
		if !ok {
			return struct{}{}, fault.New(fault.Conflict, "evaluation.reminded")
		}
		after := uuid.Nil
		for {
			people, err := s.ballots.Waiting(ctx, tx, r.ballot, after, remindAtOnce)
			if err != nil || len(people) == 0 {
				return struct{}{}, errors.Join(err, s.note(ctx, tx, a, r.Network, id, "evaluation:remind"))
			}
			if err := s.tell(ctx, tx, r, "evaluation.notify.reminder", people); err != nil {
				return struct{}{}, err
			}
			after = people[len(people)-1]
		}
	})
	return err
}

// Close ends a round before its date. Needs evaluation:manage. Results follow
// when they are counted; Conflict when it is not open.
func (s *Service) Close(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	r, err := s.managed(ctx, a, id)
	if err != nil {
		return err
	}
	_, err = act(ctx, s, a, "evaluation:close", id, func(ctx context.Context, tx *db.Tx) (struct{}, error) {
		closed, err := s.close(ctx, tx, a, r)
		if err == nil && !closed {
			err = fault.New(fault.Conflict, "evaluation.not_open")
		}
		return struct{}{}, err
	})
	return err
}

// close ends an open round; false when somebody did already.
func (s *Service) close(ctx context.Context, tx *db.Tx, a *access.Actor, r *Round) (bool, error) {
	open, err := lockOpen(ctx, tx, r.ID)
	if err != nil || !open {
		return false, err
	}
	n, err := s.ballots.Close(ctx, tx, r.ballot)
	if err != nil {
		return false, err
	}
	outcome := Pending
	if n.Answers < r.Threshold {
		outcome = Few
	}
	if err := updateClosed(ctx, tx, r.ID, s.clock.Now(), outcome); err != nil {
		return false, err
	}
	if err := s.note(ctx, tx, a, r.Network, r.ID, "evaluation:close"); err != nil {
		return false, err
	}
	if err := s.tellClosed(ctx, tx, r, n); err != nil {
		return false, err
	}
	if outcome == Pending && s.jobs != nil {
		if _, err := s.jobs.Insert(ctx, tx, scoreArgs{Round: r.ID}, nil); err != nil {
			return false, err
		}
	}
	return true, s.engine.Emit(ctx, tx, effect.Emission{Scope: effect.Scope{Kind: effect.Network, ID: r.Network}, Name: "evaluation.closed",
		Data: map[string]any{"round": r.ID, "tool": r.Tool, "invited": n.Eligible, "answered": n.Answers}})
}

func (s *Service) tellClosed(ctx context.Context, tx *db.Tx, r *Round, n ballot.Counts) error {
	to, err := access.HoldersOf(ctx, tx, access.Coordinator, access.Network, r.Network, s.clock.Now(), 5)
	if err != nil || len(to) == 0 {
		return err
	}
	return s.notify.Send(ctx, tx, notify.Message{To: to, Key: "evaluation.notify.closed", Network: r.Network, Link: "/ankiety/" + r.ID.String() + "/wyniki",
		Args: map[string]any{"Title": r.Title, "Network": r.NetworkTitle, "Answers": n.Answers, "Invited": n.Eligible}})
}

type sweepArgs struct{}

// Kind implements [job.Args].
func (sweepArgs) Kind() string { return "evaluation.sweep" }

type openArgs struct {
	Round uuid.UUID `json:"round"`
}

// Kind implements [job.Args].
func (openArgs) Kind() string { return "evaluation.open" }

// Jobs registers the work for machines: closing at the date, counting, and
// opening what a module asked for.
func (s *Service) Jobs(c *job.Client) {
	s.jobs = c
	job.Add(c, job.Options{Title: "evaluation.job.score", Timeout: scoreTimeout, Pause: scorePause}, s.scoreJob)
	job.Add(c, job.Options{Title: "evaluation.job.open"}, s.openJob)
	// Often enough that a person who moves the clock of a demonstration sees it.
	job.Add(c, job.Options{Title: "evaluation.job.sweep", Every: 5 * time.Second}, func(ctx context.Context, _ *job.Job[sweepArgs]) error {
		_, err := s.Sweep(ctx)
		return err
	})
}

// scoreTimeout is for 100,000 answers on a busy machine.
const scoreTimeout = 5 * time.Minute

// scorePause: people wait for results, and a module that is away comes back soon.
func scorePause(attempt int) time.Duration {
	return min(time.Duration(attempt)*2*time.Second, time.Minute)
}

func (s *Service) openJob(ctx context.Context, j *job.Job[openArgs]) error {
	r, err := findRound(ctx, s.db, j.Args.Round, uuid.Nil)
	if err != nil || r.State != Draft || r.alive != nil {
		return err
	}
	err = s.open(ctx, access.Core("core"), r, r.Version)
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		// The draft stays, for the coordinator to put right.
		slog.WarnContext(ctx, "evaluation that a module asked for was not opened", "round", r.ID, "err", err)
		return nil
	}
	return err
}

// sweepPage bounds one reading of due rounds.
const sweepPage = 100

// Sweep closes rounds whose date has come, by the domain clock; it returns how
// many. May run on several nodes at once and any number of times.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	due, err := dueRounds(ctx, s.db, s.clock.Now(), sweepPage)
	if err != nil {
		return 0, err
	}
	var failed []error
	for _, id := range due {
		err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			r, err := findRound(ctx, tx, id, uuid.Nil)
			if err == nil {
				_, err = s.close(ctx, tx, access.Core("core"), r)
			}
			return err
		})
		if err != nil {
			failed = append(failed, err) // one broken round must not hold up the others
		}
	}
	return len(due), errors.Join(append(failed, s.recount(ctx))...)
}

// recount asks again for results that still wait, long after the job was given
// up: the tool may have been away for days.
func (s *Service) recount(ctx context.Context) error {
	if s.jobs == nil {
		return nil
	}
	ids, err := pendingRounds(ctx, s.db, sweepPage)
	if err != nil || len(ids) == 0 {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, id := range ids {
			if _, err := s.jobs.Insert(ctx, tx, scoreArgs{Round: id}, &job.Opts{Once: true}); err != nil {
				return err
			}
		}
		return nil
	})
}
