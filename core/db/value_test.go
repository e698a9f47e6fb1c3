package db_test

import (
	"testing"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// What a person sent and no column can hold is theirs to correct; what a
// statement itself does wrong stays an error of the service.
func TestValuesThatCannotBeStored(t *testing.T) {
	t.Parallel()
	d := setup(t)
	invalid := map[string]func(q db.Q) error{
		"number":         func(q db.Q) error { return get(t, q, "SELECT id FROM tx_test WHERE n = $1", int64(99_999_999_999)) },
		"sum":            func(q db.Q) error { return get(t, q, "SELECT n + $1::int FROM tx_test LIMIT 1", 1<<31) },
		"NUL":            func(q db.Q) error { return get(t, q, "SELECT id FROM tx_test WHERE name = $1", "a\x00b") },
		"not UTF-8":      func(q db.Q) error { return get(t, q, "SELECT id FROM tx_test WHERE name = $1", "a\xff") },
		"NUL in a jsonb": func(q db.Q) error { return get(t, q, "SELECT 1 WHERE $1::jsonb IS NULL", `"a\u0000b"`) },
		"day":            func(q db.Q) error { return get(t, q, "SELECT 1 WHERE $1::date IS NULL", "2026-02-31") },
		"id":             func(q db.Q) error { return get(t, q, "SELECT 1 WHERE $1::uuid IS NULL", "x") },
	}
	for name, f := range invalid {
		if err := f(d); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, query := range map[string]string{"id": "SELECT 'x' || $1 = 'x' AND ('y' || $1)::uuid IS NULL", "zero": "SELECT 1 / length($1)"} {
		if err := get(t, d, query, ""); err == nil || fault.Is(err, fault.Invalid) {
			t.Errorf("a mistake of the statement, %s: %v", name, err)
		}
	}
}

func get(t *testing.T, q db.Q, query string, args ...any) error {
	t.Helper()
	var n any
	return q.Get(t.Context(), &n, query, args...)
}
