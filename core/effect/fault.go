package effect

import (
	"context"
	"errors"
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

// errDisabled marks that a module is switched off.
var errDisabled = errors.New("module is disabled")

// Disabled is the sentence for people while the module of a type (local name) is
// switched off: what it made can be read, nothing changed. Tell it from
// [Unavailable] by [IsDisabled].
func Disabled(ctx context.Context, d *Description, typ string) error {
	name := d.Function(typ).In(string(i18n.FromContext(ctx)))
	if name == "" {
		return fault.Wrap(errDisabled, fault.Unavailable, "effect.disabled_plain")
	}
	return fault.Wrap(errDisabled, fault.Unavailable, "effect.disabled", "Function", name)
}

// errFailed marks that the module's own code failed.
var errFailed = errors.New("the module failed")

// Failed is [Unavailable] for a call that ended in an error or a panic of the
// module's code. People read the same sentence; what is repeated by itself (an
// event, a timer, a job) counts it as an attempt, since asking again in a minute
// may well fail the same way. Tell it by [IsFailed].
func Failed(ctx context.Context, d *Description, typ string, cause error) error {
	return Unavailable(ctx, d, typ, fmt.Errorf("%w: %w", errFailed, cause))
}

// IsFailed reports whether err says that the module's own code failed.
func IsFailed(err error) bool { return errors.Is(err, errFailed) }

// waits reports whether what could not be done is done later without counting
// as an attempt: the module is away, or somebody was faster.
func waits(err error) bool {
	return fault.Is(err, fault.Unavailable) && !IsFailed(err) || fault.Is(err, fault.Conflict)
}

// IsDisabled reports whether err says that a module is switched off, by an
// administrator and until they switch it on; not merely down for a moment.
func IsDisabled(err error) bool { return errors.Is(err, errDisabled) }

// Reachable is nil when a call of the type (qualified) made now would reach a
// process: [Disabled] or [Unavailable] otherwise, NotFound for a type that no
// installed module has. A form is not opened that could not be sent.
func Reachable(ctx context.Context, list Modules, typ string) error {
	m, err := list.Module(typ)
	if err != nil {
		return err
	}
	_, local, _ := Split(typ)
	info := m.Info()
	if !info.Enabled {
		return Disabled(ctx, info.Description, local)
	}
	if p, ok := m.(Prober); ok {
		if err := p.Up(); err != nil {
			return Unavailable(ctx, info.Description, local, err)
		}
	}
	return nil
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
