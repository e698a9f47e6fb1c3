package network_test

import (
	"testing"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/network"
)

// To an address that the founder knows no account of, the role is offered, and
// nothing tells whether there is one.
func TestCoordinatorsRoleIsOfferedToAnAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	away := w.teacher()
	w.accounts.away = away.Person.String() + "@example.org"
	var ids []uuid.UUID
	for _, email := range []string{w.accounts.away, "nikt@example.org"} {
		in := founding(w, nil)
		in.Coordinator = " " + email
		if err := w.s.CheckFounding(t.Context(), w.admin, in); err != nil {
			t.Fatal(err)
		}
		id, err := w.s.Found(t.Context(), w.admin, in)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		if !w.again(w.admin).Has(access.Coordinator, access.Network, id) {
			t.Error("the founder does not lead")
		}
		h, err := w.s.Handover(t.Context(), w.again(w.admin), id)
		if err != nil || !h.Offered || !h.ByMe || h.ForMe || h.To != email {
			t.Errorf("%+v, %v", h, err)
		}
	}
	if w.accounts.offers != 2 || len(w.accounts.asked) != 1 || w.letters.count("network.notice.lead_offer", away.Person) != 1 {
		t.Errorf("%d offers, letters to %v", w.accounts.offers, w.accounts.asked)
	}
	if len(w.again(away).Grants) != 0 {
		t.Error("an office unasked")
	}
	in := founding(w, nil)
	in.Coordinator = "to nie adres"
	if _, err := w.s.Found(t.Context(), w.admin, in); !fault.Is(err, fault.Invalid) || fault.As(err).Fields[0].Path != "coordinator" {
		t.Errorf("no address: %v", err)
	}
	admin := w.again(w.admin)
	admin.Grants = append(admin.Grants, w.admin.Grants...)
	if err := w.s.AnswerHandover(t.Context(), admin, ids[0], network.HandoverConfirm); !fault.Is(err, fault.Conflict) {
		t.Errorf("accepted for somebody else: %v", err)
	}
	if err := w.s.AnswerLeadOffer(t.Context(), w.teacher(), ids[0], true); !fault.Is(err, fault.NotFound) {
		t.Errorf("somebody else accepts: %v", err)
	}
	if todo, err := w.todo(away); err != nil || len(todo) != 1 || todo[0].Kind != "lead_offer" {
		t.Errorf("to do: %+v, %v", todo, err)
	}
	if o, err := w.s.LeadOffer(t.Context(), away, ids[0]); err != nil || o.Title == "" || o.Centre == "" {
		t.Errorf("%+v, %v", o, err)
	}
	if err := w.s.AnswerLeadOffer(t.Context(), away, ids[0], true); err != nil {
		t.Fatal(err)
	}
	if !w.again(away).Has(access.Coordinator, access.Network, ids[0]) || len(w.again(w.admin).Grants) != 1 {
		t.Errorf("roles: new %v, old %v", w.again(away).Grants, w.again(w.admin).Grants)
	}
	if n := w.letters.count("network.notice.lead_accepted", w.admin.Person); n != 1 {
		t.Errorf("the founder was told %d times", n)
	}
	w.whole()
}

// The present coordinator stays until the offer is taken up; declining leaves
// everything as it was.
func TestReplacementIsOfferedToAnAddress(t *testing.T) {
	t.Parallel()
	w := setup(t)
	id, lead := w.open(nil)
	away, member := w.teacher(), w.teacher()
	w.accounts.away = away.Person.String() + "@example.org"
	for _, email := range []string{"nikt@example.org", w.accounts.away} {
		if offered, err := w.s.ReplaceCoordinator(t.Context(), w.admin, id, email); err != nil || !offered {
			t.Fatalf("%s: offered %v, %v", email, offered, err)
		}
	}
	if !w.again(lead).Has(access.Coordinator, access.Network, id) {
		t.Error("the coordinator is gone")
	}
	if err := w.s.AnswerLeadOffer(t.Context(), away, id, false); err != nil {
		t.Fatal(err)
	}
	if err := w.s.AnswerLeadOffer(t.Context(), away, id, true); !fault.Is(err, fault.NotFound) {
		t.Errorf("answered twice: %v", err)
	}
	if _, err := w.s.ReplaceCoordinator(t.Context(), w.admin, id, w.accounts.away); err != nil {
		t.Fatal(err)
	}
	if err := w.s.AnswerLeadOffer(t.Context(), away, id, true); err != nil {
		t.Fatal(err)
	}
	if !w.again(away).Has(access.Coordinator, access.Network, id) || w.again(lead).Has(access.Coordinator, access.Network, id) || !w.again(lead).Has(access.Participant, access.Network, id) {
		t.Errorf("roles: new %v, old %v", w.again(away).Grants, w.again(lead).Grants)
	}
	// A member is put in charge at once, wherever they work.
	w.join(member, id, network.Active)
	w.accounts.away = member.Person.String() + "@example.org"
	if offered, err := w.s.ReplaceCoordinator(t.Context(), w.admin, id, w.accounts.away); err != nil || offered {
		t.Errorf("a member: offered %v, %v", offered, err)
	}
	w.whole()
}
