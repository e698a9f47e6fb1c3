package record

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Applier makes the effects record put, revise and close happen.
type Applier struct{ s *Service }

var _ effect.Applier = Applier{}

// Applier is what core/effect registers for [effect.KindRecordPut],
// [effect.KindRecordRevise] and [effect.KindRecordClose].
func (s *Service) Applier() Applier { return Applier{s} }

// Kinds lists the effects that the applier serves.
func (Applier) Kinds() []effect.Kind {
	return []effect.Kind{effect.KindRecordPut, effect.KindRecordRevise, effect.KindRecordClose}
}

// Check implements [effect.Applier]: kind, scope, form, index values.
func (a Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	switch e := e.(type) {
	case *effect.RecordPut:
		_, _, err := a.s.prepare(ctx, q, d, e.RecordKind, e.Scope, e.Data, e.Index)
		return err
	case *effect.RecordRevise:
		r, err := a.s.target(ctx, q, d, e.Record, e.Scope, e.Version)
		if err != nil {
			return err
		}
		_, _, err = a.s.prepare(ctx, q, d, r.Kind, r.scope(), e.Data, e.Index)
		return err
	case *effect.RecordClose:
		if utf8.RuneCountInString(e.Note) > 500 {
			return fault.InvalidFields(fault.Field{Path: "note", Key: "record.note_long"})
		}
		_, err := a.s.target(ctx, q, d, e.Record, e.Scope, e.Version)
		return err
	}
	return fmt.Errorf("record: effect %T is not ours", e)
}

// Apply implements [effect.Applier].
func (a Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	switch e := e.(type) {
	case *effect.RecordPut:
		return a.s.put(ctx, tx, d, e, id)
	case *effect.RecordRevise:
		return a.s.revise(ctx, tx, d, e)
	case *effect.RecordClose:
		return a.s.close(ctx, tx, d, e)
	}
	return fmt.Errorf("record: effect %T is not ours", e)
}

// target finds the record that a revise or close means.
func (s *Service) target(ctx context.Context, q db.Q, d *effect.Decision, id uuid.UUID, scope effect.Scope, version int64) (row, error) {
	r, err := find(ctx, q, id)
	if err != nil {
		return row{}, err
	}
	switch {
	case r.Module != d.Module || r.scope() != scope:
		return row{}, fault.ErrNotFound
	case r.ClosedAt != nil && version == r.Version:
		return row{}, fault.New(fault.Conflict, "record.closed")
	case version == 0 && r.Decision != d.ID:
		return row{}, fault.InvalidFields(fault.Field{Path: "version", Key: "record.version_zero"})
	case version != 0 && version != r.Version:
		return row{}, effect.ErrStale
	}
	return r, nil
}

// prepare checks data and index against the kind; it returns the columns' texts
// by field name and the canonical data.
func (s *Service) prepare(ctx context.Context, q db.Q, d *effect.Decision, name string, scope effect.Scope, data effect.Document, index map[string]effect.Value) ([]byte, map[string]string, error) {
	k, err := s.kind(ctx, q, d.Module, name, indexNames(index)...)
	if fault.Is(err, fault.NotFound) {
		return nil, nil, fault.InvalidFields(fault.Field{Path: "kind", Key: "record.unknown_kind"})
	}
	if err != nil {
		return nil, nil, err
	}
	if k.Personal != nil {
		return nil, nil, fault.New(fault.Conflict, "record.personal")
	}
	var bad fault.Fields
	if !slices.Contains(k.Scopes, scope.Kind) {
		bad.Add("scope", "record.wrong_scope")
	}
	values := map[string]string{}
	for _, field := range sortedNames(index) {
		if index[field] == nil {
			continue
		}
		c, ok := k.field(field)
		if !ok {
			bad.Add("index."+field, "record.unknown_field")
			continue
		}
		if values[field], ok = encode(c.Type, index[field]); !ok {
			bad.Add("index."+field, "record.wrong_value")
		}
	}
	f, err := s.form(ctx, q, d.Module, name, data.Revision)
	switch {
	case fault.Is(err, fault.NotFound):
		bad.Add("data", "record.unknown_revision")
		return nil, nil, bad.Err()
	case err != nil:
		return nil, nil, err
	}
	answers, wrong := form.DecodeAnswers(f, data.JSON)
	result := form.Validate(i18n.FromContext(ctx), f, answers, form.Final, wrong)
	for _, field := range result.Errors {
		field.Path = strings.TrimSuffix("data."+field.Path, ".")
		bad = append(bad, field)
	}
	return result.Answers.Canonical(), values, bad.Err()
}

func indexNames(index map[string]effect.Value) []string {
	out := make([]string, 0, len(index))
	for n, v := range index {
		if v != nil {
			out = append(out, n)
		}
	}
	return out
}

func (s *Service) put(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.RecordPut, id uuid.UUID) error {
	data, values, err := s.prepare(ctx, tx, d, e.RecordKind, e.Scope, e.Data, e.Index)
	if err != nil {
		return err
	}
	k, err := s.kind(ctx, tx, d.Module, e.RecordKind)
	if err != nil {
		return err
	}
	r := &row{
		ID: id, Module: d.Module, Kind: k.Name, ScopeKind: string(e.Scope.Kind), ScopeID: e.Scope.ID,
		Person: nullID(e.Person), Author: nullID(d.Actor.Person), Decision: d.ID,
		FormRev: e.Data.Revision, Data: data, CreatedAt: d.Now, Version: 1,
	}
	k.fill(r, values)
	if err := insert(ctx, tx, r); err != nil {
		return err
	}
	if err := takeKeys(ctx, tx, k, r, values); err != nil {
		return err
	}
	return s.note(ctx, tx, d, r, "record:put", "record.put", data)
}

func (s *Service) revise(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.RecordRevise) error {
	r, err := s.target(ctx, tx, d, e.Record, e.Scope, e.Version)
	if err != nil {
		return err
	}
	data, values, err := s.prepare(ctx, tx, d, r.Kind, r.scope(), e.Data, e.Index)
	if err != nil {
		return err
	}
	k, err := s.kind(ctx, tx, d.Module, r.Kind)
	if err != nil {
		return err
	}
	if k.History == effect.Versions {
		if err := keepVersion(ctx, tx, r.ID, r.Version); err != nil {
			return err
		}
	}
	old := r.Version
	r.Author, r.FormRev, r.Data, r.ChangedAt, r.slots = nullID(d.Actor.Person), e.Data.Revision, data, d.Now, slots{}
	k.fill(&r, values)
	if n, err := replace(ctx, tx, &r, old); err != nil {
		return err
	} else if n == 0 {
		return effect.ErrStale
	}
	r.Version++
	if err := dropKeys(ctx, tx, r.ID); err != nil {
		return err
	}
	if err := takeKeys(ctx, tx, k, &r, values); err != nil {
		return err
	}
	return s.note(ctx, tx, d, &r, "record:revise", "record.revised", data)
}

func (s *Service) close(ctx context.Context, tx *db.Tx, d *effect.Decision, e *effect.RecordClose) error {
	r, err := s.target(ctx, tx, d, e.Record, e.Scope, e.Version)
	if err != nil {
		return err
	}
	if n, err := closeRow(ctx, tx, r.ID, r.Version, e.Note, d.Now); err != nil {
		return err
	} else if n == 0 {
		return effect.ErrStale
	}
	r.Version++
	if err := dropKeys(ctx, tx, r.ID); err != nil {
		return err
	}
	return s.note(ctx, tx, d, &r, "record:close", "record.closed", nil)
}

// errTaken is stale (the module may not have seen the record that holds the
// key, and is asked again) and reads as what it is when asking again does not help.
var errTaken = fault.Wrap(effect.ErrStale, fault.Conflict, "record.duplicate")

func takeKeys(ctx context.Context, tx *db.Tx, k *kind, r *row, values map[string]string) error {
	for _, fields := range k.UniqueKeys {
		value, bound := keyValue(fields, values)
		if !bound {
			continue
		}
		if ok, err := takeKey(ctx, tx, r, keyName(fields), value); err != nil {
			return err
		} else if !ok {
			return errTaken
		}
	}
	return nil
}

// fill puts the fields' texts into their columns.
func (k *kind) fill(r *row, values map[string]string) {
	for name, text := range values {
		if c, ok := k.field(name); ok {
			v := text
			*r.at(c.Column) = &v
		}
	}
}

// note audits a change and tells whoever asked to be told.
func (s *Service) note(ctx context.Context, tx *db.Tx, d *effect.Decision, r *row, action, event string, value []byte) error {
	d.Emit(r.scope(), event, map[string]any{"record": r.ID, "kind": r.Kind, "version": r.Version})
	return s.audit.Write(ctx, tx, audit.Event{
		Actor: d.Actor.Person, System: d.Actor.System, Action: action, ObjectKind: "record", ObjectID: r.ID.String(),
		ScopeKind: r.ScopeKind, ScopeID: r.ScopeID, Fields: []string{"data", "index"}, Value: value,
	})
}

func nullID(id uuid.UUID) uuid.NullUUID { return uuid.NullUUID{UUID: id, Valid: id != uuid.Nil} }
