package kit

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// policy is the Content-Security-Policy: nothing inline, nothing foreign.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

type metrics struct{ seconds *prometheus.HistogramVec }

func newMetrics(r prometheus.Registerer) (*metrics, error) {
	m := &metrics{seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "sieci_http_request_seconds", Help: "Time to answer a request, by route pattern.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 15},
	}, []string{"method", "route", "status"})}
	if r == nil {
		return m, nil
	}
	return m, r.Register(m.seconds)
}

// observe gives the request its id, logs it and measures it. The log names the
// route's pattern, never the address asked for: addresses hold ids and tokens.
func (s *Server) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		start := time.Now()
		id := rand.Text()[:12] // short enough to read out on the telephone
		conn := e.Request().Context()
		ctx := context.WithValue(audit.WithRequest(conn, id), connectionKey{}, conn)
		e.SetRequest(e.Request().WithContext(ctx))
		e.Response().Header().Set("X-Request-Id", id)
		if err := next(e); err != nil {
			s.fail(err, e)
		}
		took, status, route := time.Since(start), e.Response().Status, pattern(e)
		s.metrics.seconds.WithLabelValues(method(e), route, strconv.Itoa(status)).Observe(took.Seconds())
		if s.unlinked(e) && status < 500 {
			return nil // the moment of an answer belongs to nobody
		}
		level := slog.LevelInfo
		if status >= 500 {
			level = slog.LevelWarn
		}
		s.cfg.Log.LogAttrs(context.WithoutCancel(e.Request().Context()), level, "request",
			slog.String("id", id), slog.String("method", method(e)), slog.String("route", route),
			slog.Int("status", status), slog.Int64("bytes", e.Response().Size), slog.Duration("took", took))
		return nil
	}
}

// pattern is the route of the request; "none" when no route matched, so that
// strangers cannot fill the metrics with labels.
func pattern(e echo.Context) string {
	if p := e.Path(); p != "" {
		return p
	}
	return "none"
}

func method(e echo.Context) string {
	switch m := e.Request().Method; m {
	case http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return m
	}
	return "other"
}

func (s *Server) recoverPanic(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) (err error) {
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler:
				panic(p)
			default:
				err = fault.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), fault.Internal, "fault.internal")
			}
		}()
		return next(e)
	}
}

func (s *Server) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		h := e.Response().Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		// Pages are somebody's own; the copy kept by the browser serves "back"
		// and is dropped at signing out (Clear-Site-Data).
		h.Set("Cache-Control", "private, no-cache")
		if s.unlinked(e) {
			h.Set("Cache-Control", "no-store")
			h.Set("Referrer-Policy", "no-referrer")
		}
		if s.site.https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(e)
	}
}

// limit puts the ceiling on the body before anything reads it.
func (s *Server) limit(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		r := e.Request()
		most := int64(BodyLimit)
		id := address{r.Method, e.Path()}
		if row, ok := s.table[id]; ok && row.Upload {
			most = cmp.Or(row.Most, UploadLimit)
		} else if f, ok := s.foreign[id]; ok && f.limit > 0 {
			most = f.limit
		}
		if r.ContentLength > most {
			return fault.New(fault.TooLarge, "fault.too_large", "Max", most>>20)
		}
		r.Body = http.MaxBytesReader(e.Response(), r.Body, most)
		return next(e)
	}
}

// identify finds out who asks and in which language. Assets and health checks
// are the same for everybody and cost no query.
func (s *Server) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		r := e.Request()
		actor, chosen := &access.Actor{}, i18n.Lang("")
		// The language is known before anything can fail, so that failures speak it.
		e.SetRequest(r.WithContext(i18n.With(r.Context(), s.language(r, ""))))
		if s.unlinked(e) {
			e.SetRequest(e.Request().WithContext(access.With(e.Request().Context(), actor)))
			return next(e)
		}
		var err error
		if bearer, ok := bearerToken(r); ok && isAPI(r.URL.Path) {
			actor, err = s.cfg.Authenticator.Token(r.Context(), bearer)
			if err == nil && actor == nil {
				err = fault.New(fault.Unauthenticated, "web.bad_token")
			}
		} else if cookie := s.cookie(r, sessionCookie); cookie != "" && !anonymous(e.Path()) {
			var found *access.Actor
			found, chosen, err = s.cfg.Authenticator.Session(r.Context(), cookie)
			if found != nil {
				actor = found
			}
		}
		if err != nil {
			return err
		}
		ctx := access.With(r.Context(), actor)
		e.SetRequest(r.WithContext(i18n.With(ctx, s.language(r, chosen))))
		return next(e)
	}
}

func bearerToken(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "bearer")
}

func anonymous(pattern string) bool {
	return strings.HasPrefix(pattern, "/s/") || strings.HasPrefix(pattern, "/kal/") || pattern == "/healthz" || pattern == "/readyz"
}

// protect refuses what another site's page made the browser send.
func (s *Server) protect(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		if s.unlinked(e) {
			return next(e) // nobody's session can be abused; and a page without a referrer sends no origin
		}
		if err := s.cross.Check(e.Request()); err != nil {
			return fault.Wrap(err, fault.Forbidden, "web.cross_origin")
		}
		return next(e)
	}
}
