package effect

// Description is what a module says about itself; it is stored when the module
// is enabled and immutable for a version. Names are local to the module.
type Description struct {
	Module           string          `json:"module"`
	Version          string          `json:"version"`
	ContractRevision int             `json:"contract_revision"`
	NetworkTypes     []NetworkType   `json:"network_types,omitempty"`
	ProgrammeTypes   []ProgrammeType `json:"programme_types,omitempty"`
	TaskTypes        []TaskType      `json:"task_types,omitempty"`
	ToolTypes        []ToolType      `json:"tool_types,omitempty"`
	RecordKinds      []RecordKind    `json:"record_kinds,omitempty"`
	JobKinds         []JobKind       `json:"job_kinds,omitempty"`
	Roles            []RoleKind      `json:"roles,omitempty"`
	// Configuration is the form that an administrator fills in for the module as a
	// whole; zero for none.
	Configuration Document `json:"configuration,omitzero"`
}

// RoleKind is a role of the module's own.
type RoleKind struct {
	Name  string    `json:"name"`
	Title Text      `json:"title"`
	Scope ScopeKind `json:"scope"`
}

// NetworkType is a kind of network.
type NetworkType struct {
	Name  string `json:"name"`
	Title Text   `json:"title"`
	// Function is the subject of the sentence shown while the module is down:
	// "Sieci zawodów unikatowych".
	Function     Text      `json:"function"`
	Description  Text      `json:"description,omitempty"`
	Stages       []Stage   `json:"stages"` // the first is where a network begins
	FoundingForm Document  `json:"founding_form,omitzero"`
	UsualSize    int       `json:"usual_size,omitempty"`
	Behaviour    Behaviour `json:"behaviour"`
	HomeView     string    `json:"home_view,omitempty"`
	// PublicView is what strangers to an open network see of it.
	PublicView  string      `json:"public_view,omitempty"`
	GroupKinds  []GroupKind `json:"group_kinds,omitempty"`
	FounderRole string      `json:"founder_role,omitempty"`
	// MeetingKinds are the kinds of meeting of such networks; none: the core's.
	MeetingKinds []MeetingKind `json:"meeting_kinds,omitempty"`
	// MeetingsLeast and MeetingsMost are how often such a network meets in a
	// school year; both 0: as the core says (3 to 5).
	MeetingsLeast int `json:"meetings_least,omitempty"`
	MeetingsMost  int `json:"meetings_most,omitempty"`
}

// MeetingKind is a kind of meeting with the agenda it begins with.
type MeetingKind struct {
	Name   string      `json:"name"`
	Title  Text        `json:"title"`
	Agenda []FixedItem `json:"agenda,omitempty"` // at most 20
	// First and Last are what the first and the last meeting of a year must be.
	First bool `json:"first,omitempty"`
	Last  bool `json:"last,omitempty"`
}

// FixedItem is an item that belongs to a kind of meeting.
type FixedItem struct {
	Title   Text `json:"title"`
	Minutes int  `json:"minutes"` // 0–600
}

// ProgrammeType is a kind of programme.
type ProgrammeType struct {
	Name         string      `json:"name"`
	Title        Text        `json:"title"`
	Function     Text        `json:"function"`
	Description  Text        `json:"description,omitempty"`
	Stages       []Stage     `json:"stages"`
	FoundingForm Document    `json:"founding_form,omitzero"`
	Behaviour    Behaviour   `json:"behaviour"`
	HomeView     string      `json:"home_view,omitempty"`
	GroupKinds   []GroupKind `json:"group_kinds,omitempty"`
	Indicators   []Indicator `json:"indicators,omitempty"`
}

// Indicator is a counter with a target, owned by the programme.
type Indicator struct {
	Name        string `json:"name"`
	Title       Text   `json:"title"`
	Unit        Text   `json:"unit,omitempty"`
	UsualTarget int64  `json:"usual_target,omitempty"`
}

// Stage is a step in the life of a network or programme.
type Stage struct {
	Name   string `json:"name"`
	Title  Text   `json:"title"`
	Closed bool   `json:"closed,omitempty"`
}

// GroupKind is a kind of group inside a scope.
type GroupKind struct {
	Name  string   `json:"name"`
	Title Text     `json:"title"`
	Roles []string `json:"roles,omitempty"`
}

// History says which versions of records are kept: "latest" or "versions".
type History string

// The kinds of history.
const (
	Latest   History = "latest"
	Versions History = "versions"
)

// FieldType is the type of an index field.
type FieldType string

// The types of index fields, with the dynamic type of their [Value].
const (
	FieldText    FieldType = "text"    // string
	FieldInteger FieldType = "integer" // int64
	FieldNumber  FieldType = "number"  // float64
	FieldBoolean FieldType = "boolean" // bool
	FieldDate    FieldType = "date"    // Date
	FieldInstant FieldType = "instant" // time.Time
	FieldRef     FieldType = "ref"     // uuid.UUID
)

// RecordKind is a kind of document that the module keeps in the core.
type RecordKind struct {
	Name        string        `json:"name"`
	Title       Text          `json:"title"`
	Form        Document      `json:"form"`
	Scopes      []ScopeKind   `json:"scopes"`
	IndexFields []IndexField  `json:"index_fields,omitempty"` // at most 8
	UniqueKeys  [][]string    `json:"unique_keys,omitempty"`  // among open records of a scope
	History     History       `json:"history"`
	Personal    *PersonalData `json:"personal,omitempty"`
	Columns     []string      `json:"columns,omitempty"`
	// Upgrade says what became of questions of earlier revisions: old path to new
	// one, "" for answers that are dropped on purpose.
	Upgrade map[string]string `json:"upgrade,omitempty"`
}

// IndexField is a typed value beside the data.
type IndexField struct {
	Name  string    `json:"name"`
	Type  FieldType `json:"type"`
	Title Text      `json:"title,omitempty"`
}

// PersonalData says why personal data are kept and how long after the scope closes.
type PersonalData struct {
	Purpose       Text `json:"purpose"`
	RetentionDays int  `json:"retention_days"`
}

// Behaviour is everything that a type answers to.
type Behaviour struct {
	Commands []CommandKind   `json:"commands,omitempty"`
	Views    []ViewKind      `json:"views,omitempty"`
	Events   []EventInterest `json:"events,omitempty"`
	Timers   []TimerKind     `json:"timers,omitempty"`
	Guards   []GuardKind     `json:"guards,omitempty"`
}

// Wants are the slices that come with a call.
type Wants struct {
	Slices     []SliceSpec     `json:"slices,omitempty"`
	Aggregates []AggregateSpec `json:"aggregates,omitempty"`
}

// CommandKind is an act that a person can ask of the module.
type CommandKind struct {
	Name         string      `json:"name"`
	Title        Text        `json:"title"`
	Scopes       []ScopeKind `json:"scopes"`
	Form         Document    `json:"form,omitzero"`
	Dangerous    bool        `json:"dangerous,omitempty"`
	NeedsSubject bool        `json:"needs_subject,omitempty"`
	Wants
}

// ViewKind is a page that Render makes.
type ViewKind struct {
	Name     string      `json:"name"`
	Title    Text        `json:"title"`
	Scopes   []ScopeKind `json:"scopes"`
	InMenu   bool        `json:"in_menu,omitempty"`
	Compares bool        `json:"compares,omitempty"`
	// Parameters is the form of what the view can be asked for; zero for nothing.
	Parameters Document `json:"parameters,omitzero"`
	// TablesAsFiles: its tables tell nothing about people and may be taken away.
	TablesAsFiles bool `json:"tables_as_files,omitempty"`
	Wants
}

// EventInterest asks to be told of an event.
type EventInterest struct {
	Name string `json:"name"`
	Wants
}

// TimerKind is a timer that effects may set.
type TimerKind struct {
	Name  string `json:"name"`
	Title Text   `json:"title,omitempty"`
	Wants
}

// GuardMode says what happens while the module is down.
type GuardMode string

// The guard modes.
const (
	Required GuardMode = "required" // the act waits
	Advisory GuardMode = "advisory" // the act goes on and is checked again later
)

// GuardKind binds an act of the core ("network.member:add") to the module's yes.
type GuardKind struct {
	Command string    `json:"command"`
	Mode    GuardMode `json:"mode"`
	Wants
}

// TaskType is a kind of work for people.
type TaskType struct {
	Name             string         `json:"name"`
	Title            Text           `json:"title"`
	Function         Text           `json:"function,omitempty"`
	Form             Document       `json:"form"`
	Assignees        []AssigneeKind `json:"assignees"`
	SharedSubmission bool           `json:"shared_submission,omitempty"`
	ReviewerRole     string         `json:"reviewer_role,omitempty"`
	MaxFiles         int            `json:"max_files,omitempty"`
	Behaviour        Behaviour      `json:"behaviour"`
}

// JobKind is work for machines. Exactly one of Cron, AfterEvent, OnDemand is set.
type JobKind struct {
	Name        string      `json:"name"`
	Title       Text        `json:"title"`
	Scopes      []ScopeKind `json:"scopes"`
	Cron        string      `json:"cron,omitempty"` // five fields, Europe/Warsaw
	AfterEvent  string      `json:"after_event,omitempty"`
	OnDemand    bool        `json:"on_demand,omitempty"`
	MaxAttempts int         `json:"max_attempts,omitempty"`
	Wants
}

// ToolType is an evaluation tool.
type ToolType struct {
	Name     string `json:"name"`
	Title    Text   `json:"title"`
	Function Text   `json:"function,omitempty"`
	Passes   int    `json:"passes"`
	// Answers is true for a tool that wants pages of answers, not frames.
	Answers bool `json:"answers,omitempty"`
}

// Behaviour finds the behaviour of a type of any sort by its local name.
func (d *Description) Behaviour(typ string) (*Behaviour, bool) {
	for i := range d.NetworkTypes {
		if d.NetworkTypes[i].Name == typ {
			return &d.NetworkTypes[i].Behaviour, true
		}
	}
	for i := range d.ProgrammeTypes {
		if d.ProgrammeTypes[i].Name == typ {
			return &d.ProgrammeTypes[i].Behaviour, true
		}
	}
	for i := range d.TaskTypes {
		if d.TaskTypes[i].Name == typ {
			return &d.TaskTypes[i].Behaviour, true
		}
	}
	return nil, false
}

// Function is the name of what the type does, for the sentence shown while its
// module is down; empty when the type is unknown.
func (d *Description) Function(typ string) Text {
	for _, t := range d.NetworkTypes {
		if t.Name == typ {
			return t.Function
		}
	}
	for _, t := range d.ProgrammeTypes {
		if t.Name == typ {
			return t.Function
		}
	}
	for _, t := range d.TaskTypes {
		if t.Name == typ {
			return t.Function
		}
	}
	for _, t := range d.ToolTypes {
		if t.Name == typ {
			return t.Function
		}
	}
	return nil
}

// NetworkType finds a network type by its local name.
func (d *Description) NetworkType(name string) (*NetworkType, bool) {
	return find(d.NetworkTypes, func(t *NetworkType) bool { return t.Name == name })
}

// ProgrammeType finds a programme type by its local name.
func (d *Description) ProgrammeType(name string) (*ProgrammeType, bool) {
	return find(d.ProgrammeTypes, func(t *ProgrammeType) bool { return t.Name == name })
}

// TaskType finds a task type by its local name.
func (d *Description) TaskType(name string) (*TaskType, bool) {
	return find(d.TaskTypes, func(t *TaskType) bool { return t.Name == name })
}

// RecordKind finds a record kind by its local name.
func (d *Description) RecordKind(name string) (*RecordKind, bool) {
	return find(d.RecordKinds, func(k *RecordKind) bool { return k.Name == name })
}

// JobKind finds a job kind by its local name.
func (d *Description) JobKind(name string) (*JobKind, bool) {
	return find(d.JobKinds, func(k *JobKind) bool { return k.Name == name })
}

// Command finds a command by its name.
func (b *Behaviour) Command(name string) (*CommandKind, bool) {
	return find(b.Commands, func(k *CommandKind) bool { return k.Name == name })
}

// View finds a view by its name.
func (b *Behaviour) View(name string) (*ViewKind, bool) {
	return find(b.Views, func(k *ViewKind) bool { return k.Name == name })
}

// Event finds the interest in an event by its name.
func (b *Behaviour) Event(name string) (*EventInterest, bool) {
	return find(b.Events, func(k *EventInterest) bool { return k.Name == name })
}

// Timer finds a timer kind by its name.
func (b *Behaviour) Timer(name string) (*TimerKind, bool) {
	return find(b.Timers, func(k *TimerKind) bool { return k.Name == name })
}

// Guard finds the guard of an act of the core.
func (b *Behaviour) Guard(command string) (*GuardKind, bool) {
	return find(b.Guards, func(k *GuardKind) bool { return k.Command == command })
}

func find[T any](list []T, is func(*T) bool) (*T, bool) {
	for i := range list {
		if is(&list[i]) {
			return &list[i], true
		}
	}
	return nil, false
}
