package poll

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/schedule/calendar"
)

// The permissions on polls, all at the network's place.
const (
	// PermList sees polls with everybody's answers.
	PermList access.Permission = "poll:list"
	// PermAnswer answers and says that a chosen date does not suit any more.
	PermAnswer access.Permission = "poll:answer"
	// PermManage makes, changes, closes polls and chooses.
	PermManage access.Permission = "poll:manage"
)

// State of a poll.
type State string

// The states.
const (
	Open   State = "open"
	Closed State = "closed"
	Chosen State = "chosen"
)

// Answer is whether somebody can come.
type Answer string

// The answers; Maybe is "if need be".
const (
	Yes   Answer = "yes"
	Maybe Answer = "maybe"
	No    Answer = "no"
)

// Answers lists the answers as forms offer them.
var Answers = []Answer{Yes, Maybe, No}

// Valid reports whether a is one of [Answers].
func (a Answer) Valid() bool { return a == Yes || a == Maybe || a == No }

// Bounds of polls.
const (
	MinSlots    = 2
	MaxSlots    = 20
	MinTitle    = 3
	MaxTitle    = 200
	MaxNote     = 2000
	MaxReason   = 500
	MinLength   = 15 * time.Minute
	MaxLength   = 12 * time.Hour
	maxPeople   = 200 // names in the grid; counts are of everybody
	maxConflict = 50
)

// Network is the network that a poll belongs to.
type Network struct {
	ID     uuid.UUID `json:"id" db:"network_id"`
	Title  string    `json:"title" db:"network_title"`
	Status string    `json:"-" db:"network_status"`
	Type   string    `json:"-" db:"network_type"` // qualified
	// At is where permissions in the network are asked.
	At access.Place `json:"-" db:"-"`
}

// Poll is a poll as lists show it.
type Poll struct {
	ID       uuid.UUID `json:"id"`
	Network  Network   `json:"network"`
	Kind     string    `json:"kind"` // of the meeting to come
	Title    string    `json:"title"`
	Note     string    `json:"note,omitempty"`
	State    State     `json:"state" enum:"open,closed,chosen"`
	AnswerBy time.Time `json:"answer_by"`
	// Slots is how many are proposed, Answered how many of the Asked people gave
	// an answer to at least one, Mine to how many the reader did.
	Slots    int `json:"slots"`
	Asked    int `json:"asked"`
	Answered int `json:"answered"`
	Mine     int `json:"my_answers"`
	// ChosenSlot, Meeting and the rest are set when the poll led to a date.
	// MeetingStarts is when that meeting begins by now; MeetingState is its state.
	ChosenSlot    *uuid.UUID `json:"chosen_slot,omitempty"`
	ChosenStarts  *time.Time `json:"chosen_starts,omitempty"`
	Meeting       *uuid.UUID `json:"meeting,omitempty"`
	MeetingStarts *time.Time `json:"meeting_starts,omitempty"`
	MeetingState  string     `json:"meeting_state,omitempty"`
	Version       int        `json:"version"`
}

// Late reports whether the date to answer by has passed.
func (p *Poll) Late(now time.Time) bool { return p.State == Open && !p.AnswerBy.After(now) }

// AtRisk reports whether a conflict can still be raised: the meeting lies ahead,
// at the time that was chosen.
func (p *Poll) AtRisk(now time.Time) bool {
	return p.State == Chosen && p.MeetingStarts != nil && p.ChosenStarts != nil && p.MeetingStarts.Equal(*p.ChosenStarts) &&
		p.MeetingStarts.After(now) && (p.MeetingState == "draft" || p.MeetingState == "announced")
}

// Slot is a proposed date with what people answered.
type Slot struct {
	ID      uuid.UUID        `json:"id"`
	Starts  time.Time        `json:"starts"`
	Ends    time.Time        `json:"ends"`
	Clashes []calendar.Clash `json:"-"`
	Tally
	Mine Answer `json:"my_answer,omitempty"`
	// Place in the order of [rank], from 1; 0 while nobody answered anything.
	Place int `json:"place,omitempty"`
}

// Tally is the answers to a slot.
type Tally struct {
	Yes   int `json:"yes"`
	Maybe int `json:"maybe"`
	No    int `json:"no"`
	// Key names those who lead the network and experts who cannot come.
	Key []string `json:"key_people_no,omitempty"`
}

// Can is how many can come.
func (t *Tally) Can() int { return t.Yes + t.Maybe }

// Person is somebody asked. Role is coordinator or expert, "" for the others.
type Person struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Role string    `json:"role"`
	// Answers are by slot; missing ones were not given.
	Answers map[uuid.UUID]Answer `json:"answers"`
}

// Conflict is somebody who cannot come on the chosen date any more.
type Conflict struct {
	ID      uuid.UUID  `json:"id"`
	Person  uuid.UUID  `json:"person_id"`
	Name    string     `json:"name"`
	Role    string     `json:"role,omitempty" enum:"coordinator,expert"`
	Note    string     `json:"note,omitempty"`
	State   string     `json:"state" enum:"open,kept,withdrawn"`
	At      time.Time  `json:"raised_at"`
	Reason  string     `json:"reason,omitempty"` // why the date was kept
	Settled *time.Time `json:"settled_at,omitempty"`
}

// Rights are what the reader may do; services check each act again.
type Rights struct {
	Answer bool `json:"answer"`
	Manage bool `json:"manage"`
}

// Detail is a poll with everything on its page.
type Detail struct {
	Poll
	Options   []Slot     `json:"options"` // by time
	People    []Person   `json:"people"`  // by name, at most 200
	Conflicts []Conflict `json:"conflicts"`
	May       Rights     `json:"may"`
	// Why is the rule that put the best slot before the second; "" for no best.
	Why Rule `json:"why_best,omitempty"`
}

// Best is the slot in the first place, or nil.
func (d *Detail) Best() *Slot {
	for i := range d.Options {
		if d.Options[i].Place == 1 {
			return &d.Options[i]
		}
	}
	return nil
}

// Option finds a slot by id, or nil.
func (d *Detail) Option(id uuid.UUID) *Slot {
	for i := range d.Options {
		if d.Options[i].ID == id {
			return &d.Options[i]
		}
	}
	return nil
}

// Span is a slot to propose; ID is that of a slot which is there already.
type Span struct {
	ID     uuid.UUID `json:"id"`
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends"`
}

// Input is what a coordinator writes about a poll.
type Input struct {
	Kind     string    `json:"kind"`
	Title    string    `json:"title"`
	Note     string    `json:"note"`
	AnswerBy time.Time `json:"answer_by"`
	Slots    []Span    `json:"slots"`
	// Despite says that the coordinator saw the clashes and proposes the slots
	// all the same.
	Despite bool `json:"despite"`
}

// PathOf is the address of a poll's page.
func PathOf(id uuid.UUID) string { return "/ankiety-terminow/" + id.String() }
