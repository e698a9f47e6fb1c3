package fold_test

import (
	"slices"
	"testing"

	"golang.org/x/text/unicode/norm"
	"ore.edu.pl/sieci/core/i18n/fold"
)

func TestText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Zażółć gęślą jaźń":           "zazolc gesla jazn",
		"Łódź-Żółtańce":               "lodz-zoltance",
		"ŚWIĘTOSŁAWA Ćwiąk":           "swietoslawa cwiak",
		"  Zespół\u00a0 Szkół\tnr 2 ": "zespol szkol nr 2",
		"Straße Ærø":                  "strasse aero",
		"":                            "",
	} {
		for _, form := range []string{norm.NFC.String(in), norm.NFD.String(in)} {
			if got := fold.Text(form); got != want {
				t.Errorf("Text(%q) = %q, want %q", form, got, want)
			}
		}
	}
}

func TestTextIsStable(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Szkoła Podstawowa nr 3 im. św. Jadwigi „Królowej”", "Ⅻ Liceum", "Київ"} {
		once := fold.Text(s)
		if twice := fold.Text(once); twice != once {
			t.Errorf("Text(Text(%q)) = %q, want %q", s, twice, once)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	got := fold.Words("Zespół Szkół-Placówek (nr 3), Łódź")
	if want := []string{"zespol", "szkol", "placowek", "nr", "3", "lodz"}; !slices.Equal(got, want) {
		t.Errorf("Words = %q, want %q", got, want)
	}
}
