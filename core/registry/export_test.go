package registry

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// PlanForTest is PostgreSQL's plan for the statement of a search, made for any
// words (as it does from the sixth use on), as JSON without white space; on asks
// for the statement of a day that is not today.
func PlanForTest(t testing.TB, d *db.DB, text string, on bool) string {
	t.Helper()
	conn, err := d.SQL().Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	w := patternsOf(text)
	types := []string{"text", "uuid", "boolean", "text", "text", "text", "text[]", "bigint", "date"}
	args := []string{"''", "'00000000-0000-0000-0000-000000000000'", "false", "''", "''", "''", "'{}'", "21", "current_date"}
	for _, d := range w.driving {
		types, args = append(types, "text"), append(args, "'"+d+"'")
	}
	queries := &searchQueries
	if on {
		queries = &searchOnQueries
	}
	for _, q := range []string{
		"SET plan_cache_mode = force_generic_plan",
		"PREPARE search_plan (" + strings.Join(types, ", ") + ") AS " + queries[len(w.driving)],
	} {
		if _, err := conn.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	var plan string
	if err := conn.QueryRowContext(t.Context(), "EXPLAIN (FORMAT JSON) EXECUTE search_plan ("+strings.Join(args, ", ")+")").Scan(&plan); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"DEALLOCATE search_plan", "RESET plan_cache_mode"} {
		if _, err := conn.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	return strings.ReplaceAll(regexp.MustCompile(`\s*\n\s*`).ReplaceAllString(plan, ""), `": "`, `":"`)
}

// StepForTest does what a job of an import would, once.
func (s *Service) StepForTest(ctx context.Context, id uuid.UUID) error { return s.step(ctx, id, false) }

// ReadForTest reads the file of an import as a job would; seen is called when
// it says how far it is.
func (s *Service) ReadForTest(ctx context.Context, id uuid.UUID, seen func(done, total int)) error {
	i, err := importOf(ctx, s.db, id)
	if err != nil {
		return err
	}
	raw, err := fileOf(ctx, s.db, id)
	if err != nil {
		return err
	}
	return s.read(ctx, &i, raw, seen)
}
