package access_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
)

func newPerson(t *testing.T, d *db.DB) uuid.UUID {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	if _, err := d.Exec(t.Context(), `INSERT INTO person (id, email, name, sort_name, state) VALUES ($1, $2, 'Osoba', 'Osoba', 'active')`,
		id, id.String()+"@example.org"); err != nil {
		t.Fatal(err)
	}
	return id
}

func inTx(t *testing.T, d *db.DB, f func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Tx(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// The grants that the per-request query and RolesOf read; both must agree.
func rolesAt(t *testing.T, d *db.DB, person uuid.UUID, at time.Time) []access.Grant {
	t.Helper()
	got, err := access.RolesOf(t.Context(), d, person, at)
	if err != nil {
		t.Fatal(err)
	}
	var raw string
	if err := d.Get(t.Context(), &raw, `SELECT `+access.GrantsSQL+` FROM person p WHERE p.id = $2`, at, person); err != nil {
		t.Fatal(err)
	}
	joined, err := access.ParseGrants(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range got {
		if !slices.Contains(joined, g) {
			t.Fatalf("the joined query lacks %v: %v", g, joined)
		}
	}
	if len(joined) != len(got) {
		t.Fatalf("the joined query reads %v, RolesOf %v", joined, got)
	}
	return got
}

func TestGrantsBeginAndEndWithTheirPeriod(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	who, n := newPerson(t, d), uuid.New()
	day := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	row := access.Row{Person: who, Role: access.Coordinator, Kind: access.Network, Scope: n, From: day}
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
		for range 2 { // giving twice is giving once
			if err := access.Give(ctx, tx, row); err != nil {
				return err
			}
		}
		return access.Give(ctx, tx, access.Row{Person: who, Role: access.Inspector, Kind: access.Platform, From: day, To: day.Add(time.Hour)})
	})
	if got := rolesAt(t, d, who, day.Add(-time.Second)); len(got) != 0 {
		t.Errorf("before the period: %v", got)
	}
	if got := rolesAt(t, d, who, day); len(got) != 2 {
		t.Errorf("at the first moment: %v", got)
	}
	if got := rolesAt(t, d, who, day.Add(time.Hour)); len(got) != 1 || got[0].Role != access.Coordinator {
		t.Errorf("at the end of the inspector's hour: %v", got)
	}
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
		return access.Take(ctx, tx, who, access.Coordinator, access.Network, n, day.Add(2*time.Hour))
	})
	if got := rolesAt(t, d, who, day.Add(2*time.Hour)); len(got) != 0 {
		t.Errorf("after taking: %v", got)
	}
	row.From = day.Add(3 * time.Hour)
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error { return access.Give(ctx, tx, row) })
	if got := rolesAt(t, d, who, day.Add(3*time.Hour)); len(got) != 1 {
		t.Errorf("given again: %v", got)
	}
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
		return access.TakeAllAt(ctx, tx, who, access.Network, n, day.Add(4*time.Hour))
	})
	if got := rolesAt(t, d, who, day.Add(4*time.Hour)); len(got) != 0 {
		t.Errorf("after taking all: %v", got)
	}
}

func TestTwoTransactionsGivingTheSameRoleLeaveOne(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	who, n := newPerson(t, d), uuid.New()
	row := access.Row{Person: who, Role: access.Participant, Kind: access.Network, Scope: n, From: time.Now()}
	errs := make(chan error, 8)
	for range cap(errs) {
		go func() {
			errs <- d.Tx(context.Background(), func(ctx context.Context, tx *db.Tx) error { return access.Give(ctx, tx, row) })
		}()
	}
	for range cap(errs) {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var rows int
	if err := d.Get(t.Context(), &rows, `SELECT count(*) FROM role_grant WHERE person_id = $1`, who); err != nil {
		t.Fatal(err)
	}
	if rows != 1 {
		t.Errorf("%d rows", rows)
	}
}

func TestHoldersOfCountsOnlyThoseInForce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	day := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	a, b, n := newPerson(t, d), newPerson(t, d), uuid.New()
	inTx(t, d, func(ctx context.Context, tx *db.Tx) error {
		for _, g := range []access.Row{
			{Person: a, Role: access.Coordinator, Kind: access.Network, Scope: n, From: day},
			{Person: b, Role: access.Coordinator, Kind: access.Network, Scope: n, From: day, To: day.Add(time.Hour)},
			{Person: b, Role: access.OREAdmin, Kind: access.Platform, From: day},
		} {
			if err := access.Give(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	})
	for _, c := range []struct {
		role  access.Role
		kind  access.ScopeKind
		scope uuid.UUID
		at    time.Time
		want  []uuid.UUID
	}{
		{access.Coordinator, access.Network, n, day, []uuid.UUID{a, b}},
		{access.Coordinator, access.Network, n, day.Add(time.Hour), []uuid.UUID{a}},
		{access.Coordinator, access.Network, uuid.New(), day, nil},
		{access.OREAdmin, access.Platform, uuid.Nil, day, []uuid.UUID{b}},
	} {
		got, err := access.HoldersOf(t.Context(), d, c.role, c.kind, c.scope, c.at, 10)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s on %s: %v, %v; want %v", c.role, c.kind, got, err, c.want)
		}
	}
}

func TestParseGrantsRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"x", "coordinator network", "coordinator network no-id", "\n"} {
		if g, err := access.ParseGrants(text); err == nil {
			t.Errorf("%q: %v", text, g)
		}
	}
}
