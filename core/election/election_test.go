package election_test

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot/dump"
	"ore.edu.pl/sieci/core/election"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/gather"
	"ore.edu.pl/sieci/core/idem"
)

// The whole way: announced, two stand, the members vote, the centre confirms;
// the rights move at once, with the list of what is to be passed on.
func TestSuccession(t *testing.T) {
	t.Parallel()
	w := setup(t, 5)
	ctx := t.Context()
	if e := w.get(w.members[0]); e != nil {
		t.Errorf("an election that nobody announced: %+v", e)
	}
	id := w.announce(nil)
	for _, m := range w.members {
		if len(w.Letters.To(m.Person, "election.notice.open")) != 1 {
			t.Errorf("a member was not told")
		}
	}
	_, err := w.s.Announce(ctx, w.lead, w.network, w.times())
	want(t, err, fault.Conflict, "election.open_already")
	want(t, w.s.Stand(ctx, w.lead, id, "Jednak zostanę"), fault.NotFound, "fault.not_found")
	want(t, w.s.Stand(ctx, w.members[0], id, " "), fault.Invalid, "election.statement")
	want(t, w.s.Vote(ctx, w.members[0], id, election.Nobody, election.NewNonce()), fault.Conflict, "election.voting_over")
	anna, ben := w.members[0], w.members[1]
	w.stand(id, anna, ben, w.members[2])
	if err := w.s.StandDown(ctx, w.members[2], id); err != nil {
		t.Fatal(err)
	}
	if e := w.get(anna); len(e.Candidates) != 2 || !e.Stands || !e.May.Stand || e.May.Open || e.State != election.Standing {
		t.Errorf("%+v", e)
	}
	w.pass(week - time.Second)
	if e := w.get(anna); e.State != election.Standing {
		t.Errorf("the voting began a second early: %s", e.State)
	}
	w.pass(time.Second)
	if e := w.get(anna); e.State != election.Voting || e.Eligible != 6 || !e.Listed || e.Voted || e.May.Stand {
		t.Errorf("%+v", e)
	}
	want(t, w.s.Stand(ctx, w.members[2], id, "Za późno"), fault.Conflict, "election.moved_on")
	for i, choice := range []string{ben.Person.String(), ben.Person.String(), ben.Person.String(), anna.Person.String()} {
		w.vote(w.members[i], id, choice)
	}
	if e := w.get(anna); !e.Voted || e.Turnout != 4 || e.Winner != "" || e.Candidates[0].Votes != nil {
		t.Errorf("an open voting tells %+v", e)
	}
	w.pass(week)
	e := w.get(anna)
	if e.State != election.Elected || e.WinnerID != ben.Person || e.Turnout != 4 || *e.Candidates[0].Votes != 3 || *e.Candidates[1].Votes != 1 || e.May.Confirm {
		t.Errorf("%+v", e)
	}
	if len(w.Letters.To(w.centre.Person, "election.notice.confirm")) != 1 {
		t.Error("the centre was not told")
	}
	if !w.leads(w.lead) || w.leads(ben) {
		t.Error("rights moved before the centre decided")
	}
	want(t, w.s.Confirm(ctx, ben, id), fault.NotFound, "fault.not_found")
	want(t, w.s.Confirm(ctx, w.lead, id), fault.NotFound, "fault.not_found")
	if err := w.s.Confirm(ctx, w.centre, id); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.Confirm(ctx, w.centre, id), fault.Conflict, "election.moved_on")
	if w.leads(w.lead) || !w.leads(ben) || w.number(`SELECT count(*) FROM role_grant WHERE scope_id = $1 AND role = 'coordinator' AND valid_to IS NULL`, w.network) != 1 {
		t.Error("the rights did not move")
	}
	if got := w.number(`SELECT count(*) FROM role_grant WHERE person_id = $1 AND scope_id = $2 AND role = 'participant' AND valid_to IS NULL`, w.lead.Person, w.network); got != 1 {
		t.Error("the former coordinator is no participant")
	}
	if e := w.get(w.lead); e.State != election.Confirmed || len(e.Items) != len(election.Items) {
		t.Errorf("%+v", e)
	}
}

// The list of what is passed on is for the two, and for the centre.
func TestHandOverList(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	ctx := t.Context()
	ben := w.members[1]
	id := w.voting(ben)
	want(t, w.s.AddItem(ctx, w.lead, id, "Klucz"), fault.Conflict, "election.moved_on")
	todo := func(a *access.Actor) int {
		p, _ := w.s.AskTodo(a)
		f, err := gather.All(ctx, w.DB, gather.Query{Person: a.Person, Now: w.Clock.Now(), Limit: 10}, p)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := w.s.ReadTodo(f)
		if err != nil {
			t.Fatal(err)
		}
		return len(rows)
	}
	w.elect(id, ben.Person.String(), ben.Person.String(), ben.Person.String())
	if todo(w.centre) != 1 {
		t.Error("the choice does not wait for the centre on its first page")
	}
	if err := w.s.Confirm(ctx, w.centre, id); err != nil {
		t.Fatal(err)
	}
	if todo(w.centre) != 0 {
		t.Error("what is confirmed still waits")
	}
	former := w.Actor(w.lead.Person) // with the roles of the next request
	if err := w.s.AddItem(ctx, former, id, "Klucz do sali 12"); err != nil {
		t.Fatal(err)
	}
	list := w.get(former).Items
	if len(list) != len(election.Items)+1 || list[len(list)-1].Text != "Klucz do sali 12" {
		t.Fatalf("%+v", list)
	}
	if todo(former) != 1 || todo(w.members[0]) != 0 {
		t.Error("what waits for whom is wrong")
	}
	for _, i := range list {
		if err := w.s.Tick(ctx, w.Actor(ben.Person), id, i.ID, true); err != nil {
			t.Fatal(err)
		}
	}
	if i := w.get(former).Items[0]; i.DoneAt == nil || !i.DoneAt.Equal(w.Clock.Now()) || i.DoneBy == "" || todo(former) != 0 {
		t.Errorf("%+v", i)
	}
	if err := w.s.Tick(ctx, w.centre, id, list[0].ID, false); err != nil || todo(former) != 1 {
		t.Error("the tick was not taken back", err)
	}
	want(t, w.s.Tick(ctx, former, id, uuid.New(), true), fault.NotFound, "fault.not_found")
	other := w.members[0]
	want(t, w.s.Tick(ctx, other, id, list[0].ID, true), fault.NotFound, "fault.not_found")
	want(t, w.s.AddItem(ctx, other, id, "Moje"), fault.NotFound, "fault.not_found")
	if e := w.get(other); len(e.Items) != 0 || e.Concerned {
		t.Errorf("a member sees the list: %+v", e.Items)
	}
	for range election.MaxItems - len(list) {
		if err := w.s.AddItem(ctx, former, id, "Jeszcze coś"); err != nil {
			t.Fatal(err)
		}
	}
	want(t, w.s.AddItem(ctx, former, id, "O jedno za dużo"), fault.Conflict, "election.items_many")
	// What a closed network left undone can no longer be passed on there, and waits for nobody.
	w.Exec(`UPDATE network SET status = 'closed', closed_at = now() WHERE id = $1`, w.network)
	if n := todo(former); n != 0 {
		t.Errorf("%d things wait in a closed network", n)
	}
}

// What does not elect anybody, and why.
func TestNoResult(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		members int
		stand   int
		votes   func(a, b string) []string
		want    string
	}{
		"nobody stands":                  {5, 0, nil, "alone"},
		"too few members for a secret":   {2, 1, nil, "small"},
		"fewer than half vote":           {5, 2, func(a, b string) []string { return []string{a, a} }, "few"},
		"two lead":                       {5, 2, func(a, b string) []string { return []string{a, b, a, b} }, "tie"},
		"as many for none as for one":    {5, 2, func(a, b string) []string { return []string{a, a, election.Nobody, election.Nobody} }, "nobody"},
		"only for none":                  {5, 1, func(a, b string) []string { return []string{election.Nobody, election.Nobody, election.Nobody} }, "nobody"},
		"exactly half is enough to tell": {5, 2, func(a, b string) []string { return []string{a, b, a} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, x.members)
			id := w.announce(nil)
			w.stand(id, w.members[:x.stand]...)
			w.pass(week)
			if x.votes != nil {
				w.elect(id, x.votes(w.members[0].Person.String(), w.members[1].Person.String())...)
			}
			e := w.get(w.lead)
			if x.want == "" {
				if e.State != election.Elected || e.WinnerID != w.members[0].Person {
					t.Fatalf("%+v", e)
				}
				return
			}
			if e.State != election.Failed || e.Reason != x.want || e.Winner != "" || e.EndedAt == nil {
				t.Fatalf("%+v, want %s", e, x.want)
			}
			if !w.leads(w.lead) {
				t.Error("the coordinator lost the role")
			}
			for _, a := range append(w.members, w.lead) {
				if len(w.Letters.To(a.Person, "election.notice.failed")) != 1 {
					t.Error("a member was not told")
				}
			}
			want(t, w.s.Confirm(t.Context(), w.centre, id), fault.Conflict, "election.moved_on")
			w.announce(nil) // another one may be opened
		})
	}
}

// Each member votes once, whatever they send and however often.
func TestOneVoteEach(t *testing.T) {
	t.Parallel()
	w := setup(t, 5)
	ctx := t.Context()
	anna, ben := w.members[0], w.members[1]
	id := w.announce(nil)
	w.stand(id, anna, ben)
	w.pass(week)
	a, b := anna.Person.String(), ben.Person.String()
	want(t, w.s.Vote(ctx, anna, id, uuid.NewString(), election.NewNonce()), fault.Invalid, "election.choice")
	want(t, w.s.Vote(ctx, anna, id, w.members[3].Person.String(), election.NewNonce()), fault.Invalid, "election.choice")
	nonce := election.NewNonce()
	if err := w.s.Vote(ctx, anna, id, a, nonce); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.Vote(ctx, anna, id, b, nonce), fault.Conflict, "ballot.cast")
	want(t, w.s.Vote(ctx, anna, id, b, election.NewNonce()), fault.Conflict, "ballot.issued")
	// Fifty forms sent at once are one vote.
	var all sync.WaitGroup
	errs := make([]error, 50)
	for i := range errs {
		all.Go(func() { errs[i] = w.s.Vote(ctx, ben, id, b, election.NewNonce()) })
	}
	all.Wait()
	yes := 0
	for _, err := range errs {
		if err == nil {
			yes++
		} else if !fault.Is(err, fault.Conflict) {
			t.Error(err)
		}
	}
	if yes != 1 {
		t.Errorf("%d of the same person's votes were taken", yes)
	}
	// Who comes later is not on the list; who votes may leave.
	late := w.Actor(w.Member("Nowa Osoba", access.Participant, w.network))
	want(t, w.s.Vote(ctx, late, id, a, election.NewNonce()), fault.NotFound, "fault.not_found")
	w.vote(w.members[2], id, a)
	w.Leave(w.members[2].Person, w.network)
	w.pass(week)
	if e := w.get(w.lead); e.State != election.Elected || *e.Candidates[0].Votes != 2 || *e.Candidates[1].Votes != 1 || e.Turnout != 3 || e.Eligible != 6 {
		t.Errorf("%+v", e)
	}
	want(t, w.s.Vote(ctx, w.members[4], id, a, election.NewNonce()), fault.Conflict, "election.voting_over")
}

// The voting is over at its second, also before the job has counted.
func TestDeadline(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	id := w.voting(w.members[0])
	w.Clock.Set(w.Clock.Now().Add(week))
	want(t, w.s.Vote(t.Context(), w.members[1], id, election.Nobody, election.NewNonce()), fault.Conflict, "election.voting_over")
	// Two nodes that sweep at once count once.
	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() { _, errs[i] = w.s.Sweep(t.Context()) })
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	if e := w.get(w.lead); e.Reason != "few" || len(w.Letters.To(w.lead.Person, "election.notice.failed")) != 1 {
		t.Errorf("%+v", e)
	}
	if n, err := w.s.Sweep(t.Context()); n != 0 || err != nil {
		t.Errorf("%d elections are due for ever, %v", n, err)
	}
}

func TestTimesAndQuorumOfAnElection(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	now := w.Clock.Now()
	for key, change := range map[string]func(*election.Input){
		"election.stand_short":  func(in *election.Input) { in.StandUntil = now.Add(election.MinStand - time.Second) },
		"election.vote_short":   func(in *election.Input) { in.VoteUntil = in.StandUntil.Add(election.MinVote - time.Second) },
		"election.time_long":    func(in *election.Input) { in.VoteUntil = now.Add(election.MaxTime + time.Second) },
		"election.quorum_range": func(in *election.Input) { in.Quorum = election.MinQuorum - 1 },
	} {
		in := w.times()
		change(&in)
		_, err := w.s.Announce(t.Context(), w.lead, w.network, in)
		want(t, err, fault.Invalid, key)
	}
	if n := w.number(`SELECT count(*) FROM election`); n != 0 {
		t.Errorf("%d elections", n)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	ctx := t.Context()
	a := w.members[0].Person.String()
	id := w.voting(w.members[0])
	want(t, w.s.Refuse(ctx, w.centre, id, "Za wcześnie"), fault.Conflict, "election.moved_on")
	w.elect(id, a, a, a)
	want(t, w.s.Refuse(ctx, w.centre, id, "  "), fault.Invalid, "election.reason")
	want(t, w.s.Refuse(ctx, w.lead, id, "Nie chcę"), fault.NotFound, "fault.not_found")
	want(t, w.s.Cancel(ctx, w.lead, id, "Już po liczeniu"), fault.Conflict, "election.moved_on")
	if err := w.s.Refuse(ctx, w.centre, id, "Osoba odchodzi ze szkoły."); err != nil {
		t.Fatal(err)
	}
	e := w.get(w.members[1])
	if e.State != election.Refused || e.Reason != "Osoba odchodzi ze szkoły." || !w.leads(w.lead) || w.leads(w.members[0]) {
		t.Errorf("%+v", e)
	}
	if n := w.number(`SELECT count(*) FROM handover_item`); n != 0 {
		t.Errorf("%d things to pass on", n)
	}
	w.announce(nil)
}

// The elected person left meanwhile: nothing moves, nothing of it is written.
func TestElectedPersonIsGone(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	a := w.members[0].Person
	id := w.voting(w.members[0])
	w.elect(id, a.String(), a.String(), a.String())
	w.Leave(a, w.network)
	want(t, w.s.Confirm(t.Context(), w.centre, id), fault.Conflict, "network.handover_outdated")
	if e := w.get(w.lead); e.State != election.Elected || !w.leads(w.lead) || w.number(`SELECT count(*) FROM handover_item`) != 0 {
		t.Errorf("%+v", e)
	}
	if err := w.s.Refuse(t.Context(), w.centre, id, "Osoba opuściła sieć."); err != nil {
		t.Error(err)
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	ctx := t.Context()
	a := w.members[0].Person.String()
	id := w.voting(w.members[0])
	w.vote(w.members[1], id, a)
	want(t, w.s.Cancel(ctx, w.members[0], id, "x"), fault.NotFound, "fault.not_found")
	if err := w.s.Cancel(ctx, w.lead, id, "Jednak zostaję."); err != nil {
		t.Fatal(err)
	}
	if e := w.get(w.lead); e.State != election.Cancelled || e.Candidates[0].Votes != nil {
		t.Errorf("%+v", e)
	}
	want(t, w.s.Vote(ctx, w.members[2], id, a, election.NewNonce()), fault.Conflict, "election.voting_over")
}

// The network closes in each stage of an election: every act is refused, and
// the election ends without a result.
func TestNetworkClosesMeanwhile(t *testing.T) {
	t.Parallel()
	for name, reach := range map[string]func(w *world) uuid.UUID{
		"standing": func(w *world) uuid.UUID {
			id := w.announce(nil)
			w.stand(id, w.members[0])
			return id
		},
		"voting": func(w *world) uuid.UUID {
			id := w.voting(w.members[0])
			w.vote(w.members[0], id, election.Nobody)
			return id
		},
		"elected": func(w *world) uuid.UUID {
			id, a := w.voting(w.members[0]), w.members[0].Person.String()
			w.elect(id, a, a, a)
			return id
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := setup(t, 4)
			ctx, id := t.Context(), reach(w)
			w.Close(w.network)
			for _, err := range []error{
				w.s.Stand(ctx, w.members[1], id, "Kandyduję"), w.s.StandDown(ctx, w.members[0], id), w.s.Cancel(ctx, w.lead, id, "x"),
				w.s.Vote(ctx, w.members[1], id, election.Nobody, election.NewNonce()), w.s.Confirm(ctx, w.centre, id), w.s.Refuse(ctx, w.centre, id, "x"),
			} {
				want(t, err, fault.Conflict, "election.network_closed")
			}
			_, err := w.s.Announce(ctx, w.lead, w.network, w.times())
			want(t, err, fault.Conflict, "election.network_closed")
			w.sweep()
			e := w.get(w.lead)
			if e.State != election.Failed || e.Reason != "closed" || e.Winner != "" || !w.leads(w.lead) || e.May != (election.Rights{}) {
				t.Errorf("%+v", e)
			}
			if n := w.number(`SELECT count(*) FROM ballot_voter`); n != 0 {
				t.Errorf("%d names of voters are left", n)
			}
		})
	}
}

// Who is not permitted to see an election does not find it.
func TestOthersFindNothing(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	ctx := t.Context()
	id := w.voting(w.members[0])
	nobody := w.Actor(w.Person("Nikt", "", "", uuid.Nil))
	other := w.Actor(w.Person("Inna Placówka", access.CentreAdmin, access.Centre, uuid.New()))
	for _, a := range []*access.Actor{nobody, w.stranger, other} {
		_, _, err := w.s.Of(ctx, a, w.network)
		want(t, err, fault.NotFound, "fault.not_found")
		_, err = w.s.Network(ctx, a, id)
		want(t, err, fault.NotFound, "fault.not_found")
		_, err = w.s.Announce(ctx, a, w.network, w.times())
		want(t, err, fault.NotFound, "fault.not_found")
		for _, err := range []error{
			w.s.Stand(ctx, a, id, "x"), w.s.StandDown(ctx, a, id), w.s.Vote(ctx, a, id, election.Nobody, election.NewNonce()), w.s.Cancel(ctx, a, id, "x"),
			w.s.Confirm(ctx, a, id), w.s.Refuse(ctx, a, id, "x"), w.s.AddItem(ctx, a, id, "x"), w.s.Tick(ctx, a, id, uuid.New(), true),
		} {
			want(t, err, fault.NotFound, "fault.not_found")
		}
	}
	_, _, err := w.s.Of(ctx, &access.Actor{}, w.network)
	want(t, err, fault.Unauthenticated, "fault.unauthenticated")
	// A participant announces nothing; experts and moderators look on and do not vote.
	_, err = w.s.Announce(ctx, w.members[0], w.network, w.times())
	want(t, err, fault.NotFound, "fault.not_found")
	expert := w.Actor(w.Member("Ewa Ekspert", access.Expert, w.network))
	if e := w.get(expert); e.State != election.Voting || e.Listed || e.May != (election.Rights{}) {
		t.Errorf("%+v", e)
	}
	want(t, w.s.Vote(ctx, expert, id, election.Nobody, election.NewNonce()), fault.NotFound, "fault.not_found")
}

// A form sent twice is one candidacy and one announcement.
func TestSentTwice(t *testing.T) {
	t.Parallel()
	w := setup(t, 4)
	in := w.times()
	ctx := idem.With(t.Context(), idem.NewKey())
	one, err := w.s.Announce(ctx, w.lead, w.network, in)
	two, again := w.s.Announce(ctx, w.lead, w.network, in)
	if err != nil || again != nil || one != two || w.number(`SELECT count(*) FROM election`) != 1 {
		t.Error(one, err, two, again)
	}
}

// Two hundred members vote in a known order; the whole database after the count
// tells nobody who voted for whom.
func TestDumpLinksNoVoteToAPerson(t *testing.T) {
	t.Parallel()
	const voters = 200
	w := setup(t, voters)
	people := make([]*access.Actor, voters)
	for i, at := range rand.New(rand.NewPCG(5, 6)).Perm(voters) {
		people[i] = w.members[at]
	}
	id := w.announce(nil)
	w.stand(id, w.members[:50]...)
	w.pass(week)
	votes := make([]string, voters)
	for i, a := range people {
		// The first four vote for the first candidate, the next four for the second,
		// and so on: whatever keeps the order of voting would show.
		c := i / (voters / 50)
		votes[i] = w.members[c].Person.String()
		w.vote(a, id, votes[i])
	}
	w.pass(week)
	if e := w.get(w.lead); e.Turnout != voters || e.Reason != "tie" {
		t.Fatalf("%+v", e)
	}
	if n := w.number(`SELECT count(*) FROM ballot_voter`) + w.number(`SELECT count(*) FROM ballot_paper`) + w.number(`SELECT count(*) FROM ballot WHERE secret IS NOT NULL`); n != 0 {
		t.Errorf("%d rows of people, papers and keys are left", n)
	}
	if n := w.number(`SELECT count(*) FROM audit_event WHERE actor_id <> $1 AND action <> 'election:stand'`, w.lead.Person); n != 0 {
		t.Errorf("the audit log holds %d acts of voters", n)
	}
	if n := w.number(`SELECT count(*) FROM idempotency_key`); n != 0 {
		t.Errorf("%d keys of forms are left", n)
	}
	w.joined(people, votes)
	r := w.order(votes)
	if r.Tested < 3 {
		t.Errorf("%d features tested", r.Tested)
	}
	for _, f := range r.Findings {
		t.Errorf("tells the order of votes: %s", f)
	}
	// The same look finds an urn whose answers lie in the order in which they came.
	w.Exec(`DELETE FROM ballot_answer`)
	for _, v := range votes {
		w.Exec(`INSERT INTO ballot_answer (id, ballot_id, payload) SELECT gen_random_uuid(), ballot_id, $1 FROM election WHERE id = $2`, v, id)
	}
	if r := w.order(votes); len(r.Findings) == 0 {
		t.Error("the look does not find votes that lie in their order")
	}
}

// order looks whether the dump tells in which order the answers of the urn came.
// Votes for the same candidate say the same, so which of them is whose is drawn.
func (w *world) order(votes []string) *dump.Report {
	w.T.Helper()
	var rows []struct {
		ID      uuid.UUID `db:"id"`
		Payload string    `db:"payload"`
	}
	if err := w.DB.Select(w.T.Context(), &rows, `SELECT id, payload FROM ballot_answer ORDER BY md5(CAST(id AS text)) LIMIT 1000`); err != nil {
		w.T.Fatal(err)
	}
	of := map[string][]uuid.UUID{}
	for _, r := range rows {
		of[r.Payload] = append(of[r.Payload], r.ID)
	}
	marks := make([]dump.Mark, len(votes))
	for i, v := range votes {
		if len(of[v]) == 0 {
			w.T.Fatalf("a vote for %s is lost", v)
		}
		marks[i] = dump.Mark{Texts: []string{of[v][0].String()}}
		of[v] = of[v][1:]
	}
	r, err := dump.Look(w.T.Context(), w.DB, marks)
	if err != nil {
		w.T.Fatal(err)
	}
	// The vote itself goes with the order here, because people voted in the order
	// of candidates; what would tell is anything else.
	r.Findings = slices.DeleteFunc(r.Findings, func(f dump.Finding) bool { return f.Table == "ballot_answer" && f.Feature == "payload as id" })
	return r
}

var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// joined looks for a row of any table that names a person and whom they voted for.
func (w *world) joined(people []*access.Actor, votes []string) {
	w.T.Helper()
	voted := map[string]string{}
	for i, a := range people {
		if votes[i] != a.Person.String() {
			voted[a.Person.String()] = votes[i]
		}
	}
	var tables []string
	if err := w.DB.Select(w.T.Context(), &tables, `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE relkind = 'r' AND nspname = 'public' LIMIT 1000`); err != nil {
		w.T.Fatal(err)
	}
	for _, table := range tables {
		var rows []string
		if err := w.DB.Select(w.T.Context(), &rows, `SELECT CAST(row_to_json(t) AS text) FROM "`+table+`" t LIMIT 100000`); err != nil {
			w.T.Fatal(err)
		}
		for _, r := range rows {
			in := ids.FindAllString(r, -1)
			for _, id := range in {
				if v := voted[id]; v != "" && slices.Contains(in, v) {
					w.T.Errorf("%s joins a person with their vote: %s", table, r)
				}
			}
		}
	}
}
