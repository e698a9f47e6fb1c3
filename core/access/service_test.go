package access_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/policies"
)

type world struct {
	d                              *db.DB
	s                              *access.Service
	clock                          *clock.Fixed
	centreA, centreB, near, far    uuid.UUID
	adminA, ore, person            uuid.UUID
	actorA, actorORE, actorNothing *access.Actor
}

func setup(t *testing.T) *world {
	t.Helper()
	w := &world{d: dbtest.New(t), clock: clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC))}
	var err error
	w.s, err = access.NewService(access.Config{DB: w.d, Authorizer: authorizer(t), Clock: w.clock,
		Audit: audit.New(make([]byte, 32), w.clock), Delegation: policies.Delegation})
	if err != nil {
		t.Fatal(err)
	}
	exec := func(q string, args ...any) {
		t.Helper()
		if _, err := w.d.Exec(t.Context(), q, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO teryt_unit (code, kind, name, name_folded, as_of) VALUES
		('3013', 'powiat', 'leszczyński', 'leszczynski', '2024-01-01'), ('2609', 'powiat', 'sandomierski', 'sandomierski', '2024-01-01')`)
	institution := func(kind, name, powiat string) uuid.UUID {
		id := uuid.Must(uuid.NewV7())
		exec(`INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, $2, $3, lower($3), $1, $4)`, id, kind, name, powiat)
		return id
	}
	w.centreA, w.centreB = institution("centre", "CDN Wierzbowo", "3013"), institution("centre", "CDN Dąbrowa", "2609")
	w.near, w.far = institution("school", "Szkoła bliska", "3013"), institution("school", "Szkoła daleka", "2609")
	exec(`INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '3013')`, w.centreA)
	exec(`INSERT INTO centre_territory (centre_id, powiat_code) VALUES ($1, '2609')`, w.centreB)
	w.adminA, w.ore, w.person = newPerson(t, w.d), newPerson(t, w.d), newPerson(t, w.d)
	exec(`UPDATE person SET institution_id = $2 WHERE id = $1`, w.person, w.near)
	w.actorA = &access.Actor{Person: w.adminA, Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centreA}}}
	w.actorORE = &access.Actor{Person: w.ore, Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}
	w.actorNothing = &access.Actor{Person: w.person}
	inTx(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		if err := access.Give(ctx, tx, access.Row{Person: w.adminA, Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centreA, From: w.clock.Now()}); err != nil {
			return err
		}
		return access.Give(ctx, tx, access.Row{Person: w.ore, Role: access.OREAdmin, Kind: access.Platform, From: w.clock.Now()})
	})
	return w
}

func TestWhoGivesWhichRoleWhere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, c := range []struct {
		name  string
		who   *access.Actor
		role  access.Role
		kind  access.ScopeKind
		scope uuid.UUID
		want  string // the wrong field, "404", or "" when given
	}{
		{"own centre", w.actorA, access.Founder, access.Centre, w.centreA, ""},
		{"foreign centre", w.actorA, access.Founder, access.Centre, w.centreB, "scope"},
		{"school of the territory", w.actorA, access.Principal, access.Institution, w.near, ""},
		{"school elsewhere", w.actorA, access.Principal, access.Institution, w.far, "scope"},
		{"a peer", w.actorA, access.CentreAdmin, access.Centre, w.centreA, "role"},
		{"more than one has", w.actorA, access.OREAdmin, access.Platform, uuid.Nil, "role"},
		{"role of a network", w.actorORE, access.Coordinator, access.Network, uuid.New(), "role"},
		{"a school is no centre", w.actorORE, access.Founder, access.Centre, w.near, "scope"},
		{"nowhere", w.actorORE, access.Founder, access.Centre, uuid.New(), "scope"},
		{"ore anywhere", w.actorORE, access.CentreAdmin, access.Centre, w.centreB, ""},
		{"nobody", w.actorNothing, access.Founder, access.Centre, w.centreA, "404"},
	} {
		err := w.s.GrantRole(t.Context(), c.who, access.RoleInput{Person: w.person, Role: c.role, Kind: c.kind, Scope: c.scope})
		got := ""
		if fault.Is(err, fault.NotFound) {
			got = "404"
		} else if err != nil {
			f := fault.As(err)
			if len(f.Fields) != 1 {
				t.Fatalf("%s: %v", c.name, err)
			}
			got = f.Fields[0].Path
		}
		if got != c.want {
			t.Errorf("%s: refused %q, want %q (%v)", c.name, got, c.want, err)
		}
	}
	grants := rolesAt(t, w.d, w.person, w.clock.Now())
	if len(grants) != 3 {
		t.Errorf("given: %v", grants)
	}
	var events int
	if err := w.d.Get(t.Context(), &events, `SELECT count(*) FROM audit_event WHERE action = 'role:grant' AND object_id = $1`, w.person.String()); err != nil || events != 3 {
		t.Errorf("%d audited, %v", events, err)
	}
}

func TestListShowsOnlyTheReachAndRevokeActs(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for _, in := range []access.RoleInput{
		{Person: w.person, Role: access.Principal, Kind: access.Institution, Scope: w.near},
		{Person: w.person, Role: access.Principal, Kind: access.Institution, Scope: w.far},
		{Person: w.person, Role: access.Founder, Kind: access.Centre, Scope: w.centreB},
	} {
		if err := w.s.GrantRole(t.Context(), w.actorORE, in); err != nil {
			t.Fatal(err)
		}
	}
	page, err := w.s.ListRoles(t.Context(), w.actorA, access.RoleQuery{})
	if err != nil || len(page.Rows) != 2 { // the school of the territory, and the centre's own administrator
		t.Fatalf("centre sees %+v, %v", page.Rows, err)
	}
	all, err := w.s.ListRoles(t.Context(), w.actorORE, access.RoleQuery{Person: w.person, Limit: 2})
	if err != nil || len(all.Rows) != 2 || all.Next == "" {
		t.Fatalf("first page %+v, %v", all, err)
	}
	rest, err := w.s.ListRoles(t.Context(), w.actorORE, access.RoleQuery{Person: w.person, Limit: 2, After: all.Next})
	if err != nil || len(rest.Rows) != 1 || rest.Next != "" {
		t.Fatalf("second page %+v, %v", rest, err)
	}
	if err := w.s.RevokeRole(t.Context(), w.actorA, rest.Rows[0].ID); err != nil { // the oldest: the near school
		t.Fatal(err)
	}
	if err := w.s.RevokeRole(t.Context(), w.actorA, all.Rows[0].ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("a centre took a role of another centre: %v", err)
	}
	if got := rolesAt(t, w.d, w.person, w.clock.Now()); len(got) != 2 {
		t.Errorf("left: %v", got)
	}
	// A role in a team is listed with the team's name.
	team, network := uuid.New(), uuid.New()
	for _, q := range []string{
		`INSERT INTO network (id, module, type, centre_id, title, title_folded, school_year, created_at) VALUES ($1, 'test.trial', 'net', $3, 'Sieć', 'siec', 2026, now())`,
		`INSERT INTO network_group (id, network_id, kind, name, created_at) VALUES ($2, $1, 'team', 'Gmina Wierzbowo', now())`} {
		if _, err := w.d.SQL().ExecContext(t.Context(), strings.NewReplacer("$1", "'"+network.String()+"'", "$2", "'"+team.String()+"'", "$3", "'"+w.centreA.String()+"'").Replace(q)); err != nil {
			t.Fatal(err)
		}
	}
	inTx(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: w.person, Role: access.Head, Kind: access.Group, Scope: team, From: w.clock.Now()})
	})
	heads, err := w.s.ListRoles(t.Context(), w.actorORE, access.RoleQuery{Role: access.Head})
	if err != nil || len(heads.Rows) != 1 || heads.Rows[0].ScopeName != "Gmina Wierzbowo" {
		t.Errorf("role in a team: %+v, %v", heads.Rows, err)
	}
	if _, err := w.s.ListRoles(t.Context(), w.actorNothing, access.RoleQuery{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("a bystander lists: %v", err)
	}
}

func TestLastAdministratorStays(t *testing.T) {
	t.Parallel()
	w := setup(t)
	second := newPerson(t, w.d)
	if err := w.s.GrantRole(t.Context(), w.actorORE, access.RoleInput{Person: second, Role: access.OREAdmin, Kind: access.Platform}); err != nil {
		t.Fatal(err)
	}
	page, err := w.s.ListRoles(t.Context(), w.actorORE, access.RoleQuery{Role: access.OREAdmin})
	if err != nil || len(page.Rows) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	errs := make(chan error, 2)
	for _, r := range page.Rows { // both at once: one must remain
		go func() { errs <- w.s.RevokeRole(context.Background(), w.actorORE, r.ID) }()
	}
	conflicts := 0
	for range 2 {
		if err := <-errs; fault.Is(err, fault.Conflict) {
			conflicts++
		} else if err != nil {
			t.Error(err)
		}
	}
	left, err := access.HoldersOf(t.Context(), w.d, access.OREAdmin, access.Platform, uuid.Nil, w.clock.Now(), 10)
	if err != nil || len(left) != 1 || conflicts != 1 {
		t.Errorf("%d administrators left, %d conflicts, %v", len(left), conflicts, err)
	}
}

// What a centre may do to people of a school follows the territory of today: on
// the day on which a powiat passes to another centre, the other may, and neither
// may before or after its time.
func TestTerritoryOfToday(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	for _, q := range []string{`UPDATE centre_territory SET valid_to = '2026-12-01' WHERE powiat_code = '3013' AND centre_id = $1`,
		`INSERT INTO centre_territory (centre_id, powiat_code, valid_from) SELECT id, '3013', '2026-12-01' FROM institution WHERE name = 'CDN Dąbrowa' AND id <> $1`} {
		if _, err := w.d.Exec(ctx, q, w.centreA); err != nil {
			t.Fatal(err)
		}
	}
	for moment, want := range map[string]uuid.UUID{"2026-11-24T08:00:00Z": w.centreA, "2026-11-30T22:59:59Z": w.centreA, "2026-11-30T23:00:00Z": w.centreB} { // midnight in Poland
		at, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		school, err := access.PlacesOf(ctx, w.d, access.Institution, w.near, at)
		if err != nil || len(school) != 1 || school[0].Centre != want {
			t.Errorf("at %s the school is at %+v, %v", moment, school, err)
		}
		person, err := access.PlacesOfPerson(ctx, w.d, w.person, at)
		if err != nil || len(person) != 1 || person[0].Centre != want {
			t.Errorf("at %s the person is at %+v, %v", moment, person, err)
		}
	}
	give := func() error {
		return w.s.GrantRole(ctx, w.actorA, access.RoleInput{Person: w.person, Role: access.Principal, Kind: access.Institution, Scope: w.near})
	}
	w.clock.Set(time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC))
	if err := give(); err == nil {
		t.Error("a centre gives a role at a school that its territory lost today")
	}
	w.clock.Set(time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC))
	if err := give(); err != nil {
		t.Errorf("the day before: %v", err)
	}
}
