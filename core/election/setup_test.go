package election_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/board/boardtest"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/scripted"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
)

// world is a network with a coordinator and members, and the rooms that an
// election needs: the urn and the network whose roles move.
type world struct {
	*boardtest.World
	s       *election.Service
	network uuid.UUID
	lead    *access.Actor
	members []*access.Actor
	// centre confirms; stranger leads another network of the centre.
	centre, stranger *access.Actor
}

// noAccounts invites nobody by mail.
type noAccounts struct{ network.Accounts }

func setup(t *testing.T, members int) *world {
	t.Helper()
	w := &world{World: boardtest.New(t)}
	key := make([]byte, 32)
	log := audit.New(key, w.Clock)
	modules := scripted.Modules{}
	networks := network.New(network.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Modules: modules, Notify: w.Letters, Accounts: noAccounts{}, CursorKey: key,
		Engine: effect.New(effect.Config{DB: w.DB, Clock: w.Clock, Audit: log, Access: w.Auth, Modules: modules})})
	w.s = election.New(election.Config{DB: w.DB, Access: w.Auth, Audit: log, Clock: w.Clock, Box: ballot.New(ballot.Config{DB: w.DB, Key: key}), Notify: w.Letters, Networks: networks})
	w.network = w.Network("Ocenianie kształtujące")
	w.lead = w.Actor(w.Member("Karol Koordynator", access.Coordinator, w.network))
	for range members {
		w.members = append(w.members, w.Actor(w.Member("Osoba", access.Participant, w.network)))
	}
	w.centre = w.Actor(w.Person("Celina Centralna", access.CentreAdmin, access.Centre, w.Centre))
	w.stranger = w.Actor(w.Member("Obcy Koordynator", access.Coordinator, w.Network("Inna sieć")))
	return w
}

// times: a week to stand, a week to vote, half of the members must.
func (w *world) times() election.Input {
	now := w.Clock.Now()
	return election.Input{Note: "Odchodzę na urlop.", Quorum: 50, StandUntil: now.AddDate(0, 0, 7), VoteUntil: now.AddDate(0, 0, 14)}
}

func (w *world) announce(change func(*election.Input)) uuid.UUID {
	w.T.Helper()
	in := w.times()
	if change != nil {
		change(&in)
	}
	id, err := w.s.Announce(w.T.Context(), w.lead, w.network, in)
	if err != nil {
		w.T.Fatal(err)
	}
	return id
}

func (w *world) stand(id uuid.UUID, people ...*access.Actor) {
	w.T.Helper()
	for _, a := range people {
		if err := w.s.Stand(w.T.Context(), a, id, "Chcę prowadzić sieć."); err != nil {
			w.T.Fatal(err)
		}
	}
}

// pass lets time go by and does what is due.
func (w *world) pass(d time.Duration) {
	w.T.Helper()
	w.Clock.Set(w.Clock.Now().Add(d))
	w.sweep()
}

func (w *world) sweep() {
	w.T.Helper()
	if _, err := w.s.Sweep(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

const week = 7 * 24 * time.Hour

// voting announces, has the people stand, and waits for the voting to begin.
func (w *world) voting(candidates ...*access.Actor) uuid.UUID {
	w.T.Helper()
	id := w.announce(nil)
	w.stand(id, candidates...)
	w.pass(week)
	if e := w.get(w.lead); e.State != election.Voting {
		w.T.Fatalf("the voting did not begin: %+v", e)
	}
	return id
}

func (w *world) vote(a *access.Actor, id uuid.UUID, choice string) {
	w.T.Helper()
	if err := w.s.Vote(w.T.Context(), a, id, choice, election.NewNonce()); err != nil {
		w.T.Fatal(err)
	}
}

// elect has members vote for the people in order, and counts.
func (w *world) elect(id uuid.UUID, choices ...string) *election.Election {
	w.T.Helper()
	for i, c := range choices {
		w.vote(w.members[i], id, c)
	}
	w.pass(week)
	return w.get(w.lead)
}

func (w *world) get(a *access.Actor) *election.Election {
	w.T.Helper()
	e, _, err := w.s.Of(w.T.Context(), a, w.network)
	if err != nil {
		w.T.Fatal(err)
	}
	return e
}

func (w *world) number(query string, args ...any) int {
	w.T.Helper()
	var n int
	if err := w.DB.Get(w.T.Context(), &n, query, args...); err != nil {
		w.T.Fatal(err)
	}
	return n
}

// leads reports whether the person has the coordinator's role now.
func (w *world) leads(a *access.Actor) bool {
	w.T.Helper()
	return w.number(`SELECT count(*) FROM role_grant WHERE person_id = $1 AND scope_id = $2 AND role = 'coordinator' AND valid_to IS NULL`, a.Person, w.network) == 1
}

func want(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %s", key)
		return
	}
	f := fault.As(err)
	ok := f.Key == key
	for _, x := range f.Fields {
		ok = ok || x.Key == key
	}
	if f.Kind != kind || !ok {
		t.Errorf("got %v, want %s %s", err, kind, key)
	}
}
