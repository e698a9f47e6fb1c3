package db

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// late is a write that waits for the end of its transaction.
type late struct {
	query string
	args  []any
}

// Later writes at the end of the transaction, just before it commits, together
// with all else that was put off: as one statement, so that accounts of a change
// (audit, idempotency) cost one round trip and not one each. For an INSERT,
// UPDATE or DELETE whose answer nobody needs and whose rows nothing in the
// transaction reads or writes again. A write that fails undoes the transaction.
// Writes of one text keep their order; those of different texts have none.
func (t *Tx) Later(query string, args ...any) { t.late = append(t.late, late{query, args}) }

// finish sends what was put off.
func (t *Tx) finish(ctx context.Context) error {
	for list := t.late; len(list) > 0; {
		n := 1 // up to the first text that is there already: it comes after
		for n < len(list) && !slices.ContainsFunc(list[:n], func(l late) bool { return l.query == list[n].query }) {
			n++
		}
		query, args := joinWrites(list[:n])
		if _, err := t.Exec(ctx, query, args...); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// joinWrites makes one statement of writes with different texts. The texts that
// come together are few: a change accounts for itself in one way.
func joinWrites(list []late) (string, []any) {
	if len(list) == 1 {
		return list[0].query, list[0].args
	}
	var b strings.Builder
	var args []any
	last := len(list) - 1
	for i, l := range list {
		text := Renumber(l.query, 0, len(args))
		switch {
		case i == last:
			b.WriteString(") " + text)
		case i == 0:
			b.WriteString("WITH w0 AS (" + text)
		default:
			b.WriteString("), w" + strconv.Itoa(i) + " AS (" + text)
		}
		args = append(args, l.args...)
	}
	return b.String(), args
}
