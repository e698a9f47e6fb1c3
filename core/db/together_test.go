package db_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
)

type inner struct {
	ID uuid.UUID `db:"id"`
}

// wide has a field of every kind that rows have in the stores.
type wide struct {
	inner
	N      int             `db:"n"`
	Text   string          `db:"text"`
	None   *string         `db:"none"`
	Doc    json.RawMessage `db:"doc"`
	Raw    []byte          `db:"raw"`
	At     time.Time       `db:"at"`
	Due    sql.NullTime    `db:"due"`
	Maybe  uuid.NullUUID   `db:"maybe"`
	Words  db.StringArray  `db:"words"`
	Yes    bool            `db:"yes"`
	Number float64         `db:"number"`
}

const wideQuery = `SELECT CAST($1 AS uuid) AS id, n, 'row ' || n AS text, CAST(NULL AS text) AS none, json_build_object('n', n) AS doc,
	CAST('\x0041ff' AS bytea) AS raw, CAST($2 AS timestamptz) AS at, CASE WHEN n > 1 THEN CAST($2 AS timestamptz) END AS due,
	CAST(NULL AS uuid) AS maybe, ARRAY['a,b', 'c"d'] AS words, n > 1 AS yes, n / 4.0 AS number
	FROM generate_series(1, CAST($3 AS int)) n ORDER BY n DESC`

func TestTogetherIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	id, at := uuid.New(), time.Date(2026, 11, 24, 9, 0, 0, 1000, time.UTC)
	alone := []wide{}
	if err := d.Select(t.Context(), &alone, wideQuery, id, at, 3); err != nil {
		t.Fatal(err)
	}
	for round := range 2 {
		var rows []wide
		var pointers []*inner
		var ids []uuid.UUID
		var one wide
		var n int
		var missing string
		before := d.RoundTrips()
		err := db.Together(t.Context(), d,
			func(ctx context.Context, q db.Q) error { return q.Select(ctx, &rows, wideQuery, id, at, 3) },
			func(ctx context.Context, q db.Q) error {
				return q.Select(ctx, &pointers, `SELECT id FROM unnest(CAST($1 AS uuid[])) id`, db.Array([]uuid.UUID{id, id}))
			},
			func(ctx context.Context, q db.Q) error {
				return q.Select(ctx, &ids, `SELECT CAST($1 AS uuid) AS id WHERE $2 = 'x'`, id, "x")
			},
			func(ctx context.Context, q db.Q) error { return q.Get(ctx, &one, wideQuery, id, at, 1) },
			func(ctx context.Context, q db.Q) error {
				return q.Get(ctx, &n, `SELECT count(*) FROM generate_series(1, 7) x`)
			},
			func(ctx context.Context, q db.Q) error {
				if err := q.Get(ctx, &missing, `SELECT 'x' AS x WHERE false`); !errors.Is(err, sql.ErrNoRows) {
					return fmt.Errorf("a row that is not there: %w", err)
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.RoundTrips() - before; got != 1 {
			t.Errorf("round %d: %d round trips", round, got)
		}
		if got, want := fmt.Sprintf("%+v", rows), fmt.Sprintf("%+v", alone); got != want {
			t.Errorf("together\n%s\nalone\n%s", got, want)
		}
		if len(pointers) != 2 || pointers[1].ID != id || !slices.Equal(ids, []uuid.UUID{id}) || one.N != 1 || one.ID != id || n != 7 {
			t.Errorf("%+v %v %+v %d", pointers, ids, one, n)
		}
	}
}

// Reads that follow on each other meet those of the other readers on their way.
func TestTogetherGoesInWaves(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	follow := func(steps int, out *[]int) func(context.Context, db.Q) error {
		return func(ctx context.Context, q db.Q) error {
			for i := range steps {
				var n int
				if err := q.Get(ctx, &n, `SELECT CAST($1 AS int) + 1`, i); err != nil {
					return err
				}
				*out = append(*out, n)
			}
			return nil
		}
	}
	var a, b, c []int
	before := d.RoundTrips()
	if err := db.Together(t.Context(), d, follow(3, &a), follow(0, &b), follow(2, &c)); err != nil {
		t.Fatal(err)
	}
	if n := d.RoundTrips() - before; n != 3 || !slices.Equal(a, []int{1, 2, 3}) || b != nil || !slices.Equal(c, []int{1, 2}) {
		t.Errorf("%d round trips, %v %v %v", n, a, b, c)
	}
	// Readers within a reader travel with those around it.
	var e, f, g, h []int
	before = d.RoundTrips()
	if err := db.Together(t.Context(), d, follow(2, &e), func(ctx context.Context, q db.Q) error {
		if err := db.Together(ctx, q, follow(1, &f), follow(2, &g)); err != nil {
			return err
		}
		return follow(1, &h)(ctx, q)
	}); err != nil {
		t.Fatal(err)
	}
	if n := d.RoundTrips() - before; n != 3 || !slices.Equal(e, []int{1, 2}) || !slices.Equal(f, []int{1}) || !slices.Equal(g, []int{1, 2}) || !slices.Equal(h, []int{1}) {
		t.Errorf("%d round trips, %v %v %v %v", n, e, f, g, h)
	}
	// In a transaction the readers see what it wrote.
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `CREATE TEMP TABLE seen (n int)`); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO seen VALUES (5)`); err != nil {
			return err
		}
		var x, y int
		read := func(n *int) func(context.Context, db.Q) error {
			return func(ctx context.Context, q db.Q) error { return q.Get(ctx, n, `SELECT n FROM seen`) }
		}
		if err := db.Together(ctx, tx, read(&x), read(&y)); err != nil || x != 5 || y != 5 {
			t.Errorf("%v, %d, %d", err, x, y)
		}
		return errors.New("undo")
	})
	if err == nil || err.Error() != "undo" {
		t.Error(err)
	}
}

// Whoever is given the pool asks together with others when the context says so,
// and for themselves when their reader has ended.
func TestTogetherByContext(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	number := func(ctx context.Context, n int) (out int, err error) {
		err = d.Get(ctx, &out, `SELECT CAST($1 AS int)`, n)
		return out, err
	}
	var x, y, z int
	var kept context.Context
	before := d.RoundTrips()
	err := db.Together(t.Context(), d,
		func(ctx context.Context, _ db.Q) (err error) { kept = ctx; x, err = number(ctx, 1); return err },
		func(ctx context.Context, _ db.Q) error {
			return db.Together(ctx, d,
				func(ctx context.Context, _ db.Q) (err error) { y, err = number(ctx, 2); return err },
				func(ctx context.Context, _ db.Q) (err error) { z, err = number(ctx, 3); return err })
		})
	if n := d.RoundTrips() - before; err != nil || n != 1 || x != 1 || y != 2 || z != 3 {
		t.Errorf("%v, %d round trips, %d %d %d", err, n, x, y, z)
	}
	if n, err := number(kept, 4); err != nil || n != 4 {
		t.Errorf("afterwards: %d, %v", n, err)
	}
}

// A reader that waits for what another holds does not stop both.
func TestTogetherDoesNotStandStill(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var mu sync.Mutex
	locked := make(chan struct{})
	read := func(ctx context.Context, q db.Q) error {
		var n int
		return q.Get(ctx, &n, `SELECT 1`)
	}
	if err := db.Together(t.Context(), d,
		func(ctx context.Context, q db.Q) error {
			mu.Lock()
			defer mu.Unlock()
			close(locked)
			return read(ctx, q)
		},
		func(ctx context.Context, q db.Q) error {
			<-locked
			mu.Lock()
			defer mu.Unlock()
			return read(ctx, q)
		}); err != nil {
		t.Fatal(err)
	}
}

func TestTogetherReportsFaults(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	get := func(query string) func(context.Context, db.Q) error {
		return func(ctx context.Context, q db.Q) error {
			var n int
			return q.Get(ctx, &n, query)
		}
	}
	if err := db.Together(t.Context(), d, get(`SELECT 1`), get(`SELECT 1 / 0`)); err == nil {
		t.Error("a broken statement was not noticed")
	}
	if err := db.Together(t.Context(), d, get(`SELECT 1`), get(`SELECT 'x'`)); err == nil {
		t.Error("a text was read as a number")
	}
	if err := db.Together(t.Context(), d, get(`SELECT 1`), get(`SELECT 1, 2`)); err == nil {
		t.Error("two columns were read as one")
	}
	own := errors.New("own")
	if err := db.Together(t.Context(), d, get(`SELECT 1`), func(context.Context, db.Q) error { return own }, get(`SELECT 2`)); err != own {
		t.Errorf("%v, want the reader's own", err)
	}
	if err := db.Together(t.Context(), d, get(`SELECT 1`), func(ctx context.Context, q db.Q) error {
		_, err := q.Exec(ctx, `SELECT 1`)
		return err
	}); err == nil {
		t.Error("a reader wrote")
	}
	defer func() {
		if p, ok := recover().(string); !ok || !strings.Contains(p, "lost") {
			t.Errorf("the panic of a reader is %v", p)
		}
	}()
	_ = db.Together(t.Context(), d, get(`SELECT 1`), func(context.Context, db.Q) error { panic("lost") })
	t.Error("no panic")
}
