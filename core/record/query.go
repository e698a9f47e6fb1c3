package record

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// term is a field that a slice may filter or sort by: an SQL expression made of
// our own column names, never of a module's words.
type term struct {
	expr string
	// cast is the SQL type of its parameters.
	cast string
	// encode writes a value as a parameter.
	encode func(effect.Value) (string, bool)
	// of reads the term from a row, for the cursor.
	of func(*row) *string
}

func textOf(s string) *string { return &s }

func encodeID(v effect.Value) (string, bool) {
	switch v := v.(type) {
	case uuid.UUID:
		return v.String(), true
	case string:
		id, err := uuid.Parse(v)
		return id.String(), err == nil
	}
	return "", false
}

var builtin = map[string]term{
	effect.FieldID: {"r.id", "uuid", encodeID, func(r *row) *string { return textOf(r.ID.String()) }},
	effect.FieldScope: {"r.scope_id", "uuid", encodeID, func(r *row) *string {
		return textOf(r.ScopeID.String())
	}},
	effect.FieldPerson: {"r.person_id", "uuid", encodeID, func(r *row) *string {
		if !r.Person.Valid {
			return nil
		}
		return textOf(r.Person.UUID.String())
	}},
	effect.FieldState: {"CASE WHEN r.closed_at IS NULL THEN 'open' ELSE 'closed' END", "text", func(v effect.Value) (string, bool) {
		s, ok := v.(string)
		return s, ok && (s == "open" || s == "closed")
	}, func(r *row) *string {
		if r.ClosedAt == nil {
			return textOf("open")
		}
		return textOf("closed")
	}},
	effect.FieldCreated: {"r.created_at", "timestamptz", func(v effect.Value) (string, bool) {
		switch v := v.(type) {
		case time.Time:
			return v.UTC().Format(time.RFC3339Nano), true
		case effect.Date:
			return string(v), v.Valid()
		}
		return "", false
	}, func(r *row) *string { return textOf(r.CreatedAt.UTC().Format(time.RFC3339Nano)) }},
}

func (k *kind) term(field string) (term, bool) {
	if t, ok := builtin[field]; ok {
		return t, true
	}
	if k == nil {
		return term{}, false
	}
	c, ok := k.field(field)
	if !ok {
		return term{}, false
	}
	t := term{expr: "r." + c.Column, cast: "text", encode: func(v effect.Value) (string, bool) { return encode(c.Type, v) }}
	if c.numeric() {
		t.cast = "numeric"
		if c.Type == effect.FieldInteger { // a fraction is a fair bound for whole numbers
			t.encode = func(v effect.Value) (string, bool) { return encode(effect.FieldNumber, v) }
		}
	}
	t.of = func(r *row) *string { return *r.at(c.Column) }
	return t, true
}

// statement puts SQL together from constant pieces; values only become $n.
type statement struct {
	text strings.Builder
	args []any
}

func (s *statement) add(parts ...string) {
	for _, p := range parts {
		s.text.WriteString(p)
	}
}

// param adds a value and returns its place, cast to a type of ours.
func (s *statement) param(v any, cast string) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("CAST($%d AS %s)", len(s.args), cast)
}

var operators = map[effect.Operator]string{
	effect.Equal: "=", effect.NotEqual: "IS DISTINCT FROM", effect.Less: "<",
	effect.LessOrEqual: "<=", effect.Greater: ">", effect.GreaterOrEqual: ">=",
}

// where adds the scope, the kind and the filters.
func (s *statement) where(module, kindName string, k *kind, scopes []effect.Scope, filters []effect.Filter) error {
	ids := make([]uuid.UUID, len(scopes))
	for i, sc := range scopes {
		ids[i] = sc.ID
	}
	s.add(" WHERE r.scope_id = ANY(", s.param(pq.Array(ids), "uuid[]"), ") AND r.module = ", s.param(module, "text"))
	if kindName != "" {
		s.add(" AND r.kind = ", s.param(kindName, "text"))
	}
	for i, f := range filters {
		if err := s.filter(k, f, fmt.Sprintf("filters[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (s *statement) filter(k *kind, f effect.Filter, path string) error {
	t, ok := k.term(f.Field)
	op, known := operators[f.Op]
	if !ok || !known {
		return fault.InvalidFields(fault.Field{Path: path, Key: "record.unknown_field"})
	}
	if f.Value == nil {
		switch {
		case f.Param != "": // "whose it is" asked by a system: nobody's
			s.add(" AND false")
		case f.Op == effect.Equal:
			s.add(" AND ", t.expr, " IS NULL")
		case f.Op == effect.NotEqual:
			s.add(" AND ", t.expr, " IS NOT NULL")
		default:
			return fault.InvalidFields(fault.Field{Path: path, Key: "record.wrong_value"})
		}
		return nil
	}
	text, ok := t.encode(f.Value)
	if !ok {
		return fault.InvalidFields(fault.Field{Path: path, Key: "record.wrong_value"})
	}
	s.add(" AND ", t.expr, " ", op, " ", s.param(text, t.cast))
	return nil
}

// after adds the keyset condition: rows behind the cursor in the order, rows
// without a value last in either direction, the id deciding last.
func (s *statement) after(terms []term, order []effect.Order, c cursor) {
	s.add(" AND (")
	for i := range terms {
		v := s.param(c.Values[i], terms[i].cast)
		op := ">"
		if order[i].Desc {
			op = "<"
		}
		s.add("(", v, " IS NOT NULL AND (", terms[i].expr, " ", op, " ", v, " OR ", terms[i].expr, " IS NULL)) OR ",
			terms[i].expr, " IS NOT DISTINCT FROM ", v, " AND (")
	}
	s.add("r.id > ", s.param(c.ID, "uuid"))
	s.add(strings.Repeat(")", len(terms)+1))
}

func (s *statement) orderBy(terms []term, order []effect.Order) {
	s.add(" ORDER BY ")
	for i := range terms {
		dir := " ASC NULLS LAST, "
		if order[i].Desc {
			dir = " DESC NULLS LAST, "
		}
		s.add(terms[i].expr, dir)
	}
	s.add("r.id")
}

// shapes bounds how many different statements one module may have prepared:
// each is kept for the life of the process. A module's slices are written in
// its code, so dozens are many; thousands would be a module that makes them up.
type shapes struct {
	mu   sync.Mutex
	seen map[string]map[string]bool
}

const maxShapes = 300

func (s *shapes) admit(module, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]map[string]bool{}
	}
	mine := s.seen[module]
	if mine == nil {
		mine = map[string]bool{}
		s.seen[module] = mine
	}
	if !mine[text] && len(mine) >= maxShapes {
		return fault.New(fault.TooMany, "record.shapes")
	}
	mine[text] = true
	return nil
}
