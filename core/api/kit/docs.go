package kit

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/kit"
)

// docOp is an operation as the documentation page shows it.
type docOp struct {
	Op
	URL    string
	Params []docField
	Body   []docField
	Answer []docField
	Status int
}

// docField is one line of a table of parameters or properties.
type docField struct {
	Name, Type, Doc string
	Required        bool
}

type docChapter struct {
	Tag string
	Ops []docOp
}

// docs serves the readable documentation, its rules and its list of
// operations: no script, no foreign host.
func (a *API) docs(c *kit.Ctx) error {
	c.Page(c.T("api.docs.title")).AsWide()
	return c.Render(http.StatusOK, docsPage(a.chapters()))
}

// docsChapter serves one chapter: the operations of a tag with their schemas.
func (a *API) docsChapter(c *kit.Ctx) error {
	for _, ch := range a.chapters() {
		if ch.Tag == c.Param("chapter") {
			c.Page(ch.Tag).Crumb(c.T("api.docs.title"), docsPath).AsWide()
			return c.Render(http.StatusOK, chapterPage(ch))
		}
	}
	return fault.ErrNotFound
}

// docsPath is the documentation's first page; chapters lie below it.
const docsPath = Base + "/docs"

func (c docChapter) path() string { return docsPath + "/" + url.PathEscape(c.Tag) }

func (a *API) chapters() []docChapter {
	byTag := map[string][]docOp{}
	for _, op := range a.ops {
		byTag[op.Tag] = append(byTag[op.Tag], a.describe(op))
	}
	var out []docChapter
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		out = append(out, docChapter{tag, byTag[tag]})
	}
	return out
}

func (a *API) describe(op Op) docOp {
	d := docOp{Op: op, URL: Base + op.Path}
	o := a.operation(op)
	if o == nil {
		return d
	}
	for _, p := range o.Parameters {
		d.Params = append(d.Params, docField{Name: p.Name, Type: a.typeName(p.Schema), Doc: join(p.Description, limits(p.Schema)), Required: p.Required})
	}
	if o.RequestBody != nil {
		for _, m := range o.RequestBody.Content {
			d.Body = a.fields(m.Schema, "", 0)
		}
	}
	for status, r := range o.Responses {
		if n, err := strconv.Atoi(status); err == nil && n < 300 {
			d.Status = n
			for _, m := range r.Content {
				d.Answer = a.fields(m.Schema, "", 0)
			}
		}
	}
	return d
}

func (a *API) operation(op Op) *huma.Operation {
	item := a.huma.OpenAPI().Paths[Base+op.Path]
	if item == nil {
		item = a.huma.OpenAPI().Paths[op.Path]
	}
	if item == nil {
		return nil
	}
	for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
		if o != nil && o.Method == op.Method {
			return o
		}
	}
	return nil
}

// maxDepth bounds nested properties in the tables.
const maxDepth = 4

func (a *API) resolve(s *huma.Schema) *huma.Schema {
	if s != nil && s.Ref != "" {
		return a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	return s
}

func (a *API) fields(s *huma.Schema, prefix string, depth int) []docField {
	s = a.resolve(s)
	if s == nil || depth >= maxDepth {
		return nil
	}
	if s.Type == "array" {
		return a.fields(s.Items, prefix+"[]", depth)
	}
	var out []docField
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		full := strings.TrimPrefix(prefix+"."+name, ".")
		out = append(out, docField{Name: full, Type: a.typeName(p), Doc: join(p.Description, limits(p)), Required: slices.Contains(s.Required, name)})
		out = append(out, a.fields(p, full, depth+1)...)
	}
	return out
}

func (a *API) typeName(s *huma.Schema) string {
	s = a.resolve(s)
	switch {
	case s == nil:
		return ""
	case s.Type == "array":
		return a.typeName(s.Items) + "[]"
	case len(s.Enum) > 0:
		var v []string
		for _, e := range s.Enum {
			v = append(v, fmt.Sprint(e))
		}
		return strings.Join(v, " | ")
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	}
	return s.Type
}

func limits(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	var out []string
	add := func(sign string, v any) {
		if n, ok := v.(float64); ok {
			v = strconv.FormatFloat(n, 'f', -1, 64) // not 2.147483647e+09
		}
		out = append(out, fmt.Sprintf("%s %v", sign, v))
	}
	if s.MinLength != nil {
		add("length ≥", *s.MinLength)
	}
	if s.MaxLength != nil {
		add("length ≤", *s.MaxLength)
	}
	if s.Minimum != nil {
		add("≥", *s.Minimum)
	}
	if s.Maximum != nil {
		add("≤", *s.Maximum)
	}
	if s.MaxItems != nil {
		add("items ≤", *s.MaxItems)
	}
	if s.Default != nil {
		add("default", s.Default)
	}
	return strings.Join(out, ", ")
}

func join(doc, limits string) string {
	if doc != "" && limits != "" {
		return doc + " (" + limits + ")"
	}
	return doc + limits
}
