package file

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/job"
)

// Upload is the permission to upload files (every confirmed account).
const Upload access.Permission = "file:upload"

// Guard decides whether the actor may download a file that is attached to an
// object of the guard's kind: nil, or the error to answer (fault.ErrNotFound
// where the object may not be seen). Called at every download.
type Guard func(ctx context.Context, a *access.Actor, f File) error

// Config of the service; every field but Jobs and TempDir is required.
type Config struct {
	DB     *db.DB
	Access *access.Authorizer
	Audit  *audit.Log
	Bucket *blob.Bucket
	// Jobs, when set, gets the sweep.
	Jobs *job.Client
	// TempDir holds an upload while it is checked; default the system's.
	TempDir string
}

// Service keeps files. Safe for concurrent use.
type Service struct {
	c      Config
	mu     sync.RWMutex
	guards map[string]Guard
}

// New makes the service and adds its sweep to c.Jobs.
func New(c Config) *Service {
	s := &Service{c: c, guards: map[string]Guard{}}
	if c.Jobs != nil {
		job.Add(c.Jobs, job.Options{Title: "file.job.sweep", Every: time.Hour},
			func(ctx context.Context, _ *job.Job[SweepArgs]) error { return s.Sweep(ctx, time.Now()) })
	}
	return s
}

// Guard registers who may download files attached to objects of kind; a second
// guard for a kind panics. Without a guard nobody may.
func (s *Service) Guard(kind string, g Guard) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, twice := s.guards[kind]; twice {
		panic("file: guard registered twice: " + kind)
	}
	s.guards[kind] = g
}

// Upload stores r under a cleaned name as a temporary file of the actor, who
// needs [Upload]. Invalid for content of a kind that is not taken or broken,
// TooLarge over [MaxSize], Conflict over the [Quota]. Nothing stays behind an error.
func (s *Service) Upload(ctx context.Context, a *access.Actor, name string, r io.Reader) (File, error) {
	if err := s.c.Access.Require(a, Upload, access.Place{}); err != nil {
		return File{}, err
	}
	if !a.SignedIn() {
		return File{}, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	if n, err := used(ctx, s.c.DB, a.Person); err != nil {
		return File{}, err
	} else if n >= Quota {
		return File{}, errQuota()
	}
	spool, err := os.CreateTemp(s.c.TempDir, "upload-")
	if err != nil {
		return File{}, fmt.Errorf("spool upload: %w", err)
	}
	defer func() {
		_ = spool.Close()
		_ = os.Remove(spool.Name())
	}()
	f, err := s.check(ctx, spool, name, r)
	if err != nil {
		return File{}, err
	}
	f.Owner = a.Person
	if err := s.store(ctx, a, &f, spool); err != nil {
		return File{}, err
	}
	return get(ctx, s.c.DB, f.ID)
}

// check spools r, counts and digests it, and finds its type.
func (s *Service) check(ctx context.Context, spool *os.File, name string, r io.Reader) (File, error) {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(spool, h), io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return File{}, fmt.Errorf("receive upload: %w", err)
	case n > MaxSize:
		return File{}, fault.New(fault.TooLarge, "file.too_large", "Max", MaxSize>>20)
	case n == 0:
		return File{}, fault.New(fault.Invalid, "file.empty")
	}
	t, err := detect(spool, n, name)
	if err != nil {
		return File{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return File{}, err
	}
	return File{ID: id, Name: cleanName(name, i18n.T(ctx, "file.unnamed"), t), MediaType: t.media, Size: n, SHA256: h.Sum(nil)}, nil
}

func (s *Service) store(ctx context.Context, a *access.Actor, f *File, spool *os.File) error {
	err := s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := lockOwner(ctx, tx, a.Person); err != nil {
			return err
		}
		n, err := used(ctx, tx, a.Person)
		if err != nil {
			return err
		}
		if n+f.Size > Quota {
			return errQuota()
		}
		if err := insert(ctx, tx, *f); err != nil {
			return err
		}
		return s.c.Audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System,
			Action: string(Upload), ObjectKind: "file", ObjectID: f.ID.String(), Value: f.SHA256})
	})
	if err != nil {
		return err
	}
	if err := s.write(ctx, f, spool); err != nil {
		// The visitor may be gone; the row must not count against them.
		undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_, derr := s.claimAndRemove(undo, f.Owner, f.ID)
		return errors.Join(fmt.Errorf("store upload: %w", err), derr)
	}
	return nil
}

func (s *Service) write(ctx context.Context, f *File, spool *os.File) error {
	if _, err := spool.Seek(0, io.SeekStart); err != nil {
		return err
	}
	// A cancelled context makes Close drop the half-written object.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := s.c.Bucket.NewWriter(ctx, blobKey(f.ID), &blob.WriterOptions{ContentType: f.MediaType})
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, spool); err != nil {
		cancel()
		return errors.Join(err, w.Close())
	}
	return w.Close()
}

// Attach binds temporary files of the actor to an object, in the transaction
// that writes the object; files already bound to that object stay. Invalid
// when one is missing, swept or somebody else's. Whether the actor may change
// the object is the caller's to decide, and to audit.
func (s *Service) Attach(ctx context.Context, tx *db.Tx, a *access.Actor, ids []uuid.UUID, o Object) error {
	if len(ids) == 0 {
		return nil
	}
	s.mu.RLock()
	_, guarded := s.guards[o.Kind]
	s.mu.RUnlock()
	if !guarded {
		return fmt.Errorf("file: no guard for %q: nobody could download", o.Kind)
	}
	n, err := attach(ctx, tx, a.Person, ids, o)
	if err != nil {
		return err
	}
	if n != int64(countDistinct(ids)) {
		return fault.New(fault.Invalid, "file.gone")
	}
	return nil
}

// Detach lets go of an object's files except keep; the sweep removes them.
func (s *Service) Detach(ctx context.Context, tx *db.Tx, kind string, object uuid.UUID, keep []uuid.UUID) error {
	if keep == nil {
		keep = []uuid.UUID{}
	}
	return detach(ctx, tx, kind, object, keep)
}

// Of lists the files of objects of one kind, by object, in the order of upload
// (at most 200 an object on average). The caller has decided that the actor
// sees the objects.
func (s *Service) Of(ctx context.Context, q db.Q, kind string, objects ...uuid.UUID) (map[uuid.UUID][]File, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	rows, err := ofObjects(ctx, q, kind, objects)
	if err != nil {
		return nil, err
	}
	out := make(map[uuid.UUID][]File, len(objects))
	for _, f := range rows {
		out[f.ObjectID.UUID] = append(out[f.ObjectID.UUID], f)
	}
	return out, nil
}

// Get is what is known about a file that the actor may download; NotFound otherwise.
func (s *Service) Get(ctx context.Context, a *access.Actor, id uuid.UUID) (File, error) {
	f, err := get(ctx, s.c.DB, id)
	if err != nil {
		return File{}, db.NotFound(err)
	}
	switch f.State {
	case Temporary:
		if !a.SignedIn() || a.Person != f.Owner {
			return File{}, fault.ErrNotFound
		}
		return f, nil
	case Attached:
		s.mu.RLock()
		g, ok := s.guards[f.ObjectKind]
		s.mu.RUnlock()
		if !ok {
			slog.ErrorContext(ctx, "file attached to a kind without a guard", "file", id, "kind", f.ObjectKind)
			return File{}, fault.ErrNotFound
		}
		return f, g(ctx, a, f)
	}
	return File{}, fault.ErrNotFound
}

// Own lists those of the files that the actor uploaded and that belong to
// nothing yet, by id.
func (s *Service) Own(ctx context.Context, a *access.Actor, ids []uuid.UUID) (map[uuid.UUID]File, error) {
	out := map[uuid.UUID]File{}
	if !a.SignedIn() || len(ids) == 0 {
		return out, nil
	}
	rows, err := ownTemporary(ctx, s.c.DB, a.Person, ids)
	for _, f := range rows {
		out[f.ID] = f
	}
	return out, err
}

// Open is Get with the bytes; the caller closes.
func (s *Service) Open(ctx context.Context, a *access.Actor, id uuid.UUID) (*Content, error) {
	f, err := s.Get(ctx, a, id)
	if err != nil {
		return nil, err
	}
	r, err := s.c.Bucket.NewReader(ctx, blobKey(id), nil)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "file.missing")
	}
	return &Content{File: f, ReadCloser: r}, nil
}

// Discard removes a temporary file of the actor at once; NotFound otherwise.
func (s *Service) Discard(ctx context.Context, a *access.Actor, id uuid.UUID) error {
	if !a.SignedIn() {
		return fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	ok, err := s.claimAndRemove(ctx, a.Person, id)
	if err == nil && !ok {
		return fault.ErrNotFound
	}
	return err
}

// Used is how much of their [Quota] the actor has filled, in bytes.
func (s *Service) Used(ctx context.Context, a *access.Actor) (int64, error) {
	if !a.SignedIn() {
		return 0, fault.New(fault.Unauthenticated, "fault.unauthenticated")
	}
	return used(ctx, s.c.DB, a.Person)
}

func (s *Service) claimAndRemove(ctx context.Context, owner, id uuid.UUID) (bool, error) {
	var n int64
	err := s.c.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		n, err = discard(ctx, tx, owner, id)
		return err
	})
	if err != nil || n == 0 {
		return false, err
	}
	return true, s.erase(ctx, id)
}

// SweepArgs removes orphans.
type SweepArgs struct{}

// Kind implements [job.Args].
func (SweepArgs) Kind() string { return "file.sweep" }

// sweepSize is how many files one round of the sweep takes.
const sweepSize = 200

// Sweep removes temporary files that no draft can name any more at now, and
// detached ones.
// Safe on several nodes at once.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	for {
		ids, err := claimOrphans(ctx, s.c.DB, now.Add(-keepTemporary), sweepSize)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.erase(ctx, id); err != nil {
				return err
			}
		}
		if len(ids) < sweepSize {
			return nil
		}
	}
}

// erase removes the bytes, then the row.
func (s *Service) erase(ctx context.Context, id uuid.UUID) error {
	if err := s.c.Bucket.Delete(ctx, blobKey(id)); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return fmt.Errorf("remove file: %w", err)
	}
	return remove(ctx, s.c.DB, id)
}

// blobKey spreads files over 256 folders; ids of version 7 differ at their end.
func blobKey(id uuid.UUID) string {
	s := id.String()
	return s[len(s)-2:] + "/" + s
}

func errQuota() error { return fault.New(fault.Conflict, "file.quota", "Max", Quota>>20) }

func countDistinct(ids []uuid.UUID) int {
	seen := make(map[uuid.UUID]bool, len(ids))
	for _, id := range ids {
		seen[id] = true
	}
	return len(seen)
}
