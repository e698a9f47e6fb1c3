package consent

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/place"
)

// The permissions, at the network's place.
const (
	PermView access.Permission = "consent:view" // read the contract and one's own decisions
	PermGive access.Permission = "consent:give" // sign, decide
	PermList access.Permission = "consent:list" // see who signed and who agreed
)

// ContractKind is the kind of record in which a module keeps the contract of a
// network. A type without such a kind has no contract to sign.
const ContractKind = "contract"

// Wording is the version of the words about photos that people decide on now:
// the month in which they were written. The texts of earlier versions stay in
// the catalogue (consent.image.<version>), because people agreed to them.
const Wording = "2026-11"

// Contract is what the network agreed on.
type Contract struct {
	Record  uuid.UUID    `json:"id"`
	Version int64        `json:"version"`
	Title   string       `json:"title"`
	Since   time.Time    `json:"since"` // when these words were written down
	Form    *form.Form   `json:"-"`
	Answers form.Answers `json:"answers"`
}

// Signature is somebody's yes to a contract.
type Signature struct {
	Version int64     `json:"version" db:"version"`
	At      time.Time `json:"at" db:"signed_at"`
}

// Decision is somebody's yes or no to photos.
type Decision struct {
	Granted bool      `json:"granted" db:"granted"`
	Wording string    `json:"wording" db:"wording"`
	At      time.Time `json:"at" db:"decided_at"`
}

// Mine is what the reader agreed to in a network.
type Mine struct {
	Network Network `json:"network"`
	// Contract is nil while the network has none.
	Contract *Contract `json:"contract,omitempty"`
	// Signed is the newest signature, perhaps of earlier words; nil without any.
	Signed *Signature `json:"signed,omitempty"`
	// Image is nil while nothing was decided: that is no consent.
	Image *Decision `json:"image,omitempty"`
	// MayGive: the reader belongs to the network and it is open.
	MayGive bool `json:"may_give"`
	MayList bool `json:"may_list"`
}

// Current reports whether the words that count now are signed.
func (m *Mine) Current() bool {
	return m.Contract != nil && m.Signed != nil && m.Signed.Version == m.Contract.Version
}

// Network is the network around the pages.
type Network struct {
	ID    uuid.UUID    `json:"id"`
	Title string       `json:"title"`
	Place access.Place `json:"-"`
	Going bool         `json:"open"`
}

// Person is a member with what they agreed to.
type Person struct {
	ID     uuid.UUID `json:"person_id"`
	Name   string    `json:"name"`
	School string    `json:"school"`
	place.Where
	Signed *Signature `json:"signed,omitempty"`
	Image  *Decision  `json:"image,omitempty"`
}

// People is a page of members.
type People struct {
	Network  Network
	Contract *Contract
	People   []Person
	Next     string
}

// Own is a person's decision about photos in one of their networks.
type Own struct {
	Network uuid.UUID `json:"network_id" db:"network_id"`
	Title   string    `json:"network" db:"title"`
	Decision
}
