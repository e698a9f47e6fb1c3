package trail_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/trail"
	"ore.edu.pl/sieci/policies"
)

type world struct {
	*testing.T
	d    *db.DB
	log  *audit.Log
	s    *trail.Service
	c    trail.Config
	path string
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func setup(t *testing.T) *world {
	t.Helper()
	auth, err := access.NewAuthorizer(policies.Model, policies.Rules)
	must(t, err)
	w := &world{T: t, d: dbtest.New(t), path: filepath.Join(t.TempDir(), "heads"),
		log: audit.New([]byte("0123456789abcdef0123456789abcdef"), clock.NewFixed(time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)))}
	w.c = trail.Config{DB: w.d, Access: auth, Log: w.log, Heads: trail.OpenHeads(w.path), Keep: 2 * 366 * 24 * time.Hour}
	w.s = trail.New(w.c)
	return w
}

func (w *world) write(list ...audit.Event) {
	w.Helper()
	must(w.T, w.d.Tx(w.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, e := range list {
			if err := w.log.Write(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

// sealed seals until nothing waits: other tests' transactions on the same server
// are waited for.
func (w *world) sealed() *audit.Verdict {
	w.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		must(w.T, w.s.Seal(w.Context()))
		v, err := w.s.Verify(w.Context(), nil)
		must(w.T, err)
		if v.Unsealed == 0 {
			return v
		}
	}
	w.Fatal("not sealed in a minute")
	return nil
}

func holder(r access.Role) *access.Actor {
	return &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: r, Kind: access.Platform}}}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	w := setup(t)
	anna, net := uuid.New(), uuid.New()
	w.write(
		audit.Event{Actor: anna, Action: "role:grant", ObjectKind: "person", ObjectID: "1", ScopeKind: "network", ScopeID: net, Fields: []string{"role"}},
		audit.Event{System: "core", Action: "network.offer:lapse", ObjectKind: "membership", ObjectID: "2", ScopeKind: "network", ScopeID: net},
		audit.Event{Actor: uuid.New(), Action: "network:found", ObjectKind: "network", ObjectID: "3"})
	reader := holder(access.Inspector)
	today := time.Now().In(clock.Warsaw) // days are Polish ones, whatever the machine's zone
	for name, c := range map[string]struct {
		q    trail.Query
		want string
	}{
		"all":          {trail.Query{}, "network:found network.offer:lapse role:grant"},
		"at a place":   {trail.Query{Scope: net}, "network.offer:lapse role:grant"},
		"one thing":    {trail.Query{ObjectKind: "network", Object: "3"}, "network:found"},
		"an act":       {trail.Query{Action: "role:grant"}, "role:grant"},
		"its family":   {trail.Query{Action: "network."}, "network.offer:lapse"},
		"today":        {trail.Query{From: today, To: today}, "network:found network.offer:lapse role:grant"},
		"another year": {trail.Query{To: today.AddDate(-1, 0, 0)}, ""},
	} {
		p, err := w.s.List(t.Context(), reader, c.q)
		var got []string
		for _, e := range p.Items {
			if e.Action != "audit:search" { // what the cases before left
				got = append(got, e.Action)
			}
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	// A search is accounted for itself: about whom or what place it was, and how.
	for name, c := range map[string]struct {
		q            trail.Query
		kind, object string
		fields       string
	}{
		"who acted":   {trail.Query{Actor: anna}, "person", anna.String(), "actor"},
		"to whom":     {trail.Query{ObjectKind: "person", Object: "1"}, "person", "1", "object_kind object"},
		"at a place":  {trail.Query{Scope: net, Action: "role:grant"}, "audit", net.String(), "action scope"},
		"days":        {trail.Query{Action: "role:grant", From: today, To: today}, "audit", "", "action from to"},
		"and nothing": {trail.Query{Action: "role:grant", After: "1000000"}, "audit", "", "action"},
	} {
		p, err := w.s.List(t.Context(), reader, c.q)
		if err != nil || len(p.Items) != 1 || p.Items[0].Action != "role:grant" {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
		last, err := w.s.List(t.Context(), reader, trail.Query{Limit: 1})
		if err != nil {
			t.Fatal(err)
		}
		e := last.Items[0]
		if e.Action != "audit:search" || e.Actor.UUID != reader.Person || e.ObjectKind != c.kind || e.Object != c.object || strings.Join(e.Fields, " ") != c.fields {
			t.Errorf("%s was not accounted for: %+v", name, e)
		}
	}
	first, err := w.s.List(t.Context(), reader, trail.Query{Limit: 1, Scope: net})
	must(t, err)
	rest, err := w.s.List(t.Context(), reader, trail.Query{Limit: 1, Scope: net, After: first.Next})
	if err != nil || len(first.Items) != 1 || len(rest.Items) != 1 || rest.Next != "" || rest.Items[0].Action != "role:grant" {
		t.Errorf("paging: %+v, %+v, %v", first, rest, err)
	}
	for field, q := range map[string]trail.Query{"objectKind": {Object: "3"}, "to": {From: today, To: today.AddDate(0, 0, -1)}, "action": {Action: strings.Repeat("x", 101)}} {
		_, err := w.s.List(t.Context(), reader, q)
		if f := fault.As(err); f == nil || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, r := range []access.Role{access.CentreAdmin, access.Coordinator} {
		if _, err := w.s.List(t.Context(), holder(r), trail.Query{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", r, err)
		}
		if _, err := w.s.Export(t.Context(), holder(r), trail.Query{}, func([]trail.Entry) error { t.Error("handed out"); return nil }); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s exports: %v", r, err)
		}
	}
}

// Taking the account away is recorded before anything is handed out; without
// the record nothing is.
func TestExportIsRecorded(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 30 {
		w.write(audit.Event{System: "core", Action: "x:y", ObjectKind: "x", ObjectID: "1"})
	}
	reader, n := holder(access.Inspector), 0
	part, err := w.s.Export(t.Context(), reader, trail.Query{Action: "x:y"}, func(list []trail.Entry) error { n += len(list); return nil })
	if err != nil || part != (trail.Part{First: 1, Last: 30, Of: 30}) || n != 30 {
		t.Fatalf("%d, %+v, %v", n, part, err)
	}
	p, err := w.s.List(t.Context(), reader, trail.Query{Action: "audit:export"})
	if err != nil || len(p.Items) != 1 || p.Items[0].Actor.UUID != reader.Person {
		t.Fatalf("%+v, %v", p, err)
	}
	_, err = w.d.Exec(t.Context(), `ALTER TABLE audit_event ADD CONSTRAINT full_disk CHECK (action <> 'audit:export') NOT VALID`)
	must(t, err)
	if _, err := w.s.Export(t.Context(), reader, trail.Query{}, func([]trail.Entry) error { t.Error("handed out without a record"); return nil }); err == nil {
		t.Error("no error")
	}
}

// An export that does not fit into one part says which events of how many it
// holds and where the next begins; the parts together are all there was at the
// first, each event once, whatever happens meanwhile.
func TestExportInParts(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.c.ExportMost = 1200
	w.s = trail.New(w.c)
	const all = 2500
	_, err := w.d.Exec(t.Context(), `INSERT INTO audit_event (at, domain_at, actor_system, action, object_kind, object_id)
		SELECT now(), now(), 'core', 'x:y', 'x', n FROM generate_series(1, $1::int) n`, all)
	must(t, err)
	reader, seen := holder(access.Inspector), map[int64]bool{}
	q := trail.Query{Action: "x:y"}
	for _, want := range []trail.Part{{First: 1, Last: 1200, Of: all}, {First: 1201, Last: 2400, Of: all}, {First: 2401, Last: all, Of: all}} {
		part, err := w.s.Export(t.Context(), reader, q, func(list []trail.Entry) error {
			for _, e := range list {
				if seen[e.ID] {
					t.Errorf("event %d twice", e.ID)
				}
				seen[e.ID] = true
			}
			return nil
		})
		must(t, err)
		if q.After = part.Next; (q.After == "") != (part.Last == all) || trail.PartAfter(q.After) != q.After {
			t.Errorf("%+v goes on at %q", part, part.Next)
		}
		if part.Next = ""; part != want {
			t.Errorf("%+v, want %+v", part, want)
		}
		w.write(audit.Event{System: "core", Action: "x:y", ObjectKind: "x", ObjectID: "meanwhile"})
	}
	if len(seen) != all {
		t.Errorf("%d events in all parts", len(seen))
	}
	p, err := w.s.List(t.Context(), reader, trail.Query{Action: "audit:export"})
	if err != nil || len(p.Items) != 3 {
		t.Errorf("%d parts recorded, %v", len(p.Items), err)
	}
	for _, bad := range []string{"x", "5-", "5-4", "-1", "5-x", "9-9-9"} {
		if _, err := w.s.Export(t.Context(), reader, trail.Query{After: bad}, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
	if part, err := w.s.Export(t.Context(), reader, trail.Query{Action: "no:such"}, func([]trail.Entry) error { return nil }); err != nil || part != (trail.Part{}) {
		t.Errorf("nothing: %+v, %v", part, err)
	}
}

// The heads outlive a crash in the middle of a line and tell of a cut tail.
func TestHeads(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.write(audit.Event{System: "core", Action: "x:y", ObjectKind: "x", ObjectID: "1"})
	w.sealed()
	w.write(audit.Event{System: "core", Action: "x:y", ObjectKind: "x", ObjectID: "2"})
	if v := w.sealed(); !v.Holds() || v.Sealed != 2 {
		t.Fatalf("%+v", v)
	}
	st, err := os.Stat(w.path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
	whole, err := os.ReadFile(w.path)
	must(t, err)
	must(t, os.WriteFile(w.path, append(whole, "3 abc"...), 0o600))
	if v, err := w.s.Verify(t.Context(), nil); err != nil || !v.Holds() {
		t.Errorf("after a crash in mid-line: %+v, %v", v, err)
	}
	w.write(audit.Event{System: "core", Action: "x:y", ObjectKind: "x", ObjectID: "3"})
	if v := w.sealed(); !v.Holds() || v.Sealed != 3 {
		t.Errorf("the line after a torn one: %+v", v)
	}
	whole, err = os.ReadFile(w.path)
	must(t, err)
	// A server that ended between the sealing and the file: the next run writes
	// the head that is missing there, once.
	lines := strings.SplitAfter(string(whole), "\n")
	must(t, os.WriteFile(w.path, []byte(strings.Join(lines[:len(lines)-2], "")), 0o600))
	for range 2 {
		again := trail.New(trail.Config{DB: w.d, Log: w.log, Heads: trail.OpenHeads(w.path)})
		must(t, again.Seal(t.Context()))
		if got, err := os.ReadFile(w.path); err != nil || string(got) != string(whole) {
			t.Errorf("the file is\n%s\nwant\n%s, %v", got, whole, err)
		}
	}
	must(t, os.WriteFile(w.path, append([]byte("nic tu nie ma\n"), whole...), 0o600))
	if _, err := w.s.Verify(t.Context(), nil); fault.As(err).Key != "trail.heads" {
		t.Errorf("a line that is none: %v", err)
	}
	must(t, os.WriteFile(w.path, append(whole, "9 "+strings.Repeat("ab", 32)+" 2026-11-24T08:00:00Z\n"...), 0o600))
	if v, err := w.s.Verify(t.Context(), nil); err != nil || v.Missing == nil || v.Missing.Link != 9 {
		t.Errorf("a head beyond the chain: %+v, %v", v, err)
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{
		"role:grant": "Rola: nadanie", "network.member:invite": "Uczestnik sieci: zaproszenie",
		"ore.thematic/command:plan": "Wtyczka ore.thematic: polecenie plan", "nowe:cos": "nowe:cos", "x/y:z": "x/y:z",
	} {
		if got := trail.Words(i18n.Polish, action); got != want {
			t.Errorf("%s: %q", action, got)
		}
	}
}
