package country

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/db"
	where "ore.edu.pl/sieci/core/place"
)

// isEmpty is true as well where only registers of the same invented country are,
// whose schools have addresses at domain: a run that was cut short left them.
func isEmpty(ctx context.Context, d *db.DB, domain string) (bool, error) {
	var some bool
	err := d.Get(ctx, &some, `SELECT EXISTS (SELECT 1 FROM network) OR EXISTS (SELECT 1 FROM institution WHERE rspo IS NOT NULL AND split_part(email, '@', 2) <> $1)
		OR EXISTS (SELECT 1 FROM teryt_unit WHERE kind = 'voivodeship' AND lower(name) NOT LIKE 'kraina %')`, domain)
	return !some, err
}

// places are schools in the order of powiats and centres in that of their numbers.
func places(ctx context.Context, d *db.DB) (schools, centres []place, err error) {
	const columns = `SELECT i.id, i.complex_id, coalesce(i.powiat_code, '') AS powiat_code, i.name, ` + where.Columns + ` FROM institution i ` + where.Joins + ` WHERE `
	if err := d.Select(ctx, &schools, columns+`i.kind IN ('school', 'kindergarten') ORDER BY i.powiat_code, i.rspo LIMIT 100000`); err != nil {
		return nil, nil, err
	}
	return schools, centres, d.Select(ctx, &centres, columns+`i.kind = 'centre' ORDER BY i.rspo LIMIT 10000`)
}

// filled are the tables that get most rows.
var filled = []string{"person", "network", "network_seat", "network_direction", "programme_network", "membership", "role_grant", "board_thread", "board_post", "meeting", "meeting_item", "meeting_attendance",
	"resource", "resource_version", "task", "conversation", "conversation_member", "conversation_message", "need", "notification", "audit_event", "search_doc"}

// begin opens the transaction of everything; it may take as long as it does.
func begin(ctx context.Context, d *db.DB) (*sql.Tx, error) {
	tx, err := d.SQL().BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	// Sorting for an index and hashing for a foreign key stay in memory.
	if _, err := tx.ExecContext(ctx, `SET LOCAL statement_timeout = 0; SET LOCAL maintenance_work_mem = '256MB'; SET LOCAL work_mem = '64MB'`); err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	return tx, nil
}

// rebuilt is a statement that makes something of a table anew.
type rebuilt struct{ table, make string }

// strip takes indexes and foreign keys from the tables to fill: kept up row by
// row they would cost several times as much as made once. Those of primary keys
// and unique constraints stay. The result makes them again.
func strip(ctx context.Context, tx *sql.Tx) ([]rebuilt, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT CAST(i.indrelid AS regclass)::text, 'DROP INDEX ' || CAST(i.indexrelid AS regclass), pg_get_indexdef(i.indexrelid), 1 AS place
		FROM pg_index i WHERE i.indrelid = ANY (CAST($1 AS regclass[])) AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
		UNION ALL SELECT CAST(k.conrelid AS regclass)::text, format('ALTER TABLE %s DROP CONSTRAINT %I', CAST(k.conrelid AS regclass), k.conname),
			format('ALTER TABLE %s ADD CONSTRAINT %I %s', CAST(k.conrelid AS regclass), k.conname, pg_get_constraintdef(k.oid)), 2
		FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid = ANY (CAST($1 AS regclass[])) ORDER BY 4, 1, 2`, pq.Array(filled))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var drops []string
	var out []rebuilt
	for rows.Next() {
		var drop string
		var b rebuilt
		var place int
		if err := rows.Scan(&b.table, &drop, &b.make, &place); err != nil {
			return nil, err
		}
		drops, out = append(drops, drop), append(out, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range drops { // foreign keys, which come last, go first: they need no index of these
		if _, err := tx.ExecContext(ctx, drops[len(drops)-1-i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// restore makes indexes and foreign keys again; these check every row.
func restore(ctx context.Context, tx *sql.Tx, list []rebuilt, told func(what string, n int)) error {
	for i, b := range list {
		if _, err := tx.ExecContext(ctx, b.make); err != nil {
			return fmt.Errorf("%s: %w", b.make, err)
		}
		told("indexes: "+b.table, i+1)
	}
	return nil
}

// copy writes n rows into a table by COPY.
func (m *maker) copy(ctx context.Context, table, columns string, n int, row func(i int) []any) error {
	const say = 50_000 // rows between two lines of progress
	stmt, err := m.tx.PrepareContext(ctx, "COPY "+table+" ("+columns+") FROM STDIN")
	if err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	for i := range n {
		if _, err := stmt.ExecContext(ctx, row(i)...); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		if i%say == say-1 {
			m.told(table, i+1)
		}
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	return stmt.Close()
}

// vacuum tells the planner of what has come, and notes which pages everybody
// sees, as the database would by itself a little later.
func vacuum(ctx context.Context, d *db.DB, told func(what string, n int)) error {
	conn, err := d.SQL().Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `SET statement_timeout = 0`); err != nil {
		return err
	}
	for i, table := range append([]string{"programme", "programme_rule", "institution", "institution_version", "teryt_unit", "teryt_unit_version"}, filled...) {
		if _, err := conn.ExecContext(ctx, "VACUUM (ANALYZE) "+table); err != nil {
			return fmt.Errorf("vacuum %s: %w", table, err)
		}
		told("vacuum: "+table, i+1)
	}
	_, err = conn.ExecContext(ctx, `RESET statement_timeout`)
	return err
}
