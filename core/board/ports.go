package board

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/notify"
)

// Notifier tells people things in the transaction of what happened;
// *notify.Service is one.
type Notifier interface {
	Send(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Files keeps uploads; *file.Service is one.
type Files interface {
	Get(ctx context.Context, a *access.Actor, id uuid.UUID) (file.File, error)
	Attach(ctx context.Context, tx *db.Tx, a *access.Actor, ids []uuid.UUID, o file.Object) error
	Detach(ctx context.Context, tx *db.Tx, kind string, object uuid.UUID, keep []uuid.UUID) error
	Guard(kind string, g file.Guard)
}

var (
	_ Notifier = (*notify.Service)(nil)
	_ Files    = (*file.Service)(nil)
)
