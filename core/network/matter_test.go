package network_test

import (
	"fmt"
	"testing"

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
}
