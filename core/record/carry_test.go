package record_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/effect"
)

// A version whose form asks otherwise says what becomes of stored answers, or
// would lose them.
func TestCarry(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for range 3 {
		w.put(network(), "Cel sieci", nil)
	}
	losses := func(items string, upgrade map[string]string) string {
		t.Helper()
		d := description()
		k := &d.RecordKinds[0]
		k.Form = effect.Document{Revision: 2, JSON: json.RawMessage(`{"kind":"form","v":1,"id":"plan","rev":2,"title":{"pl":"Plan"},"items":[` + items + `]}`)}
		k.Upgrade = upgrade
		l, err := w.s.Carry(t.Context(), w.db, d)
		if err != nil {
			t.Fatal(err)
		}
		return l.String()
	}
	const same, renamed, other = `{"id":"cel","type":"longtext","label":{"pl":"Cel"}}`, `{"id":"nazwa","type":"text","label":{"pl":"Nazwa"}}`, `{"id":"cel","type":"date","label":{"pl":"Kiedy"}}`
	for _, c := range []struct {
		items   string
		upgrade map[string]string
		lost    bool
	}{
		{same, nil, false},
		{renamed, nil, true},
		{renamed, map[string]string{"cel": "nazwa"}, false},
		{renamed, map[string]string{"cel": ""}, false},
		{renamed, map[string]string{"cel": "gone"}, true},
		{other, nil, true},
	} {
		if got := losses(c.items, c.upgrade); strings.Contains(got, "3 of 3 stored records would lose answers to cel") != c.lost || !c.lost && got != "" {
			t.Errorf("%s with %v: %q", c.items, c.upgrade, got)
		}
	}
	// The form that they follow is not looked at again.
	if l, err := w.s.Carry(t.Context(), w.db, description()); err != nil || len(l) != 0 {
		t.Errorf("%v %v", l, err)
	}
}
