package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
)

var (
	_ = db.Constraint("tx_test_name_once", fault.Invalid, "name", "fault.too_large")
	_ = db.Constraint("tx_test_n_positive", fault.Conflict, "", "fault.too_many")
)

func setup(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.New(t)
	exec(t, d, `CREATE TABLE tx_test (id int PRIMARY KEY, n int NOT NULL CONSTRAINT tx_test_n_positive CHECK (n >= 0),
		name text CONSTRAINT tx_test_name_once UNIQUE)`)
	exec(t, d, `INSERT INTO tx_test VALUES (1, 0, 'a'), (2, 0, 'b')`)
	return d
}

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if _, err := d.Exec(t.Context(), query, args...); err != nil {
		t.Fatal(err)
	}
}

func value(t *testing.T, d *db.DB, id int) (n int) {
	t.Helper()
	if err := d.Get(t.Context(), &n, "SELECT n FROM tx_test WHERE id = $1", id); err != nil {
		t.Fatal(err)
	}
	return n
}

const add = "UPDATE tx_test SET n = n + 1 WHERE id = $1"

// Two transactions lock two rows crosswise: PostgreSQL ends one, which is run
// again, and both are done once.
func TestDeadlockIsRepeated(t *testing.T) {
	t.Parallel()
	d := setup(t)
	var met sync.WaitGroup
	met.Add(2)
	var mu sync.Mutex
	runs := 0
	errs := make(chan error, 2)
	for _, order := range [][2]int{{1, 2}, {2, 1}} {
		go func() {
			first := true
			errs <- d.Tx(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				mu.Lock()
				runs++
				mu.Unlock()
				if _, err := tx.Exec(ctx, add, order[0]); err != nil {
					return err
				}
				if first {
					first = false
					met.Done()
					met.Wait() // both hold their first row
				}
				_, err := tx.Exec(ctx, add, order[1])
				return err
			})
		}()
	}
	if err := errors.Join(<-errs, <-errs); err != nil {
		t.Fatal(err)
	}
	if a, b := value(t, d, 1), value(t, d, 2); a != 2 || b != 2 || runs < 3 {
		t.Fatalf("rows %d and %d after %d runs", a, b, runs)
	}
}

// A transaction that loses every time is a conflict, after five runs.
func TestSerializationFailureEndsAsConflict(t *testing.T) {
	t.Parallel()
	d := setup(t)
	runs, committed := 0, false
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		runs++
		tx.AfterCommit(func() { committed = true })
		_, err := tx.Exec(ctx, `DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '40001'; END $$`)
		return err
	})
	if !fault.Is(err, fault.Conflict) || runs != 5 || committed {
		t.Fatalf("%v after %d runs, committed %t", err, runs, committed)
	}
}

func TestConstraintsSpeak(t *testing.T) {
	t.Parallel()
	d := setup(t)
	_, err := d.Exec(t.Context(), "INSERT INTO tx_test VALUES (3, 0, 'a')")
	if f := fault.As(err); f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != "name" || f.Fields[0].Key != "fault.too_large" {
		t.Errorf("unique: %v", err)
	}
	_, err = d.Exec(t.Context(), "UPDATE tx_test SET n = -1")
	if f := fault.As(err); f.Kind != fault.Conflict || f.Key != "fault.too_many" || len(f.Fields) != 0 {
		t.Errorf("check: %v", err)
	}
	_, err = d.Exec(t.Context(), "INSERT INTO tx_test VALUES (1, 0, 'c')")
	if !fault.Is(err, fault.Internal) {
		t.Errorf("an undeclared constraint: %v", err)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	d := setup(t)
	undone := errors.New("undone")
	committed := false
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		tx.AfterCommit(func() { committed = true })
		if _, err := tx.Exec(ctx, add, 1); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) || committed {
		t.Fatalf("%v, committed %t", err, committed)
	}
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic was swallowed")
			}
		}()
		_ = d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, add, 1); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	if n := value(t, d, 1); n != 0 {
		t.Fatalf("row is %d", n)
	}
}

// Each text is prepared once, however it is used, and each use is one statement.
func TestEverythingIsPreparedAndCounted(t *testing.T) {
	t.Parallel()
	d := setup(t)
	before, sent := d.Prepared(), d.RoundTrips()
	ctx, n := db.WithCounter(t.Context())
	for range 3 {
		err := d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			for range 2 {
				if _, err := tx.Exec(ctx, add, 1); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Exec(ctx, add, 1); err != nil {
		t.Fatal(err)
	}
	if got := d.Prepared() - before; got != 1 {
		t.Errorf("%d statements prepared", got)
	}
	if got := d.RoundTrips() - sent; got != 7 || n.Load() != 7 {
		t.Errorf("counted %d and %d", got, n.Load())
	}
}

// As many transactions as connections, each with statements that the pool has
// never seen: nobody waits for a connection that another one holds.
func TestNewStatementsInFullPool(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), db.Config{DSN: dbtest.NewDSN(t), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var began sync.WaitGroup
	began.Add(4)
	errs := make(chan error, 4)
	for i := range 4 {
		go func() {
			errs <- d.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
				began.Done()
				began.Wait() // the pool is empty
				var n int
				if err := tx.Get(ctx, &n, fmt.Sprintf("SELECT %d", i)); err != nil {
					return err
				}
				if n != i {
					return fmt.Errorf("got %d", n)
				}
				return nil
			})
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

func TestDSN(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"host=db.example dbname=x", "postgres://db.example/x", "postgres://%zz"} {
		if _, err := db.Open(t.Context(), db.Config{DSN: dsn}); err == nil {
			t.Errorf("%s was taken without sslmode", dsn)
		}
	}
}
