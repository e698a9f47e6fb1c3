package task

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/idem"
)

// act is a change of a task that its module may have a say in.
type act struct {
	// id is the decision's, stable over repeats.
	id uuid.UUID
	// command is the core's: assign, submit, accept, return.
	command string
	typ     string
	kind    *effect.TaskType
	scope   effect.Scope
	// subject is the task; uuid.Nil while it does not exist.
	subject, submission uuid.UUID
	input               any
	// document is what the module gets as the command's input.
	document effect.Document
	reasons  []effect.Acknowledgement
}

// told collects the events of a change; they are appended last.
type told struct{ list []effect.Emission }

func (t *told) add(e effect.Emission) { t.list = append(t.list, e) }

// carry asks the type's guard and, where it declares the command, the module,
// outside any transaction; then it makes the change in one transaction with the
// module's effects, once per idempotency key. Errors: those of the change, a
// [NeedsReason], Unavailable while a module that must be asked is down.
func carry[R any](ctx context.Context, s *Service, a *access.Actor, c act, change func(ctx context.Context, tx *db.Tx, tell *told) (R, error)) (R, error) {
	ctx = access.With(ctx, a)
	operation := "task." + c.command
	out, seen, err := idem.Seen[R](ctx, s.db, a.Person, operation, c.input)
	if seen || err != nil {
		return out, err
	}
	once := func(ctx context.Context, tx *db.Tx, tell *told) error {
		var err error
		out, err = idem.Do(ctx, tx, a.Person, operation, c.input, func() (R, error) { return change(ctx, tx, tell) })
		return err
	}
	guard, err := s.guard(ctx, &c)
	if err != nil {
		return out, err
	}
	if !declares(c.kind, c.command) {
		err := s.db.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := s.engine.Confirm(ctx, tx, guard); err != nil {
				return err
			}
			var tell told
			if err := once(ctx, tx, &tell); err != nil {
				return err
			}
			return s.engine.Emit(ctx, tx, tell.list...)
		})
		if errors.Is(err, effect.ErrStale) {
			err = fault.Wrap(err, fault.Conflict, "fault.conflict")
		}
		return out, err
	}
	o, err := s.engine.Decide(ctx, &effect.Request{
		ID: c.id, Type: c.typ, Scope: c.scope, Input: effect.Command{Name: c.command, Input: c.document, Subject: c.subject},
		Checked: true, Acknowledged: c.reasons,
		Before: func(ctx context.Context, tx *db.Tx, d *effect.Decision) error {
			if err := s.engine.Confirm(ctx, tx, guard); err != nil {
				return err
			}
			var tell told
			if err := once(ctx, tx, &tell); err != nil {
				return err
			}
			for _, m := range tell.list { // the engine appends them last
				d.Emit(m.Scope, m.Name, m.Data)
			}
			return nil
		},
	})
	if err != nil {
		if o != nil && o.Refused {
			return out, needsReason(o.Unacknowledged(c.reasons), err)
		}
		return out, err
	}
	if o.Repeated {
		out, _, err = idem.Seen[R](ctx, s.db, a.Person, operation, c.input)
	}
	return out, err
}

func (s *Service) guard(ctx context.Context, c *act) (*effect.GuardOutcome, error) {
	args := map[string]any{}
	if c.subject != uuid.Nil {
		args["task"] = c.subject
	}
	if c.submission != uuid.Nil {
		args["submission"] = c.submission
	}
	g, err := s.engine.Guard(ctx, &effect.GuardRequest{
		Type: c.typ, Command: "task:" + c.command, Scope: c.scope, Arguments: args, Acknowledged: c.reasons,
	})
	if err != nil && g != nil && g.Refused {
		return nil, needsReason(g.Unacknowledged(c.reasons), err)
	}
	return g, err
}

// needsReason offers the warnings to the person, when nothing worse was said.
func needsReason(warnings []effect.Diagnostic, err error) error {
	if len(warnings) == 0 {
		return err
	}
	return &NeedsReason{Warnings: warnings, err: err}
}
