package measure_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"ore.edu.pl/sieci/core/board"
	"ore.edu.pl/sieci/core/board/boardtest"
)

// forum fills the first network with threads and gives the address of its forum
// and of one thread of 500 posts, read to its end by the member.
func (w *world) forum() (list, thread string) {
	w.t.Helper()
	boardtest.Fill(w.t, w.DB, w.first, []uuid.UUID{w.member, w.admin}, w.Clock.Now(), 200, 100_000)
	page, err := w.Board.Threads(w.t.Context(), w.actor(w.member), w.first, false, "")
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.Board.MarkAllRead(w.t.Context(), w.actor(w.member), w.first); err != nil {
		w.t.Fatal(err)
	}
	return "/sieci/" + w.first.String() + "/forum", board.ThreadPath(w.first, board.Forum, page.Items[0].ID)
}

// BenchmarkPages are pages of everyday, each beside bare Echo that sends the same
// prepared statements with the same arguments and answers as many bytes, without
// making anything of the rows: a network's home (its module down, which says so
// in a sentence), the list of threads of a forum with 100,000 posts, and the first
// and the last page of a thread of 500 posts. Searching is measured in core/search.
func BenchmarkPages(b *testing.B) {
	w := open(b)
	list, thread := w.forum()
	home := "/sieci/" + w.first.String()
	for _, p := range []struct{ name, path string }{
		{"network", home}, {"threads", list}, {"thread of 500, first page", thread}, {"thread of 500, last page", thread + "?s=17"},
	} {
		b.Run(p.name, func(b *testing.B) { w.besidePage(b, p.path) })
	}
}

// besidePage measures one page of the member's.
func (w *world) besidePage(b *testing.B, path string) {
	get(b, w.Handler, path, w.memberCookie)
	w.tap.take(b)
	page := get(b, w.Handler, path, w.memberCookie).Body.Bytes()
	asked := w.tap.take(b)
	if len(asked) == 0 || len(asked) > most || len(page) < 4_000 || !strings.Contains(string(page), "</html>") {
		b.Fatalf("%d statements, %d bytes", len(asked), len(page))
	}
	a, x, e := start(b, w.config), newBare(b, w.config, asked), echo.New()
	e.GET("/*", func(c echo.Context) error {
		for _, s := range asked {
			if err := x.run(c.Request().Context(), nil, s); err != nil {
				return err
			}
		}
		return c.HTMLBlob(http.StatusOK, page)
	})
	ask := func(h http.Handler) func() {
		return func() {
			if res := get(b, h, path, w.memberCookie); res.Code != http.StatusOK {
				b.Fatalf("%d\n%.300s", res.Code, res.Body)
			}
		}
	}
	beside(b, ask(a.Handler), ask(e))
	b.ReportMetric(float64(len(asked)), "statements")
	b.ReportMetric(float64(len(page)), "bytes")
}
