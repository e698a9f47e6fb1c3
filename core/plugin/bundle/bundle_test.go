package bundle_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/plugin/bundle"
)

func manifest() bundle.Manifest {
	return bundle.Manifest{
		ID: "test.sample", Version: "1.2.3", Title: effect.Text{"pl": "Próba"}, Contract: bundle.Range{From: 1, To: 1},
		Capabilities: []bundle.Capability{{Name: "record.put", Scopes: []effect.ScopeKind{effect.Network}, Reason: effect.Text{"pl": "Zapisuje."}}},
		Roles:        []bundle.Role{{Role: "coordinator", Commands: []string{"act"}, Effects: []string{"record.put"}}},
	}
}

func pack(t *testing.T, m bundle.Manifest) (string, *bundle.Bundle, error) {
	t.Helper()
	root := t.TempDir()
	program := filepath.Join(root, "program")
	if err := os.WriteFile(program, []byte("bytes of a program"), 0o755); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, "bundles", "sample")
	b, err := bundle.Pack(raw, program, dir, runtime.GOOS, runtime.GOARCH)
	return dir, b, err
}

func TestPackAndRead(t *testing.T) {
	t.Parallel()
	dir, b, err := pack(t, manifest())
	if err != nil {
		t.Fatal(err)
	}
	x, err := b.Binary()
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Open(x)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	raw, err := io.ReadAll(r)
	if sum := sha256.Sum256(raw); err != nil || hex.EncodeToString(sum[:]) != x.SHA256 || x.File != "sample" {
		t.Errorf("%+v %v", x, err)
	}
	list, errs := bundle.ReadAll(filepath.Dir(dir))
	if len(list) != 1 || len(errs) != 0 || list[0].Manifest.ID != "test.sample" {
		t.Errorf("%v %v", list, errs)
	}
	if list, errs = bundle.ReadAll(filepath.Join(dir, "nowhere")); len(list) != 0 || len(errs) != 0 {
		t.Errorf("a folder that does not exist: %v %v", list, errs)
	}
}

func TestManifestIsChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*bundle.Manifest){
		"id":                func(m *bundle.Manifest) { m.ID = "../../etc" },
		"id without centre": func(m *bundle.Manifest) { m.ID = "sample" },
		"version":           func(m *bundle.Manifest) { m.Version = "1" },
		"title":             func(m *bundle.Manifest) { m.Title = effect.Text{"en": "Sample"} },
		"contract":          func(m *bundle.Manifest) { m.Contract = bundle.Range{} },
		"capability":        func(m *bundle.Manifest) { m.Capabilities[0].Name = "database.read" },
		"scope":             func(m *bundle.Manifest) { m.Capabilities[0].Scopes = []effect.ScopeKind{"platform"} },
		"no reason":         func(m *bundle.Manifest) { m.Capabilities[0].Reason = nil },
		"effect not asked":  func(m *bundle.Manifest) { m.Roles[0].Effects = []string{"role.grant"} },
		"wildcard":          func(m *bundle.Manifest) { m.Roles[0].Commands = []string{"*"} },
		"role twice":        func(m *bundle.Manifest) { m.Roles = append(m.Roles, m.Roles[0]) },
	} {
		m := manifest()
		change(&m)
		if _, _, err := pack(t, m); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestReadRefusesTricks(t *testing.T) {
	t.Parallel()
	for name, trick := range map[string]func(dir string, m *bundle.Manifest) error{
		"file outside":   func(_ string, m *bundle.Manifest) error { m.Binaries[0].File = "../program"; return nil },
		"absolute file":  func(_ string, m *bundle.Manifest) error { m.Binaries[0].File = "/bin/sh"; return nil },
		"no digest":      func(_ string, m *bundle.Manifest) error { m.Binaries[0].SHA256 = ""; return nil },
		"no binaries":    func(_ string, m *bundle.Manifest) error { m.Binaries = nil; return nil },
		"platform twice": func(_ string, m *bundle.Manifest) error { m.Binaries = append(m.Binaries, m.Binaries[0]); return nil },
		"too large a text": func(_ string, m *bundle.Manifest) error {
			m.Description = effect.Text{"pl": strings.Repeat("x", 1<<20)}
			return nil
		},
	} {
		dir, b, err := pack(t, manifest())
		if err != nil {
			t.Fatal(err)
		}
		m := b.Manifest
		if err := trick(dir, &m); err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), raw, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := bundle.Read(dir); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	dir, b, err := pack(t, manifest())
	if err != nil {
		t.Fatal(err)
	}
	x, _ := b.Binary()
	if err := errors.Join(os.Remove(filepath.Join(dir, x.File)), os.Symlink("/bin/true", filepath.Join(dir, x.File))); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(x); err == nil {
		t.Error("opened a binary through a link")
	}
	path := filepath.Join(dir, "manifest.json")
	if err := errors.Join(os.Rename(path, path+".real"), os.Symlink(path+".real", path)); err != nil {
		t.Fatal(err)
	}
	if _, err := bundle.Read(dir); err == nil {
		t.Error("read a manifest through a link")
	}
}

func TestUnknownMembersAreRefused(t *testing.T) {
	t.Parallel()
	dir, b, err := pack(t, manifest())
	if err != nil {
		t.Fatal(err)
	}
	raw := strings.Replace(string(b.Raw), `"id"`, `"sandbox": false, "id"`, 1)
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(raw), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := bundle.Read(dir); err == nil {
		t.Error("a manifest with an unknown member was accepted")
	}
}
