package thematic

import (
	"context"

	"ore.edu.pl/sieci/plugins/sdk"
)

// ID and Version are those of the bundle's manifest.
const (
	ID      = "ore.thematic"
	Version = "1.0.0"
)

// Local names of types, kinds, commands, views and timers.
const (
	typeNetwork     = "network"
	typeObservation = "observation"

	kindCharter  = "charter"
	kindPlan     = "plan"
	kindContract = "contract"
	kindSummary  = "summary"

	commandFound    = "found"
	commandRenew    = "renew"
	commandCharter  = "charter"
	commandPlan     = "plan"
	commandContract = "contract"
	commandSummary  = "summary"
	commandNext     = "next_stage"
	commandClose    = "close"

	viewHome     = "home"
	viewPlan     = "plan"
	viewProgress = "progress"

	timerMeeting = "meeting_soon"
	jobDigest    = "digest"
)

// The stages, in their order.
const (
	stageOrganisational = "organisational"
	stageWorking        = "working"
	stageSummary        = "summary"
	stageClosed         = "closed"
)

// Roles of the core that this module knows.
const (
	roleCoordinator = "coordinator"
	roleParticipant = "participant"
	roleExpert      = "expert"
)

// The sizes that ORE describes.
const (
	usualSize   = 20 // unless an administrator sets another, like the next
	sameComplex = 3
	leastYearly = 3 // fewer meetings are no network
	mostYearly  = 5 // more are unusual and need a reason
)

// Module is the module; the zero value is ready. Safe for concurrent use.
type Module struct{}

var (
	_ sdk.Describer = Module{}
	_ sdk.Decider   = Module{}
	_ sdk.Viewer    = Module{}
	_ sdk.Guard     = Module{}
)

// Decide answers commands, timers and the pages of the digest.
func (Module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	switch {
	case r.Timer != nil && r.Name() == timerMeeting:
		return remindOfMeeting(r)
	case r.Job != nil && r.Name() == jobDigest:
		return digest(r)
	case r.Command == nil:
		return nil, sdk.Unknown("input", r.Name())
	}
	switch r.Name() {
	case commandFound:
		return found(r)
	case commandRenew:
		return renew(r)
	case commandCharter:
		return putCharter(r)
	case commandPlan:
		return putPlan(r)
	case commandContract:
		return putDocument(r, kindContract, "note_contract")
	case commandSummary:
		return putDocument(r, kindSummary, "note_summary")
	case commandNext, commandClose:
		return changeStage(r)
	}
	return nil, sdk.Unknown("command", r.Name())
}

// Render makes the views.
func (Module) Render(_ context.Context, r *sdk.ViewRequest) (*sdk.Page, error) {
	switch r.GetView() {
	case viewHome:
		return homePage(r)
	case viewPlan:
		return planPage(r)
	case viewProgress:
		return progressPage(r)
	}
	return nil, sdk.Unknown("view", r.GetView())
}

// Guard looks at new members, at the end of the summary meeting and at the
// beginning of an evaluation.
func (Module) Guard(_ context.Context, r *sdk.GuardRequest) (*sdk.Verdict, error) {
	switch r.GetCommand() {
	case guardMember:
		return guardNewMember(r)
	case guardMeeting:
		return guardMeetingEnd(r)
	case guardEvaluation:
		return guardEvaluationStart(r)
	}
	return nil, sdk.Unknown("guard", r.GetCommand())
}
