package plugin_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

// sumOf is the digest of the manifest in the folder.
func (w *world) sumOf(version string) []byte {
	w.t.Helper()
	list, errs := bundle.ReadAll(w.bundles)
	for _, b := range list {
		if b.Manifest.Version == version {
			sum := sha256.Sum256(b.Raw)
			return sum[:]
		}
	}
	w.t.Fatal("no bundle of that version", errs)
	return nil
}

// After an upgrade of the platform its own modules run in their new versions,
// with the rights that an administrator left them; a node that is behind the
// others changes nothing, and nobody else's module follows a folder by itself.
func TestDeliveredModulesFollowThePlatform(t *testing.T) {
	t.Parallel()
	w := setup(t)
	const own = "ore.misbehave"
	deliver := func(version string, optional ...string) {
		t.Helper()
		old, err := filepath.Glob(filepath.Join(w.bundles, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, dir := range old {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		pack(t, w.bundles, version, func(m *bundle.Manifest) {
			m.ID = own
			for _, name := range optional {
				m.Capabilities = append(m.Capabilities, bundle.Capability{Name: name, Scopes: []effect.ScopeKind{effect.Network}, Reason: effect.Text{"pl": "Powiadamia."}, Optional: true})
			}
		})
	}
	// node starts a node with the folder as it is and returns what runs there.
	node := func() (version string, grants effect.Grants) {
		t.Helper()
		h := w.host()
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = h.Stop() })
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := h.Await(ctx, own); err != nil {
			t.Fatalf("%v: %+v", err, h.Local())
		}
		m, err := h.ByID(own)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Stop(); err != nil {
			t.Fatal(err)
		}
		return m.Info().Version, m.Info().Grants
	}
	taken := func() (n int) {
		t.Helper()
		if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM audit_event WHERE action = 'module:takeover' AND object_id = $1 AND actor_id IS NULL`, own); err != nil {
			t.Fatal(err)
		}
		return n
	}
	deliver("1.0.0", "notify")
	if err := w.h.Enable(w.admin(), own, "1.0.0", "notify"); err != nil {
		t.Fatal(err)
	}
	if err := w.h.Stop(); err != nil {
		t.Fatal(err)
	}
	deliver("1.1.0", "notify", "meeting.propose")
	if v, g := node(); v != "1.1.0" || !g.Has("record.put", effect.Network) || g.Has("notify", effect.Network) || g.Has("meeting.propose", effect.Network) {
		t.Errorf("after the upgrade: %s, %v", v, g)
	}
	if n := taken(); n != 1 {
		t.Errorf("%d accounts of it", n)
	}
	if v, _ := node(); v != "1.1.0" || taken() != 1 {
		t.Errorf("the same again: %s", v)
	}
	// Other bytes of the same version wait while another node runs the module.
	other := w.host()
	if err := other.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.until(t, func() error {
		var n int
		if err := w.db.Get(t.Context(), &n, `SELECT count(*) FROM module_process WHERE module = $1 AND state = 'ready'`, own); err != nil || n != 1 {
			return errors.Join(err, errors.New("it is not said to run"))
		}
		return nil
	})
	deliver("1.1.0", "notify")
	second := w.host()
	if err := second.Start(t.Context()); err != nil || taken() != 1 {
		t.Errorf("%d taken over, %v", taken(), err)
	}
	for _, h := range []*plugin.Host{second, other} {
		if err := h.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if v, _ := node(); v != "1.1.0" || taken() != 2 {
		t.Errorf("alone: %s, %d taken over", v, taken())
	}
	// What gave way because it kept crashing waits for an administrator.
	deliver("1.2.0", "notify")
	if _, err := w.db.Exec(t.Context(), `INSERT INTO module_version (module, version, manifest, manifest_sha256, description, described_at, gave_way_at)
		SELECT module, '1.2.0', manifest, $2, description, now(), now() FROM module_version WHERE module = $1 AND version = '1.1.0'`, own, w.sumOf("1.2.0")); err != nil {
		t.Fatal(err)
	}
	behind := w.host()
	if err := behind.Start(t.Context()); err != nil || taken() != 2 {
		t.Errorf("%d taken over, %v", taken(), err)
	}
	if err := behind.Stop(); err != nil {
		t.Fatal(err)
	}
	// A node that is behind has not what is enabled; and takes nothing back.
	deliver("1.0.0")
	h := w.host()
	if err := h.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = h.Stop() }()
	if m, err := h.ByID(own); err != nil || m.Info().Version != "1.1.0" || taken() != 2 {
		t.Errorf("a node behind the others: %v", err)
	}
}
