package plugins_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/plugins"
)

// A new module is pinned as the platform is: the same versions, the same sums.
func TestPins(t *testing.T) {
	t.Parallel()
	ours := map[string]bool{}
	for _, name := range []string{"../go.mod", "../go.sum"} {
		for _, l := range lines(t, name) {
			ours[l] = true
		}
	}
	for _, name := range []string{"kit/common/go.mod.txt", "kit/common/sdk.mod.txt", "kit/common/go.sum.txt"} {
		n := 0
		for _, l := range lines(t, name) {
			if strings.HasPrefix(l, "module ") || strings.Contains(l, "ore.edu.pl/sieci") || !strings.ContainsAny(l, ".") || strings.HasPrefix(l, "//") {
				continue
			}
			if n++; !ours[l] {
				t.Errorf("%s: %q is not what the platform is built with", name, l)
			}
		}
		if n < 10 {
			t.Errorf("%s: %d lines", name, n)
		}
	}
}

// lines are the lines of a file without what says who asked for a version.
func lines(t *testing.T, name string) (out []string) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(raw)) {
		out = append(out, strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(l), "// indirect")))
	}
	return out
}

// Each kind of module compiles with its tests in a folder of its own, with
// nothing but what the program holds, and names itself everywhere. What it does is
// tested in kit; the guide's test builds and runs one.
func TestNewModules(t *testing.T) {
	t.Parallel()
	for _, kind := range plugins.Kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			list, err := plugins.New(kind, "wierzbowo.tutoring")
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			for _, f := range list {
				for _, word := range []string{"kitname", "kitcentre", "about.md"} {
					if strings.Contains(string(f.Data), word) {
						t.Errorf("%s: %s is left", f.Path, word)
					}
				}
				if strings.HasPrefix(f.Path, "forms/") {
					if _, err := form.Decode(f.Data); err != nil {
						t.Errorf("%s: %v", f.Path, err)
					}
				}
				path := filepath.Join(dir, f.Path)
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, f.Data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, need := range []string{"go.mod", "go.sum", ".gitignore", "README.md", "manifest.json", "module_test.go", "texts/pl.json", "texts/en.json", "sieci/go.mod", "sieci/plugins/sdk/serve.go"} {
				if !slices.ContainsFunc(list, func(f plugins.File) bool { return f.Path == need }) {
					t.Errorf("%s is missing", need)
				}
			}
			cmd := exec.CommandContext(t.Context(), "go", "vet", "-trimpath", "-mod=readonly", "./...")
			cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0", "GOFLAGS=", "GOPROXY=off")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
			sameKeys(t, dir)
		})
	}
}

// sameKeys: the two languages have the same texts, as a bundle's must.
func sameKeys(t *testing.T, dir string) {
	t.Helper()
	var keys [2][]string
	for i, lang := range []string{"pl", "en"} {
		raw, err := os.ReadFile(filepath.Join(dir, "texts", lang+".json"))
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
		keys[i] = slices.Sorted(maps.Keys(m))
	}
	if !slices.Equal(keys[0], keys[1]) {
		t.Errorf("texts differ: %v %v", keys[0], keys[1])
	}
}
