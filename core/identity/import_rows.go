package identity

import (
	"context"
	"encoding/json"
	"strconv"

	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// ImportRow is a row of a list and what becomes of it.
type ImportRow struct {
	Line     int     `json:"line"` // as an editor or a spreadsheet counts, from 1
	Outcome  Outcome `json:"outcome"`
	Name     string  `json:"name"`
	Email    string  `json:"email"`
	Function string  `json:"function,omitempty"`
	// School names the institution with powiat and voivodeship; "" when none was found.
	School string `json:"school,omitempty"`
	// Changes are the fields of a changed invitation, with what they were and will be.
	Changes []ImportChange `json:"changes,omitempty"`
	// Notes are why it was rejected, or stays.
	Notes []ImportNote `json:"notes,omitempty"`
}

// ImportChange is a field with what it was and will be.
type ImportChange struct {
	Field string `json:"field"` // "name", "function" or "institution"
	Was   string `json:"was"`
	Now   string `json:"now"`
}

// PeopleImportRows lists the rows of a list with one outcome, in the order of the
// file, 50 a page (1,000 when whole), after the number given, and the cursor of
// the next page. The list comes from [Service.PeopleImport], which checks who
// asks; empty some days after the list ended ([KeepRows]).
func (s *Service) PeopleImportRows(ctx context.Context, a *access.Actor, i *PeopleImport, outcome Outcome, after string, whole bool) ([]ImportRow, string, error) {
	if err := s.mayImport(a); err != nil {
		return nil, "", err
	}
	if err := s.ownImport(a, i); err != nil {
		return nil, "", err
	}
	from := 0
	if after != "" {
		n, err := strconv.ParseInt(after, 10, 32)
		if err != nil || n < 0 {
			return nil, "", fault.New(fault.Invalid, "identity.bad_cursor")
		}
		from = int(n)
	}
	limit := rowsShown
	if whole {
		limit = rowsWhole
	}
	rows, err := importRows(ctx, s.DB, i.ID, outcome, from, limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		next = strconv.Itoa(rows[limit-1].No)
	}
	out := make([]ImportRow, len(rows))
	for n := range rows {
		if out[n], err = rows[n].value(ctx); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

func (r *shownRow) value(ctx context.Context) (ImportRow, error) {
	out := ImportRow{Line: r.Line, Outcome: r.Outcome, Name: r.Name, Email: r.Email, Function: r.Function}
	if r.Institution.Valid {
		place := r.place()
		out.School = place.Label(ctx)
	}
	if err := json.Unmarshal(r.Notes, &out.Notes); err != nil {
		return out, err
	}
	for n := range out.Notes {
		out.Notes[n].Text = i18n.TextMap(i18n.FromContext(ctx), out.Notes[n].Key, out.Notes[n].Args)
	}
	if r.Was == nil {
		return out, nil
	}
	var was wasRow
	if err := json.Unmarshal(r.Was, &was); err != nil {
		return out, err
	}
	for _, c := range []ImportChange{{"name", was.Name, r.Name}, {"function", was.Function, r.Function}} {
		if c.Was != c.Now {
			out.Changes = append(out.Changes, c)
		}
	}
	if was.Institution != r.Institution.UUID {
		out.Changes = append(out.Changes, ImportChange{"institution", r.WasSchool, r.School})
	}
	return out, nil
}
