package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/db/dbtest"
)

// The command says what is sealed, what waits, where the account first does not
// hold and that its tail was cut off; it fails when it does not hold.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	dsn, heads := dbtest.NewDSN(t), filepath.Join(t.TempDir(), "heads")
	env := []string{"SIECI_DATABASE_URL=" + dsn, "SIECI_DATA=" + data(t), "SIECI_AUDIT_HEADS=" + heads}
	d, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	exec := func(q string) {
		t.Helper()
		if _, err := d.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	verify := func(fails bool, want ...string) {
		t.Helper()
		r := run(t, env, "audit", "verify")
		if (r.code != 0) != fails {
			t.Errorf("exit %d: %s%s", r.code, r.out, r.err)
		}
		for _, w := range want {
			if !strings.Contains(r.out+r.err, w) {
				t.Errorf("%q is not in %q, %q", w, r.out, r.err)
			}
		}
	}
	exec(`INSERT INTO audit_event (domain_at, actor_system, action, object_kind, object_id) VALUES (now(), 'core', 'x:y', 'x', '1'), (now(), 'core', 'x:y', 'x', '2')`)
	verify(false, "Dziennik jest nienaruszony.", "na pieczęć")
	if err := os.WriteFile(heads, []byte("7 "+strings.Repeat("ab", 32)+" 2026-11-24T08:00:00Z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	verify(true, "Ucięto koniec: poza bazą zapisano ogniwo 7", "Dziennik zmian został naruszony.")
	if err := os.Remove(heads); err != nil {
		t.Fatal(err)
	}
	// A link that is no seal of this installation.
	exec(`INSERT INTO audit_link (link, event_id, hash) SELECT 1, min(id), sha256('x') FROM audit_event`)
	verify(true, "Pierwsze złe miejsce: ogniwo 1", "Dziennik zmian został naruszony.")
}
