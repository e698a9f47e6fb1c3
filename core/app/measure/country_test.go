package measure_test

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/app"
	"ore.edu.pl/sieci/core/app/country"
	"ore.edu.pl/sieci/core/db/dbtest"
)

// countryEnv names a database that holds an invented country already, such as one
// at full scale; unset, tests make a twentieth of it.
const countryEnv = "SIECI_TEST_COUNTRY"

// nation is the program on an invented country, with somebody of every role.
type nation struct {
	*world
	scale   string
	cookies map[string]string
	// powiat, school, programme and network are where they have their roles.
	powiat                     string
	school, programme, network uuid.UUID
	big                        map[string]bool // tables that are never read as a whole
	small                      map[string]bool // less than a thousand rows: read however often
	plans                      *sql.Conn
	judged                     map[string]bool
	slow                       []slowest
}

type slowest struct {
	took      float64 // ms
	what, sql string
}

// settle visits the country that [countryEnv] names, or a twentieth made here.
func settle(t testing.TB) *nation {
	t.Helper()
	if dsn := os.Getenv(countryEnv); dsn != "" {
		return settleAt(t, dsn, "the country of "+countryEnv)
	}
	dsn := dbtest.NewDSN(t)
	makeCountry(t, dsn, country.Scale{Of: 1, Parts: 20})
	return settleAt(t, dsn, "a twentieth of the country")
}

func settleAt(t testing.TB, dsn, scale string) *nation {
	t.Helper()
	n := &nation{scale: scale, cookies: map[string]string{"guest": ""}, judged: map[string]bool{}, big: map[string]bool{}, small: map[string]bool{}}
	n.world = &world{t: t, tap: listen(t, dsn), config: app.Config{DatabaseURL: dsn, Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1", MailFrom: "sieci@localhost", Plugins: t.TempDir()}}
	tapped := n.config
	tapped.DatabaseURL = n.tap.dsn
	n.App = start(t, tapped)
	n.people()
	var big []string
	if err := n.DB.Select(t.Context(), &big, `SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples >= $1`, large); err != nil {
		t.Fatal(err)
	}
	for _, b := range big {
		n.big[b] = true
	}
	var small []string
	if err := n.DB.Select(t.Context(), &small, `SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples < 1000`); err != nil {
		t.Fatal(err)
	}
	for _, s := range small {
		n.small[s] = true
	}
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if n.plans, err = d.Conn(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.plans.Close() })
	if _, err := n.plans.ExecContext(t.Context(), `SET statement_timeout = '30s'`); err != nil {
		t.Fatal(err)
	}
	n.tap.take(t)
	return n
}

func makeCountry(t testing.TB, dsn string, s country.Scale) {
	t.Helper()
	a := start(t, app.Config{DatabaseURL: dsn, Data: t.TempDir(), Addr: "127.0.0.1:0", BaseURL: "http://127.0.0.1", Plugins: t.TempDir()})
	began := time.Now()
	if _, err := country.Make(t.Context(), a, s, 1, func(string, int) {}); err != nil {
		t.Fatal(err)
	}
	t.Logf("the country at 1/%d was made in %v", s.Parts, time.Since(began).Round(time.Second))
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
}

// one reads a single value.
func one[T any](w *world, query string, args ...any) (out T) {
	w.t.Helper()
	if err := w.DB.SQL().QueryRowContext(w.t.Context(), query, args...).Scan(&out); err != nil {
		w.t.Fatalf("%v in %s", err, query)
	}
	return out
}

// manyRoles is how many networks the expert is in.
const manyRoles = 300

// people signs in somebody of each role.
func (n *nation) people() {
	n.t.Helper()
	w := n.world
	n.powiat = one[string](w, `SELECT min(t.powiat_code) FROM centre_territory t JOIN institution i ON i.powiat_code = t.powiat_code AND i.kind = 'school'`)
	w.centre = one[uuid.UUID](w, `SELECT centre_id FROM centre_territory WHERE powiat_code = $1`, n.powiat)
	n.school = one[uuid.UUID](w, `SELECT id FROM institution WHERE kind = 'school' AND powiat_code = $1 ORDER BY id LIMIT 1`, n.powiat)
	n.programme = one[uuid.UUID](w, `SELECT id FROM programme WHERE centre_id = $1 ORDER BY id LIMIT 1`, w.centre)
	n.network = one[uuid.UUID](w, `SELECT id FROM network WHERE centre_id = $1 AND school_year = 2026 AND status = 'open' ORDER BY id LIMIT 1`, w.centre)
	// A country can be visited more than once; a name has no digits.
	mark := strings.Map(func(r rune) rune { return 'a' + r%16 }, uuid.NewString()[:8])
	give := func(name string, role access.Role, kind access.ScopeKind, scopes ...uuid.UUID) uuid.UUID {
		id, cookie := w.person(name + " Nowak " + mark)
		n.cookies[name] = cookie
		if kind == access.Platform {
			w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, valid_from) VALUES (gen_random_uuid(), $1, $2, $3, now() - interval '1 day')`, id, role, kind)
		}
		w.exec(`INSERT INTO role_grant (id, person_id, role, scope_kind, scope_id, valid_from) SELECT gen_random_uuid(), $1, $2, $3, s, now() - interval '1 day' FROM unnest($4::uuid[]) s`, id, role, kind, pq.Array(scopes))
		if kind == access.Network {
			w.exec(`INSERT INTO membership (id, network_id, person_id, state, joined_at, seat) SELECT gen_random_uuid(), s, $1, 'active', now(), false FROM unnest($2::uuid[]) s`, id, pq.Array(scopes))
		}
		return id
	}
	w.admin = give("ore", access.OREAdmin, access.Platform)
	give("inspector", access.Inspector, access.Platform)
	give("centre", access.CentreAdmin, access.Centre, w.centre)
	give("lead", access.Lead, access.Programme, n.programme)
	give("coordinator", access.Coordinator, access.Network, n.network)
	w.member = give("participant", access.Participant, access.Network, n.network)
	give("principal", access.Principal, access.Institution, n.school)
	var many []uuid.UUID
	if err := n.DB.Select(n.t.Context(), &many, `SELECT id FROM network WHERE status = 'open' ORDER BY id LIMIT $1`, manyRoles); err != nil {
		n.t.Fatal(err)
	}
	give("expert", access.Expert, access.Network, many...)
}

// roles are the people, guests first.
var roles = []string{"guest", "participant", "principal", "coordinator", "expert", "lead", "centre", "inspector", "ore"}

// read asks for an address and judges the plan of every statement that is new.
func (n *nation) read(name, path string) *httptest.ResponseRecorder {
	n.t.Helper()
	n.tap.take(n.t)
	res := get(n.t, n.Handler, path, n.cookies[name])
	// 503 is a sentence that a module is missing, not a fault.
	if res.Code >= 500 && res.Code != http.StatusServiceUnavailable {
		n.t.Errorf("%s as %s: %d\n%.300s", path, name, res.Code, res.Body)
	}
	for _, s := range n.tap.take(n.t) {
		if key := s.sql + shape(s.args); s.how == "run" && !writes.MatchString(s.sql) && !n.judged[key] {
			n.judged[key] = true
			n.judge(name+" "+path, s)
		}
	}
	return res
}

// shape is what of the arguments may lead to another plan: which of them do not narrow.
func shape(args []any) string {
	var b strings.Builder
	for _, v := range args {
		switch v {
		case nil, "", "{}", "t", "f", "true", "false":
			fmt.Fprintf(&b, "|%v", v)
		default:
			b.WriteString("|x")
		}
	}
	return b.String()
}

// whole are statements that count a whole school year or country, once for a
// report, not line by line for a list; and walks of the search, which stop after
// 30,000 documents (core/search). Their time is logged.
var whole = map[string]string{
	"person_in AS MATERIALIZED":             "the yearly report counts the members of a school year",
	"net AS MATERIALIZED (SELECT d.direct":  "the coverage of directions counts the networks of a school year",
	"AS met, count(DISTINCT w.id) AS net":   "topics of needs and where they were reported are counted for a school year",
	"FROM (SELECT n.centre_id, count(*) AS": "the dashboard counts the country's open networks, by an index of these alone",
	"FROM search_doc d WHERE d.kind":        "the search walks at most 30,000 documents",
	"array_agg(DISTINCT tie) AS ties":       "who sees one's data counts the holders of roles at up to 200 places",
	"'local_government', CAST('00000000":    "a centre's places have some ten thousand grants",
	"AND p.name_folded LIKE ALL":            "a part of a name that many have is met soonest in the order of names",
}

func isWhole(sql string) bool {
	for part := range whole {
		if strings.Contains(sql, part) {
			return true
		}
	}
	return false
}

// step is a node of an executed plan.
type step struct {
	Kind     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Index    string  `json:"Index Name"`
	Strategy string  `json:"Strategy"`
	Rows     float64 `json:"Actual Rows"`
	Loops    float64 `json:"Actual Loops"`
	Filtered float64 `json:"Rows Removed by Filter"`
	Rechecks float64 `json:"Rows Removed by Index Recheck"`
	Plans    []step  `json:"Plans"`
}

// faults of a step and those below it: a large table read as a whole, or more
// than [large] rows read, sorted or hashed.
func (n *nation) faults(s *step) []string {
	var out []string
	all := (s.Rows + s.Filtered + s.Rechecks) * s.Loops
	switch {
	case s.Loops == 0:
		return nil
	case s.Kind == "Seq Scan" && n.big[s.Relation]:
		out = append(out, fmt.Sprintf("reads all of %s (%.0f rows)", s.Relation, all))
	case s.Relation != "" && !n.small[s.Relation] && s.Kind != "Bitmap Index Scan" && all > large:
		out = append(out, fmt.Sprintf("reads %.0f rows of %s by %s %s", all, s.Relation, s.Kind, s.Index))
	case (s.Kind == "Sort" || s.Kind == "Hash" || s.Strategy == "Hashed") && s.Rows*s.Loops > large:
		out = append(out, fmt.Sprintf("%s of %.0f rows", s.Kind, s.Rows*s.Loops))
	}
	for i := range s.Plans {
		out = append(out, n.faults(&s.Plans[i])...)
	}
	return out
}

// judge runs a statement as planned for its arguments, and as it is planned from
// the sixth time on, when PostgreSQL may choose a plan for any arguments.
func (n *nation) judge(what string, s sent) {
	n.t.Helper()
	for _, mode := range []string{"force_custom_plan", "auto"} {
		top, took, err := n.explain(mode, s)
		text := strings.Join(strings.Fields(s.sql), " ")
		var slow *pq.Error
		if errors.As(err, &slow) && slow.Code == "57014" {
			n.t.Errorf("%s (%s): not done in time\n%s\n%v", what, mode, text, s.args)
			continue
		}
		if err != nil {
			n.t.Fatalf("%v in %s", err, text)
		}
		n.slow = append(n.slow, slowest{took, what + " " + mode, text})
		if isWhole(s.sql) {
			continue
		}
		if list := n.faults(top); len(list) > 0 {
			n.t.Errorf("%s (%s, %.1f ms): %s\n%s\n%.400v", what, mode, took, strings.Join(list, "; "), text, s.args)
		}
	}
}

func (n *nation) explain(mode string, s sent) (*step, float64, error) {
	args := make([]string, len(s.args))
	for i, v := range s.args {
		args[i] = "NULL"
		if v != nil {
			args[i] = pq.QuoteLiteral(fmt.Sprint(v))
		}
	}
	call := "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE measured_plan"
	if len(args) > 0 {
		call += " (" + strings.Join(args, ", ") + ")"
	}
	ctx := n.t.Context()
	for _, q := range []string{"SET plan_cache_mode = " + mode, "PREPARE measured_plan AS " + s.sql} {
		if _, err := n.plans.ExecContext(ctx, q); err != nil {
			return nil, 0, err
		}
	}
	if mode == "auto" {
		for range 5 { // which plan it will be is found out by planning
			if _, err := n.plans.ExecContext(ctx, strings.Replace(call, "(ANALYZE, TIMING OFF, FORMAT JSON) ", "", 1)); err != nil {
				return nil, 0, err
			}
		}
	}
	var raw []byte
	err := n.plans.QueryRowContext(ctx, call).Scan(&raw)
	if _, e := n.plans.ExecContext(ctx, "DEALLOCATE measured_plan"); err == nil {
		err = e
	}
	if err != nil {
		return nil, 0, err
	}
	var doc []struct {
		Plan step    `json:"Plan"`
		Took float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil || len(doc) != 1 {
		return nil, 0, fmt.Errorf("plan %.200s: %w", raw, err)
	}
	return &doc[0].Plan, doc[0].Took, nil
}

// tell logs which statements took longest.
func (n *nation) tell() {
	slices.SortFunc(n.slow, func(a, b slowest) int { return cmp.Compare(b.took, a.took) })
	var b strings.Builder
	for i := range n.slow[:min(len(n.slow), 15)] {
		fmt.Fprintf(&b, "%8.1f ms  %s\n             %.200s\n", n.slow[i].took, n.slow[i].what, n.slow[i].sql)
	}
	n.t.Logf("%s: %d statements judged; the slowest:\n%s", n.scale, len(n.judged), b.String())
}

// visitAll goes through the country as somebody of each of the roles, or only as
// the one whose lists are the longest with filters of their own.
func (n *nation) visitAll(all bool) (pages, calls int) {
	n.t.Helper()
	as, each := roles, 2
	if !all {
		as, each = []string{"centre"}, 1
	}
	for _, name := range as {
		v := n.visitor(name, each)
		v.walk()
		if all {
			v.call()
		}
		pages, calls = pages+len(v.seen), calls+v.calls
	}
	n.tell()
	n.t.Logf("%d pages and %d operations read", pages, calls)
	return pages, calls
}

// Whatever page or operation somebody of any role opens, with each filter and
// order that it offers and its next page: no table of more than 10,000 rows is
// read as a whole, and no list reads, sorts or hashes more than 10,000 rows. In a
// twentieth of the country, or the one at [countryEnv].
//
// A usual run visits as the administrator of a centre, one page of each kind;
// everybody's pages, a second of each kind and all operations take minutes more:
// make long, and make bench in the whole country.
func TestListsOfACountryGoByIndex(t *testing.T) {
	t.Parallel()
	n := settle(t)
	least := struct{ pages, calls, statements int }{100, 0, 80}
	all := os.Getenv(countryEnv) != "" || os.Getenv("SIECI_TEST_LONG") != ""
	if all {
		least.pages, least.calls, least.statements = 500, 300, 200
	}
	pages, calls := n.visitAll(all)
	for _, table := range []string{"person", "role_grant", "membership", "board_post", "notification", "meeting_attendance", "search_doc", "audit_event"} {
		if !n.big[table] {
			t.Errorf("%s is not large", table)
		}
	}
	if pages < least.pages || calls < least.calls || len(n.judged) < least.statements {
		t.Errorf("only %d pages, %d operations and %d statements", pages, calls, len(n.judged))
	}
}
