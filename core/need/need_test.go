package need_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/need"
	"ore.edu.pl/sieci/policies"
)

const year = 2026

type world struct {
	t         *testing.T
	d         *db.DB
	s         *need.Service
	near, far uuid.UUID // centres
	admin     *access.Actor
	other     *access.Actor // of the far centre
	ore       *access.Actor
	schools   []uuid.UUID // of the near centre's territory
	away      uuid.UUID   // a school of the far one's
}

func setup(t *testing.T, schools int) *world {
	t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, d: dbtest.New(t)}
	now := clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))
	w.s = need.New(need.Config{DB: w.d, Access: auth, Audit: audit.New(make([]byte, 32), now), Clock: now,
		Topics: []need.Topic{{"ocenianie", "ocenianie", "Assessment"}, {"wf", "wychowanie fizyczne", "Physical education"}}})
	w.exec(`INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES
		('3013', 'powiat', 'leszczyński', 'leszczynski', '2024-01-01'), ('2609', 'powiat', 'sandomierski', 'sandomierski', '2024-01-01')`)
	w.near, w.far = w.institution("centre", "CDN Wierzbowo", "3013"), w.institution("centre", "CDN Dąbrowa", "2609")
	w.exec(`INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '3013')`, w.near)
	w.exec(`INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '2609')`, w.far)
	for i := range schools {
		w.schools = append(w.schools, w.institution("school", fmt.Sprintf("Szkoła %02d", i), "3013"))
	}
	w.away = w.institution("school", "Szkoła daleka", "2609")
	w.admin, w.other = w.person(access.CentreAdmin, access.Centre, w.near), w.person(access.CentreAdmin, access.Centre, w.far)
	w.ore = w.person(access.OREAdmin, access.Platform, uuid.Nil)
	return w
}

func (w *world) exec(q string, args ...any) {
	w.t.Helper()
	if _, err := w.d.Exec(w.t.Context(), q, args...); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) institution(kind, name, powiat string) uuid.UUID {
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, $2, $3, lower($3), $1, $4)`, id, kind, name, powiat)
	return id
}

func (w *world) person(r access.Role, k access.ScopeKind, scope uuid.UUID) *access.Actor {
	id := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, 'Osoba', 'Osoba', 'active')`, id, id.String()+"@szkola.example")
	return &access.Actor{Person: id, Grants: []access.Grant{{Role: r, Kind: k, Scope: scope}}}
}

func (w *world) principal(school uuid.UUID) *access.Actor {
	return w.person(access.Principal, access.Institution, school)
}

// report reports "ocenianie" for a school as its principal.
func (w *world) report(school uuid.UUID, topic string) uuid.UUID {
	w.t.Helper()
	id, err := w.s.Report(w.t.Context(), w.principal(school), need.Input{Institution: school, Topic: topic, People: 3})
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// A board shows its territory and says nothing of another's.
func TestBoardIsOfTheTerritory(t *testing.T) {
	t.Parallel()
	w := setup(t, 23)
	for _, s := range w.schools {
		w.report(s, "ocenianie")
	}
	w.report(w.schools[0], "wf")
	w.report(w.away, "ocenianie")
	b, err := w.s.Board(t.Context(), w.admin, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	want := need.Cluster{Topic: "ocenianie", Schools: 23, People: 69}
	if b.SchoolYear != year || len(b.Clusters) != 2 || b.Clusters[0] != want {
		t.Errorf("%+v", b)
	}
	if len(b.Areas) != 1 || b.Areas[0].Code != "3013" || b.Areas[0].Schools != 23 || b.Areas[0].Needs != 24 || b.Areas[0].All != 23 {
		t.Errorf("areas %+v", b.Areas)
	}
	if x, err := w.s.Board(t.Context(), w.admin, 0, "2609"); err != nil || len(x.Clusters) != 0 {
		t.Errorf("another's powiat: %+v, %v", x.Clusters, err)
	}
	if x, err := w.s.Board(t.Context(), w.ore, 0, ""); err != nil || x.Clusters[0].Schools != 24 || len(x.Areas) != 2 {
		t.Errorf("ORE: %+v, %v", x, err)
	}
	if _, err := w.s.Board(t.Context(), w.principal(w.away), 0, ""); !fault.Is(err, fault.NotFound) {
		t.Errorf("a principal sees the board: %v", err)
	}
	// The cluster in pages, every school once.
	seen, after := map[uuid.UUID]bool{}, ""
	for range 10 {
		rows, next, err := w.s.Cluster(t.Context(), w.admin, "ocenianie", 0, "", after, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range rows {
			seen[n.Institution] = true
		}
		if after = next; next == "" {
			break
		}
	}
	if len(seen) != 23 || seen[w.away] {
		t.Errorf("%d schools in the cluster, foreign %v", len(seen), seen[w.away])
	}
}

func TestWhoReportsWhatOnce(t *testing.T) {
	t.Parallel()
	w := setup(t, 2)
	head := w.principal(w.schools[0])
	in := need.Input{Institution: w.schools[0], Topic: "ocenianie", People: 3, Note: "  ocenianie kształtujące  "}
	id, err := w.s.Report(t.Context(), head, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Report(t.Context(), head, in); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
	for field, change := range map[string]func(x *need.Input){
		"topic": func(x *need.Input) { x.Topic = "magia" }, "people": func(x *need.Input) { x.People = 0 },
		"schoolYear": func(x *need.Input) { x.SchoolYear = year - 1 }, "institution": func(x *need.Input) { x.Institution = w.schools[1] },
	} {
		x := in
		x.SchoolYear = year + 1
		change(&x)
		if _, err := w.s.Report(t.Context(), head, x); !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := w.s.Report(t.Context(), w.admin, need.Input{Institution: w.schools[1], Topic: "wf", People: 1}); err != nil {
		t.Errorf("a centre for a school of its own: %v", err)
	}
	if _, err := w.s.Report(t.Context(), w.other, need.Input{Institution: w.schools[1], Topic: "ocenianie", People: 1}); !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Key != "access.outside" {
		t.Errorf("a centre for a foreign school: %v", err)
	}
	for name, who := range map[string]*access.Actor{"another school": w.principal(w.schools[1]), "another centre": w.other, "a guest": {}} {
		if _, err := w.s.One(t.Context(), who, id); err == nil {
			t.Errorf("%s reads it", name)
		}
		if err := w.s.Change(t.Context(), who, id, need.Input{People: 9, Version: 1}); err == nil {
			t.Errorf("%s changes it", name)
		}
		if err := w.s.Withdraw(t.Context(), who, id); err == nil {
			t.Errorf("%s withdraws it", name)
		}
	}
	if err := w.s.Change(t.Context(), head, id, need.Input{People: 9, Version: 1}); err != nil {
		t.Error(err)
	}
	if err := w.s.Change(t.Context(), head, id, need.Input{People: 8, Version: 1}); !fault.Is(err, fault.Conflict) {
		t.Errorf("from an old version: %v", err)
	}
	if list, err := w.s.Own(t.Context(), head); err != nil || len(list) != 1 || list[0].People != 9 {
		t.Errorf("own: %+v, %v", list, err)
	}
	if err := w.s.Withdraw(t.Context(), head, id); err != nil {
		t.Error(err)
	}
	if list, err := w.s.Own(t.Context(), head); err != nil || len(list) != 0 {
		t.Errorf("after withdrawing: %+v, %v", list, err)
	}
}

// A plan takes only schools of the territory that have the need, and is claimed once.
func TestFromNeedsToANetwork(t *testing.T) {
	t.Parallel()
	w := setup(t, 3)
	for _, s := range w.schools[:2] {
		w.report(s, "ocenianie")
	}
	w.report(w.away, "ocenianie")
	begin := func(who *access.Actor, centre uuid.UUID, schools ...uuid.UUID) (uuid.UUID, error) {
		return w.s.Begin(t.Context(), who, centre, "ocenianie", 0, schools)
	}
	for name, err := range map[string]error{
		"none":             second(begin(w.admin, w.near)),
		"without the need": second(begin(w.admin, w.near, w.schools[2])),
		"foreign school":   second(begin(w.admin, w.near, w.schools[0], w.away)),
		"foreign centre":   second(begin(w.admin, w.far, w.schools[0])),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	plan, err := begin(w.admin, w.near, w.schools[1], w.schools[0], w.schools[0])
	if err != nil {
		t.Fatal(err)
	}
	if p, err := w.s.Plan(t.Context(), w.admin, plan); err != nil || len(p.Schools) != 2 || p.SchoolYear != year {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := w.s.Plan(t.Context(), w.ore, plan); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's plan: %v", err)
	}
	network := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO network (id, module, type, title, title_folded, school_year, status, stage, join_mode, centre_id, founded_by, created_at)
		VALUES ($1, 'test.x', 'network', 'Ocenianie', 'ocenianie', 2026, 'draft', '', 'open', $2, $3, now())`, network, w.near, w.admin.Person)
	claim := func(who *access.Actor, centre uuid.UUID) error {
		return w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.Claim(ctx, tx, who, plan, network, centre) })
	}
	if err := claim(w.other, w.near); !fault.Is(err, fault.Invalid) {
		t.Errorf("somebody else's plan is claimed: %v", err)
	}
	if err := claim(w.admin, w.far); !fault.Is(err, fault.Invalid) {
		t.Errorf("for another centre: %v", err)
	}
	if err := claim(w.admin, w.near); err != nil {
		t.Fatal(err)
	}
	if err := claim(w.admin, w.near); !fault.Is(err, fault.Invalid) {
		t.Errorf("claimed twice: %v", err)
	}
	b, err := w.s.Board(t.Context(), w.admin, 0, "")
	if err != nil || b.Clusters[0].Met != 2 || b.Clusters[0].Networks != 1 {
		t.Errorf("%+v, %v", b.Clusters, err)
	}
	rows, _, err := w.s.Cluster(t.Context(), w.admin, "ocenianie", 0, "", "", 0)
	if err != nil || len(rows) != 2 || rows[0].NetworkTitle != "Ocenianie" {
		t.Errorf("%+v, %v", rows, err)
	}
	if err := w.s.Withdraw(t.Context(), w.admin, rows[0].ID); !fault.Is(err, fault.Conflict) {
		t.Errorf("a met need is withdrawn: %v", err)
	}
}

func second(_ uuid.UUID, err error) error { return err }
