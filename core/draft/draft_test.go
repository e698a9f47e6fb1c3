package draft_test

import (
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db/dbtest"
	"ore.edu.pl/sieci/core/draft"
	"ore.edu.pl/sieci/core/fault"
)

func TestDraft(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s, me, k := draft.New(d), &access.Actor{Person: uuid.New()}, draft.Key{Form: "network.found", Subject: "x"}
	if _, err := s.Load(t.Context(), &access.Actor{}, k); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("guest: %v", err)
	}
	if _, err := s.Load(t.Context(), me, k); !fault.Is(err, fault.NotFound) {
		t.Errorf("none yet: %v", err)
	}
	first := &draft.Draft{Key: k, Rev: 3, State: json.RawMessage(`{"a": 1}`)}
	v, err := s.Save(t.Context(), me, first)
	if err != nil || v != 1 {
		t.Fatal(v, err)
	}
	if _, err := s.Save(t.Context(), me, first); !fault.Is(err, fault.Conflict) {
		t.Errorf("begun in two windows: %v", err)
	}
	second := &draft.Draft{Key: k, Rev: 3, State: json.RawMessage(`{"a": 2}`), Version: 1}
	if v, err = s.Save(t.Context(), me, second); err != nil || v != 2 {
		t.Fatal(v, err)
	}
	if _, err := s.Save(t.Context(), me, second); !fault.Is(err, fault.Conflict) {
		t.Errorf("stale: %v", err)
	}
	got, err := s.Load(t.Context(), me, k)
	if err != nil || got.Version != 2 || string(got.State) != `{"a": 2}` || got.Rev != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := s.Load(t.Context(), &access.Actor{Person: uuid.New()}, k); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's: %v", err)
	}
	if list, err := s.List(t.Context(), me, "network.found"); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if n, err := s.Sweep(t.Context()); err != nil || n != 0 {
		t.Errorf("swept %d fresh ones, %v", n, err)
	}
	if _, err := d.Exec(t.Context(), `UPDATE draft SET saved_at = now() - interval '91 days'`); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Sweep(t.Context()); err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
	if err := s.Delete(t.Context(), me, k); err != nil {
		t.Error(err)
	}
}
