package registry

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/i18n"
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
	ORE             Kind = "ore"
	Other           Kind = "other"
)

// Kinds lists the kinds in the order in which forms offer them.
var Kinds = []Kind{School, Kindergarten, Complex, Centre, Library, Counselling, LocalGovernment, ORE, Other}

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
	ComplexID   uuid.UUID  `db:"complex_id" json:"complex_id"`
	GminaCode   string     `db:"gmina_code" json:"gmina_code,omitempty"`
	PowiatCode  string     `db:"powiat_code" json:"powiat_code,omitempty"`
	Powiat      string     `db:"powiat" json:"powiat,omitempty"`           // "leszczyński"
	PowiatKind  UnitKind   `db:"powiat_kind" json:"-"`                     // tells a powiat from a city
	Voivodeship string     `db:"voivodeship" json:"voivodeship,omitempty"` // "wielkopolskie"
	Town        string     `db:"town" json:"town,omitempty"`
	Street      string     `db:"street" json:"street,omitempty"`
	Postcode    string     `db:"postcode" json:"postcode,omitempty"`
	Email       string     `db:"email" json:"email,omitempty"`
	Website     string     `db:"website" json:"website,omitempty"`
	ClosedOn    *time.Time `db:"closed_on" json:"closed_on,omitempty"`
	Version     int        `db:"version" json:"version"`
}

// Label names the institution so that namesakes are told apart: the name, the
// town, and the powiat where the town alone is not enough.
func (i *Institution) Label(ctx context.Context) string {
	parts := []string{i.Name}
	if place := i.Place(ctx); place != "" {
		parts = append(parts, place)
	}
	return strings.Join(parts, ", ")
}

// Place says where the institution is: "Osieczna, powiat leszczyński". A city
// with powiat rights is named once; the voivodeship stands in for what is unknown.
func (i *Institution) Place(ctx context.Context) string {
	powiat := ""
	switch {
	case i.Powiat == "":
	case i.PowiatKind == CityPowiat && i.Town == i.Powiat:
	case i.PowiatKind == CityPowiat:
		powiat = i.Powiat
	default:
		powiat = i18n.T(ctx, "registry.powiat_of", "Name", i.Powiat)
	}
	switch {
	case i.Town == "":
		return powiat
	case powiat == "":
		return i.Town
	}
	return i.Town + ", " + powiat
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
