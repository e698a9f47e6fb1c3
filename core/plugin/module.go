package plugin

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/plugin/facade"
	"ore.edu.pl/sieci/core/plugin/supervisor"
)

// unit is a module of the catalogue on this node: what is known of it, and the
// supervisor of its process while it is enabled here.
type unit struct {
	info atomic.Pointer[effect.Info]
	sup  atomic.Pointer[supervisor.Supervisor]
	hold atomic.Pointer[holdRow] // why it is in quarantine; nil when it is not
	// failure is the last call that failed by the module's own fault; dirty then
	// makes the node report it.
	failure atomic.Pointer[Failure]
	dirty   *atomic.Bool
	diary   *diary

	// Of the reconciler alone.
	want  *desired   // what it is to be
	key   string     // version and digest that the supervisor runs; "" for none
	next  *successor // comes up beside it; nil for none
	noted bool       // it was noted that what serves is up
}

var (
	_ effect.Module = (*unit)(nil)
	_ effect.Prober = (*unit)(nil)
)

// Info implements [effect.Module].
func (u *unit) Info() *effect.Info { return u.info.Load() }

// Up implements [effect.Prober].
func (u *unit) Up() error {
	s := u.sup.Load()
	if s == nil {
		return supervisor.ErrDown
	}
	if st := s.Status(); st.State == supervisor.Down || st.State == supervisor.Stopped {
		return fmt.Errorf("%w: %s", supervisor.ErrDown, st.Reason)
	}
	return nil
}

// Decide implements [effect.Module].
func (u *unit) Decide(ctx context.Context, a *effect.Ask) (out *effect.Answer, err error) {
	err = u.call(ctx, "Decide "+a.Input.InputName(), a.Type, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Decide(ctx, a)
		return err
	})
	return out, err
}

// Render implements [effect.Module].
func (u *unit) Render(ctx context.Context, a *effect.RenderAsk) (out *effect.RenderAnswer, err error) {
	err = u.call(ctx, "Render "+a.View, a.Type, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Render(ctx, a)
		return err
	})
	return out, err
}

// Guard implements [effect.Module].
func (u *unit) Guard(ctx context.Context, a *effect.GuardAsk) (out *effect.GuardAnswer, err error) {
	err = u.call(ctx, "Guard "+a.Command, a.Type, func(ctx context.Context, v *facade.V1) (err error) {
		out, err = v.Guard(ctx, a)
		return err
	})
	return out, err
}

// call goes to the supervisor in charge; when that was stopped because another
// one took over, it goes there. name says in a report of a failure which call
// it was.
func (u *unit) call(ctx context.Context, name, typ string, f func(context.Context, *facade.V1) error) error {
	s := u.sup.Load()
	if s == nil {
		if !u.Info().Enabled {
			return effect.Disabled(ctx, u.Info().Description, typ)
		}
		return effect.Unavailable(ctx, u.Info().Description, typ, supervisor.ErrDown)
	}
	within, cancel := context.WithTimeout(ctx, facade.CallTimeout)
	defer cancel()
	began := time.Now()
	err := s.Call(within, f)
	if errors.Is(err, supervisor.ErrDown) {
		if next := u.sup.Load(); next != nil && next != s {
			err = next.Call(within, f)
		}
	}
	if err == nil {
		u.diary.call(time.Since(began))
	}
	cause, out := u.translate(ctx, typ, err)
	if cause != "" {
		u.failure.Store(&Failure{Cause: cause, Call: name, Text: err.Error(), At: time.Now()})
		u.dirty.Store(true)
	}
	return out
}

// translate makes a fault of what went wrong: down, dead or late is
// Unavailable, with a sentence that names the function, and so is an error or a
// panic of the module's own code; everything else is a module that breaks the
// contract. cause is empty when the call itself did not fail by the module's
// fault.
func (u *unit) translate(ctx context.Context, typ string, err error) (cause supervisor.Cause, out error) {
	var known *fault.Error
	d := u.Info().Description
	switch {
	case err == nil:
		return "", nil
	case errors.As(err, &known):
		if known.Kind == fault.Internal {
			cause = causeAnswer
		}
		return cause, err
	case errors.Is(err, facade.ErrDied):
		return causeDied, effect.Unavailable(ctx, d, typ, err)
	case errors.Is(err, supervisor.ErrDown), errors.Is(err, context.Canceled):
		return "", effect.Unavailable(ctx, d, typ, err)
	}
	c := code(err)
	if c == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded) {
		return causeLate, effect.Unavailable(ctx, d, typ, err)
	}
	switch c {
	case codes.Canceled, codes.Unavailable:
		return "", effect.Unavailable(ctx, d, typ, err)
	case codes.Internal, codes.Unknown:
		return causeCode, effect.Failed(ctx, d, typ, err)
	}
	return causeAnswer, effect.BadAnswer("%w", err)
}

// code finds the gRPC status in the chain of err.
func code(err error) codes.Code {
	var s interface{ GRPCStatus() *status.Status }
	if errors.As(err, &s) {
		return s.GRPCStatus().Code()
	}
	return codes.Unknown
}
