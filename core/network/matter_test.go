package network_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/network"
)

func TestBothLearnWhatTheCentreDoesWithAHandover(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	a := w.teacher()
	w.join(a, id, network.Active)
	for _, c := range []struct {
		by                   *access.Actor
		answer               network.HandoverAnswer
		key                  string
		toldLead, toldMember int
	}{
		{lead, network.HandoverWithdraw, "network.notice.handover_withdrawn", 0, 1},
		{w.admin, network.HandoverWithdraw, "network.notice.handover_withdrawn", 1, 1},
		{w.admin, network.HandoverConfirm, "network.notice.coordinator", 0, 1},
	} {
		if _, err := w.s.ProposeHandover(t.Context(), lead, id, a.Person, ""); err != nil {
			t.Fatal(err)
		}
		leadBefore, memberBefore := w.letters.count(c.key, lead.Person), w.letters.count(c.key, a.Person)
		if err := w.s.AnswerHandover(t.Context(), c.by, id, c.answer); err != nil {
			t.Fatal(err)
		}
		if l, m := w.letters.count(c.key, lead.Person)-leadBefore, w.letters.count(c.key, a.Person)-memberBefore; l != c.toldLead || m != c.toldMember {
			t.Errorf("%s: the coordinator was told %d times, the member %d times", c.answer, l, m)
		}
	}
	if n := w.letters.count("network.notice.handover_accepted", lead.Person); n != 1 {
		t.Errorf("the former coordinator was told %d times of the new one", n)
	}
}

// Only who has a vote is told to use it.
func TestAVoteIsAskedOfThoseWhoHaveOne(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	teacher, expert := w.teacher(), w.teacher()
	w.join(teacher, id, network.Active)
	w.invite(lead, id, network.Invite{People: []uuid.UUID{expert.Person}, Role: access.Expert})
	w.join(expert, id, network.Active)
	p, err := w.s.Propose(t.Context(), w.again(teacher), id, "Spotkanie w terenie", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.s.OpenVote(t.Context(), lead, id, p, w.clock.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for who, c := range map[string]struct {
		a    *access.Actor
		want int
	}{"coordinator": {lead, 1}, "participant": {teacher, 1}, "expert": {expert, 0}} {
		if list, err := w.todo(w.again(c.a)); err != nil || len(list) != c.want {
			t.Errorf("%s: %+v, %v", who, list, err)
		}
	}
}

func TestTheAgendaShowsTheNewestItems(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	for i := range 12 {
		w.exec(`INSERT INTO agenda_item (id, network_id, title, created_at) VALUES ($1, $2, $3, now())`, uuid.Must(uuid.NewV7()), id, fmt.Sprintf("Punkt %d", i+1))
	}
	n, err := w.s.Get(t.Context(), lead, id)
	if err != nil {
		t.Fatal(err)
	}
	if list := n.Matters.Agenda; len(list) != 12 || list[0].Title != "Punkt 12" || list[11].Title != "Punkt 1" {
		t.Errorf("%+v", list)
	}
	// What a meeting has taken up waits no longer, unless the meeting is cancelled.
	meeting := uuid.Must(uuid.NewV7())
	w.exec(`INSERT INTO meeting (id, network_id, kind, title, school_year, starts_at, ends_at, onsite, online, created_at, updated_at)
		VALUES ($1, $2, 'working', 'Spotkanie', 2026, now(), now() + interval '1 hour', true, false, now(), now())`, meeting, id)
	w.exec(`INSERT INTO meeting_item (id, meeting_id, position, title, minutes, source_id) SELECT gen_random_uuid(), $1, 1, title, 10, id FROM agenda_item WHERE title = 'Punkt 12'`, meeting)
	for change, want := range map[string]int{`title = 'Spotkanie robocze'`: 11, `state = 'cancelled', reason = 'Choroba', cancelled_at = now()`: 12} {
		w.exec(`UPDATE meeting SET state = 'draft', reason = '', cancelled_at = NULL WHERE id = $1`, meeting)
		w.exec(`UPDATE meeting SET `+change+` WHERE id = $1`, meeting)
		if n, err = w.s.Get(t.Context(), lead, id); err != nil || len(n.Matters.Agenda) != want {
			t.Errorf("%s: %d wait, want %d (%v)", change, len(n.Matters.Agenda), want, err)
		}
	}
}
