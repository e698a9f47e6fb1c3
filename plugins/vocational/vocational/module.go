package vocational

import (
	"context"

	"ore.edu.pl/sieci/plugins/sdk"
)

// ID and Version are those of the bundle's manifest.
const (
	ID      = "ore.vocational"
	Version = "1.0.0"
)

// The types.
const (
	typeNetwork = "network"
	typeExperts = "experts"
)

// Record kinds; forms of the same names are theirs.
const (
	kindCharter  = "charter"
	kindVocation = "vocation"
	kindFlag     = "flag"
	kindTeaching = "teaching"
	kindNeed     = "need"
	kindWatch    = "watch"
	kindAlert    = "alert"

	kindRegister  = "register"
	kindCondition = "condition"
	kindCandidate = "candidate"
	kindDecision  = "decision"

	formNeed      = kindNeed
	formCandidate = kindCandidate
)

// Commands.
const (
	commandFound    = "found"
	commandCharter  = "charter"
	commandVocation = "vocation"
	commandFlag     = "flag"
	commandUnflag   = "unflag"
	commandTeach    = "teach"
	commandInvite   = "invite"
	commandNeed     = "need"
	commandLook     = "look"
	commandClose    = "close"
	commandRenew    = "renew"

	commandRegister  = "register"
	commandCondition = "condition"
	commandCandidate = "candidate"
	commandAdmit     = "admit"
	commandRemove    = "remove"
)

// Views.
const (
	viewHome   = "home"
	viewRadar  = "radar"
	viewGroups = "groups"
	viewNeeds  = "needs"

	viewExperts    = "experts"
	viewConditions = "conditions"
	viewCard       = "card"
	viewPublic     = "public"
)

const (
	jobWatch  = "watch"
	eventLeft = "member.left"

	stageWork   = "work"
	stageClosed = "closed"

	roleCoordinator = "coordinator"
	roleParticipant = "participant"
	roleORE         = "ore_admin"
)

// Module is the module; the zero value is ready. Safe for concurrent use.
type Module struct{}

var (
	_ sdk.Describer = Module{}
	_ sdk.Decider   = Module{}
	_ sdk.Viewer    = Module{}
)

// Decide answers commands, the look at the register and members who left.
func (Module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	switch {
	case r.Job != nil && r.Name() == jobWatch:
		return watch(r)
	case r.Event != nil && r.Name() == eventLeft:
		return memberLeft(r)
	case r.Command == nil:
		return nil, sdk.Unknown("input", r.Name())
	case r.Type == typeExperts:
		return decideExperts(r)
	}
	switch r.Name() {
	case commandFound:
		return found(r, kindCharter)
	case commandCharter:
		return document(r, kindCharter)
	case commandVocation:
		return putVocation(r)
	case commandFlag:
		return putFlag(r)
	case commandUnflag:
		return endFlag(r)
	case commandTeach:
		return teach(r)
	case commandInvite:
		return invite(r)
	case commandNeed:
		return putNeed(r)
	case commandLook:
		return watch(r)
	case commandRenew:
		return renew(r)
	case commandClose:
		return closeNetwork(r)
	}
	return nil, sdk.Unknown("command", r.Name())
}

func decideExperts(r *sdk.Request) (*sdk.Answer, error) {
	switch r.Name() {
	case commandFound:
		return found(r, kindRegister)
	case commandRegister:
		return document(r, kindRegister)
	case commandCondition:
		return putCondition(r)
	case commandCandidate:
		return putCandidate(r)
	case commandAdmit:
		return decide(r, kindAdmission)
	case commandRemove:
		return decide(r, kindRemoval)
	case commandRenew:
		return stays(r)
	case commandClose:
		return closeNetwork(r)
	}
	return nil, sdk.Unknown("command", r.Name())
}

// Render makes the views.
func (Module) Render(_ context.Context, r *sdk.ViewRequest) (*sdk.Page, error) {
	switch r.GetView() {
	case viewHome:
		return homePage(r)
	case viewRadar:
		return radarPage(r)
	case viewGroups:
		return groupsPage(r)
	case viewNeeds:
		return needsPage(r)
	case viewExperts:
		return expertsPage(r, false)
	case viewPublic:
		return expertsPage(r, true)
	case viewConditions:
		return conditionsPage(r)
	case viewCard:
		return cardPage(r)
	}
	return nil, sdk.Unknown("view", r.GetView())
}
