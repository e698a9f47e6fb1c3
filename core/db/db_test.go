package db_test

import (
	"testing"

	"ore.edu.pl/sieci/core/db/dbtest"
)

func TestOpenMigrated(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var n int
	if err := d.Get(t.Context(), &n, "SELECT count(*) FROM river_job"); err != nil || n != 0 {
		t.Fatalf("river_job: %d, %v", n, err)
	}
}

// What each connection is told, whatever the server's own settings are.
func TestConnectionSettings(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for name, want := range map[string]string{"jit": "off", "random_page_cost": "1.1", "application_name": "sieci"} {
		var got string
		if err := d.Get(t.Context(), &got, "SELECT current_setting($1)", name); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", name, got, want, err)
		}
	}
}
