package election

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// The permissions on elections, all at the network's place.
const (
	PermView    access.Permission = "election:view"
	PermOpen    access.Permission = "election:open"    // announce leaving, cancel
	PermStand   access.Permission = "election:stand"   // be a candidate
	PermVote    access.Permission = "election:vote"    // vote
	PermConfirm access.Permission = "election:confirm" // the centre's decision
)

// State of an election.
type State string

// The states.
const (
	Standing  State = "standing" // members stand
	Voting    State = "voting"
	Elected   State = "elected" // waits for the centre
	Confirmed State = "confirmed"
	Refused   State = "refused"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Open reports whether the election is still going on.
func (s State) Open() bool { return s == Standing || s == Voting || s == Elected }

// Bounds of what people write and choose.
const (
	MaxNote      = 2000
	MaxStatement = 2000
	MaxReason    = 2000
	MaxItem      = 500
	MaxItems     = 40
	// MinStand and MinVote are the shortest times to stand and to vote, MaxTime
	// the longest of both together.
	MinStand = 24 * time.Hour
	MinVote  = 24 * time.Hour
	MaxTime  = 60 * 24 * time.Hour
	// DefaultQuorum is the share of members who must vote, in per cent.
	DefaultQuorum = 50
	MinQuorum     = 20
	MaxQuorum     = 100
	// MinVoters: with fewer an election would not be secret.
	MinVoters = 4
)

// Nobody is the vote for none of the candidates.
const Nobody = "nobody"

// Candidate stands in an election.
type Candidate struct {
	Person    uuid.UUID `json:"person_id" db:"person_id"`
	Name      string    `json:"name" db:"name"`
	Statement string    `json:"statement" db:"statement"`
	Votes     *int      `json:"votes,omitempty" db:"votes"` // after the count
}

// Item is one thing to pass on.
type Item struct {
	ID uuid.UUID `json:"id" db:"id"`
	// Key names a text of the catalogue ("election.item."+Key); else Text.
	Key    string     `json:"key,omitempty" db:"key"`
	Text   string     `json:"text,omitempty" db:"text"`
	DoneBy string     `json:"done_by,omitempty" db:"done_by"`
	DoneAt *time.Time `json:"done_at,omitempty" db:"done_at"`
}

// Election is an election as the reader may see it.
type Election struct {
	ID           uuid.UUID `json:"id"`
	Network      uuid.UUID `json:"network_id"`
	NetworkTitle string    `json:"network"`
	State        State     `json:"state"`
	OpenedBy     string    `json:"opened_by"`
	Note         string    `json:"note,omitempty"`
	Quorum       int       `json:"quorum_percent"`
	StandUntil   time.Time `json:"stand_until"`
	VoteUntil    time.Time `json:"vote_until"`
	// Eligible may vote; Turnout is how many did, known while it goes on.
	Eligible int `json:"eligible,omitempty"`
	Turnout  int `json:"turnout"`
	// Winner after the count; Reason of a failure ("few", "tie", "nobody",
	// "alone", "small", "closed") or of a refusal (the centre's words).
	Winner     string      `json:"winner,omitempty"`
	WinnerID   uuid.UUID   `json:"winner_id,omitzero"`
	Reason     string      `json:"reason,omitempty"`
	EndedAt    *time.Time  `json:"ended_at,omitempty"`
	Candidates []Candidate `json:"candidates"`
	Items      []Item      `json:"handover,omitempty"`
	// Listed: the reader may vote; Voted: they did.
	Listed bool `json:"may_vote"`
	Voted  bool `json:"voted"`
	Stands bool `json:"stands"` // the reader is a candidate
	// Concerned: the reader led the network or was elected, and sees the list.
	Concerned bool   `json:"concerned"`
	May       Rights `json:"may"`
}

// Rights are what the reader may do now, for menus; each act checks again.
type Rights struct {
	Open    bool `json:"open"`
	Stand   bool `json:"stand"`
	Confirm bool `json:"confirm"`
}
