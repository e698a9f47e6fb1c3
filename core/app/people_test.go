package app

import (
	"slices"
	"testing"

	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/identity"
)

// Whoever adds a column that names a person decides in personReferences what
// becomes of it when two accounts are merged, and whether an account with such
// rows counts as used.
func TestReferences(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var rows []struct {
		Table  string `db:"table"`
		Column string `db:"column"`
		Loose  bool   `db:"loose"`
	}
	if err := d.Select(t.Context(), &rows, `SELECT CAST(CAST(c.conrelid AS regclass) AS text) AS table, a.attname AS column, c.confdeltype IN ('c', 'n') AS loose
		FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confrelid = CAST('person' AS regclass) LIMIT 1000`); err != nil {
		t.Fatal(err)
	}
	refs := personReferences()
	for _, r := range rows {
		at := slices.IndexFunc(refs, func(ref identity.Reference) bool { return ref.Table == r.Table && ref.Column == r.Column })
		if at < 0 {
			t.Errorf("%s.%s names a person and personReferences does not know it", r.Table, r.Column)
			continue
		}
		if refs[at].Loose != r.Loose {
			t.Errorf("%s.%s: loose is %v, the schema says %v", r.Table, r.Column, refs[at].Loose, r.Loose)
		}
	}
	// What has the name of such a column has the meaning, too.
	var loose []struct {
		Table  string `db:"table"`
		Column string `db:"column"`
	}
	if err := d.Select(t.Context(), &loose, `SELECT table_name AS table, column_name AS column FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type = 'uuid' AND (column_name ~ '(person|actor|author|owner|reporter|assignee)_id$' OR column_name ~ '_by$' OR column_name = 'by_id') LIMIT 1000`); err != nil {
		t.Fatal(err)
	}
	for _, r := range loose {
		if !slices.ContainsFunc(refs, func(ref identity.Reference) bool { return ref.Table == r.Table && ref.Column == r.Column }) {
			// ended_by of registers names an import.
			if r.Column != "ended_by" {
				t.Errorf("%s.%s looks like a person and personReferences does not know it", r.Table, r.Column)
			}
		}
	}
	if len(rows) < 90 {
		t.Errorf("only %d columns found", len(rows))
	}
	// And nothing is listed that is not there.
	for _, ref := range refs {
		var n int
		if err := d.Get(t.Context(), &n, `SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1 AND column_name = $2`, ref.Table, ref.Column); err != nil {
			t.Fatal(err)
		}
		if n != 1 {
			t.Errorf("%s.%s does not exist", ref.Table, ref.Column)
		}
	}
}
