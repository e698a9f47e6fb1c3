// Package exportapi is the API of copies of networks.
package exportapi

import (
	"context"
	"io"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/export"
	"ore.edu.pl/sieci/core/file"
)

type networkIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

type listOut struct{ Body kit.List[export.Export] }

type askIn struct {
	ID   uuid.UUID `path:"id" format:"uuid"`
	Body struct {
		Kind export.Kind `json:"kind" enum:"data,site"`
	}
}

type askOut struct {
	Body struct {
		ID uuid.UUID `json:"id"`
	}
}

type exportOut struct{ Body export.Export }

// Register adds the operations.
func Register(a *kit.API, s *export.Service) {
	kit.Register(a, kit.Op{ID: "listExports", Most: 20, Method: "GET", Path: "/networks/{id}/exports", Perm: export.Perm, Summary: "List one's own copies of a network, the newest first."},
		func(ctx context.Context, in *networkIn) (*listOut, error) {
			_, list, err := s.List(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &listOut{kit.Page(list, "")}, nil
		})
	kit.Register(a, kit.Op{ID: "askExport", Fresh: true, Method: "POST", Path: "/networks/{id}/exports", Perm: export.Perm, Status: 202,
		Summary: "Begin a copy of a network: data (JSON and files) or site (pages to read without a server)."},
		func(ctx context.Context, in *askIn) (*askOut, error) {
			id, err := s.Ask(ctx, access.From(ctx), in.ID, in.Body.Kind)
			out := &askOut{}
			out.Body.ID = id
			return out, err
		})
	kit.Register(a, kit.Op{ID: "getExport", Method: "GET", Path: "/exports/{id}", Perm: export.Perm, Summary: "How far a copy is."},
		func(ctx context.Context, in *networkIn) (*exportOut, error) {
			e, err := s.Get(ctx, access.From(ctx), in.ID)
			return &exportOut{e}, err
		})
	kit.Register(a, kit.Op{ID: "cancelExport", Method: "POST", Path: "/exports/{id}/cancel", Perm: export.Perm, Status: 204, Summary: "Stop a copy that is being made."},
		func(ctx context.Context, in *networkIn) (*kit.None, error) {
			return nil, s.Cancel(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "downloadExport", Fresh: true, Method: "GET", Path: "/exports/{id}/file", Perm: export.Perm, Summary: "Download a finished copy (ZIP)."},
		func(ctx context.Context, in *networkIn) (*huma.StreamResponse, error) {
			e, r, err := s.Download(ctx, access.From(ctx), in.ID)
			if err != nil {
				return nil, err
			}
			return &huma.StreamResponse{Body: func(c huma.Context) {
				defer r.Close()
				c.SetHeader("Content-Type", "application/zip")
				c.SetHeader("Content-Disposition", file.Disposition(e.FileName()))
				c.SetHeader("Content-Length", strconv.FormatInt(e.Size, 10))
				_, _ = io.Copy(c.BodyWriter(), r) // the status is sent; a broken connection is the client's
			}}, nil
		})
}
