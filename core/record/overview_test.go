package record_test

import (
	"strconv"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// An overview tells everybody just what kinds, lists and records tell them one
// by one, in one round trip.
func TestOverviewIsWhatTheListsSay(t *testing.T) {
	t.Parallel()
	w := setup(t)
	n, other := network(), uuid.New()
	w.person(other)
	for i, of := range []uuid.UUID{uuid.Nil, uuid.Nil, w.me, other, other, other} {
		p := plan(n, "Cel "+strconv.Itoa(i), nil)
		p.Person = of
		d := w.decision()
		if i == 1 || i == 3 {
			d.Actor = &access.Actor{Person: other}
		}
		ids, err := w.do(d, p)
		if err != nil {
			t.Fatal(err)
		}
		if i == 4 { // a kind that is in no list
			if _, err := w.db.Exec(t.Context(), `UPDATE record SET kind = 'secret' WHERE id = $1`, ids[0]); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.put(network(), "Gdzie indziej", nil)
	as := func(id uuid.UUID, role access.Role) *access.Actor {
		return &access.Actor{Person: id, Grants: []access.Grant{{Role: role, Kind: access.Network, Scope: n.ID}}}
	}
	for name, a := range map[string]*access.Actor{
		"coordinator": as(w.me, access.Coordinator), "member": as(w.me, access.Participant), "another member": as(other, access.Participant),
		"member without records": as(uuid.New(), access.Participant),
	} {
		for _, most := range []int{1, 2, 4, 100} {
			ctx, trips := db.WithCounter(t.Context())
			got, err := w.s.Overview(ctx, a, n, most)
			if err != nil || trips.Load() != 1 {
				t.Fatalf("%s: %v, %d round trips", name, err, trips.Load())
			}
			kinds, err := w.s.Kinds(t.Context(), a, n)
			if err != nil || len(kinds) == 0 || len(kinds) != len(got) {
				t.Fatalf("%s: %d kinds, want %d, %v", name, len(got), len(kinds), err)
			}
			for i, k := range kinds {
				o := got[i]
				l, err := w.s.List(t.Context(), a, n, k.Module, k.Kind, "", most)
				if err != nil || o.Module != k.Module || o.Kind != k.Kind || o.Title != k.Title || o.Count != k.Count || o.Listed != len(l.Items) {
					t.Fatalf("%s: %+v, want %+v with %d, %v", name, o, k, len(l.Items), err)
				}
				for _, it := range l.Items {
					r, err := w.s.Show(t.Context(), a, it.ID)
					if fault.Is(err, fault.NotFound) {
						continue
					}
					if err != nil || len(o.Records) == 0 || o.Records[0].ID != r.ID || o.Records[0].Form != r.Form ||
						o.Records[0].Answers["cel"] != r.Answers["cel"] || o.Records[0].Person != r.Person || o.Records[0].Version != r.Version {
						t.Fatalf("%s, at most %d: %+v, want %+v first, %v", name, most, o.Records, r, err)
					}
					o.Records = o.Records[1:]
				}
				if len(o.Records) > 0 {
					t.Errorf("%s reads more than by itself: %+v", name, o.Records)
				}
			}
		}
	}
	if _, err := w.s.Overview(t.Context(), as(w.me, access.Participant), effect.Scope{Kind: effect.Network, ID: uuid.New()}, 4); !fault.Is(err, fault.NotFound) {
		t.Errorf("another network: %v", err)
	}
}
