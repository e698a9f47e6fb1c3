package file

import (
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
	"ore.edu.pl/sieci/core/fault"
)

// Files that the program makes itself (exports) lie beside uploads under names
// of their owner's choice; who may read them, and when they go, is the owner's
// to say.

func keptKey(name string) string {
	if name == "" || path.Clean("/"+name) != "/"+name || strings.ContainsAny(name, "\\") {
		panic("file: bad name of a kept file: " + name)
	}
	return "kept/" + name
}

// Keep stores r under name, in place of what lay there. Nothing stays behind an error.
func (s *Service) Keep(ctx context.Context, name, mediaType string, r io.Reader) error {
	ctx, cancel := context.WithCancel(ctx) // a cancelled context makes Close drop the half-written object
	defer cancel()
	w, err := s.c.Bucket.NewWriter(ctx, keptKey(name), &blob.WriterOptions{ContentType: mediaType})
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, r); err != nil {
		cancel()
		return errors.Join(err, w.Close())
	}
	return w.Close()
}

// OpenKept gives the bytes under name and how many there are; the caller
// closes. Unavailable when there is none.
func (s *Service) OpenKept(ctx context.Context, name string) (io.ReadCloser, int64, error) {
	r, err := s.c.Bucket.NewReader(ctx, keptKey(name), nil)
	if err != nil {
		return nil, 0, fault.Wrap(err, fault.Unavailable, "file.missing")
	}
	return r, r.Size(), nil
}

// DropKept removes what lies under name; nothing there is no error.
func (s *Service) DropKept(ctx context.Context, name string) error {
	if err := s.c.Bucket.Delete(ctx, keptKey(name)); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	return nil
}
