package oversight_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/oversight"
)

// What waits longer than its patience is counted, with since when; what is
// answered, young or of a closed network is not.
func TestDashboard(t *testing.T) {
	t.Parallel()
	w := setup(t)
	now := w.clock.Now()
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	one, two := w.network("Pierwsza", "net", w.centre, nil), w.network("Druga", "net", w.centre, nil)
	w.network("Trzecia", "net", w.other, nil)
	ended := w.network("Dawna", "net", w.other, nil)
	w.exec(`UPDATE network SET status = 'closed', closed_at = $2 WHERE id = $1`, ended, ago(3))
	for i, days := range []int{6, 8, 30} {
		w.exec(`INSERT INTO person (id, email, name, sort_name, state, created_at) VALUES (gen_random_uuid(), $1, 'B', 'B', 'pending', $2)`, fmt.Sprintf("b%d@example.org", i), ago(days))
	}
	for _, n := range []uuid.UUID{one, ended} {
		w.exec(`INSERT INTO membership (id, network_id, person_id, state, changed_at) VALUES (gen_random_uuid(), $1, $2, 'requested', $3)`, n, w.person().Person, ago(20))
	}
	for _, due := range []time.Time{ago(1), ago(-1)} {
		w.exec(`INSERT INTO task (id, module, type, scope_kind, scope_id, title, due_at, created_at, changed_at) VALUES (gen_random_uuid(), 'm', 't', 'network', $1, 'Zadanie', $2, $3, $3)`, two, due, ago(40))
	}
	programme := uuid.New()
	w.exec(`INSERT INTO programme (id, code, title) VALUES ($1, 'TRWA', 'Trwa')`, programme)
	w.exec(`INSERT INTO programme (id, code, title, closed_at) VALUES (gen_random_uuid(), 'KONIEC', 'Koniec', $1)`, ago(9))
	w.exec(`UPDATE network SET programme_id = $2 WHERE id = ANY ($1)`, fmt.Sprintf("{%s,%s}", one, ended), programme)

	d, err := w.s.Dashboard(t.Context(), w.ore)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range d.Overdue {
		got = append(got, fmt.Sprint(o.Duty, " ", o.N, " ", int(now.Sub(o.Oldest).Hours()/24), " ", o.Days))
	}
	if want := []string{"accounts 2 30 7", "requests 1 20 14", "tasks 1 1 0"}; !slices.Equal(got, want) {
		t.Errorf("overdue %q, want %q", got, want)
	}
	if len(d.Spread) != 2 || d.Spread[0] != (oversight.Share{Code: "14", Name: "mazowieckie", Networks: 1, Centres: 1}) || d.Spread[1].Networks != 2 || d.Spread[1].Centres != 1 {
		t.Errorf("by voivodeship %+v", d.Spread)
	}
	if len(d.Running) != 1 || d.Running[0].ID != programme || d.Running[0].Networks != 1 || d.More {
		t.Errorf("programmes %+v", d.Running)
	}
	for name, a := range map[string]*access.Actor{"a centre": w.admin, "anybody": w.person()} {
		if _, err := w.s.Dashboard(t.Context(), a); !fault.Is(err, fault.NotFound) || w.s.MayDashboard(a) {
			t.Errorf("%s sees the country: %v", name, err)
		}
	}
}
