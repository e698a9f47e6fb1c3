package access_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/policies"
)

func field(err error) (path, key string) {
	if f := fault.As(err); f != nil && len(f.Fields) > 0 {
		return f.Fields[0].Path, f.Fields[0].Key
	}
	return "", ""
}

// The file of delegation says of each line whether the giver holds what they
// give; a line that says it wrong does not start.
func TestDelegationIsTrue(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"centre_admin, coordinator, centre, held":   "lacks",
		"ore_admin, inspector, platform, appointed": "no appointment",
		"ore_admin, founder, network, held":         "given elsewhere",
		"ore_admin, founder, centre, maybe":         "want held or appointed",
		"ore_admin, raw_answers, centre, appointed": "without rules",
	} {
		_, err := access.NewService(access.Config{Authorizer: authorizer(t), Audit: audit.New(make([]byte, 32), nil), Delegation: policies.Delegation + line + "\n"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", line, err, want)
		}
	}
}

// Nothing is given for longer than the giver's own role lasts.
func TestNothingOutlastsTheGiver(t *testing.T) {
	t.Parallel()
	w := setup(t)
	now := w.clock.Now()
	deputy := newPerson(t, w.d)
	ends := now.AddDate(0, 0, 10)
	inTx(t, w.d, func(ctx context.Context, tx *db.Tx) error {
		return access.Give(ctx, tx, access.Row{Person: deputy, Role: access.CentreAdmin, Kind: access.Centre, Scope: w.centreA, From: now, To: ends})
	})
	a := &access.Actor{Person: deputy, Grants: rolesAt(t, w.d, deputy, now)}
	give := func(until time.Time) error {
		return w.s.GrantRole(t.Context(), a, access.RoleInput{Person: w.person, Role: access.Founder, Kind: access.Centre, Scope: w.centreA, Until: until})
	}
	for _, until := range []time.Time{{}, ends.Add(time.Hour)} {
		if path, key := field(give(until)); path != "until" || key != "access.until_yours" {
			t.Errorf("until %v: %s %s", until, path, key)
		}
	}
	if err := give(ends); err != nil {
		t.Error(err)
	}
}

// A support organiser comes from outside the school and its complex; officials of
// local governments are made by ORE.
func TestRolesInPlaces(t *testing.T) {
	t.Parallel()
	w := setup(t)
	if _, err := w.d.Exec(t.Context(), `INSERT INTO teryt_unit (code, kind, name, name_folded, as_of, parent_code) VALUES
		('3013052', 'gmina_rural', 'Święciechowa', 'swieciechowa', '2024-01-01', '3013'), ('2609042', 'gmina_rural', 'Klimontów', 'klimontow', '2024-01-01', '2609')`); err != nil {
		t.Fatal(err)
	}
	sister, other := uuid.Must(uuid.NewV7()), uuid.Must(uuid.NewV7())
	if _, err := w.d.Exec(t.Context(), `INSERT INTO institution (id, kind, name, name_folded, complex_id, powiat_code) VALUES ($1, 'school', 'Siostra', 'siostra', $2, '3013'), ($3, 'school', 'Inna', 'inna', $3, '3013')`, sister, w.near, other); err != nil {
		t.Fatal(err)
	}
	worker, consultant := newPerson(t, w.d), newPerson(t, w.d)
	if _, err := w.d.Exec(t.Context(), `UPDATE person SET institution_id = CASE id WHEN $1 THEN CAST($2 AS uuid) ELSE CAST($4 AS uuid) END WHERE id IN ($1, $3)`, worker, sister, consultant, other); err != nil {
		t.Fatal(err)
	}
	support := func(who uuid.UUID) error {
		return w.s.GrantRole(t.Context(), w.actorA, access.RoleInput{Person: who, Role: access.SupportOrganiser, Kind: access.Institution, Scope: w.near})
	}
	if path, key := field(support(worker)); path != "person" || key != "access.support_own_school" {
		t.Errorf("a worker of the complex: %s %s", path, key)
	}
	if err := support(consultant); err != nil {
		t.Error(err)
	}
	ore := &access.Actor{Person: w.person, Session: w.actorA.Session, Grants: []access.Grant{{Role: access.OREAdmin, Kind: access.Platform}}}
	official := func(code string) error {
		return w.s.GrantRole(t.Context(), ore, access.RoleInput{Person: consultant, Role: access.Official, Kind: access.LocalGovernment, Scope: access.UnitScope(code)})
	}
	for _, code := range []string{"3013", "3013052"} {
		if err := official(code); err != nil {
			t.Errorf("%s: %v", code, err)
		}
	}
	// Whom a local government's official sees reaches beyond any centre: a centre
	// gives that role to nobody, least of all to itself.
	if err := w.s.GrantRole(t.Context(), w.actorA, access.RoleInput{Person: consultant, Role: access.Official, Kind: access.LocalGovernment, Scope: access.UnitScope("3013")}); err == nil {
		t.Error("a centre makes officials")
	}
	if path, _ := field(official("9999999")); path != "scope" {
		t.Errorf("nowhere: %s", path)
	}
	page, err := w.s.ListRoles(t.Context(), ore, access.RoleQuery{Role: access.Official})
	if err != nil || len(page.Rows) != 2 || page.Rows[0].ScopeName != "Święciechowa (3013052)" {
		t.Errorf("%+v, %v", page.Rows, err)
	}
	a := &access.Actor{Person: w.person, Grants: []access.Grant{{Role: access.Official, Kind: access.LocalGovernment, Scope: access.UnitScope("3013052")}}}
	for unit, want := range map[string]bool{"3013052": true, "3013053": true, "3013": false, "3013042": false, "": false} {
		if got := authorizer(t).Can(a, "territory:report", access.Place{Unit: unit}); got != want {
			t.Errorf("at %q: %v", unit, got)
		}
	}
}
