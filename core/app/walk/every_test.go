package walk_test

import (
	"cmp"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/demo"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/identity"
	"ore.edu.pl/sieci/core/web/webtest"
)

var (
	hrefs = regexp.MustCompile(`<a[^>]* href="([^"]+)"`)
	ids   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
)

// alike is how many pages of one address pattern are opened: the links of the
// next ones are the same.
const alike = 2

// axeEvery is how many kinds of pages a usual run passes over for each one that
// it holds against axe: the rooms' own tests look at theirs, and make a11y at all.
const axeEvery = 3

// found is a page that somebody is led to.
type found struct {
	path, who string
}

// demonstration is a server with the demonstration on it.
func demonstration(t *testing.T) (*world, *demo.Guide) {
	t.Helper()
	w := &world{t: t, ids: map[string]uuid.UUID{}, dsn: dbtest.NewDSN(t)}
	var err error
	if w.App, err = app.Open(t.Context(), config(t, w.dsn), logTo(t)); err != nil {
		t.Fatal(err)
	}
	if err := demo.Make(t.Context(), w.App); err != nil {
		t.Fatal(err)
	}
	w.serve()
	w.await()
	g, err := demo.Read(t.Context(), w.App)
	if err != nil {
		t.Fatal(err)
	}
	return w, g
}

// Every page that some page leads to is opened as everybody whom the
// demonstration's guide names and as a guest: nobody is offered what is not
// there for them. One page of each address pattern is then held against axe, as
// the first who is led to it; a usual run takes the pages in turn, one screen each.
func TestEveryPageAccessible(t *testing.T) {
	t.Parallel()
	w, g := demonstration(t)
	pages := map[string]found{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, email := range append([]string{""}, emails(g)...) {
		cookie := ""
		if email != "" {
			in, err := w.Identity.SignIn(t.Context(), identity.SignInInput{Email: email, Password: demo.Password, Address: "127.0.0.1"})
			if err != nil {
				continue // waits to be confirmed
			}
			cookie = in.Cookie
		}
		all.Go(func() {
			for shape, path := range w.follow(email, cookie) {
				mu.Lock()
				if have, ok := pages[shape]; !ok || cmp.Compare(email, have.who) < 0 {
					pages[shape] = found{path, email}
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(pages) < 80 {
		t.Errorf("only %d kinds of pages found", len(pages))
	}
	if t.Failed() {
		return
	}
	views := webtest.Views
	full := len(views) == len(webtest.AllViews)
	// One person's pages after each other: signing in costs more than a page.
	order := slices.SortedFunc(maps.Keys(pages), func(a, b string) int {
		return cmp.Or(cmp.Compare(pages[a].who, pages[b].who), cmp.Compare(a, b))
	})
	var run sync.WaitGroup
	for i, v := range views {
		run.Go(func() {
			who := "?"
			var p *webtest.Page
			for n, shape := range order {
				if !full && n%(axeEvery*len(views)) != i {
					continue
				}
				f := pages[shape]
				if f.who != who {
					who, p = f.who, w.enter(f.who, v.Options...)
				}
				p.Go(f.path).ExpectAccessible()
			}
		})
	}
	run.Wait()
	t.Logf("%d kinds of pages", len(pages))
}

func emails(g *demo.Guide) []string {
	out := make([]string, len(g.Accounts))
	for i := range g.Accounts {
		out[i] = g.Accounts[i].Email
	}
	return out
}

// enter opens a tab as an account of the demonstration, "" for a guest.
func (w *world) enter(email string, opts ...webtest.Option) *webtest.Page {
	w.t.Helper()
	p := webtest.Open(w.t, w.base, opts...)
	if email == "" {
		return p
	}
	return p.Go("/logowanie").Fill("Adres e-mail", email).Fill("Hasło", demo.Password).Click("Zaloguj się").ExpectStatus(200)
}

// follow opens what pages lead to and returns a page for each address pattern.
func (w *world) follow(who, cookie string) map[string]string {
	type step struct{ from, to string }
	queue, seen, times := []step{{"the beginning", "/"}, {"the beginning", "/moje"}}, map[string]bool{}, map[string]int{}
	if who == "" {
		queue = queue[:1]
	}
	out := map[string]string{}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		shape := shapeOf(s.to)
		if seen[s.to] || times[shape] == alike {
			continue
		}
		seen[s.to] = true
		times[shape]++
		r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://127.0.0.1"+s.to, nil)
		if cookie != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: cookie})
		}
		page := httptest.NewRecorder()
		w.Handler.ServeHTTP(page, r)
		switch {
		case page.Code == http.StatusSeeOther:
			to, _, _ := strings.Cut(page.Header().Get("Location"), "#")
			queue = append(queue, step{s.from, to})
			continue
		case page.Code == http.StatusServiceUnavailable:
			continue // a module that this world does not have: the page says so
		case page.Code != http.StatusOK:
			w.t.Errorf("%s: %s leads to %s: %d", cmp.Or(who, "a guest"), s.from, s.to, page.Code)
			continue
		case !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html"):
			continue
		}
		if _, have := out[shape]; !have {
			out[shape] = s.to
		}
		for _, m := range hrefs.FindAllStringSubmatch(page.Body.String(), -1) {
			to, _, _ := strings.Cut(html.UnescapeString(m[1]), "#")
			if strings.HasPrefix(to, "/") && !strings.HasPrefix(to, "//") {
				queue = append(queue, step{s.to, to})
			}
		}
	}
	return out
}

// shapeOf is the pattern of an address: ids and values of parameters left out.
func shapeOf(address string) string {
	path, query, _ := strings.Cut(ids.ReplaceAllString(address, "ID"), "?")
	q, _ := url.ParseQuery(query) // addresses of our own pages
	for _, name := range slices.Sorted(maps.Keys(q)) {
		path += "?" + name
	}
	return path
}
