package network_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
)

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
