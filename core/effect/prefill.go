package effect

import (
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// Saved is the content that a command would replace, and the version of it.
// Answers follow the revision of the form under which they were saved: compare
// it with the command's form before showing them in it.
type Saved struct {
	Answers Document
	Row     RowVersion
}

// Version is that of the record, 0 when there is none: what [Request.Filled] takes.
func (s *Saved) Version() int64 {
	if s == nil {
		return 0
	}
	return s.Row.Version
}

// Prefill finds what the form of a command starts with: a command whose form is
// that of a record kind, and which reads that kind, edits the record; its form
// is shown filled. nil when there is no such record yet, or more than one.
// subject is that of the command, uuid.Nil when it needs none. The module is not
// asked. Needs CommandPermission(module, command) in the scope; NotFound
// otherwise.
func (e *Engine) Prefill(ctx context.Context, typ string, scope Scope, command string, subject uuid.UUID) (*Saved, error) {
	t, err := e.find(ctx, typ)
	if err != nil {
		return nil, err
	}
	k, ok := t.behaviour.Command(command)
	if !ok {
		return nil, errNotFound
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	actor := access.From(ctx)
	s := edited(t.info.Description, k)
	a := ahead{subject: subject}
	if s != nil {
		a.wants.Slices = []SliceSpec{*s}
	}
	r, err := e.newRun(ctx, t, actor, scope, nil, id, a)
	if err != nil {
		return nil, err
	}
	if err := e.access.Require(actor, CommandPermission(t.info.ID, command), r.base.Place); err != nil {
		return nil, err
	}
	if s == nil {
		return nil, nil
	}
	if err := r.read(ctx, a.wants.Slices, nil); err != nil {
		return nil, err
	}
	rows := r.rowsOf(s.Name)
	if len(rows) != 1 {
		return nil, nil
	}
	return &Saved{
		Answers: Document{JSON: rows[0].Data, Revision: rows[0].Revision},
		Row:     RowVersion{Source: SourceRecord, ID: rows[0].ID, Version: rows[0].Version},
	}, nil
}

// Taken reports whether a decision was applied: somebody sent a form again
// whose first sending succeeded.
func (e *Engine) Taken(ctx context.Context, id uuid.UUID) (bool, error) {
	row, err := readDecision(ctx, e.db, id)
	return row != nil && err == nil, err
}
