package sdk

import (
	"context"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// ContractRevision is the revision of the contract that this SDK speaks.
const ContractRevision = 1

// Describer is required of every module. Describe is called at each start and
// when the module is enabled; it must always give the same answer.
type Describer interface {
	Describe() *v1.DescribeResponse
}

// Decider answers commands, events, timers and job pages. Optional: a module
// of views alone has none. An error is for faults of the module; what a person
// should read is a diagnostic of the answer.
type Decider interface {
	Decide(ctx context.Context, r *Request) (*Answer, error)
}

// Viewer makes pages. Optional.
type Viewer interface {
	Render(ctx context.Context, r *ViewRequest) (*Page, error)
}

// Guard is asked before acts of the core that a type guards. Optional.
type Guard interface {
	Guard(ctx context.Context, r *GuardRequest) (*Verdict, error)
}

// Healther says whether the module can do its work; without it a running
// module is healthy. Called every few seconds; answer at once.
type Healther interface {
	Health(ctx context.Context) (ready bool, reason string)
}

// Tool is an evaluation tool; required of modules that describe tool types.
type Tool interface {
	v1.EvaluationToolServer
}
