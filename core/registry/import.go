package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// ImportOption changes how an import goes.
type ImportOption func(*importing)

type importing struct {
	progress func(done, total int)
	skip     bool
}

// WithProgress reports rows staged so far; f is called at least once every
// thousand rows, from the importing goroutine, and must be quick.
func WithProgress(f func(done, total int)) ImportOption {
	return func(i *importing) { i.progress = f }
}

// SkipRejected writes the rows that are right even if others were rejected.
func SkipRejected() ImportOption { return func(i *importing) { i.skip = true } }

// ImportTERC reads the official file of territorial units: GUS's own (WOJ;POW;…)
// or a copy with other headings, separator or encoding. Needs registry:import.
//
// One transaction: with a rejected row nothing is written (unless
// [SkipRejected]) and the error is fault.Invalid with a field per row, the
// report coming back filled all the same. An older file than the one imported
// last is refused. Units that the file no longer names stay, and are counted as
// missing.
func (s *Service) ImportTERC(ctx context.Context, a *access.Actor, r io.Reader, opts ...ImportOption) (Report, error) {
	return s.importFile(ctx, a, "terc", r, opts, func(ctx context.Context, t *table, rep *Report) (merger, error) {
		rows := readTERC(t, rep)
		return func(ctx context.Context, tx *db.Tx, o importing) error { return mergeTERC(ctx, tx, t, rows, rep, o) }, nil
	})
}

// ImportRSPO reads the official file of schools and institutions. TERC must be
// there first. Needs registry:import; transaction, errors and report are those
// of [Service.ImportTERC]. Closed institutions are kept with their date; of the
// file's personal data (head's name, telephone) nothing is read.
func (s *Service) ImportRSPO(ctx context.Context, a *access.Actor, r io.Reader, opts ...ImportOption) (Report, error) {
	return s.importFile(ctx, a, "rspo", r, opts, func(ctx context.Context, t *table, rep *Report) (merger, error) {
		known, err := allUnits(ctx, s.db)
		if err != nil {
			return nil, err
		}
		if len(known) == 0 {
			return nil, fault.New(fault.Conflict, "registry.terc_first")
		}
		rows := readRSPO(t, placesOf(known), rep)
		return func(ctx context.Context, tx *db.Tx, o importing) error { return mergeRSPO(ctx, tx, t, rows, rep, o) }, nil
	})
}

// Import reads the report of one import; needs registry:import, fault.NotFound
// when there is none.
func (s *Service) Import(ctx context.Context, a *access.Actor, id uuid.UUID) (Report, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return Report{}, err
	}
	return importReport(ctx, s.db, id)
}

// Imports lists the last imports, newest first, before the id given (uuid.Nil:
// from the newest); at most 20, and whether there are older ones. Needs
// registry:import.
func (s *Service) Imports(ctx context.Context, a *access.Actor, before uuid.UUID) ([]Report, bool, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return nil, false, err
	}
	list, err := importReports(ctx, s.db, before, importsShown+1)
	return list[:min(len(list), importsShown)], len(list) > importsShown, err
}

// importsShown is the size of a page of imports.
const importsShown = 20

type merger func(ctx context.Context, tx *db.Tx, o importing) error

func (s *Service) importFile(ctx context.Context, a *access.Actor, kind string, r io.Reader, opts []ImportOption,
	read func(context.Context, *table, *Report) (merger, error),
) (Report, error) {
	start := time.Now()
	rep := Report{Kinds: map[string]int{}}
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return rep, err
	}
	o := importing{progress: func(int, int) {}}
	for _, f := range opts {
		f(&o)
	}
	t, raw, err := readTable(r, kind)
	if err != nil {
		return rep, err
	}
	merge, err := read(ctx, t, &rep)
	if err != nil {
		return rep, err
	}
	if rep.Read == 0 {
		return rep, fileFault("registry.file_empty")
	}
	if rep.Rejected > 0 && !o.skip {
		return rep, rep.refused()
	}
	sum := sha256.Sum256(raw)
	checked := rep
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		input := struct {
			Sum  string
			Skip bool
		}{hex.EncodeToString(sum[:]), o.skip}
		rep, err = idem.Do(ctx, tx, a.Person, "registry:import_"+kind, input, func() (Report, error) {
			// A repeated transaction counts from the start.
			rep = checked
			rep.Kinds = map[string]int{}
			if err := merge(ctx, tx, o); err != nil {
				return rep, err
			}
			rep.Took = time.Since(start)
			if rep.ID, err = uuid.NewV7(); err != nil {
				return rep, err
			}
			rep.Register, rep.At = kind, s.clock.Now()
			if err := insertImport(ctx, tx, a.Person, sum[:], &rep); err != nil {
				return rep, err
			}
			return rep, s.audit.Write(ctx, tx, audit.Event{
				Actor: a.Person, System: a.System, Action: "registry:import", ObjectKind: kind,
				ObjectID: rep.ID.String(), Value: raw,
			})
		})
		return err
	})
	s.memory.forget()
	return rep, err
}
