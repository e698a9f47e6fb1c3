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
	// failed says what the failure of the write means; nil: nothing of its own.
	failed func(error) error
}

// Later writes at the end of the transaction, just before it commits, together
// with all else that was put off: as one statement, so that accounts of a change
// (audit, idempotency) cost one round trip and not one each. For an INSERT,
// UPDATE or DELETE whose answer nobody needs and whose rows nothing in the
// transaction reads or writes again. A write that fails undoes the transaction.
// Writes of one text keep their order; those of different texts have none.
func (t *Tx) Later(query string, args ...any) { t.late = append(t.late, late{query, args, nil}) }

// LaterOr is [Tx.Later] for a write without which the change must not be:
// failed makes the error that people read of the one that the server gave.
func (t *Tx) LaterOr(failed func(error) error, query string, args ...any) {
	t.late = append(t.late, late{query, args, failed})
}

// finish sends what was put off.
func (t *Tx) finish(ctx context.Context) error {
	for list := t.late; len(list) > 0; {
		n := 1 // up to the first text that is there already: it comes after
		for n < len(list) && !slices.ContainsFunc(list[:n], func(l late) bool { return l.query == list[n].query }) {
			n++
		}
		query, args := joinWrites(list[:n])
		if _, err := t.Exec(ctx, query, args...); err != nil {
			return meaning(ctx, err, list[:n])
		}
		list = list[n:]
	}
	return nil
}

// meaning is what a failed statement means to people: the writes of one
// statement fail together. A lost race and a visitor who left mean nothing.
func meaning(ctx context.Context, err error, list []late) error {
	if retryable(err) || ctx.Err() != nil {
		return err
	}
	for _, l := range list {
		if l.failed != nil {
			return l.failed(err)
		}
	}
	return err
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
