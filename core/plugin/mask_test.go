package plugin

import "testing"

// What could be about a person is hidden; what a developer needs stays.
func TestMask(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"decide for jan.kowalski+x@szkola.example failed":                             "decide for ▒▒▒ failed",
		"PESEL 44051401359, tel. +48 600 700 800 i 22 345-37-00":                      "PESEL ▒▒▒, tel. ▒▒▒ i ▒▒▒",
		"answered Żaneta Łękawska-Źrebiec: nie":                                       "answered ▒▒▒: nie",
		"2026-11-24T10:00:00.123456789Z network 01890a5d-ac96-774b-bcce-b302099a8057": "2026-11-24T10:00:00.123456789Z network 01890a5d-ac96-774b-bcce-b302099a8057",
		"panic: index out of range [12345] with length 3, goroutine 17":               "panic: index out of range [12345] with length 3, goroutine 17",
		`{"imie":"Anna Nowak","telefon":"600-700-800","liczba":12}`:                   `{"imie":"▒▒▒","telefon":"▒▒▒","liczba":12}`,
		"konto 61 1090 1014 0000 0712 1981 2874":                                      "konto ▒▒▒",
		"":                                                                            "",
	} {
		if got := mask(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if again := mask(mask(in)); again != mask(in) {
			t.Errorf("%q masked twice: %q", in, again)
		}
	}
}
