package export

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/notify"
)

const (
	makeTimeout  = 5 * time.Minute
	makeAttempts = 5
	// makeTurn is how long one run makes parts before it lets others work.
	makeTurn = 2 * time.Minute
	// maxPart bounds one part; what is bigger does not fit into a ZIP that old
	// computers open.
	maxPart = 2 << 30
)

// MakeArgs is a copy to make.
type MakeArgs struct {
	Export uuid.UUID `json:"export"`
}

// Kind implements [job.Args].
func (MakeArgs) Kind() string { return "export.make" }

// name of the finished copy and of its parts among kept files.
func (e *Export) name() string { return "export/" + e.ID.String() + ".zip" }
func (e *Export) part(i int) string {
	return "export/" + e.ID.String() + "-" + strconv.Itoa(i) + ".zip"
}

func (s *Service) work(ctx context.Context, j *job.Job[MakeArgs]) error {
	ctx = audit.Accounted(ctx) // the copy was, when it was asked for
	e, err := get(ctx, s.c.DB, j.Args.Export)
	if db.IsNoRows(err) || err == nil && e.State != Waiting {
		return nil
	}
	if err != nil {
		return err
	}
	err = s.parts(ctx, &e)
	var no *fault.Error
	switch {
	case err == nil:
		return s.finish(ctx, &e)
	case errors.Is(err, errNoLonger):
		return s.dropParts(ctx, &e)
	case errors.Is(err, errTurn):
		return job.Later(time.Second)
	case j.Last(), errors.As(err, &no) && (no.Kind == fault.NotFound || no.Kind == fault.TooLarge):
		// The person lost the right meanwhile, or it is too big: another try cannot help.
		if _, err := end(ctx, s.c.DB, e.ID, Failed, 0, s.c.Clock.Now()); err != nil {
			return err
		}
		return errors.Join(s.dropParts(ctx, &e), job.GiveUp(err))
	}
	return err
}

var errTurn = errors.New("export: goes on in the next run")

// parts makes what is left to make, each part as a ZIP of its own.
func (s *Service) parts(ctx context.Context, e *Export) error {
	began := time.Now()
	grants, err := access.RolesOf(ctx, s.c.DB, e.Person, s.c.Clock.Now())
	if err != nil {
		return err
	}
	a := &access.Actor{Person: e.Person, Grants: grants}
	ctx = i18n.With(access.With(ctx, a), e.Lang)
	n, err := s.enter(ctx, a, e.Network)
	if err != nil {
		return err
	}
	for e.Done < len(s.c.Sources) {
		if time.Since(began) > makeTurn {
			return errTurn
		}
		src := s.c.Sources[e.Done]
		err := s.spool(ctx, e.part(e.Done), func(z *zip.Writer) error {
			out := &Sink{ctx: ctx, zip: z, service: s, actor: a, kind: e.Kind, lang: e.Lang, part: src.Part(), network: n}
			if err := src.Write(ctx, a, n, out); err != nil {
				return fmt.Errorf("export %s: %w", src.Part(), err)
			}
			return out.close()
		})
		if err != nil {
			return err
		}
		going, err := progress(ctx, s.c.DB, e.ID, e.Done+1)
		if err != nil {
			return err
		}
		if !going {
			return errNoLonger
		}
		e.Done++
	}
	return s.join(ctx, e, n)
}

// spool writes a ZIP to a temporary file and keeps it under name.
func (s *Service) spool(ctx context.Context, name string, fill func(*zip.Writer) error) error {
	f, err := os.CreateTemp("", "export-")
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	z := zip.NewWriter(f)
	if err := fill(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if size > maxPart {
		return fault.New(fault.TooLarge, "export.too_large")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.c.Files.Keep(ctx, name, "application/zip", f)
}

// join copies the parts into one ZIP, as they are, behind its first pages.
func (s *Service) join(ctx context.Context, e *Export, n *network.Network) error {
	return s.spool(ctx, e.name(), func(z *zip.Writer) error {
		front := &Sink{ctx: ctx, zip: z, service: s, kind: e.Kind, lang: e.Lang, network: n}
		if err := front.front(s.c.Clock.Now()); err != nil {
			return err
		}
		seen := map[string]bool{}
		for i := range s.c.Sources {
			if err := s.copyPart(ctx, z, e.part(i), seen); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Service) copyPart(ctx context.Context, z *zip.Writer, name string, seen map[string]bool) error {
	r, size, err := s.c.Files.OpenKept(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	f, err := os.CreateTemp("", "export-part-")
	if err != nil {
		return err
	}
	defer func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}()
	if _, err := io.Copy(f, r); err != nil {
		return err
	}
	part, err := zip.NewReader(f, size)
	if err != nil {
		return err
	}
	for _, x := range part.File {
		if seen[x.Name] { // a file that two rooms show
			continue
		}
		seen[x.Name] = true
		if err := z.Copy(x); err != nil {
			return err
		}
	}
	return nil
}

// finish makes the copy available and tells its person.
func (s *Service) finish(ctx context.Context, e *Export) error {
	r, size, err := s.c.Files.OpenKept(ctx, e.name())
	if err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	titles, err := s.c.Networks.Titles(ctx, []uuid.UUID{e.Network})
	if err != nil {
		return err
	}
	err = s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		ended, err := end(ctx, tx, e.ID, Done, size, s.c.Clock.Now())
		if err != nil || !ended {
			return err
		}
		return s.c.Notify.Send(ctx, tx, notify.Message{To: []uuid.UUID{e.Person}, Network: e.Network, Key: "export.notice.done",
			Args: map[string]any{"Title": titles[e.Network], "Days": KeepDays}, Link: "/sieci/" + e.Network.String() + "/kopie", Once: "export:" + e.ID.String()})
	})
	if err != nil {
		return err
	}
	return s.dropParts(ctx, e)
}

func (s *Service) dropParts(ctx context.Context, e *Export) error {
	var all error
	for i := range e.Total {
		all = errors.Join(all, s.c.Files.DropKept(ctx, e.part(i)))
	}
	return all
}

// SweepArgs removes expired copies.
type SweepArgs struct{}

// Kind implements [job.Args].
func (SweepArgs) Kind() string { return "export.sweep" }

func (s *Service) sweep(ctx context.Context, _ *job.Job[SweepArgs]) error { return s.Sweep(ctx) }

// Sweep removes the bytes of copies that were kept long enough, by the domain
// clock. May run on several nodes at once.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		rows, err := expired(ctx, s.c.DB, s.c.Clock.Now().AddDate(0, 0, -KeepDays))
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			if err := s.c.Files.DropKept(ctx, rows[i].name()); err != nil {
				return err
			}
			if err := setExpired(ctx, s.c.DB, rows[i].ID); err != nil {
				return err
			}
		}
	}
}
