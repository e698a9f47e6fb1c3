package schedule

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// GuardClose is the act that a network's type may guard: "the summary meeting
// cannot be closed before evaluation and dissemination plan exist".
const GuardClose = "meeting:close"

// guardTries is how often closing asks again because what the module looked at
// changed meanwhile.
const guardTries = 3

// NeedsReason is the error of an act that the module lets through only with
// reasons; give them as acknowledgements and try again. It wraps an Invalid fault.
type NeedsReason struct {
	Warnings []effect.Diagnostic
	err      error
}

// Error implements error.
func (n *NeedsReason) Error() string { return n.err.Error() }

// Unwrap is the fault to show.
func (n *NeedsReason) Unwrap() error { return n.err }

// Close makes register and minutes of a meeting that took place final, tells
// owners of action items who were not told yet, and tells modules. The network's
// type is asked first. Needs meeting:close.
//
// Errors: NotFound; Conflict before the meeting began, without a register, and
// when it is closed already; Invalid with the module's sentences when it forbids;
// [NeedsReason]; Unavailable while the module of a required guard is down.
func (s *Service) Close(ctx context.Context, a *access.Actor, id uuid.UUID, given []effect.Acknowledgement) error {
	m, err := s.enter(ctx, a, id, PermClose)
	if err != nil {
		return err
	}
	if err := s.closable(m); err != nil {
		return err
	}
	ctx = access.With(ctx, a)
	for try := 1; ; try++ {
		o, err := s.engine.Guard(ctx, &effect.GuardRequest{Type: m.qualified(), Scope: m.scope(), Command: GuardClose, Arguments: m.facts(), Acknowledged: given})
		if err != nil {
			if o != nil && o.Refused && len(o.Unacknowledged(given)) > 0 && !forbids(o.Diagnostics) {
				return &NeedsReason{o.Unacknowledged(given), err}
			}
			return err
		}
		err = s.once(ctx, a, "meeting:close", id, func(ctx context.Context, tx *db.Tx) error { return s.close(ctx, tx, a, id, o) })
		if try == guardTries || !errors.Is(err, effect.ErrStale) {
			return err
		}
	}
}

// WeighClose says what the network's type has against closing the meeting,
// before anybody tries: errors will refuse it, warnings ask for a reason. Needs
// meeting:close; changes nothing. Nothing is said of a meeting that cannot be
// closed yet, and while the module is down: closing itself says why.
func (s *Service) WeighClose(ctx context.Context, a *access.Actor, id uuid.UUID) ([]effect.Diagnostic, error) {
	m, err := s.enter(ctx, a, id, PermClose)
	if err != nil {
		return nil, err
	}
	if s.closable(m) != nil {
		return nil, nil
	}
	o, err := s.engine.Guard(access.With(ctx, a), &effect.GuardRequest{Type: m.qualified(), Scope: m.scope(), Command: GuardClose, Arguments: m.facts()})
	if o != nil {
		return o.Diagnostics, nil
	}
	if fault.Is(err, fault.Unavailable) {
		return nil, nil
	}
	return nil, err
}

func forbids(list []effect.Diagnostic) bool {
	for _, d := range list {
		if d.Severity == effect.SeverityError {
			return true
		}
	}
	return false
}

func (s *Service) closable(m *meetingRow) error {
	switch {
	case m.State == Closed || m.State == Cancelled:
		return errClosed
	case m.State == Draft || m.Starts.After(s.clock.Now()):
		return conflict("schedule.close_early")
	case m.RegisterAt == nil:
		return conflict("schedule.register_missing")
	}
	return nil
}

func (s *Service) close(ctx context.Context, tx *db.Tx, a *access.Actor, id uuid.UUID, o *effect.GuardOutcome) error {
	m, err := s.hold(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := s.closable(m); err != nil {
		return err
	}
	if err := s.engine.Confirm(ctx, tx, o); err != nil {
		return err
	}
	if m.State == Announced { // closed before its planned end: it was held, too
		if err := s.emit(ctx, tx, m, "meeting.held"); err != nil {
			return err
		}
	}
	if err := setClosed(ctx, tx, id, s.clock.Now()); err != nil {
		return err
	}
	if err := s.tellOwners(ctx, tx, m); err != nil {
		return err
	}
	if err := s.note(ctx, tx, a, m, "meeting:close"); err != nil {
		return err
	}
	return s.emit(ctx, tx, m, "meeting.closed")
}
