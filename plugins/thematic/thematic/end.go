package thematic

import (
	"ore.edu.pl/sieci/plugins/sdk"

	v1 "ore.edu.pl/sieci/plugins/proto/sieci/plugin/v1"
)

// The core's names of the acts with which a network's year ends.
const (
	guardMeeting    = "meeting:close"
	guardEvaluation = "evaluation:open"
)

// meetingSummary is the core's kind of the meeting that ends a year.
const meetingSummary = "summary"

const (
	sliceEvaluations   = "evaluations"
	sliceDissemination = "dissemination"
)

// endSlices are what the end of a network's year is judged by.
func endSlices() []*v1.SliceSpec {
	return []*v1.SliceSpec{
		{Name: sliceEvaluations, Source: v1.Source_SOURCE_EVALUATION, Selector: v1.Selector_SELECTOR_THIS, Limit: 20},
		{Name: sliceDissemination, Source: v1.Source_SOURCE_DISSEMINATION, Selector: v1.Selector_SELECTOR_THIS, Limit: 1},
	}
}

// missingAtEnd lists what the summary meeting waits for (requirement 9): an
// evaluation that was closed, and a dissemination plan.
func missingAtEnd(s sdk.Snapshot) ([]condition, error) {
	evaluated := false
	for _, r := range s.Rows(sliceEvaluations) {
		var x struct {
			State string `json:"state"`
		}
		if err := r.Decode(&x); err != nil {
			return nil, err
		}
		evaluated = evaluated || x.State == "closed"
	}
	return []condition{
		{code: "no_evaluation", met: evaluated},
		{code: "no_dissemination", met: len(s.Rows(sliceDissemination)) > 0},
	}, nil
}

// guardMeetingEnd lets the summary meeting be closed only when the evaluation
// is closed and the dissemination plan exists; other meetings pass.
func guardMeetingEnd(r *sdk.GuardRequest) (*sdk.Verdict, error) {
	v, w := &sdk.Verdict{}, in(r.GetLocale())
	var m struct {
		Kind string `json:"kind"`
	}
	if err := r.Arguments(&m); err != nil {
		return nil, err
	}
	if m.Kind != meetingSummary {
		return v, nil
	}
	list, err := missingAtEnd(r.Snapshot)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if !c.met {
			v.Error("", c.code, w.t("condition."+c.code))
		}
	}
	return v, nil
}

// guardEvaluationStart lets an evaluation be opened at the summary stage.
func guardEvaluationStart(r *sdk.GuardRequest) (*sdk.Verdict, error) {
	v, w := &sdk.Verdict{}, in(r.GetLocale())
	if r.Stage() != stageSummary {
		v.Error("", "evaluation_early", w.t("guard.evaluation_early"))
	}
	return v, nil
}
