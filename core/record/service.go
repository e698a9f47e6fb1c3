package record

import (
	"sync"

	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/clock"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/effect/keyset"
)

// Service keeps records. Safe for concurrent use.
type Service struct {
	db     *db.DB
	clock  clock.Clock
	audit  *audit.Log
	access effect.Authorizer
	scopes Scopes
	key    keyset.Key
	kinds  kindCache
	forms  sync.Map // formKey → *form.Form
	shapes shapes
}

// Config of a [Service]; every field is required.
type Config struct {
	DB     *db.DB
	Clock  clock.Clock
	Audit  *audit.Log
	Access effect.Authorizer
	Scopes Scopes
	// CursorKey signs cursors; at least 32 bytes, the same on every node.
	CursorKey keyset.Key
}

// New makes a service; it panics on an incomplete configuration.
func New(c Config) *Service {
	if c.DB == nil || c.Clock == nil || c.Audit == nil || c.Access == nil || c.Scopes == nil || len(c.CursorKey) < 32 {
		panic("record: incomplete configuration")
	}
	return &Service{db: c.DB, clock: c.Clock, audit: c.Audit, access: c.Access, scopes: c.Scopes, key: c.CursorKey}
}
