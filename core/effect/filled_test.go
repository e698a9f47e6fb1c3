package effect_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// editing is a command that was filled from a version and writes the text.
func (w *world) editing(version int64, text string) *effect.Request {
	raw, _ := json.Marshal(map[string]string{"text": text})
	return &effect.Request{Type: netType, Scope: w.net, Filled: &version,
		Input: effect.Command{Name: "edit", Input: effect.Document{JSON: raw, Revision: 1}}}
}

// writes makes the module put the thing, or revise the one that is there.
func (w *world) writes() {
	w.m.OnDecide = func(a *effect.Ask) (*effect.Answer, error) {
		doc := a.Input.(effect.Command).Input
		for _, s := range a.Snapshot.Slices {
			for _, row := range s.Rows {
				return &effect.Answer{Effects: []effect.Item{{Handle: "thing", Effect: &effect.RecordRevise{Scope: w.net, Record: row.ID, Version: row.Version, Data: doc}}}}, nil
			}
		}
		return &effect.Answer{Effects: []effect.Item{{Handle: "thing", Effect: &effect.RecordPut{Scope: w.net, RecordKind: "thing", Data: doc}}}}, nil
	}
}

// saved is the version that the form of the command is filled from now.
func (w *world) saved() int64 {
	w.t.Helper()
	s, err := w.e.Prefill(w.ctx(), netType, w.net, "edit", uuid.Nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Version()
}

// Of people who edit one version at once exactly one saves, the others are told;
// the same where there was nothing yet, without a unique key to help.
func TestOfTwoEditorsTheSecondIsTold(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.writes()
	for round, want := range []int64{1, 2} {
		version := w.saved()
		var wg sync.WaitGroup
		var applied, told atomic.Int32
		for i := range 8 {
			wg.Go(func() {
				_, err := w.e.Decide(w.ctx(), w.editing(version, fmt.Sprintf("wersja %d", i)))
				switch {
				case err == nil:
					applied.Add(1)
				case fault.Is(err, fault.Conflict) && fault.As(err).Key == "effect.overtaken":
					told.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if applied.Load() != 1 || told.Load() != 7 || w.thingsMade() != 1 || w.saved() != want {
			t.Errorf("round %d: %d saved, %d told, %d things at version %d", round, applied.Load(), told.Load(), w.thingsMade(), w.saved())
		}
	}
	asked := len(w.m.Asked())
	_, err := w.e.Decide(w.ctx(), w.editing(1, "stara"))
	wantKey(t, err, fault.Conflict, "effect.overtaken")
	_, err = w.e.Decide(w.ctx(), w.editing(0, "pierwsza"))
	wantKey(t, err, fault.Conflict, "effect.overtaken")
	if len(w.m.Asked()) != asked {
		t.Error("the module was asked although the form was overtaken")
	}
	if _, err := w.e.Decide(w.ctx(), w.editing(2, "trzecia")); err != nil {
		t.Error(err)
	}
}

// A record that the module only looked at is held as well.
func TestFormOvertakenWhileTheModuleThinks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	row := w.thing("x")
	w.m.OnDecide = func(*effect.Ask) (*effect.Answer, error) {
		if _, err := w.db.Exec(t.Context(), `UPDATE thing SET version = version + 1 WHERE id = $1`, row.ID); err != nil {
			t.Error(err)
		}
		return &effect.Answer{Effects: []effect.Item{put("other", w.net, "y")}}, nil
	}
	_, err := w.e.Decide(w.ctx(), w.editing(1, "a"))
	wantKey(t, err, fault.Conflict, "effect.overtaken")
	if n := w.thingsMade(); n != 1 {
		t.Errorf("%d things", n)
	}
}

// A form sent twice is not overtaken by itself.
func TestRepeatedEditIsNotOvertaken(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.writes()
	req := w.editing(0, "a")
	req.ID = uuid.New()
	for i := range 2 {
		o, err := w.e.Decide(w.ctx(), req)
		if err != nil || o.Repeated != (i == 1) {
			t.Fatalf("%+v, %v", o, err)
		}
	}
	if w.saved() != 1 {
		t.Errorf("version %d", w.saved())
	}
}
