package schedule

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/clock"
)

// The permissions on meetings, all at the network's place.
const (
	// PermView sees announced meetings: date, agenda, minutes.
	PermView access.Permission = "meeting:view"
	// PermAnswer answers invitations and checks in.
	PermAnswer access.Permission = "meeting:answer"
	// PermManage plans, announces, moves and cancels meetings and sees drafts.
	PermManage access.Permission = "meeting:manage"
	// PermRegister keeps attendance and minutes.
	PermRegister access.Permission = "meeting:register"
	// PermClose makes register and minutes final.
	PermClose access.Permission = "meeting:close"
	// PermHours sees everybody's hours and attendance.
	PermHours access.Permission = "meeting:hours"
)

// State of a meeting.
type State string

// The states.
const (
	Draft     State = "draft"
	Announced State = "announced"
	Held      State = "held"
	Closed    State = "closed"
	Cancelled State = "cancelled"
)

// Way is how somebody takes part, or that they will not.
type Way string

// The ways; No is an answer only.
const (
	OnSite Way = "onsite"
	Online Way = "online"
	No     Way = "no"
)

// TeachingHour is the unit of hours (requirement 34): 45 minutes.
const TeachingHour = 45

// Bounds of what people write.
const (
	MinTitle   = 3
	MaxTitle   = 200
	MaxNote    = 4000
	MaxPlace   = 200
	MaxAddress = 1000
	MaxLink    = 1000
	MaxReason  = 1000
	MinLength  = 15 * time.Minute
	MaxLength  = 10 * 24 * time.Hour
)

// Input is what a coordinator writes about a meeting. Starts and Ends come from
// [When.Resolve] where people typed them.
type Input struct {
	Kind   string    `json:"kind"`
	Title  string    `json:"title"`
	Note   string    `json:"note"`
	Starts time.Time `json:"starts"`
	Ends   time.Time `json:"ends"`
	Where
}

// Where says how a meeting can be attended.
type Where struct {
	OnSite bool `json:"onsite"`
	Online bool `json:"online"`
	// Place is the venue and town, read by everybody inside; Address and how to
	// get there is for those who come, Link for those who take part online.
	Place   string `json:"place"`
	Address string `json:"address"`
	Link    string `json:"link"`
}

// Offers reports whether one may take part that way.
func (w *Where) Offers(way Way) bool {
	return way == No || way == OnSite && w.OnSite || way == Online && w.Online
}

// Ways lists the ways that the meeting offers.
func (w *Where) Ways() []Way {
	var out []Way
	if w.OnSite {
		out = append(out, OnSite)
	}
	if w.Online {
		out = append(out, Online)
	}
	return out
}

// Meeting is a meeting as lists show it: without address and link.
type Meeting struct {
	ID           uuid.UUID  `json:"id"`
	Network      uuid.UUID  `json:"network_id"`
	NetworkTitle string     `json:"network"`
	Kind         string     `json:"kind"`
	KindTitle    string     `json:"kind_title"`
	Title        string     `json:"title"`
	State        State      `json:"state"`
	Reason       string     `json:"reason,omitempty"` // of a cancellation
	SchoolYear   int        `json:"school_year"`
	Starts       time.Time  `json:"starts"`
	Ends         time.Time  `json:"ends"`
	OnSite       bool       `json:"onsite"`
	Online       bool       `json:"online"`
	Place        string     `json:"place"`
	Minutes      int        `json:"minutes"` // of teaching: the agenda without breaks, or the whole time
	Programme    *time.Time `json:"programme_sent_at,omitempty"`
	Version      int        `json:"version"`
	// Answer is the reader's own, "" before one; Stale when it was given before
	// the meeting moved.
	Answer Way  `json:"answer,omitempty"`
	Stale  bool `json:"answer_before_move,omitempty"`
	// Counts are the answers so far, for those who manage the meeting.
	Counts *Counts `json:"counts,omitempty"`
}

// Counts are the answers to an invitation. Invited without an answer have not
// answered; Stale of the answers were given before the meeting moved.
type Counts struct {
	Invited int `json:"invited"`
	OnSite  int `json:"onsite"`
	Online  int `json:"online"`
	No      int `json:"no"`
	Stale   int `json:"before_move"`
}

// Silent is how many have not answered.
func (c *Counts) Silent() int { return max(0, c.Invited-c.OnSite-c.Online-c.No) }

// Hours are the meeting's teaching hours.
func (m *Meeting) Hours() float64 { return float64(m.Minutes) / TeachingHour }

// Past reports whether the meeting is over at the time.
func (m *Meeting) Past(now time.Time) bool { return !m.Ends.After(now) }

// Going reports whether answers are still taken at the time.
func (m *Meeting) Going(now time.Time) bool { return m.State == Announced && m.Starts.After(now) }

// Rights are what the reader may do with a meeting; services check each act again.
type Rights struct {
	Answer   bool `json:"answer"`
	Manage   bool `json:"manage"`
	Register bool `json:"register"`
	Close    bool `json:"close"`
	Hours    bool `json:"hours"`
}

// Person is a name with its id.
type Person struct {
	ID   uuid.UUID `json:"id" db:"id"`
	Name string    `json:"name" db:"name"`
}

// schoolYear of a meeting is that of its beginning.
func schoolYear(t time.Time) int { return clock.SchoolYear(t) }
