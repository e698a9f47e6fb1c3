// Package fault is the one error type of the platform: a kind, a message key
// safe to show to a person, and optionally the fields it concerns. Causes are
// wrapped and logged, never shown. Web and API map kinds to a status in one
// place; nobody else decides a status.
package fault

import (
	"errors"
	"fmt"
)

// Kind classifies an error; each maps to one HTTP status.
type Kind uint8

const (
	// Internal is everything unexpected (500); its cause is logged, not shown.
	Internal Kind = iota
	// Invalid is input that a person can correct (422).
	Invalid
	// Unauthenticated means that nobody is signed in (401, or the sign-in page).
	Unauthenticated
	// NotFound is also the answer to "exists, but you may not see it" (404).
	NotFound
	// Forbidden is an act refused on a thing the person may see (403).
	Forbidden
	// Conflict is a lost race or a state that forbids the act (409).
	Conflict
	// TooMany is throttling (429).
	TooMany
	// TooLarge is input over a ceiling (413).
	TooLarge
	// Unavailable is a part that is down for a while (503).
	Unavailable
)

var kindNames = [...]string{"internal", "invalid", "unauthenticated", "not_found", "forbidden", "conflict", "too_many", "too_large", "unavailable"}

// String returns the stable name of the kind, used in logs and problem documents.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "internal"
}

// Args are the named values of a message. They are shown to people: no secrets.
type Args map[string]any

// Field is one wrong input: where (a form path such as "items[2].od", or a
// JSON pointer made from it), and what to say.
type Field struct {
	Path string
	Key  string
	Args Args
	// Text is a message already written in the reader's language (a module's
	// diagnostic); it wins over Key.
	Text string
}

// Error carries what may be said. Key is a catalogue key (core/i18n).
type Error struct {
	Kind   Kind
	Key    string
	Args   Args
	Fields []Field
	// Text is a message already written in the reader's language; it wins over Key.
	Text  string
	cause error
}

// New makes an error of kind with a catalogue key; args are pairs of name and value.
func New(kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: pairs(args)}
}

// Wrap is New with the cause, which is logged and never shown.
func Wrap(cause error, kind Kind, key string, args ...any) *Error {
	return &Error{Kind: kind, Key: key, Args: pairs(args), cause: cause}
}

// InvalidFields is a correctable form: one message for the page, one per field.
// It returns nil when there is no field, so that validation ends with
// "return fault.InvalidFields(fields...)" through [Fields.Err].
func InvalidFields(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Key: "fault.invalid", Fields: fields}
}

// Fields collects wrong fields.
type Fields []Field

// Add notes that path is wrong; args are pairs of name and value.
func (f *Fields) Add(path, key string, args ...any) {
	*f = append(*f, Field{Path: path, Key: key, Args: pairs(args)})
}

// Err returns an Invalid error with the collected fields, or nil.
func (f Fields) Err() error { return InvalidFields(f...) }

// Error is for logs: kind, key and cause.
func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Key
	if e.Text != "" {
		s += " (" + e.Text + ")"
	}
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s: %s%s]", f.Path, f.Key, f.Text)
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// As finds the platform error in err's chain; anything else becomes Internal
// with err as its cause. As(nil) is nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Key: "fault.internal", cause: err}
}

// KindOf returns the kind of err; Internal for foreign errors and for nil, so
// look at err first where Internal matters.
func KindOf(err error) Kind {
	if err == nil {
		return Internal
	}
	return As(err).Kind
}

// Is reports whether err is a platform error of kind. Is(nil, …) is false.
func Is(err error, kind Kind) bool { return err != nil && As(err).Kind == kind }

// ErrNotFound is the plain 404, for missing and for hidden things alike.
var ErrNotFound error = New(NotFound, "fault.not_found")

func pairs(a []any) Args {
	if len(a) == 0 {
		return nil
	}
	if len(a)%2 != 0 {
		panic("fault: odd number of message arguments")
	}
	m := make(Args, len(a)/2)
	for i := 0; i < len(a); i += 2 {
		m[a[i].(string)] = a[i+1]
	}
	return m
}
