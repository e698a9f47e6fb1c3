package libraryapi

import (
	"context"
	"time"

	"github.com/google/uuid"
	"ore.edu.pl/sieci/core/access"
	"ore.edu.pl/sieci/core/api/kit"
	"ore.edu.pl/sieci/core/library"
)

// PlanStep is a line of the plan.
type PlanStep struct {
	Resource uuid.UUID `json:"resource_id,omitempty" doc:"A shared resource of the network."`
	What     string    `json:"what" maxLength:"300"`
	Audience string    `json:"audience" maxLength:"300" doc:"To whom."`
	Way      string    `json:"way" maxLength:"500" doc:"How."`
	Due      string    `json:"due" format:"date"`
	Who      string    `json:"who" maxLength:"200" doc:"Who is responsible."`
}

func (s *PlanStep) of() library.StepInput {
	due, _ := time.Parse(time.DateOnly, s.Due) // checked by the schema; zero is refused by the service
	return library.StepInput{Resource: s.Resource, What: s.What, Audience: s.Audience, Way: s.Way, Due: due, Who: s.Who}
}

// StepAt names a line of the plan.
type StepAt struct {
	IDIn
	Step uuid.UUID `path:"step" format:"uuid"`
}

func plans(a *kit.API, s *library.Service) {
	kit.Register(a, kit.Op{ID: "getDissemination", Method: "GET", Path: "/networks/{id}/dissemination", Perm: library.PermPlan, Tag: "resources", Summary: "The dissemination plan of a network, with its products."},
		func(ctx context.Context, in *IDIn) (*body[*library.Plan], error) {
			p, err := s.Dissemination(ctx, access.From(ctx), in.ID)
			return &body[*library.Plan]{p}, err
		})
	kit.Register(a, kit.Op{ID: "addDisseminationStep", Method: "POST", Path: "/networks/{id}/dissemination", Perm: library.PermPlanEdit, Tag: "resources", Status: 201, Summary: "Add a step to the plan."},
		func(ctx context.Context, in *struct {
			IDIn
			Body PlanStep
		}) (*body[created], error) {
			id, err := s.AddStep(ctx, access.From(ctx), in.ID, in.Body.of())
			return &body[created]{created{id}}, err
		})
	kit.Register(a, kit.Op{ID: "editDisseminationStep", Method: "PUT", Path: "/networks/{id}/dissemination/{step}", Perm: library.PermPlanEdit, Tag: "resources", Status: 204, Summary: "Change a step of the plan."},
		func(ctx context.Context, in *struct {
			StepAt
			Body struct {
				Version int `json:"version"`
				PlanStep
			}
		}) (*kit.None, error) {
			return nil, s.EditStep(ctx, access.From(ctx), in.ID, in.Step, in.Body.Version, in.Body.PlanStep.of())
		})
	kit.Register(a, kit.Op{ID: "setDisseminationStep", Method: "PUT", Path: "/networks/{id}/dissemination/{step}/state", Perm: library.PermPlanEdit, Tag: "resources", Status: 204, Summary: "Say that a step was done, was dropped, or is planned again."},
		func(ctx context.Context, in *struct {
			StepAt
			Body struct {
				State   string `json:"state" enum:"planned,done,dropped"`
				Outcome string `json:"outcome,omitempty" maxLength:"1000" doc:"What came of it; required when dropped."`
			}
		}) (*kit.None, error) {
			return nil, s.SetStep(ctx, access.From(ctx), in.ID, in.Step, library.StepState(in.Body.State), in.Body.Outcome)
		})
}
