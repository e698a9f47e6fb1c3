// Package gather reads what several rooms contribute to one page by one
// statement, so that a page made of many rooms costs no more round trips than a
// page of one. A room gives a [Part]: a SELECT over its own tables, written in
// its store. [All] sends the parts together; each room reads its rows from the
// answer with [Decode]. The package owns no table and knows no room.
//
// The rows travel as JSON: columns are named as the json tags of T, timestamps
// arrive as RFC 3339 (no infinity), uuids and enumerations as texts.
package gather

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
)

// Query is what all parts are asked about; its fields are the parameters $1 to
// $4 of every part.
type Query struct {
	Person uuid.UUID // $1::uuid, who reads; NULL for a guest
	Scope  uuid.UUID // $2::uuid, the network or other place of the page; NULL where there is none
	Now    time.Time // $3::timestamptz, domain time
	Limit  int       // $4::int, how many rows of a list the page has room for
}

// Part is what one room reads. A part that somebody may not see is not asked
// for: the room decides by the actor's grants before it gives one.
type Part struct {
	// Key names the part within a page: "task.todo". Unique in a call.
	Key string
	// SQL is one SELECT without a trailing semicolon, a constant of the program
	// (statements are prepared once per text). It has its own order and LIMIT.
	// $1 to $4 are the fields of [Query], used or not; own arguments follow from
	// $5. A dollar sign with digits means a parameter wherever it stands.
	SQL string
	// Args are $5, $6 and so on. Arrays are passed through db.Array.
	Args []any
}

// Found holds the rows of the parts that were asked for.
type Found struct {
	// Query is what was asked.
	Query Query
	rows  map[string]json.RawMessage
}

// Has reports whether the part was asked for.
func (f Found) Has(key string) bool {
	_, ok := f.rows[key]
	return ok
}

// common gives the four shared parameters their types, whoever uses them.
const common = `WITH asked AS (SELECT $1::uuid, $2::uuid, $3::timestamptz, $4::int)`

// own is how many parameters all parts share.
const own = 4

// All reads the parts in one round trip; none for no parts. The parts see one
// state of the database. It returns the database's error as it is: one broken
// part fails all, so callers that can do without them say so on their page.
func All(ctx context.Context, q db.Q, in Query, parts ...Part) (Found, error) {
	f := Found{Query: in, rows: make(map[string]json.RawMessage, len(parts))}
	if len(parts) == 0 {
		return f, nil
	}
	var b strings.Builder
	b.WriteString(common)
	args := []any{nullID(in.Person), nullID(in.Scope), in.Now, in.Limit}
	for i, p := range parts {
		if f.Has(p.Key) {
			return Found{}, fmt.Errorf("gather: two parts are called %q", p.Key)
		}
		f.rows[p.Key] = nil
		if i > 0 {
			b.WriteString("\nUNION ALL")
		}
		fmt.Fprintf(&b, "\nSELECT %d AS part, coalesce(json_agg(x), '[]') AS list FROM (", i)
		b.WriteString(db.Renumber(p.SQL, own, len(args)-own))
		b.WriteString(") x")
		args = append(args, p.Args...)
	}
	var rows []struct {
		Part int    `db:"part"`
		List []byte `db:"list"`
	}
	if err := q.Select(ctx, &rows, b.String(), args...); err != nil {
		return Found{}, err
	}
	for _, r := range rows {
		f.rows[parts[r.Part].Key] = r.List
	}
	return f, nil
}

// Decode reads the rows of a part, in the order of its SELECT; none when the
// part was not asked for.
func Decode[T any](f Found, key string) ([]T, error) {
	raw, ok := f.rows[key]
	if !ok {
		return nil, nil
	}
	var out []T
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("gather: rows of %q: %w", key, err)
	}
	return out, nil
}

// Read is [All] and [Decode] for a page that needs this part alone.
func Read[T any](ctx context.Context, q db.Q, in Query, p Part) ([]T, error) {
	f, err := All(ctx, q, in, p)
	if err != nil {
		return nil, err
	}
	return Decode[T](f, p.Key)
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
