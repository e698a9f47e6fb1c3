package evaluation

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/db"
	"ore.edu.pl/sieci/core/effect"
	"ore.edu.pl/sieci/core/fault"
	"ore.edu.pl/sieci/core/form"
	"ore.edu.pl/sieci/core/i18n"
)

// Applier makes the effects evaluation open and close happen. Opening asks the
// tool, which no transaction may do: the effect leaves a draft and a job that
// opens it; a design that the tool refuses stays a draft for the coordinator.
type Applier struct{ s *Service }

var _ effect.Applier = Applier{}

// Check implements [effect.Applier].
func (p Applier) Check(ctx context.Context, q db.Q, d *effect.Decision, e effect.Effect) error {
	if e.Target().Kind != effect.Network {
		return fault.InvalidFields(fault.Field{Path: "scope", Key: "evaluation.effect_scope"})
	}
	switch e := e.(type) {
	case *effect.EvaluationOpen:
		if _, err := p.s.tool(ctx, e.Tool); err != nil {
			return fault.InvalidFields(fault.Field{Path: "tool", Key: "evaluation.no_tool"})
		}
		plan, err := p.plan(ctx, e)
		if err != nil {
			return err
		}
		switch {
		case len(plan.Questions) == 0:
			return fault.InvalidFields(fault.Field{Path: "design", Key: "evaluation.question_missing"})
		case !plan.Closes.After(d.Now):
			return fault.InvalidFields(fault.Field{Path: "closes", Key: "evaluation.closes_past"})
		case plan.Closes.After(d.Now.Add(LongestRound)):
			return fault.InvalidFields(fault.Field{Path: "closes", Key: "evaluation.closes_far"})
		}
		return nil
	case *effect.EvaluationClose:
		r, err := findRound(ctx, q, e.Round, uuid.Nil)
		switch {
		case err != nil:
			return err
		case r.Network != e.Scope.ID:
			return fault.ErrNotFound
		case r.State != Open:
			return effect.ErrStale
		}
		return nil
	}
	return fmt.Errorf("evaluation: effect %T is not ours", e)
}

// plan reads the design of an effect: {"title", "questions"}.
func (p Applier) plan(ctx context.Context, e *effect.EvaluationOpen) (*Plan, error) {
	var in struct {
		Title     string   `json:"title"`
		Questions []string `json:"questions"`
	}
	if err := json.Unmarshal(e.Design.JSON, &in); err != nil {
		return nil, fault.InvalidFields(fault.Field{Path: "design", Key: "evaluation.question_missing"})
	}
	out := &Plan{Tool: e.Tool, Title: form.Normal(in.Title, false), Questions: in.Questions, Closes: e.Closes}
	if n := len([]rune(out.Title)); n < MinTitle || n > MaxTitle {
		t, err := p.s.tool(ctx, e.Tool)
		if err != nil {
			return nil, err
		}
		out.Title = t.Info().Title.In(string(i18n.Polish))
	}
	return out, nil
}

// Apply implements [effect.Applier].
func (p Applier) Apply(ctx context.Context, tx *db.Tx, d *effect.Decision, e effect.Effect, id uuid.UUID) error {
	s := p.s
	switch e := e.(type) {
	case *effect.EvaluationOpen:
		plan, err := p.plan(ctx, e)
		if err != nil {
			return err
		}
		if err := holdNetwork(ctx, tx, e.Scope.ID); err != nil {
			return err
		}
		if err := insertRound(ctx, tx, id, e.Scope.ID, plan, d.Actor.Person, d.Now); err != nil {
			return err
		}
		if err := s.note(ctx, tx, d.Actor, e.Scope.ID, id, "evaluation:prepare"); err != nil || s.jobs == nil {
			return err
		}
		_, err = s.jobs.Insert(ctx, tx, openArgs{Round: id}, nil)
		return err
	case *effect.EvaluationClose:
		r, err := findRound(ctx, tx, e.Round, uuid.Nil)
		if err != nil {
			return err
		}
		closed, err := s.close(ctx, tx, d.Actor, r)
		if err == nil && !closed {
			err = effect.ErrStale
		}
		return err
	}
	return fmt.Errorf("evaluation: effect %T is not ours", e)
}
