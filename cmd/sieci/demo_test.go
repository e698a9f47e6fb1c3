package main

import (
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/db/dbtest"
)

// A demonstration with its well-known password does not come into an
// installation that is in use, nor where others could reach it.
func TestDemoRefused(t *testing.T) {
	t.Parallel()
	dir := data(t)
	env := []string{"SIECI_DATA=" + dir, "SIECI_DATABASE_URL=" + dbtest.NewDSN(t)}
	if r := run(t, env, "admin", "create", "--email", "ada@ore.example", "--name", "Ada Żak"); r.code != exitOK {
		t.Fatalf("admin create: %+v", r)
	}
	for _, c := range []struct {
		env, want string
		args      []string
	}{
		{"", "pustej instalacji", []string{"demo"}},
		{"", "pustej instalacji", []string{"serve", "--demo"}},
		{"SIECI_BASE_URL=https://sieci.example", "hasło zna każdy", []string{"demo"}},
	} {
		r := run(t, append(env, c.env), c.args...)
		if r.code != exitError || r.out != "" || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, c.want) {
			t.Errorf("%v %s: %+v", c.args, c.env, r)
		}
	}
}
