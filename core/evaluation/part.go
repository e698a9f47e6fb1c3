package evaluation

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/gather"
)

// Brief is a round in a line.
type Brief struct {
	ID       uuid.UUID `json:"id"`
	Title    string    `json:"title"`
	Network  string    `json:"network"`
	State    State     `json:"state"`
	Outcome  Outcome   `json:"outcome"`
	Closes   time.Time `json:"closes_at"`
	Invited  int       `json:"eligible"`
	Answered int       `json:"answers"`
	Listed   bool      `json:"listed"`
	Issued   bool      `json:"issued"`
}

// PanelPart is what a network's home shows of its evaluation; false for those
// who see no evaluations anywhere.
func (s *Service) PanelPart(a *access.Actor) (gather.Part, bool) {
	return panelPart(), s.auth.Anywhere(a, PermView)
}

// PanelOf reads the rows of [Service.PanelPart]: one or none.
func PanelOf(f gather.Found) ([]Brief, error) { return gather.Decode[Brief](f, "evaluation.panel") }

// TodoPart is which questionnaires wait for the actor.
func (s *Service) TodoPart(a *access.Actor) (gather.Part, bool) { return todoPart(), a.SignedIn() }

// TodoOf reads the rows of [Service.TodoPart], the nearest date first.
func TodoOf(f gather.Found) ([]Brief, error) { return gather.Decode[Brief](f, "evaluation.todo") }
