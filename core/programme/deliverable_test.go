package programme_test

import (
	"testing"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/programme"
)

func TestDeliverablesAreCountedWithEvidence(t *testing.T) {
	t.Parallel()
	w := setup(t)
	p, other, ctx := w.programme("AA"), w.programme("BB"), t.Context()
	in := programme.Deliverable{Title: "Opisy dobrych praktyk", Kind: "practice", Target: 20}
	if err := w.s.AddDeliverable(ctx, w.admin, p.ID, in); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.AddDeliverable(ctx, w.admin, p.ID, in), fault.Invalid, "programme.deliverable_twice")
	want(t, w.s.AddDeliverable(ctx, w.admin, p.ID, programme.Deliverable{Title: "x", Kind: "nonsense", Target: 1}), fault.Invalid, "programme.deliverable_kind")
	want(t, w.s.AddDeliverable(ctx, w.person(), p.ID, in), fault.NotFound, "fault.not_found")
	l, err := w.s.Deliverables(ctx, w.admin, p.ID)
	if err != nil || len(l) != 1 || l[0].Target != 20 || l[0].Actual != 0 {
		t.Fatalf("%+v %v", l, err)
	}
	id := l[0].ID
	item := programme.DeliverableItem{Title: "Opis 1", Link: "https://example.org/1", Day: day(t, "2026-11-20")}
	if err := w.s.AddItem(ctx, w.admin, p.ID, id, item); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.AddItem(ctx, w.admin, p.ID, id, item), fault.Invalid, "programme.item_twice")
	want(t, w.s.AddItem(ctx, w.admin, other.ID, id, item), fault.NotFound, "fault.not_found")
	item.Link = "javascript:alert(1)"
	want(t, w.s.AddItem(ctx, w.admin, p.ID, id, item), fault.Invalid, "programme.item_link")
	item.Link, item.Day = "https://example.org/2", day(t, "2026-11-25")
	want(t, w.s.AddItem(ctx, w.admin, p.ID, id, item), fault.Invalid, "programme.item_day")
	item.Day = day(t, "2026-11-24")
	if err := w.s.AddItem(ctx, w.admin, p.ID, id, item); err != nil {
		t.Fatal(err)
	}
	items, next, err := w.s.DeliverableItems(ctx, w.admin, p.ID, id, [16]byte{}, 1)
	if err != nil || len(items) != 1 || items[0].Link != "https://example.org/2" || next == "" {
		t.Fatalf("%+v %q %v", items, next, err)
	}
	if err := w.s.RemoveItem(ctx, w.admin, p.ID, id, items[0].ID); err != nil {
		t.Fatal(err)
	}
	if err := w.s.SetDeliverableTarget(ctx, w.admin, p.ID, id, 25, 1); err != nil {
		t.Fatal(err)
	}
	want(t, w.s.SetDeliverableTarget(ctx, w.admin, p.ID, id, 30, 1), fault.Conflict, "fault.conflict")
	if l, err = w.s.Deliverables(ctx, w.admin, p.ID); err != nil || l[0].Actual != 1 || l[0].Target != 25 {
		t.Fatalf("%+v %v", l, err)
	}
	if _, err := w.s.Deliverables(ctx, w.person(), p.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger: %v", err)
	}
}
