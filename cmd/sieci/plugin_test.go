package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An author's way from a folder to a signed file, and the sentences beside it.
func TestPluginBundles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"manifest.json": `{"id":"wierzbowo.tutoring","version":"1.0.0","title":{"pl":"Sieci tutorów"},"contract":{"from":1,"to":1},"binaries":[],
			"capabilities":[{"name":"notify","scopes":["network"],"reason":{"pl":"Przypomina o spotkaniu."}}]}`,
		"texts/pl.json": `{"a":"tutor"}`, "program": "bytes of a program",
	} {
		if err := os.MkdirAll(filepath.Dir(at(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	does := func(code int, args []string, want ...string) {
		t.Helper()
		r := run(t, nil, append([]string{"plugin"}, args...)...)
		if r.code != code {
			t.Errorf("%v: exit %d: %s%s", args, r.code, r.out, r.err)
		}
		if code != exitOK && strings.Count(r.err, "\n") != 1 {
			t.Errorf("%v: no single sentence: %q", args, r.err)
		}
		for _, w := range want {
			if !strings.Contains(r.out+r.err, w) {
				t.Errorf("%v: %q is not in %q, %q", args, w, r.out, r.err)
			}
		}
	}
	does(exitOK, []string{"keygen", at("centre")}, "centre.key", "centre.pub")
	if st, err := os.Stat(at("centre.key")); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("the private key is open: %v %v", st.Mode(), err)
	}
	before, err := os.ReadFile(at("centre.key"))
	if err != nil {
		t.Fatal(err)
	}
	does(exitError, []string{"keygen", at("centre")}, "już istnieje")
	if err := os.Remove(at("centre.pub")); err != nil {
		t.Fatal(err)
	}
	does(exitError, []string{"keygen", at("centre")}, "już istnieje")
	if after, err := os.ReadFile(at("centre.key")); err != nil || string(after) != string(before) {
		t.Error("a key was overwritten")
	}
	does(exitOK, []string{"keygen", at("other")})
	file := at("t.sieci")
	pack := []string{"pack", dir, "--binary", "linux/amd64=" + at("program"), "-o", file}
	does(exitOK, pack, "wierzbowo.tutoring 1.0.0", "nie jest jeszcze podpisana")
	one, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	does(exitOK, pack)
	if two, err := os.ReadFile(file); err != nil || string(one) != string(two) {
		t.Error("packed twice, other bytes")
	}
	does(exitError, []string{"verify", file}, "nie jest podpisana")
	does(exitError, []string{"sign", file, "--key", at("other.pub")}, "To nie jest plik klucza prywatnego")
	does(exitOK, []string{"sign", file, "--key", at("other.key")}, "Podpisano")
	does(exitOK, []string{"verify", file, "--key", at("other.pub")}, "przestrzeń nazw wierzbowo", "notify: Przypomina o spotkaniu")
	does(exitOK, []string{"keygen", at("third")})
	does(exitError, []string{"verify", file, "--key", at("third.pub")}, "a nie kluczem")
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(raw), "Sieci tutor", "Sieci Tutor", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	does(exitError, []string{"verify", file}, "zmienił po podpisaniu")
	does(exitError, []string{"pack", dir}, "nie ma żadnego programu")
	does(exitError, []string{"pack", at("nowhere")}, "nie ma opisu wtyczki")
	does(exitError, []string{"verify", at("nothing.sieci")}, "Nie można otworzyć")
	does(exitUsage, []string{"verify"}, "Podaj paczkę")
	does(exitUsage, []string{"check"}, "Podaj paczkę")
	does(exitUsage, []string{"check", at("nothing.sieci")}, "Nie można otworzyć")
	does(exitUsage, []string{"check", file}, "zmienił po podpisaniu")
	does(exitUsage, []string{"check", file, "--case", "nothing"}, "Nie ma przypadku nothing", "full_slices")
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, nil, "plugin", "check", file, "--seed", "5") // its program is none
	for _, w := range []string{"NIEZALICZONE   negotiation", "zaliczone      bundle", "nie dotyczy    views", "niezaliczone: 1", "--seed 5"} {
		if r.code != exitError || r.err != "" || !strings.Contains(r.out, w) {
			t.Errorf("exit %d: %q is not in\n%s%s", r.code, w, r.out, r.err)
		}
	}
	r = run(t, nil, "plugin", "check", file, "--json")
	var got struct {
		Module string
		Cases  []struct{ Name, Outcome string }
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != exitError || got.Module != "wierzbowo.tutoring" || len(got.Cases) < 25 {
		t.Errorf("exit %d: %v: %s", r.code, err, r.out)
	}
}
