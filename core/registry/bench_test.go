package registry_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/registry"
)

// BenchmarkImport45000 imports a register of national size as people do: read
// and previewed, confirmed, the same file again, a changed file, which is taken
// back. Beside it the bare COPY of the same rows into a table without an index.
func BenchmarkImport45000(b *testing.B) {
	file := country(45_000, 9)
	second, _ := spoiled(file, 37, 112, 9)
	timed := func(name string, f func()) time.Duration {
		start := time.Now()
		f()
		took := time.Since(start)
		b.ReportMetric(took.Seconds(), "s/"+name)
		return took
	}
	for b.Loop() {
		w := newWorld(b)
		var i registry.Import
		whole := timed("preview", func() { i = w.begin(registry.RSPO, file) })
		whole += timed("confirm", func() {
			if err := w.Confirm(b.Context(), admin, i.ID); err != nil {
				b.Fatal(err)
			}
		})
		first := i
		again := timed("again", func() {
			if again := w.take(registry.RSPO, file); again.Changes() != 0 {
				b.Fatalf("%+v", again.Report)
			}
		})
		timed("changed", func() {
			if i = w.take(registry.RSPO, second); i.Closed != 112 || i.Changed != 9 || i.Rejected != 37 {
				b.Fatalf("%+v", i.Report)
			}
		})
		timed("undo", func() {
			if err := w.Undo(b.Context(), admin, i.ID); err != nil {
				b.Fatal(err)
			}
		})
		timed("undo-of-all", func() {
			if err := w.Undo(b.Context(), admin, first.ID); err != nil {
				b.Fatal(err)
			}
		})
		bare := timed("copy", func() { bareCopy(b, w, file) })
		b.ReportMetric(whole.Seconds()/bare.Seconds(), "x-of-copy")
		if whole > time.Minute || again > 10*time.Second {
			b.Errorf("45,000 institutions took %v, the same again %v", whole, again)
		}
	}
}

func bareCopy(b *testing.B, w *world, file []byte) {
	b.Helper()
	tx, err := w.db.SQL().BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	columns := strings.TrimSuffix(strings.Repeat("c%, ", 14), ", ")
	n := byte('a')
	for strings.Contains(columns, "%") {
		columns = strings.Replace(columns, "%", string(n), 1)
		n++
	}
	if _, err := tx.ExecContext(b.Context(), "CREATE TABLE bare ("+strings.ReplaceAll(columns, ",", " text,")+" text)"); err != nil {
		b.Fatal(err)
	}
	st, err := tx.PrepareContext(b.Context(), "COPY bare ("+columns+") FROM STDIN")
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(file) {
		cells := strings.Split(strings.TrimSpace(string(line)), ";")
		row := make([]any, len(cells))
		for i, c := range cells {
			row[i] = c
		}
		if _, err := st.ExecContext(b.Context(), row...); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := st.ExecContext(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}
