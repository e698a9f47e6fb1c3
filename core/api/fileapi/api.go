// Package fileapi is the API of uploads: a file is uploaded first, as a
// temporary file of the caller, and then named by the operation that needs it.
package fileapi

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/file"
	webkit "ore.edu.pl/sieci/core/web/kit"
)

type uploaded struct {
	ID        uuid.UUID `json:"id"`
	Name      string    `json:"name" doc:"As it was cleaned: no folders, no control characters, the ending of its content."`
	MediaType string    `json:"mediaType" doc:"Found from the content, whatever was declared."`
	Size      int64     `json:"size" doc:"Bytes."`
	CreatedAt time.Time `json:"createdAt"`
}

type uploadIn struct {
	Name    string `query:"name" required:"true" minLength:"1" maxLength:"255"`
	RawBody []byte `contentType:"application/octet-stream"`
}

type uploadOut struct{ Body uploaded }

type idIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

// Register adds the operations.
func Register(a *kit.API, s *file.Service) {
	kit.Register(a, kit.Op{ID: "uploadFile", Method: "POST", Path: "/files", Perm: file.Upload, Status: 201, Upload: true,
		Summary:     "Upload a file of at most 25 MiB, to be named in a submission.",
		Description: "The body is the file itself. It stays yours alone until an operation names its id."},
		func(ctx context.Context, in *uploadIn) (*uploadOut, error) {
			f, err := s.Upload(ctx, access.From(ctx), in.Name, bytes.NewReader(in.RawBody))
			return &uploadOut{uploaded{f.ID, f.Name, f.MediaType, f.Size, f.CreatedAt.UTC()}}, err
		})
	kit.Register(a, kit.Op{ID: "getFile", Method: "GET", Path: "/files/{id}", Perm: webkit.SignedIn,
		Summary: "Fetch a file that one may see, always as an attachment."},
		func(ctx context.Context, in *idIn) (*huma.StreamResponse, error) {
			f, err := s.Open(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(c huma.Context) { send(c, f) }}, nil
		})
	kit.Register(a, kit.Op{ID: "discardFile", Method: "DELETE", Path: "/files/{id}", Perm: file.Upload, Status: 204,
		Summary: "Remove a file of one's own that nothing names yet."},
		func(ctx context.Context, in *idIn) (*kit.None, error) {
			return nil, s.Discard(ctx, access.From(ctx), in.ID)
		})
}

// send writes the file; the headers are those of the page that downloads it.
func send(c huma.Context, f *file.Content) {
	defer f.Close()
	c.SetHeader("Content-Type", f.MediaType)
	c.SetHeader("Content-Disposition", file.Disposition(f.Name))
	c.SetHeader("Content-Length", strconv.FormatInt(f.Size, 10))
	c.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
	c.SetHeader("Cache-Control", "private, no-cache")
	if _, err := io.Copy(c.BodyWriter(), f); err != nil {
		slog.WarnContext(c.Context(), "download broke off", "file", f.ID, "err", err)
	}
}
