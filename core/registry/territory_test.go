package registry_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/registry"
)

// A territory changes from a day: what a centre had before stays for the days
// before, a later plan is replaced, and the past is corrected for a reason only.
func TestTerritoryHasTime(t *testing.T) {
	t.Parallel()
	s, d := withSample(t)
	ctx, centre := t.Context(), byRSPO(t, s, 900101).ID
	today := s.Today()
	set := func(from time.Time, reason string, powiats ...string) error {
		return s.SetTerritoryFrom(ctx, admin, centre, registry.TerritoryEdit{Powiats: powiats, From: from, Reason: reason})
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	expect := func(day time.Time, want ...string) {
		t.Helper()
		c, err := s.CentreOn(ctx, admin, centre, day)
		got := []string{}
		for _, u := range c.Territory {
			got = append(got, u.Code)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("on %s: %v, %v; want %v", day.Format(time.DateOnly), got, err, want)
		}
	}
	school := byRSPO(t, s, 100310).ID // in 3013
	centres := func() []uuid.UUID {
		t.Helper()
		ids, err := s.CentresOf(ctx, nil, school)
		must(err)
		return ids
	}
	// The first one is there from the beginning.
	must(set(time.Time{}, "", "3013", "3026"))
	expect(today.AddDate(-5, 0, 0), "3013", "3026")
	// From next month another: today nothing changes, for nobody.
	next := today.AddDate(0, 1, 0)
	must(set(next, "", "3026", "2609"))
	expect(today, "3013", "3026")
	expect(next.AddDate(0, 0, -1), "3013", "3026")
	expect(next, "2609", "3026")
	if got := centres(); !slices.Equal(got, []uuid.UUID{centre}) {
		t.Errorf("before the day: %v", got)
	}
	c, err := s.Centre(ctx, admin, centre)
	if err != nil || len(c.Tenures) != 2 || c.Tenures[0].Code != "2609" || c.Tenures[0].ActsTo != nil || !c.Tenures[0].ActsFrom.Equal(next) || c.Tenures[1].Code != "3013" || c.Tenures[1].ActsFrom != nil || !c.Tenures[1].ActsTo.Equal(next) {
		t.Errorf("%+v, %v", c.Tenures, err)
	}
	x, err := s.PreviewTerritory(ctx, admin, centre, registry.TerritoryEdit{Powiats: []string{"3013", "3026"}})
	if err != nil || len(x.Powiats) != 0 || x.Replaced != 2 {
		t.Errorf("taking the plan back: %+v, %v", x, err)
	}
	// Another change today takes the place of the plan.
	must(set(time.Time{}, "", "3026"))
	expect(today.AddDate(0, 0, -1), "3013", "3026")
	expect(today, "3026")
	expect(next, "3026")
	if got := centres(); len(got) != 0 {
		t.Errorf("from the day: %v", got)
	}
	// The past only with a reason.
	past := today.AddDate(0, 0, -10)
	if k := fieldKeys(set(past, "", "3026", "3063")); k["reason"] != "registry.territory_reason" {
		t.Errorf("%v", k)
	}
	must(set(past, "Uchwała z początku miesiąca.", "3026", "3063"))
	expect(past.AddDate(0, 0, -1), "3013", "3026")
	expect(past, "3026", "3063")
	expect(today, "3026", "3063")
	for _, day := range []time.Time{time.Date(1998, 12, 31, 0, 0, 0, 0, time.UTC), today.AddDate(3, 0, 0)} {
		if k := fieldKeys(set(day, "x", "3026")); k["from"] != "registry.territory_day" {
			t.Errorf("%s: %v", day.Format(time.DateOnly), k)
		}
	}
	must(set(time.Time{}, ""))
	expect(today)
	if n := count(t, d, `SELECT count(*) FROM centre_territory x JOIN centre_territory y ON y.centre_id = x.centre_id AND y.powiat_code = x.powiat_code AND y.valid_from > x.valid_from
		WHERE x.valid_to IS NULL OR x.valid_to > y.valid_from`); n != 0 {
		t.Errorf("%d rows overlap", n)
	}
}
