package walk_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	apikit "ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/web/kit"
)

// act is a row of the tables that is about one of the estates' things.
type act struct {
	name, method, path string // path: with the thing's place still open
	pattern            string // of the thing
	perm               access.Permission
	// inner: the address names something inside the thing as well, which is not
	// there; who may would get 404 too.
	inner bool
	body  func(thing uuid.UUID) (path, body, kind string)
}

// apiThings are the collections of the API by the pattern of the thing's page.
var apiThings = map[string]string{"networks": "/sieci/:id", "programmes": "/programy/:id", "groups": "/grupy/:id", "centres": "/zarzadzanie/placowki/:id",
	"people": "/zarzadzanie/osoby/:id", "needs": "/potrzeby/:id", "roles": "/zarzadzanie/role/:id"}

// acts are all POST pages of the things, and all operations on them.
func (w *world) acts(patterns []string) []act {
	w.t.Helper()
	var out []act
	for _, r := range w.Site.Table() {
		if r.Method != http.MethodPost || r.Perm == kit.Public || r.Perm == kit.SignedIn {
			continue
		}
		for _, p := range patterns {
			if r.Path != p && !strings.HasPrefix(r.Path, p+"/") {
				continue
			}
			out = append(out, act{name: "POST " + r.Path, method: http.MethodPost, path: r.Path, pattern: p, perm: r.Perm, inner: strings.Count(r.Path, ":") > 1,
				body: func(thing uuid.UUID) (string, string, string) {
					return fill(strings.Replace(r.Path, ":id", thing.String(), 1)), url.Values{"idem": {uuid.NewString()}}.Encode(), "application/x-www-form-urlencoded"
				}})
		}
	}
	var api openAPI
	a := w.call(&client{w: w}, http.MethodGet, apikit.Base+"/openapi.json", "", "")
	if err := json.Unmarshal(a.Body.Bytes(), &api); err != nil {
		w.t.Fatal(err)
	}
	for _, op := range w.API.Ops() {
		parts := strings.Split(op.Path, "/")
		if len(parts) < 3 || apiThings[parts[1]] == "" || !strings.HasPrefix(parts[2], "{") {
			continue
		}
		described := api.Paths[op.Path][strings.ToLower(op.Method)]
		out = append(out, act{name: op.Method + " " + op.Path, method: op.Method, path: op.Path, pattern: apiThings[parts[1]], perm: op.Perm, inner: strings.Count(op.Path, "{") > 1,
			body: func(thing uuid.UUID) (string, string, string) {
				h := hostile{api: &api, id: thing.String(), text: "Zażółć", number: 1}
				path, body := h.request(w.t, op.Path, &described)
				path, _, _ = strings.Cut(path, "?") // what narrows a list is judged before the list's place
				kind := ""
				if body != "" {
					kind = "application/json"
				}
				return path, body, kind
			}})
	}
	return out
}

// call asks the program itself: no connection, so that thousands are quick.
func (w *world) call(c *client, method, path, body, kind string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(w.t.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	if c.cookie != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-sieci", Value: c.cookie})
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	a := httptest.NewRecorder()
	w.Handler.ServeHTTP(a, r)
	return a
}

// cell is one request of the matrix.
type cell struct {
	act        *act
	who, where string
	may        bool
	thing      uuid.UUID
}

// Every act on a thing, by its page and by its operation, for every role, at the
// role's own place and at a foreign one: nobody gets further than the policy
// declares, everybody else gets 404 and writes nothing; whoever may is not
// turned away. What is permitted is asked while no change can be recorded, so
// that it comes to its end without ending the things that are asked next.
func TestRoleActMatrix(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.territories()
	own, foreign := w.estate("Nasza", 900101, 100234), w.estate("Obca", 900102, 100502)
	who, actors := w.cast(own)
	acts := w.acts(slices.Collect(maps.Keys(own.byPattern)))
	var denied, open []cell
	for i := range acts {
		x := &acts[i]
		for name := range who {
			for where, th := range map[string]things{"own": own, "foreign": foreign} {
				at, path := th.at[x.pattern], x.pattern
				if x.name == "GET /networks/{id}/evaluations" {
					path += "/ewaluacja"
				}
				c := cell{x, name, where, w.Access.Can(actors[name], x.perm, at) && w.sees(actors[name], path, at), th.byPattern[x.pattern]}
				if c.may {
					open = append(open, c)
				} else {
					denied = append(denied, c)
				}
			}
		}
	}
	var judged atomic.Int64
	was := w.snapshot()
	w.each(denied, func(c *cell, status int, body string) {
		// 403: the thing is seen by who asks, the act is not theirs.
		if hidden(status) || status == http.StatusForbidden && c.where == "own" || sideDoors[c.act.name] != "" && c.where == "own" {
			return
		}
		// Input that is judged first is judged alike where there is nothing.
		if status == http.StatusUnprocessableEntity {
			nothing := *c
			nothing.thing = uuid.New()
			if s, b := w.ask(&nothing, who); s == status && unnamed(b) == unnamed(body) {
				judged.Add(1)
				return
			}
		}
		t.Errorf("%s, %s (%s, %s) gets in: %d %.200s", c.who, c.act.name, c.where, c.act.perm, status, body)
	}, who)
	if n := judged.Load(); n > int64(len(denied)/10) {
		t.Errorf("%d of %d cells were judged by their input: they say nothing of permission", n, len(denied))
	}
	if tables := changed(was, w.snapshot()); len(tables) > 0 {
		t.Errorf("what is not permitted wrote: %v", tables)
	}
	w.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no change is recorded now'; END $$`)
	w.exec(`CREATE TRIGGER refuse BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse()`)
	w.each(open, func(c *cell, status int, body string) {
		if hidden(status) && !c.act.inner && narrowerActs[c.act.name] == "" {
			t.Errorf("%s, %s (%s, %s): %d, the policy lets them: %.200s", c.who, c.act.name, c.where, c.act.perm, status, body)
		}
	}, who)
	if len(denied) < 3000 || len(open) < 300 {
		t.Errorf("%d acts: %d cells denied, %d open: the tables are hardly asked", len(acts), len(denied), len(open))
	}
	t.Logf("%d acts, %d cells denied, %d open", len(acts), len(denied), len(open))
}

// hidden: nothing is there, or a guest is asked to sign in first.
func hidden(status int) bool {
	return status == http.StatusNotFound || status == http.StatusUnauthorized || status == http.StatusSeeOther
}

// ask sends what a cell asks; leading on after an act is 200, to the sign-in page 303.
func (w *world) ask(c *cell, who map[string]*client) (status int, answer string) {
	path, body, kind := c.act.body(c.thing)
	a := w.call(who[c.who], c.act.method, path, body, kind)
	if to := a.Header().Get("Location"); a.Code == http.StatusSeeOther && !strings.HasPrefix(to, kit.SignInPath) {
		return http.StatusOK, ""
	}
	return a.Code, a.Body.String()
}

var (
	anID      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	requestID = regexp.MustCompile(`\b[A-Z2-7]{12}\b`)
)

// unnamed is an answer without what differs between any two: ids, the request's own too.
func unnamed(body string) string {
	return requestID.ReplaceAllString(anID.ReplaceAllString(body, "ID"), "R")
}

// each asks all cells, some at a time.
func (w *world) each(cells []cell, judge func(c *cell, status int, body string), who map[string]*client) {
	w.t.Helper()
	next := make(chan *cell)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for c := range next {
				status, body := w.ask(c, who)
				judge(c, status, body)
			}
		})
	}
	for i := range cells {
		next <- &cells[i]
	}
	close(next)
	all.Wait()
}

// sideDoors are acts that the tables' permission does not say all of: they open
// to more people at their own place.
var sideDoors = map[string]string{
	"GET /programmes/{id}/groups": "who has a group in the programme finds that group there, and no other",
}

// narrowerActs close to some whom the role would let in, because of the state of
// the thing or of who they are to it.
var narrowerActs = map[string]string{
	"POST /sieci/:id/przekazanie/odpowiedz": "only who hands over, receives or confirms",
	"GET /networks/{id}/handover":           "there is none",
	"POST /networks/{id}/handover/answer":   "only who hands over, receives or confirms",
	"GET /networks/{id}/lead-offer":         "only to whom the role is offered",
	"POST /networks/{id}/lead-offer":        "only to whom the role is offered",
	"POST /sieci/:id/koordynator":           "only to whom the role is offered",
	"GET /networks/{id}/people-to-write-to": "only who is in the network by a membership",
	"GET /programmes/{id}/project":          "a programme shows itself to everybody once its data are there",
	"POST /zarzadzanie/osoby/:id/polacz":    "names no second account",
	"POST /grupy/:id/przenies":              "moving needs group:manage above the group",
	"PUT /groups/{id}/parent":               "moving needs group:manage above the group",
}
