package network

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/place"
)

// The permissions of this context, as in policies/.
const (
	PermList           access.Permission = "network:list"
	PermPreview        access.Permission = "network:preview"
	PermJoin           access.Permission = "network:join"
	PermFound          access.Permission = "network:found"
	PermView           access.Permission = "network:view"
	PermLeave          access.Permission = "network:leave"
	PermEdit           access.Permission = "network:edit"
	PermStage          access.Permission = "network:stage"
	PermRenew          access.Permission = "network:renew"
	PermMembers        access.Permission = "network.member:list"
	PermManage         access.Permission = "network.member:manage"
	PermInvite         access.Permission = "network.member:invite"
	PermRoles          access.Permission = "network.role:assign"
	PermProposals      access.Permission = "network.proposal:list"
	PermPropose        access.Permission = "network.proposal:create"
	PermVote           access.Permission = "network.proposal:vote"
	PermDecide         access.Permission = "network.proposal:decide"
	PermHandover       access.Permission = "network.handover:propose"
	PermHandoverByHand access.Permission = "network.handover:confirm"
)

// Status is where a network stands for the core; a module's stages are finer.
type Status string

// The statuses. A draft is seen by those who prepare it only.
const (
	Draft    Status = "draft"
	Open     Status = "open"
	Closed   Status = "closed"
	Archived Status = "archived"
)

// JoinMode is how people come in.
type JoinMode string

// The join modes.
const (
	JoinOpen       JoinMode = "open"
	JoinRequest    JoinMode = "request"
	JoinInvitation JoinMode = "invitation"
)

// JoinModes lists the modes in the order in which forms offer them.
var JoinModes = []JoinMode{JoinOpen, JoinRequest, JoinInvitation}

func (m JoinMode) valid() bool { return m == JoinOpen || m == JoinRequest || m == JoinInvitation }

// State is where a person stands with a network; "" when they never met.
type State string

// The states of a membership.
const (
	Requested State = "requested" // waits for the coordinator's yes
	Waiting   State = "waiting"   // in the waiting list
	Offered   State = "offered"   // a seat is kept for them until a date
	Active    State = "active"
	Left      State = "left"
	Removed   State = "removed"
	Declined  State = "declined" // said no to an invitation or an offer
	Refused   State = "refused"  // the coordinator said no
	Expired   State = "expired"  // let an offer pass
)

// OfferTime is how long a freed seat is kept for the first in line (scenario PDN4).
const OfferTime = 48 * time.Hour

// Bounds of what people write.
const (
	MinTitle    = 3
	MaxTitle    = 200
	MaxAim      = 4000
	MaxMessage  = 1000
	MinCapacity = 2
	MaxCapacity = 5000
	// UsualCapacity is proposed where the type says nothing: "about 20" (requirement 1).
	UsualCapacity = 20
)

// Settings are what the core itself asks about a network; the module's form
// asks the rest.
type Settings struct {
	Title      string   `json:"title"`
	Aim        string   `json:"aim"`
	SchoolYear int      `json:"school_year"` // 2026 = 2026/2027
	Join       JoinMode `json:"join"`
	// Capacity is the number of seats; 0 means no limit.
	Capacity int `json:"capacity"`
	// OnePerSchool gives seats to one person of a school complex first, until
	// PriorityUntil; zero time = until the coordinator decides otherwise.
	OnePerSchool  bool      `json:"one_per_school"`
	PriorityUntil time.Time `json:"priority_until,omitzero"`
}

// Network is everything about a network that its own pages show.
type Network struct {
	ID         uuid.UUID `json:"id"`
	Module     string    `json:"module"`
	Type       string    `json:"type"` // local to the module
	TypeTitle  string    `json:"type_title"`
	Status     Status    `json:"status"`
	Stage      string    `json:"stage"`
	StageTitle string    `json:"stage_title"`
	Centre     uuid.UUID `json:"centre_id"`
	CentreName string    `json:"centre"`
	// CentrePlace tells the organisation from its namesakes.
	CentrePlace place.Where `json:"centre_place"`
	Programme   *uuid.UUID  `json:"programme_id,omitempty"`
	Predecessor *uuid.UUID  `json:"predecessor_id,omitempty"`
	Successor   *uuid.UUID  `json:"successor_id,omitempty"`
	CreatedAt   time.Time   `json:"created_at"`
	OpenedAt    *time.Time  `json:"opened_at,omitempty"`
	ClosedAt    *time.Time  `json:"closed_at,omitempty"`
	Version     int         `json:"version"`
	Settings
	// Taken are the seats taken or offered; Members all active members, the
	// coordinator included.
	Taken   int `json:"taken"`
	Members int `json:"members"`
	// Coordinator leads the network; Name only, contact is through the platform.
	Coordinator     *uuid.UUID `json:"coordinator_id,omitempty"`
	CoordinatorName string     `json:"coordinator"`
	Me              Standing   `json:"me"`
	// May says what the reader may do here.
	May Rights `json:"may"`
	// Off means that the network's type is switched off: nothing in the network
	// can be changed, and May offers nothing; Held are the rights all the same.
	Off  bool   `json:"switched_off,omitempty"`
	Held Rights `json:"-"`
	// Matters are counts and short lists for those inside; nil for others.
	Matters *Matters `json:"matters,omitempty"`
}

// QualifiedType is the type as core/effect knows it.
func (n *Network) QualifiedType() string { return effect.Qualify(n.Module, n.Type) }

// Full reports whether no seat is free.
func (n *Network) Full() bool { return n.Capacity > 0 && n.Taken >= n.Capacity }

// Scope is the network as a scope of core/effect.
func (n *Network) Scope() effect.Scope { return effect.Scope{Kind: effect.Network, ID: n.ID} }

// Standing is how the reader stands with a network.
type Standing struct {
	State State `json:"state,omitempty"`
	// Place in the waiting list, from 1; 0 when not waiting.
	Place      int        `json:"place,omitempty"`
	Second     bool       `json:"second_of_school,omitempty"`
	Until      *time.Time `json:"offered_until,omitempty"`
	Note       string     `json:"note,omitempty"`
	Roles      []string   `json:"roles,omitempty"`
	Invitation *uuid.UUID `json:"invitation_id,omitempty"`
	// InvitedAs is the role of the invitation, InvitedUntil its last moment.
	InvitedAs    string     `json:"invited_as,omitempty"`
	InvitedUntil *time.Time `json:"invited_until,omitempty"`
	InvitedText  string     `json:"invited_text,omitempty"`
	// Handover waits for the reader's answer.
	Handover *uuid.UUID `json:"handover_id,omitempty"`
}

// Rights are the reader's permissions on a network, for menus; services check
// each act again.
type Rights struct {
	View           bool `json:"view"`
	Edit           bool `json:"edit"`
	Stage          bool `json:"stage"`
	Renew          bool `json:"renew"`
	Leave          bool `json:"leave"`
	Join           bool `json:"join"`
	Members        bool `json:"members"`
	Manage         bool `json:"manage"`
	Invite         bool `json:"invite"`
	Roles          bool `json:"roles"`
	Proposals      bool `json:"proposals"`
	Propose        bool `json:"propose"`
	Vote           bool `json:"vote"`
	Decide         bool `json:"decide"`
	Handover       bool `json:"handover"`
	HandoverByHand bool `json:"handover_by_hand"`
	Records        bool `json:"records"`
	AssignTasks    bool `json:"assign_tasks"`
}

// Matters are what a network's home shows beside the module's view.
type Matters struct {
	Requests  int           `json:"requests"`
	Waiting   int           `json:"waiting"`
	Offered   int           `json:"offered"`
	Proposals []ProposalRef `json:"proposals"`
	Agenda    []AgendaItem  `json:"agenda"`
	// HandoverTo names the member who was asked to take over; "" when none was.
	HandoverTo string `json:"handover_to,omitempty"`
}

// ProposalRef is a proposal in short.
type ProposalRef struct {
	ID    uuid.UUID  `json:"id"`
	Title string     `json:"title"`
	State string     `json:"state"`
	Until *time.Time `json:"until,omitempty"`
	Voted bool       `json:"voted"`
}

// AgendaItem waits for the agenda of the next meeting.
type AgendaItem struct {
	ID       uuid.UUID  `json:"id" db:"id"`
	Title    string     `json:"title" db:"title"`
	Minutes  *int       `json:"minutes,omitempty" db:"minutes"`
	Proposal *uuid.UUID `json:"proposal_id,omitempty" db:"proposal_id"`
}

// Door is what stands between a reader and a network: what the join button says.
type Door string

// The doors.
const (
	DoorMember     Door = "member"
	DoorOffered    Door = "offered"
	DoorWaiting    Door = "waiting"
	DoorRequested  Door = "requested"
	DoorInvited    Door = "invited"
	DoorOpen       Door = "open"
	DoorQueue      Door = "queue" // open, but full: the waiting list
	DoorRequest    Door = "request"
	DoorInvitation Door = "invitation" // only by invitation
	DoorClosed     Door = "closed"
	DoorDraft      Door = "draft"
	DoorOff        Door = "off" // its type is switched off
)

// shut is the door while the network's type is switched off: nobody comes in.
func (d Door) shut(off bool) Door {
	switch d {
	case DoorMember, DoorClosed, DoorDraft, DoorWaiting, DoorRequested:
		return d
	}
	if off {
		return DoorOff
	}
	return d
}

func door(status Status, join JoinMode, full, invited bool, mine State) Door {
	switch {
	case status == Draft:
		return DoorDraft
	case mine == Active:
		return DoorMember
	case status != Open:
		return DoorClosed
	case mine == Offered:
		return DoorOffered
	case mine == Waiting:
		return DoorWaiting
	case mine == Requested:
		return DoorRequested
	case invited:
		return DoorInvited
	case join == JoinInvitation:
		return DoorInvitation
	case join == JoinRequest || mine == Removed:
		return DoorRequest
	case full:
		return DoorQueue
	}
	return DoorOpen
}

// Door is what the reader finds at the network.
func (n *Network) Door() Door {
	return door(n.Status, n.Join, n.Full(), n.Me.Invitation != nil, n.Me.State).shut(n.Off)
}

// Brief is the frame of the network's pages.
func (n *Network) Brief() Brief {
	return Brief{ID: n.ID, Title: n.Title, Status: n.Status, May: n.May, Place: n.Place(), Off: n.Off}
}

// Place is where permissions of the network are asked.
func (n *Network) Place() access.Place {
	p := access.Place{Centre: n.Centre, Network: n.ID}
	if n.Programme != nil {
		p.Programme = *n.Programme
	}
	return p
}
