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
