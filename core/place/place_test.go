package place_test

import (
	"testing"

	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/place"
)

func TestLabelTellsNamesakesApart(t *testing.T) {
	t.Parallel()
	ctx := i18n.With(t.Context(), i18n.Polish)
	for want, w := range map[string]place.Where{
		"SP nr 1, Osieczna, powiat leszczyński, woj. wielkopolskie": {Town: "Osieczna", Powiat: "leszczyński", PowiatKind: "powiat", Voivodeship: "wielkopolskie"},
		"SP nr 1, Leszno, woj. wielkopolskie":                       {Town: "Leszno", Powiat: "Leszno", PowiatKind: "city_powiat", Voivodeship: "wielkopolskie"},
		"SP nr 1, Zaborowo, Leszno, woj. wielkopolskie":             {Town: "Zaborowo", Powiat: "Leszno", PowiatKind: "city_powiat", Voivodeship: "wielkopolskie"},
		"SP nr 1": {},
	} {
		if got := w.Label(ctx, "SP nr 1"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := (place.Where{Town: "Leszno"}).Label(ctx, ""); got != "" {
		t.Errorf("a place without a name: %q", got)
	}
}
