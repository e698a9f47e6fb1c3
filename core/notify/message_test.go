package notify

import (
	"testing"
	"time"

	"ore.edu.pl/sieci/core/i18n"
)

// Times keep being times: they are shown in the reader's language and zone.
func TestArgs(t *testing.T) {
	t.Parallel()
	raw, err := encodeArgs(map[string]any{"When": time.Date(2027, 4, 5, 9, 30, 0, 0, time.UTC), "N": 5, "Name": "Łódź"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeArgs(raw, i18n.Polish)
	if err != nil {
		t.Fatal(err)
	}
	if got["When"] != "5 kwietnia 2027 r., 11:30" || got["N"] != 5 || got["Name"] != "Łódź" {
		t.Fatalf("%#v", got)
	}
	if _, err := encodeArgs(map[string]any{"x": []string{"a"}}); err == nil {
		t.Fatal("a list was taken")
	}
}

func TestMailPauses(t *testing.T) {
	t.Parallel()
	var sum time.Duration
	for n := 1; n < mailAttempts; n++ {
		sum += mailPause(n)
	}
	if mailPause(1) != time.Minute || sum < 48*time.Hour || sum > 5*24*time.Hour {
		t.Fatalf("first %v, together %v", mailPause(1), sum)
	}
}
