package kit

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/web/ui"
)

// Ctx is one request to a page. Not safe for concurrent use; do not keep it
// after the handler returned.
type Ctx struct {
	e       echo.Context
	s       *Server
	route   *Route
	page    ui.Page
	form    *Form
	pending *Pending
	status  int // instead of 200, when the sign-in page answers for another page
}

// Context carries the actor, the language, the request id, the deadline and,
// in a POST, the idempotency key. Pass it to services and texts.
func (c *Ctx) Context() context.Context { return c.e.Request().Context() }

// Request is the request itself, for what Ctx does not offer.
func (c *Ctx) Request() *http.Request { return c.e.Request() }

// Response is the writer itself, for downloads and headers.
func (c *Ctx) Response() http.ResponseWriter { return c.e.Response() }

// Actor is who asks; a guest when nobody is signed in.
func (c *Ctx) Actor() *access.Actor { return access.From(c.Context()) }

// Lang is the language of the answer.
func (c *Ctx) Lang() i18n.Lang { return i18n.FromContext(c.Context()) }

// RequestID is the id of the request, for people to quote.
func (c *Ctx) RequestID() string { return audit.RequestID(c.Context()) }

// IP is the client's address, for throttling; never logged with what was asked.
func (c *Ctx) IP() string { return c.e.RealIP() }

// T is i18n.T in the reader's language.
func (c *Ctx) T(key string, args ...any) string { return i18n.T(c.Context(), key, args...) }

// N is [Ctx.T] with the plural form for n.
func (c *Ctx) N(key string, n int, args ...any) string { return i18n.N(c.Context(), key, n, args...) }

// May reports whether the actor may do p at some place: whether to show a link
// at all. The service decides precisely.
func (c *Ctx) May(p access.Permission) bool { return c.s.may(c.Actor(), p) }

// MayAt reports whether the actor may do p at a place.
func (c *Ctx) MayAt(p access.Permission, at access.Place) bool {
	return c.s.cfg.Authorizer.Can(c.Actor(), p, at)
}

// Link is path when a page lives there that the actor may open, else "": no
// link of ours leads nowhere.
func (c *Ctx) Link(path string) string {
	r, ok := c.s.table[address{http.MethodGet, path}]
	if !ok || !c.May(r.Perm) {
		return ""
	}
	return path
}

// Param is a piece of the path.
func (c *Ctx) Param(name string) string {
	v, err := url.PathUnescape(c.e.Param(name))
	if err != nil {
		return ""
	}
	return v
}

// UUID is a piece of the path as an id; anything else is not found.
func (c *Ctx) UUID(name string) (uuid.UUID, error) {
	raw := c.e.Param(name)
	id, err := uuid.Parse(raw)
	if err != nil || len(raw) != 36 { // one spelling, so that an address is one page
		return uuid.Nil, fault.ErrNotFound
	}
	return id, nil
}

// Query is a value of the query, trimmed and normalised.
func (c *Ctx) Query(name string) string { return Clean(c.e.QueryParam(name)) }

// Queries are all values of the query.
func (c *Ctx) Queries() url.Values { return c.e.QueryParams() }

// QueryInt is a number of the query that fits into 32 bits, as the database's
// integers do; or fallback.
func (c *Ctx) QueryInt(name string, fallback int) int {
	n, err := strconv.ParseInt(c.e.QueryParam(name), 10, 32)
	if err != nil {
		return fallback
	}
	return int(n)
}

// QueryUUID is an id of the query; uuid.Nil when it is missing or wrong.
func (c *Ctx) QueryUUID(name string) uuid.UUID {
	id, err := uuid.Parse(c.e.QueryParam(name))
	if err != nil {
		return uuid.Nil
	}
	return id
}

// Form is what was posted; in a GET it is the query, so that filter forms read
// the same way.
func (c *Ctx) Form() *Form {
	if c.form == nil {
		c.form = &Form{Values: c.e.QueryParams()}
	}
	return c.form
}

// Page names the page; the result takes crumbs and the navigation's item.
func (c *Ctx) Page(title string) *ui.Page {
	c.page.Title = title
	return &c.page
}

// Render answers with the full page around content.
func (c *Ctx) Render(status int, content templ.Component) error {
	if status == http.StatusOK && c.status != 0 {
		status = c.status
	}
	b := borrow()
	defer giveBack(b)
	ctx := templ.WithChildren(c.Context(), content)
	if err := ui.Layout(c.shell(status)).Render(ctx, b); err != nil {
		return err
	}
	return c.html(status, b.Bytes())
}

// buffers are for pages, which are whole before the first byte is sent.
var buffers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 32<<10)) }}

// maxKept bounds a buffer that is kept for the next page, in bytes.
const maxKept = 1 << 20

func borrow() *bytes.Buffer { return buffers.Get().(*bytes.Buffer) }

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= maxKept {
		b.Reset()
		buffers.Put(b)
	}
}

// Retry answers an error of a form: a correctable one (Invalid, Conflict,
// TooMany) re-renders the form with 422, 409 or 429 and what was typed; any
// other error is returned for the error page.
//
//	if err != nil {
//		return c.Retry(err, func(p ui.Problems) templ.Component { return foundPage(in, p) })
//	}
func (c *Ctx) Retry(err error, page func(ui.Problems) templ.Component) error {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.Conflict, fault.TooMany:
	default:
		return err
	}
	c.page.Wrong = true
	return c.Render(Status(fault.KindOf(err)), page(ui.ProblemsOf(c.Context(), err)))
}

// Redirect answers 303 to path, a local address, and shows the text of
// flashKey there once. The key must be in the catalogue and hold ".flash.", so
// that a forged cookie can say nothing else; "" shows nothing.
func (c *Ctx) Redirect(path, flashKey string) error {
	if flashKey != "" {
		if isFlash(flashKey) {
			c.s.setCookie(c.Response(), flashCookie, flashKey, time.Minute)
		} else {
			c.s.cfg.Log.ErrorContext(c.Context(), "not a flash message", slog.String("key", flashKey))
		}
	}
	return c.e.Redirect(http.StatusSeeOther, LocalPath(path, "/"))
}

func isFlash(key string) bool {
	return strings.Contains(key, ".flash.") && i18n.Has(i18n.Polish, key)
}

// Download answers with a file that the browser saves and never shows:
// attachment, nosniff. size < 0 when unknown.
func (c *Ctx) Download(name, contentType string, size int64, body io.Reader) error {
	h := c.Response().Header()
	h.Set("Content-Disposition", disposition(name))
	if size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	return c.e.Stream(http.StatusOK, contentType, body)
}

// disposition is an attachment named in UTF-8 (RFC 6266), without folders.
func disposition(name string) string {
	name = path.Base(strings.NewReplacer(`\`, "/", "\n", "", "\t", " ").Replace(Clean(name)))
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}

// JSON answers with v; for health checks only, programs use the API.
func (c *Ctx) JSON(status int, v any) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.e.JSON(status, v)
}

func (c *Ctx) html(status int, page []byte) error {
	if c.Lang() == i18n.Polish {
		tied := borrow()
		defer giveBack(tied)
		tie(tied, page)
		page = tied.Bytes()
	}
	c.Response().Header().Set("Content-Length", strconv.Itoa(len(page)))
	return c.e.Blob(status, "text/html; charset=utf-8", page)
}

// LocalPath returns raw when it is an address on this server, else fallback:
// nobody is led to another site by a link to ours.
func LocalPath(raw, fallback string) string {
	if !strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "//") || len(raw) > 2000 ||
		strings.ContainsFunc(raw, func(r rune) bool { return r < ' ' || r == '\\' || r == 0x7f }) {
		return fallback
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host != "" || u.Scheme != "" || slices.Contains(strings.Split(u.Path, "/"), "..") {
		return fallback
	}
	return raw
}
