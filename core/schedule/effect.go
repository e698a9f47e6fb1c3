package schedule

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
)

// Applier makes the effects meeting propose and change happen. A proposed
// meeting is a draft: a person announces it.
type Applier struct{ s *Service }

var _ effect.Applier = Applier{}

// Applier is what core/effect registers for [Applier.Kinds].
func (s *Service) Applier() Applier { return Applier{s} }

// Kinds lists the effects that the applier serves.
func (Applier) Kinds() []effect.Kind {
	return []effect.Kind{effect.KindMeetingPropose, effect.KindMeetingChange}
}

// Check implements [effect.Applier].
func (p Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	if e.Target().Kind != effect.Network {
		return fault.InvalidFields(fault.Field{Path: "scope", Key: "schedule.effect_scope"})
	}
	switch e := e.(type) {
	case *effect.MeetingPropose:
		n, err := readNetwork(ctx, q, e.Scope.ID)
		if err != nil {
			return err
		}
		_, in, err := p.s.proposed(ctx, n, e)
		if err != nil {
			return err
		}
		return p.s.check(ctx, n, &in, false)
	case *effect.MeetingChange:
		m, err := changed(ctx, q, d, e)
		if err != nil {
			return err
		}
		if e.Cancelled {
			return checkReason(e.Reason)
		}
		in := changing(m, e)
		if err := p.s.check(ctx, &m.networkRow, &in, m.State != Draft); err != nil {
			return err
		}
		return p.s.checkMove(m, &in, e.Reason)
	}
	return fmt.Errorf("schedule: effect %T is not ours", e)
}

// proposed is a meeting as a module proposes it: its items, or those of the kind.
func (s *Service) proposed(ctx context.Context, n *networkRow, e *effect.MeetingPropose) ([]newItem, Input, error) {
	kind, _ := s.kindOf(ctx, n.qualified(), e.MeetingKind)
	in := Input{Kind: e.MeetingKind, Title: e.Title, Starts: e.Starts, Ends: e.Starts.Add(time.Duration(e.Minutes) * time.Minute),
		Where: Where{OnSite: e.Place != "", Place: e.Place}}
	if in.Title == "" {
		in.Title = kind.Title
	}
	in.tidy()
	var items []newItem
	for _, a := range e.Agenda {
		x := ItemInput{Title: a.Title, Minutes: a.Minutes}
		if err := x.check(); err != nil {
			return nil, in, err
		}
		items = append(items, newItem{Title: x.Title, Minutes: x.Minutes, Leader: a.Leader, Fixed: true})
	}
	if len(items) == 0 {
		for _, f := range kind.Fixed {
			items = append(items, newItem{Title: f.Title, Minutes: f.Minutes, Fixed: true})
		}
	}
	return items, in, nil
}

// changed finds the meeting of a change at the version that the module saw.
func changed(ctx context.Context, q db.Q, _ *effect.Decision, e *effect.MeetingChange) (*meetingRow, error) {
	m, err := readMeeting(ctx, q, e.Meeting)
	if err != nil {
		return nil, err
	}
	if m.Network != e.Scope.ID {
		return nil, fault.ErrNotFound
	}
	if e.Version != 0 && int64(m.Version) != e.Version {
		return nil, effect.ErrStale
	}
	return m, nil
}

// changing is the meeting after the change; what the effect leaves out stays.
func changing(m *meetingRow, e *effect.MeetingChange) Input {
	in := m.input()
	length := in.Ends.Sub(in.Starts)
	if !e.Starts.IsZero() {
		in.Starts = e.Starts
	}
	if e.Minutes != 0 {
		length = time.Duration(e.Minutes) * time.Minute
	}
	in.Ends = in.Starts.Add(length)
	if e.Place != "" {
		in.Place, in.OnSite = e.Place, true
	}
	in.tidy()
	return in
}

// Apply implements [effect.Applier].
func (p Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	s := p.s
	switch e := e.(type) {
	case *effect.MeetingPropose:
		n, err := readNetwork(ctx, tx, e.Scope.ID)
		if err != nil {
			return err
		}
		if err := holdOpen(ctx, tx, n.Network); err != nil {
			return err
		}
		items, in, err := s.proposed(ctx, n, e)
		if err != nil {
			return err
		}
		for i := range items {
			x := &items[i]
			if x.Leader == uuid.Nil {
				continue
			}
			if *x, err = s.item(ctx, tx, n.Network, &ItemInput{Title: x.Title, Minutes: x.Minutes, Leader: x.Leader}); err != nil {
				return err
			}
			x.Fixed = true
		}
		return s.create(ctx, tx, d.Actor, n, id, &in, items)
	case *effect.MeetingChange:
		if _, err := s.hold(ctx, tx, e.Meeting); err != nil {
			return err
		}
		m, err := changed(ctx, tx, d, e)
		if err != nil {
			return err
		}
		if e.Cancelled {
			return s.cancel(ctx, tx, d.Actor, m, e.Reason)
		}
		in := changing(m, e)
		return s.edit(ctx, tx, d.Actor, m, &in, e.Reason)
	}
	return fmt.Errorf("schedule: effect %T is not ours", e)
}
