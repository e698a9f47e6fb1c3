package need

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/place"
)

// Permissions.
const (
	// PermReport: report needs of a school (principals, and centres for the
	// schools of their territory).
	PermReport access.Permission = "need:report"
	// PermList: see the needs of a territory.
	PermList access.Permission = "need:list"
	// PermBoard: see how many schools of a territory need what, and no more: of
	// local governments, too.
	PermBoard access.Permission = "need:board"
)

// Bounds.
const (
	MaxNote   = 1000 // characters
	MaxPeople = 500  // teachers of one school
	// MaxSchools is how many schools one network is founded for.
	MaxSchools = 200
	maxOwn     = 100
)

// Topic is an entry of the vocabulary of topics.
type Topic struct{ Code, Polish, English string }

// Name is the topic in a language.
func (t Topic) Name(l i18n.Lang) string {
	if l == i18n.English {
		return t.English
	}
	return t.Polish
}

// Need is what one school needs.
type Need struct {
	ID          uuid.UUID `db:"id" json:"id"`
	Institution uuid.UUID `db:"institution_id" json:"institution"`
	School      string    `db:"school" json:"school"`
	place.Where
	Powiat     string `db:"powiat_code" json:"powiat"` // TERC code
	Topic      string `db:"topic" json:"topic"`
	SchoolYear int    `db:"school_year" json:"schoolYear"`
	Note       string `db:"note" json:"note,omitempty"`
	// People is how many teachers of the school would take part.
	People  int           `db:"people" json:"people"`
	At      time.Time     `db:"reported_at" json:"reportedAt"`
	Network uuid.NullUUID `db:"network_id" json:"network,omitzero"`
	// NetworkTitle is "" while no network meets the need.
	NetworkTitle string `db:"network_title" json:"networkTitle,omitempty"`
	Version      int    `db:"version" json:"version"`
}

// Input is a need to report or change.
type Input struct {
	Institution uuid.UUID `json:"institution"`
	Topic       string    `json:"topic"`
	SchoolYear  int       `json:"schoolYear"` // the year it begins; 0 = the present one
	Note        string    `json:"note"`
	People      int       `json:"people"`
	// Version of the need that is changed; 0 for a new one.
	Version int `json:"version"`
}

// Cluster is a topic that schools of a territory need.
type Cluster struct {
	Topic   string `db:"topic" json:"topic"`
	Schools int    `db:"schools" json:"schools"`
	People  int    `db:"people" json:"people"`
	// Met is how many of the schools have a network for it, Networks how many networks.
	Met      int `db:"met" json:"met"`
	Networks int `db:"networks" json:"networks"`
}

// Area is a powiat of a territory and what its schools need.
type Area struct {
	Code string `db:"code" json:"code"`
	Name string `db:"name" json:"name"`
	// Kind tells a powiat from a city with its rights; Voivodeship one of six names
	// that occur twice from the other.
	Kind        string `db:"kind" json:"kind"`
	Voivodeship string `db:"voivodeship" json:"voivodeship"`
	Schools     int    `db:"schools" json:"schools"` // that reported something
	Needs       int    `db:"needs" json:"needs"`
	// All is how many schools and kindergartens the powiat has.
	All int `db:"all_schools" json:"allSchools"`
}

// Board is what a territory needs in a school year.
type Board struct {
	SchoolYear int       `json:"schoolYear"`
	Clusters   []Cluster `json:"clusters"`
	// Areas are the powiats of the actor's territory; at most 500.
	Areas []Area `json:"areas"`
}

// Plan is a network to be founded from needs: the first of three steps.
type Plan struct {
	ID         uuid.UUID   `json:"id"`
	Centre     uuid.UUID   `json:"centre"`
	Topic      string      `json:"topic"`
	SchoolYear int         `json:"schoolYear"`
	Schools    []uuid.UUID `json:"schools"`
	// Network is set once it is founded.
	Network uuid.NullUUID `json:"network,omitzero"`
}
