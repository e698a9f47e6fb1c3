package country

import (
	"context"
	"fmt"
	"strings"

	"ore.edu.pl/sieci/core/db"
)

func isEmpty(ctx context.Context, d *db.DB) (bool, error) {
	var some bool
	err := d.Get(ctx, &some, `SELECT EXISTS (SELECT 1 FROM network) OR EXISTS (SELECT 1 FROM institution WHERE rspo IS NOT NULL) OR EXISTS (SELECT 1 FROM teryt_unit)`)
	return !some, err
}

// places are schools and centres, in the order of their numbers.
func places(ctx context.Context, d *db.DB) (schools, centres []place, err error) {
	const columns = `SELECT id, complex_id, coalesce(powiat_code, '') AS powiat_code FROM institution WHERE `
	if err := d.Select(ctx, &schools, columns+`kind IN ('school', 'kindergarten') ORDER BY rspo LIMIT 100000`); err != nil {
		return nil, nil, err
	}
	return schools, centres, d.Select(ctx, &centres, columns+`kind = 'centre' ORDER BY rspo LIMIT 10000`)
}

// batch is how many rows go in one transaction: enough for the speed of COPY,
// few enough for its memory.
const batch = 100_000

// copy writes n rows into a table by COPY.
func (m *maker) copy(ctx context.Context, table string, columns []string, n int, row func(i int) []any) error {
	for from := 0; from < n; from += batch {
		to := min(n, from+batch)
		if err := m.batch(ctx, table, columns, from, to, row); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
		m.told(table, to)
	}
	return nil
}

func (m *maker) batch(ctx context.Context, table string, columns []string, from, to int, row func(i int) []any) error {
	tx, err := m.app.DB.SQL().BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	stmt, err := tx.PrepareContext(ctx, "COPY "+table+" ("+strings.Join(columns, ", ")+") FROM STDIN")
	if err != nil {
		return err
	}
	for i := from; i < to; i++ {
		if _, err := stmt.ExecContext(ctx, row(i)...); err != nil {
			return err
		}
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return err
	}
	if err := stmt.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

// analyse lets the planner know of what has come.
func analyse(ctx context.Context, d *db.DB) error {
	_, err := d.SQL().ExecContext(ctx, `ANALYZE`)
	return err
}
