package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A new module comes whole or not at all, and over nothing that is there.
func TestPluginNew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.MkdirAll(at("empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(at("full/of"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"task", "wierzbowo.lekcje", "--dir", at("new")}, exitOK, "Wtyczka wierzbowo.lekcje jest w folderze"},
		{[]string{"evaluation", "wierzbowo.ankieta", "--dir", at("empty")}, exitOK, "README.md"},
		{[]string{"network", "wierzbowo.lekcje", "--dir", at("new")}, exitError, "nie jest pusty"},
		{[]string{"network", "wierzbowo.lekcje", "--dir", at("full")}, exitError, "nie jest pusty"},
		{[]string{"network", "wierzbowo.lekcje", "--dir", at("no/such")}, exitError, "Nie można zapisać"},
		{[]string{"programme", "wierzbowo.lekcje", "--dir", at("other")}, exitError, "Do wyboru są: network"},
		{[]string{"network", "lekcje", "--dir", at("other")}, exitError, "dwie części z kropką"},
		{[]string{"network", "wierzbowo.Żółw", "--dir", at("other")}, exitError, "dwie części z kropką"},
		{[]string{"network", "../x.y", "--dir", at("other")}, exitError, "dwie części z kropką"},
		{[]string{"network"}, exitUsage, "Podaj rodzaj i nazwę"},
	} {
		r := run(t, nil, append([]string{"plugin", "new"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.out+r.err, c.want) || c.code != exitOK && strings.Count(r.err, "\n") != 1 {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	for name, want := range map[string]string{"new/manifest.json": `"wierzbowo.lekcje"`, "new/texts/pl.json": "lekcji otwartych lekcje", "empty/go.mod": "module wierzbowo.ankieta\n"} {
		if raw, err := os.ReadFile(at(name)); err != nil || !strings.Contains(string(raw), want) {
			t.Errorf("%s: %v, %s", name, err, raw)
		}
	}
	left, err := filepath.Glob(at("*/.sieci-*"))
	list, err2 := os.ReadDir(dir)
	if err != nil || err2 != nil || len(left) != 0 || len(list) != 3 {
		t.Errorf("left behind: %v %v %v %v", left, list, err, err2)
	}
}

// What keeps a development server from starting is said at once, in a sentence.
func TestPluginDevRefused(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	dir := t.TempDir()
	if r := run(t, nil, "plugin", "dev", dir); r.code != exitError || !strings.Contains(r.err, "nie ma opisu wtyczki") {
		t.Errorf("an empty folder: %+v", r)
	}
	if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]string{busy.Addr().String(): "zajęty", "here": "--addr"} {
		r := run(t, nil, "plugin", "dev", dir, "--addr", addr)
		if r.code != exitError || r.out != "" || strings.Count(r.err, "\n") != 1 || !strings.Contains(r.err, want) {
			t.Errorf("%s: %+v", addr, r)
		}
	}
	if r := run(t, nil, "plugin", "trust", filepath.Join(dir, "no.pub"), "--namespace", "wierzbowo"); r.code != exitError || !strings.Contains(r.err, "Nie można odczytać pliku klucza") {
		t.Errorf("no key: %+v", r)
	}
}

// The bench sees what a module is made of, and not what is made of it.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name string, mode os.FileMode, at time.Time) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	look := func() string {
		t.Helper()
		s, err := fingerprint(dir)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	write("main.go", 0o644, began)
	write("texts/pl.json", 0o644, began)
	was := look()
	for name, mode := range map[string]os.FileMode{".git/index": 0o644, ".main.go.swp": 0o644, "tutoring": 0o755, "a.key": 0o600, "a.pub": 0o644, "a-1.0.0.sieci": 0o644} {
		if write(name, mode, began); look() != was {
			t.Errorf("%s counts as a change", name)
		}
	}
	if write("texts/pl.json", 0o644, began.Add(time.Second)); look() == was {
		t.Error("a text was saved and nothing is seen")
	}
	if got := buildVersion("1.2.0", 3) + " " + buildVersion("1.2.0-rc.1", 4); got != "1.2.0-dev.3 1.2.0-rc.1.dev.4" {
		t.Errorf("versions of builds: %s", got)
	}
}
