package task

import (
	"context"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/notify"
)

// NewTask is a task to be assigned.
type NewTask struct {
	Type         string // qualified
	Scope        effect.Scope
	Assignee     effect.Assignee
	Title        string
	Instructions string
	Due          time.Time // zero: no date
	// Reasons for warnings of the module, from a [NeedsReason].
	Reasons []effect.Acknowledgement
}

// kindsIn are the task types of the module of a scope.
func (s *Service) kindsIn(ctx context.Context, q db.Q, st effect.ScopeState) ([]Kind, error) {
	typ := st.Type
	for parent := st.Parent; typ == "" && !parent.IsZero(); {
		up, err := s.engine.State(ctx, q, parent)
		if err != nil {
			return nil, err
		}
		typ, parent = up.Type, up.Parent
	}
	if typ == "" {
		return nil, nil
	}
	return s.kindsOf(ctx, typ)
}

func (s *Service) assignable(ctx context.Context, q db.Q, a *access.Actor, scope effect.Scope) (effect.ScopeState, error) {
	st, err := s.engine.State(ctx, q, scope)
	if err != nil {
		return st, err
	}
	return st, s.auth.Require(a, Assign, st.Place)
}

// Assign makes a task. Needs [Assign] in the scope. A type that declares the
// command "assign" is asked. Errors: Invalid with fields, [NeedsReason],
// Conflict in a closed scope, Unavailable while a module that must be asked is down.
func (s *Service) Assign(ctx context.Context, a *access.Actor, in NewTask) (uuid.UUID, error) {
	st, err := s.assignable(ctx, s.db, a, in.Scope)
	if err != nil {
		return uuid.Nil, err
	}
	in.Title = strings.TrimSpace(in.Title)
	k, err := s.checkNew(ctx, s.db, in, st)
	if err != nil {
		return uuid.Nil, err
	}
	decision, err := decisionID(ctx, a, "task.assign")
	if err != nil {
		return uuid.Nil, err
	}
	t := s.newTask(effect.HandleID(decision, "task"), in, k)
	raw, err := json.Marshal(map[string]any{"task": t.ID, "title": in.Title, "assignee": map[string]any{"kind": in.Assignee.Kind, "id": in.Assignee.ID}})
	if err != nil {
		return uuid.Nil, err
	}
	c := act{id: decision, command: "assign", typ: in.Type, kind: k, scope: in.Scope, subject: t.ID, input: in,
		document: effect.Document{JSON: raw, Revision: 1}, reasons: in.Reasons}
	return carry(ctx, s, a, c, func(ctx context.Context, tx *db.Tx, tell *told) (uuid.UUID, error) {
		tell.add(event(t, "task.created", uuid.Nil))
		return t.ID, s.insert(ctx, tx, a, t)
	})
}

func (s *Service) newTask(id uuid.UUID, in NewTask, k *effect.TaskType) *Task {
	now := s.clock.Now()
	return &Task{
		ID: id, Type: in.Type, Scope: in.Scope, Assignee: in.Assignee, Title: in.Title, Instructions: strings.TrimSpace(in.Instructions),
		Each:  in.Assignee.Kind == effect.AssigneeNetwork && !shared(k, in.Assignee.Kind),
		State: Open, Due: in.Due, CreatedAt: now, ChangedAt: now, Version: 1,
	}
}

func (s *Service) checkNew(ctx context.Context, q db.Q, in NewTask, st effect.ScopeState) (*effect.TaskType, error) {
	var bad fault.Fields
	k, err := s.served(ctx, in.Type)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.InvalidFields(fault.Field{Path: "type", Key: "task.unknown_type"})
	}
	if err != nil {
		return nil, err
	}
	checkWords(&bad, in.Title, in.Instructions)
	if !in.Due.IsZero() && !in.Due.After(s.clock.Now()) {
		bad.Add("due", "task.due_past")
	}
	checkAssignee(k, in.Assignee, &bad)
	if in.Assignee == (effect.Assignee{}) {
		bad.Add("assignee", "task.assignee_missing")
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	if st.Closed {
		return nil, fault.New(fault.Conflict, "task.scope_closed")
	}
	return k, s.checkWhere(ctx, q, in.Assignee, st, true)
}

func checkWords(bad *fault.Fields, title, instructions string) {
	switch n := utf8.RuneCountInString(strings.TrimSpace(title)); {
	case n == 0:
		bad.Add("title", "task.title_missing")
	case n > 200:
		bad.Add("title", "task.title_long", "Max", 200)
	}
	if utf8.RuneCountInString(instructions) > 4000 {
		bad.Add("instructions", "task.instructions_long", "Max", 4000)
	}
}

// checkWhere: the assignee belongs to the task's scope. Modules may also give a
// task to somebody who holds a role there without being a member: who leads or
// accompanies the scope, above or below it, too.
func (s *Service) checkWhere(ctx context.Context, q db.Q, to effect.Assignee, st effect.ScopeState, byPerson bool) error {
	elsewhere := fault.InvalidFields(fault.Field{Path: "assignee", Key: "task.assignee_elsewhere"})
	switch to.Kind {
	case effect.AssigneePerson:
		ok, err := active(ctx, q, to.ID)
		switch {
		case err != nil || !ok:
		case byPerson:
			ok, err = isMember(ctx, q, st.Scope, to.ID, s.clock.Now())
		default:
			ok, err = stands(ctx, q, st.Scope.ID, to.ID, s.clock.Now())
		}
		if err == nil && !ok {
			err = elsewhere
		}
		return err
	case effect.AssigneeGroup, effect.AssigneeNetwork:
		of, err := s.engine.State(ctx, q, effect.Scope{Kind: effect.ScopeKind(to.Kind), ID: to.ID})
		if fault.Is(err, fault.NotFound) {
			return elsewhere
		}
		if err != nil {
			return err
		}
		if !within(of, st) {
			return elsewhere
		}
	}
	return nil
}

// within reports whether a scope is another one or lies below it.
func within(st, base effect.ScopeState) bool {
	switch base.Scope.Kind {
	case effect.Programme:
		return st.Place.Programme == base.Scope.ID
	case effect.Network:
		return st.Place.Network == base.Scope.ID
	}
	return st.Scope == base.Scope
}

// insert writes the task, audits it and tells the assignees.
func (s *Service) insert(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task) error {
	if err := insertTask(ctx, tx, t, a.Person); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, t, "task:assign", nil, "type", "assignee", "title", "due"); err != nil {
		return err
	}
	return s.tellAssignees(ctx, tx, a, t, "task.notify.assigned", t.ID.String()+"/assigned")
}

// toldMost bounds how many people one change tells; the task stands in
// everybody's list anyway.
const toldMost = 2000

func (s *Service) tellAssignees(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, key, once string) error {
	var to []uuid.UUID
	switch t.Assignee.Kind {
	case effect.AssigneePerson:
		to = []uuid.UUID{t.Assignee.ID}
	case effect.AssigneeGroup, effect.AssigneeNetwork:
		people, err := members(ctx, tx, effect.Scope{Kind: effect.ScopeKind(t.Assignee.Kind), ID: t.Assignee.ID}, s.clock.Now(), toldMost)
		if err != nil {
			return err
		}
		for _, p := range people {
			to = append(to, p.ID)
		}
	}
	return s.tell(ctx, tx, a, t, to, key, once)
}

func (s *Service) tell(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, to []uuid.UUID, key, once string) error {
	var others []uuid.UUID
	for _, id := range to {
		if id != a.Person {
			others = append(others, id)
		}
	}
	if len(others) == 0 {
		return nil
	}
	m := notify.Message{To: others, Key: key, Args: map[string]any{"Title": t.Title}, Link: "/zadania/" + t.ID.String(), Once: once}
	if !t.Due.IsZero() {
		m.Args["Due"] = t.Due
		m.Key += "_due"
	}
	return s.notify.Send(ctx, tx, m)
}

// Reassign gives a task to somebody else, with a new date (zero keeps the old).
// Needs [Assign] in the task's scope. Conflict when the task is no longer at
// version, has been handed in, or has parts.
func (s *Service) Reassign(ctx context.Context, a *access.Actor, id uuid.UUID, to effect.Assignee, due time.Time, version int64) error {
	t, err := findTask(ctx, s.db, id)
	if err != nil {
		return err
	}
	r, err := s.see(ctx, s.db, a, t)
	if err != nil {
		return err
	}
	if !r.assigner {
		return fault.New(fault.Forbidden, "fault.forbidden")
	}
	if r.scope.Closed {
		return fault.New(fault.Conflict, "task.scope_closed")
	}
	k, err := s.served(ctx, t.Type)
	if err != nil {
		return err
	}
	var bad fault.Fields
	checkAssignee(k, to, &bad)
	if !due.IsZero() && !due.After(s.clock.Now()) {
		bad.Add("due", "task.due_past")
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if err := s.checkWhere(ctx, s.db, to, r.scope, true); err != nil {
		return err
	}
	return s.once(ctx, a, "task.reassign", []any{id, to, due, version}, func(ctx context.Context, tx *db.Tx) error {
		return s.reassign(ctx, tx, a, t, k, to, due, version)
	})
}

func (s *Service) reassign(ctx context.Context, tx *db.Tx, a *access.Actor, t *Task, k *effect.TaskType, to effect.Assignee, due time.Time, version int64) error {
	if t.Parent != uuid.Nil || t.State == Accepted || t.State == Cancelled {
		return fault.New(fault.Conflict, "task.not_now")
	}
	t.Assignee, t.Each = to, to.Kind == effect.AssigneeNetwork && !shared(k, to.Kind)
	if t.Each && t.State != Open {
		return fault.New(fault.Conflict, "task.not_now")
	}
	if !due.IsZero() {
		t.Due = due
	}
	n, err := updateAssignee(ctx, tx, t, version, s.clock.Now())
	if err != nil {
		return err
	}
	if n == 0 {
		return effect.ErrStale
	}
	if err := s.note(ctx, tx, a, t, "task:assign", nil, "assignee", "due"); err != nil {
		return err
	}
	return s.tellAssignees(ctx, tx, a, t, "task.notify.assigned", "")
}
