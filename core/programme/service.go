package programme

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
	"ore.edu.pl/sieci/core/idem"
	"ore.edu.pl/sieci/core/notify"
)

// Engine asks modules and applies what they answer; *effect.Engine is one.
type Engine interface {
	Decide(ctx context.Context, r *effect.Request) (*effect.Outcome, error)
	Emit(ctx context.Context, tx *db.Tx, list ...effect.Emission) error
	Render(ctx context.Context, r *effect.RenderRequest) (*effect.Rendered, error)
	Prefill(ctx context.Context, typ string, scope effect.Scope, command string, subject uuid.UUID) (*effect.Saved, error)
	Taken(ctx context.Context, id uuid.UUID) (bool, error)
}

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

var (
	_ Notifier = (*notify.Service)(nil)
	_ Engine   = (*effect.Engine)(nil)
)

// Config of a [Service]; every field is required.
type Config struct {
	DB      *db.DB
	Access  *access.Authorizer
	Audit   *audit.Log
	Clock   clock.Clock
	Modules effect.Modules
	Engine  Engine
	Notify  Notifier
	// CursorKey signs cursors; at least 32 bytes, the same on every node.
	CursorKey keyset.Key
}

// Service runs programmes and groups. Safe for concurrent use.
type Service struct {
	db      *db.DB
	auth    *access.Authorizer
	audit   *audit.Log
	clock   clock.Clock
	modules effect.Modules
	engine  Engine
	notify  Notifier
	key     keyset.Key
}

// New makes the service; it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Access == nil || c.Audit == nil || c.Clock == nil || c.Modules == nil || c.Engine == nil || c.Notify == nil || len(c.CursorKey) < 32 {
		panic("programme: incomplete configuration")
	}
	return &Service{db: c.DB, auth: c.Access, audit: c.Audit, clock: c.Clock, modules: c.Modules, engine: c.Engine, notify: c.Notify, key: c.CursorKey}
}

// act is the frame of a change: one transaction, done once per idempotency key.
func act[R any](ctx context.Context, s *Service, a *access.Actor, operation string, in any, change func(ctx context.Context, tx *db.Tx) (R, error)) (R, error) {
	var out R
	err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		out, err = idem.Do(ctx, tx, a.Person, operation, in, func() (R, error) { return change(ctx, tx) })
		return err
	})
	return out, err
}

// pageLimit is a list's limit: 1–100, 50 unless told.
func pageLimit(n int) int {
	if n <= 0 {
		return 50
	}
	return min(n, 100)
}

// page cuts a list that was read with one row too many and signs the cursor.
func page[T any](key keyset.Key, sum []byte, items []T, limit int, at func(*T) (string, uuid.UUID)) (Page[T], error) {
	if len(items) <= limit {
		return Page[T]{Items: items}, nil
	}
	text, id := at(&items[limit-1])
	next, err := key.Seal(sum, keyset.Cursor{Values: []*string{&text}, ID: id})
	return Page[T]{Items: items[:limit], Next: next}, err
}
