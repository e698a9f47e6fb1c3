package keyset

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
)

// Key signs cursors; at least 32 secret bytes, the same on every node.
type Key []byte

// Page is one page of rows being read.
type Page[R any] struct {
	// Request is what was asked; its scopes are the caller's to put into the
	// statement.
	Request *effect.SliceRequest
	Terms   Terms[R]
	// IDExpr is the SQL of the rows' id, which decides last; ID reads it.
	IDExpr string
	ID     func(*R) uuid.UUID
	Key    Key
}

// Read completes the statement (SELECT … FROM … WHERE … so far) with filters,
// cursor, order and limit, runs it, and returns the rows with the cursor of the
// next page, or "" on the last. admit, when set, may refuse the statement.
func (p *Page[R]) Read(ctx context.Context, q db.Q, s *Statement, admit func(sql string) error) ([]R, string, error) {
	r := p.Request
	limit := min(max(r.Limit, 1), effect.MaxSliceRows)
	if len(r.Order) > MaxOrder {
		return nil, "", Invalid("order", "keyset.limit")
	}
	if err := Filter(s, p.Terms, r.Filters); err != nil {
		return nil, "", err
	}
	terms := make([]Term[R], len(r.Order))
	for i, o := range r.Order {
		t, ok := p.Terms(o.Field)
		if !ok {
			return nil, "", Invalid("order["+strconv.Itoa(i)+"]", "keyset.field")
		}
		terms[i] = t
	}
	sum := sliceSum(r)
	if r.Cursor != "" {
		c, err := p.Key.Open(sum, r.Cursor, len(terms))
		if err != nil {
			return nil, "", err
		}
		p.after(s, terms, c)
	}
	s.Add(" ORDER BY ")
	for i := range terms {
		dir := " ASC NULLS LAST, "
		if r.Order[i].Desc {
			dir = " DESC NULLS LAST, "
		}
		s.Add(terms[i].Expr, dir)
	}
	s.Add(p.IDExpr, " LIMIT ", s.Param(limit+1, "integer"))
	if admit != nil {
		if err := admit(s.SQL()); err != nil {
			return nil, "", err
		}
	}
	var rows []R
	if err := q.Select(ctx, &rows, s.SQL(), s.args...); err != nil {
		return nil, "", err
	}
	if len(rows) <= limit {
		return rows, "", nil
	}
	rows = rows[:limit]
	c := Cursor{ID: p.ID(&rows[limit-1])}
	for _, t := range terms {
		c.Values = append(c.Values, t.Of(&rows[limit-1]))
	}
	next, err := p.Key.Seal(sum, c)
	return rows, next, err
}

// after adds the keyset condition: rows behind the cursor in the order, rows
// without a value last in either direction, the id deciding last.
func (p *Page[R]) after(s *Statement, terms []Term[R], c Cursor) {
	s.Add(" AND (")
	for i, t := range terms {
		v := s.Param(c.Values[i], t.Cast)
		op := ">"
		if p.Request.Order[i].Desc {
			op = "<"
		}
		s.Add("(", v, " IS NOT NULL AND (", t.Expr, " ", op, " ", v, " OR ", t.Expr, " IS NULL)) OR ",
			t.Expr, " IS NOT DISTINCT FROM ", v, " AND (")
	}
	s.Add(p.IDExpr, " > ", s.Param(c.ID, "uuid"), strings.Repeat(")", len(terms)+1))
}

// Cursor is the place of a row in an order.
type Cursor struct {
	Values []*string `json:"v,omitempty"`
	ID     uuid.UUID `json:"i"`
}

const macSize = 16 // 128 bits of HMAC-SHA256 are beyond guessing

func (k Key) mac(sum, payload []byte) []byte {
	m := hmac.New(sha256.New, k)
	m.Write(sum)
	m.Write(payload)
	return m.Sum(nil)[:macSize]
}

// Seal writes a cursor of the list that sum names.
func (k Key) Seal(sum []byte, c Cursor) (string, error) {
	payload, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(k.mac(sum, payload), payload...)), nil
}

// Open reads a cursor of the list that sum names, with that many values;
// Invalid for any other.
func (k Key) Open(sum []byte, text string, values int) (Cursor, error) {
	var c Cursor
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < macSize || !hmac.Equal(raw[:macSize], k.mac(sum, raw[macSize:])) {
		return c, Invalid("cursor", "keyset.cursor")
	}
	if err := json.Unmarshal(raw[macSize:], &c); err != nil || len(c.Values) != values {
		return c, Invalid("cursor", "keyset.cursor")
	}
	return c, nil
}

// sliceSum names the slice: source, module, kind, base scope, conditions,
// order. Of the scopes only the first counts: a group that is made between two
// pages must not end a walk. Values filled in for "now" and "today" are left
// out: they move on between two pages.
func sliceSum(r *effect.SliceRequest) []byte {
	type condition struct {
		Field string
		Op    effect.Operator
		Value any
		Param string
	}
	conditions := make([]condition, len(r.Filters))
	for i, f := range r.Filters {
		conditions[i] = condition{f.Field, f.Op, f.Value, f.Param}
		switch f.Value.(type) {
		case time.Time, effect.Date:
			conditions[i].Value = nil
		}
	}
	var base effect.Scope
	if len(r.Scopes) > 0 {
		base = r.Scopes[0]
	}
	raw, err := json.Marshal([]any{r.Source, r.Module, r.Kind, base, conditions, r.Order})
	if err != nil {
		panic("keyset: " + err.Error()) // values were encoded before; JSON holds them all
	}
	sum := sha256.Sum256(raw)
	return sum[:]
}
