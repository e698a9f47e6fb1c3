package walk_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/network"
	"ore.edu.pl/sieci/core/oversight"
)

// cast are people in every role at the own place, with who they are to the policy.
func (w *world) cast(own *estate) (map[string]*client, map[string]*access.Actor) {
	w.t.Helper()
	centre, school := w.institution(900101), w.institution(100234)
	net, draft, prog, group := own.at["network"].Network, own.at["draft"].Network, own.at["programme"].Programme, own.at["group"].Group
	roles := []struct {
		name  string
		role  access.Role
		kind  access.ScopeKind
		scope uuid.UUID
	}{
		{"Uczestnik", access.Participant, access.Network, net}, {"Koordynator", access.Coordinator, access.Network, net},
		{"Ekspert", access.Expert, access.Network, net}, {"Moderator", access.Moderator, access.Network, net},
		{"Dyrektor", access.Principal, access.Institution, school}, {"Administrator biblioteki", access.InstitutionAdmin, access.Institution, school}, {"Założyciel", access.Founder, access.Centre, centre},
		{"Administrator placówki", access.CentreAdmin, access.Centre, centre}, {"Kierownik programu", access.Lead, access.Programme, prog},
		{"Członek zespołu", access.TeamMember, access.Group, group}, {"Kierownik zespołu", access.Head, access.Group, group},
		{"Opiekun", access.Guardian, access.Group, group}, {"Organizator wspomagania", access.SupportOrganiser, access.Institution, school},
		{"Organizator w zespole", access.SupportOrganiser, access.Group, group}, {"Urzędnik samorządu", access.Official, access.LocalGovernment, access.UnitScope("3013")},
		{"Ewaluator", access.Evaluator, access.Programme, prog}, {"Ewaluator sieci", access.Evaluator, access.Network, net},
		{"Kontroler", access.Inspector, access.Platform, uuid.Nil}, {"Administrator ORE", access.OREAdmin, access.Platform, uuid.Nil},
	}
	who := map[string]*client{"Gość": {w: w}}
	actors := map[string]*access.Actor{"Gość": {}}
	for _, r := range roles {
		id := w.person(r.name, 0)
		w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, $2, $3, nullif($4, '00000000-0000-0000-0000-000000000000'::uuid), $5)`,
			id, string(r.role), string(r.kind), r.scope, w.Clock.Now().AddDate(0, 0, -1))
		if r.scope == net {
			w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) VALUES (gen_random_uuid(), $1, $2, 'network', $3, $4)`, id, string(r.role), draft, w.Clock.Now().AddDate(0, 0, -1))
		}
		who[r.name], actors[r.name] = w.client(r.name), w.actor(r.name)
	}
	w.person("Nauczyciel", 0)
	who["Nauczyciel"], actors["Nauczyciel"] = w.client("Nauczyciel"), w.actor("Nauczyciel")
	return who, actors
}

// general are kinds that no place has: whoever holds the permission anywhere may,
// and there is no foreign one.
var general = []string{"", "topic", "module", "bundle", "module key", "module job", "register", "register import", "school year", "year count", "direction"}

// everybody are some of the cast: what every account may, or every guest, is asked
// by them alone where no place makes a difference.
var everybody = []string{"Gość", "Nauczyciel", "Uczestnik", "Kontroler", "Administrator ORE"}

// mine are kinds that belong to one person, whatever roles others have.
var mine = []string{"talk", "session", "token", "passkey", "provider link", "image consent", "group invitation", "own invitation", "copy"}

// inside are the permissions without which nobody knows of a thing, besides the
// one of the row: of a thing in a network that of the room it lies in.
var inside = map[string]access.Permission{
	"draft": network.PermView, "round": "evaluation:view", "task": "task:list", "resource": "resource:view", "file": "resource:view",
	"thread": "board:view", "post": "board:view", "profile": "person:list",
}

// cell is one request of the matrix.
type cell struct {
	row          *row
	kind         string // of the thing, a network's may be draft
	who, where   string // where: own, foreign, crossed, general
	own, in      *estate
	file         bool // the answer was a file to save
	may, seen    bool // seen: who asks knows of the thing
	status       int
	answer, told string // told: the request's id in the account of changes
}

// matrix is who asks for what.
type matrix struct {
	*world
	api    *openAPI
	rows   []*row
	who    map[string]*client
	actors map[string]*access.Actor
	known  map[string]string // general things by kind
}

func (w *world) matrix() (m *matrix, own, foreign *estate) {
	w.t.Helper()
	w.surveys()
	w.territories()
	own, foreign = w.estate("Nasza", 900101, 100234), w.estate("Obca", 900102, 100502)
	m = &matrix{world: w, api: w.description(), rows: w.rows(), known: map[string]string{"topic": "ocenianie", "module": "ore.thematic", "module key": "00000000000000aa", "register": "rspo", "school year": "2026", "direction": "2027-1"}}
	m.who, m.actors = w.cast(own)
	w.exec(`INSERT INTO module_key (id, public_key, namespace, name, valid_from, valid_to, added_at) VALUES ('00000000000000aa', sha256('x'), 'inna', 'Klucz', '2026-01-01', '2027-01-01', now())`)
	var id uuid.UUID
	w.must(w.DB.Get(w.t.Context(), &id, `SELECT id FROM registry_import ORDER BY id LIMIT 1`))
	m.known["register import"] = id.String()
	_, err := w.Oversight.AddDirection(w.t.Context(), access.Core("test"), oversight.NewDirection{SchoolYear: 2027, Polish: "Kierunek do usunięcia"})
	w.must(err)
	m.known["module job"] = uuid.NewString()
	w.exec(`INSERT INTO module_job (id, seq, module, kind, type, scope_kind, scope_id, state, finished_at, run_at, created_at, changed_at)
		VALUES ($1, gen_random_uuid(), 'ore.thematic', 'job', 'ore.thematic:weekly', 'network', $2, 'failed', now(), now(), now(), now())`, m.known["module job"], own.id["network"])
	w.settle()
	return m, own, foreign
}

// cells are all requests: of every row, as everybody, for own and foreign things;
// and for an own thing with something foreign inside. Where the router itself
// turns somebody away, the address is not looked at, and one place is enough.
func (m *matrix) cells(own, foreign *estate) []*cell {
	var out []*cell
	for _, r := range m.rows {
		if outside(r.path) != "" || passedOver[r.name] != "" {
			continue
		}
		kinds := []string{r.kind}
		if r.perm == network.PermPreview || r.perm == network.PermJoin {
			kinds = []string{"network", "draft"} // the face of a network, which a draft has not
		}
		for who, a := range m.actors {
			anywhere := m.Access.Anywhere(a, r.perm)
			if slices.Contains(general, r.kind) {
				if m.Access.Allowed(access.User, r.perm) && !slices.Contains(everybody, who) {
					continue
				}
				if demands[r.name] == onPlatform || m.national(r) {
					anywhere = m.Access.Can(a, r.perm, access.Place{})
				}
				out = append(out, &cell{row: r, kind: r.kind, who: who, where: "general", own: own, in: own, may: anywhere})
				continue
			}
			for _, kind := range kinds {
				mayOwn, mayForeign := anywhere && m.may(a, r, kind, own), anywhere && m.may(a, r, kind, foreign)
				out = append(out, &cell{row: r, kind: kind, who: who, where: "own", own: own, in: own, may: mayOwn, seen: m.sees(a, r, kind, own)})
				if anywhere {
					out = append(out, &cell{row: r, kind: kind, who: who, where: "foreign", own: foreign, in: foreign, may: mayForeign, seen: m.sees(a, r, kind, foreign)})
				}
				if mayOwn && !mayForeign && r.crossed() {
					out = append(out, &cell{row: r, kind: kind, who: who, where: "crossed", own: own, in: foreign})
				}
			}
		}
	}
	return out
}

// national reports whether the row's things are of the whole platform alone.
func (m *matrix) national(r *row) bool { return r.kind == "module" || r.kind == "year count" }

// may is what the policy declares: the row's permission at the thing's place,
// that one may know of the thing at all, and what its service demands besides.
func (m *matrix) may(a *access.Actor, r *row, kind string, e *estate) bool {
	demanded, more := demands[r.name]
	switch {
	case slices.Contains(mine, kind) || demanded == nobodys:
		return false
	case kind == "list":
		return m.Access.Can(a, r.perm, access.Place{}) // who handed it in is not of the cast
	case inside[kind] != "" && !m.Access.Can(a, inside[kind], e.at[kind]) || more && !m.Access.Can(a, demanded, e.at[kind]):
		return false
	}
	return m.Access.Can(a, r.perm, e.at[kind])
}

// sees reports whether somebody may know of a thing: they hold the permission of
// its room, or may open the page of its network.
func (m *matrix) sees(a *access.Actor, r *row, kind string, e *estate) bool {
	at := e.at[kind]
	switch {
	case slices.Contains(mine, kind):
		return false
	case inside[kind] != "":
		return m.Access.Can(a, inside[kind], at)
	case at.Network != uuid.Nil:
		return m.Access.Can(a, network.PermView, at)
	}
	return slices.ContainsFunc([]access.Permission{r.perm, "programme:view", "group:view", "centre:manage", "person:list"},
		func(p access.Permission) bool { return m.Access.Can(a, p, at) })
}

// ask sends what a cell asks.
func (m *matrix) ask(c *cell) {
	thing := func(e *estate) func(string) string {
		return func(kind string) string {
			if id := e.id[kind]; id != "" {
				return id
			}
			if id := m.known[kind]; id != "" {
				return id
			}
			return uuid.NewString()
		}
	}
	path := c.row.address(c.kind, thing(c.own), thing(c.in))
	body, kind := c.row.request(m.api, path, c.own.id[c.kind])
	a := m.call(m.who[c.who], c.row.method, path, body, kind)
	c.status, c.answer, c.told = a.Code, a.Header().Get("Location")+a.Body.String(), a.Header().Get("X-Request-Id")
	c.file = strings.HasPrefix(a.Header().Get("Content-Disposition"), "attachment")
	if led(a) {
		c.status = http.StatusUnauthorized
	}
}

// refused: the thing is seen by who asks, the act is not theirs, or not with this.
func refused(status int) bool {
	return status == http.StatusForbidden || status == http.StatusConflict || status == http.StatusUnprocessableEntity
}

// hidden: nothing is there, or a guest is asked to sign in first.
func hidden(status int) bool {
	return status == http.StatusNotFound || status == http.StatusUnauthorized
}

// each asks cells, some at a time.
func (m *matrix) each(cells []*cell) {
	m.t.Helper()
	next := make(chan *cell)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for c := range next {
				m.ask(c)
			}
		})
	}
	for _, c := range cells {
		next <- c
	}
	close(next)
	all.Wait()
}

// judged reports whether an answer came from the input alone: it is the same for
// a thing that is not there, so that it tells nothing of this one.
func (m *matrix) judged(c *cell) bool {
	if c.status == http.StatusOK && c.where != "crossed" {
		return false
	}
	nothing := *c
	nothing.in = &estate{}
	if c.where != "crossed" {
		nothing.own = nothing.in
	}
	m.ask(&nothing)
	return nothing.status == c.status && steadily(nothing.answer) == steadily(c.answer)
}

// Every page and every operation, for every role, at the role's own place and at
// a foreign one: nobody gets further than the policy declares, everybody else
// gets 404 and writes nothing; whoever may is not turned away. The rows come from
// the route tables, the verdicts from Casbin, the things from the database. A
// draft network is used, which only its own people may know of. Writes that are
// permitted are asked for while no change can be recorded, so that they come to
// their end without ending the things that are asked next.
func TestRoleRouteMatrix(t *testing.T) {
	t.Parallel()
	m, own, foreign := open(t).matrix()
	var denied, shown, done []*cell
	for _, c := range m.cells(own, foreign) {
		switch {
		case wider[c.row.name] != "" && c.where == "own":
			shown = append(shown, c)
		case !c.may && c.where != "crossed":
			denied = append(denied, c)
		case c.row.method == http.MethodGet:
			shown = append(shown, c)
		default:
			done = append(done, c)
		}
	}
	// A statement that finds nothing to change is no change, and the ledger cannot
	// tell: it has watched the making of all things.
	m.DB.Watch(func([]string) {})
	was, before := m.snapshot(), m.number(`SELECT max(id) FROM audit_event`)
	m.each(denied)
	byInput := 0
	for _, c := range denied {
		switch {
		case hidden(c.status) || c.seen && refused(c.status):
		case m.judged(c):
			byInput++
		default:
			t.Errorf("%s, %s (%s, %s) gets in: %d %.200s", c.who, c.row.name, c.where, c.row.perm, c.status, c.answer)
		}
	}
	if byInput > len(denied)/10 {
		t.Errorf("%d of %d cells were judged by their input: they say nothing of permission", byInput, len(denied))
	}
	if tables := changed(was, m.snapshot()); len(tables) > 0 {
		var acts []string
		m.must(m.DB.Select(t.Context(), &acts, `SELECT DISTINCT action FROM audit_event WHERE id > $1 ORDER BY 1 LIMIT 20`, before))
		t.Errorf("what is not permitted wrote: %v, accounted for as %v", tables, acts)
	}
	m.each(shown)
	m.accountedReads(shown)
	m.confirmations(shown)
	m.exec(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no change is recorded now'; END $$`)
	m.exec(`CREATE TRIGGER refuse BEFORE INSERT ON audit_event FOR EACH ROW EXECUTE FUNCTION refuse()`)
	m.each(done)
	for _, c := range slices.Concat(shown, done) {
		switch {
		case c.status == http.StatusInternalServerError:
			t.Errorf("%s, %s (%s): %d %.200s", c.who, c.row.name, c.where, c.status, c.answer)
		case c.where == "crossed" && !hidden(c.status) && !m.judged(c):
			t.Errorf("%s, %s reaches something foreign by an own address: %d %.200s", c.who, c.row.name, c.status, c.answer)
		case c.may && hidden(c.status) && narrower[c.row.name] == "" && !slices.Contains(c.row.inner, "=nic"):
			t.Errorf("%s, %s (%s, %s): %d, the policy lets them: %.200s", c.who, c.row.name, c.where, c.row.perm, c.status, c.answer)
		}
	}
	if len(m.rows) < 600 || len(denied) < 8000 || len(shown) < 1500 || len(done) < 1000 {
		t.Errorf("%d rows: %d cells denied, %d shown, %d done: the tables are hardly asked", len(m.rows), len(denied), len(shown), len(done))
	}
	t.Logf("%d rows, %d cells denied, %d shown, %d done", len(m.rows), len(denied), len(shown), len(done))
}

var (
	anID      = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	requestID = regexp.MustCompile(`\b[A-Z2-7]{12}\b`)
)

// steadily is unnamed, of a page without the keys of its forms.
func steadily(body string) string { return unnamed(changing.ReplaceAllString(body, "")) }

// unnamed is an answer without what differs between any two: ids, the request's own too.
func unnamed(body string) string {
	return requestID.ReplaceAllString(anID.ReplaceAllString(body, "ID"), "R")
}
