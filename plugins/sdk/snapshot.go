package sdk

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // a sandboxed process has no zone database

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// Snapshot is everything that an answer may depend on, with shorthands.
type Snapshot struct{ *v1.Snapshot }

// Time is the domain's time in the people's zone.
func (s Snapshot) Time() time.Time {
	z, err := time.LoadLocation(s.GetZone())
	if err != nil {
		z = time.UTC
	}
	return s.GetNow().AsTime().In(z)
}

// SchoolYear is the year in which the school year of the snapshot's time began
// (1 September to 31 August).
func (s Snapshot) SchoolYear() int {
	t := s.Time()
	if t.Month() >= time.September {
		return t.Year()
	}
	return t.Year() - 1
}

// Configure decodes what an administrator set for the module, over the defaults
// that v holds; false while nobody set anything.
func (s Snapshot) Configure(v any) (bool, error) {
	raw := s.GetConfiguration().GetJson()
	if len(raw) == 0 {
		return false, nil
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, fmt.Errorf("configuration: %w", err)
	}
	return true, nil
}

// Person is the acting person's id; "" when the system acts.
func (s Snapshot) Person() string { return s.GetActor().GetPerson().GetId() }

// BySystem reports whether the platform acts for the module (timer, event, job).
func (s Snapshot) BySystem() bool { return s.GetActor().GetSystem() != nil }

// HasRole reports whether the acting person holds the role in the scope or above it.
func (s Snapshot) HasRole(role string) bool {
	return slices.Contains(s.GetActor().GetPerson().GetRoles(), role)
}

// Acknowledged returns the reason given for a warning of an earlier answer.
func (s Snapshot) Acknowledged(code, path string) (reason string, ok bool) {
	for _, a := range s.Snapshot.GetAcknowledged() {
		if a.GetCode() == code && a.GetPath() == path && a.GetReason() != "" {
			return a.GetReason(), true
		}
	}
	return "", false
}

// State is the state of the scope with the id, or nil.
func (s Snapshot) State(id string) *v1.ScopeState {
	for _, st := range s.GetScopes() {
		if st.GetScope().GetId() == id {
			return st
		}
	}
	return nil
}

// Here is the state of the scope in which the input happened; never nil.
func (s Snapshot) Here() *v1.ScopeState {
	if st := s.State(s.Snapshot.GetScope().GetId()); st != nil {
		return st
	}
	return &v1.ScopeState{Scope: s.Snapshot.GetScope()}
}

// Stage is the stage of the scope in which the input happened.
func (s Snapshot) Stage() string { return s.Here().GetStage() }

// Has reports whether the slice was brought at all.
func (s Snapshot) Has(name string) bool {
	return slices.ContainsFunc(s.GetSlices(), func(x *v1.Slice) bool { return x.GetName() == name })
}

// Rows are the rows of the named slice.
func (s Snapshot) Rows(name string) []Row {
	var out []Row
	for _, x := range s.GetSlices() {
		if x.GetName() != name {
			continue
		}
		for _, r := range x.GetRows() {
			out = append(out, Row{r})
		}
	}
	return out
}

// More is the cursor for further rows of the slice; "" when all have come.
func (s Snapshot) More(name string) string {
	cursor := ""
	for _, x := range s.GetSlices() {
		if x.GetName() == name {
			cursor = x.GetCursor()
		}
	}
	return cursor
}

// Cells are the cells of the named aggregate.
func (s Snapshot) Cells(name string) []*v1.Cell {
	for _, x := range s.GetAggregates() {
		if x.GetName() == name {
			return x.GetCells()
		}
	}
	return nil
}

// Count sums the counts of the named aggregate; exact is false when the core
// suppressed a cell.
func (s Snapshot) Count(name string) (n int64, exact bool) {
	exact = true
	for _, c := range s.Cells(name) {
		if c.GetSuppressed() {
			exact = false
			continue
		}
		n += c.GetCount()
	}
	return n, exact
}

// Row is one row of a slice.
type Row struct{ *v1.Row }

// Decode reads the row's data into a struct with JSON tags.
func (r Row) Decode(into any) error {
	if err := json.Unmarshal(r.GetData().GetJson(), into); err != nil {
		return fmt.Errorf("row %s: %w", r.GetId(), err)
	}
	return nil
}

// Text is a text (or ref) index field; "" when it has no value.
func (r Row) Text(field string) string {
	v := r.GetIndex()[field]
	if v.GetRef() != "" {
		return v.GetRef()
	}
	return v.GetText()
}

// Int is an integer index field; 0 when it has no value.
func (r Row) Int(field string) int64 { return r.GetIndex()[field].GetInteger() }

// Number is a numeric index field; integers count too.
func (r Row) Number(field string) float64 {
	v := r.GetIndex()[field]
	if i, ok := v.GetValue().(*v1.Value_Integer); ok {
		return float64(i.Integer)
	}
	return v.GetNumber()
}

// depends is the row as something that an answer depends on.
func (r Row) depends(source v1.Source) *v1.RowVersion {
	return &v1.RowVersion{Source: source, Id: r.GetId(), Version: r.GetVersion()}
}
