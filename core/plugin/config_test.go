package plugin_test

import (
	"errors"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// What an administrator sets by the module's own form reaches the module, is
// carried over to the next version's form where it fits, and waits for somebody
// where it does not.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.enable(version)
	set := func(answers string, revision int, version int64) error {
		return w.h.Configure(w.admin(), id, effect.Document{JSON: []byte(answers), Revision: revision}, version)
	}
	reaches := func(want string) {
		t.Helper()
		m, err := w.h.ByID(id)
		if err != nil || string(m.Info().Configuration.JSON) != want {
			t.Errorf("the module gets %s, %v", m.Info().Configuration.JSON, err)
		}
	}
	c, err := w.h.Configuration(w.admin(), id)
	if err != nil || c.Version != 0 || !c.Answers.IsZero() || c.Form.Revision != 1 {
		t.Fatalf("%+v %v", c, err)
	}
	stranger := access.With(t.Context(), &access.Actor{Person: uuid.New()})
	if _, err := w.h.Configuration(stranger, id); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger reads: %v", err)
	}
	if err := w.h.Configure(stranger, id, effect.Document{JSON: []byte(`{"limit":5}`), Revision: 1}, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger sets: %v", err)
	}
	for _, wrong := range []string{`{}`, `{"limit":500}`, `{"limit":"x"}`, `{"limit":5,"other":1}`, `[`} {
		if err := set(wrong, 1, 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	if err := set(`{"limit":50}`, 2, 0); !fault.Is(err, fault.Conflict) {
		t.Errorf("answers to another form: %v", err)
	}
	reaches("")
	if err := set(`{"limit":50}`, 1, 0); err != nil {
		t.Fatal(err)
	}
	reaches(`{"limit":50}`)
	if err := set(`{ "limit": 50 }`, 1, 0); err != nil || w.audited("module:configure") != 1 {
		t.Errorf("the same again: %v, %d accounts", err, w.audited("module:configure"))
	}
	if err := set(`{"limit":40}`, 1, 0); !errors.Is(err, effect.ErrOvertaken) {
		t.Errorf("the second of two: %v", err)
	}
	// A version whose form permits less.
	pack(t, w.bundles, "1.1.0", nil)
	w.enable("1.1.0")
	reaches("")
	if c, err = w.h.Configuration(w.admin(), id); err != nil || c.Form.Revision != 2 || !c.Answers.IsZero() || len(c.Lost) != 1 || c.Lost[0] != "limit" || c.Version != 1 {
		t.Errorf("%+v %v", c, err)
	}
	if err := set(`{"limit":7,"more":"ala"}`, 2, 1); err != nil {
		t.Fatal(err)
	}
	reaches(`{"limit":7,"more":"ala"}`)
	// And back: what the older form does not ask is left out, the rest fits.
	w.enable(version)
	reaches(`{"limit":7}`)
}
