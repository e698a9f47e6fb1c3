package texts_test

import (
	"testing"
	"testing/fstest"

	"ore.edu.pl/sieci/plugins/sdk/texts"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	c := texts.Read(fstest.MapFS{
		"texts/pl.json": {Data: []byte(`{"a":"Żółw {name}","n.one":"{n} notatka","n.few":"{n} notatki","n.many":"{n} notatek"}`)},
		"texts/en.json": {Data: []byte(`{"a":"Turtle {name}","n.one":"{n} note","n.other":"{n} notes"}`)},
	}, "texts")
	for _, x := range []struct{ got, want string }{
		{c.In("pl").T("a", "name", 7), "Żółw 7"},
		{c.In("en-GB").T("a", "name", "x"), "Turtle x"},
		{c.In("uk").T("a", "name", "x"), "Żółw x"},
		{c.In("pl").T("missing"), "missing"},
		{c.In("pl").N("n", 1), "1 notatka"},
		{c.In("pl").N("n", 3), "3 notatki"},
		{c.In("pl").N("n", 13), "13 notatek"},
		{c.In("pl").N("n", 122), "122 notatki"},
		{c.In("en").N("n", 3), "3 notes"},
		{c.All("a").GetByLanguage()["en"], "Turtle {name}"},
	} {
		if x.got != x.want {
			t.Errorf("%q, want %q", x.got, x.want)
		}
	}
}
