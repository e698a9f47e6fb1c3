package record_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

func TestRecordLife(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	id := w.put(n, "A", map[string]effect.Value{"risk": int64(3)})

	revise := func(version int64, cel string) error {
		raw, _ := json.Marshal(map[string]string{"cel": cel})
		_, err := w.do(w.decision(), &effect.RecordRevise{Scope: n, Record: id, Version: version,
			Data: effect.Document{JSON: raw, Revision: 1}, Index: map[string]effect.Value{"risk": int64(5)}})
		return err
	}
	if err := revise(1, "B"); err != nil {
		t.Fatal(err)
	}
	wantStale(t, revise(1, "C"))
	wantKey(t, revise(0, "C"), fault.Invalid, "record.version_zero")

	rows := w.read(request(n)).Rows
	if len(rows) != 1 || goals(t, rows) != "B" || rows[0].Version != 2 || rows[0].Index["risk"] != int64(5) || rows[0].Revision != 1 {
		t.Fatalf("after revision: %+v", rows)
	}
	if _, err := w.do(w.decision(), &effect.RecordClose{Scope: n, Record: id, Version: 2, Note: "koniec"}); err != nil {
		t.Fatal(err)
	}
	wantKey(t, revise(3, "D"), fault.Conflict, "record.closed")

	actor := (&access.Actor{Person: w.me, Grants: []access.Grant{{Role: access.Coordinator, Kind: access.Network, Scope: n.ID}}})
	r, err := w.s.Show(t.Context(), actor, id)
	if err != nil {
		t.Fatal(err)
	}
	if r.ClosedAt == nil || r.Note != "koniec" || r.Answers["cel"] != "B" || len(r.Earlier) != 1 || r.Earlier[0].Version != 1 {
		t.Errorf("closed record: %+v", r)
	}
	old, err := w.s.Content(t.Context(), w.db, "test.trial", id, 1)
	if err != nil || string(old.Data.JSON) != `{"cel": "A"}` {
		t.Errorf("version 1: %v %v", old, err)
	}
	var actions int
	if err := w.db.Get(t.Context(), &actions, `SELECT count(*) FROM audit_event WHERE object_id = $1 AND digest IS NOT NULL`, id.String()); err != nil || actions != 2 {
		t.Errorf("%d audit entries with a digest, want put and revise (%v)", actions, err)
	}
}

func TestVersionZeroIsForTheSameDecision(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	d := w.decision()
	made := effect.HandleID(d.ID, "a")
	put := plan(n, "A", nil)
	_, err := w.do(d, put, &effect.RecordRevise{Scope: n, Record: made, Data: effect.Document{JSON: []byte(`{"cel":"B"}`), Revision: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if got := goals(t, w.read(request(n)).Rows); got != "B" {
		t.Errorf("%q", got)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	foreign := w.put(n, "A", nil)
	for name, c := range map[string]struct {
		e    effect.Effect
		kind fault.Kind
		key  string
	}{
		"required answer": {plan(n, "", nil), fault.Invalid, "form.required"},
		"unknown item": {&effect.RecordPut{Scope: n, RecordKind: "plan", Data: effect.Document{JSON: []byte(`{"cel":"A","x":1}`), Revision: 1}},
			fault.Invalid, "form.unknown_item"},
		"unknown kind": {&effect.RecordPut{Scope: n, RecordKind: "nothing"}, fault.Invalid, "record.unknown_kind"},
		"unknown revision": {&effect.RecordPut{Scope: n, RecordKind: "plan", Data: effect.Document{JSON: []byte(`{"cel":"A"}`), Revision: 2}},
			fault.Invalid, "record.unknown_revision"},
		"unknown field": {plan(n, "A", map[string]effect.Value{"nope": int64(1)}), fault.Invalid, "record.unknown_field"},
		"wrong type":    {plan(n, "A", map[string]effect.Value{"risk": "high"}), fault.Invalid, "record.wrong_value"},
		"wrong scope": {&effect.RecordPut{Scope: effect.Scope{Kind: effect.Programme, ID: uuid.New()}, RecordKind: "plan",
			Data: effect.Document{JSON: []byte(`{"cel":"A"}`), Revision: 1}}, fault.Invalid, "record.wrong_scope"},
		"personal": {&effect.RecordPut{Scope: n, RecordKind: "secret", Data: effect.Document{JSON: []byte(`{"cel":"A"}`), Revision: 1}},
			fault.Conflict, "record.personal"},
		"other scope": {&effect.RecordClose{Scope: network(), Record: foreign, Version: 1}, fault.NotFound, "fault.not_found"},
	} {
		_, err := w.do(w.decision(), c.e)
		t.Run(name, func(t *testing.T) { wantKey(t, err, c.kind, c.key) })
	}
	if got := len(w.read(request(n)).Rows); got != 1 {
		t.Errorf("%d records, want the one made before", got)
	}
}

func TestUniqueKeyBindsOpenRecordsOfAScope(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n, team := network(), uuid.New()
	index := map[string]effect.Value{"team": team}
	first := w.put(n, "A", index)
	_, err := w.do(w.decision(), plan(n, "B", index))
	wantStale(t, err)
	wantKey(t, err, fault.Conflict, "record.duplicate")
	w.put(network(), "C", index) // another scope
	w.put(n, "D", nil)           // no value: not bound
	w.put(n, "E", nil)
	if _, err := w.do(w.decision(), &effect.RecordClose{Scope: n, Record: first, Version: 1}); err != nil {
		t.Fatal(err)
	}
	w.put(n, "F", index) // the first is closed
}

func TestDeclareAgain(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	w.put(n, "A", map[string]effect.Value{"risk": int64(7), "topic": "x"})
	fields := w.desc.RecordKinds[0].IndexFields
	// A version without "risk", then the old one again: the value is still there.
	w.desc.RecordKinds[0].IndexFields = append([]effect.IndexField{}, fields[1:]...)
	w.tx(func(ctx context.Context, tx *db.Tx) error { return w.s.Declare(ctx, tx, w.desc) })
	if _, has := w.read(request(n)).Rows[0].Index["risk"]; has {
		t.Error("a field that is no longer declared still travels")
	}
	w.desc.RecordKinds[0].IndexFields = fields
	w.tx(func(ctx context.Context, tx *db.Tx) error { return w.s.Declare(ctx, tx, w.desc) })
	if got := w.read(request(n)).Rows[0].Index; got["risk"] != int64(7) || got["topic"] != "x" {
		t.Errorf("index after going back: %v", got)
	}
	// The same revision with another form is refused.
	w.desc.RecordKinds[0].Form.JSON = []byte(`{"kind":"form","v":1,"id":"plan","rev":1,"title":{"pl":"Inny"},"items":[{"id":"cel","type":"text","label":{"pl":"Cel"}}]}`)
	err := w.db.Tx(t.Context(), func(ctx context.Context, tx *db.Tx) error { return w.s.Declare(ctx, tx, w.desc) })
	wantKey(t, err, fault.Invalid, "record.form_changed")
}

func TestPeopleReadWithoutTheModule(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n := network()
	other := uuid.New()
	w.person(other)
	w.put(n, "A", nil)
	mine := plan(n, "B", nil)
	mine.Person = other
	d := w.decision()
	d.Actor = &access.Actor{System: "module:test.trial"}
	ids, err := w.do(d, mine)
	if err != nil {
		t.Fatal(err)
	}
	as := func(person uuid.UUID, role access.Role) *access.Actor {
		return &access.Actor{Person: person, Grants: []access.Grant{{Role: role, Kind: access.Network, Scope: n.ID}}}
	}
	for name, c := range map[string]struct {
		actor *access.Actor
		want  int
	}{
		"participant sees the scope's": {as(w.me, access.Participant), 1},
		"the person sees own too":      {as(other, access.Participant), 2},
		"coordinator sees all":         {as(w.me, access.Coordinator), 2},
	} {
		l, err := w.s.List(t.Context(), c.actor, n, "test.trial", "plan", "", 0)
		if err != nil || len(l.Items) != c.want || l.Columns[0] != "Cel" {
			t.Errorf("%s: %+v %v", name, l, err)
		}
	}
	if _, err := w.s.List(t.Context(), as(w.me, access.Participant), network(), "test.trial", "plan", "", 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger's list: %v", err)
	}
	if _, err := w.s.Show(t.Context(), as(w.me, access.Participant), ids[0]); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else's record: %v", err)
	}
	first, err := w.s.List(t.Context(), as(w.me, access.Coordinator), n, "test.trial", "plan", "", 1)
	if err != nil || first.Next == "" {
		t.Fatal(first, err)
	}
	second, err := w.s.List(t.Context(), as(w.me, access.Coordinator), n, "test.trial", "plan", first.Next, 1)
	if err != nil || len(second.Items) != 1 || second.Next != "" || second.Items[0].ID == first.Items[0].ID {
		t.Errorf("second page: %+v %v", second, err)
	}
}
