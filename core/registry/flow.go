package registry

// How a file becomes part of a register, when a person decides about it:
//
//	reading ── ready ── writing ── done ── undoing ── undone
//	   │         │         │                  │
//	 failed   cancelled  failed             done (refused)
//
// A file handed in (Begin) is kept in the database and read by a job: every row
// is checked, compared with the register, and what would change is staged in
// tables of this room; the register itself is not touched. Somebody looks at
// the preview and confirms; another run of the job then writes what was staged,
// in one transaction with its history and its account. The command line does
// the same without jobs, in its own process (Preview, Apply).
//
// What can go wrong: the server dies while the file is read (the job runs again
// from the beginning; its transaction left nothing) or while it is written (the
// same); two nodes run the job at once (they wait for each other at a lock, and
// the second finds nothing to do); the register changes between preview and
// confirmation (the epoch that the comparison was made with is over: refused,
// because people confirm what they saw); somebody cancels while the file is
// read (noticed at the next thousand rows, at the latest at the end).
//
// Taking back restores what was there before from the history and deletes what
// the import brought, as long as nothing depends on it: no later import, no
// account, network or role at a new institution.

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

const (
	// UndoFor is how long an import can be taken back, by the domain clock.
	UndoFor = 24 * time.Hour
	// KeepStaged is how long a preview waits for its confirmation, and how long
	// the rows of an import can be looked at afterwards.
	KeepStaged = 7 * 24 * time.Hour
	// lostAfter is when a file that is still being read by nobody counts as lost:
	// a command that was killed.
	lostAfter = 24 * time.Hour
)

// State of an import.
type State string

// The states of an import; see the head of flow.go.
const (
	Reading   State = "reading"
	Ready     State = "ready"
	Writing   State = "writing"
	Done      State = "done"
	Undoing   State = "undoing"
	Undone    State = "undone"
	Cancelled State = "cancelled"
	Failed    State = "failed"
	Expired   State = "expired"
)

// Source says what a file is.
type Source struct {
	Register string // [TERC] or [RSPO]
	File     string // its name, for people
	// Whole says that the file holds the whole register of schools, closed ones
	// too: an institution that it lacks counts as closed today. TERC files are
	// whole by voivodeship.
	Whole bool
}

// Import is a file on its way into a register, or behind it.
type Import struct {
	Report
	State State         `json:"state"`
	File  string        `json:"file,omitempty"`
	Whole bool          `json:"whole,omitempty"`
	By    uuid.NullUUID `json:"-"`
	// AsOf is the day for which a file of units speaks.
	AsOf *time.Time `json:"as_of,omitempty"`
	// Phase ("staging", "comparing") with Done of Total rows, while reading.
	Phase string `json:"phase,omitempty"`
	// RowsDone of RowsTotal are staged.
	RowsDone  int `json:"rows_done"`
	RowsTotal int `json:"rows_total"`
	// ConfirmedAt is when it was written.
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	// UndoUntil is until when it can be taken back; nil when it cannot (any more).
	UndoUntil *time.Time `json:"undo_until,omitempty"`
	// Failure says why it failed, or why it could not be taken back.
	Failure *Failure `json:"failure,omitempty"`

	base, epoch int64
	job         *int64
	acted       uuid.NullUUID
}

// Failure is a fault kept for later.
type Failure struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
	// Text is filled by [Import.Localize].
	Text string `json:"text,omitempty"`
}

// undoUntil is until when a written import can be taken back; zero when it
// cannot. One that changed nothing has nothing to take back.
func (i *Import) undoUntil() time.Time {
	if i.State != Done || i.ConfirmedAt == nil || i.Changes() == 0 {
		return time.Time{}
	}
	return i.ConfirmedAt.Add(UndoFor)
}

// Busy reports whether a job is at work, so that the page looks again.
func (i *Import) Busy() bool { return i.State == Reading || i.State == Writing || i.State == Undoing }

// errNoLonger says that the import was cancelled, or that another run was faster.
var errNoLonger = errors.New("registry: the import is no longer at this step")

// Begin hands a file in: it is read in the background, and [Service.Import]
// tells how far it is. Needs registry:import. fault.TooLarge for a file over
// [MaxFile]; what is wrong inside it is told by the import.
func (s *Service) Begin(ctx context.Context, a *access.Actor, src Source, r io.Reader) (uuid.UUID, error) {
	i, raw, err := s.take(a, src, r)
	if err != nil {
		return uuid.Nil, err
	}
	id := i.ID
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err = idem.Do(ctx, tx, a.Person, "registry:begin", []any{src, hex.EncodeToString(sum(raw))}, func() (uuid.UUID, error) {
			if err := insertImport(ctx, tx, &i, sum(raw)); err != nil {
				return uuid.Nil, err
			}
			if err := insertFile(ctx, tx, i.ID, raw); err != nil {
				return uuid.Nil, err
			}
			if err := s.account(ctx, tx, a.Person, a.System, "registry:upload", &i); err != nil {
				return uuid.Nil, err
			}
			return i.ID, s.enqueue(ctx, tx, i.ID)
		})
		return err
	})
	if err == nil && s.jobs == nil {
		err = s.step(ctx, id, true)
	}
	return id, err
}

// take checks who hands a file in, and what.
func (s *Service) take(a *access.Actor, src Source, r io.Reader) (Import, []byte, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return Import{}, nil, err
	}
	if src.Register != TERC && src.Register != RSPO {
		return Import{}, nil, fault.InvalidFields(fault.Field{Path: "register", Key: "registry.register_unknown"})
	}
	raw, err := readAll(r)
	if err != nil {
		return Import{}, nil, err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return Import{}, nil, fileFault("registry.file_empty")
	}
	i, err := s.newImport(a, src)
	return i, raw, err
}

// Preview reads a file and stages what it would change, in this process: for
// the command line. Needs registry:import. An error in the file as a whole ends
// it (state failed); rejected rows are counted, and left out by [Service.Apply].
func (s *Service) Preview(ctx context.Context, a *access.Actor, src Source, r io.Reader, opts ...ImportOption) (Import, error) {
	i, raw, err := s.take(a, src, r)
	if err != nil {
		return i, err
	}
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertImport(ctx, tx, &i, sum(raw)); err != nil {
			return err
		}
		return s.account(ctx, tx, a.Person, a.System, "registry:upload", &i)
	})
	if err != nil {
		return i, err
	}
	if err := s.read(ctx, &i, raw, options(opts).progress); err != nil {
		// Also when the person at the terminal had enough.
		ctx := context.WithoutCancel(ctx)
		return i, errors.Join(err, s.fail(ctx, &i, err))
	}
	return importOf(ctx, s.db, i.ID)
}

// read checks the file and stages what it would change.
func (s *Service) read(ctx context.Context, i *Import, raw []byte, seen func(done, total int)) error {
	start := time.Now()
	if err := s.tick(ctx, i.ID, "reading", 0, 0); err != nil {
		return err
	}
	f, err := s.parse(ctx, Source{Register: i.Register, File: i.File, Whole: i.Whole}, raw)
	if err != nil {
		return err
	}
	checked, last := f.rep, time.Time{}
	tick := func(done, total int) error {
		if seen != nil {
			seen(done, total)
		}
		if done < total && time.Since(last) < tickEvery {
			return nil
		}
		last = time.Now()
		phase := "staging"
		if done == total {
			phase = "comparing"
		}
		return s.tick(ctx, i.ID, phase, done, total)
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		f.rep = checked
		f.rep.Kinds = map[string]int{}
		if err := s.stage(ctx, tx, i, f, tick); err != nil {
			return err
		}
		f.rep.Took = time.Since(start)
		if err := setReady(ctx, tx, i, f); err != nil {
			return err
		}
		return dropFile(ctx, tx, i.ID)
	})
}

// tickEvery is how often progress is written where others see it.
const tickEvery = 250 * time.Millisecond

// tick says how far the reading is, outside its transaction, and finds out
// whether somebody cancelled it.
func (s *Service) tick(ctx context.Context, id uuid.UUID, phase string, done, total int) error {
	going, err := setProgress(ctx, s.db, id, phase, done, total)
	if err == nil && !going {
		return errNoLonger
	}
	return err
}

// Confirm begins to write what the preview showed: in one transaction, in the
// background. Needs registry:import. fault.Conflict when the import does not
// wait for a confirmation; when the register changed since the preview, the
// import fails and says so.
func (s *Service) Confirm(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.advance(ctx, a, id, "registry:confirm", Writing, func(ctx context.Context, tx *db.Tx, i *Import) error {
		if i.State != Ready {
			return fault.New(fault.Conflict, "registry.not_ready")
		}
		return nil
	})
}

// Apply is [Service.Confirm] that returns when everything is written: for the
// command line.
func (s *Service) Apply(ctx context.Context, a *access.Actor, id uuid.UUID) (Import, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return Import{}, err
	}
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := lockedImport(ctx, tx, id)
		if err != nil {
			return err
		}
		if i.State != Ready {
			return fault.New(fault.Conflict, "registry.not_ready")
		}
		return s.apply(ctx, tx, &i, a.Person, a.System)
	})
	s.memory.forget()
	if err != nil {
		return Import{}, err
	}
	return importOf(ctx, s.db, id)
}

// Undo begins to take an import back: afterwards the registers are exactly what
// they were before it. Needs registry:import. fault.Conflict with a sentence
// after [UndoFor], when a later import stands on it, and when something else
// (an account, a network, a role) is at an institution that it brought.
func (s *Service) Undo(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.advance(ctx, a, id, "registry:undo", Undoing, func(ctx context.Context, tx *db.Tx, i *Import) error {
		if until := i.undoUntil(); until.IsZero() {
			return fault.New(fault.Conflict, "registry.undo_not_done")
		} else if s.clock.Now().After(until) {
			return fault.New(fault.Conflict, "registry.undo_late")
		}
		return undoable(ctx, tx, i)
	})
}

// advance brings an import to a state in which the job has something to do.
func (s *Service) advance(ctx context.Context, a *access.Actor, id uuid.UUID, act string, to State,
	check func(ctx context.Context, tx *db.Tx, i *Import) error,
) error {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return err
	}
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, act, id, func() (bool, error) {
			i, err := lockedImport(ctx, tx, id)
			if err != nil {
				return false, err
			}
			if err := check(ctx, tx, &i); err != nil {
				return false, err
			}
			if err := setState(ctx, tx, id, to, uuid.NullUUID{UUID: a.Person, Valid: a.Person != uuid.Nil}); err != nil {
				return false, err
			}
			return true, s.enqueue(ctx, tx, id)
		})
		return err
	})
	if err == nil && s.jobs == nil {
		err = s.step(ctx, id, true)
	}
	return err
}

// Cancel stops the reading of a file or throws a preview away; nothing was
// written. Needs registry:import; fault.Conflict when it is too late.
func (s *Service) Cancel(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, "registry:cancel", id, func() (bool, error) {
			i, err := lockedImport(ctx, tx, id)
			if err != nil {
				return false, err
			}
			if i.State != Reading && i.State != Ready {
				return false, fault.New(fault.Conflict, "registry.cancel_late")
			}
			if err := endImport(ctx, tx, id, Cancelled, nil, s.clock.Now()); err != nil {
				return false, err
			}
			if err := dropStaged(ctx, tx, id); err != nil {
				return false, err
			}
			if i.State == Reading && i.job != nil && s.jobs != nil {
				if err := s.jobs.Cancel(ctx, tx, *i.job); err != nil {
					return false, err
				}
			}
			return true, s.account(ctx, tx, a.Person, a.System, "registry:cancel", &i)
		})
		return err
	})
}

// system is who acts when no person does.
func system(person uuid.NullUUID) string {
	if person.Valid {
		return ""
	}
	return "cli"
}

func (s *Service) account(ctx context.Context, tx *db.Tx, person uuid.UUID, system, act string, i *Import) error {
	return s.audit.Write(ctx, tx, audit.Event{Actor: person, System: system, Action: act, ObjectKind: i.Register, ObjectID: i.ID.String()})
}
