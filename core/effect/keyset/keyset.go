// Package keyset helps the readers of slices: it puts a SELECT together from
// the terms that its owner allows (expressions of the owner's own columns,
// never a module's words), pages by keyset, and signs cursors. Every value is a
// parameter. It owns no table.
//
// A cursor is the place of the last row: its values in the slice's order and
// its id, signed together with what the slice is. A cursor of another slice, of
// another base scope or made by hand is refused; it could not widen anything
// (the scopes are in the WHERE clause), but its rows would be nonsense.
package keyset

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// The contract's limits of a slice.
const (
	MaxOrder   = 3
	MaxFilters = 8
)

// Term is a field that a slice of rows R may filter or sort by.
type Term[R any] struct {
	// Expr is SQL made of the owner's column names.
	Expr string
	// Cast is the SQL type of its parameters.
	Cast string
	// Encode writes a value as a parameter; false when it is of another type.
	Encode func(effect.Value) (string, bool)
	// Of reads the term from a row, nil where there is none, for the cursor.
	Of func(*R) *string
}

// Terms finds a field's term; false for unknown fields.
type Terms[R any] func(field string) (Term[R], bool)

// Map is [Terms] over a fixed table.
func Map[R any](m map[string]Term[R]) Terms[R] {
	return func(field string) (Term[R], bool) { t, ok := m[field]; return t, ok }
}

// ID is a term over a uuid column.
func ID[R any](expr string, of func(*R) uuid.UUID) Term[R] {
	return Term[R]{Expr: expr, Cast: "uuid", Encode: EncodeID, Of: func(r *R) *string {
		id := of(r)
		if id == uuid.Nil {
			return nil
		}
		s := id.String()
		return &s
	}}
}

// Text is a term over a text column.
func Text[R any](expr string, of func(*R) string) Term[R] {
	return Term[R]{Expr: expr, Cast: "text", Encode: func(v effect.Value) (string, bool) { s, ok := v.(string); return s, ok },
		Of: func(r *R) *string { s := of(r); return &s }}
}

// Instant is a term over a timestamptz column; of returns nil where there is none.
func Instant[R any](expr string, of func(*R) *time.Time) Term[R] {
	return Term[R]{Expr: expr, Cast: "timestamptz", Encode: EncodeInstant, Of: func(r *R) *string {
		at := of(r)
		if at == nil {
			return nil
		}
		s := at.UTC().Format(time.RFC3339Nano)
		return &s
	}}
}

// EncodeID takes ids, also written as text.
func EncodeID(v effect.Value) (string, bool) {
	switch v := v.(type) {
	case uuid.UUID:
		return v.String(), true
	case string:
		id, err := uuid.Parse(v)
		return id.String(), err == nil
	}
	return "", false
}

// EncodeInstant takes instants, and days (their first moment in UTC).
func EncodeInstant(v effect.Value) (string, bool) {
	switch v := v.(type) {
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), true
	case effect.Date:
		return string(v) + "T00:00:00Z", v.Valid()
	}
	return "", false
}

// Statement is a query in the making.
type Statement struct {
	text strings.Builder
	args []any
}

// Add writes constant SQL.
func (s *Statement) Add(parts ...string) *Statement {
	for _, p := range parts {
		s.text.WriteString(p)
	}
	return s
}

// Param adds a value and returns its place, cast to a type.
func (s *Statement) Param(v any, cast string) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("CAST($%d AS %s)", len(s.args), cast)
}

// Scopes is the parameter with the ids of scopes, for "= ANY(…)".
func (s *Statement) Scopes(scopes []effect.Scope) string {
	ids := make([]uuid.UUID, len(scopes))
	for i, sc := range scopes {
		ids[i] = sc.ID
	}
	return s.Param(db.Array(ids), "uuid[]")
}

// SQL is the statement's text.
func (s *Statement) SQL() string { return s.text.String() }

// Args are its parameters.
func (s *Statement) Args() []any { return s.args }

var operators = map[effect.Operator]string{
	effect.Equal: "=", effect.NotEqual: "IS DISTINCT FROM", effect.Less: "<",
	effect.LessOrEqual: "<=", effect.Greater: ">", effect.GreaterOrEqual: ">=",
}

// Filter adds " AND condition" for every filter. Rows without a value meet no
// comparison but "not equal". A parameter that has no value ("whose it is",
// asked by a system) meets nothing.
func Filter[R any](s *Statement, terms Terms[R], filters []effect.Filter) error {
	if len(filters) > MaxFilters {
		return Invalid("filters", "keyset.limit")
	}
	for i, f := range filters {
		path := "filters[" + strconv.Itoa(i) + "]"
		t, ok := terms(f.Field)
		op, known := operators[f.Op]
		switch {
		case !ok || !known:
			return Invalid(path, "keyset.field")
		case f.Value == nil && f.Param != "":
			s.Add(" AND false")
			continue
		case f.Value == nil && f.Op == effect.Equal:
			s.Add(" AND ", t.Expr, " IS NULL")
			continue
		case f.Value == nil && f.Op == effect.NotEqual:
			s.Add(" AND ", t.Expr, " IS NOT NULL")
			continue
		case f.Value == nil:
			return Invalid(path, "keyset.value")
		}
		text, ok := t.Encode(f.Value)
		if !ok {
			return Invalid(path, "keyset.value")
		}
		s.Add(" AND ", t.Expr, " ", op, " ", s.Param(text, t.Cast))
	}
	return nil
}

// Invalid refuses a part of a request.
func Invalid(path, key string) error { return fault.InvalidFields(fault.Field{Path: path, Key: key}) }
