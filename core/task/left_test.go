package task_test

import (
	"context"
	"testing"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/task"
)

// leave takes a participant's role and membership away and returns them as
// their next request has them.
func (w *world) leave(a *access.Actor) *access.Actor {
	w.t.Helper()
	w.exec(`UPDATE membership SET state = 'left' WHERE network_id = $1 AND person_id = $2`, w.network.ID, a.Person)
	w.tx(func(ctx context.Context, tx *db.Tx) error {
		return access.Take(ctx, tx, a.Person, access.Participant, access.Network, w.network.ID, w.clock.Now())
	})
	return &access.Actor{Person: a.Person}
}

func TestWhoLeftDoesNoTasks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	handed, open := w.assign("observation", person(w.anna)), w.assign("observation", person(w.anna))
	scan := w.upload(w.anna)
	if _, err := w.submit(w.anna, handed, 1, `{"temat":"Ułamki","skan":["`+scan.String()+`"]}`); err != nil {
		t.Fatal(err)
	}
	anna := w.leave(w.anna)
	if _, err := w.submit(anna, open, 1, `{"temat":"Po odejściu"}`); !fault.Is(err, fault.NotFound) {
		t.Errorf("handing in after leaving: %v", err)
	}
	if _, err := w.s.Get(t.Context(), anna, open); !fault.Is(err, fault.NotFound) {
		t.Errorf("reading a task never done: %v", err)
	}
	if p, err := w.s.Mine(t.Context(), anna, task.Turn, "", 0); err != nil || len(p.Items) != 0 {
		t.Errorf("asked to do: %+v %v", p.Items, err)
	}
	if d := w.get(anna, handed); len(d.Submissions) != 1 || d.MaySubmit {
		t.Errorf("own past submission: %+v", d)
	}
	if _, err := w.files.Get(t.Context(), anna, scan); err != nil {
		t.Errorf("own past file: %v", err)
	}
	if p, err := w.s.Mine(t.Context(), anna, task.Waiting, "", 0); err != nil || len(p.Items) != 1 || p.Items[0].ID != handed {
		t.Errorf("what was handed in: %+v %v", p.Items, err)
	}
	if err := w.s.Decide(t.Context(), w.coordinator, handed, task.Judgement{Verdict: effect.Returned, Due: w.days(5), Version: 2,
		Remarks: []effect.Remark{{Text: "Dalej"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.submit(anna, handed, 3, `{"temat":"Po odejściu"}`); !fault.Is(err, fault.Forbidden) {
		t.Errorf("handing in again after leaving: %v", err)
	}
}

func TestRolesAboveAndBelowTheScopeCount(t *testing.T) {
	t.Parallel()
	w := setup(t)
	lead := w.person("Prowadząca", access.Lead, access.Programme, w.programme)
	for _, a := range []*access.Actor{lead, w.head, w.coordinator} {
		o := w.effects(w.coordinator, &effect.TaskCreate{Scope: w.network, Type: "observation", Title: "Wizyta", Assignee: person(a)})
		if p, err := w.s.Mine(t.Context(), a, task.Turn, "", 0); err != nil || len(p.Items) != 1 {
			t.Errorf("mine: %+v %v", p.Items, err)
		}
		if _, err := w.submit(a, o.Created["a"], 1, `{"temat":"Ułamki"}`); err != nil {
			t.Errorf("handing in: %v", err)
		}
	}
}
