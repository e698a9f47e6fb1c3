package migrations_test

import (
	"testing"

	"ore.edu.pl/sieci/core/db/dbtest"
)

// ours leaves out the tables of River and goose.
const ours = `c.relkind IN ('r', 'p') AND n.nspname = 'public'
	AND c.relname NOT LIKE 'river\_%' AND c.relname NOT LIKE 'goose\_%'`

func TestEveryTableSaysWhatItIs(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var bare []string
	if err := d.Select(t.Context(), &bare, `SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE `+ours+` AND coalesce(obj_description(c.oid, 'pg_class'), '') NOT LIKE '%Owner: core/%' ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	if len(bare) > 0 {
		t.Errorf("tables without a comment naming their owner: %v", bare)
	}
	var tables int
	if err := d.Get(t.Context(), &tables, `SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE `+ours); err != nil {
		t.Fatal(err)
	}
	if tables < 30 {
		t.Errorf("only %d tables looked at", tables)
	}
}

// A foreign key without an index makes every delete or change of the parent
// read the whole child table.
func TestEveryForeignKeyHasAnIndex(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var bare []string
	if err := d.Select(t.Context(), &bare, `SELECT c.relname || '.' || k.conname
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE k.contype = 'f' AND `+ours+`
		AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indpred IS NULL
			AND (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1] @> k.conkey AND (i.indkey::int2[])[0:array_length(k.conkey, 1) - 1] <@ k.conkey)
		AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = k.conrelid AND array_length(k.conkey, 1) = 1
			AND i.indkey[0] = k.conkey[1] AND pg_get_expr(i.indpred, i.indrelid) LIKE '%' || (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) || ' IS NOT NULL%')
		ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	if len(bare) > 0 {
		t.Errorf("foreign keys without an index: %v", bare)
	}
}

// Every CHECK and UNIQUE of ours has a name given by us, because messages are mapped by it.
func TestConstraintsAreNamed(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	var unnamed []string
	if err := d.Select(t.Context(), &unnamed, `SELECT c.relname || '.' || k.conname
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE `+ours+` AND (k.contype = 'c' AND k.conname LIKE '%\_check%' OR k.contype = 'u' AND k.conname LIKE '%\_key')
		ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	if len(unnamed) > 0 {
		t.Errorf("constraints with a generated name: %v", unnamed)
	}
}
