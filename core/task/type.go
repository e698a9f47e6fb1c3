package task

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"slices"

	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
)

// Declare keeps the forms of a module's task types, in the transaction in which
// the module is enabled, so that submissions can be read without it. It may be
// repeated. Invalid when a type breaks the contract or changes a published revision.
func (s *Service) Declare(ctx context.Context, tx *db.Tx, d *effect.Description) error {
	for i := range d.TaskTypes {
		t := &d.TaskTypes[i]
		if !effect.ValidName(t.Name) || len(t.Assignees) == 0 || t.MaxFiles < 0 || t.MaxFiles > form.MaxFiles {
			return fault.New(fault.Invalid, "task.bad_type", "Type", t.Name)
		}
		f, err := form.Decode(t.Form.JSON)
		if err != nil {
			return err
		}
		document := f.Canonical()
		sum := sha256.Sum256(document)
		had, err := putForm(ctx, tx, d.Module, t.Name, t.Form.Revision, sum[:], string(document))
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(had, sum[:]) != 1 {
			return fault.New(fault.Invalid, "task.form_changed", "Type", t.Name, "Rev", t.Form.Revision)
		}
	}
	return nil
}

// kind finds a task type of an installed module, also while it is down.
func (s *Service) kind(qualified string) (*effect.TaskType, error) {
	m, err := s.modules.Module(qualified)
	if err != nil {
		return nil, err
	}
	_, local, _ := effect.Split(qualified)
	t, ok := m.Info().Description.TaskType(local)
	if !ok {
		return nil, fault.ErrNotFound
	}
	return t, nil
}

// served is kind for a change: while the module is switched off, what it made can
// only be read.
func (s *Service) served(ctx context.Context, qualified string) (*effect.TaskType, error) {
	k, err := s.kind(qualified)
	if err == nil {
		err = s.off(ctx, qualified)
	}
	return k, err
}

// off is the sentence for a type that is switched off, nil for others.
func (s *Service) off(ctx context.Context, qualified string) error {
	m, err := s.modules.Module(qualified)
	if err != nil || m.Info().Enabled {
		return nil
	}
	_, local, _ := effect.Split(qualified)
	return effect.Disabled(ctx, m.Info().Description, local)
}

// Kind is a task type that can be assigned somewhere.
type Kind struct {
	Type string // qualified
	effect.TaskType
}

// kindsOf lists the types of the module that runs a scope of type typ.
func (s *Service) kindsOf(ctx context.Context, typ string) ([]Kind, error) {
	m, err := s.modules.Module(typ)
	if err != nil {
		return nil, nil
	}
	if err := s.off(ctx, typ); err != nil {
		return nil, err
	}
	d := m.Info().Description
	out := make([]Kind, len(d.TaskTypes))
	for i := range d.TaskTypes {
		out[i] = Kind{effect.Qualify(d.Module, d.TaskTypes[i].Name), d.TaskTypes[i]}
	}
	return out, nil
}

type formKey struct {
	typ string
	rev int
}

// form finds a revision of a type's form; revisions never change.
func (s *Service) form(ctx context.Context, q db.Q, typ string, rev int) (*form.Form, error) {
	key := formKey{typ, rev}
	if f, ok := s.forms.Load(key); ok {
		return f.(*form.Form), nil
	}
	module, local, _ := effect.Split(typ)
	document, err := findForm(ctx, q, module, local, rev)
	if err != nil {
		return nil, db.NotFound(err)
	}
	f, err := form.Decode([]byte(document))
	if err != nil {
		return nil, fmt.Errorf("stored form %s revision %d: %w", typ, rev, err)
	}
	s.forms.Store(key, f)
	return f, nil
}

// declares reports whether the module is asked before a command of the core.
func declares(k *effect.TaskType, command string) bool {
	_, ok := k.Behaviour.Command(command)
	return ok
}

// shared reports whether one submission is everybody's.
func shared(k *effect.TaskType, kind effect.AssigneeKind) bool {
	return kind == effect.AssigneeGroup || kind == effect.AssigneeNetwork && k.SharedSubmission
}

// checkAssignee holds an assignee against the type.
func checkAssignee(k *effect.TaskType, a effect.Assignee, bad *fault.Fields) {
	if a != (effect.Assignee{}) && !slices.Contains(k.Assignees, a.Kind) {
		bad.Add("assignee", "task.assignee_kind")
	}
}
