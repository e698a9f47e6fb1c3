package task_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/task"
)

// listed are the tasks of the network as the actor finds them, page by page.
func (w *world) listed(a *access.Actor, which task.Which) []uuid.UUID {
	w.t.Helper()
	var out []uuid.UUID
	for after := ""; ; {
		p, err := w.s.InScope(w.t.Context(), a, w.network, which, after, 1)
		if err != nil {
			w.t.Fatal(err)
		}
		for i := range p.Items {
			out = append(out, p.Items[i].ID)
		}
		if p.Where.Title != "Sieć" || (len(p.Kinds) > 0) != (a == w.coordinator) {
			w.t.Errorf("where: %+v, %d kinds", p.Where, len(p.Kinds))
		}
		if after = p.Next; after == "" {
			return out
		}
	}
}

// Of a task given to everybody each member finds their own part where it stands,
// and whoever judges finds the parts, not the task that stays open for others.
func TestPartsInTheListsOfTheNetwork(t *testing.T) {
	t.Parallel()
	w := setup(t)
	each := w.assign("observation", effect.Assignee{Kind: effect.AssigneeNetwork, ID: w.network.ID})
	expect := func(who string, a *access.Actor, which task.Which, want ...uuid.UUID) {
		t.Helper()
		got := w.listed(a, which)
		if !slices.Equal(slices.SortedFunc(slices.Values(got), compare), slices.SortedFunc(slices.Values(want), compare)) {
			t.Errorf("%s, %s: %v, want %v", who, which, got, want)
		}
	}
	expect("Anna", w.anna, task.Turn, each)
	expect("the coordinator", w.coordinator, task.Turn, each)
	r, err := w.submit(w.anna, each, 1, `{"temat":"Ułamki"}`)
	if err != nil {
		t.Fatal(err)
	}
	expect("Anna, handed in", w.anna, task.Turn)
	expect("Anna, handed in", w.anna, task.Waiting, r.Task)
	expect("Jan", w.jan, task.Turn, each)
	expect("Jan", w.jan, task.Waiting)
	expect("the coordinator", w.coordinator, task.Turn, each)
	expect("the coordinator", w.coordinator, task.Waiting, r.Task)
	expect("the coordinator", w.coordinator, task.All, each)
	s, err := w.submit(w.jan, each, 1, `{"temat":"Ułamki"}`)
	if err != nil {
		t.Fatal(err)
	}
	expect("the coordinator", w.coordinator, task.Waiting, r.Task, s.Task)
	if err := w.s.Decide(t.Context(), w.coordinator, r.Task, task.Judgement{Verdict: effect.Accepted, Version: w.get(w.anna, r.Task).Version}); err != nil {
		t.Fatal(err)
	}
	expect("Anna, accepted", w.anna, task.Ended, r.Task)
	expect("Anna, accepted", w.anna, task.Waiting)
	expect("the coordinator", w.coordinator, task.Ended, r.Task)
	expect("the coordinator", w.coordinator, task.Waiting, s.Task)
	if err := w.s.Cancel(t.Context(), w.coordinator, each, "", w.get(w.coordinator, each).Version); err != nil {
		t.Fatal(err)
	}
	expect("the coordinator, cancelled", w.coordinator, task.Ended, each, r.Task) // Jan's part ended with it
	expect("Jan, cancelled", w.jan, task.Ended, s.Task)
}

func compare(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }

// Nobody is offered to judge what they handed in themselves.
func TestOwnWorkIsNotOffered(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.coordinator = w.both()
	each := w.assign("observation", effect.Assignee{Kind: effect.AssigneeNetwork, ID: w.network.ID})
	own, err := w.submit(w.coordinator, each, 1, `{"temat":"Moje"}`)
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.submit(w.anna, each, 1, `{"temat":"Cudze"}`)
	if err != nil {
		t.Fatal(err)
	}
	if w.get(w.coordinator, own.Task).MayReview || !w.get(w.coordinator, other.Task).MayReview {
		t.Error("own work is offered, or another's is not")
	}
	todo, err := w.s.ToReview(t.Context(), w.coordinator, 10)
	if err != nil || len(todo) != 1 || todo[0].ID != other.Task {
		t.Errorf("to review: %+v, %v", todo, err)
	}
}

// both leads the network and takes part in it.
func (w *world) both() *access.Actor {
	a := w.person("Olga", access.Participant, access.Network, w.network.ID)
	a.Grants = append(a.Grants, access.Grant{Role: access.Coordinator, Kind: access.Network, Scope: w.network.ID})
	return a
}

// A list to choose from as long as it can be read, a search beyond.
func TestCandidatesOfLargeNetworks(t *testing.T) {
	t.Parallel()
	w := setup(t)
	c, err := w.s.Choices(t.Context(), w.coordinator, w.network)
	if err != nil || c.Many || len(c.People) != 2 || len(c.Groups) != 1 || len(c.Kinds) == 0 || c.Where.Title != "Sieć" {
		t.Fatalf("%+v, %v", c, err)
	}
	for i := range 99 {
		w.person(fmt.Sprintf("Łucja Żak %02d", i), access.Participant, access.Network, w.network.ID)
	}
	if c, err = w.s.Choices(t.Context(), w.coordinator, w.network); err != nil || !c.Many || c.People != nil {
		t.Fatalf("%+v, %v", c, err)
	}
	f, err := w.s.FindMembers(t.Context(), w.coordinator, w.network, "zak łuc")
	if err != nil || len(f.People) != 30 || !f.More || f.People[0].Name != "Łucja Żak 00" {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err = w.s.FindMembers(t.Context(), w.coordinator, w.network, "zak 98"); err != nil || len(f.People) != 1 || f.More {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err = w.s.FindMembers(t.Context(), w.coordinator, w.network, "example"); err != nil || len(f.People) != 0 {
		t.Errorf("found by an address: %+v, %v", f, err)
	}
	if f, err = w.s.FindMembers(t.Context(), w.coordinator, w.group, ""); err != nil || len(f.People) != 2 {
		t.Errorf("of the group: %+v, %v", f, err)
	}
	if _, err = w.s.FindMembers(t.Context(), w.anna, w.network, "zak"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a participant searches: %v", err)
	}
	if _, err := w.s.Member(t.Context(), w.coordinator, w.network, w.stranger.Person); !fault.Is(err, fault.NotFound) {
		t.Errorf("a stranger is a member: %v", err)
	}
}
