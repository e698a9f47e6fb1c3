package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

// Change is what an import does with a row of a file, or why not.
type Change string

// The changes; rejected rows and warnings are remarks, see [Service.ImportNotes].
const (
	ChangeNew     Change = "new"
	ChangeChanged Change = "changed"
	ChangeClosed  Change = "closed"
	NoteRejected  Change = "rejected"
	NoteWarning   Change = "warning"
)

// Row is a thing that an import changes.
type Row struct {
	Line   int    `json:"line,omitempty"` // 0: closed because the file lacks it
	Change Change `json:"change"`
	Code   string `json:"code"` // TERC code or RSPO number
	// Label names it with powiat and voivodeship, in the language of the reader.
	Label  string  `json:"label"`
	Fields []Field `json:"fields,omitempty"` // for changed and closed ones
}

// Field is a column with what it was and will be, as texts.
type Field struct {
	Name string `json:"name"` // "gmina_code"
	Was  string `json:"was"`
	Now  string `json:"now"`
}

// rowsShown is the size of a page of rows.
const rowsShown = 50

// Import reads one import with its report; needs registry:import,
// fault.NotFound when there is none.
func (s *Service) Import(ctx context.Context, a *access.Actor, id uuid.UUID) (Import, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return Import{}, err
	}
	i, err := importOf(ctx, s.db, id)
	if until := i.undoUntil(); s.clock.Now().Before(until) {
		i.UndoUntil = &until
	}
	return i, err
}

// Imports lists the last imports, newest first, before the id given (uuid.Nil:
// from the newest); at most 20, and whether there are older ones. Needs
// registry:import.
func (s *Service) Imports(ctx context.Context, a *access.Actor, before uuid.UUID) ([]Import, bool, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return nil, false, err
	}
	list, err := imports(ctx, s.db, before, importsShown+1)
	return list[:min(len(list), importsShown)], len(list) > importsShown, err
}

// importsShown is the size of a page of imports.
const importsShown = 20

// ImportRows lists what an import that was read changes ([ChangeNew],
// [ChangeChanged] or [ChangeClosed]), by code, 50 a page, after the code given,
// and the cursor of the next page. Needs registry:import; empty some days after
// the import ended ([KeepStaged]).
func (s *Service) ImportRows(ctx context.Context, a *access.Actor, i *Import, change Change, after string) ([]Row, string, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return nil, "", err
	}
	var rows []stagedRow
	var err error
	if i.Register == TERC {
		rows, err = stagedUnits(ctx, s.db, i.ID, change, after, rowsShown+1)
	} else {
		var n int
		if n, err = numberAfter(after); err == nil {
			rows, err = stagedInstitutions(ctx, s.db, i.ID, change, n, rowsShown+1)
		}
	}
	if err != nil {
		return nil, "", err
	}
	out := make([]Row, 0, len(rows))
	for n := range rows {
		row, err := rows[n].value(ctx, i.Register)
		if err != nil {
			return nil, "", err
		}
		out = append(out, row)
	}
	if len(out) <= rowsShown {
		return out, "", nil
	}
	return out[:rowsShown], out[rowsShown-1].Code, nil
}

// ImportNotes lists why rows were rejected, or what was let through with a
// remark ([NoteRejected], [NoteWarning]), in the order of the file, at most 50 (1,000
// when whole), after the number given, and the cursor of the next page. Needs
// registry:import.
func (s *Service) ImportNotes(ctx context.Context, a *access.Actor, i *Import, level Change, after string, whole bool) ([]RowNote, string, error) {
	if err := s.auth.Require(a, PermImport, access.Place{}); err != nil {
		return nil, "", err
	}
	n, err := numberAfter(after)
	if err != nil {
		return nil, "", err
	}
	limit := rowsShown
	if whole {
		limit = 1000
	}
	notes, err := notesOf(ctx, s.db, i.ID, level, n, limit+1)
	if err != nil {
		return nil, "", err
	}
	for i := range notes {
		notes[i].Text = notes[i].Message(ctx)
	}
	if len(notes) <= limit {
		return notes, "", nil
	}
	return notes[:limit], strconv.Itoa(notes[limit-1].no), nil
}

func numberAfter(after string) (int, error) {
	if after == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(after, 10, 32)
	if err != nil || n < 0 {
		return 0, fault.InvalidFields(fault.Field{Path: "after", Key: "registry.cursor"})
	}
	return int(n), nil
}

// Localize writes every remark out in the language of ctx.
func (i *Import) Localize(ctx context.Context) {
	i.Report.Localize(ctx)
	if i.Failure != nil {
		i.Failure.Text = i.Failure.Message(ctx)
	}
}

// Message is the failure in the language of ctx.
func (f *Failure) Message(ctx context.Context) string { return i18n.T(ctx, f.Key, pairs(f.Args)...) }

// value names the row for people.
func (r *stagedRow) value(ctx context.Context, register string) (Row, error) {
	out := Row{Line: r.Line, Change: r.Change, Code: r.Code}
	if register == TERC {
		u := Unit{Code: r.Code, Kind: UnitKind(r.Kind), Name: r.Name, Powiat: r.Powiat, Voivodeship: r.Voiv}
		out.Label = u.Label(ctx)
	} else {
		i := Institution{Name: r.Name, Town: r.Town, Powiat: r.Powiat, Voivodeship: r.Voiv}
		if r.City {
			i.PowiatKind = CityPowiat
		}
		out.Label = i.Label(ctx)
	}
	var was, now map[string]any
	if err := json.Unmarshal(r.Was, &was); err != nil {
		return out, err
	}
	if err := json.Unmarshal(r.Now, &now); err != nil {
		return out, err
	}
	for _, f := range r.Fields {
		out.Fields = append(out.Fields, Field{Name: f, Was: shown(was[f]), Now: shown(now[f])})
	}
	return out, nil
}

// shown is a value as text; lists of things by their names.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		text := ""
		for _, x := range v {
			if text != "" {
				text += "; "
			}
			if m, ok := x.(map[string]any); ok {
				x = ""
				for _, k := range []string{"code", "name", "type"} {
					if s, _ := m[k].(string); s != "" {
						x = s
						if k != "code" {
							break
						}
					}
				}
			}
			text += fmt.Sprint(x)
		}
		return text
	}
	return fmt.Sprint(v)
}
