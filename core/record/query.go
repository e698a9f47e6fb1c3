package record

import (
	"sync"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/fault"
)

type term = keyset.Term[row]

var builtin = map[string]term{
	effect.FieldID:      keyset.ID("r.id", func(r *row) uuid.UUID { return r.ID }),
	effect.FieldScope:   keyset.ID("r.scope_id", func(r *row) uuid.UUID { return r.ScopeID }),
	effect.FieldPerson:  keyset.ID("r.person_id", func(r *row) uuid.UUID { return r.Person.UUID }),
	effect.FieldCreated: keyset.Instant("r.created_at", func(r *row) *time.Time { return &r.CreatedAt }),
	effect.FieldState: keyset.Text("CASE WHEN r.closed_at IS NULL THEN 'open' ELSE 'closed' END", func(r *row) string {
		if r.ClosedAt == nil {
			return "open"
		}
		return "closed"
	}),
}

// term finds a built-in or an index field; k may be nil.
func (k *kind) term(field string) (term, bool) {
	if t, ok := builtin[field]; ok {
		return t, true
	}
	c, ok := k.column(field)
	if !ok {
		return term{}, false
	}
	t := term{Expr: "r." + c.Column, Cast: "text", Encode: func(v effect.Value) (string, bool) { return encode(c.Type, v) }}
	if c.numeric() {
		t.Cast = "numeric"
		if c.Type == effect.FieldInteger { // a fraction is a fair bound for whole numbers
			t.Encode = func(v effect.Value) (string, bool) { return encode(effect.FieldNumber, v) }
		}
	}
	t.Of = func(r *row) *string { return *r.at(c.Column) }
	return t, true
}

// from adds what every read of records has in common: scopes, module, kind.
func from(st *keyset.Statement, module, kindName string, scopes []effect.Scope) {
	st.Add(" FROM record r WHERE r.scope_id = ANY(", st.Scopes(scopes), ") AND r.module = ", st.Param(module, "text"))
	if kindName != "" {
		st.Add(" AND r.kind = ", st.Param(kindName, "text"))
	}
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
