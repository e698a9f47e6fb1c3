// Package audit writes the append-only account of changes into audit_event,
// inside the transaction of the change: if the account cannot be written, the
// change does not happen. It holds ids, field names and keyed digests, never
// names or values of people.
package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
)

// Event is one change.
type Event struct {
	// Actor is the person who acted; uuid.Nil when a system did.
	Actor uuid.UUID
	// System names who acted when no person did: "core", "module:ore.thematic", "cli".
	System string
	// Action is the permission-like name of the act, for example "network.member:add".
	Action string
	// ObjectKind and ObjectID say what was changed.
	ObjectKind, ObjectID string
	// ScopeKind and ScopeID say where ("network", id); empty for platform-wide acts.
	ScopeKind string
	ScopeID   uuid.UUID
	// Fields are names of changed fields, never their values.
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
// keep their order, and one that cannot be written undoes the change.
func (l *Log) Write(ctx context.Context, tx *db.Tx, e Event) error {
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
	tx.Later(`INSERT INTO audit_event
		(domain_at, actor_id, actor_system, request_id, action, object_kind, object_id, scope_kind, scope_id, fields, digest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		l.clock.Now(), nullID(e.Actor), e.System, RequestID(ctx), e.Action, e.ObjectKind, e.ObjectID,
		e.ScopeKind, nullID(e.ScopeID), db.Array(fields), digest)
	return nil
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
