package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// The registers.
const (
	TERC = "terc"
	RSPO = "rspo"
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

// SkipRejected writes the rows that are right even if others were rejected; for
// [Service.ImportTERC] and [Service.ImportRSPO].
func SkipRejected() ImportOption { return func(i *importing) { i.skip = true } }

func options(opts []ImportOption) importing {
	o := importing{progress: func(int, int) {}}
	for _, f := range opts {
		f(&o)
	}
	return o
}

// ImportTERC reads the official file of territorial units and writes it at
// once, without anybody looking at it first: for tests, the demonstration and
// programs of our own. GUS's own file (WOJ;POW;…) or a copy with other headings,
// separator or encoding. Needs registry:import.
//
// One transaction: with a rejected row nothing is written (unless
// [SkipRejected]) and the error is fault.Invalid with a field per row, the
// report coming back filled all the same. An older file than the one imported
// last is refused. A unit that a newer file of its voivodeship no longer names
// ends on the day of that file.
func (s *Service) ImportTERC(ctx context.Context, a *access.Actor, r io.Reader, opts ...ImportOption) (Report, error) {
	return s.importFile(ctx, a, Source{Register: TERC}, r, opts)
}

// ImportRSPO reads the official file of schools and institutions and writes it
// at once. TERC must be there first. Needs registry:import; transaction, errors
// and report are those of [Service.ImportTERC]. Closed institutions are kept
// with their date, those that the file does not name stay as they are; a head's
// name is never read.
func (s *Service) ImportRSPO(ctx context.Context, a *access.Actor, r io.Reader, opts ...ImportOption) (Report, error) {
	return s.importFile(ctx, a, Source{Register: RSPO}, r, opts)
}

func (s *Service) importFile(ctx context.Context, a *access.Actor, src Source, r io.Reader, opts []ImportOption) (Report, error) {
	start := time.Now()
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return Report{Kinds: map[string]int{}}, err
	}
	o := options(opts)
	raw, err := readAll(r)
	if err != nil {
		return Report{Kinds: map[string]int{}}, err
	}
	f, err := s.parse(ctx, src, raw)
	if err != nil {
		return f.rep, err
	}
	if f.rep.Rejected > 0 && !o.skip {
		return f.rep, f.rep.refused()
	}
	checked, rep := f.rep, f.rep
	err = s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		input := struct {
			Sum  string
			Skip bool
		}{hex.EncodeToString(f.sum[:]), o.skip}
		rep, err = idem.Do(ctx, tx, a.Person, "registry:import_"+src.Register, input, func() (Report, error) {
			// A repeated transaction counts from the start.
			f.rep = checked
			f.rep.Kinds = map[string]int{}
			i, err := s.newImport(a, src)
			if err != nil {
				return f.rep, err
			}
			if err := insertImport(ctx, tx, &i, f.sum[:]); err != nil {
				return f.rep, err
			}
			tick := func(done, total int) error { o.progress(done, total); return nil }
			if err := s.stage(ctx, tx, &i, f, tick); err != nil {
				return f.rep, err
			}
			f.rep.Took = time.Since(start)
			if err := setReady(ctx, tx, &i, f); err != nil {
				return f.rep, err
			}
			return f.rep, s.apply(ctx, tx, &i, a.Person, a.System)
		})
		return err
	})
	s.memory.forget()
	return rep, err
}

// reading is a file that was read and checked by itself.
type reading struct {
	source  Source
	sum     [sha256.Size]byte
	file    *table
	units   []tercRow
	ends    []tercEnd // of a file of changes
	schools []rspoRow
	rep     Report
}

// parse reads a file and checks every row against the others and the register
// of units. The report is filled even when there is an error.
func (s *Service) parse(ctx context.Context, src Source, raw []byte) (*reading, error) {
	f := &reading{source: src, sum: sha256.Sum256(raw), rep: Report{Register: src.Register, Kinds: map[string]int{}}}
	var err error
	if f.file, err = readTable(raw, src.Register); err != nil {
		return f, err
	}
	known, err := knownUnits(ctx, s.db, s.today())
	if err != nil {
		return f, err
	}
	if src.Register == TERC {
		codes := make(map[string]bool, len(known))
		for _, u := range known {
			codes[u.Code] = true
		}
		if f.file.changes {
			var ever map[string]bool
			if ever, err = everUnits(ctx, s.db); err != nil {
				return f, err
			}
			f.units, f.ends = readChanges(f.file, codes, ever, &f.rep)
		} else {
			f.units = readTERC(f.file, codes, &f.rep)
		}
	} else {
		if len(known) == 0 {
			return f, fault.New(fault.Conflict, "registry.terc_first")
		}
		f.schools = readRSPO(f.file, placesOf(known), &f.rep)
	}
	if f.rep.Read == 0 {
		return f, fileFault("registry.file_empty")
	}
	return f, nil
}

// asOf is the latest day for which a file of units says it speaks.
func (f *reading) asOf() (day time.Time) {
	for i := range f.units {
		if f.units[i].asOf.After(day) {
			day = f.units[i].asOf
		}
	}
	for _, e := range f.ends {
		if e.asOf.After(day) {
			day = e.asOf
		}
	}
	return day
}

func (s *Service) newImport(a *access.Actor, src Source) (Import, error) {
	id, err := uuid.NewV7()
	return Import{
		Report: Report{ID: id, Register: src.Register, At: s.clock.Now()},
		State:  Reading, File: limit(clean(src.File), maxField), Whole: src.Whole, By: uuid.NullUUID{UUID: a.Person, Valid: a.Person != uuid.Nil},
	}, err
}
