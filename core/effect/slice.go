package effect

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// Source is what the rows of a slice are; each has one [SliceReader].
type Source string

// The sources of rows.
const (
	SourceRecord        Source = "record"
	SourceMember        Source = "member"
	SourceGroup         Source = "group"
	SourceTask          Source = "task"
	SourceIndicator     Source = "indicator"
	SourceNetwork       Source = "network"
	SourceMeeting       Source = "meeting"
	SourceEvaluation    Source = "evaluation"
	SourceDissemination Source = "dissemination"
	SourceRegister      Source = "register"
)

// CapRegister is the capability to read [SourceRegister].
const CapRegister = "register.read"

// RegisterKinds are the kinds of [SourceRegister].
var RegisterKinds = []string{"school", "vocation", "day"}

// Selector says in which scopes rows are looked for, seen from the decision's.
type Selector string

// The selectors.
const (
	This           Selector = "this"
	MyGroups       Selector = "my_groups"
	Children       Selector = "children"
	OfProgramme    Selector = "programme"
	maxSliceScopes          = 1000 // programme of 500 teams in some 10 networks, twice over
)

// Operator compares a field with an operand.
type Operator string

// The operators.
const (
	Equal          Operator = "="
	NotEqual       Operator = "!="
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
)

// Built-in fields that every reader understands where they make sense.
const (
	FieldID      = "@id"
	FieldScope   = "@scope"
	FieldPerson  = "@person"
	FieldState   = "@state"
	FieldCreated = "@created"
	FieldDue     = "@due"
)

// Parameters of filters that the engine fills in.
const (
	ParamActor      = "actor"
	ParamMembership = "membership"
	ParamSubject    = "subject"
	ParamNow        = "now"
	ParamToday      = "today"
)

// Filter is a condition on an index field or a built-in field. In a
// [SliceRequest] Param is resolved and Value set.
type Filter struct {
	Field string   `json:"field"`
	Op    Operator `json:"op"`
	Value Value    `json:"value,omitempty"`
	Param string   `json:"param,omitempty"`
}

// Order sorts by a field; the id decides last.
type Order struct {
	Field string `json:"field"`
	Desc  bool   `json:"desc,omitempty"`
}

// SliceSpec asks for rows.
type SliceSpec struct {
	Name       string   `json:"name"`
	Source     Source   `json:"source"`
	Kind       string   `json:"kind,omitempty"` // local name
	Selector   Selector `json:"selector"`
	Filters    []Filter `json:"filters,omitempty"`
	Order      []Order  `json:"order,omitempty"`
	Limit      int      `json:"limit,omitempty"` // 1–500, 0 = 100
	Cursor     string   `json:"cursor,omitempty"`
	Attributes []string `json:"attributes,omitempty"`
	Writable   bool     `json:"writable,omitempty"`
	// AsOf and ComparedWith are days of [SourceRegister]; "" for none.
	AsOf         Date `json:"as_of,omitempty"`
	ComparedWith Date `json:"compared_with,omitempty"`
}

// AggregateSpec asks for numbers over rows.
type AggregateSpec struct {
	Name        string    `json:"name"`
	Source      Source    `json:"source"`
	Kind        string    `json:"kind,omitempty"`
	Selector    Selector  `json:"selector"`
	Filters     []Filter  `json:"filters,omitempty"`
	By          []string  `json:"by,omitempty"`
	Field       string    `json:"field,omitempty"`
	Quantiles   []float64 `json:"quantiles,omitempty"`
	MinimumCell int       `json:"minimum_cell,omitempty"`
}

// Limits of slices.
const (
	MaxSliceRows     = 500
	DefaultSliceRows = 100
	MaxSlices        = 20
)

// SliceRequest is a resolved [SliceSpec]: what a reader gets. Scopes holds at
// least one scope; the reader returns rows of these scopes only, ordered by
// Order and then by id, at most Limit of them, after Cursor.
type SliceRequest struct {
	// Module is who asks: a record reader returns rows of this module's kinds
	// only; attributes were already checked against its capabilities.
	Module string
	Source Source
	Kind   string // local name; empty = all of the module
	Scopes []Scope
	// Personal is true when the module may read personal records.
	Personal   bool
	Filters    []Filter
	Order      []Order
	Limit      int // 1–500
	Cursor     string
	Attributes []string
	Actor      *access.Actor
	Now        time.Time
	// AsOf is the day of [SourceRegister], today when the module named none;
	// ComparedWith one to compare with, or "".
	AsOf, ComparedWith Date
}

// AggregateRequest is a resolved [AggregateSpec].
type AggregateRequest struct {
	Module      string
	Source      Source
	Kind        string
	Scopes      []Scope
	Personal    bool
	Filters     []Filter
	By          []string
	Field       string
	Quantiles   []float64
	MinimumCell int
	Now         time.Time
}

// Row is one thing at one version.
type Row struct {
	ID      uuid.UUID
	Version int64
	Scope   Scope
	// Data is one JSON object (plugins/proto/SOURCES.md).
	Data     json.RawMessage
	Revision int // of the form that Data follows; 1 for the core's own sources
	Index    map[string]Value
}

// SliceResult is what a reader returns; Cursor is set when there is more.
type SliceResult struct {
	Rows   []Row
	Cursor string
}

// Slice is a named result, as it travels.
type Slice struct {
	Name   string
	Source Source
	SliceResult
}

// Cell is one number set of an aggregate; a suppressed one has only By.
type Cell struct {
	By         []Value
	Suppressed bool
	Count      int64
	Sum        float64
	Quantiles  []float64
}

// AggregateSlice is a named aggregate, as it travels.
type AggregateSlice struct {
	Name  string
	Cells []Cell
}

// RowVersion is a row that an answer depends on.
type RowVersion struct {
	Source  Source    `json:"source"`
	ID      uuid.UUID `json:"id"`
	Version int64     `json:"version"`
}
