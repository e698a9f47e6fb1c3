package record_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

func TestSliceFiltersAndOrder(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n, g := network(), effect.Scope{Kind: effect.Group, ID: uuid.New()}
	day := func(s string) effect.Value { return effect.Date(s) }
	w.put(n, "A", map[string]effect.Value{"risk": int64(2), "topic": "x", "until": day("2026-12-01"), "share": 0.5, "ready": true})
	w.put(n, "B", map[string]effect.Value{"risk": int64(9), "topic": "x", "until": day("2026-01-31"), "share": 0.25})
	w.put(n, "C", map[string]effect.Value{"risk": int64(2), "topic": "y"})
	w.put(g, "D", map[string]effect.Value{"risk": int64(-1)})
	w.put(n, "E", nil)
	for name, c := range map[string]struct {
		scopes  []effect.Scope
		filters []effect.Filter
		order   []effect.Order
		want    string
	}{
		"descending, none last": {[]effect.Scope{n, g}, nil, []effect.Order{{Field: "risk", Desc: true}, {Field: "topic"}}, "BACDE"},
		"ascending, none last":  {[]effect.Scope{n, g}, nil, []effect.Order{{Field: "risk"}, {Field: "topic", Desc: true}}, "DCABE"},
		"own scope":             {[]effect.Scope{g}, nil, nil, "D"},
		"equal":                 {[]effect.Scope{n}, []effect.Filter{{Field: "topic", Op: effect.Equal, Value: "x"}}, []effect.Order{{Field: "risk"}}, "AB"},
		"not equal counts none": {[]effect.Scope{n}, []effect.Filter{{Field: "topic", Op: effect.NotEqual, Value: "x"}}, []effect.Order{{Field: "risk"}}, "CE"},
		"no value":              {[]effect.Scope{n}, []effect.Filter{{Field: "risk", Op: effect.Equal}}, nil, "E"},
		"range of dates":        {[]effect.Scope{n}, []effect.Filter{{Field: "until", Op: effect.Less, Value: day("2026-11-30")}}, nil, "B"},
		"fraction":              {[]effect.Scope{n}, []effect.Filter{{Field: "share", Op: effect.GreaterOrEqual, Value: 0.3}}, nil, "A"},
		"boolean":               {[]effect.Scope{n}, []effect.Filter{{Field: "ready", Op: effect.Equal, Value: true}}, nil, "A"},
		"all must hold": {[]effect.Scope{n}, []effect.Filter{{Field: "topic", Op: effect.Equal, Value: "x"},
			{Field: "risk", Op: effect.Greater, Value: int64(5)}}, nil, "B"},
		"created": {[]effect.Scope{n}, []effect.Filter{{Field: "@created", Op: effect.Greater, Value: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}}, nil, ""},
		"nobody's when a system asks": {[]effect.Scope{n}, []effect.Filter{{Field: "@person", Op: effect.Equal, Param: effect.ParamActor}},
			nil, ""},
	} {
		r := request(c.scopes...)
		r.Filters, r.Order = c.filters, c.order
		if got := goals(t, w.read(r).Rows); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := w.read(&effect.SliceRequest{Module: "other.module", Kind: "plan", Scopes: []effect.Scope{n}, Limit: 10}).Rows; len(got) != 0 {
		t.Errorf("another module reads %d rows", len(got))
	}
}

func TestSliceRefusesWhatItWasNotTold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	for name, change := range map[string]func(*effect.SliceRequest){
		"unknown filter": func(r *effect.SliceRequest) {
			r.Filters = []effect.Filter{{Field: "data", Op: effect.Equal, Value: "x"}}
		},
		"injection": func(r *effect.SliceRequest) {
			r.Order = []effect.Order{{Field: "n1; DROP TABLE record"}}
		},
		"wrong operator": func(r *effect.SliceRequest) {
			r.Filters = []effect.Filter{{Field: "risk", Op: "LIKE", Value: int64(1)}}
		},
		"wrong type": func(r *effect.SliceRequest) {
			r.Filters = []effect.Filter{{Field: "risk", Op: effect.Equal, Value: "1 OR true"}}
		},
		"due":      func(r *effect.SliceRequest) { r.Order = []effect.Order{{Field: "@due"}} },
		"no scope": func(r *effect.SliceRequest) { r.Scopes = nil },
	} {
		r := request(n)
		change(r)
		if _, err := w.s.Reader().ReadSlice(t.Context(), w.db, r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCursorWalksOnceAndOnlyItsOwnSlice(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	want := map[uuid.UUID]bool{}
	for i := range 23 {
		index := map[string]effect.Value{}
		if i%4 != 0 {
			index["risk"] = int64(i % 3)
		}
		want[w.put(n, fmt.Sprint(i), index)] = true
	}
	for _, order := range [][]effect.Order{nil, {{Field: "risk"}}, {{Field: "risk", Desc: true}, {Field: "@created"}}, {{Field: "@state"}, {Field: "@id", Desc: true}}} {
		seen := map[uuid.UUID]bool{}
		r := request(n)
		r.Order, r.Limit = order, 4
		for {
			page := w.read(r)
			for _, row := range page.Rows {
				if seen[row.ID] {
					t.Fatalf("order %v: row twice", order)
				}
				seen[row.ID] = true
			}
			if r.Cursor = page.Cursor; r.Cursor == "" {
				break
			}
		}
		if len(seen) != len(want) {
			t.Errorf("order %v: %d of %d rows", order, len(seen), len(want))
		}
	}
	r := request(n)
	r.Limit, r.Order = 4, []effect.Order{{Field: "risk"}}
	good := w.read(r).Cursor
	for name, change := range map[string]func(*effect.SliceRequest){
		"other scope":  func(r *effect.SliceRequest) { r.Scopes = []effect.Scope{network()} },
		"other module": func(r *effect.SliceRequest) { r.Module = "x.y" },
		"other order":  func(r *effect.SliceRequest) { r.Order[0].Desc = true },
		"other filter": func(r *effect.SliceRequest) {
			r.Filters = []effect.Filter{{Field: "risk", Op: effect.Less, Value: int64(9)}}
		},
		"forged": func(r *effect.SliceRequest) { r.Cursor = strings.Repeat("A", len(good)) },
		"cut":    func(r *effect.SliceRequest) { r.Cursor = good[:10] },
	} {
		other := request(n)
		other.Order, other.Cursor = []effect.Order{{Field: "risk"}}, good
		change(other)
		res, err := w.s.Reader().ReadSlice(t.Context(), w.db, other)
		if name == "other module" {
			if err != nil || len(res.Rows) != 0 { // it has no such kind, so nothing to page through
				t.Errorf("%s: %v %v", name, res, err)
			}
			continue
		}
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAggregates(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	for i := range 6 {
		w.put(n, "A", map[string]effect.Value{"risk": int64(i), "topic": "many"})
	}
	w.put(n, "B", map[string]effect.Value{"risk": int64(50), "topic": "few"})
	read := func(r effect.AggregateRequest) []effect.Cell {
		t.Helper()
		r.Module, r.Kind, r.Scopes = "test.trial", "plan", []effect.Scope{n}
		cells, err := w.s.Reader().ReadAggregate(t.Context(), w.db, &r)
		if err != nil {
			t.Fatal(err)
		}
		return cells
	}
	whole := read(effect.AggregateRequest{Field: "risk", Quantiles: []float64{0, 0.5}})
	if len(whole) != 1 || whole[0].Count != 7 || whole[0].Sum != 65 || whole[0].Quantiles[1] != 3 {
		t.Errorf("whole: %+v", whole)
	}
	by := read(effect.AggregateRequest{Field: "risk", By: []string{"topic"}, MinimumCell: 3})
	if len(by) != 2 || by[0].By[0] != "few" || !by[0].Suppressed || by[0].Count != 0 || by[0].Sum != 0 ||
		by[1].Suppressed || by[1].Count != 6 || by[1].Sum != 15 {
		t.Errorf("by topic: %+v", by)
	}
	if none := read(effect.AggregateRequest{Filters: []effect.Filter{{Field: "risk", Op: effect.Greater, Value: int64(99)}}}); len(none) != 1 || none[0].Count != 0 {
		t.Errorf("none: %+v", none)
	}
	// Where rows are people's, the core's own minimum holds.
	p := plan(n, "P", map[string]effect.Value{"topic": "person"})
	p.Person = w.me
	if _, err := w.do(w.decision(), p); err != nil {
		t.Fatal(err)
	}
	people := read(effect.AggregateRequest{Filters: []effect.Filter{{Field: "topic", Op: effect.Equal, Value: "person"}}})
	if !people[0].Suppressed {
		t.Errorf("a person's cell is shown: %+v", people)
	}
}

func TestLockVersions(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id := w.put(network(), "A", nil)
	w.tx(func(ctx context.Context, tx *db.Tx) error {
		got, err := w.s.Reader().LockVersions(ctx, tx, []uuid.UUID{id, uuid.New()})
		if len(got) != 1 || got[id] != 1 {
			t.Errorf("%v", got)
		}
		return err
	})
}

// TestPlansWithoutScans fills 100,000 records and holds what slices, aggregates
// and lists ask against the planner.
func TestPlansWithoutScans(t *testing.T) {
	t.Parallel()
	w := setup(t)
	ctx := t.Context()
	scope := network()
	for from := 1; from < 100_000; from += 20_000 { // in parts, so that none meets the statement timeout
		if _, err := w.db.Exec(ctx, `INSERT INTO record (id, module, kind, scope_kind, scope_id, decision_id, form_rev, data, n1, t2, created_at, changed_at)
			SELECT gen_random_uuid(), 'test.trial', 'plan', 'network',
				CASE WHEN i % 200 = 0 THEN $1 ELSE CAST(lpad(to_hex(i % 500), 32, '0') AS uuid) END,
				gen_random_uuid(), 1, '{"cel":"x"}', i % 100, 'y', now(), now() FROM generate_series($2::int, $2 + 19999) i`, scope.ID, from); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.db.Exec(ctx, `ANALYZE record`); err != nil {
		t.Fatal(err)
	}
	q := &explaining{DB: w.db, t: t}
	r := request(scope)
	r.Order, r.Limit = []effect.Order{{Field: "risk", Desc: true}}, 50
	r.Filters = []effect.Filter{{Field: "topic", Op: effect.Equal, Value: "y"}}
	first, err := w.s.Reader().ReadSlice(ctx, q, r)
	if err != nil || len(first.Rows) != 50 {
		t.Fatal(first, err)
	}
	r.Cursor = first.Cursor
	if _, err := w.s.Reader().ReadSlice(ctx, q, r); err != nil {
		t.Fatal(err)
	}
	if _, err := w.s.Reader().ReadAggregate(ctx, q, &effect.AggregateRequest{Module: "test.trial", Kind: "plan",
		Scopes: []effect.Scope{scope}, Field: "risk", By: []string{"topic"}, Quantiles: []float64{.5}}); err != nil {
		t.Fatal(err)
	}
	if q.plans < 3 {
		t.Errorf("%d plans looked at, want 3", q.plans)
	}
}

// explaining looks at the plan of every read before it runs it.
type explaining struct {
	*db.DB
	t     *testing.T
	plans int
}

func (e *explaining) Select(ctx context.Context, dest any, query string, args ...any) error {
	rows, err := e.SQL().QueryContext(ctx, "EXPLAIN "+query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		plan += line + "\n"
	}
	if strings.Contains(plan, "Seq Scan") {
		e.t.Errorf("scans the table:\n%s", plan)
	}
	if strings.Contains(query, "FROM record r") {
		e.plans++
	}
	return e.DB.Select(ctx, dest, query, args...)
}
