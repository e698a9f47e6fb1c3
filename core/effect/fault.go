package effect

import (
	"context"
	"fmt"

	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/i18n"
)

var errNotFound = fault.ErrNotFound

// errDryRun rolls a dry run's transaction back.
var errDryRun = fmt.Errorf("dry run")

// BadAnswer is an answer of a module that breaks the contract: nothing of it
// is applied. The detail is logged, not shown.
func BadAnswer(format string, args ...any) error {
	return fault.Wrap(fmt.Errorf(format, args...), fault.Internal, "effect.bad_answer")
}

// Unavailable is the sentence for people while the module of a type (local
// name) is down or disabled; it names the function, not the plugin.
func Unavailable(ctx context.Context, d *Description, typ string, cause error) error {
	name := d.Function(typ).In(string(i18n.FromContext(ctx)))
	if name == "" {
		return fault.Wrap(cause, fault.Unavailable, "effect.unavailable_plain")
	}
	return fault.Wrap(cause, fault.Unavailable, "effect.unavailable", "Function", name)
}

// refusal turns diagnostics that stop an act into an error for people; nil when
// there are none.
func refusal(list []Diagnostic, given []Acknowledgement) error {
	var errs fault.Fields
	for _, d := range list {
		if d.Severity == SeverityError {
			errs = append(errs, fault.Field{Path: d.Path, Text: d.Text})
		}
	}
	if len(errs) > 0 {
		return errs.Err()
	}
	open := unacknowledged(list, given)
	if len(open) == 0 {
		return nil
	}
	e := fault.New(fault.Invalid, "effect.reason_needed")
	for _, d := range open {
		e.Fields = append(e.Fields, fault.Field{Path: d.Path, Text: d.Text})
	}
	return e
}
