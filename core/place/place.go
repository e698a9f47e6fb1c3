// Package place says where an institution lies, in the same words everywhere:
// 214 names of gminas and thousands of names of schools and towns occur more
// than once, so a name alone tells nobody which one is meant. It owns no table;
// rooms that show institutions read [Columns] and [Joins] with them.
package place

import (
	"context"
	"strings"

	"ore.edu.pl/sieci/core/i18n"
)

// Where is a town with the units of TERC around it; each may be missing.
type Where struct {
	Town        string `db:"town" json:"town,omitempty"`
	Powiat      string `db:"powiat" json:"powiat,omitempty"`           // "leszczyński"
	PowiatKind  string `db:"powiat_kind" json:"powiat_kind,omitempty"` // tells a powiat from a city with its rights
	Voivodeship string `db:"voivodeship" json:"voivodeship,omitempty"` // "wielkopolskie"
}

const (
	// Columns are the fields of [Where] of institution i, "" where i is missing.
	Columns = `coalesce(i.town, '') AS town, coalesce(pw.name, '') AS powiat, coalesce(pw.kind, '') AS powiat_kind, coalesce(vo.name, '') AS voivodeship`
	// Joins are where [Columns] come from; they follow the one of institution i.
	Joins = `LEFT JOIN teryt_unit pw ON pw.code = i.powiat_code LEFT JOIN teryt_unit vo ON vo.code = left(i.powiat_code, 2)`

	// CentreColumns and CentreJoins are the same of institution c, in statements
	// that have both.
	CentreColumns = `coalesce(c.town, '') AS town, coalesce(cw.name, '') AS powiat, coalesce(cw.kind, '') AS powiat_kind, coalesce(cv.name, '') AS voivodeship`
	CentreJoins   = `LEFT JOIN teryt_unit cw ON cw.code = c.powiat_code LEFT JOIN teryt_unit cv ON cv.code = left(c.powiat_code, 2)`
)

// cityPowiat is the kind of a city with the rights of a powiat.
const cityPowiat = "city_powiat"

// Text is "Osieczna, powiat leszczyński, woj. wielkopolskie" in the language of
// ctx. A city with the rights of a powiat is named once.
func (w Where) Text(ctx context.Context) string {
	parts := make([]string, 0, 3)
	if w.Town != "" {
		parts = append(parts, w.Town)
	}
	switch {
	case w.Powiat == "":
	case w.PowiatKind != cityPowiat:
		parts = append(parts, i18n.T(ctx, "registry.powiat_of", "Name", w.Powiat))
	case w.Town != w.Powiat:
		parts = append(parts, w.Powiat)
	}
	if w.Voivodeship != "" {
		parts = append(parts, i18n.T(ctx, "registry.voivodeship_of", "Name", w.Voivodeship))
	}
	return strings.Join(parts, ", ")
}

// Label is a name with where it is; "" for no name.
func (w Where) Label(ctx context.Context, name string) string {
	where := w.Text(ctx)
	if name == "" || where == "" {
		return name
	}
	return name + ", " + where
}
