package registry

import "time"

// GUS also publishes what changed between two days: a row adds a unit (D),
// changes one (M) or deletes it (U), with the code before and after. A gmina
// that changes its kind, and with it its code, is one row.

// tercEnd is a unit that ends on a day.
type tercEnd struct {
	line int
	code string
	asOf time.Time
}

// readChanges checks every row of a file of changes. A changed unit comes back
// among the rows and, when its code changed, its old code among the ends.
// ever are the codes that the register has ever had: a file read again is no mistake.
func readChanges(t *table, known, ever map[string]bool, rep *Report) (rows []tercRow, ends []tercEnd) {
	seen := map[string]int{}
	for _, r := range t.records {
		rep.Read++
		kind := t.cell(r, "change")
		var was string
		var ok bool
		switch kind {
		case "D":
		case "M", "U":
			if was, ok = tercCode(t, r, "_was", rep); !ok {
				continue
			}
			if !ever[was] {
				rep.reject(t, r.line, "woj_was", "row_unit_unknown", "Code", was)
				continue
			}
		default:
			rep.reject(t, r.line, "change", "row_change", "Value", cut(kind))
			continue
		}
		if kind == "U" {
			asOf, ok := day(t.cell(r, "as_of"))
			if !ok {
				asOf, ok = day(t.cell(r, "as_of_was"))
			}
			if !ok {
				rep.reject(t, r.line, "as_of", "row_date")
				continue
			}
			ends = append(ends, tercEnd{r.line, was, asOf})
			continue
		}
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
		if was != "" && was != row.code {
			ends = append(ends, tercEnd{r.line, was, row.asOf})
		}
	}
	return withParents(t, rows, seen, known, rep), ends
}
