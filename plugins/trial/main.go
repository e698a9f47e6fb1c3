// The module test.trial plays the customer for whom the contract was made, the
// programme for local governments: teams of seven local governments in three
// networks, a guardian's board over own teams sorted by risk, implementation
// tasks that a team hands in together and its guardian returns with remarks, a
// plan whose sign-off counts towards an indicator, a timer that acts when a date
// has passed, and jobs. It is for tests only (core/app/trialtest) and is not
// built into the product.
package main

import (
	"context"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
	"ore.edu.pl/sieci/plugins/sdk"
)

func main() { sdk.Serve(module{}) }

type module struct{}

var (
	_ sdk.Describer = module{}
	_ sdk.Decider   = module{}
	_ sdk.Viewer    = module{}
)

// Decide answers commands, events, timers and job pages.
func (module) Decide(_ context.Context, r *sdk.Request) (*sdk.Answer, error) {
	switch r.Name() {
	case "setup":
		return setUp(r)
	case "write_plan":
		return writePlan(r)
	case "sign_off":
		return signOff(r)
	case "record.closed":
		return count(r)
	case "deadline":
		return overdue(r)
	case "remind", "weekly":
		return remind(r)
	}
	return nil, sdk.Unknown("input", r.Name())
}

// Render makes views.
func (module) Render(_ context.Context, r *sdk.ViewRequest) (*sdk.Page, error) {
	switch r.GetView() {
	case "board":
		return board(r)
	case "overview":
		return overview(r)
	case "team":
		return team(r)
	case "window":
		return window(r)
	}
	return nil, sdk.Unknown("view", r.GetView())
}

var (
	onProgramme = []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_PROGRAMME}
	onGroup     = []v1.ScopeKind{v1.ScopeKind_SCOPE_KIND_GROUP}
)
