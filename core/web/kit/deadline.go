package kit

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/labstack/echo/v4"
	"ore.edu.pl/sieci/core/fault"
)

// ReadTimeout bounds the reading of one request, headers and body; the
// http.Server around a [Server] takes it too.
const ReadTimeout = 2 * time.Minute

// deadline gives the work on a request Config.Timeout. The time that the client
// takes to send the body is not work: it has ReadTimeout of its own, so that an
// upload over a slow line is answered, not cut off.
func (s *Server) deadline(next echo.HandlerFunc) echo.HandlerFunc {
	return func(e echo.Context) error {
		r := e.Request()
		limited, release := context.WithTimeout(r.Context(), ReadTimeout+s.cfg.Timeout)
		defer release()
		ctx, cancel := context.WithCancelCause(limited)
		defer cancel(nil)
		t := time.AfterFunc(s.cfg.Timeout, func() { cancel(context.DeadlineExceeded) })
		defer t.Stop()
		r = r.WithContext(ctx)
		r.Body = &patient{r.Body, t, s.cfg.Timeout}
		e.SetRequest(r)
		err := next(e)
		if err != nil && late(ctx) {
			return fault.Wrap(err, fault.Unavailable, "fault.unavailable")
		}
		return err
	}
}

// late reports whether the request's time is over. A context ended by the timer
// says only that it is cancelled; its cause says why.
func late(ctx context.Context) bool {
	return errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}

// patient is a body during whose reading the timer of the request waits.
type patient struct {
	io.ReadCloser
	timer *time.Timer
	work  time.Duration
}

func (p *patient) Read(b []byte) (int, error) {
	// A timer that fired has cancelled the context for good: it stays stopped.
	if p.timer.Stop() {
		defer p.timer.Reset(p.work)
	}
	return p.ReadCloser.Read(b)
}
