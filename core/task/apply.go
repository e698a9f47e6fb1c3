package task

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// Applier makes the effects task create, assign and decide happen.
type Applier struct{ s *Service }

var _ effect.Applier = Applier{}

// Applier is what core/effect registers for [Applier.Kinds].
func (s *Service) Applier() Applier { return Applier{s} }

// Kinds lists the effects that the applier serves.
func (Applier) Kinds() []effect.Kind {
	return []effect.Kind{effect.KindTaskCreate, effect.KindTaskAssign, effect.KindTaskDecide}
}

// Check implements [effect.Applier].
func (p Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	switch e := e.(type) {
	case *effect.TaskCreate:
		return p.s.checkCreate(ctx, q, d, e)
	case *effect.TaskAssign:
		t, k, err := p.s.own(ctx, q, d, e.Task, e.Scope, e.Version)
		if err != nil {
			return err
		}
		return p.s.checkGiven(ctx, q, d, k, e.Assignee, e.Due, t.Scope)
	case *effect.TaskDecide:
		_, _, _, err := p.s.prepareDecide(ctx, q, d, e)
		return err
	}
	return fmt.Errorf("task: effect %T is not ours", e)
}

func (s *Service) checkCreate(ctx context.Context, q db.Q, d *effect.Decision, e *effect.TaskCreate) error {
	k, ok := d.Description.TaskType(e.Type)
	if !ok {
		return fault.InvalidFields(fault.Field{Path: "type", Key: "task.unknown_type"})
	}
	var bad fault.Fields
	checkWords(&bad, e.Title, e.Instructions)
	if err := bad.Err(); err != nil {
		return err
	}
	return s.checkGiven(ctx, q, d, k, e.Assignee, e.Due, e.Scope)
}

// checkGiven holds assignee and date against the type and the scope.
func (s *Service) checkGiven(ctx context.Context, q db.Q, d *effect.Decision, k *effect.TaskType, to effect.Assignee, due time.Time, scope effect.Scope) error {
	var bad fault.Fields
	checkAssignee(k, to, &bad)
	if !due.IsZero() && !due.After(d.Now) {
		bad.Add("due", "task.due_past")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	st, ok := d.Scope(scope)
	if !ok {
		var err error
		if st, err = s.engine.State(ctx, q, scope); err != nil {
			return err
		}
	}
	return s.checkWhere(ctx, q, to, st, false)
}

// own finds a task of the deciding module at the version it saw.
func (s *Service) own(ctx context.Context, q db.Q, d *effect.Decision, id uuid.UUID, scope effect.Scope, version int64) (*Task, *effect.TaskType, error) {
	t, err := findTask(ctx, q, id)
	if err != nil {
		return nil, nil, err
	}
	module, local, _ := effect.Split(t.Type)
	k, ok := d.Description.TaskType(local)
	if module != d.Module || !ok || t.Scope != scope {
		return nil, nil, fault.ErrNotFound
	}
	if version != 0 && t.Version != version {
		return nil, nil, effect.ErrStale
	}
	return t, k, nil
}

// prepareDecide finds the task that a decision means: the member's part when a
// submission of a task of everybody is named.
func (s *Service) prepareDecide(ctx context.Context, q db.Q, d *effect.Decision, e *effect.TaskDecide) (*Task, uuid.UUID, Judgement, error) {
	in := Judgement{Verdict: e.Verdict, Remarks: append([]effect.Remark(nil), e.Remarks...), Due: e.Due}
	t, _, err := s.own(ctx, q, d, e.Task, e.Scope, e.Version)
	if err != nil {
		return nil, uuid.Nil, in, err
	}
	if t.Each {
		of, err := taskOfSubmission(ctx, q, e.Submission)
		if err != nil {
			return nil, uuid.Nil, in, err
		}
		if t, err = findTask(ctx, q, of); err != nil {
			return nil, uuid.Nil, in, err
		}
		if t.Parent != e.Task {
			return nil, uuid.Nil, in, fault.ErrNotFound
		}
	}
	in.Version = t.Version
	sub, err := s.checkJudgement(ctx, q, t, &in)
	if err != nil {
		return nil, uuid.Nil, in, err
	}
	if e.Submission != uuid.Nil && e.Submission != sub {
		return nil, uuid.Nil, in, effect.ErrStale // something newer was handed in
	}
	return t, sub, in, nil
}

// Apply implements [effect.Applier].
func (p Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	s := p.s
	switch e := e.(type) {
	case *effect.TaskCreate:
		k, ok := d.Description.TaskType(e.Type)
		if !ok {
			return fault.ErrNotFound
		}
		t := s.newTask(id, NewTask{Type: effect.Qualify(d.Module, e.Type), Scope: e.Scope, Assignee: e.Assignee,
			Title: e.Title, Instructions: e.Instructions, Due: e.Due}, k)
		d.Emit(t.Scope, "task.created", event(t, "", uuid.Nil).Data)
		return s.insert(ctx, tx, d.Actor, t)
	case *effect.TaskAssign:
		t, k, err := s.own(ctx, tx, d, e.Task, e.Scope, e.Version)
		if err != nil {
			return err
		}
		return s.reassign(ctx, tx, d.Actor, t, k, e.Assignee, e.Due, t.Version)
	case *effect.TaskDecide:
		t, sub, in, err := s.prepareDecide(ctx, tx, d, e)
		if err != nil {
			return err
		}
		var tell told
		if err := s.judge(ctx, tx, d.Actor, t, sub, in, id, &tell); err != nil {
			return err
		}
		for _, m := range tell.list {
			d.Emit(m.Scope, m.Name, m.Data)
		}
		return nil
	}
	return fmt.Errorf("task: effect %T is not ours", e)
}
