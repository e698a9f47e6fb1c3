package effect

import (
	"bytes"
	"context"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// Saved is the content that a command would replace, and the version of it.
type Saved struct {
	Answers Document
	Row     RowVersion
}

// Prefill finds what the form of a command starts with: a command whose form is
// that of a record kind, and which reads that kind, edits the record; its form
// is shown filled. nil when there is no such record yet, or more than one. The
// module is not asked. Needs CommandPermission(module, command) in the scope;
// NotFound otherwise.
func (e *Engine) Prefill(ctx context.Context, typ string, scope Scope, command string) (*Saved, error) {
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
	r, err := e.newRun(ctx, t, actor, scope, nil, id)
	if err != nil {
		return nil, err
	}
	if err := e.access.Require(actor, CommandPermission(t.info.ID, command), r.base.Place); err != nil {
		return nil, err
	}
	for i := range k.Slices {
		s := &k.Slices[i]
		if s.Source != SourceRecord {
			continue
		}
		kind, ok := t.info.Description.RecordKind(s.Kind)
		if !ok || k.Form.IsZero() || kind.Form.Revision != k.Form.Revision || !bytes.Equal(kind.Form.JSON, k.Form.JSON) {
			continue
		}
		if err := r.readSlice(ctx, s); err != nil {
			return nil, err
		}
		rows := r.snap.Slices[len(r.snap.Slices)-1].Rows
		if len(rows) != 1 || rows[0].Revision != kind.Form.Revision {
			return nil, nil
		}
		return &Saved{
			Answers: Document{JSON: rows[0].Data, Revision: rows[0].Revision},
			Row:     RowVersion{Source: SourceRecord, ID: rows[0].ID, Version: rows[0].Version},
		}, nil
	}
	return nil, nil
}
