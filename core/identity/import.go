package identity

// How a list of people becomes accounts, when a person decides about it:
//
//	reading ── ready ── writing ── done ── undoing ── undone
//	   │         │         │      │   │        │
//	 failed  cancelled   failed   mailing    done (refused)
//
// A file handed in (BeginPeople) is kept in the database and read by a job:
// every row is judged (new, changed, known, rejected with reasons) and kept;
// nothing else is written. Somebody looks at that and confirms, choosing whether
// letters go out; another run of the job then makes an invitation (invite.go) of
// each new row, all in one transaction. The command line does the same in its own
// process.
//
// Whose rows they are: a row counts only when its school lies within the reach
// that the importer has of person:import at the time of the job, so a role taken
// away meanwhile takes its effect. A school elsewhere is answered like one that
// does not exist, and an address that has an account elsewhere like one that has
// none: new, invited, and counted so for good. Known is who has an account within
// reach.
//
// An invitation within reach that waits is brought up to date by a later list; an
// account is its owner's and is left as it is.
//
// What can go wrong: the server dies (the job runs again; its transaction left
// nothing); two nodes run the job at once (they wait at a lock and the second
// finds nothing to do); an address within reach gets an account between preview
// and confirmation (it is known then and left alone); an invitation is taken up
// meanwhile (its change is left out).
//
// Taking back removes the invitations that the list made and nobody has taken up,
// and tells which stay; for a day. Somebody who took one up, with a new account or
// with theirs from elsewhere, stays.

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/idem"
)

// Ceilings of a list.
const (
	// MaxImportBytes is the largest file, in bytes.
	MaxImportBytes = 25 << 20
	// MaxImportRows is how many people it may hold: all teachers of a large city.
	MaxImportRows = 20_000
	maxImportName = 200
)

const (
	// UndoFor is how long a list can be taken back, by the domain clock.
	UndoFor = 24 * time.Hour
	// KeepRows is how long a preview waits for its confirmation, and how long the
	// rows of a list can be looked at afterwards.
	KeepRows = 7 * 24 * time.Hour
	// lostAfter is when a file that is still being read by nobody counts as lost:
	// a command that was killed.
	lostAfter = 24 * time.Hour
)

// ImportState is how far a list is; see the head of this file.
type ImportState string

// The states of a list of people.
const (
	ImportReading   ImportState = "reading"
	ImportReady     ImportState = "ready"
	ImportWriting   ImportState = "writing"
	ImportDone      ImportState = "done"
	ImportMailing   ImportState = "mailing"
	ImportUndoing   ImportState = "undoing"
	ImportUndone    ImportState = "undone"
	ImportCancelled ImportState = "cancelled"
	ImportFailed    ImportState = "failed"
	ImportExpired   ImportState = "expired"
)

// Outcome is what becomes of a row of a list.
type Outcome string

// The outcomes; Kept and Removed are those of a list taken back.
const (
	RowNew      Outcome = "new"
	RowChanged  Outcome = "changed"
	RowKnown    Outcome = "known"
	RowRejected Outcome = "rejected"
	RowKept     Outcome = "kept"
	RowRemoved  Outcome = "removed"
)

// PeopleImport is a list of people on its way into the accounts, or behind it.
type PeopleImport struct {
	ID    uuid.UUID   `json:"id"`
	State ImportState `json:"state"`
	File  string      `json:"file,omitempty"`
	At    time.Time   `json:"at"`
	// Read is the number of rows; each is one of New, Changed, Known and Rejected.
	Read     int `json:"read"`
	New      int `json:"new"`
	Changed  int `json:"changed"`
	Known    int `json:"known"`
	Rejected int `json:"rejected"`
	// Kept are invitations that stayed when the list was taken back.
	Kept int `json:"kept,omitempty"`
	// Mail: letters with a link went out to the new people.
	Mail bool `json:"mail"`
	// RowsDone of RowsTotal are done, while a job is at work; Phase says with what
	// ("reading", "judging", "writing", "mailing", "removing").
	Phase       string     `json:"phase,omitempty"`
	RowsDone    int        `json:"rows_done"`
	RowsTotal   int        `json:"rows_total"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	EndedAt     *time.Time `json:"ended_at,omitempty"`
	// UndoUntil is until when it can be taken back; nil when it cannot (any more).
	UndoUntil *time.Time `json:"undo_until,omitempty"`
	// Failure says why it failed, or could not be taken back.
	Failure *ImportFailure `json:"failure,omitempty"`

	by, acted uuid.NullUUID
	job       *int64
}

// ImportFailure is a fault kept for later.
type ImportFailure struct {
	Key  string     `json:"key"`
	Args fault.Args `json:"args,omitempty"`
	// Text is filled by [PeopleImport.Localize].
	Text string `json:"text,omitempty"`
}

// Localize writes a failure out in the language of ctx.
func (i *PeopleImport) Localize(ctx context.Context) {
	if i.Failure != nil {
		i.Failure.Text = i18n.TextMap(i18n.FromContext(ctx), i.Failure.Key, i.Failure.Args)
	}
}

// Changes is how many invitations the list makes or changes.
func (i *PeopleImport) Changes() int { return i.New + i.Changed }

// Busy reports whether a job is at work, so that the page looks again.
func (i *PeopleImport) Busy() bool {
	switch i.State {
	case ImportReading, ImportWriting, ImportMailing, ImportUndoing:
		return true
	}
	return false
}

// undoUntil is until when a written list can be taken back; zero when it
// cannot. One that changed nothing has nothing to take back.
func (i *PeopleImport) undoUntil() time.Time {
	if i.State != ImportDone || i.ConfirmedAt == nil || i.Changes() == 0 {
		return time.Time{}
	}
	return i.ConfirmedAt.Add(UndoFor)
}

// errNoLonger says that the list was cancelled, or that another run was faster.
var errNoLonger = errors.New("identity: the import is no longer at this step")

func badFile(key string, args ...any) error {
	var f fault.Fields
	f.Add("file", key, args...)
	return f.Err()
}

// BeginPeople hands a list in (CSV or XLSX with the columns name, e-mail and the
// school as RSPO number or name, and optionally function): it is read in the
// background, and [Service.PeopleImport] tells how far it is. Needs
// person:import somewhere; the web and the API have the actor confirm who they
// are. Invalid (field "file") for a file that is empty or too large; what is
// wrong inside it is told by the import.
func (s *Service) BeginPeople(ctx context.Context, a *access.Actor, name string, file io.Reader) (uuid.UUID, error) {
	i, raw, err := s.takeFile(a, name, file)
	if err != nil {
		return uuid.Nil, err
	}
	id, digest := i.ID, sha256.Sum256(raw)
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		id, err = idem.Do(ctx, tx, a.Person, "person:import", []any{i.File, hex.EncodeToString(digest[:])}, func() (uuid.UUID, error) {
			if err := insertImport(ctx, tx, &i, digest[:]); err != nil {
				return uuid.Nil, err
			}
			if err := insertImportFile(ctx, tx, i.ID, raw); err != nil {
				return uuid.Nil, err
			}
			if err := s.tellImport(ctx, tx, a.Person, a.System, "people:upload", i.ID); err != nil {
				return uuid.Nil, err
			}
			return i.ID, s.enqueueImport(ctx, tx, i.ID)
		})
		return err
	})
	if err == nil && s.Jobs == nil {
		err = s.importStep(ctx, id, true)
	}
	return id, err
}

// takeFile checks who hands a file in, and what.
func (s *Service) takeFile(a *access.Actor, name string, file io.Reader) (PeopleImport, []byte, error) {
	if err := s.mayImport(a); err != nil {
		return PeopleImport{}, nil, err
	}
	raw, err := io.ReadAll(io.LimitReader(file, MaxImportBytes+1))
	if err != nil {
		return PeopleImport{}, nil, err
	}
	switch {
	case len(raw) > MaxImportBytes:
		return PeopleImport{}, nil, badFile("identity.import.large", "Max", MaxImportBytes>>20)
	case len(bytes.TrimSpace(raw)) == 0:
		return PeopleImport{}, nil, badFile("identity.import.empty")
	}
	id, err := uuid.NewV7()
	return PeopleImport{ID: id, State: ImportReading, File: cut(TidyName(name), maxImportName), At: s.Clock.Now(),
		by: uuid.NullUUID{UUID: a.Person, Valid: a.Person != uuid.Nil}}, raw, err
}

// mayImport is the coarse check: each row is checked by its school.
func (s *Service) mayImport(a *access.Actor) error {
	if s.Access.Anywhere(a, PermImport) {
		return nil
	}
	return s.Access.Require(a, PermImport, access.Place{})
}

// PreviewPeople reads a list in this process: for the command line. seen, when
// not nil, is told how many rows are done. Errors as [Service.BeginPeople]; one
// in the file as a whole ends the import.
func (s *Service) PreviewPeople(ctx context.Context, a *access.Actor, name string, file io.Reader, seen func(done, total int)) (PeopleImport, error) {
	i, raw, err := s.takeFile(a, name, file)
	if err != nil {
		return i, err
	}
	digest := sha256.Sum256(raw)
	err = s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := insertImport(ctx, tx, &i, digest[:]); err != nil {
			return err
		}
		return s.tellImport(ctx, tx, a.Person, a.System, "people:upload", i.ID)
	})
	if err != nil {
		return i, err
	}
	if err := s.readImport(ctx, &i, raw, seen); err != nil {
		return i, errors.Join(err, s.failImport(context.WithoutCancel(ctx), &i, err))
	}
	return importOf(ctx, s.DB, i.ID)
}

// ApplyPeople is [Service.ConfirmPeople] that returns when everything is
// written: for the command line. seen as in [Service.PreviewPeople].
func (s *Service) ApplyPeople(ctx context.Context, a *access.Actor, id uuid.UUID, mail bool, seen func(done, total int)) (PeopleImport, error) {
	if err := s.advanceImport(ctx, a, id, "people:confirm", ImportWriting, mail, false, readyOnly); err != nil {
		return PeopleImport{}, err
	}
	if err := s.writeImport(ctx, id, seen); err != nil {
		i := PeopleImport{ID: id, State: ImportWriting}
		return i, errors.Join(err, s.failImport(context.WithoutCancel(ctx), &i, err))
	}
	return importOf(ctx, s.DB, id)
}

func readyOnly(i *PeopleImport) error {
	if i.State != ImportReady {
		return fault.New(fault.Conflict, "identity.import.not_ready")
	}
	return nil
}

// ConfirmPeople begins to write what the preview showed, all or nothing, in the
// background; with mail everybody newly invited gets a letter with a single-use link.
// Needs person:import and that the list is the actor's own, or person:import on
// the platform; the web and the API have the actor confirm who they are.
// Conflict when the list does not wait for a confirmation.
func (s *Service) ConfirmPeople(ctx context.Context, a *access.Actor, id uuid.UUID, mail bool) error {
	return s.advanceImport(ctx, a, id, "people:confirm", ImportWriting, mail, true, readyOnly)
}

// MailPeople sends the letters that were not sent with the confirmation, to
// those whose invitation waits. Needs what [Service.ConfirmPeople]
// needs; Conflict when they were sent or the list is not written.
func (s *Service) MailPeople(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.advanceImport(ctx, a, id, "people:mail", ImportMailing, true, true, func(i *PeopleImport) error {
		if i.State != ImportDone || i.Mail || i.New == 0 {
			return fault.New(fault.Conflict, "identity.import.mail_not")
		}
		return nil
	})
}

// UndoPeople begins to take a list back: invitations that it made and nobody has
// taken up are removed, changes of those that wait are put back, the others stay ([RowKept], with the reason). Needs what
// [Service.ConfirmPeople] needs; Conflict with a sentence after [UndoFor].
func (s *Service) UndoPeople(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.advanceImport(ctx, a, id, "people:undo", ImportUndoing, false, true, func(i *PeopleImport) error {
		until := i.undoUntil()
		switch {
		case until.IsZero():
			return fault.New(fault.Conflict, "identity.import.undo_not_done")
		case s.Clock.Now().After(until):
			return fault.New(fault.Conflict, "identity.import.undo_late")
		}
		return nil
	})
}

// advanceImport brings a list to a state in which the job has something to do.
func (s *Service) advanceImport(ctx context.Context, a *access.Actor, id uuid.UUID, act string, to ImportState, mail, work bool,
	check func(i *PeopleImport) error,
) error {
	err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := idem.Do(ctx, tx, a.Person, act, []any{id, mail}, func() (bool, error) {
			i, err := s.lockedImport(ctx, tx, a, id)
			if err != nil {
				return false, err
			}
			if err := check(&i); err != nil {
				return false, err
			}
			if err := setImportState(ctx, tx, id, to, uuid.NullUUID{UUID: a.Person, Valid: a.Person != uuid.Nil}, i.Mail || mail); err != nil {
				return false, err
			}
			if err := s.tellImport(ctx, tx, a.Person, a.System, act, id); err != nil {
				return false, err
			}
			if !work {
				return true, nil
			}
			return true, s.enqueueImport(ctx, tx, id)
		})
		return err
	})
	if err == nil && work && s.Jobs == nil {
		err = s.importStep(ctx, id, true)
	}
	return err
}

// CancelPeople stops the reading of a list or throws a preview away; nothing was
// written. Needs what [Service.ConfirmPeople] needs; Conflict when it is too late.
func (s *Service) CancelPeople(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	return s.once(ctx, a, "people:cancel", id, func(ctx context.Context, tx *db.Tx) error {
		i, err := s.lockedImport(ctx, tx, a, id)
		if err != nil {
			return err
		}
		if i.State != ImportReading && i.State != ImportReady {
			return fault.New(fault.Conflict, "identity.import.cancel_late")
		}
		if err := endImport(ctx, tx, id, ImportCancelled, nil, s.Clock.Now()); err != nil {
			return err
		}
		if err := dropImported(ctx, tx, id); err != nil {
			return err
		}
		if i.State == ImportReading && i.job != nil && s.Jobs != nil {
			if err := s.Jobs.Cancel(ctx, tx, *i.job); err != nil {
				return err
			}
		}
		return s.tellImport(ctx, tx, a.Person, a.System, "people:cancel", id)
	})
}

// ownImport answers NotFound for a list that another person handed in, but to
// who may import on the platform.
func (s *Service) ownImport(a *access.Actor, i *PeopleImport) error {
	if s.Access.Can(a, PermImport, access.Place{}) || i.by.Valid && i.by.UUID == a.Person {
		return nil
	}
	return fault.ErrNotFound
}

func (s *Service) lockedImport(ctx context.Context, tx *db.Tx, a *access.Actor, id uuid.UUID) (PeopleImport, error) {
	if err := s.mayImport(a); err != nil {
		return PeopleImport{}, err
	}
	i, err := lockImport(ctx, tx, id)
	if err != nil {
		return i, err
	}
	return i, s.ownImport(a, &i)
}

// PeopleImport reads a list's state and counts. Needs person:import; NotFound
// for a list of somebody else, but on the platform.
func (s *Service) PeopleImport(ctx context.Context, a *access.Actor, id uuid.UUID) (PeopleImport, error) {
	if err := s.mayImport(a); err != nil {
		return PeopleImport{}, err
	}
	i, err := importOf(ctx, s.DB, id)
	if err != nil {
		return PeopleImport{}, err
	}
	if until := i.undoUntil(); s.Clock.Now().Before(until) {
		i.UndoUntil = &until
	}
	return i, s.ownImport(a, &i)
}

// PeopleImports lists the lists that the actor handed in, on the platform
// everybody's, newest first, before the id given (uuid.Nil: from the newest); at
// most 20, and whether there are older ones. Needs person:import.
func (s *Service) PeopleImports(ctx context.Context, a *access.Actor, before uuid.UUID) ([]PeopleImport, bool, error) {
	if err := s.mayImport(a); err != nil {
		return nil, false, err
	}
	list, err := importsOf(ctx, s.DB, s.Access.Can(a, PermImport, access.Place{}), a.Person, before, importsShown+1)
	return list[:min(len(list), importsShown)], len(list) > importsShown, err
}

const (
	importsShown = 20
	// rowsShown is the size of a page of rows, rowsWhole of a part of a download.
	rowsShown, rowsWhole = 50, 1000
)

// tellImport writes the account of a step with a list.
func (s *Service) tellImport(ctx context.Context, tx *db.Tx, person uuid.UUID, system, act string, id uuid.UUID) error {
	return s.Audit.Write(ctx, tx, audit.Event{Actor: person, System: system, Action: act, ObjectKind: "people", ObjectID: id.String()})
}
