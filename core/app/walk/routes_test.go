package walk_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/web/kit"
)

// Every route stands in the table, every page action has its operation with
// the same permission, and addresses that lead nowhere answer in order.
func TestRoutes(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.network("Karol Koordynator", nil)
	if s := w.Site.Stray(); len(s) > 0 {
		t.Errorf("routes outside the table: %v", s)
	}
	for _, m := range apikit.Mismatches(w.Site.Table(), w.API.Ops()) {
		t.Error(m)
	}
	w.person("Nina Nauczycielka", 100234)
	who := map[string]*client{"guest": {w: w}, "teacher": w.client("Nina Nauczycielka"), "coordinator": w.client("Karol Koordynator"), "ORE": w.client("Olga Ore")}
	for name, c := range who {
		for _, r := range w.Site.Table() {
			if r.Method == http.MethodGet {
				c.visit(name, &r)
			}
		}
		for _, op := range w.API.Ops() {
			if op.Method == http.MethodGet {
				c.ask(name, op.Path)
			}
		}
	}
}

// fill puts something into the places of a pattern: an unknown id.
func fill(pattern string) string {
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") || strings.HasPrefix(p, "{") || strings.HasPrefix(p, "*") {
			parts[i] = uuid.NewString()
		}
	}
	return strings.Join(parts, "/")
}

// tellsWhoRead are pages of others' data here: accounts, roles, what others did.
var tellsWhoRead = []string{"/zarzadzanie/osoby", "/zarzadzanie/role", "/zarzadzanie/dziennik"}

func (c *client) visit(who string, r *kit.Route) {
	t := c.w.t
	t.Helper()
	path := fill(r.Path)
	before := c.w.writes()
	a, err := c.get(path)
	switch {
	case err != nil:
		t.Errorf("%s at %s: %v", who, r.Path, err)
	case a.status != 200 && a.status != 303 && a.status != 304 && a.status != 404 && a.status != 401 && a.status != 400:
		t.Errorf("%s at %s: %d\n%.300s", who, r.Path, a.status, a.body)
	case c.cookie == "" && a.status == 303 && !strings.HasPrefix(a.header.Get("Location"), kit.SignInPath) && r.Perm != kit.Public:
		t.Errorf("guest at %s is led to %s", r.Path, a.header.Get("Location"))
	}
	after := c.w.writes()
	if slices.Contains(tellsWhoRead, r.Path) && a.status == 200 && after[0] == before[0]+1 {
		after[0]--
	}
	if after != before {
		t.Errorf("%s at %s wrote: %v, then %v", who, r.Path, before, after)
	}
}

func (c *client) ask(who, pattern string) {
	t := c.w.t
	t.Helper()
	a, err := c.get(apikit.Base + fill(pattern))
	if err != nil || a.status >= 500 || a.status == http.StatusFound || a.status == 303 {
		t.Errorf("%s asks %s: %v %d\n%.300s", who, pattern, err, a.status, a.body)
	}
}

// writes counts the changes of the tables in which nothing may change by reading.
func (w *world) writes() [3]int {
	w.t.Helper()
	return [3]int{w.number(`SELECT count(*) FROM audit_event`), w.number(`SELECT count(*) FROM idempotency_key`), w.number(`SELECT count(*) FROM draft`)}
}

// Lists and homes read at most three times: who asks, and two for the page,
// also where a running module makes a part of it. core/app/measure follows every
// link; here the network is empty and new.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	w := open(t)
	id := w.network("Karol Koordynator", nil)
	guest, lead := &client{w: w}, w.client("Karol Koordynator")
	for _, x := range []struct {
		who  *client
		path string
	}{
		{guest, "/sieci"}, {lead, "/sieci"}, {guest, "/sieci/" + id.String()}, {lead, "/sieci/" + id.String()}, {lead, "/sieci/" + id.String() + "/plan"},
		{lead, "/sieci/" + id.String() + "/uczestnicy"}, {lead, "/sieci/" + id.String() + "/propozycje"}, {lead, "/sieci/" + id.String() + "/zadania"},
		{lead, "/moje"}, {lead, "/moje/sieci"},
	} {
		// Jobs and the clock read, too: the least of some requests is the page's own.
		least := int64(1000)
		for range 6 {
			before := w.DB.RoundTrips()
			a, err := x.who.get(x.path)
			if err != nil || a.status != http.StatusOK {
				t.Fatalf("%s: %v %d", x.path, err, a.status)
			}
			least = min(least, w.DB.RoundTrips()-before)
		}
		t.Logf("%s: %d", x.path, least)
		if least > 3 {
			t.Errorf("%s: %d round trips", x.path, least)
		}
	}
}
