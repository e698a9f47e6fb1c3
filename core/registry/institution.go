package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/i18n"
	"ore.edu.pl/sieci/core/place"
)

// Kind tells institutions apart as far as the platform treats them differently.
type Kind string

// The kinds of institution.
const (
	School          Kind = "school"
	Kindergarten    Kind = "kindergarten"
	Complex         Kind = "complex" // zespół: the parent of schools
	Centre          Kind = "centre"  // placówka doskonalenia nauczycieli
	Library         Kind = "library" // biblioteka pedagogiczna
	Counselling     Kind = "counselling"
	LocalGovernment Kind = "local_government"
	Ministry        Kind = "ministry"
	Curatorium      Kind = "curatorium" // kuratorium oświaty
	ORE             Kind = "ore"
	Department      Kind = "department" // of ORE or of the ministry
	Partner         Kind = "partner"    // at home or abroad
	Other           Kind = "other"
)

// Kinds lists the kinds in the order in which forms offer them.
var Kinds = []Kind{School, Kindergarten, Complex, Centre, Library, Counselling, LocalGovernment, Ministry, Curatorium, ORE, Department, Partner, Other}

// Title is the kind's name for people.
func (k Kind) Title(ctx context.Context) string { return i18n.T(ctx, "registry.kind_"+string(k)) }

func (k Kind) known() bool {
	for _, o := range Kinds {
		if k == o {
			return true
		}
	}
	return false
}

// Institution is a school or another institution, closed ones included.
type Institution struct {
	ID   uuid.UUID `db:"id" json:"id"`
	RSPO *int      `db:"rspo" json:"rspo,omitempty"` // number in the register; nil for those added by hand
	Kind Kind      `db:"kind" json:"kind"`
	// TypeName is the register's own type ("Liceum ogólnokształcące").
	TypeName string     `db:"type_name" json:"type_name,omitempty"`
	Name     string     `db:"name" json:"name"`
	ParentID *uuid.UUID `db:"parent_id" json:"parent_id,omitempty"`
	// ComplexID is the uppermost parent, or the institution itself: two
	// institutions are "different schools" when theirs differ.
	ComplexID   uuid.UUID `db:"complex_id" json:"complex_id"`
	GminaCode   string    `db:"gmina_code" json:"gmina_code,omitempty"`
	PowiatCode  string    `db:"powiat_code" json:"powiat_code,omitempty"`
	Powiat      string    `db:"powiat" json:"powiat,omitempty"`           // "leszczyński"
	PowiatKind  UnitKind  `db:"powiat_kind" json:"-"`                     // tells a powiat from a city
	Voivodeship string    `db:"voivodeship" json:"voivodeship,omitempty"` // "wielkopolskie"
	Town        string    `db:"town" json:"town,omitempty"`
	Street      string    `db:"street" json:"street,omitempty"`
	Postcode    string    `db:"postcode" json:"postcode,omitempty"`
	Email       string    `db:"email" json:"email,omitempty"`
	Website     string    `db:"website" json:"website,omitempty"`
	Country     string    `db:"country" json:"country"` // two letters; "PL" for all but partners abroad
	// UnitCode is the TERC code of the local government whose office this is.
	UnitCode string     `db:"unit_code" json:"unit_code,omitempty"`
	ClosedOn *time.Time `db:"closed_on" json:"closed_on,omitempty"`
	Version  int        `db:"version" json:"version"`
}

// LeadingBody runs an institution (organ prowadzący); of a natural person only
// the type is kept.
type LeadingBody struct {
	Type  string `json:"type,omitempty"`
	Name  string `json:"name,omitempty"`
	REGON string `json:"regon,omitempty"`
}

// Vocation is taught at a school; Code has six digits, or is "" where the
// register gives none.
type Vocation struct {
	Code string `json:"code,omitempty"`
	Name string `json:"name,omitempty"`
}

// Lists as the database keeps them.
type (
	LeadingBodies []LeadingBody
	Vocations     []Vocation
)

// Scan implements [sql.Scanner].
func (l *LeadingBodies) Scan(v any) error { return scanJSON(v, l) }

// Scan implements [sql.Scanner].
func (l *Vocations) Scan(v any) error { return scanJSON(v, l) }

func scanJSON(v, to any) error {
	switch raw := v.(type) {
	case []byte:
		return json.Unmarshal(raw, to)
	case string:
		return json.Unmarshal([]byte(raw), to)
	}
	return fmt.Errorf("registry: a list of type %T", v)
}

// Details are what the register says of an institution beyond what lists show.
type Details struct {
	Institution
	REGON         string        `db:"regon" json:"regon,omitempty"`
	TownCode      string        `db:"town_code" json:"town_code,omitempty"` // SIMC
	Phone         string        `db:"phone" json:"phone,omitempty"`
	PublicStatus  string        `db:"public_status" json:"public_status,omitempty"`
	PupilCategory string        `db:"pupil_category" json:"pupil_category,omitempty"`
	OpenedOn      *time.Time    `db:"opened_on" json:"opened_on,omitempty"`
	LeadingBodies LeadingBodies `db:"leading_bodies" json:"leading_bodies"`
	Vocations     Vocations     `db:"vocations" json:"vocations"`
	// From and To are the days between which this was or is so; To is nil until
	// further notice. What is older than the first import counts from [Beginning].
	From time.Time  `db:"valid_from" json:"valid_from"`
	To   *time.Time `db:"valid_to" json:"valid_to,omitempty"`
}

// Label names the institution so that namesakes are told apart: the name, the
// town, the powiat and the voivodeship, since towns have namesakes, too.
func (i *Institution) Label(ctx context.Context) string {
	where := i.Place(ctx)
	if i.Name == "" || where == "" {
		return i.Name
	}
	return i.Name + ", " + where
}

// Place says where the institution is: "Osieczna, powiat leszczyński, woj.
// wielkopolskie". A city with powiat rights is named once.
func (i *Institution) Place(ctx context.Context) string {
	where := i.where().Text(ctx)
	if i.Country == "" || i.Country == Home {
		return where
	}
	if where == "" {
		return CountryName(ctx, i.Country)
	}
	return where + ", " + CountryName(ctx, i.Country)
}

func (i *Institution) where() place.Where {
	return place.Where{Town: i.Town, Powiat: i.Powiat, PowiatKind: string(i.PowiatKind), Voivodeship: i.Voivodeship}
}

// CountryName is the country for people; its code where we have no name.
func CountryName(ctx context.Context, code string) string {
	if !slices.Contains(Countries, code) {
		return code
	}
	return i18n.T(ctx, "registry.country_"+code)
}

// SearchQuery asks for institutions by what people remember of them.
type SearchQuery struct {
	// Text is words of the name or town, or an RSPO number: each must match,
	// in any order, with or without Polish diacritics. Empty lists all.
	Text string
	// Voivodeship is a two-digit, Powiat a four-digit TERC code.
	Voivodeship, Powiat string
	Kind                Kind
	// Closed includes institutions that no longer exist.
	Closed bool
	// On asks for the state of a day instead of today's.
	On time.Time
	// After is the cursor that the last page gave: the id of its last institution.
	After string
	// Limit is at most 200; 0 means 20.
	Limit int
}

// UnitKind is the kind of a territorial unit.
type UnitKind string

// The kinds of territorial unit. Part is a unit of TERC that is no local
// government: a town or rural area inside an urban-rural gmina, a city district.
const (
	Voivodeship     UnitKind = "voivodeship"
	Powiat          UnitKind = "powiat"
	CityPowiat      UnitKind = "city_powiat"
	GminaUrban      UnitKind = "gmina_urban"
	GminaRural      UnitKind = "gmina_rural"
	GminaUrbanRural UnitKind = "gmina_urban_rural"
	Part            UnitKind = "part"
)

// Unit is a territorial unit of TERC.
type Unit struct {
	// Code has 2, 4 or 7 digits; it is text, leading zeros count.
	Code        string   `db:"code" json:"code"`
	Kind        UnitKind `db:"kind" json:"kind"`
	Name        string   `db:"name" json:"name"`
	Parent      string   `db:"parent_code" json:"parent,omitempty"`
	Powiat      string   `db:"powiat" json:"powiat,omitempty"`
	Voivodeship string   `db:"voivodeship" json:"voivodeship,omitempty"`
	// From and To are the days between which this was or is so; To is nil until
	// further notice.
	From time.Time  `db:"valid_from" json:"valid_from"`
	To   *time.Time `db:"valid_to" json:"valid_to,omitempty"`
}

// Label names the unit with those around it, because 214 names of gminas occur
// more than once: "gmina wiejska Osiek, powiat staszowski, woj. świętokrzyskie".
func (u *Unit) Label(ctx context.Context) string {
	s := i18n.T(ctx, "registry.unit_"+string(u.Kind), "Name", u.Name)
	if u.Powiat != "" && u.Kind != CityPowiat && u.Powiat != u.Name {
		s += ", " + i18n.T(ctx, "registry.powiat_of", "Name", u.Powiat)
	}
	if u.Voivodeship != "" && u.Kind != Voivodeship {
		s += ", " + i18n.T(ctx, "registry.voivodeship_of", "Name", u.Voivodeship)
	}
	return s
}
