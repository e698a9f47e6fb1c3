package oversight_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/oversight"
	"ore.edu.pl/sieci/core/schedule/calendar"
	"ore.edu.pl/sieci/policies"
)

type world struct {
	t     *testing.T
	db    *db.DB
	clock *clock.Fixed
	s     *oversight.Service
	made  oversight.Config
	auth  *access.Authorizer
	ore   *access.Actor
	// centre acts in powiat 3013, other in 1465.
	centre, other uuid.UUID
	admin         *access.Actor // of centre
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, db: dbtest.New(t), clock: clock.NewFixed(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	key := make([]byte, 32)
	m := scripted.New(&effect.Description{Module: "test.trial", Version: "1.0.0", NetworkTypes: []effect.NetworkType{{Name: "rare", MeetingsLeast: 1, MeetingsMost: 2}, {Name: "net"}}})
	w.auth, w.made = auth, oversight.Config{DB: w.db, Access: auth, Audit: audit.New(key, w.clock), Clock: w.clock, Modules: scripted.Modules{m}, Days: calendar.Shipped(), CursorKey: key,
		Directions: []oversight.Direction{{Code: "ai", Polish: "Sztuczna inteligencja", English: "AI", Year: "2026/2027"}, {Code: "zdrowie", Polish: "Zdrowie", English: "Health", Year: "2026/2027"}}}
	w.s = oversight.New(w.made)
	w.exec(`INSERT INTO teryt_unit (code, kind, name, name_folded, descriptor, parent_code, as_of) VALUES
		('30', 'voivodeship', 'wielkopolskie', 'wielkopolskie', '', NULL, '2020-01-01'), ('14', 'voivodeship', 'mazowieckie', 'mazowieckie', '', NULL, '2020-01-01'),
		('3013', 'powiat', 'leszczyński', 'leszczynski', '', '30', '2020-01-01'), ('3063', 'city_powiat', 'Leszno', 'leszno', '', '30', '2020-01-01'), ('1465', 'city_powiat', 'Warszawa', 'warszawa', '', '14', '2020-01-01')`)
	w.centre, w.other = w.institution("centre", "3013"), w.institution("centre", "1465")
	w.exec(`INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '3013'), ($1, '3063'), ($2, '1465')`, w.centre, w.other)
	w.ore = w.person(access.Grant{Role: access.OREAdmin, Kind: access.Platform})
	w.admin = w.person(access.Grant{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centre})
	return w
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	if _, err := w.db.SQL().ExecContext(w.t.Context(), query, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) person(grants ...access.Grant) *access.Actor {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, 'A', 'A', 'active')`, id, id.String()+"@example.org")
	return &access.Actor{Person: id, Grants: grants}
}

func (w *world) institution(kind, powiat string) uuid.UUID {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, $2, 'I', 'i', $1, $3)`, id, kind, powiat)
	return id
}

func (w *world) network(title, typ string, centre uuid.UUID, programme any) uuid.UUID {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO network (id, module, type, programme_id, centre_id, title, title_folded, school_year, status, created_at, opened_at)
		VALUES ($1, 'test.trial', $2, $3, $4, $5, 'x', 2026, 'open', '2026-09-10', '2026-09-10')`, id, typ, programme, centre, title)
	return id
}

func (w *world) meeting(network uuid.UUID, state, day string) uuid.UUID {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO meeting (id, network_id, kind, title, state, school_year, starts_at, ends_at, onsite, online, created_at, updated_at, announced_at, closed_at)
		VALUES ($1, $2, 'working', 'Spotkanie', $3, 2026, CAST($4 AS timestamptz) + interval '14 hours', CAST($4 AS timestamptz) + interval '17 hours', true, false, now(), now(), '2026-09-20',
			CASE WHEN $3 = 'closed' THEN now() END)`, id, network, state, day)
	w.exec(`INSERT INTO meeting_item (id, meeting_id, position, title, minutes, method) VALUES ($1, $3, 1, 'Praca', 90, 'workshop'), ($2, $3, 2, 'Przerwa', 30, 'break')`, uuid.New(), uuid.New(), id)
	return id
}

// member joins with a school and was at the meetings.
func (w *world) member(network, school uuid.UUID, joined string, meetings ...uuid.UUID) uuid.UUID {
	w.t.Helper()
	p := w.person().Person
	w.exec(`INSERT INTO membership (id, network_id, person_id, state, institution_id, complex_id, joined_at) VALUES ($1, $2, $3, 'active', $4, $4, $5)`, uuid.New(), network, p, school, joined)
	for _, m := range meetings {
		w.exec(`INSERT INTO meeting_attendance (id, meeting_id, person_id, presence, via, marked_at) VALUES ($1, $2, $3, 'onsite', 'register', now())`, uuid.New(), m, p)
	}
	return p
}

func (w *world) paces(a *access.Actor, q oversight.PaceQuery) map[string]oversight.Pace {
	w.t.Helper()
	q.Year = 2026
	out := map[string]oversight.Pace{}
	after := ""
	for {
		l, err := w.s.Paces(w.t.Context(), a, q, after, 2)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range l.Items {
			out[p.Title] = p
		}
		if after = l.Next; after == "" {
			return out
		}
	}
}

// on is a day as queries take it.
func on(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return t
}

func day(p *time.Time) string {
	if p == nil {
		return ""
	}
	return p.Format(time.DateOnly)
}

// Scenario PDN6: N1 has 1 of at least 3 meetings: amber, and the last possible
// day of the next one. Lessons end on Friday 25 June 2027; the third meeting may
// be then, the second two weeks before.
func TestPaceInTrafficLights(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n1 := w.network("Sieć N1", "net", w.centre, nil)
	w.meeting(n1, "held", "2026-10-01")
	w.meeting(n1, "announced", "2026-12-10")
	w.meeting(n1, "draft", "2026-12-11")
	for _, d := range []string{"2026-10-01", "2026-10-15", "2026-11-10"} {
		w.meeting(w.network("G"+d, "rare", w.centre, nil), "closed", d)
	}
	over := w.network("Za dużo", "rare", w.centre, nil)
	for _, d := range []string{"2026-10-01", "2026-10-15", "2026-11-10"} {
		w.meeting(over, "held", d)
	}
	w.network("Obca", "net", w.other, nil)
	got := w.paces(w.admin, oversight.PaceQuery{})
	if len(got) != 5 {
		t.Fatalf("the centre sees %d networks: %+v", len(got), got)
	}
	p := got["Sieć N1"]
	if p.Light != oversight.Amber || p.Held != 1 || p.Least != 3 || p.Most != 5 || p.Planned != 1 || p.Missing() != 2 || day(p.Last) != "2027-06-11" || day(p.Next) != "2026-12-10" || p.Powiat != "leszczyński" {
		t.Errorf("N1: %+v last %s", p, day(p.Last))
	}
	if g := got["G2026-10-01"]; g.Light != oversight.Green || g.Last != nil || g.Least != 1 {
		t.Errorf("a network of a type with one meeting: %+v", g)
	}
	if o := got["Za dużo"]; o.Light != oversight.Amber || o.Held != 3 || o.Most != 2 {
		t.Errorf("too many: %+v", o)
	}
	if red := w.paces(w.admin, oversight.PaceQuery{Light: oversight.Red}); len(red) != 0 {
		t.Errorf("red: %+v", red)
	}
	if all := w.paces(w.ore, oversight.PaceQuery{Light: oversight.Amber}); len(all) != 3 {
		t.Errorf("amber in the country: %+v", all)
	}
	// As of an earlier day: the meeting of 1 October was announced and still to come,
	// and the networks were there from 10 September on.
	if p := w.paces(w.admin, oversight.PaceQuery{Day: on("2026-09-30")})["Sieć N1"]; p.Held != 0 || p.Planned != 2 || day(p.Next) != "2026-10-01" || p.Light != oversight.Amber {
		t.Errorf("as of 30 September: %+v", p)
	}
	if p := w.paces(w.admin, oversight.PaceQuery{Day: on("2026-09-15")})["Sieć N1"]; p.Planned != 0 {
		t.Errorf("before it was announced: %+v", p)
	}
	if then := w.paces(w.ore, oversight.PaceQuery{Day: on("2026-09-09")}); len(then) != 0 {
		t.Errorf("before they were opened: %+v", then)
	}
	w.exec(`UPDATE network SET status = 'closed', closed_at = '2026-11-20' WHERE id = $1`, n1)
	if p := w.paces(w.admin, oversight.PaceQuery{Day: on("2026-11-19")})["Sieć N1"]; p.Status != "open" || p.Light != oversight.Amber {
		t.Errorf("the day before it was closed: %+v", p)
	}
	if p := w.paces(w.admin, oversight.PaceQuery{})["Sieć N1"]; p.Status != "closed" || p.Light != oversight.Red {
		t.Errorf("closed: %+v", p)
	}
	w.exec(`UPDATE network SET status = 'open', closed_at = NULL WHERE id = $1`, n1)
	if _, err := w.s.Paces(t.Context(), w.admin, oversight.PaceQuery{Year: 2026, Day: w.clock.Now().AddDate(0, 0, 2)}, "", 0); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a day to come: %v", err)
	}
	// On the last possible day it is amber still, on the next day red.
	w.clock.Set(time.Date(2027, 6, 11, 8, 0, 0, 0, time.UTC))
	if p := w.paces(w.admin, oversight.PaceQuery{})["Sieć N1"]; p.Held != 2 || p.Light != oversight.Amber || day(p.Last) != "2027-06-25" {
		t.Errorf("on 11 June: %+v", p)
	}
	w.clock.Set(time.Date(2027, 6, 26, 8, 0, 0, 0, time.UTC))
	if p := w.paces(w.admin, oversight.PaceQuery{})["Sieć N1"]; p.Light != oversight.Red {
		t.Errorf("after lessons: %+v", p)
	}
	if _, err := w.s.Paces(t.Context(), w.person(), oversight.PaceQuery{Year: 2026}, "", 0); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v", err)
	}
}

// A changed rule leaves networks founded before it as they were.
func TestPaceByTheRuleOfTheDayOfFounding(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p := uuid.New()
	w.exec(`INSERT INTO programme (id, code, title) VALUES ($1, 'P-1', 'Program')`, p)
	w.exec(`INSERT INTO programme_rule (id, programme_id, valid_from, networks_least, meetings_least, meetings_most, set_at) VALUES ($1, $3, '2026-09-01', 4, 2, 4, now()), ($2, $3, '2026-11-01', 4, 6, 8, now())`, uuid.New(), uuid.New(), p)
	w.network("Stara", "rare", w.centre, p)
	w.exec(`UPDATE network SET created_at = '2026-11-02' WHERE id = $1`, w.network("Nowa", "rare", w.other, p))
	lead := w.person(access.Grant{Role: access.Lead, Kind: access.Programme, Scope: p})
	got := w.paces(lead, oversight.PaceQuery{Programme: p})
	if got["Stara"].Least != 2 || got["Stara"].Most != 4 || got["Nowa"].Least != 6 || got["Nowa"].ProgrammeTitle != "Program" {
		t.Errorf("%+v", got)
	}
	// Six meetings two weeks apart, over the spring break from 25 to 30 March.
	if d := day(got["Nowa"].Last); d != "2027-04-16" {
		t.Errorf("six meetings: %s", d)
	}
}

// Scenario ORE12: numbers of a day stay when the register changes tomorrow.
func TestYearByPowiatAsOfADay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n1, n2 := w.network("Sieć N1", "net", w.centre, nil), w.network("Sieć N2", "net", w.centre, nil)
	foreign := w.network("Obca", "net", w.other, nil)
	m1, m2 := w.meeting(n1, "closed", "2026-10-01"), w.meeting(n1, "held", "2026-11-01")
	w.meeting(n1, "announced", "2026-12-01")
	w.meeting(n2, "held", "2026-11-02")
	x := w.meeting(foreign, "held", "2026-11-03")
	village, town, capital := w.institution("school", "3013"), w.institution("school", "3063"), w.institution("school", "1465")
	w.member(n1, village, "2026-09-15", m1, m2)
	w.member(n1, town, "2026-09-15", m1)
	w.member(n1, town, "2026-11-23") // joins late
	w.member(foreign, capital, "2026-09-15", x)
	w.member(foreign, village, "2026-09-15", x) // a teacher of the territory in another's network
	report := func(a *access.Actor, d string) (*oversight.Year, map[string]oversight.Place) {
		t.Helper()
		on, err := time.Parse(time.DateOnly, d)
		if err != nil {
			t.Fatal(err)
		}
		y, err := w.s.Year(t.Context(), a, oversight.YearQuery{SchoolYear: 2026, Day: on})
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]oversight.Place{"": y.Whole}
		for _, p := range slices.Concat(y.Powiats, y.Voivodeships) {
			by[p.Code] = p
		}
		return y, by
	}
	check := func(what string, p oversight.Place, networks, members, meetings, minutes, participants int) {
		t.Helper()
		if p.Networks != networks || p.Members != members || p.Meetings != meetings || p.Minutes != minutes || p.Participants != participants {
			t.Errorf("%s: %+v", what, p)
		}
	}
	before, by := report(w.ore, "2026-11-20")
	check("3013", by["3013"], 3, 2, 4, 360, 2) // N1, N2 by its seat, and the other centre's
	check("3063", by["3063"], 1, 1, 2, 180, 1)
	check("30", by["30"], 3, 3, 4, 360, 3)
	check("1465", by["1465"], 1, 1, 1, 90, 1)
	check("whole", by[""], 3, 4, 4, 360, 4)
	if by["3013"].Voivodeship != "wielkopolskie" || by["3013"].Name != "leszczyński" {
		t.Errorf("names: %+v", by["3013"])
	}
	_, by = report(w.ore, "2026-10-15")
	check("3013 in October", by["3013"], 3, 2, 1, 90, 1)
	_, by = report(w.ore, "2026-11-24")
	check("3063 later", by["3063"], 1, 2, 2, 180, 1)
	// The centre's own networks in its powiats; nothing of the other's.
	own, by := report(w.admin, "2026-11-20")
	check("own 3013", by["3013"], 2, 1, 3, 270, 1)
	check("own whole", by[""], 2, 2, 3, 270, 2)
	if _, any := by["1465"]; any || own.Country || len(own.Powiats) != 2 {
		t.Errorf("another territory: %+v", own)
	}
	// Tomorrow's register moves the school to another powiat and renames one.
	w.exec(`UPDATE institution SET powiat_code = '1465' WHERE id = $1`, village)
	w.exec(`UPDATE teryt_unit SET name = 'Leszno Nowe', as_of = '2026-11-25' WHERE code = '3063'`)
	w.exec(`UPDATE institution_version SET valid_from = '2026-11-25' WHERE institution_id = $1 AND no = 2`, village)
	w.exec(`UPDATE institution_version SET valid_to = '2026-11-25' WHERE institution_id = $1 AND no = 1`, village)
	after, _ := report(w.ore, "2026-11-20")
	if !slices.Equal(before.Powiats, after.Powiats) || before.Whole != after.Whole {
		t.Errorf("the day's numbers changed: %+v, then %+v", before.Powiats, after.Powiats)
	}
	for _, bad := range []string{"2026-11-25", "1999-01-01"} {
		on, _ := time.Parse(time.DateOnly, bad)
		if _, err := w.s.Year(t.Context(), w.ore, oversight.YearQuery{SchoolYear: 2026, Day: on}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
	if _, err := w.s.Year(t.Context(), w.person(), oversight.YearQuery{SchoolYear: 2026}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v", err)
	}
}

func TestSheetsSayTheSameAndRunNothing(t *testing.T) {
	t.Parallel()
	y := &oversight.Year{SchoolYear: 2026, Day: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Whole: oversight.Place{Networks: 2, Minutes: 68},
		Powiats: []oversight.Place{{Code: "3013", Name: "=HYPERLINK(1)", Voivodeship: "+x", Networks: 2}}}
	var csv, xlsx bytes.Buffer
	if err := y.CSV(&csv, i18n.Polish); err != nil {
		t.Fatal(err)
	}
	if err := y.XLSX(&xlsx, i18n.Polish); err != nil {
		t.Fatal(err)
	}
	if s := csv.String(); !strings.Contains(s, "3013,'+x,'=HYPERLINK(1),2,") || !strings.Contains(s, "1.511") {
		t.Errorf("csv: %s", s)
	}
	f, err := excelize.OpenReader(&xlsx)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Sheet1")
	if err != nil || len(rows) != 3 || rows[2][0] != "3013" || rows[2][2] != "'=HYPERLINK(1)" || rows[2][3] != "2" {
		t.Errorf("%v %v", rows, err)
	}
}

func TestDirectionsOfNetworks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := w.network("Sieć N1", "net", w.centre, nil)
	w.meeting(n, "held", "2026-10-01")
	w.member(n, w.institution("school", "3013"), "2026-09-15")
	w.member(n, w.institution("school", "3063"), "2026-09-15")
	other := w.network("Obca", "net", w.other, nil)
	ctx := t.Context()
	lead := w.person(access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: n})
	if err := w.s.Tag(ctx, lead, n, []string{"zdrowie", "ai"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Tag(ctx, lead, n, []string{"ai"}, nil); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the second editor: %v", err)
	}
	if err := w.s.Tag(ctx, lead, n, []string{"ai"}, []string{"ai", "zdrowie"}); err != nil {
		t.Fatal(err)
	}
	if err := w.s.Tag(ctx, lead, n, []string{"nonsense"}, []string{"ai"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("unknown: %v", err)
	}
	if err := w.s.Tag(ctx, lead, other, []string{"ai"}, nil); fault.KindOf(err) != fault.NotFound {
		t.Errorf("foreign: %v", err)
	}
	if got, err := w.s.Tagged(ctx, lead, n); err != nil || !slices.Equal(got.Codes, []string{"ai"}) {
		t.Errorf("%+v %v", got, err)
	}
	if err := w.s.Tag(ctx, w.ore, other, []string{"ai"}, nil); err != nil {
		t.Fatal(err)
	}
	all, err := w.s.Coverage(ctx, w.ore, 2026, time.Time{})
	if err != nil || len(all) != 2 || all[0] != (oversight.Cover{Code: "ai", Networks: 2, Meetings: 1, Powiats: 3}) || all[1] != (oversight.Cover{Code: "zdrowie"}) {
		t.Errorf("%+v %v", all, err)
	}
	own, err := w.s.Coverage(ctx, w.admin, 2026, time.Time{})
	if err != nil || own[0] != (oversight.Cover{Code: "ai", Networks: 1, Meetings: 1, Powiats: 2}) {
		t.Errorf("%+v %v", own, err)
	}
	// As of an earlier day: named on 1 October, met on that day, one member left since.
	w.exec(`UPDATE network_direction SET tagged_at = '2026-10-01' WHERE network_id = $1`, n)
	w.exec(`UPDATE membership SET state = 'left', ended_at = '2026-11-01' WHERE network_id = $1 AND institution_id = (SELECT id FROM institution WHERE kind = 'school' AND powiat_code = '3063' LIMIT 1)`, n)
	for _, c := range []struct {
		day  time.Time
		want oversight.Cover
		gone int // what the network named and names no more counts for the days on which it did
	}{{time.Time{}, oversight.Cover{Code: "ai", Networks: 1, Meetings: 1, Powiats: 1}, 0}, {on("2026-10-15"), oversight.Cover{Code: "ai", Networks: 1, Meetings: 1, Powiats: 2}, 1}, {on("2026-09-30"), oversight.Cover{Code: "ai"}, 0}} {
		got, err := w.s.Coverage(ctx, w.admin, 2026, c.day)
		if err != nil || got[0] != c.want || got[1].Networks != c.gone {
			t.Errorf("on %s: %+v %v", c.day, got, err)
		}
	}
	w.exec(`UPDATE network SET status = 'closed', closed_at = now() WHERE id = $1`, n)
	if err := w.s.Tag(ctx, lead, n, nil, []string{"ai"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("closed: %v", err)
	}
}

// ORE enters a direction of a new school year: networks name it at once, the
// coverage of its year shows it, and it stays as long as a network named it.
func TestDirectionsOfANewYear(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	if _, err := w.s.AddDirection(ctx, w.admin, oversight.NewDirection{SchoolYear: 2026, Polish: "Czytanie"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a centre: %v", err)
	}
	for field, in := range map[string]oversight.NewDirection{"name": {SchoolYear: 2026, Polish: " x "}, "year": {SchoolYear: 2030, Polish: "Czytanie"}, "english": {SchoolYear: 2026, Polish: "Czytanie", English: strings.Repeat("x", 301)}} {
		if _, err := w.s.AddDirection(ctx, w.ore, in); fault.As(err).Fields[0].Path != field {
			t.Errorf("%+v: %v", in, err)
		}
	}
	code, err := w.s.AddDirection(ctx, w.ore, oversight.NewDirection{SchoolYear: 2027, Polish: "  Czytanie ze zrozumieniem "})
	if err != nil || code != "2027-1" {
		t.Fatal(code, err)
	}
	if _, err := w.s.AddDirection(ctx, w.ore, oversight.NewDirection{SchoolYear: 2027, Polish: "Czytanie ze zrozumieniem"}); fault.As(err).Fields[0].Key != "oversight.direction_twice" {
		t.Errorf("twice: %v", err)
	}
	list, err := w.s.Directions(ctx)
	if err != nil || len(list) != 3 || list[2] != (oversight.Direction{Code: code, Polish: "Czytanie ze zrozumieniem", English: "Czytanie ze zrozumieniem", Year: "2027/2028", Entered: true}) {
		t.Errorf("%+v, %v", list, err)
	}
	next, err := w.s.Coverage(ctx, w.ore, 2027, time.Time{})
	if err != nil || len(next) != 1 || next[0] != (oversight.Cover{Code: code}) {
		t.Errorf("coverage of its year: %+v, %v", next, err)
	}
	n := w.network("Czytamy", "net", w.centre, nil)
	if err := w.s.Tag(ctx, w.admin, n, []string{code}, nil); err != nil {
		t.Fatal(err)
	}
	if now, err := w.s.Coverage(ctx, w.ore, 2026, time.Time{}); err != nil || len(now) != 3 || now[2].Networks != 1 {
		t.Errorf("coverage of the network's year: %+v, %v", now, err)
	}
	if err := w.s.RemoveDirection(ctx, w.ore, code); !fault.Is(err, fault.Conflict) {
		t.Errorf("one in use: %v", err)
	}
	free, err := w.s.AddDirection(ctx, w.ore, oversight.NewDirection{SchoolYear: 2027, Polish: "Matematyka", English: "Mathematics"})
	if err != nil || free != "2027-2" {
		t.Fatal(free, err)
	}
	if err := w.s.RemoveDirection(ctx, w.ore, free); err != nil {
		t.Error(err)
	}
	for _, c := range []string{free, "ai"} {
		if err := w.s.RemoveDirection(ctx, w.ore, c); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", c, err)
		}
	}
}
