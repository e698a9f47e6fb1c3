package task

import (
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/file"
	"ore.edu.pl/sieci/core/form"
)

// The permissions of people on tasks: Own by every account for tasks of its
// own, the others at the place of the task's scope.
const (
	Own    access.Permission = "task:own"
	List   access.Permission = "task:list"
	Assign access.Permission = "task:assign"
	Submit access.Permission = "task:submit"
	Review access.Permission = "task:review"
)

// State of a task.
type State string

// The states. Open, Returned: the assignee's turn. Submitted: the reviewer's.
const (
	Open      State = "open"
	Submitted State = "submitted"
	Returned  State = "returned"
	Accepted  State = "accepted"
	Escalated State = "escalated"
	Cancelled State = "cancelled"
)

// States lists the states in the order of a task's life.
var States = []State{Open, Submitted, Returned, Escalated, Accepted, Cancelled}

// FileKind is the kind of object that files of submissions are attached to.
const FileKind = "task_submission"

// Task is a piece of work for people.
type Task struct {
	ID           uuid.UUID       `json:"id"`
	Type         string          `json:"type"` // qualified
	Scope        effect.Scope    `json:"scope"`
	ScopeTitle   string          `json:"scope_title"`
	Parent       uuid.UUID       `json:"parent,omitzero"`
	Assignee     effect.Assignee `json:"assignee"`
	AssigneeName string          `json:"assignee_name,omitempty"`
	// Each means that everybody in the network has an own part.
	Each         bool      `json:"each"`
	Title        string    `json:"title"`
	Instructions string    `json:"instructions,omitempty"`
	State        State     `json:"state"`
	Due          time.Time `json:"due,omitzero"`
	CreatedAt    time.Time `json:"created_at"`
	ChangedAt    time.Time `json:"changed_at"`
	Version      int64     `json:"version"`
}

// Late reports whether the assignee's turn is past its date.
func (t *Task) Late(now time.Time) bool {
	return (t.State == Open || t.State == Returned) && !t.Due.IsZero() && now.After(t.Due)
}

// Person is a name with its id.
type Person struct {
	ID   uuid.UUID `json:"id" db:"id"`
	Name string    `json:"name" db:"name"`
}

// Submission is what was handed in, once.
type Submission struct {
	ID      uuid.UUID `json:"id"`
	No      int       `json:"no"`
	FormRev int       `json:"form_revision"`
	// Form and Answers are at the revision of then.
	Form        *form.Form   `json:"-"`
	Answers     form.Answers `json:"answers"`
	Files       []file.File  `json:"files,omitempty"`
	By          Person       `json:"by"`
	Authors     []Person     `json:"authors"`
	SubmittedAt time.Time    `json:"submitted_at"`
}

// Decision is what was decided about a submission or a task.
type Decision struct {
	ID         uuid.UUID       `json:"id"`
	Submission uuid.UUID       `json:"submission,omitzero"`
	Verdict    string          `json:"verdict"`
	Note       string          `json:"note,omitempty"`
	Due        time.Time       `json:"due,omitzero"`
	By         Person          `json:"by,omitzero"` // zero when a system decided
	At         time.Time       `json:"at"`
	Remarks    []effect.Remark `json:"remarks,omitempty"`
}

// Detail is a task with everything that the reader may see of it.
type Detail struct {
	Task
	// Kind is the description of its type; nil when no installed module has it.
	Kind *effect.TaskType `json:"-"`
	// Form is what is to be filled: the type's current revision.
	Form    *form.Form `json:"-"`
	FormRev int        `json:"form_revision"`
	// Submissions, the newest first, and Decisions, the newest first; empty for
	// whoever may see only that the task exists.
	Submissions []Submission `json:"submissions"`
	Decisions   []Decision   `json:"decisions"`
	// Mine is the reader's own part of a task for everybody, if there is one.
	Mine uuid.UUID `json:"mine,omitzero"`
	// Team are those who may be listed as authors of a shared submission.
	Team []Person `json:"team,omitempty"`
	// What the reader may do now. Nobody reviews what they handed in themselves.
	MaySubmit, MayReview, MayAssign, MayReopen bool
	// Off is the sentence for people while the task's type is switched off: it
	// can be read, nothing done; nil otherwise.
	Off error `json:"-"`
}

// Remarks are those of the newest return, beside which the form is filled
// again; nil when the last decision was another.
func (d *Detail) Remarks() []effect.Remark {
	if len(d.Decisions) > 0 && d.Decisions[0].Verdict == string(Returned) {
		return d.Decisions[0].Remarks
	}
	return nil
}

// Latest is the newest submission, nil when there is none.
func (d *Detail) Latest() *Submission {
	if len(d.Submissions) == 0 {
		return nil
	}
	return &d.Submissions[0]
}

// Receipt says that something was handed in.
type Receipt struct {
	Task       uuid.UUID `json:"task"` // the member's own part, for tasks of everybody
	Submission uuid.UUID `json:"submission"`
	No         int       `json:"no"`
	At         time.Time `json:"at"`
	State      State     `json:"state"`
}

// NeedsReason is the error of an act that the module lets through only with
// reasons; give them as Acknowledged and try again. It wraps an Invalid fault.
type NeedsReason struct {
	Warnings []effect.Diagnostic
	err      error
}

// Error implements error.
func (n *NeedsReason) Error() string { return n.err.Error() }

// Unwrap is the fault to show.
func (n *NeedsReason) Unwrap() error { return n.err }
