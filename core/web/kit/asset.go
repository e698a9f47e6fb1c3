package kit

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/web/assets"
)

// asset serves an embedded file for ever under its hash; another hash is an
// older or newer version, and not found.
func (s *Server) asset(c *Ctx) error {
	f, ok := assets.Get(c.Param("name"))
	if !ok || f.Hash != c.Param("hash") {
		return fault.ErrNotFound
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", f.Type)
	h.Set("Vary", "Accept-Encoding")
	body := f.Body
	if strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.Gzip
	}
	http.ServeContent(c.Response(), c.Request(), f.Name, time.Time{}, bytes.NewReader(body))
	return nil
}
