package access

import (
	"strings"

	"github.com/google/uuid"
)

// A local government is a unit of TERYT and has a code, no id; grants have ids.
// So the code is written into one: "00000000-0000-8000-8000-3013052fffff".
const unitPrefix = "00000000-0000-8000-8000-"

// UnitScope is the scope of roles in the local government with the TERC code (2,
// 4 or 7 digits); uuid.Nil for what is no code.
func UnitScope(code string) uuid.UUID {
	if n := len(code); n != 2 && n != 4 && n != 7 || strings.Trim(code, "0123456789") != "" {
		return uuid.Nil
	}
	id, err := uuid.Parse(unitPrefix + code + strings.Repeat("f", 12-len(code)))
	if err != nil {
		return uuid.Nil
	}
	return id
}

// UnitCode is the TERC code of a scope made by [UnitScope]; "" for other ids.
func UnitCode(id uuid.UUID) string {
	digits, ok := strings.CutPrefix(id.String(), unitPrefix)
	if code := strings.TrimRight(digits, "f"); ok && UnitScope(code) == id {
		return code
	}
	return ""
}

// unitCodeSQL is [UnitCode] of a column of scopes of local governments.
const unitCodeSQL = `rtrim(right(CAST(g.scope_id AS text), 12), 'f')`

// stem is what the codes of all places inside a unit begin with. A gmina that
// changes its kind changes the seventh digit of its code and stays the same gmina.
func stem(code string) string { return code[:min(len(code), 6)] }

// lies reports whether the place with the TERC code is the unit or inside it.
func lies(place, unit string) bool {
	return place != "" && unit != "" && strings.HasPrefix(place, stem(unit))
}
