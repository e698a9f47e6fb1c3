package plugin_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// catalogue is a node without any folder of bundles.
type catalogue struct {
	*world
	centre, other uuid.UUID
}

func bare(t *testing.T) *catalogue {
	t.Helper()
	w := &catalogue{world: &world{t: t, db: dbtest.New(t), bundles: t.TempDir(), says: make(chan string, 100), pids: map[int]bool{}}, centre: uuid.New(), other: uuid.New()}
	for name, c := range map[string]uuid.UUID{"CDN Wierzbowo": w.centre, "CDN Brzozowo": w.other} {
		if _, err := w.db.Exec(t.Context(), `INSERT INTO institution (id, kind, name, name_folded, complex_id) VALUES ($1, 'centre', $2, lower($2), $1)`, c, name); err != nil {
			t.Fatal(err)
		}
	}
	w.h = w.host()
	if err := w.h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *catalogue) at(centre uuid.UUID) context.Context {
	return access.With(w.t.Context(), &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: centre}}})
}

func day(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }

// key makes a key of the centre for a namespace; the clock stands on 24 November 2026.
func (w *catalogue) key(namespace string, centre uuid.UUID, from, to time.Time) ed25519.PrivateKey {
	w.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := bundle.EncodePublic(public)
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.h.AddKey(w.admin(), plugin.KeyInput{Public: string(raw), Namespace: namespace, Centre: centre, Name: "Klucz zespołu", From: from, To: to}); err != nil {
		w.t.Fatal(err)
	}
	return private
}

// file packs the test module, or a few bytes in its place.
func (w *catalogue) file(version, program string, sign ed25519.PrivateKey, change func(*bundle.Manifest)) []byte {
	w.t.Helper()
	m := manifest(version)
	if change != nil {
		change(&m)
	}
	dir := w.t.TempDir()
	raw, err := json.Marshal(m)
	if err != nil {
		w.t.Fatal(err)
	}
	if program == "" {
		program = filepath.Join(dir, "program")
		if err := os.WriteFile(program, []byte("no program"), 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "manifest.json"), raw, 0o600), os.WriteFile(filepath.Join(dir, "pl.json"), []byte(`{"a":"b"}`), 0o600)); err != nil {
		w.t.Fatal(err)
	}
	var out bytes.Buffer
	s := bundle.Source{Dir: dir, Texts: dir, Binaries: map[string]string{runtime.GOOS + "/" + runtime.GOARCH: program}}
	if slices.ContainsFunc(m.Binaries, func(b bundle.Binary) bool { return b.OS == "plan9" }) {
		s.Binaries = map[string]string{"plan9/mips": program}
	}
	if _, err := s.Write(&out); err != nil {
		w.t.Fatal(err)
	}
	if sign == nil {
		return out.Bytes()
	}
	var signed bytes.Buffer
	if _, err := bundle.Sign(&signed, &out, sign); err != nil {
		w.t.Fatal(err)
	}
	return signed.Bytes()
}

func (w *catalogue) add(ctx context.Context, raw []byte) (uuid.UUID, error) {
	return w.h.AddBundle(ctx, bytes.NewReader(raw))
}

// A centre's module from the file to a network type of that centre alone, on a
// node that has nothing but the database; then its next version.
func TestBundleComesIntoTheCatalogue(t *testing.T) {
	t.Parallel()
	w := bare(t)
	key := w.key("test", w.centre, day(9, 1), day(12, 31))
	file := w.file("1.0.0", binary(t, "1.0.0"), key, nil)
	mine := w.at(w.centre)
	one, err := w.add(mine, file)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := w.add(mine, file); err != nil || again != one {
		t.Errorf("handed in twice: %v %v", again, err)
	}
	r, err := w.h.Report(mine, one)
	if err != nil || r.Cause != "" || r.Refused != nil || r.Running != "" || len(r.Rights) != 1 || r.Rights[0].Change != plugin.Added || r.Types[0]["pl"] != "Sieć próbna test.misbehave" {
		t.Fatalf("report %+v %v", r, err)
	}
	if _, err := w.h.Report(w.at(w.other), one); !fault.Is(err, fault.NotFound) {
		t.Errorf("another centre reads the report: %v", err)
	}
	if err := w.h.Enable(mine, id, "1.0.0"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the centre enables it itself: %v", err)
	}
	if _, err := w.h.ByID(id); !fault.Is(err, fault.NotFound) {
		t.Error("it acts before it was enabled")
	}
	if err := w.h.EnableOn(w.admin(), id, "1.0.0", plugin.Terms{Where: &plugin.Where{Centres: []uuid.UUID{uuid.New()}}}); !fault.Is(err, fault.Invalid) {
		t.Errorf("for a centre that does not exist: %v", err)
	}
	if err := w.h.EnableOn(w.admin(), id, "1.0.0", plugin.Terms{Manifest: strings.Repeat("0", 64)}); !fault.Is(err, fault.Conflict) {
		t.Errorf("another manifest than the one that was read: %v", err)
	}
	if err := w.h.EnableOn(w.admin(), id, "1.0.0", plugin.Terms{Where: &plugin.Where{Centres: []uuid.UUID{w.centre}}}); err != nil {
		t.Fatal(err)
	}
	w.await(w.h)
	w.pid()
	m, _ := w.h.ByID(id)
	if i := m.Info(); !i.At(w.centre) || i.At(w.other) {
		t.Errorf("enabled at %v", i.Only)
	}
	if err := w.h.Widen(w.admin(), id, w.other); err != nil || !m.Info().At(w.other) {
		t.Errorf("widened: %v", err)
	}
	if err := w.h.Narrow(w.admin(), id, w.other); err != nil || m.Info().At(w.other) {
		t.Errorf("narrowed: %v", err)
	}
	if err := w.h.Narrow(w.admin(), id, w.centre); !fault.Is(err, fault.Invalid) {
		t.Errorf("for nobody: %v", err)
	}
	if list, _, err := w.h.List(w.at(w.other)); err != nil || len(list) != 0 {
		t.Errorf("another centre sees %+v %v", list, err)
	}
	if list, _, err := w.h.List(mine); err != nil || len(list) != 1 || !list[0].Available[0].Current || list[0].Places[0].Name != "CDN Wierzbowo" {
		t.Errorf("the centre sees %+v %v", list, err)
	}

	two, err := w.add(mine, w.file("1.1.0", binary(t, "1.1.0"), key, func(m *bundle.Manifest) {
		m.Capabilities = append(m.Capabilities, bundle.Capability{Name: "notify", Scopes: []effect.ScopeKind{effect.Network}, Reason: effect.Text{"pl": "Przypomina."}})
	}))
	if err != nil {
		t.Fatal(err)
	}
	if r, err = w.h.Report(w.admin(), two); err != nil || r.Running != "1.0.0" || len(r.Rights) != 2 || r.Rights[0].Name != "notify" || r.Rights[0].Change != plugin.Added || r.Rights[1].Change != plugin.Same {
		t.Fatalf("report of the next %+v %v", r, err)
	}
	if err := w.h.Enable(w.admin(), id, "1.1.0"); err != nil {
		t.Fatal(err)
	}
	w.await(w.h)
	if a, err := w.decide(t.Context(), "pid"); err != nil || said(a, "version") != "1.1.0" || m.Info().At(w.other) {
		t.Errorf("the next version: %v", err)
	}
	if err := w.h.DiscardBundle(w.admin(), two); !fault.Is(err, fault.Conflict) {
		t.Errorf("what runs was taken back: %v", err)
	}
	refuses(t, w.h.Enable(w.admin(), id, "1.0.0"), "plugin.add.lower")
	keys, err := w.h.Keys(mine)
	if err != nil || len(keys) != 1 || !slices.Equal(keys[0].Running, []string{id}) {
		t.Errorf("keys %+v %v", keys, err)
	}
	if err := w.h.RevokeKey(w.admin(), keys[0].ID, "Zgubiony komputer"); err != nil {
		t.Fatal(err)
	}
	refuses(t, w.h.Enable(w.admin(), id, "1.1.0"), "plugin.add.revoked")
	w.pid() // what runs goes on
}

func refuses(t *testing.T, err error, key string) {
	t.Helper()
	if !fault.Is(err, fault.Invalid) || fault.As(err).Key != key {
		t.Errorf("got %v, want %s", err, key)
	}
	if e := fault.As(err); err != nil && strings.Contains(i18n.TextMap(i18n.Polish, e.Key, e.Args), "plugin.") {
		t.Errorf("no sentence for %s", e.Key)
	}
}

// Everything that the catalogue refuses, each with its sentence and nothing kept.
func TestCatalogueRefuses(t *testing.T) {
	t.Parallel()
	w := bare(t)
	key := w.key("test", w.centre, day(9, 1), day(12, 31))
	ore := w.key("ore", uuid.Nil, day(9, 1), day(12, 31))
	expired := w.key("test", w.centre, day(1, 1), day(11, 23))
	early := w.key("test", w.centre, day(11, 25), day(12, 31))
	revoked := w.key("test", w.centre, day(9, 1), day(12, 31))
	if err := w.h.RevokeKey(w.admin(), bundle.KeyID(revoked.Public().(ed25519.PublicKey)), "Klucz wyciekł."); err != nil {
		t.Fatal(err)
	}
	_, unknown, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	// A module of the same id that was delivered with the platform, so it is ORE's.
	if _, err := w.db.Exec(t.Context(), `INSERT INTO module (id, enabled, version, changed_at) VALUES ('test.owned', false, '1.0.0', now())`); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.Exec(t.Context(), `INSERT INTO module (id, enabled, version, centre_id, changed_at) VALUES ('test.old', false, '2.0.0', $1, now())`, w.centre); err != nil {
		t.Fatal(err)
	}
	rename := func(id string) func(*bundle.Manifest) { return func(m *bundle.Manifest) { m.ID = id } }
	whole := w.file("1.0.0", "", key, nil)
	for name, c := range map[string]struct {
		file []byte
		key  string
	}{
		"without a signature":  {w.file("1.0.0", "", nil, nil), "plugin.bundle.unsigned"},
		"an unknown key":       {w.file("1.0.0", "", unknown, nil), "plugin.add.unknown_key"},
		"a revoked key":        {w.file("1.0.0", "", revoked, nil), "plugin.add.revoked"},
		"an expired key":       {w.file("1.0.0", "", expired, nil), "plugin.add.expired"},
		"a key of tomorrow":    {w.file("1.0.0", "", early, nil), "plugin.add.early"},
		"another namespace":    {w.file("1.0.0", "", ore, nil), "plugin.add.namespace"},
		"another owner":        {w.file("1.0.0", "", key, rename("test.owned")), "plugin.add.owner"},
		"a lower version":      {w.file("1.9.9", "", key, rename("test.old")), "plugin.add.lower"},
		"a changed manifest":   {bytes.Replace(whole, []byte("Zapisuje notatki"), []byte("Zapisuje Notatki"), 1), "plugin.bundle.forged"},
		"a changed program":    {bytes.Replace(whole, []byte("no program"), []byte("my program"), 1), "plugin.bundle.tampered"},
		"a newer core":         {w.file("1.0.0", "", key, func(m *bundle.Manifest) { m.Core = "99.0.0" }), "plugin.add.core"},
		"another contract":     {w.file("1.0.0", "", key, func(m *bundle.Manifest) { m.Contract = bundle.Range{From: 2, To: 3} }), "plugin.add.contract"},
		"another machine":      {w.file("1.0.0", "", key, func(m *bundle.Manifest) { m.Binaries = []bundle.Binary{{OS: "plan9"}} }), "plugin.add.platform"},
		"rights for everybody": {w.file("1.0.0", "", key, func(m *bundle.Manifest) { m.Roles[0].Role = "user" }), "plugin.add.role_everybody"},
		"rights for ORE":       {w.file("1.0.0", "", key, func(m *bundle.Manifest) { m.Roles[0].Role = "ore_admin" }), "plugin.add.role_above"},
		"an unknown role":      {w.file("1.0.0", "", key, func(m *bundle.Manifest) { m.Roles[0].Role = "king" }), "plugin.add.role_unknown"},
		"answers of ballots": {w.file("1.0.0", "", key, func(m *bundle.Manifest) {
			m.Capabilities = append(m.Capabilities, bundle.Capability{Name: "evaluation.answers", Scopes: []effect.ScopeKind{effect.Network}, Reason: effect.Text{"pl": "Liczy."}})
		}), "plugin.add.answers"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.add(w.admin(), c.file)
			refuses(t, err, c.key)
		})
	}
	_, err = w.add(w.at(w.other), whole)
	refuses(t, err, "plugin.add.not_yours")
	if _, err := w.add(access.With(t.Context(), &access.Actor{Person: uuid.New()}), whole); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger hands in: %v", err)
	}
	var n int
	if err := w.db.Get(t.Context(), &n, `SELECT (SELECT count(*) FROM module_bundle) + (SELECT count(*) FROM module_chunk)`); err != nil || n != 0 {
		t.Errorf("%d rows were kept, %v", n, err)
	}

	// What only the dry run finds is in the report, and cannot be enabled.
	one, err := w.add(w.at(w.centre), whole)
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.h.Report(w.at(w.centre), one)
	if err != nil || r.Cause != "start" || r.Refused == nil {
		t.Errorf("report %+v %v", r, err)
	}
	if err := w.h.Enable(w.admin(), id, "1.0.0"); !fault.Is(err, fault.Invalid) {
		t.Errorf("enabled: %v", err)
	}
	// Another file of that version may take its place as long as it never ran.
	two, err := w.add(w.at(w.centre), w.file("1.0.0", "", key, func(m *bundle.Manifest) { m.Title["pl"] = "Druga próba" }))
	if err != nil || two == one {
		t.Fatal(two, err)
	}
	if _, err := w.h.Report(w.at(w.centre), one); !fault.Is(err, fault.NotFound) {
		t.Errorf("the first is still there: %v", err)
	}
	if err := w.h.DiscardBundle(w.at(w.other), two); !fault.Is(err, fault.NotFound) {
		t.Errorf("another centre discards: %v", err)
	}
	if err := w.h.DiscardBundle(w.at(w.centre), two); err != nil {
		t.Error(err)
	}
}

// Two modules whose types people could not tell apart; and a module that brings
// what its manifest does not name.
func TestTwoModulesOneType(t *testing.T) {
	t.Parallel()
	w := bare(t)
	pack(t, w.bundles, version, nil)
	w.enable(version)
	key := w.key("other", w.centre, day(9, 1), day(12, 31))
	one, err := w.add(w.admin(), w.file("1.0.0", binary(t, "1.0.0"), key, func(m *bundle.Manifest) { m.ID = "other.host" }))
	if err != nil {
		t.Fatal(err)
	}
	// The same program says another id than its manifest: found first.
	if r, err := w.h.Report(w.admin(), one); err != nil || r.Cause != "description" && r.Cause != "manifest" {
		t.Errorf("report %+v %v", r, err)
	}
	m, err := w.h.ByID(id)
	if err != nil {
		t.Fatal(err)
	}
	d := *m.Info().Description
	d.Module = "other.host"
	if err := w.h.Claims(t.Context(), &d); err == nil || !strings.Contains(err.Error(), id) {
		t.Errorf("a type of the same title: %v", err)
	}
	d.Module = id
	if err := w.h.Claims(t.Context(), &d); err != nil {
		t.Errorf("its own next version: %v", err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	w := bare(t)
	w.key("wierzbowo", w.centre, day(9, 1), day(12, 31))
	public, _, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := bundle.EncodePublic(public)
	if err != nil {
		t.Fatal(err)
	}
	good := plugin.KeyInput{Public: string(raw), Namespace: "wierzbowo", Centre: w.centre, Name: "Drugi", From: day(9, 1), To: day(12, 31)}
	for field, change := range map[string]func(*plugin.KeyInput){
		"public":    func(k *plugin.KeyInput) { k.Public = "x" },
		"namespace": func(k *plugin.KeyInput) { k.Centre = w.other },
		"name":      func(k *plugin.KeyInput) { k.Name = "" },
		"from":      func(k *plugin.KeyInput) { k.From = time.Time{} },
		"to":        func(k *plugin.KeyInput) { k.To = day(8, 1) },
		"centre":    func(k *plugin.KeyInput) { k.Centre, k.Namespace = uuid.New(), "nobody" },
	} {
		in := good
		change(&in)
		_, err := w.h.AddKey(w.admin(), in)
		if e := fault.As(err); !fault.Is(err, fault.Invalid) || len(e.Fields) != 1 || e.Fields[0].Path != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for _, taken := range []string{"ore", "mine"} { // of the platform; of a module that was delivered with it
		if _, err := w.db.Exec(t.Context(), `INSERT INTO module (id, enabled, version, changed_at) VALUES ('mine.x', false, '1.0.0', now()) ON CONFLICT DO NOTHING`); err != nil {
			t.Fatal(err)
		}
		in := good
		in.Namespace = taken
		if _, err := w.h.AddKey(w.admin(), in); !fault.Is(err, fault.Invalid) {
			t.Errorf("a centre's key for %s: %v", taken, err)
		}
	}
	if _, err := w.h.AddKey(w.at(w.centre), good); !fault.Is(err, fault.NotFound) {
		t.Errorf("the centre adds a key itself: %v", err)
	}
	if _, err := w.h.AddKey(w.admin(), good); err != nil {
		t.Fatal(err)
	}
	if _, err := w.h.AddKey(w.admin(), good); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same key again: %v", err)
	}
	if list, err := w.h.Keys(w.at(w.centre)); err != nil || len(list) != 2 || list[0].CentreName != "CDN Wierzbowo" {
		t.Errorf("the centre's keys %+v %v", list, err)
	}
	if list, err := w.h.Keys(w.at(w.other)); err != nil || len(list) != 0 {
		t.Errorf("another's keys %+v %v", list, err)
	}
	if err := w.h.RevokeKey(w.admin(), bundle.KeyID(public), "x"); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	if err := w.h.RevokeKey(w.admin(), bundle.KeyID(public), "Wyciekł"); err != nil {
		t.Error(err)
	}
	if err := w.h.RevokeKey(w.admin(), bundle.KeyID(public), "Wyciekł"); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v", err)
	}
}

// The development key takes every namespace, on its machine only.
func TestDevelopmentKey(t *testing.T) {
	t.Parallel()
	w := bare(t)
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	file := w.file("1.0.0", "", private, nil)
	_, err = w.add(w.admin(), file)
	refuses(t, err, "plugin.add.unknown_key")
	w.develop = public
	dev := w.host()
	one, err := dev.AddBundle(w.admin(), bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.h.Report(w.admin(), one)
	if err != nil {
		t.Fatal(err)
	}
	refuses(t, r.Refused, "plugin.add.development")
}

func TestVersionsInOrder(t *testing.T) {
	t.Parallel()
	list := []string{"0.9.9", "1.0.0-alpha", "1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "10.0.0"}
	for i, a := range list {
		for j, b := range list {
			got := plugin.CompareVersions(a, b)
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s against %s: %d", a, b, got)
			}
		}
	}
}
