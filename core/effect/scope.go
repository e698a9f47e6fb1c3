package effect

import (
	"strings"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
)

// ScopeKind says on what a record, task, timer, role or capability lies.
type ScopeKind string

// The kinds of scope.
const (
	Programme  ScopeKind = "programme"
	Network    ScopeKind = "network"
	Group      ScopeKind = "group"
	Membership ScopeKind = "membership"
)

// Valid reports whether k is one of the kinds.
func (k ScopeKind) Valid() bool {
	return k == Programme || k == Network || k == Group || k == Membership
}

// Scope names one thing of the core.
type Scope struct {
	Kind ScopeKind `json:"kind"`
	ID   uuid.UUID `json:"id"`
}

// IsZero reports whether no scope is named.
func (s Scope) IsZero() bool { return s.Kind == "" && s.ID == uuid.Nil }

// String is for logs: "network/…".
func (s Scope) String() string { return string(s.Kind) + "/" + s.ID.String() }

// ScopeState is what a decision may know of a scope without asking for rows.
type ScopeState struct {
	Scope Scope
	// Type is the qualified type ("ore.thematic:network"); empty for groups,
	// whose type is that of the nearest parent that has one.
	Type  string
	Stage string
	// Closed scopes are readable only: effects on them are refused, except
	// those of the decision that closes them.
	Closed bool
	// Members is the count of active members.
	Members int
	// Kind is the group kind, local to the module; only for groups.
	Kind string
	// Parent is the scope directly above; zero for programmes and free networks.
	Parent Scope
	// Place is the scope with its parents, as permissions see it.
	Place access.Place
	// Writable is set by the engine: effects of this decision may name the scope.
	Writable bool
}

// Qualify makes a name of a module unique in the platform: "ore.thematic:network".
func Qualify(module, local string) string { return module + ":" + local }

// Split is the reverse of [Qualify]; ok is false when name is not qualified.
func Split(name string) (module, local string, ok bool) { return strings.Cut(name, ":") }

// ValidName reports whether s is a local name: lower-case ASCII letters, digits
// and underscores, a letter first, at most 63 characters.
func ValidName(s string) bool {
	if s == "" || len(s) > 63 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// HandleID is the id that the effect with the handle creates in the decision.
// It depends on nothing else, so an answer applied again meets its own rows.
func HandleID(decision uuid.UUID, handle string) uuid.UUID {
	return uuid.NewSHA1(decision, []byte(handle))
}

// Value is a typed value of an index field: string, int64, float64 (finite),
// bool, [Date], time.Time or uuid.UUID; nil when there is none.
type Value any

// Date is a calendar day without a zone, "2027-04-05".
type Date string

// Valid reports whether d is a day of the calendar.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}
