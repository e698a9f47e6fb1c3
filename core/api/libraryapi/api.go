// Package libraryapi is the API of resources and of dissemination plans.
package libraryapi

import (
	"context"
	"io"
	"log/slog"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/library"
)

// Deps are what the operations need.
type Deps struct {
	Library *library.Service
	Files   *file.Service
}

type body[T any] struct{ Body T }

// IDIn names what the operation is about.
type IDIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
}

// ListIn narrows the list.
type ListIn struct {
	kit.PageIn
	Text     string   `query:"text" maxLength:"300" doc:"Words of title, authors and description, with or without Polish letters."`
	Kind     string   `query:"kind" maxLength:"40"`
	Licence  string   `query:"licence" maxLength:"40"`
	Tags     []string `query:"tags" maxItems:"20" doc:"All of these: topic:ocenianie, stage:lo …"`
	Product  bool     `query:"product" doc:"Only what networks worked out themselves."`
	Audience string   `query:"audience" enum:"network,platform,public"`
	Which    string   `query:"which" enum:"mine,waiting" doc:"mine: added by the caller, drafts too; waiting: for the caller's decision about publication."`
	Order    string   `query:"order" enum:"useful" doc:"Default: the newest first."`
}

func (in *ListIn) filter() library.Filter {
	return library.Filter{Text: in.Text, Kind: in.Kind, Licence: in.Licence, Tags: in.Tags, Product: in.Product, Audience: library.Audience(in.Audience),
		Which: library.Which(in.Which), Order: library.Order(in.Order), Cursor: in.After, Limit: in.Limit}
}

type shelfIn struct {
	ID uuid.UUID `path:"id" format:"uuid"`
	ListIn
}

type created struct {
	ID uuid.UUID `json:"id"`
}

// Details describe a resource.
type Details struct {
	Title         string   `json:"title" maxLength:"200"`
	Kind          string   `json:"kind,omitempty" maxLength:"40" doc:"A code of the vocabulary kind."`
	Description   string   `json:"description,omitempty" maxLength:"10000" doc:"Markdown."`
	Licence       string   `json:"licence,omitempty" maxLength:"40" doc:"A code of the vocabulary licence; required to share."`
	LicenceText   string   `json:"licence_text,omitempty" maxLength:"500" doc:"The terms of the licence own."`
	Authors       []string `json:"authors,omitempty" maxItems:"10" doc:"Names as they should be shown."`
	Accessibility string   `json:"accessibility,omitempty" maxLength:"1000" doc:"What is accessible in the files; required to share."`
	Tags          []string `json:"tags,omitempty" maxItems:"20"`
	Product       bool     `json:"product,omitempty"`
}

func (d *Details) of() library.Details {
	return library.Details{Title: d.Title, Kind: d.Kind, Description: d.Description, Licence: d.Licence, LicenceText: d.LicenceText, Authors: d.Authors,
		Accessibility: d.Accessibility, Tags: d.Tags, Product: d.Product}
}

type newFile struct {
	ID  uuid.UUID `json:"id" doc:"Of an upload of the caller (uploadFile)."`
	Alt string    `json:"alt,omitempty" maxLength:"500" doc:"What an image shows; required for images."`
}

// Contents are what a resource consists of.
type Contents struct {
	Files []newFile `json:"files,omitempty" maxItems:"10"`
	Link  string    `json:"link,omitempty" maxLength:"1000"`
	Note  string    `json:"note,omitempty" maxLength:"1000" doc:"What changed in this version."`
}

func (c *Contents) of() library.Contents {
	out := library.Contents{Link: c.Link, Note: c.Note}
	for _, f := range c.Files {
		out.Files = append(out.Files, library.NewFile{ID: f.ID, Alt: f.Alt})
	}
	return out
}

type createIn struct {
	Body struct {
		Network uuid.UUID `json:"network_id,omitempty" doc:"Where it is added; or centre_id."`
		Centre  uuid.UUID `json:"centre_id,omitempty"`
		Details
		Contents
		Share bool `json:"share" doc:"Show it to the network at once; otherwise a draft."`
	}
}

type editIn struct {
	IDIn
	Body struct {
		Version int `json:"version" doc:"Of the resource as it was read."`
		Details
	}
}

type draftIn struct {
	IDIn
	Body struct {
		Version int `json:"version" doc:"Of the draft as it was read."`
		Details
		Contents
		Share bool `json:"share"`
	}
}

type versionIn struct {
	IDIn
	Body Contents
}

type reasonIn struct {
	IDIn
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"1000"`
	}
}

type publishIn struct {
	IDIn
	Body struct {
		Audience string `json:"audience" enum:"platform,public"`
	}
}

type published struct {
	Published bool `json:"published" doc:"False when the centre was asked instead."`
}

type decideIn struct {
	IDIn
	Body struct {
		Publish bool   `json:"publish"`
		Reason  string `json:"reason,omitempty" maxLength:"1000" doc:"Required for a refusal."`
	}
}

type useIn struct {
	IDIn
	Body struct {
		Network uuid.UUID `json:"network_id"`
		Note    string    `json:"note,omitempty" maxLength:"500"`
	}
}

type unuseIn struct {
	IDIn
	Network uuid.UUID `path:"network" format:"uuid"`
}

type fileIn struct {
	IDIn
	File uuid.UUID `path:"file" format:"uuid"`
}

// Register adds the operations.
func Register(a *kit.API, d Deps) {
	s := d.Library
	kit.Register(a, kit.Op{ID: "listResources", Method: "GET", Path: "/resources", Perm: library.PermList, Summary: "Find resources that the caller may see."},
		func(ctx context.Context, in *ListIn) (*body[library.Page], error) {
			p, err := s.List(ctx, access.From(ctx), in.filter())
			return page(p), err
		})
	kit.Register(a, kit.Op{ID: "listNetworkResources", Method: "GET", Path: "/networks/{id}/resources", Perm: library.PermView, Tag: "resources", Summary: "The shelf of a network: its own resources and those that it uses."},
		func(ctx context.Context, in *shelfIn) (*body[library.Page], error) {
			p, err := s.Shelf(ctx, access.From(ctx), in.ID, in.filter())
			if err != nil {
				return nil, err
			}
			return page(p.Page), nil
		})
	kit.Register(a, kit.Op{ID: "getResource", Method: "GET", Path: "/resources/{id}", Perm: library.PermList, Summary: "A resource with its versions and uses; gone when its publication was withdrawn."},
		func(ctx context.Context, in *IDIn) (*body[*library.Resource], error) {
			r, err := s.Get(ctx, access.From(ctx), in.ID)
			return &body[*library.Resource]{r}, err
		})
	kit.Register(a, kit.Op{ID: "getResourceFile", Method: "GET", Path: "/resources/{id}/files/{file}", Perm: library.PermList, Summary: "Fetch a file of a resource, always as an attachment; also without an account where the resource is public."},
		func(ctx context.Context, in *fileIn) (*huma.StreamResponse, error) {
			f, err := d.Files.Open(ctx, access.From(ctx), in.File)
			if err != nil {
				return nil, err
			}
			if f.ObjectKind != library.FileKind {
				_ = f.Close() // nothing was read
				return nil, fault.ErrNotFound
			}
			return &huma.StreamResponse{Body: func(c huma.Context) { send(c, f) }}, nil
		})
	kit.Register(a, kit.Op{ID: "listTaxonomies", Method: "GET", Path: "/resources/terms", Perm: library.PermList, Summary: "The vocabularies of kinds, licences and tags."},
		func(context.Context, *kit.None) (*body[map[library.Scheme][]library.Term], error) {
			out := map[library.Scheme][]library.Term{}
			for _, x := range append([]library.Scheme{library.Kinds, library.Licences}, library.TagSchemes...) {
				out[x] = s.Terms().Terms(x)
			}
			return &body[map[library.Scheme][]library.Term]{out}, nil
		})
	writing(a, s)
	publication(a, s)
	plans(a, s)
}

func page(p library.Page) *body[library.Page] {
	if p.Items == nil {
		p.Items = []library.Card{}
	}
	return &body[library.Page]{p}
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

func writing(a *kit.API, s *library.Service) {
	kit.Register(a, kit.Op{ID: "createResource", Method: "POST", Path: "/resources", Perm: library.PermCreate, Status: 201, Summary: "Add a resource to a network or a centre, as a draft or shared at once."},
		func(ctx context.Context, in *createIn) (*body[created], error) {
			b := &in.Body
			id, err := s.Create(ctx, access.From(ctx), library.NewResource{Network: b.Network, Centre: b.Centre, Details: b.Details.of(), Contents: b.Contents.of(), Share: b.Share})
			return &body[created]{created{id}}, err
		})
	kit.Register(a, kit.Op{ID: "saveResourceDraft", Method: "PUT", Path: "/resources/{id}/draft", Perm: library.PermCreate, Status: 204, Summary: "Change a draft of one's own, files and all, and share it."},
		func(ctx context.Context, in *draftIn) (*kit.None, error) {
			b := &in.Body
			return nil, s.Save(ctx, access.From(ctx), in.ID, b.Version, b.Details.of(), b.Contents.of(), b.Share)
		})
	kit.Register(a, kit.Op{ID: "editResource", Method: "PUT", Path: "/resources/{id}", Perm: library.PermCreate, Status: 204, Summary: "Change the description of a shared resource."},
		func(ctx context.Context, in *editIn) (*kit.None, error) {
			return nil, s.Edit(ctx, access.From(ctx), in.ID, in.Body.Version, in.Body.Details.of())
		})
	kit.Register(a, kit.Op{ID: "addResourceVersion", Method: "POST", Path: "/resources/{id}/versions", Perm: library.PermCreate, Status: 201, Summary: "Add a version with new files or a new address; older ones stay."},
		func(ctx context.Context, in *versionIn) (*body[struct {
			No int `json:"no"`
		}], error) {
			no, err := s.AddVersion(ctx, access.From(ctx), in.ID, in.Body.of())
			out := &body[struct {
				No int `json:"no"`
			}]{}
			out.Body.No = no
			return out, err
		})
	kit.Register(a, kit.Op{ID: "removeResource", Method: "POST", Path: "/resources/{id}/remove", Perm: library.PermCreate, Status: 204, Summary: "Take a resource away with a reason; a draft is deleted."},
		func(ctx context.Context, in *reasonIn) (*kit.None, error) {
			return nil, s.Remove(ctx, access.From(ctx), in.ID, in.Body.Reason)
		})
	kit.Register(a, kit.Op{ID: "restoreResource", Method: "POST", Path: "/resources/{id}/restore", Perm: library.PermCreate, Status: 204, Summary: "Put a removed resource back, unpublished."},
		func(ctx context.Context, in *IDIn) (*kit.None, error) {
			return nil, s.Restore(ctx, access.From(ctx), in.ID)
		})
	kit.Register(a, kit.Op{ID: "appreciateResource", Method: "PUT", Path: "/resources/{id}/useful", Perm: library.PermUseful, Summary: "Say, or take back, that the resource was useful; answers the count."},
		func(ctx context.Context, in *struct {
			IDIn
			Body struct {
				Useful bool `json:"useful"`
			}
		}) (*body[struct {
			Useful int `json:"useful"`
		}], error) {
			n, err := s.Appreciate(ctx, access.From(ctx), in.ID, in.Body.Useful)
			out := &body[struct {
				Useful int `json:"useful"`
			}]{}
			out.Body.Useful = n
			return out, err
		})
	kit.Register(a, kit.Op{ID: "useResource", Method: "POST", Path: "/resources/{id}/uses", Perm: library.PermUse, Status: 204, Summary: "Put a published resource on the shelf of a network."},
		func(ctx context.Context, in *useIn) (*kit.None, error) {
			return nil, s.Use(ctx, access.From(ctx), in.ID, in.Body.Network, in.Body.Note)
		})
	kit.Register(a, kit.Op{ID: "unuseResource", Method: "DELETE", Path: "/resources/{id}/uses/{network}", Perm: library.PermUse, Status: 204, Summary: "Take a resource off the shelf of a network."},
		func(ctx context.Context, in *unuseIn) (*kit.None, error) {
			return nil, s.Unuse(ctx, access.From(ctx), in.ID, in.Network)
		})
}

func publication(a *kit.API, s *library.Service) {
	kit.Register(a, kit.Op{ID: "publishResource", Method: "POST", Path: "/resources/{id}/publication", Perm: library.PermCreate, Summary: "Open a resource beyond its network, or ask the centre to."},
		func(ctx context.Context, in *publishIn) (*body[published], error) {
			done, err := s.Publish(ctx, access.From(ctx), in.ID, library.Audience(in.Body.Audience))
			return &body[published]{published{done}}, err
		})
	kit.Register(a, kit.Op{ID: "decideResource", Method: "POST", Path: "/resources/{id}/publication/decision", Perm: library.PermPublish, Status: 204, Summary: "Answer a proposal of publication."},
		func(ctx context.Context, in *decideIn) (*kit.None, error) {
			return nil, s.Decide(ctx, access.From(ctx), in.ID, in.Body.Publish, in.Body.Reason)
		})
	kit.Register(a, kit.Op{ID: "withdrawResource", Method: "POST", Path: "/resources/{id}/publication/withdraw", Perm: library.PermCreate, Status: 204, Summary: "End a publication with a reason that whoever opens its address reads."},
		func(ctx context.Context, in *reasonIn) (*kit.None, error) {
			return nil, s.Withdraw(ctx, access.From(ctx), in.ID, in.Body.Reason)
		})
}
