package effect

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
)

// notes applies audit.note.
type notes struct{ e *Engine }

var _ Applier = notes{}

// Check implements [Applier].
func (notes) Check(_ context.Context, _ db.Q, _ *Decision, e Effect) error {
	if n, ok := e.(*AuditNote); ok && ValidName(n.Code) {
		return nil
	}
	return BadAnswer("bad code of an audit note")
}

// Apply implements [Applier].
func (a notes) Apply(ctx context.Context, tx *db.Tx, d *Decision, e Effect, id uuid.UUID) error {
	n := e.(*AuditNote)
	subject := n.Subject
	if subject == uuid.Nil {
		subject = id
	}
	return a.e.audit.Write(ctx, tx, audit.Event{
		Actor: d.Actor.Person, System: d.Actor.System, Action: d.Module + "/note:" + n.Code, ObjectKind: "note", ObjectID: subject.String(),
		ScopeKind: string(n.Scope.Kind), ScopeID: n.Scope.ID,
	})
}
