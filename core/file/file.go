package file

import (
	"time"

	"github.com/google/uuid"
)

const (
	// MaxSize of one file: a scanned 30-page document or a slide show; what is
	// larger belongs on a video or cloud service. The CHECK file_size says the same.
	MaxSize = 25 << 20
	// Quota of one person: twenty of the largest files. 5,000 active people
	// then stay below 2.5 TB in the worst case and near 50 GB in practice.
	Quota = 500 << 20
	// keepTemporary is how long an upload that no draft names may wait for its
	// form to be sent. A form that is put aside lives 90 days after the last save
	// (core/draft): its uploads must still be there then, and a day more, for the
	// two sweeps do not run at the same moment. The owner's quota bounds what waits.
	keepTemporary = 91 * 24 * time.Hour
	// maxPixels refuses images that would need over 200 MB in memory when shown.
	maxPixels = 50_000_000
	// maxName in runes; the CHECK file_name says the same.
	maxName = 200
)

// State of a file.
type State string

// The states.
const (
	Temporary State = "temporary"
	Attached  State = "attached"
	Detached  State = "detached"
)

// File is what is known about an upload.
type File struct {
	ID        uuid.UUID `db:"id" json:"id"`
	Owner     uuid.UUID `db:"owner_id" json:"-"`
	Name      string    `db:"name" json:"name"`
	MediaType string    `db:"media_type" json:"media_type"`
	Size      int64     `db:"size" json:"size"` // bytes
	SHA256    []byte    `db:"sha256" json:"-"`
	State     State     `db:"state" json:"-"`
	// Object is what the file is attached to; kinds are those of [Service.Guard].
	ObjectKind string        `db:"object_kind" json:"-"`
	ObjectID   uuid.NullUUID `db:"object_id" json:"-"`
	// Scope is the network or group in which the object lives; empty for none.
	ScopeKind string        `db:"scope_kind" json:"-"`
	ScopeID   uuid.NullUUID `db:"scope_id" json:"-"`
	CreatedAt time.Time     `db:"created_at" json:"created_at"`
}

// Object is what files are attached to.
type Object struct {
	Kind string // as registered with [Service.Guard], for example "task_submission"
	ID   uuid.UUID
	// ScopeKind and ScopeID are optional, for guards that decide by the scope.
	ScopeKind string
	ScopeID   uuid.UUID
}
