package identity

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/job"
)

const (
	importTimeout  = 5 * time.Minute
	importAttempts = 5
	// importChunk is how many rows one statement takes.
	importChunk = 1000
)

// PeopleImportArgs is a list of people whose next step is due.
type PeopleImportArgs struct {
	Import uuid.UUID `json:"import"`
}

// Kind implements job.Args.
func (PeopleImportArgs) Kind() string { return "identity.import" }

func (s *Service) enqueueImport(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	if s.Jobs == nil {
		return nil
	}
	n, err := s.Jobs.Insert(ctx, tx, PeopleImportArgs{id}, nil)
	if err != nil {
		return err
	}
	return setImportJob(ctx, tx, id, n)
}

func (s *Service) importJob(ctx context.Context, j *job.Job[PeopleImportArgs]) error {
	err := s.importStep(ctx, j.Args.Import, j.Last())
	var told *toldFailure
	if errors.As(err, &told) {
		return job.GiveUp(told.error)
	}
	return err
}

// toldFailure is an error that the import tells people itself.
type toldFailure struct{ error }

func (f *toldFailure) Unwrap() error { return f.error }

// importStep does what is due: a step that was done meanwhile, or cancelled, is
// none. An error that another try does not help (or the last one) is told by the
// import.
func (s *Service) importStep(ctx context.Context, id uuid.UUID, last bool) error {
	i, err := importOf(ctx, s.DB, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	switch i.State {
	case ImportReading:
		var raw []byte
		if raw, err = importFileOf(ctx, s.DB, id); err == nil {
			err = s.readImport(ctx, &i, raw, nil)
		}
	case ImportWriting:
		err = s.writeImport(ctx, id, nil)
	case ImportMailing:
		err = s.mailImport(ctx, id)
	case ImportUndoing:
		err = s.takeBackImport(ctx, id)
	}
	if err == nil || errors.Is(err, errNoLonger) || db.IsNoRows(err) {
		return nil
	}
	if f := fault.As(err); last || f.Kind != fault.Internal {
		return errors.Join(&toldFailure{err}, s.failImport(context.WithoutCancel(ctx), &i, err))
	}
	return err
}

// failImport ends a list with what went wrong; one that was written stays so.
func (s *Service) failImport(ctx context.Context, i *PeopleImport, err error) error {
	f := fault.As(err)
	why := ImportFailure{Key: f.Key, Args: f.Args}
	if len(f.Fields) > 0 {
		why = ImportFailure{Key: f.Fields[0].Key, Args: f.Fields[0].Args}
	}
	if f.Kind == fault.Internal {
		why = ImportFailure{Key: "identity.import.broken_off"}
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if i.State == ImportUndoing || i.State == ImportMailing {
			return setImportRefused(ctx, tx, i.ID, i.State == ImportMailing, &why)
		}
		if err := endImport(ctx, tx, i.ID, ImportFailed, &why, s.Clock.Now()); err != nil {
			return err
		}
		return dropImported(ctx, tx, i.ID)
	})
}

// importer is who a list's job acts for, with the rights they have now.
func (s *Service) importer(ctx context.Context, q db.Q, who uuid.NullUUID) (*access.Actor, error) {
	if !who.Valid {
		return access.Core("cli"), nil
	}
	p, err := credentialsByID(ctx, q, who.UUID)
	if err != nil {
		return nil, err
	}
	a := &access.Actor{Person: who.UUID}
	if p.State == Active {
		if a.Grants, err = access.RolesOf(ctx, q, who.UUID, s.Clock.Now()); err != nil {
			return nil, err
		}
	}
	if !s.Access.Anywhere(a, PermImport) {
		return nil, fault.New(fault.Conflict, "identity.import.reach_changed")
	}
	return a, nil
}

// progress tells how far a step is, outside its transaction, now and then, and
// finds out whether somebody cancelled it.
func (s *Service) progress(ctx context.Context, id uuid.UUID, state ImportState, seen func(done, total int)) func(phase string, done, total int) error {
	var last time.Time
	return func(phase string, done, total int) error {
		if seen != nil {
			seen(done, total)
		}
		if done > 0 && done < total && time.Since(last) < tickEvery {
			return nil
		}
		last = time.Now()
		going, err := setImportProgress(ctx, s.DB, id, state, phase, done, total)
		if err == nil && !going {
			return errNoLonger
		}
		return err
	}
}

// tickEvery is how often progress is written where others see it.
const tickEvery = 250 * time.Millisecond

// readImport reads the file and judges its rows.
func (s *Service) readImport(ctx context.Context, i *PeopleImport, raw []byte, seen func(done, total int)) error {
	tick := s.progress(ctx, i.ID, ImportReading, seen)
	if err := tick("reading", 0, 0); err != nil {
		return err
	}
	a, err := s.importer(ctx, s.DB, i.by)
	if err != nil {
		return err
	}
	rows, err := readList(ctx, raw)
	if err != nil {
		return err
	}
	if err := tick("judging", 0, len(rows)); err != nil {
		return err
	}
	if err := judge(ctx, s.DB, s.Access.Reach(a, PermImport), rows, s.Now(), s.Clock.Now()); err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockImporting(ctx, tx, i.ID); err != nil {
			return err
		}
		for n := 0; n < len(rows); n += importChunk {
			part := rows[n:min(n+importChunk, len(rows))]
			if err := insertImportRows(ctx, tx, i.ID, n, part); err != nil {
				return err
			}
			if err := tick("judging", n+len(part), len(rows)); err != nil {
				return err
			}
		}
		return setImportReady(ctx, tx, i.ID)
	})
}

// due locks a list for one run of its job and makes sure that it still waits
// for it. The lock is not the row's: progress is written beside the transaction.
func due(ctx context.Context, tx *db.Tx, id uuid.UUID, state ImportState) (PeopleImport, error) {
	if err := lockImporting(ctx, tx, id); err != nil {
		return PeopleImport{}, err
	}
	i, err := importOf(ctx, tx, id)
	if err == nil && i.State != state {
		err = errNoLonger
	}
	return i, err
}

// writeImport writes a confirmed list.
func (s *Service) writeImport(ctx context.Context, id uuid.UUID, seen func(done, total int)) error {
	tick := s.progress(ctx, id, ImportWriting, seen)
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := due(ctx, tx, id, ImportWriting)
		if err != nil {
			return err
		}
		a, err := s.importer(ctx, tx, i.acted)
		if err != nil {
			return err
		}
		outside, err := importOutside(ctx, tx, id, s.Access.Reach(a, PermImport), s.Clock.Now())
		if err != nil {
			return err
		}
		if outside {
			return fault.New(fault.Conflict, "identity.import.reach_changed")
		}
		total, done := i.Changes(), 0
		for _, outcome := range []Outcome{RowNew, RowChanged} {
			for after := 0; ; {
				rows, err := staged(ctx, tx, id, outcome, after, importChunk)
				if err != nil {
					return err
				}
				if len(rows) == 0 {
					break
				}
				after = rows[len(rows)-1].No
				if err := s.writeRows(ctx, tx, a, &i, outcome, rows); err != nil {
					return err
				}
				done += len(rows)
				if err := tick("writing", done, total); err != nil {
					return err
				}
			}
		}
		return setImportDone(ctx, tx, id, s.Clock.Now())
	})
}

// writeRows makes or changes the invitations of some rows, of those that are
// still as they were judged; the others count as known.
func (s *Service) writeRows(ctx context.Context, tx *db.Tx, a *access.Actor, i *PeopleImport, outcome Outcome, rows []stagedRow) error {
	written, err := s.writtenRows(ctx, tx, a, i, outcome, rows)
	if err != nil {
		return err
	}
	done := make(map[uuid.UUID]bool, len(written))
	for _, id := range written {
		done[id] = true
	}
	var missed []int64
	kept := rows[:0:0]
	for n := range rows {
		if !done[rows[n].Invitation.UUID] {
			missed = append(missed, int64(rows[n].No))
			continue
		}
		kept = append(kept, rows[n])
		action, fields := "person:invite", []string{"email", "name", "institution", "function"}
		if outcome == RowChanged {
			action, fields = "person.invitation:edit", []string{"name", "institution", "function"}
		}
		if err := s.writeInvitee(ctx, tx, a, action, rows[n].Invitation.UUID, fields...); err != nil {
			return err
		}
	}
	if err := settleRows(ctx, tx, i.ID, kept, missed); err != nil {
		return err
	}
	if outcome == RowNew && i.Mail {
		return s.mailRows(ctx, tx, kept)
	}
	return nil
}

// writtenRows are the invitations that were written.
func (s *Service) writtenRows(ctx context.Context, tx *db.Tx, a *access.Actor, i *PeopleImport, outcome Outcome, rows []stagedRow) ([]uuid.UUID, error) {
	if outcome == RowChanged {
		return changeImported(ctx, tx, rows)
	}
	emails := make([]string, len(rows))
	for n := range rows {
		emails[n] = rows[n].Email
	}
	known, err := accountsAt(ctx, tx, s.Access.Reach(a, PermImport), emails, s.Clock.Now())
	if err != nil {
		return nil, err
	}
	fresh := make([]stagedRow, 0, len(rows))
	for n := range rows {
		if known[rows[n].Email] {
			continue
		}
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		rows[n].Invitation = uuid.NullUUID{UUID: id, Valid: true}
		fresh = append(fresh, rows[n])
	}
	now := s.Now()
	return insertImported(ctx, tx, i.ID, i.acted, fresh, now, now.Add(unsentLife))
}

// mailRows sends each of the rows' people a letter with a single-use link.
func (s *Service) mailRows(ctx context.Context, tx *db.Tx, rows []stagedRow) error {
	ids := make([]uuid.UUID, len(rows))
	for n := range rows {
		ids[n] = rows[n].Invitation.UUID
	}
	return s.sendInvitees(ctx, tx, true, ids...)
}

// mailImport sends the letters of a written list that waited for it.
func (s *Service) mailImport(ctx context.Context, id uuid.UUID) error {
	tick := s.progress(ctx, id, ImportMailing, nil)
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := due(ctx, tx, id, ImportMailing)
		if err != nil {
			return err
		}
		if _, err := s.importer(ctx, tx, i.acted); err != nil {
			return err
		}
		for after, done := 0, 0; ; {
			rows, err := unmailed(ctx, tx, id, after, importChunk)
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				return setImportMailed(ctx, tx, id)
			}
			after = rows[len(rows)-1].No
			if err := s.mailRows(ctx, tx, rows); err != nil {
				return err
			}
			done += len(rows)
			if err := tick("mailing", done, i.New); err != nil {
				return err
			}
		}
	})
}

// takeBackImport removes the invitations of a list that nobody has taken up.
func (s *Service) takeBackImport(ctx context.Context, id uuid.UUID) error {
	tick := s.progress(ctx, id, ImportUndoing, nil)
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		i, err := due(ctx, tx, id, ImportUndoing)
		if err != nil {
			return err
		}
		a, err := s.importer(ctx, tx, i.acted)
		if err != nil {
			return err
		}
		done := 0
		for _, outcome := range []Outcome{RowNew, RowChanged} {
			for after := 0; ; {
				rows, err := staged(ctx, tx, id, outcome, after, importChunk)
				if err != nil {
					return err
				}
				if len(rows) == 0 {
					break
				}
				after = rows[len(rows)-1].No
				if outcome == RowNew {
					err = s.removeRows(ctx, tx, a, id, rows)
				} else {
					err = s.restoreRows(ctx, tx, a, id, rows)
				}
				if err != nil {
					return err
				}
				done += len(rows)
				if err := tick("removing", done, i.Changes()); err != nil {
					return err
				}
			}
		}
		return setImportUndone(ctx, tx, id, s.Clock.Now())
	})
}

// removeRows deletes the invitations of some rows, but those taken up; each that
// stays says so.
func (s *Service) removeRows(ctx context.Context, tx *db.Tx, a *access.Actor, id uuid.UUID, rows []stagedRow) error {
	ids := make([]uuid.UUID, len(rows))
	for n := range rows {
		ids[n] = rows[n].Invitation.UUID
	}
	gone, err := dropWaiting(ctx, tx, ids)
	if err != nil {
		return err
	}
	why := make(map[uuid.UUID]ImportNote, len(ids)-len(gone))
	for _, v := range ids {
		if !slices.Contains(gone, v) {
			why[v] = ImportNote{Key: "identity.import.kept_taken_up"}
			continue
		}
		if err := s.writeInvitee(ctx, tx, a, "person.invitation:withdraw", v); err != nil {
			return err
		}
	}
	return settleUndone(ctx, tx, id, rows, why)
}

// restoreRows puts the changes of some rows back, but of invitations that were
// changed or taken up since.
func (s *Service) restoreRows(ctx context.Context, tx *db.Tx, a *access.Actor, id uuid.UUID, rows []stagedRow) error {
	back, err := restoreImported(ctx, tx, rows)
	if err != nil {
		return err
	}
	why := map[uuid.UUID]ImportNote{}
	for n := range rows {
		v := rows[n].Invitation.UUID
		if !slices.Contains(back, v) {
			why[v] = ImportNote{Key: "identity.import.kept_changed"}
			continue
		}
		if err := s.writeInvitee(ctx, tx, a, "person.invitation:edit", v, "name", "institution", "function"); err != nil {
			return err
		}
	}
	return settleUndone(ctx, tx, id, rows, why)
}

// sweepImports clears away previews that nobody confirmed for [KeepRows] and the
// rows of lists that ended so long ago.
func (s *Service) sweepImports(ctx context.Context) error {
	now := s.Clock.Now()
	return s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := expireImports(ctx, tx, now, now.Add(-lostAfter), now.Add(-KeepRows)); err != nil {
			return err
		}
		return sweepImported(ctx, tx, now.Add(-KeepRows))
	})
}
