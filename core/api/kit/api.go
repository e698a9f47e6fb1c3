package kit

import (
	"cmp"
	"context"
	"fmt"
	"github.com/google/uuid"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/web/kit"
)

// Base is where the API lives.
const Base = "/api/v1"

// Op is one operation of the API.
type Op struct {
	// ID names the operation for ever: "foundNetwork". Pages' POST routes refer to it.
	ID     string
	Method string
	// Path below [Base], with {name} places: "/networks/{id}".
	Path string
	// Perm is checked coarsely here; the service decides precisely.
	Perm    access.Permission
	Summary string // one sentence in English, for programmers
	Tag     string // chapter of the documentation; default the first piece of Path
	// Description adds what the schemas cannot say.
	Description string
	// Status of success; default 200, or 204 when there is no body.
	Status int
	// Upload lifts the ceiling of the body from 1 MiB to 26 MiB.
	Upload bool
	// UploadMost is a ceiling of its own for a body that is larger, in bytes.
	UploadMost int64
	// Most is for a [List] that has no pages: how many entries it holds, or
	// [Whole]. The documentation says so.
	Most int
	// Unlinked: the address is the key; see [kit.Route].
	Unlinked bool
	// Fresh: a session must have confirmed who it belongs to in the last minutes
	// (POST /session/confirmation); a token must have been made for such acts.
	Fresh bool
	// Unconfined: open to people who must set up a second step first.
	Unconfined bool
	// Visitors: the handler asks [Visiting] where the request comes from, to
	// throttle people who have no account yet.
	Visitors bool
}

// Whole is [Op.Most] of a list that leaves nothing out.
const Whole = -1

// Visit is where a request comes from.
type Visit struct {
	// Address is the client's IP address, behind trusted proxies the one they
	// name; Agent its User-Agent.
	Address, Agent string
}

type visitKey struct{}

// Visiting tells where the request comes from; for operations with Visitors.
func Visiting(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

// SessionCookie is the cookie of a session just opened; an empty value takes
// the visitor's cookie away.
func (a *API) SessionCookie(value string, expires time.Time) []http.Cookie {
	return []http.Cookie{a.server.NewSessionCookie(value, expires)}
}

// API collects operations. Fill it before serving.
type API struct {
	server *kit.Server
	auth   *access.Authorizer
	huma   huma.API
	ops    []Op
	// bounded are the schemas of input whose numbers have limits already.
	bounded map[*huma.Schema]bool
}

// Together is [kit.Ctx.Together] of the pages, for operations.
func (a *API) Together(ctx context.Context, readers ...func(ctx context.Context) error) error {
	return a.server.Together(ctx, readers...)
}

// New puts the API on the server: errors under /api become problem documents,
// and the OpenAPI document and its page are served.
func New(s *kit.Server, auth *access.Authorizer) *API {
	cfg := huma.DefaultConfig("Sieci", "1")
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil // would add $schema links to every body
	cfg.RejectUnknownQueryParameters = true
	cfg.Servers = []*huma.Server{{URL: Base}}
	cfg.Info.Description = "Networks of cooperation and self-education. Errors are RFC 9457 problem documents; changes take an Idempotency-Key. " +
		"Lists with pages take after, most of them limit; the others say how many entries they hold."
	cfg.Components.Schemas = schemas()
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token made on the account page."},
		"session": {Type: "apiKey", In: "cookie", Name: "__Host-sieci", Description: "The session of the web pages."},
	}
	a := &API{server: s, auth: auth, bounded: map[*huma.Schema]bool{}}
	a.huma = humaecho.NewV4WithGroup(s.Echo(), s.Echo().Group(Base), cfg)
	s.OnAPIError(a.answer)
	s.Add(
		kit.Get(Base+"/openapi.json", kit.Public, a.document),
		kit.Get(docsPath, kit.Public, a.docs),
		kit.Get(docsPath+"/:chapter", kit.Public, a.docsChapter),
	)
	return a
}

// Ops lists the operations in the order registered.
func (a *API) Ops() []Op { return slices.Clone(a.ops) }

// Register adds an operation. I and O are huma's input and output structs
// (path, query and header tags, Body). The handler's context carries actor,
// language, request id and idempotency key; it calls one service method and
// returns its error as it is. Register panics on a wrong or doubled operation.
func Register[I, O any](a *API, op Op, h func(ctx context.Context, in *I) (*O, error)) {
	a.check(&op)
	op.Description = pages(&op, reflect.TypeFor[I](), reflect.TypeFor[O]())
	if op.Fresh {
		op.Description = strings.TrimSpace(op.Description + " " + freshNote)
	}
	seen(op.ID, reflect.TypeFor[I]())
	seen(op.ID, reflect.TypeFor[O]())
	a.ops = append(a.ops, op)
	limit := int64(kit.BodyLimit)
	if op.Upload {
		limit = cmp.Or(op.UploadMost, kit.UploadLimit)
	}
	a.server.Foreign(op.Method, Base+echoPath(op.Path), limit, op.Unlinked)
	o := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, Description: op.Description,
		Tags: []string{op.Tag}, DefaultStatus: op.Status, MaxBodyBytes: limit,
		BodyReadTimeout: kit.ReadTimeout, // not huma's 5 s: uploads come over slow lines
		Middlewares:     huma.Middlewares{a.guard(&op)},
		Extensions:      map[string]any{"x-permission": string(op.Perm)},
	}
	if op.Visitors {
		o.Middlewares = append(o.Middlewares, visit)
	}
	o.Security = []map[string][]string{{"token": {}}, {"session": {}}}
	if a.auth.Anywhere(&access.Actor{}, op.Perm) {
		o.Security = append(o.Security, map[string][]string{}) // a guest may ask, too
	}
	if op.Method != http.MethodGet {
		o.Parameters = []*huma.Param{idempotencyKey()}
	}
	huma.Register(a.huma, o, func(ctx context.Context, in *I) (*O, error) {
		input := reflect.ValueOf(in).Elem()
		tidy(input)
		out, err := h(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, unechoed(ctx, atParameter(err, input.Type()), input))
		}
		return out, nil
	})
	a.bound(op)
}

// seen panics on an embedded struct whose type has a small letter: huma passes
// over it, so that a path would not be read and a field of a body be unknown.
func seen(op string, t reflect.Type) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || t.PkgPath() != "" && !strings.Contains(t.PkgPath(), "/core/api/") {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous && !f.IsExported() {
			panic(fmt.Sprintf("api: %s embeds %s, which huma does not see: begin its name with a capital", op, f.Type))
		}
		if f.Anonymous || f.Name == "Body" {
			seen(op, f.Type)
		}
	}
}

func (a *API) check(op *Op) {
	switch {
	case op.ID == "" || op.Summary == "" || op.Perm == "":
		panic(fmt.Sprintf("api: operation %q %s needs an id, a summary and a permission", op.ID, op.Path))
	case !strings.HasPrefix(op.Path, "/"):
		panic("api: path of " + op.ID + " does not begin with /")
	case slices.ContainsFunc(a.ops, func(o Op) bool { return o.ID == op.ID }):
		panic("api: operation " + op.ID + " twice")
	}
	if op.Tag == "" {
		op.Tag, _, _ = strings.Cut(op.Path[1:], "/")
	}
}

func echoPath(p string) string { return strings.NewReplacer("{", ":", "}", "").Replace(p) }

// guard decides coarsely and puts the idempotency key into the context, before
// the body is read.
func (a *API) guard(op *Op) func(huma.Context, func(huma.Context)) {
	perm, fresh, confined := op.Perm, op.Fresh, op.Unconfined || op.Perm == kit.Public
	return func(ctx huma.Context, next func(huma.Context)) {
		c := ctx.Context()
		actor := access.From(c)
		if !a.auth.Anywhere(actor, perm) {
			err := fault.ErrNotFound
			if !actor.SignedIn() {
				err = fault.New(fault.Unauthenticated, "fault.unauthenticated")
			}
			a.write(ctx, err)
			return
		}
		if actor.Confined && !confined {
			a.write(ctx, fault.New(fault.Forbidden, kit.KeyConfined))
			return
		}
		if fresh && !actor.Recent {
			key := kit.KeyReauth
			if actor.Session == uuid.Nil {
				key = keyTokenActs // a program cannot confirm anything
			}
			a.write(ctx, fault.New(fault.Forbidden, key))
			return
		}
		if key := ctx.Header("Idempotency-Key"); key != "" {
			if !idem.Valid(key) {
				a.write(ctx, fault.InvalidFields(fault.Field{Path: "header:Idempotency-Key", Key: "api.idempotency_key"}))
				return
			}
			ctx = huma.WithContext(ctx, idem.With(c, key))
		}
		next(ctx)
	}
}

// freshNote is what the documentation says of operations with [Op.Fresh].
const freshNote = "A session confirms who it belongs to first (POST /session/confirmation), once in ten minutes; else the answer is 403 with the type " +
	TypeReauth + ". A token must have been made for such acts (createToken, acts); else the answer is 403 with the type " + TypeTokenActs + "."

// visit puts into the context where the request comes from.
func visit(ctx huma.Context, next func(huma.Context)) {
	e := humaecho.UnwrapV4(ctx)
	next(huma.WithValue(ctx, visitKey{}, Visit{e.RealIP(), e.Request().UserAgent()}))
}

// idempotencyKey describes the header that [API.guard] reads.
func idempotencyKey() *huma.Param {
	least, most := 8, 64
	return &huma.Param{
		Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString, MinLength: &least, MaxLength: &most},
		Description: "ASCII without spaces, made by the caller: the same request with the same key changes things once.",
	}
}

// pages is the description of an operation, for a [List] without pages with how
// much it holds; it panics where nobody says.
func pages(op *Op, in, out reflect.Type) string {
	body, ok := out.FieldByName("Body")
	if !ok || takesAfter(in) {
		return op.Description
	}
	t := body.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return op.Description
	}
	_, items := t.FieldByName("Items")
	if _, next := t.FieldByName("Next"); !items || !next {
		return op.Description
	}
	how := "The list comes whole."
	switch {
	case op.Most == 0:
		panic("api: the list of " + op.ID + " has no pages and does not say how much it holds")
	case op.Most > 0:
		how = fmt.Sprintf("At most %d entries, without pages.", op.Most)
	}
	return strings.TrimSpace(op.Description + " " + how)
}

func takesAfter(in reflect.Type) bool {
	for i := range in.NumField() {
		f := in.Field(i)
		if f.Tag.Get("query") == "after" || f.Anonymous && f.Type.Kind() == reflect.Struct && takesAfter(f.Type) {
			return true
		}
	}
	return false
}

// AfterIn is the input of a list whose pages have a fixed size; embed it.
type AfterIn struct {
	After string `query:"after" maxLength:"200" doc:"Where the page before ended: next of the last answer."`
}

// PageIn is the input of a list; embed it.
type PageIn struct {
	After string `query:"after" maxLength:"200" doc:"Where the page before ended: next of the last answer."`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50" doc:"How many at most."`
}

// List is one page of a list.
type List[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"Give it as after for the next page; missing on the last."`
}

// Page makes a list's page; items is never null in JSON.
func Page[T any](items []T, next string) List[T] {
	if items == nil {
		items = []T{}
	}
	return List[T]{Items: items, Next: next}
}

// None is the input or output of an operation without one.
type None struct{}

// document serves the OpenAPI 3.1 description.
func (a *API) document(c *kit.Ctx) error {
	raw, err := a.huma.OpenAPI().MarshalJSON()
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	_, err = c.Response().Write(raw)
	return err
}

// Mismatches compares pages with operations: every POST of a page names an
// existing operation with the same permission, unless it says why there is
// none. It returns one sentence per difference; a test holds it empty.
func Mismatches(pages []kit.Route, ops []Op) []string {
	byID := map[string]Op{}
	for _, op := range ops {
		byID[op.ID] = op
	}
	var out []string
	for _, r := range pages {
		if r.Method != http.MethodPost || r.PageOnly != "" {
			continue
		}
		op, ok := byID[r.Op]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("POST %s: the API has no operation %q", r.Path, r.Op))
		case op.Perm != r.Perm:
			out = append(out, fmt.Sprintf("POST %s needs %s, operation %s needs %s", r.Path, r.Perm, r.Op, op.Perm))
		case op.Fresh != r.Fresh || op.Unconfined != r.Unconfined:
			out = append(out, fmt.Sprintf("POST %s and operation %s do not ask the same proof of who acts", r.Path, r.Op))
		}
	}
	return out
}
