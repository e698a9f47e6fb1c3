package effect_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
)

// schools knows one school.
type schools struct{ asked []string }

func (s *schools) For(module string, scope effect.Scope) form.Picker {
	s.asked = append(s.asked, module+" "+string(scope.Kind))
	return s
}

func (s *schools) Label(_ context.Context, kind, id string) (string, error) {
	if kind == "szkola" && id == "sp-1" {
		return "Szkoła Podstawowa nr 1", nil
	}
	return "", fault.ErrNotFound
}

// What answers point to is looked up when they are handed in; its name is the
// platform's, whatever was sent along.
func TestReferencesAreLookedUp(t *testing.T) {
	t.Parallel()
	w := setup(t)
	s := &schools{}
	w.e.RegisterReferences(s)
	answer := func(raw string) (string, error) {
		var seen string
		w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
			seen = string(a.Input.(effect.Command).Input.JSON)
			return &effect.Answer{}, nil
		}
		req := w.request()
		req.Input = effect.Command{Name: "visit", Input: effect.Document{JSON: json.RawMessage(raw), Revision: 1}}
		_, err := w.e.Decide(w.ctx(), req)
		return seen, err
	}
	seen, err := answer(`{"szkola":{"id":"sp-1","label":"Podrobiona"}}`)
	if err != nil || !strings.Contains(seen, "Szkoła Podstawowa nr 1") || strings.Contains(seen, "Podrobiona") {
		t.Errorf("a school that is there: %s, %v", seen, err)
	}
	if len(s.asked) == 0 || s.asked[0] != "test.trial network" {
		t.Errorf("asked as %v", s.asked)
	}
	for _, raw := range []string{`{"szkola":{"id":"sp-2"}}`, `{"wizyty":[{"_row":"r1","gdzie":{"id":"sp-1"}},{"_row":"r2","gdzie":{"id":"sp-9"}}]}`} {
		seen, err = answer(raw)
		f := fault.As(err)
		if !fault.Is(err, fault.Invalid) || len(f.Fields) != 1 || f.Fields[0].Key != "form.ref_unknown" || seen != "" {
			t.Errorf("%s: %v, the module got %s", raw, err, seen)
		} else if want := map[bool]string{true: "szkola", false: "wizyty[r2].gdzie"}[strings.HasPrefix(raw, `{"sz`)]; f.Fields[0].Path != want {
			t.Errorf("%s: at %s", raw, f.Fields[0].Path)
		}
	}
}
