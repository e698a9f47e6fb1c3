package i18n_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"ore.edu.pl/sieci/core/i18n"
)

// The plural forms of Polish as CLDR has them, seen through a text of the
// catalogue whose forms all differ.
func TestPolishPlurals(t *testing.T) {
	t.Parallel()
	forms := map[string]string{"one": "pozycja", "few": "pozycje", "many": "pozycji"}
	for n, form := range map[int]string{
		0: "many", 1: "one", 2: "few", 3: "few", 4: "few", 5: "many", 11: "many", 12: "many", 13: "many", 14: "many",
		21: "many", 22: "few", 23: "few", 24: "few", 25: "many", 100: "many", 101: "many", 102: "few", 112: "many", 1002: "few",
	} {
		got := i18n.Plural(i18n.Polish, "view.rows", n)
		if _, word, _ := strings.Cut(got, " "); word != forms[form] {
			t.Errorf("%d: %q, want the form %s (%s)", n, got, form, forms[form])
		}
	}
	if got := i18n.Plural(i18n.English, "view.rows", 1); got != "1 entry" {
		t.Errorf("English: %q", got)
	}
	if got := i18n.N(i18n.With(context.Background(), i18n.English), "view.rows", 0); got != "0 entries" {
		t.Errorf("English: %q", got)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	if l := i18n.FromContext(context.Background()); l != i18n.Polish {
		t.Errorf("without a choice: %s", l)
	}
	for s, want := range map[string]i18n.Lang{"pl": i18n.Polish, "pl-PL": i18n.Polish, "en-GB": i18n.English} {
		if l, ok := i18n.Parse(s); !ok || l != want {
			t.Errorf("%s: %s, %v", s, l, ok)
		}
	}
	for _, s := range []string{"de", "", "??"} {
		if _, ok := i18n.Parse(s); ok {
			t.Errorf("%q is no language of the interface", s)
		}
	}
	if got := i18n.Text(i18n.Polish, "form.between", "Min", 1, "Max", 5); got != "Podaj liczbę od 1 do 5." {
		t.Errorf("places: %q", got)
	}
}

// The platform's Unicode rules for Polish: x/text sorts and composes as its
// readers expect.
func TestPolishLetters(t *testing.T) {
	t.Parallel()
	letters := strings.Split("z ż ź ą a ć c ł l ó o ś s ę e ń n", " ")
	i18n.Sort(i18n.Polish, letters)
	if got := strings.Join(letters, " "); got != "a ą c ć e ę l ł n ń o ó s ś z ź ż" {
		t.Errorf("sorted: %s", got)
	}
	for _, s := range []string{"Zażółć gęślą jaźń", "Łódź-Żółtańce", "Świętosława Brzęczyszczykiewicz-Ćwiąkalska"} {
		if norm.NFC.String(norm.NFD.String(s)) != s {
			t.Errorf("%q does not survive decomposition", s)
		}
	}
}

// catalogue reads every text of a language as it lies in the files.
func catalogue(t *testing.T, l string) map[string]any {
	t.Helper()
	files, err := filepath.Glob("locales/*." + l + ".json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of %s: %v", l, err)
	}
	out := map[string]any{}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var texts map[string]any
		if err := json.Unmarshal(raw, &texts); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		room, _, _ := strings.Cut(filepath.Base(name), ".")
		for key, text := range texts {
			if !strings.HasPrefix(key, room+".") {
				t.Errorf("%s: the key %s does not begin with the room's name", name, key)
			}
			out[key] = text
		}
	}
	return out
}

var place = regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}`)

func TestBothLanguagesHaveEveryText(t *testing.T) {
	t.Parallel()
	pl, en := catalogue(t, "pl"), catalogue(t, "en")
	for _, key := range union(pl, en) {
		a, b := pl[key], en[key]
		if a == nil || b == nil {
			t.Errorf("%s: pl %v, en %v", key, a != nil, b != nil)
			continue
		}
		_, pluralPL := a.(map[string]any)
		_, pluralEN := b.(map[string]any)
		if pluralPL != pluralEN {
			t.Errorf("%s has plural forms in one language only", key)
		}
		check(t, "pl", key, a, "one", "few", "many", "other")
		check(t, "en", key, b, "one", "other")
		if p, e := places(a), places(b); p != e {
			t.Errorf("%s: places %s in Polish, %s in English", key, p, e)
		}
	}
}

func union(a, b map[string]any) []string {
	all := map[string]bool{}
	for k := range a {
		all[k] = true
	}
	for k := range b {
		all[k] = true
	}
	out := make([]string, 0, len(all))
	for k := range all {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func check(t *testing.T, l, key string, text any, forms ...string) {
	t.Helper()
	m, plural := text.(map[string]any)
	if !plural {
		if s, _ := text.(string); strings.TrimSpace(s) == "" {
			t.Errorf("%s: %s is empty", l, key)
		}
		return
	}
	for _, f := range forms {
		if s, _ := m[f].(string); strings.TrimSpace(s) == "" {
			t.Errorf("%s: %s lacks the form %s", l, key, f)
		}
	}
	if len(m) != len(forms) {
		t.Errorf("%s: %s has forms %v, want %v", l, key, m, forms)
	}
}

// places lists the {{.Names}} of a text, in all its forms together.
func places(text any) string {
	all := map[string]any{}
	add := func(s string) {
		for _, p := range place.FindAllString(s, -1) {
			all[p] = true
		}
	}
	switch x := text.(type) {
	case string:
		add(x)
	case map[string]any:
		for _, s := range x {
			if s, ok := s.(string); ok {
				add(s)
			}
		}
	}
	return strings.Join(union(all, nil), " ")
}

// uses finds keys of the catalogue in source: in calls of this package and of
// core/fault, and wherever a field of a form is noted by key.
var uses = []*regexp.Regexp{
	regexp.MustCompile(`i18n\.(?:T|N|Text|Plural)\([^"\n]*"([a-z][a-z_.0-9]+)"`),
	regexp.MustCompile(`fault\.(?:New|Wrap)\([^"\n]*"([a-z][a-z_.0-9]+)"`),
	regexp.MustCompile(`\.Add\([^"\n]*"([a-z]+\.[a-z_.0-9]+)"`),
	regexp.MustCompile(`fault\.Field\{[^}\n]*Key:\s*"([a-z]+\.[a-z_.0-9]+)"`),
}

// A key that a file gives twice would silently lose its first text.
func TestNoKeyTwice(t *testing.T) {
	t.Parallel()
	key := regexp.MustCompile(`(?m)^\s*("[a-z0-9_]+\.[^"]+"):`)
	files, err := filepath.Glob("locales/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, m := range key.FindAllSubmatch(raw, -1) {
			if k := string(m[1]); seen[k] {
				t.Errorf("%s gives %s twice", f, k)
			} else {
				seen[k] = true
			}
		}
		if len(seen) == 0 {
			t.Errorf("%s has no keys", f)
		}
	}
}

// TestEveryKeyInTheSourceExists reads the sources of core and cmd: a key that
// the catalogue lacks would show itself to a person. Modules have catalogues of
// their own.
func TestEveryKeyInTheSourceExists(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, root := range []string{"../../core", "../../cmd"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !source(path) {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, re := range uses {
				for _, m := range re.FindAllStringSubmatchIndex(string(raw), -1) {
					key, after := string(raw[m[2]:m[3]]), string(raw[m[3]+1:min(m[3]+3, len(raw))])
					if strings.HasPrefix(strings.TrimSpace(after), "+") || strings.HasSuffix(key, ".") {
						continue // the beginning of a key made at run time
					}
					seen++
					for _, l := range i18n.Langs {
						if !i18n.Has(l, key) {
							t.Errorf("%s: the text %s is missing in %s", path, key, l)
						}
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 50 {
		t.Errorf("only %d keys found: the search no longer fits the source", seen)
	}
}

// source: written by hand, not a test.
func source(path string) bool {
	return strings.HasSuffix(path, ".templ") ||
		strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go") && !strings.HasSuffix(path, ".pb.go")
}

// Keys that a linter makes from codes are checked from their other end: every
// code written in its source has a text.
func TestLinterCodesHaveTexts(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`\b[lr]\.(?:Add|Warn)\([^\n]*?, "([a-z_0-9]+)"`)
	for dir, prefixes := range map[string][]string{
		"../form":          {"form.lint."},
		"../view":          {"view.lint."},
		"../form/declared": {"form.lint.", "view.lint."},
	} {
		files, _ := filepath.Glob(dir + "/*.go")
		found := 0
		for _, name := range files {
			if !source(name) {
				continue
			}
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range code.FindAllStringSubmatch(string(raw), -1) {
				found++
				for _, p := range prefixes {
					if !i18n.Has(i18n.Polish, p+m[1]) {
						t.Errorf("%s: no text %s%s", name, p, m[1])
					}
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: no codes found", dir)
		}
	}
}
