package kit

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/kit"
	"ore.edu.pl/sieci/core/web/ui"
)

// Problem is an RFC 9457 problem document. It never repeats input.
type Problem struct {
	Type      string         `json:"type" doc:"A fixed name of the kind of problem." example:"about:blank"`
	Title     string         `json:"title" doc:"The kind of problem in words."`
	Status    int            `json:"status" doc:"The HTTP status."`
	Detail    string         `json:"detail" doc:"What happened and what to do next, in the language of Accept-Language."`
	Kind      string         `json:"kind" enum:"internal,invalid,unauthenticated,not_found,forbidden,conflict,too_many,too_large,unavailable,method_not_allowed" doc:"The kind of problem for programs."`
	RequestID string         `json:"requestId,omitempty" doc:"Quote it when reporting the problem."`
	Errors    []ProblemField `json:"errors,omitempty" doc:"What is wrong with the input."`
	wait      string
}

// ProblemField is one wrong part of the input.
type ProblemField struct {
	Pointer   string `json:"pointer,omitempty" doc:"JSON pointer into the body."`
	Parameter string `json:"parameter,omitempty" doc:"Name of a query parameter or header."`
	Detail    string `json:"detail" doc:"What is wrong."`
}

var (
	_ huma.StatusError       = (*Problem)(nil)
	_ huma.HeadersError      = (*Problem)(nil)
	_ huma.ContentTypeFilter = (*Problem)(nil)
)

// Error implements error.
func (p *Problem) Error() string { return p.Kind + ": " + p.Detail }

// GetStatus implements [huma.StatusError].
func (p *Problem) GetStatus() int { return p.Status }

// ContentType implements [huma.ContentTypeFilter].
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements [huma.HeadersError]: Retry-After where it helps.
func (p *Problem) GetHeaders() http.Header {
	if p.wait == "" {
		return nil
	}
	return http.Header{"Retry-After": {p.wait}}
}

// problem is the document for err, which is logged if it is unexpected.
func (a *API) problem(ctx context.Context, err error) *Problem {
	var done *kit.Answered
	if errors.As(err, &done) {
		return newProblem(ctx, done.Fault, done.Status)
	}
	f, status := a.server.Explain(ctx, err)
	return newProblem(ctx, f, status)
}

// Types of problems that a program can do something about.
const (
	// TypeReauth: POST /session/confirmation, then ask again.
	TypeReauth = "urn:sieci:problem:confirm-identity"
	// TypeConfined: set up a second step at signing in first.
	TypeConfined = "urn:sieci:problem:second-factor"
	// TypeTokenActs: the token was not made for acts that people confirm.
	TypeTokenActs = "urn:sieci:problem:token-acts"
)

// keyTokenActs refuses such an act to such a token.
const keyTokenActs = "api.token_acts"

func typeOf(f *fault.Error) string {
	switch f.Key {
	case kit.KeyReauth:
		return TypeReauth
	case kit.KeyConfined:
		return TypeConfined
	case keyTokenActs:
		return TypeTokenActs
	}
	return "about:blank"
}

// methodNotAllowed is the one kind of problem that no fault has: the router's.
const methodNotAllowed = "method_not_allowed"

func newProblem(ctx context.Context, f *fault.Error, status int) *Problem {
	kind := f.Kind.String()
	switch {
	case status == http.StatusMethodNotAllowed:
		kind, f = methodNotAllowed, fault.New(f.Kind, "api.method")
	case f.Kind == fault.TooLarge && f.Args["Max"] != nil: // of a body, not of a file in it
		f = fault.New(f.Kind, "api.too_large", "Max", f.Args["Max"])
	}
	p := &Problem{
		Type: typeOf(f), Status: status, Kind: kind, Detail: ui.Message(ctx, f),
		Title: i18n.T(ctx, "api.title."+kind), RequestID: audit.RequestID(ctx), wait: kit.RetryAfter(f.Kind),
	}
	for _, field := range ui.ProblemsOf(ctx, f).Fields {
		w := ProblemField{Detail: field.Text}
		switch place, name, _ := strings.Cut(field.Path, ":"); place {
		case "query", "header":
			w.Parameter = name
		default:
			w.Pointer = Pointer(field.Path)
		}
		p.Errors = append(p.Errors, w)
	}
	return p
}

// Pointer turns a form path ("items[2].od") into a JSON pointer ("#/items/2/od").
func Pointer(path string) string {
	if path == "" {
		return "#"
	}
	path = strings.NewReplacer("~", "~0", "/", "~1", "]", "", "[", "/", ".", "/").Replace(path)
	return "#/" + path
}

// answer writes an error that met a request outside huma: no such route,
// a refused token, a panic.
func (a *API) answer(w http.ResponseWriter, r *http.Request, err error) {
	p := a.problem(r.Context(), err)
	if p.wait != "" {
		w.Header().Set("Retry-After", p.wait)
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone
}

// write answers err inside huma, before the handler.
func (a *API) write(ctx huma.Context, err error) {
	p := a.problem(ctx.Context(), err)
	if p.wait != "" {
		ctx.SetHeader("Retry-After", p.wait)
	}
	if p.Status == http.StatusUnauthorized {
		ctx.SetHeader("WWW-Authenticate", "Bearer")
	}
	ctx.SetHeader("Content-Type", "application/problem+json")
	ctx.SetStatus(p.Status)
	_ = json.NewEncoder(ctx.BodyWriter()).Encode(p) // the client may be gone
}
