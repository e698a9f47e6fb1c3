package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/plugin/bundle"
	"ore.edu.pl/sieci/core/plugin/conformance"
)

// programs are the modules of this repository, each built once a run.
var programs sync.Map

// build builds a module of this repository.
func build(t *testing.T, name string) string {
	t.Helper()
	f, _ := programs.LoadOrStore(name, sync.OnceValues(func() (string, error) {
		dir, err := os.MkdirTemp("", "sieci-check")
		if err != nil {
			return "", err
		}
		out := filepath.Join(dir, "module")
		cmd := exec.Command("go", "build", "-trimpath", "-o", out, "ore.edu.pl/sieci/plugins/"+name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if msg, err := cmd.CombinedOutput(); err != nil {
			return out, errors.New(string(msg))
		}
		return out, nil
	}))
	path, err := f.(func() (string, error))()
	if err != nil {
		t.Fatalf("build %s: %v", name, err)
	}
	return path
}

func TestMain(m *testing.M) {
	code := m.Run()
	programs.Range(func(_, f any) bool {
		if path, err := f.(func() (string, error))(); path != "" {
			_, _ = os.RemoveAll(filepath.Dir(path)), err
		}
		return true
	})
	os.Exit(code)
}

// folder packs a program and a manifest into a folder as beside the platform.
func folder(t *testing.T, binary string, manifest []byte) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := bundle.Pack(manifest, binary, dir, runtime.GOOS, runtime.GOARCH); err != nil {
		t.Fatal(err)
	}
	return dir
}

func check(t *testing.T, path string, c conformance.Config) *conformance.Report {
	t.Helper()
	var err error
	if c.Bundle, err = conformance.Open(path); err != nil {
		t.Fatal(err)
	}
	r, err := conformance.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range r.Cases {
		names = append(names, x.Name)
	}
	if len(c.Only) == 0 && !slices.Equal(names, conformance.Names()) {
		t.Errorf("cases %v", names)
	}
	for _, x := range r.Cases {
		t.Logf("%-15s %-14s %4d ms %v", x.Name, x.Outcome, x.Millis, x.Details)
	}
	return r
}

// The platform's own modules stand every case that applies to them.
func TestOwnModules(t *testing.T) {
	t.Parallel()
	tools := []string{"tool_bank", "tool_design", "tool_results"}
	for name, apply := range map[string]struct {
		do, not []string
	}{
		"thematic": {[]string{"calls", "effects", "views", "full_slices", "kill", "need_rounds", "dry_run", "forms"}, tools},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile("../../../plugins/" + name + "/manifest.json")
			if err != nil {
				t.Fatal(err)
			}
			r := check(t, folder(t, build(t, name), raw), conformance.Config{Seed: 11})
			for _, c := range r.Cases {
				want := c.Outcome
				switch {
				case slices.Contains(apply.do, c.Name):
					want = conformance.Pass
				case slices.Contains(apply.not, c.Name):
					want = conformance.None
				}
				if c.Outcome != want || c.Outcome == conformance.Fail {
					t.Errorf("seed %d: %s: %s: %v", r.Seed, c.Name, c.Outcome, c.Details)
				}
			}
			if r.Tier == "" || r.Asked < 10 {
				t.Errorf("tier %q, %d calls", r.Tier, r.Asked)
			}
		})
	}
}

// The module of the contract's three flows stands it as well: programmes, groups,
// tasks, timers and jobs.
func TestTrialModule(t *testing.T) {
	t.Parallel()
	raw, err := json.Marshal(trial())
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, folder(t, build(t, "trial"), raw), conformance.Config{Seed: 7})
	for _, c := range r.Cases {
		if c.Outcome == conformance.Fail {
			t.Errorf("%s: %v", c.Name, c.Details)
		}
	}
}

// Each bad habit fails the very case that is about it, and its fault is named
// once.
func TestBadHabits(t *testing.T) {
	t.Parallel()
	m := bundle.Manifest{
		ID: "test.misbehave", Version: "1.0.0", Title: effect.Text{"pl": "Próba"}, Contract: bundle.Range{From: 1, To: 1},
		Capabilities: []bundle.Capability{{Name: "record.put", Scopes: []effect.ScopeKind{effect.Network}, Reason: effect.Text{"pl": "Zapisuje notatki."}}},
		Roles:        []bundle.Role{{Role: "coordinator", Commands: []string{"sum", "markup", "beyond_grants", "beyond_scope", "hang", "crash"}, Effects: []string{"record.put"}}},
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, folder(t, build(t, "misbehave"), raw), conformance.Config{Seed: 1, Call: time.Second, Only: []string{
		"bundle", "deadlines", "answers", "empty_slices", "effects", "views", "markup", "unknown_names", "end"}})
	for name, things := range map[string][]string{
		"calls":         {"crash", "error", "panic", "fail"},
		"deadlines":     {"hang", "spin", "stop"},
		"answers":       {"unknown", "bad_scope", "bidi", "nul", "many", "large", "replayed", "huge", "deep"},
		"effects":       {"beyond_grants", "beyond_scope", "forged_id"},
		"views":         {"bidi", "script"},
		"markup":        {"markup"},
		"unknown_names": {},
	} {
		c := r.Case(name)
		details := strings.Join(c.Details, "\n")
		if c.Outcome != conformance.Fail {
			t.Errorf("%s: %s", name, c.Outcome)
		}
		for _, x := range things {
			if !strings.Contains(details, "."+x+" (") {
				t.Errorf("%s does not name %s:\n%s", name, x, details)
			}
		}
	}
	for _, name := range []string{"bundle", "negotiation", "end"} {
		if c := r.Case(name); c.Outcome != conformance.Pass {
			t.Errorf("%s: %s %v", name, c.Outcome, c.Details)
		}
	}
	for _, w := range []string{"hang", "crash"} { // left out of what comes after
		if strings.Contains(strings.Join(r.Case("empty_slices").Details, "\n"), "."+w+" (") {
			t.Errorf("empty_slices names %s again", w)
		}
	}
}

// A module that does not start fails there, and the rest does not apply.
func TestNoStart(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("no program at all"), 0o700); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(trial())
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, folder(t, program, raw), conformance.Config{})
	for _, c := range r.Cases {
		want := conformance.None
		switch c.Name {
		case "bundle", "manifest":
			want = conformance.Pass
		case "negotiation":
			want = conformance.Fail
		}
		if c.Outcome != want {
			t.Errorf("%s: %s %v", c.Name, c.Outcome, c.Details)
		}
	}
}

// A changed bundle file is not tried at all; the same seed asks the same.
func TestFileAndSeed(t *testing.T) {
	t.Parallel()
	src := t.TempDir()
	raw, err := os.ReadFile("../../../plugins/survey/manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(src, "manifest.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	s := bundle.Source{Dir: src, Texts: "../../../plugins/survey/survey/texts", Binaries: map[string]string{runtime.GOOS + "/" + runtime.GOARCH: build(t, "survey")}}
	if _, err := s.Write(&file); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(src, "t"+bundle.Ending)
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	one, two := check(t, path, conformance.Config{Seed: 42}), check(t, path, conformance.Config{Seed: 42})
	for _, name := range []string{"tool_bank", "tool_design", "tool_results", "texts", "cancellation", "kill", "repeatable"} {
		want := conformance.Pass
		if name == "repeatable" { // there is nothing but the tool
			want = conformance.None
		}
		if c := one.Case(name); c.Outcome != want {
			t.Errorf("%s: %s %v", name, c.Outcome, c.Details)
		}
	}
	for i := range one.Cases {
		if a, b := one.Cases[i], two.Cases[i]; a.Outcome == conformance.Fail || a.Name != "end" && a.Name != "deadlines" && !reflect.DeepEqual(a.Details, b.Details) {
			t.Errorf("%s: %s %v, then %v", a.Name, a.Outcome, a.Details, b.Details)
		}
	}
	changed := bytes.Replace(file.Bytes(), []byte("Ankiety"), []byte("ankiety"), 1)
	if err := os.WriteFile(path, changed[:len(changed)-2000], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := conformance.Open(path); err == nil {
		t.Error("a broken file was opened")
	}
}

// Every case has its sentence in both languages.
func TestSentences(t *testing.T) {
	t.Parallel()
	for _, name := range conformance.Names() {
		for _, l := range i18n.Langs {
			if s := i18n.TextMap(l, "plugin.check."+name, nil); s == "" || strings.HasPrefix(s, "plugin.") {
				t.Errorf("%s in %s: %q", name, l, s)
			}
		}
	}
}

// trial is the manifest of the module "trial".
func trial() bundle.Manifest {
	var caps []bundle.Capability
	all := []effect.ScopeKind{effect.Programme, effect.Network, effect.Group, effect.Membership}
	var effects []string
	for _, k := range effect.Kinds {
		caps = append(caps, bundle.Capability{Name: string(k), Scopes: all, Reason: effect.Text{"pl": "Próba.", "en": "Trial."}})
		effects = append(effects, string(k))
	}
	return bundle.Manifest{
		ID: "test.trial", Version: "1.0.0", Title: effect.Text{"pl": "Próba"}, Contract: bundle.Range{From: 1, To: 1}, Capabilities: caps,
		TaskTypes: []string{"implementation"}, JobKinds: []string{"remind", "weekly"},
		Roles: []bundle.Role{{Role: "coordinator", Effects: effects}, {Role: "system", Effects: effects}},
	}
}
