package plugin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
)

// What a module writes can be read by administrators page by page: escaped, with
// personal data covered, and with the number of lines that were lost. A centre
// reads that of its own modules alone.
func TestLogOfAModule(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	if _, err := w.decide(t.Context(), "flood"); err != nil {
		t.Fatal(err)
	}
	var all []string
	w.until(t, func() error {
		all = nil
		for before, pages := int64(0), 0; pages < 20; pages++ {
			lines, next, err := w.h.Log(w.admin(), id, before)
			if err != nil {
				return err
			}
			if len(lines) > 100 {
				t.Fatalf("a page of %d lines", len(lines))
			}
			for _, l := range lines {
				if l.Node == "" || l.Version != version || l.At.IsZero() {
					t.Fatalf("%+v", l)
				}
				all = append(all, l.Line)
			}
			if before = next; next == 0 {
				break
			}
		}
		if text := strings.Join(all, "\n"); !strings.Contains(text, "answered by") || !strings.Contains(text, "noise") {
			return fmt.Errorf("%d lines: %.300s", len(all), text)
		}
		return nil
	})
	text := strings.Join(all, "\n")
	for _, want := range []string{`first\x1b[31m line\u202e`, `innocent\rlevel=ERROR`, "answered by ▒▒▒, ▒▒▒, ▒▒▒"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the log", want)
		}
	}
	if strings.ContainsAny(text, "\x1b\u202e\r@") || strings.Contains(text, "Próbna") || strings.Contains(text, "44051401359") {
		t.Errorf("written as it came: %.400s", text)
	}
	stranger := access.With(t.Context(), &access.Actor{Person: uuid.New(), Grants: []access.Grant{{Role: access.CentreAdmin, Kind: access.Centre, Scope: uuid.New()}}})
	if _, _, err := w.h.Log(stranger, id, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("another centre's administrator: %v", err)
	}
	if _, _, err := w.h.Log(access.With(t.Context(), &access.Actor{Person: uuid.New()}), id, 0); err == nil {
		t.Error("anybody reads it")
	}
}
