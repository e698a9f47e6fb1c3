package plugin

import (
	"strings"
	"testing"
	"time"
)

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

// The times of calls are told of the last ones, in the order of their length.
func TestTimesOfCalls(t *testing.T) {
	t.Parallel()
	var d diary
	if n, _, _ := d.times(); n != 0 {
		t.Errorf("%d calls of none", n)
	}
	for i := range 2 * timedCalls { // the first half is forgotten
		d.call(time.Duration(i) * time.Millisecond)
	}
	n, median, slowest := d.times()
	if n != 2*timedCalls || median != (timedCalls+timedCalls/2)*time.Millisecond || slowest != (timedCalls+timedCalls*19/20)*time.Millisecond {
		t.Errorf("%d calls, %v, %v", n, median, slowest)
	}
}

// More lines than can wait lose the oldest, and the log says how many; what could
// not be written down waits on.
func TestLinesThatWait(t *testing.T) {
	t.Parallel()
	var d diary
	for i := range heldLines + 7 {
		d.say("1.0.0", strings.Repeat("x", i%3+1))
	}
	lines := d.read()
	if len(lines) != heldLines+1 || lines[0].Line != "[lines lost: 7]" || len(d.read()) != 0 {
		t.Fatalf("%d lines, %q", len(lines), lines[0].Line)
	}
	d.say("1.0.0", "later")
	d.back(lines[1:])
	again := d.read()
	if len(again) != heldLines+1 || again[0].Line != "[lines lost: 1]" || again[heldLines].Line != "later" {
		t.Errorf("%d lines, %q … %q", len(again), again[0].Line, again[len(again)-1].Line)
	}
}
