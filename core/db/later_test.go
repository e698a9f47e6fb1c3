package db_test

import (
	"context"
	"slices"
	"testing"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

const (
	insertLate = `INSERT INTO tx_test (id, n, name) VALUES ($1, $2, $3)`
	updateLate = `UPDATE tx_test SET n = n + $2 WHERE id = $1`
	noteLate   = `INSERT INTO tx_note (text) VALUES ($1)`
)

// What is put off is written once, in one round trip before the commit; writes
// of one text in the order in which they were put off.
func TestLaterIsOneRoundTrip(t *testing.T) {
	t.Parallel()
	d := setup(t)
	exec(t, d, `CREATE TABLE tx_note (id bigint GENERATED ALWAYS AS IDENTITY, text text NOT NULL)`)
	for i := range 3 { // the later ones find everything prepared
		before := d.RoundTrips()
		err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			tx.Later(noteLate, "a")
			tx.Later(insertLate, 10+i, 5, nil)
			tx.Later(updateLate, 1, 2)
			if _, err := tx.Exec(ctx, updateLate, 2, 1); err != nil {
				return err
			}
			if n := d.RoundTrips() - before; n != 1 {
				t.Errorf("%d round trips before the end", n)
			}
			return nil
		})
		if n := d.RoundTrips() - before; err != nil || n != 2 {
			t.Errorf("%d round trips, %v", n, err)
		}
	}
	if a, b, c := value(t, d, 1), value(t, d, 2), value(t, d, 11); a != 6 || b != 3 || c != 5 {
		t.Errorf("%d, %d, %d", a, b, c)
	}
	err := d.Tx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		for _, s := range []string{"b", "c", "d"} {
			tx.Later(noteLate, s)
		}
		return nil
	})
	var got []string
	if err2 := d.Select(t.Context(), &got, `SELECT text FROM tx_note ORDER BY id`); err != nil || err2 != nil || !slices.Equal(got, []string{"a", "a", "a", "b", "c", "d"}) {
		t.Errorf("%v, %v, %v", got, err, err2)
	}
}

func TestLaterFailsWithItsTransaction(t *testing.T) {
	t.Parallel()
	d := setup(t)
	err := d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		tx.Later(insertLate, 10, -1, nil) // n must not be negative
		_, err := tx.Exec(ctx, add, 1)
		return err
	})
	if !fault.Is(err, fault.Conflict) || value(t, d, 1) != 0 {
		t.Errorf("%v, n = %d", err, value(t, d, 1))
	}
	err = d.Tx(t.Context(), func(_ context.Context, tx *db.Tx) error {
		tx.Later(updateLate, 1, 1)
		return context.Canceled
	})
	if err == nil || value(t, d, 1) != 0 {
		t.Errorf("written although the change failed: %v", err)
	}
}
