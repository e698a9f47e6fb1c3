package registry

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
)

// Jobs gives the service its background work. Without it (a command, a test) a
// file is read, written and taken back by whoever asks, before the call returns.
func (s *Service) Jobs(c *job.Client) {
	s.jobs = c
	job.Add(c, job.Options{Title: "registry.job.import", Timeout: workTimeout, MaxAttempts: workAttempts}, s.work)
	job.Add(c, job.Options{Title: "registry.job.sweep", Every: time.Hour}, func(ctx context.Context, _ *job.Job[SweepArgs]) error { return s.Sweep(ctx) })
}

const (
	workTimeout  = 5 * time.Minute
	workAttempts = 5
)

// WorkArgs is an import whose next step is due.
type WorkArgs struct {
	Import uuid.UUID `json:"import"`
}

// Kind implements [job.Args].
func (WorkArgs) Kind() string { return "registry.import" }

// SweepArgs clears away what nobody confirmed.
type SweepArgs struct{}

// Kind implements [job.Args].
func (SweepArgs) Kind() string { return "registry.sweep" }

func (s *Service) enqueue(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	if s.jobs == nil {
		return nil
	}
	n, err := s.jobs.Insert(ctx, tx, WorkArgs{id}, nil)
	if err != nil {
		return err
	}
	return setJob(ctx, tx, id, n)
}

func (s *Service) work(ctx context.Context, j *job.Job[WorkArgs]) error {
	err := s.step(ctx, j.Args.Import, j.Last())
	var told *failed
	if errors.As(err, &told) {
		return job.GiveUp(told.error)
	}
	return err
}

// failed is an error that the import tells people itself.
type failed struct{ error }

func (f *failed) Unwrap() error { return f.error }

// step does what is due: a step that was done meanwhile, or cancelled, is none.
// An error that another try does not help (or the last one) is told by the import.
func (s *Service) step(ctx context.Context, id uuid.UUID, last bool) error {
	i, err := importOf(ctx, s.db, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch i.State {
	case Reading:
		var raw []byte
		if raw, err = fileOf(ctx, s.db, id); err == nil {
			err = s.read(ctx, &i, raw, nil)
		}
	case Writing:
		err = s.write(ctx, id)
	case Undoing:
		err = s.takeBack(ctx, id)
	}
	if err == nil || errors.Is(err, errNoLonger) || db.IsNoRows(err) {
		return nil
	}
	if f := fault.As(err); last || f.Kind != fault.Internal {
		return errors.Join(&failed{err}, s.fail(context.WithoutCancel(ctx), &i, err))
	}
	return err
}

// fail ends an import with what went wrong; one that could not be taken back
// stays done.
func (s *Service) fail(ctx context.Context, i *Import, err error) error {
	f := fault.As(err)
	why := Failure{Key: f.Key, Args: f.Args}
	if len(f.Fields) > 0 {
		why = Failure{Key: f.Fields[0].Key, Args: f.Fields[0].Args}
	}
	if f.Kind == fault.Internal {
		why = Failure{Key: "registry.import_broken_off"}
	}
	now := s.clock.Now()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if i.State == Undoing {
			return setRefused(ctx, tx, i.ID, &why)
		}
		if err := endImport(ctx, tx, i.ID, Failed, &why, now); err != nil {
			return err
		}
		return dropStaged(ctx, tx, i.ID)
	})
}

// write writes a confirmed import.
func (s *Service) write(ctx context.Context, id uuid.UUID) error {
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := lockedImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if i.State != Writing {
			return errNoLonger
		}
		return s.apply(ctx, tx, &i, i.acted.UUID, system(i.acted))
	})
	s.memory.forget()
	return err
}

// takeBack undoes a written import.
func (s *Service) takeBack(ctx context.Context, id uuid.UUID) error {
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := lockedImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if i.State != Undoing {
			return errNoLonger
		}
		if err := undoImport(ctx, tx, &i); err != nil {
			return err
		}
		if err := setUndone(ctx, tx, id, s.clock.Now()); err != nil {
			return err
		}
		return s.account(ctx, tx, i.acted.UUID, system(i.acted), "registry:restore", &i)
	})
	s.memory.forget()
	return err
}

// Sweep clears away previews that nobody confirmed for [KeepStaged] and the
// rows of imports that ended so long ago. May run on several nodes at once.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.clock.Now()
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := expireImports(ctx, tx, now, now.Add(-lostAfter), now.Add(-KeepStaged)); err != nil {
			return err
		}
		return sweepStaged(ctx, tx, now.Add(-KeepStaged))
	})
}
