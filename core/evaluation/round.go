package evaluation

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/ballot"
	"ore.edu.pl/sieci/core/form"
)

// The permissions of this context, as in policies/. Answering needs a place on
// the round's list besides; what is written under a code needs the code alone.
const (
	PermView    access.Permission = "evaluation:view"
	PermManage  access.Permission = "evaluation:manage"
	PermResults access.Permission = "evaluation:results"
	PermAnswer  access.Permission = "evaluation:answer"
)

// Bounds of disclosure (fixed; a round may only be stricter).
const (
	// Threshold is the least answers on which a shown number rests.
	Threshold = 5
	// TextThreshold is the least answers to an open question that are shown.
	TextThreshold = 10
)

// Bounds of what people choose.
const (
	MinTitle = 3
	MaxTitle = 200
	// LongestRound is how far away the last day may be.
	LongestRound = 200 * 24 * time.Hour
	// RemindEvery is the shortest pause between two reminders.
	RemindEvery = 24 * time.Hour
)

// State of a round.
type State string

// The states.
const (
	Draft  State = "draft"
	Open   State = "open"
	Closed State = "closed"
)

// Outcome is what came of a closed round.
type Outcome string

// The outcomes: being counted, too few answers to show anything, there, and not
// counted because of a fault of the tool (counting can be asked for again).
const (
	Pending Outcome = "pending"
	Few     Outcome = "few"
	Ready   Outcome = "ready"
	Failed  Outcome = "failed"
)

// Round is one evaluation of one network.
type Round struct {
	ID           uuid.UUID `json:"id"`
	Network      uuid.UUID `json:"network_id"`
	NetworkTitle string    `json:"network"`
	// Tool is the qualified type.
	Tool  string `json:"tool"`
	Title string `json:"title"`
	State State  `json:"state"`
	// Questions are the paths chosen from the tool's instruments.
	Questions []string `json:"questions"`
	// Form is the questionnaire; of a draft, as it would be opened now (nil when
	// the tool cannot be asked).
	Form *form.Form `json:"-"`
	// Threshold is the least answers on which a shown number rests.
	Threshold int        `json:"threshold"`
	CreatedAt time.Time  `json:"created_at"`
	OpenedAt  *time.Time `json:"opened_at,omitempty"`
	// ClosesAt is when it closes by itself, in domain time.
	ClosesAt   *time.Time `json:"closes_at,omitempty"`
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
	RemindedAt *time.Time `json:"reminded_at,omitempty"`
	Outcome    Outcome    `json:"outcome,omitempty"`
	// Counts are zero for a draft.
	Counts  ballot.Counts `json:"counts"`
	Version int           `json:"version"`
	// Me is how the reader stands with it, May what they may do now.
	Me  Standing `json:"me"`
	May Rights   `json:"may"`

	ballot uuid.UUID
	place  access.Place
	alive  error // why the network takes no changes
}

// Place is where permissions on the round are asked.
func (r *Round) Place() access.Place { return r.place }

// Plan is a draft as it can be edited.
func (r *Round) Plan() Plan {
	p := Plan{Tool: r.Tool, Title: r.Title, Questions: slices.Clone(r.Questions)}
	if r.ClosesAt != nil {
		p.Closes = *r.ClosesAt
	}
	return p
}

// Standing is how the reader stands with an open round.
type Standing struct {
	// Listed may answer; Issued has taken the code.
	Listed bool `json:"listed"`
	Issued bool `json:"issued"`
}

// Rights are what the reader may do with a round now.
type Rights struct {
	View    bool `json:"view"`
	Manage  bool `json:"manage"`
	Answer  bool `json:"answer"`
	Results bool `json:"results"`
}

// Plan is what a coordinator decides about a round to be.
type Plan struct {
	// Tool is qualified; empty = the only one there is.
	Tool      string    `json:"tool"`
	Title     string    `json:"title"`
	Questions []string  `json:"questions"`
	Closes    time.Time `json:"closes"`
}

// Status is how far the evaluation of a network is, for guards and reports.
type Status struct {
	// Round is the newest that was opened; uuid.Nil for none.
	Round   uuid.UUID `json:"round,omitzero"`
	State   State     `json:"state,omitempty"`
	Outcome Outcome   `json:"outcome,omitempty"`
	// Invited could answer, Answered did.
	Invited  int        `json:"invited"`
	Answered int        `json:"answered"`
	Opened   *time.Time `json:"opened,omitempty"`
	Closes   *time.Time `json:"closes,omitempty"`
	Closed   *time.Time `json:"closed,omitempty"`
}
