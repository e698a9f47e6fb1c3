package lemma_test

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"ore.edu.pl/sieci/core/search/lemma"
	"ore.edu.pl/sieci/core/search/lemma/lemmatest"
)

// Words of the field, in forms in which people write them.
func TestCoreWords(t *testing.T) {
	t.Parallel()
	d := lemmatest.Open(t)
	for word, want := range map[string]string{
		"szkoleniami": "szkolenie", "szkoleń": "szkolenie", "szkoleniem": "szkolenie", "sieciami": "sieć", "sieci": "sieć",
		"nauczycielek": "nauczycielka", "nauczycieli": "nauczyciel", "nauczycielami": "nauczyciel", "uczniów": "uczeń", "uczniowie": "uczeń",
		"gminie": "gmina", "powiatów": "powiat", "ewaluacji": "ewaluacja", "doradcami": "doradca", "kompetencjami": "kompetencja",
		"zawodach": "zawód", "zawodzie": "zawód", "scenariuszach": "scenariusz", "dyrektorów": "dyrektor", "placówkami": "placówka",
		"spotkaniach": "spotkanie", "oceniania": "ocenianie", "niepełnosprawnych": "niepełnosprawny", "samorządowych": "samorządowy",
		"zajęciami": "zajęcia", "koordynatorka": "koordynatorka", "koordynatorki": "koordynatorka", "materiałów": "materiał", "bibliotekach": "biblioteka",
		"wspomagania": "wspomaganie", "praktyk": "praktyka", "sadu": "sad", "sądzie": "sąd", "łodzi": "łódź",
	} {
		// They meet in a base form: that of a noun made from a verb is the verb.
		sought, written := d.Of(want, true, nil), d.Of(word, false, nil)
		if !slices.ContainsFunc(written, func(w string) bool { return slices.Contains(sought, w) }) {
			t.Errorf("%s is a form of %v, %s of %v", word, written, want, sought)
		}
	}
}

func TestWithoutDiacritics(t *testing.T) {
	t.Parallel()
	d := lemmatest.Open(t)
	for _, c := range []struct {
		word  string
		loose bool
		want  []string
		not   string
	}{
		{"lodz", false, []string{"łódź"}, ""}, {"szkolen", false, []string{"szkolenie"}, ""}, {"uczniow", true, []string{"uczeń"}, ""},
		{"sad", true, []string{"sad", "sąd"}, ""}, {"sad", false, []string{"sad"}, "sąd"}, {"zajec", true, []string{"zajęcie"}, ""},
		{"nieobecny", true, []string{"nieobecny"}, "obecny"},
	} {
		got := d.Of(c.word, c.loose, nil)
		for _, w := range c.want {
			if !slices.Contains(got, w) {
				t.Errorf("%s: %v lacks %s", c.word, got, w)
			}
		}
		if c.not != "" && slices.Contains(got, c.not) {
			t.Errorf("%s: %v has %s", c.word, got, c.not)
		}
	}
	for _, unknown := range []string{"", "xqzptk", "123", "Ąą", string(make([]byte, 500))} {
		if got := d.Of(unknown, true, nil); len(got) != 0 {
			t.Errorf("%q: %v", unknown, got)
		}
	}
	var none *lemma.Dictionary
	if got := none.Of("sieci", true, nil); got != nil {
		t.Errorf("no dictionary says %v", got)
	}
}

const (
	affixes = "SET ISO8859-2\nPFX b Y 1\nPFX b 0 nie .\nSFX D Y 2\nSFX D 0 u [^t]\nSFX D a ami [bc]a\n"
	words   = "3\ndom/D\nbaba/Db\nmat/D\n"
)

func TestBuildFollowsTheRules(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := lemma.Build([]byte(affixes), []byte(words), &b); err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/d"
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := lemma.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for word, want := range map[string][]string{"domu": {"dom"}, "babami": {"baba"}, "niebabami": {"niebaba"}, "matu": nil, "mat": {"mat"}, "dom": {"dom"}} {
		if got := d.Of(word, true, nil); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", word, got, want)
		}
	}
	if d.Digest() != lemma.Digest([]byte(affixes), []byte(words)) {
		t.Error("another digest")
	}
	// A file that broke off is refused, whatever is missing.
	for n := range b.Len() {
		if n%7 != 0 {
			continue
		}
		if err := os.WriteFile(path, b.Bytes()[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := lemma.Open(path); err == nil {
			t.Fatalf("the first %d bytes were taken", n)
		}
	}
	for _, bad := range []string{"SFX D Y 1\nSFX D 0 u [^t\n", "PFX b Y 1\nPFX b 0 nie a\n"} {
		if err := lemma.Build([]byte(bad), []byte(words), &b); err == nil {
			t.Errorf("taken: %q", bad)
		}
	}
}

func BenchmarkOf(b *testing.B) {
	d := lemmatest.Open(b)
	list := []string{"szkoleniami", "nauczycielek", "lodz", "kompetencjami", "xqzptk"}
	b.ReportAllocs()
	var out []string
	for i := 0; b.Loop(); i++ {
		out = d.Of(list[i%len(list)], true, out[:0])
	}
}
