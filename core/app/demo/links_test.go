package demo

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"ore.edu.pl/sieci/core/identity"
)

var (
	hrefs = regexp.MustCompile(`<a[^>]* href="([^"]+)"`)
	ids   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
)

// alike is how many pages of one address pattern are opened: the links of the
// next ones are the same.
const alike = 4

// links opens, as everybody whom the guide names and as a guest, every page that
// some page leads to. Nobody is offered what is not there for them.
func (w *world) links() {
	var all sync.WaitGroup
	for _, key := range append([]string{""}, accounts...) {
		cookie := ""
		if key != "" {
			in, err := w.m.Identity.SignIn(w.Context(), identity.SignInInput{Email: key + domain, Password: Password, Address: "127.0.0.1"})
			if err != nil {
				w.Fatalf("%s: %v", key, err)
			}
			cookie = in.Cookie
		}
		all.Go(func() { w.follow(key, cookie) })
	}
	all.Wait()
}

func (w *world) follow(who, cookie string) {
	type step struct{ from, to string }
	queue, seen, times := []step{{"the beginning", "/"}, {"the beginning", "/moje"}}, map[string]bool{}, map[string]int{}
	if who == "" {
		queue = queue[:1]
	}
	pages := 0
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		shape := ids.ReplaceAllString(s.to, "ID")
		if i := strings.IndexByte(shape, '?'); i >= 0 {
			q, _ := url.ParseQuery(shape[i+1:]) // addresses of our own pages
			shape = shape[:i]
			for name := range q {
				shape += "?" + name
			}
		}
		if seen[s.to] || times[shape] == alike {
			continue
		}
		seen[s.to] = true
		times[shape]++
		pages++
		r := httptest.NewRequestWithContext(w.Context(), http.MethodGet, "http://localhost:8080"+s.to, nil)
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: cookie})
		}
		out := httptest.NewRecorder()
		w.m.Handler.ServeHTTP(out, r)
		switch {
		case out.Code == http.StatusSeeOther:
			queue = append(queue, step{s.from, out.Header().Get("Location")})
			continue
		case out.Code != http.StatusOK:
			w.Errorf("%s: %s leads to %s: %d", who, s.from, s.to, out.Code)
			continue
		case !strings.HasPrefix(out.Header().Get("Content-Type"), "text/html"):
			continue
		}
		for _, m := range hrefs.FindAllStringSubmatch(out.Body.String(), -1) {
			to, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
				queue = append(queue, step{s.to, to})
			}
		}
	}
	if pages < 5 {
		w.Errorf("%s: only %d pages found", who, pages)
	}
	w.Logf("%s: %d pages", who, pages)
}
