package registry

import (
	"slices"
	"strings"
	"time"

	"ore.edu.pl/sieci/core/i18n/fold"
)

// tercRow is one territorial unit of a file.
type tercRow struct {
	line                     int
	code, parent             string
	kind                     UnitKind
	name, folded, descriptor string
	asOf                     time.Time
}

// readTERC checks every row of a TERC file by itself, against the others and
// against the units that the register has.
func readTERC(t *table, known map[string]bool, rep *Report) []tercRow {
	rows := make([]tercRow, 0, len(t.records))
	seen := map[string]int{}
	for _, r := range t.records {
		rep.Read++
		row, ok := tercOf(t, r, rep)
		if !ok {
			continue
		}
		if first, twice := seen[row.code]; twice {
			rep.reject(t, r.line, "name", "row_twice", "What", row.code, "Line", first)
			continue
		}
		seen[row.code] = r.line
		rows = append(rows, row)
	}
	return withParents(t, rows, seen, known, rep)
}

// withParents rejects units whose unit above is neither among the codes of the
// file nor in the register.
func withParents(t *table, rows []tercRow, seen map[string]int, known map[string]bool, rep *Report) []tercRow {
	// A powiat without its voivodeship takes its gminas along.
	for lost := true; lost; {
		lost = false
		rows = slices.DeleteFunc(rows, func(r tercRow) bool {
			if _, ok := seen[r.parent]; ok || r.parent == "" || known[r.parent] {
				return false
			}
			rep.reject(t, r.line, "woj", "row_unit_above", "Code", r.parent)
			delete(seen, r.code)
			lost = true
			return true
		})
	}
	return rows
}

func tercOf(t *table, r record, rep *Report) (tercRow, bool) {
	row := tercRow{line: r.line}
	code, ok := tercCode(t, r, "", rep)
	if !ok {
		return row, false
	}
	row.code = code
	switch len(code) {
	case 2:
		row.kind = Voivodeship
	case 4:
		row.parent, row.kind = code[:2], Powiat
		if code[2:] > "60" { // 61–99: cities with the rights of a powiat
			row.kind = CityPowiat
		}
	default:
		row.parent = code[:4]
		row.kind = gminaKind(code[6])
	}
	row.name = t.cell(r, "name")
	if row.name == "" || len([]rune(row.name)) > maxField {
		rep.reject(t, r.line, "name", "row_name")
		return row, false
	}
	if row.kind == Voivodeship {
		row.name = strings.ToLower(row.name) // the register shouts them
	}
	row.folded = strings.Join(fold.Words(row.name), " ")
	row.descriptor = t.cell(r, "descriptor")
	if row.asOf, ok = day(t.cell(r, "as_of")); !ok {
		rep.reject(t, r.line, "as_of", "row_date")
		return row, false
	}
	return row, true
}

func gminaKind(rodz byte) UnitKind {
	switch rodz {
	case '1':
		return GminaUrban
	case '2':
		return GminaRural
	case '3':
		return GminaUrbanRural
	}
	return Part // 4 and 5: parts of an urban-rural gmina, 8 and 9: of a city
}

// tercCode puts the code of a row together. Spreadsheets drop leading zeros:
// the code is then taken from the column with the whole identifier, if the file
// has it and it agrees; without it the row is refused, because a guess could
// name another place.
//
// In a file of changes was is "_was" for the code before the change.
func tercCode(t *table, r record, was string, rep *Report) (string, bool) {
	parts := [...]struct {
		column string
		width  int
	}{{"woj" + was, 2}, {"pow" + was, 2}, {"gmi" + was, 2}, {"rodz" + was, 1}}
	var short, code string
	given, lost := 0, ""
	for i, p := range parts {
		v := t.cell(r, p.column)
		if v == "" {
			continue
		}
		if given != i || len(v) > p.width || strings.Trim(v, "0123456789") != "" {
			rep.reject(t, r.line, p.column, "row_code", "Value", cut(v))
			return "", false
		}
		given++
		if len(v) < p.width {
			lost, short = p.column, v
		}
		code += strings.Repeat("0", p.width-len(v)) + v
	}
	whole := t.cell(r, "teryt")
	switch {
	case given == 0 || given == 3:
		rep.reject(t, r.line, "woj"+was, "row_code", "Value", cut(whole))
	case lost != "" && whole != code:
		rep.reject(t, r.line, lost, "row_zero_lost", "Value", short)
	case whole != "" && whole != code:
		rep.reject(t, r.line, "teryt", "row_teryt_differs", "Value", cut(whole), "Code", code)
	case !tercExists(code):
		rep.reject(t, r.line, "woj"+was, "row_code", "Value", code)
	default:
		return code, true
	}
	return "", false
}

// tercExists reports whether a code can be one at all: even voivodeships from
// 02 to 32, no powiat 00, a known kind of gmina.
func tercExists(code string) bool {
	if woj := code[:2]; woj < "02" || woj > "32" || (woj[1]-'0')%2 != 0 {
		return false
	}
	if len(code) >= 4 && code[2:4] == "00" {
		return false
	}
	return len(code) < 7 || code[4:6] != "00" && strings.ContainsRune("1234589", rune(code[6]))
}

// day reads the dates that official files use.
func day(s string) (time.Time, bool) {
	for _, form := range []string{"2006-01-02", "02.01.2006", "02-01-2006", "2006/01/02"} {
		if d, err := time.Parse(form, s); err == nil && d.Year() >= 1700 && d.Year() <= 2200 {
			return d, true
		}
	}
	return time.Time{}, false
}

// cut keeps a wrong value short enough for a sentence.
func cut(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
