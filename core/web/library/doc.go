// Package library holds the pages of resources: the list with its facets, one
// resource with its versions and uses, adding, editing, new versions,
// publication, the shelf of a network and its dissemination plan.
//
// A form with files keeps what was uploaded when something else in it is wrong:
// the files are temporary ones of the person, named in hidden fields, until the
// form is right.
package library

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/i18n/show"
	"ore.edu.pl/sieci/core/library"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Deps are what the pages need.
type Deps struct {
	Library *library.Service
	Files   *file.Service
	Clock   clock.Clock
}

type pages struct{ Deps }

const (
	listPath    = "/zasoby"
	networkPath = "/sieci/"
	shelfTab    = "/zasoby"
	planTab     = "/upowszechnianie"
)

// Routes are the rows of this room.
func Routes(d Deps) []kit.Route {
	p := &pages{d}
	return []kit.Route{
		kit.Get("/zasoby", library.PermList, p.list),
		kit.Get("/zasoby/nowy", library.PermCreate, p.newForm),
		kit.Post("/zasoby/nowy", library.PermCreate, "createResource", p.create).WithUpload(),
		kit.Get("/zasoby/:id", library.PermList, p.show),
		kit.Get("/zasoby/:id/wersje/:nr", library.PermList, p.version),
		kit.Get("/zasoby/:id/pliki/:plik", library.PermList, p.download),
		kit.Get("/zasoby/:id/edytuj", library.PermCreate, p.edit),
		kit.Post("/zasoby/:id/edytuj", library.PermCreate, "editResource", p.save),
		kit.Post("/zasoby/:id/szkic", library.PermCreate, "saveResourceDraft", p.saveDraft).WithUpload(),
		kit.Get("/zasoby/:id/nowa-wersja", library.PermCreate, p.versionForm),
		kit.Post("/zasoby/:id/nowa-wersja", library.PermCreate, "addResourceVersion", p.addVersion).WithUpload(),
		kit.Get("/zasoby/:id/publikacja", library.PermCreate, p.publication),
		kit.Post("/zasoby/:id/publikacja", library.PermCreate, "publishResource", p.publish),
		kit.Post("/zasoby/:id/publikacja/decyzja", library.PermPublish, "decideResource", p.decide),
		kit.Post("/zasoby/:id/publikacja/wycofaj", library.PermCreate, "withdrawResource", p.withdraw),
		kit.Get("/zasoby/:id/uzyj", library.PermUse, p.useForm),
		kit.Post("/zasoby/:id/uzyj", library.PermUse, "useResource", p.use),
		kit.Post("/zasoby/:id/uzyj/:siec/cofnij", library.PermUse, "unuseResource", p.unuse),
		kit.Post("/zasoby/:id/przydatne", library.PermUseful, "appreciateResource", p.appreciate),
		kit.Get("/zasoby/:id/usun", library.PermCreate, p.removeQuestion),
		kit.Post("/zasoby/:id/usun", library.PermCreate, "removeResource", p.remove),
		kit.Post("/zasoby/:id/przywroc", library.PermCreate, "restoreResource", p.restore),
		kit.Get("/sieci/:id/zasoby", library.PermView, p.shelf),
		kit.Get("/sieci/:id/upowszechnianie", library.PermPlan, p.plan),
		kit.Get("/sieci/:id/upowszechnianie/nowe", library.PermPlanEdit, p.stepForm),
		kit.Post("/sieci/:id/upowszechnianie/nowe", library.PermPlanEdit, "addDisseminationStep", p.addStep),
		kit.Get("/sieci/:id/upowszechnianie/:krok", library.PermPlanEdit, p.step),
		kit.Post("/sieci/:id/upowszechnianie/:krok", library.PermPlanEdit, "editDisseminationStep", p.editStep),
		kit.Post("/sieci/:id/upowszechnianie/:krok/stan", library.PermPlanEdit, "setDisseminationStep", p.setStep),
	}
}

func pathOf(id uuid.UUID) string { return listPath + "/" + id.String() }

func text(ctx context.Context, key string, args ...any) string { return i18n.T(ctx, key, args...) }

// withQuery is the address of a page with a query; empty values are left out.
func withQuery(path string, q url.Values) string {
	for k, v := range q {
		if len(v) == 0 || v[0] == "" {
			delete(q, k)
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// formats are how media types are called in short.
var formats = map[string]string{
	"application/pdf": "PDF", "image/png": "PNG", "image/jpeg": "JPG",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   "DOCX",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         "XLSX",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": "PPTX",
	"application/vnd.oasis.opendocument.text":                                   "ODT", "application/vnd.oasis.opendocument.spreadsheet": "ODS",
	"application/vnd.oasis.opendocument.presentation": "ODP",
}

// fileNote is a file in short: "PDF, 1,2 MB, 12 stron".
func fileNote(ctx context.Context, f *library.File) string {
	name, ok := formats[f.MediaType]
	switch {
	case ok:
	case strings.HasPrefix(f.MediaType, "text/csv"):
		name = "CSV"
	default:
		name = "TXT"
	}
	parts := []string{name, show.Bytes(i18n.FromContext(ctx), f.Size)}
	if f.Pages > 0 {
		key := "library.pages"
		if name == "PPTX" || name == "ODP" {
			key = "library.slides"
		}
		parts = append(parts, i18n.N(ctx, key, f.Pages))
	}
	return strings.Join(parts, ", ")
}

// Panel is what a network's home shows of its resources.
type Panel struct{ Library *library.Service }

// Todo tells the start page which proposals of publication wait.
type Todo struct{ Library *library.Service }

var _ kit.TodoSource = Todo{}

// Ask implements [kit.TodoSource].
func (t Todo) Ask(a *access.Actor) (gather.Part, bool) { return t.Library.TodoPart(a) }

// Read implements [kit.TodoSource].
func (t Todo) Read(ctx context.Context, f gather.Found) ([]kit.TodoItem, error) {
	rows, err := library.TodoOf(f)
	out := make([]kit.TodoItem, len(rows))
	for i, r := range rows {
		out[i] = kit.TodoItem{Text: text(ctx, "library.todo", "Title", r.Title), Where: r.Network, Href: pathOf(r.ID) + "/publikacja"}
	}
	return out, err
}

// renamed puts the service's field names to those of the page's controls.
func renamed(err error, name func(path string) string) error {
	f := fault.As(err)
	if f == nil || len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = nil
	for _, x := range f.Fields {
		x.Path = name(x.Path)
		out.Fields = append(out.Fields, x)
	}
	return &out
}

func uuidOf(s string) uuid.UUID {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil
	}
	return id
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}

func link(href, label string) ui.Link { return ui.Link{Text: label, Href: href} }
