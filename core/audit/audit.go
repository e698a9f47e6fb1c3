// Package audit writes the append-only account of changes into audit_event,
// inside the transaction of the change: if the account cannot be written, the
// change does not happen. So it is with reads of other people's data beyond a
// list of members ([Log.Read]): they are accounted for before the data are
// handed out. It holds ids, field names and keyed digests, never names or values
// of people.
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// Event is one change, or one read of other people's data.
type Event struct {
	// Actor is the person who acted; uuid.Nil when a system did.
	Actor uuid.UUID
	// System names who acted when no person did: "core", "module:ore.thematic", "cli".
	System string
	// Action is the permission-like name of the act, for example "network.member:add".
	Action string
	// ObjectKind and ObjectID say what was changed or read.
	ObjectKind, ObjectID string
	// ScopeKind and ScopeID say where ("network", id); empty for platform-wide acts.
	ScopeKind string
	ScopeID   uuid.UUID
	// Fields are names of changed or read fields, never their values.
	Fields []string
	// Value, when set, is digested with the installation's key, so that a later
	// claim about the content can be checked; the value itself is not kept.
	Value []byte
}

// Log writes events. Safe for concurrent use.
type Log struct {
	key   []byte
	clock clock.Clock
}

// New returns a log that digests with key (at least 32 bytes, secret).
func New(key []byte, c clock.Clock) *Log {
	if len(key) < 32 {
		panic("audit: key shorter than 32 bytes")
	}
	return &Log{key: key, clock: c}
}

type requestKey struct{}

// WithRequest returns a context whose events carry the request id.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID is the id of the request that ctx serves, or "".
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// Write adds e at the end of the caller's transaction ([db.Tx.Later]): events
// keep their order, and one that cannot be written undoes the change, with an
// error (Unavailable) that says so.
func (l *Log) Write(ctx context.Context, tx *db.Tx, e Event) error {
	tx.LaterOr(unrecorded, insertEvent, l.values(ctx, e)...)
	return nil
}

// Read accounts for a read of other people's data before they are handed out:
// at once, in one statement, outside of any transaction. Unavailable when it
// cannot be written; the caller then hands out nothing. Within an act that is
// accounted for as a whole ([Accounted]) it writes nothing.
func (l *Log) Read(ctx context.Context, d *db.DB, e Event) error {
	if ctx.Value(accountedKey{}) != nil {
		return nil
	}
	if _, err := d.Exec(ctx, insertEvent, l.values(ctx, e)...); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return unrecorded(err)
	}
	return nil
}

type accountedKey struct{}

// Accounted is a context in which an act goes on that was accounted for when it
// was asked for (a copy of a network that a job makes): what is read for it is a
// part of that act.
func Accounted(ctx context.Context) context.Context {
	return context.WithValue(ctx, accountedKey{}, true)
}

// unrecorded is what people read when the account cannot be written.
func unrecorded(err error) error { return fault.Wrap(err, fault.Unavailable, "audit.unrecorded") }

// values are the columns of [insertEvent].
func (l *Log) values(ctx context.Context, e Event) []any {
	var digest []byte
	if e.Value != nil {
		m := hmac.New(sha256.New, l.key)
		m.Write(e.Value)
		digest = m.Sum(nil)
	}
	fields := e.Fields
	if fields == nil {
		fields = []string{}
	}
	return []any{l.clock.Now(), nullID(e.Actor), e.System, RequestID(ctx), e.Action, e.ObjectKind, e.ObjectID,
		e.ScopeKind, nullID(e.ScopeID), db.Array(fields), digest}
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
