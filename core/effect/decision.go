package effect

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Document is JSON in a closed vocabulary or answers to a form, with the
// revision of the form that it follows.
type Document struct {
	JSON     json.RawMessage `json:"json,omitempty"`
	Revision int             `json:"revision,omitempty"`
}

// IsZero reports whether there is no document.
func (d Document) IsZero() bool { return len(d.JSON) == 0 }

// Input is what a decision is about: a [Command], [EventInput], [TimerInput]
// or [JobPage].
type Input interface {
	// InputKind is "command", "event", "timer" or "job".
	InputKind() string
	// InputName is the local name that the module's description knows.
	InputName() string
}

// Command is an act of a person.
type Command struct {
	Name string `json:"name"`
	// Input is the answers to the command's form, already checked against it.
	Input Document `json:"input"`
	// Subject is the record or task it works on; uuid.Nil when none.
	Subject uuid.UUID `json:"subject"`
}

// EventInput tells a module what happened.
type EventInput struct {
	ID    uuid.UUID
	Name  string
	At    time.Time
	Data  Document
	Depth int
	// Scope is where it happened: the decision's scope or one below it.
	Scope Scope
}

// TimerInput is a timer that fires.
type TimerInput struct {
	ID   uuid.UUID
	Name string
	Key  string
	Due  time.Time
	Data Document
}

// JobPage is one step of a job of a module: one call, one transaction.
type JobPage struct {
	Job          uuid.UUID
	Name         string
	Input        Document
	Continuation []byte
	Attempt      int
	// Depth of the event that the job runs after, plus one; 0 for other jobs.
	Depth int
}

// InputKind implements [Input].
func (Command) InputKind() string { return "command" }

// InputName implements [Input].
func (c Command) InputName() string { return c.Name }

// InputKind implements [Input].
func (EventInput) InputKind() string { return "event" }

// InputName implements [Input].
func (e EventInput) InputName() string { return e.Name }

// InputKind implements [Input].
func (TimerInput) InputKind() string { return "timer" }

// InputName implements [Input].
func (t TimerInput) InputName() string { return t.Name }

// InputKind implements [Input].
func (JobPage) InputKind() string { return "job" }

// InputName implements [Input].
func (j JobPage) InputName() string { return j.Name }

// ActorView is what a module learns of who acts. Names never travel.
type ActorView struct {
	// System is true for timers, events and jobs; then nothing else is set.
	System bool
	Person uuid.UUID
	// Roles held in the decision's scope or above it, sorted.
	Roles      []string
	Membership uuid.UUID
	Groups     []uuid.UUID
}

// Acknowledgement is the reason that a person gave for going on in spite of a
// warning. It is audited.
type Acknowledgement struct {
	Code   string `json:"code"`
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Snapshot is everything that an answer may depend on.
type Snapshot struct {
	Decision     uuid.UUID
	Now          time.Time
	Zone         string
	Locale       string
	Seed         uint64
	DryRun       bool
	Actor        ActorView
	Scope        Scope
	Scopes       []ScopeState
	Slices       []Slice
	Aggregates   []AggregateSlice
	Acknowledged []Acknowledgement
	Round        int
	// Configuration is what an administrator set for the module; zero for nothing.
	Configuration Document
}

// Severity orders diagnostics.
type Severity string

// The severities.
const (
	SeverityInfo    Severity = "info"
	SeverityWarning Severity = "warning" // goes on only with a reason
	SeverityError   Severity = "error"   // refuses
)

// Diagnostic is one thing that a module says about an input. Text is in the
// language of the snapshot.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	Path     string   `json:"path,omitempty"`
	Code     string   `json:"code"`
	Text     string   `json:"text"`
}

// Need is what a module lacks to answer.
type Need struct {
	Slices     []SliceSpec
	Aggregates []AggregateSpec
}

// Progress is how far a job of a module has come.
type Progress struct {
	Done             bool
	Continuation     []byte
	Completed, Total uint64 // Total 0 = unknown
}

// Item is one effect of an answer with its handle.
type Item struct {
	Handle string
	Effect Effect
}

// Ask is a call of Decide.
type Ask struct {
	Type     string // local name
	Input    Input
	Snapshot *Snapshot
}

// Answer is what a module answered to an [Ask]. References to handles are
// already resolved to ids ([HandleID]).
type Answer struct {
	Diagnostics []Diagnostic
	Effects     []Item
	Need        *Need
	DependsOn   []RowVersion
	Job         *Progress
}

// RenderAsk is a call of Render.
type RenderAsk struct {
	Type       string
	View       string
	Subject    uuid.UUID
	Parameters map[string]string
	Snapshot   *Snapshot
	// Before and After are two versions of the subject to compare; nil otherwise.
	Before, After *RevisionDoc
}

// RevisionDoc is one version of a record.
type RevisionDoc struct {
	Version int64
	Data    Document
}

// RenderAnswer is a view document, or a need, or errors to show instead. The
// view is still unchecked: whoever renders it passes it through core/view.
type RenderAnswer struct {
	View        json.RawMessage
	Need        *Need
	Diagnostics []Diagnostic
}

// GuardAsk is a call of Guard.
type GuardAsk struct {
	Type      string
	Command   string
	Arguments Document
	Snapshot  *Snapshot
}

// GuardAnswer says whether an act may be done.
type GuardAnswer struct {
	Diagnostics []Diagnostic
	Need        *Need
	DependsOn   []RowVersion
}
