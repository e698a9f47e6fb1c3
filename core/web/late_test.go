package web_test

import (
	"io"
	"net/http"
	"sync/atomic"
)

// late is a handler that is set after the server's address is known.
type late struct{ h atomic.Pointer[http.Handler] }

func (l *late) set(h http.Handler) { l.h.Store(&h) }

func (l *late) ServeHTTP(w http.ResponseWriter, r *http.Request) { (*l.h.Load()).ServeHTTP(w, r) }

func copyAll(w io.Writer, res *http.Response) (int64, error) { return io.Copy(w, res.Body) }
