package library

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/audit"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/fault"
)

// StepState is where a row of a dissemination plan stands.
type StepState string

// The states of a row.
const (
	Planned StepState = "planned"
	Done    StepState = "done"
	Dropped StepState = "dropped"
)

// Bounds of a plan.
const (
	MaxWhat     = 300
	MaxWay      = 500
	MaxWho      = 200
	MaxOutcome  = 1000
	maxPlanRows = 100 // a plan longer than this is no plan
)

// StepInput is a row of a plan as people write it.
type StepInput struct {
	// Resource is the product that is shared; uuid.Nil for something else.
	Resource uuid.UUID `json:"resource_id,omitzero"`
	What     string    `json:"what"`
	Audience string    `json:"audience"` // to whom
	Way      string    `json:"way"`      // how
	Due      time.Time `json:"due"`      // a day, midnight UTC
	Who      string    `json:"who"`      // does it
}

// Step is a row of a dissemination plan.
type Step struct {
	ID uuid.UUID `json:"id"`
	StepInput
	ResourceTitle string    `json:"resource,omitempty"`
	State         StepState `json:"state"`
	Outcome       string    `json:"outcome,omitempty"` // what came of it, or why it was dropped
	DoneOn        time.Time `json:"done_on,omitzero"`
	Version       int       `json:"version"`
}

// Plan is the dissemination plan of a network.
type Plan struct {
	Network uuid.UUID `json:"network_id"`
	Title   string    `json:"network"`
	Open    bool      `json:"open"`
	// Steps, the earliest first; at most 100.
	Steps []Step `json:"steps"`
	// Products of the network, for the form.
	Products []Product `json:"products"`
	MayEdit  bool      `json:"may_edit"`
	// Place is where permissions of the network are asked.
	Place access.Place `json:"-"`
}

// Dissemination reads the dissemination plan of a network with its products.
// Needs dissemination:view there. One query.
func (s *Service) Dissemination(ctx context.Context, a *access.Actor, network uuid.UUID) (*Plan, error) {
	row, err := readPlan(ctx, s.db, network)
	if err != nil {
		return nil, err
	}
	if err := s.auth.Require(a, PermPlan, row.place()); err != nil {
		return nil, err
	}
	p, err := row.plan()
	if err != nil {
		return nil, err
	}
	p.Place = row.place()
	p.MayEdit = p.Open && s.auth.Can(a, PermPlanEdit, row.place())
	return p, nil
}

// Products lists what the network worked out itself and shared: for its annual
// report. Needs resource:view there; at most 200, the oldest first.
func (s *Service) Products(ctx context.Context, a *access.Actor, network uuid.UUID) ([]Product, error) {
	h, err := s.home(ctx, network, uuid.Nil)
	if err != nil {
		return nil, err
	}
	if err := s.auth.Require(a, PermView, h.place()); err != nil {
		return nil, err
	}
	return productsOf(ctx, s.db, network, 200)
}

// HasDissemination reports whether the network has a dissemination plan: at
// least one row that was not dropped. For guards of the core, which decide who asks.
func (s *Service) HasDissemination(ctx context.Context, q db.Q, network uuid.UUID) (bool, error) {
	return hasPlan(ctx, q, network)
}

func (in *StepInput) check() error {
	var f fault.Fields
	for _, x := range []struct {
		path     string
		text     *string
		min, max int
	}{{"what", &in.What, 3, MaxWhat}, {"audience", &in.Audience, 3, MaxWhat}, {"way", &in.Way, 3, MaxWay}, {"who", &in.Who, 2, MaxWho}} {
		*x.text = strings.TrimSpace(*x.text)
		if n := utf8.RuneCountInString(*x.text); n < x.min || n > x.max {
			f.Add(x.path, "library.length", "Min", x.min, "Max", x.max)
		}
	}
	if in.Due.Year() < 2000 || in.Due.Year() > 2100 {
		f.Add("due", "library.due_missing")
	}
	return f.Err()
}

// errStep refuses a resource that is not the network's, or a row too many.
func errStep() error {
	return fault.InvalidFields(fault.Field{Path: "resource", Key: "library.step_refused", Args: fault.Args{"Max": maxPlanRows}})
}

// onPlan runs an act on the plan of a network that is open. Needs dissemination:edit.
func onPlan[R any](ctx context.Context, s *Service, a *access.Actor, network uuid.UUID, action string, in any, f func(ctx context.Context, tx *db.Tx) (R, uuid.UUID, error)) (R, error) {
	var none R
	if err := signed(a); err != nil {
		return none, err
	}
	if _, err := s.shelf(ctx, a, network, PermPlanEdit); err != nil {
		return none, err
	}
	return act(ctx, s, a, action, in, func(ctx context.Context, tx *db.Tx) (R, error) {
		out, id, err := f(ctx, tx)
		if err != nil {
			return none, err
		}
		return out, s.audit.Write(ctx, tx, audit.Event{Actor: a.Person, System: a.System, Action: action, ObjectKind: "dissemination", ObjectID: id.String(),
			ScopeKind: string(access.Network), ScopeID: network})
	})
}

// AddStep adds a row to the plan. Needs dissemination:edit in an open network;
// Invalid for texts out of bounds, a wrong day or a resource of another network.
func (s *Service) AddStep(ctx context.Context, a *access.Actor, network uuid.UUID, in StepInput) (uuid.UUID, error) {
	if err := in.check(); err != nil {
		return uuid.Nil, err
	}
	return onPlan(ctx, s, a, network, "dissemination:add", []any{network, in}, func(ctx context.Context, tx *db.Tx) (uuid.UUID, uuid.UUID, error) {
		id, err := uuid.NewV7()
		if err != nil {
			return uuid.Nil, uuid.Nil, err
		}
		ok, err := insertStep(ctx, tx, id, network, &in, a.Person, s.clock.Now(), maxPlanRows)
		if err == nil && !ok {
			err = errStep()
		}
		return id, id, err
	})
}

// EditStep changes a row of the plan at a version; Conflict (library.stale)
// when it was changed meanwhile. Who may, and Invalid, as AddStep.
func (s *Service) EditStep(ctx context.Context, a *access.Actor, network, id uuid.UUID, version int, in StepInput) error {
	if err := in.check(); err != nil {
		return err
	}
	_, err := onPlan(ctx, s, a, network, "dissemination:edit", []any{network, id, version, in}, func(ctx context.Context, tx *db.Tx) (struct{}, uuid.UUID, error) {
		now, err := lockStep(ctx, tx, network, id)
		if err == nil && now != version {
			err = fault.New(fault.Conflict, "library.stale")
		}
		if err != nil {
			return struct{}{}, id, err
		}
		ok, err := updateStep(ctx, tx, network, id, &in)
		if err == nil && !ok {
			err = errStep()
		}
		return struct{}{}, id, err
	})
	return err
}

// SetStep says that a row was done, with what came of it, was dropped, with the
// reason, or is planned again. Who may: as AddStep.
func (s *Service) SetStep(ctx context.Context, a *access.Actor, network, id uuid.UUID, state StepState, outcome string) error {
	outcome = strings.TrimSpace(outcome)
	switch {
	case state != Planned && state != Done && state != Dropped:
		return fault.InvalidFields(fault.Field{Path: "state", Key: "library.state_missing"})
	case state == Dropped && outcome == "":
		return fault.InvalidFields(fault.Field{Path: "outcome", Key: "library.reason_missing", Args: fault.Args{"Max": MaxOutcome}})
	case utf8.RuneCountInString(outcome) > MaxOutcome:
		return fault.InvalidFields(fault.Field{Path: "outcome", Key: "library.text_long", Args: fault.Args{"Max": MaxOutcome}})
	case state == Planned:
		outcome = ""
	}
	_, err := onPlan(ctx, s, a, network, "dissemination:"+string(state), []any{network, id, state, outcome}, func(ctx context.Context, tx *db.Tx) (struct{}, uuid.UUID, error) {
		if _, err := lockStep(ctx, tx, network, id); err != nil {
			return struct{}{}, id, err
		}
		return struct{}{}, id, setStep(ctx, tx, id, state, outcome, s.clock.Now())
	})
	return err
}
