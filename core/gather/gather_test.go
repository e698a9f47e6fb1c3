package gather_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/gather"
)

type line struct {
	ID  uuid.UUID  `json:"id"`
	N   int        `json:"n"`
	At  time.Time  `json:"at"`
	End *time.Time `json:"ends"`
	Who *uuid.UUID `json:"who"`
}

func TestPartsTravelTogether(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	person, scope, a, b := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	now := time.Date(2026, 11, 24, 8, 30, 0, 123456000, time.UTC)
	in := gather.Query{Person: person, Scope: scope, Now: now, Limit: 2}
	parts := []gather.Part{
		{Key: "first", SQL: `SELECT CAST($5 AS uuid) AS id, n, $3 + make_interval(days => n) AS at, $1 AS who FROM generate_series(1, $6::int) n ORDER BY n DESC LIMIT $4`, Args: []any{a, 9}},
		{Key: "none", SQL: `SELECT 1 AS n WHERE false`},
		{Key: "second", SQL: `SELECT id, 7 AS n, $3 AS at, $3 AS ends, $2 AS who FROM unnest($5::uuid[]) id WHERE $6 = 'x' ORDER BY id`, Args: []any{db.Array([]uuid.UUID{b}), "x"}},
	}
	for range 2 { // the second time everything is prepared
		before := d.RoundTrips()
		f, err := gather.All(t.Context(), d, in, parts...)
		if err != nil {
			t.Fatal(err)
		}
		if n := d.RoundTrips() - before; n != 1 {
			t.Errorf("%d round trips", n)
		}
		first, err := gather.Decode[line](f, "first")
		if err != nil || len(first) != 2 || first[0].N != 9 || first[1].N != 8 || first[0].ID != a || *first[0].Who != person ||
			!first[0].At.Equal(now.AddDate(0, 0, 9)) || first[0].End != nil {
			t.Errorf("%+v, %v", first, err)
		}
		if none, err := gather.Decode[line](f, "none"); err != nil || len(none) != 0 || !f.Has("none") {
			t.Errorf("%+v, %v", none, err)
		}
		second, err := gather.Decode[line](f, "second")
		if err != nil || len(second) != 1 || second[0].ID != b || *second[0].Who != scope || !second[0].End.Equal(now) {
			t.Errorf("%+v, %v", second, err)
		}
		if f.Query != in {
			t.Errorf("asked %+v", f.Query)
		}
	}
	if n := d.Prepared(); n != 1 {
		t.Errorf("%d statements prepared", n)
	}
}

func TestWhatWasNotAskedIsNotThere(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	f, err := gather.All(t.Context(), d, gather.Query{Now: time.Now()})
	if err != nil || d.RoundTrips() != 0 || f.Has("x") {
		t.Errorf("%v, %d round trips", err, d.RoundTrips())
	}
	if list, err := gather.Decode[line](f, "x"); err != nil || list != nil {
		t.Errorf("%v, %v", list, err)
	}
	// A guest and a page without a place are NULL, which equals nothing.
	list, err := gather.Read[struct{ Guest, Nowhere bool }](t.Context(), d, gather.Query{Now: time.Now()},
		gather.Part{Key: "x", SQL: `SELECT $1 IS NULL AS guest, $2 IS NULL AS nowhere`})
	if err != nil || len(list) != 1 || !list[0].Guest || !list[0].Nowhere {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestFaultsAreNamed(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	one := gather.Part{Key: "x", SQL: `SELECT 'text' AS n`}
	if _, err := gather.All(t.Context(), d, gather.Query{}, one, one); err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("two of one name: %v", err)
	}
	if _, err := gather.Read[line](t.Context(), d, gather.Query{}, one); err == nil || !strings.Contains(err.Error(), `"x"`) {
		t.Errorf("a text read as a number: %v", err)
	}
	if _, err := gather.All(t.Context(), d, gather.Query{}, one, gather.Part{Key: "y", SQL: `SELECT 1 / $4 AS n`}); err == nil {
		t.Error("a broken part was not noticed")
	}
}
