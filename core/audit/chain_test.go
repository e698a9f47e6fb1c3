package audit_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

type world struct {
	*testing.T
	d     *db.DB
	log   *audit.Log
	heads []audit.Head
}

func setup(t *testing.T) *world {
	key := []byte("0123456789abcdef0123456789abcdef")
	return &world{T: t, d: dbtest.New(t), log: audit.New(key, clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)))}
}

func event(n int) audit.Event {
	return audit.Event{Actor: uuid.MustParse("0193b0a0-0000-7000-8000-000000000001"), Action: "network:found", ObjectKind: "network",
		ObjectID: fmt.Sprint(n), Fields: []string{"title", "mode"}, Value: []byte("wartość")}
}

func (w *world) write(n int) {
	w.Helper()
	for i := range n {
		must(w.T, w.d.Tx(w.Context(), func(ctx context.Context, tx *db.Tx) error { return w.log.Write(ctx, tx, event(i)) }))
	}
}

// once seals what can be sealed now.
func (w *world) once() (sealed int) {
	w.Helper()
	for {
		h, n, err := w.log.Seal(w.Context(), w.d)
		must(w.T, err)
		if n == 0 {
			return sealed
		}
		w.heads = append(w.heads, h)
		sealed += n
	}
}

// seal seals everything: transactions of other tests on the same server may run
// still, and are waited for.
func (w *world) seal() (sealed int) {
	w.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		sealed += w.once()
		if w.verify().Unsealed == 0 {
			return sealed
		}
	}
	w.Fatal("not sealed in a minute")
	return sealed
}

func (w *world) verify() *audit.Verdict {
	w.Helper()
	v, err := w.log.Verify(w.Context(), w.d, w.heads, nil)
	must(w.T, err)
	return v
}

// forge runs a statement that only somebody with the database in hand can give.
func (w *world) forge(statement string, args ...any) {
	w.Helper()
	tx, err := w.d.SQL().BeginTx(w.Context(), nil)
	must(w.T, err)
	for _, table := range []string{"audit_event", "audit_link"} {
		_, err = tx.Exec("ALTER TABLE " + table + " DISABLE TRIGGER USER")
		must(w.T, err)
	}
	_, err = tx.Exec(statement, args...)
	must(w.T, err)
	for _, table := range []string{"audit_event", "audit_link"} {
		_, err = tx.Exec("ALTER TABLE " + table + " ENABLE TRIGGER USER")
		must(w.T, err)
	}
	must(w.T, tx.Commit())
}

func TestSealedChainHolds(t *testing.T) {
	t.Parallel()
	w := setup(t)
	before := w.verify().Unsealed // what setting the database up has written
	w.write(30)
	if v := w.verify(); v.Unsealed != before+30 || v.Sealed != 0 || !v.Holds() {
		t.Fatalf("before sealing: %+v", v)
	}
	if n := w.seal(); int64(n) != before+30 {
		t.Fatalf("sealed %d", n)
	}
	w.write(3)
	if v := w.verify(); v.Sealed != before+30 || v.Unsealed != 3 || !v.Holds() {
		t.Fatalf("after sealing: %+v", v)
	}
}

// What each kind of forgery leaves behind.
func TestForgeryIsSeen(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		statement string
		link      int64
		why       audit.Why
	}{
		"another actor":  {`UPDATE audit_event SET actor_id = gen_random_uuid() WHERE id = (SELECT event_id FROM audit_link WHERE link = 7)`, 7, audit.Changed},
		"another time":   {`UPDATE audit_event SET at = at + interval '1 microsecond' WHERE id = (SELECT event_id FROM audit_link WHERE link = 2)`, 2, audit.Changed},
		"fields shifted": {`UPDATE audit_event SET fields = '{titlemode}' WHERE id = (SELECT event_id FROM audit_link WHERE link = 9)`, 9, audit.Changed},
		"event and link": {`WITH k AS (DELETE FROM audit_link WHERE link = 5 RETURNING event_id) SELECT count(*) FROM k`, 5, audit.Gone},
		"hash":           {`UPDATE audit_link SET hash = sha256('x') WHERE link = 4`, 4, audit.Changed},
		"swapped":        {`UPDATE audit_link SET link = CASE link WHEN 3 THEN 1000 ELSE link END WHERE link = 3`, 3, audit.Gone},
		"written later":  {`INSERT INTO audit_event (domain_at, actor_system, action, object_kind, object_id, xact) VALUES (now(), 'core', 'x:y', 'x', 'y', '3')`, 0, audit.Slipped},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t)
			w.write(12)
			w.seal()
			w.forge(c.statement)
			v := w.verify()
			if v.Bad == nil || v.Bad.Link != c.link || v.Bad.Why != c.why {
				t.Errorf("%+v %+v", v, v.Bad)
			}
		})
	}
}

// Cutting the tail leaves a chain that holds in itself: only the head kept
// outside tells. So does a chain made anew by somebody with another key.
func TestTailIsMissed(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.write(5)
	w.seal()
	first := w.heads[len(w.heads)-1]
	w.write(5)
	w.seal()
	w.forge(`DELETE FROM audit_link WHERE link > $1`, first.Link)
	w.forge(`DELETE FROM audit_event e WHERE NOT EXISTS (SELECT 1 FROM audit_link k WHERE k.event_id = e.id)`)
	v := w.verify()
	if v.Bad != nil || v.Missing == nil || v.Missing.Link != w.heads[len(w.heads)-1].Link || v.Holds() {
		t.Fatalf("%+v", v)
	}
	if v.Alone {
		t.Error("heads are known outside")
	}
	known := w.heads
	w.heads = []audit.Head{first}
	w.heads[0].Hash[0] ^= 1
	if v := w.verify(); v.Differs == nil || v.Differs.Link != first.Link {
		t.Fatalf("%+v", v)
	}
	other := audit.New([]byte("another key of thirty-two bytes!!"), clock.NewFixed(time.Now()))
	if v, err := other.Verify(t.Context(), w.d, nil, nil); err != nil || v.Bad == nil || v.Bad.Link != 1 {
		t.Fatalf("%+v, %v", v, err)
	}
	w.heads = known
	// Seen behind a bad place, too; and that nothing is known outside is said.
	w.forge(`UPDATE audit_event SET action = 'forged' WHERE id = (SELECT event_id FROM audit_link WHERE link = 2)`)
	if v := w.verify(); v.Bad == nil || v.Missing == nil || v.Missing.Link != w.heads[len(w.heads)-1].Link {
		t.Errorf("%+v", v)
	}
	w.heads = nil
	if v := w.verify(); !v.Alone || v.Missing != nil {
		t.Errorf("without heads: %+v", v)
	}
}

// Sealing while changes are written in transactions that end out of order skips
// none, numbers none twice, and takes no event of a transaction that is older
// than one still running.
func TestSealingBesideChanges(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.seal()
	hold, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { // begins first, ends last
		if err := w.d.Tx(w.Context(), func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, `SELECT pg_current_xact_id()`); err != nil {
				return err
			}
			close(hold)
			<-release
			return w.log.Write(ctx, tx, event(1000))
		}); err != nil {
			t.Error(err)
		}
	})
	<-hold
	w.write(3)
	if n := w.once(); n != 0 {
		t.Errorf("%d sealed ahead of a transaction that still runs", n)
	}
	close(release)
	for i := range 8 {
		wg.Go(func() {
			for j := range 25 {
				err := w.d.Tx(w.Context(), func(ctx context.Context, tx *db.Tx) error {
					if err := w.log.Write(ctx, tx, event(i*100+j)); err != nil {
						return err
					}
					if j%7 == 3 {
						return errBack // leaves a hole in the ids
					}
					return nil
				})
				if err != nil && err != errBack {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	var sealers sync.WaitGroup
	for range 2 {
		sealers.Go(func() {
			for {
				if _, _, err := w.log.Seal(t.Context(), w.d); err != nil {
					t.Error(err)
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	wg.Wait()
	close(done)
	sealers.Wait()
	w.seal()
	var events int64
	must(t, w.d.Get(t.Context(), &events, `SELECT count(*) FROM audit_event`))
	if v := w.verify(); v.Sealed != events || v.Unsealed != 0 || !v.Holds() {
		t.Fatalf("%d events: %+v", events, v)
	}
}

var errBack = fmt.Errorf("taken back")

// A database restored into another cluster counts transactions anew: what was
// not sealed yet and what comes now are sealed all the same.
func TestRestoredElsewhere(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.write(3)
	w.seal()
	w.forge(`INSERT INTO audit_event (domain_at, actor_system, action, object_kind, object_id, xact) VALUES (now(), 'core', 'x:y', 'x', 'y', '99999999999')`)
	w.forge(`UPDATE audit_sealing SET xact = '99999999998', cluster = 'another'`)
	w.write(2)
	if n := w.seal(); n != 3 {
		t.Fatalf("sealed %d", n)
	}
	if v := w.verify(); !v.Holds() || v.Unsealed != 0 {
		t.Fatalf("%+v", v)
	}
}

func TestCutAtACheckpoint(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.write(10)
	w.seal()
	var old int64
	must(t, w.d.Get(t.Context(), &old, `SELECT count(*) FROM audit_link`))
	w.forge(`UPDATE audit_event SET at = at`) // nothing changes
	cut := time.Now()
	w.write(4)
	w.seal()
	n, err := w.log.Cut(t.Context(), w.d, cut)
	must(t, err)
	if n != old {
		t.Fatalf("cut %d of %d", n, old)
	}
	if v := w.verify(); !v.Holds() || v.Checkpoint != old || v.Sealed != 4 {
		t.Fatalf("%+v %+v", v, v.Bad)
	}
	w.write(1)
	w.seal()
	if v := w.verify(); !v.Holds() || v.Sealed != 5 {
		t.Fatalf("%+v", v)
	}
	// Everything is old: the last link stays, so that the chain goes on.
	_, err = w.log.Cut(t.Context(), w.d, time.Now().Add(time.Hour))
	must(t, err)
	if v := w.verify(); !v.Holds() || v.Sealed != 1 {
		t.Fatalf("%+v", v)
	}
	w.forge(`UPDATE audit_cut SET hash = sha256('x') WHERE link = (SELECT max(link) FROM audit_cut)`)
	if v := w.verify(); v.Bad == nil || v.Bad.Why != audit.BadCheckpoint {
		t.Fatalf("%+v", v)
	}
	for _, s := range []string{`DELETE FROM audit_event`, `UPDATE audit_link SET link = link + 1`, `TRUNCATE audit_link`} {
		if _, err := w.d.Exec(t.Context(), s); err == nil {
			t.Errorf("%s went through", s)
		}
	}
}

// A change whose account cannot be written does not happen.
func TestNoAccountNoChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	_, err := w.d.Exec(t.Context(), `CREATE TABLE thing (id int)`)
	must(t, err)
	err = w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO thing VALUES (1)`); err != nil {
			return err
		}
		return w.log.Write(ctx, tx, audit.Event{Action: "thing:make", ObjectKind: "thing", ObjectID: "1"}) // nobody did it
	})
	var n int
	must(t, w.d.Get(t.Context(), &n, `SELECT count(*) FROM thing`))
	if err == nil || n != 0 {
		t.Fatalf("%v, %d rows", err, n)
	}
}

// A transaction of more events than one part takes is sealed whole, each event
// once and in order, and each part begins where the last one ended.
func TestLargeTransactionIsSealedInParts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const events = 2500
	if err := w.d.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for i := range events {
			if err := w.log.Write(ctx, tx, event(i)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1000, 1000, 500, 0} {
		_, n, err := w.log.Seal(t.Context(), w.d)
		// Nothing is sealed that a transaction could still come before, of another
		// database of the server, too.
		for late := time.Now().Add(time.Minute); err == nil && n == 0 && want != 0 && time.Now().Before(late); {
			_, n, err = w.log.Seal(t.Context(), w.d)
		}
		if err != nil || n != want {
			t.Fatalf("%d sealed, want %d: %v", n, want, err)
		}
		var begun int
		err = w.d.Get(t.Context(), &begun, `SELECT count(*) FROM audit_event e, audit_sealing s WHERE (e.xact, e.id) > (s.xact::xid8, s.event_id)
			AND EXISTS (SELECT 1 FROM audit_link k WHERE k.event_id = e.id)`)
		if err != nil || begun != 0 {
			t.Errorf("the next part looks at %d sealed events again: %v", begun, err)
		}
	}
	var wrong int
	if err := w.d.Get(t.Context(), &wrong, `SELECT count(*) FROM audit_event e LEFT JOIN audit_link k ON k.event_id = e.id
		WHERE k.link IS NULL OR k.link <> (SELECT count(*) FROM audit_event o WHERE o.id <= e.id)`); err != nil || wrong != 0 {
		t.Errorf("%d events without their link: %v", wrong, err)
	}
}
