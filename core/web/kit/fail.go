package kit

import (
	"context"
	"database/sql/driver"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/ui"
)

// statusClientGone is nginx's 499: the client left, nobody reads the answer.
const statusClientGone = 499

// Status is the HTTP status of a kind of error.
func Status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooMany:
		return http.StatusTooManyRequests
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Seconds after which a client may try again.
const (
	retryUnavailable = "30"
	retryTooMany     = "60"
)

// RetryAfter is the Retry-After header of a kind, or "".
func RetryAfter(k fault.Kind) string {
	switch k {
	case fault.Unavailable:
		return retryUnavailable
	case fault.TooMany:
		return retryTooMany
	}
	return ""
}

// Explain turns any error of a request into a fault and logs what people are
// not told. Errors of Echo (no such route, wrong method) become faults too.
func (s *Server) Explain(ctx context.Context, err error) (*fault.Error, int) {
	var he *echo.HTTPError
	if errors.As(err, &he) {
		switch he.Code {
		case http.StatusNotFound:
			return fault.New(fault.NotFound, "fault.not_found"), http.StatusNotFound
		case http.StatusMethodNotAllowed:
			return fault.New(fault.NotFound, "web.method"), http.StatusMethodNotAllowed
		case http.StatusRequestEntityTooLarge:
			return fault.New(fault.TooLarge, "fault.too_large"), http.StatusRequestEntityTooLarge
		}
	}
	if conn, ok := ctx.Value(connectionKey{}).(context.Context); ok && errors.Is(conn.Err(), context.Canceled) {
		return fault.New(fault.Unavailable, "fault.unavailable"), statusClientGone
	}
	f := fault.As(err)
	if f.Kind == fault.Internal && (errors.Is(err, context.DeadlineExceeded) || late(ctx) || unreachable(err)) {
		f = fault.Wrap(err, fault.Unavailable, "fault.unavailable")
	}
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		s.cfg.Log.LogAttrs(context.WithoutCancel(ctx), slog.LevelError, "request failed",
			slog.String("id", audit.RequestID(ctx)), slog.String("err", err.Error()))
	}
	return f, Status(f.Kind)
}

// connectionKey is the context value of the connection's own context, which
// ends when the client leaves.
type connectionKey struct{}

// unreachable reports whether the database cannot be reached now.
func unreachable(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, driver.ErrBadConn)
}

// fail is the one place where an error becomes an answer.
func (s *Server) fail(err error, e echo.Context) {
	if e.Response().Committed {
		return
	}
	// The deadline has ended the context by now; the answer still needs its values.
	r := e.Request().WithContext(context.WithoutCancel(e.Request().Context()))
	e.SetRequest(r)
	f, status := s.Explain(r.Context(), err)
	if wait := RetryAfter(f.Kind); wait != "" {
		e.Response().Header().Set("Retry-After", wait)
	}
	if status == statusClientGone {
		e.Response().WriteHeader(statusClientGone)
		return
	}
	if isAPI(r.URL.Path) && s.apiError != nil {
		s.apiError(e.Response(), r, &Answered{f, status})
		return
	}
	c := &Ctx{e: e, s: s}
	if row, ok := s.table[address{r.Method, e.Path()}]; ok {
		c.route = &row
	}
	if f.Kind == fault.Unauthenticated && s.askSignIn(c) == nil {
		return
	}
	if err := c.renderFault(f, status); err != nil {
		s.cfg.Log.ErrorContext(r.Context(), "error page failed", slog.String("err", err.Error()))
		http.Error(e.Response(), i18n.T(r.Context(), "fault.internal"), http.StatusInternalServerError)
	}
}

// Answered is an error with the status already decided; given to [Server.OnAPIError].
type Answered struct {
	Fault  *fault.Error
	Status int
}

// Error implements error.
func (a *Answered) Error() string { return a.Fault.Error() }

// Unwrap returns the fault.
func (a *Answered) Unwrap() error { return a.Fault }

func (c *Ctx) renderFault(f *fault.Error, status int) error {
	title, next := "web.error.other", ui.Link{Text: c.T("web.error.to_start"), Href: "/"}
	switch {
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		title = "web.error.not_found"
	case f.Kind == fault.Forbidden:
		title = "web.error.forbidden"
	case f.Kind == fault.Conflict:
		title = "web.error.conflict"
	case f.Kind == fault.TooMany:
		title = "web.error.too_many"
	case f.Kind == fault.TooLarge:
		title = "web.error.too_large"
	case status >= 500:
		title = "web.error.service"
	}
	c.page = ui.Page{Title: c.T(title)}
	var id string
	if status >= 500 {
		id = c.RequestID()
	}
	links := []ui.Link{next}
	if r := c.Request(); status == http.StatusNotFound && r.Method == http.MethodGet && c.Actor().SignedIn() && c.Link(WhyPath) != "" {
		why := url.Values{"adres": {r.URL.Path}}
		links = append(links, ui.Link{Text: c.T("rights.error_link"), Href: WhyPath + "?" + why.Encode()})
	}
	return c.Render(status, ui.ErrorPage(c.page.Title, ui.Message(c.Context(), f), id, links...))
}

// ConflictPage answers 409 with both texts: what this person typed and what
// somebody saved meanwhile, field by field, and a form that saves again on top
// of the newer version.
func (c *Ctx) ConflictPage(v ui.ConflictView) error {
	c.page.Wrong = true
	if c.page.Title == "" {
		c.page.Title = c.T("web.error.conflict")
	}
	return c.Render(http.StatusConflict, ui.Conflict(v))
}
